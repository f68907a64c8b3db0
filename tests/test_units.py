"""Money in any unit: the same optimum, the same rules; what HiGHS would drop is paid for; odd sizes are told."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pytest import approx
from scipy import sparse
from units import in_unit, part
from worlds import options, tiny

from kctopt.errors import SolverError
from kctopt.program import build
from kctopt.rules import breaches
from kctopt.scenario.units import USUAL, money_unit
from kctopt.simulator import Money, simulate, to_base_plan
from kctopt.solver import Outcome, solve
from kctopt.solver.arrays import DROPPED
from kctopt.solver.compile import compile_program
from kctopt.solver.dual import linear_bound
from kctopt.solver.engine import Engine
from kctopt.solver.highs import Highs
from kctopt.solver.start import base_plan

FACTORS = (1e-9, 1e-6, 1e-3, 1e3, 1e7, 1e9, 1e12)
RULES = [
    {"id": "least", "kind": "floor", "domain": "ai", "amount": 28.0},
    {"id": "most", "kind": "cap", "line": "chips-B", "amount": 20.0},
    {"id": "part", "kind": "share", "type": "M", "min": 0.2},
]


@cache
def best_in(factor: float) -> Outcome:
    """The tiny world with three policies, solved with all money times a factor."""
    return solve(build(in_unit(tiny(policies=RULES), factor)), gap=1e-5)


@pytest.mark.parametrize("factor", FACTORS)
def test_money_in_another_unit_has_the_same_optimum(factor: float) -> None:
    """Intervals from plan to bound overlap, allocations scale, every rule holds."""
    own, other = (best_in(k) for k in (1.0, factor))
    assert own.status == other.status == "optimal"
    assert own.objective and own.bound and other.objective and other.bound and own.money and other.money
    assert max(own.objective, other.objective) <= min(own.bound, other.bound) * (1 + 1e-9)
    spent, others = own.money.spend.sum(axis=1), other.money.spend.sum(axis=1) / factor
    assert others == approx(spent, rel=0.05, abs=0.02 * spent.mean())
    assert others.sum() == approx(spent.sum(), rel=1e-3)
    assert not breaches(in_unit(tiny(policies=RULES), factor), other.money)


@pytest.mark.parametrize("factor", [1e-9, 1e9, 1e12])
@pytest.mark.parametrize("kind", ["min_budget", "least scale"])
def test_other_programs_in_another_unit(factor: float, kind: str) -> None:
    target = {"id": "reach", "kind": "target", "line": "chips-B", "min_ratio": 0.41, "by": 2029}
    least = tiny(lines__0__min_scale=3.0)
    scenario = tiny(objective__kind="min_budget", policies=[target]) if kind == "min_budget" else least
    own, other = (solve(build(in_unit(scenario, k)), gap=1e-3) for k in (1.0, factor))
    assert own.status == other.status == "optimal"
    assert own.objective and own.bound and other.objective and other.bound
    size = factor if kind == "min_budget" else 1.0
    low = max(min(own.objective, own.bound), min(other.objective, other.bound) / size)
    assert low <= min(max(own.objective, own.bound), max(other.objective, other.bound) / size) * (1 + 1e-9)
    assert other.gap == approx(abs(other.bound / other.objective - 1), rel=1e-3)  # relative, however small the money


@pytest.mark.parametrize("factor", [1e-9, 1e9])
def test_a_line_of_the_bundled_world_in_another_unit(factor: float) -> None:
    """With money in yuan the bound was once below a plan: the optimum is the same in any unit."""
    own, outcome = (
        solve(build(in_unit(part("semiconductors", lines=("semiconductors-B",)), k))) for k in (1.0, factor)
    )
    assert own.status == outcome.status == "optimal"
    assert own.objective and own.bound and outcome.objective and outcome.bound
    assert outcome.objective < own.bound + 0.1 and outcome.bound > own.objective - 0.1


def test_every_column_of_money_has_its_unit() -> None:
    """All money times 2**40 moves the lifted columns of money by that, and no other column."""
    factor = 2.0**40
    rules = [*(rule for rule in RULES if rule["kind"] != "share")]
    own, other = (Engine(build(in_unit(tiny(policies=rules), k))) for k in (1.0, factor))
    x, y = (e.simulator.candidate(base_plan(e.program, e.simulator)).x for e in (own, other))
    money = other.compiled.unit != 1.0
    finite = np.abs(x) > 0
    assert y[finite & money] == approx(factor * x[finite & money], rel=1e-12)
    assert y[finite & ~money] == approx(x[finite & ~money], rel=1e-9)
    assert set(np.unique(other.compiled.unit)) == {1.0, money_unit(other.program.scenario)}


def test_columns_of_the_options_have_units() -> None:
    c = compile_program(build(in_unit(options(), 1e9)))
    for name in ("tranches.part", "tranches.effective", "modes.exchange", "money.spend", "quadrants.exposure_limit"):
        assert (c.unit[c.slots[name]] > 1e8).all(), name
    for name in ("modes.mode", "tranches.within", "scale.on", "kct.kct", "modes.inflow"):
        assert (c.unit[c.slots[name]] == 1.0).all(), name


@pytest.mark.parametrize("size", [1e-9, 1e-4, 1.0, 1e6, 1e15])
def test_the_unit_is_that_of_a_lines_spend(size: float) -> None:
    unit = money_unit(in_unit(tiny(), size / 12.5))  # its lines spend 12.5 on average
    assert unit == 1.0 if USUAL[0] <= size <= USUAL[1] else 0.7 < size / unit < 1.5
    assert np.log2(unit) == int(np.log2(unit))


def test_rules_are_judged_relative_to_the_unit() -> None:
    """A budget overspent by a thousandth is a breach whatever money is counted in."""
    for factor in (1e-9, 1.0, 1e9):
        scenario = in_unit(tiny(), factor)
        money = to_base_plan(scenario)
        over = 1.001 * 60.0 / 50.0
        plan = Money(over * money.strategic, over * money.substitution, over * money.exchange)
        found = breaches(scenario, plan, simulate(scenario, plan))
        assert {breach.kind for breach in found} >= {"budget"}


def tiny_program(entry: float) -> Highs:
    """max x + y over x + entry z >= ..., with a coefficient that HiGHS drops."""
    highs = Highs()
    rows = sparse.csr_array(np.array([[1.0, entry]]))
    highs.load(np.array([1.0, 0.0]), np.zeros(2), np.array([10.0, 1e9]), rows, np.array([2.0]), np.array([np.inf]))
    return highs


@pytest.mark.parametrize("entry", [1e-9, 5e-10, 1e-12])
def test_what_is_left_out_is_paid_for(entry: float) -> None:
    """min x over x + entry z >= 2, z <= 1e9: the optimum is max(0, 2 - 1e9 entry), HiGHS's without the entry 2."""
    highs = tiny_program(entry)
    end = highs.run("dual")
    assert entry <= DROPPED and end.objective == approx(2.0)
    assert highs.linear_program().rows.data.tolist() == [1.0, entry]
    right = 2.0 - 1e9 * entry
    assert linear_bound(highs.linear_program(), end.row_dual) == approx(right, abs=1e-8)
    whole = highs.run_mip(np.array([0]), None, 10.0)
    assert whole.objective <= np.ceil(right - 1e-6) + 1e-6
    assert highs.run("dual").objective == approx(2.0)  # the sides are as before


def test_rows_added_later_keep_their_small_entries() -> None:
    highs = tiny_program(0.0)
    highs.add_rows(sparse.csr_array(np.array([[1.0, 1e-10]])), np.array([3.0]), np.array([np.inf]))
    assert highs.linear_program().rows[[1]].data.tolist() == [1.0, 1e-10]
    highs.delete_rows(np.array([0]))
    assert highs.linear_program().low.tolist() == [3.0]
    assert linear_bound(highs.linear_program(), highs.run("dual").row_dual) == approx(3.0 - 0.1, abs=1e-8)


@pytest.mark.parametrize("unit", [2.0**-30, 1.0, 2.0**40])
@pytest.mark.parametrize("worth", [2.0**-20, 1.0, 2.0**30])
def test_units_leave_answers_and_prices_as_they_are(unit: float, worth: float) -> None:
    """min worth x + y over x / unit + y >= 2, x <= unit, y <= 4, with everything given in the units."""
    highs = Highs()
    rows = sparse.csr_array(np.array([[1.0 / unit, 1.0]]))
    highs.load(
        worth * np.array([1.0 / unit, 3.0]), np.zeros(2), np.array([unit, 4.0]), rows, np.array([2.0]),
        np.array([np.inf]), np.array([unit, 1.0]), worth,
    )  # fmt: skip
    end = highs.run("dual")
    assert end.x == approx([unit, 1.0]) and end.objective == approx(4.0 * worth)
    assert end.row_dual == approx([3.0 * worth]) and end.column_dual == approx([-2.0 * worth / unit, 0.0])
    assert linear_bound(highs.linear_program(), end.row_dual) == approx(4.0 * worth)


def test_a_program_without_integers_has_its_own_bound() -> None:
    """The bound of a tree is 0 where HiGHS has none to branch: the optimum of 1.75 was given a bound of 0."""
    highs = Highs()
    rows = sparse.csr_array(np.array([[4.0]]))
    highs.load(np.array([1.0]), np.zeros(1), np.ones(1) * 9, rows, np.array([7.0]), np.array([np.inf]))
    assert highs.run_mip(np.zeros(0, int), None, 10.0).objective == approx(1.75)
    assert highs.run_mip(np.array([0]), None, 10.0).objective == approx(2.0)


def test_a_warning_of_highs_is_read() -> None:
    """HiGHS itself would drop the entry with a warning; given to it past our own door, that is an error."""
    highs = tiny_program(1.0)
    entries = (np.zeros(1, np.int32), np.array([0, 1], np.int32), np.array([1.0, 1e-10]))
    status = highs._highs.addRows(1, np.zeros(1), np.ones(1), 2, *entries)
    with pytest.raises(SolverError, match="changed what it was given"):
        highs._given(status, "addRows")


@pytest.mark.parametrize(
    ("years", "told"),
    [
        ({2029: 350000}, [(2029, "3.5e+05", "100 times")]),
        ({2029: 349000}, []),
        ({2035: 35}, [(2035, "35", "one 100th of")]),
        ({2035: 40}, []),
        ({2029: 350000, 2030: 360000}, [(2029, "3.5e+05", "100 times"), (2030, "3.6e+05", "103 times")]),
        ({2029: 0}, []),
    ],
    ids=str,
)
def test_a_year_far_from_the_others_is_told(years: dict[int, float], told: list[tuple[int, str, str]]) -> None:
    from kctopt.scenario.load import load

    notes = load("budget-squeeze", set={"budget": dict.fromkeys(range(2026, 2036), 3500) | years}).notes
    assert len(notes) == len(told)
    for note, (year, amount, times) in zip(notes, told, strict=True):
        assert f"a budget of {amount} in {year} is {times} that of other years, 3500. The unit is" in note


def test_odd_sizes_are_told_with_their_place_and_unit(tmp_path: Path) -> None:
    from kctopt.scenario.load import load

    file = tmp_path / "yuan.yaml"
    file.write_text("extends: baseline\nset: {budget: 6.0e+11}\n", encoding="utf-8")
    (note,) = load(file).notes
    assert "yuan.yaml:2: budget" in note and "1.4e+09 times" in note and "The unit is billion CNY/year" in note
    file.write_text('extends: baseline\nscale: {"lines[*].spend": 1.0e+8, budget: 1.0e+8}\n', encoding="utf-8")
    (note,) = load(file).notes
    assert "lines[" in note and "1e+08 times the parent's 431.9" in note and "billion CNY/year" in note
    file.write_text("extends: baseline\nset: {budget.2028: 590000}\n", encoding="utf-8")
    (note,) = load(file).notes
    assert "yuan.yaml:2: budget.2028: a budget of 5.9e+05 in 2028 is 1.4e+03 times" in note
    assert load("baseline").notes == ()
