"""Values that know where they come from: the tree between the files and the records.

Everything read from YAML or CSV becomes a `Node`; changes (`set`, `scale`, ...) act on nodes; the records are
built from them at the end. A location is a tuple of keys from the root: field names and years in mappings,
positions in lists.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kctopt.errors import Fault, ScenarioErrors, place
from kctopt.scenario.records import Record, Series

Key = str | int
HUGE = 10**300  # beyond a floating-point number
NAMES = ("id", "path")  # of an entry: a row of provenance has the path it speaks of
NAMING = (
    ("source", "target"),
    ("line", "rung", "upto"),
    ("line", "year"),
    ("source",),
)  # fields that name an entry without them
Location = tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """What set a value: a file with line and column, a cell of a sheet, 'default', 'command line', or an argument."""

    file: str
    line: int | None = None
    column: int | None = None
    change: str = ""  # how the value was changed here, such as 'times 0.95'
    before: Origin | None = None  # where the value stood before that change
    sheet: str = ""  # workbooks: line and column are those of a cell

    def __str__(self) -> str:
        where = place(self.file, self.line, self.column if self.sheet else None, self.sheet)
        return f"{where} ({self.change}, from {self.before})" if self.before else where


DEFAULT = Origin("default")
COMMAND_LINE = Origin("command line")
ARGUMENTS = {way: Origin(f"{way}= of the call") for way in ("set", "scale", "add")}  # of load, build, solve, diagnose
MEMORY = Origin("Scenario")  # values in a Scenario that a program made
CALLS = tuple(place.file for place in (COMMAND_LINE, *ARGUMENTS.values()))  # places that are no files: set by the call


class Typed(str):
    """Text of a value that was typed on the command line."""

    __slots__ = ()


@dataclass(slots=True)
class Node:
    """A scalar, a mapping or a list of nodes, with the place that set it.

    `touched` names the scenario files whose changes gave the node its value (model files and defaults are not
    among them): two parents of a scenario conflict where both touched a value and left it different.
    """

    value: Any
    origin: Origin
    key: Origin | None = None  # place of the key in front of the value
    text: str | None = None  # scalars: as written, so that 2030 can serve as text
    touched: frozenset[str] = frozenset()
    removed: bool = False  # a policy taken out by a scenario file
    faulty: bool = False  # its fault is already noted

    @property
    def place(self) -> Origin:
        """Place of the key where there is one, else of the value."""
        return self.key or self.origin

    def copy(self) -> Node:
        """A deep copy; origins are shared."""
        value = self.value
        if isinstance(value, dict):
            value = {key: child.copy() for key, child in value.items()}
        elif isinstance(value, list):
            value = [child.copy() for child in value]
        return Node(value, self.origin, self.key, self.text, self.touched, self.removed, self.faulty)

    def touch(self, files: frozenset[str]) -> None:
        """Note that these scenario files set this node and all below it."""
        self.touched = self.touched | files
        for child in self.children():
            child.touch(files)

    def touched_within(self) -> frozenset[str]:
        """Scenario files that set this node or anything below it."""
        return self.touched.union(*(child.touched_within() for child in self.children()))

    def children(self) -> list[Node]:
        """Nodes directly below."""
        if isinstance(self.value, dict):
            return list(self.value.values())
        return list(self.value) if isinstance(self.value, list) else []

    def child(self, key: Key) -> Node | None:
        """Node under a key of a mapping or at a position of a list, None when it is not there."""
        if isinstance(self.value, dict):
            return self.value.get(key)
        inside = isinstance(self.value, list) and isinstance(key, int) and 0 <= key < len(self.value)
        return self.value[key] if inside else None

    def get(self, key: str) -> Any:
        """Plain scalar under `key` of a mapping, None when it is not there or is not a scalar."""
        child = self.value.get(key) if isinstance(self.value, dict) else None
        return None if child is None or isinstance(child.value, dict | list) else child.value


def said_in(node: Node) -> Iterator[tuple[Any, ...]]:
    """All that a file says below a node: keys and values, each with its line or cell."""
    place = node.origin.sheet, node.origin.line, node.origin.column
    match node.value:
        case dict():
            for key, child in node.value.items():
                yield "key", key
                yield from said_in(child)
        case list():
            for child in node.value:
                yield "entry", *place
                yield from said_in(child)
        case value:
            yield "value", value if node.text is None else node.text, *place


@dataclass
class Faults:
    """Collects faults while reading goes on; one place and field is named once for the same reason."""

    by_place: dict[tuple[Origin, str, str], Fault] = field(default_factory=dict)

    def add(self, origin: Origin, path: str, message: str, hint: str = "") -> None:
        """Note one fault."""
        where = replace(origin, change="", before=None)
        last = path.rpartition(".")[2]
        fault = Fault(where.file, where.line, where.column, path, message, hint, where.sheet)
        self.by_place.setdefault((where, last, message), fault)

    def stop(self, origin: Origin, path: str, message: str, hint: str = "") -> ScenarioErrors:
        """Note one fault after which reading makes no sense; the caller raises what this returns."""
        self.add(origin, path, message, hint)
        return self.errors()

    def errors(self) -> ScenarioErrors:
        """All faults, those of one file or sheet together in order of line."""
        seen = dict.fromkeys((fault.file, fault.sheet) for fault in self.by_place.values())
        files = {name: at for at, name in enumerate(dict.fromkeys(file for file, _ in seen))}
        sheets = {name: at for at, name in enumerate(seen)}

        def order(fault: Fault) -> tuple[int, int, int, int]:
            return files[fault.file], sheets[fault.file, fault.sheet], fault.line or 0, fault.column or 0

        return ScenarioErrors(sorted(self.by_place.values(), key=order))

    def __bool__(self) -> bool:
        return bool(self.by_place)


def from_python(value: Any, origin: Origin) -> Node:
    """Node of a Python value: numbers, text, mappings, sequences, records and series, of NumPy and pandas too.

    Of a record all that it holds, as it is: one made without validation may lack fields or have some that are none.
    """
    if isinstance(value, Series):
        value = vars(value).get("root")
    elif isinstance(value, Record):
        value = vars(value)
    elif not isinstance(value, type) and hasattr(value, "tolist") and hasattr(value, "items"):
        value = _by_index(value)
    elif not isinstance(value, type) and hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return Node({_key(key): from_python(item, origin) for key, item in value.items()}, origin)
    if isinstance(value, list | tuple):
        return Node([from_python(item, origin) for item in value], origin)
    if isinstance(value, int) and abs(value) > HUGE:
        value = math.copysign(math.inf, value)
    if value is None or isinstance(value, bool | int | float | str):
        return Node(value, origin, text=None if value is None else str(value))
    words = f"a Python {type(value).__name__}"
    return Node(words, origin, text=words)


def _by_index(series: Any) -> dict[Any, Any] | str:
    """A pandas Series as a mapping, of years to values where its index are years."""
    keys = series.index.tolist()
    twice = [key for n, key in enumerate(keys) if key in keys[:n]]
    return f"a pandas Series that gives {twice[0]} twice" if twice else dict(zip(keys, series.tolist(), strict=True))


def _key(key: Any) -> Key:
    """A key of a mapping: years may be whole floats, as in a pandas index that once had a gap."""
    whole = isinstance(key, float) and key.is_integer()
    return int(key) if whole else key if isinstance(key, int) else plain_key(str(key))


def plain_key(key: str) -> Key:
    """A key as written; of full-width digits, the year that they stand for."""
    plain = unicodedata.normalize("NFKC", key)
    return int(plain) if plain != key and plain.isascii() and plain.isdigit() else key


def entry_name(node: Node, position: int) -> str:
    """How an entry of a list is called in a path."""
    return name_by(node.get, position)


def name_by(get: Callable[[str], object], position: int) -> str:
    """Name of an entry by its fields: its id or path, else what tells it from the others, else its position."""
    for key in NAMES:
        if get(key) not in (None, ""):
            return str(get(key))
    for keys in NAMING:
        fields = {key: get(key) for key in keys}
        if None not in fields.values():
            return ",".join(f"{key}={_brief(value)}" for key, value in fields.items())
    return str(position)


def _brief(value: object) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def show(root: Node, location: Location) -> str:
    """Path of a location as people write it: lines[quantum-B].growth."""
    text, node = "", root
    for key in location:
        if isinstance(node.value, list) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            text += f"[{entry_name(node, key)}]"
        else:
            node = node.value.get(key, Node(None, node.origin)) if isinstance(node.value, dict) else node
            text += f".{key}" if text else str(key)
    return text


def at(root: Node, location: Location) -> Node:
    """Node at a location, or the deepest one on the way that exists."""
    node = root
    for key in location:
        child = node.child(key)
        if child is None:
            break
        node = child
    return node


def leaves(root: Node) -> Iterator[tuple[Location, Node]]:
    """Every scalar of the tree, and every empty list or mapping, with its location."""

    def below(node: Node, location: Location) -> Iterator[tuple[Location, Node]]:
        entries: list[tuple[Key, Node]] = []
        if isinstance(node.value, dict):
            entries = list(node.value.items())
        elif isinstance(node.value, list):
            entries = list(enumerate(node.value))
        if not entries:
            yield location, node
        for key, child in entries:
            yield from below(child, (*location, key))

    return below(root, ())
