"""What the second writing reads: a scenario as plain numbers, and a saved plan from its tables.

Nothing here knows a law. A scenario is a tree of numbers and names, as in the `scenario.yaml` of a run; a field that is
not stated is None.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml


class Record(dict[Any, Any]):
    """A mapping whose entries are read like fields; one that is absent is None."""

    __getattr__ = dict.get


def tree(value: Any) -> Any:
    """Mappings as records, sequences as lists, everything else as it is."""
    if isinstance(value, Mapping):
        return Record({key: tree(entry) for key, entry in value.items()})
    if isinstance(value, list | tuple):
        return [tree(entry) for entry in value]
    return value


def read_scenario(question: Any) -> Record:
    """A scenario from its object, from a tree of plain numbers, or from the folder of a run."""
    if isinstance(question, Mapping):
        return tree(question)
    if hasattr(question, "model_dump"):
        return tree(question.model_dump())
    return tree(yaml.safe_load((Path(question) / "scenario.yaml").read_text(encoding="utf-8")))


def rows(folder: Path | str, table: str) -> list[dict[str, str]]:
    """The rows of a table of a run."""
    with (Path(folder) / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_plan(folder: Path | str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Money and discrete choices of a saved run, as arrays in the order of its scenario."""
    s = read_scenario(folder)
    lines = {line.id: n for n, line in enumerate(s.lines)}
    rungs = {rung.id: n for n, rung in enumerate(s.rungs)}
    t0, years = s.horizon.base_year, s.horizon.last_year - s.horizon.base_year
    shape = (len(lines), years)
    money = {
        "strategic": np.zeros((len(lines), 3, years)),
        "substitution": np.zeros(shape),
        "exchange": np.zeros(shape),
    }
    for row in rows(folder, "allocation"):
        place = (lines[row["line"]], *([rungs[row["rung"]]] if row["rung"] else []), int(row["year"]) - t0 - 1)
        money[row["track"]][place] = float(row["amount"])
    return money, _choices(folder, s, lines, rungs)


def _choices(folder: Path | str, s: Record, lines: dict[str, int], rungs: dict[str, int]) -> dict[str, Any]:
    t0, years = s.horizon.base_year, s.horizon.last_year - s.horizon.base_year
    found: dict[str, Any] = {}
    regimes, cooperation, held = rows(folder, "regimes"), rows(folder, "cooperation"), rows(folder, "restraint")
    if regimes:
        reviews = sorted({int(row["review"]) for row in regimes})
        found["stage"] = np.zeros((len(lines), len(reviews)), int)
        for row in regimes:
            stage = ("far", "reach", "near").index(row["stage"])
            found["stage"][lines[row["line"]], reviews.index(int(row["review"]))] = stage
    if cooperation:
        domains, plans = [d.id for d in s.domains], sorted({row["plan"] for row in cooperation})
        found["mode"] = np.zeros((len(domains), len(plans)), int)
        for row in cooperation:
            mode = [m.id for m in s.modes].index(row["mode"])
            found["mode"][domains.index(row["domain"]), plans.index(row["plan"])] = mode
    if held:
        found["restraint"] = np.zeros((len(lines), 3, years + s.horizon.tail))
        for row in held:
            place = lines[row["line"]], rungs[row["rung"]], int(row["year"]) - t0 - 1
            found["restraint"][place] = float(row["amount"])
    if s.programmes:
        found["routes"] = np.zeros((len(s.programmes), years), int)
        for row in rows(folder, "programmes"):
            if row["selected"] == "true":
                k = [p.id for p in s.programmes].index(row["programme"])
                found["routes"][k, int(row["start"]) - t0 - 1] = int(row["routes"])
    return found
