"""Conditions of `--fail-on`: a change of an index, the objective or money that makes a comparison fail.

    NAME [ '[' SELECTOR {',' SELECTOR} ']' ] [ '@' YEAR ] OP NUMBER [ '%' ]          OP: <  <=  >  >=

| name | change of | selectors | without a year |
|---|---|---|---|
| objective | the objective | none | |
| NS EP MP, or an index such as kct, loss, score_B | that index | a domain, where it has them | last planned year |
| money | spend in billion CNY | domain, type (B A M S programmes), plan | all planned years |

The change is OTHER less BASE: absolute, or in per cent of BASE with '%'. `NS<-1%` fails where national security in the
last planned year falls by more than one per cent; `money[quantum,2026-30]>20` where the domain gains over 20 billion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kctopt.comparison.indices import percent
from kctopt.errors import UsageError, suggest

if TYPE_CHECKING:
    from kctopt.comparison.comparison import Comparison, Pair

SHAPE = re.compile(
    r"\s*(?P<name>[A-Za-z_]+)\s*(?:\[(?P<inside>[^\]]*)\])?\s*(?:@\s*(?P<year>\d{4}))?\s*"
    r"(?P<op><=|>=|<|>)\s*(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(?P<percent>%?)\s*"
)
ALIASES = {"NS": "security", "EP": "economic", "MP": "military"}
EXAMPLE = "write NS<-1%, NS@2030<-.5, kct[quantum]<0 or money[quantum,2026-30]>20"


@dataclass(frozen=True)
class Condition:
    """A condition as written, taken apart."""

    text: str
    name: str  # objective, money, or an index
    selectors: tuple[str, ...]
    year: int | None
    op: str
    number: float
    percent: bool

    def holds(self, change: float) -> bool:
        """Whether a change meets it."""
        match self.op:
            case "<":
                return change < self.number
            case "<=":
                return change <= self.number
            case ">":
                return change > self.number
            case _:
                return change >= self.number


@dataclass(frozen=True)
class Failure:
    """A condition that came true for one of the other runs."""

    condition: str
    run: str
    change: float
    percent: bool
    within_gap: bool | None


def parsed(text: str) -> Condition:
    """A condition from its text. Raises UsageError with an example."""
    match = SHAPE.fullmatch(text)
    if match is None:
        raise UsageError(f"--fail-on {text!r} is not a condition; {EXAMPLE}")
    inside = tuple(part.strip() for part in (match["inside"] or "").split(",") if part.strip())
    name = ALIASES.get(match["name"].upper(), match["name"].lower() if match["name"].isupper() else match["name"])
    year = int(match["year"]) if match["year"] else None
    return Condition(text.strip(), name, inside, year, match["op"], float(match["number"]), bool(match["percent"]))


def failures(comparison: Comparison, conditions: list[Condition]) -> list[Failure]:
    """Conditions that come true, for each of the other runs. Raises UsageError for a name nobody knows, or a change
    that is refused."""
    failed = []
    for condition in conditions:
        for pair in comparison.pairs:
            change, within = _change(comparison, pair, condition)
            if condition.holds(change):
                failed.append(Failure(condition.text, pair.run.name, change, condition.percent, within))
    return failed


def _change(comparison: Comparison, pair: Pair, condition: Condition) -> tuple[float, bool | None]:
    """The change that a condition speaks of, and whether it lies within the gap."""
    match condition.name:
        case "objective":
            if condition.selectors or condition.year:
                raise _fault(condition, "the objective has neither domain nor year")
            objective = pair.objective
            delta, share, within = (
                (objective.delta, objective.percent, objective.within_gap) if objective else (None, None, None)
            )
        case "money":
            delta, share, within = *_money(comparison, pair, condition), None
        case _:
            delta, share, within = _index(comparison, pair, condition)
    change = share if condition.percent else delta
    if change is None:
        reason = "its percentage has no base" if delta is not None else "it is not comparable"
        raise _fault(condition, f"cannot be judged for {pair.run.name}: {reason}")
    return change, within


Found = tuple[float | None, float | None]


def _index(comparison: Comparison, pair: Pair, condition: Condition) -> tuple[float | None, float | None, bool | None]:
    if not pair.indices:
        return None, None, None
    names = dict.fromkeys(change.index for change in pair.indices)
    if condition.name not in names:
        raise _fault(
            condition, f"there is no index '{condition.name}'", condition.name, [*names, *ALIASES, "money", "objective"]
        )
    domain = condition.selectors[0] if condition.selectors else ""
    own = [change for change in pair.indices if change.index == condition.name]
    domains = dict.fromkeys(change.domain for change in own)
    if len(condition.selectors) > 1 or domain not in domains:
        what = f"'{condition.name}' has no domain '{domain}'" if domain else f"'{condition.name}' needs a domain"
        raise _fault(condition, what, domain, [name for name in domains if name])
    years = {change.year: change for change in own if change.domain == domain}
    year = condition.year or comparison.results[pair.run.name].scenario.horizon.last_year
    if year not in years:
        raise _fault(condition, f"no value of {year} in both; there are {min(years)} to {max(years)}")
    change = years[year]
    return change.delta, change.percent, change.within_gap


def _money(comparison: Comparison, pair: Pair, condition: Condition) -> Found:
    """Change of spend over the selection; with a year from the tables of allocation, else from the moves by plan."""
    known = {
        kind: dict.fromkeys(getattr(move, kind) for move in pair.allocation) for kind in ("domain", "type", "plan")
    }
    wanted: dict[str, str] = {}
    for selector in condition.selectors:
        kind = next((kind for kind, values in known.items() if selector in values), None)
        if kind is None:
            raise _fault(
                condition,
                f"no domain, type or plan '{selector}'",
                selector,
                [name for each in known.values() for name in each],
            )
        wanted[kind] = selector
    if any(move.delta is None for move in pair.allocation) or not pair.allocation:
        return None, None
    if condition.year is not None:
        base, other = (_spend(comparison, name, condition, wanted) for name in (comparison.base.name, pair.run.name))
    else:
        chosen = [
            move for move in pair.allocation if all(getattr(move, kind) == value for kind, value in wanted.items())
        ]
        base, other = sum(move.base for move in chosen), sum(move.other for move in chosen)
    return other - base, percent(base, other - base)


def _spend(comparison: Comparison, run: str, condition: Condition, wanted: dict[str, str]) -> float:
    """Spend of a run in one year over a selection, billion CNY; programmes are counted by plan only."""
    if wanted.get("type") == "programmes":
        raise _fault(condition, "money for programmes is counted by plan: leave the year out")
    table = comparison.results[run].columns("allocation")
    chosen = table["year"] == condition.year
    if not chosen.any():
        raise _fault(condition, f"{condition.year} is not a planned year of {run}")
    for kind, value in wanted.items():
        chosen = chosen & (table[kind] == value)
    return float(table["amount"][chosen].sum())


def _fault(condition: Condition, message: str, word: str = "", options: list[str] | None = None) -> UsageError:
    hint = suggest(word, options or [], most=0) if word else ""
    if options and not hint:
        hint = f"known: {', '.join(options)}"
    return UsageError(f"--fail-on {condition.text!r}: {message}" + (f"; {hint}" if hint else ""))
