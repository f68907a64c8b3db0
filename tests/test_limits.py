"""Largest amounts that the rules leave: spend by ramps, caps and budgets, exchange by shares and exposure."""

import numpy as np
import pytest
from lawful_plans import random_money
from pytest import approx
from worlds import MODES, options, small, tiny

from kctopt.scenario.limits import exchange_shares, modes_to_choose, most_exchange, most_spend


def test_largest_spend_by_hand() -> None:
    # chips-B, 10 in 2025, grows by half and 2 a year: 17, 27.5, 43.25; then the budget of 60 and 6 carried in
    assert most_spend(tiny())[0] == approx([17.0, 27.5, 43.25, 66.0])
    assert most_spend(tiny(lines__0__cap=20.0))[0] == approx([17.0, 20.0, 20.0, 20.0])
    # 5 and 4 that others must get come off the budget
    assert most_spend(tiny(lines__1__floor=5.0, lines__2__floor=4.0))[0] == approx([17.0, 27.5, 43.25, 57.0])
    # where the budget is sought it bounds nothing
    assert most_spend(tiny(objective__kind="min_budget"))[0] == approx([17.0, 27.5, 43.25, 66.875])


def test_largest_exchange_by_hand() -> None:
    # managed: a fifth of 17 and 27.5; exposure of 5 allows 6.25 at a sensitivity of 0.8
    assert most_exchange(tiny(), None)[0] == approx([3.4, 5.5, 6.25, 6.25])
    scenario = tiny(modes=MODES, cooperation__choice="mask")
    _, guarded, opened = modes_to_choose(scenario)
    assert most_exchange(scenario, guarded)[0] == approx([3.4, 5.5, 6.25, 6.25])
    assert most_exchange(scenario, opened)[0] == approx([3.4, 25 / 6, 25 / 6, 25 / 6])


def test_shares_of_exchange_by_hand() -> None:
    lines = (0, 1, 2, 3)  # managed, barrier, widen, active
    assert [share.tolist() for share in exchange_shares(tiny(), None)] == [[0, 0, 0.1, 0], [0.2, 0.02, 0.6, 0.45]]
    wanted = {  # the modes allow 0.1, 0.3 and 0.6
        "mask": [[0.1, 0.02, 0.1, 0.1], [0.2, 0.02, 0.3, 0.3], [0.2, 0.02, 0.6, 0.45]],
        "free": [[0.1] * 4, [0.3] * 4, [0.6] * 4],
    }
    for choice, largest in wanted.items():
        scenario = tiny(modes=MODES, cooperation__choice=choice)
        found = [exchange_shares(scenario, mode) for mode in modes_to_choose(scenario)]
        assert [most[list(lines)].tolist() for _, most in found] == largest
        assert [least[2] for least, _ in found] == ([0.1] * 3 if choice == "mask" else [0.0] * 3)


@pytest.mark.parametrize("scenario", [tiny(), small(), options(), tiny(lines__2__floor=9.0)], ids=lambda s: s.name)
def test_no_money_within_the_rules_exceeds_them(scenario: object) -> None:
    spend = most_spend(scenario)  # type: ignore[arg-type]
    closest = np.zeros_like(spend)
    for seed in range(60):
        money = random_money(scenario, seed, unequal=1.0 + 6 * (seed % 3))  # type: ignore[arg-type]
        if scenario.lines[2].floor == 0 or (money.spend[2] >= scenario.lines[2].floor).all():  # type: ignore[attr-defined]
            assert (money.spend <= spend + 1e-9).all()
            closest = np.maximum(closest, money.spend / spend)
            if scenario.cooperation.choice == "none":  # type: ignore[attr-defined]
                assert (money.exchange <= most_exchange(scenario, None) + 1e-9).all()  # type: ignore[arg-type]
    assert closest[:, 0].max() == approx(1.0)
