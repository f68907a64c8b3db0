"""Rank stability: how often each domain, type or cell is among the largest, and what every world funds.

    found = rank_stability(allocation, by="domain", top=3)
    found.table, found.sentences()

| column | over the members |
|---|---|
| top | weighted share of members in which it is among the `top` largest; ties share the last places |
| mean_rank, rank_5, rank_95 | rank from 1, mean and quantiles |
| share_5, share_50, share_95 | of the member's money |
| verdict | `must`: funded in every member; `never`: in none; `may`: in some; `open`: not decided by the ranges given |

Without ranges "funded" speaks of the one plan of each member. With the ranges of each member (`kctopt explain ranges`),
`must` means that every nearly optimal plan of every member funds it, `never` that none does in any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kctopt.arguments import shown
from kctopt.brief import brief, counted
from kctopt.errors import UsageError, suggest
from kctopt.study.given import Array, checked_count, checked_weights
from kctopt.study.risk import quantile
from kctopt.study.words import Note, sentences

NOTHING = 0.01  # of an equal share of the member's money: less counts as not funded
VERDICTS = ("must", "may", "never", "open")
TIE = 1e-9  # relative difference of amounts that are alike


@dataclass(frozen=True, eq=False, repr=False)
class Stability:
    """How ranks and verdicts hold over members.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each item, the one most often in the top first; columns as in the head of this module.
    by : tuple of str
        What an item is: `("domain",)`, `("type",)`, `("domain", "type")`.
    top, members : int
        Size of the top, and how many members there are.
    """

    table: pd.DataFrame
    by: tuple[str, ...]
    top: int
    members: int
    notes: tuple[Note, ...]

    def __repr__(self) -> str:
        return brief(self, " x ".join(self.by), counted(len(self.table), "item"), counted(self.members, "member"))

    def sentences(self, lang: str = "en") -> list[str]:
        """What is always in the top, what every world funds, what none does."""
        return sentences(self.notes, lang)


def rank_stability(
    allocation: pd.DataFrame, *, by: str | Sequence[str] = "domain", top: int = 3, amount: str = "spend",
    member: str = "member", ranges: pd.DataFrame | None = None, weights: pd.Series[float] | None = None,
    nothing: float | None = None,
) -> Stability:  # fmt: skip
    """How often each item is among the largest over members, and whether it must, may or never be funded.

    Parameters
    ----------
    allocation : pandas.DataFrame
        A row for each member and cell: `member`, the columns of `by` and perhaps others, over which `amount` is summed.
    by : str or sequence of str, default "domain"
        What is ranked: `domain`, `type`, or both for cells.
    top : int, default 3
        How many are the top.
    amount : str, default "spend"
        Column of the money.
    member : str, default "member"
        Column that says which member a row is of.
    ranges : pandas.DataFrame, optional
        A row for each member and item: `member`, the columns of `by`, `verdict`, as the ranges of that member say.
    weights : Series, optional
        Weights by member; equal where none are given.
    nothing : float, optional
        Amount that counts as not funded; else a hundredth of an equal share of the member's money.

    Returns
    -------
    Stability
        Shares between 0 and 1.

    Raises
    ------
    UsageError
        Columns that are missing, amounts that are negative or blank, ranges that lack a member or an item.

    Examples
    --------
    >>> import pandas as pd
    >>> from kctopt.study.stability import rank_stability
    >>> plans = pd.DataFrame({"member": [0, 0, 0, 1, 1, 1], "domain": ["ai", "bio", "chips"] * 2,
    ...                       "spend": [5.0, 1.0, 4.0, 2.0, 0.0, 8.0]})
    >>> found = rank_stability(plans, top=1)
    >>> found.table.loc["chips", "top"], found.table.loc["bio", "verdict"]
    (np.float64(0.5), 'may')
    """
    keys = (by,) if isinstance(by, str) else tuple(by)
    money = _money(allocation, keys, amount, member)
    size = checked_count("top", top)
    if size >= money.shape[1]:
        raise UsageError(
            f"top={top}: there are {money.shape[1]} items, all of which would be in the top; ask for fewer"
        )
    values = money.to_numpy(dtype=float)
    parts = checked_weights(None if weights is None else weights, money)
    totals = values.sum(axis=1, keepdims=True)
    shares = np.divide(values, totals, out=np.zeros_like(values), where=totals > 0)
    least = (
        np.full(values.shape, nothing)
        if nothing is not None
        else np.broadcast_to(NOTHING * totals / money.shape[1], values.shape)
    )
    ranks = pd.DataFrame(_rounded(values)).rank(axis=1, ascending=False, method="average").to_numpy()
    table = pd.DataFrame({
        "top": parts @ _in_top(values, size), "mean_rank": parts @ ranks,
        "rank_5": _quantiles(ranks, 0.05, parts), "rank_95": _quantiles(ranks, 0.95, parts),
        "share_5": _quantiles(shares, 0.05, parts), "share_50": _quantiles(shares, 0.5, parts),
        "share_95": _quantiles(shares, 0.95, parts), "funded": parts @ (values > least),
        "verdict": _verdicts(values > least) if ranges is None else _from_ranges(ranges, keys, member, money),
    }, index=money.columns)  # fmt: skip
    table = table.sort_values(["top", "mean_rank"], ascending=[False, True], kind="stable")
    return Stability(table, keys, size, len(money), tuple(_told(table, size, len(money), ranges is not None)))


def _money(allocation: Any, keys: tuple[str, ...], amount: str, member: str) -> pd.DataFrame:
    """(members, items) money, 0 where a member has no row of an item."""
    if not isinstance(allocation, pd.DataFrame) or allocation.empty:
        raise UsageError(f"allocation={shown(allocation)}: needs a DataFrame with a row for each member and cell")
    for name in (member, *keys, amount):
        if name not in allocation:
            raise UsageError(f"allocation has no column {name!r}; {suggest(name, allocation.columns)}")
    spend = pd.to_numeric(allocation[amount], errors="coerce")
    bad = ~(spend >= 0) | ~np.isfinite(spend)
    if bad.any():
        where = allocation.loc[bad, [member, *keys]].iloc[0].tolist()
        raise UsageError(
            f"allocation: {amount} is blank, negative or infinite in {int(bad.sum())} rows, first of "
            f"{' '.join(map(str, where))}; "
            "leave out members without a plan"
        )
    grouped = allocation.assign(**{amount: spend}).groupby([member, *keys], sort=True, observed=True)[amount].sum()
    return grouped.unstack(list(keys), fill_value=0).sort_index(axis=1)


def _rounded(values: Array) -> Array:
    """Amounts in which those that are alike are equal."""
    scale = np.maximum(values.max(axis=1, keepdims=True), 1e-300)
    return np.asarray(np.rint(values / scale / TIE))


def _in_top(values: Array, size: int) -> Array:
    """1 in the top, 0 outside, and a part where several tie for the last places."""
    rounded = _rounded(values)
    limit = -np.sort(-rounded, axis=1)[:, [size - 1]]
    above, equal = rounded > limit, rounded == limit
    left = size - above.sum(axis=1, keepdims=True)
    return np.asarray(above + equal * left / equal.sum(axis=1, keepdims=True), dtype=float)


def _quantiles(values: Array, share: float, weights: Array) -> list[float]:
    return [quantile(column, share, weights) for column in values.T]


def _verdicts(funded: Any) -> list[str]:
    """By the one plan of each member."""
    return [
        "must" if all_ else "may" if any_ else "never"
        for all_, any_ in zip(funded.all(axis=0), funded.any(axis=0), strict=True)
    ]


def _from_ranges(ranges: pd.DataFrame, keys: tuple[str, ...], member: str, money: pd.DataFrame) -> list[str]:
    """By the ranges of each member: what all say, may where they differ, open where that decides nothing."""
    for name in (member, *keys, "verdict"):
        if name not in ranges:
            raise UsageError(f"ranges have no column {name!r}; {suggest(name, ranges.columns)}")
    unknown = sorted(set(map(str, ranges["verdict"])) - set(VERDICTS))
    if unknown:
        raise UsageError(f"ranges: verdict {unknown[0]!r} is none; {suggest(unknown[0], VERDICTS)}")
    if ranges.duplicated([member, *keys]).any():
        raise UsageError(
            f"ranges have several rows of one member and item; rank by all that they tell apart, or take one "
            f"{' '.join(keys)} each"
        )
    said = (
        ranges.set_index([member, *keys])["verdict"]
        .unstack(list(keys))
        .reindex(index=money.index, columns=money.columns)
    )
    if said.isna().to_numpy().any():
        blank = said.isna()
        item, where = blank.any().idxmax(), blank.any(axis=1).idxmax()
        raise UsageError(
            f"ranges: nothing is said of {_name(item)} in member {where}; ask for the ranges of all members and items"
        )
    return [_together(set(said[item])) for item in money.columns]


def _together(said: set[str]) -> str:
    """One verdict over members."""
    if len(said) == 1:
        return next(iter(said))
    return "may" if "may" in said or {"must", "never"} <= said else "open"


def _name(item: Any) -> str:
    return " ".join(map(str, item)) if isinstance(item, tuple) else str(item)


def _told(table: pd.DataFrame, top: int, members: int, ranged: bool) -> list[Note]:
    """What is firm."""
    notes = [Note("stability", {"members": members, "items": len(table)})]
    always = tuple(_name(item) for item in table.index[table["top"] >= 1 - 1e-9])
    notes.append(Note("always", {"items": always, "top": top}) if always else Note("never_always", {"top": top}))
    often = [Note("often", {"item": _name(item), "share": f"{100 * share:.0f}"})
             for item, share in table["top"].items() if 0.05 <= share < 1 - 1e-9]  # fmt: skip
    if often:
        notes.append(Note("sometimes", {"items": tuple(often), "top": top}))
    for verdict in VERDICTS:
        items = tuple(_name(item) for item in table.index[table["verdict"] == verdict])
        if items and verdict in ("must", "never", "open"):
            notes.append(Note(f"{verdict}_ranges" if ranged or verdict == "open" else verdict, {"items": items}))
    return notes
