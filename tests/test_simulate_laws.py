"""Laws of the simulator on random plans: bounds, order, concavity, draws.

Two statements one would like to make are true only with conditions, and the tests say which. Diffusion near
the frontier falls when own capability rises, so more functional spend in one year can lower the inflow that
feeds the other rungs later. Hence with diffusion a line's capability may dip by a fraction of a percent in
single years when money is added; without diffusion it never does. The objective rises with money and is concave
in it, as long as yields are positive: a catch-up so strong that base-year inflow exceeds what the trend needs
is calibrated to negative yields, and then both fail (`check` reports such data).
"""

from dataclasses import fields, replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pytest import approx
from worlds import small, tiny

from kctopt.scenario.records import Scenario
from kctopt.simulator import Money, Trajectory, World, simulate, to_base_plan
from kctopt.simulator.trajectory import CORE_AXES
from kctopt.simulator.value import ces

TRACKS = ("strategic", "substitution", "exchange")
KCT = ("nested", "ces", "cobb_douglas", "leontief", "linear")
SECURITY = ("cobb_douglas", "ces", "leontief", "linear")
DIFFUSION = ("three_stage", "nelson_phelps", "logistic", "none")
NUMBERS = [field.name for field in fields(World) if field.type in ("Scalar", "Vector", "Matrix", "Cube")]
TINY = tiny()
SIZE = 4 * (3 + 1 + 1) * 4  # entries of a tiny plan: lines x tracks and rungs x years
factors = arrays(float, SIZE, elements=st.floats(0.0, 6.0))
calm = settings(max_examples=40, deadline=None)


def plan(scenario: Scenario, factor: np.ndarray) -> Money:
    """The base plan with every entry multiplied, factor (..., entries of a plan)."""
    base, start, parts = to_base_plan(scenario), 0, {}
    for track in TRACKS:
        amount = getattr(base, track)
        piece = factor[..., start : start + amount.size]
        parts[track] = amount * piece.reshape(*factor.shape[:-1], *amount.shape)
        start += amount.size
    return Money(**parts)


def random_plans(scenario: Scenario, count: int, spread: float, seed: int = 0) -> Money:
    """Plans around the base plan, a fifth of the entries 0; `spread` is the standard deviation of the logarithm."""
    rng = np.random.default_rng(seed)
    size = sum(getattr(to_base_plan(scenario), track).size for track in TRACKS)
    return plan(scenario, np.exp(rng.normal(0, spread, (count, size))) * (rng.random((count, size)) > 0.2))


def mix(one: Money, other: Money, share: float) -> Money:
    return Money(*(share * getattr(one, track) + (1 - share) * getattr(other, track) for track in TRACKS))


def same(one: Trajectory, other: Trajectory, draw: int) -> None:
    """Draw number `draw` of `one` is `other`."""
    for name in CORE_AXES:
        np.testing.assert_allclose(getattr(one, name)[draw], getattr(other, name), rtol=1e-11, atol=1e-11, err_msg=name)
    assert one.objective[draw] == approx(float(other.objective), rel=1e-12)


# Bounds


@calm
@given(factors)
def test_states_stay_in_their_bounds(factor: np.ndarray) -> None:
    trajectory = simulate(TINY, plan(TINY, factor))
    stock = trajectory.stock
    assert (stock >= 0).all()
    assert (np.diff(stock, axis=1) <= 1e-12).all()  # no rung above the one below
    assert (trajectory.capability >= 0).all()
    assert (trajectory.substitute >= 0).all()
    assert (trajectory.substitute <= TINY.substitution.ceiling * trajectory.rival + 1e-9).all()
    assert ((trajectory.dependency >= 0) & (trajectory.dependency <= 1)).all()
    assert (trajectory.loss >= 0).all()
    assert np.isfinite(trajectory.security).all()


@calm
@given(factors, st.sampled_from(DIFFUSION))
def test_every_law_holds_with_equality(factor: np.ndarray, form: str) -> None:
    scenario = tiny(diffusion__form=form)
    t = simulate(scenario, plan(scenario, factor))
    keep = 1 - np.array([rung.depreciation for rung in scenario.rungs])
    eta = np.array([rung.inflow for rung in scenario.rungs])
    free = keep[:, None] * t.stock[..., :-1] + t.production + eta[:, None] * t.inflow[:, None, :]
    free = np.maximum(free, 0.0)
    held = np.minimum(free[:, 1:], t.stock[:, :-1, 1:])  # performance and reliability under the rung below
    assert t.stock[:, 0, 1:] == approx(free[:, 0])
    assert t.stock[:, 1:, 1:] == approx(held)
    assert t.usable == approx(t.capability + t.substitute)


@pytest.mark.parametrize(("kct", "security"), list(product(KCT, SECURITY)))
def test_every_index_is_100_in_the_base_year(kct: str, security: str) -> None:
    for form in DIFFUSION:
        scenario = small(kct__form=kct, security__form=security, diffusion__form=form)
        trajectory = simulate(scenario, random_plans(scenario, 3, 1.0))
        for index in ("security", "economic", "military", "technology"):
            assert getattr(trajectory, index)[:, 0] == approx(100.0)
        assert trajectory.accelerator[..., 0] == approx(100.0)


@pytest.mark.parametrize("make", [tiny, small])
def test_nothing_jumps_in_the_first_year_of_base_spend(make: object) -> None:
    for form in DIFFUSION:
        scenario = make(diffusion__form=form, controls__intensity=0.3)  # type: ignore[operator]
        trajectory = simulate(scenario, to_base_plan(scenario))
        ratio = trajectory.usable / trajectory.rival
        trend = np.array([line.trend for line in scenario.lines])
        assert ratio[:, 1] - ratio[:, 0] == approx(trend, abs=1e-12)


# Order


@calm
@given(factors, factors)
def test_without_diffusion_more_money_never_lowers_anything(factor: np.ndarray, more: np.ndarray) -> None:
    scenario = tiny(diffusion__form="none")
    less, greater = simulate(scenario, plan(scenario, factor)), simulate(scenario, plan(scenario, factor + more))
    for state in ("stock", "substitute", "usable", "kct", "economic", "military", "security", "objective"):
        low, high = getattr(less, state), getattr(greater, state)
        assert (high >= low * (1 - 1e-12) - 1e-12).all(), state


@calm
@given(factors, factors, st.sampled_from(("three_stage", "nelson_phelps", "logistic")))
def test_more_money_never_lowers_the_objective(factor: np.ndarray, more: np.ndarray, form: str) -> None:
    scenario = tiny(diffusion__form=form)
    less, greater = simulate(scenario, plan(scenario, factor)), simulate(scenario, plan(scenario, factor + more))
    assert greater.objective >= less.objective * (1 - 1e-12)
    assert (greater.usable >= less.usable * 0.97).all()  # may dip a little: see the top of this file


@calm
@given(factors)
def test_more_substitution_alone_never_lowers_usable_capability(factor: np.ndarray) -> None:
    money = plan(TINY, factor)
    less = simulate(TINY, money)
    more = simulate(TINY, replace(money, substitution=money.substitution * 1.5 + 0.1))
    assert (more.usable >= less.usable - 1e-12).all()


@calm
@given(factors)
def test_tighter_controls_and_a_stronger_rival_never_help(factor: np.ndarray) -> None:
    world, money = World.of(TINY), plan(TINY, factor)
    start = simulate(TINY, money, world).objective
    tight = replace(world, control=np.concatenate([world.control[:1], np.minimum(1.0, world.control[1:] + 0.2)]))
    assert simulate(TINY, money, tight).objective <= start
    weaker = replace(world, yield_factor=np.asarray(0.9))
    assert simulate(TINY, money, weaker).objective <= start


# Scale


@calm
@given(factors, st.floats(0.01, 1000.0))
def test_the_unit_of_money_does_not_matter(factor: np.ndarray, unit: float) -> None:
    spend = {f"lines__{i}__spend": unit * line.spend for i, line in enumerate(TINY.lines)}
    other = tiny(**spend)
    one, two = simulate(TINY, plan(TINY, factor)), simulate(other, plan(other, factor))
    assert one.objective == approx(float(two.objective), rel=1e-9)


def test_lines_of_equal_weight_may_change_places() -> None:
    scenario, order = small(), np.array([3, 2, 1, 0, 11, 10, 9, 8, 7, 6, 5, 4])
    money = random_plans(scenario, 4, 0.5)
    other = scenario.model_copy(update={"lines": tuple(scenario.lines[i] for i in order)})
    turned = Money(money.strategic[:, order], money.substitution[:, order], money.exchange[:, order])
    assert simulate(other, turned).security == approx(simulate(scenario, money).security)


# Concavity


@pytest.mark.parametrize(("kct", "security"), list(product(KCT, SECURITY)))
def test_the_objective_is_concave_along_random_chords(kct: str, security: str) -> None:
    for form in DIFFUSION:
        scenario = small(kct__form=kct, security__form=security, diffusion__form=form)
        world = World.of(scenario)
        for spread in (0.05, 1.0):
            one, other = random_plans(scenario, 60, spread, 1), random_plans(scenario, 60, spread, 2)
            ends = [simulate(scenario, money, world).objective for money in (one, other)]
            for share in (0.5, 0.9):
                middle = simulate(scenario, mix(one, other, share), world).objective
                chord = share * ends[0] + (1 - share) * ends[1]
                assert (middle >= chord - 1e-9 * np.abs(chord)).all()


@pytest.mark.parametrize("form", DIFFUSION)
def test_the_objective_is_concave_in_each_single_amount(form: str) -> None:
    scenario = tiny(diffusion__form=form)
    rng = np.random.default_rng(3)
    factor = np.exp(rng.normal(0, 0.7, SIZE))
    step = 0.3 * factor * np.eye(SIZE)
    here, up, down = (simulate(scenario, plan(scenario, factor + sign * step)).objective for sign in (0, 1, -1))
    assert (here >= (up + down) / 2 - 1e-9 * here).all()
    assert (up >= here * (1 - 1e-12)).all()


# Draws


def test_draws_of_money_equal_one_by_one() -> None:
    scenario = small(policies=[{"id": "t", "kind": "target", "type": "B", "min_ratio": 0.9, "by": 2030, "soft": True}])
    plans = random_plans(scenario, 6, 0.7)
    drawn = simulate(scenario, plans)
    for draw in range(6):
        alone = simulate(scenario, Money(*(getattr(plans, track)[draw] for track in TRACKS)))
        same(drawn, alone, draw)
        assert drawn.shortfall["t"][draw] == approx(alone.shortfall["t"])


def test_draws_of_one_track_alone() -> None:
    base = to_base_plan(TINY)
    for track in TRACKS:
        amounts = np.stack([getattr(base, track) * factor for factor in (0.5, 1.0, 2.0)])
        drawn = simulate(TINY, replace(base, **{track: amounts}))
        for draw in range(3):
            same(drawn, simulate(TINY, replace(base, **{track: amounts[draw]})), draw)


@pytest.mark.parametrize("name", NUMBERS)
def test_each_number_of_the_world_can_be_drawn_alone(name: str) -> None:
    forms = [("three_stage", "nested", "ces"), ("logistic", "ces", "linear"), ("nelson_phelps", "leontief", "leontief")]
    for diffusion, kct, security in forms:
        scenario = small(diffusion__form=diffusion, kct__form=kct, security__form=security)
        world, money = World.of(scenario), to_base_plan(scenario)
        values = np.stack([getattr(world, name) * factor for factor in (1.0, 0.9, 0.0 if name == "rho" else 0.8)])
        drawn = simulate(scenario, money, replace(world, **{name: values}))
        for draw in range(3):
            same(drawn, simulate(scenario, money, replace(world, **{name: values[draw]})), draw)


def test_stacked_scenarios_equal_one_by_one() -> None:
    scenarios = [tiny(diffusion__catch_up=c, lines__0__capability=u, kct__rho=r) for c, u, r in
                 ((0.05, 40.0, -1.0), (0.03, 45.0, 0.0), (0.06, 38.0, 0.5))]  # fmt: skip
    plans = random_plans(TINY, 3, 0.5)
    drawn = simulate(TINY, plans, World.stack([World.of(scenario) for scenario in scenarios]))
    for draw, scenario in enumerate(scenarios):
        same(drawn, simulate(scenario, Money(*(getattr(plans, track)[draw] for track in TRACKS))), draw)


def test_draws_over_two_axes() -> None:
    plans = random_plans(TINY, 3, 0.5)
    world = replace(World.of(TINY), catch_up=np.array([[0.04], [0.05]]))
    drawn = simulate(TINY, plans, world)
    assert drawn.objective.shape == (2, 3)
    assert drawn.stock.shape == (2, 3, 4, 3, 7)
    assert drawn.rival.shape == (2, 3, 4, 7)
    assert drawn.objective[1] == approx(simulate(TINY, plans).objective)


# Edges


@pytest.mark.parametrize("form", DIFFUSION)
def test_no_money_at_all_over_25_years(form: str) -> None:
    scenario = tiny(
        diffusion__form=form, horizon__last_year=2050, horizon__plan_length=5, horizon__tail=5,
        rival__growth_shift={2026: 0.0, 2040: -0.1}, kct__form="ces", kct__rho=-2.0,
    )  # fmt: skip
    trajectory = simulate(scenario, plan(scenario, np.zeros(4 * 5 * 25)))
    assert trajectory.security.shape == (31,)
    assert np.isfinite(trajectory.security).all()
    assert (trajectory.stock >= 0).all()
    assert (trajectory.rival[:, -1] < trajectory.rival[:, 14]).all()


def test_a_score_of_zero_makes_a_mean_with_rho_up_to_zero_zero() -> None:
    scores, weights = np.array([0.0, 50.0]), np.array([0.4, 0.6])
    for rho in (-3.0, -1.0, 0.0):
        assert ces(scores, weights, np.asarray(rho), -1) == 0.0
    assert ces(scores, weights, np.asarray(1.0), -1) == approx(30.0)
    assert ces(scores, np.array([0.0, 1.0]), np.asarray(-1.0), -1) == approx(50.0)  # no weight, no say


def test_ces_is_continuous_at_rho_zero() -> None:
    scores, weights = np.array([20.0, 50.0]), np.array([0.4, 0.6])
    at, near = ces(scores, weights, np.asarray(0.0), -1), ces(scores, weights, np.asarray(1e-6), -1)
    assert near == approx(float(at), rel=1e-5)


def test_a_domain_without_lines_is_left_out() -> None:
    extra = {"id": "quantum", "label": {"en": "q", "zh": "q"}, "weight": 5.0}
    domains = [domain.model_dump() for domain in TINY.domains]
    with_it = simulate(tiny(domains=[*domains, extra]), to_base_plan(TINY))
    assert np.isnan(with_it.kct_domain[2]).all()
    assert with_it.objective == approx(float(simulate(TINY, to_base_plan(TINY)).objective))


def test_no_security_lines_and_no_accelerators() -> None:
    lines = {"lines__1__security": 0.0, "lines__1__bottleneck": 1.0, "lines__3__moat": 0.0, "lines__3__bottleneck": 1.0}
    scenario = tiny(**lines, spillovers=[])
    trajectory = simulate(scenario, to_base_plan(scenario))
    assert np.isnan(trajectory.national_score[2:]).all()
    assert trajectory.military[1] == approx(103 * (trajectory.technology[1] / 100) ** 0.2)
    assert trajectory.accelerator == approx(100.0)
