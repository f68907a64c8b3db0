"""Words of figures and reports in English and Chinese."""

from __future__ import annotations

from kctopt.language import Texts, within
from kctopt.report.briefing import BRIEFING
from kctopt.report.sentences import SENTENCES
from kctopt.result.text import WORDS as OF_RESULTS

WORDS: Texts = (
    OF_RESULTS
    | SENTENCES
    | BRIEFING
    | {
        "nation": "nation",
        "other_domains": "other domains",
        "money_axis": "billion CNY",
        "index_axis": "points, base year without cut-off = 100",
        "budget": "budget",
        "unspent": "not spent",
        "allocation_title": "Money by year and domain",
        "allocation_described": "{title}: stacked bars of the money of every planned year by domain, in billion CNY.",
        "heat_title": "Money by domain, type and plan",
        "heat_described": (
            "{title}: a table of cells, one panel a plan, rows domains, columns types; brighter cells hold more money, "
            "in billion CNY."
        ),
        "flows_title": "From the budget to domains and types",
        "flows_described": (
            "{title}: bands from the budget to the domains and from these to the types; their width is the money of "
            "all planned years, in billion CNY."
        ),
        "gaps_title": "Gap to the rival by line",
        "bands_note": " (gap bands: thresholds without controls; stages change at reviews)",
        "gaps_described": (
            "{title}: a panel a domain, a line a technology line, its relative gap to the rival by year; grey marks "
            "the gap bands near, within reach and far. Below zero the line leads."
        ),
        "security_title": "National security and its three parts",
        "security_described": (
            "{title}: lines of national security, economic power, military power and KCT capability by year."
        ),
        "ranges_title": "What plans near the optimum give: must, may, never",
        "ranges_described": (
            "{title}: a bar for every domain and type, one panel a plan, from the least to the most money that a plan "
            "near the optimum gives it; a thin line shows what is proven, a tick this plan, in billion CNY."
        ),
        "ranges_table": "Ranges near the optimum, billion CNY",
        "in_plan": "plan",
        "range_spend": "this plan",
        "range_least": "least",
        "range_most": "most",
        "range_least_proven": "least, proven",
        "range_most_proven": "most, proven",
        "range_rules_least": "rules: least",
        "range_rules_most": "rules: most",
        "range_verdict": "verdict",
        "verdict_must": within("verdict", "must"),
        "verdict_may": within("verdict", "may"),
        "verdict_never": within("verdict", "never"),
        "verdict_open": within("verdict", "open"),
    }
)
