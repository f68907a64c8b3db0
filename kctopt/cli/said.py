"""What commands say, in the reader's language: errors of every kind, notes and progress on stderr."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from kctopt.errors import ScenarioErrors
from kctopt.language import ENGLISH, LANGUAGES, entries

LETTERS = {"zh": "\u4e2d\u6587\uff0c\u300c"}  # of languages that not every terminal can show

if TYPE_CHECKING:
    from kctopt.scenario.told import Words


def said(text: str, lang: str) -> str:
    """A message, line by line in a language; what has no words in it stays English."""
    if lang == ENGLISH:
        return text
    from kctopt.scenario.told import message_words

    words = message_words(lang)
    whole = words.told(text)
    return whole if whole != text else "\n".join(words.told(line) for line in text.splitlines())


def said_breach(text: str, lang: str) -> str:
    """A broken rule as the simulator tells it, in a language."""
    return text if lang == ENGLISH else _breaches(lang).told(text)


def message(error: Exception, lang: str) -> str:
    """What an error says."""
    if not isinstance(error, ScenarioErrors):
        return said(str(error), lang)
    from kctopt.scenario.told import told_faults

    return told_faults(error, lang)


def asked_language(typed: Sequence[str]) -> str:
    """The language that a command line asks for, before it is read: the last --lang, or the environment's."""
    lang = os.environ.get("KCTOPT_LANG", "")
    for word, after in zip(typed, [*typed[1:], ""], strict=False):
        if word == "--":
            break
        if word == "--lang":
            lang = after
        elif word.startswith("--lang="):
            lang = word.removeprefix("--lang=")
    return lang if lang in LANGUAGES else ENGLISH


def shows(stream: Any, lang: str) -> bool:
    """Whether a stream can show the letters of a language."""
    try:
        LETTERS.get(lang, "").encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


@cache
def _breaches(lang: str) -> Words:
    from kctopt.scenario.told import Words

    return Words(entries("breach", lang), lang)
