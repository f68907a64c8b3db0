"""YAML text to nodes: every value with line and column; duplicate keys and odd keys are faults.

libyaml (through PyYAML) scans and composes, thirty times as fast as a parser in Python; scalars are made here by the
rules of YAML 1.2, so that no value is ever built by a tag and `no` stays text.
"""

from __future__ import annotations

import re
from typing import Any

import yaml
from yaml import MappingNode, MarkedYAMLError, ScalarNode, SequenceNode, YAMLError

from kctopt.scenario.nodes import Faults, Key, Node, Origin, plain_key

DEEPEST = 60  # levels of nesting; a scenario has six
INNER_SELECTOR = re.compile(r"\{.*\w\[")
MOST = 2_000_000  # values, so that aliases of aliases cannot fill the memory
PLAIN = {  # what a scalar without quotes is, by the core schema of YAML 1.2; digits may be grouped with _
    "null": re.compile(r"~|null|Null|NULL|"),
    "bool": re.compile(r"true|True|TRUE|false|False|FALSE"),
    "int": re.compile(r"[-+]?[0-9][0-9_]*|0o[0-7]+|0x[0-9a-fA-F]+"),
    "float": re.compile(
        r"[-+]?(\.[0-9_]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
    ),
}
SCALAR = "tag:yaml.org,2002:"


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A composer that takes plain scalars for what YAML 1.2 says they are."""

    def resolve(self, kind: Any, value: Any, implicit: tuple[bool, bool]) -> str:
        """Tag of a node that has none of its own."""
        if kind is not ScalarNode:
            return SCALAR + ("seq" if kind is SequenceNode else "map")
        tags = (name for name, pattern in PLAIN.items() if pattern.fullmatch(value))
        return SCALAR + (next(tags, "str") if implicit[0] else "str")


def read_yaml(text: str, file: str, faults: Faults) -> Node | None:
    """Tree of one YAML document, None for an empty one. Stops with a fault on a syntax error."""
    try:
        root = yaml.compose(text, Loader=Loader)
    except MarkedYAMLError as error:
        raise faults.stop(_mark(error, file), "", f"not valid YAML: {_reason(error)}", _remedy(error, text)) from None
    except YAMLError as error:
        raise faults.stop(Origin(file), "", f"not valid YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise faults.stop(Origin(file), "", "nested too deeply for a scenario") from None
    except (ValueError, OverflowError) as error:
        raise faults.stop(Origin(file), "", f"not valid YAML: {error}") from None
    return None if root is None else _Composer(file, faults).node(root, 0)


class _Composer:
    """Turns composed YAML into nodes."""

    def __init__(self, file: str, faults: Faults) -> None:
        self.file, self.faults, self.count = file, faults, 0

    def node(self, raw: Any, depth: int) -> Node:
        origin = self.origin(raw)
        self.count += 1
        if depth > DEEPEST or self.count > MOST:
            raise self.faults.stop(origin, "", "nested too deeply for a scenario")
        if isinstance(raw, MappingNode):
            return Node(self.mapping(raw, depth), origin)
        if isinstance(raw, SequenceNode):
            return Node([self.node(item, depth + 1) for item in raw.value], origin)
        return Node(self.scalar(raw), origin, text=str(raw.value))

    def origin(self, raw: Any) -> Origin:
        return Origin(self.file, raw.start_mark.line + 1, raw.start_mark.column + 1)

    def mapping(self, raw: Any, depth: int) -> dict[Key, Node]:
        entries: dict[Key, Node] = {}
        for raw_key, raw_value in raw.value:
            origin = self.origin(raw_key)
            key = self.scalar(raw_key) if isinstance(raw_key, ScalarNode) else None
            key = plain_key(key) if isinstance(key, str) else key
            if isinstance(key, bool) or not isinstance(key, str | int):
                self.faults.add(origin, "", "a key must be a name or a year", "put it in quotes if it is a name")
            elif key == "<<":
                self.faults.add(origin, "", "merge keys (<<) are not read", "use 'extends:' or repeat the values")
            elif key in entries:
                before = entries[key].place.line
                self.faults.add(origin, str(key), f"key given twice (first on line {before})", "keep one of the two")
            else:
                entries[key] = self.node(raw_value, depth + 1)
                entries[key].key = origin
        return entries

    def scalar(self, raw: Any) -> Any:
        """Python value of a scalar: None, bool, int, float or str."""
        text = str(raw.value)
        match str(raw.tag).rpartition(":")[2]:
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                return self.integer(text, raw)
            case "float":
                return _float(text)
            case _:
                return text

    def integer(self, text: str, raw: Any) -> int | str:
        plain = text.replace("_", "")
        try:
            return int(plain, 10 if plain.lstrip("+-").isdigit() else 0)
        except ValueError:
            self.faults.add(self.origin(raw), "", f"'{text[:20]}' is not a number kctopt can read")
            return text


def _float(text: str) -> float | str:
    plain = text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan")
    try:
        return float(plain)
    except ValueError:
        return text


def _mark(error: MarkedYAMLError, file: str) -> Origin:
    mark = error.problem_mark or error.context_mark
    return Origin(file) if mark is None else Origin(file, mark.line + 1, mark.column + 1)


def _reason(error: MarkedYAMLError) -> str:
    return " ".join(f"{error.problem or 'syntax error'} {error.context or ''}".split())


def _remedy(error: MarkedYAMLError, text: str) -> str:
    mark = error.problem_mark
    lines = text.splitlines()
    if mark is None or mark.line >= len(lines):
        return "a bracket or quote may be left open"
    if INNER_SELECTOR.search(lines[mark.line]):
        return "inside { } a path with [ ] needs quotes; or give it a line of its own"
    if "\t" in lines[mark.line]:
        return "indent with spaces, not tabs"
    return "check the indentation, colons and brackets of this line and the one before"
