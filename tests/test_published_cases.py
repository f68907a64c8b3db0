"""Published problems with known answers, through the programme and tranche blocks alone (see cases/README.md)."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mips import optimum, relaxed_optimum
from pyomo.environ import Block, ConcreteModel, Constraint, NonNegativeReals, Objective, Var, maximize, quicksum
from pytest import approx
from worlds import name

from kctopt.formulation import programmes, tranches
from kctopt.scenario.options import Programme

CASES = Path(__file__).parent / "cases"


def rows(file: str) -> list[dict[str, str]]:
    with (CASES / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def project(id: str, worth: float, costs: Sequence[float]) -> Programme:
    """A project that starts in year 1 or never, costs `costs` by year and is worth a reward."""
    return Programme(
        id=id, label=name(id), line="any", rung="F", success=1.0, gain=0.0, first_start=1, last_start=1,
        duration=len(costs), reward=worth, **{f"cost_{year}": each for year, each in enumerate(costs, 1)},
    )  # fmt: skip


def selection(projects: list[Programme], budgets: Sequence[float]) -> Any:
    """Projects under yearly budgets, for the largest sum of rewards."""
    model, years = ConcreteModel(), range(1, len(budgets) + 1)
    model.programmes = Block()
    programmes.add_variables(model.programmes, projects, years)
    programmes.add_constraints(model.programmes, projects, years, None)
    model.budget = Constraint(years, rule=lambda m, t: programmes.cost(m.programmes, projects, t) <= budgets[t - 1])
    model.worth = Objective(expr=programmes.reward(model.programmes, projects), sense=maximize)
    return model


def chosen(model: Any) -> set[str]:
    return {index[0] for index, run in model.programmes.start.items() if run.value > 0.5}


@dataclass(frozen=True)
class Petersen:
    """A problem of mknap1.txt."""

    optimum: float
    values: list[float]
    uses: list[list[float]]  # by year and project
    limits: list[float]


def petersen() -> Iterator[Petersen]:
    numbers = iter([float(word) for word in (CASES / "mknap1.txt").read_text(encoding="utf-8").split()])

    def take(count: int) -> list[float]:
        return [next(numbers) for _ in range(count)]

    for _ in range(int(next(numbers))):
        n, m, best = take(3)
        yield Petersen(best, take(int(n)), [take(int(n)) for _ in range(int(m))], take(int(m)))
    assert next(numbers, None) is None


@pytest.mark.parametrize("number", range(4))
def test_selection_of_projects_under_ten_budgets(number: int) -> None:
    case = list(petersen())[number]
    columns = zip(case.values, zip(*case.uses, strict=True), strict=True)
    model = selection([project(str(n), worth, costs) for n, (worth, costs) in enumerate(columns)], case.limits)
    assert optimum(model) == approx((3800, 8706.1, 4015, 6120)[number], abs=1e-6)
    assert case.optimum == (3800, 8706.1, 4015, 6120)[number]
    # and the projects chosen are worth that and keep to every budget
    picked = [int(id) for id in chosen(model)]
    assert sum(case.values[n] for n in picked) == approx(case.optimum)
    assert all(sum(use[n] for n in picked) <= limit for use, limit in zip(case.uses, case.limits, strict=True))


def lorie_savage() -> Any:
    found = rows("lorie_savage.csv")
    return selection(
        [project(row["project"], float(row["value"]), [float(row["cost_year1"]), float(row["cost_year2"])])
         for row in found], (50.0, 20.0),
    )  # fmt: skip


def test_whole_projects_of_lorie_and_savage() -> None:
    model = lorie_savage()
    assert optimum(model) == approx(70)
    assert chosen(model) == {"1", "3", "4", "6", "9"}


def test_fractions_and_prices_of_lorie_and_savage() -> None:
    model = lorie_savage()
    assert relaxed_optimum(model) == approx(70.2727, abs=5e-5)
    assert model.dual[model.budget[1]] == approx(0.13636, abs=5e-6)
    assert model.dual[model.budget[2]] == approx(1.86364, abs=5e-6)
    start = model.programmes.start
    assert (start["6", 1, 1].value, start["7", 1, 1].value) == (approx(0.9697, abs=5e-5), approx(0.04545, abs=5e-6))


def categories() -> dict[tuple[Any, ...], tranches.Curve]:
    """Responses by category of R&D: million dollars -> reduction of levelised cost."""
    points: dict[tuple[Any, ...], list[tuple[float, float]]] = {}
    for row in rows("tyche_tranches.csv"):
        amount, effect = float(row["amount_usd"]) / 1e6, float(row["mean_lcoe_reduction"])
        points.setdefault((row["category"],), [(0.0, 0.0)]).append((amount, effect))
    return {key: tranches.Curve(*zip(*sorted(each), strict=True)) for key, each in points.items()}


def portfolio(budget: float) -> Any:
    """One budget over the categories, for the largest sum of effects."""
    model, curves = ConcreteModel(), categories()
    model.spend = Var(list(curves), domain=NonNegativeReals)
    model.tranches = Block()
    tranches.add_curve_variables(model.tranches, curves)
    tranches.add_curve_constraints(model.tranches, curves, lambda *key: model.spend[key])
    model.budget = Constraint(expr=quicksum(model.spend.values()) <= budget)
    model.effect = Objective(expr=quicksum(model.tranches.effective.values()), sense=maximize)
    return model


COLUMNS = ("investment_musd", "published_max_lcoe_reduction", "resolved_milp_lcoe_reduction_4000_samples")
FRONTIER = [[float(row[column]) for column in COLUMNS] for row in rows("tyche_frontier.csv")]


@pytest.mark.parametrize(("budget", "published", "solved_again"), FRONTIER)
def test_frontier_of_photovoltaics(budget: float, published: float, solved_again: float) -> None:
    reached = optimum(portfolio(budget))
    assert reached == approx(solved_again, rel=0.001)
    if budget >= 1.5:
        assert reached == approx(published, rel=0.02)
    else:
        assert reached >= published  # a local optimum


def test_the_responses_are_not_concave_and_the_relaxation_is_higher() -> None:
    slopes = [piece.slope for piece in categories()["Module R&D",].pieces]
    assert slopes[1] > slopes[0] > slopes[2]
    whole = optimum(portfolio(1.5))
    assert relaxed_optimum(portfolio(1.5)) > 1.02 * whole
