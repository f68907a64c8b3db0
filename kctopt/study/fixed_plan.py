"""A plan held fixed while the numbers of its scenario are drawn: chunk by chunk, each for many draws at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.arguments import wrong_source
from kctopt.errors import UsageError
from kctopt.holding.in_draws import Hold, checked_hold
from kctopt.holding.plan import Plan
from kctopt.result.result import Result
from kctopt.result.run import open_run
from kctopt.scenario.load import load
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices, Money
from kctopt.simulator.choices import NO_CHOICES
from kctopt.study import outcomes as kinds
from kctopt.study.draw_run import DrawRun
from kctopt.study.ensemble import Ensemble, check_names
from kctopt.study.listed import draws_in_file, is_table
from kctopt.study.load import load_study
from kctopt.study.plans import plan_of
from kctopt.study.records import Draws, Sample, Study, UncertainInput
from kctopt.study.sample import draw as drawn_of
from kctopt.study.worlds import grouped

if TYPE_CHECKING:
    import pandas


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
        run = DrawRun(base, plan.held(base), drawn, members, list(outcomes), hold)
        for group in members.groups:
            run.group(group)
        yield run.ensemble()


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
