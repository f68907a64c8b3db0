"""The regret matrix as a section, with what each plan breaks elsewhere and how it was mended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kctopt.comparison.mends import Mend
from kctopt.comparison.regret import RegretEntry, planless
from kctopt.comparison.render import ComparisonSection, digits, money_digits, share, spans
from kctopt.comparison.words import word
from kctopt.language import LANGUAGES, plan_name
from kctopt.naming import Name
from kctopt.result import named
from kctopt.result.text import name as label
from kctopt.result.text import word as result_word
from kctopt.scenario.records import Scenario

if TYPE_CHECKING:
    from kctopt.comparison.comparison import Comparison
    from kctopt.result.result import Result

SMALL = 0.05  # money that reads 0.0, billion CNY
MANY = 3  # rules named in a sentence
TOLD = 2  # of the largest amounts that mending a plan moves


def no_regret(why: str, results: Mapping[str, Result], lang: str) -> str:
    """That there is no matrix, and why; `why` is what `hindrance` says."""
    return word("no_regret", lang, reason=word(f"hindrance_{why}", lang, runs=_with_status(planless(results), lang)))


def _with_status(runs: Mapping[str, str], lang: str) -> str:
    """Runs with their status: bad (infeasible)."""
    written = LANGUAGES[lang]
    return written.comma.join(name + written.aside(result_word(status, lang)) for name, status in runs.items())


def regret_section(comparison: Comparison, lang: str) -> ComparisonSection:
    """What every plan loses under every scenario."""
    matrix = comparison.regret
    title = word("regret", lang)
    if matrix is None:
        return ComparisonSection(title, (no_regret(comparison.regret_hindrance, comparison.results, lang),))
    rows, notes = [], []
    for scenario in matrix.runs:
        entries = [matrix.entry(scenario, plan) for plan in matrix.runs]
        rows.append((scenario, *(_regret_cell(entry.regret, entry.within_gap, lang) for entry in entries)))
        notes += [_regret_note(comparison, entry, lang) for entry in entries if entry.broken]
    rows.append((word("largest", lang), *(_regret_cell(matrix.largest[plan], None, lang) for plan in matrix.runs)))
    if matrix.choice:
        line = word("regret_choice", lang, plan=matrix.choice, value=digits(matrix.largest[matrix.choice], 3))
    else:
        line = word("regret_none", lang)
    lines = [line]
    if matrix.left_out:
        lines.append(word("regret_left", lang, runs=_with_status(matrix.left_out, lang)))
    header = (word("scenario", lang), *matrix.runs)
    return ComparisonSection(title, tuple(lines), header, tuple(rows), (0,), (word("regret_gap", lang), *notes))


def _regret_cell(value: float | None, within: bool | None, lang: str) -> str:
    return word("infeasible", lang) if value is None else digits(value, 3) + ("*" if within else "")


def _regret_note(comparison: Comparison, entry: RegretEntry, lang: str) -> str:
    """What a plan breaks under a scenario, and what was changed so that it does not."""
    rules = _broken(entry.broken, comparison.results[entry.scenario].scenario, lang)
    if entry.moved is None or entry.withdrawn is None:
        return word("regret_bad", lang, scenario=entry.scenario, plan=entry.plan, rules=rules)
    assert comparison.regret is not None and entry.added is not None
    mends = comparison.regret.mends_of(entry)
    return word(
        "regret_how", lang, scenario=entry.scenario, plan=entry.plan, how=word(entry.how, lang),
        moved=share(entry.moved), rules=rules,
        withdrawn=money_digits(entry.withdrawn, lang), added=money_digits(entry.added, lang),
        taken=_largest(comparison, mends, "withdrawn", lang), put=_largest(comparison, mends, "added", lang),
    )  # fmt: skip


def _broken(rules: tuple[str, ...], scenario: Scenario, lang: str) -> str:
    """Families of rules with the years in which they are broken: 'quadrants.exposure (2027-35)'."""
    planned = set(map(str, scenario.horizon.years))
    families: dict[str, set[int]] = {}
    for rule in rules:
        name = Name.parse(rule)
        families.setdefault(name.head, set()).update(int(key) for key in name.keys if key in planned)
    told = [
        named.rule(family, scenario, lang) + (LANGUAGES[lang].aside(spans(tuple(sorted(years)), lang)) if years else "")
        for family, years in families.items()
    ]
    return LANGUAGES[lang].comma.join(told[:MANY]) + (" …" if len(told) > MANY else "")


def _largest(comparison: Comparison, mends: tuple[Mend, ...], side: str, lang: str) -> str:
    """The largest amounts withdrawn or added, with where they stand; empty where nothing of note is."""
    shown = sorted((mend for mend in mends if getattr(mend, side) >= SMALL), key=lambda mend: -getattr(mend, side))[
        :TOLD
    ]
    if not shown:
        return ""
    labels = {domain.id: label(domain.label, lang) for domain in comparison.results[shown[0].scenario].scenario.domains}
    told = [
        word("mend", lang, track=word(f"track_{mend.track}", lang), domain=labels[mend.domain],
             type=word(mend.type, lang), period=plan_name(mend.period, lang),
             amount=money_digits(getattr(mend, side), lang))
        for mend in shown
    ]  # fmt: skip
    listed = LANGUAGES[lang].semicolon.join(told)
    return word("mend_most", lang, what=listed)
