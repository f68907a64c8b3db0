"""The calibrated model: its tables follow from the seeds by the stated rules, every number has a source, and the
baseline is a sensible world."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bundled import scenario, solved
from pytest import approx
from sources import flat, quantities, source_of

from kctopt.rules import breaches
from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.load import bundled_scenarios
from kctopt.scenario.records import QUADRANTS, RUNGS, TYPES, Scenario
from kctopt.scenario.reviews import held_lines, review_years
from kctopt.scenario.select import quadrant
from kctopt.simulator import Money, Trajectory, simulate, to_base_plan

MODEL = Path(__file__).parents[1] / "models" / "kct-2035"
CAP = 1.5  # a ratio of research or capacity above this is not one of capability
BASE = 431.9  # billion CNY of 2025
RIVAL_GROWTH = 0.03  # 1/year, before the adjustment of the domain
RESEARCH_TREND = (1.02 - 0.72) / 11  # 1/year, China/US R&D at PPP from 2013 to 2024
SCENARIOS = bundled_scenarios()


def seeds(name: str) -> list[dict[str, str]]:
    with (MODEL / "sources" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def by(name: str, key: str) -> dict[str, dict[str, str]]:
    return {row[key]: row for row in seeds(name)}


@pytest.fixture(scope="module")
def world() -> Scenario:
    return scenario("baseline")


# --- tables and their seeds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "total"), [("united_states", 84.3), ("china", 65.6), ("europe", 41.0), ("india", 15.2)]
)
def test_linear_aggregator_reproduces_the_published_totals(country: str, total: float) -> None:
    sectors: dict[str, float] = defaultdict(float)
    for row in seeds("belfer_pillars"):
        sectors[row["sector"]] += float(row["weight"]) * float(row[country])
    weights = {row["sector"]: float(row["weight"]) for row in seeds("belfer_sectors")}
    assert sum(weights.values()) == approx(1)
    assert 100 * sum(weights[sector] * score for sector, score in sectors.items()) == approx(total, abs=0.06)


def test_every_pillar_outside_space_has_one_type_and_weights_sum_to_one() -> None:
    sums: dict[str, float] = defaultdict(float)
    for row in seeds("belfer_pillars"):
        sums[row["sector"]] += float(row["weight"])
        assert (row["type"] in TYPES) == (row["sector"] != "Space")
    assert all(total == approx(1) for total in sums.values())


def test_weights_of_domains_are_those_of_the_index(world: Scenario) -> None:
    expected = {row["domain"]: float(row["weight"]) for row in seeds("belfer_sectors")}
    assert {domain.id: domain.weight for domain in world.domains} == expected


def test_sensitivity_growth_and_money_follow_the_scales(world: Scenario) -> None:
    domains, types = by("domain_scales", "domain"), by("type_scales", "type")
    exchange = by("quadrant_exchange", "quadrant")
    total = world.budget.at([2025])[0]
    for i, line in enumerate(world.lines):
        of_domain, of_type = domains[line.domain], types[line.id[-1]]
        for field in ("sensitivity", "growth"):
            value = float(of_domain[field]) + float(of_type[f"{field}_adjustment"])
            assert getattr(line, field) == approx(min(1, max(0, value)))
        spend = total * float(of_domain["spend_share"]) * float(of_type["spend_share"])
        assert line.spend == approx(spend, abs=0.006)
        assert line.floor == approx(spend / 2, abs=0.006)
        assert line.exchange_share == float(exchange[quadrant(world, i)]["exchange_share"])
        below = line.capability < 100
        assert line.substitution_share == (0.0 if not below else 0.08 if line.id.endswith("B") else 0.02)
        assert line.rival_growth == approx(RIVAL_GROWTH + float(of_domain["rival_growth_adjustment"]))
    assert {quadrant(world, i) for i in range(len(world.lines))} == set(QUADRANTS)


def test_trends_follow_the_ratio_of_research_money(world: Scenario) -> None:
    """Of the cells that lines with figures do not decide; those are held in test_figures.py."""
    weight: dict[str, float] = defaultdict(float)
    economic: dict[str, float] = defaultdict(float)
    for row in seeds("belfer_pillars"):
        line = f"{row['domain']}-{row['type']}"
        weight[line] += float(row["weight"])
        economic[line] += float(row["weight"]) * (row["pillar"] == "Economic Resources")
    decided = by("cells", "cell")
    for line in world.lines:
        capped = line.capability >= 100 * CAP
        share = 0.0 if capped or line.id not in weight else economic[line.id] / weight[line.id]
        if decided[line.id]["basis"] != "lines":
            assert line.trend == approx(RESEARCH_TREND * share, abs=0.00051)


def test_budget_follows_its_growth(world: Scenario) -> None:
    growth = {int(row["year"]): float(row["growth"]) for row in seeds("budget_growth")}
    years = np.array(sorted(growth))
    path = BASE * np.cumprod([1 + growth[year] for year in years])
    assert world.budget.at(years) == approx(path, abs=0.06)
    assert sum(line.spend for line in world.lines) == approx(world.budget.at([2025])[0], abs=0.05)
    assert world.budget.at([2025])[0] / 3926.2 == approx(0.11, abs=0.0005)  # share of national R&D


def test_budgets_of_scenarios() -> None:
    years = np.arange(2025, 2036)
    squeezed = scenario("budget-squeeze").budget.at(years)
    assert squeezed == approx(BASE * 1.033 ** np.arange(11), abs=0.06)
    base, far = scenario("baseline").budget, scenario("horizon-2050").budget
    assert far.at(years) == approx(base.at(years))
    assert far.at(np.arange(2035, 2051)) == approx(base.at([2035])[0] * 1.03 ** np.arange(16), abs=0.06)
    assert [plan.id for plan in scenario("horizon-2050").horizon.plans] == [
        "2026-30", "2031-35", "2036-40", "2041-45", "2046-50",
    ]  # fmt: skip


def test_power_ratios_are_the_published_ones(world: Scenario) -> None:
    indices = {index.id: index for index in world.military.indices}
    assert world.military.index == "sipri"
    assert indices["sipri"].ratio == approx(336 / 954, abs=0.0006)
    assert indices["sipri"].trend == approx((317.6 / 968.4 / (248.2 / 875.2)) ** (1 / 5) - 1, abs=0.0006)
    assert indices["cinc"].ratio == approx(0.23062 / 0.13306, abs=0.006)
    assert indices["cinc"].trend == approx((1.7332 / 1.2409) ** (1 / 9) - 1, abs=0.0005)
    assert world.economy.ratio == approx(19.5 / 30.8, abs=0.0005)
    assert world.economy.trend == approx((1.042 / 1.021 + 1.033 / 1.021) / 2 - 1, abs=0.0005)


# --- provenance ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_number_has_a_source_with_its_unit(name: str) -> None:
    scene, used = scenario(name), set()
    for path, unit, words in quantities(scene):
        row = source_of(scene, path, words)
        assert row is not None, f"{path} has no source"
        assert row.unit == unit, f"{path}: unit {unit} in the records, {row.unit} in provenance"
        assert row.source, path
        assert row.year, path
        used.add(row.path)
    assert {row.path for row in scene.provenance} == used, "rows that describe no number"


def test_what_has_no_source_says_so(world: Scenario) -> None:
    grades = {row.path: row.grade for row in world.provenance}
    for path in (
        "lines[clean-energy-S].capability", "domains[clean-energy].weight", "military.kct_elasticity",
        "lines.sensitivity", "lines.spend", "knowledge.effort_elasticity", "economy.kct_elasticity", "kct.rho",
        "rungs.depreciation",
    ):  # fmt: skip
        assert grades[path] == "assumption", path


def parent(name: str) -> str:
    """The scenario a bundled one starts from."""
    return "lines-baseline" if name.startswith("lines-") and name != "lines-baseline" else "baseline"


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name != "baseline"])
def test_a_scenario_cites_every_number_it_changes(name: str) -> None:
    base, scene = scenario(parent(name)), scenario(name)
    before = {path: source_of(base, path, words) for path, _, words in quantities(base)}
    numbers, changed = dict(flat(base)), dict(flat(scene))
    for path, _, words in quantities(scene):
        if changed[path] != numbers.get(path):
            assert source_of(scene, path, words) != before.get(path), f"{path} was changed without a source"
    assert scene.asks("en").endswith(".") and scene.asks("zh").endswith("。")
    assert scene.label.zh != scene.label.en


# --- the base year -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCENARIOS)
def test_all_yields_are_positive(name: str) -> None:
    assert (calibrate(scenario(name)).yields > 0).all()


def test_the_mode_of_the_base_year_is_the_measure_of_the_others(world: Scenario) -> None:
    assert (world.stages, world.cooperation.choice) == ("envelope", "none")
    modes = {mode.id: mode for mode in world.modes}
    guarded = modes["guarded"]
    assert {domain.mode for domain in world.domains} == {"guarded"}
    assert (guarded.exchange, guarded.exposure, guarded.market_gain) == (1, 1, 0)
    assert guarded.max_exchange > max(line.exchange_share for line in world.lines), "the base year is allowed"
    for name in ("exchange", "max_exchange", "exposure"):
        closed, opened = getattr(modes["closed"], name), getattr(modes["open"], name)
        assert closed < getattr(guarded, name) < opened, name
    assert (calibrate(scenario("modes")).yields == calibrate(world).yields).all()


def test_every_stage_has_lines_when_stages_switch() -> None:
    scene = scenario("switching")
    stage = calibrate(scene).stage
    assert np.bincount(stage).tolist() == [4, 2, 14]
    assert len(held_lines(scene, stage)) == 6
    assert review_years(scene) == (2026, 2029, 2031, 2034)


def test_rungs_add_up(world: Scenario) -> None:
    assert sum(rung.capability_weight for rung in world.rungs) == approx(1)
    assert sum(rung.capability_weight * rung.profile for rung in world.rungs) == approx(1)
    assert sum(rung.capability_weight * rung.inflow for rung in world.rungs) == approx(1)
    assert sum(rung.spend_share for rung in world.rungs) == approx(1)
    assert all(sum(rung.lags) == approx(1) for rung in world.rungs)


def test_base_spend_carries_every_line_along_its_trend_without_a_jump(world: Scenario) -> None:
    path = simulate(world, to_base_plan(world))
    ratio = path.usable / path.rival
    trend = np.array([line.trend for line in world.lines])
    assert ratio[:, 1] - ratio[:, 0] == approx(trend, abs=1e-9)
    planned = path.usable[:, : len(world.horizon.years) + 1]
    steps = np.diff(planned, axis=1) / planned[:, :-1]
    assert np.abs(steps).max() < 0.12  # no line moves by more a year (ai-M, with a trend of its own, by 11.6 %) ...
    assert np.abs(np.diff(steps, axis=1)).max() < 0.02  # ... nor changes its pace by more


# --- the baseline solved -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plan() -> Money:
    money = solved("baseline").money
    assert money is not None
    return money


def test_baseline_is_a_sensible_world(world: Scenario, plan: Money) -> None:
    path, planned = simulate(world, plan), len(world.horizon.years)
    assert solved("baseline").status == "optimal"
    assert breaches(world, plan) == []
    unharmed = np.array([path.technology, path.economic + path.loss, path.military + path.military_loss])
    assert unharmed[:, 0] == approx([100] * 3)
    assert set(np.unique(path.binding[:, :planned])) == {0, 1, 2}, "far, reach and near all bind"
    assert_all_funded(world, plan)
    assert_no_money_idles(world, plan)
    assert_last_year_counts(world, plan)


def assert_all_funded(world: Scenario, plan: Money) -> None:
    """Every rung, type and track receives a hundredth of all money at least."""
    total = plan.spend.sum()
    assert (plan.strategic.sum(axis=(0, 2)) / total > 0.01).all(), RUNGS
    member = np.array([[line.membership[kind] for kind in TYPES] for line in world.lines])
    assert (plan.spend.sum(axis=1) @ member / total > 0.01).all(), TYPES
    for track in (plan.strategic, plan.substitution, plan.exchange):
        assert track.sum() / total > 0.01


def assert_no_money_idles(world: Scenario, plan: Money) -> None:
    """Each plan's money is spent in that plan, and more money would be worth something."""
    years = np.array(world.horizon.years)
    for each in world.horizon.plans:
        inside = (years >= each.first) & (years <= each.last)
        assert plan.spend[:, inside].sum() == approx(world.budget.at(years[inside]).sum(), rel=1e-4)
    prices = solved("baseline").prices
    assert all(prices[f"money.budget[{year}]"] > 0 for year in years)


def assert_last_year_counts(world: Scenario, plan: Money) -> None:
    """Taking a tenth of the last year's money from any line and track (or rung) that decides it is felt, and the
    last year's money is spread much as that of the year before."""
    before, last = (plan.spend[:, n] / plan.spend[:, n].sum() for n in (-2, -1))
    assert np.abs(last - before).sum() / 2 < 0.15, "share of money that moves between lines in the last year"
    whole = float(simulate(world, plan).objective)
    for name, cell in cells(plan):
        poorer = Money(*(getattr(plan, track).copy() for track in ("strategic", "substitution", "exchange")))
        part = getattr(poorer, name)
        if part[cell] > 0.25 and not (name == "exchange" and forced(world, plan, cell[0])):
            loss = 0.1 * part[cell]
            part[cell] -= loss
            assert (whole - float(simulate(world, poorer).objective)) / loss > 1e-3, (name, world.lines[cell[0]].id)


def cells(plan: Money) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Every entry of the last planned year."""
    for name in ("strategic", "substitution", "exchange"):
        part = getattr(plan, name)
        for index in np.ndindex(part.shape[:-1]):
            yield name, (*index, -1)


def forced(world: Scenario, plan: Money, i: int) -> bool:
    """Whether the quadrant's floor alone holds a line's exchange up in the last year."""
    rule = next(rule for rule in world.quadrants if rule.id == quadrant(world, i))
    return bool(plan.exchange[i, -1] <= rule.min_exchange * plan.spend[i, -1] * 1.001)


def test_controls_lower_and_detente_raises_national_security() -> None:
    low, middle, high = (solved(name) for name in ("sanctions-escalation", "baseline", "detente-window"))
    assert low.bound < middle.objective
    assert middle.bound < high.objective


@pytest.mark.long
def test_order_of_the_other_scenarios() -> None:
    middle = solved("baseline")
    for name in ("budget-squeeze", "autarky"):
        assert solved(name).bound < middle.objective, name
    for name in ("crash-programme", "open-cooperation"):
        assert solved(name).objective > middle.bound, name


def test_loss_and_lead_react_to_controls() -> None:
    base, tight = (trajectory(name) for name in ("baseline", "sanctions-escalation"))
    assert 0 < base.loss[0] == approx(float(tight.loss[0]))
    assert (tight.loss[2:] > base.loss[2:]).all()


def trajectory(name: str) -> Trajectory:
    money = solved(name).money
    assert money is not None
    return simulate(scenario(name), money)
