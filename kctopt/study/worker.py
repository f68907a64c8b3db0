"""What a worker does: members of one study, solved and proven, as rows of its tables.

A task carries bytes of a spec and a list of overlays; the worker keeps what it made of a spec, so that a scenario is
read, and solved as the base of the others, once in each process. No answer depends on the worker or on what it solved
before (solver/from_base.py).
"""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pandas

from kctopt.errors import KctoptError, ScenarioErrors
from kctopt.result.tables import allocation, indices
from kctopt.scenario.records import Scenario
from kctopt.simulator import simulate
from kctopt.solver.from_base import FromBase
from kctopt.solver.outcome import Outcome
from kctopt.status import Status
from kctopt.study.members import Members, Overlay, choices_of, overlay_text
from kctopt.study.plans import packed

KEPT = 4  # specs a worker keeps
REASONS = {
    "infeasible": "proven: no plan keeps all rules; `kctopt diagnose` names those that conflict",
    "limit": "the gap is wider than asked: the time limit or the search ended; allow more time",
    "no_plan": "the time limit came before a plan was found; allow more time",
    "fault": "the plan is better than its proven bound: a bug in kctopt, please report it",
    "interrupted": "interrupted",
}

Tables: TypeAlias = tuple[pandas.DataFrame | None, pandas.DataFrame | None, pandas.DataFrame | None]
NO_TABLES: Tables = (None, None, None)


@dataclass(frozen=True)
class Spec:
    """What all tasks on one scenario share."""

    scenario: Scenario
    gap: float
    time_limit: float | None


@dataclass(frozen=True)
class Row:
    """One member as it ended."""

    member: str  # its hash
    status: str
    objective: float | None = None  # NS points; for min_budget billion CNY
    bound: float | None = None
    gap: float | None = None
    reason: str = ""  # why there is no plan to the gap asked
    time_limit: float | None = None
    seconds: float = 0.0
    cpu: float = 0.0  # seconds of this process
    worker: str = ""  # host and process


@dataclass
class Done:
    """What a task brings back: rows of members, and tables of those with a plan."""

    rows: list[Row] = field(default_factory=list)
    outcomes: pandas.DataFrame | None = None
    allocation: pandas.DataFrame | None = None
    plans: pandas.DataFrame | None = None


class _World:
    """One scenario in one worker: its members, and a solved base for each choice of forms."""

    def __init__(self, spec: Spec) -> None:
        self.spec, self.members = spec, Members(spec.scenario)
        self.bases: dict[str, FromBase] = {}

    def base(self, overlay: Overlay) -> FromBase:
        """The base of members with these choices: the scenario with the choices alone."""
        chosen = choices_of(overlay)
        key = overlay_text(chosen)
        if key not in self.bases:
            try:
                scenario = self.members.scenario(chosen)
            except ScenarioErrors:  # the choices are valid only beside the numbers
                scenario = self.members.base
            self.bases[key] = FromBase(scenario, self.spec.time_limit)
        return self.bases[key]


_worlds: dict[str, _World] = {}


def spec_bytes(scenario: Scenario, gap: float, time_limit: float | None) -> bytes:
    """A spec as a task carries it."""
    return pickle.dumps(Spec(scenario.model_copy(update={"provenance": ()}), gap, time_limit), protocol=5)


def solve_members(spec: bytes, tasks: Sequence[tuple[str, Overlay]]) -> Done:
    """Solve members of one scenario; each is a hash and the values of its draw. Nothing is raised for a member.

    Parameters
    ----------
    spec : bytes
        From `spec_bytes`.
    tasks : sequence of (str, mapping)
        Hash and overlay of each member.

    Returns
    -------
    Done
        A row for each task, in their order.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.study.worker import solve_members, spec_bytes
    >>> spec = spec_bytes(kctopt.load("baseline"), 1e-4, None)
    >>> done = solve_members(spec, [("a", {"scale": {"budget": 0.98}}), ("b", {"set": {"money.carry_share": 2}})])
    >>> [row.status for row in done.rows]
    ['optimal', 'invalid']
    """
    key = hashlib.sha256(spec).hexdigest()
    collecting = gc.isenabled()
    gc.disable()  # many small records are made and none is garbage; half the time would go there
    try:
        if key not in _worlds:
            while len(_worlds) >= KEPT:
                _worlds.pop(next(iter(_worlds)))
            _worlds[key] = _World(pickle.loads(spec))
        solved = [_solved(_worlds[key], member, overlay) for member, overlay in tasks]
    finally:
        if collecting:
            gc.enable()
        gc.collect()
    tables = zip(*(tables for _, tables in solved), strict=True)
    return Done([row for row, _ in solved], *map(_joined, tables))


def _joined(tables: Sequence[pandas.DataFrame | None]) -> pandas.DataFrame | None:
    whole = [table for table in tables if table is not None]
    return pandas.concat(whole, ignore_index=True) if whole else None


def _solved(world: _World, member: str, overlay: Overlay) -> tuple[Row, Tables]:
    """One member: its row, and its tables where it has a plan."""
    spec, wall, cpu = world.spec, time.perf_counter(), time.process_time()
    base = world.base(overlay)

    def row(status: str, reason: str, **values: Any) -> Row:
        spent = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        return Row(member, status, reason=reason, time_limit=spec.time_limit, **values, **spent, worker=here())

    wall, cpu = time.perf_counter(), time.process_time()  # the base is everyone's
    try:
        scenario = world.members.scenario(overlay)
        outcome = base.solve(scenario, spec.gap, spec.time_limit)
        tables = NO_TABLES if outcome.money is None else tables_of(member, scenario, outcome)
    except ScenarioErrors as error:
        return row("invalid", str(error)), NO_TABLES
    except KctoptError as error:
        return row("error", str(error)), NO_TABLES
    except (ArithmeticError, LookupError, ValueError, TypeError, RuntimeError, MemoryError) as error:
        return row("error", f"{type(error).__name__}: {error}; this is a bug in kctopt: please report it"), NO_TABLES
    if outcome.status is Status.INTERRUPTED:
        raise KeyboardInterrupt
    found = {"objective": outcome.objective, "bound": outcome.bound, "gap": outcome.gap}
    return row(str(outcome.status), REASONS.get(str(outcome.status), ""), **found), tables


def tables_of(member: str, scenario: Scenario, outcome: Outcome) -> Tables:
    """Outcomes by year, money by cell, and the plan itself, each with the member's hash."""
    assert outcome.money is not None
    path = simulate(scenario, outcome.money, choices=outcome.choices)
    index = indices(scenario, path)
    outcomes = pandas.DataFrame(
        {
            "member": member, "outcome": index["index"], "domain": index["domain"],
            "year": index["year"].astype(np.int32), "value": index["value"].astype(float),
        }
    )  # fmt: skip
    spent = allocation(scenario, outcome.money)
    cells = pandas.DataFrame({name: spent[name] for name in ("line", "domain", "type", "plan", "track", "amount")})
    summed = cells.groupby(["line", "domain", "type", "plan", "track"], sort=False)["amount"].sum().reset_index()
    summed.insert(0, "member", member)
    content = packed(scenario, outcome.money, outcome.choices, budget_scale=outcome.budget_scale or 1.0)
    return outcomes, summed, pandas.DataFrame({"member": [member], "content": [content]})


def here() -> str:
    """This process, by host and number."""
    return f"{socket.gethostname()}:{os.getpid()}"
