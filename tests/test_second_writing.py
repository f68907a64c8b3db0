"""The pages of the model suffice to rebuild it: a second writing, from their formulas alone, finds what kctopt finds.

`second_writing/` has one file a page, quotes the page's formulas and imports nothing of kctopt.
"""

from __future__ import annotations

import ast
import csv
import importlib
import inspect
import json
import re
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from decided import decided
from lawful_plans import random_money
from pytest import approx
from second_writing import Evaluation, base_year, evaluate, read_plan, read_scenario
from worlds import options, small, tiny

import kctopt
from kctopt.rules import breaches
from kctopt.scenario.records import RUNGS, BandPolicy, Scenario
from kctopt.simulator import Choices, Money, budget_scale, natural, simulate, to_base_plan

ROOT = Path(__file__).parents[1]
WRITING = Path(__file__).parent / "second_writing"
PAGES = ["docs/model.md", *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs/model").glob("*.md")))]
SCENARIOS = sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))
FORMULA = re.compile(r"^```formula\n(.*?)^```$", re.DOTALL | re.MULTILINE)
AGREE = 1e-9
QUANTITIES = [
    name for name in Evaluation.__dataclass_fields__ if name in kctopt.simulator.Trajectory.__dataclass_fields__
]


# --- each page and its writing ---------------------------------------------------------------------------------------


def module(page: str) -> Any:
    return importlib.import_module(f"second_writing.{Path(page).stem.replace('-', '_')}")


def formulas(page: str) -> str:
    return "\n".join(FORMULA.findall((ROOT / page).read_text(encoding="utf-8"))).strip()


def quoted(page: str) -> str:
    """The indented part of the docstring."""
    lines = (inspect.getdoc(module(page)) or "").splitlines()
    kept = [line for line in lines if line.startswith("    ") or not line]
    return textwrap.dedent("\n".join(kept)).strip()


def packed(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_and_its_writing_have_the_same_formulas(page: str) -> None:
    assert f"`{page}`" in (module(page).__doc__ or "")
    assert packed(quoted(page)) == packed(formulas(page)), f"write {WRITING.name}/{Path(page).stem} anew, then quote"


def test_nothing_of_kctopt_is_imported() -> None:
    for path in WRITING.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] in ("kctopt", "tests") for name in names), (path.name, names)


# --- plans and choices -----------------------------------------------------------------------------------------------


def random_choices(scenario: Scenario, seed: int) -> Choices:
    """Modes, programmes and restraint that the catalogue and the options allow; stages are left to the law."""
    rng = np.random.default_rng(seed)
    parts: dict[str, Any] = {}
    if scenario.cooperation.choice != "none":
        parts["mode"] = rng.integers(0, len(scenario.modes), (len(scenario.domains), len(scenario.horizon.plans)))
    if scenario.programmes:
        parts["routes"] = random_routes(scenario, rng)
    banded = {line for policy in scenario.policies if isinstance(policy, BandPolicy) for line in policy.lines}
    if scenario.stages == "switching" or banded:
        shape = (len(scenario.lines), len(RUNGS), len(scenario.horizon.all_years))
        parts["restraint"] = rng.uniform(0, 2, shape) * (rng.uniform(size=shape) < 0.1)
    return Choices(**parts)


def random_routes(scenario: Scenario, rng: np.random.Generator) -> np.ndarray:
    """Every other programme, from a year of its window after those it requires, and beside none it excludes."""
    years, ended, routes = scenario.horizon.years, {}, np.zeros((len(scenario.programmes), len(scenario.horizon.years)))
    for k, programme in enumerate(scenario.programmes):
        free = not any(programme.id in other.excluded or other.id in programme.excluded
                       for other in scenario.programmes if other.id in ended)  # fmt: skip
        if set(programme.required) <= set(ended) and free and rng.uniform() < 0.5:
            late = years[-1] - programme.duration + 1
            after = max((ended[needed] + 1 for needed in programme.required), default=0)
            starts = [year for year in programme.starts if after <= year <= late]
            if starts:
                start = int(rng.choice(starts))
                routes[k, years.index(start)] = rng.integers(1, programme.most_routes + 1)
                ended[programme.id] = start + programme.duration - 1
    return routes.astype(int)


def agrees(scenario: Scenario, money: Money, choices: Choices = Choices()) -> Evaluation:  # noqa: B008 - frozen
    """Both writings find the same, quantity by quantity and rule by rule."""
    found, ours = evaluate(scenario, money, choices), simulate(scenario, money, choices=choices)
    for name in QUANTITIES:
        if name != "shortfall":
            np.testing.assert_allclose(getattr(found, name), getattr(ours, name), AGREE, AGREE, err_msg=name)
    assert found.shortfall.keys() == ours.shortfall.keys()
    for policy, missing in ours.shortfall.items():
        assert found.shortfall[policy] == approx(missing, rel=AGREE, abs=AGREE)
    factor = float(budget_scale(scenario, money, choices))
    assert found.budget_scale == approx(factor, rel=AGREE)
    least = factor if scenario.objective.kind == "min_budget" else 1.0
    broken: dict[str, float] = {}
    for breach in breaches(scenario, money, choices=choices, budget_scale=least):
        broken[breach.rule] = max(breach.amount, broken.get(breach.rule, 0.0))
    assert found.breaches == approx(broken, rel=1e-6, abs=AGREE)
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_bundled_scenarios(name: str) -> None:
    scenario = kctopt.load(name)
    agrees(scenario, to_base_plan(scenario))
    money, choices = random_money(scenario, seed=SCENARIOS.index(name)), random_choices(scenario, seed=1)
    found = agrees(scenario, money, choices)
    if scenario.stages == "switching":  # the same with the stages stated, and with others that the plan cannot have
        stage = natural(scenario, money, choices).stage
        assert stage is not None
        assert (found.review_stage == stage).all()
        stated = Choices(stage=stage, restraint=choices.restraint, mode=choices.mode, routes=choices.routes)
        assert agrees(scenario, money, stated).objective == approx(found.objective, rel=1e-12)
        other = agrees(scenario, money, Choices(stage=np.minimum(stage + 1, 2), mode=choices.mode))
        assert any(rule.startswith("switching.entry") for rule in other.breaches)


@pytest.mark.parametrize("diffusion", ["three_stage", "nelson_phelps", "logistic", "none"])
@pytest.mark.parametrize("security", ["cobb_douglas", "ces", "leontief", "linear"])
@pytest.mark.parametrize("kct", ["nested", "ces", "cobb_douglas", "leontief", "linear"])
def test_every_form(kct: str, security: str, diffusion: str) -> None:
    scenario = small(kct__form=kct, security__form=security, diffusion__form=diffusion)
    agrees(scenario, random_money(scenario, seed=3))


TARGET = {"id": "choke", "kind": "target", "type": "B", "min_ratio": 0.6, "by": 2028}
POLICIES = [
    {"id": "floor", "kind": "floor", "type": "M", "amount": 20.0, "years": "2027-2028"},
    {"id": "total", "kind": "floor", "domain": "chips", "track": "exchange", "amount": 4.0, "per": "total"},
    {"id": "cap", "kind": "cap", "rung": "F", "amount": 10.0, "years": "2028"},
    {"id": "line", "kind": "cap", "line": "ai-M", "track": "strategic", "rung": "R", "amount": 1.0},
    {"id": "share", "kind": "share", "type": "S", "min": 0.25, "max": 0.3},
    TARGET,
    {"id": "free", "kind": "target", "type": "B", "max_dependency": 0.2, "by": 2027},
    {"id": "soft", "kind": "target", "domain": "ai", "min_ratio": 1.2, "by": 2029, "soft": True, "price": 30.0},
]
OVERRIDES: list[dict[str, Any]] = [
    {"policies": POLICIES},
    {"objective__kind": "min_budget", "policies": [TARGET]},
    {"horizon__tail": 0, "budget": {2026: 30.0, 2027: 90.0}},
    {"horizon__last_year": 2026},
    {"horizon__plan_length": 3, "horizon__last_year": 2030, "money__carry_share": 0.6},
    {"kct__rho": 0.0, "kct__rho_domains": 1.0},
    {"kct__rho": -40.0, "kct__rho_domains": 0.5},
    {"kct__rho": 2.8e-17, "kct__rho_domains": 1e-7, "security__form": "ces", "security__rho": -1e-12},
    {"kct__rho": 1.0, "security__form": "ces", "security__rho": 0.0},
    {"kct__weights": {"B": 0.0, "A": 0.5, "M": 0.0, "S": 0.0}},
    {"kct__form": "leontief", "kct__weights": {"B": 1.0, "A": 0.0, "M": 0.5, "S": 0.0}},
    {"security__form": "leontief", "security__economy": 0.0, "security__military": 0.5, "security__technology": 0.5},
    {"military__index": "material", "cut_off__loss": 60.0, "cut_off__shield": 0.2},
    {"cut_off__loss": 100.0, "cut_off__shield": 0.0, "economy__trend": -0.2, "controls__intensity": {2025: 0, 2026: 1}},
    {"knowledge__induced_innovation": 0.3, "knowledge__yield_factor": 0.8, "knowledge__accelerator_elasticity": 0.0},
    {"rival__growth_shift": {2026: 0.0, 2028: 0.05}, "diffusion__leverage": 1.5, "substitution__ceiling": 0.05},
    {"cooperation__exposure_limit": {2026: 1.0, 2029: 0.2}, "lines__0__cap": 9.0, "lines__1__floor": 12.0},
    {"lines__1__security": 0.0, "lines__1__accelerator": 1.0, "lines__3__moat": 0.0, "lines__3__bottleneck": 0.4},
    {"lines__0__bottleneck": 0.0, "lines__0__security": 0.7, "spillovers": []},
    {"domains__1__weight": 3.0, "lines__2__domain": "chips", "lines__3__domain": "chips"},
    {"lines__1__min_scale": 11.0, "lines__3__min_scale": 4.0},
]  # fmt: skip


@pytest.mark.parametrize("overrides", OVERRIDES, ids=lambda overrides: ", ".join(overrides))
def test_laws_and_rules_at_other_values(overrides: dict[str, Any]) -> None:
    scenario = tiny(**overrides)
    agrees(scenario, to_base_plan(scenario))
    agrees(scenario, random_money(scenario, seed=2))


@pytest.mark.parametrize("ratchet", [True, False])
@pytest.mark.parametrize("reviews", ["halves", "yearly"])
@pytest.mark.parametrize("choice", ["none", "mask", "free"])
def test_every_option(choice: str, reviews: str, ratchet: bool) -> None:
    scenario = options(cooperation__choice=choice, switching__reviews=reviews, switching__ratchet=ratchet)
    for seed in range(4):
        money, choices = random_money(scenario, seed, unequal=2.0), random_choices(scenario, seed)
        agrees(scenario, money, choices)
        stages = np.sort(np.random.default_rng(seed).integers(0, 3, simulate(scenario, money).review_stage.shape))
        agrees(scenario, money, Choices(stage=stages, restraint=choices.restraint, mode=choices.mode))


@pytest.mark.parametrize("reviews", ["halves", "yearly"])
@pytest.mark.parametrize("seed", range(4))
def test_lines_held_back_by_themselves(seed: int, reviews: str) -> None:
    """By the page's formula; and a plan that states what was held back is worth the same without the tool."""
    bands = [
        {"id": "close", "kind": "band", "lines": ["chips-B", "chips-S"], "width": 0.15},
        {"id": "closer", "kind": "band", "lines": ["chips-S", "ai-M"], "width": 0.1, "years": "2027-2028"},
    ]
    scenario = options(diffusion__near=0.3, switching__reviews=reviews, policies=bands)
    money, choices = random_money(scenario, seed, unequal=2.0), random_choices(scenario, seed)
    stage = natural(scenario, money, choices).stage
    assert stage is not None
    stage = np.where(stage[:, :1] == 2, 2, np.minimum(stage, 1))  # none that is not near at first ever becomes so
    chosen = Choices(stage=stage, restraint=choices.restraint, mode=choices.mode)
    found, ours = evaluate(scenario, money, chosen, hold=True), simulate(scenario, money, choices=chosen, hold=True)
    assert ours.restraint.max() > 0.01
    assert found.held == approx(ours.restraint, rel=AGREE, abs=AGREE)
    assert found.stock == approx(ours.stock, rel=AGREE)
    stated = agrees(scenario, money, Choices(stage=stage, restraint=found.held, mode=choices.mode))
    assert stated.objective == approx(found.objective, rel=1e-12)


def test_choices_made_by_hand() -> None:
    assert agrees(*decided()).breaches == {}


def test_programmes_that_the_catalogue_forbids() -> None:
    scenario, money, choices = decided(programmes__0__excludes="scanner-race", catalogue__researchers=0.5)
    found = agrees(scenario, money, choices)
    assert {"programmes.excludes[light-source,scanner-race]", "programmes.researchers[2026]"} <= found.breaches.keys()
    late = agrees(scenario, money, Choices(routes=np.array([[0, 0, 1, 1], [0, 0, 4, 0]])))
    assert {"programmes.start[light-source]", "programmes.start[scanner-race]"} <= late.breaches.keys()


# --- the baseline, from its folder -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "baseline"
    kctopt.solve("baseline", save=folder)
    return folder


def test_the_baseline_from_its_folder(run: Path) -> None:
    found = evaluate(run, *read_plan(run))
    saved = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert found.objective == approx(saved["objective"], rel=AGREE)
    assert found.breaches == {}
    with (run / "indices.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["domain"]]
    names = {"security", "economic", "military", "technology", "loss", "kct", "economy_ratio", "military_ratio"}
    for name in names:
        values = [float(row["value"]) for row in rows if row["index"] == name]
        np.testing.assert_allclose(getattr(found, name), values, AGREE, AGREE, err_msg=name)
    with (run / "capability.csv").open(encoding="utf-8-sig", newline="") as file:
        made = [float(row["production"]) for row in csv.DictReader(file) if row["production"]]
    weights = [rung.capability_weight for rung in read_scenario(run).rungs]
    assert np.einsum("r,irt->it", weights, found.production).ravel() == approx(made, rel=AGREE)


def test_the_baseline_lies_about_the_optimum_that_another_solver_finds(run: Path) -> None:
    """Its own digits end at 1e-7 of the optimum (it stops at 1e-8 of the sum of its sides)."""
    saved, optimum = json.loads((run / "run.json").read_text(encoding="utf-8")), 2391.17487  # of the pages' program
    assert saved["objective"] == pytest.approx(optimum, rel=1e-6)
    assert saved["bound"] == pytest.approx(optimum, rel=1e-6)


def test_the_reference_of_lagged_spend_is_that_of_the_first_planned_year(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says which year's effort is the reference: by that of t0 the same plan is worth 36.6 points more."""

    def of_t0(m: Any, i: Any) -> None:
        history(m, i)
        for r in m.rungs:
            m.xbar[i.id, r.id] = sum(r[f"lag_{lag}"] * m.x[i.id, r.id, m.t0 - lag] for lag in range(6))

    history = base_year.history
    monkeypatch.setattr(base_year, "history", of_t0)
    told, saved = evaluate(run, *read_plan(run)), json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert told.objective - saved["objective"] == approx(36.6, abs=0.3)
