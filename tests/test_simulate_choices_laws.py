"""Laws of discrete choices in the simulator, on random plans."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pytest import approx
from worlds import Tree, name, small, tiny

from kctopt.rules import Breach, breaches
from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import REACH, held_lines, review_of, thresholds
from kctopt.simulator import (
    Choices,
    Money,
    Trajectory,
    World,
    effective_spend,
    natural,
    simulate,
    to_base_plan,
    without_closed_exchange,
)
from kctopt.simulator import course as courses
from kctopt.simulator.trajectory import CORE_AXES

calm = settings(max_examples=30, deadline=None)
LONG: Tree = {"horizon__last_year": 2037, "budget": 200.0}  # small over four plans of three years, eight reviews
BAND = {"id": "band", "kind": "band", "lines": ["chips-A", "ai-B", "biotech-S"], "width": 0.1}
OTHER = {"id": "other", "kind": "band", "lines": ["biotech-S", "biotech-A"], "width": 0.2, "years": "2028-2033"}
MODES = [
    {"id": id, "label": name(id), "exchange": f, "max_exchange": share, "exposure": x, "market_gain": gain}
    for id, f, share, x, gain in (("closed", 0.3, 0.1, 0.5, -0.5), ("guarded", 0.9, 0.3, 1.0, 0.0),
                                  ("open", 1.2, 0.6, 1.5, 0.6))
]  # fmt: skip
TRANCHES = [
    {"line": line, "rung": rung, "upto": upto, "effect": effect}
    for line, rung in (("chips-B", "F"), ("ai-S", "R"))
    for upto, effect in ((0.5, 0.2), (1.0, 1.0), (1.5, 2.0), (3.0, 3.0))
]
PROGRAMMES = [
    {"id": f"p{n}", "label": name(f"p{n}"), "line": line, "rung": rung, "success": 0.4, "gain": 3.0 + n, "routes": 3,
     "mode": "horse_race", "first_start": 2026, "last_start": 2034, "duration": 2 + n, "cost_1": 1.0, "reward": 0.5}
    for n, (line, rung) in enumerate((("chips-B", "F"), ("ai-S", "R"), ("biotech-M", "P")))
]  # fmt: skip


def everything(**fields: Any) -> Scenario:
    """The 12-line world over twelve years with every option on."""
    options: Tree = {
        "stages": "switching", "switching": {"near_control": 0.1, "far_control": 0.05}, "modes": MODES,
        "cooperation__choice": "mask", "cooperation__change_cost": 1.0, "tranches": TRANCHES, "programmes": PROGRAMMES,
        "policies": [BAND, OTHER],
    }  # fmt: skip
    return small(**(LONG | options | fields))


def some_plan(scenario: Scenario, seed: int, spread: float = 0.5) -> Money:
    base, rng = to_base_plan(scenario), np.random.default_rng(seed)
    tracks = base.strategic, base.substitution, base.exchange
    return Money(*(track * np.exp(rng.normal(0, spread, track.shape)) for track in tracks))


def some_choices(scenario: Scenario, seed: int) -> Choices:
    """Modes, routes and restraint at random; stages follow the law."""
    rng, horizon = np.random.default_rng(seed), scenario.horizon
    routes = np.zeros((len(scenario.programmes), len(horizon.years)), int)
    for k in range(len(routes)):
        routes[k, rng.integers(0, 5)] = rng.integers(0, 4)
    shape = (len(scenario.lines), 3, len(horizon.all_years))
    restraint = rng.exponential(1.0, shape) * (rng.random(shape) < 0.1)
    return Choices(
        restraint=restraint,
        mode=rng.integers(0, 3, (len(scenario.domains), len(horizon.plans))) if scenario.modes else None,
        routes=routes if scenario.programmes else None,
    )


def kinds(found: list[Breach]) -> set[str]:
    return {breach.kind for breach in found}


def same(one: Trajectory, other: Trajectory, draw: int) -> None:
    """Draw number `draw` of `one` is `other`."""
    for field in CORE_AXES:
        np.testing.assert_allclose(
            getattr(one, field)[draw], getattr(other, field), rtol=1e-11, atol=1e-11, err_msg=field
        )
    assert one.objective[draw] == approx(float(other.objective), rel=1e-12)


# What is off changes nothing


def test_choices_of_nothing_are_no_choices() -> None:
    for scenario in (tiny(), small(), everything(stages="envelope", policies=[])):
        money, none = some_plan(scenario, 1), some_choices(scenario, 1)
        restraint = None if none.restraint is None else np.zeros_like(none.restraint)
        routes = None if none.routes is None else np.zeros_like(none.routes)
        plain, nothing = (
            simulate(scenario, money),
            simulate(scenario, money, choices=Choices(None, restraint, None, routes)),
        )
        for field in CORE_AXES:
            np.testing.assert_array_equal(getattr(plain, field), getattr(nothing, field), err_msg=field)
        assert plain.objective == nothing.objective
        held = simulate(scenario, money, hold=True)
        assert held.objective == plain.objective


def test_base_modes_are_the_default() -> None:
    scenario = everything()
    money, base = some_plan(scenario, 2), np.ones((3, 4), int)  # guarded
    one, other = simulate(scenario, money), simulate(scenario, money, choices=Choices(mode=base))
    assert one.objective == other.objective
    assert (one.inflow == other.inflow).all()


def test_an_envelope_has_no_stages_in_force() -> None:
    trajectory = simulate(small(), to_base_plan(small()))
    assert (trajectory.stage == -1).all()
    assert trajectory.review_stage.shape == (12, 4)
    assert natural(small(), to_base_plan(small())) == Choices()


# Laws


@calm
@given(st.integers(0, 10**6), arrays(float, (12, 3, 15), elements=st.floats(0, 5)), st.floats(0, 1))
def test_more_restraint_never_raises_capability(seed: int, more: np.ndarray, share: float) -> None:
    scenario = small(**LONG, diffusion__form="none")
    money = some_plan(scenario, seed)
    little = simulate(scenario, money, choices=Choices(restraint=share * more))
    much = simulate(scenario, money, choices=Choices(restraint=more))
    assert (much.capability <= little.capability + 1e-9).all()
    assert (much.security <= little.security + 1e-9).all()
    assert (much.restraint <= more + 1e-12).all()


@calm
@given(st.integers(0, 10**6))
def test_stocks_obey_the_law_with_gain_and_restraint(seed: int) -> None:
    scenario = everything()
    t = simulate(scenario, some_plan(scenario, seed), choices=some_choices(scenario, seed), hold=True)
    keep = 1 - np.array([rung.depreciation for rung in scenario.rungs])
    eta = np.array([rung.inflow for rung in scenario.rungs])
    free = keep[:, None] * t.stock[..., :-1] + t.production + eta[:, None] * t.inflow[:, None, :] + t.programme_gain
    free = np.maximum(free - t.restraint, 0.0)
    assert (t.restraint >= 0).all()
    assert t.stock[:, 0, 1:] == approx(free[:, 0])
    assert t.stock[:, 1, 1:] == approx(np.minimum(free[:, 1], t.stock[:, 0, 1:]))
    assert t.stock[:, 2, 1:] == approx(np.minimum(free[:, 2], t.stock[:, 1, 1:]))
    assert (t.inflow[t.stage[..., 1:] != REACH] <= 0).all()


@calm
@given(st.integers(0, 10**6), st.booleans(), st.sampled_from(["halves", "yearly"]))
def test_natural_stages_keep_the_rules(seed: int, ratchet: bool, reviews: str) -> None:
    scenario = small(**LONG, stages="switching", switching={"ratchet": ratchet, "reviews": reviews})
    money = some_plan(scenario, seed)
    choices = natural(scenario, money)
    trajectory = simulate(scenario, money, choices=choices)
    followed = simulate(scenario, money)
    for field in CORE_AXES:
        np.testing.assert_array_equal(getattr(trajectory, field), getattr(followed, field), err_msg=field)
    assert not kinds(breaches(scenario, money, choices=choices)) & {"first", "near", "entry", "ratchet", "restraint"}
    open_only = without_closed_exchange(scenario, money, trajectory.stage[:, 1 : 1 + len(scenario.horizon.years)])
    assert "exchange_open" not in kinds(breaches(scenario, open_only, choices=choices))
    assert open_only.spend == approx(money.spend)


@calm
@given(st.integers(0, 10**6), st.booleans())
def test_holding_back_keeps_the_rules_of_stages_and_bands(seed: int, chosen: bool) -> None:
    scenario = everything()
    money, choices = some_plan(scenario, seed), some_choices(scenario, seed)
    if chosen:  # no line ever becomes near unless it is so from the start
        stage = natural(scenario, money, choices).stage
        assert stage is not None
        late = stage[:, :1] != 2
        choices = replace(choices, stage=np.where(late, np.minimum(stage, 1), stage))
    trajectory = simulate(scenario, money, choices=choices, hold=True)
    found = breaches(scenario, money, trajectory, choices=choices)
    assert not kinds(found) & ({"near", "band"} if chosen else {"near", "band", "ratchet"})
    again = simulate(scenario, money, choices=replace(choices, restraint=trajectory.restraint))
    for field in ("stock", "inflow", "restraint", "security"):
        assert getattr(again, field) == approx(getattr(trajectory, field)), field


def test_holding_back_happens() -> None:
    scenario = everything(diffusion__near=0.3)
    money = some_plan(scenario, 3)
    stage = natural(scenario, money).stage
    assert stage is not None
    late = (stage[:, :1] != 2) & (stage[:, -1:] == 2)
    assert late.any()
    choices = Choices(stage=np.where(late, np.minimum(stage, 1), stage))
    free, held = simulate(scenario, money, choices=choices), simulate(scenario, money, choices=choices, hold=True)
    assert {"near", "band"} <= kinds(breaches(scenario, money, free, choices=choices))
    assert set(np.flatnonzero(held.restraint.any(axis=(1, 2)))) <= set(held_lines(scenario, stage[:, 0]))
    assert held.restraint[late[:, 0]].any()


@calm
@given(st.integers(0, 10**6))
def test_tranches_stay_between_their_ends(seed: int) -> None:
    scenario = everything()
    world, spend = World.of(scenario), some_plan(scenario, seed, 1.0).strategic
    effective, base = effective_spend(world, spend), world.history[..., 0]
    ends = np.array([0, 0.5, 1.0, 1.5, 3.0]), np.array([0, 0.2, 1.0, 2.0, 3.0])
    expected = np.interp(spend[0, 0] / base[0, 0], *ends) * base[0, 0]
    assert effective[0, 0] == approx(expected)
    assert effective_spend(World.of(small()), spend) is spend


# Draws


def test_every_option_over_draws_equals_one_by_one() -> None:
    scenario = everything()
    plans, choices = [some_plan(scenario, seed) for seed in range(3)], some_choices(scenario, 4)
    money = Money(
        *(np.stack([getattr(p, track) for p in plans]) for track in ("strategic", "substitution", "exchange"))
    )
    restraint = np.stack([choices.restraint * factor for factor in (0.0, 1.0, 3.0)])  # type: ignore[operator]
    stage = natural(scenario, plans[0], choices).stage
    for chosen in (None, stage):
        for hold in (False, True):
            drawn = simulate(scenario, money, choices=replace(choices, restraint=restraint, stage=chosen), hold=hold)
            for draw, plan in enumerate(plans):
                own = replace(choices, restraint=restraint[draw], stage=chosen)
                same(drawn, simulate(scenario, plan, choices=own, hold=hold), draw)


OPTION_NUMBERS = (
    "near", "far", "near_control", "far_control", "sensitivity", "control", "rival", "stock", "history",
    "mode_exchange", "market_gain", "gain", "success", "reward", "effect", "upto", "band", "omega", "first",
)  # fmt: skip


@pytest.mark.parametrize("name", OPTION_NUMBERS)
def test_numbers_of_options_can_be_drawn_alone(name: str) -> None:
    scenario = everything()
    world, money, choices = World.of(scenario), some_plan(scenario, 5), some_choices(scenario, 5)
    factors = (1.0, 0.0) if name == "first" else (1.0, 0.9, 0.5)
    values = np.stack([getattr(world, name) * factor for factor in factors])
    for stage in (None, natural(scenario, money).stage):
        own = replace(choices, stage=stage)
        drawn = simulate(scenario, money, replace(world, **{name: values}), own, hold=True)
        for draw in range(len(factors)):
            same(drawn, simulate(scenario, money, replace(world, **{name: values[draw]}), own, hold=True), draw)


def test_stacked_worlds_with_options() -> None:
    scenarios = [everything(diffusion__near=near, diffusion__catch_up=c) for near, c in ((0.2, 0.05), (0.35, 0.03))]
    money, choices = some_plan(scenarios[0], 6), some_choices(scenarios[0], 6)
    drawn = simulate(scenarios[0], money, World.stack([World.of(one) for one in scenarios]), choices, hold=True)
    for draw, scenario in enumerate(scenarios):
        same(drawn, simulate(scenario, money, choices=choices, hold=True), draw)


# One home for the data of reviews


@pytest.mark.parametrize("reviews", ["halves", "yearly"])
def test_reviews_and_thresholds_agree_with_the_scenario(reviews: str) -> None:
    scenario = everything(switching={"reviews": reviews, "near_control": 0.2, "far_control": 0.3})
    world = World.of(scenario)
    assert world.review.tolist() == review_of(scenario).tolist()
    for ours, theirs in zip(courses.thresholds(world), thresholds(scenario), strict=True):
        assert ours == approx(theirs)
