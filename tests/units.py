"""Scenarios with all money in another unit, and small parts of the bundled world."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

import kctopt
from kctopt.scenario.record import Series
from kctopt.scenario.records import Scenario


def in_unit(scenario: Scenario, factor: float) -> Scenario:
    """The scenario with every amount of money times a factor."""
    return Scenario.model_validate(_times(scenario, factor).model_dump(by_alias=True))


def _times(record: Any, factor: float) -> Any:
    """A record with the fields whose unit is money multiplied, those per money divided, down to the last one inside."""
    found = {}
    for name, field in type(record).model_fields.items():
        value, extra = getattr(record, name), field.json_schema_extra
        unit = extra.get("unit", "") if isinstance(extra, dict) else ""
        if str(unit).startswith("billion CNY"):
            found[name] = _amount(value, factor)
        elif str(unit).endswith("/billion CNY"):
            found[name] = _amount(value, 1 / factor)
        elif isinstance(value, BaseModel) and not isinstance(value, Series):
            found[name] = _times(value, factor)
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            found[name] = tuple(_times(each, factor) for each in value)
    return record.model_copy(update=found)


def _amount(value: Any, factor: float) -> Any:
    if value is None:
        return None
    if isinstance(value, tuple):
        return tuple(factor * each for each in value)
    if isinstance(value, Series):
        root = value.root
        many = isinstance(root, dict)
        return type(value)({year: factor * each for year, each in root.items()} if many else factor * root)
    return factor * value


def part(*domains: str, lines: tuple[str, ...] = (), **changes: Any) -> Scenario:
    """The domains of kct-2035 given, or some of their lines, alone."""
    whole = kctopt.load("baseline")
    kept = tuple(line for line in whole.lines if line.domain in domains and (not lines or line.id in lines))
    spend = sum(line.spend for line in kept) / sum(line.spend for line in whole.lines)
    years = whole.horizon.years
    budget = type(whole.budget)({t: spend * float(b) for t, b in zip(years, whole.budget.at(years), strict=True)})
    cooperation = whole.cooperation
    limit = cooperation.exposure_limit
    own = type(limit)({t: spend * float(b) for t, b in zip(years, limit.at(years), strict=True)})
    return whole.model_copy(
        update={
            "lines": kept,
            "domains": tuple(one for one in whole.domains if one.id in domains),
            "spillovers": tuple(s for s in whole.spillovers if s.source in domains and s.target in domains),
            "budget": budget,
            "cooperation": cooperation.model_copy(update={"exposure_limit": own}),
            "provenance": (),
        }
        | changes
    )  # fmt: skip
