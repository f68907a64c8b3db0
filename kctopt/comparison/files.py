"""A comparison as tidy tables, and as files: CSV and Excel, written whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kctopt.comparison import render
from kctopt.comparison.attribution import Part
from kctopt.comparison.comparable import Caution, Refusal
from kctopt.comparison.courses import Change
from kctopt.comparison.indices import IndexChange, ObjectiveChange
from kctopt.comparison.inputs import Difference
from kctopt.comparison.limits import LimitChange
from kctopt.comparison.mends import Mend
from kctopt.comparison.movers import Move
from kctopt.comparison.ranges import CellRange, RangeCheck
from kctopt.comparison.regret import Entry
from kctopt.comparison.runs import Run
from kctopt.comparison.sections import sections
from kctopt.disk import whole, write_folder
from kctopt.extras import need

if TYPE_CHECKING:
    from kctopt.comparison.comparison import Comparison, Pair


def _names(record: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record))


COLUMNS: dict[str, tuple[str, ...]] = {
    "inputs": ("run", *_names(Difference)),
    "runs": _names(Run),
    "refusals": ("run", *_names(Refusal)),
    "cautions": ("run", *_names(Caution)),
    "objective": ("run", *_names(ObjectiveChange)),
    "indices": ("run", *_names(IndexChange)),
    "allocation": ("run", *_names(Move)),
    "changes": ("run", *_names(Change)),
    "limits": ("run", *_names(LimitChange)),
    "ranges": ("run", *_names(RangeCheck)),
    "range_cells": ("run", *_names(CellRange)),
    "regret": _names(Entry),
    "mends": _names(Mend),
    "attribution": ("run", *_names(Part)),
}


def rows(comparison: Comparison, table: str) -> list[dict[str, Any]]:
    """Rows of a table of COLUMNS; raises KeyError with the known ones for another."""
    if table not in COLUMNS:
        raise KeyError(f"no table {table!r}; there are {', '.join(COLUMNS)}")
    if table == "runs":
        return [_row(run) for run in (comparison.base, *(pair.run for pair in comparison.pairs))]
    if table == "regret":
        return [_row(one) for one in (comparison.regret.entries if comparison.regret else ())]
    if table == "mends":
        return [_row(one) for one in (comparison.regret.mends if comparison.regret else ())]
    return [{"run": pair.run.name} | _row(one) for pair in comparison.pairs for one in _records(pair, table)]


def _records(pair: Pair, table: str) -> tuple[Any, ...]:
    if table == "attribution":
        return pair.attribution.parts if pair.attribution else ()
    found = getattr(pair, table)
    if table in ("objective", "ranges"):
        return (found,) if found else ()
    return tuple(found)


def _row(record: Any) -> dict[str, Any]:
    """A record as cells: several values in one are joined."""
    return {name: _cell(getattr(record, name)) for name in _names(type(record))}


def _cell(value: Any) -> Any:
    if isinstance(value, tuple):
        return "; ".join(" ".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in value)
    return value


def one_csv(comparison: Comparison) -> str:
    """All tables as one CSV text: the column `table` names each row's, cells of other tables' columns are empty."""
    names = list(dict.fromkeys(["table", "run", *(name for columns in COLUMNS.values() for name in columns)]))
    listed = ({"table": table} | row for table in COLUMNS for row in rows(comparison, table))
    return _csv(names, listed)


def _csv(names: list[str], listed: Iterable[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\r\n")
    writer.writeheader()
    for row in listed:
        writer.writerow({name: _csv_cell(value) for name, value in row.items()})
    return text.getvalue()


def _csv_cell(value: Any) -> str:
    if value is None or value != value:
        return ""
    return str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, float) else str(value)


def write_csvs(comparison: Comparison, folder: Path) -> Path:
    """One CSV file for each table in a new folder; one that exists is left alone and folder-2, … is written."""

    def fill(place: Path) -> None:
        for table, names in COLUMNS.items():
            text = _csv(list(names), rows(comparison, table))
            (place / f"{table}.csv").write_text(text, encoding="utf-8-sig", newline="")

    return write_folder(folder, fill)


def write_excel(comparison: Comparison, path: Path, lang: str = "en") -> Path:
    """One sheet for each table, the summary in front. Raises MissingExtra when the extra `excel` is missing."""
    need(["compare xlsx"])
    import xlsxwriter

    def write(place: Path) -> None:
        content = io.BytesIO()
        with xlsxwriter.Workbook(content, {"nan_inf_to_errors": False, "in_memory": True}) as book:
            bold, mono = book.add_format({"bold": True}), book.add_format({"font_name": "Consolas"})
            front = book.add_worksheet("summary")
            front.set_column(0, 0, 120)
            for number, line in enumerate(render.text(sections(comparison, lang)).splitlines()):
                front.write_string(number, 0, line, mono)
            for table in COLUMNS:
                _sheet(book, comparison, table, bold)
        place.write_bytes(content.getvalue())

    return whole(path, write)


def _sheet(book: Any, comparison: Comparison, table: str, bold: Any) -> None:
    listed = rows(comparison, table)
    sheet = book.add_worksheet(table)
    for column, name in enumerate(COLUMNS[table]):
        sheet.write_string(0, column, name, bold)
        sheet.set_column(column, column, 16)
        for number, row in enumerate(listed, start=1):
            value = row[name]
            if value is None or value != value:
                continue
            if isinstance(value, str):
                sheet.write_string(number, column, value)  # never a formula
            else:
                sheet.write(number, column, value)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, len(listed)), len(COLUMNS[table]) - 1)
