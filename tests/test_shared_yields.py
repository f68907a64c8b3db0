"""`calibration.yields`: the yields of another scenario, or stated ones, in place of the base year's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from model_files import write_model, write_scenario
from pytest import approx
from second_writing import base_year, evaluate
from second_writing.model import Model
from second_writing.numbers import read_scenario
from worlds import tiny

from kctopt.errors import ScenarioErrors
from kctopt.result.provenance import provenance
from kctopt.result.schemas import scenario_hash
from kctopt.scenario.calibrate import base_values, calibrate, carried_trends, with_yields
from kctopt.scenario.load import Loaded, checked_values, dump, load
from kctopt.scenario.records import RUNGS, Scenario
from kctopt.scenario.remarks import remarks
from kctopt.scenario.told import told
from kctopt.simulator import simulate, to_base_plan


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Working folder with the small model in `world`, a base scenario, and one whose lines have another trend."""
    write_model(tmp_path / "world")
    monkeypatch.chdir(tmp_path)
    write_scenario(tmp_path, "model: ./world\n", "base.yaml")
    write_scenario(tmp_path, "extends: ./base.yaml\nset: {'lines[ai-B].trend': .02}\n", "faster.yaml")
    return tmp_path


def case(folder: Path, text: str, name: str = "case.yaml") -> Loaded:
    return load(write_scenario(folder, text, name))


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(ScenarioErrors) as caught:
        case(folder, text)
    return [str(fault) for fault in caught.value.faults]


SHARED = "extends: ./base.yaml\nset:\n  calibration.yields: {from: ./faster.yaml}\n"


def test_yields_are_those_of_the_scenario_that_is_named(folder: Path) -> None:
    loaded = case(folder, SHARED)
    faster, base = (load(folder / f"{name}.yaml").scenario for name in ("faster", "base"))
    expected = calibrate(faster).yields
    assert (calibrate(loaded.scenario).yields == expected).all()
    assert not (calibrate(base).yields == expected).all()
    values = loaded.scenario.calibration.yields.values
    assert [entry.id for entry in values] == [line.id for line in base.lines]
    assert values[0].by_rung == tuple(expected[0])


def test_the_scenario_holds_values_and_name_and_needs_no_other_file(folder: Path) -> None:
    loaded = case(folder, SHARED)
    assert {"faster.yaml", "base.yaml", "case.yaml"} <= set(loaded.hashes)
    assert str(loaded.origin["calibration.yields.values[ai-B].F"]) == "case.yaml:3"
    alone = folder / "alone"
    alone.mkdir()
    (alone / "scenario.yaml").write_text(dump(loaded.scenario), encoding="utf-8")
    (folder / "faster.yaml").unlink()
    again = load(alone).scenario
    assert again == loaded.scenario and again.calibration.yields.source == "./faster.yaml"


def test_provenance_says_where_yields_are_from(folder: Path) -> None:
    table = provenance(case(folder, SHARED).scenario, {})
    rows = [n for n, path in enumerate(table["path"]) if path.startswith("calibration.yields.values")]
    assert len(rows) == 4 * 4
    of_market = [n for n in rows if table["path"][n].endswith(".market")]
    assert len(of_market) == 4 and {table["unit"][n] for n in of_market} == {"index points"}
    assert {(table["source"][n], table["grade"][n]) for n in rows} == {("base year of scenario faster", "C")}
    assert {table["unit"][n] for n in rows} == {"index points", "index points/year"}


def test_what_is_said_last_counts(folder: Path) -> None:
    write_scenario(folder, SHARED, "shared.yaml")
    own = calibrate(load("base.yaml").scenario).yields
    back = case(folder, "extends: ./shared.yaml\nset: {calibration.yields.from: null}\n").scenario
    assert back.calibration.yields.values == () and (calibrate(back).yields == own).all()
    other = case(folder, "extends: ./shared.yaml\nset: {calibration.yields.from: ./base.yaml}\n").scenario
    assert (calibrate(other).yields == own).all()
    stated = ", ".join(f"{{id: {line.id}, F: 1, P: 2, R: 3}}" for line in back.lines)
    values = f"extends: ./shared.yaml\nset:\n  calibration.yields.values: [{stated}]\n"
    explicit = case(folder, values).scenario
    assert explicit.calibration.yields.source == "" and (calibrate(explicit).yields == [1.0, 2.0, 3.0]).all()


def test_a_call_names_a_scenario_too(folder: Path) -> None:
    expected = calibrate(load("faster.yaml").scenario).yields
    by_call = load("base.yaml", set={"calibration.yields.from": "faster.yaml"})
    assert (calibrate(by_call.scenario).yields == expected).all()
    in_memory = load(load("base.yaml").scenario, set={"calibration.yields.from": "faster.yaml"})
    assert (calibrate(in_memory.scenario).yields == expected).all()


def test_faults_are_named_all_at_once(folder: Path) -> None:
    stated = "[{id: ai-C, F: 1, P: 1, R: 1}, {id: ai-A, F: 1, P: 1, R: 1}, {id: ai-A, F: 1, P: 1, R: 1}]"
    assert faults(folder, f"extends: ./base.yaml\nset:\n  calibration.yields.values: {stated}\n") == [
        "case.yaml:3:30: calibration.yields.values: yields of line 'ai-B' are missing; did you mean 'ai-C'?",
        "case.yaml:3:30: calibration.yields.values: yields of line 'quantum-M' are missing; the same lines are needed",
        "case.yaml:3:30: calibration.yields.values: yields of line 'quantum-S' are missing; the same lines are needed",
        "case.yaml:3:36: calibration.yields.values[ai-C].id: line 'ai-C' is not a line of this scenario; "
        "did you mean 'ai-B'?",
        "case.yaml:3:96: calibration.yields.values[ai-A].id: line 'ai-A' stands there twice; keep one of the two",
    ]


def test_both_a_name_and_values_are_refused(folder: Path) -> None:
    values = "[{id: ai-B, F: 1, P: 1, R: 1}]"
    text = f"extends: ./base.yaml\nset:\n  calibration.yields: {{from: ./faster.yaml, values: {values}}}\n"
    assert any("stands beside values, and a file says one of the two" in fault for fault in faults(folder, text))


def test_names_that_lead_nowhere_and_circles(folder: Path) -> None:
    assert faults(folder, "extends: ./base.yaml\nset: {calibration.yields.from: fastr}\n") == [
        "case.yaml:2:32: no scenario 'fastr'; did you mean 'faster.yaml'?"
    ]
    assert faults(folder, "extends: ./base.yaml\nset: {calibration.yields.from: ./fastr.yaml}\n") == [
        "case.yaml:2:32: no file fastr.yaml; did you mean 'faster.yaml'?"
    ]
    assert faults(folder, "extends: ./base.yaml\nset: {calibration.yields.from: baselin}\n") == [
        "case.yaml:2:32: no scenario 'baselin'; did you mean 'baseline'?"
    ]
    write_scenario(folder, "extends: ./base.yaml\nset: {calibration.yields.from: ./case.yaml}\n", "second.yaml")
    circle = faults(folder, "extends: ./base.yaml\nset: {calibration.yields.from: ./second.yaml}\n")
    assert circle == [
        "second.yaml:2:32: calibration.yields.from: goes round in a circle: case.yaml -> second.yaml -> case.yaml"
    ]


def test_faults_of_the_other_scenario_are_told_beside_ones_own(folder: Path) -> None:
    write_scenario(folder, "extends: ./base.yaml\nset: {'lines[ai-B].trend': 2}\n", "broken.yaml")
    text = "extends: ./base.yaml\nset: {calibration.yields.from: ./broken.yaml, money.carry_share: 2}\n"
    found = faults(folder, text)
    assert any(fault.startswith("broken.yaml:2:") for fault in found)
    assert any(fault.startswith("case.yaml:2:") and "carry_share" in fault for fault in found)


def test_what_the_base_year_s_exchange_brings_goes_with_the_yields() -> None:
    """Where stages switch, lines outside reach had no market to lose by their own base year; by BASE's they lose it."""
    opened = {"cooperation__market_output": 0.5, "cooperation__market_elasticity": 0.5}
    plain, switching = tiny(**opened), tiny(stages="switching", **opened)
    market = calibrate(plain).market
    assert (market > 0).any() and calibrate(switching).market.sum() < market.sum()
    shared = with_yields(switching, base_values(plain))
    assert (calibrate(shared).market == market).all()
    money = to_base_plan(shared)
    first, second = simulate(shared, money), evaluate(shared, money)
    np.testing.assert_allclose(first.market, second.market, rtol=1e-12, atol=1e-12)
    own = simulate(with_yields(switching, {line: rungs[:3] for line, rungs in base_values(plain).items()}), money)
    assert first.economic[1:] == approx(own.economic[1:] - market.sum() + calibrate(switching).market.sum())


@pytest.mark.parametrize("name", ["fastr", "./fastr.yaml", "./circle.yaml", "./orphan.yaml", "./empty.yaml"])
def test_a_bad_name_hides_no_other_fault(folder: Path, name: str) -> None:
    write_scenario(folder, "extends: ./case.yaml\n", "circle.yaml")
    write_scenario(folder, "extends: ./nowhere.yaml\n", "orphan.yaml")
    write_scenario(folder, "", "empty.yaml")
    own = "  money.carry_share: 2\n  lines[ai-B].spent: 1\n"
    floor = "policies:\n  - {id: low, kind: floor, domain: chips, amount: 9}\n"
    found = faults(folder, f"extends: ./base.yaml\nset:\n  calibration.yields.from: {name}\n{own}{floor}")
    assert [fault for fault in found if fault.startswith(("case.yaml:4", "case.yaml:5", "case.yaml:7"))] == [
        "case.yaml:4:22: money.carry_share: is 2; it must be at most 1",
        "case.yaml:5:3: lines[ai-B].spent: unknown key; did you mean 'spend'?",
        "case.yaml:7:36: policies[low].domain: unknown domain 'chips'; known: ai, quantum",
    ]
    assert len(found) == 4, "and what is wrong with the name"
    (folder / "case.yaml").unlink()
    with pytest.raises(ScenarioErrors) as caught:
        load(load("base.yaml").scenario, set={"calibration.yields.from": name, "money.carry_share": 2})
    assert len(caught.value.faults) == 2


def test_a_fault_of_the_world_that_both_share_is_told_once(folder: Path) -> None:
    table = folder / "world" / "lines.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",spend", ",spent", 1), encoding="utf-8")
    assert len(faults(folder, SHARED)) == 1


def test_a_name_without_values_is_no_scenario_yet() -> None:
    world = tiny(calibration={"yields": {"from": "elsewhere"}})
    with pytest.raises(ScenarioErrors, match="no scenario 'elsewhere'"):
        load(world)
    with pytest.raises(ScenarioErrors, match="the yields of 'elsewhere' were not read"):
        checked_values(world)


def test_trends_by_hand() -> None:
    """By its own yields the base year carries every line along its trend; by others, by arithmetic on one rung."""
    world = tiny()
    base = calibrate(world)
    assert carried_trends(world, base) == approx([line.trend for line in world.lines], abs=1e-12)
    more = with_yields(world, {line.id: base.yields[i] * [1.0, 1.0, 1.5] for i, line in enumerate(world.lines)})
    line, weight = world.lines[0], world.rungs[2].capability_weight
    made = base.yields[0, 2] * (base.stock[0, 2] / 100) ** world.knowledge.stock_elasticity
    expected = line.trend + weight * 0.5 * made / base.rival[0, 1]
    assert carried_trends(more, calibrate(more))[0] == approx(expected, abs=1e-12)


def test_check_names_the_lines_that_leave_their_trend() -> None:
    world = tiny()
    base = calibrate(world)
    same = {line.id: base.yields[i] for i, line in enumerate(world.lines)}
    assert not [note for note in remarks(with_yields(world, same)) if "trend" in note]
    other = with_yields(world, same | {"chips-B": base.yields[0] * 2}, "elsewhere")
    (note,) = (note for note in remarks(other) if "trend" in note)
    got = carried_trends(other, calibrate(other))[0]
    assert "does not carry 1 of 4 lines along their recorded trend" in note
    assert f"chips-B {got:+.4f} (+0.0100)" in note and "those of elsewhere" in note
    assert "chips-B" in told(note, "zh") and "产出率" in told(note, "zh")


def test_the_second_writing_agrees_at_stated_yields() -> None:
    world = tiny()
    yields = calibrate(world).yields * np.array([1.2, 0.9, 1.1])
    given = with_yields(world, {line.id: yields[i] for i, line in enumerate(world.lines)})
    money = to_base_plan(given)
    m = Model(read_scenario(given), vars(money), {}, 1e-6)
    base_year.read(m)
    assert [base_year.carried(m, i) for i in m.lines] == approx(carried_trends(given, calibrate(given)), abs=1e-12)
    first, second = simulate(given, money), evaluate(given, money)
    np.testing.assert_allclose(first.capability, second.capability, rtol=1e-12)
    assert not np.allclose(first.capability, simulate(world, money).capability)


def test_the_hash_of_a_scenario_without_stated_yields_stays_what_it_was() -> None:
    world: Scenario = tiny()
    shared = with_yields(world, dict.fromkeys([line.id for line in world.lines], [1.0] * len(RUNGS)))
    assert scenario_hash(world) != scenario_hash(shared)
    old = tiny(policies=[{"id": "chips-cap", "kind": "cap", "domain": "chips", "amount": 25}])
    assert scenario_hash(old, 1) == "2bb14a9797b43891015afdea7f59b95737254383b3a0252489805342e71a7163"
