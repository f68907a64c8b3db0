"""Programs whose rules may give: rows for every rule, rules left out, and one amount a rule that it gives way by.

    minimise sum_q s_q / size_q    over   body <= upper + s_q   and   body >= lower - s_q   on the rows of rule q

A tangent encloses every plan, so an optimum above 0 proves that no plan keeps all these rules. The rows with a dual of
0 were not needed for that proof. Line floors and caps are bounds of columns in the program and become rows here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from kctopt.naming import Name
from kctopt.scenario.units import nearest
from kctopt.solver.compiled import Affine, Compiled, Relations
from kctopt.solver.units import USUAL


def with_limits_as_rows(compiled: Compiled) -> Compiled:
    """The program with the bounds of the lines' spend as rows `money.line_floor`, `money.line_cap`, and no costs."""
    spend = compiled.slots["money.spend"]
    floors = spend[compiled.column_lower[spend] > 0]
    caps = spend[np.isfinite(compiled.column_upper[spend])]
    lower, upper = compiled.column_lower.copy(), compiled.column_upper.copy()
    lower[spend], upper[spend] = 0.0, np.inf
    chosen = np.concatenate([floors, caps])
    picked = (np.ones(len(chosen)), (np.arange(len(chosen)), chosen))
    names = [Name("money.line_floor", *compiled.names[j].keys) for j in floors]
    names += [Name("money.line_cap", *compiled.names[j].keys) for j in caps]
    return replace(
        compiled, column_lower=lower, column_upper=upper, cost=np.zeros(len(compiled.cost)), offset=0.0, cost_unit=1.0,
        rows=sparse.vstack([compiled.rows, sparse.csr_array(picked, shape=(len(chosen), len(lower)))], format="csr"),
        lower=np.concatenate([compiled.lower, compiled.column_lower[floors], np.full(len(caps), -np.inf)]),
        upper=np.concatenate([compiled.upper, np.full(len(floors), np.inf), compiled.column_upper[caps]]),
        row_names=[*compiled.row_names, *names],
    )  # fmt: skip


def without(compiled: Compiled, rules: Sequence[str | None], dropped: Collection[str]) -> Compiled:
    """The program without some rules; `rules` names that of each row."""
    out = np.array([rule in dropped for rule in rules], bool)
    lower, upper = np.where(out, -np.inf, compiled.lower), np.where(out, np.inf, compiled.upper)
    return replace(compiled, lower=lower, upper=upper)


def relaxed(compiled: Compiled, rules: Sequence[str | None], by: Mapping[str, float]) -> Compiled:
    """The program with some rules given way by these amounts."""
    give = np.array([by.get(rule, 0.0) if rule is not None else 0.0 for rule in rules])
    return replace(compiled, lower=compiled.lower - give, upper=compiled.upper + give)


def elastic(compiled: Compiled, rules: Sequence[str | None], sizes: Mapping[str, float]) -> Compiled:
    """The program whose objective is what the rules in `sizes` give, each over its size, the amounts as last columns.

    A rule's row with two sides becomes two rows, the second at the end.
    """
    count, names = len(compiled.cost), list(sizes)
    place = {name: n for n, name in enumerate(names)}
    mine = np.array([place.get(rule, -1) if rule is not None else -1 for rule in rules])
    both = np.flatnonzero((mine >= 0) & np.isfinite(compiled.lower) & np.isfinite(compiled.upper))
    matrix = sparse.vstack([compiled.rows, compiled.rows[both]], format="csr")
    lower = np.concatenate([compiled.lower, compiled.lower[both]])
    upper = np.concatenate([compiled.upper, np.full(len(both), np.inf)])
    lower[both] = -np.inf
    owner = np.concatenate([mine, mine[both]])
    rows = np.flatnonzero((owner >= 0) & (np.isfinite(lower) | np.isfinite(upper)))
    signs = np.where(np.isfinite(upper[rows]), -1.0, 1.0)
    give = sparse.csr_array((signs, (rows, owner[rows])), shape=(len(lower), len(names)))
    zeros, endless = np.zeros(len(names)), np.full(len(names), np.inf)
    return replace(
        compiled,
        names=[*compiled.names, *(Name("give", name) for name in names)],
        column_lower=np.concatenate([compiled.column_lower, zeros]),
        column_upper=np.concatenate([compiled.column_upper, endless]),
        cost=np.concatenate([np.zeros(count), 1 / np.array([sizes[name] for name in names])]),
        offset=0.0,
        sign=1.0,
        rows=sparse.hstack([matrix, give], format="csr"),
        lower=lower,
        upper=upper,
        row_names=[*compiled.row_names, *(compiled.row_names[n] for n in both)],
        relations=[_wider(relations, len(names)) for relations in compiled.relations],
        integer=np.concatenate([compiled.integer, np.zeros(len(names), bool)]),
        unit=np.concatenate([compiled.unit, [nearest(sizes[name], USUAL) for name in names]]),
        cost_unit=1.0,
    )


def with_rows_of(compiled: Compiled, other: Compiled, rows: Sequence[int]) -> Compiled:
    """The program with some rows of another one that has the same columns, at its end."""
    return replace(
        compiled,
        rows=sparse.vstack([compiled.rows, other.rows[list(rows)]], format="csr"),
        lower=np.concatenate([compiled.lower, other.lower[list(rows)]]),
        upper=np.concatenate([compiled.upper, other.upper[list(rows)]]),
        row_names=[*compiled.row_names, *(other.row_names[n] for n in rows)],
    )


def widened(matrix: sparse.csr_array, more: int) -> sparse.csr_array:
    """A matrix with empty columns at its end."""
    shape = (matrix.shape[0], matrix.shape[1] + more)
    return sparse.csr_array((matrix.data, matrix.indices, matrix.indptr), shape=shape)


def _wider(relations: Relations, more: int) -> Relations:
    def wide(affine: Affine) -> Affine:
        return Affine(widened(affine.matrix, more), affine.constant)

    return replace(relations, bound=wide(relations.bound), arguments=[wide(z) for z in relations.arguments])
