"""A family of rules: both sides at every place of its axes, and what is said where one is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kctopt.naming import Name
from kctopt.rules.case import Case
from kctopt.scenario.axes import spread
from kctopt.scenario.reviews import review_years
from kctopt.simulator.world import Array

MONEY = "billion CNY"
POINTS = "index points"
PERSONS = "thousand persons"
RATIO = "ratio to rival"
Sense = Literal["<=", ">="]
Place = tuple[int, ...]
Message = Callable[..., str]  # of a place, one number an axis, and the amount by which the rule is broken there


@dataclass(frozen=True)
class Breach:
    """One broken rule."""

    rule: Name  # as in the program and in prices, e.g. money.ramp[chips-B,2027]
    kind: str  # family: sign budget carry ramp line_floor line_cap floor cap share target exchange_floor near ...
    amount: float  # by how much it is broken, > 0 (nan where a number is missing)
    unit: str
    message: str  # the whole in a sentence


@dataclass(frozen=True)
class Axis:
    """Keys of a rule's index, with the line and the year that each speaks of, where it does."""

    keys: Sequence[Any]  # a tuple stands for several keys
    lines: Sequence[str] = ()
    years: Sequence[int] = ()


@dataclass(frozen=True, eq=False)
class Family:
    """Rules of one name: left <= right, or left >= right, by place on the axes.

    Sides are broadcast to the shape of the axes; draw axes lead. `listed` marks the places that the table of
    constraints shows, all where it is True. A rule without `say` is shown but not judged (a soft target, message); a
    side that is infinite is always kept. `line` and `year` are what the table says where no axis does.
    """

    head: str
    axes: tuple[Axis, ...]
    left: Array
    sense: Sense
    right: Array
    message: Message | None
    unit: str = MONEY
    kind: str = ""
    listed: NDArray[np.bool_] | bool = True
    line: str = ""
    year: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of keys on each axis."""
        return tuple(len(axis.keys) for axis in self.axes)

    @property
    def of(self) -> str:
        """Kind of the rules: what is said, or the name without its block."""
        return self.kind or self.head.partition(".")[2]

    def name(self, place: Place) -> Name:
        """The rule at a place."""
        keys: list[Any] = []
        for axis, n in zip(self.axes, place, strict=True):
            key = axis.keys[n]
            keys += key if isinstance(key, tuple) else (key,)
        return Name(self.head, *keys)

    @property
    def places(self) -> list[Place]:
        """Places that the table shows."""
        return [tuple(place) for place in np.argwhere(np.broadcast_to(self.listed, self.shape)).tolist()]

    def sides(self, places: Sequence[Place]) -> tuple[Array, Array]:
        """Left and right at some places."""
        at = tuple(np.array(places, dtype=int).reshape(len(places), len(self.axes)).T)
        left, right = (np.broadcast_to(np.asarray(side, dtype=float), self.shape) for side in (self.left, self.right))
        return left[at] if at else left.reshape(1), right[at] if at else right.reshape(1)

    def lines(self, places: Sequence[Place]) -> list[str]:
        """Line that the rule at each place speaks of, '' where it is none or several."""
        d = next((d for d, axis in enumerate(self.axes) if axis.lines), None)
        return [self.line if d is None else self.axes[d].lines[place[d]] for place in places]

    def years(self, places: Sequence[Place]) -> list[int]:
        """Year that the rule at each place speaks of, 0 where it is none."""
        d = next((d for d, axis in enumerate(self.axes) if axis.years), None)
        return [self.year if d is None else self.axes[d].years[place[d]] for place in places]

    def size(self, money: Any) -> Any:
        """What slack is measured by beside the right side; `money` is the unit of money."""
        return money if self.unit == MONEY else 1.0

    def over(self, money: Any) -> tuple[Array, Array]:
        """By how much each rule is broken, below 0 where it is kept, and what that is measured by, (..., *shape)."""
        sign = 1 if self.sense == "<=" else -1
        over, size = sign * self.left - sign * self.right, spread(self.size(money), len(self.shape))
        measure = np.maximum(size, np.abs(self.right))
        draws = np.broadcast_shapes(over.shape, measure.shape)[: -len(self.shape) or None]
        draws = draws if max(over.ndim, measure.ndim) > len(self.shape) else ()
        return np.broadcast_to(over, draws + self.shape), np.broadcast_to(measure, draws + self.shape)

    def breaches(self, money: Any, tolerance: float) -> Iterator[Breach]:
        """Places where the rule is broken by more than tolerance x max(size, |right|)."""
        if self.message is None:
            return
        over, measure = self.over(money)
        within = over <= tolerance * measure
        for position in np.argwhere(~within).tolist():
            place, amount = tuple(position), float(over[tuple(position)])
            yield Breach(self.name(place), self.of, amount, self.unit, self.message(*place, amount))


def weighed(weights: Array, money: Array) -> Array:
    """Sum over lines of money (..., L, N) by weights (..., L), (..., N)."""
    if weights.ndim == 1:
        return np.asarray(np.matmul(weights, money))
    return np.asarray(np.matmul(weights[..., None, :], money)[..., 0, :])


def by_line(case: Case) -> Axis:
    """All lines."""
    return Axis(case.lines, lines=case.lines)


def by_year(years: Sequence[int]) -> Axis:
    """Some years."""
    return Axis(years, years=years)


def by_review(case: Case) -> Axis:
    """All reviews."""
    return by_year(review_years(case.scenario))
