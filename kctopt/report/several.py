"""Chapters that tell several runs side by side: money, gaps, worth, proofs and regret, rules, what differs and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kctopt.comparison.comparison import Pair
from kctopt.comparison.inputs import Difference
from kctopt.comparison.sections import caution_texts, refusal_texts
from kctopt.comparison.sentences import told
from kctopt.language import LANGUAGES, percent, translate
from kctopt.report.board import Board
from kctopt.report.content import Block, Figure, Points, Section, Text
from kctopt.report.inputs import group_name, input_name, short
from kctopt.report.plan import by_track
from kctopt.report.side import changes, changes_of, paths, standing
from kctopt.report.typeset import typeset
from kctopt.report.view import PARTS, budget, spend, states, totals
from kctopt.report.worth import dearest, rule_text
from kctopt.result.tables import STAGES
from kctopt.result.tables import standing as place_of
from kctopt.result.text import gap_text
from kctopt.result.text import word as result_word
from kctopt.scenario.chinese import shown_amount
from kctopt.scenario.shown import shown_value
from kctopt.table import Cell, Column, Table, column

MOST_RULES, MOST_CHANGES, MOST_INPUTS = 12, 12, 20
INDICES = ("security", *PARTS, "loss", "economy_ratio", "military_ratio")


def _per_run(board: Board, head: str, format: str = ",.1f") -> list[Column]:
    """A first column, then one for each run that can stand beside the others."""
    return [column(head), *(column(board.name(view), format) for view in board.level)]


def _money_per_run(board: Board, head: str) -> list[Column]:
    """The same for amounts of money."""
    return [column(head), *(view.money_column(board.name(view)) for view in board.level)]


def money(board: Board) -> Section:
    """Money of all runs by domain and type, and by track; what each run moves against the first."""
    first = board.level[0]
    by_cell = changes_of(board)
    items = []
    for view in board.level:
        spent, available = sum(row.amount for row in spend(view.result, view.lang)), budget(view.result, view.lang)
        share = percent(spent / available if available else 0.0, view.lang)
        items.append(
            view.text("spent_of", run=board.name(view), spent=f"{spent:,.0f}", budget=f"{available:,.0f}", share=share)
        )
    cells_in_order = [(domain.id, kind) for domain in first.scenario.domains for kind in first.kinds]
    order = {cell: n for n, cell in enumerate(cells_in_order)}
    rows: list[Sequence[Cell]] = [
        (first.cell(*key), *by_cell[key]) for key in sorted(by_cell, key=lambda key: order.get(key, len(order)))
    ]
    cells = Table(first.text("comparison_money"), _money_per_run(board, first.text("domain_type")), rows)
    tracks = [by_track(view) for view in board.level]
    names = dict.fromkeys(name for own in tracks for name in own)
    sums: list[Sequence[Cell]] = [(first.text(name), *(sum(own.get(name, [0.0])) for own in tracks)) for name in names]
    blocks: list[Block] = [Points(items)]
    if len(board.level) > 1:
        described = first.text("changes_described", title=first.joined([board.name(view) for view in board.level]))
        title = first.text("changes_title", first=board.name(first))
        blocks.append(Figure("changes", title, described, changes(board), cells))
    blocks += _by_plan(board)
    blocks += [cells, Table(first.text("tracks_runs"), _money_per_run(board, first.text("track")), sums)]
    return Section("plan", first.text("plan_chapter"), blocks)


def _by_plan(board: Board) -> Iterator[Table]:
    """Money of all runs by plan and domain, with the sum of each plan; nothing where there is one plan."""
    first = board.level[0]
    plans = first.scenario.horizon.plans
    if len(plans) < 2:
        return
    sums = [
        totals([row for row in spend(view.result, view.lang) if row.domain], "plan", "domain") for view in board.level
    ]
    rows: list[Sequence[Cell]] = []
    for plan in plans:
        name = first.plan(plan.id)
        rows.append((name, *(sum(own.get((plan.id, d.id), 0.0) for d in first.scenario.domains) for own in sums)))
        rows += [
            (
                name + first.colon + first.label("domains", domain.id),
                *(own.get((plan.id, domain.id), 0.0) for own in sums),
            )
            for domain in first.scenario.domains
        ]
    yield Table(first.text("plans_runs"), _money_per_run(board, first.text("plan_domain")), rows)


def gaps(board: Board) -> Section:
    """Gap of every line in the base and last year; how many lines stand where."""
    first = board.level[0]
    place, last = place_of(first.scenario), first.years[-1]
    names = [states(view.result, place_of(view.scenario), "stages") for view in board.level]
    before = states(first.result, place, "stages")
    ids = [line.id for line in first.scenario.lines]

    def count(own: dict[tuple[str, int], object], year: int, stage: str) -> int:
        return sum(own.get((line, year)) == stage for line in ids)

    columns = [column(first.text(place)), column(str(first.years[0]), ",.0f")]
    columns += [column(board.name(view), ",.0f") for view in board.level]
    rows: list[Sequence[Cell]] = [
        (first.text(stage), count(before, first.years[0], stage), *(count(own, last, stage) for own in names))
        for stage in STAGES
    ]
    ends = [states(view.result, "gap") for view in board.level]
    start = states(first.result, "gap")
    heads = [column(first.text("line")), first.share_column(str(first.years[0]))]
    heads += [first.share_column(board.name(view)) for view in board.level]
    lines: list[Sequence[Cell]] = [
        (first.label("lines", line), start[line, first.years[0]], *(own.get((line, last)) for own in ends))
        for line in ids
    ]
    numbers = Table(first.text("standing_title", year=last), heads, lines)
    described = first.text("standing_described", title=first.joined([board.name(view) for view in board.level]))
    caption = first.text("standing_caption", year=last, base=first.years[0])
    figure = Figure("standing", caption, described, standing(board), numbers)
    table = Table(first.text("standing_table", year=last), columns, rows)
    return Section("gaps", first.text("gaps_chapter"), [figure, table])


def worth(board: Board) -> Section:
    """National security by year, indices in the last year, and where the objective comes from."""
    first = board.level[0]
    last = first.years[-1]
    columns = [column(first.text("index")), column(str(first.years[0]), ",.2f")]
    columns += [column(board.name(view), ",.2f") for view in board.level]
    rows: list[Sequence[Cell]] = [
        (first.text(name), first.index(name, first.years[0]), *(view.index(name, last) for view in board.level))
        for name in INDICES
    ]
    years: list[Sequence[Cell]] = [
        (str(year), *(view.index("security", year) for view in board.level)) for year in first.years
    ]
    numbers = Table(first.text("paths_title"), _per_run(board, first.text("in_year")), years)
    described = first.text("paths_described", title=first.joined([board.name(view) for view in board.level]))
    blocks: list[Block] = [Figure("paths", numbers.title, described, paths(board), numbers)]
    blocks.append(Table(first.text("worth_runs", year=last), columns, rows))
    values = [(view, view.result.value_of_planning) for view in board.level]
    parts: list[Sequence[Cell]] = [
        (board.name(view), own.trend, own.shares, own.value, own.plan) for view, own in values if own is not None
    ]
    if parts:
        heads = [column(first.text("run"))]
        heads += [column(first.text(key), ",.1f") for key in ("by_trend", "by_shares", "by_planning", "objective")]
        blocks += [Text(first.text("planning_lead")), Table(first.text("planning_table"), heads, parts)]
    return Section("worth", first.text("worth_chapter"), blocks)


def proofs(board: Board) -> Iterator[Block]:
    """What is proven of every plan, and what each loses where another case comes."""
    first = board.first
    yield Text(first.text("proofs_lead"))
    columns = [column(first.text("run")), column(first.text("state")), column(first.text("objective"), ",.2f")]
    columns += [column(first.text("bound"), ",.2f"), column(first.text("gap")), column(first.text("checked"))]
    rows: list[Sequence[Cell]] = []
    for name, view in zip(board.names, board.views, strict=True):
        result = view.result
        gap = "–" if result.gap is None else gap_text(result.gap, view.lang)
        checked = view.text("yes" if result.verified else "no")
        rows.append((name, result_word(result.status, view.lang), result.objective, result.bound, gap, checked))
    yield Table(first.text("proofs_table"), columns, rows)
    yield from _regret(board)


def _regret(board: Board) -> Iterator[Block]:
    matrix, first = board.compared.regret if board.compared else None, board.first
    if matrix is None:
        yield Text(first.text("no_regret_told"))
        return
    yield Text(first.text("regret_lead"))
    columns = [column(first.text("regret_rows")), *(column(plan) for plan in matrix.runs)]
    rows: list[Sequence[Cell]] = []
    for scenario in matrix.runs:
        entries = [matrix.entry(scenario, plan) for plan in matrix.runs]
        cells = [
            first.text("infeasible") if own.regret is None
            else f"{'≤ ' if own.how in ('mended', 'blended') else ''}{max(own.regret, 0.0):,.1f}"
            for own in entries
        ]  # fmt: skip
        rows.append((scenario, *cells))
    largest = ["–" if (most := matrix.largest[plan]) is None else f"{max(most, 0.0):,.1f}" for plan in matrix.runs]
    rows.append((first.text("largest"), *largest))
    yield Table(first.text("regret_table"), columns, rows)
    moved = max((entry.moved or 0.0 for entry in matrix.entries), default=0.0)
    if moved:
        yield Text(first.text("regret_moved", share=percent(moved, first.lang)))


def rules(board: Board) -> Section:
    """The rules with the highest prices, side by side: each in its dearest year."""
    first = board.level[0]
    found = [dearest(view) for view in board.level]
    prices = [
        {rule: float(view.result.columns("constraints")["price"][row]) for rule, row in own.items()}
        for view, own in zip(board.level, found, strict=True)
    ]
    every = {rule: max(abs(own.get(rule, 0.0)) for own in prices) for own in prices for rule in own}
    rows: list[Sequence[Cell]] = []
    for rule in sorted(every, key=lambda rule: -every[rule])[:MOST_RULES]:
        view, own = next((view, own) for view, own in zip(board.level, found, strict=True) if rule in own)
        table, row = view.result.columns("constraints"), own[rule]
        words = rule_text(view, str(table["rule"][row]), str(table["line"][row]))
        rows.append((words, view.price_unit(str(table["unit"][row])), *(each.get(rule) for each in prices)))
    if not rows:
        return Section("binding", first.text("binding"), [Text(first.text("no_prices"))])
    columns = [column(first.text("rule")), column(first.text("price_unit"))]
    columns += [column(board.name(view), ".3g") for view in board.level]
    blocks: list[Block] = [Text(first.text("binding_runs")), Table(first.text("binding_table"), columns, rows)]
    return Section("binding", first.text("binding"), blocks)


def differences(board: Board) -> Section:
    """Inputs that differ, what each of them explains, and what changes in kind."""
    first, compared = board.first, board.compared
    assert compared is not None
    blocks: list[Block] = []
    warned = [*refusal_texts(compared, first.lang), *caution_texts(compared, first.lang)]
    if warned:
        blocks.append(Points([_upper(text, first.lang) for text in warned]))
    asked = [first.text("asks_of", run=name, intent=intent) for name, intent in _intents(board)]
    if asked:
        blocks.append(Points(asked))
    blocks += [*_inputs(board), *_attribution(board), *_changed(board)]
    return Section("differences", first.text("differences"), blocks)


def _intents(board: Board) -> Iterator[tuple[str, str]]:
    for name, view in zip(board.names, board.views, strict=True):
        if intent := view.scenario.asks(view.lang):
            yield name, intent


def _upper(text: str, lang: str) -> str:
    return typeset(text[:1].upper() + text[1:] if LANGUAGES[lang].cases else text)


def _inputs(board: Board) -> Iterator[Block]:
    first = board.first
    rows: list[Sequence[Cell]] = []
    for pair in board.pairs:
        groups: dict[str, list[Difference]] = {}
        for point in pair.inputs:
            groups.setdefault(point.group, []).append(point)
        for group, points in groups.items():
            sides = [_values(board, points, side) for side in ("base", "other")]
            unit = first.unit(points[0].unit)
            grades = dict.fromkeys(first.grade(point.other_grade) for point in points if point.other_grade)
            rows.append((pair.run.name, input_name(first, group), *sides, unit, first.joined(list(grades))))
    if not rows:
        yield Text(first.text("same_inputs"))
        return
    keys = ("run", "setting", "", "", "unit", "grade")
    columns = [column(first.text(key) if key else "") for key in keys]
    columns[2], columns[3] = column(board.names[0]), column(first.text("here"))
    yield Table(first.text("inputs_table", first=board.names[0]), columns, rows[:MOST_INPUTS])
    if len(rows) > MOST_INPUTS:
        yield Text(translate("… and {count} more", first.lang, count=len(rows) - MOST_INPUTS))


def _values(board: Board, points: Sequence[Difference], side: str) -> str:
    """A value; of a series its first and last year that differ."""
    stated = [point for point in points if getattr(point, side) is not None]
    first = board.first
    values = [_number(shown_value(point.path, getattr(point, side), first.lang)) for point in stated]
    shown = [
        (point.year, shown_amount(value, point.unit, first.lang)) for point, value in zip(stated, values, strict=True)
    ]
    texts = [f"{year}{first.colon}{value}" if year else value for year, value in shown]
    return " … ".join([texts[0], texts[-1]] if len(texts) > 2 else texts) or "–"


def _number(value: str) -> str:
    try:
        return f"{float(value):.4g}"
    except ValueError:
        return value


def _attribution(board: Board) -> Iterator[Block]:
    """One table of what each changed input explains in every run; what is not worked out is named."""
    first = board.first
    rows: list[Sequence[Cell]] = []
    for pair in board.pairs:
        for part in () if pair.attribution is None else pair.attribution.parts:
            name = short(group_name(first, part.group, [point.path for point in pair.inputs]))
            low, high = part.low, part.high
            span = "–" if low is None or high is None else typeset(f"{low:+.2f} … {high:+.2f}")
            share = None if part.percent is None else part.percent / 100
            rows.append((pair.run.name, name, part.explained, share, span, part.security))
    missing = [pair.run.name for pair in board.pairs if pair.attribution is None and pair.inputs]
    if rows:
        yield Text(first.text("attribution_lead", first=board.names[0]))
        heads = [column(first.text("run")), column(first.text("setting")), column(first.text("explains"), "+,.1f")]
        heads += [first.share_column(first.text("of_change"), 0), column(first.text("proven_range"))]
        heads.append(column(first.text("in_security", year=first.scenario.horizon.last_year), "+.2f"))
        yield Table(first.text("attribution_table", first=board.names[0]), heads, rows)
    for reason in dict.fromkeys(_why_left_out(board, name) for name in missing):
        runs = [name for name in missing if _why_left_out(board, name) == reason]
        count = sum(board.left_out[name].programs for name in runs if name in board.left_out)
        yield Text(first.text(reason, runs=first.joined(runs), count=count))


def _why_left_out(board: Board, name: str) -> str:
    """Key of the sentence on an attribution that is not told."""
    return f"no_attribution_{board.left_out[name].reason}" if name in board.left_out else "no_attribution"


def _changed(board: Board) -> Iterator[Block]:
    """What changes in kind against the first run, a sentence each."""
    first = board.first
    for pair in board.pairs:
        texts = list(_sentences(board, pair))
        if texts:
            yield Text(first.text("changes_of", run=pair.run.name, first=board.names[0]))
            yield Points(texts)


def _sentences(board: Board, pair: Pair) -> Iterator[str]:
    by_name = dict(zip(board.names, board.views, strict=True))
    base, other = by_name[board.names[0]].scenario, by_name[pair.run.name].scenario
    lang = board.first.lang
    texts = [text for change in pair.changes for text in told(change, board.names[0], base, other, lang)]
    yield from (typeset(text) for text in texts[:MOST_CHANGES])
    if len(texts) > MOST_CHANGES:
        yield translate("… and {count} more", lang, count=len(texts) - MOST_CHANGES)
