"""Bounds by prices alone: never above the optimum, whatever the prices; the optimum itself at its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx
from scipy import sparse
from scipy.optimize import linprog

from kctopt.solver.compiled import Compiled
from kctopt.solver.dual import linear_bound, mended, refuted, refutes
from kctopt.solver.highs import Highs, LinearProgram
from kctopt.solver.outer_approximation import OuterApproximation
from kctopt.solver.tangents import Tangents

ROWS, COLUMNS = 5, 4
calm = settings(deadline=None)  # a busy machine is no failure


def program(seed: int) -> LinearProgram:
    """A random program with an answer: sides on either or both ends, columns in boxes."""
    draw = np.random.default_rng(seed)
    rows, x = draw.integers(-3, 4, (ROWS, COLUMNS)).astype(float), draw.uniform(0.0, 2.0, COLUMNS)
    low, high = rows @ x - draw.uniform(0.0, 1.0, ROWS), rows @ x + draw.uniform(0.0, 1.0, ROWS)
    low, high = np.where(draw.random(ROWS) < 0.4, -np.inf, low), np.where(draw.random(ROWS) < 0.4, np.inf, high)
    return LinearProgram(
        draw.normal(size=COLUMNS), sparse.csr_array(rows), low, high, np.zeros(COLUMNS), np.full(COLUMNS, 3.0)
    )


def optimum(p: LinearProgram) -> float:
    """By SciPy."""
    rows = p.rows.toarray()
    above, below = np.isfinite(p.high), np.isfinite(p.low)
    found = linprog(
        p.cost, np.vstack([rows[above], -rows[below]]), np.concatenate([p.high[above], -p.low[below]]),
        bounds=list(zip(p.lower, p.upper, strict=True)),
    )  # fmt: skip
    return float(found.fun)


def solved(p: LinearProgram) -> Highs:
    """The program in HiGHS, run."""
    highs = Highs(interruptible=False)
    highs.load(p.cost, p.lower, p.upper, p.rows, p.low, p.high)
    return highs


@calm
@given(st.integers(0, 10**6), st.floats(0.0, 3.0))
def test_no_prices_prove_more_than_the_optimum(seed: int, noise: float) -> None:
    p = program(seed)
    prices = solved(p).run("dual").row_dual + noise * np.random.default_rng(seed).normal(size=ROWS)
    assert linear_bound(p, prices) <= optimum(p) + 1e-7


@pytest.mark.touches("highspy", "hypothesis", "scipy")
@calm
@given(st.integers(0, 10**6))
def test_its_own_prices_prove_the_optimum(seed: int) -> None:
    p = program(seed)
    assert linear_bound(p, solved(p).run("dual").row_dual) == approx(optimum(p), abs=1e-6)


@calm
@given(st.integers(0, 10**6))
def test_a_program_with_an_answer_is_never_refuted(seed: int) -> None:
    assert not refutes(program(seed), np.random.default_rng(seed).normal(size=ROWS))


def test_a_program_without_an_answer_is_refuted_by_its_ray() -> None:
    """x + y >= 4 and x - y <= -3 with y at most 2: the first needs x >= 2, the second x <= -1."""
    rows = sparse.csr_array(np.array([[1.0, 1.0], [1.0, -1.0]]))
    p = LinearProgram(
        np.zeros(2), rows, np.array([4.0, -np.inf]), np.array([np.inf, -3.0]), np.zeros(2), np.full(2, 2.0)
    )
    highs = solved(p)
    assert highs.run("dual").status == "infeasible"
    assert refuted(p, highs)
    assert not refutes(p, np.zeros(2)) and not refutes(p, np.array([1.0, 0.0]))
    wide = replace(p, upper=np.full(2, 9.0))
    assert not refuted(wide, highs)
    assert refuted(replace(wide, lower=np.array([0.0, 9.5])), highs)  # bounds that cross


def test_round_off_on_a_column_without_a_bound_is_nothing() -> None:
    """min x over .1 x + .2 x - .3 x + x >= 1: what is left of x is 1e-17, a true remainder has no bound."""
    p = LinearProgram(
        np.array([1.0]), sparse.csr_array(np.array([[0.1], [0.2], [-0.3], [1.0]])), np.array([0.0, 0.0, 0.0, 1.0]),
        np.array([0.0, 0.0, 0.0, np.inf]), np.array([-np.inf]), np.array([np.inf]),
    )  # fmt: skip
    assert p.cost[0] - float((p.rows.T @ np.array([3.0, 3.0, 3.0, 1.0]))[0]) != 0.0
    assert linear_bound(p, np.array([3.0, 3.0, 3.0, 1.0])) == approx(1.0, abs=1e-9)
    assert linear_bound(p, np.array([0.0, 0.0, 0.0, 0.9])) == -np.inf


@pytest.mark.parametrize(
    ("claim", "status"), [({"objective": 1e3}, "optimal"), ({"status": "infeasible"}, "failed")], ids=["more", "none"]
)
def test_a_proof_gives_what_its_prices_prove(
    claim: dict[str, Any], status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A solver that claims more than its prices prove, or that there is no answer, is not believed."""
    p = program(7)
    c = Compiled(
        names=[], slots={}, cost=p.cost, offset=0.0, sign=1.0, column_lower=p.lower, column_upper=p.upper, rows=p.rows,
        lower=p.low, upper=p.high, row_names=[], relations=[], integer=np.zeros(COLUMNS, bool),
        unit=np.ones(COLUMNS), cost_unit=1.0,
    )  # fmt: skip
    proof = OuterApproximation(c, Tangents(c), small=True)
    proof.start(np.zeros(COLUMNS), None)
    run = proof.highs.run
    monkeypatch.setattr(proof.highs, "run", lambda *given, **more: replace(run(*given, **more), **claim))
    end = proof.run(np.inf)
    assert end.status == status
    assert end.objective == approx(optimum(p), abs=1e-6)


def test_round_off_in_prices_is_paid_for_over_the_range_of_columns() -> None:
    """Left over are 0.3 - 3 * 0.1 = -5.6e-17 on a column of range 1e18: the bound may not be 0."""
    p = LinearProgram(
        np.array([0.3]), sparse.csr_array(np.array([[1.0], [1.0], [1.0]])), np.zeros(3), np.full(3, np.inf),
        np.zeros(1), np.array([1e18]),
    )  # fmt: skip
    assert linear_bound(p, np.full(3, 0.1)) < -50.0


def test_prices_are_mended_on_columns_without_bounds() -> None:
    """min y over y - x >= 1, x >= 2, y free: prices off by a solver's tolerance prove 3 once mended."""
    p = LinearProgram(
        np.array([1.0, 0.0]), sparse.csr_array(np.array([[1.0, -1.0]])), np.array([1.0]), np.array([np.inf]),
        np.array([-np.inf, 2.0]), np.array([np.inf, 9.0]),
    )  # fmt: skip
    off = np.array([1.0 - 1e-9])
    assert linear_bound(p, off) == -np.inf
    assert linear_bound(p, mended(p, off)) == approx(3.0)
