"""The report as one story that a planner can hand on: page one, plan, why, firmness, limits, differences, decisions.

| in order | content |
|---|---|
| summary | page one: question, answer, one table, one figure, how firm, what it hangs on, what next |
| plan, reasons, gaps, worth | what money goes where, why, when gaps close, what it is worth |
| firm, binding | how well it is proven and how firm it is, what binds |
| differences | of several runs what differs and what explains it; of one what differs from its model |
| decisions, question | discrete decisions; the question in full |
| appendix | settings with sources: none, those changed, or all; how it was computed |
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, get_args

from kctopt.errors import UsageError, suggest
from kctopt.language import checked_lang
from kctopt.report import plan, question, several, worth
from kctopt.report.board import Board, board
from kctopt.report.content import Block, Figure, Section, Story, Text
from kctopt.report.firmness import firmness, told_analyses, why
from kctopt.report.reasons import why_money
from kctopt.report.summary import summary
from kctopt.report.view import View

if TYPE_CHECKING:
    from kctopt.result.result import Result

Appendix = Literal["none", "changed", "all"]
APPENDICES: tuple[Appendix, ...] = get_args(Appendix)


def checked_appendix(value: object) -> Appendix:
    """One of none, changed, all. Raises UsageError with a suggestion."""
    for known in APPENDICES:
        if value == known:
            return known
    raise UsageError(f"appendix={value!r} is unknown; {suggest(str(value), APPENDICES)}")


def story(
    results: Sequence[Result], lang: str = "en", appendix: Appendix = "changed", attribution: bool = True,
    worlds: Sequence[Section] = (),
) -> Story:  # fmt: skip
    """The report of one run, or of several side by side; `lang` is en or zh.

    `appendix` says which settings are listed with their sources; without `attribution` no scenario is solved to tell
    what each changed input explains. `worlds` is the chapter on many worlds, which stands behind that on how firm the
    plan is.
    """
    checked_lang(lang)
    checked_appendix(appendix)
    told = board(results, lang, attribution)
    first = told.first
    title = first.text("report_titles" if told.several else "report_title", title=first.joined(told.names))
    sections = [summary(told), *(several_chapters(told, worlds) if told.several else chapters(told, worlds))]
    blocks = [*sections, *_appendices(told, appendix, sections)]
    return Story(lang, title, _subtitle(told), blocks, told.unexplained)


def _subtitle(told: Board) -> str:
    view, result = told.first, told.first.result
    version, created = result.versions.get("kctopt", "–"), result.created[:10]
    base = view.scenario.horizon.base_year
    if told.several:
        return view.text("subtitle_several", count=len(told.views), created=created, version=version, base=base)
    run = result.run_dir.name if result.run_dir else view.scenario.name
    return view.text("subtitle", run=run, created=created, version=version, base=base)


def chapters(told: Board, worlds: Sequence[Section] = ()) -> Iterator[Section]:
    """The chapters on one run; without a plan those that speak of the question only."""
    view = told.first
    if not view.result.has_plan:
        yield worth.certificate(view)
        if view.result.status == "infeasible":
            yield why(view)
    else:
        yield plan.plan(view)
        yield why_money(told)
        yield plan.closing(view)
        yield worth.value(view)
        yield Section("firm", view.text("firm"), [*worth.certificate(view).blocks, *firmness(view).blocks])
    yield from worlds
    if view.result.has_plan:
        yield worth.binding(view)
    yield question.assumptions(view)
    yield from plan.decisions(view)
    yield question.question(view)


def several_chapters(told: Board, worlds: Sequence[Section] = ()) -> Iterator[Section]:
    """The chapters on several runs, each with all of them side by side."""
    first = told.first
    if told.planned:
        yield several.money(told)
        yield why_money(told)
        yield several.gaps(told)
        yield several.worth(told)
    yield Section("firm", first.text("firm"), list(several.proofs(told)))
    yield from _alone(told)
    yield from worlds
    if told.planned:
        yield several.rules(told)
    yield several.differences(told)
    for number, (name, view) in enumerate(zip(told.names, told.views, strict=True), 1):
        for section in plan.decisions(view):
            yield Section(f"decisions-{number}", first.text("decisions_of", run=name), section.blocks)
    yield question.question(first)


def _alone(told: Board) -> Iterator[Section]:
    """What is told of a run by itself: why it has no plan, or what analyses saved with it found."""
    for number, (name, view) in enumerate(zip(told.names, told.views, strict=True), 1):
        if view.result.has_plan:
            blocks: list[Block] = list(told_analyses(view))
            if not view.result.verified or view.result.status != "optimal":
                blocks = [*worth.certificate(view).blocks, *blocks]
        else:
            blocks = list(worth.certificate(view).blocks)
            blocks += why(view).blocks if view.result.status == "infeasible" else []
        if blocks:
            yield Section(f"firm-{number}", name, blocks, level=3)


def _appendices(told: Board, appendix: Appendix, sections: Sequence[Section]) -> Iterator[Section]:
    """Settings with their sources, numbers of the figures, how it was computed."""
    if appendix == "none":
        return
    first = told.first
    if appendix == "all":
        yield question.appendix(first)
        for number, view in enumerate(told.views[1:], 2):
            yield question.appendix_of_other(view, first, number)
        yield from _numbers(first, sections)
    else:
        for number, (name, view) in enumerate(zip(told.names, told.views, strict=True), 1):
            yield from question.changed(view, name, number)
    yield question.record(told.views, told.names)


def _numbers(view: View, sections: Sequence[Section]) -> Iterator[Section]:
    """The numbers of all figures, which HTML has beside each of them too."""
    figures = [block for section in sections for block in section.blocks if isinstance(block, Figure)]
    blocks: list[Block] = [Text(view.text("numbers_lead")), *(figure.table for figure in figures)]
    if figures:
        yield Section("numbers", view.text("numbers_of_figures"), blocks)
