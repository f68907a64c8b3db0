"""The program of a scenario: every variable first, then every relation, by explicit calls.

It is made of records (algebra.py), which the solver reads; the same calls write it as a Pyomo model when `model` is
first asked for, and from then on the model is what counts.
"""

from __future__ import annotations

import gc
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from kctopt.algebra import Columns, Part, Rules, Single, as_arrays
from kctopt.brief import as_html, brief
from kctopt.concave import ConcaveFamily
from kctopt.errors import ProgramError
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
from kctopt.naming import path, rule_of
from kctopt.scenario.calibrate import BaseYear, calibrate
from kctopt.scenario.records import Scenario, TargetPolicy

BLOCKS = (
    "money", "knowledge", "ladder", "substitution", "diffusion", "quadrants", "switching", "modes", "market",
    "scale", "dependency", "kct", "security", "policies", "objective", "tranches", "programmes",
)  # fmt: skip

PYOMO = threading.RLock()  # held while a model is built or read: Pyomo's log and its pause of the collector are shared


@dataclass(frozen=True)
class Written:
    """A program as Pyomo has it: the model, the concave families, and what each law said when it was written."""

    scenario: Scenario
    model: Any
    families: list[ConcaveFamily]
    laws: tuple[tuple[Any, Any], ...]


class _Later:
    """The Pyomo model of a program, written when it is first asked for."""

    written: Written | None = None


@dataclass(frozen=True, repr=False)
class Program:
    """A scenario as a mathematical program, ready to be solved, extended or handed to another solver.

    Own variables and linear constraints may be added to `model` before it is solved. It belongs to one thread at a
    time, and cannot be pickled.

    Attributes
    ----------
    scenario : Scenario
        What it was built from.
    model : pyomo.environ.ConcreteModel
        Every exact relation, written when it is first read.
    families : list of Family
        The concave relations of the model.
    seconds : float
        Time it took to build, without the model.
    discrete : bool
        Whether an integer variable is left open.

    Examples
    --------
    >>> import kctopt
    >>> program = kctopt.build("baseline")
    >>> program.discrete, program.written
    (False, False)
    """

    scenario: Scenario
    base: BaseYear
    parts: Part | None  # the records; made anew from the scenario where they are asked for and left out
    seconds: float
    built: frozenset[str] = frozenset()  # the components that `build` made, by path
    columns: frozenset[str] = frozenset()  # those of them that are variables
    _later: _Later = field(default_factory=_Later, repr=False)  # shared by copies: a user's changes stay

    def __repr__(self) -> str:
        model = f"{len(self.own())} own components" if self.written else "no Pyomo model yet"
        return brief(self, self.scenario.name, "with integers" if self.discrete else "no integers", model)

    def _repr_html_(self) -> str:
        return as_html(repr(self), {"scenario": self.scenario})

    @property
    def model(self) -> Any:
        """The Pyomo model."""
        return self._write().model

    @property
    def families(self) -> list[ConcaveFamily]:
        """The concave relations of the Pyomo model."""
        return self._write().families

    @property
    def laws(self) -> tuple[tuple[Any, Any], ...]:
        """The constraints of `families` and what each said when it was written."""
        return self._write().laws

    @property
    def written(self) -> bool:
        """Whether there is a Pyomo model, which may have been changed."""
        return self._later.written is not None

    @property
    def as_written(self) -> Program:
        """The program with the scenario that its model was written for; data may have been patched since."""
        return replace(self, scenario=self._write().scenario)

    def _write(self) -> Written:
        with PYOMO:
            if self._later.written is None:
                self._later.written = write(self.scenario, self.base)
        return self._later.written

    @property
    def discrete(self) -> bool:
        """Whether an integer variable is left open."""
        if not self.written:
            whole = (part for _, part in variables(self) if part.integer)
            return any(high - low > 0.5 for part in whole for low, high in zip(part.lower, part.upper, strict=True))
        from pyomo.environ import Var

        for data in self.model.component_data_objects(Var, active=True, descend_into=True):
            if not data.is_continuous() and not data.fixed and (None in data.bounds or data.ub - data.lb > 0.5):
                return True
        return False

    def own(self) -> list[str]:
        """Paths of the components that a user added to the model."""
        if not self.written:
            return []
        from pyomo.environ import Constraint, Var

        return [path(part) for part in self.model.component_objects((Var, Constraint)) if path(part) not in self.built]

    def with_data(self, scenario: Scenario) -> Program:
        """The program of a scenario whose other data are patched elsewhere; a model that was written stays as it is."""
        if self.written:
            return replace(self, scenario=scenario)
        return replace(self, scenario=scenario, base=calibrate(scenario), parts=None, _later=_Later())

    def without_parts(self) -> Program:
        """Without records and model, for other processes: neither can be sent."""
        return replace(self, parts=None, _later=_Later())

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Refused with a model: its rules are functions of this process, and a copy must not lose a user's changes."""
        if self.parts is None:  # analyses send the rest to other processes
            return super().__reduce_ex__(protocol)
        raise ProgramError(
            "a program cannot be pickled or copied, since the rules of its model are Python functions: pass on "
            "program.scenario, build it there and add your own parts again"
        )


def variables(program: Program) -> Iterator[tuple[str, Columns]]:
    """The variables of a program's records by path, in the order of its columns."""
    for name, part in components(program):
        if isinstance(part, Columns | Single):
            yield name, part if isinstance(part, Columns) else part.held


def components(program: Program) -> Iterator[tuple[str, Any]]:
    """The records of a program by path, block by block."""
    root = program.parts if program.parts is not None else build(program.scenario).parts
    assert root is not None  # those just built are there
    for block, part in root.parts.items():
        for name, component in part.parts.items():
            yield f"{block}.{rule_of(name)}", component


def build(scenario: Scenario) -> Program:
    """Build the program of a scenario."""
    started = time.perf_counter()
    base = calibrate(scenario)
    root = Part()
    with as_arrays(), without_collector():
        for name in BLOCKS:
            root.add_component(name, Part())
        _fill(root, scenario, base)
    program = Program(scenario, base, root, 0.0)
    for _, part in variables(program):
        part.settle()
    columns = frozenset(name for name, _ in variables(program))
    rules = frozenset(name for name, part in components(program) if isinstance(part, Rules))
    return Program(scenario, base, root, time.perf_counter() - started, columns | rules, columns)


def write(scenario: Scenario, base: BaseYear) -> Written:
    """The program of a scenario as a Pyomo model."""
    from pyomo.common.gc_manager import PauseGC
    from pyomo.common.log import LoggingIntercept
    from pyomo.environ import Block, ConcreteModel

    model = ConcreteModel(name=scenario.name)
    with PYOMO, PauseGC(), LoggingIntercept(sys.stderr, "pyomo"):  # Pyomo would speak on stdout
        logging.getLogger("pyomo").handlers[0].addFilter(_is_fault)
        for name in BLOCKS:
            model.add_component(name, Block())
        families = _fill(model, scenario, base)
    return Written(
        scenario, model, families, tuple((data, data.expr) for group in families for data in group.constraint.values())
    )


def _fill(model: Any, scenario: Scenario, base: BaseYear) -> list[ConcaveFamily]:
    """Every variable, then every relation, in the blocks of a model; returns its concave families."""
    most = _most_capability(scenario, base)
    _add_variables(model, scenario, base)
    _add_choices(model, scenario, base, most)
    families = _add_relations(model, scenario, base)
    families += _add_choice_relations(model, scenario, base, most)
    _add_projects(model, scenario, base)
    return families


@contextmanager
def without_collector() -> Iterator[None]:
    """No garbage is collected inside: many small records are made, and none is garbage."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


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
    from pyomo.environ import Block

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
