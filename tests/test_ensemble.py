"""A fixed plan in many draws: the same digits as a scenario a draw, the same refusals, rules judged by draw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from worlds import options, small, tiny

import kctopt
from kctopt.errors import ScenarioErrors, UsageError
from kctopt.rules import breaches
from kctopt.scenario.field_kinds import POLICY_KINDS, ROOT, Kind, entry_fields, fields
from kctopt.scenario.load import load
from kctopt.scenario.nodes import Location, Node, show
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices, Money, World, reference, to_base_plan
from kctopt.simulator import simulate as run_laws
from kctopt.study import ensemble as ensembles
from kctopt.study import outcomes as kinds
from kctopt.study.drawn import tree
from kctopt.study.ensemble import Ensemble, draws_of, simulate
from kctopt.study.records import Distribution, Draws, Sample, UncertainInput

CLOSE = {"rtol": 1e-12, "atol": 1e-12}
WORLDS = {"options": options, "small": small}


def numeric_paths(scenario: Scenario) -> list[tuple[str, float]]:
    """Every place of a number or a series by its path, single years of series too, with a number that stands there."""
    root = tree(scenario)

    def walk(node: Node, kind: Kind, location: Location) -> Iterator[tuple[str, float]]:
        if kind.form in ("number", "series"):
            years = node.value if isinstance(node.value, dict) else {}
            for year, point in years.items():
                yield show(root, (*location, year)), float(point.value)
            first = next((point.value for point in years.values()), node.value)
            yield show(root, location), 0.5 if first is None else float(first)
            if kind.form == "series" and not years and first is not None:
                yield f"{show(root, location)}.{scenario.horizon.last_year}", float(first)
        elif kind.form == "list" and kind.item is not None and entry_fields(kind.item):
            for n, child in enumerate(node.children()):
                yield from walk(child, kind.item, (*location, n))
        elif kind.form in ("record", "policy") and isinstance(node.value, dict):
            inside = fields(kind.record) if kind.record else fields(POLICY_KINDS[str(node.get("kind"))])
            for name, child in node.value.items():
                if name in inside and name not in ("provenance", "label"):
                    yield from walk(child, inside[name], (*location, name))

    return list(walk(root, ROOT, ()))


def values_about(value: float) -> list[float]:
    """Numbers near one, and some that few fields take."""
    return [0.97 * value, value + 0.01, value, -0.3, 1.7]


def plan_of(scenario: Scenario) -> tuple[Money, Choices]:
    """Money that repeats the base year; with programmes, the first starts as early as it can."""
    routes = np.zeros((len(scenario.programmes), len(scenario.horizon.years)), dtype=int)
    for k, programme in enumerate(scenario.programmes):
        routes[k, programme.first_start - scenario.horizon.years[0]] = 1
    return to_base_plan(scenario), Choices(routes=routes if len(routes) else None)


def agree(ensemble: Ensemble, draw: int, scenario: Scenario | None, money: Money, choices: Choices, told: str) -> None:
    """A draw of an ensemble is what the loader, the simulator and the rules say of its scenario."""
    status = ensemble.status.iloc[draw]
    if scenario is None:
        assert status.status == "invalid", f"{told}: the loader refuses it"
        assert status.reason, told
        return
    assert status.status != "invalid", f"{told}: {status.reason}"
    world = World.of(scenario)
    path = run_laws(scenario, money, world, choices)
    case = kinds.Case(scenario, world, money, choices, path)
    for name in kinds.READERS:
        if name in ensemble.values:
            got = ensemble.values[name][draw]
            np.testing.assert_allclose(got, kinds.READERS[name](case), err_msg=f"{told} {name}", **CLOSE)
    broken = breaches(scenario, money, path, choices=choices)
    assert status.broken == len(broken), told
    assert status.status == ("broken" if broken else "kept"), told
    if broken:
        same = [breach for breach in broken if str(breach.rule) == status["rule"]]
        assert any(breach.amount == pytest.approx(status.breach, rel=1e-9) for breach in same), told


def loaded(scenario: Scenario, **changes: Any) -> Scenario | None:
    """The scenario with changes, None where the loader refuses them."""
    try:
        return load(scenario, **changes).scenario
    except ScenarioErrors:
        return None


@pytest.mark.parametrize("world", WORLDS)
def test_every_numeric_path_draws_what_a_scenario_with_that_number_gives(world: str) -> None:
    scenario = WORLDS[world]()
    money, choices = plan_of(scenario)
    paths = numeric_paths(scenario)
    assert len(paths) > 200
    for path, value in paths:
        table = pd.DataFrame({path: values_about(value)})
        ensemble = simulate(money, scenario, draws=table, choices=choices)
        for draw, number in enumerate(table[path]):
            agree(ensemble, draw, loaded(scenario, set={path: number}), money, choices, f"{path} = {number:g}")
