"""The proof line by line: a Lagrangian bound whose blocks are small programs, one a line and one for the nation.

Rows that couple lines (budgets, exposure, scores, accelerators, moats, a user's own) leave the program at a price y.
What is left falls apart, and for every y (negative on <= rows, positive on >= rows)

    bound = y' (right sides) + sum over blocks of  min (c - A'y) x  over the block's own rows and relations

A row or relation that joins one line with a national column keeps its own copy of that column, at the price the column
has in it. With the prices of a good plan the bound is as tight as the whole program's, and its cost
grows only in step with the number of lines. How a block is solved stands in block.py. The
method is Lagrangian decomposition with linking copies (Guignard and Kim), the dual of Dantzig and Wolfe's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from kctopt.concave import take
from kctopt.program import Program
from kctopt.solver.block import Block
from kctopt.solver.bounds import propagate
from kctopt.solver.compiled import Affine, Compiled, Relations
from kctopt.solver.highs import End
from kctopt.solver.settings import BOXES, WORK
from kctopt.solver.tangents import Tangents
from kctopt.solver.threads import pool

COUPLING = -1
OF_THE_NATION = frozenset(
    (  # variables by domain or programme, whose ids may be those of lines too
        "knowledge.accelerator",
        "diffusion.moat",
        "modes.mode",
        "modes.change",
        "kct.score",
        "kct.kct_domain",
        "kct.weak_link",
        "programmes.start",
    )
)


@dataclass(frozen=True)
class Prices:
    """A point, and duals of the program with one tangent a relation there: of its rows and its tangents."""

    x: np.ndarray
    rows: np.ndarray
    relations: np.ndarray


@dataclass(frozen=True)
class Bound:
    """Proven bound of the minimisation (None where a block failed), duals of all rows, reduced costs of all columns.

    `ends` has the answer of each block; where a block has open integers, duals are zero.
    """

    value: float | None
    row_dual: np.ndarray
    column_dual: np.ndarray
    ends: list[End]


class Decomposition:
    """A program taken apart; `line_of` gives the line of each column (1, 2, ...), 0 for national ones.

    `left` tells the seconds left: trees of blocks are left early when there are none.
    """

    def __init__(
        self, compiled: Compiled, tangents: Tangents, line_of: np.ndarray, left: Callable[[], float] = lambda: np.inf
    ) -> None:
        self.compiled, self.tangents, self.line_of, self.left = compiled, tangents, line_of, left
        self.held = compiled.column_lower == compiled.column_upper
        room = BOXES.held_change * np.abs(compiled.column_lower[self.held])
        low, high = compiled.column_lower.copy(), compiled.column_upper.copy()
        low[self.held], high[self.held] = low[self.held] - room, high[self.held] + room
        self._lower, self._upper = propagate(replace(compiled, column_lower=low, column_upper=high))
        self._set_bounds(compiled)
        self.row_block = self._owner(compiled.rows)
        self.relation_block = self._owner(_touched(compiled))
        finite = bool(np.isfinite(self.lower).all() and np.isfinite(self.upper).all())
        self.possible = finite and bool((self.relation_block != COUPLING).all())
        self.blocks = [self._block(number) for number in range(int(line_of.max()) + 1)] if self.possible else []

    def bound(self, prices: Prices, enough: float, tolerance: float) -> Bound:
        """The bound at some prices, cut until it is `enough`; a block that gains less than its share stops cutting."""
        y = np.where(self.row_block == COUPLING, prices.rows, 0.0)
        return self.bound_at(self.signed(y), self.copies(prices), [prices.x], enough, tolerance)

    def signed(self, y: np.ndarray) -> np.ndarray:
        """Prices of rows with the signs that their open sides ask for."""
        c = self.compiled
        y = np.where(np.isfinite(c.lower), y, np.minimum(y, 0.0))
        return np.where(np.isfinite(c.upper), y, np.maximum(y, 0.0))

    def bound_at(
        self, y: np.ndarray, copies: list[np.ndarray], points: list[np.ndarray], enough: float, tolerance: float
    ) -> Bound:
        """The bound at prices y of the coupling rows and prices of each block's copies, with tangents at points."""
        c = self.compiled
        limits = np.where(y > 0, c.lower, np.where(y < 0, c.upper, 0.0))
        fixed, costs = float(y @ limits), self.costs(y, copies)
        ends = self._ends(costs, points, enough - fixed, tolerance / len(self.blocks))
        if any(end.status != "optimal" for end in ends):
            return Bound(None, y, np.zeros(len(c.cost)), ends)
        row_dual, column_dual = y.copy(), np.zeros(len(c.cost))
        for block, end in zip(self.blocks, ends, strict=True):
            row_dual[block.rows] = end.row_dual[: len(block.rows)]
            column_dual[block.columns[: block.own]] = end.column_dual[: block.own]
        return Bound(fixed + sum(end.objective for end in ends), row_dual, column_dual, ends)

    def _ends(self, costs: list[np.ndarray], points: list[np.ndarray], enough: float, share: float) -> list[End]:
        """Ends of all blocks, solved side by side in rounds."""
        with pool() as threads:
            own = [[x[block.columns] for x in points] for block in self.blocks]
            ends = list(threads.map(lambda block, *given: block.begin(*given, share), self.blocks, costs, own))
            idle = [0] * len(ends)
            for _ in range(WORK.block_cuts):
                active = [n for n, end in enumerate(ends) if end.status == "optimal" and idle[n] < WORK.block_patience]
                if not active or sum(end.objective for end in ends) >= enough:
                    break
                for n, end in zip(active, threads.map(lambda n: self.blocks[n].again(ends[n]), active), strict=True):
                    idle[n] = (
                        WORK.block_patience
                        if end is ends[n]
                        else idle[n] + 1
                        if end.objective - ends[n].objective <= share
                        else 0
                    )
                    ends[n] = end
        return ends

    def with_bounds(self, compiled: Compiled) -> Decomposition:
        """The same blocks with new data in the held columns; taken apart anew where that leaves the proven bounds."""
        room = 1e-9 * compiled.unit
        inside = (compiled.column_lower >= self._lower - room) & (compiled.column_upper <= self._upper + room)
        same = (compiled.column_lower == compiled.column_upper) == self.held
        if not (same.all() and inside[self.held].all()):
            return Decomposition(compiled, self.tangents, self.line_of, self.left)
        self.compiled = compiled
        self._set_bounds(compiled)
        for block in self.blocks:
            block.use_bounds(self.lower, self.upper)
        return self

    def _set_bounds(self, compiled: Compiled) -> None:
        """Proven bounds with a little room; held columns at their data."""
        room = 1e-6 * np.maximum(compiled.unit, np.maximum(np.abs(self._lower), np.abs(self._upper)))
        self.lower = np.where(self.held, compiled.column_lower, self._lower - room)
        self.upper = np.where(self.held, compiled.column_upper, self._upper + room)

    def _owner(self, matrix: sparse.csr_array) -> np.ndarray:
        """Block of each row: the one line it touches, 0 where it touches none, COUPLING where it touches several."""
        row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        line = self.line_of[matrix.indices]
        first, last = np.full(matrix.shape[0], np.iinfo(int).max), np.zeros(matrix.shape[0], int)
        np.minimum.at(first, row[line > 0], line[line > 0])
        np.maximum.at(last, row[line > 0], line[line > 0])
        return np.where(last == 0, 0, np.where(first == last, last, COUPLING))

    def copies(self, prices: Prices) -> list[np.ndarray]:
        """Worth of the copies of each block at a point, by the duals of its rows and tangents there."""
        tangents, _ = self.tangents.rows(self.tangents.points(prices.x))
        copies = []
        for block in self.blocks:
            price = tangents[block.relations].T @ prices.relations[block.relations]
            price = price + self.compiled.rows[block.rows].T @ prices.rows[block.rows]
            copies.append(price[block.columns[block.own :]])
        return copies

    def divided(self, prices: np.ndarray) -> list[np.ndarray]:
        """Prices of all copies, one after the other, by block."""
        counts = [len(block.columns) - block.own for block in self.blocks]
        return np.split(prices, np.cumsum(counts)[:-1])

    def costs(self, y: np.ndarray, copies: list[np.ndarray]) -> list[np.ndarray]:
        """Costs of the columns of each block at prices y of rows; what copies cost leaves the national columns."""
        cost = self.compiled.cost - self.compiled.rows.T @ y
        for block, price in zip(self.blocks, copies, strict=True):
            np.subtract.at(cost, block.columns[block.own :], price)
        pairs = zip(self.blocks, copies, strict=True)
        return [np.concatenate([cost[block.columns[: block.own]], price]) for block, price in pairs]

    def _block(self, number: int) -> Block:
        """Columns, rows and relations of a block as a program of its own; costs come with the prices.

        The nation's integers are relaxed; a line gets the nation's rows that speak only of integers it has copies of.
        """
        c = self.compiled
        rows, chosen = np.flatnonzero(self.row_block == number), self.relation_block == number
        relations = np.flatnonzero(chosen)
        own = np.flatnonzero(self.line_of == number)
        starts, kept, used = self.tangents.starts, [], [c.rows[rows].indices]
        for n, group in enumerate(c.relations):
            index = np.flatnonzero(chosen[starts[n] : starts[n + 1]])
            if len(index):
                kept.append((group, index))
                used += [group.bound.matrix[index].indices, *(z.matrix[index].indices for z in group.arguments)]
        copies = np.setdiff1d(np.concatenate(used), own)
        columns = np.concatenate([own, copies]).astype(int)
        kept_rows = np.concatenate([rows, self._shared(copies)]) if number else rows
        compiled = replace(
            c, names=[c.names[j] for j in columns], row_names=[], slots={}, offset=0.0, cost=np.zeros(len(columns)),
            column_lower=self.lower[columns], column_upper=self.upper[columns],
            rows=sparse.csr_array(c.rows[kept_rows][:, columns]), lower=c.lower[kept_rows], upper=c.upper[kept_rows],
            relations=[_slice(group, index, columns) for group, index in kept],
            integer=c.integer[columns] & (number > 0), unit=c.unit[columns],
        )  # fmt: skip
        return Block.of(columns, len(own), rows, relations, compiled, self.left)

    def _shared(self, copies: np.ndarray) -> np.ndarray:
        """Rows of the nation on integers alone, all among the copies."""
        c = self.compiled
        inside = np.zeros(len(c.cost), bool)
        inside[copies] = True
        national = np.flatnonzero(self.row_block == 0)
        if not (c.integer & inside).any():
            return national[:0]
        others = abs(c.rows[national]) @ np.where(inside & c.integer, 0.0, 1.0)
        return np.asarray(national[(others == 0) & (np.diff(c.rows[national].indptr) > 0)])


def _touched(compiled: Compiled) -> sparse.csr_array:
    """Which columns each relation speaks of."""
    groups = []
    for relations in compiled.relations:
        blocks = [abs(affine.matrix) for affine in (relations.bound, *relations.arguments)]
        groups.append(sparse.csr_array(np.add.reduce(np.array(blocks, dtype=object))))
    return sparse.csr_array(sparse.vstack(groups, format="csr"))


def _slice(group: Relations, index: np.ndarray, columns: np.ndarray) -> Relations:
    """Some relations of a kind on some columns."""

    def cut(affine: Affine) -> Affine:
        return Affine(sparse.csr_array(affine.matrix[index][:, columns]), affine.constant[index])

    names = [group.names[i] for i in index]
    return Relations(take(group.functions, index), names, cut(group.bound), [cut(z) for z in group.arguments])


def line_of(program: Program, compiled: Compiled) -> np.ndarray:
    """Line (1, 2, ...) of each column whose index starts with one, 0 for the others."""
    number = {line.id: n for n, line in enumerate(program.scenario.lines, 1)}
    lines = np.zeros(len(compiled.names), int)
    for variable, columns in compiled.slots.items():
        if variable not in OF_THE_NATION:
            lines[columns] = [number.get(compiled.names[j].key, 0) for j in columns]
    return lines
