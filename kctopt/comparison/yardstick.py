"""Two base years with other yields: the yardstick of OTHER is not that of BASE, and a change has two parts.

    rest           V[OTHER at the yields of BASE](plan of OTHER)  -  V[BASE](plan of BASE)
    recalibration  V[OTHER](plan of OTHER)  -  V[OTHER at the yields of BASE](plan of OTHER)

V is simulated, with the money and the choices of the plan as they are; nothing is solved, and no rule is asked whether
it holds at the other yields. The two add up to the change. With the yields of BASE goes what its base year's exchange
brings in the market. Recalibration is 0 where both are the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kctopt.result.result import Result
from kctopt.scenario.calibrate import base_values, with_yields
from kctopt.scenario.records import RUNGS, Scenario
from kctopt.simulator import simulate

SAME = 1e-9  # relative difference of two yields that is round-off
NAMED = 3  # lines that a caution names


@dataclass(frozen=True)
class YieldChange:
    """A yield of the base year that differs between the two runs."""

    line: str
    rung: str
    base: float  # index points/year
    other: float
    ratio: float  # OTHER over BASE


@dataclass(frozen=True)
class Recalibration:
    """A change in two parts: what the other yields of the base year bring, and the rest.

    Attributes
    ----------
    measure : str
        `objective`, or `security` for national security in one year.
    year : int or None
        The year; None for the objective.
    delta : float
        OTHER less BASE, points; the sum of the two parts.
    recalibration : float
        The plan of OTHER in its own scenario, less the same at the yields of BASE.
    rest : float
        The plan of OTHER in its own scenario at the yields of BASE, less the plan of BASE in its own.

    Examples
    --------
    >>> from kctopt.comparison.yardstick import Recalibration
    >>> part = Recalibration("objective", None, delta=-52.0, recalibration=-61.5, rest=9.5)
    >>> part.recalibration + part.rest == part.delta
    True
    """

    measure: Literal["objective", "security"]
    year: int | None
    delta: float
    recalibration: float
    rest: float


def yield_changes(base: Scenario, other: Scenario) -> tuple[YieldChange, ...]:
    """Yields of the base year that differ, of the lines that both have; the line that differs most first."""
    first, second = _yields(base), _yields(other)
    changed: list[YieldChange] = []
    for line in sorted(first.keys() & second.keys(), key=lambda line: (-_distance(first[line], second[line]), line)):
        pairs = zip(RUNGS, first[line], second[line], strict=True)
        changed += [
            YieldChange(line, rung, mine, yours, yours / mine)
            for rung, mine, yours in pairs
            if not math.isclose(mine, yours, rel_tol=SAME)
        ]
    return tuple(changed)


def recalibrations(base: Result, other: Result, parts: Sequence[str]) -> tuple[Recalibration, ...]:
    """The changes of `parts` (objective, indices) split in two; none where OTHER has lines that BASE lacks.

    Only the objective of national security can be split: others are no values of a plan at given yields.
    """
    shared = base_values(base.scenario)
    if base.trajectory is None or other.trajectory is None or other.money is None:
        return ()
    if {line.id for line in other.scenario.lines} - shared.keys():
        return ()
    lines = {line.id: shared[line.id] for line in other.scenario.lines}
    alike = simulate(with_yields(other.solved_scenario, lines), other.money, choices=other.choices)
    split = []
    kinds = {result.scenario.objective.kind for result in (base, other)}
    if "objective" in parts and kinds == {"national_security"} and not (base.own.objective or other.own.objective):
        values = (_value(base), float(alike.objective), _value(other))
        split.append(_split("objective", None, *values))
    years = sorted(set(base.scenario.horizon.years) & set(other.scenario.horizon.years))
    if "indices" in parts and years:
        at = [years[-1] - result.scenario.horizon.base_year for result in (base, other)]
        values = (
            float(base.trajectory.security[at[0]]),
            float(alike.security[at[1]]),
            float(other.trajectory.security[at[1]]),
        )
        split.append(_split("security", years[-1], *values))
    return tuple(split)


def farthest(changes: Sequence[YieldChange]) -> dict[str, float]:
    """The lines that differ, each with the factor that is farthest from 1."""
    factors: dict[str, float] = {}
    for change in changes:
        known = factors.get(change.line, 1.0)
        factors[change.line] = max(known, change.ratio, key=lambda factor: abs(math.log(factor)))
    return factors


def named(changes: Sequence[YieldChange]) -> str:
    """The lines that differ most with their factors, the others counted."""
    factors = farthest(changes)
    listed = [f"{line} x {factor:.3g}" for line, factor in list(factors.items())[:NAMED]]
    more = len(factors) - len(listed)
    return ", ".join([*listed, *([f"+ {more}"] if more else [])])


def _split(
    measure: Literal["objective", "security"], year: int | None, first: float, alike: float, second: float
) -> Recalibration:
    return Recalibration(measure, year, second - first, second - alike, alike - first)


def _value(result: Result) -> float:
    """The objective as the run says it, so that the parts add up to the change that is told."""
    assert result.objective is not None  # there is a plan
    return result.objective


def _yields(scenario: Scenario) -> dict[str, tuple[float, ...]]:
    return {line: stated[: len(RUNGS)] for line, stated in base_values(scenario).items()}


def _distance(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    return float(np.abs(np.log(np.divide(second, first))).max())
