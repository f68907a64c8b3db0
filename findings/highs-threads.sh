#!/usr/bin/env bash
# HiGHS 1.16: a run with the default number of threads spoils later runs with another number in the same Python thread.
#
# Version    highspy 1.16.0 (1.15.0 solved all of them)
# Guess      `threads` belongs to one Highs object: setting it on a new object is safe, whatever ran before.
# Behaviour  The first run starts a scheduler for its Python thread. A new object with another `threads` then returns
#            kError, and the model status stays kNotset with objective 0. In another Python thread, or after
#            `Highs.resetGlobalScheduler(True)`, the same program is solved.
# Output     default (kOk, kOptimal, 5.0) | threads=1 (kError, kNotset, 0.0) | other thread (kOk, kOptimal, 5.0) |
#            after the reset (kOk, kOptimal, 5.0)
# Follows    Look at the status that `run` returns before the model status, and never read "not optimal" as infeasible.
#            A library must not run HiGHS with threads of its own choice in the caller's thread.
# In kctopt  tests/test_threads.py::test_a_run_of_the_users_before_changes_no_answer
#            tests/test_threads.py::test_a_run_that_did_not_take_place_has_failed
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check highspy==1.16.0 numpy==2.4.6
"$place/venv/bin/python" - <<'PY'
import os
from concurrent.futures import ThreadPoolExecutor

import highspy


def solved(threads=None):
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    if threads is not None:
        highs.setOptionValue("threads", threads)
    x, y = highs.addVariable(0, 10), highs.addVariable(0, 10)
    highs.addConstr(x + 2 * y <= 8)
    highs.addConstr(3 * x + y <= 9)
    status = highs.maximize(x + y)
    return status.name, highs.getModelStatus().name, highs.getObjectiveValue()


GOOD = ("kOk", "kOptimal", 5.0)
first = 2 if (os.cpu_count() or 1) < 3 else None  # the default is one thread where there are few cores
print("first run", solved(first))
after = solved(1)
print("threads=1", after)
with ThreadPoolExecutor(1) as other:
    elsewhere = other.submit(solved, 1).result()
print("threads=1 in another Python thread", elsewhere)
highspy.Highs.resetGlobalScheduler(True)
reset = solved(1)
print("threads=1 after the reset", reset)
assert after == ("kError", "kNotset", 0.0)
assert elsewhere == reset == GOOD
PY
