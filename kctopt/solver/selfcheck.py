"""A small problem that HiGHS 1.14.0 gets wrong.

min 2x + 3z,  x + z >= 4.5,  0 <= x, z <= 10,  z whole: the minimum is 9, version 1.14.0 says 15.
"""

from __future__ import annotations

import highspy
import numpy as np


class QuietHighs(highspy.Highs):
    """HiGHS without its banner: `highspy.Highs()` prints it on stdout before any option can be set (1.16.0)."""

    def __init__(self) -> None:
        super(highspy.Highs, self).__init__()  # past the callbacks, whose installation prints
        self.setOptionValue("output_flag", False)


def mip_case() -> float:
    """What the installed HiGHS says the minimum is."""
    solver = QuietHighs()
    solver.addVars(2, np.zeros(2), np.full(2, 10.0))
    solver.changeColsCost(2, np.arange(2), np.array([2.0, 3.0]))
    solver.changeColIntegrality(1, highspy.HighsVarType.kInteger)
    solver.addRow(4.5, highspy.kHighsInf, 2, np.arange(2), np.ones(2))
    solver.run()
    return float(solver.getInfo().objective_function_value)
