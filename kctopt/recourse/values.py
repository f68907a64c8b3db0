r"""What knowing, planning and waiting are worth, each with a bracket from the gaps of its solves.

    RP    the best of the stochastic program            min sum p_s f_s, shared columns decided once
    WS    wait and see                                  sum p_s min f_s
    EV    the program of the mean                       its plan ignores that states differ
    EEV   expected result of the EV plan                at every node: decide as the program of the mean of the states
                                                        below says, what was decided before held; then the next node
    EVPI  expected value of perfect information         |RP - WS|
    VSS   value of the stochastic solution              |EEV - RP|
    value of recourse                                   |committed - RP|, all decisions made before any state is known

Birge and Louveaux (2011), chapter 4; of more than two stages the EEV is Escudero et al. (2007)'s of the dynamic kind.
For a maximum WS >= RP >= EEV and RP >= committed, so all three values are at least 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kctopt.recourse.extensive import positions
from kctopt.recourse.problem import Problem
from kctopt.recourse.solved import Solved
from kctopt.status import Status

Average = Callable[[Problem, tuple[int, ...]], Problem]
Values = Mapping[str, float]


@dataclass(frozen=True)
class Bracket:
    """A number that is known to lie between two; `value` is the one that plans attain."""

    value: float
    low: float
    high: float

    def less(self, other: Bracket) -> Bracket:
        """The difference of two, whose ends are apart."""
        return Bracket(self.value - other.value, self.low - other.high, self.high - other.low)

    def times(self, sign: float) -> Bracket:
        """The same with the sign turned where `sign` is -1."""
        ends = sorted((sign * self.low, sign * self.high))
        return Bracket(sign * self.value, ends[0], ends[1])


@dataclass(frozen=True)
class Followed:
    """What comes of a plan that was made for the mean, state by state; `infeasible` are states where it has none."""

    ends: tuple[Solved, ...]
    infeasible: tuple[str, ...] = ()
    plans: tuple[Solved, ...] = ()  # of the mean, node by node, the root's first


def bracket(solved: Solved, sign: float) -> Bracket | None:
    """Between plan and bound; None where one is missing."""
    if solved.value is None or solved.bound is None:
        return None
    return Bracket(solved.value, min(solved.value, solved.bound), max(solved.value, solved.bound))


def mean(parts: tuple[Solved, ...], probability: tuple[float, ...], sign: float) -> Bracket | None:
    """The expected value of solves, one a state; None where one has no plan or bound."""
    brackets = [bracket(part, sign) for part in parts]
    known = [each for each in brackets if each is not None]
    if len(known) < len(parts):
        return None
    sums = (sum(p * getattr(each, name) for p, each in zip(probability, known, strict=True)) for name in FIELDS)
    return Bracket(*sums)


FIELDS = ("value", "low", "high")


def wait_and_see(problem: Problem, gap: float = 1e-4, time_limit: float | None = None) -> tuple[Solved, ...]:
    """Every state solved as if it were known from the start."""
    count = len(problem.programs)
    return tuple(problem.only([s]).solve(gap=gap, time_limit=time_limit) for s in range(count))


def averaged(problem: Problem, states: tuple[int, ...]) -> Problem:
    """The program of the mean of some states, number by number of their arrays."""
    return problem.only(states).average()


def follow_mean(
    problem: Problem, average: Average = averaged, gap: float = 1e-4, time_limit: float | None = None
) -> Followed:
    """The EV plan, made anew at every node from the mean of what may still come, and what comes of it."""
    count = len(problem.programs)
    held: list[dict[str, float]] = [{} for _ in range(count)]
    plans: list[Solved] = []
    for node in problem.shared:
        before = held[node.states[0]]
        program = average(problem, node.states).held({0: before} if before else {})
        plan = program.solve(gap=gap, time_limit=time_limit)
        plans.append(plan)
        if not plan.feasible:
            return Followed((), tuple(problem.labels[s] for s in node.states), tuple(plans))
        at = positions(program.programs[0])
        values = {name: float(plan.points[0][at[name]]) for name in node.names}
        for s in node.states:
            held[s] |= values
    fixed = problem.held(dict(enumerate(held)))
    ends = tuple(fixed.only([s]).solve(gap=gap, time_limit=time_limit) for s in range(count))
    none = tuple(problem.labels[s] for s, end in enumerate(ends) if end.status == Status.INFEASIBLE)
    return Followed(ends, none, tuple(plans))
