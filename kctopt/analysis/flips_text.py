"""Flips told: what changes at which value, what could not be told apart, what failed; English or Chinese."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from kctopt.analysis.rounding import no_less, no_more
from kctopt.analysis.told import changed, reason
from kctopt.analysis.traits import Trait
from kctopt.language import LANGUAGES, Texts, checked_lang, percent, translate
from kctopt.result import named
from kctopt.result.text import word
from kctopt.scenario.chinese import shown_amount, shown_unit
from kctopt.scenario.shown import unit_at
from kctopt.terminal import grid

if TYPE_CHECKING:
    from kctopt.analysis.saved import Analysis
    from kctopt.scenario.records import Scenario

VALUE = 6  # digits of a value at which something flips
WORDS: Texts = {
    "value": "{path}",
    "factor": "{path}, as a factor on the run's own numbers",
    "shift": "{path}, as a shift of the run's own numbers",
    "head": "{what}, from {low} to {high} (the run: {home}); {solves} certified solves, flips to {tolerance}",
    "none": "The plan does not change in kind between {low} and {high}.",
    "between": "between {low} and {high}",
    "tie": "within the gap: {where} a plan of either kind is as good to {gap} %",
    "untried": "the plans do not fit each other's years, so a tie was not looked for",
    "from_to": "between {low} and {high}",
    "below": "everywhere up to {high}",
    "above": "everywhere from {low} on",
    "everywhere": "at every value solved",
    "failed": "No certified plan at {value} ({reason}): flips beside it are less exact.",
    "wide": "Between {low} and {high} flips could not be found more exactly.",
    "solved": "solved",
    "objective": "objective",
    "bound": "proven bound",
    "gap": "gap",
    "failed_status": "failed",
}


def told(analysis: Analysis, scenario: Scenario, lang: str) -> str:
    """The whole answer as text: sentences by value, then the table of solves."""
    checked_lang(lang)
    about, rows = analysis.about, analysis.tables["flips"].records
    parts = [[head(about, scenario, lang)]]
    for (low, high), group in groupby(rows, key=lambda row: (row["low"], row["high"])):
        lines = [f"  {between(low, high, about, lang)}"]
        parts.append(lines + [f"    {sentence(row, about, scenario, lang)}" for row in group])
    if not rows:
        parts.append([f"  {none(about, lang)}"])
    parts += [[f"  {line}" for line in doubts(about, scenario, lang)], _solves(analysis, lang)]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def between(low: float, high: float, about: Any, lang: str) -> str:
    """Where a flip lies."""
    ends = (shown_amount(end, _unit(about), lang) for end in (no_more(low, VALUE), no_less(high, VALUE)))
    return _say("between", lang, **dict(zip(("low", "high"), ends, strict=True)))


def none(about: Any, lang: str) -> str:
    """That nothing flips."""
    return _say("none", lang, low=_n(about["low"], about, lang), high=_n(about["high"], about, lang))


def head(about: Any, scenario: Scenario, lang: str, *, words: bool = False) -> str:
    """What was varied, how far, and by how many solves; in a report with words for keys."""
    path = named.setting(about["over"], scenario, lang, words=words)
    path += LANGUAGES[lang].aside(shown_unit(_unit(about), lang)) if _unit(about) else ""
    what = _say(about["way"], lang, path=path)
    ends = {key: _n(about[key], about, lang) for key in ("low", "high", "home", "tolerance")}
    what = what[0].upper() + what[1:] if words else what
    return _say("head", lang, what=what, solves=about["solves"], **ends)


def sentence(row: Any, about: Any, scenario: Scenario, lang: str, *, words: bool = False) -> str:
    """One flip as a sentence; the value is in the heading above it."""
    trait = Trait(row["kind"], row["subject"], row["when"])
    text = changed(trait, row["before"], row["after"], scenario, lang, words=words)
    doubt = _doubt(row, about, lang)
    written = LANGUAGES[lang]
    return f"{text[0].upper()}{text[1:]}{written.aside(doubt) if doubt else ''}{written.stop}"


def _doubt(row: Any, about: Any, lang: str) -> str:
    """Where the two kinds cannot be told apart, if that is more than the flip itself."""
    low, high = row["apart_low"], row["apart_high"]
    if row["within_gap"] is None:
        return _say("untried", lang)
    if (low, high) == (row["low"], row["high"]):
        return ""
    key = "from_to"
    if low is None or high is None:
        key = "everywhere" if low is None and high is None else "below" if low is None else "above"
    where = _say(
        key, lang, low="" if low is None else _n(low, about, lang), high="" if high is None else _n(high, about, lang)
    )
    return _say("tie", lang, where=where, gap=f"{100 * about['gap']:.2g}")


def doubts(about: Any, scenario: Scenario, lang: str) -> list[str]:
    """What was not certain: failed solves, flips wider than asked."""
    lines = [
        _say("failed", lang, value=_n(row["value"], about, lang), reason=why)
        for row in about["failed"]
        for why in [reason(row["message"], scenario, lang) or word(row["status"], lang)]
    ]
    return lines + [
        _say("wide", lang, low=_n(row["low"], about, lang), high=_n(row["high"], about, lang)) for row in about["wide"]
    ]


def _solves(analysis: Analysis, lang: str) -> list[str]:
    rows, about = [], analysis.about
    for row in analysis.tables["points"].records:
        status = _say("failed_status", lang) if row["status"] == "failed" else word(row["status"], lang)
        numbers = ["" if row[key] is None else f"{row[key]:.4f}" for key in ("objective", "bound")]
        rows.append(
            [
                _n(row["value"], about, lang),
                status,
                *numbers,
                "" if row["gap"] is None else percent(row["gap"], lang, ".2g"),
            ]
        )
    return grid(
        [_say("solved", lang), "", *(_say(key, lang) for key in ("objective", "bound", "gap"))], rows, left=(0, 1)
    )


def _say(key: str, lang: str, **values: Any) -> str:
    return translate(WORDS[key], lang, **values)


def _n(number: float, about: Any, lang: str) -> str:
    """A value of what was varied; money in the unit of the language."""
    return shown_amount(f"{number:.6g}", _unit(about), lang)


def _unit(about: Any) -> str:
    """The unit of the values; a factor or a shift has none."""
    return unit_at(about["over"]) if about["way"] == "value" else ""
