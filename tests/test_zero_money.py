"""No money in a year, or none at all: compared, reported and drawn like any other."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from worlds import tiny

import kctopt
from kctopt import Result
from kctopt.report.write import report

YEAR = {2026: 60.0, 2027: 0.0, 2028: 60.0, 2029: 60.0}


@pytest.fixture(scope="module")
def rich() -> Result:
    return kctopt.solve(tiny(), gap=1e-3)


@pytest.fixture(scope="module")
def year() -> Result:
    """No budget in 2027."""
    return kctopt.solve(tiny(budget=YEAR), gap=1e-3)


@pytest.fixture(scope="module")
def none() -> Result:
    """No budget at all."""
    return kctopt.solve(tiny(budget=0.0), gap=1e-3)


@pytest.mark.parametrize("other", ["year", "none"])
def test_a_regret_is_a_number(rich: Result, other: str, request: pytest.FixtureRequest) -> None:
    poor: Result = request.getfixturevalue(other)
    for pair in ((rich, poor), (poor, rich)):
        comparison = kctopt.compare(*pair)
        assert comparison.regret is not None
        for entry in comparison.regret.entries:
            assert entry.value is not None
            assert entry.regret is not None
            assert math.isfinite(entry.regret)
            assert -0.7 < entry.regret < 220  # within the gaps; no more than all that money is worth
        for lang in ("en", "zh"):
            assert comparison.summary(lang)


def test_a_plan_that_spends_nothing_loses_what_money_is_worth(rich: Result, none: Result) -> None:
    regret = kctopt.compare(rich, none).regret
    assert regret is not None
    (lost,) = [one for one in regret.entries if one.scenario == regret.runs[0] and one.plan == regret.runs[1]]
    assert rich.objective is not None
    assert none.objective is not None
    assert 0 <= lost.regret <= rich.objective - none.objective + 1e-6


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_plan_without_money_is_reported(none: Result, rich: Result, lang: str, tmp_path: Path) -> None:
    assert none.allocation["amount"].sum() == 0
    assert none.summary(lang)
    none.plot.flows()
    none.plot.dumbbell(rich)
    none.report(tmp_path / "one.html", lang=lang)
    words = (tmp_path / "one.html").read_text(encoding="utf-8").replace("&nbsp;", " ")
    assert {"en": "0.0 %", "zh": "0.0%"}[lang] in words
    runs = [none.saved(tmp_path / "none"), rich.saved(tmp_path / "rich")]
    (several,) = report(runs, tmp_path / "two", ["html"], lang)
    assert several.is_file()


def test_no_money_at_all_is_the_least_budget_of_no_targets() -> None:
    result = kctopt.solve(tiny(budget=0.0, objective__kind="min_budget"), gap=1e-3)
    assert result.objective == 0
    assert result.summary()
