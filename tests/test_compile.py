"""From the Pyomo model to arrays: a user's own parts, names, and what is refused."""

import numpy as np
import pytest
from pyomo.environ import Binary, Constraint, Integers, Objective, Var, maximize, sqrt
from pytest import approx
from worlds import tiny

from kctopt.errors import ProgramError
from kctopt.program import Program, build
from kctopt.solver.compile import compile_program, rule_name


@pytest.fixture
def program() -> Program:
    return build(tiny())


def test_names_are_those_of_the_rules(program: Program) -> None:
    m = program.model
    assert rule_name(m.money.budget[2027]) == "money.budget[2027]"
    assert rule_name(m.knowledge.production_law["chips-B", "F", 2026]) == "knowledge.production_law[chips-B,F,2026]"
    m.mine = Constraint(expr=m.money.spend["chips-B", 2026] >= 1)
    assert rule_name(m.mine) == "mine"


def test_every_column_row_and_relation_has_one_name() -> None:
    compiled = compile_program(build(tiny()))
    rules = [*compiled.row_names, *(name for group in compiled.relations for name in group.names)]
    assert len(set(compiled.names)) == len(compiled.names)
    assert len(set(rules)) == len(rules)
    assert np.array_equal(np.sort(np.concatenate(list(compiled.slots.values()))), np.arange(len(compiled.names)))


def test_own_variables_rows_and_fixed_columns_are_read(program: Program) -> None:
    m = program.model
    m.region = Var(bounds=(0, 50))
    m.sum = Constraint(expr=m.region == m.money.spend["ai-A", 2026] + m.money.spend["ai-M", 2026] + 3)
    m.range = Constraint(expr=(5, 2 * m.region + 1, 61))
    m.money.exchange["ai-A", 2026].fix(5.0)
    c = compile_program(program)
    region, fixed = c.names.index("region"), c.names.index("money.exchange[ai-A,2026]")
    assert (c.column_lower[region], c.column_upper[region]) == (0, 50)
    assert c.column_lower[fixed] == c.column_upper[fixed] == 5.0
    total, both = c.row_names.index("sum"), c.row_names.index("range")
    assert c.lower[total] == c.upper[total] == approx(3)
    assert (c.lower[both], c.upper[both]) == (4, 60)
    assert program.own() == ["region", "sum", "range"]


def test_a_deactivated_rule_is_left_out(program: Program) -> None:
    program.model.money.ramp.deactivate()
    assert not any(name.startswith("money.ramp") for name in compile_program(program).row_names)


def test_the_objective_is_a_minimisation_with_its_sign() -> None:
    greatest, least = compile_program(build(tiny())), compile_program(build(tiny(objective__kind="min_budget")))
    assert (greatest.sign, least.sign) == (-1.0, 1.0)
    x = np.zeros(len(greatest.cost))
    x[greatest.slots["security.security"]] = 100.0
    assert greatest.objective(x) == approx(100 * (sum(0.95**n for n in range(1, 7)) + 1))


def test_a_nonlinear_rule_of_ones_own_is_refused_by_name(program: Program) -> None:
    m = program.model
    m.cross = Constraint([2026, 2027], rule=lambda m, t: m.money.spend["ai-A", t] * m.money.spend["ai-M", t] <= 45)
    with pytest.raises(ProgramError, match=r"cross\[2026\] is nonlinear"):
        compile_program(program)


def test_a_nonlinear_objective_is_refused(program: Program) -> None:
    program.model.objective.value.deactivate()
    program.model.root = Objective(expr=sqrt(program.model.money.spend["ai-A", 2026]), sense=maximize)
    with pytest.raises(ProgramError, match="objective is nonlinear"):
        compile_program(program)


def test_an_integer_of_ones_own_needs_bounds(program: Program) -> None:
    program.model.units = Var(["a", "b"], domain=Integers)
    with pytest.raises(ProgramError, match=r"integer variable units\[a\] has no bounds"):
        compile_program(program)


def test_integers_are_marked_and_open_until_fixed(program: Program) -> None:
    program.model.units = Var(["a", "b"], domain=Integers, bounds=(0, 3))
    program.model.switch = Var(domain=Binary)
    program.model.switch.fix(1.0)
    compiled = compile_program(program)
    marked = [compiled.names[j] for j in np.flatnonzero(compiled.integer)]
    assert marked == ["units[a]", "units[b]", "switch"]
    assert [compiled.names[j] for j in compiled.free_integers] == ["units[a]", "units[b]"]
    assert program.discrete


def test_one_objective_is_needed(program: Program) -> None:
    program.model.second = Objective(expr=program.model.money.spend["ai-A", 2026])
    with pytest.raises(ProgramError, match="has 2 active objectives; it needs exactly one"):
        compile_program(program)
    program.model.second.deactivate()
    program.model.objective.value.deactivate()
    with pytest.raises(ProgramError, match="has 0 active objectives"):
        compile_program(program)
