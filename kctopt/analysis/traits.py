"""What kind of plan a plan is: traits that either hold or change, each a word, told apart from amounts.

| kind | subject | when | value |
|---|---|---|---|
| plan | | | yes, or no where it is proven that no plan keeps all rules |
| earliest | | | first year the targets can hold (objective earliest) |
| stage | line | plan | stage in force in the last year of the plan (regime switching) |
| path | line | | the stages it goes through, with the year it enters each (regime switching) |
| gap_band | line | plan | band of the gap at the end of the plan (without switching) |
| gap_path | line | | the gap bands it goes through, with the year it enters each (without switching) |
| held_back | line | | reviews before which it is held just outside the near stage |
| mode | domain | plan | cooperation mode |
| programme | programme | | off, or the first year and the parallel routes |
| off | line with a least scale | plan | yes or no |
| funded | domain, type | plan | whether the cell gets at least a tenth of what it spent in the base year |
| rule | rule of the nation or a policy, without years | plan | whether it binds in any year of the plan |
| line_rule | rule of a line (ramp, floor, cap, exchange), without years | plan | the same |
| domain_order | two domains | plan | the one that gets more money |
| type_order | two types | plan | the one that gets more money |

The money of a cell is split over types by the lines' memberships. A rule binds where no more than a ten-thousandth of
its right side is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from kctopt.naming import Name
from kctopt.result.fields import MONEY_UNIT
from kctopt.result.tables import STAGES, standing
from kctopt.scenario.records import TYPES, Scenario
from kctopt.scenario.units import money_unit

if TYPE_CHECKING:
    from kctopt.result.result import Result

KINDS = (
    "plan", "earliest", "stage", "path", "gap_band", "gap_path", "held_back", "mode", "programme", "off", "funded",
    "rule", "line_rule", "domain_order", "type_order",
)  # fmt: skip
NONE = "none"  # of a list of years: no year
FUNDED = 0.1  # part of its base-year spend from which on a cell counts as funded
TIGHT = 1e-4  # part of a rule's right side that may be left where it binds
SPLIT = " | "  # between the two names of a pair


@dataclass(frozen=True, order=True)
class Trait:
    """One question about a plan that has a word for an answer."""

    kind: str
    subject: str = ""
    when: str = ""  # a plan, "" for the whole horizon

    @property
    def pair(self) -> tuple[str, str]:
        """The two names of a subject that has two."""
        first, _, second = self.subject.partition(SPLIT)
        return first, second


def traits(result: Result) -> dict[Trait, str]:
    """Every trait of a result's plan; of one without a plan only that, and nothing where that is not proven."""
    if not result.has_plan:
        return {Trait("plan"): "no"} if result.status == "infeasible" else {}
    values = {Trait("plan"): "yes"}
    if result.year is not None:
        values[Trait("earliest")] = str(result.year)
    for part in (_stages, _discrete, _funded, _rules, _orders):
        values.update(part(result))
    return values


def _stages(result: Result) -> Iterator[tuple[Trait, str]]:
    scenario, path = result.scenario, result.trajectory
    assert path is not None  # there is a plan
    base, plans = scenario.horizon.base_year, scenario.horizon.plans
    place = standing(scenario)
    codes = path.stage if place == "stage" else path.gap_band
    for i, line in enumerate(scenario.lines):
        stages = [STAGES[code] for code in codes[i, : scenario.horizon.last_year - base + 1]]
        for plan in plans:
            yield Trait(place, line.id, plan.id), stages[plan.last - base]
        steps = [
            f"{base + n} {now}"
            for n, (before, now) in enumerate(zip([None, *stages], stages, strict=False))
            if now != before
        ]
        yield Trait("path" if place == "stage" else "gap_path", line.id), ", ".join(steps)


def _discrete(result: Result) -> Iterator[tuple[Trait, str]]:
    scenario = result.scenario
    regimes, modes, catalogue = (result.columns(name) for name in ("regimes", "cooperation", "programmes"))
    for line in dict.fromkeys(regimes["line"].tolist()):
        held = regimes["review"][(regimes["line"] == line) & regimes["held_back"]]
        yield Trait("held_back", line), ", ".join(map(str, held)) or NONE
    for domain, plan, mode in zip(modes["domain"], modes["plan"], modes["mode"], strict=True):
        yield Trait("mode", domain, plan), mode
    columns = (catalogue[name] for name in ("programme", "selected", "start", "routes"))
    for name, selected, start, routes in zip(*columns, strict=True):
        yield Trait("programme", name), f"{start} x {routes}" if selected else "off"
    spend = result.money.spend if result.money is not None else np.zeros(0)
    for i, line in enumerate(scenario.lines):
        for plan in scenario.horizon.plans if line.min_scale else ():
            years = [n for n, year in enumerate(scenario.horizon.years) if plan.first <= year <= plan.last]
            yield Trait("off", line.id, plan.id), "yes" if spend[i, years].max() <= TIGHT * line.min_scale else "no"


def cells(result: Result) -> np.ndarray:
    """Money by domain, type and plan, shape (D, 4, P), billion CNY; types share a line by its memberships."""
    scenario = result.scenario
    assert result.money is not None  # there is a plan
    by_plan = np.stack([
        result.money.spend[:, [plan.first <= year <= plan.last for year in scenario.horizon.years]].sum(axis=1)
        for plan in scenario.horizon.plans
    ], axis=1)  # fmt: skip
    return np.asarray(np.einsum("ld,lk,lp->dkp", *shares(scenario), by_plan))


def shares(scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """Lines by domain (0 or 1), and by type in shares that sum to 1."""
    lines, domains = scenario.lines, scenario.domains
    member = np.array([[line.membership[kind] for kind in TYPES] for line in lines])
    inside = np.array([[float(line.domain == domain.id) for domain in domains] for line in lines])
    return inside, member / np.maximum(member.sum(axis=1, keepdims=True), 1e-12)


def _funded(result: Result) -> Iterator[tuple[Trait, str]]:
    scenario, money = result.scenario, cells(result)
    inside, member = shares(scenario)
    base = np.einsum("ld,lk,l->dk", inside, member, [line.spend for line in scenario.lines])
    for d, k in np.argwhere(base > 0):
        for p, plan in enumerate(scenario.horizon.plans):
            least = FUNDED * base[d, k] * (plan.last - plan.first + 1)
            subject = SPLIT.join((scenario.domains[d].id, TYPES[k]))
            yield Trait("funded", subject, plan.id), "yes" if money[d, k, p] >= least else "no"


def _rules(result: Result) -> Iterator[tuple[Trait, str]]:
    table = result.columns("constraints")
    binds: dict[tuple[Name, str], bool] = {}
    money = np.array([unit.startswith(MONEY_UNIT) for unit in table["unit"]], bool)
    size = np.where(money, money_unit(result.scenario), 1.0)
    tight = table["binding"] | (table["slack"] <= TIGHT * np.maximum(size, np.abs(table["right"])))
    for rule, kind, year, holds in zip(*(table[n] for n in ("rule", "kind", "year")), tight, strict=True):
        if kind == "own" or Name.parse(rule).block in ("switching", "programmes", "scale"):
            continue  # of these the traits of discrete decisions speak
        for plan in result.scenario.horizon.plans:
            if not year or plan.first <= year <= plan.last:
                key = plain_rule(rule), plan.id
                binds[key] = binds.get(key, False) or bool(holds)
    for (rule, when), holds in binds.items():
        own = rule.block in ("money", "quadrants") and rule.keys and rule.family != "shield"
        yield Trait("line_rule" if own else "rule", rule, when), "binds" if holds else "free"


def plain_rule(rule: str) -> Name:
    """A rule without its years: money.ramp[ai-B], quadrants.shield[barrier], policies.semis-floor."""
    name = Name.parse(rule)
    keys = () if name.block == "policies" else name.keys
    return Name(name.head, *(key for key in keys if not key.isdigit()))


def _orders(result: Result) -> Iterator[tuple[Trait, str]]:
    scenario, money = result.scenario, cells(result)
    sums = {
        "domain_order": ([domain.id for domain in scenario.domains], money.sum(axis=1)),
        "type_order": (list(TYPES), money.sum(axis=0)),
    }
    for kind, (names, amounts) in sums.items():
        for first, second in combinations(range(len(names)), 2):
            for p, plan in enumerate(scenario.horizon.plans):
                more = first if amounts[first, p] >= amounts[second, p] else second
                yield Trait(kind, SPLIT.join((names[first], names[second])), plan.id), names[more]
