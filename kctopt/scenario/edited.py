"""What a workbook changes, held against its parent as that stands today.

Cells that equal the parent's value say nothing, and the user is told where the parent has moved on since the workbook
was written.
"""

from __future__ import annotations

from typing import Any

from kctopt.scenario.grids import same
from kctopt.scenario.merge import plain
from kctopt.scenario.nodes import DEFAULT, Node, at, leaves, show


def against_parent(layer: Node, written: dict[str, Any], parent: Node, file: str, notes: list[str]) -> Node:
    """The layer without what equals the parent's; notes where the parent no longer has what was written."""
    now = _values(parent)
    entries = layer.value.get("set")
    changed: dict[str | int, Node] = entries.value if entries is not None else {}
    stale = [path for path, value in written.items() if not same(now.get(path), value)]
    stale = [path for path in stale if path not in changed and path.rpartition(".")[0] not in changed]
    if stale:
        path = stale[0]
        more = f" (and {len(stale) - 1} more)" if len(stale) > 1 else ""
        has = now.get(path, "nothing")
        notes.append(
            f"{file}: shows {written[path]} for {path}, which the parent has at {has} by now{more}; "
            "the parent's counts. `kctopt new --xlsx` writes a workbook with its values"
        )
    edits = dict(layer.value)
    if entries is not None:
        kept = {path: _untouched(node, str(path), written, parent) for path, node in changed.items()
                if not _equal(node, str(path), now)}  # fmt: skip
        edits["set"] = Node(kept, entries.origin)
    if (rules := layer.value.get("policies")) is not None:
        edits["policies"] = Node([rule for rule in rules.value if not _same_rule(rule, parent)], rules.origin)
    return Node(edits, layer.origin)


def _untouched(node: Node, path: str, written: dict[str, Any], parent: Node) -> Node:
    """A series of which some years were edited; the others stay the parent's, with what set them there."""
    have = at(parent, tuple(path.split(".")))
    if not isinstance(node.value, dict) or not isinstance(have.value, dict):
        return node
    points = {
        year: have.value[year].copy()
        if year in have.value
        and same(child.value, written.get(f"{path}.{year}"))
        and same(child.value, have.value[year].value)
        else child
        for year, child in node.value.items()
    }
    return Node(points, node.origin, node.key)


def _same_rule(rule: Node, parent: Node) -> bool:
    """Whether a rule says what the parent's of the same id says, and nothing is left out of that."""
    there = [old for old in at(parent, ("policies",)).children() if not old.removed and old.get("id") == rule.get("id")]
    if not there or set(rule.value) - set(there[0].value):
        return False
    left = [child for name, child in there[0].value.items() if name not in rule.value]
    return all(child.origin == DEFAULT for child in left) and all(
        _same_node(child, there[0].value[name]) for name, child in rule.value.items()
    )


def _same_node(first: Node, second: Node) -> bool:
    if isinstance(first.value, list) or isinstance(second.value, list):
        return plain(first) == plain(second)
    return not first.faulty and (first.value == second.value or same(first.value, second.value))


def _values(parent: Node) -> dict[str, Any]:
    """Every value by path, as cells hold them: a list of names joined by ';'."""
    values: dict[str, Any] = {}
    for location, node in leaves(parent):
        path = show(parent, location)
        if path.endswith("]"):
            before = path.rpartition("[")[0]
            values[before] = f"{values[before]};{node.value}" if before in values else node.value
        else:
            values[path] = node.value
    return values


def _equal(node: Node, path: str, now: dict[str, Any]) -> bool:
    """Whether a change sets what the parent has."""
    if node.faulty:
        return False
    if isinstance(node.value, dict):
        have = {name.rpartition(".")[2]: value for name, value in now.items() if name.rpartition(".")[0] == path}
        points = {str(year): child for year, child in node.value.items()}
        return set(have) == set(points) and all(
            not child.faulty and same(child.value, have[year]) for year, child in points.items()
        )
    return path in now and (same(node.value, now[path]) or (node.value is None and now[path] is None))
