"""From a program to a plan with a proof: Pyomo to arrays, interior points, HiGHS where there are integers."""

from kctopt.solver.engine import Engine
from kctopt.solver.outcome import Outcome, Round
from kctopt.solver.solve import solve

__all__ = ["Engine", "Outcome", "Round", "solve"]
