"""Inputs that differ: every value, both sides, and the file and line that set each.

Everything is read from the tables of provenance, so that the files of the model are not needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kctopt.own import family
from kctopt.result import Result
from kctopt.result.own import Parts, parts_of
from kctopt.result.own_text import counted

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
        """The path without its year: points of a series belong together; of own parts without its index."""
        if self.path.startswith("own."):
            return family(self.path)
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
    return (*found, *_own(base, other))


def _own(base: Result, other: Result) -> Iterator[Difference]:
    """What the users changed in the models and does not agree, each part as Pyomo writes it."""
    first, second = parts_of(base.own), parts_of(other.own)
    for name in dict.fromkeys([*second, *first]):
        (mine, said), (yours, told) = first.get(name, (None, None)), second.get(name, (None, None))
        if mine != yours:
            yield Difference(f"own.{name}", said, told, "", "", "")


def differing_parts(base: Result, other: Result) -> tuple[list[str], list[str]]:
    """Names of what the users changed and does not agree, on both sides, indices counted."""
    first, second = parts_of(base.own), parts_of(other.own)

    def missing(here: Parts, there: Parts) -> list[str]:
        return counted(name for name, (part, _) in here.items() if there.get(name, (None, ""))[0] != part)

    return missing(first, second), missing(second, first)


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
