"""Which row of provenance speaks of a value, and what becomes of the rows when a file changes values.

A row speaks of the values under its path; `[...]` narrows it to one entry, or to entries by a field:

    lines.capability                  that column of every line
    lines[domain=quantum].capability  of the quantum lines
    lines[quantum-B].capability       of one line

The most specific row counts; among equals the last one. But a value is sourced only by a row of the file that set it:
see settled.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from kctopt.language import entries
from kctopt.scenario.field_kinds import Kind, fields, policy_fields
from kctopt.scenario.nodes import DEFAULT, Faults, Node, name_by
from kctopt.scenario.records import Scenario, Series
from kctopt.scenario.scalars import Unreadable, read_number

BY_USER = "set by the user, no source stated"
BY_DEFAULT = "default of kctopt, no source stated"
UNSTATED = "no source stated"
OWN_WORDS = (BY_USER, BY_DEFAULT, UNSTATED)  # what kctopt itself says in place of a source
PARENT_FIELDS = ("parent_value", "parent_source")

_SEGMENT = re.compile(r"([^.\[\]]+)(?:\[([^\]]*)\])?(?:\.|$)")
_YEARS = re.compile(rf"(^|(?:^|; )\d{{4}}: )({'|'.join(OWN_WORDS)})(?=$|; )")  # alone, or of a year among others
_SILENT = ("schema_version", "provenance", "id", "name", "intent", "label", "model")

Parts = list[tuple[str, str]]
Brackets = list[tuple[int, str]]  # of a path: in which part, and what stands in them
R = TypeVar("R")


def source_words(source: str, lang: str) -> str:
    """A source as people read it: what kctopt says itself is told in their language."""
    known = entries("source", lang)
    return _YEARS.sub(lambda match: match[1] + known.get(match[2], match[2]), source)


@dataclass(frozen=True)
class PathStep:
    """One part of the way to a value: a key, and the entry it stands in if it is a list."""

    key: str
    entry: Any = None  # a record, or a node of a mapping
    position: int = 0  # of the entry in its list

    def get(self, field: str) -> Any:
        """A field of the entry, None when it has none."""
        return self.entry.get(field) if isinstance(self.entry, Node) else getattr(self.entry, field, None)

    @cached_property
    def name(self) -> str:
        """What a path calls the entry."""
        return name_by(self.get, self.position)

    @cached_property
    def text(self) -> str:
        """The step as paths write it."""
        return self.key if self.entry is None else f"{self.key}[{self.name}]"


class SourceRows(Generic[R]):
    """Rows of provenance, found by the keys of their paths."""

    def __init__(self, rows: Iterable[tuple[str, R]]) -> None:
        self._found: dict[tuple[str, ...], list[tuple[Brackets, R]]] = {}
        for path, row in rows:
            parts = split(path)
            brackets = [(place, inside) for place, (_, inside) in enumerate(parts) if inside not in ("", "*")]
            self._found.setdefault(tuple(key for key, _ in parts), []).append((brackets, row))

    def speaking(self, steps: Sequence[PathStep]) -> list[R]:
        """All rows that speak of the value at `steps`, the one that counts first."""
        keys = tuple(step.key for step in steps)
        matching: list[R] = []
        for length in range(len(keys), 0, -1):
            if (rows := self._found.get(keys[:length])) is None:
                continue
            ranked = [(_rank(steps, brackets), row) for brackets, row in reversed(rows)]
            known = [(rank, row) for rank, row in ranked if rank is not None]
            matching += [row for _, row in sorted(known, key=lambda pair: -pair[0])]
        return matching

    def best(self, steps: Sequence[PathStep]) -> R | None:
        """The row that counts for the value at `steps`."""
        return next(iter(self.speaking(steps)), None)


def split(path: str) -> Parts:
    """Parts of a path as (key, what stands in brackets)."""
    return [(key, inside) for key, inside in _SEGMENT.findall(path)]


def _rank(steps: Sequence[PathStep], brackets: Brackets) -> int | None:
    """How narrow the brackets of a path with the same keys are, None if they speak of others."""
    narrow = 0
    for place, inside in brackets:
        step = steps[place]
        if step.entry is None or not _speaks_of(inside, step):
            return None
        narrow += 2 if inside == step.name else 1
    return narrow


def _speaks_of(inside: str, step: PathStep) -> bool:
    """Whether a bracket names an entry: by its id or by fields of it."""
    if "=" not in inside or inside == step.name:
        return inside == step.name
    wanted = (condition.partition("=") for condition in inside.split(","))
    return all(str(step.get(key.strip())) == value.strip() for key, _, value in wanted)


@dataclass(frozen=True)
class Value:
    """One value of a tree: the steps to it, what set it, and whether it is a figure, which needs a source."""

    steps: tuple[PathStep, ...]
    node: Node
    figure: bool
    unit: str
    record: str  # file that set the record around it
    default: bool = False  # what kctopt takes where nothing is said

    @cached_property
    def path(self) -> str:
        """Path of the value."""
        return ".".join(step.text for step in self.steps)


def tree_values(root: Node) -> Iterator[Value]:
    """Every value of a tree that a row can speak of."""
    kinds = fields(Scenario)
    for key, child in root.value.items():
        if key in kinds and key not in _SILENT:
            yield from _below(child, kinds[str(key)], (PathStep(str(key)),), root.origin.file)


def _below(node: Node, kind: Kind, steps: tuple[PathStep, ...], record: str) -> Iterator[Value]:
    if node.origin != DEFAULT:
        record = node.origin.file
    if kind.form in ("record", "policy") and isinstance(node.value, dict):
        kinds = policy_fields(node.get("kind")) if kind.form == "policy" else fields(kind.record)
        for key, child in node.value.items():
            if key in kinds and key not in _SILENT:
                yield from _below(child, kinds[str(key)], (*steps, PathStep(str(key))), record)
    elif kind.form == "list" and kind.item is not None and isinstance(node.value, list):
        for position, entry in enumerate(node.value):
            if not entry.removed:
                yield from _below(entry, kind.item, (*steps[:-1], PathStep(steps[-1].key, entry, position)), record)
    elif kind.form == "series" and isinstance(node.value, dict):
        for year, point in node.value.items():
            yield Value((*steps, PathStep(str(year))), point, True, kind.unit, record)
    elif not isinstance(node.value, dict | list) and node.value is not None:
        figure = kind.form in ("number", "integer", "series")
        yield Value(steps, node, figure, kind.unit, record, figure and _as_default(node, kind))


def _as_default(node: Node, kind: Kind) -> bool:
    """Whether a figure is what kctopt takes where nothing is said."""
    default = kind.default.root if isinstance(kind.default, Series) else kind.default
    try:
        return default is not None and read_number(node, kind) == default
    except Unreadable:  # the checks name it
        return False


def is_row(node: Node) -> bool:
    """Whether an entry of provenance names a path."""
    return isinstance(node.value, dict) and isinstance(node.get("path"), str)


def check_rows(rows: Iterable[Node], faults: Faults) -> None:
    """One file has one row for a path (of several, which would count?); what is graded as sourced has a source."""
    first: dict[str, Node] = {}
    for row in rows:
        path, source = row.get("path"), row.get("source")
        if not isinstance(path, str):
            continue
        if isinstance(source, str) and not source.strip() and row.get("grade") not in ("assumption", "user"):
            message = f"is empty, and the grade is {row.get('grade')}"
            hint = "name where the figure comes from, or grade it as an assumption"
            faults.add(row.value["source"].place, f"provenance[{path}].source", message, hint)
        if path in first:
            place = row.value["path"].origin
            before = first[path].value["path"].origin
            faults.add(place, f"provenance[{path}]", f"is given twice (first at {before})", "keep one of the two")
        first.setdefault(path, row)
