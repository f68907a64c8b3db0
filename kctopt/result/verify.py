"""Does a saved run hold? Answered from its files alone.

Everything a run claims is worked out again: the scenario is read, the money in `allocation.csv` and the choices in the
tables of discrete decisions go through the simulator, every rule is checked, the tables are made anew, and the hashes
are compared. Each finding names what is broken; none means the run holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kctopt.cache import SEAL, Kind, differing, must_be_sealed
from kctopt.errors import ScenarioErrors
from kctopt.own import NOTHING_OWN, OwnParts
from kctopt.result import folder, own
from kctopt.result.choices import choices_of
from kctopt.result.false_source import false_sources
from kctopt.result.fields import TABLES, Columns, from_rows
from kctopt.result.planning import as_data
from kctopt.result.result import Result
from kctopt.result.run import load_scenario, read_record
from kctopt.result.schemas import OWN_SCHEMA, known, renewed, scenario_hash, tables_of
from kctopt.result.tables import money_of
from kctopt.result.unchanged import MISSING, UNREADABLE, answer_changes, answers, changes
from kctopt.scenario.records import Scenario
from kctopt.scenario.units import objective_unit
from kctopt.simulator import Choices
from kctopt.solver.outcome import relative_gap
from kctopt.status import Status

AGREE = 1e-6  # relative distance at which two numbers are the same
ORDER = ("rules", "objective", "bound", "status", "sources", "files", "tables", "hash")
KEYS: dict[str, tuple[str, ...]] = {
    "allocation": ("line", "year", "track", "rung"),
    "capability": ("line", "year"),
    "stages": ("line", "year"),
    "indices": ("index", "domain", "year"),
    "constraints": ("rule", "sense"),
    "regimes": ("line", "review"),
    "restraint": ("line", "rung", "year"),
    "cooperation": ("domain", "plan"),
    "programmes": ("programme", "start"),
    "variables": ("variable",),
    "provenance": ("path",),
}
NEEDED = ("allocation", "regimes", "restraint", "cooperation", "programmes")  # what the plan is read from
UNCHECKED = {"provenance": ("origin", "stated_in")}  # columns that the other files do not imply


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a run."""

    check: str  # one of ORDER
    place: str  # file or rule
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def verify(run: str | Path) -> list[Finding]:
    """Everything that is wrong with the run in a folder, broken rules first; empty when it holds.

    Raises RunError when the folder is not a run.
    """
    place = Path(run)
    return sorted(_findings(place, read_record(place)), key=lambda finding: ORDER.index(finding.check))


def notes(run: str | Path) -> list[str]:
    """Which code made the run, and what is saved with it that other code made; neither is a fault.

    Answers of other code are not used again: the command that asks works them out anew.
    """
    place = Path(run)
    record = read_record(place)
    versions = record["versions"] if isinstance(record.get("versions"), Mapping) else {}
    lines = [f"solved by kctopt {versions.get('kctopt', '?')}, code {versions.get('code', 'not recorded')}"]
    if other := differing(versions):
        lines[0] += f"; what is installed now differs from {', '.join(other)}"
    if "value_of_planning" not in record and record.get("objective") is not None:
        lines.append("saved by an earlier kctopt: run.json has no value of planning; it is worked out anew")
    if SEAL not in record and not must_be_sealed(record):
        lines.append("saved by an earlier kctopt: run.json has no hash of itself, an edit of it cannot be seen")
    now = folder.sha256(place / folder.RUN_FILE)
    for file, kind in answers(place):
        name = file.relative_to(place).as_posix()
        lines += [f"{name}: {told}; it will not be used again" for told in _stale(file, kind, now)]
    return lines


def _stale(file: Path, kind: Kind, run: str) -> Iterator[str]:
    """Why a saved answer is not used again though nobody changed it: other code, or a run that is another now."""
    try:
        record = folder.read_json(file)
    except (OSError, ValueError):
        return  # a finding
    if other := differing(record.get("versions"), kind):
        yield f"made by other code ({', '.join(other)})"
    if record.get("run_sha256", run) != run:
        yield "made when run.json was another"


def _findings(place: Path, record: Mapping[str, Any]) -> list[Finding]:
    findings = [*_changes(place, record)]
    try:
        scenario = load_scenario(place / folder.SCENARIO_FILE)
    except (OSError, ValueError, ScenarioErrors) as error:
        return [*findings, Finding("files", folder.SCENARIO_FILE, f"cannot be read: {error}")]
    parts, faults = _own(place, record)
    findings += faults
    schema = record["schema_version"]
    if parts is not None and own.question_hash(scenario_hash(scenario, schema), parts) != record.get("scenario_sha256"):
        findings.append(Finding("hash", folder.SCENARIO_FILE, "is not the scenario that was solved (hash differs)"))
    names = tables_of(schema)
    tables, unreadable = _tables(place, names)
    tables = renewed(tables, scenario)
    findings += unreadable
    if not set(names) & set(NEEDED) <= set(tables):
        return findings
    try:
        return findings + _plan(scenario, record, tables, parts or NOTHING_OWN)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return [*findings, Finding("files", folder.RUN_FILE, f"is not complete: {error}")]


def _own(place: Path, record: Mapping[str, Any]) -> tuple[OwnParts | None, list[Finding]]:
    """What the user changed in the model; None where the file cannot be read, or is not the run's."""
    file, expected = place / folder.OWN_FILE, record.get("own_sha256", "")
    if not expected:
        surplus = [Finding("files", file.name, "does not belong to the run")] if file.exists() else []
        return NOTHING_OWN, surplus
    if not file.is_file():
        return None, [Finding("files", file.name, "is missing: rules that the user added cannot be checked")]
    try:
        parts = own.read(folder.read_json(file))
    except (OSError, KeyError, TypeError, ValueError) as error:
        return None, [Finding("files", file.name, f"cannot be read: {error}")]
    if own.digest(parts) != expected:
        return parts, [Finding("hash", file.name, "is not what was solved (hash differs)")]
    return parts, []


def _changes(place: Path, record: Mapping[str, Any]) -> Iterator[Finding]:
    """Files against the hashes recorded when they were written."""
    faults = [(place / name, fault) for name, fault in changes(place, record)]
    faults += [change for file, kind in answers(place) for change in answer_changes(file, kind)]
    for file, fault in faults:
        check = "files" if fault in (MISSING, UNREADABLE) else "hash"
        yield Finding(check, file.relative_to(place).as_posix(), fault)


def _tables(place: Path, names: Iterable[str]) -> tuple[dict[str, Columns], list[Finding]]:
    """The tables as the CSV files hold them, checked against Parquet."""
    tables: dict[str, Columns] = {}
    findings: list[Finding] = []
    others = _together(place, names)
    for name in names:
        other = others[name] if name in others else _read(place, name, "parquet", findings)
        own = _read(place, name, "csv", findings)
        if own is not None:
            tables[name] = own
        if own is not None and other is not None:
            findings += _differences(name, own, other, "CSV", "Parquet", relative=0.0)
    return tables, findings


def _together(place: Path, names: Iterable[str]) -> dict[str, Columns]:
    """All Parquet files, read at once; none where one cannot be read, so that each is tried alone."""
    try:
        return folder.read_parquets(place, [name for name in names if (place / f"{name}.parquet").is_file()])
    except (ValueError, OSError):
        return {}


def _read(place: Path, name: str, kind: str, findings: list[Finding]) -> Columns | None:
    if not (place / f"{name}.{kind}").is_file():
        return None  # told by the hashes
    try:
        return folder.read_csv(place, name) if kind == "csv" else folder.read_parquet(place, name)
    except (ValueError, OSError) as error:
        findings.append(Finding("files", f"{name}.{kind}", f"cannot be read: {error}"))
        return None


def _plan(
    scenario: Scenario, record: Mapping[str, Any], tables: Mapping[str, Columns], parts: OwnParts
) -> list[Finding]:
    """The plan in the tables against rules, claimed objective, bound and the other tables."""
    schema = record["schema_version"]
    plan = {name: tables.get(name, from_rows(name, [])) for name in NEEDED}
    try:
        money = money_of(scenario, plan["allocation"])
        choices = Choices() if money is None else choices_of(scenario, plan)
    except ValueError as error:
        return [Finding("tables", f"{str(error).partition(',')[0].partition(':')[0]}.csv", str(error))]
    claimed = {name: record[name] for name in ("status", "objective", "bound", "gap", "budget_scale", "year")}
    anew = Result(
        scenario=scenario, money=money, choices=choices, verified=False, seconds={}, prices=record["prices"], own=parts,
        **claimed,
    )  # fmt: skip
    findings = [*_claims(anew, record), *_columns(anew)]
    findings += [
        Finding("rules", breach.rule, breach.message.removeprefix(f"{breach.rule}: ")) for breach in anew.breaches
    ]
    findings += [Finding("sources", "provenance.csv", said) for said in false_sources(tables.get("provenance"), record)]
    if schema < OWN_SCHEMA and "constraints" in tables:
        unchecked = tables["constraints"]["kind"] == "own"
        told = "an own constraint of a run older than schema 3 cannot be checked; solve it again"
        findings += [Finding("rules", rule, told) for rule in tables["constraints"]["rule"][unchecked]]
        kept = {column: values[~unchecked] for column, values in tables["constraints"].items()}
        tables = {**tables, "constraints": kept}
    for name, table in tables.items():
        other = anew.columns(name)
        if name == "provenance":
            table, other = known(table, schema), known(other, schema)
        findings += _differences(name, table, other, "file", "simulated", AGREE)
    return findings


def _columns(anew: Result) -> list[Finding]:
    """Saved values of the model's variables that the user's parts read, against those of the plan."""
    if not anew.own or anew.money is None:
        return []
    from kctopt.solver.warm_start import simulated_columns

    known = simulated_columns(anew.solved_scenario, anew.money, anew.choices)
    return [
        Finding("tables", folder.OWN_FILE, f"{name}: file {value:.10g}, simulated {known[name]:.10g}")
        for name, value in anew.own.values.items()
        if name in known and not _close(value, known[name])
    ]


def _claims(anew: Result, record: Mapping[str, Any]) -> Iterator[Finding]:
    """Objective, bound, gap and status against each other."""
    status, value = anew.status, anew.simulated_objective
    if status not in list(Status):
        yield Finding("status", folder.RUN_FILE, f"status is {status}, which no run has")
    asked_for = {"scenario": anew.scenario.name, "objective_kind": anew.scenario.objective.kind}
    for field, expected in asked_for.items():
        if record.get(field) != expected:
            told = f"{field} is {record.get(field)}, in {folder.SCENARIO_FILE} {expected}"
            yield Finding("status", folder.RUN_FILE, told)
    yield from _verified(anew, record.get("verified"))
    if (value is None) != (status in ("infeasible", "no_plan") or anew.objective is None):
        there = "there is no plan" if value is None else "there is a plan"
        yield Finding("status", folder.RUN_FILE, f"status is {status}, but {there}")
        return
    if value is None or anew.objective is None:
        return
    if not _close(value, anew.objective):
        yield Finding(
            "objective",
            "objective",
            f"run.json says {anew.objective:.8g}; the plan is worth {value:.8g} when simulated",
        )
    yield from _planning(anew, record)
    if anew.bound is not None:
        yield from _bound(anew, anew.objective, anew.bound)
    asked = record.get("options", {}).get("gap")
    if status == "optimal" and asked is not None and (anew.gap is None or anew.gap > asked * (1 + AGREE)):
        yield Finding(
            "status", folder.RUN_FILE, f"status is optimal, but the gap {anew.gap} is above the asked {asked}"
        )


def _planning(anew: Result, record: Mapping[str, Any]) -> Iterator[Finding]:
    """The value of planning against that of both plans simulated again; runs of earlier versions say none."""
    name = "value_of_planning"
    if name not in record:
        return
    claimed, now = record[name], as_data(anew.value_of_planning)
    if claimed is None and now is not None:
        yield Finding("objective", name, "run.json has none, the plan has one when simulated")
    elif claimed is not None and now is None:
        yield Finding("objective", name, "run.json has one, the plan has none when simulated")
    if claimed is None or now is None:
        return
    for key in (key for key in now if not _agree(claimed.get(key), now[key], now["plan"])):
        yield Finding("objective", name, f"{key} is {claimed.get(key)} in run.json and {now[key]} when simulated")


def _agree(claimed: object, now: object, size: float) -> bool:
    """Whether two entries of a record are the same, numbers as far as an objective of that size can tell."""
    if isinstance(claimed, int | float) and isinstance(now, int | float):
        return abs(claimed - now) <= AGREE * max(1.0, abs(size))
    return claimed == now


def _verified(anew: Result, claimed: object) -> Iterator[Finding]:
    """Whether the run claims to be verified just where its plan holds when it is simulated again."""
    if claimed is anew.holds:
        return
    if anew.holds:
        fault = "the plan keeps every rule and is worth what is claimed"
    elif anew.breaches:
        fault = "the plan breaks rules when simulated"
    else:
        fault = "there is no plan" if anew.money is None else "the plan is worth another amount when simulated"
    yield Finding("status", folder.RUN_FILE, f"verified is {json.dumps(claimed)}, but {fault}")


def _bound(anew: Result, objective: float, bound: float) -> Iterator[Finding]:
    """No plan can be better than the bound, and the gap is their relative distance."""
    smaller_is_better = anew.scenario.objective.kind == "min_budget"
    ahead = bound - objective if smaller_is_better else objective - bound
    size = anew.own.objective.size if anew.own.objective else objective_unit(anew.scenario)
    if ahead > AGREE * max(size, abs(objective)):
        yield Finding("bound", "bound", f"the objective {objective:.8g} is better than the proven bound {bound:.8g}")
    gap = relative_gap(objective, bound, size)
    if anew.gap is None or abs(anew.gap - gap) > AGREE:
        yield Finding("bound", "gap", f"run.json says {anew.gap}; the two bounds are {gap:.3g} apart")


def _close(first: float, second: float) -> bool:
    return abs(first - second) <= AGREE * max(1.0, abs(second))


def _differences(
    name: str, own: Columns, other: Columns, own_name: str, other_name: str, relative: float
) -> list[Finding]:
    """The first difference in each column of two versions of a table, and how many there are."""
    keys = KEYS[name]
    rows = len(own[keys[0]])
    if rows != len(other[keys[0]]):
        message = f"{own_name} has {rows} rows, {other_name} {len(other[keys[0]])}"
        return [Finding("tables", f"{name}.csv", message)]
    findings = []
    for field in TABLES[name]:
        if field.key in UNCHECKED.get(name, ()) and relative:
            continue
        mine, yours = own[field.key], other[field.key]
        if field.kind == "number":
            same = np.isclose(mine, yours, rtol=relative, atol=relative, equal_nan=True)
        else:
            same = mine == yours
        if not same.all():
            row = int(np.argmin(same))
            place = ", ".join(str(own[key][row]) for key in keys if own[key][row] != "")
            more = f" (and {int((~same).sum()) - 1} more)" if (~same).sum() > 1 else ""
            message = f"{field.key} at {place}: {own_name} {mine[row]}, {other_name} {yours[row]}{more}"
            findings.append(Finding("tables", f"{name}.csv", message))
    return findings
