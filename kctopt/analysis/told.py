"""A change of a trait as a clause, in English or Chinese: what the plan does now and did before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kctopt.analysis.traits import NONE, Trait
from kctopt.language import LANGUAGES, Texts, plan_name, translate
from kctopt.result import named as words_of
from kctopt.result.text import word
from kctopt.scenario.records import TYPES
from kctopt.scenario.told import told

if TYPE_CHECKING:
    from kctopt.scenario.records import Scenario

FAULT = re.compile(r"(?P<place>[^ ]+): (?P<fault>.*?)(?: \(and (?P<more>\d+) more\))?", re.DOTALL)
PLACE = re.compile(r"[.\[]")  # in every path of a setting, and in no name of an error
CLAUSES: Texts = {
    "plan_yes": "a plan that keeps all rules exists",
    "plan_no": "no plan keeps all rules (proven)",
    "earliest": "the targets can hold from {after} instead of {before}",
    "stage": "{subject} ends {when} in stage {after} instead of {before}",
    "gap_band": "{subject} ends {when} in gap band {after} instead of {before}",
    "path": "{subject}, stages: {after} instead of {before}",
    "gap_path": "{subject}, gap bands: {after} instead of {before}",
    "held_back": "{subject} is held just outside the near stage before the reviews of: {after} (otherwise: {before})",
    "mode": "{subject} cooperates in mode {after} instead of {before} in {when}",
    "programme": "{subject}: {after} instead of {before}",
    "off_yes": "{subject} is off in {when}",
    "off_no": "{subject} is no longer off in {when}",
    "funded_yes": "{subject}: gets money in {when} (a tenth of its base-year spend or more)",
    "funded_no": "{subject}: gets next to none in {when} (less than a tenth of its base-year spend)",
    "rule_binds": "the rule {subject} begins to bind in {when}",
    "rule_free": "the rule {subject} ceases to bind in {when}",
    "order": "{after} gets more money than {before} in {when}",
    "from": "from {year} {stage}",
    "starts": "starts in {year}",
    "routes": "starts in {year} with {count} routes",
    "off": "not launched",
    "never": "none",
}


def clause(key: str, lang: str, **values: str) -> str:
    """A clause of the table above, filled in."""
    return translate(CLAUSES[key], lang, **values)


def changed(trait: Trait, before: str, after: str, scenario: Scenario, lang: str, *, words: bool = False) -> str:
    """What is so with `after` where it was `before`, a clause without a full stop; in a report with words for keys."""
    when = plan_name(trait.when, lang)
    names = {"subject": subject(trait, scenario, lang, words=words), "when": when}
    match trait.kind:
        case "plan" | "off" | "funded":
            return clause(f"{trait.kind}_{after}", lang, **names)
        case "rule" | "line_rule":
            return clause(f"rule_{after}", lang, **names)
        case "domain_order" | "type_order":
            label = _domain if trait.kind == "domain_order" else _type
            other = next(name for name in trait.pair if name != after)
            return clause(
                "order", lang, after=label(after, scenario, lang), before=label(other, scenario, lang), when=when
            )
        case _:
            states = {key: value(trait, state, scenario, lang) for key, state in (("before", before), ("after", after))}
            return clause(trait.kind, lang, **names, **states)


def subject(trait: Trait, scenario: Scenario, lang: str, *, words: bool = False) -> str:
    """The name of what a trait speaks of."""
    match trait.kind:
        case "stage" | "path" | "gap_band" | "gap_path" | "held_back" | "off":
            return _labelled(scenario.lines, trait.subject, lang)
        case "mode":
            return _domain(trait.subject, scenario, lang)
        case "programme":
            return _labelled(scenario.programmes, trait.subject, lang)
        case "funded":
            domain, kind = trait.pair
            return LANGUAGES[lang].comma.join([_domain(domain, scenario, lang), _type(kind, scenario, lang)])
        case "rule" | "line_rule":
            return words_of.rule(trait.subject, scenario, lang, words=words)
        case _:
            return trait.subject


def value(trait: Trait, text: str, scenario: Scenario, lang: str) -> str:
    """The value of a trait in words."""
    match trait.kind:
        case "stage" | "gap_band":
            return word(text, lang)
        case "path" | "gap_path":
            first, *later = (step.split(" ") for step in text.split(", "))
            steps = [clause("from", lang, year=year, stage=word(stage, lang)) for year, stage in later]
            return LANGUAGES[lang].clause.join([word(first[1], lang), *steps])
        case "mode":
            return next((_in(mode.label, lang) for mode in scenario.modes if mode.id == text), text)
        case "held_back":
            return clause("never", lang) if text == NONE else text
        case "programme":
            year, _, count = text.partition(" x ")
            return clause(
                "off" if text == "off" else "starts" if count == "1" else "routes", lang, year=year, count=count
            )
        case _:
            return text


def reason(message: str, scenario: Scenario, lang: str, *, words: bool = False) -> str:
    """Why a setting has no result: the fault of its scenario behind a path, or the error of its solve."""
    match = FAULT.fullmatch(message)
    fault = told(match["fault"], lang) if match else message
    if match is None or (fault == match["fault"] and not words):
        return message
    more = translate(" (and {count} more)", lang, count=match["more"]) if match["more"] else ""
    place = match["place"]
    place = words_of.setting(place, scenario, lang, words=words) if PLACE.search(place) else place
    return f"{place}{LANGUAGES[lang].colon}{fault}{more}"


def named(kind: str, name: str, scenario: Scenario, lang: str) -> str:
    """The label of a domain, a programme or a type."""
    match kind:
        case "domain":
            return _domain(name, scenario, lang)
        case "programme":
            return _labelled(scenario.programmes, name, lang)
        case _:
            return _type(name, scenario, lang)


def _domain(name: str, scenario: Scenario, lang: str) -> str:
    return _labelled(scenario.domains, name, lang)


def _type(name: str, _: Scenario, lang: str) -> str:
    return word(name, lang) if name in TYPES else name


def _labelled(records: object, name: str, lang: str) -> str:
    """Label of the record with that id; the id itself where there is none."""
    assert isinstance(records, tuple)
    return next((_in(record.label, lang) for record in records if record.id == name), name)


def _in(label: object, lang: str) -> str:
    return str(getattr(label, lang))
