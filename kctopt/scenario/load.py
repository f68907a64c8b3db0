"""From a scenario's name or path to its validated records, with the origin of every value.

loaded = load("baseline", set={"lines[domain=quantum].growth": 0.8})
loaded.scenario                 the records
loaded.origin["budget"]         models/kct-2035/model.yaml:7
dump(loaded.scenario)           YAML text that loads back to the same scenario, without any other file
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kctopt.errors import ScenarioErrors
from kctopt.scenario import changes
from kctopt.scenario.build import complete
from kctopt.scenario.bundled import bundled_models, bundled_root, bundled_scenarios
from kctopt.scenario.check import checked
from kctopt.scenario.dump import dump
from kctopt.scenario.field_kinds import ROOT
from kctopt.scenario.files import Reading, called
from kctopt.scenario.layers import latest, named, read_layer, scenario_path, tree_of, world_of
from kctopt.scenario.nodes import (
    ARGUMENTS,
    CALLS,
    COMMAND_LINE,
    DEFAULT,
    MEMORY,
    Faults,
    Node,
    Origin,
    Typed,
    from_python,
    leaves,
    show,
)
from kctopt.scenario.plausible import doubts
from kctopt.scenario.records import Scenario
from kctopt.scenario.remarks import remarks
from kctopt.scenario.settled import settle, settle_copy
from kctopt.scenario.spread import beyond
from kctopt.scenario.yamlfile import read_yaml
from kctopt.scenario.yields_from import fill_yields

__all__ = ["Loaded", "bundled_models", "bundled_root", "bundled_scenarios", "dump", "load", "overrides"]

WAYS = {"set": changes.set_value, "scale": changes.scale_value, "add": changes.add_value}


@dataclass(frozen=True)
class Loaded:
    """A scenario and where it came from."""

    scenario: Scenario
    origin: dict[str, Origin]  # by path, such as lines[ai-B].spend
    files: tuple[Path, ...]  # all files read, the scenario's own first
    hashes: dict[str, str]  # sha256 of each, by the file's name in messages
    notes: tuple[str, ...] = ()  # no faults, but the user should know
    variants: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # titles of a workbook's, by name, language


def load(
    source: str | Path | Scenario, *, set: Mapping[str, Any] | None = None,
    scale: Mapping[str, Any] | None = None, add: Mapping[str, Any] | None = None,
) -> Loaded:  # fmt: skip
    """Load and check a scenario.

    Parameters
    ----------
    source
        Bundled name, path of a scenario file, a variant of a workbook (FILE.xlsx#NAME), or a folder with a
        scenario.yaml (a run, a study); or a Scenario, which passes the same checks however it was made.
    set, scale, add
        Changes by path that come last, in this order, as the keys of a file. Text is read as YAML.

    Raises
    ------
    ScenarioErrors
        All faults found.
    """
    changed = {"set": set or {}, "scale": scale or {}, "add": add or {}}
    if isinstance(source, Scenario):
        return _in_memory(source, changed)
    reading = Reading()
    layer = read_layer(scenario_path(source, reading), reading)
    world = world_of(layer, reading)
    root = tree_of(layer, world, reading)
    _override(root, changed, reading.faults)
    named(root, layer, world)
    fill_yields(root, layer, reading)
    scenario = checked(root, reading.faults, [*reversed(CALLS), *dict.fromkeys(latest(layer))])
    reading.notes += remarks(scenario)
    origin = {show(root, location): node.origin for location, node in leaves(root)}
    parent = None if layer.full else reading.trees.get(world.path)
    return Loaded(
        scenario=scenario,
        origin=origin,
        files=tuple(reading.hashes),
        hashes={called(path): digest for path, digest in reading.hashes.items()},
        notes=(*reading.notes, *beyond(root, origin), *doubts(scenario, origin, parent)),
        variants=layer.variants.titles(),
    )


def overrides(texts: Iterable[str]) -> dict[str, str]:
    """Paths and values of '--set path=value' texts, for `load(..., set=...)`. Raises ScenarioErrors."""
    faults, values = Faults(), dict[str, str]()
    for text in texts:
        depth, split = 0, -1
        for i, letter in enumerate(text):
            depth += (letter == "[") - (letter == "]")
            if letter == "=" and depth == 0:
                split = i
                break
        if split <= 0:
            faults.add(COMMAND_LINE, text, "is not of the form path=value", "such as --set money.carry_share=0.1")
        elif text[:split].strip() in values:
            faults.add(COMMAND_LINE, text[:split].strip(), "is given twice", "keep one of the two")
        else:
            values[text[:split].strip()] = Typed(text[split + 1 :])
    if faults:
        raise faults.errors()
    return values


def checked_values(scenario: Scenario) -> Scenario:
    """A Scenario whose values pass the checks of a file, however it was made; without what is said of their sources."""
    root, faults = from_python(scenario, MEMORY), Faults()
    root.value["provenance"] = Node([], MEMORY)
    complete(root, ROOT)
    return checked(root, faults, [*reversed(CALLS)])


def _in_memory(scenario: Scenario, changed: Mapping[str, Mapping[str, Any]]) -> Loaded:
    """A Scenario checked as a file is. Where its values came from is not known, except of those changed here."""
    root, faults = from_python(scenario, MEMORY), Faults()
    complete(root, ROOT)
    if scenario.copied_from is not None:
        original = from_python(scenario.copied_from, MEMORY)
        complete(original, ROOT)
        settle_copy(root, original)
        complete(root, ROOT)
    _override(root, changed, faults)
    reading = Reading(faults)
    fill_yields(root, None, reading)
    checked_scenario = checked(root, faults, [*reversed(CALLS)])
    origin = {show(root, place): node.origin for place, node in leaves(root) if node.origin not in (MEMORY, DEFAULT)}
    notes = (*remarks(checked_scenario), *beyond(root, origin), *doubts(checked_scenario, origin, None))
    return Loaded(scenario=checked_scenario, origin=origin, files=(), hashes={}, notes=notes)


def _override(root: Node, changed: Mapping[str, Mapping[str, Any]], faults: Faults) -> None:
    """Apply the changes given with the call: values set, numbers scaled and added to."""
    for way, given in changed.items():
        if not given:
            continue
        before = root.copy()
        origin = change(root, way, given, faults)
        complete(root, ROOT)
        settle(root, [before], origin.file)
        complete(root, ROOT)


def change(root: Node, way: str, given: Mapping[str, Any], faults: Faults) -> Origin:
    """Change values of a tree by path as a call asks: `set`, `scale` or `add`; returns what changed them."""
    origin = COMMAND_LINE if any(isinstance(value, Typed) for value in given.values()) else ARGUMENTS[way]
    entries: dict[str | int, Node] = {}
    for path, value in given.items():
        text = isinstance(value, str)
        entries[str(path)] = _parsed(str(path), value, origin, faults) if text else from_python(value, origin)
    changes.apply_paths(root, Node(entries, origin), WAYS[way], origin.file, faults)
    return origin


def _parsed(path: str, text: str, origin: Origin, faults: Faults) -> Node:
    """Node of a value given as text; what is wrong with its YAML is reported under its path."""
    own = Faults()
    node = Node(None, origin, faulty=True)
    with suppress(ScenarioErrors):
        node = read_yaml(str(text), origin.file, own) or Node(None, origin)
    for fault in own.errors().faults:
        faults.add(origin, path, fault.message, "put text with brackets or colons in quotes")
    _place(node, origin)
    return node


def _place(node: Node, origin: Origin) -> None:
    node.origin = origin
    node.key = None
    for child in node.children():
        _place(child, origin)
