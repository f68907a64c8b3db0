"""Chinese readers see no key of a file: what each analysis prints, and what a report tells of it, has words only.

A key may stand in brackets behind its words, or in `code`, where it says what to write in a file; data keep keys.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from model_files import OPTIONS, write_model, write_scenario

import kctopt
from kctopt.cli import main
from kctopt.report.story import story

ASIDE = re.compile(r"(?<=[\u4e00-\u9fff])（[\w.\[\]=-]+）|`[^`]+`|--[a-z-]+|\S+\.yaml\S*|“[\w-]+”")
KEY = re.compile(r"[a-z]+_[a-z_]+|[a-z]\w*(?:\.[a-z]\w*)+|[a-z]\w*\[[^\]]*\]|[a-z]\w*=\w+")
ENGLISH = re.compile(r"(?<![\w-])[a-z]{2,} [a-z]{2,}")  # two words that nobody translated

CASE = """\
model: ./model
label: {en: Case, zh: 小例}
set:
  stages: switching
  cooperation.choice: mask
  controls.intensity: {2026: .3, 2030: .9}
  lines[ai-B].floor: 3
  money.ramp_growth: 0.05
  money.ramp_step: 1
policies:
  - {id: ai-floor, kind: floor, domain: ai, amount: 47, years: 2026-2028}
  - {id: moat-share, kind: share, type: M, min: .2}
  - {id: chokepoints, kind: target, type: B, min_ratio: .2, by: 2030, soft: true, price: 3}
"""
CONTINUOUS = CASE.replace("  stages: switching\n  cooperation.choice: mask\n", "").replace("./model", "./plain")
IMPOSSIBLE = """\
extends: continuous.yaml
intent: Too much at once.
policies:
  - {id: rush, kind: floor, line: ai-B, amount: 45, years: 2026-2027}
  - {id: far, kind: target, line: quantum-S, min_ratio: 0.9, by: 2027}
"""
ASKED = (
    "explain prices runs/continuous --check",
    "explain ranges runs/continuous",
    "explain flips runs/continuous --over budget --tolerance 0.5",
    "explain flips runs/continuous --over lines.rival_growth --tolerance 0.5",
    "explain flips runs/continuous --over policies[ai-floor].amount --tolerance 30",
    "explain flips runs/continuous --over controls.intensity --kind line_rule --kind rule --tolerance 0.5",
    "explain forms runs/continuous --gap 1e-2",
    "diagnose impossible.yaml",
    "verify runs/continuous",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    write_model(folder / "model", **OPTIONS)
    write_model(folder / "plain")
    for name, text in (("case", CASE), ("continuous", CONTINUOUS), ("impossible", IMPOSSIBLE)):
        write_scenario(folder, text, f"{name}.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in ("case", "continuous"):
            done = CliRunner().invoke(main, ["solve", f"{name}.yaml", "--gap", "1e-2", "-o", "runs"])
            assert done.exit_code in (0, 5), done.output
    return folder


def raw(text: str) -> list[str]:
    """Keys that stand in a text without their words."""
    plain = ASIDE.sub("", text)
    return [*KEY.findall(plain), *ENGLISH.findall(plain)]


def test_a_key_is_seen() -> None:
    for text in (
        "money.budget 每增加 10 亿元", "lines[ai-B]：无", "kct.form=ces 下", "min_budget 时", "lines.floor 为 3",
        "此 rule binds 了",
    ):  # fmt: skip
        assert raw(text), text
    assert raw("可结转额（money.carry_share）见 `money.budget`、case.yaml:3:5，“ai-floor”；NS 点，--check") == []


DEAR = pytest.param("explain prices runs/case", marks=pytest.mark.long)  # the prices of a bound with choices free


@pytest.mark.parametrize("command", [*ASKED, DEAR])
@pytest.mark.long
def test_an_analysis_has_words_for_every_key(command: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(main, [*command.split(), "--lang", "zh"])
    assert done.exit_code in (0, 1, 4), done.output
    assert re.search("[\u4e00-\u9fff]", done.stdout)
    assert raw(done.stdout) == [], done.stdout


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_report_has_words_for_every_key(lang: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    for command in (ASKED[0], ASKED[2], *ASKED[5:7]):
        assert CliRunner().invoke(main, command.split()).exit_code in (0, 1)
    told = "\n".join(story([kctopt.open("runs/continuous")], lang, appendix="none").texts())
    assert KEY.findall(re.sub(r"“[\w-]+”|\S+\.yaml\S*|https?:\S+", "", told)) == []
    assert lang == "en" or ENGLISH.findall(ASIDE.sub("", told)) == []
