"""Names of variables and rules as users read them: money.budget[2027] is block, family and index."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self


class Name(str):
    """The name of a variable, a row or a rule: a text that knows its parts.

    It is equal to its text, so names that users type find it, and as light: a program has a hundred thousand. What its
    parts are is said here alone.

    Examples
    --------
    >>> name = Name("money.ramp", "chips-B", 2027)
    >>> name, name.block, name.family, name.keys
    ('money.ramp[chips-B,2027]', 'money', 'ramp', ('chips-B', '2027'))
    >>> Name("site[a].room[2030]").head
    'site[a].room'
    """

    __slots__ = ()

    def __new__(cls, head: str, *keys: Any) -> Self:
        """A name of a head and keys; a whole text is a name too."""
        return str.__new__(cls, f"{head}[{','.join(map(str, keys))}]" if keys else head)

    @classmethod
    def parse(cls, text: str) -> Name:
        """A text as a name; a name stays what it is."""
        return text if isinstance(text, Name) else cls(text)

    @property
    def head(self) -> str:
        """Block and family, without the index: money.budget, policies.chips-floor, site[a].room."""
        return self.rpartition("[")[0] if self.endswith("]") else str(self)

    @property
    def keys(self) -> tuple[str, ...]:
        """The index as texts, () without one."""
        return tuple(self[:-1].rpartition("[")[2].split(",")) if self.endswith("]") else ()

    @property
    def block(self) -> str:
        """The outermost block, '' for what a user put on the model itself."""
        block, dot, _ = self.head.partition(".")
        return block if dot else ""

    @property
    def family(self) -> str:
        """The name inside the block, without the index; the id of a policy."""
        head = self.head
        return head.partition(".")[2] or head

    @property
    def key(self) -> str:
        """The first key, '' without an index."""
        return next(iter(self.keys), "")


def indexed(head: str, key: Any) -> Name:
    """A name with an index behind it; None is no index."""
    if key is None:
        return Name(head)
    return str.__new__(Name, f"{head}[{','.join(map(str, key)) if isinstance(key, tuple) else key}]")


def all_indexed(head: str, keys: list[Any]) -> list[Name]:
    """Names with each of some indices; programs one after the other, as of a sweep, share their lists."""
    known = _last.get((head, len(keys)))
    if known is None or known[0] != keys:
        known = _last[head, len(keys)] = (list(keys), [indexed(head, key) for key in keys])
    return known[1]


_last: dict[tuple[str, int], tuple[list[Any], list[Name]]] = {}  # indices and names of heads, the last of each length


def rule_of(component: str) -> str:
    """The name by which users know a component: no id holds the full stop that `formulation.add_rule` may add."""
    return component.removesuffix(".")


def path(component: Any) -> str:
    """Head of the names in a component of Pyomo's, with every block above it: money.budget, site[a].room."""
    block, name = component.parent_block(), rule_of(component.local_name)
    return name if block is None or block.parent_block() is None else f"{rule_name(block)}.{name}"


def rule_name(data: Any) -> Name:
    """Name of one constraint, variable or block of Pyomo's."""
    component = data.parent_component()
    return indexed(path(component), data.index() if component.is_indexed() else None)


def rule_names(data: Iterable[Any]) -> list[Name]:
    """`rule_name` of many, quicker: the path of a component is made once."""
    heads: dict[int, str] = {}
    names = []
    for row in data:
        component = row.parent_component()
        head = heads.get(id(component))
        if head is None:
            head = heads[id(component)] = path(component)
        names.append(indexed(head, row.index() if component.is_indexed() else None))
    return names
