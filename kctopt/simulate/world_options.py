"""What the discrete options add to a world: numbers that may be drawn, and positions that may not.

| name | shape | content |
|---|---|---|
| first | (L,) | stage at the first review, which the base year decides |
| far_control near_control | () | move of the thresholds at full sensitivity and full controls |
| mode_exchange market_gain | (M,) | factor on the inflow of exchange, and gain of economic power, by cooperation mode |
| gain success reward | (K,) | of programmes |
| upto effect | (C, T) | ends of tranches, (0, 0) first, the last one repeated to a common count |
| band | (H, B, B) | most by which the ratio of one banded line may exceed that of another; inf: no rule |

Bands that share a line act on one another: a width here is the shortest sum of widths that joins two lines.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kctopt.scenario.calibrate import BaseYear
from kctopt.scenario.records import BandPolicy, Scenario
from kctopt.scenario.reviews import review_of, tranche_curves
from kctopt.scenario.select import policy_years


def options(scenario: Scenario, base: BaseYear) -> dict[str, Any]:
    """Numbers of the options, empty where one is off."""
    rule, modes, programmes = scenario.switching, scenario.modes, scenario.programmes
    curves = list(tranche_curves(scenario).values())
    most = max((len(upto) for upto, _ in curves), default=0)
    return {
        "first": base.stage,
        "far_control": rule.far_control,
        "near_control": rule.near_control,
        "mode_exchange": [mode.exchange for mode in modes],
        "market_gain": [mode.market_gain for mode in modes],
        "gain": [programme.gain for programme in programmes],
        "success": [programme.success for programme in programmes],
        "reward": [programme.reward for programme in programmes],
        "upto": np.array([_padded(upto, most) for upto, _ in curves]).reshape(len(curves), most),
        "effect": np.array([_padded(effect, most) for _, effect in curves]).reshape(len(curves), most),
        "band": _bands(scenario),
    }


def positions(scenario: Scenario) -> dict[str, NDArray[np.intp]]:
    """Where things are, without draws: reviews and plans of years, base-year modes, lines and rungs of the rest."""
    line = {entry.id: n for n, entry in enumerate(scenario.lines)}
    mode = {entry.id: n for n, entry in enumerate(scenario.modes)}
    rung = {entry.id: n for n, entry in enumerate(scenario.rungs)}
    first = [plan.first for plan in scenario.horizon.plans]
    places = {
        "review": review_of(scenario),
        "plan": np.searchsorted(first, scenario.horizon.all_years, side="right") - 1,
        "base_mode": [mode.get(entry.mode, -1) for entry in scenario.domains],
        "programme": np.array([(line[p.line], rung[p.rung]) for p in scenario.programmes]).reshape(-1, 2),
        "curve": np.array(list(tranche_curves(scenario))).reshape(-1, 2),
        "banded": banded(scenario),
    }
    return {name: np.asarray(place, dtype=np.intp) for name, place in places.items()}


def banded(scenario: Scenario) -> list[int]:
    """Positions of the lines that a band holds together."""
    named = {line for policy in scenario.policies if isinstance(policy, BandPolicy) for line in policy.lines}
    return [n for n, line in enumerate(scenario.lines) if line.id in named]


def _padded(points: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    return np.concatenate([points, np.full(count - len(points), points[-1])])


def _bands(scenario: Scenario) -> NDArray[np.float64]:
    """Widths between banded lines by year, (H, B, B)."""
    lines, years = [scenario.lines[n].id for n in banded(scenario)], scenario.horizon.all_years
    width = np.full((len(years), len(lines), len(lines)), np.inf)
    for policy in scenario.policies:
        if isinstance(policy, BandPolicy):
            own = [lines.index(line) for line in policy.lines]
            for year in policy_years(policy.years, scenario.horizon):
                part = np.ix_([years.index(year)], own, own)
                width[part] = np.minimum(width[part], policy.width)
    width[:, range(len(lines)), range(len(lines))] = 0.0
    for via in range(len(lines)):
        width = np.minimum(width, width[:, :, via, None] + width[:, None, via, :])
    return width
