"""What commands say has Chinese words: every error that a user can meet, notes, and what click says."""

from __future__ import annotations

import ast
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import click
import pytest
from bundled import only_baseline
from chinese import is_chinese
from click.testing import CliRunner
from click.testing import Result as Outcome
from model_files import write_model, write_scenario
from test_faults_zh import GAP, templates
from worlds import tiny

import kctopt
from kctopt import api
from kctopt.cli.helped import plain
from kctopt.cli.main import main
from kctopt.cli.output import progress
from kctopt.cli.said import asked_language, message, said
from kctopt.cli.solve import BatchRun, listed
from kctopt.errors import InputNote, RunError, ScenarioErrors, UsageError, WriteError
from kctopt.extras import NEEDS
from kctopt.language import entries
from kctopt.progress import step
from kctopt.report import fonts
from kctopt.result.text import PHASES, spent
from kctopt.scenario.nodes import CALLS as CALLS_OF_LOAD
from kctopt.scenario.nodes import DEFAULT, MEMORY
from kctopt.scenario.told import told, told_place

KCTOPT = Path(kctopt.__file__).parent
SAYS = {
    "UsageError", "RunError", "WriteError", "SolverError", "Infeasible", "NoPlan", "KctoptError",
    "BadParameter", "fail", "say", "Finding", "Check", "progress", "step", "tell",
}  # fmt: skip
IN_FILES = {"ValueError"}  # in result/, told with the file
PYTHON_ONLY = {  # calls from Python, and faults of ours
    "arguments.py", "api/__init__.py", "api/question.py", "api/worlds.py", "solver/highs.py",
}  # fmt: skip
TABLES = {
    "analysis/prices_text.py",
    "analysis/ranges_text.py",
    "report/firmness.py",
}  # other `say`


TEMPLATES, HELPS = entries("message", "zh"), entries("help", "zh")


def raised(file: Path) -> Iterator[str]:
    """What the errors and messages of a module say, gaps filled."""
    inside = file.relative_to(KCTOPT).as_posix()
    known = SAYS | (IN_FILES if inside.startswith("result/") else set())
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = node.args[2:3] if name in ("Finding", "Check") else node.args[:1]
            if name in known:
                yield from (text for one in given for text in templates(one) if re.search("[a-z]{2} [a-z]", text))


MODULES = sorted(
    file
    for file in KCTOPT.rglob("*.py")
    if file.relative_to(KCTOPT).as_posix() not in PYTHON_ONLY | TABLES and file.parent.name != "scenario"
)


def test_every_error_and_message_has_its_words_in_chinese() -> None:
    found = {(file.name, text) for file in MODULES for text in raised(file)}
    assert len(found) > 80
    bare = {(file, text) for file, text in found if not chinese(text)}
    assert bare == set()


def chinese(text: str) -> bool:
    """Whether a message, alone or behind a place, is told in Chinese."""
    return any(re.search("[\u4e00-\u9fff]", said(one, "zh")) for one in (text, f"{GAP}: {text}"))


def test_gaps_are_the_same_in_both_languages() -> None:
    for english, words in TEMPLATES.items():
        assert english.count("{}") == len(re.findall(r"\{\d?:?\}", words)), english
    assert said("anything new", "zh") == "anything new"
    assert said("the disk is full", "en") == "the disk is full"


CALLS = {
    ("solve",): "缺少参数 'SCENARIO…'。",
    ("slove", "baseline"): "没有命令 'slove'。是否想写 'solve'？",
    ("solve", "--gpa", "1", "baseline"): "没有选项 '--gpa'。是否想写 '--gap'？",
    ("--foo",): "没有选项 '--foo'。",
    ("solve", "baseline", "--gap", "x"): "'--gap' 的取值无效：'x' 不是有效的数。",
    ("solve", "baseline", "--time-limit", "nan"): "'--time-limit' 的取值无效：nan 不是大于 0 的有限的数。",
    ("compare", "a", "b", "--format", "foo"): "不在可选值之中",
    ("solve", "baseline", "--gap"): "选项 '--gap' 需要一个值。",
    ("check",): "缺少参数",
    ("compare", "a", "b", "--json", "--format", "csv"): "--json 与 --format csv 相互矛盾",
    ("verify", "nosuch"): "没有名为“nosuch”的算例文件夹或情景",
    ("export", "nosuch"): "请说明导出什么",
    ("report", "nosuch", "--format", "doc"): "没有名为“nosuch”的算例文件夹或情景",
    ("solve", "baseline", "--set", "budget"): "--set 的取值无效：命令行: budget: 不是“路径=值”的形式；例如 --set",
}


@pytest.mark.touches("click", "rich-click")
@pytest.mark.parametrize("typed", CALLS, ids=" ".join)
def test_usage_is_told_in_chinese(typed: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    plain = CliRunner().invoke(main, list(typed))
    if typed[0] in main.commands:
        chinese = CliRunner().invoke(main, [typed[0], "--lang", "zh", *typed[1:]])
    else:
        chinese = CliRunner().invoke(main, list(typed), env={"KCTOPT_LANG": "zh"})
    assert plain.exit_code == chinese.exit_code in (2, 3)
    assert CALLS[typed] in re.sub(r"\s*│\s*\n\s*│\s*", "", chinese.stderr)  # without the frame
    assert "Error" not in chinese.stderr
    assert "Try " not in chinese.stderr and "Usage" not in chinese.stderr
    assert not re.search(r"[a-z]{2} [a-z]{2}", re.sub("main [a-z]+|--[a-z]+", "", chinese.stderr))
    assert not re.search("[\u4e00-\u9fff]", plain.stderr)


def test_the_language_is_known_before_the_command_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KCTOPT_LANG", raising=False)
    assert asked_language(["solve", "--lang", "zh"]) == asked_language(["solve", "--lang=zh", "x"]) == "zh"
    assert (
        asked_language(["solve"]) == asked_language(["--", "--lang", "zh"]) == asked_language(["--lang", "fr"]) == "en"
    )
    monkeypatch.setenv("KCTOPT_LANG", "zh")
    assert asked_language(["solve"]) == "zh" and asked_language(["--lang", "en"]) == "en"


def test_an_unknown_language_is_refused_with_the_one_that_is_meant() -> None:
    for typed, env in ((["--lang", "cn"], {}), ([], {"KCTOPT_LANG": "zh_CN.UTF-8"})):
        done = CliRunner().invoke(main, ["check", "baseline", *typed], env={"COLUMNS": "200", **env})
        assert done.exit_code == 2
        assert "is not one of 'en', 'zh'. Did you mean 'zh'?" in done.stderr
    done = CliRunner().invoke(main, ["check", "baseline", "--lang", "klingon"])
    assert done.exit_code == 2 and "'klingon' is not one of 'en', 'zh'." in done.stderr


def test_a_bare_command_shows_its_help() -> None:
    for words, env in (("Usage: main", {"KCTOPT_LANG": ""}), ("用法： main", {"KCTOPT_LANG": "zh"})):
        done = CliRunner().invoke(main, [], env=env)
        assert done.exit_code == 2
        assert words in done.output and "solve" in done.output


Typed = tuple[str, ...]


def commands(group: click.Group = main, before: Typed = ()) -> Iterator[tuple[Typed, click.Command]]:
    """Every command with the words that call it."""
    yield before, group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))
        else:
            yield (*before, name), command


@pytest.mark.parametrize(("typed", "command"), [pytest.param(*one, id=" ".join(one[0])) for one in commands()])
def test_help_is_told_in_chinese(typed: Typed, command: click.Command) -> None:
    texts = [command.help or "", command.epilog or "", *(getattr(one, "help", None) or "" for one in command.params)]
    assert [text for one in texts for text in plain(one) if text and text not in HELPS] == []
    done = CliRunner().invoke(main, [*typed, "--help"], env={"KCTOPT_LANG": "zh", "COLUMNS": "200"})
    assert done.exit_code == 0
    shown = re.sub(r"`[^`]*`|main [a-z ]+", "", done.stdout)  # without commands
    assert is_chinese(shown), shown
    for english in ("Usage", "OPTIONS", "Options", "Commands", "COMMAND", "default:", "required", "FLOAT"):
        assert english not in shown
    assert "用法： main" in done.stdout and "选项" in done.stdout and "显示此帮助。" in done.stdout
    plainly = CliRunner().invoke(main, [*typed, "--help"], env={"KCTOPT_LANG": "en", "COLUMNS": "200"})
    assert not re.search("[\u4e00-\u9fff]", plainly.stdout)  # the command itself stays as it is


def test_help_in_a_narrow_terminal_is_wrapped_not_cut() -> None:
    done = CliRunner().invoke(main, ["explain", "--help"], env={"KCTOPT_LANG": "zh", "COLUMNS": "50"})
    assert re.sub(r"[│\s]", "", done.stdout).count("类型与规划期最少和最多得到多少。") == 1


def test_doctor_speaks_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    only_baseline(monkeypatch)
    done = CliRunner().invoke(main, ["doctor", "--lang", "zh"])
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert any(line.startswith("正常  求解器：HiGHS 能正确求解") for line in lines)
    assert not [line for line in lines if re.search("[a-z]{2} [a-z]{2}", re.sub("all load|pip install", "", line))]
    record = json.loads(CliRunner().invoke(main, ["doctor", "--lang", "zh", "--json"]).stdout)
    told = {one["name"]: one for one in record["checks"]}
    assert told["tables"]["state"] == "ok" and told["tables"]["message"].startswith("CSV 与 Parquet")


def test_progress_is_told_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("kctopt.cli.output.spoken", lambda: "zh")
    monkeypatch.setattr(sys, "stderr", shown := Terminal())
    with progress("solving baseline", after=0.01):
        time.sleep(0.2)
        step("what explains mine: solve 2 of 5")
        time.sleep(0.8)
    assert "正在求解 baseline …" in shown.getvalue() and "mine 由何而来：求解 2/5 …" in shown.getvalue()


def test_all_optional_work_is_called_in_chinese() -> None:
    called = {need.called for need in NEEDS.values()} - {"netCDF"}
    assert {one for one in called if not re.search("[\u4e00-\u9fff]", said(one, "zh"))} == set()


PLACES = {
    "command line": "命令行",
    "set= of the call": "调用的 set=",
    "default": "默认值",
    "a.yaml:3": "a.yaml:3",
    "a.yaml:3 (times 0.95, from b.yaml:4 (plus -1, from models/m/model.yaml:9))":
        "a.yaml:3（乘以 0.95，原为 b.yaml:4（加上 -1，原为 models/m/model.yaml:9））",
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_places_that_are_no_files_are_told_in_chinese(place: str) -> None:
    assert told_place(place, "zh") == PLACES[place]
    assert told_place(place, "en") == place


def test_every_place_of_a_call_has_words() -> None:
    assert all(
        re.search("[\u4e00-\u9fff]", told_place(one, "zh")) for one in (*CALLS_OF_LOAD, str(DEFAULT), str(MEMORY))
    )


def test_faults_and_values_set_by_a_call_are_placed_in_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def show(*typed: str) -> Outcome:
        return CliRunner().invoke(main, ["show", "b.yaml", "--lang", "zh", *typed])

    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "model")
    write_scenario(tmp_path, "model: ./model\nscale: {budget: 2, economy.trend: 2}\n", "b.yaml")
    assert show("--set", "budget=lots").stderr.startswith("命令行: budget: “lots”不是数")
    with pytest.raises(ScenarioErrors) as in_python:
        kctopt.load("b.yaml", set={"budgt": 3})
    assert message(in_python.value, "zh") == "调用的 set=: budgt: 未知的键；是否想写“budget”？"
    record = json.loads(show("--set", "budgt=3", "--json").stdout)
    assert record["error"]["message"].startswith("命令行: budgt")
    assert record["error"]["faults"][0]["file"] == "command line"  # data for programs
    shown, every = (
        show("--set", "money.carry_share=0.2").stdout,
        show("--set", "money.carry_share=0.2", "--origin").stdout,
    )
    assert "0.2 比例  # 命令行" in shown and "0.2 比例  # 命令行" in every
    assert "# 默认值" in every and "（乘以 2，原为 model/model.yaml:" in every
    assert not re.search("command line|default|times|from|CNY|share$", every)
    assert "stages = 包络（envelope）  # 默认值" in every


def test_reasons_inside_an_error_are_told_too() -> None:
    own = RunError("x: the run was solved with changes that its user made in the model (a, b, …); solving its scenario "
                   "again would leave them out")  # fmt: skip
    assert said(str(own), "zh") == "x：该算例求解时，用户改动了模型（a, b, …）；重新求解其情景会丢失这些改动"
    full = WriteError("runs/x: cannot be written: the disk is full; make room, or name another place. What was worked "
                      "out is kept in /tmp/y")  # fmt: skip
    assert said(str(full), "zh") == "runs/x：无法写入：磁盘已满；请腾出空间，或另指位置。已算出的结果保存在 /tmp/y"
    fail = UsageError("--fail-on 'KT<0': there is no index 'KT'; did you mean 'kct'?")
    assert said(str(fail), "zh") == "--fail-on 'KT<0'：没有指数“KT”；是否想写“kct”？"


def test_letters_that_no_font_has_are_told_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "installed", lambda letters: [])
    warned = fonts.warning([("名称", "半导体 㐀")], "zh")
    assert warned.startswith(
        "有 1 个字不在 kctopt 自带的字体中：“半导体 㐀”（名称）中的 㐀；没有一种已安装的字体全部包含"
    )
    assert not re.search("[a-z]{2} [a-z]", warned.replace("Noto Sans CJK", ""))


NOTES = {
    "set: {budget: 6.0e+11}": "为各技术线基准年投入合计",
    'scale: {"lines[*].spend": 1.0e+8, budget: 1.0e+8}': "为上级情景",
    'scale: {"lines[*].spend": 1.0e-8}': "分之一",
    "set: {budget.2027: 600000}": "2027 年预算",
    "set: {budget: {2027: 100}}": "仅给出",
}


@pytest.mark.parametrize("text", NOTES)
def test_notes_and_their_reasons_are_told_in_chinese(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "model")
    write_scenario(tmp_path, "model: ./model\n", "base.yaml")
    write_scenario(tmp_path, f"extends: ./base.yaml\n{text}\n", "odd.yaml")
    done = CliRunner().invoke(main, ["check", "odd.yaml", "--lang", "zh"])
    assert done.exit_code == 0, done.stderr
    assert NOTES[text] in done.stderr
    assert not re.search("[a-z]{2} [a-z]", re.sub(r"\S*(yaml|lines\[)\S*", "", done.stderr)), done.stderr


def test_notes_are_told_from_python_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_model(tmp_path / "model")
    file = write_scenario(tmp_path, "model: ./model\nset: {budget: {2027: 6.0e+11}}\n", "odd.yaml")
    monkeypatch.setattr(api, "solve_question", lambda question, **_: tiny_result(question))
    for call in (kctopt.load, kctopt.build, kctopt.solve):
        with pytest.warns(InputNote) as told_there:
            call(file)
        texts = [str(one.message) for one in told_there]
        assert any("budget states 2027 only" in text for text in texts)
        assert any("is it meant so?" in text for text in texts)
        assert all(one.filename == __file__ for one in told_there)
    with pytest.warns(InputNote, match="is it meant so"):
        kctopt.build(tiny(budget=6e11))


def tiny_result(question: api.Question) -> kctopt.Result:
    """A result without a plan."""
    return kctopt.Result(
        scenario=question.scenario, status="no_plan", objective=None, bound=None, gap=None, money=None, seconds={},
        prices={}, verified=False,
    )  # fmt: skip


def test_scenario_words_serve_both() -> None:
    assert told("unknown key", "zh") == said("unknown key", "zh") == "未知的键"


def test_what_is_shown_and_listed_has_chinese_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "model")
    rule = "policies: [{id: a, kind: floor, domain: ai, amount: 1}]\n"
    write_scenario(tmp_path, f"model: ./model\nset: {{budget: 150}}\n{rule}", "b.yaml")
    shown = CliRunner().invoke(main, ["show", "b.yaml", "--lang", "zh"])
    for words in ("预算，亿元", "管制强度", "情景所设", "规则", "模型 model"):
        assert words in shown.stdout
    assert "a：下限（floor），领域 人工智能（ai），金额 10 亿元" in shown.stdout
    assert "} 十亿元/年  # b.yaml:2" in shown.stdout or "budget = 150 十亿元/年  # b.yaml:2" in shown.stdout
    assert "a: floor, domain ai, amount 1 billion CNY" in CliRunner().invoke(main, ["show", "b.yaml"]).stdout
    result = replace(tiny_result(api.read(tiny())), seconds=dict.fromkeys(set(PHASES) - {"rest"}, 1.0) | {"total": 8.5})
    assert not re.search("[a-z]{2}", spent(result, "zh")) and spent(result, "zh").endswith("，合计 8.50 s")
    assert spent(result, "en").endswith(", rest 0.50 s, total 8.50 s")
    runs = [BatchRun("lost", 3), BatchRun("b", 6, tiny_result(api.read(tiny())))]
    header, lost, other = listed(runs, "zh").splitlines()
    assert header.split() == ["情景", "状态", "目标值", "界限", "间隙", "规划价值", "末年国家安全", "保存于"]
    assert lost.split() == ["lost", "失败"]
    assert "无方案" in other or "方案" in other
    assert listed(runs, "en").splitlines()[1].split() == ["lost", "failed"]
