"""Figures and reports of many worlds: the numbers behind them, what they leave out, and why something is not drawn."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from studies import BUDGET, EFFORT, drawn, run, study
from worlds import tiny

import kctopt
from kctopt.cli import main
from kctopt.errors import UsageError
from kctopt.report.content import Figure, Text
from kctopt.study.discovery import cases_of, prim
from kctopt.study.firm import chapter, study_story
from kctopt.study.plots import boxes, of_sweep, parallel
from kctopt.study.plots.effects import effects, tornado
from kctopt.study.plots.regret import heat, regret_cells
from kctopt.study.plots.worlds import SHARES, Worlds, thinned
from kctopt.study.robustness import regret_matrix
from kctopt.study.sweep import Sweep

ROWS = [[0.9 + 0.01 * n, 0.42 + 0.006 * (7 * n % 20)] for n in range(20)]
FIGURES = ("fan", "gaps", "tornado", "parallel", "money")


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """Twenty worlds with a plan, and one without."""
    place = tmp_path_factory.mktemp("plots") / "try.duckdb"
    return run(place, study(), drawn((BUDGET, EFFORT), [*ROWS, [-1.0, 0.45]]))


def grid() -> Worlds:
    """100 worlds whose outcome is 2 a - b, and a choice that adds 5."""
    a, b = np.meshgrid(np.arange(10.0), np.arange(10.0))
    draws = pd.DataFrame({"b": b.ravel(), "a": a.ravel(), "form": np.where(a.ravel() % 2 > 0, "ces", "nested")})
    values = 2 * draws["a"] - draws["b"] + 5 * (draws["form"] == "ces")
    return Worlds("en", "grid", draws, values, "outcome")


def test_effects_are_means_of_fifths_with_their_sign_and_the_widest_first() -> None:
    worlds = grid()
    found = effects(worlds.draws, worlds.values)
    assert list(found.index) == ["a", "b", "form"] or list(found.index) == ["a", "form", "b"]
    a, b, form = found.loc["a"], found.loc["b"], found.loc["form"]
    assert (a["low"], a["high"], a["low_at"], a["high_at"]) == (-8.0, 8.0, 0.5, 8.5)
    assert (b["low"], b["high"]) == (4.0, -4.0)
    assert (form["low"], form["high"], form["low_at"], form["high_at"]) == (-3.5, 3.5, "nested", "ces")
    spans = (found["high"] - found["low"]).abs()
    assert list(spans) == sorted(spans, reverse=True)
    assert tornado(worlds).table.rows[0][:2] == ("a", -8.0)


def test_an_effect_whose_ends_lie_on_one_side_counts_from_the_mean() -> None:
    x = pd.Series(np.arange(100.0))
    draws = pd.DataFrame({"hump": x, "small": np.tile([0.0, 1.0], 50)})
    found = effects(draws, -((x - 50) ** 2) + draws["small"])
    assert list(found.index) == ["hump", "small"]
    assert found.loc["hump", "low"] < 0 and found.loc["hump", "high"] < 0


def test_fans_are_quantiles_of_the_members_with_a_plan(swept: Sweep) -> None:
    told = of_sweep.Told(swept, None, "en")
    figure = of_sweep.fans(told)
    rows = swept.outcomes
    last = rows[(rows["outcome"] == "security") & (rows["domain"] == "") & (rows["year"] == told.last)]["value"]
    assert len(last) == 20
    shown = next(row for row in figure.table.rows if row[0] == "national security" and row[1] == str(told.last))
    assert shown[2:] == pytest.approx(np.quantile(last, (0.05, 0.25, 0.5, 0.75, 0.95)))
    assert "20 worlds" in figure.caption
    assert of_sweep.fans(told, "kct", "ai").chart.to_dict()["description"].startswith(told.title)
    with pytest.raises(UsageError, match="none of this sweep"):
        of_sweep.fans(told, "score_B", "nowhere")


def test_bands_are_quantiles_of_the_money_of_a_domain(swept: Sweep) -> None:
    told = of_sweep.Told(swept, None, "zh")
    rows = of_sweep.bands(told).table.rows
    domain, plan = told.domains[0], told.plans[0]
    own = swept.allocation[(swept.allocation["domain"] == domain) & (swept.allocation["plan"] == plan)]
    expected = np.quantile(own.groupby("draw")["amount"].sum(), (0.05, 0.25, 0.5, 0.75, 0.95))
    first = next(row for row in rows if row[0] == told.name("domain", domain))
    assert first[2:] == pytest.approx(10 * expected)  # 100 million CNY
    with pytest.raises(UsageError, match="did you mean 'domain'"):
        of_sweep.bands(told, "domains")


def test_regret_is_ordered_grouped_and_names_broken_rules() -> None:
    values = pd.DataFrame(
        {"wide": [9.0, 0.0, 5.0, 5.0], "steady": [6.0, 4.0, 5.0, 4.0], "broken": [9.0, 4.0, 5.0, np.nan]}
    )
    matrix = regret_matrix(values, best=[9.0, 4.0, 5.0, 5.0])
    cells = regret_cells(matrix, most=2)
    assert list(dict.fromkeys(cells["plan"])) == ["steady", "wide", "broken"]
    assert cells.set_index(["plan", "place"])["regret"].to_dict() == {
        ("steady", 0): 1.0, ("steady", 1): 3.0, ("wide", 0): 0.0, ("wide", 1): 4.0, ("broken", 0): 0.0,
        ("broken", 1): 0.0,
    }  # fmt: skip
    assert cells[cells["broken"]]["plan"].tolist() == ["broken"]
    figure = heat(matrix, "study", "points", "en")
    assert figure.table.rows[0] == ("wide", 1.0, 4.0, 0.0)
    assert figure.chart.to_dict()["description"].startswith("study")


def test_boxes_are_drawn_where_they_are() -> None:
    random = np.random.default_rng(1)
    draws = pd.DataFrame(random.random((600, 3)), columns=["idle", "a", "b"])
    values = pd.Series(np.where((draws["a"] > 0.7) & (draws["b"] < 0.4), 0.0, 1.0) + 0.01 * draws["idle"])
    worlds = Worlds("en", "made", draws, values, "outcome")
    cases = cases_of(values, below=0.5)
    found = prim(draws, cases, resamples=0)
    assert boxes.axes_of(found, worlds) == ("a", "b")  # 30 % of a is left, and 40 % of b
    spec = boxes.scatter(found, cases, worlds, "outcome is below 0.5").chart.to_dict()
    edge = (
        spec["layer"][1]["data"]["values"][0] if "data" in spec["layer"][1] else spec["layer"][2]["data"]["values"][0]
    )
    limits = found.boxes[0].limits
    assert (edge["left"], edge["top"]) == (limits["a"].low, limits["b"].high)
    assert edge["right"] > draws["a"].max()
    with pytest.raises(UsageError, match="there is no box to draw"):
        boxes.axes_of(prim(draws, cases_of(values, below=-1.0), resamples=0), worlds)


def test_a_hundred_thousand_worlds_make_a_small_chart() -> None:
    random = np.random.default_rng(2)
    draws = pd.DataFrame(random.random((100_000, 4)), columns=list("abcd"))
    values = draws["a"] - draws["b"]
    values.iloc[::100] = np.nan
    worlds = Worlds("zh", "大", draws, values, "结果")
    figure = parallel.parallel(worlds)
    text = json.dumps(figure.chart.to_dict(), ensure_ascii=False)
    assert len(text) < 300_000
    assert "100,000 种情形中的 240 种" in figure.caption
    lines = {line["value"] for line in figure.chart.to_dict()["layer"][0]["data"]["values"]}
    assert {float(values.min()), float(values.max())} <= lines
    assert thinned(range(10), 3) == [0, 4, 9]


@pytest.mark.touches("altair", "vl-convert-python")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_figure_of_a_sweep_is_drawn(swept: Sweep, lang: str) -> None:
    for name in FIGURES:
        shown = getattr(swept.plot, name)(lang=lang)._repr_mimebundle_()["image/svg+xml"]
        assert bool(re.search("[\u4e00-\u9fff]", shown)) == (lang == "zh"), name
    assert "figures: fan, gaps, tornado" in repr(swept.plot)
    assert "no plan" in str(swept.plot.parallel().to_dict())


def test_what_cannot_be_drawn_says_why(tmp_path: Path) -> None:
    one = run(tmp_path / "one.duckdb", study(), drawn((BUDGET, EFFORT), [[1.0, 0.45]]))
    assert one.plot.fan().to_dict()["description"]
    with pytest.raises(UsageError, match="1 of 1 draws have a value; 10 are needed"):
        one.plot.tornado()
    told = study_story(one, "zh")
    reasons = [block.text for part in told.sections for block in part.blocks if isinstance(block, Text)]
    assert any("须有 10 次" in text for text in reasons)
    none = run(tmp_path / "none.duckdb", study(), drawn((BUDGET, EFFORT), [[-1.0, 0.45], [-2.0, 0.45]]))
    with pytest.raises(UsageError, match="none of the 2 members has a plan"):
        none.plot.money()
    assert "none of the 2 members has a plan" in "\n".join(study_story(none).texts())
    same = Worlds("en", "same", pd.DataFrame({"a": np.arange(12.0)}), pd.Series(np.full(12, 7.0)), "outcome")
    with pytest.raises(UsageError, match="the outcome is 7 in all 12 draws: no input moves it"):
        tornado(same)


def test_a_study_is_told_with_its_failures_and_its_quantiles(swept: Sweep) -> None:
    told = study_story(swept)
    text = "\n".join(told.texts())
    assert "21 worlds, drawn over 2 uncertain inputs" in text and "20  optimal" not in text
    assert "20 of 21 members that have a plan" in text
    assert "Planning is worth" in text
    assert "points that were chosen" in text  # the sample is a list
    figures = [block.name for part in told.sections for block in part.blocks if isinstance(block, Figure)]
    assert figures[:5] == ["fan", "gaps_own", "money", "money", "regret"] and "tornado" in figures
    security = swept.outcomes.query("outcome == 'security' and domain == ''")
    last = security[security["year"] == of_sweep.Told(swept, None, "en").last]["value"]
    assert f"{np.quantile(last, 0.5):.1f} points in the middle world" in text


@pytest.mark.long
def test_a_run_is_told_over_the_worlds_of_its_scenario(swept: Sweep, tmp_path: Path) -> None:
    result = kctopt.solve(tiny(), gap=1e-3)
    first, *more = chapter(swept, [result], "en")
    assert (first.id, first.level, {part.level for part in more}) == ("worlds", 2, {3})
    held = next(part for part in more if part.id == "worlds-held")
    assert "It keeps every rule in" in "\n".join(str(block) for block in held.blocks)
    assert [block.name for block in held.blocks if isinstance(block, Figure)] == ["gaps", "regret"]
    assert not [block for block in first.blocks if isinstance(block, Text) and block.tone == "warning"]
    page = result.report(tmp_path / "plan.html", study=swept).read_text(encoding="utf-8")
    assert page.index('id="firm"') < page.index('id="worlds"') < page.index('id="binding"')
    other = kctopt.solve(tiny().model_copy(update={"name": "elsewhere"}), gap=1e-2)
    with pytest.raises(UsageError, match="and no run is: give a run of the same scenario"):
        other.report(tmp_path / "other.html", study=swept)


def test_the_command_reports_a_study(swept: Sweep, tmp_path: Path) -> None:
    def call(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["report", *words])
        return done.exit_code, done.output

    code, said = call(str(swept.path), "-o", str(tmp_path / "worlds.docx"), "--lang", "zh", "--json")
    assert code == 0, said
    assert json.loads(said)["files"] == [str(tmp_path / "worlds.docx")]
    assert call(str(swept.path), "--format", "xlsx")[0] == 2
    code, said = call(str(swept.path), str(swept.path))
    assert code == 2 and "report it alone" in said
    slides = swept.report(tmp_path / "worlds.pptx")
    assert slides.stat().st_size > 10_000
    assert len(SHARES) == 5
