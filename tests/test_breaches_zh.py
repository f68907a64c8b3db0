"""Broken rules are told in Chinese: every sentence of the simulator, and what `kctopt verify` prints of a plan."""

from __future__ import annotations

import ast
import re
from itertools import product
from pathlib import Path

import pytest
from chinese import is_chinese
from click.testing import CliRunner
from fakes import fake_outcome
from worlds import tiny

import kctopt
from kctopt import Result
from kctopt.cli import main
from kctopt.cli.said import said_breach
from kctopt.language import entries
from kctopt.scenario.records import TYPE_NAMES

TEMPLATES = entries("breach", "zh")
KCTOPT = Path(kctopt.__file__).parent
FILES = [KCTOPT / "rules" / f"{name}.py" for name in ("money", "exchange", "policies", "stages", "programmes")]


def literals(file: Path) -> list[str]:
    """Pieces of sentences in a module: texts of two words or more, doc strings apart."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and isinstance(node.body[0], ast.Expr)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]
    return [text.strip() for text in texts if re.search("[a-z]{2} [a-z]{2}", text)]


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_every_piece_of_a_sentence_stands_in_a_template(file: Path) -> None:
    units = {"billion CNY", "index points", "thousand persons"}
    known = "\n".join(TEMPLATES)
    found = literals(file)
    assert found
    assert [text for text in found if text not in known and text not in units] == []


def test_gaps_are_the_same_in_both_languages() -> None:
    for english, words in TEMPLATES.items():
        assert english.count("{}") == len(re.findall(r"\{\d?(?::money|:?)\}", words)), english


def test_whatever_a_policy_speaks_of_is_told() -> None:
    parts = (
        ("strategic ", ""),
        (" on rung R", ""),
        (" on chips-B", ""),
        [f" on {one} lines" for one in TYPE_NAMES.values()],
    )
    for track, rung, line, kind, domain in product(*parts, (" in chips", "")):
        for on in ("", kind):
            told = said_breach(f"policy p, 2027: {track}spend{rung}{line}{on}{domain} is 3 billion CNY, at least 4 is "
                               "asked; short by 1", "zh")  # fmt: skip
            assert is_chinese(told), told
            assert told.endswith("投入为 30 亿元，至少须 40；差 10")
            assert ("战略" in told, "梯级 R" in told, "技术线 chips-B" in told, "chips 领域" in told) == (
                bool(track), bool(rung), bool(line), bool(domain),
            )  # fmt: skip


def test_budgets_and_stages_are_told() -> None:
    assert said_breach("2028: spend of 50 and 5 carried out exceeds the budget of 45 by 10 billion CNY", "zh") == (
        "2028 年：投入 500、结转 50，超出预算 450，多 100 亿元"
    )
    told = said_breach("2028: spend of 50 and 1 for programmes and changes of mode exceeds the budget of 45 and 2 "
                       "carried in by 4 billion CNY", "zh")  # fmt: skip
    assert told == "2028 年：投入 500、项目与换模式的费用 10，超出预算 450 与转入 20 之和，多 40 亿元"
    assert said_breach("chips-B: within reach at the first review, where the base year makes it far", "zh") == (
        "chips-B：首个评估点为可及，而按基准年应为远距"
    )
    assert said_breach("own.a: 3 <= 2 does not hold; off by 1", "zh") == "own.a：3 <= 2 不成立；相差 1"
    assert said_breach("3 <= 2 does not hold; off by 1", "zh") == "3 <= 2 不成立；相差 1"
    assert said_breach("anything new", "zh") == "anything new"
    assert said_breach("own.a: 3 <= 2 does not hold; off by 1", "en").endswith("off by 1")


def test_verify_tells_in_chinese_what_a_plan_breaks(tmp_path: Path) -> None:
    scenario = tiny(policies=[{"id": "chips-cap", "kind": "cap", "domain": "chips", "amount": 25}])
    run = Result.of(scenario, fake_outcome(scenario), options={"gap": 1e-4}).save(tmp_path / "tiny")
    file = run / "allocation.csv"
    file.write_bytes(file.read_bytes().replace(b"2027,strategic,F,4.0", b"2027,strategic,F,44.0", 1))
    done = CliRunner().invoke(main, ["verify", str(run), "--lang", "zh"])
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "money.budget[2027]：2027 年：投入 900，超出预算 600 与转入 60 之和，多 240 亿元"
    assert any(
        line.startswith("policies.chips-cap[2027]：政策规则 chips-cap，2027 年：chips 领域投入为") for line in lines
    )
    assert all(is_chinese(line) for line in lines), lines
    asked = CliRunner().invoke(main, ["verify", str(run), "--lang", "zh", "--json"])
    assert "投入 900，超出预算 600" in asked.stdout
