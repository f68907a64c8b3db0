"""Rules of regime switching and restraint that a plan breaks.

switching.first[i]             the base year decides the stage at the first review
switching.near[i,v]            not near at v        : C[i,v-1] <= (1 - near[i,v]) R[i,v-1]
switching.entry[i,v]           from far (without the ratchet: not far) : C[i,v-1] >= (1 - far[i,v]) R[i,v-1]
switching.ratchet[i,v]         stages never go back and take one step at a time
switching.exchange_open[i,t]   y[i,t] = 0 outside reach
switching.restraint[i,r,t]     h >= 0, and 0 on lines that are near in the base year and in no band
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import FAR, NEAR, REACH, held_lines, review_years, thresholds
from kctopt.simulate.breach import MONEY, POINTS, Breach, Case, beyond
from kctopt.simulate.choices import Choices
from kctopt.simulate.world import Array

NAMES = ("far", "within reach", "near")


def stages(case: Case) -> Iterator[Breach]:
    """What stages and restraint break."""
    yield from _restraint(case)
    if case.scenario.stages == "switching":
        yield from _first(case)
        yield from _near(case)
        yield from _entry(case)
        if case.scenario.switching.ratchet:
            yield from _ratchet(case)
        yield from _exchange_open(case)


def restraint_sign(scenario: Scenario, choices: Choices, tolerance: float) -> Iterator[Breach]:
    """Restraint that is negative or not a number."""
    if choices.restraint is None:
        return
    amount = choices.restraint
    negative = np.where(np.isfinite(amount), -amount, np.nan)
    for i, r, n in beyond(negative, np.zeros(amount.shape), tolerance):
        line, rung, year = scenario.lines[i].id, scenario.rungs[r].id, scenario.horizon.all_years[n]
        value = float(amount[i, r, n])
        says = f"is {value:.6g} {POINTS}: it cannot be negative" if np.isfinite(value) else "is not a number"
        text = f"{line}, {year}: restraint on rung {rung} {says}"
        yield Breach(f"switching.restraint[{line},{rung},{year}]", "restraint", f"{line}, {year}", -value, POINTS, text)


def _restraint(case: Case) -> Iterator[Breach]:
    if case.choices.restraint is None:
        return
    base = case.trajectory.review_stage[:, 0]
    free = np.ones((len(base), 1, 1), dtype=bool)
    free[list(held_lines(case.scenario, base))] = False
    amount = np.where(free, case.choices.restraint, 0.0)
    for i, r, n in case.beyond(amount, np.zeros(amount.shape)):
        line, rung, year = case.scenario.lines[i].id, case.scenario.rungs[r].id, case.scenario.horizon.all_years[n]
        why = "it is near in the base year" if case.scenario.stages == "switching" else "stages do not switch"
        text = (
            f"{line}, {year}: restraint of {amount[i, r, n]:.6g} {POINTS} on rung {rung} of a line that is in no band"
        )
        text += f", and {why}"
        rule = f"switching.restraint[{line},{rung},{year}]"
        yield Breach(rule, "restraint", f"{line}, {year}", float(amount[i, r, n]), POINTS, text)


def _first(case: Case) -> Iterator[Breach]:
    if case.choices.stage is None:
        return
    base = case.trajectory.review_stage[:, 0]
    for (i,) in np.argwhere(case.choices.stage[:, 0] != base):
        line, chosen = case.scenario.lines[i].id, int(case.choices.stage[i, 0])
        text = f"{line}: {NAMES[chosen]} at the first review, where the base year makes it {NAMES[int(base[i])]}"
        yield Breach(f"switching.first[{line}]", "first", line, float(abs(chosen - base[i])), "stages", text)


def _before(case: Case) -> tuple[Array, Array]:
    """Capability and the rival's at the end of the year before each review, (L, V)."""
    at = [year - 1 - case.scenario.horizon.base_year for year in review_years(case.scenario)]
    return case.trajectory.capability[:, at], case.trajectory.rival[:, at]


def _near(case: Case) -> Iterator[Breach]:
    stage, (capability, rival) = case.trajectory.review_stage, _before(case)
    limit = (1 - thresholds(case.scenario)[1]) * rival
    outside = stage != NEAR
    outside[:, 0] = False
    for i, v in case.beyond(np.where(outside, capability, -np.inf), limit):
        says = f"capability of {capability[i, v]:.6g} is above {limit[i, v]:.6g}, where a line is near, "
        says += f"but the stage is {NAMES[stage[i, v]]}; over by"
        yield _at_review(case, "near", i, v, float(capability[i, v] - limit[i, v]), says)


def _entry(case: Case) -> Iterator[Breach]:
    stage, (capability, rival) = case.trajectory.review_stage, _before(case)
    limit = (1 - thresholds(case.scenario)[0]) * rival
    enters = stage != FAR
    enters[:, 0] = False
    if case.scenario.switching.ratchet:
        enters[:, 1:] &= stage[:, :-1] == FAR
    for i, v in case.beyond(np.where(enters, -capability, -np.inf), -limit):
        says = f"capability of {capability[i, v]:.6g} is below {limit[i, v]:.6g}, where a line is far, "
        says += f"but the stage is {NAMES[stage[i, v]]}; short by"
        yield _at_review(case, "entry", i, v, float(limit[i, v] - capability[i, v]), says)


def _at_review(case: Case, kind: str, i: int, v: int, amount: float, says: str) -> Breach:
    line, year = case.scenario.lines[i].id, review_years(case.scenario)[v]
    text = f"{line}, review of {year}: {says} {amount:.6g} {POINTS}"
    return Breach(f"switching.{kind}[{line},{year}]", kind, f"{line}, {year}", amount, POINTS, text)


def _ratchet(case: Case) -> Iterator[Breach]:
    stage, years = case.trajectory.review_stage, review_years(case.scenario)
    step = np.diff(stage, axis=1)
    for i, v in np.argwhere((step < 0) | (step > 1)):
        line, year = case.scenario.lines[i].id, years[v + 1]
        move = f"from {NAMES[stage[i, v]]} to {NAMES[stage[i, v + 1]]}"
        rule = "stages do not go back" if step[i, v] < 0 else "stages take one step at a time"
        text = f"{line}, review of {year}: {move}, but {rule} (ratchet)"
        amount = float(-step[i, v] if step[i, v] < 0 else step[i, v] - 1)
        yield Breach(f"switching.ratchet[{line},{year}]", "ratchet", f"{line}, {year}", amount, "stages", text)


def _exchange_open(case: Case) -> Iterator[Breach]:
    in_force = case.trajectory.in_force[:, : len(case.years)]
    closed = np.where(in_force == REACH, 0.0, case.money.exchange)
    for i, n in case.beyond(closed, np.zeros(closed.shape)):
        line, year, amount = case.scenario.lines[i].id, case.years[n], float(closed[i, n])
        text = f"{line}, {year}: exchange of {amount:.6g} {MONEY} while the line is {NAMES[in_force[i, n]]}; "
        text += "only lines within reach exchange"
        yield Breach(f"switching.exchange_open[{line},{year}]", "exchange_open", f"{line}, {year}", amount, MONEY, text)
