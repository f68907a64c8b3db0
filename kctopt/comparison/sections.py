"""A comparison as a list of sections, each a title, sentences and a small table, in one language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kctopt.comparison.comparable import Caution, Refusal
from kctopt.comparison.indices import IndexChange
from kctopt.comparison.inputs import Difference, grades, origins, unsourced
from kctopt.comparison.movers import PROGRAMMES, Move
from kctopt.comparison.ranges import CellRange
from kctopt.comparison.regret_text import regret_section
from kctopt.comparison.render import ComparisonSection, spans
from kctopt.comparison.render import digits as _digits
from kctopt.comparison.render import share as _share
from kctopt.comparison.sentences import told
from kctopt.comparison.words import own_text, word
from kctopt.language import LANGUAGES, checked_lang
from kctopt.result.text import gap_text
from kctopt.result.text import name as label
from kctopt.result.text import word as result_word
from kctopt.scenario.chinese import unit_name
from kctopt.scenario.records import Scenario
from kctopt.scenario.shown import shown_rule, shown_value

if TYPE_CHECKING:
    from kctopt.comparison.comparison import Comparison, Pair

SHOWN = ("security", "economic", "military", "technology", "loss", "economy_ratio", "military_ratio")
MOST_MOVES, MOST_LIMITS, MOST_POINTS, MOST_CHANGES = 12, 15, 4, 20
POLICY = re.compile(r"policies\[[^\]]*\]")
SMALL = 0.05  # money that reads 0.0, billion CNY
SIDES = ("base", "other")  # of a difference


def sections(comparison: Comparison, lang: str) -> list[ComparisonSection]:
    """Everything in the order of the comparison; parts that are one for each pair stand together."""
    checked_lang(lang)
    pairs = comparison.pairs
    found: list[ComparisonSection | None] = [_inputs(comparison, pair, lang) for pair in pairs]
    found += [_runs(comparison, lang), *(_refusals(comparison, pair, lang) for pair in pairs)]
    for part in (_indices, _allocation, _changes, _limits, _ranges):
        found += [part(comparison, pair, lang) for pair in pairs]
    found.append(regret_section(comparison, lang))
    found += [_attribution(comparison, pair, lang) for pair in pairs]
    return [section for section in found if section is not None]


def _between(key: str, comparison: Comparison, pair: Pair, lang: str) -> str:
    return word(key, lang, base=comparison.base.name, other=pair.run.name)


def _inputs(comparison: Comparison, pair: Pair, lang: str) -> ComparisonSection:
    title = _between("inputs", comparison, pair, lang)
    if not pair.inputs:
        same = comparison.base.scenario_sha256 == pair.run.scenario_sha256
        return ComparisonSection(title, (word("no_inputs" if same else "only_names", lang),))
    names = {"base": comparison.base.name, "other": pair.run.name}
    sides = {side: comparison.results[name].scenario for side, name in names.items()}
    groups: dict[str, list[Difference]] = {}
    for one in pair.inputs:
        policy = POLICY.match(one.path)
        groups.setdefault(policy[0] if policy else one.group, []).append(one)
    rows = [
        (path, *(_points(points, side, sides[side], lang) for side in SIDES), _unit(points, lang), grades(points, lang),
         origins(points, lang))
        for path, points in groups.items()
    ]  # fmt: skip
    header = (word("input", lang), *names.values(), *(word(key, lang) for key in ("unit", "grade", "set_in")))
    bare = ", ".join(unsourced(pair.inputs))
    lines = (word("unsourced", lang, name=pair.run.name, inputs=bare),) if bare else ()
    return ComparisonSection(title, lines, header, tuple(rows), (0, 1, 2, 3, 4, 5))


def _unit(points: list[Difference], lang: str) -> str:
    """The unit of values that share one; the fields of a policy bring their own."""
    units = {"" if POLICY.match(one.path) else one.unit for one in points}
    return unit_name(units.pop(), lang) if len(units) == 1 else ""


def _points(points: list[Difference], side: str, scenario: Scenario, lang: str) -> str:
    """One value, the years of a series that differ, or the fields of a policy that do."""
    stated = [one for one in points if getattr(one, side) is not None]
    if not stated or stated[0].path.startswith("own."):
        return own_text([getattr(one, side) for one in stated], lang)
    if POLICY.match(points[0].path):
        fields: dict[str, list[str]] = {}
        for one in stated:
            fields.setdefault(one.path.rpartition("].")[2].partition("[")[0], []).append(getattr(one, side))
        return shown_rule(((name, tuple(values)) for name, values in fields.items()), scenario, lang)
    values = [(one.year, _number(shown_value(one.path, getattr(one, side), lang))) for one in stated]
    texts = [f"{year}: {value}" if year else value for year, value in values]
    if len(texts) > MOST_POINTS:
        texts = [*texts[: MOST_POINTS - 1], word("points_more", lang, count=len(texts) - MOST_POINTS), texts[-1]]
    return ", ".join(texts)


def _number(value: str) -> str:
    try:
        return f"{float(value):.6g}"
    except ValueError:
        return value


def _runs(comparison: Comparison, lang: str) -> ComparisonSection:
    keys = ("run", "status", "objective", "bound", "gap", "verified", "hash", "version")
    rows = [
        (
            run.name, result_word(run.status, lang), _digits(run.objective, 4), _digits(run.bound, 4),
            "" if run.gap is None else gap_text(run.gap), word("yes" if run.verified else "no", lang),
            run.scenario_sha256[:12], run.kctopt,
        )
        for run in (comparison.base, *(pair.run for pair in comparison.pairs))
    ]  # fmt: skip
    return ComparisonSection(word("runs", lang), (), tuple(word(key, lang) for key in keys), tuple(rows), (0, 1, 6, 7))


def _refusals(comparison: Comparison, pair: Pair, lang: str) -> ComparisonSection | None:
    lines = [_refusal(comparison, pair, one, lang) for one in pair.refusals]
    lines += [_caution(comparison, pair, one, lang) for one in pair.cautions]
    title = word("refused" if pair.refusals else "cautions", lang, other=pair.run.name)
    return ComparisonSection(title, tuple(lines)) if lines else None


def _refusal(comparison: Comparison, pair: Pair, one: Refusal, lang: str) -> str:
    names = {"base_name": comparison.base.name, "other_name": pair.run.name}
    if one.reason == "plan":
        return word("refuse_plan", lang, base=result_word(one.base, lang), other=result_word(one.other, lang), **names)
    parts = LANGUAGES[lang].comma.join(word(f"part_{part}", lang) for part in one.parts)
    key = "refuse_own" if one.reason == "own" else "refuse"
    values = {side: shown_value(one.reason, getattr(one, side), lang) for side in SIDES}
    return word(key, lang, parts=parts, reason=one.reason, **values, **names)


def _caution(comparison: Comparison, pair: Pair, one: Caution, lang: str) -> str:
    base, other = comparison.base.name, pair.run.name
    names = ", ".join(name for name, said in ((base, one.base), (other, one.other)) if said)
    return word(
        f"caution_{one.reason}", lang, base=base, other=other, base_value=one.base, other_value=one.other,
        values=one.other, names=names,
    )  # fmt: skip


def refusal_texts(comparison: Comparison, lang: str) -> list[str]:
    """What is not subtracted and why, a sentence each."""
    return [_refusal(comparison, pair, one, lang) for pair in comparison.pairs for one in pair.refusals]


def _indices(comparison: Comparison, pair: Pair, lang: str) -> ComparisonSection | None:
    rows = [] if pair.objective is None else [_objective_row(pair, lang)]
    horizon = comparison.results[pair.run.name].scenario.horizon
    years = {plan.last for plan in horizon.plans}
    shown = [one for one in pair.indices if not one.domain and one.index in SHOWN and not one.after_plan]
    wanted = {(one.index, one.year): one for one in shown}
    rows += [
        _index_row(wanted[index, year], lang) for index in SHOWN for year in sorted(years) if (index, year) in wanted
    ]
    if not rows:
        return None
    lines = []
    if pair.objective is not None and pair.objective.low is not None and pair.objective.high is not None:
        low, high = (_digits(end, 4, "+") for end in (pair.objective.low, pair.objective.high))
        lines.append(word("bracket", lang, low=low, high=high))
    keys = ("index", "year", "delta", "percent")
    index, year, delta, share = (word(key, lang) for key in keys)
    header = (index, year, comparison.base.name, pair.run.name, delta, share, "")
    notes = (word("within_note", lang),) if any(row[-1] for row in rows) else ()
    title = _between("indices", comparison, pair, lang)
    return ComparisonSection(title, tuple(lines), header, tuple(rows), (0, 6), notes)


def _objective_row(pair: Pair, lang: str) -> tuple[str, ...]:
    one = pair.objective
    assert one is not None
    numbers = (_digits(one.base, 3), _digits(one.other, 3), _digits(one.delta, 3, "+"), _digits(one.percent, 3, "+"))
    return (word("objective", lang), "", *numbers, word("within", lang) if one.within_gap else "")


def _index_row(one: IndexChange, lang: str) -> tuple[str, ...]:
    digits = 4 if one.index.endswith("ratio") else 3
    numbers = (_digits(one.base, digits), _digits(one.other, digits), _digits(one.delta, digits, "+"))
    share = _digits(one.percent, 2, "+")
    return (word(one.index, lang), str(one.year), *numbers, share, word("within", lang) if one.within_gap else "")


def _allocation(comparison: Comparison, pair: Pair, lang: str) -> ComparisonSection | None:
    if not pair.allocation:
        return None
    labels = _domains(comparison, pair, lang)
    subtracted = pair.allocation[0].delta is not None
    shown = [one for one in pair.allocation if not subtracted or abs(one.delta or 0.0) >= SMALL]
    cut = shown[:MOST_MOVES] if subtracted else shown
    rows = [_move_row(one, labels, lang) for one in cut]
    total = sum(one.base for one in pair.allocation), sum(one.other for one in pair.allocation)
    rows.append((word("total", lang), "", "", *_amounts(total[0], total[1], subtracted)))
    names = tuple(word(key, lang) for key in ("domain", "type", "plan"))
    header = (*names, comparison.base.name, pair.run.name, word("delta", lang), "%")
    lines, notes = [], []
    if subtracted:
        change = total[1] - total[0]
        away = (sum(abs(one.delta or 0.0) for one in pair.allocation) - abs(change)) / 2
        lines.append(word("moved", lang, amount=_digits(away, 1), total=_digits(change, 1, "+")))
    if len(shown) > len(cut):
        notes.append(word("rest", lang, count=len(shown) - len(cut)))
    title = _between("allocation", comparison, pair, lang)
    return ComparisonSection(title, tuple(lines), header, tuple(rows), (0, 1, 2), tuple(notes))


def _move_row(one: Move, labels: dict[str, str], lang: str) -> tuple[str, ...]:
    kind = word("programmes" if one.type == PROGRAMMES else one.type, lang)
    return (labels[one.domain], kind, one.plan, *_amounts(one.base, one.other, one.delta is not None))


def _amounts(base: float, other: float, subtract: bool) -> tuple[str, str, str, str]:
    change = other - base
    share = 100 * change / base if base else None
    shown = (_digits(change, 1, "+"), _digits(share, 1, "+")) if subtract else ("", "")
    return (_digits(base, 1), _digits(other, 1), *shown)


def _domains(comparison: Comparison, pair: Pair, lang: str) -> dict[str, str]:
    scenarios = _scenarios(comparison, pair)
    return {domain.id: label(domain.label, lang) for scenario in scenarios for domain in scenario.domains}


def _scenarios(comparison: Comparison, pair: Pair) -> tuple[Scenario, Scenario]:
    return comparison.results[comparison.base.name].scenario, comparison.results[pair.run.name].scenario


def _changes(comparison: Comparison, pair: Pair, lang: str) -> ComparisonSection | None:
    if not pair.indices:
        return None
    title = word("changes", lang, other=pair.run.name)
    scenarios = _scenarios(comparison, pair)
    lines = [text for one in pair.changes for text in told(one, comparison.base.name, *scenarios, lang)]
    if not lines:
        return ComparisonSection(title, (word("no_changes", lang),))
    rest = len(lines) - MOST_CHANGES
    more = (word("rest", lang, count=rest),) if rest > 0 else ()
    return ComparisonSection(title, tuple(lines[:MOST_CHANGES]), notes=more)


def _limits(comparison: Comparison, pair: Pair, lang: str) -> ComparisonSection | None:
    if not pair.indices:
        return None
    title = _between("limits", comparison, pair, lang)
    if not pair.limits:
        return ComparisonSection(title, (word("no_limits", lang),))
    rows = [
        (
            one.rule, word(one.change, lang), spans(one.years), "" if one.price is None else f"{one.price:.3g}",
            unit_name(one.unit, lang) if one.price is not None else "",
        )
        for one in pair.limits[:MOST_LIMITS]
    ]  # fmt: skip
    rest = len(pair.limits) - MOST_LIMITS
    notes = (word("rest", lang, count=rest),) if rest > 0 else ()
    header = (
        word("rule", lang),
        word("change", lang),
        word("years", lang),
        word("price", lang),
        result_word("per", lang),
    )
    return ComparisonSection(title, (), header, tuple(rows), (0, 1, 2, 4), notes)


def _ranges(comparison: Comparison, pair: Pair, lang: str) -> ComparisonSection | None:
    found, cells = pair.ranges, pair.range_cells
    if found is None and not cells:
        return None
    names = {"base": comparison.base.name, "other": pair.run.name}
    lines = []
    if found is not None:
        near, moved = f"{100 * found.near:g}", _share(found.moved or 0.0)
        lost = _digits(found.percent, 2)
        lines.append(word(f"ranges_{found.answer}", lang, lost=lost, near=near, moved=moved, **names))
    title = _between("ranges", comparison, pair, lang)
    if not cells:
        if found is not None and found.answer != "inside":
            lines.append(word("ranges_how", lang, base=comparison.base.name))
        return ComparisonSection(title, tuple(lines))
    counts = {answer: sum(one.answer == answer for one in cells) for answer in ("inside", "outside", "undecided")}
    near = f"{100 * cells[0].epsilon:g}"
    lines.append(word("ranges_cells", lang, near=near, count=len(cells), **counts, **names))
    outside = [one for one in cells if one.answer == "outside"]
    labels = _domains(comparison, pair, lang)
    rows = tuple(_range_row(one, labels, lang) for one in outside[:MOST_MOVES])
    rest = len(outside) - len(rows)
    notes = (word("rest", lang, count=rest),) if rest > 0 else ()
    keys = ("domain", "type", "plan", "in_range")
    header = (*(word(key, lang) for key in keys), pair.run.name, word("range_verdict", lang))
    return ComparisonSection(title, tuple(lines), header if rows else (), rows, (0, 1, 2, 5), notes)


def _range_row(one: CellRange, labels: dict[str, str], lang: str) -> tuple[str, ...]:
    side = word("below" if one.other < one.least else "above", lang)
    span = f"{_digits(one.least_proven, 1)} – {_digits(one.most_proven, 1)}"
    return (labels[one.domain], word(one.type, lang), one.plan, span, _digits(one.other, 1), side)


def _attribution(comparison: Comparison, pair: Pair, lang: str) -> ComparisonSection | None:
    found = pair.attribution
    if found is None or not found.parts:
        return None
    rows: list[tuple[str, ...]] = [
        (
            one.group, _digits(one.explained, 3, "+"), _digits(one.percent, 1), _range(one.low, one.high),
            _digits(one.error, 3), _digits(one.security, 3, "+"),
        )
        for one in found.parts
    ]  # fmt: skip
    whole = sum(one.explained for one in found.parts), sum(one.security for one in found.parts)
    rows.append((word("total", lang), _digits(whole[0], 3, "+"), "", "", "", _digits(whole[1], 3, "+")))
    last = word("in_last", lang, year=found.year)
    keys = ("group", "explains", "percent", "proven", "error")
    header: tuple[str, ...] = (*(word(key, lang) for key in keys), last)
    how = "exact" if found.orders is None else "sampled"
    line = word(f"attribution_{how}", lang, solves=found.solves, orders=found.orders)
    if found.orders is None:  # every order counts: nothing is drawn, so nothing is uncertain about the mean
        header, rows = _without(header, 4), [_without(row, 4) for row in rows]
    return ComparisonSection(_between("attribution", comparison, pair, lang), (line,), header, tuple(rows), (0,))


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{_digits(low, 3, '+')} … {_digits(high, 3, '+')}"


def _without(cells: tuple[str, ...], column: int) -> tuple[str, ...]:
    return cells[:column] + cells[column + 1 :]
