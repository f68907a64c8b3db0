"""Faults and notes in the reader's language: English as they were made, Chinese by `faults_zh.py`.

A message is looked up by its template. What stands in the gaps is told in the same way where it is known (a unit, what
a field means, a sentence in a sentence) and kept where it is the user's own. What has no template stays English.

Keys and ids stay as they are typed: a gap that the English template has in quotes is never told, and a single word,
which might be a key, only in a gap that the Chinese template writes `{:}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise

from kctopt.errors import Fault, ScenarioErrors
from kctopt.scenario.chinese import FIELDS, UNITS
from kctopt.scenario.faults_zh import PLACES, TEMPLATES
from kctopt.scenario.field_kinds import Kind, entry_fields, fields
from kctopt.scenario.nodes import DEFAULT, MEMORY
from kctopt.scenario.records import Record, Scenario

GAP = "{}"
MARKED = re.compile(
    r"\{(\d?)(:?)\}"
)  # a gap of a Chinese template: its number in the English one, and whether words are told
KEY = re.compile(r"[A-Za-z_][\w.-]*")
AMOUNT = re.compile(r"([-+]?[\d.]+(?:e[-+]?\d+)?) (.+)")  # 3.5 billion CNY
NO_FILES = {str(DEFAULT): "默认值", str(MEMORY): "程序中的 Scenario"}  # places of values that no file and no call set
JOINED = "{} and {}"
DEEPEST = 4  # sentences within sentences


class _Template:
    """An English template with its Chinese.

    `quoted` says of each gap whether it stands in quotes, `words` whether a single word in it is told. One that is
    `bare` joins gaps and has no words of its own: it speaks only where one of its gaps is told.
    """

    def __init__(self, english: str, chinese: str, gap: str) -> None:
        parts = english.split(GAP)
        self.longest, self.bare = max(parts, key=len), english == JOINED
        self.pattern = re.compile(gap.join(map(re.escape, parts)), re.DOTALL)
        self.quoted = [before.endswith("'") and after.startswith("'") for before, after in pairwise(parts)]
        rest = iter(range(len(parts) - 1))
        gaps = {int(number) if number else next(rest): bool(mark) for number, mark in MARKED.findall(chinese)}
        self.words = [gaps.get(n, False) for n in range(len(parts) - 1)]
        self._order, self._between = list(gaps), MARKED.sub(GAP, chinese).split(GAP)

    def filled(self, parts: list[str]) -> str:
        """The Chinese with its gaps filled."""
        inside = [parts[n] + after for n, after in zip(self._order, self._between[1:], strict=True)]
        return self._between[0] + "".join(inside)


class Words:
    """Templates of one place with their Chinese."""

    def __init__(self, templates: Mapping[str, str], gap: str = "(.+?)") -> None:
        ordered = sorted(templates, key=lambda one: -len(one.replace(GAP, "")))
        self._templates = [_Template(one, templates[one], gap) for one in ordered]

    def told(self, text: str, depth: int = 0) -> str:
        """A text in Chinese; as it is where it has no template."""
        if text in UNITS or text in _meanings():
            return UNITS.get(text) or _meanings()[text]
        if (amount := AMOUNT.fullmatch(text)) and amount[2] in UNITS:
            return f"{amount[1]} {UNITS[amount[2]]}"
        for one in self._templates if depth < DEEPEST else ():
            found = one.pattern.fullmatch(text) if one.longest in text else None
            if found is not None:
                parts = [
                    part if quoted or (KEY.fullmatch(part) and not words) else self.told(part, depth + 1)
                    for part, quoted, words in zip(found.groups(), one.quoted, one.words, strict=True)
                ]
                if one.bare and parts == list(found.groups()):
                    continue
                return one.filled(parts)
        return text


@cache
def _faults() -> Words:
    return Words(TEMPLATES)


@cache
def _places() -> Words:
    return Words(PLACES)


def told(text: str, lang: str) -> str:
    """A message, a remedy or a note in a language, `en` or `zh`."""
    return _faults().told(text) if lang == "zh" and text else text


def told_place(place: str, lang: str) -> str:
    """Where a value was set: files as they are called, what is no file (the command line, a default) in a language."""
    return NO_FILES.get(place) or _places().told(place) if lang == "zh" else place


def told_fault(fault: Fault, lang: str) -> Fault:
    """A fault in a language; its place and path stay, as data that programs compare."""
    return replace(fault, message=told(fault.message, lang), hint=told(fault.hint, lang))


def told_faults(error: ScenarioErrors, lang: str) -> str:
    """All faults in a language with their places, one a line."""
    return "\n".join(str(replace(told_fault(one, lang), file=told_place(one.file, lang))) for one in error.faults)


@cache
def _meanings() -> dict[str, str]:
    """What fields mean, in Chinese by the English."""
    found: dict[str, str] = {}

    def walk(record: type[Record], path: str, table: str) -> None:
        for name, kind in fields(record).items():
            here = f"{path}.{name}" if path else name
            chinese = FIELDS.get(f"{table}.{name}" if table else here) or FIELDS.get(here)
            if kind.meaning and chinese:
                found.setdefault(kind.meaning, chinese)
            if kind.form == "record" and kind.record is not None:
                walk(kind.record, here, table)
            elif kind.item is not None and isinstance(kind.item, Kind) and entry_fields(kind.item) and kind.item.record:
                walk(kind.item.record, here, here)

    walk(Scenario, "", "")
    return found
