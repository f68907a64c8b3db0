"""The discrete decisions of a plan, told: what switches, what is held back, which modes and programmes, what is off.

| kind | one for each | read from |
|---|---|---|
| held_back | line kept just outside the near stage, and all of them together | regimes, restraint, simulation |
| switch | line and review at which its stage changes | regimes |
| modes | course of cooperation modes, with the domains that take it | cooperation |
| off | plan in which lines with an efficient scale are off | allocation |
| launch | plan in which programmes start | programmes |
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from kctopt.language import LANGUAGES, Texts, checked_lang, plan_name, translate
from kctopt.result.discrete import held_back
from kctopt.result.restraint_worth import Worth, worth
from kctopt.result.tables import plan_of
from kctopt.rules.money import is_on
from kctopt.scenario.reviews import review_years
from kctopt.scenario.units import money_unit

if TYPE_CHECKING:
    from kctopt.result.result import Result
    from kctopt.scenario.records import Label, Scenario

TINY = 1e-3  # capability not built, index points, that counts as none: the money alone keeps a line outside
MOST = 12  # sentences shown under a table
NAMED = 6  # programmes or lines named in one sentence


@dataclass(frozen=True)
class HeldBack:
    """Lines that the plan keeps just outside the near stage, so that exchange stays open."""

    kind: ClassVar[str] = "held_back"
    lines: tuple[str, ...]
    reviews: tuple[int, ...]
    worth: Worth


@dataclass(frozen=True)
class Switch:
    """A line whose stage changes."""

    kind: ClassVar[str] = "switch"
    line: str
    year: int
    before: str
    stage: str


@dataclass(frozen=True)
class Modes:
    """Domains that take the same course of cooperation modes."""

    kind: ClassVar[str] = "modes"
    domains: tuple[str, ...]
    plans: tuple[str, ...]
    modes: tuple[str, ...]  # by plan
    changes: tuple[int, ...]  # years in which the mode changes
    cost: float  # of all changes, billion CNY


@dataclass(frozen=True)
class Off:
    """Lines that stay below their efficient scale in a plan and are off."""

    kind: ClassVar[str] = "off"
    plan: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Launch:
    """Programmes that start in a plan, the dearest first."""

    kind: ClassVar[str] = "launch"
    plan: str
    programmes: tuple[str, ...]
    routes: tuple[int, ...]
    cost: float  # over all their years, billion CNY


Decision = HeldBack | Switch | Modes | Off | Launch


def decisions_of(result: Result) -> tuple[Decision, ...]:
    """The discrete decisions of a plan; none without a plan."""
    if not result.has_plan:
        return ()
    return (*_held(result), *_switches(result), *_modes(result), *_off(result), *_launches(result))


def sentences_of(result: Result, lang: str) -> list[str]:
    """The discrete decisions of a plan, a sentence each."""
    return [told(decision, result.scenario, lang) for decision in decisions_of(result)]


def as_data(decision: Decision) -> dict[str, Any]:
    """A decision as JSON prints it."""
    return {"kind": decision.kind} | asdict(decision)


def chosen(decisions: Sequence[Decision], most: int = MOST) -> list[Decision]:
    """The first ones of each kind in turn, `most` in all, in the order given."""
    turns: dict[str, int] = {}
    ranked = []
    for place, decision in enumerate(decisions):
        turn = turns.get(decision.kind, 0)
        turns[decision.kind] = turn + 1
        ranked.append((turn, place))
    return [decisions[place] for place in sorted(place for _, place in sorted(ranked)[:most])]


def _held(result: Result) -> Iterator[HeldBack]:
    scenario, money, path = result.solved_scenario, result.money, result.trajectory
    if scenario.stages != "switching" or money is None or path is None:
        return
    held = held_back(scenario, path)
    lines = np.flatnonzero(held.any(axis=1)).tolist()
    for group in [[i] for i in lines] + ([lines] if len(lines) > 1 else []):
        names = tuple(scenario.lines[i].id for i in group)
        reviews = tuple(np.array(review_years(scenario))[held[group].any(axis=0)].tolist())
        yield HeldBack(names, reviews, worth(scenario, money, result.choices, path, held, group))


def _switches(result: Result) -> Iterator[Switch]:
    table = result.columns("regimes")
    rows = np.flatnonzero(table["switched"])
    for row in rows[np.argsort(table["review"][rows], kind="stable")].tolist():
        year = int(table["review"][row])
        yield Switch(table["line"][row], year, table["stage_before"][row], table["stage"][row])


def _modes(result: Result) -> Iterator[Modes]:
    table, horizon = result.columns("cooperation"), result.scenario.horizon
    first = {plan.id: plan.first for plan in horizon.plans}
    courses: dict[tuple[tuple[str, ...], tuple[int, ...]], list[str]] = {}
    for domain in dict.fromkeys(table["domain"].tolist()):
        own = table["domain"] == domain
        changes = tuple(first[plan] for plan in table["plan"][own & table["changed"]])
        courses.setdefault((tuple(table["mode"][own]), changes), []).append(domain)
    for (modes, changes), domains in courses.items():
        cost = float(table["change_cost"][np.isin(table["domain"].astype(str), domains)].sum())
        yield Modes(tuple(domains), tuple(first), modes, changes, cost)


def _off(result: Result) -> Iterator[Off]:
    scenario, money = result.scenario, result.money
    assert money is not None  # decisions are those of a plan
    scaled, unit = [i for i, line in enumerate(scenario.lines) if line.min_scale > 0], money_unit(scenario)
    least = np.array([scenario.lines[i].min_scale for i in scaled])
    for plan in scenario.horizon.plans if scaled else ():
        at = [year in range(plan.first, plan.last + 1) for year in scenario.horizon.years]
        runs = is_on(money.spend[scaled][:, at], least, unit)
        off = [scenario.lines[i].id for i, on in zip(scaled, runs, strict=True) if not on]
        if off:
            yield Off(plan.id, tuple(off))


def _launches(result: Result) -> Iterator[Launch]:
    table, horizon = result.columns("programmes"), result.scenario.horizon
    rows = np.flatnonzero(table["selected"])
    rows = rows[np.argsort(-table["cost"][rows], kind="stable")]
    for plan in horizon.plans:
        own = [row for row in rows.tolist() if plan_of(horizon, int(table["start"][row])) == plan.id]
        if own:
            names, routes = tuple(table["programme"][own]), tuple(table["routes"][own].tolist())
            yield Launch(plan.id, names, routes, float(table["cost"][own].sum()))


TEXT: Texts = {
    "near": "{line} enters the near stage in {year}.",
    "reach": "{line} comes within reach in {year}.",
    "far": "{line} falls back to the far stage in {year}.",
    "held_back": "{lines} stays just outside the near stage in {years} to keep exchange open",
    "held_together": "All {count} lines held back, taken together",
    "restrained": ", with {points} points of capability not built: ",
    "by_money": ", by its money alone: ",
    "worth": (
        "worth {gain} NS points over the years ({objective} against {objective_without} if near, with the same money) "
        "and {later} in {last} ({security} against {security_without})."
    ),
    "modes": "{domains}: {course}",
    "in_plan": "{mode} in {plan}",
    "in_all": "{mode} in all plans",
    "changes": "; changes in {years} cost {cost:.1f} billion CNY.",
    "off": "Off in {plan}, below efficient scale: {lines}.",
    "launch": "{plan}: {count} programmes start, {cost:.1f} billion CNY in all: {programmes}.",
    "one_launch": "{plan}: one programme starts, {cost:.1f} billion CNY: {programmes}.",
    "routes": "{name} ({routes} routes)",
    "more": "{count} more",
    "colon": ": ",
    "stop": ".",
}


@dataclass(frozen=True)
class Teller:
    """Puts decisions on one scenario into words of a language."""

    scenario: Scenario
    lang: str

    def text(self, key: str, **values: Any) -> str:
        """A template filled."""
        return translate(TEXT[key], self.lang, **values)

    def name(self, kind: str, ids: Sequence[str]) -> list[str]:
        """Labels of the records of a kind: lines, domains, modes, programmes."""
        labels: dict[str, Label] = {entry.id: entry.label for entry in getattr(self.scenario, kind)}
        return [labels[name].text(self.lang) for name in ids]

    def joined(self, parts: Sequence[Any]) -> str:
        """A list as people write it."""
        texts = [str(part) for part in parts]
        return LANGUAGES[self.lang].series(texts)

    def some(self, parts: Sequence[str]) -> str:
        """The first ones of a list, the rest counted."""
        rest = len(parts) - NAMED
        return self.joined(parts if rest < 2 else [*parts[:NAMED], self.text("more", count=rest)])


def told(decision: Decision, scenario: Scenario, lang: str) -> str:
    """A decision as a sentence; `lang` is en or zh."""
    checked_lang(lang)
    teller = Teller(scenario, lang)
    match decision:
        case Switch():
            return teller.text(decision.stage, line=teller.name("lines", [decision.line])[0], year=decision.year)
        case HeldBack():
            return _held_text(teller, decision)
        case Modes():
            return _modes_text(teller, decision)
        case Off():
            return teller.text(
                "off", plan=plan_name(decision.plan, lang), lines=teller.some(teller.name("lines", decision.lines))
            )
        case Launch():
            return _launch_text(teller, decision)


def _held_text(teller: Teller, held: HeldBack) -> str:
    names = teller.name("lines", held.lines)
    key = "held_back" if len(names) == 1 else "held_together"
    years = teller.joined(_spans(teller.scenario, held.reviews))
    start = teller.text(key, lines=names[0], years=years, count=len(names))
    worth, points = held.worth, sum(held.worth.restraint)
    unrestrained = "by_money" if len(names) == 1 else "colon"
    how = teller.text("restrained", points=f"{points:.3g}") if points > TINY else teller.text(unrestrained)
    return (start + how) + teller.text(
        "worth",
        gain=f"{worth.objective - worth.objective_without:+.3g}",
        objective=f"{worth.objective:.3f}",
        objective_without=f"{worth.objective_without:.3f}",
        later=f"{worth.security - worth.security_without:+.3g}",
        security=f"{worth.security:.3f}",
        security_without=f"{worth.security_without:.3f}",
        last=teller.scenario.horizon.last_year,
    )


def _spans(scenario: Scenario, reviews: Sequence[int]) -> list[str]:
    """The planned years in which what some reviews decide is in force: 2029-2033 for those of 2029 and 2031."""
    listed = review_years(scenario)
    ends = dict(zip(listed, [*(year - 1 for year in listed[1:]), scenario.horizon.last_year], strict=True))
    spans: list[list[int]] = []
    for review in reviews:
        if spans and spans[-1][1] == review - 1:
            spans[-1][1] = ends[review]
        else:
            spans.append([review, ends[review]])
    return [str(first) if first == last else f"{first}-{last}" for first, last in spans]


def _modes_text(teller: Teller, taken: Modes) -> str:
    modes = [label[:1].lower() + label[1:] for label in teller.name("modes", taken.modes)]
    if len(set(modes)) == 1 and len(modes) > 1:
        course = teller.text("in_all", mode=modes[0])
    else:
        plans = zip(modes, taken.plans, strict=True)
        course = LANGUAGES[teller.lang].clause.join(
            teller.text("in_plan", mode=mode, plan=plan_name(plan, teller.lang)) for mode, plan in plans
        )
    start = teller.text("modes", domains=teller.joined(teller.name("domains", taken.domains)), course=course)
    if not taken.changes:
        return start + teller.text("stop")
    return start + teller.text("changes", years=teller.joined(taken.changes), cost=taken.cost)


def _launch_text(teller: Teller, launch: Launch) -> str:
    names = teller.name("programmes", launch.programmes)
    parts = [
        teller.text("routes", name=name, routes=routes) if routes > 1 else name
        for name, routes in zip(names, launch.routes, strict=True)
    ]
    key = "launch" if len(parts) > 1 else "one_launch"
    return teller.text(
        key, plan=plan_name(launch.plan, teller.lang), count=len(parts), cost=launch.cost, programmes=teller.some(parts)
    )
