"""The laws of the convex core, written a second time in cvxpy and solved with Clarabel.

A yardstick for the engine and the simulator: it reads the records and the base year only and shares no code with
`kctopt.formulation`. Every law is relaxed to `<=` a concave curve, so its optimum is what the simulator makes of
`Reference.money`, unless having more of something can be harmful somewhere (then it lies above).

Arrays run over lines (rows) and years 1 … H (columns); stocks, scores and indices are in units of 100 index points.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cvxpy as cp
import numpy as np
from scipy import sparse

from kctopt.scenario.calibrate import BaseYear, calibrate
from kctopt.scenario.records import TYPES, Scenario, SharePolicy, SpendPolicy, TargetPolicy
from kctopt.scenario.select import policy_years, quadrant, spend_weights, target_lines
from kctopt.simulate import Money

Array = np.ndarray
Factor = tuple[Any, float]
# Clarabel's largest step and the factor on the objective; with its own defaults (.99, 1) the step length falls to
# nothing on many of these programs, and no single pair serves them all.
ATTEMPTS = ((0.9, 0.01), (0.7, 0.01), (0.9, 10.0), (0.7, 10.0), (0.5, 1.0), (0.5, 0.01))


class Infeasible(Exception):
    """Clarabel proved that the scenario has no plan."""


@dataclass(frozen=True)
class Reference:
    """Optimum by cvxpy and Clarabel: objective in NS points (min_budget: billion CNY), money and timings."""

    objective: float
    money: Money
    budget_scale: float
    seconds_model: float
    seconds_solve: float
    problem: cp.Problem


@dataclass
class Sketch:
    """A program in the making: the scenario, its numbers as arrays and the rules written so far."""

    scenario: Scenario
    base: BaseYear
    planned: int  # N
    years: int  # H = N + tail
    weight: Array  # (L,)
    sensitivity: Array  # (L,)
    member: Array  # (L, 4) in the order of TYPES
    home: Array  # (G, L) 1 where the line belongs to the domain
    rules: list[Any] = field(default_factory=list)

    def named(self, value: Any) -> cp.Variable:
        """A variable equal to `value`, so that the solver sees a sum once however often it is used."""
        variable = cp.Variable(value.shape)
        self.rules.append(variable == value)
        return variable

    def root(self, first: Any, second: Any, bound: Any, power: float) -> None:
        """|bound| <= first^power * second^(1-power) elementwise.

        Written as N-dimensional cones of two arguments: Clarabel ends early on many scenarios with its
        three-dimensional power cone, and cvxpy 1.9 takes N-dimensional cones of one length only.
        """
        flat = [cp.vec(cp.Expression.cast_to_const(arg), order="F") for arg in (first, second, bound)]
        powers = np.tile([[power], [1 - power]], (1, flat[2].size))
        self.rules.append(cp.PowConeND(cp.vstack(flat[:2]), flat[2], powers, axis=0))

    def product(self, factors: Sequence[Factor]) -> Any:
        """Largest t <= prod(arg^exponent) elementwise; exponents >= 0 that sum to at most 1, args of one shape."""
        used = [(arg, power) for arg, power in factors if power > 0]
        rest = 1 - sum(power for _, power in used)
        if rest < -1e-9:
            raise ValueError("exponents sum to more than 1: not concave")
        if rest > 1e-9:
            used.append((np.ones(factors[0][0].shape), rest))
        bound, power = used[0]
        for arg, extra in used[1:]:  # chain: bound^power * arg^extra = (a new bound)^(power + extra)
            longer = cp.Variable(arg.shape)
            self.root(bound, arg, longer, power / (power + extra))
            bound, power = longer, power + extra
        return bound

    def ces(self, parts: Sequence[Any], weights: Sequence[float], rho: float) -> Any:
        """Largest t <= (sum w part^rho)^(1/rho) elementwise, weights normalised, rho <= 1 (0: the geometric mean)."""
        used = [(part, w) for part, w in zip(parts, weights, strict=True) if w > 0]
        total = sum(w for _, w in used)
        used = [(part, w / total) for part, w in used]
        if len(used) == 1:
            return used[0][0]
        if rho == 1:
            return sum(w * part for part, w in used)
        if rho == 0:
            return self.product(used)
        bound = cp.Variable(used[0][0].shape)
        terms = [cp.Variable(bound.shape) for _ in used]
        for term, (part, _) in zip(terms, used, strict=True):
            if rho < 0:  # t <= term^(1/(1-rho)) part^(-rho/(1-rho)), sum w term <= t
                self.root(term, part, bound, 1 / (1 - rho))
            else:  # term <= part^rho t^(1-rho), t <= sum w term
                self.root(part, bound, term, rho)
        mean = sum(w * term for term, (_, w) in zip(terms, used, strict=True))
        self.rules.append(mean <= bound if rho < 0 else mean >= bound)
        return bound

    def least(self, parts: Sequence[Any]) -> Any:
        """Largest t <= every part."""
        bound = cp.Variable(parts[0].shape)
        self.rules.extend(bound <= part for part in parts)
        return bound


@dataclass(frozen=True)
class Spend:
    """Money by planned year: strategic by rung, substitution, exchange, their sum; each (lines, N), billion CNY."""

    strategic: list[cp.Variable]
    substitution: cp.Variable
    exchange: cp.Variable
    total: Any
    scale: cp.Variable | None  # phi of min_budget


@dataclass(frozen=True)
class State:
    """Stocks after each year as ratios to 100 points: capability, usable capability over the rival's (lines, H)."""

    capability: Any
    ratio: Any


def reference(scenario: Scenario, **options: Any) -> Reference:
    """Solve a scenario (objective `national_security` or `min_budget`); `options` go to Clarabel."""
    start = time.perf_counter()
    sketch = outline(scenario)
    spend = write_money(sketch)
    write_policies(sketch, spend)
    write_quadrants(sketch, spend)
    state = write_lines(sketch, spend)
    lost = write_targets(sketch, state)
    objective = write_objective(sketch, spend, state, lost)
    problem, scale = solve(objective, sketch.rules, options)
    solving = float(problem.solver_stats.solve_time)
    return Reference(
        objective=float(problem.value / scale),
        money=_money(spend),
        budget_scale=1.0 if spend.scale is None else float(spend.scale.value),
        seconds_model=time.perf_counter() - start - solving,
        seconds_solve=solving,
        problem=problem,
    )


def solve(objective: Any, rules: list[Any], options: dict[str, Any]) -> tuple[cp.Problem, float]:
    """The solved problem and the factor on its objective: the first of `ATTEMPTS` that Clarabel brings to the end."""
    for step, scale in ATTEMPTS:
        problem = cp.Problem(type(objective)(scale * objective.args[0]), rules)
        try:
            problem.solve(solver=cp.CLARABEL, **({"max_step_fraction": step} | options))
        except cp.SolverError:
            continue
        if problem.status == cp.OPTIMAL:
            return problem, scale
        if problem.status == cp.INFEASIBLE:
            raise Infeasible("no plan keeps all rules")
    raise RuntimeError("Clarabel came to no end with any of its settings")


def outline(scenario: Scenario) -> Sketch:
    """The scenario's numbers as arrays, no rule yet."""
    lines = scenario.lines
    return Sketch(
        scenario=scenario,
        base=calibrate(scenario),
        planned=len(scenario.horizon.years),
        years=len(scenario.horizon.all_years),
        weight=np.array([line.weight for line in lines]),
        sensitivity=np.array([line.sensitivity for line in lines]),
        member=np.array([[line.membership[k] for k in TYPES] for line in lines]),
        home=np.array([[float(line.domain == domain.id) for line in lines] for domain in scenario.domains]),
    )


# --- money ---------------------------------------------------------------------------------------------------------


def write_money(sketch: Sketch) -> Spend:
    """Decisions and the rules on money: budget with carry-over, ramps, floors and caps."""
    scenario, lines, years = sketch.scenario, sketch.scenario.lines, sketch.planned
    shape = (len(lines), years)
    strategic = [cp.Variable(shape, nonneg=True) for _ in scenario.rungs]
    substitution, exchange = cp.Variable(shape, nonneg=True), cp.Variable(shape, nonneg=True)
    scale = cp.Variable(nonneg=True) if scenario.objective.kind == "min_budget" else None
    total = sketch.named(sum(strategic) + substitution + exchange)
    spend = Spend(strategic, substitution, exchange, total, scale)
    write_budget(sketch, spend)
    rule = scenario.money
    before = cp.hstack([sketch.base.spend[:, None], total[:, :-1]]) if years > 1 else sketch.base.spend[:, None]
    sketch.rules.append(total <= (1 + rule.ramp_growth) * before + rule.ramp_step)
    sketch.rules.append(total >= np.array([[line.floor] for line in lines]) @ np.ones((1, years)))
    for i, line in enumerate(lines):
        if line.cap is not None:
            sketch.rules.append(total[i] <= line.cap)
    return spend


def write_budget(sketch: Sketch, spend: Spend) -> None:
    """Yearly budget; money is carried over inside a plan only, and never into a last year that the tail repeats."""
    horizon = sketch.scenario.horizon
    amount = sketch.scenario.budget.at(np.array(horizon.years))
    budget = amount if spend.scale is None else amount * spend.scale
    out = cp.Variable(sketch.planned, nonneg=True)
    carried = cp.hstack([0, out[:-1]]) if sketch.planned > 1 else np.zeros(1)
    sketch.rules.append(cp.sum(spend.total, axis=0) + out <= budget + carried)
    sketch.rules.append(out <= sketch.scenario.money.carry_share * budget)
    closed = {plan.last for plan in horizon.plans}
    if horizon.tail > 0:
        closed.add(horizon.last_year - 1)
    sketch.rules.extend(out[n] == 0 for n, year in enumerate(horizon.years) if year in closed)


def part(spend: Spend, policy: SpendPolicy | SharePolicy) -> Any:
    """The spend a policy speaks of, (lines, N)."""
    if policy.rung is not None:
        return spend.strategic["FPR".index(policy.rung)]
    match policy.track:
        case "strategic":
            return sum(spend.strategic)
        case "substitution":
            return spend.substitution
        case "exchange":
            return spend.exchange
    return spend.total


def write_policies(sketch: Sketch, spend: Spend) -> None:
    """Floors, caps and shares; targets come later."""
    horizon = sketch.scenario.horizon
    for policy in sketch.scenario.policies:
        if isinstance(policy, TargetPolicy):
            continue
        chosen = [horizon.years.index(year) for year in policy_years(policy.years, horizon)]
        money = (spend_weights(sketch.scenario, policy) @ part(spend, policy))[chosen]
        if isinstance(policy, SharePolicy):
            total = cp.sum(spend.total, axis=0)[chosen]
            if policy.min is not None:
                sketch.rules.append(money >= policy.min * total)
            if policy.max is not None:
                sketch.rules.append(money <= policy.max * total)
            continue
        amount = cp.sum(money) if policy.per == "total" else money
        sketch.rules.append(amount >= policy.amount if policy.kind == "floor" else amount <= policy.amount)


def write_quadrants(sketch: Sketch, spend: Spend) -> None:
    """Exchange limits of each line's quadrant, the exposure budget and the shield of quadrants."""
    scenario = sketch.scenario
    rules = {rule.id: rule for rule in scenario.quadrants}
    place = [quadrant(scenario, i) for i in range(len(scenario.lines))]
    least = np.array([[rules[name].min_exchange] for name in place])
    most = np.array([[rules[name].max_exchange] for name in place])
    sketch.rules.append(spend.exchange >= cp.multiply(least @ np.ones((1, sketch.planned)), spend.total))
    sketch.rules.append(spend.exchange <= cp.multiply(most @ np.ones((1, sketch.planned)), spend.total))
    limit = scenario.cooperation.exposure_limit.at(np.array(scenario.horizon.years))
    sketch.rules.append(sketch.sensitivity @ spend.exchange <= limit)
    shielding = np.minimum(1, sketch.member[:, 2] + sketch.member[:, 3])
    for name, rule in rules.items():
        inside = np.array([float(other == name) for other in place])
        if rule.shield_share > 0 and inside.any():
            sketch.rules.append((inside * (shielding - rule.shield_share)) @ spend.total >= 0)


# --- lines ---------------------------------------------------------------------------------------------------------


def write_lines(sketch: Sketch, spend: Spend) -> State:
    """Stocks by rung, diffusion and substitutes of every line."""
    scenario, base, shape = sketch.scenario, sketch.base, (len(sketch.scenario.lines), sketch.years)
    stocks = [cp.Variable(shape, nonneg=True) for _ in scenario.rungs]
    capability = sketch.named(sum(rung.capability_weight * stock for rung, stock in zip(scenario.rungs, stocks, strict=True)))
    before = shifted(base.capability, capability)
    inflow = write_diffusion(sketch, spend, before)
    accelerator = write_accelerator(sketch, before)
    for r, (rung, stock) in enumerate(zip(scenario.rungs, stocks, strict=True)):
        last = shifted(base.stock[:, r], stock)
        new = write_production(sketch, spend, r, accelerator, last)
        sketch.rules.append(stock <= (1 - rung.depreciation) * last + new + rung.inflow * inflow)
    sketch.rules.extend([stocks[1] <= stocks[0], stocks[2] <= stocks[1]])
    usable = capability + write_substitution(sketch, spend)
    return State(capability, sketch.named(cp.multiply(100 / base.rival[:, 1:], usable)))


def shifted(first: Array, later: Any) -> Any:
    """Values a year before: `first` (in points) and then all but the last column of `later`."""
    column = first[:, None] / 100
    return cp.hstack([column, later[:, :-1]]) if later.shape[1] > 1 else cp.Constant(column)


def write_production(sketch: Sketch, spend: Spend, r: int, accelerator: Any, last: Any) -> Any:
    """New knowledge q[i,r,t] of one rung, (lines, H): lagged effort, accelerators and the stock already there."""
    base, rule = sketch.base, sketch.scenario.knowledge
    lags = sketch.scenario.rungs[r].lags
    map_, past = np.zeros((sketch.planned, sketch.years)), np.zeros((len(base.spend), sketch.years))
    for n in range(1, sketch.years + 1):
        for back, share in enumerate(lags):
            if n - back >= 1:
                map_[min(n - back, sketch.planned) - 1, n - 1] += share
            else:
                past[:, n - 1] += share * base.history[:, r, back - n]
    scale = np.divide(1, base.effort[:, [r]], out=np.zeros((len(past), 1)), where=base.effort[:, [r]] > 0)
    effort = cp.multiply(scale, spend.strategic[r] @ map_ + past)
    induced = 1 + rule.induced_innovation * np.outer(sketch.sensitivity, base.control[1:] - base.control[0])
    yields = rule.yield_factor * base.yields[:, [r]] * induced / 100
    curve = sketch.product(
        [
            (effort, rule.effort_elasticity),
            (accelerator, rule.accelerator_elasticity),
            (last, rule.stock_elasticity),
        ]
    )
    return cp.multiply(yields, curve)


def write_accelerator(sketch: Sketch, before: Any) -> Any:
    """Accelerator index of each line's domain at the end of the year before, base year = 1, (lines, H)."""
    ids = [domain.id for domain in sketch.scenario.domains]
    strength = np.zeros((len(ids), len(ids)))
    for row in sketch.scenario.spillovers:
        strength[ids.index(row.target), ids.index(row.source)] = row.strength
    weights = strength @ (sketch.home * sketch.member[:, TYPES.index("A")])
    start = weights @ sketch.base.capability / 100
    has = start > 0
    scaled = np.where(has[:, None], weights / np.where(has, start, 1)[:, None], 0)
    index = sketch.named(sparse.csr_array(scaled) @ before + np.outer(~has, np.ones(sketch.years)))
    return sparse.csr_array(sketch.home.T) @ index


def write_substitution(sketch: Sketch, spend: Spend) -> Any:
    """Substitutes s[i,t], (lines, H): made from spend, fading, below a share of the rival's level."""
    base, rule = sketch.base, sketch.scenario.substitution
    effort = cp.multiply(1 / base.substitution[:, None], kept(sketch, spend.substitution))
    made = rule.output / 100 * sketch.product([(effort, rule.elasticity)])
    stock = cp.Variable(made.shape, nonneg=True)
    sketch.rules.append(stock <= (1 - rule.depreciation) * shifted(base.substitute, stock) + made)
    sketch.rules.append(stock <= rule.ceiling * base.rival[:, 1:] / 100)
    return stock


def kept(sketch: Sketch, money: Any) -> Any:
    """Money by planned year -> by year with the tail, which keeps the last year's."""
    return money @ np.eye(sketch.planned)[:, np.minimum(np.arange(sketch.years), sketch.planned - 1)]


def write_diffusion(sketch: Sketch, spend: Spend, before: Any) -> Any:
    """Net inflow of knowledge D[i,t], free sign, (lines, H)."""
    base, rule = sketch.base, sketch.scenario.diffusion
    rival, control = base.rival[:, :-1] / 100, np.outer(sketch.sensitivity, base.control[1:])
    catch_up = rule.catch_up * (1 - rule.catch_up_control * control)
    near = cp.multiply(catch_up, rival - before + rule.leverage * write_moat(sketch, before))
    match rule.form:
        case "none":
            return np.zeros(rival.shape)
        case "nelson_phelps":
            return near
        case "logistic":
            flow = cp.Variable(rival.shape)
            sketch.rules.append(
                flow <= cp.multiply(catch_up, before) - cp.multiply(catch_up / rival, cp.square(before))
            )
            return flow
    effort = cp.multiply(1 / base.exchange[:, None], kept(sketch, spend.exchange))
    power = rule.exchange_elasticity
    output = rule.exchange_output / 100 * rival ** (1 - power) * (1 - rule.exchange_control * control)
    reach = cp.multiply(output, sketch.product([(effort, power)]))
    return sketch.least([rule.absorption * before, reach, near])


def write_moat(sketch: Sketch, before: Any) -> Any:
    """Moat capability of each line's domain at the end of the year before, (lines, H); 0 where it has none."""
    weights = sketch.home * sketch.weight * sketch.member[:, TYPES.index("M")]
    shares = weights / np.where(weights.sum(axis=1) > 0, weights.sum(axis=1), 1)[:, None]
    return sparse.csr_array(sketch.home.T) @ sketch.named(sparse.csr_array(shares) @ before)


# --- indices -------------------------------------------------------------------------------------------------------


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


class Numbers(Sketch):
    """The same curves on plain numbers, for the base year."""

    def named(self, value: Any) -> Any:
        return value

    def product(self, factors: Sequence[Factor]) -> Any:
        return np.prod([arg**power for arg, power in factors if power > 0])

    def ces(self, parts: Sequence[Any], weights: Sequence[float], rho: float) -> Any:
        shares, values = np.array(weights) / sum(weights), np.array(parts)
        values, shares = values[shares > 0], shares[shares > 0]
        return np.prod(values**shares) if rho == 0 else (shares @ values**rho) ** (1 / rho)

    def least(self, parts: Sequence[Any]) -> Any:
        return min(parts)


def exposure(sketch: Sketch) -> Array:
    """Weights of the lines' dependency in the cut-off loss; they sum to at most 1."""
    lines = sketch.scenario.lines
    weight = np.array([line.exposure_weight * line.bottleneck for line in lines])
    return sketch.sensitivity * weight / weight.sum() if weight.sum() > 0 else np.zeros(len(lines))


def write_security(sketch: Sketch, state: State) -> Any:
    """National security NS in each year, 1 = base year, (H,)."""
    scenario, now, grown = sketch.scenario, scores(sketch, state.ratio), np.arange(1, sketch.years + 1)
    usable0 = (sketch.base.capability + sketch.base.substitute) / sketch.base.rival[:, 0]
    plain = Numbers(**{name: getattr(sketch, name) for name in sketch.__dataclass_fields__})
    then = scores(plain, usable0)
    technology = write_kct(sketch, now) / write_kct(plain, then)
    loss, loss0 = write_loss(sketch, state, now), base_loss(sketch, usable0, then)
    growth = sketch.product([(technology, scenario.economy.kct_elasticity)])
    economy = cp.multiply((1 + loss0) * (1 + scenario.economy.trend) ** grown, growth) - loss
    factors = [(technology, scenario.military.kct_elasticity)]
    held = [name for name in ("M", "S") if name in now.nation]
    if held:
        shield = sum(now.nation[name] for name in held) / sum(then.nation[name] for name in held)
        factors.append((shield, scenario.military.shield_elasticity))
    military = cp.multiply((1 + scenario.military.chosen.trend) ** grown, sketch.product(factors))
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


def write_loss(sketch: Sketch, state: State, score: Scores) -> Any:
    """Loss X from a cut-off, in units of 100 points, (H,)."""
    rule, dependency, loss = (
        sketch.scenario.cut_off,
        cp.Variable(state.ratio.shape, nonneg=True),
        cp.Variable(sketch.years, nonneg=True),
    )
    sketch.rules.append(dependency >= 1 - state.ratio)
    shielded = rule.shield * score.nation["S"] if "S" in score.nation else 0
    struck = cp.multiply(sketch.base.control[1:] * rule.loss / 100, exposure(sketch) @ dependency)
    sketch.rules.append(loss >= struck - shielded)
    return loss


def base_loss(sketch: Sketch, ratio: Array, score: Scores) -> float:
    """The loss X in the base year, in units of 100 points."""
    rule = sketch.scenario.cut_off
    struck = sketch.base.control[0] * rule.loss / 100 * exposure(sketch) @ np.maximum(0, 1 - ratio)
    return float(max(0, struck - rule.shield * score.nation.get("S", 0)))


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


def write_objective(sketch: Sketch, spend: Spend, state: State, lost: Any) -> Any:
    """National security over the years, or the smallest budget (soft targets do not count there)."""
    scenario, rule = sketch.scenario, sketch.scenario.objective
    if rule.kind == "min_budget":
        amount = scenario.budget.at(np.array(scenario.horizon.years)).sum()
        return cp.Minimize(amount * spend.scale)
    if rule.kind != "national_security":
        raise ValueError(f"no reference for the objective {rule.kind}")
    weight = rule.discount ** np.arange(1, sketch.years + 1)
    weight[sketch.planned - 1] += rule.terminal
    return cp.Maximize(100 * weight @ write_security(sketch, state) - lost)


def _money(spend: Spend) -> Money:
    """The optimal money, tiny negative values of the interior point cut off."""

    def values(variable: cp.Variable) -> Array:
        return np.maximum(np.asarray(variable.value, dtype=float), 0)

    strategic = np.stack([values(variable) for variable in spend.strategic], axis=1)
    return Money(strategic=strategic, substitution=values(spend.substitution), exchange=values(spend.exchange))
