"""What is said of a sweep: how its members ended, their gaps beside the spread of the objective, what is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kctopt.language import ENGLISH, LANGUAGES, Texts, checked_lang, translate, translate_count
from kctopt.scenario.told import message_words, told_place

if TYPE_CHECKING:
    import pandas

NUMBER = re.compile(r"(?<![A-Za-z])[-+]?\d[\d.,]*(e[-+]?\d+)?")
REASONS = 8  # told; the rest is counted
STATUS: Texts = {"complete": "complete", "incomplete": "incomplete", "interrupted": "interrupted"}
ENDS: Texts = {
    "optimal": "optimal, both bounds agree to the gap asked",
    "limit": "a plan, with a wider gap than asked",
    "no_plan": "no plan found in the time allowed",
    "infeasible": "infeasible: proven that no plan keeps all rules",
    "invalid": "invalid: the draw gives the scenario values that it cannot have",
    "fault": "a bug in kctopt: please report it",
    "error": "failed with an error",
    "lost": "lost: the worker process died twice",
}


def summary(name: str, ended: str, members: pandas.DataFrame, missing: int, lang: str = "en") -> str:
    """The lines that `kctopt sweep` ends with, of a study's name, how far its sweep is, and its members."""
    lang = checked_lang(lang)
    status = translate(STATUS[ended], lang)
    count = len(members) + missing
    ends = {str(end): int(number) for end, number in members["status"].value_counts().items()}
    lines = [
        translate_count(
            "{name}: {count:,} member, {status}", "{name}: {count:,} members, {status}", lang, count=count, name=name,
            status=status,
        )
    ]  # fmt: skip
    lines += [f"  {number:6,}  {translate(ENDS.get(end, end), lang)}" for end, number in ends.items()]
    if missing:
        lines.append(
            translate("  {count} members are missing; the same command goes on from here", lang, count=f"{missing:,}")
        )
    return "\n".join([*lines, *_gaps(members, lang), *_reasons(members, lang)])


def _gaps(members: pandas.DataFrame, lang: str) -> list[str]:
    """Gaps of members beside the spread of their objective, which analyses must see."""
    solved = members[members["gap"].notna()]
    if not len(solved):
        return []
    mean, worst = float((solved["gap"] * solved["objective"].abs()).mean()), float(solved["gap"].max())
    if len(solved) == 1:
        said = translate("gap {worst}; distance of the bounds {mean}", lang, worst=f"{worst:.2g}", mean=f"{mean:.2g}")
        return [f"  {said}"]
    spread = float(solved["objective"].std(ddof=1))
    said = translate(
        "worst gap {worst}; mean distance of the bounds {mean}, standard deviation of the objective {spread}",
        lang, worst=f"{worst:.2g}", mean=f"{mean:.2g}", spread=f"{spread:.3g}",
    )  # fmt: skip
    return [f"  {said}"]


def told_reason(reason: str, lang: str) -> str:
    """Why a member has no answer, stored in English, line by line in a language; what has no template stays English."""
    if checked_lang(lang) == ENGLISH or not reason:
        return reason
    return "\n".join(_told_line(line, lang) for line in reason.splitlines())


def _told_line(line: str, lang: str) -> str:
    """A line of a reason: told as it is, or after the place that a fault begins with."""
    words = message_words(lang)
    parts = line.split(": ")
    placed = told_place(parts[0], lang) != parts[0]  # where a fault stands, and its path, are no part of its sentence
    for n in range(min(2, len(parts) - 1) if placed else 0, len(parts)):
        rest = ": ".join(parts[n:])
        fault, _, hint = rest.partition("; ")
        told = words.told(rest)
        if told == rest and hint and words.told(fault) != fault:
            told = f"{words.told(fault)}{LANGUAGES[lang].semicolon}{words.told(hint)}"
        if told != rest:
            return ": ".join([*(told_place(part, lang) for part in parts[:n]), told])
    return line


def kinds_of(members: pandas.DataFrame) -> list[dict[str, Any]]:
    """Why members failed, by kind: the status and the first fault, whatever numbers it tells of.

    Parameters
    ----------
    members : pandas.DataFrame
        As `Sweep.members` has them.

    Returns
    -------
    list of dict
        `status`, `count`, and of the first member of the kind `scenario`, `draw` and `reason`; the most frequent first.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.study.sweep_text import kinds_of
    >>> [(kind["status"], kind["count"]) for kind in kinds_of(kctopt.open("studies/tight.duckdb").members)]
    [('infeasible', 1)]
    """
    failed = members[members["reason"] != ""]
    kind = [NUMBER.sub("#", str(reason).partition("\n")[0]) for reason in failed["reason"]]
    groups = [group for _, group in failed.assign(kind=kind).groupby(["status", "kind"], sort=False)]
    told = ("status", "scenario", "draw", "reason")
    found = [
        {name: group[name].iloc[0] for name in told} | {"draw": int(group["draw"].iloc[0]), "count": len(group)}
        for group in groups
    ]
    return sorted(found, key=lambda one: -int(one["count"]))


def _reasons(members: pandas.DataFrame, lang: str) -> list[str]:
    """Why members failed, each kind once with an example."""
    kinds, lines = kinds_of(members), []
    for one in kinds[:REASONS]:
        said = translate(
            "{count} of this kind, for example draw {draw} of {scenario}: {reason}", lang, count=one["count"],
            draw=one["draw"], scenario=one["scenario"], reason=told_reason(str(one["reason"]), lang).splitlines()[0],
        )  # fmt: skip
        lines.append(f"  {said}")
    if len(kinds) > REASONS:
        more = translate(
            "{count} further kinds of reasons: see the column `reason` of the members", lang, count=len(kinds) - REASONS
        )
        lines.append(f"  {more}")
    return lines
