"""Trees of states over kctopt's own programs: files and their faults, shared first plans, values, what is written."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chinese import is_chinese
from click.testing import CliRunner, Result
from hypothesis import given, settings, strategies
from jsonschema import Draft202012Validator
from worlds import options, tiny

import kctopt
from kctopt.cli.main import main
from kctopt.errors import ScenarioErrors, UsageError
from kctopt.recourse.decide import decide, mean_scenario, problem_of
from kctopt.recourse.load import bundled_trees, is_tree, load_tree
from kctopt.recourse.odds import along
from kctopt.recourse.overlay import by_year
from kctopt.recourse.prices import charged, prices_of, sharing
from kctopt.recourse.request import priced
from kctopt.recourse.schema import tree_schema
from kctopt.recourse.tree import Tree
from kctopt.recourse.values import Bracket
from kctopt.scenario.bundled import bundled_root
from kctopt.scenario.dump import dump
from kctopt.scenario.yamlfile import read_yaml
from kctopt.simulator import simulate

STATES = [
    {"state": "eased", "probability": 0.4, "from": 2028, "scale": {"controls.intensity": 0.5}},
    {"state": "tight", "probability": 0.6, "from": 2028, "set": {"controls.intensity": 0.9}},
]
TARGET = {"id": "up", "kind": "target", "line": "chips-B", "min_ratio": 0.65, "by": 2029}


def tree(*states: dict[str, Any], of: Any = None) -> Tree:
    return load_tree({"of": of or tiny(), "tree": list(states or STATES)})


@cache
def decided() -> kctopt.Stochastic:
    return decide(tree(), also=("probabilities", "prices", "waiting"))


def faults(text: str, folder: Path) -> list[str]:
    """Faults of a tree file, each with its line."""
    (folder / "world.yaml").write_text(dump(tiny()), encoding="utf-8")
    (folder / "try.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioErrors) as caught:
        load_tree(folder / "try.yaml")
    assert {Path(fault.file).name for fault in caught.value.faults} == {"try.yaml"}
    return [f"{fault.line}: {fault.path}: {fault.message}; {fault.hint}" for fault in caught.value.faults]


def test_an_overlay_acts_from_its_branch_on_and_not_before() -> None:
    base, years = tiny(), np.arange(2025, 2032)
    before = base.controls.intensity.at(years)
    eased, tight = (leaf.scenario.controls.intensity.at(years) for leaf in tree().leaves)
    assert eased.tolist() == [*before[:3], *(0.5 * before[3:])]
    assert tight.tolist() == [*before[:3], *[0.9] * 4]
    assert {leaf.scenario.budget for leaf in tree().leaves} == {base.budget}
    assert "controls.intensity" in by_year()


def test_states_may_follow_others() -> None:
    later = [
        {"state": "war", "parent": "tight", "probability": 0.25, "from": 2029, "set": {"controls.intensity": 1.0}},
        {"state": "talks", "parent": "tight", "probability": 0.75, "from": 2029, "scale": {"controls.intensity": 0.5}},
    ]
    found = tree(*STATES, *later)
    assert [(leaf.name, leaf.path, leaf.probability) for leaf in found.leaves] == [
        ("eased", ("eased",), 0.4), ("war", ("tight", "war"), pytest.approx(0.15)),
        ("talks", ("tight", "talks"), pytest.approx(0.45)),
    ]  # fmt: skip
    years = np.array([2027, 2028, 2029])
    last = tiny().controls.intensity.at(years)[0]
    assert found.leaves[2].scenario.controls.intensity.at(years).tolist() == [last, 0.9, 0.45]
    assert list(found.nodes())[:3] == [((0, 1, 2), 2026, 2028), ((0,), 2028, 2032), ((1, 2), 2028, 2029)]
    root, second = problem_of(found).shared
    assert root.states == (0, 1, 2)
    assert second.states == (1, 2)
    assert {name[-5:-1] for name in second.names} == {"2028"}
    done = decide(found)
    spend = [course.money.spend for course in done.courses if course.money is not None]
    assert np.array_equal(spend[0][:, :2], spend[1][:, :2])
    assert np.array_equal(spend[1][:, :3], spend[2][:, :3])
    assert not np.allclose(spend[0][:, 2], spend[1][:, 2])
    in_order(done)


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    found = faults(
        "of: world.yaml\nuncertain: []\ntree:\n"
        "  - {state: a, probability: 0.5, from: 2028, set: {controls.intensty: 0.3}}\n"
        "  - {state: b, probability: 0.4, frm: 2028, parent: c}\n"
        "  - {state: d, probability: 2, from: 2028, parent: a}\n"
        "  - {state: e, probability: 1, from: 2040, parent: e}\n"
        "  - {state: a, probability: 1, from: 2029}\n",
        tmp_path,
    )
    assert [fault.partition("; ")[0] for fault in found] == [
        "2: uncertain: unknown key",
        "4: tree: the probabilities of a, b add up to 0.9",
        "5: tree[b].from: is missing",
        "5: tree[b].frm: unknown key",
        "5: tree[b].parent: no state 'c'",
        "6: tree[d].probability: is 2",
        "6: tree[d].from: is 2028, no later than the branch of 'a' in 2028",
        "7: tree[e].from: is 2040, and no year inside the plan",
        "7: tree[e].parent: goes round in a circle: e -> e",
        "8: tree[a].state: a second state of this name",
    ]
    assert found[3].endswith("did you mean 'from'?")
    assert found[1].endswith("those of the states that follow the same one add up to 1")


def test_what_does_not_fit_a_branch_is_told_with_its_line(tmp_path: Path) -> None:
    floor = "{id: f, kind: floor, amount: 3, domain: ai}"
    found = faults(
        "of: world.yaml\ntree:\n"
        "  - state: a\n    probability: 0.5\n    from: 2028\n    set:\n      controls.intensty: 0.3\n"
        "      controls.intensity: {2026: 0.3, 2040: 0.4}\n      knowledge.effort_elasticity: 0.5\n"
        f"    policies: [{floor}]\n"
        "  - {state: b, probability: 0.5, from: 2028, set: {controls.intensity: 1.5}}\n",
        tmp_path,
    )
    assert found == [
        "7: controls.intensty: unknown key; did you mean 'intensity'?",
        "8: controls.intensity: speaks of 2026, before the branch in 2028; a state acts from 2028 on",
        f"9: knowledge.effort_elasticity: has no years, so that it cannot change from 2028 on; by year are "
        f"{', '.join(by_year())}",
        "10: policies[f].years: acts from 2026 on, before the branch in 2028; such as years: 2028-2029",
        "11: controls.intensity: must lie between 0 and 1 (found 1.5); ",
    ]


def test_files_that_are_no_trees_are_told(tmp_path: Path) -> None:
    assert faults("tree: []\n", tmp_path) == [
        "1: of: needs the name or path of one scenario; such as of: baseline",
        "1: tree: has no states; such as - {state: tight, probability: 0.4, from: 2031, scale: "
        "{controls.intensity: 1.5}}",
    ]
    with pytest.raises(ScenarioErrors, match="no tree 'controls-hazzard'; did you mean 'controls-hazard'"):
        load_tree("controls-hazzard")
    assert is_tree("controls-hazard")
    assert not is_tree("baseline")
    assert not is_tree("baseline-uncertain")


def in_order(done: kctopt.Stochastic) -> dict[str, Bracket]:
    """The values of a decided tree, which keep their order within the gaps."""
    known = {name: one for name, one in done.values.items() if one is not None}
    assert known["ws"].high >= known["rp"].low
    assert known["rp"].high >= known["eev"].low
    assert known["rp"].high >= known["committed"].low
    for name in ("evpi", "vss", "recourse"):
        assert 0 <= known[name].low <= known[name].high
        assert known[name].value >= known[name].low - 1e-9
    return known


def test_the_first_plan_is_shared_and_every_course_is_simulated() -> None:
    done = decided()
    assert done.status == "optimal"
    first, second = (course.money for course in done.courses)
    assert first is not None
    assert second is not None
    assert np.array_equal(first.strategic[..., :2], second.strategic[..., :2])
    assert not np.allclose(first.strategic[..., 2:], second.strategic[..., 2:])
    values = [float(simulate(c.leaf.scenario, c.money).objective) for c in done.courses if c.money is not None]
    assert [course.value for course in done.courses] == pytest.approx(values)
    assert done.value == pytest.approx(0.4 * values[0] + 0.6 * values[1])
    assert done.bound is not None
    assert done.value <= done.bound <= done.value * (1 + 1e-4)
    in_order(done)


def test_the_plan_for_the_worst_course_stands_in_the_hedging_table() -> None:
    done = decided()
    worst = kctopt.stochastic({"of": tiny(), "tree": STATES}, measure="worst")
    (hedge,) = (hedge for hedge in done.hedges if hedge.plan == "worst")
    assert hedge.amounts == pytest.approx(worst.hedges[0].amounts, abs=0.05)
    assert list(done.hedging["plan"].unique()) == ["rp", "ev", "eased", "tight", "worst"]


def test_at_any_probability_the_plan_falls_short_by_no_more_than_is_proven() -> None:
    done = decided()
    rows = {row["state"]: row for row in done.table("shortfalls").records}
    assert set(rows) == {"eased", "tight"}
    for p in (0.1, 0.9):
        other = decide(tree({**STATES[0], "probability": p}, {**STATES[1], "probability": 1 - p}))
        mine = [course.value for course in done.courses]
        assert None not in mine
        less = (other.value or 0) - (p * (mine[0] or 0) + (1 - p) * (mine[1] or 0))
        assert -1e-6 <= less <= rows["eased"]["shortfall_bound"] + 1e-9
    known = in_order(done)
    assert rows["eased"]["shortfall_bound"] <= known["evpi"].high / 0.4 + 1e-9
    assert (rows["tight"]["from"], rows["tight"]["to"]) == (0, 1)
    points = done.table("probabilities").frame
    assert (points["bound"] >= points["value"] - 1e-9).all()


def test_an_order_of_lines_switches_between_two_probabilities_with_both_orders() -> None:
    far = [
        {**STATES[0], "set": {"controls.intensity": 0.0}, "scale": {}},
        {**STATES[1], "set": {"controls.intensity": 1.0}},
    ]
    found, lines = tree(*far), [line.id for line in tiny().lines]
    problem = problem_of(found)
    solved = problem.solve()

    def spent(end: Any) -> float:
        return float(problem.judges[0].money(end.points[0]).spend[2, :2].sum())

    level = (spent(problem.only([0]).solve()) + spent(problem.only([1]).solve())) / 2

    def measured(end: Any) -> dict[tuple[str, str], float]:
        return {("level", lines[2]): spent(end) - level}

    odds = along(problem, [1], [0, 1], solved, measured, state="tight", tolerance=0.02)
    assert odds is not None
    (switch,) = odds.switches
    assert switch.high - switch.low <= 0.02
    assert (switch.before < 0) != (switch.after < 0)
    for p, sign in ((switch.low - 0.2, np.sign(switch.before)), (0.99, np.sign(switch.after))):
        anew = problem_of(tree({**far[0], "probability": 1 - p}, {**far[1], "probability": p})).solve(gap=1e-8)
        assert np.sign(measured(anew)["level", lines[2]]) == sign


def test_prices_of_non_anticipativity_prove_rp_by_duality() -> None:
    problem = problem_of(tree())
    apart = sharing(problem, priced(problem))
    solved = apart.solve(gap=1e-8)
    prices = prices_of(apart, solved)
    assert charged(apart, prices, 1e-8) == pytest.approx(solved.value, rel=1e-7)
    assert np.array(problem.probability) @ prices[0].values == pytest.approx(0, abs=1e-12)
    assert np.abs(prices[0].values).max() > 0.03
    rows = decided().table("prices").frame.pivot(index="line", columns="course", values="price")
    assert (0.4 * rows["eased"] + 0.6 * rows["tight"]).abs().max() < 1e-9
    assert rows["tight"].idxmax() == rows["eased"].idxmin() == "chips-S"  # what controls deny is worth more under them
    assert rows["tight"].idxmin() == rows["eased"].idxmax() == "ai-M"


def test_waiting_is_worth_something_and_no_more_than_knowing() -> None:
    known, rows = in_order(decided()), decided().table("waiting").frame
    assert rows["part"].tolist() == ["chips", "ai"]
    assert (rows["low"] >= 0).all()
    assert (rows["low"] <= known["evpi"].high).all()
    assert rows["value"].max() > 0.0005
    told = decided().sentences()
    assert any(line.startswith("Deciding chips only when the course is known would be worth") for line in told)
    assert all(is_chinese(line.replace("eased", "").replace("tight", "")) for line in decided().sentences("zh"))


def test_what_cannot_be_asked_for_is_refused() -> None:
    with pytest.raises(UsageError, match="'price' cannot be asked for with also=; did you mean 'prices'"):
        kctopt.stochastic({"of": tiny(), "tree": STATES}, also="price")
    with pytest.raises(UsageError, match="waiting: told of the expected value alone; the measure is worst"):
        kctopt.stochastic({"of": tiny(), "tree": STATES}, also=["waiting"], measure="worst")


@settings(max_examples=4, deadline=None, derandomize=True)
@given(
    p=strategies.floats(0.05, 0.95), eased=strategies.floats(0, 1), tight=strategies.floats(0, 1),
    year=strategies.sampled_from([2027, 2028, 2029]), growth=strategies.floats(-0.01, 0.02),
)  # fmt: skip
def test_random_trees_keep_the_order_of_their_values(
    p: float, eased: float, tight: float, year: int, growth: float
) -> None:
    first = {"state": "a", "probability": p, "from": year, "set": {"controls.intensity": eased}}
    sets = {"controls.intensity": tight, "rival.growth_shift": growth}
    done = decide(tree(first, {"state": "b", "probability": 1 - p, "from": year, "set": sets}))
    assert done.status == "optimal"
    in_order(done)


def test_equal_states_give_the_deterministic_answer() -> None:
    alone = kctopt.solve(tiny())
    first, second = ({"state": name, "probability": p, "from": 2027} for name, p in (("a", 0.3), ("b", 0.7)))
    done = decide(tree(first, second))
    assert done.value == pytest.approx(alone.objective, rel=1e-5)
    known = in_order(done)
    assert max(known[name].value for name in ("evpi", "vss", "recourse")) < 1e-4 * abs(done.value or 0)
    one = decide(tree({"state": "a", "probability": 1, "from": 2027}))
    assert one.value == pytest.approx(alone.objective, rel=1e-5)


def test_probability_1_on_a_state_gives_its_plan() -> None:
    found = tree({**STATES[0], "probability": 0}, {**STATES[1], "probability": 1})
    assert [leaf.name for leaf in found.leaves] == ["tight"]
    assert found.notes == ("the state eased has probability 0 and is left out",)
    done = decide(found)
    alone = kctopt.solve(tree().leaves[1].scenario)
    assert done.value == pytest.approx(alone.objective, rel=1e-5)


def test_a_plan_for_the_mean_that_leaves_none_in_a_state_is_named() -> None:
    lasting = [
        {**STATES[0], "set": {"controls.intensity": 0.0}, "scale": {}},
        {**STATES[1], "set": {"controls.intensity": 1}},
    ]
    done = decide(tree(*({**one, "probability": 0.5} for one in lasting), of=tiny(policies=(TARGET,))))
    assert done.status == "optimal"
    assert done.ev_infeasible == ("tight",)
    assert done.values["vss"] is None
    assert done.values["evpi"] is not None
    assert "The plan for the mean leaves no plan in: tight. The VSS has no bound." in done.sentences()
    assert done.data()["infeasible"]["mean_plan"] == ["tight"]


def test_a_course_without_any_plan_is_named() -> None:
    higher = {**TARGET, "min_ratio": 0.66}
    far = {**STATES[1], "set": {"controls.intensity": 1}}
    done = decide(tree({**STATES[0], "set": {"controls.intensity": 0}, "scale": {}}, far, of=tiny(policies=(higher,))))
    assert (done.status, done.exit_code, done.blocked) == ("infeasible", 4, ("tight",))
    assert done.sentences() == ["Even if it were known from the start, no plan keeps all rules in: tight."]
    assert "tight" in done.summary()


def test_rules_that_a_state_adds_hold_in_it_alone_and_leave_no_mean() -> None:
    floor = {"id": "ai", "kind": "floor", "domain": "ai", "amount": 30, "years": "2028-2029"}
    done = decide(tree(STATES[0], {**STATES[1], "policies": [floor]}))
    second = done.recourse.set_index(["course", "domain"])["amount"]
    assert second["tight", "ai"] >= 60 - 1e-4
    assert second["eased", "ai"] < 60
    assert not done.ev_defined
    assert "States add rules, so there is no world of the mean, and no VSS." in done.sentences()
    assert mean_scenario(done.tree, (0, 1)) is None


@pytest.mark.parametrize("kind", ["cvar", "worst", "worst_regret"])
def test_measures_of_risk_are_proven_and_no_better_than_what_they_measure(kind: Any) -> None:
    done = kctopt.stochastic({"of": tiny(), "tree": STATES}, measure=kind, confidence=0.5)
    values = [course.value for course in done.courses if course.value is not None]
    assert done.status in ("optimal", "limit")
    assert done.value is not None
    assert done.bound is not None
    if kind == "worst":
        assert done.value == pytest.approx(min(values))
    elif kind == "cvar":
        assert done.value == pytest.approx((0.5 * min(values)) / 0.5)
    else:
        best = [course.known.value for course in done.courses if course.known is not None]
        assert done.value == pytest.approx(max(b - v for b, v in zip(best, values, strict=True)), abs=1e-9)
        assert done.bound <= done.value + 1e-9
    assert not done.values


def test_what_a_tree_cannot_have_is_refused() -> None:
    with pytest.raises(UsageError, match="has discrete decisions"):
        decide(tree(*({**one, "from": 2027} for one in STATES), of=options()))
    with pytest.raises(UsageError, match="the objective of 'tiny' is min_budget"):
        decide(tree(of=tiny(policies=({**TARGET, "min_ratio": 0.5},), objective__kind="min_budget")))
    with pytest.raises(UsageError, match="a Tree"):
        kctopt.stochastic(3)  # type: ignore[arg-type]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "world.yaml").write_text(dump(tiny()), encoding="utf-8")
    lines = [
        "of: world.yaml",
        "label: {en: A hazard, zh: 一种风险}",
        "tree:",
        *(f"  - {json.dumps(s)}" for s in STATES),
    ]
    (tmp_path / "hazard.yaml").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_prints_saves_and_ends_as_solve_does(folder: Path) -> None:
    told = run("stochastic", "hazard.yaml", "--prices", "--output", "out")
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("hazard: A hazard. optimal, ")
    assert "(EVPI, proven between" in told.stdout
    assert "saved in: out" in told.stderr
    record = json.loads((folder / "out" / "stochastic.json").read_text(encoding="utf-8"))
    assert record["values"]["evpi"]["low"] >= 0
    assert record["inputs"]
    assert (folder / "out" / "tree.yaml").read_text(encoding="utf-8") == (folder / "hazard.yaml").read_text(
        encoding="utf-8"
    )
    assert len((folder / "out" / "hedging.csv").read_text(encoding="utf-8-sig").splitlines()) == 1 + 5 * 2
    assert len((folder / "out" / "prices.csv").read_text(encoding="utf-8-sig").splitlines()) == 1 + 2 * 4
    for course in ("eased", "tight"):
        assert kctopt.verify(folder / "out" / "courses" / course) == []
    chinese = run("stochastic", "hazard.yaml", "--lang", "zh", "--measure", "worst")
    assert chinese.exit_code == 0
    assert chinese.stdout.startswith("hazard：一种风险。最优，")
    assert is_chinese(chinese.stdout.replace("hazard", "").replace("eased", "").replace("tight", ""))


def test_trees_are_checked_shown_and_have_a_schema(folder: Path) -> None:
    assert (
        run("check", "hazard.yaml").stdout == "hazard.yaml: ok. 2 courses of the world that part in 2028, over tiny\n"
    )
    shown = run("show", "hazard.yaml").stdout
    assert "eased (eased), from 2028 on, probability 40.0 %" in shown
    assert "scale controls.intensity: 0.5" in shown
    assert json.loads(run("show", "hazard.yaml", "--json").stdout)["courses"][1]["probability"] == 0.6
    (folder / "bad.yaml").write_text(
        "of: world.yaml\ntree: [{state: a, probability: 0.5, from: 2028}]", encoding="utf-8"
    )
    bad = run("check", "bad.yaml", "--lang", "zh")
    assert bad.exit_code == 3
    assert "概率之和为 0.5" in bad.stderr
    assert json.loads(run("schema", "--tree").stdout) == tree_schema()


@pytest.mark.parametrize("name", bundled_trees())
def test_bundled_trees_keep_the_schema_and_say_what_they_ask_in_two_languages(name: str) -> None:
    path = bundled_root() / "scenarios" / "trees" / f"{name}.yaml"
    node = read_yaml(
        path.read_text(encoding="utf-8"), name, __import__("kctopt.scenario.nodes", fromlist=["Faults"]).Faults()
    )
    assert node is not None
    assert Draft202012Validator(tree_schema()).is_valid(_plain(node))
    english, chinese = load_tree(name), load_tree(name, "zh")
    assert english.intent.endswith("?")
    assert is_chinese(chinese.intent)
    assert sum(leaf.probability for leaf in english.leaves) == pytest.approx(1, abs=1e-9)
    assert not english.notes


def _plain(node: Any) -> Any:
    if isinstance(node.value, dict):
        return {str(key): _plain(child) for key, child in node.value.items()}
    return [_plain(child) for child in node.value] if isinstance(node.value, list) else node.value


@pytest.mark.long
def test_a_rival_surge_need_not_be_met_before_it_shows() -> None:
    done = decide(load_tree("rival-surge"))
    known = in_order(done)
    assert known["evpi"].high < 0.01
    assert 0.4 < known["recourse"].low < known["recourse"].high < 0.6
    money = done.hedging.pivot(index="domain", columns="plan", values="amount")
    apart = (money["steady"] - money["lasting"]).abs() / money["rp"]
    assert apart.max() < 0.02  # whether rivals surge or not, the first plan is all but the same
    second = done.recourse.pivot(index="domain", columns="course", values="amount")
    assert second.loc["semiconductors", "lasting"] > 1.02 * second.loc["semiconductors", "steady"]
    assert second.loc["ai", "lasting"] < 0.99 * second.loc["ai", "steady"]


@pytest.mark.long
def test_detente_or_escalation_is_worth_deciding_later() -> None:
    done = decide(load_tree("detente-or-escalation"))
    known = in_order(done)
    assert done.status == "optimal"
    assert known["evpi"].high < 0.1
    assert known["recourse"].low > 100 * known["evpi"].high  # waiting, not foresight
    values = {course.leaf.name: course.value or 0 for course in done.courses}
    assert values["thaw-lasts"] > values["thaw-ends"] > values["standoff"] > values["denial"]
    money = done.hedging.pivot(index="domain", columns="plan", values="amount")
    assert money.loc["ai", "thaw-lasts"] < money.loc["ai", "rp"] < money.loc["ai", "denial"]


@pytest.mark.long
def test_the_bundled_hazard_keeps_the_order_of_its_values() -> None:
    done = decide(load_tree("controls-hazard"))
    assert done.status == "optimal"
    assert done.gap is not None
    assert done.gap <= 1e-4
    known = in_order(done)
    assert known["recourse"].low > 1  # waiting is worth more than a point
    assert known["evpi"].high < 0.1  # and knowing next to nothing: the first plan is nearly the same in every course
    money = done.hedging.pivot(index="domain", columns="plan", values="amount")
    assert money.loc["ai", "eased"] < money.loc["ai", "rp"] < money.loc["ai", "tight"]
    assert (
        money.loc["semiconductors", "eased"] > money.loc["semiconductors", "rp"] > money.loc["semiconductors", "tight"]
    )
