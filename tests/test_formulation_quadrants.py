"""Cooperation quadrants: exchange shares, exposure, the shield."""

from itertools import pairwise

import numpy as np
from equations import Equations, case, expect
from plans import best
from pytest import approx
from worlds import tiny


def test_two_years_of_exchange_rules_by_hand() -> None:
    rules = Equations(tiny())
    for year in (2026, 2027):
        spend = {f"chips-B,{year}": 10.0, f"chips-S,{year}": 10.0, f"ai-A,{year}": 20.0, f"ai-M,{year}": 10.0}
        # managed 0.20 of 10, barrier 0.02 of 10, widen 0.10 to 0.60 of 20, active 0.45 of 10
        most = {"chips-B": 2.0, "chips-S": 0.2, "ai-A": 12.0, "ai-M": 4.5}
        for line, amount in most.items():
            exchange = {f"{line},{year}": amount}
            assert rules.slack(f"quadrants.exchange_cap[{line},{year}]", spend=spend, exchange=exchange) == approx(0)
        least = {f"ai-A,{year}": 2.0}
        assert rules.slack(f"quadrants.exchange_floor[ai-A,{year}]", spend=spend, exchange=least) == approx(0)
        # exposure 0.8 x 2 + 0.9 x 0.2 + 0.2 x 12 + 0.2 x 4.5 = 5.08, against 5
        exchange = {f"{line},{year}": amount for line, amount in most.items()}
        limit = {str(year): 5.0}
        assert rules.slack(f"quadrants.exposure[{year}]", exchange=exchange, exposure_limit=limit) == approx(-0.08)


def test_the_shield_by_hand() -> None:
    # chips-S and chips-B both in the barrier: half of their spend must go to chips-S
    rules = Equations(tiny(lines__0__growth=0.2))
    for given, slack in ((10.0, 0.0), (8.0, -1.0)):  # 0.5 x chips-S - 0.5 x chips-B
        spend = {"chips-S,2026": given, "chips-B,2026": 10.0}
        assert rules.slack("quadrants.shield[barrier,2026]", spend=spend) == approx(slack)


def test_equations() -> None:
    lines = ("chips-B", "chips-S", "ai-A", "ai-M")
    expect(
        "quadrants",
        case("exchange shares and exposure", "quadrants.exchange_floor[ai-A,2026]",
             *(f"quadrants.exchange_cap[{line},2026]" for line in lines), "quadrants.exposure[2026]",
             "quadrants.exposure_limit[2026]"),
        case("two lines behind the barrier", "quadrants.shield[barrier,2026]", lines__0__growth=0.2,
             lines__0__security=0.25),
    )  # fmt: skip


def test_every_plan_keeps_the_rules_and_more_exposure_is_never_worse() -> None:
    outcomes = [best(cooperation__exposure_limit=limit) for limit in (0.5, 1.5, 5.0)]
    for less, more in pairwise(outcomes):
        assert more.bound >= less.objective
        assert more.objective >= less.objective * (1 - 2e-4)
    money = outcomes[0].money
    sensitivity = np.array([0.8, 0.9, 0.2, 0.2])
    assert (sensitivity @ money.exchange <= 0.5 + 1e-6).all()
    share = money.exchange / money.spend
    assert (share <= np.array([[0.2], [0.02], [0.6], [0.45]]) + 1e-6).all()
    assert (share[2] >= 0.1 - 1e-6).all()
