"""Figures of several runs side by side (of one run where that makes sense), from a Board to an Altair chart.

| figure | shows |
|---|---|
| overview | shares of the money by domain, a bar a run; beside them national security |
| changes | money by domain and type, each run less the first |
| paths | national security by year, and each run less the first on an axis of its own |
| standing | gap of every line in the base year and in the last year of each run |
"""

from __future__ import annotations

from typing import Any

from kctopt.report.board import Board
from kctopt.report.draw import altair
from kctopt.report.style import (
    CONFIG,
    GRID,
    INK,
    OTHER,
    QUIET,
    RUN_COLOURS,
    RUN_DASHES,
    RUN_SHAPES,
    WIDTH,
    domain_colours,
)
from kctopt.report.view import View, spend, states, totals

Chart = Any  # an Altair chart; the package is typed only in part
MOST_ROWS = 14  # of the largest changes
ROW = 30  # pixels of a bar


def finished(chart: Chart, board: Board, name: str) -> Chart:
    """A chart with the looks of all figures, and its description."""
    runs = board.first.joined([board.name(view) for view in board.level])
    return chart.configure(**CONFIG).properties(description=board.first.text(f"{name}_described", title=runs))


def bars_of(board: Board) -> list[tuple[str, dict[str, float], float]]:
    """Rows of the overview: name, share of the money by domain, national security.

    Several runs have a row each; one run has its base year and its plans.
    """
    first = board.planned[0]
    if board.several:
        last = first.scenario.horizon.last_year
        return [(board.name(view), _shares(view), view.index("security", last)) for view in board.level]
    base = first.scenario.horizon.base_year
    before: dict[str, float] = {}
    for line in first.scenario.lines:
        before[line.domain] = before.get(line.domain, 0.0) + line.spend
    rows = [(str(base), _parts(before), first.index("security", base))]
    plans = first.scenario.horizon.plans
    return rows + [(first.plan(plan.id), _shares(first, plan.id), first.index("security", plan.last)) for plan in plans]


def _shares(view: View, plan: str = "") -> dict[str, float]:
    own = [row for row in spend(view.result, view.lang) if row.domain and plan in ("", row.plan)]
    return _parts({key: amount for (key,), amount in totals(own, "domain").items()})


def _parts(amounts: dict[str, float]) -> dict[str, float]:
    whole = sum(amounts.values())
    return {key: amount / whole if whole else 0.0 for key, amount in amounts.items()}


def overview(board: Board) -> Chart:
    """Shares of the money by domain, a bar a run, and national security beside them on an axis of its own."""
    alt, first = altair(), board.planned[0]
    rows = bars_of(board)
    names = [name for name, _, _ in rows]
    colours = domain_colours(domain.id for domain in first.scenario.domains)
    labels = [first.label("domains", domain) for domain in colours]
    values = [
        {"run": name, "domain": first.label("domains", domain), "rank": n, "share": shares.get(domain, 0.0)}
        for name, shares, _ in rows
        for n, domain in enumerate(colours)
    ]
    y = alt.Y("run:N", title=None, sort=names, axis=alt.Axis(ticks=False, domain=False))
    shares = alt.Chart(alt.Data(values=values), width=WIDTH - 250, height=ROW * len(names)).encode(
        y=y,
        x=alt.X(
            "share:Q", title=first.text("share_axis"), stack="zero", axis=alt.Axis(format="%", grid=False),
            scale=alt.Scale(domain=[0, 1], nice=False),
        ),
        order=alt.Order("rank:Q"),
    )  # fmt: skip
    colour = alt.Color(
        "domain:N", title=None, sort=labels, scale=alt.Scale(domain=labels, range=list(colours.values()))
    )
    bars = shares.mark_bar(stroke="white", strokeWidth=0.7).encode(color=colour)
    ends = [{"run": name, "value": value} for name, _, value in rows]
    values_shown = [value for _, _, value in rows]
    low, high = min(values_shown), max(values_shown)
    room = max(high - low, 1.0)
    base = alt.Chart(alt.Data(values=ends), width=150, height=ROW * len(names)).encode(
        y=alt.Y("run:N", title=None, sort=names, axis=None),
        x=alt.X(
            "value:Q", title=first.text("security_axis" if board.several else "security_ends", year=first.years[-1]),
            scale=alt.Scale(domain=[low - 0.25 * room, high + 0.6 * room], nice=False), axis=alt.Axis(tickCount=3),
        ),
    )  # fmt: skip
    points = base.mark_point(filled=True, size=90, color=INK, opacity=1)
    numbers = base.mark_text(align="left", dx=9, fontSize=12).encode(text=alt.Text("value:Q", format=".1f"))
    return finished(alt.hconcat(bars, alt.layer(points, numbers), spacing=24), board, "overview")


def changes_of(board: Board) -> dict[tuple[str, str], list[float]]:
    """Money by domain and type over the planned years, a number a run, the widest spread first, billion CNY."""
    sums = [
        totals([row for row in spend(view.result, view.lang) if row.domain], "domain", "type") for view in board.level
    ]
    money = {key: [own.get(key, 0.0) for own in sums] for key in dict.fromkeys(key for own in sums for key in own)}
    return dict(sorted(money.items(), key=lambda item: min(item[1]) - max(item[1])))


def runs_scale(board: Board, skip: int = 0) -> tuple[list[str], dict[str, Any]]:
    """Names of the runs that can be put side by side, and scales of colour, shape and dash by name."""
    alt, names = altair(), [board.name(view) for view in board.level]

    def scale(looks: Any) -> Any:
        chosen = [looks[n % len(looks)] for n in range(len(names))]
        return alt.Scale(domain=names[skip:], range=chosen[skip:])

    return names[skip:], {"colour": scale(RUN_COLOURS), "shape": scale(RUN_SHAPES), "dash": scale(RUN_DASHES)}


def changes(board: Board) -> Chart:
    """Money of each run less that of the first by domain and type, on an axis of its own."""
    alt, first = altair(), board.level[0]
    cells = list(changes_of(board).items())[:MOST_ROWS]
    names, scales = runs_scale(board, skip=1)
    labels = [first.cell(domain, kind) for (domain, kind), _ in cells]
    values = [
        {"row": label, "run": name, "change": amount - amounts[0]}
        for label, (_, amounts) in zip(labels, cells, strict=True)
        for name, amount in zip(names, amounts[1:], strict=True)
    ]
    y = alt.Y("row:N", title=None, sort=labels, axis=alt.Axis(grid=True, ticks=False, domain=False))
    base = alt.Chart(alt.Data(values=values), width=WIDTH - 160, height=20 * len(labels)).encode(y=y)
    marks = base.mark_point(filled=True, size=85, opacity=0.95).encode(
        x=alt.X("change:Q", title=first.text("change_axis", first=board.name(first)), axis=alt.Axis(tickCount=7)),
        color=alt.Color("run:N", title=None, sort=names, scale=scales["colour"]),
        shape=alt.Shape("run:N", title=None, sort=names, scale=scales["shape"]),
    )
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=QUIET).encode(x="zero:Q")
    return finished(alt.layer(zero, marks), board, "changes")


def paths(board: Board) -> Chart:
    """National security by year, and each run less the first beside it."""
    alt, first = altair(), board.level[0]
    names, scales = runs_scale(board)
    rows = []
    for view in board.level:
        for year in view.years:
            value = view.index("security", year)
            change = value - first.index("security", year)
            rows.append({"run": board.name(view), "year": year, "value": value, "change": change})
    legend = alt.Legend(symbolType="stroke", symbolSize=400)

    def panel(field: str, title: str, data: list[dict[str, Any]]) -> Chart:
        axis = alt.Axis(format="d", values=first.landmarks, grid=False)
        return (
            alt.Chart(alt.Data(values=data), width=WIDTH // 2 - 45, height=210)
            .mark_line(strokeWidth=2)
            .encode(
                x=alt.X("year:Q", title=None, axis=axis, scale=alt.Scale(domain=[first.years[0], first.years[-1]])),
                y=alt.Y(f"{field}:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5)),
                color=alt.Color("run:N", title=None, sort=names, scale=scales["colour"], legend=legend),
                strokeDash=alt.StrokeDash("run:N", title=None, sort=names, scale=scales["dash"]),
            )
        )

    whole = panel("value", first.text("security_path"), rows)
    less = panel("change", first.text("security_less", first=board.name(first)), rows)
    return finished(alt.hconcat(whole, less, spacing=24), board, "paths")


def standing(board: Board) -> Chart:
    """Gap of every line: a tick in the base year, a point in the last year of each run; left of zero it leads."""
    alt, first = altair(), board.level[0]
    names, scales = runs_scale(board)
    base, last = first.years[0], first.years[-1]
    order = [first.label("lines", line.id) for line in first.scenario.lines]
    known = {line.id: first.label("lines", line.id) for line in first.scenario.lines}
    before = states(first.result, "gap")
    ticks = [{"line": label, "gap": before[line, base]} for line, label in known.items()]
    values = [
        {"line": known[line], "run": board.name(view), "gap": gap}
        for view in board.level
        for (line, year), gap in states(view.result, "gap").items()
        if year == last and line in known
    ]
    y = alt.Y("line:N", title=None, sort=order, axis=alt.Axis(grid=True, gridColor=GRID, ticks=False, domain=False))
    frame = {"width": WIDTH - 220, "height": 17 * len(order)}
    x = alt.X("gap:Q", title=first.text("gap_axis"), axis=alt.Axis(format="%", grid=False, tickCount=7))
    old = alt.Chart(alt.Data(values=ticks), **frame).mark_tick(color=OTHER, thickness=5, height=13).encode(x=x, y=y)
    new = (
        alt.Chart(alt.Data(values=values))
        .mark_point(filled=True, size=55, opacity=0.95)
        .encode(
            x=x, y=y, color=alt.Color("run:N", title=None, sort=names, scale=scales["colour"]),
            shape=alt.Shape("run:N", title=None, sort=names, scale=scales["shape"]),
        )
    )  # fmt: skip
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=QUIET).encode(x="zero:Q")
    return finished(alt.layer(old, zero, new), board, "standing")
