"""Checks of the catalogue of programmes: each on its own, and what they require of and exclude from each other.

A programme that could never start, or a reward that could never be earned, is a slip in the data.
"""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import combinations

from kctopt.scenario.options import LONGEST, Programme
from kctopt.scenario.problem import Problem, Problems
from kctopt.scenario.records import Record, Scenario


def programme_years(record: Record, scenario: Scenario) -> Problems:
    """It starts inside the planned years, and ends inside them whenever it starts."""
    if not isinstance(record, Programme):
        return
    years = scenario.horizon.years
    if record.first_start > record.last_start:
        message = f"first_start {record.first_start} comes after last_start {record.last_start}"
        yield Problem(("first_start",), message, "swap or change them", (("last_start",),))
    elif record.first_start not in years:
        message = f"{record.first_start} lies outside the planned years {years[0]}-{years[-1]}"
        yield Problem(("first_start",), message, "name one of them, or move horizon.last_year")
    elif record.last_start + record.duration - 1 > years[-1]:
        end, latest = record.last_start + record.duration - 1, years[-1] - record.duration + 1
        message = f"started in {record.last_start} it would end in {end}, after the last planned year {years[-1]}"
        hint = f"start it by {latest}" if latest >= record.first_start else "start it earlier, or shorten its duration"
        yield Problem(("last_start",), message, hint, (("duration",),))


def programme_terms(record: Record, _: Scenario) -> Problems:
    """Costs inside its duration, routes only in a race, a reward only with a deadline."""
    if not isinstance(record, Programme):
        return
    for year in range(record.duration + 1, LONGEST + 1):
        cost = float(getattr(record, f"cost_{year}"))
        if cost > 0:
            message = f"costs {cost:g} billion CNY in its year {year}, but its duration is {record.duration}"
            yield Problem((f"cost_{year}",), message, "leave the cost out, or lengthen the duration")
    if record.routes > 1 and record.mode != "horse_race":
        message = f"{record.routes} parallel routes need the mode horse_race; {record.mode} has one team"
        yield Problem(("routes",), message, "change one of the two", (("mode",),))
    if record.reward > 0 and record.deadline is None:
        message = f"a reward of {record.reward:g} without a deadline"
        yield Problem(("reward",), message, "say by which year it must be done")
    if record.id in record.excluded:
        yield Problem(("excludes",), "excludes itself", "take its own name out")


def programmes_fit_together(scenario: Scenario) -> Problems:
    """No circle of requirements, no start or reward out of reach, nothing required and excluded at once."""
    catalogue = {record.id: record for record in scenario.programmes}
    if len(catalogue) < len(scenario.programmes):
        return  # an id given twice is reported
    needs = {record.id: [name for name in record.required if name in catalogue] for record in scenario.programmes}
    order, circles = _in_order(needs)
    place = {name: n for n, name in enumerate(catalogue)}
    for circle in circles:
        message = f"goes round in a circle: {' -> '.join(circle)}"
        yield Problem(("programmes", place[circle[0]], "requires"), message, "no programme can wait for itself")
    if not circles:
        for name, problem in (*_in_time(catalogue, order), *_compatible(catalogue, needs, order)):
            here = ("programmes", place[name])
            others = tuple((*here, *other) for other in problem.others)
            yield Problem((*here, *problem.location), problem.message, problem.hint, others)


def _in_order(needs: dict[str, list[str]]) -> tuple[list[str], list[list[str]]]:
    """Programmes with those they require before them, and every circle that was cut to get there."""
    left = {name: list(required) for name, required in needs.items()}
    circles: list[list[str]] = []
    while True:
        try:
            return list(TopologicalSorter(left).static_order()), circles
        except CycleError as error:
            names = list(reversed(error.args[1]))[:-1]  # each requires the next, the last the first
            first = min(range(len(names)), key=lambda n: list(needs).index(names[n]))
            circle = [*names[first:], *names[:first], names[first]]
            circles.append(circle)
            left[circle[-2]] = [name for name in left[circle[-2]] if name != circle[-1]]


def _in_time(catalogue: dict[str, Programme], order: list[str]) -> Iterator[tuple[str, Problem]]:
    """What a programme requires can end before its last start, and the programme itself by its deadline."""
    end: dict[str, int] = {}  # earliest
    for name in order:
        record = catalogue[name]
        if record.first_start > record.last_start:
            continue  # reported
        last = max((other for other in record.required if other in end), key=end.__getitem__, default="")
        start = max(record.first_start, end[last] + 1) if last else record.first_start
        if start > record.last_start:
            message = f"it starts by {record.last_start}, but '{last}', which it requires, ends in {end[last]} or later"
            hint = f"move last_start, or let '{last}' end earlier"
            yield name, Problem(("requires",), message, hint, (("last_start",),))
            start = record.last_start
        end[name] = start + record.duration - 1
        if record.reward > 0 and record.deadline is not None and record.deadline < end[name]:
            message = f"{record.deadline} comes before its first possible end ({end[name]}): no reward could be earned"
            hint = "move the deadline, start it earlier, or set the reward to 0"
            yield name, Problem(("deadline",), message, hint, (("first_start",), ("duration",), ("reward",)))


def _compatible(
    catalogue: dict[str, Programme], needs: dict[str, list[str]], order: list[str]
) -> Iterator[tuple[str, Problem]]:
    """A programme and all that must come before it can be run in one plan; said where it first fails."""
    rank = {name: n for n, name in enumerate(order)}
    whole: dict[str, set[str]] = {}  # a programme and all it requires
    clash: dict[str, set[tuple[str, str]]] = {}  # pairs of them that exclude each other
    for name in order:
        whole[name] = {name}.union(*(whole[other] for other in needs[name]))
        pairs = combinations(sorted(whole[name], key=rank.__getitem__), 2)
        clash[name] = {(a, b) for a, b in pairs if b in catalogue[a].excluded or a in catalogue[b].excluded}
        inherited = set[tuple[str, str]]().union(*(clash[other] for other in needs[name]))
        for a, b in sorted(clash[name] - inherited):
            two = f"'{a}', and the two" if b == name else f"'{a}' and '{b}', which"
            message = f"requires {two} exclude each other: it could never start"
            yield name, Problem(("requires",), message, "drop one of the two", (("excludes",),))


NOTHING: tuple[str, ...] = ()
ENTRY_CHECKS = (
    (("horizon",), programme_years),
    (NOTHING, programme_terms),
)
CHECKS = ((("programmes",), programmes_fit_together),)
