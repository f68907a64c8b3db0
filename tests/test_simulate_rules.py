"""Every rule is found when a plan breaks it, and named in the user's words with amount and unit."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from chinese import told_breaches as breaches
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pytest import approx
from worlds import options, small, tiny

from kctopt.rules import Breach
from kctopt.scenario.records import Scenario
from kctopt.simulator import Money, budget_scale, carry, simulate, to_base_plan

CHIPS_B, CHIPS_S, AI_A, AI_M = range(4)


def only(found: list[Breach]) -> Breach:
    assert len(found) == 1, found
    return found[0]


def plan(scenario: Scenario, **changes: dict[tuple[int, ...], float]) -> Money:
    """The base plan with single entries set, e.g. exchange={(line, year): 3.0}."""
    money = to_base_plan(scenario)
    for track, entries in changes.items():
        amounts = getattr(money, track).copy()
        for position, amount in entries.items():
            amounts[position] = amount
        money = replace(money, **{track: amounts})
    return money


def policy(**fields: Any) -> Scenario:
    return tiny(policies=[{"id": "rule-1"} | fields])


def test_the_base_plan_breaks_nothing() -> None:
    for scenario in (tiny(), small(), options()):
        assert breaches(scenario, to_base_plan(scenario)) == []


def test_budget() -> None:
    # spend is 50 each year; the budget 45 leaves 5 short, and nothing is left to carry
    found = breaches(tiny(budget={2026: 60, 2027: 60, 2028: 45, 2029: 60}), to_base_plan(tiny()))
    breach = only(found)
    assert breach.rule == "money.budget[2028]"
    assert (breach.kind, breach.rule.keys, breach.unit) == ("budget", ("2028",), "billion CNY")
    assert breach.amount == approx(5.0)
    assert breach.message == "2028: spend of 50 exceeds the budget of 45 by 5 billion CNY"


def test_carry_helps_inside_a_plan_only() -> None:
    # 55 in 2026 leaves 5, of which at most a tenth of 55 may be carried; 2027 then has 45 + 5
    scenario = tiny(budget={2026: 55, 2027: 45, 2028: 60})
    money = to_base_plan(scenario)
    assert carry(scenario, money) == approx([5.0, 0.0, 0.0, 0.0])
    assert breaches(scenario, money) == []
    # 90 leaves 40, of which 9 may be carried: 40 + 9 is still 1 short
    scenario = tiny(budget={2026: 90, 2027: 40, 2028: 60})
    assert carry(scenario, money) == approx([9.0, 0.0, 0.0, 0.0])
    assert only(breaches(scenario, money)).message == (
        "2027: spend of 50 exceeds the budget of 40 and 9 carried in by 1 billion CNY"
    )
    # nothing passes from 2027, the end of a plan, nor from 2028 into the last year, which the tail repeats
    scenario = tiny(budget={2026: 60, 2027: 80, 2028: 45, 2029: 45})
    assert [breach.rule for breach in breaches(scenario, money)] == ["money.budget[2028]", "money.budget[2029]"]
    scenario = tiny(budget={2027: 60, 2028: 60, 2029: 45})
    assert carry(scenario, money)[2] == 0.0
    assert carry(tiny(budget={2027: 60, 2028: 60, 2029: 45}, horizon__tail=0), money)[2] == approx(6.0)


def test_carry_that_the_plan_states() -> None:
    scenario = tiny(budget=60.0)
    money = to_base_plan(scenario)
    assert breaches(scenario, money, carried=np.array([6.0, 0.0, 0.0, 0.0])) == []
    breach = only(breaches(scenario, money, carried=np.array([7.0, 0.0, 0.0, 0.0])))
    assert (breach.rule, breach.amount) == ("money.carry[2026]", approx(1.0))
    assert breach.message == "2026: 7 billion CNY carried out where 0 to 6 may be"
    assert only(breaches(scenario, money, carried=np.array([0.0, 0.0, -1.0, 0.0]))).rule == "money.carry[2028]"
    short = tiny(budget={2026: 52, 2027: 60})
    assert only(breaches(short, money, carried=np.array([5.0, 0.0, 0.0, 0.0]))).message == (
        "2026: spend of 50 and 5 carried out exceeds the budget of 52 by 3 billion CNY"
    )


def test_ramp() -> None:
    # chips-S spends 8.9 + 1.1 = 10; its limit is 1.5 x 10 + 2 = 17, in 2027 1.5 x 10 + 2 again
    base = to_base_plan(tiny()).strategic[CHIPS_S, 0, 1]
    breach = only(breaches(tiny(), plan(tiny(), strategic={(CHIPS_S, 0, 1): base + 9})))
    assert breach.rule == "money.ramp[chips-S,2027]"
    assert breach.amount == approx(2.0)
    assert breach.message == (
        "chips-S, 2027: spend grows from 10 to 19, at most 17 can be absorbed (ramp); off by 2 billion CNY"
    )
    assert breaches(tiny(), plan(tiny(), strategic={(CHIPS_S, 0, 0): base + 7})) == []  # the base year counts as 10


def test_line_floor_and_cap() -> None:
    floor = breaches(tiny(lines__3__floor=12.0), to_base_plan(tiny()))
    assert [breach.rule for breach in floor] == [f"money.line_floor[ai-M,{year}]" for year in range(2026, 2030)]
    assert floor[0].message == "ai-M, 2026: spend of 10 is below the line's floor of 12; off by 2 billion CNY"
    cap = breaches(tiny(lines__3__cap=7.0), to_base_plan(tiny()))
    assert cap[0].rule == "money.line_cap[ai-M,2026]"
    assert cap[0].amount == approx(3.0)
    assert "above the line's cap of 7" in cap[0].message


def test_negative_and_missing_numbers() -> None:
    breach = only(breaches(tiny(), plan(tiny(), substitution={(CHIPS_B, 2): -0.5})))
    assert breach.rule == "money.sign[chips-B,substitution,2028]"
    assert breach.message == "chips-B, 2028: substitution spend is -0.5 billion CNY: money cannot be negative"
    for bad in (np.nan, np.inf):
        breach = only(breaches(tiny(), plan(tiny(), strategic={(AI_A, 2, 0): bad})))
        assert breach.message == "ai-A, 2026: strategic R spend is not a number"
    assert breaches(tiny(), plan(tiny(), substitution={(CHIPS_B, 2): -1e-9})) == []


@pytest.mark.parametrize(
    ("fields", "rule", "amount", "text"),
    [
        ({"kind": "floor", "domain": "chips", "amount": 25, "years": "2027"}, "policies.rule-1[2027]", 5,
         "policy rule-1, 2027: spend in chips is 20 billion CNY, at least 25 is asked; short by 5"),
        ({"kind": "cap", "type": "A", "track": "exchange", "amount": 3, "years": "2028"}, "policies.rule-1[2028]", 1,
         "policy rule-1, 2028: exchange spend on accelerator lines is 4 billion CNY, at most 3 is asked; over by 1"),
        ({"kind": "floor", "rung": "F", "line": "ai-A", "amount": 29, "per": "total"}, "policies.rule-1", 1,
         "policy rule-1, 2026-2029: spend on rung F on ai-A is 28 billion CNY, at least 29 is asked; short by 1"),
        ({"kind": "share", "domain": "ai", "max": 0.5, "years": "2026"}, "policies.rule-1[2026]", 5,
         "policy rule-1, 2026: spend in ai is 60.00% of the year's spend, at most 50.00% is asked; over by 5"),
        ({"kind": "share", "track": "substitution", "min": 0.2, "years": "2026"}, "policies.rule-1[2026]", 5,
         "policy rule-1, 2026: substitution spend is 10.00% of the year's spend, at least 20.00% is asked; short by 5"),
        ({"kind": "target", "line": "chips-B", "min_ratio": 0.5, "by": 2026}, "policies.rule-1[chips-B]", 0.09,
         "policy rule-1, chips-B, end of 2026: the ratio to the rival is 0.41, at least 0.5 is asked; off by 0.09"),
        ({"kind": "target", "type": "B", "max_dependency": 0.5, "by": 2026}, "policies.rule-1[chips-B]", 0.09,
         "policy rule-1, chips-B, end of 2026: dependency is 0.59, at most 0.5 is asked; off by 0.09"),
    ],
)  # fmt: skip
def test_policies(fields: dict[str, Any], rule: str, amount: float, text: str) -> None:
    breach = only(breaches(policy(**fields), to_base_plan(tiny())))
    assert (breach.rule, breach.amount, breach.kind) == (rule, approx(amount), fields["kind"])
    assert breach.message.startswith(text)


def test_policies_that_hold_and_soft_targets_are_silent() -> None:
    for fields in (
        {"kind": "floor", "domain": "chips", "amount": 20},
        {"kind": "cap", "amount": 200, "per": "total"},
        {"kind": "share", "domain": "ai", "min": 0.6, "max": 0.6},
        {"kind": "target", "min_ratio": 5.0, "by": 2029, "soft": True},
    ):
        assert breaches(policy(**fields), to_base_plan(tiny())) == []


def test_a_given_trajectory_is_used() -> None:
    scenario = policy(kind="target", line="chips-B", min_ratio=0.5, by=2026)
    money = to_base_plan(scenario)
    trajectory = simulate(scenario, money)
    assert breaches(scenario, money, replace(trajectory, usable=trajectory.usable + 20)) == []


def test_exchange_by_quadrant() -> None:
    # ai-A, widen: 0.1 to 0.6 of its spend; spend without exchange is 16
    breach = only(breaches(tiny(), plan(tiny(), exchange={(AI_A, 0): 0.5})))
    assert breach.rule == "quadrants.exchange_floor[ai-A,2026]"
    assert breach.amount == approx(1.65 - 0.5)
    assert breach.message == (
        "ai-A, 2026: exchange of 0.5 is below the least 1.65 (widen quadrant, spend 16.5); off by 1.15 billion CNY"
    )
    # chips-S, barrier: at most 0.02 of its spend, here 0.02 x 10.9
    breach = only(breaches(tiny(), plan(tiny(), exchange={(CHIPS_S, 3): 1.0})))
    assert breach.rule == "quadrants.exchange_cap[chips-S,2029]"
    assert breach.amount == approx(1.0 - 0.02 * 10.9)
    assert "above the most 0.218 (barrier quadrant" in breach.message


def test_exposure() -> None:
    # 0.8 x 1 + 0.9 x 0.1 + 0.2 x 4 + 0.2 x 1 = 1.89 a year
    found = breaches(tiny(cooperation__exposure_limit={2028: 5.0, 2029: 1.5}), to_base_plan(tiny()))
    breach = only(found)
    assert (breach.rule, breach.amount) == ("quadrants.exposure[2029]", approx(0.39))
    assert breach.message == (
        "2029: exchange weighted by sensitivity is 1.89 billion CNY, at most 1.5 may be exposed; over by 0.39"
    )


def test_shield() -> None:
    # the barrier quadrant holds chips-S alone; as a line of 0.3 security and 0.1 moat it gives 4 of the 5 asked
    scenario = tiny(lines__1__security=0.3, lines__1__moat=0.1, lines__1__bottleneck=1.0)
    found = breaches(scenario, to_base_plan(scenario))
    assert [breach.rule for breach in found] == [f"quadrants.shield[barrier,{year}]" for year in range(2026, 2030)]
    assert found[0].message == (
        "barrier quadrant, 2026: security and moat lines receive 4 billion CNY, at least 5 (50%) is asked; short by 1"
    )


def test_tolerance_is_relative_to_the_limit() -> None:
    scenario = tiny(budget=50.0)
    money = to_base_plan(scenario)
    slightly = replace(money, substitution=money.substitution + np.array([[4e-5], [0.0], [0.0], [0.0]]))
    assert breaches(scenario, slightly, tolerance=1e-6) == []
    slightly = replace(money, substitution=money.substitution + np.array([[6e-5], [0.0], [0.0], [0.0]]))
    assert len(breaches(scenario, slightly, tolerance=1e-6)) == 4


def test_least_budget_by_hand() -> None:
    money = to_base_plan(tiny())
    assert budget_scale(tiny(budget=50.0), money) == approx(1.0)
    # 2026-27: 100 from 60 + 45 is 0.952; 2027 alone: 50 from 45 and a carry of 0.1 x 60, 0.980; 2028-29: 50/60
    assert budget_scale(tiny(budget={2026: 60, 2027: 45, 2028: 60}), money) == approx(50 / 51)


@settings(max_examples=60, deadline=None)
@given(arrays(float, (4, 4), elements=st.floats(0.0, 9.0)), st.lists(st.floats(1.0, 90.0), min_size=4, max_size=4))
def test_the_least_budget_pays_and_nothing_less_does(extra: np.ndarray, budget: list[float]) -> None:
    scenario = tiny(budget=dict(zip(range(2026, 2030), budget, strict=True)), horizon__plan_length=4)
    base = to_base_plan(scenario)
    money = replace(base, substitution=base.substitution + extra)
    scale = float(budget_scale(scenario, money))

    def unpaid(factor: float) -> list[Breach]:
        return [breach for breach in breaches(scenario, money, budget_scale=factor) if breach.kind == "budget"]

    assert unpaid(scale * (1 + 1e-9)) == []
    assert unpaid(scale * (1 - 1e-4)) != []


def test_carry_and_least_budget_over_draws() -> None:
    scenario, base = small(), to_base_plan(small())
    draws = np.array([0.5, 1.0, 1.5])[:, None, None]
    money = Money(base.strategic * draws[..., None], base.substitution * draws, base.exchange * draws)
    for draw in range(3):
        alone = Money(money.strategic[draw], money.substitution[draw], money.exchange[draw])
        assert carry(scenario, money)[draw] == approx(carry(scenario, alone))
        assert budget_scale(scenario, money)[draw] == approx(float(budget_scale(scenario, alone)))
