"""Every tidy table of a result on a sheet of its own: row 1 for people, row 2 the keys, then one row an observation."""

from __future__ import annotations

import math
from typing import Any

from kctopt.errors import UsageError
from kctopt.exchange.words import heading
from kctopt.result.fields import TABLES, Columns

MOST = 1_048_576  # rows of an Excel sheet
HEADS = 2
PREFIX = "data_"  # sheet names differ in more than capitals


def write_table(book: Any, name: str, table: Columns, styles: dict[str, Any], lang: str) -> None:
    """The sheet of one table, such as data_allocation; blanks stay empty cells, text never becomes a formula."""
    fields = TABLES[name]
    rows = len(table[fields[0].name])
    if rows + HEADS > MOST:
        raise UsageError(f"table {name} has {rows:,} rows, more than a sheet of Excel holds; use its CSV or Parquet")
    sheet = book.add_worksheet(PREFIX + name)
    for column, field in enumerate(fields):
        sheet.write_string(0, column, heading(field, lang), styles["head"])
        sheet.write_comment(0, column, field.meaning)
        sheet.write_string(1, column, field.name, styles["key"])
        style = styles["digits"] if field.type == "number" else None
        sheet.set_column(column, column, 16 if field.type == "string" else 13, style)
        for row, value in enumerate(table[field.name].tolist(), start=HEADS):
            if (field.type == "number" and math.isnan(value)) or (field.optional and value == 0) or value == "":
                continue
            if field.type == "string":
                sheet.write_string(row, column, value)
            elif field.type == "boolean":
                sheet.write_boolean(row, column, value)
            else:
                sheet.write_number(row, column, value, style)
    sheet.set_row(0, 32)
    sheet.freeze_panes(HEADS, 1)
    sheet.autofilter(1, 0, max(1, rows + 1), len(fields) - 1)
