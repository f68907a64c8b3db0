"""Robustness of plans over worlds: what each plan loses and risks, by the measures of decision under uncertainty.

    matrix = regret_matrix(values, best=best, bound=bound)
    found = robustness(values, best=best, bound=bound, threshold=100.0)
    found.table, found.ranking, found.sentences()

    regret[d, p] = best[d] - value[d, p]        between  best known - value  and  proven bound - value

| measure | of a plan | good is |
|---|---|---|
| maximin | its worst value | large |
| hurwicz | optimism x best value + (1 - optimism) x worst | large |
| laplace | mean with equal weights | large |
| expected | mean with the weights of the draws | large |
| cvar_lower | mean of its worst 1 - confidence of the draws | large |
| savage | its largest regret | small |
| percentile_regret | regret that `percentile` of the draws do not exceed | small |
| satisficing | share of the draws in which it reaches the threshold | large |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kctopt.arguments import shown
from kctopt.brief import brief, counted
from kctopt.errors import UsageError
from kctopt.study.given import Array, Values, checked_share, checked_values, checked_weights
from kctopt.study.risk import cvar, quantile
from kctopt.study.words import Note, sentences

SAME = 1e-9  # relative difference of a measure that is a tie
LARGE = ("maximin", "hurwicz", "laplace", "expected", "cvar_lower", "satisficing")
SMALL = ("savage", "percentile_regret")
OWN = ("laplace",)  # takes no weights: all draws are alike


@dataclass(frozen=True, eq=False, repr=False)
class RegretMatrix:
    """What each plan loses in each draw.

    Attributes
    ----------
    low, high : pandas.DataFrame
        (D, P) regret against the best plan known and against the proven bound, in units of the outcome; nan where the
        plan has no value there.
    table : pandas.DataFrame
        A row for each plan: `largest_low`, `largest_high`, `mean_low`, `mean_high`, `worst_draw`, `failed`.
    """

    low: pd.DataFrame
    high: pd.DataFrame
    table: pd.DataFrame
    notes: tuple[Note, ...]

    def __repr__(self) -> str:
        return brief(self, counted(self.low.shape[1], "plan"), counted(self.low.shape[0], "draw"))

    def sentences(self, lang: str = "en") -> list[str]:
        """What regret is measured against, and the plan whose largest is smallest."""
        return sentences(self.notes, lang)


@dataclass(frozen=True, eq=False, repr=False)
class Robustness:
    """Plans by every measure.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each plan; the measures of regret with `_low` and `_high`, between which they lie. The name of the
        CVaR says its tail and confidence, as `cvar_lower_95`.
    ranking : pandas.DataFrame
        A row for each plan, a column for each measure: its rank from 1; plans with the same rank are not told apart.
    """

    table: pd.DataFrame
    ranking: pd.DataFrame
    regret: RegretMatrix
    notes: tuple[Note, ...]

    def __repr__(self) -> str:
        return brief(self, counted(len(self.table), "plan"), *self.ranking.columns)

    def sentences(self, lang: str = "en") -> list[str]:
        """The best plan by each measure, ties, and plans that fail somewhere."""
        return sentences(self.notes, lang)


def regret_matrix(
    values: pd.DataFrame, *, best: Values | None = None, bound: Values | None = None, weights: Values | None = None
) -> RegretMatrix:
    """Regret of each plan in each draw, between what is known and what is proven.

    Parameters
    ----------
    values : pandas.DataFrame
        (D, P) value of each plan in each draw, larger is better; nan where the plan breaks a rule there.
    best : Series or array, optional
        (D,) value of the best plan known in each draw; without it the best of these plans.
    bound : Series or array, optional
        (D,) proven bound: no plan is worth more there.
    weights : Series or array, optional
        (D,) weights of the draws, for means.

    Returns
    -------
    RegretMatrix
        `low` and `high` are the same without bounds.

    Raises
    ------
    UsageError
        A bound below the best plan or below a plan's value, which is false; draws without any value.

    Examples
    --------
    >>> import pandas as pd
    >>> from kctopt.study.robustness import regret_matrix
    >>> found = regret_matrix(pd.DataFrame({"a": [3.0, 1.0], "b": [2.0, 2.0]}))
    >>> found.table["largest_low"].tolist()
    [1.0, 1.0]
    """
    table = _plans(values)
    parts = checked_weights(weights, table)
    known = table.max(axis=1).to_numpy()
    if best is not None:
        known = np.fmax(known, checked_values("best", best, table))
    if np.isnan(known).any():
        raise UsageError(
            f"values: in {int(np.isnan(known).sum())} of {len(table)} draws no plan has a value; give the best of "
            f"these draws, or leave "
            "them out and say so"
        )
    proven = known if bound is None else checked_values("bound", bound, table)
    _check_bound(proven, known, table)
    low = pd.DataFrame(known[:, None] - table.to_numpy(), table.index, table.columns)
    high = pd.DataFrame(np.fmax(proven, known)[:, None] - table.to_numpy(), table.index, table.columns)
    failed = table.isna().sum()
    rows = pd.DataFrame({
        "largest_low": low.max(skipna=False), "largest_high": high.max(skipna=False),
        "mean_low": parts @ low.to_numpy(), "mean_high": parts @ high.to_numpy(),
        "worst_draw": [one.idxmax() if one.notna().any() else None for _, one in low.items()], "failed": failed,
    }, index=table.columns)  # fmt: skip
    notes = [Note("regret_best" if best is not None else "regret_plans", {"plans": table.shape[1]})]
    if bound is not None:
        notes.append(Note("regret_room", {"room": f"{float(np.max(np.fmax(proven - known, 0))):.3g}"}))
    whole = rows[failed == 0]
    if len(whole):
        at = int(whole["largest_high"].to_numpy().argmin())
        ends = interval(whole["largest_low"].iloc[at], whole["largest_high"].iloc[at])
        notes.append(Note("regret_choice", {"plan": str(whole.index[at]), "interval": ends}))
    return RegretMatrix(low, high, rows, tuple(notes + _failed(failed, len(table))))


def robustness(
    values: pd.DataFrame, *, best: Values | None = None, bound: Values | None = None, weights: Values | None = None,
    threshold: float | None = None, confidence: float = 0.95, percentile: float = 0.9, optimism: float = 0.5,
) -> Robustness:  # fmt: skip
    """Every measure of every plan, and the order that each measure gives.

    Parameters
    ----------
    values : pandas.DataFrame
        (D, P) value of each plan in each draw, larger is better; nan where the plan breaks a rule there.
    best : Series or array, optional
        (D,) value of the best plan known in each draw.
    bound : Series or array, optional
        (D,) proven bound of each draw.
    weights : Series or array, optional
        (D,) weights of the draws.
    threshold : float, optional
        Value that is enough, in units of the outcome; without it there is no satisficing share.
    confidence : float, default 0.95
        Of the CVaR of the lower tail.
    percentile : float, default 0.9
        Of regret.
    optimism : float, default 0.5
        Of Hurwicz: 0 is maximin, 1 is maximax.

    Returns
    -------
    Robustness
        A plan without a value in some draw has the satisficing share alone, which counts it as failing there.

    Raises
    ------
    UsageError
        As of `regret_matrix`; shares outside 0 and 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from kctopt.study.robustness import robustness
    >>> found = robustness(pd.DataFrame({"a": [3.0, 1.0], "b": [2.0, 1.5]}), threshold=1.4)
    >>> found.ranking["maximin"].tolist(), found.table["satisficing"].tolist()
    ([2, 1], [0.5, 1.0])
    """
    table = _plans(values)
    parts, regret = checked_weights(weights, table), regret_matrix(values, best=best, bound=bound, weights=weights)
    if isinstance(optimism, bool) or not isinstance(optimism, int | float) or not 0 <= optimism <= 1:
        raise UsageError(f"optimism={shown(optimism)}: needs a share from 0 (the worst draw) to 1 (the best)")
    name = f"cvar_lower_{100 * checked_share('confidence', confidence):g}"
    share = checked_share("percentile", percentile)
    rows: dict[Any, dict[str, float]] = {}
    for plan in table.columns:
        value = table[plan].to_numpy(dtype=float)
        if np.isnan(value).any():
            rows[plan] = {}
        else:
            rows[plan] = {
                "maximin": value.min(), "hurwicz": optimism * value.max() + (1 - optimism) * value.min(),
                "laplace": value.mean(), "expected": parts @ value, name: cvar(value, confidence, weights=parts),
                **_ends("savage", *(float(side[plan].max()) for side in (regret.low, regret.high))),
                **_ends("percentile_regret", *(quantile(side[plan].to_numpy(), share, parts)
                                               for side in (regret.low, regret.high))),
            }  # fmt: skip
        if threshold is not None:
            rows[plan]["satisficing"] = float(parts @ (np.nan_to_num(value, nan=-np.inf) >= threshold))
    measures = ["maximin", "hurwicz", "laplace", "expected", name, "savage_low", "savage_high", "percentile_regret_low",
                "percentile_regret_high", *(["satisficing"] if threshold is not None else [])]  # fmt: skip
    found = pd.DataFrame.from_dict(rows, orient="index", columns=None).reindex(columns=measures)
    found.index.name = "plan"
    ranking = _ranking(found)
    return Robustness(found, ranking, regret, tuple(_told(found, ranking, regret)))


def _plans(values: Any) -> pd.DataFrame:
    """Draws x plans of finite numbers or nan."""
    if not isinstance(values, pd.DataFrame) or values.empty:
        raise UsageError(
            f"values={shown(values)}: needs a DataFrame with a row for each draw and a column for each plan"
        )
    if not values.columns.is_unique or not values.index.is_unique:
        raise UsageError("values: plans and draws need names that differ; rename a column, or number the rows")
    return pd.DataFrame(
        {name: checked_values(f"values of {name}", values[name], values) for name in values}, index=values.index
    )


def _check_bound(proven: Array, known: Array, table: pd.DataFrame) -> None:
    """Refuse bounds that a plan beats by more than round-off: they are false, and regret would be negative."""
    scale = np.maximum(1.0, np.abs(known))
    false = ~(proven >= known - SAME * scale)
    if false.any():
        at = int(np.flatnonzero(false)[0])
        raise UsageError(
            f"bound: in {int(false.sum())} draws it is below a plan that exists, first in draw {table.index[at]}: "
            f"{proven[at]:.6g} "
            f"against {known[at]:.6g}; compare values and bounds of the same objective"
        )


def _ends(name: str, low: float, high: float) -> dict[str, float]:
    return {f"{name}_low": low, f"{name}_high": high}


def _ranking(table: pd.DataFrame) -> pd.DataFrame:
    """Rank by each measure: 1 and how many plans are better beyond doubt; those whose intervals touch share a rank."""
    ranks = {}
    for column in map(str, table.columns):
        measure = column.removesuffix("_low")
        if column.endswith("_high"):
            continue
        sides = (column, f"{measure}_high") if measure in SMALL else (column, column)
        sign = 1.0 if measure in SMALL else -1.0
        least, most = (sign * table[side].to_numpy(dtype=float) for side in sides)
        room = SAME * max(1.0, float(np.abs(np.nan_to_num(most)).max()))
        counts = [pd.NA if np.isnan(one) else 1 + int((most < one - room).sum()) for one in least]
        ranks[measure] = pd.Series(counts, table.index, dtype="Int64")
    return pd.DataFrame(ranks, index=table.index)


def _told(table: pd.DataFrame, ranking: pd.DataFrame, regret: RegretMatrix) -> list[Note]:
    """The best by each measure, then whether the measures agree."""
    notes, firsts = [*regret.notes], list[frozenset[str]]()
    for measure in map(str, ranking.columns):
        first = ranking.index[(ranking[measure] == 1).fillna(False)]
        if not len(first):
            continue
        row = table.loc[first[0]]
        value = (
            f"{row[measure]:.6g}" if measure not in SMALL else interval(row[f"{measure}_low"], row[f"{measure}_high"])
        )
        stem, _, confidence = measure.rpartition("_")
        label = Note(stem, {"confidence": confidence}) if stem == "cvar_lower" else Note(measure)
        plans = tuple(map(str, first))
        notes.append(Note("first" if len(plans) == 1 else "tie", {"measure": label, "plans": plans, "value": value}))
        firsts.append(frozenset(plans))
    common = frozenset.intersection(*firsts) if firsts else frozenset[str]()
    valued = table.index[table["maximin"].notna()]
    if len(table) > 1 and len(valued) == 1:
        notes.append(Note("alone", {"plan": str(valued[0])}))
    elif common:
        notes.append(Note("agree", {"plans": tuple(sorted(common))}))
    elif len(ranking) > 1 and firsts:
        notes.append(Note("disagree"))
    return notes


def _failed(failed: pd.Series[int], draws: int) -> list[Note]:
    """Plans without a value in some draws."""
    return [
        Note("plan_failed", {"plan": str(plan), "count": int(count), "draws": draws})
        for plan, count in failed.items()
        if count
    ]


def interval(low: float, high: float) -> str:
    """'0.143', or '0.143 to 0.151' where the ends differ."""
    ends = f"{low:.4g}", f"{high:.4g}"
    return ends[0] if ends[0] == ends[1] else " – ".join(ends)
