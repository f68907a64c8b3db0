"""Members' own plans in their own worlds: every outcome of a run's tables, simulated anew from the file of a sweep.

    found = optima(kctopt.open("studies/NAME.duckdb"))      an Ensemble: each draw with the plan that is best there
    gaps(kctopt.open("studies/NAME.duckdb")).table          quantiles of the gap by line and year

The file keeps each member's money by year and its discrete choices, but of outcomes indices alone. Here the exact laws
are run again, for all members at once whose choices are alike. What comes out must agree with the objectives that the
file keeps; where it does not, the file was made by other laws, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from kctopt.brief import brief, counted
from kctopt.errors import UsageError
from kctopt.holding.plan import Plan
from kctopt.result.tables import main_type
from kctopt.scenario.records import Scenario
from kctopt.simulator import Money
from kctopt.simulator.choices import checked_choices
from kctopt.study.analyses import members_of
from kctopt.study.draw_run import DrawRun
from kctopt.study.ensemble import QUANTILES, Ensemble, check_names
from kctopt.study.given import WITH_VALUE
from kctopt.study.held import draws_of, scenario_of
from kctopt.study.outcomes import READERS
from kctopt.study.plans import unpacked
from kctopt.study.swept import Swept
from kctopt.study.words import Note, sentences
from kctopt.study.worlds import Group, grouped

AGREE = 1e-6  # relative, to which an objective that is simulated again is the same
SHARES = tuple(f"{100 * share:g}%" for share in QUANTILES)


def optima(sweep: Swept, scenario: str | None = None, *, outcomes: Iterable[str] = ("gap",)) -> Ensemble:
    """Each member's own plan in its own draw.

    Parameters
    ----------
    sweep : Sweep
        With all its members.
    scenario : str, optional
        One of the sweep's; needed where it has several.
    outcomes : iterable of str, default ("gap",)
        Outcomes of lines or domains of which every draw is kept.

    Returns
    -------
    Ensemble
        All draws of the study; those whose member has no plan are `invalid`.

    Raises
    ------
    UsageError
        Members that are missing, none with a plan, an outcome that is none, a file of an earlier kctopt, and laws that
        give other objectives than the file keeps.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.study.optima import optima
    >>> optima(kctopt.open("studies/tight.duckdb")).status["status"].tolist()
    ['kept', 'invalid']
    """
    asked = [outcomes] if isinstance(outcomes, str) else list(outcomes)
    check_names(asked, READERS)
    members = members_of(sweep, scenario)
    name = str(members["scenario"].iloc[0])
    base, drawn = scenario_of(sweep, name), draws_of(sweep)
    rows = sweep.table("plans")
    rows = rows[rows["scenario"] == name]
    plans = {int(draw): unpacked(bytes(content)) for draw, content in zip(rows["draw"], rows["content"], strict=True)}
    planned = {int(draw) for draw in members.index[members["status"].isin(WITH_VALUE)]}
    if not planned:
        raise UsageError(
            f"{sweep.path}: none of the {len(members)} members has a plan; see the reasons in sweep.members"
        )
    worlds = grouped(base, drawn)
    run = _OwnPlans(base, next(iter(plans.values())), drawn, worlds, asked, "amounts", plans=plans)
    for draw, status in zip(members.index.tolist(), members["status"], strict=True):
        if draw not in plans:
            run.member["reason"][draw] = f"its member has no plan ({status})"
    for group in worlds.groups:
        run.group(group)
    found = run.ensemble()
    _check(sweep, base, found, members)
    return found


@dataclass
class _OwnPlans(DrawRun):
    """The simulation of draws each with a plan of its own; `plan` stands for all."""

    plans: Mapping[int, Plan] = None  # type: ignore[assignment]

    def group(self, group: Group) -> None:
        """Simulate the draws of a group that have a plan, those with the same choices together."""
        alike: dict[tuple[object, ...], list[int]] = {}
        for place, draw in enumerate(group.draws.tolist()):
            if draw in self.plans:
                alike.setdefault(_choice_key(self.plans[draw]), []).append(place)
        for places in alike.values():
            at = np.array(places, dtype=np.intp)
            whole = len(at) == len(group.draws)
            self._together(group if whole else Group(group.draws[at], group.drawn.take(at)))

    def _together(self, group: Group) -> None:
        scenario = group.drawn.scenario
        for numbers, chunk in group.chunks(self.size_of(scenario)):
            held = _stacked([self.plans[int(draw)] for draw in numbers])
            try:
                choices = checked_choices(scenario, held.choices)
            except ValueError as error:
                self.member["reason"][numbers] = str(error)
                continue
            self.chunk(numbers, chunk, replace(held, choices=choices))


def _choice_key(plan: Plan) -> tuple[object, ...]:
    """What plans share that are simulated together."""
    made = (plan.choices.stage, plan.choices.mode, plan.choices.routes)
    codes = tuple(None if part is None else np.asarray(part, dtype=int).tobytes() for part in made)
    return *codes, plan.choices.restraint is None, plan.budget_scale


def _stacked(plans: Sequence[Plan]) -> Plan:
    """Plans that choose alike as one, its money with an axis of draws."""
    money = Money(*(np.stack([getattr(plan.money, name) for plan in plans])
                    for name in ("strategic", "substitution", "exchange")))  # fmt: skip
    restraint = [plan.choices.restraint for plan in plans]
    held = None if restraint[0] is None else np.stack([np.asarray(part) for part in restraint])
    return replace(plans[0], money=money, choices=replace(plans[0].choices, restraint=held))


def _check(sweep: Swept, base: Scenario, found: Ensemble, members: pd.DataFrame) -> None:
    """Refuse laws that give other objectives than those that the file keeps."""
    if base.objective.kind != "national_security":
        return
    there = found.simulated & members["objective"].notna().to_numpy()
    now, then = found.values["objective"][there], members["objective"].to_numpy(dtype=float)[there]
    apart = np.abs(now - then) / np.maximum(1.0, np.abs(then))
    if len(apart) and apart.max() > AGREE:
        raise UsageError(
            f"{sweep.path}: its plans are worth something else by the laws of this kctopt (by up to "
            f"{apart.max():.1e} of the objective): it was made by another; sweep the study again into another file"
        )


@dataclass(frozen=True, eq=False, repr=False)
class Gaps:
    """Gaps by line over the members of a sweep, each with the plan that is best in its draw.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each line and year, base year first: `line`, `domain`, `type`, `year`, a column for each quantile over
        the members with a plan (`5%` to `95%`; the gap is 1 less own usable capability over the rival's), `members`.
    last : int
        The last planned year.
    """

    table: pd.DataFrame
    last: int
    notes: tuple[Note, ...]

    def __repr__(self) -> str:
        return brief(self, counted(self.table["line"].nunique(), "line"), counted(self.table["year"].nunique(), "year"))

    @property
    def end(self) -> pd.DataFrame:
        """The rows of the last planned year, by line."""
        return self.table[self.table["year"] == self.last].set_index("line")

    def sentences(self, lang: str = "en") -> list[str]:
        """Of how many members, how many lines lead or stay behind in nine worlds of ten, whose gap is least known."""
        return sentences(self.notes, lang)


def gaps(sweep: Swept, scenario: str | None = None) -> Gaps:
    """Gap of every line by year over the optima of a sweep.

    Parameters
    ----------
    sweep : Sweep
        With all its members; those without a plan take no part.
    scenario : str, optional
        One of the sweep's; needed where it has several.

    Returns
    -------
    Gaps
        Of one plan of each member: other plans within the gap of its bounds may spread otherwise.

    Raises
    ------
    UsageError
        As `optima` does.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.study.optima import gaps
    >>> found = gaps(kctopt.open("studies/tight.duckdb"))
    >>> found.end["members"].unique().tolist()
    [1]
    """
    found = optima(sweep, scenario)
    base, table = found.scenario, found.quantiles(QUANTILES, ["gap"])
    homes, kinds = {line.id: line.domain for line in base.lines}, {line.id: main_type(line) for line in base.lines}
    rows = table[table["year"].astype(int) <= base.horizon.last_year]
    own = pd.DataFrame({
        "line": rows["line"], "domain": rows["line"].map(homes), "type": rows["line"].map(kinds),
        "year": rows["year"].astype(int), **{share: rows[share] for share in SHARES}, "members": rows["draws"],
    }).reset_index(drop=True)  # fmt: skip
    return Gaps(own, base.horizon.last_year, tuple(_notes(found, own, base.horizon.last_year)))


def _notes(found: Ensemble, table: pd.DataFrame, year: int) -> list[Note]:
    """What the gaps of the last planned year say."""
    end = table[table["year"] == year].set_index("line")
    low, high = end[SHARES[0]], end[SHARES[-1]]
    about: dict[str, Any] = {"members": f"{int(found.simulated.sum()):,}", "year": year}
    notes = [Note("own_plans", about)]
    if not found.simulated.all():
        notes.append(Note("own_left_out", {"count": f"{int((~found.simulated).sum()):,}", "draws": f"{len(found):,}"}))
    counts = {"lines": len(end), "behind": int((low > 0).sum()), "ahead": int((high < 0).sum())}
    notes.append(Note("gaps_side", {**counts, "open": len(end) - counts["behind"] - counts["ahead"], "year": year}))
    spread = (high - low).sort_values(ascending=False, kind="stable")
    if spread.iloc[0] > 0:
        worst = str(spread.index[0])
        ends = {name: f"{100 * side[worst]:.1f}".replace("-", "−") for name, side in (("low", low), ("high", high))}
        notes.append(Note("gaps_spread", {"line": worst, **ends}))
    return notes
