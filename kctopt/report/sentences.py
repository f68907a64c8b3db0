"""Sentences and headings of reports in English and Chinese."""

from __future__ import annotations

from kctopt.language import Texts

SENTENCES: Texts = {
    # the whole
    "report_title": "R&D allocation plan: {title}",
    "report_titles": "R&D allocation plans compared: {title}",
    "subtitle": "Run {run} of {created}, kctopt {version}. Money in billion CNY at {base} prices.",
    "contents": "Contents",
    "skip": "Skip to the report",
    "figure": "Figure {number}",
    "table": "Table {number}",
    "numbered": "{number}. {caption}",
    "numbers": "Numbers of the figure",
    "scroll": "{caption} (scrolls sideways)",
    # question
    "question": "The question",
    "intent": "Intent: {intent}",
    "scope": (
        "The scenario {name} asks the model {model} how to spend {budget:,.1f} billion CNY from {first} to {last} on "
        "{lines} technology lines in {domains} domains."
    ),
    "aim_national_security": (
        "The objective is to maximise national security over the years (each year weighs {discount} of the one "
        "before{terminal})."
    ),
    "terminal": ", the last one {weight} more",
    "assumed": "assumption",
    "by_user": "user",
    "parent": "parent's figure and source",
    "spread": "published range",
    "range": "{low} to {high}",
    "aim_min_budget": "The objective is to meet all targets at the lowest cost.",
    "aim_earliest": "The objective is to meet all hard targets as early as possible.",
    "found_scale": "The plan needs {scale} of the stated budget.",
    "found_year": "The plan reaches them in {year}.",
    "policies": "Rules of this scenario",
    "aim_own": "The objective was set by the user of the model in place of the scenario's: {text}.",
    "own_parts": (
        "The model was changed by its user beyond the scenario. All that follows holds with these changes only:"
    ),
    "no_policies": "The scenario adds no rule of its own to those of the model.",
    "policy_floor": "at least {amount} billion CNY {per} for {what}, {years}",
    "policy_cap": "at most {amount} billion CNY {per} for {what}, {years}",
    "policy_share": "{limits} of each year's money for {what}, {years}",
    "policy_target_ratio": "{what}: usable capability of at least {limit} of the rival's by {by}{soft}",
    "policy_target_dependency": "{what}: dependency of at most {limit} by {by}{soft}",
    "policy_band": "{what}: ratios to the rival within {limit} of each other, {years}",
    "soft": " (soft: each unit of shortfall costs {price} points)",
    "at_least": "at least {share}",
    "at_most": "at most {share}",
    "per_year": "a year",
    "per_total": "in all",
    "all_years": "all planned years",
    "all_lines": "all lines",
    # assumptions
    "assumptions": "Assumptions that differ from the model",
    "no_assumptions": "The scenario changes no number of the model.",
    "unknown_assumptions": (
        "No model was read for this run: the scenario stands in one file or was made in Python, so what it changes is "
        "not recorded. The appendix has every setting."
    ),
    "assumptions_lead": (
        "Set by the scenario or on the command line: {count}. All other values are the model's (see the "
        "appendix). Grades: A read in the source, B second-hand, C derived, assumption: ours, user: set without a "
        "source."
    ),
    "assumptions_table": "Settings that differ from the model",
    "setting": "setting",
    "value": "value",
    "unit": "unit",
    "grade": "grade",
    "source": "source",
    "note": "note",
    "origin": "set in",
    # plan
    "plan_chapter": "The plan: what money goes where",
    "spent": (
        "From {first} to {last} the plan spends {spent:,.1f} of the {budget:,.1f} billion CNY available ({share})."
    ),
    "by_domain": "By domain: {parts}.",
    "by_type": "By type: {parts}.",
    "by_track": "By track: {parts}.",
    "share_moves": (
        "Against the shares of {base}, {up} gains most ({gain} points of share) and {down} gives up most ({loss})."
    ),
    "heat_table": "Money by domain, type and plan, billion CNY",
    "allocation_table": "Money by domain and year, billion CNY",
    "flows_table": "Money by domain and type, all planned years, billion CNY",
    "tracks_table": "Money by track and plan, billion CNY",
    "lines_table": "Money by line, billion CNY a year",
    "domain": "domain",
    "line": "line",
    "type": "type",
    "plan_period": "plan",
    "mean_in": "mean {plan}",
    # gaps
    "gaps_chapter": "When gaps close",
    "stage_counts": "By stage in force in {year}, {far} lines are far, {reach} within reach and {near} near.",
    "stage_advances": "Lines that move a stage closer: {items}.",
    "stage_falls": "Lines that move a stage back: {items}.",
    "stage_steady": "No line changes its stage.",
    "gap_band_counts": "By gap band at the end of {year}, {far} lines are far, {reach} within reach and {near} near.",
    "gap_band_advances": "Lines that move a gap band closer: {items}.",
    "gap_band_falls": "Lines that move a gap band back: {items}.",
    "gap_band_steady": "No line changes its gap band.",
    "at_stage": "{line} ({stage}, {year})",
    "crossed": "Lines that catch up with the rival: {items}.",
    "lost_lead": "Lines that lose their lead: {items}.",
    "at_year": "{line} ({year})",
    "widening": "The gap of {count} of {all} lines is wider in {last} than in {base}: {items}.",
    "stages_table": "Relative gap to the rival (below 0: lead) and stage in force by line",
    "gap_bands_table": "Relative gap to the rival (below 0: lead) and gap band by line",
    "gap_in": "gap {year}",
    "stage_in": "stage {year}",
    "gap_band_in": "gap band {year}",
    # worth
    "worth_chapter": "What it is worth",
    "rise": "National security goes from {first} in {base} to {last} in {end}.",
    "three_parts": (
        "Its three parts in {end}: economic power {economic}, military power {military}, KCT capability {technology}."
    ),
    "contributions": (
        "Of the change of {change} points, {economic} come from economic power, {military} from military power and "
        "{technology} from KCT capability."
    ),
    "cut_off": (
        "With supply cut off as far as the controls imply, economic power loses {last} points in {end}, against "
        "{first} in {base}."
    ),
    "planning_value": (
        "Planning is worth {value} points over the years: the objective of the plan less that of the base year's "
        "shares, which split every year's budget as spend was split in {base}."
    ),
    "planning_most": "No plan brings more than {at_most} points beyond them: that is proven.",
    "planning_parts": (
        "Of the {plan} points that the plan is worth over the years, the trend alone brings {trend} (every line keeps "
        "its ratio to the rival), money by the base year's shares {shares} and planning {value}."
    ),
    "planning_broken": (
        "As they are, the base year's shares break {rules} and would be worth {unlawful} points; the reference is the "
        "nearest allocation that keeps the rules, with {moved} % of their money moved."
    ),
    "shares_table": "Shares of the money by domain beside the domains' weights",
    "share_of_plan": "share in the plan",
    "share_in": "share in {year}",
    "weight": "weight",
    "beyond_weight_points": "less weight, points",
    "worth_table": "Indices in the base year and at the end of each plan",
    "security_table": "National security and its parts by year",
    "index": "index",
    "index_scale": "index, 100 = {year} without cut-off",
    "certificate": "How good the plan is, proven",
    "proof_max": (
        "No plan that keeps all rules can be worth more than {bound}: that is proven. This plan is worth "
        "{objective}. At most {gap} of its worth could still be gained by another plan."
    ),
    "proof_min": (
        "No plan that keeps all rules can cost less than {bound} billion CNY: that is proven. This plan costs "
        "{objective}. At most {gap} of its cost could still be saved by another plan."
    ),
    "no_bound": "No bound was proven: how far this plan is from the best one is not known.",
    "difference_counts": "Differences between plans that are smaller than the gap are not meaningful.",
    "status_optimal": "The proof is as tight as was asked ({asked}).",
    "status_limit": (
        "The search ended by itself before the proof was as tight as asked ({asked}): a better plan may exist."
    ),
    "status_timed_out": (
        "The search was stopped by its time limit of {limit} s before the proof was as tight as asked ({asked}): a "
        "better plan may exist. The bound had no more time than the plan, so that its distance says how far both had "
        "come, not how much better a plan can be."
    ),
    "status_interrupted": "The search was interrupted: a better plan may exist.",
    "status_infeasible": "It is proven that no plan keeps all rules.",
    "status_fault": (
        "The plan is better than its proven bound, which cannot be: one of the two is false. This is a bug in "
        "kctopt; use neither number."
    ),
    "status_no_plan": "No plan was found before the time limit.",
    "why": "Why there is no plan",
    "no_diagnosis": "Which rules conflict has not been worked out for this run.",
    "no_plan_told": "There is no plan to report. {status}",
    "verified_told": (
        "The plan was put through the exact laws by a simulator that shares no code with the optimiser; it keeps "
        "every rule and is worth what is stated."
    ),
    "unverified_told": (
        "NOT VERIFIED: the simulator finds that this plan breaks a rule or is not worth what is stated. Do not use it."
    ),
    # firmness
    "firm": "How firm the plan is",
    "no_analyses": (
        "Which other plans are nearly as good, at which values this one changes in kind, and whether it survives other "
        "forms of the laws has not been worked out for this run."
    ),
    "prices_table": "What one more unit of a number of the scenario is worth, {unit}",
    "analysis_changed": "{place}, saved with the run, was changed since it was written and is left out.",
    "no_ranges": (
        "Which amounts every plan near the optimum must give, may give or never gives has not been worked out for this "
        "run."
    ),
    "other_analysis": "A further analysis, {name}, is saved with the run.",
    "forms_lead": (
        "Under {count} other forms of KCT value, national security and diffusion, {kept} of {all} conclusions of "
        "this plan hold. All forms are hypotheses of ours. What holds under all of them:"
    ),
    "none_survives": "none",
    "forms_change": "What changes with the form:",
    # rules
    "binding": "What binds",
    "binding_lead": (
        "Shadow price: change in the objective per unit of relaxation, largest first; it holds for small changes. "
        "Each rule and line is shown in the year in which its price is largest."
    ),
    "binding_fixed": "They hold while the discrete decisions stay as they are.",
    "binding_table": "Rules with the highest prices",
    "no_prices": "No rule carries a price: nothing but the laws limits this plan.",
    "rule": "rule",
    "limit_column": "limit",
    "price_unit": "points for each",
    # decisions
    "decisions_chapter": "Discrete decisions",
    # comparison
    "comparison_money": "Money of all planned years by domain and type, billion CNY",
    "dumbbell_title": "Money by domain and type in two plans",
    "dumbbell_described": (
        "{title} and {other}: pairs of points joined by a line, one pair a domain and type with the largest "
        "changes first, in billion CNY over all planned years."
    ),
    # appendix
    "appendix": "Appendix: every assumption and its source",
    "appendix_lead": (
        "{count} settings. Values of several years are in one row. An empty source means that none is recorded."
    ),
    "appendix_folder": "Places without a folder are files of the model, in {folder}.",
    "source_number": "source no.",
    "sources_table": "Sources",
    "appendix_table": "Settings, sources and grades",
    "appendix_other": "Settings of {title} that differ from {first}",
    "record": "Appendix: how this was computed",
    "record_table": "Record of the run",
    "item": "item",
    "command": "command",
    "created": "computed",
    "versions": "versions",
    "seconds": "time",
    "scenario_hash": "SHA-256 of {file}",
}
