"""Texts in Chinese: what has no words there stays English, which is seen by words of English that follow each other."""

from __future__ import annotations

import re
from typing import Any

from kctopt import rules
from kctopt.cli.said import said_breach
from kctopt.rules import Breach

ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]{2,}\b")
HAN = re.compile("[\u4e00-\u9fff]")


def is_chinese(text: str) -> bool:
    """Whether a text is told in Chinese with no English left in it."""
    return HAN.search(text) is not None and ENGLISH.search(text) is None


def told_breaches(*args: Any, **options: Any) -> list[Breach]:
    """`breaches`, where each that it finds has its words in Chinese."""
    found = rules.breaches(*args, **options)
    for one in found:
        told = said_breach(one.message, "zh")
        assert is_chinese(told), told
    return found
