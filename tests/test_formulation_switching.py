"""Regime switching: stages, thresholds, the ratchet, exchange only within reach, restraint, the largest capability."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from equations import Equations, case, expect
from lawful_plans import broken, columns, random_money
from pytest import approx
from worlds import MODES, options, small, tiny

from kctopt.formulation.switching import possible_stages
from kctopt.rules import breaches
from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.limits import most_exchange
from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import STAGES, review_of
from kctopt.simulator import Choices, Money, natural, simulate, without_closed_exchange
from kctopt.wiring import _most_capability

# blocks whose rules a lawful plan cannot break
OWN = ("switching.", "ladder.", "knowledge.", "diffusion.", "modes.inflow_law", "modes.split")
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

MODES_ON = {"modes": MODES, "cooperation__choice": "mask"}
WORLDS = {
    "tiny": switching(lines__1__capability=82.0),
    "options": options(tranches=(), programmes=(), policies=()),
    "small": small(stages="switching", switching__near_control=0.1, switching__far_control=0.1),
    "yearly": small(stages="switching", switching__reviews="yearly", **MODES_ON),
    "free": small(stages="switching", switching__ratchet=False),
    "moving": small(stages="switching", switching__ratchet=False, lines__3__trend=0.05, diffusion__near=0.4),
}
STAGE_RULES = {"first", "near", "entry", "ratchet", "exchange_open"}


def decided(scenario: Scenario, seed: int) -> tuple[Money, Choices]:
    """Random money and modes; each line moves on by the law, or stays behind it from some stage on."""
    rng, money = np.random.default_rng(seed), random_money(scenario, seed, unequal=1 + seed % 3)
    plans = (len(scenario.domains), len(scenario.horizon.plans))
    mode = None if scenario.cooperation.choice == "none" else rng.integers(0, len(scenario.modes), plans)
    choices = natural(scenario, money, Choices(mode=mode))
    first = calibrate(scenario).stage
    stage = np.minimum(choices.stage, np.maximum(first, rng.integers(0, 3, len(first)))[:, None])
    choices = replace(choices, stage=stage)
    in_force = stage[:, review_of(scenario)]
    money = without_closed_exchange(scenario, money, in_force[:, : len(scenario.horizon.years)])
    held = simulate(scenario, money, choices=choices, hold=True)
    return money, replace(choices, restraint=held.restraint)


def stage_breaches(scenario: Scenario, money: Money, choices: Choices) -> list[str]:
    return [breach.rule for breach in breaches(scenario, money, choices=choices) if breach.kind in STAGE_RULES]


@pytest.mark.parametrize("world", WORLDS)
def test_plans_that_keep_the_rules_of_the_simulator_keep_those_of_the_program(world: str) -> None:
    scenario, moved, held, kept = WORLDS[world], 0, 0, 0
    rules = Equations(scenario)
    for seed in range(30):
        money, choices = decided(scenario, seed)
        if stage_breaches(scenario, money, choices):
            continue  # a line held back leaves less for others, which may then not enter
        trajectory = simulate(scenario, money, choices=choices)
        x = columns(rules, scenario, money, trajectory, choices)
        assert list(broken(rules, x, *OWN)) == [], seed
        kept, moved = kept + 1, moved + int((np.diff(trajectory.review_stage) != 0).sum())
        held += int((trajectory.restraint > 0).any())
    assert kept > 5
    assert moved > 0
    assert held > 0


@pytest.mark.parametrize("world", WORLDS)
def test_the_program_takes_a_stage_exactly_where_the_simulator_does(world: str) -> None:
    scenario = WORLDS[world]
    rules, first, rng, seen = Equations(scenario), calibrate(scenario).stage, np.random.default_rng(0), set()
    for seed in range(40):
        money, choices = decided(scenario, seed)
        stage = choices.stage.copy()
        i, v = rng.integers(0, len(first)), rng.integers(1, stage.shape[1])
        stage[i, v:] = rng.integers(0, 3)
        choices = replace(choices, stage=stage, restraint=choices.restraint * rng.integers(0, 2))
        found = stage_breaches(scenario, money, choices)
        x = columns(rules, scenario, money, simulate(scenario, money, choices=choices), choices)
        assert bool(found) == any(broken(rules, x, *OWN)), (seed, found)
        seen |= {rule.partition("[")[0] for rule in found} | {""[len(found) :]}
    assert {"", "switching.near", "switching.exchange_open"} <= seen


# The largest capability


def extreme(scenario: Scenario) -> list[Money]:
    """Random plans, and plans that give one line and one rung nearly all they can."""
    return [random_money(scenario, seed, unequal) for seed in range(25) for unequal in (1.0, 3.0, 12.0)]


def programmes(first: int, gain: float) -> list[dict[str, object]]:
    """Programmes on every rung of a line, that start within three years and take two."""
    names = {"en": "p", "zh": "p"}
    return [
        {"id": f"on-{r}", "label": names, "line": "chips-B", "rung": r, "success": 0.5, "gain": gain, "cost_1": 0.0,
         "first_start": first, "last_start": first + 1, "duration": 2, "mode": "horse_race", "routes": 2}
        for r in "FPR"
    ]  # fmt: skip


SCHEMES = [np.eye(4)[list(starts)] for starts in ((0, 0, 0), (1, 1, 1), (0, 1, 0), (1, 0, 1), (0, 0, 1))]
BOUNDED = WORLDS | {
    "gains": options(programmes=programmes(2026, 20.0), policies=(), cooperation__choice="none"),
    "great gains": options(programmes=programmes(2026, 400.0), policies=(), cooperation__choice="none"),
}


@pytest.mark.parametrize("world", BOUNDED)
def test_no_plan_exceeds_the_largest_capability(world: str) -> None:
    scenario = BOUNDED[world]
    bound, closest, plans = most(scenario), 0.0, (len(scenario.domains), len(scenario.horizon.plans))
    for n, money in enumerate(extreme(scenario)):
        mode = None if scenario.cooperation.choice == "none" else np.full(plans, n % len(scenario.modes))
        routes = 2 * SCHEMES[n % len(SCHEMES)].astype(int) if scenario.programmes else None
        reached = simulate(scenario, money, choices=Choices(mode=mode, routes=routes)).capability
        assert (reached <= bound + 1e-9).all()
        closest = max(closest, float((reached / bound)[:, scenario.horizon.plan_length].max()))
    assert closest > 0.75  # at the end of the first plan some plan comes near it


def test_gains_of_programmes_count_from_the_first_year_they_can_come_by_hand() -> None:
    # 20 with two routes of one half each: 15 at the end of 2027 or 2028, a loss of a fifth a year from then on
    plain = options(programmes=(), policies=(), cooperation__choice="none", knowledge__accelerator_elasticity=0.0,
                    knowledge__stock_elasticity=0.0, diffusion__absorption=0.0)  # fmt: skip
    extra = most(plain.model_copy(update={"programmes": BOUNDED["gains"].programmes}))[0] - most(plain)[0]
    kept = np.array([0.8, 0.9, 0.95])  # functional, performance, reliability
    weight = np.array([0.2, 0.3, 0.5])
    wanted = [0.0, 0.0, 15.0, 15.0, 15 * weight @ kept, 15 * weight @ kept**2, 15 * weight @ kept**3]
    assert extra == approx(wanted)


def test_gains_that_the_ladder_cuts_may_still_come() -> None:
    """A gain on P in the second year, when F has grown to take it, is more than what the ladder left of one before."""
    level = {f"rungs__{r}__profile": 1.0 for r in range(3)}
    late = [programmes(2026, 400.0)[0] | {"first_start": 2027}, programmes(2026, 400.0)[1]]
    scenario = options(**level, tranches=(), programmes=late, policies=(), cooperation__choice="none")
    money, routes = random_money(scenario, 0), np.array([[0, 2, 0, 0], [0, 2, 0, 0]])
    reached = simulate(scenario, money, choices=Choices(routes=routes)).capability[0]
    assert (reached <= most(scenario)[0]).all()
    assert reached[3] > 100  # 300 on both rungs in 2028


# No knowledge is produced and nothing is lost: capability grows by the inflow alone, on all rungs alike.
INFLOW_ALONE = {"knowledge__yield_factor": 1e-12, "diffusion__near": -1.0, "diffusion__far": 1.0} | {
    f"rungs__{r}__{name}": value for r in range(3) for name, value in (("depreciation", 0.0), ("inflow", 1.0))
}


def test_inflow_at_its_largest_is_that_of_all_exchange_in_the_best_mode() -> None:
    wide = [mode | {"exchange": {"closed": 1.0, "guarded": 2.0, "open": 5.0}[mode["id"]]} for mode in MODES]
    scenario = switching(
        **INFLOW_ALONE, modes=wide, cooperation__choice="free", cooperation__exposure_limit=1000.0,
        diffusion__exchange_output=0.5, diffusion__absorption=1.0, diffusion__catch_up=1.0,
    )  # fmt: skip
    exchange = most_exchange(scenario, scenario.modes[2])
    money = Money(np.zeros((4, 3, 4)), np.zeros((4, 4)), exchange)
    reached = simulate(scenario, money, choices=Choices(mode=np.full((2, 2), 2))).capability
    assert most(scenario)[:, 1:4] == approx(reached[:, 1:4])
    assert (np.diff(reached)[:, 0] > 1).all()


def test_leverage_is_that_of_the_largest_moat() -> None:
    scenario = switching(
        **INFLOW_ALONE, diffusion__exchange_output=1e6, diffusion__absorption=0.5, diffusion__leverage=3.0,
        lines__3__sensitivity=0.0,
    )  # fmt: skip
    money = random_money(scenario, 0)
    money.exchange[:] = 1.0
    reached, bound = simulate(scenario, money).capability[3], most(scenario)[3]
    # ai-M holds its own lead: 0.05 x (100 + 2 C) a year, at most 0.05 x (100 + 3 C) x 0.5 / 0.55
    assert np.diff(reached) == approx(5 + 0.1 * reached[:-1])
    assert np.diff(bound) == approx((100 + 3 * bound[:-1]) / 22)
    assert (reached <= bound).all()


def test_an_s_shaped_response_counts_at_its_worth() -> None:
    plain, curved = options(tranches=(), policies=(), programmes=()), options(policies=(), programmes=())
    # spend worth at most 1.8 times the base year's on one rung of ai-A: less than plain spend of more than that
    assert (most(curved)[2, 3:] < most(plain)[2, 3:]).all()
    steep = [
        {"line": "ai-A", "rung": "P", "upto": 1.0, "effect": 1.0},
        {"line": "ai-A", "rung": "P", "upto": 1.2, "effect": 9.0},
    ]
    scenario = options(tranches=steep, policies=(), programmes=())
    for money in extreme(scenario):
        assert (simulate(scenario, money).capability <= most(scenario) + 1e-9).all()


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
