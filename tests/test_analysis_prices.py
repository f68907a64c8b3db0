"""Prices: by hand, against whole solves on both sides, degenerate rules, conditional ones, told and saved."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from click.testing import CliRunner
from fakes import fake_outcome
from pytest import approx
from test_published_cases import lorie_savage
from worlds import tiny

from kctopt import Result, api
from kctopt.analysis.prices import Slopes, prices
from kctopt.analysis.prices_text import told
from kctopt.analysis.rule_rows import RuleRows
from kctopt.cli import main
from kctopt.errors import RunError
from kctopt.program import Program
from kctopt.scenario.records import RUNGS, Scenario
from kctopt.simulator import simulate
from kctopt.solver.compile import compile_program
from kctopt.solver.highs import Highs
from kctopt.solver.newton import Newton, Point
from kctopt.solver.polish import polish
from kctopt.solver.tangents import Tangents
from kctopt.table import Table

POLICIES = [
    {"id": "accelerator-floor", "kind": "floor", "line": "ai-A", "amount": 4.0, "years": "2028-2029"},
    {"id": "ai-total", "kind": "cap", "domain": "ai", "amount": 44.0, "years": "2026-2027", "per": "total"},
    {"id": "moat-cap", "kind": "cap", "line": "ai-M", "amount": 6.0, "years": "2028-2029"},
    {"id": "chips-target", "kind": "target", "line": "chips-B", "min_ratio": 0.6, "by": 2029},
    {"id": "basic", "kind": "share", "rung": "F", "min": 0.3},
]
EVERY = {"policies": POLICIES, "cooperation__exposure_limit": 1.2, "budget": {2026: 58.0, 2029: 62.0}}


def world(**changes: Any) -> Scenario:
    """The tiny world with every kind of rule at work."""
    return tiny(**EVERY | changes)


def with_policy(id: str, **fields: Any) -> Scenario:
    return world(policies=[policy | fields if policy["id"] == id else policy for policy in POLICIES])


@pytest.fixture(scope="module")
def run() -> Result:
    return api.solve(world())


@pytest.fixture(scope="module")
def found(run: Result) -> Any:
    return prices(run, check=True)


def price(found: Any, table: str, **keys: Any) -> float:
    (row,) = [row for row in found.tables[table].records if all(row[key] == value for key, value in keys.items())]
    return float(row["price"])


def test_every_kind_of_rule_has_a_price_that_solving_again_finds(found: Any) -> None:
    rows = found.tables["rules"].records
    assert {row["kind"] for row in rows} >= {
        "budget", "ramp", "exchange_cap", "exchange_floor", "exposure", "floor", "cap", "target", "share",
    }  # fmt: skip
    assert {row["verdict"] for table in found.tables.values() for row in table.records} == {"agrees"}
    assert all((row["price"] >= 0) == (row["sense"] == "<=") for row in rows)
    assert found.about["exact"]
    assert found.about["gap"] < 1e-6
    assert not found.about["conditional"]


SIDES: dict[str, tuple[dict[str, str], float, Any]] = {  # total, step in its unit, scenario with it moved by steps
    "budget": ({"number": "budget", "span": ""}, 2.0, lambda h: world(budget={
        2026: 58 * (1 + h / 240), 2029: 62 * (1 + h / 240)})),
    "plan total": ({"number": "policies[ai-total].amount"}, 1.0, lambda h: with_policy("ai-total", amount=44.0 + h)),
    "target": ({"number": "policies[chips-target].min_ratio"}, 0.2, lambda h: with_policy(
        "chips-target", min_ratio=0.6 + h / 100)),
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("name", SIDES)
def test_prices_are_the_central_differences_of_whole_solves(name: str, found: Any) -> None:
    keys, step, moved = SIDES[name]
    less, more = (api.solve(moved(h), gap=1e-6) for h in (-step, step))
    assert (less.status, more.status) == ("optimal", "optimal")
    assert less.objective is not None
    assert more.objective is not None
    assert price(found, "totals", **keys) == approx((more.objective - less.objective) / (2 * step), rel=0.01)


def test_a_budget_is_worth_what_its_last_billion_brings() -> None:
    """By the laws alone: a little more money for research on a line that no rule holds, simulated."""
    run = api.solve(tiny(), gap=1e-2)
    found = prices(run)
    assert run.money is not None
    settled = polish(run.scenario, run.money, run.choices)
    plan, line, rung = settled.engine.simulator.money(settled.plan.x), 2, RUNGS.index("P")  # ai-A
    assert not any(row["line"] == "ai-A" for row in found.tables["rules"].records)
    for n, year in enumerate(run.scenario.horizon.years):
        more = plan.strategic.copy()
        more[line, rung, n] += 1e-5
        brought = simulate(run.scenario, replace(plan, strategic=more)).objective - settled.plan.objective
        carried = 0.1 * price(found, "rules", rule="money.carry[2026]") if year == 2026 else 0.0  # more may be kept
        worth = float(brought) / 1e-5 + carried
        assert price(found, "rules", rule=f"money.budget[{year}]") == approx(worth, rel=1e-3)


def test_a_soft_target_out_of_reach_costs_what_its_shortfall_does() -> None:
    policy = {
        "id": "moon", "kind": "target", "line": "chips-B", "min_ratio": 3.0, "by": 2029, "soft": True, "price": 7.0,
    }  # fmt: skip
    found = prices(api.solve(tiny(policies=[policy])))
    assert price(found, "rules", named="moon") == approx(-7.0, rel=1e-9)
    assert price(found, "totals", named="moon") == approx(-0.07, rel=1e-9)  # of 0.01 of the rival's level


def test_a_number_is_worth_the_sum_over_its_rows(found: Any, run: Result) -> None:
    rules = found.tables["rules"].frame

    def of(start: str) -> Any:
        return rules[rules["rule"].str.startswith(start)]

    cap, share = of("policies.moat-cap["), of("policies.basic[")
    assert len(cap) == 2
    assert price(found, "totals", named="moat-cap") == approx(cap["price"].sum())
    percent = 0.01 * share["right"] / 0.3  # a hundredth of what the share is of
    assert price(found, "totals", named="basic") == approx((percent * share["price"]).sum())
    budgets = of("money.budget[").sort_values("year")
    amounts = run.scenario.budget.at(budgets["year"].to_numpy(int))
    assert price(found, "totals", number="budget", span="") == approx((budgets["price"] @ amounts) / amounts.sum())


def test_the_price_of_the_run_stands_beside_the_exact_one(found: Any) -> None:
    rows = [row for row in found.tables["rules"].records if row["kind"] == "budget"]
    assert all(row["price_of_run"] == approx(row["price"], rel=0.2) for row in rows)


def test_rules_that_say_the_same_are_degenerate_and_hold_the_price_between_their_sides() -> None:
    twice = [
        {"id": name, "kind": "floor", "line": "chips-S", "amount": 26.0, "years": "2027-2027"} for name in ("a", "b")
    ]
    run = api.solve(tiny(policies=twice))
    unchecked = prices(run)
    assert unchecked.about["unpriced"] in (["a"], ["b"])
    assert "at the limit without a price, as where another rule asks for the same" in told(
        unchecked, run.scenario, "en"
    )
    found = prices(run, check=True)
    rows = [row for row in found.tables["rules"].records if row["named"] in ("a", "b")]
    assert [row["verdict"] for row in rows] == ["degenerate", "degenerate"]
    for row in rows:  # one unit less changes nothing, since the other holds
        assert row["left_derivative"] == approx(0.0, abs=1e-6)
        assert row["right_derivative"] == approx(sum(each["price"] for each in rows), rel=0.01)
    text = told(found, run.scenario, "en")
    assert "Degenerate: one unit less does not cost what one more brings; the price lies between the two." in text
    assert "one less by +0 (degenerate)" in text.replace("-0 ", "+0 ")


@pytest.mark.parametrize(
    ("left", "right", "price", "verdict"),
    [
        (1.0, 1.0, 1.0, "agrees"), (1.005, 0.995, 1.009, "agrees"), (1.0, 1.0, 1.02, "differs"),
        (1.0, 0.5, 0.7, "degenerate"), (1.0, 0.5, 1.0, "degenerate"), (0.5, 1.0, 0.7, "degenerate"),
        (1.0, 0.5, 0.4, "differs"), (0.0, 0.0, 1e-9, "agrees"), (None, 0.5, 0.5, "failed"),
    ],
)  # fmt: skip
def test_verdicts(left: float | None, right: float | None, price: float, verdict: str) -> None:
    assert Slopes(left, right).verdict(price) == verdict
    assert Slopes(left, right).row(price, False)["verdict"] == "not checked"


def test_without_an_exact_optimum_only_the_mean_of_the_sides_counts() -> None:
    assert Slopes(1.0, 0.5, rough=True).verdict(0.75) == "agrees"
    assert Slopes(1.0, 0.5, rough=True).verdict(0.9) == "failed"  # never called degenerate, nor wrong


def test_with_discrete_choices_prices_are_conditional_on_them() -> None:
    reviews = {"reviews": "halves", "ratchet": True, "far_control": 0.05, "near_control": 0.1}
    run = api.solve(tiny(stages="switching", switching=reviews), gap=0.01)
    found = prices(run, check=True)
    assert found.about["conditional"]
    verdicts = {row["verdict"] for table in found.tables.values() for row in table.records}
    assert verdicts <= {"agrees", "degenerate"}
    assert "Prices are conditional on the discrete choices of the plan, which are held fixed." in told(
        found, run.scenario, "en"
    )
    assert "影子价格以方案的离散选择保持不变为条件" in told(found, run.scenario, "zh")
    assert price(found, "totals", number="budget", span="") > 0


def test_with_the_choices_free_a_price_is_what_one_more_unit_adds_to_the_bound() -> None:
    reviews = {"reviews": "halves", "ratchet": True, "far_control": 0.05, "near_control": 0.1}
    run = api.solve(tiny(stages="switching", switching=reviews), gap=0.01)
    found = prices(run)
    (total,) = [row for row in found.tables["totals"].records if row["number"] == "budget" and not row["span"]]
    free, bound, held = total["price_released"], found.about["bound_released"], total["price"]
    assert held / 3 < free < 3 * held
    assert bound >= run.objective
    years = len(run.scenario.horizon.years)
    for more in (0.5, 5.0, -2.0):
        richer = api.solve(tiny(stages="switching", switching=reviews, budget=60 + more), gap=1e-3)
        assert richer.objective <= bound + free * more * years + 1e-6
    assert "Choices free: with all discrete choices open again" in told(found, run.scenario, "en")
    assert "放开选择" in told(found, run.scenario, "zh")
    continuous = prices(api.solve(tiny()))
    assert continuous.about["bound_released"] is None
    assert all(row["price_released"] is None for table in continuous.tables.values() for row in table.records)
    assert "Choices free" not in told(continuous, run.scenario, "en")


def test_the_cheapest_budget_has_prices_in_money() -> None:
    scenario = tiny(policies=[POLICIES[3]], objective__kind="min_budget")
    run = api.solve(scenario)
    found = prices(run)
    assert found.about["exact"]
    assert found.about["gap"] < 1e-8
    assert found.about["unit"] == "billion CNY"
    assert price(found, "totals", named="chips-target") > 0  # more is asked, more is needed
    assert "costs" in told(found, scenario, "en")


def test_prices_of_lorie_and_savage_are_exact() -> None:
    """Theirs are prices of fractions of projects, not conditional ones: by the same parts, without a scenario."""
    model = lorie_savage()
    compiled = compile_program(
        cast(
            Program,
            SimpleNamespace(
                model=model, written=True, families=[], columns=frozenset(), built=frozenset(), scenario=tiny()
            ),
        )
    )
    highs = Highs()
    highs.load(
        compiled.cost, compiled.column_lower, compiled.column_upper, compiled.rows, compiled.lower, compiled.upper
    )
    end = highs.run("dual")
    columns = compiled.cost - compiled.rows.T @ end.row_dual
    found = Newton(compiled, Tangents(compiled)).optimum(Point(end.x, end.row_dual, np.zeros(0), columns))
    assert found is not None
    assert compiled.objective(found.x) == approx(70 + 3 / 11, abs=1e-9)
    worth = []
    for year in (1, 2):
        place = RuleRows("<=", rows=(compiled.row_names.index(f"budget[{year}]"),))
        worth.append(place.price(compiled, found))
    assert worth == [approx(3 / 22, abs=1e-9), approx(41 / 22, abs=1e-9)]


def test_told_in_both_languages(found: Any, run: Result) -> None:
    text = told(found, run.scenario, "en")
    assert f"{found.about['objective']:.6f}" in text
    assert "0 degenerate, 0 differ, 0 could not be settled." in text
    rows = found.tables["rules"].records
    priced = [row for row in rows if abs(row["price"]) > 1e-6]
    of = {str(row["rule"]).partition("[")[0] for row in priced}
    assert f"Rows with a price: {len(priced)}, of {len(of)} rules; a row is one rule in one year," in text
    assert f"without a price: {len(rows) - len(priced)}. Listed are the {min(15, len(rows))} dearest" in text
    assert "One more billion CNY of budget in 2028-29 is worth" in text
    assert "One more billion CNY of policies[accelerator-floor].amount costs" in text
    chinese = told(found, run.scenario, "zh")
    assert "每增加 10 亿元" in chinese
    assert "已在两侧重新求解核对" in chinese
    assert "One more" not in chinese


def test_a_run_without_a_plan_is_refused() -> None:
    with pytest.raises(RunError, match="has no plan"):
        prices(Result.of(tiny(), fake_outcome(tiny(), "infeasible")))


def test_a_plan_that_its_scenario_does_not_allow_is_refused(run: Result) -> None:
    assert run.money is not None
    more = replace(run.money, strategic=1.5 * run.money.strategic)
    broken = Result.of(run.scenario, replace(fake_outcome(run.scenario), money=more))
    with pytest.raises(Exception, match="breaks a rule"):
        prices(broken)


def test_the_command_saves_and_shows_again(run: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = run.save(tmp_path / "tiny")

    def invoke(*extra: str) -> Any:
        done = CliRunner().invoke(main, ["explain", "prices", str(place), *extra], prog_name="kctopt")
        assert done.exit_code == 0, done.output
        return done

    first = invoke()
    assert "what one more unit is worth, at the optimum" in first.stdout
    assert (place / "explain" / "prices" / "rules.csv").is_file()
    monkeypatch.setattr("kctopt.solver.polish.polish", lambda *_: pytest.fail("solved again"))
    again = invoke()
    assert again.stdout == first.stdout
    assert "computed before" in again.stderr
    record = json.loads(invoke("--json").stdout)
    assert record["analysis"] == "prices"
    assert {row["verdict"] for row in record["rules"]} == {"not checked"}
    assert "每增加 10 亿元" in invoke("--lang", "zh").stdout


def test_the_command_ends_with_1_where_a_price_is_wrong(
    run: Result, found: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [dict(row) | {"verdict": "differs"} for row in found.tables["rules"].records]
    table = Table.of("rules", found.tables["rules"].columns, rows)
    wrong = replace(found, tables={**found.tables, "rules": table})
    monkeypatch.setattr("kctopt.analysis.prices.prices", lambda *_, **__: wrong)
    place = run.save(tmp_path / "tiny")
    done = CliRunner().invoke(main, ["explain", "prices", str(place), "--check"], prog_name="kctopt")
    assert done.exit_code == 1
    assert "prices are not what solving again finds" in done.stderr
