"""What the levers stand at: values by path, and policies taken out, changed or added. The address of the page holds it.

    {"set": {"controls.intensity": 0.7}, "scale": {"budget.2030": 1.1}, "policies": {"old": null}}

A state is a small scenario file in other words: `overlay` is what changes a scenario in memory, `file_text` the file
that says the same, and `kctopt.load` of the one gives what the other does.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kctopt.errors import Fault, ScenarioErrors, suggest
from kctopt.scenario.nodes import plain_key
from kctopt.scenario.records import Scenario

WAYS = ("set", "scale", "add")
PARTS = (*WAYS, "policies")
FIXED = ("horizon", "stages", "objective.kind", "provenance", "model", "name", "label", "intent", "schema_version")
MOST = 400  # values of a state
LONGEST = 200  # letters of a path, of an id, of a word
WORD = re.compile(r"[\w.;-]+")  # of a choice, an id, years
POLICY = re.compile(r"policies\[(?P<id>[^\]]+)\]\.(?P<field>\w+)")
ADDRESS = "the address"  # as faults call where a state stands

Number = int | float
Value = Number | bool | str | dict[int, Number] | list[str]


@dataclass(frozen=True)
class State:
    """Where the levers stand.

    Attributes
    ----------
    set, scale, add : mapping of str to value
        By path, as in a scenario file; a series may be a mapping of years to numbers.
    policies : mapping of str to mapping or None
        By id: None takes a policy out, fields change one, or state a new one with its `kind`.

    Examples
    --------
    >>> from kctopt.explore.state import State
    >>> State.read({"scale": {"budget": 1.1}}).text
    '{"scale":{"budget":1.1}}'
    """

    set: Mapping[str, Value] = field(default_factory=dict)
    scale: Mapping[str, Value] = field(default_factory=dict)
    add: Mapping[str, Value] = field(default_factory=dict)
    policies: Mapping[str, Mapping[str, Value] | None] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Any) -> State:
        """The state in plain data, as JSON has it.

        Parameters
        ----------
        data : mapping
            With some of the keys `set`, `scale`, `add` and `policies`.

        Returns
        -------
        State
            Its values are plain; whether they fit a scenario is for that to say.

        Raises
        ------
        ScenarioErrors
            With everything that is not of the form of a state.

        Examples
        --------
        >>> from kctopt.explore.state import State
        >>> State.read({"policies": {"old": None}}).policies
        {'old': None}
        """
        faults = list(_faults(data))
        if faults:
            raise ScenarioErrors(faults)
        parts: dict[str, Any] = {
            way: {path: _plain(value) for path, value in data.get(way, {}).items()} for way in WAYS
        }
        rules = data.get("policies", {})
        parts["policies"] = {
            name: None if rule is None else {key: _plain(value) for key, value in rule.items()}
            for name, rule in rules.items()
        }
        return cls(**parts)

    @property
    def data(self) -> dict[str, Any]:
        """The state as plain data; what moves nothing is left out."""
        return {part: dict(values) for part in PARTS if (values := getattr(self, part))}

    @property
    def text(self) -> str:
        """The same for the same state, whatever the order in which levers were moved."""
        return json.dumps(self.data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def overlay(self, base: Scenario) -> dict[str, dict[str, Any]]:
        """What changes the base, by way and path, as `kctopt.load` takes it."""
        given = {way: dict(getattr(self, way)) for way in WAYS}
        if self.policies:
            given["set"]["policies"] = list(self._rules(base))
        return given

    def with_values(self, steps: Mapping[str, float]) -> State | None:
        """The state in which these paths hold these numbers, whatever factors lie on them; None where none does."""
        given: dict[str, Any] = {part: dict(getattr(self, part)) for part in PARTS}
        for path, to in steps.items():
            policy = POLICY.fullmatch(path)
            if policy is not None:
                given["policies"][policy["id"]] = dict(given["policies"].get(policy["id"]) or {}) | {
                    policy["field"]: to
                }
                continue
            factor, amount = (
                [value for over, value in given[way].items() if path == over or path.startswith(f"{over}.")]
                for way in ("scale", "add")
            )
            if any(
                over != path and (path.startswith(f"{over}.") or over.startswith(f"{path}.")) for over in given["set"]
            ):
                return None
            if 0 in factor:
                return None
            given["set"][path] = (to - math.fsum(amount)) / math.prod(factor)
        return State(**given)

    def _rules(self, base: Scenario) -> Iterator[dict[str, Any]]:
        """Every policy that remains, in the order of the base, then the new ones."""
        known = {policy.id: stated(policy) for policy in base.policies}
        for name in dict.fromkeys([*known, *self.policies]):
            change = self.policies.get(name, {})
            if change is not None:
                yield known.get(name, {"id": name}) | dict(change)

    def file_text(self, base: Scenario, extends: str, label: str, intent: str) -> str:
        """A scenario file that says the same of the base, which it names by `extends`."""
        known = {policy.id for policy in base.policies}
        rules = {str(rule["id"]): rule for rule in self._rules(base)}
        moved = [rules.get(name, {"id": name, "remove": True}) for name in self.policies if name in {*known, *rules}]
        lines = [
            f"extends: {extends}",
            f"label: {{en: {_flow(label)}, zh: {_flow(label)}}}",
            f"intent: {_flow(intent)}",
        ]
        if moved:
            lines += ["policies:", *(f"  - {_flow(rule)}" for rule in moved)]
        for way in WAYS:
            values = getattr(self, way)
            if values:
                words = {path: value if isinstance(value, str) else _flow(value) for path, value in values.items()}
                lines += [f"{way}:", *(f"  {_key(path)}: {word}" for path, word in words.items())]
        return "\n".join(lines) + "\n"


def stated(policy: Any) -> dict[str, Any]:
    """A policy with what it states."""
    return {name: value for name, value in policy.model_dump(mode="json").items() if value is not None}


def _faults(data: Any) -> Iterator[Fault]:
    """What is not of the form of a state."""
    if not isinstance(data, Mapping):
        yield _fault("", "is not a mapping", f"give some of {', '.join(PARTS)}")
        return
    for part in data:
        if part not in PARTS:
            yield _fault(str(part), "unknown key", suggest(str(part), PARTS))
    known = [part for part in PARTS if part in data]
    if sum(len(data[part]) for part in known if isinstance(data[part], Mapping)) > MOST:
        yield _fault("", f"moves more than {MOST} values", "write a scenario file for that")
        return
    for part in known:
        if not isinstance(data[part], Mapping):
            yield _fault(part, "needs a mapping of paths to values")
            continue
        for name, value in data[part].items():
            yield from _faults_at(part, name, value)


def _faults_at(part: str, name: Any, value: Any) -> Iterator[Fault]:
    """What is wrong with one entry."""
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST or not name.isprintable():
        yield _fault(part, f"has a name that is empty, longer than {LONGEST} letters, or not printable")
    elif part != "policies":
        head = name.partition("[")[0]
        if any(head == fixed or head.startswith(f"{fixed}.") for fixed in FIXED):
            yield _fault(name, "is no lever: a plan is of these lines and years", "write a scenario file for that")
        elif head.partition(".")[0] == "policies":
            yield _fault(name, "is moved by the policies of the state", 'such as {"policies": {"ID": {"amount": 150}}}')
        elif not _usable(value) or isinstance(value, list):
            yield _fault(name, "is not a finite number, a word, or numbers by year")
    elif value is not None and not isinstance(value, Mapping):
        yield _fault(f"policies[{name}]", "needs a mapping of its fields", "null takes it out")
    elif value is not None:
        for key, part_of in value.items():
            if key in ("id", "remove") or not isinstance(key, str) or not 0 < len(key) <= LONGEST:
                yield _fault(f"policies[{name}]", "states what a change of it cannot", "its id stays as it is")
            elif not _usable(part_of) or isinstance(part_of, Mapping):
                yield _fault(f"policies[{name}].{key[:LONGEST]}", "is not a finite number or a word")


def _fault(path: str, message: str, hint: str = "") -> Fault:
    return Fault(ADDRESS, None, None, path, message, hint)


def _usable(value: Any) -> bool:
    """Whether a value is one that a lever takes."""
    if isinstance(value, bool):
        return True
    if isinstance(value, int | float):
        return math.isfinite(value) and abs(value) < 1e15
    if isinstance(value, str):
        return len(value) <= LONGEST and WORD.fullmatch(value) is not None
    if isinstance(value, list):
        return len(value) <= MOST and all(isinstance(one, str) and _usable(one) for one in value)
    return (
        isinstance(value, Mapping)
        and 0 < len(value) <= MOST
        and all(str(year).isascii() and str(year).isdigit() and len(str(year)) == 4 for year in value)
        and all(isinstance(one, int | float) and _usable(one) for one in value.values())
    )


def _plain(value: Any) -> Value:
    """A value with years as numbers."""
    if isinstance(value, Mapping):
        return {int(plain_key(str(year))): number for year, number in value.items()}
    return list(value) if isinstance(value, list) else value


def _key(path: str) -> str:
    """A path as a key of YAML."""
    plain = all(letter.isalnum() or letter in "._-[]=" for letter in path) and path[0].isalpha()
    return path if plain else json.dumps(path, ensure_ascii=False)


def _flow(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)
