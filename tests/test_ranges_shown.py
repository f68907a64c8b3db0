"""Ranges saved with a run: held against another plan's money in comparisons, told and drawn in reports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import fake_outcome
from worlds import tiny

import kctopt
from kctopt import Result
from kctopt.analysis.alternatives import ALTERNATIVE, DIFFERENCES
from kctopt.analysis.near_programmes import PROGRAMMES
from kctopt.analysis.ranges import CELLS
from kctopt.analysis.saved import Analysis, save
from kctopt.analysis.traits import cells
from kctopt.errors import UsageError
from kctopt.report import catalogue
from kctopt.report.content import Figure, Story
from kctopt.report.draw import drawn
from kctopt.report.firmness import firmness
from kctopt.report.view import View
from kctopt.scenario.records import TYPES
from kctopt.table import Table


def saved(folder: Path, name: str, **changes: Any) -> Result:
    scenario = tiny(name=name, label={"en": name, "zh": name}, **changes)
    return kctopt.open(Result.of(scenario, fake_outcome(scenario)).save(folder / name))


def ranges_of(result: Result, epsilon: float = 0.01) -> Analysis:
    """Ranges around the run's own plan: the first cell from nothing, the second up to its spend alone, others wide."""
    scenario, money = result.scenario, cells(result)
    rows = []
    for d, domain in enumerate(scenario.domains):
        for k, kind in enumerate(TYPES):
            for p, plan in enumerate(scenario.horizon.plans):
                spend = float(money[d, k, p])
                if spend <= 0:
                    continue
                low, high = (0.9 * spend, spend) if len(rows) == 1 else (0.0, 3 * spend)
                ends = {"least": low, "least_proven": 0.9 * low, "most": high, "most_proven": 1.05 * high}
                head = {"domain": domain.id, "type": kind, "plan": plan.id, "base": spend, "spend": spend}
                limits = {"rules_least": 0.0, "rules_most": 9 * spend, "firm": 0.9 * low}
                rows.append(head | ends | limits | {"verdict": "must" if low else "may"})
    none = {f"{end}_{side}": None for end in ("least", "most") for side in ("inside", "outside")}
    about = {"objective": 10.5, "bound": 10.6, "epsilon": epsilon, "conditional": False, "unit": "NS points"}
    tables = {
        "cells": Table.of("cells", CELLS, [row | none for row in rows]),
        "alternatives": Table.of("alternatives", ALTERNATIVE, []),
        "differences": Table.of("differences", DIFFERENCES, []),
        "programmes": Table.of("programmes", PROGRAMMES, []),
    }
    options = {"epsilon": epsilon, "confirm": False, "alternatives": 0}
    return Analysis("ranges", options, tables, about)


@pytest.fixture
def base(tmp_path: Path) -> Result:
    result = saved(tmp_path, "base")
    assert result.run_dir is not None
    save(result.run_dir, ranges_of(result))
    return result


def test_every_amount_of_the_other_plan_is_held_against_its_range(base: Result, tmp_path: Path) -> None:
    line = base.scenario.lines[0]
    other = saved(tmp_path, "other", lines__0__spend=1.2 * line.spend)
    pair = kctopt.compare(base, other).pair("other")
    assert pair.ranges is not None
    answers = {(one.domain, one.type, one.plan): one.answer for one in pair.range_cells}
    assert [key for key, answer in answers.items() if answer == "outside"] == [("chips", "B", "2028-29")]
    farthest = pair.range_cells[0]
    assert farthest.answer == "outside" and farthest.epsilon == 0.01
    assert farthest.beyond == pytest.approx(farthest.other - farthest.most_proven) and farthest.beyond > 0
    near = saved(tmp_path, "near", lines__0__spend=1.02 * line.spend)
    [near_cell] = [
        one for one in kctopt.compare(base, near).pair("near").range_cells if (one.type, one.plan) == ("B", "2028-29")
    ]
    assert near_cell.answer == "undecided" and near_cell.beyond == 0
    text = kctopt.compare(base, other).summary()
    assert "by the ranges saved with base (plans that lose up to 1 % of the best)" in text and "above" in text
    assert "项已证在范围之外" in "".join(kctopt.compare(base, other).summary("zh").split())
    assert {row["answer"] for row in kctopt.compare(base, other).rows("range_cells")} >= {"inside", "outside"}


def test_a_plan_lies_in_its_own_ranges_and_the_strictest_ranges_count(base: Result, tmp_path: Path) -> None:
    assert base.run_dir is not None
    save(base.run_dir, ranges_of(base, epsilon=0.005))
    same = saved(tmp_path, "same")
    found = kctopt.compare(base, same).pair("same").range_cells
    assert {one.answer for one in found} == {"inside"} and {one.epsilon for one in found} == {0.005}
    assert kctopt.compare(same, base).pair("base").range_cells == ()  # nothing is saved with that one


def test_ranges_of_before_and_of_planning_are_told_apart(base: Result, tmp_path: Path) -> None:
    """Without `room` they are shares of the objective: 1 % of 10.5 is more than 2 % of a value of planning of 2."""
    assert base.run_dir is not None
    found = ranges_of(base, epsilon=0.02)
    planning = {"epsilon_of": "planning", "room": 0.04, "yardstick": 2.0, "reference": 8.5, "instead": ""}
    save(base.run_dir, replace(found, about={**found.about, **planning}, options={**found.options, **planning}))
    compared = kctopt.compare(base, saved(tmp_path, "same"))
    cell = compared.pair("same").range_cells[0]
    assert (cell.epsilon, cell.epsilon_of) == (0.02, "planning")
    assert "plans that lose up to 2 % of the value of planning" in compared.summary()
    assert "损失不超过规划价值的 2%" in compared.summary("zh")
    text = "\n".join(Story("en", "", "", [firmness(View(base))]).texts())
    assert "plans within 1 % of the optimum" in text and "plans within 2 % of the value of planning" in text


def test_ranges_that_were_changed_are_left_out_and_that_is_said(base: Result, tmp_path: Path) -> None:
    assert base.run_dir is not None
    file = base.run_dir / "explain" / "ranges" / "cells.csv"
    file.write_text(file.read_text(encoding="utf-8-sig") + " ", encoding="utf-8")
    found = kctopt.compare(base, saved(tmp_path, "other"))
    assert found.pair("other").range_cells == () and found.comparable
    assert found.rows("cautions")[0]["reason"] == "analysis"
    assert "explain/ranges, saved with base, was changed since it was written and is left out" in found.summary()
    assert "随 base 保存的 explain/ranges 在写入后被改动" in found.summary("zh")


def test_reports_tell_and_draw_saved_ranges(base: Result) -> None:
    for lang, word in (("en", "must-fund"), ("zh", "必保投入")):
        section = firmness(View(base, lang))
        assert word in "\n".join(Story(lang, "", "", [section]).texts())
        [figure] = [block for block in section.blocks if isinstance(block, Figure)]
        assert figure.name == "ranges" and len(list(figure.table.shown())) == len(cells_of(base))
        assert drawn(figure.chart, "svg").decode().count("<path") > len(cells_of(base))


def cells_of(result: Result) -> list[object]:
    return [amount for amount in cells(result).ravel() if amount > 0]


def test_the_figure_is_exported_where_ranges_are_saved_and_names_the_command_where_not(
    base: Result, tmp_path: Path
) -> None:
    assert catalogue.of(View(base))[-1] == "ranges"
    assert "kctopt explain ranges" not in str(base.plot.ranges("zh").to_dict())
    bare = saved(tmp_path, "bare")
    assert catalogue.of(View(bare)) == catalogue.FIGURES
    with pytest.raises(UsageError, match="kctopt explain ranges"):
        bare.plot.ranges()
