"""What kctopt writes, read by the programs it is written for: pyam, frictionless, pyarrow, pandas, xarray, LibreOffice.

Run by `make interop` in an environment of its own, with one solved baseline and one run of `modes`.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pyam
import pyarrow.parquet
import pytest
from frictionless import Package, system

import kctopt
from kctopt import Result
from kctopt.exchange import files
from kctopt.result.fields import TABLES
from kctopt.scenario.new_workbook import write_workbook

ADDS_UP = ("R&D Investment", "R&D Investment by Track", "Programme Cost")


@pytest.fixture(scope="module", params=["baseline", "lines-baseline"])
def result(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A saved run: the baseline to a gap of .1 %, and named technologies with every option on, stopped early."""
    folder = tmp_path_factory.mktemp(request.param) / "run"
    gap = 1e-3 if request.param == "baseline" else 1.0
    return kctopt.solve(request.param, gap=gap, time_limit=60, save=folder)


@pytest.fixture(scope="module")
def exported(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    for format in files.FORMATS:
        files.write(result, format, folder)
    return folder


@pytest.mark.parametrize("form", ["frame", "csv", "xlsx"])
def test_pyam_reads_every_variable_and_gives_it_back(result: Result, exported: Path, form: str) -> None:
    frame = result.to_iamc()
    data = pyam.IamDataFrame(frame if form == "frame" else exported / f"run-iamc.{form}")
    assert data.model == [f"kctopt {result.scenario.model}"] and data.scenario == [result.scenario.name]
    assert len(data.data) == len(frame)
    back = data.data.set_index(["variable", "unit", "year"])["value"].sort_index()
    own = frame.set_index(["variable", "unit", "year"])["value"].sort_index()
    assert back.index.equals(own.index)
    np.testing.assert_allclose(back.to_numpy(), own.to_numpy(), rtol=1e-15)


def test_aggregates_pass_pyam(result: Result) -> None:
    data = pyam.IamDataFrame(result.to_iamc())
    checked = 0
    for variable in data.variable:
        if variable.split("|")[0] in ADDS_UP and data.filter(variable=f"{variable}|*").variable:
            assert data.check_aggregate(variable) is None, variable
            checked += 1
    print(
        f"{result.scenario.name}: {len(data.variable)} variables, {len(data.data)} rows, {checked} aggregates checked"
    )
    assert checked >= 1 + len(result.scenario.domains)


def test_pyam_reads_status_and_bounds_from_the_sheet_meta(result: Result, exported: Path) -> None:
    meta = pyam.IamDataFrame(exported / "run-iamc.xlsx").meta.iloc[0]
    assert meta["status"] == result.status
    assert meta["objective"] == pytest.approx(result.objective)
    assert meta["bound"] == pytest.approx(result.bound)


def test_pyam_converts_units_once_cny_is_defined(result: Result) -> None:
    from iam_units import registry

    registry.define("CNY = [currency_CNY]")
    data = pyam.IamDataFrame(result.to_iamc()).filter(variable="R&D Investment")
    millions = data.convert_unit("billion CNY/yr", "million CNY/yr")
    np.testing.assert_allclose(millions.data["value"], 1000 * data.data["value"])


def test_pyam_puts_changed_runs_of_one_scenario_together() -> None:
    runs = [kctopt.solve("baseline", gap=0.01, set=changes) for changes in (None, {"kct.rho": -0.5})]
    together = pyam.concat([pyam.IamDataFrame(run.to_iamc()) for run in runs])
    assert len(together.scenario) == 2


def test_frictionless_finds_the_run_folder_valid(result: Result) -> None:
    assert result.run_dir is not None
    with system.use_context(trusted=True):
        report = Package(result.run_dir / "datapackage.json").validate()
    assert report.valid, report.flatten(["type", "note", "fieldName", "rowNumber"])[:5]
    assert report.stats["tasks"] == len(TABLES)


def test_frictionless_finds_the_zip_valid(exported: Path) -> None:
    report = Package(str(exported / "run-datapackage.zip")).validate()
    assert report.valid, report.flatten(["type", "note"])[:5]


def test_frictionless_reads_the_numbers(result: Result) -> None:
    assert result.run_dir is not None
    with system.use_context(trusted=True):
        rows = Package(result.run_dir / "datapackage.json").get_resource("allocation").read_rows()
    amounts = np.array([float(row["amount"]) for row in rows])
    np.testing.assert_array_equal(amounts, result.allocation["amount"].to_numpy())


@pytest.mark.parametrize("name", TABLES)
def test_pyarrow_and_pandas_read_parquet(result: Result, name: str) -> None:
    assert result.run_dir is not None
    path, own = result.run_dir / f"{name}.parquet", getattr(result, name)
    table = pyarrow.parquet.read_table(path)
    assert table.column_names == own.columns.tolist() and table.num_rows == len(own)
    frame = pd.read_parquet(path, engine="pyarrow")
    for field in TABLES[name]:
        mine, other = own[field.key], frame[field.key]
        if field.kind == "number":
            np.testing.assert_array_equal(other.to_numpy(float), mine.to_numpy(float))
        elif field.kind == "integer":
            assert other.fillna(0).astype(int).tolist() == mine.fillna(0).astype(int).tolist()
        else:
            assert other.tolist() == mine.tolist()


def test_xarray_reads_netcdf(result: Result, exported: Path) -> None:
    import xarray

    with xarray.open_dataset(exported / "run.nc") as data:
        total = float(data["spend"].sum())
        assert total == pytest.approx(result.allocation["amount"].sum())
        assert data["gap"].attrs["units"] == "share"


SOFFICE = shutil.which("soffice")


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_the_results_workbook(exported: Path, tmp_path: Path) -> None:
    convert(exported / "run.xlsx", "pdf", tmp_path)
    assert (tmp_path / "run.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_input_workbook_saved_by_libreoffice_still_changes_nothing(
    tmp_path: Path, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kctopt.scenario.load import load

    monkeypatch.chdir(tmp_path)
    write_workbook(Path("case.xlsx"), "lines-race", lang)
    convert(Path("case.xlsx"), "xlsx", tmp_path / "saved")
    saved, parent = load("saved/case.xlsx"), load("lines-race")
    assert saved.notes == ()
    own = {path for path, place in saved.origin.items() if "case.xlsx" in str(place)}
    assert own <= {"name", "label.en", "label.zh", "intent", "model"}
    assert saved.scenario.lines == parent.scenario.lines and saved.scenario.programmes == parent.scenario.programmes


def convert(path: Path, form: str, folder: Path) -> None:
    command = [str(SOFFICE), "--headless", "--convert-to", form, "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
