"""Changes of the objective and of the indices, and what the proven gaps say about them.

The gap certifies the objective alone: the best plan of a scenario is worth between `objective` and `bound`. So the
change of the best values lies within

    OTHER.objective - BASE.bound   ...   OTHER.bound - BASE.objective

and a change of the objective smaller than both gaps together says nothing, not even its sign.

An index of one year is exact for the plan at hand, but another plan, as good within the gap, may have another value.
The yardstick for it is the change of NS in that year alone that would use up the gap,

    (gap_BASE / w_t + gap_OTHER / w_t)  over  NS_t        gap in points of the objective, w_t the weight of NS in year t

and a relative change of any index below it is marked as within the gap. It is a yardstick, not a proof: years can be
traded for each other by more than that. Whether a plan is one of many is for the near-optimal ranges to say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kctopt.result.result import Result


@dataclass(frozen=True)
class ObjectiveChange:
    """Change of the objective from BASE to OTHER; `low` and `high` bracket that of the best values, by the proofs."""

    base: float
    other: float
    delta: float
    percent: float | None
    low: float | None
    high: float | None
    within_gap: bool | None  # None while a bound is missing
    unit: str


@dataclass(frozen=True)
class IndexChange:
    """Change of one index in one year; `delta` is None where it is not subtracted."""

    index: str
    domain: str  # empty for the nation
    year: int
    after_plan: bool
    base: float
    other: float
    delta: float | None
    percent: float | None
    within_gap: bool | None  # None where it is not subtracted, or a gap is unknown
    unit: str


def objective_change(base: Result, other: Result) -> ObjectiveChange:
    """The change of the objective of two runs that have plans and one kind of objective."""
    assert base.objective is not None and other.objective is not None  # both have plans
    delta = other.objective - base.objective
    low = high = within = None
    if base.bound is not None and other.bound is not None:
        ends = (other.objective - base.bound, other.bound - base.objective)
        low, high = min(ends), max(ends)
        within = abs(delta) <= abs(base.bound - base.objective) + abs(other.bound - other.objective)
    unit = "billion CNY" if base.scenario.objective.kind == "min_budget" else "NS points over the years"
    return ObjectiveChange(
        base.objective, other.objective, delta, percent(base.objective, delta), low, high, within, unit
    )


def percent(before: float, delta: float) -> float | None:
    """A change in per cent of where it started; None from 0."""
    return 100 * delta / abs(before) if before else None


def index_changes(base: Result, other: Result, subtract: bool) -> tuple[IndexChange, ...]:
    """Every index of every year that both have; without `subtract` the two values alone."""
    first, second = _by_key(base), _by_key(other)
    swing = {year: _swing(base, year, other) for year in {key[2] for key in first} & {key[2] for key in second}}
    changes = []
    for key, (mine, tail, unit) in first.items():
        if key not in second:
            continue
        yours = second[key][0]
        delta = yours - mine if subtract else None
        within = _within(delta, mine, yours, swing[key[2]]) if delta is not None else None
        share = percent(mine, delta) if delta is not None else None
        changes.append(IndexChange(*key, tail or second[key][1], mine, yours, delta, share, within, unit))
    return tuple(changes)


Key = tuple[str, str, int]


def _by_key(result: Result) -> dict[Key, tuple[float, bool, str]]:
    table = result.columns("indices")
    names = ("index", "domain", "year", "value", "after_plan", "unit")
    rows = zip(*(table[name].tolist() for name in names), strict=True)
    return {(index, domain, year): (value, tail, unit) for index, domain, year, value, tail, unit in rows}


def _within(delta: float, before: float, after: float, swing: float | None) -> bool | None:
    return None if swing is None else abs(delta) <= swing * max(abs(before), abs(after))


def _swing(base: Result, year: int, other: Result) -> float | None:
    """Relative change of NS in a year that would use up both gaps; None while a gap is unknown."""
    parts = [_part(base, year), _part(other, year)]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _part(result: Result, year: int) -> float | None:
    if result.bound is None or result.objective is None or result.gap is None:
        return None
    if result.scenario.objective.kind == "min_budget":
        return result.gap
    weight = year_weight(result, year)
    security = result.index("security", year)
    if weight == 0 or security == 0 or math.isnan(security):
        return 0.0  # the base year is data
    return abs(result.bound - result.objective) / weight / security


def year_weight(result: Result, year: int) -> float:
    """Weight of NS of a year in the objective; 0 for the base year."""
    horizon, rule = result.scenario.horizon, result.scenario.objective
    if year == horizon.base_year:
        return 0.0
    weight = rule.discount ** (year - horizon.base_year) + (rule.terminal if year == horizon.last_year else 0.0)
    counted_on = rule.end_years if year == horizon.all_years[-1] else 0
    return weight + sum(rule.discount ** (year - horizon.base_year + n) for n in range(1, counted_on + 1))
