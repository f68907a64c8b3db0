"""What mending a plan for another scenario changes, by domain, type, track and planning period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kctopt.analysis.traits import shares
from kctopt.rules.slopes import amounts
from kctopt.scenario.records import TRACKS, TYPES, Scenario
from kctopt.scenario.units import money_unit
from kctopt.simulator import Money

LITTLE = 1e-4  # money of a cell that counts as none, over the scenario's unit of money


@dataclass(frozen=True)
class Mend:
    """What mending a plan for a scenario changes in a domain, type, track and planning period, billion CNY."""

    scenario: str
    plan: str
    domain: str
    type: str  # B, A, M, S; types share a line by its memberships
    track: str  # strategic, substitution, exchange
    period: str
    planned: float  # after scaling
    withdrawn: float
    added: float


def mends_of(scenario: str, plan: str, target: Scenario, planned: Money | None, money: Money | None) -> list[Mend]:
    """What was changed by domain, type, track and planning period, the largest change first."""
    if planned is None or money is None:
        return []
    before, after = amounts(planned), amounts(money)
    parts = [
        _cells(target, part) for part in (before, np.maximum(before - after, 0.0), np.maximum(after - before, 0.0))
    ]
    mends = [
        Mend(scenario, plan, domain.id, kind, track, period.id, *(float(part[d, k, n, p]) for part in parts))
        for d, domain in enumerate(target.domains)
        for k, kind in enumerate(TYPES)
        for n, track in enumerate(TRACKS)
        for p, period in enumerate(target.horizon.plans)
        if parts[1][d, k, n, p] + parts[2][d, k, n, p] > LITTLE * money_unit(target)
    ]
    return sorted(mends, key=lambda mend: -max(mend.withdrawn, mend.added))


def _cells(scenario: Scenario, money: np.ndarray) -> np.ndarray:
    """Amounts (lines, tracks, years) by domain, type, track of TRACKS and plan."""
    inside, member = shares(scenario)
    by_track = np.stack([money[:, :3].sum(axis=1), money[:, 3], money[:, 4]], axis=1)
    years, plans = np.array(scenario.horizon.years), scenario.horizon.plans
    by_plan = np.stack(
        [by_track[..., (plan.first <= years) & (years <= plan.last)].sum(axis=-1) for plan in plans], axis=-1
    )
    return np.asarray(np.einsum("ld,lk,ltp->dktp", inside, member, by_plan))
