"""Dependency and the loss from a cut-off."""

from equations import Equations, case, expect
from plans import best
from pytest import approx
from worlds import tiny


def test_two_years_by_hand() -> None:
    rules = Equations(tiny())
    # chips-B: U = 30 + 10.8 = 40.8 of R = 102 in 2026: dependency 0.6; 52.02 of 104.04 in 2027: 0.5
    state = {"capability": {"chips-B,2026": 30.0, "chips-B,2027": 40.0},
             "substitute": {"chips-B,2026": 10.8, "chips-B,2027": 12.02},
             "dependency": {"chips-B,2026": 0.6, "chips-B,2027": 0.5}}  # fmt: skip
    assert rules.slack("dependency.gap[chips-B,2026]", **state) == approx(0)
    assert rules.slack("dependency.gap[chips-B,2027]", **state) == approx(0)
    # loss: e x 10 x sigma 0.8 x dependency, less 0.02 x the security score 20
    state |= {"score": {"chips,S,2026": 20.0, "chips,S,2027": 20.0}, "loss": {"2026": 0.96 - 0.4, "2027": 1.6 - 0.4}}
    assert rules.slack("dependency.cut_off[2026]", **state) == approx(0)  # e = 0.2
    assert rules.slack("dependency.cut_off[2027]", **state) == approx(0)  # e = 0.4


def test_equations() -> None:
    expect(
        "dependency",
        case("dependency and loss", "dependency.dependency[chips-B,2026]", "dependency.gap[chips-B,2026]",
             "dependency.gap[chips-B,2027]", "dependency.cut_off[2026]", "dependency.cut_off[2027]"),
        case("two bottlenecks; the security score is a mean of domains", "dependency.cut_off[2026]",
             lines__1__bottleneck=0.5, lines__3__security=0.5, lines__1__exposure_weight=2.0),
    )  # fmt: skip


def test_loss_lies_between_nothing_and_full_dependency() -> None:
    rules = Equations(tiny())
    worst = 0.8 * 10 * 0.8  # e in 2029, loss, sigma
    full = {"dependency": {"chips-B,2029": 1.0}}
    assert rules.slack("dependency.cut_off[2029]", loss={"2029": worst}, **full) == approx(0)
    for score in (0.0, 50.0, 200.0):
        shielded = {"score": {"chips,S,2029": score}}
        assert rules.slack("dependency.cut_off[2029]", loss={"2029": worst}, **full, **shielded) == approx(0.02 * score)


def test_a_greater_possible_loss_is_never_better_and_a_shield_never_worse() -> None:
    start = best()
    assert best(cut_off__loss=25.0).objective < start.bound
    assert best(cut_off__shield=0.0).objective < start.bound
