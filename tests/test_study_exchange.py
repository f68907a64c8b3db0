"""Studies for other programs, and two studies side by side: the numbers are those of the members."""

from __future__ import annotations

import doctest
import json
from pathlib import Path

import numpy as np
import pandas
import pytest
from click.testing import CliRunner
from numpydoc.validate import validate
from studies import BUDGET, EFFORT, drawn, run, study
from test_public import saved_study
from test_study_public import CHECKS, public
from worlds import tiny

import kctopt
from kctopt.cli import main
from kctopt.errors import RunError, UsageError
from kctopt.study import exported
from kctopt.study.compared_text import compare
from kctopt.study.store import Store
from kctopt.study.sweep import Sweep
from kctopt.study.sweep_iamc import meta
from kctopt.study.sweep_tables import ends, money_quantiles, names, outcome_quantiles

FLOOR = {"id": "f", "kind": "floor", "line": "ai-A", "amount": 6, "years": "2026"}
MIXED = [[0.95, 0.5], [1.0, 2.0], [1.05, 0.45], [1.0, 0.5]]  # the second is no scenario


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    sweep = run(tmp_path_factory.mktemp("mixed") / "try.duckdb", draws=drawn((BUDGET, EFFORT), MIXED))
    assert sweep.counts() == {"optimal": 3, "invalid": 1}
    return sweep


@pytest.fixture(scope="module")
def floored(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """The same draws of a scenario with a floor that costs."""
    asked = study(scenarios=(tiny(policies=(FLOOR,)),), name="floored")
    return run(tmp_path_factory.mktemp("floored") / "floored.duckdb", asked, drawn((BUDGET, EFFORT), MIXED[::-1]))


def test_quantiles_are_those_of_the_members(mixed: Sweep) -> None:
    table = outcome_quantiles(mixed, (0.0, 0.5, 1.0))
    row = table[(table["outcome"] == "security") & (table["year"] == 2029)].iloc[0]
    out = mixed.outcomes
    values = out[(out["outcome"] == "security") & (out["year"] == 2029)]["value"]
    assert (row["0%"], row["50%"], row["100%"]) == (values.min(), values.median(), values.max())
    assert row["members"] == 3
    assert table["year"].max() == 2029, "the tail is no plan"
    money = money_quantiles(mixed, 0.5)
    first = mixed.allocation[mixed.allocation["plan"] == "2026-27"]
    whole = money[(money["domain"] == "") & (money["plan"] == "2026-27")]["50%"].item()
    assert whole == pytest.approx(first.groupby("draw")["amount"].sum().median(), rel=1e-12)
    line = money[(money["line"] == "chips-B") & (money["plan"] == "2026-27")]["50%"].item()
    assert line == pytest.approx(first[first["line"] == "chips-B"].groupby("draw")["amount"].sum().median(), rel=1e-12)
    with pytest.raises(UsageError, match="shares of probability"):
        outcome_quantiles(mixed, 5)


@pytest.mark.parametrize(("plan", "year"), [("2026-30", 2030), ("2096-00", 2100), ("2026-26", 2026)])
def test_the_last_year_of_a_plan(plan: str, year: int) -> None:
    assert ends(plan) == year


def test_iamc_has_a_scenario_for_each_quantile(mixed: Sweep) -> None:
    frame = mixed.to_iamc("Atlantis")
    assert frame["scenario"].unique().tolist() == ["try p5", "try p25", "try p50", "try p75", "try p95"]
    assert set(frame["model"]) == {"kctopt tests"} and set(frame["region"]) == {"Atlantis"}
    assert not frame.duplicated(["scenario", "variable", "year"]).any()
    cells = frame.set_index(["scenario", "variable", "year"])["value"]
    members = mixed.outcomes.query("outcome == 'score_B' and domain == 'chips' and year == 2027")["value"]
    assert cells["try p50", "KCT Score|chips|Bottleneck", 2027] == members.median()
    spent = mixed.allocation.query("line == 'ai-M' and plan == '2028-29'").groupby("draw")["amount"].sum()
    assert cells["try p50", "R&D Investment over Plan|ai|Moat|ai M", 2029] == pytest.approx(spent.median(), rel=1e-12)
    usd = mixed.to_iamc(cny_per_usd=8.0)
    assert "billion USD_2025" in set(usd["unit"]) and "billion CNY" not in set(usd["unit"])
    about = meta(mixed)
    assert about["members"].unique().tolist() == [3] and about["left_out"].unique().tolist() == ["1 invalid"]
    assert "no probability" in about["of"][0], "the sample is a list"


def test_netcdf_has_the_dimension_member(mixed: Sweep, tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray", reason="the extra netcdf is not installed")
    pytest.importorskip("h5netcdf", reason="the extra netcdf is not installed")
    dataset = mixed.to_xarray()
    with xarray.open_dataset(mixed.to_netcdf(tmp_path / "try.nc"), engine="h5netcdf") as back:
        xarray.testing.assert_identical(back.load(), dataset)
    assert dict(dataset.sizes) == {"member": 4, "line": 4, "track": 3, "plan": 2, "year": 7, "domain": 2}
    assert dataset["status"].values.tolist() == ["optimal", "invalid", "optimal", "optimal"]
    assert np.isnan(dataset["spend"].sel(member=1)).all() and np.isnan(dataset["security"].sel(member=1)).all()
    for row in mixed.allocation.itertuples():
        at = {"line": row.line, "track": row.track, "plan": row.plan}
        assert float(dataset["spend"].sel(member=row.draw, **at)) == row.amount
    for row in mixed.outcomes[mixed.outcomes["outcome"] == "kct"].itertuples():
        name, at = ("domain_kct", {"domain": row.domain}) if row.domain else ("kct", {})
        assert float(dataset[name].sel(member=row.draw, year=row.year, **at)) == row.value
    assert dataset["input_2"].values.tolist() == [0.5, 2.0, 0.45, 0.5]
    assert dataset["input_2"].attrs["paths"] == "knowledge.effort_elasticity"


@pytest.mark.parametrize(("lang", "sheets"), [("en", ["Indices", "Money"]), ("zh", ["指数", "资金"])])
def test_a_workbook_holds_quantiles_and_members(mixed: Sweep, tmp_path: Path, lang: str, sheets: list[str]) -> None:
    path = mixed.to_excel(tmp_path / "try.xlsx", lang)
    book = pandas.read_excel(path, sheet_name=None, engine="calamine", keep_default_na=False)
    summary, indices, money, members = book.values()
    assert list(book)[1:3] == sheets
    expected = outcome_quantiles(mixed)
    assert indices["50%"].tolist() == pytest.approx(expected["50%"].tolist(), rel=1e-14)
    assert indices.iloc[:, 3].tolist() == expected["year"].tolist(), "years are numbers"
    assert len(money) == len(money_quantiles(mixed))
    assert members["input: effort"].tolist() == [0.5, 2.0, 0.45, 0.5]
    reason = "must be at most 1" if lang == "en" else "不得大于 1"
    assert reason in str(members.iloc[1].to_list())
    said = "say nothing of probability" if lang == "en" else "不说明概率"
    assert said in str(summary.to_numpy().tolist())


def test_a_reason_is_told_in_the_language(mixed: Sweep) -> None:
    assert "knowledge.effort_elasticity: 为 2，不得大于 1" in mixed.summary("zh")
    assert "it must be at most 1" in mixed.summary("en")


def test_a_file_without_labels_has_ids(mixed: Sweep, tmp_path: Path) -> None:
    path = tmp_path / "old.duckdb"
    with Store(mixed.path) as store:
        store.copy_to(tmp_path).rename(path)
    with Store(path, write=True) as store:
        store._open.execute("DROP TABLE labels")
    old = Sweep(path)
    assert names(old)["tiny"].lines["ai-M"].en == "ai-M"
    assert "R&D Investment over Plan|ai|Moat|ai-M" in set(old.to_iamc()["variable"])
    again = run(path, draws=drawn((BUDGET, EFFORT), MIXED))
    assert names(again)["tiny"].lines["ai-M"].en == "ai M"


def test_the_command_writes_all_formats(mixed: Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("h5netcdf", reason="the extra netcdf is not installed")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["export", str(mixed.path), "--format", "xlsx,iamc,netcdf"])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in Path("exports/try").iterdir()) == [
        "try-iamc.csv", "try-iamc.xlsx", "try.nc", "try.xlsx",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--to", "datapackage"], "is not for studies"), (["--to", "icmc"], "did you mean 'iamc'?"),
        (["--to", "excel", "--figures", "png"], "--figures are of runs"),
    ],
)  # fmt: skip
def test_what_studies_are_not_written_as(mixed: Sweep, options: list[str], words: str) -> None:
    done = CliRunner().invoke(main, ["export", str(mixed.path), *options])
    assert done.exit_code == 2
    assert words in done.output


def test_a_study_without_a_plan_has_no_variables(tmp_path: Path) -> None:
    sweep = run(tmp_path / "none.duckdb", study((EFFORT,)), drawn((EFFORT,), [[2.0]]))
    assert sweep.to_iamc().empty
    with pytest.raises(UsageError, match="no member has a plan"):
        exported.write(sweep, "iamc", tmp_path)
    exported.write(sweep, "excel", tmp_path)
    pytest.importorskip("xarray", reason="the extra netcdf is not installed")
    assert sweep.to_xarray().sizes["member"] == 1


def test_members_are_matched_by_their_draw(mixed: Sweep, floored: Sweep) -> None:
    """In whatever order they stand; the floor costs, and each change is proven or not by the members' own bounds."""
    comparison = compare(mixed, floored)
    (one,) = comparison.matched
    assert (one.pairs, one.both, one.same, one.other_scenario) == (4, 3, 0, True)
    first, second = mixed.members["objective"], floored.members["objective"][::-1].reset_index(drop=True)
    changes = (second - first).dropna()
    assert (one.mean, one.least, one.most) == pytest.approx((changes.mean(), changes.min(), changes.max()))
    bound = floored.members["bound"][::-1].reset_index(drop=True)
    assert one.lower == int((bound < first).sum()) == 2, "the third is within the gaps"
    assert one.higher == 0
    assert comparison.inputs == []
    assert comparison.statuses == [
        {"scenario": "tiny", "status": "optimal", "base": 3, "other": 3},
        {"scenario": "tiny", "status": "invalid", "base": 1, "other": 1},
    ]  # fmt: skip
    row = next(row for row in comparison.allocation if row["domain"] == "ai" and row["type"] == "A")
    spent = [
        sweep.allocation.query("line == 'ai-A'").groupby("draw")["amount"].sum().median() for sweep in (mixed, floored)
    ]
    assert [row["base_p50"], row["other_p50"]] == pytest.approx(spent)
    assert row["change"] == pytest.approx(spent[1] - spent[0])
    assert "What differs is the scenario" in comparison.summary()
    itself = mixed.compare(mixed).matched[0]
    assert (itself.same, itself.mean, itself.higher, itself.lower) == (4, 0.0, 0, 0)


def test_what_was_asked_and_differs_is_named(mixed: Sweep, tmp_path: Path) -> None:
    other = run(tmp_path / "b.duckdb", study((EFFORT,)), drawn((EFFORT,), [[0.5]]))
    comparison = compare(mixed, other)
    there = {row["what"]: (row["base"], row["other"]) for row in comparison.inputs}
    assert there["sample.size"] == ("4", "1")
    assert there["budget"] == ("scale budget: 0.95 … 1.05", None)
    assert there["effort"][1] == "value knowledge.effort_elasticity: 0.5 … 0.5"
    assert comparison.matched == []
    assert "The studies draw different inputs" in comparison.summary()


def test_scenarios_without_a_counterpart_are_named(mixed: Sweep, tmp_path: Path) -> None:
    two = study((EFFORT,), (tiny(), tiny(name="second")))
    both = run(tmp_path / "two.duckdb", two, drawn((EFFORT,), [[0.5]]))
    assert compare(mixed, both).alone == [("other", "second")]
    other = run(tmp_path / "x.duckdb", study((EFFORT,), (tiny(name="x"), tiny(name="y"))), drawn((EFFORT,), [[0.5]]))
    with pytest.raises(UsageError, match="none is in both"):
        compare(both, other)


def test_the_command_compares_studies(mixed: Sweep, floored: Sweep, tmp_path: Path) -> None:
    pair = [str(mixed.path), str(floored.path)]
    done = CliRunner().invoke(main, ["compare", *pair, "--json"])
    told = json.loads(done.stdout)
    assert (told["matched"][0]["pairs"], told["members"][0]["status"]) == (4, "optimal")
    chinese = CliRunner().invoke(main, ["compare", *pair, "--lang", "zh"])
    assert "抽样相同" in chinese.stdout and chinese.exit_code == 0
    marked = CliRunner().invoke(main, ["compare", *pair, "--format", "md"])
    assert marked.stdout.startswith("# floored against try\n")
    book = tmp_path / "both.xlsx"
    assert CliRunner().invoke(main, ["compare", *pair, "-o", str(book)]).exit_code == 0
    assert list(pandas.read_excel(book, sheet_name=None, engine="calamine")) == [
        "notes", "inputs", "members", "outcomes", "allocation",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        (["A", "runs/b"], "cannot be compared; name two studies"), (["A", "A", "A"], "name two, BASE and OTHER"),
        (["A", "A", "--fail-on", "NS<0"], "--fail-on: is of runs"),
        (["A", "A", "--format", "html"], "two studies are told as table, json, md, xlsx"),
    ],
)  # fmt: skip
def test_what_is_not_compared(mixed: Sweep, sources: list[str], words: str) -> None:
    done = CliRunner().invoke(main, ["compare", *(str(mixed.path) if one == "A" else one for one in sources)])
    assert done.exit_code == 2
    assert words in done.output


def test_a_file_that_is_not_there_is_said() -> None:
    with pytest.raises(RunError, match="there is no such file"):
        kctopt.open("none.duckdb")


EXAMPLES = (
    "sweep.Sweep.to_excel", "sweep.Sweep.to_iamc", "sweep.Sweep.to_xarray", "sweep.Sweep.to_netcdf",
    "sweep.Sweep.compare", "sweep_tables.names", "sweep_tables.outcome_quantiles", "sweep_tables.money_quantiles",
    "sweep_iamc.to_iamc", "sweep_netcdf.to_xarray", "sweep_excel.to_excel", "exported.write", "compared_text.compare",
    "compared_text.SweepComparison", "compared_text.SweepComparison.summary", "swept.Swept",
)  # fmt: skip


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples") / "here"
    saved_study(folder)
    return folder


@pytest.mark.parametrize("name", EXAMPLES)
def test_docstrings_have_their_sections_and_examples_run(
    name: str, examples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("h5netcdf", reason="the extra netcdf is not installed")
    found = public(name)
    checks = CHECKS - ({"PR01", "EX01"} if isinstance(found, type) else set())
    assert [fault for fault in validate(f"kctopt.study.{name}")["errors"] if fault[0] in checks] == []
    monkeypatch.chdir(examples)
    (one,) = doctest.DocTestFinder(recurse=False).find(found, name, globs={})
    assert one.examples
    said: list[str] = []
    doctest.DocTestRunner().run(one, out=said.append)
    assert said == []
