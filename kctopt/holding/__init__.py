"""A plan held in other numbers than those it was made for: draws of a study, scenarios of a comparison, the explorer.

| step | in draws of a study | in the scenario of another run |
|---|---|---|
| 1 money | in proportion to each year's budget, or the amounts (`amounts`) | in proportion to each year's budget |
| 2 choices | as planned | as planned where there is the same choice; stages follow the law |
| 3 rules on money | the least change in proportion (adjusted.py) | the least loss of value (least_loss.py) |
| 4 rules on states | not mended | on the straight line to the best plan there |

Draws are many and their plan is not replanned: step 3 multiplies, a thousandth of a second a draw. A comparison asks
what a planner who is bound to the plan can save of it at best: linear programs and one solve, a second a plan. The
base year's shares, for which nobody decided either, are adjusted as draws are, exactly (`kctopt.result.lawful`).

| file | content |
|---|---|
| plan.py | a plan to be held; steps 1 and 2 |
| adjusted.py | step 3 in many draws at once |
| least_loss.py improved.py | step 3 in one scenario |
| placed.py | all steps in one scenario |
| in_draws.py | all steps in draws |
"""
