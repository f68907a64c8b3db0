"""kctopt new --xlsx, check and solve with workbooks: a planner's way from the empty workbook to the plan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from workbooks import Editor

from kctopt.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), prog_name="kctopt")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("arguments", [("plan.xlsx",), ("plan.xlsx", "--xlsx"), ("study", "--xlsx", "--lang", "zh")])
def test_new_writes_a_workbook(arguments: tuple[str, ...]) -> None:
    made = run("new", *arguments)
    file = "study/scenario.xlsx" if arguments[0] == "study" else "plan.xlsx"
    assert (made.exit_code, made.stdout) == (0, f"{file}\n")
    then = "请编辑 {0}，然后执行：kctopt check {0}\n" if "zh" in arguments else "Edit {0}, then: kctopt check {0}\n"
    assert made.stderr == then.format(file)
    checked = run("check", arguments[0])
    assert checked.stdout == f"{arguments[0]}: ok. 20 lines in 5 domains, 2026-2035, 0 policies\n"
    again = run("new", *arguments)
    assert (
        again.exit_code == 3
        and ("已存在；请另取名称" if "zh" in arguments else "is there already; choose a new name") in again.stderr
    )


def test_new_starts_from_any_scenario() -> None:
    Path("mine.yaml").write_text("extends: autarky\nset: {money.carry_share: 0.2}\n", encoding="utf-8")
    made = json.loads(run("new", "books/plan.xlsx", "--from", "mine.yaml", "--json").stdout)
    assert made == {"schema_version": 1, "folder": "books", "files": ["books/plan.xlsx"]}
    assert Editor(Path("books/plan.xlsx")).sheet("scenario")["C4"].value == "../mine.yaml"
    shown = run("show", "books/plan.xlsx").stdout
    assert "money.carry_share = 0.2 share  # mine.yaml:2" in shown and "# books/plan.xlsx" not in shown
    unknown = run("new", "other.xlsx", "--from", "autraky")
    assert unknown.exit_code == 3 and "did you mean 'autarky'?" in unknown.stderr
    assert not Path("other.xlsx").exists()


def test_check_names_the_cells_as_text_and_as_data() -> None:
    run("new", "plan.xlsx")
    book = Editor(Path("plan.xlsx"))
    cell = book.put("lines", "ai-B", "spend", "#DIV/0!")
    book.put("settings", "stages", "value", "switchin")
    book.save()
    done = run("check", "plan.xlsx", "--json")
    assert done.exit_code == 3
    (found,) = json.loads(done.stdout)
    assert [(one["sheet"], one["path"]) for one in found["faults"]] == [
        ("Lines", "lines[ai-B].spend"),
        ("Settings", "stages"),
    ]
    assert done.stderr.splitlines() == [
        f"plan.xlsx:{cell}: lines[ai-B].spend: holds the Excel error #DIV/0!; repair the formula, or type the value",
        "plan.xlsx:Settings!C4: stages: unknown value 'switchin'; did you mean 'switching'?",
    ]


def test_notes_are_told_by_check_and_solve() -> None:
    run("new", "plan.xlsx")
    book = Editor(Path("plan.xlsx"))
    book.sheet("lines").delete_rows(book.row("lines", "ai-B"))
    book.save()
    done = run("check", "plan.xlsx", "--json")
    note = "plan.xlsx:Lines: no row for lines[ai-B]: as in the parent"
    assert json.loads(done.stdout)[0]["notes"] == [note] and done.stderr == f"{note}\n"


@pytest.mark.long
def test_an_edited_workbook_solves_to_the_objective_of_its_yaml_twin() -> None:
    run("new", "plan.xlsx")
    book = Editor(Path("plan.xlsx"))
    book.put("scenario", "intent", "value", "Chips get a floor, money is short in 2030.")
    book.put("years", "budget", 2030, 590)
    book.put("lines", "quantum-B", "growth", 0.8)
    book.add("policies", id="chips-floor", kind="floor", domain="semiconductors", amount=155, years="2028-2030")
    book.save()
    Path("twin.yaml").write_text(
        "extends: baseline\nintent: Chips get a floor, money is short in 2030.\n"
        "set:\n  budget.2030: 590\n  lines[quantum-B].growth: 0.8\n"
        "policies:\n  - {id: chips-floor, kind: floor, domain: semiconductors, amount: 155, years: 2028-2030}\n",
        encoding="utf-8",
    )
    done = run("solve", "plan.xlsx", "twin.yaml", "baseline", "--gap", "0.01", "--json", "-o", "runs")
    assert done.exit_code == 0, done.stderr
    plan, twin, base = json.loads(done.stdout)
    assert plan["verified"] and plan["objective"] == twin["objective"] and plan["bound"] == twin["bound"]
    assert plan["objective"] != base["objective"]
    record = json.loads(Path("runs/plan/run.json").read_text(encoding="utf-8"))
    assert "plan.xlsx" in record["inputs"]
    origins = Path("runs/plan/provenance.csv").read_text(encoding="utf-8-sig")
    assert "budget.2030,590.0," in origins and "plan.xlsx:Years!" in origins
    assert run("verify", "runs/plan").exit_code == 0
    again = run("solve", "plan.xlsx", "--gap", "0.01", "-o", "runs")
    assert "not solved again" in again.stderr
