"""The Chinese that users read: terms of the glossary, full-width signs, money in 亿元, percentages without a space."""

from __future__ import annotations

import re

import pytest
from catalogue import read
from terms import ROOT, SPACED, TERMS, Text, faults, texts

from kctopt.analysis.told import CLAUSES
from kctopt.language import LANGUAGES, money, money_number, percent, plan_name, translate
from kctopt.scenario.chinese import SHOWN_UNITS, UNITS, shown_amount

EVERY = [(one.place, fault) for one in texts() for fault in faults(one)]


@pytest.mark.parametrize("where", ["zh.po", "kctopt/", "scenarios/", "models/", "docs/zh/"])
def test_texts_have_the_terms_signs_and_units_of_chinese(where: str) -> None:
    assert [one for one in EVERY if one[0].startswith(where)] == []
    assert sum(one.place.startswith(where) for one in texts()) > 15  # there are such texts


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("按基年份额投入", "write 基准年"),
        ("比较各次运行", "write 方案（算例）"),
        ("满足全部规则", "write 约束"),
        ("半导体必投", "write 必保投入"),
        ("目标值: 3", "half-width"),
        ("投入(亿元)", "half-width"),
        ("投入 3 亿元, 占 2%", "half-width"),
        ("rush:不可行", "half-width"),
        ("已达到. 另有", "half-width"),
        ("{what}：{name}, {year} 年", "half-width"),
        ("占 30.2 %", "blank before %"),
        ("投入 16 十亿元", "write 亿元"),
        ("增长百分之三", "write 1%"),
        ("该情景不可行", "write 无可行方案"),
        ("违反 2026-29, 2031 的约束", "half-width"),
    ],
)
def test_what_does_not_belong_is_seen(text: str, says: str) -> None:
    assert [fault for fault in faults(Text("a text", text)) if says in fault], text


@pytest.mark.parametrize(
    "text",
    [
        "政策规则“chips-floor”须放宽 30 亿元（占 30.2%）。",
        "请写 `set: {budget: 590}`，多个用“;”分隔",
        "a.yaml:3:5: money.carry_share: 不是数；小数点用“.”",
        "budget = {2030: 590} 十亿元/年  # plan.xlsx:年度!4",
        "概率写作 {选项: 概率}",
        "影子价格按 $d(V, r)$ 计，见[目标](model.md#objective)",
        "国家安全技术力量",
    ],
)
def test_what_belongs_is_let_through(text: str) -> None:
    assert list(faults(Text("a text", text))) == []


def rows(page: str) -> list[list[str]]:
    """Rows of the tables of a page without their heads."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")]
    return [row for row in cells if row[0] not in ("term", "术语")]


def test_the_glossaries_hold_the_same_terms_and_those_that_texts_must_use() -> None:
    english, chinese = rows("docs/glossary.md"), rows("docs/zh/glossary.md")
    pairs = {(row[1], row[0]) for row in english}
    assert len(pairs) > 60
    # one row of the English page may say in brackets what the Chinese one needs not tell apart
    assert {zh for zh, _ in pairs} == {row[0] for row in chinese}
    assert {re.sub(r" \(.*?\)", "", en) for _, en in pairs} == {re.sub(r" \(.*?\)", "", row[1]) for row in chinese}
    named = "\n".join(row[0] for row in chinese)
    assert [term.chinese for term in TERMS if term.chinese not in named] == []


def test_money_is_shown_ten_times_what_files_hold() -> None:
    assert 10 ** LANGUAGES["zh"].money == 10
    for amount in (0.0, 0.07, 1.0, 150.5, 6254.83):
        assert money_number(amount, "zh") == pytest.approx(10 * money_number(amount, "en"))
        shown = money(amount, "zh", ".2f"), money(amount, "en", ".2f")
        assert float(shown[0].replace(",", "")) == pytest.approx(10 * float(shown[1].replace(",", "")))
        text = translate("at least {amount} billion CNY a year{on}{when}", "zh", amount=f"{amount:.2f}", on="", when="")
        assert text == f"每年至少 {shown[0]} 亿元"
    assert (shown_amount("150.5", "billion CNY", "zh"), SHOWN_UNITS["billion CNY"]) == ("1,505", "亿元")
    assert UNITS["billion CNY"] == "十亿元"  # as files state it


def test_percentages_and_plans_are_written_as_planners_do() -> None:
    assert (percent(0.302, "zh"), percent(0.302, "en")) == ("30.2%", "30.2 %")
    named = [plan_name(plan, "zh") for plan in ("2026-30", "2031-35", "2026-28", "2027-31")]
    assert named == ["“十五五”", "“十六五”", "2026-28", "2027-31"]


def test_english_has_one_spelling_of_per_cent() -> None:
    """A sign behind digits, `per cent` as a word."""
    pages = [*ROOT.glob("docs/*.md"), *ROOT.glob("scenarios/**/*.yaml"), ROOT / "README.md"]
    places = [(file.name, line) for file in pages for line in file.read_text(encoding="utf-8").splitlines()]
    ids = [one.id if isinstance(one.id, tuple) else (one.id,) for one in read("zh")]
    places += [("catalogue", text) for texts_of_one in ids for text in texts_of_one]
    assert len(places) > 5000
    spelt = re.compile(r"(?i)\d per ?cent\b|\b(?:one|two|three|five|ten|half a) percent\b|\bpercent of\b|\ba percent\b")
    assert [(name, line) for name, line in places if spelt.search(line)] == []


def test_clauses_of_analyses_set_no_blank_beside_quotes() -> None:
    fields = {"subject": "芯片", "when": "“十五五”", "after": "甲", "before": "乙"}
    told = [translate(text, "zh", **fields | {"year": 2030, "stage": "近距", "count": 2}) for text in CLAUSES.values()]
    assert [text for text in told if SPACED.search(text)] == []
