"""The figures: one function each, from a View to an Altair chart.

| figure | shows |
|---|---|
| allocation | money by year, stacked by domain |
| heat | money by domain, type and plan |
| flows | budget to domains to types, widths by money |
| gaps | relative gap of every line by year over the gap bands |
| security | national security and its three parts by year |
| dumbbell | money of two plans by domain and type |
"""

from __future__ import annotations

import math
from typing import Any

from kctopt.language import LANGUAGES, money_digits
from kctopt.report.draw import altair
from kctopt.report.ribbons import boxes, ribbons
from kctopt.report.style import CONFIG, INK, OTHER, QUIET, TYPE_COLOURS, TYPE_DASHES, WIDTH, domain_colours
from kctopt.report.view import PARTS, View, spend, states, totals
from kctopt.result.tables import main_type

Chart = Any  # an Altair chart; the package is typed only in part
MOST_YEARS = 14  # named on an axis
GAP_COLUMNS = 3  # panels beside each other


def finished(chart: Chart, view: View, name: str) -> Chart:
    """A chart with the looks of all figures, and its description for those who do not see it."""
    return chart.configure(**CONFIG).properties(description=view.text(f"{name}_described", title=view.title))


def allocation(view: View) -> Chart:
    """Money by planned year, stacked by domain, billion CNY; domains in their order, each in its colour."""
    alt = altair()
    ids = [domain.id for domain in view.scenario.domains]
    colours = domain_colours(ids)
    shown = [domain for domain in ids if colours[domain] != OTHER]
    names = [view.label("domains", domain) for domain in shown]
    place = {domain: n for n, domain in enumerate(shown)}
    rows = totals(spend(view.result, view.lang), "domain", "year")
    if any(domain not in place for domain, _ in rows):
        names.append(view.text("other_domains"))
    values = [
        {"year": year, "rank": place.get(domain, len(shown)), "amount": amount}
        for (domain, year), amount in rows.items()
    ]
    values = [value | {"domain": names[value["rank"]]} for value in values]
    scale = alt.Scale(domain=names, range=[*(colours[domain] for domain in shown), OTHER][: len(names)])
    chart = (
        alt.Chart(alt.Data(values=values), width=WIDTH, height=320)
        .mark_bar(stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X("year:O", title=None, axis=alt.Axis(values=_marks(view))),
            y=alt.Y("sum(amount):Q", title=view.text("money_a_year")),
            color=alt.Color("domain:N", title=None, sort=names, scale=scale),
            order=alt.Order("rank:Q"),
        )
    )
    return finished(chart, view, "allocation")


def _marks(view: View) -> list[int]:
    """Years that an axis names: all of them, or so many that they do not overlap, the last one among them."""
    step = math.ceil(len(view.years) / MOST_YEARS)
    return view.years[::-1][::step]


def heat(view: View) -> Chart:
    """Money by domain and type, one panel a plan, billion CNY."""
    alt = altair()
    sums = totals([row for row in spend(view.result, view.lang) if row.domain], "domain", "type", "plan")
    kinds = [view.text(kind) for kind in view.kinds]
    domains = [view.label("domains", domain.id) for domain in view.scenario.domains]
    plans = [view.plan(plan.id) for plan in view.scenario.horizon.plans]
    values = [
        {"domain": view.label("domains", d), "type": view.text(kind), "plan": view.plan(plan), "amount": round(sum_, 3)}
        for (d, kind, plan), sum_ in sums.items()
    ]
    largest = max(sums.values(), default=1.0)
    base = alt.Chart(alt.Data(values=values), width=72 * len(kinds), height=34 * len(domains)).encode(
        x=alt.X("type:N", title=None, sort=kinds, axis=alt.Axis(ticks=False, domain=False)),
        y=alt.Y("domain:N", title=None, sort=domains, axis=alt.Axis(ticks=False, domain=False)),
    )
    colour = alt.Color(
        "amount:Q",
        title=view.text("money_axis"),
        scale=alt.Scale(type="sqrt", scheme="cividis", domainMin=0),
        legend=alt.Legend(tickCount=3, gradientLength=300),
    )
    text_colour = alt.condition(f"datum.amount > {0.3 * largest}", alt.value("black"), alt.value("white"))
    cells = base.mark_rect(stroke="white").encode(color=colour)
    numbers = base.mark_text(fontSize=11).encode(
        text=alt.Text("amount:Q", format=f",.{money_digits(1, view.lang)}f"), color=text_colour
    )
    panels = alt.layer(cells, numbers).facet(facet=alt.Facet("plan:N", title=None, sort=plans), columns=2, spacing=12)
    return finished(panels, view, "heat")


def flows(view: View) -> Chart:
    """The budget on its way to domains and on to types; the width of a band is its money."""
    alt = altair()
    nodes, links = boxes(view), ribbons(view)
    bands = (
        alt.Chart(alt.Data(values=links), width=WIDTH, height=380)
        .mark_area(opacity=0.55)
        .encode(
            x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.32, 2.45], nice=False)),
            y=alt.Y("low:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False)),
            y2="high:Q",
            detail="link:N",
            color=alt.Color("colour:N", scale=None),
        )
    )
    base = alt.Chart(alt.Data(values=nodes))
    bars = base.mark_rect().encode(
        x="left:Q", x2="right:Q", y="low:Q", y2="high:Q", color=alt.Color("colour:N", scale=None)
    )
    layers = [bands, bars]
    for side, align, at, dx in (("left", "right", "left", -6), ("right", "left", "right", 6)):
        layers.append(
            base.transform_filter(f"datum.side == '{side}'")
            .mark_text(align=align, dx=dx, fontSize=12, color=INK)
            .encode(x=f"{at}:Q", y="middle:Q", text="name:N")
        )
    return finished(alt.layer(*layers), view, "flows")


def gaps(view: View) -> Chart:
    """Relative gap of every line to the rival, a panel a domain, over the gap bands."""
    alt = altair()
    rows = _gap_rows(view)
    kinds = [kind for kind in view.kinds if kind in TYPE_DASHES]
    names = [view.text(kind) for kind in kinds]
    reach = [row["gap"] for row in rows]
    low, high = min(-0.1, *reach) - 0.05, max(0.7, *reach) + 0.05
    scale = alt.Scale(domain=[low, high], nice=False)
    panels: list[Chart] = []
    for domain in view.scenario.domains:
        own = [row for row in rows if row["domain"] == domain.id]
        if not own:
            continue
        lines = (
            alt.Chart(alt.Data(values=own))
            .mark_line(strokeWidth=2)
            .encode(
                x=alt.X("year:Q", title=None, axis=alt.Axis(format="d", values=view.landmarks, grid=False)),
                y=alt.Y(
                    "gap:Q", title=None if len(panels) % GAP_COLUMNS else view.text("gap_axis"), scale=scale,
                    axis=alt.Axis(format="%", tickCount=5, grid=False),
                ),
                detail="line:N",
                stroke=alt.Stroke(
                    "type:N", title=None, sort=names, legend=alt.Legend(symbolType="stroke", symbolSize=400),
                    scale=alt.Scale(domain=names, range=[TYPE_COLOURS[kind] for kind in kinds]),
                ),
                strokeDash=alt.StrokeDash(
                    "type:N", sort=names, scale=alt.Scale(domain=names, range=[TYPE_DASHES[kind] for kind in kinds])
                ),
            )
        )  # fmt: skip
        layers = alt.layer(_gap_bands(view, low, high), _parity(), lines)
        panels.append(layers.properties(title=view.label("domains", domain.id), width=WIDTH // 3 - 30, height=190))
    return finished(alt.concat(*panels, columns=GAP_COLUMNS, spacing=14), view, "gaps")


def _gap_rows(view: View) -> list[dict[str, Any]]:
    gaps = states(view.result, "gap")
    return [
        {"line": line.id, "domain": line.domain, "type": view.text(main_type(line))}
        | {"year": year, "gap": gaps[line.id, year]}
        for line in view.scenario.lines
        for year in view.years
    ]  # fmt: skip


def _gap_bands(view: View, low: float, high: float) -> Chart:
    """Grey for each gap band, between the thresholds without controls, by which tables name the bands.

    Under regime switching stages are set at reviews, by a line's own thresholds, which move with controls.
    """
    alt, law = altair(), view.scenario.diffusion
    edges = {"far": (law.far, high), "reach": (law.near, law.far), "near": (low, law.near)}
    names = [view.text(band) for band in edges]
    values = [
        {"band": name, "bottom": bottom, "top": top} for name, (bottom, top) in zip(names, edges.values(), strict=True)
    ]
    legend = alt.Legend(symbolStrokeColor=QUIET, symbolStrokeWidth=0.5)
    scale = alt.Scale(domain=names, range=["#C8C8C8", "#E6E6E6", "#FFFFFF"])
    return (
        alt.Chart(alt.Data(values=values))
        .mark_rect()
        .encode(y="bottom:Q", y2="top:Q", fill=alt.Fill("band:N", title=None, sort=names, scale=scale, legend=legend))
    )


def _parity() -> Chart:
    """A thin line where own and rival capability are the same."""
    alt = altair()
    return alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=QUIET, strokeWidth=0.7).encode(y="zero:Q")


def security(view: View) -> Chart:
    """National security and its three parts by year, base year = 100."""
    alt = altair()
    looks = {
        "security": (INK, [1, 0], 3.0), "economic": ("#0072B2", [6, 2], 2.0),
        "military": ("#D55E00", [2, 2], 2.0), "technology": ("#009E73", [8, 2, 2, 2], 2.0),
    }  # fmt: skip
    names = [view.text(key) for key in looks]
    values = [
        {"index": view.text(key), "year": year, "value": view.index(key, year)}
        for key in ("security", *PARTS)
        for year in view.years
    ]

    def scale(place: int) -> Any:
        return alt.Scale(domain=names, range=[look[place] for look in looks.values()])

    legend = alt.Legend(symbolType="stroke", symbolSize=400)
    chart = (
        alt.Chart(alt.Data(values=values), width=WIDTH, height=300)
        .mark_line()
        .encode(
            x=alt.X("year:O", title=None, axis=alt.Axis(values=_marks(view))),
            y=alt.Y("value:Q", title=view.text("index_axis"), scale=alt.Scale(zero=False)),
            color=alt.Color("index:N", title=None, sort=names, scale=scale(0), legend=legend),
            strokeDash=alt.StrokeDash("index:N", sort=names, scale=scale(1)),
            strokeWidth=alt.StrokeWidth("index:N", sort=names, scale=scale(2), legend=None),
        )
    )
    return finished(chart, view, "security")


def dumbbell(view: View, other: View, most: int = 16) -> Chart:
    """Money by domain and type in two plans, the largest changes first, billion CNY over the planned years."""
    alt = altair()
    names = _two_names(view, other)
    rows, points, changes = _pairs(view, other, names, most)
    y = alt.Y("row:N", title=None, sort=rows, axis=alt.Axis(grid=True, ticks=False))
    base = alt.Chart(alt.Data(values=points), width=WIDTH - 120, height=24 * len(rows)).encode(y=y)
    joined = base.mark_line(color=QUIET, strokeWidth=2).encode(x="amount:Q", detail="row:N")
    colours, shapes = ["#0072B2", "#D55E00"], ["circle", "diamond"]
    marks = base.mark_point(filled=True, size=110, opacity=1).encode(
        x=alt.X("amount:Q", title=view.text("money_axis")),
        color=alt.Color("plan:N", title=None, sort=names, scale=alt.Scale(domain=names, range=colours)),
        shape=alt.Shape("plan:N", sort=names, scale=alt.Scale(domain=names, range=shapes)),
    )
    numbers = (
        alt.Chart(alt.Data(values=changes))
        .mark_text(align="left", dx=10, fontSize=11, color=INK)
        .encode(y=y, x="amount:Q", text=alt.Text("change:Q", format=f"+,.{money_digits(1, view.lang)}f"))
    )
    chart = alt.layer(joined, marks, numbers).configure(**CONFIG)
    return chart.properties(description=view.text("dumbbell_described", title=names[0], other=names[1]))


def _two_names(view: View, other: View) -> list[str]:
    """Labels of two results, or their run folders where the labels are the same."""
    names = [view.title, other.title]
    if names[0] == names[1]:
        folders = [each.result.run_dir for each in (view, other)]
        names = [
            name + LANGUAGES[view.lang].aside(folder.name if folder else str(n))
            for n, (name, folder) in enumerate(zip(names, folders, strict=True), 1)
        ]
    return names


def _pairs(
    view: View, other: View, names: list[str], most: int
) -> tuple[list[str], list[dict[str, Any]], list[dict[str, Any]]]:
    """Names of rows by falling change, two points a row, and the change a row."""
    sums = [totals(spend(each.result, each.lang), "domain", "type") for each in (view, other)]
    money = {key: [own.get(key, 0.0) for own in sums] for key in dict.fromkeys([*sums[0], *sums[1]])}
    keys = sorted(money, key=lambda key: -abs(money[key][1] - money[key][0]))[:most]
    labels = {key: f"{_domain(view, other, key[0])} · {view.text(key[1])}" for key in keys}
    points = [
        {"row": labels[key], "plan": name, "amount": amount}
        for key in keys
        for name, amount in zip(names, money[key], strict=True)
    ]
    changes = [{"row": labels[key], "amount": max(money[key]), "change": money[key][1] - money[key][0]} for key in keys]
    return list(labels.values()), points, changes


def _domain(view: View, other: View, domain: str) -> str:
    """Label of a domain of either result."""
    known = any(entry.id == domain for entry in view.scenario.domains)
    return (view if known or not domain else other).label("domains", domain)
