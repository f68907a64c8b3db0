"""What a scenario and its model are called, and what tells two of them apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from model_files import write_model

import kctopt
from kctopt.api import open as open_run
from kctopt.comparison.comparable import refusals
from kctopt.result.schemas import scenario_hash
from kctopt.scenario.load import dump, load
from kctopt.scenario.records import Scenario


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A model folder `world`, and a scenario on it beside it."""
    write_model(tmp_path / "world")
    (tmp_path / "case.yaml").write_text("model: ./world\n", encoding="utf-8")
    return tmp_path


def read(case: Path, monkeypatch: pytest.MonkeyPatch, here: Path) -> Scenario:
    here.mkdir(exist_ok=True)
    monkeypatch.chdir(here)
    return kctopt.load(case)


def test_a_model_is_the_same_from_every_working_folder(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [read(world / "case.yaml", monkeypatch, here) for here in (world, world / "world", world / "elsewhere")]
    assert {one.model for one in seen} == {"world"}
    assert len({scenario_hash(one) for one in seen}) == 1
    assert seen[0] == seen[1] == seen[2]


def test_results_from_two_working_folders_are_compared(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(world)
    first = kctopt.solve("case.yaml", gap=0.05)
    (world / "elsewhere").mkdir()
    monkeypatch.chdir(world / "elsewhere")
    second = kctopt.solve("../case.yaml", gap=0.05)
    assert refusals(first, second) == ()
    assert "kctopt world" in set(second.to_iamc()["model"])
    back = open_run(second.save(world / "run"))
    assert back.scenario == second.scenario


def test_a_copy_under_another_name_is_the_same_model(world: Path) -> None:
    write_model(world / "copy")
    (world / "other.yaml").write_text("model: ./copy\n", encoding="utf-8")
    one, other = kctopt.load(world / "case.yaml"), kctopt.load(world / "other.yaml")
    assert (one.model, other.model) == ("world", "copy")
    assert one.model_sha256 == other.model_sha256
    first, second = kctopt.solve(one, gap=0.05), kctopt.solve(other, gap=0.05)
    assert refusals(first, second) == ()


def test_order_labels_and_sources_make_no_other_model(world: Path) -> None:
    before = kctopt.load(world / "case.yaml").model_sha256
    lines = world / "world" / "lines.csv"
    head, *rows = lines.read_text(encoding="utf-8").splitlines()
    text = "\n".join([head, *reversed(rows)]).replace("AI bottleneck", "AI bottlenecks")
    lines.write_text(text + "\n", encoding="utf-8", newline="\r\n")
    model = world / "world" / "model.yaml"
    model.write_text(
        "# a word\n" + model.read_text(encoding="utf-8").replace("2026: 100,", "2026: 100.0,"), encoding="utf-8"
    )
    assert kctopt.load(world / "case.yaml").model_sha256 == before


def test_two_contents_of_one_name_are_told_apart(world: Path) -> None:
    write_model(world / "b" / "world")
    table = world / "b" / "world" / "lines.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("0.8,0.9,40", "0.8,0.9,41"), encoding="utf-8")
    (world / "b" / "case.yaml").write_text("model: ./world\n", encoding="utf-8")
    first, second = (kctopt.solve(place, gap=0.05) for place in (world / "case.yaml", world / "b" / "case.yaml"))
    assert first.scenario.model == second.scenario.model == "world"
    (refusal,) = refusals(first, second)
    assert refusal.reason == "model"
    assert refusal.base == f"world ({first.scenario.model_sha256[:8]})"
    assert refusal.other == f"world ({second.scenario.model_sha256[:8]})"
    assert refusal.base != refusal.other


def test_the_content_of_the_model_stays_with_the_scenario(world: Path) -> None:
    scenario = kctopt.load(world / "case.yaml")
    assert len(scenario.model_sha256) == 64
    full = world / "full.yaml"
    full.write_text(dump(scenario), encoding="utf-8")
    assert kctopt.load(full) == scenario
    (world / "child.yaml").write_text("extends: full.yaml\nset: {budget: 90}\n", encoding="utf-8")
    assert kctopt.load(world / "child.yaml").model_sha256 == scenario.model_sha256
    assert kctopt.load(scenario, set={"budget": 90}).model_sha256 == scenario.model_sha256
    with pytest.raises(kctopt.ScenarioErrors, match="model_sha256: is not changed by path"):
        kctopt.load(scenario, set={"model_sha256": "x"})


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("tight.yaml", "extends: baseline\n", "tight"),
        ("tight.yaml", "extends: baseline\nname:\nlabel:\nintent:\n", "tight"),
        ("tight.yaml", "extends: baseline\nname: other\n", "other"),
        ("tight/scenario.yaml", "extends: baseline\n", "tight"),
        ("tight/scenario.yaml", "extends: baseline\nname: other\n", "other"),
    ],
)
def test_a_scenario_without_a_name_takes_that_of_its_file(tmp_path: Path, file: str, text: str, name: str) -> None:
    place = tmp_path / file
    place.parent.mkdir(exist_ok=True)
    place.write_text(text, encoding="utf-8")
    loaded = load(place)
    assert (loaded.scenario.name, loaded.scenario.label.en, loaded.scenario.label.zh) == (name, name, name)
    assert loaded.scenario.intent == ""
    if file.startswith("tight/"):
        assert load(place.parent).scenario.name == name
