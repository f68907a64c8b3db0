#!/usr/bin/env bash
# HiGHS: an infeasible set that is "valid" and empty: of two plain colliding rows with the default strategy, of integers with strategy 18.
#
# Version    highspy 1.16.0
# Guess      `getIis` of an infeasible program returns rows and bounds that collide; where it cannot, `valid_` is False.
# Behaviour  x + y >= 5 and x + 2y <= 3, x, y in 0..10: with the default strategy (only a light look at single rows and bounds) kOk, `valid_`
#            True, no row, no column. With strategy 2 both rows. 2x = 3 with x whole: strategy 18 kOk, valid and empty; strategy 2
#            kWarning and a row, marked not valid, although this row and the integrality are the whole conflict.
# Output     rows: default (kOk, True, []), 2 (kOk, True, [0, 1]) | whole: default (kOk, True, []), 2 (kWarning, False, [0]), 18 (kOk, True, [])
# Follows    `valid_` does not mean found. Read an empty set as "not found", set the strategy, and for integers find the rules by leaving
#            them out one after the other on the integer program itself.
# In kctopt  tests/test_diagnose.py::test_only_whole_decisions_collide
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check highspy==1.16.0 numpy==2.4.6
"$place/venv/bin/python" - <<'PY'
import highspy


def conflict(whole, strategy=None):
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    if strategy is not None:
        highs.setOptionValue("iis_strategy", strategy)
    if whole:
        highs.addConstr(2 * highs.addIntegral(0, 10) == 3)
    else:
        x, y = highs.addVariable(0, 10), highs.addVariable(0, 10)
        highs.addConstr(x + y >= 5)
        highs.addConstr(x + 2 * y <= 3)
    highs.run()
    assert highs.getModelStatus().name == "kInfeasible"
    status, found = highs.getIis()
    return status.name, found.valid_, list(found.row_index_)


rows = {strategy: conflict(False, strategy) for strategy in (None, 2)}
whole = {strategy: conflict(True, strategy) for strategy in (None, 2, 18)}
print("rows", rows, "| whole", whole)
assert rows == {None: ("kOk", True, []), 2: ("kOk", True, [0, 1])}
assert whole == {None: ("kOk", True, []), 2: ("kWarning", False, [0]), 18: ("kOk", True, [])}
PY
