"""The engine with integers: against brute force, against its relaxation, and what comes back."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from plans import best
from pyomo.environ import Binary, Constraint, Integers, NonNegativeReals, Var
from pytest import approx
from worlds import MODES, PROGRAMMES, TRANCHES, line, options, tiny

from kctopt.program import Program, build
from kctopt.rules import breaches
from kctopt.scenario.load import load
from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import STAGES, review_years
from kctopt.simulator import simulate
from kctopt.solver import solve
from kctopt.solver.branching import Tree
from kctopt.solver.certificate import Candidate
from kctopt.solver.choice import ChoiceSolver
from kctopt.solver.compile import compile_program
from kctopt.solver.discrete import DiscreteEngine
from kctopt.solver.first import FirstPlan
from kctopt.solver.highs import End, Highs
from kctopt.solver.outer_approximation import OuterApproximation
from kctopt.solver.sequential_lp import SequentialLP
from kctopt.solver.tangents import Tangents
from kctopt.status import Status

THREE = [
    line("chips", "B", 0.8, 0.8, capability=38.0, trend=0.01, rival_growth=0.0, spend=10.0, exchange_share=0.1),
    line("chips", "S", 0.3, 0.8, capability=68.0, trend=0.01, spend=10.0, exchange_share=0.1),
    line("ai", "A", 0.2, 0.8, capability=73.0, trend=0.0, rival_growth=0.0, spend=20.0, exchange_share=0.2),
]


def three(**overrides: Any) -> Scenario:
    """Three lines, four years, four reviews: one line starts far, two within reach and close to near."""
    return tiny(lines=THREE, stages="switching", **overrides)


def paths(start: int, reviews: int) -> list[tuple[int, ...]]:
    """Every path of stages from the first one on, a step at a time."""
    found = [(start,)]
    for _ in range(reviews - 1):
        found = [(*path, step) for path in found for step in (path[-1], path[-1] + 1) if step <= 2]
    return found


def held(scenario: Scenario, choice: tuple[tuple[int, ...], ...]) -> Program | None:
    """The program with every stage fixed; None where data rule one of them out."""
    program = build(scenario)
    for entry, path in zip(scenario.lines, choice, strict=True):
        for year, stage in zip(review_years(scenario), path, strict=True):
            for number, name in enumerate(STAGES):
                data = program.model.switching.stage[entry.id, year, name]
                if not data.lb <= float(number == stage) <= data.ub:
                    return None
                data.fix(float(number == stage))
    return program


@pytest.mark.long
def test_switching_equals_brute_force_on_three_lines_and_four_years() -> None:
    scenario = three(horizon__plan_length=3)  # reviews in 2026, 2028 and 2029
    start = build(scenario).base.stage
    assert sorted(start) == [0, 1, 1]
    count = len(review_years(scenario))
    choices = list(itertools.product(*(paths(int(stage), count) for stage in start)))
    coarse = {}
    for choice in choices:
        program = held(scenario, choice)
        if program is not None:
            coarse[choice] = solve(program, gap=5e-3)
    least = max(outcome.objective or -np.inf for outcome in coarse.values())
    best = least
    for choice, outcome in coarse.items():
        assert outcome.status in ("optimal", "infeasible")
        if outcome.bound is not None and outcome.bound >= least:  # only these can be the best
            program = held(scenario, choice)
            assert program is not None
            best = max(best, solve(program, gap=1e-4).objective or -np.inf)
    found = solve(build(scenario), gap=1e-4)
    assert found.status == "optimal" and found.objective is not None and found.bound is not None
    assert found.bound >= best - 1e-6 * abs(best)
    assert found.objective == pytest.approx(best, rel=2e-4)


def test_switching_is_worth_no_more_than_its_relaxation() -> None:
    scenario = three()
    found = solve(build(scenario), gap=1e-4)
    compiled = compile_program(build(scenario))
    relaxed = OuterApproximation(compiled, Tangents(compiled))
    relaxed.start(np.clip(np.ones(len(compiled.cost)), compiled.column_lower, compiled.column_upper), None)
    bounds = []
    for _ in range(12):
        end = relaxed.run(np.inf)
        bounds.append(compiled.sign * (end.objective + compiled.offset))
        relaxed.cut(end.x)
    assert found.objective is not None and found.objective <= bounds[-1] + 1e-6
    envelope = solve(build(tiny(lines=THREE)), gap=1e-4)
    assert envelope.status == "optimal"  # another law: no order between the two holds


def test_a_discrete_plan_keeps_every_rule_and_is_worth_what_it_says() -> None:
    scenario = three()
    found = solve(build(scenario))
    assert found.money is not None and found.choices.stage is not None
    trajectory = simulate(scenario, found.money, choices=found.choices)
    assert breaches(scenario, found.money, trajectory, choices=found.choices) == []
    assert float(trajectory.objective) == pytest.approx(found.objective, rel=1e-9)


def with_fund(pays: float) -> Program:
    """A fund is opened or not: it costs 3 a year."""
    program = build(tiny())
    model, lines = program.model, program.scenario.lines
    model.fund = Var(domain=Binary)
    model.paid = Constraint(
        program.scenario.horizon.years,
        rule=lambda m, t: sum(m.money.spend[one.id, t] for one in lines) + 3 * m.fund <= 60.0,
    )
    model.objective.value.expr += pays * model.fund
    return program


@pytest.mark.parametrize("pays", [2.0, 4.0])
@pytest.mark.touches("highspy", "pyomo")
def test_a_users_own_binary_is_decided(pays: float) -> None:
    values = []
    for opened in (0.0, 1.0):
        program = with_fund(pays)
        program.model.fund.fix(opened)
        values.append(solve(program, gap=1e-5).objective)
    found = solve(with_fund(pays), gap=1e-5)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(max(values), rel=3e-5)
    assert found.values["fund"] == float(np.argmax(values))
    assert len(set(np.round(values, 2))) == 2


def test_integers_that_cannot_hold_together_are_infeasible() -> None:
    """The relaxation has an answer (one half each), the integers have none."""
    program = build(tiny())
    program.model.one = Var(["a", "b"], domain=Binary)
    program.model.half = Constraint(expr=program.model.one["a"] + program.model.one["b"] == 1)
    program.model.same = Constraint(expr=program.model.one["a"] == program.model.one["b"])
    outcome = solve(program)
    assert outcome.status == "infeasible" and outcome.money is None


def test_a_scale_that_no_whole_decision_meets_is_infeasible() -> None:
    """Half on would do: at least 3 and at most 4 a year, where on means at least 6."""
    policies = [
        {"id": "some", "kind": "floor", "line": "chips-B", "amount": 3.0},
        {"id": "little", "kind": "cap", "line": "chips-B", "amount": 4.0},
    ]
    outcome = solve(build(tiny(lines__0__min_scale=6.0, policies=policies)))
    assert outcome.status == "infeasible" and outcome.money is None


def test_a_line_is_off_or_at_its_scale() -> None:
    scenario = tiny(lines__3__min_scale=12.0, budget=52.0)
    outcome = solve(build(scenario), gap=1e-4)
    assert outcome.status == "optimal" and outcome.money is not None
    spend = outcome.money.spend[3].reshape(2, 2)  # plans of two years
    assert ((spend >= 12.0 - 1e-6).all(axis=1) | (spend <= 1e-6).all(axis=1)).all()
    assert breaches(scenario, outcome.money, choices=outcome.choices) == []
    free = solve(build(tiny(budget=52.0)), gap=1e-4)
    assert outcome.objective is not None and free.bound is not None and outcome.objective <= free.bound


def test_a_limit_returns_the_best_plan_so_far() -> None:
    outcome = DiscreteEngine(build(three())).solve(gap=0.0, time_limit=0.5)
    assert outcome.status in ("limit", "optimal")
    assert outcome.money is not None and outcome.gap is not None


@pytest.mark.parametrize("limit", [1e-6, 0.02, 0.1, 0.3])
@pytest.mark.parametrize(
    "overrides",
    [
        {"lines": THREE, "stages": "switching"},
        {"modes": MODES, "cooperation__choice": "mask"},
        {"lines__3__min_scale": 12.0},
        {"tranches": TRANCHES},
        {"programmes": PROGRAMMES, "catalogue": {"researchers": 3.0}},
    ],
    ids=["switching", "modes", "scale", "tranches", "programmes"],
)
def test_any_limit_returns_the_best_plan_known(overrides: dict[str, Any], limit: float) -> None:
    """The base year's money keeps all rules here, so there is a plan however short the time."""
    outcome = solve(build(tiny(**overrides)), gap=0.0, time_limit=limit)
    assert outcome.status == "limit" and outcome.money is not None
    assert breaches(tiny(**overrides), outcome.money, choices=outcome.choices) == []
    assert outcome.bound is not None and outcome.objective is not None and outcome.objective <= outcome.bound < 1100


def test_a_plan_that_a_search_met_is_kept_where_the_search_goes_on_to_one_that_breaks_a_rule() -> None:
    target = {"id": "up", "kind": "target", "line": "chips-B", "min_ratio": 0.45, "by": 2029}
    engine = DiscreteEngine(build(three(policies=[target])))
    met: list[float] = []
    step = SequentialLP._step

    def watched(self: SequentialLP, plan: Candidate, goal: np.ndarray) -> tuple[float, Candidate]:
        found = step(self, plan, goal)
        met.extend(one.objective for one in [found[1]] if one.feasible)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SequentialLP, "_step", watched)
        patch.setattr(ChoiceSolver, "_inside", lambda *_: False)  # as where it finds nothing
        outcome = engine.solve(gap=1e-2)
    assert outcome.objective is not None and met and outcome.objective >= max(met) - 1e-9


def test_a_plan_is_found_where_the_stages_that_the_base_years_money_leads_to_have_none() -> None:
    """The target asks for more than these stages allow."""
    target = {"id": "up", "kind": "target", "line": "chips-B", "min_ratio": 0.47, "by": 2029}
    floor = {"id": "keep", "kind": "floor", "line": "ai-A", "amount": 20.0}
    for overrides in ({}, {"modes": MODES, "cooperation__choice": "mask"}):
        scenario = three(policies=[target, floor], **overrides)
        outcome = solve(build(scenario), gap=1e-2)
        assert outcome.money is not None
        assert breaches(scenario, outcome.money, choices=outcome.choices) == []


def test_choices_without_a_plan_are_not_made_again() -> None:
    engine = DiscreteEngine(build(three()))
    first = FirstPlan(engine.choices, engine.grown())
    seen = []
    for _ in range(4):
        end = first.whole.highs.run_mip(engine.state.open.free_integers, None, 60.0, gap=1.0)
        seen.append(tuple(np.round(end.x[engine.choices.columns])))
        first._exclude(np.array(seen[-1]))
    assert len(set(seen)) == 4


def test_programmes_that_pay_are_in_the_plan_before_any_proof(monkeypatch: Any) -> None:
    """The first bound of 42 lines takes minutes: a limit met a plan without any programme, of 92."""
    scenario = tiny(programmes=[PROGRAMMES[0] | {"gain": 8.0}, PROGRAMMES[1]], catalogue={"researchers": 3.0})
    whole = solve(build(scenario), gap=1e-5)
    monkeypatch.setattr(Tree, "_work", lambda self, node: [])
    monkeypatch.setattr("kctopt.solver.discrete.prove", lambda *_: Status.LIMIT)
    outcome = solve(build(scenario), gap=1e-5)
    assert whole.choices.routes is not None and whole.choices.routes.any()
    assert outcome.choices.routes is not None and outcome.choices.routes.any()
    assert outcome.objective == approx(whole.objective, rel=1e-3)


def test_a_plan_is_found_with_an_option_taken_out_where_all_choices_are_too_many(monkeypatch: Any) -> None:
    """HiGHS here ends without an answer where programmes and modes are open at once."""
    scenario = tiny(modes=MODES, cooperation__choice="mask", programmes=PROGRAMMES, catalogue={"researchers": 3.0})
    engine = DiscreteEngine(build(scenario))
    first = FirstPlan(engine.choices, engine.grown())
    starts, asked = engine.choices.columns[engine.choices.starts], []

    def run_mip(self: Highs, integers: np.ndarray, *limits: Any, gap: float) -> End:
        program = self.linear_program()
        asked.append(bool((program.upper > program.lower)[starts].any()))
        return (
            End("limit", -np.inf, np.zeros(0), np.zeros(0), np.zeros(0))
            if asked[-1]
            else solved(self, integers, *limits, gap)
        )

    solved, tried = Highs.run_mip, FirstPlan._tried
    monkeypatch.setattr(Highs, "run_mip", run_mip)
    monkeypatch.setattr(FirstPlan, "_around", lambda self, gap: False)
    monkeypatch.setattr(FirstPlan, "_tried", lambda self, values, gap: bool(asked) and tried(self, values, gap))
    assert first.find(gap=1e-2) is None and engine.state.plan is not None
    money, choices = engine.simulator.money(engine.state.plan.x), engine.simulator.integers.choices(engine.state.plan.x)
    assert asked == [True, False] and choices.routes is not None and not choices.routes.any()
    assert breaches(scenario, money, choices=choices) == []


UP = {"id": "up", "kind": "target", "line": "chips-B", "min_ratio": 0.45, "by": 2029}
LEAST = {"objective__kind": "min_budget", "policies": [UP]}


@pytest.mark.parametrize(
    "overrides",
    [
        {"lines": THREE, "stages": "switching"},
        {"modes": MODES, "cooperation__choice": "mask"},
        {f"lines__{number}__min_scale": 3.0 for number in range(4)},
        {"tranches": TRANCHES},
        {"programmes": PROGRAMMES, "catalogue": {"researchers": 3.0}},
    ],
    ids=["switching", "modes", "scale", "tranches", "programmes"],
)
def test_the_least_budget_is_proven_with_every_option(overrides: dict[str, Any]) -> None:
    """Programmes need not be launched and guarded modes are as without: the budget is no larger."""
    scenario = tiny(**LEAST, **overrides)
    found = solve(build(scenario), gap=2e-3)
    assert found.status == "optimal" and found.bound is not None and found.objective is not None
    assert found.money is not None and breaches(scenario, found.money, choices=found.choices) == []
    if "modes" in overrides or "programmes" in overrides:
        assert found.objective <= (1 + 2e-3) * LEAST_WITHOUT and found.bound <= LEAST_WITHOUT


def test_the_least_budget_is_proven_where_many_plans_cost_the_least_scales() -> None:
    """One line at its least scale of 7 in each of 4 years reaches the target: 28, and no line alone costs less."""
    scales = {f"lines__{number}__min_scale": 7.0 for number in range(4)}
    target = UP | {"line": "chips-S", "min_ratio": 0.62}
    found = solve(build(tiny(objective__kind="min_budget", policies=[target], **scales)), time_limit=600)
    assert found.status == "optimal" and found.objective == pytest.approx(28.0, rel=1e-4)


@pytest.mark.parametrize(
    ("overrides", "low", "high"),
    [(LEAST, 12.0, 15.23), ({}, 695.0, 712.0)],
    ids=["least-budget", "most-security"],
)
def test_a_first_bound_says_more_than_the_bounds_of_columns(overrides: dict[str, Any], low: float, high: float) -> None:
    """Linear programs of tangents alone: the best plans have 15.2 billion CNY and 699 points."""
    engine = DiscreteEngine(build(options(**overrides)))
    engine.state.begin(100.0)
    engine.relax_aside(engine.grown())
    bound = engine.state.aside
    assert bound is not None and low < bound < high


LEAST_WITHOUT = 32.7177  # billion CNY: a plan without any option has it


def test_the_least_budget_without_options_is_what_it_says() -> None:
    found = best(**LEAST)
    assert found.objective is not None and found.bound is not None
    assert found.bound <= LEAST_WITHOUT and found.objective == pytest.approx(LEAST_WITHOUT, rel=2e-4)


BAND = {"id": "chips-together", "kind": "band", "lines": ["chips-B", "chips-S"], "width": 0.15}


def test_the_least_budget_is_proven_with_all_options_together() -> None:
    found = solve(build(options(objective__kind="min_budget", policies=[UP, BAND])), gap=0.05)
    assert found.status == "optimal" and found.bound is not None
    assert 15.14 < found.bound < 15.23 < found.objective / 0.998 < 16.1


@pytest.mark.parametrize("limit", [1e-6, 0.1, 0.6])
def test_a_bound_at_a_time_limit_is_that_of_all_choices(limit: float) -> None:
    """Not of the choice that was looked at when time ended, which costs 56 or has no plan."""
    found = solve(build(options(objective__kind="min_budget", policies=[UP, BAND])), gap=0.05, time_limit=limit)
    assert found.bound is not None and 0.0 <= found.bound < 15.23


def slack_above(model: Any) -> None:
    model.over = Constraint(expr=model.extra[1] >= model.money.spend["chips-B", 2027])


def difference(model: Any) -> None:
    model.apart = Constraint(expr=model.extra[1] - model.extra[2] == model.money.spend["chips-B", 2027] - 10)


@pytest.mark.parametrize("tied", [lambda model: None, slack_above, difference], ids=["free", "above", "difference"])
def test_an_own_variable_without_bounds_beside_an_integer_leaves_a_bound(tied: Any) -> None:
    program = with_fund(4.0)
    program.model.extra = Var([1, 2], domain=NonNegativeReals)
    tied(program.model)
    found = solve(program, gap=1e-3)
    assert found.status == "optimal" and found.bound is not None
    alone = solve(with_fund(4.0), gap=1e-3)
    assert alone.objective is not None and alone.bound is not None and found.objective is not None
    assert found.bound >= alone.objective * (1 - 1e-6) and found.objective <= alone.bound * (1 + 1e-6)


@pytest.mark.parametrize(("line", "lot"), [("ai-B", 10), pytest.param("semiconductors-B", 20, marks=pytest.mark.long)])
def test_money_in_lots_of_an_own_integer_has_a_plan(line: str, lot: int) -> None:
    program = build(load("baseline", set={"horizon.last_year": 2030}).scenario)
    program.model.lots = Var(bounds=(0, 5), domain=Integers)
    program.model.whole = Constraint(expr=program.model.money.spend[line, 2030] == lot * program.model.lots)
    outcome = solve(program, gap=1e-3)
    assert outcome.status == "optimal"
    spent = outcome.money.spend[[one.id for one in program.scenario.lines].index(line), 4]
    assert spent == approx(lot * outcome.values["lots"], rel=1e-8)
    assert outcome.values["lots"] in range(6)
