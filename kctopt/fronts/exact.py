r"""All undominated points of a program in whole numbers, exactly, and all plans behind them.

    chain     least g_1 with the others at their levels, then the least of the others with it held; next level g_k - 1
    set       chains of k-1 objectives, the level of the last one moved below the largest that a chain met

Ozlen and Azizoglu (2009) for any number of objectives. It is exact since objectives whose coefficients are whole
numbers on columns that are whole numbers lie at least 1 apart. Plans are listed by no-good cuts, so programs have
columns of 0 or 1 for that. A portfolio that is undominated whatever the weights (Liesio, Mild and Salo 2007) is such a
plan of the criteria, and the core index of a project the share of these portfolios that hold it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from kctopt.errors import SolverError, UsageError
from kctopt.fronts.goals import Goal
from kctopt.fronts.measures import undominated
from kctopt.naming import Name
from kctopt.solver.compiled import Compiled
from kctopt.solver.highs import Highs

HALF = 0.5  # of the distance of two values: room of a level


@dataclass(frozen=True)
class Point:
    """An undominated point: values of the objectives, less being better, and a plan that has them."""

    z: tuple[int, ...]
    x: np.ndarray


def exact_set(program: Compiled, goals: Sequence[Goal]) -> list[Point]:
    """Every undominated point of a program in whole numbers.

    Parameters
    ----------
    program : Compiled
        All columns that objectives stand on are whole numbers.
    goals : sequence of Goal
        Two or more, with whole coefficients.

    Returns
    -------
    list of Point
        By the first objective, then the second, …; empty where the program has no plan.

    Raises
    ------
    UsageError
        For objectives that may lie less than 1 apart.
    """
    _check(program, goals)
    search = _Search(program, goals)
    points = search.chains(len(goals) - 1, {})
    unique = {point.z: point for point in points}
    z = np.array(sorted(unique), float).reshape(len(unique), len(goals))
    return [unique[tuple(int(v) for v in z[n])] for n in undominated(z)]


def all_plans(program: Compiled, goals: Sequence[Goal] = (), at: Point | None = None) -> list[np.ndarray]:
    """Every plan of a program of choices of 0 or 1; those with the outcome of a point where one is given.

    Raises UsageError where a column is no choice of 0 or 1.
    """
    choices = program.integer & (program.column_lower >= 0) & (program.column_upper <= 1)
    if not choices.all():
        raise UsageError(f"the column '{program.names[int(np.argmin(choices))]}' is no choice of 0 or 1: plans of "
                         "continuous columns are not listed")  # fmt: skip
    for k, goal in enumerate(goals):
        if at is not None:
            program = program.with_row(
                f"at[{k}]", goal.cost, at.z[k] - goal.offset - HALF, at.z[k] - goal.offset + HALF
            )
    found: list[np.ndarray] = []
    while (x := _solved(program, np.zeros(len(program.cost)))) is not None:
        found.append(x)
        program = program.with_row(f"other[{len(found)}]", 1.0 - 2.0 * x, 1.0 - float(x.sum()), np.inf)
    return found


def core_index(plans: Sequence[np.ndarray]) -> np.ndarray:
    """Share of plans that hold each project.

    Examples
    --------
    >>> import numpy as np
    >>> from kctopt.fronts.exact import core_index
    >>> core_index([np.array([1.0, 0.0]), np.array([1.0, 1.0])]).tolist()
    [1.0, 0.5]
    """
    return np.asarray(np.mean(np.array(plans), axis=0))


class _Search:
    """Chains over levels; a program that was solved for the same levels is not solved again."""

    def __init__(self, program: Compiled, goals: Sequence[Goal]) -> None:
        self.goals, rows = goals, sparse.csr_array(np.array([goal.cost for goal in goals]))
        self.first = len(program.lower)
        self.program = replace(
            program, rows=sparse.csr_array(sparse.vstack([program.rows, rows], format="csr")),
            lower=np.concatenate([program.lower, np.full(len(goals), -np.inf)]),
            upper=np.concatenate([program.upper, np.full(len(goals), np.inf)]),
            row_names=[*program.row_names, *(Name("pareto", goal.key) for goal in goals)],
        )  # fmt: skip
        self.known: dict[tuple[tuple[int, int], ...], Point | None] = {}

    def chains(self, last: int, levels: dict[int, int]) -> list[Point]:
        """Points with the objectives behind `last` at levels; those up to it are all that is compared."""
        if last == 0:
            point = self._best(levels)
            return [] if point is None else [point]
        found: list[Point] = []
        levels = dict(levels)
        while chain := self.chains(last - 1, levels):
            found += chain
            levels[last] = max(point.z[last] for point in chain) - 1
        return found

    def _best(self, levels: dict[int, int]) -> Point | None:
        """Least first objective at the levels, then the least of the others in turn."""
        key = tuple(sorted(levels.items()))
        if key not in self.known:
            self.known[key] = self._lexicographic(dict(levels))
        return self.known[key]

    def _lexicographic(self, levels: dict[int, int]) -> Point | None:
        point: Point | None = None
        for k, goal in enumerate(self.goals):
            upper = self.program.upper.copy()
            for n, level in levels.items():
                upper[self.first + n] = level - self.goals[n].offset + HALF
            x = _solved(replace(self.program, upper=upper), goal.cost)
            if x is None:
                return point
            point = Point(tuple(round(each.of(x)) for each in self.goals), x)
            levels[k] = point.z[k]
        return point


def _check(program: Compiled, goals: Sequence[Goal]) -> None:
    """Refuse what may have values less than 1 apart, naming everything."""
    wrong = [
        goal.key for goal in goals
        if not program.integer[np.flatnonzero(goal.cost)].all() or (np.append(goal.cost, goal.offset) % 1).any()
    ]  # fmt: skip
    if wrong:
        raise UsageError(
            f"{', '.join(wrong)}: an exact set needs objectives of whole coefficients on columns of whole numbers; "
            "multiply them until they are whole"
        )
    if program.relations:
        raise UsageError("the program has concave relations: its front is drawn with certified gaps, not exactly")


def _solved(c: Compiled, cost: np.ndarray) -> np.ndarray | None:
    """Best columns, whole where they are to be; None where there are none."""
    highs, integers = Highs(), c.free_integers
    highs.load(cost, c.column_lower, c.column_upper, c.rows, c.lower, c.upper, c.unit, 1.0)
    end = highs.run_mip(integers, None, np.inf, 0.0)
    if end.status == "infeasible":
        return None
    if end.status != "optimal" or not len(end.x):
        raise SolverError(f"a program in whole numbers ended '{end.status}'")
    x = end.x.copy()
    x[integers] = np.round(x[integers])
    return x
