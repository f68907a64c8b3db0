"""Ranges that rows of provenance state: `low` and `high`, in the unit of the row.

A range has both ends, and every figure that its row speaks of lies inside. What a user sets without a source keeps the
range of the figure that it took the place of: outside of it, the user is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kctopt.scenario.field_kinds import Kind
from kctopt.scenario.nodes import Faults, Node, Origin
from kctopt.scenario.record import above, apart
from kctopt.scenario.scalars import Unreadable, read_number
from kctopt.scenario.sourced import SourceRows, Value, is_row, tree_values

NUMBER = Kind("number")


@dataclass(frozen=True)
class Range:
    """Both ends of what a row of provenance states."""

    row: Node
    low: float
    high: float

    def outside(self, value: float) -> bool:
        """Whether a figure lies outside by more than rounding."""
        return above(self.low, value) or above(value, self.high)

    def __str__(self) -> str:
        return f"{self.low:.6g} to {self.high:.6g}"


def check_ranges(root: Node, faults: Faults) -> None:
    """Report half a range, one whose ends are swapped, and a sourced figure outside of its own."""
    for row in _rows(root):
        _check_ends(row, faults)
    for value, number, span in _outside(root):
        if span.row.get("grade") != "user":
            message = f"the range {span} does not hold {value.path}, which is {number:.6g}"
            hint = "widen the range, or correct the figure"
            faults.add(span.row.value["low"].place, f"provenance[{span.row.get('path')}].low", message, hint)


def beyond(root: Node, origin: Mapping[str, Origin]) -> Iterator[str]:
    """A note for every figure that a user set outside the range of the one it took the place of."""
    for value, number, span in _outside(root):
        if span.row.get("grade") == "user":
            place = f"{origin[value.path]}: " if value.path in origin else ""
            source = span.row.get("parent_source")
            cited = f" ({source})" if source else ""
            yield f"{place}{value.path}: {number:.6g} lies outside the range {span} of the figure before{cited}"


def _rows(root: Node) -> Iterator[Node]:
    place = root.value.get("provenance")
    if place is not None and isinstance(place.value, list):
        yield from (row for row in place.value if is_row(row))


def _check_ends(row: Node, faults: Faults) -> None:
    path = f"provenance[{row.get('path')}]"
    given = [name for name in ("low", "high") if row.get(name) is not None]
    if len(given) == 1:
        other = "high" if given == ["low"] else "low"
        message, hint = f"is half of a range: {other} is not given", f"give {other} too, or leave both out"
        faults.add(row.value[given[0]].place, f"{path}.{given[0]}", message, hint)
    elif (span := _range(row)) is not None and above(span.low, span.high):
        low, high = apart(span.low, span.high)
        faults.add(row.value["low"].place, f"{path}.low", f"low {low} lies above high {high}", "swap them")


def _range(row: Node) -> Range | None:
    """The range of a row; None where it states none or what it states is no number, which is reported elsewhere."""
    low, high = row.value.get("low"), row.value.get("high")
    if low is None or high is None or low.value is None or high.value is None:
        return None
    try:
        return Range(row, read_number(low, NUMBER), read_number(high, NUMBER))
    except Unreadable:
        return None


def _outside(root: Node) -> Iterator[tuple[Value, float, Range]]:
    """Every figure outside the range of the row that counts for it."""
    sources = SourceRows((str(row.get("path")), row) for row in _rows(root))
    ranges = {id(row): span for row in _rows(root) if (span := _range(row)) and not above(span.low, span.high)}
    for value in tree_values(root) if ranges else ():
        row = sources.best(value.steps) if value.figure else None
        span = None if row is None else ranges.get(id(row))
        if span is None:
            continue
        try:
            number = read_number(value.node, Kind("number", unit=value.unit))
        except Unreadable:  # reported
            continue
        if span.outside(number):
            yield value, number, span
