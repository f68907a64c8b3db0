"""Why a scenario has no plan: rules that conflict, where each is set, how far each would have to be relaxed.

diagnosis = diagnose(scenario, Diagnosis, origin, time_limit=60)
diagnosis.status        'feasible', 'infeasible' or 'unknown'
diagnosis.conflicts     the rules of each conflict with their amounts
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np

from kctopt.analysis.attainable import SECONDS, Attainable, attainable, hard_targets
from kctopt.analysis.conflicts import Conflict, Findings, findings
from kctopt.analysis.trials import Trials
from kctopt.analysis.verdicts import Plan, Relaxation, Step
from kctopt.brief import brief, counted
from kctopt.cache import Steps
from kctopt.naming import Name
from kctopt.own import NOTHING_OWN, OwnParts
from kctopt.program import Program, build
from kctopt.progress import step
from kctopt.result.own import question_hash
from kctopt.result.schemas import scenario_hash
from kctopt.rules.named import NamedRule, RuleNames
from kctopt.scenario.records import Scenario, TargetPolicy
from kctopt.simulator import simulate
from kctopt.solver.solve import engine_of
from kctopt.status import DiagnosisStatus

TIME_LIMIT = 60.0  # seconds
ANY = 1.0  # relative gap at which any plan will do
LEAST = 1.0  # seconds left from which on it is worth asking how near targets can come


@dataclass(frozen=True)
class Member:
    """A rule of a conflict. Amounts are in `unit`, as its number is entered; None where none was found in time."""

    rule: str
    kind: str
    sense: str  # '>=' asks for at least `amount`, '<=' for at most
    amount: float | None  # what the scenario says; None where that is no number, or several
    unit: str
    paths: tuple[str, ...]  # values of the scenario that say it
    origin: tuple[str, ...]  # file:line of each that is known
    years: tuple[int, ...]  # in which it collides; empty where it is about no year, or only whole decisions collide
    lines: tuple[str, ...]
    alone: float | None  # less than this is proven not to be enough if the others hold
    alone_enough: float | None  # a simulated plan shows that this much is; None where none was found
    alone_values: tuple[Step, ...]  # the numbers to enter with which it is
    alone_mends: bool  # so that every other rule of the scenario holds; if not, those of the conflict
    alone_times: float | None  # what its rows give alone, over its size
    together: float | None  # what it gives when all give, at the least sum over their sizes
    needed: bool  # a simulated plan keeps all others of the conflict, so it is no bystander


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """What keeps a scenario from having a plan, as data; `kctopt.diagnose` returns it with what is told and saved."""

    scenario: Scenario
    origin: Mapping[str, str]
    findings: Findings
    seconds: float
    stopped: bool
    sizes: Mapping[str, float] = field(default_factory=dict)
    attained: Attainable | None = None  # how near the targets can come, where one is in a conflict
    own: tuple[str, ...] = ()  # components that the user added to the program
    proven: bool = False  # a solve proved that there is no plan, whether rules that conflict were found or not

    def __repr__(self) -> str:
        conflicts = [" + ".join(conflict.rules) for conflict in self.findings.conflicts]
        return brief(self, self.scenario.name, self.status, counted(len(conflicts), "conflict"), *conflicts)

    @property
    def status(self) -> DiagnosisStatus:
        """`unknown` where time ran out, or neither a plan nor a proof was found."""
        if self.findings.plan is not None:
            return DiagnosisStatus.FEASIBLE
        proven = self.findings.conflicts or self.proven
        return DiagnosisStatus.INFEASIBLE if proven else DiagnosisStatus.UNKNOWN

    @property
    def exit_code(self) -> int:
        """0 feasible, 4 infeasible, 6 unknown."""
        return self.status.exit_code

    @property
    def plan(self) -> Plan | None:
        """A plan that keeps every rule, simulated; not the best one."""
        return self.findings.plan

    @cached_property
    def names(self) -> RuleNames:
        """The named rules of the scenario."""
        return RuleNames(self.scenario, self.own)

    @cached_property
    def conflicts(self) -> tuple[tuple[Member, ...], ...]:
        """The rules of each conflict."""
        return tuple(
            tuple(self._member(name, conflict) for name in conflict.rules) for conflict in self.findings.conflicts
        )

    @property
    def repair(self) -> dict[str, float]:
        """What rules give so that every rule of the scenario holds, shown by a plan; empty where none was found.

        It is the least, by their sizes, up to the little room that the plan needed. A rule that no number says gives
        as a whole and is missing here.
        """
        return dict(self.findings.repair.enough) if self.findings.repair is not None else {}

    @property
    def repair_values(self) -> dict[str, float]:
        """Numbers to enter, by path, with which every rule of the scenario holds; empty where none was found."""
        steps = self.findings.repair.steps.values() if self.findings.repair is not None else ()
        return {step.path: step.to for group in steps for step in group}

    def rule(self, name: str) -> NamedRule:
        """A named rule."""
        return self.names.rule(name)

    def _member(self, name: str, conflict: Conflict) -> Member:
        rule, alone = self.rule(name), conflict.alone.get(name)
        rows = [row for row in conflict.rows if self.names.of(row) == name]
        lines, years = {line.id for line in self.scenario.lines}, set(map(str, self.scenario.horizon.years))
        keys = [key for row in rows for key in Name.parse(row).keys]
        at = [self.origin[path] for path in rule.paths if path in self.origin and self.origin[path] != "default"]
        return Member(
            name, rule.kind, rule.sense, rule.amount, rule.unit, rule.paths, tuple(dict.fromkeys(at)),
            tuple(sorted({int(key) for key in keys if key in years})),
            tuple(dict.fromkeys(key for key in keys if key in lines)),
            alone.least.get(name) if alone is not None else None,
            alone.enough.get(name) if alone is not None else None,
            alone.steps.get(name, ()) if alone is not None else (),
            name in conflict.mends,
            alone.by[name] / self.sizes.get(name, 1.0) if alone is not None else None,
            _together(conflict.together, rule),
            name in conflict.without,
        )  # fmt: skip


Kind = TypeVar("Kind", bound=Diagnosis)


def diagnose(
    source: Scenario | Program, kind: type[Kind], origin: Mapping[str, str] | None = None,
    time_limit: float | None = TIME_LIMIT, attain: bool = True, own: OwnParts | None = None,
    folder: Path | None = None, proven: bool = False,
) -> Kind:  # fmt: skip
    """Find the rules that keep a scenario, or a program with constraints of the user's own, from having a plan.

    What is found is a record of this kind.

    For the objective `earliest` the targets are asked for at the end of the last planned year. With `attain`, where a
    hard target collides, the time left is used to find how near it can come. What is found on the way is kept in
    `folder` until the end, so that an interrupted diagnosis goes on from there. `proven` says that a solve of the same
    question proved that there is no plan.
    """
    started = time.perf_counter()
    deadline = np.inf if time_limit is None else started + time_limit
    program = source if isinstance(source, Program) else build(_due(source))
    own = own or NOTHING_OWN
    question = question_hash(scenario_hash(program.scenario), own)
    steps = Steps(folder, "diagnosis", {"question": question})
    trials = Trials(program, deadline, own, steps)
    step(f"diagnosing {program.scenario.name}")
    outcome = findings(trials)
    if outcome.plan is None and not outcome.conflicts and not proven:
        plan, proven = _solved(trials)
        outcome = replace(outcome, plan=plan)
    done = outcome.plan is not None or (outcome.complete and all(conflict.minimal for conflict in outcome.conflicts))
    stopped = not done and time.perf_counter() >= deadline
    attained = _attained(program, outcome, trials.left()) if attain and not own else None
    steps.finish()
    seconds = time.perf_counter() - started
    return kind(
        program.scenario, origin or {}, outcome, seconds, stopped, trials.sizes, attained, tuple(program.own()), proven
    )


def _solved(trials: Trials) -> tuple[Plan | None, bool]:
    """A plan that the engine finds in the time left, where these questions found none; or whether there is proof."""
    if trials.left() <= 0 or trials.own:
        return None, False
    outcome = engine_of(trials.program).solve(gap=ANY, time_limit=trials.left())
    if outcome.status == "interrupted":
        raise KeyboardInterrupt
    if outcome.money is None:
        return None, outcome.status == "infeasible"
    plan = Plan(outcome.money, outcome.choices)
    return (plan if not trials.broken(plan) else None), False


def _attained(program: Program, outcome: Findings, seconds: float) -> Attainable | None:
    """How near hard targets can come, where one conflicts and there is time."""
    rules = {rule for conflict in outcome.conflicts for rule in conflict.rules}
    hard = {f"policies.{policy.id}" for policy in hard_targets(program.scenario)}
    if not rules & hard or program.own() or seconds < LEAST:
        return None
    return attainable(program.scenario, time_limit=min(seconds, SECONDS))


def objective(scenario: Scenario, plan: Plan) -> float:
    """Simulated value of a plan, in the objective's unit."""
    return float(simulate(scenario, plan.money, choices=plan.choices).objective)


def _due(scenario: Scenario) -> Scenario:
    """With the objective `earliest`, the scenario with its targets due at the end of the last planned year."""
    if scenario.objective.kind != "earliest":
        return scenario
    last = scenario.horizon.last_year
    policies = tuple(
        policy.model_copy(update={"by": last}) if isinstance(policy, TargetPolicy) and not policy.soft else policy
        for policy in scenario.policies
    )
    kind = scenario.objective.model_copy(update={"kind": "national_security"})
    return scenario.model_copy(update={"policies": policies, "objective": kind})


def _together(given: Relaxation | None, rule: NamedRule) -> float | None:
    """What a rule gives in the unit of its number when all give; as a plan shows it, or proven where none does."""
    if given is None or rule.name not in given.by:
        return None if given is None else 0.0
    return given.enough.get(rule.name, given.least.get(rule.name))
