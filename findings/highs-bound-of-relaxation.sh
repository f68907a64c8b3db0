#!/usr/bin/env bash
# HiGHS: after a relaxation, the "dual bound" in the information is 0 and on the wrong side of the optimum.
#
# Version    highspy 1.16.0, scipy 1.17.1
# Guess      `mip_dual_bound` after `solve_relaxation`, or after integers were made continuous, is the optimum of the LP; at the
#            least it is an infinite or absent bound.
# Behaviour  It is 0.0 with gap inf, status kOptimal. For a maximisation with a positive optimum 0 is not a bound at all: code that
#            reads `bound - value` gets a negative gap. scipy's `linprog` passes the same 0.0 on where `milp` says None.
# Output     mixed 12.25 bound 12.25 | solve_relaxation 12.55 bound 0.0 gap inf | made continuous 12.55 bound 0.0 | linprog -5.0 bound 0.0 |
#            milp without integers -5.0 bound None
# Follows    One function that returns (value, bound) must ask whether a tree was searched; for an LP the bound is its objective, and
#            better still what its duals prove.
# In kctopt  tests/test_units.py::test_a_program_without_integers_has_its_own_bound
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check highspy==1.16.0 numpy==2.4.6 scipy==1.17.1
"$place/venv/bin/python" - <<'PY'
import highspy
import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp


def mixed(relaxed):
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("solve_relaxation", relaxed)
    x, y = highs.addIntegral(0, 10), highs.addVariable(0, 10)
    highs.addConstr(2 * x + 3 * y <= 12.5)
    highs.addConstr(3 * x + 2 * y <= 11)
    highs.maximize(3 * x + 2.5 * y)
    return highs


def told(highs):
    info = highs.getInfo()
    return highs.getModelStatus().name, round(info.objective_function_value, 9), info.mip_dual_bound, info.mip_gap


whole = mixed(False)
tree = told(whole)
whole.changeColsIntegrality(1, np.array([0], np.int32), np.array([highspy.HighsVarType.kContinuous]))
whole.run()
continuous, relaxation = told(whole), told(mixed(True))
print("mixed", tree, "| solve_relaxation", relaxation, "| made continuous", continuous)
rows, sides = [[1, 2], [3, 1]], [8, 9]
one = linprog([-1, -1], A_ub=rows, b_ub=sides)
two = milp([-1, -1], constraints=LinearConstraint(rows, -np.inf, sides), bounds=Bounds(0, np.inf))
print("linprog", one.fun, one.mip_dual_bound, "| milp without integers", two.fun, two.mip_dual_bound)
assert tree == ("kOptimal", 12.25, 12.25, 0.0)
assert relaxation == continuous == ("kOptimal", 12.55, 0.0, np.inf)
assert relaxation[2] < relaxation[1]  # no bound of a maximisation
assert (one.fun, one.mip_dual_bound, two.fun, two.mip_dual_bound) == (-5.0, 0.0, -5.0, None)
PY
