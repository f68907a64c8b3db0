"""Program -> arrays, once: from its records, or from its Pyomo model where that was asked for and may be changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from scipy import sparse

from kctopt.algebra import Affines, Aim, Rules, Word
from kctopt.naming import all_indexed
from kctopt.program import Program, components, variables, without_collector
from kctopt.solver.compiled import Affine, Compiled, group_relations
from kctopt.solver.refused import refuse
from kctopt.solver.units import cost_unit_of, units_of


def compile_program(program: Program) -> Compiled:
    """A program as arrays, with whatever its user has added to the model.

    Raises ProgramError, with every fault of a kind, where the model holds something that could not be solved rightly.
    """
    if program.written:
        from kctopt.solver.pyomo_model import read_model  # brings Pyomo

        return read_model(program)
    with without_collector():
        return _Records(program).run()


class _Records:
    """One pass over the records of a program; `place` is the column of each variable by its position there."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.variables = list(variables(program))
        self.sizes = [len(part.indices) for _, part in self.variables]
        starts = np.concatenate([[0], np.cumsum(self.sizes)]).tolist()
        self.slots = {
            name: np.arange(start, end)
            for (name, _), start, end in zip(self.variables, starts[:-1], starts[1:], strict=True)
        }
        self.place = np.empty(starts[-1], np.int32)
        for name, part in self.variables:
            self.place[part.first : part.first + len(part.indices)] = self.slots[name]
        self.names = [name for path, part in self.variables for name in all_indexed(path, part.indices)]

    def run(self) -> Compiled:
        """Columns, objective, linear rows, relations."""
        lower, upper = (_joined(getattr(part, side) for _, part in self.variables) for side in ("lower", "upper"))
        integer = np.repeat([part.integer for _, part in self.variables], self.sizes)
        parts = list(components(self.program))
        rules = [(path, part) for path, part in parts if isinstance(part, Rules)]
        (aim,) = (part for _, part in parts if isinstance(part, Aim))
        sign = -1.0 if aim.sense is Word.maximize else 1.0
        objective = self._affine([aim.expr], ["objective"])
        cost = sign * objective.matrix.toarray()[0]
        names = [name for path, part in rules for name in all_indexed(path, part.rows)]
        body = self._arrays([part.bodies for _, part in rules], names)
        laws = [
            (name, law)
            for path, part in rules
            for name, (_, law) in zip(all_indexed(path, [key for key, _ in part.laws]), part.laws, strict=True)
        ]
        low, high = (_joined(getattr(part, side) for _, part in rules) - body.constant for side in ("lower", "upper"))
        refuse([f"{self.names[n]}: bounds {lower[n]} and {upper[n]} are no numbers" for n in _odd(lower, upper)])
        refuse([f"{names[n]}: its sides {low[n]} and {high[n]} are no numbers" for n in _odd(low, high)])
        unit = units_of(self.program.scenario, self.slots, body.matrix, np.zeros(0, int))
        return Compiled(
            self.names, lower, upper, cost, sign * float(objective.constant[0]), sign, body.matrix, low, high, names,
            group_relations(laws, self._affine), self.slots, integer, unit, cost_unit_of(cost, unit),
        )  # fmt: skip

    def _affine(self, expressions: Iterable[Any], names: Sequence[str]) -> Affine:
        """Expressions as one sparse matrix and a constant."""
        every = Affines()
        for expression in expressions:
            every.add(expression)
        return self._arrays([every], names)

    def _arrays(self, parts: Sequence[Affines], names: Sequence[str]) -> Affine:
        """Affine expressions, part by part, as one sparse matrix and a constant."""
        entries, constant = _joined(part.coefficients for part in parts), _joined(part.constants for part in parts)
        columns = self.place[_joined((part.columns for part in parts), int)]
        sizes = np.concatenate([np.zeros(0, int), *(np.diff(part.ends) for part in parts)])
        pointers = np.concatenate([[0], np.cumsum(sizes)])
        self._finite(entries, columns, pointers, constant, names)
        matrix = sparse.csr_array((entries, columns, pointers), shape=(len(constant), len(self.place)))
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        return Affine(matrix, constant)

    def _finite(
        self, entries: np.ndarray, columns: np.ndarray, pointers: np.ndarray, constant: np.ndarray,
        names: Sequence[str],
    ) -> None:  # fmt: skip
        """Every coefficient must be a number: HiGHS does not check."""
        faults = dict.fromkeys(
            f"{names[int(np.searchsorted(pointers, n, side='right')) - 1]}: the coefficient {entries[n]} of "
            f"{self.names[columns[n]]} is no finite number"
            for n in np.flatnonzero(~np.isfinite(entries)).tolist()
        )
        faults |= dict.fromkeys(
            f"{names[n]}: its constant {constant[n]} is no finite number"
            for n in np.flatnonzero(~np.isfinite(constant)).tolist()
        )
        refuse(list(faults))


def _joined(parts: Iterable[Sequence[float]], kind: type = float) -> np.ndarray:
    """Lists one after the other, as an array."""
    return np.array(list(chain.from_iterable(parts)), kind)


def _odd(low: np.ndarray, high: np.ndarray) -> list[int]:
    """Where two sides say nothing: not numbers, or beyond all numbers on the wrong side."""
    rows: list[int] = np.flatnonzero(np.isnan(low) | np.isnan(high) | (low == np.inf) | (high == -np.inf)).tolist()
    return rows
