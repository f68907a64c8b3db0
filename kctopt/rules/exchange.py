"""Rules on exchange and the shield.

quadrants.exchange_*[i,t]   y[i,t]                   >=, <=  share S[i,t]        by quadrant and cooperation mode
quadrants.exposure[t]       sum_i zeta_i xi y[i,t]   <=  E_t
quadrants.shield[q,t]       spend that shields       >=  share of the quadrant's spend
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kctopt.rules.case import Case
from kctopt.rules.family import MONEY, Axis, Family, Message, by_line, by_year, weighed
from kctopt.scenario.axes import spread, vector
from kctopt.scenario.records import QUADRANTS
from kctopt.scenario.select import exposed_part
from kctopt.scenario.select import quadrants as quadrants_of
from kctopt.simulator.world import Array


def quadrants(case: Case) -> Iterator[Family]:
    """Exchange shares by quadrant, national exposure, the shield."""
    least, most = case.exchange_shares
    axes, exchange = (by_line(case), by_year(case.years)), case.money.exchange
    low, high = least * case.spend, most * case.spend
    floor, cap = _message_of(case, "below the least", low), _message_of(case, "above the most", high)
    yield Family("quadrants.exchange_floor", axes, exchange, ">=", low, floor, listed=least > 0)
    yield Family("quadrants.exchange_cap", axes, exchange, "<=", high, cap, listed=most < 1)
    yield _exposure(case)
    yield from _shield(case)


def _message_of(case: Case, word: str, limit: Array) -> Message:
    def message(i: int, n: int, amount: float) -> str:
        mode = "" if case.mode is None else f"{case.scenario.modes[case.mode[i, n]].id} mode, "
        text = f"{case.lines[i]}, {case.years[n]}: exchange of {case.money.exchange[i, n]:.6g} is {word} "
        text += f"{limit[i, n]:.6g} ({case.quadrant[i].id} quadrant, {mode}spend {case.spend[i, n]:.6g}); "
        return f"{text}off by {amount:.6g} {MONEY}"

    return message


def _exposure(case: Case) -> Family:
    exposed = (exposed_part(case.scenario)[..., None] * case.exposure_factor * case.money.exchange).sum(axis=-2)
    limit = case.scenario.cooperation.exposure_limit.at(np.array(case.years))

    def message(n: int, amount: float) -> str:
        text = f"{case.years[n]}: exchange weighted by sensitivity is {exposed[n]:.6g} {MONEY}, at most "
        return f"{text}{limit[n]:.6g} may be exposed; over by {amount:.6g}"

    return Family("quadrants.exposure", (by_year(case.years),), exposed, "<=", limit, message)


def _shield(case: Case) -> Iterator[Family]:
    part = np.minimum(1.0, vector(line.security + line.moat for line in case.scenario.lines))
    for rule in case.scenario.quadrants:
        inside = (quadrants_of(case.scenario) == QUADRANTS.index(rule.id)).astype(float)
        shield = weighed(inside * part, case.spend)
        least = spread(rule.shield_share, 1) * weighed(inside, case.spend)

        def message(_: int, n: int, amount: float, shield: Array = shield, least: Array = least, q: str = rule.id,
                share: float = rule.shield_share) -> str:  # fmt: skip
            text = f"{q} quadrant, {case.years[n]}: security and moat lines receive {shield[n]:.6g} {MONEY}, at least "
            return f"{text}{least[n]:.6g} ({share:.0%}) is asked; short by {amount:.6g}"

        axes, listed = (
            (Axis([rule.id]), by_year(case.years)),
            bool(np.any(rule.shield_share > 0)) and bool(inside.any()),
        )
        sides = shield[..., None, :], least[..., None, :]
        yield Family("quadrants.shield", axes, sides[0], ">=", sides[1], message, listed=listed)
