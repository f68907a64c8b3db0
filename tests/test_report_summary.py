"""Page one of the report: what it warns of."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pytest import approx
from worlds import tiny

import kctopt
from kctopt.report.summary import _loose
from kctopt.result.planning import ValueOfPlanning


def board(*values: ValueOfPlanning | None) -> Any:
    """Runs with these values of planning, named by number."""
    views = [SimpleNamespace(number=n, result=SimpleNamespace(value_of_planning=v)) for n, v in enumerate(values)]
    return SimpleNamespace(planned=views, name=lambda view: str(view.number))


def test_runs_are_loose_whose_bound_leaves_a_tenth_of_the_value_of_planning_open() -> None:
    """A gap of 1 % of an objective of 2480 is a fifth of the 128 points that planning brings."""

    def value(points: float, most: float | None) -> ValueOfPlanning:
        return ValueOfPlanning(points, most, 2352.0 + points, 2352.0, 2178.0)

    loose = _loose(board(value(128.4, 154.1), value(124.8, 124.8), value(100.0, 109.0), value(100.0, None), None))
    assert loose == {"0": approx((25.7, 0.2001), rel=1e-3)}


def test_a_loose_run_is_warned_of_on_page_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr("kctopt.report.summary._loose", lambda board: {"one": (25.5, 0.2)})
    run = kctopt.solve(tiny())
    text = run.report(tmp_path / "one.html").read_text(encoding="utf-8")
    assert "Too loosely proven to decide by: one. A plan may be worth up to 25.5 points more, 20&nbsp;% of" in text
    assert "尚松" in run.report(tmp_path / "zh.html", lang="zh").read_text(encoding="utf-8")


def test_a_proven_run_is_not(tmp_path: Any) -> None:
    assert "Too loosely" not in kctopt.solve(tiny()).report(tmp_path / "run.html").read_text(encoding="utf-8")
