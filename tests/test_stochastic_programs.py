"""Published stochastic programs through the code that solves kctopt's own, to the last digit that is printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from kctopt.errors import UsageError
from kctopt.recourse.extensive import Shared, extensive_form
from kctopt.recourse.measures import Measure
from kctopt.recourse.odds import along, tilted
from kctopt.recourse.prices import charged, prices_of
from kctopt.recourse.problem import Problem
from kctopt.recourse.solved import Solved
from kctopt.recourse.values import Bracket, bracket, follow_mean, mean, wait_and_see
from kctopt.recourse.waiting import waiting
from tests.stochastic_problems import (
    financial_planning,
    hydro_thermal,
    linear_or_leontief,
    newsvendor,
    program,
    two_plans,
)


def first(problem: Problem, solved: Solved, name: str) -> float:
    return float(solved.points[0][problem.programs[0].names.index(name)])


def values(problem: Problem) -> tuple[float, float, float]:
    """RP, WS, EEV; RP as its bound has it too."""
    rp = problem.solve()
    known = mean(wait_and_see(problem), problem.probability, problem.sign)
    followed = mean(follow_mean(problem).ends, problem.probability, problem.sign)
    assert rp.value is not None
    assert known is not None
    assert followed is not None
    assert rp.bound == pytest.approx(rp.value, abs=1e-6 * max(1.0, abs(rp.value)))
    return rp.value, known.value, followed.value


def test_financial_planning_of_birge_and_louveaux() -> None:
    problem = financial_planning()
    rp, ws, eev = values(problem)
    assert rp == pytest.approx(-1.514084643, abs=5e-10)
    assert ws == pytest.approx(10.497004, abs=5e-7)
    assert eev == pytest.approx(-3.787919, abs=5e-7)
    assert rp - eev == pytest.approx(2.273835, abs=5e-7)
    assert ws - rp == pytest.approx(12.011089, abs=5e-7)
    solved = problem.solve()
    assert first(problem, solved, "stock[0]") == pytest.approx(41.479272, abs=5e-7)
    assert first(problem, solved, "bond[0]") == pytest.approx(13.520728, abs=5e-7)


def test_newsvendor() -> None:
    problem = newsvendor()
    rp, ws, eev = values(problem)
    assert first(problem, problem.solve(), "order") == pytest.approx(125)
    assert (rp, ws, eev) == pytest.approx((1310.643564, 1500, 1247.524752), abs=5e-7)
    assert (ws - rp, rp - eev) == pytest.approx((189.356436, 63.118812), abs=5e-7)


def test_two_plans_of_research_in_small() -> None:
    problem = two_plans()
    rp, ws, eev = values(problem)
    assert (rp, ws, ws - rp, eev, rp - eev) == pytest.approx((11.44, 12.05, 0.61, 10.89, 0.55))
    best = [each.costs[0] for each in wait_and_see(problem)]
    plans = {
        "expected": (problem.solve(), 11.44, (2, 1)),
        "worst": (problem.solve(Measure("worst")), 2.8, (1, 2)),
        "worst_regret": (problem.solve(Measure("worst_regret"), best=best), 0.75, (2, 1)),
        "expected_regret": (problem.solve(Measure("expected_regret"), best=best), 0.61, (2, 1)),
    }
    for name, (solved, value, plan) in plans.items():
        assert solved.value == pytest.approx(value), name
        assert solved.bound == pytest.approx(value, abs=1e-6), name
        assert (first(problem, solved, "x[A]"), first(problem, solved, "x[B]")) == plan, name
    mean_plan = follow_mean(problem).plans[0]
    assert (first(problem, mean_plan, "x[A]"), first(problem, mean_plan, "x[B]")) == (3, 0)


def test_hydro_thermal_of_sddp() -> None:
    rp, ws, eev = values(hydro_thermal())
    assert rp == pytest.approx(8333.333333, abs=5e-7)
    assert ws <= rp <= eev  # a minimum


def test_regret_of_a_linear_and_a_leontief_world() -> None:
    problem = linear_or_leontief()
    best = [each.costs[0] for each in wait_and_see(problem)]
    solved = problem.solve(Measure("worst_regret"), best=best)
    assert first(problem, solved, "x") == pytest.approx(9 / 14)
    assert solved.value == pytest.approx(1 / 7)
    assert solved.bound == pytest.approx(1 / 7)


def test_cvar_of_rockafellar_and_uryasev() -> None:
    """Loss of the published weights, normal: states of equal probability, each the mean of its part of the law."""
    weights = np.array([0.452013, 0.115573, 0.432414])
    returns = np.array([0.0101110, 0.0043532, 0.0137058])
    first, second, third = [0.00324625, 0.00022983, 0.00420395], [0.00022983, 0.00049937, 0.00019247], [0.00420395]
    covariance = np.array([first, second, [*third, 0.00019247, 0.00764097]])
    loss, deviation = -weights @ returns, float(np.sqrt(weights @ covariance @ weights))
    count = 1000
    edges = norm.pdf(norm.ppf(np.arange(count + 1) / count))
    states = loss + deviation * count * (edges[:-1] - edges[1:])
    for confidence, printed in ((0.90, 0.096975), (0.95, 0.115908), (0.99, 0.152977)):
        found = Measure("cvar", confidence).of(states.tolist(), [1 / count] * count)
        assert found == pytest.approx(printed, abs=1e-6)


@pytest.mark.parametrize("kind", ["expected", "cvar", "worst"])
def test_one_state_or_equal_states_give_the_deterministic_answer(kind: str) -> None:
    problem = two_plans()
    one = problem.only([2])
    alone = one.solve(Measure(kind, confidence=0.5))  # type: ignore[arg-type]
    same = replace(problem, programs=(problem.programs[2],) * 3).solve(Measure(kind, confidence=0.5))  # type: ignore[arg-type]
    assert alone.value == pytest.approx(wait_and_see(problem)[2].value)
    assert same.value == pytest.approx(alone.value)


def test_probability_one_on_a_state_gives_its_plan() -> None:
    problem = replace(two_plans(), probability=(0.0, 1.0, 0.0))
    solved, alone = problem.solve(), wait_and_see(problem)[1]
    assert solved.value == pytest.approx(alone.value)
    assert first(problem, solved, "x[B]") == first(problem, alone, "x[B]") == 3


def test_all_decisions_made_before_anything_is_known_are_worth_no_more() -> None:
    problem = two_plans()
    names = frozenset(f"{kind}[{area}]" for kind in "xy" for area in "AB")
    committed = problem.committed(names).solve()
    rp = problem.solve()
    assert committed.value is not None
    assert rp.value is not None
    assert committed.value < rp.value - 0.5  # waiting is worth something here


def test_shared_columns_are_one_column_and_their_rows_one_row() -> None:
    problem = hydro_thermal()
    form = extensive_form(problem.programs, problem.probability, problem.shared)
    columns, rows = len(problem.programs[0].names), len(problem.programs[0].lower)
    assert len(form.compiled.names) == 27 * columns - 24 * 4 - 18 * 4
    assert len(form.compiled.lower) == 27 * rows - 24 * 2 - 18 * 2
    assert len(set(form.compiled.names)) == len(form.compiled.names)


def test_random_programs_keep_the_order_of_their_values() -> None:
    rng = np.random.default_rng(3)
    for _ in range(10):
        count = int(rng.integers(2, 5))
        p = rng.dirichlet(np.ones(count))
        cost, take = rng.uniform(1, 3, 2), rng.uniform(0, 4, (count, 2))
        states = []
        for s in range(count):
            columns = {f"now[{j}]": (0.0, 5.0, -cost[j]) for j in range(2)}
            columns |= {f"then[{j}]": (0.0, float(take[s, j] * 3), 4.0) for j in range(2)}
            rows = [({f"then[{j}]": 1.0, f"now[{j}]": -float(take[s, j])}, -np.inf, 1.0) for j in range(2)]
            states.append(program(columns, rows))
        shared = Shared(tuple(range(count)), frozenset({"now[0]", "now[1]"}))
        problem = Problem(tuple(map(str, range(count))), tuple(states), tuple(p), (shared,))
        rp, ws, eev = values(problem)
        assert ws >= rp - 1e-7 >= eev - 2e-7


def worth(m: tuple[float, float], a: int, b: int) -> float:
    """What a first plan of two_plans is worth in a state, the second one the best of all."""
    f, g = (0, 6, 10, 13, 15, 16, 16.5), (0, 4, 8, 11, 13, 14, 14.5)
    second = [(c, d) for c in range(4) for d in range(4 - c) if c <= 2 * a and d <= 2 * b]
    return max(m[0] * f[a + c] + m[1] * g[b + d] for c, d in second)


def test_probabilities_at_which_the_first_of_two_plans_switches_are_those_of_all_plans_listed() -> None:
    problem, worths = two_plans(), ((0.3, 0.0), (0.0, 0.2), (1.5, 0.0))
    plans = [(a, b) for a in range(4) for b in range(4 - a)]
    values = np.array([[worth(m, *plan) for m in worths] for plan in plans])

    def measured(end: Solved) -> dict[tuple[str, str], float]:
        names = problem.programs[0].names
        a, b = (end.points[0][names.index(name)] for name in ("x[A]", "x[B]"))
        return {("order", "A | B"): round(a - b)}

    turns = np.linspace(0, 1, 20001)
    for state in range(3):
        best = [plans[int(np.argmax(values @ tilted(problem.probability, [state], range(3), p)))] for p in turns]
        kinds = np.sign([a - b for a, b in best])
        listed = [(turns[n], turns[n + 1]) for n in np.flatnonzero(np.diff(kinds))]
        found = along(problem, [state], range(3), problem.solve(), measured, tolerance=1e-3)
        assert found is not None
        inner = [switch for switch in found.switches if switch.low > 0 and switch.high < 1]
        assert [(one.low <= high and one.high >= low) for one, (low, high) in zip(inner, listed, strict=True)] == [
            True
        ] * len(listed)
        assert all(one.high - one.low <= 1e-3 for one in inner)
        assert all(one.proven for one in inner)
        least = values[plans.index((2, 1))]
        ends = [np.array(tilted(problem.probability, [state], range(3), p)) for p in (0.0, 1.0)]
        assert found.shortfall.high == pytest.approx(max((values @ end).max() - least @ end for end in ends))
        for p in np.linspace(*found.stays, 7):
            weights = np.array(tilted(problem.probability, [state], range(3), float(p)))
            assert (values @ weights).max() - least @ weights <= 1e-4 * 11.44 + 1e-9


@pytest.mark.parametrize("make", [financial_planning, newsvendor, hydro_thermal, linear_or_leontief])
def test_states_that_pay_the_prices_of_non_anticipativity_reach_no_more_than_rp(make: Callable[[], Problem]) -> None:
    problem = make()
    solved = problem.solve()
    prices = prices_of(problem, solved)
    assert charged(problem, prices) == pytest.approx(solved.value, abs=1e-8 * max(1, abs(solved.value or 0)))
    for node in prices:
        p = np.array([problem.probability[s] for s in node.node.states])
        assert p @ node.values == pytest.approx(np.zeros(len(node.names)), abs=1e-9)


def test_prices_of_the_newsvendor_by_hand() -> None:
    problem = newsvendor()
    (node,) = prices_of(problem, problem.solve())
    high = node.values[100, 0]  # demand of 150: one more is sold for 25, else 5 is paid for it; on average 10
    assert high == pytest.approx(25 - 10)
    assert node.values[0, 0] == pytest.approx(5 - 10)
    with pytest.raises(UsageError, match="a program with integers has none"):
        prices_of(two_plans(), two_plans().solve())


def test_waiting_with_everything_is_worth_what_knowing_is_and_with_a_part_no_more() -> None:
    problem, names = two_plans(), frozenset({"x[A]", "x[B]"})
    parts = {"both": names, "A": ["x[A]"], "B": ["x[B]"]}
    found = waiting(problem, problem.solve(), names, parts)
    assert [one.value.value for one in found] == pytest.approx([0.61, 0, 0], abs=1e-9)  # what A leaves, B has to take
    bounded = waiting(problem, problem.solve(), names, parts, found[0].value, solves=1)[2]
    assert (bounded.by_bound, bounded.value.low) == (True, 0)
    assert bounded.value.high == pytest.approx(0.61)


def test_what_is_no_problem_is_refused() -> None:
    problem = two_plans()
    with pytest.raises(UsageError, match=r"add up to 0\.9; they must add up to 1"):
        replace(problem, probability=(0.2, 0.3, 0.4))
    with pytest.raises(UsageError, match="none may be negative"):
        replace(problem, probability=(-0.2, 0.8, 0.4))
    with pytest.raises(UsageError, match=r"the state 'poor' has no column 'x\[C\]' to share"):
        replace(problem, shared=(Shared((0, 1), frozenset({"x[C]"})),)).solve()
    with pytest.raises(UsageError, match="the measure 'cvr' is none; did you mean 'cvar'"):
        Measure("cvr")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="confidence is 1; it must be at least 0 and less than 1"):
        Measure("cvar", confidence=1)
    other = program({"x": (0, 1, 1)}, [], "min")
    with pytest.raises(UsageError, match="maximised and others minimised"):
        extensive_form((problem.programs[0], other), (0.5, 0.5), ())


def test_differences_of_brackets() -> None:
    assert Bracket(3, 2, 4).less(Bracket(1, 0, 2)) == Bracket(2, 0, 4)
    assert Bracket(3, 2, 4).times(-1) == Bracket(-3, -4, -2)
    assert bracket(two_plans().solve(), -1.0) is not None
