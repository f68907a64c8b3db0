"""The command line as a process: speed of `--help`, clean streams, terminals that know no Chinese."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from worlds import tiny

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


def test_help_imports_nothing_heavy() -> None:
    done = kctopt("--help", options=("-X", "importtime"))
    assert done.returncode == 0
    loaded = {line.rpartition(b"|")[2].strip().decode() for line in done.stderr.splitlines()}
    heavy = {"numpy", "pandas", "pyomo", "highspy", "duckdb", "pydantic", "scipy", "yaml", "kctopt.scenario"}
    assert not heavy & loaded


def test_help_takes_less_than_four_tenths_of_a_second() -> None:
    code = (
        "import subprocess, sys, resource\n"
        "subprocess.run([sys.executable, '-m', 'kctopt', '--help'], check=True, stdout=subprocess.DEVNULL)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_utime + used.ru_stime)\n"
    )
    times = []
    for _ in range(3):  # the first run may write bytecode
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True, check=True, timeout=60,
        )  # fmt: skip
        times.append(float(done.stdout))
    assert min(times) < 0.4


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
    assert b"baseline: ????" in done.stdout
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


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT to one process there")
def test_signals_end_a_diagnosis_while_its_programs_run(tmp_path: Path) -> None:
    (tmp_path / "rush.yaml").write_text(
        "extends: baseline\npolicies:\n"
        "  - {id: ai-floor, kind: floor, domain: ai, amount: 300, years: 2027-2030}\n"
        "  - {id: lean-ai, kind: cap, domain: ai, amount: 700, years: 2026-2030, per: total}\n"
        "  - {id: t, kind: target, type: B, min_ratio: 0.8, by: 2035}\n",
        encoding="utf-8",
    )
    sent = [signal.SIGINT, signal.SIGTERM, signal.SIGINT]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "kctopt", "diagnose", "rush.yaml"], cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in sent
    ]  # fmt: skip
    try:
        for number, process in zip(sent, started, strict=True):
            time.sleep(1.5)
            process.send_signal(number)
        ended = [(process.communicate(timeout=60), process.returncode) for process in started]
    finally:
        for process in started:
            process.kill()  # nothing where it has ended
    for number, ((stdout, stderr), code) in zip(sent, ended, strict=True):
        if code != -number:  # before the command began; a shell says the same of both
            assert (code, stdout, stderr) == (128 + number, b"", b"interrupted\n")


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT to one process there")
def test_ctrl_c_ends_with_130_and_keeps_the_plan_it_has(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "kctopt", "solve", "horizon-2050", "--gap", "1e-12", "--json"], cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        time.sleep(2.5)  # in the search or the proof; before it on a slow machine, which must end the same way
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    finally:
        process.kill()  # nothing where it has ended
    if process.returncode == -signal.SIGINT:  # before the command began; a shell says 130 of both
        return
    assert process.returncode == 130, stderr
    assert b"Traceback" not in stderr
    if stdout:
        record = json.loads(stdout)
        assert record["status"] == "interrupted"
        assert kctopt("verify", record["run_dir"], cwd=tmp_path).returncode == 0
