"""Ranges told: what every near-optimal plan must give, what none gives, what is open, and how far plans can differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kctopt.analysis.rounding import no_less, no_more
from kctopt.analysis.told import named
from kctopt.arguments import checked_lang
from kctopt.table import grid

if TYPE_CHECKING:
    from kctopt.analysis.saved import Analysis
    from kctopt.scenario.records import Scenario

BIGGEST = 5  # differences told of an alternative
VERDICTS = ("must", "never", "may", "open")
PROGRAMMES = ("must", "dropped", "never", "launched", "open")

WORDS: dict[str, tuple[str, str]] = {
    "head": (
        "{name}: plans within {epsilon} % of the optimum {objective} (proven bound {bound}); {count} cells",
        "{name}:距最优解 {objective}(已证界限 {bound})不超过 {epsilon} % 的方案;{count} 个单元",
    ),
    "conditional": (
        "Discrete choices stay as in the run: attained ends hold anyhow, proven ones for plans with these choices.",
        "离散选择与本方案相同:已达到的端点对全部方案成立,已证的端点只对采用这些选择的方案成立。",
    ),
    "loose": (
        "Of {count} ends attained and proven differ by over a thousandth of the money: both are given.",
        "有 {count} 个端点的已达到值与已证值相差超过资金的千分之一:两者均列出。",
    ),
    "confirmed": (
        "Confirmed by solves pinned just inside and just outside: {good} of {all}.",
        "在端点内侧和外侧固定资金重新求解核对:{all} 次中 {good} 次得到确认。",
    ),
    "must": (
        "must-fund: every such plan gives more than the rules force",
        "必投:所有这样的方案都投入得比规则所迫使的更多",
    ),
    "never": (
        "never-fund: no such plan gives more than the rules force",
        "不投:没有这样的方案投入得比规则所迫使的更多",
    ),
    "may": (
        "may-fund: some give more than the rules force and others do not: {count} cells",
        "可投:有的方案投入得比规则所迫使的更多,有的没有:{count} 个单元",
    ),
    "open": ("open: not decided by what is attained and proven", "未定:已达到值与已证值不足以判断"),
    "no_must": (
        "must-fund: none; each cell can be kept to what the rules force, though not all of them at once",
        "必投:没有;每个单元都可以只给规则所迫使的投入,但不能同时如此",
    ),
    "no_never": ("never-fund: none", "不投:没有"),
    "least_of": (
        "{cell}: at least {least} {unit}, {firm} more than the rules force",
        "{cell}:至少 {least} {unit},比规则所迫使的多 {firm}",
    ),
    "most_of": ("{cell}: at most {most} {unit}", "{cell}:至多 {most} {unit}"),
    "cell": ("cell, {unit}", "单元,{unit}"),
    "spend": ("this plan", "本方案"),
    "least": ("least", "最少"),
    "most": ("most", "最多"),
    "rules": ("rules allow", "规则允许"),
    "verdict": ("verdict", "判断"),
    "verdict_must": ("must", "必投"),
    "verdict_may": ("may", "可投"),
    "verdict_never": ("never", "不投"),
    "verdict_open": ("open", "未定"),
    "alternative": (
        "Alternative {number} gives up {loss} {unit} ({percent} %) and moves {moved} % of the money: {biggest}.",
        "备选方案 {number} 放弃 {loss} {unit}({percent} %),将 {moved} % 的资金投向别处:{biggest}。",
    ),
    "difference": ("{cell} {difference}", "{cell} {difference}"),
    "none": ("No plan within {epsilon} % differs from the best.", "在 {epsilon} % 以内没有不同的方案。"),
    "programme_must": (
        "{programme} is launched in every plan that near the optimum (proven).",
        "{programme}:在所有这样接近最优的方案中都启动(已证)。",
    ),
    "programme_dropped": (
        "{programme} can be dropped: a plan without it gives up {loss} {unit}.",
        "{programme}可以放弃:不启动它的一个方案放弃 {loss} {unit}。",
    ),
    "programme_never": (
        "{programme} is launched in no plan that near the optimum (proven).",
        "{programme}:在任何这样接近最优的方案中都不启动(已证)。",
    ),
    "programme_launched": (
        "{programme} can be launched: a plan with it gives up {loss} {unit}.",
        "{programme}可以启动:启动它的一个方案放弃 {loss} {unit}。",
    ),
    "programme_open": (
        "{programme}: open; no plan of the other kind was found, and none is proven not to exist.",
        "{programme}:未定;没有找到相反的方案,也未证明其不存在。",
    ),
    "NS points": ("NS points", "国家安全指数点"),
    "billion CNY": ("billion CNY", "十亿元"),
}  # fmt: skip


def say(key: str, lang: str, **values: Any) -> str:
    """A phrase of the table above, filled in."""
    return WORDS[key][lang == "zh"].format(**values)


def told(analysis: Analysis, scenario: Scenario, lang: str) -> str:
    """The whole answer as text: lists, the table of ranges, alternatives, programmes."""
    checked_lang(lang)
    first = [head(analysis, scenario, lang), *(f"  {line}" for line in doubts(analysis, lang))]
    parts = [first, list(lists(analysis, scenario, lang)), _grid(analysis, scenario, lang)]
    parts += [alternatives(analysis, scenario, lang), programmes(analysis, scenario, lang)]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def head(analysis: Analysis, scenario: Scenario, lang: str) -> str:
    """How near to which optimum."""
    about = analysis.about
    return say(
        "head", lang, name=scenario.name, epsilon=f"{100 * about['epsilon']:g}", objective=f"{about['objective']:.4f}",
        bound=f"{about['bound']:.4f}", count=len(analysis.tables["cells"].records),
    )  # fmt: skip


def doubts(analysis: Analysis, lang: str) -> list[str]:
    """What the answer depends on, where it is not sharp, and how the confirmation ended."""
    rows, lines = analysis.tables["cells"].records, []
    if analysis.about["conditional"]:
        lines.append(say("conditional", lang))
    loose = [
        name
        for row in rows
        for name in ("least", "most")
        if abs(row[name] - row[f"{name}_proven"]) > 1e-3 * max(1.0, row["spend"])
    ]
    if loose:
        lines.append(say("loose", lang, count=len(loose)))
    if analysis.options["confirm"]:
        answers = [
            row[f"{name}_{side}"] for row in rows for name in ("least", "most") for side in ("inside", "outside")
        ]
        lines.append(say("confirmed", lang, good=sum(map(bool, answers)), all=len(answers)))
    return lines


def lists(analysis: Analysis, scenario: Scenario, lang: str) -> Iterator[str]:
    """Must, never, may and open, each with its cells."""
    rows, unit = analysis.tables["cells"].records, say("billion CNY", lang)
    for verdict in VERDICTS:
        mine = [row for row in rows if row["verdict"] == verdict]
        if verdict == "may" and mine:
            yield say("may", lang, count=len(mine))
        elif mine:
            yield say(verdict, lang)
            for row in sorted(mine, key=lambda row: -row["firm"]):
                yield "  " + say(
                    "least_of" if verdict == "must" else "most_of", lang, cell=cell(row, scenario, lang),
                    least=no_more(row["least_proven"], places=1),
                    most=no_less(row["most_proven"], places=1), firm=_n(row["firm"]), unit=unit,
                )  # fmt: skip
        elif verdict in ("must", "never"):
            yield say(f"no_{verdict}", lang)


def cell(row: Mapping[str, Any], scenario: Scenario, lang: str) -> str:
    """Domain, type and plan as words."""
    comma = "、" if lang == "zh" else ", "
    words = (named(kind, row[kind], scenario, lang) for kind in ("domain", "type"))
    return f"{comma.join(words)} {row['plan']}"


def _grid(analysis: Analysis, scenario: Scenario, lang: str) -> list[str]:
    """The table of ranges."""
    lines = [
        [
            cell(row, scenario, lang), _n(row["spend"]), _end(row, "least"), _end(row, "most"),
            f"{_n(row['rules_least'])} – {_n(row['rules_most'])}", say(f"verdict_{row['verdict']}", lang),
        ]
        for row in analysis.tables["cells"].records
    ]  # fmt: skip
    header = [say("cell", lang, unit=say("billion CNY", lang))]
    header += [say(name, lang) for name in ("spend", "least", "most", "rules", "verdict")]
    return grid(header, lines, left=(0, 5))


def _end(row: Mapping[str, Any], name: str) -> str:
    """An end of a range; where attained and proven differ by what can be seen, both."""
    inward, outward = (no_less, no_more) if name == "least" else (no_more, no_less)
    attained, proven = inward(row[name], places=1), outward(row[f"{name}_proven"], places=1)
    apart = abs(row[name] - row[f"{name}_proven"]) > 1e-3 * max(1.0, row["spend"])
    return f"{attained} ({proven})" if apart and attained != proven else attained


def alternatives(analysis: Analysis, scenario: Scenario, lang: str) -> list[str]:
    """A sentence for each alternative."""
    about, differences = analysis.about, analysis.tables["differences"].records
    lines = []
    for row in analysis.tables["alternatives"].records:
        mine = [one for one in differences if one["alternative"] == row["alternative"]][:BIGGEST]
        biggest = [
            say("difference", lang, cell=cell(one, scenario, lang), difference=f"{one['difference']:+.1f}")
            for one in mine
        ]
        lines.append(say(
            "alternative", lang, number=row["alternative"], loss=f"{row['loss']:.2f}", unit=say(about["unit"], lang),
            percent=f"{row['loss_percent']:.2f}", moved=f"{row['moved_percent']:.1f}",
            biggest=(";" if lang == "zh" else "; ").join(biggest),
        ))  # fmt: skip
    if not lines and analysis.options["alternatives"]:
        lines.append(say("none", lang, epsilon=f"{100 * about['epsilon']:g}"))
    return lines


def programmes(analysis: Analysis, scenario: Scenario, lang: str) -> list[str]:
    """A sentence for each programme."""
    return [
        say(
            f"programme_{row['verdict']}", lang, programme=named("programme", row["programme"], scenario, lang),
            loss="" if row["loss"] is None else f"{row['loss']:.2f}", unit=say(analysis.about["unit"], lang),
        )
        for row in analysis.tables["programmes"].records
    ]  # fmt: skip


def _n(value: float) -> str:
    return f"{value:.1f}"
