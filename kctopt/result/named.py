"""Names of settings and rules for readers: labels and meanings in their language, no keys.

`lines[quantum-B].growth` is told as the label of the line and what the field means; a group that explains a change is
told by the one setting in it that differs, or by what the group holds.

On a terminal English readers see the keys that files and options take, others what the keys mean (`setting`, `rule`,
`form`); a report has words in every language (`words=True`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kctopt.language import ENGLISH, LANGUAGES, Texts, entries, translate
from kctopt.naming import Name
from kctopt.scenario.chinese import choice_names, field_meaning
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

RULES: Texts = {
    "money.budget": "money spent within the budget of the year",
    "money.carry": "money carried over to the next year",
    "money.ramp": "growth of a line's spend in a year",
    "money.line_floor": "least spend of the line",
    "money.line_cap": "largest spend of the line",
    "quadrants.exchange_cap": "largest share of exchange in the line's quadrant",
    "quadrants.exchange_floor": "least share of exchange in the line's quadrant",
    "quadrants.exposure": "exposure of all exchange, by sensitivity",
    "quadrants.shield": "share of the quadrant's spend on moat and security",
    "switching.near": "capability below the near stage, which the plan keeps the line out of",
    "switching.entry": "capability needed to come within reach",
    "switching.ratchet": "steps between stages",
    "switching.exchange_open": "no exchange outside the reach stage",
    "modes": "limits of the cooperation mode",
    "scale.minimum": "efficient scale of the line",
    "tranches": "steps of the response to money",
    "programmes.start": "a programme starts at most once",
    "programmes.requires": "a programme that must come first",
    "programmes.excludes": "programmes that exclude each other",
    "programmes.researchers": "researchers for programmes",
    "own": "a constraint added to the model",
}

FORMS: Texts = {  # of the laws, and what they are of
    "kct.form": "KCT value",
    "security.form": "national security",
    "diffusion.form": "diffusion",
    "ces": "CES",
    "cobb_douglas": "Cobb-Douglas",
    "leontief": "Leontief",
    "nelson_phelps": "Nelson-Phelps",
    "three_stage": "three stages",
}


def setting(path: str, scenario: Scenario, lang: str, *, words: bool = False) -> str:
    """A setting by its path; one that a user added by code keeps its name."""
    keyed = (lang == ENGLISH and not words) or path.startswith("own.")
    return path if keyed else input_name(scenario, lang, path)


def rule(name: str, scenario: Scenario, lang: str, *, words: bool = False) -> str:
    """A rule, with what it is of."""
    return name if lang == ENGLISH and not words else rule_name(scenario, lang, name)


def family_name(family: str, lang: str) -> str:
    """What the rules of a family say."""
    known = RULES.get(family) or RULES.get(family.partition(".")[0])
    return family if known is None else translate(known, lang)


def number(name: str, scenario: Scenario, lang: str, *, words: bool = False) -> str:
    """A number that has a price: a setting, or the rule that several numbers say."""
    if Name.parse(name).head in RULES:
        return rule(name, scenario, lang, words=words)
    return setting(name, scenario, lang, words=words)


def forms(texts: Iterable[str], lang: str, *, words: bool = False) -> str:
    """Forms of laws, such as `kct.form=ces`, in a sentence: those of one law together."""
    written = LANGUAGES[lang]
    if lang == ENGLISH and not words:
        return written.semicolon.join(texts)
    alone, joint = dict[str, list[str]](), list[str]()
    for text in texts:
        parts = [part.partition("=")[::2] for part in text.split(", ")]
        if len(parts) == 1:
            alone.setdefault(parts[0][0], []).append(_form(parts[0][1], lang))
        else:
            joint.append(" + ".join(_of_law(law, [_form(name, lang)], lang) for law, name in parts))
    return written.semicolon.join([*(_of_law(law, names, lang) for law, names in alone.items()), *joint])


def _of_law(law: str, names: list[str], lang: str) -> str:
    return translate(FORMS[law], lang) + LANGUAGES[lang].colon + LANGUAGES[lang].comma.join(names)


def _form(name: str, lang: str) -> str:
    """A form of a law."""
    return translate(FORMS[name], lang) if name in FORMS else choice_names([name], lang)[name]


def input_name(scenario: Scenario, lang: str, path: str) -> str:
    """A setting in words; the years of a series are left out."""
    parts = split(YEAR.sub("", path))
    if parts[0][0] == "policies":
        field = parts[-1][0] if len(parts) > 1 else ""
        said = entries("rule", lang).get(field, field.replace("_", " "))
        return quoted(parts[0][1], lang) + (LANGUAGES[lang].colon + said if said else "")
    label = _label(scenario, lang, *parts[0]) if parts[0][1] else ""
    meaning = _meaning(parts, lang)
    return LANGUAGES[lang].colon.join(part for part in (label, meaning) if part)


def quoted(id: str, lang: str) -> str:
    """A rule that the user named."""
    return translate("“{id}”", lang, id=id)


def _label(scenario: Scenario, lang: str, table: str, id: str) -> str:
    """The record that a setting belongs to; a domain for `domain=quantum`."""
    column, equal, value = id.partition("=")
    if equal:
        return label_of(scenario, lang, "domains", value) if column == "domain" else value
    return label_of(scenario, lang, table, id) if table in LABELLED else id


def label_of(scenario: Scenario, lang: str, table: str, id: str) -> str:
    """Label of a record of a scenario; its id where there is none."""
    entry = next((entry for entry in getattr(scenario, table) if entry.id == id), None)
    return id if entry is None else str(entry.label.text(lang))


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


def group_name(scenario: Scenario, lang: str, group: str, paths: Iterable[str]) -> str:
    """A group of inputs that changes as one: by the setting in it that differs, where there is one only."""
    if group.startswith("policies[") or "." in group:
        return input_name(scenario, lang, group)
    own = {YEAR.sub("", path) for path in paths if inside(scenario, path, group)}
    if len(own) == 1:
        return input_name(scenario, lang, own.pop())
    return translate(GROUPS[group], lang) if group in GROUPS else group


def inside(scenario: Scenario, path: str, group: str) -> bool:
    """Whether a setting belongs to a group of inputs that changes as one."""
    column = COLUMN.fullmatch(group)
    line = LINE.fullmatch(path)
    if column and line:
        home = {line.id: line.domain for line in scenario.lines}
        return home.get(line["id"]) == column["domain"] and line["field"] == column["field"]
    return path == group or path.startswith((f"{group}.", f"{group}["))


def short(text: str) -> str:
    """A meaning without what is said in brackets behind it."""
    return text.partition(" (")[0].partition("(")[0].partition("（")[0]


def rule_name(scenario: Scenario, lang: str, rule: str) -> str:
    """A rule in words: a policy by its id, others by what they say, behind the label of the record that they are of."""
    name = Name.parse(rule)
    if name.block == "policies":
        return quoted(name.family, lang)
    said = family_name(name.head, lang)
    if said == name.head:
        return str(name)  # a user's own
    tables = ("lines", "quadrants", "domains", "programmes")
    labels = [
        label_of(scenario, lang, table, name.key)
        for table in tables
        if any(one.id == name.key for one in getattr(scenario, table))
    ]
    return LANGUAGES[lang].colon.join([*labels[:1], said])
