"""`verify` works from files alone: an untouched run holds, any edit is named."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import fake_outcome
from worlds import tiny

from kctopt import Result
from kctopt.cache import SEAL, stamped
from kctopt.errors import RunError
from kctopt.result import folder
from kctopt.result.reuse import finished
from kctopt.result.schemas import tables_of
from kctopt.result.unchanged import sealed
from kctopt.result.verify import notes, verify


@pytest.fixture
def run(tmp_path: Path) -> Path:
    scenario = tiny(policies=[{"id": "chips-cap", "kind": "cap", "domain": "chips", "amount": 25}])
    return Result.of(scenario, fake_outcome(scenario), options={"gap": 1e-4}).save(tmp_path / "tiny")


def edit(run: Path, name: str, change: Callable[[str], str]) -> None:
    file = run / name
    text = file.read_bytes().decode("utf-8")
    changed = change(text)
    assert changed != text
    file.write_bytes(changed.encode("utf-8"))


def edit_record(run: Path, **fields: object) -> None:
    """What run.json says, changed with all its hashes."""
    record = {name: value for name, value in folder.read_json(run / "run.json").items() if name != SEAL}
    folder.write_json(run / "run.json", sealed(record | fields, run))


def says(run: Path) -> list[str]:
    return [str(finding) for finding in verify(run)]


def test_an_untouched_run_holds(run: Path) -> None:
    assert verify(run) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"objective_kind": "min_budget"}, {"status": "banana"}, {"status": "limit"}, {"verified": False},
        {"scenario": "other"}, {"command": "solve other"}, {"inputs": {"o.yaml": "0"}}, {"bound": 1.0, "gap": 1e-6},
        {"seconds": {}},
    ],
    ids=lambda fields: ",".join(fields),
)  # fmt: skip
def test_any_edit_of_the_record_is_found(fields: dict[str, object], run: Path) -> None:
    folder.write_json(run / "run.json", folder.read_json(run / "run.json") | fields)
    assert "run.json: was changed after the run was saved (its hash differs)" in says(run)


@pytest.mark.parametrize("fields", [{"objective_kind": "min_budget"}, {"status": "banana"}, {"scenario": "other"}])
def test_what_the_scenario_says_is_held_against_the_record(fields: dict[str, object], run: Path) -> None:
    edit_record(run, **fields)
    assert [one.place for one in verify(run)] == ["run.json"]


@pytest.mark.parametrize("name", ["solver.log", "datapackage.json", "scenario.yaml"])
def test_every_file_of_a_run_is_hashed(name: str, run: Path) -> None:
    text = (run / name).read_bytes()
    (run / name).write_bytes(text + b"\n")
    assert f"{name}: was changed after the run was saved (its hash differs)" in says(run)
    (run / name).unlink()
    assert f"{name}: is missing" in says(run)


def test_a_run_of_before_says_that_its_record_cannot_be_checked(run: Path) -> None:
    record = folder.read_json(run / "run.json")
    assert not any("hash of itself" in note for note in notes(run))
    record |= {"schema_version": 3, "versions": record["versions"] | {"code": "of then"}}
    folder.write_json(run / "run.json", {name: value for name, value in record.items() if name not in (SEAL, "files")})
    assert verify(run) == []
    assert any("hash of itself" in note for note in notes(run))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    "value",
    [None, *(pytest.param(value, marks=pytest.mark.long) for value in (3, "x", [], True, math.inf)), "out"],
    ids=str,
)
def test_a_record_that_holds_something_else_is_a_finding(value: object, run: Path) -> None:
    record = folder.read_json(run / "run.json")
    for name in sorted(set(record) - {"schema_version"}):
        other = {key: one for key, one in record.items() if key != name} | ({} if value == "out" else {name: value})
        if other == record:
            continue
        (run / "run.json").write_text(json.dumps(other), encoding="utf-8")
        assert [one for one in verify(run) if one.place == "run.json"], name
        assert notes(run)
        assert finished(run.parent, tiny(), {}, 1e-3, lambda *_: None, Result) is None


def test_hashes_that_were_taken_out_are_found(run: Path) -> None:
    record = folder.read_json(run / "run.json")
    bare = {name: value for name, value in record.items() if name != SEAL}
    folder.write_json(run / "run.json", bare)
    assert says(run) == ["run.json: has no hash of itself, as every run of this kctopt has: it was taken out"]
    assert not any("hash of itself" in note for note in notes(run))
    folder.write_json(run / "run.json", bare | {"schema_version": 3})  # written by this code all the same
    assert says(run) == ["run.json: has no hash of itself, as every run of this kctopt has: it was taken out"]
    folder.write_json(run / "run.json", bare | {"versions": {}})
    assert "run.json: has no hash of itself, as every run of this kctopt has: it was taken out" in says(run)


@pytest.mark.parametrize("reseal", [False, True])
def test_hashes_of_files_that_were_taken_out_are_found(reseal: bool, run: Path) -> None:
    record = {name: value for name, value in folder.read_json(run / "run.json").items() if name not in (SEAL, "files")}
    del record["tables"]["indices"]["csv_sha256"]
    folder.write_json(run / "run.json", stamped(record) if reseal else record)
    found = [one.place for one in verify(run) if "has no hash in run.json" in one.message]
    assert found == ["scenario.yaml", "solver.log", "datapackage.json", "indices.csv"]
    assert ("run.json" in [one.place for one in verify(run)]) == (not reseal)


def test_a_run_without_a_plan_holds(tmp_path: Path) -> None:
    scenario = tiny()
    assert verify(Result.of(scenario, fake_outcome(scenario, "infeasible")).save(tmp_path / "run")) == []


def test_a_raised_amount_is_named_by_the_rules_it_breaks(run: Path) -> None:
    edit(run, "allocation.csv", lambda text: text.replace("2027,strategic,F,4.0", "2027,strategic,F,44.0", 1))
    found = verify(run)
    rules = [finding.place for finding in found if finding.check == "rules"]
    assert rules == ["money.budget[2027]", "money.ramp[chips-B,2027]", "policies.chips-cap[2027]"]
    assert str(found[0]).startswith("money.budget[2027]: 2027: spend of 90 exceeds the budget of 60")
    text = "\n".join(map(str, found))
    assert "objective: run.json says" in text
    assert "allocation.csv: was changed after the run was saved" in text
    assert "allocation.csv: amount at chips-B, 2027, strategic, F: CSV 44.0, Parquet 4.0" in text
    assert "capability.csv: capability at chips-B, 2027" in text


def test_an_edit_that_breaks_no_rule_is_still_found(run: Path) -> None:
    edit(run, "allocation.csv", lambda text: text.replace("2027,strategic,F,4.0", "2027,strategic,F,3.9", 1))
    checks = {finding.check for finding in verify(run)}
    assert checks == {"objective", "status", "tables", "hash"}


@pytest.mark.parametrize("name", tables_of(1))
def test_each_table_is_watched(run: Path, name: str) -> None:
    edit(run, f"{name}.csv", lambda text: text + text.splitlines()[-1] + "\r\n")
    assert any(finding.place == f"{name}.csv" and "rows" in finding.message for finding in verify(run))


def test_a_changed_index_is_found(run: Path) -> None:
    first = folder.read_csv(run, "indices")["value"][3]
    edit(run, "indices.csv", lambda text: text.replace(repr(float(first)), "150.5", 1))
    assert any("indices.csv: value at security, 2028: file 150.5, simulated" in line for line in says(run))


def test_a_changed_objective_or_bound_is_found(run: Path) -> None:
    objective = folder.read_json(run / "run.json")["objective"]
    edit_record(run, objective=objective * 1.01)
    found = says(run)
    assert any(line.startswith("objective: run.json says") for line in found)
    assert any("is better than the proven bound" in line for line in found)


FALSE = "run.json: verified is false, but the plan keeps every rule and is worth what is claimed"
BROKEN = "run.json: verified is true, but the plan breaks rules when simulated"
OTHER = "run.json: verified is true, but the plan is worth another amount when simulated"


@pytest.mark.parametrize(
    ("fields", "budget", "said"),
    [
        ({"verified": False}, "60.0", [FALSE]),
        ({"verified": None}, "60.0", [FALSE.replace("false", "null")]),
        ({"verified": True}, "20.0", [BROKEN]),
        ({"verified": False}, "20.0", []),
        ({"verified": True, "objective": 1.0}, "60.0", [OTHER]),
        ({"verified": False, "objective": 1.0}, "60.0", []),
    ],
)
def test_the_claim_to_be_verified_is_held_against_a_simulation(
    fields: dict[str, object], budget: str, said: list[str], run: Path
) -> None:
    if budget != "60.0":
        edit(run, "scenario.yaml", lambda text: text.replace("budget: 60.0", f"budget: {budget}"))
    edit_record(run, **fields)
    assert [str(one) for one in verify(run) if one.check == "status"] == said


def test_a_run_without_a_plan_is_not_verified(tmp_path: Path) -> None:
    run = Result.of(tiny(), fake_outcome(tiny(), "infeasible")).save(tmp_path / "run")
    edit_record(run, verified=True)
    assert says(run) == ["run.json: verified is true, but there is no plan"]


def test_a_claim_of_optimality_needs_the_asked_gap(run: Path) -> None:
    edit_record(run, options={"gap": 1e-6})
    gap = folder.read_json(run / "run.json")["gap"]
    assert says(run) == [f"run.json: status is optimal, but the gap {gap} is above the asked 1e-06"]


def test_a_changed_scenario_is_found(run: Path) -> None:
    edit(run, "scenario.yaml", lambda text: text.replace("budget: 60.0", "budget: 20.0"))
    found = says(run)
    assert any(line.startswith("money.budget[2026]: 2026: spend of 50 exceeds the budget of 20") for line in found)
    assert any("is not the scenario that was solved" in line for line in found)


def test_an_unreadable_scenario_is_told(run: Path) -> None:
    (run / "scenario.yaml").write_text("lines: [")
    assert any(line.startswith("scenario.yaml: cannot be read") for line in says(run))


def test_missing_and_broken_files_are_told(run: Path) -> None:
    (run / "stages.parquet").unlink()
    (run / "indices.parquet").write_bytes(b"PAR1")
    edit(run, "capability.csv", lambda text: text.replace("usable", "useable", 1))
    edit(run, "constraints.csv", lambda text: text.replace(",true,", ",yes,", 1))
    found = "\n".join(says(run))
    assert "stages.parquet: is missing" in found
    assert "indices.parquet: cannot be read" in found
    assert "capability.csv: cannot be read: columns are" in found
    assert "constraints.csv: cannot be read: line" in found
    assert "'yes' is not true or false" in found


def test_a_missing_row_of_the_allocation_is_told(run: Path) -> None:
    edit(run, "allocation.csv", lambda text: "\r\n".join(text.split("\r\n")[:-2]) + "\r\n")
    assert any("allocation: no amount for ai-M, 2029, exchange" in line for line in says(run))


def test_a_negative_amount_is_told(run: Path) -> None:
    edit(run, "allocation.csv", lambda text: text.replace("2027,strategic,F,4.0", "2027,strategic,F,-4.0", 1))
    assert says(run)[0].startswith("money.sign[chips-B,strategic.F,2027]")


def test_an_incomplete_record_is_told(run: Path) -> None:
    record = folder.read_json(run / "run.json")
    del record["prices"]
    (run / "run.json").write_text(json.dumps(record))
    assert any(line.startswith("run.json: is not complete") for line in says(run))


def test_a_folder_that_is_no_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not a run folder"):
        verify(tmp_path)
