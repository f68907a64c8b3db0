"""python -m benchmarks.sweeps [--members 1000] [--workers 1 2] [--executors local] [--study baseline-uncertain]

Members of a study re-optimised and certified: CPU seconds a member with one worker, and wall seconds by the number of
workers and by executor (local, dask, mpi). CPU seconds hold on a machine that does other work; ratios of wall seconds
need an idle one. dask's scheduler and workers are up before the clock starts; `mpiexec` and its ranks are not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import kctopt
from kctopt.study.load import load_study
from kctopt.study.records import Draws, Study
from kctopt.study.sample import draw
from kctopt.study.sweep import Sweep

GAP = 1e-4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--study", default="baseline-uncertain")
    parser.add_argument("--executors", choices=("local", "dask", "mpi"), nargs="+", default=["local"])
    options = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    study = load_study(options.study)
    draws = draw(study, size=1 << max(0, options.members - 1).bit_length())
    for executor in options.executors:
        for workers in options.workers:
            with tempfile.TemporaryDirectory() as folder, running(executor, workers, Path(folder)) as sweeping:
                started = time.perf_counter()
                sweep = sweeping(study, draws)
                wall = time.perf_counter() - started
                print(json.dumps({"executor": executor, "workers": workers, **measured(sweep, wall)}), flush=True)


@contextmanager
def running(executor: str, workers: int, folder: Path) -> Iterator[Callable[[Study, Draws], Sweep]]:
    """What sweeps a study into a new file of the folder."""
    file = folder / "study.duckdb"
    if executor == "local":
        yield lambda study, draws: kctopt.sweep(study, out=file, gap=GAP, workers=workers, draws=draws)
    elif executor == "dask":
        from distributed import LocalCluster

        with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
            place = cluster.scheduler_address.replace("tcp", "dask")
            yield lambda study, draws: kctopt.sweep(study, out=file, gap=GAP, executor=place, draws=draws)
    else:
        yield lambda study, draws: by_ranks(study, len(draws.values), workers, file)


def by_ranks(study: Study, size: int, workers: int, file: Path) -> Sweep:
    """One rank asks, the others solve."""
    path = file.with_name("sized.yaml")
    path.write_text(f"extends: {study.name}\nsample: {{size: {size}}}\n", encoding="utf-8")
    mpiexec = Path(sys.executable).with_name("mpiexec")
    command = [mpiexec if mpiexec.exists() else "mpiexec", "-n", workers + 1, sys.executable, "-m", "mpi4py.futures",
               "-m", "kctopt", "sweep", path, "--executor", "mpi", "-o", file, "--gap", GAP]  # fmt: skip
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    return Sweep(file)


def measured(sweep: Sweep, wall: float) -> dict[str, object]:
    """What came of a sweep."""
    return {
        "members": len(sweep.members), "status": sweep.counts(), "wall": round(wall, 1),
        "cpu_each": round(float(sweep.work["cpu"].mean()), 4), "processes": int(sweep.work["worker"].nunique()),
        "worst_gap": float(sweep.members["gap"].dropna().max()), "load": os.getloadavg()[0],
    }  # fmt: skip


if __name__ == "__main__":
    main()
