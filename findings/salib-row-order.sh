#!/usr/bin/env bash
# SALib: an input that decides nothing gets a first-order index of .87, for the rows of the design stand in their order.
#
# Version    SALib 1.6.0, numpy 2.4.6, scipy 1.17.1
# Guess      RBD-FAST takes any sample of independent inputs and sorts it for itself: the same rows in another order give the same indices,
#            and a choice of two that is in no formula has an index near 0.
# Behaviour  Rows of one level of an input stay in the order of the file, which in a full factorial design is that of the next input: sorted
#            by the idle input, the outcome is the ramp of the other one, twice, and the periodic part of that is taken for its effect.
#            A choice of two without any effect has .87, one of four .69; after a shuffle of the rows both are within .01 of 0.
# Output     two levels: design order .867, shuffled -.009 | four levels: .686, -.000 | the input that decides all: .999 in every order
# Follows    Shuffle the rows (inputs and outcomes alike) before RBD-FAST wherever an input has ties; look with suspicion at published
#            indices of grids and of members that were saved in order.
# In kctopt  rows go to it in a random order: tests/test_study_indices.py::test_an_idle_choice_of_a_design_in_order_has_no_rbd_fast_index
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check SALib==1.6.0 numpy==2.4.6 scipy==1.17.1
"$place/venv/bin/python" - <<'PY'
import itertools

import numpy as np
from SALib.analyze import rbd_fast


def first(levels, shuffled):
    """First-order indices of an idle choice, of the share that is the outcome, and of a third input of the design."""
    design = np.array(list(itertools.product(range(levels), np.linspace(0, 1, 50), range(3))), float)
    if shuffled:
        design = np.random.default_rng(1).permutation(design)
    problem = {"num_vars": 3, "names": ["choice", "share", "third"], "bounds": [[0, levels - 1], [0, 1], [0, 2]]}
    return np.array(rbd_fast.analyze(problem, design, design[:, 1], seed=1)["S1"], float).round(3)


found = {(levels, shuffled): first(levels, shuffled) for levels in (2, 4) for shuffled in (False, True)}
for (levels, shuffled), indices in found.items():
    print(f"{levels} levels, {'shuffled' if shuffled else 'design order'}:", dict(zip(("choice", "share", "third"), indices.tolist())))
    assert indices[1] > 0.98
    assert abs(indices[0]) < 0.03 if shuffled else indices[0] > 0.6
PY
