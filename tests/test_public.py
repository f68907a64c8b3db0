"""The public face: what records show of themselves, statuses, names."""

from __future__ import annotations

import doctest
import functools
import importlib
import json
import pickle
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bundled
import pytest
from fakes import fake_outcome
from numpydoc.validate import validate
from workbooks import made
from worlds import tiny

import kctopt
from kctopt import errors
from kctopt.analysis.attainable import attainable
from kctopt.analysis.saved import Analysis
from kctopt.scenario.dump import dump
from kctopt.solver import Engine
from kctopt.table import Column, Table

LONGEST = 200
DEAR = (kctopt.backcast, attainable)  # which several examples ask for


def shown() -> dict[str, Any]:
    """Records of every public kind, and those inside them that a reader meets."""
    scenario = tiny()
    result = kctopt.Result.of(scenario, fake_outcome(scenario))
    other = kctopt.Result.of(named := scenario.model_copy(update={"name": "other"}), fake_outcome(named))
    comparison = kctopt.compare(result, other)
    program = kctopt.build(scenario)
    table = Table.of("numbers", (Column("value", "number", "a number"),), [{"value": 1.0}] * 50)
    return {
        "scenario": scenario, "bundled": bundled.scenario("baseline"), "line": scenario.lines[0], "result": result,
        "program": program, "engine": Engine(program), "outcome": bundled.solved("baseline"), "money": result.money,
        "comparison": comparison, "pair": comparison.pairs[0], "collection": kctopt.Collection([result, other]),
        "diagnosis": kctopt.diagnose(scenario, time_limit=10), "table": table,
        "analysis": Analysis("numbers", {}, {"numbers": table}),
    }  # fmt: skip


def test_every_record_shows_itself_on_one_short_line_and_in_a_notebook() -> None:
    notebook = (
        "scenario", "bundled", "result", "program", "comparison", "collection", "diagnosis", "table", "analysis",
    )  # fmt: skip
    for name, record in shown().items():
        for text in (repr(record), str(record)):
            assert len(text) <= LONGEST, (name, text)
            assert "\n" not in text
            assert text.startswith(type(record).__name__), text
        if name in notebook:
            assert 100 < len(record._repr_html_()) < 40_000, name


def test_names_of_a_scenario_are_escaped_in_a_notebook() -> None:
    scenario = tiny().model_copy(update={"intent": "more <b> than before"})
    assert "more &lt;b&gt; than before" in scenario._repr_html_()


@pytest.mark.parametrize("status", kctopt.Status)
def test_a_status_is_a_member_and_a_text(status: kctopt.Status) -> None:
    result = kctopt.Result.of(tiny(), fake_outcome(tiny(), str(status)))
    assert result.status is status
    assert result.status == str(status) == f"{status}"
    assert json.dumps({"status": result.status}) == f'{{"status": "{status}"}}'


def test_a_solve_ends_with_a_member() -> None:
    assert bundled.solved("baseline").status is kctopt.Status.OPTIMAL
    diagnosis = kctopt.diagnose(tiny(), time_limit=10)
    assert diagnosis.status == "feasible"
    assert json.loads(json.dumps(diagnosis.data()))["status"] == "feasible"


def test_every_error_is_told_in_the_tree() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.KctoptError)]
    assert len(kinds) > 8
    for kind in kinds:
        assert f" {kind.__name__} " in errors.__doc__
        assert f"{kind.exit_code}    " in errors.__doc__.partition(f" {kind.__name__} ")[2].splitlines()[0]


# What is public and stays so (docs/python.md): names by module, with the members that are promised; errors beside.
PROMISED: dict[str, dict[str, tuple[str, ...]]] = {
    "kctopt": {
        "load": (), "build": (), "solve": (), "diagnose": (), "open": (), "simulate": (), "verify": (), "compare": (),
        "backcast": (), "sweep": (), "variants": (), "Program": (),
        "Sweep": ("summary", "sensitivity", "discover", "stability", "regret", "analyse"),
        "pareto": (), "Pareto": ("summary", "table", "chart", "save"),
        "stochastic": (), "Stochastic": ("summary", "sentences", "table", "save"),
        "Progress": (), "Scenario": ("asks",), "Status": (),
        "Result": (
            "index", "sentences", "summary", "report", "to_excel", "to_iamc", "to_xarray", "to_netcdf", "compare",
            "save", "saved",
        ),
        "Diagnosis": ("text", "sentences", "data", "save"),
        "Comparison": ("pair", "rows", "summary", "to_dict", "to_excel", "to_html", "to_markdown"),
        "Ensemble": ("quantiles", "to_frame", "kept_of", "summary"),
        "Backcast": ("text", "chart", "data", "save"),
        "Collection": ("open", "filter", "compare", "regret", "table"),
    },
    "kctopt.solver": {"Engine": ("solve", "resolve"), "Outcome": ()},
    "kctopt.status": {"DiagnosisStatus": ()},
    "kctopt.errors": {"KctoptError": (), "ScenarioErrors": (), "Infeasible": ()},
    "kctopt.study.optima": {"optima": (), "gaps": ()},
    "kctopt.analysis.prices": {"prices": ()},
    "kctopt.analysis.ranges": {"ranges": ()},
    "kctopt.analysis.flips": {"flips": ()},
    "kctopt.analysis.forms": {"forms": ()},
    "kctopt.analysis.attainable": {"attainable": (), "Attainable": ("sentences",), "Nearest": ()},
    "kctopt.analysis.saved": {"Analysis": ("record",)},
    "kctopt.table": {"Table": ()},
    "kctopt.formulation.programmes": dict.fromkeys(("add_variables", "add_constraints", "cost", "gain", "reward"), ()),
    "kctopt.formulation.tranches": {"Curve": (), "add_curve_variables": (), "add_curve_constraints": ()},
}  # fmt: skip
NAMES = [
    (module, name, member)
    for module, names in PROMISED.items()
    for name, members in names.items()
    for member in ("", *members)
]
IDS = [".".join(filter(None, parts)) for parts in NAMES]
# Of numpydoc's checks: sections for parameters with types, for what is returned, and an example.
CHECKS = {"GL08", "PR01", "PR02", "PR04", "PR07", "RT01", "EX01"}
NO_EXAMPLE = {"Scenario"}  # its docstring is part of its JSON Schema; `asks` has one
RECORDS = {"PR01"}  # attributes of records that nobody makes are told as such


def found(module: str, name: str, member: str) -> Any:
    record = getattr(importlib.import_module(module), name)
    return getattr(record, member) if member else record


@pytest.mark.parametrize(("module", "name", "member"), NAMES, ids=IDS)
def test_a_promised_name_has_the_sections_of_numpydoc(module: str, name: str, member: str) -> None:
    public = found(module, name, member)
    inside = f"{public.__module__}.{public.__qualname__}"
    checks = CHECKS - (RECORDS if isinstance(public, type) else set()) - ({"EX01"} if name in NO_EXAMPLE else set())
    assert [fault for fault in validate(inside)["errors"] if fault[0] in checks] == []


@functools.cache
def once(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that answers the same question but once in all examples."""
    answers: dict[bytes, Any] = {}

    def answered(*asked: Any, **options: Any) -> Any:
        question = pickle.dumps((asked, sorted(options.items())))
        if question not in answers:
            answers[question] = function(*asked, **options)
        return answers[question]

    return answered


@pytest.mark.parametrize(("module", "name", "member"), NAMES, ids=IDS)
def test_examples_of_promised_names_run(
    module: str, name: str, member: str, saved_run: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(saved_run, tmp_path / "runs" / "baseline")
    shutil.copytree(saved_run.parent / "studies", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    public = found(module, name, member)
    for dear in DEAR:
        monkeypatch.setattr(sys.modules[dear.__module__] if dear is attainable else kctopt, dear.__name__, once(dear))
    examples = doctest.DocTestFinder(recurse=False).find(public, name, globs={})
    assert any(one.examples for one in examples) or name in NO_EXAMPLE
    for one in examples:
        said: list[str] = []
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(one, out=said.append)
        assert said == []


def test_the_page_on_python_lists_what_is_promised() -> None:
    page = (Path(__file__).parents[1] / "docs" / "python.md").read_text(encoding="utf-8")
    table = page.partition("## What is public")[2].partition("\n## ")[0]
    for module, names in PROMISED.items():
        (row,) = [line for line in table.splitlines() if line.startswith(f"| `{module}` |")]
        assert [name for name in names if f"`{name}`" not in row] == []
    others = {name for name in kctopt.__all__ if not hasattr(errors, name)}
    assert others == set(PROMISED["kctopt"])


@pytest.fixture(scope="module")
def saved_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a small world, for examples that open one."""
    folder = tmp_path_factory.mktemp("runs")
    saved_study(folder / "studies")
    return kctopt.solve(tiny()).save(folder / "baseline")


def saved_study(folder: Path) -> None:
    """A study of a small world and its sweep."""
    folder.mkdir()
    target = {"id": "up", "kind": "target", "line": "chips-B", "min_ratio": 0.5, "by": 2029}
    (folder / "world.yaml").write_text(dump(tiny(policies=(target,))), encoding="utf-8")
    (folder / "tight.yaml").write_text(
        'of: world.yaml\nuncertain:\n  - {path: "policies[up].min_ratio", value: {values: [0.5, 0.7]}}\n'
        "sample: {method: list}\n",
        encoding="utf-8",
    )
    (folder / "hazard.yaml").write_text(
        "of: world.yaml\ntree:\n  - {state: eased, probability: 0.4, from: 2028, scale: {controls.intensity: 0.5}}\n"
        "  - {state: tight, probability: 0.6, from: 2028, set: {controls.intensity: 0.9}}\n",
        encoding="utf-8",
    )
    book = made(folder, str(folder / "world.yaml"), name="plan.xlsx")
    for cell, value in {"F2": "tight", "F5": 0.9, "G2": "open", "G6": 0.1}.items():
        book.sheet("variants")[cell].value = value
    book.save()
    kctopt.sweep(folder / "tight.yaml", out=folder / "studies" / "tight.duckdb")


@pytest.fixture(autouse=True)
def asked_once() -> Iterator[None]:
    with bundled.asked_once():
        yield
