"""Tiny scenarios built in Python, shared by all tests.

`tiny()` is small enough for a calculator: 2 domains, 4 pure lines (one a quadrant), 4 years in two plans,
a tail of 2. `small()` has 3 domains x 4 types, 6 years in two plans, a tail of 3, and overlapping types.
`options()` is the tiny world with every discrete option on: switching, modes, a least scale, an S-shaped
response, two programmes and a band; in the other two all of them are off.
All take overrides by path, checked like any scenario: tiny(kct__form="linear", lines__0__capability=30),
tiny(policies=[...]).
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from kctopt.scenario.records import Scenario

Tree = dict[str, Any]


def name(text: str) -> Tree:
    return {"en": text, "zh": text}


def rung(id: str, omega: float, profile: float, loss: float, eta: float, share: float, *lags: float) -> Tree:
    """One rung; `lags` are the lag weights from year 0 on."""
    return {
        "id": id, "label": name(id), "capability_weight": omega, "profile": profile, "depreciation": loss,
        "inflow": eta, "spend_share": share, **{f"lag_{year}": weight for year, weight in enumerate(lags)},
    }  # fmt: skip


def line(domain: str, kind: str, sensitivity: float, growth: float, **fields: Any) -> Tree:
    """One line of a single type; `fields` override or complete the defaults."""
    member = {"bottleneck": "B", "accelerator": "A", "moat": "M", "security": "S"}
    return {
        "id": f"{domain}-{kind}", "label": name(f"{domain} {kind}"), "domain": domain,
        **{field: float(letter == kind) for field, letter in member.items()},
        "sensitivity": sensitivity, "growth": growth, "rival_growth": 0.0, "substitution_share": 0.1,
    } | fields  # fmt: skip


RUNGS = [  # sum of weight x profile is 1: 0.2 x 1.5 + 0.3 x 1.0 + 0.5 x 0.8
    rung("F", 0.2, 1.5, 0.20, 1.0, 0.5, 1.0),
    rung("P", 0.3, 1.0, 0.10, 0.5, 0.3, 0.5, 0.5),
    rung("R", 0.5, 0.8, 0.05, 0.2, 0.2, 0.0, 0.5, 0.5),
]

QUADRANTS = [
    {"id": "widen", "label": name("widen"), "min_exchange": 0.1, "max_exchange": 0.6, "shield_share": 0.0},
    {"id": "active", "label": name("active"), "min_exchange": 0.0, "max_exchange": 0.45, "shield_share": 0.0},
    {"id": "managed", "label": name("managed"), "min_exchange": 0.0, "max_exchange": 0.2, "shield_share": 0.0},
    {"id": "barrier", "label": name("barrier"), "min_exchange": 0.0, "max_exchange": 0.02, "shield_share": 0.5},
]

LAWS: Tree = {
    "money": {"carry_share": 0.1, "ramp_growth": 0.5, "ramp_step": 2.0, "history_growth": 0.0},
    "rungs": RUNGS,
    "knowledge": {"effort_elasticity": 0.5, "accelerator_elasticity": 0.2, "stock_elasticity": 0.2},
    "substitution": {
        "elasticity": 0.5, "depreciation": 0.2, "output": 2.0, "reference_share": 0.1, "ceiling": 0.2,
    },
    "diffusion": {
        "absorption": 0.08, "exchange_output": 3.0, "exchange_elasticity": 0.5, "exchange_reference": 0.1,
        "exchange_control": 0.5, "catch_up": 0.05, "catch_up_control": 0.5, "leverage": 0.1,
    },
    "quadrants": QUADRANTS,
    "cooperation": {"sensitivity_threshold": 0.5, "growth_threshold": 0.5, "exposure_limit": 5.0},
    "cut_off": {"loss": 10.0, "shield": 0.02},
    "kct": {
        "form": "nested", "multiplier": 0.2, "rho": -1.0, "rho_domains": 0.0,
        "weights": {"B": 0.4, "A": 0.2, "M": 0.2, "S": 0.2},
    },
    "economy": {"ratio": 0.6, "trend": 0.02, "kct_elasticity": 0.2},
    "military": {
        "index": "spending", "kct_elasticity": 0.2, "shield_elasticity": 0.3,
        "indices": [
            {"id": "spending", "label": name("spending"), "ratio": 0.3, "trend": 0.03},
            {"id": "material", "label": name("material"), "ratio": 1.9, "trend": 0.01},
        ],
    },
    "security": {"form": "cobb_douglas", "economy": 0.4, "military": 0.3, "technology": 0.3},
    "objective": {"discount": 0.95, "terminal": 1.0},
}  # fmt: skip

TINY: Tree = LAWS | {
    "name": "tiny",
    "label": name("tiny"),
    "intent": "Two domains, four lines, four years: a case to follow by hand.",
    "model": "tests",
    "horizon": {"base_year": 2025, "last_year": 2029, "plan_length": 2, "tail": 2},
    "budget": 60.0,
    "domains": [
        {"id": "chips", "label": name("chips"), "weight": 0.6},
        {"id": "ai", "label": name("ai"), "weight": 0.4},
    ],
    "lines": [
        line("chips", "B", 0.8, 0.8, capability=40.0, trend=0.01, rival_growth=0.02, spend=10.0, exchange_share=0.1),
        line("chips", "S", 0.9, 0.2, capability=60.0, trend=0.01, spend=10.0, exchange_share=0.01),
        line("ai", "A", 0.2, 0.8, capability=90.0, trend=0.0, rival_growth=0.02, spend=20.0, exchange_share=0.2),
        line("ai", "M", 0.2, 0.2, capability=60.0, trend=0.0, spend=10.0, exchange_share=0.1),
    ],
    "spillovers": [
        {"source": "ai", "target": "ai", "strength": 1.0},
        {"source": "ai", "target": "chips", "strength": 0.5},
    ],
    "controls": {"intensity": {2025: 0.2, 2026: 0.2, 2029: 0.8}},
}


def small_lines() -> list[Tree]:
    """Three domains x four types: levels and sensitivities spread over all stages and quadrants."""
    profile = {"B": (0.8, 0.7), "A": (0.3, 0.9), "M": (0.2, 0.3), "S": (0.9, 0.2)}
    lines = []
    for d, domain in enumerate(("chips", "ai", "biotech")):
        for k, (kind, (sensitivity, growth)) in enumerate(profile.items()):
            fields: Tree = {
                "capability": 35.0 + 20 * d + 9 * k,
                "trend": (0.005, 0.01, -0.005)[(d + k) % 3],
                "rival_growth": (0.0, 0.02, 0.04)[d],
                "spend": 5.0 + 3 * d + 2 * k,
                "weight": 1.0 + 0.5 * (k % 2),
                "exchange_share": {"B": 0.1, "A": 0.2, "M": 0.1, "S": 0.01}[kind],
                "substitution_share": {"B": 0.15, "A": 0.05, "M": 0.05, "S": 0.1}[kind],
            }
            lines.append(line(domain, kind, sensitivity, growth, **fields))
    lines[0]["security"] = 0.4  # chips-B also serves security
    lines[5]["moat"] = 0.5  # ai-A is half a moat
    return lines


SMALL: Tree = LAWS | {
    "name": "small",
    "label": name("small"),
    "intent": "Three domains, four types each, six years.",
    "model": "tests",
    "horizon": {"base_year": 2025, "last_year": 2031, "plan_length": 3, "tail": 3},
    "budget": {2026: 145.0, 2031: 190.0},
    "money": LAWS["money"] | {"history_growth": 0.05},
    "domains": [
        {"id": "chips", "label": name("chips"), "weight": 0.4},
        {"id": "ai", "label": name("ai"), "weight": 0.35},
        {"id": "biotech", "label": name("biotech"), "weight": 0.25},
    ],
    "lines": small_lines(),
    "spillovers": [
        {"source": source, "target": target, "strength": 1.0 if source == target else 0.25}
        for source in ("chips", "ai", "biotech")
        for target in ("chips", "ai", "biotech")
    ],
    "knowledge": LAWS["knowledge"] | {"induced_innovation": 0.1},
    "controls": {"intensity": {2025: 0.3, 2027: 0.6, 2031: 0.8}},
    "cooperation": LAWS["cooperation"] | {"exposure_limit": {2026: 14.0, 2031: 16.0}},
    "kct": LAWS["kct"] | {"rho_domains": -0.5},
}

MODES = [
    {"id": "closed", "label": name("closed"), "exchange": 0.5, "max_exchange": 0.1, "exposure": 0.5,
     "market_gain": -0.5},
    {"id": "guarded", "label": name("guarded"), "exchange": 1.0, "max_exchange": 0.3, "exposure": 1.0,
     "market_gain": 0.0},
    {"id": "open", "label": name("open"), "exchange": 1.25, "max_exchange": 0.6, "exposure": 1.5,
     "market_gain": 0.4},
]  # fmt: skip

TRANCHES = [  # slopes 0.4, 1.6, 0.8, then flat: an S
    {"line": "ai-A", "rung": "P", "upto": 0.5, "effect": 0.2},
    {"line": "ai-A", "rung": "P", "upto": 1.0, "effect": 1.0},
    {"line": "ai-A", "rung": "P", "upto": 2.0, "effect": 1.8},
]

PROGRAMMES = [
    {
        "id": "light-source", "label": name("light source"), "line": "chips-B", "rung": "P",
        "success": 0.6, "gain": 4.0, "first_start": 2026, "last_start": 2027, "duration": 2,
        "researchers": 1.0, "cost_1": 1.5, "cost_2": 2.0,
    },
    {
        "id": "scanner-race", "label": name("scanner race"), "line": "chips-B", "rung": "R", "mode": "horse_race",
        "routes": 3, "success": 0.5, "gain": 3.0, "first_start": 2028, "last_start": 2028, "duration": 2,
        "researchers": 1.0, "requires": "light-source", "deadline": 2029, "reward": 0.5, "cost_1": 1.0, "cost_2": 1.0,
    },
]  # fmt: skip

OPTIONS: Tree = TINY | {
    "name": "options",
    "label": name("options"),
    "intent": "The tiny world with every discrete option on.",
    "stages": "switching",
    "switching": {"reviews": "halves", "ratchet": True, "far_control": 0.05, "near_control": 0.1},
    "domains": [TINY["domains"][0], TINY["domains"][1] | {"mode": "open"}],
    "lines": [  # base-year gaps 0.62 far, 0.5 within reach, 0.2 near, 0.27 within reach and close to near
        TINY["lines"][0] | {"capability": 48.0},
        TINY["lines"][1] | {"min_scale": 6.0},
        TINY["lines"][2],
        TINY["lines"][3] | {"capability": 83.0},
    ],
    "cooperation": LAWS["cooperation"] | {"choice": "mask", "change_cost": 0.5},
    "modes": MODES,
    "tranches": TRANCHES,
    "catalogue": {"researchers": 3.0},
    "programmes": PROGRAMMES,
    "policies": [{"id": "chips-together", "kind": "band", "lines": ["chips-B", "chips-S"], "width": 0.15}],
}


def tiny(**overrides: Any) -> Scenario:
    """The hand-sized scenario; overrides by path, parts joined by two underscores."""
    return build(TINY, overrides)


def small(**overrides: Any) -> Scenario:
    """The 12-line scenario; overrides by path, parts joined by two underscores."""
    return build(SMALL, overrides)


def options(**overrides: Any) -> Scenario:
    """The tiny world with every discrete option on; overrides by path, parts joined by two underscores."""
    return build(OPTIONS, overrides)


def build(tree: Tree, overrides: Tree) -> Scenario:
    """A scenario from a tree with some values replaced; an unknown key is an error of the record."""
    data = deepcopy(tree)
    for path, value in overrides.items():
        *parents, last = path.split("__")
        here: Any = data
        for part in parents:
            here = here[int(part)] if part.isdigit() else here.setdefault(part, {})
        here[int(last) if last.isdigit() else last] = value
    return Scenario.model_validate(data)
