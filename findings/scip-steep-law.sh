#!/usr/bin/env bash
# SCIP: a law of diminishing returns written the other way round lets a plan without money have a third of the worth.
#
# Version    pyscipopt 6.3.0 (with the SCIP of its wheel), numpy 2.4.6
# Guess      y <= x ** 0.2 and y ** 5 <= x are one law for x, y >= 0; a global solver ends both at the same optimum, and a polynomial is
#            the safer way to write it.
# Behaviour  max sum(y) - 1e6 sum(x) over five such lines is 0.08459. The root form is right to 3e-5. The power form ends
#            "optimal" with gap 0 at 0.3047, 3.6 times what is possible, and spends nothing at all: a tolerance of 1e-6
#            in y ** 5 <= x is 0.06 in y. The bound is as far off as the plan.
# Output     true 0.0845897 | root optimal 0.08459 bound 0.08459 gap 0 | power optimal 0.30472 bound 0.30472 gap 0, x = 0, y = 0.0609
# Follows    A proven bound is one of the program with its tolerances. Where laws are steep at 0, write them solved for what is produced,
#            and evaluate the plan by the law itself: the money found gives 0, not 0.3.
# In kctopt  plans are judged by the exact laws: tests/test_discrete.py::test_a_discrete_plan_keeps_every_rule_and_is_worth_what_it_says
#            tests/test_false_bounds.py::test_what_a_plan_gains_by_broken_rules_is_priced
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check pyscipopt==6.3.0 numpy==2.4.6
"$place/venv/bin/python" - <<'PY'
from pyscipopt import Model

LINES, PRICE = 5, 1e6
best = (1 / (5 * PRICE)) ** (1 / 4)  # y where the slope of y - PRICE y ** 5 is 0
true = LINES * (best - PRICE * best**5)


def solved(form):
    m = Model()
    m.hideOutput()
    m.setParam("limits/time", 120)
    x = [m.addVar(lb=0, ub=1) for _ in range(LINES)]
    y = [m.addVar(lb=0, ub=1) for _ in range(LINES)]
    for money, made in zip(x, y):
        m.addCons(made <= money**0.2 if form == "root" else made**5 <= money)
    m.setObjective(sum(y) - PRICE * sum(x), "maximize")
    m.optimize()
    spent, made = [m.getVal(v) for v in x], [m.getVal(v) for v in y]
    worth = sum(max(v, 0.0) ** 0.2 for v in spent) - PRICE * sum(spent)
    print(form, m.getStatus(), m.getObjVal(), "bound", m.getDualbound(), "gap", m.getGap(), "x", spent, "y", made)
    return m.getStatus(), m.getObjVal(), m.getDualbound(), m.getGap(), worth


root, power = solved("root"), solved("power")
print("true", true, "| worth of the plan of the power form by the law", power[4])
assert root[0] == power[0] == "optimal" and power[3] < 1e-6
assert abs(root[1] / true - 1) < 1e-3
assert power[1] > 3 * true and power[2] > 3 * true
assert power[4] < true  # what it really has
PY
