"""Every number of a scenario and the row of provenance that speaks of it, as the tests see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kctopt.scenario.records import Record, Scenario, Source


def quantities(record: Record, path: str = "") -> Iterator[tuple[str, str, dict[str, str]]]:
    """Path, unit and selectable fields of every number in a record."""
    for name, info in type(record).model_fields.items():
        value, here = getattr(record, name), f"{path}.{name}" if path else name
        extra = info.json_schema_extra
        if isinstance(extra, dict) and "unit" in extra:
            if value is not None:
                yield here, str(extra["unit"]), {}
        elif isinstance(value, Record):
            yield from quantities(value, here)
        elif isinstance(value, tuple) and name != "provenance":
            for i, entry in enumerate(one for one in value if isinstance(one, Record)):
                words = {key: str(given) for key, given in entry if isinstance(given, str)}
                for inner, unit, deeper in quantities(entry, f"{here}[{words.get('id', i)}]"):
                    yield inner, unit, words | deeper


def specificity(row: str, path: str, words: dict[str, str]) -> int:
    """How closely a row's path fits a number's: -1 not at all, 0 by name, 1 by a field, 2 by id."""
    selector = re.compile(r"\[([^\]]*)\]")
    if selector.sub("", row) != selector.sub("", path):
        return -1
    chosen = selector.search(row)
    if chosen is None:
        return 0
    field, equals, value = chosen[1].partition("=")
    if equals:
        return 1 if words.get(field) == value else -1
    return 2 if words.get("id") == field else -1


def source_of(scene: Scenario, path: str, words: dict[str, str]) -> Source | None:
    """The row of provenance that fits a number best."""
    fits = [(specificity(row.path, path, words), row) for row in scene.provenance]
    best = max(fits, key=lambda fit: fit[0])
    return best[1] if best[0] >= 0 else None


def flat(record: Record, path: str = "") -> Iterator[tuple[str, Any]]:
    """Path and value of every field that is not a group."""
    for name in type(record).model_fields:
        value, here = getattr(record, name), f"{path}.{name}" if path else name
        if isinstance(value, tuple) and all(isinstance(entry, Record) for entry in value):
            for i, entry in enumerate(value):
                yield from flat(entry, f"{here}[{getattr(entry, 'id', i)}]")
        elif isinstance(value, Record):
            yield from flat(value, here)
        else:
            yield here, value
