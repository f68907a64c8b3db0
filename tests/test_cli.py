"""The command line in process, the engine replaced by a stand-in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from bundled import only_baseline
from click.testing import CliRunner, Result
from fakes import FakeOutcome, fake_outcome
from worlds import tiny

import kctopt
from kctopt import api
from kctopt.cli import main
from kctopt.errors import SolverError
from kctopt.result import folder
from kctopt.scenario.load import dump

BASELINE_KEYS = {
    "schema_version", "scenario", "status", "objective", "bound", "gap", "verified", "seconds", "run_dir",
}  # fmt: skip


class Engine:
    """Stands in for the engine: status by scenario name, exceptions as they are; counts its calls."""

    def __init__(self) -> None:
        self.ends: dict[str, str | BaseException] = {}
        self.solved: list[str] = []

    def __call__(self, question: api.Question, gap: float, time_limit: float | None) -> FakeOutcome:
        name = question.scenario.name
        self.solved.append(name)
        end = self.ends.get(name, "optimal")
        if isinstance(end, BaseException):
            raise end
        return fake_outcome(question.scenario, end)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    stand_in = Engine()
    monkeypatch.setattr("kctopt.api.question.run_engine", stand_in)
    monkeypatch.chdir(tmp_path)
    study("tiny")
    return stand_in


def run(*arguments: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), env=env, prog_name="kctopt")


def study(name: str, text: str | None = None) -> str:
    """A scenario file: the tiny world, which is read and saved in a fraction of the time, or what `text` says."""
    path = Path(f"{name}.yaml")
    path.write_text(dump(tiny(name=name)) if text is None else text, encoding="utf-8")
    return str(path)


def test_solve_json_is_one_object_on_stdout(engine: Engine) -> None:
    done = run("solve", "baseline", "--json")
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert set(record) >= BASELINE_KEYS
    assert (record["schema_version"], record["scenario"], record["status"]) == (1, "baseline", "optimal")
    assert record["verified"] is True
    assert record["gap"] == pytest.approx(5e-5)
    assert record["objective"] < record["bound"]
    assert Path(record["run_dir"]) == Path("runs/baseline")
    assert done.stderr == ""


@pytest.mark.touches("click", "rich-click")
def test_solve_prints_a_compact_table(engine: Engine) -> None:
    done = run("solve", "baseline")
    assert done.exit_code == 0
    for text in ("national security", "2035", "proven bound", "gap 0.005 %", "bottleneck", "Semiconductors", "time:"):
        assert text in done.stdout
    assert "saved in: runs/baseline" in done.stdout.replace("\\", "/")


def test_solve_in_chinese_keeps_english_keys(engine: Engine) -> None:
    assert "国家安全" in run("solve", "tiny.yaml", "--lang", "zh").stdout
    assert "国家安全" in run("solve", "tiny.yaml", env={"KCTOPT_LANG": "zh"}).stdout
    assert set(json.loads(run("solve", "tiny.yaml", "--lang", "zh", "--json").stdout)) >= BASELINE_KEYS


@pytest.mark.parametrize(
    ("end", "code", "word"),
    [
        ("infeasible", 4, "no plan keeps all rules"),
        ("limit", 5, "certified to a gap of 0.005 only"),
        ("no_plan", 6, "neither a plan nor a proof"),
        ("interrupted", 130, "the best plan so far is saved"),
    ],
)
def test_every_end_has_its_exit_code_and_is_saved(engine: Engine, end: str, code: int, word: str) -> None:
    engine.ends["tiny"] = end
    done = run("solve", "tiny.yaml", "--json")
    assert done.exit_code == code
    record = json.loads(done.stdout)
    assert record["status"] == end
    assert word in done.stderr
    assert folder.read_json(Path(record["run_dir"]) / "run.json")["status"] == end
    checked = run("verify", record["run_dir"])
    assert checked.exit_code == 0
    assert ("keeps every rule" in checked.stdout) == (record["objective"] is not None)


LATE = {
    "en": ("time ran out after 0.3 s, for the plan and for its bound",
           "the time limit of 0.3 s was reached; the plan is certified to a gap of 0.005 only, since its bound had no "
           "more time either"),
    "zh": ("0.3 秒时限已到，方案与界限都止于此", "已到 0.3 秒时限；方案仅证明到间隙 0.005，因为界限也只有这些时间"),
}  # fmt: skip


@pytest.mark.parametrize("lang", LATE)
def test_a_bound_cut_short_by_the_time_limit_is_told_as_such(engine: Engine, lang: str) -> None:
    engine.ends["tiny"] = "limit"
    on_stdout, on_stderr = LATE[lang]
    done = run("solve", "tiny.yaml", "--time-limit", "0.3", "--lang", lang)
    assert done.exit_code == 5
    assert on_stdout in done.stdout and on_stderr in done.stderr
    assert on_stdout in kctopt.open("runs/tiny").summary(lang)
    own_end = run("solve", "tiny.yaml", "--lang", lang)
    ended = {"en": "the search ended by itself with a wider gap than asked", "zh": "求解自行结束，间隙大于要求"}[lang]
    assert ended in own_end.stdout and "0.3" not in own_end.stderr


def test_a_plan_that_fails_the_simulation_is_our_fault(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def liar(question: api.Question, gap: float, time_limit: float | None) -> FakeOutcome:
        honest = fake_outcome(question.scenario)
        assert honest.objective is not None
        return type(honest)(**(vars(honest) | {"objective": honest.objective * 1.001}))

    monkeypatch.setattr("kctopt.api.question.run_engine", liar)
    done = run("solve", "tiny.yaml")
    assert done.exit_code == 1
    assert "does not pass the simulation" in done.stderr
    assert "NOT VERIFIED" in done.stdout


def test_an_unexpected_error_is_one_line_unless_debug(engine: Engine) -> None:
    engine.ends["tiny"] = ZeroDivisionError("division by zero")
    done = run("solve", "tiny.yaml")
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert "kctopt failed (ZeroDivisionError: division by zero)" in done.stderr
    assert "please report it" in done.stderr
    assert done.stdout == ""
    assert "Traceback" in run("solve", "tiny.yaml", "--debug").stderr
    assert "Traceback" in run("solve", "tiny.yaml", env={"KCTOPT_DEBUG": "1"}).stderr


def test_an_error_is_told_as_json_where_asked(engine: Engine) -> None:
    engine.ends["tiny"] = SolverError("HiGHS ended oddly")
    done = run("solve", "tiny.yaml", "--json")
    record = json.loads(done.stdout)
    assert (done.exit_code, record["status"], record["error"]["kind"]) == (1, "error", "SolverError")
    assert done.stderr == "HiGHS ended oddly\n"


def test_ctrl_c_outside_the_engine_ends_with_130(engine: Engine) -> None:
    engine.ends["tiny"] = KeyboardInterrupt()
    done = run("solve", "tiny.yaml")
    assert done.exit_code == 130
    assert "interrupted" in done.stderr


def test_ctrl_c_before_any_plan_is_said(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kctopt.api.question.run_engine", lambda *_: FakeOutcome("interrupted", None, None, None, None))
    done = run("solve", "tiny.yaml")
    assert done.exit_code == 130
    assert done.stderr == "tiny: interrupted before a plan was found\n"


def test_set_reaches_the_scenario_and_its_record(engine: Engine) -> None:
    done = run("solve", "baseline", "--set", "lines[domain=quantum].growth=.8", "--set", "budget=700", "--json")
    place = Path(json.loads(done.stdout)["run_dir"])
    rows = {row.split(",")[0]: row for row in (place / "provenance.csv").read_text("utf-8-sig").splitlines()}
    assert rows["budget"].startswith("budget,700") and ",command line," in rows["budget"]
    assert ",0.8," in rows["lines[quantum-B].growth"]


def test_runs_are_never_overwritten(engine: Engine) -> None:
    names = [Path(json.loads(run("solve", "tiny.yaml", "--json").stdout)["run_dir"]).name for _ in range(3)]
    assert names == ["tiny", "tiny-2", "tiny-3"]


def test_a_batch_loses_no_member(engine: Engine) -> None:
    engine.ends |= {"broken": RuntimeError("boom"), "tight": "infeasible"}
    names = [study(name) for name in ("one", "broken", "tight", "two")]
    bad = study("bad", "extends: baseline\nsett: {}\n")
    done = run("solve", *names, bad, "missing", "-o", "out", "--json")
    assert done.exit_code == 7
    records = json.loads(done.stdout)
    assert [record["scenario"] for record in records] == ["one", "broken.yaml", "tight", "two", "bad.yaml", "missing"]
    assert [record["status"] for record in records] == ["optimal", "error", "infeasible", "optimal", "error", "error"]
    assert all(set(record) >= BASELINE_KEYS for record in records)
    assert records[4]["error"]["faults"][0]["line"] == 2
    assert sorted(place.name for place in Path("out").iterdir()) == ["one", "tight", "two"]
    assert "boom" in done.stderr
    assert "[6/6] missing: failed" in done.stderr


def test_a_batch_prints_a_row_for_each(engine: Engine) -> None:
    engine.ends["broken"] = RuntimeError("boom")
    done = run("solve", study("one"), study("broken"), "-o", "out")
    rows = done.stdout.splitlines()
    assert rows[0].split()[:2] == ["scenario", "status"]
    assert rows[1].split()[:2] == ["one", "optimal"]
    assert rows[2].split() == ["broken.yaml", "failed"]


def test_a_batch_within_limits_exits_with_five(engine: Engine) -> None:
    engine.ends["one"] = "limit"
    assert run("solve", study("one"), study("two")).exit_code == 5
    engine.ends.clear()
    assert run("solve", "one.yaml", "two.yaml").exit_code == 0


def test_an_interrupted_batch_goes_on_where_it_stopped(engine: Engine) -> None:
    engine.ends["two"] = KeyboardInterrupt()
    names = [study(name) for name in ("one", "two", "three")]
    done = run("solve", *names, "-o", "out", "--json")
    assert done.exit_code == 130
    assert "goes on from here" in done.stderr
    assert [record["scenario"] for record in json.loads(done.stdout)] == ["one", "two.yaml"]
    engine.ends.clear()
    engine.solved.clear()
    done = run("solve", *names, "-o", "out", "--json")
    assert done.exit_code == 0
    assert engine.solved == ["two", "three"]
    assert "one: finished before with the same input" in done.stderr
    assert [record["scenario"] for record in json.loads(done.stdout)] == ["one", "two", "three"]
    assert len(list(Path("out").iterdir())) == 3


@pytest.mark.parametrize("file", ["allocation.csv", "run.json", "solver.log"])
def test_a_run_that_was_changed_is_not_used_again(file: str, engine: Engine) -> None:
    run("solve", study("one"), "-o", "out")
    place = Path("out/one") / file
    place.write_bytes(place.read_bytes().replace(b"1", b"2", 1) + b"\n" * (file == "solver.log"))
    engine.solved.clear()
    done = run("solve", "one.yaml", "-o", "out", "two.yaml" if Path("two.yaml").exists() else study("two"))
    assert engine.solved == ["one", "two"]
    if file != "run.json":  # which may no longer be that of the question
        assert f"could be used, but {file} is missing or was changed since; solved again" in done.stderr


def files_of(place: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in place.iterdir()}


@pytest.mark.parametrize("others", [(), ("two",)], ids=["alone", "batch"])
def test_a_run_that_was_changed_is_left_as_it_is_and_solved_beside_it(others: tuple[str, ...], engine: Engine) -> None:
    names = [study(name) for name in ("one", *others)]
    run("solve", *names, "-o", "out")
    place = Path("out/one/allocation.csv")
    place.write_bytes(place.read_bytes().replace(b"1", b"2", 1))
    before = files_of(place.parent)
    done = run("solve", *names, "-o", "out", "--json")
    assert engine.solved == ["one", *others, "one"]
    assert "out/one could be used, but allocation.csv is missing or was changed since; solved again" in done.stderr
    assert sorted(one.name for one in Path("out").iterdir()) == ["one", "one-2", *others]
    assert files_of(place.parent) == before and kctopt.verify("out/one-2") == []
    found = json.loads(done.stdout)
    assert (found[0] if others else found)["run_dir"] == "out/one-2"
    done = run("solve", *names, "-o", "out")
    assert len(engine.solved) == 2 + len(others) and "would do" not in done.stderr
    assert "one: finished before with the same input in out/one-2" in done.stderr


@pytest.mark.parametrize(
    "change",
    [("--set", "budget=61"), ("--gap", "1e-6"), ("--fresh",)],
    ids=lambda change: change[0],
)
def test_a_run_is_reused_only_for_the_same_question(engine: Engine, change: tuple[str, ...]) -> None:
    name = study("one")
    run("solve", name, "-o", "out")
    run("solve", name, "-o", "out")
    assert engine.solved == ["one"]
    run("solve", name, "-o", "out", *change)
    assert engine.solved == ["one", "one"]


def test_a_changed_file_or_a_damaged_run_is_solved_again(engine: Engine) -> None:
    name = study("one")
    run("solve", name, "-o", "out")
    study("one", dump(tiny(name="one", budget=61.0)))
    run("solve", name, "-o", "out")
    assert len(engine.solved) == 2
    (Path("out") / "one-2" / "run.json").write_text("{")
    run("solve", name, "-o", "out")
    assert len(engine.solved) == 3


def test_without_output_every_solve_is_a_new_one(engine: Engine) -> None:
    run("solve", "tiny.yaml")
    run("solve", "tiny.yaml")
    assert engine.solved == ["tiny", "tiny"]


def test_verify_names_the_broken_rule(engine: Engine) -> None:
    run("solve", "tiny.yaml")
    place = Path("runs/tiny")
    assert "verified" in run("verify", str(place)).stdout
    file = place / "allocation.csv"
    rows = file.read_text("utf-8-sig").splitlines()
    at = next(n for n, row in enumerate(rows) if ",2027,strategic,F," in row)
    cells = rows[at].split(",")
    cells[7] = str(float(cells[7]) + 300)
    rows[at] = ",".join(cells)
    file.write_text("\r\n".join(rows) + "\r\n", encoding="utf-8-sig", newline="")
    done = run("verify", str(place))
    assert done.exit_code == 1
    assert "money.budget[2027]: 2027: spend of" in done.stdout
    record = json.loads(run("verify", str(place), "--json").stdout)
    assert record["verified"] is False
    assert record["findings"][0]["place"] == "money.budget[2027]"


def test_verify_of_what_is_no_run_is_bad_input(engine: Engine) -> None:
    done = run("verify", "nowhere")
    assert done.exit_code == 3
    assert done.stderr == "no run folder or scenario named 'nowhere'\n"


@pytest.mark.touches("click", "pyyaml")
def test_new_check_show_schema(engine: Engine) -> None:
    assert run("new", "study").exit_code == 0
    assert run("check", "study/scenario.yaml").stdout.startswith("study/scenario.yaml: ok. 20 lines in 5 domains")
    first = Path("study/scenario.yaml").read_text("utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=./kctopt.schema.json"
    assert json.loads(run("schema").stdout) == json.loads(Path("study/kctopt.schema.json").read_text("utf-8"))
    again = run("new", "study")
    assert again.exit_code == 3
    assert "is there already" in again.stderr
    made = json.loads(run("new", "other", "--from", "autarky", "--json").stdout)
    assert len(made["files"]) == 3


def test_show_in_short_and_in_full(engine: Engine) -> None:
    path = study("mine", "extends: baseline\nintent: More money.\nscale: {budget: 1.1}\n")
    short = run("show", path).stdout
    assert "More money." in short
    assert "set by the scenario" in short
    assert "budget = {2025: 475.09, 2026: 508.31, …, 2035: 883.3} billion CNY/year  # mine.yaml:3" in short
    resolved = run("show", path, "--resolved").stdout
    Path("whole.yaml").write_text(resolved, encoding="utf-8")
    assert run("show", "whole.yaml", "--resolved").stdout == resolved
    lines = run("show", path, "--origin").stdout.splitlines()
    assert any(line.startswith("budget.2026 = 508.31 billion") and "mine.yaml:3" in line for line in lines)
    assert any(line.startswith("lines[quantum-B].spend = ") and "lines.csv:" in line for line in lines)
    data = json.loads(run("show", path, "--json", "--origin").stdout)
    assert data["scenario"]["name"] == "mine"
    assert "mine.yaml:3" in data["origin"]["budget.2026"]


def test_doctor_finds_nothing_wrong(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    only_baseline(monkeypatch)
    done = run("doctor", "--json")
    record = json.loads(done.stdout)
    assert done.exit_code == 0, record
    found = {check["name"]: check for check in record["checks"]}
    assert {"solver", "encoding", "folder", "tables", "bundled data", "processors", "highspy"} <= set(found)
    assert "min 2x + 3z is 9" in found["solver"]["message"]


def test_doctor_fails_where_the_solver_is_wrong(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    only_baseline(monkeypatch)
    from kctopt.solver import highs

    monkeypatch.setattr(highs, "mip_case", lambda: 15.0)
    done = run("doctor")
    assert done.exit_code == 1
    assert "HiGHS says 15 where 9 is right" in done.stdout


def test_environment_sets_options(engine: Engine) -> None:
    done = run("solve", "baseline", "--json", env={"KCTOPT_SOLVE_OUTPUT": "elsewhere"})
    assert Path(json.loads(done.stdout)["run_dir"]) == Path("elsewhere/baseline")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("solve",), "Missing argument"),
        (("solve", "baseline", "--gap", "-1"), "is not in the range"),
        (("solve", "baseline", "--time-limit", "0"), "is not in the range"),
        (("solve", "baseline", "--set", "budget"), "is not of the form path=value"),
        (("solve", "baseline", "--lang", "fr"), "is not one of"),
        (("slove",), "No such command"),
        (("check", "baseline", "--jsn"), "No such option"),
    ],
)
@pytest.mark.touches("click", "rich-click")
def test_wrong_use_exits_with_two(engine: Engine, arguments: tuple[str, ...], says: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert says in " ".join(done.stderr.replace("│", " ").split())
    assert done.stdout == ""


def test_version() -> None:
    assert run("--version").stdout.startswith("kctopt ")


def test_every_command_speaks_json_and_two_languages() -> None:
    groups = [one for one in main.commands.values() if isinstance(one, click.Group)]
    commands = [*main.commands.items(), *(item for group in groups for item in group.commands.items())]
    for name, command in commands:
        if command in groups:
            continue  # its commands speak
        options: set[Any] = {option for parameter in command.params for option in parameter.opts}
        assert {"--json", "--lang", "--debug"} <= options, name


@pytest.mark.parametrize("command", ["solve", "diagnose"])
def test_an_output_without_a_name_is_refused(command: str) -> None:
    done = run(command, "baseline", "-o", "")
    assert done.exit_code == 2
    assert "a file or folder needs a name" in done.output
