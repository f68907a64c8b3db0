"""The story of the baseline and of the other bundled scenarios: each sentence rests on a law or a figure.

A change of a law or of a figure that turns one of these sentences round is a finding: say so on the page on
calibration.
"""

from __future__ import annotations

import functools

import numpy as np
import pytest
from bundled import scenario, solved
from pytest import approx

import kctopt
from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.records import Scenario
from kctopt.scenario.select import quadrant
from kctopt.simulator import Trajectory, simulate, to_base_plan

GAP = 1e-4


@functools.cache
def path(name: str) -> Trajectory:
    outcome = solved(name, GAP)
    assert outcome.money is not None
    return simulate(scenario(name), outcome.money, choices=outcome.choices)


def spend(name: str) -> np.ndarray:
    """Spend of lines by planned year, (lines, years)."""
    money = solved(name, GAP).money
    assert money is not None
    return np.asarray(money.spend)


def substituted(name: str) -> np.ndarray:
    money = solved(name, GAP).money
    assert money is not None
    return np.asarray(money.substitution)


def lines(world: Scenario, **fields: str) -> np.ndarray:
    """Positions of the lines of a domain or of a type."""
    members = {"B": "bottleneck", "A": "accelerator", "M": "moat", "S": "security"}
    chosen = [
        fields.get("domain", line.domain) == line.domain
        and ("type" not in fields or getattr(line, members[fields["type"]]) >= 0.5)
        for line in world.lines
    ]
    return np.flatnonzero(chosen)


def by_quadrant(name: str) -> dict[str, np.ndarray]:
    """Share of exchange in the spend of the lines of each quadrant by year, (years,)."""
    world, money = scenario(name), solved(name, GAP).money
    assert money is not None
    own = np.array([quadrant(world, i) for i in range(len(world.lines))])
    return {
        q.id: money.exchange[own == q.id].sum(axis=0) / money.spend[own == q.id].sum(axis=0) for q in world.quadrants
    }


# --- where the money goes --------------------------------------------------------------------------------------------


def test_bottlenecks_gain_most_and_moats_give_way() -> None:
    """Weak links (kct.rho -1, weight 0.4 of bottlenecks): a third of the money, where it was a quarter in 2025."""
    world, money = scenario("baseline"), spend("baseline")
    base = np.array([line.spend for line in world.lines])
    share = {k: money[lines(world, type=k)].sum() / money.sum() for k in "BAMS"}
    before = {k: base[lines(world, type=k)].sum() / base.sum() for k in "BAMS"}
    assert share["B"] - before["B"] > 0.07
    assert before["M"] - share["M"] > 0.07
    assert abs(share["A"] - before["A"]) < 0.03 and abs(share["S"] - before["S"]) < 0.03


def test_semiconductors_stay_below_their_weight_and_others_above() -> None:
    """A line far behind at a flat trend is dear to raise (lines.trend 0.003 of semiconductors-B)."""
    world, money = scenario("baseline"), spend("baseline")
    beyond = {d.id: money[lines(world, domain=d.id)].sum() / money.sum() - d.weight for d in world.domains}
    assert beyond["semiconductors"] < -0.03
    assert all(beyond[d] > -0.01 for d in ("ai", "quantum", "biotech", "clean-energy"))


def test_most_lines_are_level_by_2035_but_no_choke_point_of_chips_or_ai() -> None:
    """Figures of 2025 decide: semiconductors-B stands at 9, ai-B at 37, ai-S at 20 of the rival's 100."""
    world, state = scenario("baseline"), path("baseline")
    ratio = (state.usable / state.rival)[:, : len(world.horizon.years) + 1]
    level = {line.id: bool(ratio[i, -1] >= 1) for i, line in enumerate(world.lines)}
    assert not any(level[name] for name in ("semiconductors-B", "ai-B", "ai-M", "ai-S"))
    assert all(level[name] for name in ("biotech-B", "biotech-S", "quantum-A", "clean-energy-S"))
    assert 0.14 < ratio[lines(world, domain="semiconductors", type="B"), -1].item() < 0.20


# --- emergency first, autonomy after ---------------------------------------------------------------------------------


def test_substitution_gives_way_to_strategic_work() -> None:
    """Substitutes lean on own capability and fill what is denied; money on them falls from a fifth to a tenth."""
    world = scenario("baseline")
    chips = lines(world, domain="semiconductors", type="B")
    share = (substituted("baseline")[chips] / spend("baseline")[chips]).ravel()
    assert 0.15 < share[0] < 0.30
    assert (np.diff(share[:6]) < 0).all()
    assert share[8] < 0.6 * share[0]
    ten_years = substituted("baseline")[chips].sum() / spend("baseline")[chips].sum()
    assert ten_years < 0.2  # of which it was 0.4 before own capability counted


def test_lines_ahead_replace_nothing() -> None:
    """Nothing is denied that a line does not lack (substitution.denied_ceiling)."""
    world = scenario("baseline")
    ahead = [i for i, line in enumerate(world.lines) if line.capability >= 100]
    assert len(ahead) >= 6
    assert (path("baseline").substitute[ahead] == 0).all()
    assert substituted("baseline")[ahead].sum() < 1e-3


def test_substitution_rises_when_controls_escalate() -> None:
    world = scenario("baseline")
    calm, tense = substituted("baseline").sum(), substituted("sanctions-escalation").sum()
    assert tense > 1.3 * calm
    chips = lines(world, domain="semiconductors", type="B")
    assert (path("sanctions-escalation").substitute[chips, 5:11] > path("baseline").substitute[chips, 5:11]).all()


# --- exchange --------------------------------------------------------------------------------------------------------


def test_exchange_goes_where_the_paper_says() -> None:
    """Growth pays, sensitivity exposes (market, quadrants): widen > active > managed > barrier, in every year."""
    share = by_quadrant("baseline")
    order = np.array([share[q] for q in ("widen", "active", "managed", "barrier")])
    assert (np.diff(order, axis=0) < 0).all()
    assert (share["widen"] > 1.15 * scenario("baseline").quadrants[0].min_exchange).all()


def test_what_may_be_exposed_decides_between_managed_and_active() -> None:
    """With three times the exposure managed lines, which are behind and learn, exchange more than the active one."""
    share = by_quadrant("open-cooperation")
    assert (share["managed"][:9] > share["active"][:9]).all()
    assert (share["widen"] > share["managed"])[2:].all()
    world, amounts = scenario("open-cooperation"), {}
    for name in ("baseline", "open-cooperation"):
        money = solved(name, GAP).money
        assert money is not None
        own = np.array([quadrant(world, i) for i in range(len(world.lines))]) == "managed"
        amounts[name] = money.exchange[own].sum()
    assert 3 * amounts["baseline"] < amounts["open-cooperation"]


def test_marginal_value_of_exchange_by_quadrant() -> None:
    """The market pays most for the next billion where exchange is held down, and least where it is free."""
    world, money = scenario("baseline"), solved("baseline", GAP).money
    assert money is not None
    gain = path("baseline").exchange_gain[:, : len(world.horizon.years)].sum(axis=1)
    marginal = world.cooperation.market_elasticity * gain / np.maximum(money.exchange.sum(axis=1), 1e-9)
    own = np.array([quadrant(world, i) for i in range(len(world.lines))])
    mean = {q: float(marginal[own == q].mean()) for q in ("widen", "active", "managed", "barrier")}
    assert mean["widen"] < mean["managed"]
    assert mean["active"] < mean["managed"]
    assert 0.05 < mean["widen"] < 0.3


def test_the_exchange_of_the_base_year_is_worth_what_fragmentation_of_trade_costs() -> None:
    """7 points of economic power, the upper end of 0.2 to 7 % (cooperation.market_output)."""
    assert calibrate(scenario("baseline")).market.sum() == approx(7.0, abs=0.1)


# --- controls and cut-off --------------------------------------------------------------------------------------------


def test_a_full_cut_off_costs_what_is_published() -> None:
    """Five points at full controls and the dependencies of the base year (cut_off.loss)."""
    world = scenario("baseline")
    base = calibrate(world)
    weight = np.array([line.exposure_weight * line.bottleneck for line in world.lines])
    sensitivity = np.array([line.sensitivity for line in world.lines])
    choked = world.cut_off.loss * (weight * sensitivity) @ base.gap / weight.sum()
    assert choked == approx(5.0, abs=0.05)


def test_a_cut_off_is_felt_by_both_powers() -> None:
    """In the year of full denial both powers fall; a quarter of what is denied comes back a year (cut_off.recovery)."""
    calm, struck = path("baseline"), path("denial-2030")
    at = 2030 - 2025
    for power in ("economic", "military"):
        lost = getattr(calm, power) - getattr(struck, power)
        assert lost[at] > 0.7
        assert 0.4 * lost[at] < lost[at + 1] < 0.6 * lost[at], "denied: 1, .75, .56, then the .5 of controls"
        assert 0 < lost[at + 2] < 0.3 * lost[at]
    assert struck.loss[at] == approx(4.0, abs=0.6)


def test_a_shock_never_pays() -> None:
    """What can be replaced follows the controls: a shock opens nothing (substitution)."""
    assert solved("denial-2030", GAP).objective < solved("baseline", GAP).objective
    assert (
        path("denial-2030").security[5] < path("baseline").security[5] - 0.5
    )  # a year later half is back: controls again


# --- what the other scenarios are for --------------------------------------------------------------------------------


def test_sanctions_cost_and_detente_pays() -> None:
    worth = {name: solved(name, GAP).objective for name in ("baseline", "sanctions-escalation", "detente-window")}
    assert worth["sanctions-escalation"] < worth["baseline"] < worth["detente-window"]


def test_detente_uses_the_exposure_that_it_allows() -> None:
    """Twice the exposed exchange from 2026 to 2028, none of it left idle."""
    world, money = scenario("detente-window"), solved("detente-window", GAP).money
    assert money is not None
    part = np.maximum(0.0, np.array([line.sensitivity for line in world.lines]) - 0.5) / 0.5
    exposed = part @ money.exchange
    assert exposed[:3] == approx([6.0, 6.0, 6.0], rel=1e-3)
    assert exposed[3:] == approx([3.0] * 7, rel=1e-3)


def test_openness_and_autarky_stand_on_either_side_of_the_baseline() -> None:
    worth = {name: solved(name, GAP).objective for name in ("baseline", "open-cooperation", "autarky")}
    assert worth["autarky"] < worth["baseline"] < worth["open-cooperation"]
    state = path("autarky")
    assert state.market[1:].max() == approx(-calibrate(scenario("autarky")).market.sum(), rel=1e-9)


def test_a_squeezed_budget_buys_less_of_everything() -> None:
    assert solved("budget-squeeze", GAP).objective < solved("baseline", GAP).objective
    assert path("budget-squeeze").technology[10] < path("baseline").technology[10]


def test_a_crash_programme_comes_to_half_of_the_rival_but_for_chips() -> None:
    """Its soft target holds on four of five bottlenecks; semiconductors stop at a sixth whatever the price."""
    world, state = scenario("crash-programme"), path("crash-programme")
    short = dict(
        zip((world.lines[i].id for i in lines(world, type="B")), state.shortfall["chokepoints-2035"], strict=True)
    )
    assert {line for line, missing in short.items() if missing > 1e-3} == {"semiconductors-B"}
    assert 0.25 < short["semiconductors-B"] < 0.4


def test_stages_that_switch_cost_exchange() -> None:
    """The switching plan exchanges within reach alone."""
    world, money = scenario("switching"), solved("switching", 3e-3).money
    assert money is not None
    outside = path_of_stages() != 1
    assert money.exchange[outside[:, 1 : len(world.horizon.years) + 1]].max() < 1e-6


def path_of_stages() -> np.ndarray:
    outcome, world = solved("switching", 3e-3), scenario("switching")
    assert outcome.money is not None
    return np.asarray(simulate(world, outcome.money, choices=outcome.choices).stage)


@pytest.mark.long
def test_the_last_plan_is_that_of_a_longer_horizon() -> None:
    """The end value (objective.end_years, horizon.tail) leaves little elsewhere than to 2050, two years more less."""
    plans = slice(0, 5), slice(5, 10), slice(9, 10)
    for name, most in (("baseline", (0.01, 0.03, 0.15)), ("further", (0.007, 0.015, 0.06))):
        assert all(np.array([elsewhere(name, plan) for plan in plans]) < most), name


def elsewhere(name: str, plan: slice) -> float:
    """Share of a plan's money that stands elsewhere than in the plan to 2050."""
    near, far = of_tracks(name)[:, plan].sum(axis=1), of_tracks("horizon-2050")[:, plan].sum(axis=1)
    return float(np.abs(near - far).sum() / 2 / far.sum())


@functools.cache
def of_tracks(name: str) -> np.ndarray:
    """Money of 2026-35 by line, track and rung, (cells, years); `further` is planned two years further."""
    if name == "further":
        budget = scenario("horizon-2050").budget.at(np.arange(2025, 2038))
        changes = {"horizon.last_year": 2037, "budget": dict(zip(range(2025, 2038), budget.tolist(), strict=True))}
        money = kctopt.solve("horizon-2050", set=changes, gap=GAP).money
    else:
        money = solved(name, GAP).money
    assert money is not None
    return np.concatenate([money.strategic.reshape(-1, money.exchange.shape[1]), money.substitution, money.exchange])


# --- named technologies, whose plans take minutes: what their intents say of any plan --------------------------------


def test_tighter_controls_bring_lines_near_earlier_and_close_their_exchange() -> None:
    """Thresholds move with controls (switching.near_control): with 2025's shares of money two lines pass in 2029."""
    stage = {}
    for name in ("lines-baseline", "lines-switching"):
        world = scenario(name)
        stage[name] = np.asarray(simulate(world, to_base_plan(world)).stage)[:, : len(world.horizon.years) + 1]
    ids = [line.id for line in scenario("lines-baseline").lines]
    passed = (stage["lines-switching"] == 2) & (stage["lines-baseline"] == 1)
    assert {ids[i] for i in np.flatnonzero(passed.any(axis=1))} == {"public-health", "fusion"}
    assert passed[:, 4:].any(axis=1).sum() == 2 and not passed[:, :4].any()
    assert (stage["lines-switching"] >= stage["lines-baseline"]).all()


def test_every_discrete_decision_is_open_on_named_technologies_and_the_band_is_kept() -> None:
    """Reviews of stages, programmes with routes, modes; and the consortium stands .18 apart in 2025 (codevelopment)."""
    world = scenario("lines-baseline")
    assert world.stages == "switching" and world.cooperation.choice == "mask" and len(world.programmes) > 50
    (band,) = world.policies
    level = {line.id: line.capability / 100 for line in world.lines}
    apart = max(level[name] for name in band.lines) - min(level[name] for name in band.lines)
    assert apart == approx(0.18, abs=0.01) and apart < band.width


def test_a_race_of_more_teams_pays_at_the_same_odds_of_a_team() -> None:
    """Three more chances in ten (1 - (1 - p)^n), twice the reward, a year or two less (programmes)."""
    before, after = ({p.id: p for p in scenario(name).programmes} for name in ("lines-baseline", "lines-race"))
    races = [name for name in before if before[name] != after[name]]
    assert len(races) == 6 and all(name.startswith(("race-", "machine-")) for name in races)
    for name in races:
        old, new = before[name], after[name]
        chance = [1 - (1 - p.success) ** p.routes for p in (old, new)]
        assert new.reward >= 2 * old.reward and old.deadline - 2 <= new.deadline < old.deadline
        assert new.success == old.success
        assert chance[1] > chance[0] + 0.1 if name.startswith("race-") else chance[1] == chance[0]


@pytest.mark.long
def test_cooperation_is_open_where_growth_is_high_and_sensitivity_low() -> None:
    """Open clean energy and biotechnology; chips stay guarded, and security stays as it was (modes, quadrants)."""
    outcome, world = solved("modes", 1e-3), scenario("modes")
    names = [mode.id for mode in world.modes]
    chosen = {d.id: [names[m] for m in outcome.choices.mode[g]] for g, d in enumerate(world.domains)}
    assert chosen["clean-energy"] == chosen["biotech"] == ["open", "open"]
    assert all(chosen[domain] == ["guarded", "guarded"] for domain in ("semiconductors", "ai"))
    assert outcome.objective > solved("baseline", GAP).objective
