"""A program without some rules, where discrete decisions use bounds that these rules gave.

Rows that switch something on or off are written with the largest amount a plan can reach (`scenario/limits.py`), which
follows from budgets, ramps, caps, floors, largest exchange and exposure. Without one of these rules that amount is
larger, so the program is built anew from a scenario whose rule leaves room: ten times the largest budget.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from kctopt.program import Program, build
from kctopt.scenario.records import Line, PositiveSeries, Scenario
from kctopt.solver.compile import compile_program
from kctopt.solver.compiled import Compiled
from kctopt.solver.held import held_columns

MOVED = (
    "money.ramp", "money.line_", "quadrants.exchange_cap", "modes.exchange_cap", "scale.minimum",
)  # rules with other rows then  # fmt: skip
SCALE = 1e-9  # least scale that no line misses, billion CNY a year
ROOM = 10.0  # money a year that a plan may spend where no rule limits it, over the largest budget


def compiled_without(program: Program, dropped: Collection[str]) -> Compiled:
    """A program with whole decisions as arrays, with room for plans that break the rules dropped, whose rows remain.

    A program to which its user added something cannot be built anew and keeps its bounds.
    """
    if program.own() or not dropped:
        return compile_program(program)
    scenario = program.scenario
    compiled = compile_program(build(loosened(scenario, dropped)))
    lower, upper = compiled.column_lower.copy(), compiled.column_upper.copy()
    for name, values in held_columns(scenario).items():
        lower[compiled.slots[name]] = upper[compiled.slots[name]] = values
    return replace(compiled, column_lower=lower, column_upper=upper)


def loosened(scenario: Scenario, dropped: Collection[str]) -> Scenario:
    """The scenario with room where a dropped rule bounded money."""
    most = ROOM * max(scenario.budget.values())
    money, cooperation = scenario.money, scenario.cooperation
    if "money.ramp" in dropped:
        money = money.model_copy(update={"ramp_step": most})
    limits = _series(cooperation.exposure_limit, scenario, "quadrants.exposure", dropped, most)
    quadrants = []
    for rule in scenario.quadrants:
        largest = 1.0 if f"quadrants.exchange_cap[{rule.id}]" in dropped else rule.max_exchange
        quadrants.append(rule.model_copy(update={"max_exchange": largest}))
    modes = scenario.modes
    if "modes.exchange_cap" in dropped:
        modes = tuple(mode.model_copy(update={"max_exchange": 1.0}) for mode in modes)
    return scenario.model_copy(
        update={
            "budget": _series(scenario.budget, scenario, "money.budget", dropped, most),
            "money": money,
            "cooperation": cooperation.model_copy(update={"exposure_limit": limits}),
            "quadrants": tuple(quadrants),
            "modes": modes,
            "lines": tuple(_line(line, dropped) for line in scenario.lines),
        }
    )


def _series(
    series: PositiveSeries, scenario: Scenario, family: str, dropped: Collection[str], most: float
) -> PositiveSeries:
    """The series with the years whose rule is dropped at `most`."""
    years = scenario.horizon.years
    values = dict(zip(years, map(float, series.at(np.array(years))), strict=True))
    return PositiveSeries({year: most if f"{family}[{year}]" in dropped else value for year, value in values.items()})


def _line(line: Line, dropped: Collection[str]) -> Line:
    floor = 0.0 if f"money.line_floor[{line.id}]" in dropped else line.floor
    cap = None if f"money.line_cap[{line.id}]" in dropped else line.cap
    scale = min(SCALE, line.min_scale) if f"scale.minimum[{line.id}]" in dropped else line.min_scale
    return line.model_copy(update={"floor": floor, "cap": cap, "min_scale": scale})
