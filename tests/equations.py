"""A program read rule by rule: its equations as small texts, and the slack of a rule at numbers given by hand.

A text names a rule as users see it, then says it with short names of the columns:

    money.budget[2026]:
        spend[chips-B,2026] + ... + carry[2026] <= available[2026]

Concave relations are written out with `(z)^exponent` for power products, a sum in brackets for CES means, and
`z*(1 - z/scale)` for parabolas, so that a text also shows which of the three a relation is.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pyomo.environ import UnitInterval, Var
from worlds import tiny

from kctopt.concave import CesMeans, Parabolas, PowerProducts
from kctopt.naming import rule_name
from kctopt.program import Program, build
from kctopt.scenario.records import Scenario
from kctopt.solver.compile import compile_program
from kctopt.solver.compiled import Affine, Relations

LP = Path(__file__).parent / "lp"


@dataclass(frozen=True)
class Case:
    """Some rules of one scenario to be written out: `overrides` of the tiny world, full names of the rules."""

    title: str
    names: tuple[str, ...]
    overrides: Mapping[str, Any]


def case(title: str, *names: str, **overrides: Any) -> Case:
    return Case(title, names, overrides)


def expect(block: str, *cases: Case) -> None:
    """The texts of the cases are those of `lp/<block>.txt`."""
    assert text_of(*cases) == (LP / f"{block}.txt").read_text(encoding="utf-8")


def text_of(*cases: Case) -> str:
    parts = []
    for each in cases:
        equations = Equations(tiny(**each.overrides))
        parts.append(f"# {each.title}\n\n" + "\n".join(map(equations.text, each.names)))
    return "\n\n".join(parts) + "\n"


def printed_families() -> set[tuple[str, str]]:
    """Family and shape of every rule in the texts."""
    found = set()
    for path in LP.glob("*.txt"):
        for name, body in re.findall(r"^(\S+):\n((?: {4}.*\n?)+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            found.add((family(name), shape(body)))
    return found


def relax(program: Program) -> set[str]:
    """Names of the decisions of 0 or 1, which become shares, so that the program can be read as arrays."""
    binary = [column for column in program.model.component_data_objects(Var) if column.is_binary()]
    for column in binary:
        column.domain = UnitInterval
    return set(map(rule_name, binary))


def family(name: str) -> str:
    """Name of a rule without its index: 'money.budget' of 'money.budget[2026]'."""
    return name.partition("[")[0]


def shape(body: str) -> str:
    """Which function a printed rule is."""
    if "*(1 - " in body:
        return "parabola"
    if ")^(" in body:
        return "ces"
    return "power product" if ")^" in body else "linear"


class Equations:
    """The compiled program of a scenario, rule by rule."""

    def __init__(self, scenario: Scenario) -> None:
        program = build(scenario)
        self.binary = relax(program)
        self.compiled = compile_program(program)
        c = self.compiled
        self.column = {name: n for n, name in enumerate(c.names)}
        self.row = {name: n for n, name in enumerate(c.row_names)}
        self.relation = {name: (group, n) for group in c.relations for n, name in enumerate(group.names)}
        self.short = [_short(name) for name in c.names]

    def rules(self) -> Iterable[str]:
        """Every rule: linear rows, concave relations, and columns with bounds other than >= 0."""
        yield from self.row
        yield from self.relation
        c = self.compiled
        for name, low, high in zip(c.names, c.column_lower, c.column_upper, strict=True):
            if low != 0 or np.isfinite(high):
                yield name
        yield "objective.value"

    def shapes(self) -> set[tuple[str, str]]:
        """Family and shape of every rule."""
        kinds = {PowerProducts: "power product", CesMeans: "ces", Parabolas: "parabola"}
        found = {(family(name), "linear") for name in self.rules() if name not in self.relation}
        return found | {(family(name), kinds[type(group.functions)]) for name, (group, _) in self.relation.items()}

    def text(self, name: str) -> str:
        """A rule as text, wrapped."""
        return f"{name}:\n" + textwrap.fill(self.body(name), 112, initial_indent="    ", subsequent_indent="    ")

    def body(self, name: str) -> str:
        """A rule without its name."""
        c = self.compiled
        if name == "objective.value":
            cost = c.sign * c.cost
            return f"{'min' if c.sign > 0 else 'max'} {_sum(cost, self.short, c.sign * c.offset)}"
        if name in self.row:
            n = self.row[name]
            return _row(c.rows[[n]].toarray()[0], self.short, c.lower[n], c.upper[n])
        if name in self.relation:
            group, n = self.relation[name]
            return f"{self._affine(group.bound, n)} <= {self._function(group, n)}"
        n = self.column[name]
        if name in self.binary and c.column_lower[n] < c.column_upper[n]:
            return f"{self.short[n]} is 0 or 1"
        return _bounds(self.short[n], c.column_lower[n], c.column_upper[n])

    def _affine(self, affine: Affine, n: int) -> str:
        return _sum(affine.matrix[[n]].toarray()[0], self.short, affine.constant[n])

    def _function(self, group: Relations, n: int) -> str:
        z = [self._affine(argument, n) for argument in group.arguments]
        match group.functions:
            case PowerProducts(coefficient, exponents):
                factors = [f"({z[j]})^{exponents[n, j]:.6g}" for j in np.flatnonzero(exponents[n])]
                return " * ".join([f"{coefficient[n]:.6g}", *factors])
            case CesMeans(coefficient, weights, rho):
                terms = [f"{weights[n, j]:.6g} ({z[j]})^{rho[n]:.6g}" for j in np.flatnonzero(weights[n])]
                return f"{coefficient[n]:.6g} * ({' + '.join(terms)})^(1/{rho[n]:.6g})"
            case Parabolas(slope, scale):
                return f"{slope[n]:.6g} * ({z[0]})*(1 - ({z[0]})/{scale[n]:.6g})"

    def at(self, **values: float | Mapping[str, float]) -> np.ndarray:
        """Columns at values given by variable, `stock={"chips-S,F,2026": 93.0}` or a number; the others stand at 0."""
        x = np.zeros(len(self.column))
        for variable, entries in values.items():
            for index, number in (entries if isinstance(entries, Mapping) else {"": entries}).items():
                x[self.short.index(f"{variable}[{index}]" if index else variable)] = number
        return x

    def slack(self, name: str, **values: float | Mapping[str, float]) -> float:
        """What a rule leaves at values of columns, given as in `at`; 0 where it binds, negative where it is broken."""
        x, c = self.at(**values), self.compiled
        if name in self.relation:
            group, n = self.relation[name]
            return float(-group.excess(x)[n])
        if name in self.row:
            n = self.row[name]
            body, low, high = float((c.rows[[n]] @ x)[0]), c.lower[n], c.upper[n]
        else:
            n = self.column[name]
            body, low, high = float(x[n]), c.column_lower[n], c.column_upper[n]
        return float(min(body - low, high - body))


def _short(name: str) -> str:
    """Name of a column without its block; columns of policies keep the policy's id."""
    return name.partition(".")[2] or name


def _sum(weights: np.ndarray, names: list[str], constant: float) -> str:
    """A weighted sum as text, terms in the order of the columns."""
    text = ""
    for n in np.flatnonzero(weights):
        factor = "" if abs(weights[n]) == 1 else f"{abs(weights[n]):.6g} "
        sign = ("-" if weights[n] < 0 else "") if not text else (" - " if weights[n] < 0 else " + ")
        text += sign + factor + names[n]
    if not text:
        return f"{constant:.6g}"
    return text + (f" {'-' if constant < 0 else '+'} {abs(constant):.6g}" if constant else "")


def _row(weights: np.ndarray, names: list[str], low: float, high: float) -> str:
    """A row with what counts negative brought to the other side."""
    relation, limit = ("=", low) if low == high else ("<=", high) if np.isfinite(high) else (">=", low)
    left = _sum(np.maximum(weights, 0.0), names, max(0.0, -limit))
    return f"{left} {relation} {_sum(np.maximum(-weights, 0.0), names, max(0.0, limit))}"


def _bounds(name: str, low: float, high: float) -> str:
    if low == high:
        return f"{name} = {low:.6g}"
    if np.isinf(high):
        return f"{name} free" if np.isinf(low) else f"{name} >= {low:.6g}"
    return f"{low:.6g} <= {name} <= {high:.6g}"
