"""Knowledge production: lagged effort, accelerators, the stock already there."""

import numpy as np
import pytest
from equations import Equations, case, expect
from pytest import approx
from worlds import tiny

ALONE = {"diffusion__form": "none"}  # base production of chips-S is then 16.5, 6 and 2.8 (see test_simulate_by_hand)


def test_two_years_of_production_by_hand() -> None:
    rules = Equations(tiny(**ALONE))
    law = "knowledge.production_law[chips-S,{},{}]".format
    # chips-S spends 10 x 0.89 on research, 4.45, 2.67 and 1.78 by rung. 2026: four times the functional effort,
    # (7 + 1)/2 = 4 times the lagged performance effort, reliability (lags 1 and 2) as it was
    spend = {"chips-S,F,2026": 4 * 4.45, "chips-S,P,2026": 7 * 2.67, "chips-S,R,2026": 7 * 1.78}
    for rung, made in (("F", 33.0), ("P", 12.0), ("R", 2.8)):
        index = f"chips-S,{rung},2026"
        assert rules.slack(law(rung, 2026), strategic=spend, production={index: made}) == approx(0)
    # ai-A is the accelerator: capability 81.8 over 80 in 2025
    assert rules.slack(
        "knowledge.accelerator_index[chips,2026]", capability={"ai-A,2026": 81.8}, accelerator={"chips,2026": 102.25}
    ) == approx(0)
    # 2027: base spend; reliability now sees (7 + 1)/2 = 4 times its effort; stocks are 93 and 40.8 (75 and 40 before)
    state = {"accelerator": {"chips,2026": 102.25}, "stock": {"chips-S,F,2026": 93.0, "chips-S,R,2026": 40.8}}
    spend |= {"chips-S,F,2027": 4.45}
    functional = 16.5 * 1.0225**0.2 * 1.24**0.2
    reliable = 2.8 * 2 * 1.0225**0.2 * 1.02**0.2
    for rung, made in (("F", functional), ("R", reliable)):
        index = f"chips-S,{rung},2027"
        assert rules.slack(law(rung, 2027), strategic=spend, production={index: made}, **state) == approx(0, abs=1e-9)


def test_induced_innovation_and_yield_factor_by_hand() -> None:
    rules = Equations(
        tiny(**ALONE, knowledge__induced_innovation=0.5, knowledge__yield_factor=1.1,
             controls__intensity={2025: 0.2, 2026: 0.6})
    )  # fmt: skip
    # sigma 0.9, controls up by 0.4: yield x 1 + 0.5 x 0.9 x 0.4 = 1.18, and x 1.1
    assert rules.slack(
        "knowledge.production_law[chips-S,F,2026]",
        strategic={"chips-S,F,2026": 4.45}, production={"chips-S,F,2026": 16.5 * 1.18 * 1.1},
    ) == approx(0)  # fmt: skip


def test_equations() -> None:
    expect(
        "knowledge",
        case("lags: the first year, the second, the tail", "knowledge.production_law[chips-S,F,2026]",
             "knowledge.production_law[chips-S,R,2026]", "knowledge.production_law[chips-S,P,2027]",
             "knowledge.production_law[chips-S,R,2028]", "knowledge.production_law[chips-S,R,2031]", **ALONE),
        case("without accelerators and own stock", "knowledge.production_law[chips-S,F,2027]", **ALONE,
             knowledge__accelerator_elasticity=0.0, knowledge__stock_elasticity=0.0),
        # chips: (3 x .5 x 30 + 1 x 1 x 50) / 2.5 = 38 of its own and half of the 80 of ai make 78 in 2025
        case("accelerators of two domains, and a domain that none reach", "knowledge.accelerator_index[chips,2026]",
             "knowledge.accelerator_index[ai,2026]", lines__0__accelerator=0.5, lines__0__weight=3.0,
             lines__1__accelerator=1.0,
             spillovers=[{"source": "chips", "target": "chips", "strength": 1.0},
                         {"source": "ai", "target": "chips", "strength": 0.5}]),
    )  # fmt: skip


@pytest.mark.parametrize("rung", ["F", "P", "R"])
def test_more_effort_never_makes_less_and_twice_of_all_makes_at_most_twice(rung: str) -> None:
    rules, rng = Equations(tiny()), np.random.default_rng(1)
    name, index = f"knowledge.production_law[ai-A,{rung},2029]", f"ai-A,{rung},2028"

    def made(scale: np.ndarray) -> float:
        spend = {f"ai-A,{rung},{t}": 3.0 * scale[0] for t in (2027, 2028, 2029)}
        state = {"accelerator": {"ai,2028": 100.0 * scale[1]}, "stock": {index: 90.0 * scale[2]}}
        return rules.slack(name, strategic=spend, **state)

    for scale in rng.uniform(0.1, 5, (20, 3)):
        more = scale + rng.uniform(0, 1, 3)
        assert made(more) >= made(scale)
        assert made(2 * scale) <= 2 * made(scale) + 1e-9


def test_base_effort_keeps_every_line_on_its_trend() -> None:
    scenario = tiny()
    rules = Equations(scenario)
    for i, line in enumerate(scenario.lines):
        research = line.spend * (1 - line.exchange_share - line.substitution_share)
        for rung in scenario.rungs:
            index = f"{line.id},{rung.id},2026"
            base = rules.slack(
                f"knowledge.production_law[{index}]", strategic={index: research * rung.spend_share}
            )  # fmt: skip
            k0 = rung.profile * (line.capability - 10)
            k1 = rung.profile * ((line.capability / 100 + line.trend) * 100 * (1 + line.rival_growth) - 10)
            inflow = [2.4, 3 * 0.1**0.5 * 0.91, 1.225, 2.695][i]  # the three caps by hand, e = 0.2
            assert base == approx(k1 - (1 - rung.depreciation) * k0 - rung.inflow * inflow)
