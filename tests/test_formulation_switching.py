"""Regime switching: stages, thresholds, the ratchet, exchange only within reach, restraint, the largest capability."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from equations import Equations, case, expect
from lawful_plans import Plan, broken, columns, lawful, random_money
from pytest import approx
from worlds import options, small, tiny

from kctopt.formulation.switching import possible_stages
from kctopt.program import _most_capability
from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import FAR, NEAR, REACH, STAGES, review_of, review_years, thresholds
from kctopt.simulate import Money, simulate

OWN = ("switching.", "ladder.", "knowledge.", "diffusion.")  # blocks whose rules a lawful plan cannot break
LINES = ("chips-B", "chips-S", "ai-A", "ai-M")  # gaps in 2025: 0.7 far, 0.5 and 0.5 within reach, ai-A 0.2 near


def switching(**overrides: object) -> Scenario:
    return tiny(stages="switching", **overrides)


def most(scenario: Scenario) -> np.ndarray:
    found = _most_capability(scenario, calibrate(scenario))
    assert found is not None
    return found


def stages(*path: str, line: str = "chips-S") -> dict[str, float]:
    """Columns of a line's stages at the reviews of the tiny world, the first year on."""
    return {f"{line},{2026 + n},{stage}": 1.0 for n, stage in enumerate(path)}


# By hand


def test_reviews_by_hand() -> None:
    rules = Equations(switching())
    # near at a gap of 0.25: 75 of the rival's 100, which no money reaches before the end of 2028
    assert [year for year in range(2026, 2030) if f"switching.near_forced[chips-S,{year}]" in rules.row] == [2029]
    for stage, capability, slack in (("reach", 75.0, 0.0), ("reach", 76.0, -1.0), ("near", 83.0, 0.2039)):
        state = {"stage": stages("reach", "reach", "reach", stage), "capability": {"chips-S,2028": capability}}
        assert rules.slack("switching.near_forced[chips-S,2029]", **state) == approx(slack, abs=1e-4)
    rules = Equations(options(tranches=(), programmes=(), policies=(), cooperation__choice="none"))
    # chips-B, sigma 0.8: far at 0.6 - 0.05 x 0.8 x 0.4 = 0.584 in 2027; the rival stands at 102 at the end of 2026
    for capability, slack in ((0.416 * 102, 0.0), (40.0, 40.0 - 0.416 * 102)):
        path, known = stages("far", "reach", line="chips-B"), {"chips-B,2026": capability}
        assert rules.slack("switching.entry[chips-B,2027]", stage=path, capability=known) == approx(slack)
    late = stages("far", "far", "reach", line="chips-B")
    assert rules.slack("switching.entry[chips-B,2027]", stage=late, capability={"chips-B,2026": 20.0}) == approx(20)


def test_the_ratchet_by_hand() -> None:
    rules = Equations(switching())

    def holds(*path: str) -> bool:
        names = [f"switching.ratchet[chips-S,{year},{s}]" for year in (2027, 2028, 2029) for s in ("far", "near")]
        names += [f"switching.step[chips-S,{year}]" for year in (2027, 2028, 2029)]
        return all(rules.slack(name, stage=stages(*path)) >= 0 for name in names)

    for path in product(STAGES, repeat=4):
        place = [STAGES.index(stage) for stage in path]
        assert holds(*path) == all(0 <= step <= 1 for step in np.diff(place)), path


def test_exchange_is_open_only_within_reach_by_hand() -> None:
    rules = Equations(switching())
    # chips-S may spend 17, then 27.5: two hundredths of it on exchange (barrier)
    for year, largest in ((2026, 0.34), (2027, 0.55)):
        name, spend = f"switching.exchange_open[chips-S,{year}]", {f"chips-S,{year}": 0.1}
        assert rules.slack(name, stage={f"chips-S,{year},reach": 1.0}, exchange=spend) == approx(largest - 0.1)
        assert rules.slack(name, stage={f"chips-S,{year},near": 1.0}, exchange=spend) == approx(-0.1)
    # the inflow: 3 x sqrt(y/1) x (1 - 0.5 x 0.9 x 0.2) within reach, nothing outside
    spend = {"chips-S,2026": 0.25}
    for within, inflow in ((1.0, 1.365), (0.0, 0.0), (0.25, 1.365 / 2)):
        state = {"stage": {"chips-S,2026,reach": within}, "exchange": spend}
        assert rules.slack("diffusion.reach[chips-S,2026]", **state) == approx(inflow)
    # ai-A, near, need not keep its floor of a tenth; ai-M has none
    spend, open_ = {"ai-A,2026": 20.0}, {"ai-A,2026,reach": 1.0}
    assert rules.slack("quadrants.exchange_floor[ai-A,2026]", spend=spend, stage=open_) == approx(-2)
    assert rules.slack("quadrants.exchange_floor[ai-A,2026]", spend=spend) >= 0


def test_restraint_is_capability_not_built_by_hand() -> None:
    rules = Equations(switching())
    # chips-S in 2026: 60 of the functional stock are left of 75, 4 are made, 3 of them not built
    state = {"production": {"chips-S,F,2026": 4.0}, "stock": {"chips-S,F,2026": 61.0}}
    name = "ladder.accumulation[chips-S,F,2026]"
    assert rules.slack(name, restraint={"chips-S,F,2026": 3.0}, **state) == approx(0)
    assert rules.slack(name, restraint={"chips-S,F,2026": 4.0}, **state) == approx(-1)
    held = {name.partition("[")[2][:7] for name in rules.column if name.startswith("switching.restraint")}
    assert held == {"chips-B", "chips-S", "ai-M,F,", "ai-M,P,", "ai-M,R,"}  # all but ai-A, which is near


def test_what_data_decide() -> None:
    rules = Equations(switching())

    def open_to(line: str, year: int) -> set[str]:
        column = {stage: rules.column[f"switching.stage[{line},{year},{stage}]"] for stage in STAGES}
        return {stage for stage, n in column.items() if rules.compiled.column_upper[n] > 0}

    assert [open_to("chips-S", year) for year in (2026, 2027)] == [{"reach"}, {"reach", "near"}]
    assert {frozenset(open_to("ai-A", year)) for year in range(2026, 2030)} == {frozenset({"near"})}
    # chips-B, at 30, needs 0.4 x 102 = 40.8 at the end of 2026: more than its money can build
    assert [open_to("chips-B", year) for year in (2026, 2027, 2028)] == [{"far"}, {"far"}, {"far", "reach"}]
    free = possible_stages(scenario := switching(switching__ratchet=False), calibrate(scenario), most(scenario))
    assert free[1, 0].tolist() == [False, True, False]
    assert free[2, 1:].all()  # ai-A may fall back


def test_equations() -> None:
    reviews = [f"switching.{rule}[chips-B,2028]" for rule in ("one_stage", "step", "entry")]
    reviews += [f"switching.ratchet[chips-B,2028,{stage}]" for stage in ("far", "near")]
    band = {"id": "together", "kind": "band", "lines": ["ai-A", "ai-M"], "width": 0.2}
    expect(
        "switching",
        case("stages, thresholds, exchange",
             *(f"switching.stage[chips-B,{t},{stage}]" for t in (2026, 2028) for stage in STAGES),
             *reviews, "switching.near_forced[chips-S,2029]", "switching.exchange_open[chips-B,2028]",
             "switching.exchange_open[chips-S,2029]", stages="switching"),
        case("without a ratchet", "switching.near_forced[chips-S,2029]", "switching.entry[chips-S,2028]",
             stages="switching", switching__ratchet=False),
        case("two reviews in a plan of four years; thresholds under controls", "switching.near_forced[chips-S,2028]",
             "switching.near_forced[ai-M,2028]", "switching.exchange_open[chips-S,2027]",
             "diffusion.reach[chips-S,2027]", "diffusion.reach[chips-S,2031]",
             stages="switching", horizon__plan_length=4, switching__near_control=0.5, switching__far_control=0.1,
             diffusion__near=0.35),
        case("other blocks", "diffusion.reach[chips-S,2026]", "quadrants.exchange_floor[ai-A,2026]",
             "ladder.accumulation[chips-S,P,2026]", "ladder.accumulation[ai-A,P,2026]", stages="switching"),
        case("a band alone", "ladder.accumulation[ai-A,P,2026]", "ladder.accumulation[chips-S,P,2026]",
             policies=[band]),
    )  # fmt: skip


# Laws

WORLDS = {
    "tiny": switching(lines__1__capability=82.0),
    "options": options(tranches=(), programmes=(), policies=(), cooperation__choice="none", lines__1__min_scale=0.0),
    "small": small(stages="switching", switching__near_control=0.1, switching__far_control=0.1),
    "yearly": small(stages="switching", switching__reviews="yearly"),
    "free": small(stages="switching", switching__ratchet=False),
    "moving": small(stages="switching", switching__ratchet=False, lines__3__trend=0.05, diffusion__near=0.4),
}


@pytest.mark.parametrize("world", WORLDS)
def test_lawful_plans_keep_every_rule_and_their_stages_are_what_data_allow(world: str) -> None:
    scenario, moved = WORLDS[world], 0
    rules, held = Equations(scenario), [line.id for line in scenario.lines]
    for seed in range(20):
        plan = lawful(scenario, random_money(scenario, seed, unequal=1 + seed % 3))
        skipped = np.flatnonzero((np.diff(plan.stage) > 1).any(axis=1))
        assert not len(skipped), held[skipped[0]]
        assert list(broken(rules, columns(rules, plan), *OWN)) == []
        moved += int((np.diff(plan.stage) != 0).sum())
    assert moved > 0


@pytest.mark.parametrize("world", ["tiny", "small", "free"])
def test_a_stage_that_is_not_lawful_breaks_the_rule_that_says_so(world: str) -> None:
    scenario = WORLDS[world]
    rules, (far, near), first = Equations(scenario), thresholds(scenario), scenario.horizon.base_year
    reviews, ids, seen = review_years(scenario), [line.id for line in scenario.lines], set()
    for seed in range(20):
        plan = lawful(scenario, random_money(scenario, seed, unequal=2.0))
        for (i, line), (v, year) in product(enumerate(ids), list(enumerate(reviews))[1:]):
            gap = float(plan.trajectory.gap[i, year - 1 - first])
            forced, shut = gap < near[i, v] - 1e-6, gap > far[i, v] + 1e-6
            for other in {FAR, REACH, NEAR} - {int(plan.stage[i, v])}:
                stage = plan.stage.copy()
                stage[i, v:] = other
                wrong = set(broken(rules, columns(rules, replace(plan, stage=stage)), *OWN))
                if forced and other != NEAR:
                    assert {f"switching.near_forced[{line},{year}]", f"switching.stage[{line},{year},near]"} & wrong
                    seen.add("forced")
                if shut and other != FAR and plan.stage[i, v - 1] == FAR:
                    assert {f"switching.entry[{line},{year}]", f"switching.stage[{line},{year},far]"} & wrong
                    seen.add("entry")
    assert seen == {"forced", "entry"}


def test_exchange_outside_reach_breaks_a_rule() -> None:
    scenario = WORLDS["small"]
    rules = Equations(scenario)
    for seed in range(5):
        money = random_money(scenario, seed)
        plan = lawful(scenario, money)
        outside = plan.stage[:, review_of(scenario)[: money.exchange.shape[1]]] != REACH
        careless = replace(plan, money=money)
        wrong = {name for name in broken(rules, columns(rules, careless), *OWN) if "exchange_open" in name}
        assert len(wrong) == (outside & (money.exchange > 0)).sum() > 0


def test_restraint_keeps_a_line_short_of_near() -> None:
    """Where a plan is forced into near, the rules let the line stay within reach if that much stock is not built."""
    scenario = WORLDS["small"]
    rules, (_, near), reviews = Equations(scenario), thresholds(scenario), review_years(scenario)
    plans = (lawful(scenario, random_money(scenario, seed, unequal=2.0)) for seed in range(100))
    plan, i, v = next(
        (p, i, v + 1) for p in plans for i, v in np.argwhere((np.diff(p.stage) == 1) & (p.stage[:, 1:] == NEAR))
    )
    line, year = scenario.lines[i].id, reviews[v] - 1
    n = year - scenario.horizon.base_year
    t, stage = plan.trajectory, plan.stage.copy()
    stage[i, v:] = REACH
    here = [f"ladder.accumulation[{line},{rung},{year}]" for rung in "FPR"] + [
        f"ladder.capability_of_line[{line},{year}]"
    ]
    here += [f"switching.{rule}[{line},{year + 1}]" for rule in ("one_stage", "step", "near_forced", "entry")]

    def wrong(restraint: float, kept: float) -> set[str]:
        stock, capability = t.stock.copy(), t.capability.copy()
        stock[i, :, n] *= kept
        capability[i, n] *= kept
        x = columns(rules, Plan(plan.money, replace(t, stock=stock, capability=capability), stage))
        for r, rung in enumerate("FPR"):
            x[rules.column[f"switching.restraint[{line},{rung},{year}]"]] = restraint * t.stock[i, r, n]
        return set(broken(rules, x, "switching.", "ladder.")) & set(here)

    kept = (1 - near[i, v]) * t.rival[i, n] / t.capability[i, n]
    assert kept < 1
    assert wrong(0.0, 1.0) == {f"switching.near_forced[{line},{year + 1}]"}
    assert wrong(1 - kept, kept) == set()
    assert f"ladder.accumulation[{line},F,{year}]" in wrong(1.01 * (1 - kept), kept)


# The largest capability


def extreme_plans(scenario: Scenario) -> list[Money]:
    """Random plans, and plans that give one line and one rung all they can."""
    return [random_money(scenario, seed, unequal) for seed in range(25) for unequal in (1.0, 3.0, 12.0)]


@pytest.mark.parametrize("world", WORLDS)
def test_no_plan_exceeds_the_largest_capability(world: str) -> None:
    scenario = WORLDS[world]
    bound, closest = most(scenario), 0.0
    within = possible_stages(scenario, calibrate(scenario), bound)[:, review_of(scenario), REACH]
    for money in extreme_plans(scenario):
        money.exchange[~within[:, : money.exchange.shape[1]]] = 0.0
        reached = simulate(scenario, money).capability
        assert (reached <= bound + 1e-9).all()
        closest = max(closest, float((reached / bound)[:, scenario.horizon.plan_length].max()))
    assert closest > 0.75  # at the end of the first plan some plan comes near it


def test_the_largest_capability_of_a_single_line_with_a_single_rung_is_reached() -> None:
    """Where one rung alone counts and takes all the money, the bound is what the simulator gives."""
    scenario = switching(
        rungs__0__capability_weight=1.0, rungs__0__profile=1.0, rungs__0__spend_share=1.0,
        rungs__1__capability_weight=0.0, rungs__1__spend_share=0.0, rungs__1__lag_0=1.0, rungs__1__lag_1=0.0,
        rungs__2__capability_weight=0.0, rungs__2__spend_share=0.0, rungs__2__lag_0=1.0,
        rungs__2__lag_1=0.0, rungs__2__lag_2=0.0, lines__0__substitution_share=0.0,
        money__carry_share=0.0, knowledge__accelerator_elasticity=0.0, diffusion__exchange_output=0.0,
    )  # fmt: skip
    base = calibrate(scenario)
    spend = np.minimum(60.0, [17.0, 27.5, 43.25, 66.875])
    money = Money(np.zeros((4, 3, 4)), np.zeros((4, 4)), np.zeros((4, 4)))
    money.strategic[0, 0] = spend
    reached = simulate(scenario, money).capability[0]
    assert base.effort[0, 1] == 0  # no money on the other rungs: they have no reference
    assert most(scenario)[0] == approx(reached)
