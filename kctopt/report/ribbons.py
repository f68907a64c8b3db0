"""Geometry of the flow figure: three columns of boxes (budget, domains, types) and bands between them.

x runs from 0 (budget) over 1 (domains) to 2 (types); y from 0 to 1, where a box is as high as its share of the budget.
A band goes from its place in one box to its place in the next along a smooth curve, in steps; its height is its money
all the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kctopt.report.style import INK, OTHER, TYPE_COLOURS, domain_colours
from kctopt.report.view import View, budget, spend, totals

HALF = 0.03  # of the width of a box
ROOM = 0.14  # part of the height left between the boxes of a column
STEPS = 24
UNSPENT = 1e-3  # share of the budget left over that gets a band of its own


@dataclass(frozen=True)
class Band:
    """A box of a column: what it stands for, its money and its lower edge."""

    key: str
    name: str
    amount: float
    bottom: float
    colour: str


@dataclass(frozen=True)
class Layout:
    """All boxes, and the money from domain to type."""

    whole: Band
    domains: Sequence[Band]
    kinds: Sequence[Band]
    money: dict[tuple[str, str], float]
    scale: float  # height of one unit of money


def laid_out(view: View) -> Layout:
    """The boxes of a result, largest domain at the top, types in their order."""
    rows = spend(view.result, view.lang)
    money = totals(rows, "domain", "type")
    by_domain, by_kind = totals(rows, "domain"), totals(rows, "type")
    spent = sum(by_domain.values())
    whole = max(budget(view.result, view.lang), spent)
    scale = (1 - ROOM) / whole if whole else 0.0
    order = sorted((key for (key,) in by_domain), key=lambda key: -by_domain[key,])
    colours = domain_colours(domain.id for domain in view.scenario.domains)
    domains = [(key, view.label("domains", key), by_domain[key,], colours.get(key, OTHER)) for key in order]
    if whole - spent > UNSPENT * whole:
        domains.append(("unspent", view.text("unspent"), whole - spent, OTHER))
    kinds = [(key, view.text(key), by_kind[key,], colour) for key, colour in TYPE_COLOURS.items() if (key,) in by_kind]
    top = Band("budget", view.text("budget"), whole, ROOM / 2, INK)
    return Layout(top, _column(domains, scale), _column(kinds, scale), money, scale)


def _column(entries: list[tuple[str, str, float, str]], scale: float) -> list[Band]:
    """Boxes from the top down with even room between them."""
    room = (1 - scale * sum(entry[2] for entry in entries)) / max(len(entries) - 1, 1)
    bands, top = [], 1.0
    for key, name, amount, colour in entries:
        bands.append(Band(key, name, amount, top - amount * scale, colour))
        top -= amount * scale + room
    return bands


def boxes(view: View) -> list[dict[str, Any]]:
    """A row a box: edges, middle, name with its money, and the side on which the name stands."""
    plan = laid_out(view)
    rows = []
    for x, column in enumerate(([plan.whole], plan.domains, plan.kinds)):
        for box in column:
            top = box.bottom + box.amount * plan.scale
            rows.append({
                "left": x - HALF, "right": x + HALF, "low": box.bottom, "high": top, "middle": (box.bottom + top) / 2,
                "name": f"{box.name} {box.amount:,.0f}", "colour": box.colour, "side": "right" if x == 2 else "left",
            })  # fmt: skip
    return rows


def ribbons(view: View) -> list[dict[str, Any]]:
    """Points of all bands; `link` tells them apart."""
    plan = laid_out(view)
    rows, below = [], plan.whole.bottom + plan.whole.amount * plan.scale
    tops = {box.key: box.bottom + box.amount * plan.scale for box in plan.kinds}
    for box in plan.domains:
        height = box.amount * plan.scale
        rows += _band(f"0 {box.key}", 0, below - height, box.bottom, height, box.colour)
        below -= height
        inside = box.bottom + height
        for kind in plan.kinds:
            part = plan.money.get((box.key, kind.key), 0.0) * plan.scale
            if part > 0:
                start, tops[kind.key] = inside - part, tops[kind.key] - part
                rows += _band(f"{box.key} {kind.key}", 1, start, tops[kind.key], part, box.colour)
                inside -= part
    return rows


def _band(link: str, x: int, start: float, end: float, height: float, colour: str) -> list[dict[str, Any]]:
    rows = []
    for step in range(STEPS + 1):
        part = step / STEPS
        low = start + (end - start) * part * part * (3 - 2 * part)
        at = x + HALF + (1 - 2 * HALF) * part
        rows.append(
            {"link": link, "x": round(at, 4), "low": round(low, 5), "high": round(low + height, 5), "colour": colour}
        )
    return rows
