"""Range bars: what plans near the optimum give every domain, type and plan, as `kctopt explain ranges` found it.

A bar runs from the least to the most that a near-optimal plan attains, its thin ends to what is proven; the tick is
this plan. The words beside the bars are the verdicts: must, may, never or open (analysis/ranges.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kctopt.analysis import ranges_text
from kctopt.analysis.saved import Analysis, ranges_of
from kctopt.language import LANGUAGES, money_number
from kctopt.report.content import Block, Figure, Points, Text
from kctopt.report.draw import altair
from kctopt.report.figures import finished
from kctopt.report.style import INK, QUIET, WIDTH
from kctopt.report.view import View
from kctopt.table import Table, column

COLOURS = {"must": "#0072B2", "may": "#56B4E9", "never": "#D55E00", "open": "#BBBBBB"}


def saved(view: View) -> Analysis | None:
    """The ranges saved with the run, those nearest the optimum; None where there are none."""
    return ranges_of(view.result.run_dir)


def told(view: View, analysis: Analysis) -> Iterator[Block]:
    """The findings in sentences, and the ranges drawn."""
    scenario, lang = view.scenario, view.lang
    yield Text(ranges_text.head(analysis, scenario, lang))
    yield Points(_joined(ranges_text.lists(analysis, scenario, lang), view))
    yield figure(view, analysis)
    more = ranges_text.alternatives(analysis, scenario, lang) + ranges_text.programmes(analysis, scenario, lang)
    yield Points([*ranges_text.doubts(analysis, lang), *more])


def _joined(lines: Iterable[str], view: View) -> list[str]:
    """Verdicts as sentences, each with its cells: lines that are set in belong to the one before."""
    items: list[list[str]] = []
    for line in lines:
        if line.startswith(" ") and items:
            items[-1].append(line.strip())
        else:
            items.append([line])
    between = LANGUAGES[view.lang].semicolon
    return [first + (view.colon + between.join(rest) if rest else "") for first, *rest in items]


def figure(view: View, analysis: Analysis) -> Figure:
    """The bars with their numbers."""
    title, described = view.text("ranges_title"), view.text("ranges_described", title=view.title)
    return Figure("ranges", title, described, bars(view, analysis), _table(view, analysis))


def bars(view: View, analysis: Analysis) -> Any:
    """The ranges of an analysis as an Altair chart, a panel a plan, billion CNY."""
    alt = altair()
    values = [_values(view, row) for row in analysis.tables["cells"].records]
    order = list(dict.fromkeys(value["cell"] for value in values))
    used = [key for key in COLOURS if any(value["key"] == key for value in values)]
    verdicts, colours = [view.text(f"verdict_{key}") for key in used], [COLOURS[key] for key in used]
    x = alt.X("least:Q", title=view.text("money_axis"))
    base = alt.Chart().properties(width=WIDTH // 2 - 90, height=19 * len(order))
    base = base.encode(y=alt.Y("cell:N", title=None, sort=order, axis=alt.Axis(grid=True, ticks=False)))
    proven = base.mark_rule(color=QUIET).encode(x=alt.X("low:Q", title=view.text("money_axis")), x2="high:Q")
    attained = base.mark_bar(height=9).encode(
        x=x,
        x2="most:Q",
        color=alt.Color("verdict:N", title=None, sort=verdicts, scale=alt.Scale(domain=verdicts, range=colours)),
    )
    plan = base.mark_tick(color=INK, thickness=2, height=15).encode(x="spend:Q")
    words = base.mark_text(align="left", dx=5, fontSize=10, color=INK).encode(x="high:Q", text="verdict:N")
    panels = alt.layer(proven, attained, plan, words, data=alt.Data(values=values)).facet(
        facet=alt.Facet("plan:N", title=None), columns=2, spacing=12
    )
    return finished(panels, view, "ranges")


def _values(view: View, row: Any) -> dict[str, Any]:
    return {
        "cell": view.cell(row["domain"], row["type"]),
        "plan": view.plan(row["plan"]), "key": row["verdict"], "verdict": view.text(f"verdict_{row['verdict']}"),
        **{key: money_number(row[key], view.lang) for key in ("spend", "least", "most")},
        "low": money_number(min(row["least_proven"], row["least"]), view.lang),
        "high": money_number(max(row["most_proven"], row["most"]), view.lang),
    }  # fmt: skip


def _table(view: View, analysis: Analysis) -> Table:
    columns = [column(view.text(key)) for key in ("domain", "type", "in_plan")]
    keys = ("spend", "least", "most", "least_proven", "most_proven", "rules_least", "rules_most")
    columns += [view.money_column(view.text(f"range_{key}")) for key in keys]
    columns.append(column(view.text("range_verdict")))
    rows = [
        (
            view.label("domains", row["domain"]), view.text(row["type"]), view.plan(row["plan"]),
            *(money_number(row[key], view.lang) for key in keys), view.text(f"verdict_{row['verdict']}"),
        )
        for row in analysis.tables["cells"].records
    ]  # fmt: skip
    return Table(view.text("ranges_table"), columns, rows)
