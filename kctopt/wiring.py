"""The blocks wired into a program: every variable first, then every relation, by explicit calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kctopt.concave import ConcaveFamily
from kctopt.formulation import (
    codevelopment,
    dependency,
    diffusion,
    kct,
    knowledge,
    ladder,
    market,
    modes,
    money,
    objective,
    programmes,
    quadrants,
    scale,
    security,
    substitution,
    switching,
    targets,
    tranches,
)
from kctopt.scenario.calibrate import BaseYear
from kctopt.scenario.records import Scenario

BLOCKS = (
    "money", "knowledge", "ladder", "substitution", "diffusion", "quadrants", "switching", "modes", "market",
    "scale", "dependency", "kct", "security", "policies", "objective", "tranches", "programmes",
)  # fmt: skip


def wire(model: Any, scenario: Scenario, base: BaseYear) -> list[ConcaveFamily]:
    """Every variable, then every relation, in the blocks of a model; returns its concave families."""
    most = _most_capability(scenario, base)
    _add_variables(model, scenario, base)
    _add_choices(model, scenario, base, most)
    families = _add_relations(model, scenario, base)
    families += _add_choice_relations(model, scenario, base, most)
    _add_projects(model, scenario, base)
    return families


def _add_variables(model: Any, scenario: Scenario, base: BaseYear) -> None:
    """Every variable of every block."""
    money.add_variables(model.money, scenario)
    knowledge.add_variables(model.knowledge, scenario)
    ladder.add_variables(model.ladder, scenario)
    substitution.add_variables(model.substitution, scenario, base)
    diffusion.add_variables(model.diffusion, scenario)
    quadrants.add_variables(model.quadrants, scenario)
    dependency.add_variables(model.dependency, scenario)
    kct.add_variables(model.kct, scenario)
    security.add_variables(model.security, scenario)
    market.add_variables(model.market, scenario)


def _add_relations(m: Any, scenario: Scenario, base: BaseYear) -> list[ConcaveFamily]:
    """Every relation of every block; returns the concave families."""
    counted, exchange = tranches.effective_spend(m.tranches, m.money.strategic), m.money.exchange
    stock, capability, substitute = m.ladder.stock, m.ladder.capability, m.substitution.substitute
    reach = switching.within_reach(m.switching, scenario)
    money.add_constraints(m.money, m.policies, scenario, costs=_costs(m, scenario))
    quadrants.add_constraints(
        m.quadrants, scenario, spend=m.money.spend, exchange=exchange, reach=reach,
        exposed=modes.exposed(m.modes, scenario),
    )  # fmt: skip
    ladder.add_constraints(
        m.ladder, scenario, base, production=m.knowledge.production, inflow=m.diffusion.inflow,
        gain=lambda i, r, t: programmes.gain(m.programmes, scenario.programmes, i, r, t),
        restraint=switching.restraint(m.switching, scenario, base),
    )  # fmt: skip
    families = knowledge.add_constraints(
        m.knowledge, scenario, base, strategic=counted, stock=stock, capability=capability
    )
    families += substitution.add_constraints(
        m.substitution, scenario, base, spend=m.money.substitution, capability=capability
    )
    families += diffusion.add_constraints(
        m.diffusion, scenario, base, capability=capability, exchange=exchange, reach=reach,
        inflow=modes.inflow(m.modes, scenario),
    )  # fmt: skip
    families += kct.add_constraints(m.kct, scenario, base, capability=capability, substitute=substitute)
    families += market.add_constraints(
        m.market, scenario, base, exchange=exchange, modes=modes.market(m.modes, scenario), reach=reach,
        by_mode=modes.by_mode(m.modes, scenario),
    )  # fmt: skip
    return families + _add_national(m, scenario, base)


def _costs(m: Any, scenario: Scenario) -> Callable[[int], Any]:
    """What discrete decisions take from each year's budget: programmes and changes of cooperation mode."""
    change = modes.change_cost(m.modes, scenario)
    return lambda t: programmes.cost(m.programmes, scenario.programmes, t) + change(t)


def _add_national(m: Any, scenario: Scenario, base: BaseYear) -> list[ConcaveFamily]:
    """Relations of the national indices, targets and the objective."""
    capability, substitute = m.ladder.capability, m.substitution.substitute

    def score(kind: str) -> Any:
        return lambda t: kct.national_score(scenario, m.kct.score, kind, t)

    def shield(t: int) -> Any:
        return (score("M")(t) + score("S")(t)) / max(1, shields)

    moat_0, security_0 = kct.base_shield(scenario, base)
    shields = (moat_0 > 0) + (security_0 > 0)
    dependency.add_constraints(
        m.dependency, scenario, base, capability=capability, substitute=substitute, security_score=score("S")
    )
    families = security.add_constraints(
        m.security, scenario, kct=m.kct.kct, shield=shield, loss=m.dependency.loss,
        kct_0=kct.base_value(scenario, base), shield_0=float(moat_0 + security_0) / max(1, shields),
        military_loss=dependency.military_loss(m.dependency, scenario),
        market=market.gained(m.market, scenario, modes.market(m.modes, scenario)),
    )  # fmt: skip
    penalties = targets.add_constraints(m.policies, scenario, base, capability=capability, substitute=substitute)
    objective.add_objective(
        m.objective, scenario, security=m.security.security, available=m.money.available, penalties=penalties,
        reward=programmes.reward(m.programmes, scenario.programmes),
    )  # fmt: skip
    return families


def _most_capability(scenario: Scenario, base: BaseYear) -> np.ndarray | None:
    """Capability that no plan exceeds, from the coefficients of the laws; needed where stages switch."""
    if scenario.stages != "switching":
        return None
    return switching.most_capability(
        scenario, base, spillover=knowledge.spillover_weights(scenario),
        yields=knowledge.yield_factor(scenario, base) * base.yields[:, :, None],
        catch_up=diffusion.catch_up(scenario, base),
        exchange_inflow=diffusion.exchange_inflow(scenario, base),
    )  # fmt: skip


def _add_choices(m: Any, scenario: Scenario, base: BaseYear, most: np.ndarray | None) -> None:
    """The variables of the discrete options; none where these are off."""
    switching.add_variables(m.switching, scenario, base, most=most)
    modes.add_variables(m.modes, scenario)
    scale.add_variables(m.scale, scenario)
    tranches.add_variables(m.tranches, scenario, base)
    programmes.add_variables(m.programmes, scenario.programmes, scenario.horizon.years)


def _add_choice_relations(m: Any, scenario: Scenario, base: BaseYear, most: np.ndarray | None) -> list[ConcaveFamily]:
    """The relations of switching, cooperation modes and least scale."""
    spend, exchange = m.money.spend, m.money.exchange
    switching.add_constraints(m.switching, scenario, base, capability=m.ladder.capability, exchange=exchange, most=most)
    scale.add_constraints(m.scale, scenario, spend=spend)
    return modes.add_constraints(
        m.modes, scenario, base, spend=spend, exchange=exchange,
        exchange_inflow=diffusion.exchange_inflow(scenario, base), reach=switching.within_reach(m.switching, scenario),
    )  # fmt: skip


def _add_projects(m: Any, scenario: Scenario, base: BaseYear) -> None:
    """The relations of tranches, bands and programmes."""
    years, researchers = scenario.horizon.years, scenario.catalogue.researchers
    staff = None if researchers is None else dict(zip(years, map(float, researchers.at(years)), strict=True))
    tranches.add_constraints(m.tranches, scenario, base, strategic=m.money.strategic)
    codevelopment.add_constraints(m.policies, scenario, base, capability=m.ladder.capability)
    programmes.add_constraints(m.programmes, scenario.programmes, years, staff)
