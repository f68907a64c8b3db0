"""Input workbooks: what is edited is the same change as in YAML, and every fault names its sheet and cell."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from model_files import OPTIONS, write_model, write_scenario
from workbooks import Editor, faults, made

from kctopt.scenario import chinese
from kctopt.scenario.field_kinds import POLICY_KINDS, fields
from kctopt.scenario.load import Loaded, load
from kctopt.scenario.new_workbook import write_workbook
from kctopt.scenario.sheets import HEAD, SHEETS, series, settings, table_columns

BASE = """\
model: ./model
label: {en: Base, zh: 基准}
intent: The parent of the workbooks in these tests.
policies:
  - {id: ai-floor, kind: floor, domain: ai, amount: 20, years: 2026-2028}
  - {id: pair, kind: band, lines: [ai-B, ai-A], width: 0.9}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model with programmes and modes, a scenario on it, and nothing else."""
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "model", **OPTIONS)
    write_scenario(tmp_path, BASE, "base.yaml")
    return tmp_path


def twin(text: str) -> Loaded:
    """The scenario of the same changes in YAML, under the workbook's name."""
    Path("twin.yaml").write_text(f"extends: ./base.yaml\nname: case\n{text}", encoding="utf-8")
    return load("twin.yaml")


def changed(loaded: Loaded) -> dict[str, str]:
    """Values that the workbook set, with their cells."""
    return {
        path: str(origin) for path, origin in loaded.origin.items()
        if origin.file == "case.xlsx" and path not in ("name", "label.en", "label.zh", "intent", "model")
    }  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_workbook_that_nobody_edited_changes_nothing(folder: Path, lang: str) -> None:
    write_workbook(Path("case.xlsx"), "base.yaml", lang)
    loaded = load("case.xlsx")
    assert loaded.scenario == twin("").scenario
    assert changed(loaded) == {} and loaded.notes == ()
    assert "case.xlsx" in loaded.hashes


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.touches("openpyxl", "python-calamine", "xlsxwriter")
def test_edited_cells_are_the_changes_of_a_yaml_file(folder: Path, lang: str) -> None:
    book = made(folder, lang=lang)
    book.put("scenario", "intent", "value", "What if?")
    words = {"en": ("switching", "no"), "zh": ("切换", "否")}[lang]
    stages, ratchet = (
        book.put("settings", "stages", "value", words[0]),
        book.put("settings", "switching.ratchet", "value", words[1]),
    )
    ramp = book.put("settings", "money.ramp_growth", "value", 0.25)
    year = book.put("years", "budget", 2030, 150)
    controls = [book.put("years", "controls.intensity", when, value) for when, value in ((2027, 0.5), (2029, 0.9))]
    book.put("years", "controls.intensity", "all", None)
    spend = book.put("lines", "ai-B", "spend", 22.5)
    cap = book.put("lines", "ai-B", "cap", "none")
    routes = book.put("programmes", "scanner", "routes", 2)
    spill = book.put("spillovers", "ai", "strength", 0.9)
    loaded = load(book.save())
    expected = twin("""\
intent: What if?
set:
  stages: switching
  switching.ratchet: false
  money.ramp_growth: 0.25
  budget.2030: 150
  controls.intensity: {2027: 0.5, 2029: 0.9}
  lines[ai-B].spend: 22.5
  lines[ai-B].cap: null
  programmes[scanner].routes: 2
  spillovers[source=ai,target=ai].strength: 0.9
""")
    assert loaded.scenario == expected.scenario
    assert changed(loaded) == {
        "stages": f"case.xlsx:{stages}",
        "switching.ratchet": f"case.xlsx:{ratchet}",
        "money.ramp_growth": f"case.xlsx:{ramp}",
        "budget.2030": f"case.xlsx:{year}",
        "controls.intensity.2027": f"case.xlsx:{controls[0]}",
        "controls.intensity.2029": f"case.xlsx:{controls[1]}",
        "lines[ai-B].spend": f"case.xlsx:{spend}",
        "lines[ai-B].cap": f"case.xlsx:{cap}",
        "programmes[scanner].routes": f"case.xlsx:{routes}",
        "spillovers[source=ai,target=ai].strength": f"case.xlsx:{spill}",
    }


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_rules_are_added_edited_and_removed(folder: Path, lang: str) -> None:
    book = made(folder, lang=lang)
    book.put("policies", "ai-floor", "amount", 25)
    book.put("policies", "pair", "remove", "yes" if lang == "en" else "是")
    kind, soft, per = ("target", "yes", "total") if lang == "en" else ("目标", "是", "合计")
    book.add("policies", id="close-gap", kind=kind, type="B", min_ratio=0.5, by=2030, soft=soft, price=20)
    at = book.add("policies", id="cap-ai", kind="cap", line="ai-A", amount=300, per=per, years="2026—2028")
    book.add("policies", id="trio", kind="band", lines="ai-B；ai-A, quantum-M", width=0.95, years=2030)
    loaded = load(book.save())
    expected = twin("""\
policies:
  - {id: ai-floor, kind: floor, domain: ai, amount: 25, years: 2026-2028}
  - {id: pair, remove: true}
  - {id: close-gap, kind: target, type: B, min_ratio: 0.5, by: 2030, soft: true, price: 20}
  - {id: cap-ai, kind: cap, line: ai-A, amount: 300, per: total, years: 2026-2028}
  - {id: trio, kind: band, lines: [ai-B, ai-A, quantum-M], width: 0.95, years: 2030}
""")
    assert loaded.scenario == expected.scenario
    row = at.rpartition("A")[2]
    assert str(loaded.origin["policies[cap-ai].amount"]) == f"case.xlsx:{SHEETS['policies'].name(lang)}!I{row}"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("unit", ["billion CNY/year", "十亿元/年", "十亿元／年"])
def test_a_number_may_have_the_unit_of_its_cell(folder: Path, lang: str, unit: str) -> None:
    book = made(folder, lang=lang)
    book.put("years", "budget", 2030, f"150{unit}")
    book.put("lines", "ai-B", "spend", f"２２.５ {unit}")
    book.put("settings", "money.ramp_step", "value", f"3{unit}")
    book.put("policies", "ai-floor", "amount", f"25 {unit.replace('/year', '').partition('／')[0].partition('/')[0]}")
    text = "set: {budget.2030: 150, 'lines[ai-B].spend': 22.5, money.ramp_step: 3, 'policies[ai-floor].amount': 25}\n"
    assert load(book.save()).scenario == twin(text).scenario


def test_numbers_as_text_full_width_digits_and_blanks(folder: Path) -> None:
    book = made(folder)
    book.put("lines", "ai-A", "spend", "２６．５")
    book.put("lines", "ai-B", "growth", " 0.7 ")
    book.put("settings", "diffusion.form", "value", "三阶段")
    book.put("settings", "objective.discount", "value", None)
    assert load(book.save()).scenario == twin("set:\n  lines[ai-A].spend: 26.5\n  lines[ai-B].growth: 0.7\n").scenario


def test_every_fault_at_once_with_its_cell_and_a_remedy(folder: Path) -> None:
    book = made(folder)
    expected = {
        book.put("settings", "stages", "value", "switchin"): "unknown value 'switchin'; did you mean 'switching'?",
        book.put("settings", "money.carry_share", "value", "#REF!"): "holds the Excel error #REF!; repair the formula",
        book.put("settings", "money.ramp_step", "value", "=1+1"): "formula that was never calculated; open and save",
        book.put("settings", "diffusion.far", "value", "60%"): "'60%' is a percentage; write 0.6",
        book.put("settings", "horizon.tail", "value", 2.5): "2.5 is not a whole number",
        book.put("years", "budget", 2027, datetime.date(2027, 1, 1)): "holds a date or time (2027-01-01",
        book.put("years", "controls.intensity", 2028, 0.5): "",  # makes two of the one before
        book.put("lines", "ai-B", "spend", "1,200"): "'1,200' is not a number; use a point for decimals",
        book.put("lines", "ai-A", "bottleneck", 1.5): "is 1.5; it must be at most 1",
        book.put("lines", "ai-B", "rival_growth", True): "is 'true' where a number in 1/year is needed",
        book.put("policies", "pair", "kind", "bond"): "unknown policy kind 'bond'; did you mean 'band'?",
        book.add("sources", unit="share"): "the row has no path; fill in the column 'path'",
        book.add("changes", path="money.ramp_grwth", how="scale", value=2): "did you mean 'ramp_growth'?",
    }  # fmt: skip
    sheet = book.sheet("settings")
    sheet.cell(2, 9).value = "path"
    sheet.cell(book.row("settings", "kct.form"), 1).value = "kct.frm"
    found = faults(book.save())
    for cell, message in expected.items():
        if message:
            assert any(f"case.xlsx:{cell}: " in one and message in one for one in found), (cell, message, found)
    assert any("has one number for all years and numbers by year; clear Years!D" in one for one in found)
    assert any("column 'path' is there twice" in one for one in found)
    assert any("kct.frm: unknown path; did you mean 'kct.form'?" in one for one in found)


def test_names_are_checked_as_in_yaml(folder: Path) -> None:
    book = made(folder)
    cell = book.put("policies", "ai-floor", "domain", "al")
    (found,) = faults(book.save())
    assert found.startswith(f"case.xlsx:{cell}: policies[ai-floor].domain: unknown domain 'al'; known: ai, quantum")


def test_faults_carry_sheet_row_and_column(folder: Path) -> None:
    from kctopt.errors import ScenarioErrors, cell_name

    book = made(folder)
    cell = book.put("lines", "ai-B", "spend", -3)
    with pytest.raises(ScenarioErrors) as caught:
        load(book.save())
    (fault,) = caught.value.faults
    assert (fault.file, fault.sheet) == ("case.xlsx", "Lines")
    assert f"Lines!{cell_name(fault.line or 0, fault.column)}" == cell
    assert str(fault) == f"case.xlsx:{cell}: lines[ai-B].spend: is -3; it must be greater than 0 billion CNY/year"
    assert cell_name(12, 28) == "AB12"


def test_free_changes_and_sources(folder: Path) -> None:
    book = made(folder)
    book.add("changes", path="budget", how="scale", value=0.9)
    book.add("changes", path="lines[domain=quantum].growth", value=0.6)
    book.add("changes", path="lines[ai-B].sensitivity", how="加上", value=0.05)
    book.add("sources", path="budget", unit="billion CNY/year", source="letter", year=2026, grade="B")
    loaded = load(book.save())
    assert (
        loaded.scenario
        == twin("""\
set: {"lines[domain=quantum].growth": 0.6}
scale: {budget: 0.9}
add: {"lines[ai-B].sensitivity": 0.05}
provenance:
  - {path: budget, unit: billion CNY/year, source: letter, year: 2026, grade: B}
""").scenario
    )
    assert str(loaded.origin["budget.2026"]).startswith("case.xlsx:Changes!A4 (times 0.9, from model/model.yaml:")


def test_new_rows_are_added_and_renamed_ones_are_faults(folder: Path) -> None:
    book = made(folder)
    fields = {
        "label_en": "Tongs", "label_zh": "钳", "line": "ai-A", "rung": "F", "success": 0.5, "gain": 1,
        "first_start": 2026, "last_start": 2027, "duration": 1, "cost_1": 1,
    }  # fmt: skip
    book.add("programmes", id="tongs", **fields)
    loaded = load(book.save())
    assert [one.id for one in loaded.scenario.programmes] == ["etching", "scanner", "tongs"]
    assert loaded.scenario.programmes[2].cost_1 == 1
    cell = book.put("programmes", "etching", "id", "etchings")
    (found, *_) = faults(book.save())
    assert found.startswith(f"case.xlsx:{cell}: programmes[etchings]: is not in the parent, and the row of")


def test_rows_that_were_deleted_stay_as_they_are_and_that_is_said(folder: Path) -> None:
    book = made(folder)
    book.sheet("lines").delete_rows(book.row("lines", "ai-A"))
    book.sheet("policies").delete_rows(book.row("policies", "pair"))
    loaded = load(book.save())
    assert loaded.scenario == twin("").scenario
    assert loaded.notes == (
        "case.xlsx:Policies: no row for policies[pair]: as in the parent; to take a rule out, keep its row and fill "
        "in 'remove'",
        "case.xlsx:Lines: no row for lines[ai-A]: as in the parent",
    )


def test_sheets_may_be_renamed_moved_or_missing(folder: Path) -> None:
    book = made(folder)
    book.put("lines", "ai-B", "spend", 23)
    book.sheet("lines").title = "My lines"
    book.book.move_sheet("My lines", -3)
    del book.book["Settings"]
    book.book.create_sheet("Notes")["A1"] = "our own"
    loaded = load(book.save())
    assert loaded.scenario == twin("set:\n  lines[ai-B].spend: 23\n").scenario
    assert set(changed(loaded).values()) == {"case.xlsx:My lines!O4"}


def test_a_parent_that_has_changed_since_counts_and_that_is_said(folder: Path) -> None:
    book = made(folder)
    book.put("settings", "money.ramp_growth", "value", 0.4)
    path = book.save()
    write_scenario(folder, BASE + "set: {money.carry_share: .2, money.ramp_growth: .35}\n", "base.yaml")
    loaded = load(path)
    assert (loaded.scenario.money.carry_share, loaded.scenario.money.ramp_growth) == (0.2, 0.4)
    (note,) = loaded.notes
    assert note.startswith("case.xlsx: shows 0.1 for money.carry_share, which the parent has at 0.2 by now;")


def test_without_the_hidden_sheet_cells_are_held_against_the_parent(folder: Path) -> None:
    book = made(folder)
    cell = book.put("lines", "ai-B", "spend", 23)
    del book.book["kctopt_written"]
    loaded = load(book.save())
    assert loaded.scenario == twin("set:\n  lines[ai-B].spend: 23\n").scenario
    assert changed(loaded)["lines[ai-B].spend"] == f"case.xlsx:{cell}"
    assert {path for path in changed(loaded) if not path.startswith("policies[")} == {"lines[ai-B].spend"}


def test_a_yaml_file_can_extend_a_workbook_and_a_folder_can_hold_one(folder: Path) -> None:
    book = made(folder, name="scenario.xlsx")
    book.put("lines", "ai-B", "spend", 23)
    book.save()
    write_scenario(folder, "extends: ./scenario.xlsx\nset:\n  lines[ai-A].spend: 24\n", "on-top.yaml")
    assert [line.spend for line in load("on-top.yaml").scenario.lines[:2]] == [23, 24]
    assert load(folder).scenario.lines[0].spend == 23
    write_scenario(folder, "extends: ./base.yaml\n", "scenario.yaml")
    assert faults(str(folder)) == [".: holds scenario.yaml and scenario.xlsx; name the one that is meant"]


def broken(book: Editor, how: str) -> None:
    match how:
        case "no scenario":
            del book.book["Scenario"]
        case "lost heading":
            book.sheet("lines").delete_rows(1, 2)
        case "two sheets":
            book.book.copy_worksheet(book.sheet("lines"))
        case "no key column":
            book.sheet("lines")["A2"] = None
        case "odd column":
            book.sheet("lines")["E2"] = "botleneck"
        case "row twice":
            book.add("lines", id="ai-B", spend=3)
        case "twice changed":
            book.put("lines", "ai-B", "spend", 3)
            sheet = book.sheet("settings")
            for row in (70, 71):
                sheet.cell(row, 1).value, sheet.cell(row, 3).value = "money.ramp_growth", row / 100
        case "no parent":
            book.put("scenario", "extends", "value", "bsae.yaml")


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("no scenario", "case.xlsx: has no sheet that begins with 'kctopt scenario' in A1; make one with"),
        ("lost heading", "case.xlsx:Lines!A1: does not begin with 'kctopt ...' in A1; put the first two rows back"),
        ("two sheets", "is a second sheet 'lines' (the first is Lines); delete one"),
        ("no key column", "case.xlsx:Lines!A2: has no column 'id' in row 2; put its key back"),
        ("odd column", "case.xlsx:Lines!E2: unknown column 'botleneck'; did you mean 'bottleneck'?"),
        ("row twice", "lines[ai-B]: stands in two rows; keep one of the two"),
        ("twice changed", "money.ramp_growth: is changed twice (also at Settings!C70); keep one of the two"),
        ("no parent", "case.xlsx:Scenario!C4: no file bsae.yaml; did you mean 'base.yaml'?"),
    ],
)
def test_broken_workbooks(folder: Path, how: str, message: str) -> None:
    book = made(folder)
    broken(book, how)
    found = faults(book.save())
    assert any(message in one for one in found), found


def test_what_is_no_workbook_is_a_fault(folder: Path) -> None:
    Path("case.xlsx").write_bytes(b"PK\x03\x04 nothing")
    (found,) = faults("case.xlsx")
    assert found.startswith("case.xlsx: is not a workbook that can be read (BadZipFile") and "save it as .xlsx" in found
    assert faults("other.xlsx")[0].startswith("other.xlsx: there is no such file")


def test_a_new_workbook_is_never_written_over_a_file(folder: Path) -> None:
    made(folder)
    from kctopt.errors import ScenarioErrors

    with pytest.raises(ScenarioErrors, match=r"case\.xlsx: is there already; choose a new name"):
        write_workbook(Path("case.xlsx"), "base.yaml")
    assert not list(folder.glob(".kctopt-*"))


def test_absent_packages_are_named_with_the_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kctopt.errors import MissingExtra

    made(folder)
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    with pytest.raises(MissingExtra, match=r'Reading a workbook .*: pip install "kctopt\[excel\]"'):
        load("case.xlsx")
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    with pytest.raises(MissingExtra, match=r"Writing a workbook"):
        write_workbook(Path("new.xlsx"), "base.yaml")


def test_drop_downs_limits_and_notes(folder: Path) -> None:
    sheet = made(folder, lang="zh").sheet("lines")
    rules = {str(one.sqref).partition(":")[0]: one for one in sheet.data_validations.dataValidation}
    assert rules["D4"].formula1 == "'领域'!$A$4:$A$45" and rules["D4"].type == "list"
    bottleneck = rules["E4"]
    assert (bottleneck.type, bottleneck.formula1, bottleneck.formula2) == ("decimal", "0", "1")
    assert "瓶颈性技术隶属度" in bottleneck.prompt
    comment = sheet["O3"].comment
    assert comment is not None and comment.text == "基准年研发投入\n十亿元/年\n> 0"
    assert sheet["O3"].value == "基准年研发投入（十亿元/年）" and sheet["O2"].value == "spend"
    assert sheet.freeze_panes == "B4"


def test_every_field_and_choice_has_a_chinese_name() -> None:
    paths = [*HEAD, *settings(), *series()]
    assert [path for path in paths if path not in chinese.FIELDS] == []
    kinds = dict(settings())
    for key in SHEETS:
        if key not in ("scenario", "settings", "years", "variants"):
            for name, kind in table_columns(key).items():
                assert chinese.field_name(key, name, "zh")
                kinds[f"{key}.{name}"] = kind
    for record in POLICY_KINDS.values():
        assert set(fields(record)) <= set(table_columns("policies"))
    for path, kind in kinds.items():
        names = chinese.choice_names(kind.choices, "zh")
        assert len(set(names.values())) == len(names), path
        assert not kind.unit or kind.unit in chinese.UNITS, path
