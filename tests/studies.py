"""Studies made by hand, for the tests of sweeps: draws of a tiny world."""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np
import pandas
from worlds import tiny

from kctopt.scenario.records import Scenario
from kctopt.study import sweep as sweeping
from kctopt.study.records import Distribution, Draws, Sample, Study, UncertainInput

TABLES = ("members", "outcomes", "allocation", "draws")
BUDGET = UncertainInput("budget", ("budget",), "scale", Distribution("uniform", (0.9, 1.1)))
CONTROLS = UncertainInput("controls", ("controls.intensity",), "scale", Distribution("uniform", (0.6, 1.6)))
EFFORT = UncertainInput("effort", ("knowledge.effort_elasticity",), "value", Distribution("uniform", (0.4, 0.55)))


def drawn(inputs: tuple[UncertainInput, ...], rows: list[list[Any]]) -> Draws:
    """Draws of listed values."""
    values = np.empty((len(rows), len(inputs)), object)
    for d, row in enumerate(rows):
        values[d] = row
    return Draws(inputs, np.full(values.shape, np.nan), values, Sample("list", len(rows)))


def study(
    inputs: tuple[UncertainInput, ...] = (BUDGET, EFFORT), scenarios: tuple[Scenario, ...] = (), name: str = "try"
) -> Study:
    """A study of the tiny world."""
    return Study(name, name, scenarios or (tiny(),), (), inputs, (), Sample("list", 0))


def few(count: int = 6) -> Draws:
    """Some draws of budget and effort."""
    rows = [[0.9 + 0.03 * n, 0.42 + 0.01 * n] for n in range(count)]
    return drawn((BUDGET, EFFORT), rows)


def run(
    path: Path, asked: Study | None = None, draws: Draws | None = None, *, executor: Executor | None = None,
    name: str = "local", workers: int = 1, fail_fast: bool = False,
) -> sweeping.Sweep:  # fmt: skip
    """A sweep of some draws of the tiny world."""
    return sweeping.run(
        asked or study(), draws or few(), path, gap=1e-4, time_limit=None, fail_fast=fail_fast, executor=executor,
        name=name, workers=workers,
    )  # fmt: skip


def same(first: sweeping.Sweep, second: sweeping.Sweep) -> None:
    """Tables that agree bit by bit; seconds are no part of them."""
    for table in TABLES:
        pandas.testing.assert_frame_equal(getattr(first, table), getattr(second, table), check_exact=True)
