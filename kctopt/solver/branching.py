"""Branch and bound over the parts of a program with integers, with prices between plans at every node.

bound      at prices of the plans found so far and between them (solver/prices.py), part by part (solver/split.py)
proposals  plans for what the parts prefer, whose prices are new (solver/proposals.py)
branching  on the line that would lose most by the plan's choice, best bound first
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from kctopt.solver.prices import Answer, Best, padded
from kctopt.solver.proposals import STALLED, TOLERANCE, Box, Proposals
from kctopt.solver.solving import PROMISES
from kctopt.solver.split import Bound, Split
from kctopt.solver.tighten import tightened
from kctopt.status import Status

if TYPE_CHECKING:
    from kctopt.solver.discrete import DiscreteEngine

PASSES = 8  # plans tried at the root before it is branched
FEWER = 2  # at other nodes
WAYS = 8  # prices moved to after plans
RADIUS = 0.35  # of the weights moved at once
NARROWER = 0.4  # factor on it where that was no better
NARROWEST = 0.01  # below which none are moved
ENOUGH = 0.95  # of the gap asked, at which a node is done


@dataclass(order=True)
class _Node:
    """A box of integers with a proven bound of the minimisation."""

    bound: float
    number: int
    box: Box = field(compare=False)
    weights: np.ndarray = field(compare=False, default_factory=lambda: np.zeros((0, 0)))  # of prices, its parent's best


class Tree:
    """Branch and bound over the parts of a program, with prices between plans at every node."""

    def __init__(self, engine: DiscreteEngine, split: Split, gap: float) -> None:
        self.engine, self.split, self.gap = engine, split, gap
        self.proposals = Proposals(engine, split, gap)
        self.mixtures = self.proposals.mixtures
        lower, upper, whole = split.lower.copy(), split.upper.copy(), engine.columns
        lower[whole], upper[whole] = engine.open.column_lower[whole], engine.open.column_upper[whole]
        self.nodes = [_Node(-np.inf, 0, Box(lower, upper))]
        self.done = np.inf  # least bound of the nodes that need no more work

    def explore(self) -> Status:
        """Until the bounds agree to the gap, or time is out."""
        engine, count = self.engine, 1
        while self.nodes:
            node = heapq.heappop(self.nodes)
            children = self._work(node)
            for box in children:
                heapq.heappush(self.nodes, _Node(node.bound, count, box, node.weights))
                count += 1
            if not children:
                self.done = min(self.done, node.bound)
            self._report()
            if engine._gap() <= self.gap:
                return Status.OPTIMAL
            if engine._left() <= 0:
                return Status.LIMIT
        return Status.LIMIT

    def root(self) -> Bound:
        """The bound over all choices at the best prices found before anything is branched."""
        node = self.nodes[0]
        self._begin(node)
        if len(self._undecided(node)):
            self._priced(node)
        return self._bound(self._inherited(node))[0]

    def _report(self, node: _Node | None = None) -> None:
        """The bound over all open nodes."""
        bound = min([self.done, *(one.bound for one in self.nodes), *([node.bound] if node else [])])
        if np.isfinite(bound):
            self.engine._keep(bound, np.zeros(0), np.zeros(0), len(self.nodes) + 1)

    def _done(self, node: _Node) -> bool:
        """Whether nothing better by the gap is left in a node."""
        return self._missing(node) <= 0.0

    def _missing(self, node: _Node) -> float:
        """How far the bound of a node is from that at which it is done."""
        value = float(self.engine.open.cost @ self.proposals.plan().x)
        return value - ENOUGH * self.proposals.room() - node.bound

    def _little(self, node: _Node) -> float:
        """A rise of a node's bound that is not worth its time: a part of what is missing, of the gap at most."""
        return STALLED * min(self.proposals.room(), self._missing(node))

    def _work(self, node: _Node) -> list[Box]:
        """Bound a node and look for plans in it; its children, none where it is done or time is out."""
        self._begin(node)
        open_ones = self._undecided(node)
        if not len(open_ones):
            return self._leaf(node)
        best = self._priced(node)
        if best is None or self._done(node) or self.engine._left() <= 0:
            return []
        return self._branch(node, open_ones, best)

    def _begin(self, node: _Node) -> None:
        """The parts in the box of a node."""
        for part in self.split.parts:
            part.use_bounds(node.box.lower, node.box.upper)

    def _priced(self, node: _Node) -> Best | None:
        """The best prices found for a node, with plans on the way; None where it has no answer."""
        best = Best(self._inherited(node))
        if self._evaluate(node, best) is None or (node.number == 0 and not self._tightened(node, best)):
            return None
        for _ in range(PASSES if node.number == 0 else FEWER):
            if self._done(node) or self.engine._left() <= 0 or not self._advance(node, best):
                break
        node.weights = best.weights
        return best

    def _tightened(self, node: _Node, best: Best) -> bool:
        """Tighter bounds at the root, where its first bound does not do; whether it still has an answer."""
        if self._done(node) or self.engine._left() <= 0:
            return True
        engine, started = self.engine, time.perf_counter()
        capability = engine.open.slots["ladder.capability"]
        bounds = (node.box.lower, node.box.upper)
        node.box = Box(*tightened(self.split, bounds, self.proposals.base().x, capability, engine._left))
        self._begin(node)
        self.mixtures.master.answers.clear()  # they may lie outside
        engine._spent["proof"] += time.perf_counter() - started
        return self._evaluate(node, best) is not None

    def _inherited(self, node: _Node) -> np.ndarray:
        """Weights of its parent's best prices; at the root, the last plan's."""
        return padded(node.weights, len(self.mixtures.points)) if node.weights.size else self._last()

    def _last(self) -> np.ndarray:
        """Weights that are the last plan's prices alone."""
        weights = np.zeros((self.mixtures.master.count, len(self.mixtures.points)))
        weights[:, -1] = 1.0
        return weights

    def _advance(self, node: _Node, best: Best) -> bool:
        """Plans nearer to what the parts prefer, then prices between theirs; whether the bound may still rise."""
        fresh = self.proposals.round(node.box, best)
        radius, before = RADIUS, node.bound
        for _ in range(WAYS):
            if self._done(node) or self.engine._left() <= 0 or radius < NARROWEST:
                break
            around = padded(best.weights, len(self.mixtures.points))
            weights, promised = self.mixtures.master.best(around, radius)
            if promised - best.value < self._little(node):
                break
            if not self._evaluate(node, replace(best, weights=weights), best):
                radius *= NARROWER
        return fresh or node.bound - before > self._little(node)

    def _evaluate(self, node: _Node, tried: Best, best: Best | None = None) -> bool | None:
        """The bound at some weights; whether it is the node's best so far, None where the node has no answer."""
        bound, answer = self._bound(tried.weights)
        if any(end.status == "infeasible" for end in bound.ends):
            node.bound = np.inf if node.number else node.bound  # the root has a plan
            return None
        if bound.value is None:
            return False
        best = tried if best is None else best
        better = bound.value > best.value
        if better:
            best.value, best.weights = bound.value, tried.weights
        if answer is not None:
            best.answers = [*best.answers, answer][-2:] if better else [answer, *best.answers][-2:]
        node.bound = max(node.bound, bound.value)
        self._report(node)
        return better

    def _undecided(self, node: _Node) -> np.ndarray:
        """Integer columns that the node leaves open."""
        return np.flatnonzero(self.split.compiled.integer & (node.box.upper - node.box.lower > 0.5))

    def _bound(self, weights: np.ndarray) -> tuple[Bound, Answer | None]:
        """The bound at a mixture of the prices so far."""
        engine, started = self.engine, time.perf_counter()
        enough = float(engine.open.cost @ self.proposals.plan().x) - 0.5 * self.proposals.room()
        found = self.mixtures.bound(weights, enough, self.proposals.tolerance())
        engine._spent["proof"] += time.perf_counter() - started
        return found

    def _leaf(self, node: _Node) -> list[Box]:
        """A node with one choice: searched and bounded until it is done."""
        engine = self.engine
        for promise in (*PROMISES[1:], 0.0):
            found = engine._try(node.box.lower[engine.columns], self.proposals.plan().x, self.gap, promise)
            node.bound = max(node.bound, engine.floor)
            if found is None:
                break
            self.proposals.priced()
            bound, _ = self._bound(self._last())
            if any(end.status == "infeasible" for end in bound.ends):
                node.bound = np.inf
            elif bound.value is not None:
                node.bound = max(node.bound, bound.value)
            if self._done(node) or engine._left() <= 0:
                break
        return []

    def _branch(self, node: _Node, open_ones: np.ndarray, best: Best) -> list[Box]:
        """Two boxes around an integer: of the line that would lose most by the plan's choice, the first it disputes."""
        answers, plan = best.answers, self.proposals.base().x.round()
        disputed = self._disputed(node, answers[-1]) if answers else np.zeros(0, int)
        column = int(disputed[0]) if len(disputed) else int(open_ones[0])
        if len(disputed):
            value = plan[column] - (plan[column] > node.box.lower[column] + 0.5)
        else:
            values = _mean(self.split, answers)[open_ones]
            place = int(np.argmax(np.abs(values - np.round(values))))
            column, value = int(open_ones[place]), float(np.floor(values[place]))
        value = min(max(value, node.box.lower[column]), node.box.upper[column] - 1)
        below, above = node.box.upper.copy(), node.box.lower.copy()
        below[column], above[column] = value, value + 1
        return [Box(node.box.lower, below), Box(above, node.box.upper)]

    def _disputed(self, node: _Node, answer: Answer) -> np.ndarray:
        """Open integers in which the plan and the answer of the part that loses most by the plan's values differ."""
        plan, most, found = self.proposals.base().x.round(), TOLERANCE * self.proposals.room(), np.zeros(0, int)
        for part, x in zip(self.split.parts, answer.points, strict=True):
            where = np.flatnonzero(part.compiled.integer)
            columns = part.columns[where]
            differ = columns[np.abs(x[where] - plan[columns]) > 0.5]
            inside = (
                (plan[columns] > node.box.lower[columns] - 0.5) & (plan[columns] < node.box.upper[columns] + 0.5)
            ).all()
            if not len(differ) or not inside:
                continue
            free = float(part.compiled.cost @ x)
            lower, upper = node.box.lower.copy(), node.box.upper.copy()
            lower[columns] = upper[columns] = plan[columns]
            part.use_bounds(lower, upper)
            end = part.begin(part.compiled.cost, [plan[part.columns], x], most)
            part.use_bounds(node.box.lower, node.box.upper)
            if end.status == "optimal" and end.objective - free > most:
                most, found = end.objective - free, differ
        return found


def _mean(split: Split, answers: list[Answer]) -> np.ndarray:
    """Columns of the program, the mean of what some answers give, each from the part that owns it."""
    whole = np.zeros(len(split.compiled.cost))
    for answer in answers:
        for part, x in zip(split.parts, answer.points, strict=True):
            whole[part.columns[: part.own]] += x[: part.own] / len(answers)
    return whole
