"""Why a scenario has no plan: rules that collide, where each is set, by how much each would have to give.

diagnosis = diagnose(scenario, origin, time_limit=60)
diagnosis.status        'feasible', 'infeasible' or 'unknown'
diagnosis.conflicts     the rules of each conflict with their amounts
diagnosis.text("en")    the whole in words
"""

from __future__ import annotations

import csv
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from kctopt.analysis.attainable import SECONDS, Attainable, Nearest, attainable, hard_targets
from kctopt.analysis.conflicts import Conflict, Findings, findings
from kctopt.analysis.trials import Trials
from kctopt.analysis.verdicts import Given, Plan, Step
from kctopt.arguments import checked_lang, checked_place
from kctopt.disk import or_kept, write_folder
from kctopt.own import NOTHING_OWN, OwnParts
from kctopt.program import Program, build
from kctopt.result.folder import write_json
from kctopt.result.named import NamedRule, RuleNames
from kctopt.result.run import dump_scenario
from kctopt.scenario.records import Scenario, TargetPolicy
from kctopt.simulate import simulate
from kctopt.solver.solve import engine_of

TIME_LIMIT = 60.0  # seconds
ANY = 1.0  # relative gap at which any plan will do
LEAST = 1.0  # seconds left from which on it is worth asking how near targets can come
FILE = "diagnosis.json"
TABLE = "conflicts.csv"


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


@dataclass(frozen=True)
class Diagnosis:
    """What keeps a scenario from having a plan; `plan` is one where it has.

    `origin` maps paths of values to `file:line`. `seconds` is the time taken, `stopped` says that the limit ended it
    early; what is in `conflicts` is proven all the same, except that a conflict may hold more rules than it must
    (its `minimal` is False then).
    """

    scenario: Scenario
    origin: Mapping[str, str]
    findings: Findings
    seconds: float
    stopped: bool
    sizes: Mapping[str, float] = field(default_factory=dict)
    attained: Attainable | None = None  # how near the targets can come, where one is in a conflict
    own: tuple[str, ...] = ()  # components that the user added to the program

    @property
    def status(self) -> Literal["feasible", "infeasible", "unknown"]:
        """`unknown` where time ran out, or neither a plan nor a proof was found."""
        if self.findings.plan is not None:
            return "feasible"
        return "infeasible" if self.findings.conflicts else "unknown"

    @property
    def exit_code(self) -> int:
        """0 feasible, 4 infeasible, 6 unknown."""
        return {"feasible": 0, "infeasible": 4, "unknown": 6}[self.status]

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
        return tuple(tuple(self._member(name, one) for name in one.rules) for one in self.findings.conflicts)

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

    def text(self, lang: str = "en") -> str:
        """The diagnosis in words, lines for a terminal."""
        from kctopt.analysis.diagnosis_text import text

        return "\n".join(text(self, checked_lang(lang)))

    def sentences(self, lang: str = "en") -> list[str]:
        """One sentence for each conflict: what collides, where it is set, what would have to give."""
        from kctopt.analysis.diagnosis_text import sentence

        checked_lang(lang)
        return [sentence(self, n, lang) for n in range(len(self.conflicts))]

    def data(self) -> dict[str, Any]:
        """The diagnosis as JSON prints it."""
        conflicts = [
            {
                "rules": [asdict(member) for member in members],
                "minimal": one.minimal, "integer": one.integer, "laws": list(one.laws),
                "together_shown": one.together is not None and one.together.shown,
            }
            for one, members in zip(self.findings.conflicts, self.conflicts, strict=True)
        ]  # fmt: skip
        return {
            "schema_version": 1,
            "scenario": self.scenario.name,
            "status": self.status,
            "conflicts": conflicts,
            "complete": self.findings.complete,
            "repair": self.repair,
            "repair_values": self.repair_values,
            "repair_shown": bool(self.findings.repair and self.findings.repair.shown),
            "sentences": {lang: self.sentences(lang) for lang in ("en", "zh")},
            "attainable": None if self.attained is None else list(map(asdict, self._nearest())),
            "plan": None if self.plan is None else self._plan_data(self.plan),
            "seconds": round(self.seconds, 3),
            "stopped": self.stopped,
        }

    def save(self, folder: str | Path) -> Path:
        """Write diagnosis.json, conflicts.csv and scenario.yaml to a new folder; returns where it went.

        Raises WriteError where that cannot be; they are then kept where the error says.
        """
        target = checked_place("folder", folder, "the folder for the diagnosis")

        def fill(place: Path) -> None:
            write_json(place / FILE, self.data())
            (place / "scenario.yaml").write_text(dump_scenario(self.scenario), encoding="utf-8", newline="\n")
            with (place / TABLE).open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file, lineterminator="\r\n")
                writer.writerow(["conflict", *Member.__dataclass_fields__, "repair"])
                for number, members in enumerate(self.conflicts, 1):
                    for member in members:
                        cells = [_cell(value) for value in asdict(member).values()]
                        writer.writerow([number, *cells, _cell(self.repair.get(member.rule))])

        return or_kept(target, lambda place: write_folder(place, fill))

    def rule(self, name: str) -> NamedRule:
        """A named rule."""
        return self.names.rule(name)

    def _member(self, name: str, conflict: Conflict) -> Member:
        rule, alone = self.rule(name), conflict.alone.get(name)
        rows = [row for row in conflict.rows if self.names.of(row) == name]
        lines, years = {line.id for line in self.scenario.lines}, set(map(str, self.scenario.horizon.years))
        keys = [key for row in rows for key in row.rstrip("]").partition("[")[2].split(",")]
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

    def _nearest(self) -> list[Nearest]:
        return [] if self.attained is None else [self.attained.together, *self.attained.alone]

    def _plan_data(self, plan: Plan) -> dict[str, Any]:
        spend = plan.money.spend.sum(axis=0)
        years = self.scenario.horizon.years
        return {
            "objective": objective(self.scenario, plan),
            "spend": {str(year): round(float(amount), 6) for year, amount in zip(years, spend, strict=True)},
        }


def diagnose(
    source: Scenario | Program, origin: Mapping[str, str] | None = None, time_limit: float | None = TIME_LIMIT,
    attain: bool = True, own: OwnParts | None = None,
) -> Diagnosis:  # fmt: skip
    """Find the rules that keep a scenario, or a program with constraints of the user's own, from having a plan.

    For the objective `earliest` the targets are asked for at the end of the last planned year. With `attain`, where a
    hard target collides, the time left is used to find how near it can come.
    """
    started = time.perf_counter()
    deadline = np.inf if time_limit is None else started + time_limit
    program = source if isinstance(source, Program) else build(_due(source))
    trials = Trials(program, deadline, own or NOTHING_OWN)
    found = findings(trials)
    if found.plan is None and not found.conflicts:
        found = replace(found, plan=_solved(trials))
    done = found.plan is not None or (found.complete and all(one.minimal for one in found.conflicts))
    stopped = not done and time.perf_counter() >= deadline
    attained = _attained(program, found, trials.left()) if attain and not own else None
    seconds = time.perf_counter() - started
    return Diagnosis(
        program.scenario, origin or {}, found, seconds, stopped, trials.sizes, attained, tuple(program.own())
    )


def _solved(trials: Trials) -> Plan | None:
    """Any plan that the engine finds in the time left, which these questions did not."""
    if trials.left() <= 0 or trials.own:
        return None
    outcome = engine_of(trials.program).solve(gap=ANY, time_limit=trials.left())
    if outcome.money is None:
        return None
    plan = Plan(outcome.money, outcome.choices)
    return plan if not trials.broken(plan) else None


def _attained(program: Program, found: Findings, seconds: float) -> Attainable | None:
    """How near hard targets can come, where one collides and there is time."""
    rules = {rule for conflict in found.conflicts for rule in conflict.rules}
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


def _together(given: Given | None, rule: NamedRule) -> float | None:
    """What a rule gives in the unit of its number when all give; as a plan shows it, or proven where none does."""
    if given is None or rule.name not in given.by:
        return None if given is None else 0.0
    return given.enough.get(rule.name, given.least.get(rule.name))


def _cell(value: Any) -> str:
    """A value as a cell of CSV; several in one are joined by ';'."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ";".join(f"{one['path']}={one['to']}" if isinstance(one, dict) else str(one) for one in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
