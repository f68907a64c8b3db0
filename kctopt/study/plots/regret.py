"""Regret by plan and world as a heat map: which plan loses how much where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kctopt.report.content import Figure
from kctopt.report.draw import altair
from kctopt.report.style import INK, WIDTH
from kctopt.study.plots.words import say
from kctopt.study.plots.worlds import finished
from kctopt.study.robustness import RegretMatrix
from kctopt.table import Table, column

MOST = 80  # columns
ROW = 34  # pixels of a plan


def regret_cells(matrix: RegretMatrix, most: int = MOST) -> pd.DataFrame:
    """Regret by plan and group of worlds.

    Parameters
    ----------
    matrix : RegretMatrix
        As `kctopt.study.robustness.regret_matrix` returns it.
    most : int, default 80
        Groups.

    Returns
    -------
    pandas.DataFrame
        Columns plan, place (from 0, by rising mean regret), worlds (in the group), regret (the largest in it) and
        broken (whether the plan breaks a rule in one of them). Plans: the one whose largest regret is smallest first,
        those that break a rule somewhere last.
    """
    low = matrix.low
    mean = low.mean(axis=1).fillna(np.inf)
    order = mean.sort_values(kind="stable").index
    groups = np.array_split(np.arange(len(order)), min(most, len(order)))
    largest = low.max().where(~low.isna().any(), np.inf)
    rows = []
    for plan in largest.sort_values(kind="stable").index:
        values = low.loc[order, plan].to_numpy(dtype=float)
        for place, group in enumerate(groups):
            own = values[group]
            known = own[np.isfinite(own)]
            rows.append({
                "plan": str(plan), "place": place, "worlds": len(group),
                "regret": float(known.max()) if len(known) else np.nan, "broken": len(known) < len(own),
            })  # fmt: skip
    return pd.DataFrame(rows)


def heat(matrix: RegretMatrix, title: str, unit: str, lang: str) -> Figure:
    """The heat map, with mean and largest regret of each plan beside it.

    Parameters
    ----------
    matrix : RegretMatrix
        As `kctopt.study.robustness.regret_matrix` returns it.
    title, unit : str
        What was studied, and the unit of the outcome in words, empty where it has none.
    lang : str
        en or zh.

    Returns
    -------
    Figure
        Worlds are grouped where there are more than 80.
    """
    alt, table = altair(), regret_cells(matrix)
    order, places = list(dict.fromkeys(table["plan"])), int(table["place"].max()) + 1
    size = int(table["worlds"].max())
    cells = [
        row | {"regret": None if row["regret"] != row["regret"] else row["regret"]} for row in table.to_dict("records")
    ]
    y = alt.Y("plan:N", title=None, sort=order, axis=alt.Axis(ticks=False, domain=False))
    words = say("regret_worlds", lang) if size == 1 else say("regret_groups", lang, size=size)
    x = alt.X("place:O", title=words, axis=alt.Axis(labels=False, ticks=False, domain=False))
    colour = alt.Color(
        "regret:Q", title=say("regret_axis", lang, unit=unit) if unit else say("regret_bare", lang),
        scale=alt.Scale(scheme="cividis", domainMin=0), legend=alt.Legend(tickCount=4, gradientLength=240),
    )  # fmt: skip
    base = alt.Chart(alt.Data(values=cells), width=WIDTH - 220, height=ROW * len(order))
    drawn = base.transform_filter("datum.regret !== null").mark_rect(stroke=None).encode(x=x, y=y, color=colour)
    layers = [drawn]
    if table["broken"].any():
        name = say("broken", lang)
        crossed = base.transform_filter("datum.broken").transform_calculate(broken=f"'{name}'")
        layers.append(
            crossed.mark_point(shape="cross", angle=45, size=26, filled=True, opacity=1).encode(
                x=x, y=y, fill=alt.Fill("broken:N", title=None, scale=alt.Scale(domain=[name], range=["#D55E00"]))
            )
        )
    numbers = _numbers(matrix, lang)
    texts = [
        {"plan": row[0], "head": head, "text": "–" if value != value else f"{value:.3g}"}
        for row in numbers.rows
        for head, value in zip((numbers.heads[1], numbers.heads[2]), row[1:3], strict=True)
    ]
    heads = alt.X("head:N", title=None, sort=numbers.heads[1:3], axis=alt.Axis(orient="top", ticks=False, domain=False))
    beside = (
        alt.Chart(alt.Data(values=texts), width=110, height=ROW * len(order))
        .mark_text(fontSize=11, color=INK)
        .encode(x=heads, y=alt.Y("plan:N", sort=order, axis=None), text="text:N")
    )
    described = say("regret_described", lang, title=title)
    chart = finished(alt.hconcat(alt.layer(*layers), beside, spacing=8), described)
    caption = say("regret_caption", lang, plans=len(order), count=f"{len(matrix.low):,}")
    assert places <= MOST
    return Figure("regret", caption, described, chart, numbers)


def _numbers(matrix: RegretMatrix, lang: str) -> Table:
    """Mean and largest regret of each plan, and in how many worlds it breaks a rule."""
    columns = [column(say("held_plan", lang)), column(say("mean", lang), ".3g"), column(say("largest", lang), ".3g"),
               column(say("broken_in", lang), ",.0f")]  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (str(plan), float(row["mean_low"]), float(row["largest_low"]), float(row["failed"]))
        for plan, row in matrix.table.iterrows()
    ]
    return Table(say("regret_table", lang), columns, rows)
