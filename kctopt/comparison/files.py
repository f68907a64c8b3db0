"""A comparison as tidy tables, and as files: CSV and Excel, written whole or not at all."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kctopt.comparison import render
from kctopt.comparison.attribution import Contribution
from kctopt.comparison.comparable import Caution, Refusal
from kctopt.comparison.courses import Change
from kctopt.comparison.indices import IndexChange, ObjectiveChange
from kctopt.comparison.inputs import Difference
from kctopt.comparison.limits import LimitChange
from kctopt.comparison.mends import Mend
from kctopt.comparison.movers import Move
from kctopt.comparison.planning import PlanningChange
from kctopt.comparison.ranges import CellRange, RangeCheck
from kctopt.comparison.regret import RegretEntry
from kctopt.comparison.runs import Run
from kctopt.comparison.sections import sections
from kctopt.comparison.yardstick import Recalibration, YieldChange
from kctopt.disk import write_folder
from kctopt.table import Column, Table, csv_text, workbook, write_csv, write_rows

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
    "value_of_planning": ("run", *_names(PlanningChange)),
    "indices": ("run", *_names(IndexChange)),
    "yields": ("run", *_names(YieldChange)),
    "recalibration": ("run", *_names(Recalibration)),
    "allocation": ("run", *_names(Move)),
    "changes": ("run", *_names(Change)),
    "limits": ("run", *_names(LimitChange)),
    "ranges": ("run", *_names(RangeCheck)),
    "range_cells": ("run", *_names(CellRange)),
    "regret": _names(RegretEntry),
    "mends": _names(Mend),
    "attribution": ("run", *_names(Contribution)),
}


def rows(comparison: Comparison, table: str) -> list[dict[str, Any]]:
    """Rows of a table of COLUMNS; raises KeyError with the known ones for another."""
    if table not in COLUMNS:
        raise KeyError(f"no table {table!r}; there are {', '.join(COLUMNS)}")
    if table == "runs":
        return [_row(run) for run in (comparison.base, *(pair.run for pair in comparison.pairs))]
    if table == "regret":
        return [_row(entry) for entry in (comparison.regret.entries if comparison.regret else ())]
    if table == "mends":
        return [_row(mend) for mend in (comparison.regret.mends if comparison.regret else ())]
    return [{"run": pair.run.name} | _row(record) for pair in comparison.pairs for record in _records(pair, table)]


def _records(pair: Pair, table: str) -> tuple[Any, ...]:
    if table == "attribution":
        return pair.attribution.parts if pair.attribution else ()
    part = getattr(pair, table)
    if table in ("objective", "value_of_planning", "ranges"):
        return (part,) if part else ()
    return tuple(part)


def _row(record: Any) -> dict[str, Any]:
    """A record as cells: several values in one are joined."""
    return {name: _cell(getattr(record, name)) for name in _names(type(record))}


def _cell(value: Any) -> Any:
    if isinstance(value, tuple):
        return "; ".join(" ".join(map(str, item)) if isinstance(item, tuple) else str(item) for item in value)
    return value


def table_of(comparison: Comparison, name: str) -> Table:
    """A table of COLUMNS with its rows."""
    columns, listed = [Column(key) for key in COLUMNS[name]], rows(comparison, name)
    return Table(name, columns, [tuple(row[column.key] for column in columns) for row in listed])


def one_csv(comparison: Comparison) -> str:
    """All tables as one CSV text: the column `table` names each row's, cells of other tables' columns are empty."""
    keys = dict.fromkeys(["table", "run", *(key for columns in COLUMNS.values() for key in columns)])
    listed = ({"table": name} | row for name in COLUMNS for row in rows(comparison, name))
    return csv_text([Column(key) for key in keys], ([row.get(key) for key in keys] for row in listed))


def write_csvs(comparison: Comparison, folder: Path) -> Path:
    """One CSV file for each table in a new folder; one that exists is left alone and folder-2, … is written."""

    def fill(place: Path) -> None:
        for name in COLUMNS:
            table = table_of(comparison, name)
            write_csv(place / f"{name}.csv", table.columns, table.rows)

    return write_folder(folder, fill)


def write_excel(comparison: Comparison, path: Path, lang: str = "en") -> Path:
    """One sheet for each table, the summary in front. Raises MissingExtra when the extra `excel` is missing."""
    with workbook(path, "compare xlsx") as book:
        bold, mono = book.add_format({"bold": True}), book.add_format({"font_name": "Consolas"})
        front = book.add_worksheet("summary")
        front.set_column(0, 0, 120)
        write_rows(front, 0, ([line] for line in render.text(sections(comparison, lang)).splitlines()), [mono])
        for name in COLUMNS:
            _sheet(book, table_of(comparison, name), bold)
    return path


def _sheet(book: Any, table: Table, bold: Any) -> None:
    sheet, last = book.add_worksheet(table.title), len(table.columns) - 1
    write_rows(sheet, 0, [[column.key for column in table.columns]], [bold] * len(table.columns))
    sheet.set_column(0, last, 16)
    write_rows(sheet, 1, table.rows, [None] * len(table.columns))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, len(table.rows)), last)
