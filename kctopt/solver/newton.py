r"""The optimum to the last digit: Newton's method on the conditions of optimality, from a plan that is close.

    cost - J(x)' y = 0,   g(x) = 0 on the constraints taken as active     (y the prices, J the slopes of g)

Rows, column bounds and concave relations are treated alike. From a plan within 1e-5 of the optimum four steps are
enough; then constraints that are broken become active, those whose price has the wrong sign are released, and the
steps start again, until neither happens. Linear programs cannot do this: with one tangent a relation they end at a
vertex, and their prices are then those of a neighbouring plan, some per cent off.

The answer counts only when the simulator has confirmed it and HiGHS has proven its prices (see `polish.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from kctopt.concave import Parabolas
from kctopt.solver.compiled import Compiled, Relations
from kctopt.solver.tangents import Tangents
from kctopt.solver.units import row_sizes

PASSES = 40  # changes of the set of active constraints
SINGLE = 12  # passes after which only the worst constraint changes, so that the set cannot go in circles
STEPS = 25
BROKEN = 1e-9  # relative violation from which a constraint becomes active
WRONG = 1e-10  # price of the wrong sign from which one is released
TIGHT = 1e-6  # relative slack that counts as none at the start
CLOSE = 1e-9  # relative step at which Newton's method has ended
SLOW = 0.1  # factors are made anew when a step is a larger part of the one before
TRACE = 1e-11  # of regularisation
SMALL = 1e-9  # smallest argument of a relation: slopes at 0 are infinite
INSIDE = 0.9  # part of the way to the end of a relation's domain that one step may go


@dataclass(frozen=True)
class Active:
    """Which constraints hold with equality: 1 at their upper side, -1 at their lower side, 0 open."""

    rows: np.ndarray
    relations: np.ndarray
    columns: np.ndarray

    def key(self) -> bytes:
        """The set as something to compare."""
        return b"".join(part.tobytes() for part in (self.rows, self.relations, self.columns))


@dataclass(frozen=True)
class Point:
    """Columns and prices of rows, relations and columns: cost = rows' A + relations' tangents + columns."""

    x: np.ndarray
    rows: np.ndarray
    relations: np.ndarray
    columns: np.ndarray
    active: Active | None = None  # constraints that hold with equality, at an optimum


class Newton:
    """Newton's method on one program; keeps its last factorisation, which serves for changed right sides too.

    The integers of the program must be held by their bounds.
    """

    def __init__(self, compiled: Compiled, tangents: Tangents) -> None:
        self.compiled, self.tangents = compiled, tangents
        self._factors: Any = None
        self._key = b""  # active set that the factors belong to

    def optimum(self, start: Point, compiled: Compiled | None = None) -> Point | None:
        """The optimum near a point with prices; None where the method does not find it.

        `compiled` may be the same program with other right sides and bounds.
        """
        c = self.compiled if compiled is None else compiled
        active = _first(c, self.tangents, start) if start.active is None else start.active
        point, seen = start, set[bytes]()
        for number in range(PASSES):
            reached = self._steps(c, point, active)
            if reached is None:
                return None
            point = reached
            single = number >= SINGLE or active.key() in seen
            changed = _changed(c, self.tangents, point, active, single)
            if changed is None:
                return point
            seen.add(active.key())
            active = changed
        return None

    def _steps(self, c: Compiled, point: Point, active: Active) -> Point | None:
        """Steps on the active constraints until they are small; None where they do not become small.

        The factors stay as long as each step is a tenth of the one before.
        """
        problem, x, last = _Problem.of(c, self.tangents, active), point.x, np.inf
        y = problem.gathered(point)
        if active.key() != self._key:
            self._factors, self._key = None, active.key()
        for _ in range(STEPS):
            jacobian, off = problem.jacobian(x)
            fresh = self._factors is None
            if fresh:
                self._factors = _factors(problem.curvature(x, y), jacobian)
                if self._factors is None:
                    return None
            step = self._factors(-np.concatenate([c.cost - jacobian.T @ y, off]))
            size = float(np.abs(step[: len(x)] / np.maximum(1.0, np.abs(x))).max())
            if not fresh and not size < max(CLOSE, SLOW * last):
                self._factors, last = None, np.inf
                continue
            length = _length(c, x, step[: len(x)])
            x, y, last = x + length * step[: len(x)], y - length * step[len(x) :], size
            if size < CLOSE:
                return problem.point(x, y, active)
        return None


@dataclass(frozen=True)
class _Problem:
    """The active constraints of a program: positions of rows, columns and relations, linear ones with right sides."""

    compiled: Compiled
    tangents: Tangents
    rows: np.ndarray
    columns: np.ndarray
    relations: np.ndarray
    linear: sparse.csr_array
    right: np.ndarray

    @classmethod
    def of(cls, c: Compiled, tangents: Tangents, active: Active) -> _Problem:
        """The constraints that are active."""
        rows, columns, relations = (np.flatnonzero(each) for each in (active.rows, active.columns, active.relations))
        right = np.where(active.rows > 0, c.upper, c.lower)[rows]
        held = np.where(active.columns > 0, c.column_upper, c.column_lower)[columns]
        shape = (len(columns), len(c.cost))
        bounds = sparse.csr_array((np.ones(len(columns)), (np.arange(len(columns)), columns)), shape=shape)
        linear = sparse.csr_array(sparse.vstack([c.rows[rows], bounds], format="csr"))
        return cls(c, tangents, rows, columns, relations, linear, np.concatenate([right, held]))

    def gathered(self, point: Point) -> np.ndarray:
        """Prices of the active constraints: rows, columns, relations."""
        return np.concatenate(
            [point.rows[self.rows], point.columns[self.columns], point.relations[self.relations]]
        )  # fmt: skip

    def jacobian(self, x: np.ndarray) -> tuple[sparse.csr_array, np.ndarray]:
        """Slopes of the active constraints at x, and by how much they are off."""
        slopes, _ = self.tangents.rows(self.tangents.points(x), smallest=SMALL)
        jacobian = sparse.csr_array(sparse.vstack([self.linear, slopes[self.relations]], format="csr"))
        return jacobian, np.concatenate([self.linear @ x - self.right, self.tangents.excess(x)[self.relations]])

    def curvature(self, x: np.ndarray, y: np.ndarray) -> sparse.csr_array:
        """Second derivatives of the Lagrangian; those of the relations weighted by their prices."""
        weights = np.zeros(self.tangents.count)
        weights[self.relations] = y[len(self.rows) + len(self.columns) :]
        total = sparse.csr_array((len(x), len(x)))
        for n, relations in enumerate(self.compiled.relations):
            part = weights[self.tangents.starts[n] : self.tangents.starts[n + 1]]
            arguments = sparse.vstack([argument.matrix for argument in relations.arguments], format="csr")
            total = total + arguments.T @ _bend(relations, part, x) @ arguments
        return sparse.csr_array(total)

    def point(self, x: np.ndarray, y: np.ndarray, active: Active) -> Point:
        """Prices of all constraints from those of the active ones."""
        rows, columns = np.zeros(len(self.compiled.lower)), np.zeros(len(self.compiled.cost))
        relations, first = np.zeros(self.tangents.count), len(self.rows)
        second = first + len(self.columns)
        rows[self.rows], columns[self.columns], relations[self.relations] = y[:first], y[first:second], y[second:]
        return Point(x, rows, relations, columns, active)


def _first(c: Compiled, tangents: Tangents, start: Point) -> Active:
    """Active at the start: equalities, and what has a price of the right sign and is tight."""
    rows = _sides(c.lower, c.upper, c.rows @ start.x, start.rows)
    columns = _sides(c.column_lower, c.column_upper, start.x, start.columns)
    relations = (tangents.excess(start.x) > -TIGHT) & (start.relations < -WRONG)
    return Active(rows, relations.astype(np.int8), columns)


def at_the_edge(c: Compiled, tangents: Tangents, point: Point) -> Point:
    """A point of the interior-point method with what is active there: what has a larger price than distance."""
    size = row_sizes(c.rows, c.unit)

    def sides(
        lower: np.ndarray, upper: np.ndarray, value: np.ndarray, price: np.ndarray, unit: np.ndarray
    ) -> np.ndarray:
        scaled = price * unit / c.cost_unit
        above, below = -scaled > (upper - value) / unit, scaled > (value - lower) / unit
        return np.where(above | (lower == upper), 1, np.where(below, -1, 0)).astype(np.int8)

    active = Active(
        sides(c.lower, c.upper, c.rows @ point.x, point.rows, size),
        (-point.relations / c.cost_unit > -tangents.excess(point.x)).astype(np.int8),
        sides(c.column_lower, c.column_upper, point.x, point.columns, c.unit),
    )
    return replace(point, active=active)


def _sides(lower: np.ndarray, upper: np.ndarray, value: np.ndarray, price: np.ndarray) -> np.ndarray:
    """Side at which each constraint is active."""
    size = TIGHT * np.maximum(1.0, np.abs(value))
    above = (price < -WRONG) & np.isfinite(upper) & (upper - value <= size)
    below = (price > WRONG) & np.isfinite(lower) & (value - lower <= size)
    return np.where(above | (lower == upper), 1, np.where(below, -1, 0)).astype(np.int8)


def _factors(curvature: sparse.csr_array, jacobian: sparse.csr_array) -> Callable[[np.ndarray], np.ndarray] | None:
    """Solves the system of a step: columns, then prices to be taken away. None where it is singular.

    A trace of regularisation is made good by refinement.
    """
    size, count = curvature.shape[0], jacobian.shape[0]
    matrix = sparse.block_array(
        [[curvature + TRACE * sparse.eye_array(size), jacobian.T], [jacobian, -TRACE * sparse.eye_array(count)]],
        format="csc",
    )
    try:
        factors = splu(matrix)
    except RuntimeError:  # exactly singular
        return None

    def solve(right: np.ndarray) -> np.ndarray:
        step = factors.solve(right)
        return np.asarray(step + factors.solve(right - matrix @ step))

    return solve


def _bend(relations: Relations, weights: np.ndarray, x: np.ndarray) -> sparse.csr_array:
    """Weighted second derivatives of relations of one kind in their arguments, which are stacked."""
    bent = second(relations, weights, x)
    blocks = [[sparse.diags_array(bent[:, j, i]) for i in range(bent.shape[1])] for j in range(bent.shape[1])]
    return sparse.csr_array(sparse.block_array(blocks, format="csr"))


def second(relations: Relations, weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Weighted second derivatives of m relations of one kind in their n arguments, (m, n, n)."""
    bent = relations.functions.hessian(np.maximum(relations.points(x), SMALL))
    return np.asarray(weights[:, None, None] * bent)


def _length(c: Compiled, x: np.ndarray, step: np.ndarray) -> float:
    """Largest part of a step that keeps the arguments of all relations above zero."""
    length = 1.0
    for relations in c.relations:
        if isinstance(relations.functions, Parabolas):
            continue
        z = relations.points(x)
        change = np.column_stack([argument.matrix @ step for argument in relations.arguments])
        falling = (change < 0) & (z > SMALL) & (-change * length > INSIDE * z)  # such as would cross zero
        if falling.any():
            length = min(length, INSIDE * float((z[falling] / -change[falling]).min()))
    return length


def _changed(c: Compiled, tangents: Tangents, point: Point, active: Active, single: bool) -> Active | None:
    """The set with broken constraints added and those of the wrong sign released; None where nothing changes.

    `single` changes only the one that is furthest off.
    """
    zero = np.zeros(tangents.count)
    parts = [
        (active.rows, point.rows, c.rows @ point.x, c.lower, c.upper),
        (active.relations, point.relations, tangents.excess(point.x), np.full(tangents.count, -np.inf), zero),
        (active.columns, point.columns, point.x, c.column_lower, c.column_upper),
    ]
    wanted, worst = [], []
    for state, price, value, lower, upper in parts:
        size = np.maximum(1.0, np.abs(value))
        over, under = (value - upper) / size, (lower - value) / size
        broken = (state == 0) * np.maximum(np.maximum(over, under), 0.0)
        wrong = np.where((state != 0) & (lower < upper), np.maximum(state * price, 0.0), 0.0)
        new = np.where(broken > BROKEN, np.where(over > under, 1, -1), np.where(wrong > WRONG, 0, state)).astype(
            np.int8
        )
        wanted.append(new)
        worst.append(np.where(new != state, np.maximum(broken, wrong), 0.0))
    largest = max(float(each.max(initial=0.0)) for each in worst)
    if largest == 0.0:
        return None
    if single:
        wanted = [np.where(w == largest, new, old) for new, w, (old, *_) in zip(wanted, worst, parts, strict=True)]
    return Active(*wanted)
