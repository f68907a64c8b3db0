"""An input workbook to a layer: what a planner edited in Excel, as the nodes that a YAML file would give.

Only edited cells are changes. A hidden sheet holds the values that the workbook was written with, so a cell that still
shows what was written says nothing, whatever the parent has by now; `edited.py` then drops what equals the parent's
value, and notes where the parent has changed since.

    case.xlsx, sheet Lines, K5 edited to 40    set: {lines[ai-B].spend: 40}    origin case.xlsx:Lines!K5
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from kctopt.errors import cell_name, suggest
from kctopt.scenario.cells import Cell, read_cell, split
from kctopt.scenario.field_kinds import Kind
from kctopt.scenario.grids import Book, Grid, GridRow, read_book, same
from kctopt.scenario.nodes import Faults, Node, Origin
from kctopt.scenario.scalars import plain_text, plain_years
from kctopt.scenario.sheets import (
    HEAD,
    KEY_ROW,
    SHEETS,
    column_path,
    naming,
    row_path,
    series,
    settings,
    table_columns,
)
from kctopt.scenario.tables import LABELS
from kctopt.scenario.variants import Variants, read_variants

YEAR = re.compile(r"(19|2[0-3])\d{2}", re.ASCII)
Entries = dict[str | int, Node]


def read_workbook(
    data: bytes, file: str, faults: Faults, notes: list[str]
) -> tuple[Node, dict[str, Any], Variants]:  # fmt: skip
    """The layer in a workbook, as a mapping node, the values it was written with by path, and its variants.

    Faults are collected, each with its sheet and cell; it stops only where the file is no workbook of ours.
    """
    book = read_book(data, file, faults)
    reader = _BookReader(book, file, faults, notes)
    return Node(reader.layer(), Origin(file)), book.written, reader.variants


class _BookReader:
    """Collects the changes on all sheets of one workbook."""

    def __init__(self, book: Book, file: str, faults: Faults, notes: list[str]) -> None:
        self.book, self.file, self.faults, self.notes = book, file, faults, notes
        self.changes: dict[str, Entries] = {"set": {}, "scale": {}, "add": {}}
        self.rules: dict[str, Node] = {}  # all on the sheet of policies, edited or not, by id
        self.variants = Variants()

    def layer(self) -> Entries:
        """The keys of a scenario file."""
        head = self.head(self.book.grids["scenario"])
        lists: dict[str, list[Node]] = {"policies": [], "provenance": []}
        for key, grid in self.book.grids.items():
            for cell in grid.repeated():
                self.faults.add(cell.origin, "", f"column '{cell.word}' is there twice", "keep one of the two")
            match key:
                case "scenario" | "variants":
                    pass
                case "settings":
                    self.settings(grid)
                case "years":
                    self.years(grid)
                case "policies":
                    lists["policies"] = list(self.policies(grid))
                case "changes":
                    self.free_changes(grid)
                case "sources":
                    lists["provenance"] = list(self.sources(grid))
                case _:
                    self.table(key, grid)
        if "variants" in self.book.grids:
            self.with_variants(self.book.grids["variants"], lists)
        layer = head | {name: Node(entries, Origin(self.file)) for name, entries in self.changes.items() if entries}
        return layer | {name: Node(nodes, Origin(self.file)) for name, nodes in lists.items() if nodes}

    def with_variants(self, grid: Grid, lists: dict[str, list[Node]]) -> None:
        """The variants; the rules and sources that are theirs leave those of the base."""
        kept = {name.partition("[")[2].partition("].")[0] for name in self.book.written if name.startswith("policies[")}
        self.variants = read_variants(grid, self.rules, kept, self.faults)
        off = self.variants.off
        lists["policies"] = [rule for rule in lists["policies"] if rule.get("id") not in off]
        for name in [name for name in off if name in kept]:
            entry: Entries = {"id": Node(name, off[name], text=name), "remove": Node(True, off[name])}
            lists["policies"].append(Node(entry, off[name]))
        own = [*(str(path) for entries in self.changes.values() for path in entries),
               *(f"policies[{rule.get('id')}]" for rule in lists["policies"])]  # fmt: skip
        lists["provenance"] = self.variants.take_sources(lists["provenance"], own)

    def head(self, grid: Grid) -> Entries:
        """Extends, name, label and intent."""
        given: dict[str, Cell] = {}
        for row in self.rows("scenario", grid, ("key", "value")):
            word, cell = row.word("key"), row.cells["value"]
            if word not in HEAD:
                self.faults.add(row.cells["key"].origin, word, "unknown key", suggest(word, HEAD))
            elif not cell.blank:
                given[word] = cell
        nodes = {word: self.node(cell, Kind("text"), word) for word, cell in given.items()}
        entries: Entries = {word: nodes[word] for word in ("name", "intent") if word in nodes}
        if "extends" in nodes:
            entries["extends"] = split(given["extends"], nodes["extends"])
        labels = [nodes[word] for word in ("label.en", "label.zh") if word in nodes]
        if labels:  # one name serves for both languages until the other is given
            entries["label"] = Node({"en": labels[0], "zh": labels[-1]}, labels[0].origin)
        return entries

    def settings(self, grid: Grid) -> None:
        """Single values outside the tables."""
        kinds = settings()
        for row in self.rows("settings", grid, ("path", "value")):
            path, cell = row.word("path"), row.cells["value"]
            if path not in kinds:
                hint = suggest(path, kinds, most=0) or f"other paths go on the sheet '{SHEETS['changes'].en}'"
                self.faults.add(row.cells["path"].origin, path, "unknown path", hint)
            elif not cell.blank:
                self.put("set", path, self.node(cell, kinds[path], path))

    def years(self, grid: Grid) -> None:
        """Series by year: one number for all, or points."""
        kinds, header = series(), grid.header()
        years = [key for key in header if YEAR.fullmatch(key)]
        for key in header:
            if key not in (*years, "path", "meaning", "unit", "all"):
                place = grid.cell(KEY_ROW, header[key]).origin
                self.faults.add(place, "", f"'{key}' is not a year", "row 2 holds years, such as 2030")
        for row in self.rows("years", grid, ("path",)):
            path = row.word("path")
            if path not in kinds:
                self.faults.add(row.cells["path"].origin, path, "unknown series", suggest(path, kinds))
                continue
            points = {year: row.cells[year] for year in sorted(years) if not row.cells[year].blank}
            constant = row.cells.get("all")
            if constant is not None and not constant.blank:
                if points:
                    at = constant.origin
                    name = f"{at.sheet}!{cell_name(at.line or 1, at.column)}"
                    hint = f"clear {name} ('all years') so that the numbers by year count, or clear those"
                    self.faults.add(constant.origin, path, "has one number for all years and numbers by year", hint)
                self.put("set", path, self.node(constant, kinds[path], path))
            elif points:
                self.points(path, kinds[path], points)

    def points(self, path: str, kind: Kind, points: dict[str, Cell]) -> None:
        """A series by year: single years where the parent has the same ones, else all of it."""
        nodes = {
            year: self.node(cell, replace(kind, optional=False), f"{path}.{year}") for year, cell in points.items()
        }
        written = {name.rpartition(".")[2] for name in self.book.written if name.rpartition(".")[0] == path}
        if written == set(nodes):
            for year, node in nodes.items():
                self.put("set", f"{path}.{year}", node)
        else:
            first = next(iter(nodes.values()))
            whole: Entries = {int(year): node for year, node in nodes.items()}
            self.put("set", path, Node(whole, first.origin, first.origin))

    def policies(self, grid: Grid) -> Iterator[Node]:
        """Rules that were edited, added or removed."""
        seen: set[str] = set()
        for row in self.rows("policies", grid, ("id",)):
            path = f"policies[{row.word('id')}]"
            seen.add(path)
            given: Entries = {name: self.policy_field(name, cell, path) for name, cell in row.filled().items()}
            remove = given.pop("remove", None)
            self.rules[row.word("id")] = Node(given, row.origin)
            if remove is not None and remove.value is not False:
                yield Node({"id": given["id"], "remove": remove}, row.origin)
            elif self.edited(path, given):
                yield Node(given, row.origin)
        self.missing("policies", grid, seen)

    def policy_field(self, name: str, cell: Cell, path: str) -> Node:
        """One field of a rule: names in plain letters, years with a plain dash, lines as a list."""
        node = self.node(cell, table_columns("policies")[name], f"{path}.{name}")
        if name == "lines":
            return split(cell, node, always=True)
        if isinstance(node.value, str):
            node.value = node.text = (plain_years if name == "years" else plain_text)(node.value)
        return node

    def edited(self, path: str, given: Entries) -> bool:
        """Whether a row says anything else than what was written."""
        known = {name: value for name, value in self.book.written.items() if name.startswith(f"{path}.")}
        said = {f"{path}.{name}": node.value for name, node in given.items() if name != "id"}
        said = {name: ";".join(part.text for part in value) if isinstance(value, list) else value
                for name, value in said.items()}  # fmt: skip
        return set(known) != set(said) or not all(same(value, known[name]) for name, value in said.items())

    def table(self, key: str, grid: Grid) -> None:
        """Fields of the rows that are known, and rows that are new."""
        names, columns = naming(key), table_columns(key)
        seen: set[str] = set()
        new: list[tuple[str, GridRow]] = []
        for row in self.rows(key, grid, names):
            path = row_path(key, tuple(row.word(name) for name in names))
            if path in seen:
                self.faults.add(row.origin, path, "stands in two rows", "keep one of the two")
            elif self.book.written and not any(name.startswith(f"{path}.") for name in self.book.written):
                new.append((path, row))
            else:
                for name, cell in row.filled().items():
                    if name not in names:
                        here = f"{path}.{column_path(name)}"
                        self.put("set", here, self.node(cell, columns[name], here))
            seen.add(path)
        gone = self.missing(key, grid, seen, tell=not new)
        for path, row in new if gone else ():
            hint = f"names of rows cannot be changed; write {gone[0]} again, and new entries in rows of their own"
            self.faults.add(row.origin, path, f"is not in the parent, and the row of {gone[0]} is gone", hint)
        if new and not gone:
            entries = [self.entry(columns, path, row) for path, row in new]
            self.put("add", key, Node(entries, new[0][1].origin, new[0][1].origin))

    def entry(self, columns: dict[str, Kind], path: str, row: GridRow) -> Node:
        """A new entry of a table."""
        entry: Entries = {}
        label: Entries = {}
        for name, cell in row.filled().items():
            node = self.node(cell, columns[name], f"{path}.{name}")
            if name in LABELS:
                label[LABELS[name]] = node
            else:
                entry[name] = node
        if label:
            entry["label"] = Node(label, row.origin)
        return Node(entry, row.origin)

    def missing(self, key: str, grid: Grid, seen: set[str], *, tell: bool = True) -> list[str]:
        """Rows of the parent that are not on the sheet; they stay as they are, which is noted."""
        rows = {name.partition("].")[0] + "]" for name in self.book.written if name.startswith(f"{key}[")}
        gone = sorted(rows - seen)
        if gone and tell:
            more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
            remedy = "; to take a rule out, keep its row and fill in 'remove'" if key == "policies" else ""
            self.notes.append(f"{self.file}:{grid.name}: no row for {gone[0]}{more}: as in the parent{remedy}")
        return gone

    def free_changes(self, grid: Grid) -> None:
        """Changes by path."""
        columns = table_columns("changes")
        for row in self.rows("changes", grid, ("path",)):
            path, cell, how = row.word("path"), row.cells.get("value"), "set"
            if (said := row.cells.get("how")) is not None and not said.blank:
                how = str(self.node(said, columns["how"], path).value)
                if how not in self.changes:
                    self.faults.add(said.origin, path, f"unknown way '{said.text}'", "set, scale or add")
                    continue
            if cell is None or cell.blank:
                self.faults.add(row.origin, path, "has no value", "fill in the column 'value', or clear the row")
            else:
                node = self.node(cell, columns["value"], path)
                node.key = row.cells["path"].origin
                self.put(how, path, node, always=True)

    def sources(self, grid: Grid) -> Iterator[Node]:
        """Where numbers come from."""
        columns = table_columns("sources")
        for row in self.rows("sources", grid, ("path",)):
            path = f"provenance[{row.word('path')}]"
            yield Node(
                {name: self.node(cell, columns[name], f"{path}.{name}") for name, cell in row.filled().items()},
                row.origin,
            )

    def rows(self, key: str, grid: Grid, needed: tuple[str, ...]) -> Iterator[GridRow]:
        """Rows of a sheet that have a name; unknown and missing columns, and rows without a name, are faults."""
        header = grid.header()
        for name in needed:
            if name not in header:
                self.faults.add(
                    grid.cell(KEY_ROW, 1).origin, "", f"has no column '{name}' in row 2", "put its key back"
                )
        if not set(needed) <= set(header):
            return
        free = key in ("scenario", "settings", "years")  # further columns are the user's own, or years
        if not free:
            columns = table_columns(key)
            for name in set(header) - set(columns):
                place = grid.cell(KEY_ROW, header[name]).origin
                self.faults.add(place, "", f"unknown column '{name}'", suggest(name, columns, most=0))
            if not set(header) <= set(columns):
                return
        for row in grid.records():
            blank = [name for name in (needed[:1] if free else needed) if row.cells[name].blank]
            if not blank:
                yield row
            elif set(row.filled()) - ({"meaning", "unit"} if free else set()):
                place = row.cells[blank[0]].origin
                self.faults.add(place, "", f"the row has no {blank[0]}", f"fill in the column '{blank[0]}'")

    def node(self, cell: Cell, kind: Kind, path: str) -> Node:
        """Node of a cell, what is wrong with it noted."""
        return read_cell(cell, kind, path, self.faults)

    def put(self, how: str, path: str, node: Node, *, always: bool = False) -> None:
        """Note a change, unless the cell holds what was written; a path changed twice is a fault."""
        if not always and not node.faulty and same(node.value, self.book.written.get(path)):
            return
        before = self.changes[how].get(path)
        if before is not None:
            where = f"{before.origin.sheet}!{cell_name(before.origin.line or 1, before.origin.column)}"
            self.faults.add(node.origin, path, f"is changed twice (also at {where})", "keep one of the two")
        else:
            self.changes[how][path] = node
