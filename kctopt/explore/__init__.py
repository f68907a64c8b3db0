"""The live explorer: move a lever, see the plan held fixed at once and the certified plan as soon as it is proven.

    kctopt explore baseline

| file | content |
|---|---|
| state.py | where the levers stand, as plain data: the address of the page, a scenario file |
| levers.py | what can be moved, and where each number comes from |
| explorer.py | the base beside what a state makes of it, without a page |
| study.py | a swept study: its figures, its members as states |
| saving.py | a state as a file, solved as `kctopt solve` does |
| grid.py | states of a grid of levers |
| exported.py | a page of plans solved before, for any file server |
| words.py | texts |
"""
