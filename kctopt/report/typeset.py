"""Signs that a page has and a terminal may lack."""

from __future__ import annotations

import re

MINUS = re.compile(r"(?<![\w.-])-(?=[\d.])")  # of a number, not of a span of years or a name


def typeset(text: str) -> str:
    """A real minus and a real arrow, which no line breaks in two."""
    return MINUS.sub("−", text).replace(" -> ", " → ")
