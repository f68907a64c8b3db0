"""Workbooks as planners fill them in: labels in place of ids, years and constants, merged cells, other spreadsheets."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from model_files import OPTIONS, write_model, write_scenario
from workbooks import Editor, faults, made

from kctopt.scenario.load import load
from kctopt.scenario.new_workbook import write_workbook
from kctopt.scenario.references import _hint


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model with programmes and modes, and a scenario on it."""
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "model", **OPTIONS)
    write_scenario(tmp_path, "model: ./model\n", "base.yaml")
    return tmp_path


@pytest.mark.parametrize(("domain", "line"), [("人工智能", "加速器"), ("AI", "AI accelerator"), ("ＡＩ", "ai-A")])
def test_labels_serve_as_names_in_any_language(folder: Path, domain: str, line: str) -> None:
    book = made(folder)
    book.add("policies", id="a", kind="floor", domain=domain, amount=5)
    book.add("policies", id="b", kind="cap", line=line, amount=50)
    book.add("policies", id="c", kind="band", lines=f"{line}; 保护带", width=0.9)
    book.put("lines", "quantum-M", "domain", domain)
    scenario = load(book.save()).scenario
    assert (scenario.policies[0].domain, scenario.policies[1].line) == ("ai", "ai-A")  # type: ignore[union-attr]
    assert scenario.policies[2].lines == ("ai-A", "quantum-M")  # type: ignore[union-attr]
    assert scenario.lines[2].domain == "ai"


def test_a_label_of_two_lines_is_a_fault_that_names_both(folder: Path) -> None:
    book = made(folder)
    book.put("lines", "ai-A", "label_zh", "瓶颈")
    cell = book.add("policies", id="b", kind="cap", line="瓶颈", amount=50).replace("!A", "!E")
    assert faults(book.save()) == [
        f"case.xlsx:{cell}: policies[b].line: '瓶颈' is the label of 2 entries; write the id: ai-B, ai-A"
    ]


def test_an_unknown_domain_of_a_line_brings_no_second_fault(folder: Path) -> None:
    book = made(folder)
    cells = [book.put("lines", line, "domain", "量子学") for line in ("quantum-M", "quantum-S")]
    said = faults(book.save())
    assert [one.split(": ")[0] for one in said] == [f"case.xlsx:{cell}" for cell in cells]
    assert all("unknown domain '量子学'" in one for one in said)


def test_an_unknown_line_is_told_with_those_that_are_known(folder: Path) -> None:
    book = made(folder)
    book.add("policies", id="b", kind="cap", line="半导体 瓶颈", amount=50)
    (said,) = faults(book.save())
    assert said.endswith("unknown line '半导体 瓶颈'; known: ai-B, ai-A, quantum-M, quantum-S")


@pytest.mark.parametrize(("name", "hint"), [("半导体", "known: d0, d1, d2, d3, d4, …"), ("d77", "did you mean 'd7'?")])
def test_of_many_known_names_the_first_are_told(name: str, hint: str) -> None:
    assert _hint(name, [f"d{n}" for n in range(9)]) == hint


def test_years_beside_a_constant_say_which_cell_to_clear(folder: Path) -> None:
    book = made(folder)
    cell = book.put("years", "controls.intensity", 2027, 0.5)
    constant = f"Years!{book.sheet('years').cell(book.row('years', 'controls.intensity'), 4).coordinate}"
    (said,) = faults(book.save())
    assert said.startswith(f"case.xlsx:{constant}: controls.intensity: has one number for all years")
    assert f"clear {constant} ('all years') so that the numbers by year count" in said
    assert cell != constant


def test_sixteen_digits_are_what_a_spreadsheet_keeps(folder: Path) -> None:
    write_scenario(folder, "model: ./model\nset: {budget.2026: 123.45678901234567, economy.trend: 0.1}\n", "base.yaml")
    book = made(folder)
    book.put("years", "budget", 2026, float(f"{123.45678901234567:.15g}"))  # as LibreOffice saves it
    loaded = load(book.save())
    assert loaded.notes == ()
    assert loaded.origin["budget.2026"].file == "base.yaml"
    book.put("years", "budget", 2026, 123.4567890124)
    assert load(book.save()).origin["budget.2026"].file == "case.xlsx"


def test_the_hidden_record_may_lose_digits_too(folder: Path) -> None:
    write_scenario(folder, "model: ./model\nset: {budget.2026: 123.45678901234567}\n", "base.yaml")
    book = made(folder)
    for row in book.book["kctopt_written"].iter_rows():
        if isinstance(row[1].value, float):
            row[1].value = float(f"{row[1].value:.15g}")
    assert load(book.save()).notes == ()


def test_merged_cells_are_told_once_and_alone(folder: Path) -> None:
    book = made(folder)
    sheet = book.sheet("lines")
    sheet.merge_cells("A5:A6")
    sheet.merge_cells("B3:C3")  # names for people may be merged
    assert faults(book.save()) == [
        "case.xlsx:Lines!A5: cells A5:A6 are merged; unmerge them and give each its value: all but the first are empty"
    ]


def test_a_formula_that_nothing_has_calculated_is_told(folder: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    write_workbook(Path("case.xlsx"), "base.yaml")
    book = Editor(Path("case.xlsx"))
    cell = book.put("years", "budget", 2030, "=100+50")
    book.save()
    text = rewritten("case.xlsx", "<v/></c>", "<v>0</v></c>") or rewritten("case.xlsx", "<v></v></c>", "<v>0</v></c>")
    assert text
    assert faults("case.xlsx") == [
        f"case.xlsx:{cell}: budget.2030: holds a formula that was never calculated; open and save the workbook in a "
        "spreadsheet program, or type the value"
    ]
    assert xlsxwriter


def rewritten(file: str, old: str, new: str) -> bool:
    """Replace text in the XML of the sheets of a workbook; whether it was there."""
    with zipfile.ZipFile(file) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    changed = {name: data.replace(old.encode(), new.encode()) for name, data in parts.items()}
    with zipfile.ZipFile(file, "w") as book:
        for name, data in changed.items():
            book.writestr(name, data)
    return changed != parts


def test_other_spreadsheets_are_told_as_what_they_are(folder: Path) -> None:
    for name, kind in ((".xls", "an Excel workbook of the old kind"), (".ods", "an OpenDocument spreadsheet")):
        Path(f"old{name}").write_bytes(b"PK")
        assert faults(f"old{name}") == [f"old{name}: is {kind}, which is not read; save it as Excel Workbook (.xlsx)"]
    Path("old.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert "is an Excel workbook of the old kind (.xls), or has a password" in faults("old.xlsx")[0]
    write_workbook(Path("strict.xlsx"), "base.yaml")
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    assert rewritten("strict.xlsx", main, "http://purl.oclc.org/ooxml/spreadsheetml/main")
    (said,) = faults("strict.xlsx")
    assert said.startswith("strict.xlsx: is a Strict Open XML workbook, which is not read; save it as Excel Workbook")
