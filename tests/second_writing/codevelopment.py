r"""Bands.

The formulas of `docs/model/codevelopment.md`:

    C[i,t]/R[i,t] - C[j,t]/R[j,t] <= width        for every ordered pair of lines of the group, in its years
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from . import money
from .model import Model


def broken(m: Model) -> Iterator[tuple[str, float, float]]:
    for policy in m.s.policies:
        if policy.kind == "band":
            for i, j in permutations(policy.lines, 2):
                for t in money.years(m, policy.years):
                    lead = m.C[i, t] / m.R[i, t] - m.C[j, t] / m.R[j, t]
                    yield f"policies.{policy.id}[{i},{j},{t}]", lead, policy.width
