"""Which sample an index method can use, and whether a table of draws is that sample, row by row.

| method | sample | rows |
|---|---|---|
| sobol | saltelli | for each base row: A, A with column j of B for each j, (B with column j of A for each j,) B |
| morris | morris | trajectories of K + 1 rows, each with one input changed |
| pawn, delta, rbd_fast | lhs, sobol | any, independent; of saltelli the rows A and B |
"""

from __future__ import annotations

from typing import Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kctopt.errors import UsageError, suggest
from kctopt.study.records import Sample

IndexMethod = Literal["sobol", "morris", "pawn", "delta", "rbd_fast"]
GIVEN_DATA = ("lhs", "sobol", "saltelli")
USES: dict[str, tuple[str, ...]] = {
    "sobol": ("saltelli",),
    "morris": ("morris",),
    "pawn": GIVEN_DATA,
    "delta": GIVEN_DATA,
    "rbd_fast": GIVEN_DATA,
}
LEAST = {"sobol": 8, "morris": 4, "pawn": 50, "delta": 50, "rbd_fast": 50}  # base rows, trajectories, draws


def chosen(method: str | None, sample: Sample) -> IndexMethod:
    """The method, or the first that can use the sample; raises UsageError where none or not this one can."""
    fits = [name for name, samples in USES.items() if sample.method in samples]
    if not fits:
        raise UsageError(
            f"no index method can use a sample of the kind {sample.method!r}, whose inputs are not drawn "
            f"independently; draw the "
            "study with `method: saltelli` (Sobol indices), `morris` (screening) or `lhs` (PAWN, delta, RBD-FAST)"
        )
    if method is None:
        return cast(IndexMethod, fits[0])
    if method not in USES:
        raise UsageError(f"method {method!r} is not an index method; {suggest(str(method), USES)}")
    if method not in fits:
        raise UsageError(
            f"{method} cannot use a sample of the kind {sample.method!r}; draw the study with `method: "
            f"{USES[method][0]}`, "
            f"or use {' or '.join(fits)}"
        )
    return cast(IndexMethod, method)


def saltelli_rows(draws: pd.DataFrame, sample: Sample) -> NDArray[np.intp]:
    """(N, rows of a block) places of the rows, A first and B last, after each row was found to be what it should be."""
    inputs = draws.shape[1]
    block = 2 * inputs + 2 if sample.second_order else inputs + 2
    kind = f"second_order={sample.second_order}"
    if len(draws) != sample.size * block:
        raise UsageError(
            f"draws: a Saltelli sample of size {sample.size} with {kind} has {sample.size} x {block} = "
            f"{sample.size * block} rows for {inputs} inputs, not {len(draws)}; give all rows, in the order "
            "of the sample"
        )
    codes = np.column_stack([pd.factorize(draws[name])[0] for name in draws]).reshape(sample.size, block, inputs)
    first, last = codes[:, 0], codes[:, -1]
    for j in range(inputs):
        for base, other, at in ((first, last, 1 + j), (last, first, 1 + inputs + j))[: 2 if sample.second_order else 1]:
            expected = base.copy()
            expected[:, j] = other[:, j]
            wrong = np.flatnonzero((codes[:, at] != expected).any(axis=1))
            if len(wrong):
                raise UsageError(
                    f"draws: row {wrong[0] * block + at} (counted from 0) is not the row that a Saltelli sample "
                    f"with {kind} has there; sort the table by the number of the draw, and draw inputs "
                    "without correlation"
                )
    return np.arange(len(draws)).reshape(sample.size, block)


def morris_rows(draws: pd.DataFrame, sample: Sample) -> NDArray[np.intp]:
    """(N, K + 1) places of the rows of each trajectory, after each step was found to change one input."""
    inputs = draws.shape[1]
    block = inputs + 1
    if len(draws) != sample.size * block:
        raise UsageError(
            f"draws: {sample.size} trajectories of Morris have {sample.size} x {block} = {sample.size * block} rows "
            f"for {inputs} inputs, not {len(draws)}; give all rows, in the order of the sample"
        )
    codes = np.column_stack([pd.factorize(draws[name])[0] for name in draws]).reshape(sample.size, block, inputs)
    changed = np.diff(codes, axis=1) != 0
    wrong = np.argwhere((changed.sum(axis=2) != 1) | (changed.cumsum(axis=1).max(axis=2) > 1))
    if len(wrong):
        row = wrong[0][0] * block + wrong[0][1] + 1
        raise UsageError(
            f"draws: from row {row - 1} to row {row} (counted from 0) not exactly one input changes that had not "
            "changed before in its trajectory; sort the table by the number of the draw, or give the shares of "
            "probability of the draws where values of an input repeat"
        )
    most = draws.nunique()
    if most.max() > sample.levels:
        raise UsageError(
            f"draws: {most.idxmax()} has {most.max()} different values, and the sample says levels={sample.levels}; "
            "give the levels that the draws were made with, for effects are in steps of them"
        )
    return np.arange(len(draws)).reshape(sample.size, block)


def independent_rows(draws: pd.DataFrame, sample: Sample) -> NDArray[np.intp]:
    """(n, 1) places of the rows that are drawn independently: all, or A and B of a Saltelli sample."""
    if sample.method == "saltelli":
        rows = saltelli_rows(draws, sample)
        return rows[:, [0, -1]].reshape(-1, 1)
    if len(draws) != sample.size:
        raise UsageError(
            f"draws: a sample of the kind {sample.method!r} of size {sample.size} has {sample.size} rows, not "
            f"{len(draws)}; "
            "give all rows, or the sample that they come from"
        )
    return np.arange(len(draws)).reshape(-1, 1)


def numbers(draws: pd.DataFrame, method: str) -> NDArray[np.float64]:
    """(D, K) draws as numbers; raises UsageError where an input is a choice, which has no order."""
    choices = [str(name) for name in draws if not pd.api.types.is_numeric_dtype(draws[name].infer_objects())]
    if choices:
        other = "a Saltelli sample and sobol" if method == "morris" else "pawn"
        raise UsageError(
            f"{method} needs numbers, and {', '.join(choices)} is a choice without order; use {other}, which take "
            f"choices, "
            "or give the shares of probability of the draws in place of their values"
        )
    return np.asarray(draws.to_numpy(), dtype=float)
