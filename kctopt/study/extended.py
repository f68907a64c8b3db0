"""A study file over those that it extends: entries of the same name are replaced, added or taken out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kctopt.errors import suggest
from kctopt.scenario.files import Reading, called
from kctopt.scenario.heads import named_file
from kctopt.scenario.layers import WORKBOOKS
from kctopt.scenario.nodes import Faults, Key, Node, Origin
from kctopt.scenario.otherfile import refuse_other
from kctopt.scenario.yamlfile import read_yaml
from kctopt.study.sampling import NEEDED

KEYS = ("extends", "name", "label", "intent", "of", "plans", "uncertain", "correlation", "sample")
SCENARIO_KEYS = ("set", "scale", "add", "policies", "model", "provenance")
STUDY_FILE, STUDY_BOOK = "study.yaml", "study.xlsx"


def study_path(source: str | Path, reading: Reading, asked: Origin | None = None, base: Path | None = None) -> Path:
    """File of a study named by a bundled name or a path. Stops with a fault where there is none."""
    path = named_file(source, "study", reading, asked, base)
    if str(source).strip() and path.is_dir():
        book = path / STUDY_BOOK
        return book if book.is_file() and not (path / STUDY_FILE).is_file() else path / STUDY_FILE
    return path


def chained(
    path: Path, reading: Reading, files: list[Path], chain: tuple[Path, ...], asked: Origin | None = None
) -> Node:
    """The keys of a study file over those of the studies that it extends."""
    path = path.resolve()
    if path in chain:
        names = " -> ".join(called(each) for each in (*chain[chain.index(path) :], path))
        raise reading.faults.stop(asked or Origin(called(path)), "extends", f"goes round in a circle: {names}")
    file = called(path)
    if path.suffix.lower() in WORKBOOKS:
        from kctopt.study.workbook import read_book

        node: Node | None = read_book(reading.data(path, asked), file, reading.faults)
    else:
        node = read_yaml(reading.text(path, asked), file, reading.faults)
    files.append(path)
    if node is None or not isinstance(node.value, dict):
        hint = "write at least of:, uncertain: and sample:"
        raise reading.faults.stop(Origin(file), "", "holds no study", hint)
    refuse_other(node.value, "study", Origin(file), reading.faults)
    for key in [key for key in node.value if key not in KEYS]:
        hint = suggest(str(key), KEYS, most=9)
        if key in SCENARIO_KEYS:
            hint = "write a scenario file that says so, and name it under of:"
        reading.faults.add(node.value[key].place, str(key), "unknown key", hint)
    _anchor(node, path.parent)
    parents = node.value.get("extends")
    root = Node({}, node.origin)
    for parent in listed_in(parents) if parents is not None and parents.value is not None else ():
        if not isinstance(parent.value, str):
            reading.faults.add(parent.origin, "extends", "needs the path of a study, or a list of them")
            continue
        below = study_path(parent.value, reading, parent.origin, path.parent)
        root = _over(root, chained(below, reading, files, (*chain, path), parent.origin), reading.faults)
    return _over(root, node, reading.faults)


def listed_in(node: Node | None) -> list[Node]:
    """Nodes of a list, or the one that stands alone."""
    if node is None or node.value is None:
        return []
    return list(node.value) if isinstance(node.value, list) else [node]


def _anchor(node: Node, folder: Path) -> None:
    """Note beside each scenario and plan the folder of the file that names it."""
    for key in ("of", "plans"):
        for child in listed_in(node.value.get(key)):
            child.text = str(folder)
    sample = node.value.get("sample")
    if sample is not None and isinstance(sample.value, dict) and "file" in sample.value:
        sample.value["file"].text = str(folder)


def _over(below: Node, node: Node, faults: Faults) -> Node:
    """One study over another: entries and pairs of the same name are replaced, of `sample` the keys that are given."""
    merged: dict[Key, Node] = {**below.value}
    for key, child in node.value.items():
        before = merged.get(key)
        if key == "sample" and before is not None and isinstance(child.value, dict) and isinstance(before.value, dict):
            own = child.get("method")
            kept = before.value if own in (None, before.get("method")) else _of_method(before.value, str(own))
            merged[key] = Node({**kept, **child.value}, child.origin, child.key)
        elif key in ("uncertain", "correlation") and isinstance(child.value, list):
            merged[key] = _joined(before, child, entry_key if key == "uncertain" else _pair_key, faults)
        elif key != "extends":
            merged[key] = child
    return Node(merged, node.origin)


def _of_method(settings: dict[Key, Node], method: str) -> dict[Key, Node]:
    """Settings of the study below that say something of another method too."""
    return {key: child for key, child in settings.items() if method in NEEDED.get(str(key), (method,))}


def _joined(before: Node | None, node: Node, name: Callable[[Node], object], faults: Faults) -> Node:
    entries = list(before.value) if before is not None and isinstance(before.value, list) else []
    there = {name(entry): n for n, entry in enumerate(entries)}
    gone: set[int] = set()
    for child in node.value:
        place = there.get(name(child))
        if isinstance(child.value, dict) and "remove" in child.value:
            if place is None:
                known = [str(key) for key in there]
                message = f"no input '{name(child)}' of the study below to remove"
                faults.add(child.place, "uncertain", message, suggest(str(name(child)), known) or "leave it out")
            elif child.get("remove") is not True:
                faults.add(child.value["remove"].place, "uncertain", "takes an input out", "write remove: true")
            else:
                gone.add(place)
        elif place is None:
            entries.append(child)
        else:
            entries[place] = child
    return Node([entry for n, entry in enumerate(entries) if n not in gone], node.origin, node.key)


def entry_key(node: Node) -> object:
    """What tells an entry of `uncertain` from others."""
    if not isinstance(node.value, dict):
        return id(node)
    if "paths" in node.value and "name" not in node.value:
        return ", ".join(str(child.value) for child in listed_in(node.value["paths"]))
    known = (node.get("name"), node.get("path"), node.get("grade") and f"grade {node.get('grade')}")
    return next((str(key) for key in known if key), id(node))


def _pair_key(node: Node) -> object:
    named = isinstance(node.value, list) and len(node.value) == 3
    return frozenset(str(child.value) for child in node.value[:2]) if named else id(node)
