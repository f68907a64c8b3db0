"""Sentences and headings of reports in English and Chinese."""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # the whole
    "report_title": ("R&D allocation plan: {title}", "研发投入规划方案：{title}"),
    "report_titles": ("R&D allocation plans compared: {title}", "研发投入规划方案比较：{title}"),
    "subtitle": (
        "Run {run} of {created}, kctopt {version}. Money in billion CNY at {base}-year prices.",
        "运行 {run}，{created}，kctopt {version}。金额单位为十亿元（{base} 年价格）。",
    ),
    "contents": ("Contents", "目录"),
    "skip": ("Skip to the report", "跳到正文"),
    "figure": ("Figure {number}", "图 {number}"),
    "table": ("Table {number}", "表 {number}"),
    "numbers": ("Numbers of the figure", "图中数据"),
    "scroll": ("{caption} (scrolls sideways)", "{caption}（可左右滚动）"),
    # question
    "question": ("The question", "问题"),
    "intent": ("Intent: {intent}", "意图：{intent}"),
    "scope": (
        "The scenario {name} asks the model {model} how to spend {budget} billion CNY from {first} to {last} on "
        "{lines} technology lines in {domains} domains.",
        "情景 {name} 以模型 {model} 为基础，研究 {first} 至 {last} 年 {budget} 十亿元如何投向 {domains} 个领域的 "
        "{lines} 条技术线。",
    ),
    "aim_national_security": (
        "The aim is national security over the years as high as possible (each year weighs {discount} of the one "
        "before{terminal}).",
        "目标是使各年国家安全的加权和最大（每年权重为上一年的 {discount}{terminal}）。",
    ),
    "terminal": (", the last one {weight} more", "，末年另加 {weight}"),
    "assumed": ("assumption", "假设"),
    "by_user": ("user", "用户设定"),
    "parent": ("parent's figure and source", "上级情景的数值与来源"),
    "aim_min_budget": (
        "The aim is to keep all targets with as little money as possible.",
        "目标是以尽可能少的经费达到全部目标。",
    ),
    "aim_earliest": (
        "The aim is to reach all hard targets as early as possible.",
        "目标是尽早达到全部硬性目标。",
    ),
    "found_scale": ("The plan needs {scale} of the stated budget.", "方案需要给定预算的 {scale}。"),
    "found_year": ("The plan reaches them in {year}.", "方案在 {year} 年达到。"),
    "policies": ("Rules of this scenario", "本情景的规则"),
    "aim_own": (
        "The aim is one that the user of the model set in place of the scenario's: {text}.",
        "目标由模型的用户自行设定，代替情景的目标：{text}。",
    ),
    "own_parts": (
        "The model was changed by its user beyond the scenario. All that follows holds with these changes only:",
        "模型经其用户在情景之外作了改动。本报告的全部内容仅在以下改动之下成立：",
    ),
    "no_policies": ("The scenario adds no rule of its own to those of the model.", "本情景未增加模型之外的规则。"),
    "policy_floor": (
        "at least {amount} billion CNY {per} for {what}, {years}",
        "{years}，{what}{per}投入不少于 {amount} 十亿元",
    ),
    "policy_cap": (
        "at most {amount} billion CNY {per} for {what}, {years}",
        "{years}，{what}{per}投入不超过 {amount} 十亿元",
    ),
    "policy_share": ("{limits} of each year's money for {what}, {years}", "{years}，{what}占每年投入的 {limits}"),
    "policy_target_ratio": (
        "{what}: usable capability of at least {limit} of the rival's by {by}{soft}",
        "{what}：{by} 年前可用能力达到对手的 {limit}{soft}",
    ),
    "policy_target_dependency": (
        "{what}: dependency of at most {limit} by {by}{soft}",
        "{what}：{by} 年前依赖度不超过 {limit}{soft}",
    ),
    "policy_band": (
        "{what}: ratios to the rival within {limit} of each other, {years}",
        "{years}，{what}：与对手之比相互差距不超过 {limit}",
    ),
    "soft": (" (soft: each unit of shortfall costs {price} points)", "（软目标：每单位缺口扣 {price} 点）"),
    "at_least": ("at least {share}", "至少 {share}"),
    "at_most": ("at most {share}", "至多 {share}"),
    "per_year": ("a year", "每年"),
    "per_total": ("in all", "合计"),
    "all_years": ("all planned years", "全部规划年度"),
    "all_lines": ("all lines", "全部技术线"),
    # assumptions
    "assumptions": ("Assumptions that differ from the model", "与模型不同的假设"),
    "no_assumptions": ("The scenario changes no number of the model.", "本情景未改动模型的任何数值。"),
    "unknown_assumptions": (
        "No model was read for this run: the scenario stands in one file or was made in Python, so what it changes is "
        "not recorded. The appendix has every setting.",
        "本次运行未读取模型：情景为单一文件或由 Python 生成，因此没有记录其改动。全部设定见附录。",
    ),
    "assumptions_lead": (
        "Set by the scenario or on the command line: {count}. All other values are the model's (see the "
        "appendix). Grades: A read in the source, B second-hand, C derived, assumption: ours, user: set without a "
        "source.",
        "{count} 项由情景或命令行设定，其余均为模型的数值（见附录）。等级：A 直接读取，B 二手，C 推导，假设为本项"
        "目设定，用户设定为未注明来源的改动。",
    ),
    "assumptions_table": ("Settings that differ from the model", "与模型不同的设定"),
    "path": ("setting", "设定项"),
    "value": ("value", "数值"),
    "unit": ("unit", "单位"),
    "grade": ("grade", "等级"),
    "source": ("source", "来源"),
    "note": ("note", "说明"),
    "origin": ("set in", "设定位置"),
    # plan
    "plan_chapter": ("The plan: what money goes where", "方案：资金投向"),
    "spent": (
        "From {first} to {last} the plan spends {spent} of the {budget} billion CNY available ({share}).",
        "{first} 至 {last} 年，方案投入 {spent} 十亿元，占可用 {budget} 十亿元的 {share}。",
    ),
    "by_domain": ("By domain: {parts}.", "按领域：{parts}。"),
    "by_type": ("By type: {parts}.", "按类型：{parts}。"),
    "by_track": ("By track: {parts}.", "按轨道：{parts}。"),
    "share_moves": (
        "Against the shares of {base}, {up} gains most ({gain} points of share) and {down} gives up most ({loss}).",
        "与 {base} 年的份额相比，{up}增加最多（{gain} 个百分点），{down}减少最多（{loss}）。",
    ),
    "heat_table": ("Money by domain, type and plan, billion CNY", "分领域、分类型、分规划期投入（十亿元）"),
    "allocation_table": ("Money by domain and year, billion CNY", "分领域、分年度投入（十亿元）"),
    "flows_table": (
        "Money by domain and type, all planned years, billion CNY",
        "全部规划年度分领域、分类型投入（十亿元）",
    ),
    "tracks_table": ("Money by track and plan, billion CNY", "分轨道、分规划期投入（十亿元）"),
    "lines_table": ("Money by line, billion CNY a year", "各技术线年均投入（十亿元/年）"),
    "domain": ("domain", "领域"),
    "line": ("line", "技术线"),
    "type": ("type", "类型"),
    "plan_period": ("plan", "规划期"),
    "mean_in": ("mean {plan}", "{plan} 年均"),
    # gaps
    "gaps_chapter": ("When gaps close", "差距何时缩小"),
    "stage_counts": (
        "In {year}, {far} lines are far, {reach} within reach and {near} near.",
        "{year} 年，远距 {far} 条、可及 {reach} 条、近距 {near} 条。",
    ),
    "advances": ("Lines that come closer a stage: {items}.", "阶段前进的技术线：{items}。"),
    "falls": ("Lines that fall back a stage: {items}.", "阶段后退的技术线：{items}。"),
    "no_stage_change": ("No line changes its stage.", "没有技术线改变阶段。"),
    "to_stage": ("{line} ({stage}, {year})", "{line}（{year} 年，{stage}）"),
    "crossed": ("Lines that catch up with the rival: {items}.", "追平对手的技术线：{items}。"),
    "lost_lead": ("Lines that lose their lead: {items}.", "失去领先的技术线：{items}。"),
    "at_year": ("{line} ({year})", "{line}（{year} 年）"),
    "widening": (
        "The gap of {count} of {all} lines is wider in {last} than in {base}: {items}.",
        "{all} 条技术线中有 {count} 条在 {last} 年的差距大于 {base} 年：{items}。",
    ),
    "gaps_table": (
        "Relative gap to the rival (below 0: lead) and stage by line",
        "各技术线与对手的相对差距（低于 0 为领先）与阶段",
    ),
    "gap_in": ("gap {year}", "{year} 年差距"),
    "stage_in": ("stage {year}", "{year} 年阶段"),
    # worth
    "worth_chapter": ("What it is worth", "方案的价值"),
    "rise": (
        "National security goes from {first} in {base} to {last} in {end}.",
        "国家安全指数由 {base} 年的 {first} 变为 {end} 年的 {last}。",
    ),
    "three_parts": (
        "Its three parts in {end}: economic power {economic}, military power {military}, KCT capability "
        "{technology} ({base} = 100).",
        "{end} 年三个组成部分：经济实力 {economic}，军事实力 {military}，关键核心技术能力 {technology}（{base} 年"
        " = 100）。",
    ),
    "contributions": (
        "Of the change of {change} points, {economic} come from economic power, {military} from military power and "
        "{technology} from KCT capability.",
        "变化的 {change} 点中，经济实力贡献 {economic}，军事实力贡献 {military}，关键核心技术能力贡献 {technology}。",
    ),
    "cut_off": (
        "Where supply is cut off as far as the controls say, economic power loses {last} points in {end}; in "
        "{base} it is {first}.",
        "在管制所设的断供程度下，{end} 年经济实力损失 {last} 点，{base} 年为 {first} 点。",
    ),
    "worth_table": ("Indices in the base year and at the end of each plan", "基年与各规划期末的指数"),
    "security_table": (
        "National security and its parts by year, base year = 100",
        "国家安全及其组成部分逐年数值（基年 = 100）",
    ),
    "index": ("index", "指数"),
    "certificate": ("How good the plan is, proven", "方案优劣的证明"),
    "proof_max": (
        "No plan that keeps all rules can be worth more than {bound}: that is proven. This plan is worth "
        "{objective}. At most {gap} of its worth could still be gained by another plan.",
        "已证明：任何满足全部规则的方案，其价值不超过 {bound}。本方案价值 {objective}，其他方案至多再提高 {gap}。",
    ),
    "proof_min": (
        "No plan that keeps all rules can cost less than {bound} billion CNY: that is proven. This plan costs "
        "{objective}. At most {gap} of its cost could still be saved by another plan.",
        "已证明：任何满足全部规则的方案，其费用不低于 {bound} 十亿元。本方案费用 {objective}，其他方案至多再节省 "
        "{gap}。",
    ),
    "no_bound": (
        "No bound was proven: how far this plan is from the best one is not known.",
        "未能证明界限：本方案与最优方案的距离未知。",
    ),
    "difference_counts": (
        "Differences between plans that are smaller than this say nothing.",
        "方案之间小于此幅度的差别没有意义。",
    ),
    "status_optimal": (
        "The proof is as tight as was asked ({asked}).",
        "证明达到所要求的精度（{asked}）。",
    ),
    "status_limit": (
        "The search ended by itself before the proof was as tight as asked ({asked}): a better plan may exist.",
        "求解在达到所要求的精度（{asked}）之前自行结束：可能存在更好的方案。",
    ),
    "status_timed_out": (
        "The search was stopped by its time limit of {limit} s before the proof was as tight as asked ({asked}): a "
        "better plan may exist. The bound had no more time than the plan, so that its distance says how far both had "
        "come, not how much better a plan can be.",
        "求解在达到所要求的精度（{asked}）之前因 {limit} 秒的时间限制停止：可能存在更好的方案。界限与方案的时间一样短，"
        "两者之差只说明进行到何处，而非方案还能好多少。",
    ),
    "status_interrupted": ("The search was interrupted: a better plan may exist.", "求解被中断：可能存在更好的方案。"),
    "status_infeasible": ("It is proven that no plan keeps all rules.", "已证明没有方案能满足全部规则。"),
    "status_fault": (
        "The plan is better than its proven bound, which cannot be: one of the two is false. This is a fault of "
        "kctopt; use neither number.",
        "本方案优于其已证界限，这不可能：两者必有一个是错的。这是 kctopt 的毛病，两个数都不要使用。",
    ),
    "status_no_plan": ("No plan was found before the time limit.", "在时间限制内未找到方案。"),
    "why": ("Why there is no plan", "为何没有方案"),
    "no_diagnosis": (
        "Which rules collide is not saved with this run; kctopt diagnose names them, for the scenario {name}.",
        "运行中没有保存冲突诊断；对情景 {name} 执行 kctopt diagnose 可得出相互冲突的规则。",
    ),
    "no_plan_told": ("There is no plan to report. {status}", "没有可报告的方案。{status}"),
    "verified_told": (
        "The plan was put through the exact laws by a simulator that shares no code with the optimiser; it keeps "
        "every rule and is worth what is stated.",
        "方案已由与优化程序互不共用代码的模拟器按精确规律核验：满足全部规则，价值与所述一致。",
    ),
    "unverified_told": (
        "NOT VERIFIED: the simulator finds that this plan breaks a rule or is not worth what is stated. Do not "
        "use it. The command kctopt verify names what fails.",
        "未通过核验：模拟器发现本方案违反规则或价值与所述不符，请勿使用。kctopt verify 可列出问题。",
    ),
    # firmness
    "firm": ("How firm the plan is", "方案的稳健程度"),
    "no_analyses": (
        "What other plans are nearly as good, at which values this one changes in kind, and whether it survives "
        "other forms of the laws has not been worked out for this run. The commands of kctopt explain do that for "
        "{run}; a report made afterwards tells what they find.",
        "尚未分析：哪些其他方案几乎同样好、参数取何值时方案性质改变、结论在其他形式下是否成立。kctopt explain 的"
        "各命令可对 {run} 进行分析，之后生成的报告将在此列出结果。",
    ),
    "prices_table": (
        "What one more unit of a number of the scenario is worth, {unit}",
        "情景的各个数值每增加一个单位的价值（{unit}）",
    ),
    "analysis_changed": (
        "{place}, saved with the run, was changed since it was written and is left out; the command that made it "
        "computes it again.",
        "随运行保存的 {place} 在写入后被改动，未予采用；用生成它的命令可重新计算。",
    ),
    "no_ranges": (
        "Which amounts every plan near the optimum must give, may give or never gives is not worked out for this run; "
        "kctopt explain ranges {run} does that.",
        "尚未计算接近最优的方案必投、可投、不投的范围；kctopt explain ranges {run} 可得出。",
    ),
    "other_analysis": (
        "The analysis {name} is saved with the run; kctopt explain {name} {run} shows it.",
        "分析 {name} 已随运行保存；kctopt explain {name} {run} 可显示其结果。",
    ),
    "forms_lead": (
        "Under {count} other forms of KCT value, national security and diffusion, {kept} of {all} conclusions of "
        "this plan hold. All forms are hypotheses of ours. What holds under all of them:",
        "在关键核心技术价值、国家安全与扩散的 {count} 种其他形式下，本方案 {all} 条结论中有 {kept} 条成立。所有形"
        "式均为我们的假设。始终成立的有：",
    ),
    "none_survives": ("none", "无"),
    "forms_change": ("What changes with the form:", "随形式而变的有："),
    # rules
    "binding": ("What binds", "起约束作用的规则"),
    "binding_lead": (
        "A price is what one more unit on the limit of a rule would change the objective by, for small changes. "
        "Each rule and line is shown in its dearest year; the dearest come first.",
        "影子价格为规则界限放宽一个单位时目标值的变化（小幅变化时成立）。每条规则与技术线只列价格最高的年份，由高"
        "到低。",
    ),
    "binding_fixed": (
        "They hold while the discrete decisions stay as they are.",
        "上述价格以离散决策保持不变为前提。",
    ),
    "binding_table": ("Rules with the highest prices", "影子价格最高的规则"),
    "no_prices": (
        "No rule carries a price: nothing but the laws limits this plan.",
        "没有规则带有影子价格：方案仅受模型规律限制。",
    ),
    "rule": ("rule", "规则"),
    "meaning": ("what it says", "含义"),
    "limit_column": ("limit", "界限"),
    "price_unit": ("points for each", "每单位"),
    # decisions
    "decisions_chapter": ("Discrete decisions", "离散决策"),
    "no_decisions": ("The plan takes no discrete decision.", "本方案没有离散决策。"),
    # comparison
    "comparison": ("The plans side by side", "方案对照"),
    "comparison_money": (
        "Money of all planned years by domain and type, billion CNY",
        "全部规划年度分领域、分类型投入（十亿元）",
    ),
    "comparison_lead": (
        "{count} runs. Differences smaller than the gaps of the runs say nothing.",
        "共 {count} 个运行。小于各运行差距的差别没有意义。",
    ),
    "dumbbell_title": ("Money by domain and type in two plans", "两个方案分领域、分类型投入对比"),
    "dumbbell_described": (
        "{title} and {other}: pairs of points joined by a line, one pair a domain and type with the largest "
        "changes first, in billion CNY over all planned years.",
        "{title} 与 {other}：每个领域和类型一对点并以线相连，按变化大小排列，单位为全部规划年度十亿元。",
    ),
    # appendix
    "appendix": ("Appendix: every assumption and its source", "附录：全部假设及其来源"),
    "appendix_lead": (
        "{count} settings. Values of several years are in one row. An empty source means that none is recorded.",
        "共 {count} 项。多个年份的数值合为一行。来源为空表示没有记录。",
    ),
    "appendix_folder": (
        "Places without a folder are files of the model, in {folder}.",
        "未注明目录的位置为模型目录 {folder} 中的文件。",
    ),
    "source_number": ("source no.", "来源编号"),
    "sources_table": ("Sources", "来源"),
    "appendix_table": ("Settings, sources and grades", "设定、来源与等级"),
    "appendix_other": ("Settings of {title} that differ from {first}", "{title} 与 {first} 不同的设定"),
    "record": ("Appendix: how this was computed", "附录：计算记录"),
    "record_table": ("Record of the run", "运行记录"),
    "item": ("item", "项目"),
    "command": ("command", "命令"),
    "created": ("computed", "计算时间"),
    "versions": ("versions", "版本"),
    "seconds": ("time", "用时"),
    "scenario_hash": ("SHA-256 of {file}", "{file} 的 SHA-256"),
}  # fmt: skip

RULES: dict[str, tuple[str, str]] = {
    "money.budget": ("money spent within the budget of the year", "年度投入不超过预算"),
    "money.carry": ("money carried over to the next year", "结转下年的经费上限"),
    "money.ramp": ("growth of a line's spend in a year", "技术线年度投入的增长上限"),
    "money.line_floor": ("least spend of the line", "技术线的最低投入"),
    "money.line_cap": ("largest spend of the line", "技术线的最高投入"),
    "quadrants.exchange_cap": ("largest share of exchange in the line's quadrant", "所在象限的交流投入上限"),
    "quadrants.exchange_floor": ("least share of exchange in the line's quadrant", "所在象限的交流投入下限"),
    "quadrants.exposure": ("exposure of all exchange, by sensitivity", "按敏感度加权的交流敞口上限"),
    "quadrants.shield": ("share of the quadrant's spend on moat and security", "象限中保护带与安全类投入的最低份额"),
    "switching.near": (
        "capability below the near stage, which the plan keeps the line out of",
        "保持在近距阶段之外的能力上限",
    ),
    "switching.entry": ("capability needed to come within reach", "进入可及阶段所需能力"),
    "switching.ratchet": ("steps between stages", "阶段变化的步长"),
    "switching.exchange_open": ("no exchange outside the reach stage", "可及阶段之外不得开展交流"),
    "modes": ("limits of the cooperation mode", "合作模式的限制"),
    "scale.minimum": ("efficient scale of the line", "技术线的有效规模"),
    "tranches": ("steps of the response to money", "投入响应的分段"),
    "programmes.start": ("a programme starts at most once", "项目至多启动一次"),
    "programmes.requires": ("a programme that must come first", "前置项目"),
    "programmes.excludes": ("programmes that exclude each other", "互斥项目"),
    "programmes.researchers": ("researchers for programmes", "项目可用研究人员"),
    "own": ("a constraint added to the model", "用户加入模型的约束"),
}  # fmt: skip
