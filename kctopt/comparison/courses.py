"""What happens at another time or not at all: stages, gap bands, holding back, modes, programmes, lines that are off.

| kind | one for each | read from |
|---|---|---|
| stage | line whose stages in force differ, or the years of them (regime switching in both) | stages |
| gap_band | line whose gap lies in other bands, or in other years (where not both switch) | stages |
| held | line kept just outside the near stage at other reviews (regime switching in both) | regimes |
| mode | domain whose course of cooperation modes differs | cooperation |
| programme | programme launched in one only, in another year or with other routes | programmes |
| off | line below its efficient scale in other plans | allocation |

`base` and `other` hold the two courses as text of identifiers; the sentence is made from the same record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from kctopt.result.result import Result
from kctopt.result.sentences import Off, decisions_of
from kctopt.result.tables import Standing

Kind = Literal["stage", "gap_band", "held", "mode", "programme", "off"]
Course = tuple[tuple[str, str], ...]  # (when, what), such as ("2026-30", "near"); empty for never


@dataclass(frozen=True)
class Change:
    """One thing whose course differs between BASE and OTHER."""

    kind: Kind
    subject: str  # line, domain or programme
    base: Course
    other: Course


def changes(base: Result, other: Result) -> tuple[Change, ...]:
    """Every course that differs, of what both scenarios have."""
    switching = base.scenario.stages == other.scenario.stages == "switching"
    place: Standing = "stage" if switching else "gap_band"
    changed = [*_compared(place, _standings(base, other, place), _standings(other, base, place))]
    if switching:
        changed += _compared("held", _held(base), _held(other))
    if "none" not in (base.scenario.cooperation.choice, other.scenario.cooperation.choice):
        changed += _compared("mode", _modes(base), _modes(other))
    catalogues = ({programme.id for programme in result.scenario.programmes} for result in (base, other))
    shared = set.intersection(*catalogues)
    changed += _compared("programme", _programmes(base, shared), _programmes(other, shared))
    return (*changed, *_compared("off", _off(base), _off(other)))


def _compared(kind: Kind, base: dict[str, Course], other: dict[str, Course]) -> Iterator[Change]:
    for subject in dict.fromkeys([*base, *other]):
        first, second = base.get(subject, ()), other.get(subject, ())
        if first != second:
            yield Change(kind, subject, first, second)


def _runs(years: Iterable[tuple[int, str]]) -> Course:
    """Years with what holds in them, joined to spans."""
    runs = []
    for what, group in groupby(years, key=lambda entry: entry[1]):
        span = [year for year, _ in group]
        runs.append((str(span[0]) if len(span) == 1 else f"{span[0]}-{span[-1]}", what))
    return tuple(runs)


def _standings(result: Result, beside: Result, place: Standing) -> dict[str, Course]:
    """Stage or gap band of every line over the planned years that both have."""
    shared = set(result.scenario.horizon.years) & set(beside.scenario.horizon.years)
    lines = {line.id for line in result.scenario.lines} & {line.id for line in beside.scenario.lines}
    table = result.columns("stages")
    course: dict[str, list[tuple[int, str]]] = {}
    for line, year, name in zip(*(table[column].tolist() for column in ("line", "year", place)), strict=True):
        if year in shared and line in lines:
            course.setdefault(line, []).append((year, name))
    return {line: _runs(years) for line, years in course.items()}


def _held(result: Result) -> dict[str, Course]:
    table = result.columns("regimes")
    held = table["held_back"]
    course: dict[str, Course] = {}
    for line, review in zip(table["line"][held].tolist(), table["review"][held].tolist(), strict=True):
        course[line] = (*course.get(line, ()), (str(review), "held"))
    return course


def _modes(result: Result) -> dict[str, Course]:
    table = result.columns("cooperation")
    course: dict[str, list[tuple[str, str]]] = {}
    for domain, plan, mode in zip(*(table[name].tolist() for name in ("domain", "plan", "mode")), strict=True):
        course.setdefault(domain, []).append((plan, mode))
    return {domain: tuple(steps) for domain, steps in course.items()}


def _programmes(result: Result, shared: set[str]) -> dict[str, Course]:
    table = result.columns("programmes")
    rows = zip(*(table[name].tolist() for name in ("programme", "start", "routes")), strict=True)
    return {
        programme: ((str(start), str(routes)),) for programme, start, routes in rows if start and programme in shared
    }


def _off(result: Result) -> dict[str, Course]:
    courses: dict[str, Course] = {}
    for decision in decisions_of(result) if any(line.min_scale for line in result.scenario.lines) else ():
        if isinstance(decision, Off):
            for line in decision.lines:
                courses[line] = (*courses.get(line, ()), (decision.plan, "off"))
    return courses
