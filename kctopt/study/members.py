"""Members of a study: one scenario with the values of one draw, as `kctopt.load` makes it, in a fraction of its time.

`load` writes a scenario out as a tree, changes it, settles who sourced what, and builds every record anew. A member
changes a few values of a scenario that has passed its checks: only the records that its paths touch are copied, changed
by the same code and built again; then every check that looks at several values runs as ever. What a study never asks
for is left out: rows of provenance, which speak of the figures of the base.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from kctopt.cache import key as made_by
from kctopt.scenario.build import INVALID, Builder, complete
from kctopt.scenario.check import checked_groups
from kctopt.scenario.field_kinds import ROOT, fields
from kctopt.scenario.load import change, load
from kctopt.scenario.nodes import CALLS, MEMORY, Faults, Location, Node, from_python
from kctopt.scenario.paths import PathError, find
from kctopt.scenario.records import Scenario

Overlay = Mapping[str, Mapping[str, Any]]  # "set", "scale", "add" -> values by path
WAYS = ("set", "scale", "add")
WHOLE = ("horizon", "calibration", "provenance")  # what others are read by: changed as a file changes it
KEY = 24  # digits of a member's hash


class Members:
    """Members of one scenario, made one after the other; none depends on another.

    Parameters
    ----------
    scenario : Scenario
        As `kctopt.load` returns it.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.study.members import Members
    >>> members = Members(kctopt.load("baseline"))
    >>> members.scenario({"scale": {"budget": 0.9}}).budget.at([2026]) < members.base.budget.at([2026])
    array([ True])
    """

    def __init__(self, scenario: Scenario) -> None:
        self.base = scenario.model_copy(update={"provenance": ()})
        self._root, faults = from_python(self.base, MEMORY), Faults()
        complete(self._root, ROOT)
        builder = Builder(self._root, faults)
        self._groups = builder.groups()
        self._built = builder.built
        checked_groups(self._root, self._groups, self._built, faults, [*reversed(CALLS)])
        self._places: dict[str, tuple[Location, ...]] = {}  # what a path touches, no deeper than an entry of a list

    def scenario(self, overlay: Overlay) -> Scenario:
        """The scenario of one member.

        Parameters
        ----------
        overlay : mapping of str to mapping
            Values by path under `set`, `scale` and `add`, as `kctopt.load` takes them.

        Returns
        -------
        Scenario
            Equal to that of `kctopt.load`, without rows of provenance.

        Raises
        ------
        ScenarioErrors
            With every fault found.

        Examples
        --------
        >>> import kctopt
        >>> from kctopt.study.members import Members
        >>> base = kctopt.load("baseline")
        >>> Members(base).scenario({"set": {"money.carry_share": 0.1}}).money.carry_share
        0.1
        """
        paths = [str(path) for way in WAYS for path in overlay.get(way, {})]
        places = [self._touched(path) for path in paths]
        if any(not found or found[0][0] in WHOLE for found in places):
            return load(self.base, **{way: dict(overlay.get(way, {})) for way in WAYS}).scenario.model_copy(
                update={"provenance": ()}
            )
        touched = sorted({place for found in places for place in found}, key=len)
        root, faults = self._copied(touched), Faults()
        for way in WAYS:
            if overlay.get(way):
                change(root, way, overlay[way], faults)
                for place in touched:
                    _complete(root, place)
        groups, built = self._rebuilt(root, touched, faults)
        return checked_groups(root, groups, built, faults, [*reversed(CALLS)])

    def _touched(self, path: str) -> tuple[Location, ...]:
        """Groups, or entries of lists, that a path changes; none where the path is at fault, which `load` tells."""
        if path not in self._places:
            try:
                targets = find(self._root, path)
            except PathError:
                targets = []
            # a list itself is changed as a whole: entries come, go, or are given anew
            whole = any(target.kind.form in ("list", "policy") or len(target.location) < 2 for target in targets)
            in_list = targets and isinstance(self._root.value[targets[0].location[0]].value, list)
            deep = 2 if in_list and not whole and all(len(target.location) > 2 for target in targets) else 1
            self._places[path] = tuple(dict.fromkeys(target.location[:deep] for target in targets))
        return self._places[path]

    def _copied(self, touched: list[Location]) -> Node:
        """The tree with own copies of what is touched; the rest is shared."""
        root = _shallow(self._root)
        own: set[Location] = set()
        for place in touched:
            if place[:1] in own and len(place) > 1 and place[:1] in touched:
                continue  # the whole group is a copy
            group = place[0]
            if len(place) == 1:
                root.value[group] = self._root.value[group].copy()
            else:
                if place[:1] not in own:
                    root.value[group] = _shallow(self._root.value[group])
                root.value[group].value[place[1]] = self._root.value[group].value[place[1]].copy()
            own.add(place[:1])
        return root

    def _rebuilt(
        self, root: Node, touched: list[Location], faults: Faults
    ) -> tuple[dict[str, Any], dict[Location, Any]]:
        """Groups and records with what is touched built anew; a group that is not whole is left out."""
        builder, kinds, groups = Builder(root, faults), fields(Scenario), dict(self._groups)
        built = {
            at: record for at, record in self._built.items() if at[:1] not in touched and at[:2] not in touched
        }  # fmt: skip
        for place in touched:
            name = str(place[0])
            if len(place) == 1:
                groups[name] = builder.value(root.value[name], kinds[name], (name,))
            elif place[:1] not in touched and (item := kinds[name].item) is not None:
                entry = builder.value(root.value[name].value[place[1]], item, place)
                entries = list(groups[name]) if groups.get(name, INVALID) is not INVALID else []
                if entry is INVALID or not entries:
                    groups[name] = INVALID
                else:
                    entries[int(place[1])] = entry
                    groups[name] = tuple(entries)
        merged = {at: record for at in self._built if (record := builder.built.get(at, built.get(at))) is not None}
        return {name: value for name, value in groups.items() if value is not INVALID}, merged | builder.built


def member_scenario(scenario: Scenario, overlay: Overlay) -> Scenario:
    """One member of a study; for many of one scenario, `Members` is quicker.

    Parameters
    ----------
    scenario : Scenario
        As `kctopt.load` returns it.
    overlay : mapping of str to mapping
        Values by path under `set`, `scale` and `add`.

    Returns
    -------
    Scenario
        Equal to that of `kctopt.load`, without rows of provenance.

    Raises
    ------
    ScenarioErrors
        With every fault found.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.study.members import member_scenario
    >>> member_scenario(kctopt.load("baseline"), {"set": {"kct.form": "ces"}}).kct.form
    'ces'
    """
    return Members(scenario).scenario(overlay)


def content_of(scenario: Scenario) -> str:
    """Hash of what a scenario says, without its names and the sources of its figures."""
    text = scenario.model_dump_json(exclude={"name", "label", "intent", "provenance"})
    return hashlib.sha256(text.encode()).hexdigest()


def key_of(content: str, overlay: Overlay, gap: float) -> str:
    """Hash of a member: its scenario's content, the values of its draw, the gap asked, and the code that decides.

    Parameters
    ----------
    content : str
        Of the scenario, from `content_of`.
    overlay : mapping of str to mapping
        Values by path under `set`, `scale` and `add`.
    gap : float
        Relative.

    Returns
    -------
    str
        24 digits.

    Examples
    --------
    >>> from kctopt.study.members import key_of
    >>> key_of("a", {"set": {"b": 1.0}}, 1e-4) == key_of("a", {"set": {"b": 1.0}}, 1e-3)
    False
    """
    said = [content, overlay_text(overlay), repr(float(gap)), made_by()]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:KEY]


def overlay_text(overlay: Overlay) -> str:
    """An overlay as text, the same for the same values whatever their order."""
    plain = {way: {str(path): _plain(value) for path, value in values.items()} for way, values in overlay.items()}
    return json.dumps({way: values for way, values in plain.items() if values}, sort_keys=True)


def choices_of(overlay: Overlay) -> Overlay:
    """The part of an overlay that is no number: what may give a program another shape."""
    return {
        way: {path: value for path, value in values.items() if isinstance(_plain(value), str | bool | dict | list)}
        for way, values in overlay.items()
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """A value without types of NumPy's."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value


def _shallow(node: Node) -> Node:
    """A node with its own mapping or list of the same children."""
    value = dict(node.value) if isinstance(node.value, dict) else list(node.value)
    return Node(value, node.origin, node.key, node.text, node.touched, node.removed, node.faulty)


def _complete(root: Node, place: Location) -> None:
    """Defaults of what a change brought in."""
    group = root.value[place[0]]
    kind = fields(Scenario)[str(place[0])]
    if len(place) == 1:
        complete(group, kind)
    elif kind.item is not None:
        complete(group.value[place[1]], kind.item)
