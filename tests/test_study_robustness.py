"""Robustness: published numbers of CVaR and regret, intervals, ties, weights, plans that fail."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from pytest import approx
from scipy.optimize import linprog, minimize
from scipy.stats import expon, norm, qmc

from kctopt.errors import UsageError
from kctopt.study.risk import cvar, value_at_risk
from kctopt.study.robustness import regret_matrix, robustness

MEAN = np.array([0.0101110, 0.0043532, 0.0137058])  # SP 500, government bonds, small cap (Rockafellar and Uryasev 2000)
COVARIANCE = np.array([
    [0.00324625, 0.00022983, 0.00420395],
    [0.00022983, 0.00049937, 0.00019247],
    [0.00420395, 0.00019247, 0.00764097],
])  # fmt: skip
PORTFOLIO = {0.90: (0.067847, 0.096975), 0.95: (0.090199, 0.115908), 0.99: (0.132128, 0.152977)}
WEIGHTS = (0.452013, 0.115573, 0.432414)


def grid(low: float, high: float, count: int = 400_001) -> np.ndarray:
    return np.linspace(low, high, count)


@pytest.mark.parametrize(("confidence", "exact"), [(0.90, 1.7549833), (0.95, 2.0627128), (0.99, 2.6652142)])
def test_cvar_of_a_normal_outcome(confidence: float, exact: float) -> None:
    x = grid(-9, 9)
    assert cvar(x, confidence, tail="upper", weights=norm.pdf(x)) == approx(exact, abs=2e-7)
    assert cvar(x, confidence, weights=norm.pdf(x)) == approx(-exact, abs=2e-7)  # the lower tail of a benefit


def test_cvar_of_a_uniform_and_an_exponential_outcome() -> None:
    u = (np.arange(100_000) + 0.5) / 100_000
    assert cvar(u, 0.95, tail="upper") == approx(0.975, abs=1e-12)
    assert cvar(u, 0.95) == approx(0.025, abs=1e-12)
    x = grid(0, 60, 2_000_001)
    assert cvar(x, 0.95, tail="upper", weights=expon.pdf(x)) == approx(3.9957323, abs=2e-5)


def portfolio() -> np.ndarray:
    """Least variance with a return of 0.011 at least, the whole sum invested."""
    found = minimize(
        lambda x: 1e3 * x @ COVARIANCE @ x, np.full(3, 1 / 3), jac=lambda x: 2e3 * COVARIANCE @ x, bounds=[(0, 1)] * 3,
        constraints=[{"type": "eq", "fun": lambda x: x.sum() - 1}, {"type": "ineq", "fun": lambda x: MEAN @ x - 0.011}],
        options={"ftol": 1e-15},
    )  # fmt: skip
    return np.asarray(found.x)


@pytest.mark.parametrize("confidence", PORTFOLIO)
def test_the_portfolio_of_rockafellar_and_uryasev(confidence: float) -> None:
    """With normal returns the portfolio of least CVaR is that of least variance, whatever the confidence."""
    x = portfolio()
    assert x == approx(WEIGHTS, abs=2e-5)
    z = grid(-9, 9)
    loss = -MEAN @ x + np.sqrt(x @ COVARIANCE @ x) * z
    var, expected = PORTFOLIO[confidence]
    assert value_at_risk(loss, confidence, tail="upper", weights=norm.pdf(z)) == approx(var, abs=5e-6)
    assert cvar(loss, confidence, tail="upper", weights=norm.pdf(z)) == approx(expected, abs=2e-6)


def test_the_linear_program_of_rockafellar_and_uryasev_ends_at_our_cvar() -> None:
    """min v + E[max(loss - v, 0)] / (1 - a) over draws is the CVaR of the best portfolio over these draws."""
    draws, a = 1024, 0.95
    normal = norm.ppf(qmc.Sobol(3, seed=3).random(draws) * (1 - 1e-9) + 5e-10)
    returns = MEAN + normal @ np.linalg.cholesky(COVARIANCE).T
    cost = np.concatenate([np.zeros(3), [1.0], np.full(draws, 1 / draws / (1 - a))])
    above = np.hstack([-returns, -np.ones((draws, 1)), -np.eye(draws)])
    least = np.concatenate([-MEAN, np.zeros(draws + 1)])
    found = linprog(
        cost, A_ub=np.vstack([above, least]), b_ub=np.append(np.zeros(draws), -0.011),
        A_eq=[[1.0] * 3 + [0.0] * (draws + 1)], b_eq=[1.0], bounds=[(0, 1)] * 3 + [(None, None)] + [(0, None)] * draws,
        method="highs",
    )  # fmt: skip
    assert cvar(-returns @ found.x[:3], a, tail="upper") == approx(found.fun, abs=1e-9)
    assert found.fun == approx(0.115908, rel=0.03)


def test_cvar_cuts_a_draw_at_the_limit() -> None:
    assert cvar([1.0, 2.0, 10.0], 0.5) == approx((1.0 + 0.5 * 2.0) / 1.5)
    assert cvar([1.0, 2.0], 0.5, weights=[1.0, 3.0]) == approx((0.25 * 1 + 0.25 * 2) / 0.5)
    assert value_at_risk([1.0, 2.0, 3.0, 4.0], 0.75, tail="upper") == 3.0
    assert value_at_risk([1.0, 2.0, 3.0, 4.0], 0.75) == 2.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0], 95), "confidence=95: needs a share between 0 and 1"),
        (([1.0, np.nan],), "one finite number for each draw; leave out draws that failed"),
        (([],), "one finite number for each draw"),
    ],
)
def test_what_has_no_cvar_is_refused(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        cvar(*arguments)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="tail='low': needs 'lower' for a benefit or 'upper' for a loss"):
        cvar([1.0], tail="low")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="weights: needs a number from 0 on"):
        cvar([1.0, 2.0], weights=[-1.0, 2.0])


def test_minimax_regret_between_a_linear_and_a_leontief_world() -> None:
    """0.7 x + 0.3 (1 - x) or min(x, 1 - x): the plan of least largest regret is x = 9/14, with 1/7."""
    x = np.arange(1401) / 1400
    values = pd.DataFrame([0.7 * x + 0.3 * (1 - x), np.minimum(x, 1 - x)], index=["linear", "leontief"], columns=x)
    found = robustness(values)
    best = found.ranking.index[found.ranking["savage"] == 1]
    assert list(best) == [approx(9 / 14)]
    assert found.table["savage_low"].min() == approx(1 / 7)
    assert found.table["savage_high"].min() == approx(1 / 7)


def test_regret_and_maximin_of_the_two_plan_case() -> None:
    """First plan of whole units, second plan by state: regret 0.75 at (2, 1), worst value 2.8 at (1, 2)."""
    fa, fb = (0, 6, 10, 13, 15, 16, 16.5), (0, 4, 8, 11, 13, 14, 14.5)
    states, odds = [(0.3, 0.0), (0.0, 0.2), (1.5, 0.0)], [0.2, 0.4, 0.4]

    def worth(a: int, b: int, m: tuple[float, float]) -> float:
        later = [(c, d) for c, d in product(range(4), repeat=2) if c + d <= 3 and c <= 2 * a and d <= 2 * b]
        return max(m[0] * fa[a + c] + m[1] * fb[b + d] for c, d in later)

    plans = [(a, b) for a, b in product(range(4), repeat=2) if a + b <= 3]
    values = pd.DataFrame({str(plan): [worth(*plan, m) for m in states] for plan in plans})
    found = robustness(values, weights=odds)
    assert found.table["expected"].idxmax() == "(2, 1)" and found.table["expected"].max() == approx(11.44)
    assert found.table["savage_high"].idxmin() == "(2, 1)" and found.table["savage_high"].min() == approx(0.75)
    assert found.table["maximin"].idxmax() == "(1, 2)" and found.table["maximin"].max() == approx(2.8)


VALUES = pd.DataFrame({"a": [10.0, 2.0, 6.0], "b": [5.0, 5.0, 5.0], "c": [7.0, 4.0, 5.5]}, index=["w1", "w2", "w3"])


def test_every_measure_by_hand() -> None:
    found = robustness(VALUES, threshold=5.0, optimism=0.25, percentile=0.5, confidence=0.5, weights=[1.0, 1.0, 2.0])
    a = found.table.loc["a"]
    assert a["maximin"] == 2.0 and a["hurwicz"] == 0.25 * 10 + 0.75 * 2
    assert a["laplace"] == 6.0 and a["expected"] == approx(6.0)
    assert a["cvar_lower_50"] == approx((0.25 * 2 + 0.25 * 6) / 0.5)
    assert a["savage_low"] == a["savage_high"] == 3.0
    assert found.table.loc["c", "percentile_regret_low"] == 0.5  # regrets 3, 1, 0.5 with weights .25 .25 .5
    assert a["satisficing"] == approx(0.75) and found.table.loc["b", "satisficing"] == 1.0
    assert found.ranking["maximin"].to_dict() == {"a": 3, "b": 1, "c": 2}
    assert found.ranking["savage"].to_dict() == {"a": 1, "b": 3, "c": 1}
    told = found.sentences()
    assert "By minimax regret (Savage), a and c cannot be told apart: 3." in told
    assert "By CVaR of the lower tail, 50 %, b is best: 5." in told
    assert "The measures do not agree on one plan: the choice depends on the attitude to risk." in told


def test_regret_is_an_interval_where_the_best_is_known_by_bounds() -> None:
    found = regret_matrix(VALUES, best=[10.0, 5.5, 6.0], bound=[10.5, 6.0, 6.1])
    assert found.low.loc["w2"].tolist() == [3.5, 0.5, 1.5]
    assert found.high.loc["w2"].tolist() == [4.0, 1.0, 2.0]
    assert found.table.loc["a", ["largest_low", "largest_high"]].tolist() == [3.5, 4.0]
    assert found.table["worst_draw"].to_dict() == {"a": "w2", "b": "w1", "c": "w1"}
    assert (found.low >= 0).all(axis=None) and (found.high >= found.low).all(axis=None)
    assert found.sentences() == [
        "Regret is measured against the best plan known in each draw.",
        "By the proven bounds a better plan can be worth at most 0.5 more.",
        "c has the smallest largest regret: 3 – 3.5.",
    ]
    assert regret_matrix(VALUES).sentences()[0].startswith("Regret is measured against the best of these 3 plans")
    ranked = robustness(VALUES, best=[10.0, 5.5, 6.0], bound=[10.5, 6.0, 6.1]).ranking["savage"]
    assert ranked.to_dict() == {"a": 1, "b": 3, "c": 1}  # 3.5 - 4.0 and 3.0 - 3.5 touch


def test_a_plan_better_than_the_best_is_the_best() -> None:
    assert regret_matrix(VALUES, best=[9.0, 1.0, 1.0]).low.min(axis=None) == 0.0


def test_a_plan_that_fails_somewhere_has_its_satisficing_share_alone() -> None:
    values = VALUES.assign(a=[10.0, np.nan, 6.0])
    found = robustness(values, threshold=5.0)
    assert found.table.loc["a"].drop("satisficing").isna().all()
    assert found.table.loc["a", "satisficing"] == approx(2 / 3)
    assert found.ranking["savage"].isna().to_dict() == {"a": True, "b": False, "c": False}
    assert "a has no value in 1 of 3 draws, so that most measures say nothing of it." in found.sentences()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bound": [10.5, 4.0, 6.1]}, "in 1 draws it is below a plan that exists, first in draw w2: 4 against 5"),
        ({"bound": [np.nan, 6.0, 6.1]}, "in 1 draws it is below a plan that exists, first in draw w1"),
        ({"weights": [1.0, -1.0, 1.0]}, "weights: needs a number from 0 on"),
        ({"best": pd.Series([1.0, 2.0, 3.0])}, "best: its index is not that of the draws"),
        ({"percentile": 90}, "percentile=90: needs a share between 0 and 1"),
        ({"optimism": 2}, "optimism=2: needs a share from 0"),
    ],
)
def test_what_is_false_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        robustness(VALUES, **options)  # type: ignore[arg-type]


def test_draws_without_any_plan_are_refused() -> None:
    with pytest.raises(UsageError, match="in 1 of 2 draws no plan has a value"):
        regret_matrix(pd.DataFrame({"a": [1.0, np.nan], "b": [2.0, np.nan]}))
    with pytest.raises(UsageError, match="needs a DataFrame with a row for each draw and a column for each plan"):
        regret_matrix([[1.0]])  # type: ignore[arg-type]


def test_records_are_short_and_speak_both_languages() -> None:
    found = robustness(VALUES, threshold=5.0)
    assert repr(found).startswith("Robustness(3 plans, maximin, hurwicz") and len(repr(found)) <= 200
    assert repr(found.regret) == "RegretMatrix(3 plans, 3 draws)"
    chinese = found.sentences("zh")
    assert len(chinese) == len(found.sentences()) and any("最小最大遗憾" in one for one in chinese)


def test_the_one_plan_with_a_value_in_every_draw_is_not_called_the_best() -> None:
    found = robustness(VALUES.assign(a=[10.0, np.nan, 6.0], b=[np.nan, 1.0, 1.0]), threshold=5.0)
    said = found.sentences()
    assert any(one.startswith("c alone has a value in every draw") for one in said)
    assert not any(one.startswith("Best, or") for one in said)
