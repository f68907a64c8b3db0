"""Branch and bound over the blocks of a program with integers, with prices between plans at every node.

bound      at prices of the plans found so far and between them (lagrangian.py), block by block (decomposition.py)
proposals  plans for what the blocks prefer, whose prices are new (solver/proposals.py)
branching  on the line that would lose most by the plan's choice, best bound first
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace

import numpy as np

from kctopt.solver.choice import ChoiceSolver
from kctopt.solver.decomposition import Bound, Decomposition
from kctopt.solver.lagrangian import Answer, Best, padded
from kctopt.solver.obbt import tightened
from kctopt.solver.proposals import Box, Proposals
from kctopt.solver.settings import BOXES, GAPS, WORK
from kctopt.status import Status


@dataclass(order=True)
class _Node:
    """A box of integers with a proven bound of the minimisation."""

    bound: float
    number: int
    box: Box = field(compare=False)
    weights: np.ndarray = field(compare=False, default_factory=lambda: np.zeros((0, 0)))  # of prices, its parent's best


class Tree:
    """Branch and bound over the blocks of a program, with prices between plans at every node."""

    def __init__(self, choices: ChoiceSolver, decomposition: Decomposition, gap: float) -> None:
        self.choices, self.state, self.decomposition, self.gap = choices, choices.state, decomposition, gap
        self.proposals = Proposals(choices, decomposition, gap)
        self.mixtures = self.proposals.mixtures
        lower, upper, whole = decomposition.lower.copy(), decomposition.upper.copy(), choices.columns
        lower[whole], upper[whole] = choices.open.column_lower[whole], choices.open.column_upper[whole]
        self.nodes = [_Node(-np.inf, 0, Box(lower, upper))]
        self.done = np.inf  # least bound of the nodes that need no more work

    def explore(self) -> Status:
        """Until the bounds agree to the gap, or time is out."""
        state, count = self.state, 1
        self.proposals.launch()
        while self.nodes:
            node = heapq.heappop(self.nodes)
            children = self._work(node)
            for box in children:
                heapq.heappush(self.nodes, _Node(node.bound, count, box, node.weights))
                count += 1
            if not children:
                self.done = min(self.done, node.bound)
            self._report()
            if state.gap() <= self.gap:
                return Status.OPTIMAL
            if state.left() <= 0:
                return Status.LIMIT
        return Status.LIMIT

    def root(self, passes: int) -> Bound:
        """The bound over all choices at the best prices found in so many passes, before anything is branched."""
        node = self.nodes[0]
        self._begin(node)
        if len(self._undecided(node)):
            self._priced(node, passes)
        return self._bound(self._inherited(node))[0]

    def _report(self, node: _Node | None = None) -> None:
        """The bound over all open nodes."""
        bound = min([self.done, *(waiting.bound for waiting in self.nodes), *([node.bound] if node else [])])
        if np.isfinite(bound):
            self.state.keep(bound, None, len(self.nodes) + 1)

    def _done(self, node: _Node) -> bool:
        """Whether nothing better by the gap is left in a node."""
        return self._missing(node) <= 0.0

    def _missing(self, node: _Node) -> float:
        """How far the bound of a node is from that at which it is done."""
        value = float(self.choices.open.cost @ self.proposals.plan().x)
        return value - GAPS.node * self.proposals.room() - node.bound

    def _little(self, node: _Node) -> float:
        """A rise of a node's bound that is not worth its time: a part of what is missing, of the gap at most."""
        return GAPS.stalled * min(self.proposals.room(), self._missing(node))

    def _work(self, node: _Node) -> list[Box]:
        """Bound a node and look for plans in it; its children, none where it is done or time is out."""
        self._begin(node)
        open_ones = self._undecided(node)
        if not len(open_ones):
            return self._leaf(node)
        best = self._priced(node, WORK.root_passes if node.number == 0 else WORK.node_passes)
        if best is None or self._done(node) or self.state.left() <= 0:
            return []
        return self._branch(node, open_ones, best)

    def _begin(self, node: _Node) -> None:
        """The blocks in the box of a node."""
        for block in self.decomposition.blocks:
            block.use_bounds(node.box.lower, node.box.upper)

    def _priced(self, node: _Node, passes: int) -> Best | None:
        """The best prices found for a node, with plans on the way; None where it has no answer."""
        best = Best(self._inherited(node))
        if self._evaluate(node, best) is None or (node.number == 0 and not self._tightened(node, best)):
            return None
        for _ in range(passes):
            if self._done(node) or self.state.left() <= 0 or not self._advance(node, best):
                break
        node.weights = best.weights
        return best

    def _tightened(self, node: _Node, best: Best) -> bool:
        """Tighter bounds at the root, where its first bound does not do; whether it still has an answer."""
        if self._done(node) or self.state.left() <= 0:
            return True
        capability, bounds = self.choices.open.slots["ladder.capability"], (node.box.lower, node.box.upper)
        with self.state.spending("proof"):
            node.box = Box(*tightened(self.decomposition, bounds, self.proposals.base().x, capability, self.state.left))
            self._begin(node)
            self.mixtures.master.answers.clear()  # they may lie outside
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
        """Plans nearer to what the blocks prefer, then prices between theirs; whether the bound may still rise."""
        fresh = self.proposals.round(node.box, best)
        radius, before = BOXES.weights, node.bound
        for _ in range(WORK.price_moves):
            if self._done(node) or self.state.left() <= 0 or radius < BOXES.narrowest:
                break
            around = padded(best.weights, len(self.mixtures.points))
            weights, promised = self.mixtures.master.best(around, radius)
            if promised - best.value < self._little(node):
                break
            if not self._evaluate(node, replace(best, weights=weights), best):
                radius *= BOXES.narrower
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
        return np.flatnonzero(self.decomposition.compiled.integer & (node.box.upper - node.box.lower > 0.5))

    def _bound(self, weights: np.ndarray) -> tuple[Bound, Answer | None]:
        """The bound at a mixture of the prices so far."""
        enough = float(self.choices.open.cost @ self.proposals.plan().x) - 0.5 * self.proposals.room()
        with self.state.spending("proof"):
            return self.mixtures.bound(weights, enough, self.proposals.tolerance())

    def _leaf(self, node: _Node) -> list[Box]:
        """A node with one choice: searched and bounded until it is done."""
        choices = self.choices
        for part in (*GAPS.predicted[1:], 0.0):
            plan = choices.best_plan(node.box.lower[choices.columns], self.proposals.plan().x, self.gap, part)
            node.bound = max(node.bound, choices.floor)
            if plan is None:
                break
            self.proposals.priced()
            bound, _ = self._bound(self._last())
            if any(end.status == "infeasible" for end in bound.ends):
                node.bound = np.inf
            elif bound.value is not None:
                node.bound = max(node.bound, bound.value)
            if self._done(node) or self.state.left() <= 0:
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
            values = _mean(self.decomposition, answers)[open_ones]
            place = int(np.argmax(np.abs(values - np.round(values))))
            column, value = int(open_ones[place]), float(np.floor(values[place]))
        value = min(max(value, node.box.lower[column]), node.box.upper[column] - 1)
        below, above = node.box.upper.copy(), node.box.lower.copy()
        below[column], above[column] = value, value + 1
        return [Box(node.box.lower, below), Box(above, node.box.upper)]

    def _disputed(self, node: _Node, answer: Answer) -> np.ndarray:
        """Open integers in which the plan and the answer of the block that loses most by the plan's values differ."""
        plan, most, disputed = (
            self.proposals.base().x.round(),
            GAPS.bound_tolerance * self.proposals.room(),
            np.zeros(0, int),
        )
        for block, x in zip(self.decomposition.blocks, answer.points, strict=True):
            where = np.flatnonzero(block.compiled.integer)
            columns = block.columns[where]
            differ = columns[np.abs(x[where] - plan[columns]) > 0.5]
            inside = (
                (plan[columns] > node.box.lower[columns] - 0.5) & (plan[columns] < node.box.upper[columns] + 0.5)
            ).all()
            if not len(differ) or not inside:
                continue
            free = float(block.compiled.cost @ x)
            lower, upper = node.box.lower.copy(), node.box.upper.copy()
            lower[columns] = upper[columns] = plan[columns]
            block.use_bounds(lower, upper)
            end = block.begin(block.compiled.cost, [plan[block.columns], x], most)
            block.use_bounds(node.box.lower, node.box.upper)
            if end.status == "optimal" and end.objective - free > most:
                most, disputed = end.objective - free, differ
        return disputed


def _mean(decomposition: Decomposition, answers: list[Answer]) -> np.ndarray:
    """Columns of the program, the mean of what some answers give, each from the block that owns it."""
    whole = np.zeros(len(decomposition.compiled.cost))
    for answer in answers:
        for block, x in zip(decomposition.blocks, answer.points, strict=True):
            whole[block.columns[: block.own]] += x[: block.own] / len(answers)
    return whole
