"""What a check says: a location in the scenario, what is wrong with it, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kctopt.scenario.nodes import Location


@dataclass(frozen=True)
class Problem:
    """One thing a check found; the location is relative to the record that was checked."""

    location: Location
    message: str
    hint: str = ""
    others: tuple[Location, ...] = ()  # further values with a part in it; one that the user changed is named first


Problems = Iterator[Problem]
