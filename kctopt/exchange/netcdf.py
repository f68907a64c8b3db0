"""A result as an xarray Dataset, and as a netCDF file.

| dimension | content |
|---|---|
| line, domain, track, rung | ids; labels in both languages are coordinates beside them |
| year | base year, planned years, tail years; `after_plan` marks the tail |

Variables: `spend` (line, track, year) and `strategic_spend` (line, rung, year) in the planned years; the states of
lines by (line, year) and the stock by (line, rung, year); `gap_band`, and `stage` where stages switch, as numbers
whose meanings are in their attributes; indices of the nation by (year) and of domains by (domain, year), the latter
with names that begin with `domain_`.
Each has `units` and `long_name`; nan stands where there is no value.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.disk import whole
from kctopt.extras import need
from kctopt.result.fields import MONEY_UNIT, TABLES
from kctopt.result.tables import STAGES, main_type, standing
from kctopt.scenario.records import RUNGS, TRACKS

if TYPE_CHECKING:
    import xarray

    from kctopt.result.result import Result

STATES = ("capability", "substitute", "usable", "rival", "gap", "dependency", "production", "inflow")


def to_xarray(result: Result) -> xarray.Dataset:
    """The result as a Dataset; without a plan it has coordinates and attributes only. Needs the extra `netcdf`."""
    need(["xarray"])
    import xarray

    variables: dict[str, Any] = {}
    if result.has_plan:
        variables = _money(result) | _states(result) | _indices(result)
    return xarray.Dataset(variables, _coordinates(result), _attributes(result))


def write_netcdf(result: Result, path: Path) -> Path:
    """Write the Dataset as netCDF-4; a file of that name is replaced as a whole. Needs the extra `netcdf`."""
    need(["export netcdf"])
    return write_dataset(to_xarray(result), path)


def write_dataset(dataset: xarray.Dataset, path: Path) -> Path:
    """Write a Dataset as netCDF-4, whole or not at all."""

    def write(place: Path) -> None:
        try:
            dataset.to_netcdf(place, engine="h5netcdf")
        except RuntimeError as error:  # h5py's word for a file whose end was refused
            raise OSError(errno.EIO, str(error), str(place)) from error

    return whole(path, write)


def _coordinates(result: Result) -> dict[str, Any]:
    scenario = result.scenario
    horizon = scenario.horizon
    years = np.array([horizon.base_year, *horizon.all_years])
    coordinates: dict[str, Any] = {
        "year": ("year", years, {"long_name": "year at whose end a stock stands, or in which a flow runs"}),
        "after_plan": ("year", years > horizon.last_year, {"long_name": "true after the last planned year"}),
        "track": ("track", list(TRACKS)),
        "line_domain": ("line", [line.domain for line in scenario.lines], {"long_name": "domain of the line"}),
        "line_type": ("line", [main_type(line) for line in scenario.lines],
                      {"long_name": "type with the line's largest membership: B, A, M or S"}),
    }  # fmt: skip
    for name, records in (("line", scenario.lines), ("domain", scenario.domains), ("rung", scenario.rungs)):
        coordinates[name] = (name, [record.id for record in records])
        for lang in ("en", "zh"):
            labels = [getattr(record.label, lang) for record in records]
            coordinates[f"{name}_label_{lang}"] = (name, labels, {"long_name": f"label, {lang}"})
    return coordinates


def _attributes(result: Result) -> dict[str, Any]:
    """What the run is: only what is known."""
    facts = {
        "title": result.scenario.label.en, "scenario": result.scenario.name, "model": result.scenario.model,
        "intent": result.scenario.asks(), "status": str(result.status), "objective": result.objective,
        "bound": result.bound, "gap": result.gap, "verified": str(result.verified).lower(),
        "source": f"kctopt {result.versions.get('kctopt', '')}".strip(), "history": result.created,
        "price_base": "billion CNY at base-year prices",
    }  # fmt: skip
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _money(result: Result) -> dict[str, Any]:
    """Spend by line, track and year, nan outside the planned years."""
    money = result.money
    assert money is not None  # the caller has looked
    base, tail = 1, result.scenario.horizon.tail
    pad = ((0, 0), (0, 0), (base, tail))
    strategic = np.pad(np.asarray(money.strategic, dtype=float), pad, constant_values=np.nan)
    parts = [np.asarray(money.strategic).sum(axis=1), money.substitution, money.exchange]
    spend = np.pad(np.stack(parts, axis=1).astype(float), pad, constant_values=np.nan)
    about = {"units": f"{MONEY_UNIT}/year"}
    return {
        "spend": (("line", "track", "year"), spend, about | {"long_name": "spend in the year"}),
        "strategic_spend": (("line", "rung", "year"), strategic, about | {"long_name": "strategic spend in the year"}),
    }


def _states(result: Result) -> dict[str, Any]:
    """States of lines; the rows of the tables are lines, then years."""
    table, lines = result.columns("capability"), len(result.scenario.lines)
    meaning = {field.key: field for field in TABLES["capability"]}
    variables: dict[str, Any] = {
        name: (("line", "year"), table[name].reshape(lines, -1),
               {"units": meaning[name].unit, "long_name": meaning[name].meaning})
        for name in STATES
    }  # fmt: skip
    stocks = np.stack([table[f"stock_{rung}"].reshape(lines, -1) for rung in RUNGS], axis=1)
    variables["stock"] = (("line", "rung", "year"), stocks, {"units": "index points", "long_name": "stock of the rung"})
    codes = {stage: number for number, stage in enumerate(STAGES)}
    flags = {"flag_values": np.arange(len(STAGES), dtype=np.int8), "flag_meanings": " ".join(STAGES), "units": "1"}
    meaning = {field.key: field for field in TABLES["stages"]}
    for name in dict.fromkeys(("gap_band", standing(result.scenario))):
        numbers = np.array([codes[stage] for stage in result.columns("stages")[name].tolist()], dtype=np.int8)
        variables[name] = (("line", "year"), numbers.reshape(lines, -1), flags | {"long_name": meaning[name].meaning})
    return variables


def _indices(result: Result) -> dict[str, Any]:
    """Indices of the nation by year, those of domains by domain and year."""
    table = result.columns("indices")
    horizon = result.scenario.horizon
    years, domains = 1 + len(horizon.all_years), [domain.id for domain in result.scenario.domains]
    variables: dict[str, Any] = {}
    for name in dict.fromkeys(table["index"].tolist()):
        own = table["index"] == name
        about = {"units": str(table["unit"][own][0]), "long_name": name.replace("_", " ")}
        if (nation := own & (table["domain"] == "")).any():
            variables[name] = (("year",), table["value"][nation], about)
        if (own & (table["domain"] != "")).any():
            values = np.full((len(domains), years), np.nan)
            for d, domain in enumerate(domains):
                if (here := own & (table["domain"] == domain)).any():
                    values[d] = table["value"][here]
            variables[f"domain_{name}"] = (("domain", "year"), values, about)
    return variables
