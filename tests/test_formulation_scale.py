"""Least scale: a line spends at least its efficient scale in every year of a plan, or nothing."""

import numpy as np
import pytest
from equations import Equations, case, expect
from pytest import approx
from worlds import tiny

from kctopt.scenario.limits import most_spend

SCALE = {"lines__0__min_scale": 8.0}


def test_two_plans_by_hand() -> None:
    rules = Equations(tiny(**SCALE))
    for on, spend, least, rest in (
        (1.0, 8.0, 0.0, 9.0),
        (1.0, 7.0, -1.0, 10.0),
        (0.0, 0.0, 0.0, 0.0),
        (0.0, 1.0, 1.0, -1.0),
    ):
        state = {"on": {"chips-B,2026-27": on}, "spend": {"chips-B,2026": spend}}
        assert rules.slack("scale.minimum[chips-B,2026]", **state) == approx(least)
        assert rules.slack("scale.off[chips-B,2026]", **state) == approx(rest)  # it may spend 17 at most
    # the other plan has a decision of its own
    state = {"on": {"chips-B,2026-27": 1.0}, "spend": {"chips-B,2028": 8.0}}
    assert rules.slack("scale.off[chips-B,2028]", **state) == approx(-8.0)


def test_what_data_decide() -> None:
    def choices(**overrides: float) -> list[tuple[float, float]]:
        c = Equations(tiny(**SCALE | overrides)).compiled
        on = c.slots["scale.on"]
        return list(zip(c.column_lower[on], c.column_upper[on], strict=True))

    assert choices() == [(0, 1), (0, 1)]
    assert choices(lines__0__floor=1.0) == [(1, 1), (1, 1)]  # never off
    assert choices(lines__0__min_scale=20.0) == [(0, 0), (0, 1)]  # 17 in the first year, 43 in the third
    assert choices(lines__0__cap=7.0) == [(0, 0), (0, 0)]


def test_equations() -> None:
    expect(
        "scale",
        case("a line with a least scale", "scale.on[chips-B,2026-27]", "scale.minimum[chips-B,2026]",
             "scale.minimum[chips-B,2029]", "scale.off[chips-B,2026]", "scale.off[chips-B,2029]", **SCALE),
        case("more than its money in the first plan", "scale.on[chips-B,2026-27]", "scale.on[chips-B,2028-29]",
             lines__0__min_scale=20.0),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_spend_is_off_or_at_scale_and_no_money_is_kept_from_a_line_that_runs(seed: int) -> None:
    scenario = tiny(**SCALE)
    rules, rng = Equations(scenario), np.random.default_rng(seed)
    most = most_spend(scenario)[0]
    for on in np.ndindex(2, 2):
        spend = np.where(np.repeat(on, 2) == 1, rng.uniform(8.0, most), 0.0)
        for wrong in (None, *range(4)):
            paid = spend.copy()
            if wrong is not None:
                paid[wrong] = rng.uniform(0.5, 7.5)
            state = {"on": {f"chips-B,{plan}": float(o) for plan, o in zip(("2026-27", "2028-29"), on, strict=True)},
                     "spend": {f"chips-B,{2026 + n}": float(s) for n, s in enumerate(paid)}}  # fmt: skip
            names = [f"scale.{rule}[chips-B,{2026 + n}]" for rule in ("minimum", "off") for n in range(4)]
            broken = [name for name in names if rules.slack(name, **state) < -1e-9]
            assert len(broken) == (wrong is not None)
