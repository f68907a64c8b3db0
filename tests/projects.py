"""Programmes, tranches and a band for the tiny world, shared by tests."""

from __future__ import annotations

from typing import Any

from worlds import Tree, name


def row(id: str, **fields: Any) -> Tree:
    """A two-year programme on chips-S, functional rung; `fields` override."""
    return {
        "id": id, "label": name(id), "line": "chips-S", "rung": "F", "success": 0.5, "gain": 8.0, "first_start": 2026,
        "last_start": 2028, "duration": 2, "cost_1": 2.0, "cost_2": 3.0, "researchers": 1.5,
    } | fields  # fmt: skip


RACE = row("race", mode="horse_race", routes=3, deadline=2028, reward=4.0)
PRIOR = row("prior", last_start=2029, duration=1, cost_2=0.0, gain=2.0, success=0.8, reward=1.0)
NEXT = row("next", first_start=2027, requires="prior", excludes="race", line="ai-A", rung="P")
CATALOGUE = [RACE, PRIOR, NEXT]

STEPS = [  # of an S-shaped response; the order in a file does not matter
    {"line": "ai-A", "rung": "F", "upto": upto, "effect": effect} for upto, effect in ((1, 1), (0.5, 0.1), (2, 1.5))
]

BAND = {"id": "together", "kind": "band", "lines": ["chips-B", "ai-A", "ai-M"], "width": 0.25, "years": "2027-2028"}
