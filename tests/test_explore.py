"""The explorer below its page: what a state says, what levers there are, and that its numbers are those of kctopt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import bundled
import numpy as np
import pytest
from fakes import fake_outcome
from worlds import MODES, tiny

import kctopt
from kctopt.errors import NoPlan, ScenarioErrors, UsageError
from kctopt.explore.explorer import Explorer
from kctopt.explore.levers import Levers
from kctopt.explore.saving import file_text, save
from kctopt.explore.state import State
from kctopt.own import OwnParts
from kctopt.scenario.load import load
from kctopt.scenario.records import Scenario
from kctopt.simulator import simulate

FLOOR = {"id": "floor", "kind": "floor", "domain": "a", "amount": 1.0, "years": "2026"}
STATES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "factor": {"scale": {"budget": 0.9}},
    "number": {"set": {"controls.intensity": 0.7, "domains[a].weight": 0.7}},
    "series": {"set": {"controls.intensity": {"2026": 0.2, "2028": 0.6}}},
    "added": {"add": {"rival.growth_shift": 0.001}},
    "word": {"set": {"kct.form": "linear"}},
    "policy off": {"policies": {"floor": None}},
    "policy changed": {"policies": {"floor": {"amount": 0.5}}},
    "policy new": {"policies": {"top": {"kind": "cap", "domain": "b", "amount": 3.0, "years": "2027-2028"}}},
    "all": {"set": {"controls.intensity": 0.7}, "scale": {"budget.2027": 1.05}, "policies": {"floor": None}},
}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> Scenario:
    scenario = tiny()
    domain = scenario.domains[0].id
    return load(scenario, add={"policies": FLOOR | {"domain": domain}}).scenario


@pytest.fixture(scope="module")
def explorer(world: Scenario) -> Explorer:
    return Explorer(world)


def state(world: Scenario, name: str) -> State:
    """A state with the names of this world in place of `a` and `b`."""
    first, second = (domain.id for domain in world.domains)
    data = STATES[name]
    rules = {
        key: rule and {field: second if value == "b" else value for field, value in rule.items()}
        for key, rule in data.get("policies", {}).items()
    }
    values = {path.replace("[a]", f"[{first}]"): value for path, value in data.get("set", {}).items()}
    return State.read(data | ({"policies": rules} if rules else {}) | ({"set": values} if values else {}))


@pytest.mark.parametrize("name", STATES)
def test_a_state_is_the_scenario_of_its_file(name: str, world: Scenario, explorer: Explorer, tmp_path: Path) -> None:
    asked = state(world, name)
    file = tmp_path / "moved.yaml"
    file.write_text(file_text(explorer, asked, "moved"), encoding="utf-8")
    names = {"name": "", "label": world.label, "intent": "", "provenance": ()}
    changed, read = explorer.scenario(asked), load(file).scenario
    assert changed.model_copy(update=names) == read.model_copy(update=names)
    assert (changed != explorer.base.scenario.model_copy(update={"provenance": ()})) is bool(asked.data)
    assert State.read(asked.data) == asked


@pytest.mark.parametrize("data", [STATES["factor"], STATES["series"], STATES["policy new"]])
def test_a_bundled_base_is_extended_by_a_short_file(data: dict[str, Any], tmp_path: Path) -> None:
    base = bundled.scenario("crash-programme")
    rules = {"chokepoints-2035": None, "ai": {"kind": "floor", "domain": "ai", "amount": 90.0}}
    asked = State.read(data | {"policies": rules})
    file = tmp_path / "moved.yaml"
    file.write_text(asked.file_text(base, "crash-programme", "moved", "moved."), encoding="utf-8")
    names = {"name": "", "label": base.label, "intent": "", "provenance": ()}
    changed, read = load(base, **asked.overlay(base)).scenario, load(file).scenario
    assert changed.model_copy(update=names) == read.model_copy(update=names)
    assert [policy.id for policy in read.policies] == ["ai"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (3, "is not a mapping"),
        ({"sets": {}}, "did you mean 'set'"),
        ({"set": 3}, "needs a mapping"),
        ({"set": {"": 1}}, "has a name that is empty"),
        ({"set": {"controls.intensity": float("nan")}}, "is not a finite number"),
        ({"set": {"controls.intensity": "{a: &b}"}}, "is not a finite number"),
        ({"set": {"controls.intensity": {"soon": 1}}}, "is not a finite number"),
        ({"set": {"horizon.last_year": 2300}}, "is no lever"),
        ({"set": {"policies[floor].amount": 1}}, "is moved by the policies"),
        ({"set": {f"a{n}": 1 for n in range(500)}}, "moves more than 400 values"),
        ({"policies": {"floor": 3}}, "needs a mapping of its fields"),
        ({"policies": {"floor": {"remove": True}}}, "states what a change of it cannot"),
        ({"policies": {"floor": {"amount": {"a": 1}}}}, "is not a finite number"),
    ],
)
def test_what_is_no_state_is_told(data: Any, message: str) -> None:
    with pytest.raises(ScenarioErrors, match=message):
        State.read(data)


def test_faults_of_the_scenario_are_told_all_at_once(explorer: Explorer) -> None:
    asked = State.read({"set": {"controls.intensty": 1}, "scale": {"budget": -1}})
    with pytest.raises(ScenarioErrors) as told:
        explorer.scenario(asked)
    assert "did you mean 'intensity'?" in str(told.value)


def test_the_held_plan_is_the_base_s_in_proportion_to_the_budget(world: Scenario, explorer: Explorer) -> None:
    base = explorer.base
    held = explorer.held(state(world, "factor"))
    assert held is not None and held.result.money is not None and base.money is not None
    assert np.allclose(held.result.money.spend, 0.9 * base.money.spend, rtol=1e-12)
    scenario = load(world, scale={"budget": 0.9}).scenario
    assert held.objective == pytest.approx(float(simulate(scenario, held.result.money).objective), rel=1e-12)
    assert not held.result.verified and held.result.bound is None
    still = explorer.held(State())
    assert still is not None and still.objective == pytest.approx(base.objective, rel=1e-12) and not still.broken
    asked = State.read({"policies": {"top": {"kind": "cap", "domain": world.domains[1].id, "amount": 0.1}}})
    broken = explorer.held(asked)
    assert broken is not None and broken.broken == ["policies.top"]


def test_plans_hang_on_their_state_alone(world: Scenario, explorer: Explorer) -> None:
    first = {name: explorer.planned(state(world, name)).objective for name in ("factor", "number", "policy new")}
    other = Explorer(world)
    for name in reversed(first):
        assert other.planned(state(world, name)).objective == first[name]
    assert explorer.planned(State()) is explorer.base
    kept = explorer.planned(state(world, "factor"))
    assert explorer.planned(state(world, "factor")) is kept
    assert kept.status == "optimal" and kept.verified


@pytest.mark.parametrize("name", ["factor", "all"])
def test_a_saved_state_is_solved_as_the_command_solves_it(
    name: str, world: Scenario, explorer: Explorer, tmp_path: Path
) -> None:
    saved = save(explorer, state(world, name), "moved", tmp_path)
    assert saved.path is not None and saved.path.read_text(encoding="utf-8") == saved.text
    again = kctopt.solve(saved.path)
    assert (saved.result.objective, saved.result.bound) == (again.objective, again.bound)
    assert saved.result.objective == pytest.approx(explorer.planned(state(world, name)).objective, rel=1e-4)
    with pytest.raises(UsageError, match="is there already"):
        save(explorer, State(), "moved", tmp_path)
    with pytest.raises(UsageError, match="folders cannot have /"):
        save(explorer, State(), "../moved", tmp_path)


def test_what_collides_is_told_and_what_loosening_takes_makes_it_feasible(world: Scenario, explorer: Explorer) -> None:
    rule = {"kind": "floor", "domain": world.domains[0].id, "amount": 60.0, "years": "2027"}
    asked = State.read({"policies": {"much": rule}})
    assert explorer.planned(asked).status == "infeasible"
    with pytest.raises(ScenarioErrors):
        explorer.planned(State.read({"policies": {"much": rule | {"kind": "roof"}}}))
    found = explorer.diagnosed(asked)
    assert found.status == "infeasible" and "policies.much" in [member.rule for member in found.conflicts[0]]
    loosened = found.repair_values["policies[much].amount"]
    assert explorer.planned(State.read({"policies": {"much": rule | {"amount": loosened}}})).has_plan
    assert explorer.diagnosed(asked) is found


def test_a_run_is_a_base_and_one_with_own_parts_is_none(world: Scenario, explorer: Explorer, tmp_path: Path) -> None:
    run = explorer.base.save(tmp_path / "run")
    opened = Explorer(run)
    assert opened.base.objective == explorer.base.objective and opened.base.run_dir == run
    with pytest.raises(UsageError, match="explore a run without them"):
        Explorer(replace(explorer.base, own=OwnParts(removed=("money.budget",))))
    failed = kctopt.Result.of(world, fake_outcome(world, "infeasible"))
    with pytest.raises(NoPlan, match="has no plan"):
        Explorer(failed)


@pytest.mark.long
def test_discrete_scenarios_are_explored_too() -> None:
    explorer = Explorer(tiny(modes=MODES, cooperation__choice="mask"))
    asked = State.read({"scale": {"budget": 1.1}})
    held, planned = explorer.held(asked), explorer.planned(asked)
    assert held is not None and held.objective is not None and planned.has_plan and planned.verified
    assert held.objective <= (planned.bound or 0.0) * (1 + 1e-9) or held.broken


def test_levers_say_what_they_move_and_where_it_comes_from() -> None:
    loaded = load("baseline")
    levers = Levers(loaded.scenario, loaded.origin)
    told = {lever.id: lever for lever in levers.all()}
    assert told["budget.2026-30"].paths == tuple(f"budget.{year}" for year in range(2026, 2031))
    assert told["controls.intensity"].place == "models/kct-2035/model.yaml:35"
    assert told["controls.intensity"].grade == "assumption"
    assert (told["controls.intensity"].low, told["controls.intensity"].high) == (0.0, 1.0)
    effort = told["knowledge.effort_elasticity"]
    assert (effort.span, effort.low, effort.high) == ("range", 0.2, 0.7)
    assert len(told["security.economy"].tied) == 3
    for lever in told.values():
        assert lever.low <= lever.value <= lever.high and lever.low < lever.high, lever.id
        assert lever.label and lever.source and lever.place
    found = levers.search("rival growth semiconductors")
    assert found and all("semiconductors" in lever.id for lever in found)
    assert levers.search("") == [] and levers.search("no such thing") == []
    chinese = {lever.id: lever for lever in levers.all("zh")}
    assert chinese["controls.intensity"].label == "管制强度"
    assert levers.search("管制强度", "zh")[0].label == "管制强度"


def test_levers_of_policies_are_those_the_scenario_states() -> None:
    loaded = load("crash-programme")
    levers = [one for one in Levers(loaded.scenario, loaded.origin).all() if one.group == "policies"]
    assert [(lever.policy, lever.field) for lever in levers] == [
        ("chokepoints-2035", "min_ratio"), ("chokepoints-2035", "price"),
    ]  # fmt: skip


def test_every_lever_can_be_moved(explorer: Explorer, world: Scenario) -> None:
    for lever in explorer.levers.all():
        if lever.policy or lever.tied:
            continue
        moved = lever.value + (lever.high - lever.value) / 20
        asked = State.read({lever.way: dict.fromkeys(lever.paths, moved)})
        assert explorer.held(asked) is not None, lever.id
