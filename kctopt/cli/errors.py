"""Errors as commands tell them: on stderr, as JSON, and the exit code."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Any

from kctopt.cli.output import OutputOptions, say
from kctopt.cli.said import message
from kctopt.disk import REASONS, refused
from kctopt.errors import KctoptError, ScenarioErrors


def report(error: Exception, out: OutputOptions) -> int:
    """Tell an error on stderr (and as JSON where asked); returns the exit code."""
    if isinstance(error, OSError) and error.errno in REASONS:
        error = refused(Path(error.filename or "output"), error)
    code = error.exit_code if isinstance(error, KctoptError) else 1
    if isinstance(error, KctoptError):
        say(message(error, out.lang) or type(error).__name__)
    else:
        more = "" if out.debug else " and of this command with --debug"
        say(
            f"kctopt failed ({type(error).__name__}: {error}). This is a bug in kctopt: please report it with the "
            f"output of `kctopt doctor`{more} (CONTRIBUTING.md says where)."
        )
    if out.debug:
        traceback.print_exception(error, file=sys.stderr)
    if out.json:
        out.print_json(error_record(error, code, out.lang))
    return code


def error_record(error: Exception, code: int, lang: str = "en") -> dict[str, Any]:
    """An error as JSON prints it."""
    about = {"kind": type(error).__name__, "exit_code": code, "message": message(error, lang)}
    faults = fault_records(error if isinstance(error, ScenarioErrors) else None, lang)
    return {"schema_version": 1, "status": "error", "error": about | {"faults": faults}}


def fault_records(error: ScenarioErrors | None, lang: str = "en") -> list[dict[str, Any]]:
    """Faults of the input as JSON prints them."""
    from kctopt.scenario.told import told_fault  # brings the reader

    names = ("file", "sheet", "line", "column", "path", "message", "hint")
    faults = [told_fault(fault, lang) for fault in (error.faults if error else ())]
    return [{name: getattr(fault, name) for name in names} for fault in faults]
