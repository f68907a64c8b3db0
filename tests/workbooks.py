"""Input workbooks for tests: written by kctopt, edited as a spreadsheet program would (openpyxl)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from kctopt.errors import ScenarioErrors
from kctopt.scenario.load import load
from kctopt.scenario.new_workbook import write_workbook


class Editor:
    """One workbook open for editing; cells are found by sheet key, row name and column key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = openpyxl.load_workbook(path)

    def sheet(self, key: str) -> Worksheet:
        return next(one for one in self.book.worksheets if one["A1"].value == f"kctopt {key}")

    def column(self, key: str, column: object) -> int:
        return next(cell.column for cell in self.sheet(key)[2] if cell.value == column)

    def row(self, key: str, name: str, start: int = 4) -> int:
        """Row whose first cell is `name`; '' is the first empty one."""
        sheet = self.sheet(key)
        return next(row for row in range(start, sheet.max_row + 2) if (sheet.cell(row, 1).value or "") == name)

    def put(self, key: str, name: str, column: object, value: Any) -> str:
        """Put a value in a cell; returns the cell as messages name it: Lines!K5."""
        sheet = self.sheet(key)
        cell = sheet.cell(self.row(key, name), self.column(key, column))
        cell.value = value
        return f"{sheet.title}!{cell.coordinate}"

    def add(self, key: str, **fields: Any) -> str:
        """Fill in the first empty row; returns its first cell."""
        sheet, row = self.sheet(key), self.row(key, "")
        for column, value in fields.items():
            sheet.cell(row, self.column(key, column)).value = value
        return f"{sheet.title}!A{row}"

    def save(self) -> str:
        self.book.save(self.path)
        return str(self.path)


def made(folder: Path, parent: str = "base.yaml", lang: str = "en", name: str = "case.xlsx") -> Editor:
    """A new workbook in a folder, open for editing."""
    return Editor(write_workbook(folder / name, parent, lang))


def faults(source: str) -> list[str]:
    """What is wrong with a scenario, a text each; none when it loads."""
    try:
        load(source)
    except ScenarioErrors as error:
        return [str(fault) for fault in error.faults]
    return []
