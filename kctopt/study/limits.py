"""Whether what an input draws stays within the limits of the fields that it moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

import numpy as np

from kctopt.scenario.nodes import Faults, Node
from kctopt.scenario.paths import PathError
from kctopt.scenario.record import ROUNDING
from kctopt.study.distributions import TAIL, reach, support
from kctopt.study.places import Place, World
from kctopt.study.records import UncertainInput, Way

Found = tuple[Place, str, float]  # a place, the side of its limit that is passed, and the limit
WORDS = {"ge": "at least", "gt": "greater than", "le": "at most", "lt": "less than"}


def check_limits(made: UncertainInput, node: Node, worlds: Sequence[World], faults: Faults, *, ends: bool) -> None:
    """Report an input whose draws leave a limit, with the range that would stay; `ends`: draws reach the ends."""
    law = made.distribution
    key = node.value.get(made.way, node)
    title = f"uncertain[{made.name}]" + (f".{made.way}" if made.way in node.value else "")
    if law is not None and law.law != "choice":
        if ends and not np.isfinite(support(law)).all():
            message = f"{law.law} has no ends, and draws of this sample reach the ends of each distribution"
            low, high = reach(law)
            faults.add(key.origin, title, message, f"add within: [{low:.4g}, {high:.4g}] or narrower")
            return
        drawn = reach(law)
    else:
        listed = made.values if law is None else law.parameters
        numbers = [float(value) for value in listed if isinstance(value, int | float) and not isinstance(value, bool)]
        if not numbers:
            return
        drawn, ends = (min(numbers), max(numbers)), True
    found = next(_beyond(made.way, _places(made, worlds), drawn, ends=ends), None)
    if found is None:
        return
    low, high = _inside(made.way, found[0], drawn)
    tail = "" if law is None or law.law == "choice" or np.isfinite(support(law)).all() else f" (probability {TAIL:g})"
    message = _said(made.way, found, drawn, tail)
    ways = "leave such values out" if law is None or law.law == "choice" else f"add within: [{low:.4g}, {high:.4g}]"
    faults.add(key.origin, title, message, ways)


def beyond_limits(made: UncertainInput, worlds: Sequence[World]) -> Iterator[tuple[int, str]]:
    """Listed values that leave a limit, by position, and what is said of each."""
    numbers = {n: float(value) for n, value in enumerate(made.values) if type(value) in (int, float)}
    places = _places(made, worlds)
    if not numbers or not any(_beyond(made.way, places, (min(numbers.values()), max(numbers.values())), ends=True)):
        return
    for n, value in numbers.items():
        found = next(_beyond(made.way, places, (value, value), ends=True), None)
        if found is not None:
            yield n, _said(made.way, found, (value, value))


def _said(way: Way, found: Found, drawn: tuple[float, float], tail: str = "") -> str:
    place, side, limit = found
    reached = sorted(_moved(way, number, end) for number in place.numbers or (0.0,) for end in drawn)
    worst = reached[-1] if side in ("le", "lt") else reached[0]
    return f"takes {place.path} to {worst:.4g}{tail}; it must be {WORDS[side]} {limit:g}"


def _places(made: UncertainInput, worlds: Sequence[World]) -> list[Place]:
    found: list[Place] = []
    for world in worlds:
        for path in made.paths:
            with suppress(PathError):
                found += world.places(path)
    return found


def _beyond(way: Way, places: Sequence[Place], drawn: tuple[float, float], *, ends: bool) -> Iterator[Found]:
    for place in places:
        for side, limit in place.limits:
            if _passes(way, place, side, limit, drawn, ends=ends):
                yield place, side, limit


def _passes(way: Way, place: Place, side: str, limit: float, drawn: tuple[float, float], *, ends: bool) -> bool:
    for number in place.numbers or (0.0,):
        for end in drawn:
            beyond = _moved(way, number, end) - limit
            beyond = beyond if side in ("le", "lt") else -beyond
            if beyond > ROUNDING * max(1.0, abs(limit)) or (ends and beyond >= 0 and side in ("lt", "gt")):
                return True
    return False


def _moved(way: Way, number: float, drawn: float) -> float:
    return drawn if way == "value" else number * drawn if way == "scale" else number + drawn


def _inside(way: Way, place: Place, drawn: tuple[float, float]) -> tuple[float, float]:
    """The part of what is drawn that stays within all limits of a place."""
    low, high = drawn
    for number in place.numbers or (0.0,):
        for side, limit in place.limits:
            bound = limit if way == "value" else limit - number if way == "add" else limit / number if number else None
            if bound is None:
                continue
            upper = (side in ("le", "lt")) == (way != "scale" or number > 0)
            low, high = (low, min(high, bound)) if upper else (max(low, bound), high)
    return low, high
