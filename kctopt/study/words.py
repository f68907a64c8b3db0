"""What the analyses of a study say: sentences by key, filled in when they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kctopt.language import LANGUAGES, Texts, checked_lang, translate

WORDS: Texts = {
    # indices
    "sobol": "Sobol indices",
    "morris": "Elementary effects (Morris)",
    "pawn": "PAWN indices",
    "delta": "Delta indices (Borgonovo)",
    "rbd_fast": "First-order indices (RBD-FAST)",
    "head": (
        "{method} of {inputs} inputs from {draws} draws ({sample}); intervals of {confidence} % by {resamples} "
        "resamples."
    ),
    "gap": "Mean gap of the members {gap}, standard deviation of the outcome {deviation}.",
    "other_outcome": (
        "{outcome} is of the plan found in each draw: the gaps (mean {gap}, relative) are of the objective, and "
        "nothing bounds how far {outcome} of another plan as good may differ."
    ),
    "without_plan": "{count} of {draws} members have no plan and take no part in the ranks.",
    "constant": "The outcome is {value} in all {draws} draws: no input moves it, and it has no indices.",
    "dropped": (
        "{failed} of {draws} members failed ({reasons}) and are left out: the indices describe the other draws."
    ),
    "dropped_blocks": (
        "{failed} of {draws} members failed ({reasons}); with the draws that are compared with them {dropped} are left "
        "out: the indices describe the other draws."
    ),
    "index_of": "{input} {value} ({low} to {high})",
    "most_sobol": "Largest shares of the variance, with all interactions: {inputs}.",
    "most_morris": "Largest changes of the outcome over the whole range of an input: {inputs}.",
    "most_pawn": "Largest shifts of the outcome's distribution once the input is known: {inputs}.",
    "most_delta": "Largest areas between the densities of the outcome once the input is known: {inputs}.",
    "most_rbd_fast": "Largest shares of the variance, each input by itself: {inputs}.",
    "idle": "Not distinguishable from an input without influence: {inputs}.",
    "floor": "Up to {floor} an index is not distinguishable from that of an input without influence: {inputs}.",
    "below": "Sampling noise: an index below 0 is 0 within its interval ({inputs}); a sample of size {size} has less.",
    "over": (
        "Sampling noise: no first-order index is above the total one, yet it is here for {inputs}; a sample of "
        "size {size} "
        "has less."
    ),
    "wide": "The widest interval is ± {half}; for ± {wanted} take a sample of size {size}.",
    # discovery
    "cases": "{cases} of {draws} draws are cases ({share} %).",
    "unknown": (
        "Of {draws} of {all} draws it is not known whether they are cases, for their members failed; they are left out."
    ),
    "box": (
        "Box {number}: where {limits}, {density} % of the draws are cases; this is {mass} % of all draws and holds "
        "{coverage} % "
        "of all cases."
    ),
    "rule": "{limits}",
    "leaf": (
        "Leaf: where {limits}, {density} % of the draws are cases; {mass} % of all draws, {coverage} % of all cases."
    ),
    "limit_above": "{input} is above {low}",
    "limit_below": "{input} is below {high}",
    "limit_between": "{input} is between {low} and {high}",
    "limit_is": "{input} is {values}",
    "limit_kept": "{input} is one of {values}",
    "no_box": "No box is denser in cases than all draws: these inputs do not tell where cases are.",
    "no_split": "No split of the draws parts cases from others.",
    "no_cases": "No draw is a case: there is nothing to discover; the threshold may be too strict.",
    "all_cases": "Every draw is a case: there is nothing to discover; the threshold may be too weak.",
    "loose": (
        "Box {number} restricts {input} in {share} % of the resamples alone: that restriction is not firm; draw "
        "more, or leave it out."
    ),
    "few_cases": "Only {cases} cases: boxes from so few are guesses; draw more.",
    # plans held fixed
    "held": "Held fixed: {runs} from runs, {optima} optima out of {members} members.",
    "shares": (
        "Plans are held as shares of each draw's budget: their money is {low} to {high} times the money planned."
    ),
    "shares_same": "Plans are held as shares of each draw's budget, which here is the budget they were planned for.",
    "amounts": "Plans are held as amounts, whatever the budget of a draw is.",
    "adjusted": (
        "In {count} of {cases} cases of a plan in a draw the shares break a rule on money there and are adjusted to be "
        "feasible, by the least change in proportion; it moves at most {most} % of a plan's money."
    ),
    "once": "{plan} is the plan of {other}: it is judged once.",
    "numbered": "#17 is the optimum of draw 17.",
    "chosen": (
        "Of {members} optima {chosen} are taken: the first is nearest to the mean, each "
        "next farthest from those taken. An optimum left out moves at most {most} % of the money against the nearest "
        "one taken."
    ),
    "alike": "Of {members} optima {chosen} differ; the others are alike to one of them.",
    "points": (
        "The draws are points that were chosen ({sample}), not worlds by their odds: means and shares are of these "
        "points."
    ),
    "left_out": (
        "{count} of {draws} draws are left out: their members have no plan or no bound, and regret has nothing to be "
        "measured against."
    ),
    "against_proof": (
        "In {draws} draws, first in draw {first}, a plan keeps all rules within their tolerance although it is proven "
        "that none keeps them exactly."
    ),
    "ahead": (
        "In {draws} draws a plan is above the member's bound by up to {most}, as breaking rules within their tolerance "
        "allows; the bound is moved up to it."
    ),
    "breaks": "{plan} breaks a rule in {count} of {draws} draws, most often {rule}: it has no value there.",
    "optima_break": "{count} of the {optima} optima break a rule in some other draw, one in {most} % of them.",
    "without_value": (
        "A plan that breaks a rule in some draw has no maximin, Hurwicz, mean, CVaR or regret, and no rank by them; "
        "its satisficing share counts the draw as failed."
    ),
    # robustness
    "regret_best": "Regret is measured against the best plan known in each draw.",
    "regret_plans": "Regret is measured against the best of these {plans} plans in each draw; a better one may exist.",
    "regret_room": "By the proven bounds a better plan can be worth at most {room} more.",
    "regret_choice": "{plan} has the smallest largest regret: {interval}.",
    "plan_failed": "{plan} has no value in {count} of {draws} draws, so that most measures say nothing of it.",
    "maximin": "maximin (worst value)",
    "hurwicz": "Hurwicz",
    "laplace": "Laplace (mean with equal weights)",
    "expected": "expected value",
    "cvar_lower": "CVaR of the lower tail, {confidence} %",
    "savage": "minimax regret (Savage)",
    "percentile_regret": "percentile regret",
    "satisficing": "satisficing share",
    "first": "By {measure}, {plans} is best: {value}.",
    "tie": "By {measure}, {plans} cannot be told apart: {value}.",
    "agree": "Best, or indistinguishable from the best, by every measure: {plans}.",
    "alone": (
        "{plan} alone has a value in every draw: it is first for want of others, and the measures say nothing of the "
        "rest."
    ),
    "disagree": "The measures do not agree on one plan: the choice depends on the attitude to risk.",
    # rank stability
    "stability": "{items} items over {members} members.",
    "always": "In the top {top} in every member: {items}.",
    "never_always": "None is in the top {top} in every member.",
    "sometimes": "In the top {top} in some members: {items}.",
    "often": "{item} in {share} %",
    "must": "Funded in the plan of every member: {items}.",
    "never": "Funded in the plan of no member: {items}.",
    "must_ranges": "Must: every nearly optimal plan of every member funds {items}.",
    "never_ranges": "Never: no nearly optimal plan of any member funds {items}.",
    "open_ranges": "Open, for what is attained and what is proven are too far apart: {items}.",
    # members' own plans
    "own_plans": (
        "Each of {members} members with the plan that is best in its draw, simulated anew; gaps at the end of {year}."
    ),
    "own_left_out": "{count} of {draws} members have no plan and take no part.",
    "gaps_side": (
        "Of {lines} lines {ahead} lead the rival in at least 95 % of these draws, {behind} stay behind in at least "
        "95 %; of {open} it hangs on the draw."
    ),
    "gaps_spread": "Least known is the gap of {line}: {low} to {high} % in the middle 90 % of the draws.",
}


@dataclass(frozen=True)
class Note:
    """A sentence by its key, with what fills it; notes and tuples among the values are told in the language."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def said(self, lang: str = "en") -> str:
        """The sentence in a language."""
        return translate(WORDS[self.key], lang, **{name: _told(value, lang) for name, value in self.values.items()})


def renamed(note: Note, names: Mapping[str, str]) -> Note:
    """The same sentence with other names for what it speaks of."""
    return Note(note.key, {key: _renamed(value, names) for key, value in note.values.items()})


def _renamed(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, Note):
        return renamed(value, names)
    if isinstance(value, tuple):
        return tuple(_renamed(one, names) for one in value)
    return names.get(value, value) if isinstance(value, str) else value


def _told(value: object, lang: str) -> object:
    if isinstance(value, Note):
        return value.said(lang)
    if isinstance(value, tuple):
        return LANGUAGES[lang].series(str(_told(one, lang)) for one in value)
    return value


def sentences(notes: Iterable[Note], lang: str = "en") -> list[str]:
    """Sentences of notes, each once."""
    checked_lang(lang)
    return list(dict.fromkeys(note.said(lang) for note in notes))
