"""What explains a change: groups of inputs, scenarios in between, parts that sum to the whole."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from worlds import small, tiny

import kctopt
from kctopt import Result
from kctopt.comparison import attribution
from kctopt.comparison.attribution import attribute, planned
from kctopt.comparison.certified import CertifiedValue, Values
from kctopt.comparison.groups import between, groups
from kctopt.errors import Infeasible, ScenarioErrors, UsageError
from kctopt.progress import Progress
from kctopt.result.folder import sha256
from kctopt.scenario.records import Scenario

CHANGES: dict[str, Any] = {
    "budget": 66.0,
    "controls__intensity": 0.7,
    "policies": [{"id": "moats", "kind": "floor", "type": "M", "amount": 14.0, "years": "2027-2029"}],
}


@pytest.fixture(scope="module")
def pair() -> tuple[Result, Result]:
    return kctopt.solve(tiny()), kctopt.solve(tiny(**CHANGES))


def test_groups_are_named_as_users_speak_of_them() -> None:
    base = tiny(policies=[{"id": "old", "kind": "cap", "amount": 99.0}])
    other = tiny(**CHANGES, lines__0__growth=0.9, lines__1__growth=0.3, label={"en": "x", "zh": "x"}, intent="x")
    assert groups(base, other) == (
        "budget", "lines[domain=chips].growth", "controls", "policies[old]", "policies[moats]",
    )  # fmt: skip
    assert groups(tiny(), small())[-1] == "kct"
    assert "lines" in groups(tiny(), small())
    assert groups(tiny(), tiny(name="other", model="other")) == ()


def test_scenarios_in_between_change_what_is_chosen_alone() -> None:
    base = tiny(policies=[{"id": "old", "kind": "cap", "amount": 99.0}])
    other = tiny(**CHANGES, lines__0__growth=0.9)
    names = groups(base, other)
    assert between(base, other, ()) == base
    assert groups(between(base, other, names), other) == ()
    some = between(base, other, ["policies[old]", "lines[domain=chips].growth"])
    assert (some.budget, some.policies, some.lines[0].growth) == (base.budget, (), 0.9)
    assert groups(base, some) == ("lines[domain=chips].growth", "policies[old]")


def test_inputs_that_do_not_fit_together_are_faults() -> None:
    base, other = tiny(lines__0__floor=5.0), tiny(lines__0__floor=0.0, lines__0__cap=3.0)
    with pytest.raises(ScenarioErrors, match="floor 5 lies above cap 3"):
        between(base, other, ["lines[domain=chips].cap"])


@pytest.mark.long
def test_parts_sum_to_the_whole_and_are_the_mean_over_all_orders(pair: tuple[Result, Result]) -> None:
    base, other = pair
    found = attribute(base, other)
    assert base.objective is not None and other.objective is not None
    whole = other.objective - base.objective
    assert found.whole == pytest.approx(whole)
    assert sum(part.explained for part in found.parts) == pytest.approx(whole, abs=1e-9)
    assert sum(part.security for part in found.parts) == pytest.approx(found.whole_security, abs=1e-9)
    assert sum(part.percent or 0.0 for part in found.parts) == pytest.approx(100.0)
    assert (found.solves, found.orders) == (6, None)
    by_hand = brute_force(base.scenario, other.scenario)
    for part in found.parts:
        assert part.low is not None and part.high is not None
        assert part.low <= part.explained <= part.high
        assert part.high - part.low < 4 * 1e-4 * 720  # at most four gaps of the values of which it is made
        assert part.low - 0.1 <= by_hand[part.group] <= part.high + 0.1  # its own solves are as far from the best
    explained = {part.group: part.explained for part in found.parts}
    assert explained["budget"] > 1 and explained["policies[moats]"] <= 0.15


def brute_force(base: Scenario, other: Scenario) -> dict[str, float]:
    """Mean over all orders of what each change brings, every scenario solved anew."""
    names = groups(base, other)
    values: dict[frozenset[str], float] = {}
    found = dict.fromkeys(names, 0.0)
    orders = list(permutations(names))
    for order in orders:
        for n, name in enumerate(order):
            ends = []
            for chosen in (frozenset(order[:n]), frozenset(order[: n + 1])):
                if chosen not in values:
                    objective = kctopt.solve(between(base, other, chosen)).objective
                    assert objective is not None
                    values[chosen] = objective
                ends.append(values[chosen])
            found[name] += (ends[1] - ends[0]) / len(orders)
    return found


def test_an_attribution_goes_on_where_it_stopped(
    pair: tuple[Result, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, other = pair
    seen: list[str] = []

    def count(now: Progress) -> None:
        if now.phase == "step":
            seen.append(now.task.rpartition(": ")[2])

    def stop(now: Progress) -> None:
        count(now)
        if seen[-1:] == ["solve 3 of 6"]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attribute(base, other, folder=tmp_path, progress=stop)
    assert seen == ["solve 1 of 6", "solve 2 of 6", "solve 3 of 6"]
    assert len(list(tmp_path.iterdir())) == 2
    next(tmp_path.iterdir()).write_text("{half", encoding="utf-8")  # is solved again
    seen.clear()
    said: list[str] = []
    found = attribute(base, other, folder=tmp_path, progress=count, log=said.append)
    assert seen[0] == "solve 1 of 5"
    assert len(said) == 1 and said[0].endswith("cannot be read; it will not be used again")
    kept = json.loads(sorted(tmp_path.iterdir())[0].read_text(encoding="utf-8"))
    assert kept["with"].endswith("as in tiny") and kept["gap"] == 1e-4

    def never(*arguments: Any) -> None:
        raise AssertionError("everything is known")

    monkeypatch.setattr(Values, "_outcome", never)
    again = attribute(base, other, folder=tmp_path)
    assert [part.explained for part in again.parts] == [part.explained for part in found.parts]
    with pytest.raises(AssertionError, match="everything is known"):
        attribute(base, other, folder=tmp_path, gap=1e-5)  # a narrower gap needs new solves


def test_a_kept_value_that_was_changed_is_solved_again(pair: tuple[Result, Result], tmp_path: Path) -> None:
    other = pair[1].saved(tmp_path / "run")
    assert other.run_dir is not None
    kept = other.run_dir / "compare"
    first = attribute(pair[0], other, folder=kept)
    file = min(kept.iterdir())
    record = json.loads(file.read_text(encoding="utf-8"))
    assert record["run_sha256"] == sha256(other.run_dir / "run.json") and kctopt.verify(other.run_dir) == []
    record["value"]["objective"] += 1.0
    file.write_text(json.dumps(record), encoding="utf-8")
    told = f"compare/{file.name}: was changed after it was saved (its hash differs); it will not be used again"
    assert [str(one) for one in kctopt.verify(other.run_dir)] == [told]
    with pytest.warns(UserWarning, match="was changed after it was saved"):
        again = attribute(pair[0], other, folder=kept)
    assert [part.explained for part in again.parts] == pytest.approx([part.explained for part in first.parts], abs=1e-3)
    assert kctopt.verify(other.run_dir) == []


def test_one_change_explains_everything_without_a_solve(pair: tuple[Result, Result]) -> None:
    base = pair[0]
    other = kctopt.solve(tiny(budget=66.0))
    found = attribute(base, other)
    assert [(part.group, part.percent) for part in found.parts] == [("budget", pytest.approx(100.0))]
    assert found.solves == 0
    assert attribute(base, base).parts == ()


def test_a_scenario_in_between_without_a_plan_is_named() -> None:
    floor = {"id": "chips", "kind": "floor", "domain": "chips", "amount": 40.0}
    quick = kctopt.solve(tiny(policies=[floor], money__ramp_growth=1.5))
    slow = kctopt.solve(tiny(controls__intensity=0.5))
    assert quick.has_plan and slow.has_plan
    with pytest.raises(Infeasible, match=r"with (controls, )?money as in tiny no plan keeps all rules"):
        attribute(quick, slow)


def test_inputs_in_between_that_contradict_each_other_are_named() -> None:
    floor = {"id": "all", "kind": "floor", "amount": 58.0}
    rich = kctopt.solve(tiny(policies=[floor], budget=64.0))
    with pytest.raises(ScenarioErrors, match=r"tiny with budget: .* the budget has 52"):
        attribute(rich, kctopt.solve(tiny(budget=52.0)))


def test_an_earliest_year_is_not_attributed(pair: tuple[Result, Result]) -> None:
    aim = pair[0].scenario.objective.model_copy(update={"kind": "earliest"})
    early = replace(pair[0], scenario=pair[0].scenario.model_copy(update={"objective": aim}))
    with pytest.raises(UsageError, match="not earliest"):
        attribute(early, pair[1])


def test_beyond_eight_groups_orders_are_drawn_and_the_parts_still_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    names = tuple(f"g{n}" for n in range(9))
    plan = planned(names, pairs=5)
    assert len(plan.draws) == 5 and len(plan.subsets) <= 2 + 10 * 8
    sizes = {name: 2.0**n for n, name in enumerate(names)}

    def value(chosen: frozenset[str]) -> CertifiedValue:
        both = 3.0 if {"g0", "g1"} <= chosen else 0.0
        return CertifiedValue(sum(sizes[name] for name in chosen) + both, None, 0.0)

    values = {subset: value(subset) for subset in plan.subsets}
    parts = {name: attribution._part(name, plan, values, 514.0) for name in names}
    assert sum(part.explained for part in parts.values()) == pytest.approx(511 + 3)
    assert parts["g5"].explained == pytest.approx(32.0) and parts["g5"].error == pytest.approx(0.0, abs=1e-12)
    for name, own in (("g0", 1.0), ("g1", 2.0)):  # each order and its reverse: half of what they bring together
        assert parts[name].explained == pytest.approx(own + 1.5)
    assert parts["g0"].low is None  # no bound, no proven range


def test_the_error_of_drawn_orders_is_that_of_their_mean() -> None:
    names = tuple("abcdefghi")
    plan = planned(names, pairs=4)
    values = {subset: CertifiedValue(float(len(subset)) ** 2 * ("a" in subset), None, 0.0) for subset in plan.subsets}
    part = attribution._part("a", plan, values, 81.0)
    drawn = [sum(weight * values[subset].objective for subset, weight in draw["a"].items()) for draw in plan.draws]
    mean = sum(drawn) / 4
    assert part.explained == pytest.approx(mean)
    assert part.error == pytest.approx((sum((one - mean) ** 2 for one in drawn) / 3) ** 0.5 / 2)
