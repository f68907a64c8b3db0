"""Whatever a command prints on a terminal of 80 columns fits it, in every language; Chinese characters take two."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unicodedata import combining, east_asian_width

import click
import pytest
from bundled import only_baseline
from click.testing import CliRunner
from worlds import small, tiny

from kctopt.cli import main
from kctopt.scenario.load import dump

COLUMNS = 80
STUDY = """\
of: ./tiny.yaml
intent: How firm is the plan where nobody knows how strong the controls will be in any of the years of the horizon?
uncertain:
  - {path: controls.intensity, scale: {uniform: [0.8, 1.2]}, source: "a judgement that is long, as judgements are"}
sample: {method: lhs, size: 3, seed: 1}
"""
SESSION = (  # commands whose work is small, in order
    "check tiny.yaml small.yaml study.yaml", "check typo.yaml", "show small.yaml", "show small.yaml --origin",
    "show study.yaml", "show autarky", "solve small.yaml", "solve tiny.yaml", "solve tiny.yaml short.yaml -o batch",
    "solve broken.yaml", "solve none.yaml", "verify runs/tiny", "verify runs/nothing", "compare runs/tiny batch/short",
    "explain prices runs/tiny", "explain ranges runs/tiny", "diagnose none.yaml", "diagnose tiny.yaml",
    "simulate runs/tiny --study study.yaml", "backcast nothing", "report runs/nothing", "export runs/tiny", "list",
    "new mine", "new book.xlsx", "new model --model kct-2035", "new mine", "schema --studdy", "solv",
)  # fmt: skip
DEAR = (
    "explain flips runs/tiny --over controls.intensity --from 0.9 --to 1.1", "explain forms runs/tiny",
    "sweep study.yaml", "backcast kct-2019", "doctor",
)  # fmt: skip


def width(text: str) -> int:
    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def wide(output: str) -> list[str]:
    return [line for line in output.splitlines() if width(line) > COLUMNS]


def run(command: str, lang: str) -> str:
    env = {"COLUMNS": str(COLUMNS), "KCTOPT_LANG": lang}
    return CliRunner().invoke(main, command.split(), env=env, prog_name="kctopt").output


@pytest.mark.parametrize(
    ("lang", "session"),
    [("zh", SESSION), pytest.param("en", SESSION + DEAR, marks=pytest.mark.long),
     pytest.param("zh", SESSION[:8] + DEAR, marks=pytest.mark.long)],
)  # fmt: skip
def test_what_commands_print_fits_the_terminal(
    lang: str, session: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    only_baseline(monkeypatch)
    for name, scenario in {"tiny": tiny(name="tiny"), "small": small(name="small")}.items():
        Path(f"{name}.yaml").write_text(dump(scenario), encoding="utf-8")
    Path("short.yaml").write_text("extends: ./tiny.yaml\nscale: {budget: 0.9}\n", encoding="utf-8")
    rule = "policies: [{id: a-target-that-nobody-can-reach, kind: target, type: B, min_ratio: 0.95, by: 2028}]\n"
    Path("none.yaml").write_text(f"extends: ./tiny.yaml\n{rule}", encoding="utf-8")
    Path("typo.yaml").write_text("extends: ./tiny.yaml\nset: {controls.intensitty: 1, budgett: 2}\n", encoding="utf-8")
    Path("broken.yaml").write_text("extends: [\n", encoding="utf-8")
    Path("study.yaml").write_text(STUDY, encoding="utf-8")
    seen = {command: run(command, lang) for command in session}
    assert {command: lines for command, output in seen.items() if (lines := wide(output))} == {}
    assert [command for command, output in seen.items() if not output.strip() or "kctopt failed" in output] == []


def commands(group: click.Command = main, typed: str = "") -> Iterator[str]:
    yield typed
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            yield from commands(command, f"{typed} {name}".strip())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_help_fits_the_terminal(lang: str) -> None:
    assert [typed for typed in commands() if wide(run(f"{typed} --help", lang))] == []
