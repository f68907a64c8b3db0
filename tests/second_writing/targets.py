r"""Targets.

The formulas of `docs/model/targets.md`:

    U[i,by_p]/R[i,by_p] + shortfall[p,i] >= ratio_p        for every line i of target p
    i of p: inside its domain and line where it names them,   m[i,k] >= 1/2 where it names a type k
    ratio_p = min_ratio_p,   or 1 - max_dependency_p        a cap on dependency is a floor

    max share        with U[i,by_p]/R[i,by_p] >= share * ratio_p on every line of every target,  0 <= share <= 1

    shortfall[p,i] = max(0, ratio_p - U[i,by_p]/R[i,by_p])        price_p for each line where soft, 0 where hard

The second program is solved by the engine; of a plan there is nothing to work out.
"""

from __future__ import annotations

from collections.abc import Iterator

from .model import Model
from .model import m as member
from .numbers import Record


def lines(m: Model, policy: Record) -> list[Record]:
    """Lines that a target binds."""
    named = [i for i in m.lines if policy.domain in (None, i.domain) and policy.line in (None, i.id)]
    return [i for i in named if policy.type is None or member(i, policy.type) >= 0.5]


def ratio(policy: Record) -> float:
    return float(policy.min_ratio if policy.max_dependency is None else 1 - policy.max_dependency)


def all_of(m: Model) -> list[Record]:
    return [policy for policy in m.s.policies if policy.kind == "target"]


def shortfall(m: Model, policy: Record, i: Record) -> float:
    return max(0.0, ratio(policy) - m.U(i, policy.by) / m.R[i.id, policy.by])


def penalties(m: Model) -> float:
    soft = [(policy, i) for policy in all_of(m) if policy.soft for i in lines(m, policy)]
    return float(sum(policy.price * shortfall(m, policy, i) for policy, i in soft))


def broken(m: Model) -> Iterator[tuple[str, float, float]]:
    for policy in all_of(m):
        for i in lines(m, policy) if not policy.soft else []:
            yield f"policies.{policy.id}[{i.id}]", -m.U(i, policy.by) / m.R[i.id, policy.by], -ratio(policy)
