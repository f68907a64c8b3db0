#!/usr/bin/env bash
# SALib: after one delta analysis, warnings of all packages that were errors are none, and numpy's random numbers begin anew.
#
# Version    SALib 1.6.0, numpy 2.4.6, scipy 1.17.1
# Guess      An analysis is a function of its arguments: it leaves the filters of warnings and numpy's global generator as they were.
# Behaviour  `delta.analyze` calls `warnings.simplefilter("once")` and replaces `warnings.formatwarning`, for the whole process and for good:
#            `-W error` of a test run or `simplefilter("error")` ends there, and later warnings are shown without file and line. With a
#            `seed` it seeds numpy's global generator (PAWN too), so that draws made afterwards repeat; `seed=0` seeds nothing.
# Output     before: the warning raises; after: "[once] ..." is printed; numpy's next number is the same after each analysis, .324 twice
# Follows    Call it inside `warnings.catch_warnings()`, put `formatwarning` and `np.random.get_state()` back, pass seeds from 1 on.
# In kctopt  tests/test_study_indices.py::test_the_same_seed_gives_the_same_and_nothing_of_python_is_changed
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check SALib==1.6.0 numpy==2.4.6 scipy==1.17.1
"$place/venv/bin/python" - <<'PY'
import warnings

import numpy as np
from SALib.analyze import delta

x = np.random.default_rng(1).random((200, 2))
problem = {"num_vars": 2, "names": ["a", "b"], "bounds": [[0.0, 1.0]] * 2}


def raises():
    try:
        warnings.warn("a figure is made up", UserWarning)
    except UserWarning:
        return True
    return False


warnings.simplefilter("error")
look = warnings.formatwarning
assert raises()
after = []
for _ in range(2):
    np.random.seed()
    delta.analyze(problem, x, x.sum(axis=1), num_resamples=2, method="delta", seed=1)
    after.append(float(np.random.rand()))
print("raises:", raises(), "| first filter:", warnings.filters[0][0], "| next numbers of numpy:", after)
assert not raises() and warnings.formatwarning is not look
assert after[0] == after[1]
np.random.seed(5)
expected = float(np.random.rand())
np.random.seed(5)
delta.analyze(problem, x, x.sum(axis=1), num_resamples=2, method="delta", seed=0)
assert float(np.random.rand()) != expected  # it draws from the global generator
PY
