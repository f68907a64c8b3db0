"""Plans held as shares of each draw's budget: in proportion, adjusted to be feasible, with regret in every draw."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from chinese import is_chinese
from click.testing import CliRunner
from studies import BUDGET, EFFORT, drawn, study
from worlds import options, small, tiny

import kctopt
from kctopt.cli import main
from kctopt.errors import UsageError
from kctopt.result.lawful import yardstick
from kctopt.rules import breaches
from kctopt.scenario.load import load
from kctopt.scenario.records import Scenario
from kctopt.simulator import Money, to_base_plan
from kctopt.simulator import simulate as run_laws
from kctopt.study import sweep as sweeping
from kctopt.study.fixed_plan import simulate
from kctopt.study.plans import unpacked
from kctopt.study.sweep import Sweep

NEAR = 0.01  # points by which plans of one world, each proven to 1e-6, differ in another


def times(money: Money, factor: float) -> Money:
    return Money(money.strategic * factor, money.substitution * factor, money.exchange * factor)


def at(scenario: Scenario, budget: float) -> Scenario:
    return load(scenario, set={"budget": budget}).scenario


def test_shares_of_another_budget_are_the_plan_in_proportion() -> None:
    scenario = tiny()
    result = kctopt.solve(scenario)
    table = pd.DataFrame({"budget": [48.0, 60.0, 63.0]})
    ensemble = kctopt.simulate(result, draws=table)
    assert ensemble.status["factor"].tolist() == pytest.approx([0.8, 1.0, 1.05])
    for n, budget in enumerate(table["budget"]):
        world, money = at(scenario, budget), times(result.money, budget / 60)
        same = not breaches(world, money)
        assert ensemble.status["status"][n] == ("kept" if same else "adjusted")
        if same:
            assert ensemble.outcomes["objective"][n] == pytest.approx(
                float(run_laws(world, money).objective), rel=1e-12
            )
    assert ensemble.outcomes["objective"][1] == pytest.approx(result.objective, rel=1e-9)
    amounts = kctopt.simulate(result, draws=table, hold="amounts")
    assert amounts.status["status"].tolist() == ["broken", "kept", "kept"]
    assert "0.8 to 1.05 times the money planned" in ensemble.summary()
    assert is_chinese(ensemble.summary("zh").splitlines()[-1])
    with pytest.raises(UsageError, match="hold='share': did you mean"):
        kctopt.simulate(result, draws=table, hold="share")  # type: ignore[arg-type]


def test_a_floor_takes_from_all_other_lines_in_proportion() -> None:
    """A floor of 10 on a line of 10 of 50: at 40 it keeps 10, the others share 30 of 40 as before."""
    scenario = tiny(budget=50.0, lines__0__floor=10.0)
    plan = to_base_plan(scenario)
    ensemble = simulate(plan, scenario, draws=pd.DataFrame({"budget": [40.0]}))
    assert ensemble.status["status"].tolist() == ["adjusted"]
    spend = np.array([10.0, 7.5, 15.0, 7.5])
    by_hand = Money(*(
        part * (spend / [10, 10, 20, 10]).reshape(-1, *[1] * (part.ndim - 1))
        for part in (plan.strategic, plan.substitution, plan.exchange)
    ))  # fmt: skip
    world = at(scenario, 40.0)
    assert ensemble.outcomes["objective"][0] == pytest.approx(float(run_laws(world, by_hand).objective), rel=1e-8)
    assert ensemble.status["moved"][0] == pytest.approx(2.0 / 40, rel=1e-6)  # of 8, 8, 16, 8


POLICIES = [
    {"kind": "floor", "id": "chips", "domain": "chips", "amount": 50.0},
    {"kind": "cap", "id": "bought", "track": "exchange", "amount": 9.0},
    {"kind": "share", "id": "bottlenecks", "type": "B", "min": 0.3, "years": "2027-2031"},
]


@pytest.mark.parametrize("world", [small(policies=POLICIES), small(lines__3__floor=15.0, lines__7__cap=18.0)])
def test_what_is_adjusted_keeps_every_rule_on_money(world: Scenario) -> None:
    plan = kctopt.solve(small())
    table = pd.DataFrame(
        {f"budget.{year}": np.linspace(0.8, 1.2, 9) * value for year, value in ((2026, 145), (2031, 190))}
    )
    ensemble = simulate(plan.money, world, draws=table)
    assert set(ensemble.status["status"]) <= {"kept", "adjusted"} and (ensemble.status["moved"] > 0.01).any()
    assert (ensemble.status["broken"] == 0).all()
    assert (ensemble.status["moved"] < 0.2).all()
    amounts = simulate(plan.money, world, draws=table, hold="amounts")
    assert "broken" in set(amounts.status["status"])


def test_rules_that_cannot_hold_together_stay_broken() -> None:
    """Ramps from the base year let chips have 56 in the first year, and the floor asks for 60."""
    scenario = small(policies=[POLICIES[0] | {"amount": 60.0}])
    ensemble = simulate(kctopt.solve(small()).money, scenario, draws=pd.DataFrame({"kct.multiplier": [0.2]}))
    assert ensemble.status[["status", "rule"]].to_numpy().tolist() == [["broken", "policies.chips[2026]"]]
    assert ensemble.status["breach"].tolist() == pytest.approx([4.0])


def test_the_base_years_shares_are_held_like_the_plan() -> None:
    scenario = options()
    money, shares = to_base_plan(scenario), yardstick(scenario).money
    before = float(scenario.budget.at([2026])[0])
    ensemble = simulate(
        money, scenario, draws=pd.DataFrame({"budget": [before * 0.99]}), outcomes=["value_of_planning"]
    )
    alone = [simulate(one, scenario, draws=pd.DataFrame({"budget": [before * 0.99]})) for one in (money, shares)]
    worth = alone[0].outcomes["objective"][0] - alone[1].outcomes["objective"][0]
    assert ensemble.outcomes["value_of_planning"][0] == pytest.approx(worth, abs=1e-9)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """A budget 20 % lower to 20 % higher, beside an elasticity; the run is of the middle."""
    folder = tmp_path_factory.mktemp("holding")
    kctopt.solve(tiny()).save(folder / "middle")
    rows = [[factor, effort] for factor in (0.8, 0.9, 1.0, 1.1, 1.2) for effort in (0.45, 0.55)]
    asked = replace(study(), plans=(str(folder / "middle"),))
    more = {"gap": 1e-6, "time_limit": None, "fail_fast": False, "executor": None, "name": "local", "workers": 1}
    return sweeping.run(asked, drawn((BUDGET, EFFORT), rows), folder / "s.duckdb", **more)  # type: ignore[arg-type]


def test_regret_over_budgets_is_finite_and_nothing_at_home(swept: Sweep) -> None:
    found = swept.regret(optima=10)
    low, high = found.measures.regret.low, found.measures.regret.high
    assert low.notna().to_numpy().all()
    assert found.measures.table["savage_high"].notna().all()
    members = swept.members.set_index("draw")
    for plan in low.columns[1:]:
        home = int(plan[1:])
        assert found.values.loc[home, plan] == pytest.approx(members.loc[home, "objective"], rel=1e-9)
        assert high.loc[home, plan] <= members.loc[home, "bound"] - members.loc[home, "objective"] + 1e-6
        assert high.loc[home, plan] >= -1e-6
    assert (low.to_numpy() >= -1e-9).all()
    said = found.sentences()
    assert any("shares of each draw's budget: their money is 0.667 to 1.5 times" in one for one in said)
    assert all(is_chinese(one) for one in found.sentences("zh"))
    amounts = swept.regret(optima=10, hold="amounts")
    assert amounts.values.isna().to_numpy().any()
    assert any("held as amounts" in one for one in amounts.sentences())


def test_the_regret_matrix_is_that_of_plans_solved_and_simulated_one_by_one(swept: Sweep) -> None:
    """Members solved anew by `solve`, each plan simulated in each world by `simulate`: nothing of the sweep is used."""
    found = swept.regret(optima=4)
    worlds = [
        load(tiny(), scale={"budget": row[BUDGET.name]}, set={EFFORT.paths[0]: row[EFFORT.name]}).scenario
        for _, row in swept.draws.iterrows()
    ]
    solved = [kctopt.solve(world, gap=1e-6) for world in worlds]
    middle = kctopt.open(swept.path.parent / "middle")
    plans = {name: solved[int(name[1:])] if name != "middle" else middle for name in found.values}
    matrix = np.array([
        [kctopt.simulate(plan, world, draws=pd.DataFrame({"controls.intensity.2026": [0.2]})).outcomes["objective"][0]
         for plan in plans.values()] for world in worlds
    ])  # fmt: skip
    room = np.array([result.bound - result.objective for result in solved])
    best = np.array([result.objective for result in solved])
    np.testing.assert_allclose(found.values, matrix, atol=NEAR)
    regret = np.maximum(best, matrix.max(axis=1))[:, None] - matrix
    np.testing.assert_allclose(found.measures.regret.low, regret, atol=2 * NEAR)
    assert room.max() < NEAR < 0.002 * regret.max()
    savage = regret.max(axis=0)
    assert found.measures.table["savage_low"].to_numpy() == pytest.approx(savage, abs=2 * NEAR)


def test_plans_of_earlier_files_say_to_sweep_again(swept: Sweep, tmp_path: Path) -> None:
    import duckdb

    place = tmp_path / "old.duckdb"
    place.write_bytes(swept.path.read_bytes())
    with duckdb.connect(str(place)) as file:
        for member, content in file.execute("SELECT member, content FROM plans").fetchall():
            import io

            with np.load(io.BytesIO(content)) as parts:
                kept = {name: parts[name] for name in parts if name != "budgets"}
            out = io.BytesIO()
            np.savez_compressed(out, **kept)
            file.execute("UPDATE plans SET content = ? WHERE member = ?", [out.getvalue(), member])
        file.execute("DELETE FROM fixed")
    old = Sweep(place)
    assert unpacked(bytes(old.table("plans")["content"][0])).budgets is None
    with pytest.raises(UsageError, match="kept no budgets of plans; sweep the study again"):
        old.regret()
    assert len(old.regret(hold="amounts", optima=2).plans) == 2


def test_a_run_named_twice_is_judged_once(swept: Sweep, tmp_path: Path) -> None:
    again = kctopt.solve(tiny()).save(tmp_path / "again")
    found = swept.regret(plans=[swept.path.parent / "middle", again, again], optima=0)
    assert list(found.values) == ["middle"]
    assert "again is the plan of middle: it is judged once." in found.sentences()


def test_the_commands_hold_plans_as_asked(swept: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(swept.path.parent)
    ask = ["analyse", "s.duckdb", "--optima", "2"]
    told = json.loads(CliRunner().invoke(main, [*ask, "--json"], catch_exceptions=False).stdout)
    plans = told["scenarios"][0]["regret"]["tables"]["plans"]
    assert told["hold"] == "shares"
    assert [row["kept"] for row in plans] == [1, 1, 1]
    assert max(row["adjusted"] for row in plans) > 0
    told = json.loads(CliRunner().invoke(main, [*ask, "--hold", "amounts", "--json"]).stdout)
    assert (
        told["hold"] == "amounts" and min(row["kept"] for row in told["scenarios"][0]["regret"]["tables"]["plans"]) < 1
    )
    assert (
        "方案按各次抽样的预算份额保持：其资金为原定资金的 " in CliRunner().invoke(main, [*ask, "--lang", "zh"]).output
    )
