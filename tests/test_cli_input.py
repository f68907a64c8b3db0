"""Bad input: a message with place and remedy, exit code 3 (2 for wrong use), never a traceback."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from kctopt.cli import main
from kctopt.scenario.bundled import bundled_root


def file(text: str) -> Callable[[], None]:
    """Writes the text as bad.yaml."""
    return lambda: Path("bad.yaml").write_text(text, encoding="utf-8", newline="\n") and None


def without_column() -> None:
    shutil.copytree(bundled_root() / "models" / "kct-2035", "world")
    path = Path("world/lines.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    at = rows[0].index("spend")
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(row[:at] + row[at + 1 :] for row in rows)
    file("model: ./world\n")()


def two_parents() -> None:
    for name, budget in (("low", 400), ("high", 450)):
        Path(f"{name}.yaml").write_text(f"extends: baseline\nset: {{budget: {budget}}}\n", encoding="utf-8")
    file("extends: [./low.yaml, ./high.yaml]\n")()


def no_text() -> None:
    Path("bad.yaml").write_bytes(b'extends: baseline\nintent: "\xff\xfe\x00\x80"\n')


FLOORS = """\
extends: baseline
policies:
  - {id: chips, kind: floor, domain: semiconductors, amount: 300}
  - {id: minds, kind: floor, domain: ai, amount: 300, years: 2026-2027}
"""

CASES: dict[str, tuple[Callable[[], None], tuple[str, ...]]] = {
    "missing file": (lambda: None, ("bad.yaml: there is no such file",)),
    "unknown key": (file("extends: baseline\nset:\n  budget.grwoth: 3\n"), ("bad.yaml:3", "budget.grwoth", "unknown")),
    "misspelt key": (file("extends: baseline\nsett: {}\n"), ("bad.yaml:2", "sett", "did you mean 'set'?")),
    "wrong unit": (
        file("extends: baseline\nset: {budget: 500 million USD}\n"),
        ("bad.yaml:2", "budget", "billion CNY/year", "500 million USD", "convert"),
    ),
    "negative budget": (
        file("extends: baseline\nset: {budget: -5}\n"),
        ("bad.yaml:2", "budget", "must not be negative (found -5)"),
    ),
    "unknown domain": (
        file("extends: baseline\npolicies:\n  - {id: f, kind: floor, domain: semicondutors, amount: 60}\n"),
        ("bad.yaml:3", "policies[f].domain", "did you mean 'semiconductors'?"),
    ),
    "floors above the budget": (file(FLOORS), ("bad.yaml:", "floors of 2026", "lower a floor or raise the budget")),
    "missing column": (without_column, ("world/lines.csv:1", "column 'spend' is missing", "add it")),
    "no text": (no_text, ("bad.yaml", "is neither UTF-8, UTF-16 nor GB18030", "save it as UTF-8")),
    "two parents": (two_parents, ("bad.yaml:1", "budget", "low.yaml:2", "high.yaml:2", "say which")),
    "empty file": (file(""), ("bad.yaml: is empty", "write at least 'extends: baseline'")),
    "not yaml": (file("extends: [baseline\n"), ("bad.yaml:",)),
}  # fmt: skip


@pytest.mark.parametrize("command", ["check", "show", "solve"])
@pytest.mark.parametrize("case", CASES)
def test_bad_input(case: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write, words = CASES[case]
    write()
    done = CliRunner().invoke(main, [command, "bad.yaml"], prog_name="kctopt")
    assert done.exit_code == 3, done.output
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert not Path("runs").exists()


def test_all_faults_come_at_once_and_as_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file("extends: baseline\nsett: {}\nset: {budget: -5, money.carry_share: 3}\n")()
    done = CliRunner().invoke(main, ["check", "baseline", "bad.yaml", "--json"], prog_name="kctopt")
    assert done.exit_code == 3
    good, bad = json.loads(done.stdout)
    assert good["ok"] and not good["faults"]
    assert not bad["ok"]
    assert [fault["line"] for fault in bad["faults"]] == [2, 3, 3]


def test_a_fault_on_the_command_line_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["solve", "baseline", "--set", "budgt=5"], prog_name="kctopt")
    assert done.exit_code == 3
    assert "command line" in done.stderr
    assert "did you mean 'budget'?" in done.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_files_as_chinese_spreadsheets_write_them_are_read(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text("extends: baseline\nintent: 关键核心技术\n", encoding=encoding)
    done = CliRunner().invoke(main, ["show", "mine.yaml"], prog_name="kctopt")
    assert done.exit_code == 0, done.output
    assert "关键核心技术" in done.stdout
