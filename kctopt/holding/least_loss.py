"""A plan mended to the rules of another scenario: the money taken from where it was planned costs the least value.

    1. withdraw   min  V(m0) - V(m0 - down)
    2. spend      max  V(m0 - down + up)          with the withdrawals of 1, and no more money than planned
                  over m0 - down + up that keep every rule,  0 <= down <= m0,  up >= 0

m0 is the planned money, V the scenario's objective by the exact laws. Nothing is taken that the rules do not ask for,
since each withdrawal costs something. What is set free is then put where it is worth most; only where the rules ask for
it (floors) more is spent than was planned.

In 1 what each amount loses is taken in pieces, each amount by itself, as linear programs can; then once more with the
other withdrawals made, and what costs least is kept. In 2 each program's answer is judged by the simulator, and the
next one starts from there. Rules on states (hard targets, bands) are rows with the slopes of the laws, asked for by as
much more as the last answer was short of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kctopt.rules.slopes import TRACKS, RuleSlopes, amounts, money_of, rules_on_money
from kctopt.scenario.records import BandPolicy, Scenario, TargetPolicy
from kctopt.scenario.select import policy_years, target_lines
from kctopt.scenario.units import money_unit
from kctopt.simulator import Choices, Money, Trajectory, World, simulate
from kctopt.simulator.trajectory import least_ratio

DEPTHS = (0.25, 0.5, 0.75, 1.0)  # parts of an amount up to which a withdrawal is priced
NEAR = (0.5, 1.0)  # parts of the last withdrawal, and with ONWARD of what it left, at which it is priced again
ONWARD = (0.5, 1.0)
AGAIN = 2  # times that withdrawals are priced again
HEIGHTS = (0.1, 0.5, 2.0)  # sizes of an amount up to which what is added is priced; beyond, it is worth nothing
FADES = 0.5  # worth of the last of these heights, over that of the one before
LEAST = 0.02  # amounts count as at least this share of their line's spend
SMALL = 1e-3  # and of the mean amount
IDLE = 0.01  # cost of a withdrawal that loses no value, over the mean loss: nothing is moved without need
STEPS = np.array([0.25, 0.5, 0.75, 1.0])
ROUNDS = 8  # programs until rules on states hold
IMPROVED = 4  # programs that put money where it is worth more
ENOUGH = 1e-5  # relative gain that ends them, a tenth of the gap that plans are solved to
BATCH = 256  # plans simulated at once
NOTHING = 1e-9  # money that counts as none, over the scenario's unit of money
MARGIN = 1e-7  # room asked of rules on states

Segments = Sequence[tuple[np.ndarray, np.ndarray]]  # widths and costs of a piecewise linear term, by amount


@dataclass(frozen=True)
class _Laws:
    """What money leads to under a scenario with these choices."""

    scenario: Scenario
    world: World
    choices: Choices

    def judged(self, money: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Objective (n,) and room of every rule on states (n, K) of amounts (n, cells)."""
        values, rooms = [], []
        for first in range(0, max(1, len(money)), BATCH):
            path = simulate(
                self.scenario, money_of(self.scenario, money[first : first + BATCH]), self.world, self.choices
            )
            values.append(path.objective)
            rooms.append(room_of_states(self.scenario, path))
        return np.concatenate(values), np.concatenate(rooms)

    def one_by_one(self, money: np.ndarray, cells: np.ndarray, by: np.ndarray) -> np.ndarray:
        """Objective with one of these amounts after another changed by `by`, (cells,)."""
        tried = np.repeat(money[None], len(cells), axis=0)
        tried[np.arange(len(cells)), cells] += by
        return self.judged(tried)[0]


def room_of_states(scenario: Scenario, path: Trajectory) -> np.ndarray:
    """By how much each hard target and band is kept (negative: missed), ratio to the rival, (..., K)."""
    rooms = [np.zeros((*path.objective.shape, 0))]
    for policy in scenario.policies:
        if isinstance(policy, TargetPolicy) and not policy.soft:
            own, n = list(target_lines(scenario, policy)), policy.by - scenario.horizon.base_year
            ratio = path.usable[..., own, n] / path.rival[..., own, n]
            rooms.append(np.asarray(ratio - least_ratio(policy)))
        elif isinstance(policy, BandPolicy):
            rooms.append(_room_of_band(scenario, policy, path))
    return np.concatenate(rooms, axis=-1)


def _room_of_band(scenario: Scenario, policy: BandPolicy, path: Trajectory) -> np.ndarray:
    names = [line.id for line in scenario.lines]
    at = [year - scenario.horizon.base_year for year in policy_years(policy.years, scenario.horizon)]
    own = [names.index(line) for line in policy.lines]
    ratio = (path.capability / path.rival)[..., own, :][..., at]
    lead = ratio[..., :, None, :] - ratio[..., None, :, :]
    return np.asarray((policy.width - lead).reshape(*lead.shape[:-3], int(np.prod(lead.shape[-3:]))))


def mended(scenario: Scenario, world: World, planned: Money, choices: Choices) -> Money | None:
    """The planned money with what the rules ask changed at the least loss of value; None where no way was found."""
    laws, wanted = _Laws(scenario, world, choices), amounts(planned).ravel()
    program = _Moves(rules_on_money(scenario, planned, choices), wanted, money_unit(scenario))
    point = _withdrawn(laws, program)
    if point is None:
        return None
    return money_of(scenario, _spent(laws, program, point))


class _Moves:
    """Linear programs over changes of planned money that keep the rules on money."""

    def __init__(self, rules: RuleSlopes, planned: np.ndarray, unit: float) -> None:
        self.planned, self.matrix, self.sides, self.unit = planned, rules.matrix(), rules.sides(), unit
        self.idle = np.zeros((1, rules.years))  # carry-over has no part in a row
        lines = planned.reshape(-1, TRACKS, rules.years).sum(axis=1, keepdims=True)
        of_line = np.broadcast_to(lines, (len(lines), TRACKS, rules.years)).ravel()
        self.size = np.maximum(np.maximum(planned, LEAST * of_line), SMALL * max(planned.mean(), SMALL * unit))

    def best(
        self, money: np.ndarray, down: Segments, up: Segments, room: np.ndarray, slopes: np.ndarray,
        more: float = np.inf,
    ) -> np.ndarray | None:  # fmt: skip
        """The lawful change of `money` that costs least, (cells,), with room + slopes change >= 0; None without any.

        `more` is by how much the sum may grow.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp  # HiGHS without Pyomo: half a second less

        cells = len(money)
        law, carry = self.matrix[:, :cells], self.matrix[:, cells:]
        signs = [-1.0] * len(down) + [1.0] * len(up)
        rows = [sparse.hstack([*(sign * law for sign in signs), carry])]
        now = law @ money  # amounts are measured by the unit of money
        lower, upper = [(self.sides[0] - now) / self.unit], [(self.sides[1] - now) / self.unit]
        if np.isfinite(more):
            rows.append(sparse.csr_array(np.concatenate([*(np.full((1, cells), s) for s in signs), self.idle], axis=1)))
            lower.append(np.array([-np.inf]))
            upper.append(np.array([more / self.unit]))
        if len(room):
            state = [sign * sparse.csr_array(slopes * self.unit) for sign in signs]
            rows.append(sparse.hstack([*state, sparse.csr_array(np.repeat(self.idle, len(room), axis=0))]))
            lower.append(-room)
            upper.append(np.full(len(room), np.inf))
        most = np.concatenate([*(width / self.unit for width, _ in (*down, *up)), np.full(self.idle.size, np.inf)])
        cost = np.concatenate([*(cost * self.unit for _, cost in (*down, *up)), self.idle[0]])
        keep = LinearConstraint(sparse.vstack(rows, format="csr"), np.concatenate(lower), np.concatenate(upper))
        end = milp(cost, bounds=Bounds(0.0, most), constraints=keep, options={"presolve": False})
        if end.x is None:
            return None
        steps = end.x[: cells * len(signs)].reshape(len(signs), cells)
        change: np.ndarray = self.unit * (np.array(signs) @ steps)
        return change


def _withdrawn(laws: _Laws, program: _Moves) -> np.ndarray | None:
    """Lawful money whose withdrawals cost least."""
    planned = program.planned
    depths = [part * planned for part in DEPTHS]
    down = _losses(laws, planned, depths)
    point = _lawful(laws, program, down)
    for _ in range(AGAIN if point is not None else 0):
        assert point is not None
        taken = np.maximum(planned - point, 0.0)
        left = planned - taken
        depths = [*(part * taken for part in NEAR), *(taken + part * left for part in ONWARD)]
        tried = _lawful(laws, program, _losses(laws, planned - taken, depths, taken, down))
        if tried is None or _kept(laws, planned, tried) <= _kept(laws, planned, point):
            break
        point = tried
    return point


def _kept(laws: _Laws, planned: np.ndarray, money: np.ndarray) -> float:
    """What the plan is worth with the withdrawals alone."""
    return float(laws.judged(np.minimum(planned, money)[None])[0][0])


def _lawful(laws: _Laws, program: _Moves, down: Segments) -> np.ndarray | None:
    """Lawful money whose withdrawals cost least by their pieces; rules on states hold as well as could be found."""
    planned = program.planned
    mean = sum(float((cost * width).sum()) for width, cost in down) / max(planned.sum(), NOTHING * program.unit)
    down = [(width, cost + IDLE * mean) for width, cost in down]
    up = [(np.full(len(planned), np.inf), np.full(len(planned), 0.1 * IDLE * mean))]
    money, more = planned, np.zeros(0)
    for _ in range(ROUNDS):
        room, slopes = _states(laws, program, money)
        more = np.zeros(len(room)) if len(more) != len(room) else more + np.maximum(MARGIN - room, 0.0)
        asked = room + slopes @ (planned - money) - more - MARGIN
        change = program.best(planned, down, up, asked, slopes, 0.0)
        if change is None:  # floors may ask for more money than was planned
            change = program.best(planned, down, up, asked, slopes)
        if change is None and len(room):  # by their slopes, rules on states cannot hold: those on money are kept
            change = program.best(planned, down, up, room[:0], slopes[:0])
            return None if change is None else np.maximum(planned + change, 0.0)
        if change is None:
            return None
        money = np.maximum(planned + change, 0.0)
        if not len(room) or laws.judged(money[None])[1].min() >= 0:
            break
    return money


def _losses(
    laws: _Laws, left: np.ndarray, depths: list[np.ndarray], taken: np.ndarray | None = None, known: Segments = ()
) -> Segments:
    """What each amount loses of the objective per unit withdrawn, piece by piece, dearer with every piece.

    With `taken` every amount is priced with all other withdrawals made, and those of which nothing is taken are as
    they are `known`.
    """
    taken, nothing = np.zeros(len(left)) if taken is None else taken, NOTHING * money_unit(laws.scenario)
    own = np.arange(len(left)) if not known else np.flatnonzero(taken > nothing)
    pieces: list[tuple[np.ndarray, np.ndarray]] = []
    before, reached = np.zeros(len(own)), laws.one_by_one(left, own, taken[own])
    for n, depth in enumerate(depths):
        width, cost = (part.copy() for part in known[n]) if known else (np.zeros(len(left)), np.zeros(len(left)))
        now = laws.one_by_one(left, own, taken[own] - depth[own])
        width[own] = depth[own] - before
        cost[own] = np.divide(reached - now, width[own], out=np.zeros(len(own)), where=width[own] > nothing)
        cost = np.maximum(cost, pieces[-1][1] if pieces else 0.0)
        pieces.append((width, cost))
        before, reached = depth[own], now
    return pieces


def _states(laws: _Laws, program: _Moves, money: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Room of each rule on states, and by how much it grows with each amount."""
    room = laws.judged(money[None])[1][0]
    if not len(room):
        return room, np.zeros((0, len(money)))
    by = HEIGHTS[0] * program.size
    return room, ((laws.judged(money + np.diag(by))[1] - room) / by[:, None]).T


def _spent(laws: _Laws, program: _Moves, money: np.ndarray) -> np.ndarray:
    """The money with what was set free put where it is worth most; nothing more is withdrawn."""
    least, most = np.minimum(program.planned, money), max(program.planned.sum(), money.sum())
    value = laws.judged(money[None])[0][0]
    for _ in range(IMPROVED):
        room, slopes = _states(laws, program, money)
        down, up = _worth(laws, program, money, least, value)
        change = program.best(money, down, up, room - np.minimum(room, MARGIN), slopes, most - money.sum())
        if change is None:
            break
        tried = np.maximum(money + STEPS[:, None] * change, 0.0)
        values, rooms = laws.judged(tried)
        values = np.where((rooms >= np.minimum(room, 0.0)).all(axis=1), values, -np.inf)
        best = int(values.argmax())
        if values[best] <= value + ENOUGH * abs(value):
            break
        money, value = tried[best], values[best]
    return money


def _worth(
    laws: _Laws, program: _Moves, money: np.ndarray, least: np.ndarray, value: float
) -> tuple[Segments, Segments]:
    """What each amount loses when it is put back to `least`, and what more of it is worth, as costs."""
    every, back, down = np.arange(len(money)), money - least, np.zeros(len(money))
    own = np.flatnonzero(back > NOTHING * program.unit)
    down[own] = np.maximum(value - laws.one_by_one(money, own, -back[own]), 0.0) / back[own]
    up: list[tuple[np.ndarray, np.ndarray]] = []
    before, reached = np.zeros(len(money)), np.full(len(money), value)
    for height in HEIGHTS[:-1]:
        now = laws.one_by_one(money, every, height * program.size)
        gain = (now - reached) / (height * program.size - before)
        up.append((height * program.size - before, -gain if not up else np.maximum(-gain, up[-1][1])))
        before, reached = height * program.size, now
    up.append(((HEIGHTS[-1] - HEIGHTS[-2]) * program.size, np.minimum(FADES * up[-1][1], 0.0)))
    return [(back, down)], [*up, (np.full(len(money), np.inf), np.zeros(len(money)))]
