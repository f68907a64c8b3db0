"""From the Pyomo model to arrays: a user's own parts, names, and what is refused."""

import copy
import functools
import pickle
from dataclasses import replace
from math import nan

import numpy as np
import pytest
from bundled import scenario
from forms import every_form, same_arrays
from metamorphic.chance import draw
from pyomo.environ import (
    Any,
    Binary,
    Block,
    BooleanVar,
    Constraint,
    Expression,
    Integers,
    LogicalConstraint,
    Objective,
    Param,
    Piecewise,
    Reference,
    Set,
    SOSConstraint,
    Suffix,
    Var,
    maximize,
    sqrt,
)
from pyomo.gdp import Disjunct, Disjunction
from pyomo.mpec import Complementarity, complements
from pytest import approx
from worlds import tiny

from kctopt.algebra import Aim, Columns, Linear, NonNegativeReals, Part, Rules, as_arrays, minimize
from kctopt.algebra import Constraint as Rule
from kctopt.errors import ProgramError
from kctopt.naming import rule_name
from kctopt.program import Program, build
from kctopt.scenario.bundled import bundled_scenarios
from kctopt.scenario.records import Scenario
from kctopt.solver import solve
from kctopt.solver.compile import compile_program


@pytest.fixture
def program() -> Program:
    return build(tiny())


def test_names_are_those_of_the_rules(program: Program) -> None:
    m = program.model
    assert rule_name(m.money.budget[2027]) == "money.budget[2027]"
    assert rule_name(m.knowledge.production_law["chips-B", "F", 2026]) == "knowledge.production_law[chips-B,F,2026]"
    m.mine = Constraint(expr=m.money.spend["chips-B", 2026] >= 1)
    assert rule_name(m.mine) == "mine"


@pytest.mark.parametrize("scenario", [*every_form(), *map(scenario, bundled_scenarios())], ids=lambda one: one.name)
def test_records_and_pyomo_model_make_the_same_arrays(scenario: Scenario) -> None:
    program = build(scenario)
    records = compile_program(program)
    assert not program.written
    assert program.model is program.model  # written once; from now on it is what counts
    same_arrays(records, compile_program(program))


@pytest.mark.parametrize("seed", range(61000, 61024))
def test_so_they_do_of_random_worlds_with_every_option(seed: int) -> None:
    program = build(Scenario.model_validate(draw(seed)))
    records = compile_program(program)
    assert program.model
    same_arrays(records, compile_program(program))


def test_a_change_of_any_array_is_seen() -> None:
    one = compile_program(build(tiny()))
    rows = one.rows.copy()
    rows.data[7] *= 1 + 1e-15
    group = one.relations[0]
    bent = replace(group, functions=replace(group.functions, coefficient=group.functions.coefficient * (1 + 1e-15)))
    others = [replace(one, rows=rows), replace(one, relations=[bent, *one.relations[1:]]), replace(one, offset=1e-12)]
    others += [replace(one, **{name: getattr(one, name) + 1}) for name in ("cost", "lower", "column_upper")]
    assert one.same_as(compile_program(build(tiny())))
    assert not any(one.same_as(other) or other.same_as(one) for other in others)


def test_what_is_no_number_is_refused_by_name() -> None:
    with as_arrays():
        root, block = Part(), Part()
        root.money = block
        block.spend = Columns([("a", "b")], NonNegativeReals, lambda _, key: (0.0, nan if key == "b" else None))
        block.least = Rules([("a",)], lambda b, key: b.spend[key] >= nan, None)
        block.value = Aim(block.spend["a"], minimize)
    program = replace(build(tiny()), parts=root)
    with pytest.raises(ProgramError, match=r"money\.spend\[b\]: bounds 0\.0 and nan are no numbers"):
        compile_program(program)
    program.parts.money.spend.upper[1] = 1.0
    with pytest.raises(ProgramError, match=r"money\.least\[a\]: its sides nan and inf are no numbers"):
        compile_program(program)


def test_a_rule_that_is_none_is_no_rule() -> None:
    with as_arrays(), pytest.raises(TypeError, match="a rule for a is no rule, but True"):
        Part().least = Rule(("a",), rule=lambda _, key: 1 <= 2)
    with pytest.raises(TypeError, match="a rule is neither true nor false"):
        bool(Linear([0], [1.0]) <= 1)


def test_a_model_asked_for_and_left_alone_changes_no_digit() -> None:
    plain, asked = build(tiny()), build(tiny())
    assert asked.model
    first, second = solve(plain), solve(asked)
    assert (first.objective, first.bound) == (second.objective, second.bound)


def test_every_column_row_and_relation_has_one_name() -> None:
    compiled = compile_program(build(tiny()))
    rules = [*compiled.row_names, *(name for group in compiled.relations for name in group.names)]
    assert len(set(compiled.names)) == len(compiled.names)
    assert len(set(rules)) == len(rules)
    assert np.array_equal(np.sort(np.concatenate(list(compiled.slots.values()))), np.arange(len(compiled.names)))


@pytest.mark.touches("numpy", "pyomo", "scipy")
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
    with pytest.raises(ProgramError, match=r"units\[a\]: an integer variable has no bounds"):
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


@pytest.mark.touches("numpy", "pyomo", "scipy")
def test_parts_that_are_not_read_are_refused_by_name_all_at_once(program: Program) -> None:
    m = program.model
    m.low, m.high = Disjunct(), Disjunct()
    m.low.cap = Constraint(expr=m.money.spend["ai-A", 2026] <= 1)
    m.either = Disjunction(expr=[m.low, m.high])
    m.site = Block()
    m.site.set = SOSConstraint(var=m.money.strategic, sos=1)
    m.switch = BooleanVar()
    m.logic = LogicalConstraint(expr=m.switch.implies(m.switch))
    m.comp = Complementarity(expr=complements(m.money.spend["ai-A", 2026] >= 1, m.money.spend["ai-M", 2026] >= 0))
    with pytest.raises(ProgramError) as raised:
        compile_program(program)
    told = str(raised.value).splitlines()
    assert [line.partition(":")[0] for line in told] == ["low", "high", "either", "switch", "logic", "comp", "site.set"]
    assert told[2].startswith("either: a Disjunction is not read; write it with Var and linear Constraint")


def test_parts_without_effect_and_deactivated_ones_are_left_alone(program: Program) -> None:
    m = program.model
    before = compile_program(program)
    m.some = Set(initialize=[1, 2])
    m.amount = Param(initialize=3.0)
    m.total = Expression(expr=m.money.spend["ai-A", 2026] + 1)
    m.dual = Suffix(direction=Suffix.IMPORT)
    m.shown = Reference(m.money.spend[:, 2026])
    m.rules = Reference(m.money.budget)
    m.set = SOSConstraint(var=m.money.strategic, sos=1)
    m.set.deactivate()
    after = compile_program(program)
    assert (after.names, after.row_names) == (before.names, before.row_names)


def test_piecewise_relations_that_are_linear_are_read(program: Program) -> None:
    m = program.model
    m.x, m.y = Var(bounds=(0, 3)), Var()
    m.step = Piecewise(m.y, m.x, pw_pts=[0, 1, 3], f_rule=[0, 2, 3], pw_constr_type="UB")
    assert any(name.startswith("step.") for name in compile_program(program).row_names)
    del m.step
    m.step = Piecewise(m.y, m.x, pw_pts=[0, 1, 3], f_rule=[0, 1, 3], pw_constr_type="UB", pw_repn="SOS2")
    with pytest.raises(ProgramError, match=r"step\.SOS2_.*: a SOSConstraint is not read"):
        compile_program(program)


def test_a_variable_that_is_no_column_is_refused_by_name(program: Program) -> None:
    m, other = program.model, build(tiny()).model
    m.site = Block()
    m.site.room = Var(bounds=(0, 5))
    m.site.deactivate()
    m.loose = Var()
    m.del_component(loose := m.loose)
    m.mine = Constraint(expr=other.money.spend["ai-A", 2026] + m.money.spend["ai-A", 2026] <= 30)
    m.off = Constraint(["a"], rule=lambda m, _: m.site.room >= 1)
    m.gone = Constraint(expr=loose <= 1)
    with pytest.raises(ProgramError) as raised:
        compile_program(program)
    text = str(raised.value)
    assert "mine: uses money.spend[ai-A,2026], which is no variable of this model" in text
    assert "off[a]: uses site.room, which is no variable of this model" in text
    assert "gone: uses " in text


def test_fixed_variables_of_other_models_are_refused_like_others(program: Program) -> None:
    m, other = program.model, build(tiny()).model
    there = other.money.spend["ai-A", 2026]
    there.fix(3)
    m.sum = Constraint(expr=there + m.money.spend["ai-A", 2026] <= 30)
    m.times = Constraint(["a"], rule=lambda m, _: there * m.money.spend["ai-A", 2026] <= 30)
    m.span = Constraint(expr=(there, m.money.spend["ai-M", 2026], 30))
    m.objective.value.deactivate()
    m.best = Objective(expr=m.security.security[2029] - there, sense=maximize)
    with pytest.raises(ProgramError) as raised:
        compile_program(program)
    for rule, told in zip(["objective", "sum", "times[a]", "span"], str(raised.value).splitlines(), strict=True):
        assert told.startswith(f"{rule}: uses money.spend[ai-A,2026], which is no variable of this model")
        assert told.endswith("write its value, 3, if the number is meant")


def test_an_objective_over_another_models_variable_is_refused(program: Program) -> None:
    program.model.objective.value.deactivate()
    program.model.best = Objective(expr=build(tiny()).model.security.security[2026], sense=maximize)
    with pytest.raises(ProgramError, match=r"objective: uses security.security\[2026\], which is no variable"):
        compile_program(program)


@pytest.mark.parametrize("take", ["deactivate", "delete", "whole"])
def test_variables_of_the_laws_must_stay(program: Program, take: str) -> None:
    m = program.model
    match take:
        case "deactivate":
            m.money.deactivate()
        case "delete":
            m.money.del_component("carry")
        case "whole":
            m.deactivate()
    with pytest.raises(
        ProgramError, match=r"^(money\.carry|money\.available|dep).*: variables of kctopt that are deleted or lie"
    ):
        compile_program(program)


def test_own_blocks_keep_their_names_apart(program: Program) -> None:
    m = program.model
    m.east, m.west = Block(), Block()
    for side in (m.east, m.west):
        side.money = Block()
        side.money.spend = Var(bounds=(0, 1))
        side.money.budget = Constraint(expr=side.money.spend <= 0.5)
    m.plant = Block(["a", "b"], rule=lambda b, _: b.add_component("size", Var([1], bounds=(0, 2))))
    compiled = compile_program(program)
    assert len(compiled.slots["money.spend"]) == 4 * 4
    assert {"east.money.spend", "west.money.spend", "plant[a].size[1]", "plant[b].size[1]"} <= set(compiled.names)
    assert {"east.money.budget", "west.money.budget"} <= set(compiled.row_names)
    assert set(program.own()) == {
        "east.money.spend", "west.money.spend", "east.money.budget", "west.money.budget",
        "plant[a].size", "plant[b].size",
    }  # fmt: skip


def test_two_components_of_one_name_are_refused(program: Program) -> None:
    program.model.add_component("money.spend", Var(bounds=(0, 1)))
    with pytest.raises(ProgramError, match=r"money\.spend: two components have this name"):
        compile_program(program)


def test_fixing_without_a_number_is_refused_by_name(program: Program) -> None:
    m = program.model
    m.money.exchange["ai-A", 2026].fix()
    m.region = Var(["x"], bounds=(0, 5))
    m.region["x"].fix()
    m.over = Var(bounds=(0, 5))
    m.over.fix(6)
    with pytest.raises(ProgramError) as raised:
        compile_program(program)
    told = str(raised.value).splitlines()
    assert {line.partition(": fixed")[0] for line in told} == {"money.exchange[ai-A,2026]", "over", "region[x]"}
    assert "region[x]: fixed without a number (None); give one: .fix(5.0)" in told


def test_numbers_that_are_none_are_refused_by_name(program: Program) -> None:
    m = program.model
    spend = m.money.spend["ai-A", 2026]
    m.no = Param(mutable=True, initialize=float("nan"), within=Any)
    m.a = Constraint(expr=m.no * spend <= 30)
    with pytest.raises(ProgramError, match=r"a: .*nan"):
        compile_program(program)
    m.a.deactivate()
    m.b = Constraint(expr=float("inf") * spend + m.money.spend["ai-M", 2026] <= 30)
    with pytest.raises(ProgramError, match=r"b: the coefficient inf of money.spend\[ai-A,2026\] is no finite number"):
        compile_program(program)
    m.b.deactivate()
    m.c = Constraint(expr=spend <= m.no)
    with pytest.raises(ProgramError, match=r"c: its side no is no finite number"):
        compile_program(program)
    m.c.deactivate()
    m.empty = Param(mutable=True, within=Any)
    m.d = Constraint(expr=m.empty * spend <= 30)
    with pytest.raises(ProgramError, match=r"d: .*value"):
        compile_program(program)
    m.d.deactivate()
    m.objective.value.set_value(m.no * spend)
    with pytest.raises(ProgramError, match=r"objective: .*nan"):
        compile_program(program)


def test_whole_numbers_have_whole_bounds_and_domains_have_no_holes(program: Program) -> None:
    m = program.model
    m.units = Var(domain=Integers, bounds=(0.4, 2.7))
    compiled = compile_program(program)
    column = compiled.names.index("units")
    assert (compiled.column_lower[column], compiled.column_upper[column]) == (1, 2)
    m.odd = Var(domain={1, 3, 5})
    m.half = Var(domain=Binary)
    m.half.fix(0.5)
    with pytest.raises(ProgramError) as raised:
        compile_program(program)
    assert "odd: its domain {1, 3, 5} has holes" in str(raised.value)
    assert "half: an integer variable fixed at 0.5" in str(raised.value)


@pytest.mark.parametrize("size", [1e-12, 1e-9, 1e-8, 1.0, 1e9])
def test_own_rows_hold_in_any_unit(size: float) -> None:
    program = build(tiny())
    m = program.model
    m.cap = Constraint(m.money.spend.index_set(), rule=lambda m, i, t: m.money.spend[i, t] * size <= 12 * size)
    outcome = solve(program, gap=1e-3)
    assert outcome.money is not None
    assert outcome.money.spend.max() <= 12 * (1 + 2e-6)
    prices = {name: price * size for name, price in outcome.prices.items() if name.startswith("cap[")}
    assert sum(prices.values()) == approx(sum(_plain_cap_prices().values()), rel=0.05)


@functools.cache
def _plain_cap_prices() -> dict[str, float]:
    """Prices of the same caps written plainly."""
    program = build(tiny())
    m = program.model
    m.cap = Constraint(m.money.spend.index_set(), rule=lambda m, i, t: m.money.spend[i, t] <= 12)
    return {name: price for name, price in solve(program, gap=1e-3).prices.items() if name.startswith("cap[")}


@pytest.mark.touches("numpy", "pyomo", "scipy")
def test_a_program_says_why_it_cannot_be_pickled(program: Program) -> None:
    with pytest.raises(ProgramError, match=r"cannot be pickled.*pass on program\.scenario"):
        pickle.dumps(program)
    with pytest.raises(ProgramError, match="cannot be pickled or copied"):
        copy.deepcopy(program)
    assert pickle.loads(pickle.dumps(program.scenario)) == program.scenario
