"""A line's stage is one thing: the one in force, set by reviews, with the same years wherever kctopt speaks of it.

The gap band is another: where the gap lies at the end of a year. Without switching there is no stage.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from decided import decided, decided_result
from fakes import fake_outcome
from older_runs import band_was_called_stage
from python_calamine import CalamineWorkbook
from worlds import tiny

import kctopt
from kctopt import Result
from kctopt.analysis.traits import Trait, traits
from kctopt.cache import SEAL
from kctopt.comparison.sections import sections
from kctopt.report.plan import closing
from kctopt.report.view import View
from kctopt.result import folder
from kctopt.result.schemas import scenario_hash
from kctopt.result.verify import verify

LINE, LABEL = "ai-M", "ai M"


@pytest.fixture(scope="module")
def result() -> Result:
    """ai-M is near from 2029 on; by its gap alone it would be near from the end of 2028 on."""
    return decided_result()


@pytest.fixture(scope="module")
def other() -> Result:
    """The same, but ai-M stays within reach."""
    scenario, money, choices = decided(diffusion__near=0.2)
    stage = choices.stage.copy()
    stage[3] = 1
    name = scenario.model_copy(update={"name": "other"})
    return Result.of(name, fake_outcome(name, money=money, choices=replace(choices, stage=stage, restraint=None)))


def entries(names: list[str], first: int) -> dict[str, int]:
    """Year in which each stage is entered, the one of the start left out."""
    return {now: first + n for n, (before, now) in enumerate(pairwise(names), 1) if now != before}


def test_every_place_names_the_same_years_for_a_stage(result: Result, other: Result, tmp_path: Path) -> None:
    table = result.stages[(result.stages["line"] == LINE) & (result.stages["year"] <= 2029)]
    years = entries(table["stage"].tolist(), 2025)
    assert years == {"near": 2029}
    assert entries(table["gap_band"].tolist(), 2025) != years, "the two are apart in this plan"
    reviews = result.regimes[(result.regimes["line"] == LINE) & result.regimes["switched"]]
    assert dict(zip(reviews["stage"], reviews["review"], strict=True)) == years
    assert f"{LABEL} enters the near stage in 2029." in result.summary()
    assert traits(result)[Trait("path", LINE)] == "2025 reach, 2029 near"
    assert Trait("gap_band", LINE, "2028-29") not in traits(result)
    told = closing(View(result)).blocks[0]
    assert any(f"{LABEL} (near, 2029)" in line for line in told.items)
    compared = kctopt.compare(other, result).pairs[0].changes
    change = next(change for change in compared if change.subject == LINE and change.kind != "held")
    assert (change.kind, change.other[-1]) == ("stage", ("2029", "near"))
    sentences = [line for part in sections(kctopt.compare(other, result), "en") for line in part.lines]
    assert f"{LABEL} enters the near stage in 2029; in other it does not." in sentences
    assert f"{LABEL}：2029 年进入近距阶段。" in result.summary("zh")
    sheet = CalamineWorkbook.from_path(result.to_excel(tmp_path / "run.xlsx")).get_sheet_by_name("Stages").to_python()
    row = next(row for row in sheet if row[0] == LINE)
    assert entries([cell for cell in row[2:] if cell], 2025) == {"near": 2029}
    back = kctopt.open(result.save(tmp_path / "run"))
    assert back.stages.equals(result.stages)


def test_the_summary_counts_stages_in_force_where_they_switch(result: Result) -> None:
    counts = re.search(r"lines by stage +2025 .*\n +far +(.*)\n.*\n +near +(.*)\n", result.summary())
    assert counts
    table = result.stages
    for name, line in (("far", counts[1]), ("near", counts[2])):
        years = [int(np.sum((table["stage"] == name) & (table["year"] == year))) for year in (2025, 2027, 2029)]
        assert [int(cell) for cell in line.split()] == years


def test_without_switching_there_is_no_stage_and_gap_bands_are_told() -> None:
    result = Result.of(tiny(), fake_outcome(tiny()))
    assert set(result.stages["stage"]) == {""} and set(result.stages["gap_band"]) == {"far", "reach", "near"}
    assert "lines by gap band" in result.summary() and "各差距区间技术线数" in result.summary("zh")
    assert {trait.kind for trait in traits(result)} & {"stage", "path"} == set()
    assert Trait("gap_band", "chips-S", "2028-29") in traits(result)
    assert any("gap band" in line for line in closing(View(result)).blocks[0].items)


def older(run: Path) -> None:
    """Turn a run into one of schema 3, without hashes of itself."""
    record = folder.read_json(run / "run.json")
    band_was_called_stage(run, record)
    del record[SEAL]
    record["versions"]["code"] = "of then"
    record |= {"schema_version": 3, "scenario_sha256": scenario_hash(kctopt.open(run).scenario, 3)}
    folder.write_json(run / "run.json", record)


@pytest.mark.parametrize("kind", ["switching", "envelope"])
def test_a_run_that_called_the_band_a_stage_still_opens_and_verifies(kind: str, result: Result, tmp_path: Path) -> None:
    saved = result if kind == "switching" else Result.of(tiny(), fake_outcome(tiny()), options={"gap": 1e-4})
    run = saved.save(tmp_path / "old")
    older(run)
    assert verify(run) == []
    assert kctopt.open(run).stages.equals(saved.stages)
