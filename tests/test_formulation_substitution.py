"""Substitution: quick, fading, never above its ceiling."""

from equations import Equations, case, expect
from plans import best
from pytest import approx
from worlds import tiny


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
