"""Numbers printed so that they hold as printed: rounded towards what works, never past it.

no_less(0.059331)        '0.05934'       an amount to give: as much as that is enough
no_more(0.440669)        '0.4406'        a level to ask for: as much as that can be reached
no_more(161.27, places=1) '161.2'        the same to decimal places
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

DIGITS = 4  # significant digits
EXACT = 12  # significant digits beyond which a number is round-off


def no_less(number: float, digits: int = DIGITS, places: int | None = None) -> str:
    """The number as text, rounded up to significant digits or decimal places."""
    return _text(number, ROUND_CEILING, digits, places)


def no_more(number: float, digits: int = DIGITS, places: int | None = None) -> str:
    """The number as text, rounded down to significant digits or decimal places."""
    return _text(number, ROUND_FLOOR, digits, places)


def _text(number: float, direction: str, digits: int, places: int | None) -> str:
    if not math.isfinite(number):
        return f"{number}"
    exact = Decimal(f"{number:.{EXACT}g}")
    last = exact.adjusted() - digits + 1 if places is None else -places
    rounded = exact.quantize(Decimal(1).scaleb(last), rounding=direction) if exact else exact
    if places is not None:
        return f"{rounded + 0:.{places}f}"
    return f"{float(rounded) + 0.0:.{max(digits, 6)}g}"
