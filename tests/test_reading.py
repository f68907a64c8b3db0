"""What is read and told: numbers, years, characters, places of faults, input that does less than it seems to."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from model_files import LINES, TABLES, write_model, write_scenario
from workbooks import faults, made
from worlds import tiny

from kctopt.api import load as load_scenario
from kctopt.cli.main import main
from kctopt.errors import ScenarioErrors
from kctopt.scenario.load import load
from kctopt.scenario.select import policy_years


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "model")
    write_scenario(tmp_path, "model: ./model\n", "base.yaml")
    return tmp_path


def said(folder: Path, text: str) -> list[str]:
    return faults(str(write_scenario(folder, f"extends: ./base.yaml\n{text}\n")))


@pytest.mark.parametrize("text", ["1 234", "1'234", "12..5", "1’234.5", "1 234", "1,234", "12.5.1"])
def test_wrong_numbers_are_told_as_wrong_numbers(folder: Path, text: str) -> None:
    place = "case.yaml:2:20: budget.2026"
    remedy = "use a point for decimals and no separators"
    assert said(folder, f'set: {{budget.2026: "{text}"}}') == [f"{place}: '{text}' is not a number; {remedy}"]


@pytest.mark.parametrize("text", ["12 1/year", "12 kg", "12 $"])
def test_wrong_units_are_told_as_wrong_units(folder: Path, text: str) -> None:
    (fault,) = said(folder, f"set: {{budget.2026: {text}}}")
    assert f"is in billion CNY/year, but the text says '{text}'" in fault


def test_the_hint_for_full_width_digits_is_what_to_write(folder: Path) -> None:
    place = "case.yaml:2:20: budget.2026"
    assert said(folder, "set: {budget.2026: １２．５}") == [f"{place}: '１２．５' is in full-width digits; write 12.5"]
    place = "case.yaml:2:26: money.carry_share"
    assert said(folder, "set: {money.carry_share: 50％}") == [f"{place}: '50％' is a percentage; write 0.5"]
    assert said(folder, "set: {money.carry_share: ５０％}") == [f"{place}: '５０％' is a percentage; write 0.5"]
    (fault,) = said(folder, "set: {budget.2026: １２ ｋｇ}")
    assert "is in billion CNY/year, but the text says '１２ ｋｇ'; convert it" in fault


def test_full_width_numbers_read_alike_in_tables_and_in_workbooks(folder: Path) -> None:
    text = LINES.replace("0.8,0.9,40", "０．８,0.9,４０").replace("0.01,0.03,20", "－0.01,0.03,20")
    write_model(folder / "model", lines=text)
    line = load("base.yaml").scenario.lines[0]
    assert (line.sensitivity, line.capability, line.trend) == (0.8, 40, -0.01)
    book = made(folder)
    book.put("lines", "ai-B", "capability", "４５．５")
    assert load(book.save()).scenario.lines[0].capability == 45.5


def test_years_may_be_written_as_plans_are_called(folder: Path) -> None:
    rule = "policies: [{id: a, kind: floor, domain: ai, amount: 1, years: 2026-28}]"
    scenario = load(write_scenario(folder, f"extends: ./base.yaml\n{rule}\n")).scenario
    assert policy_years(scenario.policies[0].years, scenario.horizon) == (2026, 2027, 2028)  # type: ignore[union-attr]
    assert "lies outside the planned years" in said(folder, rule.replace("2026-28", "2026-25"))[0]
    (fault,) = said(folder, rule.replace("2026-28", "2030-2026"))
    assert fault.startswith("case.yaml:2:")
    assert fault.endswith(": policies[a].years: 2030-2026 runs backwards; write 2026-2030")


def test_full_width_years_are_read_in_rules_and_in_series(folder: Path) -> None:
    text = (
        "set: {budget: {２０２６: 100, 2030: 120}}\nscale: {budget.２０２６: 1.5}\n"
        "policies: [{id: a, kind: floor, domain: ai, amount: 1, years: ２０２６－２０２８}]\n"
    )
    loaded = load(write_scenario(folder, f"extends: ./base.yaml\n{text}"))
    scenario = loaded.scenario
    assert scenario.budget.root == {2026: 150, 2030: 120}
    assert str(loaded.origin["budget.2026"]) == "case.yaml:3 (times 1.5, from case.yaml:2)"
    assert policy_years(scenario.policies[0].years, scenario.horizon) == (2026, 2027, 2028)  # type: ignore[union-attr]
    assert "key given twice" in said(folder, "set: {budget: {２０２６: 100, 2026: 120}}")[0]
    assert "is not a year" in said(folder, "set: {budget: {２０２: 100}}")[0]


def test_years_of_tables_may_be_whole_floats() -> None:
    pandas = pytest.importorskip("pandas")
    budget = pandas.Series({2026.0: 60.0, 2029.0: 70.0})
    rule = {"id": "a", "kind": "floor", "domain": "chips", "amount": 1.0, "years": 2027.0}
    scenario = load_scenario(tiny(), set={"budget": budget, "policies": [rule]})
    assert scenario.budget.root == {2026: 60.0, 2029: 70.0}
    assert policy_years(scenario.policies[0].years, scenario.horizon) == (2027,)  # type: ignore[union-attr]
    with pytest.raises(ScenarioErrors, match=r"'2026.5' is not a year"):
        load_scenario(tiny(), set={"budget": pandas.Series({2026.5: 60.0})})


def test_text_is_read_by_one_rule_in_every_change() -> None:
    """As YAML: a number written as text counts, one in quotes of its own does not."""
    for way in ("set", "scale", "add"):
        assert load(tiny(), **{way: {"budget": "0.9"}}).scenario.budget.root in (0.9, 54.0, 60.9)
        with pytest.raises(
            ScenarioErrors, match=rf"{way}= of the call: budget: '0.9' is text; write 0.9 without quotes"
        ):
            load(tiny(), **{way: {"budget": "'0.9'"}})


def test_control_characters_are_refused_wherever_they_are_read(folder: Path) -> None:
    assert said(folder, 'label: {en: "a\\ab", zh: b}') == [
        "case.yaml:2:13: label.en: holds the control character U+0007; delete it; text may hold letters, signs and "
        "line ends"
    ]
    assert "case.yaml:2:7: name: holds the control character U+0000" in said(folder, 'name: "a\\0"')[0]
    write_model(folder / "model", domains=TABLES["domains.csv"].replace("AI,", "A\x1fI,"))
    assert faults("base.yaml")[0].startswith(
        "model/domains.csv:2: domains[ai].label.en: holds the control character U+001F"
    )
    write_model(folder / "model")
    scenario = tiny(intent="a\x00b")
    with pytest.raises(ScenarioErrors, match=r"intent: holds the control character U\+0000"):
        load_scenario(scenario)
    with pytest.raises(ScenarioErrors, match=r"lines\[chips-B\].label.zh: holds the control character U\+FFFE"):
        load_scenario(tiny(lines__0__label={"en": "a", "zh": "\ufffe"}))


def test_control_characters_in_a_cell(folder: Path) -> None:
    book = made(folder)
    cell = book.put("scenario", "intent", "value", "bell here")
    file = book.save()
    with zipfile.ZipFile(file) as old:
        parts = {name: old.read(name).replace(b"bell here", b"bell_x0007_here") for name in old.namelist()}
    with zipfile.ZipFile(file, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)
    assert faults(file)[0].startswith(f"case.xlsx:{cell}: intent: holds the control character U+0007")


def test_a_fault_is_told_where_the_value_was_last_set(folder: Path) -> None:
    assert said(folder, "set: {budget.2026: -5}")[0].startswith("case.yaml:2:20: budget.2026: must not be negative")
    assert said(folder, "set: {controls.intensity: {2026: .2, 2030: 3}}")[0].startswith(
        "case.yaml:2:44: controls.intensity.2030: must lie between 0 and 1"
    )
    floor = "policies: [{id: a, kind: floor, domain: ai, amount: 90}]\n"
    write_scenario(folder, f"model: ./model\n{floor}", "base.yaml")
    assert said(folder, "set: {budget.2026: 10}")[0].startswith("case.yaml:2:20: budget.2026: floors of 2026")
    assert said(folder, "set: {budget.2030: 0}")[0].startswith("case.yaml:2:20: budget.2030: floors of 20")
    assert said(folder, "scale: {budget: .1}")[0].startswith("case.yaml:2:9: budget.20")
    assert said(folder, "policies: [{id: b, kind: cap, domain: ai, amount: 80}]")[0].startswith(
        "case.yaml:2:51: policies[b].amount: floor 90 lies above the cap"
    )
    done = CliRunner().invoke(main, ["show", "base.yaml", "--set", "budget.2026=10"])
    assert done.stderr.startswith("command line: budget.2026: floors of 2026")


@pytest.mark.parametrize(
    ("rule", "path", "value", "fault"),
    [
        ("kind: floor, domain: ai, amount: 60", "lines[quantum-M].floor", 150, "floors of"),
        ("kind: floor, line: ai-B, amount: 50", "lines[ai-B].cap", 40, "floor 50 lies above the caps of its lines"),
        ("kind: cap, domain: ai, amount: 30", "lines[ai-A].floor", 35, "cap 30 lies below the floors of its lines"),
    ],
)
def test_a_fault_of_a_line_and_a_rule_is_told_where_the_last_of_them_was_set(
    folder: Path, rule: str, path: str, value: int, fault: str
) -> None:
    write_scenario(folder, f"model: ./model\npolicies: [{{id: a, {rule}}}]\n", "base.yaml")
    with pytest.raises(ScenarioErrors) as caught:
        load_scenario("base.yaml", set={path: value})
    (one,) = map(str, caught.value.faults)
    assert one.startswith(f"set= of the call: {path}: {fault}")
    assert fault != "floors of" or f"(lines[quantum-M].floor {value}" in one or f", {path} {value}" in one


def test_a_fault_of_a_cell_is_told_at_the_cell(folder: Path) -> None:
    write_scenario(folder, "model: ./model\npolicies: [{id: a, kind: floor, domain: ai, amount: 90}]\n", "base.yaml")
    book = made(folder)
    cell = book.put("years", "budget", 2026, 10)
    assert faults(book.save())[0].startswith(f"case.xlsx:{cell}: budget.2026: floors of 2026")


def test_a_value_set_twice_by_two_paths_is_a_fault(folder: Path) -> None:
    text = "set:\n  budget: {2026: 90, 2030: 95}\n  budget.2030: 100\n"
    text += "  lines[domain=ai].growth: .3\n  lines[ai-A].growth: .4"
    hint = "keep one of the two, or set each value once"
    assert said(folder, text) == [
        f"case.yaml:4:3: budget.2030: sets what 'budget' (case.yaml:3) sets too; {hint}",
        f"case.yaml:6:3: lines[ai-A].growth: sets what 'lines[domain=ai].growth' (case.yaml:5) sets too; {hint}",
    ]
    assert "sets what 'kct' (case.yaml:2) sets too" in said(folder, "set: {kct: {rho: -2}, kct.rho: -1}")[0]
    assert said(folder, "set: {kct: {rho: -2}, kct.rho_domains: -1}\nscale: {kct.rho: 2}") == []
    done = CliRunner().invoke(main, ["show", "base.yaml", "--set", "budget=10", "--set", "budget=20"])
    assert done.exit_code == 2 and "budget: is given twice" in done.stderr


def test_a_series_that_is_flat_is_told(folder: Path) -> None:
    def notes(text: str) -> tuple[str, ...]:
        return load(write_scenario(folder, f"extends: ./base.yaml\nset: {text}\n")).notes

    assert notes("{budget: {2040: 600}}") == (
        "budget states 2040 only, no planned year: it is 600 in every year from 2026 to 2030",
    )
    assert notes("{budget: {2027: 600}}") == ("budget states 2027 only: it is 600 in every year from 2026 to 2030",)
    assert notes("{controls.intensity: {2031: .2, 2035: .8}}") == (
        "controls.intensity states 2031-2035 only, no planned year: it is 0.2 in every year from 2026 to 2030",
    )
    assert notes("{budget: {2026: 100, 2030: 100}}") == ()


def test_a_domain_without_spillovers_is_told(folder: Path) -> None:
    domain = "domains: [{id: bio, label: {en: Bio, zh: 生物}, weight: .1}]"
    line = "lines: [{id: bio-B, label: {en: B, zh: B}, domain: bio, bottleneck: 1, accelerator: 0, " \
        "moat: 0, security: 0, " \
        "sensitivity: .5, growth: .5, capability: 40, rival_growth: 0, spend: 5, exchange_share: .1, " \
        "substitution_share: .1}]"  # fmt: skip
    loaded = load(write_scenario(folder, f"extends: ./base.yaml\nadd:\n  {domain}\n  {line}\n"))
    assert loaded.notes == (
        "spillovers has no row for domain bio: no accelerator raises research in it, not even its own, and its "
        "accelerators raise no other",
    )
