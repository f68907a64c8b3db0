"""Where every value of a scenario comes from: its source, the file and line that set it, and those that say so.

Which row of the scenario's provenance counts for a value is told in `kctopt/scenario/sourced.py`. A value that a user
changed without a source has the grade `user`, with the parent's figure and its source beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from kctopt.result.fields import Columns, from_rows
from kctopt.scenario.nodes import DEFAULT
from kctopt.scenario.records import Label, Record, Scenario, Series, Source
from kctopt.scenario.sourced import OWN_WORDS, Rows, Step

_SILENT = ("schema_version", "model_sha256", "provenance", "id", "name", "intent", "label")


def provenance(scenario: Scenario, origin: Mapping[str, str]) -> Columns:
    """The table of provenance; `origin` maps paths to `file:line`."""
    sources = sources_of(scenario.provenance)
    rows = []
    for steps, value, unit in values(scenario):
        path = ".".join(step.text for step in steps)
        number, found = sources.best(steps) or (-1, None)
        about = ("", "", "", "", "") if found is None else (
            found.source, found.year, found.grade, found.parent_value or "", found.parent_source or ""
        )  # fmt: skip
        own = found is None or found.source in OWN_WORDS
        stated = "" if own else origin.get(f"provenance[{number}].source", "")
        place = origin.get(path, "")
        rows.append((path, text(value), unit, *about, place, "" if stated == str(DEFAULT) else stated))
    return from_rows("provenance", rows)


def sources_of(sources: Iterable[Source]) -> Rows[tuple[int, Source]]:
    """The sources of a scenario, each with its number, to ask which one speaks of a value."""
    return Rows((source.path, (number, source)) for number, source in enumerate(sources))


def source_at(steps: tuple[Step, ...], sources: Rows[tuple[int, Source]]) -> Source | None:
    """The source that counts for the value at `steps`."""
    return (sources.best(steps) or (0, None))[1]


def values(record: BaseModel, steps: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], Any, str]]:
    """Every value of a record as (steps to it, value, unit); names, texts and what is not given are left out."""
    for name, about in type(record).model_fields.items():
        value = getattr(record, name)
        if value is None or name in _SILENT or isinstance(value, Label):
            continue
        extra = about.json_schema_extra
        unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
        if isinstance(value, Series):
            points = value.root.items() if isinstance(value.root, dict) else [(None, value.root)]
            for year, point in points:
                yield (*steps, Step(name), *(() if year is None else (Step(str(year)),))), point, unit
        elif isinstance(value, Record):
            yield from values(value, (*steps, Step(name)))
        elif isinstance(value, tuple):
            for position, entry in enumerate(value):
                here = (*steps, Step(name, entry, position))
                if isinstance(entry, BaseModel):
                    yield from values(entry, here)
                else:
                    yield here, entry, unit
        else:
            yield (*steps, Step(name)), value, unit


def text(value: Any) -> str:
    """A value as one cell, with all digits of a number."""
    return str(value).lower() if isinstance(value, bool) else str(value)
