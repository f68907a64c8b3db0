"""Study files: what is read, and every fault with its line and remedy."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import xlsxwriter
import yaml
from click.testing import CliRunner

from kctopt.cli import main
from kctopt.errors import ScenarioErrors
from kctopt.scenario.load import load
from kctopt.study.load import bundled_studies, is_study, load_study
from kctopt.study.new_study import new_study
from kctopt.study.records import Distribution, Study
from kctopt.study.sample import draw
from kctopt.study.schema import study_schema
from kctopt.study.shown import short
from kctopt.study.tried import tried

HEAD = "of: baseline\nsample: {method: lhs, size: 8}\nuncertain:\n"


def read(folder: Path, text: str, name: str = "s.yaml") -> Study:
    (folder / name).write_text(text, encoding="utf-8")
    return load_study(folder / name)


def faults(folder: Path, text: str) -> list[str]:
    """Faults as people read them, from the name of the file on."""
    with pytest.raises(ScenarioErrors) as caught:
        read(folder, text)
    return [line.replace(f"{folder}/", "") for line in str(caught.value).splitlines()]


ENTRY_FAULTS = {  # an entry on line 4 -> what is said of it, in part
    "typo in a path": (
        "{path: knowledge.effort_elastisity, value: {uniform: [0.5, 0.7]}}",
        "s.yaml:4:12: knowledge.effort_elastisity: unknown key; did you mean 'effort_elasticity'?",
    ),
    "no entry": (
        "{path: 'lines[domain=al].growth', scale: {uniform: [0.9, 1.1]}}",
        "no entry of 'lines' has domain 'al'; known: semiconductors, ai, ",
    ),
    "top of the file": ("{path: name, value: {choice: [a, b]}}", "is not changed by path"),
    "group": ("{path: knowledge, scale: {uniform: [0.9, 1.1]}}", "knowledge is not a number; name one number in it: "),
    "choice scaled": (
        "{path: kct.form, scale: {uniform: [0.9, 1.1]}}",
        "kct.form is not a number; write value: {choice: [nested, ces, ",
    ),
    "choice over numbers": (
        "{path: kct.form, value: {uniform: [0, 1]}}",
        "is a distribution of numbers, and the field holds words; write {choice: [nested, ces, ",
    ),
    "unknown choice": (
        "{path: kct.form, value: {choice: [nested, cess]}}",
        "s.yaml:4:47: uncertain[kct.form].value: unknown value 'cess'; did you mean 'ces'?",
    ),
    "choice twice": ("{path: kct.form, value: {choice: [ces, ces]}}", "'ces' is given twice; keep one"),
    "odds": (
        "{path: kct.form, value: {choice: {nested: 0.5, ces: 0.6}}}",
        "the probabilities 0.5, 0.6 sum to 1.1; each must be greater than 0, and their sum 1",
    ),
    "one choice": (
        "{path: kct.form, value: {choice: [ces]}}",
        "leaves nothing to choose; write choice: [first, second",
    ),
    "law": (
        "{path: budget, scale: {unifrom: [0.9, 1.1]}}",
        "unknown distribution 'unifrom'; did you mean 'uniform'?",
    ),
    "gaussian": (
        "{path: budget, scale: {gaussian: [1, 0.1]}}",
        "unknown distribution 'gaussian'; did you mean 'normal'?",
    ),
    "two laws": ("{path: budget, scale: {uniform: [0, 1], normal: [0, 1]}}", "names uniform and normal; give one of "),
    "number alone": (
        "{path: budget, scale: 1.1}",
        "is one value, 1.1, so that nothing is uncertain; give a distribution",
    ),
    "list alone": ("{path: budget, scale: [0.9, 1.1]}", "is a list without a word for what it is; write {uniform: "),
    "nothing": ("{path: budget, scale: }", "is empty; such as {uniform: [0.8, 1.2]}"),
    "how many": (
        "{path: budget, scale: {uniform: [0.9]}}",
        "holds 1 numbers; uniform needs 2; write uniform: [low, high]",
    ),
    "reversed": (
        "{path: budget, scale: {uniform: [1.1, 0.9]}}",
        "low 1.1 does not lie below high 0.9; swap them, or widen the range",
    ),
    "mode": (
        "{path: budget, scale: {triangular: [1, 2, 1.5]}}",
        "the mode 2 lies outside 1 to 1.5; the order is [low, mode",
    ),
    "deviation": (
        "{path: budget, scale: {normal: [1, 0]}}",
        "the deviation 0 is not greater than 0; the order is [mean, ",
    ),
    "median": (
        "{path: budget, scale: {lognormal: [0, 0.1]}}",
        "median 0 and sigma 0.1 must be greater than 0; the order",
    ),
    "mean outside": (
        "{path: budget, scale: {normal: [1, 0.1], within: [1.1, 1.2]}}",
        "the mean 1 lies outside 1.1 to 1.2; move the mean inside, or widen the range",
    ),
    "within reversed": (
        "{path: budget, scale: {normal: [1, 0.1], within: [1.2, 0.8]}}",
        "low 1.2 does not lie below high 0.8",
    ),
    "within nothing": (
        "{path: budget, scale: {uniform: [0.9, 1.1], within: [2, 3]}}",
        "2 to 3 holds next to nothing of the uniform distribution; it reaches from 0.9 to 1.1",
    ),
    "no number": ("{path: budget, scale: {uniform: [0.9, much]}}", "'much' is not a number"),
    "percentage": ("{path: budget, scale: {uniform: [90 %, 1.1]}}", "'90 %' is a percentage; write 0.9"),
    "field's limit": (
        "{path: knowledge.effort_elasticity, value: {uniform: [0.5, 1.5]}}",
        "takes knowledge.effort_elasticity to 1.5; it must be at most 1; add within: [0.5, 1]",
    ),
    "limit by a factor": (
        "{path: controls.intensity, scale: {uniform: [0.5, 9]}}",
        "takes controls.intensity to 4.5; it must be at most 1; add within: [0.5, 2]",
    ),
    "limit in a tail": (
        "{path: money.carry_share, value: {normal: [0.1, 0.05]}}",
        "(probability 1e-09); it must be at least 0; add within: [0, 0.39",
    ),
    "limit of a value": (
        "{path: money.carry_share, value: {choice: [0.1, 1.1]}}",
        "it must be at most 1; leave such values out",
    ),
    "no range": (
        "{path: money.carry_share}",
        "s.yaml:4:5: uncertain[money.carry_share]: no range is stated for money.carry_share; give scale:",
    ),
    "many ranges": ("{path: lines.trend}", "no range is stated for lines[semiconductors-B].trend; give scale:"),
    "zero": (
        "{path: rival.growth_shift, scale: {uniform: [0.9, 1.1]}}",
        "is 0, so that a factor changes nothing; use add:",
    ),
    "whole number": (
        "{path: horizon.tail, value: {uniform: [3, 9]}}",
        "the field holds a whole number; write {choice: [1, 2, 3]}",
    ),
    "unknown key": (
        "{path: budget, scal: {uniform: [0.9, 1.1]}}",
        "uncertain[budget].scal: unknown key; did you mean 'scale'?",
    ),
    "two ways": (
        "{path: budget, scale: {uniform: [0.9, 1.1]}, add: {uniform: [0, 1]}}",
        "has scale and add; keep one of value, scale, add and range",
    ),
    "no place": ("{scale: {uniform: [0.9, 1.1]}}", "names no place; give one of path, paths and grade"),
    "path and grade": (
        "{path: budget, grade: C, range: uniform}",
        "has path and grade; give one of path, paths and grade",
    ),
    "grade": (
        "{grade: assumtion, scale: {uniform: [0.9, 1.1]}}",
        "unknown grade 'assumtion'; did you mean 'assumption'?",
    ),
    "grade as value": (
        "{grade: C, value: {uniform: [0, 1]}}",
        "would make all figures of the grade equal; write scale or add",
    ),
    "grade alone": ("{grade: C}", "does not say how the figures move; give scale, add or range: uniform"),
    "grade without ranges": (
        "{grade: A, range: uniform}",
        "no figure of grade A has a range; name the figures by path",
    ),
    "by": ("{grade: C, by: rows, scale: {uniform: [0.9, 1.1]}}", "unknown value 'rows'; did you mean 'row'?"),
    "range": ("{path: diffusion.catch_up, range: unifrom}", "unknown value 'unifrom'; did you mean 'uniform'?"),
    "listed": (
        "{path: budget, scale: {values: [0.9, 1.1]}}",
        "lists values, which this sample does not draw; write choice:",
    ),
    "different things": (
        "{paths: [budget, kct.form], scale: {uniform: [0.9, 1.1]}}",
        "which hold different things; make it two",
    ),
    "no mapping": ("budget", "uncertain: is not a mapping; write {path: ..., scale: {uniform: [0.8, 1.2]}}"),
}


@pytest.mark.parametrize("case", ENTRY_FAULTS)
def test_fault_of_an_entry(tmp_path: Path, case: str) -> None:
    entry, said = ENTRY_FAULTS[case]
    found = faults(tmp_path, f"{HEAD}  - {entry}\n")
    assert len(found) == 1, found
    assert found[0].startswith("s.yaml:4:")
    assert said in found[0]


BUDGET = "uncertain:\n  - {path: budget, scale: {uniform: [0.9, 1.1]}}\n"
PAIR = (
    "  - {name: b, path: economy.trend, add: {uniform: [0.0, 0.01]}}\n"
    "  - {name: c, path: diffusion.catch_up}\n"
    "  - {name: f, path: kct.form, value: {choice: [nested, ces]}}\n"
)
FILE_FAULTS = {  # file -> what is said, in part
    "size": (
        f"of: baseline\nsample: {{method: sobol, size: 1000}}\n{BUDGET}",
        "s.yaml:2:31: sample.size: 1000 is not a power of two, as sobol needs to be balanced; take 512 or 1024",
    ),
    "size of saltelli": (f"of: baseline\nsample: {{method: saltelli, size: 9}}\n{BUDGET}", "take 8 or 16"),
    "no size": (
        f"of: baseline\nsample: {{method: lhs}}\n{BUDGET}",
        "sample.size: is missing; lhs needs one, such as size: 1024",
    ),
    "size below": (f"of: baseline\nsample: {{method: lhs, size: 0}}\n{BUDGET}", "is 0; it must be at least 1"),
    "size of a grid": (
        f"of: baseline\nsample: {{method: grid, size: 9}}\n{BUDGET}",
        "says nothing of grid: draws are counted by the values; leave it out",
    ),
    "method": (
        f"of: baseline\nsample: {{method: sobl, size: 8}}\n{BUDGET}",
        "unknown method 'sobl'; did you mean 'sobol'?",
    ),
    "method of SciPy": (f"of: baseline\nsample: {{method: latin_hypercube, size: 8}}\n{BUDGET}", "did you mean 'lhs'?"),
    "no method": (f"of: baseline\nsample: {{size: 8}}\n{BUDGET}", "sample.method: is missing; one of grid, product"),
    "no sample": (f"of: baseline\n{BUDGET}", "sample: is missing; such as sample: {method: sobol"),
    "seed": (
        f"of: baseline\nsample: {{method: lhs, size: 8, seed: 1.5}}\n{BUDGET}",
        "sample.seed: 1.5 is not a whole number",
    ),
    "key of sample": (
        f"of: baseline\nsample: {{method: lhs, size: 8, sead: 1}}\n{BUDGET}",
        "unknown key; did you mean 'seed'?",
    ),
    "odd levels": (
        f"of: baseline\nsample: {{method: morris, size: 8, levels: 5}}\n{BUDGET}",
        "5 is odd, and steps of morris",
    ),
    "large grid": (
        "of: baseline\nsample: {method: grid, levels: 100}\nuncertain:\n  - {grade: C, range: uniform}\n",
        "s.yaml:2:1: sample: makes ",
    ),
    "ends": (
        "of: baseline\nsample: {method: morris, size: 8}\nuncertain:\n  - {path: budget, scale: {normal: [1, 0.01]}}\n",
        "normal has no ends, and draws of this sample reach the ends of each distribution; add within: [0.94, 1.06]",
    ),
    "lengths": (
        "of: baseline\nsample: {method: zip}\nuncertain:\n  - {path: budget, scale: {values: [1, 2]}}\n"
        "  - {path: economy.trend, value: {values: [0.01]}}\n",
        "zip needs lists of one length: budget 2, economy.trend 1; give each as many values",
    ),
    "scenario": (
        f"of: baselin\nsample: {{method: lhs, size: 8}}\n{BUDGET}",
        "s.yaml:1:5: no scenario 'baselin'; did you mean",
    ),
    "no scenario": (f"sample: {{method: lhs, size: 8}}\n{BUDGET}", "of: names no scenario; such as of: baseline"),
    "scenario twice": (
        f"of: [baseline, baseline]\nsample: {{method: lhs, size: 8}}\n{BUDGET}",
        "of: a second scenario of the name 'baseline'",
    ),
    "plan": (
        f"of: baseline\nplans: [runs/base]\nsample: {{method: lhs, size: 8}}\n{BUDGET}",
        "s.yaml:2:9: plans: no folder runs/base; solve it first: kctopt solve baseline --output DIR",
    ),
    "nothing uncertain": ("of: baseline\nsample: {method: lhs, size: 8}\n", "uncertain: has no inputs"),
    "key": (f"of: baseline\nsampel: {{method: lhs, size: 8}}\n{BUDGET}", "sampel: unknown key; did you mean 'sample'?"),
    "key of a scenario": (
        f"of: baseline\nset: {{budget: 500}}\nsample: {{method: lhs, size: 8}}\n{BUDGET}",
        "s.yaml:2:1: set: unknown key; write a scenario file that says so, and name it under of:",
    ),
    "moved twice": (
        f"{HEAD}  - {{path: budget.2030, scale: {{uniform: [0.9, 1.1]}}}}\n"
        "  - {path: budget, add: {uniform: [0, 1]}}\n",
        "s.yaml:5:5: uncertain[budget]: moves what 'budget.2030' (s.yaml:4) moves too; make it one input",
    ),
    "name twice": (
        f"{HEAD}  - {{name: n, path: budget, scale: {{uniform: [0.9, 1.1]}}}}\n"
        "  - {name: n, path: economy.trend, add: {uniform: [0, 0.01]}}\n",
        "the name 'n' is given twice (first at s.yaml:4)",
    ),
    "grade twice": (
        f"{HEAD}  - {{grade: C, range: uniform}}\n  - {{grade: C, range: triangular}}\n",
        "s.yaml:5:5: uncertain[C]: moves what 'lines[semiconductors-B].capability' (s.yaml:4) moves too",
    ),
    "unknown pair": (f"{HEAD}{PAIR}correlation: [[b, cc, 0.5]]\n", "s.yaml:7:19: correlation: no input 'cc'; "),
    "pair with itself": (f"{HEAD}{PAIR}correlation: [[b, b, 0.5]]\n", "pairs 'b' with itself; name two inputs"),
    "pair above 1": (
        f"{HEAD}{PAIR}correlation: [[b, c, 1.5]]\n",
        "s.yaml:7:22: correlation: is 1.5; it must be from -1 to 1",
    ),
    "pair twice": (
        f"{HEAD}{PAIR}correlation: [[b, c, 0.5], [c, b, 0.4]]\n",
        "the pair is given twice (first at s.yaml:7)",
    ),
    "pair of choices": (f"{HEAD}{PAIR}correlation: [[b, f, 0.5]]\n", "'f' is drawn from choices, which have no ranks"),
    "no pair": (f"{HEAD}{PAIR}correlation: [[b, c]]\n", "is not a pair; write [input, input, rank correlation]"),
    "correlated saltelli": (
        f"{HEAD.replace('lhs', 'saltelli')}{PAIR}correlation: [[b, c, 0.5]]\n",
        "does not go with method saltelli: its indices hold for independent inputs alone; use lhs or sobol",
    ),
    "empty": ("# nothing\n", "s.yaml: holds no study; write at least of:, uncertain: and sample:"),
}


@pytest.mark.parametrize("case", FILE_FAULTS)
def test_fault_of_a_file(tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text, said = FILE_FAULTS[case]
    found = faults(tmp_path, text)
    assert any(said in line for line in found), found
    assert all(line.startswith("s.yaml") for line in found)


def test_correlations_that_cannot_hold_together_are_named_with_the_nearest(tmp_path: Path) -> None:
    text = f"{HEAD}{PAIR}  - {{name: d, path: budget, scale: {{uniform: [0.9, 1.1]}}}}\n"
    (found,) = faults(tmp_path, f"{text}correlation: [[b, c, 0.9], [c, d, 0.9], [b, d, -0.9]]\n")
    assert "cannot hold together: [b, c, 0.9], [c, d, 0.9], [b, d, -0.9]" in found
    assert "the nearest that can: [b, c, 0.500], [b, d, -0.500], [c, d, 0.500]" in found


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    text = (
        "of: baseline\nsample: {method: sobol, size: 10, seed: x}\nuncertain:\n"
        "  - {path: budgt, scale: {uniform: [0.9, 1.1]}}\n  - {path: economy.trend, add: {uniform: [1, 0]}}\n"
        "colour: red\n"
    )
    places = [line.split(":")[1] for line in faults(tmp_path, text)]
    assert places == ["2", "2", "4", "5", "6"]


def test_a_fault_of_the_scenario_is_named_in_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text("extends: baseline\nset:\n  money.carry_shar: 0.1\n", encoding="utf-8")
    found = faults(tmp_path, f"of: case.yaml\nsample: {{method: lhs, size: 8}}\n{BUDGET}")
    assert found == ["case.yaml:3:3: money.carry_shar: unknown key; did you mean 'carry_share'?"]


def test_the_bundled_study() -> None:
    assert bundled_studies() == ("baseline-uncertain",)
    study = load_study("baseline-uncertain")
    assert [scenario.name for scenario in study.scenarios] == ["baseline"]
    assert len(study.inputs) == 10
    assert study.inputs[3].from_range == "knowledge.effort_elasticity"
    assert study.origin["sample.method"].endswith(f"baseline-uncertain.yaml:{_line('sample:')}")
    draws = draw(study)
    assert tried(study, draws, most=8) == []
    zh = load_study("baseline-uncertain", "zh")
    assert zh.label == "不确定条件下的基准情景"
    assert zh.inputs == study.inputs


def _line(word: str) -> int:
    text = load_study("baseline-uncertain").files[0].read_text(encoding="utf-8")
    return next(n for n, line in enumerate(text.splitlines(), 1) if line.startswith(word))


def test_overlays_are_what_a_scenario_takes(tmp_path: Path) -> None:
    study = read(tmp_path, f"{HEAD}{PAIR}  - {{path: budget, scale: {{uniform: [0.9, 1.1]}}}}\n")
    draws = draw(study)
    overlay = draws.overlay(3)
    assert set(overlay) == {"set", "scale", "add"}
    base, moved = study.scenarios[0], load("baseline", **overlay).scenario
    assert moved.budget.at(2030) == pytest.approx(base.budget.at(2030) * draws.values[3, 3])
    assert moved.economy.trend == pytest.approx(base.economy.trend + draws.values[3, 0])
    assert moved.kct.form == draws.values[3, 2]


def test_a_range_of_provenance_is_the_law_of_a_path_alone(tmp_path: Path) -> None:
    study = read(tmp_path, f"{HEAD}  - path: diffusion.catch_up\n  - {{path: cut_off.loss, range: triangular}}\n")
    rows = {row.path: row for row in study.scenarios[0].provenance}
    first, second = rows["diffusion.catch_up"], rows["cut_off.loss"]
    assert study.inputs[0].distribution == Distribution("uniform", (first.low, first.high))
    loss = study.scenarios[0].cut_off.loss
    assert study.inputs[1].distribution == Distribution("triangular", (second.low, loss, second.high))
    assert [entry.way for entry in study.inputs] == ["value", "value"]


def test_every_figure_of_a_grade(tmp_path: Path) -> None:
    text = (
        f"{HEAD}  - {{path: diffusion.catch_up}}\n  - {{grade: C, range: uniform}}\n"
        "  - {grade: assumption, scale: {uniform: [0.8, 1.2]}}\n"
    )
    study = read(tmp_path, text)
    by_line: dict[str, list[str]] = {}
    for entry in study.inputs:
        by_line.setdefault(entry.origin.rpartition(":")[2], []).append(entry.name)
    assert by_line["4"] == ["diffusion.catch_up"]
    assert "cut_off.loss" in by_line["5"]
    assert "diffusion.catch_up" not in by_line["5"]
    assert len(by_line["6"]) > 200
    left = " ".join(study.notes)
    assert "whole numbers and stay as they are: horizon.base_year" in left
    assert "must sum to 1 with others" in left
    assert "1 of these move by more specific entries: diffusion.catch_up" in left
    for entry in study.inputs:
        low, high = entry.distribution.within or (0.8, 1.2)  # type: ignore[union-attr]
        assert 0.8 <= low < high <= 1.2 or entry.from_range


def test_one_input_for_each_row_or_for_all(tmp_path: Path) -> None:
    law = "scale: {uniform: [0.9, 1.0]}"
    rows = read(tmp_path, f"{HEAD}  - {{grade: assumption, by: row, {law}}}\n")
    one = read(
        tmp_path, f"{HEAD}  - {{grade: assumption, by: all, {law}}}\n  - {{path: economy.kct_elasticity, {law}}}\n"
    )
    every = read(tmp_path, f"{HEAD}  - {{grade: assumption, {law}}}\n")
    names = {entry.name for entry in rows.inputs}
    assert {"budget", "lines.growth"} <= names
    assert [entry.name for entry in one.inputs] == ["grade assumption", "economy.kct_elasticity"]
    assert "economy.kct_elasticity" not in one.inputs[0].paths
    assert len(one.inputs[0].paths) == len(every.inputs) - 1
    assert sum(len(entry.paths) for entry in rows.inputs) == len(every.inputs)


def test_a_study_over_another(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        f"{HEAD}{PAIR}correlation: [[b, c, 0.5]]\n".replace("size: 8", "size: 8, seed: 3"), encoding="utf-8"
    )
    study = read(
        tmp_path,
        "extends: base.yaml\nlabel: {en: Child, zh: 子研究}\nuncertain:\n  - {name: f, path: kct.form, remove: true}\n"
        "  - {name: b, path: economy.trend, add: {uniform: [0.0, 0.02]}}\n"
        "  - {path: budget, scale: {uniform: [0.9, 1.1]}}\n"
        "correlation: [[c, b, 0.25]]\nsample: {size: 16}\n",
    )
    assert [entry.name for entry in study.inputs] == ["b", "c", "budget"]
    assert study.inputs[0].distribution == Distribution("uniform", (0.0, 0.02))
    assert study.inputs[0].origin.endswith("s.yaml:5")
    assert study.inputs[1].origin.endswith("base.yaml:5")
    assert study.correlation == (("c", "b", 0.25),)
    assert (study.sample.method, study.sample.size, study.sample.seed) == ("lhs", 16, 3)
    assert [path.name for path in study.files] == ["s.yaml", "base.yaml"]


def test_extends_in_a_circle_and_removing_what_is_not_there(tmp_path: Path) -> None:
    assert "goes round in a circle" in faults(tmp_path, "extends: s.yaml\n")[0]
    (tmp_path / "base.yaml").write_text(f"{HEAD}{PAIR}", encoding="utf-8")
    (found,) = faults(tmp_path, "extends: base.yaml\nuncertain:\n  - {path: budgett, remove: true}\n")
    assert "s.yaml:3:5: uncertain: no input 'budgett' of the study below to remove" in found


def test_several_scenarios_share_their_inputs(tmp_path: Path) -> None:
    study = read(tmp_path, f"of: [baseline, autarky]\nsample: {{method: lhs, size: 8}}\n{BUDGET}")
    assert [scenario.name for scenario in study.scenarios] == ["baseline", "autarky"]
    (found,) = faults(
        tmp_path,
        "of: [baseline, lines-baseline]\nsample: {method: lhs, size: 8}\nuncertain:\n"
        "  - {path: 'lines[ai-B].capability', scale: {uniform: [0.9, 1.1]}}\n",
    )
    assert "in scenario lines-baseline" in found


def test_plans_are_folders_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "runs" / "base").mkdir(parents=True)
    (tmp_path / "runs" / "base" / "run.json").write_text("{}", encoding="utf-8")
    text = f"of: baseline\nplans: runs/base\nsample: {{method: lhs, size: 8}}\n{BUDGET}"
    assert read(tmp_path, text).plans == (str(tmp_path / "runs" / "base"),)
    assert "did you mean 'base'?" in faults(tmp_path, text.replace("runs/base", "runs/bas"))[0]


def test_the_schema_takes_what_the_reader_takes(tmp_path: Path) -> None:
    schema = study_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in (load_study("baseline-uncertain").files[0], new_study(tmp_path)[0]):
        validator.validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    for wrong in (
        "colour: red",
        "of: baseline",
        "sample: {method: sobl}",
        "uncertain: [{path: a, scale: {unifrom: [0, 1]}}]",
    ):
        assert not validator.is_valid(yaml.safe_load(wrong)), wrong


def test_a_file_that_only_changes_another_study_is_a_study(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text("extends: baseline-uncertain\nsample: {method: lhs, size: 8}\n", encoding="utf-8")
    assert is_study(path)
    done = CliRunner().invoke(main, ["check", str(path)])
    assert done.exit_code == 0 and "8 draws" in done.output, done.output


@pytest.mark.parametrize("size", [2, 4])  # four points of a Sobol sequence lie in a plane
def test_draws_that_are_too_few_to_correlate_are_a_fault_of_the_file(size: int, tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(f"extends: baseline-uncertain\nsample: {{size: {size}}}\n", encoding="utf-8")
    with pytest.raises(ScenarioErrors, match=rf"small.yaml:2:\d+: sample: .*{size} draws are too few to correlate"):
        load_study(path)


def test_commands_know_a_study(tmp_path: Path) -> None:
    runner = CliRunner()
    assert is_study("baseline-uncertain")
    assert not is_study("baseline")
    made = runner.invoke(main, ["new", "--study", str(tmp_path / "mine")])
    assert made.exit_code == 0, made.output
    checked = runner.invoke(main, ["check", "--json", str(tmp_path / "mine"), "baseline"])
    records = json.loads(checked.stdout)
    assert [record.get("study", record.get("scenario")) for record in records] == ["mine", "baseline"]
    assert all(record["ok"] for record in records)
    shown = runner.invoke(main, ["show", str(tmp_path / "mine" / "study.yaml")]).stdout
    assert "controls.intensity times triangular 0.6 to 1.6, mode 1" in shown
    assert "study.yaml:9" in shown
    assert json.loads(runner.invoke(main, ["schema", "--study"]).stdout) == study_schema()
    bad = tmp_path / "bad.yaml"
    bad.write_text(f"{HEAD}  - {{path: budgt, scale: {{uniform: [0.9, 1.1]}}}}\n", encoding="utf-8")
    failed = runner.invoke(main, ["check", str(bad)])
    assert failed.exit_code == ScenarioErrors.exit_code
    assert "bad.yaml:4:12: budgt: unknown key; did you mean 'budget'?" in failed.stderr


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_workbook_says_the_same(tmp_path: Path, lang: str) -> None:
    (book,) = new_study(tmp_path / "s.xlsx", lang=lang)
    (text, _) = new_study(tmp_path)
    first, second = load_study(book), load_study(text)
    assert [(e.name, e.paths, e.way, e.distribution) for e in first.inputs] == [
        (e.name, e.paths, e.way, e.distribution) for e in second.inputs
    ]
    assert first.sample == second.sample
    assert first.inputs[0].origin.endswith("s.xlsx:Uncertain!A4" if lang == "en" else "s.xlsx:不确定量!A4")
    assert is_study(book)
    assert "budget" not in "\n".join(short(first, lang))


def _book(path: Path, uncertain: list[dict[str, object]], correlation: list[list[object]]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    columns = list(dict.fromkeys(key for row in uncertain for key in row))
    sheets: dict[str, tuple[list[str], list[list[object]]]] = {
        "study": (["key", "value"], [["of", "baseline"], ["method", "拉丁超立方"], ["size", 16]]),
        "uncertain": (columns, [[row.get(column) for column in columns] for row in uncertain]),
        "correlation": (["input", "other", "correlation"], correlation),
    }
    for key, (header, rows) in sheets.items():
        sheet = book.add_worksheet(key.title())
        sheet.write(0, 0, f"kctopt {key}")
        sheet.write_row(1, 0, header)
        for number, row in enumerate(rows, start=3):
            sheet.write_row(number, 0, list(row))
    book.close()
    return path


def test_words_of_a_workbook_may_be_chinese(tmp_path: Path) -> None:
    book = _book(
        tmp_path / "s.xlsx",
        [
            {"path": "budget", "how": "乘以", "distribution": "均匀", "low": 0.9, "high": 1.1, "values": None},
            {"path": "kct.form", "how": "设为", "distribution": "选择", "values": "nested; ces"},
            {"path": "economy.trend"},
        ],
        [["budget", "economy.trend", 0.3]],
    )
    study = load_study(book)
    assert study.sample.method == "lhs"
    assert [entry.distribution.law for entry in study.inputs if entry.distribution] == ["uniform", "choice", "uniform"]
    assert study.correlation == (("budget", "economy.trend", 0.3),)


def test_faults_of_a_workbook_name_the_cell(tmp_path: Path) -> None:
    book = _book(
        tmp_path / "s.xlsx",
        [
            {"path": "budgt", "how": "scale", "distribution": "uniform", "low": 0.9, "high": 1.1, "mode": None},
            {"path": "budget", "how": "scale", "distribution": "uniform", "low": 1.1, "high": 0.9, "mode": 1.0},
            {"path": "economy.trend", "how": "scale", "distribution": "triangular", "low": 0.9, "high": 1.1},
        ],
        [],
    )
    with pytest.raises(ScenarioErrors) as caught:
        load_study(book)
    said = str(caught.value)
    assert "s.xlsx:Uncertain!A4: budgt: unknown key; did you mean 'budget'?" in said
    assert "s.xlsx:Uncertain!F5: mode: says nothing of uniform; uniform has low, high" in said
    assert "s.xlsx:Uncertain!F6: mode: is empty, and triangular needs it; give low, mode, high" in said
    assert "low 1.1 does not lie below high 0.9" in said
