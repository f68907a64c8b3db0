"""Where the money moves: domain x type x plan, the largest change first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kctopt.comparison.indices import percent
from kctopt.result.discrete import programme_costs
from kctopt.result.result import Result
from kctopt.result.tables import plan_of

PROGRAMMES = "programmes"  # stands beside the types


@dataclass(frozen=True)
class Move:
    """Money of a domain and type in a plan, billion CNY; `delta` is None where it is not subtracted."""

    domain: str
    type: str  # B, A, M, S, or programmes
    plan: str
    base: float
    other: float
    delta: float | None
    percent: float | None  # of BASE's amount


def moves(base: Result, other: Result, subtract: bool) -> tuple[Move, ...]:
    """Every domain, type and plan; without `subtract` in the order of the domains, and amounts alone.

    Plans that only one of the two has are left out: their money is no difference.
    """
    first, second = _money(base), _money(other)
    shared = {key[2] for key in first} & {key[2] for key in second}
    moved = []
    for key in dict.fromkeys([*first, *second]):
        if key[2] in shared:
            mine, yours = first.get(key, 0.0), second.get(key, 0.0)
            delta = yours - mine if subtract else None
            moved.append(Move(*key, mine, yours, delta, None if delta is None else percent(mine, delta)))
    return tuple(sorted(moved, key=lambda move: -abs(move.delta or 0.0))) if subtract else tuple(moved)


def _money(result: Result) -> dict[tuple[str, str, str], float]:
    """Money by domain, type and plan, programmes beside the types."""
    table = result.columns("allocation")
    keys = list(zip(*(table[name].tolist() for name in ("domain", "type", "plan")), strict=True))
    names = list(dict.fromkeys(keys))
    place = {key: n for n, key in enumerate(names)}
    sums = np.bincount([place[key] for key in keys], weights=table["amount"], minlength=len(names))
    return dict(zip(names, sums.tolist(), strict=True)) | _programmes(result)


def _programmes(result: Result) -> dict[tuple[str, str, str], float]:
    scenario = result.scenario
    if not scenario.programmes or not result.has_plan:
        return {}
    domain = {line.id: line.domain for line in scenario.lines}
    totals: dict[tuple[str, str, str], float] = {}
    for programme, costs in zip(scenario.programmes, programme_costs(scenario, result.choices), strict=True):
        for year, cost in zip(scenario.horizon.years, costs.tolist(), strict=True):
            key = (domain[programme.line], PROGRAMMES, plan_of(scenario.horizon, year))
            totals[key] = totals.get(key, 0.0) + cost
    return totals
