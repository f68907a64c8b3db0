"""Discrete choices in the simulator, against cases a reader can follow with a calculator.

All use `worlds.tiny`: C0 is 30, 50, 80, 50 for chips-B, chips-S, ai-A, ai-M against a rival at 100, so gaps are 0.7,
0.5, 0.2, 0.5 and the first stages far, reach, near, reach. Plans have two years, so every year is a review.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pytest import approx
from worlds import Tree, name, tiny

from kctopt.scenario.records import Scenario
from kctopt.simulator import (
    Choices,
    Trajectory,
    World,
    budget_scale,
    carry,
    effective_spend,
    natural,
    simulate,
    to_base_plan,
)

CHIPS_B, CHIPS_S, AI_A, AI_M = range(4)
F, P, R = range(3)
FAR, REACH, NEAR = range(3)
CLOSED, GUARDED, OPEN = range(3)


def run(scenario: Scenario, hold: bool = False, **choices: Any) -> Trajectory:
    return simulate(scenario, to_base_plan(scenario), choices=Choices(**choices), hold=hold)


def restrained(amounts: dict[tuple[int, int, int], float]) -> np.ndarray:
    """Restraint by (line, rung, year), 0 elsewhere."""
    restraint = np.zeros((4, 3, 6))
    for place, amount in amounts.items():
        restraint[place] = amount
    return restraint


# Regime switching


def test_exchange_brings_inflow_within_reach_only() -> None:
    trajectory = run(tiny(stages="switching"))
    assert trajectory.review_stage[:, 0].tolist() == [FAR, REACH, NEAR, REACH]
    # 2026, the caps of the three-stage form: chips-B min(2.4, closed, 3.22) | chips-S min(4, 0.863, 2.275)
    # ai-A min(6.4, closed, 1.225) | ai-M min(4, 2.94, 2.695)
    assert trajectory.inflow[:, 0] == approx([0.0, 3 * 0.1**0.5 * 0.91, 0.0, 2.695])
    assert trajectory.binding[:, 0].tolist() == [REACH, REACH, REACH, NEAR]


def test_a_lead_still_erodes_outside_reach() -> None:
    # ai-A at C = 130 is near; 0.049 x (100 - 130 + 5) = -1.225 stays below the closed cap
    trajectory = run(tiny(stages="switching", lines__2__capability=140.0, lines__2__rival_growth=0.0))
    assert trajectory.inflow[AI_A, 0] == approx(-1.225)


def test_base_plan_moves_exchange_of_lines_outside_reach() -> None:
    plan = to_base_plan(tiny(stages="switching"))
    # chips-B spends 10, of it 1 on exchange; strategic 8 + 1 by 0.5, 0.3, 0.2
    assert plan.exchange[:, 0] == approx([0.0, 0.1, 0.0, 1.0])
    assert plan.strategic[CHIPS_B, :, 0] == approx([4.5, 2.7, 1.8])
    assert plan.spend[:, 3] == approx([10.0, 10.0, 20.0, 10.0])


# chips-S starts at C = 69.5 - 10 = 59.5 and is near from 60 on; base spend carries it to 60.5 in 2026
ALMOST_NEAR: Tree = {"stages": "switching", "lines__1__capability": 69.5, "diffusion__near": 0.4}


def test_the_law_moves_a_line_at_the_next_review() -> None:
    trajectory = run(tiny(**ALMOST_NEAR))
    assert trajectory.capability[CHIPS_S, :2] == approx([59.5, 60.5])
    assert trajectory.review_stage[CHIPS_S].tolist() == [REACH, NEAR, NEAR, NEAR]
    in_force = [REACH, REACH, NEAR, NEAR, NEAR, NEAR, NEAR]  # the base year, four planned and two tail years
    assert trajectory.stage[CHIPS_S].tolist() == in_force
    assert trajectory.inflow[CHIPS_S, 0] == approx(3 * 0.1**0.5 * 0.91)
    assert trajectory.inflow[CHIPS_S, 1:] == approx(0.0)


def test_holding_back_keeps_exchange_open() -> None:
    scenario = tiny(**ALMOST_NEAR)
    stage = natural(scenario, to_base_plan(scenario)).stage
    assert stage is not None
    stage[CHIPS_S] = REACH
    trajectory = run(scenario, hold=True, stage=stage)
    # end of 2026: stocks 1.5, 1.0, 0.8 x 60.5 by the factor 60/60.5
    assert trajectory.capability[CHIPS_S, 1] == approx(60.0)
    assert trajectory.stock[CHIPS_S, :, 1] == approx([90.0, 60.0, 48.0])
    assert trajectory.restraint[CHIPS_S, :, 0] == approx([0.75, 0.5, 0.4])
    assert (trajectory.restraint[[CHIPS_B, AI_A, AI_M]] == 0).all()
    # 2027, e = 0.4: far 0.08 x 60 = 4.8 | reach 3 sqrt(0.1)(1 - 0.18) | near 0.05 x 0.82 x 40 = 1.64
    assert trajectory.inflow[CHIPS_S, 1] == approx(3 * 0.1**0.5 * 0.82)
    # held at 60 at the end of 2026, 2027 and 2028; no review looks at 2029, so it is free from then on
    assert trajectory.capability[CHIPS_S, 1:4] == approx(60.0)
    assert trajectory.capability[CHIPS_S, 4] > 60.5


def test_stages_chosen_without_holding_back_only_set_the_stage() -> None:
    scenario = tiny(**ALMOST_NEAR)
    stage = np.array([[FAR] * 4, [REACH] * 4, [NEAR] * 4, [REACH] * 4])
    trajectory = run(scenario, stage=stage)
    assert trajectory.capability[CHIPS_S, 1] == approx(60.5)
    assert (trajectory.restraint == 0).all()
    assert trajectory.inflow[CHIPS_S, 1] > 0
    stage[CHIPS_S] = NEAR  # the base year decides the first review
    assert run(scenario, stage=stage).review_stage[CHIPS_S].tolist() == [REACH, NEAR, NEAR, NEAR]


def test_ratchet_and_its_absence() -> None:
    # ai-M at C = 75 is near; without research of its own, and a rival that grows by a fifth, it falls behind
    falling: Tree = {"stages": "switching", "lines__3__capability": 85.0, "lines__3__rival_growth": 0.2}
    for ratchet, later in ((True, NEAR), (False, REACH)):
        scenario = tiny(**falling, switching={"ratchet": ratchet})
        money = to_base_plan(scenario)
        money.strategic[AI_M] = 0.0
        trajectory = simulate(scenario, money)
        assert trajectory.gap[AI_M, 0] == approx(0.25)
        assert trajectory.gap[AI_M, 1] > 0.25
        assert trajectory.review_stage[AI_M, :2].tolist() == [NEAR, later]


def test_thresholds_move_with_sensitivity_and_controls() -> None:
    # chips-S, sigma 0.9, e = 0.4 in 2027: near 0.25 + 0.5 x 0.36 = 0.43; gap 0.4 at the end of 2026
    moved = tiny(stages="switching", lines__1__capability=69.0, switching={"near_control": 0.5})
    assert run(moved).gap[CHIPS_S, 1] == approx(0.4)
    assert run(moved).review_stage[CHIPS_S, :2].tolist() == [REACH, NEAR]
    # far 0.6 - 0.5 x 0.36 = 0.42 closes reach to a line at a gap of 0.49
    closed = tiny(stages="switching", switching={"far_control": 0.5, "ratchet": False}, diffusion__near=0.1)
    assert run(closed).gap[CHIPS_S, 1] == approx(0.49)
    assert run(closed).review_stage[CHIPS_S, :2].tolist() == [REACH, FAR]


# Restraint


def test_restraint_is_stock_that_is_not_built() -> None:
    scenario = tiny(diffusion__form="none")
    free = run(scenario)
    assert free.stock[CHIPS_S, :, 1] == approx([76.5, 51.0, 40.8])
    trajectory = run(scenario, restraint=restrained({(CHIPS_S, P, 0): 5.0}))
    assert trajectory.stock[CHIPS_S, :, 1] == approx([76.5, 46.0, 40.8])
    assert trajectory.capability[CHIPS_S, 1] == approx(51 - 0.3 * 5)
    # below the rung above: reliability is held at performance by the ladder
    assert run(scenario, restraint=restrained({(CHIPS_S, P, 0): 20.0})).stock[CHIPS_S, :, 1] == approx([76.5, 31, 31])


def test_restraint_beyond_what_is_there_leaves_nothing() -> None:
    trajectory = run(tiny(diffusion__form="none"), restraint=restrained({(CHIPS_S, F, 0): 1000.0}))
    assert (trajectory.stock[CHIPS_S, :, 1] == 0).all()
    assert trajectory.restraint[CHIPS_S, :, 0] == approx([76.5, 0.0, 0.0])  # the stock removed; the ladder did the rest


# Bands


def test_a_band_holds_the_leader_back() -> None:
    band = {"id": "together", "kind": "band", "lines": ["chips-S", "ai-M"], "width": 0.005, "years": "2026"}
    scenario = tiny(policies=[band])
    # end of 2026: chips-S at 51, ai-M at 50; chips-S may stand at 50.5
    assert run(scenario).capability[[CHIPS_S, AI_M], 1] == approx([51.0, 50.0])
    held = run(scenario, hold=True)
    assert held.capability[[CHIPS_S, AI_M], 1] == approx([50.5, 50.0])
    assert held.restraint[CHIPS_S, :, 0] == approx(np.array([1.5, 1.0, 0.8]) * 0.5)
    assert (held.restraint[:, :, 1:] == 0).all()


def test_bands_that_share_a_line_hold_both_ways() -> None:
    def band(id: str, lines: list[str], width: float) -> Tree:
        return {"id": id, "kind": "band", "lines": lines, "width": width, "years": "2026"}

    # C/R: chips-B 31/102 = 0.3039, chips-S 0.51, ai-A 0.90 - 10/102 = 0.802
    policies = [band("one", ["ai-A", "chips-S"], 0.1), band("two", ["chips-S", "chips-B"], 0.05)]
    scenario = tiny(policies=policies)
    ratio = run(scenario, hold=True).capability[:, 1] / np.array([102, 100, 102, 100])
    slow = (0.41 * 102 - 10) / 102
    assert ratio == approx([slow, slow + 0.05, slow + 0.15, 0.5])


# Cooperation modes


def modes(choice: str = "free", **fields: Any) -> Scenario:
    table = [
        {"id": "closed", "exchange": 0.2, "max_exchange": 0.1, "exposure": 0.5, "market_gain": -0.5},
        {"id": "guarded", "exchange": 0.8, "max_exchange": 0.3, "exposure": 1.0, "market_gain": 0.0},
        {"id": "open", "exchange": 1.5, "max_exchange": 0.6, "exposure": 2.0, "market_gain": 1.0},
    ]
    table = [entry | {"label": name(str(entry["id"]))} for entry in table]
    return tiny(cooperation__choice=choice, cooperation__change_cost=2.0, modes=table, **fields)


def test_modes_scale_the_inflow_of_exchange() -> None:
    base = run(modes())
    assert base.inflow[CHIPS_S, 0] == approx(3 * 0.1**0.5 * 0.91 * 0.8)  # guarded in the base year
    assert base.usable[CHIPS_S, 1] == approx(61.0)  # and calibrated so
    mode = np.array([[OPEN, CLOSED], [GUARDED, GUARDED]])
    trajectory = run(modes(), mode=mode)
    assert trajectory.inflow[CHIPS_S, 0] == approx(3 * 0.1**0.5 * 0.91 * 1.5)
    for n, control in ((2, 0.6), (3, 0.8), (5, 0.8)):  # 2028, 2029 and a tail year, which keeps the last plan's mode
        assert trajectory.inflow[CHIPS_S, n] == approx(3 * 0.1**0.5 * (1 - 0.45 * control) * 0.2)


def test_modes_gain_market_and_cost_their_change() -> None:
    scenario = modes(diffusion__form="none")
    base, mode = run(scenario), np.array([[GUARDED, CLOSED], [OPEN, OPEN]])
    trajectory = run(scenario, mode=mode)
    # 2026-27: ai 0.4 x 1; 2028 on: chips 0.6 x (-0.5) too
    assert trajectory.market == approx([0.0, 0.4, 0.4, 0.1, 0.1, 0.1, 0.1])
    assert trajectory.economic - base.economic == approx(trajectory.market)
    assert trajectory.change_cost == approx([2.0, 0.0, 2.0, 0.0])
    assert (base.market == 0).all()
    assert (base.change_cost == 0).all()


# Tranches


def test_tranches_bend_the_response() -> None:
    steps = [(0.5, 0.1), (1.0, 1.0), (2.0, 3.0)]
    table = [{"line": "chips-S", "rung": "F", "upto": upto, "effect": effect} for upto, effect in steps]
    scenario = tiny(diffusion__form="none", tranches=table)
    money = to_base_plan(scenario)
    money.strategic[CHIPS_S, F] *= [0.25, 0.75, 1.5, 4.0]
    # base-year spend on the rung is 10 x 0.89 x 0.5 = 4.45; 0.25 is worth 0.05, 0.75 0.55, 1.5 2, 4 the last 3
    effective = effective_spend(World.of(scenario), money.strategic)
    assert effective[CHIPS_S, F] == approx(4.45 * np.array([0.05, 0.55, 2.0, 3.0]))
    assert (effective[CHIPS_S, P:] == money.strategic[CHIPS_S, P:]).all()
    assert (effective[[CHIPS_B, AI_A, AI_M]] == money.strategic[[CHIPS_B, AI_A, AI_M]]).all()
    # functional work has no lag: base production 16.5 x sqrt(0.05)
    assert simulate(scenario, money).production[CHIPS_S, F, 0] == approx(16.5 * 0.05**0.5)
    assert run(scenario).production[CHIPS_S, F, 0] == approx(16.5)


# Programmes


def programme(**fields: Any) -> Tree:
    base = {
        "id": "jump", "label": name("jump"), "line": "chips-S", "rung": "P", "success": 0.5, "gain": 4.0,
        "first_start": 2026, "last_start": 2029, "duration": 2, "cost_1": 3.0, "cost_2": 1.0, "researchers": 2.0,
    }  # fmt: skip
    return base | fields


def test_one_programme_adds_its_expected_gain_in_its_last_year() -> None:
    scenario = tiny(diffusion__form="none", programmes=[programme()])
    base, trajectory = run(scenario), run(scenario, routes=np.array([[0, 1, 0, 0]]))
    # starts in 2027, ends in 2028: 4 x 0.5 on the performance rung, no other stock moves before 2029
    gain = np.zeros((4, 3, 6))
    gain[CHIPS_S, P, 2] = 2.0
    assert trajectory.programme_gain == approx(gain)
    assert (trajectory.stock - base.stock)[:, :, 1:4] == approx(gain[:, :, :3])
    assert trajectory.programme_cost == approx([0.0, 3.0, 1.0, 0.0])
    assert trajectory.researchers == approx([0.0, 2.0, 2.0, 0.0])


def test_the_ladder_bounds_the_gain() -> None:
    scenario = tiny(diffusion__form="none", programmes=[programme(gain=200.0)])
    trajectory = run(scenario, routes=np.array([[0, 1, 0, 0]]))
    assert trajectory.stock[CHIPS_S, P, 3] == trajectory.stock[CHIPS_S, F, 3]


def test_a_horse_race_of_three_routes() -> None:
    scenario = tiny(diffusion__form="none", programmes=[programme(mode="horse_race", routes=3)])
    trajectory = run(scenario, routes=np.array([[3, 0, 0, 0]]))
    assert trajectory.programme_gain[CHIPS_S, P, 1] == approx(4 * (1 - 0.5**3))
    assert trajectory.programme_cost == approx([9.0, 3.0, 0.0, 0.0])
    assert trajectory.researchers == approx([6.0, 6.0, 0.0, 0.0])


@pytest.mark.parametrize(("deadline", "earned"), [(2028, 2.5), (2027, 0.0), (None, 2.5)])
def test_rewards_for_success_by_the_deadline(deadline: int | None, earned: float) -> None:
    scenario = tiny(programmes=[programme(gain=0.0, reward=5.0, deadline=deadline)])
    routes = np.array([[0, 1, 0, 0]])
    assert run(scenario, routes=routes).objective == approx(float(run(scenario).objective) + earned)


# Costs in the budget


def test_programmes_and_changes_of_mode_take_money() -> None:
    scenario = modes(programmes=[programme()], budget=60.0)
    choices = Choices(mode=np.array([[GUARDED, GUARDED], [OPEN, OPEN]]), routes=np.array([[1, 0, 0, 0]]))
    money = to_base_plan(scenario)
    # 2026: 50 + 2 + 3 of 60 leaves 5; of 51.1 nothing is left
    assert carry(scenario, money, choices=choices) == approx([5.0, 0.0, 0.0, 0.0])
    assert carry(scenario, money) == approx([6.0, 0.0, 0.0, 0.0])
    assert budget_scale(scenario, money) == approx(50 / 60)
    assert budget_scale(scenario, money, choices) == approx(55 / 60)


# Draws


def test_choices_over_draws() -> None:
    scenario = tiny(**ALMOST_NEAR)
    stage = natural(scenario, to_base_plan(scenario)).stage
    assert stage is not None
    stage[CHIPS_S] = REACH
    world = replace(World.of(scenario), near=np.array([0.4, 0.39, 0.25]))
    held = simulate(scenario, to_base_plan(scenario), world, Choices(stage=stage), hold=True)
    assert held.capability[:, CHIPS_S, 1] == approx([60.0, 60.5, 60.5])
    assert held.restraint.shape == (3, 4, 3, 6)
    followed = simulate(scenario, to_base_plan(scenario), world)
    assert followed.review_stage[:, CHIPS_S, 1].tolist() == [NEAR, REACH, REACH]


# Input


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"stage": np.zeros((4, 4), int)}, r"choices.stage is given, but .* \(stages: switching\)"),
        ({"mode": np.zeros((2, 2), int)}, r"choices.mode is given, but .* \(cooperation.choice: mask or free\)"),
        ({"routes": np.zeros((1, 4), int)}, r"choices.routes has shape \(1, 4\); this scenario needs \(0, 4\)"),
        ({"restraint": np.zeros((4, 3, 4))}, r"choices.restraint has shape \(4, 3, 4\); .* needs \(4, 3, 6\)"),
    ],
)
def test_choices_that_do_not_fit_are_refused(choices: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(tiny(), **choices)


def test_codes_that_mean_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match=r"choices\.stage must be whole numbers, 0 to 2"):
        run(tiny(stages="switching"), stage=np.full((4, 4), 3))
    with pytest.raises(ValueError, match=r"choices\.mode must be whole numbers, 0 to 2"):
        run(modes(), mode=np.full((2, 2), 0.5))
    with pytest.raises(ValueError, match=r"choices\.routes must be whole numbers, 0 or more"):
        run(tiny(programmes=[programme()]), routes=np.full((1, 4), -1))
