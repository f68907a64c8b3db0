"""The words of a comparison in English and Chinese; keys and identifiers stay English."""

from __future__ import annotations

from collections.abc import Sequence

from kctopt.language import Texts, translate, within
from kctopt.result.own import SWITCHED_OFF
from kctopt.result.own_text import short

WORDS: Texts = {
    "title": "{base} against {others}",
    "inputs": "inputs that differ: {base} -> {other}",
    "no_inputs": "no input differs: the two runs answer the same question",
    "only_names": "no value differs, only names or texts do",
    "switched_off": "switched off",
    "input": "input",
    "set_in": "set in",
    "grade": "grade",
    "unsourced": "Set by the user in {name}, no source stated: {inputs}.",
    "default": "default",
    "in_model": "the model in Python",
    "points_more": "… {count} more",
    "runs": "runs",
    "run": "run",
    "status": "status",
    "objective": "objective",
    "bound": "proven bound",
    "gap": "gap",
    "verified": "verified",
    "yes": "yes",
    "no": "no",
    "hash": "scenario hash",
    "version": "kctopt",
    "refused": "not comparable: {other}",
    "cautions": "note: {other}",
    "refuse": "{parts} not subtracted: {reason} is {base} in {base_name} and {other} in {other_name}.",
    "refuse_own": (
        "{parts} not subtracted: what the users changed in the models differs; {base_name}: {base}; "
        "{other_name}: {other}."
    ),
    "refuse_plan": "nothing is subtracted: {base_name} is {base}, {other_name} is {other}, and both need a plan.",
    "part_objective": "objective",
    "part_indices": "indices",
    "part_allocation": "money",
    "caution_parameters": (
        "{other} changes parameters of the measure itself ({values}): part of every change is another yardstick."
    ),
    "caution_yields": (
        "the base years give other yields, {other} over {base}: {values}. Part of every change is another calibration."
    ),
    "caution_state": (
        "capabilities of the base year or weights of lines and domains differ: 100 is not the same state in {base} and "
        "{other}."
    ),
    "caution_soft": (
        "the objectives count soft targets or rewards beside national security: {base_value} in {base}, "
        "{other_value} in {other}."
    ),
    "caution_limit": "a limit was reached: the gap of {names} is wider than asked.",
    "caution_unverified": "NOT VERIFIED: {names}; `kctopt verify` names what fails.",
    "caution_version": "solved by two versions of kctopt: {base_value} and {other_value}.",
    "caution_analysis": (
        "{base_value}, saved with {base}, was changed since it was written and is left out; `kctopt explain ranges` "
        "computes it again."
    ),
    "indices": "indices: {base} -> {other}",
    "index": "index",
    "index_scale": "index, 100 = {year} without cut-off",
    "year": "year",
    "delta": "change",
    "percent": "%",
    "unit": "unit",
    "within": "within the gap",
    "within_note": (
        "within the gap: differences smaller than the gap are not meaningful. A year's index is exact for these plans; "
        "the gaps certify the objective alone."
    ),
    "bracket": "the best objectives differ by {low} to {high}, by the proofs",
    "worth": "what the plans are worth, NS points over the years",
    "trend": "trend alone",
    "shares": "base year's shares",
    "planning": "planning",
    "at_most": "planning at most",
    "planning_told": (
        "of the change of {delta} from {base} to {other}, {trend} come with the trend, {shares} with the base year's "
        "shares and {planning} with planning; by the proofs, the best plans' values of planning differ by {low} to "
        "{high}."
    ),
    "planning_open": (
        "of the change of {delta} from {base} to {other}, {trend} come with the trend, {shares} with the base year's "
        "shares and {planning} with planning."
    ),
    "domain_shares": "shares of the money by domain",
    "beyond_weight": "less weight",
    "share_points": "less weight: the share less the domain's weight in the national KCT value, percentage points.",
    "made_lawful": (
        "base year's shares that break rules are adjusted to be feasible by the least change of their money; so in "
        "{runs}."
    ),
    "no_planning": "without a value of planning: {runs}.",
    "security": "national security",
    "economic": "economic power",
    "military": "military power",
    "technology": "KCT capability",
    "loss": "loss from cut-off",
    "military_loss": "loss of military power from cut-off",
    "market": "market gain of exchange",
    "economy_ratio": "economy, ratio to rival",
    "military_ratio": "military, ratio to rival",
    "recalibration": "recalibration and the rest: {base} -> {other}",
    "recalibration_how": (
        "recalibration is the plan of {other} less the same plan at the yields of {base}, the rest that one less the "
        "plan of {base}; both are simulated."
    ),
    "recalibrated": "recalibration",
    "remaining": "rest",
    "allocation": "money, billion CNY: {base} -> {other}, largest change first",
    "domain": "domain",
    "type": "type",
    "plan": "plan",
    "B": "bottleneck",
    "A": "accelerator",
    "M": "moat",
    "S": "security",
    "programmes": "programmes",
    "total": "total",
    "moved": "{amount} billion CNY are allocated differently; the total changes by {total}.",
    "rest": "… and {count} more; kctopt compare --format json has all",
    "changes": "stages and decisions: {other}",
    "no_changes": "no line changes stage at another time, no decision differs",
    "limits": "limits: {base} -> {other}",
    "no_limits": "no limit began or ceased to bind",
    "rule": "rule",
    "change": "now",
    "years": "years",
    "price": "price",
    "began": "binds",
    "ceased": "no longer binds",
    "new": "new, binding",
    "gone": "removed, was binding",
    "ranges": "near-optimal ranges of {base}: {other}",
    "ranges_inside": (
        "the money of {other} is a near-optimal plan of {base}: it keeps every rule there and loses {lost} % of {what} "
        "(up to {near} % counts), so every amount lies in its range."
    ),
    "ranges_adapted": (
        "near the money of {other} there is a near-optimal plan of {base}: with {moved} % of the money moved it keeps "
        "every rule there and loses {lost} % of {what} (up to {near} % counts)."
    ),
    "ranges_open": (
        "the money of {other} is not a near-optimal plan of {base}: it loses {lost} % of {what}, more than {near} %, "
        "with {moved} % of the money moved to keep the rules. Single amounts may still lie in their ranges."
    ),
    "ranges_infeasible": "no plan near the money of {other} was found that keeps the rules of {base}.",
    "ranges_cells": (
        "by the ranges saved with {base} (plans that lose up to {near} % of {what}), {inside} of {count} amounts of "
        "{other} lie in their ranges, {outside} are proven to lie outside, {undecided} are undecided."
    ),
    "near_of_planning": "the value of planning",
    "near_of_objective": "the best",
    "ranges_how": "kctopt explain ranges on the run of {base} says for every amount whether it lies in its range.",
    "in_range": "range",
    "range_verdict": "",
    "below": "below",
    "above": "above",
    "regret": "regret: what a plan (column) loses under a scenario (row), points of its objective",
    "scenario": "scenario",
    "largest": "largest",
    "infeasible": within("a plan elsewhere", "infeasible"),
    "own": "own plan",
    "kept": "as planned",
    "scaled": "in proportion to the budget",
    "mended": "mended at the least loss",
    "blended": "moved towards the best plan",
    "regret_choice": "the plan of {plan} has the smallest largest regret: {value}.",
    "regret_left": "left out, without a plan: {runs}.",
    "regret_none": "every plan is infeasible under some scenario.",
    "regret_how": (
        "{scenario} / {plan}: {how}, {moved} % of the money moved. As planned it breaks {rules}. Taken from where it "
        "was planned: {withdrawn} billion CNY{taken}; put elsewhere: {added}{put}."
    ),
    "mend": "{track} of {domain} {type} {period}, {amount}",
    "mend_most": " (most: {what})",
    "track_strategic": "research",
    "track_substitution": "substitution",
    "track_exchange": "exchange",
    "regret_bad": "{scenario} / {plan}: infeasible; it breaks {rules}.",
    "regret_gap": "* within the gap",
    "no_regret": "no regret matrix: {reason}.",
    "hindrance_one": "there is one run only",
    "hindrance_plan": "fewer than two runs have a plan; without one: {runs}",
    "hindrance_own": "a run keeps rules that its user added to the model, which scenarios do not hold",
    "hindrance_kind": "the objective is not national_security in every run",
    "hindrance_shape": "the runs differ in lines, domains or years",
    "attribution": "what explains the change of the objective: {base} -> {other}",
    "group": "changed input",
    "explains": "explains",
    "share": "share",
    "proven": "proven range",
    "error": "standard error",
    "in_last": "of NS in {year}",
    "attribution_exact": "averaged over all orders in which the inputs can change ({solves} certified solves).",
    "attribution_sampled": "averaged over {orders} orders drawn at random ({solves} certified solves).",
}


def word(key: str, lang: str, **values: object) -> str:
    """The word or sentence for `key` in a language."""
    return translate(WORDS[key], lang, **values)


def first_of(texts: Sequence[str], lang: str) -> str:
    """The first of some texts, the others counted; - for nothing."""
    more = [word("points_more", lang, count=len(texts) - 1)] if len(texts) > 1 else []
    return " ".join([*texts[:1], *more]) or "-"


def own_text(texts: Sequence[str], lang: str) -> str:
    """What users added to a model, each as Pyomo writes it."""
    return first_of([word("switched_off", lang) if text == SWITCHED_OFF else short(text) for text in texts], lang)
