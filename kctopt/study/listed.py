"""Draws that stand in a file: a CSV table or a sheet of a workbook, a column for each input, a row for each draw.

    budget,kct.form          inputs by name or path; without `uncertain:` paths, whose values are set
    0.95,ces                 a draw
    1.10,nested

Read as the tables of a model are, in whatever encoding and with whatever separator; numbers in full-width digits and
Chinese names of choices are what they mean. Faults name line and column, or the cell, all at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from kctopt.errors import suggest
from kctopt.scenario.cells import Cell, node_of
from kctopt.scenario.field_kinds import Kind
from kctopt.scenario.files import Reading, called
from kctopt.scenario.grids import Grid, read_sheets
from kctopt.scenario.layers import WORKBOOKS
from kctopt.scenario.nodes import Faults, Node, Origin
from kctopt.scenario.records import Scenario
from kctopt.scenario.scalars import Unreadable, read_scalar
from kctopt.scenario.tables import csv_rows
from kctopt.study.inputs import InputReader, value_kind
from kctopt.study.limits import beyond_limits
from kctopt.study.places import World
from kctopt.study.records import Draws, Sample, UncertainInput

TABLES = (".csv", ".tsv", ".txt")
MOST = 5  # faults of one column that are told one by one


@dataclass(frozen=True)
class DrawTable:
    """Draws as they stand in a file."""

    file: str
    sheet: str
    sha256: str  # of the file's content
    header: list[Cell]
    rows: list[list[Any]]  # text of a CSV file, values of a sheet
    lines: list[int]  # of the file, or rows of the sheet
    broken: dict[tuple[int, int], str] = field(default_factory=dict)  # row and column -> an Excel error

    @cached_property
    def names(self) -> dict[str, int]:
        """Position of each column that has a name; of two of one name the first."""
        return {cell.text: n for n, cell in reversed(list(enumerate(self.header))) if not cell.blank}

    def cell(self, row: int, column: int) -> Cell:
        """Cell of a draw, both from 0."""
        cells, place = self.rows[row], (self.lines[row], column + 1)
        value = cells[column] if column < len(cells) else None
        return Cell(value, Origin(self.file, *place, sheet=self.sheet), self.broken.get(place, ""))

    def entries(self) -> list[Node]:
        """The columns as entries of `uncertain:`, each a path whose value is set."""
        named = [self.header[column] for column in sorted(self.names.values())]
        return [Node({"path": Node(cell.text, cell.origin, text=cell.text)}, cell.origin) for cell in named]


def is_table(path: str | Path) -> bool:
    """Whether a file holds draws rather than a study, by its name; a workbook, by its sheets.

    Examples
    --------
    >>> is_table("draws.csv"), is_table("study.yaml")
    (True, False)
    """
    from kctopt.study.workbook import is_book

    path = Path(path)
    if path.suffix.lower() in WORKBOOKS:
        return path.is_file() and not is_book(path.read_bytes())
    return path.suffix.lower() in TABLES


def read_table(path: Path, reading: Reading, sheet: str = "", asked: Origin | None = None) -> DrawTable:
    """Header and rows of a file of draws. Stops with a fault where there are none."""
    file, faults = called(path), reading.faults
    if path.suffix.lower() in WORKBOOKS:
        data = reading.data(path, asked)
        table = _of_sheet(_sheet(read_sheets(data, file, faults), file, sheet, asked, faults), reading.hashes[path])
    else:
        if sheet:
            place = asked or Origin(file)
            raise faults.stop(place, "sample.sheet", f"{file} is no workbook", "leave sheet out, or name an .xlsx file")
        rows = csv_rows(reading.text(path, asked), file, faults)
        lines = [line for line, _ in rows]
        header = [Cell(text, Origin(file, lines[0], n)) for n, text in enumerate(rows[0][1], 1)] if rows else []
        table = DrawTable(file, "", reading.hashes[path], header, [cells for _, cells in rows[1:]], lines[1:])
    if not table.rows:
        place = Origin(file, sheet=table.sheet)
        message = "has no draws" if table.header else "is empty"
        raise faults.stop(place, "", message, "write a row of columns, then one row a draw")
    _check_header(table, faults)
    return table


def _sheet(grids: Sequence[Grid], file: str, sheet: str, asked: Origin | None, faults: Faults) -> Grid:
    """The sheet that is named, or the only one."""
    names = [grid.name for grid in grids]
    if sheet in names:
        return grids[names.index(sheet)]
    place, listed = asked or Origin(file), ", ".join(names)
    if sheet:
        hint = suggest(sheet, names, most=0) or f"its sheets are {listed}"
        raise faults.stop(place, "sample.sheet", f"no sheet '{sheet}' in {file}", hint)
    if len(grids) != 1:
        raise faults.stop(place, "sample.file", f"{file} has the sheets {listed}", "name one with sheet:")
    return grids[0]


def _of_sheet(grid: Grid, sha256: str) -> DrawTable:
    broken = {row for row, _ in grid.broken}
    filled = [
        n for n, row in enumerate(grid.rows, 1)
        if n in broken or any(value is not None and str(value).strip() for value in row)
    ]  # fmt: skip
    header = [grid.cell(filled[0], n) for n in range(1, len(grid.rows[filled[0] - 1]) + 1)] if filled else []
    rows = [list(grid.rows[n - 1]) for n in filled[1:]]
    return DrawTable(grid.file, grid.name, sha256, header, rows, filled[1:], dict(grid.broken))


def _check_header(table: DrawTable, faults: Faults) -> None:
    """Report columns without a name, of one name, and rows that are longer than the header."""
    width = len(table.header)
    for n, cell in enumerate(table.header):
        message, hint = cell.fault()
        if message:
            faults.add(cell.origin, "", message, hint)
        elif cell.blank and any(not table.cell(row, n).blank for row in range(len(table.rows))):
            hint = "name the input it holds, or delete it: a table of pandas is written with index=False"
            faults.add(cell.origin, "", f"column {n + 1} has no name", hint)
        elif not cell.blank and table.names[cell.text] != n:
            faults.add(cell.origin, cell.text, f"column '{cell.text}' is there twice", "keep one of the two")
    for row, cells in enumerate(table.rows):
        if any(not table.cell(row, n).blank for n in range(width, len(cells))):
            message = f"has {len(cells)} cells under {width} columns"
            faults.add(table.cell(row, width).origin, "", message, "put text with a separator in it in quotes")


class Columns:
    """Gives each input of a study the values of its column, and notes what is wrong with them."""

    def __init__(self, table: DrawTable, worlds: Sequence[World], faults: Faults, *, within: bool = True) -> None:
        """`within`: values must lie within the limits of their fields."""
        self.table, self.worlds, self.faults, self.within = table, worlds, faults, within

    def fill(self, inputs: Sequence[UncertainInput], declared: Sequence[str]) -> tuple[UncertainInput, ...]:
        """The inputs with listed values; `declared` are the names of all entries, also of those with faults."""
        placed = {entry.name: self._column(entry) for entry in inputs}
        known = [*placed, *declared]
        unknown = [name for name, n in self.table.names.items() if n not in placed.values() and name not in known]
        hints = {name: suggest(name, known, most=0) for name in unknown}
        for name in unknown:
            hint = hints[name] or "add it under uncertain, or delete the column"
            origin = self.table.header[self.table.names[name]].origin
            self.faults.add(origin, name, f"no input '{name}' in the study", hint)
        filled = []
        for entry in inputs:
            column = placed[entry.name]
            if column is not None:
                filled.append(self._filled(entry, column))
            elif f"did you mean '{entry.name}'?" not in hints.values():
                place = replace(self.table.header[0].origin, column=None)
                self.faults.add(place, entry.name, f"column '{entry.name}' is missing", "give one value a draw")
        return tuple(filled)

    def _column(self, entry: UncertainInput) -> int | None:
        """Where an input stands, by its name or else its only path."""
        names = (entry.name, *(entry.paths if len(entry.paths) == 1 else ()))
        return next((self.table.names[name] for name in names if name in self.table.names), None)

    def _filled(self, entry: UncertainInput, column: int) -> UncertainInput:
        kind = value_kind(self.worlds[0].places(entry.paths[0])[0].kind, entry.way)
        values, faults = self._values(column, kind)
        made = replace(entry, distribution=None, values=tuple(values), from_range="")
        if self.within:
            beyond = [(n, message, "leave such values out") for n, message in beyond_limits(made, self.worlds)]
            faults = sorted(faults + beyond)
        for row, message, hint in faults[:MOST]:
            self.faults.add(self.table.cell(row, column).origin, entry.name, message, hint)
        if len(faults) > MOST:
            place = self.table.cell(faults[MOST][0], column).origin
            self.faults.add(place, entry.name, f"and {len(faults) - MOST} more cells of this column have faults")
        return made

    def _values(self, column: int, kind: Kind) -> tuple[list[Any], list[tuple[int, str, str]]]:
        """Values of a column as its field takes them; faults by row, with message and hint."""
        if kind.form == "number" and (numbers := self._numbers(column)) is not None:
            return numbers, []
        read: dict[tuple[type, Any], Any] = {}
        values: list[Any] = []
        faults: list[tuple[int, str, str]] = []
        for row in range(len(self.table.rows)):
            cell = self.table.cell(row, column)
            known = (type(cell.value), cell.value)
            message, hint = cell.fault()
            if cell.blank and not message:
                message, hint = "is empty", "give a value in every draw"
            elif not message and known not in read:
                try:
                    read[known] = read_scalar(node_of(cell, replace(kind, optional=False)), kind)
                except Unreadable as error:
                    message, hint = error.message, error.hint
            if message:
                faults.append((row, message, hint))
            values.append(read.get(known))
        return values, faults

    def _numbers(self, column: int) -> list[float] | None:
        """A whole column of plain numbers at once; None where a cell is anything else."""
        cells = [row[column] if column < len(row) else None for row in self.table.rows]
        if self.table.broken or any(type(c) not in (float, int, str) or (type(c) is str and "_" in c) for c in cells):
            return None
        try:
            numbers = [float(cell) for cell in cells if cell is not None]
        except (ValueError, OverflowError):
            return None
        return numbers if np.isfinite(numbers).all() else None


def draws_in_file(path: str | Path, scenario: Scenario) -> Draws:
    """Draws of a file whose columns are paths of a scenario, or places by their names; their values are set.

    Parameters
    ----------
    path
        A CSV file, or a workbook with one sheet.
    scenario
        Whose places the columns name.

    Returns
    -------
    Draws
        One input a column; `sample` has the file and the hash of its content.

    Raises
    ------
    ScenarioErrors
        All faults found, each with line and column, or the cell.

    Examples
    --------
    >>> import tempfile, kctopt
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "draws.csv"
    >>> _ = path.write_text("kct.form,diffusion.catch_up\\nces,0.05\\nnested,0.06\\n")
    >>> draws_in_file(path, kctopt.load("baseline")).values.tolist()
    [['ces', 0.05], ['nested', 0.06]]
    """
    reading, worlds = Reading(), [World(scenario)]
    table = read_table(Path(path).expanduser().resolve(), reading)
    reader = InputReader(worlds, reading.faults, [], ends=False, listed=True, columns=True)
    inputs = reader.read(table.entries())
    declared = [cell.text for cell in table.header]
    filled = Columns(table, worlds, reading.faults, within=False).fill(inputs, declared)
    if reading.faults:
        raise reading.faults.errors()
    values = np.empty((len(table.rows), len(filled)), dtype=object)
    for k, entry in enumerate(filled):
        values[:, k] = entry.values
    sample = Sample("list", len(table.rows), file=str(path), sheet=table.sheet, sha256=table.sha256)
    return Draws(filled, np.full(values.shape, np.nan), values, sample)
