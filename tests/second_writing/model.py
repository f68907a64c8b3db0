r"""Sets, years, series and the money of a plan in every year.

The formulas of `docs/model.md`:

    e_t = e_n + (e_m - e_n) (t - n)/(m - n)        between stated years n and m
    e_t = e_n        before the first and after the last stated year n
    x[i,r,t] = x[i,r,T],   u[i,t] = u[i,T],   y[i,t] = y[i,T],   S[i,t] = S[i,T]        t > T

    power product   f(z) = c * prod_j z_j^alpha_j             sum_j alpha_j <= 1
    ces             f(z) = c * (sum_j w_j z_j^rho)^(1/rho)    rho < 1, rho != 0, sum_j w_j = 1
    parabola        f(z) = c * z * (1 - z / scale)

The concave functions stand in the laws, written out where they occur; `mean` is the CES mean, in logarithms, so that it
is the right number for exponents of any size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from .numbers import Record

TYPES = ("B", "A", "M", "S")
MEMBER = {"B": "bottleneck", "A": "accelerator", "M": "moat", "S": "security"}


def empty() -> dict[Any, float]:
    """Numbers by the index of their letter."""
    return {}


class Model:
    """A scenario with its sets, and every quantity of the formulas by its letter, indexed as there."""

    def __init__(self, s: Record, money: dict[str, Any], choices: dict[str, Any], tolerance: float) -> None:
        self.s, self.choices, self.tolerance = s, choices, tolerance
        self.controls: dict[int, float] = {}
        self.lines, self.domains, self.rungs = s.lines, s.domains, s.rungs
        self.t0, self.T = s.horizon.base_year, s.horizon.last_year
        self.years = range(self.t0 + 1, self.T + 1)
        self.all_years = range(self.t0 + 1, self.T + s.horizon.tail + 1)
        self.x: dict[Any, float] = {}
        self.u: dict[Any, float] = {}
        self.y: dict[Any, float] = {}
        self.S: dict[Any, float] = {}
        for n, i in enumerate(self.lines):
            for t in self.all_years:
                self.spend(n, i, t, money)
        # what follows is filled by the pages; `sub` is s, the substitutes, and z the stage by line and review
        self.R, self.k, self.C, self.sub, self.q, self.D, self.Acc, self.Ac = (empty() for _ in range(8))
        self.Z, self.ZN, self.KCT_d, self.KCT, self.X, self.M, self.EP, self.MP, self.NS = (empty() for _ in range(9))
        self.x0, self.xbar, self.ubar, self.ybar, self.y0, self.a, self.xe, self.G, self.h = (empty() for _ in range(9))
        self.free, self.held = empty(), empty()  # held is h where the simulator holds lines back by itself
        self.z: dict[Any, int] = {}
        self.first: dict[str, int] = {}
        self.curves: dict[Any, list[tuple[float, float]]] = {}
        self.line = {i.id: i for i in self.lines}
        self.of = {d.id: [i for i in self.lines if i.domain == d.id] for d in self.domains}
        self.domain = {i.id: d for d in self.domains for i in self.of[d.id]}
        self.plans, self.reviews = self.plan_years(), [self.t0 + 1]

    def spend(self, n: int, i: Record, t: int, money: dict[str, Any]) -> None:
        """Spend of a line in a year, that of T in the tail; amounts below 0 are 0."""
        at = min(t, self.T) - self.t0 - 1
        for j, r in enumerate(self.rungs):
            self.x[i.id, r.id, t] = max(0.0, float(money["strategic"][n, j, at]))
        self.u[i.id, t] = max(0.0, float(money["substitution"][n, at]))
        self.y[i.id, t] = max(0.0, float(money["exchange"][n, at]))
        self.S[i.id, t] = sum(self.x[i.id, r.id, t] for r in self.rungs) + self.u[i.id, t] + self.y[i.id, t]

    def e(self, t: int) -> float:
        """Control intensity."""
        if t not in self.controls:
            self.controls[t] = series(self.s.controls.intensity, t)
        return self.controls[t]

    def shift(self, t: int) -> float:
        """What the scenario adds to the rival's growth."""
        return series(self.s.rival.growth_shift, t)

    def U(self, i: Record, t: int) -> float:
        """Usable capability."""
        return float(self.C[i.id, t] + self.sub[i.id, t])

    def plan_years(self) -> list[tuple[int, int]]:
        """First and last year of every plan."""
        length = self.s.horizon.plan_length
        return [(a, min(a + length - 1, self.T)) for a in self.years if (a - self.t0 - 1) % length == 0]

    def p(self, t: int) -> int:
        """Position of the plan of a year."""
        return max(n for n, (first, _) in enumerate(self.plans) if first <= t)

    def table(self, values: dict[Any, float], *axes: Iterable[Any]) -> np.ndarray:
        """Values by their index as an array, axis after axis."""
        lists = [list(axis) for axis in axes]
        found = np.empty([len(axis) for axis in lists])
        for place in np.ndindex(*found.shape):
            found[place] = values[tuple(axis[n] for axis, n in zip(lists, place, strict=True))]
        return found


def m(i: Record, k: str) -> float:
    """Membership of a line in a type."""
    return float(i[MEMBER[k]])


def series(value: Any, t: int) -> float:
    """A number by year."""
    if not isinstance(value, dict):
        return float(value)
    stated = sorted(int(n) for n in value)
    at = {int(n): float(v) for n, v in value.items()}
    if t <= stated[0]:
        return at[stated[0]]
    if t >= stated[-1]:
        return at[stated[-1]]
    a = max(n for n in stated if n <= t)
    b = min(n for n in stated if n > t)
    return at[a] + (at[b] - at[a]) * (t - a) / (b - a)


def mean(values: list[float], weights: list[float], rho: float) -> float:
    """M_rho(z; w) over the parts that have weight."""
    parts = [(z, w) for z, w in zip(values, weights, strict=True) if w > 0]
    total = sum(w for _, w in parts)
    rho = 0.0 if abs(rho) < 1e-8 else rho
    if any(z == 0 for z, _ in parts):
        return 0.0 if rho <= 0 else (sum(w * z**rho for z, w in parts) / total) ** (1 / rho)
    logs = [(math.log(z), w / total) for z, w in parts]
    if rho == 0:
        return math.exp(sum(w * log for log, w in logs))
    most = max(rho * log for log, _ in logs)  # M^rho = e^most * sum w e^(rho log z - most)
    return math.exp((most + math.log1p(sum(w * math.expm1(rho * log - most) for log, w in logs))) / rho)
