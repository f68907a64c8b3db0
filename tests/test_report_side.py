"""Reports of several runs: page one, everything side by side, why the money, no keys, one numbering."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner
from fakes import fake_outcome
from model_files import write_model, write_scenario
from python_calamine import CalamineWorkbook

import kctopt
from kctopt import Result
from kctopt.api import read
from kctopt.cli import main
from kctopt.comparison.regret import regret
from kctopt.errors import UsageError
from kctopt.report import docx as word_file
from kctopt.report import html, pdf, xlsx
from kctopt.report import pptx as slides
from kctopt.report.board import board
from kctopt.report.content import Figure, Points, Story
from kctopt.report.explained import Explainer, LeftOut
from kctopt.report.hinges import PART, hinges
from kctopt.report.inputs import group_name, input_name, inside
from kctopt.report.layout import widths
from kctopt.report.reasons import reasons
from kctopt.report.side import bars_of, changes_of
from kctopt.report.story import story
from kctopt.report.style import domain_colours
from kctopt.report.view import View
from kctopt.simulator import simulate
from kctopt.table import Table

BASE = """\
model: ./model
label: {en: Small case, zh: 小例}
intent: {en: Where should it go?, zh: 投向何处？}
policies:
  - {id: ai-floor, kind: floor, domain: ai, amount: 5, years: 2026-2028}
provenance:
  - {path: controls.intensity, unit: share, source: a guess, year: "2026", grade: assumption, note: tightens}
"""
TIGHT = (
    BASE.replace("Small case, zh: 小例", "Tight case, zh: 收紧") + "set:\n  controls.intensity: {2026: .3, 2030: .9}\n"
)
LEAN = BASE.replace("Small case, zh: 小例", "Lean case, zh: 紧缩") + "scale: {budget: .9}\n"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    folder = tmp_path_factory.mktemp("study")
    write_model(folder / "model")
    solved = []
    for number, text in enumerate((BASE, TIGHT, LEAN)):
        place = write_scenario(folder, text, f"case{number}.yaml")
        asked = read(place)
        plan = kctopt.solve(asked.scenario, gap=1e-4)
        made = Result(**{name: getattr(plan, name) for name in plan.__dataclass_fields__} | {"origin": asked.origin})
        solved.append(Result(**{n: getattr(made, n) for n in made.__dataclass_fields__} | {"inputs": asked.inputs}))
    return solved


@pytest.fixture(scope="module", params=["en", "zh"])
def told(request: pytest.FixtureRequest, runs: list[Result]) -> Story:
    return story(runs, request.param)


def texts_of(told: Story) -> list[str]:
    """Every text before the appendices."""
    sections = [s for s in told.sections if not s.id.startswith(("changed", "record", "appendix", "numbers"))]
    return list(Story(told.lang, "", "", sections).texts())


def test_every_chapter_stands_once_and_never_a_pair(told: Story) -> None:
    assert [section.id for section in told.sections] == [
        "summary", "plan", "reasons", "gaps", "worth", "firm", "binding", "differences", "question", "changed-1",
        "changed-2", "changed-3", "record",
    ]  # fmt: skip
    figures = [block.name for section in told.sections for block in section.blocks if isinstance(block, Figure)]
    assert figures == ["overview", "changes", "standing", "paths"]


def test_page_one_has_three_sentences_one_table_and_one_figure(told: Story, runs: list[Result]) -> None:
    blocks = told.sections[0].blocks
    answer = next(block for block in blocks if isinstance(block, Points))
    assert len(answer.items) == 3
    (table,) = [block for block in blocks if isinstance(block, Table)]
    assert len([block for block in blocks if isinstance(block, Figure)]) == 1
    names = {"en": ["Small case", "Tight case", "Lean case"], "zh": ["小例", "收紧", "紧缩"]}[told.lang]
    assert table.heads[1:] == names
    last = [result.index("security", 2030) for result in runs]
    assert list(table.rows[0][1:]) == pytest.approx(last)
    whole = float(sum(runs[0].scenario.budget.at(years(runs))))
    unit, digits = {"en": (1, 1), "zh": (10, 0)}[told.lang]  # billion CNY, and 100 million
    shown = [f"{unit * part * whole:,.{digits}f}" for part in (1, 0.9)]
    assert any([row[1], row[3]] == shown for row in table.rows)


def years(runs: list[Result]) -> object:
    import numpy as np

    return np.array(runs[0].scenario.horizon.years)


def test_shares_and_names_stand_without_a_space_in_chinese(runs: list[Result]) -> None:
    told = story(runs, "zh")
    tables = [block for section in told.sections for block in section.blocks if isinstance(block, Table)]
    cells = [cell for table in tables for row in table.shown() for cell in row]
    assert any(cell.endswith("%") for cell in cells)
    for text in [*texts_of(told), *cells]:
        assert not re.search(r"\d[ \u00a0]%", text), text
        assert not re.search("[\u4e00-\u9fff] [\u4e00-\u9fff]", text), text


def test_widths_leave_every_word_whole_on_a_page() -> None:
    from kctopt.table import column

    wide = ["largest share of a line's spend on exchange", "assumption", "billion CNY/year", "2026: 462.1 … 2035: 803"]
    table = Table("inputs", [column(name) for name in "abcdefg"], [[*wide, *wide[1:]]])
    sizes = widths(table)
    assert sum(sizes) <= 100
    assert all(size >= len("assumption") + 2 for size, cell in zip(sizes, table.rows[0], strict=True) if "as" in cell)


def test_texts_hold_neither_keys_nor_commands(told: Story) -> None:
    for text in texts_of(told):
        assert "kctopt " not in text or re.fullmatch(r".*kctopt \d.*", text), text
        assert not re.search(r"\b(quadrants|money|lines|controls|policies)[.\[]", text), text
        assert not re.search(r"kind floor|amount 5", text), text


def test_what_each_changed_input_explains_is_told_without_being_asked(told: Story) -> None:
    section = next(section for section in told.sections if section.id == "differences")
    tables = [block for block in section.blocks if isinstance(block, Table)]
    explained = tables[-1]
    names = {"en": ["Tight case", "Lean case"], "zh": ["收紧", "紧缩"]}[told.lang]
    assert [row[0] for row in explained.rows] == names
    assert [row[3] for row in explained.rows] == pytest.approx([1.0, 1.0])
    settings = {"en": ["control intensity", "money available"], "zh": ["管制强度", "可用经费"]}[told.lang]
    assert [row[1] for row in explained.rows] == settings


def test_without_attribution_the_report_says_so(runs: list[Result]) -> None:
    text = "\n".join(story(runs[:2], "en", attribution=False).texts())
    assert "What each changed input explains has not been worked out for Tight case." in text


@pytest.mark.parametrize("appendix", ["none", "changed", "all"])
def test_appendices_are_those_asked_for(runs: list[Result], appendix: str) -> None:
    made = story(runs[:2], "en", appendix, attribution=False)  # type: ignore[arg-type]
    ids = [section.id for section in made.sections][8:]
    wanted = {
        "none": ["question"], "changed": ["question", "changed-1", "changed-2", "record"],
        "all": ["question", "appendix", "appendix-2", "numbers", "record"],
    }[appendix]  # fmt: skip
    assert ids[-len(wanted) :] == wanted


def test_an_appendix_of_another_name_is_refused(runs: list[Result], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'none'"):
        runs[0].report(tmp_path / "a.html", appendix="nome")


def test_figures_and_tables_have_the_same_numbers_in_every_format(told: Story) -> None:
    page = html.page(told)
    of_page = re.findall(r"<caption[^>]*>((?:Table|表) \d+)", page) + re.findall(
        r"<figcaption>((?:Figure|图) \d+)", page
    )
    document = docx.Document(io.BytesIO(word_file.content(told)))
    captions = [one.text for one in document.paragraphs if one.style.name == "Caption"]
    of_word = [re.match(r"\w+ \d+", text)[0] for text in captions]  # type: ignore[index]
    assert sorted(of_page) == sorted(of_word)
    data = pdf._data(told, Path(pdf.tempfile.mkdtemp()))
    kinds = [block["kind"] for section in data["sections"] for block in section["blocks"]]
    assert kinds.count("table") + kinds.count("figure") == len(of_word)
    assert page.count("<details>") == kinds.count("figure")


def test_word_has_contents_and_captions_that_word_numbers(told: Story) -> None:
    document = docx.Document(io.BytesIO(word_file.content(told)))
    code = "".join(node.text or "" for node in document.element.iter() if node.tag.endswith("}instrText"))
    assert r"TOC \o" in code
    assert code.count("SEQ Figure") == 4
    listed = next(one.text for one in document.paragraphs if one.text.startswith(told.sections[0].title + "\n"))
    assert listed.split("\n") == [section.title for section in told.sections if section.level == 2]


@pytest.mark.touches("python-pptx", "altair")
def test_slides_tell_the_same_story(told: Story) -> None:
    import pptx

    deck = pptx.Presentation(io.BytesIO(slides.content(told, "2026-01-02T03:04:05")))
    assert len(deck.slides) == 6
    pictures = [shape for slide in deck.slides for shape in slide.shapes if shape.shape_type == 13]
    assert len(pictures) == 2
    assert all(shape._element.nvPicPr.cNvPr.get("descr") for shape in pictures)
    table, reasons_shown = [shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table]
    assert 2 <= len(reasons_shown.rows) <= 1 + slides.ROWS
    shown = next(block for block in told.sections[0].blocks if isinstance(block, Table))
    assert [cell.text for cell in table.rows[0].cells] == shown.heads
    assert deck.slides[0].shapes.title.text_frame.text == told.title


def test_reasons_are_those_of_the_laws(runs: list[Result]) -> None:
    result = runs[0]
    found = {reason.line: reason for reason in reasons(result)}
    assert sum(reason.amount for reason in found.values()) == pytest.approx(result.money.spend.sum())
    line, i = result.scenario.lines[0], 0
    money = result.money
    factor = money.spend[i] * 0 + line.spend / money.spend[i]
    strategic, substitution, exchange = money.strategic.copy(), money.substitution.copy(), money.exchange.copy()
    strategic[i], substitution[i], exchange[i] = strategic[i] * factor, substitution[i] * factor, exchange[i] * factor
    held = simulate(result.scenario, type(money)(strategic, substitution, exchange), choices=result.choices)
    assert found[line.id].gap_held == pytest.approx(float(held.gap[i, len(result.scenario.horizon.years)]))
    assert all(reason.marginal > 0 for reason in found.values())


def test_hinges_are_inputs_of_low_grade_and_move_by_the_laws(runs: list[Result]) -> None:
    result = runs[1]
    found = {hinge.path: hinge.move for hinge in hinges(result)}
    assert "controls.intensity" in found
    sizes = [abs(move) for move in found.values()]
    assert sizes == sorted(sizes, reverse=True)
    series = result.scenario.controls.intensity
    points = {year: (1 + PART) * value for year, value in series.root.items()}
    controls = result.scenario.controls.model_copy(update={"intensity": type(series)(points)})
    up = result.scenario.model_copy(update={"controls": controls})
    moved = simulate(up, result.money, choices=result.choices).security - result.trajectory.security
    assert abs(found["controls.intensity"]) >= abs(float(moved[len(result.scenario.horizon.years)])) - 1e-9


def test_shares_of_the_overview_make_one(runs: list[Result]) -> None:
    for shown in (board(runs, "en", attribution=False), board(runs[:1], "en")):
        assert [sum(shares.values()) for _, shares, _ in bars_of(shown)] == pytest.approx([1.0] * len(bars_of(shown)))
    side = board(runs, "en", attribution=False)
    assert sum(each[2] for each in changes_of(side).values()) == pytest.approx(runs[2].money.spend.sum())


def test_runs_of_one_label_are_told_apart(runs: list[Result]) -> None:
    assert board([runs[0], runs[0]], "en", attribution=False).names == ("Small case (case0)", "Small case (case0-2)")


def test_a_run_without_a_plan_stands_beside_the_others(runs: list[Result]) -> None:
    none = Result.of(runs[1].scenario, fake_outcome(runs[1].scenario, "infeasible"))
    text = "\n".join(story([runs[0], none], "en").texts())
    assert "Without a plan: Tight case." in text
    assert "It is proven that no plan keeps all rules." in text
    assert html.page(story([none, none], "zh")).count("<svg") == 0


def test_inputs_are_named_in_words(runs: list[Result]) -> None:
    view = View(runs[0], "en")
    assert input_name(view, "lines[ai-B].growth").startswith("AI bottleneck: ")
    assert input_name(view, "policies[ai-floor].amount") == "“ai-floor”: amount"
    assert input_name(View(runs[0], "zh"), "controls.intensity.2026") == "管制强度"
    assert group_name(view, "controls", ["controls.intensity.2026", "controls.intensity.2030"]) == "control intensity"
    assert inside(view, "lines[ai-B].growth", "lines[domain=ai].growth")
    assert not inside(view, "lines[quantum-M].growth", "lines[domain=ai].growth")


def test_a_domain_keeps_its_colour() -> None:
    colours = domain_colours(["a", "b", *map(str, range(10))])
    assert len(set(list(colours.values())[:8])) == 8
    assert colours["a"] == domain_colours(["a"])["a"]
    assert colours["9"] == colours["8"] == "#BBBBBB"


def test_the_command_leaves_appendices_out_and_opens_what_it_wrote(
    runs: list[Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr("click.launch", shown.append)
    monkeypatch.setattr("rich_click.launch", shown.append, raising=False)
    places = [str(result.save(tmp_path / f"run{n}")) for n, result in enumerate(runs[:2])]
    target = tmp_path / "both.html"
    done = CliRunner().invoke(main, ["report", *places, "--appendix", "none", "--open", "-o", str(target)])
    assert done.exit_code == 0, done.output
    assert shown == [str(target)]
    assert "SHA-256" not in target.read_text(encoding="utf-8")


def test_regret_of_a_report_is_an_upper_end(runs: list[Result]) -> None:
    named = {str(n): result for n, result in enumerate(runs)}
    quick, thorough = regret(named, thorough=False), regret(named)
    assert quick.runs == thorough.runs
    for most, own in zip(quick.entries, thorough.entries, strict=True):
        assert most.how == own.how
        if most.regret is not None and own.regret is not None:
            assert most.regret >= own.regret - 1e-9


def test_attribution_is_left_out_by_count_and_never_by_time(runs: list[Result]) -> None:
    slow = [replace(result, seconds=dict(result.seconds) | {"total": 1e6}) for result in runs]
    assert not story(slow, "en").left_out
    explain = Explainer(most=len(runs[0].scenario.lines) * len(runs[0].scenario.horizon.years) * 2)
    both = tightened(runs)
    assert explain(runs[0], both) is not None and explain.most == 0  # two inputs: two scenarios in between
    assert explain(runs[1], both) is not None  # one input: none
    less = Explainer(most=1)
    assert less(runs[0], both) is None and less.left_out == {id(both): LeftOut("work", 2)}


def test_what_is_left_out_is_named_with_the_way_to_have_it(runs: list[Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Explainer.__init__, "__defaults__", (1,))
    both = tightened(runs)
    told = story([runs[0], both, runs[2]], "en")
    assert [(name, solves) for name, solves, _ in told.left_out] == [("Both", 2)]
    text = "\n".join(told.texts())
    assert "left out for Both: 2 scenarios in between would have to be solved, more than a report solves." in text
    monkeypatch.setattr("kctopt.report.explained.discrete", lambda scenario: True)
    assert "with discrete decisions" in "\n".join(story([runs[0], both], "en").texts())


def tightened(runs: list[Result]) -> Result:
    """A result whose scenario has the inputs of both other runs, and the plan of one of them."""
    _, tight, lean = runs
    label = lean.scenario.label.model_copy(update={"en": "Both"})
    changes = {"budget": lean.scenario.budget, "label": label}
    return replace(tight, scenario=tight.scenario.model_copy(update=changes))


def test_one_workbook_holds_the_runs_side_by_side(told: Story) -> None:
    read = CalamineWorkbook.from_filelike(io.BytesIO(xlsx.content(told)))
    assert len(read.sheet_names) == len(set(read.sheet_names)) >= 6
    shown = next(block for block in told.sections[0].blocks if isinstance(block, Table))
    rows = read.get_sheet_by_name(read.sheet_names[0]).to_python()
    assert shown.heads in [row[: len(shown.heads)] for row in rows]
    assert [row[1] for row in rows if row[0] == shown.rows[0][0]] == [pytest.approx(shown.rows[0][1])]
    parts = zipfile.ZipFile(io.BytesIO(xlsx.content(told)))
    sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name]
    assert all('fitToPage="1"' in sheet for sheet in sheets)
    assert parts.read("xl/workbook.xml").decode().count("_xlnm.Print_Area") == len(sheets)


def test_money_of_each_plan_adds_up_to_what_is_spent(runs: list[Result]) -> None:
    section = next(section for section in story(runs, "en", attribution=False).sections if section.id == "plan")
    tables = {block.title: block for block in section.blocks if isinstance(block, Table)}
    by_plan = next((table for title, table in tables.items() if title.startswith("Money by plan and domain")), None)
    plans = [view.scenario.horizon.plans for view in board(runs, "en", attribution=False).views]
    if len(plans[0]) < 2:
        assert by_plan is None
        return
    assert by_plan is not None
    domains = len(runs[0].scenario.domains)
    sums = [row for n, row in enumerate(by_plan.rows) if n % (domains + 1) == 0]
    tracks = next(table for title, table in tables.items() if "by track" in title)
    for place in range(1, len(runs) + 1):
        assert sum(row[place] for row in sums) == pytest.approx(sum(row[place] for row in tracks.rows))
