"""Parallel coordinates: each world a line through its inputs down to the outcome, which colours it.

Axes lie on their side, a row each, so that names of inputs can be read.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kctopt.report.content import Figure
from kctopt.report.draw import altair
from kctopt.report.style import INK, WIDTH
from kctopt.study.given import Array
from kctopt.study.plots.effects import FIFTH, effects
from kctopt.study.plots.words import say
from kctopt.study.plots.worlds import Worlds, finished, number, numeric, thinned
from kctopt.table import Table, column

MOST, FAILED = 200, 40  # worlds that are drawn, with a plan and without
MANY = 80  # lines, from which on they are paler
INPUTS = 12  # rows
ROW = 46  # pixels
SPREAD = 0.03  # of the row, by which worlds of one choice are spread
BAD, MIDDLE, GOOD = "#D55E00", "#C9C9C9", "#0072B2"  # told apart by colour-blind readers


def parallel(worlds: Worlds) -> Figure:
    """Worlds as lines; at most 200 with a plan, evenly over the outcome, and 40 without one.

    Parameters
    ----------
    worlds : Worlds
        Draws and their outcome.

    Returns
    -------
    Figure
        Inputs with the largest effect stand next to the outcome.
    """
    lang, known = worlds.lang, worlds.known
    values = worlds.values.to_numpy(dtype=float)
    names = [str(name) for name in effects(worlds.draws, worlds.values).index[:INPUTS]][::-1]
    order = [int(n) for n in np.argsort(values, kind="stable") if known[n]]
    chosen = thinned(order, MOST)
    failed = thinned(np.flatnonzero(~known), FAILED)
    shown = len(chosen) + len(failed)
    rows = [*(_Row(name, worlds.draws[name]) for name in names), _Row(worlds.outcome, worlds.values)]
    lines = [
        {"draw": n, "row": row.name, "rank": rank, "place": float(row.places[n]), "value": float(values[n])}
        for n in chosen for rank, row in enumerate(rows)
    ]  # fmt: skip
    lost = [
        {"draw": n, "row": row.name, "rank": rank, "place": float(row.places[n]), "kind": say("no_plan", lang)}
        for n in failed for rank, row in enumerate(rows[:-1])
    ]  # fmt: skip
    described = say("parallel_described", lang, title=worlds.title, outcome=worlds.outcome)
    key = "parallel_caption_all" if shown == len(values) else "parallel_caption"
    caption = say(key, lang, outcome=worlds.outcome, shown=f"{shown:,}", count=f"{len(values):,}")
    chart = finished(_chart(lines, lost, rows, worlds), described)
    return Figure("parallel", caption, described, chart, _table(worlds, names))


class _Row:
    """An axis: where each draw stands on it, from 0 to 1, and what is written on it."""

    def __init__(self, name: str, given: pd.Series[Any]) -> None:
        self.name = name
        self.places: Array
        if numeric(given):
            values = given.to_numpy(dtype=float)
            low, high = float(np.nanmin(values)), float(np.nanmax(values))
            self.places = (values - low) / (high - low) if high > low else np.full(len(values), 0.5)
            marks = [(low, 0.0), (high, 1.0)] if high > low else [(low, 0.5)]
            self.marks = [(number(value, 4), place) for value, place in marks]
        else:
            words = given.astype(str).tolist()
            choices = sorted(set(words))
            at = {one: n / max(1, len(choices) - 1) if len(choices) > 1 else 0.5 for n, one in enumerate(choices)}
            spread = SPREAD * (np.random.default_rng(0).random(len(words)) * 2 - 1)
            self.places = np.array([at[one] for one in words]) + spread
            self.marks = list(at.items())


def _chart(lines: list[dict[str, Any]], lost: list[dict[str, Any]], rows: list[_Row], worlds: Worlds) -> Any:
    alt, names = altair(), [row.name for row in rows]
    y = alt.Y("row:N", title=None, sort=names, axis=alt.Axis(grid=True, gridColor="#999999", ticks=False, domain=False))
    x = alt.X("place:Q", axis=None, scale=alt.Scale(domain=[-0.06, 1.06], nice=False))
    known = [line["value"] for line in lines]
    low, high, middle = min(known), max(known), float(np.median(known))
    colour = alt.Color(
        "value:Q", title=worlds.axis, scale=alt.Scale(domain=[low, middle, high], range=[BAD, MIDDLE, GOOD]),
        legend=alt.Legend(orient="bottom", gradientLength=260, gradientOpacity=1, tickCount=4, titleLimit=400),
    )  # fmt: skip
    frame = {"width": WIDTH - 180, "height": ROW * len(names)}
    drawn = (
        alt.Chart(alt.Data(values=lines), **frame)
        .mark_line(strokeWidth=1.2, opacity=0.65 if len({line["draw"] for line in lines}) <= MANY else 0.4)
        .encode(x=x, y=y, detail="draw:N", order="rank:Q", color=colour)
    )
    layers = [drawn]
    if lost:
        kinds = alt.Scale(domain=[say("no_plan", worlds.lang)], range=[[4, 3]])
        layers.append(
            alt.Chart(alt.Data(values=lost), **frame)
            .mark_line(strokeWidth=1.3, opacity=0.8, color=INK)
            .encode(
                x=x, y=y, detail="draw:N", order="rank:Q",
                strokeDash=alt.StrokeDash("kind:N", title=None, scale=kinds, legend=alt.Legend(symbolType="stroke")),
            )
        )  # fmt: skip
    texts = [{"row": row.name, "place": place, "text": text} for row in rows for text, place in row.marks]
    written = alt.Chart(alt.Data(values=texts), **frame).encode(x=x, y=y, text="text:N")
    ground = written.mark_text(dy=-9, fontSize=10, stroke="white", strokeWidth=3)
    return alt.layer(*layers, ground, written.mark_text(dy=-9, fontSize=10, color=INK))


def _table(worlds: Worlds, names: list[str]) -> Table:
    """Means of the inputs where the outcome is low and where it is high; of choices the most frequent one."""
    lang, known = worlds.lang, worlds.known
    values, draws = worlds.values[known], worlds.draws[known]
    low, high = values <= values.quantile(FIFTH), values >= values.quantile(1 - FIFTH)
    columns = [
        column(say("input", lang)),
        *(column(say(key, lang, outcome=worlds.outcome)) for key in ("mean_low", "mean_high")),
    ]

    def told(part: pd.Series[Any]) -> str:
        return number(float(part.mean()), 4) if numeric(part) else str(part.astype(str).mode().iloc[0])

    rows = [(name, told(draws.loc[low, name]), told(draws.loc[high, name])) for name in names]
    return Table(say("parallel_table", lang, outcome=worlds.outcome), columns, rows)
