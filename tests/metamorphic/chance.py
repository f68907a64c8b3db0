"""Random scenarios: every option, form and objective, small enough to be solved in seconds.

`draw(seed)` gives a tree that `Scenario.model_validate` accepts; the same seed gives the same tree. Each has two to
five lines in one to three domains and three to five years, around the numbers of the tiny world of the tests.
"""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

from worlds import LAWS, MODES, QUADRANTS, RUNGS, Tree, name

from kctopt.scenario import check
from kctopt.scenario.records import Scenario

TYPES = {"B": "bottleneck", "A": "accelerator", "M": "moat", "S": "security"}
RHOS = (-8.0, -2.0, -1.0, -0.5, -1e-10, 0.0, 1e-4, 0.5, 1.0)
KCT = ("nested", "ces", "cobb_douglas", "leontief", "linear")
SECURITY = ("cobb_douglas", "ces", "leontief", "linear")
DIFFUSION = ("three_stage", "three_stage", "nelson_phelps", "logistic", "none")
BASE = 2025


def draw(seed: int, discrete: bool | None = None) -> Tree:
    """A random scenario as a tree; `discrete` asks for (or leaves out) options with whole choices."""
    rng = Random(seed)
    if discrete is None:
        discrete = rng.random() < 0.4
    tree = _laws(rng)
    tree |= {"name": f"random-{seed}", "label": name(f"random {seed}"), "intent": "Drawn at random.", "model": "tests"}
    years = rng.choice((3, 3, 4, 5))
    tree["horizon"] = {
        "base_year": BASE, "last_year": BASE + years, "plan_length": rng.choice((2, 3)), "tail": rng.choice((0, 2, 3)),
    }  # fmt: skip
    _world(tree, rng)
    _carried(tree)
    if discrete:
        _options(tree, rng)
    _carried(tree)
    tree["policies"] = _policies(tree, rng)
    _objective(tree, rng)
    return tree


def between(rng: Random, low: float, high: float) -> float:
    """A number between two, with two or three digits, as people write them."""
    return round(rng.uniform(low, high), 3)


def _laws(rng: Random) -> Tree:
    laws = deepcopy(LAWS)
    laws["money"] = {
        "carry_share": rng.choice((0.0, 0.1, 0.3)), "ramp_growth": between(rng, 0.1, 0.8),
        "ramp_step": rng.choice((0.0, 0.5, 2.0)), "history_growth": rng.choice((0.0, 0.05, -0.02)),
    }  # fmt: skip
    laws["rungs"] = deepcopy(RUNGS)
    laws["knowledge"] = {
        "effort_elasticity": between(rng, 0.3, 0.6), "accelerator_elasticity": rng.choice((0.0, 0.1, 0.2)),
        "stock_elasticity": rng.choice((0.0, 0.1, 0.2)), "induced_innovation": rng.choice((0.0, 0.0, 0.2)),
        "yield_factor": rng.choice((1.0, 1.0, 0.8, 1.3)),
    }  # fmt: skip
    laws["substitution"] |= {"output": between(rng, 0.5, 3.0), "ceiling": between(rng, 0.05, 0.3)}
    laws["diffusion"] |= {
        "form": rng.choice(DIFFUSION), "exchange_output": between(rng, 0.5, 3.0), "catch_up": between(rng, 0.01, 0.1),
        "absorption": between(rng, 0.02, 0.12), "leverage": rng.choice((0.0, 0.1, 0.3)),
    }  # fmt: skip
    laws["kct"] |= {
        "form": rng.choice(KCT), "multiplier": rng.choice((0.0, 0.2, 0.4)), "rho": rng.choice(RHOS),
        "rho_domains": rng.choice(RHOS),
    }  # fmt: skip
    laws["security"] |= {"form": rng.choice(SECURITY), "rho": rng.choice(RHOS)}
    laws["military"]["index"] = rng.choice(("spending", "material"))
    laws["quadrants"] = deepcopy(QUADRANTS)
    laws["objective"] = {"discount": between(rng, 0.9, 1.0), "terminal": rng.choice((0.0, 1.0))}
    laws["controls"] = {"intensity": rng.choice((0.0, 0.4, {BASE: 0.2, BASE + 2: 0.7}))}
    return laws


def _world(tree: Tree, rng: Random) -> None:
    """Domains, lines, spillovers and money."""
    domains = rng.sample(("chips", "ai", "biotech"), rng.choice((1, 2, 2, 3)))
    count = max(len(domains), rng.choice((2, 3, 3, 4, 5)))
    tree["domains"] = [{"id": each, "label": name(each), "weight": between(rng, 0.2, 1.0)} for each in domains]
    tree["lines"] = [_line(rng, domains[n % len(domains)], n) for n in range(count)]
    tree["spillovers"] = [
        {"source": a, "target": b, "strength": between(rng, 0.1, 1.0)}
        for a in domains for b in domains if a == b or rng.random() < 0.5
    ]  # fmt: skip
    spend = sum(line["spend"] for line in tree["lines"])
    first = round(spend * rng.uniform(0.9, 1.3), 2)
    tree["budget"] = rng.choice((first, {BASE + 1: first, tree["horizon"]["last_year"]: round(first * 1.3, 2)}))
    tree["cooperation"]["exposure_limit"] = round(spend * rng.choice((0.02, 0.1, 1.0)), 3)


def _line(rng: Random, domain: str, number: int) -> Tree:
    main = rng.choice("BAMS")
    member = {kind: 1.0 if kind == main else rng.choice((0.0, 0.0, 0.0, 0.4)) for kind in TYPES}
    spend = between(rng, 2, 20)
    return {
        "id": f"{domain}-{number}", "label": name(f"{domain} {number}"), "domain": domain,
        **{field: member[kind] for kind, field in TYPES.items()},
        "sensitivity": between(rng, 0, 1), "growth": between(rng, 0, 1), "capability": between(rng, 15, 130),
        "trend": rng.choice((0.0, 0.01, -0.01)), "rival_growth": rng.choice((0.0, 0.02, 0.05)), "spend": spend,
        "weight": rng.choice((1.0, 0.5, 2.0)), "exchange_share": rng.choice((0.01, 0.1, 0.2)),
        "substitution_share": rng.choice((0.0, 0.05, 0.2)), "exposure_weight": rng.choice((1.0, 0.4, 0.0)),
        "floor": rng.choice((0.0, 0.0, 0.0, round(0.3 * spend, 2))),
        "cap": rng.choice((None, None, None, round(2.5 * spend, 2))),
    }  # fmt: skip


def _carried(tree: Tree) -> None:
    """What the checks ask of numbers that hang together: lines for every law, trends that a base year can carry."""
    member = {kind: any(line[field] > 0 for line in tree["lines"]) for kind, field in TYPES.items()}
    if not (member["M"] or member["S"]):
        tree["military"]["shield_elasticity"] = 0.0
    if not member["S"]:
        tree["cut_off"]["shield"] = 0.0
    for _ in range(12):
        faults = list(check._yields(Scenario.model_validate(tree)))
        for fault in faults:
            line = tree["lines"][fault.location[1]]
            if fault.location[2] == "trend":
                line["trend"] = round(line["trend"] + 0.02, 3)
            else:
                line["substitution_share"] = 0.0
        if not faults:
            return


def _options(tree: Tree, rng: Random) -> None:
    """One or several of the options with whole choices."""
    chosen = rng.sample(("switching", "modes", "scale", "tranches", "programmes"), rng.choice((1, 1, 2, 3, 5)))
    lines = tree["lines"]
    if "switching" in chosen:
        tree["stages"] = "switching"
        tree["diffusion"]["form"] = "three_stage"
        tree["switching"] = {
            "reviews": rng.choice(("halves", "yearly")), "ratchet": rng.random() < 0.7,
            "far_control": rng.choice((0.0, 0.1)), "near_control": rng.choice((0.0, 0.1)),
        }  # fmt: skip
    if "modes" in chosen:
        tree["cooperation"] |= {"choice": rng.choice(("mask", "free")), "change_cost": rng.choice((0.0, 0.5))}
        tree["modes"] = deepcopy(MODES)
        for domain in tree["domains"]:
            domain["mode"] = rng.choice(("closed", "guarded", "open"))
    if "scale" in chosen:
        line = rng.choice(lines)
        line["floor"], line["min_scale"] = 0.0, round(0.6 * line["spend"], 2)
    if "tranches" in chosen:
        steps = ((0.5, 0.2), (1.0, 1.0), (2.0, 1.8))
        line, rung = rng.choice(lines)["id"], rng.choice("FPR")
        tree["tranches"] = [{"line": line, "rung": rung, "upto": upto, "effect": effect} for upto, effect in steps]
    if "programmes" in chosen:
        tree["programmes"] = _programmes(tree, rng)
        tree["catalogue"] = {"researchers": rng.choice((None, 1.0, 3.0))}


def _programmes(tree: Tree, rng: Random) -> list[Tree]:
    last = tree["horizon"]["last_year"]
    made: list[Tree] = []
    for number in range(rng.choice((1, 2))):
        line = rng.choice(tree["lines"])
        race = rng.random() < 0.5
        duration = rng.choice((1, 2))
        made.append(
            {
                "id": f"project-{number}", "label": name(f"project {number}"), "line": line["id"],
                "rung": rng.choice("FPR"), "mode": "horse_race" if race else "open_bid", "routes": 2 if race else 1,
                "success": between(rng, 0.3, 1), "gain": between(rng, 0.5, 5), "first_start": BASE + 1,
                "last_start": last - duration + 1, "duration": duration, "researchers": rng.choice((0.0, 1.0)),
                "deadline": last, "reward": rng.choice((0.0, 0.5)), "cost_1": round(0.1 * line["spend"], 2),
                "cost_2": round(0.1 * line["spend"], 2) if duration > 1 else 0.0,
            }
        )  # fmt: skip
    if len(made) == 2 and rng.random() < 0.5:
        made[1]["excludes"] = made[0]["id"]
    return made


def _policies(tree: Tree, rng: Random) -> list[Tree]:
    """Up to three rules; most can be kept."""
    return [policy(tree, rng, f"rule-{number}") for number in range(rng.choice((0, 1, 1, 2, 3)))]


def policy(tree: Tree, rng: Random, id: str) -> Tree:
    """One rule about some of the lines."""
    line = rng.choice(tree["lines"])
    which: Tree = rng.choice(({"line": line["id"]}, {"domain": line["domain"]}, {}))
    if rng.random() < 0.2:
        which = {"type": next(kind for kind, field in TYPES.items() if line[field] > 0.9)}
    track: Tree = rng.choice(({}, {}, {"track": "strategic"}))
    first, last = BASE + 1, tree["horizon"]["last_year"]
    span: Tree = rng.choice(({}, {"years": str(last)}, {"years": f"{first + 1}-{last}"}))
    match rng.choice(("floor", "cap", "share", "target", "band")):
        case "floor":
            amount = round(line["spend"] * rng.uniform(0.2, 1.1), 2)
            return {"id": id, "kind": "floor", "amount": amount, **which, **track, **span}
        case "cap":
            total = rng.random() < 0.3
            amount = round(line["spend"] * rng.uniform(1.0, 2.0) * (3 if total else 1), 2)
            return {"id": id, "kind": "cap", "line": line["id"], "amount": amount, "per": "total" if total else "year",
                    **track, **span}  # fmt: skip
        case "share":
            side: Tree = rng.choice(({"min": between(rng, 0.02, 0.2)}, {"max": between(rng, 0.5, 0.9)}))
            return {"id": id, "kind": "share", "line": line["id"], **side, **track, **span}
        case "target":
            return target(rng, id, line, last)
        case _:
            other = rng.choice(tree["lines"])
            if other is line:
                return target(rng, id, line, last)
            width = round(abs(line["capability"] - other["capability"]) / 100 * rng.uniform(0.9, 1.3) + 0.05, 3)
            return {"id": id, "kind": "band", "lines": [line["id"], other["id"]], "width": width, **span}


def target(rng: Random, id: str, line: Tree, by: int, soft: bool | None = None) -> Tree:
    """A state near the one that the line has."""
    ratio = round(line["capability"] / 100 * rng.uniform(0.85, 1.06), 3)
    return {"id": id, "kind": "target", "line": line["id"], "min_ratio": ratio, "by": by,
            "soft": rng.random() < 0.4 if soft is None else soft}  # fmt: skip


def _objective(tree: Tree, rng: Random) -> None:
    """Most maximise security; the two others need a hard target."""
    kind = rng.choice(("national_security",) * 7 + ("min_budget",) * 2 + ("earliest",))
    if kind == "national_security":
        return
    tree["objective"]["kind"] = kind
    last = tree["horizon"]["last_year"]
    tree["policies"].append(target(rng, "aim", rng.choice(tree["lines"]), last, soft=False))


def options_of(tree: Tree) -> list[str]:
    """Which options, form and objective a tree has, for the table of what was tried."""
    kct: Any = tree["kct"]
    used = [tree["objective"].get("kind", "national_security"), kct["form"], tree["diffusion"]["form"]]
    used += ["switching"] if tree.get("stages") == "switching" else []
    used += ["modes"] if tree["cooperation"].get("choice", "none") != "none" else []
    used += ["scale"] if any(line.get("min_scale") for line in tree["lines"]) else []
    used += ["tranches"] if tree.get("tranches") else []
    used += ["programmes"] if tree.get("programmes") else []
    return used + sorted({each["kind"] for each in tree["policies"]})


def whole_choices(tree: Tree) -> bool:
    """Whether a tree has any option with whole choices."""
    return bool({"switching", "modes", "scale", "tranches", "programmes"} & set(options_of(tree)))
