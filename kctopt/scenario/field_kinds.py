"""What each field of the records holds, read once from the records themselves.

Loading, path lookup and the JSON Schema of a scenario file all ask here, so that the records stay the only
place where a field is declared.
"""

from __future__ import annotations

import types
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from kctopt.scenario.records import BandPolicy, Label, Record, Scenario, Series, SharePolicy, SpendPolicy, TargetPolicy

POLICY_KINDS: dict[str, type[Record]] = {
    "floor": SpendPolicy,
    "cap": SpendPolicy,
    "share": SharePolicy,
    "target": TargetPolicy,
    "band": BandPolicy,
}

Form = Literal["record", "policy", "list", "series", "number", "integer", "text", "flag", "choice"]


@dataclass(frozen=True)
class Kind:
    """What a field holds: its form, and for a form what is needed to read it."""

    form: Form
    record: type[Record] | None = None  # form record; form text: what a mapping in its place holds
    series: type[Series] | None = None  # form series
    item: Kind | None = None  # form list
    choices: tuple[Any, ...] = ()  # form choice
    optional: bool = False  # null is allowed
    required: bool = True
    default: Any = None
    unit: str = ""
    meaning: str = ""
    bounds: tuple[tuple[str, float], ...] = ()  # such as (("ge", 0), ("le", 1))

    @property
    def scalar(self) -> bool:
        """Whether one cell of a table can hold it."""
        return self.form in ("number", "integer", "text", "flag", "choice")


@cache
def fields(record: type[Record]) -> dict[str, Kind]:
    """Kind of every field of a record."""
    return {name: _of_field(info) for name, info in record.model_fields.items()}


def policy_fields(kind: Any) -> dict[str, Kind]:
    """Fields of a policy of this kind; those of all kinds when the kind is unknown."""
    if isinstance(kind, str) and kind in POLICY_KINDS:
        return fields(POLICY_KINDS[kind])
    records = (BandPolicy, TargetPolicy, SharePolicy, SpendPolicy)
    every = {name: field for record in records for name, field in fields(record).items()}
    return every | {"kind": Kind("choice", choices=tuple(POLICY_KINDS))}


def entry_fields(item: Kind) -> dict[str, Kind]:
    """Fields of an entry of a list; none when its entries are plain values."""
    if item.record is not None:
        return fields(item.record)
    return policy_fields(None) if item.form == "policy" else {}


ROOT = Kind("record", record=Scenario)


def _of_field(info: FieldInfo) -> Kind:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    return replace(
        _of_annotation(info.annotation),
        required=info.is_required(),
        default=None if info.default is PydanticUndefined else info.default,
        unit=str(extra.get("unit", "")),
        meaning=info.description or "",
        bounds=tuple(
            (key, getattr(m, key)) for m in info.metadata for key in ("gt", "ge", "lt", "le") if hasattr(m, key)
        ),
    )


def _of_annotation(annotation: Any) -> Kind:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _of_annotation(arguments[0])
    if origin is Literal:
        return Kind("choice", choices=arguments)
    if origin is tuple:
        return Kind("list", item=_of_annotation(arguments[0]))
    if origin in (Union, types.UnionType):
        inner = [argument for argument in arguments if argument is not type(None)]
        if all(argument in POLICY_KINDS.values() for argument in inner):
            return Kind("policy")
        if inner == [str, Label]:
            return Kind("text", record=Label)
        return replace(_of_annotation(inner[0]), optional=len(inner) < len(arguments))
    return _of_class(annotation)


def _of_class(annotation: Any) -> Kind:
    if issubclass(annotation, Series):
        return Kind("series", series=annotation)
    if issubclass(annotation, Record):
        return Kind("record", record=annotation)
    forms: dict[type, Form] = {bool: "flag", int: "integer", float: "number", str: "text"}
    return Kind(forms[annotation])
