"""CSV tables to nodes: one record a row, columns are the record's fields, an empty cell is the field's default.

Read as Chinese and Western Excel write them: utf-8 with or without mark, gb18030 or utf-16; comma, semicolon
or tab. A label stands in two columns, label_en and label_zh. Faults name the line of the row and the column.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from kctopt.errors import suggest
from kctopt.scenario.field_kinds import Kind, fields
from kctopt.scenario.files import Reading, called
from kctopt.scenario.nodes import NAMES, Faults, Node, Origin
from kctopt.scenario.options import Mode, Programme, Tranche
from kctopt.scenario.records import Domain, Line, PowerIndex, Quadrant, Record, Rung, Source, Spillover
from kctopt.scenario.scalars import plain_text
from kctopt.scenario.sourced import PARENT_FIELDS

LABELS = {"label_en": "en", "label_zh": "zh"}


@dataclass(frozen=True)
class InputTable:
    """A table of a model folder: its records and the place they take in the scenario."""

    record: type[Record]
    path: tuple[str, ...]
    needed: bool = True

    @property
    def name(self) -> str:
        """Path of the table in the scenario."""
        return ".".join(self.path)


TABLES = {
    "domains.csv": InputTable(Domain, ("domains",)),
    "lines.csv": InputTable(Line, ("lines",)),
    "rungs.csv": InputTable(Rung, ("rungs",)),
    "spillovers.csv": InputTable(Spillover, ("spillovers",)),
    "quadrants.csv": InputTable(Quadrant, ("quadrants",)),
    "military_indices.csv": InputTable(PowerIndex, ("military", "indices")),
    "modes.csv": InputTable(Mode, ("modes",), needed=False),
    "tranches.csv": InputTable(Tranche, ("tranches",), needed=False),
    "programmes.csv": InputTable(Programme, ("programmes",), needed=False),
    "provenance.csv": InputTable(Source, ("provenance",), needed=False),
}

Row = tuple[int, list[str]]  # line of the file, cells


def read_table(path: Path, table: InputTable, reading: Reading) -> Node:
    """List of records of one CSV file. Faults are collected; a table without a header stops the reading."""
    text, file, faults = reading.text(path), called(path), reading.faults
    rows = csv_rows(text, file, faults)
    if not rows:
        raise faults.stop(Origin(file), table.name, "is empty", f"its first row names the columns: {_columns(table)}")
    header = _header(rows[0], table, file, faults)
    entries = [_entry(row, header, table, file, faults) for row in rows[1:]]
    columns = _all_columns(table.record)
    missing = [name for name, kind in columns.items() if kind.required and name not in header]
    misspelt = [suggest(cell, columns) for cell in rows[0][1] if cell and cell not in columns]
    for name in missing:
        if f"did you mean '{name}'?" not in misspelt:
            hint = _meaning(columns[name])
            faults.add(Origin(file, rows[0][0]), f"{table.name}.{name}", f"column '{name}' is missing", hint)
    _forgive(entries, missing)
    return Node(entries, Origin(file, 1))


def csv_rows(text: str, file: str, faults: Faults) -> list[Row]:
    """Rows that hold anything, each with the line on which it starts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows, line = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise faults.stop(Origin(file, line), "", f"not a CSV table: {error}", "check the quotes of this row") from None
    return rows


def _delimiter(text: str) -> str:
    """The separator that cuts the first row that holds anything into most cells."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _header(row: Row, table: InputTable, file: str, faults: Faults) -> list[str]:
    """Column names; an unknown or repeated one is a fault and is then left out (as '')."""
    columns = _all_columns(table.record)
    header: list[str] = []
    for name in row[1]:
        known = ""
        if name and name in header:
            message = f"column '{name}' is there twice"
            faults.add(Origin(file, row[0]), f"{table.name}.{name}", message, "keep one of the two")
        elif name in columns:
            known = name
        elif name:
            hint = suggest(name, columns) or f"the columns are {_columns(table)}"
            faults.add(Origin(file, row[0]), f"{table.name}.{name}", f"unknown column '{name}'", hint)
        header.append(known)
    return header


def _entry(row: Row, header: list[str], table: InputTable, file: str, faults: Faults) -> Node:
    """One row as a mapping of fields."""
    line, cells = row
    entry: dict[str | int, Node] = {}
    label: dict[str | int, Node] = {}
    for name, cell in zip(header, cells, strict=False):
        if not name or not cell:
            continue
        node = Node(_number(cell, _all_columns(table.record)[name]), Origin(file, line), text=cell)
        if name in LABELS:
            label[LABELS[name]] = node
        else:
            entry[name] = node
    if any(name in LABELS for name in header):
        entry["label"] = Node(label, Origin(file, line))
    excess = any(cells[len(header) :])  # the cells do not stand where they belong: say that and nothing else
    if excess:
        called = next((entry[key].text for key in NAMES if key in entry), "")
        where = f"{table.name}[{called}]" if called else table.name
        message = f"has {len(cells)} cells under {len(header)} columns"
        faults.add(Origin(file, line), where, message, "put text with a separator in it in quotes")
    return Node(entry, Origin(file, line), faulty=excess)


def _number(cell: str, kind: Kind) -> str | float | int:
    """The number in a cell of a numeric column, full-width digits too; else text, which is judged later."""
    if kind.form not in ("number", "integer") or "_" in cell:
        return cell
    cell = plain_text(cell)
    try:
        return int(cell) if cell.isascii() and cell.lstrip("+-").isdigit() and len(cell) < 300 else float(cell)
    except ValueError:
        return cell


def _forgive(entries: list[Node], missing: list[str]) -> None:
    """Mark the cells of a missing column, so that it is one fault and not one for every row."""
    for entry in entries:
        for name in missing:
            parent, key = (entry, name)
            if name in LABELS:
                parent, key = entry.value.setdefault("label", Node({}, entry.origin)), LABELS[name]
            parent.value[key] = Node(None, entry.origin, faulty=True)


def _all_columns(record: type[Record]) -> dict[str, Kind]:
    """Kind of every column of a record's table."""
    columns: dict[str, Kind] = {}
    for name, kind in fields(record).items():
        if name in PARENT_FIELDS:
            continue
        if name == "label":
            columns.update({column: Kind("text") for column in LABELS})
        else:
            columns[name] = kind
    return columns


def _columns(table: InputTable) -> str:
    return ", ".join(_all_columns(table.record))


def _meaning(kind: Kind) -> str:
    unit = f" ({kind.unit})" if kind.unit else ""
    return f"add it: {kind.meaning}{unit}" if kind.meaning else "add it"
