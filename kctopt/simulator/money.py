"""A plan's money, and the plan that repeats the base year."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kctopt.brief import brief
from kctopt.scenario.calibrate import calibrate, of_lines, of_rungs
from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import REACH
from kctopt.simulator.world import Array, Codes


@dataclass(frozen=True, repr=False)
class Money:
    """A plan's money, billion CNY a year: lines L, rungs 3, planned years N; leading draw axes allowed."""

    strategic: Array  # (..., L, 3, N) x
    substitution: Array  # (..., L, N) u
    exchange: Array  # (..., L, N) y

    def __repr__(self) -> str:
        return brief(self, f"{self.spend.shape} lines and years", f"{self.spend.sum():,.6g} billion CNY")

    @property
    def spend(self) -> Array:
        """Spend of each line over all tracks, (..., L, N)."""
        return np.asarray(self.strategic.sum(axis=-2) + self.substitution + self.exchange)


def to_base_plan(scenario: Scenario) -> Money:
    """The base year's spend, split as in the base year, repeated in every planned year.

    With regime switching the exchange spend of lines that are not within reach is strategic spend instead.
    """
    spend = of_lines(scenario, "spend")
    exchange = of_lines(scenario, "exchange_share") * spend
    substitution = of_lines(scenario, "substitution_share") * spend
    by_rung = (spend - exchange - substitution)[..., None] * of_rungs(scenario, "spend_share")[..., None, :]
    years = np.ones(len(scenario.horizon.years))
    money = Money(by_rung[..., None] * years, substitution[..., None] * years, exchange[..., None] * years)
    if scenario.stages == "envelope":
        return money
    return without_closed_exchange(scenario, money, calibrate(scenario).stage[..., None])


def without_closed_exchange(scenario: Scenario, money: Money, stage: Codes) -> Money:
    """The same spend by line with exchange outside reach moved to strategic spend, by the base-year shares of rungs.

    `stage` is the one in force by line and planned year, (..., L, N), or (..., L, 1) for all years.
    """
    kept = np.where(stage == REACH, money.exchange, 0.0)
    shares = of_rungs(scenario, "spend_share")[..., None, :, None]
    moved = (money.exchange - kept)[..., None, :] * shares
    return replace(money, strategic=money.strategic + moved, exchange=kept)


def checked(scenario: Scenario, money: Money) -> Money:
    """Money as float arrays of the scenario's shape; raises ValueError when the shape is another."""
    lines, years = len(scenario.lines), len(scenario.horizon.years)
    return Money(
        _shaped("strategic", money.strategic, (lines, len(scenario.rungs), years)),
        _shaped("substitution", money.substitution, (lines, years)),
        _shaped("exchange", money.exchange, (lines, years)),
    )


def _shaped(name: str, part: Array, want: tuple[int, ...]) -> Array:
    part = np.asarray(part, dtype=float)
    if part.shape[-len(want) :] != want:
        raise ValueError(f"money.{name} has shape {part.shape}; this scenario needs {want} after any draw axes")
    return part


def with_tail(flow: Array, tail: int) -> Array:
    """A flow of planned years with its last year repeated over the tail."""
    return np.concatenate([flow, np.repeat(flow[..., -1:], tail, axis=-1)], axis=-1)
