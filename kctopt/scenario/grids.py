"""A workbook as grids: its marked sheets with header and rows, and the record of what was written on them."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from kctopt.errors import suggest
from kctopt.extras import need
from kctopt.scenario.cells import Cell, broken_cells, is_strict, merged_cells
from kctopt.scenario.nodes import Faults, Origin
from kctopt.scenario.otherfile import STUDY_SHEETS, other
from kctopt.scenario.scalars import plain_text
from kctopt.scenario.sheets import FIRST_ROW, KEY_ROW, MARK, SHEETS, WRITTEN

TITLES = KEY_ROW + 1  # the row of names for people, which may be merged
OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # first bytes of .xls, and of any workbook with a password
DIGITS = 1e-14  # relative distance at which a cell shows what was written


@dataclass(frozen=True)
class GridRow:
    """One row of data: its place, and its cells by column key, those that are blank included."""

    origin: Origin
    cells: Mapping[str, Cell]

    def filled(self) -> dict[str, Cell]:
        """Cells that hold anything."""
        return {key: cell for key, cell in self.cells.items() if not cell.blank}

    def word(self, key: str) -> str:
        """Text of a cell in plain letters; empty when it is blank or broken."""
        cell = self.cells.get(key)
        return "" if cell is None or cell.broken else cell.word


@dataclass(frozen=True)
class Grid:
    """One sheet of a workbook."""

    file: str
    name: str
    rows: list[list[Any]]
    broken: Mapping[tuple[int, int], str]
    merged: Sequence[tuple[str, tuple[int, int], int]] = ()  # range, its first cell, its last row

    @property
    def origin(self) -> Origin:
        """The sheet as a place."""
        return Origin(self.file, sheet=self.name)

    def cell(self, row: int, column: int) -> Cell:
        """Cell by row and column, both from 1."""
        inside = row <= len(self.rows) and column <= len(self.rows[row - 1])
        place = Origin(self.file, row, column, sheet=self.name)
        return Cell(self.rows[row - 1][column - 1] if inside else None, place, self.broken.get((row, column), ""))

    @property
    def last(self) -> int:
        """The last row that holds anything."""
        return max(len(self.rows), max((row for row, _ in self.broken), default=0))

    def width(self, row: int) -> int:
        """Columns of a row."""
        return len(self.rows[row - 1]) if row <= len(self.rows) else 0

    def header(self) -> dict[str, int]:
        """Keys of the columns and where they stand, from 1; of a key given twice the first place."""
        width = max((len(row) for row in self.rows[:KEY_ROW]), default=0)
        keys = {column: self.cell(KEY_ROW, column).word for column in range(1, width + 1)}
        return {key: column for column, key in sorted(keys.items(), reverse=True) if key}

    def repeated(self) -> Iterator[Cell]:
        """Cells of the header whose key stands in an earlier column too."""
        first = self.header()
        for column in range(1, len(self.rows[KEY_ROW - 1]) + 1 if len(self.rows) >= KEY_ROW else 1):
            cell = self.cell(KEY_ROW, column)
            if cell.word and first[cell.word] != column:
                yield cell

    def records(self) -> Iterator[GridRow]:
        """Rows of data that hold anything under a key."""
        header = self.header()
        for number in range(FIRST_ROW, self.last + 1):
            cells = {key: self.cell(number, column) for key, column in header.items()}
            if not all(cell.blank for cell in cells.values()):
                yield GridRow(Origin(self.file, number, 1, sheet=self.name), cells)


@dataclass(frozen=True)
class Book:
    """The marked sheets of a workbook by key, and the values that were written on them when it was made."""

    grids: dict[str, Grid]
    written: dict[str, Any] = field(default_factory=dict)  # path -> value


def read_book(data: bytes, file: str, faults: Faults) -> Book:
    """A workbook from its bytes. Stops with a fault when it is none, or holds no sheet of ours."""
    sheets = read_sheets(data, file, faults)
    marks = {grid.cell(1, 1).word for grid in sheets}
    if f"{MARK}study" in marks and f"{MARK}scenario" not in marks:
        raise other("study", "scenario", Origin(file), faults)
    grids, written = _marked(sheets, faults)
    if "scenario" not in grids:
        hint = "make one with `kctopt new --xlsx FILE.xlsx`"
        raise faults.stop(Origin(file), "", "has no sheet that begins with 'kctopt scenario' in A1", hint)
    return Book(grids, written)


def read_sheets(data: bytes, file: str, faults: Faults) -> list[Grid]:
    """All sheets of a workbook, ours and others. Stops with a fault when it is none."""
    need(["read xlsx"])
    from python_calamine import CalamineError, CalamineWorkbook

    if data.startswith(OLD_EXCEL):
        message = "is an Excel workbook of the old kind (.xls), or has a password"
        raise faults.stop(Origin(file), "", message, "save it as Excel Workbook (.xlsx) without a password")
    try:
        if is_strict(data):
            message = "is a Strict Open XML workbook, which is not read"
            raise faults.stop(Origin(file), "", message, "save it as Excel Workbook (.xlsx), the kind without 'Strict'")
        broken, merged = broken_cells(data), merged_cells(data)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in broken}
    except (CalamineError, zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError, RuntimeError) as error:
        message = f"is not a workbook that can be read ({type(error).__name__}: {str(error)[:80]})"
        raise faults.stop(Origin(file), "", message, "save it as .xlsx (Excel Workbook) without a password") from None
    return [Grid(file, name, rows[name], broken[name], merged[name]) for name in rows]


def _marked(grids: list[Grid], faults: Faults) -> tuple[dict[str, Grid], dict[str, Any]]:
    """Sheets of ours by key; others are the user's own, unless they bear the name of one of ours."""
    by_key: dict[str, Grid] = {}
    written: dict[str, Any] = {}
    names = {name for sheet in SHEETS.values() for name in (sheet.en, sheet.zh)}
    for grid in grids:
        mark = grid.cell(1, 1)
        key = mark.word.removeprefix(MARK)
        if grid.name == WRITTEN:
            written = {row[0]: row[1] for row in grid.rows if len(row) > 1 and row[0]}
        elif not mark.word.startswith(MARK):
            if grid.name in names:
                hint = "put the first two rows back, or give the sheet another name if it is your own"
                faults.add(mark.origin, "", "does not begin with 'kctopt ...' in A1", hint)
        elif key in STUDY_SHEETS:
            hint = "a study is a workbook of its own, which names that of its scenario beside 'of'"
            faults.add(mark.origin, "", "is a sheet of a study", hint)
        elif key not in SHEETS:
            faults.add(mark.origin, "", f"unknown sheet '{key}'", suggest(key, SHEETS, most=20))
        elif key in by_key:
            faults.add(mark.origin, "", f"is a second sheet '{key}' (the first is {by_key[key].name})", "delete one")
        elif not _merged(grid, faults) or key == "scenario":
            by_key[key] = grid
    return by_key, written


def _merged(grid: Grid, faults: Faults) -> bool:
    """Note merged cells among keys and data, where they hide values; whether there are any."""
    hiding = [
        (ref, first) for ref, first, last in grid.merged if last >= KEY_ROW and (first[0], last) != (TITLES, TITLES)
    ]
    for ref, (row, column) in hiding:
        hint = "unmerge them and give each its value: all but the first are empty"
        faults.add(grid.cell(row, column).origin, "", f"cells {ref} are merged", hint)
    return bool(hiding)


def same(value: Any, written: Any) -> bool:
    """Whether a value is the one that was written; spreadsheets keep 15 to 16 digits of a number."""
    if isinstance(value, int | float) and isinstance(written, int | float):
        close = math.isclose(value, written, rel_tol=DIGITS, abs_tol=0.0)
        return close and isinstance(value, bool) == isinstance(written, bool)
    return value is not None and written is not None and plain_text(str(value)) == plain_text(str(written))
