"""Boxes of scenario discovery over the two inputs that the first of them restricts most: cases and other worlds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kctopt.errors import UsageError
from kctopt.language import LANGUAGES
from kctopt.report.content import Figure
from kctopt.report.draw import altair
from kctopt.report.style import INK
from kctopt.study.boxes import DiscoveredBox
from kctopt.study.discovery import Discovery
from kctopt.study.peeling import Limits
from kctopt.study.plots.effects import effects
from kctopt.study.plots.words import say
from kctopt.study.plots.worlds import Worlds, finished, numeric, thinned
from kctopt.table import Table, column

MOST = 2000  # worlds that are drawn
JITTER = 0.3  # of a choice's width, by which its worlds are spread
SIDE = 360  # pixels
CASE, OTHER = "#D55E00", "#8A8A8A"


def axes_of(found: Discovery, worlds: Worlds) -> tuple[str, str]:
    """The two inputs that the first box restricts most; the second is the one with the largest effect where it has one.

    Raises UsageError where there is no box, or one input alone.
    """
    if not found.boxes:
        raise UsageError("there is no box to draw: these inputs do not tell where cases are")
    limits = found.boxes[0].limits
    table = worlds.draws[worlds.known]
    kept = {name: float(_inside(table[name], one).mean()) for name, one in limits.items()}
    order = sorted(kept, key=lambda name: kept[name])
    order += [name for name in map(str, effects(worlds.draws, worlds.values).index) if name not in order]
    if len(order) < 2:
        raise UsageError("a box of one input has no second axis: its sentence says all")
    return order[0], order[1]


def _inside(column: pd.Series[Any], limits: Limits) -> pd.Series[bool]:
    if limits.kept is not None:
        return column.isin(list(limits.kept))
    low = -np.inf if limits.low is None else limits.low
    high = np.inf if limits.high is None else limits.high
    return column.between(low, high)


def scatter(found: Discovery, cases: pd.Series[float], worlds: Worlds, threshold: str) -> Figure:
    """Cases and other worlds, with the boxes.

    Parameters
    ----------
    found : Discovery
        As `prim` returns it.
    cases : Series
        (D,) 1 for a case, 0 for another world, nan where it is not known.
    worlds : Worlds
        The draws and the outcome that makes cases.
    threshold : str
        What makes a case, in words.

    Returns
    -------
    Figure
        At most 2,000 worlds are drawn, cases and others in their share.
    """
    alt, lang = altair(), worlds.lang
    first, second = axes_of(found, worlds)
    scales = [_Axis(worlds.draws[name]) for name in (first, second)]
    flags = cases.to_numpy(dtype=float)
    order = [int(n) for n in np.argsort(flags, kind="stable") if np.isfinite(flags[n])]
    chosen = sorted(thinned(order, MOST))
    places = [scale.places() for scale in scales]
    kinds = [threshold, say("other", lang)]
    points = [
        {"x": float(places[0][n]), "y": float(places[1][n]), "kind": kinds[0 if flags[n] else 1]}
        for n in sorted(chosen, key=lambda n: flags[n])  # cases on top
    ]
    x, y = (
        scale.encoding(alt, channel, name) for scale, channel, name in zip(scales, "XY", (first, second), strict=True)
    )
    marks = (
        alt.Chart(alt.Data(values=points), width=SIDE + 60, height=SIDE - 40)
        .mark_point(opacity=0.75, strokeWidth=1.2)
        .encode(
            x=x, y=y, size=alt.value(34 if len(points) < 500 else 16),
            color=alt.Color(
                "kind:N", title=None, sort=kinds, legend=alt.Legend(labelLimit=420),
                scale=alt.Scale(domain=kinds, range=[CASE, OTHER]),
            ),
            shape=alt.Shape("kind:N", sort=kinds, scale=alt.Scale(domain=kinds, range=["circle", "cross"])),
            fill=alt.Fill("kind:N", sort=kinds, scale=alt.Scale(domain=kinds, range=[CASE, "transparent"])),
        )
    )  # fmt: skip
    edges = [_edges(box, (first, second), scales, lang) for box in found.boxes if {first, second} & set(box.limits)]
    frame = alt.Chart(alt.Data(values=edges))
    outlines = frame.mark_rect(fillOpacity=0.06, fill=INK, stroke=INK, strokeWidth=1.6).encode(
        x="left:Q", x2="right:Q", y="bottom:Q", y2="top:Q"
    )
    names = frame.mark_text(align="left", baseline="top", dx=4, dy=4, fontSize=11, fontWeight="bold", color=INK).encode(
        x="left:Q", y="top:Q", text="name:N"
    )
    described = say("boxes_described", lang, title=worlds.title, first=first, second=second, threshold=threshold)
    chart = finished(alt.layer(marks, outlines, names), described)
    caption = say("boxes_caption", lang, threshold=threshold)
    return Figure("boxes", caption, described, chart, _table(found, lang))


class _Axis:
    """One input on an axis: numbers as they are, choices side by side, each spread a little."""

    def __init__(self, column: pd.Series[Any]) -> None:
        self.column, self.choices = column, list[str]()
        if numeric(column):
            low, high = float(column.min()), float(column.max())
            room = 0.03 * (high - low) or 1.0
            self.low, self.high = low - room, high + room
        else:
            self.choices = sorted(map(str, column.unique()))
            self.low, self.high = -0.5, len(self.choices) - 0.5

    def places(self) -> Any:
        """Where each draw stands."""
        if not self.choices:
            return self.column.to_numpy(dtype=float)
        at = np.array([self.choices.index(str(one)) for one in self.column], dtype=float)
        return at + JITTER * (np.random.default_rng(0).random(len(at)) * 2 - 1)

    def ends(self, limits: Limits | None) -> tuple[float, float]:
        """Ends of a box; open sides reach the edge. Choices that are kept are shown from the first to the last."""
        if limits is None:
            return self.low, self.high
        if self.choices:
            kept = [n for n, one in enumerate(self.choices) if one in set(map(str, limits.kept or self.choices))]
            return min(kept) - 0.45, max(kept) + 0.45
        return (self.low if limits.low is None else limits.low), (self.high if limits.high is None else limits.high)

    def encoding(self, alt: Any, channel: str, name: str) -> Any:
        """The axis of a chart."""
        axis = alt.Axis(grid=False, tickCount=6)
        if self.choices:
            names = "[" + ", ".join(f"'{one}'" for one in self.choices) + "]"
            axis = alt.Axis(grid=False, values=list(range(len(self.choices))), labelExpr=f"{names}[datum.value]")
        scale = alt.Scale(domain=[self.low, self.high], nice=False, zero=False)
        return getattr(alt, channel)(f"{channel.lower()}:Q", title=name, scale=scale, axis=axis)


def _edges(box: DiscoveredBox, names: tuple[str, str], scales: list[_Axis], lang: str) -> dict[str, Any]:
    """A box as a rectangle."""
    (left, right), (bottom, top) = (scale.ends(box.limits.get(n)) for n, scale in zip(names, scales, strict=True))
    return {"left": left, "right": right, "bottom": bottom, "top": top, "name": say("box", lang, number=box.number)}


def _table(found: Discovery, lang: str) -> Table:
    shares = (say(key, lang) for key in ("density", "coverage", "mass"))
    columns = [column(say("number", lang)), *(column(share, ".0%", LANGUAGES[lang].percent) for share in shares)]
    rows = [(str(box.number), box.density, box.coverage, box.mass) for box in found.boxes]
    return Table(say("boxes_table", lang), columns, rows)


def told_threshold(outcome: str, below: float | None, above: float | None, lang: str) -> str:
    """What makes a case, in words."""
    if below is not None and above is not None:
        return say("between", lang, outcome=outcome, low=f"{below:.5g}", high=f"{above:.5g}")
    if below is not None:
        return say("below", lang, outcome=outcome, value=f"{below:.5g}")
    assert above is not None  # `cases_of` asks for one of them
    return say("above", lang, outcome=outcome, value=f"{above:.5g}")
