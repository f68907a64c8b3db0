"""The value of planning in sentences, in English or Chinese; or why a run has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kctopt.language import LANGUAGES, Texts, translate

if TYPE_CHECKING:
    from kctopt.result.result import Result

TEXT: Texts = {
    "value": "value of planning: {value} NS points over the years",
    "at_most": "value of planning: {value} NS points over the years, at most {at_most} by the proven bound",
    "parts": "trend alone {trend}, with the base year's shares {reference}, with planning {plan}",
    "lawful_parts": (
        "trend alone {trend}, with the base year's shares adjusted to be feasible {reference}, with planning {plan}"
    ),
    "broken": (
        "the base year's shares break {rules}, and would be worth {unlawful}; to keep the rules, {moved} % of their "
        "money is moved"
    ),
    "unlawful": (
        "no value of planning: even after the least change that the rules on money ask for, the base year's shares "
        "break {rules}, so no feasible reference is known; the plan is worth {more} NS points more than these shares"
    ),
    "min_budget": "no value of planning: the objective is money, and the base year's shares spend the stated budget",
    "earliest": "no value of planning: the objective is a year",
    "own": "no value of planning: the objective is the user's own, which is known of this plan alone",
}


def told(result: Result, lang: str) -> list[str]:
    """What planning is worth and at most, its parts, rules that the base year's shares break; none without a plan."""
    value = result.value_of_planning
    if value is None:
        return [_none(result, lang)] if result.has_plan else []
    key = "value" if value.at_most is None else "at_most"
    lines = [translate(TEXT[key], lang, value=f"{value.value:.4f}", at_most=f"{value.at_most or 0.0:.4f}")]
    parts = {name: f"{getattr(value, name):.4f}" for name in ("trend", "reference", "plan")}
    lines.append(translate(TEXT["parts" if value.unlawful is None else "lawful_parts"], lang, **parts))
    if value.unlawful is not None:
        rules, moved = LANGUAGES[lang].comma.join(value.broken), f"{100 * value.moved:.1f}"
        lines.append(translate(TEXT["broken"], lang, rules=rules, unlawful=f"{value.unlawful:.4f}", moved=moved))
    return lines


def _none(result: Result, lang: str) -> str:
    """Why a plan has no value of planning."""
    if result.no_value != "unlawful":
        return translate(TEXT[result.no_value], lang)
    base, plan = result.yardstick, result.simulated_objective or 0.0
    rules, more = LANGUAGES[lang].comma.join(base.missed), f"{plan - base.objective:+.4f}"
    return translate(TEXT["unlawful"], lang, rules=rules, more=more)
