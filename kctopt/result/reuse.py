"""Finished runs that answer the same question, so that an interrupted batch goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from kctopt.cache import answers
from kctopt.errors import RunError
from kctopt.result.result import Result
from kctopt.result.run import open_run, read_record
from kctopt.result.schemas import scenario_hash
from kctopt.result.unchanged import changes
from kctopt.scenario.records import Scenario

Kind = TypeVar("Kind", bound=Result)


def finished(
    folder: Path,
    scenario: Scenario,
    inputs: Mapping[str, str],
    gap: float,
    passed: Callable[[Path, str], None],
    kind: type[Kind],
) -> Kind | None:
    """The finished run in `folder` of the same scenario from the same files by the same code, if there is one.

    Finished is what more time would not change: optimal to `gap` and verified, or proven infeasible. A run that would
    do but for a file that was changed since is passed over; if no other is there, `passed` is told its folder and file.
    What is found is a record of this kind.
    """
    if not folder.is_dir():
        return None
    asked = {
        "scenario_sha256": scenario_hash(scenario),
        "inputs": sorted(inputs.values()),
    }
    spoilt = []
    for place in sorted(folder.iterdir()):
        if place.name.startswith("."):
            continue  # being written
        try:
            record = read_record(place)
            if _answers(record, asked, gap):
                if (fault := next(changes(place, record), None)) is None:
                    return open_run(place, kind)
                spoilt.append((place, fault[0]))
        except (RunError, AttributeError, KeyError, TypeError, ValueError):
            continue  # no run, or a damaged one: solve again
    for place, file in spoilt:
        passed(place, file)
    return None


def latest(folder: Path, scenario: Scenario, inputs: Mapping[str, str], *, planned: bool) -> Path | None:
    """The newest run in `folder` of the same scenario from the same files, by whatever code; `planned`: with a plan."""
    asked = {"scenario_sha256": scenario_hash(scenario), "inputs": sorted(inputs.values())}
    found = []
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            record = read_record(place)
            said = {"scenario_sha256": record["scenario_sha256"], "inputs": sorted(record["inputs"].values())}
            if said == asked and (record["objective"] is not None or not planned):
                found.append((str(record["created"]), place))
        except (RunError, AttributeError, KeyError, TypeError, ValueError):
            continue  # no run, or a damaged one
    return max(found)[1] if found else None


def _answers(record: Mapping[str, Any], asked: Mapping[str, Any], gap: float) -> bool:
    record = {**record, "inputs": sorted(record.get("inputs", {}).values())}
    if not answers(record, "run", asked):
        return False
    if record["status"] == "infeasible":
        return True
    return bool(record["status"] == "optimal" and record["verified"] and (record["gap"] or 0.0) <= gap)
