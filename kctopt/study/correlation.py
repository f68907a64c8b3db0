"""Rank correlation of draws: reordering by Iman and Conover (1982), and whether correlations can hold together.

    K = S P',  S from the normal scores of the ranks,  Q Q' = corr(S),  P P' = C,  K = S (Q^-1)' P'

Each column is reordered so that its ranks are those of K: it keeps its values, and of a Latin hypercube its strata. C
asks for rank correlations r as correlations of normal scores, 2 sin(pi r / 6) (Pearson 1907).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kctopt.study.records import Array

ROUND_OFF = 1e-8  # of an eigenvalue, that counts as none
SWEEPS = 1000  # of alternating projections
DIGITS = 9  # of scores: those that differ by rounding alone rank by their row, on every machine


def matrix(names: Sequence[str], pairs: Sequence[tuple[str, str, float]]) -> Array:
    """(K, K) correlation matrix of named inputs; 0 where a pair says nothing.

    Examples
    --------
    >>> matrix(["a", "b"], [("b", "a", 0.5)]).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    found, place = np.eye(len(names)), {name: n for n, name in enumerate(names)}
    for one, other, value in pairs:
        found[place[one], place[other]] = found[place[other], place[one]] = value
    return found


def holds(correlation: Array) -> bool:
    """Whether a matrix can be one of correlations: no eigenvalue below 0.

    Examples
    --------
    >>> holds(np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]]))
    False
    """
    return bool(np.linalg.eigvalsh(correlation).min() >= -ROUND_OFF)


def nearest(correlation: Array) -> Array:
    """Nearest correlation matrix in the sum of squares (Higham 2002), by alternating projections.

    Examples
    --------
    >>> near = nearest(np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]]))
    >>> near.round(3).tolist()
    [[1.0, 0.5, -0.5], [0.5, 1.0, 0.5], [-0.5, 0.5, 1.0]]
    """
    point, correction = correlation.copy(), np.zeros_like(correlation)
    for _ in range(SWEEPS):
        values, vectors = np.linalg.eigh(point - correction)
        projected = (vectors * np.maximum(values, 0.0)) @ vectors.T
        correction = projected - (point - correction)
        before, point = point, projected.copy()
        np.fill_diagonal(point, 1.0)
        if np.abs(point - before).max() < ROUND_OFF:
            break
    return point


def reordered(share: Array, wanted: Array) -> Array:
    """Columns reordered to rank correlations.

    Parameters
    ----------
    share
        (D, K) draws, more rows than columns.
    wanted
        (K, K) rank correlations.

    Returns
    -------
    (D, K) draws: every column with its own values, in another order.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> share = rng.random((200, 2))
    >>> one, other = reordered(share, np.array([[1.0, 0.8], [0.8, 1.0]])).T
    >>> abs(spearman(one, other) - 0.8) < 0.02
    True
    """
    from scipy.special import ndtri

    count = len(share)
    ranks = share.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    scores = ndtri((ranks + 1) / (count + 1))
    asked = 2 * np.sin(np.pi * wanted / 6)
    np.fill_diagonal(asked, 1.0)
    if not holds(asked):
        asked = nearest(asked)
    inverse = np.linalg.inv(np.linalg.cholesky(np.corrcoef(scores, rowvar=False)))
    mixed = scores @ inverse.T @ _root(asked).T
    order = np.round(mixed, DIGITS).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return np.take_along_axis(np.sort(share, axis=0), order, axis=0)


def spearman(one: Array, other: Array) -> float:
    """Rank correlation of two columns; equal values share their rank.

    Examples
    --------
    >>> round(spearman(np.array([1.0, 2.0, 3.0]), np.array([1.0, 9.0, 5.0])), 9)
    0.5
    """
    from scipy.stats import rankdata

    return float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])


def _root(correlation: Array) -> Array:
    """P with P P' = C: triangular where C has a factor, else by eigenvectors."""
    try:
        return np.asarray(np.linalg.cholesky(correlation))
    except np.linalg.LinAlgError:  # perfect correlations leave an eigenvalue at 0
        values, vectors = np.linalg.eigh(correlation)
        return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
