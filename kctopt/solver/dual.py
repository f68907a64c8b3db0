r"""The bound that prices prove by themselves: weak duality with one tangent a relation.

    bound = y' (right sides) + r' (right sides of the tangents at x) + sum_j  min over [lower_j, upper_j] of z_j x_j,
    z = cost - y' A - r' T

holds for every y of the signs that the open sides of rows ask for and every r <= 0, whatever x is: the tangents T are
valid everywhere. At an optimum with its own prices it is the optimum itself. Nothing is solved; what the prices leave
of z is paid for over the whole range of each column, so an inexact price gives a weaker bound, never a false one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from kctopt.concave import Functions, Parabolas, take
from kctopt.solver.arrays import LinearProgram
from kctopt.solver.bounds import ranges
from kctopt.solver.compiled import Compiled
from kctopt.solver.highs import Highs
from kctopt.solver.newton import SMALL, Point
from kctopt.solver.settings import TOLERANCES
from kctopt.solver.tangents import Tangents
from kctopt.solver.units import EPSILON

STEEPER = 1e4  # times at most that a slope, or an argument, is changed for the balance of a column
FLAT = 1e-3  # determinant from which on a law's slopes can be changed one by one


def dual_bound(
    compiled: Compiled, tangents: Tangents, point: Point, lower: np.ndarray, upper: np.ndarray
) -> float:  # fmt: skip
    """Least value of cost @ x over the program, proven by the prices of a point.

    `lower` and `upper` are proven bounds of the columns (bounds.propagate); minus infinity where one that is needed is
    not finite.
    """
    program = tangent_program(compiled, tangents, point.x, lower, upper)
    return linear_bound(program, np.concatenate([point.rows, point.relations]))


def tangent_program(
    compiled: Compiled, tangents: Tangents, x: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> LinearProgram:  # fmt: skip
    """The linear program of the rows and one tangent a relation at x, in these proven bounds of the columns.

    An argument without room between them counts as its largest value: a tangent near 0 would be lifted off the curve.
    """
    c = compiled
    slopes, right = tangents.rows(tangents.points(x), smallest=SMALL, held=_held(compiled, lower, upper))
    low, high = np.concatenate([c.lower, np.full(len(right), -np.inf)]), np.concatenate([c.upper, right])
    rows = sparse.csr_array(sparse.vstack([c.rows, slopes], format="csr"))
    return LinearProgram(c.cost, rows, low, high, lower, upper)


def balanced(
    compiled: Compiled, tangents: Tangents, x: np.ndarray, program: LinearProgram, prices: np.ndarray
) -> LinearProgram:  # fmt: skip
    """The tangent program at x with tangents moved along their laws to where their slopes balance what prices leave.

    A law that is steep near 0 has another slope at every step of a method; what one tangent leaves on an amount of
    money counts over its whole range, whereas the law itself has a point whose slope leaves nothing.
    """
    c, laws = compiled, -prices[len(compiled.lower) :]
    left = program.cost - program.rows.T @ prices
    points, held = [np.maximum(p, SMALL) for p in tangents.points(x)], _held(c, program.lower, program.upper)
    slopes, total = [], np.zeros(len(c.cost))
    for n, (group, p) in enumerate(zip(c.relations, points, strict=True)):
        price = laws[tangents.starts[n] : tangents.starts[n + 1]]
        slopes.append(np.where(np.isnan(held[n]), group.functions.gradient(p), 0.0))
        for j, (column, factor) in enumerate(tangents.alone[n]):
            at = np.flatnonzero(column >= 0)
            np.add.at(total, column[at], price[at] * factor[at] * slopes[n][at, j])
    part = np.divide(left, total, out=np.zeros(len(left)), where=total > 0)
    wanted = np.log(np.clip(1.0 + part, 1 / STEEPER, STEEPER))  # change of slopes, column by column
    for n, group in enumerate(c.relations):
        change = np.column_stack(
            [np.where(column >= 0, wanted[column] * (factor > 0), 0.0) for column, factor in tangents.alone[n]]
        )
        at = np.flatnonzero((change != 0).any(axis=1))
        if len(at) and not isinstance(group.functions, Parabolas):
            points[n][at] *= np.exp(_steps(take(group.functions, at), points[n][at], slopes[n][at], change[at]))
    slopes_there, right = tangents.rows(points, smallest=SMALL, held=held)
    rows = sparse.csr_array(sparse.vstack([c.rows, slopes_there], format="csr"))
    return replace(program, rows=rows, high=np.concatenate([c.upper, right]))


def _steps(functions: Functions, p: np.ndarray, slopes: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Changes of the logarithms of arguments that change those of the slopes as asked; exact for power products."""
    used = slopes > 0
    bend = functions.hessian(p) * p[:, None, :] / np.where(used, slopes, 1.0)[:, :, None]
    both = used[:, :, None] & used[:, None, :]
    bend = np.where(both, bend, -np.eye(p.shape[1]))
    bend = np.where(np.abs(np.linalg.det(bend))[:, None, None] > FLAT, bend, -np.eye(p.shape[1]))
    steps = np.linalg.solve(bend, change[:, :, None])[:, :, 0]
    return np.clip(np.where(used, steps, 0.0), -np.log(STEEPER), np.log(STEEPER))


def _held(compiled: Compiled, lower: np.ndarray, upper: np.ndarray) -> list[np.ndarray]:
    """Largest value of every argument that has no room, NaN of the others; the laws rise in all but parabolas'."""
    largest = []
    for group in compiled.relations:
        held = np.full((len(group.names), len(group.arguments)), np.nan)
        if not isinstance(group.functions, Parabolas):
            for j, argument in enumerate(group.arguments):
                low, high = ranges(argument, lower, upper)
                held[:, j] = np.where(high - low <= SMALL, np.maximum(high, 0.0), np.nan)
        largest.append(held)
    return largest


def reduced_costs(compiled: Compiled, tangents: Tangents, point: Point) -> np.ndarray:
    """What the prices of a point leave of the cost of every column."""
    slopes, _ = tangents.rows(tangents.points(point.x), smallest=SMALL)
    return np.asarray(compiled.cost - compiled.rows.T @ point.rows - slopes.T @ point.relations)


def linear_bound(program: LinearProgram, prices: np.ndarray) -> float:
    """What prices of its rows prove of a linear program; minus infinity where a bound that is needed is not finite.

    A solver's own optimum stands on prices that are off by its tolerance; where slopes are steep, that can be much.
    """
    low, high = program.low, program.high
    prices = np.where(np.isfinite(low), prices, np.minimum(prices, 0.0))
    prices = np.where(np.isfinite(high), prices, np.maximum(prices, 0.0))
    left = program.cost - program.rows.T @ prices
    limits = np.where(prices > 0, low, np.where(prices < 0, high, 0.0))
    with np.errstate(invalid="ignore"):
        ends = np.where(left > 0, left * program.lower, np.where(left < 0, left * program.upper, 0.0))
    endless = np.flatnonzero(np.isinf(ends))
    if len(endless):  # what is left of 0 by round-off is 0 on a column without a bound
        used = program.rows[:, endless]
        noise = TOLERANCES.price_noise * (np.abs(program.cost[endless]) + abs(used).T @ np.abs(prices))
        ends[endless] = np.where(np.abs(left[endless]) <= noise, 0.0, -np.inf)
    terms = np.concatenate([prices * limits, ends])
    if not np.isfinite(terms).all():
        return -np.inf
    return float(terms.sum() - TOLERANCES.bound_round_off * np.abs(terms).sum() - _rounded(program, prices))


def _rounded(program: LinearProgram, prices: np.ndarray) -> float:
    """What round-off in the prices left on columns can be worth over their ranges."""
    rows = program.rows
    sizes = sparse.csr_array((np.abs(rows.data), rows.indices, rows.indptr), shape=rows.shape)
    terms = np.abs(program.cost) + sizes.T @ np.abs(prices)
    count = np.bincount(rows.indices, minlength=len(program.cost)) + 2
    reach = np.maximum(np.abs(program.lower), np.abs(program.upper))
    return float(EPSILON * (count * terms) @ np.where(np.isfinite(reach), reach, 0.0))


def mended(program: LinearProgram, prices: np.ndarray) -> np.ndarray:
    """Prices changed by the least that leaves nothing on columns without a bound, where these need it."""
    endless = np.flatnonzero(np.isinf(program.lower) | np.isinf(program.upper))
    part = sparse.csr_array(program.rows[:, endless])
    free = (prices != 0) | (program.low == program.high)
    used = np.flatnonzero((np.diff(part.indptr) > 0) & free)
    left = program.cost[endless] - part.T @ prices
    needed = ((left < 0) & np.isinf(program.upper[endless])) | ((left > 0) & np.isinf(program.lower[endless]))
    if not len(used) or not needed.any():
        return prices
    change, *_ = np.linalg.lstsq(part[used][:, needed].toarray().T, left[needed], rcond=None)
    changed = prices.copy()
    changed[used] += change
    return changed


def refuted(program: LinearProgram, highs: Highs) -> bool:
    """Whether it is proven that the program HiGHS ended without an answer has none, in the bounds given here.

    Bounds of a column that cross, as those of a node of a tree may, need no prices; else HiGHS's ray must prove it.
    """
    if (program.lower > program.upper + TOLERANCES.bound_round_off).any():
        return True
    ray = highs.ray()
    return ray is not None and refutes(program, ray)


def refutes(program: LinearProgram, ray: np.ndarray) -> bool:
    """Whether prices prove by themselves that a linear program has no answer: without costs, more than 0 is needed."""
    size = float(np.abs(ray).max(initial=0.0))
    if size == 0.0:
        return False
    free = replace(program, cost=np.zeros(len(program.cost)))
    return any(linear_bound(free, sign * ray / size) > 0.0 for sign in (1.0, -1.0))


def outgrown(program: LinearProgram, prices: np.ndarray, cost_unit: float) -> bool:
    """Whether prices have grown beyond what the objective is worth and prove that there is no answer."""
    return bool(np.abs(prices).max(initial=0.0) > TOLERANCES.refuting_price * cost_unit) and refutes(program, prices)
