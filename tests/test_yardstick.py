"""Runs whose base years give other yields: the caution, and a change split into recalibration and the rest."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from fakes import fake_outcome
from pytest import approx
from worlds import tiny

import kctopt
from kctopt import Result
from kctopt.cli import main
from kctopt.comparison.yardstick import named, recalibrations, yield_changes
from kctopt.scenario.calibrate import calibrate, with_yields
from kctopt.scenario.records import Scenario
from kctopt.simulator import simulate, to_base_plan

PARTS = ("objective", "indices")


def run(scenario: Scenario, name: str, more: float = 1.0) -> Result:
    """The base year's money, times a factor on strategic work."""
    scenario = scenario.model_copy(update={"name": name})
    money = to_base_plan(scenario)
    money = replace(money, strategic=money.strategic * more)
    return Result.of(scenario, fake_outcome(scenario, money=money), options={"gap": 1e-4})


def doubled(line: str = "chips-B") -> Scenario:
    """The tiny world with the yields of one line doubled."""
    world = tiny()
    own = {entry.id: row for entry, row in zip(world.lines, calibrate(world).yields.tolist(), strict=True)}
    return with_yields(world, own | {line: [2 * each for each in own[line]]})


@pytest.fixture(scope="module")
def base() -> Result:
    return run(tiny(), "base")


@pytest.fixture(scope="module")
def other() -> Result:
    return run(doubled(), "other", more=1.1)


def test_the_parts_are_what_is_simulated_and_add_up(base: Result, other: Result) -> None:
    objective, security = recalibrations(base, other, PARTS)
    assert base.objective is not None and other.objective is not None and other.money is not None
    alike = simulate(tiny(), other.money)  # OTHER differs in its yields alone: at those of BASE it is BASE's scenario
    assert objective.rest == approx(float(alike.objective) - base.objective, abs=1e-9)
    assert objective.recalibration == approx(other.objective - float(alike.objective), abs=1e-9)
    assert objective.recalibration + objective.rest == approx(other.objective - base.objective, abs=1e-9)
    assert (security.year, security.measure) == (2029, "security")
    assert security.recalibration + security.rest == approx(security.delta, abs=1e-12)
    assert security.delta == approx(other.index("security", 2029) - base.index("security", 2029), abs=1e-12)
    assert objective.recalibration > 0 and objective.rest > 0


def test_where_one_plan_stands_in_two_worlds_all_is_recalibration(base: Result) -> None:
    objective, security = recalibrations(base, run(doubled(), "same money"), PARTS)
    assert objective.rest == approx(0, abs=1e-9) and security.rest == approx(0, abs=1e-12)
    assert objective.recalibration == approx(objective.delta) and objective.delta > 0


def test_recalibration_is_nothing_where_yields_are_shared(base: Result) -> None:
    more = run(tiny(budget=66.0), "more", 1.1)
    for part in recalibrations(base, more, PARTS):
        assert part.recalibration == approx(0, abs=1e-9) and part.rest == approx(part.delta, abs=1e-9)
    pair = kctopt.compare(base, more).pairs[0]
    assert pair.yields == pair.recalibration == ()
    assert "yields" not in {caution.reason for caution in pair.cautions}


def test_switching_at_shared_yields_is_no_other_yardstick() -> None:
    world, switching = tiny(), tiny(stages="switching", diffusion__near=0.2)
    assert yield_changes(world, switching), "exchange outside reach is closed in the base year too"
    own = {line.id: row for line, row in zip(world.lines, calibrate(world).yields.tolist(), strict=True)}
    assert yield_changes(world, with_yields(switching, own)) == ()


def test_lines_are_named_by_how_much_they_differ() -> None:
    changes = yield_changes(tiny(), doubled("ai-M"))
    assert [(change.line, change.rung, change.ratio) for change in changes] == [("ai-M", rung, 2.0) for rung in "FPR"]
    assert named(changes) == "ai-M x 2"
    both = yield_changes(doubled("chips-B"), doubled("ai-M"))
    assert named(both) == "ai-M x 2, chips-B x 0.5"


def test_round_off_is_no_difference() -> None:
    world = tiny()
    own = {line.id: [x * (1 + 1e-12) for x in row] for line, row in
           zip(world.lines, calibrate(world).yields.tolist(), strict=True)}  # fmt: skip
    assert yield_changes(world, with_yields(world, own)) == ()


def test_without_the_same_lines_nothing_is_split(base: Result) -> None:
    renamed = tiny(lines__3__id="ai-X")
    assert recalibrations(base, run(renamed, "renamed"), PARTS) == ()


def test_the_comparison_says_it_everywhere(base: Result, other: Result, tmp_path: Path) -> None:
    compared = kctopt.compare(base, other)
    (pair,) = compared.pairs
    assert pair.objective is not None
    assert pair.recalibration[0].delta == approx(pair.objective.delta)
    table = compared.recalibrations.set_index("measure")
    assert table.loc["objective", "recalibration"] == pair.recalibration[0].recalibration
    assert compared.yields["line"].tolist() == ["chips-B"] * 3
    text, chinese = compared.summary(), compared.summary("zh")
    assert "the base years give other yields, other over base: chips B × 2." in " ".join(text.split())
    assert "recalibration and the rest: base -> other" in text and "calibration.yields.values" in text
    assert "基准年校准出的产出率不同（other 与 base 之比）：chips B × 2" in chinese and "重新校准与其余" in chinese
    assert "recalibration and the rest" in compared.to_markdown() and "recalibration and the rest" in compared.to_html()


def test_the_command_prints_it_as_json(base: Result, other: Result, tmp_path: Path) -> None:
    places = [str(result.save(tmp_path / name)) for name, result in (("base", base), ("other", other))]
    done = CliRunner().invoke(main, ["compare", *places, "--json"])
    (pair,) = json.loads(done.stdout)["others"]
    assert [part["measure"] for part in pair["recalibration"]] == ["objective", "security"]
    assert {change["line"] for change in pair["yields"]} == {"chips-B"}
    assert "yields" in {caution["reason"] for caution in pair["cautions"]}
    done = CliRunner().invoke(main, ["compare", *places, "--format", "csv", "-o", str(tmp_path / "tables")])
    assert done.exit_code == 0
    assert (tmp_path / "tables" / "recalibration.csv").read_text("utf-8-sig").startswith("run,measure,year,delta")
