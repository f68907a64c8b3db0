"""The user's own rules.

policies.<id>[t]       spend it speaks of         >=, <=  amount                    floors and caps, each year
policies.<id>          the same over its years    >=, <=  amount                    floors and caps in total
policies.<id>[t]       spend it speaks of         >=, <=  share of the year's spend
policies.<id>[i]       U/R at the end of the year >=  ratio                         targets; soft ones may be missed
policies.<id>[i,j,t]   C_i/R_i - C_j/R_j          <=  width                         bands
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from kctopt.rules.case import Case
from kctopt.rules.family import MONEY, RATIO, Axis, Family, Sense, by_year, weighed
from kctopt.scenario.axes import spread
from kctopt.scenario.records import (
    RUNGS,
    TYPE_NAMES,
    BandPolicy,
    Selection,
    SharePolicy,
    SpendPolicy,
    TargetPolicy,
)
from kctopt.scenario.select import policy_years, spend_weights, target_lines
from kctopt.simulator.trajectory import least_ratio
from kctopt.simulator.world import Array


def policies(case: Case) -> Iterator[Family]:
    """Floors, caps, shares, targets and bands, in the order of the scenario."""
    for policy in case.scenario.policies:
        match policy:
            case SpendPolicy():
                yield _amount(case, policy)
            case SharePolicy():
                yield from _share(case, policy)
            case TargetPolicy():
                yield _target(case, policy)
            case BandPolicy():
                yield _band(case, policy)


def counted(case: Case, policy: SpendPolicy | SharePolicy) -> Array:
    """Money a policy speaks of in each planned year, (..., N), billion CNY."""
    money = case.money
    strategic = money.strategic[..., RUNGS.index(policy.rung), :] if policy.rung else money.strategic.sum(axis=-2)
    match policy.track or ("strategic" if policy.rung else None):
        case "strategic":
            amount = strategic
        case "substitution":
            amount = money.substitution
        case "exchange":
            amount = money.exchange
        case _:
            amount = case.spend
    return weighed(spend_weights(case.scenario, policy), amount)


def _subject(policy: Selection) -> str:
    """What a policy speaks of, in words."""
    rung, track = getattr(policy, "rung", None), getattr(policy, "track", None)
    words = [f"{track} spend" if track else "spend"]
    words += [f"on rung {rung}"] if rung else []
    words += [f"on {policy.line}"] if policy.line else []
    words += [f"on {TYPE_NAMES[policy.type]} lines"] if policy.type else []
    words += [f"in {policy.domain}"] if policy.domain else []
    return " ".join(words)


def _amount(case: Case, policy: SpendPolicy) -> Family:
    years = policy_years(policy.years, case.scenario.horizon)
    part = counted(case, policy)[..., [year - case.years[0] for year in years]]
    places, total = [str(year) for year in years], policy.per == "total"
    if total:
        part, places = (
            part.sum(axis=-1, keepdims=True),
            [f"{years[0]}-{years[-1]}" if len(years) > 1 else str(years[0])],
        )
    asks, off = ("at least", "short") if policy.kind == "floor" else ("at most", "over")

    def said(n: int, amount: float) -> str:
        text = f"policy {policy.id}, {places[n]}: {_subject(policy)} is {part[n]:.6g} {MONEY}, {asks} "
        return f"{text}{policy.amount:.6g} is asked; {off} by {amount:.6g}"

    axes, left, message = ((), part[..., 0], partial(said, 0)) if total else ((by_year(years),), part, said)
    sense: Sense = ">=" if policy.kind == "floor" else "<="
    limit = spread(np.asarray(policy.amount), len(axes))
    return Family(f"policies.{policy.id}", axes, left, sense, limit, message, kind=policy.kind, line=policy.line or "")


def _share(case: Case, policy: SharePolicy) -> Iterator[Family]:
    years = policy_years(policy.years, case.scenario.horizon)
    at = [year - case.years[0] for year in years]
    part, total = counted(case, policy)[..., at], case.spend.sum(axis=-2)[..., at]
    sides: tuple[tuple[Sense, float | None], ...] = ((">=", policy.min), ("<=", policy.max))
    for sense, share in sides:
        if share is None:
            continue

        def message(n: int, amount: float, sense: str = sense, share: float = share) -> str:
            now = part[n] / total[n] if total[n] else 0.0
            text = f"policy {policy.id}, {years[n]}: {_subject(policy)} is {now:.2%} of the year's spend, at "
            text += f"{'least' if sense == '>=' else 'most'} {share:.2%} is asked; "
            return f"{text}{'short' if sense == '>=' else 'over'} by {amount:.6g} {MONEY}"

        head, by = f"policies.{policy.id}", (by_year(years),)
        yield Family(head, by, part, sense, spread(share, 1) * total, message, kind="share", line=policy.line or "")


def _target(case: Case, policy: TargetPolicy) -> Family:
    chosen, least = list(target_lines(case.scenario, policy)), least_ratio(policy)
    lines, at = [case.lines[i] for i in chosen], policy.by - case.scenario.horizon.base_year
    reached = case.trajectory.usable[..., chosen, at] / case.trajectory.rival[..., chosen, at]

    def message(j: int, amount: float) -> str:
        if policy.max_dependency is None:
            says = f"the ratio to the rival is {reached[j]:.4g}, at least {least:.4g} is asked"
        else:
            says = f"dependency is {max(0.0, 1 - reached[j]):.4g}, at most {policy.max_dependency:.4g} is asked"
        return f"policy {policy.id}, {lines[j]}, end of {policy.by}: {says}; off by {amount:.4g}"

    said, axes = None if policy.soft else message, (Axis(lines, lines=lines),)
    head, limit = f"policies.{policy.id}", spread(np.asarray(least), 1)
    return Family(head, axes, reached, ">=", limit, said, RATIO, "target", year=policy.by)


def _band(case: Case, policy: BandPolicy) -> Family:
    years, lines = policy_years(policy.years, case.scenario.horizon), policy.lines
    own, at = [case.lines.index(line) for line in lines], [y - case.scenario.horizon.base_year for y in years]
    ratio = (case.trajectory.capability / case.trajectory.rival)[..., own, :][..., at]

    def message(a: int, b: int, n: int, amount: float) -> str:
        text = f"policy {policy.id}, {years[n]}: {lines[a]} stands at {ratio[a, n]:.4g} of the rival, {lines[b]} at "
        return f"{text}{ratio[b, n]:.4g}; at most {policy.width:.4g} may lie between them; off by {amount:.4g}"

    axes = Axis(lines, lines=lines), Axis(lines), by_year(years)
    limit = spread(np.asarray(policy.width), 3)
    head, pairs = f"policies.{policy.id}", ~np.eye(len(own), dtype=bool)[..., None]
    return Family(
        head, axes, ratio[..., :, None, :] - ratio[..., None, :, :], "<=", limit, message, RATIO, "band", listed=pairs
    )
