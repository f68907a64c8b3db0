"""JSON Schema of a scenario file, made from the records: editors complete and check with it.

A file is either a layer (extends, set, scale, ...) or a full scenario as kctopt writes it (schema_version, ...).
Paths are keys of `set`: those without a list are spelt out, those through a list are patterns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kctopt.scenario.chinese import unit_name
from kctopt.scenario.field_kinds import POLICY_KINDS, Kind, entry_fields, fields
from kctopt.scenario.records import Label, Record, Scenario, Source

Json = dict[str, Any]
SELECTOR = r"(\[[^\]]+\])?"
NOT_BY_PATH = ("schema_version", "name", "label", "intent", "model", "model_sha256", "provenance")
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scenario_schema() -> Json:
    """JSON Schema of a scenario file."""
    whole = Scenario.model_json_schema(ref_template="#/$defs/{model}")
    definitions = whole.pop("$defs")
    definitions["Scenario"] = whole
    definitions["Layer"] = _layer()
    needed: list[type[Record]] = [Source, Label, *POLICY_KINDS.values()]
    for record in needed:
        definition = definitions.setdefault(record.__name__, record.model_json_schema(ref_template="#/$defs/{model}"))
        for name, kind in fields(record).items():
            if kind.form == "text" and not kind.optional:  # a year can be written without quotes
                definition["properties"][name]["type"] = ["string", "number"]
    return {
        "$schema": DIALECT,
        "title": "kctopt scenario",
        "type": "object",
        "if": {"required": ["schema_version"]},
        "then": {"$ref": "#/$defs/Scenario"},
        "else": {"$ref": "#/$defs/Layer"},
        "$defs": definitions,
    }


def _layer() -> Json:
    text = {"type": "string", "minLength": 1}
    properties: Json = {
        "model": {**text, "description": "bundled model, or path of a folder with a model.yaml"},
        "extends": {
            "anyOf": [text, {"type": "array", "items": text, "minItems": 1}],
            "description": "scenario to start from: bundled name or path; several in order",
        },
        "name": {**text, "description": "name in results; the file's name when left out"},
        "label": {"$ref": "#/$defs/Label", "description": "name for people"},
        "intent": {
            "anyOf": [{"type": "string"}, {"$ref": "#/$defs/Label"}],
            "description": "one sentence: what this scenario asks; in one language or in both",
        },
        "set": _paths(_value, "values by path"),
        "scale": _paths(_factor, "factors by path: a number or a whole series is multiplied"),
        "add": _paths(_addition, "by path: a number is added, an entry is appended to a list"),
        "policies": {"type": "array", "items": _policy(), "description": "named rules; one of the same id is replaced"},
        "provenance": {"type": "array", "items": {"$ref": "#/$defs/Source"}},
    }
    nullable = {key: {"anyOf": [schema, {"type": "null"}]} for key, schema in properties.items()}
    either = [{"required": ["extends"]}, {"required": ["model"]}]
    return {"type": "object", "properties": nullable, "additionalProperties": False, "anyOf": either}


def _policy() -> Json:
    remove = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "remove": {"const": True}},
        "required": ["id", "remove"],
        "additionalProperties": False,
    }
    records = dict.fromkeys(record.__name__ for record in POLICY_KINDS.values())
    return {"anyOf": [*({"$ref": f"#/$defs/{name}"} for name in records), remove]}


def _paths(shape: Any, description: str) -> Json:
    """Mapping of paths; `shape(kind)` gives the schema of a value, None where the path cannot be used."""
    plain: Json = {}
    patterns: Json = {}
    for path, pattern, kind in _walk(fields(Scenario), "", "", in_list=False):
        value = shape(kind)
        if value is None:
            continue
        if kind.meaning:
            value = {**value, "description": f"{kind.meaning} ({kind.unit})" if kind.unit else kind.meaning}
        if path:
            plain[path] = value
        else:
            patterns[f"^{pattern}$"] = value
    return {
        "type": "object",
        "properties": plain,
        "patternProperties": patterns,
        "additionalProperties": False,
        "description": description,
    }


def _walk(kinds: Any, path: str, pattern: str, *, in_list: bool) -> Iterator[tuple[str, str, Kind]]:
    """Every path: its plain text (empty when it needs a selector), its pattern and its kind."""
    for name, kind in kinds.items():
        if not pattern and name in NOT_BY_PATH:
            continue
        here = "" if in_list else (f"{path}.{name}" if path else name)
        expression = rf"{pattern}\.{name}" if pattern else name
        yield here, expression, kind
        if kind.form == "record" and kind.record is not None:
            yield from _walk(fields(kind.record), here, expression, in_list=in_list)
        elif kind.form == "series":
            yield "", rf"{expression}\.\d{{4}}", Kind("number", unit=kind.unit, meaning=kind.meaning)
        elif kind.form == "list" and kind.item is not None:
            yield "", rf"{expression}\[[^\]]+\]", kind.item
            yield from _walk(entry_fields(kind.item), "", expression + SELECTOR, in_list=True)


def _value(kind: Kind) -> Json:
    """Schema of a value under `set`."""
    value: Json
    match kind.form:
        case "number":
            value = {"anyOf": [{"type": "number"}, _with_unit(kind)]}
        case "series":
            point: list[Json] = [{"type": "number"}, _with_unit(kind)]
            by_year = {"type": "object", "patternProperties": {r"^\d{4}$": {"anyOf": point}}, "minProperties": 1}
            value = {"anyOf": [*point, {**by_year, "additionalProperties": False}]}
        case "integer" | "flag" | "text":
            value = {"type": {"integer": "integer", "flag": "boolean", "text": ["string", "number"]}[kind.form]}
        case "choice":
            value = {"enum": list(kind.choices)}
        case "list":
            value = {"type": "array"}
        case _:
            inside = {name: _value(field) for name, field in entry_fields(kind).items()}
            value = {"type": "object", "properties": inside, "additionalProperties": False}
    return {"anyOf": [value, {"type": "null"}]} if kind.optional else value


def _factor(kind: Kind) -> Json | None:
    return {"type": "number"} if kind.form in ("number", "integer", "series") else None


def _addition(kind: Kind) -> Json | None:
    if kind.form != "list" or kind.item is None:
        return _factor(kind)
    return {"type": ["array", "object" if entry_fields(kind.item) else "string"]}


def _with_unit(kind: Kind) -> Json:
    """A number in text, followed by the field's own unit in English or Chinese."""
    unit = "|".join(dict.fromkeys((kind.unit, unit_name(kind.unit, "zh"))))
    return {"type": "string", "pattern": rf"^\s*[-+]?[0-9.eE+-]+\s*({unit})\s*$"}
