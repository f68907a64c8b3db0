"""From usable capability to national security: scores, KCT value, cut-off loss, powers, targets; 1 = 100 points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cvxpy as cp
import numpy as np

from kctopt.scenario.records import TYPES, TargetPolicy
from kctopt.scenario.select import target_lines
from tests.reference.lines import State
from tests.reference.sketch import Array, Numbers, Sketch


@dataclass(frozen=True)
class Scores:
    """Type scores by (domain, type) and for the nation, 1 = rival's level; absent ones are left out."""

    domain: dict[tuple[str, str], Any]
    nation: dict[str, Any]


def scores(sketch: Sketch, ratio: Any) -> Scores:
    """Type scores from the usable ratio U/R of every line (lines, …)."""
    by_domain: dict[tuple[str, str], Any] = {}
    for domain, inside in zip(sketch.scenario.domains, sketch.home, strict=True):
        for k, name in enumerate(TYPES):
            weight = inside * sketch.weight * sketch.member[:, k]
            if weight.sum() > 0:
                by_domain[domain.id, name] = sketch.named((weight / weight.sum()) @ ratio)
    nation: dict[str, Any] = {}
    for name in TYPES:
        has = [domain for domain in sketch.scenario.domains if (domain.id, name) in by_domain]
        total = sum(domain.weight for domain in has)
        if has:
            nation[name] = sum(domain.weight / total * by_domain[domain.id, name] for domain in has)
    return Scores(by_domain, nation)


def write_kct(sketch: Sketch, score: Scores) -> Any:
    """National KCT value in each year, 1 = rival's level."""
    parts, weights = [], []
    for domain in sketch.scenario.domains:
        types = {name: score.domain[domain.id, name] for name in TYPES if (domain.id, name) in score.domain}
        if not types:
            continue
        parts.append(write_domain_kct(sketch, types))
        weights.append(domain.weight)
    return sketch.ces(parts, weights, sketch.scenario.kct.rho_domains)


def write_domain_kct(sketch: Sketch, types: dict[str, Any]) -> Any:
    """KCT value of one domain from its type scores."""
    rule = sketch.scenario.kct
    weights = {name: getattr(rule.weights, name) for name in types}
    match rule.form:
        case "leontief":
            return sketch.least([part for name, part in types.items() if weights[name] > 0])
        case "linear":
            return sketch.ces(list(types.values()), list(weights.values()), 1)
        case "cobb_douglas":
            return sketch.ces(list(types.values()), list(weights.values()), 0)
        case "ces":
            return sketch.ces(list(types.values()), list(weights.values()), rule.rho)
    others = [name for name in types if name != "A" and weights[name] > 0]
    if not others:
        return types["A"]
    core = sketch.ces([types[name] for name in others], [weights[name] for name in others], rule.rho)
    if "A" not in types:
        return core
    return sketch.product([(types["A"], rule.multiplier), (core, 1 - rule.multiplier)])


def exposure(sketch: Sketch, membership: Array) -> Array:
    """Weights of the lines' dependency in a loss from a cut-off, by membership; they sum to at most 1."""
    lines = sketch.scenario.lines
    weight = np.array([line.exposure_weight for line in lines]) * membership
    return sketch.sensitivity * weight / weight.sum() if weight.sum() > 0 else np.zeros(len(lines))


def write_security(sketch: Sketch, state: State) -> Any:
    """National security NS in each year, 1 = base year without cut-off, (H,)."""
    scenario, now, grown = sketch.scenario, scores(sketch, state.ratio), np.arange(1, sketch.years + 1)
    usable0 = (sketch.base.capability + sketch.base.substitute) / sketch.base.rival[:, 0]
    plain = Numbers(**{name: getattr(sketch, name) for name in sketch.__dataclass_fields__})
    then = scores(plain, usable0)
    technology = write_kct(sketch, now) / write_kct(plain, then)
    dependency = cp.Variable(state.ratio.shape, nonneg=True)
    sketch.rules.append(dependency >= 1 - state.ratio)
    loss = write_loss(sketch, dependency, now)
    shields = np.minimum(1, sketch.member[:, 2] + sketch.member[:, 3])
    struck = struck_by(sketch, shields) * scenario.cut_off.military_loss / 100
    growth = sketch.product([(technology, scenario.economy.kct_elasticity)])
    economy = cp.multiply((1 + scenario.economy.trend) ** grown, growth) - loss + state.market
    factors = [(technology, scenario.military.kct_elasticity)]
    held = [name for name in ("M", "S") if name in now.nation]
    if held:
        shield = sum(now.nation[name] for name in held) / sum(then.nation[name] for name in held)
        factors.append((shield, scenario.military.shield_elasticity))
    military = cp.multiply((1 + scenario.military.chosen.trend) ** grown, sketch.product(factors))
    military = military - cp.sum(cp.multiply(struck[:, 1:], dependency), axis=0)
    rule, parts = scenario.security, [economy, military, technology]
    weights = [rule.economy, rule.military, rule.technology]
    match rule.form:
        case "leontief":
            return sketch.least([part for part, weight in zip(parts, weights, strict=True) if weight > 0])
        case "linear":
            return sketch.ces(parts, weights, 1)
        case "cobb_douglas":
            return sketch.ces(parts, weights, 0)
    return sketch.ces(parts, weights, rule.rho)


def struck_by(sketch: Sketch, membership: Array) -> Array:
    """What a full dependency of each line takes of a loss of 1, (lines, H+1)."""
    return np.outer(exposure(sketch, membership), sketch.base.denied)


def write_loss(sketch: Sketch, dependency: Any, score: Scores) -> Any:
    """Loss X from a cut-off, in units of 100 points, (H,)."""
    rule, loss = sketch.scenario.cut_off, cp.Variable(sketch.years, nonneg=True)
    shielded = rule.shield * score.nation["S"] if "S" in score.nation else 0
    weights = struck_by(sketch, sketch.member[:, 0])[:, 1:] * rule.loss / 100
    struck = cp.sum(cp.multiply(weights, dependency), axis=0)
    sketch.rules.append(loss >= struck - shielded)
    return loss


def write_targets(sketch: Sketch, state: State) -> Any:
    """Ratios that selected lines must reach; returns the objective points lost to soft shortfalls."""
    lost: Any = 0
    for policy in sketch.scenario.policies:
        if not isinstance(policy, TargetPolicy):
            continue
        goal = policy.min_ratio if policy.min_ratio is not None else 1 - (policy.max_dependency or 0)
        lines = list(target_lines(sketch.scenario, policy))
        if not lines:
            continue
        ratio = state.ratio[lines, sketch.scenario.horizon.all_years.index(policy.by)]
        shortfall = cp.Variable(len(lines), nonneg=True) if policy.soft else 0
        sketch.rules.append(ratio + shortfall >= goal)
        lost = lost + policy.price * cp.sum(shortfall)
    return lost
