"""Tables of a front: points, their money, rules that bind along it, what changes in kind from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from kctopt.analysis.traits import Trait
from kctopt.fronts.goals import Goal
from kctopt.result.result import Result
from kctopt.table import Column, Table

MONEY = (
    Column("point", "integer", "number of the point"), Column("domain", "string", "domain"),
    Column("amount", "number", "money of all years", "billion CNY"),
)  # fmt: skip
CHANGES = (
    Column("from", "integer", "number of a point"), Column("to", "integer", "number of the next point"),
    Column("kind", "string", "kind of trait, as kctopt explain flips has it"),
    Column("subject", "string", "what changes: a line, a domain, a rule, or two of them"),
    Column("when", "string", "planning period; empty for the whole horizon"),
    Column("before", "string", "the trait at the first point"), Column("after", "string", "the trait at the next"),
)  # fmt: skip
RULES = (
    Column("rule", "string", "rule of the nation or a policy, without years"),
    Column("when", "string", "planning period"),
    Column("points", "string", "numbers of the points at which it binds"),
    Column("everywhere", "boolean", "whether it binds at every point"),
)  # fmt: skip


def points_table(goals: Sequence[Goal], records: Sequence[dict[str, Any]]) -> Table:
    """Points, one a row."""
    columns = [
        Column("point", "integer", "number, from the best of the first objective on"),
        *(Column(goal.key, "number", f"{goal.key}, simulated", goal.unit) for goal in goals),
        Column("optimised", "string", "the objective that was made best; empty for a mix"),
        Column("bound", "number", "proven: no plan is better in it with the others no worse than their levels"),
        *(Column(f"level_{goal.key}", "number", f"level that {goal.key} was held at", goal.unit) for goal in goals),
        Column("end", "string", "objectives whose best it is"),
        Column("knee", "boolean", "whether it is furthest from the plane through the ends"),
        Column("gap", "number", "relative distance of plan and bound of its solve"),
    ]
    return Table.of("points", columns, records)


def money_table(results: Sequence[Result]) -> Table:
    """Money by point and domain."""
    rows = []
    for n, result in enumerate(results, 1):
        assert result.money is not None  # a point has a plan
        spend = result.money.spend.sum(axis=1)
        for domain in result.scenario.domains:
            own = [k for k, line in enumerate(result.scenario.lines) if line.domain == domain.id]
            rows.append((n, domain.id, float(spend[own].sum())))
    return Table("money", MONEY, tuple(rows))


def changes_table(traits: Sequence[dict[Trait, str]]) -> Table:
    """What changes in kind from each point to the next."""
    rows = [
        (n, n + 1, trait.kind, trait.subject, trait.when, first[trait], second[trait])
        for n, (first, second) in enumerate(pairwise(traits), 1)
        for trait in first
        if trait.kind != "line_rule" and trait in second and first[trait] != second[trait]
    ]
    return Table("changes", CHANGES, tuple(rows))


def rules_table(traits: Sequence[dict[Trait, str]]) -> Table:
    """Rules that bind somewhere along the front."""
    rules = dict.fromkeys(trait for each in traits for trait in each if trait.kind == "rule")
    rows = []
    for rule in rules:
        at = [n for n, each in enumerate(traits, 1) if each.get(rule) == "binds"]
        if at:
            rows.append((rule.subject, rule.when, spans(at), len(at) == len(traits)))
    return Table("rules", RULES, tuple(rows))


def spans(numbers: Sequence[int]) -> str:
    """Numbers in order as spans.

    Examples
    --------
    >>> from kctopt.fronts.tables import spans
    >>> spans([1, 2, 3, 7])
    '1-3, 7'
    """
    parts: list[list[int]] = []
    for n in numbers:
        if parts and n == parts[-1][1] + 1:
            parts[-1][1] = n
        else:
            parts.append([n, n])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in parts)
