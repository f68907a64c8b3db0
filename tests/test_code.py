"""Saved answers are used again by the code that made them, and by no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fakes import fake_outcome
from worlds import tiny

from kctopt import Result
from kctopt import cache as code
from kctopt.analysis import saved
from kctopt.analysis.saved import Analysis
from kctopt.cache import DECIDES, KEYS, PIPELINE, differing, hash_of, installed_versions, same_code
from kctopt.cli import main
from kctopt.comparison.certified import Values, key
from kctopt.result.reuse import finished
from kctopt.result.verify import notes, verify


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A saved run of the tiny world."""
    result = Result.of(tiny(), fake_outcome(tiny()))
    result.save(tmp_path / "runs" / "tiny")
    return tmp_path / "runs" / "tiny"


def other_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the code is another of the same version."""
    monkeypatch.setattr(code, "code", lambda kind="run": f"other-{kind}")


def test_the_hash_is_that_of_the_files_that_decide(tmp_path: Path) -> None:
    (tmp_path / "solver").mkdir()
    (tmp_path / "cli").mkdir()
    (tmp_path / "concave.py").write_text("A = 1\n")
    (tmp_path / "solver" / "cuts.py").write_text("B = 1\n")
    parts = ("concave.py", "solver")
    first = hash_of(tmp_path, parts)
    (tmp_path / "cli" / "main.py").write_text("C = 1\n")
    assert hash_of(tmp_path, parts) == first
    (tmp_path / "solver" / "cuts.py").write_text("B = 2\n")
    second = hash_of(tmp_path, parts)
    (tmp_path / "solver" / "cuts.py").rename(tmp_path / "solver" / "rows.py")
    assert len({first, second, hash_of(tmp_path, parts)}) == 3


def test_every_part_of_the_pipeline_is_in_the_hash() -> None:
    root = Path(code.__file__).parent
    assert all((root / part).exists() for part in DECIDES["comparison"])
    known = {place.name for place in root.iterdir() if place.suffix == ".py" or (place / "__init__.py").is_file()}
    undecided = {
        "__init__.py", "__main__.py", "api", "arguments.py", "backcasting", "brief.py",
         "cache.py", "cli", "disk.py", "errors.py",
        "exchange", "explore", "extras.py", "interrupts.py", "language.py", "pool.py", "progress.py", "report", "study",
        "recourse", "fronts", "status.py", "table.py", "terminal.py",
    }  # fmt: skip
    assert known == set(DECIDES["comparison"]) | undecided
    assert set(PIPELINE) < set(DECIDES["analysis"]) < set(DECIDES["comparison"])
    assert len({code.code(kind) for kind in DECIDES}) == 3


def test_versions_say_by_which_code() -> None:
    now = installed_versions()
    assert set(KEYS) <= set(now) and same_code(now)
    assert differing(now | {"highspy": "1.2.3"}) == ["highspy 1.2.3"]
    assert differing({name: text for name, text in now.items() if name != "code"}) == ["code"]
    assert not same_code(now, "analysis") and not same_code(None)


def test_a_run_of_other_code_is_not_used_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert finished(run.parent, tiny(), {}, 1e-3, lambda *_: None, Result) is not None
    other_code(monkeypatch)
    assert finished(run.parent, tiny(), {}, 1e-3, lambda *_: None, Result) is None


def test_a_run_of_other_packages_is_not_used_again(run: Path) -> None:
    file = run / "run.json"
    record = json.loads(file.read_text(encoding="utf-8"))
    record["versions"]["highspy"] = "1.15.1"
    file.write_text(json.dumps(record), encoding="utf-8")
    assert finished(run.parent, tiny(), {}, 1e-3, lambda *_: None, Result) is None
    assert notes(run)[0].endswith("what is installed now differs from highspy 1.15.1")


def test_an_analysis_of_other_code_is_not_used_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {"epsilon": 0.01}
    saved.save(run, Analysis("ranges", options, {}))
    steps = saved.steps_of(run, "flips", options)
    steps.put("first", 1.0)
    assert saved.find(run, "ranges", options) is not None
    assert saved.steps_of(run, "flips", options).get("first") == 1.0
    assert notes(run)[1:] == []
    other_code(monkeypatch)
    assert saved.find(run, "ranges", options) is None
    assert saved.steps_of(run, "flips", options).get("first") is None
    (note,) = notes(run)[1:]
    assert note.startswith("explain/ranges/analysis.json: made by other code (code ")


def test_a_certified_value_of_other_code_is_not_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = Values(tmp_path, 1e-2, None)
    solved = values.solved(tiny(), "the whole")
    assert Values(tmp_path, 1e-2, None).known(tiny()) == solved
    assert (tmp_path / f"{key(tiny())}.json").is_file()
    other_code(monkeypatch)
    assert Values(tmp_path, 1e-2, None).known(tiny()) is None


def test_verify_tells_what_is_stale(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (run / "compare").mkdir()
    (run / "compare" / "a.json").write_text('{"schema_version": 1, "kctopt": "0.1.0"}', encoding="utf-8")
    assert verify(run) == []
    done = CliRunner().invoke(main, ["verify", str(run)], prog_name="kctopt")
    assert done.exit_code == 0, done.output
    assert f"solved by kctopt {installed_versions()['kctopt']}, code {code.code()}" in done.stdout
    assert "compare/a.json: made by other code (" in done.stdout
    data = json.loads(CliRunner().invoke(main, ["verify", str(run), "--json"], prog_name="kctopt").stdout)
    assert data["verified"] is True and len(data["notes"]) == 2
    other_code(monkeypatch)
    assert "what is installed now differs from code " in notes(run)[0]
