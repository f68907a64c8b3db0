"""A state saved: a scenario file, solved anew as `kctopt solve` solves it, so that both have the same numbers.

save(explorer, state, "lean", folder)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

from kctopt import api
from kctopt.api.result import Result
from kctopt.disk import whole
from kctopt.errors import UsageError
from kctopt.explore.explorer import GAP, Explorer
from kctopt.explore.state import State
from kctopt.extras import need
from kctopt.scenario.dump import dump
from kctopt.scenario.filename import unfit
from kctopt.scenario.load import load
from kctopt.scenario.records import Label

Also = Literal["run", "html", "pdf"]
ALSO: tuple[Also, ...] = get_args(Also)


@dataclass(frozen=True)
class Saved:
    """A state as a scenario file, and what `kctopt solve` makes of it."""

    text: str
    path: Path | None  # None where it was not written
    result: Result
    beside: tuple[str, ...] = ()  # names of what was written with it


def file_text(explorer: Explorer, state: State, name: str) -> str:
    """A scenario file that says what a state does: short where the base is bundled, else whole.

    Parameters
    ----------
    explorer : Explorer
        Whose base the state changes.
    state : State
        Where the levers stand.
    name : str
        Its label.

    Returns
    -------
    str
        YAML.

    Raises
    ------
    ScenarioErrors
        With every fault found.

    Examples
    --------
    >>> from kctopt.explore.explorer import Explorer
    >>> from kctopt.explore.saving import file_text
    >>> from kctopt.explore.state import State
    >>> print(file_text(Explorer("baseline"), State.read({"scale": {"budget": 0.9}}), "Lean"))
    extends: baseline
    label: {en: "Lean", zh: "Lean"}
    intent: "baseline, moved in the explorer."
    scale:
      budget: 0.9
    <BLANKLINE>
    """
    base = explorer.base.scenario
    intent = f"{base.name}, moved in the explorer."
    if explorer.name:
        explorer.scenario(state)  # its faults are told here
        return state.file_text(base, explorer.name, name, intent)
    changed = load(base, **state.overlay(base)).scenario
    label = Label(en=name, zh=name)
    return dump(changed.model_copy(update={"label": label, "intent": intent, "name": name}))


def save(
    explorer: Explorer, state: State, name: str, folder: Path | None = None, also: Sequence[Also] = (), lang: str = "en"
) -> Saved:  # fmt: skip
    """A state as a file NAME.yaml, solved as `kctopt solve` solves it.

    Parameters
    ----------
    explorer : Explorer
        Whose base the state changes.
    state : State
        Where the levers stand.
    name : str
        Of the scenario, and of its file.
    folder : pathlib.Path, optional
        Where the file is written; nowhere by default.
    also : sequence of str
        What is written beside it there: `run`, the run folder; `html` and `pdf`, the report.
    lang : str, default "en"
        Of the report.

    Returns
    -------
    Saved
        Its result has the numbers that `kctopt solve NAME.yaml` prints, to the last digit, unless the time limit
        cut it off.

    Raises
    ------
    UsageError
        For a name that no file can have, or one that is there already.
    MissingExtra
        For a report without the packages that make it.
    ScenarioErrors
        With every fault found.
    WriteError
        Where it cannot be written.

    Examples
    --------
    >>> from kctopt.explore.explorer import Explorer
    >>> from kctopt.explore.saving import save
    >>> from kctopt.explore.state import State
    >>> lean = save(Explorer("baseline"), State.read({"scale": {"budget": 0.98}}), "lean")
    >>> lean.path is None, str(lean.result.status)
    (True, 'optimal')
    """
    if why := unfit(name):
        raise UsageError(f"{name!r} cannot be the name of a scenario: {why[0]}; {why[1]}")
    text = file_text(explorer, state, name)
    if folder is None:
        with TemporaryDirectory(prefix="kctopt-") as place:
            return Saved(text, None, _solved(explorer, Path(place) / f"{name}.yaml", text))
    path = folder / f"{name}.yaml"
    beside = {one: folder / (name if one == "run" else f"{name}.{one}") for one in ALSO if one in also}
    there = [one.name for one in (path, *beside.values()) if one.exists()]
    if there:
        raise UsageError(f"{', '.join(there)} is there already: choose another name")
    need([*(["figures"] if {"html", "pdf"} & {*also} else []), *(f"report {one}" for one in beside if one != "run")])
    result = _solved(explorer, path, text)
    for one, target in beside.items():
        if one == "run":
            result.save(target)
        else:
            result.report(target, one, lang)
    return Saved(text, path, result, tuple(target.name for target in beside.values()))


def _solved(explorer: Explorer, path: Path, text: str) -> Result:
    """What `kctopt solve` makes of a file, which is written first; an interrupt takes it away again."""
    whole(path, lambda at: at.write_text(text, encoding="utf-8", newline="\n"), replace=False)
    try:
        result = api.solve_question(api.read(path), gap=GAP, time_limit=explorer.time_limit)
        if result.status == "interrupted":
            raise KeyboardInterrupt
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return result
