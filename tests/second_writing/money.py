r"""Budgets, ramps and spending policies.

The formulas of `docs/model/money.md`:

    sum_i S[i,t] + out[t] + cost[t] <= B[t] + out[t-1],    S[i,t] = sum_r x[i,r,t] + u[i,t] + y[i,t]
    out[t] <= carry_share * B[t]        where money may be carried,   out[t] = 0 elsewhere,   out[t0] = 0
    may be carried: t is not the last year of a plan,   t < T,   and t < T-1 where tail > 0
    S[i,t] <= (1 + ramp_growth) * S[i,t-1] + ramp_step

    P[t] = sum_i n_i * (the tracks and rungs of i in t that it names)
    all tracks where it names none,   strategic alone where it names a rung
    n_i = 0 outside its domain or line,   else m[i,k] where it names a type,   else 1
    floor  P[t] >= amount,   cap  P[t] <= amount        in each of its years, or summed over them (total)
    share  min * sum_i S[i,t] <= P[t] <= max * sum_i S[i,t]        in each of its years

    out[t] = max(0, min(carry_share * B[t], B[t] + out[t-1] - sum_i S[i,t] - cost[t]))        where money may be carried
    phi = max_{a <= b} sum_{a <= t <= b} (sum_i S[i,t] + cost[t]) / (sum_{a <= t <= b} B[t] + carried)
    carried = carry_share * B[a-1] where money may be carried out of a - 1,   else 0

    Smax[i,t] = min(cap_i, (1 + ramp_growth) Smax[i,t-1] + ramp_step, left[i,t])
    left[i,t] = B[t] + carry_share * B[t-1] - sum_{j != i} floor_j        without B[t-1] in t0+1
    ymax[i,t] = min(phi_max Smax[i,t], E_t / (zeta_i xi))

Smax and ymax bound the program; a plan that is known does not need them.
"""

from __future__ import annotations

from collections.abc import Iterator

from . import modes, programmes
from .model import Model, series
from .model import m as member
from .numbers import Record


def B(m: Model, t: int) -> float:
    return series(m.s.budget, t)


def limit(m: Model, t: int) -> float:
    """Most that may be carried out of a year."""
    ends = [last for _, last in m.plans]
    closed = t in ends or (m.s.horizon.tail > 0 and t == m.T - 1)
    return 0.0 if closed else float(m.s.money.carry_share * B(m, t))


def asked(m: Model, t: int) -> float:
    """Spend of all lines, and what other decisions cost."""
    return float(sum(m.S[i.id, t] for i in m.lines) + modes.cost(m, t) + programmes.cost(m, t))


def phi(m: Model) -> float:
    """The least factor on all budgets that pays for the plan."""
    found = 0.0
    for a in m.years:
        carried = limit(m, a - 1) if a > m.years[0] else 0.0
        need, means = 0.0, carried
        for b in range(a, m.T + 1):
            need, means = need + asked(m, b), means + B(m, b)
            found = max(found, need / means if means > 0 else float("inf") if need > 0 else 0.0)
    return found


def broken(m: Model, scale: float) -> Iterator[tuple[str, float, float]]:
    """Budgets with as much carried as may be, ramps, floors and caps."""
    out = 0.0
    for t in m.years:
        means = scale * B(m, t) + out
        yield f"money.budget[{t}]", asked(m, t), means
        out = max(0.0, min(scale * limit(m, t), means - asked(m, t)))
    for i in m.lines:
        before = i.spend
        for t in m.years:
            spend = m.S[i.id, t]
            yield f"money.ramp[{i.id},{t}]", spend, (1 + m.s.money.ramp_growth) * before + m.s.money.ramp_step
            yield f"money.line_floor[{i.id},{t}]", -spend, -i.floor
            if i.cap is not None:
                yield f"money.line_cap[{i.id},{t}]", spend, i.cap
            before = spend
    for policy in m.s.policies:
        if policy.kind in ("floor", "cap", "share"):
            yield from of_policy(m, policy)


def years(m: Model, text: str) -> list[int]:
    """Years a policy names, all planned ones where it names none."""
    ends = [int(part) for part in text.split("-")] if text else [m.years[0], m.T]
    return list(range(ends[0], ends[-1] + 1))


def P(m: Model, policy: Record, t: int) -> float:
    """Money that a policy speaks of in a year."""
    return float(sum(n(i, policy) * part(m, policy, i, t) for i in m.lines))


def n(i: Record, policy: Record) -> float:
    if policy.domain not in (None, i.domain) or policy.line not in (None, i.id):
        return 0.0
    return 1.0 if policy.type is None else member(i, policy.type)


def part(m: Model, policy: Record, i: Record, t: int) -> float:
    rungs = [r.id for r in m.rungs if policy.rung in (None, r.id)]
    tracks = {
        "strategic": sum(m.x[i.id, r, t] for r in rungs),
        "substitution": m.u[i.id, t],
        "exchange": m.y[i.id, t],
    }
    if policy.track is not None:
        return float(tracks[policy.track])
    return float(tracks["strategic"] if policy.rung is not None else sum(tracks.values()))


def of_policy(m: Model, policy: Record) -> Iterator[tuple[str, float, float]]:
    own = years(m, policy.years)
    if policy.kind == "share":
        for t in own:
            total, name = sum(m.S[i.id, t] for i in m.lines), f"policies.{policy.id}[{t}]"
            if policy.min is not None:
                yield name, -P(m, policy, t), -policy.min * total
            if policy.max is not None:
                yield name, P(m, policy, t), policy.max * total
        return
    sign = -1 if policy.kind == "floor" else 1
    if policy.per == "total":
        yield f"policies.{policy.id}", sign * sum(P(m, policy, t) for t in own), sign * policy.amount
        return
    for t in own:
        yield f"policies.{policy.id}[{t}]", sign * P(m, policy, t), sign * policy.amount
