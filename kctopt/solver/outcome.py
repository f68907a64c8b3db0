"""What a solve ends with: a plan with both bounds, or the reason there is none.

No plan is better than its proven bound. Every `Outcome` is checked as it is made, whatever made it: one whose plan is
better by more than the certificate's tolerance can explain is a bug in kctopt, `fault`, and keeps both numbers. What
it can explain: a plan may break each rule by a little (certificate.FEASIBLE), and gains by that no more than

    sum over rules of |price| * what is broken     (weak duality, at the prices that proved the bound)

The bound of a plan that is ahead is moved by as much: it then holds of every plan that breaks rules by no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from kctopt.brief import brief, counted
from kctopt.simulator import Choices, Money
from kctopt.solver.settings import TOLERANCES
from kctopt.status import Status


def relative_gap(objective: float, bound: float, size: float = 1.0) -> float:
    """Distance of the two bounds over |objective|, the gap of a result; `size` is what the objective is measured by."""
    distance = abs(bound - objective)
    return (
        0.0
        if distance <= TOLERANCES.no_distance * size
        else distance / max(TOLERANCES.least_objective * size, abs(objective))
    )


@dataclass(frozen=True)
class Round:
    """One linear program of the search or the proof."""

    phase: Literal["search", "proof"]
    bound: float | None  # valid bound of this round, proof only
    objective: float | None  # best simulated plan so far
    rows: int
    seconds: float


@dataclass(frozen=True, repr=False)
class Outcome:
    """End of a solve.

    Attributes
    ----------
    status : Status
        How it ended.
    money : Money or None
        The plan, billion CNY a year: `strategic` (lines, rungs, years), `substitution` and `exchange` (lines, years).
    objective : float or None
        Simulated value of `money`, NS points; for `min_budget` billion CNY.
    bound : float or None
        Proven bound, in the same unit.
    gap : float or None
        Their distance over the size of the objective.
    prices : dict of str to float
        Objective points per unit of the right side, by rule.
    budget_scale : float or None
        For `min_budget`, the factor on the budget.
    year, impossible_by : int or None
        For `earliest`, the first year the targets can hold, and the last one up to which it is proven that they cannot.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.solver import Engine
    >>> engine = Engine(kctopt.build("baseline"))
    >>> outcome = engine.solve()
    >>> outcome.money.spend.shape  # lines, years
    (20, 10)
    """

    status: Status
    money: Money | None = None
    objective: float | None = None
    bound: float | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)
    prices: dict[str, float] = field(default_factory=dict)
    budget_scale: float | None = None
    year: int | None = None
    impossible_by: int | None = None
    values: dict[str, float] = field(default_factory=dict)  # variables the user added, by name
    names: Sequence[str] = field(default=(), repr=False, compare=False)  # of the program's columns
    point: np.ndarray | None = field(default=None, repr=False, compare=False)  # their values in the plan
    choices: Choices = field(default_factory=Choices)  # discrete decisions of the plan
    cycle: int = 0  # regimes' iteration: length of the cycle it ended in, 0 where it settled
    sign: float = -1.0  # of the minimisation: 1 where less is better
    size: float = 1.0  # what the objective is measured by: of a user's own the largest coefficient
    gained: float = 0.0  # most that the plan can have gained by breaking rules within the tolerance

    def __post_init__(self) -> None:
        """A status of text becomes a member; then the one check that the plan is not better than its bound."""
        object.__setattr__(self, "status", Status(self.status))
        if self.objective is None or self.bound is None:
            return
        bound = agreed(self.objective, self.bound, self.sign, self.gained)
        if bound is None:
            object.__setattr__(self, "status", Status.FAULT)
        else:
            object.__setattr__(self, "bound", bound)

    def __repr__(self) -> str:
        facts = [
            f"{name}={value:.6g}"
            for name in ("objective", "bound", "gap")
            if (value := getattr(self, name)) is not None
        ]
        return brief(self, self.status, *facts, counted(len(self.rounds), "round"))

    @property
    def gap(self) -> float | None:
        """Relative distance between the bounds; None while one of them is missing."""
        if self.objective is None or self.bound is None:
            return None
        return relative_gap(self.objective, self.bound, self.size)

    @property
    def log(self) -> str:
        """The rounds as a table, for `solver.log`."""
        lines = ["phase    round     rows   seconds            bound        objective"]
        for number, each in enumerate(self.rounds, 1):
            bound = f"{each.bound:16.6f}" if each.bound is not None else " " * 16
            objective = f"{each.objective:16.6f}" if each.objective is not None else " " * 16
            lines.append(f"{each.phase:8} {number:5d} {each.rows:8d} {each.seconds:9.3f} {bound} {objective}")
        return "\n".join(lines) + "\n"


def agreed(objective: float, bound: float, sign: float, gained: float) -> float | None:
    """The bound to state for a plan, moved where the plan is ahead by no more than explained; None where by more."""
    ahead = sign * (bound - objective)
    if not ahead > 0.0:
        return bound
    if ahead > gained + TOLERANCES.objective_round_off * max(abs(bound), abs(objective)):
        return None
    return bound - sign * gained if gained > ahead else objective
