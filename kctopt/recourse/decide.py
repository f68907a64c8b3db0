"""A tree decided: the stochastic program of its courses, what it is worth, and the plans it is held against.

RP          money before a branch shared by all courses that it does not tell apart, money after it free in each
alone       every course as if it were known from the start
EV          the plan for the mean of all numbers by year, made anew at every branch (values.py)
committed   all money of both plans decided now, the same in every course
worst       the first plan whose worst course is best, in the hedging table
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from kctopt.cache import installed_versions
from kctopt.errors import UsageError
from kctopt.program import Program, build
from kctopt.progress import step
from kctopt.recourse.decided import Course, Hedge, by_domain
from kctopt.recourse.further import MONEY
from kctopt.recourse.measures import Measure
from kctopt.recourse.overlay import by_year
from kctopt.recourse.problem import Problem
from kctopt.recourse.request import further, known_kinds
from kctopt.recourse.solved import Solved
from kctopt.recourse.stochastic import Stochastic
from kctopt.recourse.tree import Tree, shared_of
from kctopt.recourse.values import Bracket, Followed, bracket, follow_mean, mean, wait_and_see
from kctopt.scenario.records import Scenario
from kctopt.solver.certificate import Simulator
from kctopt.solver.engine import arrays_of
from kctopt.status import Status


def problem_of(tree: Tree) -> Problem:
    """The courses of a tree as compiled programs that share what is decided before they are told apart.

    Raises UsageError for discrete decisions, and for objectives other than national security.
    """
    kind = tree.scenario.objective.kind
    if kind != "national_security":
        raise UsageError(f"a tree is solved for national security; the objective of '{tree.scenario.name}' is {kind}")
    programs = [build(leaf.scenario) for leaf in tree.leaves]
    if any(program.discrete for program in programs):
        raise UsageError(
            f"'{tree.scenario.name}' has discrete decisions (switching stages, modes, programmes or least scale): "
            "a tree is solved for money alone; switch them off"
        )
    return _problem([leaf.name for leaf in tree.leaves], programs, [leaf.probability for leaf in tree.leaves], tree)


def _problem(labels: list[str], programs: list[Program], probability: list[float], tree: Tree | None) -> Problem:
    compiled = [arrays_of(program) for program in programs]
    judges = tuple(Simulator(program, each) for program, each in zip(programs, compiled, strict=True))
    total = sum(probability)
    shared = () if tree is None else shared_of(tree, compiled[0])
    return Problem(tuple(labels), tuple(compiled), tuple(p / total for p in probability), shared, judges)


def mean_scenario(tree: Tree, leaves: tuple[int, ...]) -> Scenario | None:
    """The scenario with the mean of numbers by year over some courses; None where these have other rules."""
    worlds = [tree.leaves[n].scenario for n in leaves]
    first = worlds[0]
    if any(world.policies != first.policies for world in worlds):
        return None
    weight = np.array([tree.leaves[n].probability for n in leaves])
    weight = weight / weight.sum()
    years = np.arange(first.horizon.base_year, first.horizon.all_years[-1] + 1)
    changes: dict[str, object] = {}
    for path in by_year():
        group, _, name = path.partition(".")
        series = [getattr(getattr(world, group), name) if name else getattr(world, group) for world in worlds]
        values = weight @ np.array([each.at(years) for each in series])
        made = type(series[0])(dict(zip(years.tolist(), values.tolist(), strict=True)))
        if not name:
            changes[group] = made
        else:
            record = changes.get(group, getattr(first, group))
            changes[group] = record.model_copy(update={name: made})  # type: ignore[attr-defined]
    return first.model_copy(update={**changes, "name": "mean"})


def decide(
    tree: Tree, measure: Measure | None = None, *, gap: float = 1e-4, time_limit: float | None = None,
    also: Collection[str] = (), command: str = "",
) -> Stochastic:  # fmt: skip
    """Solve a tree, and what it is held against.

    Parameters
    ----------
    tree : as `load_tree` reads it.
    measure : the expected value by default; the values of knowing and waiting are told for it alone.
    gap : relative distance of the two bounds of every solve at which its plan counts as optimal.
    time_limit : seconds for each solve.
    also : of `probabilities`, `prices`, `waiting`, for the expected value alone; UsageError with another measure.
    command : kept in the record.
    """
    measure, also, started = measure or Measure(), known_kinds(also), time.perf_counter()
    if also and measure.kind != "expected":
        raise UsageError(f"{', '.join(also)}: told of the expected value alone; the measure is {measure.kind}")
    problem = problem_of(tree)
    step("every course as if it were known")
    alone = wait_and_see(problem, gap, time_limit)
    _heed(*alone)
    names = [leaf.name for leaf in tree.leaves]
    blocked = tuple(name for name, end in zip(names, alone, strict=True) if end.status == Status.INFEASIBLE)
    best = [end.costs[0] for end in alone if end.feasible]
    if measure.regretful and len(best) < len(alone):
        without = ", ".join(name for name, end in zip(names, alone, strict=True) if not end.feasible)
        raise UsageError(f"a regret needs the best plan of every course, and there is none for {without}")
    step("the stochastic program")
    solved = Solved(Status.INFEASIBLE) if blocked else problem.solve(
        measure, best=best if measure.regretful else (), gap=gap, time_limit=time_limit
    )  # fmt: skip
    _heed(solved)
    done = Stochastic(
        tree, measure, solved.status, solved.value, solved.bound, _courses(tree, problem, solved, alone),
        blocked=blocked, gap_asked=gap, command=command, versions=installed_versions(),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        hedges=_hedges(tree, problem, {"rp": solved} | dict(zip(names, alone, strict=True))),
    )  # fmt: skip
    if measure.kind == "expected" and solved.feasible:
        done = _valued(done, problem, solved, alone, time_limit)
        more = further(
            also, tree, problem, solved, _money(problem), done.values["evpi"], gap=gap, time_limit=time_limit
        )  # fmt: skip
        done = replace(done, further=more)
    return replace(done, seconds=time.perf_counter() - started)


def _heed(*ends: Solved) -> None:
    """Pass an interrupt on."""
    if any(end.status == Status.INTERRUPTED for end in ends):
        raise KeyboardInterrupt


def _valued(
    done: Stochastic, problem: Problem, solved: Solved, alone: tuple[Solved, ...], time_limit: float | None
) -> Stochastic:
    """With what knowing, planning for all courses and waiting are worth."""
    tree, gap, sign = done.tree, done.gap_asked, problem.sign
    step("the plan for the mean")
    followed = _followed(tree, problem, gap, time_limit)
    step("both plans decided now")
    committed = problem.committed(_money(problem)).solve(gap=gap, time_limit=time_limit)
    step("the plan for the worst course")
    worst = problem.solve(Measure("worst"), gap=gap, time_limit=time_limit)
    _heed(committed, worst, *(followed.ends if followed else ()))
    parts: dict[str, Bracket | None] = {
        "rp": bracket(solved, sign),
        "ws": mean(alone, problem.probability, sign),
        "eev": mean(followed.ends, problem.probability, sign) if followed and followed.ends else None,
        "committed": bracket(committed, sign),
    }
    rp = parts["rp"]
    assert rp is not None
    for name, better, worse in (("evpi", "ws", "rp"), ("vss", "rp", "eev"), ("recourse", "rp", "committed")):
        high, low = parts[better], parts[worse]
        parts[name] = None if high is None or low is None else _difference(name, high, low)
    hedges = done.hedges
    if followed and followed.plans and followed.plans[0].feasible:
        hedges = (*hedges[:1], *_hedges(tree, problem, {"ev": followed.plans[0]}), *hedges[1:])
    hedges = (*hedges, *_hedges(tree, problem, {"worst": worst}))
    return replace(
        done, values=parts, hedges=hedges, ev_infeasible=followed.infeasible if followed else (),
        ev_defined=followed is not None, committed_infeasible=committed.status == Status.INFEASIBLE,
        ev_courses=tuple(end.value for end in followed.ends) if followed else (),
    )  # fmt: skip


def _money(problem: Problem) -> frozenset[str]:
    """Names of the columns that are decided."""
    return frozenset(str(name) for name in problem.programs[0].names if name.head in MONEY)


def _difference(name: str, high: Bracket, low: Bracket) -> Bracket:
    """A value that is at least 0 whatever the gaps of its solves leave open."""
    found = high.less(low)
    return Bracket(max(0.0, found.value), max(0.0, found.low), max(0.0, found.high))


def _followed(tree: Tree, problem: Problem, gap: float, time_limit: float | None) -> Followed | None:
    """The EV plan followed; None where courses have other rules, so that there is no world of the mean."""
    if mean_scenario(tree, tuple(range(len(tree.leaves)))) is None:
        return None
    made: dict[tuple[int, ...], Problem] = {}

    def average(_: Problem, leaves: tuple[int, ...]) -> Problem:
        if leaves not in made:
            scenario = mean_scenario(tree, leaves)
            assert scenario is not None  # rules of all are the same
            made[leaves] = _problem(["mean"], [build(scenario)], [1.0], None)
        return made[leaves]

    return follow_mean(problem, average, gap, time_limit)


def _courses(tree: Tree, problem: Problem, solved: Solved, alone: tuple[Solved, ...]) -> tuple[Course, ...]:
    """Every course with its plan and what it would be worth if it were known."""
    found = []
    for n, (leaf, end) in enumerate(zip(tree.leaves, alone, strict=True)):
        judge, known = problem.judges[n], bracket(end, problem.sign)
        if not solved.feasible:
            found.append(Course(leaf, None, None, known, end.status))
            continue
        point = solved.points[n]
        choices, value = judge.integers.choices(point), problem.sign * solved.costs[n]
        found.append(Course(leaf, value, judge.money(point), known, end.status, choices))
    return tuple(found)


def _hedges(tree: Tree, problem: Problem, plans: Mapping[str, Solved]) -> tuple[Hedge, ...]:
    """Money of the first plan by domain, years before the first branch, billion CNY."""
    found = []
    for name, end in plans.items():
        if end.feasible:
            money = problem.judges[0].money(end.points[0])
            found.append(Hedge(name, tuple(by_domain(tree, money.spend, first=True).tolist())))
    return tuple(found)
