"""Yields of another scenario: what `calibration.yields.from` names is read, calibrated and written beside the name.

The scenario that results holds the values, so that it and its run need no other file. Of `from` and `values` the one
that was said last counts; a file that says both is refused, but for a full scenario, which kctopt wrote so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from kctopt.errors import ScenarioErrors
from kctopt.scenario.calibrate import base_values, with_yields
from kctopt.scenario.check import checked
from kctopt.scenario.files import Reading, called
from kctopt.scenario.layers import Layer, latest, named, read_layer, scenario_path, tree_of, world_of
from kctopt.scenario.nodes import CALLS, DEFAULT, Faults, Node, Origin, from_python
from kctopt.scenario.records import Scenario

NAME, VALUES = "calibration.yields.from", "calibration.yields.values"
UNITS = {VALUES: "index points/year", f"{VALUES}[*].market": "index points"}


def fill_yields(root: Node, layer: Layer | None, reading: Reading, chain: tuple[Path, ...] = ()) -> None:
    """Write the yields of the scenario that a tree names into it, with their source; notes what is wrong.

    `layer` is the file that the tree comes from, None for one that a program made; `chain` are the files whose yields
    are being read.
    """
    chain = chain or (() if layer is None else (layer.path,))
    group = root.child("calibration")
    yields = None if group is None else group.child("yields")
    name, values = (None if yields is None else yields.child(key) for key in ("from", "values"))
    if yields is None or name is None or values is None or not isinstance(values.value, list):
        return  # the checks name it
    layers = {} if layer is None else {each.file: each for each in _layers(layer)}
    order = [*reversed(CALLS), *dict.fromkeys(() if layer is None else latest(layer))]
    first, second = (_rank(node.origin, order) for node in (name, values))
    if not name.value:
        if first < second:  # taken back
            _put(root, yields, Node([], name.origin))
            yields.value["from"] = Node(None, name.origin)
        return
    if not isinstance(name.value, str):
        return  # the checks name it
    if values.value and second < first:
        yields.value["from"] = Node(None, values.origin)
        return
    source = layers.get(name.origin.file)
    if values.value and first == second:
        if source is not None and not source.full:
            message = "stands beside values, and a file says one of the two"
            reading.faults.add(name.place, NAME, message, "leave out from, or the values")
        return
    other = _read(name, None if source is None else source.path.parent, reading, chain)
    if other is None:
        name.faulty = True
        return
    stated = with_yields(other, base_values(other)).calibration.yields.values
    _put(root, yields, from_python(stated, name.origin), [_source(name, other, *row) for row in UNITS.items()])


def _layers(layer: Layer) -> Iterator[Layer]:
    yield layer
    for parent in layer.parents:
        yield from _layers(parent)


def _rank(origin: Origin, order: list[str]) -> int:
    """How late a value was said: 0 for the last that could speak."""
    return order.index(origin.file) if origin.file in order else len(order) + (origin == DEFAULT)


def _read(name: Node, base: Path | None, reading: Reading, chain: tuple[Path, ...]) -> Scenario | None:
    """The scenario that is named; None where it has faults, which are noted beside those of the one that names it."""
    before, own = set(reading.faults.by_place), Faults()
    try:
        path = scenario_path(name.value, reading, name.origin, base)
        if path in chain:
            files = " -> ".join(map(called, (*chain[chain.index(path) :], path)))
            raise reading.faults.stop(name.origin, NAME, f"goes round in a circle: {files}")
        layer = read_layer(path, reading, name.origin)
        world = world_of(layer, reading)
        root = tree_of(layer, world, reading)
        named(root, layer, world)
        fill_yields(root, layer, reading, (*chain, path))
        order = list(dict.fromkeys(latest(layer)))
        own.by_place = {
            place: fault for place, fault in reading.faults.by_place.items()
            if place not in before or place[0].file in order or place[0].file.startswith(called(world.path))
        }  # fmt: skip
        return checked(root, own, order)
    except ScenarioErrors:
        reading.faults.by_place.update(own.by_place)
        return None


def _source(name: Node, other: Scenario, path: str, unit: str) -> Node:
    """What provenance says of the yields, or of what stands beside them."""
    said = {
        "path": path, "unit": unit, "source": f"base year of scenario {other.name}",
        "year": str(other.horizon.base_year), "grade": "C", "note": f"calibration.yields.from: {name.value}",
    }  # fmt: skip
    return from_python(said, name.origin)


def _put(root: Node, yields: Node, values: Node, sources: Sequence[Node] = ()) -> None:
    """Write yields into a tree, and their source in place of what older rows said of such."""
    yields.value["values"] = values
    rows = root.value.get("provenance")
    if rows is not None and isinstance(rows.value, list):
        kept = [row for row in rows.value if not str(row.get("path")).startswith(VALUES)]
        rows.value = [*kept, *sources]
