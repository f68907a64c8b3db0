"""What cannot be solved rightly is refused: all faults at once, by name."""

from __future__ import annotations

from collections.abc import Sequence

from kctopt.errors import ProgramError

NAMED = 6  # components that a message names


def refuse(faults: Sequence[str]) -> None:
    """Raise ProgramError with all faults, if there are any."""
    if faults:
        raise ProgramError("\n".join(faults))


def listed(names: Sequence[str]) -> str:
    """Some names, the rest counted."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def keep_own(names: Sequence[str], why: str, remedy: str) -> None:
    """Refuse what would lose the parts that a user added to a program or changed in it."""
    if names:
        raise ProgramError(f"{why} and would lose {listed(names)}: {remedy}")
