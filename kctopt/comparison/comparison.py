"""The comparison of one run with others, and everything it answers.

| in order | record |
|---|---|
| inputs that differ, with origin | Difference |
| status, gap, hash; what is not comparable, and cautions | Run, Refusal, Caution |
| objective and indices: absolute, delta, percent, within the gap | ObjectiveChange, IndexChange |
| value of planning of each run, and its part of the change | Run, PlanningChange |
| where base-year yields differ: which, and the change in two parts | YieldChange, Recalibration |
| money by domain x type x plan, the largest change first | Move |
| stages, gap bands, modes, programmes | Change |
| limits that began or ceased to bind | LimitChange |
| whether OTHER's money lies in BASE's near-optimal ranges | RangeCheck |
| regret of every plan under every scenario | Regret |
| how much of the change each changed input explains | Attribution |
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from kctopt.brief import brief, counted
from kctopt.comparison.comparable import Caution, Refusal, cautions, refusals, refused
from kctopt.comparison.courses import Change, changes
from kctopt.comparison.indices import IndexChange, ObjectiveChange, index_changes, objective_change
from kctopt.comparison.inputs import Difference, differences
from kctopt.comparison.limits import LimitChange, limit_changes
from kctopt.comparison.movers import Move, moves
from kctopt.comparison.planning import PlanningChange, planning_change
from kctopt.comparison.ranges import CellRange, RangeCheck, cell_ranges, range_check
from kctopt.comparison.regret import Regret, hindrance, regret
from kctopt.comparison.runs import Run, Solved, described
from kctopt.comparison.yardstick import Recalibration, YieldChange, recalibrations, yield_changes
from kctopt.errors import UsageError
from kctopt.result.result import Result

if TYPE_CHECKING:
    from kctopt.comparison.attribution import Attribution

SCHEMA = 1
Explain = Callable[[Solved, Solved], "Attribution | None"]


@dataclass(frozen=True, repr=False)
class Pair:
    """OTHER against BASE. Changes are OTHER less BASE; a part that is refused has none."""

    run: Run
    inputs: tuple[Difference, ...]
    refusals: tuple[Refusal, ...]
    cautions: tuple[Caution, ...]
    objective: ObjectiveChange | None
    value_of_planning: PlanningChange | None  # None where the objective is refused, or a run has no such value
    indices: tuple[IndexChange, ...]
    allocation: tuple[Move, ...]
    changes: tuple[Change, ...]
    limits: tuple[LimitChange, ...]
    ranges: RangeCheck | None = None  # None where one of the two is in no regret matrix
    range_cells: tuple[CellRange, ...] = ()  # where BASE's ranges are saved
    attribution: Attribution | None = None
    yields: tuple[YieldChange, ...] = ()  # of the base year, where they differ
    recalibration: tuple[Recalibration, ...] = ()  # the change in two parts, where yields differ

    def __repr__(self) -> str:
        state = "refused in part" if self.refusals else "comparable"
        return brief(self, self.run.name, counted(len(self.inputs), "changed input"), state)


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """BASE against others as data; `kctopt.Comparison` adds what is told and written.

    `pairs` holds a Pair for each other run; `regret` is None where there is no matrix (`regret_hindrance` says why).
    """

    base: Run
    pairs: tuple[Pair, ...]
    regret: Regret | None
    regret_hindrance: str  # one, plan, own, kind, shape; empty where there is a matrix
    results: Mapping[str, Result]

    def __repr__(self) -> str:
        return brief(self, f"{self.base.name} with {', '.join(pair.run.name for pair in self.pairs)}")

    @property
    def comparable(self) -> bool:
        """Whether everything could be subtracted."""
        return not any(pair.refusals for pair in self.pairs)

    def pair(self, name: str) -> Pair:
        """The comparison with one of the other runs.

        Parameters
        ----------
        name : str
            Name of the run.

        Returns
        -------
        Pair
            Its inputs, objective, indices, allocation, changes and limits.

        Raises
        ------
        KeyError
            Where there is no such run.

        Examples
        --------
        >>> import kctopt
        >>> base = kctopt.open("runs/baseline")
        >>> comparison = kctopt.compare(base, base)
        >>> comparison.pair(comparison.pairs[0].run.name) is comparison.pairs[0]
        True
        """
        known = {pair.run.name: pair for pair in self.pairs}
        if name not in known:
            raise KeyError(f"no run {name!r}; there are {', '.join(known)}")
        return known[name]

    def to_dict(self) -> dict[str, Any]:
        """The comparison as JSON prints it.

        Returns
        -------
        dict
            Plain values, None for what is missing.

        Examples
        --------
        >>> import kctopt
        >>> base = kctopt.open("runs/baseline")
        >>> sorted(kctopt.compare(base, base).to_dict())
        ['base', 'domain_shares', 'others', 'regret', 'regret_hindrance', 'schema_version']
        """
        return {
            "schema_version": SCHEMA,
            "base": asdict(self.base),
            "others": [plain(pair) for pair in self.pairs],
            "domain_shares": {name: plain(result.domain_shares) for name, result in self.results.items()},
            "regret": plain(self.regret),
            "regret_hindrance": self.regret_hindrance,
        }


Kind = TypeVar("Kind", bound=Comparison)


def compare(
    results: Mapping[str, Solved], kind: type[Kind], attribution: Explain[Solved] | None = None, thorough: bool = True
) -> Kind:
    """Compare the first of some named results with all others, as a record of this kind.

    `attribution` explains a pair where both are to be had; without `thorough` regret is an upper end (`regret`).
    """
    if len(results) < 2:
        raise UsageError("a comparison needs at least two runs: BASE and OTHER")
    first, *rest = results
    base = results[first]
    pairs = [_pair(base, name, results[name]) for name in rest]
    if attribution is not None:
        pairs = [
            replace(pair, attribution=attribution(base, results[pair.run.name])) if pair.objective else pair
            for pair in pairs
        ]
    why = hindrance(results)
    matrix = None if why else regret(results, thorough)
    if matrix is not None:
        pairs = [
            replace(pair, ranges=range_check(matrix, results, first, pair.run.name))
            if {first, pair.run.name} <= set(matrix.runs)
            else pair
            for pair in pairs
        ]
    return kind(
        base=described(first, base),
        pairs=tuple(pairs),
        regret=matrix,
        regret_hindrance=why,
        results=dict(results),
    )


def _pair(base: Result, name: str, other: Result) -> Pair:
    reasons = refusals(base, other)
    plans = base.has_plan and other.has_plan
    one_world = plans and not any(refusal.reason in ("model", "horizon.base_year") for refusal in reasons)
    subtracted = not refused(reasons, "objective")
    yields = yield_changes(base.scenario, other.scenario)
    parts = [part for part in ("objective", "indices") if not refused(reasons, part)] if yields and plans else []
    return Pair(
        run=described(name, other),
        inputs=differences(base, other),
        refusals=reasons,
        cautions=cautions(base, other),
        objective=objective_change(base, other) if subtracted else None,
        value_of_planning=planning_change(base, other) if subtracted else None,
        indices=index_changes(base, other, not refused(reasons, "indices")) if plans else (),
        allocation=moves(base, other, not refused(reasons, "allocation")) if plans else (),
        changes=changes(base, other) if one_world else (),
        limits=limit_changes(base, other) if one_world else (),
        yields=yields,
        recalibration=recalibrations(base, other, parts) if parts else (),
        range_cells=() if refused(reasons, "allocation") or not plans else cell_ranges(base, other),
    )


def plain(value: Any) -> Any:
    """A record as plain data: nan is None, records are mappings with the names of their fields."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
