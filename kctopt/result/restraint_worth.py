"""What holding lines back is worth: the same money simulated without it.

Without holding back, the lines' restraint is 0 and they are near from the first review on at which they are held just
outside, as if a little more capability had taken them over the limit; at the other reviews their stage follows the law:
near as soon as g < near (with the ratchet: from within reach), within reach as soon as g <= far. Exchange money that is
then outside reach goes to strategic research of the same line and year, by the base-year shares of the rungs. All else
stays, so the two differ in what exchange brings and restraint takes. Since the second is one plan among many, the
difference is an upper estimate of the worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kctopt.result.discrete import before_review, restrained
from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import FAR, NEAR, REACH, review_of, thresholds
from kctopt.simulator import Choices, Money, Trajectory, World, simulate, without_closed_exchange

SAME = 1e-7  # gap below the threshold of the near stage that counts as at it


@dataclass(frozen=True)
class Worth:
    """A plan with holding back against the same money without it."""

    objective: float  # objective of national security with holding back: NS over the years, discounted
    objective_without: float
    security: float  # national security in the last planned year with holding back
    security_without: float
    restraint: tuple[float, ...]  # capability not built in the planned years, index points, by line


def worth(
    scenario: Scenario, money: Money, choices: Choices, path: Trajectory, held: np.ndarray, lines: Sequence[int]
) -> Worth:
    """What it is worth to hold `lines` back at the reviews that `held`, (lines, reviews), marks."""
    other = let_go(scenario, money, choices, path, held, lines)
    last = len(scenario.horizon.years)
    return Worth(
        float(path.objective),
        float(other.objective),
        float(path.security[last]),
        float(other.security[last]),
        tuple(restrained(scenario, path)[list(lines), :last].sum(axis=1).tolist()),
    )


def let_go(
    scenario: Scenario, money: Money, choices: Choices, path: Trajectory, held: np.ndarray, lines: Sequence[int]
) -> Trajectory:
    """What the same money leads to when `lines` are not held back."""
    world, chosen = World.of(scenario), list(lines)
    far, near = thresholds(scenario)
    stage = path.review_stage.copy()
    restraint = np.zeros(path.restraint.shape) if choices.restraint is None else choices.restraint.copy()
    restraint[chosen] = 0.0
    freed = replace(choices, stage=stage, restraint=restraint)
    other = simulate(scenario, _open_exchange(scenario, money, stage, chosen), world, freed)
    for v, at in enumerate(before_review(scenario)):
        if v:
            law = _law(scenario, stage[chosen, v - 1], other.gap[chosen, at], near[chosen, v], far[chosen, v])
            law = np.where(held[chosen, v], NEAR, law)
            if (law != stage[chosen, v]).any():
                stage[chosen, v:] = law[:, None]  # what comes later is decided in its turn
                other = simulate(scenario, _open_exchange(scenario, money, stage, chosen), world, freed)
    return other


def _law(scenario: Scenario, before: np.ndarray, gap: np.ndarray, near: np.ndarray, far: np.ndarray) -> np.ndarray:
    """Stage that the law sets at a review."""
    reached = np.where(gap <= far, REACH, FAR)
    closed = gap < near - SAME
    if not scenario.switching.ratchet:
        return np.where(closed, NEAR, reached)
    return np.where(before == FAR, reached, np.where(closed, NEAR, before))


def _open_exchange(scenario: Scenario, money: Money, stage: np.ndarray, lines: list[int]) -> Money:
    """The money with the exchange of `lines` outside reach moved to their research; stages by review."""
    years = len(scenario.horizon.years)
    in_force = np.full((len(scenario.lines), years), REACH)
    in_force[lines] = stage[lines][:, review_of(scenario)[:years]]
    return without_closed_exchange(scenario, money, in_force)
