"""Dependency and the loss from a cut-off."""

import numpy as np
from equations import Equations, case, expect
from plans import best
from pytest import approx
from worlds import tiny

from kctopt.scenario.calibrate import calibrate, denial_path
from kctopt.simulator import simulate, to_base_plan


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
        case("military power", "dependency.military_cut_off[2026]", "security.military_power[2026]",
             cut_off__military_loss=5.0),
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


def test_a_greater_possible_loss_is_worse_for_any_plan() -> None:
    """100 is the base year without cut-off: indices by the base year with its loss would rise with it."""
    money = to_base_plan(tiny())
    for changed in ({"cut_off__loss": 12.0}, {"cut_off__military_loss": 2.0}):
        more, less = simulate(tiny(**changed), money), simulate(tiny(), money)
        assert (more.security <= less.security).all() and more.objective < less.objective


def test_a_cut_off_hits_military_power_through_moats_and_security() -> None:
    scenario = tiny(cut_off__military_loss=5.0)
    rules = Equations(scenario)
    # chips-S and ai-M carry it, weights 0.9/2 and 0.2/2: e = 0.2, 5 x (0.45 x 0.39 + 0.1 x 0.4)
    state = {"dependency": {"chips-S,2026": 0.39, "ai-M,2026": 0.4}}
    loss = 0.2 * 5 * (0.45 * 0.39 + 0.1 * 0.4)
    assert rules.slack("dependency.military_cut_off[2026]", military_loss={"2026": loss}, **state) == approx(0)
    kept, without = simulate(scenario, to_base_plan(scenario)), simulate(tiny(), to_base_plan(tiny()))
    assert kept.military_loss[1] == approx(loss)
    assert without.military[0] == approx(100)
    assert kept.military == approx(without.military - kept.military_loss)


def test_a_year_of_full_denial_and_recovery() -> None:
    shock = {"cut_off__denial": {2026: 0.0, 2027: 1.0, 2028: 0.0}}
    assert denial_path(tiny(**shock)) == approx([0, 0, 1, 0, 0, 0, 0])
    assert denial_path(tiny(cut_off__recovery=0.5, **shock)) == approx([0, 0, 1, 0.5, 0.25, 0.125, 0.0625])
    # what is denied is the larger of controls (0.2, 0.2, 0.4, 0.6, 0.8, then 0.8) and shock
    slow = tiny(cut_off__recovery=0.25, **shock)
    assert calibrate(slow).denied == approx([0.2, 0.2, 1, 0.75, 0.8, 0.8, 0.8])
    calm, struck = (simulate(each, to_base_plan(each)) for each in (tiny(), slow))
    times = np.array([1, 1, 1 / 0.4, 0.75 / 0.6, 1, 1, 1])
    choked = calm.loss + 0.02 * calm.national_score[3]
    assert struck.loss == approx(np.maximum(0, times * choked - 0.02 * calm.national_score[3]))
    assert struck.capability == approx(calm.capability)  # a shock strikes supply, not learning
