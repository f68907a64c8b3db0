"""The chapter that puts several runs side by side: what `kctopt compare` finds, and two plans drawn.

Money is put side by side for runs that plan the same years as the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kctopt.comparison.comparison import Comparison, compare
from kctopt.comparison.render import ComparisonSection as Part
from kctopt.comparison.runs import named
from kctopt.comparison.sections import sections
from kctopt.language import LANGUAGES
from kctopt.report.catalogue import dumbbell
from kctopt.report.content import Block, Figure, Section, Text
from kctopt.report.view import View, spend, totals
from kctopt.table import Cell, Table, column

MINUS = re.compile(r"(?<![\w.-])-(?=[\d.])")  # of a number, not of a span of years or a name


def comparison(views: Sequence[View]) -> Iterator[Section]:
    """A chapter of parts: inputs, runs, indices, money, stages, limits, regret; then the first two plans drawn.

    Money is put side by side for runs that plan the same years as the first.
    """
    first = views[0]
    compared = compare(named(view.result for view in views), Comparison)
    yield Section("comparison", first.text("comparison"), [Text(first.text("comparison_lead", count=len(views)))])
    for number, part in enumerate(sections(compared, first.lang), 1):
        title = _sentence(part.title, first.lang)
        yield Section(f"comparison-{number}", title, list(_blocks(part, first.lang)), level=3)
    planned = [view for view in views if view.result.has_plan and view.years == first.years]
    if len(planned) > 1:
        title = first.text("dumbbell_title")
        yield Section("comparison-money", title, [_dumbbell(planned)], level=3)


def _blocks(part: Part, lang: str) -> Iterator[Block]:
    yield from (Text(_sentence(line, lang)) for line in part.lines)
    if part.table is not None:
        cells = [[_typeset(cell) for cell in row] for row in part.rows]
        yield replace(part.table, title=_sentence(part.title, lang), rows=cells)
    yield from (Text(_typeset(note)) for note in part.notes)


def _sentence(text: str, lang: str) -> str:
    """With a capital where the language has them; in Chinese a text can begin with the name of a run."""
    return _typeset(text[:1].upper() + text[1:] if LANGUAGES[lang].cases else text)


def _typeset(text: str) -> str:
    """A real minus and a real arrow, which no line breaks in two; the terminal has neither in every encoding."""
    return MINUS.sub("−", text).replace(" -> ", " → ")


def _dumbbell(views: Sequence[View]) -> Figure:
    """The first two plans drawn; the numbers of all."""
    first, other = views[0], views[1]
    described = first.text("dumbbell_described", title=first.title, other=other.title)
    return Figure("dumbbell", first.text("dumbbell_title"), described, dumbbell(first, other), _money(views))


def _money(views: Sequence[View]) -> Table:
    """A row a domain and type, a column a run."""
    first = views[0]
    sums = [totals(spend(view.result, view.lang), "domain", "type") for view in views]
    keys = dict.fromkeys(key for own in sums for key in own)
    columns = [
        column(first.text("domain")),
        column(first.text("type")),
        *(first.money_column(view.title) for view in views),
    ]
    rows: list[Sequence[Cell]] = [
        (first.label("domains", domain), first.text(kind), *(own.get((domain, kind), 0.0) for own in sums))
        for domain, kind in keys
    ]
    return Table(first.text("comparison_money"), columns, rows)
