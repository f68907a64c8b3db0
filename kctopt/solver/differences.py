"""Prices of national choices in the parts of lines, by difference.

A line keeps a copy of every national integer it speaks of. Where these choose one of several (a cooperation mode of
its domain), tangents price them badly: the concave law of a way that is not taken has an all but vertical tangent at
0. What the choice is worth to a line is found by taking it: with the line's other integers held,

    worth[m] = V(chosen) - V(m),   worth[chosen] = 0,   V the line's program at the prices of everything else

At these prices the line is as good as indifferent between the ways, and the nation, which gets the sum over its lines,
chooses. Any prices give a valid bound; these make it tight.
"""

from __future__ import annotations

import numpy as np

from kctopt.solver.part import Part
from kctopt.solver.split import Split
from kctopt.solver.threads import pool

ROUNDS = 12  # of cuts of one way
GAIN = 1e-4  # objective units below which a round of cuts gains too little to go on


def national_choices(split: Split) -> list[np.ndarray]:
    """Columns of each national choice: rows of the nation that ask for exactly one of some integers."""
    c = split.compiled
    found = []
    for row in np.flatnonzero((split.row_part == 0) & (c.lower == 1) & (c.upper == 1)):
        columns = c.rows.indices[c.rows.indptr[row] : c.rows.indptr[row + 1]]
        ones = c.rows.data[c.rows.indptr[row] : c.rows.indptr[row + 1]] == 1
        if ones.all() and c.integer[columns].all():
            found.append(columns)
    return found


def by_difference(split: Split, x: np.ndarray, y: np.ndarray, copies: list[np.ndarray]) -> list[np.ndarray]:
    """Worth of the copies of each part at the plan x and prices y, national choices priced by difference."""
    choices = national_choices(split)
    if not choices:
        return copies
    costs = split.costs(y, copies)

    def of_part(part: Part, cost: np.ndarray, worth: np.ndarray) -> np.ndarray:
        return _of_part(split, part, cost, worth, choices, x)

    with pool() as threads:
        return [copies[0], *threads.map(of_part, split.parts[1:], costs[1:], copies[1:])]


def _of_part(
    split: Split, part: Part, cost: np.ndarray, worth: np.ndarray, choices: list[np.ndarray], x: np.ndarray
) -> np.ndarray:
    """Worth of one line's copies; as it was where time runs out, since any worth proves a bound."""
    place = {int(column): n for n, column in enumerate(part.columns[part.own :])}
    mine = [columns for columns in choices if all(int(column) in place for column in columns)]
    if not mine:
        return worth
    given, worth, cost = worth, worth.copy(), cost.copy()
    for columns in mine:
        positions = [place[int(column)] for column in columns]
        worth[positions] = cost[part.own + np.array(positions)] = 0.0
    lower, upper, held = split.lower.copy(), split.upper.copy(), part.columns[part.compiled.integer]
    before = part.compiled
    lower[held] = upper[held] = x[held]
    chosen = _value(part, cost, lower, upper, [x[part.columns]])
    for columns in mine if chosen is not None else ():
        for column in columns[x[columns] < 0.5]:
            if split.left() <= 0:
                part.restore(before)
                return given
            lower[columns] = upper[columns] = columns == column
            value = _value(part, cost, lower, upper, [])
            worth[place[int(column)]] = 0.0 if value is None or chosen is None else chosen - value
        lower[columns] = upper[columns] = x[columns]
    part.restore(before)
    return worth


def _value(
    part: Part, cost: np.ndarray, lower: np.ndarray, upper: np.ndarray, points: list[np.ndarray]
) -> float | None:
    """Optimum of a line with all its integers held; None where it has no answer. Without points the last cuts serve."""
    part.use_bounds(lower, upper)
    end = part.optimum(cost, points, GAIN, ROUNDS)
    return end.objective if end.status == "optimal" else None
