"""Extreme numbers: exponents near 0 and far below, tiny shares, steep yields; values, tangents, solves hold there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from pytest import approx
from worlds import tiny

import kctopt
from kctopt.concave import CesMeans, Functions, Parabolas, PowerProducts, mean_value
from kctopt.errors import ScenarioErrors
from kctopt.program import build
from kctopt.scenario.exponents import GEOMETRIC
from kctopt.simulator.value import ces
from kctopt.solver import Outcome, solve
from kctopt.solver.settings import TOLERANCES

COUNT, WIDTH = 2000, 4
NEAR_ZERO = (2.8e-17, -2.8e-17, 1e-12, 1e-9, -1e-9, 1.1e-8, -1.1e-8, 1e-6, -1e-6)
FAR = (-30.0, -300.0, -1e4, -1e6, -1e12, 1 - 1e-12)


def extreme_means(rng: np.random.Generator) -> CesMeans:
    """Exponents from the edge of 0 to far below, and just under 1; shares down to 1e-12."""
    sizes = -(10.0 ** rng.uniform(-8, 8, COUNT))
    rho = np.where(rng.random(COUNT) < 0.7, sizes, np.minimum(10.0 ** rng.uniform(-8, 0, COUNT), 1 - 1e-9))
    weights = 10.0 ** rng.uniform(-12, 0, (COUNT, WIDTH)) * (rng.random((COUNT, WIDTH)) > 0.2)
    weights[:, 0] += 1e-12
    return CesMeans(np.ones(COUNT), weights / weights.sum(axis=1, keepdims=True), rho)


def extreme_powers(rng: np.random.Generator) -> PowerProducts:
    exponents = 10.0 ** rng.uniform(-12, 0, (COUNT, WIDTH))
    return PowerProducts(10.0 ** rng.uniform(-6, 6, COUNT), exponents / np.maximum(exponents.sum(axis=1), 1.0)[:, None])


def extreme_parabolas(rng: np.random.Generator) -> Parabolas:
    return Parabolas(10.0 ** rng.uniform(-6, 3, COUNT), 10.0 ** rng.uniform(-3, 6, COUNT))


KINDS = {"means": extreme_means, "powers": extreme_powers, "parabolas": extreme_parabolas}


def amounts(rng: np.random.Generator, functions: Functions, low: float) -> np.ndarray:
    return np.asarray(10.0 ** rng.uniform(low, 6, (COUNT, 1 if isinstance(functions, Parabolas) else WIDTH)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(8))
def test_a_tangent_lies_above_its_function_everywhere(kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    functions = KINDS[kind](rng)
    p, z = amounts(rng, functions, -9), amounts(rng, functions, -12)
    z = np.where(rng.random(z.shape) < 0.05, 0.0, z)  # at 0 too
    z = np.where(rng.random((COUNT, 1)) < 0.3, p * rng.uniform(0.99, 1.01, p.shape), z)  # and close by
    value, gradient = functions.value(p), functions.gradient(p)
    assert np.isfinite(value).all() and np.isfinite(gradient).all()
    tangent = value + (gradient * (z - p)).sum(axis=1)
    size = np.abs(value) + np.abs(gradient * z).sum(axis=1) + np.abs(gradient * p).sum(axis=1)
    assert (tangent - functions.value(z) >= -1e-12 * size).all()


@pytest.mark.parametrize("rho", [*NEAR_ZERO, *FAR])
def test_program_and_simulator_have_the_same_mean(rho: float) -> None:
    """Two forms that share no code: ratios to the least argument, and logarithms around the middle or the top."""
    rng = np.random.default_rng(3)
    for _ in range(200):
        z, weights = 10.0 ** rng.uniform(-6, 6, WIDTH), rng.dirichlet(np.ones(WIDTH))
        simulated = float(ces(z, weights, np.array(rho), axis=-1))
        assert simulated == approx(mean_value(z.tolist(), weights.tolist(), rho), rel=1e-11)


def test_the_mean_is_continuous_across_the_edge_of_zero() -> None:
    z, weights = np.array([0.5, 20.0, 90.0]), np.array([0.2, 0.3, 0.5])
    flat = float(np.prod(z**weights))
    for size in 10.0 ** np.arange(-17.0, -2.0):
        for rho in (size, -size):
            assert float(ces(z, weights, np.array(rho), axis=-1)) == approx(flat, rel=3 * size + 1e-15)
    inside, outside = (float(ces(z, weights, np.array(f * GEOMETRIC), axis=-1)) for f in (0.999, 1.001))
    assert inside == approx(outside, rel=3 * GEOMETRIC)


@pytest.mark.parametrize("rho", FAR[:-1])
def test_far_below_zero_the_mean_is_the_least(rho: float) -> None:
    z, weights = np.array([80.0, 40.0, 60.0]), np.array([0.5, 0.2, 0.3])
    assert float(ces(z, weights, np.array(rho), axis=-1)) == approx(40 * 0.2 ** (1 / rho), rel=1e-5)


def test_scores_of_zero() -> None:
    z, weights = np.array([[0.0, 4.0], [0.0, 0.0]]), np.array([0.5, 0.5])
    assert ces(z, weights, np.array(-3.0), axis=-1).tolist() == [0.0, 0.0]
    assert ces(z, weights, np.array(0.5), axis=-1) == approx([1.0, 0.0])
    assert ces(z, weights, np.array(1e-12), axis=-1).tolist() == [0.0, 0.0]


def solved(**changes: object) -> Outcome:
    outcome = solve(build(tiny(**changes)), gap=1e-5, time_limit=600)
    assert outcome.status == "optimal" and outcome.objective is not None and outcome.bound is not None
    return outcome


def overlap(one: Outcome, other: Outcome, room: float) -> bool:
    """Whether the intervals from plan to bound, larger is better, have a value in common."""
    assert one.objective and one.bound and other.objective and other.bound
    room += TOLERANCES.objective_round_off * one.bound
    return max(one.objective, other.objective) <= min(one.bound, other.bound) + room


@pytest.mark.parametrize("field", ["kct__rho", "kct__rho_domains", "security__rho"])
def test_exponents_near_zero_have_the_optimum_of_zero(field: str) -> None:
    form = {"security__form": "ces"} if field == "security__rho" else {}
    flat = solved(**form, **{field: 0.0})
    for rho in (2.8e-17, -1e-9, 1e-6, 1e-3):
        assert overlap(flat, solved(**form, **{field: rho}), room=300 * abs(rho))


@pytest.mark.parametrize("field", ["kct__rho", "kct__rho_domains", "security__rho"])
@pytest.mark.parametrize("rho", [-300.0, -1e4, -1e8])
def test_exponents_far_below_zero_are_solved(field: str, rho: float) -> None:
    form = {"security__form": "ces"} if field == "security__rho" else {}
    far = solve(build(tiny(**form, **{field: rho})), gap=1e-3, time_limit=600)
    assert far.status == "optimal"


@dataclass(frozen=True)
class Odd:
    """A change that is extreme but allowed."""

    changes: dict[str, object]


@pytest.mark.parametrize(
    "odd",
    [
        Odd({"kct__weights": {"B": 1e-12, "A": 0.4, "M": 0.3, "S": 0.3}}),
        Odd({"domains__0__weight": 1e-12}),
        Odd({"lines__1__weight": 1e-12}),
        Odd({"diffusion__exchange_reference": 1e-12}),
        Odd({"knowledge__yield_factor": 1e4}),
        Odd({"kct__multiplier": 1 - 1e-12}),
        Odd({"lines__0__spend": 1.2e-8}),
    ],
    ids=["type weight", "domain weight", "line weight", "exchange reference", "yield factor", "multiplier", "spend"],
)
def test_extreme_shares_are_solved(odd: Odd) -> None:
    outcome = solve(build(tiny(**odd.changes)), gap=1e-3, time_limit=600)
    assert outcome.status == "optimal"


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("knowledge.yield_factor", "1e6", "yield_factor"),
        ("cut_off.loss", "1e6", "loss"),
        ("lines[quantum-B].spend", "1e-9", "lines[quantum-B].spend"),
    ],
)
def test_what_cannot_be_solved_is_told_at_reading(path: str, value: str, field: str, tmp_path: Path) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text(f'extends: baseline\nset:\n  "{path}": {value}\n', encoding="utf-8")
    with pytest.raises(ScenarioErrors) as failed:
        kctopt.load(file)
    assert field in str(failed.value) and "odd.yaml:3" in str(failed.value)


@pytest.mark.parametrize("share", [0.0, 1e-12, 1e-4])
def test_a_rungs_share_of_spend_too_small_for_its_yield_is_told(share: float) -> None:
    odd = tiny(rungs__0__spend_share=share, rungs__1__spend_share=0.8 - share)
    with pytest.raises(ScenarioErrors, match=r"too small for a yield to be calibrated by it; give at least 0\.001"):
        kctopt.load(odd)


def test_a_small_share_of_spend_is_solved() -> None:
    assert kctopt.solve(tiny(rungs__0__spend_share=1e-3, rungs__1__spend_share=0.799), gap=1e-3).status == "optimal"
