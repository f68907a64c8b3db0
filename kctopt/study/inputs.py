"""Entries of `uncertain:` to inputs: one random number each, of a path or several, or of every figure of a grade.

    {path: P, scale: LAW}            one input; `value` replaces, `scale` multiplies, `add` is added
    {paths: [P, Q], scale: LAW}      one input that moves both
    {path: P}                        over the range that the row of provenance states
    {path: P, scale: column}         factors that stand in a column of the sample's file; of a path alone, values
    {grade: G, scale: LAW}           an input for every figure of the grade (by: number, row, all)
    {grade: G, range: uniform}       an input for every figure of the grade whose row states a range

What is more specific counts: a path before a range by grade, that before a law by grade.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast, get_args

from kctopt.errors import suggest
from kctopt.scenario.field_kinds import Kind, fields
from kctopt.scenario.nodes import Faults, Location, Node, Origin
from kctopt.scenario.paths import PathError
from kctopt.scenario.records import Grade
from kctopt.study.grades import by_grade
from kctopt.study.laws import Given, LawReader
from kctopt.study.limits import check_limits
from kctopt.study.places import NUMBERS, Place, World
from kctopt.study.ranges import RANGES, ranged
from kctopt.study.records import UncertainInput, Way

WAYS: tuple[str, ...] = get_args(Way)
KEYS = ("name", "path", "paths", "grade", "by", "range", *WAYS, "source", "remove")
BY = ("number", "row", "all")
GRADES: tuple[str, ...] = get_args(Grade)
COLUMN = "column"  # in place of a law: the values stand in a column of the sample's file


@dataclass
class Entry:
    """One input with the node that states it and the places it moves."""

    made: UncertainInput
    node: Node
    rank: int  # 0 by path, 1 by the range of a grade, 2 by a law of a grade
    locations: list[Location] = field(default_factory=list)  # in the first scenario


class InputReader:
    """Reads the entries of a study and notes every fault."""

    def __init__(
        self, worlds: Sequence[World], faults: Faults, notes: list[str], *, ends: bool, listed: bool,
        columns: bool = False,
    ) -> None:  # fmt: skip
        """`ends`: draws reach the ends of each law; `listed`: listed values are taken; `columns`: from a file."""
        self.worlds, self.faults, self.notes = worlds, faults, notes
        self.ends, self.listed, self.columns = ends, listed, columns

    def read(self, nodes: Sequence[Node]) -> tuple[UncertainInput, ...]:
        """All inputs, in the order of the entries."""
        entries = [entry for node in nodes for entry in self._entry(node)]
        kept = self._kept(entries)
        self._names(kept)
        for entry in kept:
            if entry.rank == 0 and not self.columns:
                check_limits(entry.made, entry.node, self.worlds, self.faults, ends=self.ends)
        return tuple(entry.made for entry in kept)

    def _entry(self, node: Node) -> list[Entry]:
        if not isinstance(node.value, dict):
            self.faults.add(
                node.origin, "uncertain", "is not a mapping", "write {path: ..., scale: {uniform: [0.8, 1.2]}}"
            )
            return []
        title = title_of(node)
        unknown = [key for key in node.value if key not in KEYS]
        for key in unknown:
            self._fault(node.value[key].place, f"{title}.{key}", "unknown key", suggest(str(key), KEYS, most=20))
        selectors = [key for key in ("path", "paths", "grade") if key in node.value]
        if len(selectors) != 1:
            message = f"has {' and '.join(selectors)}" if selectors else "names no place"
            if not any(suggest(str(key), ("path", "paths", "grade"), most=0) for key in unknown):
                self._fault(node.place, title, message, "give one of path, paths and grade")
            return []
        ways = [way for way in WAYS if way in node.value]
        if len(ways) + ("range" in node.value) > 1:
            said = [*ways, *(["range"] if "range" in node.value else [])]
            self._fault(node.place, title, f"has {' and '.join(said)}", f"keep one of {', '.join(WAYS)} and range")
            return []
        if any(suggest(str(key), WAYS, most=0) for key in unknown):
            return []
        source = _text(node, "source")
        if selectors == ["grade"]:
            return self._by_grade(node, title, cast(Way, ways[0]) if ways else None, source)
        return self._by_path(node, title, cast(Way, ways[0]) if ways else None, source)

    def _by_path(self, node: Node, title: str, way: Way | None, source: str) -> list[Entry]:
        if "by" in node.value:
            self._fault(node.value["by"].place, f"{title}.by", "goes with grade", "one path is one input: leave it out")
        paths = self._paths(node, title)
        places = self._places(node, paths)
        if places is None:
            return []
        name = _text(node, "name") or ", ".join(paths)
        base: dict[str, Any] = {"name": name, "paths": paths, "origin": str(node.place), "source": source}
        if way is None and self.columns:
            way, node.value["value"] = "value", Node(COLUMN, node.origin)
        if way is None:
            law = self._range(node, title)
            found = None if law is None else ranged(title, node, places, law, self.faults)
            if found is None:
                return []
            made = UncertainInput(**base, way="value", distribution=found[0], from_range=found[1])
        else:
            given = self._law(node.value[way], f"{title}.{way}", way, places[0])
            if given is None:
                return []
            made = UncertainInput(**base, way=way, distribution=given.distribution, values=given.values)
            self._same(made, places[0], node)
        return [Entry(made, node, 0, [place.location for place in places[0]])]

    def _by_grade(self, node: Node, title: str, way: Way | None, source: str) -> list[Entry]:
        grade, by = node.get("grade"), node.get("by") or "number"
        if grade not in GRADES:
            hint = suggest(str(grade), GRADES)
            self._fault(node.value["grade"].origin, f"{title}.grade", f"unknown grade '{grade}'", hint)
            return []
        if by not in BY:
            self._fault(node.value["by"].origin, f"{title}.by", f"unknown value '{by}'", suggest(str(by), BY))
            return []
        law, given = None, None
        if way is None:
            law = self._range(node, title)
        elif way == "value":
            hint = "write scale or add, or range: uniform for the ranges of their rows"
            self._fault(node.value["value"].place, f"{title}.value", "would make all figures of the grade equal", hint)
        else:
            given = self._numbers(node.value[way], f"{title}.{way}")
        if law is None and given is None:
            return []
        found = by_grade(str(grade), str(by), way, given, law, self.worlds, self.notes, str(node.place))
        if not found:
            what = f"no figure of grade {grade} has a range" if law else f"no figure has the grade {grade}"
            self._fault(node.value["grade"].origin, f"{title}.grade", what, "name the figures by path")
        rank = 1 if law else 2
        return [
            Entry(UncertainInput(**made, origin=str(node.place), source=source), node, rank, places)
            for made, places in found
        ]

    def _numbers(self, node: Node, path: str) -> Given | None:
        """A law of numbers, for figures of different fields."""
        given = LawReader(Kind("number"), path, self.faults).read(node)
        if given is not None and (given.distribution is None or given.distribution.law == "choice"):
            self._fault(
                node.origin, path, "lists values for figures of different fields", "write {uniform: [0.8, 1.2]}"
            )
            return None
        return given

    def _paths(self, node: Node, title: str) -> tuple[str, ...]:
        key = "path" if "path" in node.value else "paths"
        given = node.value[key]
        entries = given.value if isinstance(given.value, list) else [given]
        paths = [str(entry.value) for entry in entries if isinstance(entry.value, str) and entry.value.strip()]
        if len(paths) < len(entries) or not paths:
            self._fault(given.origin, f"{title}.{key}", "needs a path", "such as controls.intensity")
            return ()
        return tuple(dict.fromkeys(paths))

    def _places(self, node: Node, paths: Sequence[str]) -> list[list[Place]] | None:
        """The places of all paths in each scenario; None where one is at fault."""
        key = node.value.get("path") or node.value["paths"]
        lines = {str(entry.value): entry.origin for entry in (key.value if isinstance(key.value, list) else [key])}
        found, whole = [], bool(paths)
        for world in self.worlds:
            places: list[Place] = []
            for path in paths:
                try:
                    places += world.places(path)
                except PathError as error:
                    several = f" in scenario {world.name}" if len(self.worlds) > 1 else ""
                    self._fault(lines[path], path, f"{error.message}{several}", error.hint)
                    whole = False
            found.append(places)
        return found if whole else None

    def _law(self, node: Node, path: str, way: Way, places: list[Place]) -> Given | None:
        """The law of an input, read as the field at its places takes it."""
        kind = places[0].kind
        odd = next((place for place in places if place.kind.form != kind.form), None)
        if odd is not None:
            message = f"moves {places[0].path} and {odd.path}, which hold different things"
            self._fault(node.place, path, message, "make it two inputs, with correlation")
            return None
        numeric = kind.form in NUMBERS
        if not numeric and (way != "value" or not kind.scalar):
            names = list(fields(kind.record)) if kind.record else []
            hint = f"name one number in it: {', '.join(names[:12])}" if names else f"write value: {_choice_hint(kind)}"
            self._fault(node.place, path, f"{places[0].path} is not a number", hint)
            return None
        given_whole = self.columns and way == "value"
        if numeric and not given_whole and not any(place.numbers for place in places):
            self._fault(node.place, path, f"{places[0].path} has no value to change", "name another figure")
            return None
        if way == "scale" and not any(number for place in places for number in place.numbers):
            self._fault(node.place, path, f"{places[0].path} is 0, so that a factor changes nothing", "use add:")
            return None
        if self.columns and node.value in (None, COLUMN) and not node.faulty:
            return Given()
        if node.value == COLUMN:
            message = "stands in a column of a file, and the sample names none"
            self._fault(node.origin, path, message, "write sample: {method: list, file: draws.csv}")
            return None
        given = LawReader(value_kind(kind, way), path, self.faults).read(node)
        if given is None or not self._fits(given, node, path, kind, way):
            return None
        return given

    def _fits(self, given: Given, node: Node, path: str, kind: Kind, way: Way) -> bool:
        """Whether a law suits the field and the sample."""
        law = given.distribution
        continuous = law is not None and law.law != "choice"
        if continuous and kind.form not in ("number", "series"):
            message = f"is a distribution of numbers, and the field holds {_held(kind)}"
            self._fault(node.origin, path, message, f"write {_choice_hint(kind)}")
            return False
        if kind.form == "integer" and way == "scale":
            self._fault(node.place, path, "a factor leaves no whole number", "write value: {choice: [...]}")
            return False
        if law is None and not self.listed:
            hint = "write choice: to draw from them, or method: grid, product or zip"
            self._fault(node.origin, path, "lists values, which this sample does not draw", hint)
            return False
        return True

    def _range(self, node: Node, title: str) -> str | None:
        """Law over the range of a row: uniform where nothing is said."""
        if "range" not in node.value:
            if "grade" not in node.value:
                return "uniform"
            self._fault(node.place, title, "does not say how the figures move", "give scale, add or range: uniform")
            return None
        said = node.value["range"]
        if said.value not in RANGES:
            self._fault(said.origin, f"{title}.range", f"unknown value '{said.text}'", suggest(str(said.value), RANGES))
            return None
        return str(said.value)

    def _same(self, made: UncertainInput, places: list[Place], node: Node) -> None:
        """Note where one value replaces several numbers that differ."""
        numbers = {number for place in places for number in place.numbers}
        if made.way == "value" and len(numbers) > 1:
            span = f"{min(numbers):g} to {max(numbers):g}"
            self.notes.append(f"{node.place}: {made.name}: one value in place of numbers from {span}")

    def _kept(self, entries: list[Entry]) -> list[Entry]:
        """Entries of which none moves what another moves: of different rank the more specific, else a fault."""
        taken: dict[Location, Entry] = {}
        around: dict[Location, Entry] = {}
        kept, less, told = set[int](), dict[str, list[str]](), set[tuple[int, int]]()
        for entry in sorted(entries, key=lambda entry: entry.rank):
            clashes = [_clash(at, taken, around) for at in entry.locations]
            equal = next((other for other in clashes if other is not None and other.rank == entry.rank), None)
            if equal is not None:
                if (id(entry.node), id(equal.node)) not in told:  # of two grades once
                    message = f"moves what '{equal.made.name}' ({equal.node.place}) moves too"
                    hint = "make it one input, or let each move its own"
                    self._fault(entry.node.place, title_of(entry.node), message, hint)
                told.add((id(entry.node), id(equal.node)))
                continue
            if any(other is not None for other in clashes):
                free = [n for n, other in enumerate(clashes) if other is None]
                gone = [path for n, path in enumerate(entry.made.paths) if n not in free]
                less.setdefault(str(entry.node.place), []).extend(gone)
                entry.made = replace(entry.made, paths=tuple(entry.made.paths[n] for n in free))
                entry.locations = [entry.locations[n] for n in free]
            if entry.locations:
                kept.add(id(entry))
            for at in entry.locations:
                taken[at] = entry
                around |= {at[:length]: entry for length in range(1, len(at))}
        for place, paths in less.items():
            named = ", ".join(paths[:3]) + (", …" if len(paths) > 3 else "")
            self.notes.append(f"{place}: {len(paths)} of these move by more specific entries: {named}")
        return [entry for entry in entries if id(entry) in kept]

    def _names(self, entries: Sequence[Entry]) -> None:
        first: dict[str, Entry] = {}
        for entry in entries:
            before = first.setdefault(entry.made.name, entry)
            if before is not entry:
                message = f"the name '{entry.made.name}' is given twice (first at {before.node.place})"
                self._fault(entry.node.place, title_of(entry.node), message, "give each input its own name")

    def _fault(self, place: Origin, path: str, message: str, hint: str = "") -> None:
        self.faults.add(place, path, message, hint)


def value_kind(kind: Kind, way: Way) -> Kind:
    """How a drawn value of a field is read: as the field's own, factors as numbers."""
    if way == "scale":
        return Kind("number")
    return kind if kind.form in ("integer", "choice", "flag", "text") else Kind("number", unit=kind.unit)


def title_of(node: Node) -> str:
    """How messages call an entry: by its name, path or grade."""
    said = next((node.get(key) for key in ("name", "path", "grade") if node.get(key) is not None), None)
    if said is None and isinstance(node.value, dict) and "paths" in node.value:
        children = node.value["paths"].children()
        said = children[0].value if children else None
    return "uncertain" if said is None else f"uncertain[{said}]"


def _clash(at: Location, taken: dict[Location, Entry], around: dict[Location, Entry]) -> Entry | None:
    """The entry that moves a place, something around it or in it."""
    over = next((taken[at[:length]] for length in range(len(at), 0, -1) if at[:length] in taken), None)
    return over or around.get(at)


def _text(node: Node, key: str) -> str:
    value: Any = node.get(key)
    return "" if value is None else str(value)


def _held(kind: Kind) -> str:
    return {"integer": "a whole number", "flag": "true or false"}.get(kind.form, "words")


def _choice_hint(kind: Kind) -> str:
    if kind.form == "integer":
        return "{choice: [1, 2, 3]}"
    listed = ("true", "false") if kind.form == "flag" else kind.choices
    return f"{{choice: [{', '.join(map(str, listed)) or '...'}]}}"
