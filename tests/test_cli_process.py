"""The command line as a process: speed of `--help`, clean streams, terminals that know no Chinese."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

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
    heavy = {"numpy", "pandas", "pyomo", "highspy", "duckdb", "pydantic", "scipy", "ruamel.yaml", "kctopt.scenario"}
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
    first.stdout.close()
    assert b"Traceback" not in first.stderr.read()
    first.stderr.close()
    first.wait(60)


def test_doctor_keeps_stdout_clean(tmp_path: Path) -> None:
    done = kctopt("doctor", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ok"] is True


def test_completion_script_is_offered() -> None:
    done = kctopt(_KCTOPT_COMPLETE="bash_source")
    assert b"_kctopt_completion" in done.stdout
