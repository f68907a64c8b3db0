"""The simulator against cases a reader can follow with a calculator. All use the world of `worlds.tiny`.

Its base year: substitutes s0 = b/delta_s = 2/0.2 = 10 on every line, so C0 = U0 - 10 = 30, 50, 80, 50 for
chips-B, chips-S, ai-A, ai-M; stocks by rung are 1.5, 1.0 and 0.8 times C0.
"""

from dataclasses import replace

import numpy as np
import pytest
from pytest import approx
from worlds import tiny

from kctopt.scenario.records import Scenario
from kctopt.simulator import Money, Trajectory, World, simulate, to_base_plan

CHIPS_B, CHIPS_S, AI_A, AI_M = range(4)
F, P, R = range(3)


def run(scenario: Scenario, **tracks: np.ndarray) -> Trajectory:
    return simulate(scenario, replace(to_base_plan(scenario), **tracks))


def scaled(scenario: Scenario, line: int, rung: int, first_year: float) -> np.ndarray:
    """Base-plan strategic spend with one line's rung multiplied in the first year."""
    strategic = to_base_plan(scenario).strategic.copy()
    strategic[line, rung, 0] *= first_year
    return strategic


def test_base_plan_splits_spend_as_in_the_base_year() -> None:
    plan = to_base_plan(tiny())
    # ai-A: 20 a year, of it 0.2 exchange and 0.1 substitution; the remaining 14 by 0.5, 0.3, 0.2
    assert plan.exchange[AI_A] == approx([4.0] * 4)
    assert plan.substitution[AI_A] == approx([2.0] * 4)
    assert plan.strategic[AI_A, :, 3] == approx([7.0, 4.2, 2.8])
    assert plan.spend[AI_A] == approx([20.0] * 4)


def test_base_spend_continues_the_recorded_trend() -> None:
    trajectory = run(tiny())
    # U/R in 2026 is U/R in 2025 plus the trend: 0.01, 0.01, 0, 0
    assert (trajectory.usable / trajectory.rival)[:, 1] == approx([0.41, 0.61, 0.90, 0.60])


def test_two_years_of_knowledge_and_ladder() -> None:
    scenario = tiny(diffusion__form="none")
    strategic = scaled(scenario, CHIPS_S, F, 4.0)
    strategic[CHIPS_S, P, 0] *= 7.0
    strategic[CHIPS_S, R, 0] *= 7.0
    trajectory = run(scenario, strategic=strategic)
    stock, made = trajectory.stock[CHIPS_S], trajectory.production[CHIPS_S]
    # 2025: C = 50, stocks 75, 50, 40. Base effort carries C to 0.61 x 100 - 10 = 51, stocks to 76.5, 51, 40.8,
    # so base production is 76.5 - 0.8x75 = 16.5, 51 - 0.9x50 = 6 and 40.8 - 0.95x40 = 2.8.
    assert stock[:, 0] == approx([75.0, 50.0, 40.0])
    # 2026: z_F = 4 (no lag), z_P = (7 + 1)/2 = 4, z_R = 1 (first lag 1); production x sqrt(z) = x2, x2, x1
    assert made[:, 0] == approx([33.0, 12.0, 2.8])
    assert stock[:, 1] == approx([0.8 * 75 + 33, 0.9 * 50 + 12, 0.95 * 40 + 2.8])  # 93, 57, 40.8
    assert trajectory.capability[CHIPS_S, 1] == approx(0.2 * 93 + 0.3 * 57 + 0.5 * 40.8)  # 56.1
    # Accelerators that reach chips are ai-A: 80 in 2025, 0.9 x 102 - 10 = 81.8 in 2026, index 102.25
    assert trajectory.accelerator[0, :2] == approx([100.0, 102.25])
    # 2027: z_F = 1, z_P = (1 + 7)/2 = 4, z_R = (7 + 1)/2 = 4; own stock against 2025: 93/75, 57/50, 40.8/40
    assert made[F, 1] == approx(16.5 * 1 * 1.0225**0.2 * 1.24**0.2)
    assert made[P, 1] == approx(6.0 * 2 * 1.0225**0.2 * 1.14**0.2)
    assert made[R, 1] == approx(2.8 * 2 * 1.0225**0.2 * 1.02**0.2)
    assert stock[R, 2] == approx(0.95 * 40.8 + made[R, 1])


def test_no_rung_stands_above_the_one_below() -> None:
    scenario = tiny(diffusion__form="none")
    trajectory = run(scenario, strategic=scaled(scenario, CHIPS_S, F, 0.0))
    stock = trajectory.stock[CHIPS_S]
    # 2026: no functional production, k_F = 0.8 x 75 = 60; k_P = 51 stays below it
    assert stock[:, 1] == approx([60.0, 51.0, 40.8])
    strategic = to_base_plan(scenario).strategic.copy()
    strategic[CHIPS_S, F] = 0.0
    stock = run(scenario, strategic=strategic).stock[CHIPS_S]
    # 2027: k_F = 0.8 x 60 = 48; performance would stand at 0.9 x 51 + 6 = 51.9 or more, and is held at 48
    assert stock[:2, 2] == approx([48.0, 48.0])
    # 2028: 38.4 holds all three
    assert stock[:, 3] == approx([38.4, 38.4, 38.4])


def test_induced_innovation_and_yield_factor() -> None:
    scenario = tiny(
        diffusion__form="none", knowledge__induced_innovation=0.5, knowledge__yield_factor=1.1,
        controls__intensity={2025: 0.2, 2026: 0.6},
    )  # fmt: skip
    # chips-S, sigma 0.9, controls up by 0.4: yield x 1 + 0.5 x 0.9 x 0.4 = 1.18, and x 1.1
    assert run(scenario).production[CHIPS_S, :, 0] == approx([16.5 * 1.18 * 1.1, 6 * 1.18 * 1.1, 2.8 * 1.18 * 1.1])


def test_three_caps_of_diffusion() -> None:
    trajectory = run(tiny())
    # 2026, e = 0.2: far 0.08 C | reach 3 sqrt(y/y_ref)(1 - 0.5 sigma e) | near 0.05 (1 - 0.5 sigma e)(100 - C + lead)
    # chips-B: far 2.4 | reach 3 x 0.92 = 2.76 | near 0.046 x 70 = 3.22
    # chips-S: far 4.0 | reach 3 sqrt(0.1) x 0.91 = 0.863 | near 0.0455 x 50 = 2.275
    # ai-A:    far 6.4 | reach 3 sqrt(2) x 0.98 = 4.16 | near 0.049 x (20 + 5) = 1.225, lead 0.1 x C of the moat = 5
    # ai-M:    far 4.0 | reach 2.94 | near 0.049 x (50 + 5) = 2.695
    assert trajectory.inflow[:, 0] == approx([2.4, 3 * 0.1**0.5 * 0.91, 1.225, 2.695])
    assert trajectory.binding[:, 0].tolist() == [0, 1, 2, 2]
    assert trajectory.leverage[:, 0] == approx([0.0, 0.0, 5.0, 5.0])
    # stages by gap 0.7, 0.5, 0.2, 0.5 against 0.60 and 0.25
    assert trajectory.gap_band[:, 0].tolist() == [0, 1, 2, 1]


def test_reach_cap_grows_with_the_rival() -> None:
    trajectory = run(tiny(lines__1__rival_growth=0.21))
    # chips-S reads R of the year before: 100, then 121, and 1.21 ** (1 - 0.5) = 1.1; e = 0.2 then 0.4
    assert trajectory.inflow[CHIPS_S, 0] == approx(3 * 0.1**0.5 * 0.91)
    assert trajectory.inflow[CHIPS_S, 1] == approx(3 * 1.1 * 0.1**0.5 * (1 - 0.5 * 0.9 * 0.4))


@pytest.mark.parametrize(
    ("form", "inflow"),
    [
        ("nelson_phelps", [3.22, 2.275, 1.225, 2.695]),  # the near caps above
        ("logistic", [0.046 * 30 * 0.7, 0.0455 * 50 * 0.5, 0.049 * 80 * 0.2, 0.049 * 50 * 0.5]),  # c C (1 - C/R)
        ("none", [0.0, 0.0, 0.0, 0.0]),
    ],
)
def test_other_forms_of_diffusion(form: str, inflow: list[float]) -> None:
    trajectory = run(tiny(diffusion__form=form))
    assert trajectory.inflow[:, 0] == approx(inflow)
    assert (trajectory.binding == -1).all()


def test_a_lead_beyond_parity_and_leverage_erodes() -> None:
    # ai-A at U = 140: C = 130, lead 5, near cap 0.049 x (100 - 130 + 5) = -1.225
    trajectory = run(tiny(lines__2__capability=140.0, lines__2__rival_growth=0.0))
    assert trajectory.inflow[AI_A, 0] == approx(-1.225)
    assert trajectory.usable[AI_A, 1] == approx(140.0)  # base effort was calibrated to hold it
    assert trajectory.dependency[AI_A, 0] == 0.0


def test_substitutes_fade_and_stop_at_the_ceiling() -> None:
    scenario = tiny()
    substitution = to_base_plan(scenario).substitution.copy()
    substitution[CHIPS_S] = [4.0, 1.0, 0.0, 100.0]  # reference is 0.1 x 10 = 1
    trajectory = run(scenario, substitution=substitution)
    # made 2 sqrt(u): 4, 2, 0, 20, and 20 in both tail years
    assert trajectory.made[CHIPS_S] == approx([4.0, 2.0, 0.0, 20.0, 20.0, 20.0])
    # 10 -> 8 + 4 = 12 -> 9.6 + 2 = 11.6 -> 9.28 -> 7.424 + 20, held at 0.2 x 100 = 20, and so on
    assert trajectory.substitute[CHIPS_S] == approx([10.0, 12.0, 11.6, 9.28, 20.0, 20.0, 20.0])


AI_NESTED = 90**0.2 * 60**0.8


@pytest.mark.parametrize(
    ("form", "chips", "ai"),
    [  # chips has B 40 and S 60 with weights 2/3, 1/3; ai has A 90 and M 60 with weights 1/2, 1/2
        ("linear", 140 / 3, 75.0),
        ("leontief", 40.0, 60.0),
        ("cobb_douglas", 40 ** (2 / 3) * 60 ** (1 / 3), (90 * 60) ** 0.5),
        ("ces", 45.0, 72.0),  # rho = -1: 1 / (2/3/40 + 1/3/60) and 2 / (1/90 + 1/60)
        ("nested", 45.0, AI_NESTED),  # chips has no accelerators, so no multiplier
    ],
)
def test_kct_forms(form: str, chips: float, ai: float) -> None:
    trajectory = run(tiny(kct__form=form))
    assert trajectory.score[:, :, 0] == approx(
        np.array([[40, np.nan, np.nan, 60], [np.nan, 90, 60, np.nan]]), nan_ok=True
    )
    assert trajectory.kct_domain[:, 0] == approx([chips, ai])
    assert trajectory.kct[0] == approx(chips**0.6 * ai**0.4)  # rho over domains is 0
    assert run(tiny(kct__form=form, kct__rho_domains=1.0)).kct[0] == approx(0.6 * chips + 0.4 * ai)


def test_a_domain_with_accelerators_only_has_their_score() -> None:
    scenario = tiny(lines__3__domain="chips")
    assert run(scenario).kct_domain[1, 0] == approx(90.0)
    assert run(scenario).national_score[:, 0] == approx([40.0, 90.0, 60.0, 60.0])


@pytest.mark.parametrize("form", ["linear", "cobb_douglas", "ces", "leontief"])
def test_one_year_of_national_security(form: str) -> None:
    scenario = tiny(kct__form="linear", kct__rho_domains=1.0, cut_off__shield=0.01, security__form=form)
    trajectory = run(scenario)
    # loss: e 0.2 x 10 x sigma 0.8 x dependency of chips-B, 0.6 then 0.59, less 0.01 x security score 60, then 61
    assert trajectory.loss[:2] == approx([0.96 - 0.60, 0.944 - 0.61])
    # KCT: 0.6 x 140/3 + 0.4 x 75 = 58; 2026: chips (0.4x41 + 0.2x61)/0.6 = 143/3, so 58.6
    assert trajectory.kct[:2] == approx([58.0, 58.6])
    technology = 100 * 58.6 / 58
    economic = 100 * 1.02 * (58.6 / 58) ** 0.2 - 0.334
    military = 103 * (58.6 / 58) ** 0.2 * (60.5 / 60) ** 0.3  # mean of M 60 and S 61 over 60
    assert trajectory.economic[:2] == approx([100 - 0.36, economic])
    assert trajectory.military[:2] == approx([100.0, military])
    assert trajectory.technology[:2] == approx([100.0, technology])
    for n, (E, M, K) in enumerate([(100 - 0.36, 100.0, 100.0), (economic, military, technology)]):
        security = {
            "linear": 0.4 * E + 0.3 * M + 0.3 * K,
            "cobb_douglas": E**0.4 * M**0.3 * K**0.3,
            "ces": 1 / (0.4 / E + 0.3 / M + 0.3 / K),
            "leontief": min(E, M, K),
        }[form]
        assert trajectory.security[n] == approx(security)


def test_objective_counts_the_tail_and_the_last_year_twice() -> None:
    trajectory = run(tiny())
    ns = trajectory.security
    by_year = sum(0.95**n * ns[n] for n in range(1, 7))  # 2026 ... 2031, of which 2030 and 2031 are tail
    assert trajectory.objective == approx(by_year + 1.0 * ns[4])


def test_soft_targets_cost_their_price_and_hard_ones_only_report() -> None:
    target = {"id": "chips-up", "kind": "target", "domain": "chips", "min_ratio": 0.7, "by": 2026}
    plain = run(tiny())
    hard = run(tiny(policies=[target]))
    soft = run(tiny(policies=[target | {"soft": True, "price": 10.0}]))
    # 2026 ratios are 0.41 and 0.61: short by 0.29 and 0.09
    assert hard.shortfall["chips-up"] == approx([0.29, 0.09])
    assert hard.objective == approx(plain.objective)
    assert soft.objective == approx(plain.objective - 10 * (0.29 + 0.09))
    cap = {"id": "chips-free", "kind": "target", "line": "chips-B", "max_dependency": 0.5, "by": 2026}
    assert run(tiny(policies=[cap])).shortfall["chips-free"] == approx([0.09])  # dependency is 0.59


def test_lags_reach_into_the_years_before_the_base_year() -> None:
    scenario = tiny(money__history_growth=0.25, diffusion__form="none", lines__1__substitution_share=0.09)
    strategic = to_base_plan(scenario).strategic * np.array([1.0, 0.0, 0.0, 0.0])
    world = World.of(scenario)
    # reliability, lags 1 and 2 at 0.5. Spend of chips-S: 10 x 0.9 x 0.2 = 1.8 in 2025, 1.44 in 2024;
    # the plan spends 1.8 in 2026 and then nothing
    assert world.history[CHIPS_S, R, :3] == approx([1.8, 1.44, 1.152])
    # seen from 2026: 0.5 x 1.8 (2025) + 0.5 x 1.44 (2024) = 1.62, the reference; 2027: 0.5 x (1.8 + 1.8) = 1.8;
    # 2028: 0.5 x 1.8 = 0.9; 2029: 0
    stock, made = run(scenario, strategic=strategic).stock, run(scenario, strategic=strategic).production
    assert world.effort[CHIPS_S, R] == approx(1.62)
    for year, effort in enumerate([1.62, 1.8, 0.9, 0.0]):
        accelerators = (run(scenario, strategic=strategic).accelerator[0, year] / 100) ** 0.2
        own = (stock[CHIPS_S, R, year] / 100) ** 0.2
        a = world.yields[CHIPS_S, R]
        assert made[CHIPS_S, R, year] == approx(a * (effort / 1.62) ** 0.5 * accelerators * own)


def test_money_of_another_shape_is_refused() -> None:
    plan = to_base_plan(tiny())
    with pytest.raises(ValueError, match=r"money.exchange has shape \(4, 3\); this scenario needs \(4, 4\)"):
        simulate(tiny(), Money(plan.strategic, plan.substitution, plan.exchange[:, :3]))
