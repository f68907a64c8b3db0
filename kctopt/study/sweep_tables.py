"""What exports of a study draw from: names, and quantiles over the members that have a plan.

Quantiles are taken of each number by itself, over the members of one scenario: a sum of quantiles is no quantile of a
sum, so money is summed member by member before. Where the sample is no random one (`grid`, `list`, …) they say what
came of the points tried, and no probability; `at_random` tells which.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kctopt.exchange.iamc import levels
from kctopt.result.tables import INDEX_UNITS
from kctopt.scenario.records import Label
from kctopt.study.ensemble import QUANTILES, checked_shares

if TYPE_CHECKING:
    import pandas

    from kctopt.study.swept import Swept

DEPTHS = ((), ("domain",), ("domain", "type"), ("domain", "type", "line"))
RANDOM = ("lhs", "sobol", "saltelli")


class Names(NamedTuple):
    """What people call the parts of one scenario of a study."""

    model: str
    label: Label
    domains: dict[str, Label]
    lines: dict[str, Label]


def names(sweep: Swept) -> dict[str, Names]:
    """Names by scenario; ids where the file has no labels.

    Parameters
    ----------
    sweep : Sweep
        As `kctopt.open` returns it.

    Returns
    -------
    dict of str to Names
        In the order of the study.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.study.sweep_tables import names
    >>> [list(named.domains) for named in names(kctopt.open("studies/tight.duckdb")).values()]
    [['chips', 'ai']]
    """
    labels = sweep.table("labels")
    known: dict[str, dict[str, dict[str, Label]]] = {}
    for row in labels[labels["kind"] != "study"].itertuples():
        here = known.setdefault(str(row.scenario), {"scenario": {}, "model": {}, "domain": {}, "line": {}})
        here[str(row.kind)][str(row.id)] = Label(en=str(row.en), zh=str(row.zh))
    found = {}
    for scenario, cells in sweep.allocation.groupby("scenario", sort=False):
        name = str(scenario)
        here = known.get(name, {})
        ids = {kind: [str(one) for one in cells[kind].unique()] for kind in ("domain", "line")}
        found[name] = Names(
            next(iter(here.get("model", {})), name),
            here.get("scenario", {}).get(name, Label(en=name, zh=name)),
            *({one: here.get(kind, {}).get(one, Label(en=one, zh=one)) for one in ids[kind]} for kind in ids),
        )
    return found


def lines_of(named: Names, cells: pandas.DataFrame) -> tuple[dict[str, str], dict[str, str]]:
    """Levels of an IAMC variable: of domains, and of lines, which differ among those of one domain and type."""
    places = cells[["line", "domain", "type"]].drop_duplicates()
    told: dict[str, str] = {}
    for _, group in places.groupby(["domain", "type"], sort=False):
        told |= levels((str(line), named.lines[str(line)]) for line in group["line"])
    return levels(named.domains.items()), told


def ends(plan: str) -> int:
    """The last year of a plan, 2030 of `2026-30`."""
    first, _, last = plan.partition("-")
    year = int(first) // 100 * 100 + int(last)
    return year if year >= int(first) else year + 100


def last_years(sweep: Swept) -> dict[str, int]:
    """The last planned year of each scenario that has a plan."""
    return {
        str(scenario): max(ends(str(plan)) for plan in cells["plan"].unique())
        for scenario, cells in sweep.allocation.groupby("scenario", sort=False)
    }


def at_random(sweep: Swept) -> bool:
    """Whether quantiles are of a distribution, and not of points that were chosen."""
    return sweep.about["sample"]["method"] in RANDOM


def outcome_quantiles(sweep: Swept, q: float | Sequence[float] = QUANTILES) -> pandas.DataFrame:
    """Quantiles of national and domain indices over the members with a plan, base year and planned years.

    Parameters
    ----------
    sweep : Sweep
        As `kctopt.open` returns it.
    q : float or sequence of float, default (0.05, 0.25, 0.5, 0.75, 0.95)
        Shares of probability, in [0, 1].

    Returns
    -------
    pandas.DataFrame
        One row a scenario, outcome, domain and year: these columns, `unit`, one a quantile, and `members`, how many it
        is taken from.

    Raises
    ------
    UsageError
        For a share outside [0, 1].

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.study.sweep_tables import outcome_quantiles
    >>> table = outcome_quantiles(kctopt.open("studies/tight.duckdb"), (0.05, 0.95))
    >>> list(table.columns)
    ['scenario', 'outcome', 'domain', 'year', 'unit', '5%', '95%', 'members']
    """
    asked, last = checked_shares(q), last_years(sweep)
    rows = sweep.outcomes
    rows = rows[rows["year"] <= rows["scenario"].map(last)]
    table = _cut(rows, ["scenario", "outcome", "domain", "year"], "value", asked)
    table.insert(4, "unit", [INDEX_UNITS.get(str(name), "") for name in table["outcome"]])
    return table


def money_quantiles(sweep: Swept, q: float | Sequence[float] = QUANTILES) -> pandas.DataFrame:
    """Quantiles of money in each plan, of the nation, by domain, by domain and type, and by line.

    Parameters
    ----------
    sweep : Sweep
        As `kctopt.open` returns it.
    q : float or sequence of float, default (0.05, 0.25, 0.5, 0.75, 0.95)
        Shares of probability, in [0, 1].

    Returns
    -------
    pandas.DataFrame
        One row a scenario, plan and place: columns scenario, domain, type, line (blank above them), plan, one a
        quantile in billion CNY over the plan, and `members`.

    Raises
    ------
    UsageError
        For a share outside [0, 1].

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.study.sweep_tables import money_quantiles
    >>> list(money_quantiles(kctopt.open("studies/tight.duckdb"), 0.5).columns)
    ['scenario', 'domain', 'type', 'line', 'plan', '50%', 'members']
    """
    import pandas

    asked, tables = checked_shares(q), []
    for depth in DEPTHS:
        keys = ["scenario", *depth, "plan"]
        summed = sweep.allocation.groupby([*keys, "draw"], sort=False)["amount"].sum().reset_index()
        table = _cut(summed, keys, "amount", asked)
        for place, column in enumerate(("domain", "type", "line"), start=1):
            if column not in depth:
                table.insert(place, column, "")
        tables.append(table)
    return pandas.concat(tables, ignore_index=True)


def _cut(rows: pandas.DataFrame, keys: list[str], value: str, asked: Sequence[float]) -> pandas.DataFrame:
    """Quantiles of a column in groups of rows, in the order in which groups come."""
    import pandas

    columns = [f"{100 * share:g}%" for share in asked]
    found = [
        (*key, *np.quantile(group.to_numpy(), asked), len(group))
        for key, group in rows.groupby(keys, sort=False)[value]
    ]
    return pandas.DataFrame(found, columns=[*keys, *columns, "members"])
