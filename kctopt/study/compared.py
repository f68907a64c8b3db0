"""Two studies side by side: what differs in what was asked, how members ended, what came of them, and where money went.

Scenarios are paired by name; where each study has one alone, these two. Members of a pair are matched by the values of
their draws, where both studies draw the same inputs: then the change of each is known with its proof. A change counts
as proven where the intervals between plan and bound of the two do not meet.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.result.tables import INDEX_UNITS
from kctopt.study.records import Sample
from kctopt.study.sweep_tables import last_years

if TYPE_CHECKING:
    import pandas

    from kctopt.study.swept import Swept

SHARES = (0.05, 0.5, 0.95)
ENDS = ("p5", "p50", "p95")


@dataclass(frozen=True)
class Matched:
    """Members of two studies with the same draw, and what became of their objective."""

    scenario: str
    pairs: int
    same: int  # of them with the same hash: the same scenario, draw, gap and code
    other_scenario: bool  # hashes differ though gap and code agree
    both: int  # of them with a plan on both sides
    higher: int  # OTHER is proven to be higher
    lower: int
    mean: float | None  # change of the objective, OTHER less BASE
    least: float | None
    most: float | None


@dataclass(frozen=True)
class Beside:
    """Two studies side by side, as data; changes are OTHER less BASE."""

    base: Swept
    other: Swept

    @property
    def sides(self) -> tuple[Swept, Swept]:
        """BASE and OTHER."""
        return self.base, self.other

    @cached_property
    def scenarios(self) -> list[tuple[str, str]]:
        """Scenarios that stand side by side."""
        first, second = (list(dict.fromkeys(sweep.places["scenario"])) for sweep in self.sides)
        if len(first) == len(second) == 1:
            return [(first[0], second[0])]
        return [(name, name) for name in first if name in second]

    @cached_property
    def alone(self) -> list[tuple[str, str]]:
        """Scenarios without a counterpart: `base` or `other`, and their names."""
        paired = [set(names) for names in zip(*self.scenarios, strict=True)] or [set(), set()]
        return [
            (side, name)
            for side, sweep, there in zip(("base", "other"), self.sides, paired, strict=True)
            for name in dict.fromkeys(sweep.places["scenario"])
            if name not in there
        ]

    @cached_property
    def inputs(self) -> list[dict[str, Any]]:
        """What was asked and differs: inputs, the sample, the gap, kctopt and its packages; one dict each."""
        first, second = self.base.about, self.other.about
        samples = [asdict(Sample(**about["sample"])) for about in (first, second)]
        rows = [_row(f"sample.{name}", samples[0][name], samples[1][name]) for name in samples[0]]
        rows += [_row("gap", first["gap"], second["gap"])]
        packages = dict.fromkeys([*first["versions"], *second["versions"]])
        rows += [
            _row(f"version.{name}", first["versions"].get(name), second["versions"].get(name)) for name in packages
        ]
        asked = [{one["name"]: one for one in about["inputs"]} for about in (first, second)]
        for name in dict.fromkeys([*asked[0], *asked[1]]):
            cells = [
                _drawn(sweep, name, there[name]) if name in there else None
                for sweep, there in zip(self.sides, asked, strict=True)
            ]
            same = cells[0] == cells[1] and _same_values(self.base.draws[name], self.other.draws[name])
            if not same:
                rows.append({"what": name, "base": cells[0], "other": cells[1]})
        return [row for row in rows if row]

    @cached_property
    def statuses(self) -> list[dict[str, Any]]:
        """How many members of each pair ended in each status on each side; `missing` where some have not ended."""
        return [row for pair in self.scenarios for row in self._statuses(*pair)]

    @cached_property
    def outcomes(self) -> list[dict[str, Any]]:
        """Quantiles of the objective, and of the nation's indices at the end of the last planned year, on each side."""
        return [row for pair in self.scenarios for row in self._outcomes(*pair)]

    @cached_property
    def allocation(self) -> list[dict[str, Any]]:
        """Quantiles of money over all plans, billion CNY: the nation, domains, domains by type, on each side."""
        return [row for pair in self.scenarios for row in self._money(*pair)]

    @cached_property
    def matched(self) -> list[Matched]:
        """For each pair of scenarios, its members with the same draw; empty where the inputs are not the same."""
        if set(self.base.draws.columns) != set(self.other.draws.columns):
            return []
        return [self._matched(*pair) for pair in self.scenarios]

    def to_dict(self) -> dict[str, Any]:
        """All of it as data for JSON."""
        return {
            "schema_version": 1,
            **{
                side: {"study": sweep.about["name"], "file": str(sweep.path), "status": str(sweep.status)}
                for side, sweep in zip(("base", "other"), self.sides, strict=True)
            },
            "scenarios": [list(pair) for pair in self.scenarios],
            "alone": [list(one) for one in self.alone],
            "inputs": self.inputs, "members": self.statuses, "outcomes": self.outcomes, "allocation": self.allocation,
            "matched": [vars(one) for one in self.matched],
        }  # fmt: skip

    def _statuses(self, first: str, second: str) -> Iterator[dict[str, Any]]:
        counts = []
        for sweep, name in zip(self.sides, (first, second), strict=True):
            ended = Counter(_of(sweep.members, name)["status"])
            counts.append(ended + Counter({"missing": sweep.missing_of(name)}))
        for status in dict.fromkeys([*counts[0], *counts[1]]):
            yield {"scenario": first, "status": status, "base": counts[0][status], "other": counts[1][status]}

    def _outcomes(self, first: str, second: str) -> Iterator[dict[str, Any]]:
        objective = [
            _of(sweep.members, name)["objective"].dropna()
            for sweep, name in zip(self.sides, (first, second), strict=True)
        ]
        yield {"scenario": first, "outcome": "objective", "unit": "", "year": None} | _beside(*objective)
        ends = []
        for sweep, name in zip(self.sides, (first, second), strict=True):
            rows, last = _of(sweep.outcomes, name), last_years(sweep).get(name, 0)
            rows = rows[(rows["year"] == last) & (rows["domain"] == "")]
            ends.append(({str(index): own["value"] for index, own in rows.groupby("outcome", sort=False)}, last))
        (one, year), (two, _) = ends
        for index in dict.fromkeys([*one, *two]):
            head = {"scenario": first, "outcome": index, "unit": INDEX_UNITS.get(index, ""), "year": year or None}
            yield head | _beside(one.get(index), two.get(index))

    def _money(self, first: str, second: str) -> Iterator[dict[str, Any]]:
        for depth in ((), ("domain",), ("domain", "type")):
            sums = [
                _sums(_of(sweep.allocation, name), depth)
                for sweep, name in zip(self.sides, (first, second), strict=True)
            ]
            for place in dict.fromkeys([*sums[0], *sums[1]]):
                named = dict(zip(("domain", "type"), [*place, "", ""], strict=False))
                yield {"scenario": first} | named | _beside(sums[0].get(place), sums[1].get(place))

    def _matched(self, first: str, second: str) -> Matched:
        keyed = [
            _by_draw(sweep, name) for sweep, name in zip(self.sides, (first, second), strict=True)
        ]  # fmt: skip
        pairs = [(keyed[0][key], keyed[1][key]) for key in keyed[0] if key in keyed[1]]
        both = [(one, two) for one, two in pairs if one.objective == one.objective and two.objective == two.objective]
        spans = [(_span(one), _span(two)) for one, two in both]
        same = sum(one.member == two.member for one, two in pairs)
        first_about, second_about = (sweep.about for sweep in self.sides)
        alike = all(first_about[name] == second_about[name] for name in ("gap", "versions"))
        changes = [two.objective - one.objective for one, two in both]
        return Matched(
            first, len(pairs), same, alike and same < len(pairs), len(both), sum(two[0] > one[1] for one, two in spans),
            sum(two[1] < one[0] for one, two in spans), *_facts(changes),
        )  # fmt: skip


def _of(table: pandas.DataFrame, scenario: str) -> pandas.DataFrame:
    return table[table["scenario"] == scenario]


def _row(what: str, base: Any, other: Any) -> dict[str, Any]:
    """A setting that differs; empty where it does not."""
    return {} if base == other else {"what": what, "base": _text(base), "other": _text(other)}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _drawn(sweep: Swept, name: str, about: dict[str, Any]) -> str:
    """How an input is drawn: the way, its paths, and the values met."""
    values = sweep.draws[name]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        met = f"{values.min():.6g} … {values.max():.6g}" if len(values) else "–"
    else:
        met = ", ".join(sorted({str(value) for value in values}))
    return f"{about['way']} {', '.join(about['paths'])}: {met}"


def _same_values(first: pandas.Series[Any], second: pandas.Series[Any]) -> bool:
    return sorted(map(repr, first)) == sorted(map(repr, second))


def _beside(first: pandas.Series[Any] | None, second: pandas.Series[Any] | None) -> dict[str, float | None]:
    """Quantiles of two sides, and the change of the middle."""
    cells: dict[str, float | None] = {}
    for side, values in (("base", first), ("other", second)):
        cut: list[float | None] = [None] * len(SHARES)
        if values is not None and len(values):
            cut = np.quantile(values.to_numpy(), SHARES).tolist()
        cells |= {f"{side}_{end}": value for end, value in zip(ENDS, cut, strict=True)}
    one, two = cells["base_p50"], cells["other_p50"]
    return cells | {"change": None if one is None or two is None else two - one}


def _sums(cells: pandas.DataFrame, depth: tuple[str, ...]) -> dict[tuple[str, ...], pandas.Series[Any]]:
    """Money of each draw over all plans, by place."""
    summed = cells.groupby([*depth, "draw"], sort=False)["amount"].sum()
    if not depth:
        return {(): summed} if len(summed) else {}
    found: dict[tuple[str, ...], pandas.Series[Any]] = {}
    for key, values in summed.groupby(level=list(depth), sort=False):
        found[tuple(map(str, key)) if isinstance(key, tuple) else (str(key),)] = values
    return found


def _by_draw(sweep: Swept, scenario: str) -> dict[tuple[str, int], Any]:
    """Members by the hash of their draw; a draw that stands there several times is counted."""
    names, seen = sorted(sweep.draws.columns), Counter[str]()
    hashes = {}
    for draw, values in zip(sweep.draws.index, sweep.draws[names].itertuples(index=False), strict=True):
        said = json.dumps([[name, repr(value)] for name, value in zip(names, values, strict=True)])
        key = hashlib.sha256(said.encode()).hexdigest()
        hashes[int(draw)] = key, seen[key]
        seen[key] += 1
    return {hashes[int(row.draw)]: row for row in _of(sweep.members, scenario).itertuples()}  # type: ignore[arg-type]


def _span(member: Any) -> tuple[float, float]:
    """Between which two numbers the best of a member lies; without a bound nothing is known."""
    if member.bound != member.bound:
        return -np.inf, np.inf
    return min(member.objective, member.bound), max(member.objective, member.bound)


def _facts(changes: list[float]) -> tuple[float | None, float | None, float | None]:
    """Mean, least and most."""
    return (float(np.mean(changes)), min(changes), max(changes)) if changes else (None, None, None)
