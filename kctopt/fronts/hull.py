r"""What is attained between points of a convex front, what is proven beyond, and how far these are apart at most.

    attained   mixtures of the points, and all that is worse
    proven     w_k' z >= b_k for the outcome z of every plan, and z no better than the ideal
    gap        of a face with weights w (w >= 0, they add up to 1):   w' p  -  min of w' z over what is proven

No plan is better by more than the gap of its face in all objectives at once: the additive epsilon of Zitzler et al.
(2003) between what is attained and what is proven, as in sandwich algorithms (Rote 1992; Bokrantz and Forsgren 2013).
Everything is in ranges (the best of each objective 0, its worst among the ends 1), less is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import linprog
from scipy.spatial import ConvexHull, QhullError

FAR = 1e3  # ranges: where the points stand that stand for what is worse
FLAT = 1e-7  # weight that counts as none


@dataclass(frozen=True)
class Face:
    """A face of what is attained: its points by position, its weights, its gap, and where that is in what is proven."""

    points: tuple[int, ...]
    weights: np.ndarray
    gap: float
    corner: np.ndarray


@dataclass(frozen=True)
class Step:
    """No plan whose second objective is at most `level` is better than `bound` in the first."""

    level: float
    bound: float


@dataclass(frozen=True)
class Cut:
    """What is proven of every plan: weights @ z >= level."""

    weights: np.ndarray
    level: float


def faces(points: np.ndarray, cuts: list[Cut], ideal: np.ndarray, steps: Sequence[Step] = ()) -> list[Face]:
    """Faces of what is attained, with their gaps.

    Parameters
    ----------
    points : (n, objectives), in ranges.
    cuts : what is proven.
    ideal : best of each objective that is proven, in ranges.
    steps : of two objectives, levels of the second with a proven bound of the first.
    """
    if points.shape[1] > 2:
        ends = [(float(low), None) for low in ideal]
        return [Face(face, weights, *_gap(points, face, weights, cuts, ends)) for face, weights in _facets(points)]
    found = []
    for (a, b), weights in _edges(points):
        low, high = float(points[b, 1]), float(points[a, 1])
        bound = max([float(ideal[0]), *(step.bound for step in steps if step.level >= high)])
        found.append(Face((a, b), weights, *_gap(points, (a, b), weights, cuts, [(bound, None), (low, high)])))
    return found


def _edges(points: np.ndarray) -> list[tuple[tuple[int, ...], np.ndarray]]:
    """Lower edges of points of two objectives, from the best of the first on."""
    order = np.lexsort((points[:, 1], points[:, 0])).tolist()
    chain: list[int] = []
    for n in order:
        if chain and points[n, 1] >= points[chain[-1], 1]:
            continue
        while len(chain) > 1 and _turn(points, chain[-2], chain[-1], n) <= 0:
            chain.pop()
        chain.append(n)
    found: list[tuple[tuple[int, ...], np.ndarray]] = []
    for first, second in pairwise(chain):
        step = points[second] - points[first]
        weights = np.array([-step[1], step[0]])
        found.append(((first, second), weights / weights.sum()))
    return found


def _turn(points: np.ndarray, a: int, b: int, c: int) -> float:
    """Positive where the way from a over b to c turns up: b is below the line."""
    (x, y), (u, v) = points[b] - points[a], points[c] - points[a]
    return float(x * v - y * u)


def _facets(points: np.ndarray) -> list[tuple[tuple[int, ...], np.ndarray]]:
    """Lower facets of points of three objectives or more, with far points for all that is worse."""
    count, size = points.shape
    far = np.vstack([points.max(axis=0) + FAR * np.eye(size)[k] for k in range(size)])
    try:
        hull = ConvexHull(np.vstack([points, far]))
    except QhullError:
        return []
    found, seen = [], set()
    for simplex, equation in zip(hull.simplices, hull.equations, strict=True):
        weights = -equation[:-1]
        own = tuple(sorted(int(n) for n in simplex if n < count))
        if not own or weights.min() < -FLAT or weights.max() <= FLAT:
            continue
        weights = np.where(weights > FLAT, weights, 0.0)
        if own not in seen:
            seen.add(own)
            found.append((own, weights / weights.sum()))
    return found


def _gap(
    points: np.ndarray, face: tuple[int, ...], weights: np.ndarray, cuts: list[Cut],
    ends: Sequence[tuple[float, float | None]],
) -> tuple[float, np.ndarray]:  # fmt: skip
    """How far what is proven lies below a face at most, inside these ends, and where."""
    attained = float(min(weights @ points[n] for n in face))
    rows = np.array([-cut.weights for cut in cuts]).reshape(len(cuts), len(weights))
    levels = np.array([-cut.level for cut in cuts])
    end = linprog(weights, A_ub=rows, b_ub=levels, bounds=ends, method="highs")
    if end.status != 0:  # round-off may leave nothing where points and proofs meet
        return 0.0, points[face[0]]
    return max(0.0, attained - float(weights @ end.x)), np.asarray(end.x)
