"""Draws: strata, seeds, correlation, the rows that indices need; laws against closed forms."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from kctopt.errors import MissingExtra, UsageError
from kctopt.study.correlation import holds, matrix, nearest, reordered, spearman
from kctopt.study.distributions import deviation, held, inverse, mean, reach, support
from kctopt.study.records import Distribution, Sample, Study, UncertainInput, Way
from kctopt.study.sample import draw, draws_in, next_powers

UNIFORM = Distribution("uniform", (0.0, 1.0))
LAWS = (
    Distribution("uniform", (-1.0, 3.0)),
    Distribution("triangular", (0.6, 1.0, 1.6)),
    Distribution("normal", (2.0, 0.5)),
    Distribution("lognormal", (2.0, 0.4)),
)


def entry(
    name: str, law: Distribution | None = UNIFORM, values: tuple[Any, ...] = (), way: Way = "scale"
) -> UncertainInput:
    return UncertainInput(name, (name,), way, law, values)


def study(*inputs: UncertainInput, sample: Sample, correlation: tuple[tuple[str, str, float], ...] = ()) -> Study:
    return Study("s", "", (), (), inputs, correlation, sample)


ABC = (entry("a"), entry("b"), entry("c"))


@pytest.mark.parametrize("correlation", [(), (("a", "b", 0.7), ("b", "c", -0.4))])
def test_a_hypercube_of_100_has_one_point_in_each_of_100_strata(
    correlation: tuple[tuple[str, str, float], ...],
) -> None:
    draws = draw(study(*ABC, sample=Sample("lhs", 100, 7), correlation=correlation))
    strata = np.floor(draws.share * 100).astype(int)
    for column in strata.T:
        assert sorted(column) == list(range(100))
    for _, _, asked, reached in draws.correlation:
        assert reached == pytest.approx(asked, abs=0.05)


@pytest.mark.parametrize("method", ["lhs", "sobol"])
def test_rank_correlation_keeps_values_and_reaches_what_is_asked(method: Any) -> None:
    pairs = (("a", "b", 0.8), ("a", "c", -0.3))
    plain = draw(study(*ABC, entry("d"), sample=Sample(method, 1024, 3)))
    tied = draw(study(*ABC, entry("d"), sample=Sample(method, 1024, 3), correlation=pairs))
    assert (np.sort(plain.share, axis=0) == np.sort(tied.share, axis=0)).all()
    assert (plain.share[:, 3] == tied.share[:, 3]).all()
    for one, other, asked, reached in tied.correlation:
        k, m = "abcd".index(one), "abcd".index(other)
        assert reached == pytest.approx(stats.spearmanr(tied.share[:, k], tied.share[:, m]).statistic)
        assert reached == pytest.approx(asked, abs=0.02)
    assert spearman(tied.share[:, 1], tied.share[:, 2]) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("wanted", [1.0, -1.0])
def test_perfect_rank_correlation(wanted: float) -> None:
    draws = draw(study(*ABC, sample=Sample("lhs", 200, 1), correlation=(("a", "b", wanted),)))
    assert draws.correlation[0][3] == pytest.approx(wanted, abs=1e-6)


def test_the_nearest_correlations() -> None:
    higham = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])  # Higham 2002, section 4
    near = nearest(higham)
    assert near[0, 1] == pytest.approx(0.7607, abs=1e-4)
    assert near[0, 2] == pytest.approx(0.1573, abs=1e-4)
    assert holds(near)
    assert not holds(higham)
    assert holds(matrix(["a", "b"], [("a", "b", -1.0)]))
    share = np.random.default_rng(0).random((50, 3))
    assert np.isfinite(reordered(share, near)).all()


@pytest.mark.touches("salib", "scipy")
@pytest.mark.parametrize("method", ["lhs", "sobol", "saltelli", "morris"])
def test_draws_hang_on_the_seed_and_the_names_not_on_the_order_of_the_file(method: Any) -> None:
    sample = Sample(method, 16, 5)
    first, again = draw(study(*ABC, sample=sample)), draw(study(*ABC, sample=sample))
    assert (first.share == again.share).all()
    assert (first.share != draw(study(*ABC, sample=sample), seed=6).share).any()
    turned = draw(study(ABC[2], ABC[0], ABC[1], sample=sample)).share[:, [1, 2, 0]]
    if method == "saltelli":  # each block has its changed columns in the order of the file
        assert (np.sort(turned, axis=0) == np.sort(first.share, axis=0)).all()
    else:
        assert (turned == first.share).all()


def test_draws_of_a_seed_are_these() -> None:
    lhs = draw(study(*ABC, sample=Sample("lhs", 4, 7))).share
    sobol = draw(study(*ABC, sample=Sample("sobol", 4, 7))).share
    assert lhs[0] == pytest.approx(LHS)
    assert sobol[0] == pytest.approx(SOBOL)


LHS = [0.21838836134906547, 0.7513163261413937, 0.20530710459569157]
SOBOL = [0.6504268515855074, 0.9173101615160704, 0.10045647248625755]


@pytest.mark.parametrize("second", [False, True])
def test_saltelli_rows_are_those_of_the_inputs_in_their_order(second: bool) -> None:
    inputs = (entry("c"), entry("a"), entry("b"))
    share = draw(study(*inputs, sample=Sample("saltelli", 8, 1, second_order=second))).share
    block = 8 if second else 5
    assert len(share) == 8 * block == draws_in(Sample("saltelli", 8, second_order=second), inputs)
    for rows in share.reshape(8, block, 3):
        a, b = rows[0], rows[-1]
        for k in range(3):
            changed = a.copy()
            changed[k] = b[k]
            assert (rows[1 + k] == changed).all()
            if second:
                other = b.copy()
                other[k] = a[k]
                assert (rows[4 + k] == other).all()


def test_morris_steps_change_one_input_each() -> None:
    share = draw(study(*ABC, sample=Sample("morris", 10, 2, levels=4))).share
    assert share.shape == (40, 3)
    assert set(np.round(share * 3).ravel()) == {0.0, 1.0, 2.0, 3.0}
    steps = np.diff(share.reshape(10, 4, 3), axis=1)
    assert ((steps != 0).sum(axis=2) == 1).all()


def test_salib_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SALib", None)
    with pytest.raises(MissingExtra, match=r"kctopt\[study\]"):
        draw(study(*ABC, sample=Sample("saltelli", 8)))


def test_grid_product_and_rows() -> None:
    form = entry("form", Distribution("choice", ("nested", "ces")), way="value")
    listed, wide = entry("x", None, (0.9, 1.1)), entry("u", Distribution("uniform", (2.0, 4.0)))
    grid = draw(study(wide, form, sample=Sample("grid", 0, levels=3)))
    assert grid.values.tolist() == [[v, f] for v in (2.0, 3.0, 4.0) for f in ("nested", "ces")]
    assert grid.sample.size == 6
    assert np.isnan(grid.share[:, 1]).all()
    open_ended = draw(study(entry("n", Distribution("normal", (0.0, 1.0))), sample=Sample("grid", 0, levels=2)))
    assert open_ended.values[:, 0] == pytest.approx(stats.norm.ppf([0.25, 0.75]))
    product = draw(study(listed, form, sample=Sample("product", 0)))
    assert product.values.tolist() == [[v, f] for v in (0.9, 1.1) for f in ("nested", "ces")]
    rows = draw(study(listed, entry("y", None, (1, 2), way="value"), sample=Sample("zip", 0)))
    assert rows.values.tolist() == [[0.9, 1], [1.1, 2]]
    assert rows.overlay(1) == {"set": {"y": 2}, "scale": {"x": 1.1}}


def test_choices_come_by_their_odds() -> None:
    law = Distribution("choice", ("nested", "ces"), odds=(0.75, 0.25))
    draws = draw(study(entry("form", law, way="value"), sample=Sample("lhs", 100)))
    assert draws.values[:, 0].tolist().count("nested") == 75
    assert inverse(law, [0.0, 0.7499, 0.7501, 1.0]).tolist() == ["nested", "nested", "ces", "ces"]
    with pytest.raises(UsageError, match="words have no mean"):
        mean(law)
    numbers = Distribution("choice", (1, 3))
    assert (mean(numbers), deviation(numbers)) == (2.0, 1.0)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.law)
@pytest.mark.parametrize("cut", [False, True])
def test_laws_agree_with_their_integrals(law: Distribution, cut: bool) -> None:
    if cut:
        low, high = inverse(law, [0.1, 0.8])
        law = Distribution(law.law, law.parameters, (float(low), float(high)))
        assert support(law) == (low, high)
        assert held(law, low, high) == pytest.approx(0.7)
    middle = integrate.quad(lambda u: float(inverse(law, u)), 0, 1, limit=200)[0]
    square = integrate.quad(lambda u: (float(inverse(law, u)) - middle) ** 2, 0, 1, limit=200)[0]
    assert mean(law) == pytest.approx(middle, rel=1e-5)
    assert deviation(law) == pytest.approx(square**0.5, rel=1e-4)
    ends = reach(law)
    assert np.isfinite(ends).all()
    share = np.linspace(0.001, 0.999, 50)
    values = inverse(law, share)
    assert (np.diff(values) > 0).all()
    assert ends[0] <= values[0] < values[-1] <= ends[1]


def test_shares_outside_zero_to_one_and_sizes_are_refused() -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        inverse(UNIFORM, 1.5)
    with pytest.raises(UsageError, match="take 512 or 1024"):
        draw(study(*ABC, sample=Sample("sobol", 8)), size=1000)
    with pytest.raises(UsageError, match="too few to correlate"):
        draw(study(*ABC, sample=Sample("lhs", 2), correlation=(("a", "b", 0.5),)))
    with pytest.raises(UsageError, match="draw fewer"):
        draw(study(*ABC, sample=Sample("lhs", 10_000_000)))
    with pytest.raises(UsageError, match="counted by its values"):
        draw(study(entry("x", None, (1, 2)), sample=Sample("zip", 0)), size=4)
    assert [next_powers(size) for size in (1, 2, 3, 1024)] == [(1, 1), (1, 2), (2, 4), (512, 1024)]
