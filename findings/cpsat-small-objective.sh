#!/usr/bin/env bash
# CP-SAT: with an objective in a small unit doing nothing is OPTIMAL, beside a bound that says otherwise.
#
# Version    ortools 9.15.6755
# Guess      An objective of numbers with a point is scaled to whole ones: a factor common to all of them changes nothing. OPTIMAL means
#            that value and best bound agree.
# Behaviour  From 1e-8 down (points of an index for each 10000 CNY, say) the objective that is searched is 0 in every plan: the
#            first plan found, here that of nothing at all, is OPTIMAL with value 0. The bound, made sound for what was lost, is the sum
#            of all uppers. At 1e-7 and above the plan is right. mip_wanted_precision and mip_drop_tolerance change nothing.
# Output     unit 1: 4000 of 4000 | 1e-7: 4000 of 4000 | 1e-8: OPTIMAL [0, 0, 0] value 0 bound 6000 (in the unit) | 1e-8 and
#            mip_wanted_precision 1e-12: the same
# Follows    Hand CP-SAT whole coefficients that you scaled yourself, and compare value and bound even where the status is OPTIMAL.
# In kctopt  nothing depends on it: CP-SAT is not used, and the gap is always of value and bound, in any unit:
#            tests/test_units.py::test_other_programs_in_another_unit
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check ortools==9.15.6755
"$place/venv/bin/python" - <<'PY'
from ortools.sat.python import cp_model


def solved(unit, **parameters):
    model = cp_model.CpModel()
    lots = [model.new_int_var(0, 1000, f"lots {i}") for i in range(3)]
    model.add(sum(lots) <= 1500)
    model.maximize(sum(unit * worth * lot for worth, lot in zip((3, 2, 1), lots)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    for name, value in parameters.items():
        setattr(solver.parameters, name, value)
    status = solver.status_name(solver.solve(model))
    plan = [solver.value(lot) for lot in lots]
    return status, plan, round(solver.objective_value / unit, 3), round(solver.best_objective_bound / unit, 3)


found = {unit: solved(unit) for unit in (1.0, 1e-7, 1e-8, 1e-12)}
fine = solved(1e-8, mip_wanted_precision=1e-12)
for unit, end in found.items():
    print(unit, *end)
print("1e-8 with mip_wanted_precision=1e-12", *fine)
assert found[1.0] == found[1e-7] == ("OPTIMAL", [1000, 500, 0], 4000.0, 4000.0)
assert found[1e-8] == found[1e-12] == fine == ("OPTIMAL", [0, 0, 0], 0.0, 6000.0)
PY
