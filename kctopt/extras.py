"""Optional packages: which work needs which, and whether they are there. Asked before anything is read or solved.

| part | content |
|---|---|
| `NEEDS` | work -> the extra that brings its packages, and the modules it imports |
| `optional` | the distributions behind them, for `kctopt doctor` |
| `need` | raises MissingExtra where a package of some work cannot be imported |

Formats are named `report pdf`, `export netcdf`, `compare xlsx`: the command, then the format.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import NamedTuple

from kctopt.errors import MissingExtra


class Need(NamedTuple):
    """What some work takes: how messages call it, the extra of `pyproject.toml`, the modules.

    A module stands before those that import it. They are asked for in this order, up to the first that is absent:
    h5netcdf can be imported without h5py and then holds, as long as the process runs, that there is none.
    """

    called: str
    extra: str
    modules: tuple[str, ...] = ()


# Distributions whose name is not that of their module.
DISTRIBUTIONS = {
    "vl_convert": "vl-convert-python",
    "docx": "python-docx",
    "pptx": "python-pptx",
    "python_calamine": "python-calamine",
    "sklearn": "scikit-learn",
}
DRAWING = ("altair", "vl_convert")
WORKBOOK = ("xlsxwriter",)

BESIDE = {"mpich": "mpi"}  # distributions of extras that no module imports: mpi4py runs on this one

NEEDS: dict[str, Need] = {
    "figures": Need("Drawing figures", "report", DRAWING),
    "report html": Need("A report as HTML", "report"),  # with figures where there is a plan, as pdf and docx
    "report pdf": Need("A report as PDF", "report", ("typst",)),
    "report docx": Need("A report for Word", "report", ("docx",)),
    "report pptx": Need("A report as slides", "slides", ("pptx",)),
    "report xlsx": Need("Writing a workbook", "excel", WORKBOOK),
    "export excel": Need("Writing a workbook", "excel", WORKBOOK),
    "export iamc": Need("Writing a workbook", "excel", WORKBOOK),
    "export netcdf": Need("netCDF", "netcdf", ("h5py", "h5netcdf", "xarray")),
    "export datapackage": Need("A data package", ""),
    "executor dask": Need("An executor of dask", "dask", ("distributed",)),
    "executor mpi": Need("An executor of MPI", "mpi", ("mpi4py",)),
    "executor ray": Need("An executor of ray", "ray", ("ray",)),
    "xarray": Need("netCDF", "netcdf", ("xarray",)),
    "compare table": Need("A comparison as text", ""),
    "compare json": Need("A comparison as JSON", ""),
    "compare csv": Need("A comparison as CSV", ""),
    "compare md": Need("A comparison as Markdown", ""),
    "compare html": Need("A comparison as HTML", ""),
    "compare xlsx": Need("A comparison as a workbook", "excel", WORKBOOK),
    "explore": Need("The explorer", "explore", (*DRAWING, "fastapi", "uvicorn")),
    "study indices": Need("Sensitivity indices", "study", ("SALib",)),
    "study tree": Need("A tree beside the boxes", "study", ("sklearn",)),
    "new yaml": Need("A new study", ""),
    "new xlsx": Need("Writing a workbook", "excel", WORKBOOK),
    "draw saltelli": Need("A Saltelli sample", "study", ("SALib",)),
    "draw morris": Need("A Morris sample", "study", ("SALib",)),
    "read xlsx": Need("Reading a workbook", "excel", ("python_calamine",)),
}


def need(works: Iterable[str]) -> None:
    """Raise MissingExtra where some of the works need packages that are not there, with all that must be installed."""
    short = [work for work in dict.fromkeys(works) if not all(map(_there, NEEDS[work].modules))]
    if short:
        called = dict.fromkeys(NEEDS[work].called for work in short)
        extras = dict.fromkeys(NEEDS[work].extra for work in short)
        raise MissingExtra(" and ".join(called), ",".join(extras), plural=len(called) > 1)


def optional() -> dict[str, str]:
    """Every optional distribution, with the extra that brings it."""
    named = {DISTRIBUTIONS.get(module, module): need.extra for need in NEEDS.values() for module in need.modules}
    return named | BESIDE


def _there(module: str) -> bool:
    """Whether a module can be imported; what it takes itself must be there too."""
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True
