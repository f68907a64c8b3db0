"""Chains of scenarios: what is inherited, what is a conflict, what is said about names that lead nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from model_files import MODEL, write_model, write_scenario

from kctopt.errors import ScenarioErrors
from kctopt.scenario import bundled
from kctopt.scenario.load import bundled_models, bundled_scenarios, dump, load
from kctopt.scenario.records import Scenario


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Working folder with the small model in `world` and a base scenario on it."""
    write_model(tmp_path / "world")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bundled, "PACKAGE", tmp_path / "nothing" / "here")
    write_scenario(
        tmp_path, "model: ./world\nlabel: {en: Base, zh: 基}\nintent: Base.\nset: {budget: 100}\n", "base.yaml"
    )
    return tmp_path


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with the small model and two scenarios inside; the working folder is beside it."""
    inside = tmp_path / "site" / "kctopt" / "_bundled"
    write_model(inside / "models" / "small-world")
    write_scenario(inside / "scenarios", "model: small-world\n", "baseline.yaml")
    write_scenario(inside / "scenarios", "extends: baseline\nscale: {budget: .9}\n", "a-squeeze.yaml")
    monkeypatch.setattr(bundled, "PACKAGE", tmp_path / "site" / "kctopt")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def files(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        write_scenario(folder, text, f"{name}.yaml")


def faults(source: str) -> list[str]:
    with pytest.raises(ScenarioErrors) as caught:
        load(source)
    return [str(fault) for fault in caught.value.faults]


def world(scenario: Scenario) -> str:
    return dump(scenario.model_copy(update={"name": "", "label": scenario.domains[0].label, "intent": ""}))


def test_a_child_inherits_numbers_but_speaks_for_itself(folder: Path) -> None:
    files(folder, child="extends: ./base.yaml\nset: {money.carry_share: 0}\n")
    scenario = load("child.yaml").scenario
    assert (scenario.budget.root, scenario.money.carry_share) == (100, 0)
    assert (scenario.label.en, scenario.intent, scenario.name) == ("child", "", "child")


def test_factors_of_a_chain_multiply(folder: Path) -> None:
    files(folder, a="extends: ./base.yaml\nscale: {budget: .5}\n", b="extends: ./a.yaml\nscale: {budget: .5}\n")
    loaded = load("b.yaml")
    assert loaded.scenario.budget.root == 25
    assert str(loaded.origin["budget"]) == "b.yaml:2 (times 0.5, from a.yaml:2 (times 0.5, from base.yaml:4))"


def test_parents_that_agree_or_touch_different_values(folder: Path) -> None:
    files(
        folder,
        a="""\
extends: ./base.yaml
set: {budget: 90, economy.trend: .02, "lines[ai-B].growth": .1}
policies: [{id: a, kind: cap, domain: ai, amount: 50}]
add: {spillovers: [{source: quantum, target: ai, strength: .1}]}
provenance: [{path: budget, unit: billion CNY/year, source: a, year: 1, grade: C}]
""",
        b="""\
extends: ./base.yaml
set: {economy.trend: .02, "lines[ai-B].sensitivity": .1}
policies: [{id: b, kind: cap, domain: ai, amount: 60}]
scale: {"lines[quantum-S].spend": 2}
""",
        child="extends: [./a.yaml, ./b.yaml]\n",
        reverse="extends: [./b.yaml, ./a.yaml]\n",
    )
    scenario = load("child.yaml").scenario
    assert scenario.budget.root == 90
    assert (scenario.lines[0].growth, scenario.lines[0].sensitivity) == (0.1, 0.1)
    assert scenario.lines[3].spend == 20
    assert [policy.id for policy in scenario.policies] == ["a", "b"]
    assert len(scenario.spillovers) == 3
    stated = [(one.path, one.source) for one in scenario.provenance if one.grade != "user"]
    assert stated == [("lines.growth", "made up"), ("budget", "a")]
    other = load("reverse.yaml").scenario
    assert {policy.id for policy in other.policies} == {"a", "b"}
    assert other.lines == scenario.lines


def test_parents_in_conflict(folder: Path) -> None:
    files(
        folder,
        a="""\
extends: ./base.yaml
scale: {budget: .9}
set: {"lines[ai-B].growth": .1}
policies: [{id: p, kind: cap, domain: ai, amount: 50}]
""",
        b="""\
extends: ./base.yaml
set: {budget: 80, "lines[ai-B].growth": .2}
policies: [{id: p, kind: cap, domain: ai, amount: 60}]
""",
        child="extends: [./a.yaml, ./b.yaml]\n",
        half="extends: [./a.yaml, ./b.yaml]\nset: {budget: 70, lines.growth: .3}\n",
        settled="""\
extends: [./a.yaml, ./b.yaml]
set: {budget: 70, lines.growth: .3}
policies: [{id: p, kind: cap, domain: ai, amount: 55}]
""",
        grandchild="extends: [./settled.yaml, ./a.yaml]\n",
    )
    policy = (
        "policies[p]: two parents disagree: {id: p, domain: ai, kind: cap, amount: 50} (a.yaml:4) and "
        "{id: p, domain: ai, kind: cap, amount: 60} (b.yaml:3); say which: give a policy 'p' in this file"
    )
    assert faults("child.yaml") == [
        "child.yaml:1:10: budget: two parents disagree: 90 (a.yaml:2 (times 0.9, from base.yaml:4)) "
        "and 80 (b.yaml:2); say which: set budget in this file",
        "child.yaml:1:10: lines[ai-B].growth: two parents disagree: 0.1 (a.yaml:3) and 0.2 (b.yaml:2); "
        "say which: set lines[ai-B].growth in this file",
        f"child.yaml:1:10: {policy}",
    ]
    assert faults("half.yaml") == [f"half.yaml:1:10: {policy}"]
    assert load("settled.yaml").scenario.budget.root == 70
    assert load("grandchild.yaml").scenario.budget.root == 70


def test_parents_that_set_years_of_one_series_are_named_by_these_years(folder: Path) -> None:
    files(
        folder, years="extends: ./base.yaml\nset: {budget: {2026: 100, 2030: 140}}\n",
        low="extends: ./years.yaml\nset:\n  budget.2030: 120\n",
        high="extends: ./years.yaml\nset:\n  money.carry_share: 0\n  budget.2030: 160\n",
        both="extends: [./low.yaml, ./high.yaml]\n",
    )  # fmt: skip
    assert faults("both.yaml") == [
        "both.yaml:1:10: budget: two parents disagree: {2026: 100, 2030: 120} (low.yaml:3) and {2026: 100, 2030: 160} "
        "(high.yaml:4); say which: set budget in this file"
    ]


def test_a_policy_removed_by_one_parent_and_changed_by_the_other(folder: Path) -> None:
    files(
        folder,
        base="model: ./world\npolicies: [{id: p, kind: cap, domain: ai, amount: 50}]\n",
        a="extends: ./base.yaml\npolicies: [{id: p, remove: true}]\n",
        b="extends: ./base.yaml\nset: {'policies[p].amount': 60}\n",
        c="extends: ./base.yaml\n",
        both="extends: [./a.yaml, ./b.yaml]\n",
        one="extends: [./c.yaml, ./a.yaml]\n",
    )
    assert len(faults("both.yaml")) == 1
    assert load("one.yaml").scenario.policies == ()
    assert load("b.yaml").scenario.policies[0].amount == 60  # type: ignore[union-attr]


def test_one_parent_below_the_other_is_no_conflict(folder: Path) -> None:
    files(
        folder, a="extends: ./base.yaml\nset: {budget: 90}\n", child="extends: [./base.yaml, ./a.yaml, ./base.yaml]\n"
    )
    assert load("child.yaml").scenario.budget.root == 90


def test_a_child_moves_the_chain_to_another_model(folder: Path) -> None:
    write_model(folder / "other", model=MODEL.replace("ratio: .65", "ratio: .7").replace("tail: 5", "tail: 4"))
    files(folder, child="extends: ./base.yaml\nmodel: ./other\n")
    files(folder, there="model: ./other\n", mixed="extends: [./base.yaml, ./there.yaml]\n")
    scenario = load("child.yaml").scenario
    assert (scenario.economy.ratio, scenario.budget.root, scenario.model) == (0.7, 100, "other")
    assert faults("mixed.yaml") == [
        "mixed.yaml:1:10: model: the parents stand on different models: world and other; "
        "say which with 'model:' in this file"
    ]


def test_circles(folder: Path) -> None:
    files(folder, a="extends: ./b.yaml\n", b="extends: [./base.yaml, ./a.yaml]\n")
    assert faults("a.yaml") == ["b.yaml:1:24: extends: goes round in a circle: a.yaml -> b.yaml -> a.yaml"]


def test_names_that_lead_nowhere(folder: Path) -> None:
    files(
        folder,
        a="extends: ./bse.yaml\n",
        b="extends: [3, {a: b}]\n",
        c="model: wrld\n",
        d="model: .\n",
        e="intent: x\n",
    )
    assert faults("a.yaml") == ["a.yaml:1:10: no file bse.yaml; did you mean 'base.yaml'?"]
    assert faults("b.yaml")[0] == "b.yaml:1:11: extends: needs the name or path of a scenario, or a list of them"
    assert faults("c.yaml") == ["c.yaml:1:8: model: no model 'wrld'; give the path of a folder with a model.yaml"]
    assert faults("d.yaml") == ["d.yaml:1:8: model: the folder . has no model.yaml"]
    assert faults("e.yaml") == [
        "e.yaml:1:1: stands on no model; write 'extends: baseline', or 'model:' with the name of a model folder"
    ]
    assert faults("nothing/there.yaml") == [
        "nothing/there.yaml: there is no such file; there is no folder nothing either"
    ]
    for odd in ("\0", "a" * 5000, "", "world"):
        assert faults(odd)


def test_all_names_that_lead_nowhere_are_told_at_once(folder: Path) -> None:
    files(folder, a="model: wrld\nextends: [./bse.yaml, base, ./broken.yaml, ./base.yaml]\nlabl: x\n")
    files(folder, broken="extends: ./base.yaml\nsett: {}\n")
    assert faults("a.yaml") == [
        "a.yaml:1:8: model: no model 'wrld'; give the path of a folder with a model.yaml",
        "a.yaml:2:11: no file bse.yaml; did you mean 'base.yaml'?",
        "a.yaml:2:23: no scenario 'base'; did you mean 'base.yaml'?",
        "a.yaml:3:1: labl: unknown key; did you mean 'label'?",
        "broken.yaml:2:1: sett: unknown key; did you mean 'set'?",
    ]
    files(folder, full="schema_version: 1\nextends: ./base.yaml\nset: {}\n")
    assert [fault.split(": ")[1] for fault in faults("full.yaml")] == ["extends", "set"]


def test_bundled_names(package: Path) -> None:
    assert bundled_scenarios() == ("baseline", "a-squeeze")
    assert bundled_models() == ("small-world",)
    loaded = load("a-squeeze")
    assert loaded.scenario.budget.root == {2026: 90, 2030: 126}
    place = "scenarios/a-squeeze.yaml:2 (times 0.9, from models/small-world/model.yaml:2)"
    assert str(loaded.origin["budget.2026"]) == place
    assert faults("a-squeze") == ["no scenario 'a-squeze'; did you mean 'a-squeeze'?"]
    files(package, mine="extends: baselin\n")
    assert faults("mine.yaml") == ["mine.yaml:1:10: no scenario 'baselin'; did you mean 'baseline'?"]
    assert faults("zzz") == [
        "no scenario 'zzz'; bundled are baseline, a-squeeze; or give the path of a .yaml or .xlsx file"
    ]


def test_a_file_of_a_bundled_name_extends_the_bundled_one(package: Path) -> None:
    files(package, baseline="extends: baseline\nset: {budget: 90}\n")
    assert load("./baseline.yaml").scenario.budget.root == 90
    assert load("baseline").scenario.budget.root == {2026: 100, 2030: 140}


def test_a_local_model_of_a_bundled_name_must_be_named_as_a_path(package: Path) -> None:
    write_model(package / "small-world", model=MODEL.replace("ratio: .65", "ratio: .7"))
    files(package, a="model: small-world\n", b="model: ./small-world\n")
    assert faults("a.yaml") == [
        "a.yaml:1:8: model: 'small-world' is a bundled model and also a folder beside this file; "
        "write ./small-world for the folder, or rename it"
    ]
    assert load("b.yaml").scenario.economy.ratio == 0.7


def test_order_of_files_does_not_matter_to_the_world(folder: Path) -> None:
    files(
        folder,
        a="extends: ./base.yaml\nset: {budget: 90}\n",
        b="extends: ./base.yaml\nset: {economy.trend: .02}\n",
        ab="extends: [./a.yaml, ./b.yaml]\n",
        ba="extends: [./b.yaml, ./a.yaml]\n",
    )
    assert world(load("ab.yaml").scenario) == world(load("ba.yaml").scenario)
