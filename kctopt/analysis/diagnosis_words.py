"""Phrases of a diagnosis, English and Chinese."""

from __future__ import annotations

ZH_TYPES = {"B": "瓶颈性", "A": "加速器", "M": "保护带", "S": "安全性"}
ZH_UNITS = {
    "billion CNY": "十亿元", "ratio to rival": "(与对手之比)", "share": "", "index points": "点", "stages": "阶段",
    "thousand persons": "千人", "programmes": "个项目",
}  # fmt: skip
EN_UNITS = {"ratio to rival": "of the rival's level", "share": ""}
LAWS = {
    "ladder.ladder": ("the ladder of rungs", "功能-性能-可靠性阶梯"),
    "knowledge.production": ("knowledge production", "知识生产"),
    "diffusion.inflow": ("diffusion", "扩散"),
    "modes.inflow": ("inflow by cooperation mode", "合作模式下的流入"),
    "substitution.made": ("emergency substitution", "应急替代"),
    "kct": ("the KCT value", "关键核心技术值"),
    "security": ("the national indices", "国家指数"),
    "dependency": ("dependency", "依赖度"),
}
SAYS = {  # what a rule asks: {name} is what the user calls it
    "budget": ("the budget of {key} is {amount} billion CNY", "{key} 年预算为 {amount} 十亿元"),
    "carry": ("at most {share} of a year's budget can be carried over", "每年预算最多结转 {share}"),
    "ramp": (
        "a line's spend grows by at most {growth} and {amount} billion CNY a year",
        "技术线投入每年最多增长 {growth} 加 {amount} 十亿元",
    ),
    "line_floor": ("{line} spends at least {amount} billion CNY a year", "{line} 每年投入至少 {amount} 十亿元"),
    "line_cap": ("{line} spends at most {amount} billion CNY a year", "{line} 每年投入至多 {amount} 十亿元"),
    "scale": (
        "{line} is off in a plan, or spends at least {amount} billion CNY in each of its years",
        "{line} 在一个规划期内要么停,要么每年投入至少 {amount} 十亿元",
    ),
    "exposure": ("exposed exchange of {key} is at most {amount} billion CNY", "{key} 年交流敞口至多 {amount} 十亿元"),
    "exchange_floor": (
        "lines of quadrant {key} give at least {share} of their spend to exchange",
        "{key} 象限的技术线至少 {share} 投入用于交流",
    ),
    "exchange_cap": (
        "lines of quadrant {key} give at most {share} of their spend to exchange",
        "{key} 象限的技术线至多 {share} 投入用于交流",
    ),
    "mode_cap": ("no line gives more to exchange than its mode allows", "技术线交流不得超过其合作模式所许"),
    "shield": (
        "security and moat lines get at least {share} of the spend in quadrant {key}",
        "{key} 象限投入中安全性与保护带技术至少占 {share}",
    ),
    "near": ("a line at the near threshold counts as near", "差距到达近距门槛的技术线算作近距"),
    "entry": ("a line comes within reach only at the far threshold", "差距未过远距门槛的技术线不能进入可及阶段"),
    "ratchet": ("stages take one step at a time and never go back", "阶段一次一步,不可回退"),
    "exchange_open": ("only lines within reach exchange", "只有可及阶段的技术线可以交流"),
    "requires": ("programme {key} starts after those it requires have ended", "项目 {key} 须在其前置项目结束后启动"),
    "excludes": ("programme {key} does not run beside those it excludes", "项目 {key} 不与其互斥项目并行"),
    "researchers": (
        "programmes employ at most {amount} thousand persons in {key}", "{key} 年各项目至多聘用 {amount} 千名研究人员"
    ),
    "own": ("your constraint {name}", "自加约束 {name}"),
}  # fmt: skip
CALLED = {  # what is changed, as object of 'lower' and 'raise'
    "budget": ("the budget of {key}", "{key} 年预算"),
    "carry": ("what can be carried over (money.carry_share)", "可结转额(money.carry_share)"),
    "ramp": ("money.ramp_step", "money.ramp_step"),
    "line_floor": ("the floor of {line}", "{line} 的下限"),
    "line_cap": ("the cap of {line}", "{line} 的上限"),
    "scale": ("the least scale of {line}", "{line} 的最小规模"),
    "exposure": ("the exposure limit of {key}", "{key} 年敞口上限"),
    "exchange_floor": (
        "the least exchange share (quadrants[{key}].min_exchange)",
        "最少交流份额(quadrants[{key}].min_exchange)",
    ),
    "exchange_cap": (
        "the largest exchange share (quadrants[{key}].max_exchange)",
        "最多交流份额(quadrants[{key}].max_exchange)",
    ),
    "mode_cap": ("the largest exchange of each line", "每条技术线的最多交流"),
    "shield": ("the least shield share (quadrants[{key}].shield_share)", "最少防护份额(quadrants[{key}].shield_share)"),
    "near": ("the gap up to which a line counts as near (diffusion.near)", "算作近距的差距(diffusion.near)"),
    "entry": ("the gap beyond which a line is far (diffusion.far)", "算作远距的差距(diffusion.far)"),
    "researchers": ("the researchers of {key}", "{key} 年研究人员"),
}
WORDS = {
    "feasible": (
        "{name}: feasible. A plan keeps every rule, checked by simulation (objective {value}, not the best; "
        "`kctopt solve` finds that).",
        "{name}:可行。有方案遵守全部规则,已经模拟核验(目标值 {value},非最优;用 kctopt solve 求最优)。",
    ),
    "unknown": (
        "{name}: not decided. Neither a plan nor rules that collide were found in {seconds} s; allow more with "
        "--time-limit.",
        "{name}:未定。{seconds} 秒内既未找到方案,也未找到相互冲突的规则;可用 --time-limit 放宽时限。",
    ),
    "undecided": (
        "{name}: not decided. Neither a plan nor rules that collide were found; the search ended by itself after "
        "{seconds} s.",
        "{name}:未定。既未找到方案,也未找到相互冲突的规则;搜索在 {seconds} 秒后自行结束。",
    ),
    "infeasible": (
        "{name}: infeasible. No plan keeps all rules; {count} found.",
        "{name}:不可行。没有方案能遵守全部规则;找到 {count}。",
    ),
    "conflict": ("These rules cannot hold together:", "以下规则不能同时成立:"),
    "one": ("This rule cannot hold, whatever the others:", "以下规则无论如何不能成立:"),
    "whole": (
        "Only because decisions are whole: in parts they would agree.",
        "冲突只因决策须取整数:若可分割则可同时成立。",
    ),
    "laws": ("Laws of the model at work: {laws}.", "起作用的模型定律:{laws}。"),
    "remedy": ("One of these must give, at least:", "至少其中一项须让步:"),
    "no_remedy": (
        "{what}: by itself no remedy (it would have to give {amount} or more)",
        "{what}:单独让步无济于事(至少须 {amount})",
    ),
    "these_only": (
        " (so that these rules hold together; the rest asks for more)",
        "(仅使上述规则相容;其余规则另有要求)",
    ),
    "not_shown": (
        "{what}: no amount was shown to be enough by itself",
        "{what}:未得出单独让步多少即可",
    ),
    "no_remedies": (
        "none of them is shown to be enough by itself",
        "未得出其中哪一项单独让步即可",
    ),
    "no_amount": ("{what}: by how much was not found in time", "{what}:时限内未求得须让步多少"),
    "unit": (
        "{what} says {times} times what the others leave room for: is its unit right?",
        "{what} 是其余规则所容许的 {times} 倍:单位是否有误?",
    ),
    "unit_small": (
        "{what} leaves room for a {times}th of what the others ask for: is its unit right?",
        "{what} 只容许其余规则所要求的 1/{times}:单位是否有误?",
    ),
    "drop": ("take {what} out", "取消 {what}"),
    "together": ("Least change if all give: {what}.", "共同让步时的最小改变:{what}。"),
    "minimal": (
        "Proven: no plan keeps them all; without any one of them a simulated plan keeps the others.",
        "已证:没有方案能同时遵守;去掉其中任何一条,都有经模拟的方案遵守其余各条。",
    ),
    "single": (
        "Proven: no plan keeps it, even with every other rule left out.",
        "已证:即使去掉其他所有规则,也没有方案能遵守它。",
    ),
    "not_minimal": (
        "Proven that no plan keeps them all. Not proven minimal: not shown to be needed: {names}.",
        "已证没有方案能同时遵守。未证明最小:尚未证明必需的有 {names}。",
    ),
    "not_reduced": (
        "Proven that no plan keeps them all. Not proven minimal: there was no time to look at the others one by one.",
        "已证没有方案能同时遵守。未证明最小:时限内未能逐一考察其余规则。",
    ),
    "rest": (
        "and {count} rules of the model, none of them known to be needed: {families}",
        "以及模型的 {count} 条规则,尚不知是否必需:{families}",
    ),
    "repair": (
        "To have a plan that keeps all the rest: {what} (a simulated plan does).",
        "要有方案遵守其余全部规则:{what}(有经模拟的方案)。",
    ),
    "no_repair": (
        "By how much rules must give for a plan that keeps all the rest was not found.",
        "未求得规则须让步多少才有方案遵守其余全部规则。",
    ),
    "more": (
        "There may be more conflicts behind: the rest of the rules is not known to have a plan.",
        "可能还有其他冲突:尚不知其余规则是否有方案。",
    ),
    "stopped": (
        "Stopped by the time limit of this diagnosis after {seconds} s.",
        "诊断在 {seconds} 秒后因时限而停止。",
    ),
}  # fmt: skip
POLICY = {  # what a policy asks; {on} is what it speaks of, {when} its years
    "floor": ("at least {amount} billion CNY a year{on}{when}", "每年至少 {amount} 十亿元{on}{when}"),
    "cap": ("at most {amount} billion CNY a year{on}{when}", "每年至多 {amount} 十亿元{on}{when}"),
    "total floor": ("at least {amount} billion CNY in total over {span}{on}", "{span} 年合计至少 {amount} 十亿元{on}"),
    "total cap": ("at most {amount} billion CNY in total over {span}{on}", "{span} 年合计至多 {amount} 十亿元{on}"),
    "share": ("a share of {share} of each year's spend{on}{when}", "每年投入占比{share}{on}{when}"),
    "target": (
        "at least {amount} of the rival's capability{on} by the end of {year}{here}",
        "{year} 年末与对手之比至少 {amount}{on}{here}",
    ),
    "dependency": (
        "a dependency of at most {amount}{on} by the end of {year}{here}",
        "{year} 年末依赖度至多 {amount}{on}{here}",
    ),
    "band": ("ratios to the rival of {lines} within {amount} of each other", "{lines} 与对手之比相差至多 {amount}"),
    "least": ("at least {amount}", "至少 {amount}"),
    "most": ("at most {amount}", "至多 {amount}"),
}
ZH_TRACKS = {"strategic": "战略", "substitution": "应急替代", "exchange": "交流合作"}
