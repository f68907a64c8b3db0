"""The Chinese of kctopt: one term for one idea, full-width signs, money in 亿元, and where each of its texts stands.

`python tests/terms.py` names every text that breaks one of these, with its place.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from catalogue import KCTOPT, TRANSLATED, read

ROOT = Path(__file__).parents[1]
HAN = "\u4e00-\u9fff"
CHINESE = re.compile(f"[{HAN}]")


class Term(NamedTuple):
    """A term of the glossary, what it means, and a pattern of what stood for it before or is another word for it."""

    chinese: str
    english: str
    instead_of: str = ""


TERMS = (
    Term("基准年", "base year", "基年"),
    Term("情景", "scenario", "世界观"),
    # a scenario is what a user asks; a world, how the uncertain numbers of a scenario turn out
    Term("情形", "world, course", "(?<!全)世界(?!一流)"),
    Term("上级情景", "parent", "父情景|母情景"),
    Term("研究问题", "intent, question", "意图"),
    Term("方案（算例）", "run", "运行"),
    Term("政策规则", "policy"),
    Term("约束", "rule, constraint", "(?<!政策)规则"),
    Term("放宽", "relaxation", "让步"),
    Term("瓶颈性技术", "bottleneck", "瓶颈技术"),
    Term("加速器技术", "accelerator", "加速技术"),
    Term("安全性技术", "security technology", "(?<!国家)安全技术"),
    Term("梯级", "rung", "层级"),
    Term("类型", "type", "技术类别|领域、种类"),
    Term("安全敏感性", "sensitivity", "敏感度|(?<!安全)敏感性(?!指数|分析)|敏感敞口"),
    Term("经济成长性", "growth", "增长潜力"),
    Term("最小有效规模", "minimum efficient scale", "最低规模|最小规模|(?<!最小)有效规模"),
    Term("攻关项目", "programme", "专项"),
    Term("方案最优性说明", "how good the plan is, proven", "方案优劣"),
    Term("最优性间隙", "gap (of a proof)", "最优性差距|在差距之内|小于差距"),
    Term("近似最优", "near-optimal", "近优"),
    Term("必保投入", "must-fund", "必投"),
    Term("可选投入", "may-fund", "可投(?!入)"),
    Term("不予投入", "never-fund", "(?<!要)(?<!可)不投(?!入)"),
    Term("遗憾值", "regret", "后悔"),
    Term("翻转点", "flip", "转变点"),
    Term("模拟", "simulation", "仿真"),
    Term("无可行方案", "infeasible", "不可行(?!集|的?证书)"),
    Term("不确定量", "uncertain input", "不确定性?(?:输入|参数)"),
)

# What is no sentence: code, formulas, links, marks, fields, notation of YAML, and keys and signs that are quoted.
CODE = re.compile(r"`[^`]*`|\$[^$\n]+\$|\]\([^)\s]*\)|<[^>\n]*>|\b[\w./-]+\.(?:yaml|xlsx|csv|duckdb|json|md)[:!\w.]*")
FIELD = re.compile(r"\{\w*(?::[^{}" + HAN + r"]*)?\}")
NOTATION = re.compile(
    r"\{[^{}]*\}|\[[^\[\]]*\]|“[^“”]{1,3}”|“(?:路径|键): 值”|\S+![A-Z]+\d+: "
)  # a cell: FILE:SHEET!A1:
SIGNS = re.compile(
    rf"[{HAN}”）》] ?[,;?!()]|[,;?!()] ?[{HAN}“（《]|[{HAN}”）》] ?:|:[{HAN}“（]|[{HAN}”）]\.(?= |$)", re.MULTILINE
)
SPACED = re.compile(rf"[{HAN}”）》] [{HAN}“（《]")  # Chinese sets no blank
YEARS = re.compile(r"\d{4}(?:-\d\d)?, \d{4}")
SPELT = re.compile("百分之[一二三四五六七八九十]")
PERCENT = re.compile(r"[\d}] +%")
BILLION = re.compile("十亿元?")
AS_STATED = re.compile("十亿元(?:/年)?  # ")  # a value of a file, shown with the place that sets it
OF_INPUTS = {"fault"}  # texts on a number as its file states it, in billion CNY
IN_FILES = re.compile("`|单位")  # a line of a page on what files hold, which names a key, a column or the unit


class Text(NamedTuple):
    """A text in Chinese and where it stands."""

    place: str
    text: str
    of_inputs: bool = False  # speaks of money as files state it
    sentence: bool = False  # and no row of a table, whose columns blanks part


def faults(one: Text) -> Iterator[str]:
    """What is wrong with a text: the term, sign or unit, with what should stand there."""
    for term in TERMS:
        for found in re.finditer(term.instead_of, one.text) if term.instead_of else ():
            yield f"{found[0]}: write {term.chinese} ({term.english})"
    said = NOTATION.sub("§", FIELD.sub("某", CODE.sub("§", one.text)))
    for found in SIGNS.finditer(said):
        yield f"half-width sign: {said[max(0, found.start() - 8) : found.end() + 8]}"
    for found in YEARS.finditer(said):
        yield f"half-width sign: {found[0]}"
    for found in SPACED.finditer(FIELD.sub("§", CODE.sub("§", one.text))) if one.sentence else ():
        yield f"blank: {found[0]}"
    for found in SPELT.finditer(one.text):
        yield f"{found[0]}: write 1%"
    for found in PERCENT.finditer(said):
        yield f"blank before %: {said[max(0, found.start() - 8) : found.end()]}"
    if not one.of_inputs and BILLION.search(AS_STATED.sub("", said)):
        yield "money in 十亿元: write 亿元"


def of_catalogues() -> Iterator[Text]:
    """Translations; those without a Chinese word are signs between fields."""
    for lang in TRANSLATED:
        for one in read(lang):
            forms = [one.string] if isinstance(one.string, str) else list(one.string)
            if one.id:
                yield from (Text(f"{lang}.po: {one.id}", form, one.context in OF_INPUTS, True) for form in forms)


def of_code() -> Iterator[Text]:
    """Chinese strings of the modules, which hold what is read from workbooks; inputs state money in billion CNY."""
    for file in sorted(KCTOPT.rglob("*.py")):
        inside = file.relative_to(KCTOPT)
        if inside.parts[:2] == ("report", "fonts"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and not is_docstring(node.value):
                yield Text(f"kctopt/{inside}:{node.lineno}", node.value, inside.parts[0] == "scenario")


def is_docstring(text: str) -> bool:
    """Whether a string explains code: it has an example, or more English than Chinese."""
    return ">>>" in text or len(re.findall("[a-z]{2,} ", text)) > len(CHINESE.findall(text))


def of_inputs() -> Iterator[Text]:
    """Chinese of scenario and study files, and of the tables of models."""
    for file in sorted([*ROOT.glob("scenarios/**/*.yaml"), *ROOT.glob("models/*/*.yaml")]):
        lines = enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        yield from (Text(f"{file.relative_to(ROOT)}:{number}", line.partition("zh: ")[2]) for number, line in lines)
    for file in sorted(ROOT.glob("models/*/*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as stream:
            for number, row in enumerate(csv.reader(stream), 1):
                yield from (Text(f"{file.relative_to(ROOT)}:{number}", cell) for cell in row)


def of_pages() -> Iterator[Text]:
    """Lines of the Chinese pages, output of commands among them."""
    for file in sorted(ROOT.glob("docs/zh/*.md")):
        fence = ""
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("```"):
                fence = "" if fence else line
            elif not (fence.startswith(("```yaml", "```python")) or line.startswith("$ ")):
                place = f"{file.relative_to(ROOT)}:{number}"
                yield Text(place, line, not fence and bool(IN_FILES.search(line)))


def texts() -> Iterator[Text]:
    """Every text in Chinese."""
    every = (*of_catalogues(), *of_code(), *of_inputs(), *of_pages())
    return (one for one in every if CHINESE.search(one.text) or (FIELD.search(one.text) and one.place.startswith("zh")))


def all_faults() -> list[str]:
    """Every fault with its place."""
    return [f"{one.place}: {fault}" for one in texts() for fault in faults(one)]


if __name__ == "__main__":
    print("\n".join(all_faults()) or "every text in Chinese has its terms, signs and units")
