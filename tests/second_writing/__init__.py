"""A second writing of the model, from the formulas of its pages alone, one file a page.

Each module quotes the formulas it is written from; `test_second_writing.py` compares the quotes with the pages, and
what the modules find with the simulator. Nothing of kctopt is imported: a scenario is read as plain numbers. So it is
the proof that the pages suffice to rebuild the model, and a check of both the program and the simulator that shares
no code and no array with either. It works on one number at a time, so that a formula is a line.

    found = evaluate(scenario, money, choices)      scenario: an object, a tree of numbers, or the folder of a run
    found.objective, found.security, found.breaches
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from . import (
    base_year,
    codevelopment,
    dependency,
    diffusion,
    kct,
    knowledge,
    ladder,
    market,
    money,
    objective,
    programmes,
    quadrants,
    scale,
    security,
    substitution,
    switching,
    targets,
    tranches,
)  # fmt: skip
from .model import TYPES, Model
from .numbers import read_plan, read_scenario

__all__ = ["Evaluation", "evaluate", "read_plan", "read_scenario"]

MONEY = ("strategic", "substitution", "exchange")
CHOICES = ("stage", "restraint", "mode", "routes")


@dataclass(frozen=True)
class Evaluation:
    """What a plan leads to; years last, the base year first where there is one (H planned and tail years)."""

    objective: float  # of national_security
    budget_scale: float  # the least factor on all budgets that pays for the plan
    breaches: dict[str, float]  # broken rules, by how much
    shortfall: dict[str, np.ndarray]  # of targets, by policy
    held: np.ndarray  # (L, 3, H) restraint, 0 unless lines are held back by themselves
    stock: np.ndarray  # (L, 3, H+1)
    capability: np.ndarray  # (L, H+1)
    substitute: np.ndarray  # (L, H+1)
    usable: np.ndarray  # (L, H+1)
    rival: np.ndarray  # (L, H+1)
    gap: np.ndarray  # (L, H+1)
    gap_band: np.ndarray  # (L, H+1) where the gap lies: 0 far, 1 within reach, 2 near
    dependency: np.ndarray  # (L, H+1)
    production: np.ndarray  # (L, 3, H)
    inflow: np.ndarray  # (L, H)
    exchange_gain: np.ndarray  # (L, H)
    review_stage: np.ndarray  # (L, V), -1 where stages do not switch
    accelerator: np.ndarray  # (G, H+1)
    score: np.ndarray  # (G, 4, H+1) nan where a domain has no line of the type
    national_score: np.ndarray  # (4, H+1)
    kct_domain: np.ndarray  # (G, H+1)
    kct: np.ndarray  # (H+1,) like all that follows
    technology: np.ndarray
    loss: np.ndarray
    military_loss: np.ndarray
    market: np.ndarray
    economic: np.ndarray
    military: np.ndarray
    security: np.ndarray
    economy_ratio: np.ndarray
    military_ratio: np.ndarray


def evaluate(
    question: Any,
    plan: Any,
    choices: Any = None,
    *,
    tolerance: float = 1e-6,
    budget_scale: float | None = None,
    hold: bool = False,
) -> Evaluation:
    """Follow a plan forward and check its rules.

    Parameters
    ----------
    question : a scenario object, its tree of plain numbers, or the folder of a run.
    plan : `strategic` (L, 3, N), `substitution` and `exchange` (L, N), as attributes or keys, billion CNY.
    choices : `stage` (L, V), `restraint` (L, 3, H), `mode` (G, P), `routes` (K, N), as attributes or keys; absent or
        None where the plan makes no such choice.
    tolerance : slack of a rule, relative to max(1, size of its right side).
    budget_scale : factor on all budgets; by default 1, and for `min_budget` the least that pays for the plan.
    hold : whether lines are held back to what stages and bands allow, as the search does.
    """
    m = Model(read_scenario(question), _parts(plan, MONEY), _parts(choices, CHOICES), tolerance)
    m.G, m.h = programmes.gain(m), _restraint(m)
    base_year.read(m)
    tranches.worth(m)
    forward(m, hold)
    judge(m)
    phi = money.phi(m)
    if budget_scale is None:
        budget_scale = phi if m.s.objective.kind == "min_budget" else 1.0
    return _found(m, phi, _broken(m, budget_scale))


def forward(m: Model, hold: bool) -> None:
    """The stocks, year after year."""
    for t in m.all_years:
        knowledge.accelerators(m, t - 1)
        for n, i in enumerate(m.lines):
            switching.review(m, i, n, t)
            diffusion.inflow(m, i, t)
            for r in m.rungs:
                knowledge.produce(m, i, r, t)
        for i in m.lines:
            ladder.climb(m, i, t)
            substitution.substitute(m, i, t)
        if hold:
            switching.hold(m, t)
    knowledge.accelerators(m, m.all_years[-1])


def judge(m: Model) -> None:
    """Scores, loss, powers and national security of every year."""
    for t in (m.t0, *m.all_years):
        kct.value(m, t)
        dependency.loss(m, t)
        security.power(m, t)


def _parts(holder: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Arrays by name, from attributes or keys."""
    if holder is None:
        return {}
    get = holder.get if isinstance(holder, Mapping) else lambda name: getattr(holder, name, None)
    return {name: np.asarray(part) for name in names if (part := get(name)) is not None}


def _restraint(m: Model) -> dict[Any, float]:
    """h that is not 0, by line, rung and year."""
    amounts = m.choices.get("restraint")
    if amounts is None:
        return {}
    places = [(i.id, r.id, t) for i in m.lines for r in m.rungs for t in m.all_years]
    return {place: float(h) for place, h in zip(places, amounts.ravel(), strict=True) if h > 0}


def _broken(m: Model, budget_scale: float) -> dict[str, float]:
    """Rules whose left side exceeds the right by more than the tolerance; the larger excess where a name repeats."""
    found: dict[str, float] = {}
    for name, left, right in _rules(m, budget_scale):
        if not left - right <= m.tolerance * max(1.0, abs(right)):
            found[name] = max(left - right, found.get(name, 0.0))
    return found


def _rules(m: Model, budget_scale: float) -> Iterator[tuple[str, float, float]]:
    yield from money.broken(m, budget_scale)
    for page in (scale, codevelopment, targets, quadrants, switching, programmes):
        yield from page.broken(m)


def _found(m: Model, phi: float, breaches: dict[str, float]) -> Evaluation:
    """All quantities as arrays."""
    lines, rungs = [i.id for i in m.lines], [r.id for r in m.rungs]
    now, later, domains = [m.t0, *m.all_years], list(m.all_years), [d.id for d in m.domains]
    nan = math.nan

    def nation(law: Any) -> np.ndarray:
        return np.array([law(m, t) for t in now])

    def by_line(law: Any) -> np.ndarray:
        return np.array([[law(m, i, t) for t in now] for i in m.lines])

    def named(values: dict[Any, float], *keys: Any) -> list[float]:
        return [values.get((*keys, t) if keys else t, nan) for t in now]

    return Evaluation(
        objective=objective.value(m),
        budget_scale=phi,
        breaches=breaches,
        shortfall={
            p.id: np.array([targets.shortfall(m, p, i) for i in targets.lines(m, p)]) for p in targets.all_of(m)
        },
        held=m.table(m.held or dict.fromkeys(product(lines, rungs, later), 0.0), lines, rungs, later),
        stock=m.table(m.k, lines, rungs, now),
        capability=m.table(m.C, lines, now),
        substitute=m.table(m.sub, lines, now),
        usable=by_line(lambda m, i, t: m.U(i, t)),
        rival=m.table(m.R, lines, now),
        gap=by_line(diffusion.gap),
        gap_band=by_line(diffusion.gap_band),
        dependency=by_line(dependency.dep),
        production=m.table(m.q, lines, rungs, later),
        inflow=m.table(m.D, lines, later),
        exchange_gain=np.array([[market.G(m, i, t) for t in later] for i in m.lines]),
        review_stage=np.array([[m.z.get((i, v), -1) for v in m.reviews] for i in lines]),
        accelerator=m.table(m.Acc, domains, now),
        score=np.array([[named(m.Z, d, k) for k in TYPES] for d in domains]),
        national_score=np.array([named(m.ZN, k) for k in TYPES]),
        kct_domain=np.array([named(m.KCT_d, d) for d in domains]),
        kct=np.array(named(m.KCT)),
        technology=nation(security.K),
        loss=np.array(named(m.X)),
        military_loss=nation(dependency.military_loss),
        market=np.array(named(m.M)),
        economic=np.array(named(m.EP)),
        military=np.array(named(m.MP)),
        security=np.array(named(m.NS)),
        economy_ratio=nation(security.economy_ratio),
        military_ratio=nation(security.military_ratio),
    )
