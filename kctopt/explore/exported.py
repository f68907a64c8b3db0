"""The page as a folder for any file server: plans that were solved and certified before, and nothing that is not.

| file | content |
|---|---|
| index.html app.js draw.js study.js style.css vega.js | the page, with its content policy as a tag |
| ask.js | page/kept.js: answers from the files below in place of a server |
| data/page-LANG.json | texts, the levers of the grid with their points, the states that are there |
| data/study-LANG.json | of a study its members and figures |
| data/N-LANG.json | the answer of state N: the events that a server would send |
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kctopt.disk import write_folder
from kctopt.explore.bundle import PAGE, page_file, vega_bundle
from kctopt.explore.explorer import Explorer
from kctopt.explore.grid import Grid
from kctopt.explore.state import State
from kctopt.explore.telling import Data, Telling
from kctopt.explore.words import PAGE as WORDS
from kctopt.language import LANGUAGES
from kctopt.progress import step
from kctopt.report.catalogue import FIGURES

KEPT = {"ask.js": "kept.js"}  # of the page: what stands in place of a file
POLICY = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'"
TAGS = f'<meta http-equiv="content-security-policy" content="{POLICY}">\n<meta name="referrer" content="no-referrer">\n'
FIRST = '<meta charset="utf-8">\n'  # the tags stand behind it, before anything is asked for


@dataclass(frozen=True)
class Exported:
    """A page that was written."""

    folder: Path
    plans: int
    without: int  # states that have no plan
    seconds: float
    bytes: int


def export(explorer: Explorer, grid: Grid | None, folder: Path) -> Exported:
    """Solve every state of a grid, or every member of a study, and write the page that shows them.

    Parameters
    ----------
    explorer : Explorer
        The base.
    grid : Grid or None
        Which levers, and where they stand; None for the members that the explorer's study draws, beside the base.
    folder : pathlib.Path
        A new one; where it exists, one beside it (`-2`, `-3`, …) is written.

    Returns
    -------
    Exported
        Where it was written, and how much it holds.

    Raises
    ------
    WriteError
        Where it cannot be written.
    KeyboardInterrupt
        Where a listener asked to stop; then nothing is written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from kctopt.explore.explorer import Explorer
    >>> from kctopt.explore.exported import export
    >>> from kctopt.explore.grid import Grid
    >>> explorer = Explorer("baseline")
    >>> done = export(explorer, Grid.of(explorer.levers, ["controls.intensity"], 2), Path("page"))
    >>> done.plans, (done.folder / "index.html").is_file()
    (2, True)
    """
    started, states = time.perf_counter(), _states(explorer) if grid is None else grid.states()
    without = 0

    def fill(place: Path) -> None:
        nonlocal without
        (place / "data").mkdir()
        tellings = [Telling(explorer, lang) for lang in LANGUAGES]
        for n, state in enumerate(states):
            left = (time.perf_counter() - started) / max(1, n) * (len(states) - n)
            step(f"plan {n + 1} of {len(states)}, {left:.0f} s left" if n else f"plan 1 of {len(states)}")
            without += not explorer.planned(state).has_plan
            for telling in tellings:
                _write(place / "data" / f"{n}-{telling.lang}.json", list(_events(explorer, telling, state)))
        for telling in tellings:
            _write(place / "data" / f"page-{telling.lang}.json", _page(telling, grid, states))
            if grid is None:
                _write(place / "data" / f"study-{telling.lang}.json", telling.study())
        for name in PAGE:
            content = page_file(KEPT.get(name, name))
            if name == "index.html":
                content = content.replace(FIRST.encode(), (FIRST + TAGS).encode())
            (place / name).write_bytes(content)
        (place / "vega.js").write_text(vega_bundle(), encoding="utf-8")

    written = write_folder(folder, fill)
    size = sum(file.stat().st_size for file in written.rglob("*") if file.is_file())
    return Exported(written, len(states), without, time.perf_counter() - started, size)


def _states(explorer: Explorer) -> list[State]:
    """The base, and the members of the study that is open."""
    found = [] if explorer.study is None else [one.state for one in explorer.study.members()]
    return list({state.text: state for state in [State(), *found] if state is not None}.values())


def _events(explorer: Explorer, telling: Telling, state: State) -> Iterator[tuple[str, Data]]:
    """What a server would tell of a state, with every figure."""
    held, result = explorer.held(state), explorer.planned(state)
    yield "held", telling.held(held, ())
    yield "planned", telling.planned(result, held, FIGURES)
    if result.has_plan:
        yield "worth", telling.worth(result)
    elif result.status == "infeasible":
        yield "diagnosis", {"lines": [telling.word("kept_infeasible")], "loosen": []}
    yield "end", {}


def _page(telling: Telling, grid: Grid | None, states: Sequence[State]) -> Data:
    """The texts of the page, and of the levers those of the grid."""
    own = {} if grid is None else {lever.id: values for lever, values in grid.axes}
    page = telling.page("")
    levers = {lever["id"]: lever for lever in page["levers"]}
    page["levers"] = [levers[name] | {"points": list(values)} for name, values in own.items()]
    page["study"] = grid is None
    page["kept"] = {
        "told": telling.word("kept", WORDS, count=len(states)), "states": [state.data for state in states],
    }  # fmt: skip
    return page


def _write(path: Path, data: Any) -> None:
    text = json.dumps(data, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text, encoding="utf-8", newline="\n")


def told(done: Exported) -> dict[str, Any]:
    """What JSON prints."""
    return {"schema_version": 1, **asdict(done), "folder": str(done.folder)}
