"""The runs of a report side by side: their views, names by label, and what comparing them found.

Everything is told of N runs at once, the first being the one that the others are held against; one run alone is told
by the same chapters. A report compares with `attribution` where its scenarios in between are little work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from kctopt.comparison.comparison import Comparison, Pair, compare
from kctopt.comparison.runs import named
from kctopt.report.explained import Explainer, LeftOut
from kctopt.report.view import View

if TYPE_CHECKING:
    from kctopt.result.result import Result


@dataclass(frozen=True)
class Board:
    """The views of a report, and the comparison of their runs; None for one run alone."""

    views: tuple[View, ...]
    compared: Comparison | None
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)  # attributions not worked out, by name of the run

    @property
    def first(self) -> View:
        """The run that the others are held against."""
        return self.views[0]

    @property
    def several(self) -> bool:
        """Whether there is more than one run."""
        return len(self.views) > 1

    @cached_property
    def names(self) -> tuple[str, ...]:
        """A name for each run: its label; with the run's folder where two have the same."""
        return names_of(self.views)

    def name(self, view: View) -> str:
        """The name of one of the runs."""
        return next(name for own, name in zip(self.views, self.names, strict=True) if own is view)

    @cached_property
    def planned(self) -> tuple[View, ...]:
        """The runs that have a plan."""
        return tuple(view for view in self.views if view.result.has_plan)

    @cached_property
    def level(self) -> tuple[View, ...]:
        """The runs whose money can be put side by side: with a plan, for the same years as the first of them."""
        return tuple(view for view in self.planned if view.years == self.planned[0].years)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Every other run against the first."""
        return () if self.compared is None else self.compared.pairs

    @property
    def unexplained(self) -> list[tuple[str, int, str]]:
        """Attributions that solving would bring: name of the run, solves, and the two runs as a command names them."""
        sides = {name: str(view.result.run_dir or name) for name, view in zip(self.names, self.views, strict=True)}
        return [
            (name, why.programs, f"{sides[self.names[0]]} {sides[name]}")
            for name, why in self.left_out.items()
            if why.reason != "fault"
        ]


def names_of(views: Sequence[View]) -> tuple[str, ...]:
    """A name for each view, no two the same."""
    titles = [view.title for view in views]
    keys = list(named(view.result for view in views))
    return tuple(
        title if titles.count(title) == 1 else f"{title} ({key})" for title, key in zip(titles, keys, strict=True)
    )


def board(results: Sequence[Result], lang: str, attribution: bool = True) -> Board:
    """The runs of a report, compared by their names; with `attribution` what each changed input explains."""
    views = tuple(View(result, lang) for result in results)
    if len(views) == 1:
        return Board(views, None)
    explain = Explainer() if attribution else None
    by_name = dict(zip(names_of(views), results, strict=True))
    compared = compare(by_name, Comparison, explain, thorough=False)
    left_out = {} if explain is None else {
        name: explain.left_out[id(own)] for name, own in by_name.items() if id(own) in explain.left_out
    }  # fmt: skip
    return Board(views, compared, left_out)
