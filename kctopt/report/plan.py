"""Chapters on the plan: where the money goes, when gaps close, what is decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kctopt.language import ENGLISH, money_number, percent, translate
from kctopt.report.content import Block, Points, Section
from kctopt.report.pictures import allocation, flows, gaps, heat
from kctopt.report.view import CHANGES, PROGRAMMES, View, budget, spend, states, totals
from kctopt.result.sentences import TEXT, sentences_of
from kctopt.result.tables import main_type, standing
from kctopt.scenario.records import TRACKS
from kctopt.table import Cell, Table, column

MOST = 8  # lines named in one sentence
ORDER = {"far": 0, "reach": 1, "near": 2}


def plan(view: View) -> Section:
    """What money goes where: sentences, figures, tables by domain, type, plan, track and line."""
    blocks: list[Block] = [
        Points(list(_money_sentences(view))),
        flows(view), heat(view), allocation(view), tracks(view), lines(view),
    ]  # fmt: skip
    return Section("plan", view.text("plan_chapter"), blocks)


def _money_sentences(view: View) -> Iterator[str]:
    rows, horizon = spend(view.result, ENGLISH), view.scenario.horizon
    whole, available = sum(row.amount for row in rows), budget(view.result, ENGLISH)
    yield view.text(
        "spent", first=horizon.years[0], last=horizon.last_year, spent=whole, budget=available,
        share=percent(whole / available if available else 0.0, view.lang),
    )  # fmt: skip
    if not whole:
        return
    by_domain = {key[0]: amount for key, amount in totals([row for row in rows if row.domain], "domain").items()}
    yield view.text("by_domain", parts=_parts(view, {view.label("domains", d): s for d, s in by_domain.items()}, whole))
    by_type = {view.text(key[0]): amount for key, amount in totals(rows, "type").items()}
    yield view.text("by_type", parts=_parts(view, by_type, whole))
    tracked = {view.text(track): sum(amounts) for track, amounts in by_track(view).items()}
    yield view.text("by_track", parts=_parts(view, tracked, sum(tracked.values())))
    yield from _share_moves(view, by_domain, whole)


def _share_moves(view: View, by_domain: dict[str, float], whole: float) -> Iterator[str]:
    """The domain that gains most of the money against the base year, and the one that gives up most."""
    before: dict[str, float] = {}
    for line in view.scenario.lines:
        before[line.domain] = before.get(line.domain, 0.0) + line.spend
    base = sum(before.values())
    moves = {domain: by_domain.get(domain, 0.0) / whole - amount / base for domain, amount in before.items()}
    up, down = max(moves, key=lambda key: moves[key]), min(moves, key=lambda key: moves[key])
    if moves[up] >= 0.0005:
        yield view.text(
            "share_moves", base=view.scenario.horizon.base_year, up=view.label("domains", up),
            gain=f"+{100 * moves[up]:.1f}", down=view.label("domains", down), loss=f"−{-100 * moves[down]:.1f}",
        )  # fmt: skip


def _parts(view: View, amounts: dict[str, float], whole: float) -> str:
    ordered = sorted(amounts.items(), key=lambda item: -item[1])
    return view.joined([f"{name} {percent(amount / whole, view.lang)}" for name, amount in ordered])


def by_track(view: View) -> dict[str, list[float]]:
    """Money by track and plan; that for programmes and changes of mode beside the tracks."""
    table = view.result.columns("allocation")
    plans = [plan.id for plan in view.scenario.horizon.plans]
    amounts = {
        track: [
            money_number(table["amount"][(table["track"] == track) & (table["plan"] == plan)].sum(), view.lang)
            for plan in plans
        ]
        for track in TRACKS
    }
    beside = totals([row for row in spend(view.result, view.lang) if row.type in (PROGRAMMES, CHANGES)], "type", "plan")
    for kind in dict.fromkeys(kind for kind, _ in beside):
        amounts[kind] = [beside.get((kind, plan), 0.0) for plan in plans]
    return amounts


def tracks(view: View) -> Table:
    """Money by track and plan."""
    plans = [plan.id for plan in view.scenario.horizon.plans]
    columns = [
        column(view.text("track")),
        *(view.money_column(view.plan(plan)) for plan in plans),
        view.money_column(view.text("total")),
    ]
    rows = [(view.text(track), *parts, sum(parts)) for track, parts in by_track(view).items()]
    return Table(view.text("tracks_table"), columns, rows)


def lines(view: View) -> Table:
    """Spend of every line: base year, and mean of each plan."""
    horizon, table = view.scenario.horizon, view.result.columns("allocation")
    columns = [column(view.text("line")), column(view.text("type")), view.money_column(str(horizon.base_year))]
    columns += [view.money_column(view.text("mean_in", plan=view.plan(plan.id))) for plan in horizon.plans]
    rows: list[Sequence[Cell]] = []
    for line in view.scenario.lines:
        own = table["line"] == line.id
        means = [
            float(table["amount"][own & (table["plan"] == plan.id)].sum()) / (plan.last - plan.first + 1)
            for plan in horizon.plans
        ]
        rows.append(
            (
                view.label("lines", line.id),
                view.text(main_type(line)),
                *(money_number(each, view.lang) for each in (line.spend, *means)),
            )
        )
    return Table(view.text("lines_table"), columns, rows)


def closing(view: View) -> Section:
    """When gaps close: counts of stages or gap bands, lines that change them, gaps by line."""
    return Section("gaps", view.text("gaps_chapter"), [Points(list(_gap_sentences(view))), gaps(view)])


def _gap_sentences(view: View) -> Iterator[str]:
    place = standing(view.scenario)
    stage, gap = states(view.result, place, "stages"), states(view.result, "gap")
    ids = [line.id for line in view.scenario.lines]
    for year in view.landmarks:
        counts = {name: sum(stage[line, year] == name for line in ids) for name in ORDER}
        yield view.text(f"{place}_counts", year=year, **counts)
    moves = [
        (line, year, ORDER[stage[line, year]] - ORDER[stage[line, year - 1]]) for line in ids for year in view.years[1:]
    ]
    told = False
    for key, sign in (("advances", 1), ("falls", -1)):
        items = [
            view.text("at_stage", line=view.label("lines", line), stage=view.text(stage[line, year]), year=year)
            for line, year, step in moves
            if step * sign > 0
        ]
        if items:
            told = True
            yield view.text(f"{place}_{key}", items=some(view, items))
    if not told:
        yield view.text(f"{place}_steady")
    yield from _parity_sentences(view, gap)


def _parity_sentences(view: View, gap: dict[tuple[str, int], float]) -> Iterator[str]:
    """Lines that catch up or lose their lead, and those whose gap is wider in the end."""
    ids, base, last = [line.id for line in view.scenario.lines], view.years[0], view.years[-1]
    for key, behind in (("crossed", True), ("lost_lead", False)):
        points = [
            (line, next(year for year in view.years if (gap[line, year] <= 0) == behind))
            for line in ids
            if (gap[line, base] > 0) == behind and (gap[line, last] <= 0) == behind
        ]
        if points:
            items = [view.text("at_year", line=view.label("lines", line), year=year) for line, year in points]
            yield view.text(key, items=some(view, items))
    wider = sorted(
        (line for line in ids if gap[line, last] > gap[line, base] + 1e-9),
        key=lambda line: gap[line, base] - gap[line, last],
    )
    if wider:
        names = [view.label("lines", line) for line in wider]
        yield view.text("widening", count=len(wider), all=len(ids), base=base, last=last, items=some(view, names))


def some(view: View, items: Sequence[str]) -> str:
    """The first ones of a list, the rest counted."""
    if len(items) <= MOST + 1:
        return view.joined(items)
    more = translate(TEXT["more"], view.lang, count=len(items) - MOST)
    return view.joined([*items[:MOST], more])


def decisions(view: View) -> Iterator[Section]:
    """The discrete decisions as sentences; nothing where none is taken."""
    told = sentences_of(view.result, view.lang) if view.result.has_plan else []
    if told:
        yield Section("decisions", view.text("decisions_chapter"), [Points(told)])
