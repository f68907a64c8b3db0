"""The engine for programs with integers: a plan for one choice at a time, a proof over all of them.

    regimes    the stages the laws lead to, the best plan with them, the stages that plan leads to, until they repeat
    prices     of the plans found so far, and mixtures of them (solver/prices.py)
    proof      at these prices, part by part (solver/split.py), each part over all its configurations
    rounding   of what the parts prefer to one choice, the best plan with it (integers fixed, solver/search.py)
    branching  on the integer that the mixture leaves most undecided, best bound first

A plan counts when the simulator has put its money and choices through the exact laws.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field, replace

import numpy as np

from kctopt.program import Program
from kctopt.scenario.records import Scenario
from kctopt.simulate import Choices, natural
from kctopt.solver.certificate import Candidate
from kctopt.solver.engine import NEAR, PROMISES, RADII, RADIUS, Engine, _base_plan, _line_of
from kctopt.solver.moves import moved
from kctopt.solver.outcome import Outcome, Status
from kctopt.solver.prices import Answer, Mixtures, Values
from kctopt.solver.proof import Proof
from kctopt.solver.rounding import rounded
from kctopt.solver.search import PRICES
from kctopt.solver.split import Bound, Split
from kctopt.solver.tangents import Tangents

PASSES = 6  # prices tried at a node before it is branched
REPEATS = 4  # passes of the regimes' iteration
WHOLE = 20  # rounds of the whole program, where it cannot be taken apart
PRICING = 20.0  # seconds that the prices at the end may take
STALLED = 0.1  # part of the gap asked that a pass must promise to close, else the node is branched
TOLERANCE = 0.02  # of a bound, as part of the gap asked


@dataclass(order=True)
class _Node:
    """A box of integers with a proven bound of the minimisation."""

    bound: float
    number: int
    lower: np.ndarray = field(compare=False)
    upper: np.ndarray = field(compare=False)


class DiscreteEngine(Engine):
    """Solves one program with integers, and again after changes of its data."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.open = self.compiled
        self.columns = np.flatnonzero(self.open.integer)
        self.values = np.zeros(0)  # of the integers, of the best plan
        self.tried: list[np.ndarray] = []
        self.impossible = False  # the integers tried last are proven to have no plan
        self.cycle = 0  # length of the cycle the regimes ended in, 0 for none

    def _begin(self, limit: float) -> None:
        super()._begin(limit)
        self._spent["mip"] = 0.0

    def _cold(self, gap: float) -> Status:
        """From the base year's plan and the stages it leads to."""
        self.plan, self.tried = None, []
        x = self._grown()
        choices = self._lawful(x, Choices())
        self._repeat(self.integers_of(x, choices), x, gap)
        if self.plan is None and (status := self._any_plan(x, gap)) is not None:
            return status
        return self._close(gap)

    def _warm(self, x: np.ndarray, gap: float) -> Status:
        """From the last plan's choices."""
        self.plan, self.tried = None, []
        self._try(self.values, x, gap)
        return self._cold(gap) if self.plan is None else self._close(gap)

    def _patch(self, scenario: Scenario, held: dict[str, np.ndarray]) -> None:
        """New bounds of the columns that hold data, in the open program."""
        self.compiled = self.open
        super()._patch(scenario, held)
        self.open = self.compiled

    def _grown(self) -> np.ndarray:
        """The base year's spend repeated, in proportion to the budget."""
        base = _base_plan(self.program, self.simulator)
        if "money.available" not in self.compiled.slots or "money.scale" in self.compiled.slots:
            return base
        years = len(self.program.scenario.horizon.years)
        spent = base[self.compiled.slots["money.spend"]].reshape(-1, years).sum(axis=0)
        return self._times(base, self.compiled.column_lower[self.compiled.slots["money.available"]] / spent)

    def _lawful(self, x: np.ndarray, choices: Choices) -> Choices:
        """The choices with the stages that the laws lead to at the money of x."""
        if self.program.scenario.stages != "switching":
            return choices
        stage = natural(self.program.scenario, self.simulator.money(x), replace(choices, stage=None, restraint=None))
        return replace(choices, stage=stage.stage)

    def integers_of(self, x: np.ndarray, choices: Choices) -> np.ndarray:
        """Values of the integer columns for these choices; base modes and no programme where they say nothing."""
        if choices.mode is None and "modes.mode" in self.open.slots:
            choices = replace(choices, mode=self._base_modes())
        x = self.simulator.integers.written(x, choices, self.simulator.money(x))
        values = x[self.columns]
        return np.asarray(np.clip(values, self.open.column_lower[self.columns], self.open.column_upper[self.columns]))

    def _base_modes(self) -> np.ndarray:
        scenario = self.program.scenario
        ids = [mode.id for mode in scenario.modes]
        plans = len(scenario.horizon.plans)
        return np.array([[ids.index(domain.mode)] * plans for domain in scenario.domains])

    def _repeat(self, values: np.ndarray, x: np.ndarray, gap: float) -> None:
        """Stages, the best plan with them, the stages it leads to, and so on until they repeat."""
        seen: list[np.ndarray] = []
        for _ in range(REPEATS):
            found = self._try(values, x, gap)
            seen.append(values)
            if found is None or self._left() <= 0:
                return
            x = found.x
            values = self.integers_of(x, self._lawful(x, self.simulator.integers.choices(x)))
            again = [n for n, before in enumerate(reversed(seen), 1) if np.array_equal(before, values)]
            if again:
                self.cycle = again[0] if again[0] > 1 else 0
                return

    def _try(self, values: np.ndarray, x: np.ndarray, gap: float, promise: float = PROMISES[0]) -> Candidate | None:
        """The best plan with integers at these values, from the money of x; kept if it beats the plan so far."""
        self.tried.append(values)
        best, self.plan = self.plan, None
        self._fix(values)
        start = self._near(self._moved(x, values), gap)
        if start is not None and self.plan is None:
            for price in PRICES:  # of broken rules
                self._improve(start, NEAR if best is not None else RADIUS, gap, price, promise)
                if self._last.feasible:
                    break
        found, self.plan = self.plan, best
        if found is not None and (best is None or self._gain(best, found) > 0):
            self.plan, self.values = found, values
        return found

    def _fix(self, values: np.ndarray) -> None:
        """Hold the integers."""
        lower, upper = self.open.column_lower.copy(), self.open.column_upper.copy()
        lower[self.columns] = upper[self.columns] = values
        none = np.zeros(len(lower), bool)
        fixed = replace(self.open, column_lower=lower, column_upper=upper, integer=none)
        self.compiled = self.search.compiled = self.simulator.compiled = fixed

    def _near(self, x: np.ndarray, gap: float) -> Candidate | None:
        """A feasible plan near x with the integers as they are held; `plan` may hold a better one already."""
        self.impossible = False
        start: Candidate | None = self.simulator.candidate(x)
        for radius in RADII:
            if start is not None and start.feasible:
                return start
            start = self.search.near(x, radius, self._left())
        if start is not None and start.feasible:
            return start
        end = self.search.possible([x], self._left())
        self.impossible = end.status == "infeasible"
        for price in PRICES if end.status == "optimal" else ():
            self._improve(self.simulator.candidate(end.x), 1.0, gap, price)
            if self.plan is not None:
                return self.plan
        return None

    def _moved(self, x: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Columns with these integers, and money that fits them."""
        x, slots = x.copy(), self.open.slots
        x[self.columns] = values
        held = "money.scale" not in slots
        available = self.open.column_lower[slots["money.available"]] if held else None
        integers, money = self.simulator.integers, self.simulator.money(x)
        found = moved(self.program.scenario, money, integers.choices(x), integers.off(x), available)
        parts = (found.strategic, found.substitution, found.exchange, found.spend)
        for name, part in zip(("strategic", "substitution", "exchange", "spend"), parts, strict=True):
            x[slots[f"money.{name}"]] = part.ravel()
        return x

    def _any_plan(self, x: np.ndarray, gap: float) -> Status | None:
        """Integers of an answer of the whole tangent program, tried in turn; 'infeasible' when it has none."""
        whole = Proof(replace(self.open, cost=np.zeros(len(self.open.cost))), Tangents(self.open))
        whole.start(x, None)
        for _ in range(WHOLE):
            end = whole.highs.run_mip(self.open.free_integers, None, self._left(), gap=1.0)
            if len(end.x) == 0:
                return "infeasible" if end.status == "infeasible" else self._stopped(end)
            self._try(np.round(end.x[self.columns]), end.x, gap)
            if self.plan is not None:
                return None
            if whole.cut(self._last.x) == 0:
                break
        return "no_plan"

    def _outcome(self, status: Status) -> Outcome:
        """Everything known at the end; prices hold while the discrete choices stay as they are."""
        if self.plan is not None:
            self._fix(self.values)
            self.search.near(self.plan.x, NEAR, PRICING)
            prices = self.search.prices
            fixed = Split(self.compiled, self.tangents, _line_of(self.program, self.compiled))
            found = fixed.bound(prices, np.inf, 1e-6) if prices is not None and fixed.possible else None
            self.duals = (found.row_dual, found.column_dual) if found is not None and found.value is not None else None
        return replace(super()._outcome(status), choices=self._choices(), cycle=self.cycle)

    def _choices(self) -> Choices:
        return Choices() if self.plan is None else self.simulator.integers.choices(self.plan.x)

    def _close(self, gap: float) -> Status:
        """Prove the plan part by part, with better plans found on the way."""
        assert self.plan is not None
        if self.split is None or self.split.compiled is not self.open:
            started = time.perf_counter()
            self.split = Split(self.open, self.tangents, _line_of(self.program, self.open))
            self._spent["proof"] += time.perf_counter() - started
        if not self.split.possible:
            return "limit"
        return _Tree(self, self.split, gap).explore()


class _Tree:
    """Branch and bound over the parts of a program, with prices between plans at every node."""

    def __init__(self, engine: DiscreteEngine, split: Split, gap: float) -> None:
        self.engine, self.split, self.gap = engine, split, gap
        self.mixtures = Mixtures(split)
        self.answers: list[Answer] = []
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
            if children is None:
                return "infeasible"
            for lower, upper in children:
                heapq.heappush(self.nodes, _Node(node.bound, count, lower, upper))
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

    def _work(self, node: _Node) -> list[tuple[np.ndarray, np.ndarray]] | None:
        """Bound a node and look for plans in it; its children, none where it is done, None when nothing is possible."""
        for part in self.split.parts:
            part.use_bounds(node.lower, node.upper)
        open_ones = self._undecided(node)
        if not len(open_ones):
            return self._leaf(node)
        answers = [answer for answer in self.answers if self._inside(answer, node)]
        weights, fresh = np.eye(len(self.mixtures.points))[-1], False
        for number in range(PASSES):
            if number and len(answers):
                weights, _, promised = self.mixtures.best(answers)
                if promised - node.bound < STALLED * self._room() and not fresh:
                    break
            bound, answer = self._bound(weights)
            if bound.value is None:
                node.bound = np.inf
                return None if node.number == 0 else []
            node.bound = max(node.bound, bound.value)
            self._report(node)
            if answer is not None:
                answers.append(answer)
                self.answers.append(answer)
            if self._done(node) or self.engine._left() <= 0:
                return []
            fresh = self._round(node, answers)
            if self._done(node):
                return []
        return self._branch(node, open_ones, self._mixed(answers))

    def _undecided(self, node: _Node) -> np.ndarray:
        """Integer columns that the node leaves open."""
        return np.flatnonzero(self.split.compiled.integer & (node.upper - node.lower > 0.5))

    def _inside(self, answer: Answer, node: _Node) -> bool:
        """Whether an answer keeps the node's integers, own and copied."""
        for part, x in zip(self.split.parts, answer.points, strict=True):
            where = np.flatnonzero(part.compiled.integer)
            columns = part.columns[where]
            if ((x[where] < node.lower[columns] - 0.5) | (x[where] > node.upper[columns] + 0.5)).any():
                return False
        return True

    def _bound(self, weights: np.ndarray) -> tuple[Bound, Answer | None]:
        """The bound at a mixture of the prices so far."""
        engine, started = self.engine, time.perf_counter()
        enough = float(engine.open.cost @ self._plan().x) - 0.5 * self._room()
        found = self.mixtures.bound(weights, enough, self._tolerance())
        engine._spent["proof"] += time.perf_counter() - started
        return found

    def _tolerance(self) -> float:
        """How exact a bound need be: coarse while the gap is wide."""
        wide = self.engine._gap() / self.gap if self.engine.bound is not None else 10.0
        return TOLERANCE * max(1.0, min(wide, 10.0)) * self._room()

    def _priced(self) -> None:
        """Keep the prices of the last plan of the search."""
        if self.engine.search.prices is not None:
            self.mixtures.add_plan(self.engine.search.prices)

    def _round(self, node: _Node, answers: list[Answer]) -> bool:
        """Plans for choices near the mixture that were not tried; whether one gave new prices."""
        if not answers:
            return False
        plan = self._plan()
        self.mixtures.add([plan.x[part.columns] for part in self.split.parts])
        agreed = self._agreed(node, answers[-1])
        last = self.mixtures.weights(answers[-1:] if agreed is None else [agreed], np.ones(1))
        mixed = self.mixtures.weights(answers, self.mixtures.best(answers)[1])
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
        """Values of the nation's integers that most parts have in their answers, where they keep the nation's rows."""
        votes = np.zeros(len(self.split.compiled.cost))
        for part, x in zip(self.split.parts, answer.points, strict=True):
            votes[part.columns[part.own :]] += x[part.own :]
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
        if values is None or any(np.array_equal(values, tried) for tried in engine.tried):
            return False
        if engine._try(values, self._plan().x, self.gap, PROMISES[1]) is None:
            return False
        self._priced()
        return True

    def _mixed(self, answers: list[Answer]) -> np.ndarray:
        """Columns of the mixture of answers that the best prices belong to."""
        if not answers:
            return np.zeros(len(self.split.compiled.cost))
        _, shares, _ = self.mixtures.best(answers)
        return sum((share * _whole(self.split, answer) for answer, share in zip(answers, shares, strict=True)),
                   np.zeros(len(self.split.compiled.cost)))  # fmt: skip

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
            bound, _ = self._bound(np.eye(len(self.mixtures.points))[-1])
            node.bound = np.inf if bound.value is None else max(node.bound, bound.value)
            if self._done(node) or engine._left() <= 0:
                break
        return []

    def _branch(self, node: _Node, open_ones: np.ndarray, mixed: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Two boxes around the integer that the mixture leaves most undecided."""
        values = mixed[open_ones]
        undecided = np.abs(values - np.round(values))
        column = open_ones[int(np.argmax(undecided))]
        value = min(max(np.floor(values[int(np.argmax(undecided))]), node.lower[column]), node.upper[column] - 1)
        below, above = node.upper.copy(), node.lower.copy()
        below[column], above[column] = value, value + 1
        return [(node.lower, below), (above, node.upper)]


def _whole(split: Split, answer: Answer) -> np.ndarray:
    """Columns of the program that an answer gives, each from the part that owns it."""
    whole = np.zeros(len(split.compiled.cost))
    for part, x in zip(split.parts, answer.points, strict=True):
        whole[part.columns[: part.own]] = x[: part.own]
    return whole
