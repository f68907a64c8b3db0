"""`kctopt compare` in process, the engine replaced by a stand-in."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fakes import FakeOutcome, fake_outcome, kept_plan
from model_files import write_model, write_scenario
from worlds import tiny

from kctopt import Result, api
from kctopt.cli import main
from kctopt.comparison.certified import Values
from kctopt.simulator import Money

FLOOR = "policies:\n  - {id: minds, kind: floor, domain: ai, amount: 30}\n"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of plans that repeat the base year, in a tiny world."""
    place = tmp_path_factory.mktemp("runs")
    scenarios = {"baseline": tiny(), "rich": tiny(budget=66.0), "long": tiny(horizon__last_year=2031)}
    for name, scenario in scenarios.items():
        plan = kept_plan(scenario)
        factor = float(name == "rich") * 0.1 + 1
        money = Money(plan.strategic * factor, plan.substitution * factor, plan.exchange * factor)
        Result.of(scenario, fake_outcome(scenario, money=money)).save(place / name)
    Result.of(tiny(budget=55.0), fake_outcome(tiny(budget=55.0), "infeasible")).save(place / "none")
    return place


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def engine(question: api.Question, gap: float, time_limit: float | None) -> FakeOutcome:
        return fake_outcome(question.scenario)

    monkeypatch.setattr("kctopt.api.question.run_engine", engine)
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "world")


def study(name: str, *lines: str) -> str:
    """A scenario file on the small model beside it."""
    return write_scenario(Path(), "\n".join(["model: ./world", *lines]) + "\n", f"{name}.yaml").name


def run(*arguments: str | Path, code: int = 0) -> Any:
    done = CliRunner().invoke(main, ["compare", *map(str, arguments)], prog_name="kctopt")
    assert done.exit_code == code, done.output
    return done


def test_sections_come_in_the_order_promised(runs: Path) -> None:
    text = run(runs / "baseline", runs / "rich").stdout
    heads = [
        "inputs that differ",
        "runs\n",
        "indices:",
        "money, billion CNY",
        "stages and decisions",
        "limits:",
        "regret:",
    ]
    places = [text.index(head) for head in heads]
    assert places == sorted(places)


def test_json_is_one_object_on_stdout(runs: Path) -> None:
    for arguments in (("--json",), ("--format", "json"), ("--json", "--lang", "zh")):
        done = run(runs / "baseline", runs / "rich", *arguments)
        data = json.loads(done.stdout)
        assert (data["schema_version"], data["base"]["name"], data["failed"]) == (1, "baseline", [])
        assert [one["run"]["name"] for one in data["others"]] == ["rich"]
        assert done.stderr == ""


def test_every_format_is_written_whole(runs: Path, tmp_path: Path) -> None:
    both = (runs / "baseline", runs / "rich")
    for name, start in {
        "a.html": b"<!doctype html>", "a.md": b"## inputs that differ", "a.json": b"{", "a.csv": b"table,run,",
        "a.xlsx": b"PK", "a.txt": b"inputs that differ",
    }.items():  # fmt: skip
        done = run(*both, "-o", tmp_path / "out" / name)
        assert done.stdout == "" and f"written: {tmp_path / 'out' / name}" in done.stderr
        assert (tmp_path / "out" / name).read_bytes().startswith(start)
    run(*both, "--format", "csv", "-o", tmp_path / "out" / "tables")
    names = sorted(path.name for path in (tmp_path / "out" / "tables").iterdir())
    assert {"inputs.csv", "indices.csv", "allocation.csv", "regret.csv"} <= set(names)
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]
    rows = list(csv.DictReader(io.StringIO(run(*both, "--format", "csv").stdout)))
    change = next(row for row in rows if row["table"] == "objective")
    assert float(change["delta"]) == pytest.approx(float(change["other"]) - float(change["base"]))
    assert run(*both, "--format", "md").stdout.startswith("## inputs")


def test_a_file_that_cannot_be_written_stays_as_it_was(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "old.xlsx"
    target.write_text("old")

    def fail(*arguments: Any) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr("kctopt.comparison.files._sheet", fail)
    run(runs / "baseline", runs / "rich", "-o", target, code=1)
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.xlsx", "world"]


def test_formats_that_contradict_are_usage_errors(runs: Path) -> None:
    both = (runs / "baseline", runs / "rich")
    assert "contradict each other" in run(*both, "--json", "--format", "md", code=2).stderr
    assert "needs -o FILE.xlsx" in run(*both, "--format", "xlsx", code=2).stderr
    assert "nothing to compare" in run(runs / "baseline", code=2).stderr


def test_chinese(runs: Path) -> None:
    text = run(runs / "baseline", runs / "rich", "--lang", "zh").stdout
    for word in ("不同的输入", "国家安全", "投入（亿元）", "瓶颈", "遗憾", "界限"):
        assert word in text


def test_fail_on_ends_with_8_and_says_why(runs: Path) -> None:
    both = (runs / "baseline", runs / "rich")
    run(*both, "--fail-on", "NS<-1%", "--fail-on", "money<0")
    done = run(runs / "rich", runs / "baseline", "--fail-on", "objective<=0", "--fail-on", "NS>5%", code=8)
    assert "--fail-on objective<=0: came true for baseline, " in done.stderr
    assert "NS>5%" not in done.stderr
    data = json.loads(run(*both, "--fail-on", "objective<1e9", "--json", code=8).stdout)
    assert data["failed"][0]["condition"] == "objective<1e9"
    assert "did you mean 'security'?" in run(*both, "--fail-on", "securiti<0", code=2).stderr
    assert "is not a condition" in run(*both, "--fail-on", "NS is low", code=2).stderr


def test_what_is_not_comparable_ends_with_2_and_shows_the_rest(runs: Path) -> None:
    done = run(runs / "baseline", runs / "long", code=2)
    assert "objective not subtracted: horizon.last_year is 2029 in baseline and 2031 in long." in done.stderr
    assert "national security" in done.stdout and "inputs that differ" in done.stdout
    done = run(runs / "baseline", runs / "none", code=2)
    assert "none is infeasible, and both need a plan" in done.stderr.replace("\n", " ")
    assert "budget" in done.stdout


def test_a_scenario_is_solved_first_and_said_so(runs: Path, tmp_path: Path) -> None:
    done = run(study("plain"), study("minds", FLOOR))
    assert "minds.yaml: a scenario, solved for this comparison; its run is" in done.stderr
    assert "policies[minds]" in done.stdout and "minds.yaml:3" in done.stdout
    assert (tmp_path / "runs" / "minds" / "run.json").is_file()
    again = run("plain.yaml", "minds.yaml")
    assert "minds: finished before with the same input" in again.stderr
    assert "did you mean 'baseline'?" in run("basline", "minds.yaml", code=3).stderr


def test_a_folder_that_is_no_run_is_bad_input(runs: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "not a run folder" in run(runs / "baseline", tmp_path / "empty", code=3).stderr
    assert "no run folder or scenario named 'quzzle'" in run(runs / "baseline", "quzzle", code=3).stderr
    near = run(runs / "baselin", runs / "baseline", code=3).stderr
    assert "did you mean" in near and str(runs / "baseline") in near


def test_attribution_is_shown_kept_and_goes_on(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study("one")
    study("two", "set: {budget: 130}", FLOOR)

    def engine(values: Values, scenario: Any) -> FakeOutcome:
        return fake_outcome(scenario)

    monkeypatch.setattr(Values, "_outcome", engine)
    text = run("one.yaml", "two.yaml", "--attribution").stdout
    assert "what explains the change of the objective: one -> two" in text
    assert "averaged over all orders in which the inputs can change (2 certified solves)." in text
    assert len(list(Path("runs/two/compare").glob("*.json"))) == 2

    def stop(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Values, "_outcome", stop)
    data = json.loads(run("one.yaml", "two.yaml", "--attribution", "--json").stdout)
    found = data["others"][0]["attribution"]
    assert {part["group"] for part in found["parts"]} == {"budget", "policies[minds]"}
    assert sum(part["explained"] for part in found["parts"]) == pytest.approx(found["whole"])
    done = run("one.yaml", "two.yaml", "--attribution", "--gap", "1e-6", code=130)
    assert "the same command goes on from what is in" in done.stderr


def test_an_attribution_without_answer_leaves_the_comparison(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study("one")
    study("two", "set: {budget: 130}", FLOOR)

    def none(values: Values, scenario: Any) -> FakeOutcome:
        return fake_outcome(scenario, "infeasible")

    monkeypatch.setattr(Values, "_outcome", none)
    done = run("one.yaml", "two.yaml", "--attribution", code=4)
    assert "two: no attribution: with budget as in two no plan keeps all rules" in done.stderr
    assert "national security" in done.stdout and "what explains" not in done.stdout
