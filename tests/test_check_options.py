"""Discrete options that contradict themselves: each fault says what, where and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from model_files import LINES, MODES, OPTIONS, PROGRAMMES, TRANCHES, write_model, write_scenario

from kctopt.cli import main
from kctopt.errors import ScenarioErrors
from kctopt.scenario.load import load
from kctopt.scenario.records import Scenario

Read = Callable[..., Scenario | list[str]]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """The small model with the tables of all options, or its faults; text of the scenario and tables replace parts."""
    monkeypatch.chdir(tmp_path)

    def scenario(text: str = "", **tables: str) -> Scenario | list[str]:
        write_model(tmp_path / "world", **(OPTIONS | tables))
        try:
            return load(write_scenario(tmp_path, f"model: ./world\n{text}")).scenario
        except ScenarioErrors as error:
            return [str(fault) for fault in error.faults]

    return scenario


def changed(table: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert table.count(old) == 1, (old, table)
        table = table.replace(old, new)
    return table


def test_tables_of_options(read: Read) -> None:
    scenario = read("set: {stages: switching, cooperation.choice: mask, catalogue.researchers: {2026: 3, 2030: 4}}\n")
    assert isinstance(scenario, Scenario)
    assert [mode.max_exchange for mode in scenario.modes] == [0.05, 0.3, 0.6]
    assert [(step.line, step.rung, step.upto, step.effect) for step in scenario.tranches][1] == ("ai-B", "P", 1, 1)
    first, second = scenario.programmes
    assert (first.costs, first.most_routes, first.deadline, first.required) == ((2, 3), 1, None, ())
    assert (second.costs, second.most_routes, second.deadline, second.required) == ((1, 1), 3, 2030, ("etching",))
    assert second.chance(3) == 0.875
    assert scenario.catalogue.researchers is not None
    assert list(scenario.catalogue.researchers.at([2028])) == [3.5]


def test_options_that_are_not_given_are_off(tmp_path: Path) -> None:
    write_model(tmp_path / "world")
    scenario = load(write_scenario(tmp_path, "model: ./world\n")).scenario
    assert (scenario.stages, scenario.cooperation.choice, scenario.catalogue.researchers) == ("envelope", "none", None)
    assert scenario.modes == scenario.tranches == scenario.programmes == ()
    assert {line.min_scale for line in scenario.lines} == {0}
    assert {domain.mode for domain in scenario.domains} == {"guarded"}


def test_least_scale_and_mode_are_columns(read: Read) -> None:
    lines = LINES.replace("floor,cap", "floor,cap,min_scale").replace(",,60\n", ",,60,12.5\n")
    domains = "id,label_en,label_zh,weight,mode\nai,AI,人工智能,.6,open\nquantum,Quantum,量子,.4,\n"
    scenario = read(lines=lines, domains=domains)
    assert isinstance(scenario, Scenario)
    assert [line.min_scale for line in scenario.lines] == [12.5, 0, 0, 0]
    assert [domain.mode for domain in scenario.domains] == ["open", "guarded"]
    assert read(domains=domains.replace("open", "opne")) == [
        "world/domains.csv:2: domains[ai].mode: unknown value 'opne'; did you mean 'open'?"
    ]


def test_switching_needs_three_stages(read: Read) -> None:
    words = "switching is between the stages of diffusion.form three_stage, and the form is logistic"
    assert read("set:\n  stages: switching\n  diffusion.form: logistic\n") == [
        f"case.yaml:3:11: stages: {words}; change one of the two"
    ]
    assert isinstance(read("set: {stages: switching}\n"), Scenario)


def test_a_choice_of_mode_needs_all_modes(read: Read) -> None:
    two = "\n".join(MODES.splitlines()[:3])
    for choice in ("mask", "free"):
        assert read(f"set: {{cooperation.choice: {choice}}}\n", modes=two) == [
            f"case.yaml:2:27: cooperation.choice: is {choice}, but there is no mode open; give closed, guarded, open "
            "in the model's modes.csv, or as a list under 'set: modes'"
        ]
        assert isinstance(read(f"set: {{cooperation.choice: {choice}}}\n"), Scenario)
    assert isinstance(read(modes=two), Scenario)  # no choice is made
    assert read(modes=changed(MODES, ("guarded", "closed"))) == [
        "world/modes.csv:3: modes[closed]: id 'closed' is given twice (first at world/modes.csv:2); "
        "give each its own id"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lines[ai-B].min_scale: 61", "min_scale 61 lies above cap 60, so the line could only be off; lower one or"),
        ("lines[ai-A].min_scale: -1", "is -1; it must be at least 0 billion CNY/year"),
        ("cooperation.change_cost: -1", "is -1; it must be at least 0 billion CNY"),
        ("switching.reviews: half", "unknown value 'half'; did you mean 'halves'?"),
        ("switching.ratchet: 1", "'1' is neither true nor false"),
        ("switching.near_control: 1.5", "is 1.5; it must be at most 1"),
        ("catalogue.researchers: -1", "must not be negative (found -1)"),
        ("catalogue.researchers.2027: 1", "'catalogue.researchers' has no value yet; set catalogue.researchers to"),
        ("modes[opne].exposure: 1", "no entry of 'modes' has id 'opne'; did you mean 'open'?"),
        ("programmes[etching].sucess: .5", "unknown key; did you mean 'success'?"),
        ("tranches[line=ai-B,upto=2].effect: .9", "0.9 lies below the tranche before it (1); more spend cannot be"),
        ("tranches[line=ai-B,upto=1].upto: 3", "2 does not lie above the tranche before it (3); put the tranches"),
    ],
)
def test_one_wrong_value(read: Read, text: str, message: str) -> None:
    found = read(f"set:\n  {text}\n")
    assert isinstance(found, list)
    assert len(found) == 1
    assert found[0].startswith(("case.yaml:3:", "world/tranches.csv:4:"))
    assert message in found[0]


@pytest.mark.parametrize("text", ["set: {catalogue.researchers: null}\n", "set: {lines.min_scale: 5}\n"])
def test_what_is_no_fault(read: Read, text: str) -> None:
    assert isinstance(read(text), Scenario)


@pytest.mark.parametrize(
    ("pairs", "messages"),
    [
        ([("ai-B,P,.5", "ai-C,P,.5")], ["2: tranches[line=ai-C,rung=P,upto=0.5].line: unknown line 'ai-C'; did you"]),
        ([("ai-B,P,.5", "ai-B,Q,.5")], ["2: tranches[line=ai-B,rung=Q,upto=0.5].rung: unknown value 'Q'; known: F, P"]),
        ([("P,1,1", "P,.5,1")], ["3: tranches[line=ai-B,rung=P,upto=0.5].upto: 0.5 does not lie above the tranche"]),
        (
            [("P,1,1", "P,1,.9")],
            [
                "3: tranches[line=ai-B,rung=P,upto=1].effect: base-year spend on ai-B P is worth 0.9 of itself; "
                "yields are calibrated at 1; give it a tranche with upto 1 and effect 1"
            ],
        ),
        ([("P,2,1.8", "P,2,.5")], ["4: tranches[line=ai-B,rung=P,upto=2].effect: 0.5 lies below the tranche before"]),
        ([("P,.5,.2", "P,0,.2")], ["2: tranches[line=ai-B,rung=P,upto=0].upto: is 0; it must be greater than 0"]),
    ],
)
def test_tranches_that_cannot_be(read: Read, pairs: list[tuple[str, str]], messages: list[str]) -> None:
    found = read(tranches=changed(TRANCHES, *pairs))
    assert isinstance(found, list)
    assert len(found) == len(messages), found
    for line, message in zip(found, messages, strict=True):
        assert line.startswith(f"world/tranches.csv:{message}")


def test_tranches_need_spend_to_be_relative_to(read: Read) -> None:
    text = "set:\n  rungs[P].spend_share: 0\n  rungs[F].spend_share: .75\n"
    assert read(text) == [
        "case.yaml:3:25: rungs[P].spend_share: spend_share 0 is too small for a yield to be calibrated by it; give at "
        "least 0.001",
        "world/tranches.csv:2: tranches[line=ai-B,rung=P,upto=0.5].rung: tranches of ai-B are relative to base-year "
        "spend on rung P, which is 0; take them out, or give the rung a spend_share",
    ]


def test_a_curve_may_saturate_before_base_spend_or_go_through_it(read: Read) -> None:
    for rows in ("ai-B,P,.8,1", "ai-B,P,.5,.5\nai-B,P,2,2", "ai-B,P,1,1"):
        assert isinstance(read(tranches=f"line,rung,upto,effect\n{rows}\n"), Scenario), rows


@pytest.mark.parametrize(
    ("policy", "messages"),
    [
        ("lines: [ai-B, ai-C]", ["lines[1]: unknown line 'ai-C'; did you mean 'ai-B'?"]),
        ("lines: [ai-B]", ["lines: names 1 line; a band holds two lines or more together"]),
        ("lines: []", ["lines: names no line; a band holds two lines or more together"]),
        ("lines: [ai-B, ai-B]", ["lines: line 'ai-B' is given twice; name each line once"]),
        ("lines: ai-B", ["lines: holds 'ai-B' where a list is needed"]),
        ("lines: [ai-B, {a: b}]", ["lines[1]: holds a mapping where text is needed"]),
        ("line: ai-B", ["line: unknown key; did you mean 'lines'?"]),
        ("lines: [ai-B, ai-A], years: 2026-2035", ["years: 2026-2035 lies outside the planned years 2026-2030"]),
        ("lines: [ai-B, ai-A], domain: ai", ["domain: unknown key"]),
    ],
)
def test_bands_that_cannot_be(read: Read, policy: str, messages: list[str]) -> None:
    found = read(f"policies:\n  - {{id: a, kind: band, width: .2, {policy}}}\n")
    assert isinstance(found, list)
    assert len(found) == len(messages), found
    for message in messages:
        assert any(f": policies[a].{message}" in line for line in found), found
    assert all(line.startswith("case.yaml:3:") for line in found)


def test_a_band_is_changed_like_any_policy(read: Read) -> None:
    band = "policies: [{id: a, kind: band, lines: [ai-B, ai-A], width: .2, years: 2028}]\n"
    for change, lines in (
        ("set: {'policies[a].lines': [ai-B, quantum-S]}\n", ("ai-B", "quantum-S")),
        ("set: {'policies[a].lines[0]': quantum-M}\n", ("quantum-M", "ai-A")),
        ("add: {'policies[a].lines': quantum-S}\n", ("ai-B", "ai-A", "quantum-S")),
    ):
        scenario = read(band + change)
        assert isinstance(scenario, Scenario)
        policy = scenario.policies[0]
        assert policy.kind == "band"
        assert (policy.lines, policy.years) == (lines, "2028")


@pytest.mark.parametrize(
    ("pairs", "messages"),
    [
        ([("scanner,S", "etching,S")], ["3: programmes[etching]: id 'etching' is given twice"]),
        ([("scanner,S", "a;b,S")], ["3: programmes[a;b].id: 'a;b' cannot be an id; use letters"]),
        ([("蚀,ai-B", "蚀,ai-C")], ["2: programmes[etching].line: unknown line 'ai-C'; did you mean 'ai-B'?"]),
        ([(";etching;", "etchign")], ["3: programmes[scanner].requires: unknown programme 'etchign'; did you mean"]),
        ([(";etching;", '"etching, scanner"')], ["3: programmes[scanner].requires: unknown programme 'etching, s"]),
        ([("2026,2027,2,", "2028,2027,2,")], ["2: programmes[etching].first_start: first_start 2028 comes after last"]),
        ([("2026,2027,2,", "2025,2027,2,")], ["2: programmes[etching].first_start: 2025 lies outside the planned"]),
        ([("2026,2027,2,", "2026,2030,2,")], [
            "2: programmes[etching].last_start: started in 2030 it would end in 2031, after the last planned year "
            "2030; start it by 2029"
        ]),
        ([("2028,2029,2,", "2028,2028,5,"), (",1,1", ",1,1")], [
            "3: programmes[scanner].last_start: started in 2028 it would end in 2032, after the last planned year "
            "2030; start it earlier, or shorten its duration",
            "3: programmes[scanner].deadline: 2030 comes before its first possible end (2032): no reward could",
        ]),
        ([("2026,2027,2,", "2026,2027,1,")], [
            "2: programmes[etching].cost_2: costs 3 billion CNY in its year 2, but its duration is 1; leave the cost"
        ]),
        ([("2026,2027,2,", "2026,2027,11,")], ["2: programmes[etching].duration: is 11; it must be at most 10 years"]),
        ([("open_bid,,", "open_bid,2,")], [
            "2: programmes[etching].routes: 2 parallel routes need the mode horse_race; open_bid has one team; change"
        ]),
        ([("2030,1.5", ",1.5")], ["3: programmes[scanner].reward: a reward of 1.5 without a deadline; say by which"]),
        ([("2030,1.5", "2028,1.5")], [
            "3: programmes[scanner].deadline: 2028 comes before its first possible end (2029): no reward could be "
            "earned; move the deadline, start it earlier, or set the reward to 0"
        ]),
        ([("2026,2027,2,.5,", "2026,2027,2,.5,scanner")], [
            "2: programmes[etching].requires: goes round in a circle: etching -> scanner -> etching; no programme can"
        ]),
        ([("2026,2027,2,.5,", "2026,2027,2,.5,etching")], [
            "2: programmes[etching].requires: goes round in a circle: etching -> etching; no programme can wait"
        ]),
        ([("2026,2027,2,", "2028,2029,2,")], [
            "3: programmes[scanner].requires: it starts by 2029, but 'etching', which it requires, ends in 2029 or "
            "later; move last_start, or let 'etching' end earlier"
        ]),
        ([("2026,2027,2,.5,,,", "2026,2027,2,.5,,scanner,")], [
            "3: programmes[scanner].requires: requires 'etching', and the two exclude each other: it could never start"
        ]),
        ([("2026,2027,2,.5,,,", "2026,2027,2,.5,,etching,")], ["2: programmes[etching].excludes: excludes itself"]),
        ([("P,open_bid", "P,openbid"), ("2028,2029,2,", "2029,2028,2,")], [
            "2: programmes[etching].mode: unknown value 'openbid'; did you mean 'open_bid'?",
            "3: programmes[scanner].first_start: first_start 2029 comes after last_start 2028; swap or change them",
        ]),
    ],
)  # fmt: skip
def test_programmes_that_cannot_be(read: Read, pairs: list[tuple[str, str]], messages: list[str]) -> None:
    found = read(programmes=changed(PROGRAMMES, *pairs))
    assert isinstance(found, list)
    assert len(found) == len(messages), found
    for line, message in zip(found, messages, strict=True):
        assert line.startswith(f"world/programmes.csv:{message}")


HEAD = PROGRAMMES.splitlines()[0]


def programme(name: str, start: int, requires: str = "", excludes: str = "") -> str:
    cells = {"id": name, "label_en": name, "label_zh": name, "line": "ai-B", "rung": "F", "mode": "open_bid"}
    cells |= {"success": "1", "gain": "1", "first_start": str(start), "last_start": str(start), "duration": "1"}
    cells |= {"requires": requires, "excludes": excludes, "cost_1": "1"}
    return ",".join(cells.get(column, "") for column in HEAD.split(","))


def test_every_circle_is_named_once(read: Read) -> None:
    needs = {"a": "c", "b": "a", "c": "b", "d": "e;a", "e": "d", "f": "a"}
    rows = [programme(name, 2026, required) for name, required in needs.items()]
    found = read(programmes="\n".join([HEAD, *rows]))
    assert isinstance(found, list)
    assert [line.partition(": programmes")[2] for line in found] == [
        "[a].requires: goes round in a circle: a -> c -> b -> a; no programme can wait for itself",
        "[d].requires: goes round in a circle: d -> e -> d; no programme can wait for itself",
    ]


def test_a_fault_is_said_where_it_begins(read: Read) -> None:
    rows = [
        programme("a", 2026, excludes="b"), programme("b", 2026), programme("c", 2028, "a;b"),
        programme("d", 2027, "c"), programme("e", 2028, "d"),
    ]  # fmt: skip
    found = read(programmes="\n".join([HEAD, *rows]))
    assert isinstance(found, list)
    assert [line.partition(": programmes")[2] for line in found] == [
        "[c].requires: requires 'a' and 'b', which exclude each other: it could never start; drop one of the two",
        "[d].requires: it starts by 2027, but 'c', which it requires, ends in 2028 or later; "
        "move last_start, or let 'c' end earlier",
    ]


def test_every_value_of_the_options_is_shown_with_its_origin(read: Read) -> None:
    read("policies: [{id: a, kind: band, lines: [ai-B, ai-A], width: .2}]\n")
    done = CliRunner().invoke(main, ["show", "case.yaml", "--origin"])
    assert done.exit_code == 0, done.output
    shown = done.output.splitlines()
    for line in (
        "policies[a].lines[1] = ai-A  # case.yaml:2",
        "tranches[line=ai-B,rung=P,upto=0.5].effect = 0.2 ratio  # world/tranches.csv:2",
        "programmes[scanner].routes = 3 routes  # world/programmes.csv:3",
        "programmes[scanner].requires = ;etching;  # world/programmes.csv:3",
        "modes[open].exposure = 1.3 ratio  # world/modes.csv:4",
        "cooperation.choice = none  # default",
    ):
        assert line in shown
    assert "a: band, lines ai-B ai-A, width 0.2" in CliRunner().invoke(main, ["show", "case.yaml"]).output


def test_the_changed_value_is_named(read: Read) -> None:
    found = read("set: {'programmes[etching].duration': 5}\n")
    assert isinstance(found, list)
    assert found[0].startswith("case.yaml:2:39: programmes[etching].duration: started in 2027 it would end in 2031")
