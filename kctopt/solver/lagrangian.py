r"""Prices between plans: the Lagrangian bound at mixtures of the prices that several plans have.

Where two configurations of a line are worth about the same, the prices of each plan prefer the other one, and the best
bound lies between them: the bound is concave in the prices, so steps from the best mixture towards the prices of other
plans find it. (What the answers leave of the coupling rows gives slopes that are no guide: the nation's block is all
but linear, and its answers lie far out. A program over all configurations at once had the same trouble.)

**The master.** The best prices between those of several plans: a small linear program over what the blocks have
answered so far.

    max  sum_gk w_gk b_gk + sum_n theta_n      theta_n <= cost_n(w) x  for every answer x of block n,   sum_k w_gk = 1

Prices of the rows and copies of a domain move together (group g), so a line that is in dispute between two plans moves
the prices of its own domain and leaves those of others. The program is an upper model of the bound, the cutting planes
of Kelley in the dual of Dantzig and Wolfe's master: every answer of a block, at whatever prices, is one it could give
again. It says where the bound may be best, near the best weights so far (a trust region: the boxstep method of Marsten,
Hogan and Blankenship), and how good at most; the blocks then say how good it is.

**National choices.** Prices of national choices in the blocks of lines, by difference.

A line keeps a copy of every national integer it speaks of. Where these choose one of several (a cooperation mode of
its domain), tangents price them badly: the concave law of a way that is not taken has an all but vertical tangent at
0. What the choice is worth to a line is found by taking it: with the line's other integers held,

    worth[m] = V(chosen) - V(m),   worth[chosen] = 0,   V the line's program at the prices of everything else

At these prices the line is as good as indifferent between the ways, and the nation, which gets the sum over its lines,
chooses. Any prices give a valid bound; these make it tight.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from kctopt.solver.block import Block
from kctopt.solver.decomposition import COUPLING, Bound, Decomposition, Prices
from kctopt.solver.highs import Highs
from kctopt.solver.settings import BOXES, GAPS, TOLERANCES, WORK
from kctopt.solver.threads import pool


def national_choices(decomposition: Decomposition) -> list[np.ndarray]:
    """Columns of each national choice: rows of the nation that ask for exactly one of some integers."""
    c = decomposition.compiled
    choices = []
    for row in np.flatnonzero((decomposition.row_block == 0) & (c.lower == 1) & (c.upper == 1)):
        columns = c.rows.indices[c.rows.indptr[row] : c.rows.indptr[row + 1]]
        ones = c.rows.data[c.rows.indptr[row] : c.rows.indptr[row + 1]] == 1
        if ones.all() and c.integer[columns].all():
            choices.append(columns)
    return choices


def by_difference(
    decomposition: Decomposition, x: np.ndarray, y: np.ndarray, copies: list[np.ndarray]
) -> list[np.ndarray]:
    """Worth of the copies of each block at the plan x and prices y, national choices priced by difference."""
    choices = national_choices(decomposition)
    if not choices:
        return copies
    costs = decomposition.costs(y, copies)

    def of_block(block: Block, cost: np.ndarray, price: np.ndarray) -> np.ndarray:
        return _of_block(decomposition, block, cost, price, choices, x)

    with pool() as threads:
        return [copies[0], *threads.map(of_block, decomposition.blocks[1:], costs[1:], copies[1:])]


def _of_block(
    decomposition: Decomposition,
    block: Block,
    cost: np.ndarray,
    price: np.ndarray,
    choices: list[np.ndarray],
    x: np.ndarray,
) -> np.ndarray:
    """Worth of one line's copies; as it was where time runs out, since any worth proves a bound."""
    place = {int(column): n for n, column in enumerate(block.columns[block.own :])}
    mine = [columns for columns in choices if all(int(column) in place for column in columns)]
    if not mine:
        return price
    given, price, cost = price, price.copy(), cost.copy()
    for columns in mine:
        positions = [place[int(column)] for column in columns]
        price[positions] = cost[block.own + np.array(positions)] = 0.0
    lower, upper, held = decomposition.lower.copy(), decomposition.upper.copy(), block.columns[block.compiled.integer]
    before = block.compiled
    lower[held] = upper[held] = x[held]
    chosen = _value(block, cost, lower, upper, [x[block.columns]])
    for columns in mine if chosen is not None else ():
        for column in columns[x[columns] < 0.5]:
            if decomposition.left() <= 0:
                block.restore(before)
                return given
            lower[columns] = upper[columns] = columns == column
            value = _value(block, cost, lower, upper, [])
            price[place[int(column)]] = 0.0 if value is None or chosen is None else chosen - value
        lower[columns] = upper[columns] = x[columns]
    block.restore(before)
    return price


def _value(
    block: Block, cost: np.ndarray, lower: np.ndarray, upper: np.ndarray, points: list[np.ndarray]
) -> float | None:
    """Optimum of a line with all its integers held; None where it has no answer. Without points the last cuts serve."""
    block.use_bounds(lower, upper)
    end = block.optimum(cost, points, GAPS.way, WORK.way_cuts)
    return end.objective if end.status == "optimal" else None


FREE = 1e9  # bound of what a block can be worth


class Master:
    """Answers of the blocks at prices of some points; `group` says which group each price of a vector belongs to."""

    def __init__(self, decomposition: Decomposition, coupling: np.ndarray, group: np.ndarray) -> None:
        self.decomposition, self.coupling, self.group = decomposition, coupling, group
        self.count = int(group.max()) + 1
        self.points: list[np.ndarray] = []
        self.fixed: list[np.ndarray] = []  # of each point, by group
        self.costs: list[list[list[np.ndarray]]] = []  # of each point, by group and block, over those of no prices
        self.answers: list[list[np.ndarray]] = []
        self._free = self._costs_at(np.zeros(len(group)))

    def add_point(self, vector: np.ndarray) -> None:
        """The prices of one more plan."""
        c, blocks, fixed = self.decomposition.compiled, [], []
        for g in range(self.count):
            own = np.where(self.group == g, vector, 0.0)
            y = own[: len(self.coupling)]
            lower, upper = c.lower[self.coupling], c.upper[self.coupling]
            fixed.append(float(y @ np.where(y > 0, lower, np.where(y < 0, upper, 0.0))))
            blocks.append([cost - free for cost, free in zip(self._costs_at(own), self._free, strict=True)])
        self.points.append(vector)
        self.fixed.append(np.array(fixed))
        self.costs.append(blocks)

    def add_answers(self, points: list[np.ndarray]) -> None:
        """What the blocks answered."""
        self.answers.append(points)

    def vector(self, weights: np.ndarray) -> np.ndarray:
        """Prices at weights (groups, points)."""
        return np.asarray((weights[self.group].T * np.array(self.points)).sum(axis=0))

    def best(self, around: np.ndarray, radius: float) -> tuple[np.ndarray, float]:
        """Weights that promise most within `radius` of others, (groups, points), and the bound they promise."""
        groups, points, blocks = self.count, len(self.points), len(self.decomposition.blocks)
        weights = groups * points
        cost = -np.concatenate([np.array(self.fixed).T.ravel(), np.ones(blocks)])
        lower = np.concatenate([np.maximum(around - radius, 0.0).ravel(), np.full(blocks, -FREE)])
        upper = np.concatenate([np.minimum(around + radius, 1.0).ravel(), np.full(blocks, FREE)])
        rows, right = self._cuts()
        whole = sparse.hstack(
            [sparse.kron(sparse.eye_array(groups), np.ones((1, points))), sparse.csr_array((groups, blocks))]
        )
        matrix = sparse.csr_array(sparse.vstack([rows, whole]))
        matrix.indices, matrix.indptr = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
        low = np.concatenate([np.full(len(right), -np.inf), np.ones(groups)])
        highs = Highs(interruptible=False)
        highs.load(cost, lower, upper, matrix, low, np.concatenate([right, np.ones(groups)]))
        end = highs.run("dual")
        if end.status != "optimal":
            return around, -np.inf
        return end.x[:weights].reshape(groups, points), -end.objective

    def _cuts(self) -> tuple[sparse.csr_array, np.ndarray]:
        """Rows theta_n - sum w coefficient <= worth at no prices, over weights and blocks."""
        points, blocks = len(self.points), len(self.decomposition.blocks)
        rows, right = [], []
        for answer in self.answers:
            block = np.zeros((blocks, self.count * points + blocks))
            for n, x in enumerate(answer):
                of_point = np.array([[self.costs[k][g][n] @ x for k in range(points)] for g in range(self.count)])
                block[n, : self.count * points] = -of_point.ravel()
                block[n, self.count * points + n] = 1.0
            rows.append(sparse.csr_array(block))
            right.append(np.array([free @ x for free, x in zip(self._free, answer, strict=True)]))
        return sparse.csr_array(sparse.vstack(rows)), np.concatenate(right)

    def _costs_at(self, vector: np.ndarray) -> list[np.ndarray]:
        y = np.zeros(len(self.decomposition.compiled.lower))
        y[self.coupling] = vector[: len(self.coupling)]
        return self.decomposition.costs(y, self.decomposition.divided(vector[len(self.coupling) :]))


Values = tuple[float, ...]


@dataclass(frozen=True)
class PricePoint:
    """Prices of coupling rows and of all copies as one vector, and a point around which tangents are taken."""

    vector: np.ndarray
    x: np.ndarray


@dataclass(frozen=True)
class Answer:
    """The answer of each block at some prices."""

    vector: np.ndarray
    points: list[np.ndarray]


@dataclass
class Best:
    """Weights (groups, points) of the prices with the best bound of a node, and the last answers there."""

    weights: np.ndarray
    value: float = -np.inf
    answers: list[Answer] = field(default_factory=list)


class Mixtures:
    """Points of plans, answers at their mixtures, and the configurations seen, of one program taken apart."""

    def __init__(self, decomposition: Decomposition, domain_of: Callable[[int], int], domains: Sequence[str]) -> None:
        """`domain_of` gives the domain (1, 2, ...) of a block, `domains` their names."""
        self.decomposition, self.domain_of = decomposition, domain_of
        self.coupling = np.flatnonzero(decomposition.row_block == COUPLING)
        self.master = Master(decomposition, self.coupling, self._groups(domain_of, domains))
        self.points: list[PricePoint] = []
        self.pool: list[dict[Values, None]] = [{} for _ in decomposition.blocks]

    def add_plan(self, prices: Prices) -> None:
        """The prices of one more plan."""
        y = self.decomposition.signed(np.where(self.decomposition.row_block == COUPLING, prices.rows, 0.0))
        copies = by_difference(self.decomposition, prices.x, y, self.decomposition.copies(prices))
        self.points.append(PricePoint(np.concatenate([y[self.coupling], *copies]), prices.x))
        self.master.add_point(self.points[-1].vector)

    def add_discount(self, vector: np.ndarray, x: np.ndarray, number: int) -> None:
        """Prices at which what one line brings its own domain is worth less, everything else as in `vector`."""
        block, group = self.decomposition.blocks[number], self.master.group
        matrix = self.decomposition.compiled.rows[self.coupling][:, block.columns[: block.own]]
        touched = np.concatenate([np.diff(matrix.indptr) > 0, np.zeros(len(group) - len(self.coupling), bool)])
        mine = touched & (group == self.domain_of(number))
        self.points.append(PricePoint(np.where(mine, BOXES.discount * vector, vector), x))
        self.master.add_point(self.points[-1].vector)

    def _groups(self, domain_of: Callable[[int], int], domains: Sequence[str]) -> np.ndarray:
        """Group of each price: the domain of its row or block, 0 for national ones."""
        number = {name: n for n, name in enumerate(domains, 1)}
        rows = [number.get(self.decomposition.compiled.row_names[row].key, 0) for row in self.coupling]
        counts = [len(block.columns) - block.own for block in self.decomposition.blocks]
        copies = [np.full(count, domain_of(n)) for n, count in enumerate(counts)]
        return np.concatenate([np.array(rows, int), *copies])

    def add(self, points: list[np.ndarray]) -> None:
        """Put the configurations of an answer (columns of each block) into the pool."""
        for block, configurations, x in zip(self.decomposition.blocks, self.pool, points, strict=True):
            values = configuration(block, x)
            if values is not None:
                configurations[values] = None

    def positions(self, number: int) -> np.ndarray:
        """Positions of all integers of a block, fixed ones included."""
        return np.flatnonzero(self.decomposition.blocks[number].compiled.integer)

    def allowed(self, number: int) -> list[Values]:
        """Configurations of a block that its present bounds allow."""
        block = self.decomposition.blocks[number]
        where = self.positions(number)
        low, high = block.compiled.column_lower[where] - 0.5, block.compiled.column_upper[where] + 0.5
        return [values for values in self.pool[number] if ((low <= values) & (values <= high)).all()]

    def bound(self, weights: np.ndarray, enough: float, tolerance: float) -> tuple[Bound, Answer | None]:
        """The bound at a mixture of the points, weights (groups, points); no answer where a block failed."""
        vector, shares = self.master.vector(weights), weights.mean(axis=0)
        used = [point.x for point, weight in zip(self.points, shares, strict=True) if weight > TOLERANCES.used_weight]
        mean = shares @ np.array([point.x for point in self.points])
        return self._bound_at(vector, [mean, *(used if len(used) > 1 else [])], enough, tolerance)

    def bound_at(self, vector: np.ndarray, points: list[np.ndarray], tolerance: float) -> tuple[Bound, Answer | None]:
        """The bound at some prices, with tangents around the answers of the blocks there."""
        whole = np.zeros(len(self.decomposition.compiled.cost))
        for block, x in zip(self.decomposition.blocks, points, strict=True):
            whole[block.columns[: block.own]] = x[: block.own]
        return self._bound_at(vector, [whole], np.inf, tolerance)

    def _bound_at(
        self, vector: np.ndarray, points: list[np.ndarray], enough: float, tolerance: float
    ) -> tuple[Bound, Answer | None]:
        y = self._rows(vector)
        bound = self.decomposition.bound_at(
            y, self.decomposition.divided(vector[len(self.coupling) :]), points, enough, tolerance
        )
        if bound.value is None or any(len(end.x) == 0 for end in bound.ends):
            return bound, None
        answers = [end.x for end in bound.ends]
        self.add(answers)
        self.master.add_answers(answers)
        return bound, Answer(vector, answers)

    def costs(self, vector: np.ndarray) -> list[np.ndarray]:
        """Costs of the columns of each block at some prices."""
        return self.decomposition.costs(self._rows(vector), self.decomposition.divided(vector[len(self.coupling) :]))

    def _rows(self, vector: np.ndarray) -> np.ndarray:
        """Prices of all rows."""
        y = np.zeros(len(self.decomposition.compiled.lower))
        y[self.coupling] = vector[: len(self.coupling)]
        return y

    def weights(self, answers: list[Answer], shares: np.ndarray) -> tuple[list[dict[Values, float]], np.ndarray]:
        """How much of each configuration is in a mixture of answers, by block, and the nation's columns."""
        weights: list[dict[Values, float]] = [{} for _ in self.decomposition.blocks]
        whole = np.zeros(len(self.decomposition.compiled.cost))
        for answer, share in zip(answers, shares, strict=True):
            for number, (block, x) in enumerate(zip(self.decomposition.blocks, answer.points, strict=True)):
                values = configuration(block, x)
                if values is not None:
                    weights[number][values] = weights[number].get(values, 0.0) + float(share)
                whole[block.columns[: block.own]] += share * x[: block.own]
        return weights, whole


def configuration(block: Block, x: np.ndarray) -> Values | None:
    """Values of a block's integers at its columns x; None for a block without integers or without a whole answer."""
    values = x[block.compiled.integer] if len(x) else x
    whole = np.round(values) + 0.0
    return tuple(whole.tolist()) if len(values) and np.abs(values - whole).max() < TOLERANCES.whole else None


def padded(weights: np.ndarray, points: int) -> np.ndarray:
    """Weights with zeros for the points that came later."""
    return np.pad(weights, ((0, 0), (0, points - weights.shape[1])))
