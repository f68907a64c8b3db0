"""The engine and the simulator against a second writing of the whole convex core in cvxpy, solved with Clarabel.

The optimum of the reference lies between the engine's plan, a simulated value, and its bound, proven by HiGHS; with the
engine's gap at 1e-4 all three agree to 1e-4.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bundled import scenario, solved

from kctopt.program import build
from kctopt.rules import breaches
from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.records import Scenario
from kctopt.simulator import budget_scale, simulate
from kctopt.solver import Outcome, solve
from tests.reference import InfeasibleError, Reference, reference
from tests.worlds import small, tiny

AGREE = 1e-4  # engine and reference, relative
EXACT = 1e-6  # simulated reference plan and reference, relative
KCT_FORMS = ("nested", "ces", "cobb_douglas", "leontief", "linear")
SECURITY_FORMS = ("cobb_douglas", "ces", "leontief", "linear")
DIFFUSION_FORMS = ("three_stage", "nelson_phelps", "logistic", "none")


def with_form(scenario: Scenario, block: str, form: str) -> Scenario:
    return scenario.model_copy(update={block: getattr(scenario, block).model_copy(update={"form": form})})


def agrees(scenario: Scenario, known: Outcome | None = None) -> Reference:
    """Solve both ways: plan <= reference <= bound, all within AGREE."""
    found, outcome = reference(scenario), known or solve(build(scenario))
    assert outcome.status == "optimal"
    assert outcome.objective is not None and outcome.bound is not None
    assert outcome.objective == pytest.approx(found.objective, rel=AGREE)
    assert outcome.bound == pytest.approx(found.objective, rel=AGREE)
    least = scenario.objective.kind == "min_budget"  # there the tolerance on targets is worth money
    sense, slack = (-1 if least else 1), (2e-5 if least else EXACT) * abs(found.objective)
    assert sense * outcome.objective <= sense * found.objective + slack, "the plan beats the optimum"
    assert sense * outcome.bound >= sense * found.objective - slack, "the bound cuts off the optimum"
    return found


def simulates(scenario: Scenario, found: Reference) -> None:
    """The reference's money keeps every rule and is worth what the reference says."""
    assert not breaches(scenario, found.money, tolerance=1e-5, budget_scale=found.budget_scale)
    if scenario.objective.kind == "min_budget":
        assert float(budget_scale(scenario, found.money)) == pytest.approx(found.budget_scale, rel=EXACT)
    else:
        value = float(simulate(scenario, found.money).objective)
        assert value == pytest.approx(found.objective, rel=EXACT)


@pytest.mark.parametrize(
    "name",
    ["baseline", *(pytest.param(name, marks=pytest.mark.long) for name in ("sanctions-escalation", "budget-squeeze"))],
)
def test_bundled_scenarios(name: str) -> None:
    world = scenario(name)
    simulates(world, agrees(world, solved(name)))


@pytest.mark.long
@pytest.mark.parametrize("form", KCT_FORMS[1:])
def test_kct_forms_of_the_baseline(form: str) -> None:
    agrees(with_form(scenario("baseline"), "kct", form))


@pytest.mark.long
@pytest.mark.parametrize("form", SECURITY_FORMS[1:])
def test_security_forms_of_the_baseline(form: str) -> None:
    agrees(with_form(scenario("baseline"), "security", form))


@pytest.mark.parametrize("form", DIFFUSION_FORMS)
def test_diffusion_forms(form: str) -> None:
    scenario = small(diffusion__form=form)
    simulates(scenario, agrees(scenario))


@pytest.mark.parametrize("security", SECURITY_FORMS)
@pytest.mark.parametrize("kct", KCT_FORMS)
def test_simulator_in_every_pair_of_forms(kct: str, security: str) -> None:
    scenario = tiny(kct__form=kct, security__form=security)
    simulates(scenario, reference(scenario))


@pytest.mark.parametrize(
    "overrides",
    [
        {"kct__rho": 0.5},
        {"kct__rho": 0.0},
        {"kct__rho": -4.0},
        {"kct__rho_domains": 1.0},
        {"kct__rho_domains": -3.0},
        {"security__form": "ces", "security__rho": 0.5},
    ],
    ids=str,
)
def test_orders_of_the_means(overrides: dict[str, Any]) -> None:
    scenario = tiny(**overrides)
    simulates(scenario, agrees(scenario))


POLICIES = {
    "floor": {"kind": "floor", "type": "M", "amount": 20.0, "years": "2027-2028"},
    "floor over years": {"kind": "floor", "domain": "chips", "track": "exchange", "amount": 4.0, "per": "total"},
    "cap on a rung": {"kind": "cap", "rung": "F", "amount": 10.0, "years": "2028"},
    "share": {"kind": "share", "type": "S", "min": 0.25, "max": 0.3},
    "hard target": {"kind": "target", "line": "chips-B", "min_ratio": 0.46, "by": 2028},
    "dependency": {"kind": "target", "type": "B", "max_dependency": 0.53, "by": 2027},
    "soft target": {"kind": "target", "line": "chips-B", "min_ratio": 0.7, "by": 2028, "soft": True, "price": 30.0},
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_policies(policy: dict[str, Any]) -> None:
    scenario = tiny(policies=[{"id": "rule", **policy}])
    simulates(scenario, agrees(scenario))


@pytest.mark.parametrize(
    "overrides",
    [
        {"horizon__tail": 0},
        {"horizon__last_year": 2026},
        {"money__carry_share": 0.5, "money__ramp_growth": 0.05, "money__ramp_step": 0.1},
        {"lines__0__cap": 9.0, "lines__1__floor": 12.0},
        {"knowledge__induced_innovation": 0.3, "knowledge__yield_factor": 0.8},
        {"cut_off__shield": 0.5, "cooperation__exposure_limit": 1.0},
        {"rival__growth_shift": {2026: 0.0, 2028: 0.05}, "diffusion__leverage": 1.5},
        {"substitution__elasticity": 1.0, "knowledge__accelerator_elasticity": 0.0},
    ],
    ids=str,
)
def test_rules_and_laws_at_other_values(overrides: dict[str, Any]) -> None:
    scenario = tiny(**overrides)
    simulates(scenario, agrees(scenario))


@pytest.mark.touches("clarabel", "cvxpy")
def test_least_budget() -> None:
    policy = {"id": "chokepoints", "kind": "target", "type": "B", "min_ratio": 0.44, "by": 2028}
    scenario = tiny(objective__kind="min_budget", policies=[policy])
    simulates(scenario, agrees(scenario))


def test_least_budget_where_most_lines_need_nothing() -> None:
    policy = {"id": "chokepoint", "kind": "target", "line": "chips-B", "min_ratio": 0.44, "by": 2028}
    scenario = small(objective__kind="min_budget", policies=[policy])
    simulates(scenario, agrees(scenario))


def test_a_target_out_of_reach_is_infeasible_in_both() -> None:
    policy = {"id": "parity", "kind": "target", "type": "B", "min_ratio": 1.0, "by": 2026}
    scenario = tiny(policies=[policy])
    assert solve(build(scenario)).status == "infeasible"
    with pytest.raises(InfeasibleError):
        reference(scenario)


def test_holding_back_is_worth_nothing() -> None:
    """More of anything is never harmful, even where catching up is fast: relaxed laws gain nothing on exact ones."""
    draw, tried = np.random.default_rng(7), 0
    while tried < 6:
        overrides: dict[str, Any] = {
            "diffusion__form": str(draw.choice(DIFFUSION_FORMS[:3])),
            "diffusion__catch_up": draw.uniform(0.02, 0.6),
            "diffusion__absorption": draw.uniform(0.02, 0.5),
            "diffusion__exchange_output": draw.uniform(1, 20),
            "diffusion__leverage": draw.uniform(0, 1),
            **{f"rungs__{r}__inflow": draw.uniform(0, 1.5) for r in range(3)},
            **{f"lines__{i}__capability": draw.uniform(30, 140) for i in range(4)},
            **{f"lines__{i}__trend": draw.uniform(0, 0.2) for i in range(4)},
        }
        scenario = tiny(**overrides)
        if calibrate(scenario).yields.min() > 0:
            simulates(scenario, reference(scenario))
            tried += 1
