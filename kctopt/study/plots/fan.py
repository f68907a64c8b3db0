"""Fan charts: an index, or the gap of a line, by year: median, middle half and middle 90 % of the worlds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kctopt.report.content import Figure
from kctopt.report.draw import altair
from kctopt.report.style import INK, QUIET, TYPE_COLOURS, WIDTH
from kctopt.study.plots.words import say
from kctopt.study.plots.worlds import SHARES, band_opacity, band_rows, finished, median_stroke, share_columns
from kctopt.table import Table, column

COLOURS = {"security": INK, "economic": "#0072B2", "military": "#D55E00", "technology": "#009E73"}
CROWDED = 4  # columns, from which on all is smaller


@dataclass(frozen=True)
class Panel:
    """One fan: its key in the table of quantiles, what its index or line is called, and its colour."""

    key: str
    title: str
    colour: str = ""  # that of the index where none is given

    @property
    def paint(self) -> str:
        """Its colour."""
        return self.colour or COLOURS.get(self.key, INK)


@dataclass(frozen=True)
class Frame:
    """How fans are laid out."""

    name: str = "fan"  # of the figure
    columns: int = 2
    height: int = 150
    format: str = ""  # of numbers on the axis
    title: str = ""  # of the axis, where it is the same for all
    level: bool = False  # whether all fans have one scale


def fan(
    table: pd.DataFrame, panels: Sequence[Panel], landmarks: Sequence[int], lang: str, frame: Frame, caption: str,
    described: str,
) -> Figure:  # fmt: skip
    """Fans beside each other.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns key, year and the quantiles 5%, 25%, 50%, 75%, 95%.
    panels : sequence of Panel
        In their order; several rows of a year and key are lines in one panel, told apart by a column `line`.
    landmarks : sequence of int
        Years on the axis.
    lang : str
        en or zh.
    frame : Frame
        How they are laid out.
    caption, described : str
        Of the figure.

    Returns
    -------
    Figure
        The numbers are those of `landmarks`.
    """
    alt = altair()
    own = {panel.key: table[table["key"] == panel.key] for panel in panels}
    low, high = float(table[SHARES[0]].min()), float(table[SHARES[-1]].max())
    room = 0.04 * (high - low) or 0.04 * max(1.0, abs(high))
    scale = alt.Scale(domain=[low - room, high + room], nice=False) if frame.level else alt.Scale(zero=False)
    charts = [
        _fan(own[panel.key], panel, landmarks, lang, frame, scale, first=place % frame.columns == 0)
        for place, panel in enumerate(panels)
    ]
    chart = alt.concat(*charts, columns=frame.columns, spacing=14)
    numbers = _table(own, panels, landmarks, lang, frame)
    return Figure(frame.name, caption, described, finished(chart, described), numbers)


def _fan(
    rows: pd.DataFrame, panel: Panel, landmarks: Sequence[int], lang: str, frame: Frame, scale: Any, *, first: bool
) -> Any:  # fmt: skip
    """One fan."""
    alt = altair()
    records: list[dict[str, Any]] = [dict(zip(rows.columns, row, strict=True)) for row in rows.to_numpy()]
    bands = [one for row in records for one in band_rows(row, lang, year=row["year"], line=row.get("line", ""))]
    middle = [
        {"year": row["year"], "value": row["50%"], "line": row.get("line", ""), "median": say("median", lang)}
        for row in records
    ]
    width = WIDTH // frame.columns - (40 if frame.columns < CROWDED else 28)
    years = [int(rows["year"].min()), int(rows["year"].max())] if len(rows) else list(landmarks[:1]) * 2
    x = alt.X(
        "year:Q", title=None, axis=alt.Axis(format="d", values=list(landmarks), grid=False),
        scale=alt.Scale(domain=years, nice=False),
    )  # fmt: skip
    axis = alt.Axis(format=frame.format, tickCount=5) if frame.format else alt.Axis(tickCount=5)
    y = {"title": frame.title if first else None, "scale": scale, "axis": axis}
    area = (
        alt.Chart(alt.Data(values=bands))
        .mark_area(color=panel.paint)
        .encode(x=x, y=alt.Y("low:Q", **y), y2="high:Q", opacity=band_opacity(lang), detail="line:N")
    )
    line = (
        alt.Chart(alt.Data(values=middle))
        .mark_line(color=panel.paint, strokeWidth=2)
        .encode(x=x, y=alt.Y("value:Q", **y), strokeDash=median_stroke(lang), detail="line:N")
    )
    layers = [area, line]
    if frame.level and min(row[SHARES[0]] for row in records) < 0 < max(row[SHARES[-1]] for row in records):
        zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=QUIET, strokeWidth=0.7).encode(y="zero:Q")
        layers.insert(0, zero)
    title = alt.Title(
        panel.title[:1].upper() + panel.title[1:], fontSize=12 if frame.columns < CROWDED else 11, offset=6,
        limit=width + 40,
    )  # fmt: skip
    return alt.layer(*layers).properties(width=width, height=frame.height, title=title)


def _table(
    own: Mapping[str, pd.DataFrame], panels: Sequence[Panel], landmarks: Sequence[int], lang: str, frame: Frame
) -> Table:
    """Quantiles in the years of the axis."""
    form = ".1%" if frame.format == "%" else ".2f"
    named = any(row.get("line") for rows in own.values() for row in rows.head(1).to_dict("records"))
    columns = [column(say("line" if named else "index", lang)), column(say("year", lang))]
    columns += share_columns(form, lang)
    rows = [
        (row.get("line") or panel.title, str(row["year"]), *(float(row[share]) for share in SHARES))
        for panel in panels
        for row in own[panel.key].to_dict("records")
        if row["year"] in landmarks
    ]
    return Table(say("quantiles_table", lang), columns, rows)


def type_colour(kind: str) -> str:
    """Colour of a type of technology."""
    return TYPE_COLOURS.get(kind, INK)
