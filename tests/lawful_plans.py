"""Plans of the simulator as columns of the program: random money within the rules, and the rules that columns break."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from equations import Equations

from kctopt.formulation.diffusion import moat_weights
from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.records import Scenario
from kctopt.scenario.select import quadrant
from kctopt.simulator import Choices, Money, Trajectory, World
from kctopt.simulator.laws import reach_cap
from kctopt.simulator.money import with_tail

TRACKS = 5  # functional, performance and reliability work, substitution, exchange
ROUND_OFF = 1e-7


def random_money(scenario: Scenario, seed: int, unequal: float = 1.0) -> Money:
    """Money that keeps budgets, ramps, the exchange caps and exposure; the more `unequal`, the fewer lines get it."""
    rng, rule = np.random.default_rng(seed), scenario.money
    budget = scenario.budget.at(np.array(scenario.horizon.years))
    before = np.array([line.spend for line in scenario.lines])
    weight, track = rng.exponential(1.0, len(before)) ** unequal, rng.exponential(1.0, (len(before), TRACKS)) ** unequal
    share = track / track.sum(axis=1, keepdims=True)
    caps = exchange_caps(scenario)
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


def exchange_caps(scenario: Scenario) -> np.ndarray:
    """Largest share of exchange of each line by its quadrant."""
    rules = {rule.id: rule.max_exchange for rule in scenario.quadrants}
    return np.array([rules[quadrant(scenario, i)] for i in range(len(scenario.lines))])  # type: ignore[index]


def columns(rules: Equations, scenario: Scenario, money: Money, t: Trajectory, choices: Choices) -> np.ndarray:
    """Money, choices and where they lead as columns; those of other blocks stay at 0."""
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
        "diffusion.moat": _moat(scenario, t),
        "quadrants.exposure_limit": scenario.cooperation.exposure_limit.at(np.array(scenario.horizon.years)),
    }
    if scenario.stages == "switching":
        held = [n for n, stage in enumerate(calibrate(scenario).stage) if stage != 2]
        values |= {"switching.stage": np.eye(3)[t.review_stage], "switching.restraint": t.restraint[held]}
    if choices.mode is not None:
        values |= _mode_columns(scenario, money, choices.mode)
    x = np.zeros(len(rules.compiled.cost))
    for name, value in values.items():
        x[rules.compiled.slots[name]] = value.ravel()
    return x


def mode_of_lines(scenario: Scenario, mode: np.ndarray) -> np.ndarray:
    """1 for the mode each line is in, by line, planned or tail year and mode."""
    first = [plan.first for plan in scenario.horizon.plans]
    plan = np.searchsorted(first, scenario.horizon.all_years, side="right") - 1
    ids = [domain.id for domain in scenario.domains]
    rows = [ids.index(line.domain) for line in scenario.lines]
    return np.asarray(np.eye(len(scenario.modes))[mode[rows][:, plan]])


def broken(rules: Equations, x: np.ndarray, *blocks: str) -> Iterator[str]:
    """Names of the rules of some blocks that do not hold at x; bounds of columns count."""
    c = rules.compiled
    beyond = [
        (rules.row, np.maximum(c.rows @ x - c.upper, c.lower - c.rows @ x)),
        (rules.column, np.maximum(x - c.column_upper, c.column_lower - x)),
    ]
    for names, excess in beyond:
        yield from (name for name, n in names.items() if name.startswith(blocks) and excess[n] > ROUND_OFF)
    for group in c.relations:
        over = group.excess(x)
        yield from (n for n, e in zip(group.names, over, strict=True) if n.startswith(blocks) and e > ROUND_OFF)


def _moat(scenario: Scenario, t: Trajectory) -> np.ndarray:
    """Moat capability of the domains that have one."""
    ids = [line.id for line in scenario.lines]
    weights = moat_weights(scenario, calibrate(scenario)).values()
    return np.array([[row.get(line, 0.0) for line in ids] for row in weights]) @ t.capability[:, 1:]


def _mode_columns(scenario: Scenario, money: Money, mode: np.ndarray) -> dict[str, np.ndarray]:
    """Modes, their changes, and exchange and its inflow under them."""
    world, tail, within = World.of(scenario), scenario.horizon.tail, mode_of_lines(scenario, mode)
    start = [[one.id for one in scenario.modes].index(domain.mode) for domain in scenario.domains]
    changed = np.diff(mode, axis=1, prepend=np.array(start)[:, None]) != 0
    factor = np.array([one.exchange for one in scenario.modes])
    inflow = reach_cap(world, with_tail(money.exchange, tail))[..., None] * within * factor
    years = len(scenario.horizon.years)
    return {
        "modes.mode": np.eye(len(scenario.modes))[mode],
        "modes.change": changed.astype(float),
        "modes.exchange": money.exchange[..., None] * within[:, :years],
        "modes.inflow": inflow,
    }
