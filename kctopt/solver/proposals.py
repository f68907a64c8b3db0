"""Plans that the blocks' answers propose, whose prices are new.

fractions    first, where there are programmes, and from then on: plans with programmes as fractions, at whose prices
             programmes are worth what they cost; whole programmes near the fractions make the plans that count
national     the plan with the national choices (cooperation modes) as the nation's block has them
flips        the choice of one line as its block prefers it, with the money its block gives it
discounts    where no plan can follow a line's block: prices at which what the line brings its domain is worth less
combined     without programmes: the choices of all blocks together, made to fit (`rounded`)

**Rounding.** From a mixture to one configuration of each block: a small program on the integers alone.

One configuration a block is chosen so that the rows that speak only of integers hold (prerequisites, exclusions,
researchers, one mode a domain) and the weight of what is chosen is largest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kctopt.solver.certificate import Candidate
from kctopt.solver.choice import ChoiceSolver
from kctopt.solver.decomposition import Decomposition
from kctopt.solver.highs import Highs
from kctopt.solver.lagrangian import Answer, Best, Mixtures, Values, national_choices, padded
from kctopt.solver.settings import BOXES, GAPS, TOLERANCES, WORK


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

    def __init__(self, choices: ChoiceSolver, decomposition: Decomposition, gap: float) -> None:
        self.choices, self.state = choices, choices.state
        self.decomposition, self.gap, self.aim = decomposition, gap, min(gap, GAPS.proposal)
        scenario = self.state.program.scenario
        domains = [domain.id for domain in scenario.domains]
        of_line = [0, *(domains.index(line.domain) + 1 for line in scenario.lines)]
        self.mixtures = Mixtures(decomposition, of_line.__getitem__, domains)
        self.relaxed: Candidate | None = None  # best point with programmes as fractions, where there are programmes
        self.searched: list[np.ndarray] = []  # choices with such a point
        self.eager: list[int] = []  # blocks whose choice no plan can follow, once for each discount
        self.priced()

    def plan(self) -> Candidate:
        """The best plan."""
        plan = self.state.plan
        assert plan is not None
        return plan

    def base(self) -> Candidate:
        """What choices are changed from: the best plan, or the best point with programmes as fractions."""
        return self.plan() if self.relaxed is None else self.relaxed

    def room(self) -> float:
        """The gap asked, in units of the objective."""
        return self.gap * abs(self.plan().objective)

    def tolerance(self) -> float:
        """How exact a bound need be: coarse while the gap is wide, fine when little is missing."""
        wide = self.state.gap() / max(self.gap, 1e-9) if self.state.bound is not None else GAPS.most_missing
        return GAPS.bound_tolerance * min(max(wide - 1.0, GAPS.least_missing), GAPS.most_missing) * self.room()

    def priced(self) -> None:
        """Keep the prices of the last plan of the search."""
        if self.choices.search.prices is not None:
            self.mixtures.add_plan(self.choices.search.prices)

    def round(self, box: Box, best: Best) -> bool:
        """Plans for choices near the mixture that were not tried; whether one gave new prices."""
        answers = best.answers
        if not answers:
            return False
        nations = self._as_the_nation(box, answers[-1])
        if self.relaxed is None and self.planned(nations):
            return True
        before = self.relaxed
        fresh = self.planned(nations) or self._flipped(best)
        if self.relaxed is not before:
            self._settle()
        return fresh or (before is None and self._combined(box, answers))

    def launch(self) -> None:
        """Before any proof: programmes as fractions beside the plan's other choices, and plans with whole ones.

        The plan so far may have none of them, and the first bound of many lines may take all the time there is.
        """
        if self.relaxed is None and len(self.choices.starts) and self._relaxed(self.choices.values, self.plan().x):
            self._settle()

    def _combined(self, box: Box, answers: list[Answer]) -> bool:
        """Plans for the choices of all blocks together, made to fit; whether one gave new prices."""
        plan = self.plan()
        self.mixtures.add([plan.x[block.columns] for block in self.decomposition.blocks])
        agreed = self._agreed(box, answers[-1])
        last = self.mixtures.weights(answers[-1:] if agreed is None else [agreed], np.ones(1))
        mixed = self.mixtures.weights(answers, np.full(len(answers), 1 / len(answers)))
        return any(self._try(*mixture, avoid) for mixture, avoid in ((last, False), (mixed, False), (mixed, True)))

    def _flipped(self, best: Best) -> bool:
        """Choices of single lines as their blocks prefer them, that of the line that loses most first.

        The line starts from the money and the programmes of its block's answer. Whether one gave new prices.
        """
        answer, fresh = best.answers[-1], False
        for _, number in self._losses(best, answer)[: WORK.flips]:
            block, x, base = self.decomposition.blocks[number], answer.points[number], self.base().x
            own = np.flatnonzero(block.compiled.integer[: block.own])
            whole = base.copy()
            whole[block.columns] = x
            values = base[self.choices.columns].round()
            values[np.searchsorted(self.choices.columns, block.columns[own])] = x[own].round()
            known = len(self.mixtures.points)
            fresh |= self.planned(values, self.choices.with_line(base, whole, number - 1))
            if len(self.mixtures.points) == known and self.eager.count(number) < WORK.discounts:
                self.eager.append(number)
                self.mixtures.add_discount(answer.vector, base, number)
                fresh = True
        return fresh

    def _losses(self, best: Best, answer: Answer) -> list[tuple[float, int]]:
        """What each line loses by the integers of the base at the best prices, most first, with the block's number."""
        base, losses = self.base().x, []
        costs = self.mixtures.costs(self.mixtures.master.vector(padded(best.weights, len(self.mixtures.points))))
        for number, (block, x) in enumerate(zip(self.decomposition.blocks, answer.points, strict=True)):
            own = np.flatnonzero(block.compiled.integer[: block.own])
            differs = (np.abs(x[own] - base[block.columns[own]]) > 0.5).any() and number > 0
            whole = np.abs(x[own] - x[own].round()).max(initial=0.0) < TOLERANCES.whole
            loss = float(costs[number] @ (base[block.columns] - x))
            if differs and whole and loss > GAPS.stalled * self.room():
                losses.append((loss, number))
        return sorted(losses, reverse=True)

    def _settle(self) -> None:
        """Plans with whole programmes near the fractions of the base."""
        choices, base = self.choices, self.base().x
        kept = base[choices.columns].round()
        for threshold in BOXES.launched_from:
            wanted = np.zeros(len(base))
            wanted[choices.columns] = 2.0 * kept - 1.0
            starts = choices.columns[choices.starts]
            wanted[starts] = base[starts] - threshold
            values = rounded(
                self.mixtures, [{} for _ in self.decomposition.blocks], wanted, choices.tried, blocks=False
            )
            if values is not None:
                whole = kept.copy()
                whole[choices.starts] = values[choices.starts]
                choices.best_plan(whole, base, self.aim, GAPS.predicted[1])

    def _agreed(self, box: Box, answer: Answer) -> Answer | None:
        """The blocks' answers at the same prices with the nation's integers as the nation has them, if there are any.

        Lines that each prefer their own mode for a domain have no choice in common.
        """
        c = self.decomposition.compiled
        national = np.flatnonzero(c.integer & (self.decomposition.line_of == 0) & (box.upper - box.lower > 0.5))
        if not len(national):
            return None
        values = self._voted(national, answer)
        lower, upper = box.lower.copy(), box.upper.copy()
        lower[national] = upper[national] = values
        for block in self.decomposition.blocks:
            block.use_bounds(lower, upper)
        with self.state.spending("proof"):
            _, agreed = self.mixtures.bound_at(answer.vector, answer.points, self.tolerance())
        for block in self.decomposition.blocks:
            block.use_bounds(box.lower, box.upper)
        return agreed

    def _voted(self, national: np.ndarray, answer: Answer) -> np.ndarray:
        """Values of the nation's integers nearest to those in its own answer, where they keep the nation's rows.

        At prices by difference lines are indifferent between the ways of a national choice: the nation's answer is
        the one to follow.
        """
        votes = np.zeros(len(self.decomposition.compiled.cost))
        nation = self.decomposition.blocks[0]
        votes[nation.columns] = answer.points[0]
        nearest = rounded(self.mixtures, [{} for _ in self.decomposition.blocks], votes, [], blocks=False)
        columns = self.choices.columns
        place = np.searchsorted(columns, national)
        return (
            nearest[place]
            if nearest is not None
            else np.round(answer.points[0][np.searchsorted(self.decomposition.blocks[0].columns, national)])
        )

    def _try(self, weights: list[dict[Values, float]], whole: np.ndarray, avoid: bool) -> bool:
        """The plan of the choice with most weight, unless it was tried; whether it gave new prices."""
        with self.state.spending("mip"):
            values = rounded(self.mixtures, weights, whole, self.choices.tried if avoid else [])
        return values is not None and self.planned(values)

    def _as_the_nation(self, box: Box, answer: Answer) -> np.ndarray:
        """The plan's choice with the national choices (cooperation modes) as the nation's answer has them."""
        columns, values = self.choices.columns, self.base().x[self.choices.columns].round()
        choices = national_choices(self.decomposition)
        national = np.concatenate(choices) if choices else np.zeros(0, int)
        national = national[box.upper[national] - box.lower[national] > 0.5]
        if len(national):
            place = np.searchsorted(columns, national)
            values[place] = self._voted(national, answer)
        return np.asarray(values)

    def planned(self, values: np.ndarray, x: np.ndarray | None = None) -> bool:
        """The plan of a choice, unless it was tried, from the money of x; whether it gave new prices."""
        choices = self.choices
        x = self.base().x if x is None else x
        if self.relaxed is not None:
            return self._relaxed(values, x)
        if any(np.array_equal(values, tried) for tried in choices.tried):
            return False
        plan = choices.best_plan(values, x, self.aim, GAPS.predicted[1])
        if plan is None or self._far_off(plan):
            return False
        self.priced()
        return True

    def _relaxed(self, values: np.ndarray, x: np.ndarray) -> bool:
        """The same with programmes as fractions."""
        held = np.delete(values, self.choices.starts)
        if any(np.array_equal(held, other) for other in self.searched):
            return False
        self.searched.append(held)
        candidate = self.choices.relaxed(values, x, self.aim, GAPS.predicted[1])
        if candidate is None or self._far_off(candidate):
            return False
        self.priced()
        if self.relaxed is None or self.state.gain(self.relaxed, candidate) > 0:
            self.relaxed = candidate
        return True

    def _far_off(self, candidate: Candidate) -> bool:
        """Whether a plan is so much worse than the best that its prices are of no use."""
        base = self.base().objective
        return bool(abs(candidate.objective - base) > GAPS.useful_plan * abs(base))


def rounded(
    mixtures: Mixtures, weights: list[dict[Values, float]], national: np.ndarray, avoid: list[np.ndarray],
    blocks: bool = True,
) -> np.ndarray | None:  # fmt: skip
    """Values of all integer columns of the program, in their order; None where no choice keeps the rows.

    `weights` says how much each configuration is wanted, `national` likewise each integer of the nation (all columns);
    `avoid` lists choices that are not to be made again. Without `blocks` only the rows of integers count.
    """
    chooser = _Chooser(mixtures, weights, national, blocks)
    return chooser.choose(avoid)


class _Chooser:
    """The program of the choice: integer columns of the whole program, then one column a configuration."""

    def __init__(
        self, mixtures: Mixtures, weights: list[dict[Values, float]], national: np.ndarray, blocks: bool
    ) -> None:
        self.decomposition, self.mixtures = mixtures.decomposition, mixtures
        c = self.decomposition.compiled
        self.integers = np.flatnonzero(c.integer)
        self.place = np.full(len(c.cost), -1)
        self.place[self.integers] = np.arange(len(self.integers))
        self.options = [
            (number, values, weights[number].get(values, 0.0))
            for number, block in enumerate(self.decomposition.blocks)
            if blocks and len(block.integers)
            for values in mixtures.allowed(number)
        ]
        self.columns = len(self.integers) + len(self.options)
        self.cost = np.concatenate([-1e-3 * national[self.integers], [-weight for *_, weight in self.options]])
        self.rows: list[sparse.csr_array] = []
        self.lower: list[np.ndarray] = []
        self.upper: list[np.ndarray] = []

    def choose(self, avoid: list[np.ndarray]) -> np.ndarray | None:
        """The best choice."""
        c = self.decomposition.compiled
        self._add_rows(_whole_rows(self.decomposition))
        self._add_links()
        for values in avoid:
            self._add_cut(values)
        lower = np.concatenate([np.ceil(c.column_lower[self.integers] - 1e-6), np.zeros(len(self.options))])
        upper = np.concatenate([np.floor(c.column_upper[self.integers] + 1e-6), np.ones(len(self.options))])
        highs = Highs()
        rows = sparse.vstack(self.rows, format="csr")
        rows.indices, rows.indptr = rows.indices.astype(np.int32), rows.indptr.astype(np.int32)
        highs.load(self.cost, lower, upper, rows, np.concatenate(self.lower), np.concatenate(self.upper))
        end = highs.run_mip(np.arange(self.columns), None, np.inf, nodes=WORK.rounding_nodes)
        return np.round(end.x[: len(self.integers)]) if len(end.x) else None

    def _add_rows(self, chosen: np.ndarray) -> None:
        c = self.decomposition.compiled
        empty = sparse.csr_array((len(chosen), len(self.options)))
        self.rows.append(sparse.hstack([c.rows[chosen][:, self.integers], empty], format="csr"))
        self.lower.append(c.lower[chosen])
        self.upper.append(c.upper[chosen])

    def _add_links(self) -> None:
        """One configuration a block; the integers it holds, own or copied, have its values."""
        for number, block in enumerate(self.decomposition.blocks):
            mine = [n for n, (owner, *_) in enumerate(self.options) if owner == number]
            if not mine:
                continue
            where = self.mixtures.positions(number)
            held = self.place[block.columns[where]]
            values = np.array([self.options[n][1] for n in mine]).T
            columns = len(self.integers) + np.array(mine)
            link = sparse.lil_array((len(where) + 1, self.columns))
            link[np.arange(len(where)), held] = -1.0
            for row in range(len(where)):
                link[row, columns] = values[row]
            link[len(where), columns] = 1.0
            right = np.concatenate([np.zeros(len(where)), [1.0]])
            self.rows.append(sparse.csr_array(link))
            self.lower.append(right)
            self.upper.append(right)

    def _add_cut(self, values: np.ndarray) -> None:
        """Not this choice again: at least one binary differs."""
        row = sparse.csr_array(np.concatenate([1.0 - 2.0 * values, np.zeros(len(self.options))])[None, :])
        self.rows.append(row)
        self.lower.append(np.array([1.0 - values.sum()]))
        self.upper.append(np.array([np.inf]))


def _whole_rows(decomposition: Decomposition) -> np.ndarray:
    """Rows that speak of integers alone."""
    c = decomposition.compiled
    others = abs(c.rows) @ np.where(c.integer, 0.0, 1.0)
    return np.flatnonzero((others == 0) & (np.diff(c.rows.indptr) > 0))
