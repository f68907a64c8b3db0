"""Figures with their caption, description and numbers, as reports show them."""

from __future__ import annotations

from collections.abc import Sequence

from kctopt.report.catalogue import chart, title_of
from kctopt.report.content import Figure
from kctopt.report.view import PARTS, View, spend, states, totals
from kctopt.result.tables import main_type, standing
from kctopt.table import Cell, Table, column


def _figure(view: View, name: str, table: Table) -> Figure:
    described = view.text(f"{name}_described", title=view.title)
    return Figure(name, title_of(view, name), described, chart(view, name), table)


def _domains(view: View) -> list[str]:
    """Domains in the order of the scenario, then what belongs to none."""
    domains = {row.domain for row in spend(view.result, view.lang)}
    known = [domain.id for domain in view.scenario.domains]
    return [*known, *sorted(domains - set(known))]


def allocation(view: View) -> Figure:
    """Money by year and domain."""
    sums = totals(spend(view.result, view.lang), "domain", "year")
    years = view.scenario.horizon.years
    domains = _domains(view)
    columns = [column(view.text("in_year")), *(view.money_column(view.label("domains", domain)) for domain in domains)]
    rows: list[Sequence[Cell]] = []
    for year in years:
        parts = [sums.get((domain, year), 0.0) for domain in domains]
        rows.append((str(year), *parts, sum(parts)))
    columns.append(view.money_column(view.text("total")))
    return _figure(view, "allocation", Table(view.text("allocation_table"), columns, rows))


def heat(view: View) -> Figure:
    """Money by domain, type and plan."""
    sums = totals([row for row in spend(view.result, view.lang) if row.domain], "domain", "type", "plan")
    plans = [plan.id for plan in view.scenario.horizon.plans]
    columns = [column(view.text("domain")), column(view.text("type"))]
    columns += [view.money_column(view.plan(plan)) for plan in plans] + [view.money_column(view.text("total"))]
    rows = []
    for domain in (entry.id for entry in view.scenario.domains):
        for kind in view.kinds:
            parts = [sums.get((domain, kind, plan), 0.0) for plan in plans]
            if any(parts):
                rows.append((view.label("domains", domain), view.text(kind), *parts, sum(parts)))
    return _figure(view, "heat", Table(view.text("heat_table"), columns, rows))


def flows(view: View) -> Figure:
    """Budget to domains to types."""
    rows = spend(view.result, view.lang)
    sums, kinds = totals(rows, "domain", "type"), list(dict.fromkeys([*view.kinds, *(row.type for row in rows)]))
    columns = [column(view.text("domain")), *(view.money_column(view.text(kind), 0) for kind in kinds)]
    columns += [view.money_column(view.text("total"), 0), view.share_column(view.text("share"))]
    whole = sum(row.amount for row in rows)
    cells = []
    for domain in _domains(view):
        parts = [sums.get((domain, kind), 0.0) for kind in kinds]
        cells.append((view.label("domains", domain), *parts, sum(parts), sum(parts) / whole if whole else None))
    return _figure(view, "flows", Table(view.text("flows_table"), columns, cells))


def gaps(view: View) -> Figure:
    """Gap of every line in the base year and at the end of each plan, and its stage, or the band of the gap."""
    place = standing(view.scenario)
    gap, names = states(view.result, "gap"), states(view.result, place, "stages")
    columns = [column(view.text("line")), column(view.text("type"))]
    columns += [view.share_column(view.text("gap_in", year=year)) for year in view.landmarks]
    columns += [column(view.text(f"{place}_in", year=year)) for year in view.landmarks]
    rows: list[Sequence[Cell]] = [
        (
            view.label("lines", line.id),
            view.text(main_type(line)),
            *(gap[line.id, year] for year in view.landmarks),
            *(view.text(names[line.id, year]) for year in view.landmarks),
        )
        for line in view.scenario.lines
    ]
    return _figure(view, "gaps", Table(view.text(f"{place}s_table"), columns, rows))


def security(view: View) -> Figure:
    """National security and its parts by year."""
    names = ("security", *PARTS)
    columns = [column(view.text("in_year")), *(column(view.text(name), ".1f") for name in names)]
    rows: list[Sequence[Cell]] = [(str(year), *(view.index(name, year) for name in names)) for year in view.years]
    return _figure(view, "security", Table(view.text("security_table"), columns, rows))
