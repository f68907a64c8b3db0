"""Members as `kctopt.load` makes them; sweeps from the command line and from Python; bounds that hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from pytest import approx
from studies import BUDGET, EFFORT, drawn, few, run, study
from worlds import small, tiny

import kctopt
from kctopt.cli import main
from kctopt.errors import ScenarioErrors, UsageError
from kctopt.scenario.dump import dump
from kctopt.scenario.load import load
from kctopt.scenario.nodes import MEMORY, from_python, leaves, show
from kctopt.scenario.records import Scenario
from kctopt.simulator import simulate
from kctopt.solver.from_base import FromBase
from kctopt.study.members import Members, choices_of, key_of, member_scenario
from kctopt.study.sweep_text import told_reason

CHANGES: list[dict[str, Any]] = [
    {"set": {"kct.form": "ces"}},
    {"set": {"kct.form": "cse"}},  # misspelt
    {"set": {"controls.intensity.2028": 0.7}, "scale": {"controls.intensity": 1.1}},
    {"add": {"policies": {"id": "s", "kind": "floor", "domain": "chips", "amount": 5, "years": 2027}}},
    {"set": {"budget": {2026: 50, 2030: 70}}},
    {"set": {"budget.1999": 3}},
    {"set": {"horizon.last_year": 2029}},
    {"set": {"lines[chips-B].spend": -1}},
    {"set": {"lines[chips-B].growth_": 1}},
    {"set": {"lines[chips-B].id": "other"}},
    {"set": {"lines[chips-B]": {"trend": 0.01}}},
    {"set": {"knowledge.effort_elasticity": 0.9}},
    {"set": {"rungs[F].lag_0": 0.9}},
    {"set": {"money": {"carry_share": 0.2}}},
    {"set": {"name": "x"}},
    {"scale": {"lines": 2}},
    {"scale": {"lines.spend": 1.1}, "add": {"lines[*].trend": 0.001}},
    {"set": {"lines[chips-B].trend": -1}, "scale": {"lines[chips-B].spend": 1e-12}},
    {"set": {"kct.form": "ces", "kct.form ": "linear"}},
    {"set": {"objective.kind": "min_budget"}},
    {},
]


def loaded(scenario: Scenario, overlay: dict[str, Any]) -> Scenario | str:
    """What `load` makes of an overlay, without sources; or its faults."""
    try:
        return load(scenario, **overlay).scenario.model_copy(update={"provenance": ()})
    except ScenarioErrors as error:
        return str(error)


def member(members: Members, overlay: dict[str, Any]) -> Scenario | str:
    try:
        return members.scenario(overlay)
    except ScenarioErrors as error:
        return str(error)


def numeric(scenario: Scenario) -> list[str]:
    """Every path of a number of a scenario, as a study may name it."""
    root = from_python(scenario.model_copy(update={"provenance": ()}), MEMORY)
    numbers = [
        show(root, location)
        for location, node in leaves(root)
        if isinstance(node.value, int | float) and not isinstance(node.value, bool)
    ]
    assert len(numbers) > 150
    return numbers


@pytest.mark.parametrize("overlay", CHANGES, ids=str)
def test_a_member_is_what_load_makes(overlay: dict[str, Any]) -> None:
    for scenario in (tiny(), small()):
        assert member(Members(scenario), overlay) == loaded(scenario, overlay)


def test_members_of_every_number_are_what_load_makes_faults_too() -> None:
    """Each number of a scenario scaled, moved and set beyond what most may be, by one maker in turn."""
    scenario = tiny()
    members, faults = Members(scenario), 0
    for n, path in enumerate(numeric(scenario)):
        overlay: dict[str, Any] = [{"scale": {path: 1.01}}, {"set": {path: -3.0}}, {"add": {path: 1}}][n % 3]
        made = member(members, overlay)
        assert made == loaded(scenario, overlay), path
        faults += isinstance(made, str)
    assert faults > 30
    assert members.scenario({}) == scenario.model_copy(update={"provenance": ()})  # nothing is left of any


def test_a_faulty_member_says_all_its_faults() -> None:
    with pytest.raises(ScenarioErrors) as caught:
        member_scenario(tiny(), {"set": {"knowledge.effort_elasticity": 3, "money.carry_share": -1}})
    assert len(caught.value.faults) == 2


def test_the_hash_of_a_member() -> None:
    one = {"set": {"a": np.float64(1.0), "b": 2}, "scale": {}}
    assert key_of("x", one, 1e-4) == key_of("x", {"set": {"b": 2, "a": 1.0}}, 1e-4)
    assert len({key_of("x", one, 1e-4), key_of("y", one, 1e-4), key_of("x", one, 1e-3), key_of("x", {}, 1e-4)}) == 4
    assert choices_of({"set": {"kct.form": "ces", "budget": 2.0}, "scale": {"a": 1}})["set"] == {"kct.form": "ces"}


def test_every_member_has_its_own_proof() -> None:
    """Its value is simulated, its bound is no less than what a cold solve to a finer gap attains."""
    worlds, base = FromBase(tiny()), Members(tiny())
    for overlay in (
        {"scale": {"budget": 0.9}},
        {"set": {"knowledge.effort_elasticity": 0.45}},
        {"set": {"kct.form": "ces"}},
    ):
        scenario = base.scenario(overlay)
        outcome, cold = worlds.solve(scenario), kctopt.solve(scenario)
        assert outcome.status == "optimal"
        assert outcome.gap <= 1e-4
        assert outcome.objective == approx(float(simulate(scenario, outcome.money).objective), rel=1e-12)
        assert outcome.bound >= cold.objective * (1 - 1e-9)
        assert cold.bound >= outcome.objective * (1 - 1e-9)


def test_objectives_of_every_kind_and_integers_are_solved_each_by_itself(tmp_path: Path) -> None:
    target = {"id": "up", "kind": "target", "line": "chips-B", "min_ratio": 0.5, "by": 2029}
    rows = drawn((BUDGET,), [[1.0], [1.05]])
    for kind in ("min_budget", "earliest"):
        world = tiny(objective__kind=kind, policies=(target,))
        sweep = run(tmp_path / f"{kind}.duckdb", study((BUDGET,), (world,), kind), rows)
        assert sweep.counts() == {"optimal": 2}, kind


def test_several_scenarios_stand_in_their_order(tmp_path: Path) -> None:
    second = tiny().model_copy(update={"name": "another"})
    both = run(tmp_path / "two.duckdb", study((EFFORT,), (tiny(), second)), drawn((EFFORT,), [[0.5], [0.45]]))
    places = both.members[["scenario", "draw"]].to_numpy().tolist()
    assert places == [["tiny", 0], ["tiny", 1], ["another", 0], ["another", 1]]
    assert both.members["member"].nunique() == 2  # the name of a scenario decides nothing


def test_what_a_sweep_shows(tmp_path: Path) -> None:
    sweep = kctopt.sweep(study(), draws=few(3), out=tmp_path / "s.duckdb")
    assert repr(sweep) == "Sweep(try, 3 optimal)"
    assert sweep.summary().splitlines()[0] == "try: 3 members, complete"
    assert sweep.summary("zh").splitlines()[0] == "try：3 个成员，已完成"
    assert set(sweep.outcomes["outcome"]) >= {"security", "economic", "military", "kct"}
    spent = sweep.allocation.groupby("draw")["amount"].sum()
    assert spent.is_monotonic_increasing
    assert kctopt.open(sweep.path).members.equals(sweep.members)


def test_progress_says_members_rate_and_gap(tmp_path: Path) -> None:
    told: list[str] = []
    kctopt.sweep(study(), draws=few(3), out=tmp_path / "s.duckdb", progress=lambda now: told.append(now.task))
    assert told[-1].startswith("member 3 of 3, ")
    assert "s left, worst gap" in told[-1]

    def stop(now: kctopt.Progress) -> None:
        raise StopIteration

    cut = kctopt.sweep(study(), draws=few(6), out=tmp_path / "t.duckdb", progress=stop)
    assert (cut.status, cut.exit_code) == ("interrupted", 130)
    assert 0 < len(cut.members) < 6


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, "2"])
def test_numbers_of_workers(workers: Any) -> None:
    with pytest.raises(UsageError, match="needs a whole number from 1 on"):
        kctopt.sweep(study(), draws=few(), workers=workers)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("world.yaml").write_text(dump(tiny()), encoding="utf-8")
    Path("try.yaml").write_text(
        "of: world.yaml\nuncertain:\n  - {path: knowledge.effort_elasticity, value: {values: [0.4, 0.5]}}\n"
        "sample: {method: list}\n",
        encoding="utf-8",
    )
    first = CliRunner().invoke(main, ["sweep", "try.yaml", "--json"])
    assert first.exit_code == 0, first.output
    data = json.loads(first.stdout)
    assert (data["members"], data["missing"], data["by_status"]) == (2, 0, {"optimal": 2})
    assert "saved in: studies/try.duckdb" in first.stderr
    again = CliRunner().invoke(main, ["sweep", "try.yaml", "--lang", "zh"])
    assert "2 个成员，已完成" in again.stdout
    wrong = CliRunner().invoke(main, ["sweep", "try.yaml", "--executor", "lcoal"])
    assert wrong.exit_code == 2
    assert "did you mean 'local'?" in wrong.stderr
    held = CliRunner().invoke(main, ["sweep", "try.yaml", "-o", "world.yaml"])
    assert held.exit_code == 3
    assert "cannot be read as a study file" in held.stderr


def test_the_base_of_a_worker_keeps_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came of it by then serves; with nothing, each member is solved by itself."""
    from kctopt.solver.engine import Engine
    from kctopt.study import worker

    limits: list[float | None] = []
    solved = Engine.solve

    def noted(self, *args, time_limit=None, **options):
        limits.append(time_limit)
        return solved(self, *args, time_limit=time_limit, **options)

    monkeypatch.setattr(Engine, "solve", noted)
    monkeypatch.setattr(worker, "_worlds", {})
    done = worker.solve_members(worker.spec_bytes(tiny(), 1e-4, 50.0), [("a", {"scale": {"budget": 0.98}})])
    assert limits == [50.0]
    assert done.rows[0].status == "optimal"
    nothing = FromBase(tiny(), time_limit=0.0)
    assert limits == [50.0, 0.0]
    member = load(tiny(), scale={"budget": 0.98}).scenario
    assert nothing.solve(member).objective == approx(done.rows[0].objective, rel=1e-4)


def test_an_interrupt_of_the_base_ends_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    from kctopt.solver.engine import Engine

    def interrupted(self, gap):
        raise KeyboardInterrupt

    monkeypatch.setattr(Engine, "_cold", interrupted)
    with pytest.raises(KeyboardInterrupt):
        FromBase(tiny())


def test_a_reason_after_its_place_is_told_by_its_own_sentence() -> None:
    reason = "set= of the call: knowledge: the three elasticities must sum to at most 1 (they sum to 1.01): not concave"
    told = told_reason(reason, "zh")
    assert "三个弹性" in told and "at most" not in told and " 至 " not in told
