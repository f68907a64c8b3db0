"""What long work tells: records for a callback, lines for logging; a callback that stops it, or fails."""

from __future__ import annotations

import logging
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from worlds import tiny

import kctopt
from kctopt.analysis.flips import flips
from kctopt.analysis.forms import forms
from kctopt.progress import listening, report, step
from kctopt.solver import Engine


def stop_after(count: int, seen: list[kctopt.Progress]) -> object:
    """A callback that keeps records and stops the work at one of them."""

    def listen(now: kctopt.Progress) -> None:
        seen.append(now)
        if len(seen) == count:
            raise StopIteration

    return listen


def test_a_solve_tells_its_plan_and_bound_until_they_meet() -> None:
    seen: list[kctopt.Progress] = []
    result = kctopt.solve(tiny(), progress=seen.append)
    assert [now.phase for now in seen[:1] + seen[-1:]] == ["start", "end"]
    assert {now.phase for now in seen[1:-1]} == {"search", "proof"}
    assert (seen[-1].objective, seen[-1].bound, seen[-1].gap) == (result.objective, result.bound, result.gap)
    plans = [now.objective for now in seen if now.objective is not None]
    assert all(after >= before * (1 - 1e-7) for before, after in pairwise(plans))
    assert any(now.gap is not None for now in seen[:-1])
    times = [now.seconds for now in seen]
    assert times == sorted(times) and times[-1] > 0


def test_a_callback_that_stops_a_solve_keeps_the_best_certified_plan() -> None:
    seen: list[kctopt.Progress] = []
    result = kctopt.solve("baseline", progress=stop_after(10, seen))
    assert result.status is kctopt.Status.INTERRUPTED
    assert result.verified and result.gap is not None and len(seen) == 10


def test_the_last_record_stops_nothing() -> None:
    seen: list[kctopt.Progress] = []
    count = len(told) if kctopt.solve(tiny(), progress=(told := []).append) else 0
    assert kctopt.solve(tiny(), progress=stop_after(count, seen)).status == "optimal"


def test_a_callback_that_fails_is_heard_once_and_the_engine_goes_on() -> None:
    engine, calls = Engine(kctopt.build(tiny())), []

    def fail(now: kctopt.Progress) -> None:
        calls.append(now)
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        engine.solve(progress=fail)
    assert len(calls) == 1
    assert engine.solve().status == "optimal"


def test_an_engine_tells_a_solve_again() -> None:
    engine, seen = Engine(kctopt.build(tiny())), []
    engine.solve()
    changed = kctopt.load(tiny(), scale={"budget": 1.01})
    outcome = engine.resolve(changed, progress=seen.append)
    assert seen[0].phase == "start" and seen[-1].gap == outcome.gap


def test_analyses_tell_their_steps_and_the_solves_inside() -> None:
    result, seen = kctopt.solve(tiny()), []
    flips(result, "budget", low=0.9, high=1.1, tolerance=0.2, progress=seen.append)
    steps = [now.task for now in seen if now.phase == "step"]
    assert steps and all(task.startswith("budget ") for task in steps)
    assert {now.task for now in seen} == set(steps)
    assert {"start", "proof", "end"} < {now.phase for now in seen}
    with pytest.raises(KeyboardInterrupt):
        forms(result, progress=stop_after(1, []))


def test_a_comparison_and_a_diagnosis_tell_theirs() -> None:
    seen: list[kctopt.Progress] = []
    base = tiny()
    other = kctopt.load(base, scale={"budget": 1.05}).model_copy(update={"name": "more"})
    comparison = kctopt.compare(base, other, attribution=True, progress=seen.append)
    assert comparison.pairs[0].attribution is not None
    assert [now.phase for now in seen].count("end") >= 2
    with pytest.raises(KeyboardInterrupt):
        kctopt.compare(base, other, progress=stop_after(3, []))
    told: list[kctopt.Progress] = []
    kctopt.diagnose(base, time_limit=10, progress=told.append)
    assert told[0].task == f"diagnosing {base.name}"


def test_work_inside_work_is_heard_by_its_own_callback_and_else_by_the_outer() -> None:
    outer: list[kctopt.Progress] = []
    inner: list[kctopt.Progress] = []
    with listening(outer.append):
        step("first")
        with listening(inner.append):
            report("search")
        with listening(None):
            report("proof", 1.0, 2.0, 1.0)
    report("search")
    assert [(now.phase, now.task) for now in outer] == [("step", "first"), ("proof", "first")]
    assert [(now.phase, now.task) for now in inner] == [("search", "")]


def test_logging_tells_the_end_at_info_and_rounds_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="kctopt"):
        result = kctopt.solve(tiny())
    lines = [(record.name, record.levelname, record.getMessage()) for record in caplog.records]
    assert {name for name, _, _ in lines} == {"kctopt.solver"}
    (end,) = [text for _, level, text in lines if level == "INFO"]
    assert f"optimal, plan {result.objective}" in end
    assert len([text for _, level, text in lines if level == "DEBUG"]) > 5
    caplog.clear()
    with caplog.at_level(logging.INFO, logger="kctopt"):
        kctopt.solve("baseline", time_limit=0.01)
    assert "cut off by the time limit" in caplog.text


def test_the_library_is_quiet_by_default() -> None:
    code = "import kctopt; kctopt.solve('baseline', time_limit=0.01)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("", "")
    assert isinstance(logging.getLogger("kctopt").handlers[0], logging.NullHandler)
