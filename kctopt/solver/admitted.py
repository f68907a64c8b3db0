"""What a model may hold beside what kctopt built: looked at before anything of it reaches HiGHS, all faults at once.

| kind of component | here |
|---|---|
| Var, Constraint, Objective, Block | read |
| Set, Param, Expression, Suffix, BuildAction, BuildCheck, ExternalFunction, references | no rule by themselves |
| any other that is active: Disjunction, SOSConstraint, LogicalConstraint, Complementarity, … | refused by name |

Refused too: two components of one name, variables of kctopt's that are gone, values that are no numbers, domains with
holes, integers without bounds.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Sequence
from typing import Any

from pyomo.core.expr.visitor import identify_variables
from pyomo.environ import (
    Block,
    BuildAction,
    BuildCheck,
    Constraint,
    Expression,
    ExternalFunction,
    Objective,
    Param,
    Set,
    Suffix,
    Var,
)

from kctopt.errors import ProgramError
from kctopt.naming import path, rule_name
from kctopt.program import Program
from kctopt.solver.refused import listed, refuse

READ = (Var, Constraint, Objective, Block)
SILENT = (Set, Param, Expression, Suffix, BuildAction, BuildCheck, ExternalFunction)
WHOLE = 1e-9  # distance at which a bound of an integer counts as whole

Bounds = list[tuple[float, float]]


def variables_of(program: Program) -> list[Any]:
    """The variables of a model, in its order. Raises ProgramError where it holds what cannot be solved rightly."""
    faults = list(_unread(program))
    variables, constraints = (list(_own_data(program, kind)) for kind in (Var, Constraint))
    faults += [f"{name}: two components have this name; rename one" for name in _twice([*variables, *constraints])]
    if not faults:
        same = _same_data([*variables, *constraints])
        faults += [f"{name}: two variables or rules have this name; rename one" for name in same]
    gone = sorted(program.columns - {path(component) for component in variables})
    if gone:
        faults.append(
            f"{listed(gone)}: variables of kctopt that are deleted or lie in a deactivated block; the laws need them. "
            "Fix variables, or deactivate single rules"
        )
    refuse(faults)
    return variables


def _unread(program: Program) -> Iterator[str]:
    """Active components that neither this engine nor the laws of kctopt know."""
    for block in program.model.block_data_objects(active=True, descend_into=Block):
        for component in block.component_objects(descend_into=False):
            if component.ctype in (*READ, *SILENT) or not getattr(component, "active", True):
                continue
            yield (
                f"{path(component)}: a {component.ctype.__name__} is not read; write it with Var and linear Constraint "
                "(Pyomo's transformations do that for many), or deactivate it"
            )


def constraints_of(program: Program) -> list[Any]:
    """The active constraints of a model, one by one."""
    return [data for component in _own_data(program, Constraint) for data in component.values() if data.active]


def active_objective(program: Program) -> Any:
    """The one objective of a model."""
    found = list(program.model.component_data_objects(Objective, active=True, descend_into=True))
    if len(found) != 1:
        raise ProgramError(f"the model has {len(found)} active objectives; it needs exactly one")
    return found[0]


def strangers(program: Program, known: Container[int]) -> Iterator[str]:
    """Variables in what the user wrote that are none of the model's; fixed ones Pyomo would read as numbers in silence.

    `known` holds the ids of the model's variables.
    """
    own = {
        id(component): path(component) not in program.built for component in program.model.component_objects(Constraint)
    }
    mine = [data for data in constraints_of(program) if own[id(data.parent_component())]]
    for data in [active_objective(program), *mine]:
        name = "objective" if data.ctype is Objective else rule_name(data)
        for variable in identify_variables(data.expr, include_fixed=True):
            if id(variable) not in known:
                yield foreign(name, variable)


def foreign(rule: str, variable: Any) -> str:
    """That a rule uses a variable that is none of the model's."""
    number = f"; write its value, {variable.value}, if the number is meant" if variable.fixed else ""
    where = "of another model, deleted, or in a deactivated block"
    return f"{rule}: uses {variable.name}, which is no variable of this model ({where}){number}"


def as_written(expression: Any, terms: Container[str]) -> str:
    """An expression as Pyomo writes it, with the values of fixed variables that are numbers in its linear form."""
    numbers = [
        f"{rule_name(one)} = {one.value}"
        for one in identify_variables(expression, include_fixed=True)
        if one.fixed and rule_name(one) not in terms
    ]
    return str(expression) if not numbers else f"{expression}; fixed: {', '.join(numbers)}"


def _own_data(program: Program, kind: Any) -> Iterator[Any]:
    """Components that hold data of their own; a Reference shows data of others."""
    for component in program.model.component_objects(kind, active=True, descend_into=True):
        if not component.is_reference():
            yield component


def _twice(components: Sequence[Any]) -> list[str]:
    names = [path(component) for component in components]
    return sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []


def _same_data(components: Sequence[Any]) -> list[str]:
    """Names that a component without index shares with one of another's data: w[1] of its own, and w at 1."""
    plain = [path(component) for component in components if not component.is_indexed()]
    odd = {name for name in plain if name.endswith("]")}
    return sorted(
        name
        for component in components
        if component.is_indexed() and odd
        for name in map(rule_name, component.values())
        if name in odd
    )


def bounds_of(columns: Sequence[Any]) -> tuple[Bounds, list[bool]]:
    """Least and greatest value of every variable, those of a fixed one both its value; and which are integer."""
    faults: list[str] = []
    bounds: Bounds = []
    integer = []
    for data in columns:
        integer.append(not data.is_continuous())
        try:
            bounds.append(_bounds(data, integer[-1]))
        except ValueError as error:
            faults.append(f"{rule_name(data)}: {error}")
    refuse(faults)
    return bounds, integer


def _bounds(data: Any, integer: bool) -> tuple[float, float]:
    low, high = data.bounds
    least, most = -math.inf if low is None else float(low), math.inf if high is None else float(high)
    if data.fixed:
        if data.value is None or not math.isfinite(data.value):
            raise ValueError(f"fixed without a number ({data.value}); give one: .fix(5.0)")
        if not least - WHOLE <= data.value <= most + WHOLE:
            raise ValueError(f"fixed at {data.value}, outside its bounds {least} and {most}")
        least = most = float(data.value)
    if math.isnan(least) or math.isnan(most) or least == math.inf or most == -math.inf:
        raise ValueError(f"bounds {least} and {most} are no numbers")
    if integer:
        least, most = _whole(data, least, most)
    return least, most


def _whole(data: Any, least: float, most: float) -> tuple[float, float]:
    """Bounds of an integer, rounded inwards."""
    if not data.is_integer():
        raise ValueError(f"its domain {data.domain} has holes; use reals, integers or binaries")
    if not (math.isfinite(least) and math.isfinite(most)):
        raise ValueError("an integer variable has no bounds; give it a least and a most")
    if data.fixed and abs(least - round(least)) > WHOLE:
        raise ValueError(f"an integer variable fixed at {least}")
    low, high = math.ceil(least - WHOLE), math.floor(most + WHOLE)
    if low > high:
        raise ValueError(f"an integer variable with no whole number between its bounds {least:g} and {most:g}")
    return low, high
