"""A scenario with the numbers under one path changed: a value set, all multiplied, or all shifted.

    parameter = Parameter.of(scenario, "budget")           # a series by year: a factor on all years
    parameter.at(0.95)                                # the scenario with 95 % of the budget
    Parameter.of(scenario, "lines[domain=quantum].growth").at(0.8)

Paths are those of `set:`, `scale:` and `add:` in a scenario file, selectors included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kctopt.errors import ScenarioErrors
from kctopt.scenario import changes
from kctopt.scenario.build import complete
from kctopt.scenario.check import checked
from kctopt.scenario.field_kinds import ROOT
from kctopt.scenario.nodes import Faults, Origin, from_python
from kctopt.scenario.paths import PathError, Target, find
from kctopt.scenario.records import Scenario
from kctopt.scenario.settled import settle_copy

Way = Literal["value", "factor", "shift"]
WAYS: tuple[Way, ...] = ("value", "factor", "shift")
CHANGE = {"value": changes.set_value, "factor": changes.scale_value, "shift": changes.add_value}
RATE = "1/year"
STEPS = 12  # halvings on the way to an end of the range that the checks accept


@dataclass(frozen=True)
class Parameter:
    """What is turned: the numbers under a path, one way, from where they stand in the scenario."""

    scenario: Scenario
    path: str
    way: Way
    home: float  # where the scenario stands: its value, factor 1, shift 0
    unit: str  # of the value or the shift; "" for a factor
    meaning: str
    numbers: tuple[float, ...]  # all numbers under the path, in the scenario
    whole: bool  # whole numbers only

    @classmethod
    def of(cls, scenario: Scenario, path: str, way: Way | None = None) -> Parameter:
        """The parameter of a path; without `way`: the value where it is one number, else a factor (rates: a shift).

        Raises ScenarioErrors when the path leads nowhere or to something that is not a number.
        """
        targets = _targets(scenario, path)
        kind = targets[0].kind
        numbers = tuple(number for target in targets for number in _numbers(target))
        if not numbers:
            raise _fault(path, "has no value to change", "name a number that the scenario gives")
        if way is None:
            rates = kind.unit == RATE or not any(numbers)
            way = "value" if len(set(numbers)) == 1 else "shift" if rates else "factor"
        if way == "value" and len(set(numbers)) > 1:
            listed = f"between {min(numbers):g} and {max(numbers):g}"
            raise _fault(path, f"stands for {len(numbers)} numbers {listed}", "take them as a factor or a shift")
        if way == "factor" and not any(numbers):
            raise _fault(path, "is 0, so that a factor changes nothing", "take it as a value or a shift")
        home = {"value": numbers[0], "factor": 1.0, "shift": 0.0}[way]
        unit = "" if way == "factor" else kind.unit
        whole = kind.form == "integer" and way != "factor"
        return cls(scenario, path, way, home, unit, kind.meaning, numbers, whole)

    def at(self, position: float) -> Scenario:
        """The scenario with the parameter there. Raises ScenarioErrors when the checks refuse it."""
        if position == self.home:
            return self.scenario
        value = int(position) if self.whole else float(position)
        return changed(self.scenario, {self.path: value}, self.way)

    def allows(self, position: float) -> bool:
        """Whether the checks of a scenario accept the position."""
        try:
            self.at(position)
        except ScenarioErrors:
            return False
        return True

    def span(self, low: float | None = None, high: float | None = None) -> tuple[float, float]:
        """The range to search: as given, or a default around home, cut back to what the checks accept.

        Default: all of 0 to 1 for a share; 5 points to either side for a yearly rate and for a number that is 0; five
        years for a year; otherwise half to one and a half times the value, 0.7 to 1.3 for a factor.
        """
        usual = self._usual()
        ends = [
            given if given is not None else self._accepted(end) for given, end in zip((low, high), usual, strict=True)
        ]
        if not ends[0] < ends[1]:
            raise _fault(
                self.path, f"the range from {ends[0]:g} to {ends[1]:g} is empty", "give a smaller and a larger end"
            )
        for given in (low, high):
            if given is not None:
                self.at(given)  # raises what the checks say
        return ends[0], ends[1]

    def _usual(self) -> tuple[float, float]:
        if self.way == "factor":
            return 0.7, 1.3
        if self.whole:
            return self.home - 5, self.home + 5
        if self.way == "value" and self.unit == "share":
            return 0.0, 1.0
        if self.unit == RATE or not any(self.numbers):
            return self.home - 0.05, self.home + 0.05
        reach = (0.5 if self.way == "value" else 0.3) * max(map(abs, self.numbers))
        return self.home - reach, self.home + reach

    def _accepted(self, end: float) -> float:
        """The end, or the farthest place from home towards it that the checks accept (by bisection)."""
        if self.allows(end):
            return end
        good, bad = self.home, end
        for _ in range(STEPS):
            middle = (good + bad) / 2
            if self.whole:
                middle = float(round(middle))
            if middle in (good, bad):
                break
            good, bad = (middle, bad) if self.allows(middle) else (good, middle)
        return good


def changed(scenario: Scenario, values: Mapping[str, float | str], way: Way = "value") -> Scenario:
    """The scenario with values set by path, or its numbers scaled or shifted. Raises ScenarioErrors from the checks."""
    origin = Origin(", ".join(f"{path}: {value}" for path, value in values.items()))
    before, root, faults = from_python(scenario, origin), from_python(scenario, origin), Faults()
    changes.apply_paths(root, from_python(dict(values), origin), CHANGE[way], origin.file, faults)
    settle_copy(root, before)
    complete(root, ROOT)
    return checked(root, faults)


def _targets(scenario: Scenario, path: str) -> list[Target]:
    """Places that a path names. Raises ScenarioErrors with a suggestion."""
    root = from_python(scenario, Origin(path))
    try:
        targets = find(root, path)
    except PathError as error:
        raise _fault(path, error.message, error.hint) from None
    wrong = [target for target in targets if target.kind.form not in ("number", "integer", "series")]
    if wrong:
        raise _fault(
            path, "is not a number", "name one number, or numbers by year, such as budget or rival.growth_shift"
        )
    return targets


def _numbers(target: Target) -> list[float]:
    """Numbers at a place: one, those of its years, none where nothing is stated."""
    node = target.node
    if node is None or node.value is None:
        return []
    return [float(number.value) for number in (node.children() if isinstance(node.value, dict) else [node])]


def _fault(path: str, message: str, hint: str) -> ScenarioErrors:
    faults = Faults()
    return faults.stop(Origin("--over"), path, message, hint)
