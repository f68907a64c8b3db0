"""A diagnosis in words, English or Chinese: what each rule of a conflict asks, where it is set, what it would give."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from kctopt.analysis.conflicts import MANY
from kctopt.analysis.diagnose import Diagnosis, Member, objective
from kctopt.analysis.diagnosis_words import (
    CALLED,
    LAWS,
    LINES_OF,
    POLICY,
    SAYS,
    TRACKS,
    UNITS,
    WORDS,
)
from kctopt.analysis.entered import TO
from kctopt.analysis.rounding import no_less, no_more
from kctopt.language import ENGLISH, LANGUAGES, percent, translate, translate_count
from kctopt.naming import Name
from kctopt.result.named import family_name, label_of, setting
from kctopt.scenario.chinese import shown_amount
from kctopt.scenario.records import (
    BandPolicy,
    Label,
    Line,
    Policy,
    Scenario,
    Selection,
    SharePolicy,
    SpendPolicy,
    TargetPolicy,
)
from kctopt.scenario.told import told_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kctopt.analysis.verdicts import Step

FAR = 10.0  # giving more than this many sizes is no remedy
NOTHING = 1e-4  # part of a rule's amount that counts as no room
OFF = 50.0  # a rule that must change by this factor may be in a wrong unit
NAMED = 4  # lines named in a sentence
NO_AMOUNT = ("ratchet", "exchange_open", "requires", "excludes", "own")  # rules that hold or do not


def word(key: str, lang: str, **parts: object) -> str:
    """A phrase of the table, filled."""
    return translate(WORDS[key], lang, **parts)


def text(diagnosis: Diagnosis, lang: str) -> list[str]:
    """The whole diagnosis, lines for a terminal."""
    name, seconds = diagnosis.scenario.name, f"{diagnosis.seconds:.1f}"
    if diagnosis.plan is not None:
        value = f"{objective(diagnosis.scenario, diagnosis.plan):.4f}"
        return [word("feasible", lang, name=name, value=value)]
    if not diagnosis.conflicts:
        keys = ("proven", "proven_stopped") if diagnosis.proven else ("undecided", "unknown")
        return [word(keys[diagnosis.stopped], lang, name=name, seconds=seconds)]
    count = len(diagnosis.conflicts)
    counted = translate_count("{count} conflict", "{count} conflicts", lang, count=count)
    lines = [word("infeasible", lang, name=name, count=counted)]
    for n in range(count):
        lines += ["", *(f"  {line}" for line in _conflict(diagnosis, n, lang))]
    lines += [""]
    repair = diagnosis.findings.repair
    if repair is not None and repair.shown:
        what = _listed([_give(diagnosis, name, steps, lang) for name, steps in repair.steps.items()], lang)
        lines += ["  " + word("repair", lang, what=what)]
    else:
        lines += ["  " + word("no_repair", lang)]
    if diagnosis.attained is not None and diagnosis.attained.together.status != "infeasible":
        lines += [f"  {line}" for line in diagnosis.attained.sentences(diagnosis.scenario, lang)]
    lines += [] if diagnosis.findings.complete else ["  " + word("more", lang)]
    return lines + (["  " + word("stopped", lang, seconds=seconds)] if diagnosis.stopped else [])


def sentence(diagnosis: Diagnosis, n: int, lang: str) -> str:
    """A conflict in one sentence."""
    members, _ = _told(diagnosis.conflicts[n])
    asked = translate("; ", lang).join(_asks(diagnosis, member, lang) for member in members)
    remedies = translate(", or ", lang).join(_remedies(diagnosis, members, lang))
    return translate("{asked}: {remedies}.", lang, asked=asked, remedies=remedies)


def _conflict(diagnosis: Diagnosis, n: int, lang: str) -> list[str]:
    """A conflict in lines."""
    conflict, (members, rest) = diagnosis.findings.conflicts[n], _told(diagnosis.conflicts[n])
    lines = [word("conflict" if len(members) > 1 else "one", lang)]
    lines += [f"  {_asks(diagnosis, member, lang)}" for member in members]
    lines += [f"  {word('rest', lang, count=len(rest), families=_families(rest, lang))}"] if rest else []
    lines += [word("whole", lang)] if conflict.integer else []
    if conflict.laws:
        lines += [word("laws", lang, laws=_joined([translate(LAWS[law], lang) for law in conflict.laws], lang))]
    lines += [word("remedy", lang), *(f"  {line}" for line in _remedies(diagnosis, members, lang))]
    lines += _doubts(diagnosis, members, lang)
    if conflict.together is not None and len(conflict.together.steps) > 1:
        what = _listed([_give(diagnosis, name, steps, lang) for name, steps in conflict.together.steps.items()], lang)
        lines += [word("together", lang, what=what)]
    if conflict.minimal:
        return [*lines, word("minimal" if len(members) > 1 else "single", lang)]
    if rest:
        return [*lines, word("not_reduced", lang)]
    open_ones = [called(diagnosis.scenario, member.rule, member.kind, lang) for member in members if not member.needed]
    return [*lines, word("not_minimal", lang, names=_joined(open_ones, lang))]


def _told(members: tuple[Member, ...]) -> tuple[tuple[Member, ...], tuple[Member, ...]]:
    """Rules told one by one, and the others: of a large set that was not reduced in time, those nothing is known of."""
    if len(members) <= MANY:
        return members, ()
    own = [
        member
        for member in members
        if member.needed or member.alone is not None or Name.parse(member.rule).block == "policies"
    ]
    return tuple(own), tuple(member for member in members if member not in own)


def _families(members: tuple[Member, ...], lang: str) -> str:
    """'money.budget (10), money.line_floor (26)'."""
    counts = Counter(Name.parse(member.rule).head for member in members)
    said = ((family if lang == ENGLISH else family_name(family, lang), count) for family, count in counts.items())
    return _joined([family + LANGUAGES[lang].aside(str(count)) for family, count in said], lang)


def _remedies(diagnosis: Diagnosis, members: tuple[Member, ...], lang: str) -> list[str]:
    """What each rule would have to give alone, the cheapest by size first; those beyond all measure last.

    Rules that are not known to be needed are no remedies; where none is known to be, that is said.
    """

    def size(member: Member) -> float:
        return math.inf if member.alone_times is None else member.alone_times

    remedies = []
    for member in sorted((member for member in members if member.needed), key=size):
        what = called(diagnosis.scenario, member.rule, member.kind, lang)
        if member.kind in NO_AMOUNT:
            remedies.append(word("drop", lang, what=what))
        elif member.alone_times is None:
            remedies.append(word("no_amount", lang, what=what))
        elif member.alone_enough is not None:
            what = _give(diagnosis, member.rule, member.alone_values, lang)
            remedies.append(what if member.alone_mends else what + word("these_only", lang))
        elif size(member) > FAR and member.alone is not None:
            remedies.append(
                word("no_remedy", lang, what=what, amount=_amount(no_more(member.alone), member.unit, lang))
            )
        else:
            remedies.append(word("not_shown", lang, what=what))
    return remedies or [word("no_remedies", lang)]


def _doubts(diagnosis: Diagnosis, members: tuple[Member, ...], lang: str) -> list[str]:
    """Rules that would have to change by so large a factor that their unit may be wrong; the user's policies first."""
    off = {member: times for member in members if (times := _times(member)) >= OFF}
    own = {member: times for member, times in off.items() if Name.parse(member.rule).block == "policies"}
    lines = []
    for member, times in (own or off).items():
        what = called(diagnosis.scenario, member.rule, member.kind, lang)
        lines.append(word("unit" if member.sense == ">=" else "unit_small", lang, what=what, times=f"{times:.3g}"))
    return lines


def _times(member: Member) -> float:
    """The factor by which a rule by itself would have to change; 1 where that is not known, or it would have to go."""
    if not member.amount or member.alone is None or member.kind in ("ramp", "near", "entry"):
        return 1.0
    if member.sense == "<=":
        return (member.amount + member.alone) / member.amount if member.alone_enough is not None else 1.0
    room = member.amount - member.alone
    return member.amount / room if room > NOTHING * member.amount else 1.0


def _give(diagnosis: Diagnosis, name: str, steps: Sequence[Step], lang: str) -> str:
    """'lower semis-floor by 50 to 250 billion CNY': either number, as printed, is enough."""
    rule = diagnosis.rule(name)
    what, many = called(diagnosis.scenario, name, rule.kind, lang), len(rule.entries) > 1
    if not steps:
        return word("drop", lang, what=what)
    return _joined(
        [_changed(step, _path(diagnosis, step, lang) if many else what, rule.unit, lang) for step in steps], lang
    )


def _path(diagnosis: Diagnosis, step: Step, lang: str) -> str:
    """A number by its path, which is what a file says; behind its name where the reader has other words."""
    said = setting(step.path, diagnosis.scenario, lang)
    return said if said == step.path else said + LANGUAGES[lang].aside(step.path)


def _changed(step: Step, what: str, unit: str, lang: str) -> str:
    """The change of one number."""
    lower, by, to = (
        step.sense == ">=",
        _amount(no_less(step.by), unit, lang),
        no_less(step.to, TO),
    )
    if shown_amount(to, unit, lang) != to:  # what a file states is another number
        to = _amount(to, unit, lang) + LANGUAGES[lang].aside(translate("{number} in the file", lang, number=to))
    values = {"what": what, "by": by, "to": to}
    return translate("lower {what} by {by}, to {to}" if lower else "raise {what} by {by}, to {to}", lang, **values)


def _asks(diagnosis: Diagnosis, member: Member, lang: str) -> str:
    """What a rule asks, where it is set, and in which years and lines it collides."""
    scenario = diagnosis.scenario
    place = LANGUAGES[lang].comma.join(told_place(origin, lang) for origin in member.origin)
    rule = Name.parse(member.rule)
    if rule.block == "policies":
        head = rule.family + (LANGUAGES[lang].aside(place) if place else "")
        return translate("{head} asks for {policy}", lang, head=head, policy=_policy(scenario, member, lang))
    said = translate(SAYS[member.kind], lang, **_parts(scenario, member.rule, lang), amount=_plain(member.amount))
    said += LANGUAGES[lang].aside(place) if place else ""
    where = _where(scenario, member, lang) if member.kind in ("ramp", "carry", "exchange_floor", "exchange_cap") else ""
    return said + where


def _where(scenario: Scenario, member: Member, lang: str) -> str:
    """Lines and years in which a rule for all of them conflicts."""
    labels = {line.id: _label(line.label, lang) for line in scenario.lines}
    values = {"lines": _some([labels[line] for line in member.lines], lang), "years": _span(member.years, lang)}
    match bool(member.lines), bool(member.years):
        case True, True:
            return translate("; here on {lines} in {years}", lang, **values)
        case True, False:
            return translate("; here on {lines}", lang, **values)
        case False, True:
            return translate("; here in {years}", lang, **values)
        case _:
            return ""


def _some(names: list[str], lang: str) -> str:
    """The first names of a list, the others counted."""
    listed, more = _joined(names[:NAMED], lang), len(names) - NAMED
    return translate("{names} and {more} more", lang, names=listed, more=more, all=len(names)) if more > 0 else listed


def _policy(scenario: Scenario, member: Member, lang: str) -> str:
    """What a policy asks for."""
    policy = policy_of(scenario, member.rule)
    parts = _policy_parts(scenario, policy, lang)
    parts["when"] = _when(member.years, lang)
    parts["here"] = _here([line for line in scenario.lines if line.id in member.lines], lang)
    kind = member.kind
    if isinstance(policy, SpendPolicy) and policy.per == "total":
        kind = f"total {kind}"
    return translate(POLICY[kind], lang, **parts)


def _policy_parts(scenario: Scenario, policy: Policy, lang: str) -> dict[str, str]:
    """What the phrase of a policy is filled with."""
    if isinstance(policy, BandPolicy):
        names = [_label(line.label, lang) for line in scenario.lines if line.id in policy.lines]
        return {"lines": _joined(names, lang), "amount": f"{policy.width:.6g}"}
    parts = {"on": _subject(scenario, policy, lang)}
    match policy:
        case SpendPolicy():
            years = scenario.horizon.years
            return parts | {"amount": f"{policy.amount:.6g}", "span": policy.years or f"{years[0]}-{years[-1]}"}
        case SharePolicy():
            sides = [("least", policy.min), ("most", policy.max)]
            said = [translate(POLICY[side], lang, amount=f"{x:.6g}") for side, x in sides if x is not None]
            return parts | {"share": _joined(said, lang)}
        case TargetPolicy():
            amount = policy.min_ratio if policy.max_dependency is None else policy.max_dependency
            return parts | {"amount": f"{amount:.6g}", "year": str(policy.by)}


def _when(years: tuple[int, ...], lang: str) -> str:
    if not years:
        return ""
    return translate(" in {years}", lang, years=_span(years, lang))


def _here(lines: list[Line], lang: str) -> str:
    """The lines on which a target collides."""
    if not lines:
        return ""
    return translate(" (here {lines})", lang, lines=_some([_label(line.label, lang) for line in lines], lang))


def _subject(scenario: Scenario, policy: Selection, lang: str) -> str:
    """What a policy speaks of: ' on exchange spend, Artificial intelligence'."""
    track, rung = getattr(policy, "track", None), getattr(policy, "rung", None)
    parts = [translate(TRACKS[track], lang)] if track else []
    parts += [translate("rung {rung}", lang, rung=rung)] if rung else []
    parts += [_label(line.label, lang) for line in scenario.lines if line.id == policy.line]
    parts += [translate(LINES_OF[policy.type], lang)] if policy.type else []
    parts += [_label(domain.label, lang) for domain in scenario.domains if domain.id == policy.domain]
    return translate(" on {parts}", lang, parts=_joined(parts, lang)) if parts else ""


def called(scenario: Scenario, name: str, kind: str, lang: str) -> str:
    """What a rule is called where it is changed."""
    rule = Name.parse(name)
    if rule.block == "policies":
        return rule.family
    phrase = CALLED.get(kind)
    return translate(phrase, lang, **_parts(scenario, name, lang)) if phrase else name


def policy_of(scenario: Scenario, name: str) -> Policy:
    """The policy of a rule."""
    return next(policy for policy in scenario.policies if policy.id == Name.parse(name).family)


def _parts(scenario: Scenario, name: str, lang: str) -> dict[str, str]:
    """What phrases of a rule are filled with."""
    key = ",".join(Name.parse(name).keys)
    block = Name.parse(name).block
    label = label_of(scenario, lang, block if block in ("quadrants", "programmes") else "lines", key)
    shares = {"money.carry": scenario.money.carry_share}
    for rule in scenario.quadrants:
        shares[f"quadrants.exchange_floor[{rule.id}]"] = rule.min_exchange
        shares[f"quadrants.exchange_cap[{rule.id}]"] = rule.max_exchange
        shares[f"quadrants.shield[{rule.id}]"] = rule.shield_share
    share = percent(shares.get(name, 0.0), lang, ".4g")
    growth = percent(scenario.money.ramp_growth, lang, ".4g")
    return {"name": name, "key": key, "line": label, "label": label, "share": share, "growth": growth}


def _label(label: Label, lang: str) -> str:
    return label.text(lang)


def _joined(parts: list[str], lang: str) -> str:
    return LANGUAGES[lang].comma.join(parts)


def _listed(parts: list[str], lang: str) -> str:
    return translate("; ", lang).join(parts)


def _span(years: tuple[int, ...], lang: str) -> str:
    """'2027', '2026-2030' or '2026, 2028'."""
    if not years:
        return ""
    if len(years) > 1 and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]}-{years[-1]}"
    return LANGUAGES[lang].comma.join(map(str, years))


def _amount(amount: str, unit: str, lang: str) -> str:
    return f"{shown_amount(amount, unit, lang)} {translate(UNITS.get(unit, unit), lang)}".rstrip()


def _plain(amount: float | None) -> str:
    return "" if amount is None else f"{amount:.6g}"
