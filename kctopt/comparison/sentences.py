"""Changes of stages, gap bands, modes and programmes as sentences, in English and Chinese."""

from __future__ import annotations

from kctopt.comparison.courses import Change, Course
from kctopt.language import LANGUAGES, Texts, plan_name, plural, translate, translate_count
from kctopt.scenario.records import Label, Scenario

TEXT: Texts = {
    "only_other": "{line} {enters} in {year}; in {base} it does not.",
    "only_base": "{line} {enters}; in {base} it does in {before}.",
    "enters_near": "enters the near stage",
    "enters_reach": "comes within reach",
    "enters_far": "falls back to the far stage",
    "not_near": "does not enter the near stage",
    "not_reach": "does not come within reach",
    "not_far": "does not fall back to the far stage",
    "enters_near_band": "enters the near gap band",
    "enters_reach_band": "enters the gap band within reach",
    "enters_far_band": "falls back to the far gap band",
    "not_near_band": "does not enter the near gap band",
    "not_reach_band": "does not enter the gap band within reach",
    "not_far_band": "does not fall back to the far gap band",
    "course": "{subject}: {other}; in {base}: {before}.",
    "held_back": "{subject}, held just outside the near stage at the review of: {other}; in {base}: {before}.",
    "in": "{what} in {when}",
    "in_years": "{what} in {years}",
    "launched": "{subject} is launched, in {year}; in {base} it is not.",
    "dropped": "{subject} is not launched; in {base} it starts in {year}.",
    "moved": "{subject} starts in {year} with {routes}; in {base} in {before} with {routes_before}.",
    "never": "never",
    "far": "far",
    "reach": "within reach",
    "near": "near",
    "off": "off",
}
EARLIER = plural(
    "{line} {enters} in {year}, {count} year earlier than in {base} ({before}).",
    "{line} {enters} in {year}, {count} years earlier than in {base} ({before}).",
)
LATER = plural(
    "{line} {enters} in {year}, {count} year later than in {base} ({before}).",
    "{line} {enters} in {year}, {count} years later than in {base} ({before}).",
)
WORDS = {"never", "far", "reach", "near", "off"}


def told(change: Change, base_name: str, base: Scenario, other: Scenario, lang: str = "en") -> list[str]:
    """A change in sentences: one, or for stages and gap bands one for each that is entered at another time."""
    subject = _label(change, base, other, lang)
    match change.kind:
        case "stage" | "gap_band":
            return _standing(change, subject, base_name, lang)
        case "programme":
            return [_programme(change, subject, base_name, lang)]
        case "held":
            reviews = [
                LANGUAGES[lang].comma.join(year for year, _ in course) or _text("never", lang)
                for course in (change.base, change.other)
            ]
            return [_text("held_back", lang, subject=subject, before=reviews[0], other=reviews[1], base=base_name)]
        case _:
            first, second = (_course(course, other, lang) for course in (change.base, change.other))
            return [_text("course", lang, subject=subject, other=second, before=first, base=base_name)]


def _text(key: str, lang: str, **values: object) -> str:
    return translate(TEXT[key], lang, **values)


def _label(change: Change, base: Scenario, other: Scenario, lang: str) -> str:
    kind = {"mode": "domains", "programme": "programmes"}.get(change.kind, "lines")
    labels: dict[str, Label] = {
        record.id: record.label for scenario in (base, other) for record in getattr(scenario, kind)
    }
    label = labels[change.subject]
    return label.text(lang)


def _standing(change: Change, line: str, base: str, lang: str) -> list[str]:
    """A sentence for each stage or band entered at another time; the two courses where the entries are the same."""
    first, second = _entries(change.base), _entries(change.other)
    entries = []
    for stage in ("reach", "near", "far"):
        before, year = first.get(stage), second.get(stage)
        if before != year:
            name = f"{stage}_band" if change.kind == "gap_band" else stage
            entries.append(_entry(name, line, base, lang, before, year))
    if entries:
        return entries
    spelt, other = _spelt(change.base, lang), _spelt(change.other, lang)
    return [_text("course", lang, subject=line, other=other, before=spelt, base=base)]


def _entries(course: Course) -> dict[str, int]:
    """First year in which a line enters each stage or band, the one it starts in left out."""
    entries: dict[str, int] = {}
    for when, stage in course[1:]:
        entries.setdefault(stage, int(when.partition("-")[0]))
    return entries


def _entry(stage: str, line: str, base: str, lang: str, before: int | None, year: int | None) -> str:
    enters = _text(f"{'enters' if year is not None else 'not'}_{stage}", lang)
    if before is None or year is None:
        key = "only_other" if before is None else "only_base"
        return _text(key, lang, line=line, enters=enters, year=year, before=before, base=base)
    years = abs(year - before)
    one, many = EARLIER if year < before else LATER
    values = {"line": line, "enters": enters, "year": year, "before": before, "base": base}
    return translate_count(one, many, lang, count=years, **values)


def _spelt(course: Course, lang: str) -> str:
    """A course of stages or bands as a list."""
    parts = [_text("in_years", lang, what=_text(what, lang), years=when) for when, what in course]
    return LANGUAGES[lang].clause.join(parts) or _text("never", lang)


def _course(course: Course, scenario: Scenario, lang: str) -> str:
    """A course of modes or of plans in which a line is off."""
    modes: dict[str, str] = {mode.id: LANGUAGES[lang].inside(mode.label.text(lang)) for mode in scenario.modes}
    parts = []
    for when, what in course:
        name = _text(what, lang) if what in WORDS else modes.get(what, what)
        parts.append(_text("in", lang, what=name, when=plan_name(when, lang)))
    return LANGUAGES[lang].clause.join(parts) or _text("never", lang)


def _programme(change: Change, subject: str, base: str, lang: str) -> str:
    if not change.base:
        return _text("launched", lang, subject=subject, year=change.other[0][0], base=base)
    if not change.other:
        return _text("dropped", lang, subject=subject, year=change.base[0][0], base=base)
    (before, count), (year, now) = change.base[0], change.other[0]
    return _text(
        "moved", lang, subject=subject, year=year, before=before, base=base,
        routes=_routes(now, lang), routes_before=_routes(count, lang),
    )  # fmt: skip


def _routes(count: str, lang: str) -> str:
    return translate_count("{count} route", "{count} routes", lang, count=int(count))
