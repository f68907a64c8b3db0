"""Rules of the discrete options with both sides, as the table of constraints lists them; the list is in `constraints`.

A cooperation mode narrows the exchange limits of a quadrant (mask) or takes their place (free), and a line that is not
within reach has no floor on exchange.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from kctopt.result.discrete import before_review, chosen_modes
from kctopt.result.fields import POINTS
from kctopt.result.rules import Rules, Sense, by_year, each
from kctopt.result.tables import plan_of
from kctopt.scenario.options import Programme
from kctopt.scenario.records import BandPolicy, Line, Quadrant, Scenario
from kctopt.scenario.reviews import FAR, NEAR, REACH, review_years, thresholds
from kctopt.scenario.select import policy_years, quadrant
from kctopt.simulate import Choices, Money, Trajectory
from kctopt.simulate.costs import started

ON = 1e-6  # spend relative to the efficient scale from which on a line counts as on


def mode_by_year(scenario: Scenario, choices: Choices) -> np.ndarray:
    """Position of the mode of each line in each planned year, (lines, years)."""
    horizon = scenario.horizon
    plans = [plan.id for plan in horizon.plans]
    domains = [domain.id for domain in scenario.domains]
    of_year = [plans.index(plan_of(horizon, year)) for year in horizon.years]
    of_line = [domains.index(line.domain) for line in scenario.lines]
    return np.asarray(chosen_modes(scenario, choices)[np.ix_(of_line, of_year)])


def rule_of_option(row: str, scenario: Scenario, choices: Choices) -> str | None:
    """The rule behind a row of exchange limits by mode or of least scale by year; None if its mode is not chosen."""
    family, _, rest = row.rstrip("]").partition("[")
    line, year, *mode = rest.split(",")
    if family == "scale.minimum":
        return f"scale.minimum[{line},{plan_of(scenario.horizon, int(year))}]"
    i = [entry.id for entry in scenario.lines].index(line)
    taken = scenario.modes[mode_by_year(scenario, choices)[i, int(year) - scenario.horizon.years[0]]]
    kind = "exchange_cap" if family == "modes.limit" else "exchange_floor"
    return f"quadrants.{kind}[{line},{year}]" if mode == [taken.id] else None


def exchange_shares(scenario: Scenario, choices: Choices, path: Trajectory) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest share of spend on exchange, (lines, years) each."""
    shape = len(scenario.lines), len(scenario.horizon.years)
    rules: dict[str, Quadrant] = {rule.id: rule for rule in scenario.quadrants}
    own = [rules[quadrant(scenario, i)] for i in range(shape[0])]
    least = np.broadcast_to(np.array([[rule.min_exchange] for rule in own]), shape)
    most = np.broadcast_to(np.array([[rule.max_exchange] for rule in own]), shape)
    if scenario.cooperation.choice != "none":
        allowed = np.array([mode.max_exchange for mode in scenario.modes])[mode_by_year(scenario, choices)]
        free = scenario.cooperation.choice == "free"
        least, most = (0 * least, allowed) if free else (np.minimum(least, allowed), np.minimum(most, allowed))
    if scenario.stages == "switching":
        least = np.where(path.in_force[:, : shape[1]] == REACH, least, 0.0)
    return least, most


def exposure_factors(scenario: Scenario, choices: Choices) -> np.ndarray:
    """Factor on the exposure of exchange, (lines, years)."""
    if scenario.cooperation.choice == "none":
        return np.ones((len(scenario.lines), len(scenario.horizon.years)))
    factors = np.array([mode.exposure for mode in scenario.modes])
    return np.asarray(factors[mode_by_year(scenario, choices)])


def switching(scenario: Scenario, money: Money, path: Trajectory) -> Iterator[Rules]:
    """Rules on stages, by line and review from the second on, and on exchange outside reach."""
    if scenario.stages != "switching":
        return
    far, near = thresholds(scenario)
    stage, at = path.review_stage, before_review(scenario)
    before = np.concatenate([stage[:, :1], stage[:, :-1]], axis=1)
    later = np.arange(stage.shape[1]) > 0
    entered = (stage != FAR) & (before == FAR) if scenario.switching.ratchet else stage != FAR
    capability, rival = path.capability[:, at], path.rival[:, at]
    yield _reviews("near", scenario, capability, "<=", (1 - near) * rival, (stage != NEAR) & later)
    yield _reviews("entry", scenario, capability, ">=", (1 - far) * rival, entered & later)
    if scenario.switching.ratchet:
        steps = (stage - before).astype(float)
        yield _reviews("ratchet", scenario, steps, ">=", 0 * steps, later & (stage >= 0), "stages")
        yield _reviews("ratchet", scenario, steps, "<=", 0 * steps + 1, later & (stage >= 0), "stages")
    closed = path.in_force[:, : money.exchange.shape[1]] != REACH
    yield each("switching.exchange_open", scenario, money.exchange, "<=", 0 * money.exchange, closed)


def _reviews(
    rule: str, scenario: Scenario, left: np.ndarray, sense: Sense, right: np.ndarray, keep: np.ndarray,
    unit: str = POINTS,
) -> Rules:  # fmt: skip
    """A rule on the lines and reviews that `keep` marks, arrays (lines, reviews)."""
    years, places = review_years(scenario), np.argwhere(keep)
    return Rules(
        [f"switching.{rule}[{scenario.lines[i].id},{years[v]}]" for i, v in places],
        rule,
        [scenario.lines[i].id for i, _ in places],
        [years[v] for _, v in places],
        left[keep],
        sense,
        right[keep],
        unit,
    )


def scale(scenario: Scenario, money: Money) -> Iterator[Rules]:
    """Least spend of a line in a plan against its efficient scale; 0 is asked of a line that is off."""
    plans, first = scenario.horizon.plans, scenario.horizon.years[0]
    for i, line in enumerate(scenario.lines):
        if line.min_scale > 0:
            spend = [money.spend[i, plan.first - first : plan.last - first + 1] for plan in plans]
            yield Rules(
                [f"scale.minimum[{line.id},{plan.id}]" for plan in plans],
                "minimum",
                line.id,
                [plan.first for plan in plans],
                np.array([part.min() for part in spend]),
                ">=",
                np.array([line.min_scale * is_on(line, part) for part in spend]),
            )


def is_on(line: Line, spend: np.ndarray) -> bool:
    """Whether a line runs in a plan, from its spend by year."""
    return bool(spend.max() > ON * line.min_scale)


def band(scenario: Scenario, path: Trajectory, policy: BandPolicy) -> Rules:
    """How far each line of a band is ahead of each other, by year, against its width."""
    years = policy_years(policy.years, scenario.horizon)
    place = {line.id: i for i, line in enumerate(scenario.lines)}
    ratio = path.capability / path.rival
    rows = [(one, two, year) for one in policy.lines for two in policy.lines if one != two for year in years]
    at = [year - scenario.horizon.base_year for *_, year in rows]
    ahead = ratio[[place[one] for one, *_ in rows], at] - ratio[[place[two] for _, two, _ in rows], at]
    names = [f"policies.{policy.id}[{one},{two},{year}]" for one, two, year in rows]
    lines, when = [one for one, *_ in rows], [year for *_, year in rows]
    return Rules(names, "band", lines, when, ahead, "<=", np.full(len(rows), policy.width), "ratio to rival")


def programmes(scenario: Scenario, choices: Choices, path: Trajectory) -> Iterator[Rules]:
    """Rules on the choice of programmes and on what they share."""
    listed, years = scenario.programmes, scenario.horizon.years
    if not listed:
        return
    starts: dict[str, list[int]] = {programme.id: [] for programme in listed}
    for _, programme, n, _ in started(scenario, choices.routes):
        starts[programme.id].append(years[n])
    count = np.array([len(found) for found in starts.values()], dtype=float)
    yield _on_programmes("start", list(starts), count, "<=", np.ones(len(listed)), "starts")
    yield _requires(listed, starts, years[-1] + 1)
    pairs = {frozenset((one.id, other)): (one.id, other) for one in reversed(listed) for other in one.excluded}
    both = np.array([float(bool(starts[one]) + bool(starts[other])) for one, other in pairs.values()])
    names = [f"{one},{other}" for one, other in pairs.values()]
    yield _on_programmes("excludes", names, both, "<=", np.ones(len(pairs)), "programmes")
    if scenario.catalogue.researchers is not None:
        limit = scenario.catalogue.researchers.at(np.array(years))
        rule = by_year("programmes.researchers[", years, path.researchers, "<=", limit, "researchers")
        yield replace(rule, unit="thousand persons")


def _on_programmes(rule: str, names: list[str], left: np.ndarray, sense: Sense, right: np.ndarray, unit: str) -> Rules:
    return Rules([f"programmes.{rule}[{name}]" for name in names], rule, "", 0, left, sense, right, unit)


def _requires(listed: tuple[Programme, ...], starts: dict[str, list[int]], never: int) -> Rules:
    """First year of each programme that is launched against the one after what it requires; `never` if that is off."""
    ends = {one.id: [start + one.duration - 1 for start in starts[one.id]] for one in listed}
    rows = [(one.id, other, start) for one in listed for other in one.required for start in starts[one.id]]
    first = np.array([start for *_, start in rows], dtype=float)
    earliest = np.array([min(ends[other], default=never - 1) + 1 for _, other, _ in rows], dtype=float)
    names = [f"{one},{other}" for one, other, _ in rows]
    return _on_programmes("requires", names, first, ">=", earliest, "year")
