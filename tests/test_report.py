"""Reports: one story in every format and both languages, honest about what is missing, from the run folder alone."""

from __future__ import annotations

import io
import re
import shutil
import sys
import zipfile
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import docx
import numpy as np
import pytest
import typst
from click.testing import CliRunner
from fakes import fake_outcome
from model_files import OPTIONS, write_model, write_scenario
from worlds import tiny

import kctopt
from kctopt import Result
from kctopt.analysis.flips import FLIPS, POINTS
from kctopt.analysis.forms import CHANGES, CONCLUSION, FORMS
from kctopt.analysis.prices import RULES, TOTALS, Slopes
from kctopt.analysis.saved import Analysis, all_of
from kctopt.analysis.saved import save as save_analysis
from kctopt.api import read
from kctopt.cli import main
from kctopt.comparison.words import WORDS as CAUTIONS
from kctopt.errors import MissingExtra, UsageError, WriteError
from kctopt.language import translate
from kctopt.report import docx as word_file
from kctopt.report import draw, fonts, html, pdf
from kctopt.report.content import Figure, Points, Section, Story, Text
from kctopt.report.firmness import firmness
from kctopt.report.layout import breakable, widths
from kctopt.report.question import differing, settings
from kctopt.report.story import story
from kctopt.report.view import View, spend, totals
from kctopt.report.words import WORDS
from kctopt.report.worth import binding, contributions, priced
from kctopt.report.write import prepare, report
from kctopt.simulator import Choices, Money
from kctopt.table import Column, Table, column

CASE = """\
model: ./model
label: {en: "Small <b>case</b>", zh: 小例}
intent: Where should it go?
set:
  controls.intensity: {2026: .3, 2030: .9}
policies:
  - {id: ai-floor, kind: floor, domain: ai, amount: 5, years: 2026-2028}
  - {id: chokepoints, kind: target, type: B, min_ratio: .2, by: 2030, soft: true}
provenance:
  - {path: controls.intensity, unit: share, source: a guess, year: "2026", grade: assumption, note: tightens}
"""


def solved(folder: Path, text: str = CASE, status: str = "optimal", **tables: str) -> Result:
    write_model(folder / "model", **tables)
    question = read(write_scenario(folder, text))
    result = Result.of(question.scenario, fake_outcome(question.scenario, status), origin=question.origin)
    return Result(**{**vars_of(result), "inputs": question.inputs, "options": {"gap": 1e-4}})


def vars_of(result: Result) -> dict[str, object]:
    return {name: getattr(result, name) for name in result.__dataclass_fields__}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return solved(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def run(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return result.save(tmp_path_factory.mktemp("runs") / "small")


@pytest.fixture(scope="module", params=["en", "zh"])
def told(request: pytest.FixtureRequest, result: Result) -> Story:
    return story([result], request.param)


def blocks(told: Story, id: str) -> list[object]:
    return [block for section in told.sections if section.id == id for block in section.blocks]


def text_of(told: Story) -> str:
    return "\n".join(told.texts())


def test_the_story_has_every_chapter(told: Story) -> None:
    assert [section.id for section in told.sections] == [
        "summary", "plan", "reasons", "gaps", "worth", "firm", "binding", "assumptions", "question", "changed-1",
        "record",
    ]  # fmt: skip
    figures = [block.name for section in told.sections for block in section.blocks if isinstance(block, Figure)]
    assert figures == ["overview", "flows", "heat", "allocation", "gaps", "security"]


def test_numbers_are_rounded_for_readers(told: Story) -> None:
    assert re.findall(r"\d\.\d{7,}", text_of(told)) == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_amounts_that_are_not_round_are_rounded_too(lang: str, result: Result) -> None:
    money = result.money
    assert money is not None
    parts = (0.9123456789 * part for part in (money.strategic, money.substitution, money.exchange))
    odd = Result.of(result.scenario, replace(fake_outcome(result.scenario), money=Money(*parts)), origin=result.origin)
    assert re.findall(r"\d\.\d{5,}", text_of(story([odd], lang))) == []


def test_the_story_speaks_one_language(told: Story) -> None:
    sentences = [
        text
        for section in told.sections
        if section.id not in ("changed-1", "record")
        for block in section.blocks
        for text in ([block.text] if isinstance(block, Text) else block.items if isinstance(block, Points) else [])
    ]
    assert len(sentences) > 20
    for sentence in sentences:
        has_chinese = bool(re.search("[\u4e00-\u9fff]", sentence))
        assert has_chinese == (told.lang == "zh"), sentence


def test_assumptions_are_those_the_scenario_sets(result: Result) -> None:
    rows = {row.path: row for row in differing(View(result))}
    assert "budget" not in rows
    row = rows["controls.intensity"]
    assert row.value == "2026: 0.3, 2030: 0.9"
    assert (row.grade, row.source, row.note) == ("assumption", "a guess", "tightens")
    assert row.origin.endswith("case.yaml:5")
    assert {"policies[ai-floor].amount", "policies[chokepoints].min_ratio"} <= set(rows)


def test_settings_are_all_values_of_the_provenance_table(result: Result) -> None:
    table = result.columns("provenance")
    listed = {re.sub(r"\.\d{4}$", "", path) for path in table["path"]}
    assert {row.path for row in settings(View(result))} == listed
    told = {row.path: row.value for row in settings(View(result, "zh"))}
    assert told["kct.form"].endswith(f"（{result.scenario.kct.form}）")


def test_policies_are_told_in_words(result: Result) -> None:
    text = text_of(story([result], "en"))
    assert "“ai-floor”: at least 5 billion CNY a year for AI, 2026-2028" in text
    assert "“chokepoints”: bottleneck: usable capability of at least 20.0 % of the rival's by 2030 (soft" in text
    assert "“ai-floor”：2026-2028，AI" not in text_of(story([result], "zh"))


def test_parts_of_national_security_add_up(result: Result) -> None:
    view = View(result)
    found = contributions(view)
    change = view.index("security", 2030) - view.index("security", 2025)
    assert sum(found.values()) == pytest.approx(change, rel=1e-9)


def test_the_certificate_says_both_bounds(result: Result) -> None:
    text = text_of(story([result], "en"))
    assert f"worth more than {result.bound:,.2f}: that is proven. This plan is worth {result.objective:,.2f}" in text
    assert "At most 0.005 % of its worth" in text


def test_prices_are_those_of_the_run(result: Result) -> None:
    rows = priced(View(result))
    assert rows == [("money spent within the budget of the year", "2026", 100.0, 0.25, "billion CNY")]


def test_no_analyses_are_said_to_be_missing(result: Result) -> None:
    assert "has not been worked out for this run" in text_of(story([result], "en"))


def analysis(
    name: str, about: dict[str, object], **tables: tuple[tuple[Column, ...], list[dict[str, object]]]
) -> Analysis:
    made = {table: Table.of(table, fields, rows) for table, (fields, rows) in tables.items()}
    return Analysis(name, options={}, tables=made, about=about)


def flips() -> Analysis:
    where = {"over": "budget", "way": "factor", "unit": "", "meaning": "", "home": 1.0, "low": 0.9, "high": 1.1}
    sure = {"tolerance": 0.01, "gap": 1e-4, "solves": 5, "failed": [], "wide": []}
    row = {"kind": "stage", "subject": "ai-B", "when": "2026-30", "low": 1.02, "high": 1.03, "before": "far"}
    row |= {"after": "reach", "within_gap": False, "apart_low": 1.02, "apart_high": 1.03}
    return analysis("flips", where | sure, flips=(FLIPS, [row]), points=(POINTS, []))


def forms() -> Analysis:
    row = {"kind": "stage", "subject": "ai-B", "when": "2026-30", "value": "far"}
    kept = row | {"subject": "ai-A", "survives": True, "forms": ""}
    lost = row | {"survives": False, "forms": "kct.form=ces"}
    change = {key: row[key] for key in ("kind", "subject", "when")}
    change |= {"form": "kct.form=ces", "before": "far", "after": "reach", "tie": False}
    about = {"own": {"kct.form": "nested"}, "solved": 3, "gap": 1e-4}
    tables = {"forms": (FORMS, []), "conclusions": (CONCLUSION, [kept, lost]), "changes": (CHANGES, [change])}
    return analysis("forms", about, **tables)


def prices() -> Analysis:
    per = {"unit": "NS points", "per": "billion CNY"}
    row = {"named": "money.budget", "kind": "budget", "number": "budget", "span": "2026-30", "price": 0.25} | per
    row |= {"price_released": None} | Slopes().row(0.25, checked=False)
    about = {"objective": 10.5, "objective_of_run": 10.4, "bound": None, "exact": True, "conditional": True}
    tables = {"rules": (RULES, []), "totals": (TOTALS, [row])}
    return replace(analysis("prices", about | {"unit": "NS points"}, **tables), options={"check": False})


def test_saved_prices_are_told_where_the_report_says_what_binds(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "small")
    save_analysis(tmp_path / "small", prices())
    view = View(kctopt.open(tmp_path / "small"), "en")
    text = "\n".join(Story("en", "", "", [binding(view)]).texts())
    assert "One more billion CNY of money available in 2026-30 is worth 0.25 NS points." in text
    assert "Prices are conditional on the discrete choices" in text
    assert "has not been worked out for this run" in "\n".join(Story("en", "", "", [firmness(view)]).texts())


def test_analyses_saved_with_the_run_are_told(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "small")
    for one in (flips(), forms(), analysis("stress", {})):
        save_analysis(tmp_path / "small", one)
    opened = kctopt.open(tmp_path / "small")
    text = "\n".join(Story("en", "", "", [firmness(View(opened, "en"))]).texts())
    assert "between 1.02 and 1.03: " in text
    assert "Under 3 other forms of KCT value, national security and diffusion, 1 of 2 conclusions" in text
    assert "Under KCT value: CES: " in text
    assert "A further analysis, stress, is saved with the run." in text
    assert "never gives has not been worked out for this run" in text
    assert "可用经费（本方案数值的倍数）：0.9 至 1.1" in text_of(story([opened], "zh"))
    file = tmp_path / "small" / "explain" / "flips" / "analysis.json"
    before = file.read_text(encoding="utf-8")
    file.write_text(before.replace("budget", "budgets"), encoding="utf-8")
    tones = [block.text for block in firmness(View(opened, "en")).blocks if getattr(block, "tone", "") == "warning"]
    assert tones == ["explain/flips, saved with the run, was changed since it was written and is left out."]
    assert "随算例保存的 explain/flips 在写入后被改动" in text_of(story([opened], "zh"))
    file.write_text(before, encoding="utf-8")
    record = tmp_path / "small" / "run.json"
    record.write_text(record.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert all_of(tmp_path / "small") == ([], [])  # they speak of another run


def test_a_plan_that_does_not_hold_is_never_shown_without_a_warning(result: Result) -> None:
    broken = Result(**{**vars_of(result), "verified": False, "status": "limit"})
    tones = [block.text for block in blocks(story([broken], "en"), "firm") if getattr(block, "tone", "") == "warning"]
    assert tones[0].startswith("NOT VERIFIED")
    assert "ended by itself" in tones[1]
    late = Result(**{**vars_of(broken), "options": {"gap": 1e-4, "time_limit": 0.5}})
    for lang, words in (("en", "its time limit of 0.5 s"), ("zh", "因 0.5 秒的时间限制停止")):
        tones = [block.text for block in blocks(story([late], lang), "firm") if getattr(block, "tone", "") == "warning"]
        assert words in tones[1] and {"en": "not how much better", "zh": "而非方案还能好多少"}[lang] in tones[1]
    assert "keeps every rule and is worth what is stated" not in text_of(story([broken], "en"))
    two = text_of(story([result, broken], "en"))
    assert "NOT VERIFIED" in two
    assert CAUTIONS["caution_unverified"][0].partition("{")[0].strip() in two


def test_without_a_plan_the_report_says_why(tmp_path: Path) -> None:
    none = solved(tmp_path, status="infeasible")
    told = story([none], "en")
    assert "plan" not in [section.id for section in told.sections]
    assert "It is proven that no plan keeps all rules." in text_of(told)
    assert html.page(told).count("<svg") == 0
    assert "Which rules conflict has not been worked out for this run." in text_of(told)
    saved = none.save(tmp_path / "none")
    said = {"en": "case: infeasible.\n\n  These rules conflict:\n    ai-floor\n    lean-ai\n", "zh": "case:不可行。\n"}
    save_analysis(saved, analysis("diagnosis", {"text": said}))
    section = next(one for one in story([kctopt.open(saved)], "en").sections if one.id == "why")
    assert [type(block).__name__ for block in section.blocks] == ["Text", "Text", "Points"]
    assert "case:不可行。" in text_of(story([kctopt.open(saved)], "zh"))


def test_programmes_count_in_the_money(tmp_path: Path) -> None:
    text = CASE.replace("set:\n", "set:\n  catalogue.researchers: 5\n")
    first = solved(tmp_path, text, **OPTIONS)
    routes = np.zeros((2, 5), dtype=int)
    routes[0, 0] = 1  # etching starts in 2026 and costs 2 and 3
    made = Result.of(first.scenario, fake_outcome(first.scenario, choices=Choices(routes=routes)))
    assert totals(spend(made, "en"), "type")["programmes",] == pytest.approx(5)
    told = story([made], "en")
    heat = next(block for block in blocks(told, "plan") if isinstance(block, Figure) and block.name == "heat")
    assert ("AI", "programmes", 5.0, 5.0) in heat.table.rows
    assert any("Etching" in text for block in blocks(told, "decisions") for text in block.items)


class Outline(HTMLParser):
    """Levels of headings, ids, references and tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.ids += [found["id"]] if found.get("id") else []
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href")]
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))


def test_html_stands_alone(told: Story) -> None:
    page = html.page(told)
    outline = Outline()
    outline.feed(page)
    assert "script" not in outline.tags
    assert all(link.startswith("#") for link in outline.links)
    assert not re.search(r"url\((?!#)", page)
    assert "default-src &#x27;none&#x27;" in page
    assert len(outline.ids) == len(set(outline.ids))
    assert {link[1:] for link in outline.links} <= set(outline.ids)
    assert outline.levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))
    assert outline.tags.count("table") == outline.tags.count("caption")
    assert f'<html lang="{"zh-CN" if told.lang == "zh" else "en"}">' in page
    assert page.count('<svg role="img" aria-label="') == 6


def test_labels_cannot_break_the_page(result: Result) -> None:
    page = html.page(story([result], "en"))
    assert "<b>case" not in page
    assert "Small &lt;b&gt;case&lt;/b&gt;" in page


def test_pdf_is_tagged_and_has_a_title(told: Story) -> None:
    made = pdf.content(told, "2026-01-02T03:04:05+00:00")
    assert made.startswith(b"%PDF")
    assert b"pdfuaid" in made
    assert b"/StructTreeRoot" in made or b"/ObjStm" in made
    assert pdf.content(told, "2026-01-02T03:04:05+00:00") == made


def test_word_has_headings_captions_and_described_pictures(told: Story) -> None:
    document = docx.Document(io.BytesIO(word_file.content(told)))
    headings = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert headings == [section.title for section in told.sections if section.level == 2]
    pictures = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert len(pictures) == 6
    assert all(pictures)
    tables = [block for section in told.sections for block in section.blocks if isinstance(block, Table)]
    assert len(document.tables) == len(tables)
    last = [cell.text for cell in document.tables[-1].rows[1].cells]
    assert last[0] == translate(WORDS["command"], told.lang)


@pytest.mark.parametrize("letters", [255, 256, 4000])
def test_word_keeps_a_long_label_in_full_and_shortens_its_property(letters: int) -> None:
    title, subtitle = "题" * letters, "s" * letters
    made = word_file.content(Story("zh", title, subtitle, [Section("a", "a", [Text("text")])]))
    document = docx.Document(io.BytesIO(made))
    assert [one.text for one in document.paragraphs[:2]] == [title, subtitle]
    kept = document.core_properties
    for whole, found in ((title, kept.title), (subtitle, kept.comments)):
        assert found == whole if letters == 255 else (len(found) == 255 and found == whole[:254] + "…")


def test_a_run_moved_elsewhere_reports_without_its_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = tmp_path / "study"
    saved = solved(study).save(study / "runs" / "small")
    elsewhere = tmp_path / "other machine" / "small"
    shutil.copytree(saved, elsewhere)
    shutil.rmtree(study)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["report", str(elsewhere), "--lang", "zh", "--format", "html"])
    assert done.exit_code == 0, done.output
    page = (tmp_path / "small-report.html").read_text(encoding="utf-8")
    assert "小例" in page
    assert "a guess (2026)" in page


def test_every_format_from_the_command_and_no_file_is_replaced(run: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "plan"
    arguments = ["report", str(run), "--format", "html,pdf,docx,xlsx", "-o", str(target)]
    for stem in ("plan", "plan-2"):
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0, done.output
        names = [f"{stem}.{suffix}" for suffix in ("html", "pdf", "docx", "xlsx")]
        assert [Path(line).name for line in done.output.splitlines()] == names
    assert zipfile.ZipFile(tmp_path / "out" / "plan.xlsx").testzip() is None


def test_several_runs_stand_side_by_side(run: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["report", str(run), str(run), "-o", str(tmp_path / "two.html"), "--json"])
    assert done.exit_code == 0, done.output
    page = (tmp_path / "two.html").read_text(encoding="utf-8")
    assert "The plans at a glance" in page
    assert "Regret: what a plan (column) loses where a case (row) occurs" in page
    assert page.count("<svg") == 4


@pytest.mark.parametrize(("format", "runs", "name"), [("html", 1, "plan.html"), ("xlsx", 2, "plan.xlsx")])
def test_a_place_that_takes_no_report_is_named_as_the_report_would_be(
    format: str, runs: int, name: str, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    none = result_without_plan()
    with pytest.raises(WriteError, match=f"taken/{name}: cannot be written: .*taken is a file, not a folder"):
        prepare([none] * runs, [format], tmp_path / "taken" / "plan")


def result_without_plan() -> Result:
    return Result(
        scenario=tiny(), status="no_plan", objective=None, bound=None, gap=None, money=None, seconds={}, prices={},
        verified=False,
    )  # fmt: skip


def test_faults_name_the_remedy(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = CliRunner().invoke(main, ["report", str(run), "--format", "htlm"])
    assert done.exit_code == 2
    assert "did you mean 'html'?" in done.output
    done = CliRunner().invoke(main, ["report", str(run), "-o", "a.pdf", "--format", "docx"])
    assert done.exit_code == 2
    assert "names a pdf file" in done.output
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtra, match=r'pip install "kctopt\[report\]"'):
        report([kctopt.open(run)], tmp_path / "x", ["pdf"])
    assert not list(tmp_path.iterdir())


def test_a_missing_letter_is_told_by_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = solved(tmp_path, CASE.replace("小例", "龘例")).save(tmp_path / "run")
    monkeypatch.setattr(fonts, "installed", lambda letters: [])
    done = CliRunner().invoke(main, ["report", str(saved), "--lang", "zh", "-o", str(tmp_path / "r.docx")])
    assert done.exit_code == 0
    assert "“研发投入规划方案：龘例”（研发投入规划方案：龘例）中的龘" in done.stderr
    assert "没有一种已安装的字体全部包含" in done.stderr


def texts_of(made: bytes) -> str:
    """What programs read in a PDF: the letters that its fonts map their glyphs to."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    maps = [text for text in map(inflated, streams) if b"begincmap" in text]
    assert maps
    codes = re.findall(rb"<[0-9A-Fa-f]+> <([0-9A-Fa-f]+)>", b"\n".join(maps))
    return "".join(bytes.fromhex(code.decode()).decode("utf-16-be") for code in codes)


def inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream)  # the last byte may be a line end, and cut off above
    except zlib.error:
        return b""


def test_a_letter_without_a_font_leaves_its_code_in_a_pdf_and_no_nul(tmp_path: Path) -> None:
    labelled = CASE.replace("小例", "龘例").replace("intent: Where", 'intent: "𠮷 \u3400 Where').replace("go?", 'go?"')
    told = story([solved(tmp_path, labelled)], "zh")
    known = typst.Fonts(font_paths=[str(fonts.FOLDER)])
    drawn = {letter: pdf.drawable(letter, known) for letter in "龘𠮷㐀例A\u200b"}
    assert drawn["例"] and drawn["A"] and drawn["\u200b"]
    made = pdf.content(told)
    assert b"pdfuaid" in made  # in which typst lets no letter pass that it cannot draw
    inside = texts_of(made)
    assert "例" in inside
    assert ("龘" in inside) == drawn["龘"]
    assert drawn["龘"] or set("[U+9F98]") <= set(inside)


@pytest.mark.parametrize(
    "letter", ["\ue000", "\U000f0000", "\U0003fffd"]
)  # of private use, and of a plane not yet given out
def test_letters_that_python_does_not_print_are_told_and_leave_their_codes(
    letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "installed", lambda letters: [])
    told = Story("en", "title", "", [Section("a", "Chips", [Text(f"made of {letter}\u200b\u2003\n")])])
    code = f"U+{ord(letter):04X}"
    warned = fonts.warning(told.placed())
    assert warned.startswith(f"1 letter is not in the font that kctopt brings: {code} in ")
    assert "(Chips)" in warned
    assert ("private use" in warned) == fonts.private(letter) != ("no installed font has them" in warned)
    inside = texts_of(pdf.content(told))
    assert letter not in inside and set(f"[{code}]") <= set(inside)


def test_figures_of_a_pdf_have_no_letter_without_a_font_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = story([solved(tmp_path)], "zh")
    monkeypatch.setattr(pdf, "drawn", lambda chart, form: draw.drawn(chart, form).replace("家".encode(), "龘".encode()))
    known = typst.Fonts(font_paths=[str(fonts.FOLDER)])
    made = pdf.content(told)
    assert b"pdfuaid" in made
    assert ("龘" in texts_of(made)) == pdf.drawable("龘", known)


def test_a_pdf_takes_any_time(result: Result) -> None:
    told = Story("en", "title", "", [Section("a", "a", [Text("text")])])
    for created in ("", "2026-01-02T03:04:05", "2026-01-02T03:04:05.678901+08:00"):
        assert pdf.content(told, created).startswith(b"%PDF")


def test_a_scenario_without_a_model_does_not_claim_to_change_nothing(result: Result) -> None:
    made = Result.of(result.scenario, fake_outcome(result.scenario))
    text = text_of(story([made], "en"))
    assert "what it changes is not recorded" in text
    assert "changes no number of the model" not in text


def test_a_missing_letter_warns_in_python(result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = result.scenario.model_copy(update={"intent": "龘"})
    monkeypatch.setattr(fonts, "installed", lambda letters: None)
    made = Result.of(scenario, fake_outcome(scenario, "infeasible"))
    with pytest.warns(UserWarning, match="could not be found out"):
        made.report(tmp_path / "r.pdf")


def test_from_python(result: Result, tmp_path: Path) -> None:
    assert result.report(tmp_path / "plan.docx").suffix == ".docx"
    assert result.report(tmp_path / "plan", lang="zh").name == "plan.html"
    with pytest.raises(UsageError, match="lang='de': needs en or zh"):
        result.report(tmp_path / "plan", lang="de")


@pytest.mark.touches("altair")
def test_plots_show_in_a_notebook_without_the_network(result: Result) -> None:
    chart = result.plot.security(lang="zh")
    import altair

    assert isinstance(chart, altair.Chart)
    shown = chart._repr_mimebundle_()
    assert set(shown) == {"image/svg+xml", "text/plain"}
    assert "国家安全" in shown["image/svg+xml"]
    assert isinstance(result.plot.dumbbell(result), altair.LayerChart)
    assert chart.properties(width=300)._repr_mimebundle_()["image/svg+xml"].startswith("<svg")
    with altair.renderers.enable("json"):
        assert "image/svg+xml" not in str(result.plot.heat()._repr_mimebundle_())
    assert "allocation" in repr(result.plot)


def test_a_result_in_a_notebook_has_tables_and_no_script(result: Result) -> None:
    shown = result._repr_html_()
    assert shown.count("<table") == 5
    assert "<b>case" not in shown
    assert "national security" in shown


def test_figures_without_the_extra_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(MissingExtra, match=r'Drawing figures needs .* pip install "kctopt\[report\]"'):
        draw.altair()


def test_cells_and_widths() -> None:
    assert column("share", ".1%").shown(-0.123) == "−12.3\u00a0%"
    assert column("money", ",.1f").shown(None) == "–"
    assert column("name").shown(None) == ""
    table = Table("t", [column("path"), column("x", ".0f")], [("lines[semiconductors-B].exchange_share", 1.0)])
    assert widths(table)[0] > widths(table)[1]
    assert "\u200b" in breakable("lines[semiconductors-B].exchange_share")
    assert breakable("short words stay as they are") == "short words stay as they are"
    section = Section("s", "title", [Text("one"), Points(["two"]), table])
    assert list(Story("en", "a", "b", [section]).texts())[:6] == ["a", "b", "title", "one", "two", "t"]
