"""Programmes: discrete projects with starts, routes, prerequisites, exclusions, researchers and rewards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import pytest
from equations import Equations, case, expect
from mips import optimum
from projects import CATALOGUE, NEXT, RACE, row
from pyomo.environ import Block, ConcreteModel, Constraint, Objective, maximize, value
from pytest import approx
from worlds import MODES, tiny

from kctopt.formulation import programmes
from kctopt.scenario.options import Programme

YEARS = (2026, 2027, 2028, 2029)


def catalogue(*rows: dict[str, Any]) -> list[Programme]:
    return [Programme(**each) for each in rows]


def alone(own: Sequence[Programme], researchers: float | None = None, years: Sequence[int] = YEARS) -> Any:
    """The block on a model of its own."""
    model = ConcreteModel()
    model.programmes = Block()
    programmes.add_variables(model.programmes, own, years)
    limit = None if researchers is None else dict.fromkeys(years, researchers)
    programmes.add_constraints(model.programmes, own, years, limit)
    return model


Run = tuple[int, int] | None  # first year and routes of a programme, None when it is not run


def set_runs(model: Any, runs: dict[str, Run]) -> None:
    for (k, start, routes), run in model.programmes.start.items():
        run.value = int(runs.get(k) == (start, routes))


def kept(model: Any) -> bool:
    """Whether the runs set keep every rule of the block."""
    return all(
        each.lslack() >= -1e-9 and each.uslack() >= -1e-9
        for each in model.component_data_objects(Constraint, active=True)
    )


def test_a_race_of_two_routes_over_two_years_by_hand() -> None:
    own = catalogue(*CATALOGUE)
    model = alone(own, researchers=3.0)
    set_runs(model, {"race": (2027, 2)})
    # two routes at 2, then at 3; 1 - 0.5^2 = 0.75 of 8 points at the end of 2028; done by the deadline, 0.75 of 4
    costs = [value(programmes.cost(model.programmes, own, t)) for t in YEARS]
    gains = [value(programmes.gain(model.programmes, own, "chips-S", "F", t)) for t in YEARS]
    assert costs == approx([0, 4, 6, 0])
    assert gains == approx([0, 0, 6, 0])
    assert value(programmes.reward(model.programmes, own)) == approx(3)
    # 2 x 1.5 thousand researchers are all there are; with the third route they are too few
    assert kept(model)
    set_runs(model, {"race": (2027, 3)})
    assert not kept(model)


def test_the_same_in_the_program_of_a_scenario() -> None:
    rules = Equations(tiny(programmes=CATALOGUE, catalogue={"researchers": {2026: 3.0, 2029: 6.0}}))
    both = {"start": {"race,2026,2": 1, "prior,2027,1": 1}}
    # 2026: 3 of 3; 2027: 2 x 1.5 and 1.5 of 4
    assert rules.slack("programmes.researchers[2026]", **both) == approx(0)
    assert rules.slack("programmes.researchers[2027]", **both) == approx(-0.5)
    # 0.75 x 4 for the race, 0.8 for the prior
    assert rules.compiled.objective(rules.at(**both)) == approx(3.8)
    # the budget of 2027 pays two routes 3 each and the prior 2: of 60 it leaves 52
    state = both | {"available": {"2027": 60.0}, "spend": {"ai-A,2027": 52.0}}
    assert rules.slack("money.budget[2027]", **state) == approx(0)
    # both end in 2027 and add 0.75 x 8 and 0.8 x 2 to what is left of a stock of 75
    state = both | {"stock": {"chips-S,F,2026": 75.0, "chips-S,F,2027": 0.8 * 75 + 6 + 1.6}}
    assert rules.slack("ladder.accumulation[chips-S,F,2027]", **state) == approx(0)


def test_equations() -> None:
    expect(
        "programmes",
        case("rules of the catalogue", "programmes.start[race,2026,2]", "programmes.once[race]",
             "programmes.requires[next,prior,2027]", "programmes.requires[next,prior,2028]",
             "programmes.excludes[next,race]", "programmes.researchers[2027]",
             programmes=CATALOGUE, catalogue={"researchers": 3.0}),
        case("cost in the budget, gain in the stock, reward in the objective", "money.budget[2027]",
             "ladder.accumulation[chips-S,F,2026]", "ladder.accumulation[chips-S,F,2027]",
             "ladder.accumulation[ai-A,P,2029]", "ladder.accumulation[chips-S,F,2030]", "objective.value",
             programmes=CATALOGUE),
        case("programmes and changes of cooperation mode in one budget", "money.budget[2028]", programmes=CATALOGUE,
             modes=MODES, cooperation__choice="mask", cooperation__change_cost=0.5),
    )  # fmt: skip


@pytest.mark.parametrize("success", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("duration", [1, 2, 4])
def test_a_programme_adds_its_expected_gain_once_at_the_end_of_its_last_year(success: float, duration: int) -> None:
    own = catalogue(RACE | {"success": success, "duration": duration, "last_start": 2029})
    model = alone(own)
    for start, routes in programmes.ways(own[0], YEARS):
        set_runs(model, {"race": (start, routes)})
        found = {
            (i, r, t): value(programmes.gain(model.programmes, own, i, r, t))
            for i, r, t in product(("chips-S", "chips-B"), "FPR", YEARS)
        }
        end = ("chips-S", "F", start + duration - 1)
        assert found.pop(end) == approx(8 * (1 - (1 - success) ** routes))
        assert set(found.values()) == {0}


def test_it_ends_within_the_plan_and_starts_in_its_window() -> None:
    assert programmes.ways(*catalogue(RACE), YEARS) == list(product((2026, 2027, 2028), (1, 2, 3)))
    assert programmes.ways(*catalogue(RACE | {"duration": 3}), YEARS) == list(product((2026, 2027), (1, 2, 3)))
    assert programmes.ways(*catalogue(RACE | {"mode": "open_bid", "first_start": 2028}), YEARS) == [(2028, 1)]
    assert programmes.ways(*catalogue(RACE | {"duration": 5}), YEARS) == []


def test_an_open_bid_has_one_team() -> None:
    model = alone(catalogue(RACE | {"mode": "open_bid"}))
    assert {routes for _, _, routes in model.programmes.start} == {1}


@pytest.mark.parametrize(("deadline", "rewarded"), [(2026, []), (2027, [2026]), (2028, [2026, 2027]), (None, None)])
def test_a_reward_is_earned_by_the_deadline_only(deadline: int | None, rewarded: list[int] | None) -> None:
    own = catalogue(RACE | {"deadline": deadline})
    model = alone(own)
    for start, routes in programmes.ways(own[0], YEARS):
        set_runs(model, {"race": (start, routes)})
        earned = rewarded is None or start in rewarded
        assert value(programmes.reward(model.programmes, own)) == approx(earned * 4 * (1 - 0.5**routes))


def follows_the_rules(own: Sequence[Programme], runs: dict[str, Run], researchers: float) -> bool:
    """The rules in plain words, for comparison."""
    by_id = {one.id: one for one in own}
    for one in own:
        run = runs[one.id]
        if run is None:
            continue
        for other in one.required:
            before = runs[other]
            if before is None or before[0] + by_id[other].duration > run[0]:
                return False
        if any(runs[other] is not None for other in one.excluded):
            return False
    for year in YEARS:
        running = [(by_id[k], run) for k, run in runs.items() if run and run[0] <= year < run[0] + by_id[k].duration]
        if sum(one.researchers * run[1] for one, run in running) > researchers:
            return False
    return True


def every_plan(own: Sequence[Programme]) -> Iterator[dict[str, Run]]:
    for runs in product(*([None, *programmes.ways(one, YEARS)] for one in own)):
        yield dict(zip([one.id for one in own], runs, strict=True))


CHAIN = [
    row("a", mode="horse_race", routes=2, first_start=2025),
    row("b", duration=1, requires="a", last_start=2030, researchers=0.0),
    row("c", requires="a;b", excludes="d", first_start=2027, researchers=2.0),
    row("d", duration=3, requires="", excludes="c", last_start=2026, researchers=1.0),
]


@pytest.mark.parametrize("researchers", [1.5, 3.0, 9.0])
def test_the_rows_allow_exactly_the_plans_that_keep_the_rules(researchers: float) -> None:
    own = catalogue(*CHAIN)
    model = alone(own, researchers)
    allowed = 0
    for runs in every_plan(own):
        set_runs(model, runs)
        assert kept(model) == follows_the_rules(own, runs, researchers), runs
        allowed += kept(model)
    assert 2 < allowed < len(list(every_plan(own)))


def test_the_best_plan_is_that_of_trying_all() -> None:
    own = catalogue(*(each | {"reward": 2.0 + n, "success": 0.6} for n, each in enumerate(CHAIN)))
    budget = 5.0

    def worth(runs: dict[str, Run]) -> float:
        return sum(one.reward * one.chance(run[1]) for one in own if (run := runs[one.id]))

    def affordable(runs: dict[str, Run]) -> bool:
        return all(sum(one.costs[t - run[0]] * run[1] for one in own if (run := runs[one.id])
                       and run[0] <= t < run[0] + one.duration) <= budget for t in YEARS)  # fmt: skip

    model = alone(own, 3.0)
    model.budget = Constraint(YEARS, rule=lambda m, t: programmes.cost(m.programmes, own, t) <= budget)
    model.best = Objective(expr=programmes.reward(model.programmes, own), sense=maximize)
    tried = [worth(runs) for runs in every_plan(own) if follows_the_rules(own, runs, 3.0) and affordable(runs)]
    assert optimum(model) == approx(max(tried))


def test_what_requires_an_impossible_programme_never_runs() -> None:
    own = catalogue(RACE | {"duration": 9, "excludes": "next"}, NEXT | {"requires": "race"})
    model = alone(own)
    assert {k for k, _, _ in model.programmes.start} == {"next"}
    set_runs(model, {})
    assert kept(model)
    set_runs(model, {"next": (2027, 1)})
    assert not kept(model)


def test_an_empty_catalogue_adds_nothing() -> None:
    model = alone([])
    assert not list(model.programmes.component_objects())
    assert programmes.cost(model.programmes, [], 2026) == 0
    assert programmes.gain(model.programmes, [], "chips-S", "F", 2026) == 0
    assert programmes.reward(model.programmes, []) == 0


@pytest.mark.parametrize("field", ["requires", "excludes"])
def test_names_that_the_catalogue_does_not_hold_are_refused(field: str) -> None:
    with pytest.raises(ValueError, match="programme race names gone, which the catalogue does not hold"):
        alone(catalogue(RACE | {field: "gone"}))


def test_two_programmes_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="two programmes have the id race"):
        alone(catalogue(RACE, RACE | {"gain": 1.0}))
