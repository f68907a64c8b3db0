r"""National security: economic power, military power and KCT capability, 100 = the base year without cut-off.

    EP_t + X_t <= 100 (1 + g_E)^(t-t0) (KCT_t/KCT_0)^eps_E + M_t
    MP_t + Y_t <= 100 (1 + g_M)^(t-t0) (KCT_t/KCT_0)^eps_1 (ZMS_t/ZMS_0)^eps_2
    NS_t <= EP^a MP^b K^c,  K = 100 KCT_t/KCT_0        also ces, leontief, linear

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| EP | economic power | base year without cut-off = 100 | economic | law |
| MP | military power | base year without cut-off = 100 | military | law |
| NS | national security | base year without cut-off = 100 | security | law |
| M | market gain of exchange and cooperation modes over those of the base year | index points | market | market |
| X Y | losses from a cut-off | index points | loss, military_loss | dependency |
| ZMS | mean national score of moat and security technology | rival = 100 | kct.national_score | law |
| g_E g_M | trend of the ratio to the rival without KCT effects | 1/year | economy.trend, military.*.trend | model |
| a b c | weights of EP, MP and K, a + b + c = 1 | share | security.economy, .military, .technology | model |
| eps_E eps_1 eps_2 | elasticity | ratio | economy.kct_elasticity, military.kct_elasticity, .shield_elasticity | model |

NS = f(EP, MP, KCT) is the paper's (s.2); f and the elasticities are our hypotheses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kctopt.algebra import Block, Constraint, NonNegativeReals, Var
from kctopt.concave import ConcaveFamily, PowerProduct, add_family, mean
from kctopt.formulation import nothing
from kctopt.scenario.records import Scenario


def add_variables(block: Block, scenario: Scenario) -> None:
    """Economic power, military power and national security by year."""
    years = scenario.horizon.all_years
    block.economic = Var(years, domain=NonNegativeReals)
    block.military = Var(years, domain=NonNegativeReals)
    block.security = Var(years, domain=NonNegativeReals)


def add_constraints(
    block: Block, scenario: Scenario, *, kct: Any, shield: Any, loss: Any, kct_0: float, shield_0: float,
    military_loss: Callable[[int], Any] = nothing, market: Callable[[int], Any] = nothing,
) -> list[ConcaveFamily]:  # fmt: skip
    """Powers and national security; `shield`, `market` and `military_loss` by year, names in _0 the base year's."""
    years, t0 = scenario.horizon.all_years, scenario.horizon.base_year
    economy, military = scenario.economy, scenario.military

    def economic_power(t: int) -> PowerProduct:
        level = 100 * (1 + economy.trend) ** (t - t0)
        power = block.economic[t] + loss[t] - market(t)
        return PowerProduct(power, level, [(kct[t] / kct_0, economy.kct_elasticity)])

    def military_power(t: int) -> PowerProduct:
        level = 100 * (1 + military.chosen.trend) ** (t - t0)
        factors = [(kct[t] / kct_0, military.kct_elasticity)]
        if military.shield_elasticity > 0 and shield_0 > 0:
            factors.append((shield(t) / shield_0, military.shield_elasticity))
        return PowerProduct(block.military[t] + military_loss(t), level, factors)

    families = [
        add_family(block, "economic_power", years, rule=economic_power),
        add_family(block, "military_power", years, rule=military_power),
    ]
    return families + _add_form(block, scenario, kct, kct_0)


def _add_form(block: Block, scenario: Scenario, kct: Any, kct_0: float) -> list[ConcaveFamily]:
    """National security by the chosen form."""
    years, form = scenario.horizon.all_years, scenario.security
    rho = {"cobb_douglas": 0.0, "linear": 1.0}.get(form.form, form.rho)

    def parts(t: int) -> list[tuple[Any, float]]:
        technology = (100 / kct_0) * kct[t]
        return [(block.economic[t], form.economy), (block.military[t], form.military), (technology, form.technology)]

    if form.form == "leontief":
        used = [n for n, (_, weight) in enumerate(parts(years[0])) if weight > 0]
        block.least = Constraint(years, used, rule=lambda b, t, n: b.security[t] <= parts(t)[n][0])
        return []
    return [add_family(block, "security_law", years, rule=lambda t: mean(block.security[t], parts(t), rho))]
