r"""Dependency on the rival and the economic loss from a cut-off: bottlenecks choke, security technology shields.

    dep[i,t] >= 1 - U[i,t]/R[i,t],   dep >= 0
    X_t >= e_t Lambda sum_i n_i dep[i,t] - shield * ZS_t,   X >= 0,   n_i = nu_i m[i,B] sigma_i / sum_j nu_j m[j,B]

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| dep | dependency | share | dependency | law |
| X | loss | index points | loss | law |
| Lambda | loss at full controls and full dependency | index points | cut_off.loss | model |
| ZS | national score of security technology | rival = 100 | national score | kct |

That choke points and security technology act this way is the paper's argument (s.2); the law is our hypothesis.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kctopt.algebra import Block, Constraint, NonNegativeReals, Var, quicksum
from kctopt.formulation import line_ids
from kctopt.scenario.calibrate import BaseYear
from kctopt.scenario.records import Scenario


def exposure_weights(scenario: Scenario) -> np.ndarray:
    """n_i: part of the loss that a full dependency on line i causes at full controls, shape (lines,)."""
    value = np.array([line.exposure_weight * line.bottleneck for line in scenario.lines])
    sensitivity = np.array([line.sensitivity for line in scenario.lines])
    return np.asarray(value * sensitivity / value.sum()) if value.sum() > 0 else np.zeros(len(value))


def base_loss(scenario: Scenario, base: BaseYear, security_score: float) -> float:
    """X in the base year, index points."""
    usable = (base.capability + base.substitute) / base.rival[:, 0]
    dependency = np.maximum(0.0, 1 - usable)
    choked = base.control[0] * scenario.cut_off.loss * exposure_weights(scenario) @ dependency
    return float(max(0.0, choked - scenario.cut_off.shield * security_score))


def add_variables(block: Block, scenario: Scenario) -> None:
    """Dependency by line and year, loss by year."""
    years = scenario.horizon.all_years
    block.dependency = Var(line_ids(scenario), years, bounds=(0, 1))
    block.loss = Var(years, domain=NonNegativeReals)


def add_constraints(
    block: Block, scenario: Scenario, base: BaseYear, *, capability: Any, substitute: Any, security_score: Any
) -> None:
    """Dependency of each line and the national loss; `security_score` gives ZS by year."""
    lines, years = line_ids(scenario), scenario.horizon.all_years
    row, first = {line: i for i, line in enumerate(lines)}, years[0]
    weights = exposure_weights(scenario)

    def gap(b: Block, i: str, t: int) -> Any:
        rival = float(base.rival[row[i], t - first + 1])
        return b.dependency[i, t] >= 1 - (capability[i, t] + substitute[i, t]) / rival

    def cut_off(b: Block, t: int) -> Any:
        full = float(base.control[t - first + 1]) * scenario.cut_off.loss
        choked = quicksum(full * float(weights[row[i]]) * b.dependency[i, t] for i in lines if weights[row[i]] > 0)
        return b.loss[t] >= choked - scenario.cut_off.shield * security_score(t)

    block.gap = Constraint(lines, years, rule=gap)
    block.cut_off = Constraint(years, rule=cut_off)
