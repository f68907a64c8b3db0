"""A result as one Excel workbook: sheets in reading order with native charts, then every tidy table.

| sheets | content |
|---|---|
| Summary | the question, status, both bounds, gap, indices, two charts |
| Allocation, Yearly, Indices, Gaps, Stages | the plan, with charts |
| Decisions, Rules | discrete decisions told; rules that bind, with prices |
| Assumptions | every value with its source |
| data_allocation … data_provenance | the tidy tables, named alike in every language: row 2 holds the keys |
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kctopt.errors import UsageError
from kctopt.exchange.pages import Pages
from kctopt.exchange.words import data_heading, unit
from kctopt.language import checked_lang, money_digits
from kctopt.result.fields import TABLES, Columns
from kctopt.result.folder import rows_of
from kctopt.table import Cell, Column, framed, printed_wide, workbook, write_rows

if TYPE_CHECKING:
    from kctopt.result.result import Result


def to_excel(result: Result, path: Path, lang: str = "en") -> Path:
    """Write the workbook in a language (en or zh) and return its path; a file of that name is replaced as a whole.

    Raises MissingExtra without xlsxwriter, UsageError when a table has more rows than a sheet.
    """
    checked_lang(lang)
    with workbook(path, "export excel") as book:
        styles = _styles(book, lang)
        Pages(book, result, styles, lang).write()
        for name in TABLES:
            write_table(book, name, result.columns(name), styles, lang)
    return path


def _styles(book: Any, lang: str) -> dict[str, Any]:
    """Formats by name; numbers show their unit where the heading does not."""
    top = {"valign": "top"}
    grey = {**top, "font_color": "#7f7f7f", "font_size": 9}
    head = {**top, "bold": True, "bg_color": "#dce6f1", "bottom": 1, "text_wrap": True}
    amount = "#,##0.0" if money_digits(1, lang) else "#,##0"
    looks: dict[str, dict[str, Any]] = {
        "title": {"bold": True, "font_size": 14},
        "bold": {"bold": True},
        "plain": top,
        "wrap": {**top, "text_wrap": True},
        "key": grey,
        "key_head": {**head, "font_color": "#7f7f7f", "font_size": 9, "bold": False},
        "head": head,
        "digits": {**top, "num_format": "0.######"},
        "money": {**top, "num_format": amount},
        "money_total": {**top, "num_format": amount, "bold": True, "top": 1},
        "money4": {
            **top,
            "num_format": f'#,##0.{"0" * money_digits(4, lang)}" {unit("billion CNY", lang)}"',
            "align": "left",
        },
        "points4": {**top, "num_format": f'#,##0.0000" {unit("NS points", lang)}"', "align": "left"},
        "seconds": {**top, "num_format": "0.0", "align": "left"},
        "one": {**top, "num_format": "0.0"},
        "ratio": {**top, "num_format": "0.000"},
        "share": {**top, "num_format": "0.0%"},
        "gap": {**top, "num_format": "0.0000%", "align": "left"},
        "year": {**top, "num_format": "0", "align": "left"},
    }
    return {name: book.add_format(look) for name, look in looks.items()}


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
        sheet.write_string(0, place, data_heading(column, lang), styles["head"])
        sheet.write_comment(0, place, column.meaning)
        sheet.write_string(1, place, column.key, styles["key"])
        sheet.set_column(place, place, 16 if column.kind == "string" else 13, style)
    write_rows(sheet, HEADS, (present(columns, row) for row in rows), digits)
    sheet.set_row(0, 32)
    printed_wide(sheet)
    framed(sheet, HEADS - 1, max(1, len(rows) + 1), len(columns) - 1)
    sheet.repeat_rows(0, HEADS - 1)


def present(columns: Sequence[Column], row: Sequence[Cell]) -> list[Cell]:
    """A row with None for every blank."""
    blank = [value == "" or (column.optional and value == 0) for column, value in zip(columns, row, strict=True)]
    return [None if empty else value for empty, value in zip(blank, row, strict=True)]
