"""Faults and notes in the reader's language: English as they were made, Chinese by `faults_zh.py`.

A message is looked up by its template. What stands in the gaps is told in the same way where it is known (a unit, what
a field means, a sentence in a sentence) and kept where it is the user's own. What has no template stays English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from kctopt.errors import Fault, ScenarioErrors
from kctopt.scenario.chinese import FIELDS, UNITS
from kctopt.scenario.faults_zh import PLACES, TEMPLATES
from kctopt.scenario.kinds import Kind, entry_fields, fields
from kctopt.scenario.nodes import DEFAULT, MEMORY
from kctopt.scenario.records import Record, Scenario

GAP = "{}"
NO_FILES = {str(DEFAULT): "默认值", str(MEMORY): "程序中的 Scenario"}  # places of values that no file and no call set
DEEPEST = 4  # sentences within sentences


class Words:
    """Templates of one place with their Chinese."""

    def __init__(self, templates: Mapping[str, str], gap: str = "(.+?)") -> None:
        ordered = sorted(templates, key=lambda one: -len(one.replace(GAP, "")))
        self._patterns = [
            (
                max(one.split(GAP), key=len),
                re.compile(gap.join(re.escape(part) for part in one.split(GAP)), re.DOTALL),
                templates[one],
            )
            for one in ordered
        ]

    def told(self, text: str, depth: int = 0) -> str:
        """A text in Chinese; as it is where it has no template."""
        if text in UNITS or text in _meanings():
            return UNITS.get(text) or _meanings()[text]
        for part, pattern, words in self._patterns if depth < DEEPEST else ():
            found = pattern.fullmatch(text) if part in text else None
            if found is not None:
                return _filled(words, [self.told(one, depth + 1) for one in found.groups()])
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


def _filled(words: str, parts: list[str]) -> str:
    """A template with its gaps filled, {} in order or {2} by number."""
    rest = iter(parts)
    return re.sub(r"\{(\d?)\}", lambda gap: parts[int(gap[1])] if gap[1] else next(rest), words)


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
