"""A plan's discrete choices: stages by review, restraint, cooperation modes by plan, programmes and their routes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kctopt.brief import brief
from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import NEAR, review_years
from kctopt.simulator.world import Array, Codes


@dataclass(frozen=True, repr=False)
class Choices:
    """Discrete choices of a plan: lines L, reviews V, domains G, plans P, programmes K, planned years N, all years H.

    None means that the option is off, or that no such choice was made: then stages follow the law year by year without
    foresight, nothing is held back, every domain keeps its base-year mode and no programme runs.
    """

    stage: Codes | None = None  # (L, V) 0 far, 1 within reach, 2 near; the base year decides the first review
    restraint: Array | None = None  # (..., L, 3, H) stock not built or not shown, index points; draw axes of money
    mode: Codes | None = None  # (G, P) position in the scenario's modes
    routes: Codes | None = None  # (K, N) routes of a programme that start in the year, 0 where none does

    def __repr__(self) -> str:
        made = {name: np.shape(part) for name, part in vars(self).items() if part is not None}
        return brief(self, *(f"{name}: {shape}" for name, shape in made.items()))

    @property
    def none(self) -> bool:
        """Whether nothing is chosen."""
        return all(part is None for part in (self.stage, self.restraint, self.mode, self.routes))


NO_CHOICES = Choices()


def checked_choices(scenario: Scenario, choices: Choices) -> Choices:
    """Choices as arrays of the scenario's shape; raises ValueError when they are not, or their option is off."""
    if choices.none:
        return choices
    horizon, lines = scenario.horizon, len(scenario.lines)
    parts: dict[str, Any] = {}
    if choices.stage is not None:
        _option("stage", scenario.stages == "switching", "stages: switching")
        parts["stage"] = _codes("stage", choices.stage, (lines, len(review_years(scenario))), NEAR)
    if choices.mode is not None:
        _option("mode", scenario.cooperation.choice != "none", "cooperation.choice: mask or free")
        want = (len(scenario.domains), len(horizon.plans))
        parts["mode"] = _codes("mode", choices.mode, want, len(scenario.modes) - 1)
    if choices.routes is not None:
        parts["routes"] = _codes("routes", choices.routes, (len(scenario.programmes), len(horizon.years)), None)
    if choices.restraint is not None:
        parts["restraint"] = np.asarray(choices.restraint, dtype=float)
        _shape("restraint", parts["restraint"].shape[-3:], (lines, len(scenario.rungs), len(horizon.all_years)))
    return replace(choices, **parts)


def _option(name: str, on: bool, switch: str) -> None:
    if not on:
        raise ValueError(f"choices.{name} is given, but the scenario does not have the option ({switch})")


def _shape(name: str, shape: tuple[int, ...], want: tuple[int, ...]) -> None:
    if shape != want:
        raise ValueError(f"choices.{name} has shape {shape}; this scenario needs {want}")


def _codes(name: str, values: NDArray[Any], want: tuple[int, ...], most: int | None) -> Codes:
    given = np.asarray(values)
    _shape(name, given.shape, want)
    codes = given.astype(int)
    if (codes != given).any() or (codes < 0).any() or (most is not None and (codes > most).any()):
        span = "0 or more" if most is None else f"0 to {most}"
        raise ValueError(f"choices.{name} must be whole numbers, {span}")
    return codes
