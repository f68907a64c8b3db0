"""How plans were held in draws, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from kctopt.holding.in_draws import SAME, Hold
from kctopt.study.words import Note


def how_held(ensembles: Iterable[Any], hold: Hold, judged: Any = True) -> Iterator[Note]:
    """How plans are held in draws, by what factor of their money, and how much of it moves to be feasible.

    `judged` says of which draws, (D,).
    """
    if hold == "amounts":
        yield Note("amounts")
        return
    members = [one.member for one in ensembles]
    factor, moved = (
        np.concatenate([part[name][(part["status"] != "invalid") & judged] for part in members])
        for name in ("factor", "moved")
    )
    if not len(factor):
        return
    low, high = float(factor.min()), float(factor.max())
    same = max(high - 1, 1 - low) <= SAME
    yield Note("shares_same" if same else "shares", {"low": f"{low:.3g}", "high": f"{high:.3g}"})
    if moved.any():
        count = {"count": f"{np.count_nonzero(moved):,}", "cases": f"{len(moved):,}"}
        yield Note("adjusted", count | {"most": f"{100 * moved.max():.2g}"})
