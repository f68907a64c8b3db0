"""What survives other forms, told: a table of forms, what survives all of them, what changes with which; en or zh."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kctopt.analysis.told import changed, reason, subject, value
from kctopt.analysis.traits import KINDS, SPLIT, Trait
from kctopt.language import LANGUAGES, Texts, checked_lang, percent, plan_name, translate
from kctopt.result import named
from kctopt.result.text import word
from kctopt.scenario.records import TYPES
from kctopt.table import Row
from kctopt.terminal import grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kctopt.analysis.saved import Analysis
    from kctopt.scenario.records import Scenario

WORDS: Texts = {
    "head": "Under other forms than {own}. Every form is a hypothesis of ours; the paper gives none of them.",
    "form": "form",
    "gap": "gap",
    "short": "the run's plan falls short by",
    "changed": "conclusions changed",
    "apart": "Objectives under different forms measure different things and are not compared.",
    "failed": "{form}: no conclusion. {reason}.",
    "not_allowed": "not possible",
    "survive": "survive all {count} forms solved: {kept} of {all} conclusions",
    "change": "change with the form (hypothesis of ours)",
    "under": "under {forms}",
    "stage": "at the end of {when} in stage {value}: {names}",
    "gap_band": "at the end of {when} in gap band {value}: {names}",
    "mode": "{when}, mode {value}: {names}",
    "programme": "{value}: {names}",
    "off_yes": "off in {when}: {names}",
    "off_no": "not off in {when}: {names}",
    "funded_yes": "get money in {when} (a tenth of base-year spend or more): {names}",
    "funded_no": "get next to none in {when}: {names}",
    "rule_binds": "bind in {when}: {names}",
    "rule_free": "do not bind in {when}: {names}",
    "other": "{when} {value}: {names}",
    "domain_order": "domains by money in {when}",
    "type_order": "types by money in {when}",
    "order": "{what}: {chain}",
    "signs": "(> between neighbours whose order survives, ? between others)",
    "all": "all {count}",
    "nothing": "nothing",
}
ORDERS = ("domain_order", "type_order")


def told(analysis: Analysis, scenario: Scenario, lang: str) -> str:
    """The whole answer as text."""
    checked_lang(lang)
    about, rows = analysis.about, analysis.tables["conclusions"].records
    own = named.forms((f"{path}={form}" for path, form in about["own"].items()), lang)
    kept = sum(row["survives"] for row in rows)
    survive = _say("survive", lang, count=about["solved"], kept=kept, all=len(rows))
    parts = [
        [_say("head", lang, own=own)],
        [*_table(analysis, lang), f"  {_say('apart', lang)}"],
        [f"  {line}" for line in failures(analysis, scenario, lang)],
        [f"  {survive}", *(f"    {line}" for line in survivors(rows, scenario, lang))],
        [f"  {_say('change', lang)}", *_listed(changes(analysis, scenario, lang), lang)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _table(analysis: Analysis, lang: str) -> list[str]:
    rows = []
    for row in analysis.tables["forms"].records:
        status = _say("not_allowed", lang) if row["status"] == "failed" else word(row["status"], lang)
        gap = "" if row["gap"] is None else percent(row["gap"], lang, ".2g")
        rows.append(
            [
                named.forms([row["form"]], lang),
                status,
                gap,
                _short(row, lang),
                "" if row["changed"] is None else str(row["changed"]),
            ]
        )
    return grid([_say(key, lang) if key else "" for key in ("form", "", "gap", "short", "changed")], rows, left=(0, 1))


def _short(row: Row, lang: str) -> str:
    """By how much the run's plan falls short, from least to most."""
    if row["short_most"] is None:
        return ""
    least, most = (f"{100 * row[f'short_{end}']:.2f}" for end in ("least", "most"))
    return f"{'' if least == most else f'{least} - '}{percent(row['short_most'], lang, '.2f')}"


def failures(analysis: Analysis, scenario: Scenario, lang: str, *, words: bool = False) -> list[str]:
    """Forms that say nothing, with the reason."""
    return [
        _say("failed", lang, form=named.forms([row["form"]], lang, words=words), reason=why.rstrip("."))
        for row in analysis.tables["forms"].records
        if row["changed"] is None
        for why in [reason(row["message"], scenario, lang, words=words) or word(row["status"], lang)]
    ]


def survivors(rows: Sequence[Row], scenario: Scenario, lang: str, *, words: bool = False) -> list[str]:
    """What survives every form, alike conclusions in one line."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    sizes: dict[tuple[str, str], int] = {}
    for row in rows:
        if row["kind"] in ORDERS:
            continue
        sizes[row["kind"], row["when"]] = sizes.get((row["kind"], row["when"]), 0) + 1
        if row["survives"]:
            trait = Trait(row["kind"], row["subject"], row["when"])
            groups.setdefault((row["kind"], row["when"], row["value"]), []).append(
                subject(trait, scenario, lang, words=words)
            )
    lines = []
    for (kind, when, text), names in groups.items():
        every = len(names) == sizes[kind, when] and len(names) > 1
        shown = _say("all", lang, count=len(names)) if every else LANGUAGES[lang].comma.join(names)
        key = next((key for key in (f"{kind}_{text}", kind) if key in WORDS), "other")
        lines.append(
            _say(key, lang, when=plan_name(when, lang), value=value(Trait(kind), text, scenario, lang), names=shown)
        )
    orders = list(_orders(rows, scenario, lang))
    return lines + orders + ([f"  {_say('signs', lang)}"] if orders else [])


def _orders(rows: Sequence[Row], scenario: Scenario, lang: str) -> Iterator[str]:
    """The run's order of domains and of types in each plan, with what survives between neighbours."""
    for kind in ORDERS:
        for when in dict.fromkeys(row["when"] for row in rows if row["kind"] == kind):
            pairs = {row["subject"]: row for row in rows if row["kind"] == kind and row["when"] == when}
            won = [row["value"] for row in pairs.values()]
            names = [domain.id for domain in scenario.domains] if kind == "domain_order" else list(TYPES)
            ranked = sorted(names, key=lambda name: -won.count(name))
            chain = _label(kind, ranked[0], scenario, lang)
            for first, second in pairwise(ranked):
                row = pairs.get(SPLIT.join((first, second))) or pairs[SPLIT.join((second, first))]
                chain += f" {'>' if row['survives'] else '?'} {_label(kind, second, scenario, lang)}"
            yield _say("order", lang, what=_say(kind, lang, when=plan_name(when, lang)), chain=chain)


def _label(kind: str, name: str, scenario: Scenario, lang: str) -> str:
    return subject(Trait("mode", name), scenario, lang) if kind == "domain_order" else word(name, lang)


def changes(analysis: Analysis, scenario: Scenario, lang: str, *, words: bool = False) -> dict[str, list[str]]:
    """What changes, by the forms that make it: `under KCT value: linear` and the changes."""
    makers: dict[tuple[str, ...], list[str]] = {}
    for row in sorted(analysis.tables["changes"].records, key=lambda row: KINDS.index(row["kind"])):
        if not row["tie"]:
            key = tuple(str(row[name]) for name in ("kind", "subject", "when", "before", "after"))
            makers.setdefault(key, []).append(row["form"])
    told: dict[str, list[str]] = {}
    for (kind, name, when, before, after), forms in makers.items():
        under = _say("under", lang, forms=named.forms(forms, lang, words=words))
        text = changed(Trait(kind, name, when), before, after, scenario, lang, words=words)
        told.setdefault(f"{under[0].upper()}{under[1:]}", []).append(text)
    return told


def _listed(groups: dict[str, list[str]], lang: str) -> list[str]:
    """The changes below the forms that make them."""
    lines = []
    for under, changed_so in groups.items():
        lines += [
            f"    {under}{LANGUAGES[lang].colon}".rstrip(),
            *(f"      {text[0].upper()}{text[1:]}" for text in changed_so),
        ]
    return lines or [f"    {_say('nothing', lang)}"]


def _say(key: str, lang: str, **values: Any) -> str:
    return translate(WORDS[key], lang, **values)
