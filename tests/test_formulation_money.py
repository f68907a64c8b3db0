"""Money: budgets, carry-over, ramps, the user's floors, caps and shares."""

from itertools import pairwise

import numpy as np
from equations import Equations, case, expect
from plans import best
from pytest import approx
from worlds import tiny

from kctopt.scenario.records import Scenario

LINES = ("chips-B", "chips-S", "ai-A", "ai-M")
POLICIES = [
    {"id": "basics", "kind": "floor", "domain": "chips", "track": "strategic", "rung": "F", "amount": 6.0},
    {"id": "ai-total", "kind": "cap", "domain": "ai", "amount": 100.0, "per": "total", "years": "2026-2027"},
    {"id": "moats", "kind": "share", "type": "M", "min": 0.1, "max": 0.3, "years": "2027"},
    {"id": "swaps", "kind": "share", "track": "exchange", "max": 0.25, "years": "2026"},
]


def test_two_years_of_budget_by_hand() -> None:
    rules = Equations(tiny())
    first = {"chips-B,2026": 17.0, "chips-S,2026": 8.0, "ai-A,2026": 20.0, "ai-M,2026": 10.0}
    # 2026: 55 of 60 are spent, 5 carried out (6 would be allowed)
    assert rules.slack("money.budget[2026]", spend=first, carry={"2026": 5}, available={"2026": 60}) == approx(0)
    assert rules.slack("money.carry_limit[2026]", carry={"2026": 5}, available={"2026": 60}) == approx(1)
    # 2027: 60 and the 5 carried in; one more is one too many
    second = {"chips-B,2027": 27.5, "chips-S,2027": 8.0, "ai-A,2027": 20.0, "ai-M,2027": 9.5}
    left = {"carry": {"2026": 5}, "available": {"2027": 60}}
    assert rules.slack("money.budget[2027]", spend=second, **left) == approx(0)
    assert rules.slack("money.budget[2027]", spend=second | {"ai-M,2027": 10.5}, **left) == approx(-1)
    # chips-B, 10 in 2025, may grow by half and 2: 17, then 27.5
    assert rules.slack("money.ramp[chips-B,2026]", spend=first) == approx(0)
    assert rules.slack("money.ramp[chips-B,2027]", spend=first | second) == approx(0)
    # spend is the sum of the tracks
    parts = {"strategic": {"ai-A,F,2026": 7.0, "ai-A,P,2026": 4.2, "ai-A,R,2026": 2.8},
             "substitution": {"ai-A,2026": 2.0}, "exchange": {"ai-A,2026": 4.0}}  # fmt: skip
    assert rules.slack("money.spend_of_line[ai-A,2026]", spend=first, **parts) == approx(0)


def test_money_is_carried_inside_a_plan_and_never_into_the_year_the_tail_repeats() -> None:
    def open_years(scenario: Scenario) -> list[int]:
        rules = Equations(scenario)
        return [t for t in scenario.horizon.years if rules.slack(f"money.carry[{t}]", carry={str(t): 1}) >= 0]

    assert open_years(tiny()) == [2026]
    assert open_years(tiny(horizon__tail=0)) == [2026, 2028]
    assert open_years(tiny(horizon__plan_length=4)) == [2026, 2027]


def test_equations() -> None:
    expect(
        "money",
        case("tracks, budget, ramps, carry-over", "money.spend_of_line[chips-B,2026]",
             *(f"money.budget[{t}]" for t in range(2026, 2030)), *(f"money.carry[{t}]" for t in range(2026, 2030)),
             "money.carry_limit[2026]", "money.available[2026]", "money.ramp[chips-B,2026]",
             "money.ramp[chips-B,2027]"),
        case("a floor and a cap of a line", "money.spend[chips-B,2026]", "money.spend[chips-S,2026]",
             lines__0__floor=2.0, lines__0__cap=12.0, lines__1__floor=1.0),
        case("the smallest budget", "money.profile[2026]", "money.carry_limit[2026]", objective__kind="min_budget"),
        case("policies", "policies.basics.amount", "policies.basics[2026]", "policies.ai-total.amount",
             "policies.ai-total", "policies.moats[2027,min]", "policies.moats[2027,max]", "policies.swaps[2026,max]",
             policies=POLICIES, lines__0__moat=0.5),
    )  # fmt: skip


def test_more_budget_is_never_worse() -> None:
    outcomes = [best(budget=budget) for budget in (40.0, 60.0, 90.0)]
    for less, more in pairwise(outcomes):
        assert more.objective > less.objective
        assert more.bound > less.objective


def test_policies_hold_and_are_never_for_free() -> None:
    free, bound = best(), best(policies=POLICIES)
    assert free.bound > bound.objective
    money = bound.money
    assert (money.strategic[:2, 0].sum(axis=0) >= 6 - 1e-6).all()
    assert money.spend[2:, :2].sum() <= 100 + 1e-4
    share = money.spend[3, 1] / money.spend[:, 1].sum()
    assert 0.1 - 1e-6 <= share <= 0.3 + 1e-6
    assert money.exchange[:, 0].sum() <= 0.25 * money.spend[:, 0].sum() + 1e-6


def test_no_spend_is_negative_and_every_plan_keeps_to_its_budgets() -> None:
    money = best().money
    for track in (money.strategic, money.substitution, money.exchange):
        assert (track >= 0).all()
    total = money.spend.sum(axis=0)
    assert (np.cumsum(total.reshape(2, 2), axis=1) <= [60 + 1e-4, 120 + 1e-4]).all()
