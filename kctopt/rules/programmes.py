"""Rules on the choice of programmes and on what they share.

programmes.start[k]        starts               <=  1; in its window, done by the last planned year, routes allowed
programmes.requires[b,a]   first year of b      >=  last year of a + 1    where b is launched
programmes.excludes[a,b]   programmes that run  <=  1
programmes.researchers[t]  researchers          <=  those there are
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kctopt.rules.case import Case
from kctopt.rules.family import PERSONS, Axis, Family, by_year
from kctopt.simulator.costs import started


def programmes(case: Case) -> Iterator[Family]:
    """What the catalogue forbids."""
    if case.scenario.programmes:
        yield _starts(case)
        yield from _windows(case)
        yield _requires(case)
        yield _excludes(case)
        yield from _researchers(case)


def _first_years(case: Case) -> dict[str, list[int]]:
    """Years in which each programme starts."""
    starts: dict[str, list[int]] = {programme.id: [] for programme in case.scenario.programmes}
    for _, programme, n, _ in started(case.scenario, case.choices.routes):
        starts[programme.id].append(case.years[n])
    return starts


def _starts(case: Case) -> Family:
    starts = _first_years(case)
    ids, count = list(starts), np.array([float(len(years)) for years in starts.values()])

    def message(k: int, _: float) -> str:
        years = " and ".join(map(str, starts[ids[k]]))
        return f"programme {ids[k]}: starts in {years}, once is allowed"

    return Family("programmes.start", (Axis(ids),), count, "<=", np.ones(()), message, "starts")


def _windows(case: Case) -> Iterator[Family]:
    """When a programme starts and ends, and with how many routes: data that no program lets a plan break."""
    runs = [(p, case.years[n], count) for _, p, n, count in started(case.scenario, case.choices.routes)]
    ids, last = (Axis([p.id for p, *_ in runs]),), case.years[-1]

    def window(k: int, _: float) -> str:
        p, year, _count = runs[k]
        return f"programme {p.id}: starts in {year}, it can from {p.first_start} to {p.last_start}"

    def late(k: int, _: float) -> str:
        p, year, _count = runs[k]
        return f"programme {p.id}: starts in {year} and ends after {last}, the last planned year"

    def routes(k: int, _: float) -> str:
        p, _year, count = runs[k]
        return f"programme {p.id}: runs {count} routes, at most {p.most_routes} can"

    year, count = np.array([year for _, year, _ in runs], float), np.array([count for *_, count in runs], float)
    first, by = (np.array([getattr(p, name) for p, *_ in runs], float) for name in ("first_start", "last_start"))
    end, most = (np.array([getattr(p, name) for p, *_ in runs], float) for name in ("duration", "most_routes"))
    head = "programmes.start"
    yield Family(head, ids, year, ">=", first, window, "years", listed=False)
    yield Family(head, ids, year, "<=", by, window, "years", listed=False)
    yield Family(head, ids, year + end - 1, "<=", np.asarray(last), late, "years", listed=False)
    yield Family(head, ids, count, "<=", most, routes, "routes", listed=False)


def _requires(case: Case) -> Family:
    """First year of each programme that is launched against the one after what it requires, or after all years."""
    listed, starts = case.scenario.programmes, _first_years(case)
    ends = {p.id: [start + p.duration - 1 for start in starts[p.id]] for p in listed}
    rows = [(p.id, other, start) for p in listed for other in p.required for start in starts[p.id]]
    first = np.array([start for *_, start in rows], dtype=float)
    ready = np.array([min(ends[other], default=case.years[-1]) + 1 for _, other, _ in rows], dtype=float)

    def message(n: int, _: float) -> str:
        programme, required, start = rows[n]
        text = f"programme {programme} starts in {start}, but {required}, which it requires,"
        return f"{text} ends with {ready[n] - 1:.0f}" if starts[required] else f"{text} does not run"

    axes = (Axis([(programme, required) for programme, required, _ in rows]),)
    return Family("programmes.requires", axes, first, ">=", ready, message, "year")


def _excludes(case: Case) -> Family:
    listed, starts = case.scenario.programmes, _first_years(case)
    known = {frozenset((p.id, other)): (p.id, other) for p in reversed(listed) for other in p.excluded}
    pairs = list(known.values())
    both = np.array([float(bool(starts[first]) + bool(starts[second])) for first, second in pairs])

    def message(n: int, _: float) -> str:
        return f"programmes {pairs[n][0]} and {pairs[n][1]} both run, but exclude each other"

    return Family("programmes.excludes", (Axis(pairs),), both, "<=", np.ones(()), message, "programmes")


def _researchers(case: Case) -> Iterator[Family]:
    there = case.scenario.catalogue.researchers
    if there is None:
        return
    used, limit = case.trajectory.researchers, there.at(np.array(case.years))

    def message(n: int, amount: float) -> str:
        text = f"{case.years[n]}: programmes employ {used[n]:.6g} {PERSONS}, {limit[n]:.6g} there are; "
        return f"{text}over by {amount:.6g}"

    yield Family("programmes.researchers", (by_year(case.years),), used, "<=", limit, message, PERSONS)
