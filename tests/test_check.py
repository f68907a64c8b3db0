"""Bad input: each fault says what, where and what to do; one fault is one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from model_files import write_model, write_scenario

from kctopt.errors import Fault, KctoptError, ScenarioErrors
from kctopt.scenario.load import load, overrides

Report = Callable[[str], list[str]]


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """Faults of a scenario on the small model, without the file's name; [] when there are none."""
    write_model(tmp_path / "world")
    monkeypatch.chdir(tmp_path)

    def faults(text: str) -> list[str]:
        try:
            load(write_scenario(tmp_path, "model: ./world\n" + text))
        except ScenarioErrors as error:
            return [str(fault).removeprefix("case.yaml:") for fault in error.faults]
        return []

    return faults


def test_the_message_of_the_manual() -> None:
    fault = Fault("scenario.yaml", 6, 3, "budget.grwoth", "unknown key", "did you mean 'growth'?")
    assert str(fault) == "scenario.yaml:6:3: budget.grwoth: unknown key; did you mean 'growth'?"
    assert str(ScenarioErrors([fault, fault])).count("\n") == 1
    assert ScenarioErrors([fault]).exit_code == 3


def test_the_error_tree_is_drawn_whole() -> None:
    import kctopt.errors as errors

    def below(kind: type[KctoptError]) -> list[type[KctoptError]]:
        return [kind, *(one for child in kind.__subclasses__() for one in below(child))]

    for kind in below(KctoptError):
        if kind.__module__ == "kctopt.errors":
            row = next(row for row in (errors.__doc__ or "").splitlines() if f" {kind.__name__} " in row)
            assert row.split(kind.__name__)[1].split()[0] == str(kind.exit_code)


TYPOS = """\
intnt: x
budget: 3
set:
  money.cary_share: .1
  monney: 1
  lines[domain=quantm].growth: .8
  lines[ai-C].spend: 3
  lines[domian=ai].spend: 3
  lines[ai-B].grwoth: 3
  budget.grwoth: 1
  cooperation.exposure_limit.2207: 4
  horizon.base_year.x: 3
  kct[a].rho: 1
  'lines[': 3
  name: x
scale: {money: 2, kct.form: 2, budget: x}
add: {horizon: 2, domains.weight: true}
policies:
  - {id: a, kind: floor, domain: semis, amount: 60}
  - {id: b, kind: flor, amount: 3}
  - {id: c, kind: floor, track: exchnage, type: X, amont: 3}
  - {kind: floor, amount: 3}
  - {id: d, remove: true}
  - {id: a, kind: cap, amount: 3}
  - 3
provenance:
  - {path: bugdet, unit: x, source: y, year: 2025, grade: D}
"""
TYPOS_TOLD = [
    "2:1: intnt: unknown key; did you mean 'intent'?",
    "3:1: budget: unknown key; a scenario changes it under 'set:', as in set: {budget: ...}",
    "5:3: money.cary_share: unknown key; did you mean 'carry_share'?",
    "6:3: monney: unknown key; did you mean 'money'?",
    "7:3: lines[domain=quantm].growth: no entry of 'lines' has domain 'quantm'; did you mean 'quantum'?",
    "8:3: lines[ai-C].spend: no entry of 'lines' has id 'ai-C'; did you mean 'ai-B'?",
    "9:3: lines[domian=ai].spend: unknown field 'domian' in [domian=ai]; did you mean 'domain'?",
    "10:3: lines[ai-B].grwoth: unknown key; did you mean 'growth'?",
    "11:3: budget.grwoth: unknown key; 'budget' is a number, or numbers by year: budget.2030",
    "12:3: cooperation.exposure_limit.2207: 'cooperation.exposure_limit' is one number for all years, and 2207 is "
    "none of 2025-2035; name one of them, or move horizon.last_year",
    "13:3: horizon.base_year.x: unknown key; 'horizon.base_year' is one value, not a group",
    "14:3: kct[a].rho: 'kct' is not a list; leave out [a]",
    "15:3: lines[: 'lines[' is not a path; write money.carry_share or lines[domain=ai].growth",
    "16:3: name: is not changed by path; write 'name:' at the top of the scenario file",
    "17:9: money: is not a number; name one number in it: carry_share, ramp_growth, ramp_step, history_growth",
    "17:19: kct.form: is not a number; use 'set:' for it",
    "17:40: budget: 'x' is not a number; write a number",
    "18:7: horizon: is not a number; name one number in it: base_year, last_year, plan_length, tail",
    "18:35: domains.weight: is 'true' where a number is needed",
    "20:34: policies[a].domain: unknown domain 'semis'; known: ai, quantum",
    "21:19: policies[b].kind: unknown policy kind 'flor'; did you mean 'floor'?",
    "22:33: policies[c].track: unknown value 'exchnage'; did you mean 'exchange'?",
    "22:49: policies[c].type: unknown value 'X'; known: B, A, M, S",
    "22:52: policies[c].amont: unknown key; did you mean 'amount'?",
    "23:5: policies[3].id: is missing; give text",
    "24:5: policies[d]: no policy of that id to remove; known: a, b, c",
    "25:5: policies[a]: policy given twice in this file; give each its own id",
    "26:5: policies[4]: holds '3' where a policy is needed; {id: ..., kind: ...}",
    "28:12: provenance[bugdet].path: 'bugdet': unknown key; did you mean 'budget'?",
    "28:59: provenance[bugdet].grade: unknown value 'D'; known: A, B, C, assumption, user",
]


def test_typos_everywhere_at_once(report: Report) -> None:
    assert report(TYPOS) == TYPOS_TOLD


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("budget: -3", "must not be negative (found -3)"),
        (
            "budget: 450 bn USD",
            "is in billion CNY/year, but the text says '450 bn USD'; convert it and write the number alone",
        ),
        ("budget: '450'", "'450' is text; write 450 without quotes"),
        ("budget: {2026: 5, 27: 6}", "'27' is not a year; write {2026: ..., 2030: ...}"),
        ("budget: {2026: 5, '2026': 6}", "year given twice; keep one of the two"),
        ("budget: {}", "is an empty mapping; give a number in billion CNY/year, or numbers by year"),
        ("budget: [1]", "is a list where a number in billion CNY/year is needed"),
        ("budget: .inf", "is not a finite number"),
        ("budget:", "is empty; it needs a number in billion CNY/year"),
        ("controls.intensity: 1.2", "must lie between 0 and 1 (found 1.2)"),
        ("controls.intensity: 30%", "'30%' is a percentage; write 0.3"),
        ("money.carry_share: 2", "is 2; it must be at most 1"),
        (
            "money.carry_share: {2026: 2}",
            "holds a mapping where a number is needed; this value is the same in all years",
        ),
        ("money.ramp_step: yes", "'yes' is not a number; write a number in billion CNY/year"),
        ("horizon.tail: 2.5", "2.5 is not a whole number"),
        ("horizon.last_year: 2025", "last_year 2025 must come after base_year 2025"),
        ("kct.form: nestd", "unknown value 'nestd'; did you mean 'nested'?"),
        ("stages: switchng", "unknown value 'switchng'; did you mean 'switching'?"),
        ("military.index: siprii", "unknown index 'siprii'; did you mean 'sipri'?"),
        ("security.economy: .5", "weights of economy, military and technology must sum to 1 (they sum to 1.1)"),
        (
            "knowledge.effort_elasticity: .9",
            "the three elasticities must sum to at most 1 (they sum to 1.3): not concave",
        ),
        ("lines.growth: high", "'high' is not a number; write a number"),
        ("lines: 3", "holds '3' where a list is needed"),
        ("kct: 3", "holds '3' where a mapping is needed; its keys: form, multiplier, rho, weights, rho_domains"),
        (
            "diffusion.near: .7",
            "near 0.7 lies above far 0.6, so the stage within reach is empty; "
            "a gap above far is far, one below near is near: near <= far",
        ),
        (
            "lines[ai-B].exchange_share: .95",
            "exchange_share and substitution_share sum to 1.05, so that nothing is left "
            "for strategic work; their sum must be less than 1",
        ),
        ("lines[ai-B].cap: 1\n  lines[ai-B].floor: 2", "floor 2 lies above cap 1; lower one or raise the other"),
        ("rungs[P].lag_3: .1", "lag weights lag_0 to lag_5 sum to 1.1; they must sum to 1"),
        ("rungs[P].spend_share: .4", "spend_share sums to 1.05 over the rungs; the sum must be 1"),
        ("rungs[P].capability_weight: .4", "capability_weight sums to 1.05 over the rungs; the sum must be 1"),
        ("rungs[P].profile: 1.1", "capability_weight times profile sums to 1.035 over the rungs; the sum must be 1"),
        (
            "quadrants[widen].min_exchange: .7",
            "min_exchange 0.7 lies above max_exchange 0.6; lower one or raise the other",
        ),
        (
            "kct.weights: {B: 0, M: 0, S: 0}\n  cut_off.shield: 0",
            "has lines of type B, A only, and kct.weights gives them no weight; give one of these types a weight",
        ),
        (
            "lines[quantum-S].security: 0\n  lines[quantum-S].moat: 1",
            "is 0.05, but no line is of type S; set it to 0, or give a line that membership",
        ),
        ("lines[domain=quantum].domain: ai", "has no line; give it a line, or take the domain out"),
        (
            "lines[ai-B].capability: .1",
            "its substitutes in the base year (3.33333) exceed its capability; "
            "lower substitution_share, substitution.output or substitution.ceiling",
        ),
        (
            "lines[ai-B].trend: -.2",
            "with trend -0.2, inflow and stock alone carry rung F further than recorded: its yield "
            "would be -25.2, and it must be positive; raise the trend above -0.02261, "
            "or lower diffusion.exchange_output, "
            "diffusion.catch_up or rungs[F].inflow",
        ),
    ],
)
def test_one_wrong_value(report: Report, text: str, message: str) -> None:
    found = report(f"set:\n  {text}\n")
    assert found
    assert all(line.startswith(("3:", "4:")) or "domains.csv" in line or "model.yaml" in line for line in found), found
    assert message in found[0]


def test_no_rung_stands_higher_than_the_one_below(report: Report) -> None:
    values = {"F": (0.25, 0.8), "P": (0.5, 1.1), "R": (0.25, 1.0)}  # both sums are 1
    text = "".join(f"  rungs[{r}].capability_weight: {w}\n  rungs[{r}].profile: {p}\n" for r, (w, p) in values.items())
    (found,) = report(f"set:\n{text}")
    assert "profile 1.1 lies above that of rung F (0.8); a rung cannot stand higher than the one below it" in found


@pytest.mark.parametrize(
    ("policies", "messages"),
    [
        (
            "{id: a, kind: floor, amount: 5, years: 2026-2035}",
            [
                "policies[a].years: 2026-2035 lies outside the planned years 2026-2030; "
                "leave 'years' out for all planned years"
            ],
        ),
        (
            "{id: a, kind: floor, amount: 5, years: soon}",
            ["policies[a].years: 'soon' is not a year (2030) or a span of years (2026-2030)"],
        ),
        (
            "{id: a, kind: target, type: B, min_ratio: .5, by: 2035}",
            ["policies[a].by: 2035 lies outside the planned years 2026-2030; name one of them"],
        ),
        ("{id: a, kind: target, type: B, by: 2030}", ["policies[a]: a target needs exactly one of min_ratio and"]),
        (
            "{id: a, kind: target, domain: ai, type: S, min_ratio: 1, by: 2030}",
            ["policies[a]: applies to no line: none has domain ai, type S; widen the selection"],
        ),
        ("{id: a, kind: share, track: exchange}", ["policies[a]: a share policy that says neither min nor max"]),
        (
            "{id: a, kind: share, min: .5, max: .4}",
            ["policies[a].min: min 0.5 lies above max 0.4; swap or change them"],
        ),
        (
            "{id: a, kind: floor, track: exchange, rung: F, amount: 1}",
            ["policies[a].rung: rung F is strategic spend, and track exchange has no rungs"],
        ),
        (
            "{id: a, kind: floor, domain: ai, amount: 101}",
            [
                "policies[a].amount: floors of 2026 need 101 billion CNY (a 101), the budget has 100; "
                "lower a floor or raise the budget"
            ],
        ),
        (
            "{id: a, kind: floor, domain: ai, amount: 70}\n  - {id: b, kind: floor, domain: quantum, amount: 60}",
            ["policies[a].amount: floors of 2026 (and 1 more) need 130 billion CNY (a 70, b 60), the budget has 100"],
        ),
        (
            "{id: a, kind: floor, domain: quantum, amount: 99}",
            ["policies[a].amount: floors of 2026 need 101 billion CNY (a 99, lines[ai-A].floor 2)"],
        ),
        (
            "{id: a, kind: floor, amount: 1000, per: total}",
            ["policies[a].amount: floor 1000 billion CNY until 2030; the budgets until then sum to 600"],
        ),
        (
            "{id: a, kind: floor, line: ai-B, amount: 61}",
            ["policies[a].amount: floor 61 lies above the caps of its lines, which sum to 60"],
        ),
        (
            "{id: a, kind: cap, domain: ai, amount: 1}",
            ["policies[a].amount: cap 1 lies below the floors of its lines, which sum to 2"],
        ),
        (
            "{id: a, kind: floor, line: ai-A, amount: 9}\n  - {id: b, kind: cap, domain: ai, amount: 8}",
            ["policies[a].amount: floor 9 lies above the cap of policy 'b' (8) in 2026"],
        ),
        (
            "{id: a, kind: floor, domain: ai, amount: 9}\n  - {id: b, kind: cap, domain: ai, amount: 8}",
            ["policies[a].amount: floor 9 lies above the cap of policy 'b' (8) in 2026"],
        ),
        (
            "{id: a, kind: share, domain: ai, min: .6}\n  - {id: b, kind: share, domain: quantum, min: .5}",
            ["policies[a].min: least shares of 2026 sum to 1.1 (a 0.6, b 0.5)"],
        ),
    ],
)
def test_policies_that_cannot_be(report: Report, policies: str, messages: list[str]) -> None:
    found = report(f"policies:\n  - {policies}\n")
    assert len(found) == len(messages), found
    for line, message in zip(found, messages, strict=True):
        assert message in line


@pytest.mark.parametrize(
    "text",
    [
        # a floor on a domain and one on a type may share money
        "policies:\n  - {id: a, kind: floor, domain: ai, amount: 55}\n  - {id: b, kind: floor, type: B, amount: 55}\n",
        # floors of different years do not add up
        "policies: [{id: a, kind: floor, amount: 90, years: 2026}, {id: b, kind: floor, amount: 90, years: 2027}]\n",
        # with the smallest budget sought, the budget is no limit
        "set: {objective.kind: min_budget}\npolicies:\n  - {id: a, kind: floor, type: A, amount: 500, years: 2027}\n",
        # the base year may lie outside a rule that starts with the plan
        "set: {quadrants.max_exchange: .01, quadrants.min_exchange: 0}\n",
        # a cap may be tight
        "policies:\n  - {id: a, kind: cap, domain: ai, amount: 2}\n",
        # money carried over may pay a floor
        "set: {budget: 100}\npolicies:\n  - {id: a, kind: floor, amount: 105, years: 2027}\n",
    ],
)
def test_what_is_no_fault(report: Report, text: str) -> None:
    assert report(text) == []


def test_the_trend_named_in_the_hint_is_enough(report: Report) -> None:
    assert report("set: {'lines[ai-B].trend': -.0227}\n") != []
    assert report("set: {'lines[ai-B].trend': -.0226}\n") == []


def test_the_value_the_user_changed_is_named(report: Report) -> None:
    assert report("set: {diffusion.far: .1}\n")[0].startswith("2:22: diffusion.far: near 0.25 lies above far 0.1")
    assert report("set: {'rungs[R].spend_share': .3}\n")[0].startswith(
        "2:31: rungs[R].spend_share: spend_share sums to"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; write at least 'extends: baseline'"),
        ("# only words\n", "is empty"),
        ("- a\n", "1:1: is not a mapping of keys to values"),
        ("set: {a: 1\n", "not valid YAML"),
        ("set:\n\tbudget: 3\n", "2:1: not valid YAML: found character that cannot start any token"),
        ("a: b: c\n", "1:5: not valid YAML"),
        ("set: {lines[ai-B].spend: 3}\n", "inside { } a path with [ ] needs quotes; or give it a line of its own"),
        ("extends: [\n", "not valid YAML"),
        ("a: 1\na: 2\n", "2:1: a: key given twice (first on line 1); keep one of the two"),
        ("? [a]\n: 3\n", "a key must be a name or a year; put it in quotes if it is a name"),
        ("a: &x {b: *x}\n", "nested too deeply for a scenario"),
        ("[" * 200 + "]" * 200, "nested too deeply for a scenario"),
        ("a: 1\n---\nb: 2\n", "not valid YAML"),
        ("<<: {a: 1}\n", "merge keys (<<) are not read; use 'extends:' or repeat the values"),
        ("a: \x07\n", "not valid YAML"),
    ],
)
def test_files_that_are_no_scenarios(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ScenarioErrors) as caught:
        load(write_scenario(tmp_path, text))
    assert message in str(caught.value)


def test_a_wrong_call_names_its_argument(tmp_path: Path) -> None:
    write_model(tmp_path / "world")
    path = write_scenario(tmp_path, "model: ./world\n")
    with pytest.raises(ScenarioErrors) as caught:
        load(path, set={"budget": "{2026: 3", "lines.growth": object(), "lins[ai-B].growth": 1, "kct.rho": "a: b: c"})
    found = [str(fault) for fault in caught.value.faults]
    assert found[0] == "set= of the call: budget: not valid YAML: " + found[0].partition("YAML: ")[2]
    assert [line.split(": ")[:2] for line in found] == [
        ["set= of the call", path] for path in ("budget", "kct.rho", "lins[ai-B].growth", "lines[ai-B].growth")
    ]
    with pytest.raises(ScenarioErrors) as caught:
        load(path, set={"budgt": 1}, scale={"kct.roh": 2}, add={"moeny": 1})
    assert [fault.file for fault in caught.value.faults] == [f"{way}= of the call" for way in ("set", "scale", "add")]
    with pytest.raises(
        ScenarioErrors, match=r"^scale= of the call: lines\[ai-B\].growth: is 1.8; it must be at most 1"
    ):
        load(path, scale={"lines[ai-B].growth": 2})
    with pytest.raises(ScenarioErrors, match=r"^command line: budgt: unknown key"):
        load(path, set=overrides(["budgt=1"]))


@pytest.mark.parametrize("source", ["", "  "])
def test_an_empty_name_is_told_as_such(source: str) -> None:
    with pytest.raises(
        ScenarioErrors, match=r"^the name of the scenario is empty; name a bundled scenario \(baseline, "
    ):
        load(source)
