"""Targets: floors on U/R, caps on dependency, hard and soft."""

import pytest
from equations import Equations, case, expect
from plans import best
from pytest import approx
from worlds import tiny

from kctopt.formulation.targets import required_ratio
from kctopt.simulator import simulate

HARD = {"id": "chips-up", "kind": "target", "domain": "chips", "min_ratio": 0.5, "by": 2027}
CAP = {"id": "free", "kind": "target", "line": "chips-B", "max_dependency": 0.4, "by": 2026}
SOFT = HARD | {"id": "wish", "soft": True, "price": 10.0}


def test_two_years_by_hand() -> None:
    rules = Equations(tiny(policies=[HARD, CAP, SOFT]))
    # chips-B, R = 102 in 2026 and 104.04 in 2027: U = 61.2 is 0.6, U = 52.02 is 0.5
    state = {"capability": {"chips-B,2026": 50.0, "chips-B,2027": 42.02}, "substitute": {"chips-B,2026": 11.2,
             "chips-B,2027": 10.0}}  # fmt: skip
    asked = {"chips-up.ratio": 0.5, "free.ratio": 0.6, "wish.ratio": 0.5}
    assert rules.slack("policies.free[chips-B]", **state, **asked) == approx(0)
    assert rules.slack("policies.chips-up[chips-B]", **state, **asked) == approx(0)
    # U = 41.616 is 0.4: the wish is short of 0.5 by 0.1
    state["capability"]["chips-B,2027"] = 31.616
    assert rules.slack("policies.wish[chips-B]", **state, **asked) == approx(-0.1)
    short = {"wish.shortfall": {"chips-B": 0.1}}
    assert rules.slack("policies.wish[chips-B]", **state, **asked, **short) == approx(0)


def test_equations() -> None:
    expect(
        "targets",
        case("a floor on the ratio, a cap on dependency, a wish", "policies.chips-up.ratio",
             "policies.chips-up[chips-B]", "policies.chips-up[chips-S]", "policies.free.ratio",
             "policies.free[chips-B]", "policies.wish.ratio", "policies.wish[chips-B]",
             "policies.wish.shortfall[chips-B]", policies=[HARD, CAP, SOFT]),
    )  # fmt: skip


def test_a_cap_on_dependency_is_a_floor_on_the_ratio() -> None:
    hard, cap = tiny(policies=[HARD, CAP]).policies
    assert (required_ratio(hard), required_ratio(cap)) == (0.5, 0.6)


@pytest.mark.parametrize("asked", [0.48, 0.5])
def test_a_binding_hard_target_is_met_and_costs(asked: float) -> None:
    policies = [HARD | {"min_ratio": asked, "by": 2028, "line": "chips-B"}]
    scenario, free, bound = tiny(policies=policies), best(), best(policies=policies)
    assert bound.status == "optimal"
    assert bound.objective < free.bound
    reached = simulate(scenario, bound.money)
    assert reached.usable[0, 3] / reached.rival[0, 3] >= asked - 1e-6


def test_a_soft_target_costs_at_most_its_price_times_the_shortfall_of_the_free_plan() -> None:
    policy = SOFT | {"min_ratio": 0.9}
    scenario = tiny(policies=[policy])
    free, wish = best(), best(policies=[policy])
    short = simulate(scenario, free.money).shortfall["wish"].sum()
    assert short > 0.3
    assert free.objective - 10 * short <= wish.bound
    assert wish.objective <= free.bound
    dear = best(policies=[policy | {"price": 1000.0}])
    assert (
        simulate(scenario, dear.money).shortfall["wish"].sum() <= simulate(scenario, wish.money).shortfall["wish"].sum()
    )
