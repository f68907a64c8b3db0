"""The results workbook: nothing is lost, the sheets add up, the charts draw the numbers beside them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from decided import decided_result
from fakes import fake_outcome
from python_calamine import CalamineWorkbook
from worlds import tiny

from kctopt import Result
from kctopt.errors import MissingExtra
from kctopt.exchange.words import SHEETS, unit
from kctopt.language import entries, translate
from kctopt.result.fields import TABLES, Columns, from_rows

LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def result() -> Result:
    return decided_result()


@pytest.fixture(scope="module")
def books(result: Result, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("books")
    return {lang: result.to_excel(folder / "sub" / f"{lang}.xlsx", lang) for lang in LANGUAGES}


def rows_of(path: Path, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def read_back(path: Path, name: str) -> Columns:
    """A tidy table from its sheet, as any program would read it: keys in row 2, data below."""
    _, keys, *rows = rows_of(path, f"data_{name}")
    assert keys == [field.key for field in TABLES[name]]

    def cell(field: Any, value: Any) -> Any:
        blank = {"string": "", "integer": 0, "number": np.nan}
        return blank[field.kind] if value == "" else int(value) if field.kind == "integer" else value

    return from_rows(name, [tuple(map(cell, TABLES[name], row)) for row in rows])


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", TABLES)
@pytest.mark.touches("python-calamine", "xlsxwriter")
def test_every_tidy_table_is_read_back_as_it_was(result: Result, books: dict[str, Path], name: str, lang: str) -> None:
    back, table = read_back(books[lang], name), result.columns(name)
    for field in TABLES[name]:
        if field.kind == "number":  # a workbook holds 16 significant digits
            np.testing.assert_allclose(back[field.key], table[field.key], rtol=5e-16, atol=0)
        else:
            assert back[field.key].tolist() == table[field.key].tolist()


@pytest.mark.touches("pandas", "python-calamine")
def test_pandas_reads_a_tidy_sheet(result: Result, books: dict[str, Path]) -> None:
    frame = pd.read_excel(books["zh"], sheet_name="data_indices", header=1, engine="calamine", keep_default_na=False)
    assert frame.columns.tolist() == result.indices.columns.tolist()
    assert frame["value"].sum() == pytest.approx(result.indices["value"].sum(), rel=1e-14)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sheets_stand_in_reading_order_with_frozen_headings(books: dict[str, Path], lang: str) -> None:
    names = CalamineWorkbook.from_path(books[lang]).sheet_names
    shown = {key: text for key, text in SHEETS.items() if key != "gap_band"}  # stages switch in this plan
    assert names == [*(translate(text, lang) for text in shown.values()), *(f"data_{name}" for name in TABLES)]
    with zipfile.ZipFile(books[lang]) as book:
        for number, name in enumerate(names, start=1):
            xml = book.read(f"xl/worksheets/sheet{number}.xml").decode()
            assert 'state="frozen"' in xml or name in {translate(SHEETS[key], lang) for key in ("summary", "decisions")}


def test_sheets_print_one_page_wide_with_their_headings_on_every_page(books: dict[str, Path]) -> None:
    book = openpyxl.load_workbook(books["en"])
    for sheet in book.worksheets:
        assert sheet.page_setup.fitToWidth in (None, 1) and sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.title
    for name in [title for title in book.sheetnames if title.startswith("data_")]:
        sheet = book[name]
        assert sheet.print_title_rows == "$1:$2"
        assert sheet.print_area.replace("$", "").endswith(f"A1:{sheet.dimensions.partition(':')[2]}")
    listed = book[SHEETS["assumptions"]]
    assert listed.print_title_rows == "$3:$3"
    assert listed.print_area


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_summary_says_status_both_bounds_and_gap(result: Result, books: dict[str, Path], lang: str) -> None:
    rows = rows_of(books[lang], translate(SHEETS["summary"], lang))
    facts = {row[0]: row[2] for row in rows if row[0]}
    assert facts["status"] == {"en": "optimal", "zh": "最优"}[lang]
    assert facts["checked"] == {"en": "yes", "zh": "是"}[lang]
    for key in ("objective", "bound", "gap"):
        assert facts[key] == pytest.approx(getattr(result, key), rel=1e-15), key
    value = result.value_of_planning
    assert value is not None
    expected = {"trend": value.trend, "reference": value.reference, "value_of_planning": value.value}
    assert {key: facts[key] for key in expected} == pytest.approx(expected)
    assert facts["value_at_most"] == pytest.approx(value.at_most)
    security = next(row for row in rows if row[0] == "security")
    years = [result.scenario.horizon.base_year, *(plan.last for plan in result.scenario.horizon.plans)]
    assert security[2 : 2 + len(years)] == pytest.approx([result.index("security", year) for year in years])


def test_allocation_adds_up_in_cells_and_formulas(result: Result, books: dict[str, Path]) -> None:
    rows = rows_of(books["en"], "Allocation")
    table = {row[0]: row for row in rows if row[0] not in ("", "key")}
    lines = result.allocation.groupby(["domain", "type", "plan"])["amount"].sum()
    for (domain, kind, plan), amount in lines.items():
        column = rows[2].index(plan)
        assert table[f"{domain}|{kind}"][column] == pytest.approx(amount)
    costs = float(np.nan_to_num(result.programmes["cost"]).sum())
    totals = [row for row in rows if row[0] == "total"]
    assert totals[0][5] == pytest.approx(lines.sum() + costs), "all money, programmes too"
    assert totals[1][5] == pytest.approx(lines.sum()), "by track: the lines' own"
    for own in result.domain_shares:
        shares = [own.share, own.base_share, own.weight, own.beyond_weight]
        assert table[f"{own.domain}|share"][3:7] == pytest.approx(shares)
    with zipfile.ZipFile(books["en"]) as book:
        formulas = re.findall("<f>(.*?)</f>", book.read("xl/worksheets/sheet2.xml").decode())
    assert "SUM(D4:E4)" in formulas and len(formulas) > 10


def chart_references(path: Path) -> Iterator[tuple[str, str]]:
    """Chart file and range of every series of every chart."""
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            if re.fullmatch(r"xl/charts/chart\d+\.xml", name):
                for found in re.findall(r"<c:val>.*?<c:f>(.*?)</c:f>", book.read(name).decode(), re.DOTALL):
                    yield name, found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_charts_draw_numbers_that_stand_on_the_sheets(result: Result, books: dict[str, Path], lang: str) -> None:
    drawn: dict[str, int] = {}
    for chart, reference in chart_references(books[lang]):
        sheet, first, row, last, row_too = re.fullmatch(  # type: ignore[union-attr]
            r"'?(.*?)'?!\$([A-Z]+)\$(\d+):\$([A-Z]+)\$(\d+)", reference
        ).groups()
        assert row == row_too
        cells = rows_of(books[lang], sheet)[int(row) - 1]
        start, end = (ord(letter) - ord("A") for letter in (first, last))
        assert all(isinstance(cell, float) for cell in cells[start : end + 1]), reference
        drawn[chart] = drawn.get(chart, 0) + 1
    domains = len(result.scenario.domains)
    assert sorted(drawn.values()) == sorted([domains, 4, domains, 3, 4, *[2] * domains])


def test_a_gap_stands_in_its_row(result: Result, books: dict[str, Path]) -> None:
    rows = rows_of(books["en"], "Gaps")
    row = next(row for row in rows if row[0] == "chips-B")
    gaps = result.capability[(result.capability["line"] == "chips-B") & ~result.capability["after_plan"]]["gap"]
    assert row[3 : 3 + len(gaps)] == pytest.approx(gaps.tolist())


def test_rules_that_bind_come_dearest_first_and_decisions_are_told(result: Result, books: dict[str, Path]) -> None:
    rows = rows_of(books["en"], "Rules")
    prices = [row[9] for row in rows[3:] if row[9] != ""]
    assert prices and prices == sorted(prices, reverse=True)
    told = [row[1] for row in rows_of(books["zh"], "离散决策")[2:]]
    assert told == result.sentences("zh")


@pytest.mark.parametrize("status", ["infeasible", "no_plan"])
def test_without_a_plan_it_says_so(tmp_path: Path, status: str) -> None:
    result = Result.of(tiny(), fake_outcome(tiny(), status))
    path = result.to_excel(tmp_path / "none.xlsx")
    names = CalamineWorkbook.from_path(path).sheet_names
    assert names[:2] == ["Summary", "Assumptions"]
    text = str(rows_of(path, "Summary"))
    assert "There is no plan, so there are no numbers of one." in text
    assert {"infeasible": "infeasible", "no_plan": "no plan found"}[status] in text
    assert rows_of(path, "data_allocation")[2:] == []


def test_text_is_never_a_formula(tmp_path: Path) -> None:
    label = {"en": "=1+1", "zh": "@SUM(A1)"}
    scenario = tiny(label=label, intent="=HYPERLINK(1)", lines__0__label=label, domains__0__label=label)
    path = Result.of(scenario, fake_outcome(scenario)).to_excel(tmp_path / "run.xlsx")
    assert rows_of(path, "Summary")[0][0] == "=1+1"
    with zipfile.ZipFile(path) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name]
    formulas = {formula for sheet in sheets for formula in re.findall("<f>(.*?)</f>", sheet)}
    assert all(re.fullmatch(r"(SUM|IF)\(.*\)", formula) for formula in formulas)


def test_a_workbook_is_replaced_whole_or_not_at_all(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.xlsx"
    path.write_text("before")
    monkeypatch.setattr("kctopt.exchange.workbook.MOST", 10)
    from kctopt.errors import UsageError

    with pytest.raises(UsageError, match=r"table allocation has 80 rows, more than a sheet of Excel holds; use its"):
        result.to_excel(path)
    assert path.read_text() == "before" and [one.name for one in tmp_path.iterdir()] == ["run.xlsx"]


def test_an_absent_package_is_named_with_the_command(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    with pytest.raises(MissingExtra, match=r'pip install "kctopt\[excel\]"'):
        result.to_excel(tmp_path / "run.xlsx")
    with pytest.raises(ImportError):
        result.to_excel(tmp_path / "run.xlsx")


def test_every_column_and_unit_has_a_chinese_name(result: Result) -> None:
    fields = [field for columns in TABLES.values() for field in columns]
    named = entries("column", "zh")
    assert [field.key for field in fields if field.key.replace("_", " ") not in named] == []
    units = {field.unit for field in fields} | set(result.indices["unit"]) - {""}
    assert [text for text in units - {""} if unit(text, "zh") == text] == []
