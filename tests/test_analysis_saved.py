"""An analysis inside a run folder: saved whole, read back, found by its options, resumed; the run still holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import fake_outcome
from worlds import tiny

import kctopt
from kctopt import Result
from kctopt import cache as code
from kctopt.analysis import saved
from kctopt.analysis.saved import Analysis, steps_of
from kctopt.cache import SEAL, SEALED_FROM
from kctopt.comparison import certified
from kctopt.errors import RunError
from kctopt.result import folder
from kctopt.table import Column, Table

FIELDS = (
    Column("rule", "string", "a rule"),
    Column("year", "integer", "a year", "year"),
    Column("price", "number", "a price", "points"),
    Column("holds", "boolean", "whether it holds"),
)
ROWS = [
    {"rule": "预算, \"一\"", "year": 2026, "price": 0.1, "holds": True},
    {"rule": "cap", "year": None, "price": float("nan"), "holds": None},
]  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return Result.of(tiny(), fake_outcome(tiny())).save(tmp_path / "run")


def analysis(**options: float) -> Analysis:
    return Analysis("prices", options, {"prices": Table.of("prices", FIELDS, ROWS)}, {"note": "差"}, seconds=1.5)


def test_is_read_back_as_it_was_saved_and_the_run_still_opens_and_verifies(run: Path) -> None:
    made = saved.save(run, analysis(step=0.5))
    assert made.place == run / "explain" / "prices"
    back = saved.find(run, "prices", {"step": 0.5})
    assert back is not None and back.record() == made.record()
    assert back.record()["prices"][1] == {"rule": "cap", "year": None, "price": None, "holds": None}
    assert back.tables["prices"].frame.equals(made.tables["prices"].frame)
    text = (made.place / "prices.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines() == ["rule,year,price,holds", '"预算, ""一""",2026,0.1,true', "cap,,,"]
    assert kctopt.verify(run) == [] and kctopt.open(run).objective is not None


def test_other_options_go_beside_it_and_the_same_replace_it(run: Path) -> None:
    first, second = saved.save(run, analysis(step=0.5)), saved.save(run, analysis(step=1.0))
    assert second.place == run / "explain" / "prices-2"
    again = saved.save(run, Analysis("prices", {"step": 0.5}, {}, {"note": "new"}))
    assert again.place == first.place
    found = saved.find(run, "prices", {"step": 0.5})
    assert found is not None and found.about == {"note": "new"}
    assert saved.find(run, "prices", {"step": 2.0}) is None
    assert sorted(place.name for place in (run / "explain").iterdir()) == ["prices", "prices-2"]


def test_is_not_found_when_run_or_version_or_a_file_changed(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = saved.save(run, analysis())
    assert made.place is not None
    for file, text in ((run / "run.json", " "), (made.place / "prices.json", " ")):
        before = file.read_text(encoding="utf-8")
        file.write_text(before + text, encoding="utf-8")
        assert saved.find(run, "prices", {}, lambda _: None) is None
        file.write_text(before, encoding="utf-8")
    with pytest.raises(RunError, match=r"analysis\.json: is missing"):
        saved.read(run / "explain")
    with pytest.raises(RunError, match="not a run folder"):
        saved.find(run / "explain", "prices", {})
    monkeypatch.setattr(code, "version", lambda name: "9.9")
    assert saved.find(run, "prices", {}) is None


@pytest.mark.parametrize(
    ("name", "old", "new"), [("analysis.json", "差", "好"), ("prices.json", "0.1", "0.2"), ("prices.csv", "0.1", "0.2")]
)
def test_one_that_was_changed_is_told_and_not_used(name: str, old: str, new: str, run: Path) -> None:
    place = saved.save(run, analysis()).place
    assert place is not None and len(saved.all_of(run)[0]) == 1
    (place / name).write_text((place / name).read_text(encoding="utf-8-sig").replace(old, new))
    told: list[str] = []
    assert saved.find(run, "prices", {}, told.append) is None
    assert told == [f"{place} could be used, but {name} is missing or was changed since; computed again"]
    words = "was changed after it was saved (its hash differs); it will not be used again"
    assert saved.all_of(run) == ([], ["explain/prices"])
    assert [str(one) for one in kctopt.verify(run)] == [f"explain/prices/{name}: {words}"]
    (place / name).unlink()
    told = [str(one) for one in kctopt.verify(run)]
    lost = ": its tables cannot be checked, and will not be used again" if name == "analysis.json" else ""
    assert told == [f"explain/prices/{name}: is missing{lost}"]


def test_one_whose_hash_was_taken_out_counts_as_changed(run: Path) -> None:
    place = saved.save(run, analysis()).place
    assert place is not None
    record = folder.read_json(place / "analysis.json")
    assert record.pop(SEAL) and record["run_sha256"] == saved.run_hash(run)
    folder.write_json(place / "analysis.json", record)
    assert [one.place for one in kctopt.verify(run)] == ["explain/prices/analysis.json"]
    older = record | {"schema_version": 1, "versions": record["versions"] | {"code": "of then"}}
    folder.write_json(place / "analysis.json", older)
    assert kctopt.verify(run) == [] and len(saved.all_of(run)[0]) == 1


def test_schemas_of_saved_answers_are_those_that_have_hashes() -> None:
    assert (SEALED_FROM["analysis"], SEALED_FROM["comparison"]) == (saved.SCHEMA, certified.SCHEMA)


def test_interrupted_steps_go_on(run: Path) -> None:
    steps = steps_of(run, "ranges", {"epsilon": 0.01})
    steps.put("ai B", {"least": 1.0})
    file = next((run / "explain").glob(".ranges-*.jsonl"))
    with file.open("a", encoding="utf-8") as end:
        end.write('["ai A", {"le')  # cut short
    with pytest.warns(UserWarning, match=r"1 of its steps cut short or changed since; worked out again"):
        again = steps_of(run, "ranges", {"epsilon": 0.01})
    assert again.get("ai B") == {"least": 1.0}
    again.put("ai A", {"least": 2.0})  # a line of its own behind the one cut short
    text = file.read_text(encoding="utf-8")
    assert text.count("1.0") == 1
    file.write_text(text.replace("1.0", "9.0"), encoding="utf-8")
    with pytest.warns(UserWarning, match=r"2 of its steps"):
        edited = steps_of(run, "ranges", {"epsilon": 0.01})
    assert edited.get("ai B") is None and edited.get("ai A") == {"least": 2.0}
    assert len(steps_of(run, "ranges", {"epsilon": 0.02})) == 0
    assert kctopt.verify(run) == []
    assert len(steps_of(run, "ranges", {"epsilon": 0.01}, fresh=True)) == 0
    steps.finish()
    assert not list((run / "explain").iterdir())
    memory = steps_of(None, "ranges", {})
    memory.put("a", 1)
    assert memory.get("a") == 1 and json.dumps(len(memory)) == "1"


def test_a_row_must_have_the_fields() -> None:
    with pytest.raises(ValueError, match="table prices: a row has"):
        Table.of("prices", FIELDS, [{"rule": "cap"}])
