"""Fronts of kctopt's own programs: points certified, gaps, ends, faults, the command, what is saved."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from chinese import is_chinese
from click.testing import CliRunner
from worlds import options, tiny

import kctopt
from kctopt.cli.main import main
from kctopt.errors import Infeasible, UsageError
from kctopt.fronts.pareto import Pareto
from kctopt.scenario.dump import dump

RAISED = {"id": "up", "kind": "target", "line": "chips-B", "min_ratio": 9.0, "by": 2029}


@cache
def money() -> Pareto:
    return kctopt.pareto(tiny(), "NS,spend", between=0.02)


def test_points_are_on_the_front_and_proven() -> None:
    front = money()
    assert front.status == "optimal"
    assert front.gap <= 0.02
    rows = front.table("points").records
    for before, after in pairwise(rows):
        assert before["NS"] > after["NS"]
        assert before["spend"] > after["spend"]
    assert all(row["bound"] >= row["NS"] - 1e-9 for row in rows if row["optimised"] == "NS")
    assert rows[0]["end"] == "NS"
    assert rows[-1]["end"] == "spend"
    best = kctopt.solve(tiny())
    assert rows[0]["NS"] == pytest.approx(best.objective, rel=2e-5)
    worst = {row["name"]: row["worst"] for row in front.data()["objectives"]}
    assert worst == {"NS": min(row["NS"] for row in rows), "spend": max(row["spend"] for row in rows)}


def test_what_is_proven_holds_of_plans_that_were_not_looked_at() -> None:
    """Caps on all money of the tiny world, solved by themselves, lie between what is attained and what is proven."""
    front = money()
    rows = front.table("points").records
    spend, value = (np.array([row[key] for row in rows])[::-1] for key in ("spend", "NS"))
    scenario = tiny(budget=float(np.mean(spend)) / 4)
    there = kctopt.solve(scenario)
    assert there.money is not None
    total = float(there.money.spend.sum())
    span = value.max() - value.min()
    assert there.objective <= np.interp(total, spend, value) + 2 * front.gap * span


def test_three_objectives_say_that_the_worst_is_an_estimate() -> None:
    front = kctopt.pareto(tiny(), ("EP", "MP", "spend"), between=0.1, solves=30)
    assert front.gap < 1
    assert front.data()["worst_is"] == "estimate"
    assert any("estimate" in line for line in front.summary().splitlines())
    assert all(goal["best"] != goal["worst"] for goal in front.data()["objectives"])


@pytest.mark.long
def test_discrete_choices_have_boxes_between_neighbours() -> None:
    front = kctopt.pareto(options(), "NS,spend", between=0.25, solves=6, gap=1e-3, time_limit=3.0)
    assert front.discrete
    assert "proven one by one" in front.summary()
    assert all(result.verified for result in front.results)


def test_three_objectives_of_discrete_choices_are_refused() -> None:
    with pytest.raises(UsageError, match="two objectives; name two"):
        kctopt.pareto(options(), "NS,spend,EP")


def test_faults_are_named_all_at_once() -> None:
    with pytest.raises(UsageError, match="'spent' is no objective; did you mean 'spend'"):
        kctopt.pareto(tiny(), "NS,spent")
    with pytest.raises(UsageError) as caught:
        kctopt.pareto(tiny(), "NS,NS,money,EP")
    assert "'NS' stands twice" in str(caught.value)
    assert "'money' is no objective" in str(caught.value)
    assert "4 objectives: name two or three" in str(caught.value)
    with pytest.raises(UsageError, match="between=2"):
        kctopt.pareto(tiny(), "NS,spend", between=2)


def test_a_scenario_without_a_plan_has_no_front() -> None:
    with pytest.raises(Infeasible, match="no plan that keeps all rules, so it has no front"):
        kctopt.pareto(tiny(policies=(RAISED,)), "NS,spend")


def test_objectives_that_one_plan_is_best_for_make_no_front() -> None:
    with pytest.raises(UsageError, match="do not conflict"):
        kctopt.pareto(tiny(security__form="cobb_douglas", security__economy=1.0, security__military=0.0,
                           security__technology=0.0), "NS,EP")  # fmt: skip


def test_an_interrupt_leaves_the_points_found() -> None:
    count = 0

    def stop(now: kctopt.Progress) -> None:
        nonlocal count
        count += now.phase == "step"
        if count > 3:
            raise StopIteration

    front = kctopt.pareto(tiny(), "NS,spend", between=0.001, progress=stop)
    assert front.status == "interrupted"
    assert len(front.front.points) >= 2


@pytest.mark.long
def test_the_command_saves_what_verify_accepts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("world.yaml").write_text(dump(tiny()), encoding="utf-8")
    ask = ["pareto", "world.yaml", "--objectives", "NS,spend", "--between", "0.1"]
    done = CliRunner().invoke(main, [*ask, "-o", "front", "--lang", "zh"])
    assert done.exit_code == 0, done.output
    assert is_chinese(done.stdout)
    record = json.loads(Path("front/pareto.json").read_text(encoding="utf-8"))
    assert record["status"] == "optimal"
    assert len(list(Path("front/points").iterdir())) == len(record["points"])
    assert kctopt.verify("front/points/02") == []
    assert "brush" in Path("front/front.html").read_text(encoding="utf-8")
    told = json.loads(CliRunner().invoke(main, [*ask, "--json"]).stdout)
    assert told["objectives"][1] | {"name": "spend", "better": "less"} == told["objectives"][1]
