"""The smallest sets of rules that conflict, and how far each would have to be relaxed.

    support    the rules that the proof used, of all rules (with whole decisions: those made hard in turn)
    deletion   without a rule the others still collide: it goes; a simulated plan keeps the others: it stays
    amounts    least that one rule gives alone, the others held, and that all give together by their sizes

A set is irreducible when every rule of it has such a plan: an irreducible infeasible subsystem (IIS) of named rules.

References: J. W. Chinneck and E. W. Dravnieks, Locating minimal infeasible constraint sets in linear programs (1991),
of the deletion filter; R. Reiter, A theory of diagnosis from first principles (1987), of the tree of hitting sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from kctopt.analysis.relaxation import least
from kctopt.analysis.trials import Trials
from kctopt.analysis.verdicts import Plan, Relaxation, Verdict
from kctopt.naming import Name
from kctopt.rules.named import by_author

FEW = 8  # rules up to which a set is reduced one by one
MANY = 12  # rules beyond which a set that time did not reduce is told in short, or not at all beside another
MOST = 5  # conflicts looked for in one scenario


@dataclass(frozen=True)
class Conflict:
    """Rules that cannot hold together.

    `minimal` says that for each of them a simulated plan keeps all the others (`without`). `alone` holds by rule what
    it gives (a rule is missing where no amount was found in time): so that every other rule of the scenario holds if
    it is in `mends`, so that those of the conflict do if not. `together` is the least that all give.
    """

    rules: tuple[str, ...]
    rows: tuple[str, ...]  # the rows of these rules that conflict, empty where whole decisions do
    laws: tuple[str, ...]  # laws of the model at work
    integer: bool  # only whole decisions make them collide
    without: dict[str, Plan]
    alone: dict[str, Relaxation]
    together: Relaxation | None
    mends: frozenset[str] = frozenset()  # rules that mend the whole scenario by what they give alone

    @property
    def minimal(self) -> bool:
        """Whether no smaller part of these rules conflicts, proven."""
        return set(self.without) == set(self.rules)


@dataclass(frozen=True)
class Findings:
    """What is known of a scenario's rules: a plan that keeps them, or conflicts; neither where time ran out.

    `complete` says that the search for conflicts came to its end: whichever of their policies are left out so that none
    of them remains (all its rules, where one has no policy), there is a plan. `repair` is the least, by sizes, that
    rules of all conflicts give so that every rule of the scenario holds.
    """

    plan: Plan | None
    conflicts: tuple[Conflict, ...]
    complete: bool
    repair: Relaxation | None = None


def findings(trials: Trials) -> Findings:
    """A plan that keeps every rule, or the conflicts.

    After a conflict the next is looked for without one of its policies, for each of them in turn (a tree of hitting
    sets).
    """
    conflicts, possible = list[Conflict](), list[frozenset[str]]()
    queue, complete = [frozenset[str]()], True
    while queue:
        out = queue.pop(0)
        if any(done <= out for done in possible):
            continue
        conflict = next((conflict for conflict in conflicts if not out & set(conflict.rules)), None)
        if conflict is None:
            rules = [rule for rule in trials.rules if rule not in out]
            verdict = trials.test(rules) if len(conflicts) < MOST else Verdict("unknown")
            if verdict.status == "plan":
                possible.append(out)
            if verdict.status != "infeasible":
                complete &= verdict.status == "plan"
                continue
            conflict = _conflict(trials, verdict, rules)
            if conflicts and len(conflict.rules) > MANY and not conflict.minimal and trials.left() <= 0:
                complete = False  # time ran out before it could be reduced: nobody learns from it
                continue
            conflicts.append(conflict)
        queue += [out | more for more in to_do_without(conflict) if out | more not in queue]
    if not conflicts:
        return Findings(verdict.plan, (), complete)
    whole = _mending(trials, conflicts)
    told = tuple(_with_amounts(trials, conflict, whole) for conflict in conflicts)
    return Findings(None, told, complete, _repair(trials, conflicts, whole))


def _mending(trials: Trials, conflicts: list[Conflict]) -> dict[str, Relaxation]:
    """What each rule that is part of every conflict gives alone so that the scenario has a plan, shown by one."""
    shared = [rule for rule in conflicts[0].rules if all(rule in conflict.rules for conflict in conflicts)]
    given = {name: least(trials, [name], trials.rules) for name in shared if trials.left() > 0}
    return {
        name: relaxation
        for name, relaxation in given.items()
        if relaxation is not None and relaxation.shown and name in relaxation.by
    }


def _repair(trials: Trials, conflicts: list[Conflict], whole: dict[str, Relaxation]) -> Relaxation | None:
    """The least that rules of all conflicts give so that the scenario has a plan."""
    giving = tuple(dict.fromkeys(rule for conflict in conflicts for rule in conflict.rules))
    return _least(trials, giving, trials.rules, whole)


def to_do_without(conflict: Conflict) -> list[frozenset[str]]:
    """What is left out in turn when the next conflict is looked for.

    One of its policies or constraints of the user's own; all its rules together, where it has neither.
    """
    own = [rule for rule in conflict.rules if Name.parse(rule).block in ("policies", "")]
    return [frozenset([rule]) for rule in own] or [frozenset(conflict.rules)]


def _conflict(trials: Trials, verdict: Verdict, kept: list[str]) -> Conflict:
    """The irreducible set inside the rules of a proof."""
    verdict, without = _reduced(trials, verdict, kept)
    rules = tuple(reversed(by_author(verdict.support)))
    return Conflict(rules, verdict.rows, verdict.laws, verdict.integer, without, {}, None)


def _with_amounts(trials: Trials, conflict: Conflict, whole: dict[str, Relaxation]) -> Conflict:
    """The conflict with what its rules would have to give."""
    rules, alone = conflict.rules, dict[str, Relaxation]()
    for name in rules:
        given = whole.get(name)
        if given is None and trials.left() > 0:
            given = least(trials, [name], rules)
        if given is not None and name in given.by:
            alone[name] = given
    own = {name: given for name, given in alone.items() if name not in whole}
    together = _least(trials, rules, rules, own) if own or not alone else next(iter(alone.values()))
    rows = conflict.rows or (together.rows if together is not None else ())
    without = dict(conflict.without)
    for plan in (given.plan for given in (*alone.values(), together) if given is not None):
        broken = set() if plan is None else set(trials.broken(plan)) & set(rules)
        if plan is not None and len(broken) == 1:  # it keeps all others, so the one it breaks is needed
            without.setdefault(broken.pop(), plan)
    mends = frozenset(alone) & frozenset(whole)
    return replace(conflict, rows=rows, without=without, alone=alone, together=together, mends=mends)


def _least(
    trials: Trials, giving: tuple[str, ...], kept: Sequence[str], alone: dict[str, Relaxation]
) -> Relaxation | None:
    """The least that some rules give so that others hold; often that is one of them alone."""
    costs = {name: given.by[name] / trials.sizes[name] for name, given in alone.items()}
    best = min(costs, key=costs.__getitem__, default=None)
    if len(giving) == 1 or trials.left() <= 0:
        return None if best is None else alone[best]
    relaxation = least(trials, giving, kept, enough=np.inf if best is None else costs[best])
    unshown = relaxation is None or not relaxation.shown
    return alone[best] if unshown and best is not None else relaxation


def _reduced(trials: Trials, verdict: Verdict, kept: list[str]) -> tuple[Verdict, dict[str, Plan]]:
    """The last proof, of rules each of which has a plan that keeps the others, where one was found."""
    reduction = _Reduction(trials, _support(trials, verdict, kept))
    families: dict[str, list[str]] = {}
    for name in by_author(reduction.verdict.support):
        families.setdefault(Name.parse(name).head if len(reduction.verdict.support) > FEW else name, []).append(name)
    for family in families.values():
        reduction.drop(family)
    for name in by_author(reduction.verdict.support - set(reduction.without)):
        reduction.drop([name])  # not known then, perhaps now that the set is smaller
    rules = reduction.verdict.support
    return reduction.verdict, {name: plan for name, plan in reduction.without.items() if name in rules}


def _support(trials: Trials, verdict: Verdict, kept: list[str]) -> Verdict:
    """A proof that rests on no rule but those of its support.

    Where decisions are whole, other rules may be at work through the bounds they give (a line with a floor is on), so
    the support of a proof is tried by itself; if that is not enough, all rules are taken.
    """
    if not trials.discrete:
        return verdict
    part = trials.enforced(kept) if verdict.integer else verdict.support
    alone = trials.test(part) if part else Verdict("unknown")
    if alone.status == "infeasible":
        return replace(alone, support=frozenset(part or ()))
    return replace(verdict, support=frozenset(kept))


@dataclass
class _Reduction:
    """Deletion filter: a proof, and by rule a plan that keeps the others."""

    trials: Trials
    verdict: Verdict
    without: dict[str, Plan] = field(default_factory=dict)

    def drop(self, names: list[str]) -> None:
        """Do without as many of these rules as collide without them: all at once, or by halves."""
        names = [name for name in names if name in self.verdict.support]  # others went already
        if not names:
            return
        others = self.verdict.support - set(names)
        trial = self.trials.test(others) if self.trials.left() > 0 else Verdict("unknown")
        if trial.status == "infeasible":
            self.verdict = replace(trial, support=others) if self.trials.discrete else trial
        elif len(names) > 1:
            self.drop(names[: len(names) // 2])
            self.drop(names[len(names) // 2 :])
        elif trial.plan is not None:
            self.without[names[0]] = trial.plan
