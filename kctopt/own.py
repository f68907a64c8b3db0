"""What a user changed in the model of a scenario, as plain data: own variables, rules and objective, limits, rules off.

`kctopt.solver.own` finds it in a Pyomo model; results keep it, and check plans by the linear forms alone.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

NOISE = 1e-13  # of the largest coefficient of a row on whole numbers: less is the rounding of how it was written


@dataclass(frozen=True)
class OwnVariable:
    """A variable with its bounds: one the user added, or one of kctopt's that the user limits."""

    name: str
    lower: float
    upper: float
    integer: bool
    size: float = 1.0  # what it is measured by: a bound is kept to a millionth of this, or of the bound if that is more


@dataclass(frozen=True)
class OwnRow:
    """lower <= sum of coefficient x variable <= upper, and the constraint as Pyomo writes it."""

    name: str
    terms: Mapping[str, float]
    lower: float
    upper: float
    text: str
    size: float = 1.0  # as that of a variable
    whole: tuple[str, ...] = ()  # the integer ones of its variables: what they add is exact, and moves its side


@dataclass(frozen=True)
class OwnObjective:
    """Sum of coefficient x variable, and a constant; `sense` is maximize or minimize."""

    terms: Mapping[str, float]
    constant: float
    sense: str
    text: str

    @property
    def size(self) -> float:
        """What its values are measured by: the largest coefficient; 1 for a number alone."""
        return max(map(abs, self.terms.values()), default=1.0)


@dataclass(frozen=True)
class OwnParts:
    """Everything in which a user's model differs from that of its scenario, each kind by name."""

    variables: tuple[OwnVariable, ...] = ()
    limits: tuple[OwnVariable, ...] = ()
    rows: tuple[OwnRow, ...] = ()
    removed: tuple[str, ...] = ()
    objective: OwnObjective | None = None
    values: Mapping[str, float] = field(default_factory=dict)  # of every variable used here, in the plan

    def __bool__(self) -> bool:
        return bool(self.variables or self.limits or self.rows or self.removed or self.objective)

    @property
    def used(self) -> tuple[str, ...]:
        """Every variable these parts speak of."""
        names = [part.name for part in (*self.variables, *self.limits)]
        names += [name for row in self.rows for name in row.terms]
        return tuple(dict.fromkeys([*names, *(self.objective.terms if self.objective else ())]))

    @property
    def names(self) -> tuple[str, ...]:
        """What differs, by name, indices left out."""
        names = [part.name for part in (*self.variables, *self.limits)]
        names += [row.name for row in self.rows] + list(self.removed)
        return tuple(dict.fromkeys([family(name) for name in names] + ["objective"] * (self.objective is not None)))

    def at(self, names: Collection[str], x: np.ndarray | None) -> OwnParts:
        """These parts with the values of a plan's columns, if there is a plan."""
        if x is None:
            return self
        where = {name: n for n, name in enumerate(names)}
        return replace(self, values={name: float(x[where[name]]) for name in self.used})

    def value(self, terms: Mapping[str, float], whole: Collection[str] = ()) -> float:
        """A sum of coefficient x variable in the plan, with the whole values of those that are `whole`."""
        return math.fsum(self.parts(terms, whole))

    def parts(self, terms: Mapping[str, float], whole: Collection[str] = ()) -> list[float]:
        """What each variable adds to such a sum."""
        values = self.values
        return [factor * (round(values[name]) if name in whole else values[name]) for name, factor in terms.items()]


NOTHING_OWN = OwnParts()


def family(name: str) -> str:
    """A name without the index at its end: site[a].room of site[a].room[2030]."""
    return name.rpartition("[")[0] if name.endswith("]") else name
