"""A plan held fixed while the numbers of its scenario are drawn: chunk by chunk, each for many draws at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kctopt.arguments import wrong_source
from kctopt.errors import UsageError
from kctopt.holding.in_draws import Hold, checked_hold, hold_plan
from kctopt.holding.plan import Plan, budgets_of
from kctopt.result.lawful import yardstick
from kctopt.result.result import Result
from kctopt.result.run import open_run
from kctopt.scenario.load import load
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices, Money
from kctopt.simulator.choices import NO_CHOICES, checked_choices
from kctopt.study import outcomes as kinds
from kctopt.study.drawn import DrawnScenario
from kctopt.study.ensemble import Ensemble, check_names
from kctopt.study.listed import draws_in_file, is_table
from kctopt.study.load import load_study
from kctopt.study.plans import plan_of
from kctopt.study.records import Array, Draws, Sample, Study, UncertainInput
from kctopt.study.sample import draw as drawn_of
from kctopt.study.worlds import Group, Grouped, Numbers, grouped, world_of

if TYPE_CHECKING:
    import pandas

ROOM = 2**28  # bytes for outcomes of lines and domains that nobody asked for by name
NUMBERS = 600_000  # stocks of a chunk: draws x lines x rungs x years that are held at once, for each array of a run


def simulate(
    plan: Result | Plan | Money | str | Path, scenario: Scenario | str | Path | None = None, *, draws: Any,
    choices: Choices = NO_CHOICES, outcomes: Iterable[str] = (), hold: Hold = "shares",
) -> Ensemble:  # fmt: skip
    """Hold a plan fixed and run the exact laws in every draw; see `kctopt.simulate`."""
    held, how = _plan(plan, choices), checked_hold(hold)
    asked = [outcomes] if isinstance(outcomes, str) else list(outcomes)
    check_names(asked, [*kinds.READERS, kinds.SHORTFALL])
    if isinstance(draws, str | Path) and is_table(draws):
        base = _scenario(scenario, held, None)
        return next(in_draws([held], base, draws_in_file(draws, base), asked, how))
    drawn, of = _draws(draws)
    base = _scenario(scenario, held, of)
    return next(in_draws([held], base, drawn, asked, how))


def simulate_each(
    plan: Result | Plan | Money | str | Path, study: Study, *, choices: Choices = NO_CHOICES,
    outcomes: Iterable[str] = (), hold: Hold = "shares",
) -> dict[str, Ensemble]:  # fmt: skip
    """Hold a plan fixed in the draws of a study, in each of its scenarios.

    Parameters
    ----------
    plan, choices, outcomes, hold
        As `kctopt.simulate` takes them.
    study : Study
        As `kctopt.study.load.load_study` reads it.

    Returns
    -------
    dict of str to Ensemble
        By name of the scenario, in the order of the study; all have the same draws.

    Raises
    ------
    UsageError
        For a plan that does not fit a scenario.

    Examples
    --------
    >>> from kctopt.study.fixed_plan import simulate_each
    >>> from kctopt.study.load import load_study
    >>> {name: len(one) for name, one in simulate_each("runs/baseline", load_study("tight.yaml")).items()}
    {'tiny': 2}
    """
    held, drawn = _plan(plan, choices), drawn_of(study)
    return {one.name: simulate(held, one, draws=drawn, outcomes=outcomes, hold=hold) for one in study.scenarios}


def in_draws(
    plans: Iterable[Plan], base: Scenario, drawn: Draws, outcomes: Sequence[str] = (), hold: Hold = "shares"
) -> Iterator[Ensemble]:
    """Each of several plans in the same draws of one scenario, which are looked at once."""
    members = grouped(base, drawn)
    for plan in plans:
        run = _Run(base, plan.held(base), drawn, members, list(outcomes), hold)
        for group in members.groups:
            run.group(group)
        yield run.ensemble()


@dataclass
class _Run:
    """The simulation of all draws, chunk by chunk."""

    scenario: Scenario
    plan: Plan
    draws: Draws
    members: Grouped
    asked: list[str]
    hold: Hold
    values: dict[str, Array] = field(default_factory=dict)
    kept: dict[str, Numbers] = field(default_factory=dict)
    labels: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.draws.values)
        self.shares = _lawful_shares(self.scenario) if "value_of_planning" in self.asked else None
        for name in (*kinds.SCALARS, *(name for name in kinds.ASKED if name in self.asked), *kinds.NATION):
            self._room(name, kinds.axes(name, self.scenario), np.arange(count))
        rest = [*kinds.DOMAINS, *kinds.LINES]
        named = {name: kinds.axes(name, self.scenario) for name in rest}
        found = dict.fromkeys(place for group in self.members.groups for place in kinds.targets(group.drawn.scenario))
        if found:
            named[kinds.SHORTFALL] = {"policy": [f"{policy}[{line}]" for policy, line in found]}
        size = sum(8 * int(np.prod([len(part) for part in axes.values()])) for axes in named.values())
        some = np.unique(np.linspace(0, count - 1, max(1, min(count, ROOM // size))).round().astype(np.intp))
        for name, axes in named.items():
            self._room(name, axes, np.arange(count) if name in self.asked else some[: max(count, 0)])
        self.places = found
        self.slot = np.full(count, -1)
        self.slot[some[:count]] = np.arange(len(some[:count]))
        self.member: dict[str, NDArray[Any]] = {
            "status": np.full(count, "invalid", dtype=object), "reason": np.full(count, "", dtype=object),
            "broken": np.zeros(count, dtype=int), "rule": np.full(count, "", dtype=object),
            "breach": np.zeros(count), "unit": np.full(count, "", dtype=object), "relative": np.zeros(count),
            "factor": np.ones(count), "moved": np.zeros(count),
        }  # fmt: skip
        for draw, reason in self.members.refused.items():
            self.member["reason"][draw] = reason

    def _room(self, name: str, axes: dict[str, Any], kept: Numbers) -> None:
        self.labels[name], self.kept[name] = axes, kept
        self.values[name] = np.full((len(kept), *(len(part) for part in axes.values())), np.nan)

    def group(self, group: Group) -> None:
        """Simulate the draws of a group."""
        scenario = group.drawn.scenario
        try:
            choices = checked_choices(scenario, self.plan.choices)
        except ValueError as error:
            self.member["reason"][group.draws] = str(error)
            return
        rungs, years = len(scenario.rungs), len(scenario.horizon.all_years)
        size = max(20, NUMBERS // (len(scenario.lines) * rungs * years))
        for numbers, chunk in group.chunks(size):
            self._chunk(numbers, chunk, choices)

    def _chunk(self, numbers: Numbers, chunk: DrawnScenario, choices: Choices) -> None:
        world, found = world_of(chunk)
        shares = self.hold == "shares"
        own = (self.plan.budgets, budgets_of(self.scenario)) if shares else (None, None)
        plan = hold_plan(chunk, world, self.plan.money, choices, own=own[0], budget_scale=self.plan.budget_scale)
        yard = None if self.shares is None else hold_plan(chunk, world, self.shares, NO_CHOICES, own=own[1]).path
        with np.errstate(all="ignore"):
            case = kinds.Case(chunk.scenario, world, plan.money, choices, plan.path, yard)
            objective = np.broadcast_to(plan.path.objective, chunk.count)
            found.add(found.kept & ~np.isfinite(objective), "objective", "the laws give no finite number")
            self._outcomes(numbers, case, found.kept)
        whole, judged = found.kept, plan.judged
        for n in np.flatnonzero(~whole):
            self.member["reason"][numbers[n]] = found.reason(int(n))
        good = numbers[whole]
        status = np.where(plan.moved > 0, "adjusted", "kept").astype(object)
        self.member["status"][good] = np.where(judged.broken > 0, "broken", status)[whole]
        told = {"broken": judged.broken, "breach": judged.amount, "relative": judged.worst}
        told |= {"rule": np.array(judged.rule, dtype=object), "unit": np.array(judged.unit, dtype=object)}
        told |= {"factor": plan.factor, "moved": plan.moved}
        for name, values in told.items():
            self.member[name][good] = values[whole]

    def _outcomes(self, numbers: Numbers, case: kinds.Case, whole: NDArray[np.bool_]) -> None:
        few = self.slot[numbers] >= 0
        for name, kept in self.values.items():
            if name == kinds.SHORTFALL:
                self._shortfall(numbers, case, whole)
                continue
            everywhere = len(self.kept[name]) == len(self.slot)
            chosen = whole if everywhere else whole & few
            if not chosen.any():
                continue
            values = kinds.READERS[name](case)
            values = np.broadcast_to(values, (len(numbers), *kept.shape[1:]))[chosen]
            kept[numbers[chosen] if everywhere else self.slot[numbers[chosen]]] = values

    def _shortfall(self, numbers: Numbers, case: kinds.Case, whole: NDArray[np.bool_]) -> None:
        everywhere = len(self.kept[kinds.SHORTFALL]) == len(self.slot)
        chosen = whole if everywhere else whole & (self.slot[numbers] >= 0)
        rows = numbers[chosen] if everywhere else self.slot[numbers[chosen]]
        here = kinds.targets(case.scenario)
        for column, place in enumerate(self.places):
            if place in here:
                policy, position = here[place]
                missing = np.broadcast_to(case.path.shortfall[policy][..., position], len(numbers))
                self.values[kinds.SHORTFALL][rows, column] = missing[chosen]

    def ensemble(self) -> Ensemble:
        """What was found."""
        found = self.values, self.kept, self.labels, self.member
        return Ensemble(self.scenario, self.draws, *found, self.plan.own, self.hold)


def draws_of(values: pandas.DataFrame) -> Draws:
    """Draws of a table whose columns are paths, or names of places, and whose rows are draws; values are set.

    Parameters
    ----------
    values : pandas.DataFrame
        One row a draw.

    Returns
    -------
    Draws
        One input a column.

    Raises
    ------
    UsageError
        For a table without rows or columns, a value that is missing, or a column given twice.
    """
    if values.empty:
        raise UsageError("draws= is a table without draws: give one row a draw, one column a path")
    names = [str(name) for name in values.columns]
    if twice := [name for n, name in enumerate(names) if name in names[:n]]:
        raise UsageError(f"draws= has the column {twice[0]!r} twice; keep one of the two")
    if values.isna().any(axis=None):
        row, column = np.argwhere(values.isna().to_numpy())[0]
        raise UsageError(f"draws= has no value in row {row}, column {names[column]!r}")
    inputs = tuple(UncertainInput(name, (name,), "value", None) for name in names)
    cells = np.empty(values.shape, dtype=object)
    for k, name in enumerate(values.columns):
        cells[:, k] = values[name].tolist()
    return Draws(inputs, np.full(values.shape, np.nan), cells, Sample("list", len(values)))


def _lawful_shares(scenario: Scenario) -> Money:
    """Money of the yardstick. Raises UsageError where no lawful one is known."""
    kept = yardstick(scenario)
    if kept.missed:
        raise UsageError(
            f"no value of planning in {scenario.name}: the base year's shares still break {', '.join(kept.missed)} "
            "when they are adjusted to be feasible; leave out outcomes=['value_of_planning']"
        )
    return kept.money


def _plan(plan: Any, choices: Choices) -> Plan:
    """What is held fixed, from whatever was given."""
    if isinstance(plan, str | Path):
        plan = open_run(Path(plan), Result)
    if isinstance(plan, Plan):
        return plan
    if isinstance(plan, Money):
        return Plan(plan, choices)
    if not isinstance(plan, Result):
        raise wrong_source(plan, "a Result, the folder of a run, or Money", name="plan")
    return plan_of(plan)


def _draws(draws: Any) -> tuple[Draws, Study | None]:
    """Draws of whatever was given, and the study that they come from."""
    if isinstance(draws, Draws):
        return draws, None
    if isinstance(draws, str | Path):
        draws = load_study(draws)
    if isinstance(draws, Study):
        return drawn_of(draws), draws
    if hasattr(draws, "columns"):
        return draws_of(draws), None
    raise wrong_source(
        draws, "Draws, a Study, the path of a study or CSV file, or a DataFrame with one column a path", name="draws"
    )


def _scenario(given: Any, plan: Plan, study: Study | None) -> Scenario:
    """The scenario whose numbers are drawn: the one given, else the study's, else the plan's."""
    if isinstance(given, Scenario):
        return given
    asked = {} if study is None else {scenario.name: scenario for scenario in study.scenarios}
    if given is not None:
        return asked[str(given)] if str(given) in asked else load(given).scenario
    if study is not None:
        if len(asked) == 1:
            return study.scenarios[0]
        raise UsageError(f"study {study.name} is of several scenarios ({', '.join(asked)}): give one as scenario=")
    if plan.scenario is None:
        raise UsageError("money alone does not say in which scenario: give one as scenario=")
    return plan.scenario
