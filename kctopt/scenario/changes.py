"""What a scenario file does to the world it starts from: policies, set, scale, add, provenance, in this order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from kctopt.errors import suggest
from kctopt.scenario.field_kinds import Kind, fields
from kctopt.scenario.nodes import Faults, Key, Location, Node, Origin, entry_name
from kctopt.scenario.paths import Index, PathError, Target, by_year, find
from kctopt.scenario.scalars import Unreadable, read_number
from kctopt.scenario.sourced import PARENT_FIELDS, check_rows, is_row

AT_TOP = (
    "name",
    "label",
    "intent",
    "model",
    "model_sha256",
    "schema_version",
    "provenance",
)  # keys that no path reaches

Change = Callable[[Target, Node, str], bool]  # (place, value given, file) -> whether anything changed


def apply_paths(root: Node, entries: Node, change: Change, file: str, faults: Faults) -> None:
    """Apply one of `set`, `scale`, `add`: a mapping of paths to values."""
    if not isinstance(entries.value, dict):
        faults.add(entries.origin, "", "needs a mapping of paths to values", "such as {money.carry_share: 0.1}")
        return
    earlier: dict[Location, tuple[str, Node]] = {}  # what this mapping has set so far
    horizon_first = sorted(entries.value.items(), key=lambda item: not str(item[0]).startswith("horizon"))
    for path, given in horizon_first:  # it tells which years a series has
        try:
            targets = reachable(root, str(path))
            if change is set_value:
                _once(targets, str(path), given, earlier)
            targets = by_year(root, targets)
            changed = [change(target, given, file) for target in targets]
            if not any(changed):
                raise PathError("has no value to change", "use 'set:' to give one")
        except PathError as error:
            faults.add(given.place, str(path), error.message, error.hint)
        except Unreadable as error:
            faults.add(given.origin, str(path), error.message, error.hint)


def _once(targets: list[Target], path: str, given: Node, earlier: dict[Location, tuple[str, Node]]) -> None:
    """Refuse to set a value twice by two paths: which of the two counts would hang on their order."""
    places = [place for target in targets for place in _set_places(target, given)]
    for place in places:
        around = (place[:length] for length in range(1, len(place) + 1))
        clash = next((earlier[prefix] for prefix in around if prefix in earlier), None)
        clash = clash or next((change for at, change in earlier.items() if at[: len(place)] == place), None)
        if clash is not None:
            where = "" if clash[1].place == given.place else f" ({clash[1].place})"
            raise PathError(f"sets what '{clash[0]}'{where} sets too", "keep one of the two, or set each value once")
    earlier |= dict.fromkeys(places, (path, given))


def _set_places(target: Target, given: Node) -> Iterator[Location]:
    """Locations that a value takes; of a group only those of the keys it names."""
    record, node = target.kind.record, target.node
    if record is None or node is None or not isinstance(given.value, dict) or not isinstance(node.value, dict):
        yield target.location
        return
    for key, child in given.value.items():
        kind = fields(record).get(str(key), Kind("text"))
        yield from _set_places(Target(node, key, kind, (*target.location, key)), child)


def set_value(target: Target, given: Node, file: str) -> bool:
    """Put a value in place; a mapping given for a group changes only the keys it names."""
    node, record = target.node, target.kind.record
    if record is not None and node is not None and isinstance(given.value, dict) and isinstance(node.value, dict):
        for key, child in given.value.items():
            kind = fields(record).get(str(key), Kind("text"))
            set_value(Target(node, key, kind, (*target.location, key)), child, file)
        return True
    target.put(_new(given, node, file))
    return True


def _new(given: Node, before: Node | None, file: str) -> Node:
    """A value set by a file in place of another; it keeps the history of who touched the place."""
    new = given.copy()
    new.touch(frozenset({file}) if before is None else before.touched_within() | {file})
    return new


def scale_value(target: Target, given: Node, file: str) -> bool:
    """Multiply a number, or all numbers of a series."""
    factor = read_number(given, Kind("number"))
    return _change_number(target, lambda value: value * factor, f"times {factor:g}", given, file)


def add_value(target: Target, given: Node, file: str) -> bool:
    """Add to a number or to all numbers of a series; append to a list."""
    if target.kind.form == "list":
        return _append(target, given, file)
    amount = read_number(given, Kind("number", unit=target.kind.unit))
    return _change_number(target, lambda value: value + amount, f"plus {amount:g}", given, file)


def _append(target: Target, given: Node, file: str) -> bool:
    new = _new(given, None, file)
    if target.node is None or not isinstance(target.node.value, list):
        raise PathError("is not a list in the parent", "use 'set:' to give one")
    target.node.value.extend(new.value if isinstance(new.value, list) else [new])
    return True


def _change_number(target: Target, rule: Callable[[float], float], words: str, given: Node, file: str) -> bool:
    node, kind = target.node, target.kind
    if kind.form not in ("number", "integer", "series"):
        names = list(fields(kind.record)) if kind.record else []
        hint = f"name one number in it: {', '.join(names)}" if names else "use 'set:' for it"
        raise PathError("is not a number", hint)
    if node is None or node.value is None:
        return False
    for number in node.children() if isinstance(node.value, dict) else [node]:
        _change_one(number, kind, rule, words, given, file)
    node.touched = node.touched | {file}
    if isinstance(node.value, dict):
        node.origin = _changed(given, words, node.origin)
    return True


def _change_one(node: Node, kind: Kind, rule: Callable[[float], float], words: str, given: Node, file: str) -> None:
    try:
        value = rule(read_number(node, kind))
    except Unreadable:  # reported when the records are built
        return
    node.value = int(value) if kind.form == "integer" and value.is_integer() else value
    node.text = None
    node.origin = _changed(given, words, node.origin)
    node.touched = node.touched | {file}


def _changed(given: Node, words: str, before: Origin) -> Origin:
    return replace(given.place, change=words, before=before)


def apply_policies(root: Node, given: Node, file: str, faults: Faults) -> None:
    """Add policies; one with an id that is there already replaces it, `remove: true` takes it out."""
    if not isinstance(given.value, list):
        faults.add(given.origin, "policies", "needs a list", "start each policy with '- {id: ..., kind: ...}'")
        return
    policies = root.value.setdefault("policies", Node([], given.origin))
    if not isinstance(policies.value, list):
        return
    seen: set[Key] = set()
    for entry in given.value:
        name = entry.get("id")
        if name in seen and name is not None:
            faults.add(entry.origin, f"policies[{name}]", "policy given twice in this file", "give each its own id")
            continue
        seen.add(name)
        _policy(policies, entry, name, file, faults)


def _policy(policies: Node, entry: Node, name: Key | None, file: str, faults: Faults) -> None:
    there = [i for i, rule in enumerate(policies.value) if name is not None and rule.get("id") == name]
    new = entry.copy()
    if isinstance(new.value, dict) and "remove" in new.value:
        remove = new.value.pop("remove")
        if remove.value is not True or set(new.value) != {"id"}:
            faults.add(remove.place, f"policies[{name}].remove", "takes a policy out", "write {id: ..., remove: true}")
            return
        if not there or policies.value[there[0]].removed:
            known = [rule.get("id") for rule in policies.value if not rule.removed and rule.get("id") is not None]
            hint = suggest(str(name), known) or "there is none to remove"
            faults.add(entry.origin, f"policies[{name}]", "no policy of that id to remove", hint)
            return
        new = policies.value[there[0]].copy()
        new.removed = True
    new = _new(new, policies.value[there[0]] if there else None, file)
    if there:
        policies.value[there[0]] = new
    else:
        policies.value.append(new)


def stated_sources(root: Node, given: Node, faults: Faults) -> list[Node]:
    """The sources that a file states; an entry that is none goes into the tree, where the checks name it."""
    if not isinstance(given.value, list):
        faults.add(given.origin, "provenance", "needs a list", "of {path, unit, source, year, grade}")
        return []
    rows = [row.copy() for row in given.value]
    for n, row in enumerate(rows):
        for name in PARENT_FIELDS:
            if row.get(name) is not None:
                path = f"provenance[{entry_name(row, n)}].{name}"
                faults.add(row.value[name].place, path, "is written by kctopt, not given", "leave it out")
    check_rows(rows, faults)
    root.value.setdefault("provenance", Node([], given.origin)).value.extend(row for row in rows if not is_row(row))
    return [row for row in rows if is_row(row)]


def reachable(root: Node, path: str, index: Index | None = None) -> list[Target]:
    """All places that a path of `set`, `scale` or `add` names. Raises PathError with a suggestion."""
    first = path.partition(".")[0].partition("[")[0].strip()
    if first in AT_TOP:
        raise PathError("is not changed by path", f"write '{first}:' at the top of the scenario file")
    return find(root, path, index)
