"""When a CES exponent counts as 0, for the program and for the simulator alike.

    M_rho(z; w) = (sum w z^rho)^(1/rho)  ->  prod z^w        as rho -> 0

An exponent may miss 0 by round-off (0.1 taken from 0.3 three times leaves 2.8e-17). Within `GEOMETRIC` of 0 the mean
is taken as the geometric one: it differs by rho/2 times the variance of log z, about what round-off does to the formula
as it is written, 1e-16/rho. Beyond, both sides work in logarithms, so nothing jumps at the edge.
"""

from __future__ import annotations

from typing import Any

import numpy as np

GEOMETRIC = 1e-8


def geometric(rho: Any) -> Any:
    """Whether a CES exponent, or each of an array, counts as 0."""
    return np.abs(rho) < GEOMETRIC
