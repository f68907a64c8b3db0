r"""Measures of a set of points, all objectives to be minimised.

x dominates y       x_i <= y_i for all i, and less for one
knee                the point furthest below the plane through the ends, in ranges        Das (1999)
hypervolume         volume of what the points dominate, up to a reference                 Zitzler and Thiele (1998)
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def undominated(points: Array, tolerance: float = 0.0) -> Array:
    """Positions of the points that no other dominates, the first of those that are alike.

    Parameters
    ----------
    points : array
        (n, objectives), less is better.
    tolerance : float, default 0.0
        By how much another must be better to count.

    Returns
    -------
    array
        Positions, in order.

    Examples
    --------
    >>> import numpy as np
    >>> from kctopt.fronts.measures import undominated
    >>> undominated(np.array([[1.0, 2.0], [2.0, 1.0], [2.0, 2.0], [1.0, 2.0]])).tolist()
    [0, 1]
    """
    kept = []
    for n, point in enumerate(points):
        no_worse = (points <= point).all(axis=1)
        better = no_worse & (points < point - tolerance).any(axis=1)
        alike = no_worse[:n] & (points[:n] >= point).all(axis=1)
        if not better.any() and not alike.any():
            kept.append(n)
    return np.array(kept, dtype=int)


def knee(points: Array) -> int | None:
    """Position of the point furthest below the plane through the ends; None where none is below it.

    Parameters
    ----------
    points : array
        (n, objectives), less is better, in ranges: the best of each objective 0, the worst 1.

    Returns
    -------
    int or None
        The position.

    Examples
    --------
    >>> import numpy as np
    >>> from kctopt.fronts.measures import knee
    >>> knee(np.array([[0.0, 1.0], [0.2, 0.3], [1.0, 0.0]]))
    1
    """
    ends = points[points.argmin(axis=0)]
    if np.linalg.matrix_rank(ends) < points.shape[1]:
        return None
    normal = np.linalg.solve(ends, np.ones(points.shape[1]))  # the plane through the ends is normal @ x = 1
    below = 1.0 - points @ normal
    best = int(below.argmax())
    return best if below[best] > 1e-9 and (normal > 0).all() else None


def hypervolume(points: Array, reference: Array) -> float:
    """Volume of what points dominate up to a reference, exactly, by sweeping the last objective.

    Parameters
    ----------
    points : array
        (n, objectives), less is better.
    reference : array
        (objectives,); points that are not better than it in every objective count nothing.

    Returns
    -------
    float
        In the product of the units.

    Examples
    --------
    >>> import numpy as np
    >>> from kctopt.fronts.measures import hypervolume
    >>> hypervolume(np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([3.0, 3.0]))
    3.0
    """
    inside = points[(points < reference).all(axis=1)]
    if not len(inside):
        return 0.0
    if inside.shape[1] == 1:
        return float(reference[0] - inside.min())
    inside = inside[np.argsort(inside[:, -1], kind="stable")]
    heights = np.append(inside[:, -1], reference[-1])
    return float(sum(
        (heights[n + 1] - heights[n]) * hypervolume(inside[: n + 1, :-1], reference[:-1])
        for n in range(len(inside)) if heights[n + 1] > heights[n]
    ))  # fmt: skip
