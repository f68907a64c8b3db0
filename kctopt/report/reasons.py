"""The chapter on why the money goes where it goes, from the laws and the prices.

| number of a line | by the exact laws |
|---|---|
| gap without growth | with the line's money held at its base-year spend in every year, all else as in the plan |
| worth of the growth | national security of the plan in the last year less that |
| marginal return | change of the objective for a billion CNY more on the line, spread like the plan's own |

Marginal returns are those of the plan, rules left aside: a line whose return is above the others' is held down by a
rule, one below them is held up by one, or has its money at other times than they.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from kctopt.language import money, money_number, percent
from kctopt.report.board import Board
from kctopt.report.content import Block, Points, Section, Text
from kctopt.report.typeset import typeset
from kctopt.report.view import View
from kctopt.report.worth import rule_words, share_table
from kctopt.simulator import Money, simulate
from kctopt.table import Cell, Table, column

if TYPE_CHECKING:
    from kctopt.result.result import Result

MOST = 6  # lines told in a sentence
MORE = 0.01  # part by which money of a line is raised for its marginal return


@dataclass(frozen=True)
class Reason:
    """What the money of a line buys; money in billion CNY, gaps as shares, the rest in points."""

    line: str
    amount: float  # all planned years
    base: float  # a year, in the base year
    last: float  # in the last planned year
    gap_before: float
    gap_after: float
    gap_held: float  # with the base year's spend in every year
    worth: float  # of national security in the last year, over that
    marginal: float  # of the objective for a billion more


@lru_cache(maxsize=16)
def reasons(result: Result) -> tuple[Reason, ...]:
    """The reason of every line, that with the most money first; empty without a plan."""
    path, money = result.trajectory, result.money
    if money is None or path is None or result.own:
        return ()
    scenario, count = result.solved_scenario, len(result.scenario.lines)
    base, last = np.array([line.spend for line in scenario.lines]), len(scenario.horizon.years)
    spend = money.spend
    held = np.divide(base[:, None], spend, out=np.ones_like(spend), where=spend > 0)
    each = np.eye(count)[:, :, None]  # draw, line, year
    path_held = simulate(scenario, _times(money, 1 + each * (held - 1)), choices=result.choices)
    path_more = simulate(scenario, _times(money, 1 + each * MORE), choices=result.choices)
    gained = (path_more.objective - path.objective) / np.maximum(MORE * spend.sum(axis=1), 1e-12)
    own = np.arange(count)
    found = [
        Reason(
            line.id, float(spend[i].sum()), line.spend, float(spend[i, -1]), float(path.gap[i, 0]),
            float(path.gap[i, last]), float(path_held.gap[own, own, last][i]),
            float(path.security[last] - path_held.security[i, last]), float(gained[i]),
        )
        for i, line in enumerate(scenario.lines)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda reason: -reason.amount))


def _times(money: Money, factor: np.ndarray) -> Money:
    """Money with every track of lines times a factor, (draws, lines, years)."""
    return Money(
        money.strategic * factor[:, :, None, :], money.substitution * factor, money.exchange * factor
    )  # fmt: skip


def why_money(board: Board) -> Section:
    """Sentences on the largest amounts of the first plan, shares beside weights, marginal returns by line."""
    first = board.planned[0]
    blocks: list[Block] = []
    told = list(_sentences(first))
    if told:
        name = {"first": board.name(first)} if board.several else {}
        lead = first.text("reasons_lead_of" if board.several else "reasons_lead", **name)
        blocks = [Text(lead), Points(told), *_tables(board)]
    blocks += [Text(first.text("shares_lead")), _shares(board) if board.several else share_table(first)]
    return Section("reasons", first.text("reasons"), blocks)


def _sentences(view: View) -> Iterator[str]:
    whole = sum(reason.amount for reason in reasons(view.result))
    for reason in reasons(view.result)[:MOST]:
        if reason.amount <= 0:
            continue
        values = {
            "line": view.label("lines", reason.line), "amount": money(reason.amount, view.lang, ",.0f"),
            "share": percent(reason.amount / whole, view.lang),
            "before": money(reason.base, view.lang, ",.1f"), "after": money(reason.last, view.lang, ",.1f"),
            "gap_before": percent(reason.gap_before, view.lang), "gap_after": percent(reason.gap_after, view.lang),
            "gap_held": percent(reason.gap_held, view.lang), "worth": f"{abs(reason.worth):.2f}",
            "base": view.years[0], "end": view.years[-1],
        }  # fmt: skip
        text = view.text("reason" if reason.worth >= 0 else "reason_less", **values)
        held = _held_by(view, reason.line)
        yield typeset(text) + (view.space + view.text("held_by", rules=view.joined(held)) if held else "")


def _held_by(view: View, line: str) -> list[str]:
    """The rules on a line that carry a price, in words, the dearest first."""
    table = view.result.columns("constraints")
    own = np.flatnonzero((table["line"] == line) & (np.nan_to_num(np.abs(table["price"])) > 1e-3))
    order = own[np.argsort(-np.abs(table["price"][own]), kind="stable")]
    return list(dict.fromkeys(rule_words(view, str(table["rule"][row])) for row in order))[:2]


def _tables(board: Board) -> Iterator[Table]:
    """What the money of every line buys in the first plan, and the marginal returns of several plans."""
    first = board.planned[0]
    base, last = first.years[0], first.years[-1]
    columns = [
        column(first.text("line")), first.money_column(first.text("money_all"), 0),
        *(first.share_column(first.text("gap_in", year=year)) for year in (base, last)),
        first.share_column(first.text("gap_held_in", year=last)),
        column(first.text("worth_of_growth"), "+.2f"), column(first.text("marginal"), ".3f"),
    ]  # fmt: skip
    rows: list[Sequence[Cell]] = [
        (
            first.label("lines", own.line), money_number(own.amount, first.lang), own.gap_before, own.gap_after,
            own.gap_held, own.worth, own.marginal,
        )
        for own in reasons(first.result)
    ]  # fmt: skip
    yield Table(first.text("reasons_table"), columns, rows)
    if len(board.level) > 1:
        marginal = [{own.line: own.marginal for own in reasons(view.result)} for view in board.level]
        heads = [column(first.text("line")), *(column(board.name(view), ".3f") for view in board.level)]
        lines = [line.id for line in first.scenario.lines]
        returns = [(first.label("lines", line), *(each.get(line) for each in marginal)) for line in lines]
        yield Table(first.text("marginal_table"), heads, returns)


def _shares(board: Board) -> Table:
    """Shares of the money by domain in every run, beside the base year's and the weight."""
    first = board.level[0]
    columns = [column(first.text("domain"))]
    heads = (first.text("weight"), first.text("share_in", year=first.years[0]), *map(board.name, board.level))
    columns += [first.share_column(head) for head in heads]
    shares = [{own.domain: own.share for own in view.result.domain_shares} for view in board.level]
    rows: list[Sequence[Cell]] = [
        (first.label("domains", own.domain), own.weight, own.base_share, *(each.get(own.domain) for each in shares))
        for own in first.result.domain_shares
    ]
    return Table(first.text("shares_table"), columns, rows)
