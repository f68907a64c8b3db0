"""A near-optimal point of the exact program by Clarabel's interior-point method on power cones.

The point is where the proof starts, never the proof: tangents taken at it make one LP of HiGHS tight.

    power product  t <= prod z_j^a_j         a chain of power cones, the exponents completed to 1 by a constant
    ces, rho < 0   sum w_j r_j <= t,  t <= r_j^(1/(1-rho)) z_j^(-rho/(1-rho))
    ces, 0 < rho   t <= sum w_j r_j,  r_j <= t^(1-rho) z_j^rho
    parabola       (z/K)^2 <= (z - t/s)/K    second-order cone
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import clarabel
import numpy as np
from scipy import sparse

from kctopt.concave import CesMeans, Parabolas, PowerProducts
from kctopt.solver.compile import Affine, Compiled, Relations

SOLVED = ("Solved", "AlmostSolved")


@dataclass(frozen=True)
class Interior:
    """End of a run: Clarabel's status, and the columns of the program at its point (None without one)."""

    status: str
    x: np.ndarray | None
    iterations: int


@dataclass
class _Cone:
    """Rows  matrix @ v + constant  in a product of cones; v are the free columns, then auxiliary ones."""

    columns: int
    parts: list[Affine] = field(default_factory=list)
    cones: list[Any] = field(default_factory=list)

    def auxiliary(self, count: int) -> Affine:
        """New columns, as the affine functions that read them."""
        start, self.columns = self.columns, self.columns + count
        shape = (count, self.columns)
        ones = (np.ones(count), (np.arange(count), np.arange(start, self.columns)))
        return Affine(sparse.csr_array(ones, shape=shape), np.zeros(count))

    def add(self, rows: Affine, cones: list[Any]) -> None:
        self.parts.append(rows)
        self.cones += cones


def solve_interior(compiled: Compiled, time_limit: float = np.inf, tolerance: float = 1e-8) -> Interior:
    """Solve the exact convex program.

    Parameters
    ----------
    compiled : the program as arrays.
    time_limit : seconds.
    tolerance : relative gap and feasibility asked of Clarabel.
    """
    free = np.flatnonzero(compiled.column_lower < compiled.column_upper)
    held = np.where(compiled.column_lower < compiled.column_upper, 0.0, compiled.column_lower)
    cone = _Cone(len(free))
    _add_linear(cone, compiled, free, held)
    for relations in compiled.relations:
        _add_relations(cone, _on_free(relations, free, held), compiled.column_lower[free])
    solution = _run(cone, compiled.cost[free], time_limit, tolerance)
    status = str(solution.status)
    if status not in SOLVED:
        return Interior(status, None, solution.iterations)
    x = held.copy()
    x[free] = np.asarray(solution.x)[: len(free)]
    return Interior(status, np.clip(x, compiled.column_lower, compiled.column_upper), solution.iterations)


def _run(cone: _Cone, cost: np.ndarray, time_limit: float, tolerance: float) -> Any:
    """Hand the cones to Clarabel."""
    matrix = _stack([part.matrix for part in cone.parts], cone.columns)
    constant = np.concatenate([part.constant for part in cone.parts])
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.time_limit = float(time_limit)
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = tolerance
    full = np.zeros(cone.columns)
    full[: len(cost)] = cost
    scale = max(1.0, float(np.abs(cost).max(initial=0.0)))
    quadratic = sparse.csc_matrix((cone.columns, cone.columns))
    return clarabel.DefaultSolver(quadratic, full / scale, sparse.csc_matrix(-matrix), constant, cone.cones, settings).solve()


def _stack(matrices: list[Any], width: int) -> sparse.csr_array:
    """Matrices on top of each other, widened to the final number of columns."""
    for matrix in matrices:
        matrix.resize((matrix.shape[0], width))
    return sparse.vstack(matrices, format="csr")


def _on_free(relations: Relations, free: np.ndarray, held: np.ndarray) -> Relations:
    """Relations in terms of the free columns."""

    def cut(affine: Affine) -> Affine:
        return Affine(affine.matrix[:, free], affine(held))

    return Relations(relations.functions, relations.names, cut(relations.bound), list(map(cut, relations.arguments)))


def _add_linear(cone: _Cone, compiled: Compiled, free: np.ndarray, held: np.ndarray) -> None:
    """Equalities, inequalities and column bounds."""
    rows, shift = compiled.rows[:, free], compiled.rows @ held
    lower, upper = compiled.lower - shift, compiled.upper - shift
    equal = lower == upper
    above, below = np.isfinite(lower) & ~equal, np.isfinite(upper) & ~equal
    cone.add(Affine(rows[equal], -upper[equal]), [clarabel.ZeroConeT(int(equal.sum()))] if equal.any() else [])
    identity = sparse.eye_array(len(free), format="csr")
    low, high = compiled.column_lower[free], compiled.column_upper[free]
    has_low, has_high = np.isfinite(low), np.isfinite(high)
    parts = [
        Affine(rows[above], -lower[above]),
        Affine(-rows[below], upper[below]),
        Affine(identity[has_low], -low[has_low]),
        Affine(-identity[has_high], high[has_high]),
    ]
    count = sum(len(part.constant) for part in parts)
    joined = Affine(sparse.vstack([p.matrix for p in parts], format="csr"), np.concatenate([p.constant for p in parts]))
    cone.add(joined, [clarabel.NonnegativeConeT(count)] if count else [])


def _add_relations(cone: _Cone, relations: Relations, lower: np.ndarray) -> None:
    """The cones of one kind of relation."""
    match relations.functions:
        case PowerProducts():
            _add_power(cone, relations, relations.functions, lower)
        case CesMeans():
            _add_ces(cone, relations, relations.functions)
        case Parabolas():
            _add_parabola(cone, relations, relations.functions)


def _add_power(cone: _Cone, relations: Relations, functions: PowerProducts, lower: np.ndarray) -> None:
    """t <= prod z^a, relations with the same pattern of arguments together; constant arguments join the coefficient."""
    exponents = functions.exponents
    constants = np.column_stack([z.constant for z in relations.arguments])
    moving = np.column_stack([np.diff(z.matrix.indptr) > 0 for z in relations.arguments]) & (exponents > 0)
    fixed = np.where(moving | (exponents == 0), 1.0, constants) ** exponents
    coefficient = functions.coefficient * fixed.prod(axis=1)
    bound = _scaled(_nonnegative_bound(cone, relations.bound, lower), 1 / coefficient)
    rest = np.maximum(0.0, 1 - np.where(moving, exponents, 0.0).sum(axis=1))
    pattern = np.column_stack([moving, rest > 1e-12])
    for used in np.unique(pattern, axis=0):
        index = np.flatnonzero((pattern == used).all(axis=1))
        arguments = [_rows(relations.arguments[j], index) for j in np.flatnonzero(used[:-1])]
        powers = [exponents[index, j] for j in np.flatnonzero(used[:-1])]
        if used[-1]:
            arguments.append(Affine(sparse.csr_array((len(index), cone.columns)), np.ones(len(index))))
            powers.append(rest[index])
        _add_chain(cone, _rows(bound, index), arguments, powers)


def _add_chain(cone: _Cone, bound: Affine, arguments: list[Affine], powers: list[np.ndarray]) -> None:
    """t <= prod z_j^p_j with powers summing to 1, by three-dimensional power cones, one argument after another."""
    if len(arguments) == 1:
        cone.add(_minus(arguments[0], bound), [clarabel.NonnegativeConeT(len(bound.constant))])
        return
    left = np.sum(powers, axis=0)
    for n, (argument, power) in enumerate(zip(arguments[:-1], powers[:-1], strict=True)):
        following = arguments[-1] if n == len(arguments) - 2 else cone.auxiliary(len(bound.constant))
        rows = _interleave([argument, following, bound], np.ones((len(power), 3), bool), cone.columns)
        cone.add(rows, [clarabel.PowerConeT(float(alpha)) for alpha in power / left])
        bound, left = following, left - power


def _nonnegative_bound(cone: _Cone, bound: Affine, lower: np.ndarray) -> Affine:
    """The bound itself where it cannot be negative, else a column h >= 0 with bound <= h: the cone bounds |t|."""
    count = len(bound.constant)
    negative = bound.matrix.copy()
    negative.data = np.where((negative.data > 0) & (lower[negative.indices] >= 0), 0.0, 1.0)
    signed = (negative.sum(axis=1) > 0) | (bound.constant < 0)
    if not signed.any():
        return bound
    keep = sparse.diags_array((~signed).astype(float), format="csr")
    held = cone.auxiliary(int(signed.sum()))
    spread = sparse.csr_array((np.ones(held.matrix.shape[0]), (np.flatnonzero(signed), np.arange(held.matrix.shape[0]))),
                              shape=(count, held.matrix.shape[0]))  # fmt: skip
    rows = bound.matrix[signed]
    rows.resize(held.matrix.shape)
    cone.add(Affine(held.matrix - rows, -bound.constant[signed]), [clarabel.NonnegativeConeT(int(signed.sum()))])
    kept = keep @ bound.matrix
    kept.resize((count, cone.columns))
    return Affine(sparse.csr_array(kept + spread @ held.matrix), np.where(signed, 0.0, bound.constant))


def _add_ces(cone: _Cone, relations: Relations, functions: CesMeans) -> None:
    """CES means, one relation a group of rows; auxiliary columns r_j."""
    for i in range(len(functions.rho)):
        rho, used = float(functions.rho[i]), np.flatnonzero(functions.weights[i] > 0)
        bound = _scaled(_rows(relations.bound, [i]), 1 / functions.coefficient[i : i + 1])
        parts = cone.auxiliary(len(used))
        total = Affine(sparse.csr_array(functions.weights[i, used][None, :] @ parts.matrix), np.zeros(1))
        difference = _minus(bound, total) if rho < 0 else _minus(total, bound)
        cone.add(difference, [clarabel.NonnegativeConeT(1)])
        for position, j in enumerate(used):
            part, z = _rows(parts, [position]), _rows(relations.arguments[j], [i])
            rows = [part, z, bound] if rho < 0 else [bound, z, part]
            alpha = 1 / (1 - rho) if rho < 0 else 1 - rho
            cone.add(_interleave(rows, np.ones((1, 3), bool), cone.columns), [clarabel.PowerConeT(alpha)])


def _add_parabola(cone: _Cone, relations: Relations, functions: Parabolas) -> None:
    """|(2 z/K, w - 1)| <= w + 1 with w = (z - t/s)/K."""
    z = relations.arguments[0]
    w = _scaled(_minus(z, _scaled(relations.bound, 1 / functions.slope)), 1 / functions.scale)
    count = len(functions.slope)
    plus, minus = Affine(w.matrix, w.constant + 1), Affine(w.matrix, w.constant - 1)
    rows = _interleave([plus, _scaled(z, 2 / functions.scale), minus], np.ones((count, 3), bool), cone.columns)
    cone.add(rows, [clarabel.SecondOrderConeT(3)] * count)


def _rows(affine: Affine, index: Any) -> Affine:
    return Affine(affine.matrix[index], affine.constant[index])


def _scaled(affine: Affine, factor: np.ndarray) -> Affine:
    return Affine(sparse.csr_array(sparse.diags_array(factor) @ affine.matrix), factor * affine.constant)


def _minus(a: Affine, b: Affine) -> Affine:
    """a - b, over the wider set of columns."""
    width = max(a.matrix.shape[1], b.matrix.shape[1])
    left, right = a.matrix.copy(), b.matrix.copy()
    left.resize((left.shape[0], width))
    right.resize((right.shape[0], width))
    return Affine(sparse.csr_array(left - right), a.constant - b.constant)


def _interleave(parts: list[Affine], used: np.ndarray, width: int) -> Affine:
    """Row j of relation i from parts[j], relations one after another; `used` (m, parts) leaves rows out."""
    count = len(parts[0].constant)
    matrix = _stack([part.matrix.copy() for part in parts], width)
    constant = np.concatenate([part.constant for part in parts])
    order = (np.arange(len(parts)) * count + np.arange(count)[:, None])[used]
    return Affine(matrix[order], constant[order])
