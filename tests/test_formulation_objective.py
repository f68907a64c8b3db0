"""Objective: discounted security with terminal weight and tail, prices of soft targets, the smallest budget."""

from equations import Equations, case, expect
from plans import best
from pytest import approx
from worlds import tiny

from kctopt.formulation.objective import year_weights
from kctopt.simulator import simulate, to_base_plan

SOFT = {"id": "wish", "kind": "target", "domain": "chips", "min_ratio": 0.9, "by": 2027, "soft": True, "price": 10.0}


def test_two_years_by_hand() -> None:
    scenario = tiny(horizon__last_year=2027, horizon__tail=1, policies=[SOFT])
    assert year_weights(scenario) == approx({2026: 0.95, 2027: 0.9025 + 1.0, 2028: 0.857375})
    rules = Equations(scenario)
    x = rules.at(security={"2026": 101.0, "2027": 103.0, "2028": 104.0}, **{"wish.shortfall": {"chips-B": 0.3}})
    # 0.95 x 101 + 1.9025 x 103 + 0.857375 x 104 - 10 x 0.3
    assert rules.compiled.objective(x) == approx(95.95 + 195.9575 + 89.167 - 3.0)


def test_equations() -> None:
    expect(
        "objective",
        case("national security", "objective.value"),
        case("with a soft target", "objective.value", policies=[SOFT]),
        case("the smallest budget", "objective.value", objective__kind="min_budget"),
    )


def test_a_higher_price_never_raises_the_objective_and_more_weight_never_lowers_it() -> None:
    cheap = best(policies=[SOFT])
    assert best(policies=[SOFT | {"price": 50.0}]).objective <= cheap.bound
    assert best(objective__terminal=2.0).bound >= best().objective + 100


def test_the_last_year_of_all_counts_on() -> None:
    scenario = tiny(objective__end_years=2)
    weights = year_weights(scenario)
    # discount 0.95, the tail ends 2031, six years after the base year; 2032 and 2033 count at its level
    assert weights[2031] == approx(0.95**6 + 0.95**7 + 0.95**8)
    assert weights[2029] == approx(0.95**4 + 1.0)
    plan, plain = to_base_plan(scenario), tiny()
    more = simulate(scenario, plan).objective - simulate(plain, plan).objective
    assert more == approx((0.95**7 + 0.95**8) * simulate(plain, plan).security[-1])
