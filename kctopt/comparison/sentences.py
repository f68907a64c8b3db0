"""Changes of stages, regimes, modes and programmes as sentences, in English and Chinese."""

from __future__ import annotations

from kctopt.comparison.courses import Change, Course
from kctopt.scenario.records import Label, Scenario

TEXT: dict[str, tuple[str, str]] = {
    "earlier": (
        "{line} {enters} in {year}, {count} earlier than in {base} ({before}).",
        "{line}：{year} 年{enters}，比 {base} 早 {count} 年（{before} 年）。",
    ),
    "later": (
        "{line} {enters} in {year}, {count} later than in {base} ({before}).",
        "{line}：{year} 年{enters}，比 {base} 晚 {count} 年（{before} 年）。",
    ),
    "only_other": ("{line} {enters} in {year}; in {base} it does not.", "{line}：{year} 年{enters}；{base} 中未发生。"),
    "only_base": (
        "{line} {enters}; in {base} it does in {before}.",
        "{line}：{enters}；{base} 中为 {before} 年。",
    ),
    "enters_near": ("enters the near stage", "进入近距阶段"),
    "enters_reach": ("comes within reach", "进入可及阶段"),
    "enters_far": ("falls back to the far stage", "退回远距阶段"),
    "not_near": ("does not enter the near stage", "未进入近距阶段"),
    "not_reach": ("does not come within reach", "未进入可及阶段"),
    "not_far": ("does not fall back to the far stage", "未退回远距阶段"),
    "course": ("{subject}: {other}; in {base}: {before}.", "{subject}：{other}；{base} 中：{before}。"),
    "regime": (
        "{subject}, stage in force: {other}; in {base}: {before}.",
        "{subject}，生效阶段：{other}；{base} 中：{before}。",
    ),
    "held_back": (
        "{subject}, held just outside the near stage at the review of: {other}; in {base}: {before}.",
        "{subject}，在以下评估时停留于近距阶段之外：{other}；{base} 中：{before}。",
    ),
    "from": ("{what} from {when} on", "{when} 年起{what}"),
    "in": ("{what} in {when}", "{when} 年{what}"),
    "launched": (
        "{subject} is launched, in {year}; in {base} it is not.",
        "{subject}：{year} 年启动；{base} 中未启动。",
    ),
    "dropped": (
        "{subject} is not launched; in {base} it starts in {year}.",
        "{subject}：不启动；{base} 中 {year} 年启动。",
    ),
    "moved": (
        "{subject} starts in {year} with {routes}; in {base} in {before} with {routes_before}.",
        "{subject}：{year} 年启动（{routes}）；{base} 中为 {before} 年（{routes_before}）。",
    ),
    "never": ("never", "从不"),
    "far": ("far", "远距"),
    "reach": ("within reach", "可及"),
    "near": ("near", "近距"),
    "off": ("off", "停投"),
}
WORDS = {"never", "far", "reach", "near", "off"}


def told(change: Change, base_name: str, base: Scenario, other: Scenario, lang: str = "en") -> list[str]:
    """A change in sentences: one, or for stages one for each stage that is entered at another time."""
    subject = _label(change, base, other, lang)
    match change.kind:
        case "stage":
            return _stage(change, subject, base_name, lang)
        case "programme":
            return [_programme(change, subject, base_name, lang)]
        case "held":
            reviews = [
                ", ".join(year for year, _ in course) or _text("never", lang) for course in (change.base, change.other)
            ]
            return [_text("held_back", lang, subject=subject, before=reviews[0], other=reviews[1], base=base_name)]
        case _:
            key = "regime" if change.kind == "regime" else "course"
            step = "from" if change.kind == "regime" else "in"
            first, second = (_course(course, other, step, lang) for course in (change.base, change.other))
            return [_text(key, lang, subject=subject, other=second, before=first, base=base_name)]


def _text(key: str, lang: str, **values: object) -> str:
    return TEXT[key][lang == "zh"].format(**values)


def _label(change: Change, base: Scenario, other: Scenario, lang: str) -> str:
    kind = {"mode": "domains", "programme": "programmes"}.get(change.kind, "lines")
    labels: dict[str, Label] = {one.id: one.label for scenario in (base, other) for one in getattr(scenario, kind)}
    label = labels[change.subject]
    return label.zh if lang == "zh" else label.en


def _stage(change: Change, line: str, base: str, lang: str) -> list[str]:
    """A sentence for each stage entered at another time; the two courses where the entries are the same."""
    first, second = _entries(change.base), _entries(change.other)
    found = []
    for stage in ("reach", "near", "far"):
        before, year = first.get(stage), second.get(stage)
        if before != year:
            found.append(_entry(stage, line, base, lang, before, year))
    if found:
        return found
    spelt, other = _spelt(change.base, lang), _spelt(change.other, lang)
    return [_text("course", lang, subject=line, other=other, before=spelt, base=base)]


def _entries(course: Course) -> dict[str, int]:
    """First year in which a line enters each stage, the one it starts in left out."""
    found: dict[str, int] = {}
    for when, stage in course[1:]:
        found.setdefault(stage, int(when.partition("-")[0]))
    return found


def _entry(stage: str, line: str, base: str, lang: str, before: int | None, year: int | None) -> str:
    enters = _text(f"{'enters' if year is not None else 'not'}_{stage}", lang)
    if before is None or year is None:
        key = "only_other" if before is None else "only_base"
        return _text(key, lang, line=line, enters=enters, year=year, before=before, base=base)
    years = abs(year - before)
    count = str(years) if lang == "zh" else f"{years} year" + ("s" if years > 1 else "")
    key = "earlier" if year < before else "later"
    return _text(key, lang, line=line, enters=enters, year=year, before=before, base=base, count=count)


def _spelt(course: Course, lang: str) -> str:
    """A course of stages as a list."""
    parts = [_text("in", lang, what=_text(what, lang), when=when) for when, what in course]
    return ("，" if lang == "zh" else ", ").join(parts) or _text("never", lang)


def _course(course: Course, scenario: Scenario, step: str, lang: str) -> str:
    """A course of regimes, modes or plans in which a line is off."""
    modes: dict[str, str] = {
        mode.id: mode.label.zh if lang == "zh" else mode.label.en.lower() for mode in scenario.modes
    }
    parts = []
    for when, what in course:
        name = _text(what, lang) if what in WORDS else modes.get(what, what)
        parts.append(_text(step, lang, what=name, when=when))
    return ("，" if lang == "zh" else ", ").join(parts) or _text("never", lang)


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
    if lang == "zh":
        return f"{count} 条路线"
    return f"{count} route" + ("s" if count != "1" else "")
