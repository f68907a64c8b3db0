"""What the plans are worth beyond the base year's shares, and shares of the money less weights, as sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kctopt.comparison.render import ComparisonSection, digits
from kctopt.comparison.words import word
from kctopt.language import LANGUAGES, percent
from kctopt.result.text import name as label

if TYPE_CHECKING:
    from kctopt.comparison.comparison import Comparison, Pair


def worth_section(comparison: Comparison, lang: str) -> ComparisonSection | None:
    """Each run's trend, base year's shares and planning, and the differences; None where no run has such a value."""
    runs = [comparison.base, *(pair.run for pair in comparison.pairs)]
    valued = [run for run in runs if run.value_of_planning is not None]
    if not valued:
        return None
    rows = [
        (
            run.name, digits(run.trend, 4), digits(_less(run.reference, run.trend), 4, "+"),
            digits(run.value_of_planning, 4, "+"), digits(run.value_at_most, 4, "+"),
            digits(_plus(run.reference, run.value_of_planning), 4),
        )
        for run in valued
    ]  # fmt: skip
    lines = [line for pair in comparison.pairs for line in _change(comparison, pair, lang)]
    if mended := [run.name for run in valued if run.unlawful is not None]:
        lines.append(word("made_lawful", lang, runs=LANGUAGES[lang].comma.join(mended)))
    if len(valued) < len(runs):
        without = LANGUAGES[lang].comma.join(run.name for run in runs if run not in valued)
        lines.append(word("no_planning", lang, runs=without))
    header = tuple(word(key, lang) for key in ("run", "trend", "shares", "planning", "at_most", "objective"))
    return ComparisonSection(word("worth", lang), tuple(lines), header, tuple(rows), (0,))


def _change(comparison: Comparison, pair: Pair, lang: str) -> list[str]:
    """Of the change of the objective, what comes with which part."""
    change = pair.value_of_planning
    if change is None:
        return []
    signed = {"delta": change.objective, "trend": change.trend, "shares": change.shares, "planning": change.delta}
    values = {key: digits(value, 4, "+") for key, value in signed.items()}
    ends = {"low": digits(change.low, 4, "+"), "high": digits(change.high, 4, "+")}
    key = "planning_open" if change.low is None else "planning_told"
    return [word(key, lang, base=comparison.base.name, other=pair.run.name, **values, **ends)]


def shares_section(comparison: Comparison, lang: str) -> ComparisonSection | None:
    """Every domain's share of the money in each run, and what it is beyond the domain's weight; None without plans."""
    planned = {name: result for name, result in comparison.results.items() if result.has_plan}
    shares = {name: {entry.domain: entry for entry in result.domain_shares} for name, result in planned.items()}
    if not shares:
        return None
    labels = {domain.id: label(domain.label, lang) for result in planned.values() for domain in result.scenario.domains}
    rows = []
    for domain, text in labels.items():
        row = [text]
        for own in shares.values():
            entry = own.get(domain)
            row += (
                ["", ""] if entry is None else [percent(entry.share, lang), digits(100 * entry.beyond_weight, 1, "+")]
            )
        rows.append(tuple(row))
    header = [word("domain", lang)]
    for name in shares:
        header += [name, word("beyond_weight", lang)]
    return ComparisonSection(
        word("domain_shares", lang), (word("share_points", lang),), tuple(header), tuple(rows), (0,)
    )


def _less(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first - second


def _plus(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first + second
