"""Names of variables and rules as users read them: money.budget[2027] is block, family and index."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self


class Name(str):
    """The name of a variable, a row or a rule: a text that knows its parts.

    It is equal to its text, so names that users type find it. Parts are read from a text only where one comes from a
    file or a user (`Name.parse`); everywhere else a name is made of them.

    Attributes
    ----------
    head : block and family, without the index: money.budget, policies.chips-floor, site[a].room
    keys : the index as texts, () without one

    Examples
    --------
    >>> name = Name("money.ramp", "chips-B", 2027)
    >>> name, name.block, name.family, name.keys
    ('money.ramp[chips-B,2027]', 'money', 'ramp', ('chips-B', '2027'))
    >>> Name.parse("site[a].room[2030]").head
    'site[a].room'
    """

    __slots__ = ("head", "keys")
    head: str
    keys: tuple[str, ...]

    def __new__(cls, head: str, *index: Any) -> Self:
        """A name of a head and keys."""
        keys = tuple(map(str, index))
        name = str.__new__(cls, f"{head}[{','.join(keys)}]" if keys else head)
        name.head, name.keys = head, keys
        return name

    def __getnewargs__(self) -> tuple[str, ...]:  # type: ignore[override]
        return self.head, *self.keys

    @classmethod
    def parse(cls, text: str) -> Name:
        """A text as a name; a name stays what it is."""
        if isinstance(text, Name):
            return text
        head, bracket, inside = text.rpartition("[") if text.endswith("]") else (text, "", "")
        return cls(head, *inside[:-1].split(",")) if bracket else cls(text)

    @property
    def block(self) -> str:
        """The outermost block, '' for what a user put on the model itself."""
        return self.head.partition(".")[0] if "." in self.head else ""

    @property
    def family(self) -> str:
        """The name inside the block, without the index; the id of a policy."""
        return self.head.partition(".")[2] or self.head

    @property
    def key(self) -> str:
        """The first key, '' without an index."""
        return self.keys[0] if self.keys else ""


def indexed(head: str, key: Any) -> Name:
    """A name with an index behind it; None is no index."""
    if key is None:
        return Name(head)
    return Name(head, *key) if isinstance(key, tuple) else Name(head, key)


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
    for one in data:
        component = one.parent_component()
        head = heads.get(id(component))
        if head is None:
            head = heads[id(component)] = path(component)
        names.append(indexed(head, one.index() if component.is_indexed() else None))
    return names
