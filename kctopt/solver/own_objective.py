"""Looks at an objective of the user's own before it is solved, at a few plans by the simulator or by a small program.

| look | what | then |
|---|---|---|
| `refuse_endless` | nothing limits it | ProgramError, with the variables that let it grow |
| `refuse_one_sided` | it gains by less of what the laws give | ProgramError |
| `settled_by_bounds` | a plan attains the least that the bounds of the columns allow | that plan, proven |

Every law is a concave upper bound: the program may hold less of what money brings than the simulator says. For an
objective that gains by more this changes nothing. One that gains by less (national security minimised, dependency
maximised) is better in the program than in any plan, at whatever money, and the two bounds never meet:

    at the money of a plan   min cost @ x over what the laws determine   <   cost @ x by the simulator

The last look spares a search: where nothing is paid for (the least of a sum of money that no rule asks for) the best
is often 0, and of that no distance, such as the 1e-13 that arithmetic leaves, is a small share.

The first look:

    minimise cost @ d   over   directions d of the user's variables along which no row and no bound is ever reached

A direction that costs less than nothing makes the objective endless, whatever the laws say: they do not read these
variables. (Left to the search, such a program ends as `limit`, with any value and no bound.)
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from kctopt.errors import ProgramError
from kctopt.program import Program
from kctopt.simulator import Choices
from kctopt.solver.bounds import propagate
from kctopt.solver.certificate import Candidate
from kctopt.solver.compiled import Compiled
from kctopt.solver.discrete import DiscreteEngine
from kctopt.solver.engine import Engine
from kctopt.solver.highs import Highs
from kctopt.solver.outcome import Outcome
from kctopt.solver.refused import listed
from kctopt.solver.settings import TOLERANCES
from kctopt.solver.start import base_plan
from kctopt.solver.units import row_sizes
from kctopt.status import Status

GIVEN = ("knowledge.", "ladder.", "substitution.", "diffusion.", "kct.", "security.")


def refuse_one_sided(engine: Engine) -> None:
    """Raise ProgramError where the objective asks for less than the laws give, both with much money and none."""
    asked = [_asked(engine, plan) for plan in (_spending(engine), _saving(engine))]
    if all(asked):
        raise ProgramError(
            f"the objective gains by other values of {listed(asked[0])} than the money brings. The laws bound these "
            "from one side only, so that no plan could ever be proven best: turn the sense of the objective round, or "
            "write it with money (money.spend) in place of them"
        )


def settled_by_bounds(engine: Engine) -> Outcome | None:
    """The plan that attains the best value of every column that the objective has; None where those tried do not."""
    c = engine.compiled
    best = np.where(c.cost > 0, c.column_lower, c.column_upper)
    used = np.flatnonzero(c.cost)
    least = float(c.cost[used] @ best[used])
    if not np.isfinite(least):
        return None
    spending, saving = _spending(engine), _saving(engine)
    at = np.intersect1d(engine.simulator.money_columns, used)
    kept = spending.x.copy()
    kept[at] = best[at]
    for plan in (spending, _lifted(engine, kept), saving):
        ahead = float(c.cost @ plan.x) - least
        if plan.feasible and ahead <= TOLERANCES.no_distance * float(
            np.abs(c.cost[used]) @ np.maximum(c.unit[used], np.abs(best[used]))
        ):
            engine.state.plan, engine.state.bound = plan, c.sign * (least + c.offset)
            return engine.outcome(Status.OPTIMAL)
    return None


def _spending(engine: Engine) -> Candidate:
    """The plan that repeats the base year's spend."""
    return _lifted(engine, base_plan(engine.program, engine.simulator))


def _saving(engine: Engine) -> Candidate:
    """The plan of the least money that each column allows; it may break rules."""
    x = base_plan(engine.program, engine.simulator)
    at = engine.simulator.money_columns
    x[at] = engine.compiled.column_lower[at]
    return _lifted(engine, x)


def _lifted(engine: Engine, x: np.ndarray) -> Candidate:
    """Money through the laws, with the choices that these lead to and its sums."""
    slots = engine.compiled.slots
    money = engine.simulator.money(x)
    x = x.copy()
    x[slots["money.spend"]] = money.spend.ravel()
    if isinstance(engine, DiscreteEngine):
        x[engine.choices.columns] = engine.choices.integers_of(x, engine.choices.with_stages(x, Choices()))
    return engine.simulator.candidate(x)


def _asked(engine: Engine, plan: Candidate) -> list[str]:
    """Columns of the objective that the program has otherwise than the laws, where that pays; else none.

    None too where the user's own variables keep no rules at this plan: what they would be is not known.
    """
    c, x, own = engine.compiled, plan.x, engine.simulator.own_rows
    kept = _kept(c, x)
    if len(np.setdiff1d(own, kept)):
        return []
    lower, upper = _slack(engine, x)
    rows, right = engine.tangents.rows(engine.tangents.points(x))
    highs = Highs()
    highs.load(
        c.cost, lower, upper, sparse.vstack([c.rows[kept], rows], format="csr"),
        np.concatenate([c.lower[kept], np.full(len(right), -np.inf)]), np.concatenate([c.upper[kept], right]),
        c.unit, c.cost_unit,
    )  # fmt: skip
    end = highs.run("dual")
    if end.status != "optimal":
        return []
    value = float(c.cost @ x)
    if value - end.objective <= TOLERANCES.ahead_of_plans * max(
        TOLERANCES.ahead_of_plans * c.cost_unit, abs(value + c.offset)
    ):
        return []
    moved = np.abs(end.x - x) > TOLERANCES.moved_column * np.maximum(c.unit, np.abs(x))
    return [c.names[j] for j in np.flatnonzero(moved & (c.cost * (x - end.x) > 0))]


def _slack(engine: Engine, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sides between which columns may lie at the money of a plan: by the laws none brings more than the simulator says.

    Less of what they give, more of what they leave missing; the user's own variables as these allow.
    """
    c, lower, upper = engine.compiled, x.copy(), x.copy()
    for name, slot in engine.compiled.slots.items():
        own = name not in engine.program.built and len(engine.simulator.own_rows) > 0
        slot = slot[~c.integer[slot]]
        if own or name.startswith(GIVEN):
            lower[slot] = np.minimum(c.column_lower[slot], x[slot])
        if own or name.startswith("dependency.") or name.endswith(".shortfall"):
            upper[slot] = np.maximum(c.column_upper[slot], x[slot])
    return lower, upper


def _kept(c: Compiled, x: np.ndarray) -> np.ndarray:
    """Rows that hold at a point."""
    body, size = c.rows @ x, row_sizes(c.rows, c.unit)
    side = np.where(np.isfinite(c.upper), c.upper, np.where(np.isfinite(c.lower), c.lower, 0.0))
    return np.flatnonzero(
        np.maximum(body - c.upper, c.lower - body) <= TOLERANCES.feasible * np.maximum(size, np.abs(side))
    )


def refuse_endless(program: Program, compiled: Compiled) -> None:
    """Raise ProgramError where an own objective has no limit, or money has none any more."""
    _refuse_endless_money(program, compiled)
    slots = [slot for name, slot in compiled.slots.items() if name not in program.built]
    columns = np.concatenate(slots) if slots else np.zeros(0, int)
    cost = compiled.cost[columns]
    if not cost.any():
        return
    cost = cost / np.abs(cost).max()
    part = compiled.rows[:, columns]
    rows = np.flatnonzero(np.diff(part.indptr))
    highs = Highs()
    highs.load(
        cost, *_cone(compiled.column_lower[columns], compiled.column_upper[columns], 1.0),
        part[rows], *_cone(compiled.lower[rows], compiled.upper[rows], np.inf),
    )  # fmt: skip
    end = highs.run("dual")
    if end.status == "optimal" and end.objective < -TOLERANCES.paying_direction:
        grow = [compiled.names[columns[n]] for n in np.flatnonzero(np.abs(end.x) > TOLERANCES.paying_direction)]
        raise ProgramError(
            f"the objective is unbounded: nothing limits {listed(grow)}, and it gains without end along "
            f"{'it' if len(grow) == 1 else 'them'}; give bounds, or a constraint that ties them to the plan"
        )


def _refuse_endless_money(program: Program, compiled: Compiled) -> None:
    """Raise ProgramError where the user switched off what limits money, and more of it is better without end."""
    slots = compiled.slots
    budgets = sum(name.startswith("money.budget[") for name in compiled.row_names)
    if "money.scale" in slots or budgets == len(slots.get("money.available", ())):
        return
    _, upper = propagate(compiled)
    endless = [compiled.names[j] for j in slots["money.spend"] if upper[j] == np.inf]
    reached = any(compiled.cost[slots[name]].any() for name in slots if name in program.built and name[:6] != "money.")
    if endless and reached:
        raise ProgramError(
            f"the objective is unbounded: nothing limits {listed(endless)}; keep the budget of every year, or add caps"
        )


def _cone(lower: np.ndarray, upper: np.ndarray, far: float) -> tuple[np.ndarray, np.ndarray]:
    """Sides of what may change for ever: nothing where there is a limit, `far` where there is none."""
    return np.where(np.isfinite(lower), 0.0, -far), np.where(np.isfinite(upper), 0.0, far)
