"""Cooperation modes: one a plan, exchange and inflow through it, its limits, exposure, market gain, cost of change."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from equations import Equations, case, expect
from lawful_plans import Plan, broken, columns, random_money
from pytest import approx
from worlds import MODES, small, tiny

from kctopt.scenario.records import Scenario
from kctopt.scenario.select import quadrant
from kctopt.simulate import Money, World, simulate
from kctopt.simulate.laws import reach_cap
from kctopt.simulate.money import with_tail

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


def chosen(scenario: Scenario, seed: int) -> tuple[Plan, np.ndarray, dict[str, np.ndarray]]:
    """A plan with a random mode for each domain and plan, exchange within its limits, and the columns of the block."""
    rng, plans, ids = np.random.default_rng(seed), scenario.horizon.plans, [d.id for d in scenario.domains]
    mode = rng.integers(0, 3, (len(ids), len(plans)))
    period = np.array([n for n, plan in enumerate(plans) for _ in range(plan.first, plan.last + 1)])
    of_line = mode[[ids.index(line.domain) for line in scenario.lines]][:, period]  # (L, N)
    rules = {rule.id: rule for rule in scenario.quadrants}
    own = [rules[quadrant(scenario, i)] for i in range(len(scenario.lines))]  # type: ignore[index]
    largest = np.array([m["max_exchange"] for m in MODES])[of_line]
    least = np.minimum(largest, np.array([[rule.min_exchange] for rule in own]))
    most = np.minimum(largest, np.array([[rule.max_exchange] for rule in own]))
    if scenario.cooperation.choice == "free":
        least, most = np.zeros_like(largest), largest
    money = random_money(scenario, seed)
    rest = money.strategic.sum(axis=1) + money.substitution  # exchange is a share of this and itself
    share = least + (most - least) * rng.random(least.shape) * 0.3
    money = replace(money, exchange=rest * share / (1 - share))
    factor, mu = np.array([m["exchange"] for m in MODES])[of_line], scenario.diffusion.exchange_elasticity
    as_if = replace(money, exchange=money.exchange * factor ** (1 / mu))  # brings f (y/ybar)^mu
    within = np.eye(3)[of_line]
    reach = brought(scenario, as_if)
    changed = np.diff(mode, axis=1, prepend=[[NAMES.index(d.mode)] for d in scenario.domains]) != 0
    extra = {
        "modes_mode": np.eye(3)[mode],
        "modes_change": changed.astype(float),
        "modes_exchange": money.exchange[..., None] * within,
        "modes_inflow": reach[..., None]
        * np.moveaxis(with_tail(np.moveaxis(within, 2, 0), scenario.horizon.tail), 0, 2),
    }
    return Plan(money, simulate(scenario, as_if), mode), mode, extra


def brought(scenario: Scenario, money: Money) -> np.ndarray:
    """What exchange brings by line and year, whatever the mode."""
    return np.asarray(reach_cap(World.of(scenario), with_tail(money.exchange, scenario.horizon.tail)))


@pytest.mark.parametrize("choice", ["mask", "free"])
@pytest.mark.parametrize("make", [tiny, small])
def test_plans_in_any_modes_keep_every_rule_and_in_other_modes_break_one(make: object, choice: str) -> None:
    scenario = make(**ON | {"cooperation__choice": choice, "cooperation__exposure_limit": 50.0})  # type: ignore[operator]
    rules = Equations(scenario)
    for seed in range(10):
        plan, mode, extra = chosen(scenario, seed)
        x = columns(rules, plan, **extra)
        assert list(broken(rules, x, *OWN)) == []
        other = np.eye(3)[(mode + 1) % 3]
        wrong = set(broken(rules, columns(rules, plan, **extra | {"modes_mode": other}), *OWN))
        assert {"modes.open", "modes.inflow_law"} <= {name.partition("[")[0] for name in wrong}


def test_a_change_of_mode_is_paid_for() -> None:
    rules = Equations(tiny(**ON))
    for seed in range(10):
        plan, _, extra = chosen(tiny(**ON), seed)
        if extra["modes_change"].any():
            free = columns(rules, plan, **extra | {"modes_change": np.zeros_like(extra["modes_change"])})
            assert any(name.startswith("modes.change_up") for name in broken(rules, free, "modes."))
            return
    raise AssertionError("no change among the plans")


def test_guarded_throughout_is_the_program_without_modes() -> None:
    """The mode of the base year with factors of 1 and the quadrants' own shares changes nothing a plan can do."""
    wide = [mode | {"max_exchange": 1.0} if mode["id"] == "guarded" else mode for mode in MODES]
    scenario = tiny(**ON | {"modes": wide})
    plain, rules = Equations(tiny()), Equations(scenario)
    guarded = {"modes_mode": np.tile([0.0, 1.0, 0.0], (2, 2, 1))}
    for seed in range(5):
        money = random_money(scenario, seed)
        plan = Plan(money, simulate(tiny(), money), np.zeros(0))
        within = np.eye(3)[1]
        extra = guarded | {"modes_exchange": money.exchange[..., None] * within,
                           "modes_inflow": brought(scenario, money)[..., None] * within}  # fmt: skip
        blocks = ("ladder.", "knowledge.", "diffusion.", "quadrants.")
        before = set(broken(plain, columns(plain, plan), *blocks))
        after = set(broken(rules, columns(rules, plan, **extra), *blocks, "modes."))
        assert {
            name.replace("modes.floor", "quadrants.exchange_floor").replace(",guarded]", "]") for name in after
        } == before
