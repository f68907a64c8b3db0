"""A fixed plan in many draws: the same digits as a scenario a draw, the same refusals, rules judged by draw."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from worlds import options, small, tiny

import kctopt
from kctopt.cli import main
from kctopt.errors import ScenarioErrors, UsageError
from kctopt.result.lawful import yardstick
from kctopt.rules import breaches
from kctopt.scenario.dump import dump
from kctopt.scenario.field_kinds import POLICY_KINDS, ROOT, Kind, entry_fields, fields
from kctopt.scenario.load import load
from kctopt.scenario.nodes import Location, Node, show
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices, Money, World, to_base_plan
from kctopt.simulator import simulate as run_laws
from kctopt.study import draw_run
from kctopt.study import outcomes as kinds
from kctopt.study.drawn import tree
from kctopt.study.ensemble import Ensemble
from kctopt.study.fixed_plan import draws_of, simulate
from kctopt.study.records import Draws, Sample, UncertainInput
from kctopt.study.worlds import grouped, world_of

CLOSE = {"rtol": 1e-12, "atol": 1e-12}
WORLDS = {"options": options, "small": small}


def numeric_paths(scenario: Scenario) -> list[tuple[str, float]]:
    """Every place of a number or a series by its path, single years of series too, with a number that stands there."""
    root = tree(scenario)

    def walk(node: Node, kind: Kind, location: Location) -> Iterator[tuple[str, float]]:
        if kind.form in ("number", "series"):
            years = node.value if isinstance(node.value, dict) else {}
            for year, point in years.items():
                yield show(root, (*location, year)), float(point.value)
            first = next((point.value for point in years.values()), node.value)
            yield show(root, location), 0.5 if first is None else float(first)
            if kind.form == "series" and not years and first is not None:
                yield f"{show(root, location)}.{scenario.horizon.last_year}", float(first)
        elif kind.form == "list" and kind.item is not None and entry_fields(kind.item):
            for n, child in enumerate(node.children()):
                yield from walk(child, kind.item, (*location, n))
        elif kind.form in ("record", "policy") and isinstance(node.value, dict):
            inside = fields(kind.record) if kind.record else fields(POLICY_KINDS[str(node.get("kind"))])
            for name, child in node.value.items():
                if name in inside and name not in ("provenance", "label"):
                    yield from walk(child, inside[name], (*location, name))

    return list(walk(root, ROOT, ()))


def one_of_each(paths: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """The first path of each field, whatever line, programme or rung and whatever number at its end."""
    first: dict[str, tuple[str, float]] = {}
    for path, value in paths:
        first.setdefault(re.sub(r"\[.*?\]|_\d+$", "", path), (path, value))
    return list(first.values())


def values_about(value: float) -> list[float]:
    """Numbers near one, and some that few fields take."""
    return [0.97 * value, value + 0.01, value, -0.3, 1.7]


def plan_of(scenario: Scenario) -> tuple[Money, Choices]:
    """Money that repeats the base year; with programmes, the first starts as early as it can."""
    routes = np.zeros((len(scenario.programmes), len(scenario.horizon.years)), dtype=int)
    for k, programme in enumerate(scenario.programmes):
        routes[k, programme.first_start - scenario.horizon.years[0]] = 1
    return to_base_plan(scenario), Choices(routes=routes if len(routes) else None)


def agree(ensemble: Ensemble, draw: int, scenario: Scenario | None, money: Money, choices: Choices, told: str) -> None:
    """A draw of an ensemble is what the loader, the simulator and the rules say of its scenario."""
    status = ensemble.status.iloc[draw]
    if scenario is None:
        assert status.status == "invalid", f"{told}: the loader refuses it"
        assert status.reason, told
        return
    assert status.status != "invalid", f"{told}: {status.reason}"
    world = World.of(scenario)
    path = run_laws(scenario, money, world, choices)
    case = kinds.Case(scenario, world, money, choices, path)
    for name in kinds.READERS:
        if name in ensemble.values:
            got = ensemble.values[name][draw]
            np.testing.assert_allclose(got, kinds.READERS[name](case), err_msg=f"{told} {name}", **CLOSE)
    broken = breaches(scenario, money, path, choices=choices)
    assert status.broken == len(broken), told
    assert status.status == ("broken" if broken else "kept"), told
    if broken:
        same = [breach for breach in broken if str(breach.rule) == status["rule"]]
        assert any(breach.amount == pytest.approx(status.breach, rel=1e-9) for breach in same), told


def loaded(scenario: Scenario, **changes: Any) -> Scenario | None:
    """The scenario with changes, None where the loader refuses them."""
    try:
        return load(scenario, **changes).scenario
    except ScenarioErrors:
        return None


WHOLE = [pytest.param(world, True, marks=pytest.mark.long) for world in WORLDS]


@pytest.mark.parametrize(("world", "whole"), [("options", False), *WHOLE])
def test_every_numeric_path_draws_what_a_scenario_with_that_number_gives(world: str, whole: bool) -> None:
    scenario = WORLDS[world]()
    money, choices = plan_of(scenario)
    every = numeric_paths(scenario)
    paths = every if whole else one_of_each(every)
    assert len(every) > 200
    assert len(paths) > 90
    seen = set[str]()
    for path, value in paths:
        table = pd.DataFrame({path: values_about(value)[:: 1 if whole else 3]})
        ensemble = simulate(money, scenario, draws=table, choices=choices, hold="amounts")
        for draw, number in enumerate(table[path]):
            agree(ensemble, draw, loaded(scenario, set={path: number}), money, choices, f"{path} = {number:g}")
        seen |= set(ensemble.member["status"])
    assert seen == {"kept", "broken", "invalid"} or seen == {"broken", "invalid"}


def drawn(inputs: dict[str, tuple[str, list[Any]]]) -> Draws:
    """Draws by path: way and values."""
    listed = tuple(UncertainInput(path, (path,), way, None) for path, (way, _) in inputs.items())  # type: ignore[arg-type]
    cells = np.array([values for _, values in inputs.values()], dtype=object).T
    return Draws(listed, np.full(cells.shape, np.nan), cells, Sample("list", len(cells)))


@pytest.mark.long
def test_ways_and_choices_together_are_what_the_loader_makes_of_them() -> None:
    scenario, count, dice = options(), 60, np.random.default_rng(5)
    money, choices = plan_of(scenario)
    line, other = (entry.id for entry in scenario.lines[:2])
    draws = drawn({
        "kct.form": ("value", dice.choice(["nested", "ces", "cobb_douglas", "leontief", "linear"], count).tolist()),
        "security.form": ("value", dice.choice(["cobb_douglas", "ces"], count).tolist()),
        "switching.ratchet": ("value", [bool(flag) for flag in dice.integers(0, 2, count)]),
        "objective.end_years": ("value", dice.integers(0, 4, count).tolist()),
        "controls.intensity": ("scale", dice.uniform(0.2, 2.5, count).tolist()),
        "budget": ("scale", dice.uniform(0.5, 1.5, count).tolist()),
        f"lines[{line}].rival_growth": ("add", dice.normal(0, 0.02, count).tolist()),
        "lines[*].spend": ("scale", dice.uniform(0.7, 1.3, count).tolist()),
        f"lines[{other}].trend": ("add", dice.normal(0, 0.03, count).tolist()),
        "knowledge.effort_elasticity": ("value", dice.uniform(0.3, 0.7, count).tolist()),
        "diffusion.near": ("add", dice.uniform(-0.2, 0.4, count).tolist()),
        "kct.rho": ("value", dice.choice([-1.0, 0.0, 0.5], count).tolist()),
    })  # fmt: skip
    ensemble = simulate(money, scenario, draws=draws, choices=choices, hold="amounts")
    for draw in range(count):
        agree(ensemble, draw, loaded(scenario, **draws.overlay(draw)), money, choices, f"draw {draw}")
    assert {"broken", "invalid"} <= set(ensemble.member["status"])


def test_lines_that_a_target_binds_may_differ_between_draws() -> None:
    target = {"id": "ready", "kind": "target", "type": "B", "min_ratio": 0.6, "by": 2029, "soft": True}
    scenario = small(policies=[target])
    money, choices = plan_of(scenario)
    line = next(entry.id for entry in scenario.lines if entry.bottleneck >= 0.5)
    values = [0.2, 0.6, 0.9, 0.4]
    path = f"lines[{line}].bottleneck"
    ensemble = simulate(money, scenario, draws=pd.DataFrame({path: values}))
    for draw, value in enumerate(values):
        agree(ensemble, draw, loaded(scenario, set={path: value}), money, choices, f"{value}")
    missed = ensemble.to_frame("shortfall").pivot(index="draw", columns="policy", values="value")[f"ready[{line}]"]
    assert missed.isna().tolist() == [True, False, False, True]


def test_refused_draws_have_their_reasons_and_no_outcome() -> None:
    scenario = tiny()
    table = pd.DataFrame({
        "knowledge.effort_elasticity": [0.5, 0.7, 0.5, 1.4],
        "controls.intensity": [0.2, 0.2, -0.1, float("inf")],
    })  # fmt: skip
    ensemble = simulate(to_base_plan(scenario), scenario, draws=table)
    reasons = ensemble.status["reason"].tolist()
    assert reasons[0] == ""
    assert reasons[1] == "knowledge: the three elasticities must sum to at most 1 (they sum to 1.1): not concave"
    assert reasons[2].startswith("controls.intensity: is -0.1; it must be at least 0")
    assert reasons[3].count("; ") >= 2
    assert "is not a finite number" in reasons[3]
    assert ensemble.outcomes["objective"].isna().tolist() == [False, True, True, True]
    assert ensemble.quantiles(0.5, ["security"])["draws"].unique().tolist() == [1]


def test_a_choice_that_a_plan_cannot_meet_is_refused_with_its_reason() -> None:
    scenario = tiny()
    draws = drawn({
        "horizon.last_year": ("value", [scenario.horizon.last_year, scenario.horizon.last_year - 1]),
        "controls.intensity": ("value", [0.3, 0.3]),
    })  # fmt: skip
    ensemble = simulate(to_base_plan(scenario), scenario, draws=draws)
    assert ensemble.status["status"].tolist()[1] == "invalid"
    assert "changes years, lines, domains or programmes" in ensemble.status["reason"][1]
    odd = simulate(to_base_plan(scenario), scenario, draws=pd.DataFrame({"kct.form": ["linear", "lineal"]}))
    assert odd.status["status"].tolist()[1] == "invalid"
    assert "did you mean 'linear'?" in odd.status["reason"][1]


def test_paths_that_name_nothing_are_told_all_at_once() -> None:
    table = pd.DataFrame({"controls.intensty": [0.2], "lines[nothing].spend": [1.0]})
    with pytest.raises(ScenarioErrors) as told:
        simulate(to_base_plan(tiny()), tiny(), draws=table)
    assert len(told.value.faults) == 2
    assert "did you mean 'intensity'?" in str(told.value)
    with pytest.raises(ScenarioErrors, match="sets too"):
        simulate(to_base_plan(tiny()), tiny(), draws=pd.DataFrame({"budget": [50.0], "budget.2027": [40.0]}))


def test_a_budget_that_is_lower_breaks_the_plan_by_the_difference() -> None:
    scenario = tiny()
    money = to_base_plan(scenario)
    total = float(money.spend.sum(axis=0)[0])
    table = pd.DataFrame({"budget": [total, total - 1.0, total - 2.0]})
    ensemble = simulate(money, scenario, draws=table, hold="amounts")
    budget = [load(scenario, set={"budget": value}).scenario for value in table["budget"]]
    for draw, world in enumerate(budget):
        agree(ensemble, draw, world, money, Choices(), f"{draw}")
    assert ensemble.status["rule"][1].startswith("money.budget")
    assert ensemble.status["breach"].tolist()[1:] == pytest.approx([1.0, 2.0])
    assert ensemble.outcomes["budget_scale"].tolist() == pytest.approx([1.0, total / (total - 1), total / (total - 2)])


def test_chunks_and_room_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = small()
    money, dice = to_base_plan(scenario), np.random.default_rng(1)
    table = pd.DataFrame({"controls.intensity": dice.uniform(0, 1.1, 90), "kct.rho": dice.uniform(-1, 0.5, 90)})
    whole = simulate(money, scenario, draws=table)
    monkeypatch.setattr(draw_run, "NUMBERS", 1)
    monkeypatch.setattr(draw_run, "ROOM", 200_000)
    parts = simulate(money, scenario, draws=table, outcomes=["gap"])
    for name in ("objective", "security", "gap"):
        np.testing.assert_allclose(parts.values[name], whole.values[name], **CLOSE)
    few = parts.kept_of("usable")
    assert 2 <= few < 90
    np.testing.assert_allclose(parts.values["usable"], whole.values["usable"][parts.kept["usable"]], **CLOSE)
    pd.testing.assert_series_equal(parts.status["status"], whole.status["status"])


def test_the_value_of_planning_of_a_draw_is_beyond_the_lawful_shares_of_the_scenario() -> None:
    """Both are fixed amounts: in a draw neither the plan nor the shares are made anew."""
    scenario = options()
    money, shares = to_base_plan(scenario), yardstick(scenario).money
    table = pd.DataFrame({"budget": [44.0, 50.0], "lines[*].rival_growth": [0.0, 0.03]})
    ensemble = simulate(money, scenario, draws=table, outcomes=["value_of_planning"], hold="amounts")
    for draw in range(2):
        world = load(scenario, set=dict(table.iloc[draw])).scenario
        worth = float(run_laws(world, money).objective - run_laws(world, shares).objective)
        assert ensemble.outcomes["value_of_planning"][draw] == pytest.approx(worth, abs=1e-9)


def test_an_ensemble_shows_what_it_holds(tmp_path: Path) -> None:
    result = kctopt.solve(tiny())
    run = result.save(tmp_path / "run")
    table = pd.DataFrame({"controls.intensity": np.linspace(0.0, 1.2, 13)})
    ensemble = kctopt.simulate(run, draws=table)
    assert repr(ensemble).startswith("Ensemble(tiny, 13 draws, kept ")
    assert "invalid 15.4%" in repr(ensemble)
    assert ensemble._repr_html_().startswith("<div>")
    assert len(ensemble) == 13
    assert list(ensemble.inputs) == ["controls.intensity"]
    assert ensemble.status["status"].tolist() == ["kept"] * 11 + ["invalid"] * 2
    at = int(np.argmin(np.abs(table["controls.intensity"] - 0.5)))
    same = load(tiny(), set={"controls.intensity": float(table["controls.intensity"][at])}).scenario
    assert ensemble.outcomes["objective"][at] == pytest.approx(float(run_laws(same, result.money).objective), rel=1e-12)
    frame = ensemble.to_frame("gap")
    lines, years = len(tiny().lines), len(tiny().horizon.all_years) + 1
    assert len(frame) == 13 * lines * years
    quantiles = ensemble.quantiles((0.0, 1.0), ["gap"])
    assert list(quantiles.columns) == ["outcome", "domain", "line", "policy", "year", "0%", "100%", "draws"]
    lows = frame.dropna().groupby(["line", "year"], sort=False)["value"].min()
    assert quantiles["0%"].tolist() == pytest.approx(lows.tolist())


def test_of_two_columns_on_one_path_and_odd_tables_a_call_says_what_is_wrong() -> None:
    scenario, money = tiny(), to_base_plan(tiny())
    with pytest.raises(UsageError, match="without draws"):
        draws_of(pd.DataFrame())
    with pytest.raises(UsageError, match="row 1, column 'budget'"):
        draws_of(pd.DataFrame({"budget": [50.0, None]}))
    with pytest.raises(UsageError, match="twice"):
        draws_of(pd.DataFrame([[1.0, 2.0]], columns=["budget", "budget"]))
    good = pd.DataFrame({"controls.intensity": [0.3]})
    with pytest.raises(UsageError, match="no outcome 'securty'; did you mean 'security'"):
        simulate(money, scenario, draws=good, outcomes=["securty"])
    with pytest.raises(UsageError, match="give one as scenario="):
        simulate(money, draws=good)
    with pytest.raises(UsageError, match="does not fit scenario small"):
        simulate(money, small(), draws=good)
    with pytest.raises(UsageError, match="plan 3: needs"):
        simulate(3, scenario, draws=good)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="draws 3: needs"):
        simulate(money, scenario, draws=3)
    with pytest.raises(UsageError, match="shares of probability"):
        simulate(money, scenario, draws=good).quantiles(5)


def test_a_plan_that_no_run_has_cannot_be_held() -> None:
    short = kctopt.solve(tiny(policies=[{"id": "all", "kind": "target", "min_ratio": 5.0, "by": 2026}]))
    assert short.money is None
    with pytest.raises(UsageError, match="has no plan"):
        simulate(short, draws=pd.DataFrame({"controls.intensity": [0.3]}))


def test_draws_of_one_number_leave_the_others_without_axes() -> None:
    draws = drawn({"controls.intensity": ("value", [0.2, 0.3, 0.4])})
    (group,) = grouped(tiny(), draws).groups
    world, found = world_of(group.drawn)
    assert world.control.shape[0] == 3
    assert world.stock.ndim == 2
    assert found.kept.all()


def test_the_command_tells_and_saves_what_python_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kctopt.solve(tiny()).save(tmp_path / "run")
    table = pd.DataFrame({"controls.intensity": [0.1, 0.4, 1.3]})
    table.to_csv("draws.csv", index=False)
    done = CliRunner().invoke(main, ["simulate", "run", "--draws", "draws.csv", "-o", "out"])
    assert done.exit_code == 0, done.output
    assert "tiny: a fixed plan in 3 draws of 1 uncertain input." in done.output
    assert "1 draw is invalid" in done.output
    members = pd.read_csv(tmp_path / "out" / "members.csv")
    assert members["status"].tolist() == ["kept", "kept", "invalid"]
    same = kctopt.simulate("run", draws=table)
    assert members["objective"].tolist()[:2] == pytest.approx(same.outcomes["objective"].tolist()[:2])
    assert len(pd.read_csv(tmp_path / "out" / "quantiles.csv")) == len(same.quantiles())
    told = json.loads(CliRunner().invoke(main, ["simulate", "run", "--draws", "draws.csv", "--json"]).stdout)
    assert told["status"] == {"kept": 2, "adjusted": 0, "broken": 0, "invalid": 1}
    assert told["hold"] == "shares" and told["factor"] == [1.0, 1.0]
    assert "固定方案" in CliRunner().invoke(main, ["simulate", "run", "--draws", "draws.csv", "--lang", "zh"]).output
    for wrong in (["simulate", "run"], ["simulate", "run", "--draws", "draws.csv", "--study", "s.yaml"]):
        assert CliRunner().invoke(main, wrong).exit_code == 2


def test_a_study_of_several_scenarios_is_simulated_in_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, share in (("poor", 0.5), ("rich", 1.5)):
        Path(f"{name}.yaml").write_text(dump(tiny(name=name, budget=50 * share)), encoding="utf-8")
    Path("s.yaml").write_text(
        "of: [poor.yaml, rich.yaml]\nuncertain:\n  - {path: controls.intensity, value: {uniform: [0.2, 0.6]}}\n"
        "sample: {method: lhs, size: 8}\n", encoding="utf-8",
    )  # fmt: skip
    kctopt.solve("rich.yaml").save("run")
    with pytest.raises(UsageError, match=r"several scenarios \(poor, rich\): give one as scenario="):
        kctopt.simulate("run", draws="s.yaml")
    assert set(kctopt.simulate("run", "poor", draws="s.yaml").status["status"]) == {"kept"}
    assert set(kctopt.simulate("run", "poor", draws="s.yaml", hold="amounts").status["status"]) == {"broken"}
    ask = ["simulate", "run", "--study", "s.yaml", "--hold", "amounts"]
    done = CliRunner().invoke(main, [*ask, "-o", "out"], catch_exceptions=False)
    assert done.output.count("Plans are held as amounts, whatever the budget of a draw is.") == 2
    assert done.output.index("poor: a fixed plan in 8 draws") < done.output.index("rich: a fixed plan in 8 draws")
    status = {name: set(pd.read_csv(f"out/{name}/members.csv")["status"]) for name in ("poor", "rich")}
    assert status == {"poor": {"broken"}, "rich": {"kept"}}
    told = json.loads(CliRunner().invoke(main, ["simulate", "run", "--study", "s.yaml", "--json"]).stdout)
    assert [one["scenario"] for one in told["scenarios"]] == ["poor", "rich"]
    one = CliRunner().invoke(main, ["simulate", "run", "--study", "s.yaml", "--scenario", "rich", "--json"])
    assert json.loads(one.stdout)["status"]["kept"] == 8


def test_a_plan_of_other_lines_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tiny()
    lines = (*other.lines[:3], other.lines[3].model_copy(update={"id": "ai-S"}))
    kctopt.solve(tiny()).save(tmp_path / "run")
    with pytest.raises(UsageError, match=r"it is of other lines or years \(ai-M, ai-S\)"):
        simulate(tmp_path / "run", other.model_copy(update={"lines": lines}),
                 draws=pd.DataFrame({"controls.intensity": [0.3]}))  # fmt: skip
