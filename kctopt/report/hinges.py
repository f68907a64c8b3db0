"""What a plan hangs on: how far the outcome moves where an input of the lowest grade is 10 per cent off.

    move = the larger in size of  NS(m; 1.1 x) - NS(m; x)  and  NS(m; 0.9 x) - NS(m; x)       in the last planned year

m is the plan's money, held as it is, and x one input in all its lines and years. Inputs that no longer fit together
with the others (weights that must make 1) are left out. The money stays: what a new plan would save is not counted.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kctopt.errors import KctoptError
from kctopt.scenario.check import checked
from kctopt.scenario.nodes import Faults, Origin, from_python
from kctopt.scenario.records import Record, Scenario, Series
from kctopt.simulator import simulate

if TYPE_CHECKING:
    from kctopt.result.result import Result

PART = 0.1  # by which an input is off
LOW = ("assumption", "user")  # grades
AIM = ("horizon", "objective", "schema_version", "policies", "calibration")  # no data of the world
BARE = re.compile(r"\[[^\]]*\]|\.\d{4}$")


@dataclass(frozen=True)
class Hinge:
    """An input of a low grade, and by how much national security moves in the last planned year, index points."""

    path: str  # without brackets and years, such as `lines.trend`
    move: float


@lru_cache(maxsize=8)
def hinges(result: Result, most: int | None = None) -> tuple[Hinge, ...]:
    """The inputs of the lowest grades, the one that moves most first: all, or the `most` first."""
    if result.money is None or result.trajectory is None or result.own:
        return ()
    table = result.columns("provenance")
    paths = [str(BARE.sub("", path)) for path, grade in zip(table["path"], table["grade"], strict=True) if grade in LOW]
    names = [tuple(path.split(".")) for path in dict.fromkeys(paths)]
    moves = [
        (abs(value), n, value, ".".join(path), changed)
        for n, path in enumerate(names)
        if path[0] not in AIM
        for changed in (_scaled(result.solved_scenario, path, factor) for factor in (1 + PART, 1 - PART))
        if (value := _move(result, changed)) is not None
    ]
    found: dict[str, Hinge] = {}
    for _, _, value, path, changed in sorted(moves, key=lambda move: (-move[0], move[1])):
        if len(found) == most:
            break
        if path not in found and _fits(changed, path):  # asked last, since it takes longer than to simulate
            found[path] = Hinge(path, value)
    return tuple(found.values())


def _move(result: Result, changed: Scenario) -> float | None:
    """How far national security moves in the last planned year; None where nothing changes, or nothing comes of it."""
    assert result.money is not None and result.trajectory is not None
    if changed == result.solved_scenario:
        return None
    last = len(result.scenario.horizon.years)
    try:
        value = float(simulate(changed, result.money, choices=result.choices).security[last])
    except (KctoptError, ValueError, ArithmeticError):
        return None
    return value - float(result.trajectory.security[last]) if math.isfinite(value) else None


def _fits(changed: Scenario, path: str) -> bool:
    """Whether a scenario passes the checks of a file."""
    try:
        checked(from_python(changed, Origin(path)), Faults())
    except (KctoptError, ValueError, ArithmeticError):
        return False
    return True


def _scaled(value: Any, names: tuple[str, ...], factor: float) -> Any:
    """A value with what stands at a path below it times `factor`, in every entry of lists on the way."""
    if isinstance(value, tuple):
        return tuple(_scaled(entry, names, factor) for entry in value)
    if isinstance(value, Record) and names:
        name, *rest = names
        return value.model_copy(update={name: _scaled(getattr(value, name), tuple(rest), factor)})
    if isinstance(value, Series):
        points = value.root
        scaled = (
            {year: point * factor for year, point in points.items()} if isinstance(points, dict) else points * factor
        )
        return type(value)(scaled)
    whole = isinstance(value, bool | str | int) or value is None
    return value if whole else value * factor
