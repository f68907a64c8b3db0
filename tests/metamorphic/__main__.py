"""python -m metamorphic [--scenarios N] [--first SEED] [--relations K] [--seconds S] [--processes P]

Draws N scenarios, tries K relations on each, and prints how many pairs, faults and inconclusive pairs there were, by
relation and by option. Ends with 1 when there is a fault.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from metamorphic.pairs import SECONDS, Count, work


def main() -> int:
    """Run and tell."""
    parser = argparse.ArgumentParser(prog="python -m metamorphic")
    parser.add_argument("--scenarios", type=int, default=500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--relations", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="time limit of one solve")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    started, total, options = time.perf_counter(), dict[str, Count](), Counter[str]()
    seeds = range(asked.first, asked.first + asked.scenarios)
    with ProcessPoolExecutor(asked.processes, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(work, seed, asked.relations, asked.seconds) for seed in seeds]
        for job in jobs:
            seed, had, counts = job.result()
            options.update(had)
            for name, count in counts.items():
                add(total.setdefault(name, Count()), count)
                for fault in count.faults:
                    print(f"{name}: {fault}", flush=True)
            if seed % 25 == 24:
                print(f"… {seed - asked.first + 1} scenarios, {time.perf_counter() - started:.0f} s", flush=True)
    show(total, options, time.perf_counter() - started)
    return int(any(count.faults for count in total.values()))


def add(total: Count, count: Count) -> None:
    """Add the pairs of one scenario."""
    total.pairs += count.pairs
    total.refused += count.refused
    total.inconclusive += count.inconclusive
    total.faults += count.faults


def show(total: dict[str, Count], options: Counter[str], seconds: float) -> None:
    """The table."""
    print(f"\n{'relation':18} {'tried':>6} {'faults':>7} {'inconclusive':>13} {'refused':>8}")
    for name, count in sorted(total.items()):
        print(f"{name:18} {count.pairs:6d} {len(count.faults):7d} {count.inconclusive:13d} {count.refused:8d}")
    print("\noptions: " + ", ".join(f"{name} {count}" for name, count in options.most_common()))
    print(f"{seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
