"""Answers to whether rules can hold together: a proof, a plan, what rules would have to give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from kctopt.simulator import Choices, Money


@dataclass(frozen=True)
class Plan:
    """A plan in money and choices, checked by the simulator."""

    money: Money
    choices: Choices
    carried: np.ndarray | None = None  # out of each year, where more than the rules allow is; (N,), billion CNY

    def data(self) -> dict[str, Any]:
        """As plain data."""
        parts = {name: getattr(self.money, name) for name in ("strategic", "substitution", "exchange")}
        return {
            "money": {name: part.tolist() for name, part in parts.items()},
            "choices": {name: None if part is None else part.tolist() for name, part in vars(self.choices).items()},
            "carried": None if self.carried is None else self.carried.tolist(),
        }

    @classmethod
    def read(cls, data: Mapping[str, Any] | None) -> Plan | None:
        """The plan that `data` wrote; None for None."""
        if data is None:
            return None
        money = Money(**{name: np.array(part) for name, part in data["money"].items()})
        choices = {name: None if part is None else np.array(part) for name, part in data["choices"].items()}
        carried = None if data["carried"] is None else np.array(data["carried"])
        return cls(money, Choices(**choices), carried)


@dataclass(frozen=True)
class Verdict:
    """Whether rules can hold together, and by what that is known."""

    status: Literal["infeasible", "plan", "unknown"]
    support: frozenset[str] = frozenset()  # rules that the proof used; where some decisions are whole, a first guess
    rows: tuple[str, ...] = ()  # rows of these rules that it used
    laws: tuple[str, ...] = ()  # laws that it used
    integer: bool = False  # proven only with whole decisions
    plan: Plan | None = None

    def data(self) -> dict[str, Any]:
        """As plain data."""
        return {**vars(self), "support": sorted(self.support), "plan": self.plan and self.plan.data()}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Verdict:
        """The verdict that `data` wrote."""
        lists = {"support": frozenset(data["support"]), "rows": tuple(data["rows"]), "laws": tuple(data["laws"])}
        return cls(**{**data, **lists, "plan": Plan.read(data["plan"])})


@dataclass(frozen=True)
class Step:
    """A number that a user enters, changed so far that a rule holds; `by` and `to` are rounded as they are printed."""

    path: str
    sense: Literal[">=", "<="]
    before: float
    by: float
    to: float


@dataclass(frozen=True)
class Relaxation:
    """What rules give so that others hold: amounts below which none do, and those of a plan.

    No smaller breaches than `by` are enough, in the units of the rules' rows. Those of a simulated plan are, and it
    keeps everything when the numbers that the user entered are changed by `steps`.
    """

    by: dict[str, float]
    rows: tuple[str, ...] = ()
    plan: Plan | None = None
    steps: dict[str, tuple[Step, ...]] = field(default_factory=dict)  # by rule; empty where it has no number
    least: dict[str, float] = field(default_factory=dict)  # by rule: changes smaller than this are not enough, proven

    def data(self) -> dict[str, Any]:
        """As plain data."""
        steps = {name: [asdict(step) for step in group] for name, group in self.steps.items()}
        return {**vars(self), "steps": steps, "plan": self.plan and self.plan.data()}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Relaxation:
        """What `data` wrote."""
        steps = {name: tuple(Step(**step) for step in group) for name, group in data["steps"].items()}
        return cls(**{**data, "rows": tuple(data["rows"]), "steps": steps, "plan": Plan.read(data["plan"])})

    @property
    def shown(self) -> bool:
        """Whether amounts are known that are enough."""
        return self.plan is not None

    @property
    def enough(self) -> dict[str, float]:
        """By rule that has numbers: the largest change of one of them that is shown to be enough."""
        return {name: max(step.by for step in steps) for name, steps in self.steps.items() if steps}
