"""The JSON Schema agrees with the loader, and `new` writes a study that loads."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from model_files import OPTIONS, write_model, write_scenario
from worlds import options

from kctopt.errors import ScenarioErrors, WriteError
from kctopt.scenario import bundled
from kctopt.scenario.load import dump, load
from kctopt.scenario.new_folder import new_study
from kctopt.scenario.schema import scenario_schema
from kctopt.scenario.yamlfile import Loader

GOOD = """\
# yaml-language-server: $schema=./kctopt.schema.json
model: ./world
intent: Controls tighten in 2027 and the alliance joins.
label: {en: A, zh: 甲}
set:
  stages: envelope
  controls.intensity: {2026: .3, 2027: .8, 2030: .9}
  lines[domain=quantum].growth: .8
  lines[ai-A].cap: null
  budget: 450 billion CNY/year
  money: {carry_share: .2}
  policies[semis-floor].amount: 30
  military.indices[sipri].ratio: .4
  catalogue.researchers: null
  cooperation: {choice: mask, change_cost: .5}
  policies[pair].lines: [ai-B, quantum-M]
  tranches[line=ai-B,upto=2].effect: 1.9
  programmes[etching].cost_2: 2.5
scale: {budget: .95, "lines[*].spend": 1.1}
add: {rival.growth_shift: .01, spillovers: {source: quantum, target: ai, strength: .1}}
policies:
  - {id: semis-floor, kind: floor, domain: ai, amount: 60, years: 2026-2030}
  - {id: chokepoints, kind: target, type: B, min_ratio: .8, by: 2030, soft: true}
  - {id: open, kind: share, track: exchange, max: .3}
  - {id: pair, kind: band, lines: [ai-B, quantum-S], width: .3, years: 2030}
provenance:
  - {path: budget, unit: billion CNY/year, source: mine, year: "2025", grade: assumption}
"""


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = scenario_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def as_json(text: str) -> Any:
    """A file as an editor's checker sees it: keys are text."""
    return json.loads(json.dumps(yaml.load(text, Loader=Loader)))


@pytest.mark.touches("jsonschema", "pydantic")
def test_what_loads_passes_the_schema(tmp_path: Path, validator: Any) -> None:
    write_model(tmp_path / "world", **OPTIONS)
    scenario = load(write_scenario(tmp_path, GOOD)).scenario
    assert list(validator.iter_errors(as_json(GOOD))) == []
    for other in (options(), options(catalogue__researchers={2026: 3.0})):
        assert list(validator.iter_errors(as_json(dump(other)))) == []
    assert list(validator.iter_errors(as_json(dump(scenario)))) == []
    assert list(validator.iter_errors(as_json("extends: [a, b]\nset:\npolicies:\n  - {id: a, remove: true}\n"))) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("intent:", "intnt:"),
        ("budget: 450 billion CNY/year", "budget: 450 bn USD"),
        ("lines[domain=quantum].growth", "lines[domain=quantum].grwoth"),
        ("controls.intensity", "controls.intensty"),
        ("stages: envelope", "stages: switchng"),
        ("carry_share", "cary_share"),
        ("scale: {budget", "scale: {money"),
        ("kind: floor", "kind: flor"),
        ("amount: 60", "amont: 60"),
        ("kind: band, lines", "kind: band, line"),
        ("choice: mask", "choice: masked"),
        ("catalogue.researchers: null", "catalogue.researcher: null"),
        ("programmes[etching].cost_2", "programmes[etching].cost_11"),
        ("grade: assumption", "grade: guess"),
        ("model: ./world\n", ""),
        ("2027: .8", "27: .8"),
    ],
)
@pytest.mark.touches("jsonschema", "pydantic", "pyyaml")
def test_what_does_not_load_fails_the_schema(tmp_path: Path, validator: Any, old: str, new: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    assert list(validator.iter_errors(as_json(text)))
    write_model(tmp_path / "world", **OPTIONS)
    with pytest.raises(ScenarioErrors):
        load(write_scenario(tmp_path, text))


def test_every_path_of_the_schema_is_known_to_the_loader(tmp_path: Path) -> None:
    write_model(tmp_path / "world", **OPTIONS)
    policies = "policies: [{id: a, kind: floor, amount: 1}, {id: b, kind: band, lines: [ai-B, ai-A], width: 1}]\n"
    case = write_scenario(tmp_path, f"model: ./world\n{policies}")
    paths = scenario_schema()["$defs"]["Layer"]["properties"]["set"]["anyOf"][0]
    names = list(paths["properties"])
    assert {"budget", "kct.weights.B", "lines", "military.indices", "rival.growth_shift"} <= set(names)
    for name in names:  # a wrong value is said of the value, not of the path
        with pytest.raises(ScenarioErrors) as caught:
            load(case, set={name: {"no": "such"}})
        assert not any(fault.path == name and fault.message == "unknown key" for fault in caught.value.faults)
    patterns = "|".join(paths["patternProperties"])
    for path in load(case).origin:
        if not path.startswith(("name", "label", "intent", "model", "schema_version", "provenance")):
            assert path in names or re.search(patterns, path), path


def test_units_and_meanings_are_in_the_schema() -> None:
    paths = scenario_schema()["$defs"]["Layer"]["properties"]["set"]["anyOf"][0]
    assert paths["properties"]["budget"]["description"] == "money available (billion CNY/year)"
    by_year = paths["properties"]["budget"]["anyOf"][2]["patternProperties"][r"^\d{4}$"]["anyOf"]
    assert by_year[0] == {"type": "number"}
    for text in ("590十亿元/年", " 590 billion CNY/year "):
        assert re.search(by_year[1]["pattern"], text)
    assert not re.search(by_year[1]["pattern"], "590亿元/年")


def test_a_new_study_loads_and_is_never_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "kctopt" / "_bundled"
    write_model(inside / "models" / "small")
    write_scenario(inside / "scenarios", "model: small\n", "baseline.yaml")
    monkeypatch.setattr(bundled, "PACKAGE", tmp_path / "kctopt")
    monkeypatch.chdir(tmp_path)
    files = new_study("my study")
    assert [path.name for path in files] == ["scenario.yaml", "kctopt.schema.json", "README.md"]
    assert files[0].read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=./kctopt.schema.json\n")
    scenario = load("my study").scenario
    assert (scenario.name, scenario.budget.root) == ("my-study", {2026: 100, 2030: 140})
    schema = json.loads(files[1].read_text(encoding="utf-8"))
    jsonschema.validate(as_json(files[0].read_text(encoding="utf-8")), schema)

    examples = re.sub(r"(?m)^  # ", "  ", files[0].read_text(encoding="utf-8"))
    assert not list(jsonschema.Draft202012Validator(schema).iter_errors(as_json(examples)))

    files[2].write_text("mine", encoding="utf-8")
    with pytest.raises(ScenarioErrors, match=r"my study/README.md: is there already; choose a new folder"):
        new_study("my study")
    assert files[2].read_text(encoding="utf-8") == "mine"
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(WriteError, match="file is a file, not a folder"):
        new_study(tmp_path / "file" / "below")
    with pytest.raises(ScenarioErrors, match="no bundled scenario 'basline'; did you mean 'baseline'"):
        new_study("other", parent="basline")
    assert not (tmp_path / "other").exists()
