"""The nearest point that keeps linear rows: by hand, against another solver, and where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from pytest import approx
from scipy import sparse

from kctopt.solver.least_squares import Squares, nearest

INF = np.inf


def squares(weight: list[float], target: list[float], rows: list[list[float]], lower: list[float], upper: list[float],
            cost: list[float] | None = None) -> Squares:  # fmt: skip
    return Squares(
        np.array(weight), np.array(target), np.array(cost or [0.0] * len(weight)),
        sparse.csr_array(np.array(rows).reshape(-1, len(weight))), np.array(lower), np.array(upper),
    )  # fmt: skip


def test_by_hand() -> None:
    # (3, 2) to x + y = 2: each gives 1.5; (3, 1) to 1: y cannot give its 1.5 and x gives the rest
    assert nearest(squares([1, 1], [3, 2], [[1, 1]], [2], [2])) == approx([1.5, 0.5], abs=1e-8)
    assert nearest(squares([1, 1], [3, 1], [[1, 1]], [1], [1])) == approx([1.0, 0.0], abs=1e-8)
    # with weights 1/m0 what is taken is taken in proportion
    assert nearest(squares([1 / 3, 1], [3, 1], [[1, 1]], [-INF], [2])) == approx([1.5, 0.5], abs=1e-8)
    # a row of one column that leaves nothing takes it out; what holds already is not touched
    assert nearest(squares([1, 1], [3, 1], [[1, 0], [0, 1]], [-INF, 0], [0, 5])) == approx([0.0, 1.0], abs=1e-8)
    # a dear slack is used where rows leave no other way, and then as little as can be
    missed = squares([1, 0], [3, 0], [[1, 0], [1, 1]], [-INF, 3], [2, 3], [0, 100])
    assert nearest(missed) == approx([2.0, 1.0], abs=1e-6)


@pytest.mark.parametrize("unit", [1e-4, 1.0, 1e4, 1e9])
def test_money_in_other_units_has_the_same_point(unit: float) -> None:
    """HiGHS adds 1e-7 to a Hessian, however small that is (findings/highs-quadratic-units.sh)."""
    found = nearest(squares([1 / (3 * unit), 1 / unit], [3 * unit, unit], [[1, 1]], [2 * unit], [2 * unit]))
    assert found / unit == approx([1.5, 0.5], rel=1e-6)


def test_rows_that_contradict_each_other_have_no_point() -> None:
    assert nearest(squares([1, 1], [3, 1], [[1, 1], [1, 1]], [4, -INF], [INF, 3])) is None
    assert nearest(squares([1, 1], [3, 1], [[-1, -1]], [1], [INF])) is None


@pytest.mark.touches("clarabel", "cvxpy")
@pytest.mark.parametrize("seed", range(6))
def test_another_solver_finds_the_same_point(seed: int) -> None:
    import cvxpy

    draw = np.random.default_rng(seed)
    columns, count = 40, 25
    inside, matrix = (
        draw.uniform(0, 5, columns),
        draw.normal(size=(count, columns)) * (draw.random((count, columns)) < 0.2),
    )
    at, target, weight = matrix @ inside, draw.uniform(0, 5, columns), draw.uniform(0.1, 30, columns)
    lower = np.where(draw.random(count) < 0.6, at - draw.uniform(0, 0.3, count), -INF)
    upper = np.where(draw.random(count) < 0.6, at + draw.uniform(0, 0.3, count), INF)
    lower[:3] = upper[:3] = at[:3]
    x = cvxpy.Variable(columns)
    low, high = np.isfinite(lower), np.isfinite(upper)
    rules = [x >= 0, matrix[low] @ x >= lower[low], matrix[high] @ x <= upper[high]]
    cvxpy.Problem(cvxpy.Minimize(cvxpy.sum_squares(cvxpy.multiply(np.sqrt(weight), x - target))), rules).solve(
        "CLARABEL"
    )
    assert x.value is not None
    found = nearest(Squares(weight, target, np.zeros(columns), sparse.csr_array(matrix), lower, upper))
    assert found == approx(np.asarray(x.value), abs=1e-5)
