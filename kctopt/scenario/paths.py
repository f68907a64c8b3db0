"""Dotted paths with selectors: money.carry_share, lines[domain=quantum].growth, lines[ai-B].spend, budget.2030.

lines[ai-B]                the entry with id ai-B
lines[domain=quantum]      all entries whose field has that value; several conditions with a comma
lines[*], lines            all entries
spillovers[source=ai,target=quantum].strength
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kctopt.errors import suggest
from kctopt.scenario.field_kinds import ROOT, Kind, entry_fields, fields, policy_fields
from kctopt.scenario.nodes import Key, Location, Node, plain_key, show

STEP = re.compile(r"([^.\[\]]+)(?:\[([^\[\]]*)\])?")
YEAR = re.compile(r"\d{4}", re.ASCII)
LATEST, LONGEST_TAIL = 2300, 50  # beyond which a horizon is refused


class PathError(ValueError):
    """A path that names nothing."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True)
class Target:
    """One place that a path names: it may not be there yet, but its parent is."""

    parent: Node
    key: Key
    kind: Kind
    location: Location
    of_constant: bool = False  # a year of a series that is one number: the parent

    @property
    def node(self) -> Node | None:
        """The node at the place, None if nothing is there."""
        return self.parent if self.of_constant else self.parent.child(self.key)

    def put(self, node: Node) -> None:
        """Put a node at the place."""
        self.parent.value[self.key] = node


def by_year(root: Node, targets: list[Target]) -> list[Target]:
    """The same places, to be changed: a series that is one number is written out by year where one year is meant."""
    years = _years(root)
    for target in targets:
        if target.of_constant and years and target.key not in years:
            done, span = show(root, target.location[:-1]), f"{years[0]}-{years[-1]}"
            message = f"'{done}' is one number for all years, and {target.key} is none of {span}"
            raise PathError(message, "name one of them, or move horizon.last_year")
    for target in targets:
        if target.of_constant and not isinstance(target.parent.value, dict):
            year = int(target.key)
            points = {each: target.parent.copy() for each in years or range(year - 1, year + 2)}
            target.parent.value, target.parent.text = points, None
    return [replace(target, of_constant=False) for target in targets]


def _years(root: Node) -> range:
    """Years from the base year to the end of the tail; none where the horizon is faulty, which is reported."""
    horizon = root.child("horizon")
    first, last, tail = (horizon.get(key) if horizon else None for key in ("base_year", "last_year", "tail"))
    whole = [int(text) for text in map(str, (first, last, tail)) if text.isascii() and text.isdigit()]
    return range(whole[0], min(whole[1], LATEST) + min(whole[2], LONGEST_TAIL) + 1) if len(whole) == 3 else range(0)


def parse(path: str) -> list[tuple[str, str | None]]:
    """Steps of a path: names, each with the text of its selector or None. Raises PathError."""
    steps: list[tuple[str, str | None]] = []
    at = 0
    while True:
        step = STEP.match(path, at)
        if step is None:
            raise PathError(f"'{path[:60]}' is not a path", "write money.carry_share or lines[domain=ai].growth")
        steps.append((step[1].strip(), step[2]))
        at = step.end()
        if at == len(path):
            return steps
        if path[at] != ".":
            raise PathError(f"'{path[:60]}' is not a path", "write money.carry_share or lines[domain=ai].growth")
        at += 1


def kind_of(path: str) -> Kind:
    """What a path names, by its keys alone, without the entries of lists. Raises PathError with a suggestion."""
    kind = ROOT
    for name, selector in parse(path):
        if kind.form == "list" and kind.item is not None:
            kind = kind.item
        if kind.form == "series" and YEAR.fullmatch(str(plain_key(name))):
            kind = Kind("number", unit=kind.unit, meaning=kind.meaning)
            continue
        names = fields(kind.record) if kind.record is not None else policy_fields(None) if kind.form == "policy" else {}
        if name not in names:
            raise PathError(f"unknown key '{name}'", suggest(name, names))
        kind = names[name]
        if selector is not None and kind.form == "list" and kind.item is not None:
            kind = kind.item
    return kind


class Index:
    """Entries of lists by what a field says: for many paths in one tree that does not change meanwhile."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, str], dict[str | float, list[int]]] = {}

    def holding(self, entries: list[Node], name: str, value: str) -> list[int]:
        """Positions of the entries that may say so, in order."""
        by_value = self._found.get((id(entries), name))
        if by_value is None:
            by_value = self._found[id(entries), name] = {}
            for position, entry in enumerate(entries):
                child = entry.value.get(name) if isinstance(entry.value, dict) else None
                said = position if child is None else child.value
                by_value.setdefault(_number(said) if isinstance(said, float | int) else str(said), []).append(position)
        return sorted({*by_value.get(value, ()), *by_value.get(_number(value), ())})


def find(root: Node, path: str, index: Index | None = None) -> list[Target]:
    """All places that a path names, at least one. Raises PathError with a suggestion."""
    here = [Target(Node({"": root}, root.origin), "", ROOT, ())]
    done = ""
    for name, selector in parse(path):
        here = [_step(target, name, done, path) for target in _entries(here, done)]
        done = f"{done}.{name}" if done else name
        if selector is not None:
            here = [entry for target in here for entry in _select(target, selector, done, index)]
            done = f"{done}[{selector}]"
    return here


def _entries(targets: list[Target], done: str) -> list[Target]:
    """Go from lists to all their entries: a list without a selector means all."""
    inside = [
        Target(target.node, i, target.kind.item, (*target.location, i))
        for target in targets
        if target.kind.form == "list" and target.kind.item and target.node and isinstance(target.node.value, list)
        for i, entry in enumerate(target.node.value)
        if not entry.removed
    ]
    others = [target for target in targets if target.kind.form != "list"]
    if not inside and not others:
        raise PathError(f"'{done}' has no entries")
    return inside + others


def _step(target: Target, name: str, done: str, path: str) -> Target:
    """The field `name` of a place."""
    node = target.node
    unknown = "unknown key" if path.rpartition(".")[2] == name else f"unknown key '{name}'"
    if target.kind.form == "series":
        return _year(target, name, done, unknown)
    names = _fields_at(target)
    if not names:
        raise PathError(unknown, f"'{done}' is one value, not a group")
    if name not in names:
        raise PathError(unknown, suggest(name, names))
    if node is None:
        node = Node({}, target.parent.origin)
        target.put(node)
    if not isinstance(node.value, dict):
        raise PathError(f"'{done}' is not a mapping, so it has no '{name}'")
    return Target(node, name, names[name], (*target.location, name))


def _fields_at(target: Target) -> Mapping[str, Kind]:
    if target.kind.form == "record" and target.kind.record is not None:
        return fields(target.kind.record)
    if target.kind.form == "policy":
        return policy_fields(target.node.get("kind") if target.node else None)
    return {}


def _year(target: Target, name: str, done: str, unknown: str) -> Target:
    name = str(plain_key(name))
    if not YEAR.fullmatch(name):
        raise PathError(unknown, f"'{done}' is a number, or numbers by year: {done}.2030")
    if target.node is None or target.node.value is None:
        raise PathError(f"'{done}' has no value yet", f"set {done} to {{{name}: ...}} as a whole")
    kind = Kind("number", unit=target.kind.unit, meaning=target.kind.meaning)
    constant = not isinstance(target.node.value, dict)
    return Target(target.node, int(name), kind, (*target.location, int(name)), constant)


def _select(target: Target, selector: str, done: str, index: Index | None) -> list[Target]:
    """Entries of a list that a selector names."""
    if target.kind.form != "list" or target.kind.item is None:
        raise PathError(f"'{done}' is not a list", f"leave out [{selector}]")
    node = target.node
    entries = node.value if node is not None and isinstance(node.value, list) else []
    conditions = [_condition(part, target.kind.item) for part in selector.split(",")]
    name, value = conditions[0]
    positions = range(len(entries)) if index is None or name == "*" else index.holding(entries, name, value)
    chosen = [
        Target(node, i, target.kind.item, (*target.location, i))
        for i in positions
        if node is not None and not entries[i].removed and all(_holds(entries[i], i, *need) for need in conditions)
    ]
    if not chosen:
        raise PathError(f"no entry of '{done}' has {_said(conditions)}", _known(entries, conditions))
    return chosen


def _condition(text: str, item: Kind) -> tuple[str, str]:
    """Field and value of one condition; a bare word is an id, '*' is everything."""
    name, equals, value = text.partition("=")
    if not equals:
        return ("*" if text.strip() == "*" else "id"), text.strip()
    names = entry_fields(item)
    if name.strip() not in names:
        raise PathError(f"unknown field '{name.strip()}' in [{text}]", suggest(name.strip(), names))
    return name.strip(), value.strip()


def _holds(entry: Node, position: int, name: str, value: str) -> bool:
    if name == "*":
        return True
    if name == "id" and (not isinstance(entry.value, dict) or "id" not in entry.value):
        return value == str(position)
    child = entry.value.get(name) if isinstance(entry.value, dict) else None
    if child is None or isinstance(child.value, dict | list):
        return False
    if isinstance(child.value, int | float) and not isinstance(child.value, bool):
        number = _number(value)
        return isinstance(number, float) and number == _number(child.value)
    return value == str(child.value)


def _number(value: str | float) -> str | float:
    """A value as a number, or as it is written where it is none."""
    try:
        return str(value) if isinstance(value, bool) else float(value)
    except (ValueError, OverflowError):
        return str(value)


def _said(conditions: list[tuple[str, str]]) -> str:
    return " and ".join(f"{name} '{value}'" for name, value in conditions)


def _known(entries: list[Node], conditions: list[tuple[str, str]]) -> str:
    """Hint: the nearest value of the first field that no entry has."""
    for name, value in conditions:
        known = [entry.get(name) for entry in entries if entry.get(name) is not None]
        if value not in map(str, known):
            return suggest(value, dict.fromkeys(known))
    return ""
