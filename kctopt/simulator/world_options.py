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

from kctopt.scenario.axes import spread, vector
from kctopt.scenario.calibrate import BaseYear
from kctopt.scenario.records import BandPolicy, Scenario
from kctopt.scenario.reviews import review_of, tranche_curves
from kctopt.scenario.select import policy_years


def options(scenario: Scenario, base: BaseYear) -> dict[str, Any]:
    """Numbers of the options, empty where one is off."""
    rule, modes, programmes = scenario.switching, scenario.modes, scenario.programmes
    curves = list(tranche_curves(scenario).values())
    most = max((upto.shape[-1] for upto, _ in curves), default=0)
    return {
        "first": base.stage,
        "far_control": rule.far_control,
        "near_control": rule.near_control,
        "mode_exchange": vector(mode.exchange for mode in modes),
        "market_gain": vector(mode.market_gain for mode in modes),
        "gain": vector(programme.gain for programme in programmes),
        "success": vector(programme.success for programme in programmes),
        "reward": vector(programme.reward for programme in programmes),
        "upto": _padded([upto for upto, _ in curves], most),
        "effect": _padded([effect for _, effect in curves], most),
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


def _padded(curves: list[NDArray[np.float64]], most: int) -> NDArray[np.float64]:
    """Points of all curves, (..., C, most), the last of each repeated."""
    if not curves:
        return np.zeros((0, most))
    return vector(
        (np.concatenate([c, np.repeat(c[..., -1:], most - c.shape[-1], axis=-1)], axis=-1) for c in curves), axes=1
    )


def _bands(scenario: Scenario) -> NDArray[np.float64]:
    """Widths between banded lines by year, (..., H, B, B)."""
    lines, years = [scenario.lines[n].id for n in banded(scenario)], scenario.horizon.all_years
    bands = [policy for policy in scenario.policies if isinstance(policy, BandPolicy)]
    draws = np.broadcast_shapes(*(np.shape(policy.width) for policy in bands))
    width = np.full((*draws, len(years), len(lines), len(lines)), np.inf)
    for policy in bands:
        own = [lines.index(line) for line in policy.lines]
        for year in policy_years(policy.years, scenario.horizon):
            part: Any = (..., years.index(year), *np.ix_(own, own))
            width[part] = np.minimum(width[part], spread(policy.width, 2))
    width[..., range(len(lines)), range(len(lines))] = 0.0
    for via in range(len(lines)):
        width = np.minimum(width, width[..., :, via, None] + width[..., None, via, :])
    return width
