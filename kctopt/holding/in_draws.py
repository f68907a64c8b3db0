"""How a plan is held while budgets are drawn: as shares of each year's budget, or as the amounts that were planned.

| hold | a plan's money in a draw |
|---|---|
| shares | in proportion to each year's budget there; adjusted to be feasible where that breaks a rule on money |
| amounts | as planned, whatever the budget is there |

`kctopt compare` takes plans in proportion in the same way; the base year's shares are adjusted to be feasible by the
same rule, the least change in proportion (adjusted.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, Self, get_args

import numpy as np
from numpy.typing import NDArray

from kctopt.errors import UsageError, suggest
from kctopt.holding.adjusted import adjusted
from kctopt.holding.plan import as_shares, budgets_of
from kctopt.rules import Case, Verdict, verdict
from kctopt.rules.slopes import amounts
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices, Money, Trajectory, World
from kctopt.simulator import simulate as run_laws
from kctopt.simulator.world import Array, Codes

Hold = Literal["shares", "amounts"]
HOLDS: tuple[Hold, ...] = get_args(Hold)
SAME = 1e-9  # relative difference of budgets that counts as none
Numbers = NDArray[np.intp]


class Drawn(Protocol):
    """A scenario whose numbers are drawn, as studies have it."""

    @property
    def scenario(self) -> Scenario:
        """With arrays of draws."""

    @property
    def count(self) -> int:
        """Draws."""

    def take(self, draws: Numbers) -> Self:
        """The same with some of its draws."""


@dataclass(frozen=True)
class HeldPlan:
    """A plan in the draws of a chunk."""

    money: Money  # with a draw axis where draws differ
    path: Trajectory
    judged: Verdict
    factor: Array  # (D,) its money over that planned, before it is adjusted
    moved: Array  # (D,) share of it that stands elsewhere after it is adjusted; 0 where it is not


def checked_hold(hold: Any) -> Hold:
    """How plans are held. Raises UsageError for another word."""
    if hold not in HOLDS:
        raise UsageError(f"hold={hold!r}: {suggest(str(hold), HOLDS)}")
    return hold  # type: ignore[no-any-return]


def hold_plan(
    chunk: Drawn, world: World, money: Money, choices: Choices, *, own: Array | None, budget_scale: float = 1.0
) -> HeldPlan:
    """A plan in the draws of a chunk.

    Parameters
    ----------
    chunk : Drawn
        The scenario with D draws.
    world : World
        Of the chunk.
    money : Money
        As planned, without a draw axis.
    choices : Choices
        That go with it.
    own : array or None
        (N,) budgets that it was planned for, of which it is held as shares; None holds its amounts.
    budget_scale : float, default 1.0
        Factor on the budgets (`min_budget`).

    Returns
    -------
    HeldPlan
        Money, what the laws make of it, and how it keeps the rules.
    """
    held, factor = _in_budgets(chunk, money, own)
    first = _judged(chunk, world, held, choices, budget_scale)
    moved = np.zeros(chunk.count)
    broken = np.flatnonzero(first.judged.broken) if own is not None else np.zeros(0, dtype=np.intp)
    if len(broken):
        part = chunk.take(broken)
        changed, better = _adjusted(part, _of(held, broken), choices, budget_scale, first.judged.broken[broken])
        if better.any():
            whole, at = _whole(held, chunk.count), broken[better]
            before = amounts(whole)[at]
            for name in ("strategic", "substitution", "exchange"):
                getattr(whole, name)[at] = getattr(changed, name)[better]
            size = np.maximum(np.abs(before).sum(axis=(1, 2, 3)), 1e-300)
            moved[at] = np.abs(amounts(whole)[at] - before).sum(axis=(1, 2, 3)) / 2 / size
            first = _judged(chunk, world, whole, choices, budget_scale)
    return replace(first, factor=factor, moved=moved)


def _in_budgets(chunk: Drawn, money: Money, own: Array | None) -> tuple[Money, Array]:
    """A plan's money as shares of the budgets of draws, and by what factor there is more of it, (D,)."""
    if own is None:
        return money, np.ones(chunk.count)
    there = budgets_of(chunk.scenario)
    if (np.abs(there - own) <= SAME * np.maximum(there, own)).all():
        return money, np.ones(chunk.count)
    held = as_shares(money, own, there)
    factor = held.spend.sum(axis=(-2, -1)) / max(float(money.spend.sum()), 1e-300)
    return held, np.broadcast_to(factor, chunk.count)


def _judged(chunk: Drawn, world: World, money: Money, choices: Choices, budget_scale: float) -> HeldPlan:
    with np.errstate(all="ignore"):
        path = run_laws(chunk.scenario, money, world, choices)
        judged = verdict(Case(chunk.scenario, money, choices, path, budget_scale), chunk.count)
    return HeldPlan(money, path, judged, np.ones(chunk.count), np.zeros(chunk.count))


def _adjusted(
    part: Drawn, money: Money, choices: Choices, budget_scale: float, broken: Codes
) -> tuple[Money, NDArray[np.bool_]]:
    """Adjusted money of draws in which a plan breaks rules, and in which of them it breaks fewer so, (D,)."""
    with np.errstate(all="ignore"):
        world = World.of(part.scenario)
        path = run_laws(part.scenario, money, world, choices)
        changed = adjusted(Case(part.scenario, _whole(money, part.count), choices, path, budget_scale))
    return changed, _judged(part, world, changed, choices, budget_scale).judged.broken < broken


def _of(money: Money, draws: Numbers) -> Money:
    """Money in some draws."""
    if money.substitution.ndim == 2:
        return money
    return Money(money.strategic[draws], money.substitution[draws], money.exchange[draws])


def _whole(money: Money, count: int) -> Money:
    """Money with a draw axis, to be changed in place."""
    parts = ((money.strategic, 3), (money.substitution, 2), (money.exchange, 2))
    return Money(*(np.broadcast_to(part, (count, *part.shape[-axes:])).copy() for part, axes in parts))
