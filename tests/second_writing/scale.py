r"""Least scale.

The formulas of `docs/model/scale.md`:

    S[i,t] >= scale_i o[i,p(t)],   S[i,t] <= Smax[i,t] o[i,p(t)]        for the lines with a scale
"""

from __future__ import annotations

from collections.abc import Iterator

from .model import Model


def broken(m: Model) -> Iterator[tuple[str, float, float]]:
    """A line that is not off in a plan spends its scale in each of its years."""
    for i in m.lines:
        for first, last in m.plans:
            spend = [m.S[i.id, t] for t in range(first, last + 1)]
            if i.min_scale and max(spend) > m.tolerance * max(1.0, i.min_scale):
                yield f"scale.minimum[{i.id},{first}-{last % 100:02d}]", -min(spend), -i.min_scale
