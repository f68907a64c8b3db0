"""What is held against the figures: the simulation, no change, and the last trend.

    simulated    the laws from the first figure on
    no change    the first figure
    last trend   the yearly growth between the two figures before, kept

An error is simulated less observed, in points (1 point = 0.01 of the rival's capability) and as a logarithm of their
ratio. The last trend knows figures that the other two do not: it is told from the third figure on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from kctopt.backcasting.observed import History, Observation
from kctopt.backcasting.starts import AS_STATED, Paths, Reading

METHODS = ("simulated", "no_change", "last_trend")


@dataclass(frozen=True)
class Miss:
    """Error of one method on one figure."""

    line: str
    year: int
    method: str
    observed: float
    value: float

    @property
    def points(self) -> float:
        """Error in points of the ratio."""
        return 100 * (self.value - self.observed)

    @property
    def log(self) -> float:
        """Error as the logarithm of value over figure."""
        return math.log(self.value / self.observed)


def expected(line: tuple[Observation, ...], year: int, reading: Reading = AS_STATED) -> dict[str, float]:
    """What no change and the last trend say of a line in a year, from the figures before it."""
    known = [(figure.year, figure.read(reading.elasticity, reading.quality)) for figure in line if figure.year < year]
    values = {"no_change": known[0][1]} if known else {}
    if len(known) > 1:
        (before, low), (after, high) = known[-2:]
        values["last_trend"] = high * (high / low) ** ((year - after) / (after - before))
    return values


def misses(
    history: History, paths: Paths, reading: Reading = AS_STATED, lines: Iterable[str] | None = None
) -> list[Miss]:
    """Errors on every figure after the first of its line, of all lines or of some."""
    missed = []
    for line in history.lines if lines is None else lines:
        rows = history.of(line)
        for figure in rows[1:]:
            values = {"simulated": float(paths[line][figure.year - rows[0].year])} | expected(
                rows, figure.year, reading
            )
            observed = figure.read(reading.elasticity, reading.quality)
            missed += [Miss(line, figure.year, method, observed, value) for method, value in values.items()]
    return missed


def spread_of(rows: Iterable[Miss], method: str) -> float | None:
    """Root mean square of the logarithmic errors of a method, None where it has none."""
    errors = [miss.log for miss in rows if miss.method == method]
    return math.sqrt(sum(error**2 for error in errors) / len(errors)) if errors else None
