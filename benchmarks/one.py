"""One measurement in a process of its own: python -m benchmarks.one METHOD LINES YEARS LIMIT -> JSON on stdout."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import warnings

from benchmarks.methods import METHODS, peak_memory
from benchmarks.worlds import world


def main(method: str, lines: str, years: str, limit: str) -> None:
    warnings.simplefilter("ignore")
    keep_to_memory()
    scenario = world(int(lines) or 20, int(years) or 10)  # 0: the method has a scenario of its own
    with contextlib.redirect_stdout(sys.stderr):
        figures = METHODS[method](scenario, float(limit))
    print(json.dumps({"memory": peak_memory()} | figures))


def keep_to_memory() -> None:
    """Fail with MemoryError instead of driving the machine into swap."""
    largest = int(0.9 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    resource.setrlimit(resource.RLIMIT_AS, (largest, largest))


if __name__ == "__main__":
    main(*sys.argv[1:])
