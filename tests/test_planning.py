"""The value of planning: the yardsticks by hand, identities, a second writing, and where it is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from fakes import fake_outcome
from pytest import approx
from second_writing import evaluate
from worlds import options, small, tiny

import kctopt
from kctopt import Result
from kctopt.analysis.tolerance import Tolerance
from kctopt.api.comparison import compare
from kctopt.cache import SEAL
from kctopt.cli import main
from kctopt.own import OwnObjective, OwnParts
from kctopt.report.story import story
from kctopt.result import folder
from kctopt.result.lawful import yardstick
from kctopt.result.unchanged import sealed
from kctopt.result.verify import notes, verify
from kctopt.rules import breaches
from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import REACH
from kctopt.scenario.select import exposed_part
from kctopt.simulator import Money, reference, simulate, to_base_plan

LEVEL = {f"lines__{i}__{name}": 0.0 for i in range(4) for name in ("trend", "rival_growth")}
STEADY: dict[str, Any] = LEVEL | {"controls": {"intensity": 0.2}, "budget": 50.0}  # 50 is the base year's spend


def result(scenario: Scenario, **fields: Any) -> Result:
    return Result.of(scenario, fake_outcome(scenario, **fields))


def discounted(security: list[float]) -> float:
    """The objective of the tiny world: six years, the fourth of them, 2029, once more."""
    return sum(0.95**n * value for n, value in enumerate(security, 1)) + security[3]


# The yardsticks


def test_the_trend_alone_by_hand() -> None:
    scenario = tiny(cut_off__loss=0.0)
    # KCT stays at 100: economy 1.02^n, military 1.03^n, technology 1, with weights 0.4, 0.3 and 0.3
    security = [100 * 1.02 ** (0.4 * n) * 1.03 ** (0.3 * n) for n in range(1, 7)]
    assert reference(scenario).trend == approx(discounted(security))


def test_the_loss_of_a_cut_off_belongs_to_the_trend() -> None:
    scenario = tiny(security={"form": "linear", "economy": 1.0, "military": 0.0, "technology": 0.0}, cut_off__shield=0)
    # chips-B is the one bottleneck: loss = controls x 10 x sensitivity 0.8 x dependency 0.6, and 0.2 to 0.8 by 2029
    controls = [0.2, 0.2, 0.4, 0.6, 0.8, 0.8, 0.8]
    loss = [10 * 0.8 * 0.6 * intensity for intensity in controls]
    economy = [100 * 1.02**n - loss[n] for n in range(1, 7)]
    assert reference(scenario).trend == approx(discounted(economy))


def test_the_reference_plan_splits_every_budget_as_the_base_year() -> None:
    money = reference(tiny(budget={2025: 50.0, 2026: 60.0, 2027: 75.0, 2029: 100.0})).money
    # ai-A spends 20 of 50: 2/5 of every budget, of it 0.2 exchange, 0.1 substitution, 0.7 by 0.5, 0.3, 0.2
    budget = np.array([60.0, 75.0, 87.5, 100.0])
    assert money.spend.sum(axis=0) == approx(budget)
    assert money.spend[2] == approx(0.4 * budget)
    assert money.exchange[2] == approx(0.08 * budget) and money.substitution[2] == approx(0.04 * budget)
    assert money.strategic[2] == approx(0.28 * np.outer([0.5, 0.3, 0.2], budget))


def test_without_growth_of_anything_the_base_year_s_shares_add_nothing() -> None:
    base = reference(tiny(**STEADY))
    assert base.objective == approx(base.trend, rel=1e-12)
    more, less = reference(tiny(**STEADY | {"budget": 55.0})), reference(tiny(**STEADY | {"budget": 45.0}))
    assert less.objective < base.objective < more.objective and less.trend == more.trend == base.trend


@pytest.mark.parametrize("scenario", [tiny(), small(), tiny(stages="switching")], ids=["tiny", "small", "switching"])
def test_a_second_writing_finds_the_same_worth(scenario: Scenario) -> None:
    base = reference(scenario)
    assert evaluate(scenario, base.money, kctopt.simulator.Choices()).objective == approx(base.objective, rel=1e-9)


def test_the_reference_plan_is_worth_no_planning() -> None:
    scenario = tiny()
    base = reference(scenario)
    value = result(scenario, money=base.money).value_of_planning
    assert value is not None
    assert (value.value, value.plan) == (0.0, base.objective)
    assert value.broken == tuple(dict.fromkeys(one.rule.head for one in breaches(scenario, base.money)))


def test_exchange_that_switching_closes_goes_to_research_of_its_line() -> None:
    # chips-B is within reach at first; controls tighten and its gap leaves that stage behind
    scenario = options(policies=[], diffusion__far=0.75, lines__0__rival_growth=0.12, lines__0__trend=-0.02)
    base = reference(scenario)
    years, whole = len(scenario.horizon.years), to_base_plan(scenario)
    open_there = base.trajectory.stage[:, 1 : 1 + years] == REACH
    assert open_there.any() and not open_there.all()
    assert (base.money.exchange[~open_there] == 0).all()
    scale = 60.0 / 50.0
    assert base.money.spend == approx(whole.spend * scale), "a line's spend stays its own"
    assert base.money.exchange[open_there] == approx((whole.exchange * scale)[open_there])
    assert "switching.exchange_open" not in {one.rule.head for one in breaches(scenario, base.money)}
    again = simulate(scenario, base.money)
    assert (again.stage == base.trajectory.stage).all(), "the stages are those that this money leads to"
    assert not base.trajectory.programme_cost.any() and not base.trajectory.change_cost.any()


# Made lawful


def test_a_cap_on_exchange_spreads_its_money_over_all_else_by_hand() -> None:
    none = {f"quadrants__{n}__{end}_exchange": 0.0 for n in range(4) for end in ("min", "max")}
    scenario = tiny(**none)
    base, kept = reference(scenario).money, yardstick(scenario)
    # in every year what exchange had goes to the others in proportion to what they have: all are multiplied alike
    rest = base.spend.sum(axis=0) / (base.spend.sum(axis=0) - base.exchange.sum(axis=0))
    assert kept.money.exchange == approx(0.0, abs=1e-9)
    assert kept.money.strategic == approx(base.strategic * rest, rel=1e-7)
    assert kept.money.substitution == approx(base.substitution * rest, rel=1e-7)
    assert kept.moved == approx(base.exchange.sum() / base.spend.sum())
    assert kept.broken == ("quadrants.exchange_cap",) and not kept.missed
    assert kept.unlawful == approx(reference(scenario).objective)


def test_a_floor_takes_from_all_others_alike_by_hand() -> None:
    scenario = tiny(policies=[{"id": "up", "kind": "floor", "line": "ai-M", "amount": 15.0, "years": "2027"}])
    base, kept = reference(scenario).money.spend, yardstick(scenario).money.spend
    # ai-M has 12 of 60 in 2027: three more, a quarter of its own, from the 48 of the others
    assert base[3, 1] == approx(12.0) and kept[3, 1] == approx(15.0, rel=1e-7)
    assert kept[:3, 1] == approx(base[:3, 1] * 45 / 48, rel=1e-7)
    assert kept[:, [0, 2, 3]] == approx(base[:, [0, 2, 3]], rel=1e-7)


def test_a_limit_on_exposure_multiplies_by_a_factor_to_the_exposed_part() -> None:
    """m = m0 exp(-b_t - p_t zeta_i) for exchange, m0 exp(-b_t) for all else: no exchange ends that need not."""
    scenario = tiny(cooperation__exposure_limit=1.0, **{f"quadrants__{n}__max_exchange": 1.0 for n in range(4)})
    base, kept, zeta = reference(scenario).money, yardstick(scenario).money, exposed_part(scenario)
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.log(kept.strategic / base.strategic)
        cut = np.log(kept.exchange / base.exchange) - rest[0, 0]
    assert np.ptp(rest, axis=(0, 1)) == approx(0.0, abs=1e-4)
    spends = base.exchange[:, 0] > 0
    assert zeta[spends].max() > 0.3 and np.unique(zeta[spends]).size > 1
    price = -cut[np.argmax(zeta)] / zeta.max()
    assert (price > 0.5).all() and cut[spends] == approx(-np.outer(zeta[spends], price), abs=1e-3)


RULES: list[dict[str, Any]] = [
    {},
    {"lines__0__cap": 9.0, "lines__1__floor": 13.0},
    {"cooperation__exposure_limit": 1.0},
    {"money__ramp_growth": 0.02, "money__ramp_step": 0.0},
    {"policies": [{"id": "most", "kind": "share", "domain": "ai", "max": 0.5}]},
    {"policies": [{"id": "sum", "kind": "cap", "domain": "chips", "amount": 80, "per": "total"}]},
    {"lines__0__cap": 9.0, "lines__1__cap": 9.0, "lines__2__cap": 9.0, "lines__3__cap": 9.0},  # 36 of 60 can be spent
    {"stages": "switching", "lines__0__cap": 9.0, "lines__0__rival_growth": 0.12, "lines__0__trend": -0.02},
]


@pytest.mark.parametrize("given", RULES, ids=str)
def test_a_lawful_yardstick_keeps_every_rule_and_bounds_hold_it(given: dict[str, Any]) -> None:
    scenario = tiny(**given)
    kept = yardstick(scenario)
    assert not kept.missed and breaches(scenario, kept.money) == []
    assert bool(kept.broken) == (kept.moved > 0) == (kept.unlawful is not None)
    assert evaluate(scenario, kept.money, kctopt.simulator.Choices()).objective == approx(kept.objective, rel=1e-9)
    assert yardstick(scenario).objective == kept.objective


def test_no_lawful_plan_is_worth_more_than_the_bound() -> None:
    """What a yardstick that breaks rules can be: then planning seemed worth less than nothing."""
    none = {f"quadrants__{n}__{end}_exchange": 0.0 for n in range(4) for end in ("min", "max")}
    solved = kctopt.solve(tiny(**none))
    value = solved.value_of_planning
    assert value is not None and value.at_most is not None and value.unlawful is not None
    assert 0 < value.value <= value.at_most
    assert value.trend + value.shares + value.value == approx(value.plan)
    assert value.broken == ("quadrants.exchange_cap",) and value.reference != value.unlawful
    english, chinese = solved.summary(), solved.summary("zh")
    assert f"with the base year's shares adjusted to be feasible {value.reference:.4f}" in english
    assert f"would be worth {value.unlawful:.4f}; to keep the rules, {100 * value.moved:.1f} % of their" in english
    assert "按调整至合规的基准年份额" in chinese and f"{value.unlawful:.4f}" in chinese
    for lang, words in (("en", "the reference is the nearest allocation"), ("zh", "最接近且满足约束")):
        assert words in "\n".join(story([solved], lang).texts())
    compared = compare(result(tiny()), solved)
    assert "adjusted to be feasible by the least change of their money; so in tiny-2." in " ".join(
        compared.summary().split()
    )
    assert compared.rows("runs")[1]["unlawful"] == value.unlawful and compared.rows("runs")[0]["unlawful"] is None


UP = {"id": "up", "kind": "target", "line": "chips-B", "min_ratio": 0.5, "by": 2029}


def test_where_no_lawful_yardstick_is_known_there_is_no_value(tmp_path: Path) -> None:
    """Rules on states are not mended."""
    solved = kctopt.solve(tiny(policies=[UP], lines__2__cap=15.0))
    base = solved.yardstick
    assert set(base.broken) == {"policies.up", "money.line_cap"} and base.missed == ("policies.up",) and base.moved > 0
    assert solved.value_of_planning is None and solved.no_value == "unlawful"
    more = (solved.simulated_objective or 0.0) - base.objective
    english, chinese = " ".join(solved.summary().split()), solved.summary("zh")
    assert "the base year's shares break policies.up" in english and f"worth {more:+.4f} NS points" in english
    assert "没有规划价值" in chinese and "policies.up" in chinese
    run = solved.save(tmp_path / "run")
    assert verify(run) == [] and kctopt.open(run).no_value == "unlawful"
    assert "No value of planning: even after the least change" in "\n".join(story([solved], "en").texts())
    assert "without a value of planning: tiny" in compare(result(tiny()), solved).summary()
    tolerance = Tolerance.asked(solved, 0.01, "planning", solved.objective or 0.0)
    assert (tolerance.of, tolerance.instead) == ("objective", "unlawful")


def test_money_that_no_change_makes_lawful_stays_as_it_is() -> None:
    floor = {"id": "least", "kind": "floor", "domain": "chips", "amount": 39.0, "years": "2026"}  # ramps allow less
    base = yardstick(tiny(policies=[floor]))
    assert base.missed == base.broken == ("policies.least",) and base.moved == 0 and base.objective == base.unlawful


# The value of a plan


def test_value_parts_and_bracket() -> None:
    solved = result(tiny())
    value = solved.value_of_planning
    assert value is not None and solved.objective is not None and solved.bound is not None
    base = reference(tiny())
    assert value.plan == approx(solved.objective) and value.trend == base.trend
    assert value.value == approx(solved.objective - base.objective)
    assert value.at_most == approx(solved.bound - base.objective)
    assert value.trend + value.shares + value.value == approx(value.plan)
    loose = replace(solved, bound=None).value_of_planning
    assert loose is not None and loose.at_most is None and loose.value == value.value


def test_a_bound_of_other_laws_brackets_nothing() -> None:
    solved = replace(result(tiny()), objective=700.0)  # as another version worked it out
    value = solved.value_of_planning
    assert value is not None and value.at_most is None


@pytest.mark.parametrize(
    ("kind", "en", "zh"),
    [("min_budget", "the objective is money", "目标是资金"), ("earliest", "the objective is a year", "目标是年份")],
)
def test_other_objectives_have_none_and_say_why(kind: str, en: str, zh: str) -> None:
    target = {"id": "up", "kind": "target", "line": "chips-B", "min_ratio": 0.3, "by": 2029}
    solved = result(tiny(objective__kind=kind, policies=[target]))
    assert solved.value_of_planning is None
    assert f"no value of planning: {en}" in solved.summary()
    assert "没有规划价值" in solved.summary("zh") and zh in solved.summary("zh")


def test_an_objective_of_the_user_s_own_has_none() -> None:
    own = OwnParts(objective=OwnObjective({}, 1.0, "maximize", "1.0"))
    solved = Result.of(tiny(), fake_outcome(tiny()), own=own)
    assert solved.value_of_planning is None and solved.no_value == "own"
    assert "no value of planning: the objective is the user's own" in solved.summary()


def test_shares_of_domains_stand_beside_weights() -> None:
    scenario = tiny()
    base = to_base_plan(scenario)
    twice = base.strategic.copy()
    twice[:2] *= 1.5
    solved = result(scenario, money=Money(twice, base.substitution, base.exchange))
    chips, ai = solved.domain_shares
    # chips: research of 10 - 1 - 1 = 8 and 10 - 0.1 - 1 = 8.9 grows by half, so 20 + 8.45 of 58.45 a year
    assert chips.share == approx(28.45 / 58.45) and chips.base_share == approx(20 / 50) and chips.weight == 0.6
    assert chips.beyond_weight == approx(28.45 / 58.45 - 0.6) and ai.share == approx(1 - chips.share)
    assert result(scenario, status="infeasible").domain_shares == ()


# Where it is told


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return result(tiny()).save(tmp_path / "tiny")


def change(run: Path, **fields: object) -> None:
    record = {name: value for name, value in folder.read_json(run / "run.json").items() if name != SEAL}
    kept = {name: value for name, value in (record | fields).items() if value != "gone"}
    folder.write_json(run / "run.json", sealed(kept, run))


def test_a_run_keeps_it_and_opens_with_it(run: Path) -> None:
    solved, back = result(tiny()), kctopt.open(run)
    assert back.value_of_planning == solved.value_of_planning
    record = folder.read_json(run / "run.json")["value_of_planning"]
    assert set(record) == {
        "value", "at_most", "plan", "reference", "trend", "broken", "unlawful", "moved",
    }  # fmt: skip


def test_a_false_value_is_found(run: Path) -> None:
    assert verify(run) == []
    record = folder.read_json(run / "run.json")["value_of_planning"]
    change(run, value_of_planning=record | {"value": record["value"] + 0.01, "broken": ["money.cap"]})
    told = [str(finding) for finding in verify(run)]
    assert len(told) == 2 and told[0].startswith("value_of_planning: value is ")
    assert "broken is ['money.cap'] in run.json" in told[1]
    change(run, value_of_planning=None)
    assert "run.json has none, the plan has one when simulated" in str(verify(run)[0])
    change(run, value_of_planning=record | {"value": "much"})
    assert len(verify(run)) == 1


def test_a_run_of_before_opens_and_says_so(run: Path) -> None:
    change(run, value_of_planning="gone")
    assert verify(run) == []
    assert "run.json has no value of planning; it is worked out anew" in " ".join(notes(run))
    assert kctopt.open(run).value_of_planning == result(tiny()).value_of_planning


def test_the_summary_tells_it_in_both_languages() -> None:
    solved = result(tiny())
    value = solved.value_of_planning
    assert value is not None
    english, chinese = solved.summary(), solved.summary("zh")
    assert f"value of planning: {value.value:.4f} NS points over the years, at most {value.at_most:.4f}" in english
    assert f"trend alone {value.trend:.4f}, with the base year's shares {value.reference:.4f}" in english
    assert "规划价值" in chinese and "按基准年份额" in chinese and "减权重，百分点" in chinese
    assert "share of the money" in english and "less weight, points" in english


def test_solve_prints_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kctopt.api.question.run_engine", lambda *given, **more: fake_outcome(tiny()))
    monkeypatch.chdir(tmp_path)
    Path("tiny.yaml").write_text(kctopt.result.run.dump_scenario(tiny()), encoding="utf-8")
    done = CliRunner().invoke(main, ["solve", "tiny.yaml", "--json"])
    data = json.loads(done.stdout)
    parts = data["value_of_planning"]
    assert parts["value"] == approx(data["objective"] - parts["reference"])
    assert parts["at_most"] == approx(data["bound"] - parts["reference"])
    assert [share["domain"] for share in data["domain_shares"]] == ["chips", "ai"]
    table = CliRunner().invoke(main, ["solve", "tiny.yaml", "tiny.yaml"]).stdout
    assert "value of planning" in table and f"{parts['value']:.4f}" in table


def test_reports_tell_it_in_both_languages() -> None:
    solved = result(tiny())
    value = solved.value_of_planning
    assert value is not None and value.at_most is not None
    english, chinese = ("\n".join(story([solved], lang).texts()) for lang in ("en", "zh"))
    assert f"Planning is worth {value.value:,.2f} points" in english and f"more than {value.at_most:,.2f}" in english
    assert "Shares of the money by domain" in english and "less weight, points" in english
    assert f"规划在各年累计带来 {value.value:,.1f} 点" in chinese and "减权重，百分点" in chinese
    cheapest = story([result(tiny(objective__kind="min_budget"))], "en")
    assert "No value of planning: the objective is money" in "\n".join(cheapest.texts())


def test_a_comparison_splits_the_change() -> None:
    base, other = result(tiny()), result(tiny(budget=66.0))
    compared = compare(base, other)
    change = compared.pairs[0].value_of_planning
    assert change is not None and compared.pairs[0].objective is not None
    assert change.trend == 0.0 and change.shares > 0
    assert change.trend + change.shares + change.delta == approx(compared.pairs[0].objective.delta)
    assert change.low is not None and change.high is not None and change.low <= change.delta <= change.high
    own = compared.rows("runs")[1]
    assert own["trend"] < own["reference"] and own["value_of_planning"] == approx(own["objective"] - own["reference"])
    text, chinese = compared.summary(), compared.summary("zh")
    assert "what the plans are worth" in text and "come with the trend" in text and "shares of the money" in text
    assert "各方案的价值" in chinese and "基准年份额" in chinese
    kind = compare(base, result(tiny(objective__kind="min_budget", policies=[])))
    assert kind.pairs[0].value_of_planning is None and "without a value of planning: tiny-2" in kind.summary()
