"""Flips: the knob, bisection to a flip known otherwise, ties, failed solves, resuming, the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fakes import weaken
from pytest import approx
from worlds import options, tiny

from kctopt import Result, api
from kctopt.analysis import points
from kctopt.analysis.flips import flips
from kctopt.analysis.flips_text import told
from kctopt.analysis.told import changed
from kctopt.analysis.traits import KINDS, Trait, plain_rule, traits
from kctopt.cli import main
from kctopt.errors import RunError, ScenarioErrors, SolverError, UsageError
from kctopt.progress import Progress
from kctopt.scenario.parameter import Parameter

TARGET = {"id": "chips-up", "kind": "target", "line": "chips-B", "min_ratio": 0.65, "by": 2029}


@pytest.fixture(scope="module")
def run() -> Result:
    return api.solve(tiny(policies=[TARGET]))


@pytest.fixture(scope="module")
def place(run: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run.save(tmp_path_factory.mktemp("runs") / "tiny")


@pytest.fixture(scope="module")
def found(run: Result) -> Any:
    return flips(run, "budget", low=0.75 * 60, high=1.25 * 60, tolerance=4.0)


# The knob


@pytest.mark.parametrize(
    ("path", "way", "home", "span"),
    [
        ("budget", "value", 60.0, (30.0, 90.0)),
        ("controls.intensity", "factor", 1.0, (0.7, 1.25)),  # 0.8 x 1.25 is the largest share
        ("lines[chips-B].sensitivity", "value", 0.8, (0.0, 1.0)),
        ("lines[domain=ai].sensitivity", "value", 0.2, (0.0, 1.0)),  # one number twice
        ("lines.spend", "factor", 1.0, (0.7, 1.3)),
        ("lines.rival_growth", "shift", 0.0, (-0.0304, 0.05)),  # less, and a yield would be negative
        ("rival.growth_shift", "value", 0.0, (-0.0304, 0.05)),
        ("horizon.tail", "value", 2.0, (0.0, 7.0)),
    ],
)
def test_a_knob_knows_where_it_stands_and_how_far_it_turns(
    path: str, way: str, home: float, span: tuple[float, float]
) -> None:
    parameter = Parameter.of(tiny(), path)
    assert (parameter.way, parameter.home) == (way, home)
    assert parameter.span() == approx(span, rel=2e-3)


def test_a_knob_changes_what_set_scale_and_add_change() -> None:
    scenario = tiny()
    assert Parameter.of(scenario, "lines.spend").at(1.1).lines[2].spend == approx(22.0)
    halved = Parameter.of(scenario, "controls.intensity").at(0.5)
    assert halved.controls.intensity.at([2026, 2029]) == approx([0.1, 0.4])
    shifted = Parameter.of(scenario, "lines.rival_growth", "shift").at(0.01)
    assert [line.rival_growth for line in shifted.lines] == approx([0.03, 0.01, 0.03, 0.01])
    assert Parameter.of(scenario, "budget").at(60.0) is scenario


@pytest.mark.parametrize(
    ("path", "way", "says"),
    [
        ("budgt", None, "did you mean 'budget'?"),
        ("lines[chip-B].spend", None, "did you mean 'chips-B'?"),
        ("kct.form", None, "is not a number"),
        ("lines.cap", None, "has no value to change"),
        ("lines.spend", "value", "stands for 4 numbers"),
        ("rival.growth_shift", "factor", "a factor changes nothing"),
    ],
)
def test_a_path_to_no_number_is_named(path: str, way: Any, says: str) -> None:
    with pytest.raises(ScenarioErrors, match="--over") as caught:
        Parameter.of(tiny(), path, way)
    assert says in str(caught.value)


def test_a_range_that_is_empty_or_refused_is_named() -> None:
    parameter = Parameter.of(tiny(), "lines[chips-B].sensitivity")
    with pytest.raises(ScenarioErrors, match="the range from 1 to 1 is empty"):
        parameter.span(1.0, 1.0)
    with pytest.raises(ScenarioErrors, match="sensitivity"):
        parameter.span(0.0, 1.5)


# Traits


def test_traits_of_a_plan(run: Result) -> None:
    found = traits(run)
    assert {trait.kind for trait in found} <= set(KINDS)
    assert found[Trait("plan")] == "yes"
    table = run.stages
    last = table[(table["line"] == "chips-S") & (table["year"] == 2029)]["gap_band"].item()
    assert found[Trait("gap_band", "chips-S", "2028-29")] == last
    assert found[Trait("gap_path", "chips-S")].startswith("2025 ")
    money = run.allocation.groupby(["domain", "plan"])["amount"].sum()
    more = max(("chips", "ai"), key=lambda domain: money[domain, "2026-27"])
    assert found[Trait("domain_order", "chips | ai", "2026-27")] == more
    assert found[Trait("rule", "money.budget", "2026-27")] == "binds"
    assert found[Trait("rule", "policies.chips-up", "2028-29")] == "binds"
    assert Trait("rule", "policies.chips-up", "2026-27") not in found


def test_rules_without_their_years() -> None:
    assert plain_rule("money.ramp[ai-B,2030]") == "money.ramp[ai-B]"
    assert plain_rule("money.budget[2030]") == "money.budget"
    assert plain_rule("quadrants.shield[barrier,2030]") == "quadrants.shield[barrier]"
    assert plain_rule("policies.floor[2030]") == "policies.floor"


@pytest.mark.parametrize(
    ("trait", "before", "after", "says"),
    [
        (Trait("plan"), "no", "yes", "a plan that keeps all rules exists"),
        (Trait("earliest"), "2027", "2028", "the targets can hold from 2028 instead of 2027"),
        (Trait("stage", "ai-A", "2026-27"), "far", "near", "ai A ends 2026-27 in stage near instead of far"),
        (
            Trait("path", "ai-A"), "2025 far", "2025 far, 2027 reach",
            "ai A, stages: far, from 2027 within reach instead of far",
        ),
        (Trait("mode", "ai", "2026-27"), "open", "closed", "ai cooperates in mode closed instead of open in 2026-27"),
        (Trait("programme", "scanner-race"), "off", "2028 x 3",
         "scanner race: starts in 2028 with 3 routes instead of not launched"),
        (Trait("off", "chips-S", "2026-27"), "no", "yes", "chips S is off in 2026-27"),
        (Trait("rule", "money.budget", "2026-27"), "free", "binds",
         "the rule money.budget begins to bind in 2026-27"),
        (Trait("type_order", "B | A", "2026-27"), "B", "A",
         "accelerator gets more money than bottleneck in 2026-27"),
        (Trait("held_back", "ai-M"), "none", "2028",
         "ai M is held just outside the near stage before the reviews of: 2028 (otherwise: none)"),
    ],
)  # fmt: skip
def test_a_change_is_told(trait: Trait, before: str, after: str, says: str) -> None:
    assert changed(trait, before, after, options(), "en") == says
    assert changed(trait, before, after, options(), "zh") != says


# Flips


def test_a_plan_that_ceases_to_exist_is_found_where_the_smallest_budget_stands(found: Any) -> None:
    least = api.solve(tiny(policies=[TARGET], objective__kind="min_budget"))
    row = next(row for row in found.tables["flips"].records if row["kind"] == "plan")
    assert (row["before"], row["after"]) == ("no", "yes")
    assert row["low"] <= least.objective / 4  # the budget there is proven to be too small
    assert row["high"] >= least.bound / 4
    assert row["high"] - row["low"] <= 4.0
    assert row["within_gap"] is False


def test_neighbours_of_a_flip_differ_and_stand_within_the_tolerance(found: Any) -> None:
    rows = found.tables["flips"].records
    solved = {row["value"]: row for row in found.tables["points"].records}
    assert len(rows) > 1
    for row in rows:
        assert row["before"] != row["after"]
        assert 0 < row["high"] - row["low"] <= 4.0
        assert {row["low"], row["high"]} <= set(solved)
        assert row["apart_low"] is None or row["apart_low"] <= row["low"]
        assert row["apart_high"] is None or row["apart_high"] >= row["high"]
    assert found.about["failed"] == found.about["wide"] == []
    assert solved[60.0]["status"] == "optimal"
    assert all(row["gap"] <= 1e-4 for row in solved.values() if row["status"] == "optimal")


def test_flips_are_told_in_both_languages(found: Any, run: Result) -> None:
    text = told(found, run.scenario, "en")
    assert "budget (billion CNY/year), from 45 to 75 (the run: 60)" in text
    assert "A plan that keeps all rules exists." in text
    assert "infeasible" in text
    chinese = told(found, run.scenario, "zh")
    assert "存在满足全部约束的方案。" in chinese
    assert "可用经费（亿元/年）：450 至 750（本方案：600）" in chinese


@pytest.fixture()
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gap of 20 % that leaves plans apart by as much."""
    weaken(monkeypatch, 0.19)


def test_with_a_wide_gap_plans_of_both_kinds_are_ties(coarse: None) -> None:
    run = api.solve(tiny(), gap=0.2)
    found = flips(run, "lines.rival_growth", gap=0.2)
    assert any(row["within_gap"] for row in found.tables["flips"].records)
    assert "a plan of either kind is as good to 20 %" in told(found, run.scenario, "en")


def test_where_years_differ_no_tie_is_claimed(coarse: None) -> None:
    run = api.solve(tiny(), gap=0.2)
    found = flips(run, "horizon.last_year", low=2030, high=2031, gap=0.2)
    assert {row["value"] for row in found.tables["points"].records} >= {2030.0, 2031.0}
    rows = found.tables["flips"].records
    assert rows
    assert all(row["within_gap"] is row["apart_low"] is row["apart_high"] is None for row in rows)
    assert "a tie was not looked for" in told(found, run.scenario, "en")


def test_a_failed_solve_is_said_and_the_rest_goes_on(run: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = points.Solver._outcome

    def fails(self: points.Solver, scenario: Any) -> Any:
        if scenario.budget.root == 63.0:
            raise SolverError("HiGHS said nothing")
        return whole(self, scenario)

    monkeypatch.setattr(points.Solver, "_outcome", fails)
    found = flips(run, "budget", low=60.0, high=66.0, tolerance=3.0, kinds=("gap_band",))
    assert found.about["failed"] == [{"value": 63.0, "status": "failed", "message": "SolverError: HiGHS said nothing"}]
    text = told(found, run.scenario, "en")
    assert "No certified plan at 63 (SolverError: HiGHS said nothing)" in text
    assert {row["value"] for row in found.tables["points"].records} >= {60.0, 61.5, 63.0, 64.5, 66.0}


def test_an_unknown_kind_and_a_run_with_own_parts_are_refused(run: Result) -> None:
    with pytest.raises(UsageError, match="did you mean 'stage'"):
        flips(run, "budget", kinds=("stages",))
    program = api.build(tiny())
    from pyomo.environ import Var

    program.model.more = Var(bounds=(0, 1))
    with pytest.raises(RunError, match="its user made in the model"):
        flips(api.solve(program), "budget")


# Resuming, and the command


def test_an_interrupted_search_goes_on_where_it_stopped(place: Path, run: Result) -> None:
    asked: list[str] = []

    def stop(now: Progress) -> None:
        if now.phase == "step":
            asked.append(now.task)
        if len(asked) == 3:
            raise KeyboardInterrupt

    ask: dict[str, Any] = {"low": 56.0, "high": 64.0, "tolerance": 8.0, "kinds": ("gap_band",), "run": place}
    with pytest.raises(KeyboardInterrupt):
        flips(run, "budget", progress=stop, **ask)
    assert list((place / "explain").glob(".flips-*.jsonl"))
    again: list[str] = []
    found = flips(run, "budget", progress=lambda now: again.append(now.task), **ask)
    assert set(asked[:2]).isdisjoint(again)
    assert len(found.tables["points"].records) == 5
    assert not list((place / "explain").glob(".flips-*.jsonl"))


def test_the_command_saves_shows_again_and_speaks_json(place: Path) -> None:
    words = ["explain", "flips", str(place), "--over", "budget", "--from", "58", "--to", "62", "--kind", "gap_band"]
    first = CliRunner().invoke(main, words, prog_name="kctopt")
    assert first.exit_code == 0, first.output
    assert "budget (billion CNY/year), from 58 to 62 (the run: 60)" in first.stdout
    again = CliRunner().invoke(main, [*words, "--json"], prog_name="kctopt")
    assert "computed before" in again.stderr
    record = json.loads(again.stdout)
    assert record["analysis"] == "flips"
    assert record["about"]["over"] == "budget"
    assert len(record["points"]) == record["about"]["solves"]
    wrong = CliRunner().invoke(main, ["explain", "flips", str(place), "--over", "budgt"], prog_name="kctopt")
    assert wrong.exit_code == 3
    assert "did you mean 'budget'?" in wrong.stderr
