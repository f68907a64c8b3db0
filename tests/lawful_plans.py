"""Plans with discrete decisions: random money within ramps and budgets, lawful stages, and all of it as columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from equations import Equations

from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import FAR, NEAR, REACH, review_of, review_years, thresholds
from kctopt.scenario.select import quadrant
from kctopt.simulate import Money, Trajectory, simulate

TRACKS = 5  # functional, performance and reliability work, substitution, exchange
ROUND_OFF = 1e-9


@dataclass(frozen=True)
class Plan:
    """Money with exchange only within reach, where it leads, and the stage of each line at each review."""

    money: Money
    trajectory: Trajectory
    stage: np.ndarray


def random_money(scenario: Scenario, seed: int, unequal: float = 1.0) -> Money:
    """Money that keeps budgets, ramps, the exchange caps and exposure; the more `unequal`, the fewer lines get it."""
    rng, rule = np.random.default_rng(seed), scenario.money
    budget = scenario.budget.at(np.array(scenario.horizon.years))
    before = np.array([line.spend for line in scenario.lines])
    weight, track = rng.exponential(1.0, len(before)) ** unequal, rng.exponential(1.0, (len(before), TRACKS)) ** unequal
    share = track / track.sum(axis=1, keepdims=True)
    rules = {rule.id: rule.max_exchange for rule in scenario.quadrants}
    caps = np.array([rules[quadrant(scenario, i)] for i in range(len(before))])  # type: ignore[index]
    share[:, -1] = np.minimum(share[:, -1], caps / (1 - caps) * share[:, :-1].sum(axis=1))
    spends = []
    for amount in budget:
        wanted = weight / weight.sum() * 3 * amount
        spend = np.minimum(wanted, (1 + rule.ramp_growth) * before + rule.ramp_step)
        before = spend * min(1.0, amount / spend.sum())
        spends.append(before)
    money = np.stack(spends, axis=-1)[:, None, :] * share[:, :, None]
    exposed = np.array([line.sensitivity for line in scenario.lines]) @ money[:, 4]
    limit = scenario.cooperation.exposure_limit.at(np.array(scenario.horizon.years))
    return Money(money[:, :3], money[:, 3], money[:, 4] * np.minimum(1.0, limit / np.maximum(exposed, limit)))


def lawful(scenario: Scenario, money: Money) -> Plan:
    """Each line moves on as soon as it must or may; exchange outside reach is cut."""
    (far, near), first = thresholds(scenario), scenario.horizon.base_year
    stage, exchange, in_force = calibrate(scenario).stage, money.exchange.copy(), review_of(scenario)
    stages = []
    for v, year in enumerate(review_years(scenario)):
        trajectory = simulate(scenario, replace(money, exchange=exchange))
        gap = trajectory.gap[:, year - 1 - first]
        if v > 0:
            moved = np.where(gap <= near[:, v], NEAR, np.where(gap > far[:, v], FAR, REACH))
            stage = np.clip(moved, stage, stage + 1) if scenario.switching.ratchet else moved
        years = np.flatnonzero(in_force[: exchange.shape[1]] == v)
        exchange[np.ix_(stage != REACH, years)] = 0.0
        stages.append(stage)
    money = replace(money, exchange=exchange)
    return Plan(money, simulate(scenario, money), np.stack(stages, axis=-1))


def columns(rules: Equations, plan: Plan, **decided: np.ndarray) -> np.ndarray:
    """The plan as columns; `decided` gives the columns of further variables, `switching_restraint=...`."""
    money, t, slots = plan.money, plan.trajectory, rules.compiled.slots
    values = {
        "money.strategic": money.strategic,
        "money.substitution": money.substitution,
        "money.exchange": money.exchange,
        "money.spend": money.spend,
        "knowledge.production": t.production,
        "knowledge.accelerator": t.accelerator[..., 1:],
        "ladder.stock": t.stock[..., 1:],
        "ladder.capability": t.capability[..., 1:],
        "diffusion.inflow": t.inflow,
    }
    if "switching.stage" in slots:
        values["switching.stage"] = np.eye(3)[plan.stage]
    x = np.zeros(len(rules.compiled.cost))
    for name, value in (values | {name.replace("_", ".", 1): value for name, value in decided.items()}).items():
        x[slots[name]] = value.ravel()
    if "diffusion.moat" in slots:  # the rows that define it
        for name, n in rules.row.items():
            if name.startswith("diffusion.moat_of_domain"):
                row, moat = rules.compiled.rows[[n]].toarray()[0], slots["diffusion.moat"]
                own = moat[row[moat] != 0]
                x[own] = -(row @ x) / row[own]
    return x


def broken(rules: Equations, x: np.ndarray, *blocks: str) -> Iterator[str]:
    """Names of the rules of some blocks that do not hold at x; bounds of columns count."""
    c = rules.compiled
    body = c.rows @ x
    for name, n in rules.row.items():
        if name.startswith(blocks) and max(body[n] - c.upper[n], c.lower[n] - body[n]) > ROUND_OFF * 100:
            yield name
    for name, n in rules.column.items():
        if name.startswith(blocks) and max(x[n] - c.column_upper[n], c.column_lower[n] - x[n]) > ROUND_OFF:
            yield name
    for group in c.relations:
        excess = group.excess(x)
        yield from (n for n, e in zip(group.names, excess, strict=True) if n.startswith(blocks) and e > ROUND_OFF)
