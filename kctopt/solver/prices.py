"""Prices between plans: the Lagrangian bound at mixtures of the prices that several plans have.

Where two configurations of a line are worth about the same, the prices of each plan prefer the other one, and the best
bound lies between them: the bound is concave in the prices, so steps from the best mixture towards the prices of other
plans find it. (What the answers leave of the coupling rows gives slopes that are no guide: the nation's part is all but
linear, and its answers lie far out. A program over all configurations at once had the same trouble.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from kctopt.solver.differences import by_difference
from kctopt.solver.master import Master
from kctopt.solver.part import WHOLE, Part
from kctopt.solver.split import COUPLING, Bound, Prices, Split

Values = tuple[float, ...]
DISCOUNT = 0.8  # factor on what a line brings, in prices that make it less eager
USED = 0.02  # weight from which the point of a price counts in a mixture


@dataclass(frozen=True)
class Point:
    """Prices of coupling rows and of all copies as one vector, and a point around which tangents are taken."""

    vector: np.ndarray
    x: np.ndarray


@dataclass(frozen=True)
class Answer:
    """The answer of each part at some prices."""

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

    def __init__(self, split: Split, domain_of: Callable[[int], int], domains: Sequence[str]) -> None:
        """`domain_of` gives the domain (1, 2, ...) of a part, `domains` their names."""
        self.split, self.domain_of = split, domain_of
        self.coupling = np.flatnonzero(split.row_part == COUPLING)
        self.master = Master(split, self.coupling, self._groups(domain_of, domains))
        self.points: list[Point] = []
        self.pool: list[dict[Values, None]] = [{} for _ in split.parts]

    def add_plan(self, prices: Prices) -> None:
        """The prices of one more plan."""
        y = self.split.signed(np.where(self.split.row_part == COUPLING, prices.rows, 0.0))
        copies = by_difference(self.split, prices.x, y, self.split.copies(prices))
        self.points.append(Point(np.concatenate([y[self.coupling], *copies]), prices.x))
        self.master.add_point(self.points[-1].vector)

    def add_discount(self, vector: np.ndarray, x: np.ndarray, number: int) -> None:
        """Prices at which what one line brings its own domain is worth less, everything else as in `vector`."""
        part, group = self.split.parts[number], self.master.group
        matrix = self.split.compiled.rows[self.coupling][:, part.columns[: part.own]]
        touched = np.concatenate([np.diff(matrix.indptr) > 0, np.zeros(len(group) - len(self.coupling), bool)])
        mine = touched & (group == self.domain_of(number))
        self.points.append(Point(np.where(mine, DISCOUNT * vector, vector), x))
        self.master.add_point(self.points[-1].vector)

    def _groups(self, domain_of: Callable[[int], int], domains: Sequence[str]) -> np.ndarray:
        """Group of each price: the domain of its row or part, 0 for national ones."""
        number = {name: n for n, name in enumerate(domains, 1)}
        rows = [number.get(self.split.compiled.row_names[row].key, 0) for row in self.coupling]
        counts = [len(part.columns) - part.own for part in self.split.parts]
        copies = [np.full(count, domain_of(n)) for n, count in enumerate(counts)]
        return np.concatenate([np.array(rows, int), *copies])

    def add(self, points: list[np.ndarray]) -> None:
        """Put the configurations of an answer (columns of each part) into the pool."""
        for part, pool, x in zip(self.split.parts, self.pool, points, strict=True):
            values = configuration(part, x)
            if values is not None:
                pool[values] = None

    def positions(self, number: int) -> np.ndarray:
        """Positions of all integers of a part, fixed ones included."""
        return np.flatnonzero(self.split.parts[number].compiled.integer)

    def allowed(self, number: int) -> list[Values]:
        """Configurations of a part that its present bounds allow."""
        part = self.split.parts[number]
        where = self.positions(number)
        low, high = part.compiled.column_lower[where] - 0.5, part.compiled.column_upper[where] + 0.5
        return [values for values in self.pool[number] if ((low <= values) & (values <= high)).all()]

    def bound(self, weights: np.ndarray, enough: float, tolerance: float) -> tuple[Bound, Answer | None]:
        """The bound at a mixture of the points, weights (groups, points); no answer where a part failed."""
        vector, shares = self.master.vector(weights), weights.mean(axis=0)
        used = [point.x for point, weight in zip(self.points, shares, strict=True) if weight > USED]
        mean = shares @ np.array([point.x for point in self.points])
        return self._bound_at(vector, [mean, *(used if len(used) > 1 else [])], enough, tolerance)

    def bound_at(self, vector: np.ndarray, points: list[np.ndarray], tolerance: float) -> tuple[Bound, Answer | None]:
        """The bound at some prices, with tangents around the answers of the parts there."""
        whole = np.zeros(len(self.split.compiled.cost))
        for part, x in zip(self.split.parts, points, strict=True):
            whole[part.columns[: part.own]] = x[: part.own]
        return self._bound_at(vector, [whole], np.inf, tolerance)

    def _bound_at(
        self, vector: np.ndarray, points: list[np.ndarray], enough: float, tolerance: float
    ) -> tuple[Bound, Answer | None]:
        y = self._rows(vector)
        found = self.split.bound_at(y, self.split.divided(vector[len(self.coupling) :]), points, enough, tolerance)
        if found.value is None or any(len(end.x) == 0 for end in found.ends):
            return found, None
        answers = [end.x for end in found.ends]
        self.add(answers)
        self.master.add_answers(answers)
        return found, Answer(vector, answers)

    def costs(self, vector: np.ndarray) -> list[np.ndarray]:
        """Costs of the columns of each part at some prices."""
        return self.split.costs(self._rows(vector), self.split.divided(vector[len(self.coupling) :]))

    def _rows(self, vector: np.ndarray) -> np.ndarray:
        """Prices of all rows."""
        y = np.zeros(len(self.split.compiled.lower))
        y[self.coupling] = vector[: len(self.coupling)]
        return y

    def weights(self, answers: list[Answer], shares: np.ndarray) -> tuple[list[dict[Values, float]], np.ndarray]:
        """How much of each configuration is in a mixture of answers, by part, and the nation's columns."""
        found: list[dict[Values, float]] = [{} for _ in self.split.parts]
        whole = np.zeros(len(self.split.compiled.cost))
        for answer, share in zip(answers, shares, strict=True):
            for number, (part, x) in enumerate(zip(self.split.parts, answer.points, strict=True)):
                values = configuration(part, x)
                if values is not None:
                    found[number][values] = found[number].get(values, 0.0) + float(share)
                whole[part.columns[: part.own]] += share * x[: part.own]
        return found, whole


def configuration(part: Part, x: np.ndarray) -> Values | None:
    """Values of a part's integers at its columns x; None for a part without integers or without a whole answer."""
    values = x[part.compiled.integer] if len(x) else x
    whole = np.round(values) + 0.0
    return tuple(whole.tolist()) if len(values) and np.abs(values - whole).max() < WHOLE else None


def padded(weights: np.ndarray, points: int) -> np.ndarray:
    """Weights with zeros for the points that came later."""
    return np.pad(weights, ((0, 0), (0, points - weights.shape[1])))
