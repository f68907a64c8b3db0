"""Any plan that keeps the rows of a program, shown by the simulator, from a point that a program of tangents gave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from kctopt.program import Program
from kctopt.simulator import Choices, Money, natural
from kctopt.solver.certificate import Candidate, Simulator
from kctopt.solver.compiled import Compiled
from kctopt.solver.sequential_lp import SequentialLP
from kctopt.solver.settings import BOXES, GAPS, TOLERANCES
from kctopt.solver.start import base_plan
from kctopt.solver.tangents import Tangents


class Plans:
    """Plans of one program, with the integers as the point has them; costs count for nothing."""

    def __init__(self, program: Program, compiled: Compiled) -> None:
        self.program = program
        self.open = replace(compiled, cost=np.zeros(len(compiled.cost)), offset=0.0)
        self.simulator = Simulator(program, self.open, TOLERANCES.shown)
        self.tangents = Tangents(self.open)

    def first(self) -> Candidate:
        """The base year's spend repeated, in the stages it leads to; it need not keep the rules."""
        x = base_plan(self.program, self.simulator)
        choices = Choices()
        if self.program.scenario.stages == "switching":
            choices = Choices(stage=natural(self.program.scenario, self.simulator.money(x), choices).stage)
        if "modes.mode" in self.open.slots:
            choices = replace(choices, mode=self.simulator.integers.base_modes())
        x = self.simulator.integers.written(x, choices, self.simulator.money(x))
        return self.simulator.candidate(np.clip(x, self.open.column_lower, self.open.column_upper))

    def simulated(self, x: np.ndarray) -> Candidate:
        """What the money and the integers of a point lead to."""
        self.simulator.compiled = self._fixed(x)
        return self.simulator.candidate(x)

    def near(self, x: np.ndarray, seconds_left: Callable[[], float]) -> Candidate:
        """The plan of least breach found from a point; read its `feasible`."""
        plan = self.simulated(x)
        if plan.feasible:
            return plan
        search = SequentialLP(self.simulator, self.tangents)
        for penalty in BOXES.penalties[:2]:
            plan = search.improve(
                plan, 1.0, GAPS.broken_rules * penalty, seconds_left, lambda rows, objective: None, penalty
            )
            if plan.feasible or seconds_left() <= 0:
                break
        return plan

    def parts(self, plan: Candidate) -> tuple[Money, Choices]:
        """Money and choices of a plan."""
        return self.simulator.money(plan.x), self.simulator.integers.choices(plan.x)

    def carried(self, plan: Candidate) -> np.ndarray:
        """Money that a plan carries out of each year, (years,)."""
        carried: np.ndarray = np.maximum(plan.x[self.open.slots["money.carry"]], 0.0)
        return carried

    def _fixed(self, x: np.ndarray) -> Compiled:
        """The program with its integers held at those of a point."""
        columns = np.flatnonzero(self.open.integer)
        if len(columns) == 0:
            return self.open
        lower, upper = self.open.column_lower.copy(), self.open.column_upper.copy()
        lower[columns] = upper[columns] = np.round(x[columns])
        return replace(
            self.open, column_lower=lower, column_upper=upper, integer=np.zeros(len(self.open.integer), bool)
        )
