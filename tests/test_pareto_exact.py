"""Exact fronts of published programs in whole numbers, their measures, and all plans behind them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from stochastic_problems import program

from kctopt.errors import UsageError
from kctopt.fronts.exact import Point, all_plans, core_index, exact_set
from kctopt.fronts.goals import Goal
from kctopt.fronts.measures import hypervolume, knee, undominated
from kctopt.solver.compiled import Compiled

ITEMS = np.arange(14)
FIRST = (31 * (ITEMS + 1) ** 2) % 71 + 20
SECOND = 110 - FIRST + (17 * ITEMS) % 13
THIRD = (53 * (ITEMS + 2) * (ITEMS + 1)) % 67 + 15


def knapsack(*objectives: np.ndarray) -> tuple[Compiled, list[Goal]]:
    """The published knapsack with two rows; all objectives are maximised."""
    names = [f"x[{i}]" for i in ITEMS]
    rows = []
    for j in range(2):
        weights = (37 * (ITEMS + 1) + 11 * j * ITEMS) % 47 + 10
        rows.append((dict(zip(names, weights.astype(float), strict=True)), -np.inf, float(weights.sum() // 2)))
    arrays = program(dict.fromkeys(names, (0.0, 1.0, 0.0)), rows, whole=names)
    goals = [Goal(f"c{k}", -each.astype(float), sign=-1.0) for k, each in enumerate(objectives, 1)]
    return arrays, goals


def gains(points: list[Point]) -> np.ndarray:
    return -np.array([point.z for point in points])


def brute(arrays: Compiled, goals: list[Goal]) -> set[tuple[int, ...]]:
    """Undominated points by trying everything."""
    x = np.array(list(product((0.0, 1.0), repeat=len(arrays.names))))
    kept = x[(x @ arrays.rows.T <= arrays.upper).all(axis=1)]
    z = np.unique(kept @ np.array([goal.cost for goal in goals]).T, axis=0)
    return {tuple(int(v) for v in z[n]) for n in undominated(z)}


def test_knapsack_of_two_objectives() -> None:
    arrays, goals = knapsack(FIRST, SECOND)
    found = gains(exact_set(arrays, goals))
    assert len(found) == 19
    assert found.sum(axis=0).tolist() == [11230, 6371]
    nadir = found.min(axis=0)
    assert hypervolume(-found.astype(float), -nadir.astype(float)) == 6718


@pytest.mark.long
def test_knapsack_of_three_objectives() -> None:
    arrays, goals = knapsack(FIRST, SECOND, THIRD)
    points = exact_set(arrays, goals)
    found = gains(points)
    assert len(found) == 30
    assert found.min(axis=0).tolist() == [530, 274, 337]
    assert {point.z for point in points} == brute(arrays, goals)


def portfolios() -> tuple[Compiled, list[Goal]]:
    """Six projects of two criteria under a budget of 8."""
    cost, scores = (3, 2, 4, 1, 2, 3), ((8, 2), (5, 4), (4, 9), (2, 1), (1, 6), (6, 5))
    names = [f"p{k}" for k in range(6)]
    row = (dict(zip(names, map(float, cost), strict=True)), -np.inf, 8.0)
    arrays = program(dict.fromkeys(names, (0.0, 1.0, 0.0)), [row], whole=names)
    return arrays, [Goal(f"v{k}", -np.array([float(each[k]) for each in scores]), sign=-1.0) for k in range(2)]


def test_robust_portfolios() -> None:
    arrays, goals = portfolios()
    assert len(all_plans(arrays)) == 39
    plans = [plan for point in exact_set(arrays, goals) for plan in all_plans(arrays, goals, point)]
    assert len(plans) == 4
    assert core_index(plans).tolist() == [0.5, 1, 0.25, 0.5, 0.75, 0.5]


def test_hypervolume_of_three_objectives_is_that_of_boxes() -> None:
    z = np.random.default_rng(5).integers(0, 6, (8, 3)).astype(float)
    cells = np.array(list(product(range(6), repeat=3))) + 0.5
    covered = (cells[:, None, :] > z[None, :, :]).all(axis=2).any(axis=1).sum()
    assert hypervolume(z, np.full(3, 6.0)) == covered


def test_knee_is_furthest_from_the_line_through_the_ends() -> None:
    assert knee(np.array([[0.0, 1.0], [0.1, 0.5], [0.3, 0.2], [1.0, 0.0]])) == 2
    assert knee(np.array([[0.0, 1.0], [1.0, 0.0]])) is None


def test_what_may_lie_less_than_one_apart_is_refused() -> None:
    arrays, goals = portfolios()
    with pytest.raises(UsageError, match="v0: an exact set needs objectives of whole coefficients"):
        exact_set(arrays, [Goal("v0", goals[0].cost / 2), goals[1]])
