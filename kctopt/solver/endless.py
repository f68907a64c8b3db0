"""An objective of the user's own that nothing limits is refused, with the variables that let it grow.

    minimise cost @ d   over   directions d of the user's variables along which no row and no bound is ever reached

A direction that costs less than nothing makes the objective endless, whatever the laws say: they do not read these
variables. (Left to the search, such a program ends as `limit`, with any value and no bound.)
"""

from __future__ import annotations

import numpy as np

from kctopt.errors import ProgramError
from kctopt.program import Program
from kctopt.solver.bounds import propagate
from kctopt.solver.compiled import Compiled
from kctopt.solver.highs import Highs
from kctopt.solver.refused import listed

GAINS = 1e-9  # of the largest cost, from which on a direction pays


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
    if end.status == "optimal" and end.objective < -GAINS:
        grow = [compiled.names[columns[n]] for n in np.flatnonzero(np.abs(end.x) > GAINS)]
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
