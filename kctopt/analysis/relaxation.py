"""What rules give, in the numbers that the user entered: enough by a plan, and the least by a proof.

Programs measure what a rule gives in the unit of its rows. Of a share that is money, and the least money is not the
least share where years differ: smaller shares are tried until one is proven not to be enough.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from kctopt.analysis.entered import entered, exact, level, steps_of
from kctopt.analysis.trials import Trials
from kctopt.analysis.verdicts import Plan, Relaxation
from kctopt.errors import ScenarioErrors

EXACT = 1e-6  # relative difference of what is needed and what a plan takes that is round-off
FIRST, SURE = 2e-3, 1e-2  # parts by which the first smaller change is smaller, and by which the least may be unknown
TRIED = 6  # smaller changes
SECONDS = 5.0  # for all of them


def least(trials: Trials, giving: Collection[str], kept: Collection[str], enough: float = np.inf) -> Relaxation | None:
    """What `Trials.least` finds, told in the numbers that the user entered; None where time ran out."""
    key = f"least {sorted(giving)} of {sorted(kept)} under {enough}"
    if (known := trials.steps.get(key)) is not None:
        return Relaxation.read(known)
    answer, dropped = trials.least(giving, kept, enough), frozenset(trials.rules) - frozenset(kept)
    if answer is None:
        return None
    given, plan = answer
    given = given if plan is None else tightened(trials, told(trials, given, plan, dropped), dropped)
    if trials.left() > 0:  # else more time may say more
        trials.steps.put(key, given.data())
    return given


def told(trials: Trials, given: Relaxation, plan: Plan, dropped: frozenset[str]) -> Relaxation:
    """With what a plan takes of the numbers that the user entered, where that is enough as printed."""
    rules, scenario = [trials.names.rule(name) for name in given.by], trials.program.scenario
    steps = steps_of(scenario, rules, _taken(trials, plan, given.by), partial(trials.judged, plan), dropped)
    return given if steps is None else replace(given, plan=plan, steps=steps)


def tightened(trials: Trials, given: Relaxation, dropped: frozenset[str]) -> Relaxation:
    """With the least change of a share or a threshold that gives alone; as it was where that cannot be found."""
    name, own = next(iter(given.by), ""), bool(trials.program.own() or trials.own)
    if len(given.by) != 1 or name in given.least or len(given.steps.get(name, ())) != 1 or own:
        return given
    kept, low, stop = set(trials.rules) - dropped, 0.0, min(trials.deadline, time.perf_counter() + SECONDS)
    (entry,) = (entry for entry in trials.names.rule(name).entries if entry.path == given.steps[name][0].path)
    by = given.enough[name] * (1 - FIRST)
    for _ in range(TRIED):
        if time.perf_counter() >= stop or low >= given.enough[name] * (1 - SURE):
            break
        try:
            scenario = entered(trials.program.scenario, {entry.path: level(exact(entry, by))})
        except ScenarioErrors:  # the number is bounded from both sides by others
            break
        verdict = trials.on(scenario, stop).test(kept)
        if verdict.status == "infeasible":
            low = by
        elif verdict.plan is not None and _less(better := told(trials, given, verdict.plan, dropped), given, name):
            given = better
        else:
            break
        by = (low + given.enough[name]) / 2
    return replace(given, least=given.least | ({name: low} if low else {}))


def _less(first: Relaxation, second: Relaxation, name: str) -> bool:
    return first.enough.get(name, 0.0) < second.enough[name]


def _taken(trials: Trials, plan: Plan, by: Mapping[str, float]) -> dict[str, float]:
    """By how much a plan breaks each of these rules; the least amount itself where that is the same."""
    broken = trials.broken(plan)
    taken = {name: max(amount, broken.get(name, 0.0)) for name, amount in by.items()}
    return {name: by[name] if amount <= by[name] * (1 + EXACT) else amount for name, amount in taken.items()}
