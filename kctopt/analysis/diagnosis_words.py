"""Phrases of a diagnosis, English and Chinese."""

from __future__ import annotations

from kctopt.language import Texts, within

LINES_OF: Texts = {"B": "bottleneck lines", "A": "accelerator lines", "M": "moat lines", "S": "security lines"}
TRACKS: Texts = {"strategic": "strategic spend", "substitution": "substitution spend", "exchange": "exchange spend"}
UNITS: Texts = {  # of an amount by which a rule gives
    "billion CNY": "billion CNY",
    "ratio to rival": "of the rival's level",
    "share": "",
    "index points": within("amount", "index points"),
    "stages": "stages",
    "thousand persons": "thousand persons",
    "programmes": within("amount", "programmes"),
}
LAWS: Texts = {
    "ladder.ladder": "the ladder of rungs",
    "knowledge.production": "knowledge production",
    "diffusion.inflow": "diffusion",
    "modes.inflow": "inflow by cooperation mode",
    "substitution.made": "emergency substitution",
    "kct": "the KCT value",
    "security": "the national indices",
    "dependency": "dependency",
}
SAYS: Texts = {  # what a rule asks: {name} is what the user calls it
    "budget": "the budget of {key} is {amount} billion CNY",
    "carry": "at most {share} of a year's budget can be carried over",
    "ramp": "a line's spend grows by at most {growth} and {amount} billion CNY a year",
    "line_floor": "{line} spends at least {amount} billion CNY a year",
    "line_cap": "{line} spends at most {amount} billion CNY a year",
    "scale": "{line} is off in a plan, or spends at least {amount} billion CNY in each of its years",
    "exposure": "exposed exchange of {key} is at most {amount} billion CNY",
    "exchange_floor": "lines of quadrant {label} give at least {share} of their spend to exchange",
    "exchange_cap": "lines of quadrant {label} give at most {share} of their spend to exchange",
    "mode_cap": "no line gives more to exchange than its mode allows",
    "shield": "security and moat lines get at least {share} of the spend in quadrant {label}",
    "near": "a line at the near threshold counts as near",
    "entry": "a line comes within reach only at the far threshold",
    "ratchet": "stages take one step at a time and never go back",
    "exchange_open": "only lines within reach exchange",
    "requires": "programme {label} starts after those it requires have ended",
    "excludes": "programme {label} does not run beside those it excludes",
    "researchers": "programmes employ at most {amount} thousand persons in {key}",
    "own": "your constraint {name}",
}
CALLED: Texts = {  # what is changed, as object of 'lower' and 'raise'
    "budget": "the budget of {key}",
    "carry": "what can be carried over (money.carry_share)",
    "ramp": "the yearly step of a line's spend (money.ramp_step)",
    "line_floor": "the floor of {line}",
    "line_cap": "the cap of {line}",
    "scale": "the minimum efficient scale of {line}",
    "exposure": "the exposure limit of {key}",
    "exchange_floor": "the least exchange share (quadrants[{key}].min_exchange)",
    "exchange_cap": "the largest exchange share (quadrants[{key}].max_exchange)",
    "mode_cap": "the largest exchange of each line",
    "shield": "the least shield share (quadrants[{key}].shield_share)",
    "near": "the gap up to which a line counts as near (diffusion.near)",
    "entry": "the gap beyond which a line is far (diffusion.far)",
    "researchers": "the researchers of {key}",
}
WORDS: Texts = {
    "feasible": (
        "{name}: feasible. A plan keeps every rule, checked by simulation (objective {value}, not the best; "
        "`kctopt solve` finds that)."
    ),
    "unknown": (
        "{name}: not decided. Neither a plan nor rules that conflict were found in {seconds} s; allow more with "
        "--time-limit."
    ),
    "undecided": (
        "{name}: not decided. Neither a plan nor rules that conflict were found; the search ended by itself after "
        "{seconds} s."
    ),
    "proven_stopped": (
        "{name}: infeasible. It is proven that no plan keeps all rules; which of them conflict was not found in "
        "{seconds} s; `kctopt diagnose` with a larger --time-limit looks longer."
    ),
    "proven": (
        "{name}: infeasible. It is proven that no plan keeps all rules; which of them conflict was not found: the "
        "search ended by itself after {seconds} s, as it may at the edge of what a target can reach. Move the target "
        "a little and ask again."
    ),
    "infeasible": "{name}: infeasible. No plan keeps all rules; {count} found.",
    "conflict": "These rules cannot hold together:",
    "one": "This rule cannot hold, whatever the others:",
    "whole": "Only because decisions are whole: in parts they would agree.",
    "laws": "Laws of the model at work: {laws}.",
    "remedy": "At least one of these must be relaxed:",
    "no_remedy": "{what}: by itself no remedy (it would have to be relaxed by {amount} or more)",
    "these_only": " (so that these rules hold together; the rest asks for more)",
    "not_shown": "{what}: no amount was shown to be enough by itself",
    "no_remedies": "none of them is shown to be enough by itself",
    "no_amount": "{what}: by how much was not found in time",
    "unit": "{what} says {times} times what the others leave room for: is its unit right?",
    "unit_small": "{what} leaves room for a {times}th of what the others ask for: is its unit right?",
    "drop": "take {what} out",
    "together": "Least change if all are relaxed: {what}.",
    "minimal": "Proven: no plan keeps them all; without any one of them a simulated plan keeps the others.",
    "single": "Proven: no plan keeps it, even with every other rule left out.",
    "not_minimal": "Proven that no plan keeps them all. Not proven minimal: not shown to be needed: {names}.",
    "not_reduced": (
        "Proven that no plan keeps them all. Not proven minimal: there was no time to look at the others one by one."
    ),
    "rest": "and {count} rules of the model, none of them known to be needed: {families}",
    "repair": "To have a plan that keeps all the rest: {what} (a simulated plan does).",
    "no_repair": "By how much rules must be relaxed for a plan that keeps all the rest was not found.",
    "more": "There may be more conflicts behind: the rest of the rules is not known to have a plan.",
    "stopped": "Stopped by the time limit of this diagnosis after {seconds} s.",
}
POLICY: Texts = {  # what a policy asks; {on} is what it speaks of, {when} its years
    "floor": "at least {amount} billion CNY a year{on}{when}",
    "cap": "at most {amount} billion CNY a year{on}{when}",
    "total floor": "at least {amount} billion CNY in total over {span}{on}",
    "total cap": "at most {amount} billion CNY in total over {span}{on}",
    "share": "a share of {share} of each year's spend{on}{when}",
    "target": "at least {amount} of the rival's capability{on} by the end of {year}{here}",
    "dependency": "a dependency of at most {amount}{on} by the end of {year}{here}",
    "band": "ratios to the rival of {lines} within {amount} of each other",
    "least": "at least {amount}",
    "most": "at most {amount}",
}
