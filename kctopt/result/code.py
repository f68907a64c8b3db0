"""Which code a saved answer was made by: a key that changes when an answer may.

    key      kctopt, a hash of the source files that decide, and the versions of the packages they stand on

Saved runs, analyses and values answer a question again only under the same key. The code of a result is that of the
pipeline up to it; analyses and comparisons add their own. Texts, reports and the command line decide nothing.
"""

from __future__ import annotations

import functools
import hashlib
import platform
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Literal

Kind = Literal["run", "analysis", "comparison"]
PIPELINE = (
    "scenario", "algebra.py", "concave.py", "formulation", "own.py", "naming.py", "program.py", "simulate", "solver",
    "result",
)  # fmt: skip
DECIDES: dict[Kind, tuple[str, ...]] = {
    "run": PIPELINE,
    "analysis": (*PIPELINE, "analysis"),
    "comparison": (*PIPELINE, "analysis", "comparison"),
}
PACKAGES = ("highspy", "pyomo", "numpy", "scipy")
KEYS = ("kctopt", "code", *PACKAGES)  # of the versions of a saved answer
SHOWN = 12  # digits of the hash


@functools.cache
def code(kind: Kind = "run") -> str:
    """Hash of the source files that decide; worked out once in a process, where it is first asked for."""
    return hash_of(Path(__file__).parents[1], DECIDES[kind])


def hash_of(root: Path, parts: tuple[str, ...]) -> str:
    """Hash of the Python files below `root` in these folders and files, with their names."""
    found = hashlib.sha256()
    for part in parts:
        place = root / part
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            found.update(file.relative_to(root).as_posix().encode() + b"\0")
            found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()[:SHOWN]


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
    found = {"kctopt": version("kctopt"), "code": code(kind), "python": platform.python_version()}
    return found | {name: version(name) for name in (*PACKAGES, "pydantic")} | {"platform": sys.platform}
