#!/usr/bin/env bash
# HiGHS: a semi-continuous amount ends at 100000, and the plan below that is called optimal with its bound.
#
# Version    highspy 1.16.0, scipy 1.17.1
# Guess      A semi-continuous column, 0 or from 1 to 2e6, takes any of these amounts. If a limit of the code stood in the way, it would be
#            an error.
# Behaviour  Uppers above 1e5 are lowered to 1e5 before the search. An error follows only where the column found ends at the lowered upper.
#            An amount in whole lots of 7e4 does not: max x, x = 7e4 k, k <= 20 ends "optimal" at one lot of twenty with the bound of one
#            lot and gap 0. scipy's `milp` with integrality 2 says the same with success. With a binary instead it is 1.4e6.
# Output     semi-continuous kOk, kOptimal, 70000, bound 70000, gap 0 | milp True 70000 | binary kOptimal 1400000 | without lots kError kSolveError
# Follows    Write "nothing or at least" with a binary and a valid upper, or count in units in which every amount is below 1e5: a project
#            in 10000 CNY is beyond it from a billion on.
# In kctopt  "off or at its scale" is a binary: tests/test_units.py::test_other_programs_in_another_unit
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check highspy==1.16.0 numpy==2.4.6 scipy==1.17.1
"$place/venv/bin/python" - <<'PY'
import highspy
import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

MOST, LOT = 2e6, 7e4


def solved(kind, lots=True):
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    x, k = highs.addVariable(1.0 if kind == "semi" else 0.0, MOST), highs.addIntegral(0, 20)
    if kind == "semi":
        highs.changeColIntegrality(x.index, highspy.HighsVarType.kSemiContinuous)
    else:
        on = highs.addBinary()
        highs.addConstr(x - MOST * on <= 0)
        highs.addConstr(x - on >= 0)
    if lots:
        highs.addConstr(x - LOT * k == 0)
    status, info = highs.maximize(x), highs.getInfo()
    return status.name, highs.getModelStatus().name, info.objective_function_value, info.mip_dual_bound, info.mip_gap


semi, binary, free = solved("semi"), solved("binary"), solved("semi", lots=False)
lot = LinearConstraint([[1.0, -LOT]], 0.0, 0.0)
scipys = milp([-1.0, 0.0], integrality=[2, 1], bounds=Bounds([1, 0], [MOST, 20]), constraints=lot)
print("semi-continuous", semi, "| milp", scipys.success, scipys.status, -scipys.fun, "| binary", binary, "| without lots", free)
assert semi == ("kOk", "kOptimal", LOT, LOT, 0.0)
assert scipys.success and -scipys.fun == LOT
assert binary[1] == "kOptimal" and abs(binary[2] - 20 * LOT) < 1e-3
assert free[:2] == ("kError", "kSolveError")
PY
