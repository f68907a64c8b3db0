"""The discrete choices of a plan from its tables, so that a saved plan can be simulated again.

| choice | table | read from |
|---|---|---|
| stage | regimes | stage by line and review |
| restraint | restraint | amount by line, rung and year; what has no row is none |
| mode | cooperation | mode by domain and plan |
| routes | programmes | routes by programme and start |
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

import numpy as np

from kctopt.result.fields import Columns
from kctopt.scenario.records import RUNGS, Scenario
from kctopt.scenario.reviews import STAGES, review_years
from kctopt.simulator import Choices


def choices_of(scenario: Scenario, tables: Mapping[str, Columns]) -> Choices:
    """The choices in the tables of a plan. Raises ValueError for a missing, doubled or unknown row or value."""
    return Choices(
        stage=_stage(scenario, tables["regimes"]) if scenario.stages == "switching" else None,
        restraint=_restraint(scenario, tables["restraint"]),
        mode=_mode(scenario, tables["cooperation"]) if scenario.cooperation.choice != "none" else None,
        routes=_routes(scenario, tables["programmes"]) if scenario.programmes else None,
    )


def _stage(scenario: Scenario, table: Columns) -> np.ndarray:
    lines = [line.id for line in scenario.lines]
    cells = _cells("regimes", table, {"line": lines, "review": review_years(scenario)}, "stage", STAGES)
    return _codes("regimes", (lines, review_years(scenario)), cells)


def _mode(scenario: Scenario, table: Columns) -> np.ndarray:
    domains, plans = [entry.id for entry in scenario.domains], [plan.id for plan in scenario.horizon.plans]
    modes = [entry.id for entry in scenario.modes]
    cells = _cells("cooperation", table, {"domain": domains, "plan": plans}, "mode", modes)
    return _codes("cooperation", (domains, plans), cells)


def _restraint(scenario: Scenario, table: Columns) -> np.ndarray | None:
    years = scenario.horizon.all_years
    axes = {"line": [line.id for line in scenario.lines], "rung": RUNGS, "year": years}
    if not len(table["amount"]):
        return None
    amounts = np.zeros((len(scenario.lines), len(RUNGS), len(years)))
    for _, place, value in _cells("restraint", table, axes, "amount"):
        amounts[place] = value
    return amounts


def _routes(scenario: Scenario, table: Columns) -> np.ndarray:
    """Routes by programme and first year; one row more for each further start, which a rule then forbids."""
    names, years = [entry.id for entry in scenario.programmes], scenario.horizon.years
    routes = np.zeros((len(names), len(years)), dtype=int)
    missing = set(names) - set(table["programme"].tolist())
    if missing:
        raise ValueError(f"programmes: no row for {min(missing)}")
    chosen = {name: values[table["selected"]] for name, values in table.items()}
    for row, place, value in _cells("programmes", chosen, {"programme": names, "start": years}, "routes"):
        if value < 1:
            raise ValueError(f"programmes, line {row} of those selected: {value} routes")
        routes[place] = value
    return routes


Place = tuple[int, ...]


def _cells(
    name: str, table: Columns, axes: Mapping[str, Sequence[Hashable]], value: str, among: Sequence[str] = ()
) -> Iterator[tuple[int, Place, float]]:
    """(line of the file, position along the axes, value or its position in `among`) of every row."""
    known = [{key: n for n, key in enumerate(keys)} for keys in axes.values()]
    seen: set[Place] = set()
    cells = zip(*(table[column].tolist() for column in (*axes, value)), strict=True)
    for row, (*keys, entry) in enumerate(cells, start=2):
        if any(key not in places for key, places in zip(keys, known, strict=True)):
            raise ValueError(f"{name}, line {row}: {_said(keys)} is not in the scenario")
        if among and entry not in among:
            raise ValueError(f"{name}, line {row}: {value} {entry!r} is not one of {', '.join(among)}")
        place = tuple(places[key] for key, places in zip(keys, known, strict=True))
        if place in seen:
            raise ValueError(f"{name}, line {row}: {_said(keys)} stands there twice")
        seen.add(place)
        yield row, place, among.index(entry) if among else entry


def _codes(
    name: str, axes: tuple[Sequence[Hashable], Sequence[Hashable]], cells: Iterator[tuple[int, Place, float]]
) -> np.ndarray:
    """The codes of a table that needs a row for each pair."""
    codes = np.full([len(axis) for axis in axes], -1)
    for _, place, code in cells:
        codes[place] = code
    if (codes < 0).any():
        first, second = np.argwhere(codes < 0)[0]
        raise ValueError(f"{name}: no row for {axes[0][first]}, {axes[1][second]}")
    return codes


def _said(keys: Sequence[Hashable]) -> str:
    return ", ".join(map(str, keys))
