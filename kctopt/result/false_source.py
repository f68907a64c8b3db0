"""Sources that a run cites for values which its files set without one.

A value is sourced only in the file that set it: `origin` and `stated_in` of a row of the table of provenance must name
the same file, or both a file of the model's folder. What was set by the call, on the command line or by an argument,
has no source at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from kctopt.result.fields import Columns
from kctopt.scenario.nodes import CALLS, DEFAULT
from kctopt.scenario.sourced import OWN_WORDS
from kctopt.scenario.tables import TABLES

MODEL = "model.yaml"


def false_sources(table: Columns | None, record: Mapping[str, Any]) -> Iterator[str]:
    """What is said of values that cite a source which the file that set them does not state: the first, and how many.

    Runs saved before tables told where a source is stated are asked for values of the call only.
    """
    if table is None:
        return
    files = [*record.get("inputs", {})]
    told = any(table["stated_in"].tolist())
    called = tuple(record.get("options", {}).get("set") or ())
    names = ("path", "value", "source", "origin", "stated_in")
    rows = zip(*(table[name].tolist() for name in names), strict=True)
    false = [
        row for row in rows if _false(*row[2:], files=files, told=told) or (_cites(row[2]) and _under(row[0], called))
    ]
    if false:
        path, value, source, origin, stated = false[0]
        more = f" (and {len(false) - 1} more)" if len(false) > 1 else ""
        where = f", which {stated} states" if stated else ""
        yield f"{path} = {value} was set at {origin} without a source, and cites '{source}'{where}{more}"


def _cites(source: str) -> bool:
    return bool(source) and source not in OWN_WORDS


def _under(path: str, called: Iterable[str]) -> bool:
    """Whether a value was set by the call itself."""
    return any(path == setting or path.startswith(f"{setting}.") for setting in called)


def _false(source: str, origin: str, stated: str, *, files: Sequence[str], told: bool) -> bool:
    if not _cites(source) or not origin or origin == DEFAULT.file:
        return False
    setter, stater = _file(origin, files), _file(stated, files)
    if setter in CALLS:
        return True
    return told and setter != "" and setter != stater


def _file(place: str, files: Sequence[str]) -> str:
    """File of a place among those that were read; all of the model's folder are one."""
    if called := next((call for call in CALLS if place.startswith(call)), ""):
        return called
    file = max((name for name in files if place == name or place.startswith(f"{name}:")), key=len, default="")
    path = PurePosixPath(file)
    if path.name in (MODEL, *TABLES) and str(path.with_name(MODEL)) in files:
        return str(path.with_name(MODEL))
    return file
