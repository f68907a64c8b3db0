"""The concave relations `bound <= f(z)`: value, gradient and Pyomo expression, vectorised over relations.

Every nonlinear law of the model is one of three concave functions of affine arguments z >= 0:

    power product   f(z) = c * prod_j z_j^alpha_j             sum_j alpha_j <= 1
    ces             f(z) = c * (sum_j w_j z_j^rho)^(1/rho)    rho < 1, not 0 (exponents.py), sum_j w_j = 1
    parabola        f(z) = c * z * (1 - z / scale)

Since f is concave, `bound <= f(p) + grad f(p) (z - p)` holds for every feasible point, whatever p is: a tangent
only enlarges the feasible set. That makes each cut of the solver valid everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from kctopt.algebra import Block, Constraint, concave
from kctopt.scenario.exponents import geometric

SMALLEST = 1e-6  # tangents are taken at arguments no smaller than this; slopes at zero are infinite


@dataclass(frozen=True)
class PowerProduct:
    """bound <= coefficient * prod(z ** exponent); `factors` are pairs (z, exponent)."""

    bound: Any
    coefficient: float
    factors: Sequence[tuple[Any, float]]

    def expression(self) -> Any:
        """The exact relation as a Pyomo expression."""
        return self.bound <= self.coefficient * prod([z**exponent for z, exponent in self.factors])


@dataclass(frozen=True)
class Ces:
    """bound <= coefficient * (sum weight * z ** rho) ** (1 / rho); `terms` are pairs (z, weight)."""

    bound: Any
    coefficient: float
    terms: Sequence[tuple[Any, float]]
    rho: float

    def expression(self) -> Any:
        """The exact relation as a Pyomo expression."""
        total = sum(weight * z**self.rho for z, weight in self.terms)
        return self.bound <= self.coefficient * total ** (1 / self.rho)


@dataclass(frozen=True)
class Parabola:
    """bound <= slope * z * (1 - z / scale)."""

    bound: Any
    slope: float
    z: Any
    scale: float

    def expression(self) -> Any:
        """The exact relation as a Pyomo expression."""
        return self.bound <= self.slope * self.z * (1 - self.z / self.scale)


Relation = PowerProduct | Ces | Parabola


@dataclass(frozen=True)
class ConcaveFamily:
    """The relations of one Pyomo constraint, by its index."""

    constraint: Any
    relations: dict[Any, Relation]


def mean(bound: Any, terms: Iterable[tuple[Any, float]], rho: float) -> Any:
    """bound <= CES mean of order rho: a `Ces`, a `PowerProduct` (rho 0) or a linear Pyomo relation (rho 1)."""
    used = [(z, weight) for z, weight in terms if weight > 0]
    total = sum(weight for _, weight in used)
    shares = [(z, weight / total) for z, weight in used]
    if rho == 1 or len(shares) == 1:
        return bound <= sum(share * z for z, share in shares)
    return PowerProduct(bound, 1.0, shares) if geometric(rho) else Ces(bound, 1.0, shares, rho)


def mean_value(values: Sequence[float], weights: Sequence[float], rho: float) -> float:
    """Number behind `mean`: CES mean of positive values; weights are normalised."""
    return float(mean_values(np.asarray(values, float)[None], weights, rho)[0])


def mean_values(values: np.ndarray, weights: Sequence[float], rho: float) -> np.ndarray:
    """`mean_value` of many points (m, n), shape (m,)."""
    w = np.asarray(weights, float)
    z, w = values[:, w > 0], w[w > 0] / w.sum()
    if geometric(rho):
        return np.asarray(np.prod(z**w, axis=1))
    return np.asarray(z @ w if rho == 1 else CesMeans(np.ones(1), w[None], np.array([rho])).value(z))


def add_family(block: Block, name: str, *sets: Any, rule: Callable[..., Any]) -> ConcaveFamily:
    """Add constraint `name` over `sets`; `rule` returns a `Relation` or a linear Pyomo relation for each index."""
    relations: dict[Any, Relation] = {}

    def build(_: Block, *index: Any) -> Any:
        made = rule(*index)
        if not isinstance(made, Relation):
            return made
        relations[index if len(index) > 1 else index[0]] = made
        return concave(made)

    constraint = Constraint(*sets, rule=build)
    block.add_component(name, constraint)
    return ConcaveFamily(constraint, relations)


@dataclass(frozen=True)
class PowerProducts:
    """Many power products: coefficient (m,), exponents (m, n); unused arguments have exponent 0."""

    coefficient: np.ndarray
    exponents: np.ndarray

    def value(self, z: np.ndarray) -> np.ndarray:
        """f at z (m, n) >= 0, shape (m,)."""
        return np.asarray(self.coefficient * np.prod(np.where(self.exponents > 0, z, 1.0) ** self.exponents, axis=1))

    def gradient(self, z: np.ndarray) -> np.ndarray:
        """df/dz at z (m, n) > 0, shape (m, n)."""
        return np.asarray(self.value(z)[:, None] * self.exponents / np.where(self.exponents > 0, z, 1.0))

    def hessian(self, z: np.ndarray) -> np.ndarray:
        """Second derivatives at z (m, n) > 0, shape (m, n, n):  f (a_i a_j - a_i [i = j]) / (z_i z_j)."""
        return _bent(self.value(z), self.exponents, np.where(self.exponents > 0, z, 1.0))


@dataclass(frozen=True)
class CesMeans:
    """Many CES means: coefficient (m,), weights (m, n) that sum to 1, rho (m,); unused arguments have weight 0.

    With r the ratios of the arguments to their least (rho < 0) or largest, r^rho lies between 0 and 1 whatever rho is:

        f = c u (1 + E)^(1/rho),   E = sum w (r^rho - 1),   df/dz_j = f s_j / z_j,   s_j = w_j r_j^rho / sum w r^rho

    Near rho = 0 the sum is all but 1, so E is summed from expm1 and read by log1p; the shares s sum to 1.
    """

    coefficient: np.ndarray
    weights: np.ndarray
    rho: np.ndarray

    def value(self, z: np.ndarray) -> np.ndarray:
        """f at z (m, n) >= 0, shape (m,)."""
        unit, power = self._powers(z)
        off = (self.weights * np.expm1(power)).sum(axis=1)
        with np.errstate(divide="ignore"):
            total = np.log((self.weights * np.exp(power)).sum(axis=1))
        log = np.where(off > -0.5, np.log1p(np.maximum(off, -0.5)), total)
        with np.errstate(over="ignore"):
            return np.asarray(self.coefficient * unit * np.exp(log / self.rho))

    def gradient(self, z: np.ndarray) -> np.ndarray:
        """df/dz at z (m, n) > 0, shape (m, n)."""
        return np.asarray(self.value(z)[:, None] * self._shares(z) / np.where(self.weights > 0, z, 1.0))

    def hessian(self, z: np.ndarray) -> np.ndarray:
        """Second derivatives at z (m, n) > 0, shape (m, n, n):  (1 - rho) f (s_i s_j - s_i [i = j]) / (z_i z_j)."""
        shares = self._shares(z)
        return _bent((1 - self.rho) * self.value(z), shares, np.where(self.weights > 0, z, 1.0))

    def _shares(self, z: np.ndarray) -> np.ndarray:
        """The shares s of the arguments."""
        _, power = self._powers(z)
        part = self.weights * np.exp(power)
        return np.asarray(part / part.sum(axis=1)[:, None])

    def _powers(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The least or largest argument u, and rho log(z/u), 0 for what is not used."""
        used = self.weights > 0
        least, largest = np.where(used, z, np.inf).min(axis=1), np.where(used, z, 0.0).max(axis=1)
        unit = np.where(self.rho < 0, least, largest)
        ratio = np.where(used, z, 1.0) / np.where(unit > 0, unit, 1.0)[:, None]
        ratio = np.where(used & (unit > 0)[:, None], ratio, 1.0)  # where unit is 0, so is f
        with np.errstate(divide="ignore", over="ignore"):
            return unit, np.asarray(self.rho[:, None] * np.log(ratio))


@dataclass(frozen=True)
class Parabolas:
    """Many parabolas of one argument: slope (m,), scale (m,)."""

    slope: np.ndarray
    scale: np.ndarray

    def value(self, z: np.ndarray) -> np.ndarray:
        """f at z (m, 1), shape (m,)."""
        return np.asarray(self.slope * z[:, 0] * (1 - z[:, 0] / self.scale))

    def gradient(self, z: np.ndarray) -> np.ndarray:
        """df/dz at z (m, 1), shape (m, 1)."""
        return np.asarray((self.slope * (1 - 2 * z[:, 0] / self.scale))[:, None])

    def hessian(self, z: np.ndarray) -> np.ndarray:
        """Second derivatives, shape (m, 1, 1)."""
        return np.asarray((-2 * self.slope / self.scale)[:, None, None])


Functions = PowerProducts | CesMeans | Parabolas


def arguments(relation: Relation) -> list[Any]:
    """The affine arguments z of a relation, in order."""
    match relation:
        case PowerProduct():
            return [z for z, _ in relation.factors]
        case Ces():
            return [z for z, _ in relation.terms]
        case Parabola():
            return [relation.z]


def stack(relations: Sequence[Relation]) -> Functions:
    """Relations of one kind as arrays, in their order."""
    first = relations[0]
    width = max(len(arguments(relation)) for relation in relations)
    match first:
        case PowerProduct():
            coefficient = np.array([relation.coefficient for relation in relations])  # type: ignore[union-attr]
            return PowerProducts(coefficient, _padded([[a for _, a in r.factors] for r in relations], width))  # type: ignore[union-attr]
        case Ces():
            coefficient = np.array([relation.coefficient for relation in relations])  # type: ignore[union-attr]
            weights = _padded([[w for _, w in r.terms] for r in relations], width)  # type: ignore[union-attr]
            return CesMeans(coefficient, weights, np.array([r.rho for r in relations]))  # type: ignore[union-attr]
        case Parabola():
            slope = np.array([relation.slope for relation in relations])  # type: ignore[union-attr]
            return Parabolas(slope, np.array([relation.scale for relation in relations]))  # type: ignore[union-attr]


def take(functions: Functions, index: np.ndarray) -> Functions:
    """Some of the functions, by position."""
    match functions:
        case PowerProducts():
            return PowerProducts(functions.coefficient[index], functions.exponents[index])
        case CesMeans():
            return CesMeans(functions.coefficient[index], functions.weights[index], functions.rho[index])
        case Parabolas():
            return Parabolas(functions.slope[index], functions.scale[index])


def _bent(value: np.ndarray, shares: np.ndarray, z: np.ndarray) -> np.ndarray:
    """value (s_i s_j - s_i [i = j]) / (z_i z_j), shape (m, n, n)."""
    scaled = shares / z
    bend = scaled[:, :, None] * scaled[:, None, :]
    at = np.arange(z.shape[1])
    bend[:, at, at] -= shares / z**2
    return np.asarray(value[:, None, None] * bend)


def _padded(rows: Sequence[Sequence[float]], width: int) -> np.ndarray:
    """Rows of different length as one matrix, filled with zeros."""
    matrix = np.zeros((len(rows), width))
    for i, row in enumerate(rows):
        matrix[i, : len(row)] = row
    return matrix
