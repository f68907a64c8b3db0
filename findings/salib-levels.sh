#!/usr/bin/env bash
# SALib: delta of an input that decides everything falls from .80 to .31 with 1.6, and PAWN never looks at the highest level of an input.
#
# Version    SALib 1.6.0 (delta also 1.5.1), numpy 2.4.6, scipy 1.17.1
# Guess      An outcome that is a step function of one input alone, such as the year in which a target is met, has delta near 1 - 1/steps (.83);
#            1.6.0 says what 1.5.1 says. PAWN of an input of four levels compares four groups: its maximum is about .75 where one level shifts all.
# Behaviour  delta: since 1.6.0 a slice of the input in which the outcome is one number counts as 0 instead of the whole density, so that the
#            more an input decides, the less it seems to matter; only a warning of "under-sampling" is printed, also when warnings are off.
#            PAWN: slices are [q_s, q_s+1), the last one too, so that the largest value is in none: the group of the highest level is empty,
#            is skipped in silence, and "maximum" is .28, the shift of the other levels. Of a choice of two, one group is compared.
# Output     delta_raw of 1.6.0 .31 (balanced .54), delta of 1.5.1 .80 | PAWN maximum .283, true .723
# Follows    Compare distributions by hand for inputs of few values and outcomes with atoms.
# In kctopt  own PAWN and delta, equal to SALib's elsewhere: tests/test_study_indices.py::test_pawn_compares_the_highest_level_too,
#            tests/test_study_indices.py::test_delta_is_that_of_salib_and_keeps_slices_of_one_outcome
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
for salib in 1.5.1 1.6.0; do
    python3 -m venv "$place/$salib"
    "$place/$salib/bin/pip" install --quiet --disable-pip-version-check SALib==$salib numpy==2.4.6 scipy==1.17.1
    "$place/$salib/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from SALib.analyze import delta

x = np.random.default_rng(1).random((1000, 3))
problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0.0, 1.0]] * 3}
found = delta.analyze(problem, x, np.floor(6 * x[:, 0]), num_resamples=10, method="delta", seed=1)
told = {name: float(found[name][0].round(3)) for name in ("delta", "delta_raw", "delta_balanced") if name in found}
print("SALib", version("SALib"), told)
if version("SALib") == "1.5.1":
    assert told["delta"] > 0.75
else:
    assert "delta" not in told and told["delta_raw"] < 0.45 and told["delta_balanced"] < 0.65
PY
done
"$place/1.6.0/bin/python" - <<'PY'
import numpy as np
from SALib.analyze import pawn
from scipy.stats import ks_2samp

random = np.random.default_rng(1)
levels = random.integers(0, 4, (1000, 2)).astype(float)
y = 10 * (levels[:, 0] == 3) + random.random(1000)
found = pawn.analyze({"num_vars": 2, "names": ["a", "b"], "bounds": [[0, 3]] * 2}, levels, y, S=10)
true = max(ks_2samp(y[levels[:, 0] == level], y).statistic for level in range(4))
print("PAWN maximum", round(float(found["maximum"][0]), 3), "true", round(float(true), 3))
assert found["maximum"][0] < 0.3 and true > 0.7
PY
