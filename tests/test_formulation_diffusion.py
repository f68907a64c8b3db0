"""Diffusion: the three caps, the other forms, controls."""

import numpy as np
import pytest
from equations import Equations, case, expect
from plans import best
from pytest import approx
from worlds import tiny

FORMS = ("three_stage", "nelson_phelps", "logistic", "none")


def test_two_years_of_the_three_caps_by_hand() -> None:
    rules = Equations(tiny())

    def limits(year: int, **state: dict[str, float]) -> list[float]:
        return [rules.slack(f"diffusion.{cap}[chips-B,{year}]", **state) for cap in ("far", "reach", "near")]

    # 2026, e = 0.2, C = 30, R = 100, sigma 0.8: 0.08 x 30 | 3 x sqrt(y/1) x 0.92 | 0.05 x 0.92 x 70
    assert limits(2026, exchange={"chips-B,2026": 1.0}) == approx([2.4, 2.76, 3.22])
    assert limits(2026, exchange={"chips-B,2026": 4.0}) == approx([2.4, 5.52, 3.22])
    # 2027, e = 0.4, C = 31, R = 102: 0.08 x 31 | 3 x sqrt(1.02 x 4) x 0.84 | 0.05 x 0.84 x 71
    state = {"exchange": {"chips-B,2027": 4.0}, "capability": {"chips-B,2026": 31.0}}
    assert limits(2027, **state) == approx([2.48, 3 * (1.02 * 4) ** 0.5 * 0.84, 2.982])


def test_moats_hold_a_lead_by_hand() -> None:
    rules = Equations(tiny())
    # ai-A at C = 110 with R = 102 and ai-M at C = 60: 0.05 x (1 - 0.5 x 0.2 x 0.4) x (102 - 110 + 0.1 x 60) = -0.096
    state = {"capability": {"ai-A,2026": 110.0, "ai-M,2026": 60.0}, "moat": {"ai,2026": 60.0}}
    assert rules.slack("diffusion.moat_of_domain[ai,2026]", **state) == approx(0)
    assert rules.slack("diffusion.near[ai-A,2027]", **state) == approx(-0.096)


def test_equations() -> None:
    lines = ("diffusion.far[chips-B,{}]", "diffusion.reach[chips-B,{}]", "diffusion.near[chips-B,{}]")
    expect(
        "diffusion",
        case("three stages", *(name.format(t) for t in (2026, 2027) for name in lines), "diffusion.reach[chips-B,2031]",
             "diffusion.near[ai-A,2026]", "diffusion.near[ai-A,2027]", "diffusion.moat_of_domain[ai,2026]",
             "diffusion.inflow[chips-B,2026]"),
        case("two moats in a domain", "diffusion.moat_of_domain[ai,2026]", lines__2__moat=0.5, lines__3__weight=2.0),
        case("Nelson-Phelps", "diffusion.near[chips-B,2027]", diffusion__form="nelson_phelps"),
        case("logistic", "diffusion.logistic[chips-B,2026]", "diffusion.logistic[chips-B,2027]",
             diffusion__form="logistic"),
        case("none", "diffusion.no_inflow[chips-B,2026]", diffusion__form="none"),
    )  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_tighter_controls_are_never_better(form: str) -> None:
    outcomes = [best(diffusion__form=form, controls__intensity={2025: 0.2, 2026: e, 2029: e}) for e in (0.2, 0.9)]
    open_, tight = outcomes
    assert tight.objective <= open_.bound
    assert tight.objective < open_.objective  # at the least by the cut-off loss


def test_inflow_rises_with_exchange_and_turns_negative_beyond_parity_and_leverage() -> None:
    rules, rng = Equations(tiny()), np.random.default_rng(0)
    for spend in rng.exponential(1.0, 20):
        less = rules.slack("diffusion.reach[ai-M,2027]", exchange={"ai-M,2027": spend})
        assert rules.slack("diffusion.reach[ai-M,2027]", exchange={"ai-M,2027": spend + 0.1}) > less
    parity = 100 / 0.9  # of ai-M, its own moat: R - C + 0.1 C = 0
    for above, sign in ((-1, 1), (0, 0), (1, -1)):
        state = {"capability": {"ai-M,2026": parity + above}, "moat": {"ai,2026": parity + above}}
        assert rules.slack("diffusion.near[ai-M,2027]", **state) == approx(sign * 0.048 * 0.9)
