"""Sensitivity indices of an outcome with its intervals, each method on rows that designs.py found to be right.

    S_i  = Var(E[Y | x_i]) / Var(Y)                       first order
    ST_i = 1 - Var(E[Y | x_~i]) / Var(Y)                  total
    S_ij = Var(E[Y | x_i, x_j]) / Var(Y) - S_i - S_j      second order
    PAWN_i  = median over slices of x_i of max_y |F(y) - F(y | x_i in slice)|
    delta_i = 1/2 E[ integral |f(y) - f(y | x_i)| dy ]
    mu*_i   = mean over trajectories of |Y(x + step in x_i) - Y(x)| / step

Sobol, Morris and RBD-FAST are SALib's. PAWN and delta are ours, for SALib's leave out what our outcomes have: PAWN the
highest level of an input of few values, delta (1.6) every slice in which the outcome is one number, such as a
target that is met (findings/salib-levels.sh); and choices have no order (docs/development/study-notes.md).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kctopt.extras import need
from kctopt.study.given import Array

GRID = 256  # points of densities
SLICES = 10  # of PAWN; an input of no more values has one for each
DUMMIES = 100  # shuffles, of which 95 % of scores of an input without influence stay below the floor


@dataclass(frozen=True)
class Asked:
    """What all methods are asked."""

    confidence: float
    resamples: int
    seed: int


Columns = dict[str, Array]  # name of an index -> (K,) values; `NAME_half` its half interval


@contextmanager
def _quiet_salib(seed: int) -> Iterator[int]:
    """SALib's seed (0 would be none); what it changes is put back: numpy's generator, how warnings look."""
    need(["study indices"])
    state, shape = np.random.get_state(), warnings.formatwarning
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield seed + 1
    finally:
        np.random.set_state(state)
        warnings.formatwarning = shape


def _problem(inputs: int) -> dict[str, Any]:
    """What SALib asks; names are ours, because it refuses some endings."""
    return {"num_vars": inputs, "names": [f"x{i}" for i in range(inputs)], "bounds": [[0.0, 1.0]] * inputs}


def sobol(values: Array, inputs: int, asked: Asked, *, second: bool) -> tuple[Columns, Array, Array]:
    """First and total order of (N, block) outcomes; second order and its half interval, (K, K), nan elsewhere."""
    with _quiet_salib(asked.seed) as seed:
        from SALib.analyze import sobol as method

        found = method.analyze(
            _problem(inputs), values.ravel(), calc_second_order=second, num_resamples=asked.resamples,
            conf_level=asked.confidence, seed=seed,
        )  # fmt: skip
    named = {"total": "ST", "total_half": "ST_conf", "first": "S1", "first_half": "S1_conf"}
    columns = {name: np.asarray(found[key], dtype=float) for name, key in named.items()}
    empty = np.full((inputs, inputs), np.nan)
    return columns, np.asarray(found["S2"] if second else empty), np.asarray(found["S2_conf"] if second else empty)


def morris(draws: Array, values: Array, levels: int, asked: Asked) -> Columns:
    """Mean and spread of elementary effects, in units of the outcome over the whole range of an input."""
    with _quiet_salib(asked.seed) as seed:
        from SALib.analyze import morris as method

        found = method.analyze(
            _problem(draws.shape[1]), draws, values, num_levels=levels, num_resamples=asked.resamples,
            conf_level=asked.confidence, seed=seed,
        )  # fmt: skip
    named = {"mu_star": "mu_star", "mu_star_half": "mu_star_conf", "mu": "mu", "sigma": "sigma"}
    return {name: np.asarray(found[key], dtype=float) for name, key in named.items()}


def delta(draws: pd.DataFrame, values: Array, asked: Asked) -> Columns:
    """Borgonovo's delta by the estimator of Plischke and others (2013), its bias taken off by the bootstrap."""
    random = np.random.default_rng(asked.seed)
    count = round(min(np.ceil(len(values) ** (2.0 / (7.0 + np.tanh((1500.0 - len(values)) / 500.0)))), 48))
    groups = [_slices(draws[name], int(count)) for name in draws]
    plain = np.array([_area(group, values) for group in groups])
    again = np.empty((asked.resamples, len(groups)))
    for row in again:
        chosen = random.integers(len(values), size=len(values))
        row[:] = [_area(group[chosen], values[chosen]) for group in groups]
    return {"delta": 2.0 * plain - again.mean(axis=0), "delta_half": _normal(asked) * again.std(axis=0, ddof=1)}


def _area(group: NDArray[np.intp], values: Array) -> float:
    """Half the area between the outcome's density and that of each slice, weighed by the slices' draws."""
    low, width = float(values.min()), float(np.ptp(values)) / (GRID - 1)
    if width <= 0:
        return 0.0
    cells = np.rint((values - low) / width).astype(np.intp)
    kinds, codes = np.unique(group, return_inverse=True)
    counts = np.bincount(codes * GRID + cells, minlength=len(kinds) * GRID).reshape(len(kinds), GRID)
    whole = _density(counts.sum(axis=0), width)
    far = [np.abs(whole - _density(one, width)).sum() * width for one in counts]
    return float(np.dot(far, counts.sum(axis=1)) / (2 * len(values)))


def _density(counts: NDArray[np.intp], width: float) -> Array:
    """Gaussian kernel density on the grid, with Silverman's bandwidth; values all alike stand in one cell."""
    total = counts.sum()
    at = np.arange(GRID) * width
    mean = counts @ at / total
    spread = np.sqrt(counts @ (at - mean) ** 2 / max(total - 1, 1))
    band = spread * (0.75 * total) ** -0.2
    if band <= 0.5 * width:
        return np.asarray(counts / (total * width), dtype=float)
    frequencies = np.fft.rfftfreq(2 * GRID, d=width)
    kernel = np.exp(-2.0 * (np.pi * frequencies * band) ** 2)
    smooth = np.fft.irfft(np.fft.rfft(counts, 2 * GRID) * kernel, 2 * GRID)[:GRID]
    return np.asarray(smooth / (total * width), dtype=float)


def rbd_fast(draws: Array, values: Array, asked: Asked) -> Columns:
    """First order by random balance designs, bias taken off.

    Rows go in a random order: within a level of an input their own order would be taken for an effect.
    """
    order = np.random.default_rng(asked.seed).permutation(len(values))
    with _quiet_salib(asked.seed) as seed:
        from SALib.analyze import rbd_fast as method

        found = method.analyze(
            _problem(draws.shape[1]),
            draws[order],
            values[order],
            num_resamples=asked.resamples,
            conf_level=asked.confidence,
            seed=seed,
        )
    return {"first": np.asarray(found["S1"], dtype=float), "first_half": np.asarray(found["S1_conf"], dtype=float)}


def pawn(draws: pd.DataFrame, values: Array, asked: Asked) -> tuple[Columns, float]:
    """Median, mean and largest distance over slices; then the score below which 95 % of idle inputs stay."""
    random = np.random.default_rng(asked.seed)
    groups = [_slices(draws[name]) for name in draws]
    codes = np.unique(values, return_inverse=True)[1]
    found = np.array([_distances(group, codes) for group in groups])
    again = np.empty((asked.resamples, len(groups)))
    for row in again:
        chosen = random.integers(len(values), size=len(values))
        row[:] = [_distances(group[chosen], codes[chosen])[0] for group in groups]
    half = _normal(asked) * again.std(axis=0, ddof=1)
    even = np.arange(len(values)) * SLICES // len(values)
    dummies = [_distances(random.permutation(even), codes)[0] for _ in range(DUMMIES)]
    columns = {"median": found[:, 0], "median_half": half, "mean": found[:, 1], "most": found[:, 2]}
    return columns, float(np.quantile(dummies, 0.95))


def _normal(asked: Asked) -> float:
    """Half intervals in standard errors."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + asked.confidence / 2))


def _slices(column: pd.Series[Any], slices: int = SLICES) -> NDArray[np.intp]:
    """The slice of each draw: one for each value where there are few, else `slices` of equal count."""
    codes, kinds = pd.factorize(column)
    if len(kinds) <= slices or not pd.api.types.is_numeric_dtype(column.infer_objects()):
        return np.asarray(codes)
    ranks = np.argsort(np.argsort(column.to_numpy(dtype=float), kind="stable"), kind="stable")
    return np.asarray(ranks * slices // len(column))


def _distances(group: NDArray[np.intp], codes: NDArray[np.intp]) -> tuple[float, float, float]:
    """Median, mean and largest Kolmogorov-Smirnov distance of slices to the whole; codes rank the outcome."""
    count, kinds = int(group.max()) + 1, int(codes.max()) + 1
    table = np.bincount(group * kinds + codes, minlength=count * kinds).reshape(count, kinds)
    table = table[table.any(axis=1)]
    inside = table.cumsum(axis=1) / table.sum(axis=1, keepdims=True)
    whole = table.sum(axis=0).cumsum() / len(codes)
    far = np.abs(inside - whole).max(axis=1)
    return float(np.median(far)), float(far.mean()), float(far.max())
