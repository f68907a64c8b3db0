"""Scenario discovery: the published PRIM case, choices, failed members, boxes as scenarios, the tree beside them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pytest import approx
from scipy.stats import binom, qmc

import kctopt
from kctopt.errors import UsageError
from kctopt.study.discovery import Discovery, cases_of, prim
from kctopt.study.peeling import Limits, inside, peel
from kctopt.study.records import UncertainInput
from kctopt.study.trees import tree

INPUTS = (
    UncertainInput("tight", ("controls.intensity",), "scale", None),
    UncertainInput("growth", ("lines[domain=ai].rival_growth",), "add", None),
    UncertainInput("form", ("kct.form",), "value", None),
)


@pytest.fixture(scope="module")
def cube() -> pd.DataFrame:
    """2,000 draws of five inputs."""
    return pd.DataFrame(qmc.LatinHypercube(5, seed=42).random(2000), columns=list("abcde"))


@pytest.fixture(scope="module")
def published(cube: pd.DataFrame) -> Discovery:
    return prim(cube, (cube["a"] > 0.7) & (cube["b"] < 0.4))


def test_the_published_box(published: Discovery) -> None:
    (box,) = published.boxes
    assert set(box.limits) == {"a", "b"}
    assert box.coverage >= 0.99 and box.density >= 0.98
    assert box.mass == approx(0.3 * 0.4, abs=0.01)
    assert box.limits["a"].low == approx(0.7, abs=0.01) and box.limits["a"].high is None
    assert box.limits["b"].high == approx(0.4, abs=0.01) and box.limits["b"].low is None


def test_numbers_of_a_box_are_those_of_its_draws(cube: pd.DataFrame, published: Discovery) -> None:
    case = ((cube["a"] > 0.7) & (cube["b"] < 0.4)).to_numpy()
    (box,) = published.boxes
    held = (cube["a"] >= box.limits["a"].low).to_numpy() & (cube["b"] <= box.limits["b"].high).to_numpy()
    assert box.draws == held.sum()
    assert box.density == approx(case[held].mean()) and box.coverage == approx(case[held].sum() / case.sum())
    row = published.limits.set_index("input").loc["a"]
    without = (cube["b"] <= box.limits["b"].high).to_numpy()
    assert row["quasi_p"] == approx(binom.sf(case[held].sum() - 1, held.sum(), case[without].mean()), rel=1e-6)
    assert (published.limits["reproduced"] == 1.0).all()


def test_the_trajectory_peels_a_twentieth_at_a_time_and_each_box_holds_the_next(cube: pd.DataFrame) -> None:
    columns = [cube[name].to_numpy() for name in cube]
    case = ((cube["a"] > 0.7) & (cube["b"] < 0.4)).to_numpy()
    steps = peel(columns, case, 0.05, 20)
    masses = np.array([step.mass for step in steps])
    assert masses[0] == 1.0 and steps[0].coverage == 1.0 and steps[0].density == approx(case.mean())
    assert (masses[1:] / masses[:-1]).min() > 0.94 and (np.diff(masses) < 0).all()
    for one, two in pairwise(steps):
        assert not (inside(two.box, columns) & ~inside(one.box, columns)).any()


def test_choices_are_peeled_and_pasted() -> None:
    random = np.random.default_rng(1)
    x = pd.DataFrame({"a": random.random(1000), "form": random.choice(["nested", "ces", "cobb_douglas"], 1000)})
    found = prim(x, (x["form"] != "nested") & (x["a"] < 0.5))
    (box,) = found.boxes
    assert box.limits["form"].kept == frozenset({"ces", "cobb_douglas"})
    assert box.coverage >= 0.99 and box.density >= 0.98
    assert "form is one of ces and cobb_douglas" in found.sentences()[1]


def test_two_places_give_two_boxes(cube: pd.DataFrame) -> None:
    case = ((cube["a"] > 0.8) & (cube["b"] > 0.8)) | ((cube["c"] < 0.2) & (cube["d"] < 0.2))
    found = prim(cube, case, resamples=5)
    assert {frozenset(box.limits) for box in found.boxes[:2]} == {frozenset("ab"), frozenset("cd")}
    assert found.table["coverage"].sum() >= 0.9
    assert found.table["coverage"].sum() <= 1.0 + 1e-9


def test_a_density_asked_for_is_met(cube: pd.DataFrame) -> None:
    noisy = (cube["a"] > 0.7) & (np.random.default_rng(5).random(2000) < 0.6)
    found = prim(cube, noisy, density=0.55, boxes=1)
    assert found.boxes[0].density >= 0.55
    assert "a" in found.boxes[0].limits


def test_noise_gives_no_box_or_says_that_it_is_not_firm(cube: pd.DataFrame) -> None:
    random = np.random.default_rng(7).random(2000) < 0.3
    found = prim(cube, random)
    told = " ".join(found.sentences())
    assert "No box is denser" in told or "is not firm" in told


@pytest.mark.parametrize(
    ("case", "message"), [(True, "Every draw is a case"), (False, "No draw is a case: there is nothing to discover")]
)
def test_all_or_no_cases_are_said(cube: pd.DataFrame, case: bool, message: str) -> None:
    found = prim(cube, np.full(2000, case))
    assert found.boxes == () and message in found.sentences()[-1]
    assert found.trajectory.empty and found.limits.empty


def test_few_cases_are_said(cube: pd.DataFrame) -> None:
    case = np.zeros(2000, dtype=bool)
    case[cube["a"].nlargest(8).index] = True
    assert "Only 8 cases" in prim(cube, case, least=0.002).sentences()[-1]


def test_failed_members_are_neither_cases_nor_others_unless_asked(cube: pd.DataFrame) -> None:
    outcome = pd.Series(np.where(cube["a"] > 0.7, 90.0, 110.0))
    outcome[cube["b"] < 0.1] = np.nan
    case = cases_of(outcome, below=100.0)
    assert case.isna().sum() == (cube["b"] < 0.1).sum()
    found = prim(cube, case)
    assert set(found.boxes[0].limits) == {"a"}
    assert "Of 200 of 2000 draws it is not known" in found.sentences()[1]
    assert cases_of(outcome, below=100.0, failed="case")[cube["b"] < 0.1].eq(1.0).all()
    status = np.where(cube["b"] < 0.2, "infeasible", "optimal")
    assert cases_of(outcome, above=100.0, status=status).isna().sum() == (cube["b"] < 0.2).sum()


def test_what_is_no_case_is_refused(cube: pd.DataFrame) -> None:
    with pytest.raises(UsageError, match=r"cases: needs True or False for each draw.*cases_of makes them"):
        prim(cube, cube["a"])
    with pytest.raises(UsageError, match=r"cases need a threshold: below=100\.0"):
        cases_of([1.0, 2.0])
    with pytest.raises(UsageError, match="failed='drop': needs 'unknown' or 'case'"):
        cases_of([1.0], below=2.0, failed="drop")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="cases: of no draw it is known"):
        prim(cube, np.full(2000, np.nan))
    with pytest.raises(UsageError, match="alpha=5: needs a share between 0 and 1"):
        prim(cube, cube["a"] > 0.5, alpha=5)


def worlds() -> Discovery:
    """Cases where controls are tight, growth is neither small nor large, and the form is ces."""
    random = np.random.default_rng(2)
    x = pd.DataFrame({"tight": 0.6 + random.random(3000), "growth": 0.04 * random.random(3000) - 0.02,
                      "form": random.choice(["nested", "ces"], 3000)})  # fmt: skip
    return prim(x, (x["tight"] > 1.2) & (x["growth"].abs() < 0.01) & (x["form"] == "ces"), resamples=0)


def test_a_box_is_a_scenario(tmp_path: Path) -> None:
    box = worlds().boxes[0]
    overlay = box.overlay(INPUTS)
    assert overlay["set"] == {"kct.form": "ces"}
    assert overlay["scale"]["controls.intensity"] == approx(1.4, abs=0.01)
    assert overlay["add"]["lines[domain=ai].rival_growth"] == approx(0.0, abs=1e-3)
    assert box.overlay(INPUTS, at="worst")["scale"]["controls.intensity"] == approx(1.6, abs=0.01)
    base, loaded = kctopt.load("baseline"), kctopt.load("baseline", **overlay)
    assert loaded.kct.form == "ces"
    assert loaded.controls.intensity != base.controls.intensity
    for at in ("middle", "worst"):
        (tmp_path / "box.yaml").write_text(box.scenario("baseline", INPUTS, at), encoding="utf-8")
        again = kctopt.load(tmp_path / "box.yaml")
        assert again.controls.intensity == kctopt.load("baseline", **box.overlay(INPUTS, at)).controls.intensity
        assert again.intent.startswith("Box 1: where tight is above 1.")
    with pytest.raises(
        UsageError, match="the study has no input 'tight' that the box restricts; did you mean 'tights'"
    ):
        box.overlay([UncertainInput("tights", (), "scale", None)])
    with pytest.raises(UsageError, match="at='worse': needs 'middle' or 'worst'"):
        box.overlay(INPUTS, at="worse")  # type: ignore[arg-type]


def test_boxes_speak_both_languages() -> None:
    found = worlds()
    english, chinese = found.sentences("en"), found.sentences("zh")
    assert english[1].startswith("Box 1: where tight is above 1.") and "growth is between" in english[1]
    assert "tight" in chinese[1] and "盒" in chinese[1] and "覆盖" in chinese[1]
    assert repr(found).startswith("Discovery(1 box, coverage ")
    assert repr(found.boxes[0]).startswith("DiscoveredBox(1, coverage ")


@pytest.mark.touches("scikit-learn")
def test_the_tree_finds_the_same_place_and_its_leaves_hold_all_draws(cube: pd.DataFrame) -> None:
    case = ((cube["a"] > 0.7) & (cube["b"] < 0.4)).to_numpy()
    found = tree(cube, case)
    first = found.table.iloc[0]
    assert first["density"] >= 0.98 and first["coverage"] >= 0.99
    assert set(found.limits[0]) == {"a", "b"}
    assert found.limits[0]["a"].low == approx(0.7, abs=0.01) and found.limits[0]["b"].high == approx(0.4, abs=0.01)
    assert found.table["draws"].sum() == 2000 and found.table["coverage"].sum() == approx(1.0)
    for limits, draws in zip(found.limits, found.table["draws"], strict=True):
        held = inside(tuple(limits.get(name, Limits()) for name in cube), [cube[name].to_numpy() for name in cube])
        assert held.sum() == draws


def test_a_tree_splits_choices_by_name() -> None:
    random = np.random.default_rng(1)
    x = pd.DataFrame({"a": random.random(900), "form": random.choice(["nested", "ces", "cobb_douglas"], 900)})
    found = tree(x, (x["form"] == "ces") & (x["a"] < 0.5))
    assert found.limits[0]["form"].kept == frozenset({"ces"})
    assert "form is ces" in found.table["rule"].iloc[0] and "form is ces" in found.sentences()[1]
    none = tree(x, np.zeros(900, dtype=bool))
    assert none.sentences()[-1] == "No split of the draws parts cases from others."
    assert len(none.table) == 1
    assert found.sentences("zh") != found.sentences("en")
