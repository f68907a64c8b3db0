"""Ranges near the optimum: ends against a dense grid, verdicts, confirmation, alternatives, programmes, the command."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from fakes import fake_outcome, weaken
from pytest import approx
from worlds import PROGRAMMES, tiny

from kctopt import Result, api
from kctopt.analysis import ranges as module
from kctopt.analysis.ranges import CELLS, RangesOptions, cells, ranges
from kctopt.analysis.ranges_text import told
from kctopt.analysis.saved import Analysis
from kctopt.analysis.tolerance import Tolerance
from kctopt.cli import main
from kctopt.errors import RunError, UsageError
from kctopt.rules import breaches
from kctopt.simulator import Money, reference, simulate
from kctopt.solver.nearby import Nearby, confirm_inside, confirm_outside
from kctopt.solver.polish import polish
from kctopt.table import Table

EPSILON = 0.002
NOTHING = ({"rung": "P"}, {"rung": "R"}, {"track": "substitution"}, {"track": "exchange"})


def flat(**overrides: Any) -> Any:
    """One planned year, money on the first rung only, two lines that are free: a plan is a point of a square."""
    none = [{"id": f"none-{n}", "kind": "cap", "amount": 0.0, **what} for n, what in enumerate(NOTHING)]
    given = {
        "horizon": {"base_year": 2025, "last_year": 2026, "plan_length": 1, "tail": 2}, "policies": none,
        "quadrants__0__min_exchange": 0.0, "lines__1__floor": 10.0, "lines__1__cap": 10.0, "lines__3__cap": 0.05,
    }  # fmt: skip
    return tiny(**given | overrides)


@pytest.fixture(scope="module")
def run() -> Result:
    return api.solve(tiny(), gap=1e-5)


@pytest.fixture(scope="module")
def found(run: Result) -> Analysis:
    return ranges(run, alternatives=2)


@pytest.fixture(scope="module")
def place(run: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run.save(tmp_path_factory.mktemp("runs") / "tiny")


# Brute force


def grid(result: Result, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Money by line and objectives of every plan of the square that keeps the rules."""
    scenario = result.scenario
    one, other = np.meshgrid(np.linspace(0, 17, points), np.linspace(0, 32, points), indexing="ij")
    spend = np.stack([one.ravel(), np.full(one.size, 10.0), other.ravel(), np.full(one.size, 0.05)], axis=1)
    strategic = np.zeros((len(spend), 4, 3, 1))
    strategic[:, :, 0, 0] = spend
    none = np.zeros((len(spend), 4, 1))
    path = simulate(scenario, Money(strategic, none, none))
    lawful = spend.sum(axis=1) <= 60.0
    return spend[lawful], np.asarray(path.objective)[lawful]


@pytest.mark.parametrize(("of", "base", "epsilon"), [("objective", 0.0, EPSILON), ("planning", 300.0, 6 * EPSILON)])
def test_ends_and_verdicts_agree_with_a_dense_grid(
    of: str, base: float, epsilon: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kctopt.result.result.yardstick", lambda scenario: SimpleNamespace(objective=base, missed=()))
    result = api.solve(flat(), gap=1e-6)
    found = ranges(result, epsilon=epsilon, epsilon_of=of, alternatives=0)
    money, objective = grid(result, 250)
    best = found.about["objective"]
    near = money[objective >= best - epsilon * (best - base)]
    assert (found.about["epsilon_of"], found.about["instead"]) == (of, "")
    assert found.about["room"] == approx(epsilon * (best - base))
    rows = {(row["domain"], row["type"]): row for row in found.tables["cells"].records}
    for n, (key, step) in enumerate({("chips", "B"): 0.07, ("chips", "S"): 1e-6, ("ai", "A"): 0.13}.items()):
        row, mine = rows[key], near[:, n]
        assert row["least_proven"] <= mine.min() <= row["least"] + step
        assert row["most"] - step <= mine.max() <= row["most_proven"]
        assert row["least"] - row["least_proven"] < 0.25 and row["most_proven"] - row["most"] < 0.25
        forced = row["rules_least"] + module.SHARE * row["base"]
        brute = "must" if mine.min() > forced else "never" if mine.max() <= forced else "may"
        assert row["verdict"] == brute
    assert rows["chips", "B"]["verdict"] == "must" and rows["ai", "M"]["verdict"] == "never"


# The ends


def test_attained_inside_proven_and_both_close(found: Analysis) -> None:
    for row in found.tables["cells"].records:
        assert row["least_proven"] <= row["least"] <= row["most"] <= row["most_proven"]
        assert row["rules_least"] <= row["least_proven"] and row["most_proven"] <= row["rules_most"]
        scale = max(1.0, row["spend"])
        assert row["least"] - row["least_proven"] < 2e-3 * scale and row["most_proven"] - row["most"] < 2e-3 * scale
        assert row["least"] - 1e-3 * scale <= row["spend"] <= row["most"] + 1e-3 * scale
        assert row["least_inside"] is None


def few(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Only the first cells, to be quick."""
    monkeypatch.setattr(module, "cells", lambda *given: list(cells(*given))[:count])


def test_confirmed_by_pins(run: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch, 2)
    found = ranges(run, confirm=True, alternatives=0)
    for row in found.tables["cells"].records:
        assert [row[f"{end}_{side}"] for end in ("least", "most") for side in ("inside", "outside")] == [True] * 4
    assert "pinned just inside and just outside: 8 of 8" in told(found, run.scenario, "en")


def test_attained_plans_keep_the_rules_and_the_level(run: Result) -> None:
    settled = polish(run.solved_scenario, run.money, run.choices)
    near = Nearby.of(settled, 0.01, settled.bound)
    cell = next(iter(cells(run, settled)))
    end = near.end(cell.weights, 1)
    money = near.simulator.money(end.x)
    assert breaches(run.scenario, money) == []
    assert simulate(run.scenario, money).objective >= 0.99 * settled.bound
    assert cell.weights @ end.x == approx(end.attained)


def test_a_wrong_end_is_not_confirmed(run: Result) -> None:
    settled = polish(run.solved_scenario, run.money, run.choices)
    near = Nearby.of(settled, 0.01, settled.bound)
    cell = next(cell for cell in cells(run, settled) if cell.type == "M")
    end = near.end(cell.weights, 1)
    assert not confirm_inside(near, cell.weights, 1, end.proven - 1.0)  # no plan has that little
    assert not confirm_outside(near, cell.weights, 1, end.attained + 1.0)  # some plan has less


# Alternatives


def test_alternatives_are_near_and_differ(found: Analysis) -> None:
    rows, differences = found.tables["alternatives"].records, found.tables["differences"].records
    assert [row["alternative"] for row in rows] == [1, 2]
    for row in rows:
        assert row["objective"] >= found.about["level"] - 1e-6 and 0 <= row["loss"] <= found.about["room"] + 1e-6
        mine = [one for one in differences if one["alternative"] == row["alternative"]]
        assert row["moved"] == approx(sum(abs(one["difference"]) for one in mine) / 2) and row["moved_percent"] > 5
    first, second = ({(d["domain"], d["type"], d["plan"]): d["spend"] for d in differences if d["alternative"] == n}
                     for n in (1, 2))  # fmt: skip
    assert sum(abs(first[key] - second[key]) for key in first) > 10


# Programmes


def test_programmes_are_dropped_launched_or_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch, 1)
    result = api.solve(tiny(catalogue={"researchers": 3.0}, programmes=PROGRAMMES), gap=1e-3)
    wide, narrow = (ranges(result, epsilon=part, epsilon_of="objective", alternatives=0) for part in (0.05, 0.0015))
    for row in wide.tables["programmes"].records:
        assert row["verdict"] == ("launched" if row["run"] == "off" else "dropped") and row["loss"] <= 0.05 * 800
    assert wide.about["conditional"]
    assert {row["programme"] for row in narrow.tables["programmes"].records} == {"light-source", "scanner-race"}
    for row in narrow.tables["programmes"].records:
        if row["verdict"] in ("must", "never") and row["bound"] is not None:
            assert row["bound"] < 0.9985 * narrow.about["objective"]
    for lang, words in (("en", "can be dropped"), ("zh", "可以放弃")):
        assert words in told(wide, result.scenario, lang) or "launched" in told(wide, result.scenario, lang)


# Errors


def test_refuses_what_cannot_be_said(run: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    weaken(monkeypatch, 1e-3)
    with pytest.raises(RunError, match=r"epsilon 1e-09 allows .* less than the gap of the run, .* a smaller --gap"):
        ranges(run, epsilon=1e-9)
    with pytest.raises(UsageError, match="epsilon_of is planning or objective, not bound"):
        RangesOptions(epsilon_of="bound")
    with pytest.raises(RunError, match=r"tiny: the run has no plan \(infeasible\)"):
        ranges(Result.of(tiny(), fake_outcome(tiny(), "infeasible")))
    with pytest.raises(UsageError, match="between 0 and 1"):
        RangesOptions(epsilon=1.0)


@pytest.mark.parametrize("kind", ["min_budget", "earliest"])
def test_other_objectives(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch, 1)
    target = {"id": "chips-up", "kind": "target", "line": "chips-B", "min_ratio": 0.5, "by": 2029}
    result = api.solve(tiny(objective__kind=kind, policies=[target]), gap=1e-4)
    found = ranges(result, epsilon=0.02, alternatives=0)
    row = found.tables["cells"].records[0]
    assert 0 < row["least_proven"] <= row["least"] <= row["spend"] * 1.01
    assert "chips, bottleneck" in told(found, result.scenario, "en")
    assert (found.about["epsilon_of"], found.about["instead"]) == ("objective", kind)
    assert "Epsilon is a share of the optimum: an objective in " in told(found, result.scenario, "en")
    assert "ε 是最优值的份额" in told(found, result.scenario, "zh")


# What epsilon is a share of


def test_epsilon_is_a_share_of_the_value_of_planning(run: Result, found: Analysis) -> None:
    base, about = reference(run.scenario).objective, found.about
    assert about["yardstick"] == approx(about["objective"] - base)
    assert about["room"] == approx(0.01 * about["yardstick"])
    assert about["level"] == approx(about["bound"] - 0.01 * (about["bound"] - base))
    english, chinese = (told(found, run.scenario, lang) for lang in ("en", "zh"))
    assert f"within 1 % of the value of planning ({about['room']:.4f} of {about['yardstick']:.4f} NS points)" in english
    assert "% of the value of planning) and moves" in english and "规划价值的 1%" in chinese


def test_where_planning_has_no_value_epsilon_is_of_the_objective(run: Result) -> None:
    base = reference(run.scenario).objective
    for optimum in (base, base - 1.0):
        plain = Tolerance.asked(run, 0.01, "planning", optimum)
        assert (plain.of, plain.instead) == ("objective", "nothing") and plain.room(optimum) == approx(0.01 * optimum)
    assert Tolerance.asked(run, 0.01, "objective", base + 1.0).instead == ""
    assert Tolerance.asked(run, 0.01, "planning", base + 1.0).room(base + 1.0) == approx(0.01)


# On disk and in words


def amounts(text: str) -> list[float]:
    return [float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("spend", [343.04, 343.05, 343.06])
@pytest.mark.parametrize("apart", [0.001, 1.0])
def test_the_range_printed_holds_the_plan_printed_and_lists_agree(
    run: Result, found: Analysis, lang: str, spend: float, apart: float
) -> None:
    """Of a plan at its own least and most, and of what differs in digits that are not printed."""
    ends = {"least": spend, "least_proven": spend - apart, "most": spend, "most_proven": spend + apart}
    rules = {"rules_least": spend - apart, "rules_most": spend + apart}
    rows = [row | ends | rules | {"spend": spend, "verdict": "must"} for row in found.tables["cells"].records]
    text = told(replace(found, tables={**found.tables, "cells": Table.of("cells", CELLS, rows)}), run.scenario, lang)
    listed = {
        amounts(re.split("at least|至少", line)[1])[0]
        for line in text.splitlines()
        if re.match("  .*(at least|至少)", line)
    }
    table = [re.split(r"\s{2,}", line.strip()) for line in text.splitlines() if " – " in line]
    assert len(table) == len(rows)
    for _, *columns, _ in table:
        plan, least, most, rule = map(amounts, columns)
        assert rule[0] <= min(least) <= max(least) <= plan[0] <= min(most) <= max(most) <= rule[1]
        assert listed == {min(least)}


def test_an_interrupted_one_goes_on(run: Result, found: Analysis, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch, 4)
    ends: list[Any] = []

    def counted(near: Nearby, task: Any) -> list[float]:
        if len(ends) == 5:
            raise KeyboardInterrupt
        ends.append(task)
        return end_of(near, task)

    end_of = module._end
    monkeypatch.setattr(module, "_end", counted)
    with pytest.raises(KeyboardInterrupt):
        ranges(run, alternatives=0, run=place)
    before, ends[:] = len(ends), [None] * 6
    again = ranges(run, alternatives=0, run=place)
    assert before == 5 and len(ends) - 6 == 8 - 5
    same = {"least", "most", "verdict"}
    for one, other in zip(again.tables["cells"].records, found.tables["cells"].records, strict=False):
        assert {key: one[key] for key in same} == approx({key: other[key] for key in same})
    assert not list((place / "explain").glob(".ranges*"))


def test_several_processes_find_the_same(
    run: Result, found: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    few(monkeypatch, 2)
    both = ranges(run, alternatives=0, workers=2)
    for one, other in zip(both.tables["cells"].records, found.tables["cells"].records, strict=False):
        assert one["least"] == approx(other["least"]) and one["most_proven"] == approx(other["most_proven"])


def test_the_command_prints_data_and_words(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch, 2)
    runner = CliRunner()
    args = ["explain", "ranges", str(place), "--alternatives", "1", "--workers", "1"]
    done = runner.invoke(main, [*args, "--json"])
    assert done.exit_code == 0, done.output
    data = json.loads(done.stdout)
    assert data["options"] == {"epsilon": 0.01, "confirm": False, "alternatives": 1, "epsilon_of": "planning"}
    assert len(data["cells"]) == 2 and data["cells"][0]["verdict"] == "must" and len(data["alternatives"]) == 1
    assert (place / "explain" / "ranges" / "cells.csv").is_file()
    english, chinese = (runner.invoke(main, [*args, "--lang", lang]).stdout for lang in ("en", "zh"))
    assert "must-fund: every such plan gives more than the rules force" in english
    assert "Alternative 1 gives up" in english and "least" in english
    assert "必保投入" in chinese and "备选方案 1" in chinese and "must" not in chinese
    weaken(monkeypatch, 1e-3)
    failed = runner.invoke(main, ["explain", "ranges", str(place), "--epsilon", "1e-9"])
    assert isinstance(failed.exception, RunError) or failed.exit_code != 0
