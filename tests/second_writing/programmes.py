r"""Programmes: cost, researchers, gain, reward and rules.

The formulas of `docs/model/programmes.md`:

    sum_{s,n} b[k,s,n] <= 1                                   s in its window and s + duration_k - 1 <= T
    cost[t]     = sum_k sum_{s,n} n cost_k[t-s+1] b[k,s,n]    over the years it runs, s <= t < s + duration_k
    sum_k sum_{s,n} n staff_k b[k,s,n] <= P[t]                over the same years
    sum_{s<=t,n} b[k,s,n] <= sum_{s+duration_a<=t,n} b[a,s,n]           k requires a: a has ended before k starts
    sum_{s,n} b[k,s,n] + sum_{s,n} b[a,s,n] <= 1                        k excludes a
    gain[i,r,t] = sum_k sum_n gain_k chance_k(n) b[k,t-duration_k+1,n]  k on rung r of line i
    reward      = sum_k sum_{s,n} reward_k chance_k(n) b[k,s,n]         over s + duration_k - 1 <= deadline_k
    chance_k(n) = 1 - (1 - p_k)^n
"""

from __future__ import annotations

from collections.abc import Iterator

from .model import Model, series
from .numbers import Record


def starts(m: Model) -> list[tuple[Record, int, int]]:
    """Programme, first year and routes of everything that starts."""
    routes = m.choices.get("routes")
    if routes is None:
        return []
    return [
        (k, t, int(routes[n, t - m.t0 - 1]))
        for n, k in enumerate(m.s.programmes)
        for t in m.years
        if routes[n, t - m.t0 - 1] > 0
    ]


def chance(k: Record, n: int) -> float:
    return float(1 - (1 - k.success) ** n)


def cost(m: Model, t: int) -> float:
    return float(sum(n * k[f"cost_{t - s + 1}"] for k, s, n in starts(m) if s <= t < s + k.duration))


def researchers(m: Model, t: int) -> float:
    return float(sum(n * k.researchers for k, s, n in starts(m) if s <= t < s + k.duration))


def gain(m: Model) -> dict[tuple[str, str, int], float]:
    """Stock gained by line, rung and year."""
    found: dict[tuple[str, str, int], float] = {}
    for k, s, n in starts(m):
        place = (k.line, k.rung, s + k.duration - 1)
        found[place] = found.get(place, 0.0) + k.gain * chance(k, n)
    return found


def reward(m: Model) -> float:
    in_time = [(k, n) for k, s, n in starts(m) if k.deadline is None or s + k.duration - 1 <= k.deadline]
    return float(sum(k.reward * chance(k, n) for k, n in in_time))


def names(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(";") if part.strip()]


def broken(m: Model) -> Iterator[tuple[str, float, float]]:
    """Rules of the catalogue."""
    begun: dict[str, int] = {}
    for k, s, _ in starts(m):
        begun[k.id] = min(s, begun.get(k.id, s))
    lasts = {k.id: k.duration for k in m.s.programmes}
    told: set[frozenset[str]] = set()
    for k, s, n in starts(m):
        most = k.routes if k.mode == "horse_race" else 1
        late = max(k.first_start - s, s - k.last_start, s + k.duration - 1 - m.T, n - most)
        twice = sum(other.id == k.id for other, _, _ in starts(m)) - 1
        yield f"programmes.start[{k.id}]", max(late, twice), 0.0
        for needed in names(k.requires):
            ended = begun[needed] + lasts[needed] if needed in begun else m.T + 1
            yield f"programmes.requires[{k.id},{needed}]", ended, s
        for other in names(k.excludes):
            if other in begun and frozenset((k.id, other)) not in told:
                told.add(frozenset((k.id, other)))
                yield f"programmes.excludes[{k.id},{other}]", 2, 1
    if m.s.catalogue.researchers is not None:
        for t in m.years:
            yield f"programmes.researchers[{t}]", researchers(m, t), series(m.s.catalogue.researchers, t)
