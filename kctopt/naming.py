"""Names of variables and rules as users read them: money.budget[2027]."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kctopt.formulation import rule_of


def path(component: Any) -> str:
    """Name of a variable or constraint as users read it, with every block above it: money.budget, site[a].room."""
    block, name = component.parent_block(), rule_of(component.local_name)
    return name if block is None or block.parent_block() is None else f"{rule_name(block)}.{name}"


def rule_name(data: Any) -> str:
    """Name of one constraint, variable or block as users read it: money.budget[2027]."""
    component = data.parent_component()
    return indexed(path(component), data.index() if component.is_indexed() else None)


def rule_names(data: Iterable[Any]) -> list[str]:
    """`rule_name` of many, quicker: the name of a component is made once."""
    prefixes: dict[int, str] = {}
    names = []
    for one in data:
        component = one.parent_component()
        prefix = prefixes.get(id(component))
        if prefix is None:
            prefix = prefixes[id(component)] = path(component)
        names.append(indexed(prefix, one.index() if component.is_indexed() else None))
    return names


def indexed(name: str, key: Any) -> str:
    """A name with an index behind it; None is no index."""
    if key is None:
        return name
    return f"{name}[{','.join(map(str, key)) if isinstance(key, tuple) else key}]"
