"""The error tree: what each error means, and the exit code the command line gives it.

    KctoptError             1    anything kctopt raises on purpose; a bare one is our own fault
    ├── UsageError          2    the call itself is wrong: unknown option, no scenario named
    ├── MissingExtra        2    an optional package is not installed: the message holds the pip command
    ├── ProgramError        2    a model its user extended cannot be solved: nonlinear, without objective, …
    ├── ScenarioErrors      3    bad input: every fault found in scenario and model files, each with its place
    ├── RunError            3    a run folder cannot be read or does not hold a run
    ├── WriteError          3    an output cannot be written: full disk, no permission, a file in the way
    ├── Infeasible          4    a scenario that others are measured by has no plan
    ├── NoPlan              6    for such a scenario a limit came before any plan: allow more time
    └── SolverError         1    the solver ended in a way that proves nothing

Catch `KctoptError` to catch them all. `ScenarioErrors` carries its faults as data in `.faults`. An `InputNote` is a
warning: Python shows it and goes on. A scenario without a plan is no error of `kctopt.solve`: see `kctopt.status`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


class KctoptError(Exception):
    """Base of all errors kctopt raises on purpose.

    Examples
    --------
    >>> import kctopt
    >>> try:
    ...     kctopt.solve("baseline", gap=-1)
    ... except kctopt.KctoptError as error:
    ...     print(type(error).__name__, error.exit_code)
    UsageError 2
    """

    exit_code: ClassVar[int] = 1


class InputNote(UserWarning):
    """The input has no fault, but does less than it seems to, or looks as if it were in another unit."""


class UsageError(KctoptError):
    """The call itself is wrong."""

    exit_code = 2


class MissingExtra(KctoptError, ImportError):
    """An optional package is not installed; the message holds the command that installs it."""

    exit_code = 2

    def __init__(self, what: str, extra: str, *, plural: bool = False) -> None:
        needs = "need" if plural else "needs"
        super().__init__(f'{what} {needs} packages that are not installed: pip install "kctopt[{extra}]"')


class RunError(KctoptError):
    """A run folder cannot be read."""

    exit_code = 3


class WriteError(KctoptError, OSError):
    """An output cannot be written; `kept` is where it was put instead, None if it was not made or is lost."""

    exit_code = 3

    def __init__(self, message: str, kept: Path | None = None) -> None:
        super().__init__(message)
        self.kept = kept


class Infeasible(KctoptError):
    """A scenario whose value others need has no plan that keeps all rules.

    Examples
    --------
    >>> import kctopt
    >>> kctopt.Infeasible.exit_code
    4
    """

    exit_code = 4


class NoPlan(KctoptError):
    """A limit stopped the search for such a value before any plan was found."""

    exit_code = 6


class ProgramError(KctoptError):
    """A model extended by its user cannot be solved by this engine."""

    exit_code = 2


class SolverError(KctoptError):
    """The solver ended in a way that proves nothing."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the input: where, what, and what to do next.

    `line` and `column` count from 1 and are None where they mean nothing (a whole file, the command line; a CSV
    table has no column number, its column is the last word of `path`). In a workbook they are row and column of a
    cell of `sheet`.
    """

    file: str
    line: int | None
    column: int | None
    path: str
    message: str
    hint: str = ""
    sheet: str = ""

    def __str__(self) -> str:
        where = place(self.file, self.line, self.column, self.sheet)
        parts = [part for part in (where, self.path, self.message) if part]
        return ": ".join(parts) + (f"; {self.hint}" if self.hint else "")


def place(file: str, line: int | None, column: int | None, sheet: str = "") -> str:
    """A place as messages name it: case.yaml:7:3, or case.xlsx:Lines!K5."""
    if sheet:
        cell = "" if line is None else f"!{cell_name(line, column)}"
        return f"{file}:{sheet}{cell}"
    return ":".join(str(part) for part in (file, line, column) if part not in (None, ""))


def cell_name(row: int, column: int | None) -> str:
    """Name of a cell, both counted from 1: (5, 11) is K5; a row alone is 5."""
    letters, rest = "", column or 0
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


class ScenarioErrors(KctoptError):
    """Bad input: all faults found, one a line when printed, as records in `faults`.

    Examples
    --------
    >>> import kctopt
    >>> try:
    ...     kctopt.load("baseline", set={"budgt": 3, "money.carry_share": 2})
    ... except kctopt.ScenarioErrors as error:
    ...     print([fault.path for fault in error.faults])
    ['budgt', 'money.carry_share']
    """

    exit_code = 3

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


def nearest(word: str, options: Iterable[str]) -> str:
    """The known word that is most like this one; empty where none is."""
    by_lower = {option.lower(): option for option in options}
    near = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[near[0]] if near else ""


def suggest(word: str, options: Iterable[object], *, most: int = 8) -> str:
    """Hint for an unknown word: the nearest known one, or the known ones when they are few."""
    known = list(dict.fromkeys(str(option) for option in options))
    if near := nearest(word, known):
        return f"did you mean '{near}'?"
    return f"known: {', '.join(known)}" if 0 < len(known) <= most else ""
