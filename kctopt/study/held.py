"""Plans held fixed in the draws of a sweep: runs that the study names, and members' own optima, by regret and measures.

    found = regret(kctopt.open("studies/NAME.duckdb"))
    found.values                 plan x draw, nan where the plan breaks a rule of that draw's world
    found.measures.table         maximin, Hurwicz, Laplace, expected, CVaR, Savage, percentile regret, satisficing
    found.measures.regret.low    regret against the best plan known; `high` against the proven bound
    found.sentences()

| step | what |
|---|---|
| plans | those of `plans:`, those given, and optima of members |
| optima | plans that are alike count once; the first is nearest to the mean, each next the farthest from those chosen |
| draws | those whose member has a plan and a bound: elsewhere there is nothing to measure regret against |
| money | shares of each draw's budget, adjusted to be feasible where they break a rule on money; or amounts |
| value | the exact laws, where the plan keeps every rule; else none |
| regret | between the best known (member or plan) less the value, and the member's proven bound less the value |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from kctopt.brief import brief, counted
from kctopt.errors import UsageError
from kctopt.holding.in_draws import Hold, checked_hold
from kctopt.holding.plan import Plan, as_shares, budgets_of
from kctopt.naming import Name
from kctopt.result.result import Result
from kctopt.rules.judge import TOLERANCE
from kctopt.scenario.load import load
from kctopt.scenario.records import Scenario
from kctopt.simulator import Money
from kctopt.study.analyses import members_of
from kctopt.study.ensemble import Ensemble
from kctopt.study.fixed_plan import in_draws
from kctopt.study.given import WITH_VALUE, Array, checked_count
from kctopt.study.how_held import how_held
from kctopt.study.plans import plan_of, unpacked
from kctopt.study.records import Draws, Sample, UncertainInput
from kctopt.study.robustness import Robustness, robustness
from kctopt.study.sweep_tables import at_random
from kctopt.study.swept import Swept
from kctopt.study.words import Note, sentences

OPTIMA = 12  # members' optima that are held fixed
ALIKE = 1e-4  # of a plan's money: two that differ by less are one
LEEWAY = 10 * TOLERANCE  # relative, by which breaking rules within their tolerance can lift a plan above a bound


@dataclass(frozen=True, eq=False, repr=False)
class Regret:
    """Plans held fixed in the draws of a sweep.

    Attributes
    ----------
    values : pandas.DataFrame
        (D, P) objective of each plan in each draw, NS points; nan where it breaks a rule there.
    plans : pandas.DataFrame
        A row for each plan: `kind` (`run` or `optimum`), `source` (its folder, or its draw), `money` (billion CNY over
        the plan), `kept` (share of the draws in which it keeps every rule, adjusted or not), `adjusted` (share of the
        draws in which it was adjusted to be feasible), `moved` (most of its money that moved by that, a share), `rule`
        (broken in most draws).
    best, bound : pandas.Series
        (D,) value and proven bound of the member of each draw.
    measures : Robustness
        Every measure of every plan, with the regret matrix.
    """

    values: pd.DataFrame
    plans: pd.DataFrame
    best: pd.Series[float]
    bound: pd.Series[float]
    measures: Robustness
    notes: tuple[Note, ...]

    def __repr__(self) -> str:
        return brief(self, counted(self.values.shape[1], "plan"), counted(self.values.shape[0], "draw"))

    def sentences(self, lang: str = "en") -> list[str]:
        """Which plans in which draws, what is left out, then what the measures say."""
        measures = [note for note in self.measures.notes if note.key != "plan_failed"]  # told with the rule
        return sentences((*self.notes, *measures), lang)


def regret(
    sweep: Swept, *, plans: Sequence[str | Path | Result] = (), optima: int = OPTIMA, scenario: str | None = None,
    threshold: float | None = None, confidence: float = 0.95, percentile: float = 0.9, optimism: float = 0.5,
    hold: Hold = "shares",
) -> Regret:  # fmt: skip
    """Hold plans fixed in every draw of a sweep and judge them against the members' proven intervals.

    Parameters
    ----------
    sweep : Sweep
        With all its members.
    plans : sequence of str, pathlib.Path or Result, default ()
        Runs to be judged beside those that the study file names under `plans:`.
    optima : int, default 12
        At most so many of the members' optima; 0 for none. Which are taken hangs on the plans alone.
    scenario : str, optional
        One of the sweep's; needed where it has several.
    threshold : float, optional
        Objective that is enough, for the satisficing share.
    confidence, percentile, optimism : float
        Of the CVaR, of percentile regret, and of Hurwicz, as `kctopt.study.robustness.robustness` takes them.

    hold : str, default "shares"
        `shares` of each draw's budget, adjusted to be feasible where they break a rule on money, or `amounts`.

    Returns
    -------
    Regret
        A plan that breaks a rule in some draw has no value there: its satisficing share counts the draw as failed, and
        of the other measures it has none.

    Raises
    ------
    UsageError
        Members that are missing, no member with a plan, no plan to be judged, a plan that does not fit, a scenario
        that asks for the least budget or the earliest year.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.study.held import regret
    >>> found = regret(kctopt.open("studies/tight.duckdb"), plans=["runs/baseline"])
    >>> found.plans["kind"].tolist(), found.values.shape
    (['run', 'optimum'], (1, 2))
    """
    members = members_of(sweep, scenario)
    name = str(members["scenario"].iloc[0])
    base, drawn = scenario_of(sweep, name), draws_of(sweep)
    if base.objective.kind != "national_security":
        raise UsageError(f"regret is of national security, and scenario {name} asks for {base.objective.kind}")
    judged = members["status"].isin(WITH_VALUE) & members["bound"].notna()
    if not judged.any():
        raise UsageError(f"{sweep.path}: none of the {len(members)} members has a plan and a bound")
    known = _Known(base, checked_hold(hold))
    _plans(known, sweep, plans, members.index[judged], checked_count("optima", optima, 0))
    if not known.held:
        raise UsageError("no plan to be judged: name runs under plans: in the study, give plans=, or optima=12")
    ensembles = dict(zip(known.held, in_draws(known.held.values(), base, drawn, hold=known.hold), strict=True))
    every = pd.DataFrame({plan: _values(one) for plan, one in ensembles.items()}, index=members.index)
    values, best = every[judged], members.loc[judged, "objective"]
    bound, ahead = _bound(values, best, members.loc[judged, "bound"])
    measures = robustness(
        values, best=best, bound=bound, threshold=threshold, confidence=confidence, percentile=percentile,
        optimism=optimism,
    )  # fmt: skip
    rows = {
        plan: (known.kinds[plan], known.sources[plan], float(known.held[plan].money.spend.sum()), *_kept(one, judged))
        for plan, one in ensembles.items()
    }
    columns = ["kind", "source", "money", "kept", "adjusted", "moved", "rule"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    notes = [
        *known.notes,
        *how_held(ensembles.values(), known.hold, judged.to_numpy()),
        *_left_out(members, every, judged),
    ]
    notes += [*ahead, *_broken(table, len(values), known)]
    return Regret(values, table.rename_axis("plan"), best, bound, measures, tuple(notes))


def scenario_of(sweep: Swept, name: str) -> Scenario:
    """A scenario of a sweep as its file keeps it. Raises UsageError where an earlier file lacks it."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "scenario.yaml"
        place.write_text(content_of(sweep, name), encoding="utf-8")
        return load(place).scenario


def content_of(sweep: Swept, name: str) -> str:
    """The text of a scenario file that needs no other. Raises UsageError where an earlier file lacks it."""
    kept = sweep.table("scenarios").set_index("scenario")["content"]
    if name not in kept:
        raise UsageError(
            f"{sweep.path}: was written by an earlier kctopt, which kept no scenarios and plans; sweep the study again "
            "into another file"
        )
    return str(kept[name])


def inputs_of(sweep: Swept) -> tuple[UncertainInput, ...]:
    """The inputs of a sweep: which places of the scenario each moves, and how."""
    return tuple(UncertainInput(one["name"], tuple(one["paths"]), one["way"], None) for one in sweep.about["inputs"])


def draws_of(sweep: Swept) -> Draws:
    """The draws of a sweep, as a fixed plan takes them."""
    values = np.empty(sweep.draws.shape, dtype=object)
    for k, name in enumerate(sweep.draws.columns):
        values[:, k] = sweep.draws[name].tolist()
    return Draws(inputs_of(sweep), np.full(values.shape, np.nan), values, Sample(**sweep.about["sample"]))


@dataclass
class _Known:
    """Plans to be held fixed in a scenario, by name."""

    base: Scenario
    hold: Hold
    held: dict[str, Plan] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def add(self, name: str, plan: Plan, kind: str, source: str) -> None:
        """Take a plan; a run that is there already under some name is judged once."""
        there = next((known for known, other in self.held.items() if kind == "run" and _same(plan, other)), name)
        if there in self.held:
            self.notes += [Note("once", {"plan": name, "other": there})] if name != there else []
            return
        self.held[name], self.kinds[name], self.sources[name] = plan, kind, source

    def stored(self, sweep: Swept, content: Any) -> Plan:
        """A plan of a study's file. Raises UsageError where it does not say of what budgets it is to be a share."""
        plan = unpacked(bytes(content))
        if self.hold == "shares" and plan.budgets is None:
            raise UsageError(
                f"{sweep.path}: was written by an earlier kctopt, which kept no budgets of plans; sweep the study "
                "again into another file, or hold plans as amounts"
            )
        return plan


def _plans(known: _Known, sweep: Swept, given: Sequence[Any], draws: pd.Index, optima: int) -> None:
    """Runs of the study, those given, and some optima."""
    fixed = sweep.table("fixed")
    for name, folder, content in zip(fixed["name"], fixed["folder"], fixed["content"], strict=True):
        known.add(str(name), known.stored(sweep, content), "run", str(folder))
    for n, one in enumerate([given] if isinstance(given, str | Path | Result) else given, start=1):
        source, plan = str(one) if isinstance(one, str | Path) else one.scenario.name, plan_of(one)
        name = Path(source).name
        known.add(
            name if name not in known.held or _same(plan, known.held[name]) else f"{source} ({n})", plan, "run", source
        )
    runs = len(known.held)
    if optima:
        _add_optima(known, sweep, draws, optima)
    known.notes.insert(0, Note("held", {"runs": runs, "optima": len(known.held) - runs, "members": len(draws)}))
    if len(known.held) > runs:
        known.notes.insert(1, Note("numbered"))
    if not at_random(sweep):
        known.notes.append(Note("points", {"sample": sweep.about["sample"]["method"]}))


def _add_optima(known: _Known, sweep: Swept, draws: pd.Index, most: int) -> None:
    """Optima of members that stand for all: see the head of this module."""
    rows = sweep.table("plans")
    rows = rows[(rows["scenario"] == known.base.name) & rows["draw"].isin(draws)]
    if rows.empty:
        content_of(sweep, "")  # an earlier file
    plans = [known.stored(sweep, content) for content in rows["content"]]
    alike = [replace(one, money=_in_base(one, known.base)) for one in plans] if known.hold == "shares" else plans
    chosen, left = representatives(alike, most)
    for at in chosen:
        name = f"#{rows['draw'].iloc[at]}"
        known.add(name, plans[at], "optimum", str(rows["draw"].iloc[at]))
    if len(chosen) < len(plans):
        values = {"chosen": len(chosen), "members": len(plans), "most": f"{100 * left:.2g}"}
        known.notes.append(Note("chosen" if left > ALIKE else "alike", values))


def representatives(plans: Sequence[Plan], most: int) -> tuple[list[int], float]:
    """Positions of plans that stand for all, and the share of its money by which the farthest other differs.

    The first is nearest to the mean, each next farthest from those chosen; it ends where all others are alike.
    """
    money = np.array([_flat(plan) for plan in plans])
    size = np.abs(money).sum(axis=1) + 1e-300
    codes = [_codes(plan) for plan in plans]
    chosen = [int(np.abs(money - money.mean(axis=0)).sum(axis=1).argmin())]
    nearest = np.full(len(plans), np.inf)
    while True:
        last = chosen[-1]
        moved = np.abs(money - money[last]).sum(axis=1) / (size + size[last])  # 0 alike, 1 nothing in common
        other = np.array([code != codes[last] for code in codes])
        nearest = np.minimum(nearest, np.where(other, np.maximum(moved, 2 * ALIKE), moved))
        farthest = int(nearest.argmax())
        if len(chosen) >= most or nearest[farthest] <= ALIKE:
            return chosen, float(nearest[farthest])
        chosen.append(farthest)


def _in_base(plan: Plan, base: Scenario) -> Money:
    """A plan's money as shares of the budgets of a scenario: plans are told apart by their shares."""
    assert plan.budgets is not None
    return as_shares(plan.money, plan.budgets, budgets_of(base))


def _same(plan: Plan, other: Plan) -> bool:
    """Whether two plans give the same money and choose alike."""
    return np.array_equal(_flat(plan), _flat(other)) and _codes(plan) == _codes(other)


def _flat(plan: Plan) -> Array:
    parts = (plan.money.strategic, plan.money.substitution, plan.money.exchange)
    return np.concatenate([part.ravel() for part in parts])


def _codes(plan: Plan) -> tuple[bytes, ...]:
    """Discrete choices of a plan, to be told apart."""
    made = (plan.choices.stage, plan.choices.mode, plan.choices.routes)
    return tuple(b"" if part is None else np.asarray(part, dtype=int).tobytes() for part in made)


def _values(one: Ensemble) -> Array:
    """The objective where the plan keeps every rule, adjusted or not, else nan."""
    return np.where(one.lawful, one.values["objective"], np.nan)


def _bound(
    values: pd.DataFrame, best: pd.Series[float], bound: pd.Series[float]
) -> tuple[pd.Series[float], list[Note]]:  # fmt: skip
    """Bounds, moved up to plans that are ahead by no more than the tolerance of rules explains."""
    top = values.max(axis=1).fillna(-np.inf)
    over = top - bound
    near = (over > 0) & (over <= LEEWAY * np.maximum(1.0, bound.abs()))
    moved = bound.where(~near, top).where(bound >= best, np.maximum(bound, best))
    told = near & (over > TOLERANCE * np.maximum(1.0, bound.abs()))
    notes = [Note("ahead", {"draws": int(told.sum()), "most": f"{over[told].max():.2g}"})] if told.any() else []
    return moved, notes


def _kept(one: Ensemble, judged: pd.Series[bool]) -> tuple[float, float, float, str]:
    """Shares of the draws in which every rule is kept, and adjusted; most money moved; rule broken in most others."""
    status, rules = one.member["status"][judged], one.member["rule"][judged]
    broken = Counter(Name.parse(str(rule)).head for rule in rules[status == "broken"])
    shares = float(one.lawful[judged].mean()), float((status == "adjusted").mean())
    return *shares, float(one.member["moved"][judged].max()), broken.most_common(1)[0][0] if broken else ""


def _left_out(members: pd.DataFrame, every: pd.DataFrame, judged: pd.Series[bool]) -> Iterator[Note]:
    """Draws without a member to measure against, and plans that keep all rules where it is proven that none does."""
    if not judged.all():
        yield Note("left_out", {"count": int((~judged).sum()), "draws": len(judged)})
    proven = members.index[members["status"] == "infeasible"]
    against = every.loc[~judged & every.index.isin(proven)].notna().any(axis=1)
    if against.any():
        yield Note("against_proof", {"draws": int(against.sum()), "first": int(against.index[against][0])})


def _broken(table: pd.DataFrame, draws: int, known: _Known) -> Iterator[Note]:
    """Plans that break rules, and what follows for the measures."""
    some = table[table["kept"] < 1]
    if some.empty:
        return
    runs = some[some["kind"] == "run"]
    for plan, row in runs.iterrows():
        values = {"plan": str(plan), "count": round((1 - float(row["kept"])) * draws), "draws": draws}
        yield Note("breaks", values | {"rule": str(row["rule"]) or "-"})
    if len(some) > len(runs):
        optima = some[some["kind"] == "optimum"]
        worst = 100 * (1 - float(optima["kept"].min()))
        yield Note("optima_break", {"count": len(optima), "optima": len(known.held) - sum(
            kind == "run" for kind in known.kinds.values()), "most": f"{worst:.0f}"})  # fmt: skip
    yield Note("without_value")
