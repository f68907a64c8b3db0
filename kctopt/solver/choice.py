"""The best plan for one choice: the integers held, by tangents of the whole program.

    bound   the linear program of the tangents so far; where it has no answer, the choice has no plan
    plan    the best of some steps from the plan so far to that answer, among those that keep every rule
    cut     where the answer breaks a relation, until plan and bound agree
    search  where many answers cost the same (the least scales of lines are all there is to pay), cutting one leads to
            the next: a search in boxes from there finds one that keeps the rules

A search in boxes (search.py) creeps where money is what is saved: its every step misses the targets by what tangents
flatter. This ends at the optimum of the choice, with its proof, in a dozen programs or two.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kctopt.solver.certificate import Candidate
from kctopt.solver.compiled import Compiled
from kctopt.solver.proof import Proof
from kctopt.solver.search import PRICES

if TYPE_CHECKING:
    from kctopt.solver.discrete import DiscreteEngine

ROUNDS = 40  # of cuts
SHARE = 0.3  # of the gap asked, to which a choice is solved
STILL = 3  # rounds after which a bound that gains nothing has the search called in
RADIUS = 1.0  # box of that search, relative to each amount


def solve_choice(engine: DiscreteEngine, start: Candidate, gap: float, enough: float) -> float:
    """The best plan with the integers as the engine holds them, in `engine.plan`; its start need not keep the rules.

    Returns the proven bound of the minimisation for this choice, infinite where it has no plan. Ends when the two agree
    to a part of the gap, or the bound is `enough`: no plan of this choice is worth more time.
    """
    proof, bound, started = Proof(engine.compiled, engine.tangents), -np.inf, time.perf_counter()
    proof.start(start.x, None)
    engine.plan, still, searched = start if start.feasible else None, 0, False
    for _ in range(ROUNDS):
        end = proof.run(engine._left())
        if end.status == "infeasible":
            bound = np.inf
        if end.status != "optimal":
            break
        before, bound = bound, max(bound, end.objective if proof.proven else -np.inf)
        engine._approach(end.x)
        still = 0 if bound - before > SHARE * gap * abs(bound) else still + 1
        if still >= STILL and not searched and bound < enough:
            _search(engine, proof, end.x, gap)
            searched = True
        plan = engine.plan
        value = np.inf if plan is None else float(engine.compiled.cost @ plan.x)
        room = 0.0 if plan is None else SHARE * gap * max(engine.compiled.worth, abs(plan.objective))
        if value - bound <= room or bound >= enough or engine._left() <= 0 or proof.cut(end.x) == 0:
            break
    engine._spent["search"] += time.perf_counter() - started
    return bound


def _search(engine: DiscreteEngine, proof: Proof, x: np.ndarray, gap: float) -> None:
    """A plan near an answer by the search, kept where it beats the plan so far; its end sharpens the program."""
    best, engine.plan = engine.plan, None
    try:
        for price in PRICES:  # of broken rules
            engine._improve(engine.simulator.candidate(x), RADIUS, gap, price)
            if engine._last.feasible or engine._left() <= 0:
                break
    finally:  # an interrupt must not lose the best plan
        found = engine.plan
        engine.plan = best if found is None or (best is not None and engine._gain(best, found) <= 0) else found
    proof.touch(engine._last.x)


def another(compiled: Compiled, columns: np.ndarray, values: np.ndarray) -> tuple[sparse.csr_array, float] | None:
    """A row and its least value that whole values other than these keep; None where open integers are not 0 or 1."""
    lower, upper = compiled.column_lower[columns], compiled.column_upper[columns]
    free = upper - lower > 0.5
    if not ((lower[free] == 0.0) & (upper[free] == 1.0)).all():
        return None
    chosen, signs = columns[free], 1.0 - 2.0 * values[free]
    row = sparse.csr_array((signs, (np.zeros(len(chosen), int), chosen)), shape=(1, len(compiled.cost)))
    return row, 1.0 - float(values[free].sum())
