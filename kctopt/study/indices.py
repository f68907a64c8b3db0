"""Sensitivity indices: which uncertain inputs an outcome hangs on, each with its interval, and how they settled.

    found = indices(draws, outcome, Sample("saltelli", 1024), gaps=gaps, status=status)
    found.table          a row for each input: total, first, the ends of their intervals
    found.second         a row for each pair, where the sample has second order
    found.convergence    the same indices from an eighth, a quarter, half and all of the sample
    found.sentences()    what it says, and what is not certain

| method | says | sample |
|---|---|---|
| sobol | shares of the variance: alone (first), with all others (total), in pairs (second) | saltelli |
| morris | mean and spread of the outcome's change over the whole range of an input | morris |
| pawn | largest shift of the outcome's distribution, once the input is known | lhs, sobol, saltelli |
| delta | half the area between the densities, once the input is known | the same |
| rbd_fast | first-order shares | the same |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kctopt.brief import brief, counted
from kctopt.errors import UsageError
from kctopt.study import designs, estimators
from kctopt.study.designs import IndexMethod
from kctopt.study.estimators import Asked, Columns
from kctopt.study.given import Array, Members, Values, checked_count, checked_share, members
from kctopt.study.records import Sample
from kctopt.study.words import Note, sentences

CONFIDENCE, RESAMPLES = 0.95, 100
PARTS = (8, 4, 2)  # of the sample, at which convergence is shown
KEPT = 0.5  # share of the blocks that must be left
WIDE = 0.03  # half interval of a share of the variance, from which on more draws are asked for
TOLD = 3  # inputs named first
MAIN = {"sobol": "total", "morris": "mu_star", "pawn": "median", "delta": "delta", "rbd_fast": "first"}


@dataclass(frozen=True, eq=False, repr=False)
class Indices:
    """Indices of one outcome.

    Attributes
    ----------
    method : str
        Of `sobol`, `morris`, `pawn`, `delta`, `rbd_fast`.
    table : pandas.DataFrame
        A row for each input, the largest first; each index with `_low` and `_high`, the ends of its interval.
    second : pandas.DataFrame
        `one`, `other`, `second`, `second_low`, `second_high`; empty without second order.
    convergence : pandas.DataFrame
        `size`, `input`, and the indices of `table`, from parts of the sample.
    used, dropped : int
        Draws that the indices are of, and draws that were left out.
    """

    method: IndexMethod
    table: pd.DataFrame
    second: pd.DataFrame
    convergence: pd.DataFrame
    used: int
    dropped: int
    notes: tuple[Note, ...]

    def __repr__(self) -> str:
        return brief(self, self.method, counted(len(self.table), "input"), counted(self.used, "draw"))

    def sentences(self, lang: str = "en") -> list[str]:
        """What the indices say, what was left out and what is not certain, a sentence each."""
        return sentences(self.notes, lang)


def indices(
    draws: pd.DataFrame, outcome: Values, sample: Sample, *, method: IndexMethod | None = None,
    gaps: Values | None = None, status: Values | None = None, confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES, seed: int = 0,
) -> Indices:  # fmt: skip
    """Sensitivity indices of an outcome by the method that fits the sample, or by another that does.

    Parameters
    ----------
    draws : pandas.DataFrame
        (D, K) a row for each draw, in the order of the sample, a column for each input; numbers or choices.
    outcome : Series or array
        (D,) outcome of each draw; nan where the member failed.
    sample : Sample
        How the draws were made; its `method`, `size`, `levels` and `second_order` are compared with the table.
    method : str, optional
        `sobol`, `morris`, `pawn`, `delta` or `rbd_fast`; the first that can use the sample where none is given.
    gaps : Series or array, optional
        (D,) by how much the outcome of a member may be off, in units of the outcome: bound less value.
    status : Series or array, optional
        (D,) how each member ended.
    confidence : float, default 0.95
        Of the intervals.
    resamples : int, default 100
        Of the bootstrap.
    seed : int, default 0
        Of the bootstrap.

    Returns
    -------
    Indices
        With nan in place of indices where the outcome is the same in all draws, which `sentences` says.

    Raises
    ------
    UsageError
        A sample that the method cannot use, rows that are not those of the sample, a mean gap above 1 % of the
        outcome's standard deviation, too many failed members, choices where the method needs numbers.
    MissingExtra
        SALib is not installed.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from kctopt.study.indices import indices
    >>> from kctopt.study.records import Sample
    >>> x = pd.DataFrame(np.random.default_rng(1).random((500, 2)), columns=["intensity", "growth"])
    >>> found = indices(x, 3 * x["intensity"] + x["growth"], Sample("lhs", 500), method="rbd_fast")
    >>> found.table.index[0], bool(0.8 < found.table["first"].iloc[0] < 1.0)
    ('intensity', True)
    """
    method_used = designs.chosen(method, sample)
    asked = Asked(checked_share("confidence", confidence), checked_count("resamples", resamples, 10),
                  checked_count("seed", seed, 0))  # fmt: skip
    given = members(draws, outcome, gaps=gaps, status=status)
    rows, dropped = _rows(given, sample, method_used)
    if given.constant:
        return _constant(method_used, given, dropped)
    found = _Method(method_used, given, sample, asked, rows)
    columns, second = found.at(len(rows))
    table = _table(columns, given.draws.columns, asked)
    order = table[MAIN[method_used]].abs().sort_values(ascending=False, kind="stable").index
    notes = [
        Note("head", {"method": Note(method_used), "draws": rows.size, "sample": sample.method, "inputs": len(table),
                      "confidence": f"{100 * confidence:g}", "resamples": resamples}),
        *given.notes, *_dropped(given, dropped, sample), *_largest(method_used, table.loc[order], found.floor),
        *_noise(method_used, table.loc[order], sample, len(rows)),
    ]  # fmt: skip
    return Indices(method_used, table.loc[order], _pairs(second, given.draws.columns), found.convergence(),
                   rows.size, dropped, tuple(notes))  # fmt: skip


class _Method:
    """A method on growing parts of its sample."""

    def __init__(self, method: str, given: Members, sample: Sample, asked: Asked, rows: NDArray[np.intp]) -> None:
        self.method, self.given, self.sample, self.asked, self.rows = method, given, sample, asked, rows
        self.floor: float | None = None  # of PAWN, from the whole sample

    def at(self, size: int) -> tuple[Columns, tuple[Array, Array] | None]:
        """Indices from the first `size` blocks."""
        rows = self.rows[:size]
        values, draws = self.given.values[rows], self.given.draws.iloc[rows.ravel()]
        if self.method == "sobol":
            columns, *second = estimators.sobol(values, draws.shape[1], self.asked, second=self.sample.second_order)
            return columns, (second[0], second[1]) if self.sample.second_order else None
        if self.method == "morris":
            x = designs.numbers(draws, self.method)
            return estimators.morris(x, values.ravel(), self.sample.levels, self.asked), None
        if self.method == "pawn":
            columns, self.floor = estimators.pawn(draws, values.ravel(), self.asked)
            return columns, None
        if self.method == "delta":
            return estimators.delta(draws, values.ravel(), self.asked), None
        return estimators.rbd_fast(designs.numbers(draws, self.method), values.ravel(), self.asked), None

    def convergence(self) -> pd.DataFrame:
        """Indices from parts of the sample; a part with one outcome alone is left out."""
        whole, least = len(self.rows), designs.LEAST[self.method]
        floor, tables = self.floor, []
        for size in [*(whole // part for part in PARTS if whole // part >= least), whole]:
            if np.ptp(self.given.values[self.rows[:size]]) > 0:
                table = _table(self.at(size)[0], self.given.draws.columns, self.asked)
                tables.append(table.rename_axis("input").reset_index().assign(size=size))
        self.floor = floor
        together = pd.concat(tables, ignore_index=True)
        return together[["size", *(name for name in together if name != "size")]]


def _rows(given: Members, sample: Sample, method: str) -> tuple[NDArray[np.intp], int]:
    """(blocks, rows) places of whole blocks, and how many draws were left out; raises UsageError where few are left."""
    if method == "morris":
        designs.numbers(given.draws, method)
    by = {"sobol": designs.saltelli_rows, "morris": designs.morris_rows}.get(method, designs.independent_rows)
    rows = by(given.draws, sample)
    whole = ~given.failed[rows].any(axis=1)
    if len(rows) < designs.LEAST[method]:
        raise UsageError(
            f"{method} compares groups of draws and needs at least {designs.LEAST[method]} of them, but this sample "
            f"has {len(rows)}: take a larger size"
        )
    if whole.sum() < max(designs.LEAST[method], KEPT * len(rows)):
        raise UsageError(
            f"{int(given.failed.sum())} of {len(given.failed)} members failed ({given.told_reasons}): "
            f"{int(whole.sum())} of the "
            f"{len(rows)} groups of draws that {method} compares are whole, too few to describe all draws; "
            "narrow the inputs, take a larger sample, or ask where members fail with kctopt.study.discovery.prim"
        )
    return rows[whole], int(rows.size - rows[whole].size)


def _table(columns: Columns, inputs: Sequence[str] | pd.Index, asked: Asked) -> pd.DataFrame:
    """Indices with the ends of their intervals."""
    cells: dict[str, Any] = {}
    for name, values in columns.items():
        if not name.endswith("_half"):
            cells[name] = values
            half = columns.get(f"{name}_half")
            if half is not None:
                cells |= {f"{name}_low": values - half, f"{name}_high": values + half}
    return pd.DataFrame(cells, index=pd.Index(inputs, name="input"))


def _pairs(second: tuple[Array, Array] | None, inputs: pd.Index) -> pd.DataFrame:
    """Second order by pair, the largest first."""
    columns = ["one", "other", "second", "second_low", "second_high"]
    if second is None:
        return pd.DataFrame(columns=columns)
    value, half = second
    one, other = np.triu_indices(len(inputs), 1)
    rows = zip(inputs[one], inputs[other], value[one, other], value[one, other] - half[one, other],
               value[one, other] + half[one, other], strict=True)  # fmt: skip
    return pd.DataFrame(rows, columns=columns).sort_values("second", ascending=False, ignore_index=True)


def _constant(method: IndexMethod, given: Members, dropped: int) -> Indices:
    """No indices: the outcome is one number."""
    table = pd.DataFrame({MAIN[method]: np.nan}, index=pd.Index(given.draws.columns, name="input"))
    value = float(given.values[~given.failed][0])
    note = Note("constant", {"value": f"{value:.6g}", "draws": int((~given.failed).sum())})
    empty = table.reset_index().iloc[:0]
    return Indices(
        method, table, _pairs(None, table.index), empty, len(given.values) - dropped, dropped, (note, *given.notes)
    )


def _dropped(given: Members, dropped: int, sample: Sample) -> list[Note]:
    """How many members failed, and how many draws went with them."""
    if not dropped:
        return []
    failed = int(given.failed.sum())
    key = "dropped_blocks" if dropped != failed or sample.method in ("saltelli", "morris") else "dropped"
    return [
        Note(key, {"failed": failed, "draws": len(given.failed), "reasons": given.told_reasons, "dropped": dropped})
    ]


def _largest(method: str, table: pd.DataFrame, floor: float | None) -> list[Note]:
    """The inputs that matter most, and those that cannot be told from one without influence."""
    main = MAIN[method]
    top = table.head(TOLD)
    told = [Note("index_of", {"input": name, "value": f"{row[main]:.3g}", "low": f"{row[f'{main}_low']:.3g}",
                              "high": f"{row[f'{main}_high']:.3g}"}) for name, row in top.iterrows()]  # fmt: skip
    notes = [Note(f"most_{method}", {"inputs": tuple(told)})]
    if floor is None:
        idle = tuple(table.index[table[f"{main}_low"] <= 0])
        return [*notes, Note("idle", {"inputs": idle})] if idle else notes
    idle = tuple(table.index[table[main] <= floor])
    return [*notes, Note("floor", {"floor": f"{floor:.3g}", "inputs": idle})] if idle else notes


def _noise(method: str, table: pd.DataFrame, sample: Sample, size: int) -> list[Note]:
    """What is sampling noise, and which size would have less of it."""
    if method not in ("sobol", "rbd_fast"):
        return []
    notes, known = [], [name for name in ("total", "first") if name in table]
    below = tuple(table.index[(table[known] < 0).any(axis=1)])
    if below:
        notes.append(Note("below", {"inputs": below, "size": 2 * sample.size}))
    if method == "sobol":
        over = tuple(table.index[table["first"] > table["total"]])
        notes += [Note("over", {"inputs": over, "size": 2 * sample.size})] if over else []
    half = max(float(((table[f"{name}_high"] - table[f"{name}_low"]) / 2).max()) for name in known)
    if half > WIDE:
        asked = size * (half / WIDE) ** 2
        power = (
            2 ** int(np.ceil(np.log2(asked)))
            if sample.method in ("saltelli", "sobol")
            else int(np.ceil(asked / 100)) * 100
        )
        notes.append(Note("wide", {"half": f"{half:.2g}", "wanted": f"{WIDE:g}", "size": power}))
    return notes
