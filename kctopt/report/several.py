"""The chapter that puts several runs side by side."""

from __future__ import annotations

from collections.abc import Sequence

from kctopt.report.catalogue import dumbbell
from kctopt.report.content import Block, Cell, Column, Figure, Section, Table, Text
from kctopt.report.view import View, spend, totals
from kctopt.report.worth import INDICES
from kctopt.result.text import gap_text


def comparison(views: Sequence[View]) -> Section:
    """Status, indices and money of several runs; two runs with a plan are drawn."""
    first = views[0]
    blocks: list[Block] = [Text(first.text("comparison_lead", count=len(views))), _indices(views)]
    planned = [view for view in views if view.result.has_plan]
    if planned:
        table = _money(planned)
        blocks.append(table if len(planned) == 1 else _dumbbell(planned, table))
    return Section("comparison", first.text("comparison"), blocks)


def _indices(views: Sequence[View]) -> Table:
    """A row a run: status, gap, indices in the last planned year."""
    first = views[0]
    columns = [Column(first.text("report_run")), Column(first.text("status")), Column(first.text("proven_gap"))]
    columns += [Column(first.text(name), ",.2f") for name in INDICES]
    rows: list[Sequence[Cell]] = []
    for view in views:
        result, year = view.result, view.landmarks[-1]
        values = [view.index(name, year) if result.has_plan else None for name in INDICES]
        gap = "–" if result.gap is None else gap_text(result.gap)
        status = view.text(result.status)
        if result.has_plan and not result.verified:
            status += f" ({view.text('not_verified')})"
        rows.append((f"{view.title} ({year})", status, gap, *values))
    return Table(first.text("comparison_index"), columns, rows)


def _money(views: Sequence[View]) -> Table:
    """A row a domain and type, a column a run."""
    first = views[0]
    sums = [totals(spend(view.result), "domain", "type") for view in views]
    keys = dict.fromkeys(key for own in sums for key in own)
    columns = [
        Column(first.text("domain")),
        Column(first.text("type")),
        *(Column(view.title, ",.1f") for view in views),
    ]
    rows: list[Sequence[Cell]] = [
        (first.label("domains", domain), first.text(kind), *(own.get((domain, kind), 0.0) for own in sums))
        for domain, kind in keys
    ]
    return Table(first.text("comparison_money"), columns, rows)


def _dumbbell(views: Sequence[View], table: Table) -> Figure:
    first, other = views[0], views[1]
    described = first.text("dumbbell_described", title=first.title, other=other.title)
    return Figure("dumbbell", first.text("dumbbell_title"), described, dumbbell(first, other), table)
