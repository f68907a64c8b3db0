"""How near a plan can come to targets that cannot hold, with a bound that no plan exceeds.

    near = attainable(kctopt.load("impossible.yaml"))
    near.together[0].share, near.together[0].bound     # 0.62, 0.63: of what every target asks
    print("\n".join(near.sentences(scenario)))

The largest share of what the targets ask that a plan can reach on all their lines, by the year they are due, with all
other rules kept: for all hard targets together, and for each alone with the others left aside. For the objective
`earliest`, whose targets have no year of their own, the year is the last one planned; for `min_budget` any budget may
be spent.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from kctopt.analysis.rounding import no_less, no_more
from kctopt.analysis.saved import Analysis
from kctopt.language import LANGUAGES, Texts, checked_lang, translate
from kctopt.program import build_nearest
from kctopt.progress import Listener, listened, step
from kctopt.result.text import name
from kctopt.scenario.records import Scenario, TargetPolicy
from kctopt.scenario.select import target_lines
from kctopt.simulator import simulate
from kctopt.solver.held import held_columns
from kctopt.solver.outcome import Outcome
from kctopt.solver.solve import engine_of
from kctopt.table import Column, Table

GAP = 1e-3  # relative gap of the share
SECONDS = 120.0  # for all solves together, unless told otherwise
SHORT = 2e-3  # lines within this of the smallest share are named
NAMED = 4  # lines named in a sentence

NEAREST = (
    Column("target", "string", "id of the target"),
    Column("alone", "boolean", "the other hard targets are left aside"),
    Column("by", "integer", "year at whose end it is due", "year"),
    Column("asked", "number", "usable capability over the rival's that it asks for", "ratio"),
    Column("reached", "number", "what a plan reaches on all its lines, simulated", "ratio"),
    Column("at_most", "number", "what no plan exceeds on all its lines, proven", "ratio"),
    Column("share", "number", "part of what the targets ask that the plan reaches", "share"),
    Column("bound", "number", "part that no plan exceeds, proven", "share"),
    Column("status", "string", "how the solve ended"),
    Column("lines", "string", "lines that are furthest from it, joined by ;"),
)


@dataclass(frozen=True)
class Nearest:
    """How near one or more targets can come at once.

    Attributes
    ----------
    targets : mapping of str to float
        Ratio asked, by id.
    by : mapping of str to int
        Year, by id.
    status : str
        Of the solve; infeasible means that the other rules already collide.
    share, bound : float or None
        Part of what each target asks that a plan reaches on its worst line, and that no plan exceeds.
    lines : tuple of str
        Lines that stand at that share.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.analysis.attainable import attainable
    >>> far = {"id": "far", "kind": "target", "domain": "ai", "type": "B", "min_ratio": 0.8, "by": 2035}
    >>> scenario = kctopt.load("baseline", add={"policies": far})
    >>> near = attainable(scenario)
    >>> near.together.holds
    False
    """

    targets: Mapping[str, float]  # id -> ratio asked
    by: Mapping[str, int]  # id -> year
    status: str  # of the solve: infeasible means that the other rules already collide
    share: float | None = None  # of what each target asks, on its line that reaches least; 1 where they hold
    bound: float | None = None  # no plan exceeds it
    lines: tuple[str, ...] = ()  # lines that stand at that share

    @property
    def holds(self) -> bool:
        """Whether a plan reaches all of it."""
        return self.share is not None and self.share >= 1 - 1e-6


@dataclass(frozen=True)
class Attainable:
    """What can be attained of a scenario's hard targets.

    Attributes
    ----------
    together : Nearest
        All hard targets at once.
    alone : tuple of Nearest
        One a target, where there are several.
    seconds : float
        The time taken.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.analysis.attainable import attainable
    >>> far = {"id": "far", "kind": "target", "domain": "ai", "type": "B", "min_ratio": 0.8, "by": 2035}
    >>> scenario = kctopt.load("baseline", add={"policies": far})
    >>> near = attainable(scenario)
    >>> near.alone
    ()
    """

    together: Nearest
    alone: tuple[Nearest, ...] = ()  # one a target, where there are several
    seconds: float = 0.0

    def sentences(self, scenario: Scenario, lang: str = "en") -> list[str]:
        """The answer in words.

        Parameters
        ----------
        scenario : Scenario
            The one that was asked about.
        lang : str, default "en"
            `en` or `zh`.

        Returns
        -------
        list of str
            A sentence each.

        Examples
        --------
        >>> import kctopt
        >>> from kctopt.analysis.attainable import attainable
        >>> far = {"id": "far", "kind": "target", "domain": "ai", "type": "B", "min_ratio": 0.8, "by": 2035}
        >>> scenario = kctopt.load("baseline", add={"policies": far})
        >>> near = attainable(scenario)
        >>> "no plan can exceed" in near.sentences(scenario)[0]
        True
        """
        checked_lang(lang)
        if self.together.status == "infeasible":
            return [_say("collide", lang)]
        lines = [_sentence(self.together, scenario, lang, single=not self.alone)]
        return lines + [
            f"{_say('alone', lang)} {_sentence(nearest, scenario, lang, single=True)}" for nearest in self.alone
        ]

    def table(self) -> Table:
        """One row a target and solve."""
        rows = [row for nearest, alone in self._solves() for row in _rows(nearest, alone)]
        return Table.of("attainable", NEAREST, rows)

    def _solves(self) -> list[tuple[Nearest, bool]]:
        return [(self.together, False), *((nearest, True) for nearest in self.alone)]

    def analysis(self, options: Mapping[str, Any]) -> Analysis:
        """As an analysis to be saved with its run."""
        about = {"together": _data(self.together), "alone": [_data(nearest) for nearest in self.alone]}
        return Analysis("attainable", options, {"attainable": self.table()}, about, self.seconds)

    @classmethod
    def of(cls, analysis: Analysis) -> Attainable:
        """From a saved analysis."""
        about = analysis.about
        return cls(_nearest(about["together"]), tuple(map(_nearest, about["alone"])), analysis.seconds)


def hard_targets(scenario: Scenario) -> tuple[TargetPolicy, ...]:
    """The targets that must hold, with the year in which they are asked for; those without lines are left out."""
    last = scenario.horizon.last_year if scenario.objective.kind == "earliest" else None
    return tuple(
        policy if last is None else policy.model_copy(update={"by": last})
        for policy in scenario.policies
        if isinstance(policy, TargetPolicy) and not policy.soft and target_lines(scenario, policy)
    )


@listened
def attainable(
    scenario: Scenario, *, gap: float = GAP, time_limit: float | None = SECONDS,
    progress: Listener | None = None,
) -> Attainable | None:  # fmt: skip
    """How near a plan can come to the hard targets of a scenario.

    Parameters
    ----------
    scenario : Scenario
        With hard targets.
    gap : float, default 1e-3
        Relative distance of the share reached and its bound at which a solve ends.
    time_limit : float, default 120
        Seconds for all solves together; each ends with the bound it has by then.
    progress : callable, optional
        Given a `kctopt.Progress` at every step; StopIteration in it raises KeyboardInterrupt.

    Returns
    -------
    Attainable or None
        None where the scenario has no hard target.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.analysis.attainable import attainable
    >>> far = {"id": "far", "kind": "target", "domain": "ai", "type": "B", "min_ratio": 0.8, "by": 2035}
    >>> scenario = kctopt.load("baseline", add={"policies": far})
    >>> near = attainable(scenario)
    >>> near.together.share <= near.together.bound < 1
    True
    """
    started = time.perf_counter()

    def left() -> float | None:
        return None if time_limit is None else max(0.0, time_limit - (time.perf_counter() - started))

    hard = hard_targets(scenario)
    if not hard:
        return None
    groups = [hard, *((rule,) for rule in hard if len(hard) > 1)]
    results: list[Nearest] = []
    for group in groups:
        step(f"how near the targets can come: {', '.join(policy.id for policy in group)}")
        results.append(_nearest_to(scenario, group, gap, left()))
        if results[0].status == "infeasible":
            break
    return Attainable(results[0], tuple(results[1:]), time.perf_counter() - started)


def _nearest_to(scenario: Scenario, asked: tuple[TargetPolicy, ...], gap: float, time_limit: float | None) -> Nearest:
    if scenario.objective.kind == "earliest":
        objective = scenario.objective.model_copy(update={"kind": "national_security"})
        scenario = scenario.model_copy(update={"objective": objective})
    program = build_nearest(scenario, asked)
    outcome = engine_of(program).solve(gap, time_limit)
    if outcome.status == "interrupted":
        raise KeyboardInterrupt
    held = held_columns(scenario)
    ratios = {policy.id: float(held[f"policies.{policy.id}.ratio"][0]) for policy in asked}
    years = {policy.id: policy.by for policy in asked}
    if outcome.money is None or outcome.objective is None:
        return Nearest(ratios, years, outcome.status)
    reached = _reached(program.scenario, asked, ratios, outcome)
    share = min(1.0, *reached.values())
    short = tuple(line for line, part in reached.items() if part <= share + SHORT)
    bound = None if outcome.bound is None else min(1.0, outcome.bound)
    return Nearest(ratios, years, outcome.status, share, bound, short)


def _reached(
    scenario: Scenario, asked: tuple[TargetPolicy, ...], ratios: Mapping[str, float], outcome: Outcome
) -> dict[str, float]:
    """Least share of what the targets ask that the plan reaches, by line, simulated."""
    assert outcome.money is not None  # there is a plan
    path = simulate(scenario, outcome.money, choices=outcome.choices)
    shares: dict[str, float] = {}
    for policy in asked:
        n = policy.by - scenario.horizon.base_year
        for i in target_lines(scenario, policy):
            ratio = float(path.usable[i, n] / path.rival[i, n])
            part = ratio / max(ratios[policy.id], 1e-12)
            line = scenario.lines[i].id
            shares[line] = min(part, shares.get(line, part))
    return shares


def _rows(nearest: Nearest, alone: bool) -> list[dict[str, Any]]:
    return [
        {
            "target": policy, "alone": alone, "by": nearest.by[policy], "asked": asked,
            "reached": None if nearest.share is None else nearest.share * asked,
            "at_most": None if nearest.bound is None else nearest.bound * asked,
            "share": nearest.share, "bound": nearest.bound, "status": nearest.status, "lines": "; ".join(nearest.lines),
        }
        for policy, asked in nearest.targets.items()
    ]  # fmt: skip


def _data(nearest: Nearest) -> dict[str, Any]:
    return asdict(nearest) | {"lines": list(nearest.lines)}


def _nearest(data: Mapping[str, Any]) -> Nearest:
    return Nearest(**{**data, "lines": tuple(data["lines"])})


WORDS: Texts = {
    "collide": (
        "The targets are not what makes it impossible: without them no plan keeps the other rules either; "
        "`kctopt diagnose` names those that conflict."
    ),
    "alone": "Alone,",
    "holds": "{targets} can hold in {years}.",
    "one": "{targets} can reach {reached} ({asked} is asked) in {years}; no plan can exceed {bound} ({lines}).",
    "many": (
        "{targets} together can reach {reached} of what each asks in {years}; no plan can exceed {bound} ({lines})."
    ),
    "unknown": "{targets}: time ran out before any plan was found; how near it can come is not known.",
    "no_bound": "an unknown bound",
    "furthest": "furthest: {names}",
    "more": "{names} and {count} more",
}


def _sentence(nearest: Nearest, scenario: Scenario, lang: str, single: bool) -> str:
    """One solve as a sentence: ratios for a single target, shares of what each asks for several."""
    comma, years = LANGUAGES[lang].comma, sorted(set(nearest.by.values()))
    parts = {"targets": comma.join(nearest.targets), "years": comma.join(map(str, years))}
    if nearest.share is None:
        return _say("unknown", lang, **parts)
    if nearest.holds:
        return _say("holds", lang, **parts)
    asked = next(iter(nearest.targets.values())) if single else 1.0
    bound = _say("no_bound", lang) if nearest.bound is None else no_less(nearest.bound * asked)
    parts |= {"reached": no_more(nearest.share * asked), "asked": f"{asked:g}", "bound": bound}
    return _say("one" if single else "many", lang, lines=_furthest(nearest, scenario, lang), **parts)


def _furthest(nearest: Nearest, scenario: Scenario, lang: str) -> str:
    labels = {line.id: name(line.label, lang) for line in scenario.lines}
    names = LANGUAGES[lang].comma.join(labels[line] for line in nearest.lines[:NAMED])
    if len(nearest.lines) > NAMED:
        names = _say("more", lang, names=names, count=len(nearest.lines) - NAMED)
    return _say("furthest", lang, names=names)


def _say(key: str, lang: str, **values: Any) -> str:
    return translate(WORDS[key], lang, **values)
