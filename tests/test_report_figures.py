"""Figures: what they are made of adds up, they are drawn in both languages, and letters no font has are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from fakes import fake_outcome
from fontTools.ttLib import TTFont
from model_files import write_model, write_scenario

import kctopt
from kctopt import Result
from kctopt.cli import main
from kctopt.comparison.words import WORDS as OF_COMPARISON
from kctopt.errors import UsageError
from kctopt.language import translate
from kctopt.report import fonts
from kctopt.report.catalogue import FIGURES, chart, title_of, titled
from kctopt.report.content import Figure
from kctopt.report.draw import drawn
from kctopt.report.ribbons import boxes, ribbons
from kctopt.report.story import story
from kctopt.report.view import View, budget, labels, spend, totals
from kctopt.report.words import WORDS
from kctopt.result.named import RULES
from kctopt.result.sentences import TEXT as OF_DECISIONS


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder = tmp_path_factory.mktemp("study")
    write_model(folder / "model")
    path = write_scenario(folder, "model: ./model\nlabel: {en: Small, zh: 小例}\nintent: Where should it go?\n")
    scenario = kctopt.load(path)
    return Result.of(scenario, fake_outcome(scenario))


def test_money_in_figures_is_all_money_of_the_plan(result: Result) -> None:
    rows = spend(result, "en")
    whole = float(result.columns("allocation")["amount"].sum())
    assert sum(row.amount for row in rows) == pytest.approx(whole)
    assert sum(totals(rows, "domain", "type").values()) == pytest.approx(whole)
    heights = {box["name"]: box["high"] - box["low"] for box in boxes(View(result))}
    assert sum(heights.values()) == pytest.approx(3 * max(heights.values()) - unspent(result, heights), abs=1e-6)


def unspent(result: Result, heights: dict[str, float]) -> float:
    """Height of what is in the budget and in no type."""
    whole = budget(result, "en")
    return max(heights.values()) * (whole - sum(row.amount for row in spend(result, "en"))) / whole


def test_bands_keep_their_height_and_end_in_their_boxes(result: Result) -> None:
    links: dict[str, list[float]] = {}
    for point in ribbons(View(result)):
        links.setdefault(point["link"], []).append(point["high"] - point["low"])
        assert -1e-9 <= point["low"] <= point["high"] <= 1 + 1e-5
    assert len(links) > 4
    for heights in links.values():
        assert max(heights) - min(heights) < 2e-5


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.touches("altair", "vl-convert-python")
def test_a_figure_is_drawn_in_chinese_with_our_font(result: Result, name: str) -> None:
    view = View(result, "zh")
    text = drawn(titled(view, name), "svg").decode()
    assert text.startswith("<svg")
    assert WORDS[f"{name}_title"][1] in text
    assert f'font-family="{fonts.FAMILY}' in text.replace("&quot;", "")
    assert chart(view, name).to_dict()["description"].startswith("小例")


def test_plans_of_other_years_are_not_drawn_side_by_side(result: Result) -> None:
    horizon = result.scenario.horizon.model_copy(update={"last_year": 2028})
    other = result.scenario.model_copy(update={"horizon": horizon})
    shorter = Result.of(other, fake_outcome(other))
    with pytest.raises(UsageError, match="plan other years"):
        result.plot.dumbbell(shorter)
    assert "dumbbell" not in [
        block.name
        for section in story([result, shorter]).sections
        for block in section.blocks
        if isinstance(block, Figure)
    ]


def test_long_horizons_do_not_crowd_the_axis(result: Result) -> None:
    horizon = result.scenario.horizon.model_copy(update={"last_year": 2055})
    long = result.scenario.model_copy(update={"horizon": horizon})
    found = chart(View(Result.of(long, fake_outcome(long))), "security").to_dict()
    named = found["encoding"]["x"]["axis"]["values"]
    assert len(named) <= 14
    assert 2055 in named


def test_bands_of_another_form_of_stages_are_named(result: Result) -> None:
    assert title_of(View(result), "gaps") == "Gap to the rival by line"
    switching = result.scenario.model_copy(update={"stages": "switching"})
    assert "thresholds without controls" in title_of(
        View(Result.of(switching, fake_outcome(switching, "no_plan"))), "gaps"
    )


def test_a_figure_is_a_picture(result: Result) -> None:
    whole = titled(View(result), "security")
    assert drawn(whole, "png").startswith(b"\x89PNG")
    assert drawn(whole, "pdf").startswith(b"%PDF")


@pytest.mark.touches("fonttools")
def test_the_font_holds_what_it_is_said_to_hold() -> None:
    inside = {chr(code) for code in TTFont(fonts.FILE).getBestCmap()}
    assert inside == fonts.shipped()


def test_the_font_holds_all_words_and_all_labels_of_bundled_models() -> None:
    texts = [text for words in (WORDS, OF_COMPARISON, OF_DECISIONS) for pair in words.values() for text in pair]
    texts += [translate(text, lang) for text in RULES.values() for lang in ("en", "zh")]
    for name in ("baseline", "lines-baseline"):
        scenario = kctopt.load(name)
        made = Result.of(scenario, fake_outcome(scenario, "no_plan"))
        texts += [label for lang in ("en", "zh") for label in labels(View(made, lang))]
    assert fonts.missing(texts) == ""


def test_letters_the_font_lacks_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fonts.warning([("label", "人工智能 AI")]) == ""
    monkeypatch.setattr(fonts, "installed", lambda letters: [])
    told = fonts.warning([("label", "AI"), ("label", "龘龘"), ("The plan", "a long text with 㐀 in the middle of it")])
    assert "2 letters are not in the font that kctopt brings: 龘 in '龘龘' (label), 㐀 in '…g text with 㐀 in" in told
    assert "(The plan); no installed font has them all" in told
    assert "as its code, [U+9F98], in PDF" in told
    monkeypatch.setattr(fonts, "installed", lambda letters: None)
    assert "look at the result" in fonts.warning([("label", "龘")])


def test_export_draws_into_a_new_folder(result: Result, tmp_path: Path) -> None:
    run = result.save(tmp_path / "run")
    for expected in ("drawn", "drawn-2"):
        done = CliRunner().invoke(main, ["export", str(run), "--figures", "svg", "-o", str(tmp_path / "drawn")])
        assert done.exit_code == 0, done.output
        assert {path.name for path in (tmp_path / expected).iterdir()} == {f"{name}.svg" for name in FIGURES}


def test_faults_of_export_name_the_remedy(result: Result, tmp_path: Path) -> None:
    run = str(result.save(tmp_path / "run"))
    done = CliRunner().invoke(main, ["export", run, "--figures", "pgn"])
    assert done.exit_code == 2
    assert "did you mean 'png'?" in done.output
    with pytest.raises(UsageError, match="did you mean 'heat'"):
        chart(View(result), "haet")
    empty = Result.of(result.scenario, fake_outcome(result.scenario, "infeasible"))
    with pytest.raises(UsageError, match="no plan to draw"):
        chart(View(empty), "heat")
