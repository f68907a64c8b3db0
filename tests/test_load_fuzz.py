"""Whatever the files hold, loading gives a scenario or ScenarioErrors, and what is written loads back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_files import LINES, MODEL, OPTIONS, TABLES, write_model, write_scenario

from kctopt.errors import ScenarioErrors
from kctopt.scenario.load import Loaded, dump, load
from kctopt.scenario.records import Label, PositiveSeries, Scenario, Source

FEW = settings(max_examples=25, deadline=None)
CASE = """\
model: ./world
intent: A case.
set:
  controls.intensity: {2026: .3, 2027: .8}
  stages: switching
  cooperation: {choice: mask, change_cost: .5}
  catalogue.researchers: {2026: 3, 2030: 4}
  lines[domain=quantum].growth: .8
scale: {budget: .95}
add: {rival.growth_shift: .01}
policies:
  - {id: a, kind: floor, domain: ai, amount: 20, years: 2026-2028}
  - {id: b, kind: target, type: B, min_ratio: .3, by: 2030, soft: true}
  - {id: c, kind: band, lines: [ai-B, quantum-S], width: .3, years: 2028-2030}
provenance:
  - {path: budget, unit: billion CNY/year, source: mine, year: 2026, grade: C}
"""
PATHS = (
    "budget", "budget.2026", "money", "money.carry_share", "lines", "lines[ai-B]", "lines.growth", "rungs[F].id",
    "lines[domain=ai].label", "policies", "kct.form", "kct.weights", "horizon", "horizon.last_year", "military.index",
    "military.indices", "spillovers", "domains[ai].id", "stages", "controls.intensity", "lines[*].cap", "quadrants",
    "modes", "modes[open].exchange", "tranches", "tranches[line=ai-B,upto=2].effect", "programmes",
    "programmes.requires", "programmes[etching].duration", "catalogue", "catalogue.researchers", "switching",
    "cooperation.choice", "lines.min_scale", "domains[ai].mode", "diffusion.form", "policies[c].lines",
    "policies[c].lines[0]", "rival", "objective.kind", "name", "lines[ai-B].id", "economy.trend",
    "horizon.base_year", "knowledge.yield_factor",
)  # fmt: skip

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from([0, 1, 0.5, 2026, "ai", -1]),
)
keys = st.one_of(
    st.text(max_size=5), st.integers(2020, 2040), st.sampled_from(["id", "kind", "domain", "en", "amount"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=6
)
paths = st.sampled_from(PATHS) | st.text(alphabet="abcdeginls.[]=*-,2 ", max_size=12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("fuzz")
    write_model(path / "world", **OPTIONS)
    yield path


def tried(path: Path, **options: Any) -> Loaded | None:
    """The loaded scenario, or None when it has faults; every fault has a message of one line."""
    try:
        loaded = load(path, **options)
    except ScenarioErrors as error:
        assert error.faults
        assert len({str(fault) for fault in error.faults}) == len(error.faults)
        for fault in error.faults:
            assert fault.message
            assert "pydantic" not in fault.message
            assert "object at 0x" not in fault.message
        return None
    assert isinstance(loaded.scenario, Scenario)
    return loaded


@FEW
@given(st.dictionaries(paths, values, max_size=4))
def test_any_value_at_any_path(folder: Path, given_values: dict[str, Any]) -> None:
    tried(write_scenario(folder, CASE, "any.yaml"), set=given_values)


@FEW
@given(st.sampled_from(["set", "scale", "add"]), st.dictionaries(paths, values, max_size=4))
def test_any_change_in_a_file(folder: Path, change: str, given_values: dict[str, Any]) -> None:
    text = json.dumps({"model": "./world", change: given_values}, ensure_ascii=True)
    tried(write_scenario(folder, text, "change.yaml"))


@FEW
@given(
    st.dictionaries(st.sampled_from(["model", "extends", "name", "label", "intent", "policies", "provenance"]), values)
)
def test_any_value_under_any_key(folder: Path, given_values: dict[str, Any]) -> None:
    tried(write_scenario(folder, json.dumps({"model": "./world", **given_values}), "keys.yaml"))


@FEW
@given(st.text(max_size=60) | st.binary(max_size=60))
def test_any_file(folder: Path, content: str | bytes) -> None:
    path = folder / "file.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    tried(path)


def typo(text: str, where: int, letter: str, kind: str) -> str:
    where %= len(text)
    return text[:where] + ("" if kind == "lose" else letter) + text[where + (kind != "insert") :]


typos = st.tuples(
    st.integers(0, 10_000),
    st.sampled_from(list("aex19.,:;-[]{}'\"#\n\t \0é汉%&*!|>")),
    st.sampled_from(["lose", "insert", "swap"]),
)


@FEW
@given(st.lists(typos, min_size=1, max_size=3))
def test_typos_in_a_scenario_file(folder: Path, slips: list[tuple[int, str, str]]) -> None:
    text = CASE
    for slip in slips:
        text = typo(text, *slip)
    tried(write_scenario(folder, text, "typo.yaml"))


@FEW
@given(
    st.sampled_from(["model", *(name.removesuffix(".csv") for name in TABLES), *OPTIONS]),
    st.lists(typos, min_size=1, max_size=3),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "big5hkscs", "latin-1"]),
)
def test_typos_and_encodings_in_a_model(
    tmp_path_factory: pytest.TempPathFactory, table: str, slips: list[tuple[int, str, str]], encoding: str
) -> None:
    text = MODEL if table == "model" else OPTIONS.get(table) or TABLES[f"{table}.csv"]
    for slip in slips:
        text = typo(text, *slip)
    path = tmp_path_factory.mktemp("model")
    write_model(path / "world", **(OPTIONS | {table: text.encode(encoding, "replace")}))
    tried(write_scenario(path, "model: ./world\n"))


@FEW
@given(st.sampled_from(sorted(set(re.findall(r"[a-z_]{4,}", MODEL)) - {"sipri"})), st.data())
def test_a_misspelt_key_is_always_found(
    tmp_path_factory: pytest.TempPathFactory, word: str, data: st.DataObject
) -> None:
    where = data.draw(st.integers(0, len(word) - 2))
    wrong = word[:where] + word[where + 1] + word[where] + word[where + 2 :]
    if wrong == word:
        return
    path = tmp_path_factory.mktemp("word")
    write_model(path / "world", model=re.sub(rf"\b{word}\b", wrong, MODEL, count=1))
    with pytest.raises(ScenarioErrors) as caught:
        load(write_scenario(path, "model: ./world\n"))
    assert any(f"did you mean '{word}'?" in fault.hint for fault in caught.value.faults), str(caught.value)


positive = st.floats(1e-300, 1e12, allow_nan=False)
words = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=30)  # what texts may hold


@FEW
@given(
    st.dictionaries(st.integers(1990, 2100), positive, min_size=1) | positive,
    st.lists(st.floats(0, 1), min_size=4, max_size=4),
    words,
    st.text(alphabet="aé汉😀 -_'#&[]{},0", min_size=1, max_size=20).filter(lambda name: name == name.strip()),
)
def test_what_is_written_loads_back_bit_for_bit(
    folder: Path, budget: Any, growth: list[float], note: str, name: str
) -> None:
    base = load(write_scenario(folder, "model: ./world\nset: {lines.floor: 0}\n", "base.yaml")).scenario
    lines = tuple(line.model_copy(update={"growth": value}) for line, value in zip(base.lines, growth, strict=True))
    source = Source(path="budget", unit="billion CNY/year", source=note, year=note, grade="C", note=note)
    scenario = base.model_copy(
        update={
            "name": name,
            "label": Label(en=note, zh=note),
            "intent": note,
            "budget": PositiveSeries(budget),
            "lines": lines,
            "provenance": (source,),
        }
    )
    path = folder / "written.yaml"
    path.write_text(dump(scenario), encoding="utf-8", newline="\n")
    assert load(path).scenario == scenario


def test_half_a_table(tmp_path: Path) -> None:
    data = LINES.encode("gb18030")
    for end in range(0, len(data), 97):
        write_model(tmp_path / "world", lines=data[:end])
        tried(write_scenario(tmp_path, "model: ./world\n"))
