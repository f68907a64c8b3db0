"""A comparison as a list of sections, each a title, sentences and a small table, in one language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kctopt.comparison import names as name_of
from kctopt.comparison.comparable import Caution, Refusal
from kctopt.comparison.indices import IndexChange
from kctopt.comparison.inputs import Difference, grades, origins, unsourced
from kctopt.comparison.movers import PROGRAMMES, Move
from kctopt.comparison.ranges import CellRange
from kctopt.comparison.regret_text import regret_section
from kctopt.comparison.render import ComparisonSection, spans
from kctopt.comparison.render import digits as _digits
from kctopt.comparison.render import money_digits as _money
from kctopt.comparison.render import share as _share
from kctopt.comparison.sentences import told
from kctopt.comparison.words import own_text, word
from kctopt.comparison.worth_text import shares_section, worth_section
from kctopt.language import LANGUAGES, checked_lang, money, plan_name
from kctopt.result import named
from kctopt.result.text import INDICES, gap_text
from kctopt.result.text import name as label
from kctopt.result.text import word as result_word
from kctopt.scenario.chinese import price_unit, shown_amount, shown_unit
from kctopt.scenario.records import Scenario
from kctopt.scenario.shown import shown_rule, shown_value

if TYPE_CHECKING:
    from kctopt.comparison.comparison import Comparison, Pair
    from kctopt.comparison.runs import Run

MOST_MOVES, MOST_LIMITS, MOST_POINTS, MOST_CHANGES = 12, 15, 4, 20
POLICY = re.compile(r"policies\[[^\]]*\]")
SMALL = 0.05  # money that reads 0.0, billion CNY
SIDES = ("base", "other")  # of a difference


def sections(comparison: Comparison, lang: str) -> list[ComparisonSection]:
    """Everything in the order of the comparison; parts that are one for each pair stand together."""
    checked_lang(lang)
    pairs = comparison.pairs
    candidates: list[ComparisonSection | None] = [_inputs(comparison, pair, lang) for pair in pairs]
    candidates += [_runs(comparison, lang), *(_refusals(comparison, pair, lang) for pair in pairs)]
    candidates += [_indices(comparison, pair, lang) for pair in pairs]
    candidates += [_recalibration(comparison, pair, lang) for pair in pairs]
    candidates += [worth_section(comparison, lang), shares_section(comparison, lang)]
    for part in (_allocation, _changes, _limits, _ranges):
        candidates += [part(comparison, pair, lang) for pair in pairs]
    candidates.append(regret_section(comparison, lang))
    candidates += [_attribution(comparison, pair, lang) for pair in pairs]
    return [section for section in candidates if section is not None]


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
    for point in pair.inputs:
        policy = POLICY.match(point.path)
        groups.setdefault(policy[0] if policy else point.group, []).append(point)
    rows = [
        (named.setting(path, sides["other"], lang), *(_points(points, side, sides[side], lang) for side in SIDES),
         _unit(points, lang), grades(points, lang), origins(points, lang))
        for path, points in groups.items()
    ]  # fmt: skip
    header = (word("input", lang), *names.values(), *(word(key, lang) for key in ("unit", "grade", "set_in")))
    bare = name_of.settings(unsourced(pair.inputs), sides["other"], lang)
    lines = (word("unsourced", lang, name=pair.run.name, inputs=bare),) if bare else ()
    return ComparisonSection(title, lines, header, tuple(rows), (0, 1, 2, 3, 4, 5))


def _unit(points: list[Difference], lang: str) -> str:
    """The unit of values that share one; the fields of a policy bring their own."""
    units = {"" if POLICY.match(point.path) else point.unit for point in points}
    return shown_unit(units.pop(), lang) if len(units) == 1 else ""


def _points(points: list[Difference], side: str, scenario: Scenario, lang: str) -> str:
    """One value, the years of a series that differ, or the fields of a policy that do."""
    stated = [point for point in points if getattr(point, side) is not None]
    if not stated or stated[0].path.startswith("own."):
        return own_text([getattr(point, side) for point in stated], lang)
    if POLICY.match(points[0].path):
        fields: dict[str, list[str]] = {}
        for point in stated:
            fields.setdefault(point.path.rpartition("].")[2].partition("[")[0], []).append(getattr(point, side))
        return shown_rule(((name, tuple(values)) for name, values in fields.items()), scenario, lang)
    values = [
        (point.year, shown_amount(_number(shown_value(point.path, getattr(point, side), lang)), point.unit, lang))
        for point in stated
    ]
    colon = LANGUAGES[lang].colon
    texts = [f"{year}{colon}{value}" if year else value for year, value in values]
    if len(texts) > MOST_POINTS:
        texts = [*texts[: MOST_POINTS - 1], word("points_more", lang, count=len(texts) - MOST_POINTS), texts[-1]]
    return LANGUAGES[lang].clause.join(texts)


def _number(value: str) -> str:
    try:
        return f"{float(value):.6g}"
    except ValueError:
        return value


def _runs(comparison: Comparison, lang: str) -> ComparisonSection:
    keys = ("run", "status", "objective", "bound", "gap", "verified", "hash", "version")
    rows = [
        (
            run.name, result_word(run.status, lang), *_worths(comparison, run, lang),
            "" if run.gap is None else gap_text(run.gap, lang), word("yes" if run.verified else "no", lang),
            run.scenario_sha256[:12], run.kctopt,
        )
        for run in (comparison.base, *(pair.run for pair in comparison.pairs))
    ]  # fmt: skip
    return ComparisonSection(word("runs", lang), (), tuple(word(key, lang) for key in keys), tuple(rows), (0, 1, 6, 7))


def _worths(comparison: Comparison, run: Run, lang: str) -> Iterator[str]:
    """The objective and the proven bound of a run; a budget in the language's unit of money."""
    cost = comparison.results[run.name].scenario.objective.kind == "min_budget"
    for value in (run.objective, run.bound):
        yield money(_digits(value, 4), lang) if cost else _digits(value, 4)


def _refusals(comparison: Comparison, pair: Pair, lang: str) -> ComparisonSection | None:
    lines = [_refusal(comparison, pair, refusal, lang) for refusal in pair.refusals]
    lines += [_caution(comparison, pair, caution, lang) for caution in pair.cautions]
    title = word("refused" if pair.refusals else "cautions", lang, other=pair.run.name)
    return ComparisonSection(title, tuple(lines)) if lines else None


def _refusal(comparison: Comparison, pair: Pair, refusal: Refusal, lang: str) -> str:
    names = {"base_name": comparison.base.name, "other_name": pair.run.name}
    if refusal.reason == "plan":
        return word(
            "refuse_plan", lang, base=result_word(refusal.base, lang), other=result_word(refusal.other, lang), **names
        )
    parts = LANGUAGES[lang].comma.join(word(f"part_{part}", lang) for part in refusal.parts)
    key = "refuse_own" if refusal.reason == "own" else "refuse"
    values = {side: shown_value(refusal.reason, getattr(refusal, side), lang) for side in SIDES}
    reason = named.setting(refusal.reason, comparison.results[pair.run.name].scenario, lang)
    return word(key, lang, parts=parts, reason=reason, **values, **names)


def _caution(comparison: Comparison, pair: Pair, caution: Caution, lang: str) -> str:
    base, other = comparison.base.name, pair.run.name
    names = LANGUAGES[lang].comma.join(name for name, said in ((base, caution.base), (other, caution.other)) if said)
    first, second = (name_of.values(caution, side, pair, comparison.results[other].scenario, lang) for side in SIDES)
    return word(
        f"caution_{caution.reason}", lang, base=base, other=other, base_value=first, other_value=second,
        values=second, names=names,
    )  # fmt: skip


def refusal_texts(comparison: Comparison, lang: str) -> list[str]:
    """What is not subtracted and why, a sentence each."""
    return [_refusal(comparison, pair, refusal, lang) for pair in comparison.pairs for refusal in pair.refusals]


def caution_texts(comparison: Comparison, lang: str) -> list[str]:
    """What a reader must know before reading differences, a sentence each."""
    return [_caution(comparison, pair, caution, lang) for pair in comparison.pairs for caution in pair.cautions]


def _indices(comparison: Comparison, pair: Pair, lang: str) -> ComparisonSection | None:
    rows = [] if pair.objective is None else [_objective_row(pair, lang)]
    horizon = comparison.results[pair.run.name].scenario.horizon
    years = {plan.last for plan in horizon.plans}
    shown = [
        change for change in pair.indices if not change.domain and change.index in INDICES and not change.after_plan
    ]
    wanted = {(change.index, change.year): change for change in shown}
    rows += [
        _index_row(wanted[index, year], lang) for index in INDICES for year in sorted(years) if (index, year) in wanted
    ]
    if not rows:
        return None
    lines = []
    if pair.objective is not None and pair.objective.low is not None and pair.objective.high is not None:
        ends = (_digits(end, 4, "+") for end in (pair.objective.low, pair.objective.high))
        low, high = (shown_amount(end, pair.objective.unit, lang) for end in ends)
        lines.append(word("bracket", lang, low=low, high=high))
    index = word("index_scale", lang, year=horizon.base_year)
    year, delta, share = (word(key, lang) for key in ("year", "delta", "percent"))
    header = (index, year, comparison.base.name, pair.run.name, delta, share, "")
    notes = (word("within_note", lang),) if any(row[-1] for row in rows) else ()
    title = _between("indices", comparison, pair, lang)
    return ComparisonSection(title, tuple(lines), header, tuple(rows), (0, 6), notes)


def _objective_row(pair: Pair, lang: str) -> tuple[str, ...]:
    change = pair.objective
    assert change is not None
    amounts = (_digits(change.base, 3), _digits(change.other, 3), _digits(change.delta, 3, "+"))
    numbers = (*(shown_amount(text, change.unit, lang) for text in amounts), _digits(change.percent, 3, "+"))
    return (word("objective", lang), "", *numbers, word("within", lang) if change.within_gap else "")


def _index_row(change: IndexChange, lang: str) -> tuple[str, ...]:
    digits = 4 if change.index.endswith("ratio") else 3
    numbers = (_digits(change.base, digits), _digits(change.other, digits), _digits(change.delta, digits, "+"))
    share = _digits(change.percent, 2, "+")
    within = word("within", lang) if change.within_gap else ""
    return (word(change.index, lang), str(change.year), *numbers, share, within)


def _recalibration(comparison: Comparison, pair: Pair, lang: str) -> ComparisonSection | None:
    if not pair.recalibration:
        return None
    rows = [
        (word(part.measure, lang), str(part.year or ""), *(_digits(amount, 3, "+") for amount in amounts))
        for part in pair.recalibration
        for amounts in [(part.delta, part.recalibration, part.rest)]
    ]
    header = tuple(word(key, lang) for key in ("index", "year", "delta", "recalibrated", "remaining"))
    title = _between("recalibration", comparison, pair, lang)
    return ComparisonSection(title, (_between("recalibration_how", comparison, pair, lang),), header, tuple(rows))


def _allocation(comparison: Comparison, pair: Pair, lang: str) -> ComparisonSection | None:
    if not pair.allocation:
        return None
    labels = _domains(comparison, pair, lang)
    subtracted = pair.allocation[0].delta is not None
    shown = [move for move in pair.allocation if not subtracted or abs(move.delta or 0.0) >= SMALL]
    cut = shown[:MOST_MOVES] if subtracted else shown
    rows = [_move_row(move, labels, lang) for move in cut]
    total = sum(move.base for move in pair.allocation), sum(move.other for move in pair.allocation)
    rows.append((word("total", lang), "", "", *_amounts(total[0], total[1], subtracted, lang)))
    names = tuple(word(key, lang) for key in ("domain", "type", "plan"))
    header = (*names, comparison.base.name, pair.run.name, word("delta", lang), "%")
    lines, notes = [], []
    if subtracted:
        change = total[1] - total[0]
        away = (sum(abs(move.delta or 0.0) for move in pair.allocation) - abs(change)) / 2
        lines.append(word("moved", lang, amount=_money(away, lang), total=_money(change, lang, "+")))
    if len(shown) > len(cut):
        notes.append(word("rest", lang, count=len(shown) - len(cut)))
    title = _between("allocation", comparison, pair, lang)
    return ComparisonSection(title, tuple(lines), header, tuple(rows), (0, 1, 2), tuple(notes))


def _move_row(move: Move, labels: dict[str, str], lang: str) -> tuple[str, ...]:
    kind = word("programmes" if move.type == PROGRAMMES else move.type, lang)
    return (
        labels[move.domain],
        kind,
        plan_name(move.plan, lang),
        *_amounts(move.base, move.other, move.delta is not None, lang),
    )


def _amounts(base: float, other: float, subtract: bool, lang: str) -> tuple[str, str, str, str]:
    change = other - base
    share = 100 * change / base if base else None
    shown = (_money(change, lang, "+"), _digits(share, 1, "+")) if subtract else ("", "")
    return (_money(base, lang), _money(other, lang), *shown)


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
    lines = [text for change in pair.changes for text in told(change, comparison.base.name, *scenarios, lang)]
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
    scenario = comparison.results[pair.run.name].scenario
    rows = [
        (
            named.rule(limit.rule, scenario, lang), word(limit.change, lang), spans(limit.years, lang),
            "" if limit.price is None else f"{limit.price:.3g}",
            price_unit(limit.unit, lang) if limit.price is not None else "",
        )
        for limit in pair.limits[:MOST_LIMITS]
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
    plan_range, cells = pair.ranges, pair.range_cells
    if plan_range is None and not cells:
        return None
    names = {"base": comparison.base.name, "other": pair.run.name}
    lines = []
    if plan_range is not None:
        near, moved = f"{100 * plan_range.near:g}", _share(plan_range.moved or 0.0)
        lost = _digits(plan_range.percent, 2)
        what = word(f"near_of_{plan_range.near_of}", lang)
        key = f"ranges_{plan_range.answer}"
        lines.append(word(key, lang, lost=lost, near=near, what=what, moved=moved, **names))
    title = _between("ranges", comparison, pair, lang)
    if not cells:
        if plan_range is not None and plan_range.answer != "inside":
            lines.append(word("ranges_how", lang, base=comparison.base.name))
        return ComparisonSection(title, tuple(lines))
    counts = {answer: sum(cell.answer == answer for cell in cells) for answer in ("inside", "outside", "undecided")}
    near = f"{100 * cells[0].epsilon:g}"
    what = word(f"near_of_{cells[0].epsilon_of}", lang)
    lines.append(word("ranges_cells", lang, near=near, what=what, count=len(cells), **counts, **names))
    outside = [cell for cell in cells if cell.answer == "outside"]
    labels = _domains(comparison, pair, lang)
    rows = tuple(_range_row(cell, labels, lang) for cell in outside[:MOST_MOVES])
    rest = len(outside) - len(rows)
    notes = (word("rest", lang, count=rest),) if rest > 0 else ()
    keys = ("domain", "type", "plan", "in_range")
    header = (*(word(key, lang) for key in keys), pair.run.name, word("range_verdict", lang))
    return ComparisonSection(title, tuple(lines), header if rows else (), rows, (0, 1, 2, 5), notes)


def _range_row(cell: CellRange, labels: dict[str, str], lang: str) -> tuple[str, ...]:
    side = word("below" if cell.other < cell.least else "above", lang)
    span = f"{_money(cell.least_proven, lang)} – {_money(cell.most_proven, lang)}"
    return (
        labels[cell.domain],
        word(cell.type, lang),
        plan_name(cell.plan, lang),
        span,
        _money(cell.other, lang),
        side,
    )


def _attribution(comparison: Comparison, pair: Pair, lang: str) -> ComparisonSection | None:
    attribution = pair.attribution
    if attribution is None or not attribution.parts:
        return None
    scenario = comparison.results[pair.run.name].scenario
    rows: list[tuple[str, ...]] = [
        (
            name_of.group(part.group, pair.inputs, scenario, lang), _digits(part.explained, 3, "+"),
            _digits(part.percent, 1), _range(part.low, part.high), _digits(part.error, 3),
            _digits(part.security, 3, "+"),
        )
        for part in attribution.parts
    ]  # fmt: skip
    whole = sum(part.explained for part in attribution.parts), sum(part.security for part in attribution.parts)
    rows.append((word("total", lang), _digits(whole[0], 3, "+"), "", "", "", _digits(whole[1], 3, "+")))
    last = word("in_last", lang, year=attribution.year)
    keys = ("group", "explains", "percent", "proven", "error")
    header: tuple[str, ...] = (*(word(key, lang) for key in keys), last)
    how = "exact" if attribution.orders is None else "sampled"
    line = word(f"attribution_{how}", lang, solves=attribution.solves, orders=attribution.orders)
    if attribution.orders is None:  # every order counts: nothing is drawn, so nothing is uncertain about the mean
        header, rows = _without(header, 4), [_without(row, 4) for row in rows]
    return ComparisonSection(_between("attribution", comparison, pair, lang), (line,), header, tuple(rows), (0,))


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{_digits(low, 3, '+')} … {_digits(high, 3, '+')}"


def _without(cells: tuple[str, ...], column: int) -> tuple[str, ...]:
    return cells[:column] + cells[column + 1 :]
