"""What stands behind `value:`, `scale:` or `add:` of an uncertain input: a law with its numbers, or listed values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast, get_args

from kctopt.errors import suggest
from kctopt.scenario.field_kinds import Kind
from kctopt.scenario.nodes import Faults, Node
from kctopt.scenario.scalars import Unreadable, read_number, read_scalar
from kctopt.study.distributions import held, support
from kctopt.study.records import Distribution, Law

LAWS: tuple[str, ...] = get_args(Law)
SHAPES = {
    "uniform": ("low", "high"),
    "triangular": ("low", "mode", "high"),
    "normal": ("mean", "deviation"),
    "lognormal": ("median", "sigma of the log"),
}
ALSO = {"gaussian": "normal", "gauss": "normal", "range": "uniform", "triangle": "triangular", "list": "values"}
LEAST = 1e-6  # of the probability, that must be left within
SUM = 1e-9  # how near to 1 the odds of choices must come


@dataclass(frozen=True)
class Given:
    """A law or listed values; neither where they could not be read, which is noted."""

    distribution: Distribution | None = None
    values: tuple[Any, ...] = ()


class LawReader:
    """Reads laws of one field, or of numbers in general, and notes what is wrong with them."""

    def __init__(self, kind: Kind, path: str, faults: Faults) -> None:
        self.kind, self.path, self.faults = kind, path, faults

    def read(self, node: Node) -> Given | None:
        """What a node says; None where it has a fault."""
        if node.faulty:
            return None
        if not isinstance(node.value, dict):
            self._bare(node)
            return None
        names = [key for key in node.value if key != "within"]
        for key in names:
            if key not in (*LAWS, "values"):
                hint = f"did you mean '{ALSO[str(key).lower()]}'?" if str(key).lower() in ALSO else ""
                hint = hint or suggest(str(key), (*LAWS, "values", "within"), most=9)
                self._fault(node.value[key], f"unknown distribution '{key}'", hint, place=True)
                return None
        if len(names) != 1:
            said = "names no distribution" if not names else f"names {' and '.join(map(str, names))}"
            self._fault(node, said, f"give one of {', '.join((*LAWS, 'values'))}")
            return None
        name, within = str(names[0]), node.value.get("within")
        if name in ("choice", "values"):
            if within is not None:
                self._fault(within, f"does not go with {name}", "leave out what may not happen", place=True)
                return None
            return self._choices(node.value[name]) if name == "choice" else self._values(node.value[name])
        law = self._law(cast(Law, name), node.value[name])
        if law is None or within is None:
            return None if law is None else Given(law)
        return self._within(law, within)

    def _bare(self, node: Node) -> None:
        """Name what is no law at all."""
        if isinstance(node.value, list):
            self._fault(
                node, "is a list without a word for what it is", "write {uniform: [low, high]} or {values: [...]}"
            )
        elif node.value is None:
            self._fault(node, "is empty", "such as {uniform: [0.8, 1.2]}")
        else:
            hint = "give a distribution, such as {uniform: [0.8, 1.2]}, or set the value in a scenario file"
            self._fault(node, f"is one value, {node.text}, so that nothing is uncertain", hint)

    def _law(self, law: Law, node: Node) -> Distribution | None:
        shape = SHAPES[law]
        said = f"[{', '.join(shape)}]"
        if not isinstance(node.value, list) or len(node.value) != len(shape):
            what = f"{len(node.value)} numbers" if isinstance(node.value, list) else "no list"
            self._fault(node, f"holds {what}; {law} needs {len(shape)}", f"write {law}: {said}")
            return None
        numbers = [self._number(child) for child in node.value]
        if None in numbers:
            return None
        known = [float(number) for number in numbers if number is not None]
        problem = _wrong(law, known)
        if problem is not None:
            self._fault(node, *problem)
            return None
        return Distribution(law, tuple(known))

    def _within(self, law: Distribution, node: Node) -> Given | None:
        ends = [self._number(child) for child in node.value] if isinstance(node.value, list) else []
        if len(ends) != 2:
            self._fault(node, "needs two numbers", "write within: [low, high]")
            return None
        low, high = ends
        if low is None or high is None:
            return None
        if not low < high:
            self._fault(node, f"low {low:g} does not lie below high {high:g}", "swap them, or widen the range")
            return None
        centre = _centre(law)
        if centre is not None and not low <= centre[1] <= high:
            name, number = centre
            message = f"the {name} {number:g} lies outside {low:g} to {high:g}"
            self._fault(node, message, f"move the {name} inside, or widen the range")
            return None
        if held(law, low, high) < LEAST:
            first, last = support(law)
            message = f"{low:g} to {high:g} holds next to nothing of the {law.law} distribution"
            self._fault(node, message, f"it reaches from {first:g} to {last:g}")
            return None
        return Given(Distribution(law.law, law.parameters, (low, high)))

    def _choices(self, node: Node) -> Given | None:
        if isinstance(node.value, dict):
            entries = [Node(key, child.place, text=str(key)) for key, child in node.value.items()]
            odds = [self._number(child) for child in node.value.values()]
        else:
            entries, odds = node.value if isinstance(node.value, list) else [], []
        choices = self._scalars(node, entries, "choice")
        if choices is None or None in odds:
            return None
        weights = tuple(float(share) for share in odds if share is not None)
        if weights and (min(weights) <= 0 or abs(sum(weights) - 1) > SUM):
            message = f"the probabilities {', '.join(f'{share:g}' for share in weights)} sum to {sum(weights):g}"
            self._fault(node, message, "each must be greater than 0, and their sum 1")
            return None
        return Given(Distribution("choice", choices, odds=weights))

    def _values(self, node: Node) -> Given | None:
        values = self._scalars(node, node.value if isinstance(node.value, list) else [], "values")
        return None if values is None else Given(None, values)

    def _scalars(self, node: Node, entries: list[Node], word: str) -> tuple[Any, ...] | None:
        """Values as the field takes them."""
        if len(entries) < (2 if word == "choice" else 1):
            self._fault(node, "leaves nothing to choose", f"write {word}: [first, second, ...]")
            return None
        found: list[Any] = []
        for entry in entries:
            try:
                value = read_scalar(entry, self.kind)
            except Unreadable as error:
                self._fault(entry, error.message, error.hint)
                return None
            if word == "choice" and value in found:
                self._fault(entry, f"'{entry.text}' is given twice", "keep one; odds stand in {choice: odds}")
                return None
            found.append(value)
        return tuple(found)

    def _number(self, node: Node) -> float | None:
        try:
            return read_number(node, Kind("number", unit=self.kind.unit))
        except Unreadable as error:
            self._fault(node, error.message, error.hint)
            return None

    def _fault(self, node: Node, message: str, hint: str = "", *, place: bool = False) -> None:
        self.faults.add(node.place if place else node.origin, self.path, message, hint)


def _wrong(law: Law, numbers: list[float]) -> tuple[str, str] | None:
    """What is wrong with the numbers of a law, and what to do."""
    match law:
        case "uniform" if not numbers[0] < numbers[1]:
            return f"low {numbers[0]:g} does not lie below high {numbers[1]:g}", "swap them, or widen the range"
        case "triangular" if not numbers[0] < numbers[2]:
            return f"low {numbers[0]:g} does not lie below high {numbers[2]:g}", "the order is [low, mode, high]"
        case "triangular" if not numbers[0] <= numbers[1] <= numbers[2]:
            message = f"the mode {numbers[1]:g} lies outside {numbers[0]:g} to {numbers[2]:g}"
            return message, "the order is [low, mode, high]"
        case "normal" if not numbers[1] > 0:
            message = f"the deviation {numbers[1]:g} is not greater than 0"
            return message, "the order is [mean, deviation]"
        case "lognormal" if not min(numbers) > 0:
            message = f"median {numbers[0]:g} and sigma {numbers[1]:g} must be greater than 0"
            return message, "the order is [median, sigma of the log]"
    return None


def _centre(law: Distribution) -> tuple[str, float] | None:
    match law.law:
        case "triangular":
            return "mode", law.parameters[1]
        case "normal":
            return "mean", law.parameters[0]
        case "lognormal":
            return "median", law.parameters[0]
    return None
