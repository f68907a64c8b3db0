"""Diagnosis of scenarios without a plan: ten planted conflicts, each found, minimal, with its lines and amounts."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from model_files import LINES, MODEL, PROGRAMMES, write_model, write_scenario
from pyomo.environ import Constraint
from worlds import MODES, OPTIONS, TINY, options, tiny

import kctopt
from kctopt.analysis.conflicts import Conflict, Findings, findings
from kctopt.analysis.diagnosis_text import called
from kctopt.analysis.diagnosis_words import SAYS
from kctopt.analysis.entered import entered, steps_of
from kctopt.analysis.trials import Trials
from kctopt.analysis.verdicts import Plan, Verdict
from kctopt.api.diagnosis import Diagnosis, diagnose
from kctopt.cli import main
from kctopt.program import build
from kctopt.rules import breaches
from kctopt.rules.named import RuleNames
from kctopt.scenario.load import dump
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices, natural, to_base_plan

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
            assert not set(largest(scenario, plan, names)) & (set(conflict.rules) - {rule}), rule
        for rule, given in conflict.alone.items():
            assert given.by[rule] > 0
            if given.plan is not None:
                by = largest(scenario, given.plan, names)
                assert not (set(by) & set(conflict.rules)) - {rule}, rule
                changed = entered(scenario, {step.path: step.to for step in given.steps[rule]})
                assert not set(largest(changed, given.plan, names)) & set(conflict.rules), rule
                assert 0 < given.least[rule] <= given.enough[rule] * (1 + 1e-9)
                assert given.enough[rule] <= given.least[rule] * 1.1 + 1e-4 * abs(given.steps[rule][0].before), rule
    assert diagnosis.findings.repair is not None
    assert diagnosis.findings.repair.shown


def largest(scenario: Scenario, plan: Any, names: RuleNames) -> dict[str, float]:
    """Largest breach of each rule by a plan."""
    by: dict[str, float] = {}
    for one in breaches(scenario, plan.money, choices=plan.choices, carried=plan.carried):
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
    assert "raise the yearly step of a line's spend (money.ramp_step) by 14 billion CNY, to 19" in diagnosis.text()


@pytest.mark.long
def test_ramp_against_a_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """.55 of the rival on ai-B by 2028: with faster ramps money could do it, and with these a little less holds."""
    text = "policies:\n  - {id: parity, kind: target, line: ai-B, min_ratio: .55, by: 2028}\n"
    diagnosis = found(tmp_path, monkeypatch, text)
    assert rules(diagnosis) == {"policies.parity", "money.ramp"}
    amounts = alone(diagnosis)
    assert amounts["policies.parity"] == pytest.approx(0.0411, rel=0.02)  # by the other rules too
    assert amounts["money.ramp"] == pytest.approx(10.15, rel=0.02)


@pytest.mark.long
def test_a_proof_stands_on_its_own_prices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HiGHS gives .0128 as the optimum of a program for target and ramp alone which has an answer of 0.

    Its prices are wrong by 7e-9, on a tangent that is 9e4 steep. The cap of the line is needed for a conflict: without
    it, a simulated plan keeps target and ramp.
    """
    text = "policies:\n  - {id: parity, kind: target, line: ai-B, min_ratio: .6, by: 2030}\n"
    diagnosis = found(tmp_path, monkeypatch, text)
    assert rules(diagnosis) == {"policies.parity", "money.ramp", "money.line_cap[ai-B]"}
    trials = Trials(build(kctopt.load("case.yaml")))
    pair = {"policies.parity", "money.ramp"}
    assert trials.test(pair).status == "plan"
    assert trials.test(trials.rules).status == "infeasible"
    assert trials.test(pair).status == "plan"  # with the tangents that the proof before has left


def test_a_scale_that_money_cannot_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line with a floor is on, its spend reaches 37.5 in the first year, and its least scale is 60."""
    diagnosis = found(tmp_path, monkeypatch, "set:\n  lines[ai-A].min_scale: 60\n")
    assert alone(diagnosis) == pytest.approx(
        {"scale.minimum[ai-A]": 22.5, "money.ramp": 22.5, "money.line_floor[ai-A]": 2.0}, rel=1e-3
    )
    assert "is its unit right" not in diagnosis.text()  # the floor would have to go, not to be another number


PRINTED = re.compile(r"(?:lower|raise) ([\w.-]+) by ([\d.e-]+)[^;,\n]*?, to ([\d.e-]+)(?=\n|;| \(a simulated)")
CHANGED = {"money.ramp_step": "money.ramp_step", "parity": "policies[parity].min_ratio"}


def test_shares_are_told_as_they_are_entered_and_the_carry_over_is_a_remedy() -> None:
    """Of 2027 there are 20 and a tenth of 60 carried: 15 % of 26 is 3.9, where the floor of a line takes 4."""
    limit = {"id": "s", "kind": "share", "domain": "chips", "max": 0.15, "years": "2027"}
    budget = {2026: 60.0, 2027: 20.0, 2028: 60.0, 2029: 60.0}
    scenario = tiny(budget=budget, lines__0__floor=4.0, policies=[limit])
    diagnosis = diagnose(scenario)
    check_claims(diagnosis)
    (members,) = diagnosis.conflicts
    asked = {member.rule: (member.amount, member.unit) for member in members}
    assert asked["policies.s"] == (0.15, "share")
    assert asked["money.carry"] == (0.1, "share")
    told = {step.path: step.to for member in members for step in member.alone_values}
    exact = {
        "policies[s].max": 4 / 26, "money.carry_share": (4 / 0.15 - 20) / 60, "budget.2027": 4 / 0.15 - 6,
        "lines[chips-B].floor": 0.15 * 26,
    }  # fmt: skip
    assert told == pytest.approx(exact, rel=1e-3)
    for path, to in told.items():
        assert to <= exact[path] + 1e-12 if path.endswith("floor") else to >= exact[path]
        assert diagnose(entered(scenario, {path: to})).status == "feasible"
    assert f"raise s by 0.003847, to {told['policies[s].max']}" in diagnosis.text()
    assert "提高可结转额（money.carry_share） 0.01112，至 0.11112" in diagnosis.text("zh")


@pytest.mark.long
def test_a_year_of_a_constant_budget_is_entered_as_printed(tmp_path: Path) -> None:
    target = {"id": "tg", "kind": "target", "type": "B", "min_ratio": 0.75, "by": 2029}
    share = {"id": "sh", "kind": "share", "domain": "ai", "min": 0.3, "max": 0.5, "years": "2028"}
    scenario = tiny(policies=[target, share])
    file = tmp_path / "case.yaml"
    file.write_text(dump(scenario), encoding="utf-8")
    diagnosis = kctopt.diagnose(file)
    (to,) = [step.to for conflict in diagnosis.conflicts for one in conflict for step in one.alone_values
             if step.path == "budget.2026"]  # fmt: skip
    budget = kctopt.load(file, set={"budget.2026": to}).budget
    assert list(budget.at([2025, 2026, 2027, 2029])) == [60, to, 60, 60]
    assert budget == entered(scenario, {"budget.2026": to}).budget


def test_a_rule_of_two_numbers_names_the_one_that_must_change() -> None:
    both = {"id": "s", "kind": "share", "line": "chips-B", "min": 0.05, "max": 0.1}
    floor = {"id": "f", "kind": "floor", "line": "chips-B", "amount": 9.0}
    diagnosis = diagnose(tiny(policies=[both, floor]))
    check_claims(diagnosis)
    assert "raise policies[s].max by 0.05, to 0.15" in diagnosis.text()
    assert "policies[s].min by" not in diagnosis.text()


def test_of_several_modes_the_one_that_binds_is_named() -> None:
    """7 of 10 go to exchange, where the widest mode allows 60 %."""
    domains = [domain | {"mode": "open"} for domain in TINY["domains"]]
    choice = {"sensitivity_threshold": 0.5, "growth_threshold": 0.5, "exposure_limit": 50.0, "choice": "free"}
    asked = [
        {"id": "f", "kind": "floor", "line": "chips-B", "track": "exchange", "amount": 7.0, "years": "2026"},
        {"id": "g", "kind": "cap", "line": "chips-B", "amount": 10.0, "years": "2026"},
    ]
    diagnosis = diagnose(tiny(modes=MODES, domains=domains, cooperation=choice, policies=asked))
    check_claims(diagnosis)
    assert "raise modes[open].max_exchange by 0.1, to 0.7" in diagnosis.text()


def test_the_least_share_is_not_that_of_the_least_money() -> None:
    """10 % of money on ai-A is allowed; 6 of 40 are asked for in 2026 and, with more money, 13 of 100 in 2029.

    The largest breach is 3 of money in 2029, but the largest share 15 % in 2026.
    """
    limit = {"id": "s", "kind": "share", "line": "ai-A", "max": 0.1}
    asked = [
        {"id": f"f{year}", "kind": "floor", "line": "ai-A", "amount": amount, "years": f"{year}"}
        for year, amount in ((2026, 6.0), (2029, 13.0))
    ]
    budget = {2026: 40.0, 2027: 40.0, 2028: 100.0, 2029: 100.0}
    scenario = tiny(budget=budget, money__ramp_step=60.0, money__carry_share=0.0, policies=[limit, *asked])
    diagnosis = diagnose(scenario)
    check_claims(diagnosis)
    (told,) = {step.to for members in diagnosis.conflicts for member in members for step in member.alone_values
               if member.alone_mends and step.path == "policies[s].max"}  # fmt: skip
    assert told == pytest.approx(6 / 40, rel=2e-3)


def test_a_threshold_is_told_as_the_gap_that_is_entered() -> None:
    """A line that is past the near threshold at a review and stays outside: the threshold would have to be its gap."""
    scenario = tiny(stages="switching", diffusion__near=0.4, lines__3__capability=69.5, lines__3__trend=0.01)
    money = to_base_plan(scenario)
    stage = np.array(natural(scenario, money, Choices()).stage)
    plan = Plan(money, Choices(stage=np.minimum(stage, stage[:, :1])))
    trials = Trials(build(scenario))
    rule, broken = trials.names.rule("switching.near"), set(trials.judged(plan, scenario))
    assert rule.name in broken
    steps = steps_of(scenario, [rule], {rule.name: 1.0}, partial(trials.judged, plan), frozenset(broken - {rule.name}))
    assert steps is not None
    ((step,),) = steps.values()
    assert step.path == "diffusion.near" and step.to < 0.4
    assert rule.name not in trials.judged(plan, entered(scenario, {step.path: step.to}))
    assert rule.name in trials.judged(plan, entered(scenario, {step.path: step.to + 0.002}))


@pytest.mark.parametrize(("ratio", "year"), [(0.55, 2028), pytest.param(0.6, 2030, marks=pytest.mark.long)])
def test_what_is_printed_is_enough(ratio: float, year: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every number that is printed as a remedy for the scenario, as printed: the scenario can be solved with it.

    For .55 by 2028 once "lower parity by 0.03945, to 0.51055" was printed above "no plan can exceed 0.5092".
    """
    text = f"policies:\n  - {{id: parity, kind: target, line: ai-B, min_ratio: {ratio}, by: {year}}}\n"
    diagnosis = found(tmp_path, monkeypatch, text)
    printed = set(PRINTED.findall(diagnosis.text()))
    assert {name for name, _, _ in printed} >= {"parity"}
    for name, by, to in printed:
        solved = kctopt.solve("case.yaml", set={CHANGED[name]: float(to)}, gap=1e-3)
        assert solved.status == "optimal", (name, to)
        before = ratio if name == "parity" else 5.0
        assert abs(before - float(to)) >= float(by) - 1e-9
    (near,) = [line for line in diagnosis.text().splitlines() if "parity can reach" in line]
    reached, bound = re.findall(r"(?:can reach|can exceed) ([\d.]+)", near)
    assert kctopt.solve("case.yaml", set={CHANGED["parity"]: float(reached)}, gap=1e-3).status == "optimal"
    assert all(float(to) <= float(bound) for name, _, to in printed if name == "parity")


def test_a_rule_is_no_remedy_and_bystander_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No plan found without a rule, but one in which only it gives: the plan shows that it is needed."""
    name = case(tmp_path, FLOORS, model=MODEL.replace("ramp_step: 5", "ramp_step: 50"))
    monkeypatch.chdir(tmp_path)
    trials = Trials(build(kctopt.load(name)))
    first, test = trials.test(trials.rules), trials.test
    unknown = Verdict("unknown")

    def half_blind(kept: Collection[str]) -> Verdict:
        verdict = first if set(kept) == set(trials.rules) else test(kept)
        return unknown if verdict.status == "plan" else verdict

    monkeypatch.setattr(trials, "test", half_blind)
    told = Diagnosis(trials.program.scenario, {}, findings(trials), 1.0, False, trials.sizes)
    (members,) = told.conflicts
    assert all(member.needed == (member.alone_enough is not None) for member in members)
    assert all(member.needed for member in members)
    assert "not shown to be needed" not in told.text()


def test_amounts_that_no_plan_shows_are_not_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = case(tmp_path, FLOORS, model=MODEL.replace("ramp_step: 5", "ramp_step: 50"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Trials, "_shown", lambda *_: None)
    diagnosis = kctopt.diagnose(name)
    text = diagnosis.text()
    assert diagnosis.repair == {} and diagnosis.data()["repair_shown"] is False
    assert "ai-floor: no amount was shown to be enough by itself" in text
    assert "By how much rules must be relaxed for a plan that keeps all the rest was not found." in text
    assert "lower" not in text and "raise" not in text
    assert "降低" not in diagnosis.text("zh")


def test_a_large_set_that_time_did_not_reduce_is_told_in_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = case(tmp_path, FLOORS, model=MODEL.replace("ramp_step: 5", "ramp_step: 50"))
    monkeypatch.chdir(tmp_path)
    trials = Trials(build(kctopt.load(name)))
    conflict = Conflict(trials.rules, (), (), integer=True, without={}, alone={}, together=None)
    told = Diagnosis(trials.program.scenario, {}, Findings(None, (conflict,), complete=False), 1.0, True, trials.sizes)
    text = told.text()
    assert "ai-floor asks for at least 65" in text and "quantum-share asks for" in text
    others = len(trials.rules) - 2
    assert f"and {others} rules of the model, none of them known to be needed: " in text
    assert "money.budget (5)" in text and "no time to look at the others" in text
    assert "the budget of 2026" not in text
    assert f"以及模型的 {others} 条约束" in told.text("zh")


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
    assert "2026-2030 年合计至多 2,000 亿元，用于人工智能" in diagnosis.text("zh")


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


def test_several_conflicts_and_what_repairs_them_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "policies:\n"
        "  - {id: rush, kind: floor, line: ai-B, amount: 45, years: 2026}\n"
        "  - {id: lasers, kind: floor, line: quantum-M, amount: 30, years: 2026}\n"
    )
    diagnosis = found(tmp_path, monkeypatch, text)
    assert [{member.rule for member in members} for members in diagnosis.conflicts] in (
        [{"policies.rush", "money.ramp"}, {"policies.lasers", "money.ramp"}],
        [{"policies.lasers", "money.ramp"}, {"policies.rush", "money.ramp"}],
    )
    assert diagnosis.repair == pytest.approx({"policies.rush": 14.0, "policies.lasers": 5.5}, rel=1e-3)
    repaired = {"policies[rush].amount": 45 - 14.001, "policies[lasers].amount": 30 - 5.501}
    assert kctopt.diagnose("case.yaml", set=repaired).status == "feasible"


def test_a_band_that_the_base_year_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines 30 points apart cannot be within 5 % of each other after a year, unless one is held back."""
    text = (
        "policies:\n"
        "  - {id: together, kind: band, lines: [ai-B, ai-A], width: .05, years: 2026}\n"
        "  - {id: keep-ahead, kind: target, line: ai-A, min_ratio: .65, by: 2026}\n"
    )
    diagnosis = found(tmp_path, monkeypatch, text)
    assert {"policies.together", "policies.keep-ahead"} <= rules(diagnosis)


def test_an_interrupted_diagnosis_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = case(tmp_path, FLOORS, model=MODEL.replace("ramp_step: 5", "ramp_step: 50"))
    monkeypatch.chdir(tmp_path)
    whole = kctopt.diagnose(name)
    asked, stop, real = list[Collection[str]](), 3, Trials._tested

    def tested(self: Trials, kept: Collection[str]) -> Verdict:
        if len(asked) == stop:
            raise KeyboardInterrupt
        if self.steps.file is not None:  # of the scenario itself, not of one with other numbers
            asked.append(kept)
        return real(self, kept)

    monkeypatch.setattr(Trials, "_tested", tested)
    done = run("diagnose", name, "-o", "why")
    assert done.exit_code == 130 and "the same command goes on from what is in" in done.stderr
    assert len(list(tmp_path.glob(".diagnosis-*.jsonl"))) == 1 and not (tmp_path / "why").exists()
    stop = 1000
    done = run("diagnose", name, "-o", "why", "--json")
    assert done.exit_code == 4, done.output
    assert len(asked) == len(set(map(frozenset, asked)))  # nothing was asked twice
    assert json.loads(done.stdout)["conflicts"] == json.loads(json.dumps(whole.data()["conflicts"]))
    assert not list(tmp_path.glob(".diagnosis-*"))
    again = run("diagnose", name, "-o", "why", "--json")
    assert json.loads(again.stdout)["repair"] == json.loads(done.stdout)["repair"]


def test_solve_tells_why_and_json_carries_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = case(tmp_path, FLOORS, model=MODEL.replace("ramp_step: 5", "ramp_step: 50"))
    monkeypatch.chdir(tmp_path)
    done = run("solve", name, "--json")
    assert done.exit_code == 4, done.output
    diagnosis = json.loads(done.stdout)["diagnosis"]
    assert diagnosis["status"] == "infeasible"
    assert diagnosis["conflicts"][0]["minimal"] is True
    assert {rule["rule"] for rule in diagnosis["conflicts"][0]["rules"]} == {
        "policies.ai-floor", "policies.quantum-share", "money.budget[2026]",
    }  # fmt: skip
    assert "ai-floor (case.yaml:3) asks for at least 65 billion CNY a year" in done.stderr
    done = run("solve", name, name, "--lang", "zh")
    assert done.exit_code == 7
    assert done.stderr.count("以下约束不能同时成立") == 2


def test_saved_to_a_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = case(tmp_path, "policies:\n  - {id: rush, kind: floor, line: ai-B, amount: 45, years: 2026}\n")
    monkeypatch.chdir(tmp_path)
    done = run("diagnose", name, "-o", "why", "--json")
    assert done.exit_code == 4, done.output
    data = json.loads(done.stdout)
    assert data["folder"] == "why"
    assert json.loads(Path("why/diagnosis.json").read_text(encoding="utf-8")) | {"folder": "why"} == data
    with Path("why/conflicts.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["rule"]: row for row in csv.DictReader(file)}
    assert float(rows["policies.rush"]["alone"]) == pytest.approx(14.0, rel=1e-4)
    assert rows["policies.rush"]["origin"] == "case.yaml:3"
    assert rows["money.ramp"]["lines"] == "ai-B"
    assert kctopt.load("why").name == "case"
    assert run("diagnose", name, "-o", "why").exit_code == 4
    assert Path("why-2/diagnosis.json").is_file()


def test_a_feasible_scenario_has_a_simulated_plan() -> None:
    done = run("diagnose", "baseline", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["status"] == "feasible"
    diagnosis = kctopt.diagnose("baseline")
    assert diagnosis.plan is not None
    assert breaches(diagnosis.scenario, diagnosis.plan.money, choices=diagnosis.plan.choices) == []
    assert "feasible" in diagnosis.text()
    assert "可行" in diagnosis.text("zh")


def test_where_questions_find_nothing_the_engine_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what ended by itself does not ask for more time."""
    monkeypatch.setattr(Trials, "test", lambda self, kept: Verdict("unknown"))
    diagnosis = kctopt.diagnose("baseline")
    assert diagnosis.status == "feasible" and diagnosis.plan is not None
    assert breaches(diagnosis.scenario, diagnosis.plan.money, choices=diagnosis.plan.choices) == []
    open_one = replace(diagnosis, findings=Findings(None, (), False))
    assert "ended by itself" in open_one.text() and "--time-limit" not in open_one.text()
    assert "--time-limit" in replace(open_one, stopped=True).text()


BEYOND = "policies:\n  - {id: up, kind: target, line: ai-B, min_ratio: 1.4, by: 2027}\n"


@pytest.mark.parametrize("kind", ["min_budget", "national_security"])
def test_a_proof_without_rules_that_collide_is_one_statement(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As at the edge of a target: a solve proves that there is no plan, the questions after it decide nothing."""
    name = case(tmp_path, BEYOND + f"set: {{objective.kind: {kind}}}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Trials, "test", lambda self, kept: Verdict("unknown"))
    for lang, proven, open_word in (
        ("en", "infeasible. It is proven that no plan", "decided"),
        ("zh", "无可行方案。已证明没有方案", "未定"),
    ):
        done = run("solve", name, "--lang", lang, "-o", lang)
        assert done.exit_code == 4 and proven in done.stderr and open_word not in done.output, done.output
        kept = json.loads((tmp_path / lang / "case" / "explain" / "diagnosis" / "analysis.json").read_text("utf-8"))[
            "about"
        ]
        assert kept["status"] == "infeasible" and proven in kept["text"][lang]
    data = json.loads(run("solve", name, "--json", "-o", "data").stdout)
    assert (data["status"], data["diagnosis"]["status"], data["diagnosis"]["conflicts"]) == ("infeasible",) * 2 + ([],)
    done = run("diagnose", name)
    assert done.exit_code == 4 and "infeasible. It is proven" in done.stdout, "the engine is asked here too"
    late = replace(kctopt.diagnose(name), stopped=True)
    assert "--time-limit" in late.text() and late.status == "infeasible"


def test_time_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no time there is no proof; with a proof but no more time the set is not called minimal."""
    name = case(tmp_path, FLOORS, model=MODEL.replace("ramp_step: 5", "ramp_step: 50"))
    monkeypatch.chdir(tmp_path)
    done = run("diagnose", name, "--time-limit", "1e-9")
    assert done.exit_code == 6, done.output
    assert "not decided" in done.stdout
    trials = Trials(build(kctopt.load(name)))
    verdict = trials.test(trials.rules)
    monkeypatch.setattr(trials, "test", lambda kept: verdict if set(kept) == set(trials.rules) else Verdict("unknown"))
    monkeypatch.setattr(trials, "least", lambda giving, kept, enough=0.0: None)
    told = Diagnosis(trials.program.scenario, {}, findings(trials), 1.0, True, trials.sizes)
    assert told.status == "infeasible"
    assert "none of them is shown to be enough by itself" in told.text()
    assert "By how much rules must be relaxed" in told.text()
    assert "Not proven minimal: " in told.text()
    assert "Stopped by the time limit" in told.text()
    assert "There may be more conflicts" in told.text()


def test_an_own_constraint_is_a_rule() -> None:
    program = kctopt.build("baseline")
    program.model.too_much = Constraint(expr=program.model.money.spend["ai-B", 2026] >= 500)
    diagnosis = kctopt.diagnose(program)
    assert diagnosis.status == "infeasible"
    (members,) = diagnosis.conflicts
    assert {member.rule for member in members} in ({"too_much", "money.ramp"}, {"too_much", "money.budget[2026]"})
    assert "your constraint too_much" in diagnosis.text()


def test_every_row_of_a_rule_has_a_name_and_every_name_a_rule() -> None:
    """All options on: what is told of a rule exists for each of them, in both languages."""
    scenario = options(
        policies=[*OPTIONS["policies"], {"id": "t", "kind": "target", "max_dependency": 0.5, "by": 2028}]
    )
    trials = Trials(build(scenario))
    for name in trials.rules:
        rule = trials.names.rule(name)
        assert rule.size > 0
        if not name.startswith("policies."):
            assert rule.kind in SAYS
        for lang in ("en", "zh"):
            assert called(scenario, name, rule.kind, lang)
    families = {name.partition("[")[0] for name in trials.rules}
    assert families >= {
        "money.budget", "money.carry", "money.ramp", "quadrants.exchange_floor", "quadrants.exchange_cap",
        "quadrants.shield", "quadrants.exposure", "scale.minimum", "switching.near", "switching.entry",
        "switching.ratchet", "switching.exchange_open", "programmes.requires", "programmes.researchers", "policies.t",
    }  # fmt: skip
    rows = {row.partition("[")[0] for row, rule in zip(trials.whole.compiled.row_names, trials.whole.rules, strict=True)
            if rule is None}  # fmt: skip
    assert not {row for row in rows if row.startswith(("policies.", "quadrants.", "scale.minimum"))}
    assert trials.names.of("money.sign[ai-A,exchange,2026]") is None


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), prog_name="kctopt")
