"""What a policy speaks of: its years, its share of each line's spend, its lines."""

from __future__ import annotations

import re

import numpy as np

from kctopt.scenario.axes import spread, vector
from kctopt.scenario.records import QUADRANTS, Horizon, Line, Scenario, Selection
from kctopt.scenario.scalars import plain_years

MEMBER = 0.5  # a line counts as of a type, for targets, from this membership on
YEARS = re.compile(r"(\d{1,4})(?:\.0)?(?:\s*-\s*(\d{1,4}))?", re.ASCII)  # of a table, a year may be a number: 2030.0
ALL_YEARS = "leave 'years' out for all planned years"


class WrongYears(ValueError):
    """A text that names no planned years."""

    def __init__(self, message: str, hint: str = ALL_YEARS) -> None:
        super().__init__(message)
        self.hint = hint


def policy_years(text: str, horizon: Horizon) -> tuple[int, ...]:
    """Planned years that `text` names: '2030', '2026-2030' (also '2026-30', as plans are called), or all when empty.

    Full-width digits and any dash are read as what they stand for. Raises WrongYears when the text is not of that form,
    names a year outside the plan or runs backwards.
    """
    if not text:
        return horizon.years
    match = YEARS.fullmatch(plain_years(text))
    if match is None:
        raise WrongYears(f"{text!r} is not a year (2030) or a span of years (2026-2030)")
    first, last = int(match[1]), int(match[2] or match[1])
    if len(match[2] or "") == 2:  # a year without its century
        last += first - first % 100
    if first not in horizon.years or last not in horizon.years:
        raise WrongYears(f"{text} lies outside the planned years {horizon.years[0]}-{horizon.years[-1]}")
    if first > last:
        raise WrongYears(f"{text} runs backwards", f"write {last}-{first}")
    return tuple(range(first, last + 1))


def spend_weights(scenario: Scenario, selection: Selection) -> np.ndarray:
    """Part of each line's spend that counts for the selection, shape (lines,), in [0, 1]."""

    def weight(line: Line) -> float:
        if selection.domain not in (None, line.domain) or selection.line not in (None, line.id):
            return 0.0
        return 1.0 if selection.type is None else line.membership[selection.type]

    return vector(weight(line) for line in scenario.lines)


def target_lines(scenario: Scenario, selection: Selection) -> tuple[int, ...]:
    """Positions of the lines that a target binds: those with a membership of at least one half."""
    bound = spend_weights(scenario, selection) >= MEMBER
    some = bound.reshape(-1, len(scenario.lines))
    if (some != some[:1]).any():
        raise ValueError("lines that a target binds differ between draws that are simulated together")
    return tuple(int(i) for i in np.flatnonzero(some[0]))


def exposed_part(scenario: Scenario) -> np.ndarray:
    """zeta_i: part of a line's exchange that is exposed, by its sensitivity above a threshold, shape (lines,)."""
    threshold = scenario.cooperation.exposure_threshold
    sensitivity = vector(line.sensitivity for line in scenario.lines)
    return np.asarray(np.maximum(0.0, sensitivity - spread(threshold, 1)) / (1 - spread(threshold, 1)))


def quadrants(scenario: Scenario) -> np.ndarray:
    """Position of each line's cooperation quadrant in QUADRANTS, (..., lines)."""
    rule = scenario.cooperation
    high = vector(line.growth for line in scenario.lines) >= spread(rule.growth_threshold, 1)
    guarded = vector(line.sensitivity for line in scenario.lines) >= spread(rule.sensitivity_threshold, 1)
    codes = {name: n for n, name in enumerate(QUADRANTS)}
    kept = np.where(high, codes["managed"], codes["barrier"])
    return np.where(guarded, kept, np.where(high, codes["widen"], codes["active"]))


def quadrant(scenario: Scenario, i: int) -> str:
    """Cooperation quadrant of line i, by sensitivity and growth against their thresholds (s.4.3)."""
    line, rule = scenario.lines[i], scenario.cooperation
    high_growth = line.growth >= rule.growth_threshold
    if line.sensitivity >= rule.sensitivity_threshold:
        return "managed" if high_growth else "barrier"
    return "widen" if high_growth else "active"
