"""How figures look: colours that colour-blind readers can tell apart, one font, white ground, upright labels."""

from __future__ import annotations

from typing import Any

from kctopt.report.fonts import FAMILIES

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#5B5B5B")
OTHER = "#BBBBBB"
TYPE_COLOURS = {
    "B": "#D55E00", "A": "#0072B2", "M": "#009E73", "S": "#CC79A7", "programmes": "#E69F00", "mode_changes": "#5B5B5B",
}  # fmt: skip
TYPE_DASHES = {"B": [1, 0], "A": [6, 2], "M": [2, 2], "S": [8, 2, 2, 2]}  # told apart without colour too
INK, QUIET, GRID = "#1A1A1A", "#595959", "#DDDDDD"
WIDTH = 640  # of a figure without its axes, pixels

CONFIG: dict[str, Any] = {
    "background": "white",
    "font": ", ".join(FAMILIES),
    "title": {"fontSize": 15, "fontWeight": "normal", "color": INK, "anchor": "start", "offset": 12},
    "axis": {
        "labelAngle": 0, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelColor": INK,
        "titleColor": INK, "gridColor": GRID, "domainColor": QUIET, "tickColor": QUIET, "labelLimit": 260,
    },
    "legend": {
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelColor": INK, "titleColor": INK,
        "orient": "bottom", "labelLimit": 260, "symbolType": "square",
    },
    "header": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelColor": INK},
    "view": {"stroke": None},
    "text": {"fontSize": 11, "color": INK},
}  # fmt: skip


def palette(count: int) -> list[str]:
    """`count` colours of Okabe and Ito; there are eight."""
    return list(OKABE_ITO[:count])
