"""Scenario discovery: in which worlds a plan fails, as boxes that a planner can quote and put back into the optimiser.

    failed = cases_of(outcome, below=100.0)           the draws that count as cases
    found = prim(draws, failed)                       boxes, the densest first
    found.sentences()
    kctopt.load("baseline", **found.boxes[0].overlay(inputs, at="worst"))
    tree(draws, failed)                               the same question to a classification tree

| word | meaning |
|---|---|
| coverage | share of all cases that lie in the box |
| density | share of the box's draws that are cases |
| mass | share of all draws that lie in the box |
| quasi-p | how likely as many cases are in the box if one restriction told nothing |
| reproduced | in which share of resamples the input is restricted again |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kctopt.arguments import shown
from kctopt.brief import brief
from kctopt.errors import UsageError
from kctopt.study.boxes import DiscoveredBox, arrays, places
from kctopt.study.given import (
    WITHOUT,
    Array,
    Values,
    checked_count,
    checked_draws,
    checked_share,
    checked_status,
    checked_values,
)
from kctopt.study.peeling import Flags, Step, chosen, freed, inside, paste, peel, quasi_p
from kctopt.study.words import Note, sentences

FEW = 20  # cases, below which a box is a guess
LITTLE = 0.05  # of the cases, that a further box must cover
FIRM = 0.8  # share of resamples, below which a restriction is not firm


@dataclass(frozen=True, eq=False, repr=False)
class Discovery:
    """Boxes in which cases are dense.

    Attributes
    ----------
    boxes : tuple of DiscoveredBox
        The first explains most; each later one is found among the draws outside the earlier ones.
    table : pandas.DataFrame
        A row for each box: `coverage`, `density`, `mass`, `draws`, `restricted`.
    limits : pandas.DataFrame
        `box`, `input`, `low`, `high`, `values`, `quasi_p`, `reproduced`; nan or empty where a side is open.
    trajectory : pandas.DataFrame
        `box`, `step`, `coverage`, `density`, `mass`, `draws`, `restricted`: all boxes that peeling went through.
    """

    boxes: tuple[DiscoveredBox, ...]
    table: pd.DataFrame
    limits: pd.DataFrame
    trajectory: pd.DataFrame
    notes: tuple[Note, ...]

    def __repr__(self) -> str:
        covered = f"coverage {self.table['coverage'].sum():.3f}" if self.boxes else ""
        return brief(self, f"{len(self.boxes)} box{'' if len(self.boxes) == 1 else 'es'}", covered)

    def sentences(self, lang: str = "en") -> list[str]:
        """What was found, a sentence a box, and what is not firm."""
        return sentences(self.notes, lang)


def cases_of(
    outcome: Values, *, below: float | None = None, above: float | None = None, status: Values | None = None,
    failed: Literal["unknown", "case"] = "unknown",
) -> pd.Series[float]:  # fmt: skip
    """Which draws are cases: 1.0, 0.0, or nan where the member failed and nothing is known.

    Parameters
    ----------
    outcome : Series or array
        (D,) outcome of each draw; nan where the member failed.
    below, above : float, optional
        A case has an outcome below the one, or above the other; one of them is needed.
    status : Series or array, optional
        (D,) how each member ended.
    failed : str, default "unknown"
        `case`: a member without an outcome is a case too, as where no plan keeps the rules.

    Returns
    -------
    Series
        (D,) with the index of the outcome, where it has one.

    Raises
    ------
    UsageError
        No threshold, or one that is no number.

    Examples
    --------
    >>> from kctopt.study.discovery import cases_of
    >>> cases_of([90.0, 110.0, float("nan")], below=100.0).tolist()
    [1.0, 0.0, nan]
    """
    series = outcome if isinstance(outcome, pd.Series) else pd.Series(np.asarray(outcome))
    if below is None and above is None:
        raise UsageError("cases need a threshold: below=100.0 or above=0.2, in units of the outcome")
    if failed not in ("unknown", "case"):
        raise UsageError(f"failed={shown(failed)}: needs 'unknown' or 'case'")
    frame = series.to_frame()
    values = checked_values("outcome", series, frame)
    if status is not None:
        values = np.where(np.isin(checked_status(status, frame), WITHOUT), np.nan, values)
    case = np.zeros(len(values), dtype=bool)
    case |= values < (-np.inf if below is None else below)
    case |= values > (np.inf if above is None else above)
    lost = 1.0 if failed == "case" else np.nan
    return pd.Series(np.where(np.isnan(values), lost, case.astype(float)), index=series.index, name="case")


def prim(
    draws: pd.DataFrame, cases: Values, *, density: float | None = None, alpha: float = 0.05, least: float = 0.01,
    boxes: int = 3, quasi: float = 0.05, resamples: int = 20, seed: int = 0,
) -> Discovery:  # fmt: skip
    """Boxes of draws in which cases are dense, by PRIM: peeling, choice on the trajectory, pasting.

    Parameters
    ----------
    draws : pandas.DataFrame
        (D, K) draws x inputs, numbers or choices.
    cases : Series or array
        (D,) True or 1 for a case, nan where it is not known: those draws are left out, and counted.
    density : float, optional
        Of the boxes on the trajectory take the one that covers most among those at least as dense; without it the one
        whose harmonic mean of coverage and density is largest.
    alpha : float, default 0.05
        Share of the box that one cut peels off.
    least : float, default 0.01
        Share of all draws that a box must hold.
    boxes : int, default 3
        At most so many.
    quasi : float, default 0.05
        Restrictions with a larger quasi-p value are lifted.
    resamples : int, default 20
        Bootstrap samples in which the search is repeated.
    seed : int, default 0
        Of the bootstrap.

    Returns
    -------
    Discovery
        Without boxes where no box is denser than all draws, which `sentences` says.

    Raises
    ------
    UsageError
        A table with blanks, cases that are neither 0 nor 1, shares outside 0 and 1.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from kctopt.study.discovery import prim
    >>> x = pd.DataFrame(np.random.default_rng(1).random((1000, 3)), columns=list("abc"))
    >>> found = prim(x, (x["a"] > 0.7) & (x["b"] < 0.4))
    >>> sorted(found.boxes[0].limits)
    ['a', 'b']
    """
    asked = _Asked(
        None if density is None else checked_share("density", density), checked_share("alpha", alpha),
        checked_share("least", least), checked_share("quasi", quasi), checked_count("resamples", resamples, 0),
    )  # fmt: skip
    table, case, notes = known_cases(draws, cases)
    columns, free = arrays(table), np.ones(len(table), dtype=bool)
    found, trajectories, limits = list[DiscoveredBox](), list[pd.DataFrame](), list[dict[str, Any]]()
    random = np.random.default_rng(checked_count("seed", seed, 0))
    for number in range(1, checked_count("boxes", boxes) + 1):
        mine = [column[free] for column in columns]
        steps, step = _searched(mine, case[free], asked, len(table))
        box = _box(number, step, table.columns, columns, case, free)
        if step.density <= case.mean() or not box.limits or box.coverage < LITTLE:
            break
        found.append(box)
        trajectories.append(_trajectory(number, steps, case, free))
        limits += _limits(box, step, table.columns, mine, case[free], asked, len(table), random)
        free &= ~inside(step.box, columns)
        if case[free].sum() < FEW:
            break
    return _discovery(found, trajectories, limits, case, notes)


@dataclass(frozen=True)
class _Asked:
    density: float | None
    alpha: float
    least: float
    quasi: float
    resamples: int


def known_cases(draws: pd.DataFrame, cases: Values) -> tuple[pd.DataFrame, Flags, list[Note]]:
    """Draws of which it is known whether they are cases."""
    table = checked_draws(draws)
    values = _as_numbers(cases, table)
    known = np.isfinite(values)
    if not np.isin(values[known], (0.0, 1.0)).all():
        raise UsageError(
            "cases: needs True or False for each draw; kctopt.study.discovery.cases_of makes them of an outcome"
        )
    if not known.any():
        raise UsageError("cases: of no draw it is known whether it is a case")
    case = values[known] == 1.0
    notes = [Note("cases", {"cases": int(case.sum()), "draws": len(case), "share": f"{100 * case.mean():.1f}"})]
    if not known.all():
        notes.append(Note("unknown", {"draws": int((~known).sum()), "all": len(known)}))
    return table[known], case, notes


def _as_numbers(cases: Values, table: pd.DataFrame) -> Array:
    flags = cases.astype(float) if isinstance(cases, pd.Series) else np.asarray(cases, dtype=float)
    return checked_values("cases", flags, table)


def _searched(columns: Sequence[NDArray[Any]], case: Flags, asked: _Asked, total: int) -> tuple[list[Step], Step]:
    """The way of peeling, and the box that is left after choice, lifting and pasting."""
    steps = peel(columns, case, asked.alpha, max(1, int(asked.least * total)))
    step = freed(chosen(steps, asked.density), columns, case, asked.quasi)
    return steps, step if asked.density is not None else paste(step, columns, case)


def _box(
    number: int, step: Step, names: pd.Index, columns: Sequence[NDArray[Any]], case: Flags, free: Flags
) -> DiscoveredBox:
    """A box with its shares of all draws and of all cases."""
    held = inside(step.box, columns) & free
    limits = {str(name): one for name, one in zip(names, step.box, strict=True) if not one.open}
    ends = {str(name): places(one, column, held, case)
            for name, one, column in zip(names, step.box, columns, strict=True) if not one.open}  # fmt: skip
    return DiscoveredBox(
        number, limits, float(case[held].sum() / max(case.sum(), 1)), step.density, float(held.mean()), step.draws,
        {name: end[0] for name, end in ends.items()}, {name: end[1] for name, end in ends.items()},
    )  # fmt: skip


def _trajectory(number: int, steps: Sequence[Step], case: Flags, free: Flags) -> pd.DataFrame:
    """Every box on the way; shares are of all draws and cases."""
    share, cases = free.mean(), case[free].sum() / max(case.sum(), 1)
    rows = [
        {"box": number, "step": at, "coverage": step.coverage * cases, "density": step.density,
         "mass": step.mass * share, "draws": step.draws, "restricted": sum(not limits.open for limits in step.box)}
        for at, step in enumerate(steps)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _limits(
    box: DiscoveredBox, step: Step, names: pd.Index, columns: Sequence[NDArray[Any]], case: Flags, asked: _Asked,
    total: int, random: np.random.Generator,
) -> list[dict[str, Any]]:  # fmt: skip
    """What the box asks of each input, how likely by chance, and how often again."""
    again = np.zeros(len(columns))
    for _ in range(asked.resamples):
        at = random.integers(len(case), size=len(case))
        step_again = _searched([column[at] for column in columns], case[at], asked, total)[1]
        again += [not limits.open for limits in step_again.box]
    rows = []
    for j, (name, limits) in enumerate(zip(names, step.box, strict=True)):
        if not limits.open:
            rows.append({
                "box": box.number, "input": str(name), "low": np.nan if limits.low is None else limits.low,
                "high": np.nan if limits.high is None else limits.high,
                "values": ", ".join(sorted(map(str, limits.kept or ()))), "quasi_p": quasi_p(step, j, columns, case),
                "reproduced": again[j] / asked.resamples if asked.resamples else np.nan,
            })  # fmt: skip
    return rows


def _discovery(
    found: list[DiscoveredBox], trajectories: list[pd.DataFrame], limits: list[dict[str, Any]], case: Flags,
    notes: list[Note],
) -> Discovery:  # fmt: skip
    """Tables and sentences of the boxes."""
    columns = ["coverage", "density", "mass", "draws", "restricted"]
    rows = [(box.coverage, box.density, box.mass, box.draws, len(box.limits)) for box in found]
    table = pd.DataFrame(rows, columns=columns, index=pd.Index(range(1, len(found) + 1), name="box"))
    asked = pd.DataFrame(limits, columns=["box", "input", "low", "high", "values", "quasi_p", "reproduced"])
    way = (
        pd.concat(trajectories, ignore_index=True) if trajectories else pd.DataFrame(columns=["box", "step", *columns])
    )
    told = [box.note for box in found] or [
        Note("all_cases" if case.all() else "no_cases" if not case.any() else "no_box")
    ]
    loose = asked[asked["reproduced"] < FIRM]
    told += [Note("loose", {"number": row.box, "input": row.input, "share": f"{100 * float(str(row.reproduced)):.0f}"})
             for row in loose.itertuples()]  # fmt: skip
    if 0 < case.sum() < FEW:
        told.append(Note("few_cases", {"cases": int(case.sum())}))
    return Discovery(tuple(found), table, asked, way, (*notes, *told))
