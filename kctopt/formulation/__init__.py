"""The mathematical program, one block a file.

Notation: lines i, domains d, types k in B A M S, rungs r in F P R, years t. Stocks carry the year at whose end they
stand; a flow in year t reads stocks of t-1. The base year t0 is data, planned years are t0+1 ... T, and in the tail
years T+1 ... T+tail every line keeps its spend of T. Every block follows one contract:

    add_variables(block, scenario)                    the variables, with bounds
    add_constraints(block, scenario, ..., inputs)     the relations; returns its concave families

Variables come before constraints because the mathematics is circular (capability needs inflow, inflow needs
capability) and the code must not be. Blocks never import each other; `wiring.py` wires them.

    money         x u y    strategic, substitution and exchange spend         billion CNY/year
    tranches      xe       effective spend where the response is S-shaped     billion CNY/year
    knowledge     q Acc    production, accelerator index                      index points/year, base year = 100
    ladder        k C      stock by rung, capability                          index points, rival in t0 = 100
    substitution  v s      substitutes made, substitutes                      index points/year, index points
    diffusion     D        net knowledge inflow                               index points/year
    quadrants              exchange rules, exposure
    switching     z h      stage in force, restraint                          0 or 1, index points/year
    modes         w        cooperation mode of a domain in a plan             0 or 1
    market        G        economic power that exchange brings                index points
    scale         o        line at its least scale in a plan, or off          0 or 1
    dependency    dep X Y  dependency, losses from a cut-off                  share, index points
    kct           Z KCT    type scores, KCT value                             rival = 100
    security      EP MP NS economic and military power, national security     base year without cut-off = 100
    programmes    b        discrete projects by first year and routes         0 or 1
    targets                floors on U/R, caps on dependency
    codevelopment          lines that stay within a band of each other
    objective              what is optimised
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kctopt.scenario.records import Scenario


def line_ids(scenario: Scenario) -> list[str]:
    """Identifiers of the lines, in order."""
    return [line.id for line in scenario.lines]


def domain_ids(scenario: Scenario) -> list[str]:
    """Identifiers of the domains, in order."""
    return [domain.id for domain in scenario.domains]


def nothing(*_: Any) -> float:
    """A term of a row that no block fills."""
    return 0.0


def always(*_: Any) -> float:
    """A condition that always holds."""
    return 1.0


def add_rule(block: Any, name: str, rule: Any) -> None:
    """Add the constraint of a policy under its id; an id that is a word of Pyomo's, such as `type`, gets a full stop.

    No id holds a full stop, so `naming.rule_of` leads back.
    """
    taken = hasattr(block, name) and block.component(name) is None
    block.add_component(f"{name}." if taken else name, rule)


def plan_ids(scenario: Scenario) -> dict[int, str]:
    """Plan of each planned and tail year; the last plan's decisions hold on through the tail."""
    horizon = scenario.horizon
    inside = {t: plan.id for plan in horizon.plans for t in range(plan.first, plan.last + 1)}
    return {t: inside[min(t, horizon.last_year)] for t in horizon.all_years}


def with_base(variable: Any, base: np.ndarray, keys: list[Any], base_year: int) -> Callable[[Any, int], Any]:
    """Read a stock at any year from t0 on: a number in t0, the variable afterwards.

    `keys` lists the index of the variable without its year, in the order of `base`.
    """
    data = {key: float(value) for key, value in zip(keys, base, strict=True)}

    def at(key: Any, year: int) -> Any:
        if year == base_year:
            return data[key]
        return variable[(*key, year) if isinstance(key, tuple) else (key, year)]

    return at
