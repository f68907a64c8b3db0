"""Is a run folder as it was written? By the hashes that run.json has of every file, and of itself.

They show an edit, a lost file, a disk that failed. Whoever changes a file and all hashes with it leaves no trace here:
what a run claims is then held against its scenario and the simulator (verify.py), and its bound against nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kctopt.result import folder
from kctopt.result.older import tables_of

SEAL = "record_sha256"  # of everything else in run.json
OTHERS = (folder.SCENARIO_FILE, folder.OWN_FILE, folder.LOG_FILE, folder.PACKAGE_FILE)  # files that are no tables
CHANGED = "was changed after the run was saved (its hash differs)"


def sealed(record: Mapping[str, Any], place: Path) -> dict[str, Any]:
    """What run.json holds: the record with hashes of the other files in the folder, and of all that."""
    whole = {**record, "files": {name: folder.sha256(place / name) for name in OTHERS if (place / name).is_file()}}
    return whole | {SEAL: _digest(whole)}


def changes(place: Path, record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Files that are missing or not as they were written, with what is wrong; runs of earlier versions know less."""
    if SEAL in record and _digest({name: value for name, value in record.items() if name != SEAL}) != record[SEAL]:
        yield folder.RUN_FILE, CHANGED
    expected = {name: about for name, about in record.get("files", {}).items() if name != folder.OWN_FILE}
    for name in tables_of(record["schema_version"]):
        for kind in ("csv", "parquet"):
            expected[f"{name}.{kind}"] = record.get("tables", {}).get(name, {}).get(f"{kind}_sha256")
    for name, hashed in expected.items():
        if not (place / name).is_file():
            yield name, "is missing"
        elif folder.sha256(place / name) != hashed:
            yield name, CHANGED


def _digest(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(folder.json_text(dict(record)).encode()).hexdigest()
