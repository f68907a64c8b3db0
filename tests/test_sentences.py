"""Discrete decisions told: one tiny plan by hand, in two languages, as text and as data."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from decided import STAGES, decided, decided_result
from fakes import fake_outcome
from worlds import options, tiny

from kctopt import Result
from kctopt.errors import UsageError
from kctopt.result.restraint_worth import Worth
from kctopt.result.sentences import HeldBack, Launch, Modes, Off, Switch, as_data, chosen, told
from kctopt.rules import breaches
from kctopt.scenario.records import Scenario
from kctopt.simulator import simulate
from kctopt.simulator.money import without_closed_exchange


@pytest.fixture(scope="module")
def result() -> Result:
    return decided_result()


def test_every_kind_of_decision_has_its_sentence(result: Result) -> None:
    sentences = result.sentences()
    assert sentences[0].startswith("ai M stays just outside the near stage in 2027-2028 to keep exchange open, with ")
    assert sentences[1:] == [
        "ai M enters the near stage in 2029.",
        "chips: guarded in 2026-27, closed in 2028-29; changes in 2028 cost 0.5 billion CNY.",
        "ai: open in all plans.",
        "2026-27: one programme starts, 3.5 billion CNY: light source.",
        "2028-29: one programme starts, 6.0 billion CNY: scanner race (3 routes).",
    ]


def test_sentences_in_chinese(result: Result) -> None:
    assert result.sentences("zh")[1:4] == [
        "ai M：2029 年进入近距阶段。",
        "chips：2026-27期间guarded，2028-29期间closed；2028 年变更，成本 5 亿元。",
        "ai：各规划期均为open。",
    ]
    assert len(result.sentences("zh")) == len(result.sentences())
    with pytest.raises(UsageError, match="lang='fr': needs en or zh"):
        result.sentences("fr")


def test_holding_back_is_worth_what_the_same_money_lacks_without_it(result: Result) -> None:
    """Without it ai-M is near from 2027 on, and its exchange is research."""
    held = result.decisions[0]
    assert isinstance(held, HeldBack)
    assert (held.lines, held.reviews) == (("ai-M",), (2027, 2028))
    scenario, money, choices = decided()
    stage = STAGES.copy()
    stage[3, 1:] = 2
    in_force = np.array([[1] * 4, [1] * 4, [1] * 4, [1, 2, 2, 2]])
    freed = replace(choices, stage=stage, restraint=None)
    spent = without_closed_exchange(scenario, money, in_force)
    without = simulate(scenario, spent, choices=freed)
    assert breaches(scenario, spent, choices=freed) == []
    assert held.worth.objective_without == pytest.approx(without.objective, rel=1e-12)
    assert held.worth.security_without == pytest.approx(without.security[4], rel=1e-12)
    assert result.trajectory is not None
    assert held.worth.objective == result.trajectory.objective
    assert choices.restraint is not None
    assert held.worth.restraint == pytest.approx([choices.restraint[3, :, 1] @ [0.2, 0.3, 0.5]])
    gain = held.worth.objective - held.worth.objective_without
    assert f"worth {gain:+.3g} NS points over the years" in result.sentences()[0]
    assert f"{held.worth.security:.3f} against {held.worth.security_without:.3f}" in result.sentences()[0]


def test_years_held_back_are_told_as_spans() -> None:
    scenario = options(horizon__last_year=2035, horizon__plan_length=5)  # reviews 2026, 2029, 2031, 2034
    says = {(2029, 2031): "in 2029-2033 to", (2029, 2034): "in 2029-2030 and 2034-2035 to", (2031,): "in 2031-2033 to"}
    for reviews, span in says.items():
        assert span in told(HeldBack(("ai-M",), reviews, Worth(2.0, 1.0, 2.0, 1.0, (0.5,))), scenario, "en")


def test_a_line_that_its_money_alone_keeps_outside() -> None:
    """Within 0.5 % of the limit in 2027 without restraint; over it, exchange of 2027 would be lost to research."""
    scenario, money, choices = decided()
    stage = np.array([[0] * 4, [1] * 4, [2] * 4, [1, 1, 2, 2]])
    plain = replace(choices, restraint=None, stage=stage)
    result = Result.of(scenario, fake_outcome(scenario, money=money, choices=plain))
    held = result.decisions[0]
    assert isinstance(held, HeldBack)
    assert (held.reviews, held.worth.restraint) == ((2027,), (0.0,))
    early = stage.copy()
    early[3, 1] = 2
    spent = without_closed_exchange(scenario, money, np.array([[1] * 4, [1] * 4, [1] * 4, [1, 2, 2, 2]]))
    without = simulate(scenario, spent, choices=replace(plain, stage=early))
    assert held.worth.objective_without == pytest.approx(without.objective, rel=1e-12)
    assert "in 2027 to keep exchange open, by its money alone: worth " in result.sentences()[0]
    assert "仅靠投入安排" in result.sentences("zh")[0]


def test_lines_held_back_are_told_together_too() -> None:
    scenario, money, choices = decided(policies=[], lines__1__capability=78.0)  # chips-S would be near in 2028 too
    stage = STAGES.copy()
    stage[1, 3] = 2
    held_back = simulate(scenario, money, choices=replace(choices, stage=stage, restraint=None), hold=True)
    choices = replace(choices, stage=stage, restraint=held_back.restraint)
    result = Result.of(scenario, fake_outcome(scenario, money=money, choices=choices))
    held = [decision for decision in result.decisions if isinstance(decision, HeldBack)]
    assert [each.lines for each in held] == [("chips-S",), ("ai-M",), ("chips-S", "ai-M")]
    one, two, both = (each.worth for each in held)
    assert both.restraint == pytest.approx(one.restraint + two.restraint)
    assert both.objective_without > max(one.objective_without, two.objective_without), "restraint costs in this world"
    assert result.sentences()[2].startswith("All 2 lines held back, taken together, with ")
    plain = HeldBack(("ai-M", "chips-S"), (2028,), Worth(2.0, 1.0, 3.0, 2.5, (0.0, 0.0)))
    assert told(plain, scenario, "en") == (
        "All 2 lines held back, taken together: worth +1 NS points over the years (2.000 against 1.000 if near, with "
        "the same money) and +0.5 in 2029 (3.000 against 2.500)."
    )


def test_lines_that_are_off_are_told_by_plan() -> None:
    scenario, money, choices = decided(policies=[], lines__1__min_scale=6.0)
    strategic, other = money.strategic.copy(), money.substitution.copy()
    strategic[1], other[1] = 0.0, 0.0
    exchange = money.exchange.copy()
    exchange[1] = 0.0
    off = replace(money, strategic=strategic, substitution=other, exchange=exchange)
    result = Result.of(scenario, fake_outcome(scenario, money=off, choices=replace(choices, routes=None)))
    kinds = [decision for decision in result.decisions if isinstance(decision, Off)]
    assert kinds == [Off("2026-27", ("chips-S",)), Off("2028-29", ("chips-S",))]
    assert "Off in 2026-27, below efficient scale: chips S." in result.sentences()


def test_without_options_there_is_nothing_to_tell() -> None:
    result = Result.of(tiny(), fake_outcome(tiny()))
    assert result.decisions == ()
    assert result.sentences() == []
    assert "discrete decisions" not in result.summary()
    assert Result.of(options(), fake_outcome(options(), "no_plan")).sentences() == []


def test_data_is_plain_json(result: Result) -> None:
    data = json.loads(json.dumps([as_data(decision) for decision in result.decisions], allow_nan=False))
    assert [entry["kind"] for entry in data] == ["held_back", "switch", "modes", "modes", "launch", "launch"]
    assert data[1] == {"kind": "switch", "line": "ai-M", "year": 2029, "before": "reach", "stage": "near"}
    assert data[2]["modes"] == ["guarded", "closed"]
    assert data[5] == {
        "kind": "launch", "plan": "2028-29", "programmes": ["scanner-race"], "routes": [3], "cost": 6.0,
    }  # fmt: skip
    assert set(data[0]["worth"]) == {
        "objective", "objective_without", "security", "security_without", "restraint",
    }  # fmt: skip


def test_the_summary_shows_decisions_and_programme_spend(result: Result) -> None:
    text = result.summary()
    assert "    ai M enters the near stage in 2029." in text
    head = next(line for line in text.splitlines() if "spend, billion CNY" in line)
    assert head.split()[-3:] == ["programmes", "total", "share"]
    rows = {line.split()[0]: line.split() for line in text.splitlines() if line.startswith("  ") and line.strip()}
    assert rows["programmes"] == ["programmes", "3.5", "6.0", "9.5", "4.2", "%"]
    assert rows["changes"][-5:] == ["0.0", "0.5", "0.5", "0.2", "%"]
    assert result.money is not None
    total = result.money.spend.sum() + 9.5
    assert rows["total"][-3:] == [f"{total:.1f}", "100.0", "%"]
    chinese = result.summary("zh")
    for word in ("离散决策", "项目", "合作模式变更", "进入近距阶段"):
        assert word in chinese
    assert "programmes" not in tiny_summary()


def tiny_summary() -> str:
    return Result.of(tiny(), fake_outcome(tiny())).summary()


def test_many_decisions_are_cut_to_a_dozen_with_each_kind_among_them() -> None:
    switches = [Switch(f"line-{n}", 2030, "far", "reach") for n in range(30)]
    last = [Off("2026-30", ("a",)), Launch("2026-30", ("p",), (1,), 1.0)]
    shown = chosen([*switches, *last])
    assert len(shown) == 12
    assert shown[:10] == switches[:10]
    assert shown[10:] == last
    assert chosen(last) == last


def test_the_summary_counts_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    result = decided_result()
    many = tuple(Switch("ai-M", 2030 + n, "reach", "near") for n in range(15))
    monkeypatch.setattr("kctopt.result.text.decisions_of", lambda _: many)
    assert "    … and 3 more" in result.summary()
    assert "…… 另有 3 条" in result.summary("zh")


def scenario_with(count: int) -> Scenario:
    """The world with more programmes than one sentence names."""
    base = options().programmes[0]
    listed = [base.model_dump() | {"id": f"p{n}", "label": {"en": f"P{n}", "zh": f"项目{n}"}} for n in range(count)]
    return options(programmes=listed)


@pytest.mark.parametrize(("count", "says"), [(7, "P0, P1, P2, P3, P4, P5 and P6."), (9, "P4, P5 and 3 more.")])
def test_a_sentence_names_a_few_programmes(count: int, says: str) -> None:
    scenario = scenario_with(count)
    launch = Launch("2026-27", tuple(f"p{n}" for n in range(count)), (1,) * count, 3.5 * count)
    assert told(launch, scenario, "en").endswith(says)
    assert told(launch, scenario, "en").startswith(f"2026-27: {count} programmes start, {3.5 * count:.1f} billion CNY")
    assert told(launch, scenario, "zh").startswith(f"2026-27期间启动 {count} 个项目")


def test_moves_of_every_kind() -> None:
    scenario = options(modes__2__label={"en": "Open", "zh": "开放"})
    moves = {"far": "falls back to the far stage", "reach": "comes within reach", "near": "enters the near stage"}
    for stage, says in moves.items():
        assert told(Switch("ai-M", 2028, "reach", stage), scenario, "en") == f"ai M {says} in 2028."
        assert "2028 年" in told(Switch("ai-M", 2028, "reach", stage), scenario, "zh")
    course = Modes(("chips", "ai"), ("2026-27", "2028-29"), ("open", "closed"), (2026, 2028), 2.0)
    assert told(course, scenario, "en") == (
        "chips and ai: open in 2026-27, closed in 2028-29; changes in 2026 and 2028 cost 2.0 billion CNY."
    )
