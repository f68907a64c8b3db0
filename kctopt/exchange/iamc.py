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

Money is of the planned years, states of the base year too; tail years are not in it, they are no plan. It is in CNY at
the prices of the base year, or in USD at a rate that the caller states. The type is that of the line's largest
membership. The scenario is called by its name where a file alone says what it is; one that was changed on the way
(`--set`) or made in memory has eight digits of its hash behind the name, so that two of them can be put together.

Rows are long, one an observation: in the wide template a year without a value would be a blank cell, which pyam 4 reads
as a value that is nan. Names are the English labels; those that several domains or lines share have their ids behind
them, and `|`, which separates levels, becomes `/`.
"""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kctopt.arguments import checked_rate, checked_text
from kctopt.errors import KctoptError
from kctopt.result.discrete import programme_costs
from kctopt.result.own import question_hash
from kctopt.result.schemas import scenario_hash
from kctopt.result.tables import main_type
from kctopt.scenario.records import TYPE_NAMES, Label, Line

if TYPE_CHECKING:
    import pandas

    from kctopt.result.result import Result

COLUMNS = ["model", "scenario", "region", "variable", "unit", "year", "value"]
REGION = "China"
MONEY = "billion CNY/yr"
DIGITS = 8  # of the hash of a scenario, behind its name
NATIONAL = {
    "security": "National Security Index",
    "economic": "Economic Power Index",
    "military": "Military Power Index",
    "technology": "KCT Capability Index",
    "loss": "Loss from Cut-off",
    "military_loss": "Loss of Military Power from Cut-off",
    "market": "Market Gain of Exchange",
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


@dataclass(frozen=True)
class Naming:
    """What the rows say beside the result: region, scenario, and the rate by which money is told in USD."""

    region: str = REGION
    scenario: str | None = None  # as `called` says
    cny_per_usd: float | None = None  # money stays in CNY

    def __post_init__(self) -> None:
        checked_rate(self.cny_per_usd)
        checked_text("region", self.region, "the name of the nation")
        if self.scenario is not None:
            checked_text("scenario", self.scenario, "the name of the scenario")

    def called(self, result: Result) -> str:
        """Name of the scenario: as asked, else its own, with digits of its hash where no file alone says what it is."""
        name = self.scenario or result.scenario.name
        of_file = result.inputs and not result.options.get("set")
        return name if self.scenario or of_file else f"{name}-{_hash(result)[:DIGITS]}"

    def money(self, result: Result) -> tuple[str, float]:
        """Unit of money, and what amounts in billion CNY are multiplied by."""
        if self.cny_per_usd is None:
            return MONEY, 1.0
        return f"billion USD_{result.scenario.horizon.base_year}/yr", 1 / self.cny_per_usd


def to_iamc(result: Result, naming: Naming | None = None) -> pandas.DataFrame:
    """The result as a long DataFrame; empty when there is no plan."""
    import pandas

    naming = naming or Naming()
    head = f"kctopt {name_of(result.scenario.model)}", naming.called(result), naming.region
    currency, factor = naming.money(result)
    rows = [
        (*head, variable, currency, year, factor * value) if unit == MONEY else (*head, variable, unit, year, value)
        for variable, unit, values in (variables(result) if result.has_plan else ())
        for year, value in sorted(values.items())
        if not np.isnan(value)
    ]
    table = pandas.DataFrame(rows, columns=COLUMNS)
    twice = table[table.duplicated(COLUMNS[:-1])]
    if len(twice):
        raise KctoptError(f"two rows for {twice.iloc[0]['variable']} in {twice.iloc[0]['year']}: a bug in kctopt")
    return table


def meta(result: Result, naming: Naming | None = None) -> pandas.DataFrame:
    """Indicators of the scenario for the sheet `meta`: status, both bounds, gap, hashes, what money is in."""
    import pandas

    naming, scenario = naming or Naming(), result.scenario
    rate = "" if naming.cny_per_usd is None else f", from CNY at {naming.cny_per_usd:g} CNY/USD as stated by the user"
    facts = {
        "model": f"kctopt {name_of(scenario.model)}", "scenario": naming.called(result),
        "status": str(result.status), "objective": result.objective, "bound": result.bound, "gap": result.gap,
        "verified": result.verified, "kctopt": result.versions.get("kctopt", ""),
        "money": f"{naming.money(result)[0]}, prices of {scenario.horizon.base_year}{rate}",
        "scenario_sha256": _hash(result), "model_sha256": scenario.model_sha256,
    }  # fmt: skip
    return pandas.DataFrame([facts])


def write(table: pandas.DataFrame, meta: pandas.DataFrame, folder: Path, stem: str) -> None:
    """One row an observation, as a workbook with the sheets data and meta, and as CSV."""
    import pandas

    table.to_csv(folder / f"{stem}-iamc.csv", index=False, encoding="utf-8")
    content = io.BytesIO()
    with pandas.ExcelWriter(content, engine="xlsxwriter", engine_kwargs={"options": {"in_memory": True}}) as book:
        table.to_excel(book, sheet_name="data", index=False)
        meta.to_excel(book, sheet_name="meta", index=False)
    (folder / f"{stem}-iamc.xlsx").write_bytes(content.getvalue())


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


def _hash(result: Result) -> str:
    """Hash of what was asked: the scenario, and what its user changed in the model."""
    return question_hash(scenario_hash(result.scenario), result.own)


def levels(labels: Iterable[tuple[str, Label]]) -> dict[str, str]:
    """Labels by id as levels of a variable: blank ones are the id, those that are not alone have it behind them."""
    names = {key: name_of(label) or key for key, label in labels}
    count = Counter(names.values())
    told = {key: name if count[name] == 1 else f"{name} ({key})" for key, name in names.items()}
    alone = len(set(told.values())) == len(told)
    return told if alone else {key: f"{name} ({key})" for key, name in names.items()}


def _domains(result: Result) -> dict[str, str]:
    return levels((domain.id, domain.label) for domain in result.scenario.domains)


def _places(result: Result) -> dict[str, tuple[str, str, str]]:
    """Domain, type and name of every line, as levels of a variable."""
    domains, cells = _domains(result), defaultdict[tuple[str, str], list[Line]](list)
    for line in result.scenario.lines:
        cells[line.domain, main_type(line)].append(line)
    names = {cell: levels((line.id, line.label) for line in lines) for cell, lines in cells.items()}
    return {
        line.id: (domains[domain], TYPE_NAMES[kind].capitalize(), names[domain, kind][line.id])
        for (domain, kind), lines in cells.items()
        for line in lines
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
    rungs = levels((rung.id, rung.label) for rung in result.scenario.rungs)
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
        domains = _domains(result)
        home = {line.id: domains[line.domain] for line in scenario.lines}
        yield from _sums(
            (("Programme Cost", home[programme.line]), year, amount)
            for programme, cost in zip(scenario.programmes, costs, strict=True)
            for year, amount in zip(years, cost, strict=True)
        )
    if path is not None and scenario.cooperation.choice != "none":
        yield "Mode Change Cost", MONEY, dict(zip(years, path.change_cost.tolist(), strict=True))


def _indices(result: Result) -> Iterator[Series]:
    """Indices of the nation and of domains."""
    domains = _domains(result)
    table = result.columns("indices")
    series: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for index, domain, year, after, value, unit in zip(*(table[name].tolist() for name in table), strict=True):
        if not after:
            series[index_variable(index, domains[domain] if domain else ""), unit][year] = value
    for (variable, unit), values in series.items():
        yield variable, unit, values


def index_variable(index: str, domain: str = "") -> str:
    """The variable of an index, of the nation or of a domain by its level."""
    kind = index.removeprefix("score_")
    parts = ["KCT Score"] if kind != index else [NATIONAL[index]]
    parts += [domain] if domain else []
    parts += [TYPE_NAMES[kind].capitalize()] if kind != index else []
    return "|".join(parts)


def _states(result: Result) -> Iterator[Series]:
    """States of every line."""
    table, places = result.columns("capability"), _places(result)
    kept = ~table["after_plan"]
    for column, (name, unit) in STATES.items():
        for line, place in places.items():
            own = kept & (table["line"] == line)
            values = zip(table["year"][own].tolist(), table[column][own].tolist(), strict=True)
            yield "|".join((name, *place)), unit, dict(values)
