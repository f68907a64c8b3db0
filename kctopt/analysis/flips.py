"""Where the plan changes in kind: the values of one parameter at which a trait of the best plan flips.

    found = flips(kctopt.open("runs/baseline"), over="budget")
    found.tables["flips"].frame

Settings are solved at both ends of the range, at a few values between and at the run's own; then every two neighbours
whose plans differ in a trait are halved, the widest first, until they stand no further apart than the tolerance. Every
setting is a certified solve with both bounds. A flip that turns back between two neighbours is not seen.

Near a flip the plans of both sides are worth nearly the same, so each flip also says between which values they cannot
be told apart: going outward from the flip, the first solved value on each side at which no plan of the other kind was
found within the gap of the proven bound. The plan tried is that of the other side of the flip, its money in proportion
to the budget, mended by a linear program where it breaks rules, judged by the simulator. If both plans stand within the
gap at each other's value, the flip is marked `within_gap`: there it is a tie.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kctopt.analysis.points import Setting, Solver, as_good, comparable, known_kinds, like, needs_only_its_scenario
from kctopt.analysis.saved import Analysis, steps_of
from kctopt.analysis.traits import KINDS, Trait
from kctopt.arguments import checked_gap, checked_limit, checked_number
from kctopt.cache import Steps
from kctopt.progress import Listener, listened
from kctopt.result.result import Result
from kctopt.scenario.parameter import Parameter, Way
from kctopt.table import Column, Table

if TYPE_CHECKING:
    from pathlib import Path

PARTS = 32  # of the range, one of which is the default tolerance
START = 4  # equal parts of the range whose ends are solved first

FLIPS = (
    Column("kind", "string", "kind of trait, such as gap_band or rule"),
    Column("subject", "string", "what changes: a line, a domain, a rule, or two of them"),
    Column("when", "string", "planning period; empty for the whole horizon"),
    Column("low", "number", "last solved value with the kind before"),
    Column("high", "number", "first solved value with the kind after"),
    Column("before", "string", "the trait at low"),
    Column("after", "string", "the trait at high"),
    Column("within_gap", "boolean", "each plan is within the gap at the other's value: a tie; empty: not tried"),
    Column("apart_low", "number", "highest solved value up to low where no plan of the kind after is within the gap"),
    Column(
        "apart_high", "number", "lowest solved value from high on where no plan of the kind before is within the gap"
    ),
)
POINTS = (
    Column("value", "number", "the parameter"),
    Column("status", "string", "how the solve ended; failed: with an error"),
    Column("objective", "number", "value of the plan, simulated"),
    Column("bound", "number", "proven bound"),
    Column("gap", "number", "relative distance of the two"),
    Column("message", "string", "why a solve failed"),
)


@dataclass(frozen=True)
class FlipsOptions:
    """What is asked: a path and how it is turned, the range, how close, which kinds of trait."""

    over: str
    way: Way | None = None
    low: float | None = None
    high: float | None = None
    tolerance: float | None = None
    kinds: tuple[str, ...] = ()  # none: all but a line's own rules
    gap: float = 1e-4
    time_limit: float | None = None  # seconds a solve

    def __post_init__(self) -> None:
        checked_gap(self.gap)
        checked_limit(self.time_limit)
        for name in ("low", "high", "tolerance"):
            checked_number(name, getattr(self, name))

    def options(self) -> dict[str, Any]:
        """As plain data, under which the analysis is saved."""
        return dict(vars(self)) | {"kinds": list(self.kinds)}


@listened
def flips(
    result: Result, over: str, *, progress: Listener | None = None, run: Path | None = None,
    fresh: bool = False, **options: Any,
) -> Analysis:  # fmt: skip
    """The values of one parameter at which the best plan changes in kind.

    Parameters
    ----------
    result : Result
        A solved run with a plan; it is the setting at its own value and is not solved again.
    over : str
        Dotted path of a number, a series by year (then a common factor or shift) or several numbers.
    progress : callable, optional
        Given a `kctopt.Progress` at every step; StopIteration in it raises KeyboardInterrupt.
    run : pathlib.Path, optional
        Folder of the run; steps are kept there until the analysis is saved, so that an interrupted one goes on.
    fresh : bool, default False
        Forget steps that were kept.
    **options
        `way`, `low`, `high`, `tolerance`, `kinds`, `gap` and `time_limit` of `FlipsOptions`.

    Returns
    -------
    Analysis
        Tables `flips` and `points`; `about` has the parameter, range, tolerance and what was not certain.

    Raises
    ------
    ScenarioErrors
        The path leads to no number, or an end of the range that was given is refused by the checks.
    UsageError
        An unknown kind.
    RunError
        A run with parts that its scenario does not hold.

    Examples
    --------
    >>> import kctopt
    >>> run = kctopt.open("runs/baseline")
    >>> from kctopt.analysis.flips import flips
    >>> found = flips(run, "budget", low=0.9, high=1.1, tolerance=0.2)
    >>> len(found.tables["points"].frame) >= 5
    True
    """
    started = time.perf_counter()
    ask = FlipsOptions(over, **options)
    known_kinds(ask.kinds)
    needs_only_its_scenario(result)
    search = _Bisection(result, ask, steps_of(run, "flips", ask.options(), fresh))
    search.refine()
    rows = [search.flip(*change) for change in search.changes()]
    search.solver.steps.finish()
    tables = {
        "flips": Table.of("flips", FLIPS, sorted(rows, key=lambda row: (row["low"], KINDS.index(row["kind"])))),
        "points": Table.of("points", POINTS, [{"value": value, **point.row()} for value, point in search.points()]),
    }
    return Analysis("flips", ask.options(), tables, search.about(), time.perf_counter() - started)


class _Bisection:
    """One bisection."""

    def __init__(self, result: Result, ask: FlipsOptions, steps: Steps) -> None:
        self.result, self.ask = result, ask
        self.parameter = Parameter.of(result.scenario, ask.over, ask.way)
        self.low, self.high = self.parameter.span(ask.low, ask.high)
        least = 1.0 if self.parameter.whole else 0.0
        self.tolerance = max(ask.tolerance or (self.high - self.low) / PARTS, least)
        self.solver = Solver(steps, ask.gap, ask.time_limit, ask.over)
        self.solved: dict[float, Setting] = {}
        self._like: dict[tuple[float, float], list[dict[Trait, str]]] = {}

    def points(self) -> list[tuple[float, Setting]]:
        """Everything solved, by value."""
        return sorted(self.solved.items())

    def refine(self) -> None:
        """Solve until all neighbours that differ are within the tolerance."""
        for part in range(START + 1):
            self._solve(self._rounded(self.low + (self.high - self.low) * part / START))
        if self.low <= self.parameter.home <= self.high:
            self._solve(self.parameter.home)
        while (middle := self._widest()) is not None:
            self._solve(middle)

    def _rounded(self, value: float) -> float:
        return float(round(value)) if self.parameter.whole else float(f"{value:.12g}")

    def _solve(self, value: float) -> None:
        if value in self.solved:
            return
        if value == self.parameter.home and self._own().settled:
            self.solved[value] = self._own()
        else:
            self.solved[value] = self.solver.point(f"{value!r}", lambda: self.parameter.at(value))

    def _own(self) -> Setting:
        return Setting("run", self.result)

    def _widest(self) -> float | None:
        """Middle of the widest pair of neighbours that differ; None when none is wider than the tolerance."""
        wide = []
        for (low, first), (high, second) in self._neighbours():
            middle = self._rounded((low + high) / 2)
            free = middle not in self.solved and low < middle < high
            if free and high - low > self.tolerance * (1 + 1e-9) and self._differing(first, second):
                wide.append((high - low, -low, middle))
        return max(wide)[2] if wide else None

    def _neighbours(self) -> Iterator[tuple[tuple[float, Setting], tuple[float, Setting]]]:
        """Settled points next to each other."""
        return pairwise([(value, point) for value, point in self.points() if point.settled])

    def _differing(self, first: Setting, second: Setting) -> list[Trait]:
        """Traits that both plans have and that differ; only the first, where one has no plan."""
        both = [trait for trait in first.traits if trait in second.traits and self._tracked(trait)]
        return [trait for trait in both if first.traits[trait] != second.traits[trait]]

    def _tracked(self, trait: Trait) -> bool:
        return trait.kind in self.ask.kinds if self.ask.kinds else trait.kind != "line_rule"

    def changes(self) -> list[tuple[Trait, float, float]]:
        """Every flip: the trait and the two neighbours."""
        return [
            (trait, low, high)
            for (low, first), (high, second) in self._neighbours()
            for trait in self._differing(first, second)
        ]

    def flip(self, trait: Trait, low: float, high: float) -> dict[str, Any]:
        """One row of the table of flips."""
        before, after = self.solved[low].traits[trait], self.solved[high].traits[trait]
        apart_low: float | None = low
        apart_high: float | None = high
        tie: bool | None = False
        if trait.kind != "plan":
            apart_low, apart_high = self._apart_ends(trait, low, high, before, after)
            tie = (apart_low != low and apart_high != high) if self._fits(low, high) else None
        return {
            "kind": trait.kind, "subject": trait.subject, "when": trait.when, "low": low, "high": high,
            "before": before, "after": after, "within_gap": tie, "apart_low": apart_low, "apart_high": apart_high,
        }  # fmt: skip

    def _apart_ends(
        self, trait: Trait, low: float, high: float, before: str, after: str
    ) -> tuple[float | None, float | None]:
        """The nearest values outward of a flip at which no plan of the other side's kind is as good."""
        if not self._fits(low, high):
            return None, None
        planned = [value for value, point in self.points() if point.traits.get(Trait("plan")) == "yes"]
        down = [value for value in reversed(planned) if value <= low]
        up = [value for value in planned if value >= high]
        return (
            self._apart(down, trait, before, after, source=high),
            self._apart(up, trait, after, before, source=low),
        )

    def _apart(self, values: Sequence[float], trait: Trait, own: str, kind: str, source: float) -> float | None:
        """First of the values whose plans like that at `source` are of another kind or outside the gap there.

        None if there is none before the range ends or the trait flips again.
        """
        for value in values:
            if self.solved[value].traits.get(trait) != own:
                return None
            if not any(like.get(trait) == kind for like in self._as_good(value, source)):
                return value
        return None

    def _fits(self, low: float, high: float) -> bool:
        """Whether the plan of one value can be tried at the other."""
        first, second = self.solved[low].result, self.solved[high].result
        return first is not None and second is not None and comparable(first, second)

    def _as_good(self, value: float, source: float) -> list[dict[Trait, str]]:
        """Traits of plans like that at `source` which are within the gap of the bound at `value`."""
        if (value, source) not in self._like:
            self._like[value, source] = self._tried(self.solved[value].result, self.solved[source].result)
        return self._like[value, source]

    def _tried(self, here: Result | None, there: Result | None) -> list[dict[Trait, str]]:
        assert here is not None and there is not None  # settled, with a plan
        return as_good(here, like(here, there), self.ask.gap)

    def about(self) -> dict[str, Any]:
        """The parameter, the range, and what was not certain."""
        parameter = self.parameter
        failed = [{"value": value, "status": point.status, "message": point.message}
                  for value, point in self.points() if not point.settled]  # fmt: skip
        wide = [
            {"low": low, "high": high}
            for (low, first), (high, second) in self._neighbours()
            if high - low > self.tolerance * (1 + 1e-9) and self._differing(first, second)
        ]
        return {
            "over": parameter.path, "way": parameter.way, "unit": parameter.unit, "meaning": parameter.meaning,
            "home": parameter.home,
            "low": self.low, "high": self.high, "tolerance": self.tolerance,
            "gap": max([self.ask.gap, *(point.result.gap or 0.0 for _, point in self.points() if point.result)]),
            "solves": len(self.solved), "failed": failed, "wide": wide,
        }  # fmt: skip
