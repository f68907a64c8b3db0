"""Finite bounds for every column, by propagation through rows and concave relations.

Each row  sum_j a_j x_j <= b  bounds each of its columns by the least the others can add; each relation is such a row
with b = f(z) at the largest arguments. Sweeps are repeated until nothing moves. The bounds only replace infinite ones,
and with room to spare, so they never bind at a plan and take no price: what they do is let the simplex method see early
that a program has no answer.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from kctopt.concave import Parabolas
from kctopt.solver.compile import Affine, Compiled, Relations

SWEEPS = 200
ROOM = 2.0  # factor by which the bounds passed on are wider than those proven


def with_finite_bounds(compiled: Compiled) -> Compiled:
    """The program with its infinite column bounds replaced where propagation finds finite ones."""
    lower, upper = propagate(compiled)
    room = ROOM * np.maximum(compiled.unit, np.maximum(np.abs(lower), np.abs(upper)))
    low = np.where(np.isneginf(compiled.column_lower) & np.isfinite(room), -room, compiled.column_lower)
    high = np.where(np.isposinf(compiled.column_upper) & np.isfinite(room), room, compiled.column_upper)
    return replace(compiled, column_lower=low, column_upper=high)


def least_cost(compiled: Compiled) -> float:
    """What nothing inside the proven bounds of the columns costs less than; minus infinity where they are open."""
    lower, upper = propagate(compiled)
    used = np.flatnonzero(compiled.cost)
    cost = compiled.cost[used]
    return float(cost @ np.where(cost > 0, lower[used], upper[used]))


def propagate(compiled: Compiled) -> tuple[np.ndarray, np.ndarray]:
    """Proven bounds of every column, possibly infinite."""
    above, below = np.isfinite(compiled.upper), np.isfinite(compiled.lower)
    parts = [compiled.rows[above], -compiled.rows[below], *(relations.bound.matrix for relations in compiled.relations)]
    matrix = sparse.vstack(parts, format="coo")
    fixed = np.concatenate([compiled.upper[above], -compiled.lower[below]])
    lower, upper = compiled.column_lower.copy(), compiled.column_upper.copy()
    for _ in range(SWEEPS):
        right = np.concatenate([fixed, *(_largest(relations, lower, upper) for relations in compiled.relations)])
        new_lower, new_upper = _sweep(matrix, right, lower, upper, compiled.unit)
        moved = _moved(lower, new_lower, compiled.unit) or _moved(upper, new_upper, compiled.unit)
        lower, upper = new_lower, new_upper
        if not moved:
            break
    return lower, upper


def _sweep(
    matrix: sparse.coo_array, right: np.ndarray, lower: np.ndarray, upper: np.ndarray, unit: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """One pass over all rows."""
    row, column, value = matrix.row, matrix.col, matrix.data
    least = value * np.where(value > 0, lower[column], upper[column])
    open_end = ~np.isfinite(least)
    finite = np.where(open_end, 0.0, least)
    total = np.bincount(row, weights=finite, minlength=len(right))
    gaps = np.bincount(row, weights=open_end, minlength=len(right))
    others = total[row] - finite
    known = (gaps[row] - open_end == 0) & np.isfinite(right[row])
    limit = (right[row[known]] - others[known]) / value[known]
    limit = limit + np.sign(value[known]) * 1e-9 * np.maximum(unit[column[known]], np.abs(limit))
    rising = value[known] > 0
    new_lower, new_upper = lower.copy(), upper.copy()
    np.minimum.at(new_upper, column[known][rising], limit[rising])
    np.maximum.at(new_lower, column[known][~rising], limit[~rising])
    crossed = new_lower > new_upper  # no answer: left for HiGHS to prove
    return np.where(crossed, lower, new_lower), np.where(crossed, upper, new_upper)


def _largest(relations: Relations, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Largest right side of each relation, f(z) at the best arguments less the constant of its bound."""
    high = np.column_stack([_most(argument, lower, upper) for argument in relations.arguments])
    if isinstance(relations.functions, Parabolas):
        high = np.minimum(high, relations.functions.scale[:, None] / 2)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        value = relations.functions.value(np.maximum(high, 0.0))
    return np.asarray(np.where(np.isnan(value), np.inf, value) - relations.bound.constant)


def _most(affine: Affine, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Largest value of affine functions over the box."""
    positive, negative = affine.matrix.maximum(0), affine.matrix.minimum(0)
    with np.errstate(invalid="ignore"):
        high = np.where(np.isfinite(upper), upper, 1e30)
        low = np.where(np.isfinite(lower), lower, -1e30)
    most = positive @ high + negative @ low + affine.constant
    return np.where(most > 1e25, np.inf, most)


def _moved(before: np.ndarray, after: np.ndarray, unit: np.ndarray) -> bool:
    """Whether a bound became finite or moved by more than a hundredth."""
    first = np.isfinite(after) & ~np.isfinite(before)
    with np.errstate(invalid="ignore"):
        far = np.abs(after - before) > 0.01 * np.maximum(unit, np.abs(after))
    return bool((first | far).any())
