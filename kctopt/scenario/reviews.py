"""When the stage of a line is reviewed, and against which thresholds: data of regime switching.

    near[i,v] = near + chi_near sigma_i e_v        far[i,v] = max(far - chi_far sigma_i e_v, near[i,v])

| symbol | meaning | unit | name |
|---|---|---|---|
| v | review: first year of a period that lasts until the next; the last one runs on | year | review_years |
| near far | relative gap at which a line becomes near, above which it is far | share | thresholds |

A review looks at the gap at the end of the year before it. By default reviews are held at the start and in the middle
of each plan. Thresholds that move with controls are our hypothesis.
"""

from __future__ import annotations

import numpy as np

from kctopt.scenario.axes import drawn, spread, vector
from kctopt.scenario.records import BandPolicy, Scenario

FAR, REACH, NEAR = 0, 1, 2
STAGES = ("far", "reach", "near")


def review_years(scenario: Scenario) -> tuple[int, ...]:
    """First years of the periods, in order."""
    horizon = scenario.horizon
    if scenario.switching.reviews == "yearly":
        return horizon.years
    years = [year for plan in horizon.plans for year in (plan.first, plan.first + (plan.last - plan.first) // 2 + 1)]
    return tuple(sorted({year for year in years if year <= horizon.last_year}))


def review_of(scenario: Scenario) -> np.ndarray:
    """Position of the review in force in each planned and tail year, shape (H,)."""
    return np.searchsorted(np.array(review_years(scenario)), np.array(scenario.horizon.all_years), side="right") - 1


def thresholds(scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """Far and near thresholds on the relative gap, each (lines, reviews)."""
    sensitivity = vector(line.sensitivity for line in scenario.lines)[..., None]
    pressure = sensitivity * scenario.controls.intensity.at(np.array(review_years(scenario)))[..., None, :]
    far, near, far_control, near_control = (
        spread(number, 2)
        for number in (
            scenario.diffusion.far,
            scenario.diffusion.near,
            scenario.switching.far_control,
            scenario.switching.near_control,
        )
    )
    near = near + near_control * pressure
    return np.maximum(far - far_control * pressure, near), near


def first_stage(scenario: Scenario, capability: np.ndarray, rival: np.ndarray) -> np.ndarray:
    """Stage at the first review, which data decide: base-year capability and rival (lines,) -> codes (lines,)."""
    far, near = thresholds(scenario)
    gap = 1 - capability / rival
    return np.where(gap <= near[..., 0], NEAR, np.where(gap > far[..., 0], FAR, REACH))


def held_lines(scenario: Scenario, stage: np.ndarray) -> tuple[int, ...]:
    """Positions of the lines for which restraint can pay: those that can still become near, and those in a band."""
    return tuple(int(n) for n in np.flatnonzero(held(scenario, stage)))


def held(scenario: Scenario, stage: np.ndarray) -> np.ndarray:
    """Whether restraint can pay for each line, (..., lines), by its stage at the first review."""
    banded = {line for policy in scenario.policies if isinstance(policy, BandPolicy) for line in policy.lines}
    open_ones = stage != NEAR if scenario.stages == "switching" else np.zeros(stage.shape, bool)
    return np.asarray(open_ones | np.array([line.id in banded for line in scenario.lines], dtype=bool))


def tranche_curves(scenario: Scenario) -> dict[tuple[int, int], tuple[np.ndarray, np.ndarray]]:
    """Spend and effective spend over base-year spend at the ends of the tranches, (0, 0) in front, by line and rung."""
    lines = {line.id: n for n, line in enumerate(scenario.lines)}
    rungs = {rung.id: n for n, rung in enumerate(scenario.rungs)}
    knots: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for step in scenario.tranches:
        knots.setdefault((lines[step.line], rungs[step.rung]), [(0.0, 0.0)]).append((step.upto, step.effect))
    return {key: _curve(points) for key, points in knots.items()}


def _curve(points: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Both coordinates of the points in order of the first; drawn ones stand in order as the checks ask."""
    if not any(drawn(number) for point in points for number in point):
        points = sorted(points)
    return vector(upto for upto, _ in points), vector(effect for _, effect in points)
