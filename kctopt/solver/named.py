"""Columns and duals of a program by the names that users read."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from kctopt.solver.compiled import Compiled


def own_values(compiled: Compiled, built: Collection[str], x: np.ndarray) -> dict[str, float]:
    """Variables that the user added, by name; `built` are kctopt's own components."""
    c = compiled
    return {c.names[j]: float(x[j]) for name, slot in c.slots.items() if name not in built for j in slot}


def prices_by_name(compiled: Compiled, row_dual: np.ndarray, column_dual: np.ndarray) -> dict[str, float]:
    """Duals as objective points per unit of the right side of each rule, and of each column held at its data."""
    sign, c = compiled.sign, compiled
    prices = dict(zip(c.row_names, (sign * row_dual[: len(c.row_names)]).tolist(), strict=True))
    held = np.flatnonzero(c.column_lower == c.column_upper)
    prices |= {c.names[j]: sign * float(column_dual[j]) for j in held}
    for j in c.slots["money.spend"]:
        side = "money.line_floor" if column_dual[j] > 0 else "money.line_cap"
        prices[c.names[j].replace("money.spend", side)] = sign * float(column_dual[j])
    return prices
