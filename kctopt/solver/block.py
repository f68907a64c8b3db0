"""One block of a program taken apart: a line, or the nation, as a small program of its own.

A block without open integers is solved by interior points (interior.py), its prices proving the bound (dual.py). One
with open integers is a tree of such programs, best bound first. Where these are many, or the method leaves too much, a
program is an outer approximation by linear programs of HiGHS, cut where its answer breaks a relation; since cuts are
valid everywhere they stay for the rest of the tree and for the next prices. (Rounds of HiGHS's own branching took a
tenth of a second each and needed a dozen.)
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from kctopt.solver.compiled import Compiled
from kctopt.solver.dual import linear_bound, outgrown, tangent_program
from kctopt.solver.highs import End
from kctopt.solver.interior import Interior
from kctopt.solver.newton import Point
from kctopt.solver.outer_approximation import OuterApproximation
from kctopt.solver.settings import GAPS, TOLERANCES, WORK
from kctopt.solver.tangents import Tangents

Box = tuple[np.ndarray, np.ndarray]


@dataclass
class Block:
    """Columns (own, then copies of national ones), rows and relations in the whole program, and the block itself."""

    columns: np.ndarray
    own: int
    rows: np.ndarray
    relations: np.ndarray
    compiled: Compiled
    proof: OuterApproximation
    left: Callable[[], float]  # seconds
    settled: bool = False  # the last answer came from interior points: cuts add nothing
    quick: bool = False  # one of many answers at costs of single columns: linear programs go on from the last
    _method: Interior | None = None

    @classmethod
    def of(
        cls, columns: np.ndarray, own: int, rows: np.ndarray, relations: np.ndarray, compiled: Compiled,
        left: Callable[[], float],
    ) -> Block:  # fmt: skip
        """A block with a HiGHS object of its own."""
        return cls(
            columns, own, rows, relations, compiled, OuterApproximation(compiled, Tangents(compiled), small=True), left
        )

    @property
    def integers(self) -> np.ndarray:
        """Positions of the open integers among the block's columns."""
        return self.compiled.free_integers

    def use_bounds(self, lower: np.ndarray, upper: np.ndarray) -> None:
        """New bounds of its columns, given for all columns of the program."""
        self.compiled = replace(self.compiled, column_lower=lower[self.columns], column_upper=upper[self.columns])
        self.proof.compiled = self.compiled

    def restore(self, compiled: Compiled) -> None:
        """Bounds and costs as they were."""
        self.compiled = self.proof.compiled = compiled

    def begin(self, cost: np.ndarray, points: list[np.ndarray], tolerance: float) -> End:
        """First answer at some costs of its columns, with tangents at points; a tree is searched to the tolerance."""
        self.compiled = replace(self.compiled, cost=cost)
        self.proof.compiled = self.compiled
        self.settled = True
        if len(self.integers):
            return self._tree(points, tolerance)
        if not self.quick and (end := self._inside(self.compiled, points, tolerance)) is not None:
            return end
        self.settled = False
        if points:
            self._start(points)  # starting from older cuts takes longer
        else:
            self._load(points)
        return self.proof.run(np.inf)

    def again(self, end: End) -> End:
        """Answer after cuts where the last one breaks a relation; interior points and a tree have nothing to add."""
        done = self.settled or len(end.x) == 0 or self.proof.cut(end.x) == 0
        return end if done else self.proof.run(np.inf)

    def optimum(self, cost: np.ndarray, points: list[np.ndarray], gain: float, rounds: int) -> End:
        """Answer at some costs, cut until a round gains less than `gain`; without points, near those of the last."""
        self.quick = True
        end = self.begin(cost, points, gain)
        self.quick = False
        for _ in range(rounds):
            after = self.again(end)
            if after is end or after.status != "optimal":
                break
            gained, end = after.objective - end.objective, after
            if gained < gain:
                break
        return end

    def _inside(self, c: Compiled, points: list[np.ndarray], tolerance: float) -> End | None:
        """The block with bounds of `c` by interior points, from the first of the points; None where they fail."""
        tangents, best = self.proof.tangents, End("failed", -np.inf, np.zeros(0), np.zeros(0), np.zeros(0))
        lower, upper = c.column_lower, c.column_upper
        method = self._method
        if method is None or not method.fits(c, lower, upper):
            method = self._method = Interior(c, tangents, lower, upper)

        def done(point: Point, mean: float) -> bool:
            nonlocal best
            left, aim = (
                mean * method.pairs,
                max(tolerance, GAPS.block, TOLERANCES.block_round_off * abs(float(c.cost @ point.x))),
            )
            if left > aim:
                return False
            program = tangent_program(c, tangents, point.x, lower, upper)
            prices = np.concatenate([point.rows, point.relations])
            value = linear_bound(program, prices)
            reached = float(c.cost @ point.x) - value
            if value > best.objective:
                best = End("optimal", value, point.x, prices, program.cost - program.rows.T @ prices)
            if outgrown(program, prices, c.cost_unit):
                best = End("infeasible", np.inf, np.zeros(0), prices, np.zeros(0))
            return best.status == "infeasible" or reached <= aim or left < GAPS.block_finest * aim

        start = points[0] if points and len(points[0]) else 0.5 * (lower + upper)
        method.minimise(c.cost, method.start(start), done)
        if best.status == "infeasible":
            return best
        value = float(c.cost @ best.x) if best.status == "optimal" else np.inf
        return (
            best
            if value - best.objective <= max(tolerance, GAPS.block, TOLERANCES.block_round_off * abs(value))
            else None
        )

    def _start(self, points: list[np.ndarray]) -> None:
        """The rows with tangents around the first point and at the others."""
        self.proof.start(points[0], None)
        for x in points[1:]:
            self.proof.touch(x)

    def _tree(self, points: list[np.ndarray], tolerance: float) -> End:
        """The bound over all whole values, and the answer it belongs to: whole, unless the tree was left early.

        It is left when time is out, its first node apart: without that there is no bound.
        """
        integers, c, loaded = self.integers, self.compiled, False
        box = (c.column_lower[integers], c.column_upper[integers])
        first = points[0] if points else np.zeros(0)
        nodes: list[tuple[float, int, Box, np.ndarray]] = [(-np.inf, 0, box, first)]
        best, answer, count, order = np.inf, np.zeros(0), 0, itertools.count(1)
        stuck: list[tuple[float, np.ndarray]] = []  # where HiGHS ended without an answer: the bound before holds
        while nodes and nodes[0][0] < best - tolerance and count < WORK.block_nodes and (count == 0 or self.left() > 0):
            bound, _, box, x = heapq.heappop(nodes)
            end = (
                None
                if self.quick or len(integers) > WORK.integers_by_points
                else self._node(integers, box, x, tolerance)
            )
            if end is None:
                if not loaded:
                    self._load(points)
                    loaded = True
                self.proof.highs.change_bounds(integers, *box)
                end = self._cut(best - tolerance, tolerance)
            count += 1
            if end.status == "infeasible":
                continue
            if end.status != "optimal":
                stuck.append((bound, x))
                continue
            bound = max(bound, end.objective)
            split = _split(box, end.x[integers])
            if split is None and bound < best:
                best, answer = bound, end.x
            for child in split or ():
                heapq.heappush(nodes, (bound, next(order), child, end.x))
        if loaded:
            self.proof.highs.change_bounds(integers, c.column_lower[integers], c.column_upper[integers])
        left = [(best, answer), *stuck, *((bound, x) for bound, _, _, x in nodes)]
        bound, answer = min(left, key=lambda pair: pair[0])
        status = "optimal" if np.isfinite(bound) else "failed" if stuck else "infeasible"
        return End(status, bound, answer, np.zeros(len(c.lower)), np.zeros(len(c.cost)))

    def _node(self, integers: np.ndarray, box: Box, x: np.ndarray, tolerance: float) -> End | None:
        """A program of the tree by interior points, integers that are all but whole rounded; None as in `_inside`."""
        c = self.compiled
        lower, upper = c.column_lower.copy(), c.column_upper.copy()
        lower[integers], upper[integers] = box
        end = self._inside(replace(c, column_lower=lower, column_upper=upper), [x], tolerance)
        if end is not None and len(end.x):
            values = end.x[integers]
            whole = np.round(values)
            end.x[integers] = np.where(np.abs(values - whole) < TOLERANCES.nearly_whole, whole, values)
        return end

    def _load(self, points: list[np.ndarray]) -> None:
        """Costs and bounds on the program as the last tree left it, with tangents at points."""
        proof, c = self.proof, self.compiled
        proof.patience = WORK.block_cut_patience
        if proof.highs.rows == 0:
            self._start(points)
            return
        proof.highs.change_cost(c.cost)
        proof.highs.change_bounds(np.arange(len(c.cost)), c.column_lower, c.column_upper)
        for x in points:
            proof.touch(x)

    def _cut(self, enough: float, tolerance: float) -> End:
        """The program of a node, cut until it gains little or is worth no more; at first only until it can be split."""
        end = self.proof.run(np.inf)
        for number in range(WORK.whole_node_cuts):
            if end.status != "optimal" or end.objective >= enough:
                break
            values = end.x[self.integers]
            if number >= WORK.node_cuts and np.abs(values - np.round(values)).max() > TOLERANCES.whole:
                break
            if self.proof.cut(end.x) == 0:
                break
            before, end = end.objective, self.proof.run(np.inf)
            if end.objective - before < 0.02 * tolerance:
                break
        return end


def _split(box: Box, values: np.ndarray) -> tuple[Box, Box] | None:
    """Two boxes around the value furthest from whole; None where all are whole."""
    off = np.abs(values - np.round(values))
    if off.max(initial=0.0) < TOLERANCES.whole:
        return None
    column = int(np.argmax(off))
    below, above = box[1].copy(), box[0].copy()
    below[column], above[column] = np.floor(values[column]), np.ceil(values[column])
    return (box[0], below), (above, box[1])
