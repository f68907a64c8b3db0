"""Lower bounds: a candidate's money through the exact laws, and back onto the columns of the program.

`lift` replaces every column that the laws determine by what the simulator computed. Variables of the user's own that
rules tie to such columns take the best values these leave them; the few columns that only record money keep those of
the solver. A candidate counts when its lifted columns satisfy every linear row and bound. The gap of a result is
(bound - value)/|value| of the lifted plan, never of the solver's claim.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kctopt.concave import mean_values
from kctopt.formulation.diffusion import moat_weights
from kctopt.formulation.kct import score_weights, type_weights
from kctopt.own import NOISE
from kctopt.program import Program
from kctopt.scenario.records import TYPES, TargetPolicy
from kctopt.simulator import Money, Trajectory, World, simulate
from kctopt.solver.compiled import Compiled
from kctopt.solver.highs import Highs
from kctopt.solver.integers import Integers
from kctopt.solver.settings import TOLERANCES
from kctopt.solver.thresholds import own_whole_rows
from kctopt.solver.units import EPSILON, measured_by


@dataclass(frozen=True)
class Candidate:
    """A plan: lifted columns, its true objective, its largest violation of a rule, whether every rule holds."""

    x: np.ndarray
    objective: float
    violation: float
    feasible: bool


@dataclass(frozen=True)
class Own:
    """Variables that the user added and that rules tie to columns the laws determine: chosen anew for every plan."""

    columns: np.ndarray
    rows: np.ndarray  # those with one of these columns

    @classmethod
    def of(cls, program: Program, compiled: Compiled) -> Own | None:
        """None when no such variable exists."""
        slots = [slot for name, slot in compiled.slots.items() if name not in program.built]
        columns = np.concatenate(slots) if slots else np.zeros(0, int)
        rows = np.flatnonzero(np.diff(compiled.rows[:, columns].indptr)) if len(columns) else columns
        determined = [slot for name, slot in compiled.slots.items() if name in program.built and name[:6] != "money."]
        return cls(columns, rows) if compiled.rows[rows][:, np.concatenate(determined)].nnz else None

    def settled(self, x: np.ndarray, compiled: Compiled) -> np.ndarray:
        """The point with the best values of these variables; the point itself where none keep the rules."""
        part = compiled.rows[self.rows]
        mine = sparse.csr_array(part[:, self.columns])
        rest = part @ x - mine @ x[self.columns]
        highs = Highs()
        highs.load(
            compiled.cost[self.columns], compiled.column_lower[self.columns], compiled.column_upper[self.columns],
            mine, compiled.lower[self.rows] - rest, compiled.upper[self.rows] - rest, compiled.unit[self.columns],
        )  # fmt: skip
        end = highs.run("dual")
        settled = x.copy()
        if end.status == "optimal":
            settled[self.columns] = end.x
        return settled


class Simulator:
    """Candidates of one program, which keep a rule where they violate it by no more than `tolerance`."""

    def __init__(self, program: Program, compiled: Compiled, tolerance: float = TOLERANCES.feasible) -> None:
        self.tolerance = tolerance
        self.program, self.compiled = program, compiled
        self.scenario = program.scenario
        self.world = World.of(program.scenario)
        lines, years = len(self.scenario.lines), len(self.scenario.horizon.years)
        self.shapes = {
            "money.strategic": (lines, 3, years),
            "money.substitution": (lines, years),
            "money.exchange": (lines, years),
        }
        self.money_columns = np.concatenate([compiled.slots[name] for name in self.shapes])
        weights, ids = moat_weights(self.scenario, program.base), [line.id for line in self.scenario.lines]
        self._moat = np.array([[row.get(line, 0.0) for line in ids] for row in weights.values()]).reshape(-1, lines)
        self._own = Own.of(program, compiled)
        self.integers = Integers(program, compiled)
        self.mixed = False  # whether programmes may be fractions: what their mixtures bring is as the program has it
        self._added = program.own()
        self._measure(compiled)

    @property
    def own_rows(self) -> np.ndarray:
        """Rows with variables of the user's own, where they are chosen anew for every plan; else none."""
        return self._own.rows if self._own is not None else np.zeros(0, int)

    def on(self, program: Program, compiled: Compiled) -> Simulator:
        """Another simulator of the same scenario, for a program with other rows or bounds on the same columns."""
        other = copy.copy(self)
        other.program, other.compiled = program, compiled
        other._measure(compiled)
        return other

    def update(self, program: Program, compiled: Compiled) -> None:
        """Take over data that changed without changing the shape of the program."""
        self.program, self.compiled, self.scenario = program, compiled, program.scenario
        self.world = World.of(program.scenario)

    def money(self, x: np.ndarray) -> Money:
        """Money of columns x, shape (..., columns); round-off below zero is cut."""
        parts = []
        for name, shape in self.shapes.items():
            part = np.maximum(x[..., self.compiled.slots[name]], 0.0)
            parts.append(part.reshape(*x.shape[:-1], *shape))
        return Money(*parts)

    def candidates(self, x: np.ndarray) -> list[Candidate]:
        """Lift several points (n, columns), all through one simulation; money outside its bounds is moved to them."""
        c, at = self.compiled, self.money_columns
        x = x.copy()
        x[:, at] = np.clip(x[:, at], c.column_lower[at], c.column_upper[at])
        money, choices = self.money(x), self.integers.choices(x)
        gain = self.integers.mixed_gain(x) if self.mixed else None
        trajectory = simulate(self.scenario, money, self.world, choices=choices, hold=True, gain=gain)
        lifted = self._lift(x, trajectory)
        for name, values in self.integers.columns(x, money, choices, trajectory).items():
            lifted[:, self.compiled.slots[name]] = values.reshape(len(x), -1)
        if self._own is not None:
            lifted = np.array([self._own.settled(each, self.compiled) for each in lifted])
        violation = self._violation(lifted)
        values = self.compiled.sign * (lifted @ self.compiled.cost + self.compiled.offset)
        ends = zip(lifted, values.tolist(), violation.tolist(), strict=True)
        return [Candidate(each, value, broken, broken <= self.tolerance) for each, value, broken in ends]

    def candidate(self, x: np.ndarray) -> Candidate:
        """Lift one point."""
        return self.candidates(x[None, :])[0]

    def _lift(self, x: np.ndarray, trajectory: Trajectory) -> np.ndarray:
        """Columns with everything the laws determine."""
        x, count = x.copy(), len(x)
        x[:, self.compiled.slots["money.spend"]] = self.money(x).spend.reshape(count, -1)
        lifted = np.asarray(np.clip(x, self.compiled.column_lower, self.compiled.column_upper))
        for name, values in self._columns(trajectory).items():
            lifted[:, self.compiled.slots[name]] = values.reshape(count, -1)
        return lifted

    def _columns(self, trajectory: Trajectory) -> dict[str, np.ndarray]:
        """Arrays of a trajectory by the variable they belong to, base year left out."""
        t = trajectory
        pairs = list(score_weights(self.scenario))
        ids = [domain.id for domain in self.scenario.domains]
        domains, kinds = [ids.index(d) for d, _ in pairs], [TYPES.index(k) for _, k in pairs]
        used = sorted(set(domains))
        columns = {
            "knowledge.production": t.production,
            "knowledge.accelerator": t.accelerator[..., 1:],
            "ladder.stock": t.stock[..., 1:],
            "ladder.capability": t.capability[..., 1:],
            "substitution.substitute": t.substitute[..., 1:],
            "substitution.made": t.made,
            "diffusion.inflow": t.inflow,
            "dependency.dependency": t.dependency[..., 1:],
            "dependency.loss": t.loss[..., 1:],
            "kct.score": t.score[..., domains, kinds, 1:],
            "kct.kct_domain": t.kct_domain[..., used, 1:],
            "kct.kct": t.kct[..., 1:],
            "security.economic": t.economic[..., 1:],
            "security.military": t.military[..., 1:],
            "security.security": t.security[..., 1:],
        }
        if "dependency.military_loss" in self.compiled.slots:
            columns["dependency.military_loss"] = t.military_loss[..., 1:]
        if "market.gain" in self.compiled.slots and self.scenario.cooperation.choice == "none":
            columns["market.gain"] = t.exchange_gain
        if "market.gained" in self.compiled.slots:
            columns["market.gained"] = t.market[..., 1:]
        if "diffusion.moat" in self.compiled.slots:
            columns["diffusion.moat"] = self._moat @ t.capability[..., 1:]
        if "kct.weak_link" in self.compiled.slots:
            columns["kct.weak_link"] = self._weak_link(t, used)
        for policy in self.scenario.policies:
            if isinstance(policy, TargetPolicy) and policy.soft:
                columns[f"policies.{policy.id}.shortfall"] = t.shortfall[policy.id]
        return columns

    def _weak_link(self, t: Trajectory, used: list[int]) -> np.ndarray:
        """Mean of B, M and S inside the nested form, 1 where a domain has none of them."""
        parts, pairs, kct = [], set(score_weights(self.scenario)), self.scenario.kct
        for d in used:
            domain = self.scenario.domains[d].id
            weights = type_weights(kct, [k for k in TYPES if k != "A" and (domain, k) in pairs])
            scores = t.score[..., d, [TYPES.index(k) for k in weights], 1:]
            points = np.moveaxis(scores, -2, -1)
            mean = mean_values(points.reshape(-1, len(weights)), list(weights.values()), kct.rho) if weights else 1.0
            parts.append(np.broadcast_to(np.reshape(mean, points.shape[:-1] if weights else ()), points.shape[:-1]))
        return np.stack(parts, axis=-2)

    def _measure(self, c: Compiled) -> None:
        """What violations of rows are measured by: their size, or the side that whole choices leave to the rest."""
        self._size = measured_by(c.rows, c.unit, c.integer)
        self._round_off = EPSILON * sparse.csr_array(sparse.diags_array(2.0 + np.diff(c.rows.indptr)) @ abs(c.rows))
        side = np.where(np.isfinite(c.upper), c.upper, c.lower)
        self._side = np.where(np.isfinite(side), side, 0.0)
        self._whole = sparse.csr_array(c.rows @ sparse.diags_array(c.integer.astype(float)))
        self._exact = own_whole_rows(self._added, c)

    def _violation(self, lifted: np.ndarray) -> np.ndarray:
        """Largest violation of a row or column bound, relative to its right side, by point."""
        c = self.compiled
        body = lifted @ c.rows.T
        scale = np.maximum(self._size, np.abs(self._side - lifted @ self._whole.T))
        rounded = np.abs(lifted) @ self._round_off.T
        rows = np.maximum(np.maximum(body - c.upper, c.lower - body) - rounded, 0.0) / scale
        if len(self._exact) and not self.mixed:
            rows[:, self._exact] = self._broken(lifted)
        size = np.maximum(c.unit, np.abs(lifted))
        bounds = np.maximum(np.maximum(lifted - c.column_upper, c.column_lower - lifted), 0.0) / size
        return np.asarray(np.maximum(rows.max(axis=1, initial=0.0), bounds.max(axis=1, initial=0.0)))

    def _broken(self, lifted: np.ndarray) -> np.ndarray:
        """Violation of the user's rows on integers alone, by whole values, relative to what is in play in them."""
        c, at = self.compiled, self._exact
        factors = c.rows[at].toarray()
        parts = factors * np.round(lifted)[:, None, :]
        body, most = parts.sum(axis=2), NOISE * np.abs(factors).max(axis=1)
        scale = np.maximum(np.maximum(np.abs(parts).max(axis=2), np.abs(self._side[at])), most)
        return np.asarray(np.maximum(np.maximum(body - c.upper[at], c.lower[at] - body), 0.0) / scale)


def saved(compiled: Compiled, x: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> float:
    """Most that a point can have gained by breaking rows and bounds, at prices of rows and columns."""
    c = compiled
    parts = [(c.rows @ x, c.lower, c.upper, rows), (x, c.column_lower, c.column_upper, columns)]
    return sum(
        float(np.abs(price) @ np.maximum(np.maximum(value - upper, lower - value), 0.0))
        for value, lower, upper, price in parts
    )
