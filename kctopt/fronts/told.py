"""What is said of a front: ranges, gap, knee, the points, what binds and what changes in kind along it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from kctopt.analysis.told import changed
from kctopt.analysis.traits import Trait
from kctopt.fronts.goals import MONEY, Goal
from kctopt.language import LANGUAGES, Texts, money, percent, translate, translate_count, within
from kctopt.terminal import grid

if TYPE_CHECKING:
    from kctopt.fronts.drawn import Drawn

GOALS: Texts = {
    "NS": "national security, NS points", "EP": "economic power, points", "MP": "military power, points",
    "KCT": "KCT capability, points", "spend": within("objectives", "money, billion CNY"),
    "exposure": within("objectives", "exposure, billion CNY"),
}  # fmt: skip
STATUS: Texts = {
    "optimal": "optimal",
    "limit": "the gap between neighbours is wider than asked",
    "interrupted": "interrupted",
}
SENTENCES: Texts = {
    "front": "No plan is better than what lies between neighbouring points by more than {gap} of the ranges in all "
    "objectives at once ({solves}).",
    "boxes": "Points are plans with discrete choices, proven one by one: no plan is better than both of two neighbours "
    "by more than {gap} of the ranges in both objectives at once ({solves}).",
    "knee": "The knee is point {point}: {values}.",
    "hypervolume": "The points dominate {share} of the box between the best and the worst values.",
    "estimate": "The worst values are those of the points found: with three objectives an estimate.",
    "more": "and {count} more in changes.csv",
}  # fmt: skip
HEADS: Texts = {
    "objective": within("front", "objective"), "best": within("front", "best"),
    "bound": within("front", "no plan beyond"), "worst": within("front", "worst on the front"),
    "point": within("front", "point"),
    "proven": within("front", "proven bound"),
    "binds": "rules that bind along the front", "period": "period", "at": "at points",
    "changes": "what changes in kind along the front",
}  # fmt: skip
SHOWN = 4  # changes between two points that are told
FIRST = ("plan", "mode", "programme", "off", "stage", "rule", "domain_order", "type_order", "funded", "gap_band")


def summary(front: Drawn, lang: str) -> str:
    """What a planner reads first."""
    parts = [_head(front, lang), _ranges(front, lang), _points(front, lang), _rules(front, lang), _changes(front, lang)]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _say(key: str, lang: str) -> str:
    return translate(HEADS[key], lang)


def amount(goal: Goal, value: float, lang: str) -> str:
    """A value of an objective, as people read it."""
    shown = goal.shown(value)
    return money(f"{shown:.1f}", lang) if goal.unit == MONEY else f"{shown:.2f}"


def _head(front: Drawn, lang: str) -> list[str]:
    written, names = LANGUAGES[lang], [goal.key for goal in front.goals]
    what = translate("{first} against {others}", lang, first=names[0], others=written.series(names[1:]))
    status = translate(STATUS[str(front.status)], lang)
    title = f"{front.scenario.name}{written.colon}{what}{written.stop}{written.space}"
    return [f"{title}{status}{written.clause}{front.seconds:.1f} s", *(f"  {line}" for line in sentences(front, lang))]


def sentences(front: Drawn, lang: str) -> list[str]:
    """What the front says, a sentence each."""
    solves = translate_count("{count} solve", "{count} solves", lang, count=front.solves)
    key = "boxes" if front.discrete else "front"
    said = [translate(SENTENCES[key], lang, gap=percent(front.gap, lang, ".2g"), solves=solves)]
    if front.knee is not None:
        point = front.front.points[front.knee - 1]
        values = LANGUAGES[lang].series(
            f"{goal.key} {amount(goal, float(value), lang)}" for goal, value in zip(front.goals, point.z, strict=True)
        )
        said.append(translate(SENTENCES["knee"], lang, point=front.knee, values=values))
    said.append(translate(SENTENCES["hypervolume"], lang, share=percent(front.hypervolume, lang)))
    if len(front.goals) > 2:
        said.append(translate(SENTENCES["estimate"], lang))
    return said


def _ranges(front: Drawn, lang: str) -> list[str]:
    rows = [
        [translate(GOALS[goal.key], lang), *(amount(goal, float(value), lang) for value in values)]
        for goal, *values in zip(front.goals, front.front.best, front.front.ideal, front.front.nadir, strict=True)
    ]
    return grid([_say(key, lang) for key in ("objective", "best", "bound", "worst")], rows)


def _points(front: Drawn, lang: str) -> list[str]:
    rows = []
    for n, point in enumerate(front.front.points, 1):
        bound = "–" if point.bound is None else f"{front.goals[point.main].key} " + amount(
            front.goals[point.main], point.bound, lang
        )  # fmt: skip
        values = (amount(goal, float(value), lang) for goal, value in zip(front.goals, point.z, strict=True))
        rows.append([str(n), *values, bound])
    heads = [_say("point", lang), *(translate(GOALS[goal.key], lang) for goal in front.goals), _say("proven", lang)]
    return grid(heads, rows)


def _rules(front: Drawn, lang: str) -> list[str]:
    rows = [[row["rule"], row["when"], row["points"]] for row in front.table("rules").records]
    return grid([_say(key, lang) for key in ("binds", "period", "at")], rows, left=(0, 1, 2)) if rows else []


def _changes(front: Drawn, lang: str) -> list[str]:
    """What changes from each point to the next, the weightiest kinds first."""
    if len(front.goals) > 2:
        return []
    colon, lines = LANGUAGES[lang].colon, []
    for (first, second), group in groupby(front.table("changes").records, key=lambda row: (row["from"], row["to"])):
        rows = sorted(group, key=lambda row: FIRST.index(row["kind"]) if row["kind"] in FIRST else len(FIRST))
        told = [
            changed(Trait(row["kind"], row["subject"], row["when"]), row["before"], row["after"], front.scenario, lang)
            for row in rows[:SHOWN]
            if row["kind"] in FIRST
        ]
        if len(rows) > len(told):
            told.append(translate(SENTENCES["more"], lang, count=len(rows) - len(told)))
        lines.append(f"    {first}-{second}{colon}{LANGUAGES[lang].semicolon.join(told)}")
    return [f"  {_say('changes', lang)}", *lines] if lines else []
