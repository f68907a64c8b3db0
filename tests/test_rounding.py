"""One rounding for all checks: what only arithmetic parts is no contradiction, what is one is told with its digits."""

from __future__ import annotations

from typing import Any

import pytest
from worlds import tiny

import kctopt
from kctopt.errors import ScenarioErrors
from kctopt.scenario.record import above, apart

UP = 1.1  # 100 * 1.1 is 110.00000000000001
AMOUNT = {"id": "f", "kind": "floor", "domain": "chips", "amount": 10.0}


def test_rounding_is_told_from_difference() -> None:
    assert 100 * UP > 110
    assert not above(100 * UP, 110)
    assert not above(0.1 + 0.2, 0.3)
    assert above(110 * (1 + 1e-11), 110)
    assert not above(1, 2)
    assert apart(110.0000001, 110) == ("110.0000001", "110")
    assert apart(2, 1) == ("2", "1")


@pytest.mark.parametrize(
    ("low", "high"),
    [("lines[chips-B].floor", "lines[chips-B].cap"), ("lines[chips-B].min_scale", "lines[chips-B].cap")],
)
def test_floor_and_scale_of_a_line_scaled_to_its_cap(low: str, high: str) -> None:
    scenario = kctopt.load(kctopt.load(tiny(), set={low: 12.5, high: 13.75}), scale={low: UP})
    line = scenario.lines[0]
    assert 12.5 * UP > 13.75
    assert line.cap == 13.75
    assert 13.75 in (line.floor, line.min_scale)  # what lay above by rounding is the cap itself
    with pytest.raises(ScenarioErrors, match=r"13\.7500001 lies above cap 13\.75\b"):
        kctopt.load(tiny(), set={low: 13.7500001, high: 13.75})


def test_the_scaled_floor_is_solved() -> None:
    plain = kctopt.load(tiny(), set={"lines[chips-B].floor": 12.5, "lines[chips-B].cap": 13.75})
    result = kctopt.solve(kctopt.load(plain, scale={"lines[chips-B].floor": UP}), gap=1e-3)
    assert (result.status, result.verified) == ("optimal", True)
    spend = result.allocation.query("line == 'chips-B'").groupby("year")["amount"].sum()
    assert spend.to_numpy() == pytest.approx(13.75, rel=1e-9)


@pytest.mark.parametrize("per", ["year", "total"])
def test_a_floor_scaled_to_the_cap_of_another_policy(per: str) -> None:
    cap = AMOUNT | {"id": "c", "kind": "cap", "amount": 13.75 if per == "year" else 110.0, "per": per}
    floor = AMOUNT | {"per": per, "amount": 12.5 if per == "year" else 100.0}
    scenario = kctopt.load(tiny(policies=[floor, cap]), scale={"policies[f].amount": UP})
    assert scenario.policies[0].amount > scenario.policies[1].amount
    result = kctopt.solve(scenario, gap=1e-3)
    assert (result.status, result.verified) == ("optimal", True)
    with pytest.raises(ScenarioErrors, match=r"floor \d+\.\d*01 lies above the cap of policy 'c'"):
        kctopt.load(tiny(policies=[floor, cap]), set={"policies[f].amount": cap["amount"] + 1e-4})


def test_a_floor_of_all_the_money_by_rounding() -> None:
    whole = {"id": "all", "kind": "floor", "amount": 50.0}
    scenario = kctopt.load(
        tiny(budget=55.0, policies=[whole], money__carry_share=0.0), scale={"policies[all].amount": UP}
    )
    assert scenario.policies[0].amount > 55.0
    result = kctopt.solve(scenario, gap=1e-3)
    assert (result.status, result.verified) == ("optimal", True)


@pytest.mark.parametrize(
    ("changes", "path", "value"),
    [
        ({"quadrants[widen].min_exchange": 0.1 + 0.2, "quadrants[widen].max_exchange": 0.3}, "quadrants", 0.3),
        ({"policies[s].min": 0.1 + 0.2, "policies[s].max": 0.3}, "policies", 0.3),
        ({"diffusion.near": 0.1 + 0.2, "diffusion.far": 0.3}, "diffusion", 0.3),
    ],
)
def test_shares_in_order_by_rounding(changes: dict[str, float], path: str, value: float) -> None:
    share = {"id": "s", "kind": "share", "domain": "chips", "min": 0.1}
    scenario = kctopt.load(tiny(policies=[share]), set=changes)
    found: Any = getattr(scenario, path)
    record = next((one for one in found if one.id in ("widen", "s")), None) if isinstance(found, tuple) else found
    assert {record.min_exchange, record.max_exchange} == {value} if path == "quadrants" else True
    assert {record.min, record.max} == {value} if path == "policies" else True
    assert {record.near, record.far} == {value} if path == "diffusion" else True
    larger = {name: 0.3000001 if given != value else given for name, given in changes.items()}
    with pytest.raises(ScenarioErrors, match=r"0\.3000001 lies above \w+ 0\.3\b"):
        kctopt.load(tiny(policies=[share]), set=larger)


def test_numbers_at_rounding_distance_from_their_limit_are_the_limit() -> None:
    tenths = kctopt.load(tiny(), set={"money.carry_share": 0.7})
    full = kctopt.load(kctopt.load(tenths, add={"money.carry_share": 0.2}), add={"money.carry_share": 0.1})
    assert pytest.approx(1, rel=1e-15) == 0.7 + 0.2 + 0.1
    assert full.money.carry_share <= 1
    floor = kctopt.load(tiny(), set={"lines[chips-B].floor": 0.3})
    for _ in range(3):
        floor = kctopt.load(floor, add={"lines[chips-B].floor": -0.1})
    assert 0.3 - 0.1 - 0.1 - 0.1 < 0
    assert floor.lines[0].floor == 0
    once = 1.0000000000000002
    assert once > 1
    assert kctopt.load(tiny(), set={"controls.intensity": {2026: once, 2029: -1e-17}}).controls.intensity.root == {
        2026: 1.0,
        2029: 0.0,
    }
    with pytest.raises(ScenarioErrors, match=r"is 1\.0000001; it must be at most 1\b"):
        kctopt.load(tiny(), set={"money.carry_share": 1.0000001})


def test_shares_that_leave_nothing_but_rounding() -> None:
    with pytest.raises(ScenarioErrors, match="nothing is left for strategic work"):
        kctopt.load(
            tiny(), set={"lines[chips-B].exchange_share": 0.9, "lines[chips-B].substitution_share": 0.1 - 1e-16}
        )


def test_effects_of_tranches_that_fall_by_rounding_are_level() -> None:
    steps = [
        {"line": "ai-A", "rung": "P", "upto": upto, "effect": effect}
        for upto, effect in ((0.5, 0.3), (1.0, 1.0), (1.5, 1.0 - 2.0**-53))
    ]
    assert kctopt.build(tiny(tranches=steps)).discrete
