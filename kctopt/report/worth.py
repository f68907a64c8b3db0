"""Chapters on what the plan is worth, how well that is proven, how firm it is, and what binds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from kctopt.language import LANGUAGES, translate
from kctopt.report.content import Block, Points, Section, Text
from kctopt.report.firmness import worth_of_more
from kctopt.report.pictures import security
from kctopt.report.question import policy_text
from kctopt.report.view import PARTS, View
from kctopt.result.named import RULES
from kctopt.result.planning_text import told
from kctopt.result.sentences import decisions_of
from kctopt.result.text import gap_text
from kctopt.table import Cell, Table, column

MOST_RULES = 12
INDICES = ("security", *PARTS, "loss", "economy_ratio", "military_ratio")


def value(view: View) -> Section:
    """National security, its three parts, the loss from a cut-off."""
    figure = security(view)
    return Section(
        "worth",
        view.text("worth_chapter"),
        [
            Points([*_value_sentences(view), *_planning_sentences(view)]),
            figure,
            index_table(view),
        ],
    )


def _value_sentences(view: View) -> Iterator[str]:
    base, last = view.landmarks[0], view.landmarks[-1]
    first, end = view.index("security", base), view.index("security", last)
    yield view.text("rise", first=f"{first:.1f}", base=base, last=f"{end:.1f}", end=last)
    yield view.text("three_parts", end=last, **{name: f"{view.index(name, last):.1f}" for name in PARTS})
    values = contributions(view)
    if values:
        signed = {name: f"{points:+.1f}".replace("-", "−") for name, points in values.items()}
        yield view.text("contributions", change=f"{end - first:+.1f}".replace("-", "−"), **signed)
    losses = view.index("loss", base), view.index("loss", last)
    if max(losses) > 0.05:
        yield view.text("cut_off", first=f"{losses[0]:.1f}", last=f"{losses[1]:.1f}", base=base, end=last)


def _planning_sentences(view: View) -> Iterator[str]:
    """What planning is worth, at most and by its parts; or why that is not to be had."""
    value = view.result.value_of_planning
    if value is None:
        yield from (f"{line[:1].upper()}{line[1:]}{LANGUAGES[view.lang].stop}" for line in told(view.result, view.lang))
        return
    worth = f"{value.value:,.2f}"
    yield view.text("planning_value", value=worth, base=view.landmarks[0])
    if value.at_most is not None:
        yield view.text("planning_most", at_most=f"{value.at_most:,.2f}")
    parts = {"plan": value.plan, "trend": value.trend, "shares": value.shares}
    yield view.text("planning_parts", value=worth, **{name: f"{points:,.2f}" for name, points in parts.items()})
    if value.unlawful is not None:
        numbers = {"unlawful": f"{value.unlawful:,.2f}", "moved": f"{100 * value.moved:.1f}"}
        rules = view.joined([rule_words(view, rule) for rule in value.broken])
        yield view.text("planning_broken", rules=rules, **numbers)


def share_table(view: View) -> Table:
    """Every domain's share of the money in the plan and in the base year, its weight, and the share less the weight."""
    columns = [column(view.text("domain"))]
    heads = (view.text("share_of_plan"), view.text("share_in", year=view.landmarks[0]), view.text("weight"))
    columns += [view.share_column(head) for head in heads] + [column(view.text("beyond_weight_points"), "+.1f")]
    rows: list[Sequence[Cell]] = [
        (view.label("domains", own.domain), own.share, own.base_share, own.weight, 100 * own.beyond_weight)
        for own in view.result.domain_shares
    ]
    return Table(view.text("shares_table"), columns, rows)


def contributions(view: View) -> dict[str, float]:
    """Points of the change of national security from each part, where its form lets them add up; else empty.

    Cobb-Douglas: shares of the logarithm, ln(P/P0) by weight, times the logarithmic mean of NS; linear: weight times
    change. Both are exact.
    """
    base, last = view.landmarks[0], view.landmarks[-1]
    form, weights = view.scenario.security.form, view.scenario.security
    parts = {name: (view.index(name, base), view.index(name, last)) for name in PARTS}
    weight = {"economic": weights.economy, "military": weights.military, "technology": weights.technology}
    if form == "linear" and all(after > 0 for _, after in parts.values()):
        return {name: weight[name] * (after - before) for name, (before, after) in parts.items()}
    if form != "cobb_douglas" or not all(after > 0 for _, after in parts.values()):
        return {}
    first, end = view.index("security", base), view.index("security", last)
    mean = first if math.isclose(first, end, rel_tol=1e-12) else (end - first) / math.log(end / first)
    return {name: weight[name] * math.log(after / before) * mean for name, (before, after) in parts.items()}


def index_table(view: View) -> Table:
    """Indices at the ends of plans."""
    scale = view.text("index_scale", year=view.scenario.horizon.base_year)
    columns = [column(scale), *(column(str(year), ",.2f") for year in view.landmarks)]
    rows: list[Sequence[Cell]] = [
        (view.text(name), *(view.index(name, year) for year in view.landmarks)) for name in INDICES
    ]
    return Table(view.text("worth_table"), columns, rows)


def certificate(view: View) -> Section:
    """What is proven of the plan, in plain words."""
    return Section("certificate", view.text("certificate"), list(_proof(view)))


def _proof(view: View) -> Iterator[Block]:
    result = view.result
    asked, limit = result.options.get("gap"), result.options.get("time_limit")
    end = "timed_out" if result.status == "limit" and limit is not None else result.status
    shown_limit = "" if limit is None else f"{float(limit):g}"
    status = view.text(
        f"status_{end}", asked="–" if asked is None else gap_text(float(asked), view.lang), limit=shown_limit
    )
    if not result.has_plan:
        yield Text(view.text("no_plan_told", status=status), "warning")
        return
    if not result.verified:
        yield Text(view.text("unverified_told"), "warning")
    if result.objective is None or result.bound is None or result.gap is None:
        yield Text(view.text("no_bound") + view.space + status, "warning")
    else:
        small = view.scenario.objective.kind == "min_budget"
        shown = {
            "objective": f"{result.objective:,.2f}",
            "bound": f"{result.bound:,.2f}",
            "gap": gap_text(result.gap, view.lang),
        }
        proof = view.text("proof_min" if small else "proof_max", **shown)
        yield Text(proof + view.space + view.text("difference_counts"))
        yield Text(status, "plain" if result.status == "optimal" else "warning")
    if result.verified:
        yield Text(view.text("verified_told"))


def binding(view: View) -> Section:
    """The rules with the highest prices."""
    rows = priced(view)
    blocks: list[Block] = [Text(view.text("no_prices"))]
    if rows:
        lead = view.text("binding_lead")
        lead += view.space + view.text("binding_fixed") if decisions_of(view.result) else ""
        columns = [column(view.text(name)) for name in ("rule", "in_year")] + [
            column(view.text("limit_column"), ",.2f")
        ]
        columns += [column(view.text("price"), ".4g"), column(view.text("price_unit"))]
        blocks = [Text(lead), Table(view.text("binding_table"), columns, rows)]
    return Section("binding", view.text("binding"), [*blocks, *worth_of_more(view)])


def dearest(view: View) -> dict[str, int]:
    """Rows of the table of constraints: each rule and line in its dearest year, by rule without the year."""
    table = view.result.columns("constraints")
    prices = np.nan_to_num(np.abs(table["price"]))
    found: dict[str, int] = {}
    for row in np.argsort(-prices, kind="stable").tolist():
        if prices[row] > 1e-6:
            year = int(table["year"][row])
            found.setdefault(table["rule"][row].replace(f",{year}", "").replace(f"[{year}]", ""), row)
    return found


def priced(view: View) -> list[tuple[Cell, ...]]:
    """Rule in words, year, limit, price and unit of the dearest rules; one row for each rule and line."""
    table = view.result.columns("constraints")
    return [
        (
            rule_text(view, table["rule"][row], table["line"][row]),
            str(table["year"][row] or ""),
            view.amount(float(table["right"][row]), table["unit"][row]),
            float(table["price"][row]),
            view.price_unit(table["unit"][row]),
        )
        for row in list(dearest(view).values())[:MOST_RULES]
    ]


def rule_text(view: View, rule: str, line: str) -> str:
    """What a rule says, with its line."""
    words = rule_words(view, rule)
    return f"{view.label('lines', line)}{view.colon}{words}" if line else words


def rule_words(view: View, rule: str) -> str:
    """What a rule says: a policy of the scenario by its id and in words, others as the model has them."""
    name = rule.partition("[")[0]
    policy = next((policy for policy in view.scenario.policies if name == f"policies.{policy.id}"), None)
    if policy is not None:
        return view.text("rule_named", id=policy.id) + view.colon + policy_text(view, policy)
    known = RULES.get(name) or RULES.get(name.partition(".")[0]) or RULES["own"]
    return translate(known, view.lang)
