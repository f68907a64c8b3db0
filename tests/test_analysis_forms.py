"""Forms: every other form is solved, what survives is told, objectives of two forms are never subtracted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fakes import fake_outcome
from pytest import approx
from worlds import options, tiny

from kctopt import Result, api
from kctopt.analysis.forms import forms, offered, others
from kctopt.analysis.forms_text import told
from kctopt.analysis.told import reason
from kctopt.cli import main
from kctopt.errors import RunError
from kctopt.simulator import simulate


@pytest.fixture(scope="module")
def run() -> Result:
    return api.solve(tiny())


@pytest.fixture(scope="module")
def found(run: Result) -> Any:
    return forms(run)


def test_every_form_of_the_schema_is_offered() -> None:
    known = offered()
    assert known["kct.form"] == ("nested", "ces", "cobb_douglas", "leontief", "linear")
    assert {path: len(choices) for path, choices in known.items()} == {
        "kct.form": 5, "security.form": 4, "diffusion.form": 4,
    }  # fmt: skip
    one_at_a_time, every = list(others(tiny(), False)), list(others(tiny(), True))
    assert len(one_at_a_time) == 4 + 3 + 3
    assert len(every) == 5 * 4 * 4 - 1
    assert {name for name, _ in one_at_a_time} < {name for name, _ in every}


def test_each_form_has_a_row_with_its_certificate(found: Any) -> None:
    rows = found.tables["forms"].records
    assert [row["form"] for row in rows] == [name for name, _ in others(tiny(), False)]
    assert all(row["gap"] <= 1e-4 for row in rows if row["status"] == "optimal")
    assert found.about["solved"] == sum(row["status"] == "optimal" for row in rows) > 5


def test_the_runs_plan_is_measured_against_the_best_of_the_same_form(found: Any, run: Result) -> None:
    row = next(row for row in found.tables["forms"].records if row["form"] == "kct.form=linear")
    own = float(simulate(tiny(kct__form="linear"), run.money).objective)
    assert row["short_least"] == approx(max(0.0, row["objective"] - own) / own, abs=1e-9)
    assert row["short_most"] == approx((row["bound"] - own) / own, abs=1e-9)


def test_a_conclusion_survives_or_names_the_forms_that_change_it(found: Any) -> None:
    conclusions, changes = found.tables["conclusions"].records, found.tables["changes"].records
    against = {(c["kind"], c["subject"], c["when"]): [] for c in changes if not c["tie"]}
    for change in changes:
        if not change["tie"]:
            against[change["kind"], change["subject"], change["when"]].append(change["form"])
    assert against
    for row in conclusions:
        formed = against.get((row["kind"], row["subject"], row["when"]), [])
        assert row["survives"] == (not formed)
        assert row["forms"] == "; ".join(formed)
    assert any(row["survives"] for row in conclusions)
    counts = {row["form"]: row["changed"] for row in found.tables["forms"].records}
    assert sum(filter(None, counts.values())) == sum(len(formed) for formed in against.values())


def test_the_text_says_whose_hypotheses_these_are(found: Any, run: Result) -> None:
    text = told(found, run.scenario, "en")
    assert "Every form is a hypothesis of ours; the paper gives none of them." in text
    assert "Objectives under different forms measure different things and are not compared." in text
    assert "change with the form (hypothesis of ours)" in text
    assert "domains by money in 2026-27: " in text
    assert "所有形式均为我们的假设" in told(found, run.scenario, "zh")


def test_a_form_that_the_scenario_does_not_allow_is_said() -> None:
    scenario = options()
    run = Result.of(scenario, fake_outcome(tiny()))  # the world without options has the same money
    assert run.scenario.stages == "switching"
    from kctopt.analysis.points import Solver
    from kctopt.cache import Steps
    from kctopt.scenario.parameter import changed

    solver = Solver(Steps(None, "forms", {}), 1e-3, None, lambda _: None)
    point = solver.point("diffusion.form=none", lambda: changed(scenario, {"diffusion.form": "none"}))
    assert point.status == "failed"
    assert "switching is between the stages of diffusion.form three_stage" in point.message
    assert not point.settled
    assert "切换只用于 diffusion.form 为 three_stage 的各阶段" in reason(point.message, scenario, "zh")
    yields = (
        "lines[ai-B].trend: with trend 0, inflow and stock alone carry rung F further than recorded: its yield would "
        "be -12.6, and it must be positive"
    )
    assert reason(f"{yields} (and 1 more)", scenario, "zh") == (
        "ai-B：基准年投入下与对手之比的近年变化：近年变化（trend）为 0 时，"
        "仅流入与存量就使梯级 F 超过记录：产出率将为 -12.6，而它必须为正（另有 1 处）"
    )
    assert reason(yields, scenario, "en") == yields
    assert reason("SolverError: the linear program around the plan has no answer", scenario, "zh").endswith("没有解")
    assert reason("", scenario, "zh") == ""
    assert reason("ValueError: x (and 2 more)", scenario, "zh") == "ValueError: x (and 2 more)"


def test_a_run_without_a_plan_is_refused() -> None:
    with pytest.raises(RunError, match="no certified plan"):
        forms(Result.of(tiny(), fake_outcome(tiny(), "infeasible")))


def test_the_command(run: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "kctopt.analysis.forms.others", lambda *_: iter([("security.form=linear", {"security.form": "linear"})])
    )
    place = run.save(tmp_path / "tiny")
    done = CliRunner().invoke(main, ["explain", "forms", str(place)], prog_name="kctopt")
    assert done.exit_code == 0, done.output
    assert "survive all 1 forms solved" in done.stdout
    record = json.loads(CliRunner().invoke(main, ["explain", "forms", str(place), "--json"], prog_name="kctopt").stdout)
    assert [row["form"] for row in record["forms"]] == ["security.form=linear"]
    assert (place / "explain" / "forms" / "conclusions.csv").is_file()
