"""Variants in a workbook: each column is the scenario file that would extend it, and every fault names its cell."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from model_files import OPTIONS, write_model, write_scenario
from workbooks import Editor, faults, made

import kctopt
from kctopt.cli import main
from kctopt.cli.found import offering
from kctopt.scenario.load import Loaded, load
from kctopt.scenario.told import told_faults

BASE = """\
model: ./model
label: {en: Base, zh: 基准}
intent: The parent of the workbooks in these tests.
policies:
  - {id: ai-floor, kind: floor, domain: ai, amount: 20, years: 2026-2028}
  - {id: pair, kind: band, lines: [ai-B, ai-A], width: 0.9}
"""
FIRST = 6  # column of the first variant


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "model", **OPTIONS)
    write_scenario(tmp_path, BASE, "base.yaml")
    return tmp_path


def fill(book: Editor, variants: Mapping[str, Mapping[Any, Any]], titles: tuple[str, ...] = ()) -> dict[str, str]:
    """Write variants: values by path, or by path and way; returns the cell of every value by 'name path'."""
    sheet, cells = book.sheet("variants"), dict[str, str]()
    for column, (name, values) in enumerate(variants.items(), start=FIRST):
        sheet.cell(2, column).value = name
        sheet.cell(3, column).value = dict(enumerate(titles, start=FIRST)).get(column)
        for key, value in values.items():
            path, how = key if isinstance(key, tuple) else (key, None)
            there = [row for row in range(4, sheet.max_row + 1) if sheet.cell(row, 1).value == path]
            row = there[0] if there else book.row("variants", "")
            sheet.cell(row, 1).value = path
            if how is not None:
                sheet.cell(row, 4).value = how
            sheet.cell(row, column).value = value
            cells[f"{name} {path}"] = f"{sheet.title}!{sheet.cell(row, column).coordinate}"
    return cells


def yaml(name: str, text: str, parent: str = "./case.xlsx") -> Loaded:
    Path(f"{name}.yaml").write_text(f"extends: {parent}\nname: {name}\n{text}", encoding="utf-8")
    return load(f"{name}.yaml")


THREE = {
    "tight": {"budget": 0.95, "lines[domain=ai].growth": 0.7, "intent": "What if money is short?"},
    "shut": {"controls.intensity": 0.9, "policies[ai-floor]": "off", "stages": "switching"},
    "late": {"budget.2028": 90, "policies[ai-floor].amount": 15, "policies[ai-floor].years": "2027–2028",
             ("lines[ai-B].spend", "add"): 1.5, "lines[ai-B].cap": "none"},
}  # fmt: skip
TWINS = {
    "tight": "intent: What if money is short?\nscale: {budget: 0.95}\nset: {'lines[domain=ai].growth': 0.7}\n"
             "label: {en: Money is short, zh: Money is short}\n",
    "shut": "intent: The workbook asks\nset: {controls.intensity: 0.9, stages: switching}\n"
            "policies: [{id: ai-floor, remove: true}]\n",
    "late": "intent: The workbook asks\nset: {budget.2028: 90, 'policies[ai-floor].amount': 15, "
            "'policies[ai-floor].years': 2027-2028, 'lines[ai-B].cap': null}\nadd: {'lines[ai-B].spend': 1.5}\n",
}  # fmt: skip


def three(book: Editor) -> dict[str, str]:
    book.put("scenario", "intent", "value", "The workbook asks")
    book.put("years", "budget", 2027, 91)
    return fill(book, THREE, ("Money is short",))


@pytest.mark.touches("openpyxl", "python-calamine", "xlsxwriter")
def test_three_variants_are_three_yaml_files_to_the_last_digit(folder: Path) -> None:
    book = made(folder)
    cells = three(book)
    book.save()
    for name, text in TWINS.items():
        loaded, twin = load(f"case.xlsx#{name}"), yaml(f"case-{name}", text)
        assert loaded.scenario == twin.scenario, name
        assert loaded.notes == twin.notes == ()
    tight = load("case.xlsx#tight")
    assert str(tight.origin["lines[ai-B].growth"]) == f"case.xlsx#tight:{cells['tight lines[domain=ai].growth']}"
    assert str(tight.origin["budget.2027"]).startswith(
        f"case.xlsx#tight:{cells['tight budget']} (times 0.95, from case"
    )
    assert tight.hashes["case.xlsx"] == load("case.xlsx").hashes["case.xlsx"] != tight.hashes["case.xlsx#tight"]
    assert list(tight.variants) == [] and load("case.xlsx").variants["tight"]["zh"] == "Money is short"
    solved = kctopt.solve("case.xlsx#late"), kctopt.solve("case-late.yaml")
    assert solved[0].objective == solved[1].objective
    assert solved[0].allocation.equals(solved[1].allocation)


def test_a_workbook_alone_is_its_base_whatever_its_variants(folder: Path) -> None:
    book = made(folder)
    book.save()
    before = load("case.xlsx").scenario
    three(book)
    book.put("scenario", "intent", "value", None)
    book.put("years", "budget", 2027, None)
    book.save()
    assert load("case.xlsx").scenario == before == load("case.xlsx#base").scenario
    assert kctopt.variants("case.xlsx") == {name: f"case.xlsx#{name}" for name in THREE}
    assert kctopt.variants(Path("base.yaml")) == {}
    book.path.rename("scenario.xlsx")
    assert kctopt.variants(".") == {name: f"scenario.xlsx#{name}" for name in THREE}
    assert load("scenario.xlsx#tight").scenario.name == f"{before.name}-tight"


def test_a_rule_is_switched_in_the_base_and_in_variants(folder: Path) -> None:
    book = made(folder)
    book.add("policies", id="cap-ai", kind="cap", domain="ai", amount=60, years="2026-2028")
    fill(book, {"with": {"policies[cap-ai]": "on", "policies[cap-ai].amount": 50}, "without": {"policies[pair]": False},
                "again": {"policies[ai-floor]": 1, "policies[pair]": "yes"}})  # fmt: skip
    sheet = book.sheet("variants")
    for rule in ("cap-ai", "ai-floor"):
        sheet.cell(book.row("variants", f"policies[{rule}]"), 5).value = "off"
    book.save()
    rules = {name: [(rule.id, getattr(rule, "amount", None)) for rule in load(f"case.xlsx#{name}").scenario.policies]
             for name in ("base", "with", "without", "again")}  # fmt: skip
    assert rules == {
        "base": [("pair", None)], "with": [("pair", None), ("cap-ai", 50)], "without": [],
        "again": [("ai-floor", 20), ("pair", None)],
    }  # fmt: skip
    cell = load("case.xlsx#again").origin["policies[ai-floor].amount"]
    assert str(cell).startswith("case.xlsx#again:Policies!I")


def test_a_source_speaks_of_the_variants_where_the_base_does_not_set_the_value(folder: Path) -> None:
    book = made(folder)
    book.put("settings", "money.ramp_growth", "value", 0.25)
    fill(book, {"tight": {"rival.growth_shift": 0.01, "money.ramp_growth": 0.2}})
    for path, unit in (("rival.growth_shift", "1/year"), ("money.ramp_growth", "1/year")):
        book.add("sources", path=path, unit=unit, source=f"on {path}", year="2025", grade="B")
    book.save()
    said = {name: {row.path: row.source for row in load(f"case.xlsx#{name}").scenario.provenance}
            for name in ("base", "tight")}  # fmt: skip
    assert said["base"]["money.ramp_growth"] == "on money.ramp_growth"
    assert said["tight"]["rival.growth_shift"] == "on rival.growth_shift"
    assert said["tight"]["money.ramp_growth"] == "set by the user, no source stated"  # another figure than the sourced
    assert "on rival.growth_shift" not in said["base"].values()


def test_variants_are_parents_like_other_files(folder: Path) -> None:
    book = made(folder)
    fill(book, {"low": {"money.ramp_growth": 0.1}, "high": {"money.ramp_growth": 0.2}, "shut": {"stages": "switching"}})
    book.save()
    child = yaml("child", "", "['case.xlsx#low', 'case.xlsx#shut']").scenario
    assert (child.money.ramp_growth, child.stages) == (0.1, "switching")
    Path("clash.yaml").write_text("extends: ['case.xlsx#low', 'case.xlsx#high']\n", encoding="utf-8")
    assert "two parents disagree: 0.1 (case.xlsx#low:Variants!F" in faults("clash.yaml")[0]
    book.put("scenario", "extends", "value", "case.xlsx#low")
    book.save()
    assert "goes round in a circle: case.xlsx#low -> case.xlsx -> case.xlsx#low" in faults("case.xlsx#low")[0]


def test_a_workbook_in_chinese(folder: Path) -> None:
    book = made(folder, lang="zh")
    sheet = book.sheet("variants")
    for column, word in enumerate(("路径", "含义", "单位", "方式", "基准"), start=1):
        sheet.cell(2, column).value = word
    assert sheet.title == "方案" and sheet.cell(5, 4).value == "乘以"
    tight = {"budget": "０.９５", "stages": "切换", "policies[ai-floor]": "停用", "policies[pair].width": 0.5}
    fill(book, {"趋紧": tight,
                "放宽": {("money.ramp_growth", "加上"): 0.05, "intent": "若放宽？"}}, ("经费趋紧",))  # fmt: skip
    book.save()
    first, second = load("case.xlsx#趋紧").scenario, load("case.xlsx#放宽").scenario
    base = load("case.xlsx").scenario
    assert (first.name, first.label.zh, first.stages) == ("case-趋紧", "经费趋紧", "switching")
    assert [rule.id for rule in first.policies] == ["pair"] and first.policies[0].width == 0.5  # type: ignore[union-attr]
    assert float(first.budget.at([2026])[0]) == 0.95 * float(base.budget.at([2026])[0])
    assert second.money.ramp_growth == base.money.ramp_growth + 0.05 and second.asks("zh") == "若放宽？"


FAULTY: list[tuple[Any, Any, str, str, str]] = [  # path (and way), value, cell, what is said, remedy
    ("budgt.2027", 5, "A11", "budgt.2027: unknown key 'budgt'", "did you mean 'budget'?"),
    ("lines[ai-X].spend", 5, "F11", "no entry of 'lines' has id 'ai-X'", "did you mean"),
    ("money.ramp_growth", "much", "F11", "'much' is not a number", "write a number in 1/year"),
    ("budget", "+5%", "F5", "'+5%' is a change and no number", "write 1.05"),
    ("money.ramp_growth", "×1.1", "F11", "'×1.1' is a change and no number", "put 'scale' under 'how' in this row and"),
    ("controls.intensity", 1.4, "F6", "must lie between 0 and 1 (found 1.4)", ""),
    ("stages", "swiching", "F9", "unknown value 'swiching'", "did you mean 'switching'?"),
    (("money.ramp_growth", "times"), 2, "D11", "unknown way 'times'", "set, scale or add"),
    ("policies[ai-flor]", "off", "A11", "no rule of that id", "did you mean 'ai-floor'?"),
    ("policies[ai-floor]", 150, "F10", "'150' is neither on nor off", "policies[ai-floor].amount"),
    ("name", "other", "A11", "is not set by a variant", "its name is in row 2"),
    ("money.ramp_growth", "#REF!", "F11", "holds the Excel error #REF!", "repair the formula"),
    ("budget.2300", 5, "F11", "is none of", "name one of them"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "cell", "said", "remedy"), FAULTY, ids=[str(one[0]) for one in FAULTY])
def test_a_faulty_cell_is_named_with_its_remedy(
    folder: Path, path: Any, value: Any, cell: str, said: str, remedy: str
) -> None:
    write_scenario(
        folder, BASE.replace("  - {id: pair, kind: band, lines: [ai-B, ai-A], width: 0.9}\n", ""), "base.yaml"
    )
    book = made(folder)
    if path == "budget.2300":
        book.put("years", "budget", "all", 100)
        for year in [cell.value for cell in book.sheet("years")[2] if str(cell.value).isdigit()]:
            book.put("years", "budget", year, None)
    fill(book, {"tight": {path: value}})
    book.save()
    found = faults("case.xlsx#tight")
    assert len(found) == 1, found
    assert f":Variants!{cell}: " in found[0] and said in found[0] and remedy in found[0], found


def test_faulty_columns_and_all_faults_at_once_in_chinese_too(folder: Path) -> None:
    book = made(folder)
    fill(book, {"a/b": {"budget": 0.9}, "tight": {"controls.intensity": 3}, "wide": {"stages": "swiching"}})
    sheet = book.sheet("variants")
    sheet["J7"] = 5  # a column without a name
    sheet["F30"] = 5  # a row without a path
    sheet["I2"] = "tight"
    book.save()
    done = run("check", "case.xlsx")
    assert done.exit_code == 3
    assert [line for line in done.stderr.splitlines() if line.startswith("case.xlsx")] == [
        "case.xlsx:Variants!F2: name: 'a/b' cannot be a name: folders cannot have / in their names; use letters, "
        "digits, - and _; 'label:' takes any text",
        "case.xlsx:Variants!I2: column 'tight' is there twice; keep one of the two",
        "case.xlsx:Variants!J2: the column has no name in row 2; write the variant's name there, such as tight; your "
        "own remarks go under the key 'note'",
        "case.xlsx:Variants!A30: the row has no path; fill in the column 'path'",
        "case.xlsx#tight:Variants!G6: controls.intensity: must lie between 0 and 1 (found 3)",
        "case.xlsx#wide:Variants!H9: stages: unknown value 'swiching'; did you mean 'switching'?",
    ]
    with pytest.raises(kctopt.ScenarioErrors) as error:
        load("case.xlsx")
    assert "该列在第 2 行没有名称；请在该处写方案名称" in told_faults(error.value, "zh")


def test_an_unknown_variant_is_told_with_the_known_ones(folder: Path) -> None:
    book = made(folder)
    assert faults("base.yaml#tight") == ["base.yaml#tight: there is no such file; did you mean 'base.yaml'?"]
    assert faults(f"{book.save()}#tight")[0].endswith("no variant 'tight'; it has none: fill in the sheet 'Variants'")
    fill(book, {"tight": {"budget": 0.9}, "wide": {"budget": 1.1}})
    book.save()
    assert faults("case.xlsx#tigth") == ["case.xlsx: no variant 'tigth'; did you mean 'tight'?"]
    assert faults("case.xlsx#") == ["case.xlsx: no variant ''; known: tight, wide"]


def test_what_does_less_than_it_seems_is_said(folder: Path) -> None:
    book = made(folder)
    cells = fill(
        book, {"five": {("money.ramp_growth", "scale"): 0.05}, "none": {}, "same": {"controls.intensity": 0.5}}
    )
    book.put("settings", "knowledge.yield_factor", "value", 1.1)
    shown = f"Variants!E{book.row('variants', 'knowledge.yield_factor')}"
    book.save()
    stale = f"case.xlsx:{shown}: shows 1 for knowledge.yield_factor, which the base has at 1.1; the base's counts"
    assert stale in load("case.xlsx").notes
    doubt = (
        f"case.xlsx#five:{cells['five money.ramp_growth']}: money.ramp_growth: times 0.05; a change by +0.05 of the "
    )
    assert any(note.startswith(doubt) for note in load("case.xlsx#five").notes)
    assert "case.xlsx#none:Variants!G2: the variant changes nothing: it is the base" in load("case.xlsx#none").notes
    told = run("check", "case.xlsx", "--lang", "zh")
    assert told.stderr.count("以基准为准") == 1 and "该方案没有任何更改，与基准相同" in told.stderr


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), prog_name="kctopt")


@pytest.mark.long
def test_commands_take_a_workbook_with_its_variants(folder: Path) -> None:
    book = made(folder)
    fill(book, {"tight": {"budget": 0.95}, "shut": {"controls.intensity": 0.9}}, ("Money is short",))
    book.save()
    assert [record["scenario"] for record in json.loads(run("check", "case.xlsx", "--json").stdout)] == [
        "case", "case-tight", "case-shut",
    ]  # fmt: skip
    assert run("show", "case.xlsx").stdout.endswith(
        "  variants\n    case.xlsx#tight  Money is short\n    case.xlsx#shut   shut\n"
    )
    listed = json.loads(run("list", "--json").stdout)["scenarios"]
    assert [row["name"] for row in listed[-3:]] == ["case.xlsx", "case.xlsx#tight", "case.xlsx#shut"]
    assert listed[-2]["label"] == "Money is short"
    offered = offering("scenario")(None, None, "case.xlsx")  # type: ignore[arg-type]
    assert [one.value for one in offered] == ["case.xlsx", "case.xlsx#tight", "case.xlsx#shut"]
    done = run("solve", "case.xlsx", "--json")
    assert done.exit_code == 0, done.stderr
    assert "case.xlsx: the base and its variants: tight, shut; case.xlsx#base is the base alone" in done.stderr
    solved = json.loads(done.stdout)
    assert [one["scenario"] for one in solved] == ["case", "case-tight", "case-shut"]
    assert len({one["objective"] for one in solved}) == 3
    compared = run("compare", "case.xlsx", "--json")
    assert list(json.loads(compared.stdout)["domain_shares"]) == ["case", "case-tight", "case-shut"]
    assert compared.stderr.count("not solved again") == 3
    record = json.loads(Path("runs/case-shut/run.json").read_text(encoding="utf-8"))
    assert record["inputs"]["case.xlsx#shut"] == record["inputs"]["case.xlsx"]
    book.path.unlink()  # the run needs it no more
    assert run("verify", "runs/case-shut").exit_code == 0
    assert "did you mean 'runs/case-shut'?" in run("verify", "case.xlsx#shut").stderr
    assert run("compare", "runs/case-shut").exit_code == 2


@pytest.mark.long
def test_a_report_of_a_workbook_has_its_variants_side_by_side(folder: Path) -> None:
    book = made(folder)
    fill(book, {"tight": {"budget": 0.95}}, ("Money is short",))
    book.save()
    done = run("report", "case.xlsx", "--format", "html")
    assert (done.exit_code, done.stdout) == (0, "case-report.html\n"), done.stderr
    page = Path("case-report.html").read_text(encoding="utf-8")
    assert "Money is short" in page and "case.xlsx#tight:Variants!F5" in page
    assert done.stderr.count("a scenario; its run is") == 2


@pytest.mark.long
@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_a_workbook_saved_by_libreoffice_says_the_same(folder: Path) -> None:
    book = made(folder, lang="zh")
    fill(book, {"趋紧": {"budget": 0.95, "stages": "切换", "policies[ai-floor]": "停用"}}, ("经费趋紧",))
    book.save()
    before = load("case.xlsx#趋紧").scenario
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", "out", "case.xlsx"], check=True, capture_output=True, timeout=120)
    Path("out/case.xlsx").replace("case.xlsx")
    assert openpyxl.load_workbook("case.xlsx").properties.creator != "openpyxl"
    assert load("case.xlsx#趋紧").scenario == before


def hashes_of(name: str) -> list[str]:
    return [digest for file, digest in load(name).hashes.items() if file.startswith("case.xlsx")]


def test_a_changed_column_is_a_change_of_its_variant_alone(folder: Path) -> None:
    book = made(folder)
    cells = fill(book, THREE)
    book.save()
    names = ("case.xlsx", *(f"case.xlsx#{name}" for name in THREE))
    before = {name: hashes_of(name) for name in names}
    sheet, cell = cells["tight budget"].split("!")
    book.book[sheet][cell].value = 0.9
    book.save()
    assert [name for name in names if hashes_of(name) != before[name]] == ["case.xlsx#tight"]
    (folder / "elsewhere").mkdir()
    with pytest.MonkeyPatch.context() as patch:  # and it is the same from any folder
        patch.chdir(folder / "elsewhere")
        assert sorted(load("../case.xlsx#late").hashes.values()) == sorted(
            load(folder / "case.xlsx#late").hashes.values()
        )
    book.put("lines", "ai-B", "floor", 1)
    book.save()
    assert all(hashes_of(name) != before[name] for name in names)  # the base stands under them all


def test_every_command_on_a_run_takes_a_variant(folder: Path) -> None:
    book = made(folder)
    fill(book, {"tight": {"budget": 0.95}, "late": {"budget.2028": 90}})
    book.save()

    def call(*words: str) -> Result:
        return CliRunner().invoke(main, list(words))

    missing = call("verify", "case.xlsx#tight")
    assert missing.exit_code == 3
    assert (
        "case.xlsx#tight: a scenario that has no run in runs; `kctopt solve case.xlsx#tight` makes one"
        in missing.stderr
    )
    assert call("solve", "case.xlsx#tight", "--gap", "1e-2").exit_code == 0
    seen = call("verify", "case.xlsx#tight")
    assert seen.exit_code == 0 and "runs/case-tight: verified" in seen.stdout
    assert "case.xlsx#tight: a scenario; its run is runs/case-tight" in seen.stderr
    for words in (("export", "case.xlsx#tight", "--to", "datapackage"), ("explain", "prices", "case.xlsx#tight")):
        done = call(*words)
        assert done.exit_code == 0 and "its run is runs/case-tight" in done.stderr, done.output
    assert call("explain", "prices", "case.xlsx#late").exit_code == 0  # solved first
    assert (folder / "runs" / "case-late" / "explain" / "prices").is_dir()
    assert [place.name for place in sorted((folder / "runs").iterdir())] == ["case-late", "case-tight"]
    (folder / "runs" / "case-tight" / "allocation.csv").write_text("x", encoding="utf-8")
    assert call("verify", "case.xlsx#tight").exit_code == 1  # the run that is there is the one that is checked
    assert call("verify", "base.yml").exit_code in (2, 3)
