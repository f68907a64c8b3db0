"""What runs of an older schema lack, so that they still open and verify.

| schema | new in it |
|---|---|
| 1 | |
| 2 | discrete options in the scenario; the tables regimes, restraint, cooperation, programmes |
| 3 | what a user changed in the model: the file own.json, the table variables, own.* rows of constraints |
| 4 | hashes of run.json itself and of the files that are no tables, without which the run counts as changed |
| 5 | in the table stages `gap_band`, which was called `stage`; `stage` is the one in force; the value of planning |

A run of schema 1 was solved with every discrete option off, so its scenario must leave them all at their defaults.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from kctopt.own import OwnParts, OwnRow, OwnVariable
from kctopt.result.fields import TABLES, Columns, from_rows
from kctopt.scenario.calibration import Calibration
from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import review_years
from kctopt.scenario.sourced import OWN_WORDS, split

RUN_SCHEMA = 5
READABLE = (1, 2, 3, 4, 5)
OPTIONS_SCHEMA, OWN_SCHEMA = 2, 3
NOT_RECORDED = "not recorded: the run is older than schema 3"
NEW_TABLES = {"regimes": 2, "restraint": 2, "cooperation": 2, "programmes": 2, "variables": 3}
NEW_RECORDS = ("switching", "modes", "tranches", "catalogue", "programmes")
NEW_FIELDS = {"domains": {"mode"}, "lines": {"min_scale"}, "cooperation": {"choice", "change_cost"}}
LATER_FIELDS = {  # that no run had before; at its default each leaves the laws as they were
    "substitution": {"capability_elasticity", "denied_ceiling"},
    "cooperation": {"exposure_threshold", "market_output", "market_elasticity"},
    "cut_off": {"military_loss", "denial", "recovery"},
    "objective": {"end_years"},
}


def tables_of(schema: int) -> tuple[str, ...]:
    """Names of the tables that a run folder of a schema holds."""
    return tuple(name for name in TABLES if schema >= NEW_TABLES.get(name, 1))


def scenario_hash(scenario: Scenario, schema: int = RUN_SCHEMA) -> str:
    """Hash, as a run of that schema records it, of everything a scenario says, hex; same hash, same question.

    What its model folder holds beside the scenario's own values is no part of the question.
    """
    unsaid: dict[str, Any] = {"model_sha256": True, **_at_default(scenario)}
    if scenario.calibration == Calibration():
        unsaid["calibration"] = True
    if schema < OPTIONS_SCHEMA and not uses_options(scenario):
        unsaid |= dict.fromkeys(NEW_RECORDS, True)
        unsaid |= {kind: {"__all__": NEW_FIELDS[kind]} for kind in ("domains", "lines")}
        unsaid["cooperation"] = unsaid.get("cooperation", set()) | NEW_FIELDS["cooperation"]
    return hashlib.sha256(scenario.model_dump_json(exclude=unsaid).encode()).hexdigest()


def _at_default(scenario: Scenario) -> dict[str, set[str]]:
    """Later fields that a scenario leaves at their defaults, by record: they are no part of what it says."""
    said = scenario.model_dump(exclude_defaults=True)
    return {kind: names - set(said.get(kind, {})) for kind, names in LATER_FIELDS.items()}


def uses_options(scenario: Scenario) -> bool:
    """Whether a scenario says anything that schema 1 could not."""
    said = scenario.model_dump(exclude_defaults=True)
    records = {
        "domains": said["domains"],
        "lines": said["lines"],
        "cooperation": [said["cooperation"]],
    }
    inner = any(name in record for kind, names in NEW_FIELDS.items() for record in records[kind] for name in names)
    return inner or "stages" in said or any(said.get(name) for name in NEW_RECORDS)


def renewed(tables: Mapping[str, Columns], scenario: Scenario) -> dict[str, Columns]:
    """Tables of a run as they are now: up to schema 4 `stage` was the gap band, and only `regimes` had stages."""
    if "stages" not in tables or tables["stages"]["gap_band"].astype(bool).any():
        return dict(tables)
    stages, reviews = tables["stages"], sorted(review_years(scenario))
    regimes = tables.get("regimes") or from_rows("regimes", [])
    rows = zip(*(regimes[name].tolist() for name in ("line", "review", "stage")), strict=True)
    decided = {(line, review): stage for line, review, stage in rows}
    held = np.array(reviews)[np.maximum(np.searchsorted(reviews, stages["year"], side="right") - 1, 0)]
    in_force = [decided.get(key, "") for key in zip(stages["line"].tolist(), held.tolist(), strict=True)]
    stage = np.array(in_force, dtype=object)
    return {**tables, "stages": {**stages, "gap_band": stages["stage"], "stage": stage}}


def named_own(constraints: Columns, values: Mapping[str, float]) -> OwnParts:
    """What is known of a user's parts in a run of before schema 3: names and prices, no linear forms."""
    names = constraints["rule"][constraints["kind"] == "own"].tolist()
    return OwnParts(
        variables=tuple(OwnVariable(name, -math.inf, math.inf, False) for name in sorted(values)),
        rows=tuple(OwnRow(name, {}, -math.inf, math.inf, NOT_RECORDED) for name in sorted(set(names))),
        values=dict(values),
    )


def known(provenance: Columns, schema: int) -> Columns:
    """What a run of that schema holds of a table of provenance: rows, and nothing of numbers without a source."""
    if schema < OWN_SCHEMA:
        unsaid = np.isin(provenance["source"].astype(str), list(OWN_WORDS))
        blank = {name: np.where(unsaid, "", provenance[name]) for name in ("source", "grade")}
        provenance = {**provenance, **blank}
    if schema >= OPTIONS_SCHEMA:
        return provenance
    keep = np.array([not _is_new(path) for path in provenance["path"]], dtype=bool)
    return {name: values[keep] for name, values in provenance.items()}


def _is_new(path: str) -> bool:
    """Whether a path leads to a value that schema 2 brought."""
    head, *rest = (key for key, _ in split(path))
    return head in NEW_RECORDS or bool(set(rest) & NEW_FIELDS.get(head, set()))
