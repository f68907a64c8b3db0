"""A fixed plan in 100,000 draws x 10 planned years x 20 lines: `python -m benchmarks.ensemble [DRAWS]`.

Says the processor seconds and the peak of memory of one process, and how many members a second that is beside a Python
loop over `kctopt.load` and the simulator, measured in the same process before it.
"""

from __future__ import annotations

import resource
import sys
import time
import warnings

import numpy as np
import pandas as pd

import kctopt
from kctopt.simulator import simulate, to_base_plan

LOOP = 60  # draws of the loop over `load`
MOST_SECONDS, MOST_BYTES, LEAST_RATIO = 20.0, 2**30, 200.0


def draws(count: int, scenario: kctopt.Scenario) -> pd.DataFrame:
    """Six uncertain numbers, among them two that move the calibration of a line."""
    dice, line = np.random.default_rng(17), scenario.lines[1]
    return pd.DataFrame(
        {
            "controls.intensity": dice.uniform(0.1, 0.9, count),
            "knowledge.effort_elasticity": dice.uniform(0.3, 0.5, count),
            "diffusion.catch_up": scenario.diffusion.catch_up * dice.uniform(0.9, 1.1, count),
            "budget": dice.uniform(220, 320, count),
            f"lines[{scenario.lines[0].id}].rival_growth": dice.normal(0.03, 0.01, count),
            f"lines[{line.id}].capability": line.capability * dice.uniform(0.95, 1.05, count),
        }
    )


def main(count: int) -> int:
    """Measure and say; 1 where a limit is missed."""
    warnings.simplefilter("ignore")
    scenario = kctopt.load("baseline")
    money, table = to_base_plan(scenario), draws(count, scenario)
    start = time.process_time()
    for n in range(LOOP):
        try:
            one = kctopt.load(scenario, set=dict(table.iloc[n]))
        except kctopt.ScenarioErrors:
            continue
        simulate(one, money)
    loop = LOOP / (time.process_time() - start)
    start = time.process_time()
    ensemble = kctopt.simulate(money, scenario, draws=table)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    ratio = count / seconds / loop
    print(ensemble)
    print(
        f"{count:,} draws, {len(scenario.lines)} lines, {len(scenario.horizon.all_years)} years: {seconds:.1f} CPU s, "
        f"peak {peak / 2**20:.0f} MiB, {count / seconds:.0f} members/s; loop {loop:.1f} members/s; ratio {ratio:.0f}"
    )
    return int(seconds > MOST_SECONDS or peak > MOST_BYTES or ratio < LEAST_RATIO)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
