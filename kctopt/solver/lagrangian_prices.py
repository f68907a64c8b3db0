r"""Lagrangian prices: with the discrete choices free, those of the best bound over all choices at once (Geoffrion).

    bound(right sides + d)  =  bound(right sides) + prices' d          (for a small d)

The prices are slopes of the bound (decomposition.py, branching.py) that holds whatever is decided: what one more unit
of a rule adds to it. Bounds of columns that follow from a rule (bounds.py, obbt.py) stay as they are, so beyond small
changes this is no bound of its own. Rules of a line whose block has open integers of its own have no such price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kctopt.program import Program
from kctopt.solver.branching import Tree
from kctopt.solver.decomposition import COUPLING, Decomposition, line_of
from kctopt.solver.discrete import DiscreteEngine
from kctopt.solver.newton import Point
from kctopt.solver.settings import BOXES, GAPS, WORK


@dataclass(frozen=True)
class LagrangianPrices:
    """Prices of the best bound with all choices free, and which rows and columns have one."""

    point: Point
    bound: float
    rows: np.ndarray
    columns: np.ndarray


def lagrangian_prices(program: Program, x: np.ndarray) -> LagrangianPrices | None:
    """The prices of a program with integers, from a plan that keeps its rules; None where it cannot be taken apart.

    Parameters
    ----------
    x : columns of the plan.
    """
    engine = DiscreteEngine(program)
    state, choices = engine.state, engine.choices
    decomposition = Decomposition(state.open, state.tangents, line_of(program, state.open))
    if not decomposition.possible:
        return None
    state.begin(np.inf)
    choices.values = np.round(x[choices.columns])
    choices.hold(choices.values)
    state.plan = state.simulator.candidate(x)
    choices.search.near(state.plan.x, BOXES.near, np.inf)
    root = Tree(choices, decomposition, GAPS.lagrangian_prices).root(WORK.lagrangian_passes)
    if root.value is None:
        return None
    whole = np.array([len(block.integers) == 0 for block in decomposition.blocks])
    rows = (decomposition.row_block == COUPLING) | whole[np.maximum(decomposition.row_block, 0)]
    point = Point(x, root.row_dual, np.zeros(state.tangents.count), root.column_dual)
    bound = state.open.sign * (root.value + state.open.offset)
    return LagrangianPrices(point, bound, rows, whole[decomposition.line_of])
