"""Pareto fronts: several objectives against each other, every point a simulated plan beside a proof.

| module | content |
|---|---|
| `goals` | what can be an objective, as rows of a program |
| `solving` | one program for a level of each objective: warm for kctopt's own, by HiGHS for arrays from elsewhere |
| `hull` | what is attained by mixtures and what is proven, and how far these are apart at most |
| `front` | ends, then the largest gap halved until it is as asked |
| `exact` | all points of integer programs, and all plans behind them |
| `measures` | dominance, knee, hypervolume |
| `drawn`, `pareto` | a scenario's front as data, and as users hold it |
"""
