"""The three concave functions: values by hand, gradients against differences, chords, tangents."""

import numpy as np
import pytest
from pyomo.environ import ConcreteModel, NonNegativeReals, Var, value
from pytest import approx

from kctopt.concave import (
    Ces,
    CesMeans,
    Functions,
    Parabola,
    Parabolas,
    PowerProduct,
    PowerProducts,
    add_family,
    arguments,
    mean,
    mean_value,
    stack,
)

COUNT, WIDTH = 400, 4


def random_powers(rng: np.random.Generator) -> PowerProducts:
    """Exponents with a sum up to 1, some arguments unused."""
    exponents = rng.dirichlet(np.ones(WIDTH), COUNT) * rng.uniform(0.2, 1.0, (COUNT, 1))
    return PowerProducts(rng.uniform(0.1, 50, COUNT), exponents * (rng.random((COUNT, WIDTH)) > 0.3))


def random_means(rng: np.random.Generator) -> CesMeans:
    """Orders from -8 to just below 1, some arguments unused (never the first)."""
    weights = rng.dirichlet(np.ones(WIDTH), COUNT) * (rng.random((COUNT, WIDTH)) > 0.3)
    weights[:, 0] += 0.1
    rho = np.where(rng.random(COUNT) < 0.5, rng.uniform(-8, -0.05, COUNT), rng.uniform(0.05, 0.99, COUNT))
    return CesMeans(rng.uniform(0.1, 3, COUNT), weights / weights.sum(axis=1, keepdims=True), rho)


def random_parabolas(rng: np.random.Generator) -> Parabolas:
    return Parabolas(rng.uniform(0.01, 0.5, COUNT), rng.uniform(20, 300, COUNT))


KINDS = {"power products": random_powers, "ces means": random_means, "parabolas": random_parabolas}


@pytest.fixture(params=KINDS)
def functions(request: pytest.FixtureRequest) -> Functions:
    return KINDS[request.param](np.random.default_rng(7))


def points(functions: Functions, seed: int) -> np.ndarray:
    """Arguments over six orders of magnitude."""
    width = 1 if isinstance(functions, Parabolas) else WIDTH
    return np.exp(np.random.default_rng(seed).uniform(np.log(1e-3), np.log(1e3), (COUNT, width)))


def test_values_by_hand() -> None:
    powers = PowerProducts(np.array([3.0, 2.0]), np.array([[0.5, 0.25], [0.5, 0.0]]))
    assert powers.value(np.array([[4.0, 16.0], [9.0, 0.0]])) == approx([3 * 2 * 2, 2 * 3])
    means = CesMeans(np.array([1.0, 2.0]), np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([-1.0, 0.5]))
    assert means.value(np.array([[90.0, 60.0], [9.0, 7.0]])) == approx([72.0, 18.0])  # 2/(1/90 + 1/60); 2 x 9
    assert Parabolas(np.array([0.05]), np.array([100.0])).value(np.array([[80.0]])) == approx([0.05 * 80 * 0.2])


def test_a_ces_mean_of_low_order_is_zero_where_an_argument_is_and_never_overflows() -> None:
    half = np.full((3, 2), 0.5)
    means = CesMeans(np.ones(3), half, np.array([-1.0, 0.5, -200.0]))
    assert means.value(np.array([[0.0, 4.0], [0.0, 4.0], [1e-3, 1e3]])) == approx([0.0, 1.0, 1e-3], rel=4e-3)
    assert means.value(np.zeros((3, 2))) == approx(np.zeros(3))
    assert np.isfinite(means.gradient(np.full((3, 2), 1e-6))).all()


def test_a_power_product_is_zero_where_an_argument_is() -> None:
    powers = PowerProducts(np.array([3.0]), np.array([[0.5, 0.25]]))
    assert powers.value(np.array([[0.0, 16.0]])) == approx([0.0])


def test_the_gradient_is_that_of_finite_differences(functions: Functions) -> None:
    z = points(functions, 1)
    gradient = functions.gradient(z)
    for j in range(z.shape[1]):
        step = 1e-6 * z * (np.arange(z.shape[1]) == j)
        slope = (functions.value(z + step) - functions.value(z - step)) / (2 * step[:, j])
        tolerance = 1e-8 * np.abs(functions.value(z)) / z[:, j]  # round-off of the difference
        assert (np.abs(gradient[:, j] - slope) <= 1e-5 * np.abs(slope) + 3 * tolerance).all()


def test_no_chord_lies_above_the_curve(functions: Functions) -> None:
    one, other = points(functions, 2), points(functions, 3)
    for share in (0.5, 0.9, 0.01):
        middle = functions.value(share * one + (1 - share) * other)
        chord = share * functions.value(one) + (1 - share) * functions.value(other)
        assert (middle >= chord - 1e-9 * np.abs(chord)).all()


def test_no_tangent_lies_below_the_curve(functions: Functions) -> None:
    touch, elsewhere = points(functions, 4), points(functions, 5)
    tangent = functions.value(touch) + (functions.gradient(touch) * (elsewhere - touch)).sum(axis=1)
    assert (tangent >= functions.value(elsewhere) - 1e-9 * np.abs(tangent)).all()


def model() -> ConcreteModel:
    m = ConcreteModel()
    m.v = Var(initialize=2.0, domain=NonNegativeReals)
    m.z = Var([0, 1, 2], initialize={0: 40.0, 1: 60.0, 2: 90.0}, domain=NonNegativeReals)
    return m


@pytest.mark.parametrize("kind", ["power product", "ces", "parabola"])
def test_the_pyomo_expression_is_the_function(kind: str) -> None:
    m = model()
    relation = {
        "power product": PowerProduct(m.v, 3.0, [(m.z[0] / 40, 0.5), (m.z[1], 0.25)]),
        "ces": Ces(m.v, 2.0, [(m.z[0], 0.3), (m.z[1] + m.z[2], 0.7)], -1.5),
        "parabola": Parabola(m.v, 0.05, m.z[0], 100.0),
    }[kind]
    z = np.array([[value(argument) for argument in arguments(relation)]])
    low, high = relation.expression().args  # v <= f(z)
    assert value(low) == 2.0
    assert value(high) == approx(stack([relation]).value(z)[0])


def test_means_by_order() -> None:
    m = model()
    terms = [(m.z[0], 1.0), (m.z[1], 3.0), (m.z[2], 0.0)]
    harmonic = mean(m.v, terms, -1.0)
    assert isinstance(harmonic, Ces)
    assert [weight for _, weight in harmonic.terms] == [0.25, 0.75]  # normalised, without weight no say
    geometric = mean(m.v, terms, 0.0)
    assert isinstance(geometric, PowerProduct)
    assert [exponent for _, exponent in geometric.factors] == [0.25, 0.75]
    for linear, right in ((mean(m.v, terms, 1.0), 55.0), (mean(m.v, terms[:1], -1.0), 40.0)):
        assert value(linear.args[1]) == approx(right)


@pytest.mark.parametrize(
    ("rho", "expected"), [(1.0, 55.0), (0.0, 40**0.25 * 60**0.75), (-1.0, 1 / (0.25 / 40 + 0.0125))]
)
def test_mean_value(rho: float, expected: float) -> None:
    assert mean_value([40.0, 60.0], [1.0, 3.0], rho) == approx(expected)


def test_a_family_keeps_its_relations_by_index_and_leaves_linear_ones_to_pyomo() -> None:
    m = model()
    family = add_family(m, "law", [0, 1], rule=lambda n: m.v <= 1.0 if n else PowerProduct(m.v, 1.0, [(m.z[0], 0.5)]))
    assert family.constraint is m.law
    assert list(m.law) == [0, 1]
    assert list(family.relations) == [0]


def test_relations_of_different_width_stack_with_unused_arguments() -> None:
    m = model()
    pair = [PowerProduct(m.v, 1.0, [(m.z[0], 0.5), (m.z[1], 0.2)]), PowerProduct(m.v, 2.0, [(m.z[2], 0.3)])]
    stacked = stack(pair)
    assert isinstance(stacked, PowerProducts)
    assert stacked.exponents == approx(np.array([[0.5, 0.2], [0.3, 0.0]]))
    assert stacked.coefficient == approx([1.0, 2.0])
    ces = stack([Ces(m.v, 1.0, [(m.z[0], 1.0)], -1.0), Ces(m.v, 1.0, [(m.z[0], 0.5), (m.z[1], 0.5)], 0.5)])
    assert isinstance(ces, CesMeans)
    assert ces.value(np.array([[40.0, 0.0], [64.0, 16.0]])) == approx([40.0, 36.0])  # ((8 + 4)/2)^2


def test_second_derivatives_are_those_of_the_gradient(functions: Functions) -> None:
    z = np.maximum(points(functions, 3), 1e-2)
    found = functions.hessian(z)
    assert found.shape == (*z.shape, z.shape[1])
    for j in range(z.shape[1]):
        step = np.zeros_like(z)
        step[:, j] = 1e-5 * z[:, j]
        change = functions.gradient(z + step) - functions.gradient(z - step)
        expected = change / (2 * step[:, [j]])
        size = np.abs(found).max(axis=(1, 2))[:, None]
        assert found[:, j] == approx(expected, rel=1e-5, abs=1e-6 * float(size.max()))
