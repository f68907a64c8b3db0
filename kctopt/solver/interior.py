r"""The optimum far from any known plan: a primal-dual interior-point method on the arrays of a program.

    min cost'x   with   A x = b,   g(x) + s = 0,  s >= 0,   lower <= x <= upper       (g: open rows and relations)

Newton's method (newton.py) needs a start whose active constraints are nearly right; this one does not, and it ends with
prices that prove its answer (dual.py). Predictor and corrector share one factorisation (Mehrotra); the matrix is
quasi-definite after a trace of regularisation, so SuperLU may pivot on the diagonal, in an order of little fill.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from kctopt.concave import Parabolas
from kctopt.solver.compile import Compiled, Relations
from kctopt.solver.newton import SMALL, Point, second
from kctopt.solver.tangents import Tangents

STEPS = 80
ROOM = 0.1  # of a start from its bounds, relative to max(1, |x|), and of its slacks
FIRST = 0.1  # complementarity of a start
TO_EDGE = 0.995  # part of the way to the edge that one step may go
TRACE = 1e-8  # of regularisation
REFINED = 2  # rounds that make it good
LAST = 1e-9  # complementarity that is not undercut
FIXED = 1e-6  # width of a column's proven bounds that leaves it no room


@dataclass(frozen=True)
class Iterate:
    """Columns, slacks, prices of equalities, inequalities and bounds; all but x and `equal` are positive."""

    x: np.ndarray
    slack: np.ndarray
    equal: np.ndarray
    price: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class _Residuals:
    """What an iterate lacks: Lagrangian's gradient, equalities, inequalities; distances of the open columns."""

    dual: np.ndarray
    equal: np.ndarray
    open: np.ndarray
    below: np.ndarray
    above: np.ndarray
    jacobian: sparse.csr_array
    mean: float  # complementarity


class Interior:
    """The method on one program, whose integers are held by their bounds; only its costs change.

    Columns that the proven bounds `lower` and `upper` leave no room stay where the start has them, and rows and
    relations on such columns alone are left out: nothing has an interior with them.
    """

    def __init__(self, compiled: Compiled, tangents: Tangents, lower: np.ndarray, upper: np.ndarray) -> None:
        c = self.compiled = compiled
        self.tangents = tangents
        room = (upper - lower > FIXED * np.maximum(1.0, np.abs(lower))) & (c.column_upper > c.column_lower)
        self.free = np.flatnonzero(room)
        open_rows = np.diff(c.rows[:, self.free].indptr) > 0
        self.kept = np.flatnonzero(np.concatenate([_touched(group, room) for group in c.relations] or [room[:0]]))
        self.equal = np.flatnonzero((c.lower == c.upper) & open_rows)
        inside = (c.lower < c.upper) & open_rows
        self.above, self.below = (np.flatnonzero(np.isfinite(side) & inside) for side in (c.upper, c.lower))
        self.equalities = sparse.csr_array(c.rows[self.equal])
        self.rows = sparse.csr_array(sparse.vstack([c.rows[self.above], -c.rows[self.below]], format="csr"))
        self.right = np.concatenate([c.upper[self.above], -c.lower[self.below]])
        self.low, self.high = c.column_lower[self.free], c.column_upper[self.free]
        self.has_low, self.has_high = np.isfinite(self.low), np.isfinite(self.high)
        self._equal_free = sparse.csr_array(self.equalities[:, self.free])
        self._rows_free = sparse.csr_array(self.rows[:, self.free])
        self._order: np.ndarray | None = None  # in which the system of a step is eliminated
        self._bends = [_Bends.of(group, self.free) for group in c.relations]

    def start(self, x: np.ndarray) -> Iterate:
        """An iterate around a point, moved off its bounds."""
        x, v = x.copy(), x[self.free]
        room = np.minimum(ROOM * np.maximum(1.0, np.abs(v)), 0.25 * (self.high - self.low))
        v = np.where(self.has_low, np.maximum(v, self.low + room), v)
        x[self.free] = np.where(self.has_high, np.minimum(v, self.high - room), v)
        slack = np.maximum(-self._open(x), ROOM)
        low, high = self._distances(x)
        return Iterate(
            x, slack, np.zeros(len(self.equal)), FIRST / slack,
            np.where(self.has_low, FIRST / low, 0.0), np.where(self.has_high, FIRST / high, 0.0),
        )  # fmt: skip

    def minimise(self, cost: np.ndarray, start: Iterate, done: Callable[[Point, float], bool]) -> None:
        """Iterate until `done`, which is shown every point and its complementarity, says so or nothing more comes.

        Costs of the size of one are best when the columns that they weigh add up to some tens.
        """
        now = start
        for _ in range(STEPS):
            have = self._residuals(cost, now)
            if done(self._point(cost, now), have.mean):
                return
            step = self._step(now, have)
            if step is None or not np.isfinite(step.x).all():
                return
            now = step

    def _step(self, now: Iterate, have: _Residuals) -> Iterate | None:
        """One predictor-corrector step; None where the matrix is singular."""
        solve = self._factors(now, have)
        if solve is None:
            return None
        none = np.zeros(1)
        first = self._direction(solve, now, have, 0.0, (none, none, none))
        lengths = self._lengths(now, have, first)
        centring = min(1.0, max((self._mean(now, have, first, lengths) / have.mean) ** 3, 1e-4))
        part = lengths[0] * lengths[1]
        dx = first.x[self.free]
        second = (part * first.slack * first.price, part * dx * first.low, -part * dx * first.high)
        step = self._direction(solve, now, have, max(centring * have.mean, LAST), second)
        primal, dual = (min(1.0, TO_EDGE * length) for length in self._lengths(now, have, step))
        primal = self._inside(now.x, step.x, primal)
        return Iterate(
            now.x + primal * step.x, now.slack + primal * step.slack, now.equal + dual * step.equal,
            now.price + dual * step.price, now.low + dual * step.low, now.high + dual * step.high,
        )  # fmt: skip

    def _direction(
        self, solve: Callable[[np.ndarray], np.ndarray], now: Iterate, have: _Residuals, target: float,
        second: tuple[np.ndarray, np.ndarray, np.ndarray],
    ) -> Iterate:  # fmt: skip
        """The step towards complementarity `target`, with second-order terms of slacks and bounds taken off."""
        low = np.where(self.has_low, (target - second[1]) / have.below - now.low, 0.0)
        high = np.where(self.has_high, (target - second[2]) / have.above - now.high, 0.0)
        slack = (target - second[0]) / now.price - now.slack
        found = solve(np.concatenate([-have.dual + low - high, -have.equal, -have.open - slack]))
        count = len(self.free)
        dx, equal = found[:count], found[count : count + len(self.equal)]
        price = found[count + len(self.equal) :]
        x = np.zeros(len(now.x))
        x[self.free] = dx
        return Iterate(
            x, slack - now.slack * price / now.price, equal, price,
            np.where(self.has_low, low - now.low * dx / have.below, 0.0),
            np.where(self.has_high, high + now.high * dx / have.above, 0.0),
        )  # fmt: skip

    def _factors(self, now: Iterate, have: _Residuals) -> Callable[[np.ndarray], np.ndarray] | None:
        """Solves the system of a step; refinement makes good the trace of regularisation."""
        curved = self._curvature(now) + sparse.diags_array(now.low / have.below + now.high / have.above)
        matrix = sparse.block_array(
            [
                [curved, self._equal_free.T, have.jacobian.T],
                [self._equal_free, None, None],
                [have.jacobian, None, -sparse.diags_array(now.slack / now.price)],
            ],
            format="csc",
        )
        sign = np.where(np.arange(matrix.shape[0]) < len(self.free), TRACE, -TRACE)
        try:
            once = self._factorised(sparse.csc_array(matrix + sparse.diags_array(sign)))
        except RuntimeError:  # exactly singular
            return None

        def solve(right: np.ndarray) -> np.ndarray:
            x = once(right)
            for _ in range(REFINED):
                x = x + once(right - matrix @ x)
            return x

        return solve

    def _factorised(self, matrix: sparse.csc_array) -> Callable[[np.ndarray], np.ndarray]:
        """Solves with a matrix; all have one pattern, so the order of little fill is found once."""
        how: dict[str, Any] = {"diag_pivot_thresh": 0.0, "relax": 1, "panel_size": 10}
        how["options"] = {"SymmetricMode": True}
        if self._order is None:
            self._order = np.argsort(splu(matrix, permc_spec="MMD_AT_PLUS_A", **how).perm_c)
        order = self._order
        factors = splu(sparse.csc_array(matrix[order][:, order]), permc_spec="NATURAL", **how)

        def solve(right: np.ndarray) -> np.ndarray:
            x = np.empty_like(right)
            x[order] = factors.solve(right[order])
            return x

        return solve

    def _curvature(self, now: Iterate) -> Any:
        """Second derivatives of the Lagrangian in the free columns."""
        total = sparse.csr_array((len(self.free), len(self.free)))
        prices, starts = np.zeros(self.tangents.count), self.tangents.starts
        prices[self.kept] = now.price[len(self.right) :]
        for n, (group, bends) in enumerate(zip(self.compiled.relations, self._bends, strict=True)):
            total = total + bends.matrix(second(group, -prices[starts[n] : starts[n + 1]], now.x))
        return total

    def _residuals(self, cost: np.ndarray, now: Iterate) -> _Residuals:
        slopes, _ = self.tangents.rows(self.tangents.points(now.x), smallest=SMALL)
        jacobian = sparse.csr_array(sparse.vstack([self._rows_free, slopes[self.kept][:, self.free]], format="csr"))
        dual = cost[self.free] + self._equal_free.T @ now.equal + jacobian.T @ now.price - now.low + now.high
        below, above = self._distances(now.x)
        total = now.slack @ now.price + (below * now.low)[self.has_low].sum() + (above * now.high)[self.has_high].sum()
        return _Residuals(
            dual, self.equalities @ now.x - self.compiled.upper[self.equal], self._open(now.x) + now.slack,
            below, above, jacobian, float(total / self._count()),
        )  # fmt: skip

    def _mean(self, now: Iterate, have: _Residuals, step: Iterate, lengths: tuple[float, float]) -> float:
        """Complementarity after a step."""
        primal, dual = lengths
        dx = primal * step.x[self.free]
        total = (now.slack + primal * step.slack) @ (now.price + dual * step.price)
        total += ((have.below + dx) * (now.low + dual * step.low))[self.has_low].sum()
        total += ((have.above - dx) * (now.high + dual * step.high))[self.has_high].sum()
        return float(total / self._count())

    def _count(self) -> int:
        return len(self.right) + len(self.kept) + int(self.has_low.sum() + self.has_high.sum())

    def _lengths(self, now: Iterate, have: _Residuals, step: Iterate) -> tuple[float, float]:
        """How far a step may go before something is no longer positive: columns and slacks, prices."""
        dx = step.x[self.free]
        primal = min(
            _most(now.slack, step.slack), _most(have.below[self.has_low], dx[self.has_low]),
            _most(have.above[self.has_high], -dx[self.has_high]),
        )  # fmt: skip
        return primal, min(_most(now.price, step.price), _most(now.low, step.low), _most(now.high, step.high))

    def _inside(self, x: np.ndarray, step: np.ndarray, length: float) -> float:
        """The length at most that keeps the arguments of relations above zero."""
        for group in self.compiled.relations:
            if not isinstance(group.functions, Parabolas):
                z = group.points(x)
                change = np.column_stack([argument.matrix @ step for argument in group.arguments])
                length = min(length, TO_EDGE * _most(z[z > SMALL], change[z > SMALL]))
        return length

    def _open(self, x: np.ndarray) -> np.ndarray:
        """Open rows and relations at x: at most 0 where they hold."""
        return np.concatenate([self.rows @ x - self.right, self.tangents.excess(x)[self.kept]])

    def _distances(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of the free columns from their bounds, 1 where there is none."""
        v = x[self.free]
        return np.where(self.has_low, v - self.low, 1.0), np.where(self.has_high, self.high - v, 1.0)

    def _point(self, cost: np.ndarray, now: Iterate) -> Point:
        """Columns and prices in the terms of Newton's method: cost = rows' A + relations' tangents + columns."""
        rows = np.zeros(len(self.compiled.lower))
        rows[self.equal] = -now.equal
        rows[self.above] -= now.price[: len(self.above)]
        rows[self.below] += now.price[len(self.above) : len(self.right)]
        columns, relations = np.zeros(len(cost)), np.zeros(self.tangents.count)
        columns[self.free] = now.low - now.high
        relations[self.kept] = -now.price[len(self.right) :]
        return Point(now.x, rows, relations, columns)


@dataclass(frozen=True)
class _Bends:
    """How second derivatives of relations in their arguments become some in the columns: positions and factors."""

    source: np.ndarray
    factor: np.ndarray
    place: np.ndarray
    template: sparse.csr_array

    @classmethod
    def of(cls, group: Relations, free: np.ndarray) -> _Bends:
        """The pattern of the relations of one kind on the free columns."""
        parts = [sparse.coo_array(argument.matrix[:, free]) for argument in group.arguments]
        count, size = len(parts), len(free)
        relation = np.concatenate([part.row for part in parts])
        argument = np.repeat(np.arange(count), [part.nnz for part in parts])
        column = np.concatenate([part.col for part in parts]).astype(np.int64)
        value = np.concatenate([part.data for part in parts])
        order = np.argsort(relation, kind="stable")
        sizes = np.bincount(relation, minlength=len(group.names))
        first = np.concatenate([[0], np.cumsum(sizes)])[:-1]
        each = np.repeat(np.arange(len(order)), sizes[relation[order]])  # every entry with every one of its relation
        offset = np.arange(len(each)) - np.repeat(np.cumsum(sizes[relation[order]]) - sizes[relation[order]],
                                                  sizes[relation[order]])  # fmt: skip
        one, other = order[each], order[first[relation[order[each]]] + offset]
        source = (relation[one] * count + argument[one]) * count + argument[other]
        keys, place = np.unique(column[one] * size + column[other], return_inverse=True)
        template = sparse.csr_array((np.ones(len(keys)), (keys // size, keys % size)), shape=(size, size))
        return cls(source, value[one] * value[other], place, template)

    def matrix(self, bent: np.ndarray) -> sparse.csr_array:
        """Second derivatives in the free columns from those in the arguments, (m, n, n)."""
        data = np.bincount(self.place, weights=self.factor * bent.ravel()[self.source], minlength=self.template.nnz)
        t = self.template
        return sparse.csr_array((data, t.indices, t.indptr), shape=t.shape)


def _touched(group: Relations, room: np.ndarray) -> np.ndarray:
    """Which relations of a kind have a column with room."""
    free = room.astype(float)
    return np.asarray(sum(abs(part.matrix) @ free for part in (group.bound, *group.arguments)) > 0)


def _most(value: np.ndarray, step: np.ndarray) -> float:
    """Part of a step at which the first value reaches zero; 1 where none does."""
    falling = step < 0
    return min(1.0, float((value[falling] / -step[falling]).min())) if falling.any() else 1.0
