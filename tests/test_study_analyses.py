"""Analyses of a sweep are those of its tables, with its gaps and statuses."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from studies import BUDGET, EFFORT, drawn, few, study
from test_study_executors import run

from kctopt.errors import UsageError
from kctopt.study.analyses import discover, sensitivity, stability
from kctopt.study.records import Sample
from kctopt.study.sample import draw
from kctopt.study.sweep import Sweep


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """Fifty draws of the tiny world by a Latin hypercube."""
    asked = replace(study(), sample=Sample("lhs", 50, seed=3))
    return run(tmp_path_factory.mktemp("analyses") / "try.duckdb", asked, draw(asked))


def test_gaps_of_the_members_refuse_indices_and_the_gap_named_would_do(swept: Sweep) -> None:
    with pytest.raises(UsageError, match=r"the members' mean gap, .* is above 1 %") as refused:
        sensitivity(swept, resamples=10)
    named = re.search(r"kctopt sweep STUDY --gap (\S+) -o (\S+)`", str(refused.value))
    assert named
    assert named[2] == str(swept.path)
    values = swept.members["objective"]
    most = float(named[1]) * values.abs().mean()  # of the mean gap, whatever the solver leaves
    assert 0.4 < most / (0.01 * values.std(ddof=0)) <= 1


def test_another_outcome_says_that_no_bound_holds_it(swept: Sweep) -> None:
    name = str(swept.outcomes.loc[swept.outcomes["domain"].isin(["", None]), "outcome"].iloc[0])
    found = sensitivity(swept, name, resamples=10)
    assert found.used == 50
    assert "gaps" in found.sentences()[-1]
    assert "目标" in found.sentences("zh")[-1]
    with pytest.raises(UsageError, match="year 1900 is not in this sweep"):
        sensitivity(swept, name, 1900)


def test_worlds_of_low_worth(swept: Sweep) -> None:
    found = discover(swept, below=float(swept.members["objective"].quantile(0.3)))
    assert found.boxes
    assert found.boxes[0].density > 0.3


def test_ranks_leave_out_members_without_a_plan_and_say_so(tmp_path: Path) -> None:
    rows = [[1.0, 0.45], [1.05, 0.5], [-1.0, 0.45]]
    sweep = run(tmp_path / "s.duckdb", study(), drawn((BUDGET, EFFORT), rows))
    found = stability(sweep, by="track", top=1)
    assert found.members == 2
    assert "1 of 3 members have no plan" in found.sentences()[-1]


def test_what_cannot_be_asked(swept: Sweep, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not in this sweep"):
        sensitivity(swept, "objectve")
    with pytest.raises(UsageError, match="is not in this sweep"):
        stability(swept, scenario="other")
    with pytest.raises(UsageError, match="draw the study with `method: saltelli`"):
        sensitivity(run(tmp_path / "list.duckdb", study(), few()))
