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
    if not component.is_indexed():
        return path(component)
    index = data.index()
    return f"{path(component)}[{','.join(map(str, index if isinstance(index, tuple) else (index,)))}]"


def rule_names(data: Iterable[Any]) -> list[str]:
    """`rule_name` of many, quicker: the name of a component is made once."""
    prefixes: dict[int, str] = {}
    names = []
    for one in data:
        component = one.parent_component()
        prefix = prefixes.get(id(component))
        if prefix is None:
            prefix = prefixes[id(component)] = path(component)
        if component.is_indexed():
            index = one.index()
            prefix = f"{prefix}[{','.join(map(str, index)) if isinstance(index, tuple) else index}]"
        names.append(prefix)
    return names


def index_names(name: str, keys: Iterable[Any]) -> list[str]:
    """Names of the variables or rules of a record, as `rule_names` has them; None is no index."""
    return [
        name if key is None else f"{name}[{','.join(map(str, key)) if isinstance(key, tuple) else key}]" for key in keys
    ]
