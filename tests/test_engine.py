"""The engine on tiny worlds: both bounds, every form, every objective, limits, re-solves, a user's own rules."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from forms import same_arrays
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from plans import best
from pyomo.environ import Constraint, Integers, Objective, Var, maximize
from pytest import approx
from worlds import OPTIONS, options, small, tiny

import kctopt
from kctopt.errors import ProgramError, UsageError
from kctopt.program import build
from kctopt.rules import breaches
from kctopt.scenario.records import Scenario, SpendPolicy
from kctopt.simulator import Money, simulate
from kctopt.solver import Engine, Outcome, solve
from kctopt.solver.from_base import FromBase
from kctopt.solver.highs import End

KCT = ("nested", "ces", "cobb_douglas", "leontief", "linear")
SECURITY = ("cobb_douglas", "ces", "leontief", "linear")
DIFFUSION = ("three_stage", "nelson_phelps", "logistic", "none")
GAP = 1e-4
TINY = tiny()
TARGET = {"id": "up", "kind": "target", "line": "chips-B", "min_ratio": 0.5, "by": 2029}


def certified(scenario: Scenario, outcome: Outcome, gap: float = GAP) -> None:
    """Optimal, with a plan that keeps every rule, is worth what is said, and lies below the bound."""
    assert outcome.status == "optimal"
    assert outcome.gap <= gap
    assert breaches(scenario, outcome.money) == []
    assert outcome.objective == approx(float(simulate(scenario, outcome.money).objective), rel=1e-12)
    assert outcome.bound >= outcome.objective * (1 - 1e-9)


# Forms


def pairs() -> list[tuple[str, str, str]]:
    """Any two forms meet in one of these."""
    return [(k, s, DIFFUSION[(i + j) % 4]) for (i, k), (j, s) in product(enumerate(KCT), enumerate(SECURITY))]


@pytest.mark.parametrize("forms", pairs(), ids="-".join)
def test_every_form_is_solved_with_a_proof(forms: tuple[str, str, str]) -> None:
    kct, security, diffusion = forms
    overrides = {"kct__form": kct, "security__form": security, "diffusion__form": diffusion}
    certified(tiny(**overrides), best(**overrides))


def test_a_world_of_twelve_lines_with_overlapping_types() -> None:
    scenario = small()
    certified(scenario, solve(build(scenario)))


def test_a_smaller_gap() -> None:
    certified(TINY, solve(build(TINY), gap=1e-7), 1e-7)


def test_money_held_at_zero_does_not_keep_the_proof_from_ending() -> None:
    nothing = {"id": "nothing", "kind": "cap", "track": "exchange", "line": "chips-B", "amount": 0.0}
    scenario = tiny(policies=[nothing])
    certified(scenario, solve(build(scenario), gap=1e-6, time_limit=600), 1e-6)


# The bound


def feasible(scenario: Scenario, share: np.ndarray, level: np.ndarray) -> Money:
    """Money inside budgets, ramps and exchange rules: shares of each year's money by line, then by track.

    `share` (lines, 5, years) and `level` (years,) lie in [0, 1]; line by line the ramp and exposure are respected.
    """
    budget = scenario.budget.at(np.array(scenario.horizon.years))
    rule, lines = scenario.money, len(scenario.lines)
    least, most = np.array([0.0, 0.0, 0.1, 0.0]), np.array([0.2, 0.02, 0.6, 0.45])  # exchange rules of the tiny world
    before, spend = np.array([line.spend for line in scenario.lines]), np.zeros((lines, len(budget)))
    for n, amount in enumerate(budget):
        wished = share[:, :, n].sum(axis=1) + 1e-9
        wished = level[n] * amount * wished / wished.sum()
        before = spend[:, n] = np.minimum(wished, (1 + rule.ramp_growth) * before + rule.ramp_step)
    exchange = (least + (most - least) * share[:, 0].T).T * spend * np.array([[0.3], [0.3], [1.0], [1.0]])
    parts = share[:, 1:] + 1e-9
    parts = parts / parts.sum(axis=1, keepdims=True) * (spend - exchange)[:, None]
    return Money(parts[:, :3], parts[:, 3], exchange)


@settings(max_examples=60, deadline=None)
@given(arrays(float, (4, 5, 4), elements=st.floats(0, 1)), arrays(float, 4, elements=st.floats(0.2, 1)))
def test_no_plan_beats_the_bound(share: np.ndarray, level: np.ndarray) -> None:
    money = feasible(TINY, share, level)
    if breaches(TINY, money) == []:
        assert simulate(TINY, money).objective <= best().bound


def test_random_plans_of_that_kind_keep_the_rules() -> None:
    rng = np.random.default_rng(0)
    plans = [feasible(TINY, rng.random((4, 5, 4)), np.ones(4)) for _ in range(20)]
    assert sum(breaches(TINY, plan) == [] for plan in plans) >= 18


def test_no_neighbour_of_the_plan_beats_the_bound() -> None:
    rng, outcome = np.random.default_rng(1), best()
    for spread in (0.003, 0.03, 0.3):
        parts = [getattr(outcome.money, track) for track in ("strategic", "substitution", "exchange")]
        money = Money(*(part * np.exp(rng.normal(0, spread, (200, *part.shape))) for part in parts))
        total = money.spend.sum(axis=-2, keepdims=True)
        money = Money(
            money.strategic * (60 / total)[:, :, None], money.substitution * 60 / total, money.exchange * 60 / total
        )
        values = simulate(TINY, money).objective
        for number in np.argsort(values)[-20:]:
            plan = Money(money.strategic[number], money.substitution[number], money.exchange[number])
            assert values[number] <= outcome.bound or breaches(TINY, plan) != []


# No plan


@pytest.mark.parametrize(
    "policies",
    [
        [{"id": "all", "kind": "floor", "amount": 245.0, "per": "total"}],  # of 4 x 60
        [{"id": "chips", "kind": "floor", "domain": "chips", "amount": 35.0},
         {"id": "ai", "kind": "floor", "domain": "ai", "amount": 30.0}],
        [TARGET | {"min_ratio": 3.0}],
        [TARGET | {"min_ratio": 0.75}],
        [TARGET | {"by": 2026, "min_ratio": 0.6}],
    ],
    ids=["total", "two floors", "target", "target just missed", "target too soon"],
)  # fmt: skip
def test_rules_that_no_plan_keeps(policies: list[dict]) -> None:
    outcome = solve(build(tiny(policies=policies)))
    assert outcome.status == "infeasible"
    assert outcome.money is None
    assert outcome.objective is None


def test_a_plan_within_the_tolerance_of_rules_that_hold_for_none_is_not_called_infeasible(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Engine(build(tiny()))
    engine.solve()
    none = End("infeasible", np.inf, np.zeros(0), np.zeros(0), np.zeros(0))
    monkeypatch.setattr(Engine, "_bound", lambda _: none)
    assert engine.state.plan is not None and engine.prove(0.0) == "limit"
    engine.state.plan = None
    assert engine.prove(0.0) == "infeasible"


# Targets


@pytest.mark.parametrize("asked", [0.6, 0.65])
def test_a_target_close_to_what_is_possible(asked: float) -> None:
    policies = [TARGET | {"min_ratio": asked}]
    scenario, outcome = tiny(policies=policies), best(policies=policies)
    certified(scenario, outcome)
    reached = simulate(scenario, outcome.money)
    assert reached.usable[0, 4] / reached.rival[0, 4] >= asked - 1e-6
    assert outcome.objective < best().bound


def test_an_easy_soft_target_costs_nothing() -> None:
    policies = [TARGET | {"min_ratio": 0.45, "soft": True}]
    scenario, outcome = tiny(policies=policies), best(policies=policies)
    certified(scenario, outcome)
    assert simulate(scenario, outcome.money).shortfall["up"] == approx(0)
    assert outcome.objective == approx(best().objective, rel=2 * GAP)


# Other objectives


def test_the_smallest_budget() -> None:
    asked = [TARGET | {"min_ratio": 0.6}]
    scenario = tiny(policies=asked, objective__kind="min_budget")
    outcome = solve(build(scenario))
    assert outcome.status == "optimal"
    assert outcome.gap <= GAP
    assert outcome.bound <= outcome.objective * (1 + 1e-9)
    scale = outcome.budget_scale
    assert outcome.objective == approx(240 * scale)
    assert breaches(scenario, outcome.money, budget_scale=scale) == []
    reached = simulate(scenario, outcome.money)
    assert reached.usable[0, 4] / reached.rival[0, 4] >= 0.6 - 1e-6
    # the same target under a given budget: a little less than the smallest is not enough, a little more is
    assert solve(build(tiny(policies=asked, budget=60 * scale * (1 - 3 * GAP)))).status == "infeasible"
    assert solve(build(tiny(policies=asked, budget=60 * scale * (1 + 3 * GAP)))).status == "optimal"


def test_the_earliest_year() -> None:
    policies = [TARGET | {"min_ratio": 0.6}]
    outcome = solve(build(tiny(policies=policies, objective__kind="earliest")))
    assert outcome.status == "optimal"
    assert 2026 < outcome.year <= 2029
    before = solve(build(tiny(policies=[policies[0] | {"by": outcome.year - 1}])))
    assert before.status == "infeasible"
    certified(tiny(policies=[policies[0] | {"by": outcome.year}]), outcome)


def test_no_year_is_early_enough_for_the_impossible() -> None:
    outcome = solve(build(tiny(policies=[TARGET | {"min_ratio": 3.0}], objective__kind="earliest")))
    assert (outcome.status, outcome.year, outcome.money) == ("infeasible", None, None)


# Limits


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.05])
def test_a_time_limit_ends_with_what_there_is(seconds: float) -> None:
    scenario = small()
    outcome = solve(build(scenario), gap=1e-9, time_limit=seconds)
    assert outcome.status in ("limit", "no_plan")
    assert (outcome.money is None) == (outcome.status == "no_plan")
    if outcome.money is not None:
        assert breaches(scenario, outcome.money) == []
        assert outcome.objective == approx(float(simulate(scenario, outcome.money).objective), rel=1e-12)
    if outcome.money is not None and outcome.bound is not None:
        assert outcome.bound >= outcome.objective


def test_rounds_seconds_and_log_tell_what_happened() -> None:
    outcome = best()
    assert {"build", "compile", "search", "proof", "total"} <= set(outcome.seconds)
    assert {each.phase for each in outcome.rounds} == {"search", "proof"}
    assert len(outcome.log.splitlines()) == len(outcome.rounds) + 1
    bounds = [each.bound for each in outcome.rounds if each.bound is not None]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] == outcome.bound


# Solving again


POLICIES = [TARGET | {"min_ratio": 0.45}, {"id": "basics", "kind": "floor", "domain": "chips", "amount": 10.0}]


@pytest.mark.parametrize(
    "change",
    [
        {"budget": 63.0},
        {"budget": 45.0},
        {"budget": {2026: 55.0, 2029: 70.0}},
        {"cooperation__exposure_limit": 1.0},
        {"policies": [TARGET | {"min_ratio": 0.55}, POLICIES[1]]},
        {"policies": [POLICIES[0], POLICIES[1] | {"amount": 25.0}]},
    ],
    ids=["more", "less", "other years", "exposure", "target", "floor"],
)
def test_a_warm_solve_ends_where_a_cold_one_does(change: dict) -> None:
    start = {"policies": POLICIES}
    engine = Engine(build(tiny(**start)))
    engine.solve()
    model = engine.program.model
    warm, cold = engine.resolve(tiny(**start | change)), best(**start | change)
    assert engine.program.model is model  # nothing was rebuilt
    certified(tiny(**start | change), warm)
    assert warm.objective <= cold.bound
    assert cold.objective <= warm.bound


def test_a_warm_solve_finds_out_that_nothing_is_possible_any_more_and_comes_back() -> None:
    engine = Engine(build(tiny(policies=POLICIES)))
    first = engine.solve()
    hard = [POLICIES[0] | {"min_ratio": 1.4}, POLICIES[1]]
    assert engine.resolve(tiny(policies=hard)).status == "infeasible"
    again = engine.resolve(tiny(policies=POLICIES))
    assert again.status == "optimal"
    assert again.objective <= first.bound
    assert first.objective <= again.bound


NUMBERS = [
    {"controls__intensity": {2026: 0.5, 2029: 0.8}},
    {"knowledge__effort_elasticity": 0.5},
    {"diffusion__catch_up": 0.1},
    {"military__kct_elasticity": 0.3},
    {"lines__0__growth": 0.06},
    {"domains__0__weight": 2.0},
    {"money__ramp_growth": 0.3},
    {"knowledge__yield_factor": 1.2, "budget": 65.0},
]


@pytest.mark.parametrize("change", NUMBERS, ids=lambda change: next(iter(change)))
def test_other_numbers_start_from_the_last_plan_too(change: dict) -> None:
    changed = tiny(policies=POLICIES, **change)
    engine, anew = Engine(build(tiny(policies=POLICIES))), Engine(build(changed))
    engine.solve()
    warm, cold = engine.resolve(changed, aim=GAP), anew.solve()
    same_arrays(engine.compiled, anew.compiled)
    certified(changed, warm)
    assert warm.status == cold.status == "optimal"
    assert warm.objective <= cold.bound
    assert cold.objective <= warm.bound
    assert len(warm.rounds) <= 2 * len(cold.rounds) + 3  # what starts badly is started afresh


def test_a_limit_put_on_a_variable_is_not_lost_with_a_rebuild() -> None:
    program = build(TINY)
    program.model.money.spend["chips-B", 2026].setub(10.0)
    engine = Engine(program)
    engine.solve()
    with pytest.raises(ProgramError, match=r"would lose money\.spend"):
        engine.resolve(tiny(knowledge__yield_factor=1.2))


def test_what_the_user_changes_after_the_engine_was_made_counts() -> None:
    program = build(TINY)
    engine = Engine(program)
    first = engine.solve()
    program.model.mine = Constraint(expr=program.model.money.spend["chips-B", 2027] <= 5)
    capped = engine.solve()
    assert capped.objective < first.bound - 1e-3
    assert capped.money.spend[0, 1] <= 5 + 1e-6
    richer = engine.resolve(tiny(budget=62.0))  # patched, with the rule
    assert richer.money.spend[0, 1] <= 5 + 1e-6
    program.model.mine.deactivate()
    free = engine.resolve(tiny(budget=62.0))
    assert free.objective <= best(budget=62.0).bound
    assert free.objective > richer.bound
    program.model.lots = Var(bounds=(0, 3), domain=Integers)
    with pytest.raises(ProgramError, match="integers were added, fixed or freed after this engine was made"):
        engine.solve()


@pytest.mark.parametrize("read_before", [True, False])
def test_a_program_whose_data_were_patched_is_never_taken_for_the_new_scenario(read_before: bool) -> None:
    program = build(TINY)
    engine = Engine(program)
    if read_before:
        assert program.model
    engine.solve()
    richer = engine.resolve(tiny(budget=62.0))
    if read_before:
        with pytest.raises(ProgramError, match=r"patched by Engine\.resolve"):
            kctopt.solve(engine.program)
    else:
        assert kctopt.solve(engine.program).objective == approx(richer.objective, rel=GAP)
        assert engine.program.model is not program.model
    assert kctopt.solve(program).objective == approx(best().objective, rel=GAP)  # the user's own is as it was


def test_what_is_resolved_passes_the_checks_of_a_file() -> None:
    engine = Engine(build(TINY))
    engine.solve()
    cap = SpendPolicy(id="odd", kind="cap", domain="chpis", amount=3.0)
    with pytest.raises(kctopt.ScenarioErrors, match="chpis"):
        engine.resolve(TINY.model_copy(update={"policies": (cap,)}))
    law = TINY.knowledge.model_copy(update={"effort_elasticity": 2.0})
    with pytest.raises(kctopt.ScenarioErrors, match="effort_elasticity"):
        engine.resolve(TINY.model_copy(update={"knowledge": law}))
    for odd in ("baseline", 3, None):
        with pytest.raises(UsageError, match="a Scenario, as kctopt"):
            engine.resolve(odd)
    for name, value in (("gap", -1), ("gap", float("nan")), ("aim", -1), ("time_limit", -1), ("time_limit", "x")):
        with pytest.raises(UsageError, match=r"gap|time_limit"):
            engine.resolve(TINY, **{name: value})


def test_a_limit_that_left_the_gap_asked_is_none() -> None:
    engine = Engine(build(TINY))
    outcome = engine.solve()
    engine.state.asked = 1e-3
    engine.state.bound = None
    engine.state.aside = outcome.objective * (1 + 5e-4)  # a first bound kept for the case that time ends
    late = engine.outcome("limit")
    assert late.status == "optimal"
    assert late.gap == approx(5e-4, rel=1e-2)


def test_a_change_of_a_form_rebuilds() -> None:
    engine = Engine(build(TINY))
    engine.solve()
    model = engine.program.model
    changed = engine.resolve(tiny(kct__form="linear"))
    assert engine.program.model is not model
    certified(tiny(kct__form="linear"), changed)


def test_a_warm_solve_of_the_smallest_budget() -> None:
    def asked(ratio: float) -> Scenario:
        return tiny(policies=[TARGET | {"min_ratio": ratio}], objective__kind="min_budget")

    engine = Engine(build(asked(0.55)))
    engine.solve()
    warm, cold = engine.resolve(asked(0.6)), solve(build(asked(0.6)))
    assert warm.objective == approx(cold.objective, rel=2 * GAP)


# A user's own rules


def regional(least: float) -> Outcome:
    """At least so much for both ai lines in the first plan, by a variable and two rules of the user's own."""
    program = build(TINY)
    m = program.model
    m.region = Var(bounds=(0, None))
    m.region_sum = Constraint(expr=m.region == sum(m.money.spend[i, t] for i in ("ai-A", "ai-M") for t in (2026, 2027)))
    m.region_least = Constraint(expr=m.region >= least)
    return solve(program, gap=1e-6)


@pytest.mark.touches("highspy", "pyomo")
def test_own_variables_and_rules_are_kept_and_priced() -> None:
    less, middle, more = (regional(amount) for amount in (79.0, 80.0, 81.0))
    assert middle.money.spend[2:, :2].sum() == approx(80.0, rel=1e-6)
    assert middle.values == {"region": approx(80.0, rel=1e-6)}
    assert middle.objective < best().objective
    assert middle.prices["region_least"] == approx((more.objective - less.objective) / 2, rel=0.02)


PRICED = {
    "budget": 60.0,
    "cooperation__exposure_limit": 1.2,
    "policies": [
        {"id": "ai", "kind": "floor", "domain": "ai", "amount": 75.0, "per": "total", "years": "2026-2027"},
        TARGET | {"min_ratio": 0.6},
    ],
}


def shifted(name: str, by: float) -> Scenario:
    """The priced world with one right side shifted."""
    data = PRICED | {}
    match name:
        case "money.available[2028]":
            data["budget"] = {2027: 60.0, 2028: 60.0 + by, 2029: 60.0}
        case "quadrants.exposure_limit[2029]":
            data["cooperation__exposure_limit"] = {2028: 1.2, 2029: 1.2 + by}
        case "policies.ai.amount":
            data["policies"] = [PRICED["policies"][0] | {"amount": 75.0 + by}, PRICED["policies"][1]]
        case "policies.up.ratio":
            data["policies"] = [PRICED["policies"][0], PRICED["policies"][1] | {"min_ratio": 0.6 + by}]
    return tiny(**data)


@pytest.fixture(scope="module")
def priced() -> Engine:
    return Engine(build(tiny(**PRICED)))


@pytest.mark.parametrize(
    ("rule", "step"),
    [
        pytest.param("money.available[2028]", 0.5, marks=pytest.mark.long),
        ("quadrants.exposure_limit[2029]", 0.02),
        pytest.param("policies.ai.amount", 0.5, marks=pytest.mark.long),
        pytest.param("policies.up.ratio", 0.002, marks=pytest.mark.long),
    ],
)
def test_prices_are_slopes(priced: Engine, rule: str, step: float) -> None:
    less, middle, more = (priced.resolve(shifted(rule, shift), gap=1e-7) for shift in (-step, 0.0, step))
    slope = (more.objective - less.objective) / (2 * step)
    assert abs(slope) > 0.01
    assert middle.prices[rule] == approx(slope, rel=0.02)


def test_own_rules_on_what_the_laws_produce() -> None:
    program = build(TINY)
    program.model.keep = Constraint(expr=program.model.ladder.capability["ai-M", 2029] >= 62.0)
    outcome = solve(program)
    assert outcome.status == "optimal"
    assert simulate(TINY, outcome.money).capability[3, 4] >= 62.0 - 1e-4
    assert outcome.objective < best().bound
    assert outcome.prices["keep"] < 0


def test_an_own_objective() -> None:
    program = build(TINY)
    m = program.model
    m.objective.value.deactivate()
    m.weakest = Var(bounds=(0, None))
    m.under = Constraint(["chips-B", "chips-S"], rule=lambda m, i: m.weakest <= m.ladder.capability[i, 2029])
    m.goal = Objective(expr=m.weakest, sense=maximize)
    outcome = solve(program)
    assert outcome.status == "optimal"
    reached = simulate(TINY, outcome.money).capability[:2, 4].min()
    assert outcome.objective == approx(reached, rel=1e-5)
    assert reached > simulate(TINY, best().money).capability[:2, 4].min()


def test_own_rules_are_never_lost_in_silence() -> None:
    program = build(tiny(policies=[TARGET], objective__kind="earliest"))
    program.model.mine = Constraint(expr=program.model.money.spend["chips-B", 2026] <= 9)
    with pytest.raises(ProgramError, match="builds the program again for each year and would lose mine"):
        solve(program)
    program = build(TINY)
    program.model.mine = Constraint(expr=program.model.money.spend["chips-B", 2026] <= 9)
    engine = Engine(program)
    engine.solve()
    assert engine.resolve(tiny(budget=62.0)).money.spend[0, 0] <= 9 + 1e-5
    with pytest.raises(ProgramError, match="rebuilds the program and would lose mine"):
        engine.resolve(tiny(kct__form="ces"))


def test_a_band_that_holds_a_line_back_needs_no_integer_and_its_restraint_is_in_the_plan() -> None:
    band = {"id": "together", "kind": "band", "lines": ["chips-B", "ai-A"], "width": 0.4}
    result = kctopt.solve(tiny(policies=[band]), gap=1e-3)
    assert result.status == "optimal"
    assert result.verified, result.breaches
    assert result.choices.restraint is not None and result.choices.restraint.sum() > 1


def test_modes_are_chosen_under_every_form_of_diffusion() -> None:
    for form in ("nelson_phelps", "logistic", "none"):
        result = kctopt.solve(options(stages="envelope", programmes=[], tranches=[], diffusion__form=form), gap=1e-2)
        assert result.verified, form


def test_a_domain_may_be_called_as_a_line_is() -> None:
    plain = {"stages": "envelope", "tranches": [], "programmes": [], "modes": [], "cooperation__choice": "none"}
    base = solve(build(options(**plain)), gap=1e-3)
    lines = [line | ({"domain": "chips-B"} if line["domain"] == "chips" else {}) for line in OPTIONS["lines"]]
    domains = [OPTIONS["domains"][0] | {"id": "chips-B"}, OPTIONS["domains"][1]]
    spillovers = [row | {"target": "chips-B"} if row["target"] == "chips" else row for row in OPTIONS["spillovers"]]
    same = options(**plain, lines=lines, domains=domains, spillovers=spillovers)
    found = solve(build(same), gap=1e-3)
    assert found.objective == approx(base.objective, rel=1e-3)
    assert found.bound is not None and base.bound is not None
    assert found.objective <= base.bound and base.objective <= found.bound


def test_another_budget_builds_no_program(monkeypatch: Any) -> None:
    """Its data are patched; such a solve once built one, only to see whether it has integers."""
    worlds, richer = FromBase(tiny()), kctopt.load(tiny(), scale={"budget": 1.02})
    assert worlds.warm
    for place in ("program", "solver.engine", "solver.from_base"):
        monkeypatch.setattr(f"kctopt.{place}.build", lambda *_: pytest.fail("a program was built"))
    assert worlds.solve(richer).status == "optimal"
