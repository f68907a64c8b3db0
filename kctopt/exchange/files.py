"""The formats by name, and the files that each writes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kctopt.cache import json_text
from kctopt.errors import UsageError, suggest
from kctopt.exchange.iamc import Naming
from kctopt.extras import need
from kctopt.result.fields import TABLES
from kctopt.table import csv_text

if TYPE_CHECKING:
    from kctopt.result.result import Result


def checked(names: str) -> list[str]:
    """Formats named with commas. Raises UsageError for one that is not known."""
    formats = [name.strip().lower() for name in names.split(",") if name.strip()]
    for name in formats:
        if name not in FORMATS:
            raise UsageError(f"unknown format '{name}'; {suggest(name, FORMATS)}")
    return list(dict.fromkeys(formats))


def write(result: Result, format: str, folder: Path, lang: str = "en", naming: Naming | None = None) -> None:
    """Write a result in one format into a folder. Raises MissingExtra, UsageError."""
    need([f"export {format}"])
    if not result.has_plan and format != "excel":
        raise UsageError(f"{result.scenario.name} is {result.status}: there is no plan to write as {format}")
    FORMATS[format](result, folder, lang, naming or Naming())


def _excel(result: Result, folder: Path, lang: str, _: Naming) -> None:
    from kctopt.exchange.workbook import to_excel

    to_excel(result, folder / f"{_name(result)}.xlsx", lang)


def _iamc(result: Result, folder: Path, _: str, naming: Naming) -> None:
    from kctopt.exchange import iamc

    iamc.write(iamc.to_iamc(result, naming), iamc.meta(result, naming), folder, _name(result))


def _netcdf(result: Result, folder: Path, _: str, __: Naming) -> None:
    from kctopt.exchange.netcdf import write_netcdf

    write_netcdf(result, folder / f"{_name(result)}.nc")


def _datapackage(result: Result, folder: Path, _: str, __: Naming) -> None:
    """The tables as CSV with datapackage.json, in one zip file."""
    from kctopt.result import folder as run_folder

    tables = {name: result.columns(name) for name in TABLES}
    rows = {name: len(next(iter(table.values()))) for name, table in tables.items()}
    package = run_folder.datapackage(_name(result), result.scenario.label.en, rows, result.versions)
    with zipfile.ZipFile(folder / f"{_name(result)}-datapackage.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(run_folder.PACKAGE_FILE, json_text(package))
        for name, table in tables.items():
            archive.writestr(f"{name}.csv", csv_text(TABLES[name], run_folder.rows_of(name, table)).encode("utf-8-sig"))


def _name(result: Result) -> str:
    """Name of files: that of the run, else of the scenario."""
    return result.run_dir.resolve().name if result.run_dir is not None else result.scenario.name


FORMATS: dict[str, Callable[[Result, Path, str, Naming], None]] = {
    "excel": _excel,
    "iamc": _iamc,
    "netcdf": _netcdf,
    "datapackage": _datapackage,
}
