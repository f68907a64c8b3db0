"""Figures of a study's members, each a plan of its own: what `sweep.plot` draws and reports show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from kctopt.errors import UsageError, suggest
from kctopt.language import LANGUAGES
from kctopt.report.content import Figure
from kctopt.report.style import domain_colours
from kctopt.scenario.records import TYPES, Label
from kctopt.study.analyses import OBJECTIVE, discover, outcome_of, sensitivity
from kctopt.study.designs import IndexMethod
from kctopt.study.discovery import Discovery, cases_of
from kctopt.study.given import WITH_VALUE
from kctopt.study.optima import optima
from kctopt.study.plots import boxes, effects, fan, money, of_ensemble, parallel
from kctopt.study.plots.words import say
from kctopt.study.plots.worlds import Worlds, outcome_unit, outcome_words, quantiles_of
from kctopt.study.sweep_tables import ends
from kctopt.study.swept import Swept

PARTS = ("security", "economic", "military", "technology")
ITEMS: Mapping[str, tuple[str, ...]] = {"domain": ("domain",), "type": ("type",), "domain_type": ("domain", "type")}


class Told:
    """One scenario of a study: its names in a language, and its years.

    Raises UsageError where the study has several scenarios and none is named, or members are missing.
    """

    def __init__(self, sweep: Swept, scenario: str | None, lang: str) -> None:
        self.sweep, self.lang = sweep, lang
        self.members, _ = outcome_of(sweep, scenario=scenario)
        self.id = str(self.members["scenario"].dropna().iloc[0])
        labels = sweep.table("labels")
        own = labels[labels["scenario"] == self.id]
        self._labels = {(row.kind, row.id): Label(en=str(row.en), zh=str(row.zh)) for row in own.itertuples()}
        self.title = self.name("scenario", self.id)
        money = sweep.allocation
        self.money: pd.DataFrame = money[money["scenario"] == self.id]
        listed = [str(id) for kind, id in self._labels if kind == "domain"]
        self.domains = listed or list(dict.fromkeys(map(str, self.money["domain"])))
        self.plans = list(dict.fromkeys(map(str, self.money["plan"])))

    def name(self, kind: str, id: str) -> str:
        """Label of a part of the scenario; its id where the file has none."""
        label = self._labels.get((kind, id))
        return id if label is None else label.text(self.lang)

    @property
    def planned(self) -> list[int]:
        """Draws with a plan; raises UsageError where there is none."""
        there = [int(draw) for draw in self.members.index[self.members["status"].isin(WITH_VALUE)]]
        if not there or not self.plans:
            raise UsageError(
                f"{self.sweep.path}: none of the {len(self.members)} members has a plan; see the reasons in "
                "sweep.members"
            )
        return there

    @property
    def last(self) -> int:
        """The last planned year."""
        assert self.planned
        return max(map(ends, self.plans))

    def landmarks(self, base: int) -> list[int]:
        """The base year and the last year of every plan."""
        return [base, *sorted(map(ends, self.plans))]

    def worlds(self, outcome: str, year: int | None, domain: str | None) -> Worlds:
        """The draws with an outcome; of an index the last planned year where none is given."""
        assert self.planned
        at = self.last if year is None and outcome != OBJECTIVE else year
        _, values = outcome_of(self.sweep, outcome, at, domain=domain, scenario=self.id)
        words = outcome_words(outcome, at, self.name("domain", domain) if domain else "", self.lang)
        return Worlds(self.lang, self.title, self.sweep.draws, values, words, outcome_unit(outcome, self.lang))


def fans(told: Told, outcome: str | None = None, domain: str | None = None) -> Figure:
    """National security and its parts by year; or one index, or the gap of every line (`gap`)."""
    if outcome == "gap":
        return gap_fans(told)
    lang, table = told.lang, told.sweep.outcomes
    count = len(told.planned)
    rows = table[(table["scenario"] == told.id) & (table["year"] <= told.last)]
    names = PARTS if outcome is None else (_known(outcome, rows["outcome"]),)
    if outcome is None and domain is not None:
        raise UsageError("domain= goes with an outcome that domains have, such as 'kct'")
    rows = rows[rows["domain"] == ("" if domain is None else _known(domain, rows["domain"]))]
    if outcome is not None and not (rows["outcome"] == outcome).any():
        homes = sorted(set(table.loc[table["outcome"] == outcome, "domain"]))
        raise UsageError(f"{outcome} is of a domain; name one of {', '.join(homes)}" if domain is None else
                         f"{outcome} is of no domain; leave out domain=")  # fmt: skip
    found = [
        {"key": str(key), "year": int(str(year)), **quantiles_of(group.to_numpy(dtype=float))}
        for (key, year), group in rows[rows["outcome"].isin(names)].groupby(["outcome", "year"], sort=False)["value"]
    ]
    panels = [
        fan.Panel(name, outcome_words(name, None, told.name("domain", domain) if domain else "", lang))
        for name in names
    ]
    unit = say("points", lang) if outcome is None else outcome_unit(outcome, lang)
    frame = fan.Frame(title=unit) if outcome is None else fan.Frame(columns=1, height=280, title=unit)
    words = {"title": told.title, "count": f"{count:,}"}
    words |= {} if outcome is None else {"outcome": panels[0].title}
    caption = say("fan_caption" if outcome is None else "fan_one", lang, **words)
    marks = told.landmarks(int(rows["year"].min()))
    described = say("fan_described" if outcome is None else "fan_one_described", lang, **words)
    return fan.fan(pd.DataFrame(found), panels, marks, lang, frame, caption, described)


def gap_fans(told: Told) -> Figure:
    """The gap of every line by year, each world with the plan that is best there."""
    return of_ensemble.gap_fans(optima(told.sweep, told.id), told.lang, "gaps_own")


def _known(name: str, column: pd.Series[str]) -> str:
    known = [str(one) for one in dict.fromkeys(column) if one]
    if name not in known:
        raise UsageError(f"{name!r} is none of this sweep; {suggest(name, known)}")
    return name


def tornado(told: Told, outcome: str = OBJECTIVE, year: int | None = None, domain: str | None = None) -> Figure:
    """What moves an outcome, and in which direction."""
    return effects.tornado(told.worlds(outcome, year, domain))


def index_bars(
    told: Told, outcome: str = OBJECTIVE, year: int | None = None, domain: str | None = None,
    method: IndexMethod | None = None,
) -> Figure:  # fmt: skip
    """Sensitivity indices of an outcome, by the method that fits the sample."""
    worlds = told.worlds(outcome, year, domain).varied(least=1)
    at = year if outcome == OBJECTIVE or year is not None else told.last
    found = sensitivity(told.sweep, outcome, at, domain=domain, scenario=told.id, method=method)
    return effects.bars(found, worlds.outcome, told.title, told.lang)


def discovered(
    told: Told, outcome: str, year: int | None, domain: str | None, below: float | None, above: float | None
) -> tuple[Worlds, Discovery]:
    """The worlds, and the boxes of those beyond a threshold."""
    worlds = told.worlds(outcome, year, domain)
    at = year if outcome == OBJECTIVE or year is not None else told.last
    found = discover(told.sweep, outcome, at, below=below, above=above, domain=domain, scenario=told.id)
    return worlds, found


def box_scatter(
    told: Told, outcome: str = OBJECTIVE, year: int | None = None, domain: str | None = None, *,
    below: float | None = None, above: float | None = None,
) -> Figure:  # fmt: skip
    """Cases over the two inputs that a box restricts most."""
    worlds, found = discovered(told, outcome, year, domain, below, above)
    cases = cases_of(worlds.values, below=below, above=above, status=told.members["status"])
    return boxes.scatter(found, cases, worlds, boxes.told_threshold(worlds.outcome, below, above, told.lang))


def lines(told: Told, outcome: str = OBJECTIVE, year: int | None = None, domain: str | None = None) -> Figure:
    """Worlds as lines through their inputs, coloured by an outcome."""
    return parallel.parallel(told.worlds(outcome, year, domain))


def bands(told: Told, by: str = "domain") -> Figure:
    """What domains, types or both get in the plans of the members."""
    if by not in ITEMS:
        raise UsageError(f"by={by!r}: {suggest(by, ITEMS)}")
    keys, planned = ITEMS[by], told.planned
    table = money.money_bands(told.money, keys, planned)
    table["item"] = list(zip(*(table[key].astype(str) for key in keys), strict=True))
    names = _items(told, keys, set(table["item"]))
    return money.money_figure(table, names, by, told.lang, told.title, len(planned))


def _items(told: Told, keys: Sequence[str], there: set[tuple[str, ...]]) -> dict[tuple[str, ...], tuple[str, str]]:
    """Names and colours of items, in the order of the scenario."""
    colours = domain_colours(told.domains)
    parts = {"domain": told.domains, "type": list(TYPES)}
    items: list[tuple[str, ...]] = [(one,) for one in parts[keys[0]]]
    items = items if len(keys) == 1 else [(*one, kind) for one in items for kind in TYPES]
    between = ": " if LANGUAGES[told.lang].cases else "·"

    def named(item: tuple[str, ...]) -> tuple[str, str]:
        words = [
            told.name("domain", id) if key == "domain" else outcome_words(id, None, "", told.lang)
            for key, id in zip(keys, item, strict=True)
        ]
        return between.join(words), colours[item[0]] if keys[0] == "domain" else fan.type_colour(item[0])

    return {item: named(item) for item in items if item in there}
