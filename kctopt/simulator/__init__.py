"""The simulator: what a plan's money does by the exact laws, in NumPy alone.

Every bound of the optimisation program holds here with equality, so the value of a plan is a true value and
not a claim of a solver. Nothing is shared with the code that builds the program, so that each checks the other.

| file | content |
|---|---|
| money.py | a plan's money |
| choices.py | a plan's discrete choices: stages, restraint, cooperation modes, programmes |
| world.py world_options.py | the numbers of the laws as arrays, with draw axes where wanted |
| laws.py | stocks forward in time: knowledge, ladder, diffusion, substitutes |
| course.py | what discrete choices do meanwhile: stages, restraint, gains, bands |
| costs.py | what discrete choices cost, and what they bring beside the laws |
| value.py | scores, KCT value, loss, economic and military power, national security |
| trajectory.py | one run: money in, states and indices out |
| reference.py | what a plan is held against: the base year's shares, and the trend alone |
"""

from kctopt.simulator.budget import budget_scale, carry
from kctopt.simulator.choices import Choices
from kctopt.simulator.laws import effective_spend
from kctopt.simulator.money import Money, to_base_plan, without_closed_exchange
from kctopt.simulator.reference import Reference, reference
from kctopt.simulator.trajectory import Trajectory, natural, simulate
from kctopt.simulator.world import World

__all__ = [
    "Choices", "Money", "Reference", "Trajectory", "World", "budget_scale", "carry", "effective_spend",
    "natural", "reference", "simulate", "to_base_plan", "without_closed_exchange",
]  # fmt: skip
