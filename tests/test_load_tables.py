"""CSV tables as people save them, and what is said about those that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from model_files import DOMAINS, INDICES, LINES, MODEL, QUADRANTS, RUNGS, write_model, write_scenario

from kctopt.errors import ScenarioErrors
from kctopt.scenario.field_kinds import fields
from kctopt.scenario.load import load
from kctopt.scenario.records import Line, Scenario


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scenario(folder: Path, **tables: str | bytes) -> Scenario:
    write_model(folder / "world", **tables)
    return load(write_scenario(folder, "model: ./world\n")).scenario


def faults(folder: Path, **tables: str | bytes) -> list[str]:
    with pytest.raises(ScenarioErrors) as caught:
        scenario(folder, **tables)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le-mark"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_way_excel_saves_a_table(folder: Path, encoding: str, separator: str, ending: str) -> None:
    text = LINES.replace(",", separator).replace("\n", ending)
    data = "\ufeff".encode("utf-16-le") + text.encode("utf-16-le") if encoding.endswith("mark") else b""
    assert scenario(folder, lines=data or text.encode(encoding)) == scenario(folder)


def test_empty_rows_and_empty_columns_are_nothing(folder: Path) -> None:
    rows = DOMAINS.splitlines()
    text = "\n".join([f"{rows[0]},,", ",,,,,", f"{rows[1]},,", "", f"{rows[2]},,", ",,,,,"]) + "\n\n"
    assert scenario(folder, domains=text) == scenario(folder)


def test_a_row_may_stop_early_and_columns_may_be_in_any_order(folder: Path) -> None:
    text = "label_zh,weight,id,label_en\n人工智能,.6,ai,AI\n量子,0.4,quantum,Quantum\n"
    assert scenario(folder, domains=text, lines=LINES.replace("0.05,,\n", "0.05\n")) == scenario(folder)


@pytest.mark.parametrize("unit", ["billion CNY/year", "十亿元/年"])
def test_a_number_may_have_the_unit_of_its_column(folder: Path, unit: str) -> None:
    rows = [row.split(",") for row in LINES.splitlines()]
    at = rows[0].index("spend")
    for row in rows[1:]:
        row[at] += f" {unit}"
    found = scenario(folder, lines="\n".join(map(",".join, rows)) + "\n")
    assert found.lines == scenario(folder).lines


def test_line_numbers_count_lines_of_the_file(folder: Path) -> None:
    text = '\nid,label_en,label_zh,ratio,trend\n\nsipri,"two\nlines",军费,0.31,0.01\ncinc,CINC,综合,x,0\n'
    assert faults(folder, military_indices=text) == [
        "world/military_indices.csv:6: military.indices[cinc].ratio: 'x' is not a number; write a number"
    ]


def test_a_missing_column_is_one_fault(folder: Path) -> None:
    lines = [row.split(",") for row in LINES.splitlines()]
    without = "\n".join(",".join(row[:8] + row[9:]) for row in lines)
    assert faults(folder, lines=without) == [
        "world/lines.csv:1: lines.sensitivity: column 'sensitivity' is missing; add it: security sensitivity (share)"
    ]
    assert faults(folder, domains="id,label_en,weight\nai,AI,.6\nquantum,Q,.4\n") == [
        "world/domains.csv:1: domains.label_zh: column 'label_zh' is missing; add it"
    ]


def test_a_misspelt_column_is_one_fault(folder: Path) -> None:
    assert faults(folder, lines=LINES.replace("growth", "grwoth", 1)) == [
        "world/lines.csv:1: lines.grwoth: unknown column 'grwoth'; did you mean 'growth'?"
    ]


def test_an_unknown_and_a_repeated_column(folder: Path) -> None:
    found = faults(folder, domains=DOMAINS.replace("weight", "weight,colour,weight").replace("0.6", "0.6,1,2"))
    assert found == [
        "world/domains.csv:1: domains.colour: unknown column 'colour'; known: id, label_en, label_zh, weight, mode",
        "world/domains.csv:1: domains.weight: column 'weight' is there twice; keep one of the two",
    ]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("2o", "'2o' is not a number; write a number in billion CNY/year"),
        ("abc", "'abc' is not a number; write a number in billion CNY/year"),
        ("-1", "is -1; it must be greater than 0 billion CNY/year"),
        ("nan", "is not a finite number"),
        ("1e999", "is not a finite number"),
        ("20%", "'20%' is a percentage; write 0.2"),
        ('"1,5"', "'1,5' is not a number; use a point for decimals and no separators"),
        ("3 bn USD", "is in billion CNY/year, but the text says '3 bn USD'; convert it and write the number alone"),
    ],
)
def test_a_cell_that_is_no_number(folder: Path, cell: str, message: str) -> None:
    found = faults(folder, lines=LINES.replace(",20,0.1,", f",{cell},0.1,"))
    assert found == [f"world/lines.csv:2: lines[ai-B].spend: {message}"]


def test_an_empty_cell_without_default(folder: Path) -> None:
    assert faults(folder, lines=LINES.replace(",20,0.1,", ",,0.1,")) == [
        "world/lines.csv:2: lines[ai-B].spend: is missing; "
        "give a number in billion CNY/year: R&D spend in the base year"
    ]


def test_too_many_cells(folder: Path) -> None:
    assert faults(folder, domains=DOMAINS.replace("AI,人工", "AI, the field,人工")) == [
        "world/domains.csv:2: domains[ai]: has 5 cells under 4 columns; put text with a separator in it in quotes"
    ]


def test_names_in_tables(folder: Path) -> None:
    assert faults(folder, lines=LINES.replace("quantum,0,0,1", "qantum,0,0,1").replace("quantum-S", "ai-B")) == [
        "world/lines.csv:4: lines[quantum-M].domain: unknown domain 'qantum'; did you mean 'quantum'?",
        "world/lines.csv:5: lines[ai-B]: id 'ai-B' is given twice (first at world/lines.csv:2); give each its own id",
    ]
    assert faults(folder, spillovers="source,target,strength\nai,quantm,1\nai,ai,1\nai,ai,2\n") == [
        "world/spillovers.csv:2: spillovers[source=ai,target=quantm].target: unknown domain 'quantm'; "
        "did you mean 'quantum'?",
        "world/spillovers.csv:4: spillovers[source=ai,target=ai]: spillover given twice "
        "(first at world/spillovers.csv:3); keep one of the two",
    ]
    assert faults(folder, domains=DOMAINS.replace("ai,AI", "a i,AI"), lines=LINES.replace(",ai,", ",a i,")) == [
        "world/domains.csv:2: domains[a i].id: 'a i' cannot be an id; "
        "use letters, digits and hyphens; spaces and . , ; = * [ ] have a meaning in paths and lists",
        "world/spillovers.csv:2: spillovers[source=ai,target=ai].source: unknown domain 'ai'; did you mean 'a i'?",
        "world/spillovers.csv:2: spillovers[source=ai,target=ai].target: unknown domain 'ai'; did you mean 'a i'?",
        "world/spillovers.csv:3: spillovers[source=ai,target=quantum].source: unknown domain 'ai'; did you mean 'a i'?",
    ]


def test_rungs_and_quadrants_are_complete(folder: Path) -> None:
    rows = RUNGS.splitlines()
    assert faults(folder, rungs="\n".join([rows[0], rows[2], rows[1], rows[3]])) == [
        "world/rungs.csv:1: rungs: are in the order P, F, R; the order is F, P, R"
    ]
    assert faults(folder, rungs="\n".join(rows[:3])) == ["world/rungs.csv:1: rungs: has 2 entries; it needs F, P, R"]
    assert faults(folder, quadrants="\n".join(QUADRANTS.splitlines()[:4])) == [
        "world/quadrants.csv:1: quadrants: barrier missing; it needs all of widen, active, managed, barrier"
    ]
    assert faults(folder, quadrants=QUADRANTS.replace("barrier", "barier")) == [
        "world/quadrants.csv:5: quadrants[barier].id: unknown value 'barier'; did you mean 'barrier'?"
    ]


def test_files_that_are_no_tables(folder: Path) -> None:
    columns = ", ".join(fields(Line)).replace("label", "label_en, label_zh")
    assert faults(folder, lines="", domains=b"\xff\xfe\x00", rungs='id,"label\n', quadrants=b"id\x00label\n") == [
        "world/domains.csv: is neither UTF-8, UTF-16 nor GB18030 text; save it as UTF-8",
        f"world/lines.csv: lines: is empty; its first row names the columns: {columns}",
        "world/rungs.csv:1: not a CSV table: unexpected end of data; check the quotes of this row",
        "world/quadrants.csv: is neither UTF-8, UTF-16 nor GB18030 text; save it as UTF-8",
    ]


def test_a_missing_table(folder: Path) -> None:
    write_model(folder / "world")
    (folder / "world" / "lines.csv").rename(folder / "world" / "line.csv")
    (folder / "world" / "provenance.csv").unlink()  # may be left out
    with pytest.raises(ScenarioErrors) as caught:
        load(write_scenario(folder, "model: ./world\n"))
    assert str(caught.value) == "world/lines.csv: there is no such file; did you mean 'line.csv'?"


def test_a_list_may_stand_in_model_yaml_instead(folder: Path) -> None:
    inside = "\n  indices: [{id: sipri, label: {en: a, zh: b}, ratio: .31, trend: 0}]\n"
    model = MODEL.replace("military: {index: sipri, kct_elasticity: .1, shield_elasticity: .1}", f"military:{inside}")
    model = model.replace(inside, f"{inside}  index: sipri\n  kct_elasticity: .1\n  shield_elasticity: .1\n")
    assert faults(folder, model=model, military_indices=INDICES) == [
        "world/model.yaml:26:3: military.indices: is given here and in military_indices.csv; keep one of the two"
    ]
    (folder / "world" / "military_indices.csv").unlink()
    assert load(folder / "case.yaml").scenario.military.chosen.label.en == "a"


def test_faults_in_model_yaml(folder: Path) -> None:
    model = MODEL.replace("loss: 10", "los: 10").replace("carry_share: .1", "carry_share: 1.1")
    assert faults(folder, model=model.replace("budget: {2026: 100, 2030: 140}\n", "")) == [
        "world/model.yaml:1:1: budget: is missing; give a number in billion CNY/year: money available",
        "world/model.yaml:2:22: money.carry_share: is 1.1; it must be at most 1",
        "world/model.yaml:17:11: cut_off.los: unknown key; did you mean 'loss'?",
    ]
    assert faults(folder, model="3") == ["world/model.yaml: is not a mapping of groups; see models/kct-2035"]


def test_a_model_yaml_that_cannot_be_read_hides_no_fault_of_a_table(folder: Path) -> None:
    domains = DOMAINS.replace("weight", "weigt")
    found = faults(folder, model="budget: [1\n", domains=domains, lines="")
    assert [fault.partition(": ")[0] for fault in found] == [
        "world/model.yaml:2:1", "world/domains.csv:1", "world/lines.csv"
    ]  # fmt: skip
    (folder / "world" / "rungs.csv").unlink()
    with pytest.raises(ScenarioErrors) as caught:
        load(folder / "case.yaml")
    assert len(caught.value.faults) == 3, "what a table lacks may stand in model.yaml"
