"""Arguments of a call, checked before any work: what is wrong, and what would be accepted. Raises UsageError."""

from __future__ import annotations

import math
import os
import unicodedata
from collections.abc import Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import Any

from kctopt.errors import UsageError

WAY_OUT = {
    "Program": "its scenario is `program.scenario`; change a scenario before it is built",
    "Result": "its scenario is `result.scenario`",
    "DataFrame": "write the table to a workbook or a CSV file of a model folder",
}


def checked_gap(gap: Any) -> float:
    """A relative gap: a finite number from 0 on."""
    if not _number(gap) or not 0 <= gap < math.inf:
        raise UsageError(f"gap={shown(gap)}: needs a number from 0 on, such as 1e-4 (relative distance of the bounds)")
    return float(gap)


def checked_between(between: Any) -> float:
    """A gap between neighbours of a front: a share above 0 and below 1."""
    if not _number(between) or not 0 < between < 1:
        raise UsageError(f"between={shown(between)}: needs a share of the ranges above 0 and below 1, such as 0.01")
    return float(between)


def checked_limit(time_limit: Any) -> float | None:
    """A time limit: seconds above 0, or None."""
    if time_limit is not None and not (_number(time_limit) and 0 < time_limit < math.inf):
        raise UsageError(f"time_limit={shown(time_limit)}: needs seconds above 0, such as 60, or None for no limit")
    return None if time_limit is None else float(time_limit)


def checked_number(name: str, given: Any) -> None:
    """A finite number, or None."""
    if given is not None and not (_number(given) and math.isfinite(given)):
        raise UsageError(f"{name}={shown(given)}: needs a finite number, or None for the default")


def checked_rate(rate: Any) -> None:
    """A rate of exchange: above 0, or None for none."""
    if rate is not None and not (_number(rate) and 0 < rate < math.inf):
        raise UsageError(f"cny_per_usd={shown(rate)}: needs CNY for one USD, a number above 0, or None to stay in CNY")


def checked_place(name: str, given: Any, what: str) -> Path:
    """A path: text or a path object."""
    text = os.fspath(given) if isinstance(given, str | os.PathLike) else None
    if not isinstance(text, str) or not text:
        raise UsageError(f"{name}={shown(given)}: needs {what}, as text or a Path{_way_out(given)}")
    return Path(text)


def checked_text(name: str, given: Any, what: str) -> str:
    """A name on one line: text that is not blank, without control characters."""
    if not isinstance(given, str) or not given.strip():
        raise UsageError(f"{name}={shown(given)}: needs {what}, as text that is not blank")
    odd = next((letter for letter in given if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")), None)
    if odd is not None:
        raise UsageError(f"{name}={shown(given)}: holds the control character U+{ord(odd):04X}; delete it")
    return given


def checked_formats(format: Any, known: Sequence[str]) -> list[str]:
    """The one format of a report that is asked for; none where the path says it."""
    if not isinstance(format, str) or (format and format not in known):
        names = ", ".join(known)
        raise UsageError(f"format={shown(format)}: needs one of {names}, or none where the suffix of the path says it")
    return [format] if format else []


def checked_changes(name: str, given: Any) -> dict[str, Any]:
    """Changes by path: a mapping, or None for none."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        example = '{"budget": 0.95}' if name == "scale" else '{"money.carry_share": 0.1}'
        raise UsageError(f"{name}={shown(given)}: needs a mapping of paths to values, such as {example}")
    return {str(path): value for path, value in given.items()}


def wrong_source(given: Any, accepted: str, name: str = "source") -> UsageError:
    """The error for a source, or another argument, of a kind that is not accepted."""
    return UsageError(f"{name} {shown(given)}: needs {accepted}{_way_out(given)}")


def shown(given: Any) -> str:
    """An argument as messages show it, in short."""
    text = repr(given)
    short = text if len(text) <= 40 else f"{text[:37]}..."
    return (
        short if given is None or isinstance(given, str | bool | int | float) else f"a {type(given).__name__} {short}"
    )


def _number(given: Any) -> bool:
    return isinstance(given, Real) and not isinstance(given, bool)


def _way_out(given: Any) -> str:
    """What to do with an object of another kind, where that is known."""
    if isinstance(given, Mapping):
        return '; write a dict to a YAML file, or name a scenario and give the changes as set={"path": value}'
    if hasattr(given, "read") and hasattr(given, "name"):
        return f"; of an open file give the path: {str(given.name)!r}"
    if hasattr(given, "read"):
        return "; write the text to a file and give its path"
    hint = WAY_OUT.get(type(given).__name__, "")
    return f"; {hint}" if hint else ""
