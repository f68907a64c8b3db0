"""The point nearest to a given one that keeps linear rows, by an interior-point method.

    min  1/2 sum_j q_j (x_j - x0_j)^2 + c x        lower <= A x <= upper,  x >= 0

q_j > 0 where x0_j is to be met; columns with q_j = 0 and a cost c_j are slacks. Mehrotra's predictor and corrector on
the normal equations A H^-1 A' of the scaled columns x sqrt(q), which are sparse where rows touch few columns. HiGHS
solves the same programs by an active set, which took seconds where this takes a tenth.

S. Mehrotra (1992), On the implementation of a primal-dual interior point method, SIAM J. Optimization 2, 575-601.

| symbol | meaning | name |
|---|---|---|
| A | rows, those of two sides as two, a row of one column as a bound | rows |
| s, z | distance of a row to its side, its price | slack, price |
| w | price of x >= 0 | reduced |
| mu | mean product of a distance and its price | mu |
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

ROUNDS = 100
CLOSE = 1e-11  # relative residuals and products at which the point is taken
BARELY = 1e-7  # the same, at which it is still one where no better comes
START = 0.1  # least distance from bounds at the start, over the largest number
STEP = 0.995  # part of the way to the nearest bound
SLACK = 1e-9  # curvature of columns that have none of their own
EQUAL = 1e-12  # weight that keeps rows of one value from being singular


@dataclass(frozen=True)
class Squares:
    """Distances, costs and rows over columns x >= 0."""

    weight: np.ndarray  # (columns,) q; 0 for slacks
    target: np.ndarray  # (columns,) x0
    cost: np.ndarray  # (columns,) c
    rows: sparse.csr_array  # (rows, columns)
    lower: np.ndarray
    upper: np.ndarray

    def about(self, weight: np.ndarray, target: np.ndarray) -> Squares:
        """The same rows with other weights and targets of the first columns."""
        first = len(weight)
        return replace(
            self,
            weight=np.concatenate([weight, self.weight[first:]]),
            target=np.concatenate([target, self.target[first:]]),
        )


def nearest(squares: Squares) -> np.ndarray | None:
    """The nearest point, (columns,); None where none was found, as where the rows contradict each other."""
    most, rows, lower, upper = _bounds(squares)
    free = most > 0
    weight, whole = squares.weight[free], np.zeros(len(most))
    if not (weight > 0).any():
        return None
    mean = 1 / np.sqrt(weight[weight > 0]).mean()
    unit = np.where(weight > 0, 1 / np.sqrt(np.where(weight > 0, weight, 1.0)), 1 / mean)
    scaled = sparse.csr_array(rows[:, free] @ sparse.diags_array(unit))
    size = np.sqrt(np.asarray(scaled.multiply(scaled).sum(axis=1)).ravel())
    size = np.where(size > 0, size, 1.0)
    scaled, lower, upper = sparse.csr_array(sparse.diags_array(1 / size) @ scaled), lower / size, upper / size
    held = np.flatnonzero(np.isfinite(most[free]))
    caps = sparse.csr_array((np.ones(len(held)), (np.arange(len(held)), held)), shape=(len(held), len(unit)))
    equal = lower == upper
    down, up = np.isfinite(lower) & ~equal, np.isfinite(upper) & ~equal
    matrix = sparse.vstack([scaled[down], -scaled[up], -caps, scaled[equal]], format="csr")
    sides = np.concatenate([lower[down], -upper[up], -(most[free] / unit)[held], lower[equal]])
    program = _Program(
        np.where(weight > 0, 1.0, SLACK), np.where(weight > 0, squares.target[free], 0.0) / unit,
        squares.cost[free] * unit, sparse.csr_array(matrix), sides, len(sides) - int(equal.sum()),
    )  # fmt: skip
    point = _minimised(program)
    if point is None:
        return None
    whole[free] = point * unit
    return whole


def _bounds(squares: Squares) -> tuple[np.ndarray, sparse.csr_array, np.ndarray, np.ndarray]:
    """Largest values that rows of one column leave it, and the other rows."""
    rows = squares.rows.copy()
    rows.eliminate_zeros()
    count, alone = np.diff(rows.indptr), np.zeros(rows.shape[0], dtype=bool)
    most = np.full(rows.shape[1], np.inf)
    for row in np.flatnonzero(count == 1):
        column, slope = rows.indices[rows.indptr[row]], rows.data[rows.indptr[row]]
        low, high = sorted((squares.lower[row] / slope, squares.upper[row] / slope))
        if low <= 0:
            alone[row], most[column] = True, max(0.0, min(most[column], high))
    kept = ~(alone | ((count == 0) & (squares.lower <= 0) & (squares.upper >= 0)))
    return most, sparse.csr_array(rows[kept]), squares.lower[kept], squares.upper[kept]


@dataclass(frozen=True)
class _Program:
    """min sum curve (x - goal)^2 / 2 + cost x over matrix x >= sides, from `uneven` on =, and x >= 0."""

    curve: np.ndarray
    goal: np.ndarray
    cost: np.ndarray
    matrix: sparse.csr_array
    sides: np.ndarray
    uneven: int


@dataclass(frozen=True)
class _Point:
    """A point, or a step from one."""

    x: np.ndarray
    slack: np.ndarray  # (uneven,)
    price: np.ndarray  # (rows,)
    reduced: np.ndarray

    def plus(self, step: _Point, length: float) -> _Point:
        pairs = zip(vars(self).values(), vars(step).values(), strict=True)
        return _Point(*(value + length * change for value, change in pairs))

    def room(self, step: _Point) -> float:
        """Part of a step that leads to the nearest bound, at most 1."""
        far = 1.0
        uneven = len(self.slack)
        for value, change in (
            (self.x, step.x), (self.slack, step.slack), (self.price[:uneven], step.price[:uneven]),
            (self.reduced, step.reduced),
        ):  # fmt: skip
            falls = change < 0
            far = min(far, float((-value[falls] / change[falls]).min(initial=1.0)))
        return far

    @property
    def mu(self) -> float:
        """Mean product of a distance and its price."""
        uneven = len(self.slack)
        total = self.slack @ self.price[:uneven] + self.x @ self.reduced
        return float(total) / (uneven + len(self.x))


@np.errstate(all="ignore")  # where rows contradict each other prices grow without end
def _minimised(program: _Program) -> np.ndarray | None:
    """The point found; None where the method did not come near one."""
    size = max(1.0, float(np.abs(program.goal).max()), float(np.abs(program.sides).max(initial=0.0)))
    x = np.maximum(program.goal, START * size)
    slack = np.maximum((program.matrix @ x - program.sides)[: program.uneven], START * size)
    price = np.where(np.arange(len(program.sides)) < program.uneven, size, 0.0)
    now, best, error = _Point(x, slack, price, np.full(len(x), size)), None, np.inf
    for _ in range(ROUNDS):
        dual, primal = _residuals(program, now)
        worst = max(np.abs(primal).max(initial=0.0) / size, np.abs(dual).max() / size, now.mu / size**2)
        if worst < error:
            best, error = now.x, worst
        if worst <= CLOSE:
            break
        step = _step(program, now, dual, primal)
        if step is None:
            break
        now = now.plus(step, STEP * now.room(step))
    return best if error <= BARELY else None


def _residuals(program: _Program, now: _Point) -> tuple[np.ndarray, np.ndarray]:
    """By how much the slope of the Lagrangian and the rows are missed."""
    dual = program.curve * (now.x - program.goal) + program.cost - program.matrix.T @ now.price - now.reduced
    primal = program.matrix @ now.x - program.sides
    primal[: program.uneven] -= now.slack
    return dual, primal


def _step(program: _Program, now: _Point, dual: np.ndarray, primal: np.ndarray) -> _Point | None:
    """Mehrotra's step: straight to the optimum first, then to where products are alike, with what that one bent.

    None where numbers have become too large for one.
    """
    matrix, uneven = program.matrix, program.uneven
    curve = program.curve + now.reduced / now.x
    give = np.concatenate([now.slack / now.price[:uneven], np.full(len(primal) - uneven, EQUAL)])
    inverse = sparse.csr_array(matrix @ sparse.diags_array(1 / curve))
    try:
        factor = splu(sparse.csc_array(inverse @ matrix.T + sparse.diags_array(give)))
    except RuntimeError:  # singular
        return None

    def towards(slack: np.ndarray, reduced: np.ndarray) -> _Point:
        """The step at which the products of rows and of columns change by this much."""
        side = -dual + reduced / now.x
        rows = -primal
        rows[:uneven] += slack / now.price[:uneven]
        price = factor.solve(rows - inverse @ side)
        x = (matrix.T @ price + side) / curve
        return _Point(
            x, (slack - now.slack * price[:uneven]) / now.price[:uneven], price, (reduced - now.reduced * x) / now.x
        )

    products = now.slack * now.price[:uneven], now.x * now.reduced
    ahead = towards(-products[0], -products[1])
    mu = now.mu
    aim = mu * (max(now.plus(ahead, now.room(ahead)).mu, 0.0) / mu) ** 3
    step = towards(aim - products[0] - ahead.slack * ahead.price[:uneven], aim - products[1] - ahead.x * ahead.reduced)
    return step if all(np.isfinite(part).all() for part in vars(step).values()) else None
