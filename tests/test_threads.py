"""HiGHS beside HiGHS: solves in several threads, and runs of a user's own before and after ours in one thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import highspy
import numpy as np
import pytest
from scipy import sparse
from test_discrete import three
from worlds import small as small_world
from worlds import tiny

import kctopt
from kctopt.program import build
from kctopt.scenario.records import Scenario
from kctopt.solver import Outcome, solve
from kctopt.solver.choice import ChoiceSolver
from kctopt.solver.discrete import DiscreteEngine
from kctopt.solver.highs import End, Highs
from kctopt.solver.interior import Interior
from kctopt.solver.threads import pool

HALVES = {"horizon__plan_length": 3}
CASES = [tiny(), tiny(budget=55.0), three(**HALVES)]


def told(outcome: Outcome) -> tuple[Any, ...]:
    """Everything that a solve answers."""
    assert outcome.money is not None
    tracks = (outcome.money.strategic, outcome.money.substitution, outcome.money.exchange)
    return outcome.status, outcome.objective, outcome.bound, *(track.tobytes() for track in tracks)


def answer(scenario: Scenario) -> tuple[Any, ...]:
    return told(solve(build(scenario), gap=1e-3))


def linear_program(threads: int | None = None) -> tuple[highspy.HighsStatus, float]:
    """A user's own: max x + y, x + 2y <= 4, x <= 3, with this number of threads or HiGHS's own choice."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    if threads is not None:
        highs.setOptionValue("threads", threads)
    x, y = highs.addVariable(0, 3), highs.addVariable(0, 10)
    highs.addConstr(x + 2 * y <= 4)
    highs.setMaximize()
    highs.changeColsCost(2, np.array([0, 1], np.int32), np.ones(2))
    return highs.run(), highs.getObjectiveValue()


def in_new_thread(work: Callable[[], Any]) -> Any:
    """What work returns in a thread that has seen no HiGHS yet."""
    with ThreadPoolExecutor(1) as one:
        return one.submit(work).result()


def test_solves_in_three_threads_answer_as_one_after_the_other() -> None:
    alone = [answer(scenario) for scenario in CASES]
    with ThreadPoolExecutor(3) as three_threads:
        assert list(three_threads.map(answer, CASES)) == alone
    with ThreadPoolExecutor(3) as three_threads:
        results = list(three_threads.map(kctopt.solve, [CASES[0]] * 3))
    assert {result.objective for result in results} == {solve(build(CASES[0])).objective}
    assert all(result.verified for result in results)


def two() -> Highs:
    """One of ours, of the kind that solves parts: min x + y, x + y >= 3."""
    highs = Highs(interruptible=False)
    rows = sparse.csr_array(np.array([[1.0, 1.0]]))
    highs.load(np.ones(2), np.zeros(2), np.full(2, 4.0), rows, np.array([3.0]), np.array([np.inf]))
    return highs


def refuted() -> Highs:
    """One that has no answer."""
    highs = two()
    highs.change_bounds(np.arange(2), np.zeros(2), np.ones(2))
    return highs


@pytest.mark.parametrize("before", [None, 2])
def test_a_run_of_the_users_before_changes_no_answer(before: int | None) -> None:
    alone = in_new_thread(lambda: answer(CASES[2]))

    def after_theirs() -> tuple[Any, ...]:
        assert linear_program(before) == (highspy.HighsStatus.kOk, 3.5)
        assert two().run("dual").objective == pytest.approx(3.0)
        assert refuted().run("dual").status == "infeasible" and refuted().ray() is not None
        return answer(CASES[2])

    assert in_new_thread(after_theirs) == alone


@pytest.mark.parametrize("after", [None, 1, 2])
def test_a_run_of_the_users_after_ours_runs(after: int | None) -> None:
    def before_theirs() -> tuple[highspy.HighsStatus, float]:
        two().run("dual")
        refuted().ray()
        answer(CASES[2])
        return linear_program(after)

    assert in_new_thread(before_theirs) == (highspy.HighsStatus.kOk, 3.5)


def test_a_run_that_did_not_take_place_has_failed() -> None:
    """Were a scheduler of another size ever in a thread of our own: after an answer, the old one is none."""
    highs = two()
    assert highs.run("dual").status == "optimal"

    def spoiled() -> tuple[End, End, np.ndarray | None]:
        linear_program(2)
        highs.change_cost(np.array([2.0, 1.0]))
        return highs.run("dual"), highs.run_mip(np.arange(2), None, 10.0), refuted().ray()

    with pool() as ours:
        linear, mixed, ray = ours.submit(spoiled).result()
    assert (linear.status, mixed.status, mixed.objective, len(mixed.x)) == ("failed", "failed", -np.inf, 0)
    assert ray is None
    assert highs.run("dual").objective == pytest.approx(3.0)


def test_the_keyboard_keeps_the_best_plan_of_a_discrete_search(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, step, count = DiscreteEngine(build(three())), Interior._step, 0

    def interrupted(*given: Any) -> Any:
        nonlocal count
        count += 1
        if count == 18:  # of the second choice that is tried
            raise KeyboardInterrupt
        return step(*given)

    monkeypatch.setattr(Interior, "_step", interrupted)
    best: list[float] = []
    tried = ChoiceSolver.best_plan

    def watched(self: ChoiceSolver, *given: Any) -> Any:
        try:
            return tried(self, *given)
        finally:
            best.append(-np.inf if self.state.plan is None else self.state.plan.objective)

    monkeypatch.setattr(ChoiceSolver, "best_plan", watched)
    outcome = engine.solve(gap=0.0)
    assert outcome.status == "interrupted"
    assert outcome.objective == max(best) > -np.inf


@pytest.mark.parametrize("scenario", [small_world(), CASES[0], CASES[2]], ids=["small", "tiny", "switching"])
def test_a_limit_that_does_not_bind_changes_nothing(scenario: Scenario) -> None:
    assert told(solve(build(scenario), gap=1e-3, time_limit=3000.0)) == told(solve(build(scenario), gap=1e-3))
