"""Page one: the question, the answer in three sentences, one table, one figure, how firm, what it hangs on, what next.

It stands alone: a reader who stops here knows what to decide. Everything on it is told again, with its numbers, in the
chapters behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kctopt.language import money_number, percent, translate_count
from kctopt.report.board import Board
from kctopt.report.content import Block, Figure, Points, Section, Text
from kctopt.report.hinges import LOW, hinges
from kctopt.report.inputs import group_name, input_name, inside, short
from kctopt.report.ranges import saved
from kctopt.report.side import bars_of, changes_of, overview
from kctopt.report.view import PARTS, View, budget, spend, states, totals
from kctopt.result.text import gap_text
from kctopt.table import Cell, Table, column

HINGES = 3  # inputs named
LEAST = 1e-5  # gap that is told; smaller ones say nothing more
SLIGHT = 0.05  # move of national security that is not told, points
FAR = 0.5  # gap of a line that counts as wide
LOOSE = 0.1  # part of the value of planning that a better plan may add, from which on nothing is to be decided by it


def summary(board: Board) -> Section:
    """Page one; without any plan the question and that there is none."""
    first = board.first
    blocks: list[Block] = [Text(_question(board))]
    if not board.planned:
        return Section("summary", first.text("summary"), [*blocks, Text(first.text("no_answer"), "warning")])
    blocks += [Text(text, "warning") for text in _warnings(board)]
    blocks += [Points(list(_answer(board))), table(board), _figure(board), Text(_firm(board))]
    blocks += [Text(text) for text in (_hangs(board),) if text]
    return Section("summary", first.text("summary"), [*blocks, Text(first.text("next")), Points(list(_next(board)))])


def _question(board: Board) -> str:
    first = board.first
    years = {"first": first.scenario.horizon.years[0], "last": first.scenario.horizon.last_year}
    if board.several:
        return first.text("asked_several", runs=first.joined(board.names), **years)
    asked = first.scenario.asks(first.lang)
    return first.text("asked", **years) + (first.space + asked if asked else "")


def _warnings(board: Board) -> Iterator[str]:
    """Runs whose plan is not to be used, or that have none."""
    first = board.first
    broken = [board.name(view) for view in board.planned if not view.result.verified]
    if broken:
        yield first.text("unverified_runs", runs=first.joined(broken))
    without = [board.name(view) for view in board.views if not view.result.has_plan]
    if without:
        yield first.text("planless_runs", runs=first.joined(without))
    loose = _loose(board)
    if loose:
        more, part = max(loose.values())
        parts = {"more": f"{more:,.1f}", "part": percent(part, first.lang, ".0f")}
        yield first.text("loose_runs", runs=first.joined(list(loose)), **parts)


def _loose(board: Board) -> dict[str, tuple[float, float]]:
    """Runs whose bound leaves much open: points that a plan may be worth more, and their part of the value of planning.

    A gap of one per cent of the objective, most of which is trend, can be a fifth of all that planning is worth.
    """
    found = {}
    for view in board.planned:
        value = view.result.value_of_planning
        if value is not None and value.at_most is not None and value.value > 0:
            more = value.at_most - value.value
            if more > LOOSE * value.value:
                found[board.name(view)] = (more, more / value.value)
    return found


def _answer(board: Board) -> Iterator[str]:
    """What comes of it, where the money goes, and what to hold on to."""
    if len(board.level) < 2:
        yield from _answer_of(board.planned[0])
        return
    first = board.level[0]
    last, base = first.years[-1], first.years[0]
    ends = {board.name(view): view.index("security", last) for view in board.level}
    best, worst = max(ends, key=lambda name: ends[name]), min(ends, key=lambda name: ends[name])
    yield first.text(
        "answer_worth", base=base, before=f"{first.index('security', base):.1f}", last=last, best=best, worst=worst,
        high=f"{ends[best]:.1f}", low=f"{ends[worst]:.1f}",
    )  # fmt: skip
    money = changes_of(board)
    common, whole = sum(min(each) for each in money.values()), sum(each[0] for each in money.values())
    shares = [shares for _, shares, _ in bars_of(board)]
    top = max(shares[0], key=lambda domain: shares[0][domain])
    of_top = [each.get(top, 0.0) for each in shares]
    yield first.text(
        "answer_money", common=f"{common:,.0f}", share=percent(common / whole if whole else 0.0, first.lang),
        first=board.name(first), top=first.label("domains", top), low=percent(min(of_top), first.lang),
        high=percent(max(of_top), first.lang),
    )  # fmt: skip
    yield _choice(board) or first.text("no_choice")


def _choice(board: Board) -> str:
    """The plan that loses least whichever case comes; empty without regrets."""
    matrix = board.compared.regret if board.compared else None
    if matrix is None or not matrix.choice:
        return ""
    known = {plan: value for plan, value in matrix.largest.items() if value is not None}
    worst = max(known, key=lambda plan: known[plan])
    return board.first.text(
        "answer_choice", plan=matrix.choice, most=f"{known[matrix.choice]:.1f}",
        worst=worst, other=f"{known[worst]:.1f}",
    )  # fmt: skip


def _answer_of(view: View) -> Iterator[str]:
    """The same of one plan."""
    base, last = view.years[0], view.years[-1]
    value = view.result.value_of_planning
    text = view.text(
        "rise", first=f"{view.index('security', base):.1f}", base=base, last=f"{view.index('security', last):.1f}",
        end=last,
    )  # fmt: skip
    yield text + (view.space + view.text("worth_of_plan", value=f"{value.value:,.1f}", base=base) if value else "")
    own = [row for row in spend(view.result, view.lang) if row.domain]
    whole = sum(row.amount for row in own)
    if whole:
        by_domain = {key: amount / whole for (key,), amount in totals(own, "domain").items()}
        top = sorted(by_domain, key=lambda domain: -by_domain[domain])[:2]
        parts = [f"{view.label('domains', domain)} {percent(by_domain[domain], view.lang)}" for domain in top]
        yield view.text("largest_parts", spent=f"{whole:,.0f}", parts=view.joined(parts))
    gap = states(view.result, "gap")
    wide = {line.id: gap[line.id, last] for line in view.scenario.lines if gap[line.id, last] > FAR}
    if wide:
        widest = max(wide, key=lambda line: wide[line])
        yield view.text(
            "answer_wide", count=len(wide), all=len(view.scenario.lines), year=last, far=percent(FAR, view.lang, ".0f"),
            line=view.label("lines", widest), gap=percent(wide[widest], view.lang),
        )  # fmt: skip
    else:
        yield view.text("answer_level", year=last, far=percent(FAR, view.lang, ".0f"))


def table(board: Board) -> Table:
    """The one table: a column a run; of one run, a column for the base year and for every plan."""
    return _of_runs(board) if board.several else _of_plan(board.planned[0])


def _of_runs(board: Board) -> Table:
    first = board.first
    runs = board.views
    base, last = first.landmarks[0], first.scenario.horizon.last_year
    columns = [column(first.text("measure")), *(column(name, ",.1f") for name in board.names)]

    def row(label: str, values: Sequence[Cell]) -> tuple[Cell, ...]:
        return (label, *values)

    rows = [
        row(
            first.text(
                "index_from", index=first.text(key), year=last, base=base, before=f"{first.index(key, base):.1f}"
            )
            if first.result.has_plan
            else first.text("index_at", index=first.text(key), year=last),
            [view.index(key, view.scenario.horizon.last_year) if view.result.has_plan else None for view in runs],
        )
        for key in ("security", *PARTS)
    ]
    worth = [view.result.value_of_planning for view in runs]
    rows.append(row(first.text("planning_row"), [None if value is None else value.value for value in worth]))
    rows.append(row(first.text("budget_row"), [_money(view, budget(view.result, view.lang)) for view in runs]))
    for plan in first.scenario.horizon.plans if len(first.scenario.horizon.plans) in (2, 3) else ():
        own = [_money(first, amount) if (amount := of_plan(view, plan.id)) is not None else None for view in runs]
        rows.append(row(first.text("of_plan_row", plan=first.plan(plan.id)), own))
    sums = [totals(spend(view.result, view.lang), "domain") if view.result.has_plan else None for view in runs]
    for domain in first.scenario.domains:
        own = [None if each is None else _money(first, each.get((domain.id,), 0.0)) for each in sums]
        label = view_label(first, domain.id)
        rows.append(row(label, own))
    rows.append(row(first.text("kind_row", first=board.names[0]), _kinds(board)))
    return Table(first.text("summary_table", year=base), columns, rows)


def of_plan(view: View, plan: str) -> float | None:
    """Money of a planning period; None where the run has no plan or no such period."""
    if not view.result.has_plan or plan not in [own.id for own in view.scenario.horizon.plans]:
        return None
    return sum(row.amount for row in spend(view.result, view.lang) if row.plan == plan)


def _money(view: View, amount: float) -> str:
    """An amount in a table that has numbers of other digits too; it is in the unit of money of the language."""
    return view.money_column("").shown(amount)


def view_label(view: View, domain: str) -> str:
    """A domain as a row of money."""
    return view.text("money_row", domain=view.label("domains", domain))


def _kinds(board: Board) -> list[Cell]:
    """Changes in kind against the first run: lines that stand elsewhere, modes and programmes that differ."""
    first = board.first
    told: dict[str, str] = {}
    for pair in board.pairs:
        count = len(pair.changes)
        told[pair.run.name] = (
            translate_count("{count} change", "{count} changes", first.lang, count=count)
            if count
            else first.text("none")
        )
    return ["–", *(told.get(key, "–") for key in board.names[1:])]


def _of_plan(view: View) -> Table:
    """Indices at the base year and at the end of every plan, money a year by domain."""
    horizon = view.scenario.horizon
    heads = [str(horizon.base_year), *(view.plan(plan.id) for plan in horizon.plans)]
    columns = [column(view.text("measure")), *(column(head, ",.1f") for head in heads)]
    rows: list[Sequence[Cell]] = [
        (view.text("index_end", index=view.text(key)), *(view.index(key, year) for year in view.landmarks))
        for key in ("security", *PARTS)
    ]
    sums = totals(spend(view.result, view.lang), "domain", "plan")
    for domain in view.scenario.domains:
        spent = sum(line.spend for line in view.scenario.lines if line.domain == domain.id)
        before = _money(view, money_number(spent, view.lang))
        mean = [
            _money(view, sums.get((domain.id, plan.id), 0.0) / (plan.last - plan.first + 1)) for plan in horizon.plans
        ]
        rows.append((view.text("money_year_row", domain=view.label("domains", domain.id)), before, *mean))
    return Table(view.text("summary_table_one", year=horizon.base_year), columns, rows)


def _figure(board: Board) -> Figure:
    """Shares of the money and national security."""
    first = board.planned[0]
    rows = bars_of(board)
    domains = [domain.id for domain in first.scenario.domains]
    columns = [column(first.text("run" if board.several else "plan_period"))]
    columns += [first.share_column(first.label("domains", domain)) for domain in domains]
    columns.append(column(first.text("security"), ".1f"))
    cells = [(name, *(shares.get(domain, 0.0) for domain in domains), value) for name, shares, value in rows]
    title = first.text("overview_title" if board.several else "overview_title_one")
    described = first.text("overview_described", title=first.joined([name for name, _, _ in rows]))
    return Figure("overview", title, described, overview(board), Table(title, columns, cells))


def _firm(board: Board) -> str:
    """How well the plans are proven, and what near-optimal ranges say where they are saved."""
    first = board.first
    known = [view.result.gap for view in board.planned if view.result.gap is not None]
    if len(known) < len(board.planned):
        return first.text("firm_open")
    text = first.text(
        "firm_proven" if board.several else "firm_proven_one", gap=gap_text(max(LEAST, *known), first.lang)
    )
    if all(view.result.verified for view in board.planned):
        text += first.space + first.text("firm_checked")
    analysis = saved(board.planned[0])
    if analysis is not None:
        cells = [row["verdict"] for row in analysis.tables["cells"].records]
        counts = {key: sum(verdict == key for verdict in cells) for key in ("must", "may", "never")}
        text += first.space + first.text("firm_ranges", all=len(cells), **counts)
    return text


def _hangs(board: Board) -> str:
    """The inputs of the lowest grades that move the outcome most; of several runs, what explains their differences."""
    first = board.planned[0]
    moved = [hinge for hinge in hinges(first.result, HINGES) if abs(hinge.move) >= SLIGHT]
    if not moved:
        return ""
    parts = [
        first.text("hinge", input=short(input_name(first, hinge.path)), move=f"{abs(hinge.move):.1f}")
        for hinge in moved
    ]
    return first.text("hangs", year=first.years[-1], parts=first.joined(parts))


def _next(board: Board) -> Iterator[str]:
    """What is to be decided next, in the order of what it moves."""
    first = board.planned[0]
    if len(board.level) > 1:
        money = changes_of(board)
        sure = sorted(((min(each), key) for key, each in money.items()), reverse=True)[:3]
        parts = [first.text("amount_of", what=first.cell(d, kind), amount=f"{most:,.0f}") for most, (d, kind) in sure]
        yield first.text("next_common", parts=first.joined(parts))
        key = next(iter(money))
        spread = money[key]
        yield first.text(
            "next_open", what=first.cell(*key),
            low=f"{min(spread):,.0f}", high=f"{max(spread):,.0f}",
        )  # fmt: skip
        yield from _clear_up(board)
        return
    plan = first.scenario.horizon.plans[0]
    yield first.text("next_first_plan", plan=first.plan(plan.id))
    if moved := hinges(first.result, HINGES)[:1]:
        yield first.text("next_source", input=short(input_name(first, moved[0].path)))


def _clear_up(board: Board) -> Iterator[str]:
    """The changed input of a low grade that moves the objective most: to be cleared up before the choice."""
    first, found = board.first, []
    for pair in board.pairs:
        for part in () if pair.attribution is None else pair.attribution.parts:
            own = [point for point in pair.inputs if inside(first, point.path, part.group)]
            grades = {point.other_grade for point in own}
            if grades & set(LOW):
                found.append((abs(part.explained), part, [point.path for point in own], pair.run.name))
    if found:
        _, part, paths, run = max(found, key=lambda entry: entry[0])
        name = short(group_name(first, part.group, paths))
        points = f"{part.explained:+.1f}".replace("-", "−")
        yield first.text("next_clear", input=name, run=run, points=points)
