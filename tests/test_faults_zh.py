"""Faults, remedies and notes in Chinese: every template of the code has its words, and commands speak them."""

from __future__ import annotations

import ast
import errno
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from model_files import write_model, write_scenario

from kctopt.cli.main import main
from kctopt.language import entries
from kctopt.scenario.field_kinds import POLICY_KINDS, fields
from kctopt.scenario.records import Scenario
from kctopt.scenario.tables import TABLES
from kctopt.scenario.told import GAP as GAP_OF
from kctopt.scenario.told import MARKED, Words, fault_templates, told

TEMPLATES, SAID, BREACHES = fault_templates("zh"), entries("message", "zh"), entries("breach", "zh")
RECORDS = (Scenario, *POLICY_KINDS.values(), *(table.record for table in TABLES.values()))
SCENARIO = Path(__file__).parents[1] / "kctopt" / "scenario"
CALLS = {
    "add": (2, 3),
    "stop": (2, 3),
    "_fault": (1, 2, 3),
    "Unreadable": (0, 1),
    "PathError": (0, 1),
    "Problem": (1, 2),
}
NAMES = {"message", "hint", "remedy"}
GAP = "Q7"  # stands in a gap, and is no word


def templates(node: ast.AST) -> Iterator[str]:
    """Texts that an expression can be, with gaps."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(str(one.value) if isinstance(one, ast.Constant) else GAP for one in values)
        case ast.IfExp(body=body, orelse=other):
            yield from (*templates(body), *templates(other))
        case ast.BoolOp(values=values):
            yield from (text for one in values for text in templates(one))


def said(file: Path) -> Iterator[str]:
    """Messages and remedies in a module."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = [node.args[at] for at in CALLS.get(name, ()) if at < len(node.args)]
        elif isinstance(node, ast.Assign) and {getattr(one, "id", "") for one in node.targets} & NAMES:
            given = [node.value]
        else:
            continue
        yield from (text for one in given for text in templates(one) if re.search("[a-z]{2} [a-z]", text))


FILES = sorted(
    file for part in ("scenario", "study", "recourse", "explore") for file in SCENARIO.parent.glob(f"{part}/*.py")
)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_every_message_has_its_words_in_chinese(file: Path) -> None:
    bare = [text for text in said(file) if not re.search("[\u4e00-\u9fff]", told(text, "zh"))]
    assert bare == []


def test_gaps_are_the_same_in_both_languages() -> None:
    for english, chinese in TEMPLATES.items():
        assert english.count("{}") == len(re.findall(r"\{\d?:?\}", chinese)), english


WORDS = ("years", "share", "text", "near", "exchange")  # that mean something and may be keys or ids too
KEYS = sorted({*WORDS, *(name for record in RECORDS for name in fields(record))})


@pytest.mark.parametrize("templates", [TEMPLATES, SAID, BREACHES], ids=["faults", "said", "breaches"])
def test_keys_and_ids_stay_as_they_are_typed(templates: dict[str, str]) -> None:
    words = Words(templates, "zh")
    for english, chinese in templates.items():
        marks = [mark for _, mark in MARKED.findall(chinese)]
        for key in WORDS if marks and not any(marks) else ():
            text = english.replace(GAP_OF, key)
            assert words.told(text) == text or words.told(text).count(key) >= english.count(GAP_OF), text


@pytest.mark.parametrize("key", KEYS)
def test_suggestions_are_keys(key: str) -> None:
    for text in (f"did you mean '{key}'?", f"known: {key}", f"lacks {key}", f"unknown value '{key}'",
                 f"the keys are {key}", f"fill in the column '{key}'"):  # fmt: skip
        assert key in told(text, "zh") and told(text, "zh") != text
    assert told(f"'3 {key} or {key}' is not a number", "zh") == f"“3 {key} or {key}”不是数"


def test_what_the_system_says_is_told_whole_or_not_at_all() -> None:
    assert told("cannot read a.yaml: No such file or directory", "zh") == "无法读取 a.yaml：没有此文件或文件夹"
    assert (
        told("cannot read a.yaml: Bad message or key and text", "zh") == "无法读取 a.yaml：Bad message or key and text"
    )
    assert told("cannot be read: [Errno 13] Permission denied: 'a b'", "zh") == "无法读取：没有权限：“a b”（errno 13）"
    known = [getattr(errno, name) for name in entries("system", "zh")]
    assert [number for number in known if os.strerror(number).startswith("Unknown")] == []


def test_amounts_are_told_with_their_unit() -> None:
    told_there = told("is -1; it must be at least 0 billion CNY/year", "zh")
    assert told_there == "为 -1，不得小于 0 十亿元/年"


def test_sentences_within_sentences_and_units_are_told_too() -> None:
    assert told("is empty; it needs a number in billion CNY/year", "zh") == "为空，需要以十亿元/年为单位的数"
    assert told("give a number in billion CNY/year: money available", "zh") == "请给出以十亿元/年为单位的数：可用经费"
    assert told("something new", "zh") == "something new"
    assert told("is empty", "en") == "is empty"


def test_lists_and_a_parsers_sentences_are_told_whole() -> None:
    floors = "floors of 2026 need 10136.6 billion CNY (f 9999, floors of other lines 137.6), the budget has 576.03"
    assert told(floors, "zh").endswith("（f 9999，其他技术线的下限合计 137.6），预算为 576.03")
    parser = "not valid YAML: did not find expected ',' or '}' while parsing a flow mapping"
    assert told(parser, "zh") == "不是有效的 YAML：缺少 ',' 或 '}'（在解析花括号中的映射时）"


def test_check_speaks_the_readers_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "model")
    write_scenario(tmp_path, "model: ./model\nset: {budgt: 3, money.carry_share: 2}\n", "bad.yaml")
    write_scenario(tmp_path, "model: ./model\nset: {budget: {2040: 600}}\n", "flat.yaml")
    done = CliRunner().invoke(main, ["check", "bad.yaml", "--lang", "zh"])
    assert done.stderr.splitlines() == [
        "bad.yaml:2:7: budgt: 未知的键；是否想写“budget”？",
        "bad.yaml:2:36: money.carry_share: 为 2，不得大于 1",
    ]
    rules = "policies: [{id: f, kind: floor, domain: ai, amount: 1, yeers: 2030}]"
    write_scenario(tmp_path, f"model: ./model\n{rules}\n", "rule.yaml")
    done = CliRunner().invoke(main, ["check", "rule.yaml", "--lang", "zh"])
    assert done.stderr == "rule.yaml:2:56: policies[f].yeers: 未知的键；是否想写“years”？\n"
    done = CliRunner().invoke(main, ["check", "flat.yaml"], env={"KCTOPT_LANG": "zh"})
    assert done.stderr == "budget 仅给出 2040，不在规划年度内：2026 至 2030 年各年均为 600\n"
    assert done.stdout == "flat.yaml：没有错误。2 个领域的 4 条技术线，2026-2030 年，0 条政策规则\n"
    done = CliRunner().invoke(main, ["solve", "bad.yaml", "--lang", "zh", "--json"])
    record = json.loads(done.stdout)
    assert record["error"]["faults"][0]["message"] == "未知的键" if "error" in record else True
    assert "未知的键" in done.stderr
