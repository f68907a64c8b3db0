"""Is a run folder as it was written? By the hashes that its records have of every file, and of themselves.

| record | has hashes of |
|---|---|
| run.json | itself, the tables, the other files of the run |
| explain/NAME/analysis.json | itself, its tables, the run it speaks of |
| compare/KEY.json | itself, the run it is kept with |

They show an edit, a lost file, a disk that failed. Whoever changes a file and all hashes with it leaves no trace here:
what a run claims is then held against its scenario and the simulator (verify.py), and its bound against nothing.
A record must have its hash from the schema on that brought it, and wherever it says that the code at hand wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kctopt.cache import SEAL, Kind, must_be_sealed, stamped, untouched
from kctopt.result import folder
from kctopt.result.schemas import tables_of

NEEDED = (folder.SCENARIO_FILE, folder.LOG_FILE, folder.PACKAGE_FILE)  # files of every run that are no tables
OTHERS = (*NEEDED, folder.OWN_FILE)
MISSING = "is missing"
CHANGED = "was changed after the run was saved (its hash differs)"
UNSEALED = "has no hash of itself, as every run of this kctopt has: it was taken out"
UNHASHED = "has no hash in run.json, as in every run of this kctopt: it was taken out"
EDITED = "was changed after it was saved (its hash differs); it will not be used again"
UNREADABLE = "cannot be read; it will not be used again"


def sealed(record: Mapping[str, Any], place: Path) -> dict[str, Any]:
    """What run.json holds: the record with hashes of the other files in the folder, and of all that."""
    files = {name: folder.sha256(place / name) for name in OTHERS if (place / name).is_file()}
    return stamped({**record, "files": files})


def changes(place: Path, record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Files that are missing or not as they were written, with what is wrong; runs of earlier versions know less."""
    if not untouched(record, "run"):
        yield folder.RUN_FILE, CHANGED if SEAL in record else UNSEALED
    expected = {name: about for name, about in _within(record, "files").items() if name != folder.OWN_FILE}
    if must_be_sealed(record):
        expected = dict.fromkeys(NEEDED) | expected
    for name in tables_of(record["schema_version"]):
        for kind in ("csv", "parquet"):
            expected[f"{name}.{kind}"] = _within(_within(record, "tables"), name).get(f"{kind}_sha256")
    for name, hashed in expected.items():
        if not (place / name).is_file():
            yield name, MISSING
        elif hashed is None:
            yield name, UNHASHED
        elif folder.sha256(place / name) != hashed:
            yield name, CHANGED


def answers(place: Path) -> Iterator[tuple[Path, Kind]]:
    """The records of what was worked out of a run and saved with it, with the kind of the code that made them."""
    places = sorted(path for path in place.glob("explain/[!.]*") if path.is_dir())
    yield from ((path / "analysis.json", "analysis") for path in places)
    yield from ((file, "comparison") for file in sorted(place.glob("compare/*.json")))


def answer_changes(file: Path, kind: Kind) -> Iterator[tuple[Path, str]]:
    """Files of a saved answer that are missing or not as they were written, with what is wrong."""
    if not file.is_file():
        yield file, f"{MISSING}: its tables cannot be checked, and will not be used again"
        return
    try:
        record = folder.read_json(file)
    except (OSError, ValueError):
        yield file, UNREADABLE
        return
    if not untouched(record, kind):
        yield file, EDITED
        return
    for name in _within(record, "tables"):
        for ending in ("csv", "json"):
            table = file.with_name(f"{name}.{ending}")
            if not table.is_file():
                yield table, MISSING
            elif folder.sha256(table) != _within(record["tables"], name).get(f"{ending}_sha256"):
                yield table, EDITED


def _within(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The mapping under a key; empty where something else stands there."""
    value = record.get(name)
    return value if isinstance(value, Mapping) else {}
