"""States with probabilities and what they share, as a problem that is solved, held and averaged.

A problem whose states have judges (the simulators of kctopt's own programs) is solved by interior points, its plans
simulated state by state (joined.py); any other by HiGHS, which takes linear programs, with integers or without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from kctopt.errors import UsageError
from kctopt.recourse.extensive import Shared, checked_probability, extensive_form, positions
from kctopt.recourse.joined import solve_joined
from kctopt.recourse.measures import Measure
from kctopt.recourse.solved import Solved, solve_linear
from kctopt.solver.certificate import Simulator
from kctopt.solver.compiled import Compiled


@dataclass(frozen=True)
class Problem:
    """Programs of states, their probabilities, and what nodes decide together, the root first.

    Parameters
    ----------
    labels : tuple of str
        Names of the states.
    programs : tuple of Compiled
        One a state.
    probability : tuple of float
        Of the states; they add up to 1.
    shared : tuple of Shared
        The nodes of the tree, every one after those above it.
    judges : tuple of Simulator
        Of kctopt's own programs, one a state; none for arrays from elsewhere.
    """

    labels: tuple[str, ...]
    programs: tuple[Compiled, ...]
    probability: tuple[float, ...]
    shared: tuple[Shared, ...] = ()
    judges: tuple[Simulator, ...] = ()

    def __post_init__(self) -> None:
        checked_probability(self.probability, len(self.programs))

    @property
    def sign(self) -> float:
        """1 where less is better, -1 where more is."""
        return self.programs[0].sign

    def only(self, states: Sequence[int]) -> Problem:
        """The problem of some states, their probabilities over the sum of theirs."""
        total = sum(self.probability[s] for s in states)
        share = [self.probability[s] / total if total > 0 else 1 / len(states) for s in states]
        place = {s: n for n, s in enumerate(states)}
        nodes = [
            Shared(tuple(place[s] for s in node.states if s in place), node.names)
            for node in self.shared
            if any(s in place for s in node.states)
        ]
        return Problem(
            tuple(self.labels[s] for s in states), tuple(self.programs[s] for s in states),
            tuple(p / sum(share) for p in share), tuple(nodes), tuple(self.judges[s] for s in states if self.judges),
        )  # fmt: skip

    def committed(self, names: frozenset[str]) -> Problem:
        """The problem in which all states decide these names together, with what they all decided together before."""
        every = tuple(range(len(self.programs)))
        before = frozenset[str]().union(*(node.names for node in self.shared if node.states == every))
        return replace(self, shared=(Shared(every, names | before),))

    def held(self, values: Mapping[int, Mapping[str, float]]) -> Problem:
        """The problem with columns of states, by position and name, held at values."""
        programs = list(self.programs)
        for s, fixed in values.items():
            each = programs[s]
            at = positions(each)
            columns = np.array([at[name] for name in fixed], dtype=int)
            lower, upper = each.column_lower.copy(), each.column_upper.copy()
            lower[columns] = upper[columns] = list(fixed.values())
            programs[s] = replace(each, column_lower=lower, column_upper=upper)
        judges = [judge.on(judge.program, each) for judge, each in zip(self.judges, programs, strict=False)]
        return replace(self, programs=tuple(programs), judges=tuple(judges))

    def average(self) -> Problem:
        """One state with the mean of every number of the arrays, by probability; linear programs of one shape.

        Raises UsageError where the states have other columns or rows, or relations.
        """
        first, p = self.programs[0], np.array(self.probability)
        if first.relations:
            raise UsageError("the programs have concave relations: their mean is that of what they are built from")
        if any(each.names != first.names or each.row_names != first.row_names for each in self.programs):
            raise UsageError("the states have other columns or rows: there is no program of the mean")

        def mean(name: str) -> np.ndarray:
            return np.asarray(np.tensordot(p, np.array([getattr(each, name) for each in self.programs]), 1))

        rows = sum((weight * each.rows for weight, each in zip(p, self.programs, strict=True)), 0 * first.rows)
        made = replace(
            first, rows=sparse.csr_array(rows), column_lower=mean("column_lower"), column_upper=mean("column_upper"),
            cost=mean("cost"), lower=mean("lower"), upper=mean("upper"), offset=float(mean("offset")),
        )  # fmt: skip
        return Problem(("mean",), (made,), (1.0,))

    def solve(
        self, measure: Measure | None = None, *, best: Sequence[float] = (), gap: float = 1e-4,
        time_limit: float | None = None,
    ) -> Solved:  # fmt: skip
        """Solve for a measure; `best` are the least costs of the states, for regrets.

        Raises UsageError for arrays that are not linear and have no judges.
        """
        form = extensive_form(
            self.programs, self.probability, self.shared, measure, labels=self.labels, best=best
        )  # fmt: skip
        if self.judges:
            return solve_joined(form, self.judges, gap, time_limit)
        return solve_linear(form, np.inf if time_limit is None else time_limit)
