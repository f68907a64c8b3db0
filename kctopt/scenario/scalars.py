"""Scalars as a record wants them: numbers (also text with the right unit), whole numbers, text, choices."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

from kctopt.errors import suggest
from kctopt.scenario.chinese import unit_name
from kctopt.scenario.field_kinds import Kind, fields
from kctopt.scenario.nodes import Node

WITH_UNIT = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*", re.DOTALL)

DASHES = str.maketrans(dict.fromkeys("–—−~〜～‒―", "-"))


class Unreadable(ValueError):
    """A value is not of the kind its field needs."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def read_scalar(node: Node, kind: Kind) -> Any:
    """Value of a node for a field of a scalar kind. Raises Unreadable."""
    if isinstance(node.value, dict | list):
        raise Unreadable(f"holds {_shape(node.value)} where {wanted(kind)} is needed", _by_year(node))
    if node.value is None:
        if kind.optional:
            return None
        if kind.form == "text" and not kind.required:
            return kind.default
        raise Unreadable(f"is empty; it needs {wanted(kind)}", _default(kind))
    match kind.form:
        case "number":
            return read_number(node, kind)
        case "integer":
            return _integer(node, kind)
        case "flag":
            if isinstance(node.value, bool):
                return node.value
            raise Unreadable(f"'{_short(node.value)}' is neither true nor false")
        case "choice":
            return _choice(node, kind)
        case _:
            return _text(str(node.value) if node.text is None else node.text)


def read_number(node: Node, kind: Kind) -> float:
    """Finite number of a node; text counts when it is a number with the field's own unit, in English or Chinese.

    Raises Unreadable.
    """
    value = node.value
    if isinstance(value, str):
        return _from_text(value, kind)
    if value is None:
        raise Unreadable(f"is empty; it needs {wanted(kind)}", _default(kind))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable(f"is {_shape(value)} where {wanted(kind)} is needed", _by_year(node))
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Unreadable("is not a finite number")
    return number


def _text(text: str) -> str:
    if character := control_character(text):
        raise Unreadable(
            f"holds the control character {character}", "delete it; text may hold letters, signs and line ends"
        )
    return text


def wanted(kind: Kind) -> str:
    """What a field needs, in words: 'a number in billion CNY/year'."""
    match kind.form:
        case "number" | "series":
            return f"a number in {kind.unit}" if kind.unit and kind.unit not in ("share", "ratio") else "a number"
        case "integer":
            return "a whole number"
        case "flag":
            return "true or false"
        case "choice":
            return "one of " + ", ".join(str(choice) for choice in kind.choices)
        case "text":
            return "text"
        case "list":
            return "a list"
        case _:
            names = list(fields(kind.record)) if kind.record else []
            return f"a mapping of {', '.join(names)}" if 0 < len(names) <= 6 else "a mapping"


def plain_text(text: str) -> str:
    """Text with full-width letters and digits made ASCII."""
    return unicodedata.normalize("NFKC", text).strip()


def plain_years(text: str) -> str:
    """The same of a year or a span of years, whose dash may be any."""
    return plain_text(text).translate(DASHES)


def control_character(text: str) -> str:
    """The first character that no text may hold, as U+0007: it breaks XML, PDF and tables. Empty when there is none."""
    bad = next((c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t"), None)
    bad = bad or next((c for c in text if ord(c) & 0xFFFE == 0xFFFE), None)
    return "" if bad is None else f"U+{ord(bad):04X}"


def _from_text(text: str, kind: Kind) -> float:
    plain, wide = plain_text(text), any("\uff01" <= c <= "\uff5e" for c in text)
    match = WITH_UNIT.fullmatch(plain)
    if match is None:
        raise Unreadable(f"'{_short(text)}' is not a number", f"write {wanted(kind)}")
    number, unit = float(match[1]), match[2]
    if len(unit) == 1 and unit.isalpha() and unit.isascii():
        raise Unreadable(f"'{_short(text)}' is not a number", f"write {wanted(kind)}")
    if not unit:
        said, hint = ("in full-width digits", "") if wide else ("text", " without quotes")
        raise Unreadable(f"'{_short(text)}' is {said}", f"write {match[1]}{hint}")
    if unit == "%":
        raise Unreadable(f"'{_short(text)}' is a percentage", f"write {number / 100:g}")
    right = is_unit(unit, kind)
    if not math.isfinite(number) or (not right and not _names_a_unit(unit)):
        raise Unreadable(f"'{_short(text)}' is not a number", "use a point for decimals and no separators")
    if not right:
        expected = f"is in {kind.unit}" if kind.unit else "has no unit"
        raise Unreadable(f"{expected}, but the text says '{_short(text)}'", "convert it and write the number alone")
    if wide:
        raise Unreadable(f"'{_short(text)}' is in full-width digits", f"write {_short(plain)}")
    return number


def _names_a_unit(text: str) -> bool:
    """Whether what stands behind a number can be a unit: 1/year and $ can, 234, '234 and .5 cannot."""
    named = any(c.isalpha() or unicodedata.category(c) == "Sc" for c in text)
    return named and text[0] not in ".,'’‘`´，．_-+"


def _integer(node: Node, kind: Kind) -> int:
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        return node.value
    number = read_number(node, kind)
    if number != int(number):
        raise Unreadable(f"{number:g} is not a whole number")
    return int(number)


def _choice(node: Node, kind: Kind) -> Any:
    for choice in kind.choices:
        if node.value == choice and not isinstance(node.value, bool):
            return choice
    if isinstance(kind.choices[0], int):
        raise Unreadable(f"{_short(node.value)} is not known; this version of kctopt reads {kind.choices[0]}")
    hint = suggest(str(node.value), kind.choices)
    raise Unreadable(f"unknown value '{_short(node.value)}'", hint)


def is_unit(text: str, kind: Kind) -> bool:
    """Whether a text names the unit of a field, in English or Chinese."""
    return _plain_unit(text) in {_plain_unit(unit_name(kind.unit, lang)) for lang in ("en", "zh")}


def _plain_unit(unit: str) -> str:
    return re.sub(r"\s*/\s*", "/", " ".join(unit.lower().replace(" per ", "/").split()))


def _shape(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"'{str(value).lower() if isinstance(value, bool) else _short(value)}'"


def _by_year(node: Node) -> str:
    if isinstance(node.value, dict) and node.value and all(isinstance(key, int) for key in node.value):
        return "this value is the same in all years"
    return ""


def _default(kind: Kind) -> str:
    return "" if kind.required or kind.default is None else f"leave the key out for the default {kind.default!r}"


def _short(value: Any) -> str:
    text = str(value) if not isinstance(value, int) or abs(value) < 10**40 else "a very long number"
    text = text.replace("\n", " ")
    return text if len(text) <= 40 else f"{text[:37]}..."
