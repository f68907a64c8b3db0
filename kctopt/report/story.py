"""The report as one story that a planner can hand on: question, assumptions, plan, worth, firmness, limits, sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kctopt.language import checked_lang
from kctopt.report import plan, question, worth
from kctopt.report.content import Section, Story
from kctopt.report.firmness import firmness, why
from kctopt.report.several import comparison
from kctopt.report.view import View

if TYPE_CHECKING:
    from kctopt.result.result import Result


def story(results: Sequence[Result], lang: str = "en") -> Story:
    """The report of one run, or of several side by side; `lang` is en or zh."""
    checked_lang(lang)
    views = [View(result, lang) for result in results]
    first = views[0]
    titles = first.joined([view.title for view in views])
    if len(views) == 1:
        sections = [*chapters(first), question.appendix(first), question.record(first)]
    else:
        sections = list(_several(views))
    title = first.text("report_title" if len(views) == 1 else "report_titles", title=titles)
    return Story(lang, title, _subtitle(first), sections)


def _subtitle(view: View) -> str:
    result = view.result
    run = result.run_dir.name if result.run_dir else view.scenario.name
    version = result.versions.get("kctopt", "–")
    return view.text(
        "subtitle", run=run, created=result.created[:10], version=version, base=view.scenario.horizon.base_year
    )


def chapters(view: View) -> Iterator[Section]:
    """The chapters on one run; without a plan those that speak of the question only."""
    yield question.question(view)
    yield question.assumptions(view)
    if not view.result.has_plan:
        yield worth.certificate(view)
        if view.result.status == "infeasible":
            yield why(view)
        return
    yield plan.plan(view)
    yield plan.closing(view)
    yield worth.value(view)
    yield worth.certificate(view)
    yield firmness(view)
    yield worth.binding(view)
    yield plan.decisions(view)


def _several(views: Sequence[View]) -> Iterator[Section]:
    """The comparison, then each run under a heading of its own, then the appendices."""
    yield from comparison(views)
    for number, view in enumerate(views, 1):
        yield Section(f"run-{number}", view.title, [])
        for section in chapters(view):
            yield Section(f"{section.id}-{number}", section.title, section.blocks, level=3)
    yield question.appendix(views[0])
    for view in views[1:]:
        yield question.appendix_of_other(view, views[0])
    for number, view in enumerate(views, 1):
        record = question.record(view)
        yield Section(f"record-{number}", f"{record.title}{view.colon}{view.title}", record.blocks)
