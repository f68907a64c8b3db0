"""A fixed plan in many draws: money held, the exact laws run in each, and whether the plan keeps the rules there.

A member is one draw, with its outcome and its status:

| status | meaning |
|---|---|
| kept | simulated; the plan keeps every rule in this draw |
| broken | simulated; the plan breaks a rule, such as a budget that is lower here: which one, and by how much |
| invalid | not simulated: no scenario file could hold these numbers, or the laws give no finite one; with the reason |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kctopt import rules
from kctopt.arguments import wrong_source
from kctopt.brief import as_html, brief, counted
from kctopt.errors import UsageError, suggest
from kctopt.result.result import Result
from kctopt.result.run import open_run
from kctopt.scenario.load import load
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices, Money
from kctopt.simulator import simulate as run_laws
from kctopt.simulator.choices import NO_CHOICES, checked_choices
from kctopt.simulator.money import checked
from kctopt.study import outcomes as kinds
from kctopt.study.drawn import DrawnScenario
from kctopt.study.records import Array, Draws, Sample, Study, UncertainInput
from kctopt.study.worlds import Group, Grouped, Numbers, grouped, world_of

if TYPE_CHECKING:
    import pandas

ROOM = 2**28  # bytes for outcomes of lines and domains that nobody asked for by name
NUMBERS = 600_000  # stocks of a chunk: draws x lines x rungs x years that are held at once, for each array of a run
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Plan:
    """What is held fixed: money, choices, and for a least budget its factor."""

    money: Money
    choices: Choices = NO_CHOICES
    budget_scale: float = 1.0
    scenario: Scenario | None = None  # that it was made for
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Ensemble:
    """A fixed plan in many draws.

    Outcomes have the names of a run's tables (`kctopt/study/outcomes.py` lists them). Those of the nation are kept of
    every draw; those of lines and domains of every draw if they were asked for by name or are few, else of draws spread
    evenly over all (`kept_of`).
    """

    scenario: Scenario
    draws: Draws
    values: Mapping[str, Array]  # outcome -> (draws kept, *axes); nan in invalid draws
    kept: Mapping[str, Numbers]  # outcome -> numbers of the draws kept
    labels: Mapping[str, Mapping[str, Sequence[Any]]]  # outcome -> axis -> labels
    member: Mapping[str, NDArray[Any]]  # columns of `status`, (D,) each
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.draws.values)

    def __repr__(self) -> str:
        return brief(self, *self._facts().values())

    def _repr_html_(self) -> str:
        return as_html(f"Ensemble {self.scenario.name}", self._facts())

    def _facts(self) -> dict[str, str]:
        parts = {name: int((self.member["status"] == name).sum()) for name in ("kept", "broken", "invalid")}
        shares = ", ".join(f"{name} {count / max(1, len(self)):.1%}" for name, count in parts.items() if count)
        middle = ""
        if parts["kept"] + parts["broken"]:
            low, mid, high = np.quantile(self.values["objective"][self.simulated], (0.05, 0.5, 0.95))
            middle = f"objective {mid:.6g} ({low:.6g} to {high:.6g})"
        return {
            "draws": f"{self.scenario.name}, {counted(len(self), 'draw')}",
            "status": shares,
            "objective (5 % to 95 %)": middle,
        }

    @property
    def simulated(self) -> NDArray[np.bool_]:
        """Whether each draw was simulated: all but the invalid ones, (D,)."""
        return np.asarray(self.member["status"] != "invalid")

    @cached_property
    def status(self) -> pandas.DataFrame:
        """One row a draw: status, reason, number of rules broken, the worst of them, by how much, and its unit."""
        import pandas as pd

        return pd.DataFrame(dict(self.member)).rename_axis("draw")

    @cached_property
    def inputs(self) -> pandas.DataFrame:
        """Values drawn: one row a draw, one column an input."""
        import pandas as pd

        columns = {entry.name: pd.Series(self.draws.values[:, k]) for k, entry in enumerate(self.draws.inputs)}
        return pd.DataFrame({name: values.infer_objects() for name, values in columns.items()}).rename_axis("draw")

    @cached_property
    def outcomes(self) -> pandas.DataFrame:
        """One row a draw, one column a scalar outcome; of indices the value at the end of the last planned year."""
        import pandas as pd

        last = self.scenario.horizon.last_year - self.scenario.horizon.base_year
        single = {name: self.values[name] for name in (*kinds.SCALARS, *kinds.ASKED) if name in self.values}
        end = {name: self.values[name][:, last] for name in kinds.NATION}
        return pd.DataFrame(single | end).rename_axis("draw").dropna(axis="columns", how="all")

    def quantiles(
        self, q: float | Sequence[float] = QUANTILES, outcomes: Iterable[str] | None = None
    ) -> pandas.DataFrame:
        """Quantiles of outcomes over the draws that were simulated.

        Parameters
        ----------
        q : float or sequence of float, default (0.05, 0.25, 0.5, 0.75, 0.95)
            Shares of probability, in [0, 1]; each is a column.
        outcomes : iterable of str, optional
            Names; all that are kept by default.

        Returns
        -------
        pandas.DataFrame
            One row an outcome and place: columns outcome, domain, line, policy, year (blank where an outcome has none),
            one a quantile, and `draws`, how many it is taken from.

        Raises
        ------
        UsageError
            For a name that is no outcome, or a share outside [0, 1].

        Examples
        --------
        >>> import kctopt, pandas
        >>> draws = pandas.DataFrame({"controls.intensity": [0.2, 0.4, 0.6]})
        >>> ensemble = kctopt.simulate("runs/baseline", draws=draws)
        >>> table = ensemble.quantiles((0.05, 0.5, 0.95), ["security"])
        >>> list(table.columns)
        ['outcome', 'domain', 'line', 'policy', 'year', '5%', '50%', '95%', 'draws']
        """
        import pandas as pd

        shares = _shares(q)
        tables = []
        for name in self._named(outcomes):
            values = self.values[name][self.simulated[self.kept[name]]]
            if not len(values):
                continue
            with np.errstate(invalid="ignore"):
                cut = np.quantile(values, shares, axis=0)
            columns = _places(self.labels[name])
            columns |= {f"{100 * share:g}%": part.ravel() for share, part in zip(shares, cut, strict=True)}
            tables.append(pd.DataFrame({"outcome": name} | columns | {"draws": len(values)}))
        if not tables:
            return pd.DataFrame(columns=["outcome", *PLACES, *(f"{100 * share:g}%" for share in shares), "draws"])
        table = pd.concat(tables, ignore_index=True)
        return table.dropna(subset=[f"{100 * shares[0]:g}%"]).reset_index(drop=True)

    def to_frame(self, outcome: str) -> pandas.DataFrame:
        """All values of one outcome, one row each.

        Parameters
        ----------
        outcome : str
            Its name.

        Returns
        -------
        pandas.DataFrame
            Columns draw, the axes of the outcome (domain, line, policy, year), and value; nan in invalid draws.

        Raises
        ------
        UsageError
            For a name that is no outcome.

        Examples
        --------
        >>> import kctopt, pandas
        >>> ensemble = kctopt.simulate("runs/baseline", draws=pandas.DataFrame({"controls.intensity": [0.2, 0.6]}))
        >>> list(ensemble.to_frame("gap").columns)
        ['draw', 'line', 'year', 'value']
        """
        import pandas as pd

        (name,) = self._named([outcome])
        values, labels = self.values[name], self.labels[name]
        size = int(np.prod(values.shape[1:], dtype=int))
        places = {axis: np.tile(part, len(values)) for axis, part in _places(labels).items() if axis in labels}
        draw = np.repeat(self.kept[name], size)
        return pd.DataFrame({"draw": draw} | places | {"value": values.ravel()})

    def kept_of(self, outcome: str) -> int:
        """Number of draws of which an outcome is kept.

        Parameters
        ----------
        outcome : str
            Its name.

        Returns
        -------
        int
            All draws, or those that had room.

        Raises
        ------
        UsageError
            For a name that is no outcome.

        Examples
        --------
        >>> import kctopt, pandas
        >>> ensemble = kctopt.simulate("runs/baseline", draws=pandas.DataFrame({"controls.intensity": [0.2, 0.6]}))
        >>> ensemble.kept_of("gap")
        2
        """
        return len(self.kept[self._named([outcome])[0]])

    def _named(self, outcomes: Iterable[str] | None) -> list[str]:
        if outcomes is None:
            return list(self.values)
        asked = [outcomes] if isinstance(outcomes, str) else list(outcomes)
        _known(asked, self.values)
        return asked


PLACES = ("domain", "line", "policy", "year")


def simulate(
    plan: Result | Plan | Money | str | Path, scenario: Scenario | str | Path | None = None, *, draws: Any,
    choices: Choices = NO_CHOICES, outcomes: Iterable[str] = (),
) -> Ensemble:  # fmt: skip
    """Hold a plan fixed and run the exact laws in every draw; see `kctopt.simulator`."""
    held = _plan(plan, choices)
    asked = [outcomes] if isinstance(outcomes, str) else list(outcomes)
    _known(asked, [*kinds.READERS, kinds.SHORTFALL])
    drawn, of = _draws(draws)
    base = _scenario(scenario, held, of)
    try:
        held_money, held_choices = checked(base, held.money), checked_choices(base, held.choices)
    except ValueError as error:
        raise UsageError(f"the plan does not fit scenario {base.name}: {error}") from None
    fixed = Plan(held_money, held_choices, held.budget_scale, base, held.notes)
    members = grouped(base, drawn)
    run = _Run(base, fixed, drawn, members, asked)
    for group in members.groups:
        run.group(group)
    return run.ensemble()


@dataclass
class _Run:
    """The simulation of all draws, chunk by chunk."""

    scenario: Scenario
    plan: Plan
    draws: Draws
    members: Grouped
    asked: list[str]
    values: dict[str, Array] = field(default_factory=dict)
    kept: dict[str, Numbers] = field(default_factory=dict)
    labels: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.draws.values)
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
        scenario, money = chunk.scenario, self.plan.money
        with np.errstate(all="ignore"):
            path = run_laws(scenario, money, world, choices)
            case = kinds.Case(scenario, world, money, choices, path)
            judged = rules.verdict(rules.Case(scenario, money, choices, path, self.plan.budget_scale), chunk.count)
            objective = np.broadcast_to(path.objective, chunk.count)
            found.add(found.kept & ~np.isfinite(objective), "objective", "the laws give no finite number")
            self._outcomes(numbers, case, found.kept)
        whole = found.kept
        for n in np.flatnonzero(~whole):
            self.member["reason"][numbers[n]] = found.reason(int(n))
        good = numbers[whole]
        self.member["status"][good] = np.where(judged.broken[whole] > 0, "broken", "kept")
        told = {"broken": judged.broken, "breach": judged.amount, "relative": judged.worst}
        told |= {"rule": np.array(judged.rule, dtype=object), "unit": np.array(judged.unit, dtype=object)}
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
        return Ensemble(self.scenario, self.draws, self.values, self.kept, self.labels, self.member, self.plan.notes)


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
    if plan.money is None:
        raise UsageError(f"the run of {plan.scenario.name} has no plan ({plan.status}): nothing can be held fixed")
    notes = ("rules and objective that the user wrote are not judged in draws",) if plan.own else ()
    return Plan(plan.money, plan.choices, plan.budget_scale or 1.0, plan.solved_scenario, notes)


def _draws(draws: Any) -> tuple[Draws, Study | None]:
    """Draws of whatever was given, and the study that they come from."""
    if isinstance(draws, Draws):
        return draws, None
    if isinstance(draws, str | Path):
        draws = import_module("kctopt.study.load").load_study(draws)
    if isinstance(draws, Study):
        return import_module("kctopt.study.sample").draw(draws), draws
    if hasattr(draws, "columns"):
        return draws_of(draws), None
    raise wrong_source(
        draws, "Draws, a Study, the path of a study file, or a DataFrame with one column a path", name="draws"
    )


def _scenario(given: Any, plan: Plan, study: Study | None) -> Scenario:
    """The scenario whose numbers are drawn: the one given, else the study's, else the plan's."""
    if isinstance(given, Scenario):
        return given
    if given is not None:
        return load(given).scenario
    if study is not None and len(study.scenarios) == 1:
        return study.scenarios[0]
    if study is not None and plan.scenario is None:
        names = ", ".join(scenario.name for scenario in study.scenarios)
        raise UsageError(f"study {study.name} is of several scenarios ({names}): give one as scenario=")
    if plan.scenario is None:
        raise UsageError("money alone does not say in which scenario: give one as scenario=")
    return plan.scenario


def _known(names: Iterable[Any], known: Iterable[str]) -> None:
    there = list(known)
    for name in names:
        if name not in there:
            raise UsageError(f"no outcome {name!r}; {suggest(str(name), there)}".rstrip("; "))


def _shares(q: Any) -> list[float]:
    shares = [q] if isinstance(q, int | float) else list(q)
    if not shares or not all(isinstance(share, int | float) and 0 <= share <= 1 for share in shares):
        raise UsageError(f"q={q!r}: needs shares of probability from 0 to 1, such as (0.05, 0.5, 0.95)")
    return [float(share) for share in shares]


def _places(labels: Mapping[str, Sequence[Any]]) -> dict[str, NDArray[Any]]:
    """Columns of all places of an outcome, in the order of its values; blank on axes that it lacks."""
    shape = tuple(len(part) for part in labels.values())
    size = int(np.prod(shape, dtype=int))
    columns: dict[str, NDArray[Any]] = {name: np.full(size, "", dtype=object) for name in PLACES}
    for axis, (name, part) in enumerate(labels.items()):
        across = np.array(part, dtype=object).reshape([-1 if n == axis else 1 for n in range(len(shape))])
        columns[name] = np.broadcast_to(across, shape).ravel()
    return columns
