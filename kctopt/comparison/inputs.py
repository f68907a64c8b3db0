"""Inputs that differ: every value, both sides, and the file and line that set each.

Everything is read from the tables of provenance, so that the files of the model are not needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kctopt.result import Result

YEAR = re.compile(r"(?P<path>.*)\.(?P<year>\d{4})")


@dataclass(frozen=True)
class Difference:
    """A value of the scenario that differs; None where a scenario does not state it."""

    path: str
    base: str | None
    other: str | None
    unit: str
    base_origin: str  # file:line; empty for a default
    other_origin: str

    @property
    def group(self) -> str:
        """The path without its year: points of a series belong together."""
        found = YEAR.fullmatch(self.path)
        return found["path"] if found else self.path

    @property
    def year(self) -> str:
        """The year of a point of a series, else empty."""
        found = YEAR.fullmatch(self.path)
        return found["year"] if found else ""


def differences(base: Result, other: Result) -> tuple[Difference, ...]:
    """Every value that differs, in the order of OTHER's scenario, then what only BASE states."""
    first, second = _stated(base), _stated(other)
    paths = [*second, *(path for path in first if path not in second)]
    blank = (None, "", "")
    found = []
    for path in paths:
        (mine, unit, at), (yours, other_unit, other_at) = first.get(path, blank), second.get(path, blank)
        if not _same(mine, yours):
            found.append(Difference(path, mine, yours, unit or other_unit, at, other_at))
    return tuple(found)


def _stated(result: Result) -> dict[str, tuple[str | None, str, str]]:
    """Value, unit and origin by path."""
    table = result.columns("provenance")
    names = ("path", "value", "unit", "origin")
    rows = zip(*(table[name].tolist() for name in names), strict=True)
    return {path: (value, unit, origin) for path, value, unit, origin in rows if path != "model"}


def _same(first: str | None, second: str | None) -> bool:
    if first == second:
        return True
    if first is None or second is None:
        return False
    try:
        return float(first) == float(second)
    except ValueError:
        return False
