"""What is told of a tree on request, as tables: probabilities turned, prices of non-anticipativity, waiting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kctopt.recourse.odds import Odds, Switch
from kctopt.recourse.prices import Prices
from kctopt.recourse.tree import Tree
from kctopt.recourse.waiting import Waiting
from kctopt.table import Column, Table

MONEY = ("money.strategic", "money.substitution", "money.exchange")  # what is decided; all else follows
KINDS = ("probabilities", "prices", "waiting")  # what can be asked for
SPLIT = " | "  # between the two names of an order


@dataclass(frozen=True)
class Further:
    """What was asked for beside the plan; empty where it was not."""

    odds: tuple[Odds, ...] = ()
    prices: tuple[Prices, ...] = ()
    waiting: tuple[Waiting, ...] = ()

    def tables(self, tree: Tree) -> Iterable[Table]:
        """A table for each that was asked for."""
        if self.odds:
            yield _probabilities(self.odds)
            yield _shortfalls(self.odds)
            yield _switches(self.odds)
        if self.prices:
            yield _prices(tree, self.prices)
        if self.waiting:
            yield _waiting(self.waiting)


def _probabilities(odds: Iterable[Odds]) -> Table:
    columns = (
        Column("state", "string", "state whose probability is turned"),
        Column("probability", "number", "its probability, given the state before it", "share"),
        Column("value", "number", "expected objective of the best plan", "NS points"),
        Column("bound", "number", "proven bound of that", "NS points"),
    )
    rows = [(one.state, p, end.value, end.bound) for one in odds for p, end in one.points]
    return Table("probabilities", columns, tuple(rows))


def _shortfalls(odds: Iterable[Odds]) -> Table:
    columns = (
        Column("state", "string", "state whose probability is turned"),
        Column("probability", "number", "that of the tree", "share"),
        Column("shortfall", "number", "most that this plan falls short at any probability", "NS points"),
        Column("shortfall_bound", "number", "proven bound of that", "NS points"),
        Column("from", "number", "probability from which on this plan is proven to be within the gap", "share"),
        Column("to", "number", "probability up to which it is", "share"),
    )
    rows = [(one.state, one.home, one.shortfall.low, one.shortfall.high, *one.stays) for one in odds]
    return Table("shortfalls", columns, tuple(rows))


def _switches(odds: Iterable[Odds]) -> Table:
    columns = (
        Column("state", "string", "state whose probability is turned"),
        Column("kind", "string", "what switches: line_order or domain_order"),
        Column("low", "number", "last solved probability with the order before", "share"),
        Column("high", "number", "first solved probability with the order after", "share"),
        Column("before", "string", "the one that gets more money in the first plan up to low"),
        Column("after", "string", "the one that gets more from high on"),
        Column("proven", "boolean", "whether each plan is worth less than the other at the other's probability"),
        Column("low_worse", "number", "what the plan of high is worth less at low; empty next to 0 and 1", "NS points"),
        Column("high_worse", "number", "what the plan of low is worth less at high; the same", "NS points"),
    )
    rows = [
        (
            one.state, each.kind, each.low, each.high, *orders(each), each.proven,
            _known(each.lower_worse), _known(each.upper_worse),
        )
        for one in odds for each in one.switches
    ]  # fmt: skip
    return Table("switches", columns, tuple(rows))


def _known(value: float) -> float | None:
    """None for what was not worked out: the plan of a state for certain says nothing of the others."""
    return None if np.isnan(value) else value


def orders(switch: Switch) -> tuple[str, str]:
    """The one of a pair that gets more before and after a switch."""
    first, _, second = switch.subject.partition(SPLIT)
    return (first, second) if switch.before > 0 else (second, first)


def _prices(tree: Tree, prices: Iterable[Prices]) -> Table:
    """By line: the mean of its columns by their money, what a unit of the line's own mix is worth.

    A line's money counts in columns of its sum too, which follow from those that are decided and may have a price.
    """
    columns = (
        Column("years", "string", "years before the courses part"),
        Column("course", "string", "course of the world"), Column("line", "string", "technology line"),
        Column("amount", "number", "money of the line in these years", "billion CNY"),
        Column("price", "number", "what more of it would be worth in this course above the mean of those that part",
               "NS points per billion CNY"),
    )  # fmt: skip
    rows = []
    for node in prices:
        keys = [name.partition("[")[2].rstrip("]").split(",") for name in node.names]
        decided = np.array([name.partition("[")[0] in MONEY for name in node.names])
        years = sorted({int(key[-1]) for key in keys})
        span = f"{years[0]}-{years[-1]}"
        for n, s in enumerate(node.node.states):
            for line in tree.scenario.lines:
                mine = np.array([key[0] == line.id for key in keys])
                total = float(node.amounts[mine & decided].sum())
                price = float(node.values[n][mine] @ node.amounts[mine]) / total if total > 0 else None
                rows.append((span, tree.leaves[s].name, line.id, total, price))
    return Table("prices", columns, tuple(rows))


def _waiting(waits: Iterable[Waiting]) -> Table:
    columns = (
        Column("part", "string", "domain whose money waits"),
        Column("value", "number", "what deciding it only when the course is known is worth", "NS points"),
        Column("low", "number", "proven at least", "NS points"),
        Column("high", "number", "proven at most, of the domain and of each of its lines", "NS points"),
    )
    rows = [(one.part, one.value.value, one.value.low, one.value.high) for one in waits]
    return Table("waiting", columns, tuple(rows))
