"""Where every value of a scenario comes from: its source, the file and line that set it, and those that say so.

Which row of the scenario's provenance counts for a value is told in `kctopt/scenario/sourced.py`. A value that a user
changed without a source has the grade `user`, with the parent's figure and its source beside it. A number of which no
row speaks is the user's too, or a default of kctopt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import nan
from typing import Any

from pydantic import BaseModel

from kctopt.result.fields import Columns, from_rows
from kctopt.scenario.nodes import DEFAULT
from kctopt.scenario.records import Label, Record, Scenario, Series, Source
from kctopt.scenario.sourced import BY_DEFAULT, BY_USER, OWN_WORDS, PathStep, SourceRows

_SILENT = ("schema_version", "model_sha256", "provenance", "id", "name", "intent", "label")


@dataclass(frozen=True)
class GivenValue:
    """One value of a record; `default` where it is what the record has when nothing is said."""

    steps: tuple[PathStep, ...]
    value: Any
    unit: str
    default: bool

    @property
    def path(self) -> str:
        """Path of the value."""
        return ".".join(step.text for step in self.steps)


def provenance(scenario: Scenario, origin: Mapping[str, str]) -> Columns:
    """The table of provenance; `origin` maps paths to `file:line`."""
    sources = sources_of(scenario.provenance)
    rows = []
    for given in values(scenario):
        path = given.path
        record = source_of(given, sources)
        about = ("", "", "", nan, nan, "", "") if record is None else (
            record.source, record.year, record.grade, *ends(record), record.parent_value or "",
            record.parent_source or "",
        )  # fmt: skip
        stated = (
            "" if record is None or record.source in OWN_WORDS else origin.get(f"provenance[{record.path}].source", "")
        )
        place = origin.get(path, "")
        rows.append((path, text(given.value), given.unit, *about, place, "" if stated == str(DEFAULT) else stated))
    return from_rows("provenance", rows)


def ends(record: Source) -> tuple[float, float]:
    """The range that a source states, NaN where it states none."""
    return (nan, nan) if record.low is None or record.high is None else (record.low, record.high)


def sources_of(sources: Iterable[Source]) -> SourceRows[Source]:
    """The sources of a scenario, to ask which one speaks of a value."""
    return SourceRows((source.path, source) for source in sources)


def source_of(given: GivenValue, sources: SourceRows[Source]) -> Source | None:
    """The source that counts for a value, or what kctopt says itself where there is none; choices may have none."""
    record = sources.best(given.steps)
    if record is not None or isinstance(given.value, str | bool):
        return record
    words, grade = (BY_DEFAULT, "assumption") if given.default else (BY_USER, "user")
    return Source(path=given.path, unit=given.unit, source=words, year="", grade=grade)


def values(record: BaseModel, steps: tuple[PathStep, ...] = ()) -> Iterator[GivenValue]:
    """Every value of a record; names, texts and what is not given are left out."""
    for name, about in type(record).model_fields.items():
        value = getattr(record, name)
        if value is None or name in _SILENT or isinstance(value, Label):
            continue
        extra = about.json_schema_extra
        unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
        default = not about.is_required() and value == about.default
        if isinstance(value, Series):
            points = value.root.items() if isinstance(value.root, dict) else [(None, value.root)]
            for year, point in points:
                of_year = () if year is None else (PathStep(str(year)),)
                yield GivenValue((*steps, PathStep(name), *of_year), point, unit, default)
        elif isinstance(value, Record):
            yield from values(value, (*steps, PathStep(name)))
        elif isinstance(value, tuple):
            for position, entry in enumerate(value):
                here = (*steps, PathStep(name, entry, position))
                if isinstance(entry, BaseModel):
                    yield from values(entry, here)
                else:
                    yield GivenValue(here, entry, unit, default)
        else:
            yield GivenValue((*steps, PathStep(name)), value, unit, default)


def text(value: Any) -> str:
    """A value as one cell, with all digits of a number."""
    return str(value).lower() if isinstance(value, bool) else str(value)
