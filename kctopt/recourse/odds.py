r"""The probability of a state turned from 0 to 1: what the best plan is worth all along, and where its kind switches.

The probability p of one state, the others of its branching scaled with 1 - p, enters the expected value alone. With
F(p) the best expected value and v_s(x) what a plan x is worth in state s,

    F(p) = max_x  sum_s p_s(p) v_s(x),      p_s(p) affine

so F is convex, every plan is a straight line below it, and a chord between proven bounds lies above it (for a minimum
the other way round). Two ends therefore bracket it for all p:

| told | from |
|---|---|
| most that a plan falls short at any p | the larger of bound less line at p = 0 and at p = 1 |
| where it stays within the gap | solves at and chords between points around its own p |

A measure of the first plan, such as the money of one line less that of another, switches where its sign does. Two
neighbours with other signs are drawn together, by a straight line through what was measured or by halves, until they
are within the tolerance. `lower_worse` and `upper_worse` are what the plan of one side is worth less at the other's p,
both simulated: where both are above 0, neither is a tie.

At p = 0 and p = 1 states that can no longer come about are left out, with what they ask of the first plan: the bound
there holds all the more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from kctopt.errors import SolverError
from kctopt.recourse.extensive import extensive_form
from kctopt.recourse.joined import Joined
from kctopt.recourse.problem import Problem
from kctopt.recourse.solved import Solved
from kctopt.recourse.values import Bracket
from kctopt.status import Status

Measures = Mapping[tuple[str, str], float]  # by kind and subject; the sign is what kind of plan it is
Measured = Callable[[Solved], Measures]
Along = Callable[[Solved, float], Measures]

WITHIN = ("within", "")  # by how much the plan is within the gap, refined with the other measures
ASIDE = 0.45  # of the tolerance: how far beside where a sign is expected to change the next solve stands


@dataclass(frozen=True)
class Switch:
    """Two probabilities of a state between which a measure of the first plan changes its sign."""

    kind: str
    subject: str
    low: float
    high: float
    before: float  # the measure at low
    after: float
    lower_worse: float  # what the plan of high is worth less at low
    upper_worse: float

    @property
    def proven(self) -> bool:
        """Whether the plan of each side is worse at the other's probability."""
        return self.lower_worse > 0 and self.upper_worse > 0


@dataclass(frozen=True)
class Odds:
    """The probability of one state from 0 to 1."""

    state: str
    home: float
    points: tuple[tuple[float, Solved], ...]  # by probability
    shortfall: Bracket  # most that the plan made for `home` falls short at any probability
    stays: tuple[float, float]  # between which it is proven to be within the gap
    switches: tuple[Switch, ...] = ()


def tilted(probability: Sequence[float], members: Sequence[int], group: Sequence[int], p: float) -> tuple[float, ...]:
    """Probabilities with the share p of that of a branching on some of its states, the others scaled.

    Parameters
    ----------
    probability : sequence of float
        Of all states.
    members, group : sequence of int
        Positions of the states that are turned, and of all states of their branching.
    p : float
        From 0 to 1.

    Examples
    --------
    >>> tilted([0.2, 0.4, 0.4], [0], [0, 1, 2], 0.5)
    (0.5, 0.25, 0.25)
    """
    made = np.array(probability, float)
    others = [s for s in group if s not in members]
    total = made[list(group)].sum()
    for part, share in ((list(members), p), (others, 1.0 - p)):
        made[part] *= share * total / made[part].sum()
    return tuple(made.tolist())


def along(
    problem: Problem, members: Sequence[int], group: Sequence[int], solved: Solved, measured: Measured, *,
    state: str = "", gap: float = 1e-4, tolerance: float = 0.05, time_limit: float | None = None,
    solve: Callable[[tuple[float, ...]], Solved] | None = None,
) -> Odds | None:  # fmt: skip
    """Turn the probability of a state from 0 to 1.

    Parameters
    ----------
    problem : Problem
        With the probabilities that `solved` was made for, the expected value its measure.
    members, group : sequence of int
        Positions of the states below the one that is turned, and of all below its parent.
    solved : Solved
        The plan made for these probabilities.
    measured : callable
        Measures of a first plan, by kind and subject.
    state : str
        Its name.
    gap : float, default 1e-4
        Of the solves, and within which a plan counts as good.
    tolerance : float, default 0.05
        How near two probabilities must be between which a measure changes its sign.
    time_limit : float, optional
        Seconds for each solve.
    solve : callable, optional
        As `solver` makes it, where several states are turned.

    Returns
    -------
    Odds or None
        None where a solve ends without plan or bound.

    Raises
    ------
    KeyboardInterrupt
        Where a solve is interrupted.

    Examples
    --------
    >>> from kctopt.recourse.odds import along
    >>> from tests.stochastic_problems import two_plans
    >>> problem = two_plans()
    >>> found = along(problem, [2], [0, 1, 2], problem.solve(), lambda end: {})
    >>> [p for p, _ in found.points], found.home
    ([0.0, 0.4, 1.0], 0.4)
    """
    total = sum(problem.probability[s] for s in group)
    home = sum(problem.probability[s] for s in members) / total
    run = _Run(problem, members, group, solve or solver(problem, gap, time_limit), gap, time_limit)
    run.points[home] = solved
    run.at(0.0)
    run.at(1.0)
    if not run.known():
        return None
    size = gap * max(1.0, abs(run.points[home].value or 0.0))

    def each(end: Solved, p: float) -> Measures:
        return {**measured(end), WITHIN: size - run.less(solved, p).high}

    switches = tuple(one for one in run.switches(each, tolerance) if (one.kind, one.subject) != WITHIN)
    if not run.known():
        return None
    return Odds(state, home, tuple(sorted(run.points.items())), run.shortfall(home), run.stays(home, size), switches)


def solver(problem: Problem, gap: float = 1e-4, time_limit: float | None = None) -> Callable[..., Solved]:
    """Solves of a problem with other probabilities, for the expected value; each from where the first was."""
    joined: Joined | None = None

    def solve(probability: tuple[float, ...]) -> Solved:
        nonlocal joined
        if not problem.judges:
            return replace(problem, probability=probability).solve(gap=gap, time_limit=time_limit)
        form = extensive_form(problem.programs, probability, problem.shared, labels=problem.labels)
        joined = joined or Joined(form, problem.judges)
        return joined.solve(form, gap, time_limit)

    return solve


class _Run:
    """Solves along the probability of one state."""

    def __init__(
        self, problem: Problem, members: Sequence[int], group: Sequence[int], solve: Callable[..., Solved],
        gap: float, time_limit: float | None,
    ) -> None:  # fmt: skip
        self.problem, self.members, self.group, self.solve = problem, members, group, solve
        self.gap, self.time_limit = gap, time_limit
        self.points: dict[float, Solved] = {}

    def weights(self, p: float) -> np.ndarray:
        """Probabilities of all states at p."""
        return np.array(tilted(self.problem.probability, self.members, self.group, p))

    def at(self, p: float) -> Solved:
        """The best plan at p."""
        if p not in self.points:
            weights = self.weights(p)
            shares = tuple((weights / weights.sum()).tolist())
            self.points[p] = self._certain(weights) if p in (0.0, 1.0) else self.solve(shares)
            if self.points[p].status == Status.INTERRUPTED:
                raise KeyboardInterrupt
            if self.points[p].status == Status.FAULT:
                raise SolverError("a plan is better than its proven bound: a fault of kctopt, please report it")
        return self.points[p]

    def _certain(self, weights: np.ndarray) -> Solved:
        """The best plan for the states that can come about; the costs of the others are not a number."""
        here = np.flatnonzero(weights > 0).tolist()
        end = replace(self.problem, probability=tuple((weights / weights.sum()).tolist())).only(here).solve(
            gap=self.gap, time_limit=self.time_limit
        )  # fmt: skip
        costs = np.full(len(weights), np.nan)
        costs[here] = end.costs if end.feasible else np.nan
        return replace(end, costs=tuple(costs.tolist()))

    def known(self) -> bool:
        """Whether every solve has a plan and a bound."""
        return all(end.value is not None and end.bound is not None for end in self.points.values())

    def line(self, end: Solved, p: float) -> float:
        """What a plan is worth at p."""
        weights = self.weights(p)
        return float(self.problem.sign * (weights[weights > 0] @ np.array(end.costs)[weights > 0]))

    def less(self, end: Solved, p: float) -> Bracket:
        """What a plan is worth less than the best at a solved p."""
        best, line, sign = self.points[p], self.line(end, p), -self.problem.sign
        assert best.value is not None and best.bound is not None
        value, bound = sign * (best.value - line), sign * (best.bound - line)
        if np.isnan(line):
            return Bracket(np.nan, 0.0, np.inf)
        return Bracket(max(0.0, value), max(0.0, value), max(0.0, value, bound))

    def shortfall(self, home: float) -> Bracket:
        """Most that the plan of home falls short at any p; the best less its line is convex, so at an end."""
        ends = [self.less(self.points[home], p) for p in (0.0, 1.0)]
        return Bracket(*(max(getattr(end, name) for end in ends) for name in ("value", "low", "high")))

    def stays(self, home: float, size: float) -> tuple[float, float]:
        """Between which p the plan of home is proven to be within `size` of the best: by solves and the chords."""
        plan = self.points[home]
        less = {p: self.less(plan, p).high for p in sorted(self.points)}

        def last(ps: list[float]) -> float:
            """From home outward: the last solved p within, and as far to the next as the chord is."""
            for near, far in pairwise(ps):
                if less[far] > size:
                    return near + max(0.0, size - less[near]) / (less[far] - less[near]) * (far - near)
            return ps[-1]

        return last([p for p in sorted(less, reverse=True) if p <= home]), last([p for p in less if p >= home])

    def switches(self, measured: Along, tolerance: float) -> list[Switch]:
        """Where measures change their sign, each pair of neighbours within the tolerance."""
        known = {p: measured(end, p) for p, end in self.points.items()}
        halved = False
        while (wide := _widest(known, tolerance)) is not None:
            low, high, subject = wide
            before, after = known[low][subject], known[high][subject]
            middle = (low + high) / 2 if halved else _beside(low, high, before, after, tolerance)
            halved = not halved
            if middle in known:  # 0 there: as near as can be told
                break
            known[middle] = measured(self.at(middle), middle)
            if not self.known():
                return []
        return [
            self._switch(subject, low, high, known[low][subject], known[high][subject])
            for low, high, subject in sorted(_turned(known))
        ]

    def _switch(self, subject: tuple[str, str], low: float, high: float, before: float, after: float) -> Switch:
        first, second = (self.less(self.points[there], here).value for here, there in ((low, high), (high, low)))
        return Switch(*subject, low, high, before, after, first, second)


def _turned(known: Mapping[float, Measures]) -> Iterator[tuple[float, float, tuple[str, str]]]:
    """Neighbours at which a measure has other signs, with its subject; where it is 0 says neither."""
    for subject in next(iter(known.values())):
        signed = [p for p in sorted(known) if known[p][subject] != 0]
        for low, high in pairwise(signed):
            if (known[low][subject] > 0) != (known[high][subject] > 0):
                yield low, high, subject


def _widest(known: Mapping[float, Measures], tolerance: float) -> tuple[float, float, tuple[str, str]] | None:
    """The widest pair of neighbours with other signs that is wider than the tolerance, with what has them."""
    wide = [pair for pair in _turned(known) if pair[1] - pair[0] > tolerance]
    return max(wide, key=lambda pair: (pair[1] - pair[0], pair)) if wide else None


def _beside(low: float, high: float, before: float, after: float, tolerance: float) -> float:
    """Beside where a straight line is 0, on the side of the farther neighbour, and well inside."""
    root = low + (high - low) * before / (before - after)
    aside = ASIDE * tolerance
    point = root + aside if high - root > root - low else root - aside
    return float(min(max(point, low + aside), high - aside))
