"""IAMC, netCDF and the data package: what is in them, that parts add up, that they come back as written."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from decided import decided_result
from fakes import fake_outcome
from pyomo.environ import Constraint
from worlds import small, tiny

import kctopt
from kctopt import Result
from kctopt.cli import main
from kctopt.errors import KctoptError, MissingExtra, UsageError
from kctopt.exchange.iamc import COLUMNS, Naming, levels, meta
from kctopt.result.fields import TABLES
from kctopt.scenario.load import dump
from kctopt.scenario.records import Label, Scenario


@pytest.fixture(scope="module")
def result() -> Result:
    return decided_result()


@pytest.fixture(scope="module")
def iamc(result: Result) -> pd.DataFrame:
    return result.to_iamc()


def value(frame: pd.DataFrame, variable: str, year: int) -> float:
    row = frame[(frame["variable"] == variable) & (frame["year"] == year)]
    assert len(row) == 1, variable
    return float(row["value"].iloc[0])


def test_iamc_has_the_columns_and_one_row_an_observation(iamc: pd.DataFrame) -> None:
    assert iamc.columns.tolist() == COLUMNS
    assert not iamc.duplicated(["variable", "year"]).any()
    assert iamc.groupby("variable")["unit"].nunique().max() == 1
    assert set(iamc["model"]) == {"kctopt tests"} and set(iamc["region"]) == {"China"}
    assert iamc["value"].notna().all()
    assert set(iamc["year"]) == set(range(2025, 2030)), "base year and planned years, no tail"


def test_iamc_money_adds_up_at_every_level(result: Result, iamc: pd.DataFrame) -> None:
    for tree in ("R&D Investment", "R&D Investment by Track", "Programme Cost"):
        own = iamc[(iamc["variable"] == tree) | iamc["variable"].str.startswith(f"{tree}|")]
        for (variable, year), amount in own.set_index(["variable", "year"])["value"].items():
            below = own[own["variable"].str.fullmatch(re.escape(str(variable)) + r"\|[^|]*") & (own["year"] == year)]
            assert below.empty or below["value"].sum() == pytest.approx(amount), (variable, year)
    spent = result.allocation.groupby("year")["amount"].sum()
    for year, amount in spent.items():
        assert value(iamc, "R&D Investment", int(str(year))) == pytest.approx(amount)
        assert value(iamc, "R&D Investment by Track", int(str(year))) == pytest.approx(amount)
    costs = iamc[iamc["variable"] == "Programme Cost"]["value"].sum()
    assert costs == pytest.approx(float(np.nansum(result.programmes["cost"])))


@pytest.mark.touches("pandas")
def test_iamc_values_are_those_of_the_tables(result: Result, iamc: pd.DataFrame) -> None:
    assert value(iamc, "National Security Index", 2029) == result.index("security", 2029)
    assert value(iamc, "KCT Score|chips|Bottleneck", 2027) == result.index("score_B", 2027, "chips")
    state = result.capability.set_index(["line", "year"]).loc[("ai-M", 2028)]
    assert value(iamc, "Gap|ai|Moat|ai M", 2028) == state["gap"]
    assert value(iamc, "Capability|ai|Moat|ai M", 2028) == state["capability"]
    assert value(iamc, "Mode Change Cost", 2028) > 0


def test_iamc_names_hold_no_separator_and_no_plan_is_an_empty_frame() -> None:
    scenario = small(domains__0__label={"en": "Chips | tools", "zh": "x"})
    frame = Result.of(scenario, fake_outcome(scenario)).to_iamc("Atlantis")
    assert "R&D Investment|Chips / tools" in set(frame["variable"])
    assert set(frame["region"]) == {"Atlantis"}
    nothing = Result.of(tiny(), fake_outcome(tiny(), "infeasible")).to_iamc()
    assert nothing.empty and nothing.columns.tolist() == COLUMNS


@pytest.mark.touches("h5netcdf", "h5py", "xarray")
def test_netcdf_comes_back_as_written(result: Result, tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray", reason="the extra netcdf is not installed")
    pytest.importorskip("h5netcdf", reason="the extra netcdf is not installed")
    pytest.importorskip("h5py", reason="the extra netcdf is not installed")
    dataset = result.to_xarray()
    path = result.to_netcdf(tmp_path / "sub" / "run.nc")
    with xarray.open_dataset(path, engine="h5netcdf") as back:
        xarray.testing.assert_identical(back.load(), dataset)
        assert back["spend"].attrs["units"] == "billion CNY/year"
        assert back.attrs["gap"] == result.gap and back.attrs["status"] == "optimal"
    assert [one.name for one in path.parent.iterdir()] == ["run.nc"]


def test_netcdf_holds_the_numbers_of_the_tables(result: Result) -> None:
    pytest.importorskip("xarray", reason="the extra netcdf is not installed")
    dataset = result.to_xarray()
    assert dict(dataset.sizes) == {"year": 7, "track": 3, "line": 4, "domain": 2, "rung": 3}
    assert all({"units", "long_name"} <= set(one.attrs) for one in dataset.data_vars.values())
    money = result.allocation.groupby(["line", "track", "year"])["amount"].sum()
    for (line, track, year), amount in money.items():
        assert float(dataset["spend"].sel(line=line, track=track, year=year)) == pytest.approx(amount)
    rungs = result.allocation[result.allocation["rung"] != ""].set_index(["line", "rung", "year"])["amount"]
    assert float(dataset["strategic_spend"].sel(line="ai-M", rung="P", year=2027)) == rungs[("ai-M", "P", 2027)]
    assert np.isnan(dataset["spend"].sel(year=2025)).all() and np.isnan(dataset["spend"].sel(year=2030)).all()
    state = result.capability.set_index(["line", "year"])
    assert float(dataset["gap"].sel(line="ai-M", year=2028)) == state.loc[("ai-M", 2028), "gap"]
    assert float(dataset["stock"].sel(line="ai-M", rung="R", year=2028)) == state.loc[("ai-M", 2028), "stock_R"]
    assert float(dataset["security"].sel(year=2029)) == result.index("security", 2029)
    assert float(dataset["domain_kct"].sel(domain="ai", year=2029)) == result.index("kct", 2029, "ai")
    stages = result.stages.set_index(["line", "year"])["stage"]
    words = dataset["stage"].attrs["flag_meanings"].split()
    assert words[int(dataset["stage"].sel(line="chips-B", year=2026))] == stages[("chips-B", 2026)]
    assert dataset["after_plan"].sel(year=2030).item() is True
    assert dataset["line_label_en"].sel(line="ai-M").item() == "ai M"


def test_netcdf_without_a_plan_holds_no_numbers_of_one() -> None:
    pytest.importorskip("xarray", reason="the extra netcdf is not installed")
    dataset = Result.of(tiny(), fake_outcome(tiny(), "no_plan")).to_xarray()
    assert not dataset.data_vars and dataset.attrs["status"] == "no_plan" and "objective" not in dataset.attrs


def test_absent_packages_are_named_with_the_command(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("h5netcdf")  # remembers, when first imported, whether there is h5py
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(MissingExtra, match=r'netCDF needs packages .*: pip install "kctopt\[netcdf\]"'):
        result.to_netcdf(tmp_path / "run.nc")
    monkeypatch.setitem(__import__("sys").modules, "xarray", None)
    with pytest.raises(MissingExtra, match=r'pip install "kctopt\[netcdf\]"'):
        result.to_xarray()


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, list(arguments), prog_name="kctopt")
    return done.exit_code, done.stdout, done.stderr


def test_export_writes_every_format_into_a_new_folder(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result.save("runs/case")
    code, out, _ = run("export", "runs/case", "--to", "excel,iamc,netcdf,datapackage", "--lang", "zh", "--json")
    assert code == 0
    made = json.loads(out)
    assert made["output"] == "exports/case"
    assert made["files"] == ["case-datapackage.zip", "case-iamc.csv", "case-iamc.xlsx", "case.nc", "case.xlsx"]
    text = Path("exports/case/case-iamc.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == COLUMNS and len(rows) == len(result.to_iamc())
    assert all(float(row["value"]) == float(row["value"]) for row in rows), "no blanks"
    meta = pd.read_excel("exports/case/case-iamc.xlsx", sheet_name="meta", engine="calamine")
    assert meta.loc[0, "objective"] == pytest.approx(result.objective)
    with zipfile.ZipFile("exports/case/case-datapackage.zip") as archive:
        names = {"datapackage.json", *(f"{name}.csv" for name in TABLES)}
        assert set(archive.namelist()) == names
        run_files = {name: (Path("runs/case") / name).read_bytes() for name in names - {"datapackage.json"}}
        assert {name: archive.read(name) for name in run_files} == run_files
    code, out, _ = run("export", "runs/case", "--to", "iamc", "--region", "CHN")
    assert (code, out.splitlines()[0]) == (0, "exports/case-2/case-iamc.csv")
    assert ",CHN," in Path("exports/case-2/case-iamc.csv").read_text(encoding="utf-8")


def test_export_says_what_is_wrong(result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result.save("runs/case")
    Result.of(tiny(), fake_outcome(tiny(), "infeasible")).save("runs/none")
    assert run("export", "runs/case", "--to", "exel")[::2] == (2, "unknown format 'exel'; did you mean 'excel'?\n")
    assert run("export", "runs/case")[2].startswith("say what to export: --to excel,iamc,netcdf,datapackage or")
    code, _, err = run("export", "runs/none", "--to", "excel,iamc")
    assert (code, err) == (2, "tiny is infeasible: there is no plan to write as iamc\n")
    assert not Path("exports/none").exists(), "all or nothing"
    assert run("export", "runs/other", "--to", "excel")[0] == 3
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    code, _, err = run("export", "runs/case", "--to", "excel")
    assert (code, err) == (2, 'Writing a workbook needs packages that are not installed: pip install "kctopt[excel]"\n')


def same_labels(**overrides: Any) -> Scenario:
    """The tiny world with one label for both domains, one for the two lines of a cell, and a blank one."""
    labels = {"domains__0__label": LABEL, "domains__1__label": LABEL, "lines__0__label": LABEL}
    twins = {"lines__1__label": LABEL, "lines__1__security": 0.0, "lines__1__bottleneck": 1.0}
    rest = {"lines__3__label": {"en": " ", "zh": " "}, "military__shield_elasticity": 0.0, "cut_off__shield": 0.0}
    return kctopt.load(tiny(**labels, **twins, **rest, **overrides))


LABEL = {"en": "Chips", "zh": "芯片"}


def test_labels_that_collide_have_their_ids_behind_them() -> None:
    result = kctopt.solve(same_labels(), gap=0.01)
    frame = result.to_iamc()
    assert not frame.duplicated(COLUMNS[:-1]).any()
    for year in (2026, 2029):
        spend = result.allocation.query("year == @year").groupby("domain")["amount"].sum()
        for domain in ("chips", "ai"):
            assert value(frame, f"R&D Investment|Chips ({domain})", year) == pytest.approx(spend[domain])
    state = result.capability.query("year == 2028").set_index("line")["gap"]
    for line in ("chips-B", "chips-S"):
        assert value(frame, f"Gap|Chips (chips)|Bottleneck|Chips ({line})", 2028) == state[line]
    assert value(frame, "Gap|Chips (ai)|Moat|ai-M", 2028) == state["ai-M"]


def test_levels_stay_apart_whatever_the_labels() -> None:
    def names(**labels: str) -> dict[str, str]:
        return levels((key, Label(en=en, zh=en)) for key, en in labels.items())

    assert names(a="X", b="Y") == {"a": "X", "b": "Y"}
    assert names(a="X", b="X", c="Y") == {"a": "X (a)", "b": "X (b)", "c": "Y"}
    assert names(a="X", b="X", c="X (a)") == {"a": "X (a)", "b": "X (b)", "c": "X (a) (c)"}
    assert names(a="X|Y", b="X/Y") == {"a": "X/Y (a)", "b": "X/Y (b)"}


def test_a_table_with_two_rows_for_one_thing_is_refused(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    twice = [("KCT Value", "points", {2026: 1.0}), ("KCT Value", "points", {2026: 2.0})]
    monkeypatch.setattr("kctopt.exchange.iamc.variables", lambda _: iter(twice))
    with pytest.raises(KctoptError, match="two rows for KCT Value in 2026"):
        result.to_iamc()


def test_runs_of_one_scenario_with_changes_can_be_put_together(tmp_path: Path) -> None:
    place = tmp_path / "case.yaml"
    place.write_text(dump(tiny().model_copy(update={"name": "case"})), encoding="utf-8")
    plain, poor, rich = (
        kctopt.solve(place, gap=0.05, set=changes) for changes in (None, {"budget": 50.0}, {"budget": 70.0})
    )
    memory = kctopt.solve(kctopt.load(place, set={"budget": 55.0}), gap=0.05)
    names = [one.to_iamc()["scenario"].iloc[0] for one in (plain, poor, rich, memory)]
    assert names[0] == "case"
    assert all(re.fullmatch(r"case-[0-9a-f]{8}", name) for name in names[1:])
    assert len(set(names)) == 4
    together = pd.concat([one.to_iamc() for one in (plain, poor, rich, memory)])
    assert not together.duplicated(COLUMNS[:-1]).any()
    assert set(poor.to_iamc(scenario="poor")["scenario"]) == {"poor"}
    back = kctopt.open(poor.save(tmp_path / "run"))
    assert back.to_iamc()["scenario"].iloc[0] == names[1]
    assert meta(back).loc[0, "scenario"] == names[1]


def test_a_run_with_a_rule_of_its_own_has_a_name_of_its_own() -> None:
    program = kctopt.build(tiny())
    program.model.less = Constraint(expr=program.model.money.spend["chips-B", 2027] <= 12)
    own, plain = kctopt.solve(program, gap=0.05), kctopt.solve(tiny(), gap=0.05)
    assert own.to_iamc()["scenario"].iloc[0] != plain.to_iamc()["scenario"].iloc[0]


def test_money_is_told_in_usd_at_the_rate_of_the_caller(result: Result, iamc: pd.DataFrame) -> None:
    usd = result.to_iamc(cny_per_usd=8.0)
    assert set(usd["unit"]) == {unit.replace("CNY", "USD_2025") for unit in iamc["unit"]}
    money = iamc["unit"] == "billion CNY/yr"
    assert money.any()
    np.testing.assert_allclose(usd[money]["value"] * 8, iamc[money]["value"])
    assert usd[~money].equals(iamc[~money])
    assert meta(result).loc[0, "money"] == "billion CNY/yr, prices of 2025"
    told = meta(result, Naming(cny_per_usd=8.0)).loc[0, "money"]
    assert told == "billion USD_2025/yr, prices of 2025, from CNY at 8 CNY/USD as stated by the user"
    for rate in (0, -7, float("nan"), "7"):
        with pytest.raises(UsageError, match=r"cny_per_usd=.*a number above 0"):
            result.to_iamc(cny_per_usd=rate)  # type: ignore[arg-type]


def test_export_names_the_scenario_and_the_rate(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result.save("runs/case")
    assert run("export", "runs/case", "--to", "iamc", "--scenario", "mine", "--cny-per-usd", "8")[0] == 0
    frame = pd.read_csv("exports/case/case-iamc.csv")
    assert set(frame["scenario"]) == {"mine"}
    assert "billion USD_2025/yr" in set(frame["unit"])
    assert run("export", "runs/case", "--to", "iamc", "--cny-per-usd", "0")[0] == 2
