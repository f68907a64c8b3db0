"""Numbers of a scenario that may be drawn: a field then holds an array of draws, (..., D), where else a number stands.

Only `kctopt.study` makes such scenarios, unchecked; the base year, the simulator and the rules read them. Draw axes
lead, so that numbers of lines, rungs or years are gathered along a last axis whether they are drawn or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np


def spread(number: Any, axes: int) -> Any:
    """A number with `axes` trailing axes of length 1, so that its draws meet those of arrays; not drawn, as it is."""
    return number.reshape(number.shape + (1,) * axes) if isinstance(number, np.ndarray) else number


def vector(numbers: Iterable[Any], axes: int = 0) -> np.ndarray:
    """Numbers along a last axis, or before `axes` axes that all of them have, (..., n); draw axes lead."""
    parts = list(numbers)
    if not any(isinstance(part, np.ndarray) for part in parts):
        return np.array(parts, dtype=float)
    return np.stack(np.broadcast_arrays(*parts), axis=-1 - axes).astype(float, copy=False)


def drawn(number: Any) -> bool:
    """Whether a number is an array of draws."""
    return isinstance(number, np.ndarray) and number.ndim > 0


def mix(matrix: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Matrix times vector over draw axes."""
    return np.asarray(np.matmul(matrix, values[..., None])[..., 0])


def between(points: Mapping[int, Any], years: Any) -> np.ndarray:
    """A series by year whose points are drawn: straight between them and flat outside, (..., years).

    The arithmetic is that of `numpy.interp`, so that a draw has every digit of a scenario with its numbers.
    """
    known = sorted(points)
    wanted = np.asarray(years)
    values = vector(points[year] for year in known)
    right = np.clip(np.searchsorted(known, wanted, side="right"), 1, max(1, len(known) - 1))
    if len(known) == 1:
        return np.broadcast_to(values, (*values.shape[:-1], len(wanted)))
    at = np.array(known, dtype=float)
    slope = (values[..., right] - values[..., right - 1]) / (at[right] - at[right - 1])
    line = slope * (wanted - at[right - 1]) + values[..., right - 1]
    line = np.where(wanted >= known[-1], values[..., -1:], line)
    return np.asarray(np.where(wanted <= known[0], values[..., :1], line))
