"""Several parents to one world: a value that two of them changed to different things is a conflict."""

from __future__ import annotations

from dataclasses import dataclass

from kctopt.scenario.field_kinds import ROOT, Kind, fields, policy_fields
from kctopt.scenario.nodes import DEFAULT, Faults, Location, Node, Origin, entry_name, leaves, show


@dataclass(frozen=True)
class MergeConflict:
    """One place where two parents disagree."""

    location: Location
    first: Node
    second: Node


def merge(first: Node, second: Node, conflicts: list[MergeConflict]) -> Node:
    """World of two parents. Where only one of them changed a value, its value stands, be it the same."""
    return _merge(first, second, ROOT, (), conflicts)


def report(conflicts: list[MergeConflict], root: Node, child: str, place: Node, faults: Faults) -> None:
    """Report the conflicts that the child did not settle by setting the value itself."""
    for conflict in conflicts:
        if not _settled(root, conflict.location, child):
            path = show(root, conflict.location)
            first, second = conflict.first, conflict.second
            at, there = _set_at(first, second), _set_at(second, first)
            message = f"two parents disagree: {_brief(first)} ({at}) and {_brief(second)} ({there})"
            policy = len(conflict.location) == 2 and conflict.location[0] == "policies"
            what = f"give a policy '{conflict.first.get('id')}'" if policy else f"set {path}"
            faults.add(place.origin, path, message, f"say which: {what} in this file")


def _merge(first: Node, second: Node, kind: Kind, location: Location, conflicts: list[MergeConflict]) -> Node:
    whole = first.touched == second.touched  # neither was replaced as a whole by one side only
    if location == ("provenance",):
        return Node([*first.copy().children(), *second.copy().children()], first.origin, first.key)  # see settled.py
    if whole and isinstance(first.value, dict) and isinstance(second.value, dict) and kind.form in ("record", "policy"):
        return _merge_mapping(first, second, kind, location, conflicts)
    if whole and isinstance(first.value, list) and isinstance(second.value, list) and kind.item is not None:
        return _merge_list(first, second, kind.item, location, conflicts)
    in_first, in_second = first.touched_within(), second.touched_within()
    if plain(first) == plain(second):
        merged = (second if in_first < in_second else first).copy()
        merged.touched = first.touched | second.touched
        return merged
    if in_second <= in_first:
        return first.copy()
    merged = second.copy()
    if not in_first <= in_second:
        conflicts.append(MergeConflict(location, first, second))
        merged.touch(in_first | in_second)
    return merged


def _merge_mapping(first: Node, second: Node, kind: Kind, location: Location, conflicts: list[MergeConflict]) -> Node:
    kinds = fields(kind.record) if kind.record else policy_fields(first.get("kind"))
    merged = Node({}, first.origin, first.key, touched=first.touched, removed=first.removed)
    for key in [*first.value, *(key for key in second.value if key not in first.value)]:
        if key in first.value and key in second.value:
            field = kinds.get(str(key), Kind("text"))
            merged.value[key] = _merge(first.value[key], second.value[key], field, (*location, key), conflicts)
        else:
            merged.value[key] = (first.value.get(key) or second.value.get(key)).copy()
    return merged


def _merge_list(first: Node, second: Node, item: Kind, location: Location, conflicts: list[MergeConflict]) -> Node:
    there = {entry_name(entry, i): entry for i, entry in enumerate(second.value)}
    merged = Node([], first.origin, first.key, touched=first.touched)
    for i, entry in enumerate(first.value):
        other = there.pop(entry_name(entry, i), None)
        both = entry.copy() if other is None else _merge(entry, other, item, (*location, i), conflicts)
        merged.value.append(both)
    merged.value.extend(entry.copy() for entry in there.values())
    return merged


def plain(node: Node) -> object:
    """Value of a node without places; comparable."""
    if isinstance(node.value, dict):
        return node.removed, {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value


def _settled(root: Node, location: Location, child: str) -> bool:
    """Whether the child set the value, or something around it."""
    node = root
    for key in location:
        below = node.child(key)
        if below is None or child in below.touched:
            return True
        node = below
    return False


def _set_at(node: Node, other: Node) -> Origin:
    """Where a parent set a value; of a series or an entry the first of its parts that the other parent did not set."""
    known = other.touched_within()
    return next((leaf.origin for _, leaf in leaves(node) if leaf.touched - known), node.origin)


def _brief(node: Node) -> str:
    if node.removed:
        return "removed"
    if isinstance(node.value, dict):
        text = ", ".join(f"{key}: {_brief(child)}" for key, child in node.value.items() if child.origin != DEFAULT)
        return f"{{{text if len(text) <= 60 else text[:57] + '...'}}}"
    return f"a list of {len(node.value)}" if isinstance(node.value, list) else _number(node.value)


def _number(value: object) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)
