"""Where the money goes over the worlds: bands of domains, types or cells by plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from kctopt.language import money_digits, money_number, plan_name
from kctopt.report.content import Figure
from kctopt.report.draw import altair
from kctopt.report.style import INK, WIDTH
from kctopt.study.plots.words import say
from kctopt.study.plots.worlds import (
    SHARES,
    band_names,
    band_opacity,
    band_rows,
    finished,
    quantiles_of,
    share_columns,
)
from kctopt.table import Table, column

TICK = "M0,-0.8V0.8"  # a short upright line


def money_bands(cells: pd.DataFrame, by: Sequence[str], members: Sequence[Any]) -> pd.DataFrame:
    """Quantiles of the money of each item in each plan over members.

    Parameters
    ----------
    cells : pandas.DataFrame
        Columns draw, plan, amount (billion CNY) and those of `by`.
    by : sequence of str
        What an item is.
    members : sequence
        Draws with a plan; one without a row of an item gives it nothing.

    Returns
    -------
    pandas.DataFrame
        Columns of `by`, plan and the quantiles, billion CNY over the plan.
    """
    summed = cells.groupby([*by, "plan", "draw"], sort=False)["amount"].sum().unstack("draw")
    summed = summed.reindex(columns=list(members)).fillna(0.0)
    table = pd.DataFrame([quantiles_of(row) for row in summed.to_numpy(dtype=float)], index=summed.index)
    return table.reset_index()


def money_figure(
    table: pd.DataFrame, names: Mapping[Any, tuple[str, str]], key: str, lang: str, title: str, members: int
) -> Figure:
    """The bands of items, a panel a plan.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns item, plan and the quantiles, billion CNY.
    names : mapping of item to (str, str)
        What each item is called, and its colour, in their order.
    key : str
        Of the word for an item: `domain`, `type`, `domain_type`.
    lang, title : str
        en or zh, and what the study is called.
    members : int
        How many worlds have a plan.
    """
    alt = altair()
    rows: list[dict[str, Any]] = [
        {"item": names[row["item"]][0], "colour": names[row["item"]][1], "plan": plan_name(str(row["plan"]), lang)}
        | {share: money_number(float(row[share]), lang) for share in SHARES}
        for row in table.to_dict("records")
    ]
    order = [name for name, _ in names.values()]
    bands = [
        one for row in rows
        for one in band_rows(row, lang, item=row["item"], colour=row["colour"], plan=row["plan"])
    ]  # fmt: skip
    middle = [{**row, "value": row["50%"], "median": say("median", lang)} for row in rows]
    plans = list(dict.fromkeys(row["plan"] for row in rows))
    reach = 1.06 * max((row["95%"] for row in rows), default=1.0) or 1.0
    panels = [
        _panel(
            [band for band in bands if band["plan"] == plan], [mark for mark in middle if mark["plan"] == plan], plan,
            order, reach, lang, first=place % 2 == 0,
        )
        for place, plan in enumerate(plans)
    ]  # fmt: skip
    described = say("money_described", lang, title=title)
    chart = finished(alt.concat(*panels, columns=2, spacing=16), described)
    caption = say("money_caption", lang, count=f"{members:,}")
    form = f",.{money_digits(1, lang)}f"
    columns = [column(say(key, lang)), column(say("plan", lang)), *share_columns(form, lang)]
    cells = [(row["item"], row["plan"], *(row[share] for share in SHARES)) for row in rows]
    return Figure("money", caption, described, chart, Table(say("money_table", lang), columns, cells))


def _panel(
    bands: list[dict[str, Any]], middle: list[dict[str, Any]], plan: str, order: list[str], reach: float, lang: str, *,
    first: bool,
) -> Any:  # fmt: skip
    """The bands of one plan."""
    alt = altair()
    axis = alt.Axis(grid=True, ticks=False, domain=False, **({} if first else {"labels": False}))
    y = alt.Y("item:N", title=None, sort=order, axis=axis)
    x = {
        "title": say("money_axis", lang), "scale": alt.Scale(domain=[0, reach], nice=False),
        "axis": alt.Axis(tickCount=5, format=",d" if reach > 20 else ""),
    }  # fmt: skip
    base = alt.Chart(alt.Data(values=bands), width=WIDTH // 2 - 70, height=26 * len(order))
    colour = alt.Color("colour:N", scale=None, legend=None)
    drawn = [
        base.transform_filter(alt.datum.band == name)
        .mark_bar(height=height)
        .encode(y=y, x=alt.X("low:Q", **x), x2="high:Q", color=colour, opacity=band_opacity(lang))
        for name, height in zip(band_names(lang), (7, 15), strict=True)
    ]
    ticks = (
        alt.Chart(alt.Data(values=middle))
        .mark_point(color=INK, strokeWidth=2.2, size=150, opacity=1)
        .encode(y=y, x=alt.X("value:Q", **x), shape=alt.Shape("median:N", title=None, scale=alt.Scale(range=[TICK])))
    )
    return alt.layer(*drawn, ticks).properties(title=alt.Title(plan, fontSize=12, offset=6))
