"""A state saved: a scenario file, solved anew as `kctopt solve` solves it, so that both have the same numbers.

save(explorer, state, "lean", folder)
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from kctopt import api
from kctopt.api.result import Result
from kctopt.disk import whole
from kctopt.errors import UsageError
from kctopt.explore.explorer import GAP, Explorer
from kctopt.explore.state import State
from kctopt.scenario.dump import dump
from kctopt.scenario.filename import unfit
from kctopt.scenario.load import load
from kctopt.scenario.records import Label


@dataclass(frozen=True)
class Saved:
    """A state as a scenario file, and what `kctopt solve` makes of it."""

    text: str
    path: Path | None  # None where it was not written
    result: Result


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


def save(explorer: Explorer, state: State, name: str, folder: Path | None = None) -> Saved:
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

    Returns
    -------
    Saved
        Its result has the numbers that `kctopt solve NAME.yaml` prints, to the last digit, unless the time limit
        cut it off.

    Raises
    ------
    UsageError
        For a name that no file can have, or one that is there already.
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
    path = None if folder is None else folder / f"{name}.yaml"
    if path is not None and path.exists():
        raise UsageError(f"{path.name} is there already: choose another name")
    with TemporaryDirectory(prefix="kctopt-") as place:
        file = Path(place) / f"{name}.yaml"
        file.write_text(text, encoding="utf-8", newline="\n")
        result = api.solve_question(api.read(file), gap=GAP, time_limit=explorer.time_limit)
    if result.status == "interrupted":
        raise KeyboardInterrupt
    if path is not None:
        whole(path, lambda at: at.write_text(text, encoding="utf-8", newline="\n"), replace=False)
    return Saved(text, path, result)
