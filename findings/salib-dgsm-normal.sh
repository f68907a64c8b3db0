#!/usr/bin/env bash
# SALib: DGSM, the upper bound of the total index, is a tenth of it where inputs are normal.
#
# Version    SALib 1.6.0, numpy 2.4.6, scipy 1.17.1
# Guess      The column "dgsm" is an upper bound of the total Sobol index for every distribution that the sampler of the same problem takes:
#            for the sum of two normal inputs of deviation 1 it is .5 or more for both.
# Behaviour  The constant of the bound is (b - a)^2 / pi^2, whatever the distribution, with the two numbers of the problem, which for
#            "norm" are mean and deviation: of a mean of 10 it is 81 / pi^2 and of a mean of 0 it is 1 / pi^2. The mean, which
#            moves no variance, decides: 4.12 and .051, and .051 is no bound of .5. With two uniform inputs the bound holds.
# Output     norm: dgsm 4.12, 0.051, total .497, .500 | unif of the same deviations: dgsm .61, .61, total .50, .50
# Follows    For normal inputs take vi and multiply it by deviation^2 / variance of the outcome; for others use the constant of theirs.
# In kctopt  nothing depends on it, DGSM is not offered; slopes of its screening keep to the span of an input:
#            tests/test_study_indices.py::test_morris_effects_are_the_slopes_whatever_the_levels
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check SALib==1.6.0 numpy==2.4.6 scipy==1.17.1
"$place/venv/bin/python" - <<'PY'
import numpy as np
from SALib.analyze import dgsm, sobol
from SALib.sample import finite_diff
from SALib.sample import sobol as saltelli

HALF = 3**0.5  # of a uniform input of deviation 1
found = {}
for kind, bounds in (("norm", [[10, 1], [0, 1]]), ("unif", [[10 - HALF, 10 + HALF], [-HALF, HALF]])):
    problem = {"num_vars": 2, "names": ["a", "b"], "bounds": bounds, "dists": [kind] * 2}
    x = finite_diff.sample(problem, 1000, seed=1)
    bound = dgsm.analyze(problem, x, x.sum(axis=1), seed=1)["dgsm"]
    x = saltelli.sample(problem, 1024, seed=1)
    found[kind] = np.array([bound, sobol.analyze(problem, x.sum(axis=1), seed=1)["ST"]], float).round(3)
    print(kind, "dgsm", found[kind][0], "total", found[kind][1])
assert (abs(found["norm"][1] - 0.5) < 0.01).all() and (abs(found["unif"][1] - 0.5) < 0.01).all()
assert found["norm"][0][0] > 4 and found["norm"][0][1] < 0.06
assert (found["unif"][0] > 0.5).all()
PY
