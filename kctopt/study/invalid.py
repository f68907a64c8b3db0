"""Draws that no scenario file could hold: numbers outside their limits, or at odds with each other.

The limits of fields are those of the records; what `kctopt/scenario/check*.py` asks between fields is asked here of all
draws at once, and a test holds the two against each other. Only what a drawn number can break is looked at: the rest
was checked when the scenario was read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kctopt.scenario import check_rules
from kctopt.scenario.axes import drawn as is_drawn
from kctopt.scenario.axes import vector
from kctopt.scenario.build import in_own_words
from kctopt.scenario.calibrate import of_lines, of_rungs
from kctopt.scenario.check import CLOSE, LEAST_SHARE, LOST
from kctopt.scenario.check_options import CLOSE as THROUGH_ONE
from kctopt.scenario.check_programmes import programmes_fit_together
from kctopt.scenario.options import LONGEST
from kctopt.scenario.record import ROUNDING
from kctopt.scenario.records import TYPES, Scenario, Selection, SharePolicy, SpendPolicy, TargetPolicy
from kctopt.scenario.select import MEMBER, policy_years, spend_weights
from kctopt.simulator import World
from kctopt.study.drawn import DrawnScenario, Place

Mask = NDArray[np.bool_]
LIMITS = {"gt": ("greater_than", np.less_equal), "ge": ("greater_than_equal", np.less),
          "lt": ("less_than", np.greater_equal), "le": ("less_than_equal", np.greater)}  # fmt: skip


@dataclass
class Refusals:
    """Reasons against draws, as they are found."""

    count: int
    reasons: dict[int, list[str]] = field(default_factory=dict)  # of the draws that are refused, by number

    def add(self, refused: Any, path: str, says: Callable[[int], str] | str) -> None:
        """Note a reason against the draws where `refused` is true."""
        for d in np.flatnonzero(np.broadcast_to(refused, self.count)):
            text = says if isinstance(says, str) else says(int(d))
            self.reasons.setdefault(int(d), []).append(f"{path}: {text}")

    @property
    def kept(self) -> Mask:
        """Whether each draw stands, (D,)."""
        kept = np.ones(self.count, dtype=bool)
        kept[list(self.reasons)] = False
        return kept

    def reason(self, draw: int) -> str:
        """All reasons against a draw; empty where there is none."""
        return "; ".join(dict.fromkeys(self.reasons.get(draw, ())))


def refusals(drawn: DrawnScenario) -> Refusals:
    """What speaks against each draw, but for yields, which need a world (`refuse_yields`)."""
    found, scenario = Refusals(drawn.count), drawn.scenario
    with np.errstate(all="ignore"):
        for place in drawn.places:
            _limits(found, place)
        changed = {(place.location[0], _field(place)) for place in drawn.places}
        for needs, check in CHECKS:
            if any((group, name) in needs or (group, "*") in needs for group, name in changed):
                check(found, scenario)
    return found


def refuse_yields(found: Refusals, scenario: Scenario, world: World) -> None:
    """Note draws whose base year no positive yield explains."""
    stock, yields = np.asarray(world.stock), np.asarray(world.yields)
    for i, line in enumerate(scenario.lines):
        beyond = ~(stock[..., i, :] > 0).all(axis=-1)
        message = "its substitutes in the base year exceed its capability"
        found.add(beyond, f"lines[{line.id}].capability", message)
        short = ~beyond & ~(yields[..., i, :] > 0).all(axis=-1)
        message = "inflow and stock alone carry it further than recorded: a yield would not be positive"
        found.add(short, f"lines[{line.id}].trend", message)


def _field(place: Place) -> str:
    """Name of the field that a place is, or is a year of."""
    return next(str(key) for key in reversed(place.location) if isinstance(key, str))


def _limits(found: Refusals, place: Place) -> None:
    """Limits of a field, in the words of a file's faults."""
    values = place.values
    found.add(~np.isfinite(values), place.path, "is not a finite number")
    for side, limit in place.kind.bounds:
        name, beyond = LIMITS[side]

        def says(d: int, side: str = side, limit: float = limit, name: str = name) -> str:
            return in_own_words({"type": name, "input": values[d], "ctx": {side: limit}, "msg": ""}, place.kind)

        found.add(beyond(values, limit) & np.isfinite(values), place.path, says)


def _above(first: Any, second: Any) -> Mask:
    """Whether the first lies above the second by more than rounding."""
    first, second = np.asarray(first), np.asarray(second)
    return np.asarray((first > second) & ~(first - second <= ROUNDING * np.maximum(np.abs(first), np.abs(second))))


def _of(values: Any) -> Callable[[int], float]:
    """A number of each draw."""
    return lambda d: float(values[d] if is_drawn(values) else values)


def _elasticities(found: Refusals, scenario: Scenario) -> None:
    law, emergency = scenario.knowledge, scenario.substitution
    _concave(found, "knowledge", "three", law.effort_elasticity + law.accelerator_elasticity + law.stock_elasticity)
    _concave(found, "substitution", "two", emergency.elasticity + emergency.capability_elasticity)


def _concave(found: Refusals, path: str, count: str, total: Any) -> None:
    of = _of(total)

    def says(d: int) -> str:
        return f"the {count} elasticities must sum to at most 1 (they sum to {of(d):.12g}): not concave"

    found.add(np.asarray(total) > 1 + ROUNDING, path, says)


def _security(found: Refusals, scenario: Scenario) -> None:
    total = scenario.security.economy + scenario.security.military + scenario.security.technology
    of = _of(total)
    found.add(
        np.abs(np.asarray(total) - 1) > 1e-9, "security",
        lambda d: f"weights of economy, military and technology must sum to 1 (they sum to {of(d):.12g})",
    )  # fmt: skip


def _lines(found: Refusals, scenario: Scenario) -> None:
    for line in scenario.lines:
        path, total = f"lines[{line.id}]", line.exchange_share + line.substitution_share
        message = "exchange_share and substitution_share leave nothing for strategic work"
        found.add(~_above(1, total), f"{path}.exchange_share", message)
        for name, words in (("floor", "floor lies above cap"), ("min_scale", "min_scale lies above cap")):
            if line.cap is not None:
                found.add(_above(getattr(line, name), line.cap), f"{path}.{name}", words)
    spend = of_lines(scenario, "spend")
    small = spend < LOST * spend.sum(axis=-1, keepdims=True) / max(1, len(scenario.lines))
    for i, line in enumerate(scenario.lines):
        found.add(small[..., i], f"lines[{line.id}].spend", "too little beside the other lines to count")


def _rungs(found: Refusals, scenario: Scenario) -> None:
    rungs = scenario.rungs
    for rung in rungs:
        total = np.asarray(sum(rung.lags))
        found.add(np.abs(total - 1) > CLOSE, f"rungs[{rung.id}].lag_0", "lag weights lag_0 to lag_5 must sum to 1")
        idle = (np.asarray(rung.capability_weight) > 0) & (np.asarray(rung.spend_share) < LEAST_SHARE)
        found.add(idle, f"rungs[{rung.id}].spend_share", "is too small for a yield to be calibrated by it")
    weight, profile = of_rungs(scenario, "capability_weight"), of_rungs(scenario, "profile")
    for name, values in (("capability_weight", weight), ("spend_share", of_rungs(scenario, "spend_share"))):
        off = np.abs(values.sum(axis=-1) - 1) > CLOSE
        found.add(off, f"rungs.{name}", "the sum over the rungs must be 1")
    off = np.abs((weight * profile).sum(axis=-1) - 1) > CLOSE
    found.add(off, "rungs.profile", "capability_weight times profile must sum to 1 over the rungs")
    for r in (1, 2):
        higher = profile[..., r] > profile[..., r - 1] + CLOSE
        found.add(higher, f"rungs[{rungs[r].id}].profile", "a rung cannot stand higher than the one below it")


def _orders(found: Refusals, scenario: Scenario) -> None:
    """Lower limits at most upper ones."""
    for rule in scenario.quadrants:
        above = _above(rule.min_exchange, rule.max_exchange)
        found.add(above, f"quadrants[{rule.id}].min_exchange", "min_exchange lies above max_exchange")
    above = _above(scenario.diffusion.near, scenario.diffusion.far)
    found.add(above, "diffusion.near", "near lies above far, so the stage within reach is empty")
    for policy in scenario.policies:
        if isinstance(policy, SharePolicy) and policy.min is not None and policy.max is not None:
            found.add(_above(policy.min, policy.max), f"policies[{policy.id}].min", "min lies above max")


def _scores(found: Refusals, scenario: Scenario) -> None:
    """Every domain has a type with weight, and what a law reads of moats and security has lines."""
    kct = scenario.kct
    member = vector((vector(line.membership[kind] for line in scenario.lines) for kind in TYPES), axes=1)
    weights = vector(getattr(kct.weights, kind) for kind in TYPES)
    read = np.array([kind != "A" or kct.form != "nested" for kind in TYPES])
    for domain in scenario.domains:
        own = [line.domain == domain.id for line in scenario.lines]
        there = (member[..., own] > 0).any(axis=-1)  # (..., 4)
        path = f"domains[{domain.id}]"
        found.add(~there.any(axis=-1), path, "has no line with a membership in any type")
        used = there & read
        idle = used.any(axis=-1) & ~(used & (weights > 0)).any(axis=-1) & (kct.form != "leontief")
        found.add(idle, path, "has lines only of types to which kct.weights gives no weight")
    for path, value, kinds in (
        ("military.shield_elasticity", scenario.military.shield_elasticity, (2, 3)),
        ("cut_off.shield", scenario.cut_off.shield, (3,)),
    ):
        absent = ~(member[..., list(kinds), :] > 0).any(axis=(-2, -1))
        found.add((np.asarray(value) > 0) & absent, path, "is above 0, but no line is of a type that it reads")


def _selections(found: Refusals, scenario: Scenario) -> None:
    """Every policy speaks of a line."""
    for policy in scenario.policies:
        if isinstance(policy, Selection):
            weights = spend_weights(scenario, policy)
            least = MEMBER if isinstance(policy, TargetPolicy) else np.nextafter(0, 1)
            found.add(~(weights >= least).any(axis=-1), f"policies[{policy.id}]", "applies to no line")


def _tranches(found: Refusals, scenario: Scenario) -> None:
    """Tranches rise, are worth no less the further they reach, and pass through (1, 1)."""
    curves: dict[tuple[str, str], list[tuple[Any, Any]]] = {}
    for step in scenario.tranches:
        curves.setdefault((step.line, step.rung), []).append((step.upto, step.effect))
    shares: dict[str, Any] = {rung.id: rung.spend_share for rung in scenario.rungs}
    for (line, rung), steps in curves.items():
        path = f"tranches[line={line},rung={rung}]"
        found.add(np.asarray(shares[rung]) == 0, path, "are relative to base-year spend on the rung, which is 0")
        upto, effect = (np.atleast_2d(vector(values)) for values in zip(*steps, strict=True))
        disorder = ~_above(upto[:, 1:], upto[:, :-1]) | _above(effect[:, :-1], effect[:, 1:])
        found.add(disorder.any(axis=-1), path, "must rise, and more spend cannot be worth less")
        rows = zip(*np.broadcast_arrays(upto, effect), strict=True)
        at_one = np.array([np.interp(1.0, [0.0, *x], [0.0, *y]) for x, y in rows])
        off = ~disorder.any(axis=-1) & (np.abs(at_one - 1) > THROUGH_ONE)
        found.add(off, path, "base-year spend must be worth itself: yields are calibrated at 1")


def _programmes(found: Refusals, scenario: Scenario) -> None:
    """Costs inside the years a programme runs; a reward only where it can be earned."""
    for k, programme in enumerate(scenario.programmes):
        path = f"programmes[{programme.id}]"
        for year in range(programme.duration + 1, LONGEST + 1):
            late = np.asarray(getattr(programme, f"cost_{year}")) > 0
            found.add(late, f"{path}.cost_{year}", "a cost after the years it runs")
        if is_drawn(programme.reward):
            rewarded = programme.model_copy(update={"reward": 1.0})
            listed = (*scenario.programmes[:k], rewarded, *scenario.programmes[k + 1 :])
            unearned = any(
                problem.location[:2] == ("programmes", k)
                for problem in programmes_fit_together(scenario.model_copy(update={"programmes": listed}))
            )
            never = unearned or programme.deadline is None
            found.add((programme.reward > 0) & never, f"{path}.reward", "a reward that could not be earned")


def _floors(found: Refusals, scenario: Scenario) -> None:
    """Floors that no budget can meet, or that lie above caps; where floors themselves are drawn, draw by draw."""
    spending = [policy for policy in scenario.policies if isinstance(policy, SpendPolicy | SharePolicy)]
    numbers = [policy.amount if isinstance(policy, SpendPolicy) else policy.min for policy in spending]
    numbers += [line.floor for line in scenario.lines] + ([line.cap for line in scenario.lines] if spending else [])
    if any(map(is_drawn, numbers)) or any(spend_weights(scenario, policy).ndim > 1 for policy in spending):
        drawn = DrawnScenario(scenario, (), found.count)
        for d in range(found.count):
            one = drawn.one(d)
            for problem in (*check_rules.floors_within_budget(one), *check_rules.floors_below_caps(one)):
                path = ".".join(map(str, problem.location))
                found.add(np.arange(found.count) == d, path, problem.message)
        return
    if scenario.objective.kind == "min_budget":
        return
    budget, years = scenario.budget.at(np.array(scenario.horizon.years)), scenario.horizon.years
    available = check_rules.with_carry(scenario, budget)
    least = np.array([check_rules.least_spend(scenario, year)[0] for year in years])
    found.add(_above(least, available).any(axis=-1), "budget", "does not pay for the floors of a year")
    for policy in spending:
        if isinstance(policy, SpendPolicy) and policy.kind == "floor" and policy.per == "total":
            last = years.index(policy_years(policy.years, scenario.horizon)[-1])
            short = _above(policy.amount, budget[..., : last + 1].sum(axis=-1))
            found.add(
                short, f"policies[{policy.id}].amount", "the floor lies above the budgets of the years until then"
            )


OF_LINES = ("exchange_share", "substitution_share", "floor", "cap", "min_scale", "spend")
MEMBERSHIP = frozenset(("lines", name) for name in ("bottleneck", "accelerator", "moat", "security"))
CHECKS: tuple[tuple[frozenset[tuple[str, str]], Callable[[Refusals, Scenario], None]], ...] = (
    (frozenset({("knowledge", "*"), ("substitution", "*")}), _elasticities),
    (frozenset({("security", "*")}), _security),
    (frozenset(("lines", name) for name in OF_LINES), _lines),
    (frozenset({("rungs", "*")}), _rungs),
    (frozenset({("quadrants", "*"), ("diffusion", "*"), ("policies", "*")}), _orders),
    (MEMBERSHIP | {("kct", "*"), ("military", "shield_elasticity"), ("cut_off", "shield")}, _scores),
    (MEMBERSHIP, _selections),
    (frozenset({("tranches", "*"), ("rungs", "spend_share")}), _tranches),
    (frozenset({("programmes", "*")}), _programmes),
    (MEMBERSHIP | {("lines", "floor"), ("lines", "cap"), ("budget", "*"), ("money", "*"), ("policies", "*")}, _floors),
)  # fmt: skip
