"""Which parameters fit the figures within their ranges, by least squares.

    min over p in [low, high] of  sum_i 1/n_i sum_t (log simulated[i,t](p) - log observed[i,t])^2

n_i is the number of figures of line i after its first, so that lines count alike. At every p the yields are calibrated
anew, so that the money of the first year carries the line along its trend: p is fitted as the model would use it.
The trend of the first year can be fitted in place of p, as far down as yields stay positive.
Intervals are those of a linear model at the optimum, at 90 %; a parameter at the edge of its range has none, nor has
one whose whole range moves no path by EFFECT, nor any where there are not more figures than parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kctopt.backcasting.methods import Miss, misses
from kctopt.backcasting.observed import History
from kctopt.backcasting.starts import TREND, Start, with_values
from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.field_kinds import fields
from kctopt.scenario.records import Line, Scenario
from kctopt.simulator.world import Array

LEVEL = 0.90  # of intervals
EFFECT = 0.01  # change of the logarithm of a ratio over the whole range below which a parameter has no say
WITHIN = float(np.log(1.25))  # a line fits where each figure is met to a quarter
STEP = 1e-3  # of the range, for derivatives
NEAR_EDGE = 1e-5  # of the range, at which a value is taken to stand at its edge
SMALLEST = 1e-9  # ratio; keeps logarithms finite where a law ends at nothing

Values = dict[str, float]


@dataclass(frozen=True)
class Fitted:
    """One parameter after a fit: of all lines together, or of one."""

    scope: str  # a line, or "all"
    parameter: str
    low: float
    high: float
    stated: float  # in the model
    value: float
    interval: tuple[float, float] | None
    where: str  # inside, low, high (at that edge of the range) or no effect


@dataclass(frozen=True)
class Fit:
    """Parameters fitted to some lines, and what is left of the errors."""

    parameters: tuple[Fitted, ...]
    misses: tuple[Miss, ...]  # of the simulation, at the optimum

    @property
    def values(self) -> Values:
        """Fitted values by path."""
        return {fitted.parameter: fitted.value for fitted in self.parameters}

    @property
    def fits(self) -> bool:
        """Whether every figure is met to a quarter."""
        return all(abs(miss.log) <= WITHIN for miss in self.misses)


def fit(history: History, worlds: Sequence[Start], line: str | None = None, trend: bool = False) -> Fit:
    """Fit the parameters of `ranges.csv`, or the trend of the first year in their place, to a line or to all."""
    from scipy.optimize import least_squares

    model = history.model
    lines = history.lines if line is None else (line,)
    used = [world for world in worlds if set(lines) & {line.id for line in world.scenario.lines}]
    bounds = {span.path: (span.low, span.high) for span in history.ranges}
    if trend:
        bounds = {TREND: _lawful_trends(used, lines)}
    low, high = (np.array([pair[n] for pair in bounds.values()]) for n in (0, 1))
    width = high - low

    def at(point: Array) -> list[Miss]:
        values = dict(zip(bounds, (low + point * width).tolist(), strict=True))
        paths = {name: np.maximum(p, SMALLEST) for w in used for name, p in w.simulated(values).items()}
        return [miss for miss in misses(history, paths, lines=lines) if miss.method == "simulated"]

    def residuals(point: Array) -> Array:
        missed = at(point)
        count = {name: sum(miss.line == name for miss in missed) for name in lines}
        return np.array([miss.log / np.sqrt(count[miss.line]) for miss in missed])

    stated = np.array([_stated(model, path, lines) for path in bounds])
    starts = np.clip([(stated - low) / width, np.full(len(width), 0.5)], STEP, 1 - STEP)  # two, as valleys are flat
    steps = np.full(len(width), STEP)
    ends = [
        least_squares(residuals, start, bounds=(0.0, 1.0), diff_step=steps, xtol=1e-8, ftol=1e-10) for start in starts
    ]
    end = min(ends, key=lambda one: one.cost)
    point = np.where(end.x < NEAR_EDGE, 0.0, np.where(end.x > 1 - NEAR_EDGE, 1.0, end.x))
    effects = [_effect(residuals, point, n) for n in range(len(bounds))]
    intervals = _intervals(np.asarray(end.jac), end.fun, point, np.array(effects))
    fitted = tuple(
        Fitted(
            line or "all", path, float(low[n]), float(high[n]), float(stated[n]), float(low[n] + point[n] * width[n]),
            None if intervals[n] is None else _clipped(low[n] + width[n] * np.array(intervals[n]), low[n], high[n]),
            _where(point[n], effects[n]),
        )
        for n, path in enumerate(bounds)
    )  # fmt: skip
    return Fit(fitted, tuple(at(point)))


def trend_limits() -> tuple[float, float]:
    """Least and largest trend that a line may state, 1/year."""
    limits = dict(fields(Line)["trend"].bounds)
    return limits["ge"], limits["le"]


def _lawful_trends(worlds: Sequence[Start], lines: Sequence[str]) -> tuple[float, float]:
    """Least and largest trend of the record at which the yields of lines stay positive; a yield is linear in it."""
    low, high = trend_limits()
    for world in worlds:
        first, last = (calibrate(with_values(world.scenario, {TREND: trend})).yields for trend in (low, high))
        own = np.array([line.id in lines for line in world.scenario.lines])
        zero = low + (high - low) * first[own] / (first[own] - last[own])
        low = max(low, float(zero.max()))
    return low, high


def _stated(model: Scenario, path: str, lines: Sequence[str]) -> float:
    """Value of a parameter in the model; the mean of the trends of lines."""
    if path == TREND:
        return float(np.mean([line.trend for line in model.lines if line.id in lines]))
    group, _, name = path.partition(".")
    return float(getattr(getattr(model, group), name))


def _effect(residuals: Callable[[Array], Array], point: Array, n: int) -> float:
    """Largest change of a residual between the two ends of a parameter's range."""
    ends = [np.where(np.arange(len(point)) == n, end, point) for end in (0.0, 1.0)]
    return float(np.abs(residuals(ends[1]) - residuals(ends[0])).max())


def _where(point: float, effect: float) -> str:
    if effect < EFFECT:
        return "no effect"
    return "low" if point < NEAR_EDGE else "high" if point > 1 - NEAR_EDGE else "inside"


def _intervals(slopes: Array, errors: Array, point: Array, effects: Array) -> list[tuple[float, float] | None]:
    """Intervals, in parts of the range, of the parameters that are inside it and have a say."""
    from scipy.stats import t as student

    ends: list[tuple[float, float] | None] = [None] * len(point)
    free = np.flatnonzero((point >= NEAR_EDGE) & (point <= 1 - NEAR_EDGE) & (effects >= EFFECT))
    left = len(errors) - len(point)
    if left < 1 or not len(free):
        return ends
    normal = slopes[:, free].T @ slopes[:, free]
    if np.linalg.matrix_rank(normal) < len(free):
        return ends
    deviation = np.sqrt(np.diag(np.linalg.inv(normal)) * float(errors @ errors) / left)
    half = student.ppf(0.5 + LEVEL / 2, left) * deviation
    for n, size in zip(free, half, strict=True):
        ends[n] = (float(point[n] - size), float(point[n] + size))
    return ends


def _clipped(pair: Array, low: float, high: float) -> tuple[float, float]:
    """An interval within the range of its parameter."""
    return float(np.clip(pair[0], low, high)), float(np.clip(pair[1], low, high))
