"""Inputs that differ: every value, both sides, and the file and line that set each.

Everything is read from the tables of provenance, so that the files of the model are not needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kctopt.comparison.words import word
from kctopt.language import ENGLISH, LANGUAGES
from kctopt.own import family
from kctopt.result.own import Parts, parts_of
from kctopt.result.own_text import counted
from kctopt.result.result import Result
from kctopt.scenario.chinese import choice_names
from kctopt.scenario.told import told_place

NAMES = ("value", "unit", "origin", "source", "grade", "parent_value", "parent_source")
USER = "the model in Python"  # where own parts were set
CHANGE = re.compile(r" \((.*?), from .*\)")  # in an origin: how a value was changed, and where it stood before
YIELDS = "calibration.yields.values"  # of all lines: one input
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
    base_source: str  # where the value comes from; empty where nothing is recorded
    other_source: str
    base_grade: str
    other_grade: str
    base_parent: str  # grade user: figure and source that the value took the place of
    other_parent: str

    @property
    def group(self) -> str:
        """The path without its year (points of a series belong together, as yields do); own parts without index."""
        if self.path.startswith("own."):
            return family(self.path)
        if self.path.startswith(YIELDS):
            return YIELDS
        match = YEAR.fullmatch(self.path)
        return match["path"] if match else self.path

    @property
    def year(self) -> str:
        """The year of a point of a series, else empty."""
        match = YEAR.fullmatch(self.path)
        return match["year"] if match else ""


def differences(base: Result, other: Result) -> tuple[Difference, ...]:
    """Every value that differs, in the order of OTHER's scenario, then what only BASE states."""
    first, second = _stated(base), _stated(other)
    paths = [*second, *(path for path in first if path not in second)]
    blank = dict.fromkeys(NAMES, "")
    points = []
    for path in paths:
        mine, yours = first.get(path, blank), second.get(path, blank)
        first_value = mine["value"] if path in first else None
        second_value = yours["value"] if path in second else None
        if not _same(first_value, second_value):
            points.append(
                Difference(
                    path, first_value, second_value, mine["unit"] or yours["unit"], mine["origin"], yours["origin"],
                    mine["source"], yours["source"], mine["grade"], yours["grade"], _parent(mine), _parent(yours),
                )
            )  # fmt: skip
    return (*points, *_own(base, other))


def _own(base: Result, other: Result) -> Iterator[Difference]:
    """What the users changed in the models and does not agree, each part as Pyomo writes it."""
    first, second = parts_of(base.own), parts_of(other.own)
    for name in dict.fromkeys([*second, *first]):
        (mine, said), (yours, told) = first.get(name, (None, None)), second.get(name, (None, None))
        if mine != yours:
            yield Difference(f"own.{name}", said, told, "", USER, USER, *[""] * 6)


def differing_parts(base: Result, other: Result) -> tuple[list[str], list[str]]:
    """Names of what the users changed and does not agree, on both sides, indices counted."""
    first, second = parts_of(base.own), parts_of(other.own)

    def missing(here: Parts, there: Parts) -> list[str]:
        return counted(name for name, (part, _) in here.items() if there.get(name, (None, ""))[0] != part)

    return missing(first, second), missing(second, first)


def unsourced(points: Iterable[Difference]) -> list[str]:
    """Inputs of OTHER that a user set without a source, years of a series as one."""
    return list(dict.fromkeys(point.group for point in points if point.other_grade == "user"))


def grades(points: Sequence[Difference], lang: str) -> str:
    """Grades of both sides: C -> user."""
    sides, names = [], choice_names(("A", "B", "C", "assumption", "user"), lang)
    for side in ("base", "other"):
        stated = dict.fromkeys(getattr(point, f"{side}_grade") for point in points if getattr(point, side) is not None)
        sides.append(LANGUAGES[lang].comma.join(names.get(grade, grade) for grade in stated if grade) or "-")
    return sides[0] if sides[0] == sides[1] else (" -> " if lang == ENGLISH else " → ").join(sides)


def origins(points: Sequence[Difference], lang: str) -> str:
    """Where both sides were set: BASE -> OTHER, one place for all years; --format json has every one."""
    sides = []
    for side in ("base", "other"):
        stated = [getattr(point, f"{side}_origin") for point in points if getattr(point, side) is not None]
        named = [
            word("in_model", lang) if place == USER else told_place(CHANGE.sub(r" (\1)", place), lang)
            for place in stated
        ]
        places = list(dict.fromkeys(place or word("default", lang) for place in named))
        more = [word("points_more", lang, count=len(places) - 1)] if len(places) > 1 else []
        sides.append(" ".join([*places[:1], *more]) or "-")
    return sides[0] if sides[0] == sides[1] else (" -> " if lang == ENGLISH else " → ").join(sides)


def _parent(row: Mapping[str, str]) -> str:
    source = f" ({row['parent_source']})" if row["parent_source"] else ""
    return row["parent_value"] + source if row["parent_value"] else ""


def _stated(result: Result) -> dict[str, dict[str, str]]:
    """What the table of provenance says, by path."""
    table = result.columns("provenance")
    rows = zip(*(table[name].tolist() for name in ("path", *NAMES)), strict=True)
    return {path: dict(zip(NAMES, row, strict=True)) for path, *row in rows if path != "model"}


def _same(first: str | None, second: str | None) -> bool:
    if first == second:
        return True
    if first is None or second is None:
        return False
    try:
        return float(first) == float(second)
    except ValueError:
        return False
