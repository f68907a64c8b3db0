"""The best prices between those of several plans: a small linear program over what the parts have answered so far.

    max  sum_gk w_gk b_gk + sum_n theta_n      theta_n <= cost_n(w) x  for every answer x of part n,   sum_k w_gk = 1

Prices of the rows and copies of a domain move together (group g), so a line that is in dispute between two plans moves
the prices of its own domain and leaves those of others. The program is an upper model of the bound: every answer of a
part, at whatever prices, is one it could give again. It says where the bound may be best, near the best weights so far,
and how good at most; the parts then say how good it is.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from kctopt.solver.highs import Highs
from kctopt.solver.split import Split

FREE = 1e9  # bound of what a part can be worth


class Master:
    """Answers of the parts at prices of some points; `group` says which group each price of a vector belongs to."""

    def __init__(self, split: Split, coupling: np.ndarray, group: np.ndarray) -> None:
        self.split, self.coupling, self.group = split, coupling, group
        self.count = int(group.max()) + 1
        self.points: list[np.ndarray] = []
        self.fixed: list[np.ndarray] = []  # of each point, by group
        self.costs: list[list[list[np.ndarray]]] = []  # of each point, by group and part, over those of no prices
        self.answers: list[list[np.ndarray]] = []
        self._free = self._costs_at(np.zeros(len(group)))

    def add_point(self, vector: np.ndarray) -> None:
        """The prices of one more plan."""
        c, parts, fixed = self.split.compiled, [], []
        for g in range(self.count):
            own = np.where(self.group == g, vector, 0.0)
            y = own[: len(self.coupling)]
            lower, upper = c.lower[self.coupling], c.upper[self.coupling]
            fixed.append(float(y @ np.where(y > 0, lower, np.where(y < 0, upper, 0.0))))
            parts.append([cost - free for cost, free in zip(self._costs_at(own), self._free, strict=True)])
        self.points.append(vector)
        self.fixed.append(np.array(fixed))
        self.costs.append(parts)

    def add_answers(self, points: list[np.ndarray]) -> None:
        """What the parts answered."""
        self.answers.append(points)

    def vector(self, weights: np.ndarray) -> np.ndarray:
        """Prices at weights (groups, points)."""
        return np.asarray((weights[self.group].T * np.array(self.points)).sum(axis=0))

    def best(self, around: np.ndarray, radius: float) -> tuple[np.ndarray, float]:
        """Weights that promise most within `radius` of others, (groups, points), and the bound they promise."""
        groups, points, parts = self.count, len(self.points), len(self.split.parts)
        weights = groups * points
        cost = -np.concatenate([np.array(self.fixed).T.ravel(), np.ones(parts)])
        lower = np.concatenate([np.maximum(around - radius, 0.0).ravel(), np.full(parts, -FREE)])
        upper = np.concatenate([np.minimum(around + radius, 1.0).ravel(), np.full(parts, FREE)])
        rows, right = self._cuts()
        whole = sparse.hstack(
            [sparse.kron(sparse.eye_array(groups), np.ones((1, points))), sparse.csr_array((groups, parts))]
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
        """Rows theta_n - sum w coefficient <= worth at no prices, over weights and parts."""
        points, parts = len(self.points), len(self.split.parts)
        rows, right = [], []
        for answer in self.answers:
            block = np.zeros((parts, self.count * points + parts))
            for n, x in enumerate(answer):
                of_point = np.array([[self.costs[k][g][n] @ x for k in range(points)] for g in range(self.count)])
                block[n, : self.count * points] = -of_point.ravel()
                block[n, self.count * points + n] = 1.0
            rows.append(sparse.csr_array(block))
            right.append(np.array([free @ x for free, x in zip(self._free, answer, strict=True)]))
        return sparse.csr_array(sparse.vstack(rows)), np.concatenate(right)

    def _costs_at(self, vector: np.ndarray) -> list[np.ndarray]:
        y = np.zeros(len(self.split.compiled.lower))
        y[self.coupling] = vector[: len(self.coupling)]
        return self.split.costs(y, self.split.divided(vector[len(self.coupling) :]))
