#!/usr/bin/env bash
# pymoo: an objective in which all plans agree makes the choice among them the first of the list, whatever the weights.
#
# Version    pymoo 0.6.2, numpy 2.4.6
# Guess      PseudoWeights scales each objective by its range; one that is the same in every plan of the front (a target that all of them
#            just meet) cannot tell plans apart and is left out.
# Behaviour  Its range is 0, every pseudo weight is NaN, and the nearest row to the wanted weights is then row 0: for opposite
#            preferences the same plan, with no error. Without that column the choices are the two ends of the front.
# Output     three objectives: plan 0 for .1 / .8 and for .8 / .1, pseudo weights all NaN | two objectives: plan 3 and plan 0
# Follows    Take out constant columns before a choice by weights; check that the pseudo weights are numbers.
# In kctopt  nothing depends on it, pymoo is not used; how an outcome that never changes is told:
#            tests/test_study_indices.py::test_a_constant_outcome_is_said_and_has_no_indices
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check pymoo==0.6.2 numpy==2.4.6
"$place/venv/bin/python" - <<'PY'
import warnings

import numpy as np
from pymoo.mcdm.pseudo_weights import PseudoWeights

warnings.simplefilter("ignore")  # numpy's, of a division
FRONT = np.array([[0.0, 1.0], [0.2, 0.5], [0.5, 0.2], [1.0, 0.0]])
SAME = np.column_stack([FRONT, np.full(4, 5.0)])
chosen, without, numbers = [], [], []
for first in (0.1, 0.8):
    plan, weights = PseudoWeights(np.array([first, 0.9 - first, 0.1])).do(SAME, return_pseudo_weights=True)
    chosen.append(int(plan))
    numbers.append(bool(np.isfinite(weights).any()))
    without.append(int(PseudoWeights(np.array([first, 0.9 - first]) / 0.9).do(FRONT)))
print("three objectives", chosen, "any number among the pseudo weights", numbers, "| two objectives", without)
assert chosen == [0, 0] and not any(numbers) and without == [3, 0]
PY
