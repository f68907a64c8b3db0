"""An analysis on disk: a folder inside its run, written whole; work that was interrupted goes on.

| file | content |
|---|---|
| RUN/explain/NAME/analysis.json | options, findings, versions, fields of tables; hashes of run, tables, itself |
| RUN/explain/NAME/TABLE.csv | a table for spreadsheets |
| RUN/explain/NAME/TABLE.json | the same rows, from which it is read back |
| RUN/explain/.NAME-KEY-CODE.jsonl | what an interrupted analysis has worked out so far |

The same analysis with other options goes beside it, to NAME-2, NAME-3, … An analysis counts as finished when options,
the code and packages that decide (`cache.py`) and run are the same, and none of its files was changed since
(`result/unchanged.py`); it is then not computed again.
"""

from __future__ import annotations

import datetime
import json
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kctopt.analysis.tolerance import room_of
from kctopt.brief import as_html, brief, counted
from kctopt.cache import Steps, answers, installed_versions, stamped
from kctopt.disk import or_kept, write_folder
from kctopt.errors import RunError
from kctopt.result import folder
from kctopt.result.run import read_record
from kctopt.result.unchanged import answer_changes
from kctopt.table import Column, Table, write_csv

SCHEMA = 2
READABLE = (1, 2)  # 1 had no hash of itself
FOLDER = "explain"
FILE = "analysis.json"


@dataclass(frozen=True, eq=False, repr=False)
class Analysis:
    """What an analysis found.

    Attributes
    ----------
    name : str
        Such as `prices`.
    options : mapping
        What was asked.
    tables : mapping of str to Table
        By name; `.frame` of each is a DataFrame.
    about : mapping
        Plain data that speaks of all tables.
    seconds : float
        The time taken.

    Examples
    --------
    >>> import kctopt
    >>> run = kctopt.open("runs/baseline")
    >>> from kctopt.analysis.prices import prices
    >>> prices(run).name
    'prices'
    """

    name: str
    options: Mapping[str, Any]
    tables: Mapping[str, Table]
    about: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    created: str = ""
    versions: Mapping[str, str] = field(default_factory=lambda: installed_versions("analysis"))
    place: Path | None = None  # where it is saved

    def __repr__(self) -> str:
        return brief(
            self, self.name, *(f"{name}: {counted(len(table.rows), 'row')}" for name, table in self.tables.items())
        )

    def _repr_html_(self) -> str:
        return as_html(f"Analysis: {self.name}", {f"tables[{name!r}]": table for name, table in self.tables.items()})

    def record(self) -> dict[str, Any]:
        """Everything as data for `--json`.

        Returns
        -------
        dict
            Keys of analysis.json and the rows of every table.

        Examples
        --------
        >>> import kctopt
        >>> run = kctopt.open("runs/baseline")
        >>> from kctopt.analysis.prices import prices
        >>> "rules" in prices(run).record()
        True
        """
        return {
            **self._head(),
            "place": None if self.place is None else str(self.place),
            **{name: table.records for name, table in self.tables.items()},
        }

    def _head(self) -> dict[str, Any]:
        return {
            "schema_version": SCHEMA,
            "analysis": self.name,
            "options": dict(self.options),
            "about": dict(self.about),
            "seconds": round(self.seconds, 3),
            "created": self.created,
            "versions": dict(self.versions),
        }

    def _fill(self, place: Path, run: Path) -> None:
        """Write every file."""
        described = {}
        for name, table in self.tables.items():
            write_csv(place / f"{name}.csv", table.columns, table.rows)
            text = json.dumps(table.records, indent=1, ensure_ascii=False, allow_nan=False)
            (place / f"{name}.json").write_text(text + "\n", encoding="utf-8")
            hashes = {f"{kind}_sha256": folder.sha256(place / f"{name}.{kind}") for kind in ("csv", "json")}
            described[name] = {
                "rows": len(table.rows),
                **hashes,
                "fields": [column.described() for column in table.columns],
            }
        folder.write_json(place / FILE, stamped(self._head() | {"run_sha256": run_hash(run), "tables": described}))


def run_hash(run: Path) -> str:
    """Hash of run.json, which has the hashes of scenario and tables: the run an analysis speaks of."""
    return folder.sha256(run / folder.RUN_FILE)


def passed_over(place: Path, file: str) -> str:
    """What to say of an analysis that is not used again because a file of it was changed."""
    return f"{place} could be used, but {file} is missing or was changed since; computed again"


def find(
    run: Path, name: str, options: Mapping[str, Any], log: Callable[[str], None] = warnings.warn
) -> Analysis | None:
    """The finished analysis of a run with the same options by the same code; None when there is none.

    `log` is told of one that would do but for a file that was changed. Raises RunError when the folder is not a run.
    """
    read_record(run)
    asked = {"options": _as_json(options), "run_sha256": run_hash(run), "schema_version": SCHEMA}
    for place, record in _saved(run, name):
        if answers(record, "analysis", asked):
            if (fault := next(answer_changes(place / FILE, "analysis"), None)) is None:
                return read(place)
            log(passed_over(place, fault[0].name))
    return None


def all_of(run: Path | None) -> tuple[list[Analysis], list[str]]:
    """Every finished analysis saved in a run's folder that speaks of the run as it is, and the folders of changed ones.

    Both are empty without a folder.
    """
    analyses, changed = list[Analysis](), list[str]()
    for place in [] if run is None else sorted((run / FOLDER).glob("[!.]*")):
        try:
            head = folder.read_json(place / FILE)
            if head.get("schema_version") in READABLE and head.get("run_sha256") == run_hash(place.parents[1]):
                analyses.append(read(place))
        except (RunError, OSError, ValueError):
            changed.append(f"{FOLDER}/{place.name}")
    return analyses, changed


def ranges_of(run: Path | None) -> Analysis | None:
    """The ranges saved in a run's folder, of several those nearest the optimum; None where there are none."""
    analyses = [analysis for analysis in all_of(run)[0] if analysis.name == "ranges"]
    return min(analyses, key=lambda analysis: room_of(analysis.about), default=None)


def read(place: Path) -> Analysis:
    """The analysis in a folder. Raises RunError when a file is missing or was changed."""
    for file, fault in answer_changes(place / FILE, "analysis"):
        raise RunError(f"{file}: {fault}")
    try:
        record = folder.read_json(place / FILE)
        tables = {name: _table(place, name, about) for name, about in record["tables"].items()}
        same = ("options", "about", "seconds", "created", "versions")
        return Analysis(record["analysis"], tables=tables, place=place, **{key: record[key] for key in same})
    except (AttributeError, OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{place}: the analysis cannot be read ({error}); compute it again with --fresh") from error


def save(run: Path, analysis: Analysis) -> Analysis:
    """Save an analysis in its run's folder; one of the same name and options is replaced.

    Raises WriteError where that cannot be; the analysis is then kept where the error says.
    """
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    analysis = replace(analysis, created=now)
    options = _as_json(analysis.options)
    old = [place for place, record in _saved(run, analysis.name) if record.get("options") == options]
    target = run / FOLDER / analysis.name
    place = or_kept(target, lambda new: write_folder(new, lambda making: analysis._fill(making, run)))
    for earlier in old:  # the new one is there whole
        shutil.rmtree(earlier)
    if old:
        place = place.rename(old[0])
    return replace(analysis, place=place)


def steps_of(run: Path | None, name: str, options: Mapping[str, Any], fresh: bool = False) -> Steps:
    """The steps kept of an unfinished analysis of a run; in memory only where there is no run folder."""
    if run is None:
        return Steps(None, name, options)
    return Steps(run / FOLDER, name, {"options": _as_json(options), "run": run_hash(run)}, fresh=fresh)


def _saved(run: Path, name: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Folders of an analysis with what their analysis.json says, unreadable ones left out."""
    for place in sorted((run / FOLDER).glob(f"{name}*")):
        rest = place.name.removeprefix(name)
        if rest and not rest.removeprefix("-").isdigit():
            continue
        try:
            yield place, folder.read_json(place / FILE)
        except (OSError, ValueError):
            continue


def _table(place: Path, name: str, about: Mapping[str, Any]) -> Table:
    columns = tuple(map(Column.read, about["fields"]))
    return Table.of(name, columns, json.loads((place / f"{name}.json").read_text(encoding="utf-8")))


def _as_json(options: Mapping[str, Any]) -> Any:
    """Options as they are read back."""
    return json.loads(json.dumps(dict(options)))
