"""Discrete decisions in a result: their tables, the choices read back from them, their rules with both sides."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from decided import MODES, ROUTES, STAGES, decided, decided_result
from fakes import fake_outcome
from worlds import tiny

from kctopt import Result
from kctopt.api import open as open_run
from kctopt.result.choices import choices_of
from kctopt.result.fields import TABLES, Columns
from kctopt.result.schemas import NEW_TABLES
from kctopt.rules import breaches
from kctopt.simulator import Choices, simulate, to_base_plan


@pytest.fixture(scope="module")
def result() -> Result:
    return decided_result()


def tables(result: Result) -> dict[str, Columns]:
    return {name: result.columns(name) for name in TABLES}


def test_the_plan_made_by_hand_holds(result: Result) -> None:
    assert result.breaches == []
    assert result.verified


def test_regimes_say_when_a_line_switches_and_is_held_back(result: Result) -> None:
    table = result.regimes.set_index(["line", "review"])
    assert len(table) == 4 * 4
    assert table.index[table.switched].tolist() == [("ai-M", 2029)]
    assert table.index[table.held_back].tolist() == [("ai-M", 2027), ("ai-M", 2028)]
    row = table.loc[("ai-M", 2029)]
    assert (row["stage"], row["stage_before"]) == ("near", "reach")
    assert (table.loc["ai-M"]["stage_before"].tolist()[0], table.loc[("chips-B", 2027), "stage_before"]) == ("", "far")
    at = table.loc[("ai-M", 2028)]
    assert at["near"] == pytest.approx(0.25 + 0.1 * 0.2 * 0.6)  # near + chi sigma e
    assert at["far"] == pytest.approx(0.60 - 0.05 * 0.2 * 0.6)
    assert at["gap"] == pytest.approx(at["near"]), "held to just the limit"
    assert result.trajectory is not None
    assert at["gap"] == result.trajectory.gap[3, 2], "at the end of the year before the review"


def test_restraint_lists_what_is_not_built(result: Result) -> None:
    given = result.choices.restraint
    assert given is not None
    table = result.restraint
    assert len(table) == (given > 0).sum() == 3
    assert table["rung"].tolist() == ["F", "P", "R"]
    assert set(table["line"]) == {"ai-M"}
    assert set(table["year"]) == {2027}
    assert table["amount"].tolist() == given[3, :, 1].tolist()


@pytest.mark.parametrize(("factor", "held"), [(1.0, []), (1.5, ["ai-M"])])
def test_a_line_is_held_back_only_near_the_limit_of_the_near_stage(factor: float, held: list[str]) -> None:
    """Both lines are restrained in 2027 to five points below; only one that had the money would be near in 2028."""
    scenario, money, choices = decided()
    strategic = to_base_plan(scenario).strategic.copy()
    strategic[3] *= factor
    restraint = np.zeros((4, 3, 6))
    restraint[[1, 3], :, 1] = 5.0
    changed = replace(choices, stage=np.array([[0] * 4, [1] * 4, [2] * 4, [1] * 4]), restraint=restraint)
    plan = replace(money, strategic=strategic)
    table = Result.of(scenario, fake_outcome(scenario, money=plan, choices=changed)).regimes
    assert table[table.held_back & (table.review == 2028)]["line"].tolist() == held


def test_cooperation_says_what_a_mode_costs_and_brings(result: Result) -> None:
    table = result.cooperation.set_index(["domain", "plan"])
    assert table["mode"].tolist() == ["guarded", "closed", "open", "open"]
    assert table["mode_before"].tolist() == ["guarded", "guarded", "open", "open"]
    closed = table.loc[("chips", "2028-29")]
    assert bool(closed["changed"])
    assert closed["change_cost"] == 0.5
    assert closed["market_gain"] == pytest.approx(0.6 * -0.5)
    assert table.loc[("ai", "2026-27"), "market_gain"] == 0, "open as in the base year"
    assert closed["exchange_spend"] == pytest.approx(2 * 0.1)  # of chips-S; chips-B is far
    assert closed["exposure"] == pytest.approx(2 * 0.1 * 0.9 * 0.5)
    assert result.trajectory is not None
    assert table["market_gain"].groupby("plan").sum().tolist() == pytest.approx(result.trajectory.market[[1, 3]])
    assert table["change_cost"].sum() == result.trajectory.change_cost.sum()


def test_programmes_say_when_they_run_and_what_they_promise(result: Result) -> None:
    table = result.programmes.set_index("programme")
    race = table.loc["scanner-race"]
    assert (race["start"], race["end"], race["routes"], race["mode"]) == (2028, 2029, 3, "horse_race")
    assert race["success"] == 1 - 0.5**3
    assert race["gain"] == 3.0 * race["success"]
    assert race["cost"] == 3 * 2.0
    assert race["researchers"] == 3.0
    assert race["reward"] == 0.5 * race["success"]
    assert result.trajectory is not None
    assert table["cost"].sum() == result.trajectory.programme_cost.sum()


def test_a_programme_that_is_not_launched_has_a_row_too() -> None:
    scenario, money, choices = decided()
    none = Result.of(scenario, fake_outcome(scenario, money=money, choices=replace(choices, routes=None)))
    table = none.programmes
    assert not table["selected"].any()
    assert table["start"].isna().all()
    assert (table["cost"].sum(), table["reward"].sum()) == (0, 0)


def test_choices_come_back_from_the_tables(result: Result) -> None:
    back = choices_of(result.scenario, tables(result))
    for name in ("stage", "mode", "routes", "restraint"):
        np.testing.assert_array_equal(getattr(back, name), getattr(result.choices, name))


def test_choices_left_to_the_law_come_back_as_what_it_leads_to() -> None:
    scenario, money, _ = decided()
    result = Result.of(scenario, fake_outcome(scenario, money=money))
    back = choices_of(scenario, tables(result))
    assert result.trajectory is not None and back.stage is not None
    np.testing.assert_array_equal(back.stage, result.trajectory.review_stage)
    np.testing.assert_array_equal(back.mode, [[1, 1], [2, 2]])
    assert back.restraint is None
    again = simulate(scenario, money, choices=back)
    assert again.objective == result.trajectory.objective


@pytest.mark.parametrize(
    ("table", "column", "value", "says"),
    [
        ("regimes", "stage", "nearly", "regimes, line 2: stage 'nearly' is not one of far, reach, near"),
        ("regimes", "line", "chips-X", "regimes, line 2: chips-X, 2026 is not in the scenario"),
        ("regimes", "review", 2027, "regimes, line 3: chips-B, 2027 stands there twice"),
        ("cooperation", "mode", "shut", "mode 'shut' is not one of closed, guarded, open"),
        ("cooperation", "plan", "2030-31", "cooperation, line 2: chips, 2030-31 is not in the scenario"),
        ("restraint", "rung", "Q", "restraint, line 2: ai-M, Q, 2027 is not in the scenario"),
        ("programmes", "programme", "moon", "programmes: no row for light-source"),
        ("programmes", "start", 2031, "light-source, 2031 is not in the scenario"),
        ("programmes", "routes", 0, "programmes, line 2 of those selected: 0 routes"),
    ],
)
def test_a_table_that_cannot_be_read_is_told(result: Result, table: str, column: str, value: object, says: str) -> None:
    changed = {name: dict(columns) for name, columns in tables(result).items()}
    changed[table][column] = changed[table][column].copy()
    changed[table][column][0] = value
    with pytest.raises(ValueError, match=says):
        choices_of(result.scenario, changed)


def test_a_missing_row_is_told(result: Result) -> None:
    for name, says in (("regimes", "no row for ai-M, 2029"), ("cooperation", "no row for ai, 2028-29")):
        cut = tables(result)
        cut[name] = {column: values[:-1] for column, values in cut[name].items()}
        with pytest.raises(ValueError, match=says):
            choices_of(result.scenario, cut)


def test_a_run_with_choices_opens_as_the_result_it_was(result: Result, tmp_path: Path) -> None:
    back = open_run(result.save(tmp_path / "run"))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(back, name), getattr(result, name))
    assert back.trajectory is not None and result.trajectory is not None
    assert back.trajectory.objective == result.trajectory.objective
    assert back.breaches == []
    assert back.sentences() == result.sentences()


def test_excel_and_notebook_hold_decisions(result: Result, tmp_path: Path) -> None:
    with zipfile.ZipFile(result.to_excel(tmp_path / "run.xlsx")) as book:
        sheets = book.read("xl/workbook.xml").decode()
    assert all(f'name="data_{name}"' in sheets for name in NEW_TABLES)
    assert "ai M enters the near stage in 2029." in result._repr_html_()


def test_tables_are_empty_where_no_option_is_on() -> None:
    result = Result.of(tiny(), fake_outcome(tiny()))
    assert all(getattr(result, name).empty for name in NEW_TABLES)
    assert choices_of(result.scenario, tables(result)) == Choices()


def broken(name: str) -> Choices:
    """The choices with one of them spoiled."""
    choices = decided()[2]
    stage, mode, routes, restraint = STAGES.copy(), MODES.copy(), ROUTES.copy(), choices.restraint
    match name:
        case "near":
            restraint = None
        case "entry":
            stage[0, 1:] = 1
        case "ratchet":
            stage[2, 2:] = 1
        case "jump":
            stage[0, 3] = 2
        case "mode":
            mode[:] = 0
        case "requires":
            routes = np.array([[0, 1, 0, 0], [0, 0, 1, 0]])
        case "alone":
            routes = np.array([[0, 0, 0, 0], [0, 0, 1, 0]])
        case "start":
            routes = np.array([[1, 1, 0, 0], [0, 0, 0, 0]])
        case "researchers":
            routes = np.array([[4, 0, 0, 0], [0, 0, 0, 0]])
    return Choices(stage=stage, mode=mode, routes=routes, restraint=restraint)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("near", "switching.near[ai-M,2028]"),
        ("entry", "switching.entry[chips-B,2027]"),
        ("ratchet", "switching.ratchet[ai-A,2028]"),
        ("jump", "switching.ratchet[chips-B,2029]"),
        ("mode", "quadrants.exchange_cap[ai-M,2026]"),
        ("requires", "programmes.requires[scanner-race,light-source]"),
        ("alone", "programmes.requires[scanner-race,light-source]"),
        ("start", "programmes.start[light-source]"),
        ("researchers", "programmes.researchers[2026]"),
        ("scale", "scale.minimum[chips-S,2026-27]"),
        ("band", "policies.chips-together[chips-S,chips-B,2026]"),
        ("open", "switching.exchange_open[chips-B,2026]"),
        ("excludes", "programmes.excludes[light-source,scanner-race]"),
    ],
)
def test_rules_of_the_options_agree_with_the_simulator(name: str, rule: str) -> None:
    """The rules with negative slack are those that the simulator names."""
    changes = {
        "scale": {"lines__1__min_scale": 11.0},
        "band": {
            "policies": [{"id": "chips-together", "kind": "band", "lines": ["chips-B", "chips-S"], "width": 0.11}]
        },
        "excludes": {"programmes__0__excludes": "scanner-race", "programmes__1__excludes": "light-source"},
        "mode": {"modes__0__max_exchange": 0.05},
    }
    scenario, money, _ = decided(**changes.get(name, {}))
    if name == "open":
        money = replace(money, exchange=money.exchange + 0.1)
    choices = broken(name)
    result = Result.of(scenario, fake_outcome(scenario, money=money, choices=choices))
    table = result.constraints
    found = set(table[table.slack < -1e-6 * np.maximum(1, table.right.abs())].rule)
    named = {breach.rule for breach in breaches(scenario, money, choices=choices)}
    assert rule in named
    inside = {rule for rule in named if not rule.startswith("programmes.start")}  # a window has no two sides
    assert found - {"programmes.start[light-source]"} == inside
    assert not result.verified


def test_costs_of_decisions_stand_in_the_budget(result: Result) -> None:
    table = result.constraints.set_index("rule")
    assert result.money is not None and result.trajectory is not None
    spend = result.money.spend.sum(axis=0)
    extra = [1.5, 2.0, 3.0 + 0.5, 3.0]
    for n, year in enumerate((2026, 2027, 2028, 2029)):
        out = table.loc[f"money.carry[{year}]", "left"]
        assert table.loc[f"money.budget[{year}]", "left"] == pytest.approx(spend[n] + extra[n] + out)


def test_prices_of_inner_rows_are_left_out_and_those_of_rules_kept() -> None:
    scenario, money, choices = decided()
    given = {
        "switching.near_forced[ai-M,2028]": 0.2,
        "switching.one_stage[ai-M,2028]": 0.3,
        "switching.ratchet[ai-M,2028,far]": 0.3,
        "modes.inflow_law[ai-M,2026,open]": 0.4,
        "modes.limit[ai-M,2026,open]": 0.1,
        "modes.limit[ai-M,2026,closed]": 0.9,
        "modes.floor[chips-S,2028,closed]": -0.1,
        "tranches.within[ai-A,P,2026]": 0.5,
        "programmes.researchers[2028]": 0.6,
        "scale.off[chips-S,2026]": 0.7,
        "scale.minimum[chips-S,2026]": -0.3,
        "scale.minimum[chips-S,2027]": -0.2,
    }
    result = Result.of(scenario, fake_outcome(scenario, money=money, choices=choices, prices=given))
    table = result.constraints.set_index(["rule", "sense"])["price"].dropna()
    assert table.to_dict() == {
        ("quadrants.exchange_cap[ai-M,2026]", "<="): 0.1,
        ("switching.near[ai-M,2028]", "<="): 0.2,
        ("scale.minimum[chips-S,2026-27]", ">="): -0.5,
    }
    assert "quadrants.exchange_floor[chips-S,2028]" in result.prices  # a floor of 0 has no row in the table
