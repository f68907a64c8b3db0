r"""What is minimised over the costs f_s of states with probabilities p_s. A maximisation's costs have the sign turned.

    expected         sum p_s f_s
    cvar             (1 - w) sum p_s f_s + w CVaR_a(f)       Rockafellar and Uryasev (2000); w weight, a confidence
    worst            max f_s
    expected_regret  sum p_s (f_s - best_s)                  the plans of `expected`, told otherwise
    worst_regret     max (f_s - best_s)                      Savage (1951)

All but the first are linear in the costs with columns of their own (extensive.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from kctopt.errors import UsageError, suggest
from kctopt.study.risk import cvar

Kind = Literal["expected", "cvar", "worst", "expected_regret", "worst_regret"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Measure:
    """What is minimised over states.

    Parameters
    ----------
    kind : str, default "expected"
        Of the table above.
    confidence : float, default 0.95
        Of CVaR: the share of probability outside its tail, from 0 to less than 1.
    weight : float, default 1.0
        Of CVaR beside the expected cost, from 0 to 1.

    Raises
    ------
    UsageError
        For another kind, confidence or weight.

    Examples
    --------
    >>> from kctopt.recourse.measures import Measure
    >>> Measure("cvar", confidence=0.5).of([1.0, 2.0, 3.0, 4.0], [0.25] * 4)
    3.5
    >>> Measure("worst_regret").of([3.0, 5.0], [0.5, 0.5], best=[1.0, 4.0])
    2.0
    """

    kind: Kind = "expected"
    confidence: float = 0.95
    weight: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            hint = suggest(str(self.kind), KINDS, most=0) or f"one of {', '.join(KINDS)}"
            raise UsageError(f"the measure '{self.kind}' is none; {hint}")
        if not 0 <= self.confidence < 1:
            raise UsageError(f"confidence is {self.confidence}; it must be at least 0 and less than 1")
        if not 0 <= self.weight <= 1:
            raise UsageError(f"weight is {self.weight}; it must lie between 0 and 1")

    @property
    def regretful(self) -> bool:
        """Whether the best cost of every state is asked for."""
        return self.kind in ("expected_regret", "worst_regret")

    def data(self) -> dict[str, Any]:
        """The measure as JSON has it."""
        own = {"confidence": self.confidence, "weight": self.weight} if self.kind == "cvar" else {}
        return {"kind": self.kind, **own}

    def of(self, costs: Sequence[float], probability: Sequence[float], best: Sequence[float] = ()) -> float:
        """The measure of costs, one a state; `best` are the least costs of the states, for regrets."""
        f, p = np.asarray(costs, float), np.asarray(probability, float)
        if self.regretful:
            f = f - np.asarray(best, float)
        match self.kind:
            case "expected" | "expected_regret":
                return float(p @ f)
            case "cvar":
                tail = cvar(f, self.confidence, tail="upper", weights=p)
                return float((1 - self.weight) * (p @ f) + self.weight * tail)
            case _:
                return float(f.max())
