"""Own rules on whole numbers alone: a large coefficient or a small side must not make them void within a tolerance."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyomo.environ import Binary, Constraint, Integers, Var
from worlds import tiny

import kctopt
from kctopt.own import OwnParts, OwnRow, OwnVariable
from kctopt.program import Program, build
from kctopt.result.own import breaches, sides
from kctopt.solver.compile import compile_program
from kctopt.solver.compiled import Compiled
from kctopt.solver.thresholds import own_whole_rows, without_thresholds


def choosing(factor: float, side: float) -> Program:
    """A line may have 9.5 in one year if y is 1, as much as it likes if y is 0; and factor * y >= side."""
    program = build(tiny())
    m = program.model
    m.y = Var(domain=Binary)
    m.most = Constraint(expr=m.money.spend["chips-B", 2027] <= 9.5 * m.y + 1e3 * (1 - m.y))
    m.must = Constraint(expr=factor * m.y >= side)
    return program


@pytest.mark.parametrize(("factor", "side"), [(1e7, 1.0), (1.0, 1e-7)])
def test_a_choice_that_a_rule_asks_for_is_made_whatever_its_coefficient(
    factor: float, side: float, tmp_path: Path
) -> None:
    result = kctopt.solve(choosing(factor, side), gap=3e-3, time_limit=600, save=tmp_path / "run")
    assert result.money is not None and result.values == {"y": 1.0}
    assert result.status == "optimal" and result.verified and kctopt.verify(tmp_path / "run") == []
    spend = result.allocation.query("line == 'chips-B' and year == 2027")["amount"].sum()
    assert spend <= 9.5 * (1 + 1e-6)
    assert result.objective is not None and result.bound is not None
    assert 699 < result.objective < 700.87443 and result.bound > 700.87438  # between which the optimum lies


@pytest.mark.parametrize(("factor", "side"), [(1e6, 1.0), (1e7, 1.0), (1e5, 0.05), (1.0, 1e-7), (1e-6, 1e-13)])
def test_a_plan_without_such_a_choice_breaks_the_rule(factor: float, side: float) -> None:
    row = OwnRow("must", {"y": factor}, side, np.inf, "", 2.0**20, ("y",))
    for value, broken in ((0.0, True), (1e-6, True), (1.0, False), (1 - 1e-9, False)):
        own = OwnParts(rows=(row,), values={"y": value})
        assert bool(breaches(own)) is broken, value
        assert next(sides(own, row))[1] == factor * round(value)


def test_such_a_rule_gives_way_by_a_millionth_of_what_is_in_play_and_no_more() -> None:
    row = OwnRow("same", {"y": 1e7, "z": -1.0}, 0.0, 0.0, "", 2.0**23, ("y", "z"))
    assert breaches(OwnParts(rows=(row,), values={"y": 0.0, "z": 1.0}))
    assert not breaches(OwnParts(rows=(row,), values={"y": 0.0, "z": 0.0}))
    assert not breaches(OwnParts(rows=(row,), values={"y": 1.0, "z": 1e7 - 1}))
    assert breaches(OwnParts(rows=(row,), values={"y": 1.0, "z": 1e7 - 100}))
    held = OwnVariable("y", 1.0, 1.0, True)
    assert breaches(OwnParts(variables=(held,), values={"y": 0.0}))


def rows_of(write: Any) -> tuple[Compiled, Compiled, np.ndarray]:
    """A program with own binaries and one more integer, as written and as solved; its own rows on them."""
    program = build(tiny())
    m = program.model
    m.y, m.n = Var([1, 2], domain=Binary), Var(domain=Integers, bounds=(-1, 3))
    m.rule = Constraint(expr=write(m))
    before = compile_program(program)
    return before, without_thresholds(program, before), own_whole_rows(program.own(), before)


@pytest.mark.parametrize(
    "write",
    [
        lambda m: 1e6 * m.y[1] >= 1,
        lambda m: 1e7 * m.y[1] <= -1,
        lambda m: 1e7 * m.y[1] + 3.333333e6 * m.y[2] >= 1,
        lambda m: m.y[1] / 3e-7 + 1e7 * m.y[2] / 7 >= 0.1,
        lambda m: 1e7 * m.y[1] >= m.y[2],
        lambda m: m.y[1] + m.y[2] <= 1 + (1 - 1e-8),
        lambda m: 1e3 * m.n + m.y[1] <= 2e3,
        lambda m: 1e8 * m.n - m.y[1] == 0,
        lambda m: (0.1, 1e6 * m.n + 1e6 * m.y[2], 2e6 - 0.1),
        lambda m: m.n >= 1e-9,
    ],
)
def test_rules_written_anew_say_the_same_of_whole_numbers_and_clearly(write: Any) -> None:
    before, after, rows = rows_of(write)
    (n,) = rows
    at = before.rows[[n]].indices
    choices = [range(int(before.column_lower[j]), int(before.column_upper[j]) + 1) for j in at]
    one_sided = not np.isfinite([before.lower[n], before.upper[n]]).all()
    for values in itertools.product(*choices):
        x = np.zeros(len(before.cost))
        x[at] = values
        old, new = before.rows[[n]] @ x, after.rows[[n]] @ x
        kept = bool(before.lower[n] <= old[0] <= before.upper[n])
        off = float(max(after.lower[n] - new[0], new[0] - after.upper[n]))
        assert (off <= 1e-12) is kept, values
        assert kept or not one_sided or off > 5e-4, values


def test_ordinary_rules_and_those_of_the_scenario_stay_as_written() -> None:
    before, after, rows = rows_of(lambda m: 2 * m.y[1] + 3 * m.n <= 7)
    assert after is before and len(rows) == 1
    before, after, rows = rows_of(lambda m: 1e6 * m.y[1] >= 1)
    others = np.setdiff1d(np.arange(len(before.lower)), rows)
    assert abs(before.rows[others] - after.rows[others]).max() == 0
    assert before.row_names == after.row_names
    assert (before.rows[rows].max(), after.rows[rows].max(), after.lower[rows]) == (1e6, 1, 1)
    noise = 0.1 + 0.2 - 0.3  # what was written is y >= 0
    before, after, (n,) = rows_of(lambda m: m.y[1] >= noise)
    assert after.lower[n] <= 1e-12


@pytest.mark.parametrize("bounds", [(0.2, 0.8), (2, 1)])
def test_an_integer_without_a_whole_value_is_refused_by_name(bounds: tuple[float, float]) -> None:
    program = build(tiny())
    program.model.y = Var(domain=Integers, bounds=bounds)
    with pytest.raises(kctopt.errors.ProgramError, match="y: an integer variable with no whole number between"):
        compile_program(program)


@pytest.mark.parametrize("factor", [1e-9, 1e-12])
def test_an_own_variable_that_a_tiny_coefficient_ties_is_solved_in_its_own_unit(factor: float) -> None:
    program = build(tiny())
    m = program.model
    m.y, m.z = Var(bounds=(0, 1)), Var(bounds=(0, 1))
    m.tied = Constraint(expr=m.y == factor * m.money.spend["chips-B", 2027])
    m.chain = Constraint(expr=m.z == m.y)
    m.most = Constraint(expr=m.z <= 9.5 * factor)
    compiled = compile_program(program)
    units = [compiled.unit[compiled.names.index(name)] for name in ("y", "z")]
    assert units[0] == units[1] and 0.7 < units[0] / factor < 1.5
    result = kctopt.solve(program, gap=3e-3)
    assert result.status == "optimal" and result.verified
    assert result.values["z"] == pytest.approx(9.5 * factor, rel=1e-5)
    assert result.objective is not None and result.bound is not None
    assert result.objective < 700.87443 and result.bound > 700.87438
