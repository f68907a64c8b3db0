"""Stocks and ladder: accumulation, the order of the rungs, capability."""

import numpy as np
from equations import Equations, case, expect
from pytest import approx
from worlds import tiny

from kctopt.program import build
from kctopt.solver.certificate import Simulator
from kctopt.solver.compile import compile_program


def test_two_years_of_stocks_by_hand() -> None:
    rules = Equations(tiny())
    # chips-S, 75, 50 and 40 in 2025; losses 0.2, 0.1, 0.05; the inflow counts 1, 0.5, 0.2
    stock = {"chips-S,F,2026": 95.0, "chips-S,P,2026": 58.0, "chips-S,R,2026": 41.2}
    made = {"chips-S,F,2026": 33.0, "chips-S,P,2026": 12.0, "chips-S,R,2026": 2.8}
    inflow = {"chips-S,2026": 2.0}
    for rung in "FPR":  # 60 + 33 + 2, 45 + 12 + 1, 38 + 2.8 + 0.4
        name = f"ladder.accumulation[chips-S,{rung},2026]"
        assert rules.slack(name, stock=stock, production=made, inflow=inflow) == approx(0)
    capability = {"chips-S,2026": 0.2 * 95 + 0.3 * 58 + 0.5 * 41.2}  # 57
    assert rules.slack("ladder.capability_of_line[chips-S,2026]", stock=stock, capability=capability) == approx(0)
    # 2027, an outflow of 1: 0.8 x 95 + 4 - 1 = 79
    stock |= {"chips-S,F,2027": 79.0, "chips-S,P,2027": 80.0}
    assert rules.slack(
        "ladder.accumulation[chips-S,F,2027]", stock=stock, production={"chips-S,F,2027": 4.0},
        inflow={"chips-S,2027": -1.0},
    ) == approx(0)  # fmt: skip
    assert rules.slack("ladder.ladder[chips-S,P,2027]", stock=stock) == approx(-1)  # performance cannot stand at 80


def test_equations() -> None:
    names = [f"ladder.accumulation[chips-S,{rung},2026]" for rung in "FPR"]
    names += ["ladder.accumulation[chips-S,R,2027]", "ladder.ladder[chips-S,P,2026]", "ladder.ladder[chips-S,R,2026]"]
    expect("ladder", case("stocks, ladder, capability", *names, "ladder.capability_of_line[chips-S,2026]"))


def test_capability_is_never_negative_and_no_rung_stands_above_the_one_below() -> None:
    program = build(tiny(lines__0__capability=15.0, lines__2__capability=190.0))
    simulator = Simulator(program, compile_program(program))
    columns, rng = len(simulator.compiled.cost), np.random.default_rng(0)
    x = np.zeros((30, columns))
    x[:, simulator.money_columns] = rng.exponential(1.0, (30, len(simulator.money_columns))) ** 3
    x[0] = 0.0  # no money at all
    for plan in simulator.candidates(x):
        stock = plan.x[simulator.compiled.slots["ladder.stock"]].reshape(4, 3, 6)
        assert (plan.x[simulator.compiled.slots["ladder.capability"]] >= 0).all()
        assert (np.diff(stock, axis=1) <= 1e-12).all()
