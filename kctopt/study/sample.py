"""Draws of a study: its inputs in as many combinations as its sample says.

| method | draws |
|---|---|
| grid | every combination of levels: listed values, choices, or `levels` of each law |
| product | every combination of listed values and choices |
| zip, list | row by row |
| lhs | Latin hypercube: of N draws each input has one in each of N equally likely strata |
| sobol | Sobol sequence, scrambled, of 2^m draws |
| saltelli | A, A with one column of B each, B: N (K + 2) draws, or N (2 K + 2) with `second_order`, for Sobol indices |
| morris | N trajectories of K + 1 draws, each step one input, for elementary effects |

Draws hang on the seed and on the inputs' names, not on the order in which a file lists them; only the rows of a grid
or a product come in that order, the last input fastest.
"""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kctopt.errors import UsageError, suggest
from kctopt.extras import need
from kctopt.study.correlation import matrix, reordered, spearman
from kctopt.study.distributions import inverse, support
from kctopt.study.records import Array, Draws, Sample, Study, UncertainInput

LISTED = ("grid", "product", "zip", "list")
RANDOM = ("lhs", "sobol", "saltelli", "morris")
CORRELATED = ("lhs", "sobol")
MOST = 20_000_000  # values of all draws
OPEN = 2.0**-53  # nearest that a random share comes to 0 and 1


def draw(study: Study, *, size: int | None = None, seed: int | None = None) -> Draws:
    """Draw all inputs of a study.

    Parameters
    ----------
    study
        As `load_study` reads it.
    size, seed
        In place of those of the file. Size counts as in the file: draws of lhs and sobol, base rows of saltelli,
        trajectories of morris.

    Returns
    -------
    Draws
        `values` of shape (D, K) in the unit of each input, `share` (D, K), and the rank correlations reached.

    Raises
    ------
    UsageError
        A size that the method cannot use, or too many draws.
    MissingExtra
        SALib is not installed (saltelli, morris).

    Examples
    --------
    >>> from kctopt.study.records import Distribution
    >>> inputs = (UncertainInput("budget", ("budget",), "scale", Distribution("uniform", (0.9, 1.1))),)
    >>> draws = draw(Study("s", "", (), (), inputs, (), Sample("lhs", 4, seed=7)))
    >>> sorted(int(share * 4) for share in draws.share[:, 0])
    [0, 1, 2, 3]
    """
    sample = study.sample if size is None else replace(study.sample, size=size)
    sample = sample if seed is None else replace(sample, seed=seed)
    if size is not None:
        _check_size(sample)
    count = draws_in(sample, study.inputs)
    if count * len(study.inputs) > MOST:
        raise UsageError(f"{count:,} draws of {len(study.inputs)} inputs are more than {MOST:,} values; draw fewer")
    if sample.method in LISTED:
        return _listed(study, sample)
    order = np.argsort([entry.name for entry in study.inputs], kind="stable")  # as the names stand, not the file
    place = order.argsort()
    share = _shares(sample, len(order))
    if sample.method == "saltelli":
        share = _blocks(share, place, second=sample.second_order)
    share = share[:, place]
    share = _correlated(study, share, order)
    values = np.empty(share.shape, dtype=object)
    for k, entry in enumerate(study.inputs):
        assert entry.distribution is not None, "a random sample needs a law of each input"
        values[:, k] = inverse(entry.distribution, share[:, k])
    return Draws(study.inputs, share, values, sample, _reached(study, share))


def draws_in(sample: Sample, inputs: tuple[UncertainInput, ...]) -> int:
    """Number of draws.

    Examples
    --------
    >>> draws_in(Sample("saltelli", 8), (UncertainInput("a", ("a",), "value", None),) * 3)
    40
    """
    match sample.method:
        case "grid" | "product":
            return int(np.prod([float(len(_levels(entry, sample)[0])) for entry in inputs]))
        case "zip" | "list":
            return min((len(entry.values) for entry in inputs), default=0)
        case "saltelli":
            return sample.size * (2 * len(inputs) + 2 if sample.second_order else len(inputs) + 2)
        case "morris":
            return sample.size * (len(inputs) + 1)
        case _:
            return sample.size


def next_powers(size: int) -> tuple[int, int]:
    """Powers of two on both sides of a size.

    Examples
    --------
    >>> next_powers(1000)
    (512, 1024)
    """
    above = 1 << max(size - 1, 0).bit_length()
    return max(above // 2, 1), above


def _check_size(sample: Sample) -> None:
    if sample.method in LISTED:
        raise UsageError(f"size: the draws of a {sample.method} are counted by its values; change those in the study")
    if isinstance(sample.size, bool) or not isinstance(sample.size, int) or sample.size < 1:
        raise UsageError(f"size: {sample.size!r} is not a whole number of draws")
    low, high = next_powers(sample.size)
    if sample.method in ("sobol", "saltelli") and high != sample.size:
        raise UsageError(f"size: {sample.size} is not a power of two, as {sample.method} needs; take {low} or {high}")


def _shares(sample: Sample, inputs: int) -> Array:
    """Shares of probability, (D, K), columns in the order of the names."""
    from scipy.stats import qmc

    rng = np.random.default_rng(sample.seed)
    match sample.method:
        case "lhs":
            strata = np.column_stack([rng.permutation(sample.size) for _ in range(inputs)])
            inside = rng.random((sample.size, inputs))
            share = (strata + np.clip(inside, 1e-9, 1 - 1e-9)) / sample.size  # never rounded into the next stratum
        case "sobol":
            share = qmc.Sobol(inputs, scramble=True, seed=rng).random(sample.size)
        case "saltelli":
            need(["draw saltelli"])
            from SALib.sample import sobol

            share = sobol.sample(_problem(inputs), sample.size, calc_second_order=sample.second_order, seed=sample.seed)
        case "morris":
            need(["draw morris"])
            from SALib.sample import morris

            return np.asarray(morris.sample(_problem(inputs), sample.size, num_levels=sample.levels, seed=sample.seed))
        case _:
            raise UsageError(f"unknown method '{sample.method}'; {suggest(sample.method, (*LISTED, *RANDOM))}")
    return np.asarray(np.clip(share, OPEN, 1 - OPEN), dtype=float)


def _problem(inputs: int) -> dict[str, Any]:
    """Inputs as SALib describes them: shares from 0 to 1."""
    return {"num_vars": inputs, "names": [f"x{n}" for n in range(inputs)], "bounds": [[0.0, 1.0]] * inputs}


def _blocks(share: Array, place: NDArray[np.intp], *, second: bool) -> Array:
    """Rows of each Saltelli block so that the n-th changed column is that of the n-th input, as indices need them."""
    count = len(place)
    rows = [np.array([0]), 1 + place, *([1 + count + place] if second else []), np.array([(1 + second) * count + 1])]
    block = np.concatenate(rows)
    starts = np.arange(0, len(share), len(block))[:, None]
    return np.asarray(share[(starts + block).ravel()])


def _correlated(study: Study, share: Array, order: NDArray[np.intp]) -> Array:
    """The shares with rank correlations as asked; columns that no pair names stay as they are."""
    if not study.correlation:
        return share
    named = {name for one, other, _ in study.correlation for name in (one, other)}
    columns = [k for k in order if study.inputs[k].name in named]
    wanted, mixed = matrix([study.inputs[k].name for k in columns], study.correlation), None
    if len(share) > len(columns):
        with suppress(np.linalg.LinAlgError):  # few draws may lie in a plane
            mixed = reordered(share[:, columns], wanted)
    if mixed is None:
        raise UsageError(f"size: {len(share)} draws are too few to correlate {len(columns)} inputs; draw more")
    share = share.copy()
    share[:, columns] = mixed
    return share


def _reached(study: Study, share: Array) -> tuple[tuple[str, str, float, float], ...]:
    place = {entry.name: k for k, entry in enumerate(study.inputs)}
    return tuple(
        (one, other, asked, spearman(share[:, place[one]], share[:, place[other]]))
        for one, other, asked in study.correlation
    )


def _levels(entry: UncertainInput, sample: Sample) -> tuple[list[Any], list[float]]:
    """Values that an input takes in a grid, and the share of probability below each (NaN where they are listed)."""
    law = entry.distribution
    if law is None or law.law == "choice":
        listed = list(entry.values or (() if law is None else law.parameters))
        return listed, [np.nan] * len(listed)
    closed = np.isfinite(support(law)).all()
    shares = (np.arange(sample.levels) + 0.5) / sample.levels
    if closed and sample.levels > 1:
        shares = np.linspace(0.0, 1.0, sample.levels)
    return inverse(law, shares).tolist(), shares.tolist()


def _listed(study: Study, sample: Sample) -> Draws:
    levels = [_levels(entry, sample) for entry in study.inputs]
    if sample.method in ("zip", "list"):
        rows = list(zip(*(values for values, _ in levels), strict=True))
        shares = np.full((len(rows), len(levels)), np.nan)
    else:
        rows = list(itertools.product(*(values for values, _ in levels)))
        shares = np.array(list(itertools.product(*(share for _, share in levels))), dtype=float)
    values = np.empty((len(rows), len(levels)), dtype=object)
    for d, row in enumerate(rows):
        values[d, :] = row
    return Draws(study.inputs, shares.reshape(values.shape), values, replace(sample, size=len(rows)))
