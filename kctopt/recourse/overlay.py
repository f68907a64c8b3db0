"""A state of the world as a scenario: what its overlay says acts from its branch on, and nothing before.

Numbers by year (the budget, controls, the rival's growth) keep what the state before has until the branch. Rules that a
state adds speak of years from the branch on. What has no years cannot change at a branch, and is refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kctopt.errors import ScenarioErrors
from kctopt.scenario import changes
from kctopt.scenario.build import complete
from kctopt.scenario.check import checked
from kctopt.scenario.field_kinds import ROOT, Kind, fields
from kctopt.scenario.nodes import MEMORY, Faults, Node, Origin, from_python
from kctopt.scenario.paths import PathError, Target, find
from kctopt.scenario.records import Scenario
from kctopt.scenario.scalars import Unreadable, read_number
from kctopt.scenario.select import WrongYears, policy_years
from kctopt.scenario.settled import settle

WAYS = {"set": changes.set_value, "scale": changes.scale_value, "add": changes.add_value}


def by_year() -> tuple[str, ...]:
    """Paths of the numbers by year that a scenario has."""
    found = []
    for group, kind in fields(Scenario).items():
        if _dated(kind):
            found.append(group)
        elif kind.form == "record" and kind.record is not None:
            found += [f"{group}.{name}" for name, inner in fields(kind.record).items() if _dated(inner)]
    return tuple(found)


def _dated(kind: Kind) -> bool:
    """Whether a field is a number by year that every scenario has."""
    return kind.form == "series" and not kind.optional


def overlaid(before: Scenario, overlay: Node, year: int, name: str, faults: Faults) -> Scenario | None:
    """The scenario of a state that follows `before` in `year`; None with its faults noted.

    `overlay` has `set`, `scale`, `add` and `policies` as a scenario file does, and `label` perhaps.
    """
    root, own = from_python(before, MEMORY), Faults()
    complete(root, ROOT)
    world = root.copy()
    file = overlay.origin.file
    given = overlay.value.get("policies")
    if given is not None and _policies(root, given, before, year, own):
        changes.apply_policies(root, given, file, own)
    for way, change in WAYS.items():
        entries = overlay.value.get(way)
        if entries is None:
            continue
        allowed = _allowed(root, entries, before, year, own)
        if allowed.value:
            changes.apply_paths(root, allowed, change, file, own)
    for path in by_year():
        _spliced(root, path, before, year)
    root.value["name"] = Node(name, overlay.origin, text=name)
    if overlay.value.get("label") is not None:
        root.value["label"] = overlay.value["label"].copy()
    scenario = None
    try:
        if own:
            raise own.errors()
        complete(root, ROOT)
        settle(root, [world], file)
        complete(root, ROOT)
        scenario = checked(root, own, [file])
    except ScenarioErrors as error:
        for fault in error.faults:
            where = Origin(fault.file, fault.line, fault.column, sheet=fault.sheet)
            faults.by_place.setdefault((where, fault.path, fault.message), fault)
    return scenario


def _allowed(root: Node, entries: Node, before: Scenario, year: int, faults: Faults) -> Node:
    """The entries that speak of numbers by year, from the branch on; the others are faults."""
    if not isinstance(entries.value, dict):
        faults.add(entries.origin, "", "needs a mapping of paths to values", "such as {controls.intensity: 0.4}")
        return Node({}, entries.origin)
    kept = {}
    for path, given in entries.value.items():
        try:
            for target in changes.reachable(root.copy(), str(path)):
                _timely(target, given, before, year)
            kept[path] = given
        except PathError as error:
            faults.add(given.place, str(path), error.message, error.hint)
    return Node(kept, entries.origin)


def _timely(target: Target, given: Node, before: Scenario, year: int) -> None:
    """Refuse what has no years, or names one before the branch or after the horizon. Raises PathError."""
    last = before.horizon.all_years[-1]
    one = isinstance(target.location[-1], int) and ".".join(map(str, target.location[:-1])) in by_year()
    if not one and target.kind.form != "series":
        raise PathError(f"has no years, so that it cannot change from {year} on", f"by year are {', '.join(by_year())}")
    named = [target.location[-1]] if one else list(given.value) if isinstance(given.value, dict) else []
    for each in named:
        if isinstance(each, int) and each < year:
            raise PathError(f"speaks of {each}, before the branch in {year}", f"a state acts from {year} on")
        if isinstance(each, int) and each > last:
            raise PathError(f"speaks of {each}, after the horizon", f"the last year that counts is {last}")


def _policies(root: Node, given: Node, before: Scenario, year: int, faults: Faults) -> bool:
    """Whether rules are new ones of years from the branch on; what is not is a fault."""
    if not isinstance(given.value, list):
        return True  # refused where it is applied
    known, fine = {policy.id for policy in before.policies}, True
    for entry in given.value:
        name = entry.get("id")
        path = f"policies[{name}]"
        if name in known or (isinstance(entry.value, dict) and "remove" in entry.value):
            message = f"changes a rule that acts before the branch in {year} too"
            faults.add(entry.place, path, message, "a state adds rules: give it an id of its own")
            fine = False
            continue
        early = _earliest(entry, before)
        if early is not None and early < year:
            span = f"{year}-{before.horizon.last_year}"
            key = "by" if entry.get("kind") == "target" else "years"
            message = f"acts from {early} on, before the branch in {year}"
            faults.add(entry.place, f"{path}.{key}", message, f"such as {key}: {span if key == 'years' else year}")
            fine = False
    return fine


def _earliest(entry: Node, before: Scenario) -> int | None:
    """First year in which a rule acts; None where that cannot be read, which the checks report."""
    if entry.get("kind") == "target":
        by = entry.get("by")
        return by if isinstance(by, int) else None
    try:
        return policy_years(str(entry.get("years") or ""), before.horizon)[0]
    except WrongYears:
        return None


def _spliced(root: Node, path: str, before: Scenario, year: int) -> None:
    """A number by year: what the state before has until the branch, what the overlay says from it on."""
    target = find(root, path)[0]
    group, _, name = path.partition(".")
    series: Any = getattr(getattr(before, group), name) if name else getattr(before, group)
    node, kind = target.node, target.kind
    assert node is not None  # defaults are in the tree
    horizon = before.horizon
    years = np.arange(horizon.base_year, horizon.all_years[-1] + 1)
    try:
        if isinstance(node.value, dict):
            points = sorted((int(key), read_number(child, kind), child) for key, child in node.value.items())
            after = np.interp(years, [point[0] for point in points], [point[1] for point in points])
        else:
            points, after = [(year, read_number(node, kind), node)], np.full(len(years), read_number(node, kind))
    except (Unreadable, ValueError, TypeError):  # told by the checks
        return
    held = series.at(years)
    if np.array_equal(held[years >= year], after[years >= year]):
        target.put(from_python(series, MEMORY))
        return
    values: dict[str | int, Node] = {}
    for each, old, new in zip(years.tolist(), held.tolist(), after.tolist(), strict=True):
        near = max((point for point in points if point[0] <= each), default=points[0], key=lambda point: point[0])[2]
        origin = near.origin if each >= year else MEMORY
        values[each] = Node(old if each < year else new, origin, touched=near.touched if each >= year else frozenset())
    target.put(Node(values, node.origin, node.key, touched=node.touched))


def lines(overlay: Node) -> tuple[str, ...]:
    """What an overlay says, a line for each path, as the file has it."""
    found = []
    for way in WAYS:
        entries = overlay.value.get(way)
        if entries is not None and isinstance(entries.value, dict):
            found += [f"{way} {path}: {_plain(given)}" for path, given in entries.value.items()]
    given = overlay.value.get("policies")
    if given is not None and isinstance(given.value, list):
        found += [f"policy {entry.get('id')}" for entry in given.value]
    return tuple(found)


def _plain(node: Node) -> str:
    if isinstance(node.value, dict):
        return "{" + ", ".join(f"{key}: {_plain(child)}" for key, child in node.value.items()) + "}"
    return str(node.text if node.text is not None else node.value)
