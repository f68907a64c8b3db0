"""Cooperation modes: one a plan, exchange and inflow through it, its limits, exposure, market gain, cost of change."""

import re
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from equations import Equations, case, expect, family
from lawful_plans import broken, columns, exchange_caps, mode_of_lines, random_money
from pytest import approx
from worlds import MODES, small, tiny

from kctopt.rules import breaches
from kctopt.scenario.records import Scenario
from kctopt.scenario.select import quadrant
from kctopt.simulator import Choices, Money, simulate

NAMES = ("closed", "guarded", "open")
ON = {"modes": MODES, "cooperation__choice": "mask", "cooperation__change_cost": 0.5}  # guarded in the base year
OWN = ("modes.", "ladder.", "knowledge.", "diffusion.", "quadrants.exchange_cap")


def in_mode(line: str, plan: str, mode: str) -> dict[str, float]:
    return {f"{line},{plan},{mode}": 1.0}


def test_two_plans_of_modes_by_hand() -> None:
    rules = Equations(tiny(**ON))
    # chips: guarded in the base year, open in the first plan, closed in the second: two changes
    path = in_mode("chips", "2026-27", "open") | in_mode("chips", "2028-29", "closed")
    for plan, mode, slack in (("2026-27", "open", -1), ("2026-27", "guarded", 1), ("2028-29", "closed", -1)):
        assert rules.slack(f"modes.change_up[chips,{plan},{mode}]", mode=path) == approx(slack)
        assert rules.slack(f"modes.one_mode[chips,{plan}]", mode=path) == approx(0)
    same = in_mode("chips", "2026-27", "guarded") | in_mode("chips", "2028-29", "guarded")
    for plan, mode in product(("2026-27", "2028-29"), NAMES):
        assert rules.slack(f"modes.change_up[chips,{plan},{mode}]", mode=same) >= 0
    # half a billion for each change, in the first year of a plan
    changes = {"chips,2026-27": 1.0, "ai,2026-27": 1.0, "chips,2028-29": 1.0}
    for year, cost in ((2026, 1.0), (2027, 0.0), (2028, 0.5), (2029, 0.0)):
        left = rules.slack(f"money.budget[{year}]", change=changes, available={str(year): 60.0})
        assert left == approx(60 - cost)


def test_exchange_and_inflow_by_hand() -> None:
    rules = Equations(tiny(**ON))
    # chips-B in 2027: 3 x sqrt(1.02 x y) x (1 - 0.5 x 0.8 x 0.4), times 1.25 in the open mode
    spend, mode = {"chips-B,2027,open": 1.44}, in_mode("chips", "2026-27", "open")
    made = 1.25 * 3 * (1.02 * 1.44) ** 0.5 * 0.84
    inflow = {"chips-B,2027,open": made, "chips-B,2027": made}
    assert rules.slack("modes.inflow_law[chips-B,2027,open]", exchange=spend, mode=mode, inflow=inflow) == approx(0)
    assert rules.slack("diffusion.reach[chips-B,2027]", inflow=inflow) == approx(0)
    half = {"exchange": {"chips-B,2027,open": 0.72}, "mode": {"chips,2026-27,open": 0.5}}
    assert rules.slack("modes.inflow_law[chips-B,2027,open]", **half) == approx(made / 2)
    for name in NAMES[:2]:  # nothing through the others
        used = {f"chips-B,2027,{name}": 1.0}
        assert rules.slack(f"modes.inflow_law[chips-B,2027,{name}]", exchange=used, mode=mode) == 0
        assert rules.slack(f"modes.open[chips-B,2027,{name}]", exchange=used, mode=mode) == approx(-1)
    # the tail keeps the last year's exchange and the last plan's mode
    spend, mode = {"ai-M,2029,guarded": 1.0}, in_mode("ai", "2028-29", "guarded")
    assert rules.slack("modes.inflow_law[ai-M,2031,guarded]", exchange=spend, mode=mode) == approx(3 * 0.92)
    # 0.8 x 1.5 x 1.2 + 0.2 x 0.5 x 2 of exposed exchange, against 5
    spend = {"chips-B,2027,open": 1.2, "ai-A,2027,closed": 2.0}
    assert rules.slack("quadrants.exposure[2027]", exchange=spend, exposure_limit={"2027": 5.0}) == approx(5 - 1.64)


def test_shares_of_exchange_by_hand() -> None:
    spend = {"ai-A,2026": 10.0, "chips-B,2026": 10.0}
    largest = {  # ai-A: widen, 0.6; chips-B: managed, 0.2; modes: 0.1, 0.3, 0.6
        "mask": {"ai-A": (1.0, 3.0, 6.0), "chips-B": (1.0, 2.0, 2.0)},
        "free": {"ai-A": (1.0, 3.0, 6.0), "chips-B": (1.0, 3.0, 6.0)},
    }
    for choice, limits in largest.items():
        rules = Equations(tiny(**ON | {"cooperation__choice": choice}))
        for line, amounts in limits.items():
            for mode, amount in zip(NAMES, amounts, strict=True):
                name, used = f"modes.limit[{line},2026,{mode}]", {f"{line},2026,{mode}": amount}
                assert rules.slack(name, spend=spend, exchange=used) == approx(0)
    # the quadrant's floor of a tenth on ai-A holds in the mode that is chosen
    rules, name = Equations(tiny(**ON)), "modes.floor[ai-A,2026,open]"
    chosen = in_mode("ai", "2026-27", "open")
    assert rules.slack(name, spend=spend, mode=chosen, exchange={"ai-A,2026": 0.9}) == approx(-0.1)
    assert rules.slack(name, spend=spend, exchange={"ai-A,2026": 0.0}) >= 0
    assert not [name for name in Equations(tiny(**ON | {"cooperation__choice": "free"})).row if "floor[" in name]


def test_market_gain_by_hand() -> None:
    rules = Equations(tiny(**ON))
    # chips weigh 0.6: 0.4 more in the open mode, 0.5 less when closed; the tail stays in the last plan's mode
    path = in_mode("chips", "2026-27", "open") | in_mode("chips", "2028-29", "closed")
    for year, gain in ((2026, 0.24), (2029, -0.3), (2031, -0.3)):
        name, state = f"security.economic_power[{year}]", {"kct": {str(year): 50.0}}
        assert rules.slack(name, mode=path, **state) - rules.slack(name, **state) == approx(gain)


def test_equations() -> None:
    own = [f"modes.{rule}[chips-B,2026,open]" for rule in ("open", "limit", "inflow_law")]
    expect(
        "modes",
        case("modes within the quadrants' limits", "modes.mode[chips,2026-27,open]", "modes.change[chips,2026-27]",
             "modes.one_mode[chips,2026-27]", *(f"modes.change_up[chips,{p},{m}]" for p in ("2026-27", "2028-29")
                                                for m in NAMES),
             "modes.split[chips-B,2026]", *own, "modes.open[chips-B,2027,open]",
             "modes.inflow_law[chips-B,2031,guarded]", "modes.floor[ai-A,2026,open]", "modes.floor[ai-A,2026,closed]",
             "diffusion.reach[chips-B,2026]", "quadrants.exchange_cap[ai-A,2026]", "quadrants.exposure[2026]",
             "money.budget[2026]", "money.budget[2027]", "security.economic_power[2026]", **ON),
        case("a free choice", "modes.limit[chips-B,2026,open]", "modes.open[chips-B,2026,open]",
             "quadrants.exchange_cap[chips-B,2026]", **ON | {"cooperation__choice": "free"}),
        case("modes and switching stages", "modes.floor[ai-A,2026,open]", "diffusion.reach[chips-B,2026]",
             "switching.exchange_open[chips-B,2028]", stages="switching", **ON),
    )  # fmt: skip


# Laws


def decided(scenario: Scenario, seed: int) -> tuple[Money, Choices]:
    """Random money and modes, exchange between the least and the largest share that these allow."""
    rng, money = np.random.default_rng(seed), random_money(scenario, seed)
    mode = rng.integers(0, 3, (len(scenario.domains), len(scenario.horizon.plans)))
    within = mode_of_lines(scenario, mode)[:, : len(scenario.horizon.years)]
    largest = within @ [one.max_exchange for one in scenario.modes]
    least, most = np.zeros_like(largest), largest
    if scenario.cooperation.choice == "mask":
        floors = {rule.id: rule.min_exchange for rule in scenario.quadrants}
        own = [[floors[quadrant(scenario, i)]] for i in range(len(scenario.lines))]  # type: ignore[index]
        least, most = np.minimum(own, largest), np.minimum(exchange_caps(scenario)[:, None], largest)
    share = least + (most - least) * rng.random(least.shape) * 0.3
    rest = money.spend - money.exchange
    return replace(money, exchange=rest * share / (1 - share)), Choices(mode=mode)


@pytest.mark.parametrize("choice", ["mask", "free"])
@pytest.mark.parametrize("make", [tiny, small])
def test_plans_in_any_modes_keep_every_rule_and_in_other_modes_break_one(make: object, choice: str) -> None:
    scenario = make(**ON | {"cooperation__choice": choice, "cooperation__exposure_limit": 50.0})  # type: ignore[operator]
    rules = Equations(scenario)
    for seed in range(10):
        money, choices = decided(scenario, seed)
        trajectory = simulate(scenario, money, choices=choices)
        assert not [b for b in breaches(scenario, money, choices=choices) if b.rule.startswith("quadrants.ex")]
        x = columns(rules, scenario, money, trajectory, choices)
        assert list(broken(rules, x, *OWN)) == []
        slots = rules.compiled.slots
        other = x.copy()
        other[slots["modes.mode"]] = np.eye(3)[(choices.mode + 1) % 3].ravel()
        wrong = {name.partition("[")[0] for name in broken(rules, other, *OWN)}
        assert {"modes.open", "modes.inflow_law"} <= wrong
        if x[slots["modes.change"]].any():
            other = x.copy()
            other[slots["modes.change"]] = 0.0
            assert {name.partition("[")[0] for name in broken(rules, other, *OWN)} == {"modes.change_up"}


@pytest.mark.parametrize("choice", ["mask", "free"])
def test_shares_and_exposure_are_those_of_the_simulator(choice: str) -> None:
    scenario, seen = tiny(**ON | {"cooperation__choice": choice, "cooperation__exposure_limit": 2.0}), set()
    rules, limits = Equations(scenario), ("modes.limit", "modes.floor", "quadrants.exposure")
    for seed in range(60):
        money, choices = decided(scenario, seed)
        rng = np.random.default_rng(seed)
        factor = np.ones(money.exchange.shape)
        factor[rng.integers(0, 4), rng.integers(0, 4)] = rng.choice([0.2, 8.0])
        money = replace(money, exchange=money.exchange * factor)
        found = {b.rule for b in breaches(scenario, money, choices=choices) if b.rule.startswith("quadrants.ex")}
        x = columns(rules, scenario, money, simulate(scenario, money, choices=choices), choices)
        names = {re.sub(r",\w+\]$", "]", name) if name[0] == "m" else name for name in broken(rules, x, *limits)}
        pairs = {"modes.limit": "quadrants.exchange_cap", "modes.floor": "quadrants.exchange_floor"}
        assert {pairs.get(family(name), family(name)) + name[len(family(name)) :] for name in names} == found
        seen |= {family(name) for name in names}
    assert seen == set(limits) - ({"modes.floor"} if choice == "free" else set())


def test_powers_and_budget_count_what_modes_bring_and_cost() -> None:
    scenario = tiny(**ON, domains__1__mode="open")  # ai: a gain of 0.4 in the base year already
    rules, slots = Equations(scenario), Equations(scenario).compiled.slots
    for seed in range(10):
        money, choices = decided(scenario, seed)
        t = simulate(scenario, money, choices=choices)
        x = columns(rules, scenario, money, t, choices)
        x[slots["kct.kct"]], x[slots["dependency.loss"]] = t.kct[1:], t.loss[1:]
        x[slots["security.economic"]] = t.economic[1:]
        (group,) = {
            id(g): g for g, _ in (rules.relation[f"security.economic_power[{y}]"] for y in (2026, 2031))
        }.values()
        excess = dict(zip(group.names, group.excess(x), strict=True))
        assert [excess[f"security.economic_power[{y}]"] for y in range(2026, 2032)] == approx([0.0] * 6, abs=1e-9)
        used = money.spend.sum(axis=0) + t.change_cost
        x[slots["money.available"]] = used
        budget = [rules.row[f"money.budget[{y}]"] for y in range(2026, 2030)]
        assert rules.compiled.rows[budget] @ x == approx(0.0, abs=1e-9)
