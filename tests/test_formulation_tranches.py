"""Tranches: responses made of straight pieces, S-shaped ones too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from equations import Equations, case, expect
from mips import optimum, relaxed_optimum
from projects import STEPS
from pyomo.environ import Block, ConcreteModel, Objective, Param, maximize
from pytest import approx
from worlds import tiny

from kctopt.formulation.tranches import Curve, add_curve_constraints, add_curve_variables

S_SHAPE = Curve((0.0, 1.0, 2.0, 4.0), (0.0, 0.2, 1.6, 2.0))
HULL = ((0.0, 2.0, 4.0), (0.0, 1.6, 2.0))
SHAPES = {
    "S": S_SHAPE,
    "concave": Curve((0.0, 1.0, 3.0), (0.0, 1.0, 1.5)),
    "threshold": Curve((0.0, 1.0, 2.0), (0.0, 0.0, 3.0)),
    "offset": Curve((0.5, 1.0, 2.0), (0.3, 0.3, 1.0)),
}


def test_a_spend_in_the_third_tranche_by_hand() -> None:
    rules = Equations(tiny(tranches=STEPS))
    # ai-A spends 20 x 0.7 = 14 on research, 7 of it on F: tranches end at 3.5, 7 and 14, worth 0.7, 7 and 10.5.
    # 9 lies in the third: 7 + 0.5 x (9 - 7) = 8
    plan: dict[str, Any] = {
        "strategic": {"ai-A,F,2026": 9.0}, "within": {"ai-A,F,2026,3": 1}, "part": {"ai-A,F,2026,3": 9.0},
        "effective": {"ai-A,F,2026": 8.0},
    }  # fmt: skip
    slack = {name: rules.slack(f"tranches.{name}", **plan) for name in (
        "one[ai-A,F,2026]", "above[ai-A,F,2026,3]", "upto[ai-A,F,2026,3]", "counted[ai-A,F,2026]",
        "response[ai-A,F,2026]", "above[ai-A,F,2026,2]", "upto[ai-A,F,2026,1]")}  # fmt: skip
    assert list(slack.values()) == approx([0, 2, 5, 0, 0, 0, 0])
    # the law of knowledge counts 8, not 9: (8/7)^0.5 of the production of the base year in the first year
    law = "knowledge.production_law[ai-A,F,2026]"
    base = rules.slack(law, effective={"ai-A,F,2026": 7.0})
    assert rules.slack(law, **plan) == approx(base * (8 / 7) ** 0.5)
    # and base-year spend makes what it made without tranches
    assert base == approx(Equations(tiny()).slack(law, strategic={"ai-A,F,2026": 7.0}))


def test_equations() -> None:
    expect(
        "tranches",
        case("three tranches", "tranches.one[ai-A,F,2026]", "tranches.within[ai-A,F,2026,1]",
             "tranches.above[ai-A,F,2026,2]", "tranches.above[ai-A,F,2026,3]",
             "tranches.upto[ai-A,F,2026,1]", "tranches.upto[ai-A,F,2026,3]", "tranches.counted[ai-A,F,2026]",
             "tranches.response[ai-A,F,2026]", "knowledge.production_law[ai-A,F,2029]",
             "knowledge.production_law[ai-A,F,2031]", "knowledge.production_law[ai-A,P,2028]", tranches=STEPS),
    )  # fmt: skip


def response(curve: Curve, spend: float) -> Any:
    """The largest effect of a given spend."""
    model = ConcreteModel()
    model.spend = Param(initialize=spend)
    model.curve = Block()
    add_curve_variables(model.curve, {("one",): curve})
    add_curve_constraints(model.curve, {("one",): curve}, lambda _: model.spend)
    model.best = Objective(expr=model.curve.effective["one"], sense=maximize)
    return model


@pytest.mark.parametrize("shape", SHAPES)
def test_the_block_is_the_line_through_the_points_and_flat_beyond(shape: str) -> None:
    curve = SHAPES[shape]
    for spend in np.linspace(curve.amounts[0], 5.0, 11):
        expected = np.interp(spend, curve.amounts, curve.effects)
        assert optimum(response(curve, float(spend))) == approx(expected, abs=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_piece_is_worth_what_the_curve_says_and_nothing_outside_its_tranche(shape: str) -> None:
    curve = SHAPES[shape]
    for piece in curve.pieces:
        for part in np.linspace(piece.first, piece.last, 5):
            assert piece.effect(1, part) == approx(np.interp(part, curve.amounts, curve.effects))
        assert piece.effect(0, 0) == 0


def test_the_relaxation_is_the_concave_hull() -> None:
    for spend in np.linspace(0, 5, 11):
        assert relaxed_optimum(response(S_SHAPE, float(spend))) == approx(np.interp(spend, *HULL), abs=1e-9)


@pytest.mark.parametrize(
    ("amounts", "effects", "message"),
    [
        ((0, 1), (0, 1, 2), "an effect for each amount"),
        ((0,), (0,), "two points or more"),
        ((0, 2, 2), (0, 1, 2), "amounts must increase"),
        ((0, 1, 2), (0, 2, 1), "effects must not decrease"),
    ],
)
def test_what_is_no_response_is_refused(amounts: Any, effects: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Curve(amounts, effects)
