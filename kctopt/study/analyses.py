"""Analyses of a sweep: its draws, outcomes, gaps and statuses handed to the functions that judge them.

    sweep = kctopt.open("studies/NAME.duckdb")
    sensitivity(sweep)                         indices, by the method that fits the sample
    discover(sweep, "NS", 2035, below=95)      boxes of the worlds in which the outcome is a case
    stability(sweep, by="domain", top=3)       ranks and verdicts over members with a plan

| outcome | gaps |
|---|---|
| objective | bound less value of each member: indices are refused where they are too large |
| any other, in a year | of the plan found; no bound holds it, which a sentence says |
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, TypeVar

import pandas as pd

from kctopt.comparison.conditions import ALIASES
from kctopt.errors import UsageError, suggest
from kctopt.study.designs import IndexMethod, chosen
from kctopt.study.discovery import Discovery, cases_of, prim
from kctopt.study.given import FIRM, SAME, WITH_VALUE
from kctopt.study.indices import Indices, indices
from kctopt.study.records import Sample
from kctopt.study.stability import Stability, rank_stability
from kctopt.study.swept import Swept
from kctopt.study.words import Note

OBJECTIVE = "objective"
Found = TypeVar("Found", Indices, Discovery)


def sensitivity(
    sweep: Swept, outcome: str = OBJECTIVE, year: int | None = None, *, domain: str | None = None,
    scenario: str | None = None, method: IndexMethod | None = None, resamples: int = 100, seed: int = 0,
) -> Indices:  # fmt: skip
    """Sensitivity indices of an outcome of a sweep, by the method that fits its sample.

    Parameters
    ----------
    sweep : Swept
        With all its members.
    outcome : str, default "objective"
        Or the name of an outcome of `sweep.outcomes`; `NS`, `EP` and `MP` are `security`, `economic` and `military`.
    year : int, optional
        Of the outcome; the last one where none is given.
    domain : str, optional
        Of an outcome that domains have.
    scenario : str, optional
        One of the sweep's; needed where it has several.
    method : str, optional
        As `kctopt.study.indices.indices` takes it.
    resamples, seed : int
        Of the bootstrap.

    Returns
    -------
    Indices
        Failed members are left out and counted.

    Raises
    ------
    UsageError
        Members that are missing, an unknown outcome, a sample without a method, gaps that are too large.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.errors import UsageError
    >>> from kctopt.study.analyses import sensitivity
    >>> try:
    ...     sensitivity(kctopt.open("studies/tight.duckdb"))
    ... except UsageError as error:
    ...     print(str(error)[:42])
    no index method can use a sample of the ki
    """
    members = members_of(sweep, scenario)
    asked = Sample(**sweep.about["sample"])
    gaps = (members["bound"] - members["objective"]).abs() if outcome == OBJECTIVE else None
    if gaps is not None:
        chosen(method, asked)  # a sample without a method is refused first: finer members would not help
        _check_gaps(sweep, members, gaps)
    found = indices(
        sweep.draws, _values(sweep, members, outcome, year, domain), asked, method=method, gaps=gaps,
        status=members["status"], resamples=resamples, seed=seed,
    )  # fmt: skip
    return _with_gap(found, members, outcome)


def discover(
    sweep: Swept, outcome: str = OBJECTIVE, year: int | None = None, *, below: float | None = None,
    above: float | None = None, domain: str | None = None, scenario: str | None = None,
    density: float | None = None, seed: int = 0,
) -> Discovery:  # fmt: skip
    """Boxes of the worlds in which an outcome of each member's optimum lies below or above a threshold.

    Parameters
    ----------
    sweep : Swept
        With all its members.
    outcome : str, default "objective"
        Or the name of an outcome, as for `sensitivity`.
    year : int, optional
        Of the outcome; the last one where none is given.
    domain : str, optional
        Of an outcome that domains have.
    scenario : str, optional
        One of the sweep's; needed where it has several.
    below, above : float, optional
        Threshold in units of the outcome; one is needed.
    density : float, optional
        As `kctopt.study.discovery.prim` takes it.
    seed : int, default 0
        Of the bootstrap.

    Returns
    -------
    Discovery
        Members without a plan are neither cases nor others, and are counted.

    Raises
    ------
    UsageError
        Members that are missing, an unknown outcome, no threshold.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.study.analyses import discover
    >>> discover(kctopt.open("studies/tight.duckdb"), below=-1.0).table.empty
    True
    """
    members = members_of(sweep, scenario)
    values = _values(sweep, members, outcome, year, domain)
    cases = cases_of(values, below=below, above=above, status=members["status"])
    return _with_gap(prim(sweep.draws, cases, density=density, seed=seed), members, outcome)


def stability(
    sweep: Swept, *, by: str | tuple[str, ...] = "domain", top: int = 3, scenario: str | None = None
) -> Stability:  # fmt: skip
    """How firm ranks of domains, types or cells are over the optima of a sweep.

    Parameters
    ----------
    sweep : Swept
        With all its members; those without a plan take no part.
    by : str or tuple of str, default "domain"
        Of `domain`, `type`, `line`, `plan`, `track`.
    top : int, default 3
        How many are the top.
    scenario : str, optional
        One of the sweep's; needed where it has several.

    Returns
    -------
    Stability
        Of one plan of each member: other plans within the gap may rank otherwise.

    Raises
    ------
    UsageError
        Members that are missing, no plan at all, an unknown column.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.study.analyses import stability
    >>> stability(kctopt.open("studies/tight.duckdb"), top=1).members
    1
    """
    members = members_of(sweep, scenario)
    planned = members.index[members["status"].isin(WITH_VALUE)]
    money = sweep.allocation
    money = money[(money["scenario"] == members["scenario"].iloc[0]) & money["draw"].isin(planned)]
    if money.empty:
        raise UsageError(
            f"{sweep.path}: none of the {len(members)} members has a plan; see the reasons in sweep.members"
        )
    found = rank_stability(money, by=by, top=top, amount="amount", member="draw")
    if len(planned) == len(members):
        return found
    left = Note("without_plan", {"count": len(members) - len(planned), "draws": len(members)})
    return replace(found, notes=(*found.notes, left))


def can_be_asked(sweep: Swept) -> dict[str, list[Any]]:
    """Names that options take: outcomes, domains, years, columns of ranks."""
    table = sweep.outcomes
    return {
        "outcomes": [OBJECTIVE, *map(str, dict.fromkeys(table["outcome"]))],
        "domains": sorted(map(str, set(table["domain"].dropna()) - {""})),
        "years": sorted(int(year) for year in set(table["year"])),
        "by": ["domain", "type", "line", "plan", "track"],
    }


def members_of(sweep: Swept, scenario: str | None) -> pd.DataFrame:
    """Members of one scenario by draw; raises UsageError where some are missing."""
    if sweep.missing:
        raise UsageError(
            f"{sweep.path}: {sweep.missing} members are missing; `kctopt sweep` goes on from here, then analyse it"
        )
    names = list(dict.fromkeys(sweep.members["scenario"]))
    if scenario is None and len(names) > 1:
        raise UsageError(f"{sweep.path} has several scenarios: name one with scenario=, of {', '.join(names)}")
    name = names[0] if scenario is None else scenario
    if name not in names:
        raise UsageError(f"scenario {name!r} is not in this sweep; {suggest(name, names)}")
    members: pd.DataFrame = sweep.members[sweep.members["scenario"] == name].set_index("draw")
    placed: pd.DataFrame = members.reindex(sweep.draws.index)
    return placed


def _check_gaps(sweep: Swept, members: pd.DataFrame, gaps: pd.Series[float]) -> None:
    """Refuse gaps that are too wide for indices, with the relative gap that would do whatever the solver leaves."""
    planned = members["status"].isin(WITH_VALUE) & gaps.notna()
    values = members.loc[planned, "objective"]
    gap, deviation, size = gaps[planned].mean(), values.std(ddof=0), values.abs().mean()
    if not gap > FIRM * deviation or deviation <= SAME * size:
        return
    least = FIRM * deviation / size
    digit = 10.0 ** math.floor(math.log10(least))
    raise UsageError(
        f"the members' mean gap, {gap:.4g}, is above 1 % of the outcome's standard deviation, {deviation:.4g}: "
        "the indices would reflect the solver's tolerance, not the inputs; solve them again with "
        f"`kctopt sweep STUDY --gap {math.floor(least / digit * (1 + 1e-9)) * digit:.0e} -o {sweep.path}`"
    )


def _values(
    sweep: Swept, members: pd.DataFrame, outcome: str, year: int | None, domain: str | None
) -> pd.Series[Any]:  # fmt: skip
    """An outcome of each draw, nan where there is no plan."""
    outcome = ALIASES.get(outcome, outcome)
    if outcome == OBJECTIVE:
        if year is not None or domain is not None:
            raise UsageError("the objective is of all years and domains; leave out year and domain")
        return members["objective"]
    table = sweep.outcomes[sweep.outcomes["scenario"] == members["scenario"].iloc[0]]
    table = _picked(table, "outcome", outcome, [OBJECTIVE])
    domains = sorted(set(table["domain"].dropna()) - {""})
    if domains or domain is not None:
        if domain is None:
            raise UsageError(f"{outcome} is of a domain; name one of {', '.join(domains)}")
        table = _picked(table, "domain", domain)
    table = _picked(table, "year", int(table["year"].max()) if year is None else year)
    return table.set_index("draw")["value"].reindex(members.index)


def _picked(table: pd.DataFrame, column: str, value: Any, more: list[str] | None = None) -> pd.DataFrame:
    """Rows with a value; raises UsageError where there is none, with those that there are."""
    rows: pd.DataFrame = table[table[column] == value]
    if rows.empty:
        known = [*(more or []), *map(str, dict.fromkeys(table[column].dropna()))]
        raise UsageError(f"{column} {value!r} is not in this sweep; {suggest(str(value), known, most=30)}")
    return rows


def _with_gap(found: Found, members: pd.DataFrame, outcome: str) -> Found:
    """A sentence on what the gaps do not hold."""
    if outcome == OBJECTIVE:
        return found
    note = Note("other_outcome", {"outcome": outcome, "gap": f"{members['gap'].mean():.2g}"})
    return replace(found, notes=(*found.notes, note))
