"""One table: columns that say what they hold, and rows. What shows or writes a table draws from it.

| drawn as | by |
|---|---|
| lines of a terminal, Markdown, rows of HTML | `Table.text`, `Table.markdown`, `Table.shown` |
| CSV | `csv_text`, the one writer |
| sheets of Excel | `workbook`, `write_cell`, `write_rows`, the one writer |
| JSON, DataFrames | `Table.records`, `Table.frame` |

Cells are raw values, so that Excel gets numbers; None stands for what is not known or does not apply, as nan does.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kctopt.brief import brief, counted
from kctopt.disk import whole
from kctopt.extras import need
from kctopt.terminal import grid

if TYPE_CHECKING:
    import pandas

Kind = Literal["string", "integer", "number", "boolean", "any"]
Cell = str | int | float | bool | None
Row = Mapping[str, Any]  # cells by key
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}


@dataclass(frozen=True)
class Column:
    """A column: what its cells are, and how they are called and read."""

    key: str  # English, the same in every language
    kind: Kind = "any"
    meaning: str = ""
    unit: str = ""  # empty for names and flags
    optional: bool = False  # whole numbers only: 0 stands for blank
    added: bool = False  # runs saved before the column was added lack it, and it reads as blank
    label: str = ""  # heading for people
    format: str = ""  # of numbers for people, as Python writes it; `%` for shares
    percent: str = " %"  # the sign behind a share, as the language writes it

    @property
    def numeric(self) -> bool:
        """Whether its cells are numbers for people, set to the right."""
        return self.kind in ("number", "integer")

    def shown(self, value: Cell) -> str:
        """A cell for people."""
        if value is None or value != value:  # absent, or not a number
            return "–" if self.numeric else ""
        if isinstance(value, str):
            return value
        if not self.numeric:
            return str(value)
        return f"{value:{self.format}}".replace("%", self.percent.replace(" ", "\u00a0")).replace("-", "−")

    def text(self, value: Any) -> str:
        """A cell of CSV: numbers keep every digit, blanks are empty."""
        if value is None or value != value or (self.optional and not value):
            return ""
        if self.kind == "boolean" or isinstance(value, bool):
            return "true" if value else "false"
        if self.kind == "number" or isinstance(value, float):
            return repr(float(value))
        return str(int(value)) if self.kind == "integer" else str(value)

    def described(self) -> dict[str, Any]:
        """What files say of the column."""
        about = {"name": self.key, "type": self.kind, "meaning": self.meaning, "unit": self.unit}
        return about | {"optional": self.optional, "added": self.added}

    @classmethod
    def read(cls, about: Mapping[str, Any]) -> Column:
        """The column that `described` described."""
        names = {"name": "key", "type": "kind"}
        return cls(**{names.get(name, name): value for name, value in about.items()})


def column(label: str, format: str = "", percent: str = " %") -> Column:
    """A column for people alone: its heading, and the format of its numbers where it holds some."""
    return Column("", "number" if format else "string", label=label, format=format, percent=percent)


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Rows under columns, with a title; a row has a cell for each column.

    Attributes
    ----------
    title : str
        Its name.
    columns : sequence of Column
        Each with `key`, `kind`, `meaning` and `unit`.
    rows : sequence of sequence
        Raw values; None for what is not known or does not apply.
    records : list of dict
        Rows by key.
    frame : pandas.DataFrame
        The same as a DataFrame.

    Examples
    --------
    >>> from kctopt.table import Column, Table
    >>> Table("spend", (Column("amount", "number", unit="billion CNY"),), ((1.5,),)).records
    [{'amount': 1.5}]
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]

    @classmethod
    def of(cls, title: str, columns: Sequence[Column], records: Iterable[Mapping[str, Any]]) -> Table:
        """A table of records that have exactly these keys; numbers that are nan or infinite become None."""
        keys, rows = [column.key for column in columns], []
        for record in records:
            if set(record) != set(keys):
                raise ValueError(f"table {title}: a row has {sorted(record)}; its fields are {sorted(keys)}")
            rows.append(tuple(_plain(record[key]) for key in keys))
        return cls(title, tuple(columns), tuple(rows))

    def __repr__(self) -> str:
        return brief(self, self.title, counted(len(self.rows), "row"), *(column.key for column in self.columns))

    def _repr_html_(self) -> str:
        return str(self.frame.to_html(max_rows=20))

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """Rows by key."""
        keys = [column.key for column in self.columns]
        return [dict(zip(keys, row, strict=True)) for row in self.rows]

    @cached_property
    def frame(self) -> pandas.DataFrame:
        """Rows as a DataFrame; whole numbers and flags that may be absent are of pandas' nullable types."""
        import pandas

        types: dict[str, Any] = {"string": "str", "number": "float64", "integer": "Int64", "boolean": "boolean"}
        values: dict[str, Any] = {column.key: [row[n] for row in self.rows] for n, column in enumerate(self.columns)}
        typed = {column.key: types[column.kind] for column in self.columns if column.kind in types}
        arrays = {
            key: pandas.array(cells, dtype=typed[key]) if key in typed else cells for key, cells in values.items()
        }
        return pandas.DataFrame(arrays)

    def shown(self) -> Iterator[list[str]]:
        """Rows for people."""
        for row in self.rows:
            yield [column.shown(value) for column, value in zip(self.columns, row, strict=True)]

    @property
    def left(self) -> tuple[int, ...]:
        """Columns that are set to the left."""
        return tuple(n for n, column in enumerate(self.columns) if not column.numeric)

    @property
    def heads(self) -> list[str]:
        """Headings for people."""
        return [column.label for column in self.columns]

    def text(self) -> list[str]:
        """Lines for a terminal, columns lined up."""
        return grid(self.heads, list(self.shown()), left=self.left)

    def markdown(self) -> str:
        """Rows as Markdown."""
        rule = ["---:" if column.numeric else "---" for column in self.columns]
        rows = [map(escaped, self.heads), rule, *(map(escaped, row) for row in self.shown())]
        return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _plain(value: Any) -> Any:
    """A value as JSON takes it: NumPy numbers as Python's, no nan."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def escaped(text: str) -> str:
    """A text in Markdown, where its letters mean themselves."""
    for letter in ("\\", "|", "*", "_", "<"):
        text = text.replace(letter, "\\" + letter)
    return text


def csv_text(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> str:
    """A table as CSV with lines that end as spreadsheets want them; the keys are its head."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([column.key for column in columns])
    writer.writerows([column.text(cell) for column, cell in zip(columns, row, strict=True)] for row in rows)
    return file.getvalue()


def write_csv(path: Path, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table as CSV: UTF-8 with a mark, so that spreadsheets open it."""
    path.write_text(csv_text(columns, rows), encoding="utf-8-sig", newline="")


@contextmanager
def workbook(path: Path, use: str, *, replace: bool = True) -> Iterator[Any]:
    """A workbook of xlsxwriter to be filled, written whole when the block ends; text never becomes a formula or a link.

    Raises MissingExtra where `use` lacks its package, WriteError where it cannot be written.
    """
    need([use])
    import xlsxwriter

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, PLAIN) as book:
        yield book
    whole(path, lambda place: place.write_bytes(content.getvalue()), replace=replace)


def write_cell(sheet: Any, row: int, column: int, value: Any, style: Any = None) -> None:
    """Write a value as what it is; nothing for what is absent."""
    if value is None or value != value:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value), style)


def write_rows(sheet: Any, first: int, rows: Iterable[Sequence[Any]], styles: Sequence[Any]) -> None:
    """Write rows from row `first` on, each column in its style."""
    for number, row in enumerate(rows, start=first):
        for place, (value, style) in enumerate(zip(row, styles, strict=True)):
            write_cell(sheet, number, place, value, style)


def printed_wide(sheet: Any) -> None:
    """Print a sheet on A4 in landscape, one page wide."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def framed(sheet: Any, head: int, last: int, right: int) -> None:
    """A table under the row `head`: with a filter, its headings in sight and on every page, printed whole."""
    sheet.autofilter(head, 0, last, right)
    sheet.freeze_panes(head + 1, 1)
    sheet.repeat_rows(head)
    sheet.print_area(0, 0, last, right)
