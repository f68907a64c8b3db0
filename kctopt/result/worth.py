"""What holding lines back is worth: the same money simulated without it.

Without holding back, the lines' restraint is 0 and their stage follows the law at each review, from the capability
that they then have: near as soon as g < near (with the ratchet: from within reach), within reach as soon as g <= far.
Exchange money that is then outside reach goes to strategic research of the same line and year, by the base-year shares
of the rungs, so that exchange stays closed outside reach, as the rule asks. All else stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kctopt.result.discrete import TINY, before_review
from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import FAR, NEAR, REACH, review_of, thresholds
from kctopt.simulate import Choices, Money, Trajectory, World, simulate, without_closed_exchange

SAME = 1e-7  # gap below the threshold of the near stage that counts as at it


@dataclass(frozen=True)
class Worth:
    """A plan with holding back against the same money without it."""

    objective: float  # objective of national security with holding back: NS over the years, discounted
    objective_without: float
    security: float  # national security in the last planned year with holding back
    security_without: float
    capability: tuple[float, ...]  # most that is not built at the end of the year before a held review, by line


def worth(
    scenario: Scenario, money: Money, choices: Choices, path: Trajectory, held: np.ndarray, lines: Sequence[int]
) -> Worth | None:
    """What it is worth to hold `lines` back, None where nothing changes without it: their money alone keeps them there.

    `held` marks the reviews of each line, (lines, reviews).
    """
    chosen = list(lines)
    if choices.restraint is None or not (choices.restraint[chosen] > TINY).any():
        return None
    other = let_go(scenario, money, choices, path, chosen)
    last = len(scenario.horizon.years)
    missing = (other.capability - path.capability)[:, before_review(scenario)]
    return Worth(
        float(path.objective),
        float(other.objective),
        float(path.security[last]),
        float(other.security[last]),
        tuple(np.where(held, missing, 0.0)[chosen].max(axis=1).tolist()),
    )


def let_go(scenario: Scenario, money: Money, choices: Choices, path: Trajectory, lines: Sequence[int]) -> Trajectory:
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
