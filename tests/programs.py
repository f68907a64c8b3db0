"""Linear programs counted as they are run: an interrupt comes after so much work, on a machine of any speed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import highspy
import pytest

ROOT = Path(__file__).parents[1]
SIGNALLED = """
import os, sys
import highspy
from kctopt.cli import main

at, number = int(sys.argv.pop()), int(sys.argv.pop())
run, runs = highspy.Highs.run, []

def counted(highs):
    runs.append(highs)
    if len(runs) == at:
        os.kill(os.getpid(), number)
    return run(highs)

highspy.Highs.run = counted
main(prog_name="kctopt")
"""


def signalled(number: int, at: int, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """A command in a process of its own, which sends itself a signal as it begins its program number `at`.

    So it ends by itself, whatever becomes of the test.
    """
    return subprocess.run(
        [sys.executable, "-c", SIGNALLED, *arguments, str(number), str(at)], cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=300, check=False,
    )  # fmt: skip


def interrupted(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """An interrupt in this process after so many programs."""
    whole, runs = highspy.Highs.run, list[highspy.Highs]()

    def counted(highs: highspy.Highs) -> highspy.HighsStatus:
        runs.append(highs)
        if len(runs) > after:
            raise KeyboardInterrupt
        return whole(highs)

    monkeypatch.setattr(highspy.Highs, "run", counted)
