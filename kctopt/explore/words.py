"""Texts of the explorer: groups and labels of levers, what its answers say, and what stands on the page."""

from __future__ import annotations

from kctopt.language import Texts

GROUPS: Texts = {
    "money": "Money",
    "world": "The world outside",
    "response": "How research responds",
    "weights": "Weights",
    "policies": "Policies",
    "found": "Found by search",
}

LABELS: Texts = {
    "budget": "budget of {plan}",
    "money": "{amount:,.1f} billion CNY",
    "domain": "weight of {domain}",
    "factor": "times",
}

ANSWER: Texts = {
    "base": "base",
    "held": "plan held fixed",
    "planned": "re-optimised plan",
    "change": "change",
    "within": "within the gap",
    "beyond": "beyond the gap",
    "seconds": "seconds",
    "value": "value of planning",
    "checked": "check",
    "not_subtracted": "not subtracted: {settings} differ",
    "held_told": (
        "The base's money, every year in proportion to that year's budget, simulated under these levers. Nothing in it "
        "is optimised, and nothing proven."
    ),
    "held_adjusted": "So that rules on money hold, {share} of it stands elsewhere: the least change in proportion.",
    "held_broken": "The plan held fixed breaks {count} rules here: {rules}.",
    "held_none": "The base's plan is of other lines or years, so it cannot be held fixed here.",
    "indices": "National indices in {year}",
    "index": "index",
    "movers": "Where the money moves, the largest change first",
    "cell": "domain and type",
    "period": "plan",
    "nothing_moves": "No money moves: the levers stand where the base has them.",
    "compare": "Pinned plans",
    "name": "name",
    "status": "status",
    "security_in": "national security, {year}",
    "enter": "{path}: enter {value}",
    "all_of": "all together: {steps}",
    "searching": "searching: plan {objective}, bound {bound}, gap {gap}",
    "kept_infeasible": (
        "No plan keeps all rules here, which is proven. Which rules collide, `kctopt explore` tells with a server."
    ),
    "study_told": (
        "{count} members, of which {drawn} are drawn. One that is chosen is solved again from the base; it has what "
        "the study stored, within the gap."
    ),
    "study_kept": "{kept} of {count} members lie within the brush.",
    "study_none": "No member within the brush has a plan.",
    "fan_all": "All members; this page works out nothing new, so that a brush does not change it.",
    "draw": "draw",
    "unsolved": "not solved",
    "saved_beside": "Beside it: {files}.",
    "no_folder": "This explorer has no folder to save in: download the file.",
    "failed": "an unexpected error: {error}. This is a bug in kctopt: please report it",
}

PAGE: Texts = {
    "title": "kctopt explorer",
    "skip": "Skip to the answer",
    "levers": "Levers",
    "answer": "Answer",
    "find": "Find any other number",
    "find_hint": "words of its name, its meaning or its source",
    "found_none": "No number has all of these words.",
    "undo": "Undo",
    "redo": "Redo",
    "reset": "All levers back",
    "pin": "Pin this plan",
    "pins_full": "Six plans are pinned: unpin one first.",
    "unpin": "Unpin",
    "load": "Go there",
    "against": "Hold others against it",
    "is_against": "others are held against this plan",
    "pin_name": "Name of the pinned plan",
    "save": "Save as a scenario",
    "save_name": "Name of the scenario",
    "save_download": "Solve and download",
    "save_folder": "Solve and save in the folder {folder}",
    "save_also": "In the folder also",
    "save_run": "the run",
    "save_html": "the report as HTML",
    "save_pdf": "the report as PDF",
    "saved_as": "Saved as {file}; `kctopt solve {file}` gives the same numbers.",
    "saved_download": "Downloaded; `kctopt solve {file}` gives the same numbers.",
    "saving": "solving the file as `kctopt solve` does",
    "language": "Language",
    "base_value": "base: {value}",
    "source": "source",
    "grade": "grade",
    "set_in": "set in",
    "span_range": "published range",
    "span_usual": "the slider's ends are not a published range",
    "assumption": "assumption",
    "back": "Back to the base",
    "policy_new": "Add a rule",
    "policy_kind": "kind",
    "policy_floor": "floor: at least so much money",
    "policy_cap": "cap: at most so much money",
    "policy_target": "target: least ratio to the rival",
    "policy_domain": "domain",
    "policy_type": "type",
    "policy_all": "all",
    "policy_amount": "billion CNY a year",
    "policy_ratio": "ratio to the rival",
    "policy_from": "first year",
    "policy_to": "last year",
    "policy_by": "by the end of",
    "policy_id": "name",
    "policy_add": "Add",
    "policy_edit": "Years and domain",
    "policy_remove": "Take out",
    "no_policies": "The scenario has no policies.",
    "numbers": "Numbers",
    "binds": "What binds",
    "infeasible": "No plan keeps all rules",
    "loosen": "Loosen",
    "not_proven": "not proven yet",
    "drawn_held": "shown: plan held fixed, simulated",
    "drawn_planned": "shown: re-optimised plan",
    "faults": "These levers do not fit together",
    "working": "working",
    "lost": "The explorer no longer answers; start `kctopt explore` again.",
    "kept": (
        "This page has {count} plans, each solved and proven before it was written. Levers go from one to the next; "
        "nothing between them is worked out."
    ),
    "kept_near": "No plan was worked out for what was asked: the nearest that is there is shown.",
    "points": "points of the grid",
    "study": "Members of the study",
    "brush": "Brush",
    "brush_hint": "Drag along an axis of the figure, or enter the ends; click a line to load its member.",
    "brush_from": "from",
    "brush_to": "to",
    "brush_clear": "Brush nothing",
    "brush_any": "any",
    "not_loaded": "no state says what this draw does",
    "tied": "the three sum to 1; the other two give way in proportion",
}

NAMES: Texts = {  # of languages, each in itself
    "en": "English",
    "zh": "Chinese",
}
