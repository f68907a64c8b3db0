"""python -m benchmarks.sweeps [--members 1000] [--workers 1 2] [--study baseline-uncertain]

Members of a study re-optimised and certified: CPU seconds a member with one worker, and wall seconds by the number of
workers. CPU seconds hold on a machine that does other work; the ratio of wall seconds needs an idle one.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

import kctopt
from kctopt.study.load import load_study
from kctopt.study.sample import draw

GAP = 1e-4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--study", default="baseline-uncertain")
    options = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    study = load_study(options.study)
    draws = draw(study, size=1 << max(0, options.members - 1).bit_length())
    for workers in options.workers:
        print(json.dumps(measured(study, draws, workers)), flush=True)


def measured(study: object, draws: object, workers: int) -> dict[str, object]:
    """One sweep into a new file."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        sweep = kctopt.sweep(study, out=Path(folder) / "study.duckdb", gap=GAP, workers=workers, draws=draws)
        wall = time.perf_counter() - started
        gaps = sweep.members["gap"].dropna()
        return {
            "workers": workers, "members": len(sweep.members), "status": sweep.counts(), "wall": round(wall, 1),
            "cpu_each": round(float(sweep.work["cpu"].mean()), 4), "worst_gap": float(gaps.max()),
            "load": os.getloadavg()[0],
        }  # fmt: skip


if __name__ == "__main__":
    main()
