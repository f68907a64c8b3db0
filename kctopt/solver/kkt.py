r"""The linear system of a step of the interior-point method: one sparsity pattern, its entries patched in place.

    [ H + D   A'   J'   ]       H second derivatives of the Lagrangian, D of the bounds of columns
    [ A                 ]       A equalities
    [ J            -S/P ]       J open rows and slopes of relations, S their slacks, P their prices

Every entry of the upper half is a constant plus a linear form in what changes from step to step: slopes, second
derivatives times prices, D, S/P. The form is found once as a sparse matrix; a step is one product with it. A trace of
regularisation makes the matrix quasi-definite, so that it has factors LDL' in any order, without pivots; rounds of
refinement make the trace good.

An argument that many columns add up to joins them all in H, as the scores of every domain meet in military power. Such
an argument becomes an unknown z of the system, its sum a row, m'x - z = 0, with a multiplier of its own. H then has z
alone, the solution is the same, and the factors of twenty lines take a quarter less work.

The order is one of approximate minimum degree, which looks one column ahead. It does not see that a domain's columns,
met by all its lines, are filled in the end whatever comes first: told so by entries that are 0, it leaves them to the
last, and the factors of a nation of twenty lines take a third less work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import qdldl
from scipy import sparse
from scipy.sparse.linalg import splu

from kctopt.solver.curves import Bend, Curves

TRACE = 1e-8  # of regularisation
SEED = 0  # of the order in which the matrix is handed over: minimum degree breaks its ties by it
REFINED, OFTEN = 1, 20  # rounds at most that make it good; where so few leave the equalities as they were
EXACT, FINE = 1e-8, 1e-14  # relative residual at which there are no more
DENSE = 35.0  # entries a column of the factors from which on SuperLU, which works in blocks, is quicker
LARGE = 50_000  # rows from which on the factors are not dense: lines share little
HUB, NARROW = 15, 8  # groups that a hub meets, columns of a row in which
WIDE = 6  # columns of an argument from which on it is an unknown of its own
FEW, SHORT = 20_000, 80  # rows of the system, columns of a hub, from which on it is no gain
SUPERLU: dict[str, Any] = {
    "permc_spec": "NATURAL", "diag_pivot_thresh": 0.0, "relax": 1, "panel_size": 10, "options": {"SymmetricMode": True},
}  # fmt: skip


@dataclass(frozen=True)
class _Entries:
    """Entries of the upper half: `data` where they are constant, else `data` times what changes at `source`."""

    row: np.ndarray
    column: np.ndarray
    data: np.ndarray
    source: np.ndarray | None = None


class System:
    """The system on the free columns of a program; `equal` and `rows` are given on these.

    `groups` numbers the columns by what they belong to, a line, a domain, the nation, whatever the year; large programs
    do without.
    """

    def __init__(
        self, equal: sparse.csr_array, rows: sparse.csr_array, curves: Curves, free: np.ndarray,
        groups: Callable[[], np.ndarray] | None = None, like: System | None = None,
    ) -> None:  # fmt: skip
        """`like` is the system of a program with the same names: where it has the same pattern, its hubs are these."""
        self.curves = curves
        self.columns, self.inside = len(free), rows.shape[0] + curves.bounds.shape[0]
        self.size = self.columns + equal.shape[0] + self.inside
        self._arguments = sparse.csr_array(curves.arguments[:, free])
        self.wide = np.flatnonzero(np.diff(self._arguments.indptr) >= WIDE)
        order = self.size + 2 * len(self.wide)  # of the matrix: unknowns and rows of wide arguments come last
        self.place = np.random.default_rng(SEED).permutation(order)  # of columns and rows in the matrix
        self._trace = np.full(order, -TRACE)
        self._trace[self.place[: self.columns]] = TRACE
        self._trace[self.place[self.size : self.size + len(self.wide)]] = TRACE
        entries = self._entries(equal, rows, free)
        self.hubs: list[np.ndarray] = []
        self._meeting: sparse.csr_array | None = None
        if groups is not None and self.size < FEW:
            self._meeting = sparse.csr_array(sparse.vstack([equal, rows, _meeting(curves)[:, free]], format="csr"))
            same = like is not None and like._meeting is not None and _same_pattern(self._meeting, like._meeting)
            self.hubs = like.hubs if same and like is not None else hubs(groups(), self._meeting)
            entries.extend(map(_filled, self.hubs))
        self._pattern(entries, len(curves.relation) + len(curves.bent) + self.columns + self.inside)
        self.stubborn = False  # whether few rounds do not do
        self._ldl: qdldl.Solver | None = None
        self._order: np.ndarray | None = None  # of elimination, where SuperLU takes over
        self._factors: Callable[[np.ndarray], np.ndarray] | None = None

    def order_like(self, other: System) -> None:
        """Take over the order of elimination of a system with the same pattern."""
        mine, theirs = self.matrix, other.matrix
        if np.array_equal(mine.indptr, theirs.indptr) and np.array_equal(mine.indices, theirs.indices):
            self._ldl, self._order = other._ldl, other._order

    def _entries(self, equal: sparse.csr_array, rows: sparse.csr_array, free: np.ndarray) -> list[_Entries]:
        """All entries; what changes are slopes, second derivatives times prices, D, S/P, one after the other."""
        c, columns = self.curves, np.arange(self.columns)
        first_row = self.columns + equal.shape[0]
        first_relation = first_row + rows.shape[0]
        arguments, sums, at = self._lifted()
        bounds = sparse.coo_array(c.bounds[:, free])
        same, open_ones = sparse.coo_array(equal), sparse.coo_array(rows)
        near, far, source, factor = _pairs(c, arguments)
        bends, inside = len(c.relation), first_row + np.arange(self.inside)
        diagonal = bends + len(c.bent)
        return [
            _Entries(same.col, self.columns + same.row, same.data),
            _Entries(open_ones.col, first_row + open_ones.row, open_ones.data),
            _Entries(bounds.col, first_relation + bounds.row, bounds.data),
            _Entries(np.arange(len(self.place)), np.arange(len(self.place)), self._trace[self.place]),
            _Entries(at[sums.col], self.size + len(self.wide) + sums.row, sums.data),
            _Entries(at[arguments.col], first_relation + c.relation[arguments.row], -arguments.data, arguments.row),
            _Entries(at[near], at[far], -factor, bends + source),
            _Entries(columns, columns, np.ones(self.columns), diagonal + columns),
            _Entries(inside, inside, -np.ones(self.inside), diagonal + self.columns + np.arange(self.inside)),
        ]

    def _lifted(self) -> tuple[sparse.coo_array, sparse.coo_array, np.ndarray]:
        """Arguments in free columns and unknowns of wide ones; the sums that these are; the place of each."""
        narrow = np.ones(self._arguments.shape[0])
        narrow[self.wide] = 0.0
        count = len(self.wide)
        alone = sparse.coo_array((np.ones(count), (self.wide, np.arange(count))), shape=(len(narrow), count))
        arguments = sparse.csr_array(sparse.hstack([sparse.diags_array(narrow) @ self._arguments, alone]))
        arguments.eliminate_zeros()
        sums = sparse.hstack([self._arguments[self.wide], -sparse.eye_array(count)])
        at = np.concatenate([np.arange(self.columns), self.size + np.arange(count)])
        return sparse.coo_array(arguments), sparse.coo_array(sums), at

    def _pattern(self, entries: list[_Entries], changing: int) -> None:
        """The matrix with its constants, and the form that adds what changes."""
        near = self.place[np.concatenate([entry.row for entry in entries])]
        far = self.place[np.concatenate([entry.column for entry in entries])]
        row, column = np.minimum(near, far), np.maximum(near, far)
        data = np.concatenate([part.data for part in entries])
        source = np.concatenate([np.full(len(e.row), -1) if e.source is None else e.source for e in entries])
        order = len(self.place)
        keys, place = np.unique(column * order + row, return_inverse=True)
        given = source < 0
        self._constant = np.bincount(place[given], weights=data[given], minlength=len(keys))
        form = (data[~given], (place[~given].astype(np.int32), source[~given].astype(np.int32)))
        self._form = sparse.csr_array(form, shape=(len(keys), changing))
        indices = (keys % order).astype(np.int32)
        pointers = np.searchsorted(keys // order, np.arange(order + 1)).astype(np.int32)
        self.matrix = sparse.csc_array((self._constant.copy(), indices, pointers), shape=(order, order))
        self._diagonal = np.flatnonzero(indices == keys // order)
        self._flipped = self.matrix.T  # on the same numbers

    def factorise(self, bend: Bend, prices: np.ndarray, bounds: np.ndarray, slacks: np.ndarray) -> bool:
        """Factors at a point: prices of relations, D, S/P of open rows and relations; False where it is singular."""
        changing = np.concatenate([bend.slopes, bend.second * prices[self.curves.bent], bounds, slacks])
        self.matrix.data[:] = self._constant + self._form @ changing
        if not np.isfinite(self.matrix.data).all():
            return False
        try:
            self._factors = self._by_blocks(self._order) if self._order is not None else self._by_columns()
        except (RuntimeError, ValueError):  # singular, or out of what the numbers can hold
            self._ldl = None
            return False
        return True

    def _by_columns(self) -> Callable[[np.ndarray], np.ndarray]:
        """LDL' in an order of little fill, which is found once."""
        if self._ldl is None:
            self._ldl = qdldl.Solver(self.matrix, upper=True)
            if self.size < LARGE:  # it hands out a copy of the factors
                lower, _, order = self._ldl.factors()
                self._order = np.asarray(order) if lower.nnz > DENSE * self.size else None
        else:
            self._ldl.update(self.matrix, upper=True)
        solve: Callable[[np.ndarray], np.ndarray] = self._ldl.solve
        return solve

    def _by_blocks(self, order: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """SuperLU in the same order."""
        whole = sparse.csc_array(self.matrix + sparse.triu(self.matrix, 1).T)
        factors = splu(sparse.csc_array(whole[order][:, order]), **SUPERLU)

        def solve(right: np.ndarray) -> np.ndarray:
            x = np.empty_like(right)
            x[order] = factors.solve(right[order])
            return x

        return solve

    def solve(self, right: np.ndarray) -> np.ndarray:
        """The solution for a right side, of the matrix without its trace."""
        assert self._factors is not None
        given, right = right, np.zeros(len(self.place))
        right[self.place[: self.size]] = given
        x = self._factors(right)
        size = np.abs(right).max(initial=0.0)
        rounds, exact = (OFTEN, FINE) if self.stubborn else (REFINED, EXACT)
        for _ in range(rounds):
            left = right - self.times(x)
            if np.abs(left).max(initial=0.0) <= exact * size:
                break
            x = x + self._factors(left)
        return np.asarray(x[self.place[: self.size]])

    def times(self, x: np.ndarray) -> np.ndarray:
        """The matrix without its trace, both halves, times x, all in the order of the matrix."""
        upper = self.matrix
        return np.asarray(upper @ x + self._flipped @ x - upper.data[self._diagonal] * x - self._trace * x)


def _meeting(c: Curves) -> sparse.csr_array:
    """Columns of every relation, in its bound or an argument."""
    relations = (np.ones(len(c.relation)), (c.relation, np.arange(len(c.relation))))
    collected = sparse.csr_array(relations, shape=(c.bounds.shape[0], len(c.relation)))
    return sparse.csr_array(abs(c.bounds) + collected @ abs(c.arguments))


def _same_pattern(first: sparse.csr_array, second: sparse.csr_array) -> bool:
    """Whether two matrices have entries in the same places."""
    return bool(np.array_equal(first.indptr, second.indptr) and np.array_equal(first.indices, second.indices))


def hubs(groups: np.ndarray, rows: sparse.csr_array) -> list[np.ndarray]:
    """Columns of the groups that narrow rows join with many others, as all lines meet a domain."""
    narrow = np.flatnonzero(np.diff(rows.indptr) <= NARROW)
    count = int(groups.max(initial=-1)) + 1
    group_of = sparse.csr_array((np.ones(len(groups)), (np.arange(len(groups)), groups)), shape=(len(groups), count))
    meets = sparse.csr_array(abs(rows[narrow]) @ group_of)
    others = np.diff(sparse.csr_array(meets.T @ meets).indptr) - 1
    found = (np.flatnonzero(groups == hub) for hub in np.flatnonzero(others >= HUB))
    return [columns for columns in found if len(columns) <= SHORT]


def _filled(columns: np.ndarray) -> _Entries:
    """Entries of 0 wherever two of these columns meet."""
    row, column = np.triu_indices(len(columns))
    return _Entries(columns[row], columns[column], np.zeros(len(row)))


def _pairs(c: Curves, arguments: sparse.coo_array) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of columns, near <= far, that meet in a relation: which second derivative bends them, by what factor."""
    width = c.widths
    first, opening = (np.concatenate([[0], np.cumsum(each)[:-1]]).astype(int) for each in (width**2, width))
    order = np.argsort(c.relation[arguments.row], kind="stable")
    row, column, value = arguments.row[order], np.asarray(arguments.col[order], np.int64), arguments.data[order]
    relation = c.relation[row]
    sizes = np.bincount(relation, minlength=len(width))
    begin = np.cumsum(sizes) - sizes
    each = sizes[relation]  # every entry meets every one of its relation
    left = np.repeat(np.arange(len(row)), each)
    right = begin[relation[left]] + np.arange(len(left)) - np.repeat(np.cumsum(each) - each, each)
    kept = column[left] <= column[right]
    left, right = left[kept], right[kept]
    of = relation[left]
    source = first[of] + (row[left] - opening[of]) * width[of] + (row[right] - opening[of])
    return column[left], column[right], source, value[left] * value[right]


def dot(left: np.ndarray, right: np.ndarray) -> float:
    """Inner product in this thread: the one of BLAS wakes threads that then spin, a third of the CPU of a solve."""
    return float(np.einsum("i,i->", left, right))
