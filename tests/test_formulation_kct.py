"""KCT value: scores, the five forms, the national mean."""

import numpy as np
import pytest
from equations import Equations, case, expect
from pytest import approx
from worlds import small, tiny

from kctopt.formulation.kct import base_scores, base_value, domain_value
from kctopt.scenario.calibrate import calibrate

FORMS = ("nested", "ces", "cobb_douglas", "leontief", "linear")
AI_NESTED = 90**0.2 * 60**0.8
BY_HAND = [  # chips has B 40 and S 60 with weights 2/3, 1/3; ai has A 90 and M 60 with weights 1/2, 1/2
    ("linear", 140 / 3, 75.0),
    ("leontief", 40.0, 60.0),
    ("cobb_douglas", 40 ** (2 / 3) * 60 ** (1 / 3), (90 * 60) ** 0.5),
    ("ces", 45.0, 72.0),
    ("nested", 45.0, AI_NESTED),
]


@pytest.mark.parametrize(("form", "chips", "ai"), BY_HAND)
def test_two_years_by_hand(form: str, chips: float, ai: float) -> None:
    rules = Equations(tiny(kct__form=form))
    for year in (2026, 2027):
        rival = 100 * 1.02 ** (year - 2025)  # of chips-B; 40 % of it are in hand, a quarter of them substitutes
        usable = {"capability": {f"chips-B,{year}": 0.3 * rival}, "substitute": {f"chips-B,{year}": 0.1 * rival}}
        score = {f"chips,B,{year}": 40.0, f"chips,S,{year}": 60.0, f"ai,A,{year}": 90.0, f"ai,M,{year}": 60.0}
        assert rules.slack(f"kct.score_of_type[chips,B,{year}]", score=score, **usable) == approx(0)
        state = {"score": score, "kct_domain": {f"chips,{year}": chips, f"ai,{year}": ai}}
        if form == "nested":
            state["weak_link"] = {f"chips,{year}": 45.0, f"ai,{year}": 60.0}
            assert rules.slack(f"kct.weak_link_law[chips,{year}]", **state) == approx(0)
        for domain in ("chips", "ai"):
            names = [n for n in (*rules.row, *rules.relation) if n.startswith(f"kct.domain_value[{domain},")]
            assert min(rules.slack(n, **state) for n in names if f"{year}]" in n) == approx(0, abs=1e-9)
        state["kct"] = {str(year): chips**0.6 * ai**0.4}
        assert rules.slack(f"kct.national_value[{year}]", **state) == approx(0, abs=1e-9)


@pytest.mark.parametrize(("form", "chips", "ai"), BY_HAND)
def test_base_year_by_hand(form: str, chips: float, ai: float) -> None:
    scenario = tiny(kct__form=form)
    base = calibrate(scenario)
    assert base_scores(scenario, base) == approx(
        {("chips", "B"): 40, ("chips", "S"): 60, ("ai", "A"): 90, ("ai", "M"): 60}
    )
    assert base_value(scenario, base) == approx(chips**0.6 * ai**0.4)


def test_equations() -> None:
    names = ("kct.domain_value[chips,2026]", "kct.domain_value[ai,2026]")
    only_a = {"lines__3__domain": "chips"}
    expect(
        "kct",
        case("scores; nested: weak link times accelerators; chips has none", "kct.score_of_type[chips,B,2026]",
             "kct.weak_link_law[chips,2026]", "kct.weak_link_law[ai,2026]", *names, "kct.national_value[2026]"),
        case("nested with accelerators only, and a geometric weak link", "kct.weak_link_law[ai,2026]",
             "kct.weak_link_law[chips,2026]", "kct.domain_value[ai,2026]", kct__rho=0.0, **only_a),
        case("a linear weak link and national value", "kct.weak_link_law[chips,2026]", "kct.national_value[2026]",
             kct__rho=1.0, kct__rho_domains=1.0),
        case("two lines share a type", "kct.score_of_type[chips,B,2026]", lines__1__bottleneck=0.5,
             lines__0__weight=2.0),
        case("ces", *names, "kct.national_value[2026]", kct__form="ces", kct__rho_domains=-0.5),
        case("Cobb-Douglas", *names, kct__form="cobb_douglas"),
        case("Leontief", "kct.domain_value[chips,B,2026]", "kct.domain_value[chips,S,2026]", kct__form="leontief"),
        case("linear", *names, "kct.national_value[2026]", kct__form="linear", kct__rho_domains=1.0),
    )  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_laws_of_the_value_of_a_domain(form: str) -> None:
    kct, rng = tiny(kct__form=form, kct__rho=-2.0).kct, np.random.default_rng(2)
    for numbers in rng.uniform(5, 200, (30, 4)):
        scores = dict(zip("BAMS", map(float, numbers), strict=True))
        value = domain_value(kct, scores)
        assert min(numbers) - 1e-9 <= value <= max(numbers) + 1e-9
        assert domain_value(kct, {k: 3 * z for k, z in scores.items()}) == approx(3 * value)
        for kind in "BAMS":
            assert domain_value(kct, scores | {kind: scores[kind] + 1}) >= value
    assert domain_value(kct, dict.fromkeys("BAMS", 100.0)) == approx(100)


@pytest.mark.parametrize("form", FORMS)
def test_a_world_level_with_its_rival_has_100(form: str) -> None:
    level = {f"lines__{i}__capability": 100.0 for i in range(12)}
    scenario = small(kct__form=form, **level)
    assert base_value(scenario, calibrate(scenario)) == approx(100)
