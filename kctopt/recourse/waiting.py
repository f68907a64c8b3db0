r"""The value of waiting: what it is worth to decide some of the first plan only when the state is known.

The columns of one part (the money of a domain, or of a line) are taken out of what nodes share; all else that is
decided stays shared:

    W_k = max of the problem in which part k is free in every state  >=  RP,      value of waiting = W_k - RP

Where the money of a year is spent, what one part gives up another must take; a part that is free alone can do no more
than move money within itself and between years. The value of knowing everything (EVPI) is never less.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from kctopt.recourse.extensive import Shared
from kctopt.recourse.prices import sharing
from kctopt.recourse.problem import Problem
from kctopt.recourse.solved import Solved
from kctopt.recourse.values import Bracket, bracket


@dataclass(frozen=True)
class Waiting:
    """What deciding a part of the first plan only when the state is known is worth; `by_bound`: not solved."""

    part: str
    value: Bracket
    by_bound: bool = False


def waiting(
    problem: Problem, solved: Solved, decided: frozenset[str], parts: Mapping[str, Collection[str]],
    at_most: Bracket | None = None, *, gap: float = 1e-4, time_limit: float | None = None, solves: int = 8,
) -> tuple[Waiting, ...]:  # fmt: skip
    """The value of waiting of every part.

    Parameters
    ----------
    problem : Problem
        Of the expected value.
    solved : Solved
        Its solve, with plan and bound.
    decided : frozenset of str
        Names of the columns that are decided; all others follow from them.
    parts : mapping of str to names
        Columns of every part.
    at_most : Bracket, optional
        The EVPI: what no part is worth more than.
    gap : float, default 1e-4
        Of the solves.
    time_limit : float, optional
        Seconds for each.
    solves : int, default 8
        Where there are more parts than this, those after it are bounded by the EVPI alone.

    Returns
    -------
    tuple of Waiting
        In the order of `parts`; a part whose solve ends without a bound is left out.

    Raises
    ------
    KeyboardInterrupt
        Where a solve is interrupted.

    Examples
    --------
    >>> from kctopt.recourse.waiting import waiting
    >>> from tests.stochastic_problems import two_plans
    >>> problem, names = two_plans(), frozenset({"x[A]", "x[B]"})
    >>> found = waiting(problem, problem.solve(), names, {"A": ["x[A]"], "B": ["x[B]"], "both": names})
    >>> [round(one.value.value, 9) for one in found]
    [0.0, 0.0, 0.61]
    """
    rp, found = bracket(solved, problem.sign), list[Waiting]()
    if rp is None:
        return ()
    for n, (part, names) in enumerate(parts.items()):
        if n >= solves:
            if at_most is not None:
                found.append(Waiting(part, Bracket(0.0, 0.0, max(0.0, at_most.high)), by_bound=True))
            continue
        end = freed(problem, decided, names).solve(gap=gap, time_limit=time_limit)
        if end.status == "interrupted":
            raise KeyboardInterrupt
        free = bracket(end, problem.sign)
        if free is not None:
            gain = free.less(rp).times(-problem.sign)
            found.append(Waiting(part, Bracket(*(max(0.0, one) for one in (gain.value, gain.low, gain.high)))))
    return tuple(found)


def freed(problem: Problem, decided: frozenset[str], names: Collection[str]) -> Problem:
    """The problem in which states decide these names each by itself, and all else that is decided as before."""
    left = decided - frozenset(names)
    nodes = (Shared(node.states, node.names & left) for node in sharing(problem, decided).shared)
    return replace(problem, shared=tuple(node for node in nodes if node.names))
