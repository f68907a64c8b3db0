"""From a mixture to one configuration of each part: a small program on the integers alone.

One configuration a part is chosen so that the rows that speak only of integers hold (prerequisites, exclusions,
researchers, one mode a domain) and the weight of what is chosen is largest.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from kctopt.solver.highs import Highs
from kctopt.solver.prices import Mixtures, Values
from kctopt.solver.split import Split

SECONDS = 5.0


def rounded(
    mixtures: Mixtures, weights: list[dict[Values, float]], national: np.ndarray, avoid: list[np.ndarray],
    parts: bool = True,
) -> np.ndarray | None:  # fmt: skip
    """Values of all integer columns of the program, in their order; None where no choice keeps the rows.

    `weights` says how much each configuration is wanted, `national` likewise each integer of the nation (all columns);
    `avoid` lists choices that are not to be made again. Without `parts` only the rows of integers count.
    """
    chooser = _Chooser(mixtures, weights, national, parts)
    return chooser.choose(avoid)


class _Chooser:
    """The program of the choice: integer columns of the whole program, then one column a configuration."""

    def __init__(
        self, mixtures: Mixtures, weights: list[dict[Values, float]], national: np.ndarray, parts: bool
    ) -> None:
        self.split, self.mixtures = mixtures.split, mixtures
        c = self.split.compiled
        self.integers = np.flatnonzero(c.integer)
        self.place = np.full(len(c.cost), -1)
        self.place[self.integers] = np.arange(len(self.integers))
        self.options = [
            (number, values, weights[number].get(values, 0.0))
            for number, part in enumerate(self.split.parts)
            if parts and len(part.integers)
            for values in mixtures.allowed(number)
        ]
        self.columns = len(self.integers) + len(self.options)
        self.cost = np.concatenate([-1e-3 * national[self.integers], [-weight for *_, weight in self.options]])
        self.rows: list[sparse.csr_array] = []
        self.lower: list[np.ndarray] = []
        self.upper: list[np.ndarray] = []

    def choose(self, avoid: list[np.ndarray]) -> np.ndarray | None:
        """The best choice."""
        c = self.split.compiled
        self._add_rows(_whole_rows(self.split))
        self._add_links()
        for values in avoid:
            self._add_cut(values)
        lower = np.concatenate([np.ceil(c.column_lower[self.integers] - 1e-6), np.zeros(len(self.options))])
        upper = np.concatenate([np.floor(c.column_upper[self.integers] + 1e-6), np.ones(len(self.options))])
        highs = Highs()
        rows = sparse.vstack(self.rows, format="csr")
        rows.indices, rows.indptr = rows.indices.astype(np.int32), rows.indptr.astype(np.int32)
        highs.load(self.cost, lower, upper, rows, np.concatenate(self.lower), np.concatenate(self.upper))
        end = highs.run_mip(np.arange(self.columns), None, SECONDS)
        return np.round(end.x[: len(self.integers)]) if len(end.x) else None

    def _add_rows(self, chosen: np.ndarray) -> None:
        c = self.split.compiled
        empty = sparse.csr_array((len(chosen), len(self.options)))
        self.rows.append(sparse.hstack([c.rows[chosen][:, self.integers], empty], format="csr"))
        self.lower.append(c.lower[chosen])
        self.upper.append(c.upper[chosen])

    def _add_links(self) -> None:
        """One configuration a part; the integers it holds, own or copied, have its values."""
        for number, part in enumerate(self.split.parts):
            mine = [n for n, (owner, *_) in enumerate(self.options) if owner == number]
            if not mine:
                continue
            where = self.mixtures.positions(number)
            held = self.place[part.columns[where]]
            values = np.array([self.options[n][1] for n in mine]).T
            columns = len(self.integers) + np.array(mine)
            link = sparse.lil_array((len(where) + 1, self.columns))
            link[np.arange(len(where)), held] = -1.0
            for row in range(len(where)):
                link[row, columns] = values[row]
            link[len(where), columns] = 1.0
            right = np.concatenate([np.zeros(len(where)), [1.0]])
            self.rows.append(sparse.csr_array(link))
            self.lower.append(right)
            self.upper.append(right)

    def _add_cut(self, values: np.ndarray) -> None:
        """Not this choice again: at least one binary differs."""
        row = sparse.csr_array(np.concatenate([1.0 - 2.0 * values, np.zeros(len(self.options))])[None, :])
        self.rows.append(row)
        self.lower.append(np.array([1.0 - values.sum()]))
        self.upper.append(np.array([np.inf]))


def _whole_rows(split: Split) -> np.ndarray:
    """Rows that speak of integers alone."""
    c = split.compiled
    others = abs(c.rows) @ np.where(c.integer, 0.0, 1.0)
    return np.flatnonzero((others == 0) & (np.diff(c.rows.indptr) > 0))
