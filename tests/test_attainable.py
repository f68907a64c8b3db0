"""What targets cost, when they can hold, how near they can come; each number checked by another way to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pytest import approx
from worlds import tiny

from kctopt import Result, api
from kctopt.analysis.attainable import Attainable, attainable, hard_targets
from kctopt.cli import main
from kctopt.program import build, build_nearest
from kctopt.result.target_cost import target_cost
from kctopt.scenario.dump import dump
from kctopt.solver import solve
from kctopt.solver.compile import compile_program

CHIPS = {"id": "chips-up", "kind": "target", "line": "chips-B", "min_ratio": 0.9, "by": 2029}
FREE = {"id": "ai-free", "kind": "target", "line": "ai-A", "max_dependency": 0.3, "by": 2027}


def test_rows_and_objective_by_hand() -> None:
    program = build_nearest(tiny(policies=[CHIPS, FREE]), tiny(policies=[CHIPS, FREE]).policies)
    compiled = compile_program(program)
    assert [name for name in compiled.row_names if name.startswith("nearest")] == [
        "nearest[chips-up,chips-B]", "nearest[ai-free,ai-A]",
    ]  # fmt: skip
    assert not [name for name in compiled.row_names if name.startswith("policies.")]
    row = compiled.rows[[compiled.row_names.index("nearest[chips-up,chips-B]")]]
    rival = 100 * 1.02**4
    named = {compiled.names[j]: value for j, value in zip(row.indices, row.data, strict=True)}
    assert named == approx({
        "ladder.capability[chips-B,2029]": 1 / rival, "substitution.substitute[chips-B,2029]": 1 / rival,
        "share": -0.9,
    })  # fmt: skip
    cost = {compiled.names[j]: value for j, value in enumerate(compiled.cost) if value}
    assert cost == {"share": -1.0}  # handed to HiGHS as a minimisation
    assert program.own() == ["share", "nearest"]


def test_no_plan_exceeds_the_bound_and_one_reaches_the_share() -> None:
    near = attainable(tiny(policies=[CHIPS]))
    assert near is not None
    found = near.together
    assert found.status == "optimal"
    assert 0 < found.share <= found.bound < found.share * 1.001 + 1e-9
    assert (found.lines, near.alone) == (("chips-B",), ())
    reached, most = 0.9 * found.share, 0.9 * found.bound
    assert solve(build(tiny(policies=[CHIPS | {"min_ratio": reached * 0.9999}]))).money is not None
    assert solve(build(tiny(policies=[CHIPS | {"min_ratio": most * 1.0005}]))).status == "infeasible"


def test_several_targets_together_and_each_alone() -> None:
    scenario = tiny(policies=[CHIPS, FREE])
    near = attainable(scenario)
    assert near is not None
    chips, free = near.alone
    assert not near.together.holds
    assert free.holds
    assert near.together.share <= chips.bound
    says = near.sentences(scenario)
    assert says[0].startswith("chips-up, ai-free together can reach ")
    assert says[2] == "Alone, ai-free can hold in 2027."
    rows = near.table().records
    assert [(row["target"], row["alone"]) for row in rows] == [
        ("chips-up", False), ("ai-free", False), ("chips-up", True), ("ai-free", True),
    ]  # fmt: skip
    assert rows[1]["asked"] == approx(0.7)
    assert rows[2]["at_most"] == approx(0.9 * chips.bound)
    again = Attainable.of(near.analysis({}))
    assert again.together == near.together
    assert again.alone == near.alone


def test_where_other_rules_collide_the_targets_are_not_blamed() -> None:
    scenario = tiny(policies=[CHIPS, FREE, {"id": "more", "kind": "floor", "domain": "chips", "amount": 500.0}])
    near = attainable(scenario)
    assert near is not None
    assert (near.together.status, near.alone) == ("infeasible", ())
    assert near.sentences(scenario) == [
        "The targets are not what makes it impossible: without them no plan keeps the other rules either; "
        "`kctopt diagnose` names those that conflict."
    ]


def test_soft_targets_and_none_are_no_question() -> None:
    assert attainable(tiny()) is None
    assert attainable(tiny(policies=[CHIPS | {"soft": True}])) is None
    earliest = tiny(policies=[FREE], objective__kind="earliest")
    assert [policy.by for policy in hard_targets(earliest)] == [2029]


def test_a_limit_is_said_and_no_number_invented() -> None:
    scenario = tiny(policies=[CHIPS])
    near = attainable(scenario, time_limit=1e-6)
    assert near is not None
    if near.together.share is None:
        assert "how near it can come is not known" in near.sentences(scenario)[0]
    else:
        assert near.together.bound is None or near.together.bound >= near.together.share


# What targets cost


def test_what_targets_cost_by_plan() -> None:
    result = api.solve(tiny(policies=[CHIPS | {"min_ratio": 0.6}], objective__kind="min_budget"))
    cost = target_cost(result)
    assert cost is not None
    assert cost.scale == approx(result.objective / 240)
    assert cost.least_scale == approx(result.bound / 240)
    assert cost.least_scale <= cost.scale
    assert [plan.stated for plan in cost.plans] == [120.0, 120.0]
    assert sum(plan.extra for plan in cost.plans) == approx(cost.extra) == approx(result.objective - 240)
    text = result.summary()
    assert f"budget needed for the targets: {cost.scale:.4f} times the stated one" in text
    assert f"no plan can do with less than {cost.least_scale:.4f}" in text
    assert ("less than the stated budget by" if cost.extra < 0 else "over and above the stated budget") in text
    assert "targets that must hold: chips-up at the end of 2029" in text
    assert "达成目标所需预算" in result.summary("zh")
    assert target_cost(api.solve(tiny())) is None


# When they can hold


def test_when_targets_can_hold_is_told_with_its_proof(tmp_path: Path) -> None:
    result = api.solve(tiny(policies=[CHIPS | {"min_ratio": 0.6}], objective__kind="earliest"), save=tmp_path / "run")
    assert result.impossible_by == result.year - 1
    assert (
        f"the targets can hold at the end of {result.year} at the earliest; "
        f"proven for every year up to {result.year - 1}: they cannot"
    ) in result.summary()
    assert f"目标最早可在 {result.year} 年末达成" in result.summary("zh")
    assert api.open(tmp_path / "run").impossible_by == result.impossible_by


def test_a_target_that_only_holds_early_is_found() -> None:
    # ai-A starts near the rival, who then runs away: what holds at first never holds again
    lines = [line.model_dump() for line in tiny().lines]
    lines[2] |= {"rival_growth": 0.3, "trend": -0.1}
    policies = [CHIPS | {"line": "ai-A", "min_ratio": 0.84}]
    late = tiny(lines=lines, policies=policies)
    assert solve(build(late)).status == "infeasible"
    outcome = solve(build(tiny(lines=lines, policies=policies, objective__kind="earliest")))
    assert (outcome.status, outcome.year, outcome.impossible_by) == ("optimal", 2026, None)


# The command


@pytest.fixture
def impossible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("far.yaml").write_text(dump(tiny(policies=[CHIPS])), encoding="utf-8")
    return tmp_path


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments), prog_name="kctopt")


@pytest.mark.long
def test_solve_says_how_near_an_impossible_target_can_come(impossible: Path) -> None:
    done = invoke("solve", "far.yaml", "-o", "runs")
    assert done.exit_code == 4
    assert "chips-up can reach 0." in done.stdout
    assert "(0.9 is asked) in 2029; no plan can exceed 0." in done.stdout
    again = json.loads(invoke("solve", "far.yaml", "-o", "runs", "--json").stdout)
    (row,) = again["attainable"]
    assert row["target"] == "chips-up"
    assert row["reached"] <= row["at_most"] < row["asked"]
    assert (impossible / "runs" / "tiny" / "explain" / "attainable" / "analysis.json").is_file()
    assert isinstance(api.open("runs/tiny"), Result)
