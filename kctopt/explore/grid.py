"""A grid of levers: every state in which each of some levers stands at one of its points.

grid = Grid.of(explorer.levers, ["controls.intensity=0.4:0.8"], 5)
grid.states()          5 states, the base among them
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kctopt.errors import UsageError, suggest
from kctopt.explore.levers import Lever, Levers
from kctopt.explore.state import State

MAIN = ("controls.intensity", "rival.growth_shift")  # and every budget
POINTS = 3  # of a lever
MOST = 5_000  # states
BESIDE = 0.1  # of a factor, on either side of 1, where no ends are given
DIGITS = 6  # of a point


@dataclass(frozen=True)
class Grid:
    """Levers with the values at which they stand, each with that of the base."""

    axes: tuple[tuple[Lever, tuple[float, ...]], ...]

    @classmethod
    def of(cls, levers: Levers, asked: Sequence[str] = (), points: int = POINTS) -> Grid:
        """The grid of some levers.

        Parameters
        ----------
        levers : Levers
            Of the base.
        asked : sequence of str
            Ids of levers, such as `controls.intensity`, or with ends, `controls.intensity=0.4:0.8`; by default every
            budget, control intensity and the rival's growth.
        points : int, default 3
            Values of each lever, evenly spread, the base's in place of the nearest between the ends; where it lies
            beyond them it comes to them.

        Returns
        -------
        Grid
            With at most 5,000 states.

        Raises
        ------
        UsageError
            For what names no lever, for ends that the field does not allow, and for too many states.

        Examples
        --------
        >>> import kctopt
        >>> from kctopt.explore.grid import Grid
        >>> from kctopt.explore.levers import Levers
        >>> grid = Grid.of(Levers(kctopt.load("baseline"), {}), ["controls.intensity=0.4:0.8"])
        >>> len(grid.states())
        3
        """
        known = {lever.id: lever for lever in levers.all()}
        names = list(asked) or [name for name in known if name.startswith("budget") or name in MAIN]
        axes = tuple(_axis(known, name, points) for name in names)
        ids = [lever.id for lever, _ in axes]
        if len(set(ids)) < len(ids):
            twice = next(name for name in ids if ids.count(name) > 1)
            raise UsageError(f"--lever {twice} is given twice: keep one of them")
        count = math.prod(len(values) for _, values in axes)
        if count > MOST:
            raise UsageError(f"{count:,} plans are more than {MOST:,}: name fewer levers, or fewer points")
        return cls(axes)

    def states(self) -> list[State]:
        """Every state, the base's first, then in the order of the levers."""
        found = [
            _state([(lever, value) for (lever, _), value in zip(self.axes, values, strict=True)])
            for values in itertools.product(*(values for _, values in self.axes))
        ]
        return sorted(found, key=lambda state: bool(state.data))


def _axis(known: dict[str, Lever], asked: str, points: int) -> tuple[Lever, tuple[float, ...]]:
    """A lever and its values."""
    name, given, ends = asked.partition("=")
    lever = known.get(name)
    if lever is None:
        raise UsageError(f"--lever {name}: no lever of this scenario; {suggest(name, known, most=40)}")
    if lever.tied:
        raise UsageError(f"--lever {name}: it sums to 1 with others, so that it cannot be moved alone")
    low, high = (lever.low, lever.high) if lever.way == "set" else (1 - BESIDE, 1 + BESIDE)
    if given:
        try:
            low, high = (float(end) for end in ends.split(":"))
        except ValueError:
            raise UsageError(f"--lever {asked}: give its ends as LOW:HIGH, such as {name}=0.4:0.8") from None
    least, most = (-math.inf if end is None else end for end in (lever.least, lever.most))
    most = math.inf if lever.most is None else most
    if not (math.isfinite(low) and math.isfinite(high)) or not least <= low < high <= most:
        raise UsageError(f"--lever {asked}: the ends must rise and lie within {least:g} and {most:g}")
    values = [float(f"{value:.{DIGITS}g}") for value in np.linspace(low, high, points)]
    values = [float(round(value)) for value in values] if lever.whole else values
    if low < lever.value < high and lever.value not in values:
        values.remove(min(values[1:-1] or values, key=lambda value: abs(value - lever.value)))
    return lever, tuple(sorted({*values, lever.value}))


def _state(stands: Sequence[tuple[Lever, float]]) -> State:
    """The state in which levers stand at values."""
    return State.read(dict(_parts(stands)))


def _parts(stands: Sequence[tuple[Lever, float]]) -> Iterator[tuple[str, dict[str, object]]]:
    moved = [(lever, int(value) if lever.whole else value) for lever, value in stands if value != lever.value]
    for way in ("set", "scale"):
        own = {path: value for lever, value in moved if lever.way == way and not lever.policy for path in lever.paths}
        if own:
            yield way, dict(own)
    rules: dict[str, object] = {}
    for lever, value in moved:
        if lever.policy:
            fields = rules.setdefault(lever.policy, {})
            assert isinstance(fields, dict)
            fields[lever.field] = value
    if rules:
        yield "policies", rules
