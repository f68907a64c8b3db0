"""Names of settings for readers: labels and meanings in their language, no keys.

`lines[quantum-B].growth` is told as the label of the line and what the field means; a group that explains a change is
told by the one setting in it that differs, or by what the group holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kctopt.language import ENGLISH, Texts, entries, translate
from kctopt.report.view import View
from kctopt.scenario.chinese import field_meaning
from kctopt.scenario.field_kinds import Kind, entry_fields, fields
from kctopt.scenario.records import Scenario
from kctopt.scenario.sourced import split

LABELLED = ("domains", "lines", "rungs", "quadrants", "programmes", "modes")
YEAR = re.compile(r"\.\d{4}$")
COLUMN = re.compile(r"lines\[domain=(?P<domain>.+)\]\.(?P<field>\w+)")
LINE = re.compile(r"lines\[(?P<id>[^\]]+)\]\.(?P<field>\w+)")
GROUPS: Texts = {
    "stages": "form of the stages",
    "switching": "rules of switching stages",
    "horizon": "years planned",
    "budget": "money available",
    "money": "limits on spending",
    "domains": "domains",
    "lines": "data of technology lines",
    "rungs": "the three rungs of capability",
    "calibration": "calibration",
    "spillovers": "spillovers between domains",
    "knowledge": "production of knowledge",
    "substitution": "emergency substitution",
    "rival": "the rival's progress",
    "controls": "controls on supply",
    "diffusion": "diffusion and stages",
    "quadrants": "limits of exchange by quadrant",
    "cooperation": "cooperation and its exposure",
    "cut_off": "loss from a cut-off",
    "kct": "value of key core technologies",
    "economy": "economic power",
    "military": "military power",
    "security": "weights of national security",
    "objective": "the aim",
    "modes": "cooperation modes",
    "tranches": "response to money",
    "catalogue": "catalogue of programmes",
    "programmes": "programmes",
    "policies": "rules of the scenario",
}


def input_name(view: View, path: str) -> str:
    """A setting in words; the years of a series are left out."""
    parts = split(YEAR.sub("", path))
    if parts[0][0] == "policies":
        field = parts[-1][0] if len(parts) > 1 else ""
        said = entries("rule", view.lang).get(field, field.replace("_", " "))
        return view.text("rule_named", id=parts[0][1]) + (view.colon + said if said else "")
    label = _label(view, *parts[0]) if parts[0][1] else ""
    meaning = _meaning(parts, view.lang)
    return view.colon.join(part for part in (label, meaning) if part)


def _label(view: View, table: str, id: str) -> str:
    """The record that a setting belongs to; a domain for `domain=quantum`."""
    column, equal, value = id.partition("=")
    if equal:
        return view.label("domains", value) if column == "domain" else value
    return view.label(table, id) if table in LABELLED else id


def _meaning(parts: list[tuple[str, str]], lang: str) -> str:
    """What the last field of a path means."""
    keys = [key for key, _ in parts]
    if lang != ENGLISH and (told := field_meaning(".".join(keys), lang)):
        return told
    kinds, kind = fields(Scenario), Kind("text")
    for key in keys:
        if key not in kinds:
            break
        kind = kinds[key]
        kinds = entry_fields(kind.item) if kind.item else fields(kind.record) if kind.record else {}
    if lang == ENGLISH and kind.meaning:
        return kind.meaning
    last = GROUPS.get(keys[-1]) if len(keys) == 1 else None
    return translate(last, lang) if last else keys[-1].replace("_", " ")


def group_name(view: View, group: str, paths: Iterable[str]) -> str:
    """A group of inputs that changes as one: by the setting in it that differs, where there is one only."""
    if group.startswith("policies[") or "." in group:
        return input_name(view, group)
    own = {YEAR.sub("", path) for path in paths if inside(view, path, group)}
    if len(own) == 1:
        return input_name(view, own.pop())
    return translate(GROUPS[group], view.lang) if group in GROUPS else group


def inside(view: View, path: str, group: str) -> bool:
    """Whether a setting belongs to a group of inputs that changes as one."""
    column = COLUMN.fullmatch(group)
    line = LINE.fullmatch(path)
    if column and line:
        home = {line.id: line.domain for line in view.scenario.lines}
        return home.get(line["id"]) == column["domain"] and line["field"] == column["field"]
    return path == group or path.startswith((f"{group}.", f"{group}["))


def short(text: str) -> str:
    """A meaning without what is said in brackets behind it."""
    return text.partition(" (")[0].partition("(")[0].partition("（")[0]
