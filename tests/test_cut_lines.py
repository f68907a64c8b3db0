"""Cutting a line into two equal halves changes nothing, once what adds up over lines is cut with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lawful_plans import random_money
from pytest import approx
from worlds import small, tiny

import kctopt
from kctopt.program import build
from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.records import Line, Scenario
from kctopt.simulator import Money, simulate
from kctopt.solver import solve

ADDS_UP = ("weight", "spend", "exposure_weight", "floor", "cap", "min_scale")  # docs/model.md, "Cutting a line in two"
KINDS = ("bottleneck", "accelerator", "moat", "security")


def cut(scenario: Scenario, *ids: str) -> Scenario:
    """The scenario with some lines cut into halves; the second half of each stands at the end."""
    lines = {line.id: line for line in scenario.lines}
    halves = {id: half(lines[id], id) for id in ids}
    second = [half(lines[id], f"{id}-2") for id in ids]
    return scenario.model_copy(update={"lines": (*(lines | halves).values(), *second)})


def half(line: Line, id: str) -> Line:
    values = {name: getattr(line, name) for name in ADDS_UP}
    return line.model_copy(update={"id": id} | {name: v / 2 for name, v in values.items() if v is not None})


def halved(money: Money, where: list[int]) -> Money:
    """The same money on the lines cut."""

    def part(amount: np.ndarray) -> np.ndarray:
        one = amount.copy()
        one[where] /= 2
        return np.concatenate([one, one[where]])

    return Money(part(money.strategic), part(money.substitution), part(money.exchange))


def same_worth(scenario: Scenario, *ids: str) -> None:
    money = random_money(scenario, seed=11)
    where = [n for id in ids for n, line in enumerate(scenario.lines) if line.id == id]
    whole, cut_up = simulate(scenario, money), simulate(cut(scenario, *ids), halved(money, where))
    for name in ("accelerator", "score", "kct", "loss", "economic", "military", "security", "objective"):
        assert getattr(cut_up, name) == approx(getattr(whole, name), rel=1e-12, nan_ok=True), name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("domain", ["chips", "ai", "biotech"])
def test_a_line_of_any_type(domain: str, kind: str) -> None:
    letter = {"bottleneck": "B", "accelerator": "A", "moat": "M", "security": "S"}[kind]
    same_worth(small(lines__1__exposure_weight=2.0), f"{domain}-{letter}")


@pytest.mark.parametrize("form", ["nested", "ces", "cobb_douglas", "leontief", "linear"])
def test_all_lines_in_every_form(form: str) -> None:
    scenario = small(kct__form=form)
    same_worth(scenario, *(line.id for line in scenario.lines))


def test_lines_of_several_types_and_weights() -> None:
    scenario = kctopt.load("lines-baseline", set={"stages": "envelope", "cooperation.choice": "none"})
    same_worth(scenario.model_copy(update={"tranches": ()}), "mature-chips", "ai-chips", "batteries", "public-health")


def test_a_weight_counts_within_its_domain() -> None:
    """Weights of a domain times a constant change nothing."""
    scenario = small()
    money = random_money(scenario, seed=5)
    heavier = [
        line.model_copy(update={"weight": 7 * line.weight}) if line.domain == "ai" else line for line in scenario.lines
    ]
    more = scenario.model_copy(update={"lines": tuple(heavier)})
    assert float(simulate(more, money).objective) == approx(float(simulate(scenario, money).objective), rel=1e-12)


def test_the_program_and_its_optimum() -> None:
    def worth(scenario: Scenario) -> tuple[float, float]:
        outcome = solve(build(scenario), gap=1e-5)
        assert outcome.objective is not None and outcome.bound is not None
        return outcome.objective, outcome.bound

    spillovers = [{"source": source, "target": "chips", "strength": 1.0} for source in ("chips", "ai")]
    rules: dict[str, Any] = {"money__ramp_step": 0.0, "lines__1__accelerator": 1.0, "spillovers": spillovers}
    scenario = tiny(**rules)
    (plan, bound), (cut_plan, cut_bound) = worth(scenario), worth(cut(scenario, "ai-A"))
    assert cut_plan <= bound * (1 + 1e-9) and plan <= cut_bound * (1 + 1e-9)
    assert cut_plan == approx(plan, rel=2e-5)


def test_the_base_year() -> None:
    scenario = small()
    whole, cut_up = calibrate(scenario), calibrate(cut(scenario, "ai-A"))
    for name in ("stock", "substitute", "yields", "inflow", "rival", "stage"):
        array = getattr(whole, name)
        assert getattr(cut_up, name)[: len(array)] == approx(array, rel=1e-12), name
