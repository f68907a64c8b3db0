"""What can be moved: the levers of a scenario, and by search every other number in it, each with where it comes from.

A lever is a slider over a span and a box that takes any number the field allows. The span is that of the source where
one is published (`range`), else what the lever is usually moved by (`usual`), which says nothing on how likely it is.

| group | levers |
|---|---|
| money | every plan's budget as a factor, the exposure limit |
| world | control intensity, the rival's growth |
| response | elasticities |
| weights | economic and military power and KCT in national security; domains |
| policies | amounts and targets of the scenario's policies |
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kctopt.explore.words import GROUPS, LABELS
from kctopt.language import LANGUAGES, plan_name, translate
from kctopt.scenario.chinese import field_meaning, unit_name
from kctopt.scenario.nodes import Origin
from kctopt.scenario.paths import PathError
from kctopt.scenario.records import Scenario
from kctopt.scenario.shown import BARE
from kctopt.scenario.told import told_place
from kctopt.study.places import Place, World, tied

Way = Literal["set", "scale"]
Group = Literal["money", "world", "response", "weights", "policies", "found"]

SPAN = 0.5  # of a factor, or of a number, on either side where nothing is published
FOUND = 30  # numbers that a search returns
USUAL: Mapping[str, tuple[float, float]] = {  # where a factor says nothing, or the field's own limits are the span
    "controls.intensity": (0.0, 1.0),
    "rival.growth_shift": (-0.02, 0.02),
    "cooperation.exposure_limit": (0.0, 10.0),
}
PLAIN: Mapping[str, Group] = {
    "cooperation.exposure_limit": "money",
    "controls.intensity": "world",
    "rival.growth_shift": "world",
    "knowledge.effort_elasticity": "response",
    "knowledge.accelerator_elasticity": "response",
    "knowledge.stock_elasticity": "response",
    "substitution.elasticity": "response",
    "diffusion.exchange_elasticity": "response",
    "economy.kct_elasticity": "response",
    "military.kct_elasticity": "response",
}
TIED = ("security.economy", "security.military", "security.technology")


@dataclass(frozen=True)
class Lever:
    """One lever: what it moves, where it stands in the base, how far it goes, and where its number comes from.

    `way` is `set`, the number itself, or `scale`, a factor on what stands there. A lever of a policy has its `field`
    and the `policy`. `low` and `high` are the slider's ends, `least` and `most` what the field allows (None: no limit).
    """

    id: str
    group: Group
    label: str
    way: Way
    paths: tuple[str, ...]
    value: float
    low: float
    high: float
    least: float | None
    most: float | None
    whole: bool
    unit: str
    span: Literal["range", "usual"]
    tied: tuple[str, ...] = ()  # levers that sum to 1 with it
    policy: str = ""
    field: str = ""
    grade: str = ""
    source: str = ""
    place: str = ""  # file:line
    shown: str = ""  # what stands there, in words


class Levers:
    """The levers of one scenario.

    Parameters
    ----------
    scenario : Scenario
        The base.
    origin : mapping of str to str
        Place of each value, `file:line`, by path.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.explore.levers import Levers
    >>> levers = Levers(kctopt.load("baseline"), {})
    >>> [lever.id for lever in levers.all() if lever.group == "world"]
    ['controls.intensity', 'rival.growth_shift']
    """

    def __init__(self, scenario: Scenario, origin: Mapping[str, str | Origin]) -> None:
        self.scenario, self.origin = scenario, {path: str(place) for path, place in origin.items()}
        self.world = World(scenario)
        self._figures = tuple(self.world.figures())

    def all(self, lang: str = "en") -> list[Lever]:
        """Every lever that the page begins with, group by group.

        Parameters
        ----------
        lang : str, default "en"
            `en` or `zh`.

        Returns
        -------
        list of Lever
            Those whose number the scenario states.

        Examples
        --------
        >>> import kctopt
        >>> from kctopt.explore.levers import Levers
        >>> Levers(kctopt.load("baseline"), {}).all()[0].id
        'budget.2026-30'
        """
        levers = [*self._budget(lang), *self._plain(lang), *self._weights(lang), *self._policies(lang)]
        order = list(GROUPS)
        return sorted(levers, key=lambda lever: order.index(lever.group))

    def search(self, text: str, lang: str = "en") -> list[Lever]:
        """Levers of the numbers whose path, meaning or source has every word of a text.

        Parameters
        ----------
        text : str
            Words, in either language.
        lang : str, default "en"
            `en` or `zh`.

        Returns
        -------
        list of Lever
            At most 30.

        Examples
        --------
        >>> import kctopt
        >>> from kctopt.explore.levers import Levers
        >>> [lever.id for lever in Levers(kctopt.load("baseline"), {}).search("carry share")]
        ['money.carry_share']
        """
        words = text.lower().replace("_", " ").split()
        found: list[Lever] = []
        for place in self._figures if words else ():
            if place.path.startswith(("policies", "horizon", "provenance")) or not place.numbers:
                continue
            said = f"{place.path} {place.kind.meaning} {_meaning(place, 'zh')}".lower().replace("_", " ")
            said += " " + (place.row.source.lower() if place.row else "")
            if all(word in said for word in words):
                found.append(self._lever(place, "found", lang))
            if len(found) == FOUND:
                break
        return found

    def _budget(self, lang: str) -> Iterator[Lever]:
        """A factor for each plan, where every year of it has its own number; else one for all years."""
        places = self.world.places("budget")
        stated = self.scenario.budget.root
        for plan in self.scenario.horizon.plans:
            years = range(plan.first, plan.last + 1)
            if not isinstance(stated, dict) or not set(years) <= set(stated):
                yield self._lever(places[0], "money", lang)
                return
            paths = tuple(f"budget.{year}" for year in years)
            label = translate(LABELS["budget"], lang, plan=plan_name(plan.id, lang))
            whole = sum(stated[year] for year in years)
            shown = translate(LABELS["money"], lang, amount=whole)
            yield self._lever(places[0], "money", lang, id=f"budget.{plan.id}", label=label, paths=paths, shown=shown)

    def _plain(self, lang: str) -> Iterator[Lever]:
        for path, group in PLAIN.items():
            yield from (self._lever(place, group, lang) for place in self._stated(path))

    def _weights(self, lang: str) -> Iterator[Lever]:
        for path in TIED:
            yield from (self._lever(place, "weights", lang, tied=TIED) for place in self._stated(path))
        for domain in self.scenario.domains:
            for place in self._stated(f"domains[{domain.id}].weight"):
                label = translate(LABELS["domain"], lang, domain=domain.label.text(lang))
                yield self._lever(place, "weights", lang, label=label)

    def _policies(self, lang: str) -> Iterator[Lever]:
        """The numbers of policies that a user sets: amount, shares, targets, width."""
        for policy in self.scenario.policies:
            for field in ("amount", "min", "max", "min_ratio", "max_dependency", "width", "price"):
                if field == "price" and not getattr(policy, "soft", False):
                    continue
                for place in self._stated(f"policies[{policy.id}].{field}"):
                    label = policy.id + LANGUAGES[lang].colon + _meaning(place, lang)
                    yield self._lever(place, "policies", lang, label=label, policy=policy.id, field=field)

    def _stated(self, path: str) -> list[Place]:
        try:
            return [place for place in self.world.places(path) if place.numbers]
        except PathError:  # a field that policies of this kind lack
            return []

    def _lever(
        self, place: Place, group: Group, lang: str, *, id: str = "", label: str = "", paths: Sequence[str] = (),
        tied: tuple[str, ...] = (), policy: str = "", field: str = "", shown: str = "",
    ) -> Lever:  # fmt: skip
        """The lever of a place: a factor where years differ, else the number."""
        several = len(set(place.numbers)) > 1 or bool(paths)
        value = 1.0 if several else place.numbers[0]
        least, most = _limits(place, several)
        low, high, span = _span(place, value, several, least, most)
        row = place.row
        at = self.origin.get(place.path) or self.origin.get(f"{place.path}.{self.scenario.horizon.years[0]}", "")
        many = "" if not several else ", ".join(f"{number:.6g}" for number in place.numbers[:3]) + ", …"
        return Lever(
            id or place.path, group, label or _meaning(place, lang) or place.path, "scale" if several else "set",
            tuple(paths) or (place.path,), value, low, high, least, most, place.kind.form == "integer",
            translate(LABELS["factor"], lang) if several else _unit(place, lang), span, tied or _tied(place), policy,
            field, row.grade if row else "", f"{row.source} ({row.year})" if row else "",
            told_place(at, lang) if at else "", shown or many,
        )  # fmt: skip


def _tied(place: Place) -> tuple[str, ...]:
    """Numbers that sum to 1 with this one cannot be moved alone: the place itself says so."""
    return (place.path,) if tied(place) else ()


def _meaning(place: Place, lang: str) -> str:
    """What the field means, in a language."""
    names = [str(part) for part in place.location if not str(part).isdigit()]
    path = place.path.partition("[")[0]
    keys = (".".join(names), f"{path}.{names[-1]}", names[-1])
    told = next((words for key in keys if (words := field_meaning(key, lang))), "")
    return told or place.kind.meaning


def _unit(place: Place, lang: str) -> str:
    unit = place.kind.unit
    return "" if unit in BARE else unit_name(unit, lang)


def _limits(place: Place, several: bool) -> tuple[float | None, float | None]:
    """What the field allows: of the number, or of a factor on several."""
    least: float | None = None
    most: float | None = None
    for side, limit in place.limits:
        reach = (limit / max(place.numbers) if max(place.numbers) > 0 else None) if several else limit
        if side in ("ge", "gt"):
            least = 0.0 if several else limit
        elif reach is not None:
            most = reach
    return (0.0 if several and least is None else least), most


def _span(
    place: Place, value: float, several: bool, least: float | None, most: float | None
) -> tuple[float, float, Literal["range", "usual"]]:
    """Ends of the slider, within the limits and around the number."""
    row = place.row
    published = not several and row is not None and row.low is not None and row.high is not None
    if published and row is not None and row.low is not None and row.high is not None:
        low, high = min(row.low, value), max(row.high, value)
    elif place.path in USUAL and not several:
        usual = USUAL[place.path]
        low, high = min(usual[0], value), max(usual[1], value)
    else:
        reach = SPAN * abs(value) if value else 0.1
        low, high = value - reach, value + reach
    low, high = float(f"{low:.6g}"), float(f"{high:.6g}")
    low = max(low, least) if least is not None else low
    high = min(high, most) if most is not None else high
    if place.kind.form == "integer":
        low, high = math.floor(low), math.ceil(high)
    return low, high, "range" if published else "usual"
