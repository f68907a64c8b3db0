r"""Tranches: a response to spend made of straight pieces, so that it can be S-shaped.

    xe[i,r,t] = sum_n (effect_{n-1} b_n + slope_n (part_n - upto_{n-1} b_n)),   sum_n b_n = 1
    upto_{n-1} b_n <= part_n <= upto_n b_n,   sum_n part_n <= x[i,r,t],   b_n binary

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| xe | effective spend: counts in the lagged effort instead of x | billion CNY/year | effective | law |
| b | 1 in the tranche that the spend lies in | 0 or 1 | within | decision |
| part | spend that counts, in that tranche | billion CNY/year | part | decision |
| upto effect | spend at the end of a tranche and its worth, 0 and 0 for n = 0 | base-year spend | tranches.* | model |
| slope | rise of the effect in the tranche | ratio | Piece.slope | upto, effect |

Spend beyond the last tranche is worth nothing more, which the <= on x says. The relaxation without integrality is the
concave hull of the response. Where research must pass a threshold before it pays, a concave law is wrong; that it must
on some lines is our hypothesis. Rungs without tranches count x as it is, and so does history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from kctopt.algebra import Binary, Block, Constraint, NonNegativeReals, Skip, Var, quicksum
from kctopt.formulation import line_ids
from kctopt.scenario.calibrate import BaseYear
from kctopt.scenario.records import RUNGS, Scenario
from kctopt.scenario.reviews import tranche_curves

Key = tuple[Any, ...]  # what a response belongs to: (line, rung, year), or a user's own


@dataclass(frozen=True)
class Piece:
    """One tranche: from `first` to `last`, worth `start` at its beginning and `slope` more for each unit spent."""

    first: float
    last: float
    start: float
    slope: float

    def effect(self, within: Any, part: Any) -> Any:
        """What spend `part` inside the tranche is worth; 0 when `within` is 0."""
        return self.slope * part + (self.start - self.slope * self.first) * within


@dataclass(frozen=True)
class Curve:
    """A response joined by straight lines from (amounts[0], effects[0]) on, flat after the last point.

    Parameters
    ----------
    amounts : tuple of float
        Spend at each point; must increase.
    effects : tuple of float
        What it is worth there, of the same length; must not decrease, since more spend is never harmful.

    Raises
    ------
    ValueError
        Where they do not.

    Examples
    --------
    >>> from kctopt.formulation.tranches import Curve
    >>> len(Curve((0.0, 1.0, 3.0), (0.0, 0.5, 2.5)).pieces)
    2
    """

    amounts: tuple[float, ...]
    effects: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.amounts) != len(self.effects) or len(self.amounts) < 2:
            raise ValueError("a response needs an effect for each amount, and two points or more")
        if any(after <= before for before, after in pairwise(self.amounts)):
            raise ValueError(f"amounts must increase: {self.amounts}")
        if any(after < before for before, after in pairwise(self.effects)):
            raise ValueError(f"effects must not decrease: {self.effects}")

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The tranches in order."""
        points = zip(self.amounts, self.effects, strict=True)
        return tuple(Piece(a, c, b, (d - b) / (c - a)) for (a, b), (c, d) in pairwise(points))


def scenario_curves(scenario: Scenario, base: BaseYear) -> dict[Key, Curve]:
    """Responses in billion CNY by line, rung and planned year."""
    lines, curves = line_ids(scenario), {}
    for (i, r), (upto, effect) in tranche_curves(scenario).items():
        spend = float(base.history[i, r, 0])
        curve = Curve(_scaled(upto, spend), tuple(accumulate(_scaled(effect, spend), max)))
        curves.update({(lines[i], RUNGS[r], t): curve for t in scenario.horizon.years})
    return curves


def add_variables(block: Block, scenario: Scenario, base: BaseYear) -> None:
    """Tranche, spend in it and effective spend of every rung with tranches; nothing where there are none."""
    if scenario.tranches:
        add_curve_variables(block, scenario_curves(scenario, base))


def add_constraints(block: Block, scenario: Scenario, base: BaseYear, *, strategic: Any) -> None:
    """The response of every rung with tranches."""
    if scenario.tranches:
        add_curve_constraints(block, scenario_curves(scenario, base), lambda *key: strategic[key])


def effective_spend(block: Block, strategic: Any) -> Any:
    """Spend as knowledge production counts it, by line, rung and year."""
    effective = block.component("effective")
    if effective is None:
        return strategic
    return {key: effective[key] if key in effective else strategic[key] for key in strategic}


def add_curve_variables(block: Block, curves: Mapping[Key, Curve]) -> None:
    """Variables of any responses: `within` and `part` by key and tranche 1, 2, …, and `effective` by key.

    Parameters
    ----------
    block : pyomo.environ.Block
        Where the variables go.
    curves : mapping of tuple to Curve
        Responses by key.

    Examples
    --------
    >>> from pyomo.environ import Block, ConcreteModel
    >>> from kctopt.formulation.tranches import Curve, add_curve_constraints, add_curve_variables
    >>> curves = {("chips",): Curve((0.0, 1.0, 3.0), (0.0, 0.5, 2.5))}
    >>> model = ConcreteModel()
    >>> model.response = Block()
    >>> add_curve_variables(model.response, curves)
    >>> sorted(model.response.within)
    [('chips', 1), ('chips', 2)]
    """
    numbered = [index for index, _ in _numbered(curves)]
    block.within = Var(numbered, domain=Binary)
    block.part = Var(numbered, domain=NonNegativeReals)
    block.effective = Var(list(curves), domain=NonNegativeReals)


def add_curve_constraints(block: Block, curves: Mapping[Key, Curve], spend: Callable[..., Any]) -> None:
    """Relations by which `effective` is the response to `spend(*key)`, for each key.

    Parameters
    ----------
    block : pyomo.environ.Block
        Where the variables are.
    curves : mapping of tuple to Curve
        The same responses.
    spend : callable
        Pyomo expression of the spend of a key.

    Examples
    --------
    >>> from pyomo.environ import Block, ConcreteModel
    >>> from kctopt.formulation.tranches import Curve, add_curve_constraints, add_curve_variables
    >>> curves = {("chips",): Curve((0.0, 1.0, 3.0), (0.0, 0.5, 2.5))}
    >>> model = ConcreteModel()
    >>> model.response = Block()
    >>> add_curve_variables(model.response, curves)
    >>> add_curve_constraints(model.response, curves, spend=lambda key: 2.0)
    >>> len(model.response.counted)
    1
    """
    pieces = dict(_numbered(curves))
    indices = {key: [(*key, n) for n in range(1, len(curve.pieces) + 1)] for key, curve in curves.items()}

    def response(b: Block, *key: Any) -> Any:
        return b.effective[key] == quicksum(pieces[n].effect(b.within[n], b.part[n]) for n in indices[key])

    def above(b: Block, *index: Any) -> Any:
        first = pieces[index].first
        return b.part[index] >= first * b.within[index] if first > 0 else Skip

    keys = list(curves)
    block.one = Constraint(keys, rule=lambda b, *key: quicksum(b.within[n] for n in indices[key]) == 1)
    block.above = Constraint(list(pieces), rule=above)
    block.upto = Constraint(list(pieces), rule=lambda b, *index: b.part[index] <= pieces[index].last * b.within[index])
    block.counted = Constraint(keys, rule=lambda b, *key: quicksum(b.part[n] for n in indices[key]) <= spend(*key))
    block.response = Constraint(keys, rule=response)


def _numbered(curves: Mapping[Key, Curve]) -> Iterator[tuple[Key, Piece]]:
    for key, curve in curves.items():
        for n, piece in enumerate(curve.pieces, 1):
            yield (*key, n), piece


def _scaled(ratios: Iterable[float], unit: float) -> tuple[float, ...]:
    return tuple(float(ratio) * unit for ratio in ratios)
