"""Which inputs an outcome hangs on: a tornado with its sign, and sensitivity indices as bars.

An effect is the mean outcome of the fifth of the worlds with the lowest (highest) values of an input, less the mean of
all worlds; of an input with choices, of the worlds with each choice. It needs no sample of a kind, and inputs that are
correlated share it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kctopt.report.content import Figure
from kctopt.report.draw import altair
from kctopt.report.style import INK, QUIET, WIDTH
from kctopt.study.given import Array
from kctopt.study.indices import Indices
from kctopt.study.plots.words import say
from kctopt.study.plots.worlds import Worlds, finished, number, numeric
from kctopt.study.words import Note
from kctopt.table import Table, column

FIFTH = 0.2  # of the worlds that are low, and high
LOW, HIGH, CHOICE = "#0072B2", "#E69F00", "#8A8A8A"
MOST = 20  # inputs that are drawn
ROW = 32  # pixels of an input
SHOWN = {  # columns of indices that are drawn, by method
    "sobol": ("total", "first"), "morris": ("mu_star",), "pawn": ("median",), "delta": ("delta",),
    "rbd_fast": ("first",),
}  # fmt: skip


def effects(draws: pd.DataFrame, values: pd.Series[float]) -> pd.DataFrame:
    """By how much an outcome lies above its mean where an input is low, and where it is high.

    Parameters
    ----------
    draws : pandas.DataFrame
        (D, K) inputs, numbers or choices.
    values : Series
        (D,) outcome; nan where a world has no plan.

    Returns
    -------
    pandas.DataFrame
        A row for each input, the widest span first: `low`, `high` (units of the outcome), `low_half`, `high_half` (of
        their 95 % intervals, draws taken as independent), `low_at`, `high_at` (mean of the input there, or the
        choice), `choice`.
    """
    known = np.isfinite(values.to_numpy(dtype=float))
    y, table = np.asarray(values, dtype=np.float64)[known], draws[known]
    rows: dict[Any, dict[str, Any]] = {}
    for name in table:
        x = table[name]
        low, high = _numbers(np.asarray(x, dtype=np.float64), y) if numeric(x) else _choices(x, y)
        rows[name] = {
            **{f"low{end}": value for end, value in low.items()},
            **{f"high{end}": value for end, value in high.items()},
            "choice": not numeric(x),
        }
    found = pd.DataFrame.from_dict(rows, orient="index").rename_axis("input")
    span = (found[["low", "high"]].max(axis=1).clip(lower=0) - found[["low", "high"]].min(axis=1).clip(upper=0)).abs()
    return found.loc[span.sort_values(ascending=False, kind="stable").index]


def _numbers(x: Array, y: Array) -> tuple[dict[str, Any], dict[str, Any]]:
    """The lowest and the highest fifth of an input."""
    low, high = np.quantile(x, (FIFTH, 1 - FIFTH))
    if low == high:  # more than half the draws have one value
        low, high = x.min(), x.max()
    return _mean(y, x <= low, float(x[x <= low].mean())), _mean(y, x >= high, float(x[x >= high].mean()))


def _choices(x: pd.Series[Any], y: Array) -> tuple[dict[str, Any], dict[str, Any]]:
    """The choice with the lowest mean outcome, and the one with the highest."""
    words = x.astype(str).to_numpy()
    found = sorted((_mean(y, words == one, one) for one in dict.fromkeys(words)), key=lambda part: part[""])
    return found[0], found[-1]


def _mean(y: Array, here: Any, at: Any) -> dict[str, Any]:
    """Mean there less the mean of all, and half its 95 % interval; nan where one world is no sample."""
    count = int(here.sum())
    half = 1.96 * float(y[here].std(ddof=1)) / np.sqrt(count) if count > 1 else float("nan")
    return {"": float(y[here].mean() - y.mean()), "_half": half, "_at": at}


def tornado(worlds: Worlds) -> Figure:
    """The effects of the inputs on an outcome, the largest first; raises UsageError where none can be told."""
    lang = worlds.lang
    found = effects(worlds.varied().draws, worlds.values)
    rows = [one for name, row in found.head(MOST).iterrows() for one in _bars(str(name), row, lang)]
    caption = say("tornado_caption", lang, outcome=worlds.outcome)
    described = say("tornado_described", lang, title=worlds.title, outcome=worlds.outcome)
    chart = finished(_tornado(rows, list(map(str, found.head(MOST).index)), worlds), described)
    return Figure("tornado", caption, described, chart, _effects_table(found, worlds))


def _bars(name: str, row: pd.Series[Any], lang: str) -> list[dict[str, Any]]:
    """The two bars of an input, each with what stands at its end."""
    bars = []
    for place, side in enumerate(("low", "high")):
        effect, half = float(row[side]), float(row[f"{side}_half"])
        reach = 0.0 if np.isnan(half) else half
        at = row[f"{side}_at"]
        bars.append({
            "input": name, "side": say("side_choice" if row["choice"] else f"side_{side}", lang), "place": place,
            "effect": effect, "from": effect - reach, "to": effect + reach, "right": effect >= 0,
            "end": effect + (reach if effect >= 0 else -reach), "at": at if row["choice"] else number(at),
        })  # fmt: skip
    return bars


def _tornado(rows: list[dict[str, Any]], order: list[str], worlds: Worlds) -> Any:
    alt, lang = altair(), worlds.lang
    looks = {say("side_low", lang): LOW, say("side_high", lang): HIGH, say("side_choice", lang): CHOICE}
    used = {name: colour for name, colour in looks.items() if any(row["side"] == name for row in rows)}
    low, high = min(0.0, *(row["from"] for row in rows)), max(0.0, *(row["to"] for row in rows))
    room = 0.16 * (high - low)
    key = "tornado_axis" if worlds.unit else "tornado_axis_bare"
    x = {
        "title": say(key, lang, outcome=worlds.outcome, unit=worlds.unit),
        "scale": alt.Scale(domain=[low - room, high + room], nice=False), "axis": alt.Axis(tickCount=7),
    }  # fmt: skip
    base = alt.Chart(alt.Data(values=rows), width=WIDTH - 160, height=ROW * len(order)).encode(
        y=alt.Y("input:N", title=None, sort=order, axis=alt.Axis(ticks=False, domain=False)),
        yOffset=alt.YOffset("place:O"),
    )
    colour = alt.Color(
        "side:N", title=None, sort=list(used), scale=alt.Scale(domain=list(used), range=[*used.values()])
    )
    bars = base.mark_bar(height=11).encode(x=alt.X("effect:Q", **x), color=colour)
    doubt = base.mark_rule(color=INK, strokeWidth=1).encode(x=alt.X("from:Q", **x), x2="to:Q")
    texts = [
        base.transform_filter(alt.datum.right == right)
        .mark_text(align=align, dx=dx, fontSize=10, color=INK, baseline="middle")
        .encode(x=alt.X("end:Q", **x), text="at:N")
        for right, align, dx in ((True, "left", 4), (False, "right", -4))
    ]
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=QUIET).encode(x="zero:Q")
    return alt.layer(bars, doubt, *texts, zero)


def _effects_table(found: pd.DataFrame, worlds: Worlds) -> Table:
    lang = worlds.lang
    columns = [column(say("input", lang)), column(say("effect_low", lang), "+.3g"),
               column(say("value_low", lang)), column(say("effect_high", lang), "+.3g"),
               column(say("value_high", lang))]  # fmt: skip

    def told(at: Any) -> str:
        return at if isinstance(at, str) else number(at)

    rows = [
        (str(name), row["low"], told(row["low_at"]), row["high"], told(row["high_at"]))
        for name, row in found.iterrows()
    ]
    return Table(say("tornado_table", lang, outcome=worlds.outcome), columns, rows)


def bars(found: Indices, outcome: str, title: str, lang: str) -> Figure:
    """Sensitivity indices with their intervals; raises UsageError where the outcome is the same in all draws.

    Parameters
    ----------
    found : Indices
        As `kctopt.study.indices.indices` returns it.
    outcome, title : str
        What the indices are of, and of which study.
    lang : str
        en or zh.

    Returns
    -------
    Figure
        The inputs with the largest index first.
    """
    alt, method = altair(), Note(found.method).said(lang)
    shown = [name for name in SHOWN[found.method] if f"{name}_low" in found.table]
    caption = say("indices_caption", lang, method=method, outcome=outcome)
    described = say("indices_described", lang, title=title, outcome=outcome)
    table = found.table.head(MOST)
    words = {name: say(f"index_{name}", lang) for name in shown}
    rows = [
        {"input": str(input), "index": words[name], "place": place, "value": float(row[name]),
         "from": float(row[f"{name}_low"]), "to": float(row[f"{name}_high"])}
        for input, row in table.iterrows() for place, name in enumerate(shown)
    ]  # fmt: skip
    order = list(map(str, table.index))
    base = alt.Chart(
        alt.Data(values=rows), width=WIDTH - 160, height=(ROW if len(shown) > 1 else 24) * len(order)
    ).encode(
        y=alt.Y("input:N", title=None, sort=order, axis=alt.Axis(ticks=False, domain=False)),
        yOffset=alt.YOffset("place:O"),
    )
    axis = say("share_of_variance", lang) if found.method in ("sobol", "rbd_fast") else words[shown[0]]
    x = {"title": axis, "axis": alt.Axis(tickCount=6)}
    colour = alt.Color(
        "index:N", title=None, sort=list(words.values()), legend=alt.Legend() if len(words) > 1 else None,
        scale=alt.Scale(domain=list(words.values()), range=[LOW, HIGH][: len(words)]),
    )  # fmt: skip
    drawn = base.mark_bar(height=10).encode(x=alt.X("value:Q", **x), color=colour)
    doubt = base.mark_rule(color=INK, strokeWidth=1.2).encode(x=alt.X("from:Q", **x), x2="to:Q")
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=QUIET).encode(x="zero:Q")
    columns = [column(say("input", lang))]
    for name in shown:
        columns += [column(words[name], ".3g"), column(say("from", lang), ".3g"), column(say("to", lang), ".3g")]
    cells = [
        (str(input), *(float(row[f"{name}{end}"]) for name in shown for end in ("", "_low", "_high")))
        for input, row in found.table.iterrows()
    ]
    chart = finished(alt.layer(drawn, doubt, zero), described)
    return Figure("indices", caption, described, chart, Table(caption, columns, cells))
