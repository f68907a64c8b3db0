"""A result as one Excel workbook: the summary, two native charts and every table."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.result.fields import TABLES, Columns

if TYPE_CHECKING:
    from kctopt.result.result import Result

INDICES = ("security", "economic", "military", "technology")


def to_excel(result: Result, path: Path) -> Path:
    """Write the workbook and return its path. Raises ImportError when the extra `excel` is missing."""
    try:
        import xlsxwriter
    except ImportError as error:
        raise ImportError('Excel needs one more package: pip install "kctopt[excel]"') from error
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, {"nan_inf_to_errors": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        front = book.add_worksheet("summary")
        front.set_column(0, 0, 100)
        mono = book.add_format({"font_name": "Consolas"})
        for row, line in enumerate(result.summary().splitlines()):
            front.write_string(row, 0, line, mono)
        if result.has_plan:
            _charts(book, result, bold)
        for name in TABLES:
            _sheet(book, name, result.columns(name), bold)
    return path


def _sheet(book: Any, name: str, table: Columns, bold: Any) -> None:
    """One table, its units in the header, frozen and filtered."""
    sheet = book.add_worksheet(name)
    for column, field in enumerate(TABLES[name]):
        sheet.write_string(0, column, f"{field.name} ({field.unit})" if field.unit else field.name, bold)
        sheet.write_comment(0, column, field.meaning)
        for row, value in enumerate(table[field.name].tolist(), start=1):
            if (field.type == "number" and math.isnan(value)) or (field.optional and value == 0):
                sheet.write_blank(row, column, None)
            elif field.type == "string":
                sheet.write_string(row, column, value)  # never a formula
            else:
                sheet.write(row, column, value)
        sheet.set_column(column, column, 14)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, len(table[TABLES[name][0].name])), len(TABLES[name]) - 1)


def _charts(book: Any, result: Result, bold: Any) -> None:
    """Indices and spend by domain over the years, with the numbers beside them."""
    scenario, money = result.scenario, result.columns("allocation")
    years = list(scenario.horizon.years)
    series = {name: [result.index(name, year) for year in years] for name in INDICES}
    spend = {
        domain.id: [
            float(money["amount"][(money["domain"] == domain.id) & (money["year"] == year)].sum()) for year in years
        ]
        for domain in scenario.domains
    }
    sheet = book.add_worksheet("charts")
    first = _block(sheet, 0, years, series, bold)
    line = book.add_chart({"type": "line"})
    _draw(line, sheet, 0, years, series, "Indices, base year = 100")
    stacked = book.add_chart({"type": "column", "subtype": "stacked"})
    _block(sheet, first, years, spend, bold)
    _draw(stacked, sheet, first, years, spend, "Spend by domain, billion CNY")
    sheet.insert_chart(0, len(years) + 2, line)
    sheet.insert_chart(16, len(years) + 2, stacked)


def _block(sheet: Any, top: int, years: list[int], series: dict[str, list[float]], bold: Any) -> int:
    """A row of years and a row for each series; returns the first free row."""
    for column, year in enumerate(years, start=1):
        sheet.write_number(top, column, year, bold)
    for row, (name, values) in enumerate(series.items(), start=top + 1):
        sheet.write_string(row, 0, name)
        sheet.write_row(row, 1, np.round(values, 4).tolist())
    return top + len(series) + 2


def _draw(chart: Any, sheet: Any, top: int, years: list[int], series: dict[str, list[float]], title: str) -> None:
    for row in range(top + 1, top + 1 + len(series)):
        chart.add_series(
            {
                "name": [sheet.name, row, 0],
                "categories": [sheet.name, top, 1, top, len(years)],
                "values": [sheet.name, row, 1, row, len(years)],
            }
        )
    chart.set_title({"name": title})
