"""Diagnosis of scenarios without a plan: ten planted conflicts, each found, minimal, with its lines and amounts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from model_files import LINES, MODEL, PROGRAMMES, write_model, write_scenario

import kctopt
from kctopt.analysis.diagnose import Diagnosis
from kctopt.cli import main
from kctopt.result.named import RuleNames
from kctopt.scenario.records import Scenario
from kctopt.simulate import breaches

HEAD = "model: ./model\n"


def case(tmp_path: Path, text: str, **model: str) -> str:
    """A scenario file beside its model, the folder being the working one; returns the file's name."""
    write_model(tmp_path / "model", **model)
    return write_scenario(tmp_path, HEAD + text).name


def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, **model: str) -> Diagnosis:
    """The diagnosis of a scenario that is proven to have no plan, with every claim of it checked."""
    name = case(tmp_path, text, **model)
    monkeypatch.chdir(tmp_path)
    diagnosis = kctopt.diagnose(name)
    assert diagnosis.status == "infeasible"
    assert diagnosis.findings.complete
    assert not diagnosis.stopped
    check_claims(diagnosis)
    return diagnosis


def check_claims(diagnosis: Diagnosis) -> None:
    """Every conflict is minimal: without each rule a plan keeps the others; every shown amount is enough."""
    scenario, names = diagnosis.scenario, RuleNames(diagnosis.scenario)
    for conflict, members in zip(diagnosis.findings.conflicts, diagnosis.conflicts, strict=True):
        assert conflict.minimal
        assert all(member.needed for member in members)
        for rule, plan in conflict.without.items():
            broken = {names.of(one.rule) for one in breaches(scenario, plan.money, choices=plan.choices)}
            assert not broken & (set(conflict.rules) - {rule}), rule
        for rule, given in conflict.alone.items():
            assert given.by[rule] > 0
            if given.plan is not None:
                by = largest(scenario, given.plan, names)
                assert not (set(by) & set(conflict.rules)) - {rule}, rule
                assert by.get(rule, 0.0) <= given.by[rule] * 1.01 + 1e-4 * diagnosis.sizes[rule]
    assert diagnosis.findings.repair is not None
    assert diagnosis.findings.repair.shown


def largest(scenario: Scenario, plan: Any, names: RuleNames) -> dict[str, float]:
    """Largest breach of each rule by a plan."""
    by: dict[str, float] = {}
    for one in breaches(scenario, plan.money, choices=plan.choices):
        rule = names.of(one.rule)
        assert rule is not None, one.message
        by[rule] = max(by.get(rule, 0.0), one.amount)
    return by


def rules(diagnosis: Diagnosis) -> set[str]:
    """Rules of the only conflict."""
    (members,) = diagnosis.conflicts
    return {member.rule for member in members}


def alone(diagnosis: Diagnosis) -> Mapping[str, float | None]:
    """What each rule of the only conflict would have to give by itself."""
    (members,) = diagnosis.conflicts
    return {member.rule: member.alone for member in members}


def test_floors_against_the_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ai takes 65 of the 100 billion of 2026, and a fixed share of 40 % for quantum needs 43.3 beside it."""
    diagnosis = found(tmp_path, monkeypatch, FLOORS, model=MODEL.replace("ramp_step: 5", "ramp_step: 50"))
    assert rules(diagnosis) == {"policies.ai-floor", "policies.quantum-share", "money.budget[2026]"}
    assert alone(diagnosis)["policies.ai-floor"] == pytest.approx(5.0, rel=1e-4)
    assert alone(diagnosis)["money.budget[2026]"] == pytest.approx(65 / 0.6 - 100, rel=1e-4)
    (members,) = diagnosis.conflicts
    assert {member.rule: member.origin for member in members} == {
        "policies.ai-floor": ("case.yaml:3",),
        "policies.quantum-share": ("case.yaml:4",),
        "money.budget[2026]": ("model/model.yaml:2",),
    }
    (sentence,) = diagnosis.sentences()
    assert "ai-floor (case.yaml:3) asks for at least 65 billion CNY a year on AI in 2026" in sentence
    assert "the budget of 2026 is 100 billion CNY (model/model.yaml:2)" in sentence
    assert "lower ai-floor by 5 billion CNY, to 60" in sentence
    assert "raise the budget of 2026 by 8.334 billion CNY, to 108.334" in sentence


FLOORS = """\
policies:
  - {id: ai-floor, kind: floor, domain: ai, amount: 65, years: 2026}
  - {id: quantum-share, kind: share, domain: quantum, min: .4, years: 2026}
"""


def test_a_target_that_the_ladder_cannot_reach_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reliability pays after two years: the ratio cannot go from .4 to .8 in two, however the rest is spent."""
    text = "policies:\n  - {id: leap, kind: target, line: ai-B, min_ratio: .8, by: 2027}\n"
    diagnosis = found(tmp_path, monkeypatch, text)
    assert "policies.leap" in rules(diagnosis)
    assert rules(diagnosis) <= {"policies.leap", "money.ramp", "money.line_cap[ai-B]"}
    (conflict,) = diagnosis.findings.conflicts
    assert "knowledge.production" in conflict.laws
    amount = alone(diagnosis)["policies.leap"]
    assert amount is not None and 0.2 < amount < 0.4
    assert "Laws of the model at work: " in diagnosis.text()


def test_exposure_limit_against_exchange_floor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ai-A must spend 2, so 0.1 goes to exchange, at a sensitivity of .3; the limit is 0.01."""
    text = "set:\n  cooperation.exposure_limit: .01\n"
    diagnosis = found(tmp_path, monkeypatch, text)
    exposure = next(rule for rule in rules(diagnosis) if rule.startswith("quadrants.exposure["))
    assert rules(diagnosis) == {exposure, "money.line_floor[ai-A]", "quadrants.exchange_floor[widen]"}
    assert alone(diagnosis)[exposure] == pytest.approx(0.3 * 0.05 * 2 - 0.01, rel=1e-3)


def test_ramp_against_a_floor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spend on ai-B can grow from 20 to 1.3 x 20 + 5 = 31 in the first year; 45 are asked for."""
    text = "policies:\n  - {id: rush, kind: floor, line: ai-B, amount: 45, years: 2026}\n"
    diagnosis = found(tmp_path, monkeypatch, text)
    assert rules(diagnosis) == {"policies.rush", "money.ramp"}
    assert alone(diagnosis) == pytest.approx({"policies.rush": 14.0, "money.ramp": 14.0}, rel=1e-4)
    assert "raise money.ramp_step by 14 billion CNY, to 19" in diagnosis.text()


def test_plan_total_below_yearly_floors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "policies:\n"
        "  - {id: ai-total, kind: cap, domain: ai, amount: 200, years: 2026-2030, per: total}\n"
        "  - {id: ai-floor, kind: floor, domain: ai, amount: 48, years: 2026-2030}\n"
    )
    diagnosis = found(tmp_path, monkeypatch, text)
    assert rules(diagnosis) == {"policies.ai-total", "policies.ai-floor"}
    assert alone(diagnosis) == pytest.approx({"policies.ai-total": 40.0, "policies.ai-floor": 8.0}, rel=1e-4)
    assert "at most 200 billion CNY in total over 2026-2030 on AI" in diagnosis.text()
    assert "2026-2030 年合计至多 200 十亿元,用于人工智能" in diagnosis.text("zh")


def test_least_scale_above_a_cap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line with a floor is on, so it must spend its scale of 20, and a policy caps it at 12."""
    text = (
        "set:\n  lines[ai-A].min_scale: 20\n"
        "policies:\n  - {id: modest, kind: cap, line: ai-A, amount: 12, years: 2028}\n"
    )
    diagnosis = found(tmp_path, monkeypatch, text)
    assert rules(diagnosis) == {"policies.modest", "scale.minimum[ai-A]", "money.line_floor[ai-A]"}
    assert alone(diagnosis)["policies.modest"] == pytest.approx(8.0, rel=1e-3)
    assert alone(diagnosis)["scale.minimum[ai-A]"] == pytest.approx(8.0, rel=1e-3)


def test_only_whole_decisions_collide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both quantum lines on spend 40 or more, one alone at most 24.5 in 2026; between 30 and 35 there is nothing."""
    text = (
        "set:\n  lines[domain=quantum].min_scale: 20\n"
        "policies:\n"
        "  - {id: least, kind: floor, domain: quantum, amount: 30, years: 2026}\n"
        "  - {id: most, kind: cap, domain: quantum, amount: 35, years: 2026}\n"
    )
    lines = LINES.replace("0.2,50,0.01,0.02,10,", "0.2,50,0.01,0.02,15,")
    diagnosis = found(tmp_path, monkeypatch, text, lines=lines)
    (conflict,) = diagnosis.findings.conflicts
    assert conflict.integer
    scales = {"scale.minimum[quantum-M]", "scale.minimum[quantum-S]"}
    assert (
        {"policies.least", "policies.most"}
        < rules(diagnosis)
        <= {"policies.least", "policies.most", "money.ramp"} | scales
    )
    assert alone(diagnosis)["policies.least"] == pytest.approx(5.5, rel=1e-3)
    assert alone(diagnosis)["policies.most"] == pytest.approx(5.0, rel=1e-3)
    assert "Only because decisions are whole" in diagnosis.text()


def test_a_limit_in_the_wrong_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cap of 0.05 on ai over five years, meant as 50: the floor of one line takes 10, 200 times as much."""
    text = "policies:\n  - {id: ai-limit, kind: cap, domain: ai, amount: .05, per: total}\n"
    diagnosis = found(tmp_path, monkeypatch, text)
    assert rules(diagnosis) == {"policies.ai-limit", "money.line_floor[ai-A]"}
    assert alone(diagnosis)["policies.ai-limit"] == pytest.approx(9.95, rel=1e-4)
    assert "ai-limit leaves room for a 200th of what the others ask for: is its unit right?" in diagnosis.text()
    assert "单位是否有误" in diagnosis.text("zh")


CIRCLE = PROGRAMMES.replace(",.6,4,2026,2027,2,.5,,", ",.6,4,2026,2027,2,.5,scanner,")
LATE = PROGRAMMES.replace(",2030,1.5,", ",2028,1.5,")
REFUSED = {
    "circle": ("intent: none\n", {"programmes": CIRCLE}, "programmes.csv:2", "goes round in a circle"),
    "deadline": ("intent: none\n", {"programmes": LATE}, "programmes.csv:3", "no reward could be earned"),
    "scale": ("set:\n  lines[ai-B].min_scale: 70\n", {}, "case.yaml:3", "could only be off"),
    "world": (
        "policies:\n  - {id: big, kind: floor, domain: ai, amount: 65000}\n",
        {},
        "case.yaml:3",
        "lower a floor or raise the budget",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_contradicts_itself_is_refused_with_its_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, model, place, says = REFUSED[name]
    file = case(tmp_path, text, **model)
    monkeypatch.chdir(tmp_path)
    done = run("diagnose", file)
    assert done.exit_code == 3, done.output
    assert place in done.stderr
    assert says in done.stderr


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), prog_name="kctopt")
