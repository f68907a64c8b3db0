#!/usr/bin/env bash
# SALib: Morris effects scale with an argument that the analysis cannot check; and one missing output makes all Sobol indices 0.
#
# Version    SALib 1.6.0, numpy 2.4.6, scipy 1.17.1
# Guess      `morris.analyze` has the sample itself, so that it needs no `num_levels` or refuses another than that of the sample;
#            a NaN among the outputs gives NaN indices or an error.
# Behaviour  The step is worked out from `num_levels` (4 by default) instead of the rows of X: outputs of 1, 2, 3 times a parameter, sampled with 8
#            levels, have mu_star 0.857, 1.714, 2.571 without the argument; nothing is said. One NaN of 2048 outputs: S1, ST and their
#            confidence intervals are exactly 0.0, no warning, which reads "no parameter matters, and that is certain".
# Output     levels 4: [0.857 1.714 2.571] | levels 8: [1. 2. 3.] | NaN: S1 [0. 0. 0.], ST [0. 0. 0.], S1_conf [0. 0. 0.]
# Follows    Infeasible draws have no number: leave them out by whole sample groups or stop, before SALib sees them. Pass num_levels twice.
# In kctopt  tests/test_study_indices.py::test_failed_members_take_their_blocks_with_them,
#            tests/test_study_indices.py::test_morris_effects_are_the_slopes_whatever_the_levels
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check SALib==1.6.0 numpy==2.4.6 scipy==1.17.1
"$place/venv/bin/python" - <<'PY'
import warnings

import numpy as np
from SALib.analyze import morris, sobol
from SALib.sample import morris as trajectories
from SALib.sample import sobol as sample

problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0.0, 1.0]] * 3}
slopes = np.array([1.0, 2.0, 3.0])
X = trajectories.sample(problem, 50, num_levels=8, seed=1)
effects = {n: np.array(morris.analyze(problem, X, X @ slopes, num_levels=n, seed=1)["mu_star"]) for n in (4, 8)}
print({n: effect.round(3) for n, effect in effects.items()})
assert np.allclose(effects[8], slopes) and np.allclose(effects[4], slopes * 6 / 7)

outputs = sample.sample(problem, 256, seed=1) @ slopes
outputs[5] = np.nan
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    found = sobol.analyze(problem, outputs, seed=1)
print(len(outputs), "outputs, one NaN:", {key: found[key] for key in ("S1", "ST", "S1_conf")}, "warnings", len(caught))
assert not caught
assert all((found[key] == 0.0).all() for key in ("S1", "ST", "S1_conf", "ST_conf"))
PY
