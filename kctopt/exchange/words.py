"""Words of the results workbook: sheets, rows and columns in English and Chinese. Keys are always English."""

from __future__ import annotations

from kctopt.result.text import WORDS as OF_RESULTS
from kctopt.scenario.chinese import UNITS as OF_INPUT
from kctopt.table import Column

SHEETS: dict[str, tuple[str, str]] = {
    "summary": ("Summary", "摘要"),
    "allocation": ("Allocation", "分配"),
    "yearly": ("Yearly", "逐年"),
    "indices": ("Indices", "指数"),
    "gaps": ("Gaps", "差距"),
    "stages": ("Stages", "阶段"),
    "decisions": ("Decisions", "离散决策"),
    "rules": ("Rules", "规则"),
    "assumptions": ("Assumptions", "假设与来源"),
}

WORDS: dict[str, tuple[str, str]] = OF_RESULTS | {
    "key": ("key", "键"),
    "scenario": ("scenario", "情景"),
    "model": ("model", "模型"),
    "intent": ("question", "问题"),
    "status": ("status", "状态"),
    "checked": ("checked by simulation", "模拟核验"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "planned": ("planned years", "规划年"),
    "seconds": ("seconds", "用时(秒)"),
    "created": ("created", "生成时间"),
    "versions": ("versions", "版本"),
    "run": ("run folder", "运行目录"),
    "domain": ("domain", "领域"),
    "type": ("type", "类型"),
    "line": ("line", "技术线"),
    "index": ("index", "指数"),
    "unit": ("unit", "单位"),
    "budget": ("budget", "预算"),
    "nation": ("nation", "全国"),
    "kct": ("KCT value", "关键核心技术价值"),
    "accelerator": ("accelerator index", "加速指数"),
    "score_B": ("bottleneck score", "瓶颈得分"),
    "score_A": ("accelerator score", "加速得分"),
    "score_M": ("moat score", "保护带得分"),
    "score_S": ("security score", "安全得分"),
    "no_plan_here": ("There is no plan, so there are no numbers of one.", "没有方案,因此没有方案的数值。"),
    "by_domain": ("Money by domain, billion CNY", "分领域投入,十亿元"),
    "by_track": ("Money by track, billion CNY", "分轨道投入,十亿元"),
    "security_chart": ("National security and its parts, base year = 100", "国家安全及其组成,基年 = 100"),
    "gap_chart": ("Gap to the rival: {domain}", "与对手的相对差距:{domain}"),
    "money_axis": ("billion CNY", "十亿元"),
    "index_axis": ("base year = 100", "基年 = 100"),
    "gap_axis": ("share of the rival's capability", "占对手能力的比例"),
    "about_allocation": (
        "Spend of the planned years by domain, type and plan, billion CNY at base-year prices",
        "规划年内分领域、分类型、分规划期的投入,十亿元(基年价格)",
    ),
    "about_yearly": ("Spend by year, billion CNY at base-year prices", "逐年投入,十亿元(基年价格)"),
    "about_indices": ("Indices by year", "逐年指数"),
    "about_gaps": (
        "Relative gap of every line to the rival, (R - C)/R, at the end of the year; below zero the line leads",
        "各技术线年末与对手的相对差距 (R - C)/R;低于零表示领先",
    ),
    "about_stages": ("Stage of every line at the end of the year", "各技术线年末所处阶段"),
    "about_rules": (
        "Rules that bind or have a price, dearest first; price: objective points per unit of the right side. "
        "All rules are on the sheet data_constraints",
        "起约束作用或有影子价格的规则,按影子价格排列;影子价格:右端每增加一单位目标值的变化。"
        "全部规则见 data_constraints 表",
    ),
    "about_assumptions": (
        "Every value of the scenario, its source and what set it",
        "情景的每个数值、来源及设定之处",
    ),
    "about_decisions": ("The discrete decisions of the plan", "方案的离散决策"),
}

COLUMNS: dict[str, str] = {
    "variable": "变量", "lower": "下限", "upper": "上限", "integer": "整数",
    "line": "技术线", "domain": "领域", "type": "类型", "plan": "规划期", "year": "年份", "track": "轨道",
    "rung": "梯级", "amount": "数额", "unit": "单位", "after_plan": "规划期后", "capability": "自身能力C",
    "substitute": "应急替代s", "usable": "可用能力U", "rival": "对手能力R", "gap": "相对差距g", "dependency": "依赖度",
    "production": "新知识", "inflow": "知识净流入D", "stock_F": "功能级存量", "stock_P": "性能级存量",
    "stock_R": "可靠级存量", "stage": "阶段", "binding": "起约束作用", "quadrant": "合作象限", "index": "指数",
    "value": "数值", "rule": "规则", "kind": "规则族", "left": "左端", "sense": "关系", "right": "右端",
    "slack": "余量", "price": "影子价格", "review": "评估年", "stage_before": "此前阶段", "switched": "发生切换",
    "near": "近距阈值", "far": "远距阈值", "held_back": "有意保持在近距之外", "mode": "模式",
    "mode_before": "此前模式", "changed": "发生变更", "change_cost": "变更成本", "market_gain": "市场收益",
    "exchange_spend": "交流投入", "exposure": "敏感敞口", "programme": "项目", "label": "名称", "selected": "入选",
    "start": "起始年", "end": "结束年", "routes": "并行路线数", "success": "成功概率", "gain": "期望收益",
    "cost": "成本", "researchers": "研究人员", "reward": "期望加分", "path": "路径", "source": "来源",
    "grade": "等级", "origin": "设定之处", "parent_value": "上级情景的数值", "parent_source": "其来源",
    "stated_in": "来源写于",
}  # fmt: skip

UNITS: dict[str, str] = OF_INPUT | {
    "points, base year = 100": "点,基年=100",
    "points, rival = 100": "点,对手=100",
    "own over rival's": "与对手之比",
}


def word(key: str, lang: str) -> str:
    """The words for a key in a language."""
    return WORDS[key][lang == "zh"]


def unit(text: str, lang: str) -> str:
    """A unit in a language."""
    return UNITS.get(text, text) if lang == "zh" else text


def heading(field: Column, lang: str) -> str:
    """Name of a column of a tidy table, with its unit."""
    name = COLUMNS[field.key] if lang == "zh" else field.key.replace("_", " ")
    return f"{name} ({unit(field.unit, lang)})" if field.unit else name
