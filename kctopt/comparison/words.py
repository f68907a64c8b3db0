"""The words of a comparison in English and Chinese; keys and identifiers stay English."""

from __future__ import annotations

from collections.abc import Sequence

from kctopt.result.own import SWITCHED_OFF
from kctopt.result.own_text import short

WORDS: dict[str, tuple[str, str]] = {
    "title": ("{base} against {others}", "{base} 与 {others} 对比"),
    "inputs": ("inputs that differ: {base} -> {other}", "不同的输入：{base} -> {other}"),
    "no_inputs": ("no input differs: the two runs answer the same question", "输入完全相同：两次运行回答同一问题"),
    "only_names": ("no value differs, only names or texts do", "数值相同，仅名称或文字不同"),
    "switched_off": ("switched off", "停用"),
    "input": ("input", "输入"),
    "set_in": ("set in", "设定于"),
    "grade": ("grade", "等级"),
    "unsourced": (
        "Set by the user in {name}, no source stated: {inputs}.",
        "{name} 中由用户设定、未注明来源：{inputs}。",
    ),
    "default": ("default", "默认值"),
    "in_model": ("the model in Python", "Python 中的模型"),
    "points_more": ("… {count} more", "…… 另有 {count} 个"),
    "runs": ("runs", "运行"),
    "run": ("run", "运行"),
    "status": ("status", "状态"),
    "objective": ("objective", "目标值"),
    "bound": ("proven bound", "已证界限"),
    "gap": ("gap", "差距"),
    "verified": ("verified", "核验"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "hash": ("scenario hash", "情景哈希"),
    "version": ("kctopt", "kctopt"),
    "refused": ("not comparable: {other}", "不可比：{other}"),
    "cautions": ("to note: {other}", "注意：{other}"),
    "refuse": (
        "{parts} not subtracted: {reason} is {base} in {base_name} and {other} in {other_name}.",
        "{parts}不相减：{reason} 在 {base_name} 中为 {base}，在 {other_name} 中为 {other}。",
    ),
    "refuse_own": (
        "{parts} not subtracted: what the users changed in the models differs; {base_name}: {base}; "
        "{other_name}: {other}.",
        "{parts}不相减：用户对模型的改动不同；{base_name}：{base}；{other_name}：{other}。",
    ),
    "refuse_plan": (
        "nothing is subtracted: {base_name} is {base}, {other_name} is {other}, and both need a plan.",
        "不相减：{base_name} 为 {base}，{other_name} 为 {other}，两者都须有方案。",
    ),
    "part_objective": ("objective", "目标值"),
    "part_indices": ("indices", "指数"),
    "part_allocation": ("money", "投入"),
    "caution_parameters": (
        "{other} changes parameters of the measure itself ({values}): part of every change is another yardstick.",
        "{other} 改变了度量本身的参数（{values}）：部分变化来自尺度不同。",
    ),
    "caution_state": (
        "capabilities of the base year or weights of lines and domains differ: 100 is not the same state in {base} and "
        "{other}.",
        "基年能力或技术线、领域的权重不同：{base} 与 {other} 中的 100 不是同一状态。",
    ),
    "caution_soft": (
        "the objectives count soft targets or rewards beside national security: {base_value} in {base}, "
        "{other_value} in {other}.",
        "目标值中除国家安全外还计入软目标或奖励：{base} 为 {base_value}，{other} 为 {other_value}。",
    ),
    "caution_limit": (
        "a limit was reached: the gap of {names} is wider than asked.",
        "到达限制：{names} 的差距大于要求。",
    ),
    "caution_unverified": (
        "NOT VERIFIED: {names}; `kctopt verify` names what fails.",
        "未通过核验：{names}；用 kctopt verify 查看原因。",
    ),
    "caution_version": (
        "solved by two versions of kctopt: {base_value} and {other_value}.",
        "由两个 kctopt 版本求解：{base_value} 与 {other_value}。",
    ),
    "caution_analysis": (
        "{base_value}, saved with {base}, was changed since it was written and is left out; `kctopt explain ranges` "
        "computes it again.",
        "随 {base} 保存的 {base_value} 在写入后被改动，未予采用；用 kctopt explain ranges 可重新计算。",
    ),
    "indices": ("indices: {base} -> {other}", "指数：{base} -> {other}"),
    "index": ("index", "指数"),
    "year": ("year", "年份"),
    "delta": ("change", "变化"),
    "percent": ("%", "%"),
    "unit": ("unit", "单位"),
    "within": ("within the gap", "在差距之内"),
    "within_note": (
        "within the gap: too small to say anything. A year's index is exact for these plans; the gaps "
        "certify the objective alone.",
        "在差距之内：变化过小，不足为据。各年指数对现有方案是精确值；差距只证明目标值。",
    ),
    "bracket": (
        "the best objectives differ by {low} to {high}, by the proofs",
        "按证明，两个最优目标值相差 {low} 至 {high}",
    ),
    "security": ("national security", "国家安全"),
    "economic": ("economic power", "经济实力"),
    "military": ("military power", "军事实力"),
    "technology": ("KCT capability", "关键核心技术能力"),
    "loss": ("loss from cut-off", "断供损失"),
    "economy_ratio": ("economy, ratio to rival", "经济，与对手之比"),
    "military_ratio": ("military, ratio to rival", "军事，与对手之比"),
    "allocation": (
        "money, billion CNY: {base} -> {other}, largest change first",
        "投入（十亿元）：{base} -> {other}，变化大者在前",
    ),
    "domain": ("domain", "领域"),
    "type": ("type", "类型"),
    "plan": ("plan", "规划期"),
    "B": ("bottleneck", "瓶颈"),
    "A": ("accelerator", "加速"),
    "M": ("moat", "保护带"),
    "S": ("security", "安全"),
    "programmes": ("programmes", "项目"),
    "total": ("total", "合计"),
    "moved": (
        "{amount} billion CNY stand elsewhere, beside a change of the total by {total}.",
        "{amount} 十亿元改变去向，总额变化 {total}。",
    ),
    "rest": (
        "… and {count} more; kctopt compare --format json has all",
        "…… 另有 {count} 项；kctopt compare --format json 给出全部",
    ),
    "changes": ("stages and decisions: {other}", "阶段与决策：{other}"),
    "no_changes": ("no line changes stage at another time, no decision differs", "各技术线阶段进程与离散决策均相同"),
    "limits": ("limits: {base} -> {other}", "限制：{base} -> {other}"),
    "no_limits": ("no limit began or ceased to bind", "没有限制开始或停止起作用"),
    "rule": ("rule", "规则"),
    "change": ("now", "变化"),
    "years": ("years", "年份"),
    "price": ("price", "影子价格"),
    "began": ("binds", "开始起作用"),
    "ceased": ("no longer binds", "不再起作用"),
    "new": ("new, binds", "新增并起作用"),
    "gone": ("gone, bound", "取消，原起作用"),
    "ranges": ("near-optimal ranges of {base}: {other}", "{base} 的近优范围：{other}"),
    "ranges_inside": (
        "the money of {other} is a near-optimal plan of {base}: it keeps every rule there and loses {lost} % of the "
        "best (up to {near} % counts), so every amount lies in its range.",
        "{other} 的投入是 {base} 的近优方案：遵守其全部规则，"
        "损失最优值的 {lost} %（不超过 {near} %），各项投入均在范围之内。",
    ),
    "ranges_adapted": (
        "near the money of {other} there is a near-optimal plan of {base}: with {moved} % of the money moved it keeps "
        "every rule there and loses {lost} % of the best (up to {near} % counts).",
        "在 {other} 的投入附近有 {base} 的近优方案：移动 {moved} % 的投入后遵守其全部规则，"
        "损失最优值的 {lost} %（不超过 {near} %）。",
    ),
    "ranges_open": (
        "the money of {other} is no near-optimal plan of {base}: it loses {lost} % of the best, more than {near} %, "
        "with {moved} % of the money moved to keep the rules. Single amounts may still lie in their ranges.",
        "{other} 的投入不是 {base} 的近优方案：为遵守规则移动 {moved} % 的投入后，"
        "损失最优值的 {lost} %，超过 {near} %。"
        "个别投入仍可能在范围之内。",
    ),
    "ranges_infeasible": (
        "no plan near the money of {other} was found that keeps the rules of {base}.",
        "在 {other} 的投入附近未找到遵守 {base} 规则的方案。",
    ),
    "ranges_cells": (
        "by the ranges saved with {base} (plans within {near} % of its optimum), {inside} of {count} amounts of "
        "{other} lie in their ranges, {outside} are proven to lie outside, {undecided} are undecided.",
        "按 {base} 已保存的范围（与其最优值相差不超过 {near} % 的方案），{other} 的 {count} 项投入中，"
        "{inside} 项在范围之内，{outside} 项已证在范围之外，{undecided} 项未定。",
    ),
    "ranges_how": (
        "kctopt explain ranges on the run of {base} says for every amount whether it lies in its range.",
        "对 {base} 的运行执行 kctopt explain ranges 后，可逐项说明投入是否在范围之内。",
    ),
    "in_range": ("range", "范围"),
    "range_verdict": ("", ""),
    "below": ("below", "低于范围"),
    "above": ("above", "高于范围"),
    "regret": (
        "regret: what a plan (column) loses under a scenario (row), points of its objective",
        "遗憾值：方案（列）在情景（行）下的损失，以该情景目标值计",
    ),
    "scenario": ("scenario", "情景"),
    "largest": ("largest", "最大"),
    "infeasible": ("infeasible", "不可行"),
    "own": ("own plan", "本情景方案"),
    "kept": ("as planned", "照原方案"),
    "scaled": ("in proportion to the budget", "按预算比例"),
    "mended": ("mended at the least loss", "以最小损失修正"),
    "blended": ("moved towards the best plan", "向最优方案靠近"),
    "regret_choice": (
        "the plan of {plan} has the smallest largest regret: {value}.",
        "{plan} 的方案最大遗憾值最小：{value}。",
    ),
    "regret_left": ("left out, without a plan: {runs}.", "未列入（没有方案）：{runs}。"),
    "regret_none": ("every plan is infeasible under some scenario.", "每个方案都在某一情景下不可行。"),
    "regret_how": (
        "{scenario} / {plan}: {how}, {moved} % of the money moved. As planned it breaks {rules}. Taken from where it "
        "was planned: {withdrawn} billion CNY{taken}; put elsewhere: {added}{put}.",
        "{scenario} / {plan}：{how}，{moved} % 的投入改变去向。原方案违反 {rules}。撤出 {withdrawn} 十亿元{taken}；"
        "另行投入 {added} 十亿元{put}。",
    ),
    "mend": ("{track} of {domain} {type} {period}, {amount}", "{domain}{type}类 {period} 年{track} {amount}"),
    "mend_most": (" (most: {what})", "（主要为：{what}）"),
    "track_strategic": ("research", "战略研发"),
    "track_substitution": ("substitution", "应急替代"),
    "track_exchange": ("exchange", "交流合作"),
    "regret_bad": (
        "{scenario} / {plan}: infeasible; it breaks {rules}.",
        "{scenario} / {plan}：不可行；违反 {rules}。",
    ),
    "regret_gap": ("* within the gap", "* 在差距之内"),
    "no_regret": ("no regret matrix: {reason}.", "无遗憾值矩阵：{reason}。"),
    "hindrance_one": ("there is one run only", "只有一次运行"),
    "hindrance_plan": (
        "fewer than two runs have a plan; without one: {runs}",
        "有方案的运行不足两个；没有方案的：{runs}",
    ),
    "hindrance_own": (
        "a run keeps rules that its user added to the model, which scenarios do not hold",
        "有运行含用户加入模型的规则，情景中没有这些规则",
    ),
    "hindrance_kind": ("the objective is not national_security in every run", "并非所有运行都以国家安全为目标"),
    "hindrance_shape": ("the runs differ in lines, domains or years", "各运行的技术线、领域或年份不同"),
    "attribution": (
        "what explains the change of the objective: {base} -> {other}",
        "目标值变化的来源：{base} -> {other}",
    ),
    "group": ("changed input", "改变的输入"),
    "explains": ("explains", "解释"),
    "share": ("share", "占比"),
    "proven": ("proven range", "已证范围"),
    "error": ("standard error", "标准误"),
    "in_last": ("of NS in {year}", "{year} 年国家安全"),
    "attribution_exact": (
        "averaged over all orders in which the inputs can change ({solves} certified solves).",
        "对输入改变的所有次序取平均（{solves} 次经证明的求解）。",
    ),
    "attribution_sampled": (
        "averaged over {orders} orders drawn at random ({solves} certified solves).",
        "对随机抽取的 {orders} 种次序取平均（{solves} 次经证明的求解）。",
    ),
}


def word(key: str, lang: str, **values: object) -> str:
    """The word or sentence for `key` in a language."""
    text = WORDS[key][lang == "zh"]
    return text.format(**values) if values else text


def first_of(texts: Sequence[str], lang: str) -> str:
    """The first of some texts, the others counted; - for nothing."""
    more = [word("points_more", lang, count=len(texts) - 1)] if len(texts) > 1 else []
    return " ".join([*texts[:1], *more]) or "-"


def own_text(texts: Sequence[str], lang: str) -> str:
    """What users added to a model, each as Pyomo writes it."""
    return first_of([word("switched_off", lang) if text == SWITCHED_OFF else short(text) for text in texts], lang)
