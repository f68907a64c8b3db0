"""The range that a row of provenance states, as the law of an input.

Uniform where nothing is said: a published range says no more than its ends, figures often stand at one of them, and a
triangle through the figure would hardly ever draw what was published at the other. `range: triangular` has the figure
as its mode.
"""

from __future__ import annotations

from collections.abc import Sequence

from kctopt.scenario.nodes import Faults, Node
from kctopt.study.places import NUMBERS, Place
from kctopt.study.records import Distribution

RANGES = ("uniform", "triangular")


def ranged(
    title: str, node: Node, worlds: Sequence[Sequence[Place]], law: str, faults: Faults
) -> tuple[Distribution, str] | None:
    """Law and row of an entry that gives a path alone; None where there is no one range, which is noted."""
    places = [place for world in worlds for place in world]
    rows = {(place.row.path, place.row.low, place.row.high) for place in places if place.row is not None}
    numbers = {number for place in places for number in place.numbers}
    path = places[0].path
    told: tuple[str, str] | None = None
    if any(place.kind.form not in NUMBERS for place in places):
        told = f"{path} is not a number", "give value: {choice: [...]}"
    elif not all(stated(place) for place in places):
        told = f"no range is stated for {path}", "give scale: {uniform: [0.8, 1.2]}, or low and high in provenance"
    elif len(rows) > 1:
        told = (
            f"stands for {len(places)} figures with {len(rows)} ranges",
            "give each an entry, or use grade: with range:",
        )
    elif len(numbers) > 1:
        span = f"{min(numbers):g} to {max(numbers):g}"
        hint = "name one of them, use grade: with range:, or give scale: for all"
        told = f"stands for numbers from {span}, which one value would make equal", hint
    elif places[0].kind.form == "integer":
        told = f"{path} is a whole number", "give value: {choice: [...]}"
    if told is not None:
        faults.add(node.place, title, *told)
        return None
    return law_over(places[0], law), places[0].row.path if places[0].row else ""


def stated(place: Place) -> bool:
    """Whether a row states a range of a figure."""
    row = place.row
    return row is not None and row.low is not None and row.high is not None and row.low < row.high


def law_over(place: Place, law: str) -> Distribution:
    """Uniform over the range of the row, or triangular through the figure where it lies inside."""
    assert place.row is not None and place.row.low is not None and place.row.high is not None
    low, high, figure = place.row.low, place.row.high, place.numbers[0]
    if law == "triangular":
        return Distribution("triangular", (low, min(max(figure, low), high), high))
    return Distribution("uniform", (low, high))
