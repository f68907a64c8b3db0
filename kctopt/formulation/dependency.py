r"""Dependency on the rival and the losses from a cut-off: bottlenecks choke, moats and security technology fail.

    dep[i,t] >= 1 - U[i,t]/R[i,t],   dep >= 0
    X_t >= max(e_t, d_t) Lambda sum_i n_i dep[i,t] - shield * ZS_t,   X >= 0
    Y_t >= max(e_t, d_t) Lambda_M sum_i n'_i dep[i,t]
    n_i = nu_i m[i,B] sigma_i / sum_j nu_j m[j,B],   n'_i = the same with min(1, m[i,M] + m[i,S]) in place of m[i,B]
    d_t = max(denial_t, (1 - recovery) d_{t-1})

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| dep | dependency | share | dependency | law |
| X | loss of economic power | index points | loss | law |
| Y | loss of military power | index points | military_loss | law |
| Lambda Lambda_M | loss at full controls and full dependency | index points | cut_off.loss, .military_loss | model |
| e | control intensity | share | controls.intensity | scenario |
| d | share of supply that a shock denies | share | cut_off.denial, .recovery | scenario |
| ZS | national score of security technology | rival = 100 | national score | kct |

That choke points, moats and security technology act this way is the paper's argument (s.2); the law is our hypothesis.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kctopt.algebra import Block, Constraint, NonNegativeReals, Var, quicksum
from kctopt.formulation import line_ids, nothing
from kctopt.scenario.calibrate import BaseYear
from kctopt.scenario.records import Scenario


def exposure_weights(scenario: Scenario) -> np.ndarray:
    """n_i: part of the loss that a full dependency on line i causes at full controls, shape (lines,)."""
    return _weights(scenario, [line.bottleneck for line in scenario.lines])


def military_weights(scenario: Scenario) -> np.ndarray:
    """n'_i: the same of the loss of military power, shape (lines,)."""
    return _weights(scenario, [min(1.0, line.moat + line.security) for line in scenario.lines])


def add_variables(block: Block, scenario: Scenario) -> None:
    """Dependency by line and year, losses by year."""
    years = scenario.horizon.all_years
    block.dependency = Var(line_ids(scenario), years, bounds=(0, 1))
    block.loss = Var(years, domain=NonNegativeReals)
    if scenario.cut_off.military_loss > 0:
        block.military_loss = Var(years, domain=NonNegativeReals)


def add_constraints(
    block: Block, scenario: Scenario, base: BaseYear, *, capability: Any, substitute: Any, security_score: Any
) -> None:
    """Dependency of each line and the national losses; `security_score` gives ZS by year."""
    lines, years = line_ids(scenario), scenario.horizon.all_years
    row, first = {line: i for i, line in enumerate(lines)}, years[0]
    weights, military = exposure_weights(scenario), military_weights(scenario)

    def gap(b: Block, i: str, t: int) -> Any:
        rival = float(base.rival[row[i], t - first + 1])
        return b.dependency[i, t] >= 1 - (capability[i, t] + substitute[i, t]) / rival

    def struck(b: Block, t: int, loss: float, share: np.ndarray) -> Any:
        full = float(base.denied[t - first + 1]) * loss
        return quicksum(full * float(share[row[i]]) * b.dependency[i, t] for i in lines if share[row[i]] > 0)

    def cut_off(b: Block, t: int) -> Any:
        choked = struck(b, t, scenario.cut_off.loss, weights)
        return b.loss[t] >= choked - scenario.cut_off.shield * security_score(t)

    def military_cut_off(b: Block, t: int) -> Any:
        return b.military_loss[t] >= struck(b, t, scenario.cut_off.military_loss, military)

    block.gap = Constraint(lines, years, rule=gap)
    block.cut_off = Constraint(years, rule=cut_off)
    if scenario.cut_off.military_loss > 0:
        block.military_cut_off = Constraint(years, rule=military_cut_off)


def military_loss(block: Block, scenario: Scenario) -> Callable[[int], Any]:
    """Y by year."""
    return (lambda t: block.military_loss[t]) if scenario.cut_off.military_loss > 0 else nothing


def _weights(scenario: Scenario, membership: list[float]) -> np.ndarray:
    """Weight and sensitivity of lines by their membership, shape (lines,)."""
    value = np.array([line.exposure_weight for line in scenario.lines]) * np.array(membership)
    sensitivity = np.array([line.sensitivity for line in scenario.lines])
    return np.asarray(value * sensitivity / value.sum()) if value.sum() > 0 else np.zeros(len(value))
