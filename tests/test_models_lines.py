"""The model of named technologies: its tables follow from the seeds and from kct-2035 by the stated rules, its base
year is that of kct-2035, and its programmes can be run."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pytest import approx

from kctopt.rules import breaches
from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.load import load
from kctopt.scenario.options import Programme
from kctopt.scenario.records import TYPES, Line, Scenario
from kctopt.scenario.reviews import FAR, NEAR, REACH, review_years, thresholds, tranche_curves
from kctopt.scenario.select import MEMBER, quadrant
from kctopt.simulator import Choices, Money, simulate, to_base_plan

MODELS = Path(__file__).parents[1] / "models"
NAMES = ("lines-baseline", "lines-switching", "lines-race")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PEOPLE = 1 / 0.461  # thousand persons a bn: CNY 461,000 of R&D a person-year in 2023
SHARED = (
    "horizon", "budget", "money", "rungs", "knowledge", "substitution", "rival", "controls", "diffusion", "quadrants",
    "cut_off", "kct", "economy", "military", "security", "objective", "switching", "modes",
)  # fmt: skip


def seeds(model: str, name: str, key: str) -> dict[str, dict[str, str]]:
    with (MODELS / model / "sources" / f"{name}.csv").open(encoding="utf-8") as file:
        return {row[key]: row for row in csv.DictReader(file)}


@cache
def scenario(name: str) -> Scenario:
    return load(name).scenario


@pytest.fixture(scope="module")
def world() -> Scenario:
    return scenario("lines-baseline")


@pytest.fixture(scope="module")
def parent() -> Scenario:
    return scenario("baseline")


def by_id(world: Scenario) -> dict[str, Programme]:
    return {programme.id: programme for programme in world.programmes}


def cells(world: Scenario) -> Iterator[tuple[str, list[Line], str]]:
    """Domain, its lines and each type."""
    for domain in world.domains:
        for kind in TYPES:
            yield domain.id, [line for line in world.lines if line.domain == domain.id], kind


def mean(lines: list[Line], kind: str, field: str) -> float:
    """Mean of a field over lines, by weight and membership."""
    weights = np.array([line.weight * line.membership[kind] for line in lines])
    return float(weights @ [getattr(line, field) for line in lines] / weights.sum())


# --- names ---------------------------------------------------------------------------------------------------------


def test_size_and_labels(world: Scenario) -> None:
    assert len(world.lines) == 42
    assert 60 <= len(world.programmes) <= 100
    for entries in (world.lines, world.programmes, world.modes, world.domains):
        for entry in entries:
            assert CHINESE.search(entry.label.zh), entry.id
            assert entry.label.en, entry.id
            assert not CHINESE.search(entry.label.en), entry.id
        for language in ("en", "zh"):
            assert len({getattr(entry.label, language) for entry in entries}) == len(entries)


def test_technologies_that_the_paper_names_are_lines(world: Scenario) -> None:
    labels = " ".join(line.label.zh for line in world.lines)
    for name in (
        "光刻", "刻蚀", "薄膜沉积", "第三代半导体", "AI芯片", "算力基础设施", "AI+产业", "超导", "光量子", "金刚石自旋",
        "基因治疗", "细胞再生", "抗体偶联药物", "中医药", "钙钛矿叠层电池", "薄膜电池", "储能", "第四代核电",
        "可控核聚变", "防伪溯源", "通信混淆", "数字加密", "网络攻击溯源", "安全监控", "电池材料",
    ):  # fmt: skip
        assert name in labels


def test_memberships_overlap(world: Scenario) -> None:
    sums = [sum(line.membership.values()) for line in world.lines]
    several = [line for line in world.lines if sum(share > 0 for share in line.membership.values()) > 1]
    assert len(several) > len(world.lines) / 2
    assert min(sums) < 1 < max(sums), "rows need not sum to 1"


# --- the same world as kct-2035 ------------------------------------------------------------------------------------


def test_what_the_models_share_is_the_same(world: Scenario, parent: Scenario) -> None:
    for group in SHARED:
        assert getattr(world, group) == getattr(parent, group), group
    for field in ("sensitivity_threshold", "growth_threshold", "exposure_limit", "change_cost"):
        assert getattr(world.cooperation, field) == getattr(parent.cooperation, field), field
    assert [(one.id, one.weight) for one in world.domains] == [(one.id, one.weight) for one in parent.domains]


def test_capability_of_each_domain_and_type_is_that_of_the_parent(world: Scenario, parent: Scenario) -> None:
    cell = {line.id: line.capability for line in parent.lines}
    for domain, lines, kind in cells(world):
        assert mean(lines, kind, "capability") == approx(cell[f"{domain}-{kind}"], abs=1.0), (domain, kind)


def test_money_of_domains_and_types(world: Scenario, parent: Scenario) -> None:
    cell = {line.id: line.spend for line in parent.lines}
    for domain, lines, kind in cells(world):
        whole = sum(cell[f"{domain}-{one}"] for one in TYPES)
        assert sum(line.spend for line in lines) == approx(whole, abs=0.05)
        money = sum(line.spend * line.membership[kind] / sum(line.membership.values()) for line in lines)
        assert money == approx(cell[f"{domain}-{kind}"], rel=0.25), (domain, kind)


def test_national_values_of_the_base_year(world: Scenario, parent: Scenario) -> None:
    own, other = (simulate(one, to_base_plan(one)) for one in (world, parent))
    assert own.technology[0] == approx(100)
    for power, loss in ((own.economic, own.loss), (own.military, own.military_loss)):
        assert power[0] == approx(100 - loss[0])
    assert own.kct[0] == approx(float(other.kct[0]), rel=0.005)
    assert own.loss[0] == approx(float(other.loss[0]), rel=0.12)
    assert own.military_loss[0] == approx(float(other.military_loss[0]), rel=0.5)


def test_sensitivity_growth_and_rival_stay_near_the_parent(world: Scenario, parent: Scenario) -> None:
    cell = {line.id: line for line in parent.lines}
    for domain, lines, kind in cells(world):
        near = 0.3 if (domain, kind) == ("biotech", "S") else 0.21  # the paper opens public health (s.4.3)
        for field in ("sensitivity", "growth"):
            assert mean(lines, kind, field) == approx(getattr(cell[f"{domain}-{kind}"], field), abs=near), (
                domain,
                kind,
            )
        assert {line.rival_growth for line in lines} == {cell[f"{domain}-{kind}"].rival_growth}


# --- tables and their seeds ----------------------------------------------------------------------------------------


def test_lines_follow_their_scales(world: Scenario) -> None:
    domains, types = seeds("kct-2035", "domain_scales", "domain"), seeds("kct-2035", "type_scales", "type")
    scales = seeds("kct-lines", "line_scales", "line")
    assert list(scales) == [line.id for line in world.lines]
    for line in world.lines:
        own, total = scales[line.id], sum(line.membership.values())
        for field in ("sensitivity", "growth"):
            adjusted = sum(line.membership[kind] * float(types[kind][f"{field}_adjustment"]) for kind in TYPES) / total
            value = float(domains[line.domain][field]) + adjusted + float(own[f"{field}_adjustment"])
            assert getattr(line, field) == approx(min(1, max(0, value)), abs=0.0051), line.id
        money = 431.9 * float(domains[line.domain]["spend_share"]) * float(own["spend_share"])
        assert line.spend == approx(money, abs=0.006)
        share = own["efficient_share"]
        assert line.floor == approx(0 if share else line.spend / 2, abs=0.006)
        assert line.min_scale == approx(float(share or 0) * line.spend, abs=0.006)


def test_shares_of_the_base_year_follow_quadrant_and_parity(world: Scenario) -> None:
    exchange = seeds("kct-2035", "quadrant_exchange", "quadrant")
    for i, line in enumerate(world.lines):
        assert line.exchange_share == float(exchange[quadrant(world, i)]["exchange_share"])
        below = line.capability < 100
        assert line.substitution_share == (0.0 if not below else 0.08 if line.bottleneck >= MEMBER else 0.02)


def test_trends_without_a_figure_are_those_of_the_research_rule(world: Scenario, parent: Scenario) -> None:
    """Of the cells; where lines with figures decide one, the rule has the trend that its pillars give, which is 0."""
    decided = seeds("kct-2035", "cells", "cell")
    moving = {line.id: 0.0 if decided[line.id]["basis"] == "lines" else line.trend for line in parent.lines}
    for line in world.lines:
        if line.id not in seeds("kct-lines", "line_trends", "line"):
            parts = sum(line.membership[kind] * moving[f"{line.domain}-{kind}"] for kind in TYPES)
            expected = 0 if line.capability >= 150 else parts / sum(line.membership.values())
            assert line.trend == approx(expected, abs=0.00071), line.id


def test_exposure_and_spillovers_do_not_depend_on_the_cut(world: Scenario, parent: Scenario) -> None:
    for domain in world.domains:
        lines = [line for line in world.lines if line.domain == domain.id]
        assert sum(line.exposure_weight * line.bottleneck for line in lines) == approx(1, abs=0.001)
    assert world.spillovers == parent.spillovers


@pytest.mark.parametrize(
    ("line", "sector", "pillar"),
    [
        ("design-tools", "Semicon", "Chip Design and Tools"),
        ("data-resources", "AI", "Data"),
        ("quantum-sensing", "Quantum", "Quantum Sensing"),
        ("gene-editing", "Biotech", "Genetic Engineering"),
        ("agricultural-technology", "Biotech", "Agricultural Technology"),
    ],
)
def test_capability_of_lines_with_a_pillar(world: Scenario, line: str, sector: str, pillar: str) -> None:
    with (MODELS / "kct-2035" / "sources" / "belfer_pillars.csv").open(encoding="utf-8") as file:
        row = next(row for row in csv.DictReader(file) if (row["sector"], row["pillar"]) == (sector, pillar))
    found = next(one.capability for one in world.lines if one.id == line)
    assert found == approx(100 * float(row["china"]) / float(row["united_states"]), abs=0.6)


# --- the base year -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_yields_are_positive_with_stages_switching(name: str) -> None:
    assert scenario(name).stages == "switching"
    assert (calibrate(scenario(name)).yields > 0).all()


def test_base_spend_carries_every_line_along_its_trend_without_a_jump(world: Scenario) -> None:
    plan = to_base_plan(world)
    path = simulate(world, plan)
    ratio = path.usable / path.rival
    assert ratio[:, 1] - ratio[:, 0] == approx(np.array([line.trend for line in world.lines]), abs=1e-9)
    planned = path.usable[:, : len(world.horizon.years) + 1]
    steps = np.diff(planned, axis=1) / planned[:, :-1]
    assert np.abs(steps).max() < 0.18  # deposition moves by 17.2 % in the first year
    assert np.abs(np.diff(steps, axis=1)).max() < 0.03
    assert breaches(world, plan) == []


def test_stages_of_the_base_year(world: Scenario) -> None:
    stage = calibrate(world).stage
    assert [int((stage == one).sum()) for one in (FAR, REACH, NEAR)] == [10, 7, 25]


def test_nine_lines_can_switch(world: Scenario) -> None:
    """With all the money that ramps allow and every programme of all lines, the other lines stay in their stage."""
    path, base = simulate(world, most(world), choices=Choices(routes=all_routes(world))), calibrate(world)
    before = [year - 1 - world.horizon.base_year for year in review_years(world)]
    far, near = thresholds(world)
    gap = path.gap[:, before]
    enters = (base.stage == FAR) & (gap <= far).any(axis=1)
    leaves = (base.stage == REACH) & (gap <= near).any(axis=1)
    stays = {"security-monitoring"}  # within reach, and even with all money never near
    assert {line.id for line, one in zip(world.lines, base.stage, strict=True) if one == REACH} - stays == {
        line.id for line, one in zip(world.lines, leaves, strict=True) if one
    }
    assert {line.id for line, one in zip(world.lines, enters, strict=True) if one} == {
        "etching", "communication-obfuscation",
    }  # fmt: skip


def most(world: Scenario) -> Money:
    """Each line's money as fast as ramps let it grow, without exchange."""
    plan, rule = to_base_plan(world), world.money
    factor = np.empty_like(plan.spend)
    spend = plan.spend[:, 0]
    for n in range(factor.shape[1]):
        spend = (1 + rule.ramp_growth) * spend + rule.ramp_step
        factor[:, n] = spend / plan.spend[:, n]
    return Money(plan.strategic * factor[:, None, :], plan.substitution * factor, 0 * plan.exchange)


def all_routes(world: Scenario) -> np.ndarray:
    """Every programme as early and with as many routes as it may."""
    years = world.horizon.years
    routes = np.zeros((len(world.programmes), len(years)), int)
    for k, programme in enumerate(world.programmes):
        routes[k, years.index(earliest(world, programme))] = programme.most_routes
    return routes


# --- options -------------------------------------------------------------------------------------------------------


def test_the_guarded_mode_is_the_base_year(world: Scenario) -> None:
    modes = {mode.id: mode for mode in world.modes}
    guarded = modes["guarded"]
    assert (guarded.exchange, guarded.exposure, guarded.market_gain) == (1, 1, 0)
    assert {domain.mode for domain in world.domains} == {"guarded"}
    assert max(line.exchange_share for line in world.lines) <= guarded.max_exchange
    for field in ("exchange", "max_exchange", "exposure"):
        assert getattr(modes["closed"], field) < getattr(guarded, field) < getattr(modes["open"], field)


def test_tranches_are_s_shaped_and_pass_through_the_base_year(world: Scenario) -> None:
    curves = tranche_curves(world)
    assert len(curves) == 3
    for upto, effect in curves.values():
        slope = np.diff(effect) / np.diff(upto)
        assert np.interp(1.0, upto, effect) == approx(1)
        assert slope[0] < slope[1] > slope[2] > 0, "slow, then fast, then slow again"


def test_the_consortium_is_within_its_band_in_the_base_year(world: Scenario) -> None:
    policy = next(policy for policy in world.policies if policy.id == "equipment-consortium")
    assert policy.kind == "band"
    assert policy.lines == ("lithography", "etching", "deposition")
    base = calibrate(world)
    ratio = {line.id: base.capability[i] / base.rival[i, 0] for i, line in enumerate(world.lines)}
    inside = [ratio[line] for line in policy.lines]
    assert max(inside) - min(inside) < policy.width


# --- programmes ----------------------------------------------------------------------------------------------------


def earliest(world: Scenario, programme: Programme) -> int:
    """First year in which a programme can start, its prerequisites as early as they can."""
    known = by_id(world)
    ends = [earliest(world, known[name]) + known[name].duration for name in programme.required]
    return max([programme.first_start, *ends])


@pytest.mark.parametrize("name", NAMES)
def test_every_programme_can_run(name: str) -> None:
    world = scenario(name)
    known, lines = by_id(world), {line.id for line in world.lines}
    for one in world.programmes:
        assert one.line in lines, one.id
        assert earliest(world, one) <= one.last_start, one.id
        assert one.last_start + one.duration - 1 <= world.horizon.last_year, one.id
        assert all(cost > 0 for cost in one.costs), one.id
        assert sum(one.costs) == approx(sum(getattr(one, f"cost_{year}") for year in range(1, 11))), (
            "cost after the end"
        )
        assert all(one.id in known[other].excluded for other in one.excluded), one.id
        assert (one.deadline is None) == (one.reward == 0), one.id
        assert one.deadline is None or earliest(world, one) + one.duration - 1 <= one.deadline, one.id
        assert (one.mode == "horse_race") == (one.routes > 1), one.id


def test_every_line_has_a_programme(world: Scenario) -> None:
    assert {programme.line for programme in world.programmes} == {line.id for line in world.lines}


def test_only_part_of_the_programmes_can_be_bought(world: Scenario) -> None:
    totals = np.array([sum(one.costs) for one in world.programmes])
    budget = world.budget.at(np.array(world.horizon.years)).sum()
    assert 0.15 < totals.sum() / budget < 0.25
    assert 2 <= np.median(totals) <= 15
    gains = np.array([one.gain for one in world.programmes])
    assert gains.min() >= 2
    assert gains.max() <= 12
    limit = world.catalogue.researchers
    assert limit is not None
    people = sum(one.researchers * one.duration for one in world.programmes)
    assert people > 1.1 * limit.at(np.array(world.horizon.years)).sum()


def test_researchers_follow_cost(world: Scenario) -> None:
    for one in world.programmes:
        most = PEOPLE * sum(one.costs) / one.duration
        shares = one.researchers / most
        assert min(abs(shares - share) for share in (0.9, 0.6, 0.35)) * most < 0.06, one.id


def test_three_routes_of_quantum_computing_race_and_one_machine_is_built(world: Scenario) -> None:
    known = by_id(world)
    routes = ("superconducting", "photonic", "diamond")
    for route in routes:
        race, machine = known[f"race-{route}"], known[f"machine-{route}"]
        assert race.mode == "horse_race"
        assert machine.required == (race.id,)
        assert set(machine.excluded) == {f"machine-{other}" for other in routes if other != route}
    assert len({known[f"race-{route}"].line for route in routes}) == 3


def test_equipment_is_developed_together(world: Scenario) -> None:
    known = by_id(world)
    lines = {known[name].line for name in known["joint-pilot-line"].required}
    assert lines == {"lithography", "etching", "deposition"}


def test_the_race_is_earlier_and_richer() -> None:
    before, after = (by_id(scenario(name)) for name in ("lines-baseline", "lines-race"))
    for name, one in before.items():
        if name.startswith("race-"):
            assert after[name].routes > one.routes
        if name.startswith(("race-", "machine-")):
            assert after[name].reward >= 2 * one.reward
            assert after[name].deadline is not None
            assert one.deadline is not None
            assert after[name].deadline < one.deadline
