"""A scenario some of whose numbers are drawn: arrays of D draws stand where the others hold one number.

Paths are found and changed as `kctopt.load` does it, on the tree of the scenario, so that a path means the same in a
draw and in a file: all values that are set come first, then factors, then amounts. The records are not checked when
they take arrays; `invalid.py` finds the draws that a file could not hold.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kctopt.scenario import changes
from kctopt.scenario.build import LIMITS, complete
from kctopt.scenario.field_kinds import POLICY_KINDS, ROOT, Kind, entry_fields, fields
from kctopt.scenario.nodes import MEMORY, Faults, Location, Node, Origin, from_python, show
from kctopt.scenario.paths import PathError, Target, find
from kctopt.scenario.record import ROUNDING
from kctopt.scenario.records import Record, Scenario, Series
from kctopt.study.records import Array, Draws, UncertainInput

DRAWS = Origin("draws")


@dataclass(frozen=True)
class Place:
    """One number of a scenario that is drawn."""

    location: Location
    path: str
    kind: Kind
    values: Array  # (D,)


@dataclass(frozen=True)
class DrawnScenario:
    """A scenario with arrays of draws, and where they stand."""

    scenario: Scenario
    places: tuple[Place, ...]
    count: int

    def take(self, draws: NDArray[np.intp] | slice) -> DrawnScenario:
        """The same with some of its draws."""
        places = tuple(Place(p.location, p.path, p.kind, p.values[draws]) for p in self.places)
        scenario = self._mapped(lambda values: values[draws])
        return DrawnScenario(scenario, places, len(np.arange(self.count)[draws]))

    def one(self, draw: int) -> Scenario:
        """The scenario of one draw, unchecked."""
        return self._mapped(lambda values: float(values[draw]))

    def _mapped(self, change: Callable[[Array], Any]) -> Scenario:
        groups = {str(place.location[0]) for place in self.places} if self.places else Scenario.model_fields
        made = {name: _mapped(getattr(self.scenario, name), change) for name in groups}
        return self.scenario.model_copy(update=made)


def tree(scenario: Scenario) -> Node:
    """The tree of a scenario, defaults written out, without what is said of its sources."""
    root = from_python(scenario, MEMORY)
    root.value["provenance"] = Node([], MEMORY)
    complete(root, ROOT)
    return root


def numeric(entry: UncertainInput, values: NDArray[np.object_], root: Node, faults: Faults) -> bool:
    """Whether an input is numbers in places of numbers, so that its draws may be arrays.

    Paths that name nothing are noted as faults of the draws.
    """
    kinds = []
    for path in entry.paths:
        try:
            kinds += [target.kind for target in find(root, path)]
        except PathError as error:
            faults.add(Origin(entry.origin or DRAWS.file), path, error.message, error.hint)
    plain = all(isinstance(value, int | float | np.number) and not isinstance(value, bool) for value in values)
    return plain and all(kind.form in ("number", "series") for kind in kinds)


def with_draws(scenario: Scenario, given: Mapping[str, Mapping[str, Array]], count: int) -> DrawnScenario:
    """A scenario with numbers by way (`set`, `scale`, `add`) and path, each an array of `count` draws.

    Raises ScenarioErrors with every path that names no number, or what another sets.
    """
    root, faults = tree(scenario), Faults()
    named = root.copy()  # a tranche is named by numbers that may be drawn
    ways = {"set": changes.set_value, "scale": _changer(operator.mul), "add": _changer(operator.add)}
    for way, change in ways.items():
        entries: dict[str | int, Node] = {path: Node(values, DRAWS) for path, values in given.get(way, {}).items()}
        changes.apply_paths(root, Node(entries, DRAWS), change, DRAWS.file, faults)
    if faults:
        raise faults.errors()
    places: list[Place] = []

    def found(location: Location, kind: Kind, values: Array) -> None:
        places.append(Place(location, show(named, location), kind, values))

    made = _rebuilt(scenario.model_copy(update={"provenance": ()}), root, ROOT, (), found)
    return DrawnScenario(made, tuple(places), count)


def overlays(draws: Draws, columns: NDArray[np.intp] | list[int]) -> dict[str, dict[str, Array]]:
    """Values of some inputs in all draws, by way and path; of two on one path the last counts, as in `overlay`."""
    given: dict[str, dict[str, Array]] = {"set": {}, "scale": {}, "add": {}}
    for k in columns:
        entry = draws.inputs[k]
        way = "set" if entry.way == "value" else entry.way
        given[way].update(dict.fromkeys(entry.paths, draws.values[:, k].astype(float)))
    return given


def _changer(rule: Callable[[Any, Any], Any]) -> changes.Change:
    """A change of a number, or of all numbers of a series, by a rule."""

    def change(target: Target, given: Node, _: str) -> bool:
        node = target.node
        if target.kind.form not in ("number", "series"):
            raise PathError("is not a number", "use 'set:' for it")
        if node is None or node.value is None:
            return False
        for number in node.children() if isinstance(node.value, dict) else [node]:
            number.value = rule(number.value, given.value)
        return True

    return change


Found = Callable[[Location, Kind, Array], None]


def _rebuilt(value: Any, node: Node, kind: Kind, location: Location, found: Found) -> Any:
    """A value of a record with the arrays that its node holds in place."""
    match kind.form:
        case "number" if isinstance(node.value, np.ndarray):
            return _number(node, kind, kind.bounds, location, found)
        case "series":
            return _series(value, node, kind, location, found)
        case "list" if kind.item is not None and isinstance(value, tuple) and isinstance(kind.item, Kind):
            item = kind.item
            if not entry_fields(item):
                return value
            return tuple(
                _rebuilt(each, child, item, (*location, n), found)
                for n, (each, child) in enumerate(zip(value, node.children(), strict=True))
            )
        case "record" | "policy" if isinstance(value, Record) and isinstance(node.value, dict):
            known = fields(type(value)) if kind.form == "record" else fields(POLICY_KINDS[str(node.get("kind"))])
            made = {
                name: _rebuilt(getattr(value, name), child, known[name], (*location, name), found)
                for name, child in node.value.items()
                if name in known
            }
            changed = {name: new for name, new in made.items() if new is not getattr(value, name)}
            return value.model_copy(update=changed) if changed else value
    return value


def _number(node: Node, kind: Kind, limits: tuple[tuple[str, float], ...], location: Location, found: Found) -> Array:
    """Draws of a number; one that misses a limit by rounding alone stands at the limit, as in a file."""
    values = np.asarray(node.value, dtype=float)
    for side, limit in limits:
        beyond = {"ge": limit - values, "le": values - limit}.get(side, np.zeros(()))
        values = np.where((beyond > 0) & (beyond <= ROUNDING * max(1.0, abs(limit))), limit, values)
    found(location, kind, values)
    return values


def _series(value: Any, node: Node, kind: Kind, location: Location, found: Found) -> Any:
    if kind.series is None or not _any_drawn(node):
        return value
    limits = LIMITS.get(kind.series, ())
    of_point = Kind("number", unit=kind.unit, bounds=limits)
    if not isinstance(node.value, dict):
        return _unchecked(kind.series, _number(node, of_point, limits, location, found))
    points = {
        int(year): _number(child, of_point, limits, (*location, year), found)
        if _any_drawn(child)
        else float(child.value)
        for year, child in node.value.items()
    }
    return _unchecked(kind.series, points)


def _unchecked(series: type[Series], root: Any) -> Series:
    return series.model_construct(root=root)


def _any_drawn(node: Node) -> bool:
    return isinstance(node.value, np.ndarray) or any(map(_any_drawn, node.children()))


def _mapped(value: Any, change: Callable[[Array], Any]) -> Any:
    """A value of a record with every array in it changed."""
    if isinstance(value, np.ndarray):
        return change(value)
    if isinstance(value, Series):
        root = value.root
        if isinstance(root, dict):
            points = {year: _mapped(point, change) for year, point in root.items()}
            same = all(points[year] is point for year, point in root.items())
            return value if same else _unchecked(type(value), points)
        return _unchecked(type(value), change(root)) if isinstance(root, np.ndarray) else value
    if isinstance(value, tuple):
        made = tuple(_mapped(each, change) for each in value)
        return value if all(new is old for new, old in zip(made, value, strict=True)) else made
    if isinstance(value, Record):
        parts = {name: _mapped(part, change) for name, part in vars(value).items()}
        changed = {name: part for name, part in parts.items() if part is not getattr(value, name)}
        return value.model_copy(update=changed) if changed else value
    return value
