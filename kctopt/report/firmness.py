"""The chapter on how firm the plan is: what the analyses saved in the run's folder found.

| analysis | told as |
|---|---|
| flips | at which values of a parameter the plan changes in kind, a sentence each |
| forms | which conclusions survive other forms of the laws, and which change with which form |
| prices | told where the report says what binds: what one more unit of each number is worth |
| ranges | what every plan near the optimum must give, and the ranges drawn |
| any other | its name |

Of a run without a plan `why` tells which rules conflict and how much must give, as the solve that ended so found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from kctopt.analysis import flips_text, forms_text, prices_text
from kctopt.analysis.saved import Analysis, all_of
from kctopt.language import LANGUAGES, plan_name
from kctopt.report import ranges
from kctopt.report.content import Block, Points, Section, Text
from kctopt.report.view import View
from kctopt.result import named
from kctopt.table import Table, column


def firmness(view: View) -> Section:
    """What is known of other plans, other values and other forms; that it is not, where nothing is."""
    blocks = list(told_analyses(view))
    if not any(not isinstance(block, Text) or block.tone == "plain" for block in blocks):
        blocks.append(Text(view.text("no_analyses")))
    elif ranges.saved(view) is None:
        blocks.append(Text(view.text("no_ranges")))
    return Section("firm", view.text("firm"), blocks)


def told_analyses(view: View) -> Iterator[Block]:
    """What the analyses saved with a run found; those that were changed since are left out, and that is told."""
    analyses, changed = all_of(view.result.run_dir)
    yield from left_out(view, changed)
    for analysis in analyses:
        yield from _told(view, analysis)


def worth_of_more(view: View) -> Iterator[Block]:
    """What `kctopt explain prices` found: what one more unit of each number of the scenario is worth."""
    for analysis in all_of(view.result.run_dir)[0]:
        if analysis.name == "prices":
            yield from _prices(view, analysis)


def _prices(view: View, analysis: Analysis) -> Iterator[Block]:
    about, rows, lang = analysis.about, analysis.tables["totals"].records, view.lang
    yield Text(prices_text.head(analysis, view.scenario, lang))
    sentences = prices_text.sentences(analysis, view.scenario, lang, words=True)
    yield Points([*prices_text.doubts(analysis, view.scenario, lang, words=True), *sentences])
    columns = [column(prices_text.say(name, lang)) for name in ("number", "span")]
    columns += [column(prices_text.say("price", lang), ".4g"), column(view.text("price_unit"))]
    cells = [
        (
            named.number(row["number"], view.scenario, lang, words=True), plan_name(row["span"] or "", lang),
            row["price"], prices_text.per(row, lang),
        )
        for row in rows
    ]  # fmt: skip
    if cells:
        yield Table(view.text("prices_table", unit=prices_text.say(about["unit"], lang)), columns, cells)


def _told(view: View, analysis: Analysis) -> Iterator[Block]:
    match analysis.name:
        case "flips":
            yield from _flips(view, analysis)
        case "forms":
            yield from _forms(view, analysis)
        case "ranges":
            yield from ranges.told(view, analysis)
        case "prices" | "diagnosis":
            pass  # told where the report says what binds, and why there is no plan
        case name:
            yield Text(view.text("other_analysis", name=name))


def _flips(view: View, analysis: Analysis) -> Iterator[Block]:
    about, rows, lang = analysis.about, analysis.tables["flips"].records, view.lang
    yield Text(flips_text.head(about, view.scenario, lang, words=True))
    items = []
    for (low, high), group in groupby(rows, key=lambda row: (row["low"], row["high"])):
        told = [flips_text.sentence(row, about, view.scenario, lang, words=True) for row in group]
        items.append(flips_text.between(low, high, about, lang) + view.colon + view.space.join(told))
    yield Points([*(items or [flips_text.none(about, lang)]), *flips_text.doubts(about, view.scenario, lang)])


def _forms(view: View, analysis: Analysis) -> Iterator[Block]:
    rows, lang = analysis.tables["conclusions"].records, view.lang
    kept = sum(bool(row["survives"]) for row in rows)
    yield Text(view.text("forms_lead", count=analysis.about["solved"], kept=kept, all=len(rows)))
    survivors = [line.strip() for line in forms_text.survivors(rows, view.scenario, lang, words=True)]
    yield Points(survivors or [view.text("none_survives")])
    yield Text(view.text("forms_change"))
    changes = forms_text.changes(analysis, view.scenario, lang, words=True)
    told = [under + view.colon + LANGUAGES[lang].semicolon.join(texts) for under, texts in changes.items()]
    failed = forms_text.failures(analysis, view.scenario, lang, words=True)
    yield Points([*(told or [view.text("none_survives")]), *failed])


def why(view: View) -> Section:
    """The diagnosis saved with the run; that there is none where none is saved."""
    analyses, changed = all_of(view.result.run_dir)
    diagnoses = [analysis for analysis in analyses if analysis.name == "diagnosis"]
    blocks = list(_blocks(str(diagnoses[0].about["text"][view.lang]))) if diagnoses else []
    blocks = blocks or [Text(view.text("no_diagnosis"))]
    return Section("why", view.text("why"), [*left_out(view, changed), *blocks])


def left_out(view: View, changed: Iterable[str]) -> Iterator[Block]:
    """That analyses saved with the run were changed since, and are not told."""
    yield from (Text(view.text("analysis_changed", place=place), "warning") for place in changed)


def _blocks(text: str) -> Iterator[Block]:
    """Lines that are set in twice become points, the others paragraphs."""
    lines = [line for line in text.splitlines() if line.strip()]
    for deep, group in groupby(lines, key=lambda line: line.startswith(" " * 4)):
        stripped = [line.strip() for line in group]
        if deep:
            yield Points(stripped)
        else:
            yield from map(Text, stripped)
