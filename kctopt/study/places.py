"""Places of the scenarios of a study that a path names: their numbers, limits and sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kctopt.scenario.build import LIMITS, complete
from kctopt.scenario.changes import reachable
from kctopt.scenario.field_kinds import ROOT, Kind
from kctopt.scenario.nodes import MEMORY, Location, Node, from_python, show
from kctopt.scenario.paths import Index, Target, find
from kctopt.scenario.records import Scenario, Source
from kctopt.scenario.sourced import SourceRows, tree_values

Limits = tuple[tuple[str, float], ...]
NUMBERS = ("number", "integer", "series")
TIED = {  # numbers that must sum to 1 with others
    "rungs": ("capability_weight", "spend_share", "profile", *(f"lag_{lag}" for lag in range(6))),
    "security": ("economy", "military", "technology"),
}


@dataclass(frozen=True)
class Place:
    """One place: what the field holds, the numbers there, their limits, and the row of provenance that counts."""

    path: str
    location: Location
    kind: Kind
    numbers: tuple[float, ...]  # of all years of a series; none where nothing is stated or it is no number
    limits: Limits
    row: Source | None


@dataclass
class World:
    """One scenario of a study, as a tree that paths lead through."""

    scenario: Scenario
    root: Node = field(init=False)
    rows: SourceRows[Source] = field(init=False)
    sourced: dict[str, Source | None] = field(init=False)  # the row that counts, of every figure, by path
    index: Index = field(default_factory=Index)

    def __post_init__(self) -> None:
        self.root = from_python(self.scenario, MEMORY)
        complete(self.root, ROOT)
        self.rows = SourceRows((row.path, row) for row in self.scenario.provenance)
        self.sourced = {value.path: self.rows.best(value.steps) for value in tree_values(self.root)}

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.scenario.name

    def places(self, path: str) -> list[Place]:
        """All places that a path names. Raises PathError with a suggestion."""
        return [self.place(target) for target in reachable(self.root, path, self.index)]

    def place(self, target: Target) -> Place:
        """What stands at a target."""
        path = show(self.root, target.location)
        numbers = tuple(_numbers(target.node))
        row = self.sourced.get(path)
        if row is None:  # a series, or a group: the row of what lies under it
            under = (found for key, found in self.sourced.items() if found and key.startswith(f"{path}."))
            row = next(under, None)
        return Place(path, target.location, target.kind, numbers, self._limits(target), row)

    def figures(self) -> Iterator[Place]:
        """Every number, a series as one, once."""
        seen: set[str] = set()
        for value in tree_values(self.root):
            path = value.path
            if value.steps[-1].key.isdigit() and value.steps[-1].entry is None:
                path = path.rpartition(".")[0]
            if value.figure and path not in seen:
                seen.add(path)
                yield from self.places(path)

    def _limits(self, target: Target) -> Limits:
        kind = target.kind
        if isinstance(target.location[-1], int) and kind.form == "number" and len(target.location) > 1:
            series = find(self.root, show(self.root, target.location[:-1]), self.index)[0].kind.series
            return LIMITS.get(series, ()) if series is not None else kind.bounds
        return LIMITS.get(kind.series, ()) if kind.series is not None else kind.bounds


def tied(place: Place) -> bool:
    """Whether a number must sum to 1 with others, so that it cannot be moved alone."""
    return place.location[-1] in TIED.get(str(place.location[0]), ())


def _numbers(node: Node | None) -> Iterator[float]:
    if node is None or isinstance(node.value, bool | str | list) or node.value is None:
        return
    if isinstance(node.value, dict):
        for child in node.value.values():
            yield from _numbers(child) if not isinstance(child.value, dict) else ()
    else:
        yield float(node.value)
