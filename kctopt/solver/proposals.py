"""Plans that the parts' answers propose, whose prices are new.

national     the plan with the national choices (cooperation modes) as the nation's part has them
fractions    from then on, where there are programmes: plans with programmes as fractions, at whose prices programmes
             are worth what they cost; whole programmes near the fractions make the plans that count
flips        the choice of one line as its part prefers it, with the money its part gives it
discounts    where no plan can follow a line's part: prices at which what the line brings its domain is worth less
combined     without programmes: the choices of all parts together, made to fit (solver/rounding.py)
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kctopt.solver.certificate import Candidate
from kctopt.solver.differences import national_choices
from kctopt.solver.part import WHOLE
from kctopt.solver.prices import Answer, Best, Mixtures, Values, padded
from kctopt.solver.rounding import rounded
from kctopt.solver.solving import PROMISES
from kctopt.solver.split import Split

if TYPE_CHECKING:
    from kctopt.solver.discrete import DiscreteEngine

FAR_OFF = 0.005  # relative distance from the best plan beyond which the prices of a plan are of no use
FLIPS = 8  # lines whose choice is changed in one pass
THRESHOLDS = (0.5, 0.25, 0.75)  # fraction from which a programme is launched
DISCOUNTS = 3  # of one line, each on the best prices by then
SECONDS = 20.0  # of one search with programmes as fractions
AIM = 3e-3  # gap that searches aim at, where a wider one is asked
STALLED = 0.1  # part of the gap asked below which a gain or loss is none
TOLERANCE = 0.06  # of a bound, as part of what is missing of the gap asked; a tree ends at a tenth of it or so
FINE, COARSE = 0.1, 10.0  # of the gap asked, least and most that counts as missing


@dataclass(frozen=True)
class Box:
    """Bounds of the integers, over all columns."""

    lower: np.ndarray
    upper: np.ndarray

    def holds(self, columns: np.ndarray, values: np.ndarray) -> bool:
        """Whether values of some columns are inside."""
        return bool(((values > self.lower[columns] - 0.5) & (values < self.upper[columns] + 0.5)).all())


class Proposals:
    """The plans found so far and what else to try."""

    def __init__(self, engine: DiscreteEngine, split: Split, gap: float) -> None:
        self.engine, self.split, self.gap, self.aim = engine, split, gap, min(gap, AIM)
        scenario = engine.program.scenario
        domains = [domain.id for domain in scenario.domains]
        of_line = [0, *(domains.index(line.domain) + 1 for line in scenario.lines)]
        self.mixtures = Mixtures(split, of_line.__getitem__, domains)
        self.loose: Candidate | None = None  # best point with programmes as fractions, where there are programmes
        self.searched: list[np.ndarray] = []  # choices with such a point
        self.eager: list[int] = []  # parts whose choice no plan can follow, once for each discount
        self.priced()

    def plan(self) -> Candidate:
        """The best plan."""
        plan = self.engine.plan
        assert plan is not None
        return plan

    def base(self) -> Candidate:
        """What choices are changed from: the best plan, or the best point with programmes as fractions."""
        return self.plan() if self.loose is None else self.loose

    def room(self) -> float:
        """The gap asked, in units of the objective."""
        return self.gap * abs(self.plan().objective)

    def tolerance(self) -> float:
        """How exact a bound need be: coarse while the gap is wide, fine when little is missing."""
        wide = self.engine._gap() / max(self.gap, 1e-9) if self.engine.bound is not None else COARSE
        return TOLERANCE * min(max(wide - 1.0, FINE), COARSE) * self.room()

    def priced(self) -> None:
        """Keep the prices of the last plan of the search."""
        if self.engine.search.prices is not None:
            self.mixtures.add_plan(self.engine.search.prices)

    def round(self, box: Box, best: Best) -> bool:
        """Plans for choices near the mixture that were not tried; whether one gave new prices."""
        answers = best.answers
        if not answers:
            return False
        nations = self._as_the_nation(box, answers[-1])
        if self.loose is None and self.planned(nations):
            return True
        before = self.loose
        if before is None and len(self.engine.starts):
            fresh = self._loosened(self.engine.values, self.plan().x)
        else:
            fresh = self.planned(nations) or self._flipped(best)
        if self.loose is not before:
            self._settle()
        return fresh or (before is None and self._combined(box, answers))

    def _combined(self, box: Box, answers: list[Answer]) -> bool:
        """Plans for the choices of all parts together, made to fit; whether one gave new prices."""
        plan = self.plan()
        self.mixtures.add([plan.x[part.columns] for part in self.split.parts])
        agreed = self._agreed(box, answers[-1])
        last = self.mixtures.weights(answers[-1:] if agreed is None else [agreed], np.ones(1))
        mixed = self.mixtures.weights(answers, np.full(len(answers), 1 / len(answers)))
        return any(self._try(*one, avoid) for one, avoid in ((last, False), (mixed, False), (mixed, True)))

    def _flipped(self, best: Best) -> bool:
        """Choices of single lines as their parts prefer them, that of the line that loses most first.

        The line starts from the money and the programmes of its part's answer. Whether one gave new prices.
        """
        answer, fresh = best.answers[-1], False
        for _, number in self._losses(best, answer)[:FLIPS]:
            part, x, base = self.split.parts[number], answer.points[number], self.base().x
            own = np.flatnonzero(part.compiled.integer[: part.own])
            whole = base.copy()
            whole[part.columns] = x
            values = base[self.engine.columns].round()
            values[np.searchsorted(self.engine.columns, part.columns[own])] = x[own].round()
            known = len(self.mixtures.points)
            fresh |= self.planned(values, self.engine.with_line(base, whole, number - 1))
            if len(self.mixtures.points) == known and self.eager.count(number) < DISCOUNTS:
                self.eager.append(number)
                self.mixtures.add_discount(answer.vector, base, number)
                fresh = True
        return fresh

    def _losses(self, best: Best, answer: Answer) -> list[tuple[float, int]]:
        """What each line loses by the integers of the base at the best prices, most first, with the part's number."""
        base, found = self.base().x, []
        costs = self.mixtures.costs(self.mixtures.master.vector(padded(best.weights, len(self.mixtures.points))))
        for number, (part, x) in enumerate(zip(self.split.parts, answer.points, strict=True)):
            own = np.flatnonzero(part.compiled.integer[: part.own])
            differs = (np.abs(x[own] - base[part.columns[own]]) > 0.5).any() and number > 0
            whole = np.abs(x[own] - x[own].round()).max(initial=0.0) < WHOLE
            loss = float(costs[number] @ (base[part.columns] - x))
            if differs and whole and loss > STALLED * self.room():
                found.append((loss, number))
        return sorted(found, reverse=True)

    def _settle(self) -> None:
        """Plans with whole programmes near the fractions of the base."""
        engine, base = self.engine, self.base().x
        kept = base[engine.columns].round()
        for threshold in THRESHOLDS:
            wanted = np.zeros(len(base))
            wanted[engine.columns] = 2.0 * kept - 1.0
            starts = engine.columns[engine.starts]
            wanted[starts] = base[starts] - threshold
            values = rounded(self.mixtures, [{} for _ in self.split.parts], wanted, engine.tried, parts=False)
            if values is not None:
                whole = kept.copy()
                whole[engine.starts] = values[engine.starts]
                engine._try(whole, base, self.aim, PROMISES[1])

    def _agreed(self, box: Box, answer: Answer) -> Answer | None:
        """The parts' answers at the same prices with the nation's integers as the nation has them; None where none are.

        Lines that each prefer their own mode for a domain have no choice in common.
        """
        c = self.split.compiled
        national = np.flatnonzero(c.integer & (self.split.line_of == 0) & (box.upper - box.lower > 0.5))
        if not len(national):
            return None
        values = self._voted(national, answer)
        lower, upper = box.lower.copy(), box.upper.copy()
        lower[national] = upper[national] = values
        for part in self.split.parts:
            part.use_bounds(lower, upper)
        started = time.perf_counter()
        _, found = self.mixtures.bound_at(answer.vector, answer.points, self.tolerance())
        self.engine._spent["proof"] += time.perf_counter() - started
        for part in self.split.parts:
            part.use_bounds(box.lower, box.upper)
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
        return self.planned(values)

    def _as_the_nation(self, box: Box, answer: Answer) -> np.ndarray:
        """The plan's choice with the national choices (cooperation modes) as the nation's answer has them."""
        columns, values = self.engine.columns, self.base().x[self.engine.columns].round()
        choices = national_choices(self.split)
        national = np.concatenate(choices) if choices else np.zeros(0, int)
        national = national[box.upper[national] - box.lower[national] > 0.5]
        if len(national):
            place = np.searchsorted(columns, national)
            values[place] = self._voted(national, answer)
        return np.asarray(values)

    def planned(self, values: np.ndarray, x: np.ndarray | None = None) -> bool:
        """The plan of a choice, unless it was tried, from the money of x; whether it gave new prices."""
        engine, base = self.engine, self.base()
        x = base.x if x is None else x
        if self.loose is not None:
            return self._loosened(values, x)
        if any(np.array_equal(values, tried) for tried in engine.tried):
            return False
        found = engine._try(values, x, self.aim, PROMISES[1])
        if found is None or self._far_off(found):
            return False
        self.priced()
        return True

    def _loosened(self, values: np.ndarray, x: np.ndarray) -> bool:
        """The same with programmes as fractions."""
        engine = self.engine
        held = np.delete(values, engine.starts)
        if any(np.array_equal(held, other) for other in self.searched):
            return False
        self.searched.append(held)
        found = engine.loose(values, x, self.aim, PROMISES[1], SECONDS)
        if found is None or self._far_off(found):
            return False
        self.priced()
        if self.loose is None or engine._gain(self.loose, found) > 0:
            self.loose = found
        return True

    def _far_off(self, found: Candidate) -> bool:
        """Whether a plan is so much worse than the best that its prices are of no use."""
        base = self.base().objective
        return bool(abs(found.objective - base) > FAR_OFF * abs(base))
