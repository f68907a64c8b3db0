"""Worlds of any size: the lines of the baseline split into many, each a little different.

The nation keeps its budget, its exposure limit and the share of every original line; a line that is split into n gives
each part about an n-th of its money, so a part has an n-th of the floor, cap and ramp step too. Capability, trend,
growth of the rival, weight, sensitivity and growth potential of each part are the original's, shifted at random
(seeded; grade `assumption`). A part whose shift would make its calibrated yields vanish keeps the original's numbers.
"""

from __future__ import annotations

import numpy as np

import kctopt
from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.records import Cooperation, Line, Scenario

SPREAD = {"capability": 0.15, "spend": 0.3, "weight": 0.3, "exposure_weight": 0.3}  # of the logarithm
SHIFT = {"trend": 0.003, "rival_growth": 0.003, "sensitivity": 0.05, "growth": 0.05}  # added
LARGEST = 150.0  # capability
LEAST_YIELD = 0.25  # of the original's
SOURCES = {10: "baseline", 25: "horizon-2050"}  # by planned years
TAIL = 5  # years, as in every measurement so far; the bundled scenarios have more


def world(lines: int, years: int, seed: int = 0) -> Scenario:
    """A scenario with a multiple of the baseline's lines, over 10 or 25 planned years."""
    scenario = kctopt.load(SOURCES[years], set={"horizon.tail": TAIL})
    copies, left = divmod(lines, len(scenario.lines))
    if left or not copies:
        raise ValueError(f"lines must be a multiple of {len(scenario.lines)}, not {lines}")
    if copies == 1:
        return scenario
    draw = np.random.default_rng(seed)
    shifted = [part for line in scenario.lines for part in split(line, copies, scenario.cooperation, draw)]
    plain = [part for line in scenario.lines for part in split(line, copies, scenario.cooperation, None)]
    money = scenario.money.model_copy(update={"ramp_step": scenario.money.ramp_step / copies})
    update = {"name": f"{scenario.name}-{lines}x{years}", "money": money, "provenance": ()}
    found = scenario.model_copy(update=update | {"lines": tuple(shifted)})
    least = LEAST_YIELD * np.repeat(calibrate(scenario).yields, copies, axis=0)
    sound = np.asarray(np.all(calibrate(found).yields > least, axis=1)).tolist()
    kept = [part if good else spare.model_copy(update={"spend": part.spend, "floor": part.floor, "cap": part.cap})
            for part, spare, good in zip(shifted, plain, sound, strict=True)]  # fmt: skip
    return found.model_copy(update={"lines": tuple(kept)})


def split(line: Line, copies: int, rule: Cooperation, draw: np.random.Generator | None) -> list[Line]:
    """The parts of a line; their spends, floors and caps sum to the line's. Without `draw` all are alike."""

    def factors(name: str) -> np.ndarray:
        if draw is None:
            return np.ones(copies)
        return np.asarray(np.exp(SPREAD[name] * draw.standard_normal(copies)))

    def shifts(name: str) -> np.ndarray:
        return np.zeros(copies) if draw is None else SHIFT[name] * draw.standard_normal(copies)

    money = factors("spend")
    money = money / money.sum()
    columns = {
        "spend": line.spend * money,
        "floor": line.floor * money,
        "capability": np.minimum(line.capability * factors("capability"), max(LARGEST, line.capability)),
        "weight": line.weight * factors("weight") / copies,
        "exposure_weight": line.exposure_weight * factors("exposure_weight") / copies,
        "trend": np.clip(line.trend + shifts("trend"), -0.2, 0.2),
        "rival_growth": line.rival_growth + shifts("rival_growth"),
        "sensitivity": same_side(line.sensitivity, shifts("sensitivity"), rule.sensitivity_threshold),
        "growth": same_side(line.growth, shifts("growth"), rule.growth_threshold),
    }
    if line.cap is not None:
        columns["cap"] = line.cap * money
    rows = [{name: float(values[n]) for name, values in columns.items()} for n in range(copies)]
    return [line.model_copy(update=row | {"id": f"{line.id}-{n + 1}"}) for n, row in enumerate(rows)]


def same_side(value: float, shift: np.ndarray, threshold: float) -> np.ndarray:
    """The value shifted inside [0, 1], on its side of the threshold, so that parts stay in the quadrant."""
    low, high = (threshold, 1.0) if value >= threshold else (0.0, threshold - 1e-6)
    return np.clip(value + shift, low, high)
