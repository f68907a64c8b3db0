#!/usr/bin/env bash
# HiGHS: the optimum of a quadratic program is ten times too small, and every residual of it is 0.
#
# Version    highspy 1.16.0
# Guess      A separable convex quadratic program with two columns is solved to about 1e-7 whatever the unit of its columns; were it not,
#            the dual infeasibility or the reduced costs would say so.
# Behaviour  The quadratic solver adds qp_regularization_value (1e-7, absolute) to the diagonal and reports the solution of what it then
#            has as that of what it was given. max 1e-3 (x + y) - (1e-8 x^2 + 2e-8 y^2) / 2, money in millions say, is 75 at x = 1e5,
#            y = 5e4. HiGHS ends "optimal" at 16.3 with x = 9091, y = 8333; reduced costs and dual infeasibility are 0, while the slope
#            in x is still 91 % of that at 0. In units a thousand times larger the same program is right to five digits.
# Output     default: Optimal, 16.3 of 75, x 9091, y 8333, dual infeasibility 0, slope 9.1e-04 | in thousands: 74.996 |
#            qp_regularization_value = 0: 75
# Follows    Set qp_regularization_value to 0 where the Hessian is definite, or choose units in which its diagonal is far above 1e-7;
#            take the slopes from c + Q x, never from the solver's own duals.
# In kctopt  own code solves its quadratic programs: tests/test_least_squares.py::test_money_in_other_units_has_the_same_point
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check highspy==1.16.0 numpy==2.4.6
"$place/venv/bin/python" - <<'PY'
import highspy
import numpy as np


def solved(unit, regularization=None):
    """Value, columns, largest dual infeasibility and slope in x, all in the first unit."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    if regularization is not None:
        assert highs.setOptionValue("qp_regularization_value", regularization) == highspy.HighsStatus.kOk
    for _ in range(2):
        highs.addVariable(0, 1e9 / unit)
    for column in range(2):
        highs.changeColCost(column, -1e-3 * unit)
    bend = np.array([1e-8, 2e-8]) * unit**2
    hessian = highspy.HighsHessian()
    hessian.dim_, hessian.start_, hessian.index_, hessian.value_ = 2, np.array([0, 1, 2]), np.array([0, 1]), bend
    assert highs.passHessian(hessian) == highspy.HighsStatus.kOk
    assert highs.run() == highspy.HighsStatus.kOk and highs.getModelStatus().name == "kOptimal"
    x, info, solution = np.array(highs.getSolution().col_value), highs.getInfo(), highs.getSolution()
    slope = (1e-3 * unit - bend[0] * x[0]) / unit
    told = max(info.max_dual_infeasibility, np.abs(solution.col_dual).max())
    return -info.objective_function_value, x * unit, told, slope


runs = {"default": solved(1.0), "in thousands": solved(1e3), "regularization 0": solved(1.0, 0.0)}
for name, (value, x, told, slope) in runs.items():
    print(f"{name}: value {value:.4g} of 75, columns {x.round(1)}, told {told}, slope {slope:.2g}")
assert runs["default"][0] < 20 and runs["default"][2] == 0.0 and runs["default"][3] > 8e-4
assert abs(runs["in thousands"][0] - 75) < 0.01 and abs(runs["regularization 0"][0] - 75) < 1e-6
PY
