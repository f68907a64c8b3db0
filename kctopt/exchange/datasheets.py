"""Every tidy table of a result on a sheet of its own: row 1 for people, row 2 the keys, then one row an observation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kctopt.errors import UsageError
from kctopt.exchange.words import heading
from kctopt.result.fields import TABLES, Columns
from kctopt.result.folder import rows_of
from kctopt.table import Cell, Column, write_rows

MOST = 1_048_576  # rows of an Excel sheet
HEADS = 2
PREFIX = "data_"  # sheet names differ in more than capitals


def write_table(book: Any, name: str, table: Columns, styles: dict[str, Any], lang: str) -> None:
    """The sheet of one table, such as data_allocation; blanks stay empty cells, text never becomes a formula."""
    columns, rows = TABLES[name], list(rows_of(name, table))
    if len(rows) + HEADS > MOST:
        raise UsageError(
            f"table {name} has {len(rows):,} rows, more than a sheet of Excel holds; use its CSV or Parquet"
        )
    sheet = book.add_worksheet(PREFIX + name)
    digits = [styles["digits"] if column.kind == "number" else None for column in columns]
    for place, (column, style) in enumerate(zip(columns, digits, strict=True)):
        sheet.write_string(0, place, heading(column, lang), styles["head"])
        sheet.write_comment(0, place, column.meaning)
        sheet.write_string(1, place, column.key, styles["key"])
        sheet.set_column(place, place, 16 if column.kind == "string" else 13, style)
    write_rows(sheet, HEADS, (present(columns, row) for row in rows), digits)
    sheet.set_row(0, 32)
    sheet.freeze_panes(HEADS, 1)
    sheet.autofilter(1, 0, max(1, len(rows) + 1), len(columns) - 1)


def present(columns: Sequence[Column], row: Sequence[Cell]) -> list[Cell]:
    """A row with None for every blank."""
    blank = [value == "" or (column.optional and value == 0) for column, value in zip(columns, row, strict=True)]
    return [None if empty else value for empty, value in zip(blank, row, strict=True)]
