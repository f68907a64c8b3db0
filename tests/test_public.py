"""The public face: what records show of themselves, statuses, names."""

from __future__ import annotations

import json
from typing import Any

import bundled
import pytest
from fakes import fake_outcome
from worlds import tiny

import kctopt
from kctopt import errors
from kctopt.analysis.saved import Analysis
from kctopt.solver import Engine
from kctopt.table import Column, Table

LONGEST = 200


def shown() -> dict[str, Any]:
    """Records of every public kind, and those inside them that a reader meets."""
    scenario = tiny()
    result = kctopt.Result.of(scenario, fake_outcome(scenario))
    other = kctopt.Result.of(named := scenario.model_copy(update={"name": "other"}), fake_outcome(named))
    comparison = kctopt.compare(result, other)
    program = kctopt.build(scenario)
    table = Table.of("numbers", (Column("value", "number", "a number"),), [{"value": 1.0}] * 50)
    return {
        "scenario": scenario, "bundled": bundled.scenario("baseline"), "line": scenario.lines[0], "result": result,
        "program": program, "engine": Engine(program), "outcome": bundled.solved("baseline"), "money": result.money,
        "comparison": comparison, "pair": comparison.pairs[0], "collection": kctopt.Collection([result, other]),
        "diagnosis": kctopt.diagnose(scenario, time_limit=10), "table": table,
        "analysis": Analysis("numbers", {}, {"numbers": table}),
    }  # fmt: skip


def test_every_record_shows_itself_on_one_short_line_and_in_a_notebook() -> None:
    notebook = (
        "scenario",
        "bundled",
        "result",
        "program",
        "comparison",
        "collection",
        "diagnosis",
        "table",
        "analysis",
    )
    for name, record in shown().items():
        for text in (repr(record), str(record)):
            assert len(text) <= LONGEST, (name, text)
            assert "\n" not in text
            assert text.startswith(type(record).__name__), text
        if name in notebook:
            assert 100 < len(record._repr_html_()) < 40_000, name


def test_names_of_a_scenario_are_escaped_in_a_notebook() -> None:
    scenario = tiny().model_copy(update={"intent": "more <b> than before"})
    assert "more &lt;b&gt; than before" in scenario._repr_html_()


@pytest.mark.parametrize("status", kctopt.Status)
def test_a_status_is_a_member_and_a_text(status: kctopt.Status) -> None:
    result = kctopt.Result.of(tiny(), fake_outcome(tiny(), str(status)))
    assert result.status is status
    assert result.status == str(status) == f"{status}"
    assert json.dumps({"status": result.status}) == f'{{"status": "{status}"}}'


def test_a_solve_ends_with_a_member() -> None:
    assert bundled.solved("baseline").status is kctopt.Status.OPTIMAL
    diagnosis = kctopt.diagnose(tiny(), time_limit=10)
    assert diagnosis.status == "feasible"
    assert json.loads(json.dumps(diagnosis.data()))["status"] == "feasible"


def test_every_error_is_told_in_the_tree() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.KctoptError)]
    assert len(kinds) > 8
    for kind in kinds:
        assert f" {kind.__name__} " in errors.__doc__
        assert f"{kind.exit_code}    " in errors.__doc__.partition(f" {kind.__name__} ")[2].splitlines()[0]
