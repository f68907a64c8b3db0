"""A sample of the metamorphic suite (`make metamorphic`), and that the suite would see a false bound."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from random import Random

import pytest
from metamorphic import chance, pairs, relations
from metamorphic.pairs import Answer, Count
from worlds import tiny

CHEAP = (2, 15, 20, 22, 23)  # scenarios without whole choices that are solved in half a second each


@pytest.mark.parametrize("relation", relations.RELATIONS, ids=lambda relation: relation.__name__)
def test_a_change_does_to_the_optimum_what_it_must(relation: relations.Relation) -> None:
    tried = 0
    for seed in CHEAP:
        tree = chance.draw(seed)
        other = relation(tree, Random(seed))
        if other is None:
            continue
        base, found = pairs.answer(tree), pairs.answer(other.tree, own=other.own)
        assert base is not None and found is not None, f"seed {seed} is refused"
        found = found.times(other.factor)
        assert not base.faults and not found.faults
        assert not pairs.broken(base, found, other.claim), (seed, other.note)
        tried += base.conclusive and found.conclusive
        if tried == 2:
            return
    if relation is not relations.option_removed:  # these scenarios have no programmes
        assert tried, "no pair was conclusive"


@pytest.mark.parametrize("seed", [1, 13, 25])
def test_random_scenarios_with_whole_choices_hold(seed: int) -> None:
    counts: dict[str, Count] = {}
    pairs.try_scenario(seed, counts, relations=0)
    assert not counts["scenario"].faults


def test_a_tree_is_not_changed_by_a_relation_and_a_seed_gives_the_same_tree() -> None:
    for seed in range(20):
        tree = chance.draw(seed)
        for relation in relations.RELATIONS:
            relation(tree, Random(seed))
        assert tree == chance.draw(seed)


def test_every_option_form_and_objective_is_drawn() -> None:
    drawn = {option for seed in range(120) for option in chance.options_of(chance.draw(seed))}
    assert drawn >= {
        "national_security", "min_budget", "earliest", "switching", "modes", "scale", "tranches", "programmes",
        "floor", "cap", "share", "target", "band", "nelson_phelps", "logistic", "none", *chance.KCT,
    }  # fmt: skip


def test_a_plan_above_the_other_sides_bound_is_a_fault() -> None:
    base, worse = Answer(10.0, 10.005, "optimal"), Answer(9.0, 9.005, "optimal")
    assert "better than the other side's bound" in pairs.broken(base, worse, "same")
    assert "better than the other side's bound" in pairs.broken(base, worse, "no worse")
    assert not pairs.broken(base, worse, "no better")
    assert pairs.broken(worse, base, "no better")
    assert pairs.broken(Answer(-inf, -inf, "infeasible"), base, "no better")
    assert not pairs.broken(base, replace(base, low=-inf), "same")


def test_an_answer_that_is_not_the_same_again_is_a_fault() -> None:
    once, again = Answer(10.0, 10.005, "optimal"), Answer(10.0, 10.004, "optimal")
    assert not pairs.broken(once, once, "identical")
    assert "then" in pairs.broken(once, again, "identical")
    assert not pairs.broken(once, again, "same")
    assert not pairs.broken(once, replace(again, quick=False), "identical")


def test_least_money_and_earliest_years_are_compared_the_right_way() -> None:
    result = pairs.kctopt.solve(tiny(), gap=1e-2)
    cheap = replace(result, objective=100.0, bound=99.9)
    assert pairs._interval(cheap, "min_budget") == Answer(-100.0, -99.9, "optimal")
    assert "better than its bound" in pairs._interval(replace(cheap, bound=100.1), "min_budget").faults[0]
    first = result.scenario.horizon.years[0]
    found = pairs._interval(replace(result, year=first, impossible_by=None), "earliest")
    assert found == Answer(-1, -1, "optimal") and found.conclusive
    late = pairs._interval(replace(result, year=first + 2, impossible_by=first), "earliest")
    assert (late.low, late.high, late.conclusive) == (-3, -2, False)
    (fault,) = pairs._interval(replace(result, year=first, impossible_by=first), "earliest").faults
    assert "proven impossible" in fault
    assert pairs.broken(late, found, "no better") and not pairs.broken(late, found, "no worse")


def test_refusing_what_may_not_harm_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "answer", lambda *given: None)
    for claim, faults in (("same", 1), ("no worse", 1), ("no better", 0)):
        count = Count()
        pairs._try("seed 1", Answer(1.0, 1.0, "optimal"), relations.Other({}, claim), count, 1.0)  # type: ignore[arg-type]
        assert (count.refused, len(count.faults)) == (1, faults)


def test_money_in_another_unit_touches_money_alone() -> None:
    tree = chance.draw(13)
    other = relations.in_units(
        pairs.Scenario.model_validate(tree), pairs.Scenario.model_validate(tree).model_dump(), 1e3
    )
    for n, line in enumerate(tree["lines"]):
        assert other["lines"][n]["spend"] == 1e3 * line["spend"]
        assert other["lines"][n]["capability"] == line["capability"]
    assert other["cooperation"]["change_cost"] == 1e3 * tree["cooperation"]["change_cost"]
    assert other["money"]["ramp_step"] == 1e3 * tree["money"]["ramp_step"]
    assert other["money"]["carry_share"] == tree["money"]["carry_share"]
