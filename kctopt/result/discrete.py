"""Tables of the discrete decisions of a plan; each is empty when its option is off.

| table | one row for each |
|---|---|
| regimes | line and review |
| restraint | line, rung and year in which capability is not built |
| cooperation | domain and plan |
| programmes | programme of the catalogue |

A line is held back at a review when the plan keeps it just outside the near stage, which would end exchange: with what
was restrained in the year before, its capability comes within 0.5 % of the limit or passes it,

    C[i,v-1] + sum_r omega_r h[i,r,v-1]  >=  (1 - 0.005) (1 - near[i,v]) R[i,v-1]        and the stage at v is not near
"""

from __future__ import annotations

import numpy as np

from kctopt.result.fields import Columns, columns, from_rows
from kctopt.result.tables import plan_of
from kctopt.scenario.options import Programme
from kctopt.scenario.records import RUNGS, Scenario
from kctopt.scenario.reviews import NEAR, STAGES, review_years, thresholds
from kctopt.scenario.select import exposed_part
from kctopt.simulator import Choices, Money, Trajectory
from kctopt.simulator.costs import base_mode, modes, started

CLOSE = 0.005  # relative distance to the limit of the near stage that counts as just outside


def regimes(scenario: Scenario, path: Trajectory) -> Columns:
    """Stage of every line from each review on, and where the plan holds it back."""
    if scenario.stages != "switching":
        return from_rows("regimes", [])
    far, near = thresholds(scenario)
    names = np.array([*STAGES, ""], dtype=object)
    before = np.concatenate([np.full((len(far), 1), -1), path.review_stage[:, :-1]], axis=1)
    return columns(
        "regimes",
        {
            "line": np.array([line.id for line in scenario.lines], dtype=object)[:, None],
            "domain": np.array([line.domain for line in scenario.lines], dtype=object)[:, None],
            "review": np.array(review_years(scenario)),
            "stage": names[path.review_stage],
            "stage_before": names[before],
            "switched": (before >= 0) & (before != path.review_stage),
            "gap": path.gap[:, before_review(scenario)],
            "near": near,
            "far": far,
            "held_back": held_back(scenario, path),
        },
    )


def before_review(scenario: Scenario) -> np.ndarray:
    """Position, base year first, of the year before each review."""
    return np.array(review_years(scenario)) - 1 - scenario.horizon.base_year


def held_back(scenario: Scenario, path: Trajectory) -> np.ndarray:
    """Whether the plan keeps a line just outside the near stage at a review, (lines, reviews)."""
    _, near = thresholds(scenario)
    at = before_review(scenario)
    whole = path.capability + np.concatenate([np.zeros((len(near), 1)), restrained(scenario, path)], axis=1)
    close = whole[:, at] >= (1 - CLOSE) * (1 - near) * path.rival[:, at]
    decided = np.arange(len(at)) > 0  # data decide the first review
    return np.asarray((path.review_stage != NEAR) & close & decided)


def restrained(scenario: Scenario, path: Trajectory) -> np.ndarray:
    """Capability not built, weighted over the rungs like capability, (lines, planned and tail years)."""
    weights = np.array([rung.capability_weight for rung in scenario.rungs])
    return np.asarray(np.einsum("r,irn->in", weights, path.restraint))


def restraint(scenario: Scenario, choices: Choices) -> Columns:
    """Capability that the plan does not build, where it is more than none."""
    if choices.restraint is None:
        return from_rows("restraint", [])
    years, last = scenario.horizon.all_years, scenario.horizon.last_year
    rows = [
        (scenario.lines[i].id, RUNGS[r], years[n], years[n] > last, choices.restraint[i, r, n])
        for i, r, n in np.argwhere(choices.restraint > 0).tolist()
    ]
    return from_rows("restraint", rows)


def cooperation(scenario: Scenario, money: Money, choices: Choices) -> Columns:
    """Cooperation mode of every domain in each plan, what it costs and brings."""
    if scenario.cooperation.choice == "none":
        return from_rows("cooperation", [])
    mode, base = chosen_modes(scenario, choices), base_modes(scenario)
    before = previous_modes(scenario, mode)
    names = np.array([entry.id for entry in scenario.modes], dtype=object)
    gain = np.array([entry.market_gain for entry in scenario.modes])
    used = {line.domain for line in scenario.lines}
    weight = np.array([domain.weight * (domain.id in used) for domain in scenario.domains])
    part = exposed_part(scenario)
    spent = _by_domain_and_plan(scenario, money.exchange)
    exposed = _by_domain_and_plan(scenario, part[:, None] * money.exchange)
    return columns(
        "cooperation",
        {
            "domain": np.array([domain.id for domain in scenario.domains], dtype=object)[:, None],
            "plan": np.array([plan.id for plan in scenario.horizon.plans], dtype=object),
            "mode": names[mode],
            "mode_before": names[before],
            "changed": mode != before,
            "change_cost": scenario.cooperation.change_cost * (mode != before),
            "market_gain": (weight / weight.sum())[:, None] * (gain[mode] - gain[base][:, None]),
            "exchange_spend": spent,
            "exposure": exposed * np.array([entry.exposure for entry in scenario.modes])[mode],
        },
    )


def chosen_modes(scenario: Scenario, choices: Choices) -> np.ndarray:
    """Position of each domain's mode in each plan, (domains, plans), of a scenario with modes."""
    mode = modes(scenario, choices)
    assert mode is not None  # the scenario has modes
    return np.asarray(mode)


def previous_modes(scenario: Scenario, mode: np.ndarray) -> np.ndarray:
    """Position of each domain's mode in the plan before, in the first one that of the base year, (domains, plans)."""
    return np.concatenate([base_modes(scenario)[:, None], mode[:, :-1]], axis=1)


def base_modes(scenario: Scenario) -> np.ndarray:
    """Position of each domain's mode in the base year, (domains,), of a scenario with modes."""
    mode = base_mode(scenario)
    assert mode is not None  # the scenario has modes
    return np.asarray(mode)


def _by_domain_and_plan(scenario: Scenario, amount: np.ndarray) -> np.ndarray:
    """Sums of (lines, planned years) by domain and plan, (domains, plans)."""
    horizon = scenario.horizon
    of_line = np.array([[line.domain == domain.id for line in scenario.lines] for domain in scenario.domains])
    of_year = np.array([[plan_of(horizon, year) == plan.id for plan in horizon.plans] for year in horizon.years])
    return np.asarray(of_line @ amount @ of_year)


def programmes(scenario: Scenario, choices: Choices) -> Columns:
    """Every programme of the catalogue: launched or not, when, with what prospects and costs."""
    launched: dict[int, list[tuple[int | float, ...]]] = {}
    for k, programme, n, routes in started(scenario, choices.routes):
        launched.setdefault(k, []).append(_launched(programme, scenario.horizon.years[n], routes))
    rows: list[tuple[object, ...]] = []
    for k, programme in enumerate(scenario.programmes):
        about = (programme.id, programme.label.en, programme.line, programme.rung, programme.mode)
        rows += [(*about, True, *prospects) for prospects in launched.get(k, ())]
        if k not in launched:
            rows.append((*about, False, 0, 0, 0, np.nan, 0.0, 0.0, 0.0, 0.0))
    return from_rows("programmes", rows)


def _launched(programme: Programme, start: int, routes: int) -> tuple[int | float, ...]:
    """The columns from `start` on of a programme that is launched."""
    end, chance = start + programme.duration - 1, programme.chance(routes)
    earned = programme.deadline is None or end <= programme.deadline
    return (
        start, end, routes, chance, programme.gain * chance, routes * sum(programme.costs),
        routes * programme.researchers, programme.reward * chance * earned,
    )  # fmt: skip


def programme_costs(scenario: Scenario, choices: Choices) -> np.ndarray:
    """Money for each programme by planned year, (programmes, years), billion CNY."""
    costs = np.zeros((len(scenario.programmes), len(scenario.horizon.years)))
    for k, programme, n, routes in started(scenario, choices.routes):
        years = costs[k, n : n + programme.duration]
        years += routes * np.array(programme.costs)[: len(years)]
    return costs
