"""A model folder: model.yaml with every group of a scenario, and a CSV table beside it for every list."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from kctopt.errors import ScenarioErrors
from kctopt.scenario.build import complete
from kctopt.scenario.field_kinds import ROOT
from kctopt.scenario.files import Reading, called
from kctopt.scenario.nodes import DEFAULT, Node, Origin
from kctopt.scenario.settled import settle_typed
from kctopt.scenario.tables import TABLES, read_table
from kctopt.scenario.yamlfile import read_yaml

LARGEST = 2**53  # of the whole numbers that are exact as floating-point numbers


def read_model(folder: Path, reading: Reading) -> Node:
    """A model folder: model.yaml and its tables, with defaults written in."""
    node = _groups(folder / "model.yaml", reading)
    broken = lost = node is None
    node = node or Node({}, Origin(called(folder / "model.yaml")))
    for name, table in TABLES.items():
        parent = node
        for key in table.path[:-1]:
            parent = parent.value.setdefault(key, Node({}, node.origin))
        if not isinstance(parent.value, dict):
            continue
        given, file = parent.value.get(table.path[-1]), folder / name
        if given is not None and file.exists():
            reading.faults.add(given.place, table.name, f"is given here and in {name}", "keep one of the two")
        elif given is None and ((table.needed and not lost) or file.exists()):
            with suppress(ScenarioErrors):  # noted; go on to find what is wrong with the other tables
                parent.value[table.path[-1]] = read_table(file, table, reading)
                continue
            broken = True
    if broken:
        raise reading.faults.errors()
    content = digest(node)
    complete(node, ROOT)
    settle_typed(node, reading.faults)
    complete(node, ROOT)
    node.value["model_sha256"] = Node(content, DEFAULT, text=content)
    return node


def _groups(path: Path, reading: Reading) -> Node | None:
    """model.yaml as a mapping of groups; None where it is none, which is noted."""
    try:
        node = read_yaml(reading.text(path), called(path), reading.faults)
    except ScenarioErrors:  # noted; go on to find what is wrong with the tables
        return None
    if node is None or not isinstance(node.value, dict):
        reading.faults.add(Origin(called(path)), "", "is not a mapping of groups", "see models/kct-2035")
        return None
    return node


def digest(model: Node) -> str:
    """What tells the models apart, wherever their folders lie and whatever they are called: a hash of their values.

    Labels and sources are left out, and in what order keys and rows stand.
    """
    values = {key: node for key, node in model.value.items() if key != "provenance"}
    text = json.dumps(_bare(Node(values, model.origin)), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _bare(node: Node) -> Any:
    """Values without places and labels; rows in an order of their own."""
    if isinstance(node.value, dict):
        return {str(key): _bare(child) for key, child in node.value.items() if key != "label"}
    if isinstance(node.value, list):
        return sorted((_bare(child) for child in node.value), key=lambda row: json.dumps(row, sort_keys=True))
    whole = isinstance(node.value, int) and not isinstance(node.value, bool) and abs(node.value) < LARGEST
    return float(node.value) if whole else node.value
