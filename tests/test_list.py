"""`kctopt list` and `kctopt new --model`: what can be named, and a model to edit."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result
from fakes import fake_outcome
from worlds import tiny

from kctopt import load
from kctopt.cli import main
from kctopt.recourse.load import bundled_trees
from kctopt.scenario.bundled import bundled_models, bundled_root, bundled_scenarios
from kctopt.scenario.load import dump


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), prog_name="kctopt")


def listed(*arguments: str) -> dict[str, list[dict[str, object]]]:
    content = json.loads(run("list", "--json", *arguments).stdout)
    assert isinstance(content, dict)
    return content


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_everything_bundled_is_named_in_the_readers_language() -> None:
    content = listed("--lang", "zh")
    assert [row["name"] for row in content["scenarios"]] == [*bundled_scenarios()]
    assert [row["name"] for row in content["models"]] == [*bundled_models()]
    assert content["scenarios"][0]["label"] == "基准情景"
    lines = (bundled_root() / "models" / "kct-lines" / "lines.csv").read_text(encoding="utf-8-sig").splitlines()
    assert next(row for row in content["models"] if row["name"] == "kct-lines")["lines"] == len(lines) - 1
    done = run("list")
    assert all(name in done.stdout for name in (*bundled_scenarios(), *bundled_models(), "baseline-uncertain"))
    assert "no runs in ." in done.stderr


def test_what_is_here_is_named_by_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kctopt.api.question.run_engine", lambda question, gap, limit: fake_outcome(question.scenario))
    Path("small.yaml").write_text(dump(tiny(name="small")), encoding="utf-8")
    assert run("solve", "small.yaml").exit_code == 0
    Path("small.yaml").unlink()
    Path("mine.yaml").write_text("extends: baseline\nlabel: {en: Mine, zh: 我的}\n", encoding="utf-8")
    Path("other.yaml").write_text("of: baseline\nintent: How firm?\n", encoding="utf-8")
    Path("hazard.yaml").write_text("of: baseline\ntree: []\n", encoding="utf-8")
    Path("notes.yaml").write_text("a list of things\n", encoding="utf-8")
    Path("broken.yaml").write_text("extends: [baseline\n", encoding="utf-8")
    Path("runs/torn").mkdir()
    Path("runs/torn/run.json").write_text("{", encoding="utf-8")
    Path("studies").mkdir()
    Path("studies/world.duckdb").touch()
    content = listed()
    own = {row["name"]: row for row in content["scenarios"] if row["name"] not in bundled_scenarios()}
    assert own["mine.yaml"]["label"] == "Mine"
    assert own["broken.yaml"]["label"] == ""
    assert set(own) == {"mine.yaml", "broken.yaml"}
    assert [row["intent"] for row in content["studies"] if row["name"] == "other.yaml"] == ["How firm?"]
    assert [row["name"] for row in content["trees"]] == [*bundled_trees(), "hazard.yaml"]
    assert "hazard.yaml" not in {row["name"] for row in content["studies"]}  # it has `of` too
    runs = {row["folder"]: row for row in content["runs"]}
    assert runs[str(Path("runs/small"))]["status"] == "optimal"
    assert runs[str(Path("runs/small"))]["objective"] is not None
    assert runs[str(Path("runs/torn"))]["status"] == "unreadable"
    assert content["sweeps"] == [{"file": str(Path("studies/world.duckdb"))}]
    told = run("list").stdout
    assert "runs/small" in told
    assert "unreadable" in told


def test_a_model_is_copied_to_be_edited() -> None:
    done = run("new", "mine", "--model", "kct-2035")
    assert done.exit_code == 0
    assert "provenance.csv" in done.stderr
    source = bundled_root() / "models" / "kct-2035"
    for file in source.iterdir():
        if file.is_file():
            assert Path("mine", file.name).read_bytes() == file.read_bytes()
    loaded = load("mine")
    assert loaded.model_sha256 == load("baseline").model_sha256
    assert loaded.model_sha256 in Path("mine/README.md").read_text(encoding="utf-8")
    assert "kct-2035" in Path("mine/README.md").read_text(encoding="utf-8")
    again = run("new", "again", "--model", "mine")
    assert again.exit_code == 0
    assert "`mine`" in Path("again/README.md").read_text(encoding="utf-8")


def test_a_model_is_not_copied_over_anything() -> None:
    Path("mine").mkdir()
    assert run("new", "mine", "--model", "kct-2035").exit_code == 3
    assert [*Path("mine").iterdir()] == []
    typo = run("new", "yours", "--model", "kct-2053")
    assert typo.exit_code == 3
    assert "did you mean 'kct-2035'?" in typo.stderr
    assert run("new", "yours", "--model", "kct-2035", "--from", "autarky").exit_code == 2
    assert not Path("yours").exists()


def test_the_version_has_a_short_name() -> None:
    assert run("-V").stdout == run("--version").stdout


def completed(*typed: str) -> list[str]:
    """What a shell offers for the last word of a command."""
    items = ShellComplete(main, {}, "kctopt", "_KCTOPT_COMPLETE").get_completions([*typed[:-1]], typed[-1])
    return [item.value for item in items if item.type == "plain"]


def test_a_shell_completes_what_can_be_named() -> None:
    Path("mine.yaml").write_text("extends: baseline\n", encoding="utf-8")
    Path("sub").mkdir()
    Path("sub/mild.yaml").write_text("of: baseline\n", encoding="utf-8")
    Path("runs/minor").mkdir(parents=True)
    Path("runs/minor/run.json").touch()
    assert completed("solve", "m") == ["modes", "mine.yaml"]
    assert completed("sweep", "base") == ["baseline-uncertain"]
    assert completed("sweep", "sub/m") == ["sub/mild.yaml"]
    assert completed("report", "r") == ["runs/minor"]
    assert completed("explain", "prices", "r") == ["runs/minor"]
    assert completed("new", "there", "--model", "kct-l") == ["kct-lines"]
    assert completed("ver") == ["verify"]
    assert completed("solve", "nothing-like-it") == []
    for name in ("backcast", "check", "compare", "diagnose", "export", "report", "show", "simulate", "solve", "verify"):
        assert completed(name, ""), f"kctopt {name} completes nothing"


def test_what_new_writes_is_listed_in_the_readers_language() -> None:
    assert run("new", "mine", "--model", "kct-2019").exit_code == 0
    assert run("new", "own").exit_code == 0
    for lang, none in (("zh", "[a-z]{3,} [a-z]{3,}"), ("en", "[\u4e00-\u9fff]")):
        shown = run("list", "--lang", lang).stdout
        texts = [line for line in shown.splitlines() if "mine" in line or "own" in line]
        assert not [line for line in texts if re.search(none, line)], shown
