"""An ensemble in words: how often the plan keeps its rules, what comes of it, and why draws fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from kctopt.language import checked_lang, translate, translate_count
from kctopt.naming import Name
from kctopt.result.text import INDICES, WORDS
from kctopt.scenario.chinese import unit_name
from kctopt.study.how_held import how_held
from kctopt.study.words import sentences
from kctopt.terminal import grid

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST = 10  # rules, and reasons, that are told


Told: TypeAlias = Any  # an Ensemble, whose module imports this one


def text(ensemble: Told, lang: str = "en") -> str:
    """Status of the draws, quantiles at the end of the plan, rules broken and reasons of refusal."""
    checked_lang(lang)
    parts = [[*tell(ensemble, lang)] for tell in (_head, _quantiles, _rules, _reasons, _notes)]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _head(ensemble: Told, lang: str) -> Iterator[str]:
    count, inputs = len(ensemble), len(ensemble.draws.inputs)
    yield translate_count(
        "{name}: a fixed plan in {draws:,} draws of {count} uncertain input.",
        "{name}: a fixed plan in {draws:,} draws of {count} uncertain inputs.",
        lang, count=inputs, name=ensemble.scenario.name, draws=count,
    )  # fmt: skip
    told = {
        "kept": translate("keeps every rule", lang),
        "adjusted": translate("keeps every rule, adjusted to be feasible", lang),
        "broken": translate("breaks a rule", lang),
        "invalid": translate("invalid, not simulated", lang),
    }
    rows = [[words, f"{n:,}", f"{n / count:.1%}"] for key, words in told.items() if (n := _count(ensemble, key))]
    yield ""
    yield from grid([translate("the plan", lang), translate("draws", lang), translate("share", lang)], rows)


def _count(ensemble: Told, status: str) -> int:
    return int((ensemble.member["status"] == status).sum())


def _quantiles(ensemble: Told, lang: str) -> Iterator[str]:
    outcomes = ensemble.outcomes[ensemble.simulated]
    if outcomes.empty:
        return
    yield translate("Over the draws that were simulated; indices at the end of {year}:", lang, year=_last(ensemble))
    yield ""
    names = {"objective": translate(WORDS["objective"], lang)}
    names |= {"value_of_planning": translate("value of planning", lang)}
    names |= {name: translate(WORDS[name], lang) for name in INDICES}
    rows = [
        [words, *(f"{value:.2f}" for value in np.quantile(outcomes[name], SHARES))]
        for name, words in names.items()
        if name in outcomes
    ]
    yield from grid(["", *(f"{share:.0%}" for share in SHARES)], rows)


def _last(ensemble: Told) -> int:
    return int(ensemble.scenario.horizon.last_year)


def _rules(ensemble: Told, lang: str) -> Iterator[str]:
    """Rules that are broken most in their draw, by name without line and year, with the largest breach."""
    broken = np.flatnonzero(ensemble.member["status"] == "broken")
    if not len(broken):
        return
    names = {rule: Name.parse(rule).head for rule in set(ensemble.member["rule"][broken])}
    heads = [names[rule] for rule in ensemble.member["rule"][broken]]
    amounts, units = ensemble.member["breach"][broken], ensemble.member["unit"][broken]
    rows = []
    for head, times in Counter(heads).most_common(MOST):
        own = np.flatnonzero(np.array(heads, dtype=object) == head)
        worst = own[np.argmax(amounts[own])]
        rows.append([head, f"{times:,}", f"{amounts[worst]:.4g} {unit_name(str(units[worst]), lang)}"])
    yield translate("The rule that is broken most, by draws:", lang)
    yield ""
    yield from grid([translate("rule", lang), translate("draws", lang), translate("worst", lang)], rows)


def _reasons(ensemble: Told, lang: str) -> Iterator[str]:
    """Where invalid draws fail: the first place of each."""
    refused = ensemble.member["reason"][ensemble.member["status"] == "invalid"]
    if not len(refused):
        return
    places = Counter(str(reason).partition(": ")[0] for reason in refused)
    yield translate_count(
        "{count:,} draw is invalid: no scenario file could hold its numbers. By the first place that is refused:",
        "{count:,} draws are invalid: no scenario file could hold their numbers. By the first place that is refused:",
        lang, count=len(refused),
    )  # fmt: skip
    yield ""
    rows = [[place, f"{times:,}"] for place, times in places.most_common(MOST)]
    yield from grid([translate("place", lang), translate("draws", lang)], rows)


def _notes(ensemble: Told, lang: str) -> Iterator[str]:
    yield from sentences(how_held([ensemble], ensemble.hold), lang)
    if ensemble.own:
        yield translate("Rules and objective that the user wrote are not judged in draws.", lang)
