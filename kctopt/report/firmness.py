"""The chapter on how firm the plan is: what the analyses saved in the run's folder found.

| analysis | told as |
|---|---|
| flips | at which values of a parameter the plan changes in kind, a sentence each |
| forms | which conclusions survive other forms of the laws, and which change with which form |
| any other | its name, and the command that shows it |
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from kctopt.analysis import flips_text, forms_text
from kctopt.analysis.saved import Analysis, all_of
from kctopt.report.content import Block, Points, Section, Text
from kctopt.report.view import View


def firmness(view: View) -> Section:
    """What is known of other plans, other values and other forms; how to find out where nothing is."""
    run = view.result.run_dir
    analyses = [] if run is None else all_of(run)
    blocks = [block for analysis in analyses for block in _told(view, analysis)]
    if not blocks:
        blocks = [Text(view.text("no_analyses", run=run.name if run else "RUN"))]
    return Section("firm", view.text("firm"), blocks)


def _told(view: View, analysis: Analysis) -> Iterator[Block]:
    match analysis.name:
        case "flips":
            yield from _flips(view, analysis)
        case "forms":
            yield from _forms(view, analysis)
        case name:
            run = view.result.run_dir
            yield Text(view.text("other_analysis", name=name, run=run.name if run else "RUN"))


def _flips(view: View, analysis: Analysis) -> Iterator[Block]:
    about, rows, lang = analysis.about, analysis.tables["flips"].rows, view.lang
    yield Text(flips_text.head(about, lang))
    items = []
    for (low, high), group in groupby(rows, key=lambda row: (row["low"], row["high"])):
        told = [flips_text.sentence(row, about, view.scenario, lang) for row in group]
        items.append(flips_text.between(low, high, lang) + view.colon + view.space.join(told))
    yield Points([*(items or [flips_text.none(about, lang)]), *flips_text.doubts(about, lang)])


def _forms(view: View, analysis: Analysis) -> Iterator[Block]:
    rows, lang = analysis.tables["conclusions"].rows, view.lang
    kept = sum(bool(row["survives"]) for row in rows)
    yield Text(view.text("forms_lead", count=analysis.about["solved"], kept=kept, all=len(rows)))
    survivors = [line.strip() for line in forms_text.survivors(rows, view.scenario, lang)]
    yield Points(survivors or [view.text("none_survives")])
    yield Text(view.text("forms_change"))
    failed = forms_text.failures(analysis, lang)
    yield Points([*forms_text.changes(analysis, view.scenario, lang), *failed])
