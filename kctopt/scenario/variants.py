"""The sheet of variants of a workbook: a column each, read as the scenario file that would extend the workbook.

    case.xlsx, sheet Variants, F7 is 0.95 in the row of budget and 'scale', F2 is tight

    case.xlsx#tight    extends: case.xlsx, scale: {budget: 0.95}    origin case.xlsx#tight:Variants!F7

Rows of values are paths, as in `set:`. The row of a rule, `policies[chips-floor]`, switches it on or off; here the
column 'base' counts too: a rule that is off in the base is defined on the sheet of policies all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from kctopt.errors import cell_name, suggest
from kctopt.scenario.cells import NO, YES, Cell, read_cell, split
from kctopt.scenario.field_kinds import Kind
from kctopt.scenario.filename import unfit
from kctopt.scenario.grids import Grid, same
from kctopt.scenario.nodes import Faults, Node, Origin
from kctopt.scenario.paths import PathError, find, kind_of
from kctopt.scenario.scalars import plain_text, plain_years
from kctopt.scenario.sheets import FIRST_ROW, HOW, KEY_ROW, SWITCH, VARIANT_COLUMNS

Entries = dict[str | int, Node]

TITLES = ("intent", "label.en", "label.zh")  # rows that say what a variant is; its title is in row 3 too
NOT_SET = ("name", "extends", "label", "model", "provenance", "schema_version")
RULE = re.compile(r"policies\[([^\[\]=,*]+)\]")
CHANGE = re.compile(r"(?:([+-])\s*|[×x*])\s*(\d+\.?\d*)\s*(%?)", re.IGNORECASE)  # +5%, × 1.05
SMALL = 0.5  # a factor below is doubted: 5% in a cell is 0.05


@dataclass
class Variants:
    """What a sheet of variants says."""

    layers: dict[str, Node] = field(default_factory=dict)  # keys of a scenario file, by name of the variant
    off: dict[str, Origin] = field(default_factory=dict)  # rules that the base goes without
    shown: dict[str, Node] = field(default_factory=dict)  # values in the column 'base', by path
    notes: dict[str, list[str]] = field(default_factory=dict)  # by name of the variant

    def titles(self) -> dict[str, dict[str, str]]:
        """Title of every variant by language, its name where it has none."""
        return {
            name: {lang: str(text.value) for lang, text in layer.value["label"].value.items()}
            if "label" in layer.value
            else {"en": name, "zh": name}
            for name, layer in self.layers.items()
        }

    def take_sources(self, rows: Iterable[Node], own: Iterable[str]) -> list[Node]:
        """Give every source to the variants that set what it speaks of, unless the base does, which sets `own` paths.

        Returns those that stay the base's.
        """
        rows, own = list(rows), list(own)
        taken = {id(row) for row in rows if not any(_about(row, path) for path in own)}
        for layer in self.layers.values():
            paths = list(_paths(layer))
            mine = [row for row in rows if id(row) in taken and any(_about(row, path) for path in paths)]
            if mine:
                layer.value["provenance"] = Node([moved(row, layer.origin.file) for row in mine], layer.origin)
        heard = {path for layer in self.layers.values() for path in _paths(layer)}
        return [row for row in rows if id(row) not in taken or not any(_about(row, path) for path in heard)]


def read_variants(grid: Grid, rules: Mapping[str, Node], removable: Iterable[str], faults: Faults) -> Variants:
    """The variants on a sheet; `rules` are those of the sheet of policies, `removable` the ids that the parent has."""
    return _Reader(grid, rules, removable, faults).read()


class _Reader:
    """Reads one sheet of variants."""

    def __init__(self, grid: Grid, rules: Mapping[str, Node], removable: Iterable[str], faults: Faults) -> None:
        self.grid, self.rules, self.faults = grid, rules, faults
        self.removable = set(removable)
        self.columns, self.names = self._header()
        self.found = Variants()
        self.changes: dict[str, dict[str, Entries]] = {name: {how: {} for how in HOW} for name in self.names}
        self.switched: dict[str, list[Node]] = {name: [] for name in self.names}

    def _header(self) -> tuple[dict[str, int], dict[str, int]]:
        """Columns that describe a row, by key, and columns of variants, by name."""
        keys = {word: key for key, word in VARIANT_COLUMNS.items()}
        header = sorted(self.grid.header().items(), key=lambda item: item[1])
        columns: dict[str, int] = {}
        names: dict[str, int] = {}
        for word, column in header:
            key = keys.get(word, word.lower())
            (columns if key in VARIANT_COLUMNS else names)[key if key in VARIANT_COLUMNS else word] = column
        return columns, names

    def read(self) -> Variants:
        """All variants, by column."""
        if "path" not in self.columns:
            place = self.grid.cell(KEY_ROW, 1).origin
            self.faults.add(place, "", "has no column 'path' in row 2", "put its key back")
            return self.found
        self._check_names()
        for name, column in self.names.items():
            self.found.layers[name] = Node({}, self._at(KEY_ROW, column, name).origin)
        for number in range(FIRST_ROW, self.grid.last + 1):
            self._row(number)
        for name, column in self.names.items():
            top = self._at(KEY_ROW, column, name)
            layer = self.found.layers[name]
            layer.value |= {how: Node(given, top.origin) for how, given in self.changes[name].items() if given}
            if self.switched[name]:
                layer.value["policies"] = Node(self.switched[name], top.origin)
            if not set(layer.value) - {"intent", "label"}:
                self._note(name, f"{top.origin}: the variant changes nothing: it is the base")
            title = self._at(KEY_ROW + 1, column, name)
            if not title.blank and "label" not in layer.value:
                text = read_cell(title, Kind("text"), "label", self.faults)
                layer.value["label"] = Node({"en": text, "zh": text.copy()}, title.origin)
            layer.value["name"] = Node(name, top.origin, text=name)
        return self.found

    def _check_names(self) -> None:
        for name, column in self.names.items():
            if fault := unfit(name):
                place = self.grid.cell(KEY_ROW, column).origin
                self.faults.add(place, "name", f"{name[:40]!r} cannot be a name: {fault[0]}", fault[1])
        named = {*self.columns.values(), *self.names.values()}
        for number in range(KEY_ROW + 1, self.grid.last + 1):
            for column in range(1, self.grid.width(number) + 1):
                header = self.grid.cell(KEY_ROW, column)
                if column not in named and header.blank and not self.grid.cell(number, column).blank:
                    hint = "write the variant's name there, such as tight; your own remarks go under the key 'note'"
                    self.faults.add(header.origin, "", "the column has no name in row 2", hint)

    def _at(self, row: int, column: int, name: str) -> Cell:
        """A cell of a variant: it is placed in the variant's file."""
        return _placed(self.grid.cell(row, column), name)

    def _cell(self, number: int, key: str) -> Cell:
        """A cell that describes a row; blank where there is no such column."""
        return self.grid.cell(number, self.columns[key] if key in self.columns else self.grid.width(number) + 1)

    def _row(self, number: int) -> None:
        cells = {name: self._at(number, column, name) for name, column in self.names.items()}
        given = {name: cell for name, cell in cells.items() if not cell.blank}
        path_cell, how_cell = self._cell(number, "path"), self._cell(number, "how")
        path, base = path_cell.word, self._cell(number, "base")
        if path_cell.blank:
            if given or not how_cell.blank:
                self.faults.add(path_cell.origin, "", "the row has no path", "fill in the column 'path'")
            return
        if path_cell.broken:
            read_cell(path_cell, Kind("text"), "", self.faults)
        elif path in TITLES:
            for name, cell in given.items():
                self._title(path, cell, name)
        elif path in NOT_SET:
            hint = "its name is in row 2 and its title in row 3; the question has a row 'intent'"
            self.faults.add(path_cell.origin, path, "is not set by a variant", hint)
        elif rule := RULE.fullmatch(path):
            self._rule(rule[1].strip(), path_cell, base, given)
        else:
            self._value(path_cell, how_cell, base, given)

    def _title(self, path: str, cell: Cell, name: str) -> None:
        node = read_cell(cell, Kind("text"), path, self.faults)
        layer = self.found.layers[name]
        if path == "intent":
            layer.value["intent"] = node
        else:  # one name serves for both languages until the other is given
            label = layer.value.setdefault("label", Node({"en": node, "zh": node.copy()}, cell.origin))
            label.value[path.rpartition(".")[2]] = node

    def _value(self, path_cell: Cell, how_cell: Cell, base: Cell, given: Mapping[str, Cell]) -> None:
        """A row of values by path."""
        path, how = path_cell.word, "set"
        if not how_cell.blank:
            how = str(read_cell(how_cell, Kind("choice", choices=HOW), path, self.faults).value)
            if how not in HOW:
                self.faults.add(how_cell.origin, path, f"unknown way '{how_cell.text}'", "set, scale or add")
                return
        try:
            kind = kind_of(path)
        except PathError as error:
            self.faults.add(path_cell.origin, path, error.message, error.hint)
            return
        if not (base.blank or base.broken) and (kind.scalar or isinstance(base.value, int | float)):
            self.found.shown[path] = read_cell(base, kind, path, Faults())
        wanted = kind if how == "set" else Kind("number")
        for name, cell in given.items():
            if wanted.form in ("number", "integer", "series") and self._is_change(cell, path, how):
                continue
            node = _entry(cell, wanted, path, self.faults)
            before = self.changes[name][how].setdefault(path, node)
            if before is not node:
                where = f"{before.origin.sheet}!{cell_name(before.origin.line or 1, before.origin.column)}"
                self.faults.add(node.origin, path, f"is changed twice (also at {where})", "keep one of the two")
            if how == "scale" and isinstance(node.value, int | float) and abs(node.value) < SMALL:
                factor = 1 + node.value
                doubt = f"times {node.value:g}; a change by {node.value:+.3g} of the base is {factor:.3g}"
                self._note(name, f"{cell.origin}: {path}: {doubt}. Is it meant so?")

    def _is_change(self, cell: Cell, path: str, how: str) -> bool:
        """Whether a cell says +5% or × 1.05, which is a fault: its row says how values change."""
        match = CHANGE.fullmatch(cell.word) if isinstance(cell.value, str) else None
        if match is None or (match[1] and not match[3]):
            return False
        amount = float(match[2]) / (100 if match[3] else 1)
        factor = 1 + amount if match[1] == "+" else 1 - amount if match[1] else amount
        hint = f"write {factor:g}" if how == "scale" else f"put 'scale' under 'how' in this row and write {factor:g}"
        self.faults.add(cell.origin, path, f"'{cell.text}' is a change and no number", hint)
        return True

    def _rule(self, rule: str, path_cell: Cell, base: Cell, given: Mapping[str, Cell]) -> None:
        """A row that switches a rule on or off, in the base too."""
        path, known = path_cell.word, {*self.rules, *self.removable}
        if rule not in known:
            hint = suggest(rule, known, most=20) or "define it on the sheet of policies"
            self.faults.add(path_cell.origin, path, "no rule of that id", hint)
            return
        there = base.blank or self._switch(base, path)
        if there is False:
            self.found.off[rule] = base.origin
        for name, cell in given.items():
            on = self._switch(cell, path)
            if on is None or on == there:
                continue
            if on and rule not in self.rules:
                hint = "put its row back, which says what it asks"
                self.faults.add(cell.origin, path, "is switched on, and has no row on the sheet of policies", hint)
            elif on:
                self.switched[name].append(moved(self.rules[rule], cell.origin.file))
            else:
                entry: Entries = {"id": Node(rule, cell.origin, text=rule), "remove": Node(True, cell.origin)}
                self.switched[name].append(Node(entry, cell.origin))

    def _switch(self, cell: Cell, path: str) -> bool | None:
        """Whether a cell says on; None where it says neither, which is a fault."""
        node = read_cell(cell, Kind("choice", choices=SWITCH), path, self.faults)
        word = str(node.value).lower()
        if word in ("on", *YES) or word in ("off", *NO):
            return word in ("on", *YES)
        if not node.faulty:
            hint = f"to change what it asks, name the field: {path}.amount"
            self.faults.add(cell.origin, path, f"'{cell.text}' is neither on nor off", hint)
        return None

    def _note(self, name: str, text: str) -> None:
        self.found.notes.setdefault(name, []).append(text)


def _paths(layer: Node) -> Iterator[str]:
    """What a variant sets, by path."""
    for how in HOW:
        if how in layer.value:
            yield from map(str, layer.value[how].value)
    for rule in layer.value["policies"].value if "policies" in layer.value else ():
        yield f"policies[{rule.get('id')}]"


def _about(row: Node, path: str) -> bool:
    """Whether a source may speak of what stands at a path, or a change at the path of what it speaks of."""
    short, long = sorted((str(row.get("path")), path), key=len)
    return long == short or (long.startswith(short) and long[len(short)] in ".[")


def _placed(cell: Cell, name: str) -> Cell:
    return replace(cell, origin=replace(cell.origin, file=f"{cell.origin.file}#{name}"))


def _entry(cell: Cell, kind: Kind, path: str, faults: Faults) -> Node:
    """A value: of rules names in plain letters, years with a plain dash; names joined by ';' where a list is needed."""
    node = read_cell(cell, kind, path, faults)
    if kind.form == "list":
        return split(cell, node, always=True)
    if path.startswith("policies[") and isinstance(node.value, str):
        node.value = node.text = (plain_years if path.endswith(".years") else plain_text)(node.value)
    return node


def moved(node: Node, file: str) -> Node:
    """A copy of a node that stands in another file, in the same cell."""
    new = node.copy()

    def move(each: Node) -> None:
        each.origin = replace(each.origin, file=file)
        each.key = None if each.key is None else replace(each.key, file=file)
        for child in each.children():
            move(child)

    move(new)
    return new


def outdated(shown: Mapping[str, Node], root: Node) -> Iterator[str]:
    """Notes on cells under 'base' that show another value than the base has."""
    for path, node in shown.items():
        try:
            targets = find(root, path)
        except PathError:  # told where a variant sets it
            continue
        now = targets[0].node if len(targets) == 1 else None
        if now is not None and not isinstance(now.value, dict | list) and not same(node.value, now.value):
            yield f"{node.origin}: shows {node.value} for {path}, which the base has at {now.value}; the base's counts"
