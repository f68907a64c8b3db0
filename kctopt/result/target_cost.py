"""What targets cost and when they can hold: the answers of the objectives `min_budget` and `earliest`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.language import LANGUAGES, Texts, money, plan_name, translate

if TYPE_CHECKING:
    from kctopt.result.result import Result

WORDS: Texts = {
    "scale": "budget needed for the targets: {scale} times the stated one",
    "least": "no plan can do with less than {least}",
    "over": "over and above the stated budget: {total} billion CNY ({plans})",
    "left": "less than the stated budget by {total} billion CNY ({plans})",
    "due": "{target} at the end of {year}",
    "targets": "targets that must hold: {targets}",
    "year": "the targets can hold at the end of {year} at the earliest",
    "year_found": "the targets can hold at the end of {year}",
    "impossible": "proven for every year up to {year}: they cannot",
    "open": "earlier years were not all settled",
    "first": "the first year planned",
}


@dataclass(frozen=True)
class PlanCost:
    """Budget of one plan, billion CNY: stated, needed for the targets, and the difference."""

    plan: str
    stated: float
    needed: float
    extra: float


@dataclass(frozen=True)
class TargetCost:
    """What targets cost: factors on every year's budget, and billion CNY by plan."""

    scale: float  # of the plan found
    least_scale: float | None  # no plan can do with less, proven
    extra: float  # over and above the stated budget, billion CNY; negative where less is enough
    plans: tuple[PlanCost, ...]


def target_cost(result: Result) -> TargetCost | None:
    """What the targets cost; None unless the objective is `min_budget` and there is a plan."""
    scenario, scale = result.scenario, result.budget_scale
    if scenario.objective.kind != "min_budget" or scale is None:
        return None
    stated = [float(scenario.budget.at(np.arange(plan.first, plan.last + 1)).sum()) for plan in scenario.horizon.plans]
    plans = tuple(
        PlanCost(plan.id, amount, scale * amount, (scale - 1) * amount)
        for plan, amount in zip(scenario.horizon.plans, stated, strict=True)
    )
    least = None if result.bound is None or not sum(stated) else result.bound / sum(stated)
    return TargetCost(scale, least, (scale - 1) * sum(stated), plans)


def as_data(cost: TargetCost | None) -> dict[str, Any] | None:
    """A cost as JSON prints it."""
    return None if cost is None else asdict(cost)


def told(result: Result, lang: str) -> list[str]:
    """Lines on what the targets cost or when they can hold; none for other objectives."""
    cost = target_cost(result)
    lines = [] if cost is None else [*_cost(cost, lang), *_due(result, lang)]
    return lines if result.year is None else [*lines, _when(result, lang)]


def _cost(cost: TargetCost, lang: str) -> list[str]:
    scale = _say("scale", lang, scale=f"{cost.scale:.4f}")
    if cost.least_scale is not None:
        scale += f"{LANGUAGES[lang].semicolon}{_say('least', lang, least=f'{cost.least_scale:.4f}')}"
    written = LANGUAGES[lang]
    plans = written.clause.join(
        f"{plan_name(plan.plan, lang)}{written.colon}{money(abs(plan.extra), lang)}" for plan in cost.plans
    )
    key = "over" if cost.extra >= 0 else "left"
    return [scale, _say(key, lang, total=f"{abs(cost.extra):.1f}", plans=plans)]


def _due(result: Result, lang: str) -> list[str]:
    """The hard targets with their years."""
    hard = [policy for policy in result.scenario.policies if policy.kind == "target" and not policy.soft]
    due = LANGUAGES[lang].clause.join(_say("due", lang, target=policy.id, year=policy.by) for policy in hard)
    return [_say("targets", lang, targets=due)] if hard else []


def _when(result: Result, lang: str) -> str:
    assert result.year is not None  # it is told
    first = result.scenario.horizon.years[0]
    proven = result.year == first or result.impossible_by == result.year - 1
    text = _say("year" if proven else "year_found", lang, year=result.year)
    if result.impossible_by is not None:
        text += f"{LANGUAGES[lang].semicolon}{_say('impossible', lang, year=result.impossible_by)}"
    if result.year == first:
        return text + LANGUAGES[lang].aside(_say("first", lang))
    return text if proven else f"{text}{LANGUAGES[lang].semicolon}{_say('open', lang)}"


def _say(key: str, lang: str, **values: Any) -> str:
    return translate(WORDS[key], lang, **values)
