"""Small mixed-integer models by HiGHS: optimal to the last digit, or an error."""

from __future__ import annotations

from typing import Any

from pyomo.environ import Objective, SolverFactory, Suffix, TransformationFactory, value

OPTIONS = {"mip_rel_gap": 0.0}  # no `threads`: a run that asks for another number than the thread had does not run


def optimum(model: Any) -> float:
    """Solve `model` in place; its optimum."""
    end = SolverFactory("highs").solve(model, options=OPTIONS)
    assert (str(end.solver.status), str(end.solver.termination_condition)) == ("ok", "optimal")
    (objective,) = model.component_data_objects(Objective, active=True)
    return float(value(objective))


def relaxed_optimum(model: Any) -> float:
    """Solve `model` without integrality, in place; `model.dual` then holds the prices."""
    TransformationFactory("core.relax_integer_vars").apply_to(model)
    model.dual = Suffix(direction=Suffix.IMPORT)
    return optimum(model)
