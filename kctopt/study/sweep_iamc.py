"""A study in the format of the IAMC: each quantile over its members is a scenario, `tight p5`, `tight p50`, …

| variable | unit | years |
|---|---|---|
| R&D Investment over Plan, …|DOMAIN, …|TYPE, …|LINE | billion CNY | last of each plan |
| indices as of a single plan (exchange/iamc.py) | as there | base year, planned years |

Each number's quantile is its own: those of parts do not add up to that of the whole, and no member need have them all.
The sheet `meta` says of how many members they are, of which status, and how draws were made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kctopt.exchange.iamc import COLUMNS, MONEY, Naming, index_variable, name_of
from kctopt.scenario.records import TYPE_NAMES
from kctopt.study.sweep_tables import at_random, ends, lines_of, money_quantiles, names, outcome_quantiles

if TYPE_CHECKING:
    import pandas

    from kctopt.study.swept import Swept

INVESTMENT = "R&D Investment over Plan"
PLACES = ("scenario", "domain", "type", "line")
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


def to_iamc(sweep: Swept, naming: Naming | None = None) -> pandas.DataFrame:
    """The study as a long DataFrame; empty where no member has a plan.

    Parameters
    ----------
    sweep : Sweep
        As `kctopt.open` returns it.
    naming : Naming, optional
        Region, name of the scenario before the quantile, rate of USD.

    Returns
    -------
    pandas.DataFrame
        Columns model, scenario, region, variable, unit, year, value.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.study.sweep_iamc import to_iamc
    >>> to_iamc(kctopt.open("studies/tight.duckdb"))["scenario"].unique().tolist()
    ['tight p5', 'tight p25', 'tight p50', 'tight p75', 'tight p95']
    """
    import pandas

    naming = naming or Naming()
    parts = [_money(sweep, naming), _indices(sweep)]
    table = pandas.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    known, called = names(sweep), _called(sweep, naming)
    rows = []
    for share in SHARES:
        own = table[["place", "variable", "unit", "year"]].copy()
        own.insert(0, "model", [f"kctopt {name_of(known[place].model)}" for place in own["place"]])
        own.insert(1, "scenario", [f"{called[place]} p{100 * share:g}" for place in own["place"]])
        own.insert(2, "region", naming.region)
        rows.append(own.drop(columns="place").assign(value=table[f"{100 * share:g}%"]))
    whole = pandas.concat(rows, ignore_index=True)[COLUMNS]
    return whole[whole["value"].notna()].reset_index(drop=True)


def meta(sweep: Swept, naming: Naming | None = None) -> pandas.DataFrame:
    """Indicators of each scenario of `to_iamc`: members it is taken from and left out, sample, worst gap, money."""
    import pandas

    naming, known = naming or Naming(), names(sweep)
    called, sample = _called(sweep, naming), sweep.about["sample"]
    rate = "" if naming.cny_per_usd is None else f", from CNY at {naming.cny_per_usd:g} CNY/USD as stated by the user"
    rows = []
    for place, named in known.items():
        own = sweep.members[sweep.members["scenario"] == place]
        planned = own[own["draw"].isin(sweep.allocation.loc[sweep.allocation["scenario"] == place, "draw"])]
        left = own.loc[~own.index.isin(planned.index), "status"].value_counts()
        unit = _unit(sweep, naming, place)[0]
        rows += [
            {
                "model": f"kctopt {name_of(named.model)}", "scenario": f"{called[place]} p{100 * share:g}",
                "quantile": share, "of": "probability" if at_random(sweep) else "the points tried, no probability",
                "study": sweep.about["name"], "members": len(planned),
                "left_out": ", ".join(f"{count} {status}" for status, count in left.items()),
                "missing": sweep.missing_of(place), "worst_gap": planned["gap"].max(), "sample": sample["method"],
                "seed": sample["seed"], "kctopt": sweep.about["versions"].get("kctopt", ""),
                "money": f"{unit}, prices of the base year{rate}",
            }
            for share in SHARES
        ]  # fmt: skip
    return pandas.DataFrame(rows)


def _called(sweep: Swept, naming: Naming) -> dict[str, str]:
    """What each scenario of the study is called before the quantile: the study's name where it has one alone."""
    known, whole = names(sweep), naming.scenario or sweep.about["name"]
    return {place: whole if len(known) == 1 else f"{whole} {place}" for place in known}


def _unit(sweep: Swept, naming: Naming, place: str) -> tuple[str, float]:
    """Unit of money over a plan, and what billion CNY are multiplied by."""
    if naming.cny_per_usd is None:
        return MONEY.removesuffix("/yr"), 1.0
    base = int(sweep.outcomes.loc[sweep.outcomes["scenario"] == place, "year"].min())
    return f"billion USD_{base}", 1 / naming.cny_per_usd


def _money(sweep: Swept, naming: Naming) -> pandas.DataFrame:
    """Quantiles of money with variable, unit and year."""
    table, known = money_quantiles(sweep, SHARES), names(sweep)
    cells = {str(name): group for name, group in sweep.allocation.groupby("scenario", sort=False)}
    told = {place: lines_of(named, cells[place]) for place, named in known.items()}
    units = {place: _unit(sweep, naming, place) for place in known}
    variables = []
    for place, domain, kind, line in zip(*(map(str, table[name]) for name in PLACES), strict=True):
        domains, lines = told[place]
        parts = [INVESTMENT]
        parts += [domains[domain]] if domain else []
        parts += [TYPE_NAMES[kind].capitalize()] if kind else []
        parts += [lines[line]] if line else []
        variables.append("|".join(parts))
    factor = table["scenario"].map({place: factor for place, (_, factor) in units.items()})
    shares = {name: table[name] * factor for name in table.columns if name.endswith("%")}
    return table.assign(
        place=table["scenario"], variable=variables, unit=[units[place][0] for place in table["scenario"]],
        year=[ends(plan) for plan in table["plan"]], **shares,
    )  # fmt: skip


def _indices(sweep: Swept) -> pandas.DataFrame:
    """Quantiles of indices with their variables."""
    table, known = outcome_quantiles(sweep, SHARES), names(sweep)
    cells = {str(name): group for name, group in sweep.allocation.groupby("scenario", sort=False)}
    told = {place: lines_of(named, cells[place])[0] for place, named in known.items()}
    rows = zip(*(map(str, table[name]) for name in ("scenario", "outcome", "domain")), strict=True)
    variables = [index_variable(index, told[place][domain] if domain else "") for place, index, domain in rows]
    return table.assign(place=table["scenario"], variable=variables)
