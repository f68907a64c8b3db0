"""Pairs: both sides solved, one's plan held against the other's proven bound.

An answer is an interval in which the optimum lies, larger being better: from the plan's value to the bound; for
`min_budget` with the sign turned, for `earliest` in years from the base year. A fault is an interval that lies where
the relation forbids, a plan beyond its own bound, a plan that its own check refuses, an exception, or an input that is
refused after a change which may not harm. A pair is inconclusive when one side has no answer or an interval wider than
the gap asked: it is counted, and not passed.
"""

from __future__ import annotations

import math
import traceback
import warnings
from dataclasses import dataclass, field, replace
from random import Random

from second_writing import evaluate
from worlds import Tree

import kctopt
from kctopt.errors import InputNote, ScenarioErrors
from kctopt.program import Program
from kctopt.scenario.records import Scenario
from metamorphic import chance
from metamorphic.relations import RELATIONS, Other, OwnRule

GAP = 1e-3
ROUND_OFF = 2e-6  # relative; plans may break a rule by 1e-6 of its size
AGREE = 1e-9  # relative; two writings of the model
SECONDS = 8.0  # for one solve
ANY_PART = 0.15  # of it, less than any step of a solve has for itself


@dataclass(frozen=True)
class Answer:
    """Where the optimum lies, larger being better; -inf on both ends: proven that there is no plan."""

    low: float
    high: float
    status: str
    faults: tuple[str, ...] = ()
    quick: bool = True  # reached the gap within any part of the time limit: the clock decided nothing

    @property
    def conclusive(self) -> bool:
        """Whether it says as much as was asked."""
        if self.low == self.high:
            return True
        finite = math.isfinite(self.low) and math.isfinite(self.high)
        return finite and self.high - self.low <= 1.01 * GAP * max(1.0, abs(self.low))

    def times(self, factor: float) -> Answer:
        """The answer measured in another unit."""
        return replace(self, low=self.low / factor, high=self.high / factor)


@dataclass
class Count:
    """Pairs of one relation."""

    pairs: int = 0
    refused: int = 0
    inconclusive: int = 0
    faults: list[str] = field(default_factory=list)


def answer(tree: Tree, seconds: float = SECONDS, own: OwnRule | None = None) -> Answer | None:
    """Solve a tree, with a rule of one's own in its model; None where the input is refused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", InputNote)  # odd sizes are meant here
            scenario = Scenario.model_validate(tree)
            source = scenario if own is None else _with(own, kctopt.build(scenario))
            result = kctopt.solve(source, gap=GAP, time_limit=seconds)
    except (ScenarioErrors, ValueError) as error:
        if isinstance(error, ScenarioErrors) or type(error).__name__ == "ValidationError":
            return None
        return _crash()
    except Exception:
        return _crash()
    kind = tree["objective"].get("kind", "national_security")
    found = _interval(result, kind)
    quick = result.status == "optimal" and result.seconds["total"] <= ANY_PART * seconds
    return replace(found, faults=(*found.faults, *_rewritten(result, kind)), quick=quick)


def _with(own: OwnRule, program: Program) -> Program:
    own(program.model)
    return program


def _crash() -> Answer:
    return Answer(-math.inf, math.inf, "exception", (traceback.format_exc(limit=-3),))


def _interval(result: kctopt.Result, kind: str) -> Answer:
    faults = []
    if result.money is not None and not result.verified:
        faults.append(f"{result.status}: a plan that its own check refuses")
    plan, bound = result.objective, result.bound
    sign = -1.0 if kind == "min_budget" else 1.0
    if plan is not None and bound is not None and sign * (plan - bound) > ROUND_OFF * max(1.0, abs(bound)):
        faults.append(f"{result.status}: plan {plan!r} better than its bound {bound!r}")
    if result.status == "infeasible":
        return Answer(-math.inf, -math.inf, result.status, tuple(faults))
    if kind == "earliest":
        base = result.scenario.horizon.base_year  # from which a gap of years is one, and not a thousandth of 2030
        low = -math.inf if result.year is None else float(base - result.year)
        high = -1.0 if result.impossible_by is None else float(base - result.impossible_by - 1)
        if low > high:
            faults.append(f"{result.status}: a plan by {result.year}, proven impossible by {result.impossible_by}")
        return Answer(low, high, result.status, tuple(faults))
    low = -math.inf if plan is None else sign * plan
    high = math.inf if bound is None else sign * bound
    return Answer(low, high, result.status, tuple(faults))


def _rewritten(result: kctopt.Result, kind: str) -> list[str]:
    """What the second writing of the model says against a plan: its worth, and rules that it breaks."""
    if result.money is None or result.objective is None:
        return []
    found, faults = evaluate(result.scenario, result.money, result.choices), []
    if kind != "min_budget" and not math.isclose(found.objective, result.objective, rel_tol=AGREE):
        faults.append(f"worth {result.objective!r}, by the second writing {found.objective!r}")
    if kind != "earliest" and found.breaches:  # its targets hold in another year
        faults.append(f"breaks by the second writing {found.breaches}")
    return faults


def broken(base: Answer, other: Answer, claim: str) -> str:
    """What a pair shows against its claim; empty when nothing."""
    found = []
    if claim == "identical":
        ends = (base.low, base.high), (other.low, other.high)
        unlike = base.quick and other.quick and ends[0] != ends[1]
        found += [f"plan and bound {ends[0]}, then {ends[1]}"] if unlike else []
    if claim in ("same", "identical", "no better") and _beyond(other.low, base.high):
        found.append(f"the other side's plan {other.low:.10g} is better than the bound {base.high:.10g}")
    if claim in ("same", "identical", "no worse") and _beyond(base.low, other.high):
        found.append(f"the plan {base.low:.10g} is better than the other side's bound {other.high:.10g}")
    return "; ".join(found)


def _beyond(plan: float, bound: float) -> bool:
    if math.isinf(plan) or math.isinf(bound):
        return plan > bound
    return plan > bound + ROUND_OFF * max(1.0, abs(bound))


def work(seed: int, relations: int, seconds: float) -> tuple[int, list[str], dict[str, Count]]:
    """One scenario, in a process of its own."""
    counts: dict[str, Count] = {}
    return seed, try_scenario(seed, counts, relations, seconds), counts


def try_scenario(seed: int, counts: dict[str, Count], relations: int = 2, seconds: float = SECONDS) -> list[str]:
    """Draw a scenario, solve it, and try some relations on it; returns the options that it had."""
    tree, rng = chance.draw(seed), Random(seed + 10**6)
    base = answer(tree, seconds)
    own = counts.setdefault("scenario", Count())
    own.pairs += 1
    if base is None:
        own.refused += 1
        return chance.options_of(tree)
    own.faults += [f"seed {seed}: {fault}" for fault in base.faults]
    own.inconclusive += not base.conclusive
    if base.status == "exception":
        return chance.options_of(tree)
    tried = [
        found for each in rng.sample(RELATIONS, len(RELATIONS)) if (found := (each, each(tree, rng)))[1] is not None
    ]
    for relation, other in tried[:relations]:
        assert other is not None
        _try(f"seed {seed}", base, other, counts.setdefault(relation.__name__, Count()), seconds)
    return chance.options_of(tree)


def _try(where: str, base: Answer, other: Other, count: Count, seconds: float) -> None:
    count.pairs += 1
    found = answer(other.tree, seconds, other.own)
    note = f" ({other.note})" if other.note else ""
    if found is None:
        count.refused += 1
        if other.claim != "no better":  # what may be done did not become less
            count.faults.append(f"{where}{note}: {other.claim}: refused")
        return
    found = found.times(other.factor)
    count.faults += [f"{where}{note}: {fault}" for fault in found.faults]
    shown = broken(base, found, other.claim)
    if shown:
        count.faults.append(f"{where}{note}: {other.claim}: {shown} [{base.status}, {found.status}]")
    said = base.conclusive and found.conclusive
    count.inconclusive += not (said and (other.claim != "identical" or (base.quick and found.quick)))
