"""A study as an xarray Dataset with a dimension `member`, and as a netCDF file.

| dimension | content |
|---|---|
| member | members that have ended, numbered; scenario, draw, status, reason and hash are coordinates beside it |
| year | base year, planned years, tail years |
| domain, line, track, plan | ids; labels in both languages are coordinates beside them where the file has them |

Variables: `objective`, `bound`, `gap`; `input_1`, … (member), whose `long_name` is the input; `spend`
(member, line, track, plan) in billion CNY over the plan; indices of the nation (member, year) and of domains
(member, domain, year) with names that begin with `domain_`. nan stands for members without a plan.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.exchange.netcdf import write_dataset
from kctopt.extras import need
from kctopt.result.tables import INDEX_UNITS
from kctopt.study.sweep_tables import names

if TYPE_CHECKING:
    import pandas
    import xarray

    from kctopt.study.swept import Swept


def to_xarray(sweep: Swept) -> xarray.Dataset:
    """The study as a Dataset. Needs the extra `netcdf`.

    Parameters
    ----------
    sweep : Sweep
        As `kctopt.open` returns it.

    Returns
    -------
    xarray.Dataset
        By member, year, domain, line, track and plan.

    Raises
    ------
    MissingExtra
        Without xarray.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.study.sweep_netcdf import to_xarray
    >>> to_xarray(kctopt.open("studies/tight.duckdb")).sizes["member"]
    2
    """
    need(["xarray"])
    import xarray

    members = sweep.members
    place = {key: n for n, key in enumerate(zip(members["scenario"], members["draw"], strict=True))}
    variables = {
        name: (("member",), members[name].to_numpy(float), {"long_name": name, "units": unit})
        for name, unit in (("objective", "as the study's scenario says"), ("bound", "as objective"), ("gap", "1"))
    }
    variables |= _inputs(sweep) | _spend(sweep, place) | _indices(sweep, place)
    return xarray.Dataset(variables, _coordinates(sweep), _attributes(sweep))


def write_netcdf(sweep: Swept, path: Path) -> Path:
    """Write the Dataset as netCDF-4; a file of that name is replaced as a whole. Needs the extra `netcdf`."""
    need(["export netcdf"])
    return write_dataset(to_xarray(sweep), path)


def _coordinates(sweep: Swept) -> dict[str, Any]:
    members = sweep.members
    coordinates: dict[str, Any] = {"member": np.arange(len(members))}
    for name in ("scenario", "status", "reason"):
        coordinates[name] = ("member", members[name].astype(str).tolist(), {"long_name": f"{name} of the member"})
    coordinates["draw"] = ("member", members["draw"].to_numpy(int), {"long_name": "number of the draw"})
    coordinates["hash"] = ("member", members["member"].astype(str).tolist(), {"long_name": "hash of the member"})
    domains: dict[str, Any] = {}
    lines: dict[str, Any] = {}
    for named in names(sweep).values():
        domains, lines = named.domains | domains, named.lines | lines
    for kind, labels in (("domain", domains), ("line", lines)):
        if labels:
            coordinates[kind] = (kind, list(labels))
            for lang in ("en", "zh"):
                told = [getattr(label, lang) for label in labels.values()]
                coordinates[f"{kind}_label_{lang}"] = (kind, told, {"long_name": f"label, {lang}"})
    return coordinates


def _attributes(sweep: Swept) -> dict[str, Any]:
    """What the study is."""
    about, sample = sweep.about, sweep.about["sample"]
    facts = {
        "title": about["label"], "study": about["name"], "status": str(sweep.status), "missing": sweep.missing,
        "gap_asked": about["gap"], "sample": sample["method"], "seed": sample["seed"],
        "draws_file": sample.get("file"), "draws_sha256": sample.get("sha256"),
        "source": f"kctopt {about['versions'].get('kctopt', '')}".strip(),
        "price_base": "billion CNY at base-year prices",
    }  # fmt: skip
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _inputs(sweep: Swept) -> dict[str, Any]:
    """Values drawn for each member, choices as text."""
    drawn = sweep.draws.loc[sweep.members["draw"]]
    ways = {one["name"]: one for one in sweep.about["inputs"]}
    found: dict[str, Any] = {}
    for number, name in enumerate(drawn.columns, start=1):
        values = drawn[name]
        numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        told = values.to_numpy(float) if numbers else np.array([str(value) for value in values])
        about = {"long_name": str(name), "way": ways[str(name)]["way"], "paths": "; ".join(ways[str(name)]["paths"])}
        found[f"input_{number}"] = (("member",), told, about)
    return found


def _spend(sweep: Swept, place: dict[Any, int]) -> dict[str, Any]:
    """Money of members by line, track and plan."""
    import pandas

    cells = sweep.allocation
    if not len(cells):
        return {}
    axes = {name: pandas.unique(cells[name]).tolist() for name in ("line", "track", "plan")}
    lines = [line for named in names(sweep).values() for line in named.lines]
    axes["line"] = list(dict.fromkeys(lines))
    values = np.full((len(place), *map(len, axes.values())), np.nan)
    at = [pandas.Index(axis).get_indexer(pandas.Index(cells[name])) for name, axis in axes.items()]
    values[(_rows(cells, place), *at)] = cells["amount"].to_numpy()
    return {
        "spend": (("member", *axes), values, {"units": "billion CNY", "long_name": "spend over the plan"}),
        "track": (("track",), axes["track"]), "plan": (("plan",), axes["plan"]),
    }  # fmt: skip


def _indices(sweep: Swept, place: dict[Any, int]) -> dict[str, Any]:
    """Indices of members by year, those of domains by domain and year."""
    import pandas

    rows = sweep.outcomes
    if not len(rows):
        return {}
    years = np.sort(rows["year"].unique())
    domains = list(dict.fromkeys(one for named in names(sweep).values() for one in named.domains))
    variables: dict[str, Any] = {"year": (("year",), years)}
    for name, own in rows.groupby("outcome", sort=False):
        about = {"units": INDEX_UNITS.get(str(name), ""), "long_name": str(name).replace("_", " ")}
        nation, within = own[own["domain"] == ""], own[own["domain"] != ""]
        if len(nation):
            values = np.full((len(place), len(years)), np.nan)
            values[_rows(nation, place), np.searchsorted(years, nation["year"])] = nation["value"]
            variables[str(name)] = (("member", "year"), values, about)
        if len(within):
            values = np.full((len(place), len(domains), len(years)), np.nan)
            here = pandas.Index(domains).get_indexer(pandas.Index(within["domain"]))
            values[_rows(within, place), here, np.searchsorted(years, within["year"])] = within["value"]
            variables[f"domain_{name}"] = (("member", "domain", "year"), values, about)
    return variables


def _rows(table: pandas.DataFrame, place: dict[Any, int]) -> list[int]:
    """Numbers of the members that rows belong to."""
    return [place[key] for key in zip(table["scenario"], table["draw"], strict=True)]
