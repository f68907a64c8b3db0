"""Answers kept on disk: used again as they were written, by the code that made them, and never otherwise.

| kept | where | asked for by |
|---|---|---|
| a run | RUN | scenario, files read, gap |
| an analysis | RUN/explain/NAME | its options, the run |
| steps of an unfinished analysis | RUN/explain/.NAME-KEY-CODE.jsonl | the same |
| the value of a scenario in between | RUN/compare/KEY.json | the scenario's numbers, gap, the run |

All answer under one key: kctopt, a hash of the source files that decide, and the versions of the packages they stand
on. The code of a result is that of the pipeline up to it; analyses and comparisons add their own. Texts, reports and
the command line decide nothing. Each record has a hash of itself, and is written whole; steps are written a line each,
with its hash, in one call, so that two processes may write to the same file.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
import sys
import warnings
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from kctopt.disk import refused, writing

Kind = Literal["run", "analysis", "comparison"]
PIPELINE = (
    "scenario", "algebra.py", "concave.py", "formulation", "own.py", "naming.py", "wiring.py", "program.py",
    "simulator", "rules", "solver", "result",
)  # fmt: skip
DECIDES: dict[Kind, tuple[str, ...]] = {
    "run": PIPELINE,
    "analysis": (*PIPELINE, "analysis"),
    "comparison": (*PIPELINE, "analysis", "holding", "comparison"),
}
PACKAGES = ("highspy", "pyomo", "numpy", "scipy", "qdldl")
KEYS = ("kctopt", "code", *PACKAGES)  # of the versions of a saved answer
SHOWN = 12  # digits of the hash
SEAL = "record_sha256"  # of everything else in a record
SEALED_FROM: dict[Kind, int] = {"run": 4, "analysis": 2, "comparison": 3}  # schema of the first with a hash


@functools.cache
def code(kind: Kind = "run") -> str:
    """Hash of the source files that decide; worked out once in a process, where it is first asked for."""
    return hash_of(Path(__file__).parent, DECIDES[kind])


def hash_of(root: Path, parts: tuple[str, ...]) -> str:
    """Hash of the Python files below `root` in these folders and files, with their names."""
    digest = hashlib.sha256()
    for part in parts:
        place = root / part
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(file.relative_to(root).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:SHOWN]


def key(kind: Kind = "run") -> dict[str, str]:
    """What an answer made now is kept under."""
    return {"kctopt": version("kctopt"), "code": code(kind)} | {name: version(name) for name in PACKAGES}


def same_code(versions: Mapping[str, str] | None, kind: Kind = "run") -> bool:
    """Whether an answer with these `versions` was made by the code and packages at hand."""
    return not differing(versions, kind)


def differing(versions: Mapping[str, str] | None, kind: Kind = "run") -> list[str]:
    """What was another when an answer was made: 'highspy 1.15.1', or 'code' where that was not recorded."""
    now, then = key(kind), versions if isinstance(versions, Mapping) else {}
    return [f"{name} {then.get(name, '')}".rstrip() for name in KEYS if then.get(name) != now[name]]


def version(name: str) -> str:
    """Version of an installed package."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def installed_versions(kind: Kind = "run") -> dict[str, str]:
    """Versions of kctopt, Python and the packages an answer depends on, and the hash of the code that decides it."""
    versions = {"kctopt": version("kctopt"), "code": code(kind), "python": platform.python_version()}
    return versions | {name: version(name) for name in (*PACKAGES, "pydantic")} | {"platform": sys.platform}


def answers(record: Mapping[str, Any], kind: Kind, asked: Mapping[str, Any]) -> bool:
    """Whether a record answers what is asked, by its entries of these names, and the code at hand made it."""
    return same_code(record.get("versions"), kind) and all(record.get(name) == value for name, value in asked.items())


def stamped(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record with its own hash."""
    return {**record, SEAL: _digest(record)}


def must_be_sealed(record: Mapping[str, Any], kind: Kind = "run") -> bool:
    """Whether a record had its own hash when it was written: by its schema, or as the code at hand wrote it."""
    schema, versions = record.get("schema_version"), record.get("versions")
    written_by = versions.get("code") if isinstance(versions, Mapping) else None
    return written_by == code(kind) or (isinstance(schema, int) and schema >= SEALED_FROM[kind])


def untouched(record: Mapping[str, Any], kind: Kind) -> bool:
    """Whether a record is as it was written, by its own hash; earlier ones have none."""
    try:
        return record[SEAL] == _digest(record) if SEAL in record else not must_be_sealed(record, kind)
    except ValueError:  # numbers that no record holds
        return False


def json_text(value: Any) -> str:
    """JSON with two spaces of indent, letters of every language as they are, no nan."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _digest(record: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in record.items() if name != SEAL}
    return hashlib.sha256(json_text(rest).encode()).hexdigest()


class Steps:
    """Results of single steps of long work, kept on disk as they come; `key` names a step.

    Steps of the same work by other code are removed, since nobody can use them. Without a folder steps are kept in
    memory only. `finish` removes the file once the work is saved.

    Parameters
    ----------
    folder : where the file stands, made where it is not there.
    name : of the work, with which the file's name begins.
    asked : all that the steps depend on beside the code, as plain data.
    kind : of the code that decides.
    fresh : forget what is kept.
    """

    def __init__(
        self, folder: Path | None, name: str, asked: Mapping[str, Any], kind: Kind = "analysis", fresh: bool = False
    ) -> None:
        self._known: dict[str, Any] = {}
        self.file: Path | None = None
        if folder is None:
            return
        work, made_by = (_short(json.dumps(part, sort_keys=True)) for part in (asked, key(kind)))
        self.file = folder / f".{name}-{work}-{made_by}.jsonl"
        with writing(self.file):
            folder.mkdir(exist_ok=True)
            for other in folder.glob(f".{name}-*.jsonl"):
                if (fresh and other == self.file) or not other.name.endswith(f"-{made_by}.jsonl"):
                    other.unlink(missing_ok=True)
        self._known = dict(_lines(self.file))

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: str) -> Any:
        """What a step found; None when it has not run."""
        return self._known.get(key)

    def put(self, key: str, value: Any) -> None:
        """Keep what a step found (plain data, not None)."""
        self._known[key] = value
        if self.file is None:
            return
        text = json.dumps([key, value], allow_nan=False)
        line = f"\n{_short(text)} {text}\n".encode()  # the line before may have been cut short
        try:
            place = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
            try:
                os.write(place, line)
            finally:
                os.close(place)
        except OSError as error:  # the work is worth more than its steps
            warnings.warn(f"{refused(self.file, error)}; steps are no longer kept", stacklevel=2)
            self.file = None

    def finish(self) -> None:
        """Forget the steps on disk."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)


def _lines(file: Path) -> Iterator[tuple[str, Any]]:
    """Steps in a file; lines that are not as they were written are left out, and that is said."""
    if not file.is_file():
        return
    spoilt = 0
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        digest, _, text = line.partition(" ")
        if line and digest == _short(text):
            yield tuple(json.loads(text))
        else:
            spoilt += bool(line)
    if spoilt:
        warnings.warn(f"{file}: {spoilt} of its steps cut short or changed since; worked out again", stacklevel=4)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:SHOWN]
