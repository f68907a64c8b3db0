"""What becomes of rows of provenance when a file changes values: a value is sourced only by the file that set it.

| when | what |
|---|---|
| `settle` | a file, or a call, changed values of a world: what older rows said of them gives way |
| `settle_merged` | several parents became one world: each value keeps the row of the one that gave it |
| `settle_typed` | a model, or a full scenario, is read: figures typed as the defaults are |
| `settle_copy` | a program replaced values of a Scenario |

A changed value has a row of the file's own, or one of grade `user` that keeps the parent's figure and its source beside
it. Which row speaks of a value is told in sourced.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np

from kctopt.scenario.merge import plain
from kctopt.scenario.nodes import DEFAULT, Faults, Node, from_python
from kctopt.scenario.sourced import (
    BY_DEFAULT,
    BY_USER,
    OWN_WORDS,
    UNSTATED,
    SourceRows,
    Value,
    check_rows,
    is_row,
    tree_values,
)  # fmt: skip


def settle(root: Node, worlds: Sequence[Node], file: str, own: Sequence[Node] = ()) -> list[Node]:
    """Rewrite the provenance of a world that `file` made out of others, so that no row speaks of what it does not know.

    `worlds` are those it was made from, whose own rows are right; `own` are the rows that the file states. Returns the
    rows of `own` that speak only of values which the file did not set.
    """
    before = [_World(world) for world in worlds]
    stated = SourceRows((str(row.get("path")), row) for row in own)
    wanted = [(value, _right(value, before, file, stated)) for value in tree_values(root)]
    heard = {id(row) for value, _ in wanted for row in stated.speaking(value.steps)}
    _put(root, before, wanted, own)
    used = {id(row) for _, row in wanted}
    return [row for row in own if id(row) in heard - used]


def settle_typed(root: Node, faults: Faults) -> None:
    """Say of a world that stands on no other which figures it states as the defaults are, where no row does."""
    place = root.value.setdefault("provenance", Node([], DEFAULT))
    if isinstance(place.value, list):
        check_rows(place.value, faults)
        sources = _World(root).sources
        place.value += [
            _row(value, BY_USER, "user")
            for value in tree_values(root)
            if value.default and value.node.origin != DEFAULT and sources.best(value.steps) is None
        ]


def settle_merged(root: Node, worlds: Sequence[Node]) -> None:
    """Rewrite the provenance of a world that was merged of others: each value has the row of the parent that gave it.

    Where several set it to the same, that is the first that states a source, with its place, else the first.
    """
    before = [_World(world) for world in worlds]
    _put(root, before, [(value, _given_by(value, before)) for value in tree_values(root)])


def _put(
    root: Node, before: Sequence[_World], wanted: Sequence[tuple[Value, Node | None]], own: Sequence[Node] = ()
) -> None:
    """Give a world the rows that are wanted, made of those of the worlds before and of a file's own."""
    place = root.value.setdefault("provenance", Node([], DEFAULT))
    if not isinstance(place.value, list):
        return  # the checks name it
    silent = [row for world in before for row in world.rows if not world.heard(row)]
    pool = list({id(row): row for row in (*(row for world in before for row in world.rows), *own)}.values())
    idle = {id(row) for row in (*silent, *own)}  # rows that may speak of nothing: of labels, or of a rule to come
    odd = [row for row in place.value if not is_row(row)]
    root.value["provenance"] = Node([*_rewritten(pool, wanted, idle), *odd], place.origin)


def settle_copy(root: Node, original: Node) -> None:
    """Rewrite the provenance of a tree that a program made out of another by replacing values.

    Which values changed is seen by holding the two against each other. A row that the original lacks is the program's
    own and speaks of what it changed; one that the copy lacks was taken out.
    """
    place = root.value.get("provenance")
    if place is None or not isinstance(place.value, list):
        return
    world, rows = _World(original), [row for row in place.value if is_row(row)]
    before = {repr(plain(row)): world.heard(row) for row in world.rows}  # whether the row spoke of any value
    own = [row for row in rows if repr(plain(row)) not in before]
    now, stated = SourceRows(_named(rows)), SourceRows(_named(own))

    def right(value: Value) -> Node | None:
        known = world.values.get(value.path)
        if known is not None and plain(known.node) == plain(value.node):
            return now.best(value.steps)
        return stated.best(value.steps) or (None if value.node.origin == DEFAULT else _by_user(value, [world]))

    wanted = [(value, right(value)) for value in tree_values(root)]
    idle = {id(row) for row in rows if not before.get(repr(plain(row)))}
    odd = [row for row in place.value if not is_row(row)]
    root.value["provenance"] = Node([*_rewritten(rows, wanted, idle), *odd], place.origin)


def _named(rows: Iterable[Node]) -> Iterator[tuple[str, Node]]:
    return ((str(row.get("path")), row) for row in rows)


class _World:
    """A world before a change: its values by path and its rows."""

    def __init__(self, root: Node) -> None:
        self.root = root
        place = root.value.get("provenance")
        self.rows = [] if place is None else [row for row in place.children() if is_row(row)]
        self.sources = SourceRows((str(row.get("path")), row) for row in self.rows)
        self.values = {value.path: value for value in tree_values(root)}
        self.points: dict[str, dict[int, Value]] = {}  # of series that are said by year
        for path, value in sorted(self.values.items()):
            series, _, last = path.rpartition(".")
            if last.isdigit():
                self.points.setdefault(series, {})[int(last)] = value
        self._heard = {id(row) for value in self.values.values() for row in self.sources.speaking(value.steps)}

    def heard(self, row: Node) -> bool:
        """Whether a row speaks of any value."""
        return id(row) in self._heard


def _right(value: Value, before: Sequence[_World], file: str, stated: SourceRows[Node]) -> Node | None:
    """The row that may speak of a value: of the file that set it, else the one it had; None where there is none."""
    if value.node.origin.file == file:
        return stated.best(value.steps) or _by_user(value, before)
    for world in before:
        known = world.values.get(value.path)
        if known is not None and known.node.origin == value.node.origin:
            return world.sources.best(value.steps)
    if value.node.origin == DEFAULT and value.record == file:  # left open in an entry that the file added
        return stated.best(value.steps)
    return next((world.sources.best(value.steps) for world in before), None)


def _given_by(value: Value, before: Sequence[_World]) -> Node | None:
    """The row of a value of a merged world; where a parent that states a source set it too, it becomes that one's."""
    known = [(world, world.values[value.path]) for world in before if value.path in world.values]
    same = [(old.node, world.sources.best(old.steps)) for world, old in known if plain(old.node) == plain(value.node)]
    own = next((pair for pair in same if pair[0].origin == value.node.origin), None)
    if own is None:
        return next((world.sources.best(value.steps) for world in before), None)
    for node, row in same if not _cites(own[1]) else ():
        if _cites(row) and node.touched - own[0].touched:
            value.node.origin = node.origin
            return row
    return own[1]


def _cites(row: Node | None) -> bool:
    """Whether a row names a source."""
    return row is not None and row.get("source") not in OWN_WORDS


def _by_user(value: Value, before: Sequence[_World]) -> Node | None:
    """A row that says that the user set a figure; of another value only where an older row would speak of it."""
    heard = [world.sources.best(value.steps) for world in before]
    if not value.figure and not any(heard):
        return None
    shown, words = next(filter(None, (_parent(value, world) for world in before)), ("", ""))
    span = next((row for row in heard if row is not None and row.get("low") is not None), None)
    ends = {name: None if span is None else span.get(name) for name in ("low", "high")}
    return _row(value, BY_USER, "user", parent_value=shown or None, parent_source=words or None, **ends)


def _row(value: Value, source: str, grade: str, **more: Any) -> Node:
    said = {"path": value.path, "unit": value.unit, "source": source, "year": "", "grade": grade, "note": "", **more}
    return from_python(said, DEFAULT)


def _cited(row: Node | None) -> str:
    if row is None:
        return ""
    source, year = str(row.get("source") or ""), str(row.get("year") or "")
    return f"{source} ({year})" if source and year and year not in source else source


def _parent(value: Value, world: _World) -> tuple[str, str] | None:
    """Figure that a value had in the world before and what that cited, None where it had none."""
    known = world.values.get(value.path)
    if known is not None:
        return _shown(known.node.value), _cited(world.sources.best(known.steps))
    path, _, last = value.path.rpartition(".")
    series = path if last.isdigit() else value.path
    points = world.points.get(series)
    if points and series == value.path:
        return ", ".join(f"{year}: {_shown(old.node.value)}" for year, old in points.items()), _sources(points, world)
    if points:
        year = int(last)
        sides = (
            max((at for at in points if at < year), default=None),
            min((at for at in points if at > year), default=None),
        )
        about = {at: points[at] for at in sides if at is not None}
        return _between(year, {at: old.node.value for at, old in points.items()}), _sources(about, world)
    whole = world.values.get(path) if last.isdigit() else None
    return None if whole is None else (_shown(whole.node.value), _cited(world.sources.best(whole.steps)))


def _sources(points: Mapping[int, Value], world: _World) -> str:
    """What the points of a series cite: one source, or each its own."""
    cited = {year: _cited(world.sources.best(point.steps)) for year, point in points.items()}
    if len(set(cited.values())) == 1:
        return next(iter(cited.values()))
    return "; ".join(f"{year}: {words}" for year, words in cited.items() if words)


def _between(year: int, points: Mapping[int, Any]) -> str:
    """A series in a year that it does not state: the line between its points."""
    try:
        known = sorted((at, float(value)) for at, value in points.items())
    except (TypeError, ValueError):
        return ""
    return f"{float(np.interp(year, [at for at, _ in known], [value for _, value in known])):.12g}"


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rewritten(pool: Sequence[Node], wanted: Sequence[tuple[Value, Node | None]], idle: AbstractSet[int]) -> list[Node]:
    """Rows under which every value gets its own: those of the pool that do no harm, then rows for single values."""
    kept = _harmless(pool, wanted, idle)
    index = SourceRows((str(row.get("path")), row) for row in kept)
    for value, row in wanted:
        if row is index.best(value.steps):
            continue
        if row is None:
            default = value.node.origin == DEFAULT
            row = _row(value, BY_DEFAULT if default else UNSTATED, "assumption")
        elif row.get("path") != value.path:
            row = row.copy()
            row.value["path"] = Node(value.path, row.value["path"].origin, text=value.path)
        kept.append(row)
    order = {value.path: n for n, (value, _) in enumerate(wanted)}  # the same whatever the order of files
    said = [row for row in kept if row.get("source") in OWN_WORDS]
    said.sort(key=lambda row: order.get(str(row.get("path")), 0))
    return [*(row for row in kept if row.get("source") not in OWN_WORDS), *said]


def _harmless(pool: Sequence[Node], wanted: Sequence[tuple[Value, Node | None]], idle: AbstractSet[int]) -> list[Node]:
    """Rows that are right for more values than they are wrong for, and those that speak of nothing here."""
    sources = SourceRows((str(row.get("path")), row) for row in pool)
    heard = {id(row) for value, _ in wanted for row in sources.speaking(value.steps)}
    used = Counter(id(row) for _, row in wanted)
    kept = [row for row in pool if used[id(row)] or (id(row) in idle and id(row) not in heard)]
    by_path: dict[str, list[Node]] = {}
    for row in kept:
        by_path.setdefault(str(row.get("path")), []).append(row)
    most = {id(max(reversed(rows), key=lambda row: used[id(row)])) for rows in by_path.values()}
    kept = [row for row in kept if id(row) in most]
    sources = SourceRows((str(row.get("path")), row) for row in kept)
    counted = ((sources.best(value.steps), row) for value, row in wanted)
    wrong = Counter(id(best) for best, row in counted if best is not row)
    return [row for row in kept if wrong[id(row)] <= used[id(row)]]
