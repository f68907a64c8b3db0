"""Metamorphic tests: random scenarios, solved before and after a change whose effect on the optimum is known.

`chance.py` draws scenarios with every option, `relations.py` holds the changes and what each must do, `pairs.py` solves
both sides and compares one's plan with the other's proven bound. `python -m metamorphic` (in `tests/`) runs many pairs,
`make metamorphic` a suite of them; `tests/test_metamorphic.py` runs a sample.
"""
