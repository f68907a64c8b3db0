"""The master: mixtures of a line's discrete configurations, and the prices at which no mixture is better.

A configuration is a set of values of the open integers of one part of the program (solver/split.py). For each one in
play the part has a copy of all its columns and rows, multiplied by its weight w:

    a x <= b   becomes   a x_c <= b w_c,    sum_c w_c = 1,    the line's columns are sum_c x_c

so that the relaxation is the convex hull of the configurations: the line by line form of regime switching by path. Its
duals price the coupling rows and the national columns that parts have copies of; at these prices `Split` proves a bound
over all configurations, and its answers are the next ones to play.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kctopt.solver.highs import Highs
from kctopt.solver.part import Part
from kctopt.solver.split import COUPLING, Split

Values = tuple[float, ...]


@dataclass(frozen=True)
class Mixture:
    """Answer of a master: weight of each configuration by part, columns, prices of rows and copies."""

    weights: list[dict[Values, float]]
    x: np.ndarray
    rows: np.ndarray
    copies: list[np.ndarray]
    objective: float


@dataclass(frozen=True)
class _Copy:
    """A part in one configuration; `weight` is None where it is the only one."""

    number: int
    start: int  # first column
    values: Values
    weight: int | None  # column


class Master:
    """Configurations in play, by part."""

    def __init__(self, split: Split) -> None:
        self.split = split
        self.pool: list[dict[Values, None]] = [{} for _ in split.parts]

    def add(self, points: list[np.ndarray]) -> int:
        """Put the configurations of points (columns of each part) into play; returns how many are new."""
        new = 0
        for part, pool, x in zip(self.split.parts, self.pool, points, strict=True):
            values = configuration(part, x)
            if values is not None and values not in pool:
                pool[values] = None
                new += 1
        return new

    def allowed(self, number: int) -> list[Values]:
        """Configurations of a part that its present bounds allow."""
        part = self.split.parts[number]
        low, high = (side[self.positions(number)] for side in (part.compiled.column_lower, part.compiled.column_upper))
        return [values for values in self.pool[number] if ((low - 0.5 <= values) & (values <= high + 0.5)).all()]

    def positions(self, number: int) -> np.ndarray:
        """Positions of all integers of a part, fixed ones included."""
        return np.flatnonzero(self.split.parts[number].compiled.integer)

    def solve(self, time_limit: float) -> Mixture | None:
        """Mix the configurations in play; None where no mixture keeps the rows or time ran out."""
        program = _Assembly(self)
        highs = Highs()
        highs.load(*program.arrays())
        end = highs.run("ipx", time_limit)
        return program.mixture(end.x, end.row_dual, end.objective) if end.status == "optimal" else None


def configuration(part: Part, x: np.ndarray) -> Values | None:
    """Values of a part's integers at its columns x; None for a part without integers or without an answer."""
    where = np.flatnonzero(part.compiled.integer)
    return tuple(np.round(x[where]).tolist()) if len(where) and len(x) else None


class _Assembly:
    """The master's linear program, put together block by block."""

    def __init__(self, master: Master) -> None:
        self.split, self.master = master.split, master
        self.blocks: list[sparse.coo_array] = []
        self.row_offsets: list[int] = []
        self.col_offsets: list[int] = []
        self.lower: list[np.ndarray] = []
        self.upper: list[np.ndarray] = []
        self.copies = list(self._copies())
        self.columns = max(max(copy.start + self._width(copy), (copy.weight or 0) + 1) for copy in self.copies)
        self.cost = np.zeros(self.columns)
        self.column_lower, self.column_upper = np.full(self.columns, -np.inf), np.full(self.columns, np.inf)
        self.rows = 0
        for copy in self.copies:
            self._add_copy(copy)
        self._add_convexity()
        self.link_start = self._add_links()
        self.coupling_start = self._add_coupling()

    def _width(self, copy: _Copy) -> int:
        return len(self.split.parts[copy.number].columns)

    def _copies(self) -> Iterator[_Copy]:
        start = 0
        for number, part in enumerate(self.split.parts):
            allowed = self.master.allowed(number) if len(part.integers) else []
            for values in allowed or [()]:
                width = len(part.columns)
                weight = start + width if len(allowed) > 1 else None
                yield _Copy(number, start, values, weight)
                start += width + (weight is not None)

    def _add_copy(self, copy: _Copy) -> None:
        """Rows and bounds of a part in a configuration, each side times its weight."""
        part = self.split.parts[copy.number]
        rows, low, high = part.proof.highs.linear_program()
        columns = slice(copy.start, copy.start + len(part.columns))
        lower, upper = part.compiled.column_lower.copy(), part.compiled.column_upper.copy()
        if copy.values:
            where = self.master.positions(copy.number)
            lower[where] = upper[where] = copy.values
        self.cost[columns][: part.own] = self.split.compiled.cost[part.columns[: part.own]]
        if copy.weight is None:
            self.column_lower[columns], self.column_upper[columns] = lower, upper
            self._append(rows, copy.start, low, high)
            return
        self.column_lower[copy.weight], self.column_upper[copy.weight] = 0.0, 1.0
        self.column_lower[columns] = np.where(lower >= 0, 0.0, -np.inf)
        stack = sparse.vstack([rows, sparse.eye_array(len(lower), format="csr")], format="csr")
        self._add_sides(stack, np.concatenate([low, lower]), np.concatenate([high, upper]), copy)

    def _add_sides(self, rows: sparse.csr_array, low: np.ndarray, high: np.ndarray, copy: _Copy) -> None:
        """low w <= rows x <= high w."""
        assert copy.weight is not None
        for side, sign in ((high, 1.0), (low, -1.0)):
            kept = np.flatnonzero(np.isfinite(side))
            count = len(kept)
            weight = sparse.csr_array((-side[kept], (np.arange(count), np.full(count, 0))), shape=(count, 1))
            gap = sparse.csr_array((count, copy.weight - copy.start - rows.shape[1]))
            block = sparse.hstack([rows[kept], gap, weight], format="csr") * sign
            self._append(block, copy.start, np.full(count, -np.inf), np.zeros(count))

    def _append(self, rows: sparse.csr_array, start: int, low: np.ndarray, high: np.ndarray) -> None:
        block = rows.tocoo()
        self.blocks.append(block)
        self.row_offsets.append(self.rows)
        self.col_offsets.append(start)
        self.lower.append(low)
        self.upper.append(high)
        self.rows += rows.shape[0]

    def _add_convexity(self) -> None:
        """Weights of the configurations of a part sum to 1."""
        for number in range(len(self.split.parts)):
            weights = [copy.weight for copy in self.copies if copy.number == number and copy.weight is not None]
            if weights:
                row = sparse.csr_array((np.ones(len(weights)), (np.zeros(len(weights), int), weights)),
                                       shape=(1, self.columns))  # fmt: skip
                self._append(row, 0, np.ones(1), np.ones(1))

    def _add_links(self) -> int:
        """Copies of a national column sum to it, part by part."""
        start = self.rows
        place = np.zeros(len(self.split.compiled.cost), int)
        place[self.split.parts[0].columns] = np.arange(len(self.split.parts[0].columns))
        for number, part in enumerate(self.split.parts):
            count = len(part.columns) - part.own
            mine = [copy for copy in self.copies if copy.number == number]
            rows = np.tile(np.arange(count), len(mine) + 1)
            columns = [copy.start + part.own + np.arange(count) for copy in mine]
            national = place[part.columns[part.own :]]
            data = np.concatenate([np.ones(count * len(mine)), -np.ones(count)])
            where = (rows, np.concatenate([*columns, national]))
            self._append(
                sparse.csr_array((data, where), shape=(count, self.columns)), 0, np.zeros(count), np.zeros(count)
            )
        return start

    def _add_coupling(self) -> int:
        """Rows that couple parts, on their own columns."""
        start, c = self.rows, self.split.compiled
        coupling = np.flatnonzero(self.split.row_part == COUPLING)
        whole = sparse.hstack([self._spread(copy, coupling) for copy in self.copies], format="csr")
        self._append(whole, 0, c.lower[coupling], c.upper[coupling])
        return start

    def _spread(self, copy: _Copy, coupling: np.ndarray) -> sparse.csr_array:
        """Coupling rows on the own columns of one copy, zero on the rest of its block."""
        part = self.split.parts[copy.number]
        rows = self.split.compiled.rows[coupling][:, part.columns[: part.own]]
        rest = len(part.columns) - part.own + (copy.weight is not None)
        return sparse.csr_array(sparse.hstack([rows, sparse.csr_array((len(coupling), rest))], format="csr"))

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, sparse.csr_array, np.ndarray, np.ndarray]:
        """Cost, column bounds, rows and their sides."""
        offsets = list(zip(self.blocks, self.row_offsets, self.col_offsets, strict=True))
        row = np.concatenate([block.row + at for block, at, _ in offsets])
        column = np.concatenate([block.col + at for block, _, at in offsets])
        data = np.concatenate([block.data for block, _, _ in offsets])
        matrix = sparse.csr_array((data, (row, column)), shape=(self.rows, self.columns))
        matrix.indices, matrix.indptr = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
        lower, upper = np.concatenate(self.lower), np.concatenate(self.upper)
        return self.cost, self.column_lower, self.column_upper, matrix, lower, upper

    def mixture(self, x: np.ndarray, dual: np.ndarray, objective: float) -> Mixture:
        """Weights, columns and prices of an answer."""
        parts, c = self.split.parts, self.split.compiled
        weights: list[dict[Values, float]] = [{} for _ in parts]
        whole = np.zeros(len(c.cost))
        for copy in self.copies:
            part = parts[copy.number]
            weights[copy.number][copy.values] = 1.0 if copy.weight is None else float(x[copy.weight])
            whole[part.columns[: part.own]] += x[copy.start : copy.start + part.own]
        rows = np.zeros(len(c.lower))
        rows[self.split.row_part == COUPLING] = dual[self.coupling_start :]
        copies, at = [], self.link_start
        for part in parts:
            count = len(part.columns) - part.own
            copies.append(-dual[at : at + count])
            at += count
        return Mixture(weights, whole, rows, copies, objective)
