"""`kctopt solve` on a scenario with every discrete option, the engine replaced by a stand-in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from decided import decided_outcome
from fakes import FakeOutcome, fake_outcome
from worlds import options

from kctopt.cli import main
from kctopt.result import folder
from kctopt.scenario.dump import dump


@pytest.fixture(autouse=True)
def scenario(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("kctopt.api.question.run_engine", lambda question, gap, time_limit: decided_outcome())
    Path("options.yaml").write_text(dump(options()), encoding="utf-8")


def ends(monkeypatch: pytest.MonkeyPatch, outcome: FakeOutcome) -> None:
    monkeypatch.setattr("kctopt.api.question.run_engine", lambda question, gap, time_limit: outcome)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), prog_name="kctopt")


def test_solve_prints_decisions_and_programme_spend() -> None:
    done = run("solve", "options.yaml")
    assert done.exit_code == 0, done.output
    text = done.stdout
    for words in ("discrete decisions", "ai M enters the near stage in 2029.", "scanner race (3 routes)", "programmes"):
        assert words in text
    assert text.index("spend, billion CNY") < text.index("discrete decisions") < text.index("time:")


def test_solve_in_chinese() -> None:
    text = run("solve", "options.yaml", "--lang", "zh").stdout
    for words in ("离散决策", "年进入近距阶段", "条路线", "项目", "以保持交流合作"):
        assert words in text
    assert "discrete" not in text


def test_json_holds_decisions_as_data() -> None:
    record = json.loads(run("solve", "options.yaml", "--json", "--lang", "zh").stdout)
    kinds = [decision["kind"] for decision in record["decisions"]]
    assert kinds == ["held_back", "switch", "modes", "modes", "launch", "launch"]
    assert record["decisions"][1]["line"] == "ai-M"
    assert record["verified"] is True


def test_the_run_verifies_and_its_choices_are_in_the_folder() -> None:
    place = json.loads(run("solve", "options.yaml", "--json").stdout)["run_dir"]
    assert run("verify", place).exit_code == 0
    package = folder.read_json(Path(place) / "datapackage.json")
    tables = {resource["name"]: resource for resource in package["resources"]}
    assert {"regimes", "restraint", "cooperation", "programmes"} <= set(tables)
    units = {field["name"]: field.get("unit") for field in tables["restraint"]["schema"]["fields"]}
    assert units["amount"] == "index points"
    assert folder.read_json(Path(place) / "run.json")["schema_version"] == 5


def test_a_limit_with_a_plan_exits_with_five_and_no_plan_with_four(monkeypatch: pytest.MonkeyPatch) -> None:
    given = decided_outcome()
    ends(monkeypatch, FakeOutcome(**(vars(given) | {"status": "limit"})))
    done = run("solve", "options.yaml")
    assert done.exit_code == 5
    assert "discrete decisions" in done.stdout
    ends(monkeypatch, fake_outcome(options(), "infeasible"))
    done = run("solve", "options.yaml")
    assert done.exit_code == 4
    assert "discrete decisions" not in done.stdout


def test_a_plan_that_breaks_a_discrete_rule_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    given = decided_outcome()
    choices = given.choices
    broken = type(choices)(stage=choices.stage, mode=choices.mode, routes=choices.routes)
    ends(monkeypatch, fake_outcome(options(), money=given.money, choices=broken))
    done = run("solve", "options.yaml")
    assert done.exit_code == 1
    assert "does not pass the simulation" in done.stderr
    assert run("verify", "runs/options").stdout.startswith("switching.near[ai-M,2028]: ai-M, review of 2028")


def test_seconds_of_the_mip_are_shown_where_there_are_any(monkeypatch: pytest.MonkeyPatch) -> None:
    given = decided_outcome()
    ends(monkeypatch, FakeOutcome(**(vars(given) | {"seconds": {"search": 0.2, "mip": 1.5, "total": 1.7}})))
    assert "mip 1.50 s" in run("solve", "options.yaml").stdout
    assert json.loads(run("solve", "options.yaml", "--json").stdout)["timings"]["mip"] == 1.5
