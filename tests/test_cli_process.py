"""The command line as a process: what `--help` imports, clean streams, terminals that know no Chinese."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from programs import signalled
from worlds import tiny

from kctopt import verify
from kctopt.scenario.load import dump

ROOT = Path(__file__).parents[1]


def kctopt(
    *arguments: str, cwd: Path | None = None, options: tuple[str, ...] = (), **env: str
) -> subprocess.CompletedProcess[bytes]:
    here = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}
    return subprocess.run(
        [sys.executable, *options, "-m", "kctopt", *arguments],
        cwd=cwd or ROOT, env=here | env, capture_output=True, timeout=120, check=False,
    )  # fmt: skip


def test_help_imports_little_and_nothing_heavy() -> None:
    done = kctopt("--help", options=("-X", "importtime"))
    assert done.returncode == 0
    loaded = {line.rpartition(b"|")[2].strip().decode() for line in done.stderr.splitlines()}
    heavy = {"numpy", "pandas", "pyomo", "highspy", "duckdb", "pydantic", "scipy", "yaml", "kctopt.scenario"}
    assert not heavy & loaded
    assert len(loaded) < 500  # so it takes a fifth of a second


def test_import_kctopt_is_light() -> None:
    code = "import sys, kctopt; print([name for name in ('numpy', 'pandas', 'pyomo', 'duckdb') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.strip() == b"[]"


def test_a_terminal_that_knows_no_chinese_is_no_reason_to_fail() -> None:
    done = kctopt("show", "baseline", "--lang", "zh", PYTHONIOENCODING="latin-1")
    assert done.returncode == 0
    assert b"baseline: Baseline" in done.stdout  # in English, and that is said
    assert b"has no letters for --lang zh: printed in English" in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert b"?" not in kctopt("--help", PYTHONIOENCODING="ascii", KCTOPT_LANG="zh").stdout.replace(b"?utf", b"")
    data = kctopt("show", "baseline", "--json", PYTHONIOENCODING="ascii")
    assert json.loads(data.stdout)["scenario"]["label"]["zh"] == "基准情景"
    assert kctopt("--help", PYTHONIOENCODING="ascii").returncode == 0


def test_no_color() -> None:
    colour = re.compile(rb"\x1b\[[0-9;]*(3|4|9|10)[0-9]")
    assert colour.search(kctopt("solve", "--help", FORCE_COLOR="1").stdout)
    assert not colour.search(kctopt("solve", "--help", NO_COLOR="1", FORCE_COLOR="1").stdout)
    assert b"\x1b[" not in kctopt("solve", "--help").stdout


def test_a_closed_pipe_is_no_traceback() -> None:
    first = subprocess.Popen(
        [sys.executable, "-m", "kctopt", "show", "baseline", "--origin"], cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert first.stdout is not None and first.stderr is not None
    try:
        first.stdout.close()
        assert b"Traceback" not in first.stderr.read()
        first.stderr.close()
        first.wait(60)
    finally:
        first.kill()  # nothing where it has ended
        first.wait()


def test_doctor_keeps_stdout_clean(tmp_path: Path) -> None:
    done = kctopt("doctor", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ok"] is True


def test_completion_script_is_offered() -> None:
    done = kctopt(_KCTOPT_COMPLETE="bash_source")
    assert b"_kctopt_completion" in done.stdout


def test_solve_keeps_stdout_clean_and_the_run_verifies(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(dump(tiny()), encoding="utf-8")
    done = kctopt("solve", "tiny.yaml", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["status"] == "optimal"
    assert record["verified"] is True
    assert 0 <= record["gap"] <= 1e-4
    assert done.stderr == b""
    assert kctopt("verify", record["run_dir"], cwd=tmp_path).returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)])
def test_signals_end_a_diagnosis_while_its_programs_run(number: int, tmp_path: Path) -> None:
    (tmp_path / "rush.yaml").write_text(
        "extends: baseline\npolicies:\n"
        "  - {id: ai-floor, kind: floor, domain: ai, amount: 300, years: 2027-2030}\n"
        "  - {id: lean-ai, kind: cap, domain: ai, amount: 700, years: 2026-2030, per: total}\n"
        "  - {id: t, kind: target, type: B, min_ratio: 0.8, by: 2035}\n",
        encoding="utf-8",
    )
    done = signalled(number, 20, "diagnose", "rush.yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, b"", b"interrupted\n")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.long), signal.SIGTERM])
def test_signals_end_a_solve_and_the_plan_it_has_is_kept(number: int, tmp_path: Path) -> None:
    done = signalled(number, 3, "solve", "baseline", "--gap", "1e-12", "--json", cwd=tmp_path)
    assert done.returncode == 128 + number, done.stderr
    assert b"Traceback" not in done.stderr
    record = json.loads(done.stdout)
    assert record["status"] == "interrupted" and record["objective"] is not None
    assert verify(tmp_path / record["run_dir"]) == []
