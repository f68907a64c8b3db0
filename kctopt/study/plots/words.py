"""Words of the figures of many worlds, in English and Chinese."""

from __future__ import annotations

from typing import Any

from kctopt.language import Texts, translate, within

WORDS: Texts = {
    "objective": "objective",
    "points": "points",
    "ratio": "own over rival's",
    "gap": "gap",
    "outcome_in": "{outcome} in {year}",
    "outcome_of": "{outcome} of {domain}",
    "axis": "{outcome}, {unit}",
    "band_wide": "5 to 95 % of the worlds",
    "band_half": "25 to 75 %",
    "median": "median",
    "input": "input",
    # fan
    "fan_caption": "National security and its parts over {count} worlds",
    "fan_described": (
        "{title}: a panel each for national security, economic power, military power and KCT capability; a line for "
        "the median over the worlds by year, bands for the middle half and the middle 90 %."
    ),
    "fan_one": "{outcome} over {count} worlds",
    "fan_one_described": (
        "{title}: {outcome} by year; a line for the median over the worlds, bands for the middle half and the middle "
        "90 %."
    ),
    "gaps_described": (
        "{title}: a panel for each domain and type with the gap of its lines by year; a line for the median over the "
        "worlds, bands for the middle half and the middle 90 %. Below zero the line leads."
    ),
    "gaps_own": "Gap to the rival by line over {count} worlds, each with the plan that is best there",
    "gaps_held": "Gap to the rival by line over {count} worlds with the plan held fixed",
    "quantiles_table": "Quantiles over the worlds by year",
    "of_domain": "{domain}: {type}",
    "line": "line",
    "index": "index",
    "year": "year",
    # tornado
    "tornado_caption": "What moves {outcome}, and in which direction",
    "tornado_described": (
        "{title}: two bars for each input, the largest effect first: by how much {outcome} lies above or below "
        "its mean over all worlds in the fifth of them with the lowest values of the input, and in the fifth with the "
        "highest; of an input with choices, for the choice with the lowest mean and for the one with the highest. Thin "
        "lines are 95 % intervals."
    ),
    "tornado_axis": "{outcome} less its mean, {unit}",
    "tornado_axis_bare": "{outcome} less its mean",
    "side_low": "input low (lowest fifth)",
    "side_high": "input high (highest fifth)",
    "side_choice": "choice",
    "tornado_table": "Mean of {outcome} where an input is low and where it is high, less the mean of all",
    "effect_low": "where low",
    "effect_high": "where high",
    "value_low": "input there (low)",
    "value_high": "input there (high)",
    # indices
    "indices_caption": "{method}: {outcome}",
    "indices_described": (
        "{title}: bars for each input, the largest first, with the index of {outcome} and its interval as a thin line."
    ),
    "index_first": "first order (alone)",
    "index_total": "total (with interactions)",
    "index_mu_star": "mean size of the change over the input's range (μ*)",
    "index_median": "PAWN index (median)",
    "index_delta": "delta index",
    "share_of_variance": "share of the variance",
    "from": "from",
    "to": "to",
    # boxes
    "boxes_caption": "Worlds in which {threshold}",
    "below": "{outcome} is below {value}",
    "above": "{outcome} is above {value}",
    "between": "{outcome} is below {low} or above {high}",
    "boxes_described": (
        "{title}: a point for each world over {first} and {second}; filled points are worlds in which {threshold}. "
        "Rectangles are the boxes in which such worlds are dense; a box may restrict further inputs too."
    ),
    "other": "other world",
    "box": "box {number}",
    "boxes_table": "Boxes",
    "number": "number",
    "coverage": "share of all cases",
    "density": "cases among its worlds",
    "mass": "share of all worlds",
    # parallel
    "parallel_caption": "{shown} of {count} worlds by their inputs and {outcome}",
    "parallel_caption_all": "{count} worlds by their inputs and {outcome}",
    "parallel_described": (
        "{title}: a row for each input and one for {outcome}, from its lowest value on the left to its highest on the "
        "right; a line for each world, coloured by {outcome}. Dashed black lines are worlds without a plan."
    ),
    "no_plan": "no plan",
    "parallel_table": "Inputs of the worlds with low and with high {outcome}",
    "mean_low": "mean where {outcome} is in its lowest fifth",
    "mean_high": "mean where {outcome} is in its highest fifth",
    # money
    "money_caption": "Where the money goes over {count} worlds",
    "money_described": (
        "{title}: a row for each domain or type, a panel for each plan: a tick for the median of its money over the "
        "worlds, a thick bar for the middle half, a thin one for the middle 90 %."
    ),
    "money_axis": "billion CNY over the plan",
    "money_table": "Money by plan over the worlds, billion CNY",
    "plan": "plan",
    "held_plan": within("held", "plan"),
    "domain": "domain",
    "domain_type": "domain and type",
    "type": "type",
    # regret
    "regret_caption": "Regret of {plans} plans over {count} worlds",
    "regret_described": (
        "{title}: a row for each plan, the one whose largest regret is smallest first, a column for each world or for "
        "some beside each other, by rising mean regret; brighter cells are larger losses against the best plan known "
        "in that world. Crossed cells hold worlds in which the plan breaks a rule."
    ),
    "regret_axis": "regret, {unit}",
    "regret_bare": "regret",
    "regret_worlds": "worlds by rising mean regret",
    "regret_groups": "worlds by rising mean regret, {size} to a column; a cell is the largest regret among them",
    "regret_table": "Regret of each plan",
    "largest": "largest",
    "mean": "mean",
    "broken": "breaks a rule",
    "broken_in": "worlds in which it breaks a rule",
}  # fmt: skip


def say(key: str, lang: str, **values: Any) -> str:
    """The words for a key."""
    return translate(WORDS[key], lang, **values)
