"""Values and rules of a scenario as people read them: labels and units in their language.

In Chinese a choice or an id has its key in brackets, as a scenario file needs it: 切换（switching）.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kctopt.scenario.chinese import CHOICES, choice_names, unit_name
from kctopt.scenario.field_kinds import Kind, entry_fields, fields, policy_fields
from kctopt.scenario.records import Scenario
from kctopt.scenario.sourced import split

PARTS = {  # of a rule, in Chinese
    "kind": "种类", "domain": "领域", "type": "技术类别", "line": "技术线", "lines": "技术线", "track": "轨道",
    "rung": "梯级", "amount": "金额", "years": "年份", "per": "计法", "min": "最小占比", "max": "最大占比",
    "min_ratio": "与对手之比下限", "max_dependency": "依赖度上限", "by": "达标年（年末）", "soft": "软目标",
    "price": "每单位缺口扣分", "width": "C/R 最大差",
}  # fmt: skip
BARE = ("", "share", "ratio", "year")  # units that are not written behind a number
IDS = {"domain": "domains", "line": "lines", "lines": "lines"}  # parts of a rule that name a record


def shown_value(path: str, value: Any, lang: str) -> str:
    """A value of a scenario by its path, without its unit; numbers keep their digits."""
    kind = _kind_at(path)
    return _shown(value, kind, lang) if kind else str(value)


def shown_rule(stated: Iterable[tuple[str, Any]], scenario: Scenario, lang: str) -> str:
    """What a rule states, by its fields, with labels and units: 领域 人工智能（ai），金额 150 十亿元."""
    zh = lang == "zh"
    parts = []
    for name, value in stated:
        several = value if isinstance(value, tuple) else (value,)
        text = ("、" if zh else " ").join(_part(name, one, scenario, lang) for one in several)
        unit = policy_fields(None)[name].unit
        if text:  # years that are not given are all
            behind = "" if unit in BARE else f" {unit_name(unit, lang)}"
            parts.append(f"{PARTS[name] if zh else name} {text}{behind}")
    return ("，" if zh else ", ").join(parts)


def _part(name: str, value: Any, scenario: Scenario, lang: str) -> str:
    if lang == "zh" and name in IDS:
        label = next((one.label.zh for one in getattr(scenario, IDS[name]) if one.id == value), value)
        return _keyed(label, str(value))
    kind = policy_fields(None)[name]
    return f"{float(value):.6g}" if kind.form == "number" else _shown(value, kind, lang)


def _shown(value: Any, kind: Kind, lang: str) -> str:
    text = str(value)
    if kind.form == "flag":
        text = text.lower()
        return _keyed(CHOICES.get(text, text), text) if lang == "zh" else text
    if kind.form == "choice":
        return _keyed(choice_names(kind.choices).get(text, text), text) if lang == "zh" else text
    return text


def _keyed(label: str, key: str) -> str:
    return key if label == key else f"{label}（{key}）"


def _kind_at(path: str) -> Kind | None:
    """What the field at a path holds; None where the path leads to none."""
    kinds, found = fields(Scenario), None
    for key, _ in split(path):
        if key.isdigit():  # a year of a series
            break
        found = kinds.get(key)
        if found is None:
            return None
        kinds = entry_fields(found.item) if found.item else fields(found.record) if found.form == "record" else {}
    return found
