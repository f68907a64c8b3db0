"""A plan's money, and the plan that repeats the base year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kctopt.scenario.records import Scenario
from kctopt.simulate.world import Array


@dataclass(frozen=True)
class Money:
    """A plan's money, billion CNY a year: lines L, rungs 3, planned years N; leading draw axes allowed."""

    strategic: Array  # (..., L, 3, N) x
    substitution: Array  # (..., L, N) u
    exchange: Array  # (..., L, N) y

    @property
    def spend(self) -> Array:
        """Spend of each line over all tracks, (..., L, N)."""
        return np.asarray(self.strategic.sum(axis=-2) + self.substitution + self.exchange)


def to_base_plan(scenario: Scenario) -> Money:
    """The base year's spend, split as in the base year, repeated in every planned year."""
    spend = np.array([line.spend for line in scenario.lines])
    exchange = np.array([line.exchange_share for line in scenario.lines]) * spend
    substitution = np.array([line.substitution_share for line in scenario.lines]) * spend
    by_rung = (spend - exchange - substitution)[:, None] * np.array([rung.spend_share for rung in scenario.rungs])
    years = np.ones(len(scenario.horizon.years))
    return Money(by_rung[:, :, None] * years, substitution[:, None] * years, exchange[:, None] * years)


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
