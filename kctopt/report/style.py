"""How figures look: colours that colour-blind readers can tell apart, one font, white ground, upright labels."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

from kctopt.report.fonts import FAMILIES

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#5B5B5B")
OTHER = "#BBBBBB"
TYPE_COLOURS = {  # on another scale than domains
    "B": "#7A1F5C", "A": "#2E2A6E", "M": "#6B6B00", "S": "#A0522D", "programmes": "#4F6D7A", "mode_changes": "#8A8A8A",
}  # fmt: skip
RUN_COLOURS = ("#1A1A1A", "#B03060", "#2F6DB5", "#6B8E23", "#8B5A2B", "#6A5ACD", "#008B8B", "#A9A9A9")
RUN_DASHES = ([1, 0], [6, 2], [2, 2], [8, 2, 2, 2], [4, 4], [10, 3], [1, 3], [12, 2, 2, 2])
RUN_SHAPES = ("circle", "diamond", "triangle-up", "square", "cross", "triangle-down", "stroke", "triangle-right")
TYPE_DASHES = {"B": [1, 0], "A": [6, 2], "M": [2, 2], "S": [8, 2, 2, 2]}  # told apart without colour too
INK, QUIET, GRID = "#1A1A1A", "#595959", "#DDDDDD"
WIDTH = 640  # of a figure without its axes, pixels

CONFIG: dict[str, Any] = {
    "background": "white",
    "padding": 10,
    "font": ", ".join(FAMILIES),
    "title": {"fontSize": 15, "fontWeight": "normal", "color": INK, "anchor": "start", "offset": 12},
    "axis": {
        "labelAngle": 0, "labelFlush": False, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
        "labelColor": INK, "titleColor": INK, "gridColor": GRID, "domainColor": QUIET, "tickColor": QUIET,
        "labelLimit": 260,
    },
    "legend": {
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelColor": INK, "titleColor": INK,
        "orient": "bottom", "labelLimit": 260, "symbolType": "square",
    },
    "header": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelColor": INK},
    "view": {"stroke": None},
    "text": {"fontSize": 11, "color": INK},
}  # fmt: skip


def domain_colours(domains: Iterable[str]) -> dict[str, str]:
    """A colour for each domain, by its place in the scenario: the same in every figure and run.

    There are eight; domains beyond share a grey.
    """
    return dict(zip_longest(ids := list(domains), OKABE_ITO[: len(ids)], fillvalue=OTHER))
