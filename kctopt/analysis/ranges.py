"""Must, may, never: how much each domain, type and planning period gets in every plan that is nearly as good.

    found = ranges(kctopt.open("runs/baseline"), epsilon=0.01, epsilon_of="planning")
    found.tables["cells"].frame          least and most of every cell, attained and proven
    found.tables["alternatives"].frame   plans as unlike the run's as can be found, and what they give up

Each end of a range has two numbers (solver/nearby.py): `least` and `most` belong to simulated plans that keep every
rule and are within epsilon of the true optimum; `least_proven` and `most_proven` are what no plan within epsilon goes
beyond. `rules_least` and `rules_most` are the same for any plan that keeps the rules, however bad.

| verdict | a plan within epsilon gives the cell |
|---|---|
| must | always more than the rules force by themselves |
| never | never more than the rules force |
| may | more in one plan, no more in another; both are known |
| open | what is attained and what is proven are too far apart to say |

More means by over a hundredth of what the cell got in the base year. Discrete choices stay as they are in the run:
what is attained holds all the same, what is proven holds for plans with these choices.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.analysis.cells import CELL, SpendCell, cells
from kctopt.analysis.saved import Analysis, steps_of
from kctopt.analysis.tolerance import EPSILON, KINDS, PLANNING, Tolerance
from kctopt.errors import RunError, UsageError
from kctopt.pool import WorkerPool
from kctopt.progress import Listener, listened, step
from kctopt.result.fields import MONEY_UNIT
from kctopt.table import Column, Table

if TYPE_CHECKING:
    from pathlib import Path

    from kctopt.cache import Steps
    from kctopt.result.result import Result
    from kctopt.solver.nearby import Nearby
    from kctopt.solver.polish import Polished

ALTERNATIVES = 3
SHARE = 0.01  # of a cell's base-year spend that counts as nothing
SIDES = {"least": 1, "most": -1}

CELLS = (
    *CELL,
    Column("base", "number", "base-year spend, times the years of the plan", MONEY_UNIT),
    Column("spend", "number", "in the run's plan", MONEY_UNIT),
    Column("least", "number", "least in a plan within epsilon, attained", MONEY_UNIT),
    Column("least_proven", "number", "no plan within epsilon gives less", MONEY_UNIT),
    Column("most", "number", "most in a plan within epsilon, attained", MONEY_UNIT),
    Column("most_proven", "number", "no plan within epsilon gives more", MONEY_UNIT),
    Column("rules_least", "number", "no plan that keeps the rules gives less", MONEY_UNIT),
    Column("rules_most", "number", "no plan that keeps the rules gives more", MONEY_UNIT),
    Column("firm", "number", "what every plan within epsilon gives beyond what the rules force", MONEY_UNIT),
    Column("verdict", "string", "must, may, never or open"),
    Column("least_inside", "boolean", "solved again: a plan within epsilon with little more than the least"),
    Column("least_outside", "boolean", "solved again: proven, no plan within epsilon with little less"),
    Column("most_inside", "boolean", "solved again: a plan within epsilon with little less than the most"),
    Column("most_outside", "boolean", "solved again: proven, no plan within epsilon with little more"),
)


@dataclass(frozen=True)
class RangesOptions:
    """What is asked: how near the optimum, whether to confirm, how many alternatives, what epsilon is a share of."""

    epsilon: float = EPSILON
    confirm: bool = False
    alternatives: int = ALTERNATIVES
    epsilon_of: str = PLANNING

    def __post_init__(self) -> None:
        if not 0 < self.epsilon < 1:
            raise UsageError(f"epsilon is a share between 0 and 1, not {self.epsilon:g}")
        if self.epsilon_of not in KINDS:
            raise UsageError(f"epsilon_of is {' or '.join(KINDS)}, not {self.epsilon_of}")
        if self.alternatives < 0:
            raise UsageError("the number of alternatives cannot be negative")

    def options(self) -> dict[str, Any]:
        """As plain data, under which the analysis is saved."""
        return dict(vars(self))


@listened
def ranges(
    result: Result, *, epsilon: float = EPSILON, confirm: bool = False, alternatives: int = ALTERNATIVES,
    epsilon_of: str = PLANNING, workers: int = 1, progress: Listener | None = None, run: Path | None = None,
    fresh: bool = False,
) -> Analysis:  # fmt: skip
    """Least and most spend of every domain, type and planning period over all plans within epsilon of the optimum.

    Parameters
    ----------
    result : Result
        A solved run with a plan.
    epsilon : float, default 0.01
        Part of the value of planning that a plan may fall short by; the certified gap is taken off.
    confirm : bool, default False
        Solve again with the money pinned just inside and just outside every end.
    alternatives : int, default 3
        How many plans within epsilon to find that differ most from the run's and from each other.
    epsilon_of : str, default "planning"
        What epsilon is a share of: `planning`, the value of planning, or `objective`. Where planning has no value,
        `instead` of `about` says why the objective took its place.
    workers : int, default 1
        Processes that share the work; a script that asks for several must guard its own main part.
    progress : callable, optional
        Given a `kctopt.Progress` at every step; StopIteration in it raises KeyboardInterrupt.
    run : pathlib.Path, optional
        Folder of the run; steps are kept there until the analysis is saved, so that an interrupted one goes on.
    fresh : bool, default False
        Forget steps that were kept.

    Returns
    -------
    Analysis
        Tables `cells`, `alternatives`, `differences` and `programmes`; `about` has epsilon, what it is a share of and
        comes to, the optimum and its bound, and whether what is proven is conditional on discrete choices.

    Raises
    ------
    RunError
        No plan, no bound, a gap wider than epsilon allows, or a run that its scenario does not reproduce.
    UsageError
        Epsilon outside 0 and 1, or of something else.

    Examples
    --------
    >>> import kctopt
    >>> run = kctopt.open("runs/baseline")
    >>> from kctopt.analysis.ranges import ranges
    >>> cells = ranges(run, alternatives=0).tables["cells"].frame
    >>> bool((cells["least"] <= cells["most"] + 1e-6).all())
    True
    """
    from kctopt.analysis.alternatives import ALTERNATIVE, DIFFERENCES, Alternatives
    from kctopt.analysis.near_programmes import PROGRAMMES, programmes
    from kctopt.analysis.points import needs_only_its_scenario
    from kctopt.analysis.prices import about
    from kctopt.solver.nearby import Nearby
    from kctopt.solver.polish import polish

    started, ask = time.perf_counter(), RangesOptions(epsilon, confirm, alternatives, epsilon_of)
    needs_only_its_scenario(result)
    if result.money is None:
        raise RunError(f"{result.scenario.name}: the run has no plan ({result.status}), so nothing is near it")
    steps = steps_of(run, "ranges", ask.options(), fresh)
    step("improving the plan to the optimum")
    settled = polish(result.solved_scenario, result.money, result.choices)
    bound = _bound(result, settled)
    tolerance = Tolerance.asked(result, epsilon, epsilon_of, settled.plan.objective)
    near = Nearby.of(settled, epsilon, bound, tolerance.reference)
    spend_cells = list(cells(result, settled))
    with WorkerPool(near, workers) as pool:
        ends = _ends(near, spend_cells, pool, steps)
        confirmed = _confirmed(spend_cells, ends, pool, steps) if confirm else {}
    rows = [_row(cell, ends, confirmed) for cell in spend_cells]
    others = Alternatives(near, spend_cells, rows, settled.plan, steps).find(alternatives)
    tables = {
        "cells": Table.of("cells", CELLS, rows),
        "alternatives": Table.of("alternatives", ALTERNATIVE, [alternative.row for alternative in others]),
        "differences": Table.of(
            "differences", DIFFERENCES, [row for alternative in others for row in alternative.differences]
        ),
        "programmes": Table.of("programmes", PROGRAMMES, programmes(result, settled, near, steps)),
    }
    facts = about(result, settled) | tolerance.facts(settled.plan.objective)
    facts |= {"bound": bound, "level": near.compiled.sign * near.careful}
    steps.finish()
    return Analysis("ranges", ask.options(), tables, facts, time.perf_counter() - started)


def _bound(result: Result, settled: Polished) -> float | None:
    """The bound of the optimum: with discrete choices, the run's own, which holds for all of them; else the better."""
    known = [bound for bound in (settled.bound, result.bound) if bound is not None]
    if settled.engine.program.discrete or not known:
        return result.bound
    return (min if settled.engine.compiled.sign < 0 else max)(known)


def _ends(near: Nearby, spend_cells: list[SpendCell], pool: WorkerPool, steps: Steps) -> dict[str, list[float]]:
    """Attained, proven and what the rules prove, of both ends of every cell."""
    tasks = {}
    for cell in spend_cells:
        for name, side in SIDES.items():
            key = f"{cell.key} {name}"
            if steps.get(key) is None:
                tasks[key] = (cell.weights, side, near.limit(cell.weights, side))
    total, done = len(spend_cells) * len(SIDES), len(spend_cells) * len(SIDES) - len(tasks)
    for key, end in pool.each(_end, tasks):
        steps.put(key, end)
        done += 1
        step(f"ends of ranges, {done} of {total}")
    return {f"{cell.key} {name}": steps.get(f"{cell.key} {name}") for cell in spend_cells for name in SIDES}


def _end(near: Nearby, task: tuple[np.ndarray, int, float]) -> list[float]:
    """One end, as numbers to keep."""
    end = near.end(*task)
    return [end.attained, end.proven, task[2]]


def _confirmed(
    spend_cells: list[SpendCell], ends: dict[str, list[float]], pool: WorkerPool, steps: Steps,
) -> dict[str, list[bool]]:  # fmt: skip
    """Whether each end was found again by other means, inside and outside."""
    names = {f"{cell.key} {name}": (cell.weights, side) for cell in spend_cells for name, side in SIDES.items()}
    tasks = {key: (*names[key], *ends[key][:2]) for key in names if steps.get(f"{key} confirmed") is None}
    done = len(names) - len(tasks)
    for key, answer in pool.each(_pinned, tasks):
        steps.put(f"{key} confirmed", answer)
        done += 1
        step(f"confirming ends, {done} of {len(names)}")
    return {key: steps.get(f"{key} confirmed") for key in names}


def _pinned(near: Nearby, task: tuple[np.ndarray, int, float, float]) -> list[bool]:
    """Both checks of one end."""
    from kctopt.solver.nearby import confirm_inside, confirm_outside

    weights, side, attained, proven = task
    return [confirm_inside(near, weights, side, attained), confirm_outside(near, weights, side, proven)]


def _row(cell: SpendCell, ends: dict[str, list[float]], confirmed: dict[str, list[bool]]) -> dict[str, Any]:
    """One row of the table of cells."""
    row: dict[str, Any] = {**cell.head, "base": cell.base, "spend": cell.spend}
    for name in SIDES:
        row[name], row[f"{name}_proven"], row[f"rules_{name}"] = ends[f"{cell.key} {name}"]
        inside, outside = confirmed.get(f"{cell.key} {name}", (None, None))
        row |= {f"{name}_inside": inside, f"{name}_outside": outside}
    row["firm"] = max(0.0, row["least_proven"] - row["rules_least"])
    row["verdict"] = verdict(row)
    return row


def verdict(row: dict[str, Any]) -> str:
    """must, may, never or open."""
    forced = row["rules_least"] + SHARE * row["base"]
    if row["least_proven"] > forced:
        return "must"
    if row["most_proven"] <= forced:
        return "never"
    return "may" if row["least"] <= forced < row["most"] else "open"
