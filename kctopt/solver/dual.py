r"""The bound that prices prove by themselves: weak duality with one tangent a relation.

    bound = y' (right sides) + r' (right sides of the tangents at x) + sum_j  min over [lower_j, upper_j] of z_j x_j,
    z = cost - y' A - r' T

holds for every y of the signs that the open sides of rows ask for and every r <= 0, whatever x is: the tangents T are
valid everywhere. At an optimum with its own prices it is the optimum itself. Nothing is solved; what the prices leave
of z is paid for over the whole range of each column, so an inexact price gives a weaker bound, never a false one.
"""

from __future__ import annotations

import numpy as np

from kctopt.solver.compile import Compiled
from kctopt.solver.newton import SMALL, Point
from kctopt.solver.tangents import Tangents

ROUNDED = 1e-10  # of the sum of all terms, taken off for round-off


def dual_bound(
    compiled: Compiled, tangents: Tangents, point: Point, lower: np.ndarray, upper: np.ndarray
) -> float:  # fmt: skip
    """Least value of cost @ x over the program, proven by the prices of a point.

    `lower` and `upper` are proven bounds of the columns (bounds.propagate); minus infinity where one that is needed is
    not finite.
    """
    c = compiled
    rows = np.where(np.isfinite(c.lower), point.rows, np.minimum(point.rows, 0.0))
    rows = np.where(np.isfinite(c.upper), rows, np.maximum(rows, 0.0))
    relations = np.minimum(point.relations, 0.0)
    slopes, right = tangents.rows(tangents.points(point.x), smallest=SMALL)
    left = c.cost - c.rows.T @ rows - slopes.T @ relations
    limits = np.where(rows > 0, c.lower, np.where(rows < 0, c.upper, 0.0))
    with np.errstate(invalid="ignore"):
        ends = np.where(left > 0, left * lower, np.where(left < 0, left * upper, 0.0))
    terms = np.concatenate([rows * limits, relations * right, ends])
    return float(terms.sum() - ROUNDED * np.abs(terms).sum()) if np.isfinite(terms).all() else -np.inf
