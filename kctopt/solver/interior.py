r"""The optimum far from any known plan: a primal-dual interior-point method on the arrays of a program.

    min cost'x   with   A x = b,   g(x) + s = 0,  s >= 0,   lower <= x <= upper       (g: open rows and relations)

Newton's method (newton.py) needs a start whose active constraints are nearly right; this one does not, and it ends with
prices that prove its answer (dual.py). A step is Mehrotra's predictor and corrector on one factorisation (kkt.py), then
Gondzio's further correctors while each lengthens it enough: a solve costs a small part of a factorisation.

Positive quantities lie in pairs, distance and price: slacks with prices of open rows and relations, distances from
lower bounds, distances from upper bounds. Their products go to 0 together (complementarity). All is in the units of
columns and rows (units.py) and of the objective.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import sparse

from kctopt.concave import Parabolas
from kctopt.naming import Name
from kctopt.solver.bounds import ranges
from kctopt.solver.compiled import Compiled, Relations
from kctopt.solver.curves import Bend, Curves
from kctopt.solver.kkt import System, dot
from kctopt.solver.newton import SMALL, Point
from kctopt.solver.tangents import Tangents
from kctopt.solver.units import row_sizes

STEPS = 80
ROOM = 1.0  # of a start from its bounds, relative to max(1, |x|), and of its slacks
FIRST = 1.0  # complementarity of a start
TO_EDGE = 0.995  # part of the way to the edge that one step may go
LAST = 1e-10  # complementarity that is not undercut, where its user names no other
FIXED = 1e-6  # width of a column's proven bounds that leaves it no room
CORRECTORS, EAGER = 2, 4  # further ones a step; those of an eager one
LONGER, FARTHER = 0.3, 0.5  # that a further corrector aims at; that of an eager step
GAINED = 0.03  # part of that it must gain
MISSED, KEPT = 0.3, 1e-12  # part of the equalities' residual that an exact step leaves beyond what it must; round-off
STAYS = 0.3  # part of its slacks and distances from bounds that an iterate keeps where data move it
CENTRING, CENTRED, LACKING = 12, 3.0, 1e-3  # steps onto the central path; where they end: products, what is lacking
NEAR, FAR = 0.1, 10.0  # products that further correctors leave alone, in terms of the target


@dataclass(frozen=True)
class Iterate:
    """Columns, prices of equalities, and the pairs: slacks, prices of all pairs (open rows, lower and upper bounds)."""

    x: np.ndarray
    slack: np.ndarray
    equal: np.ndarray
    price: np.ndarray

    @property
    def finite(self) -> bool:
        """Whether all of it are numbers."""
        return all(bool(np.isfinite(part).all()) for part in (self.x, self.slack, self.equal, self.price))


@dataclass(frozen=True)
class _Residuals:
    """What an iterate lacks: Lagrangian's gradient, equalities, inequalities; distances of the pairs."""

    dual: np.ndarray
    equal: np.ndarray
    open: np.ndarray
    distance: np.ndarray
    bend: Bend
    mean: float  # complementarity


@dataclass(frozen=True)
class _Step:
    """Changes of free columns, prices of equalities, distances and prices of the pairs."""

    x: np.ndarray
    equal: np.ndarray
    distance: np.ndarray
    price: np.ndarray

    def plus(self, more: _Step) -> _Step:
        """Both steps together."""
        return _Step(self.x + more.x, self.equal + more.equal, self.distance + more.distance, self.price + more.price)


class Interior:
    """The method on one program, whose integers are held by their bounds; only its costs change.

    Columns that the proven bounds `lower` and `upper` leave no room stay where the start has them, and rows and
    relations on such columns alone are left out: nothing has an interior with them.
    """

    def __init__(
        self,
        compiled: Compiled,
        tangents: Tangents,
        lower: np.ndarray,
        upper: np.ndarray,
        before: Interior | None = None,
    ) -> None:
        """`before` is the method on a program with the same names and numbers of its own."""
        c, self.tangents = compiled, tangents
        self._shape = _shape(c, lower, upper)
        room, equal, above, below, _, _, kept = self._shape
        self.free, self.kept = np.flatnonzero(room), np.flatnonzero(kept)
        self.equal, self.above, self.below = (np.flatnonzero(part) for part in (equal, above, below))
        self.curves = Curves(c, self.kept)
        self.unit, self.cost_unit = c.unit, c.cost_unit
        self._row_sizes = row_sizes(c.rows, c.unit)
        self.sizes = np.concatenate(
            [*(self._row_sizes[part] for part in (self.equal, self.above, self.below)), self.curves.size]
        )  # fmt: skip
        rows = sparse.csr_array(sparse.diags_array(1 / self._row_sizes) @ c.rows @ sparse.diags_array(c.unit))
        self.equalities = sparse.csr_array(rows[self.equal])
        self.rows = sparse.csr_array(sparse.vstack([rows[self.above], -rows[self.below]], format="csr"))
        self._use(c, lower, upper)
        equal_free, rows_free = (sparse.csr_array(part[:, self.free]) for part in (self.equalities, self.rows))
        alike = before is not None and np.array_equal(before.free, self.free) and before.compiled.names == c.names
        self.system: System = System(
            equal_free, rows_free, self.curves, self.free, partial(_groups, c.names, self.free),
            before.system if alike and before is not None else None,
        )  # fmt: skip
        self._arguments_free = sparse.csr_array(self.curves.arguments[:, self.free])
        bounds_free = sparse.csr_array(self.curves.bounds[:, self.free])
        self._flipped = [part.T for part in (equal_free, rows_free, bounds_free, self._arguments_free)]
        self.has_low, self.has_high = np.flatnonzero(np.isfinite(self.low)), np.flatnonzero(np.isfinite(self.high))
        self._opens = len(self.right) + len(self.kept)
        ends = np.cumsum([self._opens, len(self.has_low), len(self.has_high)])
        self._at_low, self._at_high = slice(ends[0], ends[1]), slice(ends[1], ends[2])
        self.pairs = int(ends[2])

    def fits(self, compiled: Compiled, lower: np.ndarray, upper: np.ndarray) -> bool:
        """Whether other sides and bounds of the same program leave its shape; if so they are taken over."""
        same = compiled.rows is self.compiled.rows and compiled.relations is self.compiled.relations
        same = same and all(map(np.array_equal, self._shape, _shape(compiled, lower, upper)))
        if same:
            self._use(compiled, lower, upper)
        return same

    def _use(self, c: Compiled, lower: np.ndarray, upper: np.ndarray) -> None:
        """Sides of rows and bounds of columns."""
        self.compiled, self._lower, self._upper, self.last = c, lower, upper, LAST
        self.eager = False  # whether few steps are all there is to save
        high, low = c.upper / self._row_sizes, c.lower / self._row_sizes
        self.sides = high[self.equal]
        self.right = np.concatenate([high[self.above], -low[self.below]])
        self.low, self.high = (c.column_lower / c.unit)[self.free], (c.column_upper / c.unit)[self.free]

    def start(self, x: np.ndarray) -> Iterate:
        """An iterate around a point, moved off its bounds, all products alike."""
        x = self._within(x) / self.unit
        v = x[self.free]
        room = np.minimum(ROOM * np.maximum(1.0, np.abs(v)), 0.25 * (self.high - self.low))
        v = np.where(np.isfinite(self.low), np.maximum(v, self.low + room), v)
        x[self.free] = np.where(np.isfinite(self.high), np.minimum(v, self.high - room), v)
        slack = np.maximum(-self._open(x, self.curves.at(x, second=False)), ROOM)
        return Iterate(x, slack, np.zeros(len(self.equal)), FIRST / self._distance(x, slack))

    def _within(self, x: np.ndarray) -> np.ndarray:
        """A point inside the proven bounds, which have a little room: columns without any at a bound of their own."""
        c, x = self.compiled, np.clip(x, self._lower, self._upper)
        still = np.ones(len(x), bool)
        still[self.free] = False
        x = np.where(still & (c.column_lower >= self._lower), c.column_lower, x)
        return np.where(still & (c.column_lower < self._lower) & (c.column_upper <= self._upper), c.column_upper, x)

    def again(self, kept: Iterate, x: np.ndarray, shift: np.ndarray) -> Iterate:
        """An iterate kept of a program of the same shape, its columns moved by `shift`; those without room are as in x.

        Near a bound a part of the distance stays; slacks are what rows and relations leave, or a part of the old ones.
        """
        fresh = self.start(x)
        if len(kept.price) != self.pairs or len(kept.equal) != len(self.equal):
            return fresh
        before = kept.x[self.free]
        v = before + (shift / self.unit)[self.free]
        below, above = self.has_low, self.has_high
        v[below] = np.maximum(v[below], (1 - STAYS) * self.low[below] + STAYS * before[below])
        v[above] = np.minimum(v[above], (1 - STAYS) * self.high[above] + STAYS * before[above])
        inside = (v > np.where(np.isfinite(self.low), self.low, -np.inf)) & (v < self.high)
        now = fresh.x.copy()
        now[self.free] = np.where(inside, v, fresh.x[self.free])
        slack = np.maximum(STAYS * kept.slack, -self._open(now, self.curves.at(now, second=False)))
        return Iterate(now, slack, kept.equal, kept.price)

    def centred(self, cost: np.ndarray, start: Iterate, mean: float) -> Iterate:
        """From an iterate onto the central path, where all products are `mean` and nothing is lacking."""
        now, cost = start, cost * self.unit / self.cost_unit
        self.system.stubborn, before, self.last = False, self.last, mean
        for _ in range(CENTRING):
            have = self._residuals(cost, now)
            product = have.distance * now.price
            lack = max(float(np.abs(part).max(initial=0.0)) for part in (have.dual, have.equal, have.open))
            if lack < LACKING and product.min() > mean / CENTRED and product.max() < mean * CENTRED:
                break
            with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
                step = self._step(now, have)
            if step is None or not step.finite:
                break
            now = step
        self.last = before
        return now

    def minimise(
        self, cost: np.ndarray, start: Iterate, done: Callable[[Point, float], bool],
        passed: Callable[[Iterate, float], None] | None = None,
    ) -> None:  # fmt: skip
        """Iterate until `done`, which is shown every point and its complementarity, says so or nothing more comes.

        `passed` is shown every iterate itself, from which another run may start.
        """
        now, cost = start, cost * self.unit / self.cost_unit
        self.system.stubborn, left = False, np.inf  # what the last step should have left of the equalities
        for _ in range(STEPS):
            have = self._residuals(cost, now)
            lack = float(np.abs(have.equal).max(initial=0.0))
            self.system.stubborn |= bool(lack > max(left, KEPT))
            if passed is not None:
                passed(now, have.mean)
            if done(self._point(now), self.cost_unit * have.mean):
                return
            with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # at the edge of what numbers can hold
                step = self._step(now, have)
            if step is None or not step.finite:
                return
            now, left = step, (1 - self._taken + MISSED) * lack

    def _step(self, now: Iterate, have: _Residuals) -> Iterate | None:
        """One step; None where the matrix is singular."""
        d, p, system = have.distance, now.price, self.system
        if not (d > 0).all() or not (p > 0).all():  # at the edge of what numbers can tell apart
            return None
        weight = p / d
        bounds = np.zeros(len(self.free))
        bounds[self.has_low] += weight[self._at_low]
        bounds[self.has_high] += weight[self._at_high]
        relation_prices = p[len(self.right) : self._opens]
        if not system.factorise(have.bend, relation_prices, bounds, now.slack / p[: self._opens]):
            return None
        first = self._direction(now, have, -d * p)
        lengths = _length(d, first.distance), _length(p, first.price)
        after = dot(d + lengths[0] * first.distance, p + lengths[1] * first.price) / self.pairs
        target = max(min(1.0, max((after / have.mean) ** 3, 1e-4)) * have.mean, self.last)
        second = (lengths[0] * lengths[1]) * first.distance * first.price
        step = self._direction(now, have, target - d * p - second)
        step = self._corrected(now, have, step, target)
        primal, dual = (min(1.0, TO_EDGE * length) for length in (_length(d, step.distance), _length(p, step.price)))
        self._taken = primal = self._inside(now.x, step.x, primal)
        x = now.x.copy()
        x[self.free] += primal * step.x
        slack = now.slack + primal * step.distance[: self._opens]
        return Iterate(x, slack, now.equal + dual * step.equal, p + dual * step.price)

    def _corrected(self, now: Iterate, have: _Residuals, step: _Step, target: float) -> _Step:
        """The step with further correctors: products that a longer one would leave far from the target are moved."""
        d, p = have.distance, now.price
        correctors, longer = (EAGER, FARTHER) if self.eager else (CORRECTORS, LONGER)
        for _ in range(correctors):
            primal, dual = _length(d, step.distance), _length(p, step.price)
            if min(primal, dual) >= TO_EDGE:
                break
            aim = min(1.0, primal + longer), min(1.0, dual + longer)
            product = (d + aim[0] * step.distance) * (p + aim[1] * step.price)
            change = np.clip(product, NEAR * target, FAR * target) - product
            more = self._direction(now, have, np.maximum(change, -FAR * target), mending=False)
            other = step.plus(more)
            gained = min(_length(d, other.distance) - primal, _length(p, other.price) - dual)
            if gained < GAINED * longer:
                break
            step = other
        return step

    def _direction(self, now: Iterate, have: _Residuals, products: np.ndarray, mending: bool = True) -> _Step:
        """The step that changes the products of the pairs by these, to first order, and mends what `have` lacks."""
        d = have.distance
        p, count, opens = now.price, len(self.free), self._opens
        right = np.zeros(self.system.size)
        right[self.has_low] += products[self._at_low] / d[self._at_low]
        right[self.has_high] -= products[self._at_high] / d[self._at_high]
        right[count + len(self.equal) :] = -products[:opens] / p[:opens]
        if mending:
            right[:count] -= have.dual
            right[count : count + len(self.equal)] = -have.equal
            right[count + len(self.equal) :] -= have.open
        step = self.system.solve(right)
        x, equal, open_price = np.split(step, [count, count + len(self.equal)])
        moved = np.concatenate(
            [(products[:opens] - d[:opens] * open_price) / p[:opens], x[self.has_low], -x[self.has_high]]
        )
        price = (products - p * moved) / d
        price[:opens] = open_price
        return _Step(x, equal, moved, price)

    def _slopes(self, bend: Bend, equal: np.ndarray, open_price: np.ndarray) -> np.ndarray:
        """Slopes of equalities, open rows and relations at a point, times their prices."""
        rows, relations = open_price[: len(self.right)], open_price[len(self.right) :]
        weighted = bend.slopes * relations[self.curves.relation]
        return np.asarray(
            self._flipped[0] @ equal + self._flipped[1] @ rows + self._flipped[2] @ relations
            - self._flipped[3] @ weighted
        )  # fmt: skip

    def _residuals(self, cost: np.ndarray, now: Iterate) -> _Residuals:
        bend = self.curves.at(now.x)
        dual = cost[self.free] + self._slopes(bend, now.equal, now.price[: self._opens])
        dual[self.has_low] -= now.price[self._at_low]
        dual[self.has_high] += now.price[self._at_high]
        distance = self._distance(now.x, now.slack)
        return _Residuals(
            dual, self.equalities @ now.x - self.sides, self._open(now.x, bend) + now.slack,
            distance, bend, dot(distance, now.price) / max(1, self.pairs),
        )  # fmt: skip

    def _inside(self, x: np.ndarray, step: np.ndarray, length: float) -> float:
        """The length at most that keeps the arguments of relations above zero."""
        c = self.curves
        z = (c.arguments @ x + c.constant)[c.positive]
        change = (self._arguments_free @ step)[c.positive]
        open_ones = z > SMALL
        return min(length, TO_EDGE * _length(z[open_ones], change[open_ones]))

    def _open(self, x: np.ndarray, bend: Bend) -> np.ndarray:
        """Open rows and relations at x: at most 0 where they hold."""
        return np.concatenate([self.rows @ x - self.right, bend.excess])

    def _distance(self, x: np.ndarray, slack: np.ndarray) -> np.ndarray:
        """Of all pairs."""
        v = x[self.free]
        low, high = v[self.has_low] - self.low[self.has_low], self.high[self.has_high] - v[self.has_high]
        return np.concatenate([slack, low, high])

    def _point(self, now: Iterate) -> Point:
        """Columns and prices in the terms of Newton's method: cost = rows' A + relations' tangents + columns."""
        price = self.cost_unit * np.concatenate([now.equal, now.price[: self._opens]]) / self.sizes
        equal, above, below, relation = np.split(
            price, np.cumsum([len(self.equal), len(self.above), len(self.below)])
        )  # fmt: skip
        rows = np.zeros(len(self.compiled.lower))
        rows[self.equal] = -equal
        rows[self.above] -= above
        rows[self.below] += below
        columns, relations = np.zeros(len(self.unit)), np.zeros(self.tangents.count)
        columns[self.free[self.has_low]] += now.price[self._at_low]
        columns[self.free[self.has_high]] -= now.price[self._at_high]
        relations[self.kept] = -relation
        return Point(now.x * self.unit, rows, relations, self.cost_unit * columns / self.unit)


def _groups(names: list[Name], free: np.ndarray) -> np.ndarray:
    """What columns belong to, numbered: their index without years; those of nothing by name stand alone."""
    numbers: dict[tuple[str, ...], int] = {}
    keys = (tuple(key for key in names[i].keys if not key.isdigit()) or (names[i],) for i in free.tolist())
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], int)


def _room(c: Compiled, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Which columns have room between their proven bounds."""
    size = np.where(np.isfinite(lower), np.abs(lower), np.where(np.isfinite(upper), np.abs(upper), 0.0))
    width = FIXED * np.maximum(c.unit, size)
    return np.asarray((upper - lower > width) & (c.column_upper > c.column_lower))


def _shape(c: Compiled, lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, ...]:
    """What is free, equal, open above and below, which free columns have bounds, which relations are kept."""
    room = _room(c, lower, upper)
    used = np.diff(c.rows[:, np.flatnonzero(room)].indptr) > 0
    equal, inside = (c.lower == c.upper) & used, (c.lower < c.upper) & used
    kept = [_touched(group, room) & ~_idle(group, room, lower, upper) for group in c.relations]
    return (
        room, equal, np.isfinite(c.upper) & inside, np.isfinite(c.lower) & inside,
        np.isfinite(c.column_lower) & room, np.isfinite(c.column_upper) & room, np.concatenate([room[:0], *kept]),
    )  # fmt: skip


def _touched(group: Relations, room: np.ndarray) -> np.ndarray:
    """Which relations of a kind have a column with room."""
    free = room.astype(float)
    return np.asarray(sum(abs(part.matrix) @ free for part in (group.bound, *group.arguments)) > 0)


def _idle(group: Relations, room: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Which relations of a kind hold whatever their arguments are: what they bound is held at no more than 0."""
    if isinstance(group.functions, Parabolas):
        return np.zeros(len(group.names), bool)
    _, most = ranges(group.bound, lower, upper)
    return np.asarray((most <= 0.0) & (abs(group.bound.matrix) @ room.astype(float) == 0.0))


def _length(value: np.ndarray, step: np.ndarray) -> float:
    """Part of a step at which the first value reaches zero; 1 where none does."""
    falling = step < 0
    return min(1.0, float((value[falling] / -step[falling]).min())) if falling.any() else 1.0
