"""A worker that some members kill, for the tests of sweeps."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from kctopt.study import worker

ALWAYS, ONCE = 0.99, 0.93  # draws of the budget
MARKS = "KCTOPT_TEST_MARKS"  # the folder where deaths are noted


def solve_members(spec, tasks):
    """As the worker's, but the process dies of one draw every time, and of another the first time."""
    for _, overlay in tasks:
        budget = round(overlay["scale"]["budget"], 9)
        mark = Path(os.environ[MARKS]) / f"{budget:g}-{os.getpid()}"
        if budget == ALWAYS or (budget == ONCE and not any(mark.parent.glob(f"{budget:g}-*"))):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return worker.solve_members(spec, tasks)
