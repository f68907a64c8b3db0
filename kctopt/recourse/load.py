"""From a tree file, or a mapping that says the same, to a checked Tree.

    of: baseline
    tree:
      - {state: eased, probability: 0.3, from: 2031, scale: {controls.intensity: 0.6}}
      - {state: tight, probability: 0.7, from: 2031, set: {controls.intensity: {2031: 0.5, 2035: 0.8}}}

Read as scenario files are: every value with file and line, all faults at once, typos with a suggestion. A probability
is that of the state given the one before it (`parent`), so those that follow the same one add up to 1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from kctopt.errors import suggest
from kctopt.language import ENGLISH, checked_lang
from kctopt.recourse.extensive import CERTAIN
from kctopt.recourse.overlay import lines, overlaid
from kctopt.recourse.tree import Leaf, State, Tree
from kctopt.scenario.bundled import bundled_files
from kctopt.scenario.field_kinds import Kind
from kctopt.scenario.files import Reading, called, decode
from kctopt.scenario.heads import loaded_at, named_file, text_of
from kctopt.scenario.layers import WORKBOOKS
from kctopt.scenario.nodes import Faults, Node, Origin, from_python
from kctopt.scenario.otherfile import refuse_other
from kctopt.scenario.records import Scenario
from kctopt.scenario.scalars import Unreadable, read_number
from kctopt.scenario.yamlfile import read_yaml

KEYS = ("name", "label", "intent", "of", "tree")
STATE_KEYS = ("state", "label", "probability", "parent", "from", "set", "scale", "add", "policies")
STUDY_KEYS = ("uncertain", "sample", "correlation", "plans")
TOP = re.compile(r"^tree[ \t]*:", re.MULTILINE)
NAME = re.compile(r"[\w-]+")
CALL = Origin("tree of the call")


def load_tree(source: str | Path | Mapping[str, Any], lang: str | None = None) -> Tree:
    """Load and check a tree.

    Parameters
    ----------
    source
        Name of a bundled tree, path of a .yaml file, or a mapping with the keys of such a file, whose `of` may be a
        Scenario.
    lang
        Language of labels and intent: en or zh.

    Returns
    -------
    Tree
        With the scenario of every course of the world.

    Raises
    ------
    ScenarioErrors
        All faults found, each with file and line.

    Examples
    --------
    >>> states = [{"state": name, "probability": 0.5, "from": 2031} for name in ("one", "other")]
    >>> [leaf.probability for leaf in load_tree({"of": "baseline", "tree": states}).leaves]
    [0.5, 0.5]
    """
    lang, reading = ENGLISH if lang is None else checked_lang(lang), Reading()
    if isinstance(source, Mapping):
        given = dict(source)
        of = given.get("of")
        root = from_python({key: value for key, value in given.items() if key != "of" or isinstance(of, str)}, CALL)
        scenario = of if isinstance(of, Scenario) else None
        return _Reader(root, None, reading, lang, "", scenario).tree()
    path = named_file(source, "tree of states", reading).resolve()
    if path.suffix.lower() in WORKBOOKS:
        hint = "write its states into one; a study may be a workbook, a tree may not"
        raise reading.faults.stop(Origin(called(path)), "", "is a workbook, and a tree of states is a .yaml file", hint)
    text = reading.text(path)
    node = read_yaml(text, called(path), reading.faults)
    if node is None or not isinstance(node.value, dict):
        raise reading.faults.stop(Origin(called(path)), "", "holds no tree", "write at least of: and tree:")
    refuse_other(node.value, "tree of states", Origin(called(path)), reading.faults)
    return _Reader(node, path, reading, lang, text).tree()


def bundled_trees() -> tuple[str, ...]:
    """Names of the trees that come with the package.

    Examples
    --------
    >>> "controls-hazard" in bundled_trees()
    True
    """
    return tuple(bundled_files("trees"))


def is_tree(source: str | Path) -> bool:
    """Whether a name or path means a tree; false where nothing can be read.

    Examples
    --------
    >>> is_tree("baseline"), is_tree("controls-hazard")
    (False, True)
    """
    if str(source) in bundled_trees():
        return True
    path = Path(source).expanduser()
    with suppress(OSError, ValueError):
        return path.is_file() and path.suffix in (".yaml", ".yml") and bool(TOP.search(decode(path.read_bytes()) or ""))
    return False


class _Reader:
    """Builds the Tree of a file and collects what is wrong with it."""

    def __init__(
        self, root: Node, path: Path | None, reading: Reading, lang: str, text: str, scenario: Scenario | None = None
    ) -> None:
        self.root, self.path, self.reading, self.lang, self.text = root, path, reading, lang, text
        self.faults: Faults = reading.faults
        self.notes = list[str]()
        self.base = scenario
        self.files = [path] if path is not None else []
        self.hashes = dict[str, str]()

    def tree(self) -> Tree:
        """The Tree. Raises ScenarioErrors with all faults."""
        for key, child in self.root.value.items():
            if key not in KEYS:
                hint = suggest(str(key), KEYS, most=9)
                if key in STUDY_KEYS:
                    hint = "a tree has its states and their probabilities; draws belong to a study file of their own"
                self.faults.add(child.place, str(key), "unknown key", hint)
        base = self.base or self.scenario()
        states = self.states()
        if base is None:
            raise self.faults.errors()
        if states:
            self.years(states, base)
            self.sums(states)
        worlds = self.worlds(states, base) if not self.faults else {}
        if self.faults:
            raise self.faults.errors()
        name = str(self.root.get("name") or (self.path.stem if self.path is not None else base.name))
        return Tree(
            name, self.word(self.root, "label") or name, self.word(self.root, "intent"), base,
            tuple(self.state(node) for node in states.values()), tuple(self.leaves(states, worlds)),
            tuple(self.notes), tuple(self.files), self.hashes, self.text,
        )  # fmt: skip

    def scenario(self) -> Scenario | None:
        """The scenario under `of`; None with its faults noted."""
        node = self.root.value.get("of")
        if node is None or not isinstance(node.value, str) or not node.value.strip():
            place = self.root.origin if node is None else node.place
            self.faults.add(place, "of", "needs the name or path of one scenario", "such as of: baseline")
            return None
        folder = self.path.parent if self.path is not None else Path.cwd()
        loaded = loaded_at(node, folder, self.faults)
        if loaded is None:
            return None
        self.notes += loaded.notes
        self.files += loaded.files
        self.hashes = loaded.hashes
        return loaded.scenario

    def states(self) -> dict[str, Node]:
        """States by name, as the file lists them."""
        node = self.root.value.get("tree")
        if node is None or not isinstance(node.value, list) or not node.value:
            place = self.root.origin if node is None else node.place
            hint = "such as - {state: tight, probability: 0.4, from: 2031, scale: {controls.intensity: 1.5}}"
            self.faults.add(place, "tree", "has no states", hint)
            return {}
        found: dict[str, Node] = {}
        for n, entry in enumerate(node.value):
            if not isinstance(entry.value, dict):
                self.faults.add(entry.origin, f"tree[{n}]", "is no state", "write {state:, probability:, from:}")
                continue
            name = entry.get("state")
            for key, child in entry.value.items():
                if key not in STATE_KEYS:
                    self.faults.add(
                        child.place, f"tree[{name or n}].{key}", "unknown key", suggest(str(key), STATE_KEYS)
                    )
            if not isinstance(name, str) or not NAME.fullmatch(name):
                hint = "letters, digits, - and _: it names the state in results; label: says it to people"
                self.faults.add(entry.place, f"tree[{n}].state", "needs a name of the state", hint)
            elif name in found:
                self.faults.add(entry.place, f"tree[{name}].state", "a second state of this name", "name each once")
            else:
                found[name] = entry
        for name, entry in found.items():
            self.parent(name, entry, found)
        return found

    def parent(self, name: str, entry: Node, states: Mapping[str, Node]) -> None:
        """Note a parent that is none, or a circle."""
        node = entry.value.get("parent")
        if node is None or node.value is None:
            return
        if node.value not in states:
            hint = suggest(str(node.value), states, most=9)
            self.faults.add(node.origin, f"tree[{name}].parent", f"no state '{node.value}'", hint)
            entry.value.pop("parent")
            return
        passed, at = [name], str(node.value)
        while at and at not in passed:
            passed.append(at)
            at = str(states[at].get("parent") or "")
        if at == name:
            chain = " -> ".join([*passed, at])
            self.faults.add(node.origin, f"tree[{name}].parent", f"goes round in a circle: {chain}")

    def years(self, states: Mapping[str, Node], base: Scenario) -> None:
        """Note branches outside the plan, before the one of their parent, or apart from those of their siblings."""
        first, last = base.horizon.years[1], base.horizon.last_year
        known: dict[str, tuple[str, int]] = {}
        for name, entry in states.items():
            node, path = entry.value.get("from"), f"tree[{name}].from"
            year = None if node is None else node.value
            place = entry.place if node is None else node.origin
            if not isinstance(year, int) or isinstance(year, bool) or not first <= year <= last:
                message = "is missing" if node is None else f"is {node.text}, and no year inside the plan"
                hint = f"the year in which it begins, from {first} to {last}"
                self.faults.add(place, path, message, hint)
                continue
            parent = str(entry.get("parent") or "")
            above = states[parent].get("from") if parent else None
            if isinstance(above, int) and year <= above:
                message = f"is {year}, no later than the branch of '{parent}' in {above}"
                self.faults.add(place, path, message, f"a state follows its parent: from {above + 1} on")
            other, theirs = known.setdefault(parent, (name, year))
            if theirs != year:
                message = f"is {year}, but '{other}' follows the same state in {theirs}"
                self.faults.add(place, path, message, "states of one branching begin in one year")

    def sums(self, states: Mapping[str, Node]) -> None:
        """Note probabilities that are none, or do not add up to 1 over the states of a branching."""
        groups: dict[str, list[tuple[str, float]]] = {}
        broken = set[str]()
        for name, entry in states.items():
            parent = str(entry.get("parent") or "")
            node, path = entry.value.get("probability"), f"tree[{name}].probability"
            try:
                if node is None:
                    raise Unreadable("is missing", "a number from 0 to 1")
                value = read_number(node, Kind("number"))
                if not 0 <= value <= 1:
                    raise Unreadable(f"is {value:g}; a probability lies between 0 and 1")
                groups.setdefault(parent, []).append((name, value))
            except Unreadable as error:
                self.faults.add(entry.place if node is None else node.origin, path, error.message, error.hint)
                broken.add(parent)
        for parent, members in groups.items():
            total = math.fsum(value for _, value in members)
            if parent not in broken and abs(total - 1) > CERTAIN:
                names = ", ".join(name for name, _ in members)
                message = f"the probabilities of {names} add up to {total:.12g}"
                hint = "those of the states that follow the same one add up to 1"
                self.faults.add(states[members[0][0]].value["probability"].origin, "tree", message, hint)

    def worlds(self, states: Mapping[str, Node], base: Scenario) -> dict[str, Scenario]:
        """The scenario of every state, by name."""
        found: dict[str, Scenario] = {}
        waiting = list(states)
        while waiting:
            name = next(each for each in waiting if str(states[each].get("parent") or "") not in waiting)
            waiting.remove(name)
            entry = states[name]
            parent = str(entry.get("parent") or "")
            before = found.get(parent) if parent else base
            if before is None:
                continue
            world = overlaid(before, entry, int(entry.get("from")), name, self.faults)
            if world is not None:
                found[name] = world
        return found

    def state(self, entry: Node) -> State:
        """The record of a state."""
        name = str(entry.get("state"))
        return State(
            name, self.word(entry, "label") or name, read_number(entry.value["probability"], Kind("number")),
            str(entry.get("parent") or ""), int(entry.get("from")), lines(entry),
            str(entry.origin) if self.path is not None else "",
        )  # fmt: skip

    def leaves(self, states: Mapping[str, Node], worlds: Mapping[str, Scenario]) -> Iterator[Leaf]:
        """Courses of the world that may come about; one of probability 0 is noted."""
        parents = {str(entry.get("parent") or "") for entry in states.values()}
        for name in states:
            if name in parents:
                continue
            path, probability, at = list[str](), 1.0, name
            while at:
                path.insert(0, at)
                probability *= read_number(states[at].value["probability"], Kind("number"))
                at = str(states[at].get("parent") or "")
            if probability > 0:
                label = self.word(states[name], "label") or name
                yield Leaf(name, label, probability, tuple(path), worlds[name])
            else:
                place = f"{states[name].origin}: " if self.path is not None else ""
                self.notes.append(f"{place}the state {name} has probability 0 and is left out")

    def word(self, node: Node, key: str) -> str:
        """A text in the reader's language; empty where there is none."""
        return text_of(node, key, self.lang, self.faults)
