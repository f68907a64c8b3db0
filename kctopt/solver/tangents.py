"""Tangents of the concave relations as rows: valid everywhere, tight where they touch.

bound(x) <= f(p) + grad f(p) (z(x) - p)   written as   (bound - grad f(p) z) x <= right side
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from kctopt.concave import SMALLEST, Parabolas
from kctopt.solver.compiled import Compiled, Relations

FACTORS = (1.0, 0.8, 1.25)


@dataclass(frozen=True)
class _Pattern:
    """Sparsity of the tangents of one kind: entry e adds to place[e] of the rows the value times its factor."""

    relations: Relations
    row: np.ndarray
    source: np.ndarray  # 0 the bound, 1 + j argument j
    value: np.ndarray
    place: np.ndarray
    template: sparse.csr_array


class Tangents:
    """All concave relations of a program, numbered through; makes tangent rows at points."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.patterns = [_pattern(relations) for relations in compiled.relations]
        sizes = [len(relations.names) for relations in compiled.relations]
        self.starts = np.concatenate([[0], np.cumsum(sizes)]).astype(int)

    @cached_property
    def alone(self) -> list[list[tuple[np.ndarray, np.ndarray]]]:
        """Of every kind and argument: the column and its factor by relation, where the argument has one; else -1."""
        return [[_alone(argument.matrix) for argument in group.arguments] for group in self.compiled.relations]

    @property
    def count(self) -> int:
        """Number of relations."""
        return int(self.starts[-1])

    def points(self, x: np.ndarray) -> list[np.ndarray]:
        """Arguments of every relation at x, one array a kind."""
        return [relations.points(x) for relations in self.compiled.relations]

    def excess(self, x: np.ndarray) -> np.ndarray:
        """How far each relation is violated at x, shape (count,)."""
        parts = [relations.excess(x) for relations in self.compiled.relations]
        return np.concatenate(parts) if parts else np.zeros(0)

    def rows(
        self, points: list[np.ndarray], chosen: np.ndarray | None = None, smallest: float = SMALLEST,
        held: list[np.ndarray] | None = None,
    ) -> tuple[sparse.csr_array, np.ndarray]:  # fmt: skip
        """Tangent rows and right sides at `points`, of all relations or those chosen by a mask (count,).

        Arguments below `smallest` are raised to it; where `held` is a number, the argument is never larger and counts
        as that number.
        """
        matrices, rights = [], []
        for n, (pattern, p) in enumerate(zip(self.patterns, points, strict=True)):
            matrix, right = _tangent(pattern, p, smallest, None if held is None else held[n])
            if chosen is not None:
                mask = chosen[self.starts[n] : self.starts[n + 1]]
                matrix, right = matrix[mask], right[mask]
            matrices.append(matrix)
            rights.append(right)
        if not matrices:
            return sparse.csr_array((0, len(self.compiled.cost))), np.zeros(0)
        return sparse.vstack(matrices, format="csr"), np.concatenate(rights)

    def around(self, x: np.ndarray) -> tuple[sparse.csr_array, np.ndarray]:
        """Tangents of every relation at x and with its first argument a fifth smaller and larger."""
        points = self.points(x)
        parts = [self.rows(first_argument(points, factor)) for factor in FACTORS]
        return sparse.vstack([rows for rows, _ in parts], format="csr"), np.concatenate([right for _, right in parts])


def _alone(matrix: sparse.csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Column and factor of the rows with one entry; -1 and 0 of others."""
    one = np.diff(matrix.indptr) == 1
    column, factor = np.full(len(one), -1), np.zeros(len(one))
    first = matrix.indptr[:-1][one]
    column[one], factor[one] = matrix.indices[first], matrix.data[first]
    return column, factor


def first_argument(points: list[np.ndarray], factor: float) -> list[np.ndarray]:
    """The points with their first argument multiplied: tangents there hold the curve from both sides."""
    moved = [p.copy() for p in points]
    for p in moved:
        p[:, 0] *= factor
    return moved


def _pattern(relations: Relations) -> _Pattern:
    """Sort the entries of bound and arguments into one sparsity pattern."""
    parts = [affine.matrix.tocoo() for affine in (relations.bound, *relations.arguments)]
    row = np.concatenate([part.row for part in parts])
    column = np.concatenate([part.col for part in parts])
    value = np.concatenate([part.data for part in parts])
    source = np.concatenate([np.full(part.nnz, n) for n, part in enumerate(parts)])
    shape = relations.bound.matrix.shape
    keys, place = np.unique(row.astype(np.int64) * shape[1] + column, return_inverse=True)
    template = sparse.csr_array((np.ones(len(keys)), (keys // shape[1], keys % shape[1])), shape=shape)
    template.indices, template.indptr = template.indices.astype(np.int32), template.indptr.astype(np.int32)
    small = [each.astype(np.int32) for each in (row, source, place)]
    return _Pattern(relations, small[0], small[1], value, small[2], template)


def _tangent(
    pattern: _Pattern, points: np.ndarray, smallest: float, held: np.ndarray | None
) -> tuple[sparse.csr_array, np.ndarray]:  # fmt: skip
    """Tangents of one kind at its points."""
    relations = pattern.relations
    p = points if isinstance(relations.functions, Parabolas) else np.maximum(points, smallest)
    if held is None or np.isnan(held).all():
        gradient, value = relations.functions.gradient(p), relations.functions.value(p)
    else:
        p = np.where(np.isnan(held), p, held)
        with np.errstate(divide="ignore", invalid="ignore"):
            gradient, value = relations.functions.gradient(p), relations.functions.value(p)
        gradient = np.where(np.isnan(held), gradient, 0.0)
    factors = np.column_stack([np.ones(len(value)), -gradient])
    data = np.bincount(
        pattern.place, weights=pattern.value * factors[pattern.row, pattern.source], minlength=pattern.template.nnz
    )
    constants = np.column_stack([argument.constant for argument in relations.arguments])
    right = value - (gradient * (p - constants)).sum(axis=1) - relations.bound.constant
    template = pattern.template
    return sparse.csr_array((data, template.indices, template.indptr), shape=template.shape), right
