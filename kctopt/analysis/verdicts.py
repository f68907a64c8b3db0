"""Answers to whether rules can hold together: a proof, a plan, what rules would have to give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kctopt.simulate import Choices, Money


@dataclass(frozen=True)
class Plan:
    """A plan in money and choices, checked by the simulator."""

    money: Money
    choices: Choices


@dataclass(frozen=True)
class Verdict:
    """Whether rules can hold together, and by what that is known."""

    status: Literal["infeasible", "plan", "unknown"]
    support: frozenset[str] = frozenset()  # rules that the proof used; where some decisions are whole, a first guess
    rows: tuple[str, ...] = ()  # rows of these rules that it used
    laws: tuple[str, ...] = ()  # laws that it used
    integer: bool = False  # proven only with whole decisions
    plan: Plan | None = None


@dataclass(frozen=True)
class Given:
    """What rules give so that others hold, in their units: amounts below which none do, and those of a plan.

    No smaller amounts than `by` are enough. Those in `enough` are: a simulated plan breaks the rules by no more.
    """

    by: dict[str, float]
    rows: tuple[str, ...] = ()
    plan: Plan | None = None
    enough: dict[str, float] = field(default_factory=dict)

    @property
    def shown(self) -> bool:
        """Whether amounts are known that are enough."""
        return self.plan is not None
