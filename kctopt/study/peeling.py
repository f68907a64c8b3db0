"""PRIM, the patient rule induction method of Friedman and Fisher (1999): peel a little, look, peel again; then paste.

    peel    of all ways to cut a share `alpha` off one side of one input (or one choice), the one with the largest
            gain of density for the draws given up, (density' - density) / (mass - mass')
    paste   of all ways to add a hundredth of the box on one restricted side, the one that raises 2 c d / (c + d) most
    c, d    coverage: share of all cases that lie in the box; density: share of the box that are cases

Nothing here knows of studies: columns are arrays, cases are flags.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Limits:
    """What a box asks of one input; None where that side is open."""

    low: float | None = None
    high: float | None = None
    kept: frozenset[Any] | None = None  # of the choices

    @property
    def open(self) -> bool:
        """Whether it asks nothing."""
        return self.low is None and self.high is None and self.kept is None

    def holds(self, column: NDArray[Any]) -> Flags:
        """Draws that it lets in."""
        inside = np.ones(len(column), dtype=bool)
        if self.low is not None:
            inside &= column >= self.low
        if self.high is not None:
            inside &= column <= self.high
        return inside if self.kept is None else np.isin(column, list(self.kept))


Box: TypeAlias = tuple[Limits, ...]  # one for each input


@dataclass(frozen=True)
class Step:
    """A box on the way, and how good it is."""

    box: Box
    coverage: float
    density: float
    mass: float
    draws: int

    @property
    def score(self) -> float:
        """Harmonic mean of coverage and density."""
        both = self.coverage + self.density
        return 2 * self.coverage * self.density / both if both > 0 else 0.0


def inside(box: Box, columns: Sequence[NDArray[Any]]) -> Flags:
    """Draws in a box."""
    held = np.ones(len(columns[0]), dtype=bool)
    for limits, column in zip(box, columns, strict=True):
        if not limits.open:
            held &= limits.holds(column)
    return held


def step_of(box: Box, columns: Sequence[NDArray[Any]], cases: Flags, held: Flags | None = None) -> Step:
    """A box with its coverage, density and mass."""
    held = inside(box, columns) if held is None else held
    found, count = int(cases[held].sum()), int(held.sum())
    return Step(box, found / max(int(cases.sum()), 1), found / count if count else 0.0, count / len(cases), count)


def peel(columns: Sequence[NDArray[Any]], cases: Flags, alpha: float, least: int) -> list[Step]:
    """Boxes from all draws down to the last that holds `least`, each inside the one before."""
    box: Box = tuple(Limits() for _ in columns)
    held = np.ones(len(cases), dtype=bool)
    steps = [step_of(box, columns, cases, held)]
    while True:
        best: tuple[float, Box, Flags] | None = None
        at = np.flatnonzero(held)
        density = cases[at].mean()
        for j, limits, keep in _cuts(box, [column[at] for column in columns], alpha):
            count = int(keep.sum())
            if least <= count < len(at):
                gain = (cases[at[keep]].mean() - density) / (len(at) - count)
                if best is None or gain > best[0]:
                    left = np.zeros_like(held)
                    left[at[keep]] = True
                    best = gain, (*box[:j], limits, *box[j + 1 :]), left
        if best is None or (best[0] <= 0 and density in (0.0, 1.0)):
            return steps
        _, box, held = best
        steps.append(step_of(box, columns, cases, held))


def _cuts(box: Box, columns: Sequence[NDArray[Any]], alpha: float) -> Iterator[tuple[int, Limits, Flags]]:
    """Every cut of a box, as the input, its new limits and the draws that stay."""
    for j, (limits, column) in enumerate(zip(box, columns, strict=True)):
        if column.dtype == object:
            kinds = sorted(set(column.tolist()), key=str)
            for kind in kinds if len(kinds) > 1 else ():
                yield j, Limits(kept=frozenset(kinds) - {kind}), column != kind
            continue
        ordered = np.sort(column)
        if ordered[0] == ordered[-1]:
            continue
        cut = max(1, int(alpha * len(ordered)))
        low = _above(ordered, ordered[cut - 1])
        high = _below(ordered, ordered[-cut])
        if low is not None:
            yield j, replace(limits, low=low), column >= low
        if high is not None:
            yield j, replace(limits, high=high), column <= high


def _above(ordered: NDArray[Any], value: float) -> float | None:
    """Half way from a value to the next higher one: a limit that no draw lies on."""
    at = int(np.searchsorted(ordered, value, side="right"))
    return None if at == len(ordered) else float((value + ordered[at]) / 2)


def _below(ordered: NDArray[Any], value: float) -> float | None:
    at = int(np.searchsorted(ordered, value, side="left"))
    return None if at == 0 else float((value + ordered[at - 1]) / 2)


def paste(step: Step, columns: Sequence[NDArray[Any]], cases: Flags, share: float = 0.01) -> Step:
    """The box widened on its restricted sides for as long as the score rises."""
    while True:
        wider = [step_of(box, columns, cases) for box in _wider(step, columns, share)]
        best = max(wider, key=lambda one: one.score, default=step)
        if best.score <= step.score:
            return step
        step = best


def _wider(step: Step, columns: Sequence[NDArray[Any]], share: float) -> Iterator[Box]:
    """Every way to widen a box by a hundredth of its draws on one side, or by a choice."""
    box, more = step.box, max(1, int(share * step.draws))
    for j, limits in enumerate(box):
        if limits.open:
            continue
        rest: Box = (*box[:j], Limits(), *box[j + 1 :])
        column = columns[j][inside(rest, columns)]
        if limits.kept is not None:
            for kind in sorted(set(column.tolist()) - limits.kept, key=str):
                kept = limits.kept | {kind}
                whole = kept >= set(columns[j].tolist())
                yield (*box[:j], Limits() if whole else Limits(kept=kept), *box[j + 1 :])
            continue
        ordered = np.sort(column)
        if limits.low is not None:
            at = int(np.searchsorted(ordered, limits.low)) - more
            low = _below(ordered, ordered[at]) if at > 0 else None
            yield (*box[:j], replace(limits, low=low), *box[j + 1 :])
        if limits.high is not None:
            at = int(np.searchsorted(ordered, limits.high, side="right")) - 1 + more
            high = _above(ordered, ordered[at]) if at < len(ordered) - 1 else None
            yield (*box[:j], replace(limits, high=high), *box[j + 1 :])


def quasi_p(step: Step, j: int, columns: Sequence[NDArray[Any]], cases: Flags) -> float:
    """How likely so many cases are in the box by chance, if input j told nothing (Bryant and Lempert 2010)."""
    from scipy.stats import binomtest

    without = step_of((*step.box[:j], Limits(), *step.box[j + 1 :]), columns, cases)
    found = round(step.density * step.draws)
    return float(binomtest(found, step.draws, without.density, alternative="greater").pvalue)


def freed(step: Step, columns: Sequence[NDArray[Any]], cases: Flags, most: float) -> Step:
    """The box without the restrictions that chance explains, the likeliest first."""
    while True:
        odds = {j: quasi_p(step, j, columns, cases) for j, limits in enumerate(step.box) if not limits.open}
        worst = max(odds, key=lambda j: odds[j], default=None)
        if worst is None or odds[worst] <= most or len(odds) == 1:
            return step
        step = step_of((*step.box[:worst], Limits(), *step.box[worst + 1 :]), columns, cases)


def chosen(steps: Sequence[Step], density: float | None) -> Step:
    """The step with the best score, or of those that are dense enough the one that covers most."""
    dense = [step for step in steps if density is not None and step.density >= density]
    if dense:
        return max(dense, key=lambda step: (step.coverage, step.density))
    return max(steps, key=lambda step: (step.density if density is not None else step.score, step.coverage))
