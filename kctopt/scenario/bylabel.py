"""Names in a workbook: what a planner calls a domain or a line, its label in any language, serves where an id does."""

from __future__ import annotations

from collections.abc import Iterator

from kctopt.scenario.nodes import Faults, Location, Node, at, show
from kctopt.scenario.scalars import plain_text

POINTS = {  # list whose entries point to another, field -> that list; military.index stands alone
    "lines": {"domain": ("domains",)},
    "programmes": {"line": ("lines",), "requires": ("programmes",), "excludes": ("programmes",)},
    "spillovers": {"source": ("domains",), "target": ("domains",)},
    "policies": {"domain": ("domains",), "line": ("lines",), "lines": ("lines",)},
}
INDICES: Location = ("military", "indices")


def resolve_labels(root: Node, file: str, faults: Faults) -> None:
    """Write ids in place of the labels that a workbook gives for them; a label that two entries bear is a fault."""
    names = {location: _Names(root, location) for location in (("domains",), ("lines",), ("programmes",), INDICES)}
    for key, points in POINTS.items():
        for position, entry in enumerate(at(root, (key,)).children() if key in root.value else ()):
            for field, location in points.items():
                node = entry.child(field) if isinstance(entry.value, dict) else None
                for cell in (node.children() or [node]) if node is not None else ():
                    if cell.origin.file == file and isinstance(cell.value, str):
                        path = show(root, (key, position, field))
                        names[location].resolve(cell, path, faults)
    chosen = at(root, ("military", "index"))
    if chosen.origin.file == file and isinstance(chosen.value, str):
        names[INDICES].resolve(chosen, "military.index", faults)


class _Names:
    """Ids of a list and what its entries are called."""

    def __init__(self, root: Node, location: Location) -> None:
        self.ids: set[str] = set()
        self.called: dict[str, list[str]] = {}
        for entry in at(root, location).children():
            name = entry.get("id")
            if name is None or entry.removed:
                continue
            self.ids.add(str(name))
            for label in dict.fromkeys(_labels(entry)):
                self.called.setdefault(label, []).append(str(name))

    def resolve(self, node: Node, path: str, faults: Faults) -> None:
        """The id of a name, several joined by ';' too."""
        parts = [part.strip() for part in str(node.value).split(";")]
        ids = [self._id(part, node, path, faults) for part in parts]
        if ids != parts:
            node.value = node.text = ";".join(ids)

    def _id(self, word: str, node: Node, path: str, faults: Faults) -> str:
        bearers = self.called.get(_folded(word), [])
        if word in self.ids or not bearers:
            return word
        if len(bearers) > 1:
            hint = f"write the id: {', '.join(bearers)}"
            faults.add(node.origin, path, f"'{word}' is the label of {len(bearers)} entries", hint)
            node.faulty = True
        return bearers[0]


def _labels(entry: Node) -> Iterator[str]:
    label = entry.child("label") if isinstance(entry.value, dict) else None
    for text in label.children() if label is not None else ():
        if isinstance(text.value, str) and text.value.strip():
            yield _folded(text.value)


def _folded(text: str) -> str:
    return plain_text(text).casefold()
