"""A scenario as YAML text that needs no other file: floats by repr, one record of a list on one line."""

from __future__ import annotations

import re
from typing import Any

from kctopt.scenario.records import Record, Scenario, Series

PLAIN = re.compile(r"[A-Za-z\u4e00-\u9fff][\w \u4e00-\u9fff()/.;+-]*(?<! )")
RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def dump(scenario: Scenario) -> str:
    """YAML text of a scenario; `load` of it gives the same scenario, bit for bit."""
    lines: list[str] = []
    for name in type(scenario).model_fields:
        value = getattr(scenario, name)
        if isinstance(value, tuple) and value:
            lines += [f"{name}:", *(f"  - {_flow(entry)}" for entry in value)]
        elif isinstance(value, Record) and (group := _group(value)):
            lines += [f"{name}:", *group]
        else:
            lines.append(f"{name}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _group(record: Record) -> list[str]:
    lines = []
    for name, value in _stated(record).items():
        if isinstance(value, tuple) and value:
            lines += [f"  {name}:", *(f"    - {_flow(entry)}" for entry in value)]
        else:
            lines.append(f"  {name}: {_flow(value)}")
    return lines


def _flow(value: Any) -> str:
    if isinstance(value, Series):
        value = value.root
    if isinstance(value, Record):
        value = _stated(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else repr(value)


def _stated(record: Record) -> dict[str, Any]:
    """Fields that hold something."""
    values = {name: getattr(record, name) for name in type(record).model_fields}
    return {name: value for name, value in values.items() if value is not None}


def _text(text: str) -> str:
    if PLAIN.fullmatch(text) and text.lower() not in RESERVED:
        return text
    return '"' + "".join(_letter(letter) for letter in text) + '"'


def _letter(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
