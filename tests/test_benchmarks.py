"""The benchmark harness: its worlds are sensible, its page says what was measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import kctopt
from benchmarks.report import write_report
from benchmarks.run import entries
from benchmarks.worlds import SOURCES, TAIL, world
from kctopt.rules import breaches
from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.select import quadrant
from kctopt.simulator import to_base_plan


@pytest.mark.parametrize(("lines", "years"), [(20, 10), (40, 10), (60, 25)])
def test_worlds_keep_the_nation(lines: int, years: int) -> None:
    found, original = world(lines, years), kctopt.load(SOURCES[years], set={"horizon.tail": TAIL})
    assert len(found.lines) == lines and len(found.horizon.years) == years
    copies = lines // len(original.lines)
    for field in ("spend", "floor"):
        amounts = np.array([getattr(line, field) for line in found.lines])
        assert amounts.reshape(-1, copies).sum(axis=1) == pytest.approx(
            [getattr(line, field) for line in original.lines]
        )
    places = [quadrant(found, i) for i in range(lines)]
    assert places == [quadrant(original, i // copies) for i in range(lines)]
    assert calibrate(found).yields.min() > 0
    assert {breach.kind for breach in breaches(found, to_base_plan(found))} <= {"exposure"}  # as in the baseline


def test_worlds_repeat() -> None:
    assert world(40, 10) == world(40, 10)
    assert world(40, 10) != world(40, 10, seed=1)


def test_worlds_need_a_multiple() -> None:
    with pytest.raises(ValueError, match="multiple of 20"):
        world(30, 10)


def test_small_sizes_are_measured_first() -> None:
    sizes = [(entry.lines, entry.years) for entry in entries("full") if entry.lines]
    assert sizes == sorted(sizes) and sizes[-1] == (5000, 10)


def test_report(tmp_path: Path) -> None:
    ours = {"status": "optimal", "model": 0.5, "gap": 5e-5, "objective": 100.0, "memory": 200.0, "rounds": 20}
    warm = {"warm_gap": 1e-5, "warm_status": "optimal", "warm_objective": 101.0}
    results = {
        "kctopt/20x10/1": ours | warm | {"solve": 1.0, "cpu": 2.0, "warm": 0.2},
        "kctopt/20x10/2": ours | warm | {"solve": 3.0, "cpu": 4.0, "warm": 0.4},
        "kctopt-changed/20x10/1": ours | {"solve": 1.0},
        "clarabel/20x10/1": ours | {"solve": 4.0, "cpu": 5.0, "objective": 100.1},
        "scip/20x10/1": {"status": "timeout", "limit": 120.0},
        "kctopt:switching:0.001/0x0/1": ours | {"solve": 20.0, "limit": 60.0},
        "scip:switching:0.001/0x0/1": {"status": "timelimit", "model": 1.0, "solve": 60.0, "limit": 60.0},
    }
    page = tmp_path / "benchmarks.md"
    write_report(results, page, idle=0.7)
    text = page.read_text(encoding="utf-8")
    assert "| 20 | 10 | kctopt, cold | 0.50 | 2.00 | 3.00 | 1.00 | 5.0e-05 | 200 | optimal, 20 rounds |" in text
    assert "timeout (120 s)" in text
    assert "| switching | 1e-03 | 60 | SCIP | 1.00 | 60.00 |" in text
    assert "kctopt takes 0.60 of the CPU of cvxpy + Clarabel; its plan lies 1.0e-03 (relative) below" in text
    assert "the warm re-solve is 5.0 times faster than cold" in text


def test_a_part_that_was_not_measured_stays_on_the_page(tmp_path: Path) -> None:
    ours = {"model": 0.5, "solve": 2.0, "status": "optimal", "gap": 5e-5, "memory": 200.0, "limit": 60.0}
    page = tmp_path / "benchmarks.md"
    write_report({"kctopt:switching:0.001/0x0/1": ours}, page, idle=0.7)
    write_report({"kctopt/20x10/1": ours | {"objective": 100.0}}, page, idle=0.7)
    write_report({"kctopt:switching:0.001/0x0/1": ours | {"solve": 3.0}}, page, idle=0.7)
    text = page.read_text(encoding="utf-8")
    assert (
        "| 20 | 10 | kctopt, cold | 0.50 | 2.00 |" in text
        and "| switching | 1e-03 | 60 | kctopt | 0.50 | 3.00 |" in text
    )
    assert text.count("## Discrete decisions") == 1 and text.count("# Benchmarks\n") == 1
