"""What one more unit of every rule is worth: shadow prices, by the user's names, and their check by solving again.

    found = prices(kctopt.open("runs/baseline"), check=True)
    found.tables["rules"].frame      one row a rule, line and year
    found.tables["totals"].frame     one row a number of the scenario: a plan's budget, a policy's amount, a floor

A price is the change of the objective for one more unit on the right side of a rule, everything else equal and the
discrete choices held. The plan is first taken to the optimum itself (solver/settled.py): there one multiplier stands
for each relation, in place of the cuts of a linear program, whose prices are some per cent off.

The check solves again with the right side a little smaller and larger, and simulates both plans. Their difference over
twice the step must be the price to 1 %. Where the loss of one unit less is not the gain of one more, however small the
step, there is no one price, as with two rules that say the same: the rule is degenerate. Both sides are then given, and
the price must lie between them. Where one side is proven to have no plan at all, that side is
left open.

With discrete choices there are two prices: of one more unit while they are held, and, with all of them free again, of
what one more unit adds to the proven bound (solver/released.py).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from math import isinf
from typing import TYPE_CHECKING, Any

from kctopt.analysis.rule_rows import NOTHING, PricedRule, together
from kctopt.analysis.saved import Analysis
from kctopt.errors import RunError
from kctopt.progress import Listener, listened, step
from kctopt.table import Column, Table

if TYPE_CHECKING:
    from kctopt.analysis.rule_rows import RuleRows
    from kctopt.analysis.totals import Total
    from kctopt.result.result import Result
    from kctopt.solver.lagrangian_prices import LagrangianPrices
    from kctopt.solver.polish import Polished

STEPS = (1e-3, 3e-5)  # of the check, relative to max(1, |right side|)
AGREE = 0.01  # relative difference of price and central difference that counts as the same
HELD = "exchange_open"  # a rule that follows from a stage, which is held: no number of the scenario stands behind it

RELEASED = Column(
    "price_released", "number",
    "with all discrete choices free: what one more unit adds to the proven bound; empty where not known",
)  # fmt: skip
CHECK = (
    Column("left_derivative", "number", "what one unit less costs, a unit, by solving again"),
    Column("right_derivative", "number", "what one unit more brings, a unit, by solving again"),
    Column("central", "number", "mean of the two"),
    Column(
        "verdict",
        "string",
        "agrees, differs, degenerate (the sides differ, the price between), failed (not settled), or not checked",
    ),
)
RULES = (
    Column("named", "string", "the user's name of the rule: a policy's id, or a rule of the model"),
    Column("rule", "string", "rule as the table of constraints names it"),
    Column("kind", "string", "family of the rule, or the policy's"),
    Column("line", "string", "line it speaks of, empty if several"),
    Column("year", "integer", "year it speaks of"),
    Column("sense", "string", "<= or >="),
    Column("left", "number", "left side at the optimum, in `per`"),
    Column("right", "number", "right side, in `per`"),
    Column("binding", "boolean", "true where no room is left"),
    Column("price", "number", "change of the objective for one more unit on the right side"),
    Column("unit", "string", "unit of the price"),
    Column("per", "string", "the one more unit"),
    Column("price_of_run", "number", "the price that the run's own proof ended with"),
    RELEASED,
    *CHECK,
)
TOTALS = (
    Column("named", "string", "the user's name of the rule: a policy's id, or a rule of the model"),
    Column("kind", "string", "family of the rule, or the policy's"),
    Column("number", "string", "the number of the scenario that is raised"),
    Column("span", "string", "planning period, if it is raised in that only"),
    Column("price", "number", "change of the objective for one more unit of that number"),
    Column("unit", "string", "unit of the price"),
    Column("per", "string", "the one more unit"),
    RELEASED,
    *CHECK,
)


@dataclass(frozen=True)
class Slopes:
    """One-sided changes of the optimum a unit, by solving again with ever smaller steps until the sides agree.

    A loss of one unit less is `left`, a gain of one more `right`: infinite where there is no plan, None where none was
    found. Where they are not those of exact optima they are `rough`: the plan in the middle may be short of its
    optimum, which pulls both sides apart, so that only their mean says something.
    """

    left: float | None = None
    right: float | None = None
    rough: bool = False

    @property
    def apart(self) -> bool:
        """Whether the two sides differ, or are not both known."""
        return self.left is None or self.right is None or not _same(self.left, self.right)

    def verdict(self, price: float) -> str:
        """What the two sides say of a price. Sides that differ hold it between them."""
        if self.left is None or self.right is None:
            return "failed"
        low, high = sorted((self.left, self.right))
        if self.rough:
            return "agrees" if _same(price, (low + high) / 2) else "failed"
        if self.apart:
            return "degenerate" if low - _room(low) <= price <= high + _room(high) else "differs"
        return "agrees" if _same(price, (low + high) / 2) else "differs"

    def row(self, price: float, checked: bool) -> dict[str, Any]:
        """The columns of CHECK beside a price."""
        central = None if self.left is None or self.right is None else (self.left + self.right) / 2
        return {
            "left_derivative": self.left, "right_derivative": self.right, "central": central,
            "verdict": self.verdict(price) if checked else "not checked",
        }  # fmt: skip


def _same(first: float, second: float) -> bool:
    """Whether two slopes differ by no more than the check allows."""
    return abs(first - second) <= max(_room(first), _room(second))


def _room(slope: float) -> float:
    """Difference that counts as none."""
    return 0.0 if isinf(slope) else max(AGREE * abs(slope), NOTHING)


@listened
def prices(result: Result, *, check: bool = False, progress: Listener | None = None) -> Analysis:
    """Shadow prices of every rule of a run.

    Parameters
    ----------
    result : Result
        A solved run with a plan.
    check : bool, default False
        Solve again on both sides of every rule that has a price or binds.
    progress : callable, optional
        Given a `kctopt.Progress` at every step; StopIteration in it raises KeyboardInterrupt.

    Returns
    -------
    Analysis
        Tables `rules` and `totals`; `about` says whether the prices are those of the exact optimum, its two bounds,
        whether they are conditional on discrete choices, which rules bind without a price (`unpriced`), and the bound
        that `price_released` belongs to (`bound_released`, None without discrete choices).

    Raises
    ------
    RunError
        A run without a plan, or one whose scenario does not reproduce it.

    Examples
    --------
    >>> import kctopt
    >>> run = kctopt.open("runs/baseline")
    >>> from kctopt.analysis.prices import prices
    >>> len(prices(run).tables["rules"].frame) > 0
    True
    """
    from kctopt.analysis.points import needs_only_its_scenario
    from kctopt.analysis.totals import totals_of
    from kctopt.solver.polish import polish

    started = time.perf_counter()
    needs_only_its_scenario(result)
    if result.money is None:
        raise RunError(f"{result.scenario.name}: the run has no plan ({result.status}), so nothing has a price")
    step("improving the plan to the optimum")
    settled = polish(result.solved_scenario, result.money, result.choices)
    rules = _Rules(result, settled, check, _released(settled))
    tables = {"rules": Table.of("rules", RULES, rules.rows())}
    totals = totals_of(result.solved_scenario, rules.found)
    tables["totals"] = Table.of("totals", TOTALS, [rules.total(total) for total in totals])
    free = rules.free.bound if rules.free is not None else None
    facts = about(result, settled) | {"unpriced": rules.unpriced(), "bound_released": free}
    return Analysis("prices", {"check": check}, tables, facts, time.perf_counter() - started)


def about(result: Result, settled: Polished) -> dict[str, Any]:
    """What stands behind the numbers of an analysis: the plan, its bound, exactness, what is held."""
    assert result.objective is not None  # it has a plan
    bound, objective = settled.bound, settled.plan.objective
    return {
        "objective_of_run": result.objective,
        "objective": objective,
        "bound": bound,
        "gap": None if bound is None else abs(bound - objective) / max(1e-9, abs(objective)),
        "exact": settled.exact,
        "conditional": bool(settled.engine.program.discrete),
        "unit": objective_unit(result),
    }


def _released(settled: Polished) -> LagrangianPrices | None:
    """Prices with the discrete choices free; None without such choices."""
    from kctopt.solver.lagrangian_prices import lagrangian_prices

    if not settled.engine.program.discrete:
        return None
    step("prices with all discrete choices free")
    return lagrangian_prices(settled.engine.program, settled.plan.x)


def objective_unit(result: Result) -> str:
    """Unit of the objective."""
    return "billion CNY" if result.scenario.objective.kind == "min_budget" else "NS points"


class _Rules:
    """The rules of one run at its optimum."""

    def __init__(
        self, result: Result, settled: Polished, check: bool, free: LagrangianPrices | None
    ) -> None:  # fmt: skip
        self.result, self.settled, self.check, self.free = result, settled, check, free
        self.unit = objective_unit(result)
        self.found = list(self._found())

    def _found(self) -> list[PricedRule]:
        """Every rule that the program has, at the optimum."""
        from kctopt.analysis.rule_rows import RuleIndex
        from kctopt.result.constraints import constraints
        from kctopt.rules.named import RuleNames
        from kctopt.simulator import simulate

        scenario, engine = self.result.solved_scenario, self.settled.engine
        names, index = RuleNames(scenario), RuleIndex(scenario, self.result.choices, engine.compiled)
        money = engine.simulator.money(self.settled.plan.x)
        choices = engine.simulator.integers.choices(self.settled.plan.x)
        path = simulate(scenario, money, choices=choices)
        scale = engine.compiled.slots.get("money.scale")
        factor = None if scale is None else float(self.settled.plan.x[scale[0]])
        table = constraints(scenario, money, choices, path, {}, factor)
        priced = []
        for values in zip(*(table[name].tolist() for name in table), strict=True):
            row = dict(zip(table, values, strict=True))
            place = None if row["kind"] == HELD else index.of(row["rule"], row["sense"])
            if place is not None:
                price = place.price(engine.compiled, self.settled.point)
                named = names.of(row["rule"]) or row["rule"]
                free = None if self.free is None else place.released(engine.compiled, self.free)
                priced.append(PricedRule(named.removeprefix("policies."), place, row, price, free))
        return priced

    def rows(self) -> list[dict[str, Any]]:
        """The table of rules that have a price or bind, dearest first."""
        own = self.result.columns("constraints")
        before = dict(zip(zip(own["rule"], own["sense"], strict=True), own["price"].tolist(), strict=True))
        kept = [rule for rule in self.found if rule.tight]
        rows = []
        for number, rule in enumerate(kept, 1):
            step(f"checking prices, {number} of {len(kept)}") if self.check else None
            slopes = self._slopes({rule.place: 1.0}, rule.row["right"]) if self.check else Slopes()
            same = ("rule", "kind", "line", "sense", "left", "right", "binding")
            rows.append({
                "named": rule.named, **{key: rule.row[key] for key in same}, "year": rule.row["year"] or None,
                "price": rule.price, "unit": f"{self.unit} per {rule.row['unit']}", "per": rule.row["unit"],
                "price_of_run": before.get((rule.row["rule"], rule.row["sense"])), "price_released": rule.released,
                **slopes.row(rule.price, self.check),
            })  # fmt: skip
        return sorted(rows, key=lambda row: -abs(row["price"]))

    def unpriced(self) -> list[str]:
        """Rules that bind without a price: others do their work, and prices beside them may hold on one side only."""
        return list(dict.fromkeys(rule.named for rule in self.found if rule.tight and abs(rule.price) <= NOTHING))

    def total(self, total: Total) -> dict[str, Any]:
        """One row of the table of totals."""
        price = sum(weight * rule.price for rule, weight in total.parts)
        slopes = Slopes()
        if self.check:
            step(f"checking the price of {total.number}")
            slopes = self._slopes({rule.place: weight for rule, weight in total.parts}, total.amount)
        return {
            "named": total.named, "kind": total.kind, "number": total.number, "span": total.span, "price": price,
            "unit": f"{self.unit} per {total.per}", "per": total.per, "price_released": _summed(total),
            **slopes.row(price, self.check),
        }  # fmt: skip

    def _slopes(self, parts: Mapping[RuleRows, float], right: float) -> Slopes:
        """One-sided differences at ever smaller steps until the sides agree, as they do at all but a kink."""
        rough = not self.settled.exact
        slopes = Slopes(rough=rough)
        for part in STEPS[:1] if rough else STEPS:  # a search cannot tell small steps
            size = part * max(1.0, abs(right))
            less, more = self._side(parts, -size), self._side(parts, size)
            less, more = slopes.left if less is None else less, slopes.right if more is None else more
            slopes = Slopes(less, more, rough)
            if not slopes.apart:
                break
        return slopes

    def _side(self, parts: Mapping[RuleRows, float], by: float) -> float | None:
        """What one unit more brings, or one less costs, at a step to one side."""
        value = self.settled.value(together(parts, self.settled.engine.compiled, by))
        return None if value is None else (value - self.settled.plan.objective) / by


def _summed(total: Total) -> float | None:
    """The released price of a number; None where one of its rows has none."""
    known = [(rule.released, weight) for rule, weight in total.parts]
    return None if any(price is None for price, _ in known) else sum(weight * (price or 0.0) for price, weight in known)
