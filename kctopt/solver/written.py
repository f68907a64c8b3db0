"""Pyomo model -> arrays, once; for programs whose model was asked for and may have been changed.

What a user may add to a model, and what is refused, stands in admitted.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from pyomo.common.gc_manager import PauseGC
from pyomo.common.numeric_types import native_numeric_types
from pyomo.environ import maximize, value
from pyomo.repn.linear import LinearRepnVisitor
from pyomo.repn.util import OrderedVarRecorder
from scipy import sparse

from kctopt.errors import ProgramError
from kctopt.naming import Name, path, rule_name, rule_names
from kctopt.program import PYOMO, Program
from kctopt.solver.admitted import active_objective, bounds_of, constraints_of, foreign, strangers, variables_of
from kctopt.solver.compiled import Affine, Compiled, group_relations
from kctopt.solver.refused import refuse
from kctopt.solver.units import units_of, worth_of


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
        lawful = [data for data in rules if id(data) in concave]
        relations = list(zip(rule_names(lawful), (concave[id(data)] for data in lawful), strict=True))
        rows, row_lower, row_upper, names = self._linear(linear)
        unit = self._unit(rows, np.array(integer, bool))
        return Compiled(
            rule_names(self.columns),
            lower, upper, cost, offset, sign, rows, row_lower, row_upper, names,
            group_relations(relations, lambda terms, names: self._affine(terms, names.__getitem__)), self.slots,
            np.array(integer, bool), unit, worth_of(cost, unit),
        )  # fmt: skip

    def _unit(self, rows: sparse.csr_array, integer: np.ndarray) -> np.ndarray:
        """What each column is measured by."""
        slots = [slot for name, slot in self.slots.items() if name not in self.program.built]
        own = np.concatenate(slots) if slots else np.zeros(0, int)
        return units_of(self.program.scenario, self.slots, rows, own[~integer[own]])

    def _objective(self) -> tuple[np.ndarray, float, float]:
        """Cost of the minimisation, its constant, and the sign that leads back."""
        found = active_objective(self.program)
        sign = -1.0 if found.sense == maximize else 1.0
        affine = self._affine([found.expr], lambda _: "objective")
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
        number = float("nan") if (found := value(side, exception=False)) is None else float(found)
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
