"""Loading: what a scenario file says is what the records hold, with the place that set it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from types import FrameType

import numpy as np
import pytest
from model_files import write_model, write_scenario
from pytest import approx
from worlds import options, tiny

from kctopt.errors import ScenarioErrors
from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.load import Loaded, dump, load, overrides
from kctopt.scenario.records import Record, Scenario, Series
from kctopt.scenario.reviews import STAGES, thresholds


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Working folder with the small model in `world`."""
    write_model(tmp_path / "world")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def case(folder: Path, text: str = "", name: str = "case.yaml", **options: object) -> Loaded:
    head = "" if "extends:" in text or "model:" in text else "model: ./world\n"
    return load(write_scenario(folder, head + text, name), **options)  # type: ignore[arg-type]


def faults(folder: Path, text: str, name: str = "case.yaml") -> list[str]:
    with pytest.raises(ScenarioErrors) as caught:
        case(folder, text, name)
    return [str(fault) for fault in caught.value.faults]


def test_a_model_alone_is_a_scenario_named_after_its_file(folder: Path) -> None:
    scenario = case(folder).scenario
    assert scenario.name == "case"
    assert scenario.label.zh == "case"
    assert scenario.intent == ""
    assert scenario.model == "world"
    assert [line.id for line in scenario.lines] == ["ai-B", "ai-A", "quantum-M", "quantum-S"]
    assert scenario.lines[0].label.zh == "瓶颈"
    assert scenario.lines[0].cap == 60
    assert scenario.lines[1].cap is None
    assert scenario.lines[0].floor == 0  # an empty cell is the default
    assert scenario.rungs[1].lags == (0, 0.5, 0.5, 0, 0, 0)
    assert scenario.budget.root == {2026: 100, 2030: 140}
    assert scenario.military.chosen.ratio == 0.31
    assert scenario.provenance[1].note == "a note, with a comma"
    assert scenario.provenance[0].year == "2025"


def test_words_at_the_top(folder: Path) -> None:
    text = "name: 压力\nlabel: {en: Pressure, zh: 压力}\nintent: Everything at once.\n"
    scenario = case(folder, text).scenario
    assert (scenario.name, scenario.label.en, scenario.intent) == ("压力", "Pressure", "Everything at once.")


def test_an_intent_in_one_language_or_in_both(folder: Path) -> None:
    alone = case(folder, "intent: Everything at once.\n").scenario
    assert alone.asks("en") == alone.asks("zh") == "Everything at once."
    both = case(folder, "intent: {en: Everything at once., zh: 同时进行。}\n").scenario
    assert (both.asks("en"), both.asks("zh")) == ("Everything at once.", "同时进行。")
    write_scenario(folder, dump(both), "both.yaml")
    assert load(str(folder / "both.yaml")).scenario.intent == both.intent
    assert faults(folder, "intent: {en: Everything at once.}\n") == ["case.yaml:2:1: intent.zh: is missing; give text"]


def test_a_full_scenario_without_a_name_is_named_after_its_file(folder: Path) -> None:
    text = dump(case(folder, "name: first\n").scenario)
    write_scenario(folder, text.replace("name: first\n", "", 1), "second.yaml")
    assert load("second.yaml").scenario.name == "second"


def test_a_name_must_serve_as_a_file_name(folder: Path) -> None:
    hint = "use letters, digits, - and _; 'label:' takes any text"
    reason = "folders cannot have / in their names"
    assert faults(folder, "name: ../a\n") == [f"case.yaml:2:7: name: '../a' cannot be a name: {reason}; {hint}"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("..", "lead out of the folder of runs"), (".", "begins with a dot"), (".hidden", "begins with a dot"),
        ("a\\b", "cannot have \\"), ("a:b", "cannot have :"), ("a\tb", "cannot have U+0009"), ("", "is empty"),
        (" ", "is empty"), ("a ", "a blank"), ("a.", "ends with a dot"), ("con", "device on Windows"),
        ("Com1.txt", "device on Windows"), ("x" * 201, "201 bytes"), ("安" * 67, "201 bytes"),
    ],
)  # fmt: skip
def test_a_name_stays_inside_the_folder_of_runs_on_every_machine(folder: Path, name: str, reason: str) -> None:
    [fault] = faults(folder, f"name: {json.dumps(name, ensure_ascii=False)}\n")
    assert fault.startswith("case.yaml:2:7: name: ")
    assert reason in fault
    assert case(folder, f"name: {'安' * 66}\n").scenario.name == "安" * 66


@pytest.mark.parametrize(("way", "given", "value"), [("set", 9, 9), ("scale", 0.5, 1), ("add", 3, 5)])
def test_one_year_of_a_series_that_is_one_number_is_changed_alone(
    folder: Path, way: str, given: float, value: float
) -> None:
    row = "{path: cooperation.exposure_limit, unit: billion CNY/year, source: mine, year: 2025, grade: C}"
    case(folder, f"set: {{cooperation.exposure_limit: 2}}\nprovenance: [{row}]\n")
    paths = {f"cooperation.exposure_limit.{year}": given for year in (2027, 2030)}
    loaded = load(str(folder / "case.yaml"), **{way: paths})  # type: ignore[arg-type]
    horizon = loaded.scenario.horizon
    years = (horizon.base_year, *horizon.all_years)
    want = {year: value if year in (2027, 2030) else 2 for year in years}
    assert loaded.scenario.cooperation.exposure_limit.root == want
    assert loaded.origin["cooperation.exposure_limit.2028"].file == "case.yaml"
    assert loaded.origin["cooperation.exposure_limit.2027"].file == f"{way}= of the call"
    sources = {row.path: (row.source, row.grade) for row in loaded.scenario.provenance if "exposure" in row.path}
    assert sources["cooperation.exposure_limit"][0] == "mine"
    assert {path for path, (_, grade) in sources.items() if grade == "user"} == set(paths)


def test_a_year_of_one_number_is_changed_alone_within_the_horizon_of_the_file(folder: Path) -> None:
    text = "set: {cooperation.exposure_limit: 2}\n"
    write_scenario(folder, f"model: ./world\n{text}", "base.yaml")
    child = "extends: ./base.yaml\nset: {cooperation.exposure_limit.2033: 9, horizon.last_year: 2033}\n"
    limit = load(str(write_scenario(folder, child, "child.yaml"))).scenario.cooperation.exposure_limit
    assert list(limit.at([2032, 2033])) == [2, 9]
    assert load(str(folder / "base.yaml")).scenario.cooperation.exposure_limit.root == 2


def test_set_scale_add_in_this_order(folder: Path) -> None:
    scenario = case(
        folder,
        """\
add: {horizon.tail: 2, rival.growth_shift: .01}
scale:
  budget: .5
  lines[ai-B].spend: 2
set:
  controls.intensity: {2026: .3, 2030: .9}
  lines[domain=quantum].growth: .8
  lines[domain=ai,growth=0.9].sensitivity: .7
  military.indices[sipri].ratio: .4
  money: {carry_share: .2}
  budget.2030: 200
""",
    ).scenario
    assert scenario.controls.intensity.root == {2026: 0.3, 2030: 0.9}
    assert [line.growth for line in scenario.lines] == [0.9, 0.8, 0.8, 0.8]
    assert [line.sensitivity for line in scenario.lines] == [0.7, 0.3, 0.4, 0.9]
    assert scenario.military.chosen.ratio == 0.4
    assert (scenario.money.carry_share, scenario.money.ramp_step) == (0.2, 5)
    assert scenario.budget.root == {2026: 50, 2030: 100}
    assert scenario.lines[0].spend == 40
    assert scenario.horizon.tail == 7
    assert scenario.rival.growth_shift.root == pytest.approx(0.01)


def test_lists_grow_by_add_and_all_entries_are_named_by_the_list(folder: Path) -> None:
    scenario = case(
        folder,
        """\
add: {spillovers: {source: quantum, target: ai, strength: .2}}
set:
  lines.rival_growth: .025
scale:
  lines[*].spend: 1.5
  spillovers[source=ai,target=quantum].strength: 2
""",
    ).scenario
    assert [row.strength for row in scenario.spillovers] == [1, 1, 0.2]
    assert {line.rival_growth for line in scenario.lines} == {0.025}
    assert [line.spend for line in scenario.lines] == [30, 37.5, 22.5, 15]


def test_scaling_an_absent_cap_leaves_it_absent(folder: Path) -> None:
    assert [line.cap for line in case(folder, "scale: {lines.cap: .9}\n").scenario.lines] == [54, None, None, None]
    assert faults(folder, "scale:\n  lines[ai-A].cap: 2\n") == [
        "case.yaml:3:3: lines[ai-A].cap: has no value to change; use 'set:' to give one"
    ]


def test_text_with_the_right_unit_is_a_number(folder: Path) -> None:
    text = 'set: {budget: "450 billion CNY/year", money.ramp_step: 3 billion CNY per year}\nscale: {budget: 2}\n'
    scenario = case(folder, text).scenario
    assert scenario.budget.root == 900
    assert scenario.money.ramp_step == 3
    budget = "{2026: 590十亿元/年, 2030: 600 十亿元 / 年}"
    text = f"set: {{budget: {budget}, horizon.tail: 3年, money.ramp_step: ' 3 十亿元/年 '}}\n"
    scenario = case(folder, text).scenario
    assert scenario.budget.root == {2026: 590, 2030: 600}
    assert scenario.horizon.tail == scenario.money.ramp_step == 3
    wrong = faults(folder, "set: {budget: 590亿元/年, money.carry_share: 3 十亿元/年}\n")
    assert [one.partition(": ")[2] for one in wrong] == [
        "budget: is in billion CNY/year, but the text says '590亿元/年'; convert it and write the number alone",
        "money.carry_share: is in share, but the text says '3 十亿元/年'; convert it and write the number alone",
    ]


def test_policies_by_id(folder: Path) -> None:
    write_scenario(
        folder,
        """\
model: ./world
policies:
  - {id: keep, kind: floor, domain: ai, amount: 20, years: 2026}
  - {id: change, kind: floor, domain: ai, amount: 20, years: 2026-2028}
  - {id: drop, kind: cap, type: M, amount: 20}
""",
        "parent.yaml",
    )
    scenario = case(
        folder,
        """\
extends: ./parent.yaml
policies:
  - {id: change, kind: share, track: exchange, max: .2}
  - {id: drop, remove: true}
  - {id: new, kind: target, type: B, min_ratio: .5, by: 2030, soft: true}
set: {"policies[keep].amount": 21}
""",
    ).scenario
    assert [policy.id for policy in scenario.policies] == ["keep", "change", "new"]
    keep, change, new = scenario.policies
    assert keep.kind == "floor"
    assert (keep.amount, keep.years) == (21, "2026")
    assert change.kind == "share"
    assert (change.max, change.min, change.track) == (0.2, None, "exchange")
    assert new.kind == "target"
    assert (new.soft, new.price) == (True, 100)


def test_provenance_is_added_and_replaced_by_path(folder: Path) -> None:
    text = """\
set: {budget: 100, money.carry_share: .2}
provenance:
  - {path: budget, unit: billion CNY/year, source: mine, year: 2026, grade: assumption}
  - {path: money.carry_share, unit: share, source: mine, year: 2026, grade: C, note: 估计}
"""
    sources = case(folder, text).scenario.provenance
    assert [(one.path, one.source) for one in sources] == [
        ("lines.growth", "made up"),
        ("budget", "mine"),
        ("money.carry_share", "mine"),
    ]


def test_the_call_comes_last(folder: Path) -> None:
    write_scenario(folder, "model: ./world\nset: {budget: 90}\n")
    given = {
        "budget": "{2026: 80, 2030: 95}",
        "lines[domain=quantum].growth": 0.1,
        "kct.form": "linear",
        "rival.growth_shift": Series(0.002),
        "money.carry_share": np.float64(0.05),
    }
    loaded = load("case.yaml", set=given)
    assert loaded.scenario.budget.root == {2026: 80, 2030: 95}
    assert loaded.scenario.lines[2].growth == 0.1
    assert loaded.scenario.kct.form == "linear"
    assert loaded.scenario.rival.growth_shift.root == 0.002
    assert loaded.scenario.money.carry_share == 0.05
    assert str(loaded.origin["budget.2026"]) == "set= of the call"
    typed = load("case.yaml", set=overrides(["budget={2026: 80}"]))
    assert str(typed.origin["budget.2026"]) == "command line"


def test_overrides_split_at_the_first_equals_sign_outside_brackets() -> None:
    assert overrides(["lines[domain=ai].growth=.3", "kct.form = ces"]) == {
        "lines[domain=ai].growth": ".3",
        "kct.form": " ces",
    }
    with pytest.raises(ScenarioErrors, match="command line: budget: is not of the form path=value"):
        overrides(["budget"])


def test_every_value_tells_where_it_comes_from(folder: Path) -> None:
    text = """\
set:
  lines[ai-A].growth: .75
scale:
  lines[ai-A].spend: 1.1
  budget: .95
add: {rival.growth_shift: .01}
"""
    origin = {path: str(place) for path, place in case(folder, text).origin.items()}
    assert origin["lines[ai-A].growth"] == "case.yaml:3"
    assert origin["lines[ai-A].spend"] == "case.yaml:5 (times 1.1, from world/lines.csv:3)"
    assert origin["lines[ai-A].capability"] == "world/lines.csv:3"
    assert origin["lines[ai-A].weight"] == "default"
    assert origin["lines[ai-A].label.zh"] == "world/lines.csv:3"
    assert origin["budget.2030"] == "case.yaml:6 (times 0.95, from world/model.yaml:2)"
    assert origin["rival.growth_shift"] == "case.yaml:7 (plus 0.01, from default)"
    assert origin["controls.intensity"] == "world/model.yaml:7"
    assert origin["spillovers[source=ai,target=quantum].strength"] == "world/spillovers.csv:3"
    assert origin["model"] == "case.yaml:1"


def test_every_value_of_the_scenario_has_an_origin(folder: Path) -> None:
    loaded = case(folder, "policies: [{id: p, kind: floor, domain: ai, amount: 3}]\n")

    def count(value: object) -> int:
        if isinstance(value, Record):
            value = dict(value)
        elif isinstance(value, Series):
            value = value.root
        if isinstance(value, dict):
            return sum(map(count, value.values())) or 1
        return (sum(map(count, value)) or 1) if isinstance(value, list | tuple) else 1

    assert len(loaded.origin) == count(loaded.scenario)


def test_files_read_and_their_hashes(folder: Path) -> None:
    loaded = case(folder)
    assert loaded.files[0] == folder / "case.yaml"
    assert len(loaded.files) == 9
    digest = hashlib.sha256((folder / "world" / "lines.csv").read_bytes()).hexdigest()
    assert loaded.hashes["world/lines.csv"] == digest


def test_a_dump_loads_back_to_the_same_scenario(folder: Path) -> None:
    text = """\
name: '007'
label: {en: "a: b # c", zh: "引号\\"与\\\\，😀\\u2028\\uFEFF"}
intent: "null"
set:
  budget: {2026: 10.1, 2027: 100.30000000000001, 2030: 1.0e+22}
  rival.growth_shift: 1.0e-17
policies:
  - {id: p, kind: floor, domain: ai, amount: 3, years: 2026}
  - {id: q, kind: share, min: .1}
"""
    first = case(folder, text).scenario
    write_scenario(folder / "run", dump(first), "scenario.yaml")
    for path in (folder / "world").iterdir():
        path.unlink()
    again = load(folder / "run")
    assert again.scenario == first
    assert dump(again.scenario) == dump(first)
    assert again.origin["budget.2027"].file == "run/scenario.yaml"


def test_a_full_scenario_can_be_extended(folder: Path) -> None:
    write_scenario(folder, dump(case(folder).scenario), "full.yaml")
    scenario = case(folder, "extends: ./full.yaml\nset: {money.carry_share: 0}\n").scenario
    assert (scenario.name, scenario.money.carry_share, scenario.model) == ("case", 0, "world")


def test_the_scenario_of_other_tests_dumps_and_loads(folder: Path) -> None:
    write_scenario(folder, dump(tiny()), "tiny.yaml")
    assert load("tiny.yaml").scenario == tiny()


def test_every_discrete_option_dumps_and_loads(folder: Path) -> None:
    for scenario in (options(), options(catalogue__researchers=None), options(stages="envelope")):
        write_scenario(folder, dump(scenario), "options.yaml")
        assert load("options.yaml").scenario == scenario


def test_the_world_of_options_has_a_line_in_every_stage() -> None:
    base = calibrate(options())
    assert [STAGES[code] for code in base.stage] == ["far", "reach", "near", "reach"]
    assert base.capability / base.rival[:, 0] == approx([0.38, 0.5, 0.8, 0.73])
    assert thresholds(options())[1][3, 0] == approx(0.254)  # ai-M is just outside near


def test_paths_are_relative_to_the_file_that_names_them(folder: Path) -> None:
    write_scenario(folder / "deep", "model: ../world\nset: {budget: 90}\n", "base.yaml")
    scenario = case(folder, "extends: deep/base.yaml\n").scenario
    assert scenario.budget.root == 90
    assert isinstance(scenario, Scenario)


def test_a_full_scenario_is_not_a_layer(folder: Path) -> None:
    assert faults(folder, "schema_version: 1\nmodel: x\nextends: y\n") == [
        "case.yaml:3:1: extends: stands in a full scenario (one with schema_version), which holds every value itself; "
        "write a new file that says 'extends: ./case.yaml'"
    ]
    assert faults(folder, "schema_version: 9\nmodel: x\n") == [
        "case.yaml:1:17: schema_version: is '9'; this version of kctopt reads 1; use the kctopt that wrote the file"
    ]


def test_loading_imports_no_heavy_package() -> None:
    code = "import sys, kctopt.scenario.load; print({'pandas', 'pyomo', 'scipy', 'highspy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def lines_of(count: int) -> Scenario:
    """A Scenario made in a program whose lines all say something that no file does."""
    scenario = tiny()
    copies = [
        line.model_copy(update={"id": f"{line.id}-{n}", "spend": line.spend * 4 / count})
        for n in range(count // 4)
        for line in scenario.lines
    ]
    return scenario.model_copy(update={"lines": tuple(copies)})


def work(scenario: Scenario) -> int:
    """Instructions that loading takes in the modules on paths and on provenance."""
    files, count = ("paths.py", "settled.py", "references.py"), 0

    def trace(frame: FrameType, event: str, _: object) -> object:
        nonlocal count
        if not frame.f_code.co_filename.endswith(files):
            return None
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        load(scenario)
    finally:
        sys.settrace(before)
    return count


def test_twice_the_lines_are_twice_the_work_of_loading() -> None:
    few, many = work(lines_of(24)), work(lines_of(48))
    assert few > 10_000
    assert many < 2.1 * few
