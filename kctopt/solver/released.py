r"""Prices with the discrete choices free: those of the best Lagrangian bound over all choices at once.

    bound(right sides + d)  =  bound(right sides) + prices' d          (for a small d)

The prices are slopes of the bound (split.py, branching.py) that holds whatever is decided: what one more unit of a rule
adds to it. Bounds of columns that follow from a rule (bounds.py, tighten.py) stay as they are, so beyond small changes
this is no bound of its own. Rules of a line whose part has open integers of its own have no such price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kctopt.program import Program
from kctopt.solver.branching import Tree
from kctopt.solver.discrete import DiscreteEngine
from kctopt.solver.newton import Point
from kctopt.solver.solving import NEAR
from kctopt.solver.split import COUPLING, Split, line_of

GAP = 1e-4  # aimed at; the root of the tree ends before where it cannot be reached
SECONDS = 60.0


@dataclass(frozen=True)
class Released:
    """Prices of the best bound with all choices free, and which rows and columns have one."""

    point: Point
    bound: float
    rows: np.ndarray
    columns: np.ndarray


def released(program: Program, x: np.ndarray, seconds: float = SECONDS) -> Released | None:
    """The prices of a program with integers, from a plan that keeps its rules; None where it cannot be taken apart.

    Parameters
    ----------
    x : columns of the plan.
    seconds : after which no further prices are sought; the bound at the best so far is finished.
    """
    engine = DiscreteEngine(program)
    split = Split(engine.open, engine.tangents, line_of(program, engine.open))
    if not split.possible:
        return None
    engine._begin(seconds)
    engine.values = np.round(x[engine.columns])
    engine._fix(engine.values)
    engine.plan = engine.simulator.candidate(x)
    engine.search.near(engine.plan.x, NEAR, seconds)
    found = Tree(engine, split, GAP).root()
    if found.value is None:
        return None
    whole = np.array([len(part.integers) == 0 for part in split.parts])
    rows = (split.row_part == COUPLING) | whole[np.maximum(split.row_part, 0)]
    point = Point(x, found.row_dual, np.zeros(engine.tangents.count), found.column_dual)
    bound = engine.open.sign * (found.value + engine.open.offset)
    return Released(point, bound, rows, whole[split.line_of])
