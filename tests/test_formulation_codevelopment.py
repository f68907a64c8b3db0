"""Co-development: lines that stay within a band of each other."""

import pytest
from equations import Equations, case, expect
from projects import BAND
from pytest import approx
from worlds import tiny


def test_two_years_by_hand() -> None:
    rules = Equations(tiny(policies=[BAND]))
    # chips-B: R = 104.04 in 2027 and 106.1208 in 2028; C = 52.02 is 0.5. ai-M, R = 100: 75 is 0.75, 76 is 0.01 too much
    state = {"chips-B,2027": 52.02, "ai-M,2027": 75.0, "chips-B,2028": 53.0604, "ai-M,2028": 76.0}
    assert rules.slack("policies.together[ai-M,chips-B,2027]", capability=state) == approx(0)
    assert rules.slack("policies.together[ai-M,chips-B,2028]", capability=state) == approx(-0.01)
    # the other way round there is room
    assert rules.slack("policies.together[chips-B,ai-M,2027]", capability=state) == approx(0.5)


def test_equations() -> None:
    expect(
        "codevelopment",
        case("both directions, two rivals", "policies.together[chips-B,ai-M,2027]",
             "policies.together[ai-M,chips-B,2027]", policies=[BAND]),
    )  # fmt: skip


@pytest.mark.parametrize(("years", "count"), [("2027-2028", 2), ("2029", 1), ("", 4)])
def test_every_ordered_pair_has_a_row_in_every_year(years: str, count: int) -> None:
    rules = Equations(tiny(policies=[BAND | {"years": years}]))
    found = {name for name in rules.row if name.startswith("policies.")}
    assert len(found) == 3 * 2 * count
    assert not any("chips-S" in name for name in found)
