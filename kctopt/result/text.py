"""A result in words and small tables, in English or Chinese, for a terminal and for a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.language import LANGUAGES, Texts, checked_lang, money, percent, plan_name, translate
from kctopt.result import missed_text, own_text, planning_text, target_cost
from kctopt.result.discrete import programme_costs
from kctopt.result.sentences import chosen, decisions_of, told
from kctopt.result.tables import STAGES, main_type, plan_of, standing
from kctopt.scenario.chinese import price_unit
from kctopt.scenario.records import TYPES, Horizon
from kctopt.table import grid

if TYPE_CHECKING:
    from kctopt.result.result import Result
    from kctopt.scenario.records import Label, Scenario

INDICES = (
    "security",
    "economic",
    "military",
    "technology",
    "loss",
    "military_loss",
    "market",
    "economy_ratio",
    "military_ratio",
)  # shown of a plan, in this order

Cells = tuple[list[str], list[list[str]]]  # head and rows of a table

WORDS: Texts = {
    "optimal": "optimal",
    "limit": "stopped at a limit",
    "interrupted": "interrupted",
    "infeasible": "infeasible",
    "no_plan": "no plan found",
    "fault": "BUG IN KCTOPT",
    "fault_told": (
        "this plan is better than its proven bound, which cannot be: one of the two numbers is false. Do not use "
        "either; please report it"
    ),
    "timed_out": (
        "time ran out after {limit:g} s, for the plan and for its bound: the gap says how far they had come, not how "
        "much better a plan can be; allow more time"
    ),
    "timed_out_unbounded": (
        "time ran out after {limit:g} s, before any bound was proven: how good the plan is remains unknown"
    ),
    "no_further": "the search ended by itself with a wider gap than asked: a better plan may exist",
    "verified": "every rule checked by simulation",
    "unverified": "NOT VERIFIED: `kctopt verify` names what fails",
    "cycle": (
        "fixing stages, allocating money and reading the stages off again did not converge but went round in a cycle "
        "of {length}; the plan is the best one tried, and its bound does not depend on this"
    ),
    "objective": "objective",
    "plan": "this plan",
    "bound": "proven bound",
    "gap": "gap",
    "index_scale": "index, 100 = {year} without cut-off",
    "security": "national security",
    "economic": "economic power",
    "military": "military power",
    "technology": "KCT capability",
    "loss": "loss from cut-off, points",
    "military_loss": "loss of military power from cut-off, points",
    "market": "market gain of exchange, points",
    "economy_ratio": "economy, ratio to rival",
    "military_ratio": "military, ratio to rival",
    "billion CNY": "billion CNY",
    "money": "spend, billion CNY",
    "total": "total",
    "share": "share",
    "shares": "share of the money",
    "weight": "weight",
    "beyond_weight": "less weight, points",
    "track": "track",
    "strategic": "strategic",
    "substitution": "substitution",
    "exchange": "exchange",
    "programmes": "programmes",
    "mode_changes": "changes of mode",
    "decisions": "discrete decisions",
    "more": "… and {count} more",
    "B": "bottleneck",
    "A": "accelerator",
    "M": "moat",
    "S": "security",
    "by_stage": "lines by stage",
    "by_gap_band": "lines by gap band",
    "far": "far",
    "reach": "within reach",
    "near": "near",
    "prices": "binding rules, largest shadow price first",
    "price": "price",
    "in_year": "year",
    "per": "points per",
    "time": "time",
    "saved": "saved in",
}

PHASES: Texts = {  # of a solve, as `seconds` names them
    "read": "read",
    "build": "build",
    "compile": "compile",
    "search": "search",
    "mip": "mip",
    "proof": "proof",
    "simulate": "simulate",
    "write": "write",
    "total": "total",
}


def word(key: str, lang: str) -> str:
    """The word for `key` in a language."""
    return translate(WORDS[key], lang)


def name(label: Label, lang: str) -> str:
    """A label in a language."""
    return label.text(lang)


def gap_text(gap: float, lang: str) -> str:
    """A relative gap as a percentage that never reads 0 when it is not."""
    return percent(gap, lang, ".2g")


def summary(result: Result, lang: str = "en") -> str:
    """What a planner reads first: status, indices, where the money goes, what binds."""
    checked_lang(lang)
    parts = [head(result, lang)]
    if result.has_plan:
        tables = (index_cells, money_cells, share_cells, track_cells, stage_cells)
        parts += [grid(*cells(result, lang)) for cells in tables]
        parts += [decision_list(result, lang), price_table(result, lang)]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def head(result: Result, lang: str) -> list[str]:
    """Name, status and certificate."""
    scenario = result.scenario
    seconds = f"{total_seconds(result):.1f} s"
    written = LANGUAGES[lang]
    title = f"{scenario.name}{written.colon}{name(scenario.label, lang)}{written.stop}{written.space}"
    lines = [f"{title}{word(result.status, lang)}{written.clause}{seconds}"]
    if result.objective is not None:
        lines.append(f"  {_stated(result, lang)}")
    if result.status == "fault":
        lines.append(f"  {word('fault_told', lang)}")
    if result.status == "limit":
        lines.append(f"  {stopped(result, lang)}")
    lines += [
        f"  {translate(own_text.TEXT['head'], lang)}{written.colon}{line}" for line in own_text.told(result.own, lang)
    ]
    told = (*target_cost.told(result, lang), *missed_text.told(result, lang), *planning_text.told(result, lang))
    lines += [f"  {line}" for line in told]
    if result.has_plan:
        lines.append(f"  {word('verified' if result.verified else 'unverified', lang)}")
    if result.cycle:
        lines.append(f"  {word('cycle', lang).format(length=result.cycle)}")
    return lines


def _stated(result: Result, lang: str) -> str:
    """The objective of the plan, what no plan exceeds, and how far the two are apart."""
    written, cost = LANGUAGES[lang], result.scenario.objective.kind == "min_budget"

    def shown(value: float | None) -> str:
        return money(value or 0.0, lang, ".4f") if cost else f"{value:.4f}"

    start = word("objective", lang) + (f"{written.clause}{word('billion CNY', lang)}" if cost else "")
    parts = [f"{shown(result.objective)}{written.aside(word('plan', lang))}"]
    if result.bound is not None:
        parts.append(f"{shown(result.bound)}{written.aside(word('bound', lang))}")
    if result.gap is not None:
        parts.append(f"{word('gap', lang)} {gap_text(result.gap, lang)}")
    return start + written.colon + written.clause.join(parts)


def stopped(result: Result, lang: str) -> str:
    """What the bounds of a run that ended at a limit say, and what they do not."""
    limit = result.options.get("time_limit")
    if limit is None:
        return word("no_further", lang)
    return word("timed_out_unbounded" if result.gap is None else "timed_out", lang).format(limit=limit)


def spent(result: Result, lang: str) -> str:
    """Where the time of a solve went: `read 0.07 s, search 0.25 s, total 0.40 s`; phases without time are left out."""
    parts = sorted(result.seconds.items(), key=lambda item: item[0] == "total")
    comma = LANGUAGES[lang].clause
    return comma.join(f"{translate(PHASES.get(name, name), lang)} {value:.2f} s" for name, value in parts if value)


def total_seconds(result: Result) -> float:
    """Seconds of the whole run."""
    return result.seconds.get("total") or 0.0


def index_cells(result: Result, lang: str) -> Cells:
    """Indices in the base year, at the end of every plan."""
    years = _landmarks(result.scenario.horizon)
    rows = []
    for key in INDICES:
        digits = 2 if key.endswith("ratio") else 1
        rows.append([word(key, lang), *(f"{result.index(key, year):.{digits}f}" for year in years)])
    scale = word("index_scale", lang).format(year=result.scenario.horizon.base_year)
    return [scale, *map(str, years)], rows


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
        [title, *_with_total(part, sum(sums), lang)]
        for title, part in zip(
            [*(name(domain.label, lang) for domain in scenario.domains), word("total", lang)],
            [*amounts, sums],
            strict=True,
        )
    ]
    title = f"{word('money', lang)}{LANGUAGES[lang].clause}{scenario.horizon.years[0]}-{scenario.horizon.last_year}"
    return [title, *(word(kind, lang) for kind in shown), word("total", lang), word("share", lang)], rows


def money_table(result: Result, lang: str) -> list[str]:
    """The spend as lines of text."""
    return grid(*money_cells(result, lang))


def share_cells(result: Result, lang: str) -> Cells:
    """Every domain's share of the money in the plan and in the base year, its weight, and the share less the weight."""
    scenario = result.scenario
    labels = {domain.id: name(domain.label, lang) for domain in scenario.domains}
    rows = [
        [
            labels[entry.domain],
            *(percent(share, lang) for share in (entry.share, entry.base_share, entry.weight)),
            f"{100 * entry.beyond_weight:+.1f}",
        ]
        for entry in result.domain_shares
    ]  # fmt: skip
    head = [word("shares", lang), word("plan", lang), str(scenario.horizon.base_year)]
    return [*head, word("weight", lang), word("beyond_weight", lang)], rows


def share_table(result: Result, lang: str) -> list[str]:
    """The shares as lines of text."""
    return grid(*share_cells(result, lang))


def _programme_spend(result: Result, domain: str) -> float:
    """Money for programmes on lines of a domain in the planned years."""
    scenario = result.scenario
    own = {line.id for line in scenario.lines if line.domain == domain}
    costs = programme_costs(scenario, result.choices).sum(axis=1)
    return float(sum(cost for programme, cost in zip(scenario.programmes, costs, strict=True) if programme.line in own))


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
    rows = [[word(track, lang), *_with_total(part, total, lang)] for track, part in amounts.items()]
    return [
        word("track", lang),
        *(plan_name(plan, lang) for plan in plans),
        word("total", lang),
        word("share", lang),
    ], rows


def _by_plan(scenario: Scenario, costs: np.ndarray) -> list[float]:
    """Sums of costs by planned year over each plan."""
    plan = np.array([plan_of(scenario.horizon, year) for year in scenario.horizon.years])
    return [float(costs[plan == period.id].sum()) for period in scenario.horizon.plans]


def _sums(money: Any, first: str, value: str, second: str, keys: list[str]) -> list[float]:
    chosen = money[first] == value
    return [float(money["amount"][chosen & (money[second] == key)].sum()) for key in keys]


def _with_total(amounts: list[float], whole: float, lang: str) -> list[str]:
    part = percent(sum(amounts) / whole, lang) if whole else "-"
    return [*(money(amount, lang) for amount in [*amounts, sum(amounts)]), part]


def stage_cells(result: Result, lang: str) -> Cells:
    """How many lines stand in each stage; in each gap band where stages do not switch."""
    years, table = _landmarks(result.scenario.horizon), result.columns("stages")
    place = standing(result.scenario)
    rows = [
        [word(name, lang), *(str(int(np.sum((table[place] == name) & (table["year"] == t)))) for t in years)]
        for name in STAGES
    ]
    return [word(f"by_{place}", lang), *map(str, years)], rows


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
        rows.append([rule, year, f"{rules['price'][row]:.4g}", price_unit(rules["unit"][row], lang)])
    return (
        grid([word("prices", lang), word("in_year", lang), word("price", lang), word("per", lang)], rows)
        if rows
        else []
    )


def _without_year(rule: str, year: int) -> str:
    """money.ramp[ai-B] for money.ramp[ai-B,2030]."""
    return rule.replace(f",{year}", "").replace(f"[{year}]", "")
