#!/usr/bin/env bash
# HiGHS: the same mixed-integer program run twice on one object has two optima, the second better than is possible.
#
# Version    highspy 1.16.0 (1.15.1 does the same)
# Guess      A second `run` of an unchanged, solved program answers at once with the same optimum.
# Behaviour  max 3x + 2.5y, 2x + 3y <= 12.5, 3x + 2y <= 11, x whole, is 12.25 (x = 2, y = 2.5). The first run says so. The second
#            says 12.250001 with y = 2.5000004, gap 0 and a bound of the same 12.250001: it starts from the first plan
#            and then uses up the feasibility tolerance of 1e-6. After `clearSolver` it is 12.25 again.
# Output     first 12.25 | second 12.250001, bound 12.250001, gap 0.0, infeasibility 8e-07 | cleared 12.25
# Follows    Two values of "the optimum" of one program may differ in the 7th digit by the history of the object: compare
#            plans by evaluating their columns, and call a plan better only beyond price times tolerance.
# In kctopt  tests/test_findings.py::test_a_mixed_program_run_again_keeps_a_sound_bound
#            tests/test_false_bounds.py::test_what_a_plan_gains_by_broken_rules_is_priced
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check highspy==1.16.0 numpy==2.4.6
"$place/venv/bin/python" - <<'PY'
from fractions import Fraction

import highspy

# the optimum without any solver: for each whole x the largest y
exact = max(
    3 * x + Fraction(5, 2) * min(Fraction(25 - 4 * x, 6), Fraction(11 - 3 * x, 2)) for x in range(4)
)
highs = highspy.Highs()
highs.setOptionValue("output_flag", False)
highs.setOptionValue("threads", 1)
x, y = highs.addIntegral(0, 10), highs.addVariable(0, 10)
highs.addConstr(2 * x + 3 * y <= 12.5)
highs.addConstr(3 * x + 2 * y <= 11)
highs.maximize(3 * x + 2.5 * y)
first = highs.getInfo().objective_function_value
highs.run()
info = highs.getInfo()
second, bound, gap = info.objective_function_value, info.mip_dual_bound, info.mip_gap
print(f"exact {float(exact)}, first {first}, second {second!r} with bound {bound!r} and gap {gap}")
print("infeasibility", info.max_primal_infeasibility, "columns", list(highs.getSolution().col_value))
highs.clearSolver()
highs.run()
cleared = highs.getInfo().objective_function_value
print("after clearSolver", cleared)
assert abs(first - float(exact)) < 1e-9 and abs(cleared - float(exact)) < 1e-9
assert 5e-7 < second - float(exact) < 5e-6 and bound >= second - 1e-9 and gap < 1e-6
PY
