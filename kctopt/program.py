"""The program: the Pyomo model of a scenario, every variable first, then every relation, by explicit calls."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyomo.common.gc_manager import PauseGC
from pyomo.common.log import LoggingIntercept
from pyomo.environ import Block, ConcreteModel, Constraint, Var

from kctopt.concave import Family
from kctopt.errors import ProgramError
from kctopt.formulation import (
    codevelopment,
    dependency,
    diffusion,
    kct,
    knowledge,
    ladder,
    modes,
    money,
    objective,
    programmes,
    quadrants,
    rule_of,
    scale,
    security,
    substitution,
    switching,
    targets,
    tranches,
)
from kctopt.scenario.calibrate import BaseYear, calibrate
from kctopt.scenario.records import Scenario, TargetPolicy

BLOCKS = (
    "money", "knowledge", "ladder", "substitution", "diffusion", "quadrants", "switching", "modes", "scale",
    "dependency", "kct", "security", "policies", "objective", "tranches", "programmes",
)  # fmt: skip

PYOMO = threading.RLock()  # held while a model is built or read: Pyomo's log and its pause of the collector are shared


@dataclass(frozen=True)
class Program:
    """A scenario as a Pyomo model, ready to be extended, compiled or handed to another solver.

    `model` holds every exact relation. Own variables and linear constraints may be added to it before it is solved.
    `families` lists the concave relations; `seconds` is the time it took to build.
    """

    scenario: Scenario
    base: BaseYear
    model: ConcreteModel
    families: list[Family]
    seconds: float
    built: frozenset[str] = frozenset()  # the components that `build` made, by path
    columns: frozenset[str] = frozenset()  # those of them that are variables
    laws: tuple[tuple[Any, Any], ...] = ()  # the constraints of `families` and what each said when it was built

    @property
    def discrete(self) -> bool:
        """Whether an integer variable is left open."""
        for data in self.model.component_data_objects(Var, active=True, descend_into=True):
            if not data.is_continuous() and not data.fixed and (None in data.bounds or data.ub - data.lb > 0.5):
                return True
        return False

    def own(self) -> list[str]:
        """Paths of the components that a user added to the model."""
        return [path(part) for part in self.model.component_objects((Var, Constraint)) if path(part) not in self.built]

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Refused with a model: its rules are functions of this process, and a copy must not lose a user's changes."""
        if self.model is None:  # analyses send the rest to other processes
            return super().__reduce_ex__(protocol)
        raise ProgramError(
            "a program cannot be pickled or copied, since its rules are Python functions: pass on program.scenario, "
            "build it there and add your own parts again"
        )


def path(component: Any) -> str:
    """Name of a variable or constraint as users read it, with every block above it: money.budget, site[a].room."""
    block, name = component.parent_block(), rule_of(component.local_name)
    return name if block is None or block.parent_block() is None else f"{rule_name(block)}.{name}"


def rule_name(data: Any) -> str:
    """Name of one constraint, variable or block as users read it: money.budget[2027]."""
    component = data.parent_component()
    if not component.is_indexed():
        return path(component)
    index = data.index()
    return f"{path(component)}[{','.join(map(str, index if isinstance(index, tuple) else (index,)))}]"


def rule_names(data: Iterable[Any]) -> list[str]:
    """`rule_name` of many, quicker: the name of a component is made once."""
    prefixes: dict[int, str] = {}
    names = []
    for one in data:
        component = one.parent_component()
        prefix = prefixes.get(id(component))
        if prefix is None:
            prefix = prefixes[id(component)] = path(component)
        if component.is_indexed():
            index = one.index()
            prefix = f"{prefix}[{','.join(map(str, index)) if isinstance(index, tuple) else index}]"
        names.append(prefix)
    return names


def build(scenario: Scenario) -> Program:
    """Build the program of a scenario."""
    started = time.perf_counter()
    base = calibrate(scenario)
    model = ConcreteModel(name=scenario.name)
    with PYOMO, PauseGC(), LoggingIntercept(sys.stderr, "pyomo"):  # Pyomo would speak on stdout
        logging.getLogger("pyomo").handlers[0].addFilter(_is_fault)
        for name in BLOCKS:
            model.add_component(name, Block())
        most = _most_capability(scenario, base)
        _add_variables(model, scenario, base)
        _add_choices(model, scenario, base, most)
        families = _add_relations(model, scenario, base)
        families += _add_choice_relations(model, scenario, base, most)
        _add_projects(model, scenario, base)
    built, columns = (
        frozenset(path(part) for part in model.component_objects(kinds)) for kinds in ((Var, Constraint), Var)
    )
    laws = tuple((data, data.expr) for family in families for data in family.constraint.values())
    return Program(scenario, base, model, families, time.perf_counter() - started, built, columns, laws)


def _is_fault(_: logging.LogRecord) -> bool:
    """Whether what Pyomo logs is a fault, and no interrupt on its way through Pyomo."""
    return not isinstance(sys.exc_info()[1], KeyboardInterrupt)


def build_nearest(scenario: Scenario, asked: Sequence[TargetPolicy]) -> Program:
    """The program of how near a plan can come to targets: the share of what each asks that all their lines reach.

    All targets of the scenario are left aside, its other rules stay. The parts added count as a user's own.
    """
    rest = tuple(policy for policy in scenario.policies if not isinstance(policy, TargetPolicy))
    program = build(scenario.model_copy(update={"policies": rest}))
    model = program.model
    targets.add_nearest(
        model, program.scenario, program.base, asked, capability=model.ladder.capability,
        substitute=model.substitution.substitute,
    )  # fmt: skip
    model.objective.value.deactivate()
    return program


def build_near(scenario: Scenario, planned: Mapping[str, np.ndarray], most: float, more: float) -> Program:
    """The program of plans that take no more money than `most` billion CNY from planned amounts.

    They spend `more` more at most, billion CNY over all years. `planned` has the amounts of every track. The parts
    added count as a user's own.
    """
    program = build(scenario)
    tracks = [(getattr(program.model.money, name), amounts.ravel().tolist()) for name, amounts in planned.items()]
    program.model.near = Block()
    money.add_changes(program.model.near, tracks, most, more)
    return program


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


def _add_relations(m: Any, scenario: Scenario, base: BaseYear) -> list[Family]:
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
    families += substitution.add_constraints(m.substitution, scenario, base, spend=m.money.substitution)
    families += diffusion.add_constraints(
        m.diffusion, scenario, base, capability=capability, exchange=exchange, reach=reach,
        inflow=modes.inflow(m.modes, scenario),
    )  # fmt: skip
    families += kct.add_constraints(m.kct, scenario, base, capability=capability, substitute=substitute)
    return families + _add_national(m, scenario, base)


def _costs(m: Any, scenario: Scenario) -> Callable[[int], Any]:
    """What discrete decisions take from each year's budget: programmes and changes of cooperation mode."""
    change = modes.change_cost(m.modes, scenario)
    return lambda t: programmes.cost(m.programmes, scenario.programmes, t) + change(t)


def _add_national(m: Any, scenario: Scenario, base: BaseYear) -> list[Family]:
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
        m.security,
        scenario,
        kct=m.kct.kct,
        shield=shield,
        loss=m.dependency.loss,
        kct_0=kct.base_value(scenario, base),
        shield_0=float(moat_0 + security_0) / max(1, shields),
        loss_0=dependency.base_loss(scenario, base, float(security_0)),
        market=modes.market(m.modes, scenario),
    )
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
        scenario,
        base,
        spillover=knowledge.spillover_weights(scenario),
        yields=knowledge.yield_factor(scenario, base) * base.yields[:, :, None],
        catch_up=diffusion.catch_up(scenario, base),
        exchange_inflow=diffusion.exchange_inflow(scenario, base),
    )


def _add_choices(m: Any, scenario: Scenario, base: BaseYear, most: np.ndarray | None) -> None:
    """The variables of the discrete options; none where these are off."""
    switching.add_variables(m.switching, scenario, base, most=most)
    modes.add_variables(m.modes, scenario)
    scale.add_variables(m.scale, scenario)
    tranches.add_variables(m.tranches, scenario, base)
    programmes.add_variables(m.programmes, scenario.programmes, scenario.horizon.years)


def _add_choice_relations(m: Any, scenario: Scenario, base: BaseYear, most: np.ndarray | None) -> list[Family]:
    """The relations of switching, cooperation modes and least scale."""
    spend, exchange = m.money.spend, m.money.exchange
    switching.add_constraints(m.switching, scenario, base, capability=m.ladder.capability, exchange=exchange, most=most)
    scale.add_constraints(m.scale, scenario, spend=spend)
    return modes.add_constraints(
        m.modes,
        scenario,
        base,
        spend=spend,
        exchange=exchange,
        exchange_inflow=diffusion.exchange_inflow(scenario, base),
        reach=switching.within_reach(m.switching, scenario),
    )


def _add_projects(m: Any, scenario: Scenario, base: BaseYear) -> None:
    """The relations of tranches, bands and programmes."""
    years, researchers = scenario.horizon.years, scenario.catalogue.researchers
    staff = None if researchers is None else dict(zip(years, map(float, researchers.at(years)), strict=True))
    tranches.add_constraints(m.tranches, scenario, base, strategic=m.money.strategic)
    codevelopment.add_constraints(m.policies, scenario, base, capability=m.ladder.capability)
    programmes.add_constraints(m.programmes, scenario.programmes, years, staff)
