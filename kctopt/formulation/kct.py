r"""KCT value: type scores of a domain, their combination, and the national value.

    Z[d,k,t] = sum_{i in d} w_i m[i,k] 100 U[i,t]/R[i,t] / sum_{i in d} w_i m[i,k]
    nested:       KCT_d <= Z_A^alpha * M_rho(Z_B, Z_M, Z_S; w)^(1-alpha)
    ces:          KCT_d <= M_rho(Z_B, Z_A, Z_M, Z_S; w)
    cobb_douglas: KCT_d <= prod_k Z_k^(w_k / sum_k w_k)
    leontief:     KCT_d <= Z_k        for all k with w_k > 0
    linear:       KCT_d <= sum_k w_k Z_k / sum_k w_k
    KCT_t <= M_rho_d(KCT_d; w_d),   M_rho(z; w) = (sum_j w_j z_j^rho / sum_j w_j)^(1/rho)

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| Z | type score of a domain | rival = 100 | score | law |
| KCT_d | KCT value of a domain | rival = 100 | kct_domain | law |
| KCT | national KCT value | rival = 100 | kct | law |

Equation (1) of the paper says only that KCT is a quantifiable relation of B, A, M and S. All five forms are our
hypotheses.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kctopt.algebra import Block, Constraint, NonNegativeReals, Var, quicksum
from kctopt.concave import ConcaveFamily, PowerProduct, add_family, mean, mean_value
from kctopt.formulation import domain_ids
from kctopt.scenario.calibrate import BaseYear
from kctopt.scenario.records import TYPES, Kct, Scenario


def score_weights(scenario: Scenario) -> dict[tuple[str, str], dict[str, float]]:
    """Weight of each line in the score of (domain, type), in that order; pairs without members are left out."""
    weights: dict[tuple[str, str], dict[str, float]] = {}
    for d in domain_ids(scenario):
        for kind in TYPES:
            own = {line.id: line.weight * line.membership[kind] for line in scenario.lines if line.domain == d}
            total = sum(own.values())
            if total > 0:
                weights[d, kind] = {line: value / total for line, value in own.items() if value > 0}
    return weights


def national_weights(scenario: Scenario, kind: str) -> dict[str, float]:
    """Weight of each domain in the national score of a type; domains without the type are left out."""
    pairs = score_weights(scenario)
    used = {domain.id: domain.weight for domain in scenario.domains if (domain.id, kind) in pairs}
    return {domain: weight / sum(used.values()) for domain, weight in used.items()}


def base_scores(scenario: Scenario, base: BaseYear) -> dict[tuple[str, str], float]:
    """Z in the base year by (domain, type)."""
    ratio = 100 * (base.capability + base.substitute) / base.rival[:, 0]
    usable = {line.id: float(value) for line, value in zip(scenario.lines, ratio, strict=True)}
    return {pair: sum(w * usable[line] for line, w in row.items()) for pair, row in score_weights(scenario).items()}


def domain_value(kct: Kct, scores: dict[str, float]) -> float:
    """KCT of a domain from its type scores, by the chosen form."""
    weights = type_weights(kct, list(scores))
    values, shares = [scores[kind] for kind in weights], list(weights.values())
    match kct.form:
        case "nested":
            rest = type_weights(kct, [kind for kind in scores if kind != "A"])
            weak = mean_value([scores[k] for k in rest], list(rest.values()), kct.rho) if rest else 1.0
            alpha = multiplier(kct, set(scores))
            return float(scores.get("A", 1.0) ** alpha * weak ** (1 - alpha))
        case "ces":
            return mean_value(values, shares, kct.rho)
        case "cobb_douglas":
            return mean_value(values, shares, 0.0)
        case "leontief":
            return min(values)
        case "linear":
            return mean_value(values, shares, 1.0)


def type_weights(kct: Kct, kinds: list[str]) -> dict[str, float]:
    """Weights of the types that have a say: those with a weight, or all alike where none has one."""
    weights = {kind: float(getattr(kct.weights, kind)) for kind in kinds}
    used = {kind: weight for kind, weight in weights.items() if weight > 0}
    return used or dict.fromkeys(kinds, 1.0)


def multiplier(kct: Kct, kinds: set[str]) -> float:
    """Exponent of the accelerator score: alpha, or 0 or 1 where a domain lacks accelerators or all else."""
    if "A" not in kinds:
        return 0.0
    return kct.multiplier if len(kinds) > 1 else 1.0


def base_value(scenario: Scenario, base: BaseYear) -> float:
    """National KCT in the base year."""
    scores = base_scores(scenario, base)
    values, weights = [], []
    for domain in scenario.domains:
        own = {kind: scores[domain.id, kind] for kind in TYPES if (domain.id, kind) in scores}
        if own:
            values.append(domain_value(scenario.kct, own))
            weights.append(domain.weight)
    return mean_value(values, weights, scenario.kct.rho_domains)


def national_score(scenario: Scenario, score: Any, kind: str, *key: Any) -> Any:
    """National score of a type from domain scores indexed (domain, type, *key); 0 where no domain has it."""
    return quicksum(weight * score[(d, kind, *key)] for d, weight in national_weights(scenario, kind).items())


def add_variables(block: Block, scenario: Scenario) -> None:
    """Type scores, KCT by domain, the weak-link mean of the nested form, and the national value."""
    years = scenario.horizon.all_years
    pairs = list(score_weights(scenario))
    used = list(dict.fromkeys(d for d, _ in pairs))
    block.score = Var(pairs, years, domain=NonNegativeReals)
    block.kct_domain = Var(used, years, domain=NonNegativeReals)
    block.kct = Var(years, domain=NonNegativeReals)
    if scenario.kct.form == "nested":
        block.weak_link = Var(used, years, domain=NonNegativeReals)


def add_constraints(
    block: Block, scenario: Scenario, base: BaseYear, *, capability: Any, substitute: Any
) -> list[ConcaveFamily]:
    """Scores (linear), the domain forms and the national mean (concave)."""
    years, first = scenario.horizon.all_years, scenario.horizon.base_year + 1
    weights = score_weights(scenario)
    row = {line.id: i for i, line in enumerate(scenario.lines)}

    def score(b: Block, d: str, k: str, t: int) -> Any:
        parts = (
            100 * weight / float(base.rival[row[i], t - first + 1]) * (capability[i, t] + substitute[i, t])
            for i, weight in weights[d, k].items()
        )
        return b.score[d, k, t] == quicksum(parts)

    used = list(dict.fromkeys(d for d, _ in weights))
    sizes = {domain.id: domain.weight for domain in scenario.domains}
    block.score_of_type = Constraint(list(weights), years, rule=score)
    families = _add_form(block, scenario, used, {d: [k for k in TYPES if (d, k) in weights] for d in used})
    national = add_family(
        block,
        "national_value",
        years,
        rule=lambda t: mean(block.kct[t], [(block.kct_domain[d, t], sizes[d]) for d in used], scenario.kct.rho_domains),
    )
    return [*families, national]


def _add_form(block: Block, scenario: Scenario, used: list[str], kinds: dict[str, list[str]]) -> list[ConcaveFamily]:
    """The relation of the chosen form for every domain and year."""
    years, kct = scenario.horizon.all_years, scenario.kct
    rho = {"cobb_douglas": 0.0, "linear": 1.0}.get(kct.form, kct.rho)

    def terms(d: str, t: int, chosen: list[str]) -> list[tuple[Any, float]]:
        return [(block.score[d, k, t], weight) for k, weight in type_weights(kct, chosen).items()]

    match kct.form:
        case "nested":
            return _add_nested(block, scenario, used, kinds, terms)
        case "leontief":
            index = [(d, k) for d in used for k in type_weights(kct, kinds[d])]
            rule = lambda b, d, k, t: b.kct_domain[d, t] <= b.score[d, k, t]  # noqa: E731 - one Pyomo rule
            block.domain_value = Constraint(index, years, rule=rule)
            return []
        case _:
            made = lambda d, t: mean(block.kct_domain[d, t], terms(d, t, kinds[d]), rho)  # noqa: E731 - one rule
            return [add_family(block, "domain_value", used, years, rule=made)]


def _add_nested(
    block: Block, scenario: Scenario, used: list[str], kinds: dict[str, list[str]], terms: Any
) -> list[ConcaveFamily]:
    """Weak-link mean of B, M and S, multiplied by the accelerators."""
    years, kct = scenario.horizon.all_years, scenario.kct

    def weak(d: str, t: int) -> Any:
        rest = [k for k in kinds[d] if k != "A"]
        return mean(block.weak_link[d, t], terms(d, t, rest), kct.rho) if rest else block.weak_link[d, t] <= 1.0

    def nested(d: str, t: int) -> Any:
        alpha = multiplier(kct, set(kinds[d]))
        factors = [(block.weak_link[d, t], 1 - alpha)] if alpha < 1 else []
        factors += [(block.score[d, "A", t], alpha)] if alpha > 0 else []
        return PowerProduct(block.kct_domain[d, t], 1.0, factors)

    return [
        add_family(block, "weak_link_law", used, years, rule=weak),
        add_family(block, "domain_value", used, years, rule=nested),
    ]


def base_shield(scenario: Scenario, base: BaseYear) -> np.ndarray:
    """National scores of M and S in the base year, shape (2,); 0 where no domain has the type."""
    scores = base_scores(scenario, base)
    return np.array(
        [sum(weight * scores[d, kind] for d, weight in national_weights(scenario, kind).items()) for kind in "MS"]
    )
