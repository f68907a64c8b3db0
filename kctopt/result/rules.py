"""A family of rules with two sides, and the two shapes most families have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from kctopt.result.fields import MONEY_UNIT
from kctopt.scenario.records import Scenario

Sense = Literal["<=", ">="]


@dataclass(frozen=True)
class Rules:
    """A family of rules of one kind; arrays of one length, or scalars for all."""

    rule: list[str]
    kind: str
    line: list[str] | str
    year: list[int] | int
    left: np.ndarray
    sense: Sense
    right: np.ndarray
    unit: str = MONEY_UNIT


def each(
    rule: str, scenario: Scenario, left: np.ndarray, sense: Sense, right: np.ndarray, keep: np.ndarray | None = None
) -> Rules:
    """A rule on every line and year, arrays (lines, years), years inside lines; `keep` of the same shape leaves out."""
    years = scenario.horizon.years
    shape = len(scenario.lines), len(years)
    places = np.argwhere(np.ones(shape, dtype=bool) if keep is None else keep).tolist()
    return Rules(
        [f"{rule}[{scenario.lines[i].id},{years[n]}]" for i, n in places],
        rule.partition(".")[2],
        [scenario.lines[i].id for i, _ in places],
        [years[n] for _, n in places],
        np.array([left[i, n] for i, n in places], dtype=float),
        sense,
        np.array([right[i, n] for i, n in places], dtype=float),
    )


def by_year(rule: str, years: tuple[int, ...], left: np.ndarray, sense: Sense, right: np.ndarray, kind: str) -> Rules:
    """A rule on every year; `rule` ends with an open bracket."""
    return Rules([f"{rule}{year}]" for year in years], kind, "", list(years), left, sense, right)
