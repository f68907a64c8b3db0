"""Nodes to records, bottom up: every record is validated on its own, so that one fault hides no other.

A field that cannot be read is left out and reported; what pydantic then says about that field, or about a
record that lacks it, is not repeated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from kctopt.errors import suggest
from kctopt.scenario.field_kinds import POLICY_KINDS, Kind, fields
from kctopt.scenario.nodes import DEFAULT, Faults, Location, Node, from_python, show
from kctopt.scenario.record import ROUNDING, PositiveSeries, ShareSeries, above, apart
from kctopt.scenario.records import RUNGS, Diffusion, Line, Quadrant, Record, Scenario, Series, SharePolicy, Source
from kctopt.scenario.scalars import Unreadable, read_number, read_scalar, wanted

LENGTHS: dict[Location, int] = {("rungs",): len(RUNGS)}
YEAR = re.compile(r"\d{4}", re.ASCII)
MANY = 3  # missing keys of one record that are reported one by one
EARLIEST, LATEST = 1900, 2400  # a year outside is a slip of the pen

# What must not lie above what in one record; where it does by rounding alone, the first is taken as the second.
IN_ORDER: dict[type[Record], tuple[tuple[str, str], ...]] = {
    Line: (("floor", "cap"), ("min_scale", "cap")),
    Quadrant: (("min_exchange", "max_exchange"),),
    SharePolicy: (("min", "max"),),
    Diffusion: (("near", "far"),),
    Source: (("low", "high"),),
}
LIMITS: dict[type[Series], tuple[tuple[str, float], ...]] = {
    PositiveSeries: (("ge", 0.0),),
    ShareSeries: (("ge", 0.0), ("le", 1.0)),
}


class Invalid:
    """Stands for a value that could not be built; its faults are noted."""


INVALID = Invalid()


class Builder:
    """Builds the records of one tree and collects what is wrong with it."""

    def __init__(self, root: Node, faults: Faults) -> None:
        self.root, self.faults = root, faults
        self.built: dict[Location, Record] = {}  # every record that is whole, by its location

    def groups(self) -> dict[str, Any]:
        """Every top-level field of the scenario that is whole; a missing or faulty one is not in it."""
        kinds = fields(Scenario)
        values = self._entries(self.root, kinds, ())
        return {name: value for name, value in values.items() if value is not INVALID}

    def record(self, node: Node, record: type[Record], location: Location) -> Any:
        """A record, or INVALID."""
        if not isinstance(node.value, dict):
            return self._fault(node, location, f"holds {_what(node)} where a mapping is needed", _keys(record))
        values = self._entries(node, fields(record), location)
        whole = {name: value for name, value in values.items() if value is not INVALID}
        for low, high in IN_ORDER.get(record, ()):
            whole = _in_order(whole, low, high)
        try:
            built = record.model_validate(whole)
        except ValidationError as error:
            self._pydantic(error, node, fields(record), values, location)
            return INVALID
        if len(whole) < len(values):
            return INVALID
        self.built[location] = built
        return built

    def value(self, node: Node, kind: Kind, location: Location) -> Any:
        """Value of any kind, or INVALID."""
        if node.faulty:
            return INVALID
        if kind.record is not None and (kind.form == "record" or isinstance(node.value, dict)):
            return self.record(node, kind.record, location)
        if kind.form == "policy":
            return self._policy(node, location)
        if kind.form == "list" and kind.item is not None:
            return self._list(node, kind.item, location)
        if kind.form == "series" and kind.series is not None:
            if node.value is None and kind.optional:
                return None
            return self._series(node, kind, kind.series, location)
        try:
            return _within(read_scalar(node, kind), kind.bounds)
        except Unreadable as error:
            return self._fault(node, location, error.message, error.hint)

    def _entries(self, node: Node, kinds: Mapping[str, Kind], location: Location) -> dict[str, Any]:
        """Fields of a mapping; unknown and missing keys are faults, and a missing one stands as INVALID."""
        values: dict[str, Any] = {}
        for key, child in node.value.items():
            if key in kinds:
                values[str(key)] = self.value(child, kinds[str(key)], (*location, key))
            else:
                path = show(self.root, (*location, key))
                self.faults.add(child.place, path, "unknown key", suggest(str(key), kinds))
        missing = [name for name, kind in kinds.items() if kind.required and name not in node.value]
        values.update(dict.fromkeys(missing, INVALID))
        self._missing([name for name in missing if not _misspelt(name, node, kinds)], node, kinds, location)
        return values

    def _missing(self, names: list[str], node: Node, kinds: Mapping[str, Kind], location: Location) -> None:
        """Report missing keys: each with its meaning, or all in one when they are many."""
        if len(names) > MANY:
            self.faults.add(node.place, show(self.root, location), f"lacks {', '.join(names)}", "give them all")
            return
        for name in names:
            meaning = f": {kinds[name].meaning}" if kinds[name].meaning else ""
            path = show(self.root, (*location, name))
            self.faults.add(node.place, path, "is missing", f"give {wanted(kinds[name])}{meaning}")

    def _policy(self, node: Node, location: Location) -> Any:
        if not isinstance(node.value, dict):
            return self._fault(node, location, f"holds {_what(node)} where a policy is needed", "{id: ..., kind: ...}")
        kind = node.get("kind")
        if kind not in POLICY_KINDS:
            place = node.value.get("kind", node)
            message = f"unknown policy kind '{kind}'" if "kind" in node.value else "a policy needs a kind"
            hint = suggest(str(kind), POLICY_KINDS)
            return self._fault(place, (*location, "kind"), message, hint)
        return self.record(node, POLICY_KINDS[str(kind)], location)

    def _list(self, node: Node, item: Kind, location: Location) -> Any:
        if not isinstance(node.value, list):
            return self._fault(node, location, f"holds {_what(node)} where a list is needed")
        built = tuple(self.value(child, item, (*location, i)) for i, child in enumerate(node.value))
        length = LENGTHS.get(location)
        if length is not None and len(built) != length:
            return self._fault(node, location, f"has {len(built)} entries", f"it needs {', '.join(RUNGS)}")
        return INVALID if INVALID in built else built

    def _series(self, node: Node, kind: Kind, series: type[Series], location: Location) -> Any:
        try:
            limits = LIMITS.get(series, ())
            if not isinstance(node.value, dict):
                return series(_within(read_number(node, kind), limits))
            points = self._points(node, kind, location)
            return series({year: _within(value, limits) for year, value in points.items()})
        except _Noted:
            return INVALID
        except Unreadable as error:
            return self._fault(node, location, error.message, error.hint)
        except ValidationError as error:
            words = in_own_words(error.errors()[0], kind)
            if isinstance(node.value, dict):
                return self._wrong_years(node, kind, series, location)
            return self._fault(node, location, words)

    def _wrong_years(self, node: Node, kind: Kind, series: type[Series], location: Location) -> Invalid:
        """Name each wrong year where it was set; years that one change set are one fault."""
        wrong: dict[tuple[str, int | None, int | None, str], list[tuple[Location, Node, str]]] = {}
        for year, child in node.value.items():
            try:
                series(read_number(child, kind))
            except ValidationError as error:
                at, words = child.origin, in_own_words(error.errors()[0], kind)
                place = at.file, at.line, at.column, at.sheet
                wrong.setdefault(place, []).append(((*location, year), child, words))
        for alike in wrong.values():
            where, child, words = alike[0]
            self._fault(child, where if len(alike) == 1 else location, words)
        return INVALID

    def _points(self, node: Node, kind: Kind, location: Location) -> dict[int, float]:
        points: dict[int, float] = {}
        for key, child in node.value.items():
            path = show(self.root, (*location, key))
            if child.faulty:
                continue
            if not YEAR.fullmatch(str(key)) or not EARLIEST <= int(key) <= LATEST:
                self.faults.add(child.place, path, f"'{str(key)[:20]}' is not a year", "write {2026: ..., 2030: ...}")
                continue
            if int(key) in points:
                self.faults.add(child.place, path, "year given twice", "keep one of the two")
            try:
                points[int(key)] = read_number(child, kind)
            except Unreadable as error:
                self.faults.add(child.origin, path, error.message, error.hint)
        if len(points) < len(node.value):
            raise _Noted
        if not points:
            raise Unreadable("is an empty mapping", f"give {wanted(kind)}, or numbers by year")
        return points

    def _fault(self, node: Node, location: Location, message: str, hint: str = "") -> Invalid:
        self.faults.add(node.origin, show(self.root, location), message, hint)
        return INVALID

    def _pydantic(
        self, error: ValidationError, node: Node, kinds: Mapping[str, Kind], values: dict[str, Any], location: Location
    ) -> None:
        """Report what pydantic found, in our words, except about fields whose fault is already noted."""
        for item in error.errors():
            name = str(item["loc"][0]) if item["loc"] else ""
            if values.get(name) is INVALID:
                continue
            child = node.value.get(name) or _changed_last(node)
            place = (*location, name) if name else location
            self.faults.add(child.origin, show(self.root, place), in_own_words(item, kinds.get(name)))


class _Noted(Unreadable):
    """The faults of this value are already noted."""

    def __init__(self) -> None:
        super().__init__("")


def complete(node: Node, kind: Kind) -> None:
    """Write the defaults of the records into the tree, in their order, so that every value can be seen and changed."""
    if kind.form == "list" and kind.item is not None and isinstance(node.value, list):
        for child in node.value:
            complete(child, kind.item)
        return
    if kind.form not in ("record", "policy") or not isinstance(node.value, dict):
        return
    if kind.form == "policy":
        policy = POLICY_KINDS.get(str(node.get("kind")))
        kinds = fields(policy) if policy else {}
    else:
        kinds = fields(kind.record) if kind.record else {}
    for name, field in kinds.items():
        if not field.required and name not in node.value:
            node.value[name] = from_python(field.default, DEFAULT)
        elif name in node.value:
            complete(node.value[name], field)
    known = {key: node.value[key] for key in kinds if key in node.value}
    node.value = {**known, **node.value}


def _in_order(values: dict[str, Any], low: str, high: str) -> dict[str, Any]:
    """Values of a record with the lower of two as the higher where it lies above by rounding alone."""
    first, second = values.get(low), values.get(high)
    if first is None or second is None or first <= second or above(first, second):
        return values
    return {**values, low: second}


def _within(value: Any, limits: tuple[tuple[str, float], ...]) -> Any:
    """A number that lies outside its limits by rounding alone, such as .1 three times from .3, as the limit."""
    if not isinstance(value, float):
        return value
    for side, limit in limits:
        beyond = {"ge": limit - value, "le": value - limit}.get(side, 0.0)
        if 0 < beyond <= ROUNDING * max(1.0, abs(limit)):
            return float(limit)
    return value


def in_own_words(item: Any, kind: Kind | None) -> str:
    """A pydantic error in our words."""
    limits = {
        "greater_than": ("gt", "must be greater than"),
        "greater_than_equal": ("ge", "must be at least"),
        "less_than": ("lt", "must be less than"),
        "less_than_equal": ("le", "must be at most"),
    }
    if item["type"] in limits:
        key, words = limits[item["type"]]
        unit = f" {kind.unit}" if kind and kind.unit not in ("", "share", "ratio", "year") else ""
        value, limit = apart(item["input"], item["ctx"][key])
        return f"is {value}; it {words} {limit}{unit}"
    message = str(item["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _changed_last(node: Node) -> Node:
    """The field of a record that a scenario file set last, else the record: where to look for a broken sum."""
    changed = [child for child in node.children() if child.touched]
    return changed[-1] if changed else node


def _misspelt(name: str, node: Node, kinds: Mapping[str, Kind]) -> bool:
    """Whether an unknown key of the mapping was probably meant to be this one."""
    hint = f"did you mean '{name}'?"
    return any(suggest(str(key), kinds) == hint for key in node.value if key not in kinds)


def _what(node: Node) -> str:
    if isinstance(node.value, dict | list):
        return "a mapping" if isinstance(node.value, dict) else "a list"
    return "nothing" if node.value is None else f"'{str(node.value)[:40]}'"


def _keys(record: type[Record]) -> str:
    return f"its keys: {', '.join(fields(record))}"
