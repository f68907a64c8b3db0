"""Tighter bounds of what lines can reach, from the parts alone.

    Cmax[i,t] = max C[i,t]   over the part of line i, its copies of national columns inside their bounds

Propagation then bounds what lines make together by the sum of the new bounds (accelerators, moats, scores), and what
lines in a band may have by one another's; integers that no longer fit are closed. Lines whose entry to a stage is still
open are looked at once more inside the new bounds. Without this a part reaches stages with accelerators that
no plan can have, and the proof pays for it. (On `lines-baseline` the bounds of accelerators in the last year fall from
3.9 times what the plan has to 2.2, in 420 programs of some hundredths of a second. The same bounds from the whole
program take 10 to 20 seconds each.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from kctopt.solver.bounds import propagate
from kctopt.solver.part import WHOLE, Part
from kctopt.solver.split import Split
from kctopt.solver.threads import pool

ROUNDS = 6  # of cuts of one bound
EXACT = 1e-2  # relative: what is gained by less is not worth the time
ROOM = 1e-6  # relative room around a bound

Bounds = tuple[np.ndarray, np.ndarray]


def tightened(split: Split, bounds: Bounds, x: np.ndarray, capability: np.ndarray, left: Callable[[], float]) -> Bounds:
    """Bounds of all columns inside the given ones: every capability, then those that open entries ask about.

    Parameters
    ----------
    split : the program taken apart; its parts have the given bounds again afterwards.
    bounds : lower and upper bounds of all columns.
    x : a plan, near which tangents are taken at first.
    capability : columns of capability, of every line and year.
    left : seconds left; columns whose turn comes too late keep their bounds.
    """
    asked = capability
    for _ in range(2):
        bounds = _propagated(split, _lowered(split, bounds, x, asked, left))
        asked = np.intersect1d(capability, _open_entries(split, bounds))
        if not len(asked):
            break
    return bounds


def _lowered(split: Split, bounds: Bounds, x: np.ndarray, columns: np.ndarray, left: Callable[[], float]) -> Bounds:
    """Upper bounds of some columns, each by its own part."""
    upper = bounds[1].copy()

    def of_part(part: Part) -> None:
        """The parts share no column of their own, so they write side by side."""
        mine = np.flatnonzero(np.isin(part.columns[: part.own], columns))
        if not len(mine):
            return
        before = part.compiled
        part.use_bounds(*bounds)
        for position in mine:
            if left() <= 0:
                break
            cost = np.zeros(len(part.columns))
            cost[position] = -1.0
            column, scale = part.columns[position], max(1.0, abs(upper[part.columns[position]]))
            end = part.optimum(cost, [x[part.columns]], EXACT * scale, ROUNDS)
            if end.status == "optimal":
                upper[column] = min(upper[column], -end.objective + ROOM * scale)
        part.restore(before)

    with pool() as threads:
        list(threads.map(of_part, split.parts[1:]))
    return bounds[0], upper


def _propagated(split: Split, bounds: Bounds) -> Bounds:
    """Bounds that rows and relations pass on, those of integers rounded inwards, until no integer closes."""
    c = split.compiled
    while True:
        lower, upper = propagate(replace(c, column_lower=bounds[0], column_upper=bounds[1]))
        low, high = np.ceil(lower - WHOLE), np.floor(upper + WHOLE)
        whole = c.integer & (low <= high)  # where none fits, it is left for HiGHS to prove
        lower[whole], upper[whole] = low[whole], high[whole]
        room = np.where(c.integer, 0.0, ROOM * np.maximum(c.unit, np.maximum(np.abs(lower), np.abs(upper))))
        found = np.maximum(bounds[0], lower - room), np.minimum(bounds[1], upper + room)
        closed = (found[1] - found[0] < bounds[1] - bounds[0] - 0.5) & c.integer
        bounds = found
        if not closed.any():
            return bounds


def _open_entries(split: Split, bounds: Bounds) -> np.ndarray:
    """Columns in rows of entry to a stage that have an open integer."""
    c = split.compiled
    rows = np.array([n for n, name in enumerate(c.row_names) if name.startswith("switching.entry[")], int)
    open_ones = c.integer & (bounds[1] - bounds[0] > 0.5)
    undecided = rows[np.asarray(abs(c.rows[rows]) @ open_ones.astype(float)) > 0]
    return np.unique(c.rows[undecided].indices)
