"""Names that must mean something: ids, and every field that points to an id.

These checks read the tree and not the records, so that a wrong number on one row hides no wrong name on another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kctopt.errors import suggest
from kctopt.scenario.field_kinds import Kind
from kctopt.scenario.filename import unfit
from kctopt.scenario.nodes import Faults, Location, Node, at, show
from kctopt.scenario.options import parts
from kctopt.scenario.paths import Index, PathError, find
from kctopt.scenario.records import QUADRANTS, RUNGS
from kctopt.scenario.scalars import control_character, is_unit

LISTS: tuple[Location, ...] = (
    ("domains",),
    ("lines",),
    ("rungs",),
    ("quadrants",),
    ("military", "indices"),
    ("policies",),
    ("modes",),
    ("programmes",),
)
FIRST = 5  # of many ids, named where none is near
ID = re.compile(r"[^\s\[\],;=.*]+")


def check_references(root: Node, faults: Faults) -> None:
    """Report ids that are odd or given twice, and names that point to nothing."""
    _check_name(root, faults)
    for location in LISTS:
        _check_ids(root, location, faults)
    _check_pairs(root, faults)
    domains, lines = _ids(root, ("domains",)), _ids(root, ("lines",))
    _point(root, ("lines",), "domain", domains, "domain", faults)
    _point(root, ("spillovers",), "source", domains, "domain", faults)
    _point(root, ("spillovers",), "target", domains, "domain", faults)
    _point(root, ("policies",), "domain", domains, "domain", faults)
    _point(root, ("policies",), "line", lines, "line", faults)
    _point(root, ("tranches",), "line", lines, "line", faults)
    _point(root, ("programmes",), "line", lines, "line", faults)
    _check_bands(root, lines, faults)
    _check_programmes(root, faults)
    _check_index(root, faults)
    _check_complete(root, ("quadrants",), QUADRANTS, faults)
    _check_order(root, faults)
    _check_provenance(root, faults)


def _entries(root: Node, location: Location) -> Iterator[tuple[Location, Node]]:
    node = _exactly(root, location)
    if node is not None and isinstance(node.value, list):
        for i, entry in enumerate(node.value):
            if isinstance(entry.value, dict):
                yield (*location, i), entry


def _exactly(root: Node, location: Location) -> Node | None:
    node: Node | None = root
    for key in location:
        node = node.value.get(key) if node is not None and isinstance(node.value, dict) else None
    return node


def _ids(root: Node, location: Location) -> list[str]:
    return [str(entry.get("id")) for _, entry in _entries(root, location) if entry.get("id") is not None]


def _check_ids(root: Node, location: Location, faults: Faults) -> None:
    seen: dict[str, Node] = {}
    for where, entry in _entries(root, location):
        node = entry.value.get("id")
        if node is None or node.value is None or isinstance(node.value, dict | list):
            continue
        name = str(node.value)
        if name in seen:
            message = f"id '{name}' is given twice (first at {seen[name].origin})"
            faults.add(node.origin, show(root, where), message, "give each its own id")
        elif not ID.fullmatch(name):
            hint = "use letters, digits and hyphens; spaces and . , ; = * [ ] have a meaning in paths and lists"
            faults.add(node.origin, show(root, (*where, "id")), f"'{name}' cannot be an id", hint)
        seen.setdefault(name, node)


def _check_name(root: Node, faults: Faults) -> None:
    """The name becomes that of folders and files."""
    node, name = root.child("name"), root.get("name")
    if not isinstance(name, str) or control_character(name):
        return  # reported
    if node is not None and (fault := unfit(name)):
        reason, hint = fault
        faults.add(node.origin, "name", f"{name[:40]!r} cannot be a name: {reason}", hint)


def _check_pairs(root: Node, faults: Faults) -> None:
    seen: dict[tuple[object, object], Node] = {}
    for where, entry in _entries(root, ("spillovers",)):
        pair = (entry.get("source"), entry.get("target"))
        if pair in seen and None not in pair:
            message = f"spillover given twice (first at {seen[pair].origin})"
            faults.add(entry.origin, show(root, where), message, "keep one of the two")
        seen.setdefault(pair, entry)


def _point(root: Node, location: Location, field: str, known: list[str], what: str, faults: Faults) -> None:
    """Every `field` of a list must be one of the known ids; nothing is said when the known ones are missing."""
    for where, entry in _entries(root, location):
        name = entry.get(field)
        if name is not None and known and str(name) not in known:
            node = at(root, (*where, field))
            faults.add(node.origin, show(root, (*where, field)), f"unknown {what} '{name}'", _hint(name, known))


def _hint(name: object, known: list[str]) -> str:
    """The nearest of the known ids; else all, or the first of many."""
    return suggest(str(name), known) or (f"known: {', '.join(known[:FIRST])}, …" if known else "")


def _check_bands(root: Node, lines: list[str], faults: Faults) -> None:
    """Every line of a band must be known."""
    for where, entry in _entries(root, ("policies",)):
        node = entry.value.get("lines")
        for i, name in enumerate(node.value) if node is not None and isinstance(node.value, list) and lines else ():
            if isinstance(name.value, str) and name.value not in lines:
                path = show(root, (*where, "lines", i))
                faults.add(name.origin, path, f"unknown line '{name.value}'", _hint(name.value, lines))


def _check_programmes(root: Node, faults: Faults) -> None:
    """Every programme that another requires or excludes must be known."""
    known = _ids(root, ("programmes",))
    for where, entry in _entries(root, ("programmes",)):
        for field in ("requires", "excludes"):
            for name in parts(str(entry.get(field) or "")):
                if name not in known:
                    message = f"unknown programme '{name}'"
                    hint = "join several by ';'" if "," in name else _hint(name, known)
                    faults.add(at(root, (*where, field)).origin, show(root, (*where, field)), message, hint)


def _check_index(root: Node, faults: Faults) -> None:
    node, known = _exactly(root, ("military", "index")), _ids(root, ("military", "indices"))
    if node is not None and isinstance(node.value, str) and known and node.value not in known:
        faults.add(node.origin, "military.index", f"unknown index '{node.value}'", suggest(node.value, known))


def _check_complete(root: Node, location: Location, wanted: tuple[str, ...], faults: Faults) -> None:
    node, ids = _exactly(root, location), _ids(root, location)
    if node is None or len(ids) != len(node.children()) or not set(ids) <= set(wanted) or len(set(ids)) < len(ids):
        return  # another fault is reported
    missing = [name for name in wanted if name not in ids]
    path = show(root, location)
    if missing:
        faults.add(node.origin, path, f"{', '.join(missing)} missing", f"it needs all of {', '.join(wanted)}")


def _check_order(root: Node, faults: Faults) -> None:
    ids = _ids(root, ("rungs",))
    if set(ids) == set(RUNGS) and len(ids) == len(RUNGS) and tuple(ids) != RUNGS:
        message = f"are in the order {', '.join(ids)}"
        faults.add(at(root, ("rungs",)).origin, "rungs", message, f"the order is {', '.join(RUNGS)}")


def _check_provenance(root: Node, faults: Faults) -> None:
    """A source must speak of a path that exists; policies come and go, so those are let be."""
    index = Index()
    spoilt = {re.split(r"[.\[]", fault.path)[0] for fault in faults.by_place.values() if fault.path}
    for where, entry in _entries(root, ("provenance",)):
        path = entry.get("path")
        if not isinstance(path, str) or path.startswith(("policies[", *spoilt)):
            continue
        try:
            targets = find(root, path, index)
            if any(target.of_constant for target in targets):
                series = path.rpartition(".")[0]
                raise PathError(f"'{series}' is one number for all years", f"name the source of {series}")
        except PathError as error:
            node = at(root, (*where, "path"))
            faults.add(node.origin, show(root, (*where, "path")), f"'{path}': {error.message}", error.hint)
            continue
        node = entry.value.get("unit")
        kind = next((target.kind for target in targets if target.kind.form in ("number", "integer", "series")), None)
        if node is not None and isinstance(node.value, str) and kind is not None and not _fits(node.value, kind):
            message = f"is '{node.value}', but {path} is in {kind.unit}" if kind.unit else (
                f"is '{node.value}', but {path} has no unit"
            )  # fmt: skip
            hint = "write the unit of the figure as the scenario holds it; convert the figure if it is in another"
            faults.add(node.origin, show(root, (*where, "unit")), message, hint)


def _fits(unit: str, kind: Kind) -> bool:
    """Whether a row of provenance may say this unit of a field; it may say none."""
    return not unit.strip() or is_unit(unit, kind)
