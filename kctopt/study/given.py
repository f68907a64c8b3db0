"""What an analysis is given, checked: draws beside outcomes, which members failed, and how sure their values are.

| checked | refused, because |
|---|---|
| rows of both agree, by index where both have one | a shift by one row gives other indices, without a word |
| no input is blank, no outcome infinite | libraries turn one of them into zeros |
| status is one that members have | a misspelt one would count as a plan |
| mean gap <= 1 % of the outcome's standard deviation | what is left of the solver would be read as sensitivity |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kctopt.arguments import shown
from kctopt.errors import UsageError, suggest
from kctopt.study.words import Note

Array: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Values: TypeAlias = "pd.Series[Any] | NDArray[Any] | Sequence[Any]"  # one a draw, in the order of the draws

WITH_VALUE = (
    "optimal",
    "limit",
    "interrupted",
    "kept",
    "adjusted",
    "broken",
    "ok",
)  # a member that ended so has an outcome
WITHOUT = ("infeasible", "no_plan", "fault", "invalid", "failed", "error", "lost")
FIRM = 0.01  # of the outcome's standard deviation, that the mean gap may be
SAME = 1e-12  # relative; outcomes that differ by less are one


@dataclass(frozen=True, eq=False)
class Members:
    """Draws with their outcomes; `values` is nan where a member failed."""

    draws: pd.DataFrame  # (D, K)
    values: Array  # (D,)
    failed: Flags  # (D,)
    reasons: tuple[tuple[str, int], ...]  # status of those that failed, and how many
    notes: tuple[Note, ...] = ()  # on the gap

    @property
    def constant(self) -> bool:
        """Whether all outcomes are one number."""
        return same(self.values[~self.failed])

    @property
    def told_reasons(self) -> str:
        """'infeasible 3, failed 1'."""
        return ", ".join(f"{reason} {count}" for reason, count in self.reasons)


def members(draws: Any, outcome: Values, *, gaps: Values | None = None, status: Values | None = None) -> Members:
    """Draws and outcomes that belong together; raises UsageError with what is wrong, and what would do."""
    table = checked_draws(draws)
    values = checked_values("outcome", outcome, table)
    states = None if status is None else checked_status(status, table)
    failed = ~np.isfinite(values)
    if states is not None:
        failed |= np.isin(states, WITHOUT)
    if failed.all():
        raise UsageError(f"outcome: none of the {len(table)} draws has a value; see the status of the members")
    words = ["no value"] * len(table) if states is None else [str(state) for state in states]
    reasons = Counter(word if word in WITHOUT else "no value" for word, bad in zip(words, failed, strict=True) if bad)
    values = np.where(failed, np.nan, values)
    notes = () if gaps is None else (_firm(values[~failed], checked_values("gaps", gaps, table)[~failed]),)
    return Members(table, values, failed, tuple(reasons.most_common()), notes)


def checked_draws(draws: Any) -> pd.DataFrame:
    """A table of draws x inputs without blanks, its columns named by different texts."""
    if not isinstance(draws, pd.DataFrame) or draws.empty:
        raise UsageError(
            f"draws={shown(draws)}: needs a DataFrame with a row for each draw and a column for each input"
        )
    twice = [str(name) for name, count in Counter(map(str, draws.columns)).items() if count > 1]
    if twice:
        raise UsageError(f"draws: more than one column is called {twice[0]!r}; rename one")
    if not draws.index.is_unique:
        raise UsageError("draws: rows of the table share an index; use reset_index(drop=True), or number the draws")
    blank = draws.isna()
    if blank.to_numpy().any():
        column = blank.any().idxmax()
        raise UsageError(
            f"draws: {column!s} is blank in {int(blank[column].sum())} of {len(draws)} draws; fill it or drop the rows"
        )
    return draws.set_axis([str(name) for name in draws.columns], axis="columns")


def checked_values(name: str, given: Values, draws: pd.DataFrame) -> Array:
    """One number a draw, nan for none; a Series is put in the order of the draws by its index."""
    try:
        values = np.asarray(pd.to_numeric(pd.Series(_ordered(name, given, draws))), dtype=float)
    except (TypeError, ValueError):
        raise UsageError(f"{name}={shown(given)}: needs a number for each draw, nan where a member has none") from None
    if np.isinf(values).any():
        raise UsageError(
            f"{name}: {int(np.isinf(values).sum())} of {len(values)} values are infinite; use nan for none"
        )
    return values


def checked_status(status: Values, draws: pd.DataFrame) -> NDArray[np.object_]:
    """How each member ended, in words that members have."""
    states = np.asarray(_ordered("status", status, draws), dtype=object)
    for state in dict.fromkeys(map(str, states)):
        if state not in WITH_VALUE + WITHOUT:
            raise UsageError(
                f"status {state!r} is not a status of a member; {suggest(state, WITH_VALUE + WITHOUT, most=14)}"
            )
    return np.array([str(state) for state in states], dtype=object)


def _ordered(name: str, given: Any, draws: pd.DataFrame) -> NDArray[Any]:
    """Values in the order of the draws."""
    if isinstance(given, pd.Series) and not given.index.equals(draws.index):
        if not given.index.is_unique or set(given.index) != set(draws.index):
            raise UsageError(f"{name}: its index is not that of the draws; give both the number of the draw as index")
        given = given.reindex(draws.index)
    values = np.asarray(given)
    if values.shape != (len(draws),):
        raise UsageError(f"{name} has the shape {values.shape}; needs one value for each of the {len(draws)} draws")
    return values


def checked_weights(weights: Values | None, draws: pd.DataFrame) -> Array:
    """Weights of draws, scaled to a sum of 1; equal ones where none are given."""
    if weights is None:
        return np.full(len(draws), 1.0 / len(draws))
    values = checked_values("weights", weights, draws)
    if not np.isfinite(values).all() or (values < 0).any() or values.sum() <= 0:
        raise UsageError("weights: needs a number from 0 on for each draw, of which one at least is above 0")
    return np.asarray(values / values.sum(), dtype=float)


def checked_share(name: str, given: Any) -> float:
    """A share between 0 and 1, both left out."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given < 1:
        raise UsageError(f"{name}={shown(given)}: needs a share between 0 and 1, such as 0.95")
    return float(given)


def checked_count(name: str, given: Any, least: int = 1) -> int:
    """A whole number from `least` on."""
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or given < least:
        raise UsageError(f"{name}={shown(given)}: needs a whole number from {least} on")
    return int(given)


def same(values: Array) -> bool:
    """Whether outcomes are one number."""
    return values.size > 0 and bool(np.ptp(values) <= SAME * max(1.0, float(np.abs(values).max())))


def _firm(values: Array, gaps: Array) -> Note:
    """The mean gap beside the deviation; raises UsageError where it is too wide."""
    if not np.isfinite(gaps).all() or (gaps < 0).any():
        count = int((~(gaps >= 0)).sum())
        raise UsageError(
            f"gaps: {count} members with a value have no gap (no bound is known); solve them, or leave them out"
        )
    deviation, gap = float(values.std()), float(gaps.mean())
    if gap > FIRM * deviation and not same(values):
        raise UsageError(
            f"the members' mean gap, {gap:.4g}, is above 1 % of the outcome's standard deviation, {deviation:.4g}: "
            "the indices would reflect the solver's tolerance, not the inputs; solve the members to a mean gap of at "
            f"most {FIRM * deviation:.3g}"
        )
    return Note("gap", {"gap": f"{gap:.3g}", "deviation": f"{deviation:.3g}"})
