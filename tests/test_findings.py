"""What surprised us in other libraries (findings/): kctopt is guarded where it depends on the point."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest
from pyomo.environ import Objective
from pytest import approx
from scipy import sparse
from worlds import tiny

from kctopt.errors import SolverError
from kctopt.program import build
from kctopt.solver.compile import compile_program
from kctopt.solver.highs import Highs
from kctopt.solver.pyomo_model import active_objective

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted((ROOT / "findings").glob("*.sh"))
HEAD = ("Version", "Guess", "Behaviour", "Output", "Follows", "In kctopt")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_finding_tells_all_and_names_tests_that_exist(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    head = [line for line in text.splitlines() if line.startswith("#")]
    assert [word for word in HEAD if not any(line.startswith(f"# {word} ") for line in head)] == []
    assert re.search(r"pip\" install [^\n]*==", text) and "mktemp -d" in text and "assert " in text
    assert script.name in (ROOT / "findings" / "README.md").read_text(encoding="utf-8")
    guards = re.findall(r"(tests/\w+\.py)::(\w+)", text)
    assert guards
    for file, name in guards:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{file}::{name}"


def test_rows_are_in_order_from_the_start() -> None:
    """scipy sorts in place when asked for a size: our products must not change by what was asked before."""
    compiled = compile_program(build(tiny()))
    matrices = [compiled.rows]
    for group in compiled.relations:
        matrices += [affine.matrix for affine in (group.bound, *group.arguments)]
    for matrix in matrices:
        before = matrix.indices.copy()
        abs(matrix), matrix.max(), matrix.count_nonzero()
        assert np.array_equal(matrix.indices, before)


def mixed(again: int) -> tuple[float, np.ndarray]:
    """Bound and columns of min -3x - 2.5y, 2x + 3y <= 12.5, 3x + 2y <= 11, x whole, at the run after `again` others."""
    highs, rows = Highs(), sparse.csr_array(np.array([[2.0, 3.0], [3.0, 2.0]]))
    highs.load(np.array([-3.0, -2.5]), np.zeros(2), np.full(2, 10.0), rows, np.full(2, -np.inf), np.array([12.5, 11.0]))
    for _ in range(again + 1):
        end = highs.run_mip(np.array([0]), None, 10.0)
    return end.objective, end.x


@pytest.mark.parametrize("again", [0, 1, 3])
def test_a_mixed_program_run_again_keeps_a_sound_bound(again: int) -> None:
    """HiGHS's second optimum may be better than is possible: as a bound it is sound, to the tolerance it is tight."""
    bound, x = mixed(again)
    assert -12.25 - 1e-4 * 12.25 <= bound <= -12.25 + 1e-9
    assert x == approx([2.0, 2.5], abs=1e-5)


def test_a_constant_of_the_objective_stays_with_us() -> None:
    """HiGHS's gap is of the objective with its constant: it is given none, and the value has it."""
    plain, moved = build(tiny()), build(tiny())
    old = active_objective(moved)
    moved.model.moved = Objective(expr=old.expr + 1e6, sense=old.sense)
    old.deactivate()
    one, two = compile_program(plain), compile_program(moved)
    assert np.array_equal(one.cost, two.cost)
    assert two.objective(np.zeros(len(two.cost))) == approx(one.objective(np.zeros(len(one.cost))) + 1e6)
    highs = Highs()
    sides = (two.column_lower, two.column_upper, two.rows, two.lower, two.upper)
    highs.load(two.cost, *sides, two.unit, two.cost_unit)
    assert highs._highs.getLp().offset_ == 0.0


def test_an_option_that_highs_does_not_know_is_an_error() -> None:
    highs = Highs()
    for option, value in (("mip_rel_gapp", 0.0), ("mip_rel_gap", -1.0)):
        with pytest.raises(SolverError, match=f"refused option {option}$"):
            highs._do(highs._highs.setOptionValue(option, value), f"option {option}")
