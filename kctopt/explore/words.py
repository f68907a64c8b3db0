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
