"""Branch and bound over the parts of a program with integers, with prices between plans at every node.

bound      at prices of the plans found so far and between them (solver/prices.py), part by part (solver/split.py)
rounding   of what the parts prefer to one choice, and the best plan with it, whose prices are new
branching  on the line that would lose most by the plan's choice, best bound first
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from kctopt.solver.certificate import Candidate
from kctopt.solver.differences import national_choices
from kctopt.solver.engine import PROMISES
from kctopt.solver.outcome import Status
from kctopt.solver.prices import Answer, Mixtures, Values
from kctopt.solver.rounding import rounded
from kctopt.solver.split import Bound, Split

if TYPE_CHECKING:
    from kctopt.solver.discrete import DiscreteEngine

PASSES = 8  # plans tried at the root before it is branched
FEWER = 2  # at other nodes
FAR_OFF = 0.005  # relative distance from the best plan beyond which the prices of a plan are of no use
WAYS = 3  # prices moved to after plans
RADIUS = 0.35  # of the weights moved at once
NARROWER = 0.4  # factor on it where that was no better
STALLED = 0.1  # part of the gap asked that a pass must promise to close, else the node is branched
TOLERANCE = 0.02  # of a bound, as part of the gap asked


@dataclass
class _Best:
    """Weights of the prices with the best bound of a node, and the last answers there."""

    weights: np.ndarray
    value: float = -np.inf
    answers: list[Answer] = field(default_factory=list)


@dataclass(order=True)
class _Node:
    """A box of integers with a proven bound of the minimisation."""

    bound: float
    number: int
    lower: np.ndarray = field(compare=False)
    upper: np.ndarray = field(compare=False)
    weights: np.ndarray = field(compare=False, default_factory=lambda: np.zeros((0, 0)))  # of prices, its parent's best


class Tree:
    """Branch and bound over the parts of a program, with prices between plans at every node."""

    def __init__(self, engine: DiscreteEngine, split: Split, gap: float) -> None:
        self.engine, self.split, self.gap = engine, split, gap
        scenario = engine.program.scenario
        domains = [domain.id for domain in scenario.domains]
        of_line = [0, *(domains.index(line.domain) + 1 for line in scenario.lines)]
        self.mixtures = Mixtures(split, of_line.__getitem__, domains)
        lower, upper, whole = split.lower.copy(), split.upper.copy(), engine.columns
        lower[whole], upper[whole] = engine.open.column_lower[whole], engine.open.column_upper[whole]
        self.nodes = [_Node(-np.inf, 0, lower, upper)]
        self.done = np.inf  # least bound of the nodes that need no more work
        self._priced()

    def explore(self) -> Status:
        """Until the bounds agree to the gap, or time is out."""
        engine, count = self.engine, 1
        while self.nodes:
            node = heapq.heappop(self.nodes)
            children = self._work(node)
            for lower, upper in children:
                heapq.heappush(self.nodes, _Node(node.bound, count, lower, upper, node.weights))
                count += 1
            if not children:
                self.done = min(self.done, node.bound)
            self._report()
            if engine._gap() <= self.gap:
                return "optimal"
            if engine._left() <= 0:
                return "limit"
        return "limit"

    def _report(self, node: _Node | None = None) -> None:
        """The bound over all open nodes."""
        bound = min([self.done, *(one.bound for one in self.nodes), *([node.bound] if node else [])])
        if np.isfinite(bound):
            self.engine._keep(bound, np.zeros(0), np.zeros(0), len(self.nodes) + 1)

    def _plan(self) -> Candidate:
        plan = self.engine.plan
        assert plan is not None
        return plan

    def _room(self) -> float:
        """The gap asked, in units of the objective."""
        return self.gap * abs(self._plan().objective)

    def _done(self, node: _Node) -> bool:
        """Whether nothing better by the gap is left in a node."""
        return bool(node.bound >= float(self.engine.open.cost @ self._plan().x) - 0.95 * self._room())

    def _work(self, node: _Node) -> list[tuple[np.ndarray, np.ndarray]]:
        """Bound a node and look for plans in it; its children, none where it is done or time is out."""
        for part in self.split.parts:
            part.use_bounds(node.lower, node.upper)
        open_ones = self._undecided(node)
        if not len(open_ones):
            return self._leaf(node)
        start = _Best(self._inherited(node))
        if self._evaluate(node, start) is None:
            return []
        for _ in range(PASSES if node.number == 0 else FEWER):
            if self._done(node) or self.engine._left() <= 0 or not self._advance(node, start):
                break
        node.weights = start.weights
        over = self._done(node) or self.engine._left() <= 0
        return [] if over else self._branch(node, open_ones, start)

    def _inherited(self, node: _Node) -> np.ndarray:
        """Weights of its parent's best prices; at the root, the last plan's."""
        return _padded(node.weights, len(self.mixtures.points)) if node.weights.size else self._last()

    def _last(self) -> np.ndarray:
        """Weights that are the last plan's prices alone."""
        weights = np.zeros((self.mixtures.master.count, len(self.mixtures.points)))
        weights[:, -1] = 1.0
        return weights

    def _advance(self, node: _Node, best: _Best) -> bool:
        """Plans nearer to what the parts prefer, then prices between theirs; whether the bound may still rise."""
        fresh = self._round(node, best)
        radius, before = RADIUS, node.bound
        for _ in range(WAYS):
            if self._done(node) or self.engine._left() <= 0:
                return False
            around = _padded(best.weights, len(self.mixtures.points))
            weights, promised = self.mixtures.master.best(around, radius)
            if promised - best.value < STALLED * self._room():
                break
            if not self._evaluate(node, replace(best, weights=weights), best):
                radius *= NARROWER
        return fresh or node.bound - before > STALLED * self._room()

    def _evaluate(self, node: _Node, tried: _Best, best: _Best | None = None) -> bool | None:
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
        return np.flatnonzero(self.split.compiled.integer & (node.upper - node.lower > 0.5))

    def _bound(self, weights: np.ndarray) -> tuple[Bound, Answer | None]:
        """The bound at a mixture of the prices so far."""
        engine, started = self.engine, time.perf_counter()
        enough = float(engine.open.cost @ self._plan().x) - 0.5 * self._room()
        found = self.mixtures.bound(weights, enough, self._tolerance())
        engine._spent["proof"] += time.perf_counter() - started
        return found

    def _tolerance(self) -> float:
        """How exact a bound need be: coarse while the gap is wide."""
        wide = self.engine._gap() / max(self.gap, 1e-9) if self.engine.bound is not None else 10.0
        return TOLERANCE * max(1.0, min(wide, 10.0)) * self._room()

    def _priced(self) -> None:
        """Keep the prices of the last plan of the search."""
        if self.engine.search.prices is not None:
            self.mixtures.add_plan(self.engine.search.prices)

    def _round(self, node: _Node, best: _Best) -> bool:
        """Plans for choices near the mixture that were not tried; whether one gave new prices."""
        answers = best.answers
        if not answers:
            return False
        if self._planned(self._as_the_nation(node, answers[-1])):
            return True
        plan = self._plan()
        self.mixtures.add([plan.x[part.columns] for part in self.split.parts])
        agreed = self._agreed(node, answers[-1])
        last = self.mixtures.weights(answers[-1:] if agreed is None else [agreed], np.ones(1))
        mixed = self.mixtures.weights(answers, np.full(len(answers), 1 / len(answers)))
        return any(self._try(*one, avoid) for one, avoid in ((last, False), (mixed, False), (mixed, True)))

    def _agreed(self, node: _Node, answer: Answer) -> Answer | None:
        """The parts' answers at the same prices with the nation's integers as the nation has them; None where none are.

        Lines that each prefer their own mode for a domain have no choice in common.
        """
        c = self.split.compiled
        national = np.flatnonzero(c.integer & (self.split.line_of == 0) & (node.upper - node.lower > 0.5))
        if not len(national):
            return None
        values = self._voted(national, answer)
        lower, upper = node.lower.copy(), node.upper.copy()
        lower[national] = upper[national] = values
        for part in self.split.parts:
            part.use_bounds(lower, upper)
        started = time.perf_counter()
        _, found = self.mixtures.bound_at(answer.vector, answer.points, self._tolerance())
        self.engine._spent["proof"] += time.perf_counter() - started
        for part in self.split.parts:
            part.use_bounds(node.lower, node.upper)
        return found

    def _voted(self, national: np.ndarray, answer: Answer) -> np.ndarray:
        """Values of the nation's integers nearest to those in its own answer, where they keep the nation's rows.

        At prices by difference lines are indifferent between the ways of a national choice: the nation's answer is
        the one to follow.
        """
        votes = np.zeros(len(self.split.compiled.cost))
        nation = self.split.parts[0]
        votes[nation.columns] = answer.points[0]
        found = rounded(self.mixtures, [{} for _ in self.split.parts], votes, [], parts=False)
        columns = self.engine.columns
        place = np.searchsorted(columns, national)
        return (
            found[place]
            if found is not None
            else np.round(answer.points[0][np.searchsorted(self.split.parts[0].columns, national)])
        )

    def _try(self, weights: list[dict[Values, float]], whole: np.ndarray, avoid: bool) -> bool:
        """The plan of the choice with most weight, unless it was tried; whether it gave new prices."""
        engine, started = self.engine, time.perf_counter()
        values = rounded(self.mixtures, weights, whole, engine.tried if avoid else [])
        engine._spent["mip"] += time.perf_counter() - started
        if values is None:
            return False
        return self._planned(self._with_programmes(values)) or self._planned(values)

    def _as_the_nation(self, node: _Node, answer: Answer) -> np.ndarray:
        """The plan's choice with the national choices (cooperation modes) as the nation's answer has them."""
        columns, values = self.engine.columns, self._plan().x[self.engine.columns].round()
        choices = national_choices(self.split)
        national = np.concatenate(choices) if choices else np.zeros(0, int)
        national = national[node.upper[national] - node.lower[national] > 0.5]
        if len(national):
            place = np.searchsorted(columns, national)
            values[place] = self._voted(national, answer)
        return np.asarray(values)

    def _with_programmes(self, values: np.ndarray) -> np.ndarray:
        """The plan's choice with the programmes of another: they are the easiest to change."""
        engine = self.engine
        own = self._plan().x[engine.columns].round()
        starts = np.isin(engine.columns, engine.open.slots.get("programmes.start", np.zeros(0, int)))
        return np.where(starts, values, own)

    def _planned(self, values: np.ndarray) -> bool:
        """The plan of a choice, unless it was tried; whether it gave new prices."""
        engine = self.engine
        if any(np.array_equal(values, tried) for tried in engine.tried):
            return False
        found = engine._try(values, self._plan().x, self.gap, PROMISES[1])
        if found is None or abs(found.objective - self._plan().objective) > FAR_OFF * abs(self._plan().objective):
            return False
        self._priced()
        return True

    def _leaf(self, node: _Node) -> list[tuple[np.ndarray, np.ndarray]]:
        """A node with one choice: searched and bounded until it is done."""
        engine = self.engine
        for promise in (*PROMISES[1:], 0.0):
            found = engine._try(node.lower[engine.columns], self._plan().x, self.gap, promise)
            if engine.impossible:
                node.bound = np.inf
            if found is None:
                break
            self._priced()
            bound, _ = self._bound(self._last())
            if any(end.status == "infeasible" for end in bound.ends):
                node.bound = np.inf
            elif bound.value is not None:
                node.bound = max(node.bound, bound.value)
            if self._done(node) or engine._left() <= 0:
                break
        return []

    def _branch(self, node: _Node, open_ones: np.ndarray, best: _Best) -> list[tuple[np.ndarray, np.ndarray]]:
        """Two boxes around an integer: of the line that would lose most by the plan's choice, the first it disputes."""
        answers, plan = best.answers, self._plan().x
        disputed = self._disputed(node, answers[-1]) if answers else np.zeros(0, int)
        column = int(disputed[0]) if len(disputed) else int(open_ones[0])
        if len(disputed):
            value = plan[column] - (plan[column] > node.lower[column] + 0.5)
        else:
            values = _mean(self.split, answers)[open_ones]
            place = int(np.argmax(np.abs(values - np.round(values))))
            column, value = int(open_ones[place]), float(np.floor(values[place]))
        value = min(max(value, node.lower[column]), node.upper[column] - 1)
        below, above = node.upper.copy(), node.lower.copy()
        below[column], above[column] = value, value + 1
        return [(node.lower, below), (above, node.upper)]

    def _disputed(self, node: _Node, answer: Answer) -> np.ndarray:
        """Open integers in which the plan and the answer of the part that loses most by the plan's values differ."""
        plan, most, found = self._plan().x, TOLERANCE * self._room(), np.zeros(0, int)
        for part, x in zip(self.split.parts, answer.points, strict=True):
            where = np.flatnonzero(part.compiled.integer)
            columns = part.columns[where]
            differ = columns[np.abs(x[where] - plan[columns]) > 0.5]
            inside = ((plan[columns] > node.lower[columns] - 0.5) & (plan[columns] < node.upper[columns] + 0.5)).all()
            if not len(differ) or not inside:
                continue
            free = float(part.compiled.cost @ x)
            lower, upper = node.lower.copy(), node.upper.copy()
            lower[columns] = upper[columns] = plan[columns]
            part.use_bounds(lower, upper)
            end = part.begin(part.compiled.cost, [plan[part.columns], x], most)
            part.use_bounds(node.lower, node.upper)
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


def _padded(weights: np.ndarray, points: int) -> np.ndarray:
    """Weights with zeros for the points that came later."""
    return np.pad(weights, ((0, 0), (0, points - weights.shape[1])))
