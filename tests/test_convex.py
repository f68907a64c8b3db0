"""The convex engine: ends without linear programs, refutes by prices, starts again from a central point, is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from pyomo.environ import Constraint
from pytest import approx
from worlds import tiny

import kctopt
from kctopt.errors import ProgramError
from kctopt.program import build
from kctopt.scenario.records import Scenario
from kctopt.solver.bounds import propagate, with_largest_scale
from kctopt.solver.compile import compile_program
from kctopt.solver.convex import Convex
from kctopt.solver.dual import balanced, linear_bound, tangent_program
from kctopt.solver.engine import Engine
from kctopt.solver.from_base import FromBase
from kctopt.solver.highs import Highs
from kctopt.solver.interior import CENTRED, LACKING, Interior
from kctopt.solver.settings import BOXES, GAPS, TOLERANCES

TARGET = {"id": "reach", "kind": "target", "line": "chips-B", "min_ratio": 0.5, "by": 2029}
CLOSED = {"line": "chips-A", "cap": 10.0}
CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "target": {"policies": [TARGET]},
    "no exchange": {"cooperation__exposure_limit": 0.0},
    "money for all": {"policies": [{"id": "all", "kind": "floor", "amount": 240.0, "per": "total"}]},
    "least budget": {"objective__kind": "min_budget", "policies": [TARGET]},
}


@pytest.fixture()
def without_highs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any run of HiGHS is a failure."""

    def run(self: Highs, *_: Any) -> None:
        raise AssertionError("HiGHS was asked")

    monkeypatch.setattr(Highs, "run", run)


@pytest.mark.parametrize("case", ["plain", "money for all"])
def test_a_plan_and_its_proof_need_no_linear_program(case: str, without_highs: None) -> None:
    outcome = Engine(build(tiny(**CASES[case]))).solve()
    assert outcome.status == "optimal"
    assert outcome.gap is not None and outcome.gap <= GAPS.aim


@pytest.mark.parametrize("case", CASES)
def test_whatever_gap_is_asked_the_digits_are_the_same(case: str) -> None:
    wide, narrow = (Engine(build(tiny(**CASES[case]))).solve(gap=gap) for gap in (0.1, 1e-6))
    assert narrow.status == "optimal" and narrow.gap is not None and narrow.gap <= GAPS.aim
    assert wide.objective == narrow.objective
    assert wide.bound == narrow.bound


@pytest.mark.parametrize("asked", [0.72, 0.75, 3.0])
def test_prices_refute_what_no_plan_can_reach(asked: float) -> None:
    engine = Engine(build(tiny(policies=[TARGET | {"min_ratio": asked}])))
    x = engine._first().x
    engine.convex.run(x, 1e-4)
    assert engine.convex.refuted and engine.convex.plan is None


def test_a_change_of_held_data_starts_from_a_central_point(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [0]
    step = Interior._step

    def counted(self: Interior, *given: Any) -> Any:
        steps[0] += 1
        return step(self, *given)

    monkeypatch.setattr(Interior, "_step", counted)
    engine = Engine(build(tiny()))
    engine.solve()
    cold, steps[0] = steps[0], 0
    changed = tiny(budget=63.0)
    warm = engine.resolve(changed)
    assert steps[0] < cold
    fresh = Engine(build(changed)).solve()
    assert warm.status == "optimal" and warm.gap is not None and warm.gap <= GAPS.aim
    assert warm.objective == approx(fresh.objective, rel=2 * GAPS.aim)


def test_members_of_a_sweep_start_on_the_central_path_and_break_few_laws_there(monkeypatch: pytest.MonkeyPatch) -> None:
    base, changed = tiny(), tiny(budget=63.0, knowledge__effort_elasticity=0.35, economy__trend=0.03)
    worlds, residuals, steps = FromBase(base), Interior._residuals, list[Any]()
    kept = worlds._kept
    assert kept is not None
    interior, cost = kept.start.interior, kept.compiled.cost * kept.compiled.unit / kept.compiled.cost_unit
    have = residuals(interior, cost, kept.start.central)
    products = have.distance * kept.start.central.price
    assert products.min() > TOLERANCES.centred / CENTRED and products.max() < TOLERANCES.centred * CENTRED
    assert max(np.abs(part).max() for part in (have.dual, have.equal, have.open)) < LACKING

    def noted(self: Interior, *given: Any) -> Any:
        steps.append(residuals(self, *given))
        return steps[-1]

    monkeypatch.setattr(Interior, "_residuals", noted)
    moved = worlds.solve(changed)
    first, count = steps[0], len(steps)
    monkeypatch.setattr(Convex, "_shift", lambda *_: 0.0)
    still = worlds.solve(changed)
    assert np.abs(first.open).max() < 0.5 * np.abs(steps[count].open).max()
    assert count <= len(steps) - count
    fresh = Engine(build(changed)).solve()
    assert fresh.bound is not None
    for outcome in (moved, still):
        assert outcome.status == "optimal" and outcome.objective == approx(fresh.objective, rel=1e-4)
        assert outcome.objective <= fresh.bound and fresh.objective <= outcome.bound


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 1.5, 4.0])
@pytest.mark.parametrize("case", ["plain", "target"])
def test_balanced_tangents_prove_more_where_money_is_off_and_never_too_much(case: str, part: float) -> None:
    engine = Engine(build(tiny(**CASES[case])))
    outcome = engine.solve()
    point, c = engine.convex.point, engine.compiled
    assert point is not None and outcome.objective is not None
    x = point.x.copy()
    x[c.slots["money.substitution"]] *= part
    lower, upper = propagate(c)
    prices = np.concatenate([point.rows, point.relations])
    program = tangent_program(c, engine.tangents, x, lower, upper)
    plain, moved = (linear_bound(p, prices) for p in (program, balanced(c, engine.tangents, x, program, prices)))
    best = c.sign * outcome.objective - c.offset
    assert moved <= best + 1e-9 * abs(best)
    assert best - moved < 0.2 * (best - plain)


def test_an_interrupt_returns_the_plan_and_the_bound_of_the_last_point(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Iterator[int] = iter(range(100))
    step = Interior._step

    def stopped(self: Interior, *given: Any) -> Any:
        if next(calls) == 8:
            raise KeyboardInterrupt
        return step(self, *given)

    monkeypatch.setattr(Interior, "_step", stopped)
    outcome = Engine(build(tiny())).solve()
    assert outcome.status == "interrupted"
    assert outcome.objective is not None and outcome.bound is not None
    assert outcome.objective <= outcome.bound < 1.1 * outcome.objective


def test_money_at_a_bound_is_at_it() -> None:
    """Inside, no amount is ever quite 0; what is all but 0 is told as 0."""
    outcome = Engine(build(tiny())).solve()
    assert outcome.money is not None
    amounts = np.concatenate([outcome.money.strategic.ravel(), outcome.money.exchange.ravel()])
    assert not ((amounts > 0) & (amounts < 1e-7)).any()


def test_money_without_any_limit_is_refused() -> None:
    program = kctopt.build(tiny())
    program.model.money.budget.deactivate()
    program.model.money.ramp.deactivate()
    with pytest.raises(ProgramError, match=r"unbounded: nothing limits money\.spend\["):
        kctopt.solve(program)


@pytest.mark.parametrize("less", [1e-8, 0.0, -1e-8])
def test_a_plan_at_the_edge_of_a_target_gains_nothing_by_breaking_it(less: float) -> None:
    """Plans are clean, so that gaps are those of the bounds."""
    best = 0.6
    engine = Engine(build(tiny(policies=[TARGET | {"min_ratio": best - less}])))
    outcome = engine.solve()
    assert outcome.status == "optimal" and engine.state.plan is not None
    assert engine.state.plan.violation <= 1e-8
    assert outcome.bound is not None and outcome.objective is not None and outcome.bound > outcome.objective


def one_line(target: float) -> Scenario:
    """The bottleneck line of semiconductors alone; the most that it can reach by 2035 is .180367 of the rival."""
    whole = kctopt.load("baseline")
    policy = {"id": "reach", "kind": "target", "line": "semiconductors-B", "min_ratio": target, "by": 2035}
    return whole.model_copy(
        update={
            "lines": tuple(line for line in whole.lines if line.id == "semiconductors-B"),
            "domains": tuple(domain for domain in whole.domains if domain.id == "semiconductors"),
            "spillovers": tuple(s for s in whole.spillovers if {s.source, s.target} == {"semiconductors"}),
            "policies": (policy,),
            "military": whole.military.model_copy(update={"shield_elasticity": 0.0}),
            "cut_off": whole.cut_off.model_copy(update={"shield": 0.0}),
        }
    )


def test_no_plan_of_a_stricter_target_beats_the_bound_of_a_looser_one() -> None:
    """Towards the most that can be reached the price of a target grows without end, and so does what a breach gains."""
    targets = (0.175, 0.1797, 0.18, 0.1802, 0.1802 + 1e-8, 0.18025)
    outcomes = [Engine(kctopt.build(one_line(target))).solve() for target in targets]
    for looser, stricter in pairwise(outcomes):
        assert looser.status == stricter.status == "optimal"
        assert looser.bound is not None and stricter.objective is not None and stricter.gap is not None
        assert stricter.gap <= 10 * GAPS.aim
        assert stricter.objective <= looser.bound * (1 + TOLERANCES.objective_round_off)
    assert outcomes[1].objective == approx(2695.5290, abs=1e-3)
    assert Engine(kctopt.build(one_line(0.1804))).solve().status == "infeasible"


@pytest.mark.parametrize("asked", [0.7, 0.72, 0.75, 0.9])
def test_a_target_that_no_budget_reaches_is_refuted(asked: float) -> None:
    """Ramps hold spend, whatever the budget: its scale has no bound, but beyond all spend it serves nothing."""
    target = TARGET | {"min_ratio": asked}
    assert Engine(build(tiny(objective__kind="min_budget", policies=[target]))).solve().status == "infeasible"


def test_the_largest_scale_is_that_of_all_spend_and_only_where_nothing_else_needs_money() -> None:
    program = build(tiny(objective__kind="min_budget", policies=[TARGET]))
    scale = program.model.money.scale
    compiled = compile_program(program)
    found = with_largest_scale(compiled).column_upper[compiled.slots["money.scale"]]
    spend = propagate(compiled)[1][compiled.slots["money.spend"]].reshape(-1, 4).sum(axis=0)
    assert found == approx(BOXES.propagated * spend.max() / 60)
    program.model.more = Constraint(expr=scale >= 1e3)
    other = compile_program(program)
    assert with_largest_scale(other) is other
    outcome = Engine(program).solve()
    assert outcome.status == "optimal" and outcome.budget_scale == approx(1e3)
