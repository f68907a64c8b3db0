"""What a user changed in a model: found by holding it against a program built anew from the same scenario.

| changed | here |
|---|---|
| variables, linear constraints, an objective of one's own | read, with the text that Pyomo writes |
| variables of kctopt fixed, or with tighter bounds | read as limits |
| rules on money and quadrants, floors, caps and shares switched off | read; the scenario's rule then does not count |
| other rules or laws switched off or written anew, wider bounds, data of the scenario changed | refused by name |

Nothing depends on how a change was made: names, coefficients, sides and bounds are compared.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse

from kctopt.errors import ProgramError
from kctopt.naming import Name, rule_name
from kctopt.own import NOTHING_OWN, OwnObjective, OwnParts, OwnRow, OwnVariable
from kctopt.program import Program, build
from kctopt.solver.compile import compile_program
from kctopt.solver.compiled import Compiled
from kctopt.solver.held import held_columns
from kctopt.solver.refused import listed, refuse
from kctopt.solver.settings import TOLERANCES
from kctopt.solver.units import measured_by

REMOVABLE = ("money.budget[", "money.ramp[", "quadrants.")  # rules a user may switch off
POLICIES = ("floor", "cap", "share")  # kinds of policies that may be switched off


def own_parts(program: Program) -> OwnParts:
    """What the user of a program changed. Raises ProgramError for what cannot be carried, all of it at once."""
    if not program.written:  # its model was never asked for
        return NOTHING_OWN
    if program.scenario is not program.as_written.scenario:
        raise ProgramError(
            "the data of this program were patched by Engine.resolve, its model is that of the data before: go on with "
            "the engine, or build the changed scenario"
        )
    mine, theirs = compile_program(program), compile_program(build(program.scenario))
    return _Differences(program, mine, theirs).parts()


def own_names(program: Program) -> tuple[str, ...]:
    """What the user added to a program or changed in it, by name; its data may have been patched since."""
    return own_parts(program.as_written).names if program.written else ()


class _Differences:
    """A user's program against the one that its scenario gives."""

    def __init__(self, program: Program, mine: Compiled, theirs: Compiled) -> None:
        self.program, self.mine, self.theirs = program, mine, theirs
        self.column: dict[str, int] = {name: n for n, name in enumerate(mine.names)}
        self.row = {name: n for n, name in enumerate(mine.row_names)}
        self.place = np.array([self.column[name] for name in theirs.names], int)  # compile refuses where one is gone

    def parts(self) -> OwnParts:
        """The parts that can be carried."""
        refuse([*self._laws(), *self._changed_rows(), *self._refused_rows(), *self._refused_bounds()])
        known = set(self.theirs.names)
        added = [name for name in self.mine.names if name not in known]
        return OwnParts(
            variables=tuple(sorted(map(self._variable, added), key=lambda own: own.name)),
            limits=tuple(sorted((self._variable(name) for name in self._tighter()), key=lambda own: own.name)),
            rows=tuple(sorted(self._rows(), key=lambda row: row.name)),
            removed=tuple(sorted(self._removed())),
            objective=self._objective(),
        )

    def _variable(self, name: str) -> OwnVariable:
        c, j = self.mine, self.column[name]
        return OwnVariable(
            name, float(c.column_lower[j]), float(c.column_upper[j]), bool(c.integer[j]), float(c.unit[j])
        )

    def _rows(self) -> Iterator[OwnRow]:
        """Linear rows that the user added, as written."""
        from kctopt.solver.pyomo_model import as_written, constraints_of  # brings Pyomo, which this program has

        known, c = set(self.theirs.row_names), self.mine
        written: dict[str, Any] = {
            rule_name(data): data.expr for data in constraints_of(self.program) if rule_name(data) not in known
        }
        sizes = measured_by(c.rows, c.unit, c.integer)
        for name, n in self.row.items():
            if name not in known:
                row = c.rows[[n]]
                terms: dict[str, float] = {c.names[j]: float(a) for j, a in zip(row.indices, row.data, strict=True)}
                whole = tuple(c.names[j] for j in row.indices if c.integer[j])
                text = as_written(written[name], terms)
                yield OwnRow(name, terms, float(c.lower[n]), float(c.upper[n]), text, float(sizes[n]), whole)

    def _removed(self) -> list[Name]:
        return [name for name in self.theirs.row_names if name not in self.row]

    def _laws(self) -> Iterator[str]:
        """Concave laws that are switched off or written anew."""
        mine, theirs = ({name for group in c.relations for name in group.names} for c in (self.mine, self.theirs))
        gone = sorted(theirs - mine)
        if gone:
            yield f"{listed(gone)}: laws of the model cannot be switched off, the simulator keeps them"
        anew = [rule_name(data) for data, expression in self.program.laws if data.expr is not expression]
        if anew:
            yield f"{listed(anew)}: laws of the model cannot be written anew, the simulator keeps its own"

    def _refused_rows(self) -> Iterator[str]:
        """Rows switched off that the simulator cannot do without, or that bookkeeping needs."""
        may = tuple(f"policies.{policy.id}" for policy in self.program.scenario.policies if policy.kind in POLICIES)
        policies = {name.head for name in self._removed() if name.block == "policies"} - set(may)
        other = [name for name in self._removed() if not name.startswith((*REMOVABLE, "policies."))]
        if policies:
            yield f"{listed(sorted(policies))}: take these policies out of the scenario instead of switching them off"
        if other:
            yield f"{listed(other)}: laws and bookkeeping cannot be switched off, the simulator keeps them"

    def _changed_rows(self) -> Iterator[str]:
        """Rows of kctopt's that say something else than their scenario does."""
        common = [(n, self.row[name]) for n, name in enumerate(self.theirs.row_names) if name in self.row]
        before, now = (list(part) for part in zip(*common, strict=True)) if common else ([], [])
        old, new = self.theirs.rows[before], self.mine.rows[now]
        moved = sparse.csr_array((old.data, self.place[old.indices], old.indptr), shape=new.shape)
        size = np.maximum(1e-300, abs(moved).max(axis=1).toarray().ravel())
        differ = abs(new - moved).max(axis=1).toarray().ravel() > TOLERANCES.same_coefficient * size
        for name in ("lower", "upper"):
            left, right = getattr(self.theirs, name)[before], getattr(self.mine, name)[now]
            differ |= ~np.isclose(left, right, rtol=TOLERANCES.same_coefficient, atol=TOLERANCES.same_coefficient)
        changed = [self.theirs.row_names[before[n]] for n in np.flatnonzero(differ)]
        if changed:
            yield f"{listed(changed)}: rules of the model cannot be rewritten; deactivate them and add your own"

    def _bounds(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Variables of kctopt that have other bounds, those with wider ones, those that are whole or fractions now."""
        mine, theirs, at = self.mine, self.theirs, self.place
        lower, upper = mine.column_lower[at], mine.column_upper[at]
        other = (lower != theirs.column_lower) | (upper != theirs.column_upper)
        wider = (lower < theirs.column_lower) | (upper > theirs.column_upper)
        return other, wider, mine.integer[at] != theirs.integer

    def _tighter(self) -> list[str]:
        other, _, _ = self._bounds()
        return [self.theirs.names[n] for n in np.flatnonzero(other)]

    def _refused_bounds(self) -> Iterator[str]:
        other, wider, whole = self._bounds()
        held = np.zeros(len(other), bool)
        for name in held_columns(self.program.scenario):
            held[self.theirs.slots[name]] = True
        for refused, why in (
            (other & held, "hold data of the scenario; change the scenario (set=) instead"),
            (wider & ~held, "bounds may be tightened, not widened; change the scenario (set=) instead"),
            (whole, "whole numbers cannot be made fractions or the other way round"),
        ):
            if refused.any():
                yield f"{listed([self.theirs.names[n] for n in np.flatnonzero(refused)])}: {why}"

    def _objective(self) -> OwnObjective | None:
        from kctopt.solver.pyomo_model import active_objective, as_written

        mine, theirs = self.mine, self.theirs
        before = np.zeros(len(mine.cost))
        before[self.place] = theirs.cost
        size = max(1e-300, float(np.abs(before).max(initial=0.0)))
        if (
            mine.sign == theirs.sign
            and np.abs(mine.cost - before).max(initial=0.0) <= TOLERANCES.same_coefficient * size
            and math.isclose(
                mine.offset, theirs.offset, rel_tol=TOLERANCES.same_coefficient, abs_tol=TOLERANCES.same_coefficient
            )
        ):
            return None
        terms: dict[str, float] = {mine.names[j]: mine.sign * float(mine.cost[j]) for j in np.flatnonzero(mine.cost)}
        sense = "maximize" if mine.sign < 0 else "minimize"
        objective: Any = active_objective(self.program)
        return OwnObjective(terms, mine.sign * mine.offset, sense, as_written(objective.expr, terms))
