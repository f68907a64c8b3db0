"""Numbers printed as advice: rounded towards what works."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kctopt.analysis.rounding import no_less, no_more


@pytest.mark.parametrize(
    ("number", "up", "down"),
    [
        (0.059331, "0.05934", "0.05933"),
        (0.440669, "0.4407", "0.4406"),
        (5.0000000000001, "5", "5"),  # round-off
        (999.96, "1000", "999.9"),
        (1234567.8, "1.235e+06", "1.234e+06"),
        (0.0, "0", "0"),
        (-0.05934, "-0.05934", "-0.05934"),
    ],
)
def test_by_hand(number: float, up: str, down: str) -> None:
    assert (no_less(number), no_more(number)) == (up, down)


def test_decimal_places() -> None:
    assert (no_less(161.21, places=1), no_more(161.29, places=1)) == ("161.3", "161.2")
    assert (no_less(-0.01, places=1), no_more(-0.01, places=1)) == ("0.0", "-0.1")


@settings(deadline=None)
@given(st.floats(-1e9, 1e9).filter(lambda x: x == 0 or abs(x) > 1e-9), st.integers(2, 6))
def test_never_past_what_works(number: float, digits: int) -> None:
    slack = 1e-11 * abs(number)
    assert float(no_less(number, digits)) >= number - slack
    assert float(no_more(number, digits)) <= number + slack
    width = float(no_less(number, digits)) - float(no_more(number, digits))
    assert width <= 10 ** (1 - digits) * abs(number) * 10.01 + slack
