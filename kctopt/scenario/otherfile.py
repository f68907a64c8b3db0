"""A file of another kind than the one asked for: what it is, and which command takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from kctopt.errors import ScenarioErrors
from kctopt.scenario.bundled import bundled_files, bundled_scenarios
from kctopt.scenario.files import is_there
from kctopt.scenario.nodes import Faults, Origin

MARKS: Mapping[str, frozenset[str]] = {  # keys by which a file is known
    "tree of states": frozenset({"tree"}),
    "study": frozenset({"uncertain", "sample", "correlation", "plans"}),
    "scenario": frozenset(
        {"schema_version", "model", "horizon", "lines", "set", "scale", "add", "policies", "provenance"}
    ),
}
SAYS: Mapping[tuple[str, str], str] = {
    ("scenario", "study"): "is a scenario, not a study",
    ("scenario", "tree of states"): "is a scenario, not a tree of states",
    ("study", "scenario"): "is a study, not a scenario",
    ("study", "tree of states"): "is a study, not a tree of states",
    ("tree of states", "scenario"): "is a tree of states, not a scenario",
    ("tree of states", "study"): "is a tree of states, not a study",
}
SWEPT = ".duckdb"
STUDY_SHEETS = ("study", "uncertain", "correlation")  # of a workbook, by the key in A1


def refuse_other(keys: Iterable[object], wanted: str, origin: Origin, faults: Faults) -> None:
    """Stop where the keys of a file are those of another kind. Raises ScenarioErrors."""
    there = {str(key) for key in keys}
    if not there & MARKS[wanted]:
        for kind, marks in MARKS.items():
            if kind != wanted and there & marks:
                raise other(kind, wanted, origin, faults)


def refuse_name(text: str, wanted: str, faults: Faults) -> None:
    """Stop where a name is that of a bundled file of another kind, or of a sweep's file. Raises ScenarioErrors."""
    if Path(text).suffix.lower() == SWEPT:
        hint = f"`kctopt analyse {text}` and `kctopt report {text}` read it"
        raise faults.stop(Origin(text), "", "is the file of a sweep", hint)
    named = {
        "scenario": bundled_scenarios(), "study": bundled_files("studies"), "tree of states": bundled_files("trees")
    }  # fmt: skip
    if text in named[wanted] or is_there(text):
        return
    for kind, names in named.items():
        if text in names:
            raise other(kind, wanted, Origin(text), faults)


def other(kind: str, wanted: str, origin: Origin, faults: Faults) -> ScenarioErrors:
    """That a file is of a kind and not the one asked for, with the commands that take it; the caller raises it."""
    return faults.stop(origin, "", SAYS[kind, wanted], _hint(kind, origin.file))


def _hint(kind: str, file: str) -> str:
    """The commands that take a kind of file."""
    match kind:
        case "scenario":
            return f"`kctopt solve {file}` solves it; `kctopt new DIR --study --from {file}` writes a study of it"
        case "study":
            return f"`kctopt sweep {file}` optimises its draws; `kctopt simulate RUN --study {file}` holds a plan"
        case _:
            return f"`kctopt stochastic {file}` solves it"
