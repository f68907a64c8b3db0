"""A value counts as sourced only in the file that set it: rows of provenance, tables, reports, comparison, verify."""

from __future__ import annotations

import csv
import io
import json
import pickle
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from chinese import is_chinese
from click.testing import CliRunner
from fakes import fake_outcome
from model_files import OPTIONS, write_model, write_scenario
from workbooks import made

import kctopt
from kctopt import Result
from kctopt.api import open as open_run
from kctopt.api import read
from kctopt.api.comparison import compare
from kctopt.cache import SEAL
from kctopt.cli.main import main
from kctopt.errors import ScenarioErrors
from kctopt.report.question import settings
from kctopt.report.view import View
from kctopt.result import folder
from kctopt.result.verify import verify
from kctopt.scenario.load import dump, load
from kctopt.scenario.parameter import changed
from kctopt.scenario.records import Scenario, Source
from kctopt.scenario.sourced import BY_DEFAULT, BY_USER, source_words
from kctopt.scenario.told import told_faults

ROWS = dict[str, tuple[str, str, str, str]]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model whose budget and growth have sources."""
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "model", **OPTIONS)
    write_scenario(tmp_path, "model: ./model\n", "base.yaml")
    return tmp_path


def solved(source: str | Path, **changes: object) -> Result:
    """A result with a plan that nobody searched for."""
    question = read(source, changes)
    return Result.of(
        question.scenario, fake_outcome(question.scenario), origin=question.origin, inputs=question.inputs,
        options={"gap": 1e-4, "time_limit": None, "set": changes},
    )  # fmt: skip


def solved_in_memory(scenario: Scenario) -> Result:
    return Result.of(scenario, fake_outcome(scenario), options={"gap": 1e-4, "time_limit": None, "set": {}})


def rows(result: Result) -> ROWS:
    """Source, grade and the parent's figure and source by path."""
    table = result.columns("provenance")
    names = ("source", "grade", "parent_value", "parent_source")
    return {path: row for path, *row in zip(table["path"], *(table[name] for name in names), strict=True)}  # type: ignore[misc]


def user(value: str, source: str = "made up (2025)") -> list[str]:
    return [BY_USER, "user", value, source]


def test_a_value_set_without_a_source_is_the_users_and_keeps_the_parents_figure_beside_it(place: Path) -> None:
    file = write_scenario(place, "extends: ./base.yaml\nset: {budget.2030: 150, 'lines[ai-A].growth': .3}\n")
    found = rows(solved(file))
    assert found["budget.2030"] == user("140")
    assert found["budget.2026"] == ["made up", "assumption", "", ""]
    assert found["lines[ai-A].growth"] == user("0.8")
    assert found["lines[ai-B].growth"] == ["made up", "C", "", ""]


@pytest.mark.parametrize("way", ["scale: {budget: 1.1}", "add: {budget: 5}"])
def test_scaled_and_shifted_values_too(place: Path, way: str) -> None:
    found = rows(solved(write_scenario(place, f"extends: ./base.yaml\n{way}\n")))
    assert (found["budget.2026"], found["budget.2030"]) == (user("100"), user("140"))


def test_values_of_the_call_and_of_python_too(place: Path) -> None:
    found = rows(solved("base.yaml", **{"budget.2026": 90, "money.ramp_step": 7}))
    assert found["budget.2026"] == user("100")
    assert found["money.ramp_step"] == user("5", "")
    assert found["budget.2030"][0] == "made up"


def test_a_typed_cell_too(place: Path) -> None:
    book = made(place)
    book.put("years", "budget", 2030, 150)
    found = rows(solved(book.save()))
    assert (found["budget.2030"], found["budget.2026"][0]) == (user("140"), "made up")


def test_years_of_a_workbook_that_nobody_typed_stay_the_parents(place: Path) -> None:
    book = made(place)
    book.put("years", "budget", 2028, 130)
    result = solved(book.save())
    assert rows(result)["budget.2028"] == user("120")  # the parent's line between 100 in 2026 and 140 in 2030
    assert rows(result)["budget.2026"][0] == "made up"
    assert result.origin["budget.2026"].startswith("model/model.yaml")


def test_a_source_on_the_sheet_of_sources_counts(place: Path) -> None:
    book = made(place)
    book.put("years", "budget", 2030, 150)
    book.add("sources", path="budget", unit="billion CNY/year", source="ministry", year="2026", grade="B")
    found = rows(solved(book.save()))
    assert found["budget.2030"] == ["ministry", "B", "", ""]
    assert found["budget.2026"][0] == "made up"


def test_a_source_speaks_of_what_its_file_sets_and_of_nothing_else(place: Path) -> None:
    """The file's row is wider than its change, the model's row for one line is narrower than the file's."""
    text = (place / "model" / "provenance.csv").read_text() + "lines[ai-B].spend,billion CNY/year,ledger,2024,A,\n"
    (place / "model" / "provenance.csv").write_text(text)
    file = write_scenario(place, """\
extends: ./base.yaml
set: {"lines[ai-A].growth": .3}
scale: {lines.spend: 1.1}
provenance:
  - {path: lines.growth, unit: share, source: mine, year: 2026, grade: C}
  - {path: lines.spend, unit: billion CNY/year, source: survey, year: 2026, grade: B}
""")  # fmt: skip
    found = rows(solved(file))
    assert [found[f"lines[{line}].growth"][0] for line in ("ai-A", "ai-B", "quantum-M")] == [
        "mine",
        "made up",
        "made up",
    ]
    assert [found[f"lines[{line}].spend"][0] for line in ("ai-A", "ai-B", "quantum-M")] == ["survey"] * 3


def test_a_source_of_what_the_file_does_not_set_is_told(place: Path) -> None:
    row = "{path: budget, unit: billion CNY/year, source: mine, year: 2026, grade: C}"
    text = f"extends: ./base.yaml\nprovenance:\n  - {row}\n"
    loaded = load(write_scenario(place, text))
    assert loaded.notes[0].startswith("case.yaml:3: the source of budget counts for nothing")
    assert [row.source for row in loaded.scenario.provenance] == ["made up", "made up"]


def test_a_series_in_place_of_a_constant_and_the_other_way_round(place: Path) -> None:
    file = write_scenario(place, "extends: ./base.yaml\nset: {budget: 120, controls.intensity: {2026: .2, 2030: .8}}\n")
    found = rows(solved(file))
    assert found["budget"] == user("2026: 100, 2030: 140")
    assert found["controls.intensity.2030"] == user("0.4", "")


def test_a_grandchild_keeps_what_its_parents_said(place: Path) -> None:
    write_scenario(place, """\
extends: ./base.yaml
set: {budget: {2026: 80, 2030: 90}, kct.rho: -0.5}
provenance: [{path: budget, unit: billion CNY/year, source: letter, year: 2026, grade: B}]
""", "child.yaml")  # fmt: skip
    found = rows(solved(write_scenario(place, "extends: ./child.yaml\nset: {budget.2030: 95}\n")))
    assert found["budget.2026"] == ["letter", "B", "", ""]
    assert found["budget.2030"] == user("90", "letter (2026)")
    assert found["kct.rho"] == user("-1", "")


def test_two_parents_each_keep_their_own_sources(place: Path) -> None:
    source = "provenance: [{path: lines.growth, unit: share, source: %s, year: 2026, grade: B}]\n"
    write_scenario(place, "extends: ./base.yaml\nset: {'lines[ai-A].growth': .3}\n" + source % "a", "a.yaml")
    write_scenario(place, "extends: ./base.yaml\nset: {'lines[ai-B].growth': .4}\n" + source % "b", "b.yaml")
    found = rows(solved(write_scenario(place, "extends: [./a.yaml, ./b.yaml]\n")))
    lines = ("ai-A", "ai-B", "quantum-M")
    assert [found[f"lines[{line}].growth"][0] for line in lines] == ["a", "b", "made up"]


SET = {
    "sourced": "set: {budget: 150}\nprovenance: "
    "[{path: budget, unit: billion CNY/year, source: decree, year: 2026, grade: B}]\n",
    "other": "set: {budget: 150}\nprovenance: "
    "[{path: budget, unit: billion CNY/year, source: letter, year: 2026, grade: C}]\n",
    "bare": "set: {budget: 150}\n",
    "again": "set: {budget: 150}\nadd: {economy.trend: 0.0}\n",
    "point": "set: {budget.2030: 150}\nprovenance: "
    "[{path: budget, unit: billion CNY/year, source: memo, year: 2026, grade: B}]\n",
    "same": "set: {budget.2030: 140}\n",  # as the model has it
    "high": "set: {budget: {2026: 100, 2030: 160}}\n"
            "provenance: [{path: budget.2030, unit: billion CNY/year, source: plan, year: 2026, grade: B}]\n",
}  # fmt: skip


def below(place: Path, *parents: str, change: str = "") -> Result:
    """A scenario that stands on several parents, and may change something."""
    for name in parents:
        if name in SET:
            write_scenario(place, f"extends: ./base.yaml\n{SET[name]}", f"{name}.yaml")
    listed = ", ".join(f"./{name}.yaml" for name in parents)
    return solved(write_scenario(place, f"extends: [{listed}]\n{change}", "case.yaml"))


def places(result: Result) -> dict[str, tuple[str, str]]:
    """Where each value was set, and where its source is stated."""
    table = result.columns("provenance")
    return {path: row for path, *row in zip(table["path"], table["origin"], table["stated_in"], strict=True)}  # type: ignore[misc]


@pytest.mark.parametrize("parents", [("sourced", "bare"), ("bare", "sourced"), ("bare", "again", "sourced")])
def test_of_parents_that_set_the_same_one_that_states_a_source_counts(place: Path, parents: tuple[str, ...]) -> None:
    result = below(place, *parents)
    assert rows(result)["budget"] == ["decree", "B", "", ""]
    assert places(result)["budget"] == ["sourced.yaml:2", "sourced.yaml:3"]
    assert verify(result.save(place / "run")) == []


def test_of_two_sources_for_the_same_value_the_first_counts_with_its_place(place: Path) -> None:
    for first, second, source in (("sourced", "other", "decree"), ("other", "sourced", "letter")):
        result = below(place, first, second)
        assert rows(result)["budget"][0] == source
        assert places(result)["budget"] == [f"{first}.yaml:2", f"{first}.yaml:3"]
    assert places(below(place, "again", "bare"))["budget"] == ["again.yaml:2", ""]


@pytest.mark.parametrize("parents", [("base", "same"), ("same", "base")])
def test_a_value_that_one_parent_alone_sets_is_that_ones_be_it_the_same(place: Path, parents: tuple[str, str]) -> None:
    result = below(place, *parents)
    assert rows(result)["budget.2030"] == user("140")
    assert places(result)["budget.2030"] == ["same.yaml:2", ""]


@pytest.mark.parametrize("parents", [("base", "sourced"), ("sourced", "base"), ("bare", "sourced")])
def test_a_constant_spread_over_years_keeps_the_source_of_the_parent_that_set_it(
    place: Path, parents: tuple[str, str]
) -> None:
    result = below(place, *parents, change="set: {budget.2030: 170}\n")
    found, where = rows(result), places(result)
    for year in (2026, 2027, 2035):
        assert found[f"budget.{year}"] == ["decree", "B", "", ""]
        assert where[f"budget.{year}"] == ["sourced.yaml:2", "sourced.yaml:3"]
    assert found["budget.2030"] == user("150", "decree (2026)")
    assert verify(result.save(place / "run")) == []


@pytest.mark.parametrize("parents", [("base", "point"), ("point", "base")])
def test_the_parents_figure_is_the_one_that_would_have_counted(place: Path, parents: tuple[str, str]) -> None:
    found = rows(below(place, *parents, change="set: {budget.2030: 170}\n"))
    assert found["budget.2030"] == user("150", "memo (2026)")
    found = rows(below(place, *parents, change="set: {budget.2028: 130}\n"))
    assert found["budget.2028"] == user("125", "2026: made up (2025); 2030: memo (2026)")


def test_of_parents_that_disagree_the_lasts_figure_stands_beside_each_point_with_its_own_source(place: Path) -> None:
    result = below(place, "point", "high", change="set: {budget: 170}\n")
    assert rows(result)["budget"] == user("2026: 100, 2030: 160", f"2026: {BY_USER}; 2030: plan (2026)")
    result = below(place, "high", "point", change="set: {budget: 170}\n")
    assert rows(result)["budget"] == user("2026: 100, 2030: 150", "2026: made up (2025); 2030: memo (2026)")
    assert source_words(f"2026: {BY_USER}; 2030: plan (2026)", "zh") == "2026: 用户设定，未注明来源; 2030: plan (2026)"


def test_defaults_of_a_new_entry_do_not_borrow_the_models_source(place: Path) -> None:
    text = (place / "model" / "provenance.csv").read_text() + "lines.weight,share,equal by rule,2025,C,\n"
    (place / "model" / "provenance.csv").write_text(text)
    new = "{id: ai-X, label: {en: X, zh: X}, domain: ai, bottleneck: 1, accelerator: 0, moat: 0, security: 0, " \
        "sensitivity: .5, growth: .5, capability: 40, rival_growth: 0, spend: 5, exchange_share: .1, " \
        "substitution_share: .1}"  # fmt: skip
    found = rows(solved(write_scenario(place, f"extends: ./base.yaml\nadd: {{lines: [{new}]}}\n")))
    assert found["lines[ai-B].weight"][0] == "equal by rule"
    assert found["lines[ai-X].weight"][0] == "default of kctopt, no source stated"
    assert found["lines[ai-X].growth"] == user("", "")


NEW = (
    "{id: ai-X, label: {en: X, zh: X}, domain: ai, bottleneck: 1, accelerator: 0, moat: 0, security: 0, weight: 1, "
    "sensitivity: .5, growth: .5, capability: 40, rival_growth: 0, spend: 5, exchange_share: .1, "
    "substitution_share: .1}"
)
AS_DEFAULTS = {
    "set: {rival.growth_shift: 0}": ["rival.growth_shift"],
    "set: {rival: {growth_shift: 0.0}, switching: {far_control: 0}}": ["rival.growth_shift", "switching.far_control"],
    "set: {cooperation.change_cost: 0 billion CNY}": ["cooperation.change_cost"],
    "add: {rival.growth_shift: 0}": ["rival.growth_shift"],
    "scale: {rival.growth_shift: 2}": ["rival.growth_shift"],
    "set: {'lines[ai-A].min_scale': 0}": ["lines[ai-A].min_scale"],
    f"add: {{lines: [{NEW}]}}": ["lines[ai-X].weight"],
}


@pytest.mark.parametrize("text", AS_DEFAULTS)
def test_a_number_typed_as_the_default_is_the_users(place: Path, text: str) -> None:
    found = rows(solved("base.yaml"))
    told = rows(solved(write_scenario(place, f"extends: ./base.yaml\n{text}\n")))
    for path in AS_DEFAULTS[text]:
        assert path not in found or found[path][:2] == [BY_DEFAULT, "assumption"]
        assert told[path][:2] == [BY_USER, "user"]


def test_in_a_model_too(place: Path) -> None:
    with (place / "model" / "model.yaml").open("a", encoding="utf-8") as file:
        file.write("rival: {growth_shift: 0}\n")
    result = solved("base.yaml")
    assert rows(result)["rival.growth_shift"] == user("", "")
    assert places(result)["rival.growth_shift"][0].startswith("model/model.yaml:")
    assert rows(result)["switching.far_control"][0] == BY_DEFAULT
    assert verify(result.save(place / "run")) == []
    whole = load("base.yaml").scenario
    Path("whole.yaml").write_text(dump(whole), encoding="utf-8")
    assert load("whole.yaml").scenario == whole


def test_in_a_full_scenario_too_unless_kctopt_wrote_it(place: Path) -> None:
    written = dump(load("base.yaml").scenario)
    Path("written.yaml").write_text(written, encoding="utf-8")
    assert rows(solved("written.yaml"))["rival.growth_shift"][0] == BY_DEFAULT
    typed = re.sub("(?m)^model_sha256: .*\n", "", written)
    Path("typed.yaml").write_text(typed, encoding="utf-8")
    result = solved("typed.yaml")
    assert rows(result)["rival.growth_shift"] == user("", "")
    assert places(result)["rival.growth_shift"][0].startswith("typed.yaml:")
    assert verify(result.save(place / "run")) == []


def test_the_scenario_says_it_itself(place: Path) -> None:
    scenario = load("base.yaml", set={"budget.2026": 90}).scenario
    Path("whole.yaml").write_text(dump(scenario), encoding="utf-8")
    assert load("whole.yaml").scenario == scenario
    (row,) = [row for row in scenario.provenance if row.grade == "user"]
    assert (row.path, row.source, row.parent_value, row.parent_source) == (
        "budget.2026",
        BY_USER,
        "100",
        "made up (2025)",
    )


def test_a_copy_in_memory_keeps_no_source_of_what_it_changed(place: Path) -> None:
    scenario = load("base.yaml").scenario
    asked = kctopt.load(scenario, set={"budget.2026": 90}).provenance
    budget = {**scenario.budget.root, 2026: 90.0}  # type: ignore[dict-item]
    once = scenario.model_copy(update={"budget": budget})
    twice = once.model_copy(update={"intent": "Other words."})
    for copy in (once, twice):
        found = kctopt.load(copy)
        assert found.provenance == asked
        assert kctopt.load(found) == found
    assert kctopt.load(scenario.model_copy(update={"intent": "Other words."})).provenance == scenario.provenance
    assert changed(scenario, {"budget.2026": 90.0}).provenance == asked


def test_a_copy_that_states_a_source_has_it_for_what_it_changed(place: Path) -> None:
    scenario = load("base.yaml").scenario
    mine = Source(path="budget", unit="billion CNY/year", source="a decree", year="2026", grade="A")
    for update in ({"budget": 90.0}, {}):
        copy = scenario.model_copy(update={**update, "provenance": (*scenario.provenance, mine)})
        table = solved_in_memory(kctopt.load(copy)).provenance.set_index("path")
        rows = table[table.index.str.startswith("budget")]
        assert set(rows["source"]) == {"a decree"} and set(rows["grade"]) == {"A"}


def test_numbers_without_any_row_are_the_users_or_defaults(place: Path) -> None:
    scenario = load("base.yaml").scenario
    found = kctopt.load(scenario.model_copy(update={"provenance": ()}))
    assert found.provenance == ()
    result = solved_in_memory(found)
    table = result.provenance.set_index("path")
    assert table.loc["budget.2026", ["source", "grade"]].tolist() == [BY_USER, "user"]
    assert table.loc["rival.growth_shift", ["source", "grade"]].tolist() == [
        "default of kctopt, no source stated", "assumption",
    ]  # fmt: skip
    assert set(table["grade"]) == {"user", "assumption", ""}
    assert {value for value in table[table["grade"] == ""]["value"] if value.replace(".", "").isdigit()} == set()
    run = result.save(place / "run")
    assert verify(run) == []
    (row,) = [one for one in settings(View(result, "zh")) if one.path == "budget" and "2026" in one.value]
    assert (row.source, row.grade) == ("用户设定，未注明来源", "user")


def test_a_scenario_equals_another_of_the_same_fields(place: Path) -> None:
    scenario = load("base.yaml").scenario
    copy = scenario.model_copy(update={"intent": scenario.intent})
    assert copy == scenario and pickle.loads(pickle.dumps(copy)) == scenario
    assert copy != scenario.model_copy(update={"intent": "x"}) and scenario != 3


def faulty_file(place: Path) -> object:
    return write_scenario(
        place, "extends: ./base.yaml\nset: {budget: {2030: 150}}\n"
        "provenance: [{path: budget.2030, unit: billion CNY/year, source: mine, year: 2026, grade: Z}]\n",
    )  # fmt: skip


def faulty_table(place: Path) -> object:
    table = place / "model" / "provenance.csv"
    table.write_text(
        table.read_text(encoding="utf-8") + "budget.2030,billion CNY/year,mine,2026,Z,\n", encoding="utf-8"
    )
    return place / "base.yaml"


def faulty_workbook(place: Path) -> object:
    book = made(place)
    book.put("years", "budget", 2030, 150)
    book.add("sources", path="budget.2030", unit="billion CNY/year", source="mine", year="2026", grade="Z")
    return book.save()


def faulty_record(place: Path) -> object:
    scenario = load(place / "base.yaml").scenario
    row = {"path": "budget.2030", "unit": "billion CNY/year", "source": "mine", "year": "2026", "grade": "Z"}
    return scenario.model_copy(update={"provenance": (*scenario.provenance, row)})


@pytest.mark.parametrize("faulty", [faulty_file, faulty_table, faulty_workbook, faulty_record])
def test_a_faulty_row_is_named_by_its_path(faulty: Callable[[Path], object], place: Path) -> None:
    with pytest.raises(kctopt.ScenarioErrors) as told:
        kctopt.load(faulty(place))  # type: ignore[arg-type]
    assert [(one.path, one.message) for one in told.value.faults] == [
        ("provenance[budget.2030].grade", "unknown value 'Z'")
    ]


def test_a_row_without_a_path_is_named_by_its_source(place: Path) -> None:
    row = "{unit: billion CNY/year, source: mine, year: 2026, grade: C}"
    file = write_scenario(place, f"extends: ./base.yaml\nset: {{budget: 3}}\nprovenance: [{row}]\n")
    with pytest.raises(kctopt.ScenarioErrors, match=r"provenance\[source=mine\]\.path: is missing; give text"):
        kctopt.load(file)


@pytest.mark.parametrize("full", [True, False])
def test_two_rows_for_one_path_are_a_fault(full: bool, place: Path) -> None:
    if full:
        file = place / "model" / "provenance.csv"
        text = file.read_text(encoding="utf-8")
        first = text.splitlines()[1].partition(",")[0]
        file.write_text(f"{text}{first},billion CNY/year,mine,2026,C,\n", encoding="utf-8")
        source = place / "base.yaml"
    else:
        first, row = "budget.2030", "{path: budget.2030, unit: billion CNY/year, source: mine, year: 2026, grade: C}"
        source = write_scenario(place, f"extends: ./base.yaml\nset: {{budget.2030: 3}}\nprovenance: [{row}, {row}]\n")
    with pytest.raises(kctopt.ScenarioErrors) as told:
        kctopt.load(source)
    (fault,) = told.value.faults
    assert fault.path == f"provenance[{first}]"
    assert fault.message.startswith("is given twice (first at ")


def test_what_is_graded_as_sourced_names_its_source(place: Path) -> None:
    def row(grade: str) -> str:
        file = write_scenario(
            place,
            "extends: ./base.yaml\nset: {budget.2030: 3}\n"
            f"provenance: [{{path: budget.2030, unit: billion CNY/year, source: '', year: 2026, grade: {grade}}}]\n",
        )
        return CliRunner().invoke(main, ["check", str(file)]).output

    assert "provenance[budget.2030].source: is empty, and the grade is B; name where the figure comes from" in row("B")
    assert "is empty" not in row("assumption")


def test_what_a_parent_had_is_for_kctopt_to_say(place: Path) -> None:
    row = "{path: budget, unit: billion CNY/year, source: mine, year: 2026, grade: C, parent_value: 3}"
    file = write_scenario(place, f"extends: ./base.yaml\nset: {{budget: 3}}\nprovenance: [{row}]\n")
    done = CliRunner().invoke(main, ["check", str(file)])
    assert (
        "case.yaml:3:89: provenance[budget].parent_value: is written by kctopt, not given; leave it out" in done.stderr
    )


def test_reports_and_show_tell_it_in_the_readers_language(place: Path) -> None:
    result = solved("base.yaml", **{"budget.2026": 90})
    for lang, said, grade in (("en", BY_USER, "user"), ("zh", "用户设定，未注明来源", "用户设定")):
        view = View(result, lang)
        (row,) = [one for one in settings(view) if one.path == "budget" and one.grade == "user"]
        value, parent = {
            "en": ("2026: 90.0", "2026: 100 (made up (2025))"), "zh": ("2026：900", "2026：1,000（made up (2025)）"),
        }[lang]  # fmt: skip
        assert (row.value, row.source, view.grade(row.grade), row.parent) == (value, said, grade, parent)
        shown = CliRunner().invoke(main, ["show", "base.yaml", "--set", "budget.2026=90", "--origin", "--lang", lang])
        parent = {"en": "parent", "zh": "上级情景"}[lang]
        place_of = {"en": "command line", "zh": "命令行"}[lang]
        unit = {"en": "billion CNY/year", "zh": "十亿元/年"}[lang]
        line = f"budget.2026 = 90.0 {unit}  # {place_of}; {said} ({parent}: 100, made up (2025))"
        assert line in shown.stdout.splitlines()


def test_the_workbook_of_results_tells_it(place: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    result = solved("base.yaml", **{"budget.2026": 90})
    for lang, said, grade, parent in (
        ("en", BY_USER, "user", {"100", "billion CNY/year"}),
        ("zh", "用户设定，未注明来源", "用户设定", {"1,000", "亿元/年"}),
    ):
        sheets = openpyxl.load_workbook(result.to_excel(place / f"{lang}.xlsx", lang=lang))
        cells = [[cell.value for cell in row] for sheet in sheets for row in sheet if row[0].value == "budget.2026"]
        assert any({said, grade, "made up (2025)"} | parent <= set(row) for row in cells)


def test_compare_tells_which_inputs_have_no_source(place: Path) -> None:
    base, other = solved("base.yaml"), solved("base.yaml", **{"budget.2026": 90})
    comparison = compare(base, other)
    (one,) = comparison.pairs[0].inputs
    assert (one.base_source, one.other_source, one.other_grade) == ("made up", BY_USER, "user")
    assert one.other_parent == "100 (made up (2025))"
    assert "assumption -> user" in comparison.summary()
    assert "no source stated: budget" in comparison.summary()
    assert "未注明来源：可用经费" in comparison.summary("zh")


def test_verify_finds_a_false_source(place: Path) -> None:
    run = solved("base.yaml", **{"budget.2026": 90}).save(place / "run")
    assert verify(run) == []
    origins = open_run(run).columns("provenance")
    assert origins["origin"][origins["path"].tolist().index("budget.2026")] == "set= of the call"
    file = run / "scenario.yaml"
    rows = [line for line in file.read_text("utf-8").splitlines() if BY_USER not in line]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    tables = {name: open_run(run).columns(name) for name in ("provenance",)}
    at = tables["provenance"]["path"].tolist().index("budget.2026")
    for name, value in (("source", "made up"), ("grade", "assumption"), ("year", "2025"), ("parent_value", ""),
                        ("parent_source", ""), ("stated_in", "model/provenance.csv:2")):  # fmt: skip
        tables["provenance"][name][at] = value
    record = folder.read_json(run / "run.json")
    record["tables"] |= folder.write_tables(run, tables)
    folder.write_json(run / "run.json", record)
    said = [str(finding) for finding in verify(run) if finding.check == "sources"]
    assert said == [
        "provenance.csv: budget.2026 = 90.0 was set at set= of the call without a source, and cites 'made up', which "
        "model/provenance.csv:2 states"
    ]


def test_verify_finds_the_source_of_another_file(place: Path) -> None:
    file = write_scenario(place, "extends: ./base.yaml\nset: {budget.2030: 150}\n")
    run = solved(file).save(place / "run")
    table = open_run(run).columns("provenance")
    at = table["path"].tolist().index("budget.2030")
    table["source"][at], table["stated_in"][at] = "made up", "model/provenance.csv:2"
    record = folder.read_json(run / "run.json")
    record["tables"] |= folder.write_tables(run, {"provenance": table})
    folder.write_json(run / "run.json", record)
    assert any(str(one).startswith("provenance.csv: budget.2030 = 150.0 was set at case.yaml:2") for one in verify(run))


@pytest.mark.parametrize("added", [("low", "high"), ("low", "high", "parent_value", "parent_source", "stated_in")])
def test_a_run_saved_before_the_columns_were_there_opens_and_verifies(place: Path, added: tuple[str, ...]) -> None:
    run = solved("base.yaml").save(place / "run")
    (run / "old").mkdir()
    query = f"SELECT * EXCLUDE ({', '.join(added)}) FROM '{run}/provenance.parquet'"
    duckdb.sql(f"COPY ({query}) TO '{run}/old/p.parquet' (FORMAT parquet)")
    (run / "old" / "p.parquet").replace(run / "provenance.parquet")
    (run / "old").rmdir()
    text = (run / "provenance.csv").read_text("utf-8-sig").splitlines()
    names = text[0].split(",")
    keep = [n for n, name in enumerate(names) if name not in added]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([row[n] for n in keep] for row in csv.reader(text))
    (run / "provenance.csv").write_text(out.getvalue(), encoding="utf-8-sig", newline="")
    record = json.loads((run / "run.json").read_text("utf-8"))
    for kind in ("csv", "parquet"):
        record["tables"]["provenance"][f"{kind}_sha256"] = folder.sha256(run / f"provenance.{kind}")
    del record[SEAL], record["files"]
    record |= {"schema_version": 3, "versions": record["versions"] | {"code": "of then"}}
    folder.write_json(run / "run.json", record)
    assert verify(run) == []
    if "stated_in" in added:
        assert set(open_run(run).columns("provenance")["stated_in"]) == {""}


def test_a_row_says_the_unit_of_its_field(place: Path) -> None:
    table = "path,unit,source,year,grade,note\n{}\n"
    for row, told in {
        "budget,CNY,made up,2025,A,": "is 'CNY', but budget is in billion CNY/year",
        "lines.growth,billion CNY,made up,2025,C,": "is 'billion CNY', but lines.growth is in share",
    }.items():
        write_model(place / "odd", provenance=table.format(row))
        with pytest.raises(ScenarioErrors) as caught:
            load(write_scenario(place, "model: ./odd\n", "odd.yaml"))
        (fault,) = caught.value.faults
        assert (fault.file, fault.line, fault.message) == ("odd/provenance.csv", 2, told)
        assert is_chinese(told_faults(caught.value, "zh")), told_faults(caught.value, "zh")
    for unit in ("十亿元/年", "billion CNY per year"):
        write_model(place / "odd", provenance=table.format(f"budget,{unit},made up,2025,A,"))
        assert load(write_scenario(place, "model: ./odd\n", "odd.yaml"))
