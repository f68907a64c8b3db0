"""A convex program in the making: the scenario's numbers and the curves that rules are written with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cvxpy as cp
import numpy as np

from kctopt.scenario.calibrate import BaseYear, calibrate
from kctopt.scenario.records import TYPES, Scenario

Array = np.ndarray
Factor = tuple[Any, float]


@dataclass
class Sketch:
    """A program in the making: the scenario, its numbers as arrays and the rules written so far."""

    scenario: Scenario
    base: BaseYear
    planned: int  # N
    years: int  # H = N + tail
    weight: Array  # (L,)
    sensitivity: Array  # (L,)
    member: Array  # (L, 4) in the order of TYPES
    home: Array  # (G, L) 1 where the line belongs to the domain
    rules: list[Any] = field(default_factory=list)

    def named(self, value: Any) -> cp.Variable:
        """A variable equal to `value`, so that the solver sees a sum once however often it is used."""
        variable = cp.Variable(value.shape)
        self.rules.append(variable == value)
        return variable

    def mean(self, parts: Sequence[Factor], bound: Any) -> None:
        """bound <= prod(arg^power) elementwise, powers > 0 that sum to 1.

        A square root is a second-order cone; the rest are exponential cones, bound * exp(s/bound) <= arg and
        sum power*s >= 0. Clarabel ends early on most of these programs with three-dimensional power cones.
        """
        flat = [cp.vec(cp.Expression.cast_to_const(arg), order="F") for arg, _ in parts]
        target = cp.vec(bound, order="F")
        if len(parts) == 2 and abs(parts[0][1] - 0.5) < 1e-12:
            self.rules.append(cp.SOC(flat[0] + flat[1], cp.vstack([2 * target, flat[0] - flat[1]]), axis=0))
            return
        logs = [cp.Variable(target.shape) for _ in parts]
        self.rules.extend(cp.ExpCone(log, target, arg) for log, arg in zip(logs, flat, strict=True))
        self.rules.append(sum(power * log for log, (_, power) in zip(logs, parts, strict=True)) >= 0)

    def product(self, factors: Sequence[Factor]) -> Any:
        """Largest t <= prod(arg^exponent) elementwise; exponents >= 0 that sum to at most 1, args of one shape."""
        used = [(arg, power) for arg, power in factors if power > 0]
        rest = 1 - sum(power for _, power in used)
        if rest < -1e-9:
            raise ValueError("exponents sum to more than 1: not concave")
        if rest > 1e-9:
            used.append((np.ones(factors[0][0].shape), rest))
        bound = cp.Variable(factors[0][0].shape)
        self.mean(used, bound)
        return bound

    def ces(self, parts: Sequence[Any], weights: Sequence[float], rho: float) -> Any:
        """Largest t <= (sum w part^rho)^(1/rho) elementwise, weights normalised, rho <= 1 (0: the geometric mean)."""
        used = [(part, w) for part, w in zip(parts, weights, strict=True) if w > 0]
        total = sum(w for _, w in used)
        used = [(part, w / total) for part, w in used]
        if len(used) == 1:
            return used[0][0]
        if rho == 1:
            return sum(w * part for part, w in used)
        if rho == 0:
            return self.product(used)
        bound = cp.Variable(used[0][0].shape)
        terms = [cp.Variable(bound.shape) for _ in used]
        for term, (part, _) in zip(terms, used, strict=True):
            if rho < 0:  # t <= term^(1/(1-rho)) part^(-rho/(1-rho)), sum w term <= t
                self.mean([(term, 1 / (1 - rho)), (part, -rho / (1 - rho))], bound)
            else:  # term <= part^rho t^(1-rho), t <= sum w term
                self.mean([(part, rho), (bound, 1 - rho)], term)
        mean = sum(w * term for term, (_, w) in zip(terms, used, strict=True))
        self.rules.append(mean <= bound if rho < 0 else mean >= bound)
        return bound

    def least(self, parts: Sequence[Any]) -> Any:
        """Largest t <= every part."""
        bound = cp.Variable(parts[0].shape)
        self.rules.extend(bound <= part for part in parts)
        return bound


class Numbers(Sketch):
    """The same curves on plain numbers, for the base year."""

    def named(self, value: Any) -> Any:
        return value

    def product(self, factors: Sequence[Factor]) -> Any:
        return np.prod([arg**power for arg, power in factors if power > 0])

    def ces(self, parts: Sequence[Any], weights: Sequence[float], rho: float) -> Any:
        shares, values = np.array(weights) / sum(weights), np.array(parts)
        values, shares = values[shares > 0], shares[shares > 0]
        return np.prod(values**shares) if rho == 0 else (shares @ values**rho) ** (1 / rho)

    def least(self, parts: Sequence[Any]) -> Any:
        return min(parts)


def outline(scenario: Scenario) -> Sketch:
    """The scenario's numbers as arrays, no rule yet."""
    lines = scenario.lines
    return Sketch(
        scenario=scenario,
        base=calibrate(scenario),
        planned=len(scenario.horizon.years),
        years=len(scenario.horizon.all_years),
        weight=np.array([line.weight for line in lines]),
        sensitivity=np.array([line.sensitivity for line in lines]),
        member=np.array([[line.membership[k] for k in TYPES] for line in lines]),
        home=np.array([[float(line.domain == domain.id) for line in lines] for domain in scenario.domains]),
    )
