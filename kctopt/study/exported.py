"""The formats of a study by name, and the files that each writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kctopt.errors import UsageError, suggest
from kctopt.exchange.iamc import Naming
from kctopt.extras import need

if TYPE_CHECKING:
    from kctopt.study.swept import Swept

NOT_OF_STUDIES = {
    "datapackage": "a study's file is a DuckDB database, which holds its tables; take excel, iamc or netcdf"
}


def checked(names: str) -> list[str]:
    """Formats named with commas. Raises UsageError for one that is not known."""
    formats = [name.strip().lower() for name in names.split(",") if name.strip()]
    for name in formats:
        if name in NOT_OF_STUDIES:
            raise UsageError(f"format '{name}' is not for studies: {NOT_OF_STUDIES[name]}")
        if name not in FORMATS:
            raise UsageError(f"unknown format '{name}'; {suggest(name, FORMATS)}")
    return list(dict.fromkeys(formats))


def write(sweep: Swept, format: str, folder: Path, lang: str = "en", naming: Naming | None = None) -> None:
    """Write a study in one format into a folder.

    Parameters
    ----------
    sweep : Sweep
        As `kctopt.open` returns it.
    format : str
        `excel`, `iamc` or `netcdf`.
    folder : pathlib.Path
        That is there.
    lang : str, default en
        Of the workbook.
    naming : Naming, optional
        Of the IAMC files.

    Raises
    ------
    MissingExtra
        Where the format's package is not installed.
    UsageError
        Where no member has a plan to write as `iamc`.

    Examples
    --------
    >>> import kctopt
    >>> from pathlib import Path
    >>> from kctopt.study.exported import write
    >>> Path("out").mkdir(exist_ok=True)
    >>> write(kctopt.open("studies/tight.duckdb"), "iamc", Path("out"))
    >>> sorted(path.name for path in Path("out").iterdir())
    ['tight-iamc.csv', 'tight-iamc.xlsx']
    """
    need([f"export {format}"])
    if format == "iamc" and not len(sweep.allocation):
        raise UsageError(f"{sweep.path}: no member has a plan, so there is nothing to write as {format}")
    FORMATS[format](sweep, folder, lang, naming or Naming())


def _excel(sweep: Swept, folder: Path, lang: str, _: Naming) -> None:
    from kctopt.study.sweep_excel import to_excel

    to_excel(sweep, folder / f"{sweep.path.stem}.xlsx", lang)


def _iamc(sweep: Swept, folder: Path, _: str, naming: Naming) -> None:
    from kctopt.exchange import iamc
    from kctopt.study.sweep_iamc import meta, to_iamc

    iamc.write(to_iamc(sweep, naming), meta(sweep, naming), folder, sweep.path.stem)


def _netcdf(sweep: Swept, folder: Path, _: str, __: Naming) -> None:
    from kctopt.study.sweep_netcdf import write_netcdf

    write_netcdf(sweep, folder / f"{sweep.path.stem}.nc")


FORMATS: dict[str, Callable[[Swept, Path, str, Naming], None]] = {"excel": _excel, "iamc": _iamc, "netcdf": _netcdf}
