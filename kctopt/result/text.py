"""A result in words and small tables, in English or Chinese, for a terminal and for a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.arguments import checked_lang
from kctopt.result import own_text, target_cost
from kctopt.result.discrete import programme_costs
from kctopt.result.sentences import chosen, decisions_of, told
from kctopt.result.tables import main_type, plan_of
from kctopt.scenario.records import TYPES, Horizon
from kctopt.table import grid

if TYPE_CHECKING:
    from kctopt.result.result import Result
    from kctopt.scenario.records import Label, Scenario

Cells = tuple[list[str], list[list[str]]]  # head and rows of a table

WORDS: dict[str, tuple[str, str]] = {
    "optimal": ("optimal", "最优"),
    "limit": ("stopped at a limit", "到达限制"),
    "interrupted": ("interrupted", "已中断"),
    "infeasible": ("infeasible", "无可行方案"),
    "no_plan": ("no plan found", "未找到方案"),
    "fault": ("FAULT OF KCTOPT", "kctopt 的毛病"),
    "fault_told": (
        "this plan is better than its proven bound, which cannot be: one of the two numbers is false. Do not use "
        "either; please report it",
        "本方案优于其已证界限，这不可能：两个数中必有一个是错的。两个数都不要使用，请报告此毛病",
    ),
    "timed_out": (
        "time ran out after {limit:g} s, for the plan and for its bound: the gap says how far they had come, not how "
        "much better a plan can be; allow more time",
        "{limit:g} 秒时限已到，方案与界限都止于此：差距只说明两者进行到何处，而非方案还能好多少；请放宽时限",
    ),
    "timed_out_unbounded": (
        "time ran out after {limit:g} s, before any bound was proven: how good the plan is remains unknown",
        "{limit:g} 秒时限已到，尚未证明任何界限：方案优劣尚不可知",
    ),
    "no_further": (
        "the search ended by itself with a wider gap than asked: a better plan may exist",
        "求解自行结束，差距大于要求：可能存在更好的方案",
    ),
    "verified": ("every rule checked by simulation", "全部规则经模拟核验"),
    "unverified": ("NOT VERIFIED: `kctopt verify` names what fails", "未通过核验:用 kctopt verify 查看原因"),
    "cycle": (
        "stages fixed, money spent on them and stages read off again did not settle but went round in a cycle of "
        "{length}; the plan is the best one tried, and its bound does not depend on this",
        "反复固定阶段、分配资金、再读出阶段,未能稳定,而是以 {length} 步为周期循环;"
        "本方案为试过的最优方案,已证界限不受影响",
    ),
    "objective": ("objective", "目标值"),
    "plan": ("this plan", "本方案"),
    "bound": ("proven bound", "已证界限"),
    "gap": ("gap", "差距"),
    "security": ("national security", "国家安全"),
    "economic": ("economic power", "经济实力"),
    "military": ("military power", "军事实力"),
    "technology": ("KCT capability", "关键核心技术能力"),
    "loss": ("loss from cut-off, points", "断供损失(点)"),
    "economy_ratio": ("economy, ratio to rival", "经济,与对手之比"),
    "military_ratio": ("military, ratio to rival", "军事,与对手之比"),
    "money": ("spend, billion CNY", "投入(十亿元)"),
    "total": ("total", "合计"),
    "share": ("share", "占比"),
    "track": ("track", "轨道"),
    "strategic": ("strategic", "战略"),
    "substitution": ("substitution", "应急替代"),
    "exchange": ("exchange", "交流合作"),
    "programmes": ("programmes", "项目"),
    "mode_changes": ("changes of mode", "合作模式变更"),
    "decisions": ("discrete decisions", "离散决策"),
    "more": ("… and {count} more", "…… 另有 {count} 条"),
    "B": ("bottleneck", "瓶颈"),
    "A": ("accelerator", "加速"),
    "M": ("moat", "保护带"),
    "S": ("security", "安全"),
    "stages": ("lines by stage", "各阶段技术线数"),
    "far": ("far", "远距"),
    "reach": ("within reach", "可及"),
    "near": ("near", "近距"),
    "prices": ("rules that bind, dearest first", "起约束作用的规则(按影子价格)"),
    "price": ("price", "影子价格"),
    "in_year": ("year", "年份"),
    "per": ("points per", "每单位"),
    "time": ("time", "用时"),
    "saved": ("saved in", "已保存到"),
}  # fmt: skip

PHASES: dict[str, str] = {  # of a solve, as `seconds` names them, in Chinese
    "read": "读取", "build": "建模", "compile": "编译", "search": "求解", "mip": "整数规划", "proof": "证明",
    "simulate": "模拟", "write": "写出", "total": "合计",
}  # fmt: skip


def word(key: str, lang: str) -> str:
    """The word for `key` in a language."""
    return WORDS[key][lang == "zh"]


def name(label: Label, lang: str) -> str:
    """A label in a language."""
    return label.zh if lang == "zh" else label.en


def percent(share: float, digits: int = 1) -> str:
    """A share as a percentage."""
    return f"{100 * share:.{digits}f} %"


def gap_text(gap: float) -> str:
    """A relative gap as a percentage that never reads 0 when it is not."""
    return f"{100 * gap:.2g} %"


def summary(result: Result, lang: str = "en") -> str:
    """What a planner reads first: status, indices, where the money goes, what binds."""
    checked_lang(lang)
    parts = [head(result, lang)]
    if result.has_plan:
        parts += [grid(*cells(result, lang)) for cells in (index_cells, money_cells, track_cells, stage_cells)]
        parts += [decision_list(result, lang), price_table(result, lang)]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def head(result: Result, lang: str) -> list[str]:
    """Name, status and certificate."""
    scenario = result.scenario
    seconds = f"{total_seconds(result):.1f} s"
    lines = [f"{scenario.name}: {name(scenario.label, lang)}. {word(result.status, lang)}, {seconds}"]
    if result.objective is not None:
        unit = ", billion CNY" if scenario.objective.kind == "min_budget" else ""
        stated = f"  {word('objective', lang)}{unit}: {result.objective:.4f} ({word('plan', lang)})"
        if result.bound is not None:
            stated += f", {result.bound:.4f} ({word('bound', lang)})"
        if result.gap is not None:
            stated += f", {word('gap', lang)} {gap_text(result.gap)}"
        lines.append(stated)
    if result.status == "fault":
        lines.append(f"  {word('fault_told', lang)}")
    if result.status == "limit":
        lines.append(f"  {stopped(result, lang)}")
    lines += [f"  {own_text.TEXT['head'][lang == 'zh']}: {line}" for line in own_text.told(result.own, lang)]
    lines += [f"  {line}" for line in target_cost.told(result, lang)]
    if result.has_plan:
        lines.append(f"  {word('verified' if result.verified else 'unverified', lang)}")
    if result.cycle:
        lines.append(f"  {word('cycle', lang).format(length=result.cycle)}")
    return lines


def stopped(result: Result, lang: str) -> str:
    """What the bounds of a run that ended at a limit say, and what they do not."""
    limit = result.options.get("time_limit")
    if limit is None:
        return word("no_further", lang)
    return word("timed_out_unbounded" if result.gap is None else "timed_out", lang).format(limit=limit)


def spent(result: Result, lang: str) -> str:
    """Where the time of a solve went: `read 0.07 s, search 0.25 s, total 0.40 s`; phases without time are left out."""
    parts = sorted(result.seconds.items(), key=lambda item: item[0] == "total")
    called = PHASES if lang == "zh" else {}
    comma = "，" if lang == "zh" else ", "
    return comma.join(f"{called.get(name, name)} {value:.2f} s" for name, value in parts if value)


def total_seconds(result: Result) -> float:
    """Seconds of the whole run."""
    return result.seconds.get("total") or 0.0


def index_cells(result: Result, lang: str) -> Cells:
    """Indices in the base year, at the end of every plan."""
    years = _landmarks(result.scenario.horizon)
    keys = ("security", "economic", "military", "technology", "loss", "economy_ratio", "military_ratio")
    rows = []
    for key in keys:
        digits = 2 if key.endswith("ratio") else 1
        rows.append([word(key, lang), *(f"{result.index(key, year):.{digits}f}" for year in years)])
    return ["", *map(str, years)], rows


def index_table(result: Result, lang: str) -> list[str]:
    """The indices as lines of text."""
    return grid(*index_cells(result, lang))


def _landmarks(horizon: Horizon) -> list[int]:
    return [horizon.base_year, *(plan.last for plan in horizon.plans)]


def money_cells(result: Result, lang: str) -> Cells:
    """Spend of the planned years by domain and type, programmes beside them."""
    scenario, money = result.scenario, result.columns("allocation")
    kinds = [kind for kind in TYPES if any(main_type(line) == kind for line in scenario.lines)]
    shown = [*kinds, "programmes"] if scenario.programmes else kinds
    amounts = []
    for domain in scenario.domains:
        amounts.append(_sums(money, "domain", domain.id, "type", kinds))
        if scenario.programmes:
            amounts[-1].append(_programme_spend(result, domain.id))
    sums = [sum(column) for column in zip(*amounts, strict=True)]
    rows = [
        [title, *_with_total(part, sum(sums))]
        for title, part in zip(
            [*(name(domain.label, lang) for domain in scenario.domains), word("total", lang)],
            [*amounts, sums],
            strict=True,
        )
    ]
    title = f"{word('money', lang)}, {scenario.horizon.years[0]}-{scenario.horizon.last_year}"
    return [title, *(word(kind, lang) for kind in shown), word("total", lang), word("share", lang)], rows


def money_table(result: Result, lang: str) -> list[str]:
    """The spend as lines of text."""
    return grid(*money_cells(result, lang))


def _programme_spend(result: Result, domain: str) -> float:
    """Money for programmes on lines of a domain in the planned years."""
    scenario = result.scenario
    own = {line.id for line in scenario.lines if line.domain == domain}
    costs = programme_costs(scenario, result.choices).sum(axis=1)
    return float(sum(cost for one, cost in zip(scenario.programmes, costs, strict=True) if one.line in own))


def track_cells(result: Result, lang: str) -> Cells:
    """Spend by track and plan: emergency substitution now, strategic research for later; then discrete decisions."""
    scenario, path = result.scenario, result.trajectory
    assert path is not None  # the table is of a plan
    plans = [plan.id for plan in scenario.horizon.plans]
    money = result.columns("allocation")
    amounts = {
        track: _sums(money, "track", track, "plan", plans) for track in ("strategic", "substitution", "exchange")
    }
    if scenario.programmes:
        amounts["programmes"] = _by_plan(scenario, path.programme_cost)
    if scenario.cooperation.choice != "none" and scenario.cooperation.change_cost:
        amounts["mode_changes"] = _by_plan(scenario, path.change_cost)
    total = sum(sum(part) for part in amounts.values())
    rows = [[word(track, lang), *_with_total(part, total)] for track, part in amounts.items()]
    return [word("track", lang), *plans, word("total", lang), word("share", lang)], rows


def _by_plan(scenario: Scenario, costs: np.ndarray) -> list[float]:
    """Sums of costs by planned year over each plan."""
    plan = np.array([plan_of(scenario.horizon, year) for year in scenario.horizon.years])
    return [float(costs[plan == one.id].sum()) for one in scenario.horizon.plans]


def _sums(money: Any, first: str, value: str, second: str, keys: list[str]) -> list[float]:
    chosen = money[first] == value
    return [float(money["amount"][chosen & (money[second] == key)].sum()) for key in keys]


def _with_total(amounts: list[float], whole: float) -> list[str]:
    part = percent(sum(amounts) / whole) if whole else "-"
    return [*(f"{amount:.1f}" for amount in amounts), f"{sum(amounts):.1f}", part]


def stage_cells(result: Result, lang: str) -> Cells:
    """How many lines stand in each stage of competition."""
    years, stages = _landmarks(result.scenario.horizon), result.columns("stages")
    rows = [
        [word(stage, lang), *(str(int(np.sum((stages["stage"] == stage) & (stages["year"] == t)))) for t in years)]
        for stage in ("far", "reach", "near")
    ]
    return [word("stages", lang), *map(str, years)], rows


def decision_list(result: Result, lang: str) -> list[str]:
    """The discrete decisions, a sentence each, a dozen at most; the rest counted."""
    taken = decisions_of(result)
    decisions = chosen(taken)
    if not decisions:
        return []
    lines = [f"  {told(decision, result.scenario, lang)}" for decision in decisions]
    rest = len(taken) - len(decisions)
    more = [f"  {word('more', lang).format(count=rest)}"] if rest else []
    return [f"  {word('decisions', lang)}", *(f"  {line}" for line in [*lines, *more])]


def price_table(result: Result, lang: str, most: int = 8) -> list[str]:
    """The rules with the largest prices: for each rule and line, its dearest year."""
    rules = result.columns("constraints")
    prices = np.nan_to_num(np.abs(rules["price"]))
    dearest: dict[str, int] = {}
    for row in np.argsort(-prices, kind="stable"):
        if prices[row] > 1e-6:
            dearest.setdefault(_without_year(rules["rule"][row], int(rules["year"][row])), int(row))
    rows = []
    for rule, row in list(dearest.items())[:most]:
        year = str(rules["year"][row] or "")
        rows.append([rule, year, f"{rules['price'][row]:.4g}", rules["unit"][row]])
    return (
        grid([word("prices", lang), word("in_year", lang), word("price", lang), word("per", lang)], rows)
        if rows
        else []
    )


def _without_year(rule: str, year: int) -> str:
    """money.ramp[ai-B] for money.ramp[ai-B,2030]."""
    return rule.replace(f",{year}", "").replace(f"[{year}]", "")
