"""A program as arrays: columns, linear rows, concave relations with their affine arguments.

The linear part is  lower <= rows @ x <= upper  and  column_lower <= x <= column_upper. A concave relation m reads
bound_m(x) <= f_m(z_m(x)), with bound and arguments affine in x. The problem is always a minimisation of
cost @ x + offset; `sign` turns it back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from kctopt.concave import Functions, Relation, arguments, stack
from kctopt.naming import Name


@dataclass(frozen=True)
class Affine:
    """Affine functions of the columns: matrix @ x + constant, one a row."""

    matrix: sparse.csr_array
    constant: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Values at x, one a row."""
        return np.asarray(self.matrix @ x + self.constant)


@dataclass(frozen=True)
class Relations:
    """Concave relations of one kind: bound (m rows) and argument j (m rows each, zero where unused)."""

    functions: Functions
    names: list[str]
    bound: Affine
    arguments: list[Affine]

    def points(self, x: np.ndarray) -> np.ndarray:
        """Arguments z at x, shape (m, n)."""
        return np.column_stack([argument(x) for argument in self.arguments])

    def excess(self, x: np.ndarray) -> np.ndarray:
        """bound - f(z) at x: positive where a relation is violated, shape (m,)."""
        return np.asarray(self.bound(x) - self.functions.value(np.maximum(self.points(x), 0.0)))


@dataclass(frozen=True)
class Compiled:
    """A program as arrays. `slots` gives the columns of each variable, in the order of its index.

    `integer` marks the columns that take whole numbers only; `unit` is what each column is measured by, `cost_unit`
    what the objective is (units.py).
    """

    names: list[Name]
    column_lower: np.ndarray
    column_upper: np.ndarray
    cost: np.ndarray
    offset: float
    sign: float
    rows: sparse.csr_array
    lower: np.ndarray
    upper: np.ndarray
    row_names: list[Name]
    relations: list[Relations]
    slots: dict[str, np.ndarray]
    integer: np.ndarray
    unit: np.ndarray
    cost_unit: float

    @property
    def free_integers(self) -> np.ndarray:
        """Positions of the integer columns that data leave open."""
        return np.flatnonzero(self.integer & (self.column_upper - self.column_lower > 0.5))

    def alike(self, other: Compiled) -> bool:
        """Whether another program has the same variables, rules and relations, in the same units."""
        return (
            self.names == other.names
            and self.row_names == other.row_names
            and [group.names for group in self.relations] == [group.names for group in other.relations]
            and [type(group.functions) for group in self.relations] == [type(g.functions) for g in other.relations]
            and [len(group.arguments) for group in self.relations] == [len(g.arguments) for g in other.relations]
            and bool(np.array_equal(self.unit, other.unit))
        )

    def same_as(self, other: Compiled) -> bool:
        """Whether another program is this one, in every name and digit."""
        arrays = ("column_lower", "column_upper", "cost", "lower", "upper", "integer", "unit")
        return (
            (self.sign, self.offset) == (other.sign, other.offset)
            and self.alike(other)
            and all(np.array_equal(getattr(self, name), getattr(other, name)) for name in arrays)
            and all(map(_equal, _matrices(self), _matrices(other)))
            and all(
                np.array_equal(values, getattr(theirs.functions, name))
                for mine, theirs in zip(self.relations, other.relations, strict=True)
                for name, values in vars(mine.functions).items()
            )
        )

    def with_row(self, name: str, row: np.ndarray, lower: float, upper: float) -> Compiled:
        """The program with one more row, lower <= row @ x <= upper."""
        rows = sparse.csr_array(sparse.vstack([self.rows, sparse.csr_array(row[None, :])], format="csr"))
        return replace(
            self, rows=rows, lower=np.append(self.lower, lower), upper=np.append(self.upper, upper),
            row_names=[*self.row_names, Name(name)],
        )  # fmt: skip

    def holding(self, held: Mapping[str, np.ndarray]) -> Compiled:
        """The program with other data in the columns that hold data."""
        lower, upper = self.column_lower.copy(), self.column_upper.copy()
        for name, values in held.items():
            lower[self.slots[name]] = upper[self.slots[name]] = values
        return replace(self, column_lower=lower, column_upper=upper)

    def own_values(self, built: Collection[str], x: np.ndarray) -> dict[str, float]:
        """Variables that the user added, by name; `built` are kctopt's own components."""
        return {self.names[j]: float(x[j]) for name, slot in self.slots.items() if name not in built for j in slot}

    def prices_by_name(self, row_dual: np.ndarray, column_dual: np.ndarray) -> dict[str, float]:
        """Duals as objective points per unit of the right side of each rule, and of each column held at its data."""
        sign = self.sign
        prices = dict(zip(self.row_names, (sign * row_dual[: len(self.row_names)]).tolist(), strict=True))
        held = np.flatnonzero(self.column_lower == self.column_upper)
        prices |= {self.names[j]: sign * float(column_dual[j]) for j in held}
        for j in self.slots["money.spend"]:
            side = "money.line_floor" if column_dual[j] > 0 else "money.line_cap"
            prices[self.names[j].replace("money.spend", side)] = sign * float(column_dual[j])
        return prices

    def objective(self, x: np.ndarray) -> float:
        """Objective in the user's sense at x."""
        return self.sign * float(self.cost @ x + self.offset)


def _matrices(compiled: Compiled) -> list[Affine]:
    """Every affine part of a program."""
    rows = Affine(compiled.rows, compiled.lower[:0])
    return [rows, *(part for group in compiled.relations for part in (group.bound, *group.arguments))]


def _equal(first: Affine, second: Affine) -> bool:
    pairs = [(first.constant, second.constant)]
    pairs += [(getattr(first.matrix, part), getattr(second.matrix, part)) for part in ("indptr", "indices", "data")]
    return all(np.array_equal(left, right) for left, right in pairs)


def group_relations(
    named: Sequence[tuple[str, Relation]], affine: Callable[[Sequence[Any], Sequence[str]], Affine]
) -> list[Relations]:
    """Concave relations by kind; `affine` makes one affine function of each expression, given the names of all."""
    groups: dict[type, list[tuple[str, Relation]]] = {}
    for name, relation in named:
        groups.setdefault(type(relation), []).append((name, relation))
    return [_group(group, affine) for group in groups.values()]


def _group(
    group: Sequence[tuple[str, Relation]], affine: Callable[[Sequence[Any], Sequence[str]], Affine]
) -> Relations:
    names, relations = [name for name, _ in group], [relation for _, relation in group]
    needed = [arguments(relation) for relation in relations]
    columns = [[z[j] if j < len(z) else 0.0 for z in needed] for j in range(max(map(len, needed)))]
    bound = affine([relation.bound for relation in relations], names)
    return Relations(stack(relations), names, bound, [affine(column, names) for column in columns])
