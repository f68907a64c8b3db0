"""A back-cast in sentences and a table, in English and Chinese; the verdict comes first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kctopt.backcasting.fit import trend_limits
from kctopt.backcasting.methods import METHODS
from kctopt.backcasting.observed import FEWEST
from kctopt.backcasting.words import word
from kctopt.language import LANGUAGES, checked_lang
from kctopt.terminal import grid

if TYPE_CHECKING:
    from kctopt.backcasting.tables import Tables


def text(tables: Tables, lang: str = "en") -> str:
    """The verdict, what speaks for it, and a row a line."""
    checked_lang(lang)
    told = [
        verdict(tables, lang),
        *(f"  {sentence}" for sentence in sentences(tables, lang)),
        "",
        word("head", lang),
        "",
        *_table(tables, lang),
    ]
    return "\n".join(told)


def verdict(tables: Tables, lang: str) -> str:
    """Whether values within the ranges fit every line, and which none fits."""
    lines, model = tables.lines, tables.history.model.name
    if tables.held:
        return word("holds", lang, model=model, count=len(lines))
    names = named(tables, lines[~lines["fits"]]["line"], lang)
    return word("fails", lang, model=model, failed=int((~lines["fits"]).sum()), count=len(lines), names=names)


def sentences(tables: Tables, lang: str) -> Iterator[str]:
    """What the figures say of the law, one sentence a finding."""
    yield from _against_money(tables, lang)
    yield from _errors(tables, lang)
    yield from _parameters(tables, lang)
    yield from _trends(tables, lang)
    yield from _limits(tables, lang)


def label(tables: Tables, line: str, lang: str) -> str:
    """Label of a line."""
    known = next(line_of.label for line_of in tables.history.model.lines if line_of.id == line)
    return known.text(lang)


def named(tables: Tables, lines: Iterable[str], lang: str) -> str:
    """Labels of lines as a list."""
    return _joined([label(tables, line, lang) for line in lines], lang)


def _joined(parts: list[str], lang: str) -> str:
    return LANGUAGES[lang].comma.join(parts) if parts else word("none", lang)


def _against_money(tables: Tables, lang: str) -> Iterator[str]:
    """Lines that rose while their money fell against the rival's."""
    for row in tables.lines.to_dict("records"):
        money = [figure for figure in tables.history.of(row["line"]) if figure.own_money and figure.rival_money]
        if len(money) < FEWEST or row["last_observed"] <= row["first_observed"]:
            continue
        first, last = ((figure.own_money or 0.0) / (figure.rival_money or 1.0) for figure in (money[0], money[-1]))
        if last < first:
            yield word(
                "against_money", lang, name=label(tables, row["line"], lang), start=row["first_year"],
                end=row["last_year"], first=row["first_observed"], last=row["last_observed"],
                times=row["last_observed"] / row["first_observed"], simulated=row["last_simulated"],
                money_first=first, money_last=last, money_start=money[0].year, money_end=money[-1].year,
            )  # fmt: skip


def _errors(tables: Tables, lang: str) -> Iterator[str]:
    table = tables.errors.pivot(index=["line", "year"], columns="method", values="log").reindex(columns=list(METHODS))
    few = table.dropna()
    rms = {method: _rms(table[method]) for method in METHODS[:2]}
    if not len(few):
        yield word("errors_bare", lang, count=len(table), **rms)
    else:
        less = {f"few_{method}": _rms(few[method]) for method in METHODS[:2]}
        yield word("errors", lang, count=len(table), few=len(few), last_trend=_rms(few["last_trend"]), **rms, **less)
    gain = table["no_change"].abs() - table["simulated"].abs()
    yield word("nearer", lang, nearer=int((gain > 0).sum()), most=max(float(gain.max()), 0.0))


def _rms(values: pd.Series) -> float:
    return float(np.sqrt((values**2).mean()))


def _parameters(tables: Tables, lang: str) -> Iterator[str]:
    for row in tables.parameters[tables.parameters["scope"] == "all"].to_dict("records"):
        values = {name: row[name] for name in ("parameter", "low", "high", "stated", "value")}
        if row["where"] == "no effect":
            yield word("parameter_idle", lang, **values)
        elif row["where"] != "inside":
            yield word("parameter_most" if row["where"] == "high" else "parameter_least", lang, **values)
        elif pd.isna(row["interval_low"]):
            yield word("parameter_bare", lang, **values)
        else:
            yield word("parameter_inside", lang, **values | {"low": row["interval_low"], "high": row["interval_high"]})
    near = int((tables.lines["inflow_cap"] == "near").sum())
    yield word("caps", lang, near=near, count=len(tables.lines))


def _trends(tables: Tables, lang: str) -> Iterator[str]:
    fitting = tables.lines[tables.lines["fits_with_trend"]]
    parts = []
    for row in fitting.to_dict("records"):
        values = {"name": label(tables, row["line"], lang), "value": _plain(row["trend_needed"])}
        bare = pd.isna(row["trend_low"])
        parts.append(
            word("trend_of", lang, **values)
            if bare
            else word("trend_between", lang, **values, low=_plain(row["trend_low"]), high=_plain(row["trend_high"]))
        )
    yield word("trends", lang, count=len(fitting), names=_joined(parts, lang))
    if len(fitting) < len(tables.lines):
        low, high = trend_limits()
        names = named(tables, tables.lines[~tables.lines["fits_with_trend"]]["line"], lang)
        yield word("no_trend", lang, low=low, high=high, names=names)


def _plain(trend: float) -> float:
    """A trend to three places, without the sign of a zero."""
    return round(trend, 3) + 0.0


def _limits(tables: Tables, lang: str) -> Iterator[str]:
    two = tables.lines[tables.lines["figures"] == FEWEST]["line"]
    if len(two):
        yield word("two", lang, names=named(tables, two, lang))
    variants = tables.variants
    money = variants[variants["variant"] == "money"].pivot(index="line", columns="factor", values="simulated")
    change = money.div(money[1.0], axis=0) - 1
    yield word("money", lang, least=float(change.min().min()), most=float(change.max().max()))
    for value, rows in variants[variants["variant"] == "elasticity"].groupby("factor"):
        stated = tables.lines[tables.lines["line"].isin(rows["line"])]["log_simulated"]
        values = {"log": _rms(rows["log_all"]), "stated": _rms(stated), "lines": len(rows)}
        yield word("elasticity", lang, value=value, **values)


def _table(tables: Tables, lang: str) -> list[str]:
    """A row a line: the end, errors by method, and the trend it would have needed."""
    heads = ("line", "years", "figures", "observed", "simulated", *METHODS, "fits", "trend_needed")
    names = [
        word("error_of", lang, method=word(key, lang)) if n in (5, 6, 7) else word(key, lang)
        for n, key in enumerate(heads)
    ]
    rows = [[label(tables, row["line"], lang), *_cells(row, lang)] for row in tables.lines.to_dict("records")]
    return grid(names, rows)


def _cells(row: dict[Any, Any], lang: str) -> list[str]:
    errors = ["-" if pd.isna(row[f"log_{key}"]) else f"{row[f'log_{key}']:.2f}" for key in METHODS]
    return [
        f"{row['first_year']}-{row['last_year'] % 100:02d}", str(row["figures"]), f"{row['last_observed']:.3f}",
        f"{row['last_simulated']:.3f}", *errors, word("yes" if row["fits"] else "no", lang),
        _trend(row, lang),
    ]  # fmt: skip


def _trend(row: dict[Any, Any], lang: str) -> str:
    """The trend that a line would have needed, or the limits within which none fits."""
    if row["fits_with_trend"]:
        return f"{_plain(row['trend_needed']):+.3f}"
    low, high = (f"{_plain(row[name]):+.3f}" for name in ("trend_least", "trend_most"))
    return word("trend_nowhere", lang, low=low, high=high)
