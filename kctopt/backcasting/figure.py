"""The figure of a back-cast: observed points, simulated path and band, a panel a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.backcasting.told import label
from kctopt.backcasting.words import word
from kctopt.language import checked_lang
from kctopt.report.draw import altair
from kctopt.report.style import CONFIG, INK, OKABE_ITO, WIDTH

if TYPE_CHECKING:
    from kctopt.backcasting.tables import Tables

COLUMNS = 3
BLUE, ORANGE = OKABE_ITO[0], OKABE_ITO[5]


def chart(tables: Tables, lang: str = "en") -> Any:
    """An Altair chart of all lines; each panel has its own scale, from 0."""
    checked_lang(lang)
    alt, model = altair(), tables.history.model
    panels = [_panel(tables, line, lang) for line in tables.lines["line"]]
    whole = alt.concat(*panels, columns=COLUMNS, spacing=14).configure(**CONFIG)
    return whole.properties(description=word("described", lang, model=model.name))


def _panel(tables: Tables, line: str, lang: str) -> Any:
    alt = altair()
    rows = tables.paths[tables.paths["line"] == line]
    names = [word(key, lang) for key in ("observed", "simulated", "band")]
    values = [
        {"year": int(year), "low": float(low), "high": float(high), "simulated": float(path)}
        | ({} if np.isnan(seen) else {"observed": float(seen)})
        for year, low, high, path, seen in rows[["year", "low", "high", "simulated", "observed"]].itertuples(
            index=False
        )
    ]
    years = [values[0]["year"], values[-1]["year"]]
    scale = alt.Scale(domain=names, range=[ORANGE, BLUE, "#BFD8EA"])
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X(
            "year:Q", title=None, scale=alt.Scale(domain=years), axis=alt.Axis(format="d", values=years, grid=False)
        )
    )

    def colour(name: str) -> Any:
        return alt.Color("shown:N", title=None, sort=names, scale=scale), {"shown": f"'{name}'"}

    def layer(mark: Any, name: str, **places: Any) -> Any:
        shade, shown = colour(name)
        return mark.transform_calculate(**shown).encode(color=shade, **places)

    axis = alt.Axis(tickCount=4)
    band = layer(base.mark_area(opacity=0.8), names[2], y=alt.Y("low:Q", title=None, axis=axis), y2="high:Q")
    path = layer(base.mark_line(strokeWidth=2), names[1], y=alt.Y("simulated:Q", scale=alt.Scale(zero=True)))
    seen = base.transform_filter("isValid(datum.observed)").mark_point(filled=True, size=60, opacity=1, stroke=INK)
    points = layer(seen, names[0], y=alt.Y("observed:Q"))
    return alt.layer(band, path, points).properties(
        title=label(tables, line, lang), width=WIDTH // COLUMNS - 40, height=150
    )
