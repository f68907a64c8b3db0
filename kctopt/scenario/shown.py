"""Values and rules of a scenario as people read them: labels and units in their language.

In Chinese a choice or an id has its key in brackets, as a scenario file needs it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kctopt.language import ENGLISH, LANGUAGES, entries
from kctopt.scenario.chinese import choice_names, shown_amount, shown_unit, unit_name
from kctopt.scenario.field_kinds import Kind, entry_fields, fields, policy_fields
from kctopt.scenario.records import Scenario
from kctopt.scenario.sourced import split

BARE = ("", "share", "ratio", "year")  # units that are not written behind a number
IDS = {"domain": "domains", "line": "lines", "lines": "lines"}  # parts of a rule that name a record


def shown_value(path: str, value: Any, lang: str) -> str:
    """A value of a scenario by its path, without its unit; numbers keep their digits."""
    kind = _kind_at(path)
    return _shown(value, kind, lang) if kind else str(value)


def unit_at(path: str) -> str:
    """The unit of the field at a path; empty where it has none, or a number needs none behind it."""
    if path.startswith("policies["):
        kind = policy_fields(None).get(split(path)[-1][0])
    else:
        kind = _kind_at(path)
    return "" if kind is None or kind.unit in BARE else kind.unit


def shown_rule(stated: Iterable[tuple[str, Any]], scenario: Scenario, lang: str, *, typed: bool = False) -> str:
    """What a rule states, by its fields, with labels and units; `typed` leaves money as files state it."""
    names, joint = entries("rule", lang), " " if lang == ENGLISH else LANGUAGES[lang].comma
    parts = []
    for name, value in stated:
        several = value if isinstance(value, tuple) else (value,)
        unit = policy_fields(None)[name].unit
        parts_of = (_part(name, part, scenario, lang) for part in several)
        text = joint.join(part if typed else shown_amount(part, unit, lang) for part in parts_of)
        if text:  # years that are not given are all
            behind = "" if unit in BARE else f" {unit_name(unit, lang) if typed else shown_unit(unit, lang)}"
            parts.append(f"{names.get(name, name)} {text}{behind}")
    return LANGUAGES[lang].clause.join(parts)


def _part(name: str, value: Any, scenario: Scenario, lang: str) -> str:
    if lang != ENGLISH and name in IDS:
        label = next((entry.label.text(lang) for entry in getattr(scenario, IDS[name]) if entry.id == value), value)
        return _keyed(label, str(value))
    kind = policy_fields(None)[name]
    return f"{float(value):.6g}" if kind.form == "number" else _shown(value, kind, lang)


def _shown(value: Any, kind: Kind, lang: str) -> str:
    text = str(value)
    if kind.form == "flag":
        text = text.lower()
        return _keyed(choice_names(["true", "false"], lang)[text], text)
    if kind.form == "choice":
        return _keyed(choice_names(kind.choices, lang).get(text, text), text)
    return text


def _keyed(label: str, key: str) -> str:
    return key if label == key else f"{label}（{key}）"


def _kind_at(path: str) -> Kind | None:
    """What the field at a path holds; None where the path leads to none."""
    kinds, kind = fields(Scenario), None
    for key, _ in split(path):
        if key.isdigit():  # a year of a series
            break
        kind = kinds.get(key)
        if kind is None:
            return None
        kinds = entry_fields(kind.item) if kind.item else fields(kind.record) if kind.form == "record" else {}
    return kind
