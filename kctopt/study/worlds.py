"""From draws to worlds: draws that choose alike share one scenario, whose numbers are arrays.

| step | what happens |
|---|---|
| group | inputs that are no numbers (forms, indices, years, lists) take few values: one scenario a mix |
| draw | numbers of the group stand in its scenario as arrays (`drawn.py`) |
| refuse | draws that no file could hold (`invalid.py`) |
| world | base year, yields and all that the laws read, for all draws of a chunk at once |
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kctopt.errors import ScenarioErrors
from kctopt.scenario.load import load
from kctopt.scenario.nodes import Faults
from kctopt.scenario.records import Scenario, Selection, TargetPolicy
from kctopt.scenario.select import MEMBER, spend_weights
from kctopt.simulator import World
from kctopt.study.drawn import DrawnScenario, numeric, overlays, tree, with_draws
from kctopt.study.invalid import Refusals, refusals, refuse_yields
from kctopt.study.origins import told_origin
from kctopt.study.records import Draws

Numbers = NDArray[np.intp]
TRIED = 20  # draws of a mix of choices that are loaded whole where the mix alone is refused
OTHER = "changes years, lines, domains or programmes, and a fixed plan is money for those of its own scenario"


@dataclass(frozen=True)
class Group:
    """Draws that choose alike."""

    draws: Numbers  # their numbers
    drawn: DrawnScenario

    def chunks(self, size: int) -> Iterator[tuple[Numbers, DrawnScenario]]:
        """The group in parts of at most so many draws."""
        for first in range(0, len(self.draws), size):
            part = slice(first, first + size)
            yield self.draws[part], self.drawn.take(part)


@dataclass
class Grouped:
    """All draws: in groups, or refused with a reason."""

    groups: list[Group] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


def grouped(scenario: Scenario, draws: Draws) -> Grouped:
    """Draws of a scenario by what they choose.

    Parameters
    ----------
    scenario : what the paths of the draws speak of.
    draws : values by draw and input.

    Returns
    -------
    Grouped : groups in the order of their first draws; draws whose choices no file could hold, with the faults.

    Raises
    ------
    ScenarioErrors : with every path that names nothing in the scenario.
    """
    root, faults, count = tree(scenario), Faults(), len(draws.values)
    number = [numeric(entry, draws.values[:, k], root, faults) for k, entry in enumerate(draws.inputs)]
    if faults:
        raise faults.errors()
    numbers, choices = ([k for k, plain in enumerate(number) if plain is wanted] for wanted in (True, False))
    mixes: dict[tuple[str, ...], list[int]] = {}
    for d in range(count):
        mixes.setdefault(tuple(repr(draws.values[d, k]) for k in choices), []).append(d)
    found, given = Grouped(), overlays(draws, numbers)
    for members in mixes.values():
        _group(scenario, draws, choices, given, np.array(members, dtype=np.intp), found)
    return found


def world_of(chunk: DrawnScenario) -> tuple[World, Refusals]:
    """The world of some draws, and what speaks against each; refused draws hold numbers without meaning."""
    found = refusals(chunk)
    with np.errstate(all="ignore"):
        world = World.of(chunk.scenario)
        refuse_yields(found, chunk.scenario, world)
    return world, found


def _group(scenario: Scenario, draws: Draws, choices: list[int], given: Any, members: Numbers, found: Grouped) -> None:
    """Add the group of draws that choose alike, split where the lines of a target differ; or refuse them."""
    try:
        chosen = _chosen(scenario, draws, choices, int(members[0])) if choices else scenario
    except ScenarioErrors as errors:
        _each(scenario, draws, members, told_origin(str(errors), draws.inputs), found)
        return
    if _shape(chosen) != _shape(scenario):
        found.refused |= dict.fromkeys(members.tolist(), OTHER)
        return
    own = {way: {path: values[members] for path, values in entries.items()} for way, entries in given.items()}
    drawn = with_draws(chosen, own, len(members))
    pattern = _bound(drawn)
    for row in np.unique(pattern, axis=0):
        part = np.flatnonzero((pattern == row).all(axis=1))
        whole = len(part) == len(members)
        found.groups.append(Group(members[part], drawn if whole else drawn.take(part)))


def _chosen(scenario: Scenario, draws: Draws, columns: list[int], draw: int) -> Scenario:
    """The scenario with the choices of a draw, loaded and checked. Raises ScenarioErrors."""
    only = Draws(
        tuple(draws.inputs[k] for k in columns), draws.share[:, columns], draws.values[:, columns], draws.sample
    )
    return load(scenario, **only.overlay(draw)).scenario


def _each(scenario: Scenario, draws: Draws, members: Numbers, told: str, found: Grouped) -> None:
    """Draws whose choices are refused with the scenario's own numbers: loaded whole, as their own may make them good.

    Where none of the first does, all are refused by what speaks against the choices.
    """
    everything, good = list(range(len(draws.inputs))), 0
    for n, d in enumerate(members.tolist()):
        if n == TRIED and not good:
            found.refused |= dict.fromkeys(members[TRIED:].tolist(), told)
            return
        try:
            whole = _chosen(scenario, draws, everything, d)
        except ScenarioErrors as errors:
            found.refused[d] = told_origin(str(errors), draws.inputs)
            continue
        good += 1
        if _shape(whole) == _shape(scenario):
            found.groups.append(Group(np.array([d], dtype=np.intp), DrawnScenario(whole, (), 1)))
        else:
            found.refused[d] = OTHER


def _shape(scenario: Scenario) -> tuple[Any, ...]:
    """What the arrays of a plan and of its outcomes hang on."""
    horizon, ids = scenario.horizon, ("lines", "domains", "programmes")
    names = tuple(tuple(entry.id for entry in getattr(scenario, name)) for name in ids)
    return (*names, horizon.base_year, horizon.last_year, horizon.tail, tuple(line.domain for line in scenario.lines))


def _bound(drawn: DrawnScenario) -> NDArray[np.bool_]:
    """Whether each line is bound by each target that names a type, (D, targets x lines)."""
    scenario = drawn.scenario
    targets: list[Selection] = [policy for policy in scenario.policies if isinstance(policy, TargetPolicy)]
    weights = [spend_weights(scenario, policy) >= MEMBER for policy in targets]
    lines = len(scenario.lines)
    whole = [np.broadcast_to(bound, (drawn.count, lines)) for bound in weights]
    return np.concatenate([np.zeros((drawn.count, 1), dtype=bool), *whole], axis=1)
