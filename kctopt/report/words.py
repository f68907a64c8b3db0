"""Words of figures and reports in English and Chinese."""

from __future__ import annotations

from kctopt.report.sentences import SENTENCES
from kctopt.result.text import WORDS as OF_RESULTS

WORDS: dict[str, tuple[str, str]] = OF_RESULTS | SENTENCES | {
    "nation": ("nation", "全国"),
    "other_domains": ("other domains", "其他领域"),
    "money_axis": ("billion CNY", "十亿元"),
    "index_axis": ("base year = 100", "基年 = 100"),
    "budget": ("budget", "预算"),
    "unspent": ("not spent", "未使用"),
    "allocation_title": ("Money by year and domain", "各年度分领域投入"),
    "allocation_described": (
        "{title}: stacked bars of the money of every planned year by domain, in billion CNY.",
        "{title}：各规划年度分领域投入的堆积柱形图，单位十亿元。",
    ),
    "heat_title": ("Money by domain, type and plan", "分领域、分类型、分规划期投入"),
    "heat_described": (
        "{title}: a table of cells, one panel a plan, rows domains, columns types; brighter cells hold more money, in "
        "billion CNY.",
        "{title}：每个规划期一幅，行为领域，列为技术类型，颜色越亮投入越多，单位十亿元。",
    ),
    "flows_title": ("From the budget to domains and types", "预算到领域再到技术类型的流向"),
    "flows_described": (
        "{title}: bands from the budget to the domains and from these to the types; their width is the money of all "
        "planned years, in billion CNY.",
        "{title}：从预算到领域、再到技术类型的流向图，宽度为全部规划年度的投入，单位十亿元。",
    ),
    "gaps_title": ("Gap to the rival by line", "各技术线与对手的相对差距"),
    "bands_note": (
        " (bands: thresholds without controls; stages change at reviews)",
        "（底色为无管制时的阈值；阶段在评估时改变）",
    ),
    "gaps_described": (
        "{title}: a panel a domain, a line a technology line, its relative gap to the rival by year; bands mark the "
        "stages near, within reach and far. Below zero the line leads.",
        "{title}：每个领域一幅，每条线为一条技术线逐年的相对差距；底色为近距、可及、远距三个阶段；低于零表示领先。",
    ),
    "security_title": ("National security and its three parts", "国家安全及其三个组成部分"),
    "security_described": (
        "{title}: lines of national security, economic power, military power and KCT capability by year; the base year "
        "is 100.",
        "{title}：国家安全、经济实力、军事实力、关键核心技术能力逐年变化，基年为 100。",
    ),
    "ranges_title": (
        "What plans near the optimum give: must, may, never",
        "接近最优的方案的投入范围：必投、可投、不投",
    ),
    "ranges_described": (
        "{title}: a bar for every domain and type, one panel a plan, from the least to the most money that a plan near "
        "the optimum gives it; a thin line shows what is proven, a tick this plan, in billion CNY.",
        "{title}：每个规划期一幅，每个领域和类型一条，从接近最优的方案投入的最少值到最多值；细线为已证界限，短竖线为本方案，"
        "单位十亿元。",
    ),
    "ranges_table": ("Ranges near the optimum, billion CNY", "接近最优的方案的投入范围（十亿元）"),
    "in_plan": ("plan", "规划期"),
    "range_spend": ("this plan", "本方案"),
    "range_least": ("least", "最少"),
    "range_most": ("most", "最多"),
    "range_least_proven": ("least, proven", "最少（已证）"),
    "range_most_proven": ("most, proven", "最多（已证）"),
    "range_rules_least": ("rules: least", "规则最少"),
    "range_rules_most": ("rules: most", "规则最多"),
    "range_verdict": ("verdict", "判断"),
    "verdict_must": ("must", "必投"),
    "verdict_may": ("may", "可投"),
    "verdict_never": ("never", "不投"),
    "verdict_open": ("open", "未定"),
}  # fmt: skip
