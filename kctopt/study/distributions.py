"""Laws of one random number: the value below which a share of probability lies, mean, deviation.

| law | parameters |
|---|---|
| uniform | low, high |
| triangular | low, mode, high |
| normal | mean, deviation |
| lognormal | median, sigma of the log |
| choice | the choices, equally likely or by `odds` |

`within` cuts a law off at both ends; what is left is scaled to 1. By scipy.stats.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kctopt.errors import UsageError
from kctopt.study.records import Array, Distribution

TAIL = 1e-9  # probability beyond the ends of a law that has none


def inverse(distribution: Distribution, share: ArrayLike) -> NDArray[Any]:
    """Value below which a share of the probability lies.

    Parameters
    ----------
    distribution
        Any law.
    share
        Any shape, from 0 to 1. NaN stays NaN; with choices it is refused.

    Returns
    -------
    Array of the shape of `share`: floats in the unit of the parameters, or the choices themselves.

    Raises
    ------
    UsageError
        A share outside 0 to 1.

    Examples
    --------
    >>> inverse(Distribution("uniform", (2.0, 4.0)), [0.0, 0.25, 1.0]).tolist()
    [2.0, 2.5, 4.0]
    """
    shares = np.asarray(share, dtype=float)
    if ((shares < 0) | (shares > 1)).any():
        raise UsageError("share: a share of probability lies between 0 and 1")
    if distribution.law == "choice":
        return _chosen(distribution, shares)
    law = _frozen(distribution)
    if distribution.within is None:
        return np.asarray(law.ppf(shares), dtype=float)
    low, high = distribution.within
    below, above = law.cdf(low), law.cdf(high)
    return np.asarray(np.clip(law.ppf(below + shares * (above - below)), low, high), dtype=float)


def mean(distribution: Distribution) -> float:
    """Expected value, in the unit of the parameters; UsageError where choices are words.

    Examples
    --------
    >>> mean(Distribution("uniform", (1.0, 3.0)))
    2.0
    """
    return _moments(distribution)[0]


def deviation(distribution: Distribution) -> float:
    """Standard deviation, in the unit of the parameters; UsageError where choices are words.

    Examples
    --------
    >>> round(deviation(Distribution("uniform", (0.0, 1.0))), 6)
    0.288675
    """
    return _moments(distribution)[1]


def support(distribution: Distribution) -> tuple[float, float]:
    """Least and greatest value of a law of numbers; -inf and inf where it has no end.

    Examples
    --------
    >>> support(Distribution("normal", (0.0, 1.0), within=(-2.0, 2.0)))
    (-2.0, 2.0)
    """
    low, high = (float(end) for end in _frozen(distribution).support())
    inside = distribution.within or (low, high)
    return max(low, inside[0]), min(high, inside[1])


def reach(distribution: Distribution) -> tuple[float, float]:
    """The ends of a law; where it has none the values that it passes with a probability of 1e-9.

    Examples
    --------
    >>> [round(end, 3) for end in reach(Distribution("normal", (0.0, 1.0)))]
    [-5.998, 5.998]
    """
    tails = inverse(distribution, [TAIL, 1 - TAIL])
    ends = support(distribution)
    return tuple(float(end if np.isfinite(end) else tail) for end, tail in zip(ends, tails, strict=True))  # type: ignore[return-value]


def held(distribution: Distribution, low: float, high: float) -> float:
    """Probability between two values of the law before it is cut off.

    Examples
    --------
    >>> round(held(Distribution("normal", (0.0, 1.0)), -1.96, 1.96), 3)
    0.95
    """
    law = _frozen(distribution)
    return float(law.cdf(high) - law.cdf(low))


def _frozen(distribution: Distribution) -> Any:
    """The law as scipy.stats has it, before it is cut off."""
    from scipy import stats  # half a second

    numbers = distribution.parameters
    match distribution.law:
        case "uniform":
            return stats.uniform(numbers[0], numbers[1] - numbers[0])
        case "triangular":
            low, mode, high = numbers
            return stats.triang((mode - low) / (high - low), low, high - low)
        case "normal":
            return stats.norm(*numbers)
        case "lognormal":
            return stats.lognorm(numbers[1], scale=numbers[0])
        case _:
            raise UsageError("choices have no law of numbers")


def odds(distribution: Distribution) -> Array:
    """Probability of each choice, in their order.

    Examples
    --------
    >>> odds(Distribution("choice", ("nested", "ces"))).tolist()
    [0.5, 0.5]
    """
    count = len(distribution.parameters)
    return np.array(distribution.odds) if distribution.odds else np.full(count, 1 / count)


def _chosen(distribution: Distribution, shares: Array) -> NDArray[Any]:
    if np.isnan(shares).any():
        raise UsageError("share: no choice belongs to NaN")
    upto = np.cumsum(odds(distribution))
    places = np.minimum(np.searchsorted(upto, shares, side="right"), len(upto) - 1)
    choices = np.empty(len(upto), dtype=object)
    choices[:] = distribution.parameters
    return np.asarray(choices[places], dtype=object)


def _moments(distribution: Distribution) -> tuple[float, float]:
    if distribution.law == "choice":
        if not all(isinstance(choice, int | float) for choice in distribution.parameters):
            raise UsageError("choices that are words have no mean")
        numbers, weight = np.array(distribution.parameters, dtype=float), odds(distribution)
        middle = float(weight @ numbers)
        return middle, float(np.sqrt(weight @ (numbers - middle) ** 2))
    law = _frozen(distribution)
    if distribution.within is None:
        return float(law.mean()), float(law.std())
    low, high = support(distribution)
    if distribution.law == "normal":
        from scipy import stats

        centre, spread = distribution.parameters
        law = stats.truncnorm((low - centre) / spread, (high - centre) / spread, centre, spread)
        return float(law.mean()), float(law.std())
    middle = float(law.expect(lambda x: x, lb=low, ub=high, conditional=True))
    square = float(law.expect(lambda x: (x - middle) ** 2, lb=low, ub=high, conditional=True))
    return middle, float(np.sqrt(square))
