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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from kctopt.result.fields import Columns, from_rows
from kctopt.scenario.nodes import name_by
from kctopt.scenario.records import Label, Record, Scenario, Series, Source

_SEGMENT = re.compile(r"([^.\[\]]+)(?:\[([^\]]*)\])?(?:\.|$)")
_SILENT = ("schema_version", "model_sha256", "provenance", "id", "name", "intent", "label")


@dataclass(frozen=True)
class Step:
    """One part of the way to a value: a key, and the entry it stands in if it is a list."""

    key: str
    entry: Any = None
    position: int = 0  # of the entry in its list

    @property
    def name(self) -> str:
        """What a path calls the entry."""
        return name_by(lambda field: getattr(self.entry, field, None), self.position)

    @property
    def text(self) -> str:
        """The step as paths write it."""
        return self.key if self.entry is None else f"{self.key}[{self.name}]"


def provenance(scenario: Scenario, origin: Mapping[str, str]) -> Columns:
    """The table of provenance; `origin` maps paths to `file:line`."""
    sources = by_keys(scenario.provenance)
    rows = []
    for steps, value, unit in values(scenario):
        path = ".".join(step.text for step in steps)
        found = best_source(steps, sources)
        about = ("", "", "") if found is None else (found.source, found.year, found.grade)
        rows.append((path, text(value), unit, *about, origin.get(path, "")))
    return from_rows("provenance", rows)


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


def split(path: str) -> list[tuple[str, str]]:
    """Parts of a path as (key, what stands in brackets)."""
    return [(key, inside) for key, inside in _SEGMENT.findall(path)]


Sources = dict[tuple[str, ...], list[tuple[list[tuple[str, str]], Source]]]


def by_keys(sources: Iterable[Source]) -> Sources:
    """Sources by the keys of their path, brackets left out; each with the parts of its path."""
    found: Sources = {}
    for source in sources:
        parts = split(source.path)
        found.setdefault(tuple(key for key, _ in parts), []).append((parts, source))
    return found


def best_source(steps: tuple[Step, ...], sources: Sources) -> Source | None:
    """The most specific source for the value at `steps`, the last of several."""
    keys = tuple(step.key for step in steps)
    for length in range(len(keys), 0, -1):
        ranked = [(_rank(steps, parts), source) for parts, source in sources.get(keys[:length], ())]
        known = [(rank, source) for rank, source in ranked if rank is not None]
        if known:
            top = max(rank for rank, _ in known)
            return [source for rank, source in known if rank == top][-1]
    return None


def _rank(steps: tuple[Step, ...], parts: list[tuple[str, str]]) -> int | None:
    """How narrow the brackets of a path with the same keys are, None if they speak of others."""
    narrow = 0
    for step, (_, inside) in zip(steps, parts, strict=False):
        if inside and inside != "*":
            if step.entry is None or not _speaks_of(inside, step):
                return None
            narrow += 2 if inside == step.name else 1
    return narrow


def _speaks_of(inside: str, step: Step) -> bool:
    """Whether a bracket names an entry: by its id or by fields of it."""
    if "=" not in inside or inside == step.name:
        return inside == step.name
    wanted = (condition.partition("=") for condition in inside.split(","))
    return all(str(getattr(step.entry, key.strip(), None)) == value.strip() for key, _, value in wanted)
