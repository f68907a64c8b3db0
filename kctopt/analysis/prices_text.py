"""Prices told: what one more unit of each number is worth, then the dearest rules; English or Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kctopt.analysis.rule_rows import NOTHING
from kctopt.analysis.totals import TARGET_POINT
from kctopt.language import ENGLISH, LANGUAGES, Texts, checked_lang, plan_name, translate, within
from kctopt.naming import Name
from kctopt.result import named
from kctopt.result.fields import MONEY_UNIT
from kctopt.scenario.chinese import shown_amount
from kctopt.table import Row
from kctopt.terminal import grid

if TYPE_CHECKING:
    from kctopt.analysis.saved import Analysis
    from kctopt.scenario.records import Scenario

NOISE = 1e-7  # of the largest slope of a rule
MOST = 15  # rules shown; all are in the table
OPTIONAL = ("released", "check")  # columns shown where they say something

WORDS: Texts = {
    "head": "{name}: what one more unit is worth, at the optimum {objective} (the run: {own}; proven bound {bound})",
    "inexact": (
        "The optimum itself was not found: these prices are those of the last linear program, some per cent off."
    ),
    "conditional": "Prices are conditional on the discrete choices of the plan, which are held fixed.",
    "checked": (
        "Checked by solving again on both sides: {agrees} agree to 1 %, {degenerate} degenerate, {differs} differ, "
        "{failed} could not be settled."
    ),
    "unpriced": (
        "{rules}: at the limit without a price, as where another rule asks for the same. Prices beside may then hold "
        "to one side only; --check gives both."
    ),
    "degenerate_note": "Degenerate: one unit less does not cost what one more brings; the price lies between the two.",
    "released_note": (
        "Choices free: with all discrete choices open again, what one more unit adds to the bound {bound}."
    ),
    "none": "No rule has a price.",
    "counted": (
        "Rows with a price: {priced}, of {rules} rules; a row is one rule in one year, for one line where it is of "
        "lines. Rows at their limit without a price: {bare}. Listed are the {shown} dearest; the table `rules` has all."
    ),
    "number": "number of the scenario",
    "span": "plan",
    "rule": "rule, largest shadow price first",
    "year": "year",
    "price": "price",
    "unit": "unit",
    "released": "choices free",
    "check": "by solving again",
    "gain": "One more {per} of {what} is worth {price} {objective}.",
    "cost": "One more {per} of {what} costs {price} {objective}.",
    "sides": "One more {per} of {what} changes the objective by {right} {objective}, one less by {left} (degenerate).",
    "all": "all years",
    MONEY_UNIT: "billion CNY",
    f"one {MONEY_UNIT}": within("unit of a price", "billion CNY"),
    "NS points": "NS points",
    "percentage point": "percentage point",
    TARGET_POINT: "hundredth of the rival's level",
    "ratio to rival": "ratio to rival",
    "thousand persons": "thousand persons",
    "index points": "index points",
    "no plan": "no plan",
    "degenerate": "{left} less, {right} more (degenerate)",
    "differs": "{central} (differs)",
    "failed": "could not be settled",
    "not checked": "",
}


def say(key: str, lang: str, **values: Any) -> str:
    """A phrase of the table above, filled in; a key that is not there stands for itself."""
    return translate(WORDS[key], lang, **values) if key in WORDS else key


def told(analysis: Analysis, scenario: Scenario, lang: str) -> str:
    """The whole answer as text."""
    checked_lang(lang)
    rules, totals = analysis.tables["rules"].records, analysis.tables["totals"].records
    lines = [head(analysis, scenario, lang), *(f"  {line}" for line in doubts(analysis, scenario, lang))]
    if not rules:
        return "\n".join([*lines, f"  {say('none', lang)}"]) + "\n"
    parts = [lines, [f"  {line}" for line in sentences(analysis, scenario, lang)]]
    parts += [_grid(totals, "span", scenario, lang, len(totals)), [f"  {counted(rules, lang)}"]]
    parts += [_grid(rules, "year", scenario, lang)]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def counted(rules: Sequence[Row], lang: str) -> str:
    """Of how many rules how many rows have a price, and how many of them are listed."""
    priced = [row for row in rules if abs(row["price"]) > NOTHING]
    return say(
        "counted", lang, priced=len(priced), rules=len({Name.parse(str(row["rule"])).head for row in priced}),
        bare=len(rules) - len(priced), shown=min(MOST, len(rules)),
    )  # fmt: skip


def head(analysis: Analysis, scenario: Scenario, lang: str) -> str:
    """At which optimum the prices are, beside the plan of the run and the bound."""
    about = analysis.about
    return say(
        "head", lang, name=scenario.name, objective=f"{about['objective']:.6f}",
        own=f"{about['objective_of_run']:.6f}", bound="-" if about["bound"] is None else f"{about['bound']:.6f}",
    )  # fmt: skip


def doubts(analysis: Analysis, scenario: Scenario, lang: str, *, words: bool = False) -> list[str]:
    """What the numbers depend on, and how the check ended; in a report with words for keys."""
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
        first = dict.fromkeys(named.rule(name, scenario, lang, words=words) for name in about["unpriced"])
        lines.append(say("unpriced", lang, rules=LANGUAGES[lang].comma.join([*first][:5])))
    return lines


def sentences(analysis: Analysis, scenario: Scenario, lang: str, *, words: bool = False) -> list[str]:
    """What one more unit of the numbers in the table of totals is worth: budgets, exposure, policies."""
    policies = {row["number"] for row in analysis.tables["totals"].records if row["number"].startswith("policies[")}
    return [
        _sentence(row, named.number(row["number"], scenario, lang, words=words), analysis.about["unit"], lang)
        for row in analysis.tables["totals"].records
        if row["kind"] in ("budget", "exposure") or row["number"] in policies
    ]


def _sentence(row: Mapping[str, Any], number: str, objective: str, lang: str) -> str:
    """One number: what one more unit brings or costs, or both sides where they differ."""
    names = {"per": per(row, lang), "what": _during(number, row["span"] or "", lang)}
    names["objective"] = say(objective, lang)
    if row["verdict"] == "degenerate":
        right, left = (
            shown_amount(_signed(row, f"{side}_derivative", sign, lang), objective, lang)
            for side, sign in (("right", 1.0), ("left", -1.0))
        )
        return say("sides", lang, right=right, left=left, **names)
    worse = (row["price"] < 0) == (objective == "NS points")
    price = shown_amount(f"{abs(row['price']):.4g}", objective, lang)
    return say("cost" if worse else "gain", lang, price=price, **names)


def _during(number: str, plan: str, lang: str) -> str:
    """A number in a plan; in all of them without one."""
    return translate("{number} in {plan}", lang, number=number, plan=plan_name(plan, lang)) if plan else number


def per(row: Mapping[str, Any], lang: str) -> str:
    """The unit by which a number is turned; of money that in which its price is the same in every language."""
    unit = row["per"]
    return say(f"one {unit}" if f"one {unit}" in WORDS else unit, lang)


def _signed(row: Mapping[str, Any], side: str, sign: float, lang: str) -> str:
    """Change of the objective on one side."""
    return say("no plan", lang) if row[side] is None else f"{sign * _without_noise(row, row[side]) + 0.0:+.4g}"


def _without_noise(row: Mapping[str, Any], slope: float) -> float:
    """A slope, 0 where it is what two solves leave of 0 beside the other slopes of its rule."""
    sizes = [abs(row[name]) for name in ("price", "left_derivative", "right_derivative") if row[name] is not None]
    return 0.0 if abs(slope) <= NOISE * max(sizes, default=0.0) else float(slope)


def _grid(
    rows: Sequence[Row], second: str, scenario: Scenario, lang: str, most: int = MOST
) -> list[str]:  # fmt: skip
    """A table of prices: of numbers by plan, or of rules by year."""
    title = "number" if second == "span" else "rule"
    listed = [
        [named.number(row["number"], scenario, lang) if title == "number" else _rule_of(row, scenario, lang),
         plan_name(str(row[second] or ""), lang), f"{row['price']:.5g}", per(row, lang), _released(row),
         _check(row, lang)]
        for row in rows[:most]
    ]  # fmt: skip
    names = (title, second, "price", "unit", "released", "check")
    shown = [n for n, name in enumerate(names) if name not in OPTIONAL or any(line[n] for line in listed)]
    return grid([say(names[n], lang) for n in shown], [[line[n] for n in shown] for line in listed], left=(0, 3, 4))


def _rule_of(row: Mapping[str, Any], scenario: Scenario, lang: str) -> str:
    """A row of the table of rules: what the rule says, behind the line that it holds."""
    if lang == ENGLISH:
        return str(row["rule"])
    said, line = named.rule(row["rule"], scenario, lang), named.label_of(scenario, lang, "lines", row["line"] or "")
    return said if not line or said.startswith(line) else line + LANGUAGES[lang].colon + said


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
