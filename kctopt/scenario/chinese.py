"""Chinese names of fields and choices, for workbooks. Keys stay English everywhere.

A field is found by its path (money.carry_share), in a table by the table's name and the column (lines.spend).
"""

from __future__ import annotations

from collections.abc import Iterable

from kctopt.language import money

FIELDS: dict[str, str] = {
    "extends": "所依据的情景",
    "name": "名称（用于结果）",
    "label.en": "英文标题",
    "label.zh": "中文标题",
    "intent": "要回答的问题（一句话）",
    "stages": "扩散阶段：包络（三上限取最小）或在评估点切换",
    "switching.reviews": "评估点：每个规划期的开始与中期，或每年",
    "switching.ratchet": "阶段只能前移：远距、可及、近距",
    "switching.far_control": "完全敏感且完全管制时远距阈值的下降",
    "switching.near_control": "完全敏感且完全管制时近距阈值的上升",
    "horizon.base_year": "基准年（期末状态为数据）",
    "horizon.last_year": "规划末年",
    "horizon.plan_length": "规划期年数",
    "horizon.tail": "末年之后维持末年投入的年数",
    "budget": "可用经费",
    "money.carry_share": "规划期内可结转经费占年度预算的最大比例",
    "money.ramp_growth": "单条技术线投入的最大年增长率",
    "money.ramp_step": "单条技术线投入每年总可增加的额度",
    "money.history_growth": "基准年之前投入的增长率",
    "calibration.yields.from": "产出率取自另一情景的基准年（情景名或路径；不填：用自身基准年校准）",
    "knowledge.effort_elasticity": "新知识对滞后投入的弹性",
    "knowledge.accelerator_elasticity": "新知识对加速指数的弹性",
    "knowledge.stock_elasticity": "新知识对已有存量的弹性",
    "knowledge.induced_innovation": "管制收紧时产出率的上升（诱致创新）",
    "knowledge.yield_factor": "全部产出率的情景乘数",
    "substitution.elasticity": "替代产出对投入的弹性",
    "substitution.depreciation": "替代品的年损耗率",
    "substitution.capability_elasticity": "替代产出对自身能力与对手之比的弹性",
    "substitution.output": "参考投入且与对手持平时每年获得的替代能力",
    "substitution.reference_share": "参考替代投入占基准年投入的比例",
    "substitution.ceiling": "替代能力上限与对手能力之比",
    "substitution.denied_ceiling": "替代能力上限占基准年差距中被断供部分的比例（不填：无此上限）",
    "rival.growth_shift": "各技术线对手增长率的附加值",
    "controls.intensity": "管制强度",
    "diffusion.form": "扩散函数形式",
    "diffusion.absorption": "最大流入与自身能力之比（吸收能力）",
    "diffusion.exchange_output": "参考交流投入下的流入",
    "diffusion.exchange_elasticity": "流入对交流投入的弹性",
    "diffusion.exchange_reference": "参考交流投入占基准年投入的比例",
    "diffusion.exchange_control": "完全管制下交流流入的削减",
    "diffusion.catch_up": "每年缩小差距的比例",
    "diffusion.catch_up_control": "完全管制下追赶的削减",
    "diffusion.leverage": "领域保护带能力每点可保有的领先",
    "diffusion.far": "相对差距高于此值为远距",
    "diffusion.near": "相对差距低于此值为近距",
    "cooperation.sensitivity_threshold": "安全敏感性高的门槛",
    "cooperation.growth_threshold": "经济成长性高的门槛",
    "cooperation.exposure_limit": "按安全敏感性加权的交流投入上限",
    "cooperation.exposure_threshold": "安全敏感性不超过此值的交流不计敞口",
    "cooperation.choice": "分领域、分规划期的合作模式：不选、象限限度内选、自由选",
    "cooperation.change_cost": "规划期之间改变领域合作模式的成本",
    "cooperation.market_output": "参考交流投入每十亿元、每单位经济成长性带来的经济实力",
    "cooperation.market_elasticity": "该收益对交流投入的弹性",
    "cut_off.loss": "完全管制且完全依赖时的经济损失",
    "cut_off.shield": "安全得分每点屏蔽的损失",
    "cut_off.military_loss": "完全管制且保护带与安全性技术完全依赖时的军事实力损失",
    "cut_off.denial": "断供冲击所切断的供给比例（超过管制强度时起作用）",
    "cut_off.recovery": "冲击之后每年恢复的比例",
    "kct.form": "关键核心技术价值的函数形式",
    "kct.multiplier": "加速得分的指数（嵌套形式）",
    "kct.rho": "四类技术间的CES指数",
    "kct.weights.B": "瓶颈性技术权重",
    "kct.weights.A": "加速器技术权重",
    "kct.weights.M": "保护带技术权重",
    "kct.weights.S": "安全性技术权重",
    "kct.rho_domains": "领域间的CES指数",
    "economy.ratio": "基准年本国与对手GDP之比",
    "economy.trend": "不计关键核心技术时该比值的年增长率",
    "economy.kct_elasticity": "经济实力对关键核心技术的弹性",
    "military.index": "采用的军力指数",
    "military.kct_elasticity": "军事实力对关键核心技术的弹性",
    "military.shield_elasticity": "军事实力对保护带与安全得分的弹性",
    "security.form": "国家安全的函数形式",
    "security.economy": "经济实力权重",
    "security.military": "军事实力权重",
    "security.technology": "关键核心技术能力权重",
    "security.rho": "CES指数（ces形式）",
    "objective.kind": "优化目标",
    "objective.discount": "后一年相对前一年的权重",
    "objective.terminal": "规划末年的附加权重",
    "objective.end_years": "最后一年的国家安全按折现继续计入的年数",
    "catalogue.researchers": "全部项目可用的研究人员（不填：不限）",
    "id": "标识",
    "label_en": "英文名称",
    "label_zh": "中文名称",
    "domains.weight": "在国家关键核心技术价值中的权重",
    "domains.mode": "基准年合作模式",
    "lines.domain": "领域",
    "lines.bottleneck": "瓶颈性技术隶属度",
    "lines.accelerator": "加速器技术隶属度",
    "lines.moat": "保护带技术隶属度",
    "lines.security": "安全性技术隶属度",
    "lines.weight": "在本领域本类技术中的权重",
    "lines.sensitivity": "安全敏感性",
    "lines.growth": "经济成长性",
    "lines.capability": "基准年可用能力（对手=100）",
    "lines.trend": "基准年投入下与对手之比的近年变化",
    "lines.rival_growth": "对手能力年增长率",
    "lines.spend": "基准年研发投入",
    "lines.exchange_share": "其中交流合作占比",
    "lines.substitution_share": "其中应急替代占比",
    "lines.exposure_weight": "断供损失中的权重",
    "lines.floor": "每年最低投入",
    "lines.cap": "每年最高投入",
    "lines.min_scale": "最小有效规模：每个规划期要么为零，要么每年不低于此值（0：无此约束）",
    "rungs.capability_weight": "在能力中的权重",
    "rungs.profile": "基准年存量与能力之比",
    "rungs.depreciation": "存量年损耗率",
    "rungs.inflow": "扩散流入到达本级的部分",
    "rungs.spend_share": "占基准年战略投入的比例",
    "spillovers.source": "来源领域",
    "spillovers.target": "受益领域",
    "spillovers.strength": "来源领域加速器技术的权重",
    "quadrants.min_exchange": "交流占技术线投入的最小比例",
    "quadrants.max_exchange": "交流占技术线投入的最大比例",
    "quadrants.shield_share": "象限投入中安全性与保护带技术的最小比例",
    "military.indices.ratio": "基准年本国与对手军力之比",
    "military.indices.trend": "该比值的年增长率",
    "modes.exchange": "交流带来流入的系数",
    "modes.max_exchange": "交流占技术线投入的最大比例",
    "modes.exposure": "交流敞口的系数",
    "modes.market_gain": "全部领域采用该模式时每年增加的经济实力",
    "programmes.line": "技术线",
    "programmes.rung": "梯级",
    "programmes.mode": "组织方式：揭榜挂帅或赛马",
    "programmes.routes": "最多并行路线数（赛马）",
    "programmes.success": "单条路线成功概率",
    "programmes.gain": "成功时本级存量的增加",
    "programmes.first_start": "最早启动年",
    "programmes.last_start": "最晚启动年",
    "programmes.duration": "持续年数",
    "programmes.researchers": "单条路线每年占用研究人员",
    "programmes.requires": "须先完成的项目（以“;”分隔）",
    "programmes.excludes": "不能同时进行的项目（以“;”分隔）",
    "programmes.deadline": "获得奖励的最后完成年",
    "programmes.reward": "按期成功的目标值加分",
    "policies.id": "政策规则标识",
    "policies.kind": "政策规则种类",
    "policies.domain": "领域（空：全部）",
    "policies.type": "技术类型（空：全部）",
    "policies.line": "技术线（空：全部）",
    "policies.lines": "同带各技术线（以“;”分隔）",
    "policies.track": "轨道（空：全部）",
    "policies.rung": "梯级（空：全部）",
    "policies.amount": "金额",
    "policies.years": "年份：2030 或 2026-2030（空：全部规划年）",
    "policies.per": "金额按每年或按合计",
    "policies.min": "占当年总投入的最小比例",
    "policies.max": "占当年总投入的最大比例",
    "policies.min_ratio": "可用能力与对手之比的下限",
    "policies.max_dependency": "依赖度上限",
    "policies.by": "达到目标的年份（年末）",
    "policies.soft": "软目标（可以不达到，按价格扣分）",
    "policies.price": "软目标每单位缺口扣除的目标值",
    "policies.width": "任意两条线C/R之差的最大值",
    "policies.remove": "取消上级情景的这条政策规则",
    "changes.path": "路径",
    "changes.how": "方式：设为、乘以、加上",
    "changes.value": "数值",
    "sources.path": "路径",
    "sources.unit": "单位",
    "sources.source": "来源",
    "sources.year": "年份",
    "sources.grade": "等级（A、B、C或假设）",
    "sources.note": "备注",
    "sources.low": "公布范围的下限（与上限同填）",
    "sources.high": "公布范围的上限（与下限同填）",
} | {f"rungs.lag_{year}": f"{year}年前投入的权重" for year in range(6)} | {
    f"programmes.cost_{year}": f"单条路线第{year}年成本" for year in range(1, 11)
}  # fmt: skip

CHOICES: dict[str, str] = {
    "true": "是",
    "false": "否",
    "envelope": "包络",
    "switching": "切换",
    "halves": "每期两次",
    "yearly": "每年",
    "three_stage": "三阶段",
    "nelson_phelps": "纳尔逊-菲尔普斯",
    "logistic": "逻辑斯蒂",
    "none": "无",
    "mask": "象限内选择",
    "free": "自由选择",
    "nested": "嵌套",
    "ces": "CES函数",
    "cobb_douglas": "柯布-道格拉斯",
    "leontief": "里昂惕夫",
    "linear": "线性",
    "national_security": "国家安全",
    "min_budget": "最小预算",
    "earliest": "最早年份",
    "closed": "封闭",
    "guarded": "有限开放",
    "open": "开放",
    "open_bid": "揭榜挂帅",
    "horse_race": "赛马",
    "floor": "下限",
    "cap": "上限",
    "share": "占比",
    "target": "目标",
    "band": "协同带",
    "B": "瓶颈",
    "A": "加速",
    "M": "保护带",
    "S": "安全",
    "strategic": "战略",
    "substitution": "应急替代",
    "exchange": "交流合作",
    "year": "每年",
    "total": "合计",
    "assumption": "假设",
    "user": "用户设定",
    "on": "启用",
    "off": "停用",
    "set": "设为",
    "scale": "乘以",
    "add": "加上",
}


UNITS: dict[str, str] = {
    "share": "比例",
    "ratio": "比值",
    "1/year": "1/年",
    "year": "年",
    "years": "年",
    "index points": "指数点",
    "index points/year": "指数点/年",
    "billion CNY": "十亿元",
    "billion CNY/year": "十亿元/年",
    "index points/billion CNY": "指数点/十亿元",
    "NS points": "国家安全点",
    "ratio to rival": "与对手之比",
    "routes": "条路线",
    "thousand persons": "千人",
}


SHOWN_UNITS = {  # of money in what is shown: amounts are brought to them by `shown_amount`; prices stay as they are
    "billion CNY": "亿元",
    "billion CNY/year": "亿元/年",
    "index points/billion CNY": "指数点/10 亿元",
}
MONEY_UNITS = ("billion CNY", "billion CNY/year")


def unit_names(lang: str) -> dict[str, str]:
    """Units by their English names; none in a language that writes them so."""
    return UNITS if lang == "zh" else {}


def unit_name(unit: str, lang: str) -> str:
    """A unit in a language, as inputs state it: money in billion CNY."""
    return unit_names(lang).get(unit, unit)


def shown_unit(unit: str, lang: str) -> str:
    """A unit in a language, as outputs show it: for money that of `shown_amount`."""
    return SHOWN_UNITS.get(unit, unit_name(unit, lang)) if lang == "zh" else unit


def price_unit(unit: str, lang: str) -> str:
    """A unit that a price is for, in a language: 10 亿元 for billion CNY, so that the price keeps its number."""
    return f"10 {SHOWN_UNITS[unit]}" if lang == "zh" and unit in MONEY_UNITS else shown_unit(unit, lang)


def shown_amount(number: str, unit: str, lang: str) -> str:
    """A number with a unit as outputs show it: money in that of the language, all else as it is.

    >>> shown_amount("150.5", "billion CNY/year", "zh"), shown_amount("150.5", "index points", "zh")
    ('1,505', '150.5')
    """
    return money(number, lang) if unit in MONEY_UNITS else number


def field_meaning(key: str, lang: str) -> str:
    """What a field of a table (`lines.growth`) or at a path means; empty where the language has no words for it."""
    return FIELDS.get(key, "") if lang == "zh" else ""


def choice_names(choices: Iterable[object], lang: str) -> dict[str, str]:
    """Name of each choice by its key; letters other than the four types stand for themselves."""
    keys = [str(choice) for choice in choices]
    if lang != "zh":
        return {key: key for key in keys}
    types = set(keys) == {"B", "A", "M", "S"}
    return {key: CHOICES.get(key, key) if types or len(key) > 1 else key for key in keys}


def field_name(table: str, field: str, lang: str) -> str:
    """Name of a field of a table (or of a path, with an empty table)."""
    if lang != "zh":
        return field.replace("_", " ")
    return FIELDS.get(f"{table}.{field}" if table else field) or FIELDS[field]
