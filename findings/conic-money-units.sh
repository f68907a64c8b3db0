#!/usr/bin/env bash
# Clarabel and SCS: with money in 10000 CNY 8 % of what is possible is lost, or all of it, and both are "optimal".
#
# Version    cvxpy 1.9.3, clarabel 0.11.1, scs 3.3.1
# Guess      max sum a (1 - exp(-x / s)), sum x <= budget, is smooth and strictly concave; conic solvers equilibrate the data, so that another
#            unit of money costs some digits or ends "optimal_inaccurate". An "optimal" plan is within 1 %.
# Behaviour  In 10000 CNY the coefficients of x are about 1e-7, and the tests of convergence pass. Clarabel's plan is "optimal" and worth
#            92 % of the optimum; SCS's spends nothing, and is "optimal" too. With money in 100 billion CNY both are right to 1e-5.
# Output     exact 15.76401 | 1e11 CNY: clarabel optimal 15.76401, scs optimal 15.76401 | 1e4 CNY: clarabel optimal 14.57, scs optimal 0
# Follows    Count money in units in which it is about 1 where its laws bend, whatever the solver's scaling is said to do, and check a
#            plan by what its laws demand (equal slopes), not by the status.
# In kctopt  the unit of money is chosen from the scenario: tests/test_units.py::test_money_in_another_unit_has_the_same_optimum,
#            tests/test_units.py::test_the_unit_is_that_of_a_lines_spend
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check cvxpy==1.9.3 clarabel==0.11.1 scs==3.3.1 numpy==2.4.6 scipy==1.17.1
"$place/venv/bin/python" - <<'PY'
import warnings

import cvxpy as cp
import numpy as np
from scipy.optimize import brentq

warnings.simplefilter("ignore")
LINES, BUDGET = 20, 1e12  # CNY
draw = np.random.default_rng(1)
worth, scale = draw.uniform(1, 3, LINES), draw.uniform(3e10, 2e11, LINES)


def value(money):
    return float((worth * (1 - np.exp(-money / scale))).sum())


def plan_at(price):
    """Where every line that gets money has this slope."""
    return scale * np.log(np.maximum(worth / scale / price, 1.0))


exact = value(plan_at(brentq(lambda price: plan_at(price).sum() - BUDGET, 1e-15, 1e-10, xtol=1e-25, rtol=1e-14)))


def solved(solver, unit):
    money = cp.Variable(LINES, nonneg=True)
    total = cp.sum(cp.multiply(worth, 1 - cp.exp(cp.multiply(-unit / scale, money))))
    problem = cp.Problem(cp.Maximize(total), [cp.sum(money) <= BUDGET / unit])
    problem.solve(solver=solver)
    return problem.status, value(np.maximum(money.value, 0.0) * unit)


found = {(solver, unit): solved(solver, unit) for solver in ("CLARABEL", "SCS") for unit in (1e11, 1e4)}
print("exact", exact, "| worth of the plans", found)
assert all(status == "optimal" for status, _ in found.values())
assert all(abs(found[solver, 1e11][1] / exact - 1) < 1e-4 for solver in ("CLARABEL", "SCS"))
assert found["CLARABEL", 1e4][1] < 0.95 * exact and found["SCS", 1e4][1] < 1e-3
PY
