"""A linear program as we hold it, and as HiGHS is handed it.

The program stays here, in the user's units; every bound is worked out from these arrays (dual.py), never from what
HiGHS has. HiGHS is handed the same program in units near 1,

    x' = x / unit,   row' = row / size,   cost' = cost unit / worth        (powers of two: nothing is rounded)

without the entries so small that HiGHS would drop them. What these can do is paid for: a bound by prices has them in
it, and where HiGHS branches itself the sides of rows give way by as much as they add up to inside columns' bounds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from kctopt.solver.units import extremes

DROPPED = 1e-9  # entries up to which HiGHS leaves out by itself (its option small_matrix_value)
USUAL = (2.0**-7, 2.0**30)  # largest entries of rows that are handed over as they are
LARGEST = 2.0**40  # that HiGHS is handed: it refuses 1e15
KEPT = 2.0**29  # times the least entry of a row: divided by more, it would be dropped


@dataclass(frozen=True)
class LinearProgram:
    """min cost @ x over  low <= rows @ x <= high,  lower <= x <= upper."""

    cost: np.ndarray
    rows: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    @property
    def finite(self) -> bool:
        """Whether every column has both bounds."""
        return bool(np.isfinite(self.lower).all() and np.isfinite(self.upper).all())

    def within(self, lower: np.ndarray, upper: np.ndarray) -> LinearProgram:
        """The program with columns inside these bounds too."""
        return replace(self, lower=np.maximum(self.lower, lower), upper=np.minimum(self.upper, upper))


class Held:
    """A program that changes, and its arrays in the units of HiGHS."""

    def __init__(self, program: LinearProgram, unit: np.ndarray, cost_unit: float) -> None:
        """`unit` of each column and `cost_unit`, the size of the objective, are powers of two."""
        self.program, self.unit, self.cost_unit = program, unit, cost_unit
        self.size = _sizes(program.rows, unit)
        self._plain = bool((unit == 1.0).all())  # most programs: nothing is to be scaled

    def add(self, rows: sparse.csr_array, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """More rows at the end; returns their sizes."""
        p, size = self.program, _sizes(rows, self.unit)
        self.program = replace(
            p, rows=sparse.csr_array(sparse.vstack([p.rows, rows], format="csr")),
            low=np.concatenate([p.low, low]), high=np.concatenate([p.high, high]),
        )  # fmt: skip
        self.size = np.concatenate([self.size, size])
        return size

    def delete(self, positions: np.ndarray) -> None:
        """Rows left out by position."""
        kept = np.ones(len(self.size), bool)
        kept[positions] = False
        p, self.size = self.program, self.size[kept]
        self.program = replace(p, rows=p.rows[kept], low=p.low[kept], high=p.high[kept])

    def price(self, cost: np.ndarray) -> np.ndarray:
        """New costs; returns them as HiGHS takes them."""
        self.program = replace(self.program, cost=cost)
        return np.asarray(cost * self.unit / self.cost_unit)

    def bound(
        self, positions: np.ndarray, lower: np.ndarray, upper: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        """New bounds of some columns; returns them as HiGHS takes them."""
        p = self.program
        low, high = p.lower.copy(), p.upper.copy()
        low[positions], high[positions] = lower, upper
        self.program = replace(p, lower=low, upper=high)
        return lower / self.unit[positions], upper / self.unit[positions]

    def handed(self, rows: sparse.csr_array, size: np.ndarray) -> sparse.csr_array:
        """Rows of these sizes as HiGHS takes them."""
        data = self._scaled(rows, size)
        small = np.abs(data) <= DROPPED
        if not small.any():
            return sparse.csr_array((data, rows.indices, rows.indptr), shape=rows.shape)
        starts = np.concatenate([[0], np.cumsum(~small)])[rows.indptr]
        return sparse.csr_array((data[~small], rows.indices[~small], starts), shape=rows.shape)

    def _scaled(self, rows: sparse.csr_array, size: np.ndarray) -> np.ndarray:
        """Entries of rows in the units of HiGHS."""
        if self._plain and (size == 1.0).all():
            return np.asarray(rows.data)
        return np.asarray(rows.data * self.unit[rows.indices] / np.repeat(size, np.diff(rows.indptr)))

    def give(self) -> tuple[np.ndarray, np.ndarray]:
        """Sides of rows that give way by the most that entries left out can do inside the bounds of their columns."""
        p = self.program
        out = np.where(np.abs(self._scaled(p.rows, self.size)) <= DROPPED, p.rows.data, 0.0)
        gone = sparse.csr_array((out, p.rows.indices, p.rows.indptr), p.rows.shape).tocoo()
        value, lower, upper = gone.data, p.lower[gone.col], p.upper[gone.col]
        with np.errstate(invalid="ignore"):
            least = np.where(value > 0, value * lower, np.where(value < 0, value * upper, 0.0))
            most = np.where(value > 0, value * upper, np.where(value < 0, value * lower, 0.0))
        count = len(p.low)
        low = p.low - np.bincount(gone.row, weights=most, minlength=count)
        high = p.high - np.bincount(gone.row, weights=least, minlength=count)
        return low / self.size, high / self.size


def _sizes(rows: sparse.csr_array, unit: np.ndarray) -> np.ndarray:
    """What rows are divided by: their largest entry where it is unusual, less where that would lose small ones."""
    least, most = extremes(rows, unit)
    if not len(most) or (most.min() >= USUAL[0] and most.max() <= USUAL[1]):
        return np.ones(len(most))
    size = np.where(most > USUAL[1], np.maximum(np.maximum(1.0, most / LARGEST), np.minimum(most, least * KEPT)), most)
    odd = (most > USUAL[1]) | ((most < USUAL[0]) & (most > 0))
    return np.asarray(np.where(odd, 2.0 ** np.round(np.log2(np.where(odd, size, 1.0))), 1.0))
