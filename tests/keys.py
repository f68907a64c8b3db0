"""The page docs/keys.md: every key of a scenario, from the records. `python tests/keys.py` writes it anew."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import annotated_types
from pydantic.fields import FieldInfo

import kctopt
from kctopt.scenario.record import Label, Record, Series
from kctopt.scenario.records import Scenario

PAGE = Path(__file__).parents[1] / "docs" / "keys.md"
HEAD = """# All keys

Every key of a scenario, with its meaning, unit and symbol in [the model](model.md). [Scenario files](scenario-files.md)
tells how to set them. A key of a record in a list is written with a selector: `lines[domain=quantum].growth`. The last
column of tables of single values is what `kct-2035` has.

Written by `python tests/keys.py` from `kctopt/scenario/records.py`; do not edit by hand."""
SIGNS = {annotated_types.Ge: ("ge", "≥"), annotated_types.Gt: ("gt", ">")}
SIGNS |= {annotated_types.Le: ("le", "≤"), annotated_types.Lt: ("lt", "<")}


def page() -> str:
    """The text of the page."""
    baseline = kctopt.load("baseline")
    single = {name: field for name, field in Scenario.model_fields.items() if set(records(field.annotation)) <= {Label}}
    single.pop("model_sha256")  # kctopt writes it
    parts = [HEAD, *section("The scenario itself", "", Scenario, single, baseline)]
    for name, field in Scenario.model_fields.items():
        if name in single:
            continue
        listed = typing.get_origin(field.annotation) is tuple
        for record in records(field.annotation):
            value = None if listed else getattr(baseline, name)
            path = f"{name}[…]." if listed else f"{name}."
            parts += section(heading(name, record, field), path, record, record.model_fields, value)
    return "\n".join(parts).rstrip() + "\n"


def heading(name: str, record: type[Record], field: FieldInfo) -> str:
    """`name`, with the kind where several records share it."""
    kind = record.model_fields.get("kind")
    several = len(records(field.annotation)) > 1 and kind is not None
    return f"{name}, {' or '.join(typing.get_args(kind.annotation))}" if several and kind else name


def section(title: str, path: str, record: type[Record], fields: dict[str, FieldInfo], value: Any) -> list[str]:
    """Heading, what the record is, and a row for each field."""
    lines = ["", f"## {title}", "", " ".join((record.__doc__ or "").split()), ""]
    shown = value is not None
    lines += ["| key | meaning | unit | symbol | allowed | default |" + (" kct-2035 |" if shown else "")]
    lines += ["|---|---|---|---|---|---|" + ("---|" if shown else "")]
    for name, field, owner in flat(fields, value):
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        cells = [f"`{path}{name}`", field.description or "", extra.get("unit", ""), extra.get("symbol", "")]
        cells += [allowed(field), default(field)]
        lines.append("| " + " | ".join(str(cell) for cell in [*cells, *([told(owner)] if shown else [])]) + " |")
    return lines


def flat(fields: dict[str, FieldInfo], value: Any) -> Iterator[tuple[str, FieldInfo, Any]]:
    """Fields with their values; records inside by their own fields."""
    for name, field in fields.items():
        inner, own = records(field.annotation), getattr(value, name, None)
        if inner and inner[0] is not Label:
            listed = typing.get_origin(field.annotation) is tuple
            for deeper, part, deep in flat(inner[0].model_fields, None if listed else own):
                yield f"{name}{'[…]' if listed else ''}.{deeper}", part, deep
        else:
            yield name, field, own


def records(annotation: Any) -> list[type[Record]]:
    """Records that an annotation names, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return [annotation]
    found = [record for part in typing.get_args(annotation) for record in records(part)]
    return list(dict.fromkeys(found))


def allowed(field: FieldInfo) -> str:
    """Choices or limits."""
    choices = [f"`{choice}`" for choice in literals(field.annotation)]
    limits = [
        f"{SIGNS[type(rule)][1]} {getattr(rule, SIGNS[type(rule)][0]):g}"
        for rule in field.metadata
        if type(rule) in SIGNS
    ]
    parts = [part for part in (field.annotation, *typing.get_args(field.annotation)) if isinstance(part, type)]
    return ", ".join([*choices, *limits, *["by year"] * any(issubclass(part, Series) for part in parts)])


def literals(annotation: Any) -> list[str]:
    """Words that an annotation allows."""
    if typing.get_origin(annotation) is typing.Literal:
        return [word for word in typing.get_args(annotation) if isinstance(word, str)]
    return [word for part in typing.get_args(annotation) for word in literals(part)]


def default(field: FieldInfo) -> str:
    """The value that is taken when none is given."""
    return "" if field.is_required() or field.default in ("", ()) else told(field.default, none="none")


def told(value: Any, none: str = "") -> str:
    """A value as a scenario file writes it."""
    if value is None or isinstance(value, tuple):
        return none
    if isinstance(value, Series):
        points = value.root
        return f"{points:g}" if not isinstance(points, dict) else f"{min(points)}: {points[min(points)]:g} …"
    if isinstance(value, bool):
        return str(value).lower()
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return "…" if " " in text else text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
