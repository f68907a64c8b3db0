"""Faults and notes in the reader's language: English as they were made, others by the templates of the catalogue.

A message is looked up by its template, an entry of the context `fault`, `place`, `message` or `breach`. What stands in
the gaps is told in the same way where it is known (a unit, what a field means, a sentence in a sentence) and kept where
it is the user's own. What has no template stays English.

Keys and ids stay as they are typed: a gap that the English template has in quotes is never told, and a single word,
which might be a key, only in a gap that the translation writes `{:}`. A gap that it writes `{:money}` holds an
amount in billion CNY, which is brought to the language's unit; faults of the input leave amounts as files state them.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise

from kctopt.errors import Fault, ScenarioErrors
from kctopt.language import LANGUAGES, SHARE, Texts, entries, money, translate, within
from kctopt.scenario.chinese import field_meaning, unit_names
from kctopt.scenario.field_kinds import Kind, entry_fields, fields
from kctopt.scenario.nodes import DEFAULT, MEMORY
from kctopt.scenario.records import Record, Scenario

GAP = "{}"
# A gap of a translation: its number in the English template, and whether words are told or money is brought to a unit.
MARKED = re.compile(r"\{(\d?)(:money|:?)\}")
KEY = re.compile(r"[A-Za-z_][\w.-]*")
AMOUNT = re.compile(r"([-+]?[\d.]+(?:e[-+]?\d+)?) (.+)")  # 3.5 billion CNY
NO_FILES: Texts = {  # places of values that no file and no call set
    str(DEFAULT): "default",
    str(MEMORY): within("set in", "Scenario"),
}
JOINED = "{} and {}"
DEEPEST = 4  # sentences within sentences


class _Template:
    """An English template with its translation.

    `quoted` says of each gap whether it stands in quotes, `words` whether a single word in it is told. One that is
    `bare` joins gaps and has no words of its own: it speaks only where one of its gaps is told.
    """

    def __init__(self, english: str, translated: str, gap: str) -> None:
        parts = english.split(GAP)
        self.longest, self.bare = max(parts, key=len), english == JOINED
        self.pattern = re.compile(gap.join(map(re.escape, parts)), re.DOTALL)
        self.quoted = [before.endswith("'") and after.startswith("'") for before, after in pairwise(parts)]
        rest = iter(range(len(parts) - 1))
        gaps = {int(number) if number else next(rest): mark for number, mark in MARKED.findall(translated)}
        self.words = [gaps.get(n) == ":" for n in range(len(parts) - 1)]
        self.money = [gaps.get(n) == ":money" for n in range(len(parts) - 1)]
        self._order, self._between = list(gaps), MARKED.sub(GAP, translated).split(GAP)

    def filled(self, parts: list[str]) -> str:
        """The translation with its gaps filled."""
        inside = [parts[n] + after for n, after in zip(self._order, self._between[1:], strict=True)]
        return self._between[0] + "".join(inside)


class Words:
    """Templates of one kind of text in a language."""

    def __init__(self, templates: Mapping[str, str], lang: str, gap: str = "(.+?)") -> None:
        ordered = sorted(templates, key=lambda template: (-len(template.replace(GAP, "")), template))
        self._lang = lang
        self._units, self._known = unit_names(lang), {**_meanings(lang), **unit_names(lang)}
        self._templates = [_Template(template, templates[template], gap) for template in ordered]

    def told(self, text: str, depth: int = 0) -> str:
        """A text in the language; as it is where it has no template."""
        if text in self._known:
            return self._known[text]
        if (amount := AMOUNT.fullmatch(text)) and amount[2] in self._units:
            return f"{amount[1]} {self._units[amount[2]]}"
        for template in self._templates if depth < DEEPEST else ():
            match = template.pattern.fullmatch(text) if template.longest in text else None
            if match is not None:
                gaps = zip(match.groups(), template.quoted, template.words, template.money, strict=True)
                parts = [self._gap(part, quoted, words, amount, depth) for part, quoted, words, amount in gaps]
                if template.bare and parts == list(match.groups()):
                    continue
                return SHARE.sub(LANGUAGES[self._lang].percent, template.filled(parts))
        return text

    def _gap(self, part: str, quoted: bool, words: bool, amount: bool, depth: int) -> str:
        if amount:
            return money(part, self._lang)
        return part if quoted or (KEY.fullmatch(part) and not words) else self.told(part, depth + 1)


def fault_templates(lang: str) -> dict[str, str]:
    """Templates of faults with their translations, what the operating system says of files among them."""
    known = entries("system", lang).items()
    system = {os.strerror(number): text for name, text in known if (number := getattr(errno, name, None)) is not None}
    return {**entries("place", lang), **system, **entries("fault", lang)}


@cache
def message_words(lang: str) -> Words:
    """Templates of all that is raised: faults of the input and every other error."""
    return Words({**fault_templates(lang), **entries("message", lang)}, lang, r"(.*?)")


@cache
def _faults(lang: str) -> Words:
    return Words(fault_templates(lang), lang)


@cache
def _places(lang: str) -> Words:
    return Words(entries("place", lang), lang)


def told(text: str, lang: str) -> str:
    """A message, a remedy or a note in a language."""
    return _faults(lang).told(text) if text else text


def told_place(place: str, lang: str) -> str:
    """Where a value was set: files as they are called, what is no file (the command line, a default) in a language."""
    return translate(NO_FILES[place], lang) if place in NO_FILES else _places(lang).told(place)


def told_fault(fault: Fault, lang: str) -> Fault:
    """A fault in a language; its place and path stay, as data that programs compare."""
    return replace(fault, message=told(fault.message, lang), hint=told(fault.hint, lang))


def told_faults(error: ScenarioErrors, lang: str) -> str:
    """All faults in a language with their places, one a line."""
    return "\n".join(
        _line(replace(told_fault(fault, lang), file=told_place(fault.file, lang)), lang) for fault in error.faults
    )


def _line(fault: Fault, lang: str) -> str:
    """A fault that is told, as a line; its place is written as in English, for editors that jump to it."""
    return f"{replace(fault, hint='')}{LANGUAGES[lang].semicolon}{fault.hint}" if fault.hint else str(fault)


@cache
def _meanings(lang: str) -> dict[str, str]:
    """What fields mean, in a language by the English."""
    translations: dict[str, str] = {}

    def walk(record: type[Record], path: str, table: str) -> None:
        for name, kind in fields(record).items():
            here = f"{path}.{name}" if path else name
            meaning = field_meaning(f"{table}.{name}" if table else here, lang) or field_meaning(here, lang)
            if kind.meaning and meaning:
                translations.setdefault(kind.meaning, meaning)
            if kind.form == "record" and kind.record is not None:
                walk(kind.record, here, table)
            elif kind.item is not None and isinstance(kind.item, Kind) and entry_fields(kind.item) and kind.item.record:
                walk(kind.item.record, here, here)

    walk(Scenario, "", "")
    return translations
