"""No plan is better than its proven bound: every outcome is checked, and one that is ends as a fault, told aloud."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import kept_plan
from pytest import approx
from worlds import tiny

import kctopt
import kctopt.solver.convex
import kctopt.solver.outer_approximation
from kctopt import Result
from kctopt.cli.solve import BatchRun, batch_code, explained, record
from kctopt.errors import SolverError
from kctopt.program import build
from kctopt.scenario.records import Scenario
from kctopt.simulator import simulate
from kctopt.solver import Outcome, solve
from kctopt.solver.dual import linear_bound
from kctopt.solver.engine import Engine
from kctopt.solver.polish import polish
from kctopt.solver.settings import TOLERANCES

TARGET = {"id": "reach", "kind": "target", "line": "chips-B", "min_ratio": 0.41, "by": 2029}
KINDS: dict[str, Callable[[], Scenario]] = {
    "continuous": tiny,
    "discrete": lambda: tiny(lines__0__min_scale=3.0),
    "min_budget": lambda: tiny(objective__kind="min_budget", policies=[TARGET]),
    "earliest": lambda: tiny(objective__kind="earliest", policies=[TARGET]),
}


@pytest.fixture()
def false(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prices that prove 10 more of every linear program than they do."""
    wrong = lambda program, prices: linear_bound(program, prices) + 10.0  # noqa: E731
    for module in (kctopt.solver.outer_approximation, kctopt.solver.convex):
        monkeypatch.setattr(module, "linear_bound", wrong)


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_better_than_its_bound_is_a_fault(kind: str, false: None) -> None:
    outcome = solve(build(KINDS[kind]()), time_limit=600)
    assert outcome.status == "fault"
    assert outcome.objective is not None and outcome.bound is not None
    sense = 1.0 if kind == "min_budget" else -1.0
    assert sense * (outcome.bound - outcome.objective) > 2.0  # both numbers are kept


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_plan_is_never_ahead_of_its_bound(kind: str) -> None:
    outcome = solve(build(KINDS[kind]()))
    assert outcome.status == "optimal" and outcome.objective is not None and outcome.bound is not None
    assert (outcome.bound - outcome.objective) * outcome.sign <= 0.0


def test_analyses_of_a_settled_plan_check_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = tiny()
    found = solve(build(scenario))
    assert found.money is not None
    wrong = lambda program, prices: linear_bound(program, prices) + 10.0  # noqa: E731
    monkeypatch.setattr(kctopt.solver.convex, "linear_bound", wrong)
    with pytest.raises(SolverError, match="better than its proven bound"):
        polish(scenario, found.money, found.choices)


@pytest.mark.parametrize(
    ("sign", "bound", "gained", "status", "stated"),
    [
        (-1.0, 101.0, 0.0, "optimal", 101.0),
        (-1.0, 99.5, 0.0, "fault", 99.5),
        (-1.0, 99.5, 0.6, "optimal", 100.1),  # what broken rules explain, for every plan that breaks them as much
        (-1.0, 100.0 - 0.5 * TOLERANCES.objective_round_off * 100, 0.0, "optimal", 100.0),  # round-off
        (-1.0, 100.0 - 2 * TOLERANCES.objective_round_off * 100, 0.0, "fault", None),
        (1.0, 99.0, 0.0, "optimal", 99.0),
        (1.0, 100.5, 0.0, "fault", 100.5),
    ],
)
def test_the_tolerance(sign: float, bound: float, gained: float, status: str, stated: float | None) -> None:
    """Ahead by no more than rules broken within the tolerance and round-off explain is no fault."""
    outcome = Outcome("optimal", None, 100.0, bound, sign=sign, gained=gained)
    assert outcome.status == status
    assert outcome.bound == (bound if stated is None else stated)
    assert replace(outcome, status="limit").status == ("fault" if status == "fault" else "limit")


def test_what_a_plan_gains_by_broken_rules_is_priced() -> None:
    """A plan that overspends each budget by 1e-7 of it gains what the budgets' prices say."""
    engine = Engine(build(tiny()))
    engine.solve(gap=1e-4)
    state = engine.state
    assert state.plan is not None and state.duals is not None
    c, plan = state.compiled, state.plan
    assert state.gained(plan) < 1e-4
    x, spend = plan.x.copy(), c.slots["money.strategic"]
    x[spend] += 1e-4
    paid = [n for n, name in enumerate(c.row_names) if name.startswith("money.spend_of_line[")]
    expected = 3e-4 * np.abs(state.duals[0][paid]).sum()
    assert state.gained(replace(plan, x=x)) >= 0.9 * expected > 0.0


def test_a_fault_is_shown_with_both_numbers_and_verify_finds_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = tiny()
    money = kept_plan(scenario)
    worth = float(simulate(scenario, money).objective)
    result = Result.of(scenario, Outcome("optimal", money, worth, worth - 3.0))
    assert result.status == "fault" and result.verified
    assert explained(result) == 1 and batch_code([BatchRun("tiny", 1, result)]) == 7
    assert "better than its proven bound" in capsys.readouterr().err
    for lang, word in (("en", "better than its proven bound"), ("zh", "优于其已证界限")):
        text = result.summary(lang)
        assert word in text and f"{worth:.4f}" in text and f"{worth - 3:.4f}" in text
    shown = record(result)
    run = result.save(tmp_path / "run")
    for kept in (shown, json.loads((run / "run.json").read_text(encoding="utf-8"))):
        assert (kept["status"], kept["objective"], kept["bound"]) == ("fault", approx(worth), approx(worth - 3.0))
    assert any("better than the proven bound" in str(finding) for finding in kctopt.verify(run))


def test_python_is_warned(false: None) -> None:
    with pytest.warns(RuntimeWarning, match="better than its proven bound"):
        assert kctopt.solve(tiny()).status == "fault"
