"""One part of a program taken apart: a line, or the nation, as a small program of its own.

A part without open integers is an outer approximation by linear programs. One with open integers first converges its
linear relaxation, then lets HiGHS branch, and cuts where the answer breaks a relation: cuts are valid everywhere, so
they stay from one price to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kctopt.solver.compile import Compiled
from kctopt.solver.highs import End
from kctopt.solver.proof import Proof
from kctopt.solver.tangents import Tangents

RELAXED = 5  # rounds of cuts of the relaxation before HiGHS branches
MIP_SECONDS = 10.0  # for one part; the bound it has then is valid


@dataclass
class Part:
    """Columns (own, then copies of national ones), rows and relations in the whole program, and the part itself."""

    columns: np.ndarray
    own: int
    rows: np.ndarray
    relations: np.ndarray
    compiled: Compiled
    proof: Proof

    @classmethod
    def of(cls, columns: np.ndarray, own: int, rows: np.ndarray, relations: np.ndarray, compiled: Compiled) -> Part:
        """A part with a HiGHS object of its own."""
        return cls(columns, own, rows, relations, compiled, Proof(compiled, Tangents(compiled), small=True))

    @property
    def integers(self) -> np.ndarray:
        """Positions of the open integers among the part's columns."""
        return self.compiled.free_integers

    def use_bounds(self, lower: np.ndarray, upper: np.ndarray) -> None:
        """New bounds of its columns, given for all columns of the program."""
        self.compiled = replace(self.compiled, column_lower=lower[self.columns], column_upper=upper[self.columns])
        self.proof.compiled = self.compiled

    def begin(self, cost: np.ndarray, x: np.ndarray) -> End:
        """First answer at some costs of its columns, with tangents around x."""
        self.compiled = replace(self.compiled, cost=cost)
        self.proof.compiled = self.compiled
        if not len(self.integers):
            self.proof.start(x, None)  # starting from older cuts takes longer
            return self.proof.run(np.inf)
        return self._branch(self._relax(x), None)

    def again(self, end: End) -> End:
        """Answer after cuts where the last one breaks a relation."""
        if len(end.x) == 0 or self.proof.cut(end.x) == 0:
            return end
        return self._branch(end, end.x) if len(self.integers) else self.proof.run(np.inf)

    def _relax(self, x: np.ndarray) -> End:
        """The relaxation, cut until it gains little."""
        proof, c = self.proof, self.compiled
        if proof.highs.rows:
            everything = np.arange(len(c.cost))
            proof.highs.change_cost(c.cost)
            proof.highs.change_bounds(everything, c.column_lower, c.column_upper)
            proof.cut(x)
        else:
            proof.start(x, None)
        end = proof.run(np.inf)
        for _ in range(RELAXED):
            if end.status != "optimal" or proof.cut(end.x) == 0:
                break
            before, end = end.objective, proof.run(np.inf)
            if end.objective - before < 1e-6 * max(1.0, abs(before)):
                break
        return end

    def _branch(self, end: End, start: np.ndarray | None) -> End:
        """Integers by HiGHS, unless they come whole already."""
        if end.status != "optimal" or not len(self.integers):
            return end
        values = end.x[self.integers]
        if np.abs(values - np.round(values)).max() < 1e-6 and start is None:
            return end
        basis = self.proof.highs.basis()
        found = self.proof.highs.run_mip(self.integers, start, MIP_SECONDS)
        self.proof.highs.set_basis(basis)
        return replace(found, status="optimal") if found.status == "limit" and len(found.x) else found
