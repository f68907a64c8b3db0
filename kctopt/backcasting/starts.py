"""Each line started in the year of its first figure, with that figure, and the money and controls that were.

    U0[i] = 100 ratio[i, t_i]                         t_i: year of the first figure of line i
    S[i,t] = S0[i] B[t]/B[t0] m^f(t)                  share of the line held, B: money by year in the model
    f(t) = (t - t_i)/(T_i - t_i), at most 1           T_i: year of the last figure

Lines with the same first year are one world, in which that year is the base year. m is 1, or what the line's share of
the money comes to in the end over what it was: shares were not published. A level that is wrong in all years alike
changes nothing, since the laws read money against the base year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kctopt.backcasting.observed import History
from kctopt.errors import Fault, ScenarioErrors
from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.records import Horizon, Scenario
from kctopt.scenario.reviews import FAR, NEAR, REACH
from kctopt.simulator import Money, Trajectory, simulate, to_base_plan
from kctopt.simulator.world import Array

TREND = "lines.trend"  # beside the paths of parameters: the trend of the first year, of every line

NOTHING: Mapping[str, float] = {}
CAPS = {FAR: "far", REACH: "reach", NEAR: "near"}

Paths = dict[str, Array]  # line -> ratio to the rival from its first year on


@dataclass(frozen=True)
class Reading:
    """How figures of shares and counts are read."""

    elasticity: float = 2.0  # between suppliers
    quality: float = 1.0  # of what is counted


AS_STATED = Reading()


@dataclass(frozen=True)
class Start:
    """The lines that have their first figure in the same year."""

    scenario: Scenario
    last: Array  # (L,) year of the last figure

    def run(self, values: Mapping[str, float] = NOTHING, drift: float = 1.0) -> Trajectory:
        """The laws forward, with some values replaced."""
        return simulate(with_values(self.scenario, values), self.money(drift))

    def simulated(self, values: Mapping[str, float] = NOTHING, drift: float = 1.0) -> Paths:
        """Ratio of each line to the rival."""
        run = self.run(values, drift)
        return {line.id: run.usable[n] / run.rival[n] for n, line in enumerate(self.scenario.lines)}

    def caps(self) -> dict[str, str]:
        """Cap of the inflow of each line in its first simulated year: far, reach or near; - in other forms."""
        binding = self.run().binding[:, 0]
        return {line.id: CAPS.get(int(binding[n]), "-") for n, line in enumerate(self.scenario.lines)}

    def money(self, drift: float = 1.0) -> Money:
        """What was spent by line and year, the track shares of the first year held."""
        scenario = self.scenario
        first, years = scenario.horizon.base_year, np.array(scenario.horizon.years)
        growth = scenario.budget.at(years) / scenario.budget.at(np.array(first))
        part = np.minimum((years - first) / (self.last[:, None] - first), 1.0)
        path, base = growth * drift**part, to_base_plan(scenario)
        return Money(base.strategic * path[:, None, :], base.substitution * path, base.exchange * path)


def starts(history: History, reading: Reading = AS_STATED) -> tuple[Start, ...]:
    """The worlds of a history by first year. Raises ScenarioErrors for a line that the laws cannot start from."""
    groups: dict[int, list[str]] = {}
    for line in history.lines:
        groups.setdefault(history.of(line)[0].year, []).append(line)
    made = [_start(history, year, lines, reading) for year, lines in sorted(groups.items())]
    faults = [fault for start in made for fault in impossible(start.scenario)]
    if faults:
        raise ScenarioErrors(faults)
    return tuple(made)


def with_values(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """A scenario with numbers of its groups replaced, by path; `lines.trend` is that of every line."""
    groups = {}
    for path, value in values.items():
        group, _, name = path.partition(".")
        if path == TREND:
            groups[group] = tuple(line.model_copy(update={name: value}) for line in scenario.lines)
        else:
            groups[group] = groups.get(group, getattr(scenario, group)).model_copy(update={name: value})
    return scenario.model_copy(update=groups) if groups else scenario


def _start(history: History, year: int, names: list[str], reading: Reading) -> Start:
    model = history.model
    growth = float(model.budget.at(np.array(year)) / model.budget.at(np.array(model.horizon.base_year)))
    free = {"floor": 0.0, "cap": None, "min_scale": 0.0}
    lines = tuple(
        line.model_copy(
            update=free
            | {
                "capability": 100 * history.of(line.id)[0].read(reading.elasticity, reading.quality),
                "spend": line.spend * growth,
            }
        )
        for line in model.lines
        if line.id in names
    )
    used = {line.domain for line in lines}
    scenario = model.model_copy(update={
        "horizon": Horizon(base_year=year, last_year=model.horizon.last_year, tail=0),
        "lines": lines,
        "domains": tuple(domain for domain in model.domains if domain.id in used),
        "spillovers": tuple(link for link in model.spillovers if {link.source, link.target} <= used),
        "policies": (),
        "programmes": (),
        "tranches": (),
    })  # fmt: skip
    return Start(scenario, np.array([float(history.of(line.id)[-1].year) for line in lines]))


def impossible(scenario: Scenario) -> list[Fault]:
    """Lines whose first figure leaves no positive yield."""
    base, name = calibrate(scenario), scenario.name
    told = f"in {scenario.horizon.base_year} its yield would not be positive"
    hint = "raise its trend, or lower substitution_share, exchange_share or diffusion.catch_up"
    return [
        Fault(name, None, None, f"lines[{line.id}]", told, hint)
        for n, line in enumerate(scenario.lines)
        if not (base.capability[n] > 0 and (base.yields[n] > 0).all())
    ]
