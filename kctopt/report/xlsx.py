"""A report on several runs as one workbook: a sheet for each chapter with its tables, the runs side by side.

Numbers of figures stand beside the tables of their chapter; national security by year has a chart. Every sheet prints
one page wide. The workbook of one run alone, with its tidy tables, is that of `kctopt.exchange`.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from kctopt.report.content import Block, Figure, Points, Section, Story, Text
from kctopt.report.style import RUN_COLOURS
from kctopt.table import Column, Table, printed_wide, workbook, write_cell
from kctopt.terminal import width

NARROW, WIDE, FIRST = 12, 44, 46  # characters of columns: of numbers, of other texts at most, of the first one
TEXT = 84  # characters of a sentence in a row, over its five columns at least
PORTRAIT = 115  # characters over all columns that are printed upright
SHEET = 31  # letters of a sheet's name at most
FORBIDDEN = re.compile(r"[\[\]:*?/\\：]")


def content(story: Story) -> bytes:
    """The workbook as a file. Raises MissingExtra where xlsxwriter is missing."""
    with tempfile.TemporaryDirectory(prefix="kctopt-") as place:
        file = Path(place) / "report.xlsx"
        with workbook(file, "report xlsx") as book:
            _Writer(book, story).write()
        return file.read_bytes()


class _Writer:
    """Writes the chapters of a story, each to a sheet."""

    def __init__(self, book: Any, story: Story) -> None:
        self.book, self.story = book, story
        self.looks: dict[str, Any] = {}
        self.names: set[str] = set()
        self.wrapped: list[tuple[int, int, str]] = []  # texts of the sheet at hand that may take several lines

    def write(self) -> None:
        for section in self.story.sections:
            if any(isinstance(block, Figure | Table) for block in section.blocks):
                self.sheet(section)

    def style(self, **look: Any) -> Any:
        """A format, made once."""
        key = repr(sorted(look.items()))
        if key not in self.looks:
            self.looks[key] = self.book.add_format({"valign": "top", **look})
        return self.looks[key]

    def sheet(self, section: Section) -> None:
        sheet = self.book.add_worksheet(self.named(section.title))
        sheet.write_string(0, 0, section.title, self.style(bold=True, font_size=14))
        row, right = 2, 4  # sentences span five columns
        sizes: dict[int, int] = {}
        self.wrapped = []
        for block in section.blocks:
            if isinstance(block, Figure) and block.table in section.blocks:
                continue  # its numbers are a table of the chapter
            row = self.block(sheet, row, block, sizes)
            if isinstance(block, Figure | Table):
                table = block.table if isinstance(block, Figure) else block
                right = max(right, len(table.columns) - 1)
            if isinstance(block, Figure) and block.name == "paths":
                row = self.chart(sheet, row, block.table)
        for place, size in sizes.items():
            sheet.set_column(place, place, size)
        for number, height in self.heights(sizes).items():
            sheet.set_row(number, height)
        printed_wide(sheet)
        if sum(sizes.values()) <= PORTRAIT:
            sheet.set_portrait()
        sheet.print_area(0, 0, row, right)
        sheet.set_footer("&L&A&R&P / &N")

    def heights(self, sizes: dict[int, int]) -> dict[int, int]:
        """Heights of rows whose texts take several lines, points."""
        lines: dict[int, int] = {}
        for row, place, text in self.wrapped:
            lines[row] = max(lines.get(row, 1), -(-width(text) // (sizes[place] - 1)))
        return {row: 15 * count for row, count in lines.items() if count > 1}

    def named(self, title: str) -> str:
        """A name for a sheet, no two the same; Excel takes short ones without brackets and colons."""
        short = FORBIDDEN.sub(" ", title).strip()[:SHEET]
        number, name = 1, short
        while name.lower() in self.names:
            number += 1
            name = f"{short[: SHEET - 3]} {number}"
        self.names.add(name.lower())
        return name

    def block(self, sheet: Any, row: int, block: Block, sizes: dict[int, int]) -> int:
        """Write a block from a row on; returns the row behind it."""
        match block:
            case Text():
                return self.lines(sheet, row, [block.text])
            case Points():
                return self.lines(sheet, row, [f"• {item}" for item in block.items])
            case Table():
                return self.table(sheet, row, block, sizes)
            case Figure():
                return self.table(sheet, row, block.table, sizes)

    def lines(self, sheet: Any, row: int, texts: list[str]) -> int:
        """Sentences over the width of the sheet, as high as they are long."""
        for text in texts:
            sheet.merge_range(row, 0, row, 4, text, self.style(text_wrap=True))
            sheet.set_row(row, 15 * -(-width(text) // TEXT))
            row += 1
        return row + 1

    def table(self, sheet: Any, row: int, table: Table, sizes: dict[int, int]) -> int:
        sheet.write_string(row, 0, table.title, self.style(bold=True))
        head = {"bold": True, "bg_color": "#dce6f1", "bottom": 1, "text_wrap": True}
        for place, column in enumerate(table.columns):
            align = "right" if column.numeric else "left"
            self.wrapped.append((row + 1, place, column.label))
            sheet.write_string(row + 1, place, column.label, self.style(**head, align=align))
            widest = max((width(text) for text in (shown[place] for shown in table.shown())), default=0)
            most = FIRST if place == 0 else WIDE
            sizes[place] = max(sizes.get(place, NARROW), min(widest + 2, most))
        for number, cells in enumerate(table.rows, start=row + 2):
            for place, (column, value) in enumerate(zip(table.columns, cells, strict=True)):
                self.cell(sheet, number, place, column, value)
        return row + 3 + len(table.rows)

    def cell(self, sheet: Any, row: int, place: int, column: Column, value: Any) -> None:
        """A number as a number, in the form that people see; texts as they are, an amount in words to the right."""
        if isinstance(value, str):
            number = number_of(value) if column.numeric else None
            if number is not None:
                write_cell(sheet, row, place, number, self.style(num_format="#,##0"))
            else:
                align = "right" if column.numeric else "left"
                self.wrapped.append((row, place, value))
                write_cell(sheet, row, place, value, self.style(text_wrap=not column.numeric, align=align))
        elif value is None:
            write_cell(sheet, row, place, column.shown(None), self.style(align="right"))
        else:
            number = float(f"{value:{column.format}}") if column.format.endswith("g") else value
            write_cell(sheet, row, place, number, self.style(num_format=excel_format(column.format)))

    def chart(self, sheet: Any, row: int, table: Table) -> int:
        """A line for each run over the years of the table that ends above the row."""
        first, last = row - 1 - len(table.rows), row - 2
        made = self.book.add_chart({"type": "line"})
        for place in range(1, len(table.columns)):
            made.add_series(
                {
                    "name": [sheet.name, first - 1, place],
                    "categories": [sheet.name, first, 0, last, 0],
                    "values": [sheet.name, first, place, last, place],
                    "line": {"color": RUN_COLOURS[(place - 1) % len(RUN_COLOURS)], "width": 1.75},
                }
            )
        values = [value for cells in table.rows for value in cells[1:] if isinstance(value, float)]
        made.set_title({"name": table.title, "name_font": {"size": 11}})
        made.set_y_axis({"num_format": "0", "min": 10 * (min(values, default=0.0) // 10)})
        made.set_legend({"position": "bottom"})
        made.set_size({"width": 620, "height": 300})
        sheet.insert_chart(row, 0, made)
        return row + 17


def number_of(text: str) -> float | None:
    """An amount that was written out for a table of mixed numbers: 62,824."""
    try:
        return float(text.replace(",", "").replace("−", "-"))
    except ValueError:
        return None


def excel_format(form: str) -> str:
    """A format of Python as Excel writes it."""
    match = re.fullmatch(r"([+])?(,)?\.(\d)([f%g])", form)
    if match is None or match[4] == "g":
        return "General"
    digits = "0" if match[3] == "0" else "0." + "0" * int(match[3])
    number = ("#,##" if match[2] else "") + digits + ("%" if match[4] == "%" else "")
    return f"+{number};−{number};{number}" if match[1] else number
