"""Sensitivity indices: the published g-function, every method, every guard."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pytest import approx
from SALib.analyze import pawn as salib_pawn
from SALib.analyze.delta import calc_delta
from SALib.sample import morris as trajectories
from SALib.sample import sobol as saltelli

from kctopt.errors import UsageError
from kctopt.study.estimators import Asked, _area, _slices, pawn
from kctopt.study.indices import indices
from kctopt.study.records import Sample

A = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])
S1 = [0.716192, 0.179048, 0.023676, 0.007162, 0.000072]
ST = [0.787144, 0.242198, 0.034317, 0.010460, 0.000105]
NAMES = [f"x{i}" for i in range(8)]


def g(x: np.ndarray) -> np.ndarray:
    """Sobol's g-function (Saltelli and Sobol 1995)."""
    return np.asarray(((np.abs(4 * x - 2) + A[: x.shape[1]]) / (1 + A[: x.shape[1]])).prod(axis=1))


def problem(inputs: int) -> dict[str, Any]:
    return {"num_vars": inputs, "names": [f"x{i}" for i in range(inputs)], "bounds": [[0.0, 1.0]] * inputs}


def block_sample(size: int, inputs: int, *, second: bool = False) -> tuple[pd.DataFrame, Sample]:
    x = saltelli.sample(problem(inputs), size, calc_second_order=second, seed=1)
    return pd.DataFrame(x, columns=NAMES[:inputs]), Sample("saltelli", size, second_order=second)


@pytest.fixture(scope="module")
def linear() -> tuple[pd.DataFrame, np.ndarray, Sample]:
    x, sample = block_sample(64, 3)
    return x, x.to_numpy() @ [1.0, 2.0, 3.0], sample


def given(size: int = 1000, inputs: int = 3) -> tuple[pd.DataFrame, Sample]:
    x = np.random.default_rng(3).random((size, inputs))
    return pd.DataFrame(x, columns=NAMES[:inputs]), Sample("lhs", size)


@pytest.mark.touches("salib")
def test_the_published_indices_of_the_g_function() -> None:
    x, sample = block_sample(2**13, 8)
    found = indices(x, g(x.to_numpy()), sample)
    table = found.table.loc[NAMES]
    assert table["first"].to_numpy() == approx(S1 + S1[-1:] * 3, abs=2e-4)
    assert table["total"].to_numpy() == approx(ST + ST[-1:] * 3, abs=2e-4)
    for name, exact in (("first", S1), ("total", ST)):
        inside = [table[f"{name}_low"].iloc[i] <= exact[i] <= table[f"{name}_high"].iloc[i] for i in range(5)]
        assert all(inside)
    assert found.used == 10 * 2**13 and found.dropped == 0
    assert list(found.table.index[:4]) == NAMES[:4]


def test_intervals_narrow_as_the_sample_grows() -> None:
    x, sample = block_sample(1024, 8)
    found = indices(x, g(x.to_numpy()), sample)
    way = found.convergence[found.convergence["input"] == "x0"]
    assert list(way["size"]) == [128, 256, 512, 1024]
    half = (way["total_high"] - way["total_low"]).to_numpy() / 2
    assert half[-1] < 0.6 * half[0]
    assert abs(way["total"].iloc[-1] - ST[0]) < 0.02


def test_second_order_of_a_product() -> None:
    """Y = x0 x1 with x in -1..1 has no first order, and all of its variance in the pair."""
    x, sample = block_sample(1024, 3, second=True)
    y = (2 * x["x0"] - 1) * (2 * x["x1"] - 1)
    found = indices(x, y, sample)
    assert found.second[["one", "other"]].iloc[0].tolist() == ["x0", "x1"]
    assert found.second["second"].iloc[0] == approx(1.0, abs=0.1)
    assert found.second["second"].iloc[1:].abs().max() < 0.05
    assert found.second["second_low"].iloc[0] < found.second["second"].iloc[0] < found.second["second_high"].iloc[0]


def test_morris_effects_are_the_slopes_whatever_the_levels() -> None:
    """SALib's are wrong by a seventh if the levels are not told twice (findings/salib-silent.sh)."""
    for levels in (4, 8):
        x = pd.DataFrame(trajectories.sample(problem(3), 50, num_levels=levels, seed=1), columns=NAMES[:3])
        found = indices(x, x.to_numpy() @ [1.0, -2.0, 3.0], Sample("morris", 50, levels=levels))
        assert found.table.loc[NAMES[:3], "mu_star"].to_numpy() == approx([1.0, 2.0, 3.0])
        assert found.table.loc[NAMES[:3], "mu"].to_numpy() == approx([1.0, -2.0, 3.0])
        assert found.table["sigma"].to_numpy() == approx(0.0, abs=1e-9)
    with pytest.raises(UsageError, match="x0 has 8 different values, and the sample says levels=4; give the levels"):
        indices(x, x.to_numpy() @ [1.0, 2.0, 3.0], Sample("morris", 50, levels=4))


@pytest.mark.long
def test_given_data_methods_find_the_order_of_a_linear_model() -> None:
    x, sample = given()
    y = x.to_numpy() @ [1.0, 2.0, 4.0]
    for method in ("pawn", "delta", "rbd_fast"):
        found = indices(x, y, sample, method=method)
        assert list(found.table.index) == ["x2", "x1", "x0"]
    assert found.table["first"].to_numpy() == approx(np.array([16, 4, 1]) / 21, abs=0.05)


def test_an_idle_choice_of_a_design_in_order_has_no_rbd_fast_index() -> None:
    """Of the same rows in order SALib says 0.87 (findings/salib-row-order.sh)."""
    design = pd.DataFrame(list(itertools.product((0.0, 1.0), np.linspace(0, 1, 50), range(3))), columns=NAMES[:3])
    found = indices(design, design["x1"].to_numpy(), Sample("lhs", len(design)), method="rbd_fast", resamples=10)
    assert found.table["first"][["x0", "x1", "x2"]].to_numpy() == approx([0.0, 1.0, 0.0], abs=0.1)


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of SALib 1.5.1 with pandas 2
def test_pawn_is_that_of_salib_where_salib_sees_all_draws() -> None:
    x, sample = given()
    y = x.to_numpy() @ [1.0, 2.0, 4.0]
    ours = indices(x, y, sample, method="pawn").table.loc[NAMES[:3]]
    theirs = salib_pawn.analyze(problem(3), x.to_numpy(), y, S=10)
    assert ours["median"].to_numpy() == approx(theirs["median"], abs=0.01)
    assert ours["mean"].to_numpy() == approx(theirs["mean"], abs=0.01)


def test_pawn_compares_the_highest_level_too() -> None:
    """SALib leaves it out (findings/salib-levels.sh): its largest distance here is 0.26."""
    level = np.random.default_rng(1).integers(0, 4, 1000)
    y = 10.0 * (level == 3) + np.random.default_rng(2).random(1000)
    columns, floor = pawn(pd.DataFrame({"level": level}), y, Asked(0.95, 20, 0))
    assert columns["most"][0] == approx(0.75, abs=0.03)
    assert 0.02 < floor < 0.15


def test_delta_is_that_of_salib_and_keeps_slices_of_one_outcome() -> None:
    x, sample = given()
    values, m = x.to_numpy(), np.linspace(0, 1000, 7)
    y = values @ [3.0, 1.0, 0.0]
    theirs = [calc_delta(y, np.linspace(y.min(), y.max(), 100), values[:, i], m) for i in range(3)]
    assert [_area(_slices(x[name], 6), y) for name in x] == approx(theirs, abs=3e-3)
    steps = np.floor(6 * values[:, 0])  # x0 decides all; SALib 1.6 says 0.3 of it
    found = indices(x, steps, sample, method="delta").table
    assert found["delta"]["x0"] > 0.7 and found["delta"][["x1", "x2"]].max() < 0.05


def test_a_choice_is_taken_where_the_method_can() -> None:
    x, sample = given()
    x["form"] = np.where(x["x0"] > 0.5, "ces", "nested")
    y = 2.0 * (x["form"] == "ces") + x["x1"]
    assert indices(x, y, sample, method="pawn").table.index[0] in ("form", "x0")
    assert indices(x, y, sample, method="delta").table.index[0] in ("form", "x0")
    with pytest.raises(UsageError, match="rbd_fast needs numbers, and form is a choice without order; use pawn"):
        indices(x, y, sample, method="rbd_fast")


def test_of_a_saltelli_sample_only_independent_rows_go_to_given_data_methods() -> None:
    x, sample = block_sample(256, 3)
    found = indices(x, x.to_numpy() @ [1.0, 2.0, 4.0], sample, method="rbd_fast")
    assert found.used == 512
    assert found.table["first"].to_numpy() == approx(np.array([16, 4, 1]) / 21, abs=0.06)


REFUSED = {
    "method": (
        Sample("lhs", 320), {"method": "sobol"},
        "sobol cannot use a sample of the kind 'lhs'; .* `method: saltelli`, or use pawn or delta or rbd_fast",
    ),
    "sample": (Sample("grid", 320), {}, "can use a sample of the kind 'grid'.*`method: saltelli`.*`lhs`"),
    "name": (Sample("lhs", 320), {"method": "pawm"}, "'pawm' is not an index method; did you mean 'pawn'"),
    "rows": (Sample("saltelli", 60), {}, "size 60 with second_order=False has 60 x 5 = 300 rows for 3 inputs, not 320"),
    "order": (Sample("saltelli", 40, second_order=True), {}, "row 1 .* is not the row .* second_order=True"),
    "lhs": (Sample("lhs", 100), {}, "'lhs' of size 100 has 100 rows, not 320"),
    "confidence": (Sample("saltelli", 64), {"confidence": 95}, "confidence=95: needs a share between 0 and 1"),
    "resamples": (Sample("saltelli", 64), {"resamples": 1}, "resamples=1: needs a whole number from 10 on"),
    "status": (
        Sample("saltelli", 64), {"status": ["optimum"] * 320},
        "status 'optimum' is not a status of a member; did you mean 'optimal'",
    ),
    "gap": (
        Sample("saltelli", 64), {"gaps": np.full(320, 0.02)},
        r"mean gap, 0.02, is above 1 % of the outcome's standard deviation, 1\.\d+: .*to a mean gap of at most 0\.01",
    ),
    "no gap": (Sample("saltelli", 64), {"gaps": np.full(320, np.nan)}, "320 members with a value have no gap"),
    "shape": (Sample("saltelli", 64), {"gaps": np.zeros(319)}, r"gaps has the shape \(319,\); needs one value"),
}  # fmt: skip


@pytest.mark.parametrize("fault", REFUSED)
def test_what_cannot_be_analysed_is_refused(fault: str, linear: tuple[pd.DataFrame, np.ndarray, Sample]) -> None:
    sample, options, message = REFUSED[fault]
    with pytest.raises(UsageError, match=message):
        indices(linear[0], linear[1], sample, **options)


def test_rows_in_another_order_are_refused_and_an_index_puts_them_right(
    linear: tuple[pd.DataFrame, np.ndarray, Sample],
) -> None:
    x, y, sample = linear
    mixed = x.sample(frac=1.0, random_state=1)
    with pytest.raises(UsageError, match="sort the table by the number of the draw"):
        indices(mixed, y[mixed.index], sample)
    series = pd.Series(y).sample(frac=1.0, random_state=1)
    assert indices(x, series, sample).table.equals(indices(x, y, sample).table)
    with pytest.raises(UsageError, match="outcome: its index is not that of the draws"):
        indices(x, pd.Series(y, index=np.arange(1, 321)), sample)


@pytest.mark.parametrize(
    ("draws", "message"),
    [
        ([1.0], "needs a DataFrame with a row for each draw"),
        (pd.DataFrame({"a": [1.0, np.nan]}), "a is blank in 1 of 2 draws"),
        (pd.DataFrame([[1.0, 2.0]], columns=["a", "a"]), "more than one column is called 'a'"),
        (pd.DataFrame({"a": [1.0, 2.0]}, index=[0, 0]), "share an index"),
    ],
)
def test_draws_are_a_table_without_blanks(draws: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        indices(draws, [1.0, 2.0], Sample("lhs", 2))


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (["a"] * 320, "needs a number for each draw"),
        ([np.inf] * 320, "320 of 320 values are infinite"),
        ([np.nan] * 320, "none of the 320 draws has a value"),
    ],
)
def test_outcomes_are_numbers(outcome: Any, message: str, linear: tuple[pd.DataFrame, np.ndarray, Sample]) -> None:
    with pytest.raises(UsageError, match=message):
        indices(linear[0], outcome, linear[2])


def test_a_constant_outcome_is_said_and_has_no_indices(linear: tuple[pd.DataFrame, np.ndarray, Sample]) -> None:
    found = indices(linear[0], np.full(320, 7.5), linear[2])
    assert found.table["total"].isna().all()
    assert found.sentences() == ["The outcome is 7.5 in all 320 draws: no input moves it, and it has no indices."]


def test_failed_members_take_their_blocks_with_them(linear: tuple[pd.DataFrame, np.ndarray, Sample]) -> None:
    """SALib makes every index 0 of one nan (findings/salib-silent.sh)."""
    x, y, sample = linear
    status = np.full(320, "optimal", dtype=object)
    status[[3, 4, 17]] = "infeasible", "infeasible", "failed"
    found = indices(x, y, sample, status=status, gaps=np.full(320, 1e-3))
    assert found.dropped == 10 and found.used == 310
    assert found.table.index[0] == "x2" and found.table["total"].iloc[0] > 0.4
    told = found.sentences()
    assert any("3 of 320 members failed (infeasible 2, failed 1); with the draws" in one for one in told)
    assert any("Mean gap of the members 0.001, standard deviation of the outcome 1." in one for one in told)
    status[::5] = "infeasible"
    with pytest.raises(UsageError, match=r"of 320 members failed \(infeasible 66, failed 1\): 0 of the 64 groups"):
        indices(x, y, sample, status=status)


def test_given_data_methods_leave_out_failed_draws_and_say_so() -> None:
    x, sample = given()
    y = x.to_numpy() @ [1.0, 2.0, 4.0]
    y[:20] = np.nan
    found = indices(x, y, sample, method="delta")
    assert (found.used, found.dropped) == (980, 20)
    assert any("20 of 1000 members failed (no value 20) and are left out" in one for one in found.sentences())


def test_noise_is_said_with_a_larger_size() -> None:
    x, sample = block_sample(16, 8)
    told = " ".join(indices(x, g(x.to_numpy()), sample).sentences())
    assert "Sampling noise" in told and "a sample of size 32 has less" in told
    assert "for ± 0.03 take a sample of size" in told


def test_the_same_seed_gives_the_same_and_nothing_of_python_is_changed() -> None:
    x, sample = block_sample(64, 3)
    y = g(x.to_numpy())
    state, look, filters = np.random.get_state()[1].copy(), warnings.formatwarning, list(warnings.filters)
    one, two = indices(x, y, sample, seed=0), indices(x, y, sample, seed=0)
    assert one.table.equals(two.table)
    assert (np.random.get_state()[1] == state).all()
    assert warnings.formatwarning is look and list(warnings.filters) == filters


def test_sentences_are_in_both_languages_and_records_are_short() -> None:
    x, sample = given()
    found = indices(x, x.to_numpy() @ [1.0, 2.0, 4.0], sample, method="pawn")
    for lang in ("en", "zh"):
        assert len(found.sentences(lang)) >= 2
    assert "PAWN" in found.sentences("zh")[0] and "个输入" in found.sentences("zh")[0]
    assert repr(found) == "Indices(pawn, 3 inputs, 1,000 draws)"


def test_steps_of_morris_are_checked_and_choices_told_first() -> None:
    x = pd.DataFrame(trajectories.sample(problem(3), 20, num_levels=4, seed=1), columns=NAMES[:3])
    y, sample = x.to_numpy() @ [1.0, 2.0, 3.0], Sample("morris", 20)
    with pytest.raises(UsageError, match=r"draws: from row \d to row \d .* not exactly one input changes"):
        indices(x.assign(x0=np.arange(80.0)), y, sample)
    with pytest.raises(UsageError, match="morris needs numbers, and x0 is a choice without order; use a Salt"):
        indices(x.assign(x0=np.where(x["x0"] > 0.5, "ces", "nested")), y, sample)
    with pytest.raises(UsageError, match=r"21 trajectories of Morris have 21 x 4 = 84 rows for 3 inputs, not 80"):
        indices(x, y, Sample("morris", 21))
    y[5] = np.nan
    assert indices(x, y, sample).dropped == 4


def test_a_sample_that_is_too_small_is_said_as_that() -> None:
    draws = pd.DataFrame(np.random.default_rng(1).random((30, 2)), columns=["a", "b"])
    with pytest.raises(
        UsageError, match=r"pawn compares groups of draws and needs at least 50 of them, .* has 30: take"
    ):
        indices(draws, draws["a"], Sample("lhs", 30), method="pawn")
