"""Worlds as figures take them: what was drawn, an outcome of each world, and how both are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kctopt.errors import UsageError
from kctopt.language import LANGUAGES
from kctopt.report.content import Figure
from kctopt.report.draw import altair
from kctopt.report.plot import offline
from kctopt.report.style import CONFIG, INK
from kctopt.result.tables import INDEX_UNITS
from kctopt.result.text import WORDS as OF_RESULTS
from kctopt.result.text import word
from kctopt.study.given import SAME, Array
from kctopt.study.plots.words import say
from kctopt.table import Column, column

LEAST = 10  # worlds with a plan, from which on means of a fifth of them are shown
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
SHARES = tuple(f"{100 * share:g}%" for share in QUANTILES)
UNITS = {"points": "points", "own over rival's": "ratio"}  # of indices, and their words
WIDE, HALF = (0, 4), (1, 3)  # ends of the bands among the quantiles


def share_columns(form: str, lang: str) -> list[Column]:
    """A column for each quantile, its numbers in a format."""
    percent = LANGUAGES[lang].percent
    return [column(share.replace("%", percent), form, percent) for share in SHARES]


@dataclass(frozen=True)
class Worlds:
    """Draws with one outcome."""

    lang: str
    title: str  # of the study or scenario
    draws: pd.DataFrame  # (D, K)
    values: pd.Series[float]  # (D,) nan where a world has no plan
    outcome: str  # as a sentence calls it
    unit: str = ""

    def __post_init__(self) -> None:
        if not self.known.any():
            raise UsageError(f"none of the {len(self.draws)} draws has a value to be drawn; see the status of members")

    @property
    def known(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which draws have a value."""
        return np.isfinite(self.values.to_numpy(dtype=float))

    @property
    def constant(self) -> bool:
        """Whether all values are one number."""
        known = self.values.to_numpy(dtype=float)[self.known]
        return bool(np.ptp(known) <= SAME * max(1.0, float(np.abs(known).max())))

    @property
    def axis(self) -> str:
        """Title of an axis of the outcome."""
        return say("axis", self.lang, outcome=self.outcome, unit=self.unit) if self.unit else self.outcome

    def varied(self, least: int = LEAST) -> Worlds:
        """These worlds, where an effect of inputs can be told; raises UsageError where it cannot, with the reason."""
        count = int(self.known.sum())
        if self.constant and count > 1:
            value = float(self.values[self.known].iloc[0])
            raise UsageError(f"the outcome is {value:.6g} in all {count} draws: no input moves it")
        if count < least:
            raise UsageError(f"{count} of {len(self.draws)} draws have a value; {least} are needed to tell effects")
        return self


def outcome_words(outcome: str, year: int | None, domain: str, lang: str) -> str:
    """What an outcome is called: `national security in 2035`."""
    name = outcome.removeprefix("domain_") if domain else outcome
    words = say("objective", lang) if name == "objective" else word(name, lang) if name in OF_RESULTS else name
    if domain:
        words = say("outcome_of", lang, outcome=words, domain=domain)
    return say("outcome_in", lang, outcome=words, year=year) if year is not None else words


def outcome_unit(outcome: str, lang: str) -> str:
    """The unit of an outcome in a word; empty where it is not one of those known."""
    unit = INDEX_UNITS.get(outcome.removeprefix("domain_"), "").partition(",")[0]
    return say(UNITS[unit], lang) if unit in UNITS else ""


def finished(chart: Any, description: str) -> Any:
    """A chart with the looks of all figures, and its description."""
    return chart.configure(**CONFIG).properties(description=description)


def band_rows(row: Mapping[str, Any], lang: str, **more: Any) -> list[dict[str, Any]]:
    """The two bands of a row of quantiles, the wide one first."""
    return [
        {"band": say(f"band_{name}", lang), "low": row[SHARES[low]], "high": row[SHARES[high]], **more}
        for name, (low, high) in (("wide", WIDE), ("half", HALF))
    ]


def band_names(lang: str) -> list[str]:
    """Names of the two bands."""
    return [say("band_wide", lang), say("band_half", lang)]


def band_opacity(lang: str) -> Any:
    """The scale on which the bands are told apart, with its legend."""
    alt = altair()
    return alt.Opacity(
        "band:N", title=None, sort=band_names(lang), scale=alt.Scale(domain=band_names(lang), range=[0.25, 0.6]),
        legend=alt.Legend(symbolFillColor=INK, symbolStrokeWidth=0, symbolType="square"),
    )  # fmt: skip


def median_stroke(lang: str) -> Any:
    """A legend for the line of the median."""
    alt = altair()
    return alt.StrokeDash(
        "median:N", title=None, scale=alt.Scale(domain=[say("median", lang)], range=[[1, 0]]),
        legend=alt.Legend(symbolType="stroke", symbolSize=160, symbolStrokeColor=INK, symbolStrokeWidth=2),
    )  # fmt: skip


def quantiles_of(values: Array) -> dict[str, float]:
    """Quantiles by their names."""
    return dict(zip(SHARES, map(float, np.quantile(values, QUANTILES)), strict=True))


def thinned(order: Iterable[int], most: int) -> list[int]:
    """At most so many of some places, evenly spread over their order, the first and the last among them."""
    places = list(order)
    if len(places) <= most:
        return places
    return [places[n] for n in np.unique(np.linspace(0, len(places) - 1, most).round().astype(int))]


def number(value: float, digits: int = 3) -> str:
    """A number as figures write it, with a minus sign."""
    return f"{value:.{digits}g}".replace("-", "\N{MINUS SIGN}")


def numeric(column: pd.Series[Any]) -> bool:
    """Whether an input is of numbers, and not of choices."""
    return bool(pd.api.types.is_numeric_dtype(column)) and not pd.api.types.is_bool_dtype(column)


def titled(figure: Figure, title: str) -> Any:
    """A chart with its caption and what it is of above it, to stand alone."""
    return offline(figure.chart.properties(title={"text": figure.caption, "subtitle": title}))
