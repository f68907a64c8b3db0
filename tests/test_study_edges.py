"""Studies at their edges, as their users meet them: several scenarios, labels in two languages, failures by kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from chinese import is_chinese
from click.testing import CliRunner, Result
from worlds import tiny

import kctopt
from kctopt.cli import main
from kctopt.scenario.dump import dump
from kctopt.study.firm import chapter, study_story
from kctopt.study.sweep import Sweep

STUDIES = {
    "two": (
        "of: [a.yaml, b.yaml]\nlabel: {en: Two worlds, zh: 两个世界}\nuncertain:\n"
        "  - {name: budget, path: budget, scale: {uniform: [0.75, 1.2]}}\n"
        "  - {name: effort, path: knowledge.effort_elasticity, value: {uniform: [0.4, 0.55]}}\n"
        "sample: {method: lhs, size: 6, seed: 3}\n"
    ),
    "fails": (
        "of: a.yaml\nuncertain:\n  - {name: budget, path: budget, scale: {uniform: [0.6, 1.2]}}\n"
        '  - {name: floor, path: "lines[chips-B].floor", value: {uniform: [0.0, 60.0]}}\n'
        "sample: {method: lhs, size: 16, seed: 3}\n"
    ),
    "constant": (
        'of: a.yaml\nuncertain:\n  - {name: one, path: "lines[ai-M].floor", value: {uniform: [0.0, 1.0]}}\n'
        '  - {name: two, path: "lines[ai-A].floor", value: {uniform: [0.0, 1.0]}}\n'
        "sample: {method: lhs, size: 50, seed: 3}\n"
    ),
    "single": (
        "of: a.yaml\nuncertain:\n  - {name: effort, path: knowledge.effort_elasticity, value: {uniform: [0.4, 0.55]}}\n"
        "sample: {method: lhs, size: 1, seed: 3}\n"
    ),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenarios, of which the second is richer, and studies of them, swept."""
    folder = tmp_path_factory.mktemp("edges")
    for name, budget in (("a", 50.0), ("b", 60.0)):
        (folder / f"{name}.yaml").write_text(dump(tiny(name=name, budget=budget)), encoding="utf-8")
    for name, content in STUDIES.items():
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
        kctopt.sweep(folder / f"{name}.yaml", out=folder / f"{name}.duckdb")
    return folder


@pytest.fixture
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(place)
    return place  # type: ignore[return-value]


def call(*words: str) -> Result:
    return CliRunner().invoke(main, list(words), catch_exceptions=False)


def told(blocks: object) -> str:
    return str(blocks)


def test_a_chapter_counts_the_members_of_its_scenario_alone(here: Path) -> None:
    sweep = Sweep(here / "two.duckdb")
    one = told([section.blocks for section in chapter(sweep, [kctopt.solve("a.yaml")])])
    assert "6 of 6 members" in one and "two: 6 members, complete" in one
    assert "12" not in one.split("Quantiles are over")[0].split("Study two")[1][:200]
    both = told([section.blocks for section in study_story(sweep).sections])
    assert both.count("over the 6 of 6 members") == 2
    compared = sweep.compare(sweep)
    assert [row["base"] for row in compared.statuses] == [6, 6]
    assert [row["scenario"] for row in compared.statuses] == ["a", "b"]
    assert compared.summary().count("over the 6 of 6 members") == 4


def test_a_world_that_is_infeasible_in_one_scenario_says_nothing_of_another(here: Path) -> None:
    sweep = Sweep(here / "two.duckdb")
    infeasible = sweep.members.query("status == 'infeasible'")
    assert set(infeasible["scenario"]) <= {"a"}
    assert not any("proven" in one and "none keeps" in one for one in sweep.regret(scenario="b").sentences())


@pytest.mark.long
def test_the_label_of_a_study_is_told_in_the_readers_language(here: Path) -> None:
    sweep = Sweep(here / "two.duckdb")
    assert (sweep.label("en"), sweep.label("zh")) == ("Two worlds", "两个世界")
    assert (
        study_story(sweep, "zh").title == "所考虑的各种情形：两个世界" or "两个世界" in study_story(sweep, "zh").title
    )
    assert Sweep(here / "single.duckdb").label("zh") == "single"
    from openpyxl import load_workbook

    book = load_workbook(sweep.to_excel(here / "two.xlsx", "zh"))
    assert book.worksheets[0]["A1"].value == "两个世界"
    assert len(book.worksheets[0]._charts) == 2


def test_failures_are_told_by_kind_with_an_example_and_where_the_study_says_so(here: Path) -> None:
    sweep = Sweep(here / "fails.duckdb")
    counts = sweep.members["status"].value_counts()
    kinds = sweep.data()["reasons"]
    assert sum(one["count"] for one in kinds) == counts["infeasible"] + counts["invalid"]
    assert [one["status"] for one in kinds] == ["infeasible", "invalid"]
    assert kinds[1]["count"] == counts["invalid"] > 1
    assert kinds[1]["reason"].startswith(f"{here / 'fails.yaml'}:3") or kinds[1]["reason"].startswith("fails.yaml:3")
    assert "of the call" not in sweep.summary()
    assert f"{counts['invalid']} of this kind, for example draw {kinds[1]['draw']} of a: " in sweep.summary()
    assert all(is_chinese(line) for line in sweep.summary("zh").splitlines()[1:4])


def test_a_constant_outcome_is_said_to_be_one(here: Path) -> None:
    done = call("analyse", "constant.duckdb")
    assert "The outcome is 704" in done.output or "in all 50 draws: no input moves it" in done.output
    assert "mean gap of at most 0" not in done.output
    assert "item" in done.output  # ranks without an option take as many as there can be


def test_one_draw_is_told_in_the_singular(here: Path) -> None:
    done = call("sweep", "single.yaml", "-o", "single.duckdb")
    assert done.output.startswith("single: 1 member, complete")
    assert "standard deviation" not in done.output


def test_fail_fast_stops_at_the_first_member_without_a_plan(here: Path) -> None:
    done = call("sweep", "fails.yaml", "-o", "fast.duckdb", "--fail-fast")
    assert done.exit_code in (3, 4)
    assert "missing" in done.output
    assert Sweep(here / "fast.duckdb").missing > 0
    again = call("sweep", "fails.yaml", "-o", "fast.duckdb")
    assert again.exit_code == 0
    assert Sweep(here / "fast.duckdb").counts() == Sweep(here / "fails.duckdb").counts()


@pytest.mark.parametrize(
    ("name", "lang"),
    [
        ("fails", "zh"),
        *(pytest.param(*one, marks=pytest.mark.long) for one in (("constant", "en"), ("single", "zh"), ("two", "en"))),
    ],
)
def test_every_study_is_analysed_exported_and_reported(here: Path, name: str, lang: str) -> None:
    file = f"{name}.duckdb"
    assert call("analyse", file, "--lang", lang).exit_code == 0
    assert call("compare", file, "two.duckdb" if name == "two" else file, "--lang", lang).exit_code == 0
    told = json.loads(call("analyse", file, "--json").stdout)
    assert {one["scenario"] for one in told["scenarios"]} == ({"a", "b"} if name == "two" else {"a"})
    for format in ("excel", "iamc", "netcdf"):
        done = call("export", file, "--to", format, "-o", f"{name}-{format}-{lang}", "--lang", lang)
        assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["sweep", "a.yaml"], "a.yaml: is a scenario, not a study; `kctopt solve a.yaml` solves it"),
        (["solve", "two.yaml"], "two.yaml: is a study, not a scenario; `kctopt sweep two.yaml` optimises its draws"),
        (["stochastic", "two.yaml"], "two.yaml: is a study, not a tree of states; `kctopt sweep"),
        (["stochastic", "baseline"], "baseline: is a scenario, not a tree of states; `kctopt solve baseline`"),
        (["sweep", "baseline"], "baseline: is a scenario, not a study"),
        (["sweep", "controls-hazard"], "controls-hazard: is a tree of states, not a study; `kctopt stochastic"),
        (["solve", "baseline-uncertain"], "baseline-uncertain: is a study, not a scenario"),
        (["solve", "two.duckdb"], "two.duckdb: is the file of a sweep; `kctopt analyse two.duckdb`"),
        (["diagnose", "two.yaml"], "two.yaml: is a study, not a scenario"),
        (
            ["solve", "asked.xlsx"],
            "asked.xlsx: is a study, not a scenario; `kctopt sweep asked.xlsx`",
        ),
        (["sweep", "world.xlsx"], "world.xlsx: is a scenario, not a study; `kctopt solve world.xlsx` solves it"),
        (["stochastic", "asked.xlsx"], "asked.xlsx: is a workbook, and a tree of states is a .yaml file"),
    ],
)
def test_a_file_of_another_kind_is_named_with_the_command_that_takes_it(
    here: Path, words: list[str], says: str
) -> None:
    for made in (
        (["new", "--study", "asked.xlsx"], ["new", "--xlsx", "world.xlsx"]) if words[-1].endswith(".xlsx") else ()
    ):
        if not Path(made[-1]).exists():
            assert call(*made).exit_code == 0
    done = call(*words)
    assert done.exit_code != 0
    assert done.stderr.count("\n") <= 2  # one fault, not one for each key
    assert says in done.stderr
    chinese = call(*words, "--lang", "zh").stderr
    assert is_chinese(re.sub(r"`[^`]*`|^\S+: ", "", chinese)), chinese


@pytest.mark.parametrize("target", ["made", pytest.param("made.xlsx", marks=pytest.mark.long)])
def test_a_new_study_names_the_scenario_from_its_own_place(here: Path, target: str) -> None:
    Path("child.yaml").write_text("extends: baseline\n", encoding="utf-8")
    assert call("new", target, "--study", "--from", "child.yaml").exit_code == 0
    done = call("check", target)
    assert done.exit_code == 0, done.output


def test_sheets_of_a_study_and_of_a_scenario_stay_in_workbooks_of_their_own(here: Path) -> None:
    """Each names the other's sheets with their cells."""
    from openpyxl import Workbook

    book = Workbook()
    for n, mark in enumerate(("kctopt study", "kctopt lines", "kctopt scenario")):
        sheet = book.active if n == 0 else book.create_sheet()
        sheet["A1"], sheet["A2"], sheet["B2"] = mark, "key", "value"
    book.save("both.xlsx")
    asked = call("sweep", "both.xlsx").stderr
    assert "both.xlsx:Sheet1!A1: is a sheet of a scenario; a scenario is a workbook of its own" in asked
    assert (
        "both.xlsx:Sheet!A1: is a sheet of a study; a study is a workbook of its own"
        in call("solve", "both.xlsx").stderr
    )
