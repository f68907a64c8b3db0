"""Risk of one outcome over draws with weights: quantile, value at risk, conditional value at risk.

    VaR_a(L)  = least v with P(L <= v) >= a                               of a loss L, a = confidence
    CVaR_a(L) = min over v of  v + E[max(L - v, 0)] / (1 - a)             Rockafellar and Uryasev (2000)

of the upper tail of a loss; the lower tail of a benefit B is that of the loss -B, with the sign turned back: the mean
of the worst 1 - a of the draws. A draw that lies across the limit counts with the part of its weight that does.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kctopt.arguments import shown
from kctopt.errors import UsageError
from kctopt.study.given import Array, Values, checked_share

Tail = Literal["lower", "upper"]
ROUND = 1e-12  # of probability, that sums of weights miss


def cvar(values: Values, confidence: float = 0.95, *, tail: Tail = "lower", weights: Values | None = None) -> float:
    """Conditional value at risk: the mean of the worst 1 - confidence of the draws.

    Parameters
    ----------
    values : Series or array
        (D,) outcome of each draw.
    confidence : float, default 0.95
        Share of the draws that are not in the tail.
    tail : str, default "lower"
        `lower` for a benefit, of which small is bad; `upper` for a loss or a cost.
    weights : Series or array, optional
        (D,) weights of the draws; equal where none are given.

    Returns
    -------
    float
        In units of the outcome.

    Raises
    ------
    UsageError
        A value that is nan, a confidence outside 0 and 1, weights that are negative, another tail.

    Examples
    --------
    >>> from kctopt.study.risk import cvar
    >>> cvar([1.0, 2.0, 3.0, 4.0], confidence=0.5)
    1.5
    >>> cvar([1.0, 2.0, 3.0, 4.0], confidence=0.5, tail="upper")
    3.5
    """
    losses, parts, sign = _losses(values, weights, tail)
    rest = 1.0 - checked_share("confidence", confidence)
    order = np.argsort(-losses, kind="stable")
    before = np.concatenate([[0.0], parts[order].cumsum()[:-1]])
    taken = np.clip(rest - before, 0.0, parts[order])
    return float(sign * (taken @ losses[order]) / taken.sum())


def value_at_risk(
    values: Values, confidence: float = 0.95, *, tail: Tail = "lower", weights: Values | None = None
) -> float:
    """Value at risk: the outcome that the worst 1 - confidence of the draws do not better.

    Parameters
    ----------
    values : Series or array
        (D,) outcome of each draw.
    confidence : float, default 0.95
        Share of the draws that are not in the tail.
    tail : str, default "lower"
        `lower` for a benefit, `upper` for a loss.
    weights : Series or array, optional
        (D,) weights of the draws.

    Returns
    -------
    float
        In units of the outcome.

    Raises
    ------
    UsageError
        As of `cvar`.

    Examples
    --------
    >>> from kctopt.study.risk import value_at_risk
    >>> value_at_risk([1.0, 2.0, 3.0, 4.0], confidence=0.75, tail="upper")
    3.0
    """
    losses, parts, sign = _losses(values, weights, tail)
    return sign * quantile(losses, checked_share("confidence", confidence), parts)


def quantile(values: Array, share: float, weights: Array) -> float:
    """Least value with at least `share` of the weight at or below it; the weights sum to 1."""
    order = np.argsort(values, kind="stable")
    at = int(np.searchsorted(weights[order].cumsum(), share - ROUND))
    return float(values[order][min(at, len(values) - 1)])


def _losses(values: Values, weights: Values | None, tail: Any) -> tuple[Array, Array, float]:
    """Losses with their probabilities, and the sign that turns them back."""
    if tail not in ("lower", "upper"):
        raise UsageError(f"tail={shown(tail)}: needs 'lower' for a benefit or 'upper' for a loss")
    known: NDArray[np.float64] = np.asarray(values, dtype=float)
    if known.ndim != 1 or not known.size or not np.isfinite(known).all():
        raise UsageError("values: needs one finite number for each draw; leave out draws that failed, and say how many")
    parts = np.ones(len(known)) if weights is None else np.asarray(weights, dtype=float)
    if parts.shape != known.shape or not np.isfinite(parts).all() or (parts < 0).any() or parts.sum() <= 0:
        raise UsageError("weights: needs a number from 0 on for each draw, of which one at least is above 0")
    sign = -1.0 if tail == "lower" else 1.0
    return sign * known, parts / parts.sum(), sign
