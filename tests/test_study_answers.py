"""What a sweep says: regret of plans held fixed with its right values, and every part by the command."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from chinese import is_chinese
from click.testing import CliRunner
from studies import BUDGET, EFFORT, drawn, run, study
from worlds import tiny

import kctopt
from kctopt.cli import main
from kctopt.errors import UsageError
from kctopt.holding.plan import Plan
from kctopt.rules import breaches
from kctopt.simulator import Money, simulate
from kctopt.study.answers import Asked, analyse
from kctopt.study.held import representatives
from kctopt.study.members import member_scenario
from kctopt.study.plans import unpacked
from kctopt.study.records import Sample
from kctopt.study.sample import draw
from kctopt.study.sweep import Sweep


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty draws of the tiny world, and the plan of a run that the study holds fixed."""
    folder = tmp_path_factory.mktemp("answers")
    kctopt.solve(tiny(budget=50.0)).save(folder / "lean")
    asked = replace(study(), sample=Sample("lhs", 20, seed=3), plans=(str(folder / "lean"),))
    run(folder / "try.duckdb", asked, draw(asked))
    return folder


@pytest.fixture(scope="module")
def swept(place: Path) -> Sweep:
    return Sweep(place / "try.duckdb")


def test_regret_is_that_of_each_plan_simulated_in_each_world(swept: Sweep) -> None:
    found = swept.regret(optima=3, threshold=700.0, hold="amounts")
    assert found.plans["kind"].tolist() == ["run", "optimum", "optimum", "optimum"]
    ways = {one["name"]: (one["way"], one["paths"][0]) for one in swept.about["inputs"]}
    plans = swept.table("plans").set_index("draw")["content"]
    held = {name: unpacked(plans[int(name[1:])]) for name in found.values if name != "lean"}
    held["lean"] = unpacked(swept.table("fixed")["content"][0])
    members = swept.members.set_index("draw")
    for d, row in swept.draws.iterrows():
        overlay: dict[str, dict[str, float]] = {"set": {}, "scale": {}}
        for name, value in row.items():
            way, path = ways[str(name)]
            overlay["set" if way == "value" else way][path] = value
        world = member_scenario(tiny(), overlay)
        values = {}
        for name, plan in held.items():
            kept = not breaches(world, plan.money)
            assert kept == np.isfinite(found.values.loc[d, name])
            if kept:
                values[name] = float(simulate(world, plan.money).objective)
                assert found.values.loc[d, name] == pytest.approx(values[name], rel=1e-12)
        best = max(members.loc[d, "objective"], *values.values())
        for name, value in values.items():
            assert found.measures.regret.low.loc[d, name] == pytest.approx(best - value, abs=1e-9)
            assert found.measures.regret.high.loc[d, name] == pytest.approx(members.loc[d, "bound"] - value, abs=1e-9)
    lean = found.values["lean"]
    assert found.measures.table.loc["lean", "maximin"] == lean.min()
    assert found.measures.table.loc["lean", "satisficing"] == (lean >= 700).mean()
    broken = found.plans["kept"] < 1
    assert broken.any()
    assert (
        found.measures.table.loc[broken, ["maximin", "laplace", "savage_high", "cvar_lower_95"]].isna().all(axis=None)
    )
    assert found.measures.table["satisficing"].notna().all()
    assert any("counts the draw as failed" in sentence for sentence in found.sentences())
    assert all(is_chinese(sentence) for sentence in found.sentences("zh"))


def test_an_optimum_has_no_regret_at_home_and_worlds_without_plan_are_left_out(tmp_path: Path) -> None:
    rows = [[1.0, 0.45], [1.05, 0.5], [-1.0, 0.45]]
    sweep = run(tmp_path / "s.duckdb", study(), drawn((BUDGET, EFFORT), rows))
    found = sweep.regret(hold="amounts")
    assert found.values.shape == (2, 2)
    assert found.measures.regret.low.loc[0, "#0"] == found.measures.regret.low.loc[1, "#1"] == 0
    assert np.isnan(found.values.loc[0, "#1"])
    assert found.plans.loc["#1", "rule"] == "money.budget"
    said = " ".join(found.sentences())
    assert "1 of 3 draws are left out" in said
    assert "points that were chosen (list)" in said
    with pytest.raises(UsageError, match="no plan to be judged"):
        sweep.regret(optima=0)


def test_representatives_go_from_the_middle_to_the_farthest() -> None:
    def plan(one: float, other: float) -> Plan:
        return Plan(Money(np.full((1, 1, 1), one), np.full((1, 1), other), np.zeros((1, 1))))

    plans = [plan(10, 0), plan(9, 1), plan(5, 5), plan(0, 10), plan(5, 5)]  # the mean is 5.8 and 4.2
    assert representatives(plans, 1) == ([2], pytest.approx(0.5))
    assert representatives(plans, 2) == ([2, 0], pytest.approx(0.5))
    assert representatives(plans, 3) == ([2, 0, 3], pytest.approx(0.1))
    assert representatives(plans, 9) == ([2, 0, 3, 1], 0)


def test_the_command_tells_all_parts_and_writes_them(
    place: Path, swept: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    limit = float(swept.outcomes.query("outcome == 'security' and year == 2029")["value"].quantile(0.4))
    ask = ["analyse", "try.duckdb", "--outcome", "NS", "--year", "2029", "--below", f"{limit}", "--optima", "2"]
    done = CliRunner().invoke(main, [*ask, "-o", "out"], catch_exceptions=False)
    assert done.exit_code == 0
    for part in (
        "Sensitivity of NS 2029",
        "Ranks by domain",
        "Gap to the rival by line",
        "Plans held fixed",
        "Worlds in which NS 2029 is below",
    ):
        assert part in done.output
    with Path("out/regret_high.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 20
    assert float(rows[0]["lean"]) == swept.regret(optima=2).measures.regret.high.loc[0, "lean"]
    world = kctopt.load("out/box-1-worst.yaml")
    assert world.intent.startswith("Box 1: where ")
    assert CliRunner().invoke(main, ["check", "out/box-1-middle.yaml"]).exit_code == 0
    told = json.loads(CliRunner().invoke(main, [*ask, "--json"]).stdout)["scenarios"][0]
    assert set(told["boxes"]["tables"]) == {"boxes", "box_limits", "box_trajectory"}
    assert told["regret"]["tables"]["plans"][0]["plan"] == "lean"
    chinese = CliRunner().invoke(main, [*ask, "--lang", "zh", "-o", "out.xlsx"], catch_exceptions=False)
    assert "在每次抽样中固定不变的方案" in chinese.output
    assert Path("out.xlsx").is_file()
    assert Path("out-box-1-worst.yaml").read_text(encoding="utf-8").startswith("extends: out-tiny.yaml")


def test_a_part_without_answer_says_why_and_one_asked_for_is_an_error(tmp_path: Path, swept: Sweep) -> None:
    found = analyse(swept)
    assert str(found.parts["tiny"]["indices"]).startswith("the members' mean gap")
    assert "kctopt sweep STUDY --gap" in found.text()
    refused = {
        "sobol cannot use a sample": Asked(method="sobol"), "is not in this sweep": Asked(outcome="securty"),
        "allocation has no column 'domian'": Asked(by=("domian",)), "not a run folder": Asked(plans=(str(tmp_path),)),
        "need a threshold": Asked(density=0.5),
    }  # fmt: skip
    for message, asking in refused.items():
        with pytest.raises(kctopt.KctoptError, match=message):
            analyse(swept, asking)
    assert CliRunner().invoke(main, ["analyse", "try.yaml"]).exit_code == 2
    assert "Did you mean 'analyse'?" in CliRunner().invoke(main, ["analyze", "try.duckdb"]).output
