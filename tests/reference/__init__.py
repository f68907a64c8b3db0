"""The laws of the convex core, written a second time in cvxpy and solved with Clarabel.

A yardstick for the engine and the simulator: it reads the records and the base year only and shares no code with
`kctopt.formulation`. Every law is relaxed to `<=` a concave curve, so its optimum is what the simulator makes of
`Reference.money`, unless having more of something can be harmful somewhere (then it lies above).

Arrays run over lines (rows) and years 1 … H (columns); stocks, scores and indices are in units of 100 index points.
"""

from tests.reference.solve import InfeasibleError, Reference, reference

__all__ = ["InfeasibleError", "Reference", "reference"]
