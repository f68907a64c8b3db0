"""Relations of a program at a point, all at once: values, slopes and second derivatives in their arguments.

The arguments of all relations are one product of a matrix with the columns, z = M x + constant; within a kind they lie
relation by relation, so that every kind is a slice that its functions take as a matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kctopt.concave import Functions, Parabolas, take
from kctopt.solver.compiled import Compiled
from kctopt.solver.newton import SMALL
from kctopt.solver.units import row_sizes


@dataclass(frozen=True)
class Bend:
    """Relations at a point, each over its size: bound - f(z), slopes of f in all arguments, its second derivatives."""

    excess: np.ndarray
    slopes: np.ndarray
    second: np.ndarray


@dataclass(frozen=True)
class _Kind:
    functions: Functions
    count: int
    width: int  # arguments a relation
    first: int  # position of the first argument among all


class Curves:
    """The relations `kept` (positions among all) of a program, on columns in their units."""

    def __init__(self, compiled: Compiled, kept: np.ndarray) -> None:
        arguments, constants, bounds, bound_constants = [], [], [], []
        self.kinds: list[_Kind] = []
        start = first = 0
        for group in compiled.relations:
            size, width = len(group.names), len(group.arguments)
            index = kept[(kept >= start) & (kept < start + size)] - start
            start += size
            if not len(index):
                continue
            by_relation = (np.arange(width) * len(index) + np.arange(len(index))[:, None]).ravel()
            stacked = sparse.vstack([argument.matrix[index] for argument in group.arguments], format="csr")
            arguments.append(sparse.csr_array(stacked[by_relation]))
            constants.append(np.column_stack([argument.constant[index] for argument in group.arguments]).ravel())
            bounds.append(group.bound.matrix[index])
            bound_constants.append(group.bound.constant[index])
            self.kinds.append(_Kind(take(group.functions, index), len(index), width, first))
            first += len(index) * width
        none, unit = sparse.csr_array((0, len(compiled.cost))), sparse.diags_array(compiled.unit)
        self.arguments = sparse.csr_array(sparse.vstack([none, *arguments], format="csr") @ unit)
        bound = sparse.csr_array(sparse.vstack([none, *bounds], format="csr"))
        self.size = row_sizes(bound, compiled.unit)
        self.bounds = sparse.csr_array(sparse.diags_array(1 / self.size) @ bound @ unit)
        self.constant = np.concatenate([np.zeros(0), *constants])
        self.bound_constant = np.concatenate([np.zeros(0), *bound_constants]) / self.size
        self.widths = np.concatenate([np.zeros(0, int), *(np.full(kind.count, kind.width) for kind in self.kinds)])
        self.relation = np.repeat(np.arange(len(self.widths)), self.widths)  # of each argument
        self.bent = np.repeat(np.arange(len(self.widths)), self.widths**2)  # relation of each second derivative
        free = [np.full(kind.count, not isinstance(kind.functions, Parabolas)) for kind in self.kinds]
        self.positive = np.concatenate([np.zeros(0, bool), *free])[self.relation]  # arguments that stay above 0

    def at(self, x: np.ndarray, second: bool = True) -> Bend:
        """All relations at x."""
        z = self.arguments @ x + self.constant
        values, slopes, bent = [np.zeros(0)], [np.zeros(0)], [np.zeros(0)]
        for kind in self.kinds:
            at = z[kind.first : kind.first + kind.count * kind.width].reshape(kind.count, kind.width)
            inside = at if isinstance(kind.functions, Parabolas) else np.maximum(at, SMALL)
            values.append(kind.functions.value(np.maximum(at, 0.0)))
            slopes.append(kind.functions.gradient(inside).ravel())
            if second:
                bent.append(kind.functions.hessian(inside).ravel())
        excess = self.bounds @ x + self.bound_constant - np.concatenate(values) / self.size
        flat = np.concatenate(bent)
        flat = flat / self.size[self.bent] if second else flat
        return Bend(excess, np.concatenate(slopes) / self.size[self.relation], flat)
