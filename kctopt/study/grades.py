"""Inputs of every figure of one grade, by provenance: one each, one for each row, or one for all.

Left out, each with a note: whole numbers, figures that must sum to 1 with others, zeros that a factor does not move,
figures that a scenario of the study lacks. A law that passes the limits of a field is cut off there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kctopt.scenario.nodes import Location
from kctopt.scenario.paths import PathError
from kctopt.study.distributions import reach
from kctopt.study.laws import Given
from kctopt.study.places import Place, World, tied
from kctopt.study.ranges import law_over, stated
from kctopt.study.records import Distribution, Way

Made = tuple[dict[str, Any], list[Location]]


def by_grade(
    grade: str, by: str, way: Way | None, given: Given | None, law: str | None, worlds: Sequence[World],
    notes: list[str], where: str,
) -> list[Made]:  # fmt: skip
    """Fields of the inputs and the places each moves; `law` over the ranges of rows, or `given` by `way`."""
    figures = [place for place in worlds[0].figures() if place.row is not None and place.row.grade == grade]
    if law is not None:
        figures = [place for place in figures if stated(place)]
    left = _Left()
    usable = [place for place in figures if not left.out(place, way, worlds)]
    notes += [f"{where}: {len(paths)} figures {why}: {_some(paths)}" for why, paths in left.reasons.items()]
    if law is not None:
        return [
            ({
                "name": place.path, "paths": (place.path,), "way": "value", "distribution": law_over(place, law),
                "from_range": place.row.path if place.row else "",
            }, [place.location])
            for place in usable
        ]  # fmt: skip
    assert way is not None and given is not None and given.distribution is not None
    groups: dict[str, list[Place]] = {}
    for place in usable:
        row = place.row.path if place.row else ""
        groups.setdefault({"number": place.path, "row": row, "all": f"grade {grade}"}[by], []).append(place)
    made, cut = [], []
    for name, places in groups.items():
        distribution = _cut(given.distribution, way, places)
        if distribution is None:
            notes.append(f"{where}: {name} is left out: its limits leave no room for the distribution")
            continue
        if distribution != given.distribution:
            cut.append(name)
        fields = {"name": name, "paths": tuple(p.path for p in places), "way": way, "distribution": distribution}
        made.append((fields, [place.location for place in places]))
    if cut:
        notes.append(f"{where}: {len(cut)} distributions are cut off at the limits of their fields: {_some(cut)}")
    return made


class _Left:
    """Figures that are left out, by reason."""

    def __init__(self) -> None:
        self.reasons: dict[str, list[str]] = {}

    def out(self, place: Place, way: Way | None, worlds: Sequence[World]) -> bool:
        """Whether a figure is left out, which is noted."""
        why = _why(place, way, worlds)
        if why:
            self.reasons.setdefault(why, []).append(place.path)
        return bool(why)


def _why(place: Place, way: Way | None, worlds: Sequence[World]) -> str:
    if place.kind.form == "integer":
        return "are whole numbers and stay as they are"
    if tied(place):
        return "must sum to 1 with others and stay as they are"
    if way == "scale" and not any(place.numbers):
        return "are 0, which a factor does not move"
    if way is None and len(set(place.numbers)) > 1:
        return "differ by year and keep their years"
    for world in worlds[1:]:
        try:
            world.places(place.path)
        except PathError:
            return f"are not in scenario {world.name}"
    return ""


def _cut(law: Distribution, way: Way, places: Sequence[Place]) -> Distribution | None:
    """The law within the limits of all fields it moves; None where nothing is left."""
    low, high = reach(law)
    first, last = low, high
    for place in places:
        for number in place.numbers:
            for side, limit in place.limits:
                bound = _bound(limit, number, way)
                if bound is None:
                    continue
                upper = (side in ("le", "lt")) == (way == "add" or number > 0)
                low, high = (low, min(high, bound)) if upper else (max(low, bound), high)
    if not low < high:
        return None
    return law if (low, high) == (first, last) else replace(law, within=(low, high))


def _bound(limit: float, number: float, way: Way) -> float | None:
    """Value of the input that takes a number to a limit; None where none does."""
    if way == "add":
        return limit - number
    bound = np.inf if number == 0 else limit / number
    return float(bound) if np.isfinite(bound) else None


def _some(paths: Sequence[str]) -> str:
    return ", ".join(paths[:3]) + (", …" if len(paths) > 3 else "")
