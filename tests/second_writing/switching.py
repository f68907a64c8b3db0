r"""Stages that switch at reviews.

The formulas of `docs/model/switching.md`:

    sum_s z[i,v,s] = 1,   s in far, reach, near;   z[i,first review] is data
    z[i,v,far] <= z[i,v-,far],   z[i,v,near] >= z[i,v-,near],   z[i,v,near] <= 1 - z[i,v-,far]      ratchet, step
    C[i,v-1] <= (1 - near[i,v]) R[i,v-1] (1 - z[i,v,near]) + Cmax[i,v-1] z[i,v,near]               near is forced
    C[i,v-1] >= (1 - far[i,v]) R[i,v-1] (z[i,v-,far] - z[i,v,far])                                 entry
    C[i,v-1] >= (1 - far[i,v]) R[i,v-1] (1 - z[i,v,far])                                           without ratchet
    y[i,t] <= ymax[i,t] z[i,v(t),reach]                                                            exchange

    near[i,v] = near + chi_near sigma_i e_v        far[i,v] = max(far - chi_far sigma_i e_v, near[i,v])

    halves  v = first_p,   v = first_p + floor((last_p - first_p)/2) + 1        of every plan p: years 1 and 4 of five
    yearly  v = t0+1 ... T
    gap[i,v-1] = 1 - C[i,v-1]/R[i,v-1],   gap[i,t0] = 1 - C0[i]/R[i,t0]
    first review  near where gap <= near[i,v],   far where gap > far[i,v],   else within reach

    C'[i,t] = sum_r omega_r k'[i,r,t]
    top[i,t] = (1 - near[i,v]) R[i,t]        where t = v-1, v not the first review, z[i,v,near] = 0 and i can be held
    L[i,t] = min(C'[i,t], top[i,t])        C'[i,t] where there is no top
    C[i,t] = R[i,t] min_j (L[j,t]/R[j,t] + width[i,j])        over i itself and the lines that bands of t join to it
    k[i,r,t] = k'[i,r,t] C[i,t]/C'[i,t]
    h[i,r,t] = min(h, free) + k'[i,r,t] - k[i,r,t]        free of the ladder, without what is below 0

    with ratchet     far: within reach where gap <= far[i,v],   within reach: near where gap <= near[i,v],   near: near
    without ratchet  near where gap <= near[i,v],   within reach where near[i,v] < gap <= far[i,v],   else far

Cmax and ymax bound the program; a plan that is known does not need them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, permutations, product

from . import money
from .model import Model
from .numbers import Record

FAR, REACH, NEAR = 0, 1, 2


def reviews(m: Model) -> list[int]:
    """First years of the periods."""
    if m.s.switching.reviews == "yearly":
        return list(m.years)
    held = {v for first, last in m.plans for v in (first, first + (last - first) // 2 + 1)}
    return sorted(v for v in held if v <= m.T)


def near(m: Model, i: Record, v: int) -> float:
    return float(m.s.diffusion.near + m.s.switching.near_control * i.sensitivity * m.e(v))


def far(m: Model, i: Record, v: int) -> float:
    return max(m.s.diffusion.far - m.s.switching.far_control * i.sensitivity * m.e(v), near(m, i, v))


def gap(m: Model, i: Record, t: int) -> float:
    return float(1 - m.C[i.id, t] / m.R[i.id, t])


def first(m: Model) -> None:
    """Reviews, and the stage at the first of them, which data decide."""
    m.reviews = reviews(m)
    v = m.reviews[0]
    for i in m.lines:
        g = gap(m, i, m.t0)
        m.first[i.id] = NEAR if g <= near(m, i, v) else FAR if g > far(m, i, v) else REACH


def review(m: Model, i: Record, n: int, t: int) -> None:
    """The stage that a review held in year t sets: the plan's, or by the law."""
    held = m.reviews
    if m.s.stages != "switching" or t not in held:
        return
    chosen = m.choices.get("stage")
    if t == held[0]:
        m.z[i.id, t] = m.first[i.id]
    elif chosen is not None:
        m.z[i.id, t] = int(chosen[n, held.index(t)])
    else:
        m.z[i.id, t] = by_law(m, i, t, m.z[i.id, held[held.index(t) - 1]])


def by_law(m: Model, i: Record, v: int, before: int) -> int:
    """Without foresight."""
    g = gap(m, i, v - 1)
    if m.s.switching.ratchet and before == FAR:
        return REACH if g <= far(m, i, v) else FAR
    if m.s.switching.ratchet:
        return NEAR if g <= near(m, i, v) else before
    return NEAR if g <= near(m, i, v) else REACH if g <= far(m, i, v) else FAR


def within_reach(m: Model, i: Record, t: int) -> bool:
    """Whether exchange is open in a year."""
    if m.s.stages != "switching":
        return True
    return m.z[i.id, max(v for v in m.reviews if v <= t)] == REACH


def may_be_held(m: Model, i: Record) -> bool:
    banded = any(i.id in p.lines for p in m.s.policies if p.kind == "band")
    return banded or (m.s.stages == "switching" and m.first[i.id] != NEAR)


def top(m: Model, i: Record, n: int, t: int) -> float:
    """The most capability at the end of a year with which the stage stated for the next review need not be near."""
    stated = m.choices.get("stage")
    if stated is None or t + 1 not in m.reviews[1:] or not may_be_held(m, i):
        return float("inf")
    near_then = int(stated[n, m.reviews.index(t + 1)]) == NEAR
    return float("inf") if near_then else (1 - near(m, i, t + 1)) * m.R[i.id, t]


def widths(m: Model, t: int) -> dict[tuple[str, str], float]:
    """Least sum of widths along bands of a year, by pairs of lines that bands join."""
    bands = [p for p in m.s.policies if p.kind == "band" and t in money.years(m, p.years)]
    width = {(i.id, i.id): 0.0 for i in m.lines}
    for p in bands:
        for i, j in permutations(p.lines, 2):
            width[i, j] = min(width.get((i, j), float("inf")), p.width)
    for via, i, j in product([i.id for i in m.lines], repeat=3):
        if (i, via) in width and (via, j) in width:
            width[i, j] = min(width.get((i, j), float("inf")), width[i, via] + width[via, j])
    return width


def hold(m: Model, t: int) -> None:
    """Lines scaled down to what stages and bands allow; h is what was taken off then, and by the plan."""
    L = {i.id: min(m.C[i.id, t], top(m, i, n, t)) for n, i in enumerate(m.lines)}
    width = widths(m, t)
    for i in m.lines:
        before, joined = m.C[i.id, t], [(j, w) for (one, j), w in width.items() if one == i.id]
        m.C[i.id, t] = m.R[i.id, t] * min(L[j] / m.R[j, t] + w for j, w in joined)
        for r in m.rungs:
            off = m.k[i.id, r.id, t] * (1 - m.C[i.id, t] / before)
            m.k[i.id, r.id, t] -= off
            m.held[i.id, r.id, t] = min(m.h.get((i.id, r.id, t), 0.0), m.free[i.id, r.id, t]) + off


def broken(m: Model) -> Iterator[tuple[str, float, float]]:
    """Rules on stages and restraint: name, left side, right side of left <= right."""
    for (i, r, t), amount in m.h.items():
        if not may_be_held(m, m.line[i]):
            yield f"switching.restraint[{i},{r},{t}]", amount, 0.0
    if m.s.stages != "switching":
        return
    held = m.reviews
    for n, i in enumerate(m.lines):
        if m.choices.get("stage") is not None:
            yield f"switching.first[{i.id}]", abs(int(m.choices["stage"][n, 0]) - m.first[i.id]), 0.0
        for before, v in pairwise(held):
            old, new, C, R = m.z[i.id, before], m.z[i.id, v], m.C[i.id, v - 1], m.R[i.id, v - 1]
            if new != NEAR:
                yield f"switching.near[{i.id},{v}]", C, (1 - near(m, i, v)) * R
            if new != FAR and (old == FAR or not m.s.switching.ratchet):
                yield f"switching.entry[{i.id},{v}]", -C, -(1 - far(m, i, v)) * R
            if m.s.switching.ratchet:
                yield f"switching.ratchet[{i.id},{v}]", max(old - new, new - old - 1), 0.0
        for t in m.years:
            if not within_reach(m, i, t):
                yield f"switching.exchange_open[{i.id},{t}]", m.y[i.id, t], 0.0
