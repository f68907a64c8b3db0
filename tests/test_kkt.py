"""The system of a step: its patched entries against blocks put together anew, its solutions against dense algebra."""

from __future__ import annotations

import numpy as np
import pytest
import qdldl
from scipy import sparse
from worlds import tiny

import kctopt
from benchmarks.worlds import world
from kctopt.program import build
from kctopt.solver import kkt
from kctopt.solver.bounds import propagate
from kctopt.solver.compile import compile_program
from kctopt.solver.curves import Bend
from kctopt.solver.interior import Interior
from kctopt.solver.kkt import TRACE
from kctopt.solver.newton import SMALL, second
from kctopt.solver.tangents import Tangents


@pytest.fixture(scope="module")
def interior() -> Interior:
    compiled = compile_program(build(tiny()))
    return Interior(compiled, Tangents(compiled), *propagate(compiled))


@pytest.fixture(scope="module")
def point(interior: Interior) -> tuple[Bend, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What a step is made from, at a point inside with prices at random."""
    rng = np.random.default_rng(0)
    start = interior.start(rng.uniform(1.0, 5.0, len(interior.unit)))
    prices = rng.uniform(0.1, 2.0, len(interior.kept))
    bounds, slacks = rng.uniform(0.1, 2.0, len(interior.free)), rng.uniform(0.1, 2.0, interior.system.inside)
    return interior.curves.at(start.x), prices, bounds, slacks, start.x


def blocks(interior: Interior, prices: np.ndarray, bounds: np.ndarray, slacks: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The matrix from tangents and second derivatives, without the code of kkt.py and curves.py."""
    c, tangents, free = interior.compiled, interior.tangents, interior.free
    slopes, _ = tangents.rows(tangents.points(x), smallest=SMALL)
    weights = np.zeros(tangents.count)
    weights[interior.kept] = -prices
    hessian = np.zeros((len(c.cost), len(c.cost)))
    for n, group in enumerate(c.relations):
        bent = second(group, weights[tangents.starts[n] : tangents.starts[n + 1]], x)
        for i, one in enumerate(group.arguments):
            for j, other in enumerate(group.arguments):
                hessian += one.matrix.toarray().T @ np.diag(bent[:, i, j]) @ other.matrix.toarray()
    jacobian = np.vstack([interior.rows.toarray(), slopes.toarray()[interior.kept]])[:, free]
    equal = interior.equalities.toarray()[:, free]
    corner = np.zeros((len(equal), len(equal)))
    return np.block(
        [
            [hessian[np.ix_(free, free)] + np.diag(bounds), equal.T, jacobian.T],
            [equal, corner, np.zeros((len(equal), len(jacobian)))],
            [jacobian, np.zeros((len(jacobian), len(equal))), -np.diag(slacks)],
        ]
    )


def test_every_entry_is_where_it_belongs(interior: Interior, point: tuple) -> None:
    bend, prices, bounds, slacks, x = point
    assert interior.system.factorise(bend, prices, bounds, slacks)
    upper = interior.system.matrix.toarray()
    place = interior.system.place
    whole = (upper + np.triu(upper, 1).T)[np.ix_(place, place)]
    whole -= np.diag(np.where(np.arange(len(whole)) < len(interior.free), TRACE, -TRACE))
    expected = blocks(interior, prices, bounds, slacks, x)
    np.testing.assert_allclose(whole, expected, rtol=1e-10, atol=1e-10)  # a million entries: approx takes ten seconds
    vector = np.random.default_rng(1).normal(size=len(whole))
    placed = np.empty_like(vector)
    placed[place] = vector
    assert interior.system.times(placed)[place] == pytest.approx(expected @ vector, rel=1e-9, abs=1e-9)


@pytest.mark.touches("qdldl")
@pytest.mark.parametrize("wide", [2, 1000], ids=["wide arguments apart", "within"])
@pytest.mark.parametrize("dense", [1e9, 0.0], ids=["by columns", "by blocks"])
def test_solutions_are_those_of_dense_algebra(
    dense: float, wide: int, point: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kkt, "DENSE", dense)
    monkeypatch.setattr(kkt, "WIDE", wide)
    compiled = compile_program(build(tiny()))
    interior = Interior(compiled, Tangents(compiled), *propagate(compiled))
    bend, prices, bounds, slacks, x = point
    assert (len(interior.system.wide) > 0) == (wide == 2)
    right = np.random.default_rng(2).normal(size=interior.system.size)
    expected = np.linalg.solve(blocks(interior, prices, bounds, slacks, x), right)
    for _ in range(2):  # the first factorisation finds the order, the second uses it
        assert interior.system.factorise(bend, prices, bounds, slacks)
        found = interior.system.solve(right)
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-6 * np.abs(expected).max())


def test_numbers_that_are_none_are_no_factors(interior: Interior, point: tuple) -> None:
    bend, prices, bounds, slacks, _ = point
    assert not interior.system.factorise(bend, prices, np.full_like(bounds, np.nan), slacks)
    assert interior.system.factorise(bend, prices, bounds, slacks)


def test_the_pattern_has_no_entry_twice(interior: Interior) -> None:
    matrix = sparse.csc_array(interior.system.matrix)
    matrix.sum_duplicates()
    assert matrix.nnz == interior.system.matrix.nnz and (sparse.tril(matrix, -1).nnz == 0)


def test_a_shuffled_matrix_has_less_fill() -> None:
    """Minimum degree breaks ties by the order it is given; line by line and year by year is a bad one."""
    compiled = compile_program(build(world(100, 10)))
    system = Interior(compiled, Tangents(compiled), *propagate(compiled)).system
    column = np.repeat(np.arange(len(system.place)), np.diff(system.matrix.indptr))
    system.matrix.data[:] = np.where(system.matrix.indices == column, 9.0, 0.1)
    whole = sparse.csc_array(system.matrix + sparse.triu(system.matrix, 1).T)
    own = sparse.csc_array(sparse.triu(whole[system.place][:, system.place], format="csc"))
    own.sort_indices()
    fill, before = (qdldl.Solver(matrix, upper=True).factors()[0].nnz for matrix in (system.matrix, own))
    assert fill < 0.9 * before


@pytest.mark.parametrize(
    ("name", "without", "part"),
    [
        pytest.param("FEW", 0, 0.9, id="a domain told as filled"),  # minimum degree does not see what all lines meet
        pytest.param("WIDE", 10**9, 0.8, id="wide arguments apart"),  # else the scores of all domains meet in H
    ],
)
def test_factors_take_less_work(name: str, without: int, part: float, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = compile_program(build(kctopt.load("baseline")))
    work = []
    for setting in (without, getattr(kkt, name)):
        monkeypatch.setattr(kkt, name, setting)
        system = Interior(compiled, Tangents(compiled), *propagate(compiled)).system
        column = np.repeat(np.arange(len(system.place)), np.diff(system.matrix.indptr))
        system.matrix.data[:] = np.where(system.matrix.indices == column, 9.0, system.matrix.data != 0)
        lower = qdldl.Solver(system.matrix, upper=True).factors()[0]
        work.append(float((np.diff(lower.indptr).astype(float) ** 2).sum()))
    assert work[1] < part * work[0]


def test_hubs_are_what_many_groups_meet() -> None:
    lines = 20
    groups = np.arange(lines + 2)  # twenty lines, a domain of all of them, and a column of no row
    rows = sparse.csr_array(np.hstack([np.eye(lines), np.ones((lines, 1)), np.zeros((lines, 1))]))
    assert [hub.tolist() for hub in kkt.hubs(groups, rows)] == [[lines]]
    assert not kkt.hubs(groups, sparse.csr_array(np.ones((1, lines + 2))))  # a budget says nothing of who meets whom
