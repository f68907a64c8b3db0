"""Where every value of a scenario comes from: its source, and the file and line that set it.

A row of the scenario's provenance speaks of the values under its path; `[...]` narrows it to one entry, or to
entries by a field:

    lines.capability                  that column of every line
    lines[domain=quantum].capability  of the quantum lines
    lines[quantum-B].capability       of one line

The most specific row counts; among equals the last one, which is the scenario's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from kctopt.result.fields import Columns, from_rows
from kctopt.scenario.records import Label, Record, Scenario, Series, Source

_SEGMENT = re.compile(r"([^.\[\]]+)(?:\[([^\]]*)\])?(?:\.|$)")
_SILENT = ("schema_version", "provenance", "id", "name", "intent", "label")


@dataclass(frozen=True)
class Step:
    """One part of the way to a value: a key, and the entry it stands in if it is a list."""

    key: str
    entry: Any = None

    @property
    def text(self) -> str:
        """The step as paths write it."""
        return self.key if self.entry is None else f"{self.key}[{entry_name(self.entry)}]"


def entry_name(entry: Any) -> str:
    """What a path calls an entry of a list: its id, or its source and target."""
    known = getattr(entry, "id", None)
    return str(known) if known is not None else f"source={entry.source},target={entry.target}"


def provenance(scenario: Scenario, origin: Mapping[str, str]) -> Columns:
    """The table of provenance; `origin` maps paths to `file:line`."""
    sources = [(split(source.path), source) for source in scenario.provenance]
    rows = []
    for steps, value, unit in values(scenario):
        path = ".".join(step.text for step in steps)
        found = best_source(steps, sources)
        about = ("", "", "") if found is None else (found.source, found.year, found.grade)
        rows.append((path, text(value), unit, *about, origin.get(path, "")))
    return from_rows("provenance", rows)


def values(record: BaseModel, steps: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], Any, str]]:
    """Every value of a record as (steps to it, value, unit); names and texts are left out."""
    for name, about in type(record).model_fields.items():
        value = getattr(record, name)
        if name in _SILENT or isinstance(value, Label):
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
            for entry in value:
                yield from values(entry, (*steps, Step(name, entry)))
        else:
            yield (*steps, Step(name)), value, unit


def text(value: Any) -> str:
    """A value as one cell: empty for none, all digits of a number."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def split(path: str) -> list[tuple[str, str]]:
    """Parts of a path as (key, what stands in brackets)."""
    return [(key, inside) for key, inside in _SEGMENT.findall(path)]


def best_source(steps: tuple[Step, ...], sources: list[tuple[list[tuple[str, str]], Source]]) -> Source | None:
    """The most specific source for the value at `steps`, the last of several."""
    best, rank = None, (-1, -1)
    for parts, source in sources:
        found = _rank(steps, parts)
        if found is not None and found >= rank:
            best, rank = source, found
    return best


def _rank(steps: tuple[Step, ...], parts: list[tuple[str, str]]) -> tuple[int, int] | None:
    """How specific a path is about the value at `steps`, None if it speaks of others."""
    if not parts or len(parts) > len(steps):
        return None
    narrow = 0
    for step, (key, inside) in zip(steps, parts, strict=False):
        if step.key != key:
            return None
        if inside:
            if step.entry is None or not _speaks_of(inside, step.entry):
                return None
            narrow += 2 if inside == entry_name(step.entry) else 1
    return len(parts), narrow


def _speaks_of(inside: str, entry: Any) -> bool:
    """Whether a bracket names an entry: by its id or by fields of it."""
    if "=" not in inside:
        return inside == entry_name(entry)
    wanted = (condition.partition("=") for condition in inside.split(","))
    return all(str(getattr(entry, key.strip(), None)) == value.strip() for key, _, value in wanted)
