"""What a user should know of a scenario that has no fault: input that does less than it seems to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kctopt.scenario.calibrate import calibrate, carried_trends
from kctopt.scenario.records import Record, Scenario, Series

SAME = 1e-6  # difference of two trends that counts as none, 1/year


def remarks(scenario: Scenario) -> Iterator[str]:
    """Notes on a checked scenario."""
    yield from _flat_series(scenario, scenario, "")
    yield from _unconnected(scenario)
    yield from _other_trends(scenario)


def _flat_series(record: Record, scenario: Scenario, before: str) -> Iterator[str]:
    """Series by year that say the same for all planned years, because they state one year or years elsewhere."""
    years = scenario.horizon.years
    for name in type(record).model_fields:
        value, path = getattr(record, name), f"{before}{name}"
        if isinstance(value, Series) and isinstance(value.root, dict):
            stated = sorted(value.root)
            first, last = (float(amount) for amount in value.at([years[0], years[-1]]))
            listed = f"{stated[0]}" if len(stated) == 1 else f"{stated[0]}-{stated[-1]}"
            if len(stated) == 1 or stated[-1] <= years[0] or stated[0] >= years[-1]:
                where = f"{path} states {listed} only" + ("" if set(stated) & set(years) else ", no planned year")
                yield (
                    f"{where}: it is {first:g} in every year from {years[0]} to {years[-1]}" if first == last else where
                )
        elif isinstance(value, Record):
            yield from _flat_series(value, scenario, f"{path}.")


def _unconnected(scenario: Scenario) -> Iterator[str]:
    """Domains that no row of spillovers names although other domains have rows."""
    named = {name for spillover in scenario.spillovers for name in (spillover.source, spillover.target)}
    for domain in scenario.domains:
        if named and domain.id not in named:
            yield (
                f"spillovers has no row for domain {domain.id}: no accelerator raises research in it, not even its "
                "own, and its accelerators raise no other"
            )


def _other_trends(scenario: Scenario) -> Iterator[str]:
    """Lines that the base year does not carry along their recorded trend, by yields that are not its own."""
    yields = scenario.calibration.yields
    if not yields.values:
        return
    carried = carried_trends(scenario, calibrate(scenario))
    away = carried - np.array([line.trend for line in scenario.lines])
    listed = [
        f"{scenario.lines[i].id} {carried[i]:+.4f} ({scenario.lines[i].trend:+.4f})"
        for i in np.argsort(-np.abs(away), kind="stable")
        if abs(away[i]) > SAME
    ]
    if listed:
        whose = f"those of {yields.source}" if yields.source else "stated"
        yield (
            f"calibration.yields: the yields are {whose}, and the base year does not carry {len(listed)} of "
            f"{len(carried)} lines along their recorded trend; the change of U/R a year that they get, recorded in "
            f"brackets: {', '.join(listed)}"
        )
