"""Finite bounds for every column, by propagation through rows and concave relations (feasibility-based tightening).

Each row  sum_j a_j x_j <= b  bounds each of its columns by the least the others can add; each relation is such a row
with b = f(z) at the largest arguments. Sweeps are repeated until nothing moves. The bounds only replace infinite ones,
and with room to spare, so they never bind at a plan and take no price: what they do is let the simplex method see early
that a program has no answer.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from kctopt.concave import Parabolas, take
from kctopt.solver.compiled import Affine, Compiled, Relations
from kctopt.solver.settings import BOXES, TOLERANCES, WORK


def with_finite_bounds(compiled: Compiled) -> Compiled:
    """The program with its infinite column bounds replaced where propagation finds finite ones."""
    lower, upper = propagate(compiled)
    room = BOXES.propagated * np.maximum(compiled.unit, np.maximum(np.abs(lower), np.abs(upper)))
    low = np.where(np.isneginf(compiled.column_lower) & np.isfinite(room), -room, compiled.column_lower)
    high = np.where(np.isposinf(compiled.column_upper) & np.isfinite(room), room, compiled.column_upper)
    return replace(compiled, column_lower=low, column_upper=high)


def with_largest_scale(compiled: Compiled) -> Compiled:
    """The program of a least budget with a scale that is enough for all the spend its rules allow.

    Money beyond that serves nothing: the same spend keeps the rules with this scale and nothing carried, and costs
    less. The program itself where its spend has no bound, or where other rules speak of its budgets.
    """
    slots, c = compiled.slots, compiled
    if "money.scale" not in slots:
        return c
    (scale,), available, carry = slots["money.scale"], slots["money.available"], slots["money.carry"]
    touched = np.diff(c.rows[:, np.concatenate([[scale], available, carry])].indptr) > 0
    named = np.array([name.head for name in c.row_names])
    if not set(named[touched]) <= {"money.budget", "money.carry_limit", "money.profile"}:
        return c
    _, upper = propagate(c)
    budgets, profile = (c.rows[named == name] for name in ("money.budget", "money.profile"))
    spend = budgets.copy()
    spend.data = np.where(np.isin(spend.indices, np.concatenate([available, carry])), 0.0, spend.data)
    spend.eliminate_zeros()
    amounts = -profile[:, [scale]].toarray().ravel()
    needed = spend @ np.where(np.isfinite(upper), upper, 0.0)
    if np.isinf(upper[spend.indices]).any() or (spend.data < 0).any() or not (amounts > 0).all():
        return c
    most = c.column_upper.copy()
    most[scale] = min(most[scale], BOXES.propagated * float((needed / amounts).max()))
    return replace(c, column_upper=most)


def least_cost(compiled: Compiled) -> float:
    """What nothing inside the proven bounds of the columns costs less than; minus infinity where they are open."""
    return least_of(compiled, *propagate(compiled))


def least_of(compiled: Compiled, lower: np.ndarray, upper: np.ndarray) -> float:
    """What nothing inside these bounds of the columns costs less than."""
    used = np.flatnonzero(compiled.cost)
    cost = compiled.cost[used]
    return float(cost @ np.where(cost > 0, lower[used], upper[used]))


def propagate(compiled: Compiled) -> tuple[np.ndarray, np.ndarray]:
    """Proven bounds of every column, possibly infinite."""
    above, below = np.isfinite(compiled.upper), np.isfinite(compiled.lower)
    parts = [compiled.rows[above], -compiled.rows[below], *(relations.bound.matrix for relations in compiled.relations)]
    sweep = _Sweep(sparse.csr_array(sparse.vstack(parts, format="csr")))
    largest = [_Largest(relations) for relations in compiled.relations]
    right = np.concatenate([compiled.upper[above], -compiled.lower[below], *(np.zeros(each.count) for each in largest)])
    lower, upper = compiled.column_lower.copy(), compiled.column_upper.copy()
    changed = np.ones(len(lower), bool)
    for _ in range(WORK.sweeps):
        place = len(right) - sum(each.count for each in largest)
        for each in largest:
            each.update(right[place : place + each.count], lower, upper)
            place += each.count
        new_lower, new_upper = sweep(right, lower, upper, changed)
        moved = _moved(lower, new_lower, compiled.unit) or _moved(upper, new_upper, compiled.unit)
        changed = (new_lower != lower) | (new_upper != upper)
        lower, upper = new_lower, new_upper
        if not moved:
            break
    return lower, upper


class _Sweep:
    """Passes over rows matrix @ x <= right; rising entries bound their columns from above, the others from below."""

    def __init__(self, matrix: sparse.csr_array) -> None:
        keep = matrix.data != 0
        row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))[keep]
        column, value = matrix.indices[keep], matrix.data[keep]
        order = np.lexsort((row, column, value <= 0))  # rising first, each by column
        self.row, self.column, self.value = row[order], column[order], value[order]
        self.rising = int((value > 0).sum())
        self._right: np.ndarray | None = None  # sides of the pass before
        self.rows = matrix.shape[0]

    def __call__(
        self, right: np.ndarray, lower: np.ndarray, upper: np.ndarray, changed: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """One pass over the rows with a column that `changed`, and those of relations, whose right sides may have."""
        active = np.zeros(self.rows, bool)
        active[self.row[changed[self.column]]] = True
        active |= right != self._right if self._right is not None else True
        self._right = right.copy()
        at = np.flatnonzero(active[self.row])
        k = int(np.searchsorted(at, self.rising))
        row, column, value = self.row[at], self.column[at], self.value[at]
        least = value * np.concatenate([lower[column[:k]], upper[column[k:]]])
        open_end = ~np.isfinite(least)
        finite = np.where(open_end, 0.0, least)
        total, sizes = (np.bincount(row, weights=part, minlength=self.rows) for part in (finite, np.abs(finite)))
        gaps = np.bincount(row, weights=open_end, minlength=self.rows)
        known = (gaps[row] == open_end) & np.isfinite(right[row])
        with np.errstate(invalid="ignore"):
            limit = (right[row] - (total[row] - finite)) / value
            rounded = TOLERANCES.row_round_off * (np.abs(right[row]) + sizes[row]) / np.abs(value)
        limit = limit + np.where(np.arange(len(at)) < k, rounded, -rounded)
        limit = np.where(known, limit, np.where(np.arange(len(at)) < k, np.inf, -np.inf))
        new_lower, new_upper = lower.copy(), upper.copy()
        above, first = _starts(column[:k])
        if len(above):
            new_upper[above] = np.minimum(upper[above], np.minimum.reduceat(limit[:k], first))
        below, first = _starts(column[k:])
        if len(below):
            new_lower[below] = np.maximum(lower[below], np.maximum.reduceat(limit[k:], first))
        crossed = new_lower > new_upper  # no answer: left for HiGHS to prove
        return np.where(crossed, lower, new_lower), np.where(crossed, upper, new_upper)


def _starts(column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The columns among sorted ones, and where each begins."""
    first = np.flatnonzero(np.concatenate([[True], column[1:] != column[:-1]])) if len(column) else np.zeros(0, int)
    return column[first], first


class _Largest:
    """Largest right sides of relations of one kind, f(z) at the best arguments less the constant of the bound."""

    def __init__(self, relations: Relations) -> None:
        matrix = sparse.csr_array(sparse.vstack([argument.matrix for argument in relations.arguments], format="csr"))
        self.relations, self.count, self.width = relations, len(relations.names), len(relations.arguments)
        self.constant = np.concatenate([argument.constant for argument in relations.arguments])
        self._positive, self._negative = sparse.csr_array(matrix.maximum(0)), sparse.csr_array(matrix.minimum(0))
        self._high = np.full((self.count, self.width), np.nan)

    def update(self, right: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        """Into `right`, at the best ends of the box; only what is not as the time before is worked out."""
        relations = self.relations
        high = self._most(lower, upper).reshape(self.width, self.count).T
        if isinstance(relations.functions, Parabolas):
            high = np.minimum(high, relations.functions.scale[:, None] / 2)
        at = np.flatnonzero((high != self._high).any(axis=1))
        self._high = high
        if not len(at):
            return
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            value = take(relations.functions, at).value(np.maximum(high[at], 0.0))
        right[at] = np.where(np.isnan(value), np.inf, value) - relations.bound.constant[at]

    def _most(self, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
        """Largest values of the arguments over the box."""
        high = np.where(np.isfinite(upper), upper, 1e30)
        low = np.where(np.isfinite(lower), lower, -1e30)
        most = self._positive @ high + self._negative @ low + self.constant
        return np.where(most > 1e25, np.inf, most)


def ranges(affine: Affine, lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest values of affine functions over the box."""
    matrix, rows = affine.matrix, affine.matrix.shape[0]
    row, rising = np.repeat(np.arange(rows), np.diff(matrix.indptr)), matrix.data > 0
    with np.errstate(invalid="ignore"):
        high = matrix.data * np.where(rising, upper[matrix.indices], lower[matrix.indices])
        low = matrix.data * np.where(rising, lower[matrix.indices], upper[matrix.indices])
        least, most = (np.bincount(row, weights=ends, minlength=rows) + affine.constant for ends in (low, high))
    return least, most


def _moved(before: np.ndarray, after: np.ndarray, unit: np.ndarray) -> bool:
    """Whether a bound became finite or moved by more than a hundredth."""
    first = np.isfinite(after) & ~np.isfinite(before)
    with np.errstate(invalid="ignore"):
        far = np.abs(after - before) > 0.01 * np.maximum(unit, np.abs(after))
    return bool((first | far).any())
