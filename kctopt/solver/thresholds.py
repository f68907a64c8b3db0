"""Rules of the user's own on whole numbers alone, in numbers that no tolerance can satisfy.

    1e6 y >= 1,  y whole      y = 1e-6 counts as 0 to HiGHS and keeps the row;  y >= 1 says the same of whole numbers
    sum a_j y_j >= b          with a_j all multiples of g:   sum (a_j / g) y_j >= b / g, rounded up
    sum a_j z_j >= b,  z >= 0 a_j larger than b are as good as b

Only rows are written anew in which a choice that breaks them does so by little beside their coefficients; the names
and the order of the rows stay. What a plan is judged by at the end is the rule as written (result/own.py).
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction

import numpy as np
from scipy import sparse

from kctopt.own import NOISE, family
from kctopt.program import Program
from kctopt.solver.compiled import Compiled

LITTLE = 1e-2  # of the largest coefficient: choices that break a row by less are ruled out by numbers near 1


def own_whole_rows(own: Collection[str], compiled: Compiled) -> np.ndarray:
    """Positions of the rows of a user's components `own` that speak of integers alone."""
    if not compiled.integer.any() or not own:
        return np.zeros(0, int)
    mine = np.array([name in own or family(name) in own for name in compiled.row_names], bool)
    other = abs(compiled.rows) @ np.where(compiled.integer, 0.0, 1.0)
    return np.flatnonzero(mine & (other == 0) & (np.diff(compiled.rows.indptr) > 0))


def without_thresholds(program: Program, compiled: Compiled) -> Compiled:
    """The program with these rows written so that choices that break them do so clearly."""
    rows, lower, upper = compiled.rows.copy(), compiled.lower.copy(), compiled.upper.copy()
    changed = False
    for n in own_whole_rows(program.own(), compiled):
        part = slice(rows.indptr[n], rows.indptr[n + 1])
        at = rows.indices[part]
        bounds = compiled.column_lower[at], compiled.column_upper[at]
        rewritten = _rewritten(rows.data[part], float(lower[n]), float(upper[n]), *bounds)
        if rewritten is not None:
            rows.data[part], lower[n], upper[n] = rewritten
            changed = True
    return replace(compiled, rows=sparse.csr_array(rows), lower=lower, upper=upper) if changed else compiled


def _rewritten(
    factors: np.ndarray, low: float, high: float, least: np.ndarray, most: np.ndarray
) -> tuple[np.ndarray, float, float] | None:
    """Coefficients and sides of a row on whole numbers between `least` and `most`; None where it may stay."""
    unit = _common(factors)
    a = np.round(factors / unit)
    noise = NOISE * float(np.abs(a).max())
    low, high = low / unit, high / unit
    new_low = math.ceil(low - max(noise, 1e-9 * abs(low))) if math.isfinite(low) else low
    new_high = math.floor(high + max(noise, 1e-9 * abs(high))) if math.isfinite(high) else high
    broken = min(low - (new_low - 1) if math.isfinite(low) else math.inf,
                 new_high + 1 - high if math.isfinite(high) else math.inf)  # fmt: skip
    if broken >= LITTLE * float(np.abs(a).max()):
        return None
    if math.isinf(high):
        return (*_clipped(a, new_low, least, most), math.inf)
    if math.isinf(low):
        negative, side = _clipped(-a, -new_high, least, most)
        return -negative, -math.inf, -side
    return a, float(new_low), float(new_high)


def _common(factors: np.ndarray) -> float:
    """The largest number that all coefficients, as decimals, are multiples of."""
    parts = [Fraction(repr(float(factor))) for factor in np.abs(factors)]
    below = math.lcm(*(part.denominator for part in parts))
    return float(Fraction(math.gcd(*(int(part * below) for part in parts)), below))


def _clipped(a: np.ndarray, low: float, least: np.ndarray, most: np.ndarray) -> tuple[np.ndarray, float]:
    """The row  a @ y >= low  with no coefficient larger than what is asked beyond the least it can be."""
    start = np.where(a > 0, least, most)
    asked = low - float(a @ start)
    if asked <= 0:  # holds whatever is chosen
        return a, low
    clipped = np.clip(a, -asked, asked)
    size = 2.0 ** np.round(np.log2(np.abs(clipped).max()))
    return clipped / size, (asked + float(clipped @ start)) / size
