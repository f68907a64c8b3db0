#!/usr/bin/env bash
# pyam: the 95 % quantile of an ensemble is its largest member, and a member of weight 0 still moves it.
#
# Version    pyam-iamc 3.3.0 (with sqlalchemy 2.0.44: its parts fail with 2.1), xarray 2026.9.0, numpy 2.4.6
# Guess      `compute.quantiles` without weights gives what numpy, pandas and xarray give; a weight of 0 leaves a member out; a weight of
#            3 is a member that stands there three times.
# Behaviour  pyam: the definition of Hazen, not the linear one: of five members every quantile from 90 % on is the largest (numpy: 7.6 and
#            8.8 of 10). With weight 0 for the largest, the 95 % quantile of 1, 2, 3, 4 is 7.6: beyond all members that count.
#            xarray keeps to numpy without weights and drops those of weight 0, but a weight of 3 is not three members: 6.3, not 8.2.
# Output     1, 2, 3, 4, 10 at 90, 95 %: pyam 10, 10, numpy 7.6, 8.8 | the last weighs 0: pyam 5.2, 7.6, numpy of four 3.7, 3.85 |
#            the first weighs 3: pyam 8.8, 10, xarray 5.37, 6.34, numpy of seven 6.4, 8.2
# Follows    Name the definition beside a fan chart; take out members of weight 0 by hand; do not compare bands of small ensembles that
#            were made by different tools.
# In kctopt  numpy's definition: tests/test_study_plots.py::test_fans_are_quantiles_of_the_members_with_a_plan,
#            tests/test_study_exchange.py::test_quantiles_are_those_of_the_members
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check pyam-iamc==3.3.0 sqlalchemy==2.0.44 xarray==2026.9.0 numpy==2.4.6 pandas==2.3.3
"$place/venv/bin/python" - <<'PY'
import logging
import warnings

warnings.simplefilter("ignore")
import numpy as np
import pandas as pd
import pyam
import xarray as xr

logging.disable(logging.INFO)
MEMBERS, SHARES = [1.0, 2.0, 3.0, 4.0, 10.0], [0.9, 0.95]
rows = [["m", f"member {i}", "World", "Outlay", "billion CNY", value] for i, value in enumerate(MEMBERS)]
ensemble = pyam.IamDataFrame(pd.DataFrame(rows, columns=["model", "scenario", "region", "variable", "unit", 2030]))


def pyams(weights=None):
    weights = None if weights is None else pd.Series(weights, index=ensemble.index, name="weight", dtype=float)
    return ensemble.compute.quantiles(SHARES, weights=weights).timeseries()[2030].to_numpy().round(2).tolist()


def xarrays(weights):
    members = xr.DataArray(MEMBERS, dims="member")
    found = members.weighted(xr.DataArray(np.array(weights, float), dims="member")).quantile(SHARES)
    return found.to_numpy().round(2).tolist()


def repeated(weights):
    return np.quantile(np.repeat(MEMBERS, weights), SHARES).round(2).tolist()


none, first = [1, 1, 1, 1, 0], [3, 1, 1, 1, 1]
print("plain: pyam", pyams(), "numpy", repeated([1] * 5))
print("the last weighs 0: pyam", pyams(none), "xarray", xarrays(none), "numpy", repeated(none))
print("the first weighs 3: pyam", pyams(first), "xarray", xarrays(first), "numpy", repeated(first))
assert pyams() == [10.0, 10.0] and repeated([1] * 5) == [7.6, 8.8]
assert pyams(none) == [5.2, 7.6] and xarrays(none) == repeated(none) == [3.7, 3.85]
assert pyams(first) == [8.8, 10.0] and xarrays(first) == [5.37, 6.34] and repeated(first) == [6.4, 8.2]
PY
