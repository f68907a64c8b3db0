"""Rules of regime switching and restraint.

switching.first[i]             the base year decides the stage at the first review
switching.near[i,v]            C[i,v-1]           <=  (1 - near[i,v]) R[i,v-1]   where the stage chosen is not near
switching.entry[i,v]           C[i,v-1]           >=  (1 - far[i,v]) R[i,v-1]    where the line enters reach;
                                                                                 without the ratchet: is not far
switching.ratchet[i,v]         steps of the stage >=, <=  0, 1
switching.exchange_open[i,t]   y[i,t]             <=  0                          outside reach
switching.restraint[i,r,t]     h                  >=  0; <= 0 on lines near in the base year and in no band
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kctopt.rules.case import Case
from kctopt.rules.family import MONEY, POINTS, Axis, Family, Message, by_line, by_review, by_year
from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import FAR, NEAR, REACH, held, review_years, thresholds
from kctopt.simulator import Choices
from kctopt.simulator.world import Array, Codes

NAMES = ("far", "within reach", "near")


def restraint_signs(scenario: Scenario, choices: Choices) -> Iterator[Family]:
    """Restraint is not negative, and a number."""
    if choices.restraint is None:
        return
    axes = _restraint_axes(scenario)
    lines, rungs, years = (axis.keys for axis in axes)

    def message(i: int, r: int, n: int, under: float) -> str:
        says = f"is {-under:.6g} {POINTS}: it cannot be negative" if np.isfinite(under) else "is not a number"
        return f"{lines[i]}, {years[n]}: restraint on rung {rungs[r]} {says}"

    known = np.where(np.isfinite(choices.restraint), choices.restraint, np.nan)
    yield Family("switching.restraint", axes, known, ">=", np.zeros(()), message, POINTS, listed=False)


def _restraint_axes(scenario: Scenario) -> tuple[Axis, ...]:
    lines = [line.id for line in scenario.lines]
    return Axis(lines, lines=lines), Axis([rung.id for rung in scenario.rungs]), by_year(scenario.horizon.all_years)


def stages(case: Case) -> Iterator[Family]:
    """Rules on restraint, on stages by line and review, and on exchange outside reach."""
    yield from _restraint(case)
    if case.scenario.stages == "switching":
        yield from _first(case)
        yield from _reviews(case)
        yield _exchange_open(case)


def _restraint(case: Case) -> Iterator[Family]:
    if case.choices.restraint is None:
        return
    amount, axes = case.choices.restraint, _restraint_axes(case.scenario)
    lines, rungs, years = (axis.keys for axis in axes)
    free = ~held(case.scenario, case.trajectory.review_stage[..., 0])[..., None, None]
    why = "it is near in the base year" if case.scenario.stages == "switching" else "stages do not switch"

    def message(i: int, r: int, n: int, _: float) -> str:
        text = f"{lines[i]}, {years[n]}: restraint of {amount[i, r, n]:.6g} {POINTS} on rung {rungs[r]} of a line that "
        return f"{text}is in no band, and {why}"

    most = np.where(free, 0.0, np.inf)
    yield Family("switching.restraint", axes, amount, "<=", most, message, POINTS, listed=False)


def _first(case: Case) -> Iterator[Family]:
    if case.choices.stage is None:
        return
    chosen, base = case.choices.stage[:, 0], case.trajectory.review_stage[..., 0]

    def message(i: int, _: float) -> str:
        text = f"{case.lines[i]}: {NAMES[chosen[i]]} at the first review, where the base year makes it "
        return text + NAMES[base[i]]

    off = np.abs(chosen - base).astype(float)
    yield Family("switching.first", (by_line(case),), off, "<=", np.zeros(()), message, "stages", listed=False)


def _reviews(case: Case) -> Iterator[Family]:
    """What decides the stage at each review from the second on."""
    far, near = thresholds(case.scenario)
    ratchet, stage, axes = (
        case.scenario.switching.ratchet,
        case.trajectory.review_stage,
        (by_line(case), by_review(case)),
    )
    before, later = np.concatenate([stage[..., :1], stage[..., :-1]], axis=-1), np.arange(stage.shape[-1]) > 0
    at = [year - 1 - case.scenario.horizon.base_year for year in review_years(case.scenario)]
    capability, rival = case.trajectory.capability[..., at], case.trajectory.rival[..., at]
    outside = (stage != NEAR) & later
    entered = (stage != FAR) & later & ((before == FAR) | (not ratchet))
    below, above = np.where(outside, (1 - near) * rival, np.inf), np.where(entered, (1 - far) * rival, -np.inf)
    keep = (
        _message_of(case, capability, below, "above", "near", "over"),
        _message_of(case, capability, above, "below", "far", "short"),
    )
    yield Family("switching.near", axes, capability, "<=", below, keep[0], POINTS, listed=outside)
    yield Family("switching.entry", axes, capability, ">=", above, keep[1], POINTS, listed=entered)
    if ratchet:
        yield from _ratchet(case, stage, before)


def _message_of(case: Case, capability: Array, limit: Array, side: str, there: str, off: str) -> Message:
    stage, years = case.trajectory.review_stage, review_years(case.scenario)

    def message(i: int, v: int, amount: float) -> str:
        text = f"{case.lines[i]}, review of {years[v]}: capability of {capability[i, v]:.6g} is {side} "
        text += f"{limit[i, v]:.6g}, where a line is {there}, but the stage is {NAMES[stage[i, v]]}; "
        return f"{text}{off} by {amount:.6g} {POINTS}"

    return message


def _ratchet(case: Case, stage: Codes, before: Codes) -> Iterator[Family]:
    years, steps = review_years(case.scenario), (stage - before).astype(float)

    def step_that(rule: str) -> Message:
        return lambda i, v, _: (
            f"{case.lines[i]}, review of {years[v]}: from {NAMES[before[i, v]]} to {NAMES[stage[i, v]]}, but {rule} "
            "(ratchet)"
        )

    axes, listed = (by_line(case), by_review(case)), (np.arange(stage.shape[-1]) > 0) & (stage >= 0)
    back, leap = step_that("stages do not go back"), step_that("stages take one step at a time")
    yield Family("switching.ratchet", axes, steps, ">=", np.zeros(()), back, "stages", listed=listed)
    yield Family("switching.ratchet", axes, steps, "<=", np.ones(()), leap, "stages", listed=listed)


def _exchange_open(case: Case) -> Family:
    closed, exchange = case.stage != REACH, case.money.exchange

    def message(i: int, n: int, amount: float) -> str:
        text = f"{case.lines[i]}, {case.years[n]}: exchange of {amount:.6g} {MONEY} while the line is "
        return f"{text}{NAMES[case.stage[i, n]]}; only lines within reach exchange"

    axes, most = (by_line(case), by_year(case.years)), np.where(closed, 0.0, np.inf)
    return Family("switching.exchange_open", axes, exchange, "<=", most, message, listed=closed)
