"""A Scenario made in memory passes the checks of a file, and arguments are checked before any work."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from worlds import options, small, tiny

import kctopt
from kctopt.analysis.attainable import attainable
from kctopt.analysis.flips import FlipsOptions
from kctopt.cli.main import main
from kctopt.errors import UsageError
from kctopt.scenario.load import bundled_scenarios
from kctopt.scenario.records import Scenario, SpendPolicy, TargetPolicy

DOORS: dict[str, Callable[[Scenario], Any]] = {
    "load": kctopt.load,
    "build": kctopt.build,
    "solve": kctopt.solve,
    "diagnose": kctopt.diagnose,
    "compare": lambda scenario: kctopt.compare(tiny(), scenario),
}
NEAR = TargetPolicy(id="t", kind="target", domain="chips", min_ratio=0.1, by=2027)
FLOOR = {"id": "f", "kind": "floor", "domain": "chips", "amount": 5.0}


def knowledge(**update: Any) -> dict[str, Any]:
    return {"knowledge": tiny().knowledge.model_copy(update=update)}


FALSE: dict[str, tuple[dict[str, Any], str, str]] = {  # update -> path and words of the fault
    "effort elasticity": (knowledge(effort_elasticity=2), "knowledge.effort_elasticity", "must be at most 1"),
    "concavity": (knowledge(effort_elasticity=0.7), "knowledge", "must sum to at most 1"),
    "controls": ({"controls": {"intensity": 5}}, "controls.intensity", "must lie between 0 and 1"),
    "convex rho": ({"kct": tiny().kct.model_copy(update={"rho": 3.0})}, "kct.rho", "must be at most 1"),
    "text for a number": ({"budget": "lots"}, "budget", "'lots' is not a number"),
    "domain of a cap": (
        {"policies": (SpendPolicy(id="c", kind="cap", domain="chisp", amount=1.0),)},
        "policies[c].domain", "did you mean 'chips'?",
    ),
    "line of a target": (
        {"policies": (TargetPolicy(id="t", kind="target", line="chips-C", min_ratio=0.9, by=2027),)},
        "policies[t].line", "unknown line 'chips-C'",
    ),
    "policy of no kind": ({"policies": [{"id": "f", "amount": 5.0}]}, "policies[f].kind", "a policy needs a kind"),
    "key of a policy": ({"policies": [FLOOR | {"amuont": 5.0}]}, "policies[f].amuont", "did you mean 'amount'?"),
    "floor above the budget": ({"policies": [FLOOR | {"amount": 1e6}]}, "policies[f].amount", "the budget has"),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_every_door_checks_a_scenario(door: str) -> None:
    with pytest.raises(kctopt.ScenarioErrors, match=r"knowledge\.effort_elasticity: is 2; it must be at most 1"):
        DOORS[door](tiny().model_copy(update=knowledge(effort_elasticity=2)))


@pytest.mark.parametrize("case", FALSE)
def test_faults_of_a_scenario(case: str) -> None:
    update, path, words = FALSE[case]
    with pytest.raises(kctopt.ScenarioErrors) as caught:
        kctopt.solve(tiny().model_copy(update=update))
    (fault,) = caught.value.faults
    assert fault.path == path
    assert words in str(fault)
    assert (fault.file, fault.line) == ("Scenario", None)


def test_all_faults_of_a_scenario_at_once() -> None:
    scenario = tiny().model_copy(update={"budget": "lots", "policies": [FLOOR | {"domain": "x"}]})
    with pytest.raises(kctopt.ScenarioErrors) as caught:
        kctopt.load(scenario, set={"lines[biox].growth": 1})
    assert {fault.path for fault in caught.value.faults} >= {"budget", "policies[f].domain", "lines[biox].growth"}


def test_a_copy_knows_its_fields() -> None:
    with pytest.raises(kctopt.ScenarioErrors) as caught:
        tiny().model_copy(update={"naem": "x", "budgte": 1})
    assert [str(one) for one in caught.value.faults] == [
        "Scenario: naem: unknown key; did you mean 'name'?",
        "Scenario: budgte: unknown key; did you mean 'budget'?",
    ]
    with pytest.raises(kctopt.ScenarioErrors, match="did you mean 'carry_share'"):
        tiny().money.model_copy(update={"cary_share": 0.1})


def test_what_pydantic_lets_through_is_found() -> None:
    with pytest.raises(kctopt.ScenarioErrors, match=r"Scenario: lacks label, .*give them all"):
        kctopt.solve(Scenario.model_construct(name="bare"))
    whole = {name: getattr(tiny(), name) for name in Scenario.model_fields}
    odd = Scenario.model_construct(**whole)
    vars(odd)["extra"] = 1
    with pytest.raises(kctopt.ScenarioErrors, match="extra: unknown key"):
        kctopt.load(odd)
    assert kctopt.load(Scenario.model_construct(**whole)) == tiny()
    edited = tiny(budget={2026: 60.0, 2029: 60.0})
    assert isinstance(edited.budget.root, dict)
    edited.budget.root[2027] = -1.0  # a dict inside a frozen record
    with pytest.raises(kctopt.ScenarioErrors, match=r"budget\.2027: must not be negative"):
        kctopt.build(edited)


@pytest.mark.parametrize("name", bundled_scenarios())
def test_a_loaded_scenario_passes_unchanged(name: str) -> None:
    scenario = kctopt.load(name)
    assert kctopt.load(scenario) == scenario


@pytest.mark.parametrize("world", [tiny, small, options])
def test_a_scenario_of_the_tests_passes_unchanged(world: Callable[[], Scenario]) -> None:
    assert kctopt.load(world()) == world()


def test_a_scenario_is_changed_by_path() -> None:
    scenario = kctopt.load(tiny(), set={"money.carry_share": 0.2}, scale={"budget": 0.5}, add={"policies": FLOOR})
    assert scenario.money.carry_share == 0.2
    assert scenario.budget.at([2026])[0] == 0.5 * tiny().budget.at([2026])[0]
    assert scenario.policies == (SpendPolicy.model_validate(FLOOR),)
    assert tiny().money.carry_share != 0.2
    with pytest.raises(kctopt.ScenarioErrors, match="did you mean 'carry_share'"):
        kctopt.load(tiny(), set={"money.cary_share": 0.2})


def test_a_file_is_scaled_and_added_to() -> None:
    plain = kctopt.load("baseline")
    scenario = kctopt.load("baseline", scale={"budget": 0.5}, add={"kct.rho": -0.25})
    assert scenario.budget.at([2030])[0] == pytest.approx(0.5 * plain.budget.at([2030])[0], rel=1e-15)
    assert scenario.kct.rho == plain.kct.rho - 0.25


def test_a_changed_scenario_is_solved_and_says_what_was_changed() -> None:
    changed = kctopt.solve(tiny(), set={"budget": 50.0}, gap=1e-3)
    plain = kctopt.solve(tiny(budget=50.0), gap=1e-3)
    assert changed.scenario.model_copy(update={"provenance": ()}) == plain.scenario
    assert changed.objective == plain.objective
    assert changed.origin == {"budget": "set= of the call"}
    assert changed.options["set"] == {"budget": 50.0}
    assert kctopt.build(tiny(), set={"budget": 50.0}).scenario == changed.scenario
    assert kctopt.diagnose(tiny(), set={"budget": 50.0}).scenario == changed.scenario


def test_a_policy_given_as_a_dict_has_effect() -> None:
    floor = FLOOR | {"amount": 30.0}
    result = kctopt.solve(tiny().model_copy(update={"policies": [floor]}), gap=1e-3)
    spend = result.allocation.query("domain == 'chips'").groupby("year")["amount"].sum()
    assert spend.min() >= 30 - 1e-6
    assert result.scenario.policies == (SpendPolicy.model_validate(floor),)


def test_a_series_of_pandas_is_read_by_year() -> None:
    by_year = pd.Series([60.0, 50.0], index=[2026, 2029])
    assert kctopt.load(tiny(), set={"budget": by_year}).budget.root == {2026: 60.0, 2029: 50.0}
    assert kctopt.load(tiny().model_copy(update={"budget": by_year})).budget.root == {2026: 60.0, 2029: 50.0}
    with pytest.raises(kctopt.ScenarioErrors, match="'0' is not a year; write"):
        kctopt.load(tiny(), set={"budget": pd.Series([60.0, 50.0])})
    with pytest.raises(kctopt.ScenarioErrors, match="a pandas Series that gives 2026 twice"):
        kctopt.load(tiny(), set={"budget": pd.Series([60.0, 50.0], index=[2026, 2026])})


def test_a_program_takes_no_changes() -> None:
    program = kctopt.build(tiny())
    with pytest.raises(UsageError, match="give set= to build"):
        kctopt.solve(program, set={"budget": 1})
    for door in (kctopt.load, kctopt.build):
        with pytest.raises(UsageError, match=r"its scenario is `program.scenario`"):
            door(program)  # type: ignore[operator]


@pytest.mark.parametrize("gap", [-1, math.nan, math.inf, "1e-3", True, None])
def test_a_gap_is_a_number_from_zero_on(gap: Any) -> None:
    for call in (kctopt.solve, kctopt.compare):
        with pytest.raises(UsageError, match=r"gap=.*needs a number from 0 on"):
            call("baseline", gap=gap)


@pytest.mark.parametrize("limit", [0, -1, math.nan, math.inf, "60", False])
def test_a_time_limit_is_above_zero(limit: Any) -> None:
    for call in (kctopt.solve, kctopt.compare, kctopt.diagnose):
        with pytest.raises(UsageError, match=r"time_limit=.*needs seconds above 0, such as 60, or None"):
            call("baseline", time_limit=limit)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (3, "source 3: needs the name"),
        (None, "source None: needs the name"),
        ({"extends": "baseline"}, r"write a dict to a YAML file, or name a scenario and give the changes as set="),
        (io.StringIO("extends: baseline"), "write the text to a file and give its path"),
        (pd.DataFrame({"a": [1]}), "write the table to a workbook or a CSV file"),
        (b"baseline", "a bytes b'baseline'"),
    ],
)
@pytest.mark.parametrize("door", DOORS)
def test_a_source_of_another_kind(door: str, source: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        DOORS[door](source)


def test_an_open_file_is_no_source(tmp_path: Path) -> None:
    place = tmp_path / "case.yaml"
    place.write_text("extends: baseline\n", encoding="utf-8")
    with (
        place.open(encoding="utf-8") as stream,
        pytest.raises(UsageError, match=r"of an open file give the path: .*case"),
    ):
        kctopt.load(stream)  # type: ignore[arg-type]


def test_other_arguments_of_another_kind() -> None:
    with pytest.raises(UsageError, match=r"set=3: needs a mapping of paths to values"):
        kctopt.load("baseline", set=3)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"scale=0.5: needs a mapping .*budget"):
        kctopt.load("baseline", scale=0.5)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="save=True: needs the folder for the run"):
        kctopt.solve("baseline", save=True)  # type: ignore[arg-type]
    for call in (kctopt.open, kctopt.verify):
        with pytest.raises(UsageError, match="run=3: needs a run folder"):
            call(3)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def answered() -> dict[str, Any]:
    """A result, a comparison, a diagnosis and what can be attained: all that tells itself and writes itself."""
    result = kctopt.solve(tiny(), gap=1e-2)
    return {
        "Result": result,
        "Comparison": result.compare(result),
        "Diagnosis": kctopt.diagnose(tiny()),
        "Attainable": attainable(tiny().model_copy(update={"policies": (NEAR,)})),
    }


LANGS = {
    "Result": ("sentences", "summary", "plot.security", "report", "to_excel"),
    "Comparison": ("summary", "to_markdown", "to_html", "to_excel"),
    "Diagnosis": ("text", "sentences"),
    "Attainable": ("sentences",),
}
FIRST = {"report": "x.xlsx", "to_excel": "x.xlsx"}


@pytest.mark.touches("openpyxl", "altair")
@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in LANGS.items() for name in names])
@pytest.mark.parametrize("lang", ["fr", None, 3, ["en"]])
def test_a_language_is_en_or_zh(kind: str, name: str, lang: Any, answered: dict[str, Any], tmp_path: Path) -> None:
    call = attrgetter(name)(answered[kind])
    first = [tmp_path / FIRST[name]] if name in FIRST else [tiny()] if kind == "Attainable" else []
    with pytest.raises(UsageError, match=r"lang=.*: needs en or zh"):
        call(*first, lang=lang)
    assert not list(tmp_path.iterdir())


PATHS = {
    "Result": ("save", "saved", "report", "to_excel", "to_netcdf"),
    "Comparison": ("to_excel",),
    "Diagnosis": ("save",),
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in PATHS.items() for name in names])
@pytest.mark.parametrize("path", [None, 3, "", b"x"])
def test_a_place_is_text_or_a_path(kind: str, name: str, path: Any, answered: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"(path|target|folder)=.*: needs the .*, as text or a Path"):
        getattr(answered[kind], name)(path)
    with pytest.raises(UsageError, match=r"place=.*needs a run folder"):
        kctopt.Collection.open(path)


@pytest.mark.parametrize("name", ["region", "scenario"])
@pytest.mark.parametrize("given", ["", "  ", 3, b"x", "a\x07b", "a\nb"])
def test_names_in_iamc_are_text_on_one_line(name: str, given: Any, answered: dict[str, Any]) -> None:
    words = "holds the control character" if isinstance(given, str) and given.strip() else "needs the name of the"
    with pytest.raises(UsageError, match=f"{name}=.*{words}"):
        answered["Result"].to_iamc(**{name: given})
    assert answered["Result"].to_iamc("中国", scenario="x y")["region"].unique().tolist() == ["中国"]


@pytest.mark.parametrize("given", [3, None, "doc"])
def test_a_format_is_known(given: Any, answered: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"format=.*needs one of html, pdf, docx, pptx, xlsx, or none where"):
        answered["Result"].report(tmp_path / "x", format=given)


@pytest.mark.parametrize("option", [{"gap": -1}, {"time_limit": 0}, {"low": math.nan}, {"tolerance": "x"}])
def test_analyses_check_their_arguments(option: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"{next(iter(option))}=.*needs"):
        FlipsOptions("budget", **option)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--gap", "nan", "nan is not a finite number from 0"),
        ("--gap", "-1", "is not in the range x>=0"),
        ("--time-limit", "0", "is not in the range x>0"),
        ("--time-limit", "nan", "nan is not a finite number above 0"),
        ("--time-limit", "inf", "inf is not a finite number above 0"),
    ],
)
@pytest.mark.parametrize("command", [["solve", "baseline"], ["compare", "baseline", "baseline"]])
def test_options_of_the_command_line_are_checked(command: list[str], option: str, value: str, words: str) -> None:
    end = CliRunner().invoke(main, [*command, option, value])
    assert end.exit_code == 2
    assert words in " ".join(end.stderr.replace("│", "").split())
