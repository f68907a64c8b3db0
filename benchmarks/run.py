"""python -m benchmarks.run --full | --discrete | --quick | --smoke

Measures every method at every size, each in a fresh process, and writes the tables in docs/benchmarks.md; a part of the
page of which nothing was measured stays as it is. Figures are kept in benchmarks/results.json as they come, so an
interrupted run goes on where it stopped; --fresh starts anew. Run it on an idle machine: the load before each
measurement is kept with it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.methods import QUESTIONS, name_of
from benchmarks.report import write_report

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results.json"
IDLE = 0.7  # load above which the machine counts as busy
SETUP = 120.0  # seconds a process may take beside its solves: start, world, writing the program
OVERSHOOT = 400.0  # seconds by which the two solves of kctopt may overrun their limits: a bound by line is finished

# seconds by number of lines; kctopt gets its limit twice, cold and warm
LIMITS = {
    "kctopt": {20: 60, 200: 120, 1000: 300, 5000: 900},
    "kctopt-changed": {20: 60},
    "clarabel": {20: 60, 200: 240, 1000: 300},
    "scip": {20: 120},
}
REPEATED = {20: 3}  # measurements of one entry, by lines; SCIP runs into its limit and is measured once


@dataclass(frozen=True)
class Entry:
    """One measurement to make."""

    method: str
    lines: int
    years: int
    repeat: int
    limit: float

    @property
    def key(self) -> str:
        return f"{self.method}/{self.lines}x{self.years}/{self.repeat}"


def entries(mode: str) -> list[Entry]:
    """Measurements of a mode, small sizes first."""
    sizes = {"smoke": [(20, 10)], "quick": [(20, 10), (20, 25)], "discrete": []}.get(
        mode, [*((lines, years) for lines in (20, 200, 1000) for years in (10, 25)), (5000, 10)]
    )
    found = []
    for lines, years in sizes:
        for method, limits in LIMITS.items():
            if lines not in limits:
                continue
            repeats = 1 if mode == "smoke" or method == "scip" else REPEATED.get(lines, 1)
            limit = 10.0 if mode == "smoke" and method == "scip" else float(limits[lines])
            found += [Entry(method, lines, years, repeat, limit) for repeat in range(1, repeats + 1)]
    if mode in ("full", "discrete"):
        found += [
            Entry(name_of(solver, question), 0, 0, 1, question.limit)
            for question in QUESTIONS for solver in ("kctopt", "scip")
        ]  # fmt: skip
    return found


def measure(entry: Entry) -> dict[str, Any]:
    """Run one entry in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.one", entry.method, str(entry.lines), str(entry.years)]
    load, start = os.getloadavg()[0], time.perf_counter()
    try:
        done = subprocess.run(
            [*command, str(entry.limit)],
            cwd=ROOT,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=(2 * entry.limit + OVERSHOOT if entry.method.startswith("kctopt") else entry.limit) + SETUP,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"status": "timeout", "load": load, "process": time.perf_counter() - start}
    process = {"load": load, "process": time.perf_counter() - start}
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit {done.returncode}"]
        return process | {"status": "timeout" if "TimeoutError" in last[0] else "failed", "error": last[0][:200]}
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])  # HiGHS may print a banner before
    return process | figures


def run(mode: str, fresh: bool, minutes: float) -> None:
    """Measure what is not measured yet, within the time given, and write the report."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() and not fresh else {}
    deadline = time.perf_counter() + 60 * minutes
    if os.getloadavg()[0] > IDLE:
        print(f"the machine is busy (load {os.getloadavg()[0]:.1f}): figures will be too high", file=sys.stderr)
    for entry in entries(mode):
        if results.get(entry.key, {}).get("limit") == entry.limit:
            continue
        if time.perf_counter() + entry.limit > deadline:
            print(f"{entry.key}: left out, time is over", file=sys.stderr)
            continue
        results[entry.key] = {"limit": entry.limit} | measure(entry)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
        print(summary(entry, results[entry.key]), file=sys.stderr)
    write_report(results, ROOT / "docs" / "benchmarks.md", IDLE)


def summary(entry: Entry, found: dict[str, Any]) -> str:
    """One line for the terminal."""
    numbers = {name: found.get(name) for name in ("model", "solve", "warm", "gap", "memory")}
    shown = " ".join(f"{name} {value:.4g}" for name, value in numbers.items() if value is not None)
    return f"{entry.key}: {found['status']} {shown} {found.get('error', '')}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    mode = parser.add_mutually_exclusive_group()
    for name, text in (
        ("full", "all sizes and the programs with integers, about 75 minutes"),
        ("discrete", "the programs with integers, about 25 minutes"),
        ("quick", "20 lines, about ten minutes"),
        ("smoke", "20 lines, 10 years, once: does the harness work?"),
    ):
        mode.add_argument(f"--{name}", dest="mode", action="store_const", const=name, help=text)
    parser.add_argument("--fresh", action="store_true", help="forget earlier figures")
    parser.add_argument("--minutes", type=float, default=90.0, help="start nothing that could end later than this")
    options = parser.parse_args()
    run(options.mode or "full", options.fresh, options.minutes)


if __name__ == "__main__":
    main()
