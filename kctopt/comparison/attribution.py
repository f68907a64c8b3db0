"""How much of a change of the objective each changed input explains, averaged over the orders of changing them.

    explained[g] = mean over orders of  v(groups before g, and g) - v(groups before g)         (the Shapley value)

v is the certified value of the scenario in between (groups.py). The parts sum to the whole change. With up to EXACT
groups all orders count: 2^n scenarios. Beyond, orders are drawn at random, each with its reverse; the standard error
is that of the mean over such pairs. Since v lies between the plan found and the bound proven, every part has a range,

    low, high = sum over scenarios of c v     at the end of each [plan, bound] that makes it least, most

with c the weight of the scenario in the mean, positive where g has changed and negative where it has not.

References: L. S. Shapley, A value for n-person games (1953), of the mean over all orders; J. Castro, D. Gomez and
J. Tejada, Polynomial calculation of the Shapley value based on sampling (2009), of orders drawn.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from kctopt.comparison.certified import CertifiedValue, Values, key
from kctopt.comparison.groups import between, groups
from kctopt.errors import UsageError
from kctopt.progress import Listener, listened, step
from kctopt.result.result import Result
from kctopt.scenario.records import Scenario

EXACT = 8  # groups up to which all orders count
PAIRS = 6  # of orders drawn beyond that, each order with its reverse
SEED = 20260101

Subset = frozenset[str]
Weights = dict[Subset, float]


@dataclass(frozen=True)
class Contribution:
    """What one group of inputs explains, in points of the objective (billion CNY for min_budget)."""

    group: str
    explained: float
    percent: float | None  # of the whole change
    low: float | None  # range by the proofs; None where a bound is missing
    high: float | None
    error: float | None  # standard error over orders drawn; None where all orders count
    security: float  # of the change of national security in the last planned year, by the same plans


@dataclass(frozen=True)
class Attribution:
    """The parts, the largest first, and the whole that they sum to."""

    parts: tuple[Contribution, ...]
    whole: float
    whole_security: float
    year: int  # of `security`
    orders: int | None  # drawn; None where all count
    solves: int  # certified solves, those kept from before included


@dataclass(frozen=True)
class Design:
    """Which scenarios must be valued, with what weight for each group; weights of single draws for the error."""

    names: tuple[str, ...]
    weights: Mapping[str, Weights]
    draws: tuple[Mapping[str, Weights], ...] = ()

    @property
    def subsets(self) -> list[Subset]:
        """The groups changed in each scenario."""
        return list(dict.fromkeys(subset for weighted in self.weights.values() for subset in weighted))


def planned(names: tuple[str, ...], pairs: int = PAIRS) -> Design:
    """The scenarios for these groups."""
    if len(names) <= EXACT:
        return Design(names, {name: _exact(name, names) for name in names})
    random = np.random.default_rng(SEED)
    draws = []
    for _ in range(pairs):
        order = [names[n] for n in random.permutation(len(names))]
        draws.append(_merged([_ordered(order), _ordered(order[::-1])]))
    return Design(names, _merged(draws), tuple(draws))


def _exact(name: str, names: tuple[str, ...]) -> Weights:
    """Weight of each subset in the mean over all orders."""
    others = [other for other in names if other != name]
    weights: Weights = {}
    for size in range(len(names)):
        weight = 1 / (len(names) * math.comb(len(others), size))
        for chosen in combinations(others, size):
            weights[frozenset(chosen)] = -weight
            weights[frozenset((*chosen, name))] = weight
    return weights


def _ordered(order: list[str]) -> dict[str, Weights]:
    """Weights of one order."""
    subsets = [frozenset(order[:n]) for n in range(len(order) + 1)]
    return {name: {subsets[n]: -1.0, subsets[n + 1]: 1.0} for n, name in enumerate(order)}


def _merged(draws: list[dict[str, Weights]]) -> dict[str, Weights]:
    """Mean of the weights of draws."""
    merged: dict[str, Weights] = {name: {} for name in draws[0]}
    for draw in draws:
        for name, weights in draw.items():
            for subset, weight in weights.items():
                merged[name][subset] = merged[name].get(subset, 0.0) + weight / len(draws)
    return merged


@listened
def attribute(
    base: Result, other: Result, *, folder: Path | None = None, gap: float = 1e-4, time_limit: float | None = None,
    pairs: int = PAIRS, admit: Callable[[Sequence[Scenario]], None] | None = None, progress: Listener | None = None,
    log: Callable[[str], None] = warnings.warn,
) -> Attribution:  # fmt: skip
    """What each changed input explains of the change from BASE to OTHER.

    Parameters
    ----------
    folder : where certified values are kept; an interrupted attribution goes on from there.
    gap : relative gap to which scenarios in between are solved.
    time_limit : seconds for each of them.
    pairs : pairs of orders drawn where there are more than EXACT groups.
    admit : called with the scenarios that must be solved, before the first is; it may raise.
    progress : called with a `kctopt.Progress` for each scenario in between and its rounds.
    log : called with what is said of kept values that were changed.

    Raises Infeasible where a scenario in between has no plan, ScenarioErrors where its inputs do not fit together.
    """
    if base.scenario.objective.kind == "earliest":
        raise UsageError("attribution needs an objective with a value: national_security or min_budget, not earliest")
    changed = [*base.own.names, *other.own.names]
    if changed:
        raise UsageError(
            f"attribution solves scenarios in between, which do not hold what users changed in the models "
            f"({', '.join(dict.fromkeys(changed))})"
        )
    plan = planned(groups(base.scenario, other.scenario), pairs)
    values = _values(base, other, plan, Values(folder, gap, time_limit, log), admit)
    whole, start = _known(other), _known(base)
    change = whole.objective - start.objective
    parts = [_part(name, plan, values, change) for name in plan.names]
    return Attribution(
        parts=tuple(sorted(parts, key=lambda part: -abs(part.explained))),
        whole=change,
        whole_security=whole.security - start.security,
        year=other.scenario.horizon.last_year,
        orders=2 * len(plan.draws) if plan.draws else None,
        solves=max(0, len(values) - 2),
    )


def _known(result: Result) -> CertifiedValue:
    assert result.objective is not None  # it has a plan
    return CertifiedValue(result.objective, result.bound, result.index("security", result.scenario.horizon.last_year))


def _values(
    base: Result, other: Result, plan: Design, values: Values, admit: Callable[[Sequence[Scenario]], None] | None
) -> dict[Subset, CertifiedValue]:
    """Value of every scenario of the plan: the two ends are known, the rest is kept from before or solved."""
    outcomes = {frozenset(): _known(base), frozenset(plan.names): _known(other)}
    missing = {}
    for subset in plan.subsets:
        if subset not in outcomes:
            scenario = between(base.scenario, other.scenario, subset)
            kept = values.known(scenario)
            if kept is None:
                missing[subset] = scenario
            else:
                outcomes[subset] = kept
    if admit is not None:
        admit(list(missing.values()))
    for done, (subset, scenario) in enumerate(_in_turn(base.scenario, missing)):
        step(f"what explains {other.scenario.name}: solve {done + 1} of {len(missing)}")
        outcomes[subset] = values.solved(scenario, ", ".join(sorted(subset)) + f" as in {other.scenario.name}")
    return outcomes


def _in_turn(base: Scenario, missing: dict[Subset, Scenario]) -> Iterator[tuple[Subset, Scenario]]:
    """Scenarios that differ only in data which the engine patches come after each other."""
    from kctopt.solver.held import without_held

    alike: dict[str, list[Subset]] = {}
    for subset in sorted(missing, key=sorted):
        alike.setdefault(key(without_held(missing[subset])), []).append(subset)
    yield from ((subset, missing[subset]) for subsets in alike.values() for subset in subsets)


def _part(name: str, plan: Design, values: Mapping[Subset, CertifiedValue], change: float) -> Contribution:
    weights = plan.weights[name]
    explained = sum(weight * values[subset].objective for subset, weight in weights.items())
    low = sum(weight * values[subset].ends[weight < 0] for subset, weight in weights.items() if weight)
    high = sum(weight * values[subset].ends[weight > 0] for subset, weight in weights.items() if weight)
    proven = math.isfinite(low) and math.isfinite(high)
    return Contribution(
        group=name,
        explained=explained,
        percent=100 * explained / change if change else None,
        low=low if proven else None,
        high=high if proven else None,
        error=_error(name, plan, values),
        security=sum(weight * values[subset].security for subset, weight in weights.items()),
    )


def _error(name: str, plan: Design, values: Mapping[Subset, CertifiedValue]) -> float | None:
    """Standard error of the mean over pairs of orders; None where all orders count."""
    if len(plan.draws) < 2:
        return None
    drawn = [sum(weight * values[s].objective for s, weight in draw[name].items()) for draw in plan.draws]
    return float(np.std(drawn, ddof=1) / math.sqrt(len(drawn)))
