"""Checks of the installed HiGHS against answers known by hand."""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from kctopt.solver.highs import Highs


def mip_case() -> float:
    """Objective that HiGHS finds for a case whose answer is 9: min 2x + 3z, x + z >= 4.5, 0 <= x, z <= 10, z integer.

    HiGHS 1.14.0 ends with 15 instead of 9 (x = 4.5) and calls it optimal.
    """
    highs = Highs()
    rows = sparse.csr_array(np.array([[1.0, 1.0]]))
    highs.load(
        np.array([2.0, 3.0]), np.zeros(2), np.full(2, 10.0), rows, np.array([4.5]), np.array([np.inf])
    )  # fmt: skip
    highs.change_integrality(np.array([1]), highspy.HighsVarType.kInteger)
    return highs.run("dual").objective
