"""What study files and tree files have in common: which file a name means, texts at their head, what they are of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kctopt.errors import ScenarioErrors, suggest
from kctopt.scenario.bundled import bundled_files
from kctopt.scenario.files import Reading, file_of
from kctopt.scenario.layers import scenario_path
from kctopt.scenario.load import Loaded, load
from kctopt.scenario.nodes import Faults, Node, Origin
from kctopt.scenario.otherfile import refuse_name
from kctopt.scenario.record import Label

FOLDERS: Mapping[str, str] = {"study": "studies", "tree of states": "trees"}  # of the bundled ones


def named_file(
    source: str | Path, kind: str, reading: Reading, asked: Origin | None = None, base: Path | None = None
) -> Path:
    """File or folder of a kind, named by a bundled name or a path. Stops with a fault where there is none."""
    text, names = str(source), bundled_files(FOLDERS[kind])
    if text in names:
        return names[text]
    refuse_name(text, kind, reading.faults)
    path = (base or Path.cwd()) / Path(text).expanduser()
    if not text.strip() or (not path.suffix and not path.exists()):
        hint = suggest(text, names, most=0) or f"bundled are {', '.join(names)}; or give the path of a .yaml file"
        message = f"no study '{text}'" if kind == "study" else f"no tree '{text}'"
        raise reading.faults.stop(asked or Origin(""), "", message, hint)
    return path


def texts_of(node: Node, key: str) -> dict[str, str]:
    """A text by language, where it is given so; a language that is none among them."""
    child = node.value.get(key)
    if child is None or not isinstance(child.value, dict):
        return {}
    return {str(language): str(inner.value) for language, inner in child.value.items() if inner.value}


def text_of(node: Node, key: str, lang: str, faults: Faults) -> str:
    """A text in a language, else in the first that it has; empty where there is none. Faults are noted."""
    child = node.value.get(key)
    if child is None or child.value is None:
        return ""
    if not isinstance(child.value, dict):
        return str(child.text if child.text is not None else child.value)
    for language, inner in child.value.items():
        if language not in Label.model_fields or not isinstance(inner.value, str):
            hint = suggest(str(language), Label.model_fields)
            faults.add(inner.place, f"{key}.{language}", "is not a text in a language", hint)
    texts = texts_of(node, key)
    return texts.get(lang) or next(iter(texts.values()), "")


def loaded_at(node: Node, folder: Path, faults: Faults) -> Loaded | None:
    """The scenario that a file of this folder names; None where it has faults, which are noted."""
    place = Reading()
    try:
        path = scenario_path(node.value, place, node.origin, folder)
        if not file_of(path).is_file():
            place.data(file_of(path), node.origin)
        return load(path)
    except ScenarioErrors as error:
        for fault in error.faults:
            where = Origin(fault.file, fault.line, fault.column, sheet=fault.sheet)
            faults.by_place.setdefault((where, fault.path, fault.message), fault)
        return None
