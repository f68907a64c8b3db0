"""Members' own plans in their own worlds: the laws of many at once are those of each alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from forms import MODES
from studies import BUDGET, CONTROLS, EFFORT, drawn, run, study
from worlds import tiny

from kctopt.errors import UsageError
from kctopt.scenario.load import load
from kctopt.simulator import simulate
from kctopt.study import optima as module
from kctopt.study import sweep as sweeping
from kctopt.study.held import draws_of, scenario_of
from kctopt.study.optima import gaps, optima
from kctopt.study.plans import unpacked
from kctopt.study.plots import of_sweep
from kctopt.study.plots.worlds import SHARES
from kctopt.study.sweep import Sweep

ROWS = [[0.92, 0.42], [1.0, 0.45], [1.08, 0.5], [1.04, 0.44]]
WORLDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "modes": {"modes": MODES, "cooperation__choice": "mask"},
    "switching": {"stages": "switching"},
}


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """Four worlds with a plan, and one that no scenario can be."""
    return run(tmp_path_factory.mktemp("optima") / "s.duckdb", study(), drawn((BUDGET, EFFORT), [*ROWS, [-1.0, 0.45]]))


def alone(sweep: Sweep, outcome: str) -> np.ndarray:
    """An outcome of each member's plan, one by one, in the world that a file with its draw would be."""
    (name,) = sweep.scenarios
    base, draws, rows = scenario_of(sweep, name), draws_of(sweep), sweep.table("plans")
    found = []
    for draw, content in zip(rows["draw"], rows["content"], strict=True):
        plan, world = unpacked(bytes(content)), load(base, **draws.overlay(int(draw))).scenario
        found.append(getattr(simulate(world, plan.money, choices=plan.choices), outcome))
    return np.array(found)


@pytest.mark.parametrize("kind", [pytest.param(k, marks=[] if k == "plain" else pytest.mark.long) for k in WORLDS])
def test_many_at_once_are_each_alone(kind: str, tmp_path: Path) -> None:
    rows = [[0.92, 0.7], [1.0, 1.2], [1.08, 1.0]]
    asked, draws = study(scenarios=(tiny(**WORLDS[kind]),)), drawn((BUDGET, CONTROLS), rows)
    more: dict[str, Any] = {"fail_fast": False, "executor": None, "name": "local", "workers": 1}
    sweep = sweeping.run(asked, draws, tmp_path / "s.duckdb", gap=2e-2, time_limit=None, **more)
    found = optima(sweep, outcomes=["gap", "dependency"])
    assert found.simulated.all() and set(found.member["status"]) == {"kept"}
    for outcome in ("gap", "dependency"):
        np.testing.assert_allclose(found.values[outcome], alone(sweep, outcome), rtol=1e-9, atol=1e-12)


def test_gaps_are_quantiles_of_the_members_with_a_plan(swept: Sweep) -> None:
    found, own = gaps(swept), alone(swept, "gap")
    years = swept.outcomes["year"].min()
    at = found.last - int(years)
    assert set(found.table["members"]) == {len(ROWS)}
    for n, line in enumerate(line.id for line in optima(swept).scenario.lines):
        expected = np.quantile(own[:, n, at], (0.05, 0.5, 0.95))
        assert found.end.loc[line, ["5%", "50%", "95%"]].tolist() == pytest.approx(expected.tolist())
    said = found.sentences()
    assert said[0].startswith("Each of 4 members") and "1 of 5 members have no plan" in said[1]
    behind = int((found.end["5%"] > 0).sum())
    assert f"{behind} stay behind" in said[2] and said[3].startswith("Least known is the gap of ")
    assert optima(swept).status["reason"][4] == "its member has no plan (invalid)"


def test_the_fan_has_the_table_of_the_gaps(swept: Sweep) -> None:
    told = of_sweep.Told(swept, None, "en")
    figure, end = of_sweep.fans(told, "gap"), gaps(swept).end
    assert figure.caption == "Gap to the rival by line over 4 worlds, each with the plan that is best there"
    rows = {row[0]: row[2:] for row in figure.table.rows if row[1] == str(told.last)}
    labels = {line.id: line.label.en for line in optima(swept).scenario.lines}
    for line, label in labels.items():
        assert rows[label] == pytest.approx(tuple(end.loc[line, list(SHARES)]))


def test_laws_that_give_another_value_say_nothing(swept: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGREE", -1.0)
    with pytest.raises(UsageError, match="by the laws of this kctopt"):
        gaps(swept)


def test_what_cannot_be_told_says_why(swept: Sweep, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no outcome 'gaps'; did you mean 'gap'"):
        optima(swept, outcomes=["gaps"])
    none = run(tmp_path / "none.duckdb", study(), drawn((BUDGET, EFFORT), [[-1.0, 0.45]]))
    with pytest.raises(UsageError, match="none of the 1 members has a plan"):
        gaps(none)
