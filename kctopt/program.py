"""The program of a scenario, its blocks wired by wiring.py.

It is made of records (algebra.py), which the solver reads; the same calls write it as a Pyomo model when `model` is
first asked for, and from then on the model is what counts.
"""

from __future__ import annotations

import gc
import logging
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from kctopt.algebra import Columns, Part, Rules, Single, as_arrays
from kctopt.brief import as_html, brief
from kctopt.concave import ConcaveFamily
from kctopt.errors import ProgramError
from kctopt.formulation import money, targets
from kctopt.naming import path, rule_of
from kctopt.scenario.calibrate import BaseYear, calibrate
from kctopt.scenario.records import Scenario, TargetPolicy
from kctopt.wiring import BLOCKS, wire

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
    _open: bool = False  # whether an integer was left open when it was built
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
            return self._open  # data that are patched are bounds of columns without integers
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
        wire(root, scenario, base)
    program = Program(scenario, base, root, 0.0)
    for _, part in variables(program):
        part.settle()
    columns = frozenset(name for name, _ in variables(program))
    rules = frozenset(name for name, part in components(program) if isinstance(part, Rules))
    whole = [part for _, part in variables(program) if part.integer]
    opened = any(high - low > 0.5 for part in whole for low, high in zip(part.lower, part.upper, strict=True))
    return Program(scenario, base, root, time.perf_counter() - started, columns | rules, columns, opened)


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
        families = wire(model, scenario, base)
    return Written(
        scenario, model, families, tuple((data, data.expr) for group in families for data in group.constraint.values())
    )


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
