"""Ranges of provenance: read from tables, files and workbooks, checked, and shown beside the figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from chinese import is_chinese
from click.testing import CliRunner
from fakes import fake_outcome
from model_files import OPTIONS, write_model, write_scenario
from workbooks import made

import kctopt
from kctopt import Result
from kctopt.api import open as open_run
from kctopt.cli.main import main
from kctopt.errors import ScenarioErrors
from kctopt.report.question import settings
from kctopt.report.view import View
from kctopt.result.verify import verify
from kctopt.scenario.load import dump, load
from kctopt.scenario.records import Scenario
from kctopt.scenario.told import told, told_faults

TABLE = """\
path,unit,source,year,grade,low,high,note
budget,billion CNY/year,made up,2025,assumption,,,
diffusion.catch_up,1/year,survey,2006,C,0.01,0.12,
lines.growth,share,made up,2025,C,0.1,0.95,
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model with ranges: catch-up is 0.03, growth of the lines 0.2 to 0.9."""
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "model", **OPTIONS, provenance=TABLE)
    write_scenario(tmp_path, "model: ./model\n", "base.yaml")
    return tmp_path


def ranges(scenario: Scenario) -> dict[str, tuple[float | None, float | None]]:
    return {row.path: (row.low, row.high) for row in scenario.provenance if row.low is not None}


def row(path: str, unit: str, more: str) -> str:
    return f"provenance: [{{path: {path}, unit: {unit}, source: mine, year: 2026, grade: C, {more}}}]\n"


CATCH_UP = ("diffusion.catch_up", "1/year")


def faults(place: Path, text: str) -> list[str]:
    with pytest.raises(ScenarioErrors) as caught:
        load(write_scenario(place, f"extends: ./base.yaml\n{text}"))
    assert all(is_chinese(line) for line in told_faults(caught.value, "zh").splitlines())
    return [str(fault) for fault in caught.value.faults]


def test_ranges_of_a_table_are_read(place: Path) -> None:
    scenario = load("base.yaml").scenario
    assert ranges(scenario) == {"diffusion.catch_up": (0.01, 0.12), "lines.growth": (0.1, 0.95)}
    assert scenario.provenance[0].low is None


def test_a_table_without_the_columns_reads_as_before(place: Path) -> None:
    write_model(place / "old", **OPTIONS)
    assert ranges(load(write_scenario(place, "model: ./old\n", "old.yaml")).scenario) == {}


def test_ranges_of_a_scenario_file(place: Path) -> None:
    more = row(*CATCH_UP, "low: 0.02, high: 0.06")
    loaded = load(write_scenario(place, f"extends: ./base.yaml\nset: {{diffusion.catch_up: 0.05}}\n{more}"))
    assert ranges(loaded.scenario)["diffusion.catch_up"] == (0.02, 0.06)
    assert loaded.notes == ()


def test_ranges_of_a_workbook(place: Path) -> None:
    book = made(place)
    book.put("settings", "diffusion.catch_up", "value", 0.05)
    where = {"path": CATCH_UP[0], "unit": CATCH_UP[1], "source": "mine", "year": "2026", "grade": "C"}
    book.add("sources", **where, low=0.02, high=0.06)
    assert ranges(load(book.save()).scenario)["diffusion.catch_up"] == (0.02, 0.06)


def test_a_range_survives_the_file_that_kctopt_writes(place: Path) -> None:
    scenario = load("base.yaml", set={"diffusion.catch_up": 0.05}).scenario
    assert ranges(load(write_scenario(place, dump(scenario), "whole.yaml")).scenario) == ranges(scenario)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("low: 0.02", "low: is half of a range: high is not given"),
        ("high: 0.02", "high: is half of a range: low is not given"),
        ("low: 0.2, high: 0.02", "low: low 0.2 lies above high 0.02"),
        ("low: 0.06, high: 0.08", "low: the range 0.06 to 0.08 does not hold diffusion.catch_up, which is 0.05"),
        ("low: .nan, high: 0.08", "low: is not a finite number"),
        ("low: 0.02, high: many", "high: 'many' is not a number"),
        ("low: 0.02, hihg: 0.08", "hihg: unknown key; did you mean 'high'?"),
    ],
)
def test_a_false_range_is_a_fault_with_its_place(place: Path, more: str, said: str) -> None:
    found = faults(place, f"set: {{diffusion.catch_up: 0.05}}\n{row(*CATCH_UP, more)}")
    assert any(line.startswith("case.yaml:3:") and f"provenance[diffusion.catch_up].{said}" in line for line in found)


def test_a_range_of_a_table_that_misses_one_line_is_a_fault(place: Path) -> None:
    write_model(place / "model", **OPTIONS, provenance=TABLE.replace("0.1,0.95", "0.25,0.95"))
    with pytest.raises(ScenarioErrors) as caught:
        load("base.yaml")
    (fault,) = caught.value.faults
    assert (fault.file, fault.line) == ("model/provenance.csv", 4)
    assert "the range 0.25 to 0.95 does not hold lines[quantum-S].growth, which is 0.2" in fault.message


def test_what_a_user_sets_keeps_the_range_and_is_told_outside_of_it(place: Path) -> None:
    inside = load("base.yaml", set={"diffusion.catch_up": 0.1})
    assert ranges(inside.scenario)["diffusion.catch_up"] == (0.01, 0.12)
    assert inside.notes == ()
    outside = load(write_scenario(place, "extends: ./base.yaml\nset: {diffusion.catch_up: 0.2}\n"))
    what = "0.2 lies outside the range 0.01 to 0.12 of the figure before (survey (2006))"
    said = f"case.yaml:2: diffusion.catch_up: {what}"
    assert outside.notes == (said,)
    assert is_chinese(told(said, "zh"))


def test_scaling_a_figure_out_of_its_range_is_told_too(place: Path) -> None:
    (note,) = load("base.yaml", scale={"lines.growth": 0.4}).notes[:1]
    assert "growth: 0.08 lies outside the range 0.1 to 0.95" in note


def test_python_sees_the_range_of_the_bundled_model() -> None:
    scenario = kctopt.load("baseline")
    (catch_up,) = [row for row in scenario.provenance if row.path == "diffusion.catch_up"]
    assert catch_up.low is not None
    assert catch_up.high is not None
    assert catch_up.low <= scenario.diffusion.catch_up <= catch_up.high


def test_tables_reports_and_show_tell_the_range(place: Path) -> None:
    scenario = load("base.yaml").scenario
    result = Result.of(scenario, fake_outcome(scenario), options={"gap": 1e-4, "time_limit": None, "set": {}})
    table = result.columns("provenance")
    at = table["path"].tolist().index("diffusion.catch_up")
    assert (table["low"][at], table["high"][at]) == (0.01, 0.12)
    assert np.isnan(table["low"][table["path"].tolist().index("budget.2026")])
    run = result.save(place / "run")
    assert verify(run) == []
    assert open_run(run).columns("provenance")["high"][at] == 0.12
    for lang, words in (("en", "0.01 to 0.12"), ("zh", "0.01 至 0.12")):
        (setting,) = [one for one in settings(View(result, lang)) if one.path == "diffusion.catch_up"]
        assert setting.spread == words
        shown = CliRunner().invoke(main, ["show", "base.yaml", "--origin", "--lang", lang]).stdout
        assert any(line.startswith("diffusion.catch_up") and words in line for line in shown.splitlines())
