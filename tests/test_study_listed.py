"""Draws that a study takes from a file beside it: what is read, and every fault with its line and column."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import numpy as np
import pytest
import xlsxwriter
import yaml
from click.testing import CliRunner
from studies import run

import kctopt
from kctopt.cli import main
from kctopt.errors import ScenarioErrors
from kctopt.study.compared import Beside
from kctopt.study.load import load_study
from kctopt.study.new_study import new_study
from kctopt.study.records import Study
from kctopt.study.sample import draw
from kctopt.study.schema import study_schema
from kctopt.study.shown import short, size

HEAD = "of: baseline\nsample: {method: list, file: draws.csv}\n"
INPUTS = (
    "uncertain:\n  - {path: budget, scale: column}\n  - {path: kct.form}\n"
    "  - {name: catch up, path: diffusion.catch_up}\n"
)
TABLE = "kct.form,budget,catch up\nces,0.9,0.05\nnested,1.1,0.06\n"


def study(folder: Path, text: str = HEAD + INPUTS, table: str | bytes = TABLE, name: str = "draws.csv") -> Study:
    (folder / name).write_bytes(table.encode() if isinstance(table, str) else table)
    (folder / "s.yaml").write_text(text, encoding="utf-8")
    return load_study(folder / "s.yaml")


def faults(folder: Path, text: str = HEAD + INPUTS, table: str = TABLE, name: str = "draws.csv") -> list[str]:
    with pytest.raises(ScenarioErrors) as caught:
        study(folder, text, table, name)
    return [str(fault).replace(f"{folder}/", "") for fault in caught.value.faults]


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return path


def test_a_column_for_each_input_and_a_row_for_each_draw(tmp_path: Path) -> None:
    read = study(tmp_path)
    drawn = draw(read)
    assert [entry.name for entry in drawn.inputs] == ["budget", "kct.form", "catch up"]
    assert drawn.values.tolist() == [[0.9, "ces", 0.05], [1.1, "nested", 0.06]]
    assert drawn.overlay(1) == {"set": {"kct.form": "nested", "diffusion.catch_up": 0.06}, "scale": {"budget": 1.1}}
    assert size(read, "en") == "3 inputs, 2 draws (row by row, from draws.csv), 1 scenario: baseline"
    assert "budget times listed 0.9, 1.1" in "\n".join(short(read, "en"))


@pytest.mark.parametrize(
    "table",
    [
        TABLE.replace(",", ";"),
        TABLE.replace(",", "\t").encode("utf-16"),
        "kct.form,budget,diffusion.catch_up\nCES,0.9,0.05\n嵌套,１.１,0.06\n".replace("CES", "ces").replace(
            "嵌套", "nested"
        ),
        ("\ufeff" + TABLE.replace("\n", "\r\n") + "\r\n"),
    ],
)
def test_tables_are_read_as_spreadsheets_write_them(tmp_path: Path, table: str | bytes) -> None:
    assert draw(study(tmp_path, table=table)).values.tolist() == [[0.9, "ces", 0.05], [1.1, "nested", 0.06]]


def test_without_inputs_the_columns_are_paths_whose_values_are_set(tmp_path: Path) -> None:
    read = study(tmp_path, HEAD, '"lines[domain=ai].rival_growth",kct.form\n0.01,ces\n0.02,nested\n')
    assert draw(read).overlay(1) == {"set": {"lines[domain=ai].rival_growth": 0.02, "kct.form": "nested"}}
    assert {entry.origin.rpartition("/")[2] for entry in read.inputs} == {"draws.csv:1"}
    assert faults(tmp_path, HEAD, "budgt,kct.form\n1,ces\n") == [
        "draws.csv:1:1: budgt: unknown key; did you mean 'budget'?"
    ]


def test_distributions_say_nothing_of_draws_from_a_file(tmp_path: Path) -> None:
    laws = (
        "uncertain:\n  - {path: budget, scale: {uniform: [0.9, 1.1]}}\n"
        "  - {path: kct.form, value: {choice: [nested, ces]}}\n"
    )
    read = study(tmp_path, HEAD + laws, "budget,kct.form\n1.2,cobb_douglas\n")
    assert draw(read).values.tolist() == [[1.2, "cobb_douglas"]]
    assert any("2 distributions of inputs are not used" in note for note in read.notes)


def test_every_fault_of_a_file_comes_at_once_with_line_and_column(tmp_path: Path) -> None:
    inputs = INPUTS + "  - {path: controls.intensity}\n  - {path: economy.trend}\n"
    header = "budgt,kct.form,catch up,controls.intensity,budget2\n"
    table = f"{header}0.9,cess,0.05,0.3,1\n1,ces,,0.3,1\n\n1,ces,abc,1.2,1\n1,ces,2%,0.4,1,9\n"
    assert faults(tmp_path, HEAD + inputs, table) == [
        "draws.csv:1: economy.trend: column 'economy.trend' is missing; give one value a draw",
        "draws.csv:1:1: budgt: no input 'budgt' in the study; did you mean 'budget'?",
        "draws.csv:1:5: budget2: no input 'budget2' in the study; did you mean 'budget'?",
        "draws.csv:2:2: kct.form: unknown value 'cess'; did you mean 'ces'?",
        "draws.csv:3:3: catch up: is empty; give a value in every draw",
        "draws.csv:5:3: catch up: 'abc' is not a number; write a number in 1/year",
        "draws.csv:5:4: controls.intensity: takes controls.intensity to 1.2; it must be at most 1; "
        "leave such values out",
        "draws.csv:6:3: catch up: '2%' is a percentage; write 0.02",
        "draws.csv:6:6: has 6 cells under 5 columns; put text with a separator in it in quotes",
    ]


def test_a_column_that_is_wrong_throughout_is_told_in_six_faults(tmp_path: Path) -> None:
    found = faults(tmp_path, HEAD, "economy.trend\n" + "x\n" * 100)
    assert len(found) == 6
    assert found[-1] == "draws.csv:7:1: economy.trend: and 95 more cells of this column have faults"


TABLES = {  # table -> what is said
    "empty": ("", "draws.csv: is empty; write a row of columns, then one row a draw"),
    "no rows": ("budget\n", "draws.csv: has no draws; write a row of columns, then one row a draw"),
    "index of pandas": (
        ",budget\n0,400\n",
        "draws.csv:1:1: column 1 has no name; name the input it holds, or delete it",
    ),
    "twice": ("budget,budget\n400,400\n", "draws.csv:1:2: budget: column 'budget' is there twice; keep one of the two"),
    "a mapping": ("money\n1\n", "draws.csv:1:1: uncertain[money].value: money is not a number; name one number in it"),
    "quotes": ('budget\n"400\n', "draws.csv:2: not a CSV table"),
}


@pytest.mark.parametrize("case", TABLES)
def test_fault_of_a_table(tmp_path: Path, case: str) -> None:
    table, said = TABLES[case]
    (found,) = faults(tmp_path, HEAD, table)
    assert found.startswith(said)


SAMPLES = {  # sample -> what is said
    "no file": ("{method: list, file: drows.csv}", "s.yaml:2:30: no file drows.csv; did you mean 'draws.csv'?"),
    "of lhs": ("{method: lhs, size: 8, file: draws.csv}", "sample.file: says nothing of lhs: it goes with list"),
    "no text": ("{method: list, file: 3}", "s.yaml:2:30: sample.file: needs the path of a .csv or .xlsx file"),
    "sheet of a table": ("{method: list, file: draws.csv, sheet: A}", ":2:48: sample.sheet: draws.csv is no workbook"),
    "sheet alone": ("{method: list, sheet: A}", "sample.sheet: names a sheet of no file; add file: draws.xlsx"),
    "no column": ("{method: list}", "uncertain[budget].scale: stands in a column of a file, and the sample names none"),
}  # fmt: skip


@pytest.mark.parametrize("case", SAMPLES)
def test_fault_of_the_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    monkeypatch.chdir(tmp_path)
    sample, said = SAMPLES[case]
    found = faults(
        tmp_path, f"of: baseline\nsample: {sample}\nuncertain: [{{path: budget, scale: column}}]\n", "budget\n1\n"
    )
    assert any(said in line for line in found), found


def test_a_list_without_values_is_a_fault_and_no_grid(tmp_path: Path) -> None:
    text = "of: baseline\nsample: {method: list}\nuncertain: [{path: budget, scale: {uniform: [0.9, 1.1]}}]\n"
    (found,) = faults(tmp_path, text)
    assert "list takes listed values, and budget has none; write {values: [...]}, or method: list with file:" in found


def test_a_sheet_of_a_workbook(tmp_path: Path) -> None:
    rows: list[list[object]] = [["budget", "kct.form"], [0.9, "ces"], [1.1, "nested"]]
    workbook(tmp_path / "d.xlsx", {"Notes": [["mine"]], "Draws": rows})
    text = (
        "of: baseline\nsample: {{method: list, file: d.xlsx{}}}\n"
        "uncertain: [{{path: budget, scale: column}}, {{path: kct.form}}]\n"
    )
    read = study(tmp_path, text.format(", sheet: Draws"))
    assert draw(read).values.tolist() == [[0.9, "ces"], [1.1, "nested"]]
    assert "from d.xlsx (Draws)" in size(read, "en")
    assert "has the sheets Notes, Draws; name one with sheet:" in faults(tmp_path, text.format(""))[0]
    assert "no sheet 'Drows' in d.xlsx; did you mean 'Draws'?" in faults(tmp_path, text.format(", sheet: Drows"))[0]
    workbook(tmp_path / "d.xlsx", {"Draws": [["budget", "kct.form"], [0.9, "cess"], ["x", None], [1, "ces"]]})
    assert faults(tmp_path, text.format("")) == [
        "d.xlsx:Draws!B2: kct.form: unknown value 'cess'; did you mean 'ces'?",
        "d.xlsx:Draws!A3: budget: 'x' is not a number; write a number",
        "d.xlsx:Draws!B3: kct.form: is empty; give a value in every draw",
    ]  # fmt: skip


def test_a_study_in_a_workbook_names_a_file_too(tmp_path: Path) -> None:
    rows = [["key", "value"], [], ["of", "baseline"], ["method", "列表"], ["file", "draws.csv"]]
    inputs = [["path", "how"], [], ["budget", "乘以"], ["kct.form", "设为"]]
    sheets = {"study": [["kctopt study"], *rows], "uncertain": [["kctopt uncertain"], *inputs]}
    (tmp_path / "draws.csv").write_text("budget,kct.form\n0.9,ces\n", encoding="utf-8")
    book = workbook(tmp_path / "s.xlsx", sheets)
    assert draw(load_study(book)).overlay(0) == {"set": {"kct.form": "ces"}, "scale": {"budget": 0.9}}
    assert load_study(new_study(tmp_path / "new.xlsx")[0]).sample.file == ""


def test_a_study_over_another_takes_its_draws_from_a_file_and_back(tmp_path: Path) -> None:
    (tmp_path / "low").mkdir()
    study(tmp_path / "low")
    (tmp_path / "over.yaml").write_text("extends: low/s.yaml\nlabel: x\n", encoding="utf-8")
    assert len(draw(load_study(tmp_path / "over.yaml")).values) == 2
    text = "extends: low/s.yaml\nuncertain:\n  - {path: budget, scale: {uniform: [0.9, 1.1]}}\n"
    text += "  - {path: kct.form, remove: true}\n  - {name: catch up, path: diffusion.catch_up}\n"
    (tmp_path / "over.yaml").write_text(f"{text}sample: {{method: lhs, size: 8}}\n", encoding="utf-8")
    assert len(draw(load_study(tmp_path / "over.yaml")).values) == 8


def test_the_sweep_records_the_file_and_follows_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    from studies import study as tiny_study

    done = {}
    for name, last in (("first", 1.0), ("second", 0.95)):
        listed = study(tmp_path, HEAD + "uncertain: [{path: budget, scale: column}]\n", f"budget\n0.9\n{last}\n")
        asked = tiny_study(listed.inputs)
        drawn = draw(listed)
        done[name] = run(tmp_path / f"{name}.duckdb", asked, drawn)
        assert done[name].about["sample"]["file"] == "draws.csv"
        assert done[name].about["sample"]["sha256"] == listed.sample.sha256
    assert done["first"].draws["budget"].tolist() == [0.9, 1.0]
    keys = [done[name].members["member"].tolist() for name in done]
    assert keys[0][0] == keys[1][0]
    assert keys[0][1] != keys[1][1]
    told = {row["what"] for row in Beside(done["first"], done["second"]).inputs}
    assert {"sample.sha256", "budget"} <= told


def test_the_schema_takes_draws_from_a_file() -> None:
    validator = jsonschema.Draft202012Validator(study_schema())
    for text in (HEAD, HEAD + INPUTS, HEAD + "uncertain: [{path: budget, scale: }]\n"):
        validator.validate(yaml.safe_load(text))
    for wrong in (
        "of: baseline\nsample: {method: list}\n",
        HEAD + "uncertain: [{path: budget, scale: colum}]\n",
        "of: baseline\nsample: {method: list, file: ''}\n",
    ):
        assert not validator.is_valid(yaml.safe_load(wrong)), wrong


def test_a_fixed_plan_takes_the_same_file_and_names_the_same_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from worlds import tiny

    monkeypatch.chdir(tmp_path)
    kctopt.solve(tiny()).save(tmp_path / "run")
    Path("draws.csv").write_text("controls.intensty,budget\n0.3,40\n0.4,x\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["simulate", "run", "--draws", "draws.csv"])
    assert done.exit_code == ScenarioErrors.exit_code
    assert "draws.csv:1:1: controls.intensty: unknown key; did you mean 'intensity'?" in done.stderr
    assert "draws.csv:3:2: budget: 'x' is not a number; write a number in billion CNY/year" in done.stderr
    workbook(tmp_path / "d.xlsx", {"Draws": [["controls.intensity"], [0.3], [0.4]]})
    found = kctopt.simulate("run", draws="d.xlsx")
    assert found.draws.values[:, 0].tolist() == [0.3, 0.4]
    assert np.isfinite(found.outcomes["objective"]).all()
    wrong = CliRunner().invoke(main, ["simulate", "run", "--draws", "s.yaml"])
    assert wrong.exit_code == 2
    assert "--study" in wrong.stderr
