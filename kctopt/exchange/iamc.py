"""A result in the format of the IAMC: model, scenario, region, variable, unit, year, value. pyam reads it.

| variable | unit | parts below it add up |
|---|---|---|
| R&D Investment, R&D Investment|DOMAIN, …|TYPE, …|LINE | billion CNY/yr | yes |
| R&D Investment by Track, …|Strategic, …|RUNG | billion CNY/yr | yes |
| Programme Cost, Programme Cost|DOMAIN | billion CNY/yr | yes |
| Mode Change Cost | billion CNY/yr | |
| National Security Index, Economic Power Index, … | points | |
| KCT Value, KCT Score|TYPE, KCT Score|DOMAIN|TYPE, Accelerator Index|DOMAIN | points | no |
| Capability, Usable Capability, Substitute, Rival Capability, each …|DOMAIN|TYPE|LINE | index points | no |
| Gap, Dependency, each …|DOMAIN|TYPE|LINE | share | no |

Money is of the planned years, states of the base year too; tail years are not in it, they are no plan. The type is
that of the line's largest membership. Rows are long, one an observation: in the wide template a year without a value
would be a blank cell, which pyam 4 reads as a value that is nan. Names are the English labels; `|`, which separates
levels, becomes `/` in them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from kctopt.result.discrete import programme_costs
from kctopt.result.tables import main_type
from kctopt.scenario.records import TYPE_NAMES, Label

if TYPE_CHECKING:
    import pandas

    from kctopt.result.result import Result

COLUMNS = ["model", "scenario", "region", "variable", "unit", "year", "value"]
REGION = "China"
MONEY = "billion CNY/yr"
NATIONAL = {
    "security": "National Security Index",
    "economic": "Economic Power Index",
    "military": "Military Power Index",
    "technology": "KCT Capability Index",
    "loss": "Loss from Cut-off",
    "kct": "KCT Value",
    "accelerator": "Accelerator Index",
    "economy_ratio": "Economy Ratio to Rival",
    "military_ratio": "Military Ratio to Rival",
}
STATES = {
    "capability": ("Capability", "index points"),
    "usable": ("Usable Capability", "index points"),
    "substitute": ("Substitute", "index points"),
    "rival": ("Rival Capability", "index points"),
    "gap": ("Gap", "share"),
    "dependency": ("Dependency", "share"),
}
Series = tuple[str, str, dict[int, float]]  # variable, unit, values by year


def to_iamc(result: Result, region: str = REGION) -> pandas.DataFrame:
    """The result as a long DataFrame; empty when there is no plan."""
    import pandas

    model = f"kctopt {name_of(result.scenario.model)}"
    rows = [
        (model, result.scenario.name, region, variable, unit, year, value)
        for variable, unit, values in (variables(result) if result.has_plan else ())
        for year, value in sorted(values.items())
        if not np.isnan(value)
    ]
    return pandas.DataFrame(rows, columns=COLUMNS)


def meta(result: Result) -> pandas.DataFrame:
    """Indicators of the scenario for the sheet `meta`: status, both bounds, gap."""
    import pandas

    facts = {
        "model": f"kctopt {name_of(result.scenario.model)}", "scenario": result.scenario.name,
        "status": result.status, "objective": result.objective, "bound": result.bound, "gap": result.gap,
        "verified": result.verified, "kctopt": result.versions.get("kctopt", ""),
    }  # fmt: skip
    return pandas.DataFrame([facts])


def variables(result: Result) -> Iterator[Series]:
    """Every variable with its unit and values."""
    yield from _investment(result)
    yield from _tracks(result)
    yield from _programmes(result)
    yield from _indices(result)
    yield from _states(result)


def name_of(label: Label | str) -> str:
    """A label as one level of a variable."""
    return (label if isinstance(label, str) else label.en).replace("|", "/").strip()


def _places(result: Result) -> dict[str, tuple[str, str, str]]:
    """Domain, type and name of every line, as levels of a variable."""
    domains = {domain.id: name_of(domain.label) for domain in result.scenario.domains}
    return {
        line.id: (domains[line.domain], TYPE_NAMES[main_type(line)].capitalize(), name_of(line.label))
        for line in result.scenario.lines
    }


def _sums(paths: Iterator[tuple[tuple[str, ...], int, float]]) -> Iterator[Series]:
    """Amounts at every level of their paths, the highest first; a level above is the sum of those below."""
    totals: dict[tuple[str, ...], dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for path, year, amount in paths:
        for depth in range(1, len(path) + 1):
            totals[path[:depth]][year] += amount
    for path, values in totals.items():
        yield "|".join(path), MONEY, dict(values)


def _investment(result: Result) -> Iterator[Series]:
    """Money on lines by domain, type and line."""
    table, places = result.columns("allocation"), _places(result)
    rows = zip(*(table[name].tolist() for name in ("line", "year", "amount")), strict=True)
    return _sums((("R&D Investment", *places[line]), year, amount) for line, year, amount in rows)


def _tracks(result: Result) -> Iterator[Series]:
    """The same money by track and rung."""
    rungs = {rung.id: name_of(rung.label) for rung in result.scenario.rungs}
    table = result.columns("allocation")
    rows = zip(*(table[name].tolist() for name in ("track", "rung", "year", "amount")), strict=True)
    return _sums(
        (("R&D Investment by Track", track.capitalize(), *([rungs[rung]] if rung else [])), year, amount)
        for track, rung, year, amount in rows
    )


def _programmes(result: Result) -> Iterator[Series]:
    """Money for programmes and for changes of cooperation modes, where the scenario has any."""
    scenario, path = result.scenario, result.trajectory
    years = scenario.horizon.years
    if scenario.programmes:
        costs = programme_costs(scenario, result.choices).tolist()
        home = {line.id: domain for line in scenario.lines for domain in scenario.domains if domain.id == line.domain}
        yield from _sums(
            (("Programme Cost", name_of(home[one.line].label)), year, amount)
            for one, cost in zip(scenario.programmes, costs, strict=True)
            for year, amount in zip(years, cost, strict=True)
        )
    if path is not None and scenario.cooperation.choice != "none":
        yield "Mode Change Cost", MONEY, dict(zip(years, path.change_cost.tolist(), strict=True))


def _indices(result: Result) -> Iterator[Series]:
    """Indices of the nation and of domains."""
    domains = {domain.id: name_of(domain.label) for domain in result.scenario.domains}
    table = result.columns("indices")
    found: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for index, domain, year, after, value, unit in zip(*(table[name].tolist() for name in table), strict=True):
        if not after:
            kind = index.removeprefix("score_")
            parts = ["KCT Score"] if kind != index else [NATIONAL[index]]
            parts += [domains[domain]] if domain else []
            parts += [TYPE_NAMES[kind].capitalize()] if kind != index else []
            found["|".join(parts), unit][year] = value
    for (variable, unit), values in found.items():
        yield variable, unit, values


def _states(result: Result) -> Iterator[Series]:
    """States of every line."""
    table, places = result.columns("capability"), _places(result)
    kept = ~table["after_plan"]
    for column, (name, unit) in STATES.items():
        for line, place in places.items():
            own = kept & (table["line"] == line)
            values = zip(table["year"][own].tolist(), table[column][own].tolist(), strict=True)
            yield "|".join((name, *place)), unit, dict(values)
