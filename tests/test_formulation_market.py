"""The market that exchange opens: gain by growth and exchange, cut where it is exposed, over the base year's."""

from equations import Equations, case, expect
from plans import best
from pytest import approx
from worlds import MODES, tiny

from kctopt.scenario.calibrate import calibrate
from kctopt.simulator import Choices, simulate, to_base_plan

ON = {"cooperation__market_output": 0.25, "cooperation__market_elasticity": 0.5}


def test_two_years_by_hand() -> None:
    rules = Equations(tiny(**ON))
    # chips-B in 2027: 0.25 x growth 0.8 x reference 1 x (1 - 0.5 x sensitivity 0.8 x 0.4) x sqrt(y), 2.25 -> 1.5 times
    gain = 0.25 * 0.8 * 0.84
    spend = {"chips-B,2026": 1.0, "chips-B,2027": 2.25}
    made = {"chips-B,2026": 0.25 * 0.8 * 0.92, "chips-B,2027": 1.5 * gain}
    for year in (2026, 2027):
        assert rules.slack(f"market.market_law[chips-B,{year}]", exchange=spend, gain=made) == approx(0)
    # the tail keeps the exchange of 2029, at controls of 0.8
    assert rules.slack(
        "market.market_law[chips-B,2031]", exchange={"chips-B,2029": 4.0}, gain={"chips-B,2031": 0.25 * 0.8 * 0.68 * 2}
    ) == approx(0)  # fmt: skip


def test_economic_power_rises_by_what_is_gained_over_the_base_year() -> None:
    scenario = tiny(**ON)
    base = calibrate(scenario).market
    # chips-B: 0.25 x 0.8 x 1 x 0.92 x 1; ai-A: y0 = 4 of reference 2: 0.25 x 0.8 x 2 x 0.98 x sqrt(2)
    assert base[0] == approx(0.25 * 0.8 * 0.92)
    assert base[2] == approx(0.25 * 0.8 * 2 * 0.98 * 2**0.5)
    plan = to_base_plan(scenario)
    kept, without = simulate(scenario, plan), simulate(tiny(), plan)
    assert kept.market[:2] == approx([0, 0], abs=1e-12)  # controls of 2026 are those of 2025
    assert kept.exchange_gain[:, 0] == approx(base)
    assert kept.economic - kept.market == approx(without.economic)
    none = simulate(scenario, type(plan)(plan.strategic, plan.substitution, 0 * plan.exchange))
    assert none.market[1:] == approx(-base.sum())


def test_equations() -> None:
    expect(
        "market",
        case("gain of a line and of the nation; what economic power reads", "market.market_law[chips-B,2026]",
             "market.market_law[ai-A,2030]", "market.nation[2026]", "market.gained[2026]",
             "security.economic_power[2026]", **ON),
        case("where stages switch", "market.market_law[chips-B,2026]", stages="switching", **ON),
        case("by cooperation mode", "market.market_law[chips-B,2026,open]", "market.nation[2026]", modes=MODES,
             cooperation__choice="mask", **ON),
        case("only what is exposed is cut by controls", "market.market_law[chips-B,2026]",
             "market.market_law[ai-A,2026]", "quadrants.exposure[2026]", cooperation__exposure_threshold=0.5, **ON),
    )  # fmt: skip


def test_outside_reach_there_is_no_market() -> None:
    scenario = tiny(stages="switching", diffusion__near=0.25, **ON)
    plan, base = to_base_plan(scenario), calibrate(scenario)
    far = base.stage != 1
    assert far.any()
    assert (base.market[far] == 0).all()
    stated = Choices(stage=simulate(scenario, plan).review_stage)
    gain = simulate(scenario, plan, choices=stated).exchange_gain
    assert (gain[far, 0] == 0).all()
    assert (gain[~far, 0] > 0).all()


def test_a_larger_market_draws_exchange_and_is_never_worse_than_none() -> None:
    small, large = best(**ON), best(**(ON | {"cooperation__market_output": 1.0}))
    spent = [float(result.money.exchange.sum()) for result in (best(), small, large)]
    assert spent[0] < spent[2]
    assert spent[1] < spent[2]
