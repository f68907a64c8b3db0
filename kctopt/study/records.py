"""What a study is made of, once its file is read: uncertain inputs, how they are drawn, and the draws.

| word | meaning |
|---|---|
| uncertain input | places of a scenario that one random number moves |
| draw | one value for each input |
| member | one draw in one scenario, with its outcome and status |
| fixed plan | money held, the laws run in every draw |
| re-optimised | each draw solved and proven |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kctopt.scenario.records import Scenario

Array: TypeAlias = NDArray[np.float64]
Way = Literal["value", "scale", "add"]
Law = Literal["uniform", "triangular", "normal", "lognormal", "choice"]
Method = Literal["grid", "product", "zip", "list", "lhs", "sobol", "saltelli", "morris"]


@dataclass(frozen=True)
class Distribution:
    """Law of one random number; `inverse` maps a share of probability to its value."""

    law: Law
    parameters: tuple[Any, ...]  # low, high; low, mode, high; mean, deviation; median, sigma of the log; the choices
    within: tuple[float, float] | None = None  # cut off there, and what is left scaled to 1
    odds: tuple[float, ...] = ()  # of the choices, in their order; () where they are equally likely


@dataclass(frozen=True)
class UncertainInput:
    """One random number and the places of a scenario that it moves."""

    name: str  # the path as written, or what the file calls it
    paths: tuple[str, ...]  # of the scenario, each of one number, series or choice
    way: Way  # whether it replaces, multiplies or is added to what stands there
    distribution: Distribution | None  # None with listed values alone
    values: tuple[Any, ...] = ()  # for grid, product, zip and list
    origin: str = ""  # file:line that says so
    from_range: str = ""  # the row of provenance whose range it is, or ""
    source: str = ""  # where the distribution comes from, as the file says


@dataclass(frozen=True)
class Sample:
    """How draws are made."""

    method: Method
    size: int  # rows of a Sobol sequence or a hypercube, base rows of Saltelli, trajectories of Morris; else all draws
    seed: int = 0
    levels: int = 4  # of Morris, and of each law in a grid
    second_order: bool = False  # of Saltelli
    file: str = ""  # that the draws of a list stand in, as the study names it
    sheet: str = ""  # of a workbook
    sha256: str = ""  # of the file's content


@dataclass(frozen=True)
class Draws:
    """Values of all inputs in all draws; row d is draw d, column k input k."""

    inputs: tuple[UncertainInput, ...]
    share: Array  # (D, K) probability below each value, as sampled; nan where values are listed
    values: NDArray[np.object_]  # (D, K) floats, or the choice itself
    sample: Sample
    correlation: tuple[tuple[str, str, float, float], ...] = ()  # two inputs, rank correlation asked and reached

    def overlay(self, draw: int) -> dict[str, dict[str, Any]]:
        """`{"set": {...}, "scale": {...}, "add": {...}}` of one draw, as `kctopt.load` takes them."""
        changes: dict[str, dict[str, Any]] = {"set": {}, "scale": {}, "add": {}}
        for k, entry in enumerate(self.inputs):
            way = "set" if entry.way == "value" else entry.way
            changes[way].update(dict.fromkeys(entry.paths, self.values[draw, k]))
        return {way: values for way, values in changes.items() if values}


@dataclass(frozen=True)
class Study:
    """A study file, read and checked."""

    name: str
    label: str
    scenarios: tuple[Scenario, ...]  # of: at least one
    plans: tuple[str, ...]  # folders of runs, held fixed in every draw
    inputs: tuple[UncertainInput, ...]
    correlation: tuple[tuple[str, str, float], ...]
    sample: Sample
    origin: dict[str, str] = field(default_factory=dict)  # path of the study file -> file:line
    notes: tuple[str, ...] = ()
    intent: str = ""  # what it asks, in one sentence
    files: tuple[Path, ...] = ()  # all study files read, its own first
    labels: Mapping[str, str] = field(default_factory=dict)  # its label by language, where the file has it
