"""Substitution: quick, fading, never above its ceiling."""

import numpy as np
from equations import Equations, case, expect
from plans import best
from pytest import approx
from worlds import tiny

from kctopt.scenario.calibrate import calibrate
from kctopt.simulator import simulate, to_base_plan


def test_two_years_of_substitutes_by_hand() -> None:
    rules = Equations(tiny())
    # chips-S: reference 0.1 x 10 = 1, made 2 sqrt(u): 4 for 4, then 2 for 1. 10 -> 8 + 4 = 12 -> 9.6 + 2 = 11.6
    spend, made = {"chips-S,2026": 4.0, "chips-S,2027": 1.0}, {"chips-S,2026": 4.0, "chips-S,2027": 2.0}
    stock = {"chips-S,2026": 12.0, "chips-S,2027": 11.6}
    for year in (2026, 2027):
        assert rules.slack(f"substitution.making_law[chips-S,{year}]", substitution=spend, made=made) == approx(0)
        assert rules.slack(f"substitution.decay[chips-S,{year}]", substitute=stock, made=made) == approx(0)
    # ceiling 0.2 of the rival: 20 for chips-S, 20.4 for chips-B in 2026
    assert rules.slack("substitution.substitute[chips-S,2026]", substitute={"chips-S,2026": 20.0}) == approx(0)
    assert rules.slack("substitution.substitute[chips-B,2026]", substitute={"chips-B,2026": 20.4}) == approx(0)


def test_equations() -> None:
    expect(
        "substitution",
        case("making, decay, ceiling; the tail keeps the last year's spend", "substitution.making_law[chips-B,2026]",
             "substitution.making_law[ai-A,2030]", "substitution.decay[chips-B,2026]",
             "substitution.decay[chips-B,2027]", "substitution.substitute[chips-B,2026]",
             "substitution.substitute[chips-B,2027]"),
        case("output leans on own capability", "substitution.making_law[chips-B,2026]",
             "substitution.making_law[chips-B,2027]", substitution__capability_elasticity=0.5),
    )  # fmt: skip


def test_a_higher_ceiling_is_never_worse() -> None:
    low, high = best(substitution__ceiling=0.12), best()
    assert high.bound >= low.objective
    assert high.objective >= low.objective * (1 - 2e-4)


def test_twice_the_spend_makes_less_than_twice_the_substitutes() -> None:
    rules = Equations(tiny())

    def made(spend: float) -> float:
        return rules.slack("substitution.making_law[chips-B,2026]", substitution={"chips-B,2026": spend})

    assert made(0.0) == 0.0
    assert made(1.0) < made(2.0) < 2 * made(1.0)


def test_output_leans_on_own_capability() -> None:
    rules = Equations(tiny(substitution__capability_elasticity=0.5))
    # ai-M in 2027: reference spend 1 at an own capability of 64 of 100 makes 2 x 1 x 0.8
    state = {"substitution": {"ai-M,2027": 1.0}, "capability": {"ai-M,2026": 64.0}, "made": {"ai-M,2027": 1.6}}
    assert rules.slack("substitution.making_law[ai-M,2027]", **state) == approx(0)


def test_substitutes_replace_a_part_of_what_is_denied() -> None:
    scenario = tiny(substitution__denied_ceiling=0.5, controls__intensity={2026: 0.2, 2027: 0.4, 2028: 0.1})
    rules, most = Equations(scenario), calibrate(scenario).most_substitute
    # chips-B: half of sigma 0.8 x gap 0.6 x the tightest controls so far
    assert most[0] / calibrate(scenario).rival[0] == approx(
        0.5 * 0.8 * 0.6 * np.array([0.2, 0.2, 0.4, 0.4, 0.4, 0.4, 0.4])
    )
    limit = {"chips-B,2026": 0.048 * 102}
    assert rules.slack("substitution.substitute[chips-B,2026]", substitute=limit) == approx(0)
    # a line at or above the rival has nothing to replace
    ahead = tiny(substitution__denied_ceiling=0.5, lines__2__capability=100.0)
    assert (calibrate(ahead).most_substitute[2] == 0).all()
    assert simulate(ahead, to_base_plan(ahead)).substitute[2] == approx(np.zeros(7))


def test_base_year_substitutes_are_those_of_which_as_many_are_made_as_fade() -> None:
    base = calibrate(tiny(substitution__capability_elasticity=0.5))
    # chips-S: 0.2 s = 2 sqrt((60 - s)/100), so s^2 + s - 60 = 0
    assert base.substitute[1] == approx((-1 + 241**0.5) / 2, rel=1e-13)
