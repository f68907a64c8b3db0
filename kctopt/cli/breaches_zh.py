"""Broken rules as the simulator tells them, in Chinese by their English template; `{}` stands for what differs."""

from __future__ import annotations

import re
from itertools import product

ON = (  # what a policy is on
    (" on rung {}", "梯级 {} 的"), (" on {}", "技术线 {} 的"), (" on {} lines", "{:}技术的"), (" in {}", "{} 领域"),
)  # fmt: skip


def subjects() -> dict[str, str]:
    """What a policy speaks of, with and without each part: 'strategic spend on rung 2 in chips'."""
    found = {}
    for track, *chosen in product((False, True), repeat=len(ON) + 1):
        parts = [part for part, there in zip(ON, chosen, strict=True) if there]
        told = [re.sub(r"\{(:?)\}", rf"{{{n}\1}}", words) for n, (_, words) in enumerate(parts, start=int(track))]
        english = "{} spend" if track else "spend"
        found[english + "".join(text for text, _ in parts)] = "".join(reversed(told)) + (
            "{0:}投入" if track else "投入"
        )
    return found


SPENT = {
    f"spend of {{}}{programmes}{carried}": "投入 {}"
    + bool(programmes) * "、项目与换模式的费用 {}"
    + bool(carried) * "、结转 {}"
    for programmes, carried in product(("", " and {} for programmes and changes of mode"), ("", " and {} carried out"))
}

TEMPLATES: dict[str, str] = subjects() | SPENT | {
    # parts of sentences
    "strategic": "战略", "substitution": "应急替代", "exchange": "交流合作",
    "bottleneck": "瓶颈", "accelerator": "加速", "moat": "保护带", "security": "安全", "far": "远距",
    "within reach": "可及", "near": "近距", "{}-{}": "{}-{}", "{} and {}": "{} 和 {}",
    "the budget of {}": "预算 {}", "the budget of {} and {} carried in": "预算 {} 与转入 {} 之和",
    # money
    "{}, {}: {}; off by {} billion CNY": "{}，{} 年：{}；相差 {} 十亿元",
    "{}, {}: {} spend is {} billion CNY: money cannot be negative": "{}，{} 年：{:}投入为 {} 十亿元：资金不能为负",
    "{}, {}: {} spend is not a number": "{}，{} 年：{:}投入不是数",
    "{}, {}: strategic {} spend is {} billion CNY: money cannot be negative":
        "{}，{} 年：梯级 {} 的战略投入为 {} 十亿元：资金不能为负",
    "{}, {}: strategic {} spend is not a number": "{}，{} 年：梯级 {} 的战略投入不是数",
    "{}: {} exceeds {} by {} billion CNY": "{} 年：{:}，超出{}，多 {} 十亿元",
    "{}: {} billion CNY carried out where 0 to {} may be": "{} 年：结转 {} 十亿元，可结转 0 至 {}",
    "spend grows from {} to {}, at most {} can be absorbed (ramp)": "投入由 {} 增至 {}，最多可到 {}（爬坡）",
    "spend of {} is below the line's floor of {}": "投入 {} 低于该技术线的下限 {}",
    "spend of {} is above the line's cap of {}": "投入 {} 高于该技术线的上限 {}",
    # policies
    "policy {}, {}: {} is {} billion CNY, at least {} is asked; short by {}":
        "规则 {}，{} 年：{:}为 {} 十亿元，至少须 {}；差 {}",
    "policy {}, {}: {} is {} billion CNY, at most {} is asked; over by {}":
        "规则 {}，{} 年：{:}为 {} 十亿元，至多可 {}；超 {}",
    "policy {}, {}: {} is {} of the year's spend, at least {} is asked; short by {} billion CNY":
        "规则 {}，{} 年：{:}占当年投入的 {}，至少须 {}；差 {} 十亿元",
    "policy {}, {}: {} is {} of the year's spend, at most {} is asked; over by {} billion CNY":
        "规则 {}，{} 年：{:}占当年投入的 {}，至多可 {}；超 {} 十亿元",
    "policy {}, {}, end of {}: the ratio to the rival is {}, at least {} is asked; off by {}":
        "规则 {}，{}，{} 年末：与对手之比为 {}，至少须 {}；相差 {}",
    "policy {}, {}, end of {}: dependency is {}, at most {} is asked; off by {}":
        "规则 {}，{}，{} 年末：依赖度为 {}，至多可 {}；相差 {}",
    "policy {}, {}: {} stands at {} of the rival, {} at {}; at most {} may lie between them; off by {}":
        "规则 {}，{} 年：{} 为对手的 {}，{} 为 {}；两者至多可差 {}；相差 {}",
    # exchange
    "exchange of {} is below the least {} ({} quadrant, spend {})": "交流合作 {} 低于下限 {}（{} 象限，投入 {}）",
    "exchange of {} is below the least {} ({} quadrant, {} mode, spend {})":
        "交流合作 {} 低于下限 {}（{} 象限，{} 模式，投入 {}）",
    "exchange of {} is above the most {} ({} quadrant, spend {})": "交流合作 {} 高于上限 {}（{} 象限，投入 {}）",
    "exchange of {} is above the most {} ({} quadrant, {} mode, spend {})":
        "交流合作 {} 高于上限 {}（{} 象限，{} 模式，投入 {}）",
    "{} quadrant, {}: security and moat lines receive {} billion CNY, at least {} ({}) is asked; short by {}":
        "{} 象限，{} 年：安全与保护带技术得 {} 十亿元，至少须 {}（{}）；差 {}",
    "{}: exchange weighted by sensitivity is {} billion CNY, at most {} may be exposed; over by {}":
        "{} 年：按敏感性加权的交流合作为 {} 十亿元，敞口至多可 {}；超 {}",
    "{}, {}: exchange of {} billion CNY while the line is {}; only lines within reach exchange":
        "{}，{} 年：交流合作 {} 十亿元，而该技术线为{:}；只有可及阶段的技术线可以交流",
    # stages and restraint
    "{}, {}: restraint on rung {} is {} index points: it cannot be negative":
        "{}，{} 年：梯级 {} 的克制为 {} 指数点：不能为负",
    "{}, {}: restraint on rung {} is not a number": "{}，{} 年：梯级 {} 的克制不是数",
    "{}, {}: restraint of {} index points on rung {} of a line that is in no band, and it is near in the base year":
        "{}，{} 年：梯级 {3} 的克制为 {2} 指数点，而该技术线不在协同带内，且基准年已为近距",
    "{}, {}: restraint of {} index points on rung {} of a line that is in no band, and stages do not switch":
        "{}，{} 年：梯级 {3} 的克制为 {2} 指数点，而该技术线不在协同带内，且阶段不切换",
    "{}: {} at the first review, where the base year makes it {}": "{}：首个评估点为{:}，而按基准年应为{:}",
    "{}, review of {}: capability of {} is above {}, where a line is near, but the stage is {}; over by {} index "
    "points":
        "{}，{} 年评估点：能力 {} 高于 {}，应为近距，而阶段为{:}；超 {} 指数点",
    "{}, review of {}: capability of {} is below {}, where a line is far, but the stage is {}; short by {} index "
    "points":
        "{}，{} 年评估点：能力 {} 低于 {}，应为远距，而阶段为{:}；差 {} 指数点",
    "{}, review of {}: from {} to {}, but stages do not go back (ratchet)":
        "{}，{} 年评估点：由{:}到{:}，而阶段不可回退",
    "{}, review of {}: from {} to {}, but stages take one step at a time (ratchet)":
        "{}，{} 年评估点：由{:}到{:}，而阶段一次只进一步",
    # scale and programmes
    "{}, plan {}: spend of {} in {} is below the efficient scale of {}, and the line is not off ({} in {}); short by "
    "{} billion CNY":
        "{}，规划 {}：{3} 年投入 {2} 低于有效规模 {4}，而该技术线并未停止（{6} 年 {5}）；差 {7} 十亿元",
    "programme {}: starts in {}, once is allowed": "项目 {}：在 {} 年启动，只可启动一次",
    "programme {}: starts in {}, it can from {} to {}": "项目 {}：{} 年启动，可启动的年份为 {} 至 {}",
    "programme {}: starts in {} and ends after {}, the last planned year": "项目 {}：{} 年启动，结束晚于规划末年 {}",
    "programme {}: runs {} routes, at most {} can": "项目 {}：并行 {} 条路线，最多可 {} 条",
    "programme {} starts in {}, but {}, which it requires, does not run":
        "项目 {} 于 {} 年启动，而其所需的 {} 并未进行",
    "programme {} starts in {}, but {}, which it requires, ends with {}":
        "项目 {} 于 {} 年启动，而其所需的 {} 到 {} 年末才结束",
    "programmes {} and {} both run, but exclude each other": "项目 {} 与 {} 同时进行，而两者互斥",
    "{}: programmes employ {} thousand persons, {} there are; over by {}":
        "{} 年：各项目聘用 {} 千人，现有 {} 千人；超 {}",
    # of the user
    "{}: {} does not hold; off by {}": "{}：{} 不成立；相差 {}", "{} does not hold; off by {}": "{} 不成立；相差 {}",
    "{}: {} is not whole": "{}：{} 不是整数", "{} is not whole": "{} 不是整数",
}  # fmt: skip
