"""Pyomo model -> arrays, once; for programs whose model was asked for and may have been changed.

What a model may hold beside what kctopt built: looked at before anything of it reaches HiGHS, all faults at once.

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
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from pyomo.common.gc_manager import PauseGC
from pyomo.common.numeric_types import native_numeric_types
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
    maximize,
    value,
)
from pyomo.repn.linear import LinearRepnVisitor
from pyomo.repn.util import OrderedVarRecorder
from scipy import sparse

from kctopt.errors import ProgramError
from kctopt.naming import Name, path, rule_name, rule_names
from kctopt.program import PYOMO, Program
from kctopt.solver.compiled import Affine, Compiled, group_relations
from kctopt.solver.refused import listed, refuse
from kctopt.solver.settings import TOLERANCES
from kctopt.solver.units import cost_unit_of, units_of

READ = (Var, Constraint, Objective, Block)
SILENT = (Set, Param, Expression, Suffix, BuildAction, BuildCheck, ExternalFunction)

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
    objectives = list(program.model.component_data_objects(Objective, active=True, descend_into=True))
    if len(objectives) != 1:
        raise ProgramError(f"the model has {len(objectives)} active objectives; it needs exactly one")
    return objectives[0]


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
        f"{rule_name(variable)} = {variable.value}"
        for variable in identify_variables(expression, include_fixed=True)
        if variable.fixed and rule_name(variable) not in terms
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
        if not least - TOLERANCES.whole_bound <= data.value <= most + TOLERANCES.whole_bound:
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
    if data.fixed and abs(least - round(least)) > TOLERANCES.whole_bound:
        raise ValueError(f"an integer variable fixed at {least}")
    low, high = math.ceil(least - TOLERANCES.whole_bound), math.floor(most + TOLERANCES.whole_bound)
    if low > high:
        raise ValueError(f"an integer variable with no whole number between its bounds {least:g} and {most:g}")
    return low, high


def read_model(program: Program) -> Compiled:
    """Read the model of a program, with whatever its user has added to it.

    Raises ProgramError, with every fault of a kind, where the model holds something that could not be solved rightly.
    """
    with PYOMO, PauseGC():
        return _Reader(program).run()


class _Reader:
    """One pass over a model; holds the column order and two visitors of Pyomo's.

    To the first, every variable is a column, so that a fixed one keeps its place. Where that is nonlinear, the second
    takes fixed variables as the numbers they are: their products with others are linear.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        components = variables_of(program)
        self.columns = [data for component in components for data in component.values()]
        self.slots, start = {}, 0
        for component in components:
            self.slots[path(component)] = np.arange(start, start + len(component))
            start += len(component)
        order = {id(data): position for position, data in enumerate(self.columns)}
        self.order = order
        columns = {id(data): data for data in self.columns}
        free = {key: data for key, data in columns.items() if not data.fixed}
        self.visitor = LinearRepnVisitor({}, var_recorder=OrderedVarRecorder(columns, order, None))
        places = {key: position for position, key in enumerate(free)}
        self.by_value = LinearRepnVisitor({}, var_recorder=OrderedVarRecorder(free, places, None))

    def run(self) -> Compiled:
        """Columns, objective, linear rows, relations."""
        bounds, integer = bounds_of(self.columns)
        lower, upper = np.array(bounds, float).reshape(-1, 2).T.copy()
        refuse(list(strangers(self.program, self.order)))
        cost, offset, sign = self._objective()
        concave = {
            id(family.constraint[index]): relation
            for family in self.program.families
            for index, relation in family.relations.items()
        }
        rules = constraints_of(self.program)
        linear = [data for data in rules if id(data) not in concave]
        laws = [data for data in rules if id(data) in concave]
        relations = list(zip(rule_names(laws), (concave[id(data)] for data in laws), strict=True))
        rows, row_lower, row_upper, names = self._linear(linear)
        unit = self._unit(rows, np.array(integer, bool))
        return Compiled(
            rule_names(self.columns),
            lower, upper, cost, offset, sign, rows, row_lower, row_upper, names,
            group_relations(relations, lambda terms, names: self._affine(terms, names.__getitem__)), self.slots,
            np.array(integer, bool), unit, cost_unit_of(cost, unit),
        )  # fmt: skip

    def _unit(self, rows: sparse.csr_array, integer: np.ndarray) -> np.ndarray:
        """What each column is measured by."""
        slots = [slot for name, slot in self.slots.items() if name not in self.program.built]
        own = np.concatenate(slots) if slots else np.zeros(0, int)
        return units_of(self.program.scenario, self.slots, rows, own[~integer[own]])

    def _objective(self) -> tuple[np.ndarray, float, float]:
        """Cost of the minimisation, its constant, and the sign that leads back."""
        objective = active_objective(self.program)
        sign = -1.0 if objective.sense == maximize else 1.0
        affine = self._affine([objective.expr], lambda _: "objective")
        return sign * affine.matrix.toarray()[0], sign * float(affine.constant[0]), sign

    def _linear(self, constraints: Sequence[Any]) -> tuple[sparse.csr_array, np.ndarray, np.ndarray, list[Name]]:
        """Rows of the linear constraints, constants moved to the bounds."""
        bodies, lower, upper = [], [], []
        for data in constraints:
            low, body, high = data.to_bounded_expression()
            bodies.append(body)
            lower.append(-np.inf if low is None else self._side(low, data))
            upper.append(np.inf if high is None else self._side(high, data))
        affine = self._affine(bodies, lambda n: rule_name(constraints[n]))
        return (
            affine.matrix,
            np.array(lower, float) - affine.constant,
            np.array(upper, float) - affine.constant,
            rule_names(constraints),
        )

    def _side(self, side: Any, data: Any) -> float:
        """A constant side of a constraint."""
        number = float("nan") if (bound := value(side, exception=False)) is None else float(bound)
        if not np.isfinite(number):
            raise ProgramError(f"{rule_name(data)}: its side {side} is no finite number")
        return number

    def _affine(self, expressions: Iterable[Any], name: Callable[[int], str]) -> Affine:
        """Expressions as one sparse matrix and a constant; `name` tells whose expression is not linear."""
        constants: list[float] = []
        pointers, indices, data = [0], list[int](), list[float]()
        order = self.order
        for number, expression in enumerate(expressions):
            if expression.__class__ in native_numeric_types:
                constants.append(float(expression))
            else:
                try:
                    repn = self._walk(expression)
                    constant, coefficients = float(repn.constant), list(map(float, repn.linear.values()))
                except (ArithmeticError, TypeError, ValueError) as error:
                    raise ProgramError(f"{name(number)}: {' '.join(str(error).split())}") from error
                if repn.nonlinear is not None:
                    raise ProgramError(
                        f"{name(number)} is nonlinear; "
                        "only linear constraints and kctopt's concave relations can be solved "
                        "(a product is linear where all but one of its variables are fixed)"
                    )
                constants.append(constant)
                indices.extend(order[key] for key in repn.linear)
                data.extend(coefficients)
            pointers.append(len(indices))
        self._known(pointers, indices, data, constants, name)
        shape = (len(constants), len(self.columns))
        matrix = sparse.csr_array((np.array(data, float), np.array(indices, np.int32), pointers), shape=shape)
        matrix.eliminate_zeros()
        matrix.sum_duplicates()  # some functions of scipy sort in place, and sums in another order end otherwise
        return Affine(matrix, np.array(constants, float))

    def _walk(self, expression: Any) -> Any:
        """The linear form of an expression; a fixed variable is a number only where it has to be."""
        repn = self.visitor.walk_expression(expression)
        return repn if repn.nonlinear is None else self.by_value.walk_expression(expression)

    def _known(
        self, pointers: list[int], indices: list[int], data: list[float], constants: list[float],
        name: Callable[[int], str],
    ) -> None:  # fmt: skip
        """Every variable must be a column and every coefficient a number: HiGHS checks neither."""
        faults: dict[str, None] = {}
        for entry in np.flatnonzero(
            (np.array(indices, int) >= len(self.columns)) | ~np.isfinite(np.array(data, float))
        ):
            row = name(int(np.searchsorted(pointers, entry, side="right")) - 1)
            if indices[entry] < len(self.columns):
                variable = rule_name(self.columns[indices[entry]])
                faults[f"{row}: the coefficient {data[entry]} of {variable} is no finite number"] = None
                continue
            key = next(key for key, position in self.order.items() if position == indices[entry])
            faults[foreign(row, self.visitor.var_map[key])] = None
        faults |= dict.fromkeys(
            f"{name(int(row))}: its constant {constants[row]} is no finite number"
            for row in np.flatnonzero(~np.isfinite(np.array(constants, float)))
        )
        refuse(list(faults))
