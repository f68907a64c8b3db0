"""Which conclusions survive other forms of the laws: KCT value, national security, diffusion.

    found = forms(kctopt.open("runs/baseline"))
    found.tables["conclusions"].frame

The paper gives none of these forms; each is a hypothesis of ours, and so is what changes with one. The run is solved
again under every other form the scenario files offer, one at a time (`every=True`: all combinations). A conclusion is
a trait of the plan (see `traits`): it survives a form where the best plan found there has it too, or where a plan like
the run's has it and is within the gap of the bound proven there (then no plan is better by more than the gap).

Objectives under different forms measure different things and are never subtracted. What is compared is the run's plan
with the best plan under one and the same form: by how much it falls short there, at least and at most.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

from kctopt.analysis.points import Setting, Solver, as_good, known_kinds, like, loss_of, needs_only_its_scenario
from kctopt.analysis.saved import Analysis, steps_of
from kctopt.analysis.traits import KINDS, Trait
from kctopt.arguments import checked_gap, checked_limit
from kctopt.errors import RunError
from kctopt.progress import Listener, listened
from kctopt.result.result import Result
from kctopt.scenario.field_kinds import ROOT, fields
from kctopt.scenario.parameter import changed
from kctopt.table import Column, Table

if TYPE_CHECKING:
    from pathlib import Path

    from kctopt.scenario.records import Scenario
    from kctopt.solver import Outcome

PATHS = ("kct.form", "security.form", "diffusion.form")
CONCLUSIONS = ("stage", "gap_band", "mode", "programme", "off", "funded", "rule", "domain_order", "type_order")

FORM = Column("form", "string", "what is other than in the run, such as kct.form=ces")
TRAIT = (
    Column("kind", "string", "kind of conclusion, such as gap_band or rule"),
    Column("subject", "string", "what it speaks of: a line, a domain, a rule, or two of them"),
    Column("when", "string", "planning period; empty for the whole horizon"),
)
FORMS = (
    FORM,
    Column("status", "string", "how the solve ended; failed: the scenario does not allow the form, or an error"),
    Column("objective", "number", "value of the best plan under the form, simulated; not comparable across forms"),
    Column("bound", "number", "proven bound under the form"),
    Column("gap", "number", "relative distance of the two"),
    Column("message", "string", "why there is no plan"),
    Column("short_least", "number", "by how much the run's plan falls short under the form, at least; its value = 1"),
    Column("short_most", "number", "the same, at most"),
    Column("changed", "integer", "conclusions of the run that do not survive the form"),
)
CONCLUSION = (
    *TRAIT,
    Column("value", "string", "the conclusion in the run"),
    Column("survives", "boolean", "whether it survives every form that was solved"),
    Column("forms", "string", "forms that change it, joined by ;"),
)
CHANGES = (
    FORM,
    *TRAIT,
    Column("before", "string", "in the run"),
    Column("after", "string", "under the form"),
    Column("tie", "boolean", "a plan that has it as in the run is within the gap under the form: it survives"),
)


@listened
def forms(
    result: Result, *, every: bool = False, gap: float = 1e-4, time_limit: float | None = None,
    kinds: tuple[str, ...] = (), progress: Listener | None = None, run: Path | None = None,
    fresh: bool = False,
) -> Analysis:  # fmt: skip
    """Solve a run again under other forms and say which of its conclusions survive.

    Parameters
    ----------
    result : Result
        A solved run with a plan.
    every : bool, default False
        All combinations of forms instead of one at a time.
    gap : float, default 1e-4
        Of each solve.
    time_limit : float, optional
        Seconds for each solve.
    kinds : tuple of str, optional
        Kinds of traits that count as conclusions; all but a line's own by default.
    progress : callable, optional
        Given a `kctopt.Progress` at every step; StopIteration in it raises KeyboardInterrupt.
    run : pathlib.Path, optional
        Folder of the run; steps are kept there until the analysis is saved, so that an interrupted one goes on.
    fresh : bool, default False
        Forget steps that were kept.

    Returns
    -------
    Analysis
        Tables `forms`, `conclusions` and `changes`.

    Raises
    ------
    RunError
        The run has no plan, or parts that its scenario does not hold.
    UsageError
        An unknown kind.

    Examples
    --------
    >>> import kctopt
    >>> run = kctopt.open("runs/baseline")
    >>> from kctopt.analysis.forms import forms
    >>> sorted(forms(run, kinds=("gap_band",)).tables)
    ['changes', 'conclusions', 'forms']
    """
    gap, time_limit = checked_gap(gap), checked_limit(time_limit)
    started = time.perf_counter()
    known_kinds(kinds)
    needs_only_its_scenario(result)
    home = Setting("run", result)
    if not home.settled or not result.has_plan:
        raise RunError(f"{result.scenario.name}: the run has no certified plan whose conclusions could survive")
    options = options_of(every, gap, time_limit, kinds)
    solver = Solver(steps_of(run, "forms", options, fresh), gap, time_limit)
    points = [
        solver.point(name, lambda values=values: changed(result.scenario, values))  # type: ignore[misc]
        for name, values in others(result.scenario, every)
    ]
    conclusions = {trait: text for trait, text in home.traits.items() if trait.kind in (kinds or CONCLUSIONS)}
    rows, changes = [], []
    for point in points:
        alike = [] if point.result is None or not point.settled else like(point.result, result)
        against = _changes(conclusions, point, alike, gap)
        changes += against
        rows.append(_form(point, alike, sum(not change["tie"] for change in against)))
    tables = {
        "forms": Table.of("forms", FORMS, rows),
        "conclusions": Table.of("conclusions", CONCLUSION, _conclusions(conclusions, changes)),
        "changes": Table.of("changes", CHANGES, changes),
    }
    about = {"own": own_forms(result.scenario), "solved": sum(point.settled for point in points), "gap": gap}
    solver.steps.finish()
    return Analysis("forms", options, tables, about, time.perf_counter() - started)


def options_of(every: bool, gap: float, time_limit: float | None, kinds: tuple[str, ...]) -> dict[str, Any]:
    """What was asked, as plain data, under which the analysis is saved."""
    return {"every": every, "gap": gap, "time_limit": time_limit, "kinds": list(kinds)}


def own_forms(scenario: Scenario) -> dict[str, str]:
    """The forms of a scenario by path."""
    return {
        "kct.form": scenario.kct.form,
        "security.form": scenario.security.form,
        "diffusion.form": scenario.diffusion.form,
    }


def offered() -> dict[str, tuple[str, ...]]:
    """Every form that scenario files offer, by path."""
    choices = {}
    for path in PATHS:
        group, _, name = path.partition(".")
        record = fields(ROOT.record)[group].record if ROOT.record else None
        assert record is not None  # each path is a field of a group
        choices[path] = tuple(map(str, fields(record)[name].choices))
    return choices


def others(scenario: Scenario, every: bool) -> Iterator[tuple[str, dict[str, str]]]:
    """Other forms than the scenario's: a name and the values to set."""
    own, choices = own_forms(scenario), offered()
    if every:
        for combination in product(*choices.values()):
            values = {path: form for path, form in zip(choices, combination, strict=True) if form != own[path]}
            if values:
                yield ", ".join(f"{path}={form}" for path, form in values.items()), values
        return
    for path, known in choices.items():
        yield from ((f"{path}={form}", {path: form}) for form in known if form != own[path])


def _changes(conclusions: dict[Trait, str], point: Setting, alike: list[Outcome], gap: float) -> list[dict[str, Any]]:
    """Conclusions of the run that are otherwise in the best plan found under a form."""
    if point.result is None or not point.settled:
        return []
    good = as_good(point.result, alike, gap)
    return [
        {
            "form": point.key, "kind": trait.kind, "subject": trait.subject, "when": trait.when,
            "before": text, "after": point.traits[trait], "tie": any(plan.get(trait) == text for plan in good),
        }
        for trait, text in conclusions.items()
        if point.traits.get(trait, text) != text
    ]  # fmt: skip


def _form(point: Setting, alike: list[Outcome], changed: int) -> dict[str, Any]:
    """One row of the table of forms."""
    row = {"form": point.key, **point.row(), "short_least": None, "short_most": None, "changed": None}
    best = point.result
    if best is None or not point.settled or not best.has_plan:
        return row
    row["changed"] = changed
    if alike and alike[0].objective is not None and best.objective is not None:
        own, sign = alike[0].objective, 1.0 if best.scenario.objective.kind == "min_budget" else -1.0
        least = sign * (own - best.objective) / max(1e-9, abs(own))
        row |= {"short_least": max(0.0, least), "short_most": loss_of(alike[0], best)}
    return row


def _conclusions(conclusions: dict[Trait, str], changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for each conclusion of the run."""
    against: dict[Trait, list[str]] = {}
    for change in changes:
        if not change["tie"]:
            trait = Trait(change["kind"], change["subject"], change["when"])
            against.setdefault(trait, []).append(change["form"])
    return [
        {
            "kind": trait.kind, "subject": trait.subject, "when": trait.when, "value": text,
            "survives": trait not in against, "forms": "; ".join(against.get(trait, [])),
        }
        for trait, text in sorted(conclusions.items(), key=lambda item: KINDS.index(item[0].kind))
    ]  # fmt: skip
