"""National security: powers and the four forms."""

import pytest
from equations import Equations, case, expect
from pytest import approx
from worlds import tiny

# KCT is then linear: 58 in 2025, and the loss 0.96 - 0.60 (see test_simulate_by_hand)
WORLD = {"kct__form": "linear", "kct__rho_domains": 1.0, "cut_off__shield": 0.01}
FORMS = ("cobb_douglas", "ces", "leontief", "linear")


@pytest.mark.parametrize("form", FORMS)
def test_two_years_by_hand(form: str) -> None:
    rules = Equations(tiny(security__form=form, **WORLD))
    for n, (kct, moat, guard, loss) in enumerate([(58.6, 60.0, 61.0, 0.334), (59.2, 62.0, 60.0, 0.5)], start=1):
        year, ratio = 2025 + n, kct / 58
        economic = 100 * 1.02**n * ratio**0.2 - loss
        military = 100 * 1.03**n * ratio**0.2 * ((moat + guard) / 120) ** 0.3
        technology = 100 * ratio
        security = {
            "linear": 0.4 * economic + 0.3 * military + 0.3 * technology,
            "cobb_douglas": economic**0.4 * military**0.3 * technology**0.3,
            "ces": 1 / (0.4 / economic + 0.3 / military + 0.3 / technology),
            "leontief": min(economic, military, technology),
        }[form]
        t = str(year)
        state = {"kct": {t: kct}, "score": {f"ai,M,{t}": moat, f"chips,S,{t}": guard}, "loss": {t: loss},
                 "economic": {t: economic}, "military": {t: military}, "security": {t: security}}  # fmt: skip
        assert rules.slack(f"security.economic_power[{t}]", **state) == approx(0, abs=1e-9)
        assert rules.slack(f"security.military_power[{t}]", **state) == approx(0, abs=1e-9)
        names = [f"security.least[{t},{part}]" for part in range(3)] if form == "leontief" else [
            f"security.security_law[{t}]"
        ]  # fmt: skip
        assert min(rules.slack(name, **state) for name in names) == approx(0, abs=1e-9)


def test_equations() -> None:
    law = "security.security_law[2026]"
    expect(
        "security",
        case("powers; Cobb-Douglas", "security.economic_power[2026]", "security.economic_power[2027]",
             "security.military_power[2026]", law, **WORLD),
        case("another index of military power, no shield", "security.military_power[2026]", military__index="material",
             military__shield_elasticity=0.0, **WORLD),
        case("ces", law, security__form="ces", security__rho=-2.0, **WORLD),
        case("linear", law, security__form="linear", **WORLD),
        case("Leontief", *(f"security.least[2026,{part}]" for part in range(3)), security__form="leontief", **WORLD),
    )  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_the_base_year_without_cut_off_is_100(form: str) -> None:
    """With no trends, no loss and the base year's state every index stands at 100, and stays there."""
    still = {"economy__trend": 0.0, "military__index": "material", "military__indices__1__trend": 0.0}
    rules = Equations(tiny(security__form=form, **still, **WORLD))
    for t in ("2026", "2031"):
        state = {"kct": {t: 58.0}, "score": {f"ai,M,{t}": 60.0, f"chips,S,{t}": 60.0}, "loss": {t: 0.0},
                 "economic": {t: 100.0}, "military": {t: 100.0}, "security": {t: 100.0}}  # fmt: skip
        for name in (*rules.row, *rules.relation):
            if name.startswith("security.") and t in name:
                assert rules.slack(name, **state) == approx(0, abs=1e-9), name


def test_more_of_any_power_never_means_less_security() -> None:
    for form in FORMS:
        rules = Equations(tiny(security__form=form))
        names = [name for name in (*rules.row, *rules.relation) if name.startswith(("security.security_law[2026",
                                                                                   "security.least[2026"))]  # fmt: skip
        state = {"economic": {"2026": 90.0}, "military": {"2026": 80.0}, "kct": {"2026": 50.0}}
        start = min(rules.slack(name, **state) for name in names)
        for part in state:
            more = state | {part: {"2026": state[part]["2026"] + 5}}
            assert min(rules.slack(name, **more) for name in names) >= start
