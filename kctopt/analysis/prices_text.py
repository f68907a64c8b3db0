"""Prices told: what one more unit of each number is worth, then the dearest rules; English or Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kctopt.analysis.totals import TARGET_POINT
from kctopt.arguments import checked_lang
from kctopt.result.fields import MONEY_UNIT
from kctopt.table import Row, grid

if TYPE_CHECKING:
    from kctopt.analysis.saved import Analysis
    from kctopt.scenario.records import Scenario

NOISE = 1e-7  # of the largest slope of a rule
MOST = 15  # rules shown; all are in the table
OPTIONAL = ("released", "check")  # columns shown where they say something

WORDS: dict[str, tuple[str, str]] = {
    "head": (
        "{name}: what one more unit is worth, at the optimum {objective} (the run: {own}; proven bound {bound})",
        "{name}:每增加一个单位的价值,取自最优解 {objective}(本方案:{own};已证界限 {bound})",
    ),
    "inexact": (
        "The optimum itself was not found: these prices are those of the last linear program, some per cent off.",
        "未能求得最优解本身:以下影子价格取自最后一个线性规划,可能有百分之几的误差。",
    ),
    "conditional": (
        "Prices are conditional on the discrete choices of the plan, which are held.",
        "影子价格以方案的离散选择保持不变为条件。",
    ),
    "checked": (
        "Checked by solving again on both sides: {agrees} agree to 1 %, {degenerate} degenerate, {differs} differ, "
        "{failed} could not be settled.",
        "已在两侧重新求解核对:{agrees} 条相差不超过 1 %,{degenerate} 条退化,{differs} 条不符,{failed} 条未能判定。",
    ),
    "unpriced": (
        "{rules}: at the limit without a price, as where another rule asks for the same. Prices beside may then hold "
        "to one side only; --check gives both.",
        "{rules}:已到限度而影子价格为零,例如另一条规则提出同样的要求。旁边的价格可能只在一侧成立;--check 给出两侧。",
    ),
    "degenerate_note": (
        "Degenerate: one unit less does not cost what one more brings; the price lies between the two.",
        "退化:减少一个单位的损失与增加一个单位的收益不相等,影子价格介于两者之间。",
    ),
    "released_note": (
        "Choices free: with all discrete choices open again, what one more unit adds to the bound {bound}.",
        "放开选择:所有离散选择重新放开时,每增加一个单位使界限 {bound} 增加的数值。",
    ),
    "none": ("No rule has a price.", "没有规则具有影子价格。"),
    "number": ("number of the scenario", "情景参数"),
    "span": ("plan", "规划期"),
    "rule": ("rule, dearest first", "规则(按影子价格)"),
    "year": ("year", "年份"),
    "price": ("price", "影子价格"),
    "unit": ("unit", "单位"),
    "released": ("choices free", "放开选择"),
    "check": ("by solving again", "重新求解"),
    "more": ("… and {count} more, in the table `rules`", "…… 另有 {count} 条,见表 rules"),
    "gain": (
        "One more {per} of {what} is worth {price} {objective}.",
        "{what}每增加 1 {per},价值 {price} {objective}。",
    ),
    "cost": (
        "One more {per} of {what} costs {price} {objective}.",
        "{what}每增加 1 {per},代价 {price} {objective}。",
    ),
    "sides": (
        "One more {per} of {what} changes the objective by {right} {objective}, one less by {left} (degenerate).",
        "{what}每增加 1 {per},目标变化 {right} {objective};每减少 1 {per},目标变化 {left}(退化)。",
    ),
    "all": ("all years", "全部年份"),
    MONEY_UNIT: ("billion CNY", "十亿元"),
    "NS points": ("NS points", "国家安全指数点"),
    "percentage point": ("percentage point", "个百分点"),
    TARGET_POINT: (TARGET_POINT, "个百分点(对手水平)"),
    "ratio to rival": ("ratio to rival", "对手水平之比"),
    "thousand persons": ("thousand persons", "千人"),
    "index points": ("index points", "指数点"),
    "no plan": ("no plan", "无方案"),
    "degenerate": ("{left} less, {right} more (degenerate)", "减 {left},增 {right}(退化)"),
    "differs": ("{central} (differs)", "{central}(不符)"),
    "failed": ("could not be settled", "未能判定"),
    "not checked": ("", ""),
}  # fmt: skip


def say(key: str, lang: str, **values: Any) -> str:
    """A phrase of the table above, filled in; a key that is not there stands for itself."""
    return WORDS[key][lang == "zh"].format(**values) if key in WORDS else key


def told(analysis: Analysis, scenario: Scenario, lang: str) -> str:
    """The whole answer as text."""
    checked_lang(lang)
    rules, totals = analysis.tables["rules"].records, analysis.tables["totals"].records
    lines = [head(analysis, scenario, lang), *(f"  {line}" for line in doubts(analysis, lang))]
    if not rules:
        return "\n".join([*lines, f"  {say('none', lang)}"]) + "\n"
    parts = [lines, [f"  {line}" for line in sentences(analysis, lang)]]
    parts += [_grid(totals, "number", "number", "span", lang, len(totals)), _grid(rules, "rule", "rule", "year", lang)]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def head(analysis: Analysis, scenario: Scenario, lang: str) -> str:
    """At which optimum the prices are, beside the plan of the run and the bound."""
    about = analysis.about
    return say(
        "head", lang, name=scenario.name, objective=f"{about['objective']:.6f}",
        own=f"{about['objective_of_run']:.6f}", bound="-" if about["bound"] is None else f"{about['bound']:.6f}",
    )  # fmt: skip


def doubts(analysis: Analysis, lang: str) -> list[str]:
    """What the numbers depend on, and how the check ended."""
    about, lines = analysis.about, []
    if not about["exact"]:
        lines.append(say("inexact", lang))
    if about["conditional"]:
        lines.append(say("conditional", lang))
    if about.get("bound_released") is not None:
        lines.append(say("released_note", lang, bound=f"{about['bound_released']:.4f}"))
    if analysis.options["check"]:
        verdicts = [row["verdict"] for table in analysis.tables.values() for row in table.records]
        kinds = ("agrees", "degenerate", "differs", "failed")
        lines.append(say("checked", lang, **{kind: verdicts.count(kind) for kind in kinds}))
        if "degenerate" in verdicts:
            lines.append(say("degenerate_note", lang))
    elif about.get("unpriced"):  # analyses saved by older versions do not say
        lines.append(say("unpriced", lang, rules=("、" if lang == "zh" else ", ").join(about["unpriced"][:5])))
    return lines


def sentences(analysis: Analysis, lang: str) -> list[str]:
    """What one more unit of the numbers in the table of totals is worth: budgets, exposure, policies."""
    policies = {row["number"] for row in analysis.tables["totals"].records if row["number"].startswith("policies[")}
    return [
        _sentence(row, analysis.about["unit"], lang)
        for row in analysis.tables["totals"].records
        if row["kind"] in ("budget", "exposure") or row["number"] in policies
    ]


def _sentence(row: Mapping[str, Any], objective: str, lang: str) -> str:
    """One number: what one more unit brings or costs, or both sides where they differ."""
    names = {"per": say(row["per"], lang), "what": f"{row['number']} {row['span']}".rstrip()}
    names["objective"] = say(objective, lang)
    if row["verdict"] == "degenerate":
        right, left = _signed(row, "right_derivative", 1.0, lang), _signed(row, "left_derivative", -1.0, lang)
        return say("sides", lang, right=right, left=left, **names)
    worse = (row["price"] < 0) == (objective == "NS points")
    return say("cost" if worse else "gain", lang, price=f"{abs(row['price']):.4g}", **names)


def _signed(row: Mapping[str, Any], side: str, sign: float, lang: str) -> str:
    """Change of the objective on one side."""
    return say("no plan", lang) if row[side] is None else f"{sign * _without_noise(row, row[side]) + 0.0:+.4g}"


def _without_noise(row: Mapping[str, Any], slope: float) -> float:
    """A slope, 0 where it is what two solves leave of 0 beside the other slopes of its rule."""
    sizes = [abs(row[name]) for name in ("price", "left_derivative", "right_derivative") if row[name] is not None]
    return 0.0 if abs(slope) <= NOISE * max(sizes, default=0.0) else float(slope)


def _grid(
    rows: Sequence[Row], title: str, key: str, second: str, lang: str, most: int = MOST
) -> list[str]:  # fmt: skip
    """A table of prices."""
    listed = [
        [str(row[key]), str(row[second] or ""), f"{row['price']:.5g}", say(row["per"], lang), _released(row),
         _check(row, lang)]
        for row in rows[:most]
    ]  # fmt: skip
    names = (title, second, "price", "unit", "released", "check")
    shown = [n for n, name in enumerate(names) if name not in OPTIONAL or any(line[n] for line in listed)]
    rest = len(rows) - most
    table = grid([say(names[n], lang) for n in shown], [[line[n] for n in shown] for line in listed], left=(0, 3, 4))
    return table + ([f"  {say('more', lang, count=rest)}"] if rest > 0 else [])


def _released(row: Mapping[str, Any]) -> str:
    """The price with the choices free, where it is known."""
    price = row.get("price_released")  # tables of older versions do not have it
    return "" if price is None else f"{price:.5g}"


def _check(row: Mapping[str, Any], lang: str) -> str:
    """What solving again found."""
    left, right, central = (
        say("no plan", lang) if row[name] is None else f"{_without_noise(row, row[name]):.5g}"
        for name in ("left_derivative", "right_derivative", "central")
    )
    if row["verdict"] == "agrees":
        return central
    return say(row["verdict"], lang, left=left, right=right, central=central)
