"""`verify` on runs with discrete decisions: an edit of any of their tables is named by the rule it breaks."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from decided import decided_result
from fakes import fake_outcome
from older_runs import band_was_called_stage
from worlds import options, tiny

from kctopt import Result
from kctopt.api import open as open_run
from kctopt.cache import SEAL
from kctopt.cli import main
from kctopt.errors import RunError
from kctopt.result import folder
from kctopt.result.fields import from_rows
from kctopt.result.schemas import NEW_FIELDS, NEW_RECORDS, NEW_TABLES, known, scenario_hash, uses_options
from kctopt.result.verify import verify

Row = dict[str, str]
POLICY = {"id": "chips-cap", "kind": "cap", "domain": "chips", "amount": 25}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return decided_result(modes__0__max_exchange=0.05).save(tmp_path / "options")


def edit(run: Path, table: str, change: Callable[[Row], Row | None]) -> None:
    """Change the rows of a table, or drop those for which nothing comes back."""
    file = run / f"{table}.csv"
    with file.open(encoding="utf-8-sig", newline="") as source:
        reader = csv.DictReader(source)
        rows, names = list(reader), reader.fieldnames or []
    changed = [new for row in rows if (new := change(dict(row))) is not None]
    assert changed != rows
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.DictWriter(target, names, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(changed)


def where(key: dict[str, str], values: dict[str, str]) -> Callable[[Row], Row]:
    """An edit of the rows that hold `key`."""
    return lambda row: row | values if key.items() <= row.items() else row


def broken(run: Path) -> list[str]:
    return [finding.place for finding in verify(run) if finding.check == "rules"]


def test_an_untouched_run_holds(run: Path) -> None:
    assert verify(run) == []


def test_a_stage_at_which_near_was_forced(run: Path) -> None:
    edit(run, "regimes", where({"line": "ai-M", "review": "2029"}, {"stage": "reach"}))
    assert broken(run) == ["switching.near[ai-M,2029]"]
    text = str(verify(run)[0])
    assert text.startswith("switching.near[ai-M,2029]: ai-M, review of 2029: capability of")
    assert "where a line is near, but the stage is within reach" in text


def test_a_stage_that_goes_back_or_comes_too_early(run: Path) -> None:
    edit(run, "regimes", where({"line": "ai-A", "review": "2028"}, {"stage": "reach"}))
    edit(run, "regimes", where({"line": "chips-B", "review": "2029"}, {"stage": "reach"}))
    assert {"switching.ratchet[ai-A,2028]", "switching.entry[chips-B,2029]"} <= set(broken(run))


def test_a_first_stage_that_the_base_year_does_not_give(run: Path) -> None:
    edit(run, "regimes", where({"line": "chips-B", "review": "2026"}, {"stage": "reach"}))
    assert broken(run) == ["switching.first[chips-B]"]


def test_restraint_that_is_gone_or_negative(run: Path) -> None:
    edit(run, "restraint", lambda row: None if row["rung"] == "R" else row)
    assert broken(run) == ["switching.near[ai-M,2028]"]
    edit(run, "restraint", lambda row: row | {"amount": "-1.0"})
    assert "switching.restraint[ai-M,F,2027]" in broken(run)


def test_restraint_of_a_line_that_cannot_be_held_back(run: Path) -> None:
    edit(run, "restraint", lambda row: row | {"line": "ai-A"})
    assert "switching.restraint[ai-A,F,2027]" in broken(run)


def test_a_mode_that_does_not_allow_the_exchange(run: Path) -> None:
    edit(run, "cooperation", where({"domain": "ai", "plan": "2026-27"}, {"mode": "closed"}))
    assert broken(run) == ["quadrants.exchange_cap[ai-M,2026]", "quadrants.exchange_cap[ai-M,2027]"]
    found = [str(finding) for finding in verify(run)]
    assert any("closed mode" in line for line in found)
    assert any(line.startswith("objective: run.json says") for line in found)
    assert any(line.startswith("cooperation.csv: changed at ai, 2026-27") for line in found)


def test_a_programme_that_starts_before_what_it_requires(run: Path) -> None:
    edit(run, "programmes", where({"programme": "scanner-race"}, {"start": "2027", "end": "2028"}))
    assert broken(run)[:2] == ["programmes.start[scanner-race]", "programmes.requires[scanner-race,light-source]"]
    text = "\n".join(map(str, verify(run)))
    assert "starts in 2027, but light-source, which it requires, ends with 2027" in text


def test_a_programme_with_more_routes_than_there_are(run: Path) -> None:
    edit(run, "programmes", where({"programme": "scanner-race"}, {"routes": "4"}))
    assert set(broken(run)) == {
        "programmes.start[scanner-race]", "programmes.researchers[2028]", "programmes.researchers[2029]",
    }  # fmt: skip


def test_a_second_start_in_a_row_of_its_own(run: Path) -> None:
    rows = (run / "programmes.csv").read_text("utf-8-sig").splitlines()
    twice = rows[1].replace(",2026,2027,", ",2027,2028,")
    (run / "programmes.csv").write_text("\r\n".join([*rows, twice]) + "\r\n", encoding="utf-8-sig", newline="")
    assert "programmes.start[light-source]" in broken(run)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("regimes", "held_back", "true"),
        ("regimes", "gap", "0.5"),
        ("restraint", "after_plan", "true"),
        ("cooperation", "exposure", "0.0"),
        ("programmes", "success", "0.99"),
    ],
)
def test_a_column_that_follows_from_the_others_is_watched(run: Path, table: str, column: str, value: str) -> None:
    edit(run, table, lambda row: row | {column: value})
    assert broken(run) == []
    found = [str(finding) for finding in verify(run)]
    assert any(line.startswith(f"{table}.csv: {column} at ") and "simulated" in line for line in found)


@pytest.mark.parametrize("table", [name for name, schema in NEW_TABLES.items() if schema == 2])
def test_a_table_that_cannot_be_read_back_is_told(run: Path, table: str) -> None:
    edit(run, table, lambda row: row | {next(iter(row)): "nothing"})
    assert any(finding.place == f"{table}.csv" and "nothing" in finding.message for finding in verify(run))
    (run / f"{table}.csv").unlink()
    assert any(str(finding) == f"{table}.csv: is missing" for finding in verify(run))


def test_verify_exits_with_one_and_names_the_rule(run: Path) -> None:
    from click.testing import CliRunner

    assert CliRunner().invoke(main, ["verify", str(run)]).exit_code == 0
    edit(run, "regimes", where({"line": "ai-M", "review": "2029"}, {"stage": "reach"}))
    done = CliRunner().invoke(main, ["verify", str(run)])
    assert done.exit_code == 1
    assert done.stdout.startswith("switching.near[ai-M,2029]: ")


def test_a_run_without_a_plan_holds(tmp_path: Path) -> None:
    place = Result.of(options(), fake_outcome(options(), "infeasible")).save(tmp_path / "none")
    assert verify(place) == []
    assert open_run(place).decisions == ()


def age(run: Path) -> None:
    """Turn a run without discrete options into one that a kctopt of schema 1 wrote."""
    result = open_run(run)
    record = folder.read_json(run / "run.json")
    for name in NEW_TABLES:
        for kind in ("csv", "parquet"):
            (run / f"{name}.{kind}").unlink()
        del record["tables"][name]
    text = (run / "scenario.yaml").read_text("utf-8")
    for name in NEW_RECORDS:
        text = re.sub(rf"^{name}:.*\n( .*\n)*", "", text, flags=re.MULTILINE)
    (run / "scenario.yaml").write_text(text, encoding="utf-8")
    provenance = {"provenance": known(result.columns("provenance"), 1)}
    record["tables"] |= folder.write_tables(run, provenance)
    band_was_called_stage(run, record)
    del record[SEAL], record["files"]
    record["versions"]["code"] = "of then"
    record |= {"schema_version": 1, "scenario_sha256": scenario_hash(result.scenario, 1)}
    folder.write_json(run / "run.json", record)


def test_a_run_of_schema_1_still_opens_and_verifies(tmp_path: Path) -> None:
    scenario = tiny(policies=[POLICY])
    place = Result.of(scenario, fake_outcome(scenario), options={"gap": 1e-4}).save(tmp_path / "old")
    age(place)
    assert verify(place) == []
    back = open_run(place)
    assert back.verified and back.breaches == []
    assert all(getattr(back, name).empty for name in NEW_TABLES)
    paths = set(back.provenance["path"])
    assert not paths & {"switching.reviews", "cooperation.choice", "lines[chips-B].min_scale", "domains[ai].mode"}
    assert "stages" in paths


def test_the_hash_of_schema_1_is_the_one_it_wrote() -> None:
    """Recorded by the last version before schema 2, of the same scenario."""
    scenario = tiny(policies=[POLICY])
    assert scenario_hash(scenario, 1) == "2bb14a9797b43891015afdea7f59b95737254383b3a0252489805342e71a7163"
    assert scenario_hash(scenario, 1) != scenario_hash(scenario)


def test_an_old_run_whose_scenario_was_given_an_option_is_found(tmp_path: Path) -> None:
    scenario = tiny(policies=[POLICY])
    place = Result.of(scenario, fake_outcome(scenario), options={"gap": 1e-4}).save(tmp_path / "old")
    age(place)
    file = place / "scenario.yaml"
    file.write_text(file.read_text("utf-8").replace("min_scale: 0.0", "min_scale: 2.0", 1), encoding="utf-8")
    assert any("is not the scenario that was solved" in str(finding) for finding in verify(place))


@pytest.mark.parametrize(
    "change", [{"stages": "switching"}, {"lines__0__min_scale": 1.0}, {"domains__0__mode": "open"},
               {"cooperation__change_cost": 1.0}, {"catalogue": {"researchers": 2.0}}],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_what_schema_1_could_not_say(change: dict[str, object]) -> None:
    assert not uses_options(tiny())
    assert uses_options(tiny(**change))
    assert scenario_hash(tiny(**change), 1) == scenario_hash(tiny(**change))


def test_new_fields_are_those_of_the_records() -> None:
    record = tiny()
    assert set(NEW_RECORDS) <= set(type(record).model_fields)
    for kind, names in NEW_FIELDS.items():
        entry = getattr(record, kind)
        assert names <= set(type(entry[0] if isinstance(entry, tuple) else entry).model_fields)


def test_an_edited_run_does_not_open_with_half_its_choices(run: Path) -> None:
    folder.write_tables(run, {"regimes": from_rows("regimes", [])})
    with pytest.raises(RunError, match="regimes: no row for chips-B, 2026"):
        open_run(run)
