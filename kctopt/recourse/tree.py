"""What a tree is once its file is read: states of the world, each with a probability, a year it begins in, an overlay.

| word | meaning |
|---|---|
| state | a state of the world that may come about in a year, with its probability given the state before it |
| branch | the year from which states of the same parent differ; money before it is shared |
| overlay | what a state changes from its branch on |
| leaf | a state that no other follows: one whole course of the world, with the product of probabilities |
| node | states that are not told apart in some years, and decide together what is decided in them |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kctopt.brief import brief, counted
from kctopt.naming import Name
from kctopt.recourse.extensive import Shared
from kctopt.scenario.records import Scenario
from kctopt.solver.compiled import Compiled


@dataclass(frozen=True)
class State:
    """A state of the world."""

    name: str
    label: str
    probability: float  # given the state before it
    parent: str  # empty for states that follow nothing
    year: int  # of the branch: the first in which its overlay acts
    says: tuple[str, ...] = ()  # its overlay, a line each, as the file has it
    origin: str = ""  # file:line that says so


@dataclass(frozen=True)
class Leaf:
    """One whole course of the world."""

    name: str
    label: str
    probability: float
    path: tuple[str, ...]  # names of its states, the first first
    scenario: Scenario  # of the world it is


@dataclass(frozen=True, repr=False)
class Tree:
    """States of the world over a scenario, read and checked.

    Attributes
    ----------
    name, label, intent : str
        Of the file.
    scenario : Scenario
        The world without any overlay.
    states : tuple of State
        As the file lists them.
    leaves : tuple of Leaf
        Courses of the world of a probability above 0, which add up to 1.
    notes : tuple of str
        No faults, but the user should know.

    Examples
    --------
    >>> from kctopt.recourse.load import load_tree
    >>> tree = load_tree("controls-hazard")
    >>> [leaf.name for leaf in tree.leaves], tree.branches
    (['eased', 'held', 'tight'], (2031,))
    """

    name: str
    label: str
    intent: str
    scenario: Scenario
    states: tuple[State, ...]
    leaves: tuple[Leaf, ...]
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""  # of its file, where there is one

    def __repr__(self) -> str:
        return brief(self, self.name, counted(len(self.leaves), "course"), f"from {self.branches[0]}")

    @property
    def branches(self) -> tuple[int, ...]:
        """Years in which states begin to differ."""
        return tuple(sorted({state.year for state in self.states}))

    def data(self) -> dict[str, Any]:
        """The tree as JSON has it."""
        return {
            "name": self.name, "label": self.label, "intent": self.intent, "scenario": self.scenario.name,
            "branches": list(self.branches),
            "states": [
                {
                    "state": state.name, "label": state.label, "probability": state.probability,
                    "parent": state.parent or None, "from": state.year, "overlay": list(state.says),
                    "origin": state.origin or None,
                }
                for state in self.states
            ],
            "courses": [{"course": leaf.name, "probability": leaf.probability} for leaf in self.leaves],
            "notes": list(self.notes),
        }  # fmt: skip

    def nodes(self) -> Iterator[tuple[tuple[int, ...], int, int]]:
        """Leaves that are not told apart, and from which year to before which; the root first."""
        first, after = self.scenario.horizon.years[0], self.scenario.horizon.all_years[-1] + 1
        year_of = {state.name: state.year for state in self.states}
        depth = max(len(leaf.path) for leaf in self.leaves)
        for level in range(depth + 1):
            groups: dict[tuple[str, ...], list[int]] = {}
            for n, leaf in enumerate(self.leaves):
                if len(leaf.path) >= level:
                    groups.setdefault(leaf.path[:level], []).append(n)
            for path, members in groups.items():
                later = [year_of[p[level]] for p in (self.leaves[n].path for n in members) if len(p) > level]
                begins = year_of[path[-1]] if path else first
                yield tuple(members), begins, later[0] if later else after


def shared_of(tree: Tree, program: Compiled) -> tuple[Shared, ...]:
    """The nodes of a tree with the columns that are decided there, by the year behind their names."""
    years = {name: int(name.keys[-1]) for name in map(Name.parse, program.names) if _dated(name, tree)}
    found = []
    for leaves, begins, before in tree.nodes():
        names = frozenset(str(name) for name, year in years.items() if begins <= year < before)
        if len(leaves) > 1 and names:
            found.append(Shared(leaves, names))
    return tuple(found)


def _dated(name: Name, tree: Tree) -> bool:
    keys = name.keys
    return bool(keys) and keys[-1].isdigit() and int(keys[-1]) in tree.scenario.horizon.all_years
