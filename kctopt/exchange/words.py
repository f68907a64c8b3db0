"""Words of the results workbook: sheets, rows and columns in English and Chinese. Keys are always English."""

from __future__ import annotations

from kctopt.language import LANGUAGES, Texts, entries, translate, within
from kctopt.result.text import WORDS as OF_RESULTS
from kctopt.scenario.chinese import shown_unit, unit_name
from kctopt.table import Column

SHEETS: Texts = {
    "summary": "Summary",
    "allocation": "Allocation",
    "yearly": "Yearly",
    "indices": "Indices",
    "gaps": "Gaps",
    "stage": "Stages",
    "gap_band": "Gap bands",
    "decisions": "Decisions",
    "rules": "Rules",
    "assumptions": "Assumptions",
}

WORDS: Texts = OF_RESULTS | {
    "key": "key",
    "scenario": "scenario",
    "model": "model",
    "intent": "question",
    "status": "status",
    "checked": "checked by simulation",
    "yes": "yes",
    "no": "no",
    "planned": "planned years",
    "seconds": "seconds",
    "created": "created",
    "versions": "versions",
    "run": "run folder",
    "domain": "domain",
    "type": "type",
    "line": "line",
    "index": "index",
    "unit": "unit",
    "budget": "budget",
    "trend": "objective of the trend alone",
    "reference": "objective of the base year's shares",
    "unlawful": "objective of these shares as they are, breaking rules",
    "value_of_planning": "value of planning",
    "value_at_most": "value of planning, at most",
    "nation": "nation",
    "kct": "KCT value",
    "accelerator": "accelerator index",
    "score_B": "bottleneck score",
    "score_A": "accelerator score",
    "score_M": "moat score",
    "score_S": "security score",
    "no_plan_here": "There is no plan, so there are no numbers of one.",
    "by_domain": "Money by domain, billion CNY",
    "by_track": "Money by track, billion CNY",
    "security_chart": "National security and its parts, base year without cut-off = 100",
    "gap_chart": "Gap to the rival: {domain}",
    "money_axis": "billion CNY",
    "index_axis": "base year without cut-off = 100",
    "gap_axis": "share of the rival's capability",
    "about_allocation": "Spend of the planned years by domain, type and plan, billion CNY at base-year prices",
    "about_yearly": "Spend by year, billion CNY at base-year prices",
    "about_indices": "Indices by year",
    "about_gaps": (
        "Relative gap of every line to the rival, (R - C)/R, at the end of the year; below zero the line leads"
    ),
    "about_stage": "Stage of every line in force in the year, set at reviews; the base year has that of the first",
    "about_gap_band": "Band of the gap of every line at the end of the year, by the thresholds without controls",
    "about_rules": (
        "Rules that bind or have a price, largest first; price: change in the objective per unit of relaxation. "
        "All rules are on the sheet data_constraints"
    ),
    "about_assumptions": "Every value of the scenario, its source and what set it",
    "about_decisions": "The discrete decisions of the plan",
}


def word(key: str, lang: str) -> str:
    """The words for a key in a language."""
    return translate(WORDS[key], lang)


def unit(text: str, lang: str) -> str:
    """A unit in a language, as people read it: money in that of the language."""
    return entries("unit", lang).get(text) or shown_unit(text, lang)


def data_heading(field: Column, lang: str) -> str:
    """Name of a column of a tidy table that keeps the numbers of the files, with their unit."""
    name = translate(within("column", field.key.replace("_", " ")), lang)
    known = entries("unit", lang).get(field.unit) or unit_name(field.unit, lang)
    return name + LANGUAGES[lang].aside(known) if field.unit else name


def heading(field: Column, lang: str) -> str:
    """Name of a column of a tidy table, with its unit."""
    name = translate(within("column", field.key.replace("_", " ")), lang)
    return name + LANGUAGES[lang].aside(unit(field.unit, lang)) if field.unit else name
