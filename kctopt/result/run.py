"""A result to and from its run folder, and what `run.json` says."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from kctopt.disk import or_kept, write_folder
from kctopt.errors import RunError
from kctopt.own import NOTHING_OWN, OwnParts
from kctopt.result import folder, own
from kctopt.result.choices import choices_of
from kctopt.result.fields import TABLES, Columns, from_rows
from kctopt.result.planning import as_data, from_data
from kctopt.result.result import Result
from kctopt.result.schemas import OWN_SCHEMA, READABLE, RUN_SCHEMA, named_own, renewed, scenario_hash, tables_of
from kctopt.result.tables import money_of
from kctopt.result.unchanged import sealed
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices


def save(result: Result, target: Path) -> tuple[Path, dict[str, float | None]]:
    """Save a result as a new run folder; returns where it went and the result's seconds with those of writing.

    Raises WriteError where that cannot be; the run is then kept where the error says.
    """
    start, seconds = time.perf_counter(), dict(result.seconds)

    def fill(place: Path) -> None:
        written = folder.write_tables(place, {name: result.columns(name) for name in TABLES})
        text = dump_scenario(result.scenario)
        (place / folder.SCENARIO_FILE).write_text(text, encoding="utf-8", newline="\n")
        if result.own:
            folder.write_json(place / folder.OWN_FILE, own.as_data(result.own))
        (place / folder.LOG_FILE).write_text(result.log, encoding="utf-8", newline="\n")
        rows = {name: about["rows"] for name, about in written.items()}
        package = folder.datapackage(result.scenario.name, result.scenario.label.en, rows, result.versions)
        folder.write_json(place / folder.PACKAGE_FILE, package)
        took = time.perf_counter() - start
        seconds.update(write=took, total=(seconds.get("total") or 0.0) + took)
        said = record(result) | {"seconds": rounded(seconds), "tables": written}
        folder.write_json(place / folder.RUN_FILE, sealed(said, place))

    return or_kept(target, lambda place: write_folder(place, fill)), seconds


def record(result: Result) -> dict[str, Any]:
    """What run.json says of a run, without the hashes of its tables."""
    return {
        "schema_version": RUN_SCHEMA,
        "scenario": result.scenario.name,
        "created": result.created,
        "command": result.command,
        "versions": dict(result.versions),
        "inputs": dict(result.inputs),
        "scenario_sha256": own.question_hash(scenario_hash(result.scenario), result.own),
        "own_sha256": own.digest(result.own) if result.own else "",
        "options": dict(result.options),
        "status": result.status,
        "objective_kind": result.scenario.objective.kind,
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "verified": result.verified,
        "budget_scale": result.budget_scale,
        "year": result.year,
        "impossible_by": result.impossible_by,
        "cycle": result.cycle,
        "value_of_planning": as_data(result.value_of_planning),
        "seconds": rounded(result.seconds),
        "rounds": [dict(entry) for entry in result.rounds],
        "prices": dict(result.prices),
        "values": dict(result.values),
    }


def rounded(seconds: Mapping[str, float | None]) -> dict[str, float | None]:
    """Seconds to a tenth of a millisecond, `total` last."""
    ordered = sorted(seconds.items(), key=lambda item: item[0] == "total")
    return {name: None if value is None else round(value, 4) for name, value in ordered}


Read = TypeVar("Read", bound=Result)


def open_run(run: str | Path, kind: type[Read]) -> Read:
    """The result saved in folder `run`, as a record of this kind; the model it came from is not needed.

    Raises RunError when the folder holds no run or a file of it cannot be read.
    """
    place = Path(run)
    try:
        return _read(place, read_record(place), kind)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{place}: {error}; `kctopt verify {place}` checks every file") from error


def read_record(place: Path) -> dict[str, Any]:
    """What run.json of a run folder says. Raises RunError when there is none or it is of another version."""
    file = place / folder.RUN_FILE
    if not place.exists():
        near = folder.hint(place)
        raise RunError(
            f"{place}: no run folder of that name; {near}" if near else f"{place}: no run folder of that name"
        )
    if not file.is_file():
        raise RunError(f"{place}: not a run folder (it has no {folder.RUN_FILE})")
    try:
        record = folder.read_json(file)
    except ValueError as error:
        raise RunError(f"{file}: not readable as JSON ({error})") from error
    if record.get("schema_version") not in READABLE:
        reads = " and ".join(map(str, READABLE))
        raise RunError(f"{file}: schema_version is {record.get('schema_version')}; this kctopt reads {reads}")
    return record


def _read(place: Path, record: dict[str, Any], kind: type[Read]) -> Read:
    scenario = load_scenario(place / folder.SCENARIO_FILE)
    written = tables_of(record["schema_version"])
    read = folder.read_parquets(place, [name for name in TABLES if name in written])
    read |= {name: from_rows(name, []) for name in TABLES if name not in written}
    read = renewed(read, scenario)
    origin = read["provenance"]
    parts = _own(place, record, read["constraints"])
    same = ("status", "objective", "bound", "gap", "verified", "seconds", "prices", "values", "budget_scale", "year")
    return kind(
        scenario=scenario,
        money=money_of(scenario, read["allocation"]),
        choices=_choices(scenario, read),
        own=parts,
        rounds=tuple(record["rounds"]),
        log=(place / folder.LOG_FILE).read_text(encoding="utf-8"),
        origin={path: at for path, at in zip(origin["path"], origin["origin"], strict=True) if at},
        run_dir=place,
        impossible_by=record.get("impossible_by"),  # runs of earlier versions say neither
        cycle=record.get("cycle", 0),
        _read=read,
        _said=from_data(record.get("value_of_planning")),
        **{name: record[name] for name in (*same, "inputs", "options", "command", "created", "versions")},
    )


def _own(place: Path, record: Mapping[str, Any], rules: Columns) -> OwnParts:
    """What the user changed in the model."""
    if record["schema_version"] < OWN_SCHEMA:
        return named_own(rules, record["values"])
    return own.read(folder.read_json(place / folder.OWN_FILE)) if record["own_sha256"] else NOTHING_OWN


def _choices(scenario: Scenario, tables: Mapping[str, Columns]) -> Choices:
    """The choices of a saved plan; none where there is no plan."""
    return choices_of(scenario, tables) if len(tables["allocation"]["amount"]) else Choices()


def load_scenario(path: Path) -> Scenario:
    """The scenario in a resolved file."""
    from kctopt.scenario.load import load

    return load(path).scenario


def dump_scenario(scenario: Scenario) -> str:
    """The resolved scenario as YAML that loads without its model."""
    from kctopt.scenario.load import dump

    return dump(scenario)
