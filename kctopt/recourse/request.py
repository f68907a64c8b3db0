"""What is worked out of a decided tree on request: probabilities turned, prices of non-anticipativity, waiting."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import combinations

from kctopt.errors import UsageError, suggest
from kctopt.progress import step
from kctopt.recourse.further import KINDS, SPLIT, Further
from kctopt.recourse.odds import Measured, Measures, Odds, along, solver
from kctopt.recourse.prices import Prices, prices_of, sharing
from kctopt.recourse.problem import Problem
from kctopt.recourse.solved import Solved
from kctopt.recourse.tree import Tree
from kctopt.recourse.values import Bracket
from kctopt.recourse.waiting import Waiting, waiting
from kctopt.status import Status

CENT = 2  # digits of billion CNY to which money of two lines counts as equal


def known_kinds(also: Iterable[str]) -> tuple[str, ...]:
    """What is asked for, in order. Raises UsageError for what cannot be."""
    asked = (also,) if isinstance(also, str) else tuple(also)
    for name in asked:
        if name not in KINDS:
            hint = suggest(str(name), KINDS, most=0) or f"one of {', '.join(KINDS)}"
            raise UsageError(f"'{name}' cannot be asked for with also=; {hint}")
    return tuple(kind for kind in KINDS if kind in asked)


def further(
    also: Collection[str], tree: Tree, problem: Problem, solved: Solved, decided: frozenset[str],
    evpi: Bracket | None, *, gap: float, time_limit: float | None,
) -> Further:  # fmt: skip
    """What is asked for.

    Parameters
    ----------
    also : collection of str
        Of `probabilities`, `prices`, `waiting`.
    tree, problem, solved
        The tree, its problem and the plan for its expected value.
    decided : frozenset of str
        Names of money columns.
    evpi : Bracket or None
        What nothing that waits is worth more than.
    gap, time_limit
        Of each solve.
    """
    odds: tuple[Odds, ...] = ()
    waits: tuple[Waiting, ...] = ()
    prices: tuple[Prices, ...] = ()
    if "probabilities" in also:
        odds = tuple(_odds(tree, problem, solved, gap, time_limit))
    if "prices" in also:
        step("what money of the first plan is worth in each course")
        apart = sharing(problem, priced(problem))
        end = apart.solve(gap=gap, time_limit=time_limit)
        _heed(end)
        if end.feasible and end.rows is not None:
            prices = prices_of(apart, end)
    if "waiting" in also:
        step("what waiting is worth")
        waits = waiting(problem, solved, decided, _by_domain(tree, decided), evpi, gap=gap, time_limit=time_limit)
    return Further(odds, prices, waits)


def priced(problem: Problem) -> frozenset[str]:
    """Names of money, decided or summed, and of data: rows on these alone are the same in all courses, held once."""
    first = problem.programs[0]
    data = first.column_lower == first.column_upper
    return frozenset(
        str(name) for n, name in enumerate(first.names) if name.head.startswith("money.") or data[n]
    )  # fmt: skip


def _heed(end: Solved) -> None:
    if end.status == Status.INTERRUPTED:
        raise KeyboardInterrupt


def _by_domain(tree: Tree, decided: Iterable[str]) -> dict[str, list[str]]:
    """Money columns of every domain."""
    domain = {line.id: line.domain for line in tree.scenario.lines}
    found: dict[str, list[str]] = {each.id: [] for each in tree.scenario.domains}
    for name in decided:
        found[domain[name.partition("[")[2].split(",")[0].rstrip("]")]].append(name)
    return found


def _odds(tree: Tree, problem: Problem, solved: Solved, gap: float, time_limit: float | None) -> Iterable[Odds]:
    """Every state whose probability can be turned, one after another."""
    solve = solver(problem, gap, time_limit)
    for state in tree.states:
        group = [n for n, leaf in enumerate(tree.leaves) if not state.parent or state.parent in leaf.path]
        members = [n for n in group if state.name in tree.leaves[n].path]
        if not members or len(members) == len(group):
            continue
        step(f"the probability of {state.name}")
        found = along(
            problem, members, group, solved, _measured(tree, problem), state=state.name, gap=gap,
            time_limit=time_limit, solve=solve,
        )  # fmt: skip
        if found is not None:
            yield found


def _measured(tree: Tree, problem: Problem) -> Measured:
    """Money of one line, or domain, of the first plan less that of another, billion CNY."""
    lines = [line.id for line in tree.scenario.lines]
    of = {line.id: line.domain for line in tree.scenario.lines}
    before = sum(year < tree.branches[0] for year in tree.scenario.horizon.years)

    def measures(end: Solved) -> Measures:
        spend = problem.judges[0].money(end.points[0]).spend[:, :before].sum(axis=1)
        by_line = dict(zip(lines, spend.tolist(), strict=True))
        by_domain = {each.id: sum(by_line[line] for line in lines if of[line] == each.id)
                     for each in tree.scenario.domains}  # fmt: skip
        return {
            (kind, f"{first}{SPLIT}{second}"): round(money[first] - money[second], CENT)
            for kind, money in (("domain_order", by_domain), ("line_order", by_line))
            for first, second in combinations(money, 2)
        }

    return measures
