"""Sentences and headings of page one and of chapters that tell several runs, in English and Chinese."""

from __future__ import annotations

from kctopt.language import Texts

BRIEFING: Texts = {
    # page one
    "summary": "Summary",
    "last_slide": "How firm, and what to decide next",
    "subtitle_several": (
        "{count} runs, the first of {created}, kctopt {version}. Money in billion CNY at {base} prices."
    ),
    "asked": "How should R&D money be spent from {first} to {last} so that national security is as high as possible?",
    "asked_several": (
        "How should R&D money be spent from {first} to {last} so that national security is as high as possible, and "
        "how does the answer change between {runs}?"
    ),
    "no_answer": "No plan was found: there is nothing to decide on yet.",
    "unverified_runs": "NOT VERIFIED, not to be used: {runs}.",
    "planless_runs": "Without a plan: {runs}.",
    "answer_worth": (
        "National security goes from {before} in {base} to {high} in {last} at best ({best}) and {low} at worst "
        "({worst})."
    ),
    "answer_money": (
        "{common} billion CNY go to the same domains and types in every plan, {share} of the money of {first}; {top} "
        "gets the largest part, {low} to {high}."
    ),
    "answer_choice": (
        "The plan of {plan} is the safest choice: whichever of these cases occurs, it loses at most {most} points over"
        " the years against the plan made for that case; the plan of {worst} would lose up to {other}."
    ),
    "no_choice": "Which plan is the safest choice cannot be said: the runs differ in objective or structure.",
    "worth_of_plan": "Against the base year's shares of the money, planning brings {value} points over the years.",
    "largest_parts": "The plan spends {spent} billion CNY; the largest parts go to {parts}.",
    "answer_wide": (
        "Even so {count} of {all} technology lines stay more than {far} behind the rival in {year}, the widest being "
        "{line} at {gap}."
    ),
    "answer_level": "No technology line is more than {far} behind the rival in {year}.",
    "summary_table": "The plans at a glance; indices: 100 = {year} without cut-off",
    "summary_table_one": (
        "The plan at a glance: indices at the end of the period (100 = {year} without cut-off), money a year"
    ),
    "measure": "measure",
    "index_from": "{index} {year} ({base}: {before})",
    "index_at": "{index} {year}",
    "index_end": "{index}, points",
    "planning_row": "value of planning, points over the years",
    "budget_row": "money available, billion CNY",
    "of_plan_row": "spent in {plan}, billion CNY",
    "plan_domain": "plan and domain",
    "plans_runs": "Money by plan and domain, billion CNY",
    "money_row": "{domain}, billion CNY",
    "money_year_row": "{domain}, billion CNY a year",
    "kind_row": "changes in kind against {first}",
    "none": "none",
    "run": "run",
    "overview_title": "Shares of the money by domain, and national security in the last year",
    "overview_title_one": "Shares of the money by domain, and national security",
    "overview_described": (
        "{title}: a bar each, divided into the shares of the money by domain; beside it a point for national security."
    ),
    "loose_runs": (
        "Too loosely proven to decide by: {runs}. A plan may be worth up to {more} points more, {part} of the value of "
        "planning. First allow the search more time, or ask for a smaller gap."
    ),
    "firm_proven": "How firm: no plan can be better than these by more than {gap} in this model; that is proven.",
    "firm_proven_one": (
        "How firm: no plan can be better than this one by more than {gap} in this model; that is proven."
    ),
    "firm_checked": "A simulator that shares no code with the optimiser finds every rule kept.",
    "firm_open": "How firm: of at least one plan no bound is proven, so how far it is from the best is not known.",
    "firm_ranges": (
        "Of {all} amounts by domain, type and plan, near-optimal plans must give {must}, may give {may} and never "
        "give {never}."
    ),
    "hangs": (
        "What it depends on: inputs that are assumptions. With one of them 10 % off and the plan unchanged, national "
        "security in {year} moves by: {parts}."
    ),
    "hinge": "{input} ({move} points)",
    "next": "To decide next:",
    "next_common": "Release what every plan gives: {parts}.",
    "amount_of": "{what} at least {amount} billion CNY",
    "next_open": "Settle {what}: it gets {low} to {high} billion CNY, the widest difference between the plans.",
    "next_clear": (
        "Before choosing, clear up this assumption of {run}: {input}. It moves the objective by {points} points, more"
        " than any other."
    ),
    "next_first_plan": "Release the money of {plan}; later plans can still be changed when it has shown results.",
    "next_source": "Find a better figure for this input, on which the result depends most: {input}.",
    # figures side by side
    "money_a_year": "billion CNY a year",
    "share_axis": "share of the money",
    "security_axis": "national security {year}",
    "security_ends": "national security",
    "security_path": "national security, points",
    "security_less": "less {first}, points",
    "gap_axis": "ahead ← gap to the rival → behind",
    "change_axis": "billion CNY over all planned years, less {first}",
    "changes_title": "Money by domain and type: each plan less {first}",
    "changes_described": (
        "{title}: a row for each domain and type with the widest differences, a point for each run at its money less "
        "that of the first run."
    ),
    "paths_title": "National security by year",
    "paths_described": (
        "{title}: on the left a line of national security by year for each run, on the right the same less the first "
        "run."
    ),
    "standing_caption": "Gap to the rival by line in {year} (grey: {base})",
    "standing_title": "Gap to the rival by line in {year}",
    "standing_described": (
        "{title}: a row for each technology line, a grey tick for its gap to the rival in the base year and a point "
        "for each run in the last year; left of zero the line leads."
    ),
    # chapters side by side
    "spent_of": "{run}: {spent} of the {budget} billion CNY available ({share}).",
    "domain_type": "domain and type",
    "tracks_runs": "Money of all planned years by track, billion CNY",
    "standing_table": "Technology lines by standing in {year}",
    "gap_band": "gap band",
    "stage": "stage",
    "worth_runs": "Indices in {year}",
    "planning_lead": (
        "What the objective is made of: the trend alone (every line keeps its ratio to the rival), money by the base "
        "year's shares, and planning."
    ),
    "planning_table": "Parts of the objective, points over the years",
    "by_trend": "trend alone",
    "by_shares": "base year's shares",
    "by_planning": "planning",
    "proofs_lead": (
        "Each plan is worth its objective; no plan can be worth more than the proven bound. Differences smaller than "
        "the gap are not meaningful."
    ),
    "proofs_table": "What is proven of each plan",
    "state": "state",
    "checked": "checked by simulation",
    "yes": "yes",
    "no": "NO",
    "no_regret_told": "What each plan loses in another case cannot be said: the runs differ in objective or structure.",
    "regret_lead": (
        "Regret: what a plan (column) loses where a case (row) occurs, against the plan made for that case. Where a "
        "plan breaks a rule of the case, its money is moved as little as the rules ask; what is lost is then at most "
        "(≤) the number shown."
    ),
    "regret_rows": "case",
    "regret_table": "Regret, points of the objective over the years",
    "largest": "largest",
    "regret_moved": "At most {share} of a plan's money had to be moved.",
    "binding_runs": (
        "Shadow price: change in the objective per unit of relaxation, largest first; each rule in the year of its "
        "highest price. “–” marks a rule without a price in that run."
    ),
    "differences": "What differs, and what explains it",
    "asks_of": "{run}: {intent}",
    "same_inputs": "The runs have the same inputs.",
    "inputs_table": "Inputs that differ from {first}",
    "here": "here",
    "attribution_lead": (
        "What each changed input explains of the change of the objective against {first}: the mean over all orders in"
        " which the inputs can change, with its range by the proofs."
    ),
    "attribution_table": "Change of the objective against {first} by changed input, points over the years",
    "explains": "explains",
    "of_change": "of the change",
    "proven_range": "proven range",
    "in_security": "national security {year}",
    "no_attribution": "What each changed input explains has not been worked out for {runs}.",
    "no_attribution_work": (
        "What each changed input explains is left out for {runs}: {count} scenarios in between would have to be solved,"
        " more than a report solves."
    ),
    "no_attribution_discrete": (
        "What each changed input explains is left out for {runs}: {count} scenarios in between would have to be solved,"
        " with discrete decisions, whose proof takes a search of its own."
    ),
    "no_attribution_fault": (
        "What each changed input explains cannot be said for {runs}: a scenario in between has no plan, the aim has no"
        " value, or parts of the user's own are in the models."
    ),
    "changes_of": "What changes in kind in {run} against {first}:",
    "decisions_of": "Discrete decisions: {run}",
    # why this money
    "reasons": "Why this money",
    "reasons_lead": "What the largest amounts buy, by the laws of the model (a gap below 0 is a lead):",
    "reasons_lead_of": "What the largest amounts of {first} buy, by the laws of the model (a gap below 0 is a lead):",
    "reason": (
        "{line} gets {amount} billion CNY, {share} of the money: {before} in {base}, {after} in {end}. The gap"
        " to the rival goes from {gap_before} to {gap_after}; at the spend of {base} it would come to {gap_held}, and"
        " national security in {end} would be {worth} points lower."
    ),
    "reason_less": (
        "{line} gets {amount} billion CNY, {share} of the money: {before} in {base}, {after} in {end}. The gap"
        " to the rival goes from {gap_before} to {gap_after}; at the spend of {base} it would come to {gap_held}, and"
        " national security in {end} would be {worth} points higher."
    ),
    "held_by": "Held by: {rules}.",
    "reasons_table": "What money buys by line; below 0 a gap is a lead",
    "money_all": "billion CNY, all years",
    "gap_held_in": "gap {year} at the base year's spend",
    "worth_of_growth": "worth of the growth, points",
    "marginal": "points for one billion CNY more",
    "marginal_table": "Marginal return: points of the objective for one billion CNY more, by line",
    "shares_lead": "Money does not follow weights: it goes where one billion more brings most.",
    # appendix
    "rule_named": "“{id}”",
    "appendix_changed": "Appendix: settings of {title} that differ from the model",
    "numbers_of_figures": "Appendix: numbers of the figures",
    "numbers_lead": "What the figures show, in numbers.",
}
