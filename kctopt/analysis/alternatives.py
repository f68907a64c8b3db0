r"""Plans nearly as good as the run's and as unlike it as can be found, in the manner of HSJ and SPORES.

    furthest:  max  sum over cells and plans found so far of  |money of the cell - its money there| / its range

The distance is convex, so it is climbed by linear programs in its slopes: each asks for more or less money in each
cell, by the sign of its difference so far, among the plans within epsilon (solver/nearby.py). The first signs point to
the further end of each range. Every plan found is simulated; that none is further is not proven.

References: E. D. Brill, S.-Y. Chang and L. D. Hopkins, Modeling to generate alternatives: the HSJ approach (1982);
F. Lombardi, B. Pickering, E. Colombo and S. Pfenninger, Policy decision support for renewables deployment through
spatially explicit practically optimal alternatives (SPORES, 2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.progress import step
from kctopt.result.fields import MONEY_UNIT
from kctopt.table import Column

if TYPE_CHECKING:
    from kctopt.analysis.cells import SpendCell
    from kctopt.cache import Steps
    from kctopt.solver.certificate import Candidate
    from kctopt.solver.nearby import Nearby

CLIMBS = 2  # programs for one alternative
NARROW = 1e-3  # range, billion CNY, that is not divided by

ALTERNATIVE = (
    Column("alternative", "integer", "number, in the order found"),
    Column("objective", "number", "value, simulated"),
    Column("loss", "number", "what it gives up against the optimum, in the unit of the objective"),
    Column("loss_percent", "number", "the same, as a share of the optimum", "%"),
    Column("moved", "number", "money that is in another cell than in the best plan", MONEY_UNIT),
    Column("moved_percent", "number", "the same, as a share of all money", "%"),
)
DIFFERENCES = (
    Column("alternative", "integer", "number, in the order found"),
    Column("domain", "string", "domain"),
    Column("type", "string", "type: B, A, M or S"),
    Column("plan", "string", "planning period"),
    Column("spend", "number", "in the alternative", MONEY_UNIT),
    Column("best", "number", "in the best plan", MONEY_UNIT),
    Column("difference", "number", "spend less best", MONEY_UNIT),
)


@dataclass(frozen=True)
class Alternative:
    """One plan as rows of the two tables."""

    row: dict[str, Any]
    differences: list[dict[str, Any]]


class Alternatives:
    """Finds alternatives one after the other, each far from all before."""

    def __init__(
        self, near: Nearby, cells: Sequence[SpendCell], rows: Sequence[dict[str, Any]], best: Candidate, steps: Steps,
    ) -> None:  # fmt: skip
        self.near, self.cells, self.best, self.steps = near, cells, best, steps
        self.weights = np.array([cell.weights for cell in cells])
        self.least, self.most = (np.array([row[name] for row in rows]) for name in ("least", "most"))
        self.range = np.maximum(self.most - self.least, NARROW)

    def find(self, count: int) -> list[Alternative]:
        """That many alternatives, fewer where nothing differs."""
        home = self._money(self.best.x)
        plans, made = [home], []
        for number in range(1, count + 1):
            known = self.steps.get(f"alternative {number}")
            if known is None:
                step(f"alternatives, {number} of {count}")
                known = self._furthest(np.array(plans))
                self.steps.put(f"alternative {number}", known)
            money = np.array(known["money"])
            if np.abs(money - plans).max(axis=1).min() <= NARROW:
                break
            plans.append(money)
            made.append(self._told(number, known["objective"], money, home))
        return made

    def _furthest(self, plans: np.ndarray) -> dict[str, Any]:
        """Money by cell and objective of a plan far from those found."""
        mean = plans.mean(axis=0)
        slopes = np.where(self.most - mean >= mean - self.least, 1.0, -1.0)
        plan, distance = self.best, 0.0
        for _ in range(CLIMBS):
            x = self.near.end((slopes / self.range) @ self.weights, -1).x
            money = self._money(x)
            reached = float((np.abs(money - plans) / self.range).sum())
            if reached <= distance:
                break
            plan, distance = self.near.simulator.candidate(x), reached
            slopes = np.sign(money - plans).sum(axis=0)
        return {"objective": plan.objective, "money": self._money(plan.x).tolist()}

    def _money(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(self.weights @ x)

    def _told(self, number: int, objective: float, money: np.ndarray, home: np.ndarray) -> Alternative:
        loss = -self.near.compiled.sign * (self.best.objective - objective)
        moved = float(np.abs(money - home).sum() / 2)
        row = {
            "alternative": number, "objective": objective, "loss": loss,
            "loss_percent": 100 * loss / max(1e-9, abs(self.best.objective)),
            "moved": moved, "moved_percent": 100 * moved / max(1e-9, float(home.sum())),
        }  # fmt: skip
        differences = [
            {"alternative": number, **cell.head, "spend": now, "best": before, "difference": now - before}
            for cell, now, before in zip(self.cells, money.tolist(), home.tolist(), strict=True)
        ]
        return Alternative(row, sorted(differences, key=lambda row: -abs(row["difference"])))
