"""Every rule of a discrete option is found when a plan breaks it, and told with amount and unit."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from chinese import told_breaches as breaches
from pytest import approx
from worlds import Tree, name, tiny

from kctopt.rules import Breach
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices, Money, natural, simulate, to_base_plan, without_closed_exchange

CHIPS_B, CHIPS_S, AI_A, AI_M = range(4)
FAR, REACH, NEAR = range(3)
CLOSED, GUARDED, OPEN = range(3)
# ai-M starts at C = 59.5 and is near from 60 on, in 2026 at 60.5
ALMOST_NEAR: Tree = {
    "stages": "switching",
    "lines__3__capability": 69.5,
    "lines__3__trend": 0.01,
    "diffusion__near": 0.4,
}
FIRST = [[FAR] * 4, [REACH] * 4, [NEAR] * 4, [REACH] * 4]


def only(found: list[Breach], kind: str) -> Breach:
    """The one breach there is, of a kind."""
    assert [breach.kind for breach in found] == [kind], found
    return found[0]


def of_kind(found: list[Breach], kind: str) -> list[Breach]:
    return [breach for breach in found if breach.kind == kind]


def staged(stage: list[list[int]], **fields: Any) -> list[Breach]:
    """Breaches of stages over four years, exchange moved to where it is open."""
    scenario, choices = tiny(**(ALMOST_NEAR | fields)), Choices(stage=np.array(stage))
    return breaches(scenario, open_plan(scenario, choices), choices=choices)


def open_plan(scenario: Scenario, choices: Choices) -> Money:
    """The base plan with its exchange where the stages leave it open."""
    money = to_base_plan(scenario)
    stage = simulate(scenario, money, choices=choices).stage
    return without_closed_exchange(scenario, money, stage[:, 1:5])


# Stages


def test_a_line_past_the_threshold_must_be_near() -> None:
    found = staged(FIRST)
    breach = of_kind(found, "near")[0]
    assert breach.rule == "switching.near[ai-M,2027]"
    assert (breach.rule.keys, breach.unit) == (("ai-M", "2027"), "index points")
    assert breach.amount == approx(0.5)
    assert breach.message == (
        "ai-M, review of 2027: capability of 60.5 is above 60, where a line is near, but the stage is within reach; "
        "over by 0.5 index points"
    )
    later = [*FIRST[:3], [REACH, NEAR, NEAR, NEAR]]
    assert of_kind(staged(later), "near") == []
    further = [FIRST[0], [REACH, NEAR, NEAR, NEAR], *later[2:]]  # to be further along than one must is allowed
    assert staged(further) == []


def test_a_far_line_enters_reach_only_when_close_enough() -> None:
    # chips-B is at 31.8 of 102 at the end of 2026; reach begins at 0.4 x 102
    breach = of_kind(staged([[FAR, REACH, REACH, REACH], *FIRST[1:3], [REACH, NEAR, NEAR, NEAR]]), "entry")[0]
    assert breach.rule == "switching.entry[chips-B,2027]"
    assert breach.amount == approx(0.4 * 102 - simulated(CHIPS_B, 1))
    assert "where a line is far, but the stage is within reach; short by" in breach.message


def simulated(line: int, year: int) -> float:
    scenario = tiny(**ALMOST_NEAR)
    return float(simulate(scenario, to_base_plan(scenario)).capability[line, year])


def test_without_the_ratchet_every_stage_needs_its_gap() -> None:
    stage = [[FAR] * 4, [REACH, FAR, REACH, REACH], [NEAR, REACH, NEAR, NEAR], [REACH, NEAR, NEAR, NEAR]]
    found = staged(stage, switching={"ratchet": False})
    # ai-A, near at 80, may not be within reach (where it would have to exchange); chips-S may go to far and return
    assert [breach.rule for breach in found] == ["quadrants.exchange_floor[ai-A,2027]", "switching.near[ai-A,2027]"]
    near = [[FAR, NEAR, NEAR, NEAR], FIRST[1], FIRST[2], [REACH, NEAR, NEAR, NEAR]]
    rules = [breach.rule for breach in staged(near, switching={"ratchet": False})]
    assert rules == [f"switching.entry[chips-B,{year}]" for year in (2027, 2028, 2029)]


def test_the_ratchet_never_turns_back_and_never_leaps() -> None:
    back = of_kind(staged([FIRST[0], [REACH, NEAR, REACH, REACH], FIRST[2], [REACH, NEAR, NEAR, NEAR]]), "ratchet")
    assert [(breach.rule, breach.amount, breach.unit) for breach in back] == [
        ("switching.ratchet[chips-S,2028]", 1.0, "stages")
    ]
    assert back[0].message == (
        "chips-S, review of 2028: from near to within reach, but stages do not go back (ratchet)"
    )  # fmt: skip
    leap = of_kind(staged([[FAR, NEAR, NEAR, NEAR], *FIRST[1:3], [REACH, NEAR, NEAR, NEAR]]), "ratchet")
    assert [breach.rule for breach in leap] == ["switching.ratchet[chips-B,2027]"]
    assert "from far to near, but stages take one step at a time" in leap[0].message


def test_a_line_that_leaps_over_reach_must_hold_back() -> None:
    # chips-S is far at a gap of 0.5; far ends at 0.41 and near begins at 0.4, and ten times the money brings it there
    scenario = tiny(stages="switching", diffusion__far=0.41, diffusion__near=0.4)
    money = to_base_plan(scenario)
    money.strategic[CHIPS_S, :, 0] *= 10
    choices = natural(scenario, money)
    assert choices.stage is not None
    assert choices.stage[CHIPS_S].tolist() == [FAR, REACH, NEAR, NEAR]
    near = of_kind(breaches(scenario, money, choices=choices), "near")
    assert [breach.rule for breach in near] == ["switching.near[chips-S,2027]"]
    held = simulate(scenario, money, choices=choices, hold=True)
    assert held.capability[CHIPS_S, 1] == approx(60.0)
    assert of_kind(breaches(scenario, money, held, choices=choices), "near") == []


def test_the_base_year_decides_the_first_stage() -> None:
    stage = [[REACH] + [FAR] * 3, *FIRST[1:3], [REACH, NEAR, NEAR, NEAR]]
    breach = only(staged(stage), "first")
    assert (breach.rule, breach.amount) == ("switching.first[chips-B]", 1.0)
    assert breach.message == "chips-B: within reach at the first review, where the base year makes it far"


def test_exchange_is_open_within_reach_only() -> None:
    scenario = tiny(**ALMOST_NEAR)
    money = to_base_plan(scenario)
    choices = natural(scenario, money)
    money.exchange[CHIPS_B, 1] = 0.3
    found = breaches(scenario, money, choices=choices)
    assert [breach.rule for breach in found] == [
        "switching.exchange_open[chips-B,2027]",
        *(f"switching.exchange_open[ai-M,{year}]" for year in (2027, 2028, 2029)),
    ]
    assert found[0].amount == approx(0.3)
    assert found[0].message == (
        "chips-B, 2027: exchange of 0.3 billion CNY while the line is far; only lines within reach exchange"
    )
    # it is not corrected, and brings nothing
    assert simulate(scenario, money, choices=choices).inflow[CHIPS_B, 1] == 0.0
    assert breaches(scenario, money) == found  # the law without foresight is judged alike


def test_the_floor_of_a_quadrant_holds_within_reach_only() -> None:
    # chips-B in the widen quadrant must exchange a tenth of its spend, unless it is not within reach
    scenario = tiny(lines__0__sensitivity=0.2)
    money = to_base_plan(scenario)
    money.exchange[CHIPS_B] = 0.0
    assert {breach.kind for breach in breaches(scenario, money)} == {"exchange_floor"}
    far = tiny(lines__0__sensitivity=0.2, stages="switching")
    assert breaches(far, to_base_plan(far)) == []


def test_restraint_has_its_sign_and_its_lines() -> None:
    scenario = tiny(stages="switching")
    money, restraint = to_base_plan(scenario), np.zeros((4, 3, 6))
    restraint[AI_A, 1, 2] = 0.4  # near in the base year
    restraint[CHIPS_S, 0, 0] = 0.4
    breach = only(breaches(scenario, money, choices=Choices(restraint=restraint)), "restraint")
    assert (breach.rule, breach.amount) == ("switching.restraint[ai-A,P,2028]", approx(0.4))
    assert breach.message == (
        "ai-A, 2028: restraint of 0.4 index points on rung P of a line that is in no band, and it is near in the base "
        "year"
    )
    envelope = breaches(tiny(), to_base_plan(tiny()), choices=Choices(restraint=restraint))
    assert [(breach.rule.keys, "stages do not switch" in breach.message) for breach in envelope] == [
        (("chips-S", "F", "2026"), True), (("ai-A", "P", "2028"), True),
    ]  # fmt: skip
    restraint[AI_A] = 0.0
    restraint[CHIPS_S, 2, 5] = -0.2
    breach = only(breaches(scenario, money, choices=Choices(restraint=restraint)), "restraint")
    assert breach.rule == "switching.restraint[chips-S,R,2031]"
    assert breach.message == "chips-S, 2031: restraint on rung R is -0.2 index points: it cannot be negative"
    restraint[CHIPS_S, 2, 5] = np.nan
    assert (
        "is not a number" in only(breaches(scenario, money, choices=Choices(restraint=restraint)), "restraint").message
    )


# Modes


def modes(choice: str, **fields: Any) -> Scenario:
    table = [
        {"id": id, "label": name(id), "exchange": 1.0, "max_exchange": most, "exposure": exposure, "market_gain": 0.0}
        for id, most, exposure in (("closed", 0.05, 0.5), ("guarded", 0.3, 1.0), ("open", 0.7, 2.0))
    ]
    return tiny(cooperation__choice=choice, modes=table, **fields)


def moded(scenario: Scenario, chips: int, ai: int, **exchange: float) -> list[Breach]:
    """Breaches of the base plan with exchange of chips-B (a tenth by default) and a mode for each domain."""
    money = to_base_plan(scenario)
    for line, amount in exchange.items():
        i = {"chips_B": CHIPS_B, "ai_A": AI_A}[line]
        money.strategic[i, 0] += money.exchange[i] - amount
        money.exchange[i] = amount
    return breaches(scenario, money, choices=Choices(mode=np.array([[chips] * 2, [ai] * 2])))


def test_a_mode_limits_exchange_as_a_mask_or_alone() -> None:
    # chips-B spends 10: managed quadrant up to 0.2; closed up to 0.05, guarded 0.3, open 0.7
    closed = moded(modes("mask"), CLOSED, GUARDED)
    assert [breach.rule for breach in closed] == [f"quadrants.exchange_cap[chips-B,{y}]" for y in range(2026, 2030)]
    assert closed[0].amount == approx(0.5)
    assert closed[0].message == (
        "chips-B, 2026: exchange of 1 is above the most 0.5 (managed quadrant, closed mode, spend 10); "
        "off by 0.5 billion CNY"
    )
    assert moded(modes("mask"), OPEN, GUARDED, chips_B=2.0) == []
    assert [b.amount for b in moded(modes("mask"), GUARDED, GUARDED, chips_B=2.5)] == approx([0.5] * 4)
    assert moded(modes("free"), GUARDED, GUARDED, chips_B=2.5) == []


def test_a_mode_moves_the_floor_of_a_quadrant() -> None:
    # ai-A spends 20 in the widen quadrant: at least a tenth, or the 0.05 of the closed mode, or nothing when free
    assert {breach.rule[:25] for breach in moded(modes("mask"), GUARDED, GUARDED, ai_A=1.2)} == {
        "quadrants.exchange_floor["
    }
    closed = [breach for breach in moded(modes("mask"), GUARDED, CLOSED, ai_A=1.0) if "ai-A" in breach.rule.keys]
    assert closed == []
    assert {b.kind for b in moded(modes("mask"), GUARDED, CLOSED, ai_A=0.8)} >= {"exchange_floor"}
    assert moded(modes("free"), GUARDED, GUARDED, ai_A=0.0) == []


def test_exposure_counts_by_mode() -> None:
    # sensitivity x exchange: chips 0.8 x 1 + 0.9 x 0.1 = 0.89, ai 0.2 x 4 + 0.2 x 1 = 1; open counts twice
    scenario = modes("mask", cooperation__exposure_limit=2.0)
    assert moded(scenario, GUARDED, GUARDED) == []
    found = moded(scenario, OPEN, GUARDED)
    assert {breach.kind for breach in found} == {"exposure"}
    assert found[0].amount == approx(0.78)


def test_a_change_of_mode_is_paid_from_the_budget() -> None:
    scenario = modes("mask", cooperation__change_cost=3.0, budget=52.0)
    money, choices = to_base_plan(scenario), Choices(mode=np.array([[GUARDED, OPEN], [GUARDED, GUARDED]]))
    breach = only(breaches(scenario, money, choices=choices), "budget")
    assert (breach.rule, breach.amount) == ("money.budget[2028]", approx(1.0))
    assert breach.message == (
        "2028: spend of 50 and 3 for programmes and changes of mode exceeds the budget of 52 by 1 billion CNY"
    )
    assert breaches(scenario, money, choices=choices, budget_scale=53 / 52) == []


# Scale


def test_a_line_is_off_or_at_its_scale_for_a_whole_plan() -> None:
    scenario = tiny(lines__3__min_scale=8.0)
    money = to_base_plan(scenario)
    assert breaches(scenario, money) == []

    def spend(*factors: float) -> list[Breach]:
        parts = (getattr(money, track).copy() for track in ("strategic", "substitution", "exchange"))
        scaled = Money(*parts)
        for part in (scaled.strategic, scaled.substitution, scaled.exchange):
            part[AI_M] *= factors
        return breaches(scenario, scaled)

    assert spend(0, 0, 0, 0) == []
    assert spend(0.8, 1, 0, 0) == []
    breach = only(spend(1, 1, 0.7, 0.9), "minimum")
    assert (breach.rule, breach.amount, breach.unit) == ("scale.minimum[ai-M,2028-29]", approx(1.0), "billion CNY")
    assert breach.message == (
        "ai-M, plan 2028-29: spend of 7 in 2028 is below the efficient scale of 8, and the line is not off (9 in "
        "2029); short by 1 billion CNY"
    )
    assert only(spend(1, 0, 0, 0), "minimum").amount == approx(8.0)  # not off in one year only


# Bands


def test_a_line_ahead_of_its_band() -> None:
    band = {"id": "together", "kind": "band", "lines": ["ai-M", "chips-S", "ai-A"], "width": 0.25, "years": "2026"}
    scenario = tiny(policies=[band])
    found = breaches(scenario, to_base_plan(scenario))
    # ai-A stands at 0.9 - 10/102 = 0.802, chips-S at 0.51, ai-M at 0.5
    assert [breach.rule for breach in found] == [
        "policies.together[ai-A,ai-M,2026]", "policies.together[ai-A,chips-S,2026]",
    ]  # fmt: skip
    assert found[0].amount == approx(0.9 - 10 / 102 - 0.5 - 0.25)
    assert found[0].unit == "ratio to rival"
    assert found[0].message == (
        "policy together, 2026: ai-A stands at 0.802 of the rival, ai-M at 0.5; at most 0.25 may lie between them; "
        "off by 0.05196"
    )
    held = simulate(scenario, to_base_plan(scenario), hold=True)
    assert breaches(scenario, to_base_plan(scenario), held, choices=Choices(restraint=held.restraint)) == []


# Programmes


def programme(id: str, **fields: Any) -> Tree:
    base = {
        "id": id, "label": name(id), "line": "chips-S", "rung": "P", "success": 0.5, "gain": 1.0,
        "first_start": 2026, "last_start": 2028, "duration": 2, "cost_1": 0.5, "researchers": 2.0,
    }  # fmt: skip
    return base | fields


def launched(programmes: list[Tree], routes: list[list[int]], **fields: Any) -> list[Breach]:
    scenario = tiny(programmes=programmes, **fields)
    return breaches(scenario, to_base_plan(scenario), choices=Choices(routes=np.array(routes)))


@pytest.mark.parametrize(
    ("routes", "amount", "unit", "says"),
    [
        ([1, 1, 0, 0], 1.0, "starts", "starts in 2026 and 2027, once is allowed"),
        ([2, 0, 0, 0], 1.0, "routes", "runs 2 routes, at most 1 can"),
    ],
)
def test_a_programme_starts_once_with_its_routes(routes: list[int], amount: float, unit: str, says: str) -> None:
    breach = only(launched([programme("p")], [routes]), "start")
    assert (breach.rule, breach.amount, breach.unit) == ("programmes.start[p]", amount, unit)
    assert breach.message == f"programme p: {says}"


def test_a_programme_starts_in_its_window_and_ends_in_the_plan() -> None:
    assert launched([programme("p", mode="horse_race", routes=3)], [[0, 0, 3, 0]]) == []
    early = only(launched([programme("p", first_start=2028)], [[1, 0, 0, 0]]), "start")
    assert (early.amount, early.message) == (2.0, "programme p: starts in 2026, it can from 2028 to 2028")
    late = only(launched([programme("p", last_start=2029)], [[0, 0, 0, 1]]), "start")
    assert (late.amount, late.unit) == (1.0, "years")
    assert late.message == "programme p: starts in 2029 and ends after 2029, the last planned year"


def test_prerequisites_and_exclusions() -> None:
    pair = [programme("a"), programme("b", requires="a", last_start=2029, duration=1)]
    assert launched(pair, [[1, 0, 0, 0], [0, 0, 1, 0]]) == []
    soon = only(launched(pair, [[1, 0, 0, 0], [0, 1, 0, 0]]), "requires")
    assert (soon.rule, soon.amount, soon.unit) == ("programmes.requires[b,a]", 1.0, "year")
    assert soon.message == "programme b starts in 2027, but a, which it requires, ends with 2027"
    alone = only(launched(pair, [[0, 0, 0, 0], [0, 1, 0, 0]]), "requires")
    assert alone.message == "programme b starts in 2027, but a, which it requires, does not run"
    rivals = [programme("a", excludes="b"), programme("b", excludes="a")]
    assert launched(rivals, [[1, 0, 0, 0], [0, 0, 0, 0]]) == []
    both = only(launched(rivals, [[1, 0, 0, 0], [0, 0, 1, 0]]), "excludes")
    assert (both.rule, both.message) == (
        "programmes.excludes[a,b]",
        "programmes a and b both run, but exclude each other",
    )


def test_researchers_and_money_of_programmes() -> None:
    two = [programme("a"), programme("b", researchers=1.5)]
    routes = [[1, 0, 0, 0], [0, 1, 0, 0]]
    assert launched(two, routes, catalogue={"researchers": 3.5}) == []
    breach = only(launched(two, routes, catalogue={"researchers": 3.0}), "researchers")
    assert (breach.rule, breach.amount, breach.unit) == (
        "programmes.researchers[2027]",
        approx(0.5),
        "thousand persons",
    )
    assert breach.message == "2027: programmes employ 3.5 thousand persons, 3 there are; over by 0.5"
    assert (
        only(launched(two, routes, budget={2026: 60, 2027: 50, 2028: 60}, money__carry_share=0.0), "budget").amount
        == 0.5
    )


def test_names_match_the_rules_of_choices() -> None:
    """Simulating with restraint held gives a plan without breaches, and changing nothing else keeps it so."""
    scenario = tiny(**ALMOST_NEAR)
    choices = Choices(stage=np.array([*FIRST[:3], [REACH] * 4]))
    money = open_plan(scenario, choices)
    held = simulate(scenario, money, choices=choices, hold=True)
    assert breaches(scenario, money, held, choices=choices) == []
    assert breaches(scenario, money, choices=replace(choices, restraint=held.restraint)) == []
