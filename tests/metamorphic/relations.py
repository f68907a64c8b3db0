"""The relations: a change of a scenario and what it must do to the optimum.

| claim | meaning |
|---|---|
| same | the optimum is the same, times `factor` where money is measured anew |
| identical | the same plan value and bound to the last digit, where the clock cut nothing off |
| no better | what may be done became less |
| no worse | what may be done became more |

A relation is a function of a tree (as `chance.draw` gives it) and a source of chance. It returns the other tree with
its claim, or None where it does not apply. It leaves the tree it was given as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from pyomo.environ import Constraint, quicksum
from worlds import Tree

from kctopt.scenario.records import Scenario
from metamorphic import chance

Claim = Literal["same", "identical", "no better", "no worse"]
OwnRule = Callable[[Any], None]  # adds a Pyomo constraint to a model
RESERVED = ("type", "model", "name", "index", "value", "domain", "active", "fix", "pprint", "keys", "items", "clear")
WEAKER: dict[str, Callable[[float], float]] = {  # what asks less, by the number that a rule gives
    "amount": lambda floor: floor / 2, "min": lambda share: share / 2, "max": lambda share: (1 + share) / 2,
    "min_ratio": lambda ratio: ratio / 2, "width": lambda width: 2 * width,
}  # fmt: skip
UNITS = (1e-9, 1e-6, 1e-3, 1e3, 1e6, 1e8, 1e9, 1e12)


@dataclass(frozen=True)
class Other:
    """The other side of a pair. `factor` is what its objective is measured in, where that is money.

    `own` adds a rule of one's own to its model.
    """

    tree: Tree
    claim: Claim
    factor: float = 1.0
    note: str = ""
    own: OwnRule | None = None


Relation = Callable[[Tree, Random], Other | None]


def reordered(tree: Tree, rng: Random) -> Other:
    """Lines, domains, policies and all other tables in another order."""
    other = deepcopy(tree)
    for table in ("lines", "domains", "policies", "spillovers", "quadrants", "modes", "programmes"):
        if table in other:
            rng.shuffle(other[table])
    rng.shuffle(other["military"]["indices"])
    return Other(other, "same")


def weights_times(tree: Tree, rng: Random) -> Other:
    """Weights of lines, domains, types or spillovers times a constant."""
    other, constant = deepcopy(tree), rng.choice((1e-3, 0.3, 7.0, 1e4))
    what = rng.choice(("lines", "domains", "types", "spillovers"))
    if what == "types":
        other["kct"]["weights"] = {kind: constant * weight for kind, weight in other["kct"]["weights"].items()}
    else:
        field = "strength" if what == "spillovers" else "weight"
        for entry in other[what]:
            entry[field] *= constant
    return Other(other, "same", note=f"{what} x {constant:g}")


def money_in_units(tree: Tree, rng: Random) -> Other:
    """All money in another unit: every field whose unit is of money, by the records."""
    constant = rng.choice(UNITS)
    record = Scenario.model_validate(tree)
    other = in_units(record, record.model_dump(mode="json"), constant)
    return Other(other, "same", factor=constant if _least(tree) else 1.0, note=f"x {constant:g}")


def in_units(record: Any, tree: Any, constant: float) -> Any:
    """The tree of a record with each amount of money times a constant."""
    if isinstance(record, tuple | list):
        return [in_units(each, part, constant) for each, part in zip(record, tree, strict=True)]
    fields = getattr(type(record), "model_fields", None)
    if not isinstance(tree, dict) or not fields or "root" in fields:
        return tree
    for name, field in fields.items():
        extra = field.json_schema_extra or {}
        if "CNY" in str(extra.get("unit", "")) and tree[name] is not None:
            money = tree[name]
            tree[name] = {k: v * constant for k, v in money.items()} if isinstance(money, dict) else money * constant
        else:
            tree[name] = in_units(getattr(record, name), tree[name], constant)
    return tree


def renamed(tree: Tree, rng: Random) -> Other:
    """Other ids, words that the modelling language keeps for itself among them."""
    other, words = deepcopy(tree), list(RESERVED)
    rng.shuffle(words)
    pool = [f"项目-{n}" if n % 2 else f"{words[n % 12]}-{n}" for n in range(len(other["lines"]))]
    new = {entry["id"]: pool[n] for n, entry in enumerate(other["lines"])}
    new |= {
        entry["id"]: pool[-1 - n] for n, entry in enumerate(other["domains"])
    }  # a line may be called as a domain is
    rules = {entry["id"]: words[n] for n, entry in enumerate(other["policies"])}
    projects = {entry["id"]: pool[n] for n, entry in enumerate(other.get("programmes", ()))}
    for table in ("lines", "domains"):
        for entry in other[table]:
            entry["id"] = new[entry["id"]]
    for entry in other["policies"]:
        entry["id"] = rules[entry["id"]]
    for entry in other.get("programmes", ()):
        entry["id"] = projects[entry["id"]]
        if "excludes" in entry:
            entry["excludes"] = projects[entry["excludes"]]
    for table in ("lines", "policies", "spillovers", "programmes", "tranches"):
        for entry in other.get(table, ()):
            for key in ("domain", "line", "source", "target"):
                if key in entry:
                    entry[key] = new[entry[key]]
            if "lines" in entry:
                entry["lines"] = [new[each] for each in entry["lines"]]
    return Other(other, "same")


def split_line(tree: Tree, rng: Random) -> Other | None:
    """A line as two equal halves: money, limits, weight and exposure of each are half."""
    other = deepcopy(tree)
    named = {entry.get("line") for table in ("policies", "programmes", "tranches") for entry in tree.get(table, ())}
    named |= {line for entry in tree["policies"] for line in entry.get("lines", ())}
    free = [n for n, line in enumerate(other["lines"]) if line["id"] not in named]
    if not free:
        return None
    first = other["lines"][rng.choice(free)]
    for field in ("spend", "floor", "cap", "min_scale", "weight", "exposure_weight"):
        if first.get(field) is not None:
            first[field] /= 2
    second = deepcopy(first) | {"id": first["id"] + "-b", "label": {"en": "second half", "zh": "另一半"}}
    other["lines"].insert(rng.randrange(len(other["lines"]) + 1), second)
    exact = not chance.whole_choices(tree) and other["money"]["ramp_step"] == 0
    return Other(other, "same" if exact else "no worse", note="" if exact else "halves may part")


def written_twice(tree: Tree, rng: Random) -> Other | None:
    """A hard rule given twice."""
    hard = [policy for policy in tree["policies"] if not policy.get("soft")]
    if not hard:
        return None
    other = deepcopy(tree)
    other["policies"].append(deepcopy(rng.choice(hard)) | {"id": "again"})
    return Other(other, "same")


def slack_rule(tree: Tree, rng: Random) -> Other | None:
    """A rule that another one implies: half a floor, twice a cap; without any, a cap that no budget reaches."""
    hard, least = [policy for policy in tree["policies"] if not policy.get("soft")], _least(tree)
    if not hard and least:
        return None  # no cap is out of reach of a budget that is still to be found
    line, money = rng.choice(tree["lines"])["id"], tree["budget"]
    most = max(money.values()) if isinstance(money, dict) else money
    far = {"kind": "cap", "line": line, "amount": 3 * most}
    slack = {**(rng.choice(hard) if hard else far), "id": "slack"}
    for key, weaker in WEAKER.items():
        if hard and slack.get(key) is not None and (key != "amount" or slack["kind"] == "floor"):
            slack[key] = weaker(slack[key])
    if slack["kind"] == "cap":
        slack["amount"] *= 2
    other = deepcopy(tree)
    other["policies"].append(slack)
    return Other(other, "same", note=slack["kind"])


def own_rule(tree: Tree, rng: Random) -> Other | None:
    """A floor or cap taken out and written in Pyomo; without one, a cap written so is one rule more."""
    if tree["objective"].get("kind") == "earliest":
        return None  # refuses what its user adds
    other = deepcopy(tree)
    known = [policy for policy in tree["policies"] if policy["kind"] in ("floor", "cap") and "type" not in policy]
    line = rng.choice(tree["lines"])
    rule = rng.choice(known) if known else {"kind": "cap", "line": line["id"], "amount": 1.5 * line["spend"]}
    other["policies"] = [policy for policy in tree["policies"] if policy is not rule]
    return Other(other, "same" if known else "no better", note=rule["kind"], own=_in_pyomo(tree, rule))


def _in_pyomo(tree: Tree, rule: Tree) -> OwnRule:
    """A floor or cap on the money of lines as constraints of the model."""
    horizon = tree["horizon"]
    first, _, last = rule.get("years", f"{horizon['base_year'] + 1}-{horizon['last_year']}").partition("-")
    years = range(int(first), int(last or first) + 1)
    lines = [
        line["id"]
        for line in tree["lines"]
        if rule.get("line", line["id"]) == line["id"] and rule.get("domain", line["domain"]) == line["domain"]
    ]

    def add(model: Any) -> None:
        def spent(t: int) -> Any:
            if rule.get("track") == "strategic":
                return quicksum(model.money.strategic[i, r, t] for i in lines for r in "FPR")
            return quicksum(model.money.spend[i, t] for i in lines)

        def kept(money: Any) -> Any:
            return money >= rule["amount"] if rule["kind"] == "floor" else money <= rule["amount"]

        if rule.get("per") == "total":
            model.mine = Constraint(expr=kept(quicksum(map(spent, years))))
        else:
            model.mine = Constraint(years, rule=lambda _, t: kept(spent(t)))

    return add


def _least(tree: Tree) -> bool:
    return bool(tree["objective"].get("kind") == "min_budget")


def other_spelling(tree: Tree, rng: Random) -> Other:
    """A constant written by year, a span of years in full, a rule of all years without them."""
    other, years = deepcopy(tree), tree["horizon"]
    first, last = years["base_year"] + 1, years["last_year"]
    for holder, key in ((other, "budget"), (other["controls"], "intensity"), (other["cooperation"], "exposure_limit")):
        if not isinstance(holder[key], dict):
            holder[key] = {years["base_year"]: holder[key], last: holder[key]}
    for policy in other["policies"]:
        if policy["kind"] != "target" and "years" not in policy:
            policy["years"] = f"{first}-{last}"
    return Other(other, "same")


def rule_added(tree: Tree, rng: Random) -> Other:
    """One more rule."""
    other = deepcopy(tree)
    added = chance.policy(tree, rng, "added")
    other["policies"].append(added)
    soft = bool(added.get("soft"))
    return Other(other, "no better", note=added["kind"] + (", soft" if soft else ""))


def rule_dropped(tree: Tree, rng: Random) -> Other | None:
    """One rule less; a target that the objective needs stays."""
    other = deepcopy(tree)
    free = [n for n, policy in enumerate(other["policies"]) if policy["id"] != "aim"]
    if not free:
        return None
    gone = other["policies"].pop(rng.choice(free))
    return Other(other, "no worse", note=gone["kind"])


def target_softened(tree: Tree, rng: Random) -> Other | None:
    """A hard target made soft: plans that keep it lose nothing."""
    other = deepcopy(tree)
    hard = [policy for policy in other["policies"] if policy["kind"] == "target" and not policy.get("soft")]
    if not hard or tree["objective"].get("kind", "national_security") != "national_security":
        return None
    rng.choice(hard)["soft"] = True
    return Other(other, "no worse")


def budget_raised(tree: Tree, rng: Random) -> Other | None:
    """More money in every year."""
    if _least(tree):
        return None
    other, factor = deepcopy(tree), rng.choice((1.0001, 1.05, 1.5))
    money = other["budget"]
    other["budget"] = {y: v * factor for y, v in money.items()} if isinstance(money, dict) else money * factor
    return Other(other, "no worse", note=f"x {factor:g}")


def limits_widened(tree: Tree, rng: Random) -> Other:
    """More exposure, wider quadrants, steeper ramps, lower floors and higher caps of lines, no least scale."""
    other = deepcopy(tree)
    limit = other["cooperation"]["exposure_limit"]
    other["cooperation"]["exposure_limit"] = limit * 1.5
    for quadrant in other["quadrants"]:
        quadrant["max_exchange"] = min(1.0, 1.2 * quadrant["max_exchange"])
        quadrant["min_exchange"] *= 0.5
        quadrant["shield_share"] *= 0.5
    other["money"]["ramp_growth"] += 0.1
    for line in other["lines"]:
        line["floor"] *= 0.5
        line["cap"] = None if line.get("cap") is None else 2 * line["cap"]
        line["min_scale"] = 0.0
    return Other(other, "no worse")


def option_removed(tree: Tree, rng: Random) -> Other | None:
    """A programme taken out, or a race with one route less."""
    other = deepcopy(tree)
    if not other.get("programmes"):
        return None
    one = rng.choice(other["programmes"])
    if one["routes"] > 1 and rng.random() < 0.5:
        one["routes"] -= 1
        return Other(other, "no better", note="a route")
    other["programmes"].remove(one)
    for left in other["programmes"]:
        left.pop("excludes", None)
    return Other(other, "no better", note="a programme")


def solved_again(tree: Tree, rng: Random) -> Other:
    """Nothing changed: the answer is the same to the last digit."""
    return Other(deepcopy(tree), "identical")


RELATIONS: tuple[Relation, ...] = (
    reordered, weights_times, money_in_units, renamed, split_line, written_twice, slack_rule, own_rule,
    other_spelling, rule_added, rule_dropped, target_softened, budget_raised, limits_widened,
    option_removed, solved_again,
)  # fmt: skip
