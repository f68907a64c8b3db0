"""The chain of a scenario: its file, the files it extends, and the model folder under them all.

Each file is read once. The world at the bottom is a model folder, or a full scenario (one that kctopt wrote);
every file in between changes it. A child that says `model:` moves the whole chain to that model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kctopt.errors import ScenarioErrors, nearest, suggest
from kctopt.scenario import changes
from kctopt.scenario.build import complete
from kctopt.scenario.bundled import bundled_models, bundled_root, bundled_scenarios
from kctopt.scenario.bylabel import resolve_labels
from kctopt.scenario.edited import against_parent
from kctopt.scenario.field_kinds import ROOT, fields
from kctopt.scenario.files import BASE, Reading, called, variant_of
from kctopt.scenario.merge import MergeConflict, merge, report
from kctopt.scenario.modelfolder import read_model
from kctopt.scenario.nodes import DEFAULT, Node, Origin, said_in
from kctopt.scenario.otherfile import refuse_name, refuse_other
from kctopt.scenario.records import SCHEMA_VERSION, Scenario
from kctopt.scenario.scalars import plain_text
from kctopt.scenario.settled import settle, settle_merged, settle_typed
from kctopt.scenario.sheets import SHEETS
from kctopt.scenario.variants import Variants, outdated
from kctopt.scenario.workbook import read_workbook
from kctopt.scenario.yamlfile import read_yaml

LAYER_KEYS = ("model", "extends", "name", "label", "intent", "set", "scale", "add", "policies", "provenance")
SCENARIO_FILE = "scenario.yaml"  # the scenario of a folder
WORKBOOK_FILE = "scenario.xlsx"  # the same, edited in Excel
WORKBOOKS = (".xlsx", ".xlsm")
ENDINGS = (".yaml", ".yml", *WORKBOOKS)
OTHER_BOOKS = {  # workbooks that are not read
    ".xls": "an Excel workbook of the old kind", ".xlsb": "a binary Excel workbook",
    ".ods": "an OpenDocument spreadsheet", ".et": "a WPS spreadsheet", ".numbers": "a Numbers spreadsheet",
}  # fmt: skip


@dataclass
class Layer:
    """One scenario file: its text as nodes, the layers it extends and the model it names."""

    path: Path
    file: str
    node: Node
    full: bool
    written: dict[str, Any] | None = None  # workbooks: the values it was made with, by path
    parents: list[Layer] = field(default_factory=list)
    model: Path | None = None
    model_name: str = ""
    variants: Variants = field(default_factory=Variants)  # of a workbook

    def place(self, key: str) -> Node:
        """The value of a key, or the whole file where the key is not there."""
        child = self.node.value.get(key, self.node)
        assert isinstance(child, Node)
        return child


@dataclass(frozen=True)
class ModelLayer:
    """What a chain stands on: a model folder or a full scenario file."""

    path: Path
    name: str
    full: bool


def scenario_path(source: str | Path, reading: Reading, asked: Origin | None = None, base: Path | None = None) -> Path:
    """File of a scenario named by a bundled name or a path (a folder means the scenario.yaml in it).

    A variant of a workbook, FILE.xlsx#NAME, has that path, which is no file's; FILE.xlsx#base is the workbook itself.
    """
    base = base or Path.cwd()
    text = str(source)
    if not text.strip():
        hint = f"name a bundled scenario ({', '.join(bundled_scenarios())}) or the path of a .yaml or .xlsx file"
        raise reading.faults.stop(asked or Origin(""), "", "the name of the scenario is empty", hint)
    refuse_name(text, "scenario", reading.faults)
    bundled = bundled_root() / "scenarios" / f"{text}.yaml"
    is_name = isinstance(source, str) and text in bundled_scenarios()
    path = bundled if is_name else _joined(base, text, reading, asked)
    if not is_name and path.is_dir():
        path = _in_folder(path, reading)
    if not is_name and not path.exists() and not path.suffix:
        names = bundled_scenarios()
        bundled_names = f"bundled are {', '.join(names)}; or " if names else ""
        hint = _like(text, path) or f"{bundled_names}give the path of a .yaml or .xlsx file"
        raise reading.faults.stop(asked or Origin(""), "", f"no scenario '{text}'", hint)
    variant = None if is_name else variant_of(path)
    return variant[0] if variant is not None and variant[1] == BASE else path


def _like(text: str, path: Path) -> str:
    """Hint for a name that leads nowhere: the bundled scenario, or the file in that folder, that is most like it."""
    if hint := suggest(text, bundled_scenarios(), most=0):
        return hint
    try:
        files = {entry.stem: entry.name for entry in path.parent.iterdir() if entry.suffix.lower() in ENDINGS}
    except OSError:
        return ""
    near = nearest(path.name, files)
    return f"did you mean '{Path(text).with_name(files[near]).as_posix()}'?" if near else ""


def file_name(path: Path) -> str:
    """The name of a scenario that says none: its file's, of the scenario of a folder the folder's."""
    return (path.parent.name if path.name in (SCENARIO_FILE, WORKBOOK_FILE) else "") or path.stem


def read_layer(path: Path, reading: Reading, asked: Origin | None = None, chain: tuple[Path, ...] = ()) -> Layer:
    """A scenario file and, through `extends`, all files under it."""
    if path in chain:
        names = " -> ".join(called(layer_file) for layer_file in (*chain[chain.index(path) :], path))
        raise reading.faults.stop(asked or Origin(called(path)), "extends", f"goes round in a circle: {names}")
    if isinstance(known := reading.layers.get(path), Layer):
        return known
    if (variant := variant_of(path)) is not None:
        return _read_variant(path, *variant, reading, asked, (*chain, path))
    file = called(path)
    written, variants = None, Variants()
    node: Node | None
    if kind := OTHER_BOOKS.get(path.suffix.lower()):
        reading.data(path, asked)
        raise reading.faults.stop(
            Origin(file), "", f"is {kind}, which is not read", "save it as Excel Workbook (.xlsx)"
        )
    if path.suffix.lower() in WORKBOOKS:
        node, written, variants = read_workbook(reading.data(path, asked), file, reading.faults, reading.notes)
    else:
        node = read_yaml(reading.text(path, asked), file, reading.faults)
    if node is None or node.value is None:
        raise reading.faults.stop(Origin(file), "", "is empty", "write at least 'extends: baseline'")
    if not isinstance(node.value, dict):
        raise reading.faults.stop(node.origin, "", "is not a mapping of keys to values", "write 'extends: baseline'")
    refuse_other(node.value, "scenario", Origin(file), reading.faults)
    full = "schema_version" in node.value or {"horizon", "lines"} <= set(node.value)
    layer = Layer(path, file, node, full, written, variants=variants)
    if variants.layers:  # each has its own
        reading.own_content(path, *said_in(node), *sorted((written or {}).items()), *sorted(variants.off))
    if layer.full:
        _check_full(layer, reading)
    else:
        _check_keys(layer, reading)
        _read_references(layer, reading, (*chain, path))
    reading.layers[path] = layer
    return layer


def _read_variant(
    path: Path, book: Path, name: str, reading: Reading, asked: Origin | None, chain: tuple[Path, ...]
) -> Layer:  # fmt: skip
    """A column of the sheet of variants as a layer on its workbook, whose question it has unless it says another."""
    base = read_layer(book, reading, asked, chain)
    known, name = base.variants.layers, plain_text(name)
    if name not in known:
        hint = suggest(name, known) or ("" if known else f"it has none: fill in the sheet '{SHEETS['variants'].en}'")
        raise reading.faults.stop(Origin(base.file), "", f"no variant '{name}'", hint)
    given = known[name].value
    top = given["name"].origin
    whole = f"{base.node.get('name') or file_name(book)}-{name}"
    own = {"name": Node(whole, top, text=whole)}
    question = {"intent": base.place("intent")} if _said(base, "intent") else {}
    node = Node(question | given | own, top)
    layer = Layer(path, called(path), node, full=False, written={}, parents=[base])
    reading.own_content(path, *said_in(known[name]))
    reading.notes += base.variants.notes.get(name, [])
    reading.layers[path] = layer
    return layer


def _in_folder(folder: Path, reading: Reading) -> Path:
    """The scenario of a folder: scenario.yaml or scenario.xlsx."""
    file, book = folder / SCENARIO_FILE, folder / WORKBOOK_FILE
    if file.exists() and book.exists():
        message = f"holds {SCENARIO_FILE} and {WORKBOOK_FILE}"
        raise reading.faults.stop(Origin(called(folder)), "", message, "name the one that is meant")
    return book if book.exists() else file


def world_of(layer: Layer, reading: Reading) -> ModelLayer:
    """Model or full scenario at the bottom of the chain."""
    if layer.full:
        return ModelLayer(layer.path, str(layer.node.get("model") or ""), full=True)
    worlds = list(dict.fromkeys(world_of(parent, reading) for parent in layer.parents))
    if layer.model is not None:
        for world in worlds:
            if world.full:
                message = f"'{called(world.path)}' is a full scenario and brings its own numbers"
                raise reading.faults.stop(layer.place("model").origin, "model", message, "leave 'model:' out")
        return ModelLayer(layer.model, layer.model_name, full=False)
    if not worlds and reading.faults:
        raise reading.faults.errors()
    if not worlds:
        hint = "write 'extends: baseline', or 'model:' with the name of a model folder"
        raise reading.faults.stop(layer.node.origin, "", "stands on no model", hint)
    if len(worlds) > 1:
        names = " and ".join(called(world.path) for world in worlds)
        raise reading.faults.stop(
            layer.place("extends").origin, "model", f"the parents stand on different models: {names}",
            "say which with 'model:' in this file",
        )  # fmt: skip
    return worlds[0]


def tree_of(layer: Layer, world: ModelLayer, reading: Reading) -> Node:
    """The world after all changes of a layer and of those under it."""
    if layer.path not in reading.trees:
        if layer.full:
            tree = layer.node.copy()
            complete(tree, ROOT)
            if "model_sha256" not in layer.node.value:  # kctopt writes that, and every default with it
                settle_typed(tree, reading.faults)
                complete(tree, ROOT)
        else:
            tree = _changed(layer, world, reading)
        reading.trees[layer.path] = tree
    return reading.trees[layer.path].copy()


def latest(layer: Layer) -> Iterator[str]:
    """Files of a chain, the one that changes values last first."""
    yield layer.file
    for parent in reversed(layer.parents):
        yield from latest(parent)


def named(root: Node, layer: Layer, world: ModelLayer) -> None:
    """Write name, label, intent and model into the tree; a scenario speaks for itself, not for its parents."""
    policies = root.value.get("policies")
    if policies is not None and isinstance(policies.value, list):
        policies.value = [entry for entry in policies.value if not entry.removed]
    said = {key: node for key, node in layer.node.value.items() if node.value is not None}
    top = Origin(layer.file, 1 if layer.written is None else None)  # a workbook has no first line
    name = said.get("name") or Node(file_name(layer.path), top, text=file_name(layer.path))
    label = Node({language: name.copy() for language in ("en", "zh")}, name.origin)
    if layer.full:
        root.value |= {"name": name.copy(), "label": said.get("label") or label}
        return
    root.value["schema_version"] = Node(SCHEMA_VERSION, DEFAULT)
    root.value["name"] = name.copy()
    root.value["label"] = said.get("label") or label
    root.value["intent"] = said.get("intent") or Node("", DEFAULT, text="")
    place = layer.place("model").origin if layer.model else top
    root.value["model"] = Node(world.name, place, text=world.name)


def _changed(layer: Layer, world: ModelLayer, reading: Reading) -> Node:
    conflicts: list[MergeConflict] = []
    worlds = [tree_of(parent, world, reading) for parent in layer.parents]
    if not worlds:
        worlds = [_model_tree(world, reading)]
    root = worlds[0]
    for other in worlds[1:]:
        root = merge(root, other, conflicts)
    if len(worlds) > 1:
        complete(root, ROOT)
        settle_merged(root, [reading.trees[parent.path] for parent in layer.parents])
        complete(root.value["provenance"], fields(Scenario)["provenance"])
    before = root.copy()
    if layer.written is not None and not conflicts:
        node = against_parent(layer.node, layer.written, root, layer.file, reading.notes)
        layer = replace(layer, node=node)
    given, file, faults = layer.node.value, layer.file, reading.faults
    if _said(layer, "policies"):
        changes.apply_policies(root, given["policies"], file, faults)
    if _said(layer, "set"):
        changes.apply_paths(root, given["set"], changes.set_value, file, faults)
    report(conflicts, root, file, layer.place("extends"), faults)
    if _said(layer, "scale"):
        changes.apply_paths(root, given["scale"], changes.scale_value, file, faults)
    if _said(layer, "add"):
        changes.apply_paths(root, given["add"], changes.add_value, file, faults)
    if layer.written is not None:
        resolve_labels(root, file, faults)
    own = changes.stated_sources(root, given["provenance"], faults) if _said(layer, "provenance") else []
    complete(root, ROOT)
    unheard = settle(root, [before], file, own)
    complete(root.value["provenance"], fields(Scenario)["provenance"])
    reading.notes += outdated(layer.variants.shown, root)
    for row in unheard:
        reading.notes.append(
            f"{row.origin}: the source of {row.get('path')} counts for nothing: this file does not set it, and a value "
            "is sourced in the file that sets it"
        )
    return root


def _model_tree(world: ModelLayer, reading: Reading) -> Node:
    if world.path not in reading.trees:
        reading.trees[world.path] = read_model(world.path, reading)
    return reading.trees[world.path].copy()


def _said(layer: Layer, key: str) -> bool:
    return key in layer.node.value and layer.node.value[key].value is not None


def _check_keys(layer: Layer, reading: Reading) -> None:
    groups = fields(Scenario)
    for key, child in layer.node.value.items():
        if key in LAYER_KEYS:
            continue
        hint = suggest(str(key), LAYER_KEYS, most=0)
        if key in groups:
            hint = f"a scenario changes it under 'set:', as in set: {{{key}: ...}}"
        reading.faults.add(child.place, str(key), "unknown key", hint or f"the keys are {', '.join(LAYER_KEYS)}")


def _check_full(layer: Layer, reading: Reading) -> None:
    """Stop when a full scenario is of another version, or is meant to be a layer."""
    version = layer.place("schema_version")
    if version is not layer.node and version.value != SCHEMA_VERSION:
        message = f"is '{version.text}'; this version of kctopt reads {SCHEMA_VERSION}"
        raise reading.faults.stop(version.origin, "schema_version", message, "use the kctopt that wrote the file")
    meant_as_layer = [key for key in ("extends", "set", "scale", "add") if key in layer.node.value]
    for key in meant_as_layer:
        message = "stands in a full scenario (one with schema_version), which holds every value itself"
        hint = f"write a new file that says 'extends: ./{layer.path.name}'"
        reading.faults.add(layer.node.value[key].place, key, message, hint)
    if meant_as_layer:
        raise reading.faults.errors()


def _read_references(layer: Layer, reading: Reading, chain: tuple[Path, ...]) -> None:
    """The model and the scenarios that a file names. Stops after the last of them where one cannot be had."""
    lost = False
    try:
        _read_model_name(layer, reading)
    except ScenarioErrors:  # noted; go on to find what is wrong with the scenarios
        lost = True
    node = layer.place("extends")
    names = node.value if isinstance(node.value, list) else [node]
    for name in names if _said(layer, "extends") else ():
        if not isinstance(name.value, str) or not name.value:
            reading.faults.add(name.origin, "extends", "needs the name or path of a scenario, or a list of them")
            continue
        try:
            path = scenario_path(name.value, reading, name.origin, layer.path.parent)
            parent = read_layer(path, reading, name.origin, chain)
        except ScenarioErrors:  # noted
            lost = True
            continue
        if parent not in layer.parents:
            layer.parents.append(parent)
    if lost:
        raise reading.faults.errors()


def _read_model_name(layer: Layer, reading: Reading) -> None:
    if not _said(layer, "model"):
        return
    node, faults = layer.place("model"), reading.faults
    if not isinstance(node.value, str) or not node.value:
        raise faults.stop(node.origin, "model", "needs the name or path of a model folder")
    near = _joined(layer.path.parent, node.value, reading, node.origin)
    if node.value in bundled_models():
        bundled = (bundled_root() / "models" / node.value).resolve()
        if near.is_dir() and near != bundled:
            message = f"'{node.value}' is a bundled model and also a folder beside this file"
            raise faults.stop(node.origin, "model", message, f"write ./{node.value} for the folder, or rename it")
        layer.model, layer.model_name = bundled, node.value
    elif (near / "model.yaml").is_file():
        layer.model, layer.model_name = near, near.name or called(near)
    elif near.is_dir():
        raise faults.stop(node.origin, "model", f"the folder {called(near)} has no model.yaml")
    else:
        bundled_names = f"bundled are {', '.join(bundled_models())}; or " if bundled_models() else ""
        hint = suggest(node.value, bundled_models(), most=0)
        hint = hint or f"{bundled_names}give the path of a folder with a model.yaml"
        raise faults.stop(node.origin, "model", f"no model '{node.value}'", hint)


def _joined(base: Path, text: str, reading: Reading, asked: Origin | None) -> Path:
    try:
        path = (base / Path(text).expanduser()).resolve()
        path.exists()
    except (OSError, ValueError, RuntimeError) as error:
        raise reading.faults.stop(asked or Origin(""), "", f"not a path: {str(error)[:120]}") from None
    return path
