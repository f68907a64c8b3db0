r"""A front: the ends first, then the largest gap between neighbours halved until it is as asked.

    ends       the best of each objective, then the best of the others with that one held (lexicographic)
    ranges     from the best of an objective to its worst among the ends; of two objectives that is the nadir
    a point    of two objectives the best of the first with the second held (epsilon constraint); of three a mix
    gap        with concave laws alone: hull.py; with discrete choices: boxes between neighbours

A box between neighbours a and b of two objectives holds every outcome that neither dominates. It is as high as b's
first objective is above the proven bound at a's level, as wide as their second objectives are apart; no plan in it is
better than both neighbours by more than the smaller of the two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from kctopt.errors import Infeasible, NoPlan, SolverError, UsageError
from kctopt.fronts.hull import Cut, Face, Step, faces
from kctopt.fronts.measures import undominated
from kctopt.fronts.solving import Solved, Solver
from kctopt.progress import step
from kctopt.status import Status

TWO = 2  # objectives that a front of discrete choices has
SLACK = 1e-5  # relative: by which an end may fall short of its best while the others are made best
EARNED = 1e-3  # of the range: what the others must gain where an end falls short by that
FLAT = 1e-4  # relative: range of an objective that counts as none
PART = 0.1  # of the gap between neighbours: relative gap of each solve
FINEST = 1e-6  # that is asked of a solve
NEAR = 0.2  # of the gap between neighbours: levels that are nearer than this are not looked between
INSIDE = 0.2  # of the way between two levels: how far from both the next one is at least
LONG = 0.3  # of the ranges: neighbours further apart are looked between, however small their gap


@dataclass(frozen=True)
class Found:
    """A point of a front: its plan's outcome, less being better, and what no plan at its levels is better than."""

    solved: Solved
    z: np.ndarray
    bound: float | None  # of the objective that was optimised
    main: int
    end: tuple[int, ...] = ()  # objectives whose best it is


@dataclass
class Front:
    """A front as far as it is known."""

    points: list[Found]  # undominated, from the best of the first objective on
    ideal: np.ndarray  # proven: no plan is better in that objective
    best: np.ndarray  # attained
    nadir: np.ndarray  # worst among the ends
    gap: float  # largest between neighbours, a share of the ranges
    solves: int
    status: Status = Status.OPTIMAL  # of the front: whether the gap is as asked


def search(solver: Solver, gap: float = 0.01, most: int = 60) -> Front:
    """The front of a solver's objectives.

    Parameters
    ----------
    solver : Solver
        Of two objectives, or of three where nothing is discrete.
    gap : float
        Largest gap between neighbours that is left, a share of the ranges.
    most : int
        Solves after which the front is left as it is.

    Returns
    -------
    Front
        Also where the gap is wider than asked.

    Raises
    ------
    Infeasible, NoPlan
        Where the program has no plan, or none was found.
    UsageError
        For objectives that do not conflict.
    """
    if solver.discrete and len(solver.goals) > TWO:
        raise UsageError(
            f"'{solver.program.scenario.name}' has discrete decisions: its front is drawn for two "
            "objectives; name two, or hold the decisions"
        )
    work = _Search(solver, gap, most)
    work.ends()
    stopped = False
    try:
        work.refine(work.box if solver.discrete else work.face)
    except KeyboardInterrupt:
        stopped = True
    return work.front(stopped)


@dataclass(frozen=True)
class Asked:
    """What is to be solved: a mix of objectives, levels of others, the objective whose bound is told."""

    mix: np.ndarray
    levels: dict[int, float]
    main: int


class _Search:
    """One search."""

    def __init__(self, solver: Solver, gap: float, most: int) -> None:
        self.solver, self.asked, self.most = solver, gap, most
        self.size = len(solver.goals)
        self.found: list[Found] = []
        self.cuts: list[Cut] = []
        self.left = 1.0
        self.ideal = np.full(self.size, -np.inf)
        self._tried: set[tuple[int, ...]] = set()
        self._steps: list[tuple[float, float]] = []  # level of the second objective, bound of the first below it

    def ends(self) -> None:
        """Ends, ideal and ranges."""
        pairs: list[tuple[int, np.ndarray, np.ndarray]] = []
        for k, goal in enumerate(self.solver.goals):
            step(f"the best {goal.key}")
            first = self._solve(self._unit(k), {}, k, end=True)
            assert first.z is not None  # else it was raised
            self.ideal[k] = first.bound if first.bound is not None else -np.inf
            level = first.z[k] + self._slack(k, first.z[k])
            mix = np.where(np.arange(self.size) == k, 0.0, 1 / np.maximum(np.abs(self.solver.base), 1e-3))
            second = self._solve(mix / mix.sum(), {k: level}, k, end=True, second=True)
            if self.size == 2 and k == 1 and second.bound is not None:
                self._steps.append((level, second.bound))
            if second.z is not None:
                pairs.append((k, first.z, second.z))
        z = self._z()
        kept = z[undominated(z)]
        self.best = kept.min(axis=0)
        ends = [min((p.z for p in self.found if k in p.end), key=lambda v: (v[k] > self.best[k] + self._near(k),
                    *np.delete(v, k))) for k in range(self.size)]  # fmt: skip
        self.nadir = np.max(ends, axis=0)
        self.range = self.nadir - self.best
        self._refuse_flat()
        for pair in pairs:
            self._one_end(*pair)
        self.nadir = np.max([point.z for point in self.found if point.end], axis=0)  # of the plans that count
        self.range = self.nadir - self.best
        size = np.abs(self.best + self.solver.shift)
        self.solver.gap = min(self.solver.gap, max(FINEST, PART * self.asked * float((self.range / size).min())))

    def _one_end(self, k: int, first: np.ndarray, second: np.ndarray) -> None:
        """Of the two plans for an end the one that counts: the second only where it brings others something."""
        gained = bool(((first - second) / self.range > EARNED).any())
        lost = first if gained else second
        self.found = [point for point in self.found if point.z is not lost]
        if gained:
            bound = float(self.ideal[k])
            self.found = [
                replace(point, bound=bound, main=k) if point.z is second else point for point in self.found
            ]  # fmt: skip

    def _near(self, k: int) -> float:
        """How near to the best of an objective an end may be."""
        return 2 * self._slack(k, self.best[k]) + 1e-12

    def _refuse_flat(self) -> None:
        """Objectives one plan is best for, within what ends may fall short by, make no front."""
        goals = self.solver.goals
        flat = [k for k in range(self.size) if self.range[k] <= FLAT * max(abs(self.best[k]), 1e-9)]
        if flat:
            one = goals[flat[0]].key
            others = " and ".join(goal.key for n, goal in enumerate(goals) if n != flat[0])
            raise UsageError(
                f"{one} is the same, {goals[flat[0]].shown(self.best[flat[0]]):.6g}, in the best plans for {one} and "
                f"for {others}: they do not conflict, so there is no front; leave {one} out or name another objective"
            )

    def _unit(self, k: int) -> np.ndarray:
        return np.asarray(np.eye(self.size)[k])

    def _z(self) -> np.ndarray:
        return np.array([point.z for point in self.found])

    def _solve(
        self, mix: np.ndarray, levels: dict[int, float], main: int, *, end: bool = False, second: bool = False
    ) -> Solved:  # fmt: skip
        """One solve, kept with what it proves. Raises where the program itself has no plan."""
        solved = self.solver.solve(mix, levels)
        if solved.status == Status.FAULT:
            raise SolverError("a plan is better than its proven bound: a fault of kctopt, please report it")
        if solved.z is None:
            if end and not second:
                raise _no_plan(solved, self.solver)
            return solved
        if solved.cut is not None:
            self.cuts.append(solved.cut)
        bound = solved.bound / mix[main] if solved.bound is not None and mix[main] == mix.sum() > 0 else None
        self.found.append(Found(solved, solved.z, bound, main, (main,) if end else ()))
        return solved

    def refine(self, next_one: Callable[[], Asked | None]) -> None:
        """Solve where the gap is largest until it is as asked, or enough was solved."""
        while (asked := next_one()) is not None and self.solver.solved < self.most:
            goals = self.solver.goals
            told = ", ".join(f"{goals[k].key} {goals[k].shown(level):.6g}" for k, level in asked.levels.items())
            step(f"the front at {told}" if told else "the front between its points")
            solved = self._solve(asked.mix, asked.levels, asked.main)
            idle = np.flatnonzero(asked.mix == 0)
            idle = idle[[int(k) not in asked.levels for k in idle]]
            if len(idle) and solved.z is not None:
                self._lexicographic(solved.z, idle, asked.main)
            if self.size == 2 and solved.bound is not None:
                self._steps.append((asked.levels[1], solved.bound))
            elif self.solver.discrete:
                self.most = 0  # nothing more is proven

    def _lexicographic(self, z: np.ndarray, idle: np.ndarray, main: int) -> None:
        """The best of the objectives that a solve left open, with its others held."""
        mix = np.where(np.isin(np.arange(self.size), idle), 1 / self.range, 0.0)
        levels = {k: z[k] + self._slack(k, z[k]) for k in range(self.size) if mix[k] == 0}
        self._solve(mix / mix.sum(), levels, main)

    def _slack(self, k: int, value: float) -> float:
        """By how much a value may fall short while others are made best."""
        return float(SLACK * max(abs(value), self.solver.shift[k] * FLAT))

    def _faces(self) -> tuple[list[Face], np.ndarray]:
        """Faces of what is attained, in ranges, and the positions of their points among all found."""
        at = undominated(self._z())
        points = (self._z()[at] - self.best) / self.range
        cuts = [
            Cut(cut.weights * self.range, cut.level - float(cut.weights @ self.best)) for cut in self.cuts
        ]  # fmt: skip
        ideal = (self.ideal - self.best) / self.range
        steps = [
            Step((level - self.best[1]) / self.range[1], (bound - self.best[0]) / self.range[0])
            for level, bound in self._steps
        ]
        return faces(points, cuts, ideal, steps), at

    def face(self) -> Asked | None:
        """What to solve next: where the gap is largest; None where it is as asked.

        Of two objectives the second is held where the gap is; of three they are mixed by the weights of the face.
        """
        found, at = self._faces()
        self.left = max((face.gap for face in found), default=0.0)
        for face in sorted(found, key=lambda face: -face.gap):
            own = tuple(int(at[n]) for n in face.points)
            if face.gap <= self.asked and not self._long(own):
                continue
            if self.size == 2 and (level := self._level(face, own)) is not None:
                return Asked(self._unit(0), {1: level}, 0)
            if self.size > 2 and own not in self._tried:
                self._tried.add(own)
                mix = face.weights / self.range
                return Asked(mix / mix.sum(), {}, int(face.weights.argmax()))
        return None

    def _level(self, face: Face, own: tuple[int, ...]) -> float | None:
        """Level of the second objective where the gap of a face is largest, well between the face's points."""
        high, low = (float(self.found[n].z[1]) for n in own)
        if high - low < NEAR * self.asked * self.range[1]:
            return None
        corner = float(self.best[1] + face.corner[1] * self.range[1]) if face.gap > self.asked else (low + high) / 2
        return float(np.clip(corner, low + INSIDE * (high - low), high - INSIDE * (high - low)))

    def _long(self, own: tuple[int, ...]) -> bool:
        """Whether points of two objectives are far from each other."""
        z = np.array([self.found[n].z for n in own])
        return self.size == 2 and bool(((z.max(axis=0) - z.min(axis=0)) / self.range).max() > LONG)

    def box(self) -> Asked | None:
        """The middle of the largest box between neighbours of two objectives; None where all are as asked."""
        z = self._z()[undominated(self._z())]
        z = z[np.argsort(z[:, 0])]
        steps = sorted(self._steps)
        largest: tuple[float, float, float] = (0.0, 0.0, 0.0)
        for a, b in pairwise(z):
            marks = [b[1], *(level for level, _ in steps if b[1] < level < a[1]), a[1]]
            for low, high in pairwise(marks):
                bound = max((value for level, value in steps if level >= high), default=self.ideal[0])
                bound = max(bound, self.ideal[0])
                gap = min((b[0] - bound) / self.range[0], (high - low) / self.range[1])
                largest = max(largest, (gap, low, high))
        self.left = max(0.0, largest[0])
        if self.left <= self.asked:
            return None
        return Asked(self._unit(0), {1: (largest[1] + largest[2]) / 2}, 0)

    def front(self, stopped: bool) -> Front:
        """What is known."""
        if self.solver.discrete:
            self.box()
        else:
            self.left = max((face.gap for face in self._faces()[0]), default=0.0)
        beyond = float(((self.best - self.ideal) / self.range).max())  # of plans better than an end in its objective
        self.left = max(self.left, beyond)
        z = self._z()
        at = undominated(z)
        order = at[np.lexsort((z[at, 1], z[at, 0]))]
        points = [self.found[n] for n in order]
        if self.size > 2:
            self.nadir = np.maximum(self.nadir, z[at].max(axis=0))
        status = Status.OPTIMAL if self.left <= self.asked else Status.INTERRUPTED if stopped else Status.LIMIT
        return Front(points, self.ideal, self.best, self.nadir, self.left, self.solver.solved, status)


def _no_plan(solved: Solved, solver: Solver) -> Infeasible | NoPlan:
    name = solver.program.scenario.name
    if solved.status == Status.INFEASIBLE:
        return Infeasible(
            f"'{name}' has no plan that keeps all rules, so it has no front: ask `kctopt diagnose {name}`"
        )
    return NoPlan(f"'{name}': the limit was reached before a plan was found; allow more time with --time-limit")
