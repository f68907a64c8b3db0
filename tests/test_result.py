"""Results: what their tables hold, and that a run folder gives them back."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fakes import fake_outcome, kept_plan
from worlds import small, tiny

import kctopt
from kctopt import Result
from kctopt.api import open as open_run
from kctopt.disk import write_folder
from kctopt.errors import RunError, UsageError
from kctopt.result import folder
from kctopt.result.fields import TABLES
from kctopt.result.schemas import NEW_TABLES
from kctopt.result.tables import main_type, money_of
from kctopt.rules import breaches
from kctopt.scenario.records import Scenario
from kctopt.simulator import simulate

POLICIES = [
    {"id": "chips-floor", "kind": "floor", "domain": "chips", "amount": 10, "years": "2026-2027"},
    {"id": "swap-cap", "kind": "cap", "track": "substitution", "amount": 40, "per": "total"},
    {"id": "ai-share", "kind": "share", "domain": "ai", "min": 0.1, "max": 0.9},
    {"id": "urgent", "kind": "target", "type": "B", "min_ratio": 0.99, "by": 2029, "soft": True, "price": 10},
    {"id": "rung", "kind": "floor", "rung": "F", "amount": 1, "line": "ai-A"},
]


def solved(scenario: Scenario, status: str = "optimal") -> Result:
    return Result.of(scenario, fake_outcome(scenario, status), options={"gap": 1e-4}, command="kctopt solve tiny")


@pytest.fixture
def result() -> Result:
    return solved(tiny(policies=[policy for policy in POLICIES if policy["id"] != "rung"]))


def test_sides_slack_and_binding_are_what_the_page_on_results_says(result: Result) -> None:
    table, scenario, money = result.constraints, result.scenario, result.money
    assert money is not None
    gap = (table.right - table.left).where(table.sense == "<=", table.left - table.right)
    assert np.allclose(table.slack, gap)
    assert (table.binding == (gap <= 1e-6 * np.maximum(1, table.right.abs()))).all()
    assert (table.price[table.sense == "<="].dropna() >= 0).all()
    assert (table.price[table.sense == ">="].dropna() <= 0).all()
    rows, years = table.set_index("rule"), scenario.horizon.years
    out = np.array([rows.left[f"money.carry[{t}]"] for t in years])
    budget = rows.loc[[f"money.budget[{t}]" for t in years]]
    assert np.allclose(budget.left, money.spend.sum(axis=0) + out)
    assert np.allclose(budget.right, scenario.budget.at(np.array(years)) + np.concatenate([[0.0], out[:-1]]))
    closed = rows.loc[[f"money.carry[{t}]" for t in years if t >= scenario.horizon.last_year - 1]]  # the tail repeats T
    assert (closed.left == 0).all() and (closed.right == 0).all()
    assert closed.binding.all() and closed.price.isna().all()


def test_tables_have_the_declared_columns_and_kinds(result: Result) -> None:
    kinds = {"string": "O", "integer": "i", "number": "f", "boolean": "b"}
    for name, fields in TABLES.items():
        table, shown = result.columns(name), getattr(result, name)
        assert list(shown.columns) == [field.key for field in fields]
        assert len(shown) == len(table[fields[0].key])
        assert (len(shown) == 0) == (name in NEW_TABLES)  # of options that are off
        assert [table[field.key].dtype.kind for field in fields] == [kinds[field.kind] for field in fields]


def test_allocation_is_the_money(result: Result) -> None:
    money = result.money
    assert money is not None
    table = result.allocation
    assert len(table) == 4 * 4 * 5
    assert table["amount"].sum() == pytest.approx(money.spend.sum())
    row = table[(table.line == "chips-B") & (table.year == 2028) & (table.rung == "P")].iloc[0]
    assert row["amount"] == money.strategic[0, 1, 2]
    assert (row["domain"], row["type"], row["plan"], row["track"]) == ("chips", "B", "2028-29", "strategic")
    back = money_of(result.scenario, result.columns("allocation"))
    assert back is not None
    np.testing.assert_array_equal(back.strategic, money.strategic)
    np.testing.assert_array_equal(back.exchange, money.exchange)


def test_type_of_an_overlapping_line_is_its_largest_membership() -> None:
    lines = small().lines
    assert [main_type(line) for line in lines[:4]] == ["B", "A", "M", "S"]
    tied = lines[0].model_copy(update={"bottleneck": 0.5, "security": 0.5})
    assert main_type(tied) == "B"


def test_indices_hold_levels_and_mark_the_tail(result: Result) -> None:
    table = result.indices
    assert table[table["index"] == "security"]["value"].iloc[0] == pytest.approx(100)
    assert set(table[table.after_plan].year) == {2030, 2031}
    assert result.index("economy_ratio", 2025) == pytest.approx(0.6)
    assert result.index("military_ratio", 2025) == pytest.approx(0.3)
    assert result.index("kct", 2025, "chips") > 0
    with pytest.raises(KeyError, match="no index 'wealth' for the nation in 2030"):
        result.index("wealth", 2030)
    absent = table[(table["index"] == "score_S") & (table.domain == "ai")]
    assert absent.empty, "ai has no line of type S"


def test_capability_starts_at_the_base_year(result: Result) -> None:
    table = result.capability.set_index(["line", "year"])
    assert table.loc[("chips-B", 2025), "usable"] == pytest.approx(40)
    assert np.isnan(table.loc[("chips-B", 2025), "inflow"])
    both = table["capability"] + table["substitute"]
    pd.testing.assert_series_equal(both, table["usable"], check_names=False)


def test_constraints_agree_with_the_simulator_rule_by_rule() -> None:
    """A broken plan: the rules with negative slack are those the simulator names."""
    scenario = small(policies=[policy | ({"by": 2031} if "by" in policy else {}) for policy in POLICIES])
    money = kept_plan(scenario)
    for factor in (0.2, 1.0, 3.0):
        changed = type(money)(money.strategic * factor, money.substitution * factor**2, money.exchange)
        path = simulate(scenario, changed)
        result = Result.of(scenario, fake_outcome(scenario, money=changed))
        table = result.constraints
        broken = table[table.slack < -1e-6 * np.maximum(1, table.right.abs())]
        named = {breach.rule for breach in breaches(scenario, changed, path)}
        assert set(broken[~broken.rule.str.startswith("policies.urgent")].rule) == named
        assert result.verified == (not named)


def test_price_of_a_rule_stands_beside_it(result: Result) -> None:
    table = result.constraints.set_index("rule")
    assert table.loc["money.budget[2026]", "price"] == 0.25
    assert np.isnan(table.loc["money.budget[2027]", "price"])
    assert table.loc["money.ramp[chips-B,2026]", "unit"] == "billion CNY"
    assert table.loc["policies.swap-cap", "year"] is pd.NA


def test_prices_have_the_sign_of_what_a_larger_right_side_does() -> None:
    policies = [
        {"id": "least", "kind": "floor", "domain": "ai", "amount": 20},
        {"id": "part", "kind": "share", "domain": "ai", "min": 0.1, "max": 0.9},
    ]
    given = {
        "money.carry_limit[2026]": 0.1,
        "policies.least[2027]": 0.2,
        "policies.part[2027,min]": 0.3,
        "policies.part[2027,max]": -0.4,
        "regional_floor[west]": -0.5,
        "kct.nested[2027]": 7.0,
        "money.spend_of_line[ai-A,2027]": 8.0,
        "money.available[2027]": 9.0,
        "money.ramp[ai-A,2027]": 0.0,
    }
    for kind, worth in (("national_security", 1), ("min_budget", -1)):
        scenario = tiny(policies=policies, objective={"kind": kind, "discount": 0.95})
        result = Result.of(scenario, fake_outcome(scenario, prices=given))
        table = result.constraints.set_index(["rule", "sense"])["price"]
        assert table["money.carry[2026]", "<="] == 0.1 * worth
        assert table["policies.least[2027]", ">="] == -0.2 * worth
        assert table["policies.part[2027]", ">="] == -0.3 * worth
        assert table["policies.part[2027]", "<="] == 0.4 * worth
        assert result.prices["regional_floor[west]"] == -0.5
        assert not [rule for rule in result.prices if rule.startswith(("kct", "money.spend", "money.av", "money.ramp"))]


def test_prices_that_are_round_off_are_zero_whatever_money_is_counted_in() -> None:
    floors = [{"id": name, "kind": "floor", "domain": "ai", "amount": 20} for name in ("large", "small")]
    scenario = tiny(policies=floors)
    for unit in (1.0, 1e-12):
        given = {"policies.large[2027]": 0.2 * unit, "policies.small[2027]": 3e-17 * unit}
        table = Result.of(scenario, fake_outcome(scenario, prices=given)).constraints.set_index("rule")["price"]
        assert table["policies.large[2027]"] == -0.2 * unit
        assert table["policies.small[2027]"] == 0.0


def test_provenance_takes_the_most_specific_source() -> None:
    def source(path: str, grade: str) -> dict[str, str]:
        return {"path": path, "unit": "", "source": f"of {path}", "year": "2025", "grade": grade}

    rows = [
        source("lines[chips-B].spend", "A"),
        source("lines.spend", "C"),
        source("lines[domain=chips].spend", "B"),
        source("lines", "assumption"),
        source("controls.intensity", "C"),
    ]
    result = Result.of(small(provenance=rows), fake_outcome(small()), origin={"lines[ai-M].spend": "lines.csv:8"})
    table = result.provenance.set_index("path")
    assert table.loc["lines[chips-B].spend", "grade"] == "A"
    assert table.loc["lines[chips-M].spend", "grade"] == "B"
    assert table.loc["lines[ai-M].spend", "grade"] == "C"
    assert table.loc["lines[ai-M].spend", "origin"] == "lines.csv:8"
    assert table.loc["lines[ai-M].capability", "grade"] == "assumption"
    assert table.loc["controls.intensity.2027", ["grade", "unit", "value"]].tolist() == ["C", "share", "0.6"]
    assert table.loc["spillovers[source=ai,target=chips].strength", "source"] == "set by the user, no source stated"


@pytest.mark.touches("pandas")
def test_a_run_opens_as_the_result_it_was(result: Result, tmp_path: Path) -> None:
    back = open_run(result.save(tmp_path / "tiny"))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(back, name), getattr(result, name))
    for name in (
        "status",
        "objective",
        "bound",
        "gap",
        "verified",
        "prices",
        "options",
        "command",
        "log",
        "versions",
        "cycle",
    ):
        assert getattr(back, name) == getattr(result, name)
    assert back.scenario == result.scenario
    assert back.run_dir is not None
    assert back.summary() == open_run(back.run_dir).summary()
    assert back.trajectory is not None and result.trajectory is not None
    np.testing.assert_array_equal(back.trajectory.security, result.trajectory.security)


def test_regimes_that_went_round_in_a_cycle_are_told(tmp_path: Path) -> None:
    outcome = replace(fake_outcome(tiny()), cycle=3)
    back = open_run(Result.of(tiny(), outcome).save(tmp_path / "tiny"))
    assert back.cycle == 3
    assert "went round in a cycle of 3" in back.summary("en")
    assert "以 3 步为周期循环" in back.summary("zh")


def test_a_run_without_a_plan_is_saved_too(tmp_path: Path) -> None:
    back = open_run(solved(tiny(), "infeasible").save(tmp_path / "tiny"))
    assert back.status == "infeasible"
    assert not back.has_plan
    assert not back.verified
    assert back.allocation.empty
    assert list(back.allocation.columns) == [field.key for field in TABLES["allocation"]]
    assert "infeasible" in back.summary()


def test_a_run_never_takes_the_place_of_another(result: Result, tmp_path: Path) -> None:
    places = [result.save(tmp_path / "run") for _ in range(3)]
    assert [place.name for place in places] == ["run", "run-2", "run-3"]
    (tmp_path / "file").write_text("mine")
    assert result.save(tmp_path / "file").name == "file-2"
    assert (tmp_path / "file").read_text() == "mine"


def test_a_failed_save_leaves_nothing_behind(tmp_path: Path) -> None:
    def fill(place: Path) -> None:
        (place / "half").write_text("x")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "run", fill)
    assert list(tmp_path.iterdir()) == []


def test_run_json_says_what_was_run(result: Result, tmp_path: Path) -> None:
    place = result.save(tmp_path / "run")
    record = json.loads((place / "run.json").read_text(encoding="utf-8"))
    assert record["schema_version"] == 5
    assert (record["scenario"], record["status"], record["verified"]) == ("tiny", "optimal", True)
    assert {"kctopt", "python", "highspy", "pyomo", "numpy", "pydantic"} <= set(record["versions"])
    assert {"build", "compile", "search", "mip", "simulate", "write"} <= set(record["seconds"])
    assert record["seconds"]["mip"] is None
    for name, about in record["tables"].items():
        assert about["csv_sha256"] == folder.sha256(place / f"{name}.csv")
        assert about["parquet_sha256"] == folder.sha256(place / f"{name}.parquet")


@pytest.mark.touches("duckdb", "pandas")
def test_csv_opens_in_a_spreadsheet_and_parquet_keeps_types(result: Result, tmp_path: Path) -> None:
    place = result.save(tmp_path / "run")
    assert (place / "allocation.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (place / "constraints.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["price"] == "0.25"
    assert {row["binding"] for row in rows} == {"true", "false"}
    for name in TABLES:
        own, other = folder.read_csv(place, name), folder.read_parquet(place, name)
        for column in own:
            np.testing.assert_array_equal(own[column], other[column])


def test_datapackage_describes_every_table(result: Result, tmp_path: Path) -> None:
    place = result.save(tmp_path / "run")
    package = json.loads((place / "datapackage.json").read_text(encoding="utf-8"))
    assert [resource["name"] for resource in package["resources"]] == list(TABLES)
    for resource in package["resources"]:
        with (place / resource["path"]).open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file))
        assert header == [field["name"] for field in resource["schema"]["fields"]]
    amount = package["resources"][0]["schema"]["fields"][7]
    assert (amount["name"], amount["unit"]) == ("amount", "billion CNY")


def test_opening_what_is_no_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"not a run folder \(it has no run.json\)"):
        open_run(tmp_path)
    (tmp_path / "run.json").write_text('{"schema_version": 99}')
    with pytest.raises(RunError, match="schema_version is 99; this kctopt reads 1 and 2"):
        open_run(tmp_path)


def test_summary_speaks_both_languages(result: Result) -> None:
    text = result.summary()
    assert "national security" in text
    assert "every rule checked by simulation" in text
    assert "2026-27" in text
    assert re.search(r"money.budget +2026 +0.25 +billion CNY", text)
    chinese = result.summary("zh")
    assert "国家安全" in chinese
    assert "战略" in chinese
    with pytest.raises(UsageError, match="needs en or zh"):
        result.summary("fr")


def test_notebook_form_is_escaped() -> None:
    label = {"en": "<script>alert(1)</script>", "zh": "x"}
    html = solved(tiny(label=label))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_budget_scale_and_year_are_objectives() -> None:
    scenario = tiny(objective={"kind": "min_budget", "discount": 0.95})
    outcome = fake_outcome(scenario, budget_scale=0.9)
    result = Result.of(scenario, type(outcome)(**(vars(outcome) | {"objective": 0.9 * 240, "bound": 215.0})))
    assert result.simulated_objective == pytest.approx(216)
    assert result.verified
    budget = result.constraints.set_index("rule").loc["money.budget[2026]"]
    assert budget["right"] == pytest.approx(54)


def test_what_users_get_is_of_the_public_classes(tmp_path: Path) -> None:
    result = solved(tiny())
    saved = result.saved(tmp_path / "run")
    assert {type(one) for one in (result, saved, kctopt.open(tmp_path / "run"))} == {kctopt.Result}
    assert type(result.compare(saved)) is type(kctopt.compare(result, saved)) is kctopt.Comparison
    assert type(kctopt.Collection([result, saved]).compare()) is kctopt.Comparison
