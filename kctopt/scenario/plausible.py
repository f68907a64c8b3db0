"""Sizes of money that point to another unit: told at reading, with the place.

A budget typed in yuan where billions are meant is no fault of form: every rule holds, and the optimum is that of a
nation with a billion times the money. Four things give it away: base-year spend far from the parent's, budgets far
from what the lines spend, a year's budget far from that of the others, and amounts that no country has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from kctopt.scenario.nodes import Node, Origin
from kctopt.scenario.records import Scenario

FAR = 1e3  # times: budgets over base-year spend, and base-year spend over the parent's, that are doubted
FAR_YEAR = 100.0  # times: a year's budget over that of the others that is doubted
ROUND_OFF = 1e-9  # relative
MOST = 1e6  # billion CNY a year: about the whole world's product
LEAST = 1e-6  # billion CNY a year: a thousand yuan
UNIT = "billion CNY/year"


def doubts(scenario: Scenario, origin: Mapping[str, Origin], parent: Node | None) -> list[str]:
    """A note for every sum of money that seems to be in another unit; `parent` is the tree that was changed."""
    return [*_spend(scenario, origin, parent), *_budget(scenario, origin)]


def _spend(scenario: Scenario, origin: Mapping[str, Origin], parent: Node | None) -> Iterator[str]:
    """Base-year spend of all lines against the parent's, and against what there is."""
    total, before = sum(line.spend for line in scenario.lines), None if parent is None else _total(parent)
    path = f"lines[{max(scenario.lines, key=lambda line: line.spend).id}].spend"
    what = f"base-year spend of all lines is {total:.4g}"
    if before and _far(total / before):
        yield _doubt(origin, path, f"{what}, {_times(total / before)} the parent's {before:.4g}")
    elif not LEAST <= total <= MOST:
        size = "more than the whole world produces" if total > MOST else "less than a thousand yuan"
        yield _doubt(origin, path, f"{what}, {size} in a year")


def _budget(scenario: Scenario, origin: Mapping[str, Origin]) -> Iterator[str]:
    """Budgets against base-year spend: all that are stated together, or else those that are far from it alone."""
    total = sum(line.spend for line in scenario.lines)
    root = scenario.budget.root
    points = root if isinstance(root, dict) else {scenario.horizon.years[0]: float(root)}
    stated = {year: amount for year, amount in sorted(points.items()) if amount > 0}
    far = {year: amount / total for year, amount in stated.items() if total > 0 and _far(amount / total)}
    if far and len(far) == len(stated):
        mean = float(scenario.budget.at(np.array(scenario.horizon.years)).mean())
        path = next((key for key in origin if key == "budget" or key.startswith("budget.")), "budget")
        what = f"a budget of {mean:.4g} a year is {_times(mean / total)} what all lines spent in the base year"
        yield _doubt(origin, path, f"{what}, {total:.4g}")
        return
    for year, amount in stated.items() if len(stated) > 1 else ():
        path = f"budget.{year}" if f"budget.{year}" in origin else "budget"
        what = f"a budget of {amount:.4g} in {year}"
        usual = _usual(stated, year, total)
        if year in far:
            doubt = f"{what} is {_times(far[year])} what all lines spent in the base year, {total:.4g}"
            yield _doubt(origin, path, doubt)
        elif max(amount / usual, usual / amount) >= FAR_YEAR * (1 - ROUND_OFF):
            yield _doubt(origin, path, f"{what} is {_times(amount / usual)} that of other years, {usual:.4g}")


def _usual(stated: Mapping[int, float], year: int, total: float) -> float:
    """What a year's budget would be by the others and base-year spend: their median, which no odd one moves."""
    others = [amount for at, amount in stated.items() if at != year]
    return float(np.median([*others, total] if total > 0 else others))


def _far(ratio: float) -> bool:
    return not 1 / FAR <= ratio <= FAR


def _doubt(origin: Mapping[str, Origin], path: str, what: str) -> str:
    place = f"{origin[path]}: " if path in origin else ""
    return f"{place}{path}: {what}. The unit is {UNIT}: is it meant so?"


def _times(ratio: float) -> str:
    """'1e+08 times', or the part it is."""
    size = ratio if ratio > 1 else 1 / ratio
    digits = f"{size:.3g}" if size < FAR else f"{size:.2g}"
    return f"{digits} times" if ratio > 1 else f"one {digits}th of"


def _total(tree: Node) -> float | None:
    """Base-year spend of the lines in a tree; None where it does not say."""
    lines = tree.value.get("lines") if isinstance(tree.value, dict) else None
    entries = lines.value if lines is not None and isinstance(lines.value, list) else []
    amounts = [entry.value.get("spend") for entry in entries if isinstance(entry.value, dict)]
    known = [node.value for node in amounts if node is not None and isinstance(node.value, int | float)]
    return float(sum(known)) if known and len(known) == len(amounts) else None
